//! Every job that ran: as a tree, with command line, folder, commit, times, outcome and log file.

use super::builds::interrupt_builds;
use super::fault::Fault;
use super::holder::Holder;
use super::record::{Column as _, get, insert, number, record, select, take_job_numbers, update, upsert, values};
use super::tests::interrupt_runs;
use super::{Db, Store};
use crate::base::{JobId, Msg, Problem, State, Timestamp, WorkspaceId};
use jiff::SignedDuration;
use rusqlite::types::Value;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;

pub(super) const SCHEMA: &str = "
CREATE TABLE jobs (id INTEGER PRIMARY KEY, parent INTEGER, workspace TEXT, area TEXT NOT NULL, title TEXT NOT NULL,
  argv TEXT NOT NULL, cwd ANY, \"commit\" TEXT, dirty TEXT, environment TEXT, quiet INTEGER NOT NULL,
  queued_at INTEGER NOT NULL, started_at INTEGER, ended_at INTEGER, state TEXT NOT NULL, exit_code INTEGER, signal INTEGER,
  problem TEXT, log_file TEXT, log_bytes INTEGER NOT NULL, holder TEXT NOT NULL, sum INTEGER NOT NULL) STRICT;
CREATE INDEX jobs_by_parent ON jobs(parent) WHERE parent IS NOT NULL;
CREATE INDEX jobs_by_workspace ON jobs(workspace, id);
CREATE INDEX jobs_by_commit ON jobs(\"commit\") WHERE \"commit\" IS NOT NULL;
CREATE INDEX jobs_by_state ON jobs(state);
";

/// In the order of time: numbers are given out to each program in blocks.
pub(super) const BY_TIME_SCHEMA: &str = "
CREATE INDEX jobs_by_time ON jobs(queued_at, id);
";

pub(super) const ASKED_SCHEMA: &str = "
CREATE TABLE asked (job INTEGER PRIMARY KEY, command TEXT NOT NULL, sum INTEGER NOT NULL) STRICT;
";

record! {
    /// What was asked for, as JSON: a job that can be asked for once more as it stands.
    AskedRow in "asked" key 1 {
        job: JobId,
        command: String,
    }
}

record! {
    /// One job.
    JobRow in "jobs" key 1 {
        id: JobId,
        parent: Option<JobId>,
        workspace: Option<WorkspaceId>,
        /// The area's word, such as `build`.
        area: String,
        title: Msg,
        /// Empty until a program was started.
        argv: Vec<String>,
        cwd: Option<PathBuf>,
        commit: Option<String>,
        /// A hash of what was changed and not committed; None when the tree was clean or is not known.
        dirty: Option<String>,
        environment: Option<String>,
        /// Not shown in lists unless asked: refreshes, watches.
        quiet: bool,
        queued_at: Timestamp,
        started_at: Option<Timestamp>,
        ended_at: Option<Timestamp>,
        /// Queued, running, done, failed, cancelled or interrupted.
        state: State,
        exit_code: Option<i32>,
        signal: Option<i32>,
        problem: Option<Problem>,
        /// The name of the log below the folder of logs, without `.zst`.
        log_file: Option<String>,
        log_bytes: u64,
        /// The process that runs it.
        holder: Holder,
    }
}

/// What is known of a job when it is asked for.
#[derive(Clone, Debug)]
pub struct NewJob {
    pub id: JobId,
    pub parent: Option<JobId>,
    pub workspace: Option<WorkspaceId>,
    pub area: String,
    pub title: Msg,
    pub quiet: bool,
    pub at: Timestamp,
    /// As JSON, of a job that can be asked for once more as it stands.
    pub asked: Option<String>,
}

/// What is known of a job when it has ended.
#[derive(Clone, Debug)]
pub struct JobEnd {
    pub at: Timestamp,
    /// Done, failed or cancelled.
    pub state: State,
    pub exit_code: Option<i32>,
    pub signal: Option<i32>,
    pub problem: Option<Problem>,
    pub log_bytes: u64,
}

/// Which jobs a list shows, newest first.
#[derive(Clone, Debug)]
pub struct JobFilter {
    pub area: Option<String>,
    pub workspace: Option<WorkspaceId>,
    /// Empty means all.
    pub states: Vec<State>,
    pub commit: Option<String>,
    pub include_quiet: bool,
    /// Only jobs that no other job started.
    pub roots_only: bool,
    /// The next page: only jobs older than this one.
    pub before: Option<JobId>,
    pub limit: u32,
}

impl Default for JobFilter {
    fn default() -> Self {
        Self {
            area: None,
            workspace: None,
            states: Vec::new(),
            commit: None,
            include_quiet: false,
            roots_only: false,
            before: None,
            limit: 200,
        }
    }
}

/// The jobs of the ledger.
pub struct Jobs<'a>(&'a Store);

