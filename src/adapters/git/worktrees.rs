//! Linked worktrees of a repository: listed by git's program, which runs nothing for it, and changed by it in trusted workspaces.

use super::program::{GitVersion, Repo};
use super::{Git, GitError, blocking, commit, open};
use crate::base::trees::{CheckedOut, StaleWorktree, WorktreeAct, WorktreeRow, proposed_path};
use crate::base::{GitPath, Problem, SafeText};
use crate::msg;
use crate::process::Cmd;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use tokio_util::sync::CancellationToken;

/// Before it, records of the list end with a line break.
const ZERO_ENDED: GitVersion = GitVersion(2, 36, 0);
/// Names that are tried beside one that is taken.
const MAX_TRIES: u32 = 100;

impl Git {
    /// Every checkout of the repository, the main one first; what changed in them is not counted. Safe in any folder.
    pub async fn worktrees(&self, repo: Repo<'_>, cancel: &CancellationToken) -> Result<Vec<WorktreeRow>, Problem> {
        let is_zero_ended = self.program().version(cancel).await? >= ZERO_ENDED;
        let args: &[&str] = if is_zero_ended {
            &["worktree", "list", "--porcelain", "-z"]
        } else {
            &["worktree", "list", "--porcelain"]
        };
        let answer = self.program().read(repo, args, cancel).await?;
        let root = repo.root.to_path_buf();
        blocking(move || {
            let here = match open::open(&root)?.workdir() {
                Some(top) => real(top),
                None => real(&root),
            };
            let mut rows = parse(&answer, if is_zero_ended { 0 } else { b'\n' });
            for (at, row) in rows.iter_mut().enumerate() {
                let path = row.path.to_path_buf();
                row.is_main = at == 0;
                row.is_current = real(&path) == here;
                row.has_submodules = at > 0 && has_modules(&path);
            }
            Ok(rows)
        })
        .await
    }

    /// Entries that `prune` would forget, and why.
    pub async fn stale_worktrees(&self, repo: Repo<'_>, cancel: &CancellationToken) -> Result<Vec<StaleWorktree>, Problem> {
        let args = ["worktree", "prune", "--dry-run", "--verbose"];
        let output = self.program().read_output(repo, &args, cancel).await?;
        let words = [output.stdout.as_slice(), &output.stderr].concat();
        // `Removing worktrees/old: gitdir file points to non-existent location`
        let line = |line: &[u8]| {
            let text = SafeText::from_bytes(line).into_string();
            let (name, reason) = text.strip_prefix("Removing worktrees/")?.split_once(": ")?;
            Some(StaleWorktree {
                name: name.to_owned(),
                reason: reason.to_owned(),
            })
        };
        Ok(words.split(|byte| *byte == b'\n').filter_map(line).collect())
    }

    /// The worktree that is meant: by its path, else by the last part of it or its branch where only one has that.
    pub async fn worktree(&self, repo: Repo<'_>, wanted: &GitPath, cancel: &CancellationToken) -> Result<WorktreeRow, Problem> {
        let rows = self.worktrees(repo, cancel).await?;
        let wanted = wanted.clone();
        blocking(move || find(rows, &wanted)).await
    }

    /// The command that does an act, once everything that it names was found.
    pub async fn worktree_cmd(&self, repo: Repo<'_>, act: &WorktreeAct, cancel: &CancellationToken) -> Result<Cmd, Problem> {
        super::trusted(repo)?;
        let args = match act {
            WorktreeAct::Add { what, path } => {
                let main = self.worktrees(repo, cancel).await?.into_iter().next().map(|row| row.path);
                let (root, what, path) = (repo.root.to_path_buf(), what.clone(), path.clone());
                blocking(move || add_args(&root, &what, path, main)).await?
            }
            WorktreeAct::Remove { path, is_forced } => {
                let row = self.linked(repo, path, cancel).await?;
                let mut args = words(&["worktree", "remove"]);
                if *is_forced {
                    args.push("--force".into());
                }
                args.extend(["--".into(), os(&row.path)]);
                args
            }
            WorktreeAct::Lock { path, reason } => {
                let row = self.linked(repo, path, cancel).await?;
                let mut args = words(&["worktree", "lock"]);
                if !reason.trim().is_empty() {
                    args.extend(["--reason".into(), reason.trim().into()]);
                }
                args.extend(["--".into(), os(&row.path)]);
                args
            }
            WorktreeAct::Unlock { path } => {
                let row = self.linked(repo, path, cancel).await?;
                [words(&["worktree", "unlock", "--"]), vec![os(&row.path)]].concat()
            }
            WorktreeAct::Move { path, to } => {
                let row = self.linked(repo, path, cancel).await?;
                if row.is_current {
                    return Err(GitError::CurrentWorktree.into());
                }
                [words(&["worktree", "move", "--"]), vec![os(&row.path), os(to)]].concat()
            }
            WorktreeAct::Prune => words(&["worktree", "prune", "--verbose"]),
        };
        self.program().cmd(repo, &[], &args, cancel).await
    }

