//! unittest, through a runner of ours that loads tests as `python -m unittest discover` does and tells one JSON line per event.
//! Naming the tests imports their modules; nothing less would know them.

use super::{CaseId, Finished, Framework, Heard, Limits, Parser, Selection, Shown, Site, WHOLE_MODULE, own_line, plain};
use crate::adapters::scan::Found;
use crate::base::{Place, Problem, SafeText, State, Stream};
use crate::msg;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The runner, written to a file that Python can run.
pub const RUNNER: &str = include_str!("../../../../resources/python/unittest_runner.py");

/// Sites of test files that are unittest's: they import it, and nothing in their project speaks of pytest.
/// The folders where discovery starts are the site's options.
pub fn sites(files: &[Found]) -> Vec<Site> {
    let is_test = |file: &&Found| {
        let name = file.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with("test") && name.ends_with(".py")
    };
    let says = |file: &Found, word: &str| file.text.as_deref().is_some_and(|text| text.contains(word));
    let mut starts: BTreeMap<PathBuf, BTreeSet<PathBuf>> = BTreeMap::new();
    for test in files.iter().filter(is_test).filter(|file| says(file, "unittest")) {
        let home = super::python_home(files, &test.path);
        // The topmost folder that is no package.
        let mut start = super::dir_of(test);
        while start != home && files.iter().any(|file| file.path == start.join("__init__.py")) {
            start = start.parent().unwrap_or(Path::new("")).to_path_buf();
        }
        starts.entry(home).or_default().insert(start);
    }
    let speaks_of_pytest = |home: &Path| {
        files.iter().filter(|file| file.path.starts_with(home)).any(|file| {
            let name = file.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let is_settings =
                matches!(name, "pyproject.toml" | "setup.cfg" | "tox.ini" | "setup.py") || name.contains("requirements");
            let is_plain = says(file, "\ndef test_") && !says(file, "unittest");
            let is_code = name.ends_with(".py") && (is_plain || says(file, "import pytest") || says(file, "from pytest"));
            matches!(name, "pytest.ini" | "conftest.py") || (is_settings && says(file, "pytest")) || is_code
        })
    };
    let wanted = starts.into_iter().filter(|(home, _)| !speaks_of_pytest(home));
    wanted
        .map(|(home, starts)| {
            let mut site = Site::new(super::Runner::Unittest, &home);
            let below = |start: &PathBuf| start.strip_prefix(&home).unwrap_or(start).to_string_lossy().into_owned();
            site.options = starts
                .iter()
                .map(below)
                .map(|dir| if dir.is_empty() { ".".to_owned() } else { dir })
                .collect();
            site
        })
        .collect()
}

/// Arguments behind the program, one command per folder where discovery starts.
pub fn run_args(site: &Site, selection: &Selection, limits: &Limits, runner: &Path) -> Vec<Vec<String>> {
    let mut commands = Vec::new();
    for start in starts(site) {
        let mut args = vec![runner.to_string_lossy().into_owned()];
        if let Some(timeout) = limits.case_timeout {
            args.push(format!("--timeout={}", timeout.as_secs_f64()));
        }
        args.extend(pattern(site));
        if let Selection::Cases(cases) = selection {
            let names: Vec<String> = cases.iter().map(|case| super::pytest::node_id(case, &site.dir)).collect();
            let mine = names
                .iter()
                .filter(|name| start == "." || Path::new(name).starts_with(&start));
            let before = args.len();
            args.extend(mine.map(|name| format!("--case={name}")));
            if args.len() == before {
                continue;
            }
        }
        args.push(start);
        commands.push(args);
    }
    commands
}

/// The same, naming the tests only.
pub fn list_args(site: &Site, runner: &Path) -> Vec<Vec<String>> {
    let args = |start: String| {
        let mut args = vec![runner.to_string_lossy().into_owned(), "--list".to_owned()];
        args.extend(pattern(site));
        args.push(start);
        args
    };
    starts(site).into_iter().map(args).collect()
}

/// What a task says behind `-m unittest`: `discover -s tests -p '*_test.py'`.
fn starts(site: &Site) -> Vec<String> {
    match value_of(site, &["-s", "--start-directory"]) {
        Some(start) => vec![start],
        None if site.options.is_empty() => vec![".".to_owned()],
        None => site.options.clone(),
    }
}

fn pattern(site: &Site) -> Option<String> {
    value_of(site, &["-p", "--pattern"]).map(|pattern| format!("--pattern={pattern}"))
}

fn value_of(site: &Site, names: &[&str]) -> Option<String> {
    let at = site.argv.iter().position(|word| names.contains(&word.as_str()))?;
    site.argv.get(at + 1).cloned()
}

#[derive(Deserialize)]
struct Told {
    chantier: String,
    #[serde(default)]
    case: String,
    state: Option<String>,
    ms: Option<f64>,
    from: Option<f64>,
    to: Option<f64>,
    n: Option<u64>,
    #[serde(default)]
    message: String,
    #[serde(default)]
    output: String,
}

