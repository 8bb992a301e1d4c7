//! Finds the traces of errors in the lines of a log: Rust, Python, JavaScript, Go, Java, C and C++. Pure; what is no trace is passed over.

mod go;
mod python;
mod rust;
mod structured;

pub use structured::may_hold;

use crate::base::SafeText;
use regex::Regex;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::sync::OnceLock;

/// Lines of one trace, and characters of one of its lines; more is not kept.
const MAX_LINES: usize = 200;
const MAX_LINE_CHARS: usize = 400;
/// Frames that tell one defect from another.
const N_FRAMES: usize = 4;

/// Whose trace it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    Rust,
    Python,
    JavaScript,
    Go,
    Java,
    Cpp,
}

impl Language {
    pub fn word(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Python => "python",
            Self::JavaScript => "javascript",
            Self::Go => "go",
            Self::Java => "java",
            Self::Cpp => "cpp",
        }
    }
}

/// One call of a trace, innermost first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frame {
    pub function: String,
    pub file: String,
    /// From 1; 0 where it is not told.
    pub line: u32,
}

impl Frame {
    /// Of the program itself, not of its libraries or its language.
    pub fn is_own(&self) -> bool {
        const FOREIGN: [&str; 18] = [
            "/rustc/",
            "/.cargo/registry/",
            "/.rustup/",
            "/library/std/",
            "/library/core/",
            "site-packages/",
            "dist-packages/",
            "/lib/python",
            "<frozen",
            "<string>",
            "node_modules/",
            "node:",
            "/usr/local/go/src/",
            "/usr/lib/go",
            "/go/pkg/mod/",
            "/usr/include/",
            "/sysdeps/",
            "libsanitizer/",
        ];
        const FOREIGN_NAMES: [&str; 9] = [
            "std::", "core::", "java.", "javax.", "jdk.", "sun.", "runtime.", "panic(", "__libc",
        ];
        let is_named = !self.file.is_empty() && !FOREIGN.iter().any(|part| self.file.contains(part));
        is_named && !FOREIGN_NAMES.iter().any(|start| self.function.starts_with(start))
    }

    fn file_name(&self) -> &str {
        self.file.rsplit(['/', '\\']).next().unwrap_or(&self.file)
    }
}

/// One error with its trace.
#[derive(Clone, Debug, PartialEq)]
pub struct Trace {
    pub language: Language,
    /// `ValueError`, `panic`, `AddressSanitizer: heap-use-after-free`.
    pub kind: String,
    pub message: String,
    /// Innermost first.
    pub frames: Vec<Frame>,
    /// As it stands in the log.
    pub lines: Vec<String>,
}

impl Trace {
    /// The innermost frame of the program itself, else the innermost.
    pub fn place(&self) -> Option<&Frame> {
        self.frames
            .iter()
            .find(|frame| frame.is_own())
            .or_else(|| self.frames.iter().find(|frame| !frame.file.is_empty()))
    }

