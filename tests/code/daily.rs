//! What one does every day: a commit of chosen files, a message from a file, files that are ignored, a stash of some files, and
//! the search in one's own language.

use super::fixture::Fixture;
use crate::support::cli::{Called, Home};
use chantier::areas::code::history::search::Wanted;
use chantier::base::GitPath;

struct Bench {
    fixture: Fixture,
    home: Home,
}

impl Bench {
    fn new() -> Self {
        let bench = Self {
            fixture: Fixture::new(),
            home: Home::new(),
        };
        bench.fixture.write("a", "1\n");
        bench.fixture.write("dir/b", "1\n");
        bench.fixture.commit_all("first");
        bench
    }

    fn code(&self, args: &[&str]) -> Called {
        let args: Vec<&str> = ["--trust", "code"].iter().chain(args).copied().collect();
        self.home.call_in(&self.fixture.root, &args)
    }

    fn text(&self, args: &[&str]) -> String {
        self.fixture.text(args)
    }
}

#[test]
fn a_commit_of_chosen_files_leaves_what_else_is_staged() {
    let bench = Bench::new();
    bench.fixture.write("a", "2\n");
    bench.fixture.write("dir/b", "2\n");
    bench.fixture.write("*", "a star\n");
    bench.fixture.run(&["add", "a"]);
    bench.code(&["commit", "-m", "only b", "dir"]).ok();
    assert_eq!(bench.text(&["show", "--format=", "--name-only"]), "dir/b");
    assert_eq!(bench.text(&["status", "--porcelain"]), "M  a\n?? *");
    // Taken back, and another one with its message in a file, as somebody else's.
    bench.code(&["undo"]).ok();
    let message = bench.fixture.dir.path().join("message");
    std::fs::write(&message, "from a file\n\nits body\n").unwrap();
    let author = ["--author", "Grace Hopper <grace@example.org>"];
    let file = ["commit", "-F", message.to_str().unwrap()];
    bench.code(&[file.as_slice(), &author].concat()).ok();
    assert_eq!(
        bench.text(&["log", "-1", "--format=%an|%ae|%s|%b"]),
        "Grace Hopper|grace@example.org|from a file|its body"
    );
    let nobody = bench.code(&["commit", "--allow-empty", "-m", "x", "--author", "Grace"]);
    assert!(nobody.code == 1 && nobody.err.contains("names nobody"), "{}", nobody.err);
    bench.code(&["commit", "--allow-empty", "-m", "nothing"]).ok();
    assert_eq!(bench.text(&["log", "-1", "--format=%s"]), "nothing");
    // Hooks, and without them.
    let hook = bench.fixture.path(".git/hooks/pre-commit");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, "#!/bin/sh\necho not today\nexit 1\n").unwrap();
    std::fs::set_permissions(&hook, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let refused = bench.code(&["commit", "--allow-empty", "-m", "hooked"]);
    assert!(
        refused.code == 1 && refused.err.contains("The hook pre-commit") && refused.err.contains("not today"),
        "{}",
        refused.err
    );
    bench.code(&["commit", "--allow-empty", "--no-verify", "-m", "hooked"]).ok();
    assert_eq!(bench.text(&["log", "-1", "--format=%s"]), "hooked");
    bench.fixture.fsck();
}

