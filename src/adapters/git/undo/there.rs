//! What went away in another repository: a branch that was pushed over or deleted there. Its commits are kept here, and only another push
//! takes that back; so these steps are never next in line, and are taken back by their number.

use super::super::program::Repo;
use super::super::{Git, GitError, blocking, open};
use super::store;
use super::take::Way;
use super::{Done, capture};
use crate::base::Problem;
use crate::base::repo::Which;
use crate::process::Cmd;
use git2::Repository;
use std::path::Path;
use tokio_util::sync::CancellationToken;

/// A push that takes such a step back, or does it again.
pub struct PushBack {
    pub cmd: Cmd,
    id: u64,
    way: Way,
}

impl Git {
    /// The push that takes this step back (or does it again); None where it is a step of this repository alone.
    pub async fn push_back(
        &self,
        repo: Repo<'_>,
        which: Which,
        is_redo: bool,
        cancel: &CancellationToken,
    ) -> Result<Option<PushBack>, Problem> {
        super::super::trusted(repo)?;
        let Which::Entry { id } = which else { return Ok(None) };
        let way = if is_redo { Way::Again } else { Way::Back };
        let root = repo.root.to_path_buf();
        let Some(args) = blocking(move || args(&open::open(&root)?, &root, id, way)).await? else {
            return Ok(None);
        };
        let cmd = self.program().cmd(repo, &[], &args, cancel).await?;
        Ok(Some(PushBack { cmd, id, way }))
    }

    /// That push was done.
    pub async fn pushed_back(&self, repo: Repo<'_>, pushed: &PushBack) -> Result<Done, Problem> {
        let (root, id, way) = (repo.root.to_path_buf(), pushed.id, pushed.way);
        blocking(move || store::turn(&open::open(&root)?, &root, id, way)).await?;
        Ok(Done {
            taken: vec![pushed.id],
            ..Done::default()
        })
    }
}

fn args(repo: &Repository, root: &Path, id: u64, way: Way) -> Result<Option<Vec<String>>, GitError> {
    let (summary, record, is_undone) = store::read(repo, id)?;
    if !summary.kind.is_there() || summary.worktree != capture::worktree_name(repo) {
        return Ok(None);
    }
    if is_undone != (way == Way::Again) {
        return Err(GitError::TakenAlready {
            id,
            is_redo: way == Way::Again,
        });
    }
    let remotes = repo.remotes().map_err(|error| GitError::of(root, error))?;
    let remotes: Vec<&str> = remotes.iter().flatten().flatten().collect();
    let mut args = ["push", "--progress"].map(str::to_owned).to_vec();
    let (name, pair) = record.refs.first_key_value().ok_or(GitError::NoSuchUndo(id))?;
    let (from, to) = way.sides(pair);
    let found = remotes.iter().find_map(|remote| {
        let branch = name.strip_prefix(&format!("refs/remotes/{remote}/"))?;
        Some((*remote, branch))
    });
    let (remote, branch) = found.ok_or_else(|| GitError::NoSuchRemote(name.clone()))?;
    // Only while nobody else pushed since.
    let lease = from.as_deref().unwrap_or_default();
    args.push(format!("--force-with-lease=refs/heads/{branch}:{lease}"));
    args.push(remote.to_owned());
    args.push(format!("{}:refs/heads/{branch}", to.as_deref().unwrap_or_default()));
    Ok(Some(args))
}
