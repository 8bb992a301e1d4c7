//! The thread: plan item - commit - run - release - deployment - instance, as far as it is known.

use super::{Catalog, State, Target, Timestamp};
use serde::{Deserialize, Serialize};

/// The links of the chain, in the order of the life cycle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThreadKind {
    Item,
    Commit,
    Build,
    Test,
    Release,
    Deployment,
    Instance,
    Incident,
}

impl ThreadKind {
    pub const ALL: [Self; 8] = [
        Self::Item,
        Self::Commit,
        Self::Build,
        Self::Test,
        Self::Release,
        Self::Deployment,
        Self::Instance,
        Self::Incident,
    ];

    /// The key of the kind's word in the locales.
    pub fn key(self) -> &'static str {
        match self {
            Self::Item => "thread-item",
            Self::Commit => "thread-commit",
            Self::Build => "thread-build",
            Self::Test => "thread-test",
            Self::Release => "thread-release",
            Self::Deployment => "thread-deployment",
            Self::Instance => "thread-instance",
            Self::Incident => "thread-incident",
        }
    }
}

/// One link of the chain. A step without a target has not happened: a hole is information.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ThreadStep {
    pub kind: ThreadKind,
    pub state: State,
    /// What it is called: an id, a version, a short commit.
    pub name: String,
    /// One more word: a title, a count.
    pub note: String,
    pub target: Option<Target>,
    pub at: Option<Timestamp>,
}

impl ThreadStep {
    /// The note in the language of the reader: why an instance ended is a word of the ledger.
    pub fn note_in(&self, texts: &Catalog) -> String {
        let key = (self.kind == ThreadKind::Instance).then(|| cause_key(&self.note)).flatten();
        key.map_or_else(|| self.note.clone(), |key| texts.t(key).into_owned())
    }
}

/// The text for why an instance ended, as the ledger and the engines say it; None for words that are known to nobody.
pub fn cause_key(cause: &str) -> Option<&'static str> {
    Some(match cause {
        "crashed" => "operate-cause-crashed",
        "lost" => "operate-cause-lost",
        "stopped" => "operate-cause-stopped",
        "replaced" => "operate-cause-replaced",
        "failed" => "operate-cause-failed",
        "exited" => "operate-cause-exited",
        "created" => "operate-cause-created",
        "paused" => "operate-cause-paused",
        "dead" => "operate-cause-dead",
        _ => return None,
    })
}

/// The chain of one thing, in the order of the life cycle.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Thread {
    pub steps: Vec<ThreadStep>,
}
