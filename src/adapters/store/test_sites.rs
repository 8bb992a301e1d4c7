//! Which site each run of tests was of - a folder and the tool that runs its tests - and the newest run of everything, by tool and by site.
//! Small states by name: a run whose site nobody remembers is judged by its tool alone.

use super::Db;
use super::fault::Fault;
use super::kv::KvRow;
use super::record::{get, upsert, values};
use super::tests::Tests;
use crate::base::{Problem, WorkspaceId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Runs that are remembered per site, the newest.
const RUNS: usize = 500;

/// The runs of one site.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SiteRuns {
    /// Oldest first.
    pub runs: Vec<i64>,
    /// The newest run of everything in which every test had its turn, whatever came of it.
    pub whole: Option<i64>,
}

impl Tests<'_> {
    /// Remembers that a run is one of this site.
    pub async fn keep_site(&self, workspace: &WorkspaceId, site: &str, run: i64) -> Result<(), Problem> {
        let (workspace, site) = (workspace.clone(), site.to_owned());
        self.store()
            .write(move |db| {
                let mut sites = site_runs(db, &workspace)?;
                let kept = &mut sites.entry(site.clone()).or_default().runs;
                kept.push(run);
                kept.drain(..kept.len().saturating_sub(RUNS));
                put(db, sites_name(&workspace), &sites)
            })
            .await
    }

    /// The runs of each site that are remembered, by its name.
    pub async fn sites(&self, workspace: &WorkspaceId) -> Result<BTreeMap<String, SiteRuns>, Problem> {
        let workspace = workspace.clone();
        self.store().read(move |db| site_runs(db, &workspace)).await
    }

    /// Remembers the newest run of everything in which every test had its turn: what it did not have is gone.
    pub async fn keep_whole(&self, workspace: &WorkspaceId, framework: &str, run: i64) -> Result<(), Problem> {
        let (workspace, framework) = (workspace.clone(), framework.to_owned());
        self.store()
            .write(move |db| {
                let mut whole = whole_runs(db, &workspace)?;
                whole.insert(framework.clone(), run);
                put(db, whole_name(&workspace), &whole)?;
                let mut sites = site_runs(db, &workspace)?;
                let Some(site) = sites.values_mut().find(|site| site.runs.contains(&run)) else {
                    return Ok(());
                };
                site.whole = Some(run);
                put(db, sites_name(&workspace), &sites)
            })
            .await
    }
}

fn put(db: &Db, name: String, value: &impl Serialize) -> Result<(), Fault> {
    let value = serde_json::json!(value);
    upsert(db, &KvRow { name, value })
}

fn whole_name(workspace: &WorkspaceId) -> String {
    format!("test-whole/{}", workspace.0)
}

fn sites_name(workspace: &WorkspaceId) -> String {
    format!("test-sites/{}", workspace.0)
}

/// By framework.
pub(super) fn whole_runs(db: &Db, workspace: &WorkspaceId) -> Result<BTreeMap<String, i64>, Fault> {
    let row = get::<KvRow>(db, &values![whole_name(workspace)])?;
    Ok(row.and_then(|row| serde_json::from_value(row.value).ok()).unwrap_or_default())
}

/// By site.
pub(super) fn site_runs(db: &Db, workspace: &WorkspaceId) -> Result<BTreeMap<String, SiteRuns>, Fault> {
    let row = get::<KvRow>(db, &values![sites_name(workspace)])?;
    Ok(row.and_then(|row| serde_json::from_value(row.value).ok()).unwrap_or_default())
}