    /// A worktree that can be moved.
    pub async fn movable_worktree(
        &self,
        repo: Repo<'_>,
        wanted: &GitPath,
        cancel: &CancellationToken,
    ) -> Result<WorktreeRow, Problem> {
        let row = self.linked(repo, wanted, cancel).await?;
        unlocked(&row)?;
        Ok(row)
    }

    /// A worktree that can be removed; the problem says what would be lost unless `is_forced`.
    pub async fn removable_worktree(
        &self,
        repo: Repo<'_>,
        wanted: &GitPath,
        is_forced: bool,
        cancel: &CancellationToken,
    ) -> Result<WorktreeRow, Problem> {
        let row = self.linked(repo, wanted, cancel).await?;
        if row.is_current {
            return Err(GitError::CurrentWorktree.into());
        }
        unlocked(&row)?;
        if row.prunable.is_some() || is_forced {
            return Ok(row);
        }
        let root = row.path.to_path_buf();
        let there = Repo {
            root: &root,
            is_trusted: false,
        };
        let status = self.status_now(there, cancel).await?;
        if status.summary.is_dirty() {
            let paths: Vec<String> = status.entries.iter().map(|entry| entry.path.display()).collect();
            return Err(
                Problem::user(msg!("git-worktree-dirty", name = row.name(), n = status.n_paths()))
                    .code("dirty")
                    .details(paths.join("\n"))
                    .hint(msg!("git-worktree-dirty-hint")),
            );
        }
        if row.has_submodules {
            return Err(Problem::user(msg!("git-worktree-submodules", name = row.name()))
                .code("has-submodules")
                .hint(msg!("git-worktree-submodules-hint")));
        }
        Ok(row)
    }

    async fn linked(&self, repo: Repo<'_>, wanted: &GitPath, cancel: &CancellationToken) -> Result<WorktreeRow, Problem> {
        let row = self.worktree(repo, wanted, cancel).await?;
        if row.is_main {
            return Err(GitError::MainWorktree.into());
        }
        Ok(row)
    }
}

/// Why git did not change a worktree, from its own words.
pub fn worktree_problem(repo: Repo<'_>, problem: Problem, words: &str) -> Problem {
    if problem.is_cancelled() {
        return problem;
    }
    let says = |signs: &[&str]| signs.iter().any(|sign| words.contains(sign));
    let user = |summary| Problem::user(summary).details(words);
    if says(&["already used by worktree", "already checked out at"]) {
        return user(msg!("git-act-checked-out"))
            .code("elsewhere")
            .hint(msg!("git-act-checked-out-hint"));
    }
    if says(&["missing but already registered", "missing but locked"]) {
        return user(msg!("git-worktree-missing"))
            .code("prunable")
            .hint(msg!("git-worktree-missing-hint"));
    }
    if says(&["already exists"]) {
        return user(msg!("git-worktree-exists")).code("exists");
    }
    if says(&["is already locked"]) {
        return user(msg!("git-worktree-is-locked")).code("locked");
    }
    if says(&["is not locked"]) {
        return user(msg!("git-worktree-is-unlocked")).code("not-locked");
    }
    if says(&["containing submodules cannot be moved"]) {
        return user(msg!("git-worktree-submodules-stay")).code("has-submodules");
    }
    super::program::explain(repo, problem.details(words))
}

fn unlocked(row: &WorktreeRow) -> Result<(), Problem> {
    let Some(reason) = &row.locked else { return Ok(()) };
    Err(Problem::user(msg!("git-worktree-locked", name = row.name()))
        .code("locked")
        .details(reason)
        .hint(msg!("git-worktree-locked-hint")))
}

fn words(list: &[&str]) -> Vec<OsString> {
    list.iter().map(OsString::from).collect()
}

