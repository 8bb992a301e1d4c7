//! Status and differences of checkouts that change at random, step by step, equal what git's program says of them: the first look, the
//! look at what was touched only, and libgit2's.

use super::fixture::{Fixture, cases, path};
use super::status::{judge, ours};
use crate::support::random;
use chantier::adapters::git::Repo;
use chantier::base::diff::{DiffLook, DiffOf};
use chantier::base::repo::Change;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;

/// Repositories, and steps in each: every step is a case.
const N_REPOSITORIES: u64 = 18;
const N_STEPS: u64 = 30;

const NAMES: &[&[u8]] = &[
    b"a.txt",
    b"a-b.txt",
    b"a/one.rs",
    b"a/two.rs",
    b"a/deep/er/three.rs",
    b"a.d/x",
    b"b b.txt",
    "\u{e9}/\u{e8}.txt".as_bytes(),
    b"bad\xff\xfe.bin",
    b"bad\xffd/f",
    b"q\"uote",
    b"-dash",
    b"*star",
    b":colon",
    b"ign.log",
    b"ignored/x.txt",
    b"new/inside/file",
    b"new/other.log",
    b"crlf.crlf",
    b"empty",
    b".hidden",
];

struct Walk<'a> {
    fixture: &'a Fixture,
    rng: &'a mut fastrand::Rng,
    touched: Vec<PathBuf>,
    did: Vec<String>,
}

impl Walk<'_> {
    fn name(&mut self) -> &'static [u8] {
        NAMES[self.rng.usize(..NAMES.len())]
    }

    fn git(&mut self, args: &[&str]) {
        self.fixture.try_run(&self.fixture.root, args);
        for name in ["index", "HEAD", "refs/heads/main", "config"] {
            self.touched.push(self.fixture.path(".git").join(name));
        }
        self.did.push(format!("git {args:?}"));
    }

    fn clear_way(&mut self, name: &[u8]) {
        let mut at = self.fixture.root.clone();
        for part in name.split(|byte| *byte == b'/') {
            at.push(OsStr::from_bytes(part));
            if at.symlink_metadata().is_ok_and(|meta| !meta.is_dir()) && at != self.fixture.path(name) {
                std::fs::remove_file(&at).unwrap();
                self.touched.push(at.clone());
            }
        }
        let whole = self.fixture.path(name);
        if whole.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
            std::fs::remove_dir_all(&whole).unwrap();
            self.touched.push(whole);
        } else if whole.symlink_metadata().is_ok() {
            std::fs::remove_file(&whole).unwrap();
        }
        std::fs::create_dir_all(self.fixture.path(name).parent().unwrap()).unwrap();
    }

    fn content(&mut self) -> Vec<u8> {
        match self.rng.u8(..6) {
            0 => Vec::new(),
            1 => b"\0\x01binary\xff".to_vec(),
            2 => b"one\r\ntwo\r\n".to_vec(),
            3 => format!("{}\nwithout an end", self.rng.u8(..)).into_bytes(),
            _ => (0..self.rng.usize(1..8))
                .flat_map(|n| format!("line {n} {}\n", self.rng.u8(..3)).into_bytes())
                .collect(),
        }
    }

    fn step(&mut self) {
        let name = self.name();
        let file = self.fixture.path(name);
        self.touched.push(file.clone());
        let shown = String::from_utf8_lossy(name).into_owned();
        match self.rng.u8(..28) {
            0..=5 => {
                self.clear_way(name);
                let content = self.content();
                std::fs::write(&file, content).unwrap();
                self.did.push(format!("write {shown}"));
            }
            6 | 7 => {
                std::fs::remove_file(&file).ok();
                self.did.push(format!("remove {shown}"));
            }
            8 => {
                if file.symlink_metadata().is_ok_and(|meta| meta.is_file()) {
                    let mode = if self.rng.bool() { 0o755 } else { 0o644 };
                    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
                    self.did.push(format!("mode {shown}"));
                }
            }
            9 => {
                self.clear_way(name);
                std::os::unix::fs::symlink("a.txt", &file).unwrap();
                self.did.push(format!("link {shown}"));
            }
            10 => {
                let to = self.name();
                if file.symlink_metadata().is_ok_and(|meta| !meta.is_dir()) && to != name {
                    let bytes = std::fs::read(&file).unwrap_or_default();
                    std::fs::remove_file(&file).unwrap();
                    self.clear_way(to);
                    std::fs::write(self.fixture.path(to), bytes).unwrap();
                    self.touched.push(self.fixture.path(to));
                    self.did.push(format!("rename {shown}"));
                }
            }
            11 => {
                // A folder where a file was, or the other way round.
                let at = self.fixture.path(b"a");
                if at.is_dir() && self.rng.bool() {
                    std::fs::remove_dir_all(&at).unwrap();
                    if self.rng.bool() {
                        std::fs::write(&at, "a file now\n").unwrap();
                    }
                }
                self.touched.push(at);
                self.did.push("folder a".to_owned());
            }
            12 => {
                let rules = [
                    "*.log\nignored/\n",
                    "new/\n",
                    "*\n!*.txt\n!*/\n",
                    "",
                    "/a\n",
                    "a/*\n!a/one.rs\n",
                ];
                let at = if self.rng.bool() { ".gitignore" } else { "a/.gitignore" };
                if self.fixture.path(at).parent().unwrap().is_dir() {
                    std::fs::write(self.fixture.path(at), rules[self.rng.usize(..rules.len())]).unwrap();
                }
                self.touched.push(self.fixture.path(at));
                self.did.push(format!("rules in {at}"));
            }
            13 => self.git(&["add", "-A", "--", "a", "a.txt"]),
            14 => self.git(&["add", "-A"]),
            15 => self.git(&["commit", "-q", "--allow-empty", "-m", "more"]),
            16 => {
                let shown = shown.clone();
                self.git(&["rm", "-q", "-r", "--cached", "--ignore-unmatch", "--", &shown]);
            }
            17 => self.git(&["reset", "-q", "--hard"]),
            18 => self.git(&["update-index", "--assume-unchanged", "a.txt"]),
            19 => self.git(&["update-index", "--no-assume-unchanged", "a.txt"]),
            20 => self.git(&["stash", "-q"]),
            21 => self.git(&["update-index", "--skip-worktree", "a/one.rs"]),
            22 => self.git(&["update-index", "--no-skip-worktree", "a/one.rs"]),
            24..=27 if self.fixture.path("sub").exists() => self.in_submodule(),
            _ => {
                std::fs::create_dir_all(self.fixture.path(b"hollow/inside")).unwrap();
                self.touched.push(self.fixture.path(b"hollow"));
                self.did.push("empty folders".to_owned());
            }
        }
    }
}

