//! Vitest and Jest, from the project's own `node_modules/.bin`; each is heard through a reporter of ours.
//! To name their tests both load the test files, with a pattern of names that no test has: none is run.

use super::{
    Capped, CaseId, Crash, Finished, Framework, Heard, Limits, Parser, Runner, Selection, Shown, Site, WHOLE_FILE, own_line,
};
use crate::base::{Place, Problem, SafeText, State, Stream};
use crate::msg;
use regex::Regex;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The reporters, written to files that the tools can load.
pub const VITEST_REPORTER: &str = include_str!("../../../../resources/node/vitest_reporter.mjs");
pub const JEST_REPORTER: &str = include_str!("../../../../resources/node/jest_reporter.cjs");
/// Selections of more names than this are made by their files alone.
const MAX_NAMES: usize = 500;

/// The file name of the tool in `node_modules/.bin`.
pub fn program(runner: Runner) -> &'static str {
    match runner {
        Runner::Jest => "jest",
        Runner::Mocha => "mocha",
        _ => "vitest",
    }
}

/// Arguments behind the program.
pub fn run_args(site: &Site, selection: &Selection, limits: &Limits, reporter: &Path) -> Vec<String> {
    let mut args = base_args(site, reporter);
    if let Some(timeout) = limits.case_timeout {
        args.push(format!("--testTimeout={}", timeout.as_millis().max(1)));
    }
    if let Some(jobs) = limits.jobs {
        args.push(format!("--maxWorkers={jobs}"));
    }
    let Selection::Cases(cases) = selection else {
        return args;
    };
    let names: BTreeSet<String> = cases.iter().map(pattern).collect();
    let is_whole = cases.iter().any(|case| case.name == WHOLE_FILE) || names.len() > MAX_NAMES;
    if !is_whole {
        let words: Vec<String> = names.into_iter().collect();
        args.push(format!("--testNamePattern=^({})$", words.join("|")));
    }
    let files: BTreeSet<String> = cases
        .iter()
        .map(|case| {
            Path::new(&case.suite)
                .strip_prefix(&site.dir)
                .unwrap_or(Path::new(&case.suite))
        })
        .map(|file| file.to_string_lossy().into_owned())
        .collect();
    if site.runner == Runner::Jest {
        args.push("--runTestsByPath".to_owned());
    }
    args.extend(files);
    args
}

/// The option that names one case.
pub fn pattern_of(case: &CaseId) -> String {
    format!("--testNamePattern=^({})$", pattern(case))
}

/// The name as the tools put it together: groups and test with a blank between them. A name may itself have the mark of a group in it.
pub(super) fn pattern(case: &CaseId) -> String {
    let parts: Vec<String> = case.path().iter().map(|part| escaped(part)).collect();
    as_told(&parts.join("(?: > | )"))
}

/// The pattern of one name of a test or group.
pub(super) fn of_name(name: &str) -> String {
    as_told(&escaped(name))
}

/// A pattern that also matches what is shown in another way: characters that are shown escaped, and the number that tells two of one name
/// apart.
fn as_told(name: &str) -> String {
    static NUMBER: LazyLock<Regex> = LazyLock::new(|| Regex::new(r" \\\([0-9]+\\\)$").expect("a fixed pattern"));
    // `\n`, `\u{7}`, four blanks for a tab, `<U+200B>`: as `SafeText` shows them, with the escapes of the pattern.
    static SHOWN: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"\\\\(?:([nr])|u\\\{([0-9a-f]+)\\\})|<U\\\+([0-9A-F]+)>| {4}").expect("a fixed pattern"));
    let name = SHOWN.replace_all(name, |found: &regex::Captures<'_>| {
        let of_hex = |code: regex::Match<'_>| u32::from_str_radix(code.as_str(), 16).unwrap_or(u32::MAX);
        let code = match found.get(1).map(|mark| mark.as_str()) {
            Some("n") => 0xA,
            Some(_) => 0xD,
            None => found.get(2).or(found.get(3)).map_or(0x9, of_hex),
        };
        // Beyond four digits a pattern of JavaScript has the two halves as they stand.
        let itself = if code > 0xFFFF {
            "..".to_owned()
        } else {
            format!("\\u{code:04x}")
        };
        format!("(?:{}|{itself})", &found[0])
    });
    let with_number = |found: &regex::Captures<'_>| format!("(?:{})?", &found[0]);
    NUMBER.replace(&name, with_number).into_owned()
}

