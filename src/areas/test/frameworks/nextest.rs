//! `cargo nextest`: its text for people, made complete and steady by flags that stand above the project's own settings.
//! (Its JSON stream is experimental and does not tell a package's library from its program.)

use super::cargo_json::{Diagnostic, Severity};
use super::{Capped, CaseId, Finished, Framework, Heard, Limits, Parser, Selection, Shown, Site, plain};
use crate::base::{Place, Problem, State, Stream};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// More cases than this are run by running all.
const MAX_SELECTED: usize = 5000;

const FLAGS: [&str; 7] = [
    "--no-fail-fast",
    "--no-tests=pass",
    "--status-level=all",
    "--final-status-level=none",
    "--failure-output=immediate",
    "--success-output=never",
    "--hide-progress-bar",
];

/// Program and arguments of a run.
pub fn run_argv(site: &Site, selection: &Selection, limits: &Limits, settings: Option<&Path>) -> Vec<String> {
    let mut argv = base_argv(site);
    let tail = argv.iter().position(|word| word == "--").map(|at| argv.split_off(at));
    argv.extend(FLAGS.map(str::to_owned));
    argv.extend(limits.jobs.map(|jobs| format!("--test-threads={jobs}")));
    if let Some(settings) = settings {
        argv.push(format!("--tool-config-file=chantier:{}", settings.display()));
    }
    if let Selection::Cases(cases) = selection {
        for filter in filters(cases) {
            argv.extend(["-E".to_owned(), filter]);
        }
    }
    argv.extend(tail.unwrap_or_default());
    argv
}

/// Settings below the project's own that end a test which takes too long.
pub fn timeout_settings(timeout: std::time::Duration) -> String {
    let millis = timeout.as_millis().max(1);
    format!("[profile.default]\nslow-timeout = {{ period = \"{millis}ms\", terminate-after = 1, grace-period = \"2s\" }}\n")
}

/// Lists as one JSON document on standard output.
pub fn list_argv(site: &Site) -> Vec<String> {
    let mut argv = base_argv(site);
    if let Some(at) = argv.iter().position(|word| word == "--") {
        argv.truncate(at);
    }
    if let Some(run) = argv.iter_mut().find(|word| *word == "run" || *word == "r") {
        "list".clone_into(run);
    }
    argv.retain(|word| word != "--no-fail-fast");
    argv.extend(["--message-format", "json"].map(str::to_owned));
    argv
}

fn base_argv(site: &Site) -> Vec<String> {
    if site.argv.is_empty() {
        ["cargo", "nextest", "run", "--workspace"].map(str::to_owned).to_vec()
    } else {
        site.argv.clone()
    }
}

/// One filter expression per binary; several are joined by "or". Skipped cases are run too when they are named.
fn filters(cases: &[CaseId]) -> Vec<String> {
    if cases.len() > MAX_SELECTED {
        return Vec::new();
    }
    let mut by_suite: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for case in cases {
        by_suite.entry(&case.suite).or_default().push(format!("test(={})", case.name));
    }
    by_suite
        .into_iter()
        .map(|(suite, tests)| format!("binary_id(={suite}) & ({})", tests.join(" | ")))
        .collect()
}

/// The cases of a list; None when it is not one.
pub fn parse_list(json: &[u8]) -> Option<Vec<Finished>> {
    let list: nextest_metadata::TestListSummary = serde_json::from_slice(json).ok()?;
    let cases = list.rust_suites.into_iter().flat_map(|(id, suite)| {
        let id = id.to_string();
        suite.test_cases.into_iter().map(move |(name, case)| {
            let state = if case.ignored { State::Skipped } else { State::Unknown };
            Finished::new(CaseId::new(Framework::Cargo, &id, name.as_ref()), state)
        })
    });
    Some(cases.collect())
}

/// What nextest prints.
pub struct Nextest {
    dir: PathBuf,
    /// When cases are named, what else is skipped is not told.
    selected: Option<BTreeSet<CaseId>>,
    failed: Option<Failing>,
    n_cases: u64,
    is_over: bool,
    first_error: Option<Diagnostic>,
    /// The lines of an error of the compiler that is still being printed.
    error_text: Option<String>,
    /// The next words say why that error came about.
    is_cause: bool,
}

struct Failing {
    result: Finished,
    is_final: bool,
    out: Capped,
    err: Capped,
    is_err: bool,
    /// Inside libtest's list of failures, which says nothing new but for what libtest itself says of the test.
    is_noise: bool,
}