/// Hears the runner's lines.
pub struct Unittest {
    dir: PathBuf,
    n_before: u64,
    n_total: u64,
    has_begun: bool,
    tail: Vec<String>,
}

impl Unittest {
    /// `dir` is the site's folder, relative to the workspace.
    pub fn new(dir: impl Into<PathBuf>) -> Self {
        Self {
            dir: dir.into(),
            n_before: 0,
            n_total: 0,
            has_begun: false,
            tail: Vec::new(),
        }
    }

    fn case(&self, id: &str) -> CaseId {
        let (file, name) = id.split_once("::").unwrap_or((id, WHOLE_MODULE));
        CaseId::new(Framework::Unittest, &self.dir.join(file).to_string_lossy(), name)
    }

    fn told(&mut self, told: Told, heard: &mut Vec<Heard>) -> Shown {
        let case = self.case(&told.case);
        match told.chantier.as_str() {
            "total" => {
                self.n_total = told.n.unwrap_or(0);
                self.has_begun = true;
                heard.push(Heard::Total(self.n_before + self.n_total));
            }
            "start" => heard.push(Heard::Started(case)),
            "case" => heard.push(Heard::finished(Finished::new(case, State::Unknown))),
            "trouble" => {
                let why = super::why::of(Framework::Unittest, &told.output, &self.dir);
                let mut problem = Problem::user(msg!("test-collect-failed", what = told.message.as_str()));
                problem.hint = super::pytest::import_hint(&told.message);
                problem.place = why.place;
                heard.push(Heard::Trouble(Box::new(problem.code("collect-failed").details(told.output))));
            }
            "end" => {
                let state = match told.state.as_deref() {
                    Some("pass") => State::Done,
                    Some("skip") => State::Skipped,
                    _ => State::Failed,
                };
                if let (Some(from), Some(to)) = (told.from, told.to) {
                    heard.push(Heard::Ran {
                        case: case.clone(),
                        from_ms: from.round() as i64,
                        to_ms: to.round() as i64,
                    });
                }
                let mut result = Finished::new(case, state);
                result.message = SafeText::multiline(told.message.trim()).into_string();
                result = result.secs(told.ms.unwrap_or(f64::NAN) / 1000.0);
                let output = SafeText::multiline(told.output.trim_end()).into_string();
                let result = result.output(output, &self.dir);
                let mark = match state {
                    State::Done => "ok",
                    State::Failed => "FAIL",
                    _ => "skipped",
                };
                let mut line = format!("{} {} ... {mark}", result.case.suite, result.case.name);
                if state == State::Failed {
                    line = format!("{line}\n{}", result.output);
                }
                heard.push(Heard::finished(result));
                return Shown::Text(line);
            }
            _ => {}
        }
        Shown::Hidden
    }
}

impl Parser for Unittest {
    fn line(&mut self, stream: Stream, bytes: &[u8], heard: &mut Vec<Heard>) -> Shown {
        if let Some(told) = own_line(stream, bytes) {
            return self.told(told, heard);
        }
        if self.tail.len() < 200 {
            self.tail.push(plain(bytes));
        }
        Shown::AsIs
    }

    fn finish(&mut self, code: Option<i32>, heard: &mut Vec<Heard>) {
        self.n_before += std::mem::take(&mut self.n_total);
        // A runner that ended before its first test is told in its own words.
        let has_begun = std::mem::take(&mut self.has_begun);
        if !has_begun && code.is_some_and(|code| code != 0) {
            let words = self.tail.join("\n");
            let last = self
                .tail
                .iter()
                .rfind(|line| !line.trim().is_empty())
                .cloned()
                .unwrap_or_default();
            let mut problem = Problem::user(msg!("test-collect-failed", what = last.as_str())).code("collect-failed");
            problem.place = super::why::of(Framework::Unittest, &words, &self.dir).place;
            heard.push(Heard::Trouble(Box::new(problem.details(words))));
        }
        self.tail.clear();
    }
}

/// `  File "tests/test_calc.py", line 13, in test_broken`, the last one inside the folder, and the words behind it.
pub(super) fn why(output: &str, dir: &Path) -> super::why::Why {
    let mut why = super::why::Why::default();
    for line in output.lines() {
        if let Some(rest) = line.trim_start().strip_prefix("File \"")
            && let Some((file, rest)) = rest.split_once("\", line ")
        {
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            let path = Path::new(file);
            if path.is_relative() && !file.starts_with('<') {
                why.place = Some(Place {
                    path: dir.join(path),
                    line: digits.parse().ok(),
                    column: None,
                });
            }
        } else if !line.starts_with(' ') && !line.trim().is_empty() && why.message.is_empty() && why.place.is_some() {
            line.clone_into(&mut why.message);
        }
    }
    why
}