impl Store {
    pub fn jobs(&self) -> Jobs<'_> {
        Jobs(self)
    }

    /// Reserves `n` job numbers that no other process gets, also after a crash.
    pub async fn reserve_job_ids(&self, n: u64) -> Result<Range<u64>, Problem> {
        // A number is used for the first time by a write that waits for the disk, and so is its reservation safe.
        self.write_soon(move |db| take_job_numbers(db, n).map(|first| first..first + n))
            .await
    }
}

impl Jobs<'_> {
    /// Writes a new job; it waits. A child is safe against a power cut with what its parent writes next.
    pub async fn queued(&self, new: NewJob) -> Result<(), Problem> {
        let row = JobRow {
            id: new.id,
            parent: new.parent,
            workspace: new.workspace,
            area: new.area,
            title: new.title,
            argv: Vec::new(),
            cwd: None,
            commit: None,
            dirty: None,
            environment: None,
            quiet: new.quiet,
            queued_at: new.at,
            started_at: None,
            ended_at: None,
            state: State::Queued,
            exit_code: None,
            signal: None,
            problem: None,
            log_file: None,
            log_bytes: 0,
            holder: self.0.me().clone(),
        };
        if row.parent.is_some() {
            return self.0.write_soon(move |db| queue(db, &row)).await;
        }
        let asked = new.asked.map(|command| AskedRow { job: row.id, command });
        self.0
            .write(move |db| {
                queue(db, &row)?;
                asked.as_ref().map_or(Ok(()), |asked| upsert(db, asked))
            })
            .await
    }

    /// What was asked for, of those of these jobs that can be asked for once more.
    pub async fn asked(&self, jobs: Vec<JobId>) -> Result<BTreeMap<JobId, String>, Problem> {
        self.0
            .read(move |db| {
                let rows = jobs.iter().filter_map(|job| get::<AskedRow>(db, &values![*job]).transpose());
                rows.map(|row| row.map(|row| (row.job, row.command))).collect()
            })
            .await
    }

    pub async fn started(&self, id: JobId, at: Timestamp) -> Result<(), Problem> {
        self.change_soon(id, move |row| {
            row.state = State::Running;
            row.started_at = Some(at);
        })
        .await
    }

    /// The program that the job runs, secrets already masked.
    pub async fn command(&self, id: JobId, argv: Vec<String>, cwd: Option<PathBuf>) -> Result<(), Problem> {
        self.change_soon(id, move |row| {
            row.argv.clone_from(&argv);
            row.cwd.clone_from(&cwd);
        })
        .await
    }

    /// What the job works on: commit, hash of uncommitted changes, environment.
    pub async fn context(
        &self,
        id: JobId,
        commit: Option<String>,
        dirty: Option<String>,
        environment: Option<String>,
    ) -> Result<(), Problem> {
        self.change_soon(id, move |row| {
            row.commit.clone_from(&commit);
            row.dirty.clone_from(&dirty);
            row.environment.clone_from(&environment);
        })
        .await
    }

    pub async fn log_file(&self, id: JobId, name: String) -> Result<(), Problem> {
        self.change(id, move |row| row.log_file = Some(name.clone())).await
    }

    /// Notes that the logs of these jobs were freed.
    pub async fn logs_freed(&self, jobs: Vec<JobId>) -> Result<(), Problem> {
        self.0
            .write(move |db| {
                for id in &jobs {
                    if let Some(row) = get::<JobRow>(db, &values![*id])? {
                        upsert(db, &JobRow { log_file: None, ..row })?;
                    }
                }
                Ok(())
            })
            .await
    }

    pub async fn ended(&self, id: JobId, end: JobEnd) -> Result<(), Problem> {
        self.change(id, move |row| {
            row.state = end.state;
            row.ended_at = Some(end.at);
            row.exit_code = end.exit_code;
            row.signal = end.signal;
            row.problem.clone_from(&end.problem);
            row.log_bytes = end.log_bytes;
        })
        .await
    }

    /// Changes a row in one transaction and gives it back.
    pub async fn change(&self, id: JobId, change: impl Fn(&mut JobRow) + Send + 'static) -> Result<(), Problem> {
        self.0
            .write(move |db| update::<JobRow>(db, &values![id], &change).map(drop))
            .await
    }

    /// The same for what is known of a job while it runs: safe against a power cut with its end.
    pub async fn change_soon(&self, id: JobId, change: impl Fn(&mut JobRow) + Send + 'static) -> Result<(), Problem> {
        self.0
            .write_soon(move |db| update::<JobRow>(db, &values![id], &change).map(drop))
            .await
    }

    pub async fn get(&self, id: JobId) -> Result<Option<JobRow>, Problem> {
        self.0.read(move |db| get(db, &values![id])).await
    }

    pub async fn list(&self, filter: JobFilter) -> Result<Vec<JobRow>, Problem> {
        self.0
            .read(move |db| {
                let (mut tail, mut params) = conditions(&filter);
                tail.push_str(" ORDER BY queued_at DESC, id DESC LIMIT ?");
                params.push(Value::Integer(i64::from(filter.limit)));
                select(db, &tail, &params)
            })
            .await
    }

    /// What other programs have ended since then, the oldest first.
    pub async fn ended_elsewhere(&self, since: Timestamp) -> Result<Vec<JobRow>, Problem> {
        let own = Holder::current();
        let earliest = since.saturating_sub(SignedDuration::from_hours(24)).unwrap_or(since);
        let rows: Vec<JobRow> = self
            .0
            .read(move |db| {
                let tail = "WHERE queued_at >= ? AND ended_at > ? ORDER BY ended_at LIMIT 1000";
                select(db, tail, &values![earliest, since])
            })
            .await?;
        Ok(rows.into_iter().filter(|row| row.holder != own).collect())
    }

    /// How many jobs the filter finds, whatever its page.
    pub async fn count(&self, filter: JobFilter) -> Result<u64, Problem> {
        self.0
            .read(move |db| {
                let (tail, params) = conditions(&JobFilter {
                    before: None,
                    ..filter.clone()
                });
                Ok(number(db, &format!("SELECT count(*) FROM jobs {tail}"), &params)?.unwrap_or(0) as u64)
            })
            .await
    }

    /// The jobs that this one started, oldest first.
    pub async fn children(&self, id: JobId) -> Result<Vec<JobRow>, Problem> {
        self.0
            .read(move |db| select(db, "WHERE parent = ? ORDER BY id", &values![id]))
            .await
    }

    /// This job and all below it, oldest first.
    pub async fn tree(&self, id: JobId) -> Result<Vec<JobRow>, Problem> {
        let tail = "WHERE id IN (WITH RECURSIVE below(id) AS (VALUES (?) UNION SELECT jobs.id FROM jobs JOIN below ON jobs.parent = below.id) \
                    SELECT id FROM below) ORDER BY id";
        self.0.read(move |db| select(db, tail, &values![id])).await
    }

    /// On start: jobs that count as waiting or running but whose process is gone become `interrupted`. Gives their numbers.
    pub async fn mark_interrupted(&self, alive: impl Fn(u32, u64) -> bool + Send + 'static) -> Result<Vec<JobId>, Problem> {
        let now = self.0.now();
        self.0
            .write(move |db| {
                let mut marked = Vec::new();
                for mut row in unended(db)? {
                    if !row.holder.is_alive_by(&alive) {
                        row.state = State::Interrupted;
                        row.ended_at = Some(now);
                        update::<JobRow>(db, &values![row.id], |found| found.clone_from(&row))?;
                        marked.push(row.id);
                    }
                }
                interrupt_runs(db, now)?;
                interrupt_builds(db)?;
                Ok(marked)
            })
            .await
    }

    /// Jobs that wait or run, in any process.
    pub async fn unended(&self) -> Result<Vec<JobRow>, Problem> {
        self.0.read(unended).await
    }
}