impl Nextest {
    /// `dir` is the site's folder, relative to the workspace.
    pub fn new(dir: impl Into<PathBuf>, selection: &Selection) -> Self {
        let selected = match selection {
            Selection::Cases(cases) if cases.len() <= MAX_SELECTED => Some(cases.iter().cloned().collect()),
            _ => None,
        };
        Self {
            dir: dir.into(),
            selected,
            failed: None,
            n_cases: 0,
            is_over: false,
            first_error: None,
            error_text: None,
            is_cause: false,
        }
    }

    fn err_line(&mut self, line: &str, heard: &mut Vec<Heard>) {
        if self.is_over {
            return;
        }
        if let Some(status) = Status::parse(line) {
            self.end_failing(heard);
            self.status(&status, heard);
        } else if line.trim_start().starts_with("Summary [") {
            self.end_failing(heard);
            self.is_over = true;
        } else if let Some(n) = starting(line) {
            heard.push(Heard::Total(n));
        } else if let Some(failing) = &mut self.failed {
            failing.line(line);
        } else if self.n_cases == 0 {
            self.error_line(line);
        }
    }

    fn status(&mut self, status: &Status<'_>, heard: &mut Vec<Heard>) {
        let state = match status.word {
            "PASS" | "LEAK" | "FLAKY" => State::Done,
            "SKIP" => State::Skipped,
            "SLOW" | "START" | "SETUP" | "RETRY" | "DELAY" | "TERMINATING" => return,
            _ => State::Failed,
        };
        let mut result = Finished::new(CaseId::new(Framework::Cargo, status.binary, status.name), state);
        if state == State::Skipped
            && self
                .selected
                .as_ref()
                .is_some_and(|selected| !selected.contains(&result.case))
        {
            return;
        }
        result.leaks = status.word.starts_with("LEAK");
        result.flaky = state == State::Done && status.attempt > 1;
        result.duration_ms = status.secs.and_then(super::duration_ms);
        self.n_cases += 1;
        if state != State::Failed {
            heard.push(Heard::finished(result));
            return;
        }
        if status.word != "FAIL" {
            status.word.clone_into(&mut result.message);
        }
        heard.push(Heard::Finished {
            result: result.clone(),
            is_final: false,
        });
        self.failed = Some(Failing {
            result,
            is_final: status.attempt == 0,
            out: Capped::default(),
            err: Capped::default(),
            is_err: false,
            is_noise: false,
        });
    }

    fn end_failing(&mut self, heard: &mut Vec<Heard>) {
        let Some(failing) = self.failed.take() else { return };
        let mut output = failing.out.into_text();
        let err = failing.err.into_text();
        if !output.is_empty() && !err.is_empty() {
            output.push('\n');
        }
        output.push_str(&err);
        let result = failing.result.output(output, &self.dir);
        heard.push(Heard::Finished {
            result,
            is_final: failing.is_final,
        });
    }

    /// `error[E0308]: mismatched types` and, below it, ` --> src/lib.rs:1:2`.
    fn error_line(&mut self, line: &str) {
        if let Some(text) = &mut self.error_text {
            if line.trim().is_empty() {
                self.first_error = rust_error(text, &self.dir);
                self.error_text = None;
            } else if text.len() < 16_384 {
                text.push_str(line);
                text.push('\n');
            }
        } else if line.starts_with("Caused by:") {
            self.is_cause = true;
        } else if self.is_cause && !line.trim().is_empty() {
            self.is_cause = false;
            if let Some(error) = self.first_error.as_mut().filter(|error| error.place.is_none()) {
                error.message = format!("{}: {}", error.message, line.trim());
            }
        } else if self.first_error.is_none() && (line.starts_with("error[") || line.starts_with("error: ")) {
            self.error_text = Some(format!("{line}\n"));
        }
    }
}

