//! What is known of the plans. Pure: changes only in `apply`.

use super::exchange::{Format, ImportRow};
use super::followed::Followed;
use super::followed::coverage::Coverage;
use super::forecast::Forecast;
use super::history::History;
use super::undo::ActOnItems;
use super::views::View;
use super::workflow::Workflow;
use super::{Act, Item, Kind, TemplateInfo, Unreadable, Update, order};
use crate::base::{Loadable, Msg, Problem, WorkspaceId};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The items of one workspace.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Plan {
    pub workflow: Workflow,
    /// By file below the root.
    pub items: BTreeMap<PathBuf, Item>,
    pub unreadable: BTreeMap<PathBuf, Problem>,
    /// What `chantier.toml` says wrongly about the plan.
    pub problems: Vec<Problem>,
    /// Counts every change, for what is worked out from the items and kept.
    pub generation: u64,
}

/// How far a milestone is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Share {
    pub n_done: usize,
    pub n_all: usize,
}

impl Plan {
    /// The item with this id, in any case.
    pub fn item(&self, id: &str) -> Option<&Item> {
        self.items.values().find(|item| item.id.eq_ignore_ascii_case(id))
    }

    /// The items of a column in the order of the board. One past the last column: states that the workflow does not know.
    pub fn column(&self, index: usize) -> Vec<&Item> {
        let mut items: Vec<&Item> = self.items.values().filter(|item| self.column_of(item) == index).collect();
        items.sort_by(|a, b| order::compare(a, b));
        items
    }

    pub fn column_of(&self, item: &Item) -> usize {
        self.workflow.column_of(&item.state).unwrap_or(self.workflow.columns.len())
    }

    pub fn count_in(&self, column: usize) -> usize {
        self.items.values().filter(|item| self.column_of(item) == column).count()
    }

    pub fn n_in_progress(&self) -> usize {
        self.items
            .values()
            .filter(|item| self.workflow.is_in_progress(&item.state) && item.kind != Kind::Milestone)
            .count()
    }

    /// The items that belong to a milestone, named by its title or its id.
    pub fn of_milestone(&self, milestone: &Item) -> impl Iterator<Item = &Item> {
        self.items.values().filter(move |item| {
            item.file != milestone.file
                && (item
                    .milestone
                    .as_deref()
                    .is_some_and(|name| name == milestone.title || name.eq_ignore_ascii_case(&milestone.id))
                    || item
                        .parent
                        .as_deref()
                        .is_some_and(|id| id.eq_ignore_ascii_case(&milestone.id)))
        })
    }

    /// How much of a milestone is done: of what is work itself, as everywhere.
    pub fn share_of(&self, milestone: &Item) -> Share {
        let mut share = Share::default();
        for item in super::milestones::members(self, &super::links::Links::of(self), milestone) {
            share.n_all += 1;
            share.n_done += usize::from(item.is_done(&self.workflow));
        }
        share
    }

    /// The milestone that is worked on: the first that is not done, by due date.
    pub fn next_milestone(&self) -> Option<&Item> {
        let open = self
            .items
            .values()
            .filter(|item| item.kind == Kind::Milestone && !item.is_done(&self.workflow));
        open.min_by_key(|item| (item.due.is_none(), item.due, item.title.clone()))
    }

    fn change(&mut self, items: Vec<Item>, unreadable: Vec<Unreadable>, removed: &[PathBuf]) {
        for file in removed {
            self.items.remove(file);
            self.unreadable.remove(file);
        }
        for item in items {
            self.unreadable.remove(&item.file);
            self.items.insert(item.file.clone(), item);
        }
        for bad in unreadable {
            self.items.remove(&bad.file);
            self.unreadable.insert(bad.file, bad.problem);
        }
        self.generation += 1;
    }
}

/// The last thing that was done to an item of a workspace.
#[derive(Clone, Debug, PartialEq)]
pub struct LastAct {
    pub id: String,
    pub what: Act,
    pub undo: Option<i64>,
    /// Counts the acts, so that a page tells each one once.
    pub number: u64,
}

/// What an import did, or would do.
#[derive(Clone, Debug, PartialEq)]
pub struct Import {
    pub path: PathBuf,
    pub format: Format,
    pub rows: Vec<ImportRow>,
    pub problems: Vec<Problem>,
    pub is_preview: bool,
}

/// What is known beside the items of a workspace.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    pub me: Option<String>,
    pub authors: Vec<String>,
    pub views: Vec<View>,
    pub view_problems: Vec<Problem>,
    pub history: Option<History>,
    /// By filter.
    pub forecasts: BTreeMap<String, Forecast>,
    /// By id.
    pub coverage: BTreeMap<String, Coverage>,
    /// What is to be said of the last edit.
    pub remarks: Vec<Problem>,
    /// What following did last.
    pub followed: Vec<Followed>,
    pub import: Option<Import>,
    /// Where items were written, the text when nowhere, and how many they are.
    pub export: Option<(Option<PathBuf>, String, usize)>,
    pub templates: Vec<TemplateInfo>,
    pub template_problems: Vec<Problem>,
    pub made: Vec<String>,
    /// The act that was taken back last.
    pub taken_back: Option<Msg>,
    /// The acts that can be taken back, when they were asked for.
    pub acts: Vec<ActOnItems>,
    /// Counts the histories, for what is worked out from one.
    pub history_number: u64,
}

