//! Runs of pipelines and the jobs in them: every change of state is here before it happens, so that a run that was killed is taken up.

use super::record::{delete, find, get, insert, json_columns, next_id, record, select, update, upsert, values};
use super::{Db, Fault, Store};
use crate::base::{JobId, Problem, State, Timestamp, WorkspaceId};
use std::collections::BTreeMap;

pub(super) const SCHEMA: &str = "
CREATE TABLE pipeline_runs (id INTEGER PRIMARY KEY, workspace TEXT NOT NULL, pipeline TEXT NOT NULL, \"commit\" TEXT NOT NULL,
  snapshot TEXT, dirty TEXT, trigger TEXT NOT NULL, definition TEXT NOT NULL, job INTEGER NOT NULL, state TEXT NOT NULL,
  started_at INTEGER NOT NULL, ended_at INTEGER, is_anew INTEGER NOT NULL, is_stop_asked INTEGER NOT NULL, sum INTEGER NOT NULL) STRICT;
CREATE INDEX pipeline_runs_by_workspace ON pipeline_runs(workspace, id);
CREATE INDEX pipeline_runs_by_commit ON pipeline_runs(workspace, \"commit\");
CREATE TABLE pipeline_jobs (run INTEGER NOT NULL, key TEXT NOT NULL, place INTEGER NOT NULL, state TEXT NOT NULL, attempt INTEGER NOT NULL,
  job INTEGER, started_at INTEGER, ended_at INTEGER, content TEXT, reused_from INTEGER, problem TEXT, why TEXT NOT NULL, gives TEXT NOT NULL,
  n_errors INTEGER NOT NULL, n_warnings INTEGER NOT NULL, sum INTEGER NOT NULL, PRIMARY KEY (run, key)) STRICT;
CREATE INDEX pipeline_jobs_by_content ON pipeline_jobs(content) WHERE content IS NOT NULL;
CREATE INDEX pipeline_jobs_by_job ON pipeline_jobs(job) WHERE job IS NOT NULL;
";

pub(super) const OUTPUTS_SCHEMA: &str = "
CREATE TABLE pipeline_outputs (run INTEGER NOT NULL, key TEXT NOT NULL, outputs TEXT NOT NULL, sum INTEGER NOT NULL,
  PRIMARY KEY (run, key)) STRICT;
";

/// A file that a job gave, by its place in the worktree.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Given {
    /// Relative to the top of the worktree.
    pub path: std::path::PathBuf,
    pub sha256: String,
    pub bytes: u64,
}

json_columns!(Vec<Given>);

record! {
    /// One run of a pipeline on one commit.
    PipelineRunRow in "pipeline_runs" key 1 {
        /// 0 for a new one.
        id: i64,
        workspace: WorkspaceId,
        pipeline: String,
        commit: String,
        /// The commit made of what was not committed, when that is what ran.
        snapshot: Option<String>,
        dirty: Option<String>,
        /// `hand`, `commit` or `change`.
        trigger: String,
        /// The pipeline as the commit's file says it.
        definition: serde_json::Value,
        /// The job that runs it now, or ran it last.
        job: JobId,
        state: State,
        started_at: Timestamp,
        ended_at: Option<Timestamp>,
        /// Takes over no earlier result.
        is_anew: bool,
        /// Whoever runs it is to stop.
        is_stop_asked: bool,
    }
}

record! {
    /// One job of a run, one cell of its matrix.
    PipelineJobRow in "pipeline_jobs" key 2 {
        run: i64,
        /// `test`, or with a matrix `test (python=3.12)`.
        key: String,
        /// The order in which the file names them.
        place: u32,
        state: State,
        attempt: u32,
        /// The job of the last attempt: its log.
        job: Option<JobId>,
        started_at: Option<Timestamp>,
        ended_at: Option<Timestamp>,
        /// A hash of everything that the result depends on, where the job says what that is.
        content: Option<String>,
        /// The run whose result was taken over.
        reused_from: Option<i64>,
        problem: Option<Problem>,
        /// Why it failed, as the page shows it; null when it did not.
        why: serde_json::Value,
        gives: Vec<Given>,
        n_errors: u32,
        n_warnings: u32,
    }
}

