//! Results of checks: each as it came, by the hour, and per check where it stands now and since when.

use super::Db;
use super::Store;
use super::fault::Fault;
use super::record::{delete, get, number, record, select, upsert, values};
use crate::base::{Problem, State, Timestamp, WorkspaceId};
use serde::{Deserialize, Serialize};

pub(super) const SCHEMA: &str = "
CREATE TABLE check_results (workspace TEXT NOT NULL, name TEXT NOT NULL, at INTEGER NOT NULL, state TEXT NOT NULL, latency_ms REAL,
  message TEXT NOT NULL, sum INTEGER NOT NULL, PRIMARY KEY (workspace, name, at)) STRICT, WITHOUT ROWID;
CREATE TABLE check_hours (workspace TEXT NOT NULL, name TEXT NOT NULL, at INTEGER NOT NULL, n INTEGER NOT NULL, n_up INTEGER NOT NULL,
  latency_total_ms REAL NOT NULL, latency_max_ms REAL NOT NULL, sum INTEGER NOT NULL, PRIMARY KEY (workspace, name, at)) STRICT, WITHOUT ROWID;
CREATE TABLE checks (workspace TEXT NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL, since INTEGER NOT NULL, at INTEGER NOT NULL,
  latency_ms REAL, message TEXT NOT NULL, n_in_state INTEGER NOT NULL, sum INTEGER NOT NULL,
  PRIMARY KEY (workspace, name)) STRICT, WITHOUT ROWID;
";

pub(super) const STANDINGS_SCHEMA: &str = "
CREATE TABLE standings (workspace TEXT NOT NULL, name TEXT NOT NULL, standing TEXT NOT NULL, since INTEGER NOT NULL, at INTEGER NOT NULL,
  reason TEXT NOT NULL, sum INTEGER NOT NULL, PRIMARY KEY (workspace, name)) STRICT, WITHOUT ROWID;
";

const HOUR_MS: i64 = 3_600_000;

record! {
    /// One answer of one check.
    CheckResultRow in "check_results" key 3 {
        workspace: WorkspaceId,
        name: String,
        at: Timestamp,
        /// Done for up, running for up but slow, degraded while its retries last, failed for down or wrong, unknown when it could not
        /// be asked or nobody wanted to know.
        state: State,
        latency_ms: Option<f64>,
        message: String,
    }
}

record! {
    /// One hour of one check.
    CheckHourRow in "check_hours" key 3 {
        workspace: WorkspaceId,
        name: String,
        /// The beginning of the hour.
        at: Timestamp,
        n: u64,
        n_up: u64,
        latency_total_ms: f64,
        latency_max_ms: f64,
    }
}

record! {
    /// Where a check stands.
    CheckRow in "checks" key 2 {
        workspace: WorkspaceId,
        name: String,
        state: State,
        /// When it came into this state.
        since: Timestamp,
        /// The last answer.
        at: Timestamp,
        latency_ms: Option<f64>,
        message: String,
        /// Answers in a row that gave this state.
        n_in_state: u64,
    }
}

record! {
    /// What a check's last answers say together.
    StandingRow in "standings" key 2 {
        workspace: WorkspaceId,
        name: String,
        /// `up`, `slow`, `at_risk`, `wrong`, `down`, `flapping`, `maintenance`, `unknown`.
        standing: String,
        since: Timestamp,
        at: Timestamp,
        reason: String,
    }
}

/// How much of a time a check was up, from the hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Uptime {
    pub n: u64,
    pub n_up: u64,
    pub latency_mean_ms: f64,
    pub latency_max_ms: f64,
}

/// Results of checks, in the second database.
pub struct Checks<'a>(&'a Store);

impl Store {
    pub fn checks(&self) -> Checks<'_> {
        Checks(self)
    }
}

