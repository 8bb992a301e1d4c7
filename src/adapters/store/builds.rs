//! What builds gave: diagnostics, and artifacts by their SHA-256.

use super::fault::Fault;
use super::jobs::JobRow;
use super::record::{delete, find, get, insert, json_columns, next_id, record, select, upsert, values};
use super::{Db, Store};
use crate::base::{JobId, Problem, State, Timestamp, WorkspaceId};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

pub(super) const SCHEMA: &str = "
CREATE TABLE builds (job INTEGER PRIMARY KEY, workspace TEXT NOT NULL, task TEXT NOT NULL, kind TEXT NOT NULL, \"commit\" TEXT, dirty TEXT,
  environment TEXT, state TEXT NOT NULL, started_at INTEGER NOT NULL, duration_ms INTEGER NOT NULL, n_errors INTEGER NOT NULL,
  n_warnings INTEGER NOT NULL, diagnostics TEXT NOT NULL, sum INTEGER NOT NULL) STRICT;
CREATE INDEX builds_by_task ON builds(workspace, task, job);
CREATE INDEX builds_by_commit ON builds(workspace, \"commit\");
CREATE TABLE artifacts (id INTEGER PRIMARY KEY, job INTEGER NOT NULL, workspace TEXT NOT NULL, \"commit\" TEXT, name TEXT NOT NULL,
  path ANY NOT NULL, sha256 TEXT NOT NULL, bytes INTEGER NOT NULL, stored ANY, made_at INTEGER NOT NULL, sum INTEGER NOT NULL) STRICT;
CREATE INDEX artifacts_by_job ON artifacts(job);
CREATE INDEX artifacts_by_sha256 ON artifacts(sha256);
CREATE INDEX artifacts_by_name ON artifacts(workspace, name, id);
";

pub(super) const STRETCHES_SCHEMA: &str = "
CREATE TABLE build_stretches (job INTEGER PRIMARY KEY, stretches TEXT NOT NULL, sum INTEGER NOT NULL) STRICT;
";

/// The kind of a build that is part of another one, which is there itself: lists and the weather of commits leave it out.
pub const PART: &str = "pipeline_job";

/// The kind of a run that builds nothing, such as a check: the word of its tool, and behind it what it is for.
pub fn aside(tool: &str, what: &str) -> String {
    format!("{tool}:{what}")
}

/// The word of the tool in a kind.
pub fn tool_of(kind: &str) -> &str {
    kind.split_once(':').map_or(kind, |(tool, _)| tool)
}

/// It stands for "the build" of its sources: it is no part of another one, and no check beside it.
pub fn is_build(kind: &str) -> bool {
    kind != PART && !kind.contains(':')
}

/// One message of a compiler or linter about a place in a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DiagnosticRow {
    /// `error`, `warning`, `note` or the tool's own word.
    pub severity: String,
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Relative to the workspace where it lies inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub source: String,
    /// The tool's whole text of it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub rendered: String,
}

json_columns!(Vec<DiagnosticRow>);

record! {
    /// What a build spent its time on.
    StretchesRow in "build_stretches" key 1 {
        job: JobId,
        stretches: serde_json::Value,
    }
}

record! {
    /// The result of one build job.
    BuildRow in "builds" key 1 {
        job: JobId,
        workspace: WorkspaceId,
        /// What was built, such as `cargo build`.
        task: String,
        /// `cargo`, `npm`, `make`, `chantier` ..., of what is no build with what it is, as `aside` writes it.
        kind: String,
        commit: Option<String>,
        dirty: Option<String>,
        environment: Option<String>,
        state: State,
        started_at: Timestamp,
        duration_ms: u64,
        n_errors: u32,
        n_warnings: u32,
        diagnostics: Vec<DiagnosticRow>,
    }
}

record! {
    /// A file that a build gave.
    ArtifactRow in "artifacts" key 1 kept "stored" {
        /// 0 for a new one.
        id: i64,
        job: JobId,
        workspace: WorkspaceId,
        commit: Option<String>,
        name: String,
        /// Where the build put it.
        path: PathBuf,
        /// Lower-case hexadecimal.
        sha256: String,
        bytes: u64,
        /// The copy that is kept, None when there is none or it was freed.
        stored: Option<PathBuf>,
        made_at: Timestamp,
    }
}

/// Builds and artifacts.
pub struct Builds<'a>(&'a Store);

impl Store {
    pub fn builds(&self) -> Builds<'_> {
        Builds(self)
    }
}

