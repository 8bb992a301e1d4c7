//! Discarding: what is thrown away is in the repository's store, under an undo entry, before a file is touched.

use super::diff::exact_hunks;
use super::index::{Side, pick, snapshot, splice};
use super::program::Repo;
use super::undo::{Done, Scope};
use super::worktree::{self, SUBMODULE};
use super::{Git, GitError, blocking, doubt, open};
use crate::base::diff::{DiffOf, HunkRef};
use crate::base::repo::UndoKind;
use crate::base::{Change, GitPath, Problem, Timestamp};
use git2::{Repository, StatusOptions, StatusShow};
use std::path::{Path, PathBuf};
use tokio_util::sync::CancellationToken;

/// What a discard will do.
struct Plan {
    /// Written again from the index.
    from_index: Vec<GitPath>,
    /// Untracked: removed.
    removed: Vec<GitPath>,
    /// Left to themselves.
    left_out: Vec<GitPath>,
}

impl Git {
    /// Makes the files at these paths what the index says; untracked files go. Folders stand for everything below them.
    pub async fn discard(
        &self,
        repo: Repo<'_>,
        paths: &[GitPath],
        at: Timestamp,
        cancel: &CancellationToken,
    ) -> Result<Done, Problem> {
        super::trusted(repo)?;
        let (root, wanted) = (repo.root.to_path_buf(), paths.to_vec());
        let plan = blocking(move || plan(&root, &wanted)).await?;
        let at_risk = plan.from_index.iter().chain(&plan.removed).cloned();
        let mark = self.mark(repo, UndoKind::Discard, "", Scope::refs().at(at_risk), at).await?;
        // First, as a file may stand where a folder of the index was, or the other way round.
        let (root, removed) = (repo.root.to_path_buf(), plan.removed);
        blocking(move || {
            let (_, top) = open::open_checkout(&root)?;
            removed
                .iter()
                .try_for_each(|path| worktree::remove(&top, &worktree::locate(&top, path)?))
        })
        .await?;
        if !plan.from_index.is_empty() {
            let mut stdin = Vec::new();
            for path in &plan.from_index {
                stdin.extend_from_slice(path.as_bytes());
                stdin.push(0);
            }
            let args = ["checkout-index", "--force", "-u", "-z", "--stdin"];
            self.program().write(repo, &args, &stdin, cancel).await?;
        }
        let done = self.remember(repo, mark).await?;
        Ok(Done {
            left_out: plan.left_out,
            ..done
        })
    }

    /// Takes hunks of the difference between index and files out of the file.
    pub async fn discard_hunks(
        &self,
        repo: Repo<'_>,
        path: &GitPath,
        hunks: &[HunkRef],
        at: Timestamp,
        cancel: &CancellationToken,
    ) -> Result<Done, Problem> {
        super::trusted(repo)?;
        let (root, chosen, file) = (repo.root.to_path_buf(), hunks.to_vec(), path.clone());
        let Some((file, content, mode)) = blocking(move || without_hunks(&root, &file, &chosen)).await? else {
            return self.discard(repo, std::slice::from_ref(path), at, cancel).await;
        };
        let scope = Scope::refs().at([path.clone()]);
        let mark = self.mark(repo, UndoKind::DiscardHunk, "", scope, at).await?;
        blocking(move || worktree::write(&file, &content, mode)).await?;
        self.remember(repo, mark).await
    }
}

/// Looks at every path, and says what to do. Nothing is done when one path can not be discarded.
fn plan(root: &Path, wanted: &[GitPath]) -> Result<Plan, GitError> {
    let (repo, top) = open::open_checkout(root)?;
    let mut plan = Plan {
        from_index: Vec::new(),
        removed: Vec::new(),
        left_out: Vec::new(),
    };
    let changes = unstaged(&repo, root, wanted)?;
    for path in wanted {
        if !changes.iter().any(|(found, _)| found.is_at_or_below(path)) {
            return Err(GitError::NoSuchChange(path.display()));
        }
    }
    let index = snapshot(&repo, root)?;
    for (path, change) in changes {
        let tracked = index.get(&path);
        if change == Change::Conflicted {
            return Err(GitError::Conflicted(path.display()));
        }
        let is_submodule = tracked.is_some_and(|states| states.iter().any(|state| state.mode == SUBMODULE));
        if path.is_folder() || is_submodule {
            let name = path.as_bytes().strip_suffix(b"/").unwrap_or(path.as_bytes());
            let is_named = wanted
                .iter()
                .any(|wanted| wanted.as_bytes().strip_suffix(b"/").unwrap_or(wanted.as_bytes()) == name);
            match (is_named, is_submodule) {
                (false, _) => plan.left_out.push(path),
                (true, true) => return Err(GitError::IsSubmodule(path.display())),
                (true, false) => return Err(GitError::NotAFile(path.display())),
            }
            continue;
        }
        worktree::locate(&top, &path)?;
        if change == Change::Untracked {
            &mut plan.removed
        } else {
            &mut plan.from_index
        }
        .push(path);
    }
    Ok(plan)
}