/// The same, with a pattern that nothing matches.
pub fn list_args(site: &Site, reporter: &Path) -> Vec<String> {
    let mut args = base_args(site, reporter);
    args.push("--testNamePattern=$^".to_owned());
    args
}

fn base_args(site: &Site, reporter: &Path) -> Vec<String> {
    let mut args = Vec::new();
    if site.runner == Runner::Vitest {
        args.extend(["run", "--passWithNoTests"].map(str::to_owned));
        args.push(format!("--reporter={}", reporter.display()));
    } else {
        args.push("--passWithNoTests".to_owned());
        args.push(format!("--reporters={}", reporter.display()));
    }
    args.extend(site.options.iter().cloned());
    args
}

/// For a JavaScript pattern.
pub(super) fn escaped(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if "\\^$.|?*+()[]{}/-".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[derive(Deserialize)]
struct Told {
    chantier: String,
    #[serde(default)]
    file: PathBuf,
    #[serde(default)]
    path: Vec<String>,
    id: Option<String>,
    ms: Option<f64>,
    retries: Option<f64>,
    line: Option<u32>,
    reason: Option<String>,
    message: Option<String>,
    /// What was wanted against what came.
    diff: Option<String>,
    stack: Option<String>,
    text: Option<String>,
    total: Option<u64>,
}

/// Hears the reporters' lines.
pub struct Js {
    framework: Framework,
    root: PathBuf,
    selected: Option<BTreeSet<CaseId>>,
    is_list: bool,
    /// What a test printed, by its number, until its result comes.
    said: BTreeMap<String, Capped>,
    /// Names that a file has twice are told apart by a number.
    seen: BTreeMap<CaseId, u32>,
    n_results: u64,
    broken: Vec<Finished>,
    /// A runner that has loaded its files; before that only Mocha's own words come.
    has_begun: bool,
    words: Capped,
    /// The tests that began, until their results come; those of Vitest are told some time after they were.
    open: BTreeSet<CaseId>,
    /// Test files were loaded.
    is_at_work: bool,
    /// The runner came to its end by itself.
    has_ended: bool,
    /// It did, and tests had no turn all the same.
    is_cut: bool,
    crash: Option<Crash>,
}

impl Js {
    /// `root` is the workspace's folder.
    pub fn new(framework: Framework, root: impl Into<PathBuf>, selection: &Selection) -> Self {
        let selected = match selection {
            Selection::All => None,
            Selection::Cases(cases) => Some(cases.iter().cloned().collect()),
        };
        Self {
            framework,
            root: root.into(),
            selected,
            is_list: false,
            said: BTreeMap::new(),
            seen: BTreeMap::new(),
            n_results: 0,
            broken: Vec::new(),
            has_begun: framework != Framework::Mocha,
            words: Capped::default(),
            open: BTreeSet::new(),
            is_at_work: false,
            has_ended: false,
            is_cut: false,
            crash: None,
        }
    }

    /// The same for a list: tests are told as not yet run.
    pub fn list(framework: Framework, root: impl Into<PathBuf>) -> Self {
        Self {
            is_list: true,
            ..Self::new(framework, root, &Selection::All)
        }
    }

    fn tidy(&self, text: &str) -> String {
        let root = format!("{}/", self.root.display());
        super::plain(text.replace(&format!("file://{root}"), "").replace(&root, "").as_bytes())
    }

    fn case(&self, file: &Path, name: &str) -> CaseId {
        let file = file.strip_prefix(&self.root).unwrap_or(file);
        CaseId::new(self.framework, &file.to_string_lossy(), name)
    }

    /// The next of this name: one that a file has had before is told apart by a number.
    fn numbered(&self, case: CaseId) -> CaseId {
        match self.seen.get(&case) {
            Some(n) => CaseId::new(self.framework, &case.suite, &format!("{} ({})", case.name, n + 1)),
            None => case,
        }
    }

    fn told(&mut self, told: Told, heard: &mut Vec<Heard>) -> Shown {
        let name = told.path.join(" > ");
        match told.chantier.as_str() {
            "said" => {
                let text = told.text.unwrap_or_default();
                if let Some(id) = told.id {
                    self.said.entry(id).or_default().push(&text);
                }
                return Shown::Text(text);
            }
            "begin" => {
                self.has_begun = true;
                self.is_at_work = true;
                heard.push(Heard::AtWork);
                return Shown::Hidden;
            }
            "total" => {
                heard.extend(told.total.filter(|total| *total > 0).map(Heard::Total));
                return Shown::Hidden;
            }
            "end" => {
                self.has_ended = true;
                return Shown::Hidden;
            }
            "cut" => {
                self.is_cut = true;
                return Shown::Hidden;
            }
            "start" => {
                let case = self.numbered(self.case(&told.file, &name));
                self.is_at_work = true;
                self.open.insert(case.clone());
                // Others tell those too that their pattern of names leaves out.
                if !self.is_list && (self.selected.is_none() || self.framework == Framework::Mocha) {
                    heard.push(Heard::Started(case));
                }
                return Shown::Hidden;
            }
            "trouble" => {
                let what = self.tidy(&told.message.unwrap_or_default());
                let problem = Problem::user(msg!(
                    "test-runner-failed",
                    runner = self.framework.word(),
                    what = what.as_str()
                ));
                let stack = self.tidy(&told.stack.unwrap_or_default());
                heard.push(Heard::Trouble(Box::new(problem.code("unhandled-error").details(stack))));
                return Shown::Text(what);
            }
            _ => {}
        }
        let state = match told.chantier.as_str() {
            "pass" => State::Done,
            "fail" | "file" => State::Failed,
            _ => State::Skipped,
        };
        let name = if told.chantier == "file" {
            WHOLE_FILE.to_owned()
        } else {
            name
        };
        let case = self.case(&told.file, &name);
        let numbered = self.numbered(case.clone());
        self.open.remove(&numbered);
        self.is_at_work = true;
        // A test that is left out by the pattern of names is told as skipped.
        let is_left_out = state == State::Skipped && self.selected.as_ref().is_some_and(|selected| !selected.contains(&case));
        if is_left_out {
            return Shown::Hidden;
        }
        *self.seen.entry(case).or_default() += 1;
        let mut result = Finished::new(
            numbered,
            if self.is_list && state == State::Skipped {
                State::Unknown
            } else {
                state
            },
        );
        result = result.secs(told.ms.unwrap_or(f64::NAN) / 1000.0);
        result.flaky = state == State::Done && told.retries.is_some_and(|retries| retries >= 1.0);
        let said = told.id.and_then(|id| self.said.remove(&id)).unwrap_or_default().into_text();
        if state == State::Failed {
            self.failure(&mut result, told.message, (told.stack, told.diff), told.line, &said);
        } else {
            result.message = SafeText::new(&told.reason.unwrap_or_default()).into_string();
            result.output = said;
        }
        self.n_results += 1;
        let mark = match state {
            State::Done => '✔',
            State::Failed => '✖',
            _ => '-',
        };
        let line = format!("{mark} {} {}", result.case.suite, result.case.name);
        if self.is_list && state == State::Failed {
            self.broken.push(result);
        } else {
            heard.push(Heard::finished(result));
        }
        if self.is_list { Shown::Hidden } else { Shown::Text(line) }
    }

    fn failure(
        &self,
        result: &mut Finished,
        message: Option<String>,
        (stack, diff): (Option<String>, Option<String>),
        line: Option<u32>,
        said: &str,
    ) {
        let message = self.tidy(&message.unwrap_or_default());
        let mut output = self.tidy(&stack.unwrap_or_else(|| message.clone()));
        if let Some(diff) = diff {
            output.push_str("\n\n");
            output.push_str(&self.tidy(&diff));
        }
        if !said.is_empty() {
            output.push_str("\n\n");
            output.push_str(said);
        }
        let words: Vec<&str> = message.lines().take(12).collect();
        let words = words.join("\n");
        let words = words.strip_prefix("Error: ").unwrap_or(&words).trim();
        result.message = SafeText::multiline(words).into_string();
        let output = SafeText::multiline(output.trim()).into_string();
        *result = std::mem::replace(result, Finished::new(result.case.clone(), result.state)).output(output, Path::new(""));
        let file = PathBuf::from(&result.case.suite);
        // Mocha tells no lines, and a time-out has no stack.
        result.place = result.place.take().or_else(|| {
            (line.is_some() || self.framework == Framework::Mocha).then_some(Place {
                path: file,
                line,
                column: None,
            })
        });
    }
}

impl Parser for Js {
    fn line(&mut self, stream: Stream, bytes: &[u8], heard: &mut Vec<Heard>) -> Shown {
        if let Some(told) = own_line(stream, bytes) {
            return self.told(told, heard);
        }
        if !self.has_begun {
            self.words.push_line(&super::plain(bytes));
        }
        Shown::AsIs
    }

    /// Mocha runs nothing when one of its files can not be loaded.
    fn finish(&mut self, code: Option<i32>, heard: &mut Vec<Heard>) {
        if self.is_at_work && !self.is_list && (self.is_cut || !self.has_ended) {
            // `process.exit` in a test ends those behind it too, whatever code it gives.
            let mut open: Vec<CaseId> = std::mem::take(&mut self.open).into_iter().collect();
            let culprit = if self.framework != Framework::Vitest && open.len() == 1 {
                open.pop()
            } else {
                None
            };
            self.crash = Some(Crash {
                suite: self.framework.word().to_owned(),
                culprit,
                suspects: open,
                ..Crash::default()
            });
            return;
        }
        let tells_end = matches!(self.framework, Framework::Mocha | Framework::Jest);
        if tells_end && self.has_begun && !self.is_list && !self.has_ended && code == Some(0) {
            let words = msg!("test-runner-cut", runner = self.framework.word());
            heard.push(Heard::Trouble(Box::new(Problem::user(words).code("not-run"))));
        }
        if self.has_begun || code == Some(0) {
            return;
        }
        let words = std::mem::take(&mut self.words).into_text();
        let text = self.tidy(&words);
        let why = super::why::of(self.framework, &text, Path::new(""));
        let first = text.lines().map(str::trim).find(|line| line.contains("Error"));
        let first = first.map(|line| line.trim_start_matches("Exception during run: "));
        let what = first.map_or(why.message, |line| SafeText::new(line).into_string());
        let problem = Problem::user(msg!("test-collect-failed", what = what.as_str()));
        let mut problem = problem.code("collect-failed").details(text.trim());
        problem.place = why.place;
        heard.push(Heard::Trouble(Box::new(problem)));
    }

    fn take_crashes(&mut self) -> Vec<Crash> {
        self.crash.take().into_iter().collect()
    }

    /// What could not be loaded while listing.
    fn trouble(&self) -> Option<Problem> {
        let first = self.broken.first()?;
        let problem = Problem::user(msg!("test-collect-failed", what = first.message.as_str()));
        let mut problem = problem.code("collect-failed").details(&first.output);
        problem.place.clone_from(&first.place);
        Some(problem)
    }
}
