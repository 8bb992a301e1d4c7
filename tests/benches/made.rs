//! A made repository, the same for the same recipe: a main line, up to 24 live topics, merges (some of them octopuses), tags, folders
//! of about forty files, and one long file with a long history. Written as a stream for `git fast-import`.

#![allow(dead_code, reason = "each benchmark uses a part of it")]

use std::fmt::Write as _;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::process::{Command, Stdio};

/// The file that changes for as long as the repository lives.
pub(crate) const LONG_FILE: &str = "data/long.csv";
const FILES_A_FOLDER: usize = 40;
const FOLDERS_A_FOLDER: usize = 32;
const TOPICS: usize = 24;
/// Later contents of files come from so many blobs: commits and trees are real, the pack stays small.
const POOL: usize = 4096;
const WORDS: [&str; 24] = [
    "fix", "add", "remove", "driver", "handle", "error", "leak", "refactor", "cache", "path", "test", "buffer", "retry",
    "config", "release", "deploy", "build", "agent", "parse", "timeout", "index", "socket", "merge", "table",
];

/// How large.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recipe {
    pub(crate) commits: usize,
    pub(crate) files: usize,
    /// Lines of `LONG_FILE`, and how many commits change it.
    pub(crate) long_lines: usize,
    pub(crate) long_changes: usize,
}

impl Recipe {
    pub(crate) const MODERATE: Self = Self {
        commits: 50_000,
        files: 5_000,
        long_lines: 60_000,
        long_changes: 400,
    };
    pub(crate) const LARGE: Self = Self {
        commits: 1_000_000,
        files: 100_000,
        long_lines: 60_000,
        long_changes: 400,
    };
}

/// Makes the bare repository at `git_dir`, with a commit-graph.
pub(crate) fn make(git_dir: &Path, recipe: &Recipe) {
    let git = |args: &[&str]| {
        let status = Command::new("git").arg("-C").arg(git_dir).args(args).status();
        assert!(status.expect("git is installed").success(), "git {args:?}");
    };
    std::fs::create_dir_all(git_dir).expect("the folder can be made");
    git(&["init", "-q", "--bare", "-b", "main", "."]);
    let mut import = Command::new("git")
        .arg("-C")
        .arg(git_dir)
        .args(["fast-import", "--quiet"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("git is installed");
    let stdin = import.stdin.take().expect("it was asked for");
    Stream::new(BufWriter::with_capacity(1 << 20, stdin), *recipe)
        .write()
        .expect("fast-import reads the stream");
    assert!(import.wait().expect("it was started").success());
    git(&["commit-graph", "write", "--reachable"]);
}

/// A small generator of numbers: the benchmark's repositories must not change with a crate's version.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    fn below(&mut self, limit: usize) -> usize {
        ((self.next() >> 33) as usize) % limit.max(1)
    }
}

type Change = (usize, String);

struct Stream<W: Write> {
    out: W,
    recipe: Recipe,
    numbers: Numbers,
    /// Marks of fast-import.
    mark: usize,
    pool: usize,
    n_files: usize,
    /// What each topic changed since it left main; None is a topic that is not there.
    topics: Vec<Option<Vec<Change>>>,
    long: Vec<u64>,
}

impl<W: Write> Stream<W> {
    fn new(out: W, recipe: Recipe) -> Self {
        Self {
            out,
            recipe,
            numbers: Numbers(42 * 7919 + 1),
            mark: 0,
            pool: 0,
            n_files: recipe.files / 2,
            topics: vec![None; TOPICS],
            long: Vec::new(),
        }
    }

    fn write(mut self) -> io::Result<()> {
        self.first()?;
        let long_every = (self.recipe.commits / self.recipe.long_changes.max(1)).max(2);
        for at in 1..self.recipe.commits {
            let ready: Vec<usize> = (0..TOPICS)
                .filter(|topic| self.topics[*topic].as_ref().is_some_and(|changes| changes.len() >= 4))
                .collect();
            if at % long_every == 0 {
                self.long_change(at)?;
            } else if !ready.is_empty() && self.numbers.below(100) < 8 {
                self.merge(at, &ready)?;
            } else {
                self.ordinary(at)?;
            }
            if at % 1000 == 0 {
                let n = at / 1000;
                let when = self.when(at);
                write!(
                    self.out,
                    "tag v{}.{}.0\nfrom refs/heads/main\ntagger Rel <rel@example.org> {when} +0000\ndata 8\nrelease\n\n",
                    n / 50,
                    n % 50
                )?;
            }
        }
        self.out.flush()
    }

    fn when(&self, at: usize) -> usize {
        1_104_537_600 + at * (600_000_000 / self.recipe.commits).max(1)
    }

    fn path(n: usize) -> String {
        let folder = n / FILES_A_FOLDER;
        format!(
            "s{:02}/d{:03}/mod_{n:06}.rs",
            folder / FOLDERS_A_FOLDER,
            folder % FOLDERS_A_FOLDER
        )
    }

