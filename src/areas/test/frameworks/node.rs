//! `node --test`, as scripts of `package.json` name it (see `scripts`), heard through a reporter of our own.
//! It can not name its tests without running them.

use super::{Capped, CaseId, Finished, Framework, Heard, Parser, Selection, Shown, Site, WHOLE_FILE, js, own_line};
use crate::base::{Place, State, Stream};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The reporter, written to a file that node can load.
pub const REPORTER: &str = include_str!("../../../../resources/node/reporter.mjs");
/// What node 20 says of tests that a name pattern left out.
const LEFT_OUT: &str = "test name does not match pattern";
/// What stands between a test and one inside it.
const MARK: &str = " > ";

/// All: the script, so that its own settings count. Single cases: their files, with a pattern of names.
pub fn run_argv(site: &Site, selection: &Selection) -> Vec<String> {
    let Selection::Cases(cases) = selection else {
        return site.argv.clone();
    };
    let mut argv = vec!["node".to_owned()];
    if !site.options.iter().any(|word| word == "--test") {
        argv.push("--test".to_owned());
    }
    argv.extend(site.options.iter().cloned());
    let mut names: BTreeSet<String> = BTreeSet::new();
    let mut files: Vec<String> = Vec::new();
    for case in cases {
        let path = case.path();
        // A test inside another runs only when the outermost one does; a name may itself have the mark of a group in it.
        for at in 1..=path.len() {
            names.insert(path[..at].join(MARK));
            names.insert(path[at - 1..].join(MARK));
        }
        let file = Path::new(&case.suite)
            .strip_prefix(&site.dir)
            .unwrap_or(Path::new(&case.suite));
        files.push(file.to_string_lossy().into_owned());
    }
    if !names.contains(WHOLE_FILE) {
        argv.extend(
            names
                .iter()
                .map(|name| format!("--test-name-pattern=^{}$", js::of_name(name))),
        );
    }
    files.sort();
    files.dedup();
    argv.extend(files);
    argv
}

/// A program in the place of `node` that gives the pattern of [`all_but`] to what runs tests.
pub const SHIM: &str = include_str!("../../../../resources/node/shim.sh");

/// A pattern of names that all but these have. To node a test also has the names of those around it, up to `<root>`: what is left out are
/// the outermost ones.
pub fn all_but(cases: &[CaseId]) -> String {
    let names: BTreeSet<String> = cases
        .iter()
        .filter_map(|case| Some(js::of_name(case.path().first()?)))
        .chain(["<root>".to_owned()])
        .collect();
    let names: Vec<String> = names.into_iter().collect();
    format!("^(?!(?:{})$)", names.join("|"))
}

/// The value of `NODE_OPTIONS` that adds the reporter to what the user has set.
pub fn node_options(known: &str, reporter: &Path) -> String {
    let path = reporter.to_string_lossy().replace('\\', "\\\\").replace('"', "\\\"");
    format!("{known} --test-reporter=\"{path}\" --test-reporter-destination=stdout")
        .trim_start()
        .to_owned()
}

#[derive(Deserialize)]
struct Told {
    chantier: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    nesting: usize,
    file: Option<PathBuf>,
    line: Option<u32>,
    column: Option<u32>,
    skip: Option<serde_json::Value>,
    todo: Option<serde_json::Value>,
    ms: Option<f64>,
    #[serde(default)]
    is_suite: bool,
    message: Option<String>,
    stack: Option<String>,
    text: Option<String>,
    #[serde(default)]
    is_error: bool,
}

/// Hears the reporter's lines.
pub struct Node {
    root: PathBuf,
    /// The names of the tests around the one that is told, and the file of the last one.
    around: Vec<String>,
    file: Option<PathBuf>,
    left_out: Vec<CaseId>,
    /// Names that a file has twice are told apart by a number.
    seen: BTreeMap<CaseId, u32>,
    /// Tests that have begun and did not end: nesting, name and file, in the order in which they began.
    begun: Vec<(usize, String, PathBuf)>,
    /// What the last file that wrote to standard error wrote there.
    errors: (PathBuf, Capped),
}