/// Changes between index and files at and below these paths, untracked folders file by file.
fn unstaged(repo: &Repository, root: &Path, wanted: &[GitPath]) -> Result<Vec<(GitPath, Change)>, GitError> {
    let mut options = StatusOptions::new();
    options
        .show(StatusShow::Workdir)
        .include_untracked(true)
        .recurse_untracked_dirs(true)
        .include_unreadable(true)
        .disable_pathspec_match(true);
    for path in wanted {
        options.pathspec(path.as_bytes());
    }
    let left_out = doubt::everywhere(repo, root)?;
    let statuses = repo.statuses(Some(&mut options)).map_err(|error| GitError::of(root, error))?;
    let changes = statuses.iter().filter_map(|found| {
        let flags = found.status();
        let change = if flags.is_conflicted() {
            Change::Conflicted
        } else if flags.is_wt_new() {
            Change::Untracked
        } else if flags.is_wt_deleted() {
            if left_out.contains(found.path_bytes()) {
                return None;
            }
            Change::Deleted
        } else if flags.is_wt_typechange() {
            Change::TypeChanged
        } else if flags.is_wt_modified() || flags.contains(git2::Status::WT_UNREADABLE) {
            Change::Modified
        } else {
            return None;
        };
        Some((GitPath::new(found.path_bytes()), change))
    });
    Ok(changes.collect())
}

/// The file with its content without the hunks, and its mode. None where only the whole file can be discarded.
fn without_hunks(root: &Path, path: &GitPath, chosen: &[HunkRef]) -> Result<Option<(PathBuf, Vec<u8>, u32)>, GitError> {
    let (repo, top) = open::open_checkout(root)?;
    super::lines::check_plain(&repo, path)?;
    let (file, hunks) = exact_hunks(root, &DiffOf::Unstaged, path)?;
    let n_hunks = hunks.len();
    let hunks = pick(path, hunks, chosen)?;
    let at_path = worktree::locate(&top, path)?;
    let raw = std::fs::read(&at_path).map_err(|error| GitError::file(&at_path, error));
    if file.change != Change::Modified || file.new_mode == worktree::LINK || (hunks.len() == n_hunks && !file.is_mode_changed()) {
        return Ok(None);
    }
    let raw = raw?;
    let entries = snapshot(&repo, root)?;
    let staged = entries
        .get(path)
        .and_then(|states| states.first())
        .ok_or_else(|| GitError::NoSuchChange(path.display()))?;
    let of = |error| GitError::of(root, error);
    let blob = repo.find_blob(git2::Oid::from_str(&staged.oid).map_err(of)?).map_err(of)?;
    // Line breaks that git changes on the way in are changed back on the way out; no other filter can be undone line by line.
    let has_cr = |bytes: &[u8]| bytes.windows(2).any(|pair| pair == b"\r\n");
    let is_converted = has_cr(&raw) && !has_cr(blob.content());
    let to_crlf = |line: &[u8]| match line.strip_suffix(b"\n") {
        Some(body) if is_converted => [body, b"\r\n"].concat(),
        _ => line.to_vec(),
    };
    let is_same = |line: &[u8], expected: &[u8]| line == expected || line == to_crlf(expected);
    let content = splice(&raw, &hunks, Side::New, is_same, to_crlf).ok_or_else(|| GitError::Filtered(path.display()))?;
    Ok(Some((at_path, content, file.new_mode)))
}
