//! The acts of Code as plain data: everything that changes a repository, and what is said of each. How it is done stands in `acts`.

use super::{Command, branching, trees};
use crate::base::diff::{HunkRef, LineRef};
use crate::base::git_act::{GitAct, LocalChanges};
use crate::base::repo::{CommitAct, StashAct, Which, short_oid};
use crate::base::trees::{SubmoduleAct, WorktreeAct};
use crate::base::{GitPath, Msg, SafeText, Workspace};
use crate::msg;
use serde::{Deserialize, Serialize};

/// One change of a repository. Paths count from the top of the repository; one that starts with `/` is an absolute one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "verb", rename_all = "snake_case")]
pub enum Act {
    /// No path means everything.
    Stage {
        paths: Vec<GitPath>,
    },
    Unstage {
        paths: Vec<GitPath>,
    },
    Discard {
        paths: Vec<GitPath>,
    },
    /// Untracked files and folders, into `.gitignore`.
    Ignore {
        paths: Vec<GitPath>,
    },
    StageHunks {
        path: GitPath,
        hunks: Vec<HunkRef>,
    },
    UnstageHunks {
        path: GitPath,
        hunks: Vec<HunkRef>,
    },
    DiscardHunks {
        path: GitPath,
        hunks: Vec<HunkRef>,
    },
    /// Lines of the difference between index and file.
    StageLines {
        path: GitPath,
        lines: Vec<LineRef>,
    },
    /// Lines of the difference between HEAD and index.
    UnstageLines {
        path: GitPath,
        lines: Vec<LineRef>,
    },
    DiscardLines {
        path: GitPath,
        lines: Vec<LineRef>,
    },
    Commit(CommitAct),
    StashPush(StashAct),
    /// Stashes are named by their commit, or by their number.
    StashApply {
        stash: String,
        pops: bool,
    },
    StashDrop {
        stash: String,
    },
    StashBranch {
        stash: String,
        name: String,
    },
    CreateBranch {
        name: String,
        from: Option<String>,
        goes_there: bool,
    },
    Switch {
        to: String,
        changes: LocalChanges,
    },
    /// Branches, tags, remotes, commits, conflicts, and what is under way.
    Git(GitAct),
    Worktree(WorktreeAct),
    Submodule(SubmoduleAct),
    /// Forced, it also puts things back that changed since; what stands there now is kept.
    TakeBack {
        which: Which,
        is_forced: bool,
    },
    Redo {
        which: Which,
        is_forced: bool,
    },
}

/// What is said of an act.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// Its word on the command line and in JSON.
    pub word: &'static str,
    /// The title of its job.
    pub title: Msg,
    /// What a toast tells when it is done, for acts that one may want to take back at once.
    pub told: Option<Msg>,
    /// Branches, tags or HEAD may be elsewhere afterwards.
    pub moves_refs: bool,
}

impl Facts {
    fn new(word: &'static str, title: Msg) -> Self {
        Self {
            word,
            title,
            told: None,
            moves_refs: false,
        }
    }

    fn told(mut self, words: Msg) -> Self {
        self.told = Some(words);
        self
    }

    fn moving(mut self) -> Self {
        self.moves_refs = true;
        self
    }
}

impl Act {
    /// The command that does it in a workspace.
    pub fn on(self, workspace: &Workspace) -> Command {
        Command::Act {
            workspace: workspace.clone(),
            act: self,
        }
    }

    /// It can only be done where files are checked out.
    pub fn needs_files(&self) -> bool {
        match self {
            Self::CreateBranch { goes_there, .. } => *goes_there,
            Self::TakeBack { .. } | Self::Redo { .. } | Self::Worktree(_) => false,
            Self::Git(act) => !act.is_of_refs(),
            _ => true,
        }
    }

    /// What is told when something went away by the way, which can be taken back.
    pub fn told_of_loss(&self) -> Option<Msg> {
        matches!(self, Self::Git(GitAct::Fetch { .. })).then(|| msg!("code-told-fetch-took"))
    }

    pub fn facts(&self) -> Facts {
        match self {
            Self::Stage { .. } | Self::StageHunks { .. } | Self::StageLines { .. } => Facts::new("stage", msg!("code-job-stage")),
            Self::Unstage { .. } | Self::UnstageHunks { .. } | Self::UnstageLines { .. } => {
                Facts::new("unstage", msg!("code-job-unstage"))
            }
            Self::Discard { .. } | Self::DiscardHunks { .. } | Self::DiscardLines { .. } => {
                Facts::new("discard", msg!("code-job-discard")).told(msg!("code-told-discarded"))
            }
            Self::Ignore { .. } => Facts::new("ignore", msg!("code-job-ignore")).told(msg!("code-told-ignored")),
            Self::StashPush(_) => Facts::new("stash", msg!("code-job-stash"))
                .told(msg!("code-told-stashed"))
                .moving(),
            Self::StashApply { pops, .. } => {
                let word = if *pops { "stash_pop" } else { "stash_apply" };
                Facts::new(word, msg!("code-job-stash-apply"))
                    .told(msg!("code-told-stash-applied"))
                    .moving()
            }
            Self::StashDrop { .. } => Facts::new("stash_drop", msg!("code-job-stash-drop"))
                .told(msg!("code-told-stash-dropped"))
                .moving(),
            Self::StashBranch { name, .. } => Facts::new("stash_branch", msg!("code-job-branch", name = name))
                .told(msg!("code-told-switched"))
                .moving(),
            Self::Commit(CommitAct { fixup: Some(commit), .. }) => {
                Facts::new("fixup", msg!("code-job-fixup", name = short_oid(commit)))
                    .told(msg!("code-told-fixed-up"))
                    .moving()
            }
            Self::Commit(act) if act.is_amend => Facts::new("amend", msg!("code-job-amend"))
                .told(msg!("code-told-amended"))
                .moving(),
            Self::Commit(act) => Facts::new("commit", msg!("code-job-commit", summary = first_line(&act.message)))
                .told(msg!("code-told-committed"))
                .moving(),
            Self::CreateBranch { name, .. } => Facts::new("branch", msg!("code-job-branch", name = name)).moving(),
            Self::Switch { to, .. } => Facts::new("switch", msg!("code-job-switch", name = to))
                .told(msg!("code-told-switched"))
                .moving(),
            Self::Redo { which, .. } => Facts::new("redo", taking(*which, "code-job-redo", "code-job-redo-entry"))
                .told(msg!("code-told-redone"))
                .moving(),
            Self::Git(act) => Facts {
                told: branching::told(act),
                ..Facts::new(act.word(), branching::title(act)).moving()
            },
            Self::Worktree(act) => {
                let (title, told) = trees::worktree_words(act);
                Facts {
                    told,
                    ..Facts::new(act.word(), title).moving()
                }
            }
            Self::Submodule(act) => {
                let (title, told) = trees::submodule_words(act);
                Facts {
                    told,
                    ..Facts::new(act.word(), title).moving()
                }
            }
            Self::TakeBack { which, .. } => {
                Facts::new("take_back", taking(*which, "code-job-take-back-last", "code-job-take-back"))
                    .told(msg!("code-told-taken-back"))
                    .moving()
            }
        }
    }
}

fn taking(which: Which, last: &'static str, entry: &'static str) -> Msg {
    match which {
        Which::Last { n } => Msg::new(last).with("n", n),
        Which::Entry { id } => Msg::new(entry).with("id", id),
    }
}

/// The first line of a message, safe to be shown.
pub(super) fn first_line(message: &str) -> String {
    SafeText::new(message.trim().lines().next().unwrap_or_default()).into_string()
}
