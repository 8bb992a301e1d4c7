//! `chantier code stash`: what can be typed about stashes.

use super::{Words, absolute};
use crate::areas::cli::Here;
use crate::areas::code::act::Act;
use crate::base::repo::StashAct;
use std::path::PathBuf;

#[derive(Clone, Debug, clap::Subcommand)]
pub enum StashVerb {
    /// What was put away, the newest first
    List,
    /// Put changes away
    Push {
        /// Only these files and folders
        paths: Vec<PathBuf>,
        #[arg(short, long, default_value = "")]
        message: String,
        /// Untracked files too
        #[arg(short = 'u', long)]
        include_untracked: bool,
        /// Leave what is staged in place
        #[arg(short, long)]
        keep_index: bool,
    },
    /// The changes of a stash
    Show {
        #[command(flatten)]
        stash: StashArg,
    },
    /// Put the changes of a stash back, and keep the stash
    Apply {
        #[command(flatten)]
        stash: StashArg,
    },
    /// Put the changes of a stash back, and remove it
    Pop {
        #[command(flatten)]
        stash: StashArg,
    },
    /// Remove a stash; `undo` brings it back
    Drop {
        #[command(flatten)]
        stash: StashArg,
    },
    /// Make a branch where the stash was made, go there, and put the changes back
    Branch {
        name: String,
        #[command(flatten)]
        stash: StashArg,
    },
}

#[derive(Clone, Debug, clap::Args)]
pub struct StashArg {
    /// Its number in the list, or its commit
    #[arg(default_value = "0")]
    pub(super) stash: String,
}

impl StashArg {
    pub(super) fn revision(&self) -> String {
        match self.stash.parse::<u32>() {
            Ok(n) => format!("stash@{{{n}}}"),
            Err(_) => self.stash.clone(),
        }
    }
}

impl StashVerb {
    pub(super) fn command(&self, here: &Here) -> Words {
        let act = match self {
            Self::List | Self::Show { .. } => {
                return Words::LoadStashes {
                    workspace: here.workspace.clone(),
                };
            }
            Self::Push {
                paths,
                message,
                include_untracked,
                keep_index,
            } => Act::StashPush(StashAct {
                message: message.clone(),
                with_untracked: *include_untracked,
                keeps_index: *keep_index,
                paths: paths.iter().map(|path| absolute(here, path)).collect(),
            }),
            Self::Apply { stash } => Act::StashApply {
                stash: stash.stash.clone(),
                pops: false,
            },
            Self::Pop { stash } => Act::StashApply {
                stash: stash.stash.clone(),
                pops: true,
            },
            Self::Drop { stash } => Act::StashDrop {
                stash: stash.stash.clone(),
            },
            Self::Branch { name, stash } => Act::StashBranch {
                stash: stash.stash.clone(),
                name: name.clone(),
            },
        };
        act.on(&here.workspace)
    }
}
