//! What changed: our own look at the files where that is surely right, else git's program in trusted workspaces, where its filters may
//! run, and libgit2 in the others. On 100,000 files libgit2 takes 3.9 times as long as git (QUALITY.md, P-GIT-2).

use super::program::{GitProgram, Repo};
use super::quick::{MAX_ASKED, Snapshot};
use super::status::{self, push_entry};
use super::{Git, GitError, blocking, blocking_raw, open, staged_renames};
use crate::base::repo::{Change, Status, StatusEntry};
use crate::base::{GitPath, Problem, SafeText};
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use tokio_util::sync::CancellationToken;

impl Git {
    /// What changed, in the quickest way that is safe.
    pub async fn status_now(&self, repo: Repo<'_>, cancel: &CancellationToken) -> Result<Status, Problem> {
        self.status_since(repo, &mut None, None, cancel).await
    }

    /// The same for a checkout that is watched: only the touched paths are looked at (None is everything) while `known` is there. It is kept from one call to
    /// the next, and is there again after this one where our own look is surely right.
    pub async fn status_since(
        &self,
        repo: Repo<'_>,
        known: &mut Option<Snapshot>,
        touched: Option<&[PathBuf]>,
        cancel: &CancellationToken,
    ) -> Result<Status, Problem> {
        let before = known.take().zip(touched.map(<[PathBuf]>::to_vec));
        let (root, is_trusted, token) = (repo.root.to_path_buf(), repo.is_trusted, cancel.clone());
        let snapshot = blocking(move || {
            let is_cancelled = || token.is_cancelled();
            if let Some((mut snapshot, touched)) = before
                && snapshot.touch(&touched, &is_cancelled)?
            {
                return Ok(Some(snapshot));
            }
            Snapshot::read(&root, is_trusted, &is_cancelled)
        })
        .await?;
        if cancel.is_cancelled() {
            return Err(Problem::cancelled());
        }
        match snapshot {
            Some(snapshot) if snapshot.asked.len() <= MAX_ASKED => {
                let mut snapshot = self.ask_about_converted(repo, snapshot, cancel).await?;
                let status = blocking_raw(move || {
                    let status = snapshot.status();
                    snapshot.asked.clear();
                    (status, snapshot)
                });
                let (status, snapshot) = status.await?;
                *known = Some(snapshot);
                Ok(status)
            }
            _ if repo.is_trusted => status(self.program(), repo, cancel).await,
            _ => {
                let root = repo.root.to_path_buf();
                blocking(move || status::status(&root)).await
            }
        }
    }

    /// Has git say whether submodules changed, and files whose content it converts.
    async fn ask_about_converted(
        &self,
        repo: Repo<'_>,
        mut snapshot: Snapshot,
        cancel: &CancellationToken,
    ) -> Result<Snapshot, Problem> {
        let paths = snapshot.asked_paths();
        if paths.is_empty() {
            return Ok(snapshot);
        }
        if !repo.is_trusted {
            return blocking_raw(move || {
                snapshot.ask_libgit2();
                snapshot
            })
            .await;
        }
        let untracked = if snapshot.asks_submodules() {
            "--untracked-files=normal"
        } else {
            "--untracked-files=no"
        };
        let args = [
            "--literal-pathspecs",
            "status",
            "--porcelain=v2",
            "-z",
            untracked,
            "--no-renames",
            "--",
        ];
        let mut args: Vec<OsString> = args.iter().map(OsString::from).collect();
        // Pathspecs count from the folder where git runs.
        args.extend(paths.iter().map(|path| snapshot.absolute(path).into_os_string()));
        let answer = self.program().read(repo, &args, cancel).await?;
        let mut changed = BTreeMap::new();
        for record in answer.split(|byte| *byte == 0) {
            let entry = record.strip_prefix(b"1 ").and_then(|rest| changed_entry(rest, 6));
            if let Some((path, change)) = entry.and_then(|entry| Some((entry.path, entry.unstaged?))) {
                changed.insert(path, change);
            }
        }
        snapshot.answered(&changed);
        Ok(snapshot)
    }
}

