//! The workspaces that the user added.

use super::Store;
use super::record::{delete, get, record, select, upsert, values};
use crate::base::{Problem, Timestamp, Workspace, WorkspaceId};
use std::path::PathBuf;

pub(super) const SCHEMA: &str = "
CREATE TABLE workspaces (id TEXT PRIMARY KEY NOT NULL, name TEXT NOT NULL, root ANY NOT NULL, \"group\" TEXT NOT NULL,
  added_at INTEGER NOT NULL, opened_at INTEGER, pinned INTEGER NOT NULL, sum INTEGER NOT NULL) STRICT;
";

record! {
    /// A folder that the user added.
    WorkspaceRow in "workspaces" key 1 {
        id: WorkspaceId,
        name: String,
        root: PathBuf,
        /// A heading to sort under, empty for none.
        group: String,
        added_at: Timestamp,
        opened_at: Option<Timestamp>,
        pinned: bool,
    }
}

impl WorkspaceRow {
    pub fn workspace(&self) -> Workspace {
        Workspace {
            id: self.id.clone(),
            name: self.name.clone(),
            root: self.root.clone(),
        }
    }
}

/// The added workspaces.
pub struct Workspaces<'a>(&'a Store);

impl Store {
    pub fn workspaces(&self) -> Workspaces<'_> {
        Workspaces(self)
    }
}

impl Workspaces<'_> {
    pub(super) fn store(&self) -> &Store {
        self.0
    }

    /// Adds a workspace; one that is there already keeps its group and pin and takes the new name.
    pub async fn add(&self, workspace: &Workspace) -> Result<WorkspaceRow, Problem> {
        let (workspace, now) = (workspace.clone(), self.0.now());
        self.0
            .write(move |db| {
                let mut row = get::<WorkspaceRow>(db, &values![workspace.id])?.unwrap_or(WorkspaceRow {
                    id: workspace.id.clone(),
                    name: String::new(),
                    root: workspace.root.clone(),
                    group: String::new(),
                    added_at: now,
                    opened_at: None,
                    pinned: false,
                });
                workspace.name.clone_into(&mut row.name);
                row.root.clone_from(&workspace.root);
                upsert(db, &row)?;
                Ok(row)
            })
            .await
    }

    /// Writes the row as it is: name, group, pin.
    pub async fn save(&self, row: WorkspaceRow) -> Result<(), Problem> {
        self.0.write(move |db| upsert(db, &row)).await
    }

    /// Notes that the workspace was opened now.
    pub async fn opened(&self, id: &WorkspaceId) -> Result<(), Problem> {
        let (id, now) = (id.clone(), self.0.now());
        self.0
            .write(move |db| match get::<WorkspaceRow>(db, &values![id])? {
                Some(mut row) => {
                    row.opened_at = Some(now);
                    upsert(db, &row)
                }
                None => Ok(()),
            })
            .await
    }

    /// Forgets the workspace; its history and its files stay. False when it was not there.
    pub async fn remove(&self, id: &WorkspaceId) -> Result<bool, Problem> {
        let id = id.clone();
        self.0
            .write(move |db| Ok(delete::<WorkspaceRow>(db, "WHERE id = ?", &values![id])? > 0))
            .await
    }

    pub async fn get(&self, id: &WorkspaceId) -> Result<Option<WorkspaceRow>, Problem> {
        let id = id.clone();
        self.0.read(move |db| get(db, &values![id])).await
    }

    /// Pinned first, then by name.
    pub async fn list(&self) -> Result<Vec<WorkspaceRow>, Problem> {
        self.0
            .read(|db| select(db, "ORDER BY pinned DESC, name COLLATE NOCASE, id", &[]))
            .await
    }
}
