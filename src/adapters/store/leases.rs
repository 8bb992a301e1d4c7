//! Named leases: which of several programs on one data folder does a work that must be done once, such as sampling.

use super::Store;
use super::holder::Holder;
use super::record::{delete, get, record, select, upsert, values};
use crate::base::{Problem, Timestamp};
use std::time::Duration;

record! {
    /// Who does the work of this name, and until when without word from it.
    LeaseRow in "leases" key 1 {
        name: String,
        holder: Holder,
        since: Timestamp,
        until: Timestamp,
    }
}

/// Leases by name.
pub struct Leases<'a>(&'a Store);

impl Store {
    pub fn leases(&self) -> Leases<'_> {
        Leases(self)
    }
}

impl Leases<'_> {
    /// Takes or renews the lease for this process; false while another living process has it. Renew at a third of `ttl`.
    pub async fn take(&self, name: &str, ttl: Duration) -> Result<bool, Problem> {
        let (name, me, now) = (name.to_owned(), self.0.me().clone(), self.0.now());
        self.0
            .write(move |db| {
                let found = get::<LeaseRow>(db, &values![name])?;
                if let Some(row) = &found {
                    // A clock that was set back must not make a lease last longer than it was asked for.
                    let is_fresh = row.until > now && row.until <= now + ttl * 2;
                    if row.holder != me && is_fresh && row.holder.is_alive() {
                        return Ok(false);
                    }
                }
                let since = found.filter(|row| row.holder == me).map_or(now, |row| row.since);
                upsert(
                    db,
                    &LeaseRow {
                        name: name.clone(),
                        holder: me.clone(),
                        since,
                        until: now + ttl,
                    },
                )?;
                Ok(true)
            })
            .await
    }

    /// Gives the lease back if this process has it.
    pub async fn release(&self, name: &str) -> Result<(), Problem> {
        let (name, me) = (name.to_owned(), self.0.me().clone());
        self.0
            .write(move |db| delete::<LeaseRow>(db, "WHERE name = ? AND holder = ?", &values![name, me]).map(drop))
            .await
    }

    /// Works while nobody else has the lease; when somebody has it, `held` says so and nothing is done.
    pub async fn during<T>(
        &self,
        name: &str,
        ttl: Duration,
        held: Problem,
        work: impl Future<Output = Result<T, Problem>>,
    ) -> Result<T, Problem> {
        if !self.take(name, ttl).await? {
            return Err(held);
        }
        let result = work.await;
        let given_back = self.release(name).await;
        let value = result?;
        given_back.map(|()| value)
    }

    pub async fn list(&self) -> Result<Vec<LeaseRow>, Problem> {
        self.0.read(|db| select(db, "ORDER BY name", &[])).await
    }
}