#[test]
fn ignored_files_stand_in_the_list_as_they_are_called() {
    let bench = Bench::new();
    bench.fixture.write("build/out", "x\n");
    bench.fixture.write("a[1].log", "x\n");
    bench.fixture.write("a1.log", "x\n");
    bench.fixture.write(".gitignore", "old");
    bench.fixture.run(&["add", ".gitignore"]);
    bench.code(&["ignore", "build/", "a[1].log"]).ok();
    assert_eq!(bench.fixture.read(".gitignore"), b"old\n/build/\n/a\\[1].log\n");
    let untracked = bench.text(&["status", "--porcelain", "--untracked-files=all"]);
    assert_eq!(untracked, "AM .gitignore\n?? a1.log");
    bench.code(&["ignore", "build/"]).ok();
    assert_eq!(bench.fixture.read(".gitignore"), b"old\n/build/\n/a\\[1].log\n", "each once");
    bench.code(&["undo"]).ok();
    assert_eq!(bench.fixture.read(".gitignore"), b"old", "what changed nothing is no step");
    for tracked in ["a", "dir"] {
        let refused = bench.code(&["ignore", tracked]);
        assert!(refused.code == 1 && refused.err.contains("is tracked"), "{}", refused.err);
    }
    std::fs::remove_file(bench.fixture.path(".gitignore")).unwrap();
    std::os::unix::fs::symlink("../elsewhere", bench.fixture.path(".gitignore")).unwrap();
    let refused = bench.code(&["ignore", "a1.log"]);
    assert!(refused.code == 1 && refused.err.contains(".gitignore"), "{}", refused.err);
    assert!(bench.fixture.path(".gitignore").is_symlink(), "a link stays what it is");
}

#[test]
fn a_conflict_is_resolved_with_both_sides_before_the_name_of_the_file() {
    let bench = Bench::new();
    bench.fixture.run(&["switch", "-q", "-c", "side"]);
    bench.fixture.write("a", "side\n");
    bench.fixture.commit_all("side");
    bench.fixture.run(&["switch", "-q", "main"]);
    bench.fixture.write("a", "main\n");
    bench.fixture.commit_all("main");
    assert_ne!(bench.code(&["merge", "side"]).code, 0);
    let stash = bench.code(&["stash", "push"]);
    assert!(stash.code == 1 && stash.err.contains("conflict"), "{}", stash.err);
    bench.code(&["resolve", "--both", "a"]).ok();
    assert_eq!(bench.fixture.read("a"), b"main\nside\n");
}

#[test]
fn a_shallow_clone_says_that_its_history_is_cut_off() {
    let bench = Bench::new();
    bench.fixture.write("a", "2\n");
    bench.fixture.commit_all("second");
    let clone = bench.fixture.dir.path().join("clone");
    let from = format!("file://{}", bench.fixture.root.display());
    bench
        .fixture
        .run(&["clone", "-q", "--depth", "1", &from, clone.to_str().unwrap()]);
    let told = bench.home.call_in(&clone, &["code", "show", "HEAD~1"]);
    assert!(told.code == 1 && told.err.contains("--unshallow"), "{}", told.err);
}

#[test]
fn the_search_understands_the_words_of_both_languages() {
    let wanted = Wanted {
        words: vec!["fix".to_owned()],
        author: Some("ada".to_owned()),
        paths: vec![GitPath::from("src")],
        content: Some("x y".to_owned()),
        since: Some("2 weeks ago".to_owned()),
        until: Some("now".to_owned()),
        ..Wanted::default()
    };
    for text in [
        "fix author:ada path:src content:\"x y\" since:\"2 weeks ago\" until:now",
        "fix auteur:ada chemin:src contenu:\"x y\" depuis:\"2 weeks ago\" jusque:now",
    ] {
        assert_eq!(Wanted::parse(text), wanted);
    }
    assert!(Wanted::parse("auteur:").is_empty());
}

