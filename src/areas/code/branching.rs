//! Branches, operations and conflicts: what can be looked at, what is learnt of it, and what is known. Pure.

use super::Command;
use crate::base::git_act::{GitAct, Push};
use crate::base::operation::{ConflictFile, ConflictKind, ConflictText, OperationState, PushPreview, RebasePlan, SwitchPreview};
use crate::base::repo::{Operation, short_oid};
use crate::base::{GitPath, HostKey, Loadable, Msg, Problem};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// What can be looked at before an act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "look", rename_all = "snake_case")]
pub enum Look {
    /// One file in conflict, stretch by stretch.
    Conflict { path: GitPath },
    /// The commits that an interactive rebase would go through.
    Plan {
        /// The commit below them; None is where the upstream, or `onto`, parts.
        since: Option<String>,
        onto: Option<String>,
        is_autosquash: bool,
        /// Also where the settings do not say so.
        #[serde(default)]
        moves_branches: bool,
        #[serde(default)]
        leaves_merges: bool,
        /// A plan that somebody wrote; `-` is standard input.
        file: Option<PathBuf>,
    },
    /// What becomes of local changes.
    Switch { to: String },
    /// What a push would bring, and overwrite when it is forced.
    Push { push: Push },
    /// The operation that is under way, and the files in conflict.
    UnderWay,
    /// The files of an untracked folder, which the status tells as one.
    Untracked { folder: GitPath },
}

/// What was learnt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "news", rename_all = "snake_case")]
pub enum News {
    UnderWay {
        operation: Option<Box<OperationState>>,
        conflicts: Vec<ConflictFile>,
    },
    ConflictStarted {
        path: GitPath,
    },
    ConflictRead {
        path: GitPath,
        conflict: Box<ConflictText>,
    },
    ConflictFailed {
        path: GitPath,
        problem: Problem,
    },
    UntrackedRead {
        folder: GitPath,
        paths: Vec<GitPath>,
        n_unlisted: u64,
    },
    PlanStarted,
    PlanRead {
        plan: RebasePlan,
    },
    PlanFailed {
        problem: Problem,
    },
    SwitchPreviewed {
        preview: SwitchPreview,
    },
    PushPreviewed {
        preview: PushPreview,
    },
    /// A machine that ssh does not know, and what was to be done there.
    HostUnknown {
        key: HostKey,
        again: Box<Command>,
    },
}

/// What is known of one repository.
#[derive(Clone, Debug, Default)]
pub struct Branching {
    pub operation: Option<OperationState>,
    pub conflicts: Vec<ConflictFile>,
    /// The file in conflict that was asked for last.
    pub conflict: Option<(GitPath, Loadable<ConflictText>)>,
    /// The files of untracked folders that were looked into, and how many more there are.
    pub untracked: BTreeMap<GitPath, (Vec<GitPath>, u64)>,
    /// Counts up with every such look.
    pub n_untracked: u64,
    pub plan: Loadable<RebasePlan>,
    /// Counts up with every plan that was read.
    pub n_plans: u64,
    pub switch: Option<SwitchPreview>,
    pub push: Option<PushPreview>,
    /// The machine that was not known last, and what was to be done there.
    pub unknown_host: Option<(HostKey, Command)>,
    /// Counts up with every such machine.
    pub n_unknown_hosts: u64,
}

impl Branching {
    pub fn apply(&mut self, news: News) {
        match news {
            News::UnderWay { operation, conflicts } => {
                self.operation = operation.map(|operation| *operation);
                self.conflicts = conflicts;
            }
            News::ConflictStarted { path } => match &mut self.conflict {
                Some((known, loadable)) if *known == path => loadable.start(),
                conflict => *conflict = Some((path, Loadable::Loading { previous: None })),
            },
            News::ConflictRead { path, conflict } => {
                if let Some((known, loadable)) = &mut self.conflict
                    && *known == path
                {
                    loadable.finish(*conflict);
                }
            }
            News::ConflictFailed { path, problem } => {
                if let Some((known, loadable)) = &mut self.conflict
                    && *known == path
                {
                    loadable.fail(problem);
                }
            }
            News::UntrackedRead {
                folder,
                paths,
                n_unlisted,
            } => {
                self.n_untracked += 1;
                self.untracked.insert(folder, (paths, n_unlisted));
            }
            News::PlanStarted => self.plan.start(),
            News::PlanRead { plan } => {
                self.n_plans += 1;
                self.plan.finish(plan);
            }
            News::PlanFailed { problem } => self.plan.fail(problem),
            News::SwitchPreviewed { preview } => self.switch = Some(preview),
            News::PushPreviewed { preview } => self.push = Some(preview),
            News::HostUnknown { key, again } => {
                self.n_unknown_hosts += 1;
                self.unknown_host = Some((key, *again));
            }
        }
    }
}

/// A full commit id is said short.
pub fn short(name: &str) -> String {
    let is_id = name.len() >= 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_id { short_oid(name) } else { name }.to_owned()
}

