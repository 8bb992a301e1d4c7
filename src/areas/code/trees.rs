//! Worktrees: what can be asked of them, what is learnt, and what is known. Pure.

use crate::base::trees::{StaleWorktree, WorktreeAct, WorktreeRow};
use crate::base::{GitPath, Loadable, Msg, Problem, RepoSummary};
use crate::msg;
use serde::{Deserialize, Serialize};

/// What can be looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Ask {
    /// The worktrees, and then what changed in each.
    Worktrees,
    /// What `prune` would forget.
    Stale,
}

/// What was learnt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "news", rename_all = "snake_case")]
pub enum News {
    WorktreesStarted,
    WorktreesRead {
        worktrees: Vec<WorktreeRow>,
    },
    /// What changed in one of them.
    WorktreeCounted {
        path: GitPath,
        summary: Box<RepoSummary>,
    },
    WorktreesFailed {
        problem: Problem,
    },
    StaleRead {
        stale: Vec<StaleWorktree>,
    },
}

/// What is known of one repository.
#[derive(Clone, Debug, Default)]
pub struct Trees {
    pub worktrees: Loadable<Vec<WorktreeRow>>,
    pub stale: Vec<StaleWorktree>,
}

impl Trees {
    pub fn apply(&mut self, news: News) {
        match news {
            News::WorktreesStarted => self.worktrees.start(),
            News::WorktreesRead { mut worktrees } => {
                // What was counted before is shown until it is counted anew.
                for row in &mut worktrees {
                    let known = self
                        .worktrees
                        .value()
                        .into_iter()
                        .flatten()
                        .find(|known| known.path == row.path);
                    row.summary = known.and_then(|known| known.summary.clone());
                }
                self.worktrees.finish(worktrees);
            }
            News::WorktreeCounted { path, summary } => {
                if let Loadable::Ready { value } = &mut self.worktrees
                    && let Some(row) = value.iter_mut().find(|row| row.path == path)
                {
                    row.summary = Some(summary);
                }
            }
            News::WorktreesFailed { problem } => self.worktrees.fail(problem),
            News::StaleRead { stale } => self.stale = stale,
        }
    }
}

/// The title of an act's job, and what a toast tells when it is done.
pub fn worktree_words(act: &WorktreeAct) -> (Msg, Option<Msg>) {
    match act {
        WorktreeAct::Add { what, .. } => (
            msg!("code-job-worktree-add", name = what.name()),
            Some(msg!("code-told-worktree-added", name = what.name())),
        ),
        WorktreeAct::Remove { path, .. } => (
            msg!("code-job-worktree-remove", name = path.file_name()),
            Some(msg!("code-told-worktree-removed", name = path.file_name())),
        ),
        WorktreeAct::Lock { path, .. } => (msg!("code-job-worktree-lock", name = path.file_name()), None),
        WorktreeAct::Unlock { path } => (msg!("code-job-worktree-unlock", name = path.file_name()), None),
        WorktreeAct::Move { path, .. } => (msg!("code-job-worktree-move", name = path.file_name()), None),
        WorktreeAct::Prune => (msg!("code-job-worktree-prune"), None),
    }
}
