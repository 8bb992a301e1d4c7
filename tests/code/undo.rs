//! The undo timeline: random sequences of acts are taken back step by step and done again, and each time work tree, index, refs,
//! stashes, settings and the operation in progress are exactly what they were.

use super::fixture::{Fixture, path};
use crate::support::random::{first_seed, given_seed, n_cases};
use chantier::adapters::git::Scope;
use chantier::base::GitPath;
use chantier::base::git_act::LocalChanges;
use chantier::base::repo::{StashAct, UndoKind, Which};
use fastrand::Rng;
use std::collections::BTreeMap;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

const N_SEQUENCES: u64 = 200;

/// Everything that must come back.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Picture(BTreeMap<String, String>);

impl Picture {
    pub(crate) fn of(fixture: &Fixture) -> Self {
        let mut all = BTreeMap::new();
        walk(&fixture.root, "", &mut all, &|name| name == ".git");
        let git = fixture.path(".git");
        for name in ["refs", "rebase-merge", "rebase-apply", "sequencer", "logs/refs/stash"] {
            walk(&git.join(name), &format!(".git/{name}"), &mut all, &|name| name == "chantier");
        }
        for name in [
            "HEAD",
            "MERGE_HEAD",
            "MERGE_MSG",
            "MERGE_MODE",
            "CHERRY_PICK_HEAD",
            "REVERT_HEAD",
            "SQUASH_MSG",
        ] {
            if let Ok(text) = std::fs::read_to_string(git.join(name)) {
                all.insert(format!(".git/{name}"), text);
            }
        }
        let index = fixture.run(&["ls-files", "-z", "--stage"]);
        all.insert("index".to_owned(), String::from_utf8_lossy(&index).replace('\0', "\n"));
        let config = std::fs::read_to_string(git.join("config")).unwrap();
        let mut settings: Vec<&str> = config
            .lines()
            .filter(|line| {
                ["merge =", "remote =", "url =", "fetch ="]
                    .iter()
                    .any(|key| line.contains(key))
            })
            .collect();
        settings.sort_unstable();
        all.insert("settings".to_owned(), settings.join("\n"));
        Self(all)
    }

    fn without_refs(&self) -> Vec<(&String, &String)> {
        self.0.iter().filter(|(name, _)| !name.starts_with(".git/refs/")).collect()
    }

    /// Asserts that everything is as in the picture.
    pub(crate) fn is(&self, fixture: &Fixture, when: &str) {
        let found = Self::of(fixture);
        assert!(found == *self, "{when}\n{}", self.difference(&found));
    }

    /// What differs, for people.
    pub(crate) fn difference(&self, other: &Self) -> String {
        let mut out = String::new();
        for name in self.0.keys().chain(other.0.keys()) {
            let (ours, theirs) = (self.0.get(name), other.0.get(name));
            if ours != theirs {
                out.push_str(&format!("{name}:\n  wanted {ours:?}\n  found  {theirs:?}\n"));
            }
        }
        out
    }
}

fn walk(at: &Path, name: &str, all: &mut BTreeMap<String, String>, is_left_out: &dyn Fn(&str) -> bool) {
    let Ok(meta) = at.symlink_metadata() else { return };
    if meta.is_dir() {
        for entry in std::fs::read_dir(at).unwrap().flatten() {
            let child = entry.file_name().to_string_lossy().into_owned();
            if !is_left_out(&child) {
                let name = if name.is_empty() { child } else { format!("{name}/{child}") };
                walk(&entry.path(), &name, all, is_left_out);
            }
        }
        return;
    }
    let (kind, bytes) = if meta.is_symlink() {
        ("link", std::fs::read_link(at).unwrap().as_os_str().as_bytes().to_vec())
    } else if meta.permissions().mode() & 0o111 != 0 {
        ("program", std::fs::read(at).unwrap())
    } else {
        ("file", std::fs::read(at).unwrap())
    };
    all.insert(name.to_owned(), format!("{kind} {}", String::from_utf8_lossy(&bytes)));
}

