//! A commit of the past that is being changed and met a conflict: what the branch was before, for the one who gives it up.

use super::commit::find;
use super::open::open;
use super::program::Repo;
use super::{Git, GitError, blocking, flat};
use crate::base::Problem;
use std::path::Path;
use tokio_util::sync::CancellationToken;

/// In git's own folder: the commit that was made to fix another one, and the index before it as a tree.
const NOTE: &str = "chantier-fixup";
/// Where git notes what is rebased.
const REBASED: [&str; 2] = ["rebase-merge/orig-head", "rebase-apply/orig-head"];

/// What was staged before a fixup, as `Git::staged_tree` gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StagedTree(String);

/// The fixup that the rebase which is under way belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FixupUnderWay {
    commit: String,
    index: String,
}

impl Git {
    /// What is staged now; None when the index is in conflict.
    pub async fn staged_tree(&self, repo: Repo<'_>) -> Result<Option<StagedTree>, Problem> {
        let root = repo.root.to_path_buf();
        blocking(move || Ok(index_tree(&root)?.map(StagedTree))).await
    }

    /// Notes that HEAD is the commit of a fixup, so that giving it up takes that commit away too.
    pub async fn note_fixup(&self, repo: Repo<'_>, before: StagedTree) -> Result<(), Problem> {
        let root = repo.root.to_path_buf();
        blocking(move || {
            let repo = open(&root)?;
            let file = repo.path().join(NOTE);
            let text = format!("{} {}\n", find(&repo, "HEAD")?.id(), before.0);
            std::fs::write(&file, text).map_err(|error| GitError::file(&file, error))
        })
        .await
    }

    /// The fixup whose rebase is under way, if it is one.
    pub async fn fixup_under_way(&self, repo: Repo<'_>) -> Result<Option<FixupUnderWay>, Problem> {
        let root = repo.root.to_path_buf();
        blocking(move || {
            let repo = open(&root)?;
            let read = |name: &str| std::fs::read_to_string(repo.path().join(name)).ok();
            let rebased = REBASED.iter().find_map(|name| read(name));
            let note = read(NOTE);
            Ok(rebased.zip(note).and_then(|(rebased, note)| {
                let (commit, index) = note.trim().split_once(' ')?;
                (rebased.trim() == commit).then(|| FixupUnderWay {
                    commit: commit.to_owned(),
                    index: index.to_owned(),
                })
            }))
        })
        .await
    }

    /// After the rebase of a fixup was given up: its commit goes, and what it held is staged as before.
    pub async fn give_up_fixup(&self, repo: Repo<'_>, fixup: FixupUnderWay, cancel: &CancellationToken) -> Result<(), Problem> {
        let (root, commit) = (repo.root.to_path_buf(), fixup.commit);
        let below = blocking(move || {
            let repo = open(&root)?;
            let head = find(&repo, "HEAD")?;
            let is_it = head.id().to_string() == commit;
            Ok(is_it.then(|| head.parent_id(0).ok()).flatten().map(|oid| oid.to_string()))
        })
        .await?;
        let Some(below) = below else { return Ok(()) };
        self.program().write(repo, &["reset", "--soft", &below], &[], cancel).await?;
        // All changes of tracked files were staged for the commit.
        let root = repo.root.to_path_buf();
        if blocking(move || index_tree(&root)).await?.as_ref() != Some(&fixup.index) {
            self.program().write(repo, &["read-tree", &fixup.index], &[], cancel).await?;
            // Only so that git need not read the files again: whatever it says of them is no failure.
            let refresh = ["update-index", "-q", "--refresh"];
            self.program().write(repo, &refresh, &[], cancel).await.ok();
        }
        Ok(())
    }
}

fn index_tree(root: &Path) -> Result<Option<String>, GitError> {
    let repo = open(root)?;
    let mut index = flat::reread(&repo, root, true)?;
    // What can not be written as a tree is in conflict.
    Ok(index.write_tree().ok().map(|tree| tree.to_string()))
}
