//! What is known of Code, per workspace. Pure: changes only in `apply`.

use super::branching::Branching;
use super::trees::Trees;
use super::{Acted, BlameKey, DiffKey, HistoryQuery, Update, Watching, Weather};
use crate::base::diff::DiffFile;
use crate::base::operation::RebasePlan;
use crate::base::picture::Pictures;
use crate::base::repo::{
    CommitDetail, CommitHelp, CommitRow, Comparison, HistoryOutline, Refs, StashRow, Status, Todo, UndoDetail, UndoEntry,
};
use crate::base::{Loadable, WorkspaceId};
use std::collections::BTreeMap;

mod blame;
pub use blame::BlameModel;

/// Rows that are kept around those that are seen, and in one run.
const MAX_ROWS: usize = 50_000;
const MAX_RUN: usize = 5_000;

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
    /// The picture that was asked for last, and how many were read.
    pub pictures: Option<(DiffKey, Loadable<Pictures>)>,
    pub n_pictures: u64,
    /// The differences that were asked for last, and how many files were left out.
    pub diffs: Vec<DiffFile>,
    pub n_diffs_unread: u64,
    pub history: History,
    /// The file that was blamed last.
    pub blame: Option<BlameModel>,
    /// The comparison that was asked for last.
    pub comparison: Option<((String, Option<String>), Loadable<Comparison>)>,
    /// The commit that was asked for last.
    pub commit: Option<(String, Loadable<CommitDetail>)>,
    pub refs: Loadable<Refs>,
    /// Goes on with every answer.
    pub refs_generation: u64,
    pub undo: Loadable<Vec<UndoEntry>>,
    pub stashes: Loadable<Vec<StashRow>>,
    pub commit_help: CommitHelp,
    /// What the entry that was asked for last would put in place.
    pub undo_detail: Option<(u64, Loadable<UndoDetail>)>,
    /// By commit, in full.
    pub weather: BTreeMap<String, Weather>,
    pub branching: Branching,
    pub trees: Trees,
    pub last_act: Option<Acted>,
    pub todos: Loadable<Vec<Todo>>,
    /// Counts up with everything that is learnt of them.
    pub todos_generation: u64,
    /// The command that opened an editor last.
    pub opened: Vec<String>,
    /// It is still to be started, by whoever sits at the terminal.
    pub is_open_left: bool,
    /// Counts up with every act.
    pub n_acts: u64,
}

/// A history: its outline, and those of its rows that were looked at last.
#[derive(Clone, Debug, Default)]
pub struct History {
    pub query: HistoryQuery,
    pub outline: Loadable<HistoryOutline>,
    /// Commits that were read so far, while nobody knows how many there are.
    pub n_read: Option<u64>,
    /// Runs of rows by the first row of each.
    runs: BTreeMap<u64, Vec<CommitRow>>,
    /// Where the commit that was looked for last stands.
    pub found: Option<(String, Option<u64>)>,
    /// Counts up with every other history.
    pub generation: u64,
}

impl RepoModel {
    /// The branch is at another commit than the plan was read from.
    pub fn has_moved(&self, plan: &RebasePlan) -> bool {
        let now = self.status.value().map(|status| &status.summary.oid);
        plan.head.is_some() && now.is_some_and(|now| *now != plan.head)
    }

