//! What the steps of a deployment are called, in the ledger and in the locales.

use crate::base::Msg;
use serde::{Deserialize, Serialize};

/// The steps of a deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepName {
    Lock,
    Check,
    Stage,
    /// Whoever stands in front runs.
    Proxy,
    Stop,
    /// The data are copied.
    Backup,
    /// The data are changed to what the new version needs.
    Migrate,
    /// The data of a former version come back.
    Restore,
    Start,
    Gate,
    /// The requests go to the new instances.
    Switch,
    /// The new instances get a part of the requests.
    Weight,
    /// A canary is watched.
    Pause,
    /// New instances have to stay healthy.
    Watch,
    /// The old instances get no new requests.
    Drain,
    Verify,
    /// Whoever stood in front of what ran before, and of nothing now, is ended.
    Close,
    /// Somebody asked for the next step of a canary.
    Promote,
    /// Somebody asked for the version before.
    Abort,
    /// A step failed: somebody is asked what comes of it.
    Ask,
    /// Somebody said what comes of it.
    Decide,
    /// After a failure: what was started is ended.
    CleanUp,
    /// After a failure: the data become what they were.
    PutBack,
    /// After a failure: the version before comes back, as a deployment of its own.
    Return,
}

impl StepName {
    const ALL: [Self; 24] = [
        Self::Lock,
        Self::Check,
        Self::Stage,
        Self::Proxy,
        Self::Stop,
        Self::Backup,
        Self::Migrate,
        Self::Restore,
        Self::Start,
        Self::Gate,
        Self::Switch,
        Self::Weight,
        Self::Pause,
        Self::Watch,
        Self::Drain,
        Self::Verify,
        Self::Close,
        Self::Promote,
        Self::Abort,
        Self::Ask,
        Self::Decide,
        Self::CleanUp,
        Self::PutBack,
        Self::Return,
    ];

    /// As it stands in the ledger.
    pub fn word(self) -> &'static str {
        match self {
            Self::Lock => "lock",
            Self::Check => "check",
            Self::Stage => "stage",
            Self::Stop => "stop",
            Self::Backup => "backup",
            Self::Migrate => "migrate",
            Self::Restore => "restore",
            Self::Start => "start",
            Self::Gate => "gate",
            Self::Proxy => "proxy",
            Self::Switch => "switch",
            Self::Weight => "weight",
            Self::Pause => "pause",
            Self::Watch => "watch",
            Self::Drain => "drain",
            Self::Verify => "verify",
            Self::Close => "close",
            Self::Promote => "promote",
            Self::Abort => "abort",
            Self::Ask => "ask",
            Self::Decide => "decide",
            Self::CleanUp => "clean_up",
            Self::PutBack => "put_back",
            Self::Return => "return",
        }
    }

    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.word() == word)
    }

    /// The key of its name in the locales.
    pub fn key(self) -> &'static str {
        match self {
            Self::Lock => "deploy-step-lock",
            Self::Check => "deploy-step-check",
            Self::Stage => "deploy-step-stage",
            Self::Stop => "deploy-step-stop",
            Self::Backup => "deploy-step-backup",
            Self::Migrate => "deploy-step-migrate",
            Self::Restore => "deploy-step-restore",
            Self::Start => "deploy-step-start",
            Self::Gate => "deploy-step-gate",
            Self::Proxy => "deploy-step-proxy",
            Self::Switch => "deploy-step-switch",
            Self::Weight => "deploy-step-weight",
            Self::Pause => "deploy-step-pause",
            Self::Watch => "deploy-step-watch",
            Self::Drain => "deploy-step-drain",
            Self::Verify => "deploy-step-verify",
            Self::Close => "deploy-step-close",
            Self::Promote => "deploy-step-promote",
            Self::Abort => "deploy-step-abort",
            Self::Ask => "deploy-step-ask",
            Self::Decide => "deploy-step-decide",
            Self::CleanUp => "deploy-step-clean-up",
            Self::PutBack => "deploy-step-put-back",
            Self::Return => "deploy-step-return",
        }
    }

    pub fn title(self) -> Msg {
        Msg::new(self.key())
    }
}
