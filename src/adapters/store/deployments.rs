//! Deployments: what was asked, every step with its intent before and its result after, and the lock of an environment.

use super::Store;
use super::fault::Fault;
use super::holder::Holder;
use super::record::{delete, find, get, insert, next_id, record, select, update, upsert, values};
use crate::base::{JobId, Problem, State, Timestamp, WorkspaceId};
use crate::msg;
use serde_json::json;
use std::path::Path;
use std::time::Duration;

pub(super) const SCHEMA: &str = "
CREATE TABLE deployments (id INTEGER PRIMARY KEY, workspace TEXT NOT NULL, environment TEXT NOT NULL, version TEXT NOT NULL,
  \"commit\" TEXT, release INTEGER, previous INTEGER, kind TEXT NOT NULL, state TEXT NOT NULL, who TEXT NOT NULL, job INTEGER,
  started_at INTEGER NOT NULL, ended_at INTEGER, healthy_from INTEGER, healthy_until INTEGER, inputs TEXT NOT NULL,
  problem TEXT, holder TEXT NOT NULL, sum INTEGER NOT NULL) STRICT;
CREATE INDEX deployments_by_environment ON deployments(workspace, environment, id);
CREATE INDEX deployments_by_commit ON deployments(workspace, \"commit\");
CREATE INDEX deployments_by_release ON deployments(release) WHERE release IS NOT NULL;
CREATE TABLE deployment_steps (deployment INTEGER NOT NULL REFERENCES deployments(id) ON DELETE CASCADE, n INTEGER NOT NULL,
  name TEXT NOT NULL, intent TEXT NOT NULL, state TEXT NOT NULL, result TEXT NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER,
  sum INTEGER NOT NULL, PRIMARY KEY (deployment, n)) STRICT, WITHOUT ROWID;
CREATE TABLE environment_locks (workspace TEXT NOT NULL, environment TEXT NOT NULL, owner TEXT NOT NULL, holder TEXT NOT NULL,
  deployment INTEGER, since INTEGER NOT NULL, until INTEGER NOT NULL, sum INTEGER NOT NULL,
  PRIMARY KEY (workspace, environment)) STRICT;
";

record! {
    /// One deployment of one version to one environment.
    DeploymentRow in "deployments" key 1 kept "inputs" {
        /// 0 for a new one.
        id: i64,
        workspace: WorkspaceId,
        environment: String,
        version: String,
        commit: Option<String>,
        release: Option<i64>,
        /// The deployment that was live before.
        previous: Option<i64>,
        /// `deploy`, `rollback` or `recover`.
        kind: String,
        /// In progress, done, failed, cancelled or interrupted.
        state: State,
        who: String,
        job: Option<JobId>,
        started_at: Timestamp,
        ended_at: Option<Timestamp>,
        healthy_from: Option<Timestamp>,
        /// When it stopped being the healthy live one, None while it is.
        healthy_until: Option<Timestamp>,
        /// All that is needed to do it again.
        inputs: serde_json::Value,
        problem: Option<Problem>,
        holder: Holder,
    }
}

record! {
    /// One step of a deployment.
    StepRow in "deployment_steps" key 2 kept "intent" "result" {
        deployment: i64,
        n: u32,
        name: String,
        /// What is about to be done, written before it is.
        intent: serde_json::Value,
        /// In progress, done, failed, cancelled, skipped or unknown.
        state: State,
        /// What came of it, null until it has ended.
        result: serde_json::Value,
        started_at: Timestamp,
        ended_at: Option<Timestamp>,
    }
}

record! {
    /// Who may change an environment now.
    LockRow in "environment_locks" key 2 {
        workspace: WorkspaceId,
        environment: String,
        /// A person or a program, as it is shown.
        owner: String,
        holder: Holder,
        deployment: Option<i64>,
        since: Timestamp,
        until: Timestamp,
    }
}

/// The answer to the wish for a lock.
#[derive(Clone, Debug, PartialEq)]
pub enum LockAnswer {
    Taken,
    /// Taken from a process that is gone; its deployment may stand half-way and must be looked at first.
    TakenOver(LockRow),
    /// A living process has it.
    Held(LockRow),
}

/// Deployments, their journal and their locks.
pub struct Deployments<'a>(&'a Store);

impl Store {
    pub fn deployments(&self) -> Deployments<'_> {
        Deployments(self)
    }
}

