//! What the command line says of acts: what was taken back, how an unfinished operation goes on, and what is wrong with a request.

use super::fixture::Fixture;
use crate::support::cli::{Called, Home};
use chantier::base::{Catalog, Lang};
use chantier::msg;
use serde_json::Value;

/// A repository and the real program in it.
struct Bench {
    fixture: Fixture,
    home: Home,
}

impl Bench {
    fn new() -> Self {
        Self {
            fixture: Fixture::new(),
            home: Home::new(),
        }
    }

    /// `f` in three versions, and `main` before the merge of `side`.
    fn with_conflict() -> Self {
        let bench = Self::new();
        let fixture = &bench.fixture;
        fixture.write("f", "1\n2\n3\n");
        fixture.commit_all("base");
        fixture.run(&["switch", "-q", "-c", "side"]);
        fixture.write("f", "1\ntheirs\n3\n");
        fixture.commit_all("theirs");
        fixture.run(&["switch", "-q", "main"]);
        fixture.write("f", "1\nours\nours too\n3\n");
        fixture.commit_all("ours");
        bench
    }

    fn code(&self, args: &[&str]) -> Called {
        let args = [&["--trust", "code"], args].concat();
        self.home.call_in(&self.fixture.root, &args)
    }

    fn fails(&self, args: &[&str], said: &[&str]) {
        let told = self.code(args);
        assert_eq!(told.code, 1, "{args:?}\n{}{}", told.out, told.err);
        for words in said {
            assert!(told.err.contains(words), "{args:?}: {words}\n{}{}", told.out, told.err);
        }
    }

    fn titles(&self) -> Vec<String> {
        let timeline = self.code(&["timeline", "--json"]).ok().json();
        let entries = timeline["result"]["entries"].as_array().unwrap().iter();
        entries.map(|entry| entry["kind"].as_str().unwrap().to_owned()).collect()
    }
}

#[test]
fn undo_and_redo_say_which_step_they_took() {
    let bench = Bench::new();
    bench.fixture.write("f", "1\n");
    bench.fixture.commit_all("one");
    bench.code(&["tag", "create", "v1"]).ok();
    let back = bench.code(&["undo"]).ok().out;
    assert!(back.starts_with("Took back: Created tag v1\n"), "{back}");
    let again = bench.code(&["redo", "--json"]).ok().json();
    let step = &again["result"]["act"]["steps"][0];
    assert_eq!(
        (step["kind"].as_str(), step["title"].as_str()),
        (Some("create_tag"), Some("Created tag v1"))
    );
    bench.code(&["branch", "create", "side"]).ok();
    let both = bench.code(&["undo", "2"]).ok().out;
    assert!(
        both.starts_with("Took back: Created branch side\nTook back: Created tag v1\n"),
        "{both}"
    );
    assert!(bench.code(&["redo"]).ok().out.starts_with("Done again: Created tag v1\n"));
}

#[test]
fn an_unfinished_operation_names_the_steps_that_it_has() {
    let bench = Bench::with_conflict();
    assert_eq!(bench.code(&["merge", "side"]).code, 1);
    let status = bench.code(&["status"]).ok().out;
    assert!(
        status.contains("chantier code continue (or abort)") && !status.contains("skip"),
        "{status}"
    );
    bench.fails(&["skip"], &["A merge has no step to skip", "chantier code continue"]);
    bench.code(&["resolve", "f", "--ours"]).ok();
    bench.code(&["continue"]).ok();
    assert_eq!(bench.titles()[0], "merge", "it is the merge that was finished");
    // A rebase that stops to edit.
    let plan = format!("edit {}\n", bench.fixture.text(&["rev-parse", "side"]));
    bench.fixture.run(&["switch", "-q", "side"]);
    let file = bench.fixture.dir.path().join("plan");
    std::fs::write(&file, plan).unwrap();
    let stopped = bench.code(&["rebase", "HEAD~1", "--plan", file.to_str().unwrap()]).ok().out;
    assert!(
        stopped.contains("Stopped to edit") && stopped.contains("chantier code continue"),
        "{stopped}"
    );
}

