//! Alerts: what was told of, to whom, and what still has to be. Each step of a delivery is written before and after it is done.

use super::record::{delete, find, get, insert, next_id, record, select, update, values};
use super::{Db, Fault, Store};
use crate::base::{Problem, Timestamp, WorkspaceId};

pub(super) const SCHEMA: &str = "
CREATE TABLE alerts (id INTEGER PRIMARY KEY, workspace TEXT NOT NULL, rule TEXT NOT NULL, subject TEXT NOT NULL, environment TEXT,
  severity TEXT NOT NULL, state TEXT NOT NULL, since INTEGER NOT NULL, fired_at INTEGER, resolved_at INTEGER, told_at INTEGER,
  acked_at INTEGER, acked_by TEXT NOT NULL, incident INTEGER, value REAL, message TEXT NOT NULL, sum INTEGER NOT NULL) STRICT;
CREATE INDEX alerts_by_workspace ON alerts(workspace, id);
CREATE INDEX alerts_open ON alerts(workspace, rule, subject) WHERE resolved_at IS NULL;
CREATE TABLE deliveries (id INTEGER PRIMARY KEY, workspace TEXT NOT NULL, alert INTEGER NOT NULL, channel TEXT NOT NULL, what TEXT NOT NULL,
  state TEXT NOT NULL, n_tries INTEGER NOT NULL, at INTEGER NOT NULL, next_at INTEGER NOT NULL, done_at INTEGER, problem TEXT NOT NULL,
  sum INTEGER NOT NULL) STRICT;
CREATE INDEX deliveries_by_alert ON deliveries(alert);
CREATE INDEX deliveries_waiting ON deliveries(state) WHERE state IN ('queued', 'sending');
CREATE TABLE silences (id INTEGER PRIMARY KEY, workspace TEXT NOT NULL, rule TEXT NOT NULL, subject TEXT NOT NULL, at INTEGER NOT NULL,
  until INTEGER NOT NULL, by TEXT NOT NULL, reason TEXT NOT NULL, sum INTEGER NOT NULL) STRICT;
";

record! {
    /// One alert, from the moment its condition held.
    AlertRow in "alerts" key 1 {
        /// 0 for a new one.
        id: i64,
        workspace: WorkspaceId,
        /// The name of its rule.
        rule: String,
        /// The check, instance or series that it is about.
        subject: String,
        environment: Option<String>,
        /// `info`, `warning`, `critical`.
        severity: String,
        /// `pending`, `firing`, `resolved`.
        state: String,
        /// When the condition began to hold.
        since: Timestamp,
        fired_at: Option<Timestamp>,
        resolved_at: Option<Timestamp>,
        /// When somebody was told last.
        told_at: Option<Timestamp>,
        acked_at: Option<Timestamp>,
        acked_by: String,
        /// The incident that it opened.
        incident: Option<i64>,
        value: Option<f64>,
        message: String,
    }
}

record! {
    /// One message of an alert to one channel.
    DeliveryRow in "deliveries" key 1 {
        /// 0 for a new one.
        id: i64,
        workspace: WorkspaceId,
        alert: i64,
        channel: String,
        /// `fired`, `again`, `resolved`.
        what: String,
        /// `queued`, `sending`, `done`, `failed`, and `unsure` where the program died while it was sending.
        state: String,
        n_tries: u32,
        at: Timestamp,
        next_at: Timestamp,
        done_at: Option<Timestamp>,
        problem: String,
    }
}

record! {
    /// Nobody is told of these alerts until then.
    SilenceRow in "silences" key 1 {
        /// 0 for a new one.
        id: i64,
        workspace: WorkspaceId,
        /// Empty: every rule.
        rule: String,
        /// Empty: every subject.
        subject: String,
        at: Timestamp,
        until: Timestamp,
        by: String,
        reason: String,
    }
}

impl SilenceRow {
    /// It is about this alert, now.
    pub fn covers(&self, rule: &str, subject: &str, now: Timestamp) -> bool {
        now < self.until && (self.rule.is_empty() || self.rule == rule) && (self.subject.is_empty() || self.subject == subject)
    }
}

/// What is written in one step: an alert as it is now, and the messages that follow from it.
#[derive(Clone, Debug)]
pub struct Change {
    pub alert: AlertRow,
    /// It never fired: nothing of it is kept.
    pub is_over: bool,
    /// Channel and what is said there.
    pub messages: Vec<(String, &'static str)>,
}

/// Alerts of the ledger.
pub struct Alerts<'a>(&'a Store);

