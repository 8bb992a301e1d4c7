//! `chantier code tag <verb>` and `chantier code remote <verb>`.

use super::host::Host;
use crate::base::git_act::GitAct;

#[derive(Clone, Debug, clap::Subcommand)]
pub enum TagVerb {
    /// Make a tag; with a message an annotated one
    Create {
        name: String,
        /// The commit (default: HEAD)
        at: Option<String>,
        /// Make it an annotated one with this message
        #[arg(short, long)]
        message: Option<String>,
        /// Sign it as git is configured
        #[arg(short, long)]
        sign: bool,
    },
    /// Delete a tag, here or on a remote
    Delete {
        name: String,
        /// Delete the tag of this remote instead
        #[arg(long)]
        remote: Option<String>,
        #[command(flatten)]
        host: Host,
    },
    /// Send a tag
    Push {
        name: String,
        /// Where to (default: the remote of the current branch)
        #[arg(long)]
        remote: Option<String>,
        #[command(flatten)]
        host: Host,
    },
}

#[derive(Clone, Debug, clap::Subcommand)]
pub enum RemoteVerb {
    /// Add one
    Add {
        name: String,
        /// Its address, as `git clone` takes it
        url: String,
    },
    /// Give it another name
    Rename { from: String, to: String },
    /// Change the address
    Url {
        name: String,
        /// The new one
        url: String,
    },
    /// Forget one; nothing changes there
    Remove { name: String },
    /// Forget branches that are no longer there
    Prune {
        name: String,
        #[command(flatten)]
        host: Host,
    },
}

impl TagVerb {
    pub(super) fn act(&self) -> GitAct {
        match self {
            Self::Create { name, at, message, sign } => GitAct::CreateTag {
                name: name.clone(),
                at: at.clone(),
                message: message.clone(),
                is_signed: *sign,
            },
            Self::Delete { name, remote: None, .. } => GitAct::DeleteTag { name: name.clone() },
            Self::Delete {
                name,
                remote: Some(remote),
                ..
            } => GitAct::DeleteRemoteTag {
                remote: remote.clone(),
                name: name.clone(),
            },
            Self::Push { name, remote, .. } => GitAct::PushTag {
                remote: remote.clone(),
                name: name.clone(),
            },
        }
    }
}

impl RemoteVerb {
    pub(super) fn act(&self) -> GitAct {
        match self {
            Self::Add { name, url } => GitAct::AddRemote {
                name: name.clone(),
                url: url.clone(),
            },
            Self::Rename { from, to } => GitAct::RenameRemote {
                from: from.clone(),
                to: to.clone(),
            },
            Self::Url { name, url } => GitAct::SetRemoteUrl {
                name: name.clone(),
                url: url.clone(),
            },
            Self::Remove { name } => GitAct::RemoveRemote { name: name.clone() },
            Self::Prune { name, .. } => GitAct::PruneRemote { name: name.clone() },
        }
    }
}