#[test]
fn a_bisect_is_begun_judged_and_ended() {
    let bench = Bench::new();
    for n in 0..8 {
        bench.fixture.write("f", format!("{n}\n"));
        bench.fixture.commit_all(&format!("number {n}"));
    }
    bench.fails(&["bisect", "good"], &["No bisect is under way", "chantier code bisect start"]);
    bench.fails(&["bisect", "reset"], &["No bisect is under way"]);
    bench.fails(&["bisect", "start", "HEAD", "nope"], &["is called nope"]);
    let begun = bench.code(&["bisect", "start", "HEAD", "HEAD~7"]).ok().out;
    assert!(begun.contains("chantier code bisect good (or bad, or skip)"), "{begun}");
    assert!(!bench.code(&["status"]).ok().out.contains("chantier code continue"));
    bench.fails(&["continue"], &["goes on by judging", "chantier code bisect good"]);
    bench.fails(&["bisect", "start", "HEAD", "HEAD~7"], &["under way already"]);
    // Every commit from number 3 on is bad.
    let mut found = String::new();
    for _ in 0..5 {
        let n: u32 = bench.fixture.text(&["show", "HEAD:f"]).parse().unwrap();
        found = bench.code(&["bisect", if n < 3 { "good" } else { "bad" }]).ok().out;
        if found.contains("is the first bad commit") {
            break;
        }
    }
    assert!(found.contains("number 3"), "{found}");
    bench.code(&["bisect", "reset"]).ok();
    assert_eq!(bench.fixture.text(&["symbolic-ref", "--short", "HEAD"]), "main");
    assert_eq!(bench.titles()[0], "bisect_reset");
    let back = bench.code(&["undo"]).ok().out;
    assert!(
        back.contains("number 3") && back.contains("bisect reset"),
        "it is under way again: {back}"
    );
    bench.code(&["bisect", "reset"]).ok();
    bench.code(&["bisect", "start", "HEAD", "HEAD~2"]).ok();
    bench.fails(&["bisect", "skip"], &["Only commits that were skipped are left"]);
}

#[test]
fn a_push_that_would_be_refused_is_said_before() {
    let bench = Bench::new();
    bench.fixture.write("f", "1\n");
    bench.fixture.commit_all("one");
    let remote = bench.fixture.dir.path().join("remote.git");
    bench.fixture.run(&["clone", "-q", "--bare", ".", remote.to_str().unwrap()]);
    bench.fixture.run(&["remote", "add", "origin", remote.to_str().unwrap()]);
    bench.fixture.write("f", "theirs\n");
    bench.fixture.commit_all("only there");
    bench.fixture.run(&["push", "-q", "-u", "origin", "main"]);
    bench.fixture.run(&["reset", "-q", "--hard", "HEAD~1"]);
    bench.fixture.write("g", "ours\n");
    bench.fixture.commit_all("only here");
    let said = bench.code(&["push", "--preview"]).ok().out;
    assert!(
        said.contains("would be refused") && said.contains("chantier code pull"),
        "{said}"
    );
    assert!(!said.contains("takes it away"), "{said}");
    let said = bench.code(&["push", "--preview", "--force-with-lease"]).ok().out;
    assert!(said.contains("a push takes it away"), "{said}");
    let data = bench.code(&["push", "--preview", "--json"]).ok().json();
    assert_eq!(data["result"]["is_refused"], true);
    // Detached, there is nothing to pull into.
    bench.fixture.run(&["switch", "-q", "--detach"]);
    bench.fails(&["pull"], &["HEAD is on no branch", "Switch to a branch"]);
}

#[test]
fn a_fixup_that_was_given_up_leaves_the_branch_and_the_index_as_they_were() {
    for is_all in [false, true] {
        let bench = Bench::new();
        let fixture = &bench.fixture;
        fixture.commit_all("base");
        fixture.write("f", "1\n");
        fixture.write("g", "1\n");
        fixture.commit_all("first");
        let first = fixture.text(&["rev-parse", "HEAD"]);
        fixture.write("f", "2\n");
        fixture.commit_all("second");
        let head = fixture.text(&["rev-parse", "HEAD"]);
        fixture.write("f", "3\n");
        if !is_all {
            fixture.run(&["add", "f"]);
        }
        fixture.write("g", "changed\n");
        let before = fixture.text(&["status", "--porcelain"]);
        let mut fixup = vec!["commit", "--fixup", &first];
        fixup.extend(is_all.then_some("--all"));
        bench.fails(&fixup, &["could not all be made again"]);
        bench.code(&["abort"]).ok();
        assert_eq!(fixture.text(&["rev-parse", "HEAD"]), head);
        assert_eq!(fixture.text(&["status", "--porcelain"]), before, "{is_all}");
        assert_eq!(
            (fixture.read("f"), fixture.read("g")),
            (b"3\n".to_vec(), b"changed\n".to_vec())
        );
        // Under way again, and given up again.
        bench.code(&["undo"]).ok();
        bench.code(&["abort"]).ok();
        assert_eq!(fixture.text(&["status", "--porcelain"]), before, "{is_all}");
        fixture.fsck();
    }
}

