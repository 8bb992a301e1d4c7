//! The tools that run tests, in one shape: where they are found, what is run, and a parser that hears results in their output.
//! Pure: no process and no file is touched here.

pub mod cargo_argv;
mod cargo_block;
mod cargo_crash;
pub mod cargo_graph;
pub mod cargo_json;
pub mod cargo_test;
mod case;
pub mod cmake_presets;
pub mod ctest;
pub mod debug;
pub mod detect;
pub mod go;
mod go_why;
pub mod imports;
pub mod js;
pub mod junit;
mod libtest;
pub mod mocha;
pub mod needs;
pub mod nextest;
pub mod node;
pub mod pytest;
pub mod scripts;
pub mod tap;
pub mod tape;
pub mod unittest;
pub mod why;

pub use case::{BARE_PROGRAM, CaseId, WHOLE_FILE, WHOLE_MODULE, WHOLE_PACKAGE, WHOLE_PROGRAM};

use crate::adapters::masks::Masks;
use crate::base::{Place, Problem, SafeText, State, Stream};
use serde::{Deserialize, Serialize};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The top of the tree. cargo test and cargo-nextest name the same tests, so they share one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Framework {
    Cargo,
    Pytest,
    Unittest,
    Go,
    Ctest,
    Vitest,
    Jest,
    Mocha,
    Node,
    Tap,
    Junit,
    /// Cases of test plans, carried out by people.
    Manual,
}

impl Framework {
    pub const ALL: [Self; 12] = [
        Self::Cargo,
        Self::Pytest,
        Self::Unittest,
        Self::Go,
        Self::Ctest,
        Self::Vitest,
        Self::Jest,
        Self::Mocha,
        Self::Node,
        Self::Tap,
        Self::Junit,
        Self::Manual,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Cargo => "cargo",
            Self::Pytest => "pytest",
            Self::Unittest => "unittest",
            Self::Go => "go",
            Self::Ctest => "ctest",
            Self::Vitest => "vitest",
            Self::Jest => "jest",
            Self::Mocha => "mocha",
            Self::Node => "node",
            Self::Tap => "tap",
            Self::Junit => "junit",
            Self::Manual => "manual",
        }
    }

    /// The suites of this framework are files below the workspace.
    pub fn has_file_suites(self) -> bool {
        matches!(
            self,
            Self::Pytest | Self::Unittest | Self::Node | Self::Vitest | Self::Jest | Self::Mocha
        )
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|framework| framework.word() == word)
    }
}

/// The program that runs the tests of a framework.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Runner {
    CargoTest,
    Nextest,
    Pytest,
    Unittest,
    /// `go test`, one site per module.
    Go,
    /// CTest, one site per CMake project.
    Ctest,
    Vitest,
    Jest,
    Mocha,
    /// `node --test`, by a script of `package.json`.
    Node,
    /// A script that runs tape.
    Tap,
    /// A task of `chantier.toml` whose results are heard as TAP or read from the JUnit files it writes.
    Task,
}

impl Runner {
    pub fn word(self) -> &'static str {
        match self {
            Self::CargoTest => "cargo-test",
            Self::Nextest => "nextest",
            Self::Pytest => "pytest",
            Self::Unittest => "unittest",
            Self::Go => "go",
            Self::Ctest => "ctest",
            Self::Vitest => "vitest",
            Self::Jest => "jest",
            Self::Mocha => "mocha",
            Self::Node => "node",
            Self::Tap => "tap",
            Self::Task => "task",
        }
    }

    pub fn framework(self) -> Framework {
        match self {
            Self::CargoTest | Self::Nextest => Framework::Cargo,
            Self::Pytest => Framework::Pytest,
            Self::Unittest => Framework::Unittest,
            Self::Go => Framework::Go,
            Self::Ctest => Framework::Ctest,
            Self::Vitest => Framework::Vitest,
            Self::Jest => Framework::Jest,
            Self::Mocha => Framework::Mocha,
            Self::Node => Framework::Node,
            Self::Tap => Framework::Tap,
            Self::Task => Framework::Junit,
        }
    }

    /// Can name its tests without running them.
    pub fn can_list(self) -> bool {
        !matches!(self, Self::Node | Self::Tap | Self::Task)
    }

    /// Can be asked for single cases.
    pub fn can_select(self) -> bool {
        !matches!(self, Self::Tap | Self::Task)
    }

    /// Can be told how many tests run at once.
    pub fn takes_jobs(self) -> bool {
        !matches!(self, Self::Unittest | Self::Node | Self::Tap | Self::Task)
    }
}

/// What a run is asked beside its cases.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Limits {
    /// How long one case may take.
    pub case_timeout: Option<Duration>,
    /// How many tests run at once; None leaves it to the tool.
    pub jobs: Option<u32>,
    /// What failed last is run before the rest.
    pub is_red_first: bool,
    /// No result may come from a cache of the tool.
    pub is_fresh: bool,
    /// Where the tool writes which lines it ran.
    #[serde(skip)]
    pub coverage: Option<PathBuf>,
    /// It is to be known which lines are run.
    pub has_coverage: bool,
    /// pytest has its plugin for several processes.
    pub has_workers: bool,
    /// Cases that are not run, for a tool that can not be asked for all others by name.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<CaseId>,
}