#[test]
fn a_fixup_below_a_merge_keeps_the_merge() {
    let bench = Bench::new();
    bench.fixture.write("c", "1\n");
    let wanted = bench.fixture.commit_all("second");
    bench.fixture.run(&["switch", "-q", "-c", "side"]);
    bench.fixture.write("side", "1\n");
    bench.fixture.commit_all("on the side");
    bench.fixture.run(&["switch", "-q", "main"]);
    bench.fixture.write("main", "1\n");
    bench.fixture.commit_all("third");
    bench.fixture.run(&["merge", "-q", "--no-ff", "-m", "joined", "side"]);
    let shape = bench.text(&["log", "--format=%s %p", "--topo-order"]);
    bench.fixture.write("c", "better\n");
    bench.fixture.run(&["add", "c"]);
    bench.code(&["commit", "--fixup", &wanted]).ok();
    assert_eq!(bench.text(&["show", "HEAD^^:c"]), "better");
    let words = |text: &str| {
        let line = |line: &str| (line.split(' ').next().unwrap().to_owned(), line.split(' ').count());
        text.lines().map(line).collect::<Vec<_>>()
    };
    assert_eq!(words(&bench.text(&["log", "--format=%s %p", "--topo-order"])), words(&shape));
    bench.fixture.write("c", "best\n");
    bench.fixture.run(&["add", "c"]);
    let refused = bench.code(&["commit", "--fixup", "HEAD"]);
    assert!(refused.code == 1 && refused.err.contains("is a merge"), "{}", refused.err);
    assert_eq!(bench.text(&["log", "-1", "--format=%s"]), "joined");
    // Two sides in one word, as git takes them.
    let since = bench.code(&["compare", "main...side", "--json"]).ok().json();
    let truth = bench.text(&["diff", "--name-only", "main...side"]);
    let files = since["result"]["files"].as_array().unwrap();
    let names: Vec<&str> = files.iter().filter_map(|file| file["path"].as_str()).collect();
    assert_eq!(names, truth.lines().collect::<Vec<_>>());
    let direct = bench.code(&["compare", "side..main"]).ok().out;
    assert!(direct.contains("main") && direct.contains('c'), "{direct}");
}

#[test]
fn what_is_broken_is_no_new_branch_and_an_untracked_file_is_shown_by_its_name() {
    let bench = Bench::new();
    bench.fixture.write("fresh", "new\n");
    let shown = bench.code(&["diff", "fresh"]).ok().out;
    assert!(shown.contains("+new\n"), "{shown}");
    bench.fixture.run(&["pack-refs", "--all"]);
    bench.fixture.write(".git/packed-refs", "no refs at all\n");
    let status = bench.code(&["status"]);
    assert!(
        status.code == 1 && !status.out.contains("no commit yet"),
        "{}{}",
        status.out,
        status.err
    );
}

#[test]
fn steps_that_were_taken_back_before_one_that_can_not_be_are_told() {
    let bench = Bench::new();
    for n in 0..3 {
        bench.fixture.write("a", format!("step {n}\n"));
        bench.code(&["stage", "a"]).ok();
    }
    bench.fixture.write("dir/b", "in work\n");
    bench.code(&["discard", "dir/b"]).ok();
    bench.fixture.write("dir/b", "again\n");
    bench.code(&["tag", "create", "v1"]).ok();
    let refused = bench.code(&["undo", "3"]);
    assert!(
        refused.code == 1 && refused.err.contains("One step was done before"),
        "{}",
        refused.err
    );
    assert_eq!(bench.text(&["tag"]), "");
}

#[test]
fn a_file_is_put_back_as_a_commit_has_it_and_that_is_taken_back() {
    let bench = Bench::new();
    bench.fixture.write("a", "2\n");
    bench.fixture.commit_all("second");
    bench.fixture.write("a", "in work\n");
    bench.code(&["restore", "HEAD~1", "a"]).ok();
    assert_eq!(bench.fixture.read("a"), b"1\n");
    assert_eq!(bench.text(&["status", "--porcelain"]), " M a", "the index stays");
    bench.code(&["undo"]).ok();
    assert_eq!(bench.fixture.read("a"), b"in work\n");
    let none = bench.code(&["restore", "HEAD", "nowhere"]);
    assert!(none.code == 1 && none.err.contains("nowhere"), "{}", none.err);
}