#[test]
fn a_merge_that_is_refused_leaves_no_step() {
    let bench = Bench::with_conflict();
    bench.fixture.write("f", "local\n");
    bench.fails(&["merge", "side"], &["would be overwritten"]);
    assert_eq!(bench.titles(), Vec::<String>::new());
}

#[test]
fn a_stash_shows_its_untracked_files_and_a_missing_one_is_named() {
    let bench = Bench::new();
    bench.fails(&["stash", "push"], &["There is no commit yet"]);
    bench.fixture.write("f", "1\n");
    bench.fixture.commit_all("one");
    bench.fails(&["stash", "pop"], &["Nothing is stashed"]);
    bench.fixture.write("f", "2\n");
    bench.fixture.write("new/u", "untracked\n");
    bench.fails(&["stash", "push", "nope"], &["There is no file nope"]);
    bench.code(&["stash", "push", "-u"]).ok();
    bench.fails(&["stash", "drop", "5"], &["There is no stash 5", "stash list"]);
    let shown = bench.code(&["stash", "show"]).ok().out;
    assert!(
        shown.contains("diff f f\n") && shown.contains("diff new/u new/u\n") && shown.contains("+untracked"),
        "{shown}"
    );
}

#[test]
fn conflicts_are_shown_with_their_lines_and_both_sides() {
    let bench = Bench::with_conflict();
    assert_eq!(bench.code(&["merge", "side"]).code, 1);
    let told = bench.code(&["conflicts", "f"]).ok().out;
    let wanted =
        "Conflict 1\n  Ours · main\n     2  ours\n     3  ours too\n  Base\n     2  2\n  Theirs · side\n     2  theirs\n";
    assert!(told.ends_with(wanted), "{told}");
    bench.fixture.run(&["add", "f"]);
}

#[test]
fn what_is_wrong_with_a_request_is_named() {
    let bench = Bench::new();
    let unborn = bench.code(&["status"]).ok().out;
    assert!(unborn.contains("There is no commit yet"), "{unborn}");
    assert_eq!(bench.code(&["log"]).ok().out, "There is no commit yet\n");
    bench.fixture.write("f", "1\n");
    bench.fixture.run(&["add", "f"]);
    bench.fails(&["commit", "--amend", "-m", "x"], &["There is no commit yet"]);
    bench.fails(&["reset", "--hard"], &["There is no commit yet"]);
    let many: String = (0..40).map(|n| format!("{n}\n")).collect();
    bench.fixture.write("f", &many);
    bench.fixture.commit_all("one");
    bench
        .fixture
        .write("f", many.replace("\n1\n", "\none\n").replace("\n38\n", "\nlast\n"));
    bench.fails(&["discard", "f", "--hunk", "3"], &["f has 2 hunks: there is no hunk 3"]);
    bench.fails(&["stage", "nope"], &["There is no file nope"]);
    bench.fails(&["rebase"], &["The branch main follows no other branch", "--onto"]);
    bench.fails(&["worktree", "remove", "nope"], &["No worktree is nope"]);
    bench.fixture.run(&["config", "gpg.format", "ssh"]);
    bench.fixture.run(&["config", "user.signingKey", "/nonexistent/key"]);
    bench.fails(&["tag", "create", "-s", "t1", "-m", "x"], &["The tag could not be signed"]);
    let file = bench.fixture.dir.path().join("plan");
    bench.fixture.commit_all("two");
    let head = bench.fixture.text(&["rev-parse", "--short=7", "HEAD"]);
    std::fs::write(&file, format!("reword {head}\n")).unwrap();
    bench.fails(
        &["rebase", "HEAD~1", "--plan", file.to_str().unwrap()],
        &["needs a message", &format!("reword {head} A new first line")],
    );
    bench.fixture.run(&["switch", "-q", "-c", "other"]);
    bench.fixture.write("f", "other\n");
    bench.fixture.commit_all("other");
    bench.fixture.write("f", "local\n");
    bench.fails(&["switch", "main"], &["switch --stash"]);
}