impl Deployments<'_> {
    /// Writes a new deployment, held by this process, and gives it with its number.
    pub async fn begin(&self, deployment: DeploymentRow) -> Result<DeploymentRow, Problem> {
        let me = self.0.me().clone();
        self.0
            .write(move |db| {
                let row = DeploymentRow {
                    id: next_id::<DeploymentRow>(db)?,
                    holder: me.clone(),
                    ..deployment.clone()
                };
                insert(db, &row)?;
                Ok(row)
            })
            .await
    }

    /// Changes a deployment in one transaction and gives it back.
    pub async fn change(&self, id: i64, change: impl Fn(&mut DeploymentRow) + Send + 'static) -> Result<DeploymentRow, Problem> {
        self.0.write(move |db| update(db, &values![id], &change)).await
    }

    /// Ends a deployment. A healthy one becomes the live one: `healthy_from` is set, and the one before is healthy until now.
    pub async fn end(&self, id: i64, state: State, problem: Option<Problem>) -> Result<DeploymentRow, Problem> {
        let now = self.0.now();
        self.0
            .write(move |db| {
                let ended = update::<DeploymentRow>(db, &values![id], |row| {
                    row.state = state;
                    row.ended_at = Some(now);
                    row.problem.clone_from(&problem);
                    if state == State::Done {
                        row.healthy_from = Some(now);
                    }
                })?;
                if state == State::Done {
                    let tail = "WHERE workspace = ? AND environment = ? AND healthy_from IS NOT NULL AND healthy_until IS NULL AND id <> ?";
                    for before in select::<DeploymentRow>(db, tail, &values![ended.workspace, ended.environment, id])? {
                        update::<DeploymentRow>(db, &values![before.id], |row| row.healthy_until = Some(now))?;
                    }
                }
                Ok(ended)
            })
            .await
    }

    pub async fn get(&self, id: i64) -> Result<Option<DeploymentRow>, Problem> {
        self.0.read(move |db| get(db, &values![id])).await
    }

    /// Newest first; every environment when `environment` is None.
    pub async fn list(
        &self,
        workspace: &WorkspaceId,
        environment: Option<&str>,
        limit: u32,
    ) -> Result<Vec<DeploymentRow>, Problem> {
        let (workspace, environment) = (workspace.clone(), environment.map(str::to_owned));
        self.0
            .read(move |db| match &environment {
                Some(name) => select(
                    db,
                    "WHERE workspace = ? AND environment = ? ORDER BY id DESC LIMIT ?",
                    &values![workspace, *name, limit],
                ),
                None => select(db, "WHERE workspace = ? ORDER BY id DESC LIMIT ?", &values![workspace, limit]),
            })
            .await
    }

    /// What was deployed from the folder `from` is run again in `to`: the project was moved.
    pub async fn move_root(&self, workspace: &WorkspaceId, from: &Path, to: &Path) -> Result<(), Problem> {
        let (workspace, from, to) = (workspace.clone(), json!(from), json!(to));
        self.0
            .write(move |db| {
                let rows: Vec<DeploymentRow> = select(db, "WHERE workspace = ?", &values![workspace])?;
                for row in rows.into_iter().filter(|row| row.inputs["root"] == from) {
                    update::<DeploymentRow>(db, &values![row.id], |row| row.inputs["root"] = to.clone())?;
                }
                Ok(())
            })
            .await
    }

    /// The deployment that is live: the last one that became healthy and still is.
    pub async fn live(&self, workspace: &WorkspaceId, environment: &str) -> Result<Option<DeploymentRow>, Problem> {
        let (workspace, environment) = (workspace.clone(), environment.to_owned());
        let tail =
            "WHERE workspace = ? AND environment = ? AND healthy_from IS NOT NULL AND healthy_until IS NULL ORDER BY id DESC";
        self.0.read(move |db| find(db, tail, &values![workspace, environment])).await
    }

    pub async fn of_commit(&self, workspace: &WorkspaceId, commit: &str) -> Result<Vec<DeploymentRow>, Problem> {
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

    pub async fn of_release(&self, release: i64) -> Result<Vec<DeploymentRow>, Problem> {
        self.0
            .read(move |db| select(db, "WHERE release = ? ORDER BY id DESC", &values![release]))
            .await
    }

    /// Deployments that count as in progress but whose process is gone: to be finished or rolled back.
    pub async fn interrupted(&self, alive: impl Fn(u32, u64) -> bool + Send + 'static) -> Result<Vec<DeploymentRow>, Problem> {
        self.0
            .read(move |db| {
                let rows = select::<DeploymentRow>(
                    db,
                    "WHERE state IN ('in_progress', 'running', 'queued', 'interrupted') ORDER BY id",
                    &[],
                )?;
                Ok(rows
                    .into_iter()
                    .filter(|row| row.state == State::Interrupted || !row.holder.is_alive_by(&alive))
                    .collect())
            })
            .await
    }

    /// This process goes on with a deployment that it found half-way.
    pub async fn adopt(&self, id: i64) -> Result<DeploymentRow, Problem> {
        let me = self.0.me().clone();
        self.change(id, move |row| {
            row.holder = me.clone();
            row.state = State::InProgress;
        })
        .await
    }

    /// Writes what a step is about to do, and is back when that is on disk. Gives the number of the step.
    pub async fn intent(&self, deployment: i64, name: &str, intent: serde_json::Value) -> Result<u32, Problem> {
        let (name, now) = (name.to_owned(), self.0.now());
        self.0
            .write(move |db| {
                let sql = "SELECT coalesce(max(n), 0) + 1 FROM deployment_steps WHERE deployment = ?";
                let n = super::record::number(db, sql, &values![deployment])?.unwrap_or(1) as u32;
                let row = StepRow {
                    deployment,
                    n,
                    name: name.clone(),
                    intent: intent.clone(),
                    state: State::InProgress,
                    result: serde_json::Value::Null,
                    started_at: now,
                    ended_at: None,
                };
                insert(db, &row)?;
                Ok(n)
            })
            .await
    }

    /// Writes what came of a step. The intent of the next one, or the end, brings it to the disk: where a power cut comes before that,
    /// the step counts as one that was killed.
    pub async fn result(&self, deployment: i64, n: u32, state: State, result: serde_json::Value) -> Result<(), Problem> {
        let now = self.0.now();
        self.0
            .write_soon(move |db| {
                let change = |row: &mut StepRow| {
                    row.state = state;
                    row.result.clone_from(&result);
                    row.ended_at = Some(now);
                };
                update(db, &values![deployment, n], change).map(drop)
            })
            .await
    }

    /// The steps in order; the last one without an end is where a killed deployment stood.
    pub async fn steps(&self, deployment: i64) -> Result<Vec<StepRow>, Problem> {
        self.0
            .read(move |db| select(db, "WHERE deployment = ? ORDER BY n", &values![deployment]))
            .await
    }

    /// Steps that copied data, or put them back; newest first. Every environment when `environment` is None.
    pub async fn backups(&self, workspace: &WorkspaceId, environment: Option<&str>) -> Result<Vec<StepRow>, Problem> {
        let (workspace, environment) = (workspace.clone(), environment.map(str::to_owned));
        self.0
            .read(move |db| {
                let of = "WHERE name IN ('backup', 'put_back') AND deployment IN (SELECT id FROM deployments WHERE workspace = ?";
                let order = ") ORDER BY deployment DESC, n DESC LIMIT 1000";
                match &environment {
                    Some(name) => select(db, &format!("{of} AND environment = ?{order}"), &values![workspace, *name]),
                    None => select(db, &format!("{of}{order}"), &values![workspace]),
                }
            })
            .await
    }

    /// Takes or renews the lock of an environment for this process. A living process is never robbed, however old its lease.
    pub async fn lock(
        &self,
        workspace: &WorkspaceId,
        environment: &str,
        owner: &str,
        deployment: Option<i64>,
        lease: Duration,
    ) -> Result<LockAnswer, Problem> {
        let (me, now) = (self.0.me().clone(), self.0.now());
        let (workspace, environment, owner) = (workspace.clone(), environment.to_owned(), owner.to_owned());
        self.0
            .write(move |db| {
                let found = get::<LockRow>(db, &values![workspace, environment])?;
                if let Some(row) = found.clone().filter(|row| row.holder != me && row.holder.is_alive()) {
                    return Ok(LockAnswer::Held(row));
                }
                let mine = found.as_ref().filter(|row| row.holder == me);
                // A lease that is fresh is not written anew with every step.
                let is_same = |row: &&LockRow| row.owner == owner && deployment.is_none_or(|id| row.deployment == Some(id));
                let is_fresh = |row: &LockRow| row.until > now + lease * 2 / 3 && row.until <= now + lease;
                if mine.filter(is_same).is_some_and(is_fresh) {
                    return Ok(LockAnswer::Taken);
                }
                let row = LockRow {
                    workspace: workspace.clone(),
                    environment: environment.clone(),
                    owner: owner.clone(),
                    holder: me.clone(),
                    deployment: deployment.or_else(|| mine.and_then(|row| row.deployment)),
                    since: mine.map_or(now, |row| row.since),
                    until: now + lease,
                };
                upsert(db, &row)?;
                Ok(found
                    .filter(|row| row.holder != me)
                    .map_or(LockAnswer::Taken, LockAnswer::TakenOver))
            })
            .await
    }

    /// Gives the lock back; an error when this process does not have it, because then another one may be at work.
    pub async fn unlock(&self, workspace: &WorkspaceId, environment: &str) -> Result<(), Problem> {
        let (workspace, environment, me) = (workspace.clone(), environment.to_owned(), self.0.me().clone());
        self.0
            .write(move |db| {
                let tail = "WHERE workspace = ? AND environment = ? AND holder = ?";
                if delete::<LockRow>(db, tail, &values![workspace, environment, me])? == 1 {
                    return Ok(());
                }
                let problem = Problem::environment(msg!("store-lock-lost", environment = environment.as_str())).code("lock-lost");
                Err(Fault::Refused(Box::new(problem)))
            })
            .await
    }

    /// Every lock, held or left behind.
    pub async fn locks(&self) -> Result<Vec<LockRow>, Problem> {
        self.0.read(|db| select(db, "ORDER BY workspace, environment", &[])).await
    }

    pub async fn lock_of(&self, workspace: &WorkspaceId, environment: &str) -> Result<Option<LockRow>, Problem> {
        let (workspace, environment) = (workspace.clone(), environment.to_owned());
        self.0.read(move |db| get(db, &values![workspace, environment])).await
    }
}
