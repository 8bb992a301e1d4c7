//! What is known of workspaces, machines and runs. Pure: changes only in `apply`.

use super::machines::FarMachine;
use super::terminal::Session;
use super::{BoardRow, FoundProject, Machine, RunDetail, RunFilter, RunRow, TrustState, Update, WorkspaceInfo};
use crate::base::{Loadable, Target, Thread, Workspace, WorkspaceId};
use std::collections::BTreeMap;

/// Threads kept; older ones are asked for again.
const THREADS_KEPT: usize = 64;

/// Terminals that ended are taken away above this number.
const TERMINALS_KEPT: usize = 12;

/// Workspaces, machines, runs and threads.
#[derive(Clone, Debug, Default)]
pub struct Model {
    pub workspaces: Loadable<Vec<WorkspaceInfo>>,
    pub board: BTreeMap<WorkspaceId, Loadable<BoardRow>>,
    pub machine: Loadable<Machine>,
    /// Machines beside this one; None before anybody asked.
    pub machines: Option<Vec<FarMachine>>,
    pub found: Vec<FoundProject>,
    pub is_scanning: bool,
    /// Folders looked at by the last scan.
    pub n_scanned: u64,
    pub runs: Vec<RunRow>,
    /// Those that pass the filter, and all of the workspace.
    pub n_runs: u64,
    pub n_all_runs: u64,
    pub runs_filter: Option<RunFilter>,
    pub run: Option<RunDetail>,
    /// Open terminals and those that ended, oldest first.
    pub terminals: Vec<Session>,
    /// What was copied out of a terminal last, and how often that was done.
    pub copied: (u64, String),
    /// Changes with every event that changes a list, so that pages know when to sort again.
    pub generation: u64,
    /// Those that were added while the list was read, which may not have them.
    added: Vec<WorkspaceInfo>,
    /// The threads asked for, newest last, bounded.
    threads: Vec<(Target, Loadable<Thread>)>,
}

impl Model {
    pub fn apply(&mut self, update: Update) {
        // A terminal that changes all the time must not have lists sorted again.
        if let Some(update) = self.terminal(update) {
            self.generation += 1;
            self.take(update);
        }
    }

    fn take(&mut self, update: Update) {
        match update {
            Update::WorkspacesLoading => {
                self.added.clear();
                self.workspaces.start();
            }
            Update::WorkspacesLoaded { mut workspaces } => {
                for info in self.added.drain(..) {
                    if workspaces.iter().all(|known| known.workspace.id != info.workspace.id) {
                        workspaces.push(info);
                    }
                }
                self.workspaces.finish(workspaces);
            }
            Update::WorkspacesFailed { problem } => self.workspaces.fail(problem),
            Update::WorkspaceAdded { workspace } => {
                self.added.push(workspace.clone());
                match self.workspaces.value_mut() {
                    Some(list) => {
                        list.retain(|info| info.workspace.id != workspace.workspace.id);
                        list.push(workspace);
                    }
                    None => self.workspaces.finish(vec![workspace]),
                }
            }
            Update::WorkspaceRemoved { id } => {
                self.added.retain(|info| info.workspace.id != id);
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
            Update::WorkspaceChanged { workspace } => {
                let known = self.workspaces.value_mut();
                if let Some(info) =
                    known.and_then(|list| list.iter_mut().find(|info| info.workspace.id == workspace.workspace.id))
                {
                    *info = workspace;
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
            Update::MachinesListed { machines } => {
                // What a test found stays until the next one.
                let before = self.machines.take().unwrap_or_default();
                let merged = machines.into_iter().map(|new| {
                    let known = before.iter().find(|known| known.name == new.name && known.kind == new.kind);
                    match known.filter(|known| known.tested_at.is_some() && new.problem.is_none()) {
                        Some(known) => FarMachine {
                            address: new.address,
                            jump: new.jump,
                            is_current: new.is_current,
                            is_watched: new.is_watched,
                            ..known.clone()
                        },
                        None => new,
                    }
                });
                self.machines = Some(merged.collect());
            }
            Update::MachineTested { machine } => {
                let all = self.machines.get_or_insert_default();
                match all
                    .iter_mut()
                    .find(|known| known.name == machine.name && known.kind == machine.kind)
                {
                    Some(known) => *known = *machine,
                    None => all.push(*machine),
                }
            }
            Update::RunsListed {
                filter,
                rows,
                n_total,
                n_all,
            } => {
                if filter.before.is_none() {
                    self.runs.clear();
                }
                self.runs.extend(rows);
                (self.n_runs, self.n_all_runs) = (n_total, n_all.max(n_total));
                self.runs_filter = Some(filter);
            }
            // The window asks anew for what they may have changed.
            Update::RanElsewhere { .. } => {}
            Update::RunShown { run } => self.run = Some(*run),
            Update::ThreadFound { of, thread } => {
                self.threads.retain(|(target, _)| *target != of);
                self.threads.push((of, Loadable::ready(thread)));
                if self.threads.len() > THREADS_KEPT {
                    self.threads.remove(0);
                }
            }
            Update::TerminalOpened { .. }
            | Update::TerminalShown { .. }
            | Update::TerminalCopied { .. }
            | Update::TerminalEnded { .. }
            | Update::TerminalForgotten { .. } => {}
        }
    }

    /// Takes what is learnt of terminals; gives everything else back.
    fn terminal(&mut self, update: Update) -> Option<Update> {
        match update {
            Update::TerminalOpened { id, place } => {
                self.terminals.push(Session {
                    id,
                    place,
                    screen: None,
                    ended: None,
                });
                if self.terminals.len() > TERMINALS_KEPT
                    && let Some(oldest) = self.terminals.iter().position(|session| session.ended.is_some())
                {
                    self.terminals.remove(oldest);
                }
            }
            Update::TerminalShown { id, screen } => {
                if let Some(session) = self.terminals.iter_mut().find(|session| session.id == id) {
                    session.screen = Some(screen);
                }
            }
            Update::TerminalCopied { text } => self.copied = (self.copied.0 + 1, text),
            Update::TerminalEnded { id, end } => {
                if let Some(session) = self.terminals.iter_mut().find(|session| session.id == id) {
                    session.ended = Some(end);
                }
            }
            Update::TerminalForgotten { id } => self.terminals.retain(|session| session.id != id),
            other => return Some(other),
        }
        None
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

    /// The row of a workspace, or of every one.
    pub fn rows_of<'a>(&'a self, id: Option<&'a WorkspaceId>) -> impl Iterator<Item = &'a BoardRow> {
        let rows = self.board.iter().filter(move |(known, _)| id.is_none_or(|id| id == *known));
        rows.filter_map(|(_, row)| row.value())
    }
}
