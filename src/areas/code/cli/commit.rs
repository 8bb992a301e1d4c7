//! `chantier code commit`: what is committed, and with which message.

use super::absolute;
use super::branching::input_file;
use crate::areas::cli::Here;
use crate::areas::code::act::Act;
use crate::base::repo::CommitAct;
use std::path::PathBuf;

#[derive(Clone, Debug, clap::Args)]
pub struct CommitArgs {
    /// Only these files, as they are in the checkout; what else is staged stays staged
    paths: Vec<PathBuf>,
    #[arg(short, long)]
    message: Vec<String>,
    /// Read the message from this file; `-` reads standard input
    #[arg(short = 'F', long, value_name = "FILE", conflicts_with = "message")]
    file: Option<PathBuf>,
    /// Replace the last commit
    #[arg(long)]
    amend: bool,
    /// Stage every change of tracked files first
    #[arg(short, long, conflicts_with = "paths")]
    all: bool,
    /// Add a line Signed-off-by
    #[arg(short, long)]
    signoff: bool,
    /// Put what is staged into this commit of the past; the commits after it are made again
    #[arg(long, value_name = "COMMIT", conflicts_with_all = ["amend", "message", "file", "paths"])]
    fixup: Option<String>,
    /// Without the hooks pre-commit and commit-msg
    #[arg(long)]
    no_verify: bool,
    /// Also when nothing changed
    #[arg(long)]
    allow_empty: bool,
    /// Somebody else wrote it: `Name <address>`
    #[arg(long, value_name = "AUTHOR")]
    author: Option<String>,
}

impl CommitArgs {
    pub fn act(&self, here: &Here) -> Act {
        Act::Commit(CommitAct {
            message: self.message.join("\n\n"),
            message_file: self.file.as_ref().map(|file| input_file(here, file)),
            is_amend: self.amend,
            amends: None,
            is_all: self.all,
            is_signed_off: self.signoff,
            fixup: self.fixup.clone(),
            skips_hooks: self.no_verify,
            allows_empty: self.allow_empty,
            author: self.author.clone(),
            paths: self.paths.iter().map(|path| absolute(here, path)).collect(),
        })
    }
}
