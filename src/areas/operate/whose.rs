//! To which workspace an event belongs: by the labels of its container, by what the ledger knows of containers and services, by the files
//! of its unit.

use super::{containers, units};
use crate::adapters::World;
use crate::adapters::docker::EngineEvent;
use crate::adapters::systemd::Manager;
use crate::base::happening::{Happening, HappeningKind};
use crate::base::{Problem, Target, Workspace, WorkspaceId};
use std::collections::{BTreeMap, BTreeSet};

/// Rows of each workspace that are looked through.
const MAX_ROWS: u32 = 500;

/// What is known of the owners of what is told of.
pub(super) struct Whose {
    workspaces: Vec<Workspace>,
    /// What belongs to none of them is told too.
    is_all: bool,
    /// Containers by id and services by name, as they were deployed.
    deployed: BTreeMap<String, WorkspaceId>,
    /// None for a unit of nobody's.
    units: BTreeMap<(Manager, String), Option<WorkspaceId>>,
}

impl Whose {
    pub(super) fn new(workspaces: Vec<Workspace>, is_all: bool) -> Self {
        Self {
            workspaces,
            is_all,
            deployed: BTreeMap::new(),
            units: BTreeMap::new(),
        }
    }

    pub(super) fn workspaces(&self) -> &[Workspace] {
        &self.workspaces
    }

    /// What belongs to this workspace, or to none, is told.
    pub(super) fn is_shown(&self, id: Option<&WorkspaceId>) -> bool {
        match id {
            Some(id) => self.is_all || self.workspaces.iter().any(|workspace| workspace.id == *id),
            None => self.is_all,
        }
    }

    /// Learns what was deployed since.
    pub(super) async fn look(&mut self, world: &World) -> Result<(), Problem> {
        for workspace in &self.workspaces {
            for row in world.store().instances().history(&workspace.id, None, MAX_ROWS).await? {
                let service = row.handle.get("service").and_then(|name| name.as_str()).map(str::to_owned);
                for key in service.into_iter().chain(row.container) {
                    self.deployed.insert(key, workspace.id.clone());
                }
            }
        }
        Ok(())
    }

    /// Whether what the engine tells is told on, and of whom it is.
    pub(super) fn of_engine(&self, event: EngineEvent, read: impl FnOnce(EngineEvent) -> Option<Happening>) -> Option<Happening> {
        let known = self.deployed.get(if event.is_service { &event.name } else { &event.id });
        let labelled = || containers::owner(&event.labels, &self.workspaces).map(|workspace| workspace.id.clone());
        let workspace = known.cloned().or_else(labelled);
        if workspace.is_none() && !self.is_all {
            return None;
        }
        Some(Happening {
            workspace,
            ..read(event)?
        })
    }

    /// Those of the journal that are told on. What the kernel does concerns the whole machine.
    pub(super) async fn of_journal(&mut self, world: &World, events: Vec<Happening>) -> Vec<Happening> {
        let unit_of = |event: &Happening| match (&event.target, event.kind) {
            (Some(Target::Instance { id }), HappeningKind::Unit) => {
                units::of_id(id).map(|(manager, name)| (manager, name.to_owned()))
            }
            _ => None,
        };
        let mut unknown: BTreeMap<Manager, BTreeSet<String>> = BTreeMap::new();
        for (manager, name) in events.iter().filter_map(unit_of) {
            if !self.units.contains_key(&(manager, name.clone())) {
                unknown.entry(manager).or_default().insert(name);
            }
        }
        for (manager, names) in unknown {
            let names: Vec<String> = names.into_iter().collect();
            let mut owned = units::owned(world, manager, &names, &self.workspaces).await;
            for name in names {
                let owner = owned.remove(&name);
                self.units.insert((manager, name), owner);
            }
        }
        let all = events.into_iter().filter_map(|event| {
            let Some(unit) = unit_of(&event) else { return Some(event) };
            let workspace = self.units.get(&unit).cloned().flatten();
            (workspace.is_some() || self.is_all).then_some(Happening { workspace, ..event })
        });
        all.collect()
    }
}