/// Every changed path. Renames are looked for as in `status::status`.
async fn status(program: &GitProgram, repo: Repo<'_>, cancel: &CancellationToken) -> Result<Status, Problem> {
    let root = repo.root.to_path_buf();
    let (summary, untracked) = blocking(move || {
        let repo = open::open(&root)?;
        let word = if status::tells_untracked(&repo) { "normal" } else { "no" };
        Ok((status::head_facts(&repo, &root)?, format!("--untracked-files={word}")))
    })
    .await?;
    let mut known = Status {
        summary,
        entries: Vec::new(),
        n_unlisted: 0,
    };
    if known.summary.is_bare {
        return Ok(known);
    }
    let args = ["status", "--porcelain=v2", "-z", "--branch", &untracked, "--no-renames"];
    match program.read(repo, &args, cancel).await {
        Ok(answer) => {
            let root = repo.root.to_path_buf();
            blocking(move || {
                parse(&answer, &mut known);
                staged_renames::join(&open::open(&root)?, &mut known);
                Ok(known)
            })
            .await
        }
        Err(problem) if problem.is_cancelled() => Err(problem),
        Err(problem) => {
            // libgit2 says in one word what is broken, or reads what git's program can not.
            let root = repo.root.to_path_buf();
            let second: Result<Status, GitError> = blocking_raw(move || status::status(&root)).await?;
            match second {
                Ok(status) => Ok(status),
                Err(GitError::Git(_)) => Err(problem),
                Err(error) => Err(error.into()),
            }
        }
    }
}

/// Reads `git status --porcelain=v2 -z --branch` (git-status(1), "Porcelain Format Version 2") into a status that knows its head.
fn parse(answer: &[u8], status: &mut Status) {
    for record in answer.split(|byte| *byte == 0) {
        let Some((kind, rest)) = record.split_first_chunk::<2>() else {
            continue;
        };
        match kind {
            b"# " => header(rest, status),
            b"1 " => {
                if let Some(entry) = changed_entry(rest, 6) {
                    push_entry(status, entry);
                }
            }
            b"u " => {
                if let Some(entry) = changed_entry(rest, 8) {
                    let letters = String::from_utf8_lossy(&rest[..2]).into_owned();
                    let conflict = StatusEntry {
                        staged: None,
                        unstaged: Some(Change::Conflicted),
                        conflict: Some(letters),
                        ..entry
                    };
                    push_entry(status, conflict);
                }
            }
            b"? " => push_entry(
                status,
                StatusEntry {
                    path: GitPath::new(rest),
                    renamed_from: None,
                    staged: None,
                    unstaged: Some(Change::Untracked),
                    conflict: None,
                    is_submodule: false,
                },
            ),
            _ => {}
        }
    }
    status.entries.sort_by(|a, b| a.path.cmp(&b.path));
}

fn header(line: &[u8], status: &mut Status) {
    let line = String::from_utf8_lossy(line);
    let summary = &mut status.summary;
    if let Some(name) = line.strip_prefix("branch.upstream ") {
        summary.upstream = Some(SafeText::new(name).into_string());
        // `branch.ab` follows when the upstream is there.
        summary.is_upstream_gone = true;
    } else if let Some(counts) = line.strip_prefix("branch.ab ") {
        summary.is_upstream_gone = false;
        let mut counts = counts
            .split(' ')
            .map(|count| count.trim_start_matches(['+', '-']).parse().unwrap_or(0));
        summary.n_ahead = counts.next().unwrap_or(0);
        summary.n_behind = counts.next().unwrap_or(0);
    }
}

/// `XY sub` and `n_fields` more words, then the path, which may hold spaces.
fn changed_entry(rest: &[u8], n_fields: usize) -> Option<StatusEntry> {
    let mut fields = rest.splitn(n_fields + 2, |byte| *byte == b' ');
    let letters = fields.next()?;
    let submodule = fields.next()?;
    let path = fields.last()?;
    let change = |letter: u8| match letter {
        b'M' => Some(Change::Modified),
        b'T' => Some(Change::TypeChanged),
        b'A' => Some(Change::Added),
        b'D' => Some(Change::Deleted),
        b'R' => Some(Change::Renamed),
        b'C' => Some(Change::Copied),
        b'U' => Some(Change::Conflicted),
        _ => None,
    };
    Some(StatusEntry {
        path: GitPath::new(path),
        renamed_from: None,
        staged: change(*letters.first()?),
        unstaged: change(*letters.get(1)?),
        conflict: None,
        is_submodule: submodule.first() == Some(&b'S'),
    })
}
