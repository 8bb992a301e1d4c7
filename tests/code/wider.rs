//! What one who knows git by heart tries next, through the real program: ranges, the branch before, stacked branches, private files, what
//! others hold, what is refused and why.

use super::kinds::Bench;
use crate::support::cli::{Called, git};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

impl Bench {
    pub(super) fn called(&self, args: &[&str]) -> Called {
        let all: Vec<&str> = ["--trust", "code"].iter().chain(args).copied().collect();
        self.home.call_in(&self.root, &all)
    }

    /// What is told when it can not be done.
    pub(super) fn refused(&self, args: &[&str]) -> String {
        let called = self.called(args);
        assert_eq!(called.code, 1, "{args:?}: {}\n{}", called.out, called.err);
        called.err
    }

    /// One commit a file: `1` to `n`.
    pub(super) fn commits(&self, n: u32) {
        self.commits_from(1, n);
    }

    pub(super) fn commits_from(&self, first: u32, last: u32) {
        for n in first..=last {
            self.write(&format!("f{n}"), format!("{n}\n"));
            self.commit(&format!("c{n}"));
        }
    }

    pub(super) fn subjects(&self, revision: &str) -> Vec<String> {
        let told = self.git(&["log", "--reverse", "--format=%s", revision]);
        told.lines().map(str::to_owned).collect()
    }

    /// A remote that has what is here.
    pub(super) fn remote(&self) {
        let remote = self.home.path("remote.git");
        git(&self.root, &["init", "-q", "--bare", remote.to_str().unwrap()]);
        self.git(&["remote", "add", "origin", remote.to_str().unwrap()]);
        self.git(&["push", "-q", "-u", "origin", "main"]);
    }