impl Store {
    pub fn alerts(&self) -> Alerts<'_> {
        Alerts(self)
    }
}

impl Alerts<'_> {
    /// Writes all changes at once; gives the alerts as they are kept, those that are over left out.
    pub async fn apply(&self, changes: Vec<Change>) -> Result<Vec<AlertRow>, Problem> {
        let now = self.0.now();
        self.0
            .write(move |db| {
                let mut kept = Vec::new();
                for change in &changes {
                    let mut alert = change.alert.clone();
                    if change.is_over {
                        delete::<AlertRow>(db, "WHERE id = ?", &values![alert.id])?;
                        continue;
                    }
                    if alert.id == 0 {
                        alert.id = next_id::<AlertRow>(db)?;
                        insert(db, &alert)?;
                    } else {
                        super::record::upsert(db, &alert)?;
                    }
                    for (channel, what) in &change.messages {
                        queue(db, &alert, channel, what, now)?;
                    }
                    kept.push(alert);
                }
                Ok(kept)
            })
            .await
    }

    /// Those that are not over, oldest first.
    pub async fn open(&self, workspace: &WorkspaceId) -> Result<Vec<AlertRow>, Problem> {
        let workspace = workspace.clone();
        self.0
            .read(move |db| {
                select(
                    db,
                    "WHERE workspace = ? AND resolved_at IS NULL ORDER BY id",
                    &values![workspace],
                )
            })
            .await
    }

    /// Newest first, without those that only wait for their time.
    pub async fn list(&self, workspace: &WorkspaceId, limit: u32) -> Result<Vec<AlertRow>, Problem> {
        let workspace = workspace.clone();
        let tail = "WHERE workspace = ? ORDER BY resolved_at IS NOT NULL, id DESC LIMIT ?";
        self.0.read(move |db| select(db, tail, &values![workspace, limit])).await
    }

    pub async fn get(&self, id: i64) -> Result<Option<AlertRow>, Problem> {
        self.0.read(move |db| get(db, &values![id])).await
    }

    pub async fn change(&self, id: i64, change: impl Fn(&mut AlertRow) + Send + 'static) -> Result<AlertRow, Problem> {
        self.0.write(move |db| update(db, &values![id], &change)).await
    }

    /// The messages of these alerts, oldest first.
    pub async fn deliveries(&self, alerts: Vec<i64>) -> Result<Vec<DeliveryRow>, Problem> {
        self.0
            .read(move |db| {
                let mut all = Vec::new();
                for alert in &alerts {
                    all.extend(select::<DeliveryRow>(db, "WHERE alert = ? ORDER BY id", &values![*alert])?);
                }
                Ok(all)
            })
            .await
    }

    /// The messages that wait for their time, oldest first.
    pub async fn queued(&self, workspace: &WorkspaceId, limit: u32) -> Result<Vec<DeliveryRow>, Problem> {
        let (workspace, now) = (workspace.clone(), self.0.now());
        // No pause is as long as this: the clock was set back.
        let too_late = Timestamp::from_second(now.as_second() + 2 * 3600).unwrap_or(now);
        let tail = "WHERE state = 'queued' AND workspace = ? AND (next_at <= ? OR next_at > ?) ORDER BY id LIMIT ?";
        self.0
            .read(move |db| select(db, tail, &values![workspace, now, too_late, limit]))
            .await
    }

    /// Takes a message to send it. None when it was taken, or is not wanted any more.
    pub async fn take(&self, id: i64) -> Result<Option<DeliveryRow>, Problem> {
        self.0
            .write(move |db| {
                let found = find::<DeliveryRow>(db, "WHERE id = ? AND state = 'queued'", &values![id])?;
                let Some(mut row) = found else { return Ok(None) };
                "sending".clone_into(&mut row.state);
                row.n_tries += 1;
                super::record::upsert(db, &row)?;
                Ok(Some(row))
            })
            .await
    }

    pub async fn delivery(&self, id: i64, change: impl Fn(&mut DeliveryRow) + Send + 'static) -> Result<DeliveryRow, Problem> {
        self.0.write(move |db| update(db, &values![id], &change)).await
    }

    /// What a program that died was sending: whether it arrived nobody knows, so it is not sent again. Gives how many.
    pub async fn give_up_unsure(&self) -> Result<u64, Problem> {
        self.0
            .write(|db| {
                let rows = select::<DeliveryRow>(db, "WHERE state = 'sending'", &[])?;
                for mut row in rows.iter().cloned() {
                    "unsure".clone_into(&mut row.state);
                    super::record::upsert(db, &row)?;
                }
                Ok(rows.len() as u64)
            })
            .await
    }

    /// That it goes on nobody needs to hear any more: what waits of that is forgotten.
    pub async fn forget_repeats(&self, alert: i64) -> Result<(), Problem> {
        let tail = "WHERE alert = ? AND what = 'again' AND state = 'queued'";
        self.0
            .write(move |db| delete::<DeliveryRow>(db, tail, &values![alert]).map(drop))
            .await
    }

    /// The silences that are not over, newest first.
    pub async fn silences(&self, workspace: &WorkspaceId) -> Result<Vec<SilenceRow>, Problem> {
        let (workspace, now) = (workspace.clone(), self.0.now());
        self.0
            .read(move |db| {
                select(
                    db,
                    "WHERE workspace = ? AND until > ? ORDER BY id DESC",
                    &values![workspace, now],
                )
            })
            .await
    }

    pub async fn silence(&self, silence: SilenceRow) -> Result<SilenceRow, Problem> {
        self.0
            .write(move |db| {
                let row = SilenceRow {
                    id: next_id::<SilenceRow>(db)?,
                    ..silence.clone()
                };
                insert(db, &row)?;
                Ok(row)
            })
            .await
    }

    /// Ends a silence now.
    pub async fn end_silence(&self, id: i64) -> Result<SilenceRow, Problem> {
        let now = self.0.now();
        self.0
            .write(move |db| update(db, &values![id], |row: &mut SilenceRow| row.until = row.until.min(now)))
            .await
    }

    /// Forgets what was over before this time. Gives how many alerts went.
    pub async fn forget(&self, before: Timestamp) -> Result<u64, Problem> {
        self.0
            .write(move |db| {
                let over = "resolved_at IS NOT NULL AND resolved_at < ?";
                delete::<DeliveryRow>(
                    db,
                    &format!("WHERE alert IN (SELECT id FROM alerts WHERE {over})"),
                    &values![before],
                )?;
                delete::<SilenceRow>(db, "WHERE until < ?", &values![before])?;
                Ok(delete::<AlertRow>(db, &format!("WHERE {over}"), &values![before])? as u64)
            })
            .await
    }
}

