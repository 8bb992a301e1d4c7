//! P-GIT: the repository bars beside git and gitui, on a made repository: `cargo bench --bench git -- [large | commits=N] [NAME]`, or
//! on any other: `repo=FOLDER file=PATH`, whose checkout is a clone of its own. What is made is kept below the build folder, so that
//! the next run starts at once.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a benchmark prints its lines")]

mod checkout;
mod gitui;
mod made;
mod measure;

use chantier::adapters::git::{BlameTold, Git, HistoryOf, Repo};
use chantier::adapters::masks::Masks;
use chantier::adapters::process::{ProcessConfig, Processes};
use chantier::base::{Clock, GitPath};
use made::Recipe;
use measure::{Took, alternate, command, head, line, median, note, run, status_number, thread_cpu_ms};
use std::path::{Path, PathBuf};
use std::time::Instant;
use tokio_util::sync::CancellationToken;

/// Rows of a first screen.
const SCREEN: u64 = 60;

fn main() {
    let mut recipe = Recipe::MODERATE;
    let (mut wanted, mut repo, mut file) = (String::new(), None, None);
    for word in std::env::args().skip(1).filter(|word| !word.starts_with('-')) {
        match word.split_once('=') {
            Some(("commits", n)) => recipe.commits = n.parse().unwrap(),
            Some(("repo", folder)) => repo = Some(PathBuf::from(folder).canonicalize().unwrap()),
            Some(("file", path)) => file = Some(path.to_owned()),
            _ if word == "large" => recipe = Recipe::LARGE,
            _ => wanted = word,
        }
    }
    let is_wanted = |name: &str| name.contains(wanted.as_str());
    head();
    if is_wanted("P-GIT-2 status") || is_wanted("P-GIT-4 todos") {
        let root = match &repo {
            Some(repo) => checkout::clone_of(repo),
            None => checkout::made(),
        };
        note(&format!("{}", root.display()));
        if is_wanted("P-GIT-2 status") {
            checkout::status(&root);
        }
        if is_wanted("P-GIT-4 todos") {
            checkout::todos(&root);
        }
    }
    if is_wanted("P-WATCH") && repo.is_none() {
        checkout::watch();
    }
    if !is_wanted("P-GIT-1 history") && !is_wanted("P-GIT-3 blame") {
        return;
    }
    let file = file.unwrap_or_else(|| match &repo {
        Some(repo) => often_changed(repo),
        None => made::LONG_FILE.to_owned(),
    });
    let repo = repo.unwrap_or_else(|| repository(&recipe));
    note(&format!("{}", repo.display()));
    if is_wanted("P-GIT-1 history") {
        history(&repo);
    }
    if is_wanted("P-GIT-3 blame") {
        blame(&repo, &file);
    }
}

/// Of the files at HEAD the one that the last commits changed most often.
fn often_changed(repo: &Path) -> String {
    let told = |args: &[&str]| run(command("git", repo).args(args)).unwrap().1;
    let there = told(&["ls-tree", "-r", "--name-only", "HEAD"]);
    let there: std::collections::HashSet<&str> = there.lines().collect();
    let changed = told(&["log", "--format=", "--name-only", "--no-merges", "-n", "20000"]);
    let mut counts: std::collections::BTreeMap<&str, usize> = std::collections::BTreeMap::new();
    for path in changed.lines().filter(|path| there.contains(path)) {
        *counts.entry(path).or_default() += 1;
    }
    let most = counts.into_iter().max_by_key(|(_, n)| *n);
    most.map(|(path, _)| path.to_owned())
        .expect("a repository has a file that was changed")
}

/// The made repository, made now if it is not there.
fn repository(recipe: &Recipe) -> PathBuf {
    let name = format!("bench-{}-{}.git", recipe.commits, recipe.files);
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if !place.join("objects/info/commit-graph").is_file() {
        if place.exists() {
            std::fs::remove_dir_all(&place).unwrap();
        }
        note("making the repository, once");
        made::make(&place, recipe);
    }
    place
}

/// The adapter as it is when the program starts: nothing is known.
fn fresh() -> Git {
    Git::new(Processes::new(ProcessConfig::default(), Masks::default(), Clock::system()))
}

fn timed(work: impl FnOnce()) -> Took {
    let (since, cpu) = (Instant::now(), thread_cpu_ms());
    work();
    Took {
        wall: since.elapsed().as_secs_f64() * 1e3,
        cpu: thread_cpu_ms() - cpu,
    }
}

/// P-GIT-1: all commits in order and in lanes, and what the rows of a first screen say, beside git's first screen.
fn history(root: &Path) {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let cancel = CancellationToken::new();
    let repo = Repo { root, is_trusted: true };
    let of = HistoryOf {
        is_all: true,
        ..HistoryOf::default()
    };
    let open = || {
        runtime.block_on(async {
            let git = fresh();
            let history = git.history(repo, &of, &cancel, |_| {}).await.unwrap();
            let rows = git.history_rows(repo, &history, 0, SCREEN, &cancel).await.unwrap().unwrap();
            assert!(!rows.is_empty());
            (git, history)
        })
    };
    let before = status_number(std::process::id(), "RssAnon");
    let (git, known) = open();
    let held = (status_number(std::process::id(), "RssAnon") - before) / 1024.0;
    let n = known.outline().n_rows;
    let (ours, peer) = alternate(
        || timed(|| drop(open())),
        || run(command("git", root).args(["log", "--graph", "--all", "-200"])).unwrap().0,
    );
    line(
        &format!("P-GIT-1 history of {n} commits"),
        (ours.wall, peer.wall),
        "ms",
        "<= 0.5, RssAnon <= 200 MiB",
    );
    gitui::history(root, &mut || timed(|| drop(open())));
    note(&format!(
        "{:?}, {} commits outside of the commit-graph, {held:.0} MiB RssAnon more",
        known.outline().graph,
        known.outline().n_loose
    ));
    let mut rows = Vec::new();
    for at in 1..=20 {
        let first = n * at / 21;
        rows.push(timed(|| drop(runtime.block_on(git.history_rows(repo, &known, first, 200, &cancel)))).wall);
    }
    note(&format!("200 rows anywhere: {:.1} ms", median(&rows)));
}

/// P-GIT-3: every line of a long file with a long history.
fn blame(root: &Path, file: &str) {
    let mut firsts = Vec::new();
    let (ours, peer) = alternate(
        || {
            let since = Instant::now();
            let mut first = None;
            let took = timed(|| {
                fresh()
                    .blame(root, &GitPath::from(file), Some("HEAD"), &|| false, &mut |told| {
                        if let BlameTold::Runs { .. } = told {
                            first.get_or_insert_with(|| since.elapsed().as_secs_f64() * 1e3);
                        }
                    })
                    .unwrap();
            });
            firsts.extend(first);
            took
        },
        || run(command("git", root).args(["blame", "HEAD", "--", file])).unwrap().0,
    );
    line(&format!("P-GIT-3 blame of {file}"), (ours.wall, peer.wall), "ms", "<= 0.5");
    line("P-GIT-3 first lines", (median(&firsts), peer.wall), "ms", "<= 200 ms");
}
