//! What `cargo test` is called with: everything, chosen tests, doc tests, the list; and what says which program writes.

use super::{CaseId, Framework, Limits, Selection, Site};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Before the path of a test program, in what it writes.
pub(super) const PROGRAM_MARK: &[u8] = b"\x02chantier runs ";

/// The targets that a toolchain of this machine builds for by itself.
const TARGETS: [&str; 4] = [
    "X86_64_UNKNOWN_LINUX_GNU",
    "X86_64_UNKNOWN_LINUX_MUSL",
    "AARCH64_UNKNOWN_LINUX_GNU",
    "AARCH64_UNKNOWN_LINUX_MUSL",
];

/// cargo starts each test program by this: it says which one writes what follows, and becomes it. Two pipes have no common order, and a
/// program without libtest writes what it likes.
pub fn runner() -> String {
    format!(
        "# Says which test program writes what follows, and becomes it.\nunset {}\n\
         case \"$1\" in\n*/rust_out) ;;\n*) printf '\\002chantier runs %s\\n' \"$1\" ;;\nesac\nexec \"$@\"\n",
        TARGETS.map(|target| format!("CARGO_TARGET_{target}_RUNNER")).join(" ")
    )
}

/// Has cargo start test programs by the runner at this path, whose words must not be taken apart at blanks.
pub fn runner_env(runner: &Path) -> BTreeMap<String, String> {
    let path = runner.to_str().filter(|path| !path.contains(char::is_whitespace));
    let words = path.map(|path| format!("sh {path}"));
    words
        .into_iter()
        .flat_map(|words| TARGETS.map(|target| (format!("CARGO_TARGET_{target}_RUNNER"), words.clone())))
        .collect()
}

/// The commands of a run: doc tests that are chosen have one of their own, as cargo does not mix them with others.
pub fn run_argvs(site: &Site, selection: &Selection, limits: &Limits) -> Vec<Vec<String>> {
    let Selection::Cases(cases) = selection else {
        return vec![run_argv(site, selection, limits)];
    };
    let (docs, others): (Vec<CaseId>, Vec<CaseId>) = cases.iter().cloned().partition(is_doc);
    let parts = [others, docs].into_iter().filter(|part| !part.is_empty());
    parts.map(|part| run_argv(site, &Selection::Cases(part), limits)).collect()
}

pub fn is_doc(case: &CaseId) -> bool {
    case.framework == Framework::Cargo && case.suite.ends_with("::doc")
}

/// A word of the name of a doc test, for rustdoc: it takes its filters apart at blanks, so that a whole name never fits.
fn doc_filter(name: &str) -> &str {
    let Some((before, line)) = name.rsplit_once(" (line ") else {
        return name;
    };
    let item = before.rsplit_once(" - ").map_or("", |(_, item)| item);
    if item.is_empty() || item.contains(char::is_whitespace) {
        line
    } else {
        item
    }
}

/// Program and arguments of one command.
fn run_argv(site: &Site, selection: &Selection, limits: &Limits) -> Vec<String> {
    let mut argv = base_argv(site);
    let tail = argv.iter().position(|word| word == "--").map(|at| argv.split_off(at));
    for word in ["--no-fail-fast", "--message-format=json-diagnostic-rendered-ansi"] {
        if !argv.iter().any(|known| known.split('=').next() == word.split('=').next()) {
            argv.push(word.to_owned());
        }
    }
    let mut tail = tail.unwrap_or_else(|| vec!["--".to_owned()]);
    if let Selection::Cases(cases) = selection {
        // The packages are named instead.
        argv.retain(|word| word != "--workspace" && word != "--all");
        for package in packages(cases) {
            argv.extend(["-p".to_owned(), package]);
        }
        argv.extend(targets(cases));
        if cases.iter().any(is_doc) {
            let filters: BTreeSet<&str> = cases.iter().map(|case| doc_filter(&case.name)).collect();
            tail.extend(filters.into_iter().map(str::to_owned));
        } else {
            tail.push("--exact".to_owned());
            tail.extend(cases.iter().map(|case| case.name.clone()));
        }
    }
    tail.extend(limits.jobs.map(|jobs| format!("--test-threads={jobs}")));
    if tail.len() > 1 {
        argv.extend(tail);
    }
    argv
}

/// Lists without running: libtest's list with its closing count, so that it falls into one block per binary.
pub fn list_argv(site: &Site) -> Vec<String> {
    let mut argv = base_argv(site);
    if let Some(at) = argv.iter().position(|word| word == "--") {
        argv.truncate(at);
    }
    argv.extend(
        [
            "--message-format=json-diagnostic-rendered-ansi",
            "--no-fail-fast",
            "--",
            "--list",
        ]
        .map(str::to_owned),
    );
    argv
}

pub(super) fn base_argv(site: &Site) -> Vec<String> {
    if site.argv.is_empty() {
        ["cargo", "test", "--workspace"].map(str::to_owned).to_vec()
    } else {
        site.argv.clone()
    }
}

pub(super) fn packages(cases: &[CaseId]) -> BTreeSet<String> {
    cases
        .iter()
        .filter_map(|case| case.suite.split("::").next())
        .map(str::to_owned)
        .collect()
}

/// The cargo arguments that name the binaries of the cases; none when one of them can not be named.
pub(super) fn targets(cases: &[CaseId]) -> BTreeSet<String> {
    let mut targets = BTreeSet::new();
    if cases.iter().any(is_doc) {
        return BTreeSet::from(["--doc".to_owned()]);
    }
    for case in cases {
        let target = match case.suite.split_once("::") {
            None => "--lib".to_owned(),
            Some((_, rest)) => match rest.split_once('/') {
                Some(("bin", name)) => format!("--bin={name}"),
                Some(("example", name)) => format!("--example={name}"),
                Some(("bench", name)) => format!("--bench={name}"),
                Some(_) => "--lib".to_owned(),
                None => format!("--test={rest}"),
            },
        };
        targets.insert(target);
    }
    targets
}