impl Walk<'_> {
    /// Whatever happens inside a submodule, or to it.
    fn in_submodule(&mut self) {
        let sub = self.fixture.path("sub");
        let what = self.rng.u8(..7);
        self.did.push(format!("submodule {what}"));
        match what {
            0 => std::fs::write(sub.join("s"), format!("{}\n", self.rng.u8(..3))).unwrap(),
            1 => std::fs::write(sub.join("strange"), "x\n").unwrap(),
            2 => drop(std::fs::remove_file(sub.join("strange"))),
            3 => drop(self.fixture.run_in(&sub, &["add", "-A"])),
            4 => {
                let author = ["-c", "user.name=a", "-c", "user.email=a@b"];
                self.fixture.try_run(
                    &sub,
                    &[&author[..], &["commit", "-q", "-a", "--allow-empty", "-m", "on"]].concat(),
                );
            }
            5 => drop(self.fixture.run_in(&sub, &["reset", "-q", "--hard"])),
            _ => {
                std::fs::remove_dir_all(&sub).unwrap();
                if self.rng.bool() {
                    std::fs::create_dir(&sub).unwrap();
                }
            }
        }
        let inside = ["s", "strange", ".git/logs/HEAD"][self.rng.usize(..3)];
        self.touched.push(if what == 6 { sub } else { sub.join(inside) });
    }
}