    fn blob(&mut self, body: &[u8]) -> io::Result<usize> {
        self.mark += 1;
        write!(self.out, "blob\nmark :{}\ndata {}\n", self.mark, body.len())?;
        self.out.write_all(body)?;
        self.out.write_all(b"\n")?;
        Ok(self.mark)
    }

    fn long_blob(&mut self) -> io::Result<usize> {
        let mut body = String::new();
        for (n, value) in self.long.iter().enumerate() {
            writeln!(body, "{value:016x},{},row", n % 7).expect("a String can be written to");
        }
        self.blob(body.as_bytes())
    }

    fn head(&mut self, branch: &str, at: usize, prefix: &str) -> io::Result<()> {
        let who = 2000 * ((self.numbers.below(1 << 20) + 1).ilog2() as usize) / 21 + self.numbers.below(95);
        let when = self.when(at);
        let mut message = prefix.to_owned();
        for _ in 0..4 + self.numbers.below(7) {
            message.push_str(WORDS[self.numbers.below(WORDS.len())]);
            message.push(' ');
        }
        if self.numbers.below(3) != 0 {
            message.push_str("\n\n");
            for _ in 0..8 + self.numbers.below(60) {
                message.push_str(WORDS[self.numbers.below(WORDS.len())]);
                message.push(' ');
            }
        }
        self.mark += 1;
        write!(
            self.out,
            "commit refs/heads/{branch}\nmark :{}\nauthor Dev {who} <dev{who}@example.org> {when} +0100\n\
             committer Dev {who} <dev{who}@example.org> {when} +0000\ndata {}\n{message}\n",
            self.mark,
            message.len()
        )
    }

    fn changes(&mut self, changes: &[Change]) -> io::Result<()> {
        for (blob, path) in changes {
            writeln!(self.out, "M 100644 :{blob} {path}")?;
        }
        self.out.write_all(b"\n")
    }

    fn first(&mut self) -> io::Result<()> {
        let mut changes = Vec::new();
        for n in 0..self.n_files {
            let body: String = (0..20)
                .map(|line| format!("    let v{n}_{line} = {};\n", self.numbers.below(1000)))
                .collect();
            changes.push((self.blob(body.as_bytes())?, Self::path(n)));
        }
        self.long = (0..self.recipe.long_lines).map(|_| self.numbers.next()).collect();
        changes.push((self.long_blob()?, LONG_FILE.to_owned()));
        for n in 0..POOL {
            let blob = self.blob(format!("pool {n}\n").as_bytes())?;
            if n == 0 {
                self.pool = blob;
            }
        }
        self.head("main", 0, "")?;
        self.changes(&changes)
    }

    /// A few places of the long file: lines changed, put in and taken out.
    fn long_change(&mut self, at: usize) -> io::Result<()> {
        for _ in 0..=self.numbers.below(4) {
            let line = self.numbers.below(self.long.len().max(1));
            let n = (1 + self.numbers.below(40)).min(self.long.len() - line);
            let new: Vec<u64> = (0..self.numbers.below(60)).map(|_| self.numbers.next()).collect();
            self.long.splice(line..line + n, new);
        }
        let blob = self.long_blob()?;
        self.head("main", at, "")?;
        self.changes(&[(blob, LONG_FILE.to_owned())])
    }

    fn merge(&mut self, at: usize, ready: &[usize]) -> io::Result<()> {
        let n = if self.numbers.below(200) == 0 && ready.len() > 2 {
            3
        } else {
            1
        };
        let start = self.numbers.below(ready.len());
        let topics: Vec<usize> = (0..n).map(|i| ready[(start + i) % ready.len()]).collect();
        self.head("main", at, "Merge topic ")?;
        let mut changes = Vec::new();
        for topic in topics {
            writeln!(self.out, "merge refs/heads/t{topic}")?;
            changes.extend(self.topics[topic].take().unwrap_or_default());
        }
        self.changes(&changes)
    }

    fn ordinary(&mut self, at: usize) -> io::Result<()> {
        let topic = Some(self.numbers.below(TOPICS)).filter(|_| !self.numbers.0.is_multiple_of(5));
        let mut changes = Vec::new();
        for _ in 0..=self.numbers.below(3) {
            let want = self.recipe.files / 2 + (self.recipe.files / 2) * at / self.recipe.commits;
            let n = if self.n_files < want {
                self.n_files += 1;
                self.n_files - 1
            } else {
                self.numbers.below(self.n_files)
            };
            changes.push((self.pool + self.numbers.below(POOL), Self::path(n)));
        }
        match topic {
            Some(topic) => {
                if self.topics[topic].is_none() {
                    write!(self.out, "reset refs/heads/t{topic}\nfrom refs/heads/main\n\n")?;
                    self.topics[topic] = Some(Vec::new());
                }
                self.head(&format!("t{topic}"), at, "")?;
                self.changes(&changes)?;
                self.topics[topic].get_or_insert_default().extend(changes);
                Ok(())
            }
            None => {
                self.head("main", at, "")?;
                self.changes(&changes)
            }
        }
    }
}
