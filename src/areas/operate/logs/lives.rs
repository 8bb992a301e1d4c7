//! The logs of lives that are over, beside those that go on: what the instances of a workspace wrote in any version, searched as one.

use super::MAX_SOURCES;
use super::ways::{Part, Wanted, Way, way_of_row};
use crate::adapters::World;
use crate::adapters::process::Detached;
use crate::adapters::scan;
use crate::adapters::store::instances::InstanceRow;
use crate::areas::JobCtx;
use crate::base::log::LogFilter;
use crate::base::{Problem, WorkspaceId};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// Lives that are looked through for those that are meant.
const LOOKED_THROUGH: u32 = 5_000;

/// Which lives are meant.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lives {
    pub workspace: WorkspaceId,
    #[serde(default)]
    pub environment: Option<String>,
    #[serde(default)]
    pub version: Option<String>,
    /// Instances, by name or part of it; empty means all.
    #[serde(default)]
    pub names: Vec<String>,
}

impl Lives {
    /// What the log is known by.
    pub(super) fn name(&self) -> String {
        let parts = [self.environment.as_deref(), self.version.as_deref()];
        let parts = parts.into_iter().flatten().chain(self.names.iter().map(String::as_str));
        format!("lives {} {}", self.workspace, parts.collect::<Vec<_>>().join(" "))
    }

    fn means(&self, row: &InstanceRow, filter: &LogFilter) -> bool {
        let is_named = self.names.is_empty() || self.names.iter().any(|name| row.name.contains(name.as_str()));
        let is_of_version = self.version.is_none() || row.version == self.version;
        let is_over = filter
            .since
            .is_some_and(|since| row.ended_at.is_some_and(|ended| ended < since));
        let is_later = filter.until.is_some_and(|until| row.started_at > until);
        is_named && is_of_version && !is_over && !is_later
    }
}

/// `web-1 0.2.0 #12`
fn name_of(row: &InstanceRow) -> String {
    let version = row.version.as_deref().unwrap_or_default();
    let environment = row.environment.as_deref().unwrap_or_default();
    let words = [environment, &row.name, version].into_iter().filter(|word| !word.is_empty());
    format!("{} #{}", words.collect::<Vec<_>>().join(" "), row.id)
}

/// Where in its log file the output of a life begins, if that was noted.
fn begins_at(row: &InstanceRow) -> Option<u64> {
    serde_json::from_value::<Detached>(row.handle.clone()).ok()?.log_from
}

/// What a life wrote into a file where lives before and behind it write too.
pub(super) async fn part_of(world: &World, row: &InstanceRow, path: PathBuf) -> Result<Part, Problem> {
    let others = match row.deployment {
        Some(deployment) => world.store().instances().of_deployment(deployment).await?,
        None => Vec::new(),
    };
    let later = others
        .iter()
        .filter(|other| other.id > row.id && other.log_path.as_ref() == Some(&path));
    Ok(Part {
        from: begins_at(row).unwrap_or(0),
        until: later.filter_map(begins_at).min(),
        path,
    })
}

/// The sources of the lives that are meant, the newest of them where there are too many.
pub(super) async fn wanted(cx: &JobCtx, world: &World, lives: &Lives, filter: &LogFilter) -> Result<Vec<Wanted>, Problem> {
    let rows = world
        .store()
        .instances()
        .history(&lives.workspace, lives.environment.as_deref(), LOOKED_THROUGH)
        .await?;
    let meant: Vec<InstanceRow> = rows.into_iter().filter(|row| lives.means(row, filter)).collect();
    let (n_meant, mut n_gone) = (meant.len(), 0_usize);
    let mut wanted = Vec::new();
    for row in meant {
        cx.check()?;
        if wanted.len() == MAX_SOURCES {
            break;
        }
        // What an ended life wrote was put into its file; one that runs is asked itself.
        let file = row.log_path.clone().filter(|path| scan::is_file(path));
        let way = match (file, row.ended_at) {
            (Some(path), _) if row.container.is_none() && begins_at(&row).is_some() => {
                Some(Way::File(part_of(world, &row, path).await?))
            }
            (Some(path), Some(_)) => Some(Way::File(path.into())),
            (_, Some(_)) => None,
            (_, None) => way_of_row(world, &row).await?,
        };
        match way {
            Some(way) => wanted.push(Wanted {
                name: name_of(&row),
                way,
                begun: Some(row.started_at),
            }),
            None => n_gone += 1,
        }
    }
    let n_left = n_meant - wanted.len() - n_gone;
    if n_left > 0 {
        cx.problem(Problem::user(msg!("log-lives-left-out", n = n_left)).hint(msg!("log-lives-left-out-hint")))
            .await;
    }
    if n_gone > 0 {
        cx.problem(Problem::user(msg!("log-lives-gone", n = n_gone))).await;
    }
    if wanted.is_empty() {
        return Err(Problem::user(msg!("log-no-lives"))
            .code("not-found")
            .hint(msg!("log-no-lives-hint")));
    }
    // The oldest first, as they were.
    wanted.reverse();
    Ok(wanted)
}
