//! Listens to a build's output: what the compiler says becomes data, cargo's JSON becomes text again. Pure.

mod annotations;
pub mod hints;
mod more;
pub mod problem;
pub mod sarif;
pub mod text;
pub mod tools;

pub use crate::areas::test::frameworks::cargo_json::{Diagnostic, Made, Severity};

use super::Matched;
use crate::areas::devops::project::matcher::Matcher;
use crate::areas::test::frameworks::Shown;
use crate::areas::test::frameworks::cargo_json::{self, Message};
use crate::base::{Progress, SafeText, Stream, Unit};
use problem::Running;
use std::collections::{BTreeSet, VecDeque};
use std::path::PathBuf;
use text::TextMatcher;
use tools::Tools;

/// Messages that are kept per build; more are counted.
pub const MAX_KEPT: usize = 1000;
/// Last lines that are kept for the search for a reason.
const TAIL_LINES: usize = 200;

/// Everything that was heard in one build.
pub struct Listener {
    dir: PathBuf,
    root: PathBuf,
    text: TextMatcher,
    tools: Tools,
    own: Vec<Running>,
    /// Nothing but `own` is asked.
    is_own_only: bool,
    diagnostics: Vec<Diagnostic>,
    seen: BTreeSet<(Option<PathBuf>, Option<u32>, Option<u32>, String)>,
    pub n_errors: u32,
    pub n_warnings: u32,
    pub made: Vec<Made>,
    pub tail: VecDeque<String>,
    progress: Option<Progress>,
}

impl Listener {
    /// `dir` is the task's folder, relative to the workspace's `root`.
    pub fn new(root: impl Into<PathBuf>, dir: impl Into<PathBuf>) -> Self {
        let (root, dir) = (root.into(), dir.into());
        Self {
            text: TextMatcher::new(dir.clone()),
            tools: Tools::default(),
            own: Vec::new(),
            is_own_only: false,
            root,
            dir,
            diagnostics: Vec::new(),
            seen: BTreeSet::new(),
            n_errors: 0,
            n_warnings: 0,
            made: Vec::new(),
            tail: VecDeque::new(),
            progress: None,
        }
    }

    /// Matchers of the project's own, asked before all others.
    pub fn with_matchers(mut self, matchers: impl IntoIterator<Item = Matcher>) -> Self {
        let dir = self.dir.clone();
        self.own = matchers
            .into_iter()
            .map(|matcher| Running::new(matcher, dir.clone()))
            .collect();
        self
    }

    /// One line of output, and how it appears in the log.
    pub fn line(&mut self, stream: Stream, bytes: &[u8], is_progress: bool) -> Shown {
        if !is_progress && is_silent(bytes) && self.own.is_empty() && self.tools.is_idle() && self.text.is_idle() {
            if let Ok(line) = str::from_utf8(bytes) {
                self.keep_tail(line);
            }
            return Shown::AsIs;
        }
        if stream == Stream::Out
            && cargo_json::is_message(bytes)
            && let Some(message) = cargo_json::parse(bytes, &self.dir)
        {
            return self.message(message);
        }
        if sarif::is_document(bytes)
            && let Some(told) = sarif::parse(bytes, &self.dir)
        {
            return self.document(told);
        }
        let line = crate::areas::test::frameworks::plain(bytes);
        if let Some(progress) = cargo_progress(&line) {
            self.progress = Some(progress);
            return Shown::Hidden;
        }
        if is_progress {
            return Shown::Hidden;
        }
        let mut told = Vec::new();
        let mut is_told = false;
        for own in &mut self.own {
            is_told |= own.line(&line, &mut told);
        }
        if !is_told && !self.is_own_only {
            let annotation = annotations::parse(&line);
            is_told = annotation.is_some();
            told.extend(annotation);
        }
        if !is_told && !self.is_own_only && !self.tools.line(&line, &self.dir, &mut told) {
            self.text.line(&line, &mut told);
        }
        for diagnostic in told {
            self.keep(diagnostic);
        }
        self.keep_tail(&line);
        // cargo clears the bar that stood there before.
        match bytes.strip_prefix(b"\x1b[K") {
            Some(rest) => Shown::Text(String::from_utf8_lossy(rest).into_owned()),
            None => Shown::AsIs,
        }
    }

