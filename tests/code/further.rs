//! What shows only after days with it, through the real program: pushes that took something away, bare repositories, hooks of every kind,
//! formats that are not read, plans with commands, ignored files.

use super::kinds::Bench;
use crate::support::cli::git;
use std::path::PathBuf;

impl Bench {
    fn remote_refs(&self) -> String {
        git(
            &self.home.path("remote.git"),
            &["for-each-ref", "--format=%(refname) %(objectname)"],
        )
    }

    fn plan(&self, text: &str) -> PathBuf {
        let file = self.home.path("plan");
        std::fs::write(&file, text).unwrap();
        file
    }

    fn french(&self, args: &[&str]) -> String {
        let all: Vec<&str> = ["--trust", "--lang", "fr", "code"].iter().chain(args).copied().collect();
        self.home.call_in(&self.root, &all).ok().out
    }
}

#[test]
fn a_push_that_took_commits_away_stands_in_the_timeline_and_is_taken_back_by_its_number() {
    let bench = Bench::new();
    bench.commits(3);
    bench.remote();
    let before = bench.git(&["rev-parse", "HEAD"]);
    bench.git(&["reset", "-q", "--hard", "HEAD~2"]);
    bench.commits_from(4, 4);
    bench.code(&["push", "--force-with-lease"]);
    let pushed = bench.remote_refs();
    assert!(!pushed.contains(before.trim()), "{pushed}");
    let timeline = bench.json(&["timeline"]);
    let entry = &timeline["entries"][0];
    assert_eq!(
        (entry["kind"].as_str(), entry["subject"].as_str()),
        (Some("push_over"), Some("origin/main"))
    );
    let id = entry["id"].to_string();
    // Of itself it is no step that comes next: nothing is pushed by a plain undo.
    assert!(bench.refused(&["undo"]).contains("Nothing is left"));
    assert_eq!(bench.remote_refs(), pushed);
    let back = bench.code(&["undo", "--entry", &id]);
    assert!(back.contains("Took back: Pushed over origin/main"), "{back}");
    assert_eq!(bench.remote_refs(), format!("refs/heads/main {before}"));
    bench.code(&["redo", "--entry", &id]);
    assert_eq!(bench.remote_refs(), pushed);
    // Somebody pushed since: that is not overwritten.
    let other = bench.home.path("other");
    git(
        bench.home.path(".").as_path(),
        &[
            "clone",
            "-q",
            "-b",
            "main",
            bench.home.path("remote.git").to_str().unwrap(),
            other.to_str().unwrap(),
        ],
    );
    git(
        &other,
        &[
            "-c",
            "user.name=B",
            "-c",
            "user.email=b@b",
            "commit",
            "-q",
            "--allow-empty",
            "-m",
            "theirs",
        ],
    );
    git(&other, &["push", "-q"]);
    let theirs = bench.remote_refs();
    let refused = bench.refused(&["undo", "--entry", &id]);
    assert!(refused.contains("no longer where"), "{refused}");
    assert_eq!(bench.remote_refs(), theirs);
    // A push that only brings leaves no entry.
    let n = timeline["entries"].as_array().unwrap().len();
    assert_eq!(bench.json(&["timeline"])["entries"].as_array().unwrap().len(), n);
}

#[test]
fn a_branch_that_was_deleted_there_comes_back_there() {
    let bench = Bench::new();
    bench.commits(1);
    bench.remote();
    bench.git(&["checkout", "-q", "-b", "side"]);
    bench.commits_from(2, 2);
    bench.code(&["push"]);
    let both = bench.remote_refs();
    bench.code(&["branch", "delete", "side", "--remote", "origin"]);
    assert!(!bench.remote_refs().contains("side"));
    let timeline = bench.json(&["timeline"]);
    assert_eq!(timeline["entries"][0]["kind"], "delete_there");
    let id = timeline["entries"][0]["id"].to_string();
    bench.code(&["undo", "--entry", &id]);
    assert_eq!(bench.remote_refs(), both);
}