record! {
    /// What a job tells the jobs that need it.
    PipelineOutputsRow in "pipeline_outputs" key 2 {
        run: i64,
        key: String,
        outputs: serde_json::Value,
    }
}

/// Runs of pipelines.
pub struct Pipelines<'a>(&'a Store);

impl Store {
    pub fn pipelines(&self) -> Pipelines<'_> {
        Pipelines(self)
    }
}

impl Pipelines<'_> {
    /// Writes a new run with its jobs and gives its number.
    pub async fn begin(&self, run: PipelineRunRow, jobs: Vec<PipelineJobRow>) -> Result<i64, Problem> {
        self.0
            .write(move |db| {
                let id = next_id::<PipelineRunRow>(db)?;
                insert(db, &PipelineRunRow { id, ..run.clone() })?;
                for job in &jobs {
                    insert(db, &PipelineJobRow { run: id, ..job.clone() })?;
                }
                Ok(id)
            })
            .await
    }

    /// Takes up a run for this job: false when its state is not what the caller has seen, because another program was quicker.
    pub async fn take_up(&self, id: i64, seen: (State, JobId), job: JobId) -> Result<bool, Problem> {
        self.0
            .write(move |db| {
                let Some(row) = get::<PipelineRunRow>(db, &values![id])? else {
                    return Ok(false);
                };
                if (row.state, row.job) != seen {
                    return Ok(false);
                }
                let row = PipelineRunRow {
                    job,
                    state: State::InProgress,
                    ended_at: None,
                    is_stop_asked: false,
                    ..row
                };
                upsert(db, &row)?;
                for mut job in jobs_of(db, id)?.into_iter().filter(|job| job.state != State::Done) {
                    job.state = State::Queued;
                    job.attempt = 0;
                    job.ended_at = None;
                    job.problem = None;
                    job.why = serde_json::Value::Null;
                    upsert(db, &job)?;
                }
                Ok(true)
            })
            .await
    }

    pub async fn get(&self, id: i64) -> Result<Option<PipelineRunRow>, Problem> {
        self.0.read(move |db| get(db, &values![id])).await
    }

    /// Newest first.
    pub async fn list(&self, workspace: &WorkspaceId, limit: u32) -> Result<Vec<PipelineRunRow>, Problem> {
        let workspace = workspace.clone();
        self.0
            .read(move |db| select(db, "WHERE workspace = ? ORDER BY id DESC LIMIT ?", &values![workspace, limit]))
            .await
    }

    /// Runs that count as going on, in any program and any workspace.
    pub async fn unended(&self) -> Result<Vec<PipelineRunRow>, Problem> {
        self.0
            .read(|db| select(db, "WHERE state = 'in_progress' ORDER BY id", &[]))
            .await
    }

    /// The newest run of a pipeline on a commit.
    pub async fn of_commit(
        &self,
        workspace: &WorkspaceId,
        pipeline: &str,
        commit: &str,
    ) -> Result<Option<PipelineRunRow>, Problem> {
        let (workspace, pipeline, commit) = (workspace.clone(), pipeline.to_owned(), commit.to_owned());
        self.0
            .read(move |db| {
                find(
                    db,
                    "WHERE workspace = ? AND pipeline = ? AND \"commit\" = ? AND dirty IS NULL ORDER BY id DESC",
                    &values![workspace, pipeline, commit],
                )
            })
            .await
    }

    /// The jobs of a run in the order of the file.
    pub async fn jobs(&self, run: i64) -> Result<Vec<PipelineJobRow>, Problem> {
        self.0.read(move |db| jobs_of(db, run)).await
    }

    /// The run of a pipeline that this job is.
    pub async fn run_of(&self, job: JobId) -> Result<Option<PipelineRunRow>, Problem> {
        self.0
            .read(move |db| find(db, "WHERE job = ? ORDER BY id DESC", &values![job]))
            .await
    }

    /// The job of a pipeline whose log this job's is.
    pub async fn of_job(&self, job: JobId) -> Result<Option<(PipelineRunRow, PipelineJobRow)>, Problem> {
        self.0
            .read(move |db| {
                let Some(row) = find::<PipelineJobRow>(db, "WHERE job = ?", &values![job])? else {
                    return Ok(None);
                };
                Ok(get::<PipelineRunRow>(db, &values![row.run])?.map(|run| (run, row)))
            })
            .await
    }

    /// Changes a job in one transaction and gives it back.
    pub async fn change_job(
        &self,
        run: i64,
        key: &str,
        change: impl Fn(&mut PipelineJobRow) + Send + 'static,
    ) -> Result<PipelineJobRow, Problem> {
        let key = key.to_owned();
        self.0.write(move |db| update(db, &values![run, key], &change)).await
    }

    pub async fn change(
        &self,
        id: i64,
        change: impl Fn(&mut PipelineRunRow) + Send + 'static,
    ) -> Result<PipelineRunRow, Problem> {
        self.0.write(move |db| update(db, &values![id], &change)).await
    }

    /// A run whose program is gone counts as interrupted, and what ran of it too.
    pub async fn mark_interrupted(&self, id: i64, at: Timestamp) -> Result<(), Problem> {
        self.0
            .write(move |db| {
                let row = update::<PipelineRunRow>(db, &values![id], |row| {
                    row.state = State::Interrupted;
                    row.ended_at = Some(at);
                })?;
                for mut job in jobs_of(db, row.id)? {
                    if job.state == State::InProgress {
                        job.state = State::Interrupted;
                        job.ended_at = Some(at);
                        upsert(db, &job)?;
                    }
                }
                Ok(())
            })
            .await
    }

    /// Remembers what a job told; the last time counts.
    pub async fn keep_outputs(&self, run: i64, key: &str, outputs: serde_json::Value) -> Result<(), Problem> {
        let row = PipelineOutputsRow {
            run,
            key: key.to_owned(),
            outputs,
        };
        self.0.write(move |db| upsert(db, &row)).await
    }

    /// What the jobs of a run told, by key.
    pub async fn outputs(&self, run: i64) -> Result<BTreeMap<String, serde_json::Value>, Problem> {
        let rows = self
            .0
            .read(move |db| select::<PipelineOutputsRow>(db, "WHERE run = ?", &values![run]));
        Ok(rows.await?.into_iter().map(|row| (row.key, row.outputs)).collect())
    }

    /// Jobs with this content that succeeded, newest first.
    pub async fn done_with_content(&self, content: &str, limit: u32) -> Result<Vec<PipelineJobRow>, Problem> {
        let content = content.to_owned();
        self.0
            .read(move |db| {
                select(
                    db,
                    "WHERE content = ? AND state = 'done' ORDER BY run DESC LIMIT ?",
                    &values![content, limit],
                )
            })
            .await
    }

    /// Forgets runs that ended before this time; the newest `keep` of each workspace stay.
    pub async fn prune(&self, before: Timestamp, keep: u32) -> Result<u64, Problem> {
        self.0
            .write(move |db| {
                let old = "ended_at IS NOT NULL AND ended_at < ? AND (SELECT count(*) FROM pipeline_runs AS newer \
                           WHERE newer.workspace = pipeline_runs.workspace AND newer.id > pipeline_runs.id) >= ?";
                delete::<PipelineJobRow>(
                    db,
                    &format!("WHERE run IN (SELECT id FROM pipeline_runs WHERE {old})"),
                    &values![before, keep],
                )?;
                delete::<PipelineOutputsRow>(
                    db,
                    &format!("WHERE run IN (SELECT id FROM pipeline_runs WHERE {old})"),
                    &values![before, keep],
                )?;
                Ok(delete::<PipelineRunRow>(db, &format!("WHERE {old}"), &values![before, keep])? as u64)
            })
            .await
    }
}

fn jobs_of(db: &Db, run: i64) -> Result<Vec<PipelineJobRow>, Fault> {
    select(db, "WHERE run = ? ORDER BY place, key", &values![run])
}
