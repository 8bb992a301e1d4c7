//! What happened to what runs, as plain data: one list, whoever told of it.

use super::{Msg, State, Target, Timestamp, WorkspaceId};
use serde::{Deserialize, Serialize};

/// Who tells of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HappeningKind {
    /// The container engine.
    #[default]
    Container,
    /// The service manager.
    Unit,
    /// The kernel.
    Kernel,
    Deployment,
    Instance,
    Runbook,
    Incident,
    Alert,
}

impl HappeningKind {
    pub const ALL: [Self; 8] = [
        Self::Container,
        Self::Unit,
        Self::Kernel,
        Self::Deployment,
        Self::Instance,
        Self::Runbook,
        Self::Incident,
        Self::Alert,
    ];

    /// The key of its word in the locales.
    pub fn key(self) -> &'static str {
        match self {
            Self::Container => "event-kind-container",
            Self::Unit => "event-kind-unit",
            Self::Kernel => "event-kind-kernel",
            Self::Deployment => "event-kind-deployment",
            Self::Instance => "event-kind-instance",
            Self::Runbook => "event-kind-runbook",
            Self::Incident => "event-kind-incident",
            Self::Alert => "event-kind-alert",
        }
    }

    /// As it is typed.
    pub fn word(self) -> &'static str {
        match self {
            Self::Container => "container",
            Self::Unit => "unit",
            Self::Kernel => "kernel",
            Self::Deployment => "deployment",
            Self::Instance => "instance",
            Self::Runbook => "runbook",
            Self::Incident => "incident",
            Self::Alert => "alert",
        }
    }
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Happening {
    /// The same for the same thing, however often it is told.
    pub key: String,
    pub at: Timestamp,
    pub kind: HappeningKind,
    pub state: State,
    /// Of what: a container, a unit, an instance.
    pub name: String,
    pub what: Msg,
    pub workspace: Option<WorkspaceId>,
    pub target: Option<Target>,
}
