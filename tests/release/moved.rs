//! Others push to the branch while a release is made: its tag never stands beside the branch.

use super::Bench;
use chantier::areas::release::{Command as Release, Wish};
use chantier::base::Problem;
use chantier::engine::Outcome;
use std::process::Command as Program;

const STEPS: &str = "[[release.step]]\nkind = \"bump\"\n[[release.step]]\nkind = \"changelog\"\n[[release.step]]\nkind = \"commit\"\n\
                     [[release.step]]\nkind = \"tag\"\n[[release.step]]\nkind = \"publish\"\n";

impl Bench {
    fn problem_of(outcome: Outcome) -> Problem {
        match outcome {
            Outcome::Failed { problem } => problem,
            other => panic!("a failure was expected, not {other:?}"),
        }
    }
}

#[test]
fn a_version_whose_commit_was_rebased_away_is_not_given_out_and_can_be_made_again() {
    let mut bench = Bench::new();
    let there = bench.folder.path().canonicalize().unwrap().join("there.git");
    bench.git(&["init", "-q", "--bare", "-b", "main", there.to_str().unwrap()]);
    let project = bench.read("chantier.toml");
    bench.write("chantier.toml", &format!("{project}{STEPS}"));
    bench.commit("chore: steps");
    let workspace = bench.workspace.clone();
    bench.session().world.trust().trust(&workspace).unwrap();
    bench.git(&["remote", "add", "origin", there.to_str().unwrap()]);
    bench.git(&["push", "-q", "-u", "origin", "main", "--tags"]);
    let other = bench.folder.path().join("other");
    let others = |args: &[&str]| {
        let mut all = vec!["-c", "user.name=Bob", "-c", "user.email=bob@example.org"];
        all.extend(args);
        let done = Program::new("git").args(&all).current_dir(&other).status().unwrap();
        assert!(done.success(), "{args:?}");
    };
    bench.git(&["clone", "-q", there.to_str().unwrap(), other.to_str().unwrap()]);
    std::fs::write(other.join("theirs"), "x").unwrap();
    others(&["add", "."]);
    others(&["commit", "-q", "-m", "fix: of somebody else"]);
    others(&["push", "-q"]);

    let refused = Bench::problem_of(bench.release(Wish::Commits));
    assert_eq!(
        (refused.code.as_ref(), refused.hint.unwrap().key.as_ref()),
        ("rejected", "release-push-rejected-hint")
    );
    bench.git(&["pull", "-q", "--rebase"]);
    let refused = Bench::problem_of(bench.run(Release::Resume {
        workspace: workspace.clone(),
    }));
    assert_eq!(
        (refused.code.as_ref(), refused.summary.key.as_ref()),
        ("moved-on", "release-left-behind")
    );
    assert!(
        !bench.git(&["ls-remote", "--tags", "origin"]).contains("v0.3.0"),
        "nothing was given out"
    );
    assert_eq!(bench.run(Release::Abort { workspace }), Outcome::Done);
    assert_eq!(bench.git(&["log", "-1", "--format=%s"]), "fix: of somebody else");
    assert_eq!(bench.git(&["status", "--porcelain"]), "");
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    assert_eq!(
        bench.git(&["rev-parse", "v0.3.0^{commit}"]),
        bench.git(&["rev-parse", "origin/main"])
    );
    assert!(bench.git(&["ls-remote", "--tags", "origin"]).contains("v0.3.0"));
}

/// A release is written down before each of its steps: where nothing is kept none is begun.
#[test]
fn no_release_is_begun_where_the_ledger_is_forgotten() {
    let home = crate::support::cli::Home::new();
    let root = home.path("project");
    std::fs::create_dir(&root).unwrap();
    crate::support::cli::git(&root, &["init", "-q"]);
    crate::support::cli::git(&root, &["config", "user.name", "Ana"]);
    crate::support::cli::git(&root, &["config", "user.email", "ana@example.org"]);
    std::fs::write(root.join("a"), "a").unwrap();
    crate::support::cli::git(&root, &["add", "."]);
    crate::support::cli::git(&root, &["commit", "-q", "-m", "feat: a"]);
    home.call_in(&root, &["release", "list"]).ok();
    let mut open = vec![home.path("")];
    let mut ledger = None;
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && !path.ends_with("project") {
                open.push(path);
            } else if path.ends_with("ledger.sqlite") {
                ledger = Some(path);
            }
        }
    }
    let ledger = ledger.expect("it is kept somewhere");
    std::fs::remove_file(&ledger).unwrap();
    std::fs::create_dir(&ledger).unwrap();
    let refused = home.call_in(&root, &["--trust", "release", "run", "0.1.0", "--json"]);
    assert!(
        refused.code != 0 && refused.out.contains("store-memory-only"),
        "{}",
        refused.out
    );
    assert_eq!(crate::support::cli::git(&root, &["tag"]), "");
    assert_eq!(crate::support::cli::git(&root, &["log", "--format=%s"]).trim(), "feat: a");
}
