//! Output of a job, an instance or a file: follows the end, filters by words, expression, level, source and time, folds stack traces,
//! shows structured lines readably, keeps bookmarks; only visible lines are laid out.

mod bar;
mod found;
mod line;
mod lines;

pub use bar::log_bar_ui;
pub use lines::log_lines_ui;

use super::log_text::{self, Search};
use crate::base::log::{Columns, LogForm};
use crate::base::{Level, LogLine, Timestamp, format};
use egui::Ui;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, VecDeque};
use std::ops::RangeInclusive;

/// What a log view remembers.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct LogState {
    pub filter: String,
    /// This level and above; an indented line that states none counts like the one before it.
    pub level: Option<Level>,
    pub only_errors_stream: bool,
    pub times: bool,
    /// Stack traces are one line each, until they are opened.
    pub fold: bool,
    /// How JSON and logfmt are shown.
    pub form: LogForm,
    /// All lines stay, what the filter finds is marked.
    pub mark_only: bool,
    #[serde(skip)]
    pub hidden_sources: BTreeSet<usize>,
    #[serde(skip)]
    pub since: Option<Timestamp>,
    #[serde(skip)]
    pub until: Option<Timestamp>,
    /// Lines that the user wants to find again, by number.
    #[serde(skip)]
    pub marks: BTreeSet<u64>,
    /// Whether the end is in sight: new lines then stay in sight.
    #[serde(skip)]
    pub following: bool,
    /// Bring this line in sight.
    #[serde(skip)]
    pub jump: Option<u64>,
    #[serde(skip)]
    to_end: bool,
    /// Go to the next hit, or to the one before.
    #[serde(skip)]
    step: Option<bool>,
    #[serde(skip)]
    search: Search,
    #[serde(skip)]
    lines: found::Lines,
    #[serde(skip)]
    columns: Columns,
    #[serde(skip)]
    selection: Option<(u64, u64)>,
    #[serde(skip)]
    opened: Option<u64>,
    /// The line that the menu is about.
    #[serde(skip)]
    asked: Option<u64>,
    #[serde(skip)]
    widest: f32,
    /// The first line in sight, where there are more than can be told apart by points.
    #[serde(skip)]
    top: f64,
    #[serde(skip)]
    set_offset: f32,
}

impl Default for LogState {
    fn default() -> Self {
        Self {
            filter: String::new(),
            level: None,
            only_errors_stream: false,
            times: false,
            fold: true,
            form: LogForm::Message,
            mark_only: false,
            hidden_sources: BTreeSet::new(),
            since: None,
            until: None,
            marks: BTreeSet::new(),
            following: true,
            jump: None,
            to_end: false,
            step: None,
            search: Search::default(),
            lines: found::Lines::default(),
            columns: Columns::default(),
            selection: None,
            opened: None,
            asked: None,
            widest: 0.0,
            top: 0.0,
            set_offset: 0.0,
        }
    }
}

/// What the user wants of a log that the view itself can not do.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LogResponse {
    /// The lines shall be written to a file.
    pub export: bool,
    /// Show the code that this line comes from.
    pub code: Option<String>,
    /// Lines of a paged source that are in sight and not there: first and behind the last.
    pub missing: Option<(u64, u64)>,
}

impl LogResponse {
    fn and(self, other: Self) -> Self {
        Self {
            export: self.export || other.export,
            code: self.code.or(other.code),
            missing: self.missing.or(other.missing),
        }
    }
}

/// The lines to show. `first` is the number of the first line that is still held, so that a ring of lines can drop its oldest.
pub struct LogSource<'a> {
    /// Another number is another log.
    pub log: u64,
    pub first: u64,
    pub len: usize,
    pub line: Box<dyn Fn(usize) -> Option<&'a LogLine> + 'a>,
    /// The names of what is mixed.
    pub sources: &'a [String],
    /// Which of them a line comes from.
    pub origin: Option<Box<dyn Fn(usize) -> usize + 'a>>,
    /// Only pages of it are here: somebody else filters, and these are the lines that pass.
    pub hits: Option<&'a [u64]>,
    pub is_paged: bool,
    pub can_export: bool,
    /// Lines lead to code.
    pub has_code: bool,
}

impl<'a> LogSource<'a> {
    fn of(log: u64, first: u64, len: usize, line: Box<dyn Fn(usize) -> Option<&'a LogLine> + 'a>) -> Self {
        Self {
            log,
            first,
            len,
            line,
            sources: &[],
            origin: None,
            hits: None,
            is_paged: false,
            can_export: false,
            has_code: false,
        }
    }

    pub fn slice(log: u64, lines: &'a [LogLine]) -> Self {
        Self::of(log, 0, lines.len(), Box::new(|i| lines.get(i)))
    }

    /// A ring; `first` is how many lines it has dropped.
    pub fn ring(log: u64, first: u64, lines: &'a VecDeque<LogLine>) -> Self {
        Self::of(log, first, lines.len(), Box::new(|i| lines.get(i)))
    }

    /// A file of any length of which `line` gives what is here; `hits` are the lines that pass the filter, None without one.
    pub fn paged(log: u64, len: u64, hits: Option<&'a [u64]>, line: impl Fn(u64) -> Option<&'a LogLine> + 'a) -> Self {
        let mut source = Self::of(log, 0, len as usize, Box::new(move |i| line(i as u64)));
        source.hits = hits;
        source.is_paged = true;
        source
    }

    /// Several things are mixed: their names, and which of them a line comes from.
    pub fn origin(mut self, sources: &'a [String], origin: impl Fn(usize) -> usize + 'a) -> Self {
        self.sources = sources;
        self.origin = Some(Box::new(origin));
        self
    }

    /// With a button to write the lines to a file.
    pub fn exported(mut self) -> Self {
        self.can_export = true;
        self
    }

    /// With a way from a line to its code.
    pub fn with_code(mut self) -> Self {
        self.has_code = true;
        self
    }

    fn get(&self, number: u64) -> Option<&'a LogLine> {
        (self.line)(number.checked_sub(self.first)? as usize)
    }
}

/// Bar and lines in the room that is left.
pub fn log_ui(ui: &mut Ui, id: &str, title: &str, state: &mut LogState, source: &LogSource<'_>) -> LogResponse {
    let of_bar = log_bar_ui(ui, id, title, state, source);
    of_bar.and(log_lines_ui(ui, id, state, source))
}

impl LogState {
    fn selected(&self) -> Option<RangeInclusive<u64>> {
        self.selection.map(|(a, b)| a.min(b)..=a.max(b))
    }
}

/// The selected lines, or all that pass the filter.
fn copy_lines(ui: &Ui, state: &LogState, source: &LogSource<'_>) {
    ui.ctx().copy_text(lines_of(state, source).join("\n"));
}

/// The selected lines, or all that pass the filter, without colours.
pub fn lines_of(state: &LogState, source: &LogSource<'_>) -> Vec<String> {
    let range = state.selected().unwrap_or(0..=u64::MAX);
    let all = match source.hits {
        Some(hits) => hits.to_vec(),
        None if source.is_paged => (0..source.len as u64).collect(),
        None => state.lines.passing(source.first),
    };
    let lines = all.into_iter().filter(|number| range.contains(number));
    let lines = lines.filter_map(|number| source.get(number));
    lines.map(|line| log_text::plain(line).into_owned()).collect()
}

/// `14:02:11.408` in the zone of the machine.
pub fn clock_time(at: Timestamp) -> String {
    format::local(at).strftime("%H:%M:%S%.3f").to_string()
}
