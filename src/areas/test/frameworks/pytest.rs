//! pytest: what a plugin of ours tells while it runs, its JUnit file for times and outputs when it has ended. Its own lines are for
//! people; they count where the plugin is not heard.

use super::{CaseId, Finished, Framework, Heard, Limits, Parser, Selection, Shown, Site, plain};
use crate::base::{Place, Problem, State, Stream};
use crate::msg;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The plugin that says which test begins, how it ended, and ends one that takes too long, written to a folder that Python looks into.
pub const PLUGIN: &str = include_str!("../../../../resources/python/chantier_pytest.py");
pub const PLUGIN_NAME: &str = "chantier_pytest";
/// Seconds that one test may take, as the plugin is told.
pub const TIMEOUT_VAR: &str = "CHANTIER_CASE_TIMEOUT";
/// `1`: the plugin sees to it that the names are listed, one a line.
pub const LISTS_VAR: &str = "CHANTIER_LISTS";

/// Stands for all cases of a file.
const WHOLE_FILE: &str = "::(file)";

/// Arguments behind the program (`python3 -m pytest` or `pytest`).
pub fn run_args(site: &Site, selection: &Selection, limits: &Limits, junit: &Path) -> Vec<String> {
    let mut args = own_args(site);
    args.extend(
        [
            "-v",
            "--tb=short",
            "--color=yes",
            "-o",
            "junit_family=xunit1",
            "-o",
            "junit_logging=all",
            "-o",
            "console_output_style=progress",
        ]
        .map(str::to_owned),
    );
    args.push(format!("--junit-xml={}", junit.display()));
    args.extend(limits.jobs.filter(|_| limits.has_workers).map(|jobs| format!("-n={jobs}")));
    if let Some(file) = &limits.coverage {
        args.extend(["--cov=.".to_owned(), format!("--cov-report=json:{}", file.display())]);
    }
    args.extend(["-p".to_owned(), PLUGIN_NAME.to_owned()]);
    args.push("--rootdir=.".to_owned());
    if let Selection::Cases(cases) = selection {
        let nodes = cases.iter().map(|case| node_id(case, &site.dir));
        args.extend(nodes.map(|node| node.strip_suffix(WHOLE_FILE).map_or(node.clone(), str::to_owned)));
    }
    args
}

/// Collects without running.
pub fn list_args(site: &Site) -> Vec<String> {
    let mut args = own_args(site);
    args.extend(["--collect-only", "-q", "--color=no", "--rootdir=.", "-p", PLUGIN_NAME].map(str::to_owned));
    args
}

/// What a task of `chantier.toml` says behind `pytest`.
fn own_args(site: &Site) -> Vec<String> {
    let at = site
        .argv
        .iter()
        .position(|word| word == "pytest" || word.ends_with("/pytest") || word == "py.test");
    at.map(|at| site.argv[at + 1..].to_vec()).unwrap_or_default()
}

/// `tests/test_calc.py::TestBox::test_in`, relative to the site's folder.
pub fn node_id(case: &CaseId, dir: &Path) -> String {
    let file = Path::new(&case.suite)
        .strip_prefix(dir)
        .map_or_else(|_| case.suite.clone(), |path| path.to_string_lossy().into_owned());
    format!("{file}::{}", case.name)
}

/// A node id as a case; its suite is the file, relative to the workspace.
pub fn case_of(node: &str, dir: &Path) -> Option<CaseId> {
    let (file, name) = node.split_once("::")?;
    let suite = dir.join(file);
    Some(CaseId::new(Framework::Pytest, &suite.to_string_lossy(), name))
}

/// The cases of `--collect-only -q`.
pub fn parse_list(text: &str, dir: &Path) -> Vec<Finished> {
    let nodes = text
        .lines()
        .take_while(|line| !line.starts_with("===="))
        .filter(|line| line.contains("::"));
    nodes
        .filter_map(|line| case_of(line.trim_end(), dir))
        .map(|case| Finished::new(case, State::Unknown))
        .collect()
}

