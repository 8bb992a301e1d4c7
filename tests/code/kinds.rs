//! Kinds of index and of files that libgit2 does not know, through the real program: split and sparse indexes, filters of the user's, other
//! encodings, files that git was told not to look at.

use crate::support::cli::{Home, git};
use serde_json::Value;
use std::path::{Path, PathBuf};

pub(super) struct Bench {
    pub(super) home: Home,
    pub(super) root: PathBuf,
}

impl Bench {
    pub(super) fn new() -> Self {
        let home = Home::new();
        let root = home.path("r");
        std::fs::create_dir(&root).unwrap();
        let bench = Self { home, root };
        bench.git(&["init", "-q", "-b", "main"]);
        bench.git(&["config", "user.name", "Ada Lovelace"]);
        bench.git(&["config", "user.email", "ada@example.org"]);
        bench
    }

    pub(super) fn git(&self, args: &[&str]) -> String {
        git(&self.root, args)
    }

    pub(super) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    pub(super) fn read(&self, name: &str) -> String {
        String::from_utf8_lossy(&std::fs::read(self.root.join(name)).unwrap()).into_owned()
    }

    pub(super) fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", message]);
    }

    pub(super) fn code(&self, args: &[&str]) -> String {
        let all: Vec<&str> = ["--trust", "code"].iter().chain(args).copied().collect();
        self.home.call_in(&self.root, &all).ok().out
    }

    pub(super) fn json(&self, args: &[&str]) -> Value {
        let all: Vec<&str> = ["--trust", "--json", "code"].iter().chain(args).copied().collect();
        self.home.call_in(&self.root, &all).ok().json()["result"].take()
    }

    /// What `code diff` shows added and removed.
    pub(super) fn shown(&self, args: &[&str]) -> Vec<String> {
        let shown = self.code(args);
        let is_change = |line: &&str| line.starts_with(['+', '-']) && !line.starts_with("+++") && !line.starts_with("---");
        shown.lines().filter(is_change).map(str::to_owned).collect()
    }

    pub(super) fn porcelain(&self) -> String {
        self.git(&["status", "--porcelain"])
    }
}

fn does_daily_work(bench: &Bench, at: &str, kind: &dyn Fn(&Path) -> bool) {
    let index = bench.root.join(".git/index");
    assert!(kind(&index), "git made an index of the usual kind");
    bench.write(at, "two\nlines\n");
    bench.write("new.txt", "new\n");
    let before = bench.porcelain();
    let status = bench.json(&["status"]);
    assert_eq!(
        status["entries"].as_array().unwrap().len(),
        before.lines().count(),
        "{status:#}"
    );
    assert_eq!(bench.shown(&["diff", at]), ["-one", "+two", "+lines"]);
    bench.code(&["stage", at]);
    assert_eq!(bench.porcelain(), format!("M  {at}\n?? new.txt\n"));
    assert_eq!(bench.shown(&["diff", "--staged", at]), ["-one", "+two", "+lines"]);
    bench.code(&["unstage", at]);
    assert_eq!(bench.porcelain(), before);
    bench.code(&["discard", "."]);
    assert_eq!((bench.porcelain().as_str(), bench.read(at).as_str()), ("", "one\n"));
    bench.code(&["undo"]);
    assert_eq!(
        (bench.porcelain(), bench.read(at)),
        (before.clone(), "two\nlines\n".to_owned())
    );
    bench.code(&["stash", "push"]);
    assert_eq!(bench.read(at), "one\n");
    bench.code(&["stash", "pop"]);
    assert_eq!(bench.read(at), "two\nlines\n");
    bench.code(&["reset", "--hard"]);
    assert_eq!(bench.read(at), "one\n");
    bench.code(&["undo"]);
    assert_eq!(bench.read(at), "two\nlines\n");
    bench.code(&["commit", "-a", "-m", "Two lines"]);
    assert_eq!(bench.git(&["show", &format!("HEAD:{at}")]), "two\nlines\n");
    assert!(kind(&index), "it is of its kind still");
    bench.git(&["fsck", "--strict"]);
}