    /// The same for every occurrence of one defect: neither lines that move nor values that differ count.
    pub fn fingerprint(&self) -> String {
        let mut hash = Sha256::new();
        let mut add = |text: &str| {
            hash.update(text.as_bytes());
            hash.update([0]);
        };
        add(self.language.word());
        add(&self.kind);
        let own: Vec<&Frame> = self.frames.iter().filter(|frame| frame.is_own()).take(N_FRAMES).collect();
        for frame in &own {
            add(&plain_function(&frame.function));
            add(frame.file_name());
        }
        // Where nothing else tells, what it says does.
        if own.is_empty() || own.iter().all(|frame| frame.function.is_empty()) {
            add(&without_values(&self.message));
        }
        let digest = hash.finalize();
        digest[..8].iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Without what a build adds: Rust's hashes, Go's values, numbers of lambdas.
fn plain_function(name: &str) -> String {
    let name = name.trim_start_matches("async ").trim_start_matches("new ");
    let name = match name.rfind("::h") {
        Some(at) if name.len() - at == 19 && name[at + 3..].bytes().all(|byte| byte.is_ascii_hexdigit()) => &name[..at],
        _ => name,
    };
    name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '$').to_owned()
}

/// A message without numbers, addresses and quoted words.
pub fn without_values(text: &str) -> String {
    static VALUES: OnceLock<Option<Regex>> = OnceLock::new();
    let pattern = r#""[^"]*"|'[^']*'|`[^`]*`|0x[0-9a-fA-F]+|\b[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}\b|\d+(?:\.\d+)*"#;
    match VALUES.get_or_init(|| Regex::new(pattern).ok()) {
        Some(values) => values.replace_all(text, "#").into_owned(),
        None => text.to_owned(),
    }
}

struct Patterns {
    rust_head: Regex,
    rust_frame: Regex,
    at_place: Regex,
    python_frame: Regex,
    python_end: Regex,
    js_head: Regex,
    js_frame: Regex,
    go_place: Regex,
    go_serving: Regex,
    java_head: Regex,
    java_frame: Regex,
    asan: Regex,
    asan_frame: Regex,
    assertion: Regex,
    terminate: Regex,
}

fn patterns() -> Option<&'static Patterns> {
    static ALL: OnceLock<Option<Patterns>> = OnceLock::new();
    ALL.get_or_init(|| {
        let regex = |text: &str| Regex::new(text).ok();
        Some(Patterns {
            rust_head: regex(r"thread '([^']*)'(?: \(\d+\))? panicked at (?:'(.*)', )?([^'\s]+?):(\d+):\d+:?$")?,
            rust_frame: regex(r"^\s*\d+:\s+(?:0x[0-9a-f]+ - )?(.+)$")?,
            at_place: regex(r"^\s+at (.+?):(\d+)(?::\d+)?$")?,
            python_frame: regex(r#"^\s+File "(.+)", line (\d+)(?:, in (.+))?$"#)?,
            python_end: regex(r"^([A-Za-z_][\w.]*)(?:: (.*))?$")?,
            js_head: regex(r"(?:^|[\s\]])(?:Uncaught )?((?:[A-Z]\w*)?(?:Error|Exception))(?: \[[A-Z_0-9]+\])?(?:: (.*))?$")?,
            js_frame: regex(r"^\s+at (?:(.+?) \()?((?:file://|node:|/|[A-Za-z]:|\.|<anonymous>|webpack|https?:)[^()]*?|[\w./-]+?)(?::(\d+))?(?::\d+)?\)?$")?,
            go_serving: regex(r"http: panic serving \S+: (.*)$")?,
            // In JSON a tab has become blanks.
            go_place: regex(r"^(?:\t| {4})(.+\.(?:go|s)):(\d+)")?,
            java_head: regex(r#"(?:^|\s)(?:Exception in thread "[^"]*" |Caused by: )?((?:[a-z_$][\w$]*\.)+[A-Z$][\w$]*)(?:: (.*))?$"#)?,
            java_frame: regex(r"^\s+at (?:[\w.@-]+/+)*([\w.$<>]+)\(([^:()]+)(?::(\d+))?\)")?,
            asan: regex(r"ERROR: (\w+Sanitizer: [\w-]+)(.*)$")?,
            asan_frame: regex(r"^\s+#\d+ 0x[0-9a-f]+ (?:in )?(.+?) (?:\(?([^\s()]+?)(?::(\d+))?(?::\d+)?(?:\+0x[0-9a-f]+)?\)?)(?: \(BuildId.*\))?$")?,
            assertion: regex(r"([^\s:]+): ([^\s:]+):(\d+): (.+): Assertion [`'](.*)' failed\.?$")?,
            terminate: regex(r"terminate called after throwing an instance of '([^']+)'")?,
        })
    })
    .as_ref()
}

/// How far a trace has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Message,
    Frames,
    /// Python: the last line of the trace has come; another may follow that it caused.
    Ended,
    /// What belongs to it and is not read: other goroutines, causes of JavaScript, further errors of a group of Python.
    Others,
    /// An empty line behind a message: only some go on.
    Gap,
    /// Rust: what caused an error that ended the program.
    Causes,
    /// Python: the first error of a group.
    Inner,
    /// It stood on one line.
    Whole,
}

/// Reads lines and gives traces.
#[derive(Default)]
pub struct Reader {
    open: Option<(Trace, Part)>,
    /// The function of a frame whose place comes on the next line.
    function: String,
    /// The line before, where it was no part of a trace.
    before: String,
}

impl Reader {
    /// One line; a trace that is whole by now.
    pub fn push(&mut self, line: &str) -> Option<Trace> {
        if !may_hold(line) {
            return self.push_plain(line);
        }
        match structured::trace_in(line) {
            Some(found) => {
                let done = self.end();
                self.open = Some((found, Part::Whole));
                done
            }
            None => self.push_plain(SafeText::multiline(line).as_str()),
        }
    }