/// What pytest prints.
pub struct Pytest {
    dir: PathBuf,
    seen: BTreeMap<CaseId, State>,
    /// What failed and was tried again (pytest-rerunfailures, pytest-retry).
    retried: BTreeSet<CaseId>,
    errors: Vec<String>,
    tail: std::collections::VecDeque<String>,
    /// The plugin told how many are chosen, which nobody else knows better.
    has_total: bool,
    /// The plugin tells results.
    is_told: bool,
}

impl Pytest {
    /// `dir` is the site's folder, relative to the workspace.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            seen: BTreeMap::new(),
            retried: BTreeSet::new(),
            errors: Vec::new(),
            tail: std::collections::VecDeque::new(),
            has_total: false,
            is_told: false,
        }
    }

    fn result(&mut self, node: &str, state: State, reason: &str, heard: &mut Vec<Heard>) {
        let Some(case) = case_of(node, &self.dir) else { return };
        let mut result = Finished::new(case.clone(), state);
        reason.clone_into(&mut result.message);
        result.flaky = state == State::Done && self.retried.contains(&case);
        // A case whose teardown fails is told twice: passed, then error.
        self.seen.insert(case, state);
        heard.push(Heard::Finished { result, is_final: false });
    }

    /// It was told to go no further after tests had run (`--stepwise`): all could be collected.
    fn has_stopped(&self) -> bool {
        let is_end = |line: &String| line.contains("! Interrupted: ") && !line.contains("during collection");
        self.errors.is_empty() && !self.seen.is_empty() && self.tail.iter().any(is_end)
    }

    fn out_line(&mut self, line: &str, heard: &mut Vec<Heard>) {
        if let Some((node, state, reason)) = result_line(line).filter(|_| !self.is_told) {
            self.result(node, state, reason, heard);
        } else if let Some(n) = collected(line).filter(|_| !self.has_total) {
            heard.push(Heard::Total(n));
        } else if let Some(what) = line.strip_prefix("ERROR ") {
            self.errors.push(what.to_owned());
        }
    }
}

/// `tests/test_calc.py` + `TestBox::test_in` as JUnit's class and name joined: `tests.test_calc.TestBox.test_in`.
fn junit_key(case: &CaseId, dir: &Path) -> (String, &'static str) {
    let node = node_id(case, dir);
    let (file, name) = node.split_once("::").unwrap_or((&node, ""));
    let module = file.strip_suffix(".py").unwrap_or(file).replace(['/', '\\'], ".");
    let bracket = name.find('[').unwrap_or(name.len());
    (
        format!("{module}.{}{}", name[..bracket].replace("::", "."), &name[bracket..]),
        "",
    )
}

/// `/p/tests/test_calc.py:3: DocTestFailure`: doctest names the whole path.
fn doctest_place(output: &str, suite: &str) -> Option<Place> {
    let line = output.lines().rev().find_map(|line| {
        let (at, what) = line.rsplit_once(": ")?;
        let (path, number) = at.rsplit_once(':')?;
        let is_doctest = what == "DocTestFailure" || what == "UnexpectedException";
        (is_doctest && Path::new(path).ends_with(suite))
            .then(|| number.parse().ok())
            .flatten()
    })?;
    Some(Place {
        path: PathBuf::from(suite),
        line: Some(line),
        column: None,
    })
}

