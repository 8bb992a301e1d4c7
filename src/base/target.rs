//! Everything that has a name is a link: what a link points to, as plain data.

use super::{JobId, WorkspaceId};
use serde::{Deserialize, Serialize};

/// A thing that a page can show. `areas::area_of` knows which page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Target {
    /// The page as the user left it, on the given tab if one is named.
    Page {
        area: String,
        tab: Option<String>,
    },
    Workspace {
        workspace: WorkspaceId,
    },
    Item {
        workspace: WorkspaceId,
        id: String,
    },
    Commit {
        workspace: WorkspaceId,
        oid: String,
    },
    ChangedFile {
        workspace: WorkspaceId,
        path: String,
    },
    /// A run of any job, in the ledger.
    Run {
        job: JobId,
    },
    /// The whole output of a run.
    Log {
        job: JobId,
    },
    Task {
        workspace: WorkspaceId,
        name: String,
    },
    TestCase {
        workspace: WorkspaceId,
        id: String,
    },
    Release {
        workspace: WorkspaceId,
        version: String,
    },
    Environment {
        workspace: WorkspaceId,
        name: String,
    },
    Deployment {
        workspace: WorkspaceId,
        id: i64,
    },
    Instance {
        id: String,
    },
    Check {
        workspace: WorkspaceId,
        name: String,
    },
    Setting {
        key: String,
    },
}
