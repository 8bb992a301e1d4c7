//! Opening a repository for reading. libgit2 runs no program, whatever the repository's configuration says, and refuses the
//! repository of another owner.

use super::GitError;
use git2::{ErrorCode, Repository, RepositoryOpenFlags};
use std::path::{Path, PathBuf};

/// The repository that holds this folder.
pub(super) fn open(root: &Path) -> Result<Repository, GitError> {
    let none: [&Path; 0] = [];
    let repo = Repository::open_ext(root, RepositoryOpenFlags::empty(), none).map_err(|error| match error.code() {
        ErrorCode::NotFound => not_found(root),
        _ => GitError::of(root, error),
    })?;
    match repo.workdir() {
        // A configuration that came with the folder may point anywhere.
        Some(workdir) if !real(root).starts_with(real(workdir)) => {
            // Where a worktree was when git last looked.
            if repo.is_worktree() && !workdir.exists() {
                return Err(GitError::WorktreeMoved(workdir.to_path_buf()));
            }
            return Err(GitError::WorktreeElsewhere(workdir.to_path_buf()));
        }
        Some(_) => {}
        None => {
            if let Some(outer) = outer_checkout(repo.path()) {
                return Err(GitError::NestedBare(outer));
            }
        }
    }
    super::flat::attach(&repo, root)?;
    Ok(repo)
}

/// There is none, or nobody may look into it.
fn not_found(root: &Path) -> GitError {
    let git_dir = root.join(".git");
    match std::fs::read_dir(&git_dir) {
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => GitError::file(&git_dir, error),
        _ => GitError::NotARepository(root.to_path_buf()),
    }
}

/// The same, with files beside it.
pub(super) fn open_checkout(root: &Path) -> Result<(Repository, PathBuf), GitError> {
    let repo = open(root)?;
    let workdir = repo
        .workdir()
        .ok_or_else(|| GitError::Bare(root.to_path_buf()))?
        .to_path_buf();
    Ok((repo, workdir))
}

/// A clone that lacks contents, which git fetches as they are needed.
pub(super) fn is_partial(repo: &Repository) -> bool {
    let Ok(config) = repo.config().and_then(|mut config| config.snapshot()) else {
        return false;
    };
    let is_promised = || {
        let mut found = false;
        let entries = config.entries(Some(r"^remote\..*\.promisor$"));
        let looked = entries.map(|entries| entries.for_each(|_| found = true));
        looked.is_ok() && found
    };
    config.get_entry("extensions.partialclone").is_ok() || is_promised()
}

fn real(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_path_buf())
}

/// The checkout around a bare repository: such a one came as files of the checkout, with a configuration that nobody looked at.
fn outer_checkout(git_dir: &Path) -> Option<PathBuf> {
    let none: [&Path; 0] = [];
    let outer = Repository::open_ext(git_dir.parent()?, RepositoryOpenFlags::empty(), none).ok()?;
    let workdir = outer.workdir()?.to_path_buf();
    // `.git` itself is a bare-looking folder: that is where everybody's repository stands.
    (!git_dir.starts_with(outer.path()) && real(git_dir).starts_with(real(&workdir))).then_some(workdir)
}