#[test]
fn the_log_tells_what_became_of_commits_where_that_is_asked_for() {
    let bench = Bench::new();
    let plain = bench.code(&["log", "--json"]).ok().json();
    assert!(plain["result"]["commits"][0].get("weather").is_none());
    let project = "[[task]]\nname = \"build\"\nkind = \"build\"\nrun = [\"true\"]\n";
    bench.fixture.write("chantier.toml", project);
    bench.fixture.commit_all("a task");
    bench
        .home
        .call_in(&bench.fixture.root, &["--trust", "build", "run", "build"])
        .ok();
    let told = bench.code(&["log", "--weather", "--json"]).ok().json();
    let commits = told["result"]["commits"].as_array().unwrap();
    assert_eq!(commits[0]["weather"]["built"], "done", "{told}");
    assert!(commits[1]["weather"].is_null(), "{told}");
    let words = bench.code(&["log", "--weather"]).ok().out;
    assert!(words.lines().nth(1).is_some_and(|line| line.trim() == "built"), "{words}");
}

#[test]
fn a_bisect_that_has_found_its_commit_only_waits_for_its_end() {
    let bench = Bench::new();
    for n in 2..=4 {
        bench.fixture.write("a", format!("{n}\n"));
        bench.fixture.commit_all(&format!("step {n}"));
    }
    bench.code(&["bisect", "start", "HEAD", "HEAD~3"]).ok();
    let asked = bench.code(&["status"]).ok().out;
    assert!(asked.contains("bisect good"), "{asked}");
    let state = || bench.code(&["status", "--json"]).ok().json()["result"]["under_way"]["operation"].clone();
    for _ in 0..3 {
        if state()["is_found"] != true {
            bench.code(&["bisect", "bad"]);
        }
    }
    let operation = state();
    assert_eq!(operation["is_found"], true, "{operation}");
    let found = bench.text(&["rev-parse", "refs/bisect/bad"]);
    assert_eq!(operation["current"]["oid"], found.as_str());
    let told = bench.code(&["status"]).ok().out;
    assert!(told.contains("bisect reset") && !told.contains("bisect good"), "{told}");
    bench.code(&["bisect", "reset"]).ok();
    assert_eq!(bench.text(&["branch", "--show-current"]), "main");
}

/// One that was begun elsewhere, with words of its own.
#[test]
fn a_bisect_with_other_words_is_judged_as_any_other() {
    let bench = Bench::new();
    for n in 2..=9 {
        bench.fixture.write("a", format!("{n}\n"));
        bench.fixture.commit_all(&format!("step {n}"));
    }
    bench.text(&["bisect", "start", "--term-new=v1.2", "--term-old=team/old"]);
    bench.text(&["bisect", "v1.2", "HEAD"]);
    bench.text(&["bisect", "team/old", "HEAD~7"]);
    let state = || bench.code(&["status", "--json"]).ok().json()["result"]["under_way"]["operation"].clone();
    let n_left = state()["n_left"].as_u64().expect("the ends are known");
    bench.code(&["bisect", "good"]).ok();
    let fewer = state()["n_left"].as_u64().expect("the ends are known");
    assert!(fewer < n_left, "{fewer} of {n_left}");
    assert!(
        bench.text(&["bisect", "log"]).contains("git bisect team/old"),
        "good is the old one"
    );
    bench.code(&["bisect", "bad"]).ok();
    assert!(bench.text(&["bisect", "log"]).matches("git bisect v1.2").count() > 1);
    bench.code(&["bisect", "reset"]).ok();
}

#[test]
fn the_last_line_of_a_file_gets_the_line_break_of_those_before_it() {
    let bench = Bench::new();
    bench.fixture.write("f", "a\nb");
    bench.fixture.commit_all("f");
    bench.fixture.write("f", "a\nb\nc\nd\r\n");
    bench.code(&["stage", "f", "--line", "4"]).ok();
    assert!(bench.text(&["show", ":f"]).starts_with("a\nb\nd"), "b keeps its line break");
}

#[test]
fn a_large_difference_is_shown_where_that_is_asked_for() {
    let bench = Bench::new();
    let lines: String = (0..9_000).map(|n| format!("{n}\n")).collect();
    bench.fixture.write("a", &lines);
    let short = bench.code(&["diff"]).ok().out;
    assert!(short.contains("Too large") && !short.contains("+8999"), "{} B", short.len());
    let whole = bench.code(&["diff", "--large"]).ok().out;
    assert!(whole.contains("+8999\n"), "{} B", whole.len());
}