impl Checks<'_> {
    /// Writes an answer; gives where the check stands now and, when the state changed, what it was before.
    pub async fn record(&self, result: CheckResultRow) -> Result<(CheckRow, Option<State>), Problem> {
        self.0.write_samples(move |db| record(db, &result)).await
    }

    /// Every check of the workspace that has answered, by name.
    pub async fn list(&self, workspace: &WorkspaceId) -> Result<Vec<CheckRow>, Problem> {
        let workspace = workspace.clone();
        self.0
            .read_samples(move |db| select(db, "WHERE workspace = ? ORDER BY name", &values![workspace]))
            .await
    }

    /// Writes what a check's answers say; keeps since when, while that is the same.
    pub async fn stands(&self, row: StandingRow) -> Result<StandingRow, Problem> {
        self.0
            .write_samples(move |db| {
                let before = get::<StandingRow>(db, &values![row.workspace, row.name]).ok().flatten();
                let since = before
                    .filter(|before| before.standing == row.standing)
                    .map_or(row.since, |before| before.since);
                let row = StandingRow { since, ..row.clone() };
                upsert(db, &row)?;
                Ok(row)
            })
            .await
    }

    /// What the answers of every check of the workspace say, by name.
    pub async fn standings(&self, workspace: &WorkspaceId) -> Result<Vec<StandingRow>, Problem> {
        let workspace = workspace.clone();
        self.0
            .read_samples(move |db| select(db, "WHERE workspace = ? ORDER BY name", &values![workspace]))
            .await
    }

    pub async fn standing(&self, workspace: &WorkspaceId, name: &str) -> Result<Option<StandingRow>, Problem> {
        let (workspace, name) = (workspace.clone(), name.to_owned());
        self.0
            .read_samples(move |db| get::<StandingRow>(db, &values![workspace, name]))
            .await
    }

    /// How many answers there were between two times, and how many of them were up; from the single answers.
    pub async fn share(
        &self,
        workspace: &WorkspaceId,
        name: &str,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<(u64, u64), Problem> {
        let (workspace, name) = (workspace.clone(), name.to_owned());
        self.0
            .read_samples(move |db| {
                let of = |states: &str| {
                    let sql = format!(
                        "SELECT count(*) FROM check_results WHERE workspace = ? AND name = ? AND at > ? AND at <= ? AND state IN ({states})"
                    );
                    let n = number(db, &sql, &values![workspace, name, from, to])?.unwrap_or(0);
                    Ok::<u64, Fault>(n as u64)
                };
                Ok((of("'done', 'running', 'degraded', 'failed'")?, of("'done', 'running', 'degraded'")?))
            })
            .await
    }

    /// Answers of one check between two times, newest first.
    pub async fn results(
        &self,
        workspace: &WorkspaceId,
        name: &str,
        from: Timestamp,
        to: Timestamp,
        limit: u32,
    ) -> Result<Vec<CheckResultRow>, Problem> {
        let (workspace, name) = (workspace.clone(), name.to_owned());
        let tail = "WHERE workspace = ? AND name = ? AND at BETWEEN ? AND ? ORDER BY at DESC LIMIT ?";
        self.0
            .read_samples(move |db| select(db, tail, &values![workspace, name, from, to, limit]))
            .await
    }

    /// The answers of one check between two times that were not as the one before, oldest first; the first of all is one.
    pub async fn swings(
        &self,
        workspace: &WorkspaceId,
        name: &str,
        from: Timestamp,
        to: Timestamp,
        limit: u32,
    ) -> Result<Vec<CheckResultRow>, Problem> {
        let (workspace, name) = (workspace.clone(), name.to_owned());
        let tail = "WHERE workspace = ?1 AND name = ?2 AND at BETWEEN ?3 AND ?4 AND state IS NOT (SELECT before.state \
            FROM check_results AS before WHERE before.workspace = ?1 AND before.name = ?2 AND before.at >= ?3 \
            AND before.at < check_results.at ORDER BY before.at DESC LIMIT 1) ORDER BY at LIMIT ?5";
        self.0
            .read_samples(move |db| select(db, tail, &values![workspace, name, from, to, limit]))
            .await
    }

    /// The hours of one check between two times, oldest first.
    pub async fn hours(
        &self,
        workspace: &WorkspaceId,
        name: &str,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<Vec<CheckHourRow>, Problem> {
        let (workspace, name) = (workspace.clone(), name.to_owned());
        self.0.read_samples(move |db| hours(db, &workspace, &name, from, to)).await
    }

    /// The share of answers that were up between two times, to the hour.
    pub async fn uptime(&self, workspace: &WorkspaceId, name: &str, from: Timestamp, to: Timestamp) -> Result<Uptime, Problem> {
        let mut uptime = Uptime::default();
        let mut total_ms = 0.0;
        for hour in self.hours(workspace, name, from, to).await? {
            uptime.n += hour.n;
            uptime.n_up += hour.n_up;
            total_ms += hour.latency_total_ms;
            uptime.latency_max_ms = uptime.latency_max_ms.max(hour.latency_max_ms);
        }
        if uptime.n > 0 {
            uptime.latency_mean_ms = total_ms / uptime.n as f64;
        }
        Ok(uptime)
    }

    /// Forgets single answers from before this time; the hours stay. Gives how many went.
    pub async fn forget_results(&self, before: Timestamp) -> Result<u64, Problem> {
        self.0
            .write_samples(move |db| {
                let mut n = 0;
                for check in select::<CheckRow>(db, "", &[])? {
                    n += delete::<CheckResultRow>(
                        db,
                        "WHERE workspace = ? AND name = ? AND at < ?",
                        &values![check.workspace, check.name, before],
                    )?;
                }
                Ok(n as u64)
            })
            .await
    }
}

fn hours(db: &Db, workspace: &WorkspaceId, name: &str, from: Timestamp, to: Timestamp) -> Result<Vec<CheckHourRow>, Fault> {
    let from = from.as_millisecond() - from.as_millisecond().rem_euclid(HOUR_MS);
    select(
        db,
        "WHERE workspace = ? AND name = ? AND at BETWEEN ? AND ? ORDER BY at",
        &values![*workspace, name.to_owned(), from, to],
    )
}

fn record(db: &Db, result: &CheckResultRow) -> Result<(CheckRow, Option<State>), Fault> {
    let is_new = number(
        db,
        "SELECT 1 FROM check_results WHERE workspace = ? AND name = ? AND at = ?",
        &values![result.workspace, result.name, result.at],
    )?
    .is_none();
    upsert(db, result)?;
    // What was not asked says nothing of how much it was up.
    let is_answer = matches!(result.state, State::Done | State::Running | State::Degraded | State::Failed);
    if is_new && is_answer {
        add_to_hour(db, result)?;
    }
    let before = get::<CheckRow>(db, &values![result.workspace, result.name]).ok().flatten();
    let same = before.as_ref().filter(|row| row.state == result.state);
    let row = CheckRow {
        workspace: result.workspace.clone(),
        name: result.name.clone(),
        state: result.state,
        since: same.map_or(result.at, |row| row.since),
        at: result.at,
        latency_ms: result.latency_ms,
        message: result.message.clone(),
        n_in_state: same.map_or(1, |row| row.n_in_state + 1),
    };
    upsert(db, &row)?;
    Ok((row, before.map(|row| row.state).filter(|state| *state != result.state)))
}

fn add_to_hour(db: &Db, result: &CheckResultRow) -> Result<(), Fault> {
    let ms = result.at.as_millisecond();
    let Ok(at) = Timestamp::from_millisecond(ms - ms.rem_euclid(HOUR_MS)) else {
        return Ok(());
    };
    let found = get::<CheckHourRow>(db, &values![result.workspace, result.name, at])
        .ok()
        .flatten();
    let mut hour = found.unwrap_or(CheckHourRow {
        workspace: result.workspace.clone(),
        name: result.name.clone(),
        at,
        n: 0,
        n_up: 0,
        latency_total_ms: 0.0,
        latency_max_ms: 0.0,
    });
    let latency_ms = result.latency_ms.filter(|ms| ms.is_finite()).unwrap_or(0.0);
    hour.n += 1;
    hour.n_up += u64::from(matches!(result.state, State::Done | State::Running | State::Degraded));
    hour.latency_total_ms += latency_ms;
    hour.latency_max_ms = hour.latency_max_ms.max(latency_ms);
    upsert(db, &hour)
}