/// Forecasts and coverage lines that are kept.
const MAX_KEPT: usize = 200;

#[derive(Clone, Debug, Default)]
pub struct Model {
    pub beside: BTreeMap<WorkspaceId, Beside>,
    pub plans: BTreeMap<WorkspaceId, Loadable<Plan>>,
    pub watched: BTreeSet<WorkspaceId>,
    pub last: BTreeMap<WorkspaceId, LastAct>,
    pub modules: super::modules::Known,
    incoming: BTreeMap<WorkspaceId, Vec<Item>>,
    n_acts: u64,
    n_changes: u64,
}

impl Model {
    pub fn plan(&self, workspace: &WorkspaceId) -> Option<&Plan> {
        self.plans.get(workspace).and_then(Loadable::value)
    }

    pub fn beside(&self, workspace: &WorkspaceId) -> Option<&Beside> {
        self.beside.get(workspace)
    }

    fn apply_beside(&mut self, update: Update) {
        match update {
            Update::People { workspace, me, authors } => {
                let beside = self.beside.entry(workspace).or_default();
                beside.me = me.or(beside.me.take());
                if !authors.is_empty() {
                    beside.authors = authors;
                }
            }
            Update::ViewsRead {
                workspace,
                views,
                problems,
            } => {
                let beside = self.beside.entry(workspace).or_default();
                beside.views = views;
                beside.view_problems = problems;
            }
            Update::HistoryRead { workspace, history } => {
                let beside = self.beside.entry(workspace).or_default();
                beside.history = Some(history);
                beside.history_number += 1;
            }
            Update::Forecasted {
                workspace,
                filter,
                forecast,
            } => {
                let beside = self.beside.entry(workspace).or_default();
                if beside.forecasts.len() >= MAX_KEPT {
                    beside.forecasts.clear();
                }
                beside.forecasts.insert(filter, forecast);
            }
            Update::Covered { workspace, id, coverage } => {
                let beside = self.beside.entry(workspace).or_default();
                if beside.coverage.len() >= MAX_KEPT {
                    beside.coverage.clear();
                }
                beside.coverage.insert(id, coverage);
            }
            Update::Remarked { workspace, problems } => self.beside.entry(workspace).or_default().remarks = problems,
            Update::ActsListed { workspace, acts } => self.beside.entry(workspace).or_default().acts = acts,
            Update::TakenBack { workspace, title } => self.beside.entry(workspace).or_default().taken_back = Some(title),
            Update::FollowedUp { workspace, changes } => self.beside.entry(workspace).or_default().followed = changes,
            Update::Imported {
                workspace,
                path,
                format,
                rows,
                problems,
                is_preview,
            } => {
                self.beside.entry(workspace).or_default().import = Some(Import {
                    path,
                    format,
                    rows,
                    problems,
                    is_preview,
                });
            }
            Update::Exported {
                workspace,
                path,
                text,
                n_items,
            } => self.beside.entry(workspace).or_default().export = Some((path, text, n_items)),
            Update::TemplatesRead {
                workspace,
                templates,
                problems,
            } => {
                let beside = self.beside.entry(workspace).or_default();
                beside.templates = templates;
                beside.template_problems = problems;
            }
            Update::MadeMany { workspace, ids } => self.beside.entry(workspace).or_default().made = ids,
            _ => {}
        }
    }

    fn with_plan(&mut self, workspace: &WorkspaceId, change: impl FnOnce(&mut Plan)) {
        // The number rises over all loads, so that what was worked out from an older plan is never taken for this one's.
        self.n_changes += 1;
        if let Some(plan) = self.plans.get_mut(workspace).and_then(Loadable::value_mut) {
            change(plan);
            plan.generation = self.n_changes;
        }
    }

    pub fn apply(&mut self, update: Update) {
        match update {
            Update::Modules(update) => self.modules.apply(update),
            Update::LoadStarted { workspace } => {
                self.incoming.remove(&workspace);
                self.plans.entry(workspace).or_default().start();
            }
            Update::Items { workspace, items } => self.incoming.entry(workspace).or_default().extend(items),
            Update::Loaded {
                workspace,
                workflow,
                unreadable,
                problems,
            } => {
                let items = self.incoming.remove(&workspace).unwrap_or_default();
                let mut plan = Plan {
                    workflow,
                    problems,
                    ..Plan::default()
                };
                plan.change(items, unreadable, &[]);
                self.n_changes += 1;
                plan.generation = self.n_changes;
                self.plans.entry(workspace).or_default().finish(plan);
            }
            Update::LoadFailed { workspace, problem } => {
                self.incoming.remove(&workspace);
                let plan = self.plans.entry(workspace).or_default();
                if problem.is_cancelled() {
                    plan.give_up();
                } else {
                    plan.fail(problem);
                }
            }
            Update::Changed {
                workspace,
                items,
                unreadable,
                removed,
            } => self.with_plan(&workspace, |plan| plan.change(items, unreadable, &removed)),
            Update::Done {
                workspace,
                id,
                what,
                undo,
            } => {
                self.n_acts += 1;
                let number = self.n_acts;
                self.last.insert(workspace, LastAct { id, what, undo, number });
            }
            Update::Watching { workspace, is_on: true } => {
                self.watched.insert(workspace);
            }
            Update::Watching { workspace, is_on: false } => {
                self.watched.remove(&workspace);
            }
            update => self.apply_beside(update),
        }
    }
}
