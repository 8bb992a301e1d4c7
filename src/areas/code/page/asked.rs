//! What the page has asked for, so that drawing asks once and not in every frame.

use crate::areas::code::branching::Look;
use crate::areas::code::model::History;
use crate::areas::code::trees::Ask;
use crate::areas::code::{Command, DiffKey, HISTORY_PAGE, HistoryQuery};
use crate::areas::page::Cx;
use crate::base::{GitPath, Workspace, WorkspaceId};
use std::collections::BTreeMap;

#[derive(Default)]
pub(super) struct Asked {
    pub(super) workspace: Option<WorkspaceId>,
    diff: Option<(DiffKey, u64)>,
    untracked: BTreeMap<GitPath, u64>,
    commit: Option<String>,
    history: Option<(HistoryQuery, Option<String>, (u64, u64))>,
    /// Stamp of the history, first row and number of rows.
    rows: Option<(String, u64, u64)>,
    /// Stamp of the history, and the commit.
    row_of: Option<(String, String)>,
    /// The sides, and the reading of the files.
    pub(super) comparison: Option<(super::compare::Pair, u64)>,
    refs_at: Option<u64>,
    todos_at: Option<u64>,
    coverage_at: Option<u64>,
    weather: Option<(u64, usize)>,
    undo: Option<(u64, u64, u64)>,
    timeline_at: Option<u64>,
    stashes: Option<(u64, u64)>,
    help: Option<u64>,
    trees: Vec<(Ask, (u64, u64))>,
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

