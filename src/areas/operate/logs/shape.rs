//! How lines are written on the command line and in an exported file: traces folded into their first line, structured lines as
//! messages or columns.

use super::Told;
use crate::base::log::{Columns, LogForm, Traces, fields_of};
use crate::base::{LogLine, SafeText, Stream, safe};
use serde::{Deserialize, Serialize};

/// How lines are shaped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Shape {
    /// A stack trace is one line: its first, and how many more there are.
    pub fold: bool,
    pub form: LogForm,
}

pub(super) struct Shaper {
    shape: Shape,
    /// By source, because lines of several are mixed.
    traces: Vec<Traces>,
    columns: Columns,
}

impl Shaper {
    pub(super) fn new(shape: Shape, n_sources: usize) -> Self {
        Self {
            shape,
            traces: vec![Traces::default(); n_sources],
            columns: Columns::default(),
        }
    }

    /// A source came.
    pub(super) fn one_more(&mut self) {
        self.traces.push(Traces::default());
    }

    pub(super) fn shape(&mut self, batch: Vec<Told>) -> Vec<Told> {
        let batch = if self.shape.fold { self.fold(batch) } else { batch };
        match self.shape.form {
            LogForm::Raw => batch,
            LogForm::Message => batch
                .into_iter()
                .map(|mut told| {
                    if let Some(fields) = fields_of(&all_of(&told)) {
                        // What was written as an escape of JSON is a control character now.
                        told.line.text = SafeText::log_line(fields.as_message().as_bytes());
                        told.whole = None;
                    }
                    told
                })
                .collect(),
            LogForm::Columns => self.columns(batch),
        }
    }

    /// Lines of one source that follow each other; those of other sources may stand between them.
    fn fold(&mut self, batch: Vec<Told>) -> Vec<Told> {
        let mut kept: Vec<(Told, u32, String)> = Vec::new();
        let mut last: Vec<Option<usize>> = vec![None; self.traces.len()];
        for told in batch {
            let plain = safe::plain(&told.line.text).into_owned();
            let source = usize::from(told.source);
            let continues = self.traces.get_mut(source).is_some_and(|traces| traces.continues(&plain));
            match last.get(source).copied().flatten() {
                Some(at) if continues => {
                    kept[at].1 += 1;
                    kept[at].2 = plain;
                }
                // It belongs to a line that was told before.
                None if continues => {}
                _ => {
                    if let Some(last) = last.get_mut(source) {
                        *last = Some(kept.len());
                    }
                    kept.push((told, 0, String::new()));
                }
            }
        }
        let shown = kept.into_iter().map(|(mut told, n, end)| {
            if n > 0 {
                told.line.text = folded(&told.line.text, n, &end);
                told.whole = None;
            }
            told
        });
        shown.collect()
    }

    fn columns(&mut self, batch: Vec<Told>) -> Vec<Told> {
        let before = self.columns.clone();
        let all: Vec<_> = batch
            .into_iter()
            .map(|told| {
                let fields = fields_of(&all_of(&told));
                if let Some(fields) = &fields {
                    self.columns.learn(fields);
                }
                (told, fields)
            })
            .collect();
        let mut shown = Vec::with_capacity(all.len() + 1);
        if self.columns != before
            && let Some((first, _)) = all.first()
        {
            shown.push(Told {
                line: LogLine {
                    at: first.line.at,
                    stream: Stream::Note,
                    text: self.columns.header("level", "message"),
                },
                whole: None,
                source: first.source,
            });
        }
        for (mut told, fields) in all {
            if let Some(fields) = fields {
                told.line.text = SafeText::log_line(self.columns.row(&fields).as_bytes());
                told.whole = None;
            }
            shown.push(told);
        }
        shown
    }
}

/// The whole line without colours, where there is more of it than what is shown.
fn all_of(told: &Told) -> String {
    match &told.whole {
        Some(whole) if whole.len() > safe::MAX_LINE_BYTES => safe::plain(&String::from_utf8_lossy(whole)).into_owned(),
        _ => safe::plain(&told.line.text).into_owned(),
    }
}

/// The first line of a trace with the number of the others. Where it says only that a trace follows, its last line says what happened.
fn folded(first: &str, n: u32, last: &str) -> String {
    let says_nothing = safe::plain(first)
        .trim_start()
        .starts_with("Traceback (most recent call last)");
    let what = if says_nothing && !last.is_empty() {
        format!(" … {}", last.trim())
    } else {
        String::new()
    };
    format!("{first}{what}  [+{n}]")
}
