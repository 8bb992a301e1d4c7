//! Keeps the ledger bounded: forgets old runs. Releases, deployments, audit, incidents and the strips of tests stay for ever.

use super::Store;
use super::builds::{BuildRow, StretchesRow};
use super::jobs::{AskedRow, JobRow};
use super::record::{delete, values};
use super::tests::TestRunRow;
use super::undo::UndoRow;
use crate::base::{Problem, Timestamp};
use serde::{Deserialize, Serialize};

/// How many rows were forgotten.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pruned {
    pub n_jobs: u64,
    pub n_builds: u64,
    pub n_test_runs: u64,
    pub n_undo: u64,
}

impl Store {
    /// Forgets what ended before this time, in parts, so that no other write waits long. Jobs that a release, a deployment or an
    /// artifact that is still kept points to stay; so does what is not ended. Quiet jobs go when they ended before `quiet_before`.
    pub async fn prune(&self, before: Timestamp, quiet_before: Timestamp) -> Result<Pruned, Problem> {
        let mut total = Pruned::default();
        loop {
            let part = self.prune_part(before, quiet_before).await?;
            total.n_jobs += part.n_jobs;
            total.n_builds += part.n_builds;
            total.n_test_runs += part.n_test_runs;
            total.n_undo += part.n_undo;
            if part == Pruned::default() {
                return Ok(total);
            }
        }
    }

    async fn prune_part(&self, before: Timestamp, quiet_before: Timestamp) -> Result<Pruned, Problem> {
        self.write(move |db| {
            let needed = "SELECT job FROM releases WHERE job IS NOT NULL UNION SELECT job FROM deployments WHERE job IS NOT NULL \
                          UNION SELECT job FROM artifacts WHERE stored IS NOT NULL";
            let jobs = format!(
                "WHERE id IN (SELECT id FROM jobs WHERE ended_at IS NOT NULL AND (ended_at < ? OR (quiet AND ended_at < ?)) \
                 AND id NOT IN ({needed}) ORDER BY id LIMIT 500)"
            );
            let builds = format!(
                "WHERE job IN (SELECT job FROM builds WHERE started_at < ? AND job NOT IN ({needed}) ORDER BY job LIMIT 500)"
            );
            let runs = "WHERE id IN (SELECT id FROM test_runs WHERE started_at < ? ORDER BY id LIMIT 20)";
            let undo = "WHERE id IN (SELECT id FROM undo WHERE at < ? ORDER BY id LIMIT 500)";
            Ok(Pruned {
                n_jobs: {
                    let n_jobs = delete::<JobRow>(db, &jobs, &values![before, quiet_before])? as u64;
                    delete::<AskedRow>(db, "WHERE job NOT IN (SELECT id FROM jobs)", &[])?;
                    n_jobs
                },
                n_builds: {
                    let n_builds = delete::<BuildRow>(db, &builds, &values![before])? as u64;
                    delete::<StretchesRow>(db, "WHERE job NOT IN (SELECT job FROM builds)", &[])?;
                    n_builds
                },
                n_test_runs: delete::<TestRunRow>(db, runs, &values![before])? as u64,
                n_undo: delete::<UndoRow>(db, undo, &values![before])? as u64,
            })
        })
        .await
    }
}