/// Three branches that conflict with each other, an annotated tag, an upstream, a stash, and changes on top.
pub(crate) fn template() -> Fixture {
    let fixture = Fixture::new();
    let lines = |word: &str| (0..12).map(|n| format!("{word} {n}\n")).collect::<String>();
    fixture.write(".gitignore", "*.log\n");
    for name in ["a", "b", "d/x", "d/y", "e"] {
        fixture.write(name, lines(name));
    }
    fixture.commit_all("one");
    fixture.run(&["branch", "side"]);
    fixture.run(&["branch", "third"]);
    fixture.write("a", lines("a").replace("a 3", "a main"));
    fixture.write("new.log", "tracked although ignored\n");
    fixture.run(&["add", "--force", "new.log"]);
    fixture.commit_all("two");
    fixture.write("b", lines("b").replace("b 9", "b main"));
    fixture.commit_all("three");
    fixture.run(&["tag", "-a", "-m", "v1", "v1"]);
    fixture.run(&["switch", "-q", "side"]);
    fixture.write("a", lines("a").replace("a 3", "a side"));
    std::fs::remove_file(fixture.path("e")).unwrap();
    fixture.write("e/inside", "a folder now\n");
    fixture.commit_all("side one");
    fixture.write("d/x", lines("d/x").replace("d/x 5", "d/x side"));
    fixture.commit_all("side two");
    fixture.run(&["switch", "-q", "third"]);
    fixture.write("only-third", "third\n");
    fixture.run(&["rm", "-q", "-r", "d"]);
    fixture.commit_all("third one");
    fixture.run(&["switch", "-q", "main"]);
    fixture.run(&["branch", "-q", "--set-upstream-to=main", "side"]);
    fixture.write("a", lines("a").replace("a 7", "a stashed"));
    fixture.write("untracked", "stashed too\n");
    fixture.run(&["stash", "push", "-q", "-u"]);
    fixture
}

struct Sequence<'a> {
    fixture: Fixture,
    rng: &'a mut Rng,
    /// What was done, for people.
    told: Vec<String>,
}