impl Parser for Pytest {
    fn details(&self, results: Vec<Finished>) -> Vec<Finished> {
        let names: BTreeMap<(String, &str), &CaseId> = self.seen.keys().map(|case| (junit_key(case, &self.dir), case)).collect();
        let found = results.into_iter().filter_map(|mut result| {
            let case = names.get(&(format!("{}.{}", result.case.suite, result.case.name), ""))?;
            result.case = (*case).clone();
            result.flaky = result.state == State::Done && self.retried.contains(&result.case);
            // The report counts lines from nought, and files from where pytest runs.
            if let Some(place) = &mut result.place {
                place.line = place.line.map(|line| line + 1);
                place.path = self.dir.join(&place.path);
            }
            if result.state == State::Failed {
                let why = super::why::of(Framework::Pytest, &result.output, &self.dir);
                let doctest = || doctest_place(&result.output, &result.case.suite);
                result.place = why.place.or_else(doctest).or(result.place);
            }
            Some(result)
        });
        found.collect()
    }

    fn line(&mut self, _stream: Stream, bytes: &[u8], heard: &mut Vec<Heard>) -> Shown {
        if let Some(node) = started(bytes) {
            heard.extend(case_of(&node, &self.dir).map(Heard::Started));
            return Shown::Hidden;
        }
        if let Some(n) = total(bytes) {
            self.has_total = true;
            heard.push(Heard::Total(n));
            return Shown::Hidden;
        }
        if let Some((node, from_ms, to_ms)) = ran(bytes) {
            heard.extend(case_of(&node, &self.dir).map(|case| Heard::Ran { case, from_ms, to_ms }));
            return Shown::Hidden;
        }
        if let Some(node) = tried_again(bytes) {
            self.is_told = true;
            self.retried.extend(case_of(&node, &self.dir));
            return Shown::Hidden;
        }
        if let Some((node, state, reason)) = ended(bytes) {
            self.is_told = true;
            self.result(&node, state, &reason, heard);
            return Shown::Hidden;
        }
        let line = plain(bytes);
        self.out_line(&line, heard);
        self.tail.push_back(line);
        if self.tail.len() > 60 {
            self.tail.pop_front();
        }
        Shown::AsIs
    }

    fn finish(&mut self, code: Option<i32>, heard: &mut Vec<Heard>) {
        // 0 passed, 1 failed, 5 none collected; else it could not work (2 interrupted, 3 internal, 4 usage).
        if code == Some(2) && self.has_stopped() {
            let words = msg!("test-runner-cut", runner = Framework::Pytest.word());
            heard.push(Heard::Trouble(Box::new(Problem::user(words).code("not-run"))));
        } else if matches!(code, Some(2..=4)) {
            // A conftest that can not be imported is told as its last `E   ` line only.
            let cause = self
                .tail
                .iter()
                .rev()
                .find_map(|line| line.strip_prefix("E   ").or_else(|| line.strip_prefix("INTERNALERROR> ")))
                .map(|line| line.trim().to_owned())
                .filter(|line| !line.is_empty());
            let parts = [self.errors.first(), cause.as_ref()];
            let what = parts.into_iter().flatten().cloned().collect::<Vec<_>>().join(": ");
            let hint = cause.as_deref().and_then(import_hint);
            let details: Vec<String> = self.tail.drain(..).collect();
            let output = details.join("\n");
            let mut problem = Problem::user(msg!("test-collect-failed", what = what)).code("collect-failed");
            problem.place = super::why::of(Framework::Pytest, &output, &self.dir).place;
            problem.hint = hint;
            heard.push(Heard::Trouble(Box::new(problem.details(output))));
        }
    }
}

/// What can be done about a module that is not there.
pub(super) fn import_hint(cause: &str) -> Option<crate::base::Msg> {
    let module = cause.strip_prefix("ModuleNotFoundError: No module named ")?;
    Some(msg!("test-import-hint", name = module.trim_matches('\'')))
}

/// The plugin's line: `{"chantier": "start", "case": "tests/test_calc.py::test_ok"}`.
fn started(bytes: &[u8]) -> Option<String> {
    let told = told(bytes, b"{\"chantier\": \"start\", ")?;
    told["case"].as_str().map(str::to_owned)
}

