//! The part of a rollout that moves the requests: to the new instances, by weights, away from what will be stopped.

use super::Rollout;
use crate::adapters::store::instances::InstanceRow;
use crate::areas::deploy::traffic::{FULL, Front, weights};
use crate::areas::deploy::{StepName, targets};
use crate::base::{Msg, Problem};
use crate::msg;
use serde_json::{Value, json};
use std::sync::atomic::Ordering;

/// In the journal: the way in that was there is ended for another one.
pub const REPLACES: &str = "replaces";

impl Rollout {
    /// Whoever stands in front runs, and sends the requests to the instances that run before.
    pub(super) async fn open_front(&self, old: &[InstanceRow]) -> Result<(), Problem> {
        let Some(front) = &self.front else { return Ok(()) };
        let is_another = front.is_another().await?;
        if is_another {
            self.has_touched.store(true, Ordering::SeqCst);
        }
        self.step(StepName::Proxy, json!({ REPLACES: is_another }), async |_| {
            if front.open().await? {
                let old = self.alive(old).await;
                let all: Vec<_> = old.iter().map(|row| (row, FULL)).collect();
                front.route(&all, &[]).await?;
            }
            self.show_shares(old).await;
            let note = front
                .address()
                .map(|(host, port)| msg!("deploy-note-proxy", address = format!("{host}:{port}")));
            Ok(((), Value::Null, note))
        })
        .await
    }

    /// The same in a rollout that was left half-way.
    pub async fn open_front_again(&self) -> Result<(), Problem> {
        match &self.front {
            Some(front) => front.open().await.map(drop),
            None => Ok(()),
        }
    }

    /// Every request goes to these instances from now on, and to those of `old` only what their connections still bring.
    pub async fn switch(&self, new: &[InstanceRow], old: &[InstanceRow]) -> Result<(), Problem> {
        let Some(front) = &self.front else { return Ok(()) };
        self.check_stop()?;
        self.has_touched.store(true, Ordering::SeqCst);
        self.step(StepName::Switch, json!({ "to": ids(new), "from": ids(old) }), async |_| {
            let all: Vec<_> = new.iter().map(|row| (row, FULL)).collect();
            let resting: Vec<&InstanceRow> = old.iter().collect();
            front.route(&all, &resting).await?;
            self.show_both(new, old).await;
            let note = msg!("deploy-note-switch", n = new.len());
            Ok(((), Value::Null, Some(note)))
        })
        .await
    }

    /// The new instances together get this percentage of the requests.
    pub async fn weigh(&self, percent: u32, new: &[InstanceRow], old: &[InstanceRow]) -> Result<(), Problem> {
        let Some(front) = &self.front else { return Ok(()) };
        self.check_stop()?;
        self.has_touched.store(true, Ordering::SeqCst);
        let (of_new, of_old) = weights(percent, new.len(), old.len());
        let intent = json!({ "percent": percent, "new": of_new, "old": of_old });
        self.step(StepName::Weight, intent, async |_| {
            let all: Vec<_> = new
                .iter()
                .map(|row| (row, of_new))
                .chain(old.iter().map(|row| (row, of_old)))
                .collect();
            front.route(&all, &[]).await?;
            self.show_both(new, old).await;
            Ok(((), Value::Null, Some(msg!("deploy-note-weight", percent = percent))))
        })
        .await
    }

    /// No new request reaches these instances, and those that are being answered may end, within the limit.
    pub async fn drain(&self, old: &[InstanceRow]) -> Result<(), Problem> {
        let Some(front) = &self.front else { return Ok(()) };
        if old.is_empty() {
            return Ok(());
        }
        self.check_stop()?;
        self.has_touched.store(true, Ordering::SeqCst);
        self.step(StepName::Drain, json!({ "instances": ids(old) }), async |_| {
            let rows: Vec<&InstanceRow> = old.iter().collect();
            let left = front.drain(&rows, &self.stop).await?;
            front.leave(&rows).await?;
            Ok(((), json!({ "left": left }), Some(drained(left))))
        })
        .await
    }

    /// Before an environment is emptied. That nobody stands in front any more hinders nothing.
    pub async fn drain_before_stop(&self, old: &[InstanceRow]) -> Result<(), Problem> {
        match self.drain(old).await {
            Err(problem) if problem.code == "no-proxy" => Ok(()),
            result => result,
        }
    }

    /// Ends whoever stood in front of what ran before, where these inputs have nobody there: nobody would answer there any more.
    pub async fn close_left_front(&self) -> Result<(), Problem> {
        if !Front::is_left(&self.site).await {
            return Ok(());
        }
        self.step(StepName::Close, Value::Null, async |_| {
            Front::close_left(&self.site).await;
            Ok(((), Value::Null, None))
        })
        .await
    }

    /// Ends whoever was started to stand in front.
    pub async fn close_front(&self) {
        if let Some(front) = &self.front {
            front.close().await;
        }
    }

    /// Before instances of this deployment are ended because it failed: the requests go back to those that ran before.
    pub(super) async fn traffic_home(&self, ours: &[InstanceRow]) -> Result<(), Problem> {
        let Some(front) = &self.front else { return Ok(()) };
        if front.open().await.is_err() {
            // Nothing stands in front any more, so nothing can be moved; the return opens it again or says why not.
            return Ok(());
        }
        let mut old = self.running().await?;
        old.retain(|row| row.deployment != Some(self.row.id));
        let old = self.alive(&old).await;
        let ours: Vec<&InstanceRow> = ours.iter().collect();
        if !old.is_empty() {
            let all: Vec<_> = old.iter().map(|row| (row, FULL)).collect();
            front.route(&all, &ours).await?;
            front.drain(&ours, &tokio_util::sync::CancellationToken::new()).await?;
        }
        front.leave(&ours).await?;
        self.show_shares(&old).await;
        Ok(())
    }

    pub(super) async fn alive(&self, rows: &[InstanceRow]) -> Vec<InstanceRow> {
        let mut alive = Vec::new();
        for row in rows {
            if targets::is_alive(self.world(), row).await {
                alive.push(row.clone());
            }
        }
        alive
    }

    async fn show_both(&self, new: &[InstanceRow], old: &[InstanceRow]) {
        let rows: Vec<InstanceRow> = new.iter().chain(old).cloned().collect();
        self.show_shares(&rows).await;
    }

    /// How the requests are shared is shown; that it can not be read hinders nothing.
    pub(super) async fn show_shares(&self, rows: &[InstanceRow]) {
        let Some(front) = &self.front else { return };
        if let Ok(shares) = front.shares(rows).await {
            let has_changed = {
                let mut view = self.view();
                let has_changed = view.traffic != shares;
                view.traffic = shares;
                has_changed
            };
            if has_changed {
                self.show().await;
            }
        }
    }
}

fn drained(left: u32) -> Msg {
    msg!("deploy-note-drain", n = left)
}

fn ids(rows: &[InstanceRow]) -> Vec<i64> {
    rows.iter().map(|row| row.id).collect()
}