fn queue(db: &Db, alert: &AlertRow, channel: &str, what: &str, now: Timestamp) -> Result<(), Fault> {
    // Of a recovery nobody is told who has not heard of the alert yet: that message is not wanted any more.
    if what == "resolved" {
        let waiting = "WHERE alert = ? AND channel = ? AND state = 'queued'";
        let told = number_of_done(db, alert.id, channel)?;
        for mut row in select::<DeliveryRow>(db, waiting, &values![alert.id, channel.to_owned()])? {
            "failed".clone_into(&mut row.state);
            "over before it was told".clone_into(&mut row.problem);
            super::record::upsert(db, &row)?;
        }
        if told == 0 {
            return Ok(());
        }
    }
    // A message that still waits will tell the newest of it when it arrives: one for each channel is enough.
    if what == "again" {
        let waiting = "SELECT 1 FROM deliveries WHERE alert = ? AND channel = ? AND state IN ('queued', 'sending')";
        if super::record::number(db, waiting, &values![alert.id, channel.to_owned()])?.is_some() {
            return Ok(());
        }
    }
    insert(
        db,
        &DeliveryRow {
            id: next_id::<DeliveryRow>(db)?,
            workspace: alert.workspace.clone(),
            alert: alert.id,
            channel: channel.to_owned(),
            what: what.to_owned(),
            state: "queued".to_owned(),
            n_tries: 0,
            at: now,
            next_at: now,
            done_at: None,
            problem: String::new(),
        },
    )
}

fn number_of_done(db: &Db, alert: i64, channel: &str) -> Result<i64, Fault> {
    let sql = "SELECT count(*) FROM deliveries WHERE alert = ? AND channel = ? AND state IN ('done', 'unsure', 'sending')";
    Ok(super::record::number(db, sql, &values![alert, channel.to_owned()])?.unwrap_or(0))
}