pub(super) fn unended(db: &Db) -> Result<Vec<JobRow>, Fault> {
    select(db, "WHERE state IN ('queued', 'running', 'in_progress') ORDER BY id", &[])
}

/// Never before one that was asked for earlier, though the clock be set back.
fn queue(db: &Db, row: &JobRow) -> Result<(), Fault> {
    let newest = number(db, "SELECT max(queued_at) FROM jobs", &[])?;
    let newest = newest.and_then(|at| Timestamp::from_value(Value::Integer(at)));
    let queued_at = newest.map_or(row.queued_at, |newest| newest.max(row.queued_at));
    insert(
        db,
        &JobRow {
            queued_at,
            ..row.clone()
        },
    )
}

fn conditions(filter: &JobFilter) -> (String, Vec<Value>) {
    let mut tail = String::from("WHERE 1");
    let mut params = Vec::new();
    if let Some(area) = &filter.area {
        tail.push_str(" AND area = ?");
        params.extend(values![*area]);
    }
    if let Some(workspace) = &filter.workspace {
        tail.push_str(" AND workspace = ?");
        params.extend(values![*workspace]);
    }
    if let Some(commit) = &filter.commit {
        tail.push_str(" AND \"commit\" = ?");
        params.extend(values![*commit]);
    }
    if !filter.states.is_empty() {
        let marks = vec!["?"; filter.states.len()].join(",");
        tail.push_str(&format!(" AND state IN ({marks})"));
        params.extend(filter.states.iter().map(super::record::Column::to_value));
    }
    if !filter.include_quiet {
        tail.push_str(" AND quiet = 0");
    }
    if filter.roots_only {
        tail.push_str(" AND parent IS NULL");
    }
    if let Some(before) = filter.before {
        tail.push_str(" AND (queued_at, id) < (SELECT queued_at, id FROM jobs WHERE id = ?)");
        params.extend(values![before]);
    }
    (tail, params)
}
