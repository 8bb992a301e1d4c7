//! Which folders and files of a checkout matter to git: for watching.

use super::{GitError, open};
use crate::base::Problem;
use git2::Repository;
use ignore::WalkBuilder;
use std::path::{Path, PathBuf};

/// Files at the top of `.git` that say where HEAD is, what is staged, and what is going on.
const TELLING: &[&str] = &[
    "HEAD",
    "index",
    "packed-refs",
    "MERGE_HEAD",
    "CHERRY_PICK_HEAD",
    "REVERT_HEAD",
    "BISECT_LOG",
    "FETCH_HEAD",
    "config",
    "shallow",
    "rebase-merge",
    "rebase-apply",
];

/// A checkout with its rules about what is ignored.
pub struct Checkout {
    repo: Repository,
    top: PathBuf,
    git_dir: PathBuf,
    common_dir: PathBuf,
}

impl Checkout {
    pub fn open(root: &Path) -> Result<Self, Problem> {
        let (repo, top) = open::open_checkout(root)?;
        let real = |path: &Path| {
            path.canonicalize()
                .map_err(|error| Problem::from(GitError::file(path, error)))
        };
        Ok(Self {
            top: real(&top)?,
            git_dir: real(repo.path())?,
            common_dir: real(repo.commondir())?,
            repo,
        })
    }

    pub fn top(&self) -> &Path {
        &self.top
    }

    /// Every folder whose content status, branches or history depend on.
    pub fn folders(&self) -> Vec<PathBuf> {
        let mut folders = self.folders_below(&self.top);
        folders.push(self.git_dir.clone());
        if self.common_dir != self.git_dir {
            folders.push(self.common_dir.clone());
        }
        let refs = self.common_dir.join("refs");
        folders.extend(walk(&refs, false).filter(|folder| !folder.starts_with(refs.join("chantier"))));
        folders
    }

    /// The folder and those below it that git does not ignore; refs are walked whole.
    pub fn folders_below(&self, folder: &Path) -> Vec<PathBuf> {
        if folder.starts_with(&self.common_dir) || folder.starts_with(&self.git_dir) {
            return walk(folder, false).collect();
        }
        walk(folder, true).collect()
    }

    /// Whether a change at this path can change status, branches or history.
    pub fn matters(&self, path: &Path) -> bool {
        for dir in [&self.git_dir, &self.common_dir] {
            if let Ok(inside) = path.strip_prefix(dir) {
                let name = inside.to_str().unwrap_or_default();
                let is_ref = name.starts_with("refs/") && !name.starts_with("refs/chantier");
                return !name.ends_with(".lock") && (is_ref || TELLING.contains(&name));
            }
        }
        let Ok(inside) = path.strip_prefix(&self.top) else {
            return true;
        };
        if inside.as_os_str().is_empty() {
            return true;
        }
        if inside.components().any(|part| part.as_os_str() == ".git") {
            // A submodule's own affairs show in its HEAD and files.
            return false;
        }
        let is_ignored = self.repo.is_path_ignored(inside).unwrap_or(false);
        !is_ignored || self.is_tracked(inside)
    }

    /// Tracked although a rule would ignore it.
    fn is_tracked(&self, inside: &Path) -> bool {
        let Ok(mut index) = self.repo.index() else { return true };
        index.read(false).ok();
        index.get_path(inside, 0).is_some()
    }
}

fn walk(folder: &Path, with_rules: bool) -> impl Iterator<Item = PathBuf> + use<> {
    WalkBuilder::new(folder)
        .standard_filters(with_rules)
        .hidden(false)
        .ignore(false)
        .require_git(true)
        .follow_links(false)
        .filter_entry(|entry| entry.file_type().is_some_and(|kind| kind.is_dir()) && entry.file_name() != ".git")
        .build()
        .flatten()
        .map(ignore::DirEntry::into_path)
}
