//! What was staged before git put changes aside and back: `--autostash` gives them back as changes of the files alone.

use super::index::{Entries, IndexState, index_info};
use super::program::Repo;
use super::{Git, GitError, blocking, flat, open};
use crate::base::{GitPath, Problem};
use git2::{Oid, Repository, Tree};
use std::path::Path;
use tokio_util::sync::CancellationToken;

/// Where git notes the stash that it made before a rebase.
const AUTOSTASH: [&str; 2] = ["rebase-merge/autostash", "rebase-apply/autostash"];

/// What was staged, and upon what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StagedBefore {
    head: Oid,
    index: Oid,
}

impl Git {
    /// What is staged now, or was when the rebase that is under way began; None when nothing was.
    pub async fn staged_before(&self, repo: Repo<'_>) -> Result<Option<StagedBefore>, Problem> {
        let root = repo.root.to_path_buf();
        blocking(move || {
            let repo = open::open(&root)?;
            Ok(staged(&repo))
        })
        .await
    }

    /// Stages again what was staged before, on what HEAD is now. False when that is not clear: it stays among the changes.
    pub async fn stage_again(&self, repo: Repo<'_>, before: StagedBefore, cancel: &CancellationToken) -> Result<bool, Problem> {
        let root = repo.root.to_path_buf();
        let Some(entries) = blocking(move || again(&root, before)).await? else {
            return Ok(false);
        };
        self.put_entries(repo, &entries, cancel).await?;
        Ok(true)
    }

    /// Stages what a stash had staged, beside what is staged by now. False where both are of the same lines: it stays among the changes.
    pub(super) async fn stage_of_stash(&self, repo: Repo<'_>, oid: &str, cancel: &CancellationToken) -> Result<bool, Problem> {
        let (root, oid) = (repo.root.to_path_buf(), oid.to_owned());
        let Some(entries) = blocking(move || of_stash(&root, &oid)).await? else {
            return Ok(false);
        };
        self.put_entries(repo, &entries, cancel).await?;
        Ok(true)
    }

    async fn put_entries(&self, repo: Repo<'_>, entries: &Entries, cancel: &CancellationToken) -> Result<(), Problem> {
        if !entries.is_empty() {
            let args = ["update-index", "-z", "--index-info"];
            self.program().write(repo, &args, &index_info(entries), cancel).await?;
        }
        Ok(())
    }
}

/// The entries to be put into the index; None when what is staged now is in their way.
fn of_stash(root: &Path, oid: &str) -> Result<Option<Entries>, GitError> {
    let repo = open::open(root)?;
    let of = |error| GitError::of(root, error);
    let stash = Oid::from_str(oid).and_then(|oid| repo.find_commit(oid)).map_err(of)?;
    let tree = |n| stash.parent(n).and_then(|parent| parent.tree()).map_err(of);
    let (base, index) = (tree(0)?, tree(1)?);
    if base.id() == index.id() {
        return Ok(Some(Entries::new()));
    }
    // What can not be written as a tree is in conflict.
    let Ok(now) = flat::reread(&repo, root, true)?.write_tree_to(&repo) else {
        return Ok(None);
    };
    let now = repo.find_tree(now).map_err(of)?;
    let mut merged = repo.merge_trees(&base, &now, &index, None).map_err(of)?;
    if merged.has_conflicts() {
        return Ok(None);
    }
    let wanted = merged.write_tree_to(&repo).and_then(|tree| repo.find_tree(tree));
    Ok(Some(between(&repo, &now, &wanted.map_err(of)?).map_err(of)?))
}

fn staged(repo: &Repository) -> Option<StagedBefore> {
    let stash = AUTOSTASH
        .iter()
        .find_map(|name| std::fs::read_to_string(repo.path().join(name)).ok());
    let staged = match stash {
        // A stash has two parents: HEAD, and the index as a commit.
        Some(stash) => {
            let stash = repo.find_commit(Oid::from_str(stash.trim()).ok()?).ok()?;
            StagedBefore {
                head: stash.parent(0).ok()?.tree_id(),
                index: stash.parent(1).ok()?.tree_id(),
            }
        }
        None => StagedBefore {
            head: head_tree(repo)?.id(),
            index: repo.index().ok()?.write_tree().ok()?,
        },
    };
    (staged.head != staged.index).then_some(staged)
}

fn head_tree(repo: &Repository) -> Option<Tree<'_>> {
    repo.head().ok()?.peel_to_tree().ok()
}

/// The entries to be put into the index; None when the rebase goes on, when something else is staged, or when both changed the same.
fn again(root: &Path, before: StagedBefore) -> Result<Option<Entries>, GitError> {
    let repo = open::open(root)?;
    let of = |error| GitError::of(root, error);
    let goes_on = ["rebase-merge", "rebase-apply"]
        .iter()
        .any(|name| repo.path().join(name).exists());
    let Some(head) = head_tree(&repo).filter(|_| !goes_on) else {
        return Ok(None);
    };
    // What can not be written as a tree is in conflict.
    match repo.index().and_then(|mut index| index.write_tree()) {
        Ok(now) if now == head.id() => {}
        Ok(now) if now == before.index => return Ok(Some(Entries::new())),
        _ => return Ok(None),
    }
    let (base, index) = (
        repo.find_tree(before.head).map_err(of)?,
        repo.find_tree(before.index).map_err(of)?,
    );
    let mut merged = repo.merge_trees(&base, &head, &index, None).map_err(of)?;
    if merged.has_conflicts() {
        return Ok(None);
    }
    let wanted = merged
        .write_tree_to(&repo)
        .and_then(|tree| repo.find_tree(tree))
        .map_err(of)?;
    Ok(Some(between(&repo, &head, &wanted).map_err(of)?))
}

/// What brings an index from one tree to the other.
fn between(repo: &Repository, old: &Tree<'_>, new: &Tree<'_>) -> Result<Entries, git2::Error> {
    let diff = repo.diff_tree_to_tree(Some(old), Some(new), None)?;
    let mut entries = Entries::new();
    for delta in diff.deltas() {
        let (old, new) = (delta.old_file(), delta.new_file());
        let path = |file: &git2::DiffFile<'_>| file.path_bytes().map(GitPath::new);
        if let Some(path) = path(&old) {
            entries.entry(path).or_default();
        }
        if let Some(path) = path(&new).filter(|_| new.exists()) {
            let state = IndexState {
                mode: new.mode().into(),
                oid: new.id().to_string(),
                stage: 0,
            };
            entries.insert(path, vec![state]);
        }
    }
    Ok(entries)
}