impl Node {
    /// `root` is the workspace's folder.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            around: Vec::new(),
            file: None,
            left_out: Vec::new(),
            seen: BTreeMap::new(),
            begun: Vec::new(),
            errors: (PathBuf::new(), Capped::default()),
        }
    }

    /// What a file wrote to standard error, and its first words: the line above the stack.
    fn said(&mut self, file: &Path) -> Option<(String, String)> {
        let (_, text) = std::mem::take(&mut self.errors);
        if text.is_empty() || file.as_os_str().is_empty() {
            return None;
        }
        let text = self.tidy(&text.into_text());
        let lines: Vec<&str> = text.lines().collect();
        let above = lines.iter().position(|line| line.trim_start().starts_with("at "));
        let words = above.and_then(|at| lines[..at].iter().rfind(|line| !line.trim().is_empty()));
        let words = words.or(lines.iter().find(|line| line.contains("Error")))?;
        Some(((*words).to_owned(), text))
    }

    fn relative(&self, file: &Path) -> PathBuf {
        file.strip_prefix(&self.root).unwrap_or(file).to_path_buf()
    }

    /// Paths start at the workspace, as everywhere.
    fn tidy(&self, text: &str) -> String {
        let root = format!("{}/", self.root.display());
        text.replace(&format!("file://{root}"), "").replace(&root, "")
    }

    fn told(&mut self, told: Told, heard: &mut Vec<Heard>) -> Shown {
        if told.chantier == "said" {
            let text = told.text.unwrap_or_default();
            if told.is_error {
                let file = told.file.unwrap_or_default();
                if self.errors.0 != file {
                    self.errors = (file, Capped::default());
                }
                self.errors.1.push(&text);
            }
            return Shown::Text(text);
        }
        let nesting = told.nesting.min(64);
        let at_file = told.file.as_deref().map(|file| self.relative(file)).unwrap_or_default();
        if told.chantier == "dequeue" {
            if !is_file(&told) {
                self.begun.push((nesting, told.name, at_file));
            }
            return Shown::Hidden;
        }
        if told.chantier != "start" {
            let is_this = |begun: &(usize, String, PathBuf)| begun.0 == nesting && begun.1 == told.name && begun.2 == at_file;
            if let Some(at) = self.begun.iter().rposition(is_this) {
                self.begun.remove(at);
            }
        }
        if told.chantier == "start" {
            self.around.truncate(nesting);
            self.around.push(told.name);
            self.file = told.file;
            return Shown::Hidden;
        }
        let around: Vec<String> = self.around.iter().take(nesting).cloned().collect();
        self.around.truncate(nesting);
        let is_left_out = told.skip.as_ref().and_then(serde_json::Value::as_str) == Some(LEFT_OUT);
        let file = at_file;
        if is_left_out && !told.is_suite {
            let name = around.iter().map(String::as_str).chain([told.name.as_str()]);
            let name = name.collect::<Vec<_>>().join(" > ");
            self.left_out
                .push(CaseId::new(Framework::Node, &file.to_string_lossy(), &name));
        }
        if told.is_suite || is_left_out {
            return Shown::Hidden;
        }
        let is_file = is_file(&told);
        let mut path: Vec<&str> = around.iter().map(String::as_str).collect();
        path.push(if is_file { WHOLE_FILE } else { &told.name });
        let name = path.join(" > ");
        let is_set =
            |value: &Option<serde_json::Value>| value.as_ref().is_some_and(|value| *value != serde_json::Value::Bool(false));
        let state = if is_set(&told.skip) || is_set(&told.todo) {
            State::Skipped
        } else if told.chantier == "pass" {
            State::Done
        } else {
            State::Failed
        };
        let mut case = CaseId::new(Framework::Node, &file.to_string_lossy(), &name);
        let n = self.seen.entry(case.clone()).or_default();
        *n += 1;
        if *n > 1 {
            case = CaseId::new(Framework::Node, &case.suite, &format!("{name} ({n})"));
        }
        let mut result = Finished::new(case, state);
        result = result.secs(told.ms.unwrap_or(f64::NAN) / 1000.0);
        if state == State::Failed {
            let mut message = self.tidy(&told.message.unwrap_or_default());
            let mut output = self.tidy(&told.stack.unwrap_or_else(|| message.clone()));
            // Of a file that could not be loaded node says only that it failed.
            if is_file
                && self.errors.0 == told.file.unwrap_or_default()
                && let Some((words, text)) = self.said(&file)
            {
                (message, output) = (words, text);
            }
            result.message =
                crate::base::SafeText::multiline(&message.lines().take(12).collect::<Vec<_>>().join("\n")).into_string();
            result = result.output(crate::base::SafeText::multiline(&output).into_string(), Path::new(""));
            result.place = result.place.or_else(|| {
                (!file.as_os_str().is_empty()).then(|| Place {
                    path: file.clone(),
                    line: told.line,
                    column: told.column,
                })
            });
        } else if let Some(reason) = [&told.skip, &told.todo]
            .into_iter()
            .flatten()
            .find_map(serde_json::Value::as_str)
        {
            result.message = crate::base::SafeText::new(reason).into_string();
        }
        let mark = match state {
            State::Done => '✔',
            State::Failed => '✖',
            _ => '-',
        };
        let line = format!("{mark} {} {name}", file.display());
        heard.push(Heard::finished(result));
        Shown::Text(line)
    }
}

impl Parser for Node {
    fn line(&mut self, stream: Stream, bytes: &[u8], heard: &mut Vec<Heard>) -> Shown {
        own_line(stream, bytes).map_or(Shown::AsIs, |told| self.told(told, heard))
    }

    fn finish(&mut self, _code: Option<i32>, _heard: &mut Vec<Heard>) {}

    fn left_out(&self) -> Vec<CaseId> {
        self.left_out.clone()
    }

    /// The innermost tests that have begun and did not end; before node 20 only what was told around the next result.
    fn running(&self) -> Vec<CaseId> {
        let mut found = Vec::new();
        for (at, (nesting, name, file)) in self.begun.iter().enumerate() {
            let in_file = |begun: &&(usize, String, PathBuf)| begun.2 == *file;
            let has_inner = self.begun[at + 1..]
                .iter()
                .filter(in_file)
                .any(|inner| inner.0 == nesting + 1);
            if has_inner {
                continue;
            }
            let mut path = vec![name.as_str()];
            let mut level = *nesting;
            for outer in self.begun[..at].iter().rev().filter(in_file) {
                if outer.0 + 1 == level {
                    level = outer.0;
                    path.push(&outer.1);
                }
            }
            path.reverse();
            found.push(CaseId::new(Framework::Node, &file.to_string_lossy(), &path.join(" > ")));
        }
        if found.is_empty() && !self.around.is_empty() {
            let file = self.file.as_deref().map(|file| self.relative(file)).unwrap_or_default();
            found.push(CaseId::new(
                Framework::Node,
                &file.to_string_lossy(),
                &self.around.join(" > "),
            ));
        }
        found
    }
}

/// A file that is told as a test of its own.
fn is_file(told: &Told) -> bool {
    let file = told.file.as_deref();
    let is_it = |file: &Path| file == Path::new(&told.name) || file.ends_with(&told.name);
    told.nesting == 0 && file.is_some_and(is_it)
}