    fn keep_tail(&mut self, line: &str) {
        if line.trim_ascii().is_empty() {
            return;
        }
        let oldest = if self.tail.len() == TAIL_LINES {
            self.tail.pop_front()
        } else {
            None
        };
        let mut kept = oldest.unwrap_or_default();
        kept.clear();
        // What one long line took does not stay.
        kept.shrink_to(line.len().max(256));
        kept.push_str(line);
        self.tail.push_back(kept);
    }

    /// A whole SARIF document in one line is no line for people.
    fn document(&mut self, told: Vec<Diagnostic>) -> Shown {
        let mut text = String::new();
        for diagnostic in told {
            let place = diagnostic.place.as_ref();
            let at = place.map(|place| format!("{}: ", place.text()));
            text.push_str(&format!(
                "{}{}: {}\n",
                at.unwrap_or_default(),
                diagnostic.severity.word(),
                diagnostic.message
            ));
            self.keep(diagnostic);
        }
        if text.is_empty() { Shown::Hidden } else { Shown::Text(text) }
    }

    fn message(&mut self, message: Message) -> Shown {
        match message {
            Message::Diagnostic(diagnostic, rendered) => {
                // `2 warnings emitted`, `aborting due to 1 previous error`: said once more at the end.
                if diagnostic.place.is_none() && is_summary(&diagnostic.message) {
                    return Shown::Text(rendered);
                }
                if self.keep(*diagnostic) {
                    Shown::Text(rendered)
                } else {
                    Shown::Hidden
                }
            }
            Message::Made(made) => {
                self.made.push(made);
                Shown::Hidden
            }
            _ => Shown::Hidden,
        }
    }

    /// False when the same was told before: cargo compiles a file once for the program and once for its tests.
    fn keep(&mut self, mut diagnostic: Diagnostic) -> bool {
        if let Some(place) = &mut diagnostic.place
            && let Ok(inside) = place.path.strip_prefix(&self.root)
        {
            place.path = inside.to_path_buf();
        }
        let place = diagnostic.place.clone();
        let key = (
            place.as_ref().map(|place| place.path.clone()),
            place.as_ref().and_then(|place| place.line),
            place.as_ref().and_then(|place| place.column),
            diagnostic.message.clone(),
        );
        if self.seen.len() < MAX_KEPT * 10 && !self.seen.insert(key) {
            return false;
        }
        match diagnostic.severity {
            Severity::Error => self.n_errors += 1,
            Severity::Warning => self.n_warnings += 1,
            Severity::Note => {}
        }
        if self.diagnostics.len() < MAX_KEPT {
            self.diagnostics.push(diagnostic);
        } else if diagnostic.severity == Severity::Error {
            // Errors are not lost behind a thousand warnings.
            if let Some(at) = self.diagnostics.iter().rposition(|kept| kept.severity != Severity::Error) {
                self.diagnostics[at] = diagnostic;
            }
        }
        true
    }

    /// The newest progress that was heard, once.
    pub fn take_progress(&mut self) -> Option<Progress> {
        self.progress.take()
    }

