//! Worktrees, submodules and several repositories: what can be asked of them, what is learnt, and what is known. Pure.

use crate::base::repos::{Drift, FrozenState, RepoDiff, RepoList, RepoRow};
use crate::base::trees::{StaleWorktree, SubmoduleAct, SubmoduleRow, WorktreeAct, WorktreeRow};
use crate::base::{GitPath, Loadable, Msg, Problem, RepoSummary, WriteTo};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What can be looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "ask", rename_all = "snake_case")]
pub enum Ask {
    /// The worktrees, and then what changed in each.
    Worktrees,
    /// What `prune` would forget.
    Stale,
    /// The submodules, and then how each stands.
    Submodules,
    /// The repositories below the workspace, and then how each stands to the manifest: the one that is named, else the one that is found.
    Repos { manifest: Option<PathBuf> },
    /// Fetches all of them.
    FetchRepos { manifest: Option<PathBuf> },
    /// Their exact commits, written into a file if one is named.
    FreezeRepos { manifest: Option<PathBuf>, to: Option<WriteTo> },
    /// What differs between two manifests or frozen states, or between one and what is checked out.
    CompareRepos { from: PathBuf, to: Option<PathBuf> },
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
    SubmodulesStarted,
    SubmodulesRead {
        submodules: Vec<SubmoduleRow>,
    },
    /// One of them was looked at.
    SubmoduleRead {
        submodule: Box<SubmoduleRow>,
    },
    SubmodulesFailed {
        problem: Problem,
    },
    ReposStarted,
    ReposRead {
        repos: Box<RepoList>,
    },
    RepoRead {
        repo: Box<RepoRow>,
    },
    ReposFailed {
        problem: Problem,
    },
    ReposFrozen {
        frozen: Box<FrozenState>,
    },
    ReposCompareStarted,
    ReposCompared {
        diffs: Vec<RepoDiff>,
    },
    ReposCompareFailed {
        problem: Problem,
    },
}

/// What is known of one repository.
#[derive(Clone, Debug, Default)]
pub struct Trees {
    pub worktrees: Loadable<Vec<WorktreeRow>>,
    pub stale: Vec<StaleWorktree>,
    pub submodules: Loadable<Vec<SubmoduleRow>>,
    pub repos: Loadable<RepoList>,
    pub frozen: FrozenState,
    /// Counts up with every state that was frozen.
    pub n_frozen: u64,
    pub repos_diff: Loadable<Vec<RepoDiff>>,
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
            News::SubmodulesStarted => self.submodules.start(),
            News::SubmodulesRead { mut submodules } => {
                for row in &mut submodules {
                    let known = self.submodules.value().into_iter().flatten();
                    if let Some(known) = known.into_iter().find(|known| known.path == row.path) {
                        row.states.clone_from(&known.states);
                        row.checked_out.clone_from(&known.checked_out);
                        row.head_name.clone_from(&known.head_name);
                        row.is_looked_at = known.is_looked_at;
                    }
                }
                self.submodules.finish(submodules);
            }
            News::SubmoduleRead { submodule } => {
                if let Loadable::Ready { value } = &mut self.submodules
                    && let Some(row) = value.iter_mut().find(|row| row.path == submodule.path)
                {
                    *row = *submodule;
                }
            }
            News::SubmodulesFailed { problem } => self.submodules.fail(problem),
            News::ReposStarted => self.repos.start(),
            News::ReposRead { mut repos } => {
                let known = self.repos.value().map(|known| known.rows.as_slice()).unwrap_or_default();
                for row in &mut repos.rows {
                    if let Some(known) = known.iter().find(|known| known.path == row.path) {
                        row.summary.clone_from(&known.summary);
                        if row.drift != Drift::NotHere && row.project == known.project {
                            row.drift = known.drift.clone();
                        }
                    }
                }
                self.repos.finish(*repos);
            }
            News::RepoRead { repo } => {
                if let Loadable::Ready { value } = &mut self.repos
                    && let Some(row) = value.rows.iter_mut().find(|row| row.path == repo.path)
                {
                    let summary = repo.summary.clone().or_else(|| row.summary.take());
                    *row = *repo;
                    row.summary = summary;
                }
            }
            News::ReposFailed { problem } => self.repos.fail(problem),
            News::ReposFrozen { frozen } => {
                self.n_frozen += 1;
                self.frozen = *frozen;
            }
            // Another comparison has nothing of the one before.
            News::ReposCompareStarted => self.repos_diff = Loadable::Loading { previous: None },
            News::ReposCompared { diffs } => self.repos_diff.finish(diffs),
            News::ReposCompareFailed { problem } => self.repos_diff.fail(problem),
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

/// The same of submodules: of one by its path, or of all.
pub fn submodule_words(act: &SubmoduleAct) -> (Msg, Option<Msg>) {
    let one = match act.paths() {
        [path] => Some(path.display()),
        _ => None,
    };
    match (act, one) {
        (SubmoduleAct::Init { .. }, Some(name)) => (msg!("code-job-submodule-init", name = name), None),
        (SubmoduleAct::Init { .. }, None) => (msg!("code-job-submodules-init"), None),
        (SubmoduleAct::Update { .. }, Some(name)) => (
            msg!("code-job-submodule-update", name = name.as_str()),
            Some(msg!("code-told-submodule-update", name = name)),
        ),
        (SubmoduleAct::Update { .. }, None) => (msg!("code-job-submodules-update"), Some(msg!("code-told-submodules-update"))),
        (SubmoduleAct::Sync { .. }, Some(name)) => (msg!("code-job-submodule-sync", name = name), None),
        (SubmoduleAct::Sync { .. }, None) => (msg!("code-job-submodules-sync"), None),
        (SubmoduleAct::Deinit { .. }, Some(name)) => (
            msg!("code-job-submodule-deinit", name = name.as_str()),
            Some(msg!("code-told-submodule-deinit", name = name)),
        ),
        (SubmoduleAct::Deinit { .. }, None) => (msg!("code-job-submodules-deinit"), Some(msg!("code-told-submodules-deinit"))),
        (SubmoduleAct::Add { path, .. }, _) => (
            msg!("code-job-submodule-add", name = path.display()),
            Some(msg!("code-told-submodule-added", name = path.display())),
        ),
    }
}
