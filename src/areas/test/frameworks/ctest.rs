//! CTest: its lines while it runs, its JUnit file for times and outputs when it has ended, its JSON model for the list.
//! The project is configured and built first, as CTest itself does not.

use super::cmake_presets::Preset;
use super::{CaseId, Finished, Framework, Heard, Limits, Parser, Runner, Selection, Shown, Site, plain};
use crate::adapters::scan::Found;
use crate::base::{Place, SafeText, State, Stream};
use regex::{Captures, Regex};
use serde::Deserialize;
use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

/// The folder that is made when there is none yet.
const BUILD_DIR: &str = "build";
/// More cases than this are run by running all.
const MAX_SELECTED: usize = 1000;

/// ` 2/11 Test  #2: calc.broken ......Subprocess aborted***Exception:   0.00 sec`; without a count when it is tried again.
static RESULT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^\s*(?:\d+/(\d+) )?Test\s+#(\d+): (.*?) \.+\s*(.*?)\s+(\d+\.\d+) sec\s*$").expect("a fixed pattern")
});
/// The same without its end: a pattern that was looked for in vain may hold line ends.
static HALF: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^\s*\d+/\d+ Test\s+#\d+: ").expect("a fixed pattern"));
/// Bytes of a result that is not over.
const MAX_HALF: usize = 4096;
/// `      Start  9: calc.hangs`.
static START: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^\s*Start\s+(\d+): (.*?)\s*$").expect("a fixed pattern"));

/// `unit (2)`: the second test of this name.
static NUMBERED: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^(.+) \([0-9]+\)$").expect("a fixed pattern"));

/// One site per CMake project that has tests; projects inside another one are part of it.
pub fn sites(files: &[Found]) -> Vec<Site> {
    let lists = || {
        files
            .iter()
            .filter(|file| file.path.file_name().is_some_and(|name| name == "CMakeLists.txt"))
    };
    let code = |file: &Found| -> String {
        let text = file.text.as_deref().unwrap_or_default();
        let lines = text
            .lines()
            .map(|line| line.split('#').next().unwrap_or_default().to_lowercase());
        lines.collect::<Vec<_>>().join("\n")
    };
    let calls = |text: &str, name: &str| {
        text.match_indices(name).any(|(at, _)| {
            let is_start = !text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
            is_start && text[at + name.len()..].trim_start().starts_with('(')
        })
    };
    let mut roots: Vec<PathBuf> = Vec::new();
    for file in lists() {
        let dir = super::dir_of(file);
        if calls(&code(file), "project") && !roots.iter().any(|root| dir.starts_with(root)) {
            roots.push(dir);
        }
    }
    let has_tests = |root: &PathBuf| {
        lists().filter(|file| file.path.starts_with(root)).any(|file| {
            let text = code(file);
            calls(&text, "enable_testing") || text.contains("include(ctest)") || calls(&text, "add_test")
        })
    };
    let with_tests = roots.into_iter().filter(|root| has_tests(root));
    with_tests.map(|dir| Site::new(Runner::Ctest, dir)).collect()
}

/// Where a site is built, and what configures it there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    /// Relative to the site.
    pub dir: PathBuf,
    /// Nothing where it is configured already.
    pub configure: Vec<String>,
}

/// The newest of the build folders that are configured; else as the project's presets say, or in a folder of our own.
pub fn build_of(caches: &[(PathBuf, std::time::SystemTime)], preset: impl FnOnce() -> Option<Preset>) -> Build {
    let newest = caches.iter().max_by_key(|(_, at)| *at);
    if let Some(dir) = newest.and_then(|(path, _)| path.parent()) {
        return Build {
            dir: dir.to_path_buf(),
            configure: Vec::new(),
        };
    }
    let argv = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let own = PathBuf::from(BUILD_DIR);
    match preset() {
        Some(Preset { name, dir: Some(dir) }) => Build {
            dir,
            configure: argv(&["cmake", "--preset", &name]),
        },
        Some(Preset { name, dir: None }) => Build {
            dir: own,
            configure: argv(&["cmake", "--preset", &name, "-B", BUILD_DIR]),
        },
        None => Build {
            dir: own,
            configure: argv(&["cmake", "-S", ".", "-B", BUILD_DIR]),
        },
    }
}