#[test]
fn what_is_kept_for_taking_back_goes_to_nobody() {
    let bench = Bench::new();
    bench.commits(1);
    bench.write(".env", "SECRET=1\n");
    bench.code(&["discard", ".env"]);
    let kept = bench.git(&["for-each-ref", "--format=%(refname)", "refs/chantier"]);
    assert!(!kept.is_empty());
    let log = bench.code(&["log", "--all"]);
    assert!(!log.contains("chantier undo"), "{log}");
    let copy = bench.home.path("copy.git");
    git(
        &bench.root,
        &[
            "clone",
            "-q",
            "--mirror",
            &format!("file://{}", bench.root.display()),
            copy.to_str().unwrap(),
        ],
    );
    assert!(!git(&copy, &["for-each-ref"]).contains("chantier"));
    // A remote that is set up as a mirror gets the branch that is pushed, and nothing else.
    let mirror = bench.home.path("mirror.git");
    git(&bench.root, &["init", "-q", "--bare", mirror.to_str().unwrap()]);
    bench.git(&["remote", "add", "--mirror=push", "mirror", mirror.to_str().unwrap()]);
    bench.code(&["push", "--remote", "mirror"]);
    let there = git(&mirror, &["for-each-ref", "--format=%(refname)"]);
    assert_eq!(there, "refs/heads/main\n");
    // The setting is made once.
    bench.write(".env", "SECRET=2\n");
    bench.code(&["discard", ".env"]);
    assert_eq!(bench.git(&["config", "--get-all", "transfer.hideRefs"]), "refs/chantier\n");
}

#[test]
fn names_of_a_bare_repository_are_made_moved_and_taken_back() {
    let bench = Bench::new();
    bench.commits(2);
    let bare = bench.home.path("bare.git");
    git(&bench.root, &["clone", "-q", "--bare", ".", bare.to_str().unwrap()]);
    let code = |args: &[&str]| {
        let all: Vec<&str> = ["--trust", "code"].iter().chain(args).copied().collect();
        bench.home.call_in(&bare, &all)
    };
    let refs = || git(&bare, &["for-each-ref", "--format=%(refname)", "refs/heads", "refs/tags"]);
    code(&["tag", "create", "v1"]).ok();
    code(&["branch", "create", "side", "HEAD~1"]).ok();
    code(&["branch", "rename", "side", "other"]).ok();
    assert_eq!(refs(), "refs/heads/main\nrefs/heads/other\nrefs/tags/v1\n");
    code(&["undo", "2"]).ok();
    assert_eq!(refs(), "refs/heads/main\nrefs/tags/v1\n");
    code(&["redo", "2"]).ok();
    code(&["branch", "delete", "other", "--force"]).ok();
    code(&["undo"]).ok();
    assert_eq!(refs(), "refs/heads/main\nrefs/heads/other\nrefs/tags/v1\n");
    // What needs files is still refused in words.
    let refused = code(&["switch", "other"]);
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("bare"), "{}", refused.err);
}

#[test]
fn every_hook_that_says_no_is_named() {
    let bench = Bench::new();
    bench.commits(2);
    bench.git(&["checkout", "-q", "-b", "side", "HEAD~1"]);
    bench.commits_from(3, 3);
    let hook = |name: &str, text: &str| bench.executable(&format!(".git/hooks/{name}"), text);
    let forget = |name: &str| std::fs::remove_file(bench.root.join(format!(".git/hooks/{name}"))).unwrap();
    hook("pre-rebase", "#!/bin/sh\necho not today\nexit 1\n");
    let said = bench.refused(&["rebase", "--onto", "main", "HEAD~1"]);
    assert!(said.contains("pre-rebase") && said.contains("not today"), "{said}");
    forget("pre-rebase");
    hook("pre-merge-commit", "#!/bin/sh\necho broken\nexit 1\n");
    let said = bench.refused(&["merge", "main"]);
    assert!(said.contains("pre-merge-commit") && said.contains("broken"), "{said}");
    bench.code(&["abort"]);
    forget("pre-merge-commit");
    hook(
        "reference-transaction",
        "#!/bin/sh\n[ \"$1\" = prepared ] && grep -q tags && exit 1\nexit 0\n",
    );
    let said = bench.refused(&["tag", "create", "v1"]);
    assert!(said.contains("reference-transaction"), "{said}");
    forget("reference-transaction");
    // This one comes when it is too late: what was asked for is done.
    hook("post-checkout", "#!/bin/sh\nexit 1\n");
    let told = bench.called(&["switch", "main"]).ok();
    assert!(format!("{}{}", told.out, told.err).contains("post-checkout"));
    assert_eq!(bench.git(&["branch", "--show-current"]), "main\n");
    let newest = bench.json(&["timeline"])["entries"][0].clone();
    assert_eq!(
        (newest["kind"].as_str(), newest["is_interrupted"].as_bool()),
        (Some("switch"), Some(false))
    );
}