impl Builds<'_> {
    /// Writes the result of a build and its artifacts together; gives the artifacts with their numbers. Safe against a power cut
    /// with the end of the job.
    pub async fn record(&self, build: BuildRow, artifacts: Vec<ArtifactRow>) -> Result<Vec<ArtifactRow>, Problem> {
        self.0
            .write_soon(move |db| {
                upsert(db, &build)?;
                let mut written = artifacts.clone();
                for artifact in &mut written {
                    artifact.id = next_id::<ArtifactRow>(db)?;
                    insert(db, artifact)?;
                }
                Ok(written)
            })
            .await
    }

    /// Writes that a build has begun: should its process die, it stands there as interrupted.
    pub async fn start(&self, build: BuildRow) -> Result<(), Problem> {
        self.0.write_soon(move |db| upsert(db, &build)).await
    }

    /// Ends a build that something kept from telling how it ended.
    pub async fn close(&self, job: JobId, state: State, duration_ms: u64) -> Result<(), Problem> {
        self.0
            .write_soon(move |db| {
                if let Some(mut row) = get::<BuildRow>(db, &values![job])?
                    && row.state == State::InProgress
                {
                    row.state = state;
                    row.duration_ms = duration_ms;
                    upsert(db, &row)?;
                }
                Ok(())
            })
            .await
    }

    /// What a build spent its time on, as the caller writes it; null is not kept.
    pub async fn keep_stretches(&self, job: JobId, stretches: serde_json::Value) -> Result<(), Problem> {
        if stretches.is_null() {
            return Ok(());
        }
        self.0
            .write(move |db| {
                upsert(
                    db,
                    &StretchesRow {
                        job,
                        stretches: stretches.clone(),
                    },
                )
            })
            .await
    }

    /// Null when nothing was kept.
    pub async fn stretches(&self, job: JobId) -> Result<serde_json::Value, Problem> {
        let row = self.0.read(move |db| get::<StretchesRow>(db, &values![job])).await?;
        Ok(row.map(|row| row.stretches).unwrap_or_default())
    }

    pub async fn get(&self, job: JobId) -> Result<Option<BuildRow>, Problem> {
        self.0.read(move |db| get(db, &values![job])).await
    }

    /// Newest first; all tasks when `task` is None.
    pub async fn list(&self, workspace: &WorkspaceId, task: Option<&str>, limit: u32) -> Result<Vec<BuildRow>, Problem> {
        let (workspace, task) = (workspace.clone(), task.map(str::to_owned));
        self.0
            .read(move |db| match &task {
                Some(task) => select(
                    db,
                    "WHERE workspace = ? AND task = ? ORDER BY job DESC LIMIT ?",
                    &values![workspace, *task, limit],
                ),
                None => select(
                    db,
                    "WHERE workspace = ? AND kind <> ? ORDER BY job DESC LIMIT ?",
                    &values![workspace, PART.to_owned(), limit],
                ),
            })
            .await
    }

    /// The last build of the workspace; a check is none. One that a wrong clock put into the future hides none of the present.
    pub async fn last(&self, workspace: &WorkspaceId) -> Result<Option<BuildRow>, Problem> {
        let (workspace, now) = (workspace.clone(), self.0.now());
        self.0
            .read(move |db| {
                find(
                    db,
                    "WHERE workspace = ? AND kind <> ? AND kind NOT LIKE '%:%' ORDER BY started_at > ?, started_at DESC, job DESC",
                    &values![workspace, PART.to_owned(), now],
                )
            })
            .await
    }

    /// Builds of one commit, newest first.
    pub async fn of_commit(&self, workspace: &WorkspaceId, commit: &str) -> Result<Vec<BuildRow>, Problem> {
        let (workspace, commit) = (workspace.clone(), commit.to_owned());
        self.0
            .read(move |db| {
                select(
                    db,
                    "WHERE workspace = ? AND \"commit\" = ? AND kind <> ? ORDER BY job DESC",
                    &values![workspace, commit, PART.to_owned()],
                )
            })
            .await
    }

    pub async fn artifacts_of_job(&self, job: JobId) -> Result<Vec<ArtifactRow>, Problem> {
        self.0
            .read(move |db| select(db, "WHERE job = ? ORDER BY id", &values![job]))
            .await
    }

    /// Artifacts of the workspace, newest first.
    pub async fn artifacts(&self, workspace: &WorkspaceId, limit: u32) -> Result<Vec<ArtifactRow>, Problem> {
        let workspace = workspace.clone();
        self.0
            .read(move |db| select(db, "WHERE workspace = ? ORDER BY id DESC LIMIT ?", &values![workspace, limit]))
            .await
    }

    /// Every artifact with these bytes, oldest first: where a file comes from.
    pub async fn artifacts_by_sha256(&self, sha256: &str) -> Result<Vec<ArtifactRow>, Problem> {
        let sha256 = sha256.to_owned();
        self.0
            .read(move |db| select(db, "WHERE sha256 = ? ORDER BY id", &values![sha256]))
            .await
    }

    /// The copies that are kept, oldest first, for the budget.
    pub async fn stored_artifacts(&self) -> Result<Vec<ArtifactRow>, Problem> {
        self.0
            .read(|db| select(db, "WHERE stored IS NOT NULL ORDER BY id", &[]))
            .await
    }

    /// Writes where the copy of an artifact is now; None when it was freed.
    pub async fn set_stored(&self, id: i64, stored: Option<PathBuf>) -> Result<(), Problem> {
        self.0
            .write(move |db| {
                super::record::update::<ArtifactRow>(db, &values![id], |row| row.stored.clone_from(&stored)).map(drop)
            })
            .await
    }

    /// Forgets an artifact; its files are the caller's.
    pub async fn forget_artifact(&self, id: i64) -> Result<(), Problem> {
        self.0
            .write(move |db| delete::<ArtifactRow>(db, "WHERE id = ?", &values![id]).map(drop))
            .await
    }
}

/// Builds that count as running though their job is over. How long they took nobody knows.
pub(super) fn interrupt_builds(db: &Db) -> Result<(), Fault> {
    for mut build in select::<BuildRow>(db, "WHERE state = 'in_progress'", &[])? {
        let job = get::<JobRow>(db, &values![build.job])?;
        if job.is_none_or(|job| !matches!(job.state, State::Queued | State::Running | State::InProgress)) {
            build.state = State::Interrupted;
            upsert(db, &build)?;
        }
    }
    Ok(())
}