    /// The output is at its end: all messages, errors first, each kind in the order in which it came.
    pub fn finish(&mut self) -> Vec<Diagnostic> {
        let mut told = Vec::new();
        for own in &mut self.own {
            own.finish(&mut told);
        }
        self.tools.finish(&mut told);
        self.text.finish(&mut told);
        for diagnostic in told {
            self.keep(diagnostic);
        }
        let mut diagnostics = std::mem::take(&mut self.diagnostics);
        let has_error_in_a_file = diagnostics
            .iter()
            .any(|known| known.severity == Severity::Error && known.place.is_some() && known.source != "make");
        if has_error_in_a_file {
            // What make says of it is a consequence.
            let before = diagnostics.len();
            diagnostics.retain(|known| known.source != "make");
            self.n_errors = self.n_errors.saturating_sub((before - diagnostics.len()) as u32);
        }
        diagnostics.sort_by_key(|diagnostic| diagnostic.severity);
        diagnostics
    }
}

/// Reads an output with these matchers alone.
pub fn read_only(root: &std::path::Path, matchers: Vec<Matcher>, text: &[u8], wrongs: Vec<String>) -> Matched {
    let mut listener = Listener::new(root, "").with_matchers(matchers);
    listener.is_own_only = true;
    listener.read(text, wrongs)
}

/// Reads a whole output with these matchers and all that are built in: a SARIF document, or lines.
pub fn read(root: &std::path::Path, matchers: Vec<Matcher>, text: &[u8], wrongs: Vec<String>) -> Matched {
    Listener::new(root, "").with_matchers(matchers).read(text, wrongs)
}

impl Listener {
    fn read(mut self, text: &[u8], wrongs: Vec<String>) -> Matched {
        match sarif::parse(text, std::path::Path::new("")) {
            Some(told) => {
                self.document(told);
            }
            None => {
                for line in text.split(|byte| *byte == b'\n') {
                    self.line(Stream::Out, line.strip_suffix(b"\r").unwrap_or(line), false);
                }
            }
        }
        Matched {
            diagnostics: self.finish(),
            n_lines: memchr::memchr_iter(b'\n', text).count() as u64,
            wrongs,
        }
    }
}

/// No message of any tool known here begins with such a line, and none is a part of one: there is no place, no word with a colon, no
/// bracket in it. Floods of short lines cost little this way.
fn is_silent(bytes: &[u8]) -> bool {
    let is_sign = |byte: u8| matches!(byte, b':' | b'/' | b'[' | b'{' | b'"' | 0x1b) || !byte.is_ascii();
    let Some(first) = bytes.first() else { return false };
    // `# package`, `E   assert`, `> assert`, `In file included from`, `Diff in`.
    if matches!(first, b'#' | b'E' | b'>' | b'I' | b'D' | b' ') || bytes.iter().fold(false, |has, byte| has | is_sign(*byte)) {
        return false;
    }
    // `W291 Trailing whitespace`, as Ruff begins.
    let end = bytes.iter().take(8).position(|byte| *byte == b' ').unwrap_or_default();
    if first.is_ascii_uppercase() && end > 0 && bytes[end - 1].is_ascii_digit() {
        return false;
    }
    let has = |word: &str| bytes.len() >= word.len() && memchr::memmem::find(bytes, word.as_bytes()).is_some();
    !has("undefined reference to ") && !has("cannot find -l")
}

fn is_summary(message: &str) -> bool {
    message.starts_with("aborting due to")
        || message.ends_with("warning emitted")
        || message.ends_with("warnings emitted")
        || message.starts_with("For more information about")
}

/// `    Building [=====>   ] 12/34: tiny(bin)`.
fn cargo_progress(line: &str) -> Option<Progress> {
    let rest = line.trim_start().strip_prefix("Building [")?;
    let (numbers, what) = rest
        .split_once("] ")?
        .1
        .split_once(": ")
        .unwrap_or((rest.split_once("] ")?.1, ""));
    let (done, total) = numbers.trim().split_once('/')?;
    let (done, total) = (done.parse().ok()?, total.trim().parse().ok()?);
    let mut progress = Progress::of(done, total, Unit::Steps);
    let what = what.trim();
    if !what.is_empty() {
        progress = progress.saying(crate::base::Msg::verbatim(SafeText::new(what).as_str()));
    }
    Some(progress)
}