#[test]
fn what_a_branch_has_beside_another_is_listed_and_a_merge_is_taken_beside_a_parent() {
    let bench = Bench::new();
    let commit = |file: &str| {
        bench.fixture.write(file, "1\n");
        bench.fixture.commit_all(file);
    };
    bench.fixture.run(&["branch", "base"]);
    bench.fixture.run(&["checkout", "-q", "-b", "side"]);
    commit("s1");
    commit("s2");
    bench.fixture.run(&["checkout", "-q", "main"]);
    commit("m1");
    bench.fixture.run(&["merge", "-q", "--no-ff", "-m", "joined", "side"]);
    let subjects = |range: &str| {
        let told = bench.code(&["log", range, "--json"]).ok().json();
        let commits = told["result"]["commits"].as_array().unwrap().clone();
        commits
            .iter()
            .map(|commit| commit["summary"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(subjects("main~1..side"), ["s2", "s1"]);
    assert_eq!(subjects("side..main"), ["joined", "m1"]);
    let mut parted = subjects("side...main~1");
    parted.sort();
    assert_eq!(parted, ["m1", "s1", "s2"]);
    assert!(subjects("main..side").is_empty());
    let unknown = bench.code(&["log", "nosuch..main"]);
    assert!(unknown.code == 1 && unknown.err.contains("nosuch"), "{}", unknown.err);

    bench.fixture.run(&["checkout", "-q", "-b", "other", "base"]);
    let open = bench.code(&["pick", "main", "--json"]);
    assert_eq!(open.code, 1);
    let problem = &open.json()["problems"][0];
    assert_eq!(problem["code"], "which-parent");
    let details = problem["details"].as_str().unwrap();
    assert!(
        details.contains("1: ") && details.contains(" m1") && details.contains("2: ") && details.contains(" s2"),
        "{details}"
    );
    bench.code(&["pick", "-m", "1", "main"]).ok();
    assert_eq!(bench.text(&["show", "--format=", "--name-only"]), "s1\ns2");
    assert_eq!(bench.code(&["pick", "-m", "3", "main"]).code, 1);
    bench.fixture.run(&["checkout", "-q", "main"]);
    assert_eq!(bench.code(&["revert", "main"]).code, 1);
    bench.code(&["revert", "-m", "2", "main"]).ok();
    assert_eq!(bench.text(&["show", "--format=", "--name-status"]), "D\tm1");
    bench.code(&["undo"]).ok();
    assert_eq!(bench.text(&["log", "-1", "--format=%s"]), "joined");
    bench.fixture.fsck();
}

#[test]
fn a_folder_becomes_a_repository() {
    let home = Home::new();
    let folder = home.path("plain");
    std::fs::create_dir_all(folder.join("inside")).unwrap();
    std::fs::write(folder.join("a"), "1\n").unwrap();
    let code = |at: &str, args: &[&str]| {
        let args: Vec<&str> = ["--trust", "code"].iter().chain(args).copied().collect();
        home.call_in(&folder.join(at), &args)
    };
    let none = code("", &["status"]);
    assert!(none.code == 1 && none.err.contains("chantier code init"), "{}", none.err);
    let untrusted = home.call_in(&home.path("plain/inside"), &["code", "init"]);
    assert_eq!(untrusted.code, 3, "{}", untrusted.err);
    let made = code("", &["init"]).ok();
    let head = std::fs::read_to_string(folder.join(".git/HEAD")).unwrap();
    let branch = head.trim().strip_prefix("ref: refs/heads/").unwrap();
    assert_eq!(made.out.trim(), format!("{branch}: 1 untracked"));
    code("", &["stage"]).ok();
    let status = code("", &["status", "--json"]).ok().json();
    assert_eq!(status["result"]["summary"]["n_staged"], 1, "{status}");
    for again in ["", "inside"] {
        assert_eq!(code(again, &["init", "--json"]).json()["problems"][0]["code"], "exists");
    }
}