fn holds(index: &Path, mark: &[u8]) -> bool {
    let bytes = std::fs::read(index).unwrap();
    bytes.windows(mark.len()).any(|window| window == mark)
}

#[test]
fn a_split_index_is_worked_with_as_any_other() {
    let bench = Bench::new();
    bench.git(&["config", "core.splitIndex", "true"]);
    for n in 0..40 {
        bench.write(&format!("f{n}"), "one\n");
    }
    bench.commit("one");
    bench.write("f7", "more\n");
    bench.git(&["add", "f7"]);
    bench.git(&["reset", "-q", "--hard"]);
    does_daily_work(&bench, "f9", &|index| holds(index, b"link"));
}

#[test]
fn a_sparse_index_is_worked_with_as_any_other_and_what_is_left_out_stays_so() {
    let bench = Bench::new();
    bench.write("a/1", "one\n");
    bench.write("b/1", "one\n");
    bench.write("b/deep/2", "one\n");
    bench.commit("one");
    bench.git(&["sparse-checkout", "set", "--sparse-index", "a"]);
    // Git opens its sparse index up where it has to, and closes it again when it likes.
    does_daily_work(&bench, "a/1", &|_| true);
    assert!(!bench.root.join("b").exists());
    assert_eq!(bench.git(&["ls-tree", "-r", "--name-only", "HEAD"]), "a/1\nb/1\nb/deep/2\n");
}