    /// Authors that are known already stay until they are told anew.
    fn read_todos(&mut self, mut todos: Vec<Todo>) {
        let known = self.todos.value().map(Vec::as_slice).unwrap_or_default();
        let author = |todo: &Todo| {
            let first = known.partition_point(|old| old.path < todo.path);
            let same = known[first..].iter().take_while(|old| old.path == todo.path);
            same.into_iter()
                .find(|old| old.line == todo.line && old.text == todo.text)?
                .author
                .clone()
        };
        let authors: Vec<_> = todos.iter().map(author).collect();
        for (todo, author) in todos.iter_mut().zip(authors) {
            todo.author = author;
        }
        self.todos_generation += 1;
        self.todos.finish(todos);
    }
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
            Update::PicturesStarted { workspace, what } => {
                let pictures = &mut self.repo_mut(workspace).pictures;
                match pictures {
                    Some((known, loadable)) if *known == what => loadable.start(),
                    _ => *pictures = Some((what, Loadable::Loading { previous: None })),
                }
            }
            Update::PicturesRead {
                workspace,
                what,
                pictures,
            } => {
                let repo = self.repo_mut(workspace);
                if let Some((known, loadable)) = &mut repo.pictures
                    && *known == what
                {
                    repo.n_pictures += 1;
                    loadable.finish(*pictures);
                }
            }
            Update::PicturesFailed {
                workspace,
                what,
                problem,
            } => {
                if let Some((known, loadable)) = &mut self.repo_mut(workspace).pictures
                    && *known == what
                {
                    loadable.fail(problem);
                }
            }
            Update::Noticed { .. } => {}
            Update::DiffsStarted { workspace } => self.repo_mut(workspace).diffs.clear(),
            Update::DiffsRead { workspace, diff } => self.repo_mut(workspace).diffs.push(*diff),
            Update::DiffsEnded { workspace, n_unread } => self.repo_mut(workspace).n_diffs_unread = n_unread,
            Update::HistoryStarted { workspace, query } => {
                let history = &mut self.repo_mut(workspace).history;
                if history.query != query {
                    *history = History {
                        query,
                        generation: history.generation + 1,
                        ..History::default()
                    };
                }
                history.n_read = None;
                history.outline.start();
            }
            Update::HistoryCounted {
                workspace,
                query,
                n_read,
            } => {
                let history = &mut self.repo_mut(workspace).history;
                if history.query == query {
                    history.n_read = Some(n_read);
                }
            }
            Update::HistoryOutlined {
                workspace,
                query,
                outline,
                first,
                rows,
            } => {
                let history = &mut self.repo_mut(workspace).history;
                if history.query == query {
                    history.learn(outline);
                    history.put(first, rows);
                }
            }
            Update::HistoryRead {
                workspace,
                stamp,
                first,
                rows,
            } => {
                let history = &mut self.repo_mut(workspace).history;
                if history.stamp() == stamp {
                    history.put(first, rows);
                }
            }
            Update::RowFound {
                workspace,
                stamp,
                oid,
                row,
            } => {
                let history = &mut self.repo_mut(workspace).history;
                if history.stamp() == stamp {
                    history.found = Some((oid, row));
                }
            }
            Update::HistoryFailed {
                workspace,
                query,
                problem,
            } => {
                let history = &mut self.repo_mut(workspace).history;
                if history.query == query {
                    history.outline.fail(problem);
                }
            }
            Update::BlameStarted { workspace, what, line } => {
                self.repo_mut(workspace).blame = Some(BlameModel::new(what, line));
            }
            Update::BlameText {
                workspace,
                what,
                rev,
                path,
                lines,
            } => {
                if let Some(blame) = self.repo_mut(workspace).blame.as_mut().filter(|blame| blame.what == what) {
                    blame.learn_text(rev, path, lines);
                }
            }
            Update::BlameRuns {
                workspace,
                what,
                commits,
                runs,
            } => {
                if let Some(blame) = self.repo_mut(workspace).blame.as_mut().filter(|blame| blame.what == what) {
                    blame.learn_runs(commits, &runs);
                }
            }
            Update::BlameEnded {
                workspace,
                what,
                problem,
            } => {
                if let Some(blame) = self.repo_mut(workspace).blame.as_mut().filter(|blame| blame.what == what) {
                    match problem {
                        Some(problem) => blame.state.fail(problem),
                        None => blame.state.finish(()),
                    }
                }
            }
            Update::CompareStarted { workspace, from, to } => {
                let comparison = &mut self.repo_mut(workspace).comparison;
                match comparison {
                    Some((known, loadable)) if *known == (from.clone(), to.clone()) => loadable.start(),
                    _ => *comparison = Some(((from, to), Loadable::Loading { previous: None })),
                }
            }
            Update::Compared {
                workspace,
                from,
                to,
                comparison,
            } => {
                if let Some((known, loadable)) = &mut self.repo_mut(workspace).comparison
                    && *known == (from, to)
                {
                    loadable.finish(*comparison);
                }
            }
            Update::CompareFailed {
                workspace,
                from,
                to,
                problem,
            } => {
                if let Some((known, loadable)) = &mut self.repo_mut(workspace).comparison
                    && *known == (from, to)
                {
                    loadable.fail(problem);
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
            Update::RefsRead { workspace, refs } => {
                let repo = self.repo_mut(workspace);
                repo.refs_generation += 1;
                repo.refs.finish(refs);
            }
            Update::RefsFailed { workspace, problem } => self.repo_mut(workspace).refs.fail(problem),
            Update::WeatherRead { workspace, weather } => self.repo_mut(workspace).weather = weather,
            Update::UndoRead { workspace, entries } => self.repo_mut(workspace).undo.finish(entries),
            Update::UndoFailed { workspace, problem } => self.repo_mut(workspace).undo.fail(problem),
            Update::StashesRead { workspace, stashes } => self.repo_mut(workspace).stashes.finish(stashes),
            Update::StashesFailed { workspace, problem } => self.repo_mut(workspace).stashes.fail(problem),
            Update::CommitHelpRead { workspace, help } => self.repo_mut(workspace).commit_help = *help,
            Update::UndoDetailStarted { workspace, id } => {
                let detail = &mut self.repo_mut(workspace).undo_detail;
                match detail {
                    Some((known, loadable)) if *known == id => loadable.start(),
                    _ => *detail = Some((id, Loadable::Loading { previous: None })),
                }
            }
            Update::UndoDetailRead { workspace, detail } => {
                if let Some((known, loadable)) = &mut self.repo_mut(workspace).undo_detail
                    && *known == detail.id
                {
                    loadable.finish(*detail);
                }
            }
            Update::UndoDetailFailed { workspace, id, problem } => {
                if let Some((known, loadable)) = &mut self.repo_mut(workspace).undo_detail
                    && *known == id
                {
                    loadable.fail(problem);
                }
            }
            Update::Branching { workspace, news } => self.repo_mut(workspace).branching.apply(news),
            Update::Trees { workspace, news } => self.repo_mut(workspace).trees.apply(news),
            Update::TodosStarted { workspace } => self.repo_mut(workspace).todos.start(),
            Update::TodosRead { workspace, todos } => self.repo_mut(workspace).read_todos(todos),
            Update::TodosBlamed {
                workspace,
                path,
                authors,
            } => {
                let repo = self.repo_mut(workspace);
                repo.todos_generation += 1;
                if let Loadable::Ready { value: todos } = &mut repo.todos {
                    let first = todos.partition_point(|todo| todo.path < path);
                    for todo in todos[first..].iter_mut().take_while(|todo| todo.path == path) {
                        todo.author = authors.get(&todo.line).cloned();
                    }
                }
            }
            Update::TodosFailed { workspace, problem } => self.repo_mut(workspace).todos.fail(problem),
            Update::Opened {
                workspace,
                argv,
                is_left,
            } => {
                let repo = self.repo_mut(workspace);
                (repo.opened, repo.is_open_left) = (argv, is_left);
            }
            Update::Acted { workspace, acted } => {
                let repo = self.repo_mut(workspace);
                repo.n_acts += 1;
                repo.last_act = Some(acted);
            }
        }
    }
}