/// What is done before: configured where nothing is, and built.
pub fn prepare_argvs(site: &Site, build: &Build, limits: &Limits) -> Vec<Vec<String>> {
    if !site.argv.is_empty() {
        return Vec::new();
    }
    let mut argvs = Vec::new();
    if !build.configure.is_empty() {
        argvs.push(build.configure.clone());
    }
    let dir = build.dir.to_string_lossy();
    let mut make = ["cmake", "--build", dir.as_ref(), "--parallel"].map(str::to_owned).to_vec();
    make.extend(limits.jobs.map(|jobs| jobs.to_string()));
    argvs.push(make);
    argvs
}

/// Program and arguments of a run.
pub fn run_argv(site: &Site, build: &Path, selection: &Selection, limits: &Limits, junit: &Path) -> Vec<String> {
    let mut argv = base_argv(site, build);
    argv.extend(["--output-on-failure", "--no-tests=ignore"].map(str::to_owned));
    argv.push("--output-junit".to_owned());
    argv.push(junit.to_string_lossy().into_owned());
    if let Some(timeout) = limits.case_timeout {
        argv.extend(["--timeout".to_owned(), format!("{}", timeout.as_secs_f64().max(0.1))]);
    }
    if let Some(jobs) = limits.jobs {
        argv.extend(["--parallel".to_owned(), jobs.to_string()]);
    }
    if let Selection::Cases(cases) = selection
        && cases.len() <= MAX_SELECTED
    {
        let mut names: Vec<String> = Vec::new();
        for case in cases {
            names.push(escaped(&case.name));
            // CTest itself knows those of one name by nothing else.
            names.extend(NUMBERED.captures(&case.name).map(|found| escaped(&found[1])));
        }
        argv.extend(["-R".to_owned(), format!("^({})$", names.join("|"))]);
    }
    argv
}

/// Lists as one JSON document.
pub fn list_argv(site: &Site, build: &Path) -> Vec<String> {
    let mut argv = base_argv(site, build);
    argv.push("--show-only=json-v1".to_owned());
    argv
}

fn base_argv(site: &Site, build: &Path) -> Vec<String> {
    if !site.argv.is_empty() {
        return site.argv.clone();
    }
    let dir = build.to_string_lossy().into_owned();
    ["ctest".to_owned(), "--test-dir".to_owned(), dir].to_vec()
}

/// For CMake's own patterns.
fn escaped(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if "\\^$.|?*+()[]".contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

#[derive(Deserialize)]
struct Listed {
    tests: Vec<ListedTest>,
    #[serde(rename = "backtraceGraph")]
    graph: Graph,
}

#[derive(Deserialize)]
struct ListedTest {
    name: String,
    backtrace: Option<usize>,
}

#[derive(Deserialize)]
struct Graph {
    files: Vec<PathBuf>,
    nodes: Vec<Node>,
}

#[derive(Deserialize)]
struct Node {
    file: usize,
    line: Option<u32>,
}

fn read_list(json: &[u8]) -> Option<Listed> {
    let at = json.iter().position(|byte| *byte == b'{')?;
    serde_json::from_slice(&json[at..]).ok()
}

/// The cases of the list, each with the line that adds it; None when it is no list.
pub fn parse_list(json: &[u8], site: &Site, root: &Path) -> Option<Vec<Finished>> {
    let listed = read_list(json)?;
    let place = |test: &ListedTest| {
        let node = listed.graph.nodes.get(test.backtrace?)?;
        let file = listed.graph.files.get(node.file)?;
        Some(Place {
            path: file.strip_prefix(root).unwrap_or(file).to_path_buf(),
            line: node.line,
            column: None,
        })
    };
    let names = numbered(listed.tests.iter().map(|test| test.name.as_str()));
    let found = listed.tests.iter().zip(&names).map(|(test, (_, name))| {
        let mut result = Finished::new(CaseId::new(Framework::Ctest, &site.dir_word(), name), State::Unknown);
        result.place = place(test);
        result
    });
    Some(found.collect())
}

/// Tests in the order of their numbers, each as CTest names it and as it is told: folders may have tests of one name.
fn numbered<'a>(names: impl Iterator<Item = &'a str>) -> Vec<(String, String)> {
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    let numbered = names.map(|name| {
        let n = seen.entry(name).or_default();
        *n += 1;
        (name.to_owned(), nth(name, *n))
    });
    numbered.collect()
}

