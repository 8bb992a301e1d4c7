//! Differences as one wants to see them, and those of what is no plain file: beside git's own answers, and on the command line.

use super::fixture::{Fixture, path};
use crate::support::cli::Home;
use chantier::base::diff::{DiffFile, DiffLook, DiffOf, LineKind};
use chantier::base::repo::Change;

fn look(context: u32, ignores_space: bool) -> DiffLook {
    DiffLook { context, ignores_space }
}

/// The hunks as git prints them, without what stands after the second `@@`.
fn printed(file: &DiffFile) -> String {
    let mut out = String::new();
    for hunk in file.hunks() {
        out += &format!("{}\n", hunk.range());
        for line in &hunk.lines {
            let sign = match line.kind {
                LineKind::Context => ' ',
                LineKind::Added => '+',
                LineKind::Removed => '-',
            };
            out += &format!("{sign}{}\n", line.text);
        }
    }
    out
}

/// What git prints, from its first hunk on.
fn judged(fixture: &Fixture, args: &[&str]) -> String {
    let text = String::from_utf8(fixture.run(args)).unwrap();
    let lines = text.lines().skip_while(|line| !line.starts_with("@@"));
    let bare = |line: &str| match line.strip_prefix("@@").and_then(|rest| rest.split_once("@@")) {
        Some((range, _)) => format!("@@{range}@@\n"),
        None => format!("{line}\n"),
    };
    lines.map(bare).collect()
}

/// Forty lines; one is other, one has other white space.
fn spaced() -> Fixture {
    let fixture = Fixture::new();
    let lines = |at: usize, of: &str| -> String {
        let line = |n: usize| match n {
            n if n == at => of.to_owned(),
            n => format!("fn line_{n}() {{ {n} }}\n"),
        };
        (0..40).map(line).collect()
    };
    fixture.write("f.rs", lines(20, "fn line_20() { 20 }\n"));
    fixture.write("only.txt", "a b\nc\n");
    fixture.commit_all("before");
    let changed = lines(20, "fn line_20() { 21 }\n").replace("fn line_5() { 5 }", "fn   line_5()  {5 }  ");
    fixture.write("f.rs", changed);
    fixture.write("only.txt", "a  b\nc \n");
    fixture
}

#[test]
fn context_and_white_space_are_those_of_git() {
    let fixture = spaced();
    let name = path("f.rs");
    let of = [DiffOf::Unstaged, DiffOf::Both];
    for (of, context) in of.iter().flat_map(|of| [0, 1, 3, 10, 100].map(|context| (of, context))) {
        let around = format!("-U{context}");
        let ask = |ignores_space| {
            let look = look(context, ignores_space);
            fixture.git.diff(&fixture.root, of, &name, None, look, false).unwrap()
        };
        assert_eq!(
            printed(&ask(false)),
            judged(&fixture, &["diff", &around, "f.rs"]),
            "{of:?} {context}"
        );
        let without = judged(&fixture, &["diff", "-w", &around, "f.rs"]);
        assert_eq!(printed(&ask(true)), without, "{of:?} {context}");
        assert!(without.matches("\n-").count() == 1, "{without}");
    }
    let only = fixture
        .git
        .diff(&fixture.root, &DiffOf::Both, &path("only.txt"), None, look(3, true), false)
        .unwrap();
    assert!(only.says_nothing());
    let home = Home::new();
    let call = |args: &[&str]| home.call_in(&fixture.root, args).ok().out;
    let told = call(&["code", "diff", "--ignore-space", "-U0"]);
    assert!(
        told.contains("@@ -21 +21 @@") && !told.contains("only.txt") && !told.contains("line_5"),
        "{told}"
    );
    assert!(!told.contains(" [1]\n"), "no number that would mean another one: {told}");
    let usual = call(&["code", "diff"]);
    assert!(usual.contains(" [1]\n"), "{usual}");
    assert!(usual.contains("diff only.txt") && usual.contains("-fn line_5"), "{usual}");
    fixture.commit_all("after");
    let shown = call(&["code", "show", "-p", "--ignore-space"]);
    assert!(shown.contains("+fn line_20() { 21 }") && !shown.contains("-a b"), "{shown}");
    let compared = call(&["code", "compare", "HEAD~1", "HEAD", "-p", "--context", "1"]);
    assert!(compared.contains("@@ -20,3 +20,3 @@"), "{compared}");
}

