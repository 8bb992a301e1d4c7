//! `go test -json`: one event per line. A suite is a package, and a subtest stands below its test.

use super::go_why::{is_panic, located, placed};
use super::{
    Capped, CaseId, Crash, Finished, Framework, Heard, Limits, Parser, Selection, Shown, Site, WHOLE_PACKAGE, duration_ms, plain,
};
use crate::adapters::scan::Found;
use crate::base::{Place, Problem, SafeText, State, Stream, Timestamp};
use crate::msg;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Commands that a selection may become; a larger one runs the tests of its packages by their names alone.
const MAX_COMMANDS: usize = 40;
/// Flags of `go test` that take the next word as their value.
const WITH_VALUE: [&str; 20] = [
    "-run",
    "-count",
    "-timeout",
    "-tags",
    "-p",
    "-parallel",
    "-cpu",
    "-exec",
    "-coverprofile",
    "-covermode",
    "-coverpkg",
    "-mod",
    "-vet",
    "-bench",
    "-benchtime",
    "-ldflags",
    "-gcflags",
    "-skip",
    "-shuffle",
    "-o",
];

/// One site per module that has tests. The module's path is the site's only option.
pub fn sites(files: &[Found]) -> Vec<Site> {
    let modules = files
        .iter()
        .filter(|file| file.path.file_name().is_some_and(|name| name == "go.mod"));
    let dirs: Vec<(PathBuf, String)> = modules
        .filter_map(|file| Some((super::dir_of(file), module_of(file.text.as_deref()?)?)))
        .collect();
    let nearest = |path: &Path| {
        let above = dirs.iter().filter(|(dir, _)| path.starts_with(dir));
        above.max_by_key(|(dir, _)| dir.components().count())
    };
    let tests = files.iter().filter(|file| file.path.to_string_lossy().ends_with("_test.go"));
    let with_tests: BTreeSet<&Path> = tests.filter_map(|test| Some(nearest(&test.path)?.0.as_path())).collect();
    let found = dirs.iter().filter(|(dir, _)| with_tests.contains(dir.as_path()));
    found
        .map(|(dir, module)| {
            let mut site = Site::new(super::Runner::Go, dir);
            site.options = vec![module.clone()];
            site
        })
        .collect()
}

/// `module example.com/calc`.
pub(super) fn module_of(text: &str) -> Option<String> {
    let line = text.lines().find_map(|line| line.trim_start().strip_prefix("module "))?;
    let path = line.split("//").next()?.trim().trim_matches('"');
    (!path.is_empty()).then(|| path.to_owned())
}

/// The folder of a package, relative to the workspace.
pub fn package_dir(package: &str, site: &Site) -> PathBuf {
    let module = site.options.first().map_or("", String::as_str);
    let below = package.strip_prefix(module).unwrap_or_default();
    site.dir.join(below.trim_start_matches('/'))
}

/// The commands of a run: one for everything, else one per choice of names, for all packages that share it.
pub fn run_argvs(site: &Site, selection: &Selection, limits: &Limits) -> Vec<Vec<String>> {
    let (mut flags, packages, tail) = parts(site);
    if let Some(jobs) = limits.jobs {
        flags.extend([format!("-p={jobs}"), format!("-parallel={jobs}")]);
    }
    if limits.is_fresh {
        flags.push("-count=1".to_owned());
    }
    if let Some(file) = &limits.coverage {
        flags.push("-covermode=atomic".to_owned());
        flags.push(format!("-coverprofile={}", file.display()));
    }
    let command = |pattern: Option<&str>, packages: &[String]| {
        let mut argv = ["go", "test", "-json"].map(str::to_owned).to_vec();
        argv.extend(flags.iter().cloned());
        argv.extend(pattern.map(|pattern| format!("-run={pattern}")));
        argv.extend(packages.iter().cloned());
        argv.extend(tail.iter().cloned());
        argv
    };
    let Selection::Cases(cases) = selection else {
        return vec![command(None, &packages)];
    };
    let mut groups = groups(cases, false);
    if groups.len() > MAX_COMMANDS {
        groups = self::groups(cases, true);
    }
    groups
        .iter()
        .map(|(pattern, packages)| command(pattern.as_deref(), packages))
        .collect()
}

