//! What changed, told by git's program: in trusted workspaces, where its filters, its file system monitor and its cache of untracked
//! files may run. On 100,000 files libgit2 takes 3.9 times as long (QUALITY.md, P-GIT-2), and git's own caches save more.

use super::program::{GitProgram, Repo};
use super::status::{self, push_entry};
use super::{GitError, open};
use crate::base::repo::{Change, Status, StatusEntry};
use crate::base::{GitPath, Problem, SafeText};
use tokio_util::sync::CancellationToken;

/// Every changed path. Renames are not looked for, as in `status::status`.
pub(super) async fn status(program: &GitProgram, repo: Repo<'_>, cancel: &CancellationToken) -> Result<Status, Problem> {
    let root = repo.root.to_path_buf();
    let summary = super::blocking(move || {
        let repo = open::open(&root)?;
        status::head_facts(&repo, &root)
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
    let args = [
        "status",
        "--porcelain=v2",
        "-z",
        "--branch",
        "--untracked-files=normal",
        "--no-renames",
    ];
    match program.read(repo, &args, cancel).await {
        Ok(answer) => {
            parse(&answer, &mut known);
            Ok(known)
        }
        Err(problem) if problem.is_cancelled() => Err(problem),
        Err(problem) => {
            // libgit2 says in one word what is broken, or reads what git's program can not.
            let root = repo.root.to_path_buf();
            let second: Result<Status, GitError> = super::blocking_raw(move || status::status(&root)).await?;
            match second {
                Ok(status) => Ok(status),
                Err(GitError::Git(_)) => Err(problem),
                Err(error) => Err(error.into()),
            }
        }
    }
}

/// Reads `git status --porcelain=v2 -z --branch` (git-status(1), "Porcelain Format Version 2") into a status that knows its head.
pub(super) fn parse(answer: &[u8], status: &mut Status) {
    for record in answer.split(|byte| *byte == 0) {
        let Some((kind, rest)) = record.split_first_chunk::<2>() else {
            continue;
        };
        match kind {
            b"# " => header(rest, status),
            b"1 " => {
                if let Some(entry) = changed(rest, 6) {
                    push_entry(status, entry);
                }
            }
            b"u " => {
                if let Some(entry) = changed(rest, 8) {
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
fn changed(rest: &[u8], n_fields: usize) -> Option<StatusEntry> {
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
        staged: change(*letters.first()?),
        unstaged: change(*letters.get(1)?),
        conflict: None,
        is_submodule: submodule.first() == Some(&b'S'),
    })
}