/// The title of an act's job.
pub fn title(act: &GitAct) -> Msg {
    match act {
        GitAct::RenameBranch { from, to } => msg!("code-job-rename-branch", from = from, to = to),
        GitAct::DeleteBranch { name, .. } => msg!("code-job-delete-branch", name = name),
        GitAct::SetUpstream {
            branch,
            upstream: Some(upstream),
        } => msg!("code-job-set-upstream", name = branch, upstream = upstream),
        GitAct::SetUpstream { branch, upstream: None } => msg!("code-job-unset-upstream", name = branch),
        GitAct::Merge { what, .. } => msg!("code-job-merge", name = what),
        GitAct::Rebase { onto, .. } => msg!("code-job-rebase", name = onto),
        GitAct::RunPlan { plan } => msg!("code-job-run-plan", n = plan.steps.len()),
        GitAct::CherryPick { commits, .. } => msg!("code-job-cherry-pick", n = commits.len()),
        GitAct::Revert { commits, .. } => msg!("code-job-revert", n = commits.len()),
        GitAct::Reset { to, .. } => msg!("code-job-reset", name = to),
        GitAct::CreateTag { name, .. } => msg!("code-job-create-tag", name = name),
        GitAct::DeleteTag { name } => msg!("code-job-delete-tag", name = name),
        GitAct::AddRemote { name, .. } => msg!("code-job-add-remote", name = name),
        GitAct::RenameRemote { from, to } => msg!("code-job-rename-remote", from = from, to = to),
        GitAct::SetRemoteUrl { name, .. } => msg!("code-job-set-remote-url", name = name),
        GitAct::RemoveRemote { name } => msg!("code-job-remove-remote", name = name),
        GitAct::PruneRemote { name } => msg!("code-job-prune-remote", name = name),
        GitAct::Fetch { .. } => msg!("code-job-fetch"),
        GitAct::Pull { .. } => msg!("code-job-pull"),
        GitAct::Push { .. } => msg!("code-job-push"),
        GitAct::PushTag { name, .. } => msg!("code-job-push-tag", name = name),
        GitAct::DeleteRemoteBranch { remote, name } => msg!("code-job-delete-remote-branch", name = format!("{remote}/{name}")),
        GitAct::DeleteRemoteTag { name, .. } => msg!("code-job-delete-remote-tag", name = name),
        GitAct::Continue => msg!("code-job-continue"),
        GitAct::Skip => msg!("code-job-skip"),
        GitAct::Abort => msg!("code-job-abort"),
        GitAct::BisectStart { .. } => msg!("code-job-bisect-start"),
        GitAct::Bisect { .. } => msg!("code-job-bisect"),
        GitAct::BisectReset => msg!("code-job-bisect-reset"),
        GitAct::Restore { paths, .. } => msg!("code-job-restore", n = paths.len()),
        GitAct::Resolve { path, .. } => msg!("code-job-resolve", path = path.display()),
    }
}

/// What is told when it is done.
pub fn told(act: &GitAct) -> Option<Msg> {
    Some(match act {
        GitAct::RenameBranch { to, .. } => msg!("code-told-renamed", name = to),
        GitAct::DeleteBranch { name, .. } | GitAct::DeleteTag { name } => msg!("code-told-deleted", name = name),
        GitAct::Merge { what, .. } => msg!("code-told-merged", name = what),
        GitAct::Rebase { .. } | GitAct::RunPlan { .. } => msg!("code-told-rebased"),
        GitAct::CherryPick { commits, .. } => msg!("code-told-picked", n = commits.len()),
        GitAct::Revert { commits, .. } => msg!("code-told-reverted", n = commits.len()),
        GitAct::Reset { .. } => msg!("code-told-reset"),
        GitAct::RemoveRemote { name } => msg!("code-told-removed", name = name),
        GitAct::Abort => msg!("code-told-aborted"),
        GitAct::Restore { revision, paths } => msg!("code-told-restored", n = paths.len(), name = short(revision)),
        GitAct::Resolve { path, .. } => msg!("code-told-resolved", path = path.display()),
        _ => return None,
    })
}

/// `Merging side`, with the step where git counts.
pub fn operation_title(operation: &OperationState) -> Msg {
    let onto = operation.onto.clone().unwrap_or_default();
    match operation.kind {
        Operation::Merge => msg!("code-now-merge", name = onto),
        Operation::Rebase => match &operation.branch {
            Some(branch) => msg!("code-now-rebase", branch = branch, onto = onto),
            None => msg!("code-now-rebase-detached", onto = onto),
        },
        Operation::CherryPick => msg!("code-now-pick"),
        Operation::Revert => msg!("code-now-revert"),
        Operation::Bisect if operation.is_found => msg!("code-now-bisect-found"),
        Operation::Bisect => msg!("code-now-bisect"),
        Operation::ApplyMailbox => msg!("code-now-mailbox"),
    }
}

/// The key of what is in conflict at a path.
pub fn conflict_key(kind: ConflictKind) -> &'static str {
    match kind {
        ConflictKind::BothModified => "code-conflict-both-modified",
        ConflictKind::BothAdded => "code-conflict-both-added",
        ConflictKind::BothDeleted => "code-conflict-both-deleted",
        ConflictKind::DeletedByUs => "code-conflict-deleted-by-us",
        ConflictKind::DeletedByThem => "code-conflict-deleted-by-them",
        ConflictKind::AddedByUs => "code-conflict-added-by-us",
        ConflictKind::AddedByThem => "code-conflict-added-by-them",
    }
}
