//! What is known of workspaces, machines and runs. Pure: changes only in `apply`.

use super::{BoardRow, FoundProject, Machine, RunDetail, RunFilter, RunRow, TrustState, Update, WorkspaceInfo};
use crate::base::{Loadable, Target, Thread, Workspace, WorkspaceId};
use std::collections::BTreeMap;

/// Threads kept; older ones are asked for again.
const THREADS_KEPT: usize = 64;

/// Workspaces, machines, runs and threads.
#[derive(Clone, Debug, Default)]
pub struct Model {
    pub workspaces: Loadable<Vec<WorkspaceInfo>>,
    pub board: BTreeMap<WorkspaceId, Loadable<BoardRow>>,
    pub machine: Loadable<Machine>,
    pub found: Vec<FoundProject>,
    pub is_scanning: bool,
    /// Folders looked at by the last scan.
    pub n_scanned: u64,
    pub runs: Vec<RunRow>,
    pub n_runs: u64,
    pub runs_filter: Option<RunFilter>,
    pub run: Option<RunDetail>,
    /// Changes with every event that changes a list, so that pages know when to sort again.
    pub generation: u64,
    /// The threads asked for, newest last, bounded.
    threads: Vec<(Target, Loadable<Thread>)>,
}

impl Model {
    pub fn apply(&mut self, update: Update) {
        self.generation += 1;
        match update {
            Update::WorkspacesLoading => self.workspaces.start(),
            Update::WorkspacesLoaded { workspaces } => self.workspaces.finish(workspaces),
            Update::WorkspacesFailed { problem } => self.workspaces.fail(problem),
            Update::WorkspaceAdded { workspace } => match self.workspaces.value_mut() {
                Some(list) => {
                    list.retain(|info| info.workspace.id != workspace.workspace.id);
                    list.push(workspace);
                }
                None => self.workspaces.finish(vec![workspace]),
            },
            Update::WorkspaceRemoved { id } => {
                if let Some(list) = self.workspaces.value_mut() {
                    list.retain(|info| info.workspace.id != id);
                }
                self.board.remove(&id);
            }
            Update::TrustChanged { id, trust } => {
                if let Some(info) = self
                    .workspaces
                    .value_mut()
                    .and_then(|list| list.iter_mut().find(|info| info.workspace.id == id))
                {
                    info.trust = trust;
                }
            }
            Update::ScanStarted => {
                self.is_scanning = true;
                self.found.clear();
            }
            Update::ProjectsFound { projects } => self.found.extend(projects),
            Update::ScanEnded { n_folders } => {
                self.is_scanning = false;
                self.n_scanned = n_folders;
            }
            Update::BoardLoading { id } => self.board.entry(id).or_default().start(),
            Update::BoardRow { id, row } => self.board.entry(id).or_default().finish(*row),
            Update::MachineLoading => self.machine.start(),
            Update::MachineInspected { machine } => self.machine.finish(*machine),
            Update::RunsListed { filter, rows, n_total } => {
                if filter.before.is_none() {
                    self.runs.clear();
                }
                self.runs.extend(rows);
                self.n_runs = n_total;
                self.runs_filter = Some(filter);
            }
            Update::RunShown { run } => self.run = Some(*run),
            Update::ThreadFound { of, thread } => {
                self.threads.retain(|(target, _)| *target != of);
                self.threads.push((of, Loadable::ready(thread)));
                if self.threads.len() > THREADS_KEPT {
                    self.threads.remove(0);
                }
            }
        }
    }

    /// The thread of a thing; None when nobody asked for it yet.
    pub fn thread(&self, of: &Target) -> Option<&Loadable<Thread>> {
        self.threads.iter().find(|(target, _)| target == of).map(|(_, thread)| thread)
    }

    pub fn infos(&self) -> &[WorkspaceInfo] {
        self.workspaces.value().map_or(&[], Vec::as_slice)
    }

    pub fn info(&self, id: &WorkspaceId) -> Option<&WorkspaceInfo> {
        self.infos().iter().find(|info| info.workspace.id == *id)
    }

    pub fn workspace(&self, id: &WorkspaceId) -> Option<&Workspace> {
        self.info(id).map(|info| &info.workspace)
    }

    pub fn trust(&self, id: &WorkspaceId) -> TrustState {
        self.info(id).map_or(TrustState::Untrusted, |info| info.trust)
    }

    pub fn row(&self, id: &WorkspaceId) -> Option<&BoardRow> {
        self.board.get(id).and_then(Loadable::value)
    }
}