/// A folder with tests and the runner that runs them.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Site {
    pub runner: Runner,
    /// Relative to the workspace, empty for its root.
    pub dir: PathBuf,
    /// The task of `chantier.toml` that says how, if one does.
    pub task: Option<String>,
    /// The program and arguments of the task or script; empty: the runner's own.
    pub argv: Vec<String>,
    /// What else the runner needs: options that a script gives to it, the path of a Go module, the folders where unittest begins.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<String>,
    pub env: BTreeMap<String, String>,
    pub timeout_secs: Option<u64>,
}

impl Site {
    pub fn new(runner: Runner, dir: impl Into<PathBuf>) -> Self {
        Self {
            runner,
            dir: dir.into(),
            task: None,
            argv: Vec::new(),
            options: Vec::new(),
            env: BTreeMap::new(),
            timeout_secs: None,
        }
    }

    pub fn timeout(&self) -> Option<Duration> {
        self.timeout_secs.map(Duration::from_secs)
    }

    /// Whether a case is one of those that this site tells.
    pub fn tells(&self, case: &CaseId) -> bool {
        match (self.runner, case.framework) {
            (Runner::Task, Framework::Tap) => case.suite == tap::Tap::suite_of(self),
            (Runner::Tap, Framework::Tap) => case.suite == tape::Tape::suite_of(self),
            (Runner::Go, Framework::Go) => {
                let module = self.options.first().map_or("", String::as_str);
                let below = case.suite.strip_prefix(module);
                below.is_some_and(|below| below.is_empty() || below.starts_with('/'))
            }
            (Runner::Ctest, Framework::Ctest) => case.suite == self.dir_word(),
            (runner, framework) => runner.framework() == framework,
        }
    }

    /// What tells it from other sites and stays from run to run: framework, folder, and how it is started.
    pub fn name(&self) -> String {
        let mut words = vec![
            self.runner.framework().word().to_owned(),
            self.dir.to_string_lossy().into_owned(),
        ];
        match &self.task {
            Some(task) => words.push(task.clone()),
            None => words.extend(self.argv.iter().chain(&self.options).cloned()),
        }
        words.join(" ")
    }

    /// The folder as people write it.
    pub fn dir_word(&self) -> String {
        if self.dir.as_os_str().is_empty() {
            ".".to_owned()
        } else {
            SafeText::new(&self.dir.to_string_lossy()).into_string()
        }
    }
}

/// The result of one case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finished {
    pub case: CaseId,
    /// Done for passed, failed, or skipped.
    pub state: State,
    /// Passed only when it was tried again.
    #[serde(default)]
    pub flaky: bool,
    /// The tool says that something it started outlived it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub leaks: bool,
    /// None where the tool does not tell.
    pub duration_ms: Option<u64>,
    /// The first words of the failure, or why it was skipped.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub output: String,
}

impl Finished {
    /// Without the secrets that a test printed: what a runner writes into files did not pass the stream.
    pub fn masked(mut self, masks: &Masks) -> Self {
        for text in [&mut self.message, &mut self.output] {
            if let Cow::Owned(masked) = masks.mask_str(text) {
                *text = masked;
            }
        }
        self
    }

    pub fn new(case: CaseId, state: State) -> Self {
        Self {
            case,
            state,
            flaky: false,
            leaks: false,
            duration_ms: None,
            message: String::new(),
            place: None,
            output: String::new(),
        }
    }

    pub fn secs(mut self, secs: f64) -> Self {
        self.duration_ms = duration_ms(secs);
        self
    }

    /// Output, and from it the first words of the failure and its place.
    pub fn output(mut self, output: String, dir: &Path) -> Self {
        if self.state == State::Failed {
            let why = why::of(self.case.framework, &output, dir);
            if self.message.is_empty() {
                self.message = why.message;
            }
            self.place = self.place.or(self.case.doc_place(dir)).or(why.place);
        }
        self.output = output;
        self
    }
}

/// Milliseconds of a time in seconds; None for what is no time (NaN, negative, infinite).
pub fn duration_ms(secs: f64) -> Option<u64> {
    (secs.is_finite() && secs >= 0.0).then(|| (secs * 1000.0).round() as u64)
}

/// What a parser hears.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// So many cases will run.
    Total(u64),
    /// Tests begin; which, nobody knows yet.
    AtWork,
    Started(CaseId),
    /// A case ended; `is_final` is false when more of it (output, time) is still to come.
    Finished {
        result: Finished,
        is_final: bool,
    },
    /// When a case ran, by the clock of its tool, in milliseconds since 1970.
    Ran {
        case: CaseId,
        from_ms: i64,
        to_ms: i64,
    },
    /// The sources do not compile, or collecting failed: the run is no run.
    Trouble(Box<Problem>),
}