impl Sequence<'_> {
    fn pick<'b>(&mut self, words: &[&'b str]) -> &'b str {
        words[self.rng.usize(..words.len())]
    }

    /// An act of git's program, whatever it says, with a mark around it.
    async fn git(&mut self, kind: UndoKind, scope: Scope, args: &[&str]) -> Option<u64> {
        let fixture = &self.fixture;
        self.told.push(format!("git {}", args.join(" ")));
        let mark = fixture
            .git
            .mark(fixture.repo(), kind, args.join(" "), scope, fixture.at())
            .await
            .unwrap();
        let mut all = vec!["-c", "core.editor=true", "-c", "rerere.enabled=false"];
        all.extend(args);
        fixture.try_run(&fixture.root, &all);
        fixture.git.remember(fixture.repo(), mark).await.unwrap().undo
    }

    /// Somebody writes, removes, links or turns files.
    async fn edit(&mut self) -> Option<u64> {
        let name = self.pick(&["a", "b", "d/x", "d/new", "e", "only-third", "ig.log", "new.log", "e/inside"]);
        let file = self.fixture.path(name);
        let fixture = &self.fixture;
        let scope = Scope::refs().at([path(name), path("d"), path("e"), path("e/inside")]);
        let mark = fixture
            .git
            .mark(fixture.repo(), UndoKind::Discard, "edit", scope, fixture.at())
            .await
            .unwrap();
        let way = self.rng.u8(..6);
        self.told.push(format!("edit {name} {way}"));
        if file.is_dir() || !file.parent().unwrap().is_dir() {
            // Left as it is.
        } else if way == 0 {
            std::fs::remove_file(&file).ok();
        } else if way == 1 {
            std::fs::remove_file(&file).ok();
            std::os::unix::fs::symlink("nowhere", &file).unwrap();
        } else if way == 2 && file.is_file() {
            std::fs::set_permissions(&file, PermissionsExt::from_mode(0o755)).unwrap();
        } else if !file.is_symlink() {
            let mut text = std::fs::read_to_string(&file).unwrap_or_default();
            let n = self.rng.u32(..1000);
            text = if self.rng.bool() {
                format!("{n}\r\n{text}")
            } else {
                format!("{text}{n}")
            };
            std::fs::write(&file, text).unwrap();
        }
        let fixture = &self.fixture;
        fixture.git.remember(fixture.repo(), mark).await.unwrap().undo
    }

    async fn step(&mut self) -> Option<u64> {
        let branch = self.pick(&["main", "side", "third"]);
        let files = Scope::files;
        let parent = if self
            .fixture
            .try_run(&self.fixture.root, &["rev-parse", "-q", "--verify", "HEAD~1"])
            .0
            == 0
        {
            "HEAD~1"
        } else {
            "HEAD"
        };
        let head = if self.fixture.path(format!(".git/refs/heads/{branch}")).is_file() {
            branch
        } else {
            "HEAD"
        };
        match self.rng.u8(..29) {
            0..=4 => self.edit().await,
            5 | 6 => {
                let name = self.pick(&["a", "d", "e", "b"]);
                self.told.push(format!("stage {name}"));
                let paths: Vec<GitPath> = if self.rng.bool() { vec![path(name)] } else { Vec::new() };
                let fixture = &self.fixture;
                let done = fixture.git.stage(fixture.repo(), &paths, fixture.at(), &fixture.cancel).await;
                done.ok()?.undo
            }
            7 => {
                self.told.push("unstage".to_owned());
                let fixture = &self.fixture;
                let done = fixture.git.unstage(fixture.repo(), &[], fixture.at(), &fixture.cancel).await;
                done.ok()?.undo
            }
            8 => {
                let name = self.pick(&["a", "d", "e", "ig.log", "untracked"]);
                self.told.push(format!("discard {name}"));
                let fixture = &self.fixture;
                let done = fixture
                    .git
                    .discard(fixture.repo(), &[path(name)], fixture.at(), &fixture.cancel)
                    .await;
                done.ok()?.undo
            }
            9 | 10 => self.git(UndoKind::Commit, files(), &["commit", "-qam", "more"]).await,
            11 => {
                self.git(UndoKind::Amend, files(), &["commit", "-q", "--amend", "-m", "other"])
                    .await
            }
            12 => {
                self.git(UndoKind::Switch, files().bringing(head), &["reset", "-q", "--hard", branch])
                    .await
            }
            13 => {
                self.git(
                    UndoKind::Switch,
                    files().bringing(parent),
                    &["reset", "-q", "--hard", "HEAD~1"],
                )
                .await
            }
            14 => {
                let how = self.pick(&["--soft", "--mixed", "--keep", "--merge"]);
                self.git(UndoKind::Switch, files().bringing(parent), &["reset", "-q", how, "HEAD~1"])
                    .await
            }
            15 | 16 => {
                let auto = self.pick(&["--autostash", "--no-autostash"]);
                self.git(UndoKind::Switch, files().bringing(head), &["rebase", "-q", auto, branch])
                    .await
            }
            17 | 18 => {
                self.git(
                    UndoKind::Switch,
                    files().bringing(head),
                    &["merge", "-q", "--no-edit", branch],
                )
                .await
            }
            19 => {
                let what = self.pick(&["cherry-pick", "revert", "rebase", "merge"]);
                let how = self.pick(&["--abort", "--continue", "--skip", "--quit"]);
                self.git(UndoKind::Switch, files().bringing("HEAD").bringing("ORIG_HEAD"), &[what, how])
                    .await
            }
            20 => {
                self.git(UndoKind::Switch, files().bringing(head), &["cherry-pick", branch])
                    .await
            }
            21 => self.git(UndoKind::Switch, files(), &["revert", "--no-edit", "HEAD"]).await,
            22 => {
                let scope = files().with_untracked(false);
                self.git(UndoKind::Switch, scope, &["stash", "push", "-q", "-u"]).await
            }
            23 => {
                let how = self.pick(&["pop", "apply"]);
                let has_untracked = self
                    .fixture
                    .try_run(&self.fixture.root, &["rev-parse", "-q", "--verify", "stash@{0}^3"])
                    .0
                    == 0;
                let has_stash = self.fixture.path(".git/refs/stash").exists();
                let mut scope = files();
                if has_stash {
                    scope = scope.bringing("refs/stash");
                }
                if has_untracked {
                    scope = scope.bringing("refs/stash^3");
                }
                self.git(UndoKind::Switch, scope, &["stash", how, "-q", "--index"]).await
            }
            24 => self.git(UndoKind::Switch, Scope::refs(), &["stash", "drop", "-q"]).await,
            25 => {
                let scope = Scope::refs().removing(format!("refs/heads/{branch}"));
                self.git(UndoKind::Switch, scope, &["branch", "-q", "-D", branch]).await
            }
            26 => {
                let args: &[&str] = match self.rng.u8(..4) {
                    0 => &["tag", "-d", "v1"],
                    1 => &["tag", "-a", "-m", "v2", "v2"],
                    2 => &["branch", "-m", "third", "third/deep"],
                    _ => &["branch", "made"],
                };
                self.git(UndoKind::CreateBranch, Scope::refs(), args).await
            }
            27 => {
                let args: &[&str] = match self.rng.u8(..4) {
                    0 => &["rm", "-q", "-r", "--cached", "d"],
                    1 => &["rm", "-q", "-f", "a"],
                    2 => &["mv", "b", "moved"],
                    _ => &["add", "--intent-to-add", "untracked"],
                };
                self.git(UndoKind::Stage, files(), args).await
            }
            _ => {
                self.told.push(format!("switch {branch}"));
                let fixture = &self.fixture;
                let done = fixture
                    .git
                    .switch(fixture.repo(), branch, LocalChanges::Carry, fixture.at(), &fixture.cancel)
                    .await;
                done.ok()?.undo
            }
        }
    }

    fn is(&self, wanted: &Picture, when: &str) {
        let found = Picture::of(&self.fixture);
        assert!(
            found == *wanted,
            "{when}\n{}\n{}",
            self.told.join("\n"),
            wanted.difference(&found)
        );
    }
}