#[test]
fn formats_that_are_not_read_are_named_with_the_way_out() {
    let bench = Bench::new();
    for (folder, option, says) in [
        ("refs", "--ref-format=reftable", "git refs migrate"),
        ("ids", "--object-format=sha256", "git fast-export"),
    ] {
        let root = bench.home.path(folder);
        git(&bench.root, &["init", "-q", option, root.to_str().unwrap()]);
        let told = bench.home.call_in(&root, &["--trust", "code", "status"]);
        assert_eq!(told.code, 1);
        assert!(
            told.err.contains(says) && !told.err.contains("can not be read"),
            "{}",
            told.err
        );
    }
}

#[test]
fn a_plan_runs_commands_and_stops_where_it_says() {
    let bench = Bench::new();
    bench.commits(3);
    let plan = bench.code(&["rebase", "HEAD~2"]);
    let lines: Vec<&str> = plan.lines().collect();
    let text = format!("{}\nexec test -e f2 && echo ran >> log.txt\nbreak\n{}\n", lines[0], lines[1]);
    let file = bench.plan(&text);
    bench.code(&["rebase", "HEAD~2", "--plan", file.to_str().unwrap()]);
    assert_eq!(bench.read("log.txt"), "ran\n");
    assert_eq!(bench.subjects("HEAD"), ["c1", "c2"]);
    let status = bench.json(&["status"]);
    assert_eq!(status["under_way"]["operation"]["rest"][0]["summary"], "c3");
    bench.code(&["continue"]);
    assert_eq!(bench.subjects("main"), ["c1", "c2", "c3"]);
    let file = bench.plan(&format!("{}\nx false\n{}\n", lines[0], lines[1]));
    let said = bench.refused(&["rebase", "HEAD~2", "--plan", file.to_str().unwrap()]);
    assert!(said.contains("false failed"), "{said}");
    bench.code(&["abort"]);
    let file = bench.plan(&format!("{}\nexec\n", lines[0]));
    let said = bench.refused(&["rebase", "HEAD~2", "--plan", file.to_str().unwrap()]);
    assert!(said.contains("runs nothing"), "{said}");
}

#[test]
fn a_list_is_squashed_where_the_settings_say_so() {
    let bench = Bench::new();
    bench.commits(2);
    bench.write("f1", "1\nmore\n");
    bench.git(&["add", "."]);
    bench.git(&["commit", "-q", "-m", "fixup! c1"]);
    let plain = bench.code(&["rebase", "HEAD~2"]);
    assert!(plain.lines().all(|line| line.starts_with("pick ")), "{plain}");
    bench.git(&["config", "rebase.autosquash", "true"]);
    bench.commits_from(3, 3);
    bench.write("f2", "2\nmore\n");
    bench.git(&["add", "."]);
    bench.git(&["commit", "-q", "-m", "fixup! c2"]);
    let plan = bench.code(&["rebase", "HEAD~4"]);
    let words: Vec<&str> = plan.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(words, ["pick", "fixup", "pick", "pick"], "{plan}");
}

