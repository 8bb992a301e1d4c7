//! Blame by git's own program, where only that knows: commits that the user wants to be passed over (`blame.ignoreRevsFile`), and clones
//! whose contents are elsewhere and are fetched as they are needed.

use super::BlameTold;
use crate::base::blame::{BlameCommit, BlameRun};
use crate::base::{GitPath, Problem, SafeText, Timestamp};
use crate::git::program::Repo;
use crate::git::{Git, blocking, open};
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use tokio_util::sync::CancellationToken;

const NOBODY: &str = "0000000000000000000000000000000000000000";

/// What is known of a commit, told once.
#[derive(Clone, Default)]
struct Seen {
    author: String,
    secs: i64,
    summary: String,
    is_boundary: bool,
}

impl Git {
    /// Whether `blame` itself would tell another answer than git, or none.
    pub async fn is_blamed_by_program(&self, repo: Repo<'_>) -> Result<bool, Problem> {
        if !repo.is_trusted {
            return Ok(false);
        }
        let root = repo.root.to_path_buf();
        blocking(move || {
            let repo = open::open(&root)?;
            let Ok(config) = repo.config().and_then(|mut config| config.snapshot()) else {
                return Ok(false);
            };
            Ok(config.get_entry("blame.ignorerevsfile").is_ok() || open::is_partial(&repo))
        })
        .await
    }

    /// Who wrote each line, as git's program says it: the text, and then everything at once.
    pub async fn blame_by_program(
        &self,
        repo: Repo<'_>,
        path: &GitPath,
        revision: Option<&str>,
        cancel: &CancellationToken,
    ) -> Result<Vec<BlameTold>, Problem> {
        let rev = match revision {
            Some(name) => {
                let (root, name) = (repo.root.to_path_buf(), name.to_owned());
                let find = move || Ok(super::find(&open::open(&root)?, &name)?.id().to_string());
                Some(blocking(find).await?)
            }
            None => None,
        };
        let mut args: Vec<OsString> = vec!["blame".into(), "--porcelain".into()];
        args.extend(rev.iter().map(OsString::from));
        args.push("--".into());
        args.push(OsStr::from_bytes(path.as_bytes()).into());
        let mut read = Read::default();
        self.program().lines(repo, &args, cancel, |line| read.line(line)).await?;
        let text = BlameTold::Text {
            rev,
            path: path.clone(),
            lines: read.text,
        };
        let runs = BlameTold::Runs {
            commits: read.commits,
            runs: read.runs,
        };
        Ok(vec![text, runs])
    }
}

/// The answer as far as it came (git-blame(1), "The porcelain format").
#[derive(Default)]
struct Read {
    text: Vec<String>,
    commits: Vec<BlameCommit>,
    runs: Vec<BlameRun>,
    numbers: BTreeMap<(String, GitPath), u32>,
    seen: BTreeMap<String, Seen>,
    /// The commit of the line that comes, its number there, and its path and what it was before, once they are told.
    now: (String, u32),
    paths: BTreeMap<String, GitPath>,
    previous: BTreeMap<String, (String, GitPath)>,
}

impl Read {
    fn line(&mut self, line: &[u8]) {
        if let Some(text) = line.strip_prefix(b"\t") {
            return self.content(text);
        }
        let line = String::from_utf8_lossy(line);
        let (word, rest) = line.split_once(' ').unwrap_or((&line, ""));
        let oid = self.now.0.clone();
        let seen = self.seen.entry(oid.clone()).or_default();
        match word {
            "author" => seen.author = SafeText::new(rest).into_string(),
            "author-time" => seen.secs = rest.parse().unwrap_or_default(),
            "summary" => seen.summary = SafeText::new(rest).into_string(),
            "boundary" => seen.is_boundary = true,
            "filename" => drop(self.paths.insert(oid, GitPath::from_quoted(rest))),
            "previous" => {
                let (before, path) = rest.split_once(' ').unwrap_or((rest, ""));
                self.previous.insert(oid, (before.to_owned(), GitPath::from_quoted(path)));
            }
            // `3f9c2ab... 12 14 3`
            _ if word.len() == 40 && word.bytes().all(|byte| byte.is_ascii_hexdigit()) => {
                let original = rest.split(' ').next().and_then(|no| no.parse::<u32>().ok());
                self.now = (word.to_owned(), original.unwrap_or(1).saturating_sub(1));
            }
            _ => {}
        }
    }

    fn content(&mut self, text: &[u8]) {
        let (oid, original) = self.now.clone();
        let path = self.paths.get(&oid).cloned().unwrap_or_default();
        let key = (oid.clone(), path.clone());
        let commit = match self.numbers.get(&key) {
            Some(number) => *number,
            None => {
                let number = self.commits.len() as u32;
                self.numbers.insert(key, number);
                let seen = self.seen.get(&oid).cloned().unwrap_or_default();
                let is_nobodys = oid == NOBODY;
                self.commits.push(BlameCommit {
                    oid: (!is_nobodys).then(|| oid.clone()),
                    path,
                    summary: if is_nobodys { String::new() } else { seen.summary },
                    author: if is_nobodys { String::new() } else { seen.author },
                    authored: Timestamp::from_second(if is_nobodys { 0 } else { seen.secs }).unwrap_or_default(),
                    previous: self.previous.get(&oid).cloned(),
                    is_boundary: seen.is_boundary,
                });
                number
            }
        };
        let line = self.text.len() as u32;
        match self.runs.last_mut() {
            Some(run) if run.commit == commit && run.line + run.n == line && run.original + run.n == original => run.n += 1,
            _ => self.runs.push(BlameRun {
                line,
                n: 1,
                original,
                commit,
            }),
        }
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        self.text.push(SafeText::from_bytes(text).into_string());
    }
}