/// What a repository begins with, so that every kind of it is met.
fn prepare(fixture: &Fixture, kind: u64) {
    let ours = |args: &[&str]| drop(fixture.try_run(&fixture.root, args));
    fixture.write("a.txt", "one\n");
    fixture.write("a/one.rs", "fn one() {}\n");
    match kind % 9 {
        1 => ours(&["config", "core.autocrlf", "true"]),
        2 => fixture.write(".gitattributes", "*.txt text=auto\n*.crlf eol=crlf\n*.rs ident\n"),
        3 => ours(&["config", "index.version", "4"]),
        4 => {
            fixture.run(&["init", "-q", "sub"]);
            fixture.write("sub/s", "s\n");
            let sub = fixture.path("sub");
            fixture.run_in(&sub, &["add", "-A"]);
            fixture.run_in(
                &sub,
                &["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "-m", "sub"],
            );
        }
        5 => {
            fixture.commit_all("base");
            fixture.run(&["switch", "-q", "-c", "side"]);
            fixture.write("a.txt", "theirs\n");
            fixture.write("both.txt", "theirs\n");
            fixture.commit_all("theirs");
            fixture.run(&["switch", "-q", "main"]);
            fixture.write("a.txt", "ours\n");
            fixture.write("both.txt", "ours\n");
            fixture.commit_all("ours");
            ours(&["merge", "-q", "side"]);
            return;
        }
        6 => {
            fixture.commit_all("base");
            ours(&["sparse-checkout", "set", "--no-cone", "/*", "!/a/"]);
            return;
        }
        7 => ours(&["config", "core.filemode", "false"]),
        // Unborn: nothing is committed at all.
        8 => return,
        _ => {}
    }
    fixture.commit_all("base");
}

#[test]
fn status_and_differences_are_gits_own_while_a_checkout_changes() {
    let (mut n_cases, mut n_own) = (0, 0);
    cases(N_REPOSITORIES, |rng| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let fixture = Fixture::new();
        prepare(&fixture, rng.u64(..9));
        let mut known = None;
        let mut walk = Walk {
            fixture: &fixture,
            rng,
            touched: Vec::new(),
            did: Vec::new(),
        };
        for step in 0..N_STEPS {
            if step > 0 {
                walk.step();
            }
            let touched = std::mem::take(&mut walk.touched);
            let truth = judge(&fixture);
            let first = runtime
                .block_on(fixture.git.status_now(fixture.repo(), &fixture.cancel))
                .unwrap();
            assert_eq!(ours(&first), truth, "the first look after {:?}", walk.did);
            let since = fixture
                .git
                .status_since(fixture.repo(), &mut known, Some(&touched), &fixture.cancel);
            let since = runtime.block_on(since).unwrap();
            assert_eq!(ours(&since), truth, "what was touched after {:?}", walk.did);
            assert_eq!(since.summary, first.summary, "{:?}", walk.did);
            let restricted = Repo {
                root: &fixture.root,
                is_trusted: false,
            };
            let restricted = runtime.block_on(fixture.git.status_now(restricted, &fixture.cancel)).unwrap();
            assert_eq!(ours(&restricted), truth, "restricted, after {:?}", walk.did);
            let sources = fixture.git.head(&fixture.root).unwrap();
            assert!(sources.dirty.is_none() || !first.entries.is_empty(), "{:?}", walk.did);
            differences(&fixture, walk.rng, &first.entries, &walk.did);
            n_cases += 1;
            n_own += u32::from(known.is_some());
        }
    });
    println!("{n_cases} cases, {n_own} by our own look");
    let wanted = random::n_cases(N_REPOSITORIES) * N_STEPS;
    assert_eq!(u64::from(n_cases), wanted);
    assert!(wanted == N_STEPS || n_own >= n_cases / 2, "{n_cases}, {n_own}");
}

/// Added and removed lines of one changed file, as `git diff --numstat` counts them.
fn differences(fixture: &Fixture, rng: &mut fastrand::Rng, entries: &[chantier::base::repo::StatusEntry], did: &[String]) {
    let Some(entry) = entries.get(rng.usize(..entries.len().max(1))) else {
        return;
    };
    let is_plain = |change: Option<Change>| matches!(change, Some(Change::Modified | Change::Deleted | Change::Added));
    let (of, args, change): (DiffOf, &[&str], _) = if is_plain(entry.staged) {
        (
            DiffOf::Staged,
            &["diff", "--cached", "--numstat", "-z", "--no-renames", "--no-ext-diff"],
            entry.staged,
        )
    } else {
        (
            DiffOf::Unstaged,
            &["diff", "--numstat", "-z", "--no-renames", "--no-ext-diff"],
            entry.unstaged,
        )
    };
    if !is_plain(change) || entry.is_submodule {
        return;
    }
    let answer = fixture.run(args);
    let mut records = answer.split(|byte| *byte == 0);
    let record = records.find_map(|record| {
        let mut fields = record.splitn(3, |byte| *byte == b'\t');
        let (added, removed, name) = (fields.next()?, fields.next()?, fields.next()?);
        (name == entry.path.as_bytes()).then(|| (added.to_vec(), removed.to_vec()))
    });
    let Some((added, removed)) = record else { return };
    let diff = |of: &DiffOf| {
        fixture.git.diff(
            &fixture.root,
            of,
            &path(entry.path.as_bytes()),
            None,
            DiffLook::default(),
            false,
        )
    };
    let file = diff(&of).unwrap_or_else(|problem| panic!("{problem:?} {of:?} {:?} after {did:?}", entry.path));
    let number = |text: &[u8]| std::str::from_utf8(text).unwrap().parse().unwrap_or(0);
    let truth: (u32, u32) = (number(&added), number(&removed));
    assert_eq!((file.n_added, file.n_removed), truth, "{:?} {of:?} after {did:?}", entry.path);
    let both = diff(&DiffOf::Both);
    assert!(both.is_ok(), "{both:?}");
}