#[test]
fn what_a_filter_makes_of_a_file_is_compared_and_staged_line_by_line() {
    let bench = Bench::new();
    bench.git(&["config", "filter.up.clean", "tr a-z A-Z"]);
    bench.git(&["config", "filter.up.smudge", "tr A-Z a-z"]);
    bench.write(
        ".gitattributes",
        "*.up filter=up\n*.u16 text working-tree-encoding=UTF-16LE\n",
    );
    let text = |words: &[&str]| words.iter().map(|word| format!("{word}\n")).collect::<String>();
    bench.write("x.up", text(&["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]));
    let utf16 = |text: &str| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
    bench.write("y.u16", utf16("one\ntwo\n"));
    bench.commit("one");
    bench.write("x.up", text(&["a", "B1", "c", "d", "e", "f", "g", "h", "i", "j2"]));
    bench.write("y.u16", utf16("one\nthree\n"));
    assert_eq!(bench.shown(&["diff", "x.up"]), ["-B", "+B1", "-J", "+J2"]);
    assert_eq!(bench.shown(&["diff", "y.u16"]), ["-two", "+three"]);
    let blamed = bench.code(&["blame", "y.u16"]);
    assert!(
        blamed.lines().next().unwrap().ends_with("one") && blamed.contains("Ada"),
        "{blamed}"
    );

    // A hunk of it, as `git add -p` stages it.
    bench.code(&["stage", "x.up", "--line", "10", "--old", "10"]);
    assert!(bench.git(&["show", ":x.up"]).ends_with("I\nJ2\n"));
    assert!(bench.git(&["show", ":x.up"]).starts_with("A\nB\nC\n"));
    assert_eq!(bench.shown(&["diff", "x.up"]), ["-B", "+B1"]);
    // Where the filter would have to be turned round it is refused in words.
    let all = ["--trust", "code", "discard", "x.up", "--line", "2", "--old", "2"];
    let refused = bench.home.call_in(&bench.root, &all);
    assert!(refused.code == 1 && refused.err.contains("filter"), "{}", refused.err);
    // Nothing of it was put into the store.
    let loose = bench.git(&["count-objects"]);
    bench.code(&["diff", "y.u16"]);
    assert_eq!(bench.git(&["count-objects"]), loose);
    // In a workspace that is not trusted no filter runs.
    let untrusted = Home::new();
    let told = untrusted.call_in(&bench.root, &["code", "diff", "x.up"]).ok().out;
    assert!(told.contains("\n+a\n"), "{told}");
}

#[test]
fn a_hard_reset_keeps_what_files_held_that_git_does_not_look_at() {
    let bench = Bench::new();
    bench.write("f", "one\n");
    bench.write("g", "one\n");
    bench.commit("one");
    bench.git(&["update-index", "--assume-unchanged", "f"]);
    bench.write("f", "one\nmy settings\n");
    bench.code(&["reset", "--hard"]);
    assert_eq!(bench.read("f"), "one\n", "git itself writes over it");
    bench.code(&["undo"]);
    assert_eq!(bench.read("f"), "one\nmy settings\n");
}

#[test]
fn a_switch_that_git_will_refuse_for_a_skipped_file_is_told_before() {
    let bench = Bench::new();
    bench.write("s", "one\n");
    bench.commit("one");
    bench.git(&["checkout", "-q", "-b", "other"]);
    bench.git(&["checkout", "-q", "main"]);
    bench.write("s", "two\n");
    bench.commit("two");
    bench.git(&["checkout", "-q", "other"]);
    bench.git(&["update-index", "--skip-worktree", "s"]);
    bench.write("s", "local\n");
    let told = bench.json(&["switch", "main", "--preview"]);
    assert_eq!(told["overwritten"], serde_json::json!(["s"]), "{told:#}");
}

#[test]
fn a_renamed_file_leaves_the_index_with_both_its_names() {
    let bench = Bench::new();
    bench.write("old", "one\ntwo\nthree\n");
    bench.write("other", "x\n");
    bench.commit("one");
    bench.git(&["mv", "old", "new"]);
    bench.write("other", "y\n");
    bench.git(&["add", "other"]);
    bench.code(&["unstage", "new"]);
    assert_eq!(bench.porcelain(), " D old\nM  other\n?? new\n");
    bench.code(&["undo"]);
    assert_eq!(bench.porcelain(), "R  old -> new\nM  other\n");
}

#[test]
fn files_and_folders_that_took_each_others_place_are_discarded_and_come_back() {
    let bench = Bench::new();
    bench.write("folder/a", "tracked\n");
    bench.write("file", "tracked\n");
    bench.commit("one");
    std::fs::remove_dir_all(bench.root.join("folder")).unwrap();
    bench.write("folder", "a file\n");
    std::fs::remove_file(bench.root.join("file")).unwrap();
    bench.write("file/x", "below\n");
    let before = bench.porcelain();
    bench.code(&["discard", "."]);
    assert_eq!(bench.porcelain(), "");
    assert_eq!(
        (bench.read("folder/a"), bench.read("file")),
        ("tracked\n".to_owned(), "tracked\n".to_owned())
    );
    bench.code(&["undo"]);
    assert_eq!(bench.porcelain(), before);
    assert_eq!(
        (bench.read("folder"), bench.read("file/x")),
        ("a file\n".to_owned(), "below\n".to_owned())
    );
}

#[test]
fn bytes_that_the_index_does_not_hold_come_back() {
    let bench = Bench::new();
    bench.git(&["config", "filter.strip.clean", "grep -v OUTPUT"]);
    bench.git(&["config", "filter.strip.smudge", "cat"]);
    bench.write(".gitattributes", "*.nb filter=strip\n*.txt text=auto eol=lf\n");
    bench.write("a.nb", "cell 1\nOUTPUT 1\n");
    bench.write("b.txt", "one\n");
    bench.commit("one");
    let notebook = "cell 1\nOUTPUT 1\ncell 2\nOUTPUT two hours of computing\n";
    for act in [&["reset", "--hard"][..], &["stash", "push"]] {
        bench.write("a.nb", notebook);
        bench.write("b.txt", "one\r\ntwo\r\n");
        bench.code(&["stage", "a.nb", "b.txt"]);
        bench.code(act);
        assert_ne!(bench.read("a.nb"), notebook);
        bench.code(&["undo"]);
        assert_eq!(
            (bench.read("a.nb").as_str(), bench.read("b.txt").as_str()),
            (notebook, "one\r\ntwo\r\n"),
            "{act:?}"
        );
        bench.git(&["reset", "-q", "--hard"]);
        bench.git(&["stash", "clear"]);
    }
}