async fn run(template: &Path, rng: &mut Rng) {
    let fixture = Fixture::copy_of(template);
    let mut sequence = Sequence {
        fixture,
        rng,
        told: Vec::new(),
    };
    let mut pictures = vec![Picture::of(&sequence.fixture)];
    let n_steps = sequence.rng.usize(3..8);
    while pictures.len() <= n_steps {
        let undo = sequence.step().await;
        sequence.fixture.git.settle(sequence.fixture.repo()).await.unwrap();
        match undo {
            Some(_) => pictures.push(Picture::of(&sequence.fixture)),
            None => {
                sequence.is(pictures.last().unwrap(), "an act without an entry changed nothing");
                if sequence.told.len() > 30 {
                    break;
                }
            }
        }
    }
    let n = pictures.len() - 1;
    let last = Which::Last { n: 1 };
    let (at, cancel) = (sequence.fixture.at(), sequence.fixture.cancel.clone());
    for step in (0..n).rev() {
        let fixture = &sequence.fixture;
        let done = fixture.git.take_back(fixture.repo(), last, false, at, &cancel).await;
        assert!(done.is_ok(), "taking back {step}\n{}\n{done:?}", sequence.told.join("\n"));
        sequence.is(&pictures[step], &format!("step {step} was taken back"));
    }
    for (step, picture) in pictures.iter().enumerate().skip(1) {
        let fixture = &sequence.fixture;
        let done = fixture.git.redo(fixture.repo(), last, false, at, &cancel).await;
        assert!(done.is_ok(), "doing {step} again\n{}\n{done:?}", sequence.told.join("\n"));
        sequence.is(picture, &format!("step {step} was done again"));
    }
    if n > 0 && sequence.rng.u8(..4) == 0 {
        let fixture = &sequence.fixture;
        let all = Which::Last { n: n as u32 };
        fixture.git.take_back(fixture.repo(), all, false, at, &cancel).await.unwrap();
        sequence.is(&pictures[0], "all were taken back at once");
    }
    if sequence.rng.u8(..4) == 0 {
        sequence.fixture.fsck();
    }
}

#[test]
fn random_sequences_are_taken_back_and_done_again_exactly() {
    let template = template();
    let first: u64 = given_seed().unwrap_or_else(first_seed);
    let n = n_cases(N_SEQUENCES);
    let next = AtomicU64::new(0);
    let n_threads = std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 8);
    std::thread::scope(|scope| {
        for _ in 0..n_threads {
            scope.spawn(|| {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= n {
                        return;
                    }
                    let seed = first + seed;
                    println!("seed {seed}: repeat with CHANTIER_SEED={seed}");
                    runtime.block_on(run(&template.root, &mut Rng::with_seed(seed)));
                }
            });
        }
    });
}

