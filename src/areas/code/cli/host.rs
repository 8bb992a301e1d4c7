//! `--accept-host`: what goes over the network may be told which unknown machine is the right one.

use super::names::{RemoteVerb, TagVerb};
use super::{branching, trees};
use crate::areas::Command;
use crate::areas::code::Command as Words;

/// For verbs that talk to another machine.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Host {
    /// Go on to a machine that ssh does not know if its key has this fingerprint, and let ssh remember it (default: refuse, and say
    /// the fingerprint)
    #[arg(long = "accept-host", value_name = "SHA256:...")]
    accepts: Option<String>,
}

const NONE: Host = Host { accepts: None };

impl Host {
    /// The commands, told so.
    pub(super) fn on_all(&self, commands: Vec<Words>) -> Vec<Command> {
        let told = |command: Words| match &self.accepts {
            Some(fingerprint) => Words::AcceptHost {
                fingerprint: fingerprint.clone(),
                then: Box::new(command),
            },
            None => command,
        };
        commands.into_iter().map(|command| told(command).into()).collect()
    }
}

impl branching::Verb {
    pub(super) fn host(&self) -> &Host {
        match self {
            Self::Fetch { host, .. }
            | Self::Pull { host, .. }
            | Self::Push { host, .. }
            | Self::Branch(branching::BranchVerb::Delete { host, .. })
            | Self::Tag(TagVerb::Delete { host, .. } | TagVerb::Push { host, .. })
            | Self::Remote(RemoteVerb::Prune { host, .. }) => host,
            _ => &NONE,
        }
    }
}

impl trees::Verb {
    pub(super) fn host(&self) -> &Host {
        match self {
            Self::Submodule(trees::SubmoduleVerb::Update { host, .. } | trees::SubmoduleVerb::Add { host, .. })
            | Self::Repos(trees::ReposVerb::Fetch { host, .. }) => host,
            _ => &NONE,
        }
    }
}