#[test]
fn a_search_that_failed_has_found_nothing_out() {
    let bench = Bench::new();
    bench.fixture.write("f", "1\n");
    bench.fixture.commit_all("one");
    let bad = bench.code(&["log", "--regex", "("]);
    assert_eq!((bad.code, bad.out.as_str()), (1, ""));
    assert!(bad.err.contains("not one that git can read"), "{}", bad.err);
    assert_eq!(bench.code(&["log", "--grep", "nowhere"]).ok().out, "No commit is like this\n");
}

#[test]
fn gits_words_are_printed_once_and_without_its_own_advice() {
    let bench = Bench::with_conflict();
    bench.fixture.run(&["switch", "-q", "side"]);
    let told = bench.code(&["pick", "main"]);
    let all = format!("{}{}", told.out, told.err);
    assert_eq!(all.matches("CONFLICT (content)").count(), 1, "{all}");
    assert!(!all.contains("git cherry-pick --continue"), "{all}");
    assert!(told.err.contains("chantier code conflicts"), "{all}");
}

#[test]
fn a_worktree_of_a_trusted_repository_is_trusted_and_its_making_is_a_step() {
    let bench = Bench::new();
    bench.fixture.write("f", "1\n");
    bench.fixture.commit_all("one");
    bench.code(&["worktree", "add", "-b", "try"]).ok();
    assert_eq!(bench.titles()[0], "add_worktree");
    let at = bench.fixture.dir.path().canonicalize().unwrap().join("r-try");
    std::fs::write(at.join("f"), "2\n").unwrap();
    let there = |args: &[&str]| bench.home.call_in(&at, &[&["code"], args].concat());
    there(&["commit", "-a", "-m", "two"]).ok();
    // What was done there stands in the way of taking it back.
    let refused: Value = bench.code(&["undo", "--json"]).json();
    assert_eq!(refused["problems"][0]["code"], "went-on");
    there(&["undo"]).ok();
    there(&["discard", "f"]).ok();
    let back = bench.code(&["undo"]).ok().out;
    assert!(back.starts_with("Took back: Added a worktree for try\n"), "{back}");
    assert!(!at.exists());
    assert_eq!(bench.fixture.text(&["branch", "--format=%(refname:short)"]), "main");
    bench.code(&["redo"]).ok();
    assert_eq!(std::fs::read(at.join("f")).unwrap(), b"1\n");
    assert_eq!(
        bench
            .fixture
            .text(&["-C", at.to_str().unwrap(), "symbolic-ref", "--short", "HEAD"]),
        "try"
    );
    // A branch is not taken from under another worktree.
    bench.code(&["worktree", "remove", "try"]).ok();
    bench.code(&["branch", "create", "held"]).ok();
    bench.fixture.run(&["worktree", "add", "-q", "../held", "held"]);
    bench.fails(&["undo"], &["refs/heads/held"]);
}

#[test]
fn one_staged_line_is_one_in_every_language() {
    let words = |lang, n: u32| Catalog::new(lang).msg(&msg!("code-lines-staged", staged = n, n = 5));
    assert_eq!(
        (words(Lang::Fr, 1), words(Lang::Fr, 2)),
        ("1 ligne indexée sur 5".to_owned(), "2 lignes indexées sur 5".to_owned())
    );
    assert_eq!(words(Lang::En, 1), "1 of 5 lines staged");
}

#[test]
fn words_that_are_not_understood_are_a_document_too() {
    let bench = Bench::new();
    let wrong = bench.home.call_in(&bench.fixture.root, &["code", "frob", "--json"]);
    let document = wrong.json();
    assert_eq!((wrong.code, document["problems"][0]["code"].as_str()), (2, Some("usage")));
    assert!(
        document["problems"][0]["summary"].as_str().unwrap().contains("frob"),
        "{document}"
    );
}

#[test]
fn a_message_that_git_writes_is_right_as_it_is() {
    use chantier::areas::code::message::remark;
    for message in [
        "Merge branch 'topic'",
        "Merge tag 'v1' into main\n\nText",
        "Revert \"fix: x\"",
        "fixup! fix: x",
    ] {
        assert_eq!(remark(message), None, "{message}");
    }
    assert!(remark("Merge what belongs together").is_some());
}