fn nth(name: &str, n: u32) -> String {
    if n > 1 { format!("{name} ({n})") } else { name.to_owned() }
}

/// How a test ended, by its number.
struct Ended {
    /// As CTest names it, and as it is told.
    name: String,
    case: CaseId,
    state: State,
    message: String,
    /// Passed only when it was tried again.
    flaky: bool,
}

/// What CTest prints.
pub struct Ctest {
    suite: String,
    root: PathBuf,
    dir: PathBuf,
    told: BTreeMap<u32, Ended>,
    /// The names by number, as far as they are known.
    names: BTreeMap<u32, (String, String)>,
    /// The beginning of a result whose reason has several lines.
    half: String,
}

impl Ctest {
    /// `root` is the workspace's folder.
    pub fn new(site: &Site, root: impl Into<PathBuf>) -> Self {
        Self {
            suite: site.dir_word(),
            root: root.into(),
            dir: site.dir.clone(),
            told: BTreeMap::new(),
            names: BTreeMap::new(),
            half: String::new(),
        }
    }

    /// A test by its number and its own name.
    fn case(&mut self, number: &str, name: &str) -> (u32, CaseId) {
        let number = number.parse().unwrap_or_default();
        if self.names.get(&number).is_none_or(|(known, _)| known != name) {
            let n = self.names.values().filter(|(known, _)| known == name).count();
            self.names.insert(number, (name.to_owned(), nth(name, n as u32 + 1)));
        }
        (number, CaseId::new(Framework::Ctest, &self.suite, &self.names[&number].1))
    }
}

impl Parser for Ctest {
    fn line(&mut self, stream: Stream, bytes: &[u8], heard: &mut Vec<Heard>) -> Shown {
        if stream != Stream::Out {
            return Shown::AsIs;
        }
        let mut line = plain(bytes);
        if HALF.is_match(&line) {
            line.clone_into(&mut self.half);
        } else if !self.half.is_empty() {
            line = format!("{}{line}", self.half);
            self.half = if line.len() < MAX_HALF { line.clone() } else { String::new() };
        }
        // Without a count it is that of a test which is tried again, or something that a test prints.
        let is_told =
            |found: &Captures<'_>| found.get(1).is_some() || found[2].parse().is_ok_and(|n: u32| self.told.contains_key(&n));
        if let Some(found) = RESULT.captures(&line).filter(is_told) {
            self.half.clear();
            let (state, message) = outcome(&found[4]);
            heard.extend(found.get(1).and_then(|total| total.as_str().parse().ok()).map(Heard::Total));
            let (number, case) = self.case(&found[2], &found[3]);
            let mut result = Finished::new(case.clone(), state);
            result.message.clone_from(&message);
            let before = self.told.get(&number);
            result.flaky = state == State::Done && before.is_some_and(|before| before.state == State::Failed || before.flaky);
            result = result.secs(found[5].parse().unwrap_or(f64::NAN));
            let ended = Ended {
                name: found[3].to_owned(),
                case,
                state,
                message,
                flaky: result.flaky,
            };
            self.told.insert(number, ended);
            heard.push(Heard::Finished { result, is_final: false });
        } else if let Some(found) = START.captures(&line) {
            heard.push(Heard::Started(self.case(&found[1], &found[2]).1));
        }
        Shown::AsIs
    }

    fn finish(&mut self, _code: Option<i32>, _heard: &mut Vec<Heard>) {}

    fn listed(&mut self, json: &[u8]) {
        let Some(listed) = read_list(json) else { return };
        let names = numbered(listed.tests.iter().map(|test| test.name.as_str()));
        self.names = (1..).zip(names).collect();
    }