    /// The files of untracked folders that are open, one folder after the other.
    pub(super) fn untracked(&mut self, cx: &Cx<'_>, workspace: &Workspace, folders: &[GitPath], reading: u64) {
        for folder in folders {
            if self.untracked.insert(folder.clone(), reading) != Some(reading) {
                cx.ask(Command::Look {
                    workspace: workspace.clone(),
                    look: Look::Untracked { folder: folder.clone() },
                });
            }
        }
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

    /// The outline and the rows that are seen, again when HEAD is elsewhere or an act was done.
    pub(super) fn history(
        &mut self,
        cx: &Cx<'_>,
        workspace: &Workspace,
        query: &HistoryQuery,
        head: Option<String>,
        (n_acts, n_readings): (u64, u64),
        seen: u64,
    ) {
        // Branches that others moved are seen with the next reading, for which little is to be read where none was; a search is long.
        let n_readings = if query.is_search() { 0 } else { n_readings };
        let wanted = (query.clone(), head, (n_acts, n_readings));
        if self.history.as_ref() == Some(&wanted) {
            return;
        }
        let is_same = self.history.as_ref().is_some_and(|(known, ..)| known == query);
        self.history = Some(wanted);
        self.rows = None;
        let (first, n) = if query.is_search() {
            (0, crate::areas::code::history::load::MAX_FOUND)
        } else {
            (if is_same { page_of(seen) } else { 0 }, HISTORY_PAGE * 2)
        };
        cx.ask(Command::LoadHistory {
            workspace: workspace.clone(),
            query: query.clone(),
            first,
            n,
        });
    }

    /// Again whenever the status was read anew.
    pub(super) fn todos(&mut self, cx: &Cx<'_>, workspace: &Workspace, reading: u64) {
        if self.todos_at != Some(reading) {
            self.todos_at = Some(reading);
            cx.ask(Command::LoadTodos {
                workspace: workspace.clone(),
                with_authors: true,
            });
        }
    }

    /// Once, and again with every reading where the file is one that tests ran: what is written after the report is another version.
    pub(super) fn coverage(&mut self, cx: &Cx<'_>, workspace: &Workspace, is_known: bool, reading: u64) {
        let is_due = if is_known {
            self.coverage_at != Some(reading)
        } else {
            self.coverage_at.is_none()
        };
        if is_due {
            self.coverage_at = Some(reading);
            cx.ask(crate::areas::test::Command::LoadCoverage {
                workspace: workspace.clone(),
            });
        }
    }

    pub(super) fn forget_history(&mut self) {
        self.history = None;
    }

    /// The pages of rows that these rows stand in, unless they were asked for already.
    pub(super) fn rows(&mut self, cx: &Cx<'_>, workspace: &Workspace, history: &History, from: u64, to: u64) {
        let first = page_of(from);
        let n = page_of(to) + HISTORY_PAGE - first;
        let wanted = (history.stamp().to_owned(), first, n);
        if self.rows.as_ref() == Some(&wanted) {
            return;
        }
        cx.ask(Command::LoadRows {
            workspace: workspace.clone(),
            query: history.query.clone(),
            stamp: wanted.0.clone(),
            first,
            n,
        });
        self.rows = Some(wanted);
    }

    /// Where the chosen commit stands, once per history.
    pub(super) fn row_of(&mut self, cx: &Cx<'_>, workspace: &Workspace, history: &History, oid: &str) {
        let wanted = (history.stamp().to_owned(), oid.to_owned());
        if history.stamp().is_empty() || self.row_of.as_ref() == Some(&wanted) {
            return;
        }
        self.row_of = Some(wanted);
        cx.ask(Command::FindRow {
            workspace: workspace.clone(),
            query: history.query.clone(),
            oid: oid.to_owned(),
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

    pub(super) fn stashes(&mut self, cx: &Cx<'_>, workspace: &Workspace, n_acts: u64, n_readings: u64) {
        if self.stashes != Some((n_acts, n_readings)) {
            self.stashes = Some((n_acts, n_readings));
            cx.ask(Command::LoadStashes {
                workspace: workspace.clone(),
            });
        }
    }

    /// What stands beside and inside the checkout, again when something was done or the status was read anew.
    pub(super) fn trees(&mut self, cx: &Cx<'_>, workspace: &Workspace, ask: &Ask, at: (u64, u64)) {
        if self.trees.iter().any(|(known, since)| known == ask && *since == at) {
            return;
        }
        self.trees.retain(|(known, _)| known != ask);
        self.trees.push((ask.clone(), at));
        cx.ask(Command::Ask {
            workspace: workspace.clone(),
            ask: ask.clone(),
        });
    }

    /// What helps to write a message, again when something was committed.
    pub(super) fn commit_help(&mut self, cx: &Cx<'_>, workspace: &Workspace, n_acts: u64) {
        if self.help != Some(n_acts) {
            self.help = Some(n_acts);
            cx.ask(Command::LoadCommitHelp {
                workspace: workspace.clone(),
            });
        }
    }

    /// What a step would put in place, again when something may have changed.
    pub(super) fn undo(&mut self, cx: &Cx<'_>, workspace: &Workspace, id: u64, n_acts: u64, n_readings: u64) {
        if self.undo != Some((id, n_acts, n_readings)) {
            self.undo = Some((id, n_acts, n_readings));
            cx.ask(Command::ShowUndo {
                workspace: workspace.clone(),
                id,
            });
        }
    }

    /// The steps, again with every reading: others may have acted.
    pub(super) fn timeline(&mut self, cx: &Cx<'_>, workspace: &Workspace, n_readings: u64) {
        if self.timeline_at.replace(n_readings).is_some_and(|at| at != n_readings) {
            cx.ask(Command::LoadUndo {
                workspace: workspace.clone(),
            });
        }
    }

    /// Again with every reading: others may have made, moved or removed some.
    pub(super) fn refs(&mut self, cx: &Cx<'_>, workspace: &Workspace, n_readings: u64) {
        if self.refs_at.replace(n_readings) != Some(n_readings) {
            cx.ask(Command::LoadRefs {
                workspace: workspace.clone(),
            });
        }
    }
}

fn page_of(row: u64) -> u64 {
    row - row % HISTORY_PAGE
}