    fn push_plain(&mut self, line: &str) -> Option<Trace> {
        let patterns = patterns()?;
        let line = cut(line);
        let mut done = None;
        if let Some((mut trace, part)) = self.open.take() {
            if let Some(part) = self.goes_on(patterns, &mut trace, part, &line) {
                if trace.lines.len() < MAX_LINES {
                    trace.lines.push(line);
                }
                self.open = Some((trace, part));
                return None;
            }
            done = finished(trace, part);
        }
        self.open = begins(patterns, &line, &self.before);
        self.before = if self.open.is_some() { String::new() } else { line };
        done
    }

    /// The log ends here.
    pub fn end(&mut self) -> Option<Trace> {
        let (trace, part) = self.open.take()?;
        finished(trace, part)
    }

    /// Whether a trace is under way: the next lines may belong to it.
    pub fn is_within(&self) -> bool {
        self.open.is_some()
    }

    fn goes_on(&mut self, patterns: &Patterns, trace: &mut Trace, part: Part, line: &str) -> Option<Part> {
        if part == Part::Whole {
            return None;
        }
        match trace.language {
            Language::Rust if trace.kind == rust::ERROR => self.rust_error(patterns, trace, part, line),
            Language::Rust => self.rust(patterns, trace, part, line),
            Language::Python => python::goes_on(patterns, trace, part, line),
            Language::JavaScript => java_script(patterns, trace, part, line),
            Language::Go => self.go(patterns, trace, part, line),
            Language::Java => java(patterns, trace, part, line),
            Language::Cpp => cpp(patterns, trace, part, line),
        }
    }
}

fn cut(line: &str) -> String {
    line.trim_end().chars().take(MAX_LINE_CHARS).collect()
}

fn frame(function: &str, file: &str, line: &str) -> Frame {
    Frame {
        function: function.trim().to_owned(),
        file: file.trim().trim_start_matches("file://").to_owned(),
        line: line.parse().unwrap_or(0),
    }
}

fn trace(language: Language, kind: &str, message: &str, line: &str) -> Trace {
    Trace {
        language,
        kind: kind.trim().to_owned(),
        message: message.trim().to_owned(),
        frames: Vec::new(),
        lines: vec![line.to_owned()],
    }
}

/// The first line of a trace; what stands before it may say why.
fn begins(patterns: &Patterns, line: &str, before: &str) -> Option<(Trace, Part)> {
    if let Some(head) = patterns.rust_head.captures(line) {
        let message = head.get(2).map_or("", |message| message.as_str());
        let mut found = trace(Language::Rust, "panic", message, line);
        // Without a backtrace this is all that is known of where.
        found.frames.push(frame("", &head[3], &head[4]));
        return Some((found, Part::Message));
    }
    if line.ends_with("Traceback (most recent call last):") {
        return Some((trace(Language::Python, "", "", line), Part::Frames));
    }
    for (start, kind) in [("panic: ", "panic"), ("fatal error: ", "fatal error")] {
        if let Some(message) = line.strip_prefix(start) {
            return Some((trace(Language::Go, kind, message, line), Part::Message));
        }
    }
    if let Some(head) = patterns.go_serving.captures(line) {
        return Some((trace(Language::Go, "panic", &head[1], line), Part::Message));
    }
    if go::is_stack(line) {
        return Some((trace(Language::Go, "", before, line), Part::Frames));
    }
    if let Some(head) = patterns.asan.captures(line) {
        return Some((trace(Language::Cpp, &head[1], &head[2], line), Part::Message));
    }
    if let Some(head) = patterns.terminate.captures(line) {
        return Some((trace(Language::Cpp, &head[1], "", line), Part::Message));
    }
    if let Some(head) = patterns.assertion.captures(line) {
        let mut found = trace(Language::Cpp, "Assertion", &head[5], line);
        found.frames.push(frame(&head[4], &head[2], &head[3]));
        return Some((found, Part::Message));
    }
    if let Some(head) = patterns.java_head.captures(line) {
        let message = head.get(2).map_or("", |message| message.as_str());
        return Some((trace(Language::Java, &head[1], message, line), Part::Message));
    }
    let head = patterns.js_head.captures(line)?;
    let message = head.get(2).map_or("", |message| message.as_str());
    Some((trace(Language::JavaScript, &head[1], message, line), Part::Message))
}

fn java_script(patterns: &Patterns, trace: &mut Trace, part: Part, line: &str) -> Option<Part> {
    match part {
        // What Node tells of an error behind its frames, its cause among it, up to the brace that ends it.
        Part::Others if line == "}" => return Some(Part::Ended),
        Part::Others => return (line.is_empty() || line.starts_with(char::is_whitespace)).then_some(part),
        Part::Ended => return None,
        // `Error: why` at the start of a line is also what a program in Rust ends with: what follows tells which.
        Part::Message | Part::Gap if rust::is_heading(line) && trace.lines[0].starts_with("Error: ") => {
            trace.language = Language::Rust;
            rust::ERROR.clone_into(&mut trace.kind);
            return Some(rust::part_below(line));
        }
        Part::Gap => return line.is_empty().then_some(part),
        Part::Message if line.is_empty() && trace.lines[0].starts_with("Error: ") => return Some(Part::Gap),
        _ => {}
    }
    let (line, has_more) = line.strip_suffix(" {").map_or((line, false), |line| (line, true));
    if let Some(found) = patterns.js_frame.captures(line) {
        let function = found.get(1).map_or("", |name| name.as_str());
        let number = found.get(3).map_or("", |number| number.as_str());
        trace.frames.push(frame(function, &found[2], number));
        return Some(if has_more { Part::Others } else { Part::Frames });
    }
    // A message may have more lines; what follows the frames is something else.
    let may_go_on = part == Part::Message && trace.lines.len() < 6 && !line.trim().is_empty();
    may_go_on.then_some(part)
}

fn java(patterns: &Patterns, trace: &mut Trace, part: Part, line: &str) -> Option<Part> {
    if let Some(found) = patterns.java_frame.captures(line) {
        let number = found.get(3).map_or("", |number| number.as_str());
        trace.frames.push(frame(&found[1], &found[2], number));
        return Some(Part::Frames);
    }
    if line.starts_with("Caused by: ")
        && let Some(cause) = patterns.java_head.captures(line)
    {
        // The first cause is what has to be mended.
        cause[1].clone_into(&mut trace.kind);
        cause
            .get(2)
            .map_or("", |message| message.as_str())
            .clone_into(&mut trace.message);
        trace.frames.clear();
        return Some(Part::Frames);
    }
    let trimmed = line.trim_start();
    let is_rest = (trimmed.starts_with("... ") && trimmed.ends_with(" more")) || trimmed.starts_with("Suppressed: ");
    let may_go_on = part == Part::Message && trace.lines.len() < 4 && !trimmed.is_empty();
    (is_rest || may_go_on).then_some(part)
}

fn cpp(patterns: &Patterns, trace: &mut Trace, part: Part, line: &str) -> Option<Part> {
    if let Some(what) = line.trim_start().strip_prefix("what():") {
        what.trim().clone_into(&mut trace.message);
        return Some(part);
    }
    if let Some(found) = patterns.asan_frame.captures(line) {
        if part != Part::Others {
            let number = found.get(3).map_or("", |number| number.as_str());
            trace.frames.push(frame(&found[1], &found[2], number));
        }
        return Some(if part == Part::Others { Part::Others } else { Part::Frames });
    }
    if !trace.kind.contains("Sanitizer") {
        return None;
    }
    // Behind the first stack come those of the allocation and the free, and a summary.
    if line.starts_with("SUMMARY: ") || line.contains("==ABORTING") {
        return None;
    }
    let is_within = line.trim().is_empty()
        || line.starts_with([' ', '\t'])
        || line.contains(" is located ")
        || line.ends_with(" here:")
        || line.starts_with("READ of")
        || line.starts_with("WRITE of")
        || line.starts_with("freed by")
        || line.starts_with("previously");
    let next = if part == Part::Frames { Part::Others } else { part };
    is_within.then_some(next)
}

/// A head without what makes it a trace was only a line.
fn finished(mut trace: Trace, part: Part) -> Option<Trace> {
    if part == Part::Whole {
        return Some(trace);
    }
    while trace.lines.last().is_some_and(|line| line.trim().is_empty()) {
        trace.lines.pop();
    }
    let is_trace = match trace.language {
        Language::Go if trace.kind.is_empty() => go::was_recovered(&mut trace),
        Language::JavaScript | Language::Java | Language::Go => !trace.frames.is_empty(),
        Language::Python => !trace.kind.is_empty(),
        Language::Rust => {
            // The place of the head is that of the first own frame, where there are frames.
            if trace.frames.len() > 1 && trace.kind != rust::ERROR {
                let head = trace.frames.remove(0);
                if !trace.frames.iter().any(Frame::is_own) {
                    trace.frames.insert(0, head);
                }
            }
            true
        }
        Language::Cpp => true,
    };
    is_trace.then_some(trace)
}