/// Patterns of names (none: the whole package) to the packages that share them. `is_coarse`: subtests bring their whole test.
fn groups(cases: &[CaseId], is_coarse: bool) -> BTreeMap<Option<String>, Vec<String>> {
    let mut by_package: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for case in cases {
        by_package.entry(&case.suite).or_default().insert(&case.name);
    }
    let mut groups: BTreeMap<Option<String>, Vec<String>> = BTreeMap::new();
    for (package, names) in by_package {
        let mut patterns: BTreeSet<Option<String>> = BTreeSet::new();
        let top_of = |name: &'_ str| name.split('/').next().unwrap_or_default().to_owned();
        let tops: BTreeSet<String> = names
            .iter()
            .filter(|name| is_coarse || !name.contains('/'))
            .map(|name| top_of(name))
            .collect();
        if names.contains(WHOLE_PACKAGE) {
            patterns.insert(None);
        } else {
            if !tops.is_empty() {
                let words: Vec<String> = tops.iter().map(|name| regex::escape(name)).collect();
                patterns.insert(Some(format!("^({})$", words.join("|"))));
            }
            let below = names
                .iter()
                .filter(|name| name.contains('/') && !tops.contains(&top_of(name)));
            patterns.extend(below.map(|name| Some(pattern_of(name))));
        }
        for pattern in patterns {
            groups.entry(pattern).or_default().push(package.to_owned());
        }
    }
    groups
}

/// The pattern of one test or subtest.
pub fn pattern_of(name: &str) -> String {
    let words: Vec<String> = name.split('/').map(|word| format!("^{}$", regex::escape(word))).collect();
    words.join("/")
}

/// Names the tests of every package; subtests are known only once they have run.
pub fn list_argv(site: &Site) -> Vec<String> {
    let (flags, packages, _) = parts(site);
    let mut argv = ["go", "test", "-json"].map(str::to_owned).to_vec();
    argv.extend(flags.into_iter().filter(|flag| !flag.starts_with("-run")));
    argv.push("-list=^(Test|Example|Fuzz)".to_owned());
    argv.extend(packages);
    argv
}