impl History {
    /// Tells one history from another; empty when nothing is known.
    pub fn stamp(&self) -> &str {
        self.outline.value().map_or("", |outline| outline.stamp.as_str())
    }

    pub fn n_rows(&self) -> u64 {
        self.outline.value().map_or(0, |outline| outline.n_rows)
    }

    /// A row, if it is among those that were read.
    pub fn row(&self, at: u64) -> Option<&CommitRow> {
        let (first, run) = self.runs.range(..=at).next_back()?;
        run.get((at - first) as usize)
    }

    /// Rows that were read, in their order, from this one on until one is missing.
    pub fn rows_from(&self, first: u64) -> impl Iterator<Item = &CommitRow> {
        (first..).map_while(|at| self.row(at))
    }

    fn learn(&mut self, outline: HistoryOutline) {
        if self.stamp() != outline.stamp {
            self.runs.clear();
            self.found = None;
            self.generation += 1;
        }
        let is_whole = outline.is_whole;
        self.outline.finish(outline);
        if is_whole {
            self.n_read = None;
        } else {
            self.outline.start();
        }
    }

    /// Takes rows over. Hits of a search follow each other and stay; of a history only what was looked at last is kept.
    fn put(&mut self, first: u64, rows: Vec<CommitRow>) {
        if rows.is_empty() {
            return;
        }
        let is_found = self.query.is_search();
        match self.runs.range_mut(..=first).next_back() {
            Some((start, run)) if *start + run.len() as u64 == first && (is_found || run.len() < MAX_RUN) => run.extend(rows),
            _ => {
                self.runs.insert(first, rows);
            }
        }
        while !is_found && self.runs.len() > 1 && self.runs.values().map(Vec::len).sum::<usize>() > MAX_ROWS {
            let farthest = self.runs.keys().copied().max_by_key(|start| start.abs_diff(first));
            self.runs.remove(&farthest.unwrap_or_default());
        }
    }
}