#[test]
fn ignored_files_are_said_before_they_go_and_come_back_with_an_abort() {
    let bench = Bench::new();
    bench.write(".gitignore", ".env\n");
    bench.write("d/tracked", "1\n");
    bench.commit("base");
    bench.git(&["checkout", "-q", "--orphan", "other"]);
    bench.git(&["rm", "-rfq", "."]);
    bench.write("d", "a file\n");
    bench.write(".env", "theirs\n");
    bench.git(&["add", "-f", ".env", "d"]);
    bench.git(&["commit", "-q", "-m", "other"]);
    bench.git(&["checkout", "-q", "main"]);
    bench.write("d/tracked", "2\n");
    bench.commit("two");
    bench.write("d/.env", "mine below\n");
    bench.write(".env", "mine\n");
    let preview = bench.json(&["switch", "other", "--preview"]);
    assert_eq!(preview["replaced"], serde_json::json!([".env"]), "{preview}");
    let said = bench.code(&["switch", "other", "--preview"]);
    assert!(
        said.contains("ignored file is written over") && said.contains("  .env\n"),
        "{said}"
    );
    bench.refused(&["rebase", "--onto", "other", "HEAD~1"]);
    assert!(!bench.root.join("d/.env").exists());
    bench.code(&["abort"]);
    assert_eq!(bench.read("d/.env"), "mine below\n");
    assert_eq!(bench.read(".env"), "mine\n");
    bench.code(&["undo"]);
    assert!(!bench.root.join("d/.env").exists(), "the rebase is under way again");
    bench.code(&["redo"]);
    assert_eq!(bench.read("d/.env"), "mine below\n");
}

#[test]
fn steps_are_told_as_they_are() {
    let bench = Bench::new();
    bench.commits(2);
    bench.write("f1", "other\n");
    bench.code(&["commit", "-a", "--amend"]);
    let timeline = bench.code(&["timeline"]);
    assert!(timeline.contains("Amended c2\n"), "{timeline}");
    // More steps than there are.
    let told = bench.called(&["undo", "9"]).ok();
    assert!(
        format!("{}{}", told.out, told.err).contains("Only one step was there, not 9"),
        "{}{}",
        told.out,
        told.err
    );
    // A bisect says how far it is, and its notes are none of the timeline's.
    bench.commits_from(3, 9);
    bench.code(&["bisect", "start", "HEAD", "HEAD~7"]);
    let status = bench.french(&["status"]);
    assert!(status.contains("encore 7 commits, environ 2 verdicts"), "{status}");
    assert!(!bench.code(&["timeline"]).contains("refs/bisect/"));
    assert!(status.lines().any(|line| line.contains("\u{a0}: ")), "{status}");
    bench.code(&["bisect", "reset"]);
}

#[test]
fn a_pull_with_both_sides_new_prints_no_page_of_advice() {
    let bench = Bench::new();
    bench.commits(1);
    bench.remote();
    let other = bench.home.path("other");
    git(
        &bench.root,
        &[
            "clone",
            "-q",
            "-b",
            "main",
            bench.home.path("remote.git").to_str().unwrap(),
            other.to_str().unwrap(),
        ],
    );
    git(
        &other,
        &[
            "-c",
            "user.name=B",
            "-c",
            "user.email=b@b",
            "commit",
            "-q",
            "--allow-empty",
            "-m",
            "theirs",
        ],
    );
    git(&other, &["push", "-q"]);
    bench.commits_from(2, 2);
    let told = bench.called(&["pull"]);
    assert_eq!(told.code, 1);
    let all = format!("{}{}", told.out, told.err);
    assert!(!all.contains("hint:") && all.contains("Both sides have new commits"), "{all}");
    // What the settings say is still done.
    bench.git(&["config", "pull.rebase", "true"]);
    bench.code(&["pull"]);
    assert_eq!(bench.subjects("main"), ["c1", "theirs", "c2"]);
}

