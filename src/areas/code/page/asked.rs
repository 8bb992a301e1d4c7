//! What the page has asked for, so that drawing asks once and not in every frame.

use crate::areas::code::model::History;
use crate::areas::code::{Command, DiffKey, HISTORY_PAGE, HistoryQuery};
use crate::areas::page::Cx;
use crate::base::{Workspace, WorkspaceId};

#[derive(Default)]
pub(super) struct Asked {
    pub(super) workspace: Option<WorkspaceId>,
    diff: Option<(DiffKey, u64)>,
    commit: Option<String>,
    history: Option<(HistoryQuery, Option<String>, u64)>,
    /// The number of rows at which more was asked for, and the generation of the history.
    more: Option<(u64, u64)>,
    refs_at_act: Option<u64>,
    weather: Option<(u64, usize)>,
    /// Acts of the workspace that were told.
    pub(super) n_acts: u64,
}

impl Asked {
    /// Nothing yet, of this workspace.
    pub(super) fn of(workspace: &WorkspaceId, n_acts: u64) -> Self {
        Self {
            workspace: Some(workspace.clone()),
            n_acts,
            ..Self::default()
        }
    }

    /// `reading` counts the readings of the status: a new one may mean new content.
    pub(super) fn diff(&mut self, cx: &Cx<'_>, workspace: &Workspace, key: &DiffKey, reading: u64) {
        let wanted = (key.clone(), reading);
        if self.diff.as_ref() == Some(&wanted) {
            return;
        }
        self.diff = Some(wanted);
        cx.ask(Command::ShowDiff {
            workspace: workspace.clone(),
            what: key.clone(),
            is_forced: false,
        });
    }

    pub(super) fn forget_diff(&mut self) {
        self.diff = None;
    }

    pub(super) fn commit(&mut self, cx: &Cx<'_>, workspace: &Workspace, oid: &str) {
        if self.commit.as_deref() != Some(oid) {
            self.commit = Some(oid.to_owned());
            cx.ask(Command::ShowCommit {
                workspace: workspace.clone(),
                revision: oid.to_owned(),
            });
        }
    }

    /// The first page, again when HEAD is elsewhere or an act was done.
    pub(super) fn history(
        &mut self,
        cx: &Cx<'_>,
        workspace: &Workspace,
        query: &HistoryQuery,
        head: Option<String>,
        n_acts: u64,
    ) {
        let wanted = (query.clone(), head, n_acts);
        if self.history.as_ref() == Some(&wanted) {
            return;
        }
        self.history = Some(wanted);
        self.more = None;
        cx.ask(Command::LoadHistory {
            workspace: workspace.clone(),
            query: query.clone(),
            n_skip: 0,
            n_max: HISTORY_PAGE,
            lanes: crate::areas::code::history::lanes::Lanes::default(),
        });
    }

    pub(super) fn forget_history(&mut self) {
        self.history = None;
    }

    pub(super) fn more_history(&mut self, cx: &Cx<'_>, workspace: &Workspace, history: &History, n_max: u64) {
        let wanted = (history.generation, history.rows.len() as u64);
        if self.more == Some(wanted) {
            return;
        }
        self.more = Some(wanted);
        cx.ask(Command::LoadHistory {
            workspace: workspace.clone(),
            query: history.query.clone(),
            n_skip: history.rows.len() as u64,
            n_max,
            lanes: history.lanes.clone(),
        });
    }

    /// Again whenever a run begins or ends.
    pub(super) fn weather(&mut self, cx: &Cx<'_>, workspace: &Workspace, n_acts: u64) {
        let n_running = cx.model.jobs.running().filter(|job| !job.quiet).count();
        if self.weather != Some((n_acts, n_running)) {
            self.weather = Some((n_acts, n_running));
            cx.ask(Command::LoadWeather {
                workspace: workspace.clone(),
            });
        }
    }

    pub(super) fn refs(&mut self, cx: &Cx<'_>, workspace: &Workspace, n_acts: u64) {
        if self.refs_at_act != Some(n_acts) {
            self.refs_at_act = Some(n_acts);
            cx.ask(Command::LoadRefs {
                workspace: workspace.clone(),
            });
        }
    }
}
