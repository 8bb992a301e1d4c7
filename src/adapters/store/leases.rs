//! Named leases: which of several programs on one data folder does a work that must be done once, such as sampling.

use super::Store;
use super::holder::Holder;
use super::record::{delete, get, record, select, upsert, values};
use crate::base::{Problem, Timestamp};
use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;

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

/// The names that jobs of this process hold.
#[derive(Default)]
pub(super) struct HeldHere(Mutex<HashSet<String>>);

impl HeldHere {
    fn names(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A lease of one job: another job of this process does not get it either. Given back when it is dropped, also by a job that is ended.
#[must_use = "it is given back when it is dropped"]
pub struct Held {
    store: Store,
    name: String,
    is_given_back: bool,
}

impl Held {
    /// False when another process has it now, as after a long sleep of the machine.
    pub async fn renew(&self, ttl: Duration) -> Result<bool, Problem> {
        self.store.leases().take(&self.name, ttl).await
    }

    pub async fn release(mut self) -> Result<(), Problem> {
        let given_back = self.store.leases().release(&self.name).await;
        self.forget();
        given_back
    }

    fn forget(&mut self) {
        self.is_given_back = true;
        self.store.0.held.names().remove(&self.name);
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if self.is_given_back {
            return;
        }
        let Ok(runtime) = Handle::try_current() else {
            return self.forget();
        };
        let mut own = Self {
            store: self.store.clone(),
            name: std::mem::take(&mut self.name),
            is_given_back: true,
        };
        runtime.spawn(async move {
            own.store.leases().release(&own.name).await.ok();
            own.forget();
        });
    }
}

impl Store {
    pub fn leases(&self) -> Leases<'_> {
        Leases(self)
    }
}

impl Leases<'_> {
    /// The lease for one job alone; None while another one has it, in this process or in another. Renew at a third of `ttl` what may last longer.
    pub async fn hold(&self, name: &str, ttl: Duration) -> Result<Option<Held>, Problem> {
        if !self.0.0.held.names().insert(name.to_owned()) {
            return Ok(None);
        }
        let mut held = Held {
            store: self.0.clone(),
            name: name.to_owned(),
            is_given_back: false,
        };
        match held.renew(ttl).await {
            Ok(true) => Ok(Some(held)),
            other => {
                held.forget();
                other.map(|_| None)
            }
        }
    }

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
        let Some(lease) = self.hold(name, ttl).await? else {
            return Err(held);
        };
        let result = work.await;
        let given_back = lease.release().await;
        let value = result?;
        given_back.map(|()| value)
    }

    pub async fn list(&self) -> Result<Vec<LeaseRow>, Problem> {
        self.0.read(|db| select(db, "ORDER BY name", &[])).await
    }
}