/// A line of the plugin, perhaps behind what somebody else did not end.
fn told(bytes: &[u8], begin: &[u8]) -> Option<serde_json::Value> {
    let at = memchr::memmem::find(bytes, begin)?;
    serde_json::from_slice(&bytes[at..]).ok()
}

/// How many tests are chosen: `{"chantier": "total", "n": 12}`.
fn total(bytes: &[u8]) -> Option<u64> {
    told(bytes, b"{\"chantier\": \"total\", ")?["n"].as_u64()
}

/// The plugin's other line: `{"chantier": "ran", "case": "tests/test_calc.py::test_ok", "from": 1.5, "to": 3.0}`.
fn ran(bytes: &[u8]) -> Option<(String, i64, i64)> {
    let told = told(bytes, b"{\"chantier\": \"ran\", ")?;
    let ms = |name: &str| told[name].as_f64().map(|ms| ms.round() as i64);
    Some((told["case"].as_str()?.to_owned(), ms("from")?, ms("to")?))
}

/// A result that does not count: `{"chantier": "result", "case": "tests/test_calc.py::test_shaky", "outcome": "rerun", ...}`.
fn tried_again(bytes: &[u8]) -> Option<String> {
    let told = told(bytes, b"{\"chantier\": \"result\", ")?;
    let is_again = matches!(told["outcome"].as_str(), Some("rerun" | "retried"));
    told["case"].as_str().filter(|_| is_again).map(str::to_owned)
}

/// `{"chantier": "result", "case": "tests/test_calc.py::test_skip", "outcome": "skipped", "reason": "later"}`.
fn ended(bytes: &[u8]) -> Option<(String, State, String)> {
    let told = told(bytes, b"{\"chantier\": \"result\", ")?;
    let state = match told["outcome"].as_str()? {
        "passed" => State::Done,
        "skipped" => State::Skipped,
        _ => State::Failed,
    };
    let reason = told["reason"].as_str().unwrap_or_default();
    let reason = reason.strip_prefix("Skipped: ").unwrap_or(reason);
    Some((told["case"].as_str()?.to_owned(), state, reason.to_owned()))
}

/// `tests/test_calc.py::test_skip SKIPPED (later)   [ 40%]`; read from the right, because parametrised names hold anything.
fn result_line(line: &str) -> Option<(&str, State, &str)> {
    let line = line.trim_end();
    let line = match line.strip_suffix(']').and_then(|rest| rest.rsplit_once('[')) {
        Some((head, percent)) if percent.trim().ends_with('%') => head.trim_end(),
        _ => line,
    };
    if !line.contains("::") || line.starts_with(' ') {
        return None;
    }
    let (head, reason) = match line.strip_suffix(')').and_then(|rest| rest.rsplit_once(" (")) {
        Some((head, reason)) if word_of(head).is_some() => (head, reason),
        _ => (line, ""),
    };
    let (node, state) = word_of(head)?;
    Some((node, state, reason))
}

fn word_of(text: &str) -> Option<(&str, State)> {
    let (node, word) = text.rsplit_once(' ')?;
    let state = match word {
        "PASSED" | "XPASS" => State::Done,
        "FAILED" | "ERROR" => State::Failed,
        "SKIPPED" | "XFAIL" => State::Skipped,
        _ => return None,
    };
    // The summary at the end begins with the word.
    (!node.starts_with("ERROR ") && !node.starts_with("FAILED ")).then_some((node, state))
}

/// `collecting ... collected 10 items`, `collected 10 items / 2 deselected / 8 selected`.
fn collected(line: &str) -> Option<u64> {
    let rest = &line[line.find("collected ")? + "collected ".len()..];
    if let Some(selected) = rest.strip_suffix(" selected").and_then(|rest| rest.rsplit_once(' ')) {
        return selected.1.parse().ok();
    }
    let (number, rest) = rest.split_once(' ')?;
    rest.starts_with("item").then(|| number.parse().ok()).flatten()
}