    /// CTest's lines know better how a test ended, its report, in the order of their numbers, what it printed.
    fn details(&self, results: Vec<Finished>) -> Vec<Finished> {
        let root = format!("{}/", self.root.display());
        let mut of_name: BTreeMap<String, VecDeque<&Ended>> = BTreeMap::new();
        for ended in self.told.values() {
            let name = SafeText::new(&ended.name).into_string();
            of_name.entry(name).or_default().push_back(ended);
        }
        let found = results.into_iter().filter_map(|report| {
            let ended = of_name.get_mut(&report.case.name)?.pop_front()?;
            let (state, word) = (&ended.state, &ended.message);
            let mut result = Finished::new(ended.case.clone(), *state);
            result.duration_ms = report.duration_ms;
            result.flaky = ended.flaky;
            if *state == State::Skipped {
                let reason = if report.message.is_empty() { word } else { &report.message };
                reason.clone_into(&mut result.message);
            }
            let output = report.output.replace(&root, "");
            let mut result = result.output(output, &self.dir);
            if *state == State::Failed && !word.is_empty() && result.place.is_none() {
                let words = if result.message.is_empty() || result.message == *word {
                    word.clone()
                } else {
                    format!("{word}\n{}", result.message)
                };
                result.message = words;
            }
            Some(result)
        });
        found.collect()
    }
}

/// `Passed`, `***Failed`, `***Not Run (Disabled)`, `Subprocess aborted***Exception:`: the state and how it failed.
fn outcome(words: &str) -> (State, String) {
    let (before, after) = words.split_once("***").unwrap_or(("", words));
    let what = after.trim();
    if what == "Passed" {
        return (State::Done, String::new());
    }
    let is_skipped = what.starts_with("Skipped") || what == "Not Run (Disabled)";
    let text = match (before.trim(), what.trim_end_matches(':')) {
        // `Failed  Required regular expression not found. Regex=[x]`
        ("", what) if what.starts_with("Failed") => what["Failed".len()..].trim_start().to_owned(),
        ("", what) => what.to_owned(),
        (before, _) => before.to_owned(),
    };
    let state = if is_skipped { State::Skipped } else { State::Failed };
    (state, SafeText::new(&text).into_string())
}

/// Why a C or C++ test failed: an assertion, or the first line that names a place in the workspace's sources.
pub(super) fn why(output: &str, dir: &Path) -> super::why::Why {
    static ASSERTION: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"(?:^|: )([^\s:]+):(\d+): [^\n]*?: (Assertion .*)$").expect("a fixed pattern"));
    static PLACED: LazyLock<Regex> = LazyLock::new(|| {
        Regex::new(r"^\s*([^\s:()]+\.(?:c|cc|cpp|cxx|h|hh|hpp|hxx|m|mm))[:(](\d+)\)?:? ?(.*)$").expect("a fixed pattern")
    });
    let place = |file: &str, line: &str| {
        let path = Path::new(file);
        (!path.is_absolute()).then(|| Place {
            path: if path.starts_with(dir) {
                path.to_path_buf()
            } else {
                dir.join(path)
            },
            line: line.parse().ok(),
            column: None,
        })
    };
    let lines: Vec<&str> = output.lines().collect();
    for (at, line) in lines.iter().enumerate() {
        if let Some(found) = ASSERTION.captures(line) {
            return super::why::Why {
                message: found[3].to_owned(),
                place: place(&found[1], &found[2]),
            };
        }
        // `calc.cpp:12: Failure` (GoogleTest), `calc.cpp:12: FAILED:` (Catch2), `calc.cpp(12): error:` (Boost.Test).
        if let Some(found) = PLACED.captures(line).filter(|found| is_failure(&found[3])) {
            let words: Vec<&str> = lines[at + 1..]
                .iter()
                .take_while(|line| !line.trim().is_empty() && !line.starts_with("[  "))
                .take(8)
                .copied()
                .collect();
            let first = found[3].trim();
            let message = if words.is_empty() || first.len() > "error: ".len() + 4 {
                std::iter::once(first).chain(words).collect::<Vec<_>>().join("\n")
            } else {
                words.join("\n")
            };
            return super::why::Why {
                message: message.trim().to_owned(),
                place: place(&found[1], &found[2]),
            };
        }
    }
    super::why::Why::default()
}

fn is_failure(words: &str) -> bool {
    let words = words.trim().to_lowercase();
    ["failure", "failed", "error", "fatal error"]
        .iter()
        .any(|start| words.starts_with(start))
}