    pub(super) fn executable(&self, path: &str, text: &str) {
        self.write(path, text);
        let at = self.root.join(path);
        std::fs::set_permissions(at, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
}

#[test]
fn stacked_branches_move_with_the_commits_of_a_plan_when_they_shall() {
    let bench = Bench::new();
    bench.commits(4);
    bench.git(&["branch", "stacked", "HEAD~1"]);
    let plan = bench.code(&["rebase", "HEAD~2"]);
    assert!(plan.contains("# stacked stays"), "{plan}");
    bench.git(&["config", "rebase.updateRefs", "true"]);
    let plan = bench.code(&["rebase", "HEAD~2"]);
    assert!(plan.contains("update-ref refs/heads/stacked\n"), "{plan}");
    let reworded = plan.replacen("pick", "reword", 1).replacen(" c3\n", " other words\n", 1);
    let file = bench.home.path("plan");
    std::fs::write(&file, &reworded).unwrap();
    bench.code(&["rebase", "HEAD~2", "--plan", file.to_str().unwrap()]);
    assert_eq!(bench.subjects("main"), ["c1", "c2", "other words", "c4"]);
    assert_eq!(bench.git(&["rev-parse", "stacked"]), bench.git(&["rev-parse", "main~1"]));
    bench.code(&["undo"]);
    assert_eq!(bench.subjects("stacked"), ["c1", "c2", "c3"]);

    // A list without the line leaves it where it is.
    let without: String = reworded
        .lines()
        .filter(|line| !line.starts_with("update-ref"))
        .map(|line| format!("{line}\n"))
        .collect();
    std::fs::write(&file, without).unwrap();
    bench.code(&["rebase", "HEAD~2", "--plan", file.to_str().unwrap()]);
    assert_eq!(bench.subjects("stacked"), ["c1", "c2", "c3"]);
}

#[test]
fn an_amend_commit_gives_its_message_through_a_written_plan_too() {
    let bench = Bench::new();
    bench.commits(2);
    bench.git(&["commit", "-q", "--allow-empty", "-m", "amend! c2", "-m", "new words"]);
    let plan = bench.code(&["rebase", "HEAD~2", "--autosquash"]);
    assert!(plan.contains("\nfixup -C "), "{plan}");
    let file = bench.home.path("plan");
    std::fs::write(&file, plan).unwrap();
    bench.code(&["rebase", "HEAD~2", "--plan", file.to_str().unwrap()]);
    assert_eq!(bench.subjects("main"), ["c1", "new words"]);
}

#[test]
fn ranges_are_picked_in_their_order_and_taken_back_from_their_end() {
    let bench = Bench::new();
    bench.commits(1);
    bench.git(&["checkout", "-q", "-b", "side"]);
    bench.commits_from(2, 4);
    bench.git(&["checkout", "-q", "main"]);
    bench.code(&["pick", "side~3..side~1"]);
    assert_eq!(bench.subjects("main"), ["c1", "c2", "c3"]);
    bench.code(&["revert", "HEAD~2..HEAD"]);
    assert_eq!(bench.subjects("main")[3..], ["Revert \"c3\"", "Revert \"c2\""]);
    assert!(bench.refused(&["pick", "HEAD..HEAD~1"]).contains("HEAD..HEAD~1"));
}

#[test]
fn the_branch_before_is_gone_back_to_and_a_remote_branch_is_never_another_one() {
    let bench = Bench::new();
    bench.commits(3);
    bench.remote();
    bench.git(&["checkout", "-q", "-b", "side"]);
    bench.code(&["switch", "-"]);
    assert_eq!(bench.git(&["branch", "--show-current"]), "main\n");
    bench.code(&["switch", "-"]);
    assert_eq!(bench.git(&["branch", "--show-current"]), "side\n");
    bench.code(&["switch", "origin/main"]);
    assert_eq!(bench.git(&["branch", "--show-current"]), "main\n");
    bench.git(&["reset", "-q", "--hard", "HEAD~2"]);
    bench.git(&["checkout", "-q", "side"]);
    let told = bench.refused(&["switch", "origin/main"]);
    assert!(told.contains("another commit than origin/main"), "{told}");
    assert_eq!(bench.git(&["branch", "--show-current"]), "side\n");
}

#[test]
fn a_private_file_comes_back_private() {
    let bench = Bench::new();
    bench.commits(1);
    let key = bench.root.join("id_rsa");
    bench.write("id_rsa", "KEY\n");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    bench.code(&["discard", "id_rsa"]);
    assert!(!key.exists());
    bench.code(&["undo"]);
    assert_eq!(std::fs::metadata(&key).unwrap().permissions().mode() & 0o777, 0o600);
    assert!(bench.refused(&["undo", "--entry", "1"]).contains("redo --entry 1"));
    // Who may read it from now on is no change of what git knows.
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    bench.code(&["redo"]);
    assert!(!key.exists());
}

#[test]
fn a_stash_comes_back_though_something_else_is_staged_and_says_so_when_it_is_in_conflict() {
    let bench = Bench::new();
    bench.write("g", "g\n");
    bench.write("other", "o\n");
    bench.commit("one");
    bench.write("g", "g\nstaged\n");
    bench.git(&["add", "g"]);
    bench.write("g", "g\nstaged\nnot staged\n");
    bench.git(&["stash", "-q"]);
    bench.write("other", "changed\n");
    bench.git(&["add", "other"]);
    bench.code(&["stash", "pop"]);
    assert_eq!(bench.read("g"), "g\nstaged\nnot staged\n");
    assert_eq!(bench.read("other"), "changed\n");
    assert_eq!(bench.git(&["stash", "list"]), "");

    bench.git(&["reset", "-q", "--hard"]);
    bench.write("g", "three\n");
    bench.git(&["stash", "-q"]);
    bench.write("g", "drei\n");
    bench.commit("drei");
    let told = bench.refused(&["stash", "pop"]);
    assert!(told.contains("in conflict") && told.contains("kept"), "{told}");
    assert!(bench.git(&["stash", "list"]).contains("stash@{0}"));

    bench.git(&["reset", "-q", "--hard"]);
    bench.write("new/x", "x\n");
    assert!(bench.refused(&["stash", "push", "new"]).contains("--include-untracked"));
}

#[test]
fn what_is_in_the_way_is_named() {
    let bench = Bench::new();
    bench.commits(2);
    bench.remote();
    bench.write("f1", "changed\n");
    bench.write(".git/index.lock", "");
    let told = bench.refused(&["commit", "-a", "-m", "x"]);
    assert!(told.contains("index.lock"), "{told}");
    std::fs::remove_file(bench.root.join(".git/index.lock")).unwrap();
    bench.git(&["checkout", "-q", "f1"]);

    bench.executable(".git/hooks/pre-push", "#!/bin/sh\nexit 1\n");
    bench.git(&["commit", "-q", "--allow-empty", "-m", "c3"]);
    assert!(bench.refused(&["push"]).contains("pre-push"));
    std::fs::remove_file(bench.root.join(".git/hooks/pre-push")).unwrap();
    bench.code(&["branch", "create", "a/b"]);
    assert!(bench.refused(&["branch", "create", "a"]).contains("a/b"));
    bench.git(&["push", "-q", "-u", "origin", "a/b"]);
    bench.git(&["checkout", "-q", "a/b"]);
    git(&bench.home.path("remote.git"), &["branch", "-q", "-D", "a/b"]);
    assert!(bench.refused(&["pull"]).contains("gone from the remote"));
    assert!(bench.refused(&["log", "--since", "garbage"]).contains("garbage"));
    bench.git(&["checkout", "-q", "main"]);
    let again = ["commit", "--amend", "--allow-empty", "-m", "c3 again"];
    let amended = bench.called(&again).ok();
    assert!(!amended.err.contains("origin/main"), "{}", amended.err);
    bench.git(&["push", "-q"]);
    let amended = bench.called(&again).ok();
    assert!(amended.err.contains("origin/main"), "{}", amended.err);
}

/// `main` and `side` changed the same line of `f`; the merge is under way.
fn merging(bench: &Bench) {
    bench.write("f", "one\ntwo\nthree\n");
    bench.commit("base");
    bench.git(&["checkout", "-q", "-b", "side"]);
    bench.write("f", "one\nside\nthree\n");
    bench.commit("side");
    bench.git(&["checkout", "-q", "main"]);
    bench.write("f", "one\nmain\nthree\n");
    bench.commit("main");
    assert_eq!(bench.called(&["merge", "side"]).code, 1);
}

#[test]
fn a_file_in_conflict_is_neither_staged_with_its_marks_nor_written_over_when_it_was_edited() {
    let bench = Bench::new();
    merging(&bench);
    for paths in [&["f"][..], &[]] {
        let all: Vec<&str> = ["stage"].iter().chain(paths).copied().collect();
        assert!(bench.refused(&all).contains("marks"));
        assert!(bench.porcelain().starts_with("UU f"), "{}", bench.porcelain());
    }
    bench.write("f", format!("{}written elsewhere\n", bench.read("f")));
    let told = bench.refused(&["resolve", "f", "--ours", "--blocks"]);
    assert!(told.contains("edited"), "{told}");
    assert!(bench.read("f").ends_with("written elsewhere\n"));
    bench.code(&["resolve", "f", "--ours", "--blocks", "--force"]);
    assert_eq!(bench.read("f"), "one\nmain\nthree\n");
}

#[test]
fn the_top_folder_is_a_path() {
    let bench = Bench::new();
    bench.commits(2);
    bench.write("f1", "changed\n");
    bench.write("f2", "changed\n");
    bench.code(&["commit", ".", "-m", "both"]);
    assert_eq!(bench.porcelain(), "");
    bench.code(&["restore", "HEAD~1", "."]);
    assert_eq!(bench.porcelain(), " M f1\n M f2\n");
}

#[test]
fn commits_that_shall_be_passed_over_are_and_contents_that_are_elsewhere_are_fetched() {
    let bench = Bench::new();
    bench.write("x.c", "int a;\nint b;\n");
    bench.commit("first");
    bench.write("x.c", "  int a;\n  int b;\n");
    bench.commit("reformat");
    bench.write("x.c", "  int a;\n  int b;\nint c;\n");
    bench.commit("third");
    let blamed = |bench: &Bench, root: &Path| -> Vec<String> {
        let all = ["--trust", "--json", "code", "blame", "x.c"];
        let told = bench.home.call_in(root, &all).ok().json();
        let commits = told["result"]["commits"].as_array().unwrap().clone();
        let runs = told["result"]["lines"].as_array().unwrap().clone();
        let oid = |run: &serde_json::Value| {
            let commit = &commits[run["commit"].as_u64().unwrap() as usize];
            commit["summary"].as_str().unwrap().to_owned()
        };
        runs.iter().map(oid).collect()
    };
    assert_eq!(blamed(&bench, &bench.root), ["reformat", "reformat", "third"]);
    let remote = bench.home.path("bare.git");
    bench.git(&["clone", "-q", "--bare", ".", remote.to_str().unwrap()]);
    git(&remote, &["config", "uploadpack.allowFilter", "true"]);
    let partial = bench.home.path("partial");
    let from = format!("file://{}", remote.display());
    bench.git(&["clone", "-q", "--filter=blob:none", &from, partial.to_str().unwrap()]);
    assert_eq!(blamed(&bench, &partial), ["reformat", "reformat", "third"]);
    let shown = bench
        .home
        .call_in(&partial, &["--trust", "code", "show", "HEAD~1", "-p"])
        .ok()
        .out;
    assert!(shown.contains("+  int a;") && shown.contains("-int a;"), "{shown}");

    bench.write(".git-blame-ignore-revs", bench.git(&["rev-parse", "HEAD~1"]));
    bench.git(&["config", "blame.ignoreRevsFile", ".git-blame-ignore-revs"]);
    assert_eq!(blamed(&bench, &bench.root), ["first", "first", "third"]);
}

#[test]
fn words_are_found_in_any_case_of_any_letter() {
    let bench = Bench::new();
    bench.commits(1);
    let name = "user.name=Élodie Müller";
    bench.git(&["-c", name, "commit", "-q", "--allow-empty", "-m", "Fix: ÉTÉ crash"]);
    for args in [&["--grep", "été"][..], &["--author", "élodie"], &["--grep", "crash fix"]] {
        let all: Vec<&str> = ["log"].iter().chain(args).copied().collect();
        let told = bench.code(&all);
        assert!(
            told.contains("ÉTÉ crash") && !told.contains("Ada Lovelace"),
            "{args:?}: {told}"
        );
    }
}

#[test]
fn a_rebase_that_waits_says_so_and_where_the_changes_are() {
    let bench = Bench::new();
    bench.commits(3);
    bench.write("f1", "my own\n");
    let plan = bench.code(&["rebase", "HEAD~2"]);
    let file = bench.home.path("plan");
    std::fs::write(&file, plan.replacen("pick", "edit", 1)).unwrap();
    let told = bench.code(&["rebase", "HEAD~2", "--plan", file.to_str().unwrap()]);
    assert!(told.contains("Stopped to edit") && !told.contains("Rebased"), "{told}");
    assert!(bench.code(&["status"]).contains("put away"));
    bench.code(&["continue"]);
    assert_eq!(bench.read("f1"), "my own\n");
}

#[test]
fn a_commit_that_is_not_well_formed_hides_no_other_and_words_have_their_encoding() {
    use std::io::Write as _;
    let bench = Bench::new();
    let object = |text: String| -> String {
        let mut child = std::process::Command::new("git")
            .args(["hash-object", "-t", "commit", "-w", "--stdin", "--literally"])
            .current_dir(&bench.root)
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        String::from_utf8(child.wait_with_output().unwrap().stdout)
            .unwrap()
            .trim()
            .to_owned()
    };
    let tree = bench.git(&["hash-object", "-t", "tree", "-w", "/dev/null"]).trim().to_owned();
    let good = "C <c@c>";
    let odd = object(format!(
        "tree {tree}\nauthor N 1 +0000\ncommitter {good} 1700000000 +0000\n\nodd one\n"
    ));
    let next = object(format!(
        "tree {tree}\nparent {odd}\nauthor {good} 1700000100 +0000\ncommitter {good} 1700000100 +0000\n\ngood one\n"
    ));
    bench.git(&["update-ref", "refs/heads/main", &next]);
    let told = bench.code(&["log"]);
    assert!(told.contains("good one") && told.contains("odd one"), "{told}");
    bench.git(&["update-ref", "refs/heads/main", &odd]);
    assert!(bench.code(&["log"]).contains("odd one"));

    bench.git(&["checkout", "-q", "--orphan", "latin"]);
    let message = bench.home.path("message");
    std::fs::write(&message, b"\xe9t\xe9 un\n").unwrap();
    let encoding = "i18n.commitEncoding=ISO-8859-1";
    bench.git(&[
        "-c",
        encoding,
        "commit",
        "-q",
        "--allow-empty",
        "-F",
        message.to_str().unwrap(),
    ]);
    for verb in ["log", "show"] {
        let told = bench.code(&[verb]);
        assert!(told.contains("été un"), "{verb}: {told}");
    }
}

#[test]
fn repositories_inside_are_left_to_themselves_and_said() {
    let bench = Bench::new();
    bench.commits(1);
    for name in ["inner", "empty"] {
        std::fs::create_dir(bench.root.join(name)).unwrap();
        git(&bench.root.join(name), &["init", "-q"]);
    }
    bench.write("inner/x", "x\n");
    git(&bench.root.join("inner"), &["add", "x"]);
    git(
        &bench.root.join("inner"),
        &["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "x"],
    );
    bench.write("f1", "changed\n");
    bench.write("new/file", "new\n");
    let staged = bench.called(&["stage"]).ok();
    assert!(
        staged.err.contains("inner/") && staged.err.contains("empty/"),
        "{}",
        staged.err
    );
    assert_eq!(bench.porcelain(), "M  f1\nA  new/file\n?? empty/\n?? inner/\n");
    bench.code(&["unstage"]);
    let discarded = bench.called(&["discard", "."]).ok();
    assert!(discarded.err.contains("inner/"), "{}", discarded.err);
    assert_eq!(bench.porcelain(), "?? empty/\n?? inner/\n");
    assert!(bench.refused(&["discard", "inner"]).contains("inner"));
}

#[test]
fn an_undo_never_leads_to_a_branch_that_is_gone_and_small_ignored_folders_come_back() {
    let bench = Bench::new();
    bench.commits(2);
    bench.git(&["branch", "side"]);
    bench.code(&["switch", "side"]);
    bench.git(&["branch", "-q", "-D", "main"]);
    assert!(bench.refused(&["undo"]).contains("main"));
    assert_eq!(bench.git(&["branch", "--show-current"]), "side\n");

    bench.write(".gitignore", "data/\n");
    bench.commit("ignored");
    let tree = bench.home.path("tree");
    bench.git(&["worktree", "add", "-q", "-b", "other", tree.to_str().unwrap()]);
    std::fs::create_dir(tree.join("data")).unwrap();
    std::fs::write(tree.join("data/precious"), "mine\n").unwrap();
    bench.code(&["worktree", "remove", tree.to_str().unwrap()]);
    assert!(!tree.exists());
    bench.code(&["undo"]);
    assert_eq!(std::fs::read_to_string(tree.join("data/precious")).unwrap(), "mine\n");
}

#[test]
fn acts_of_several_programs_at_once_stay_apart() {
    let bench = Bench::new();
    bench.commits(1);
    let names: Vec<String> = (1..=5).map(|n| format!("new{n}")).collect();
    for name in &names {
        bench.write(name, "new\n");
    }
    std::thread::scope(|scope| {
        for name in &names {
            let bench = &bench;
            scope.spawn(move || bench.code(&["stage", name]));
        }
    });
    let timeline = bench.json(&["timeline"]);
    let entries = timeline["entries"].as_array().unwrap();
    assert_eq!(entries.len(), 5);
    assert!(entries.iter().all(|entry| entry["n_paths"] == 1), "{timeline:#}");
}

#[test]
fn a_stop_to_edit_says_what_is_left_to_do() {
    let bench = Bench::new();
    bench.commits(3);
    let plan = bench.code(&["rebase", "HEAD~2"]);
    let file = bench.home.path("plan");
    std::fs::write(&file, plan.replacen("pick", "edit", 1)).unwrap();
    bench.code(&["rebase", "HEAD~2", "--plan", file.to_str().unwrap()]);
    bench.write("f2", "more\n");
    let told = bench.refused(&["continue"]);
    assert!(told.contains("not staged"), "{told}");
}
