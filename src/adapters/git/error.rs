//! What can go wrong with a repository, in words that say what to do.

use crate::base::{Problem, SafeText};
use crate::msg;
use git2::{ErrorClass, ErrorCode};
use std::path::{Path, PathBuf};

/// Why a repository could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    #[error("{0} is in no git repository")]
    NotARepository(PathBuf),
    #[error("{0} belongs to another user")]
    OtherOwner(PathBuf),
    #[error("a bare repository stands inside the checkout {0}")]
    NestedBare(PathBuf),
    #[error("{0} is a bare repository")]
    Bare(PathBuf),
    #[error("the repository's files are at {0}")]
    WorktreeElsewhere(PathBuf),
    #[error("the index is locked by {0}")]
    IndexLocked(PathBuf),
    #[error("the index can not be read: {0}")]
    CorruptIndex(String),
    #[error("no such commit, branch or tag: {0}")]
    NoSuchRevision(String),
    #[error("no change at {0}")]
    NoSuchChange(String),
    #[error("permission denied: {0}")]
    Denied(String),
    #[error("{0}")]
    Git(git2::Error),
    #[error("{path}: {error}")]
    File { path: PathBuf, error: std::io::Error },
}

impl GitError {
    /// What libgit2 says about the repository of this folder.
    pub(super) fn of(root: &Path, error: git2::Error) -> Self {
        match (error.code(), error.class()) {
            (ErrorCode::Owner, _) => Self::OtherOwner(root.to_path_buf()),
            (ErrorCode::BareRepo, _) => Self::Bare(root.to_path_buf()),
            (ErrorCode::Locked, _) => Self::IndexLocked(root.join(".git/index.lock")),
            (_, ErrorClass::Index) => Self::CorruptIndex(error.message().to_owned()),
            (_, ErrorClass::Os) if error.message().contains("ermission denied") => Self::Denied(error.message().to_owned()),
            _ => Self::Git(error),
        }
    }

    pub(super) fn file(path: &Path, error: std::io::Error) -> Self {
        Self::File {
            path: path.to_path_buf(),
            error,
        }
    }
}

impl From<GitError> for Problem {
    fn from(error: GitError) -> Self {
        match error {
            GitError::NotARepository(path) => Self::user(msg!("git-not-a-repository", path = &path))
                .code("not-a-repository")
                .hint(msg!("git-not-a-repository-hint")),
            GitError::OtherOwner(path) => Self::environment(msg!("git-other-owner", path = &path))
                .code("other-owner")
                .hint(msg!("git-other-owner-hint", path = &path)),
            GitError::NestedBare(path) => Self::environment(msg!("git-nested-bare", path = &path))
                .code("nested-bare")
                .hint(msg!("git-nested-bare-hint")),
            GitError::Bare(path) => Self::user(msg!("git-bare", path = &path)).code("bare"),
            GitError::WorktreeElsewhere(path) => Self::environment(msg!("git-worktree-elsewhere", path = &path))
                .code("worktree-elsewhere")
                .hint(msg!("git-worktree-elsewhere-hint")),
            GitError::IndexLocked(path) => index_locked(&path),
            GitError::CorruptIndex(words) => Self::environment(msg!("git-corrupt-index"))
                .code("corrupt-index")
                .details(words)
                .hint(msg!("git-corrupt-index-hint")),
            GitError::NoSuchRevision(name) => {
                Self::user(msg!("git-no-such-revision", name = SafeText::new(&name))).code("not-found")
            }
            GitError::NoSuchChange(path) => Self::user(msg!("git-no-such-change", path = path))
                .code("not-found")
                .hint(msg!("git-changed-meanwhile-hint")),
            GitError::Denied(words) => Self::environment(msg!("git-denied")).code("permission-denied").details(words),
            GitError::Git(error) => Self::environment(msg!("git-unreadable"))
                .code("git-failed")
                .details(error.message()),
            GitError::File { path, error } => Self::environment(msg!("git-file-failed", path = &path))
                .details(error)
                .at_place(path, 0, 0),
        }
    }
}

/// Somebody writes to the repository, or died while doing so: names the process that holds the file open, if one does.
pub(super) fn index_locked(lock: &Path) -> Problem {
    let problem = Problem::environment(msg!("git-index-locked", path = lock)).code("index-locked");
    match holders(lock).as_slice() {
        [] => problem.hint(msg!("git-index-locked-hint-nobody")),
        holders => problem.hint(msg!("git-index-locked-hint-holder", holder = holders.join(", "))),
    }
}

/// `git commit (1234)` for every process that has the file open or works in git on the same repository. Linux only; others give nothing.
fn holders(lock: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let top = lock.parent().and_then(Path::parent);
    let Ok(processes) = std::fs::read_dir("/proc") else {
        return found;
    };
    for process in processes.flatten() {
        let Some(pid) = process.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let has_open = std::fs::read_dir(process.path().join("fd"))
            .into_iter()
            .flatten()
            .flatten()
            .any(|descriptor| std::fs::read_link(descriptor.path()).is_ok_and(|target| target == lock));
        let argv = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
        // git closes the lock file while it waits for an editor or a hook.
        let is_git = argv
            .split(|byte| *byte == 0)
            .next()
            .is_some_and(|program| program.ends_with(b"git"));
        let is_here =
            is_git && std::fs::read_link(process.path().join("cwd")).is_ok_and(|cwd| top.is_some_and(|top| cwd.starts_with(top)));
        if has_open || is_here {
            let words: Vec<String> = argv
                .split(|byte| *byte == 0)
                .take(2)
                .map(|word| SafeText::from_bytes(word).into_string())
                .collect();
            found.push(format!("{} ({pid})", words.join(" ").trim()));
        }
    }
    found
}