impl Failing {
    fn line(&mut self, line: &str) {
        let head = line.trim();
        if head.ends_with("───") && !line.starts_with("    ") {
            self.is_err = head.starts_with("stderr");
            self.is_noise = false;
            return;
        }
        let text = line.strip_prefix("    ").unwrap_or(line);
        if !self.is_err {
            // libtest frames the output of its one test.
            if text == "running 1 test" || (text.starts_with("test ") && text.ends_with(" ... FAILED")) {
                return;
            }
            if text == "failures:" {
                self.is_noise = true;
            }
            // `---- tests::never stdout ----`, then `note: test did not panic as expected`.
            if self.is_noise && text.starts_with("---- ") && text.ends_with(" ----") {
                self.is_noise = false;
                return;
            }
            let was_noise = self.is_noise;
            if text.starts_with("test result: ") {
                self.is_noise = false;
            }
            if was_noise || (text.is_empty() && self.out.is_empty()) {
                return;
            }
        }
        let into = if self.is_err { &mut self.err } else { &mut self.out };
        into.push_line(text);
    }
}

impl Parser for Nextest {
    fn line(&mut self, _stream: Stream, bytes: &[u8], heard: &mut Vec<Heard>) -> Shown {
        self.err_line(&plain(bytes), heard);
        Shown::AsIs
    }

    fn finish(&mut self, code: Option<i32>, heard: &mut Vec<Heard>) {
        self.end_failing(heard);
        if let Some(text) = self.error_text.take().filter(|_| self.first_error.is_none()) {
            self.first_error = rust_error(&text, &self.dir);
        }
        if code != Some(0)
            && self.n_cases == 0
            && let Some(error) = &self.first_error
        {
            heard.push(Heard::Trouble(Box::new(trouble(error))));
        }
    }
}

fn trouble(error: &Diagnostic) -> Problem {
    if error.place.is_some() {
        super::cargo_json::does_not_compile(error)
    } else {
        Problem::environment(crate::msg!(
            "test-runner-failed",
            runner = Framework::Cargo.word(),
            what = error.message.as_str()
        ))
        .details(&error.rendered)
    }
}

/// `        PASS [   0.013s] (1/6) tiny tests::adds`.
struct Status<'a> {
    word: &'a str,
    /// 0 when the case is run once; 1 and more when it is tried again.
    attempt: u32,
    secs: Option<f64>,
    binary: &'a str,
    name: &'a str,
}

impl<'a> Status<'a> {
    fn parse(line: &'a str) -> Option<Self> {
        // The word is aligned to the right in twelve columns; deeper lines belong to a test's output.
        let bracket = line.find(" [").filter(|at| (11..=13).contains(at))?;
        let mut head = line[..bracket].trim();
        let mut attempt = 0;
        if let Some(rest) = head.strip_prefix("TRY ") {
            let (number, word) = rest.split_once(' ')?;
            attempt = number.parse().ok()?;
            head = word;
        }
        let word = head.split(' ').next()?;
        if word.is_empty() || !word.chars().all(|c| c.is_ascii_uppercase() || c == '-') {
            return None;
        }
        let (time, mut rest) = line[bracket + 2..].split_once(']')?;
        rest = rest.trim_start();
        if rest.starts_with('(') {
            rest = rest.split_once(')')?.1.trim_start();
        }
        let (binary, name) = rest.split_once(' ')?;
        let secs = time.trim().trim_start_matches('>').trim().trim_end_matches('s').parse().ok();
        Some(Self {
            word,
            attempt,
            secs,
            binary,
            name: name.trim(),
        })
    }
}

/// `    Starting 6 tests across 4 binaries (1 test skipped)`.
fn starting(line: &str) -> Option<u64> {
    let rest = line.trim_start().strip_prefix("Starting ")?;
    let (number, rest) = rest.split_once(' ')?;
    rest.starts_with("test").then(|| number.parse().ok()).flatten()
}

/// The compiler's error as it prints it for people.
fn rust_error(text: &str, dir: &Path) -> Option<Diagnostic> {
    let (head, _) = text.split_once('\n')?;
    let (kind, message) = head.split_once(": ")?;
    let code = kind.strip_prefix("error[").map(|code| code.trim_end_matches(']').to_owned());
    let place = text.lines().find_map(|line| {
        let at = line.trim_start().strip_prefix("--> ")?;
        let mut parts = at.rsplitn(3, ':');
        let column = parts.next()?.parse().ok()?;
        let line = parts.next()?.parse().ok()?;
        Some(Place {
            path: dir.join(parts.next()?),
            line: Some(line),
            column: Some(column),
        })
    });
    Some(Diagnostic {
        severity: Severity::Error,
        message: message.to_owned(),
        code,
        place,
        rendered: text.trim_end().to_owned(),
        suggestion: None,
        source: "rustc".to_owned(),
    })
}