#[test]
fn a_pick_that_goes_on_speaks_of_nothing_put_aside() {
    let bench = Bench::new();
    bench.write("f", "1\n2\n3\n");
    bench.commit("base");
    bench.git(&["checkout", "-q", "-b", "o"]);
    bench.write("f", "1\ntwo\n3\n");
    bench.commit("o1");
    bench.git(&["checkout", "-q", "main"]);
    bench.write("f", "1\nzwei\n3\n");
    bench.commit("m");
    bench.refused(&["pick", "o"]);
    bench.code(&["resolve", "f", "--theirs"]);
    let told = bench.called(&["continue"]).ok();
    assert!(
        !format!("{}{}", told.out, told.err).contains("put it aside"),
        "{}{}",
        told.out,
        told.err
    );
}

#[test]
fn a_file_that_became_a_link_shows_both() {
    let bench = Bench::new();
    bench.write("h", "first\nsecond\n");
    bench.commit("file");
    std::fs::remove_file(bench.root.join("h")).unwrap();
    std::os::unix::fs::symlink("/dev/zero", bench.root.join("h")).unwrap();
    assert_eq!(bench.shown(&["diff", "h"]), ["-first", "-second", "+/dev/zero"]);
    bench.code(&["stage", "h"]);
    assert_eq!(bench.shown(&["diff", "--staged"]), ["-first", "-second", "+/dev/zero"]);
}

#[test]
fn a_commit_says_whose_it_is_and_what_it_joins() {
    let bench = Bench::new();
    bench.commits(1);
    bench.git(&["checkout", "-q", "-b", "side"]);
    bench.commits_from(2, 2);
    bench.git(&["checkout", "-q", "main"]);
    bench.write(".mailmap", "Countess <c@example.org> <ada@example.org>\n");
    bench.commit("map");
    bench.git(&["merge", "-q", "--no-ff", "-m", "joined", "side"]);
    bench.git(&["tag", "v1"]);
    let shown = bench.code(&["show"]);
    for words in ["(main, v1)", "Merge of: ", "Countess <c@example.org>"] {
        assert!(shown.contains(words), "{words}\n{shown}");
    }
    bench.git(&[
        "-c",
        "user.name=Bob",
        "-c",
        "user.email=bob@example.org",
        "commit",
        "-q",
        "--amend",
        "--no-edit",
    ]);
    let shown = bench.code(&["show"]);
    assert!(shown.contains("Committer: "), "{shown}");
    // The list of branches ends with where they may come from.
    bench.remote();
    let listed = bench.code(&["branches"]);
    assert!(listed.lines().last().unwrap().starts_with("@ origin /"), "{listed}");
}

#[test]
fn a_file_that_both_sides_renamed_is_told_as_one() {
    let bench = Bench::new();
    bench.write("r", "1\n2\n3\n4\n");
    bench.commit("base");
    bench.git(&["checkout", "-q", "-b", "side"]);
    bench.git(&["mv", "r", "theirs"]);
    bench.commit("theirs");
    bench.git(&["checkout", "-q", "main"]);
    bench.git(&["mv", "r", "ours"]);
    bench.commit("ours");
    bench.refused(&["merge", "side"]);
    let status = bench.code(&["status"]);
    for words in [
        "r: both deleted",
        "ours: added by us, renamed from r",
        "theirs: added by them, renamed from r",
    ] {
        assert!(status.contains(words), "{words}\n{status}");
    }
}

/// A young project begins with what one would write otherwise a day later.
#[test]
fn the_very_first_commit_is_rebased_too() {
    let bench = Bench::new();
    bench.commits(3);
    let plan = bench.code(&["rebase", "--root"]);
    let reworded = plan.replacen("pick", "reword", 1).replacen(" c1\n", " first\n", 1);
    let file = bench.plan(&reworded);
    bench.code(&["rebase", "--root", "--plan", file.to_str().unwrap()]);
    assert_eq!(bench.subjects("main"), ["first", "c2", "c3"]);
    bench.code(&["undo"]);
    assert_eq!(bench.subjects("main"), ["c1", "c2", "c3"]);

    bench.git(&["switch", "-q", "--orphan", "other"]);
    bench.commits_from(9, 9);
    bench.git(&["switch", "-q", "main"]);
    bench.code(&["rebase", "--root", "--onto", "other"]);
    assert_eq!(bench.subjects("main"), ["c9", "c1", "c2", "c3"]);
}