fn os(path: &GitPath) -> OsString {
    OsStr::from_bytes(path.as_bytes()).to_owned()
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

/// The repository of a linked worktree, below `.git/worktrees`.
fn git_dir(top: &Path) -> Option<PathBuf> {
    let text = std::fs::read(top.join(".git")).ok()?;
    let path = Path::new(OsStr::from_bytes(text.strip_prefix(b"gitdir: ")?.trim_ascii_end()));
    Some(top.join(path))
}

fn has_modules(top: &Path) -> bool {
    let modules = git_dir(top).and_then(|dir| std::fs::read_dir(dir.join("modules")).ok());
    modules.is_some_and(|mut entries| entries.next().is_some())
}

/// `worktree /path`, `HEAD 3f9c…`, `branch refs/heads/main`, `detached`, `bare`, `locked why`, `prunable why`; an empty one ends a record.
fn parse(answer: &[u8], end: u8) -> Vec<WorktreeRow> {
    let mut rows: Vec<WorktreeRow> = Vec::new();
    let text = |bytes: &[u8]| SafeText::from_bytes(bytes).into_string();
    for line in answer.split(|byte| *byte == end) {
        let at = memchr::memchr(b' ', line).unwrap_or(line.len());
        let (word, value) = (&line[..at], line.get(at + 1..).unwrap_or_default());
        if word == b"worktree" {
            rows.push(WorktreeRow {
                path: GitPath::new(value),
                is_main: false,
                is_current: false,
                is_bare: false,
                branch: None,
                oid: None,
                locked: None,
                prunable: None,
                has_submodules: false,
                summary: None,
            });
            continue;
        }
        let Some(row) = rows.last_mut() else { continue };
        match word {
            b"HEAD" => row.oid = Some(text(value)).filter(|oid| oid.bytes().any(|byte| byte != b'0')),
            b"branch" => row.branch = Some(text(value.strip_prefix(b"refs/heads/").unwrap_or(value))),
            b"bare" => row.is_bare = true,
            b"locked" => row.locked = Some(text(value)),
            b"prunable" => row.prunable = Some(text(value)),
            _ => {}
        }
    }
    rows
}

fn find(rows: Vec<WorktreeRow>, wanted: &GitPath) -> Result<WorktreeRow, GitError> {
    let none = || GitError::NoSuchWorktree(wanted.display());
    let path = wanted.to_path_buf();
    if path.is_absolute() {
        let path = real(&path);
        return rows
            .into_iter()
            .find(|row| row.path == *wanted || real(&row.path.to_path_buf()) == path)
            .ok_or_else(none);
    }
    let name = wanted.display();
    let is_named = |row: &WorktreeRow| row.name() == name || row.branch.as_ref() == Some(&name);
    let mut named = rows.into_iter().filter(is_named);
    let found = named.next().ok_or_else(none)?;
    match named.next() {
        None => Ok(found),
        Some(_) => Err(GitError::ManyWorktrees(name.clone())),
    }
}

fn add_args(root: &Path, what: &CheckedOut, path: Option<GitPath>, main: Option<GitPath>) -> Result<Vec<OsString>, GitError> {
    let repo = open::open(root)?;
    let mut args = words(&["worktree", "add"]);
    let valid = |name: &str| {
        let is_valid = git2::Branch::name_is_valid(name).unwrap_or(false);
        is_valid.then_some(()).ok_or_else(|| GitError::BadName(name.to_owned()))
    };
    let exists = |name: &str| repo.find_reference(name).is_ok();
    let revision: Option<String> = match what {
        CheckedOut::Branch { name } if exists(&format!("refs/heads/{name}")) => Some(name.clone()),
        CheckedOut::Branch { name } if exists(&format!("refs/remotes/{name}")) => {
            let local = name.split_once('/').map_or(name.as_str(), |(_, local)| local);
            if exists(&format!("refs/heads/{local}")) {
                Some(local.to_owned())
            } else {
                valid(local)?;
                args.extend(["--track".into(), "-b".into(), local.into()]);
                Some(name.clone())
            }
        }
        CheckedOut::Branch { name } => return Err(GitError::NoSuchRevision(name.clone())),
        CheckedOut::NewBranch { name, from } => {
            valid(name)?;
            if exists(&format!("refs/heads/{name}")) {
                return Err(GitError::BranchExists(name.clone()));
            }
            args.extend(["--no-track".into(), "-b".into(), name.into()]);
            match from.as_deref().filter(|from| !from.trim().is_empty()) {
                Some(from) => Some(commit::find(&repo, from)?.id().to_string()),
                None => None,
            }
        }
        CheckedOut::Detached { revision } => {
            args.push("--detach".into());
            Some(commit::find(&repo, revision)?.id().to_string())
        }
    };
    let path = match (path, main) {
        (Some(path), _) => path,
        (None, Some(main)) => free_path(&proposed_path(&main, what.name())),
        (None, None) => return Err(GitError::NoSuchWorktree(String::new())),
    };
    args.extend(["--".into(), os(&path)]);
    args.extend(revision.map(OsString::from));
    Ok(args)
}

/// The path, or it with a number behind it when something stands there.
fn free_path(path: &GitPath) -> GitPath {
    let numbered = |n: u32| GitPath::new([path.as_bytes(), format!("-{n}").as_bytes()].concat());
    let mut all = std::iter::once(path.clone()).chain((2..MAX_TRIES).map(numbered));
    all.find(|path| path.to_path_buf().symlink_metadata().is_err())
        .unwrap_or_else(|| path.clone())
}
