//! The releases that were made, and what was in them.

use super::Store;
use super::record::{delete, find, get, insert, next_id, record, select, update, values};
use crate::base::{JobId, Problem, Timestamp, WorkspaceId};
use std::path::PathBuf;

pub(super) const SCHEMA: &str = "
CREATE TABLE releases (id INTEGER PRIMARY KEY, workspace TEXT NOT NULL, version TEXT NOT NULL, \"commit\" TEXT NOT NULL, tag TEXT,
  previous TEXT, notes TEXT NOT NULL, channel TEXT NOT NULL, job INTEGER, released_at INTEGER NOT NULL, withdrawn TEXT,
  sum INTEGER NOT NULL) STRICT;
CREATE INDEX releases_by_version ON releases(workspace, version);
CREATE INDEX releases_by_commit ON releases(workspace, \"commit\");
CREATE TABLE release_artifacts (id INTEGER PRIMARY KEY, release INTEGER NOT NULL REFERENCES releases(id) ON DELETE CASCADE,
  name TEXT NOT NULL, path ANY NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL, sum INTEGER NOT NULL) STRICT;
CREATE INDEX release_artifacts_by_release ON release_artifacts(release);
CREATE INDEX release_artifacts_by_sha256 ON release_artifacts(sha256);
";

record! {
    /// A version that was released.
    ReleaseRow in "releases" key 1 {
        /// 0 for a new one.
        id: i64,
        workspace: WorkspaceId,
        version: String,
        commit: String,
        /// None when no tag was set.
        tag: Option<String>,
        /// The version before, None for the first.
        previous: Option<String>,
        /// Markdown.
        notes: String,
        /// `stable` or the name of another channel.
        channel: String,
        job: Option<JobId>,
        released_at: Timestamp,
        /// Why it was blocked or withdrawn, None while it is good.
        withdrawn: Option<String>,
    }
}

record! {
    /// A deliverable of a release.
    ReleaseArtifactRow in "release_artifacts" key 1 kept "path" {
        /// 0 for a new one.
        id: i64,
        /// Set by `record`.
        release: i64,
        name: String,
        path: PathBuf,
        /// Lower-case hexadecimal.
        sha256: String,
        bytes: u64,
    }
}

/// The releases.
pub struct Releases<'a>(&'a Store);

impl Store {
    pub fn releases(&self) -> Releases<'_> {
        Releases(self)
    }
}

impl Releases<'_> {
    /// Writes a release with its deliverables and gives it with its number.
    pub async fn record(&self, release: ReleaseRow, artifacts: Vec<ReleaseArtifactRow>) -> Result<ReleaseRow, Problem> {
        self.0
            .write(move |db| {
                let mut row = release.clone();
                row.id = next_id::<ReleaseRow>(db)?;
                insert(db, &row)?;
                for artifact in &artifacts {
                    let id = next_id::<ReleaseArtifactRow>(db)?;
                    insert(
                        db,
                        &ReleaseArtifactRow {
                            id,
                            release: row.id,
                            ..artifact.clone()
                        },
                    )?;
                }
                Ok(row)
            })
            .await
    }

    /// Withdraws or blocks a release with a reason; None makes it good again.
    pub async fn set_withdrawn(&self, id: i64, reason: Option<String>) -> Result<(), Problem> {
        self.0
            .write(move |db| update::<ReleaseRow>(db, &values![id], |row| row.withdrawn.clone_from(&reason)).map(drop))
            .await
    }

    /// Forgets a release that was taken back, with its deliverables.
    pub async fn remove(&self, id: i64) -> Result<(), Problem> {
        self.0
            .write(move |db| {
                delete::<ReleaseArtifactRow>(db, "WHERE release = ?", &values![id])?;
                delete::<ReleaseRow>(db, "WHERE id = ?", &values![id]).map(drop)
            })
            .await
    }

    pub async fn get(&self, id: i64) -> Result<Option<ReleaseRow>, Problem> {
        self.0.read(move |db| get(db, &values![id])).await
    }

    /// The newest release of this version.
    pub async fn by_version(&self, workspace: &WorkspaceId, version: &str) -> Result<Option<ReleaseRow>, Problem> {
        let (workspace, version) = (workspace.clone(), version.to_owned());
        self.0
            .read(move |db| {
                find(
                    db,
                    "WHERE workspace = ? AND version = ? ORDER BY id DESC",
                    &values![workspace, version],
                )
            })
            .await
    }

    /// Newest first.
    pub async fn list(&self, workspace: &WorkspaceId, limit: u32) -> Result<Vec<ReleaseRow>, Problem> {
        let workspace = workspace.clone();
        self.0
            .read(move |db| select(db, "WHERE workspace = ? ORDER BY id DESC LIMIT ?", &values![workspace, limit]))
            .await
    }

    pub async fn of_commit(&self, workspace: &WorkspaceId, commit: &str) -> Result<Vec<ReleaseRow>, Problem> {
        let (workspace, commit) = (workspace.clone(), commit.to_owned());
        self.0
            .read(move |db| {
                select(
                    db,
                    "WHERE workspace = ? AND \"commit\" = ? ORDER BY id DESC",
                    &values![workspace, commit],
                )
            })
            .await
    }

    pub async fn artifacts(&self, release: i64) -> Result<Vec<ReleaseArtifactRow>, Problem> {
        self.0
            .read(move |db| select(db, "WHERE release = ? ORDER BY id", &values![release]))
            .await
    }

    /// The releases that delivered these bytes, oldest first.
    pub async fn by_sha256(&self, sha256: &str) -> Result<Vec<ReleaseRow>, Problem> {
        let sha256 = sha256.to_owned();
        let tail = "WHERE id IN (SELECT release FROM release_artifacts WHERE sha256 = ?) ORDER BY id";
        self.0.read(move |db| select(db, tail, &values![sha256])).await
    }
}