/// Flags, packages and what follows `-args`.
fn parts(site: &Site) -> (Vec<String>, Vec<String>, Vec<String>) {
    let mut words = site.argv.iter().skip(2);
    let (mut flags, mut packages, mut tail) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(word) = words.next() {
        if word == "-args" || word == "--args" {
            tail.push(word.clone());
            tail.extend(words.by_ref().cloned());
        } else if word == "-json" || word == "-v" {
        } else if word.starts_with('-') {
            let name = word.replacen("--", "-", 1);
            match words.clone().next().filter(|_| WITH_VALUE.contains(&name.as_str())) {
                Some(value) => {
                    flags.push(format!("{name}={value}"));
                    words.next();
                }
                None => flags.push(name),
            }
        } else {
            packages.push(word.clone());
        }
    }
    if packages.is_empty() {
        packages.push("./...".to_owned());
    }
    (flags, packages, tail)
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Event {
    action: String,
    #[serde(default)]
    package: String,
    #[serde(default)]
    import_path: String,
    test: Option<String>,
    output: Option<String>,
    elapsed: Option<f64>,
    time: Option<Timestamp>,
}

/// Hears the events.
pub struct GoTest {
    site: Site,
    root: PathBuf,
    selected: Option<BTreeSet<CaseId>>,
    open: BTreeMap<(String, String), Capped>,
    /// When the open ones began.
    began: BTreeMap<(String, String), Timestamp>,
    packages: BTreeMap<String, Package>,
    listed: Vec<CaseId>,
    is_list: bool,
    build: Vec<String>,
    n_results: u64,
    crashes: Vec<Crash>,
}

#[derive(Default)]
struct Package {
    output: Capped,
    n_failed: u32,
    /// Tests that wait for their turn beside others.
    paused: BTreeSet<String>,
    /// The failed test whose output ends with a panic.
    panicked: Option<String>,
    /// Its program came to its end: it says so itself.
    has_ended: bool,
    /// Failed subtests by the test that they stand below.
    n_failed_below: BTreeMap<String, u32>,
    is_unbuilt: bool,
}

impl GoTest {
    /// `root` is the workspace's folder.
    pub fn new(site: &Site, root: impl Into<PathBuf>, selection: &Selection) -> Self {
        let selected = match selection {
            Selection::All => None,
            Selection::Cases(cases) => Some(cases.iter().cloned().collect()),
        };
        Self {
            site: site.clone(),
            root: root.into(),
            selected,
            open: BTreeMap::new(),
            began: BTreeMap::new(),
            packages: BTreeMap::new(),
            listed: Vec::new(),
            is_list: false,
            build: Vec::new(),
            n_results: 0,
            crashes: Vec::new(),
        }
    }

    /// The same for `-list`: names are told as not yet run.
    pub fn list(site: &Site, root: impl Into<PathBuf>) -> Self {
        Self {
            is_list: true,
            ..Self::new(site, root, &Selection::All)
        }
    }

    /// A test that only led to the chosen subtests has no result of its own.
    fn is_chosen(&self, package: &str, test: &str) -> bool {
        let Some(selected) = &self.selected else { return true };
        let case = |name: &str| CaseId::new(Framework::Go, package, name);
        let mut name = test;
        loop {
            if selected.contains(&case(name)) || selected.contains(&case(WHOLE_PACKAGE)) {
                return true;
            }
            match name.rsplit_once('/') {
                Some((above, _)) => name = above,
                None => return false,
            }
        }
    }

    fn tidy(&self, text: &str) -> String {
        text.replace(&format!("{}/", self.root.display()), "")
    }

    fn event(&mut self, event: Event, heard: &mut Vec<Heard>) -> Shown {
        let key = (event.package.clone(), event.test.clone().unwrap_or_default());
        match (event.action.as_str(), event.test) {
            ("build-output", _) => {
                self.build
                    .push(event.output.clone().unwrap_or_default().trim_end().to_owned());
            }
            ("output", Some(test)) => {
                let text = event.output.as_deref().unwrap_or_default();
                if is_frame(text) {
                    return if text.starts_with("=== ") {
                        Shown::Hidden
                    } else {
                        shown(text)
                    };
                }
                let text = self.tidy(text);
                self.open.entry((event.package, test)).or_default().push(&text);
            }
            ("output", None) => {
                let text = event.output.as_deref().unwrap_or_default();
                let package = self.packages.entry(event.package.clone()).or_default();
                package.is_unbuilt |= text.ends_with(" [build failed]\n") || text.ends_with(" [setup failed]\n");
                package.has_ended |= text == "FAIL\n" || text == "PASS\n";
                if self.is_list && is_name(text.trim_end()) {
                    self.listed.push(CaseId::new(Framework::Go, &event.package, text.trim_end()));
                    return Shown::Hidden;
                }
                let text = text.replace(&format!("{}/", self.root.display()), "");
                package.output.push(&text);
            }
            ("run", Some(test)) => {
                if let Some(at) = event.time {
                    self.began.insert(key.clone(), at);
                }
                self.open.entry(key).or_default();
                if self.is_chosen(&event.package, &test) {
                    heard.push(Heard::Started(CaseId::new(Framework::Go, &event.package, &test)));
                }
            }
            ("pause", Some(test)) => drop(self.packages.entry(event.package).or_default().paused.insert(test)),
            ("cont", Some(test)) => drop(self.packages.entry(event.package).or_default().paused.remove(&test)),
            ("pass" | "fail" | "skip", Some(test)) => {
                let state = match event.action.as_str() {
                    "pass" => State::Done,
                    "skip" => State::Skipped,
                    _ => State::Failed,
                };
                let output = self.open.remove(&key).unwrap_or_default();
                if let (Some(from), Some(to)) = (self.began.remove(&key), event.time) {
                    heard.push(Heard::Ran {
                        case: CaseId::new(Framework::Go, &event.package, &test),
                        from_ms: from.as_millisecond(),
                        to_ms: to.as_millisecond(),
                    });
                }
                self.end_case(&event.package, &test, state, event.elapsed, output, heard);
            }
            ("pass" | "fail" | "skip", None) => self.end_package(&event.package, &event.action, heard),
            _ => {}
        }
        event.output.as_deref().map_or(Shown::Hidden, shown)
    }

    fn end_case(&mut self, package: &str, test: &str, state: State, secs: Option<f64>, output: Capped, heard: &mut Vec<Heard>) {
        if state == State::Failed {
            let known = self.packages.entry(package.to_owned()).or_default();
            known.n_failed += 1;
            for (at, _) in test.match_indices('/') {
                *known.n_failed_below.entry(test[..at].to_owned()).or_default() += 1;
            }
        }
        self.n_results += 1;
        let output = output.into_text();
        if state == State::Failed && output.lines().any(is_panic) {
            let known = self.packages.entry(package.to_owned()).or_default();
            // The innermost one comes first, and the tests around it fail by it.
            known.panicked.get_or_insert_with(|| test.to_owned());
        }
        if !self.is_chosen(package, test) {
            return;
        }
        let mut result = Finished::new(CaseId::new(Framework::Go, package, test), state);
        result.duration_ms = secs.and_then(duration_ms);
        let below = self.packages.get(package).and_then(|known| known.n_failed_below.get(test));
        if let Some(n) = below.filter(|_| state == State::Failed && output.trim().is_empty()) {
            // In node's words.
            result.message = format!("{n} subtest{} failed", if *n == 1 { "" } else { "s" });
        }
        if state == State::Skipped {
            let reason = output.lines().next().unwrap_or_default();
            let reason = located(reason).map_or(reason, |(_, _, words)| words);
            result.message = SafeText::new(reason.trim()).into_string();
        }
        heard.push(Heard::finished(result.output(output, &package_dir(package, &self.site))));
    }

    /// A program that one of its tests ended has not come to the others, and those that ran beside it did not fail.
    fn end_package(&mut self, name: &str, action: &str, heard: &mut Vec<Heard>) {
        let unended: Vec<(String, String)> = self.open.keys().filter(|(package, _)| package == name).cloned().collect();
        let known = self.packages.entry(name.to_owned()).or_default();
        let ran: Vec<&str> = unended
            .iter()
            .map(|(_, test)| test.as_str())
            .filter(|test| !known.paused.contains(*test))
            .collect();
        let is_inner = |test: &&&str| {
            !ran.iter()
                .any(|other| other.strip_prefix(**test).is_some_and(|rest| rest.starts_with('/')))
        };
        let inner: Vec<&&str> = ran.iter().filter(is_inner).collect();
        let culprit = match (&known.panicked, inner.as_slice()) {
            (Some(test), _) => Some(test.clone()),
            (None, [test]) => Some((**test).to_owned()),
            _ => None,
        };
        let has_begun = known.panicked.is_some() || !ran.is_empty();
        if action == "fail" && has_begun && !known.has_ended && !known.is_unbuilt && !self.is_list {
            let words = known.output.clone().into_text();
            let how = words
                .lines()
                .find(|line| line.starts_with("exit status ") || line.starts_with("signal: "));
            let mut output = String::new();
            if let Some(test) = &culprit
                && let Some(said) = self.open.remove(&(name.to_owned(), test.clone()))
            {
                output = said.clone().into_text();
                if output.lines().any(is_panic) {
                    self.end_case(name, test, State::Failed, None, said, heard);
                }
            }
            self.crashes.push(Crash {
                suite: name.to_owned(),
                message: how.unwrap_or_default().to_owned(),
                output,
                culprit: culprit.as_deref().map(|test| CaseId::new(Framework::Go, name, test)),
                suspects: Vec::new(),
            });
            self.open.retain(|(package, _), _| package != name);
            self.packages.remove(name);
            return;
        }
        for key in unended {
            let output = self.open.remove(&key).unwrap_or_default();
            self.end_case(&key.0, &key.1, State::Failed, None, output, heard);
        }
        let package = self.packages.remove(name).unwrap_or_default();
        if action == "fail" && package.n_failed == 0 && !package.is_unbuilt && !self.is_list {
            self.n_results += 1;
            let result = Finished::new(CaseId::new(Framework::Go, name, WHOLE_PACKAGE), State::Failed);
            heard.push(Heard::finished(
                result.output(package.output.into_text(), &package_dir(name, &self.site)),
            ));
        }
    }

    fn build_trouble(&mut self) -> Option<Problem> {
        let lines = std::mem::take(&mut self.build);
        let at = lines
            .iter()
            .position(|line| placed(line.trim_start_matches("vet: ")).is_some());
        let text = self.tidy(&lines.join("\n"));
        let Some(at) = at else {
            let what = lines.iter().find(|line| !line.starts_with('#') && !line.trim().is_empty())?;
            let what = SafeText::new(what.trim()).into_string();
            let problem = Problem::environment(msg!("test-runner-failed", runner = "go test", what = what));
            return Some(problem.code("runner-failed").details(text));
        };
        let (file, line, column, words) = placed(lines[at].trim_start_matches("vet: "))?;
        let mut problem = Problem::user(msg!("test-does-not-compile", what = SafeText::new(words).into_string()))
            .code("does-not-compile")
            .details(text);
        problem.place = Some(Place {
            path: self.site.dir.join(file.strip_prefix("./").unwrap_or(file)),
            line: Some(line),
            column,
        });
        Some(problem)
    }
}

impl Parser for GoTest {
    fn line(&mut self, stream: Stream, bytes: &[u8], heard: &mut Vec<Heard>) -> Shown {
        if stream == Stream::Out && bytes.starts_with(b"{") {
            if let Ok(event) = serde_json::from_slice::<Event>(bytes)
                && !(event.package.is_empty() && event.import_path.is_empty())
            {
                return self.event(event, heard);
            }
            return Shown::AsIs;
        }
        let line = plain(bytes);
        let is_progress = line.starts_with("go: downloading ") || line.starts_with("go: finding ");
        if self.build.len() < 500 && !is_progress {
            self.build.push(line);
        }
        Shown::AsIs
    }

    fn take_crashes(&mut self) -> Vec<Crash> {
        std::mem::take(&mut self.crashes)
    }

    fn finish(&mut self, code: Option<i32>, heard: &mut Vec<Heard>) {
        let packages: BTreeSet<String> = self.open.keys().map(|(package, _)| package.clone()).collect();
        if code.is_some() {
            for package in packages {
                self.end_package(&package, "fail", heard);
            }
        }
        self.packages.clear();
        self.open.clear();
        heard.extend(
            self.listed
                .drain(..)
                .map(|case| Heard::finished(Finished::new(case, State::Unknown))),
        );
        let is_failed = code != Some(0);
        if is_failed && let Some(problem) = self.build_trouble() {
            heard.push(Heard::Trouble(Box::new(problem)));
        }
        self.build.clear();
    }
}

fn shown(text: &str) -> Shown {
    Shown::Text(text.trim_end_matches('\n').to_owned())
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.chars().all(|c| c.is_alphanumeric() || c == '_')
        && text.chars().next().is_some_and(char::is_uppercase)
}

/// What the testing package itself prints around a test.
fn is_frame(text: &str) -> bool {
    let words = text.trim_start();
    [
        "=== RUN ",
        "=== PAUSE ",
        "=== CONT ",
        "=== NAME ",
        "--- PASS: ",
        "--- FAIL: ",
        "--- SKIP: ",
    ]
    .iter()
    .any(|frame| words.starts_with(frame))
}
