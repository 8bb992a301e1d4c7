//! What is known of Code, per workspace. Pure: changes only in `apply`.

use super::history::lanes::Lanes;
use super::{Acted, DiffKey, HistoryQuery, Update, Watching, Weather};
use crate::base::diff::DiffFile;
use crate::base::repo::{CommitDetail, CommitRow, Refs, Status, UndoEntry};
use crate::base::{Loadable, WorkspaceId};
use std::collections::BTreeMap;

/// Commits that are kept at most; the rest is reached by searching.
pub const MAX_HISTORY: usize = 200_000;

#[derive(Clone, Debug, Default)]
pub struct Model {
    repos: BTreeMap<WorkspaceId, RepoModel>,
}

/// One repository.
#[derive(Clone, Debug, Default)]
pub struct RepoModel {
    pub status: Loadable<Status>,
    /// Counts up with every new status, for views that keep something worked out of it.
    pub status_generation: u64,
    status_number: u64,
    /// Counts up with every reading, also when it told nothing new: the content of files may have changed.
    pub n_readings: u64,
    pub watching: Option<Watching>,
    /// The difference that was asked for last.
    pub diff: Option<(DiffKey, Loadable<DiffFile>)>,
    /// The differences that were asked for last, and how many files were left out.
    pub diffs: Vec<DiffFile>,
    pub n_diffs_unread: u64,
    pub history: History,
    /// The commit that was asked for last.
    pub commit: Option<(String, Loadable<CommitDetail>)>,
    pub refs: Loadable<Refs>,
    pub undo: Loadable<Vec<UndoEntry>>,
    /// By commit, in full.
    pub weather: BTreeMap<String, Weather>,
    pub last_act: Option<Acted>,
    /// Counts up with every act.
    pub n_acts: u64,
}

/// The history as far as it was read.
#[derive(Clone, Debug, Default)]
pub struct History {
    pub query: HistoryQuery,
    pub rows: Vec<CommitRow>,
    /// After the last row.
    pub lanes: Lanes,
    pub is_end: bool,
    /// Lanes that the rows need.
    pub n_lanes: u16,
    /// The state of the page that was asked for last.
    pub page: Loadable<()>,
    pub generation: u64,
}

impl Model {
    pub fn repo(&self, workspace: &WorkspaceId) -> Option<&RepoModel> {
        self.repos.get(workspace)
    }

    pub fn status(&self, workspace: &WorkspaceId) -> Option<&Status> {
        self.repo(workspace)?.status.value()
    }

    pub fn watching(&self, workspace: &WorkspaceId) -> Option<Watching> {
        self.repo(workspace)?.watching
    }

    fn repo_mut(&mut self, workspace: WorkspaceId) -> &mut RepoModel {
        self.repos.entry(workspace).or_default()
    }