impl Heard {
    pub fn finished(result: Finished) -> Self {
        Self::Finished { result, is_final: true }
    }
}

/// How a line of output appears in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Shown {
    AsIs,
    /// It is for the program, not for people.
    Hidden,
    /// In other words; may be several lines.
    Text(String),
}

/// A line that a reporter of ours wrote for the program, `{"chantier": ...}`.
fn own_line<T: serde::de::DeserializeOwned>(stream: Stream, bytes: &[u8]) -> Option<T> {
    let is_own = stream == Stream::Out && bytes.starts_with(b"{\"chantier\":");
    if is_own { serde_json::from_slice(bytes).ok() } else { None }
}

/// Hears results in a runner's output, line by line.
pub trait Parser: Send {
    /// One line, without its line end.
    fn line(&mut self, stream: Stream, bytes: &[u8], heard: &mut Vec<Heard>) -> Shown;

    /// The output is at its end, the runner ended with this code.
    fn finish(&mut self, code: Option<i32>, heard: &mut Vec<Heard>);

    /// What kept a list from being whole.
    fn trouble(&self) -> Option<Problem> {
        None
    }

    /// The cases that may be running, as far as the runner did not say which have started.
    fn running(&self) -> Vec<CaseId> {
        Vec::new()
    }

    /// The programs with tests that ended before their tests did, since it was asked last.
    fn take_crashes(&mut self) -> Vec<Crash> {
        Vec::new()
    }

    /// The cases that a pattern of names kept from running, as far as the runner tells them.
    fn left_out(&self) -> Vec<CaseId> {
        Vec::new()
    }

    /// The list of tests of the same tool, before it runs them.
    fn listed(&mut self, _list: &[u8]) {}

    /// The cases of the runner's report, under the names that its lines had.
    fn details(&self, results: Vec<Finished>) -> Vec<Finished> {
        results
    }
}

/// A program with several tests that ended before they did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Crash {
    pub suite: String,
    /// How it ended, in the tool's words: `signal: 6, SIGABRT: process abort signal`.
    pub message: String,
    /// What it wrote last.
    pub output: String,
    /// The test that was running, if it was one alone.
    pub culprit: Option<CaseId>,
    /// What may have been running, where that is all that is known.
    pub suspects: Vec<CaseId>,
}

/// What of a site is to be run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", content = "cases", rename_all = "snake_case")]
pub enum Selection {
    All,
    Cases(Vec<CaseId>),
}

/// The folder of a file that was found.
fn dir_of(file: &crate::adapters::scan::Found) -> PathBuf {
    file.path.parent().unwrap_or(Path::new("")).to_path_buf()
}

/// The nearest folder above a Python file that has settings of its own, else the root.
fn python_home(files: &[crate::adapters::scan::Found], path: &Path) -> PathBuf {
    let is_settings = |name: &std::ffi::OsStr| name == "pyproject.toml" || name == "setup.cfg";
    let settings = files.iter().filter(|file| file.path.file_name().is_some_and(is_settings));
    let above = settings.map(dir_of).filter(|dir| path.starts_with(dir));
    above.max_by_key(|dir| dir.components().count()).unwrap_or_default()
}

/// A line of a tool as text, without colours and line end.
pub(crate) fn plain(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    if !text.contains('\u{1b}') {
        return text.into_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut rest: &str = &text;
    while let Some(at) = rest.find('\u{1b}') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(tail) = rest.strip_prefix('[') {
            let end = tail.find(|c: char| c.is_ascii_alphabetic()).map_or(tail.len(), |end| end + 1);
            rest = &tail[end..];
        }
    }
    out.push_str(rest);
    out
}

/// Longest output that is kept per case, in bytes: the first and the last half of it.
pub const OUTPUT_BYTES: usize = 64 << 10;

/// Output of a case that never grows beyond its cap.
#[derive(Clone, Debug, Default)]
pub(crate) struct Capped {
    head: String,
    tail: String,
    n_left_out: usize,
}

impl Capped {
    pub(crate) fn push(&mut self, text: &str) {
        if self.tail.is_empty() && self.n_left_out == 0 && self.head.len() + text.len() <= OUTPUT_BYTES / 2 {
            self.head.push_str(text);
            return;
        }
        self.tail.push_str(text);
        if self.tail.len() > OUTPUT_BYTES {
            let cut = self.tail.ceil_char_boundary(self.tail.len() - OUTPUT_BYTES / 2);
            self.n_left_out += cut;
            self.tail.drain(..cut);
        }
    }

    pub(crate) fn push_line(&mut self, line: &str) {
        self.push(line);
        self.push("\n");
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.head.is_empty() && self.tail.is_empty()
    }

    pub(crate) fn into_text(self) -> String {
        if self.is_empty() && self.n_left_out == 0 {
            return String::new();
        }
        let mut text = self.head;
        if self.n_left_out > 0 {
            text.push_str(&format!("\n… (+{} B)\n", self.n_left_out));
        }
        text.push_str(&self.tail);
        text.truncate(text.trim_end().len());
        SafeText::multiline(&text).into_string()
    }
}
