//! Mocha, from the project's own `node_modules/.bin`: its options, and what chooses tests. It is heard as `js` tells, through a reporter of
//! ours, and names its tests by a dry run.

use super::js;
use super::{CaseId, Limits, Selection, Site, WHOLE_FILE};
use std::collections::BTreeSet;
use std::path::Path;

/// The reporter, written to a file that Mocha can load.
pub const REPORTER: &str = include_str!("../../../../resources/node/mocha_reporter.cjs");
/// The variable that names the files whose tests are wanted: the settings of a project may name more.
pub const FILES_VAR: &str = "CHANTIER_MOCHA_FILES";
/// Selections of more names than this are made by their files alone.
const MAX_NAMES: usize = 500;

/// Options with a value in the next word.
const WITH_VALUE: [&str; 27] = [
    "--config",
    "--package",
    "--ui",
    "-u",
    "--require",
    "-r",
    "--import",
    "--loader",
    "--experimental-loader",
    "--file",
    "--extension",
    "--ignore",
    "--exclude",
    "--spec",
    "--timeout",
    "-t",
    "--slow",
    "-s",
    "--retries",
    "--jobs",
    "-j",
    "--grep",
    "-g",
    "--fgrep",
    "-f",
    "--node-option",
    "-n",
];
/// What says how to report.
const OF_REPORT: [&str; 6] = [
    "--reporter",
    "-R",
    "--reporter-option",
    "--reporter-options",
    "-O",
    "--global-reporter",
];

/// The words behind `mocha` that count for every run: options, and the files or patterns of files.
pub fn options(words: &[String]) -> Vec<String> {
    let mut options = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let name = word.split('=').next().unwrap_or_default();
        if OF_REPORT.contains(&name) {
            if !word.contains('=') {
                words.next();
            }
            continue;
        }
        options.push(word.clone());
        if WITH_VALUE.contains(&word.as_str()) {
            options.extend(words.next().cloned());
        }
    }
    options
}

/// The same without files, which a selection has of its own, and without what chooses by name.
fn without_files(words: &[String]) -> Vec<String> {
    let mut options = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let value = WITH_VALUE.contains(&word.as_str()).then(|| words.next()).flatten();
        let name = word.split('=').next().unwrap_or_default();
        let is_choice = matches!(name, "--spec" | "--grep" | "-g" | "--fgrep" | "-f" | "--invert" | "-i");
        if word.starts_with('-') && !is_choice {
            options.push(word.clone());
            options.extend(value.cloned());
        }
    }
    options
}

/// A command line that a shell has to read: the program and our own options come behind it.
pub fn in_shell(words: &str) -> Vec<String> {
    let line = format!("program=$1; shift; exec \"$program\" {words} \"$@\"");
    ["sh", "-c", &line, "mocha"].map(str::to_owned).to_vec()
}

/// The command of a run.
pub fn run_argv(site: &Site, program: &str, selection: &Selection, limits: &Limits, reporter: &Path) -> Vec<String> {
    let mut own = vec!["--reporter".to_owned(), reporter.display().to_string()];
    if let Some(timeout) = limits.case_timeout {
        own.extend(["--timeout".to_owned(), timeout.as_millis().max(1).to_string()]);
    }
    match limits.jobs {
        None => {}
        Some(0 | 1) => own.push("--no-parallel".to_owned()),
        Some(jobs) => own.extend(["--parallel".to_owned(), "--jobs".to_owned(), jobs.to_string()]),
    }
    let Selection::Cases(cases) = selection else {
        return of_all(site, program, own);
    };
    let names: BTreeSet<String> = cases.iter().map(pattern).collect();
    let is_whole = cases.iter().any(|case| case.name == WHOLE_FILE) || names.len() > MAX_NAMES;
    if !is_whole {
        let names: Vec<String> = names.into_iter().collect();
        own.extend(["--grep".to_owned(), format!("^({})$", names.join("|"))]);
    }
    own.extend(files(site, cases));
    [vec![program.to_owned()], without_files(&site.options), own].concat()
}

/// The command that names all tests and runs none.
pub fn list_argv(site: &Site, program: &str, reporter: &Path) -> Vec<String> {
    let own = ["--reporter", &reporter.display().to_string(), "--dry-run", "--no-parallel"];
    of_all(site, program, own.map(str::to_owned).to_vec())
}

/// Arguments behind the program for one test in one process that no time-out ends.
pub fn debug_args(site: &Site, case: &CaseId) -> Vec<String> {
    let mut args = without_files(&site.options);
    args.extend(["--no-parallel", "--timeout", "0", "--grep"].map(str::to_owned));
    args.push(format!("^({})$", pattern(case)));
    args.extend(files(site, std::slice::from_ref(case)));
    args
}

/// The files of a selection, relative to the site.
fn files(site: &Site, cases: &[CaseId]) -> BTreeSet<String> {
    let files = cases.iter().map(|case| Path::new(&case.suite));
    let below = files.map(|file| file.strip_prefix(&site.dir).unwrap_or(file));
    below.map(|file| file.to_string_lossy().into_owned()).collect()
}

/// The value of [`FILES_VAR`] for a selection.
pub fn files_var(root: &Path, cases: &[CaseId]) -> String {
    let files: BTreeSet<String> = cases
        .iter()
        .map(|case| root.join(&case.suite).to_string_lossy().into_owned())
        .collect();
    files.into_iter().collect::<Vec<_>>().join("\n")
}

fn of_all(site: &Site, program: &str, own: Vec<String>) -> Vec<String> {
    if site.argv.first().is_some_and(|word| word == "sh") {
        return [site.argv.clone(), vec![program.to_owned()], own].concat();
    }
    [vec![program.to_owned()], site.options.clone(), own].concat()
}

/// A hook that failed is run by all tests of its group.
fn pattern(case: &CaseId) -> String {
    let path = case.path();
    let (around, last) = path.split_at(path.len().saturating_sub(1));
    let is_hook = last.first().is_some_and(|name| is_hook(name));
    if !is_hook {
        return js::pattern(case);
    }
    if around.is_empty() {
        ".*".to_owned()
    } else {
        let groups: Vec<String> = around.iter().map(|group| js::escaped(group)).collect();
        format!("{} .*", groups.join("(?: > | )"))
    }
}

/// `"before each" hook for "adds"`, `"after all" hook: close in "sums"`.
pub fn is_hook(name: &str) -> bool {
    [
        "\"before all\" hook",
        "\"before each\" hook",
        "\"after each\" hook",
        "\"after all\" hook",
    ]
    .iter()
    .any(|hook| name.starts_with(hook))
}