#[test]
fn a_switch_is_not_taken_back_to_a_branch_that_another_worktree_has() {
    let bench = Bench::new();
    bench.commits(2);
    bench.git(&["branch", "feat", "HEAD~1"]);
    bench.code(&["switch", "feat"]);
    let other = bench.home.path("other");
    bench.git(&["worktree", "add", "-q", other.to_str().unwrap(), "main"]);
    let told = bench.refused(&["undo"]);
    assert!(told.contains("Another worktree has main"), "{told}");
    assert_eq!(bench.git(&["branch", "--show-current"]).trim(), "feat");
    git(&other, &["switch", "-q", "--detach"]);
    bench.code(&["undo"]);
    assert_eq!(bench.git(&["branch", "--show-current"]).trim(), "main");
}

/// One entry stands for a whole folder there: what is put beside it would make the folder stand twice.
#[test]
fn a_sparse_index_is_whole_after_an_act_was_taken_back() {
    let bench = Bench::new();
    for name in ["d/a", "d/b", "k/a", "k/b"] {
        bench.write(name, "1\n");
    }
    bench.commit("one");
    bench.git(&["switch", "-q", "-c", "p"]);
    bench.write("k/a", "p\n");
    bench.commit("p");
    bench.git(&["switch", "-q", "main"]);
    bench.git(&["sparse-checkout", "set", "--sparse-index", "d"]);
    let before = bench.git(&["ls-files", "--sparse", "-s"]);
    for act in [&["switch", "p"][..], &["reset", "--hard", "p"], &["merge", "p"]] {
        bench.code(act);
        bench.code(&["undo"]);
        assert_eq!(bench.git(&["ls-files", "--sparse", "-s"]), before, "{act:?}");
        assert_eq!(bench.git(&["status", "--porcelain"]), "", "{act:?}");
        bench.git(&["fsck"]);
    }
}

#[test]
fn files_that_were_gone_are_gone_again_after_a_folder_was_restored_and_taken_back() {
    let bench = Bench::new();
    bench.write("d/a", "1\n");
    bench.write("d/e/b", "1\n");
    bench.commit("one");
    bench.git(&["branch", "old"]);
    bench.write("d/a", "2\n");
    bench.commit("two");
    std::fs::rename(bench.root.join("d/e/b"), bench.root.join("d/e/br")).unwrap();
    bench.write("d/a", "3\n");
    let status = || bench.git(&["status", "--porcelain", "--untracked-files=all"]);
    let before = status();
    for revision in ["old", "main"] {
        bench.code(&["restore", revision, "d"]);
        assert_ne!(status(), before);
        bench.code(&["undo"]);
        assert_eq!(status(), before, "{revision}");
    }
    assert_eq!(bench.read("d/a"), "3\n");
}

/// git stages it again only where nothing else is staged.
#[test]
fn what_a_stash_had_staged_is_staged_again_beside_what_is() {
    let bench = Bench::new();
    for name in ["f1", "f2"] {
        bench.write(name, "1\n2\n3\n4\n5\n");
    }
    bench.commit("one");
    bench.git(&["mv", "f1", "g1"]);
    bench.write("f2", "1\n2\n3\n4\n5\nstaged\n");
    bench.git(&["add", "f2"]);
    bench.write("f2", "1\n2\n3\n4\n5\nstaged\nnot yet\n");
    let status = || bench.git(&["status", "--porcelain"]);
    let before = status();
    assert!(before.contains("MM f2"), "{before}");
    bench.code(&["stash", "push", "f2"]);
    bench.code(&["stash", "pop"]);
    assert_eq!(status(), before);
    assert!(bench.git(&["show", ":f2"]).ends_with("staged\n"));
}
