//! What was merged by a pull request that the hand-written text names is told there, and the log of changes itself is no change.

use super::{Bench, KEPT};
use chantier::areas::release::{Change, ChangeKind, Wish};
use chantier::engine::Outcome;

#[test]
fn commits_of_a_merged_branch_count_by_the_number_of_its_pull_request() {
    let mut bench = Bench::new();
    bench.write(
        "CHANGELOG.md",
        &KEPT.replace("A new thing, told by hand", "A new thing, see #7 (@ana)"),
    );
    bench.commit("Update the list of changes");
    bench.git(&["checkout", "-q", "-b", "topic"]);
    bench.write("b", "1");
    bench.commit("feat: first try");
    bench.git(&["checkout", "-q", "main"]);
    bench.write("c", "1");
    bench.commit("feat: beside");
    bench.git(&["checkout", "-q", "topic"]);
    bench.git(&["merge", "-q", "-m", "Merge branch 'main' into topic", "main"]);
    bench.write("b", "2");
    bench.commit("feat: second try");
    bench.git(&["checkout", "-q", "main"]);
    bench.git(&[
        "merge",
        "-q",
        "--no-ff",
        "-m",
        "Merge pull request #7 from ana/topic",
        "topic",
    ]);
    bench.git(&["checkout", "-q", "-b", "other"]);
    bench.write("d", "1");
    bench.commit("fix: another leak");
    bench.git(&["checkout", "-q", "main"]);
    let of_gitlab = "Merge branch 'other' into 'main'\n\nSee merge request ana/app!8";
    bench.git(&["merge", "-q", "--no-ff", "-m", of_gitlab, "other"]);

    let readiness = bench.prepare(Wish::Commits);
    let of = |text: &str| -> Change {
        let mut found = readiness.changes.iter().filter(|change| change.text == text);
        found.next().unwrap_or_else(|| panic!("{text}: {readiness:?}")).clone()
    };
    for (text, merged_by, is_covered) in [
        ("first try", &["#7"][..], true),
        ("second try", &["#7"], true),
        ("beside", &[], false),
        ("another leak", &["!8"], false),
    ] {
        let change = of(text);
        assert_eq!(change.merged_by, merged_by, "{text}");
        assert_eq!(change.is_covered, is_covered, "{text}");
    }
    let log = of("Update the list of changes");
    assert_eq!((log.kind, log.level), (ChangeKind::Other, None));
    let draft = &readiness.draft;
    assert!(draft.contains("Beside") && draft.contains("Another leak"), "{draft}");
    assert!(!draft.contains(" try") && !draft.contains("list of changes"), "{draft}");
}

/// As documentation has it, `CHANGELOG.md -> docs/changes.md`: the file is written and the link stays one.
#[test]
fn a_changelog_that_is_a_link_stays_one() {
    let mut bench = Bench::new();
    std::fs::create_dir(bench.root().join("docs")).unwrap();
    bench.git(&["mv", "CHANGELOG.md", "docs/changes.md"]);
    std::os::unix::fs::symlink("docs/changes.md", bench.root().join("CHANGELOG.md")).unwrap();
    bench.commit("docs: the list of changes is part of the manual");
    assert_eq!(bench.release(Wish::Commits), Outcome::Done);
    assert!(bench.git(&["ls-tree", "HEAD", "CHANGELOG.md"]).starts_with("120000 "));
    assert!(bench.read("docs/changes.md").contains("## [0.3.0]"));
    assert_eq!(bench.git(&["status", "--porcelain"]), "");
}
