//! Where the lines of an instance, a run or a life stand, and how they are read.

use super::far::{self, FarLog};
use super::lives;
use crate::adapters::World;
use crate::adapters::docker::Engine;
use crate::adapters::store::instances::InstanceRow;
use crate::areas::deploy::targets::{docker, ssh};
use crate::areas::operate::units;
use crate::areas::operate::{Instance, InstanceKind};
use crate::base::{JobId, Problem, Timestamp};
use crate::msg;
use std::path::PathBuf;

/// A source before it is read.
pub(super) struct Wanted {
    pub(super) name: String,
    pub(super) way: Way,
    /// Lines that state no time are of then.
    pub(super) begun: Option<Timestamp>,
}

impl Wanted {
    pub(super) fn new(name: String, way: Way) -> Self {
        Self { name, way, begun: None }
    }
}

/// A file, or what one of those wrote that write into it one after the other.
#[derive(Clone, Debug, Default)]
pub(super) struct Part {
    pub(super) path: PathBuf,
    /// Bytes of the file.
    pub(super) from: u64,
    pub(super) until: Option<u64>,
}

impl From<PathBuf> for Part {
    fn from(path: PathBuf) -> Self {
        Self {
            path,
            from: 0,
            until: None,
        }
    }
}

/// How a source is read.
pub(super) enum Way {
    File(Part),
    Container {
        engine: Engine,
        id: String,
        /// Only what was written before this.
        before: Option<Timestamp>,
    },
    /// A unit or a container of another machine.
    Far(FarLog),
    /// A unit of this machine.
    Unit(units::UnitLog),
}

pub(super) async fn way_of(world: &World, instance: &Instance, previous: bool) -> Result<Way, Problem> {
    let no_previous = || Problem::user(msg!("log-no-previous", name = instance.name.as_str())).code("no-log");
    if let Some(log) = far::of(instance, previous) {
        return Ok(Way::Far(log));
    }
    if instance.kind == InstanceKind::Unit {
        return Ok(Way::Unit(units::log_of(instance, previous)?));
    }
    if let Some(id) = &instance.container {
        // Lives of one container follow each other in one log.
        let before = match (previous, instance.started_at) {
            (false, _) => None,
            (true, Some(at)) if instance.n_restarts > 0 || instance.is_running() => Some(at),
            (true, _) => return Err(no_previous()),
        };
        return Ok(Way::Container {
            engine: world.docker().clone(),
            id: id.clone(),
            before,
        });
    }
    if let Ok(id) = instance.id.parse::<i64>()
        && let Some(mut row) = world.store().instances().get(id).await?
    {
        if previous {
            let workspace = row.workspace.clone().ok_or_else(no_previous)?;
            let lives = world
                .store()
                .instances()
                .history(&workspace, row.environment.as_deref(), 200)
                .await?;
            let earlier = lives.into_iter().filter(|life| life.name == row.name && life.id < row.id);
            row = earlier.max_by_key(|life| life.id).ok_or_else(no_previous)?;
            if let Some(path) = row
                .log_path
                .clone()
                .filter(|_| row.container.is_none() && ssh::handle(&row).is_none())
            {
                return Ok(Way::File(lives::part_of(world, &row, path).await?));
            }
        }
        if let Some(way) = way_of_row(world, &row).await? {
            return Ok(way);
        }
    }
    match &instance.log_path {
        Some(path) if !previous => Ok(Way::File(path.clone().into())),
        Some(_) => Err(no_previous()),
        None => {
            let problem = Problem::user(msg!("operate-no-log", name = instance.name.as_str())).code("no-log");
            Err(problem.hint(msg!("operate-no-log-hint")))
        }
    }
}

/// How the output of a deployed instance is read.
pub(super) async fn way_of_row(world: &World, row: &InstanceRow) -> Result<Option<Way>, Problem> {
    if let Some(unit) = ssh::handle(row) {
        return Ok(Some(Way::Far(FarLog::of_deployed(unit, row.ended_at.is_some()))));
    }
    if let Some(id) = &row.container {
        let engine = match docker::handle(row) {
            Some(_) => docker::Place::of_row(world, row).await?.engine,
            None => world.docker().clone(),
        };
        return Ok(Some(Way::Container {
            engine,
            id: id.clone(),
            before: None,
        }));
    }
    Ok(row.log_path.clone().map(|path| Way::File(path.into())))
}

/// The logs of a run and of those below it; lines that state no time are of when their run began.
pub(super) async fn of_run(world: &World, run: JobId) -> Result<Vec<Wanted>, Problem> {
    let rows = world.store().jobs().tree(run).await?;
    if rows.is_empty() {
        return Err(Problem::user(msg!("devops-no-run", run = run.to_string())).code("not-found"));
    }
    let mut wanted = Vec::new();
    for row in rows {
        match world.logs().file_of(row.id).await {
            Ok(path) => wanted.push(Wanted {
                begun: row.started_at,
                ..Wanted::new(
                    format!("{} {}", row.id, world.texts().msg(&row.title)),
                    Way::File(path.into()),
                )
            }),
            // It wrote nothing, or what it wrote was freed.
            Err(problem) if problem.code == "not-found" => {}
            Err(problem) => return Err(problem),
        }
    }
    if wanted.is_empty() {
        // Says how that may be.
        world.logs().file_of(run).await?;
    }
    Ok(wanted)
}
