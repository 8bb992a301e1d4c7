//! The coverage line of an item: branch, commits, tests, release, places, health. What has not happened is left empty: a hole is information.

use super::{names, places, reverts};
use crate::adapters::World;
use crate::adapters::store::thread::ThreadEnd;
use crate::areas::devops::version_tags::VersionTags;
use crate::areas::plan::Item;
use crate::base::{Problem, State, Timestamp, Workspace};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Commits that are listed.
const MAX_COMMITS: usize = 30;
/// Commits whose times are looked at.
const MAX_READ: usize = 500;

/// How far an item has come.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Coverage {
    /// Local branches that are named for it.
    pub branches: Vec<String>,
    /// Newest first.
    pub commits: Vec<CommitLine>,
    pub n_commits: usize,
    pub tests: Option<TestLine>,
    /// Versions that hold one of its commits, newest first.
    pub releases: Vec<String>,
    pub places: Vec<PlaceLine>,
    /// Running where it is live and nothing is open there, failed where an incident is open, unknown where it is nowhere.
    pub health: State,
    /// Title of the newest open incident of a deployment that holds it.
    pub incident: Option<String>,
    /// Why a rule that wants to move it can not.
    #[serde(default)]
    pub refused: Option<Problem>,
}

impl Coverage {
    /// Somebody worked on it.
    pub fn is_begun(&self) -> bool {
        self.n_commits > 0 || !self.branches.is_empty()
    }
}

/// One commit that worked on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CommitLine {
    pub oid: String,
    pub summary: String,
    pub at: Option<Timestamp>,
}

/// The newest run of the tests of its commits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TestLine {
    pub state: State,
    pub n_passed: u32,
    pub n_failed: u32,
    pub at: Timestamp,
}

/// An environment that it came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PlaceLine {
    pub environment: String,
    pub version: String,
    pub state: State,
    /// It is what runs there now.
    pub is_live: bool,
    pub at: Timestamp,
}

/// Works the line out from ledger and git.
pub async fn of(world: &World, workspace: &Workspace, item: &Item) -> Result<Coverage, Problem> {
    let end = ThreadEnd::Item {
        workspace: workspace.id.clone(),
        id: item.id.clone(),
    };
    let void = reverts::void(&reverts::known(world, workspace).await?);
    let mut own = world.store().threads().commits_of_item(&workspace.id, &item.id).await?;
    own.retain(|oid| !void.contains(oid));
    let mut rows = world.store().threads().follow(end).await?;
    VersionTags::of(world, workspace).await?.complete(world, &mut rows).await?;
    let ids = BTreeMap::from([(item.id.to_uppercase(), item.id.as_str())]);
    let branches = world.git().branch_tips(&workspace.root).await?;
    let named = branches
        .tips
        .iter()
        .filter(|(branch, _)| !names::in_branch(branch, &ids).is_empty());
    let mut coverage = Coverage {
        branches: named.map(|(branch, _)| branch.clone()).collect(),
        n_commits: own.len(),
        releases: rows
            .releases
            .iter()
            .filter(|release| release.withdrawn.is_none())
            .map(|release| release.version.clone())
            .collect(),
        health: State::Unknown,
        ..Coverage::default()
    };
    coverage.releases.dedup();
    // In the order in which they were made, whenever they were found.
    let read: Vec<String> = own.iter().take(MAX_READ).cloned().collect();
    let lines = world.git().summaries(&workspace.root, read).await?;
    coverage.commits = lines
        .into_iter()
        .map(|(oid, summary, at)| CommitLine { oid, summary, at })
        .collect();
    coverage.commits.sort_by_key(|line| std::cmp::Reverse(line.at));
    coverage.commits.truncate(MAX_COMMITS);
    coverage.tests = rows.tests.first().map(|run| TestLine {
        state: run.state,
        n_passed: run.n_passed,
        n_failed: run.n_failed,
        at: run.started_at,
    });
    for row in &rows.deployments {
        if coverage.places.iter().any(|place| place.environment == row.environment) {
            continue;
        }
        coverage.places.push(PlaceLine {
            environment: row.environment.clone(),
            version: row.version.clone(),
            state: row.state,
            is_live: row.healthy_from.is_some() && row.healthy_until.is_none(),
            at: row.started_at,
        });
    }
    let mut incidents = rows.incidents;
    for live in places::live(world, workspace, &own).await? {
        if live.holds.is_empty() {
            continue;
        }
        let row = live.row;
        coverage.places.retain(|place| place.environment != row.environment);
        coverage.places.push(PlaceLine {
            environment: row.environment,
            version: row.version,
            state: row.state,
            is_live: true,
            at: row.started_at,
        });
        let of_place = world.store().threads().follow(ThreadEnd::Deployment { id: row.id }).await?;
        incidents.extend(of_place.incidents);
    }
    coverage.refused = super::refused(world, workspace, &item.id).await?;
    let open = incidents.iter().find(|incident| incident.closed_at.is_none());
    coverage.incident = open.map(|incident| incident.title.clone());
    if coverage.incident.is_some() {
        coverage.health = State::Failed;
    } else if coverage.places.iter().any(|place| place.is_live) {
        coverage.health = State::Running;
    }
    Ok(coverage)
}