    pub fn apply(&mut self, update: Update) {
        match update {
            Update::StatusStarted { workspace } => self.repo_mut(workspace).status.start(),
            Update::StatusRead {
                workspace,
                number,
                status,
            } => {
                let repo = self.repo_mut(workspace);
                if number >= repo.status_number {
                    repo.status_number = number;
                    repo.n_readings += 1;
                    if repo.status.value() != Some(&*status) {
                        repo.status_generation += 1;
                    }
                    repo.status.finish(*status);
                }
            }
            Update::StatusFailed {
                workspace,
                number,
                problem,
            } => {
                let repo = self.repo_mut(workspace);
                if number >= repo.status_number {
                    repo.status_number = number;
                    repo.status_generation += 1;
                    repo.status.fail(problem);
                }
            }
            Update::Watching { workspace, watching } => self.repo_mut(workspace).watching = watching,
            Update::DiffStarted { workspace, what } => {
                let diff = &mut self.repo_mut(workspace).diff;
                match diff {
                    Some((known, loadable)) if *known == what => loadable.start(),
                    _ => *diff = Some((what, Loadable::Loading { previous: None })),
                }
            }
            Update::DiffRead { workspace, what, diff } => {
                if let Some((known, loadable)) = &mut self.repo_mut(workspace).diff
                    && *known == what
                {
                    loadable.finish(*diff);
                }
            }
            Update::DiffFailed {
                workspace,
                what,
                problem,
            } => {
                if let Some((known, loadable)) = &mut self.repo_mut(workspace).diff
                    && *known == what
                {
                    loadable.fail(problem);
                }
            }
            Update::Noticed { .. } => {}
            Update::DiffsStarted { workspace } => self.repo_mut(workspace).diffs.clear(),
            Update::DiffsRead { workspace, diff } => self.repo_mut(workspace).diffs.push(*diff),
            Update::DiffsEnded { workspace, n_unread } => self.repo_mut(workspace).n_diffs_unread = n_unread,
            Update::HistoryStarted {
                workspace,
                query,
                n_skip,
            } => {
                let history = &mut self.repo_mut(workspace).history;
                if history.query != query {
                    *history = History {
                        query,
                        generation: history.generation + 1,
                        ..History::default()
                    };
                }
                if n_skip == 0 || history.rows.len() as u64 == n_skip {
                    history.page.start();
                }
            }
            Update::HistoryRead {
                workspace,
                query,
                n_skip,
                rows,
                lanes,
                is_end,
            } => {
                self.repo_mut(workspace).history.append(query, n_skip, rows, lanes, is_end);
            }
            Update::HistoryFailed {
                workspace,
                query,
                problem,
            } => {
                let history = &mut self.repo_mut(workspace).history;
                if history.query == query {
                    history.page.fail(problem);
                }
            }
            Update::CommitStarted { workspace, revision } => {
                let commit = &mut self.repo_mut(workspace).commit;
                match commit {
                    Some((known, loadable)) if *known == revision => loadable.start(),
                    _ => *commit = Some((revision, Loadable::Loading { previous: None })),
                }
            }
            Update::CommitRead {
                workspace,
                revision,
                commit,
            } => {
                if let Some((known, loadable)) = &mut self.repo_mut(workspace).commit
                    && *known == revision
                {
                    loadable.finish(*commit);
                }
            }
            Update::CommitFailed {
                workspace,
                revision,
                problem,
            } => {
                if let Some((known, loadable)) = &mut self.repo_mut(workspace).commit
                    && *known == revision
                {
                    loadable.fail(problem);
                }
            }
            Update::RefsStarted { workspace } => self.repo_mut(workspace).refs.start(),
            Update::RefsRead { workspace, refs } => self.repo_mut(workspace).refs.finish(refs),
            Update::RefsFailed { workspace, problem } => self.repo_mut(workspace).refs.fail(problem),
            Update::WeatherRead { workspace, weather } => self.repo_mut(workspace).weather = weather,
            Update::UndoRead { workspace, entries } => self.repo_mut(workspace).undo.finish(entries),
            Update::UndoFailed { workspace, problem } => self.repo_mut(workspace).undo.fail(problem),
            Update::Acted { workspace, acted } => {
                let repo = self.repo_mut(workspace);
                repo.n_acts += 1;
                repo.last_act = Some(acted);
            }
        }
    }
}

impl History {
    /// The page follows what is there, or starts anew.
    fn append(&mut self, query: HistoryQuery, n_skip: u64, rows: Vec<CommitRow>, lanes: Lanes, is_end: bool) {
        if n_skip == 0 {
            let generation = self.generation;
            *self = Self {
                query,
                generation,
                ..Self::default()
            };
        } else if self.query != query || self.rows.len() as u64 != n_skip {
            return;
        }
        self.n_lanes = rows
            .iter()
            .map(|row| row.graph.n_lanes())
            .chain([self.n_lanes])
            .max()
            .unwrap_or(0);
        self.rows.extend(rows);
        self.lanes = lanes;
        self.is_end = is_end || self.rows.len() >= MAX_HISTORY;
        self.generation += 1;
        self.page.finish(());
    }
}