#[tokio::test]
async fn what_changed_since_is_not_overwritten_unless_asked_and_then_kept() {
    let fixture = Fixture::new();
    fixture.write("a", "old\n");
    fixture.commit_all("one");
    fixture.write("a", "thrown away\n");
    let (repo, at, cancel) = (fixture.repo(), fixture.at(), &fixture.cancel);
    let last = Which::Last { n: 1 };
    fixture.git.discard(repo, &[path("a")], at, cancel).await.unwrap();
    fixture.write("a", "newer work\n");
    let problem = fixture.git.take_back(repo, last, false, at, cancel).await.unwrap_err();
    assert_eq!((problem.code.as_str(), problem.details.as_str()), ("went-on", "a"));
    let id = fixture.git.undo_list(&fixture.root).unwrap()[0].id;
    let detail = fixture.git.undo_detail(repo, id).await.unwrap();
    assert_eq!((detail.collisions, detail.n_files), (vec!["a".to_owned()], 1));
    assert_eq!(fixture.read("a"), b"newer work\n");
    fixture.git.take_back(repo, last, true, at, cancel).await.unwrap();
    assert_eq!(fixture.read("a"), b"thrown away\n");
    let list = fixture.git.undo_list(&fixture.root).unwrap();
    assert_eq!(
        (list[0].kind, list[0].is_undone, list[1].is_undone),
        (UndoKind::TakeBack, false, true)
    );
    fixture.git.take_back(repo, last, false, at, cancel).await.unwrap();
    assert_eq!(fixture.read("a"), b"newer work\n");
}

#[tokio::test]
async fn stashes_are_made_looked_at_put_back_and_dropped() {
    let fixture = Fixture::new();
    fixture.write("a", "old\n");
    fixture.write("b", "old\n");
    fixture.commit_all("one");
    fixture.write("a", "staged\n");
    fixture.run(&["add", "a"]);
    fixture.write("b", "changed\n");
    fixture.write("new", "untracked\n");
    let before = Picture::of(&fixture);
    let (repo, at, cancel) = (fixture.repo(), fixture.at(), &fixture.cancel);
    let act = StashAct {
        message: "half done".to_owned(),
        with_untracked: true,
        ..StashAct::default()
    };
    fixture.git.stash_push(repo, &act, at, cancel).await.unwrap();
    assert_eq!(fixture.text(&["status", "--porcelain"]), "");
    let problem = fixture.git.stash_push(repo, &act, at, cancel).await.unwrap_err();
    assert_eq!(problem.code, "nothing-to-stash");
    let stashes = fixture.git.stashes(&fixture.root).unwrap();
    let stash = &stashes[0];
    assert_eq!(
        (
            stash.message.as_str(),
            stash.branch.as_deref(),
            stash.n_files,
            stash.untracked.is_some()
        ),
        ("half done", Some("main"), 3, true)
    );
    // In the way of the stash: refused, and nothing is touched.
    fixture.write("new", "another\n");
    let problem = fixture.git.stash_apply(repo, &stash.oid, true, at, cancel).await.unwrap_err();
    assert_eq!(problem.code, "would-overwrite", "{problem:?}");
    assert_eq!(fixture.read("new"), b"another\n");
    std::fs::remove_file(fixture.path("new")).unwrap();
    let clean = Picture::of(&fixture);
    fixture.git.stash_apply(repo, &stash.oid, true, at, cancel).await.unwrap();
    assert_eq!(fixture.text(&["status", "--porcelain"]), "M  a\n M b\n?? new");
    assert!(fixture.git.stashes(&fixture.root).unwrap().is_empty());
    let last = Which::Last { n: 1 };
    fixture.git.take_back(repo, last, false, at, cancel).await.unwrap();
    clean.is(&fixture, "the pop was taken back");
    // By its number, as it is typed.
    fixture.git.stash_apply(repo, "0", true, at, cancel).await.unwrap();
    assert_eq!(fixture.text(&["status", "--porcelain"]), "M  a\n M b\n?? new");
    fixture.git.take_back(repo, last, false, at, cancel).await.unwrap();
    clean.is(&fixture, "the pop by number was taken back");
    fixture.git.stash_drop(repo, "0", at, cancel).await.unwrap();
    fixture.run(&["gc", "-q", "--prune=now"]);
    fixture.git.take_back(repo, last, false, at, cancel).await.unwrap();
    assert_eq!(fixture.git.stashes(&fixture.root).unwrap(), stashes);
    fixture
        .git
        .stash_branch(repo, &stash.oid, "from-stash", at, cancel)
        .await
        .unwrap();
    assert_eq!(fixture.text(&["branch", "--show-current"]), "from-stash");
    fixture.git.take_back(repo, last, false, at, cancel).await.unwrap();
    fixture.git.take_back(repo, last, false, at, cancel).await.unwrap();
    let now = Picture::of(&fixture);
    // `git gc` has packed the refs meanwhile: files, index and stashes count.
    assert_eq!(now.without_refs(), before.without_refs());
    fixture.fsck();
}