#[test]
fn a_staged_rename_is_one_change_with_both_names() {
    let fixture = Fixture::new();
    let text: String = (0..30).map(|n| format!("line {n}\n")).collect();
    fixture.write("src/old.rs", &text);
    fixture.write("same.txt", "one\ntwo\nthree\n");
    fixture.commit_all("before");
    std::fs::create_dir(fixture.path("lib")).unwrap();
    fixture.run(&["mv", "src/old.rs", "lib/new.rs"]);
    fixture.run(&["mv", "same.txt", "other.txt"]);
    fixture.write("lib/new.rs", text.replace("line 7\n", "line seven\n"));
    fixture.run(&["add", "lib/new.rs"]);
    fixture.write(
        "lib/new.rs",
        text.replace("line 7\n", "line seven\n").replace("line 20\n", "line twenty\n"),
    );
    let status = fixture.git.status(&fixture.root).unwrap();
    let entry = status.entry(&path("lib/new.rs")).unwrap();
    assert_eq!(
        (entry.staged, entry.unstaged),
        (Some(Change::Renamed), Some(Change::Modified))
    );
    assert_eq!(entry.renamed_from, Some(path("src/old.rs")));
    assert_eq!(
        (status.summary.n_staged, status.summary.n_paths, status.entries.len()),
        (2, 2, 2)
    );
    let staged = fixture
        .git
        .diff(
            &fixture.root,
            &DiffOf::Staged,
            &path("lib/new.rs"),
            Some(&path("src/old.rs")),
            look(3, false),
            false,
        )
        .unwrap();
    assert_eq!(
        printed(&staged),
        judged(&fixture, &["diff", "--cached", "-M", "--", "src", "lib"])
    );
    // All of it in one: only what really changed, each line with its place in the index.
    let both = fixture
        .git
        .diff(
            &fixture.root,
            &DiffOf::Both,
            &path("lib/new.rs"),
            Some(&path("src/old.rs")),
            look(3, false),
            false,
        )
        .unwrap();
    assert_eq!((both.change, both.n_added, both.n_removed), (Change::Renamed, 2, 2));
    let home = Home::new();
    let call = |args: &[&str]| home.call_in(&fixture.root, args).ok().out;
    let told = call(&["code", "status"]);
    assert!(
        told.contains("RM src/old.rs -> lib/new.rs\n") && told.contains("R  same.txt -> other.txt\n"),
        "{told}"
    );
    assert!(told.contains("2 staged") && !told.contains("D "), "{told}");
    let told = call(&["code", "diff", "--staged"]);
    assert!(
        told.contains("diff src/old.rs lib/new.rs\n") && told.contains("+line seven\n"),
        "{told}"
    );
    assert!(!told.contains("line 28"), "only what differs: {told}");
}

#[test]
fn a_conflict_a_submodule_and_a_bare_repository_are_told() {
    let fixture = Fixture::new();
    fixture.write("f", "one\ntwo\nthree\n");
    fixture.commit_all("before");
    fixture.run(&["switch", "-q", "-c", "side"]);
    fixture.write("f", "one\nside\nthree\n");
    fixture.commit_all("side");
    fixture.run(&["switch", "-q", "main"]);
    fixture.write("f", "one\nmain\nthree\n");
    fixture.commit_all("main");
    fixture.try_run(&fixture.root, &["merge", "-q", "side"]);
    let home = Home::new();
    let told = home.call_in(&fixture.root, &["code", "diff"]).ok().out;
    assert!(
        told.contains("in conflict") && told.contains("+<<<<<<< HEAD\n") && told.contains("+side\n"),
        "{told}"
    );
    assert!(!told.contains("new file"), "{told}");
    let ours = fixture
        .git
        .diff(&fixture.root, &DiffOf::Both, &path("f"), None, look(3, false), false)
        .unwrap();
    assert_eq!(printed(&ours), judged(&fixture, &["diff", "--ours", "f"]));

    let parent = Fixture::new();
    let inner = Fixture::new();
    inner.write("a", "1\n");
    inner.commit_all("inside");
    let source = inner.root.to_str().unwrap();
    parent.run(&[
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        source,
        "sub",
    ]);
    parent.commit_all("with it");
    parent.write("sub/a", "2\n");
    let told = home.call_in(&parent.root, &["code", "diff"]).ok().out;
    assert!(
        told.contains("Submodule") && told.contains("files inside it changed"),
        "{told}"
    );

    let bare = Fixture::bare_folder();
    bare.run(&["init", "-q", "--bare"]);
    let told = home.call_in(&bare.root, &["code", "status"]).ok().out;
    assert!(
        told.contains("a bare repository") && !told.contains("nothing changed"),
        "{told}"
    );
}
