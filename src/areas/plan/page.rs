//! The page of Plan: board, table and problems of the items of one workspace.

mod board;
mod bulk;
mod detail;
mod dialogs;
mod form;
mod milestones;
mod modules;
mod promised;
mod shown;
mod table;
mod timeline;
mod words;

use super::exchange::Format;
use super::filter::{Context, complete};
use super::model::Plan;
use super::{Act, Command, Item};
use crate::areas::AreaId;
use crate::areas::devops::BoardRow;
use crate::areas::page::{Action, Badge, Cx, Intent, Tab, UiIntent, choose_workspace_ui};
use crate::base::{Loadable, State, Target, Workspace, WriteTo};
use crate::msg;
use crate::ui::offers::Offer;
use crate::ui::page_frame::{self, LoadableView};
use crate::ui::table::{TableState, row_key};
use crate::ui::{self, icons, state_mark, text};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

const BOARD: &str = "board";
const TABLE: &str = "table";
const TIMELINE: &str = "timeline";
const MILESTONES: &str = "milestones";
const PROBLEMS: &str = "problems";
const MODULES: &str = "modules";
/// Purposes of files that are picked.
const IMPORT: &str = "import";
const EXPORT_CSV: &str = "export-csv";
const EXPORT_JSON: &str = "export-json";

/// What the user sees and selects here.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Page {
    table: TableState,
    /// What the rows of the table are grouped by; empty for nothing.
    group: String,
    /// What the board has lanes for; empty for nothing.
    lanes: String,
    /// The saved view that is shown.
    view: String,
    timeline: timeline::TimelineState,
    #[serde(skip)]
    milestones: milestones::MilestonesState,
    #[serde(skip)]
    lane_boards: BTreeMap<String, ui::board::BoardState>,
    #[serde(skip)]
    open: Option<dialogs::Open>,
    /// The item whose coverage was asked for, with the plan's generation.
    #[serde(skip)]
    covered: Option<(PathBuf, u64)>,
    /// The cards whose coverage was asked for while the workspace was as it is now.
    #[serde(skip)]
    asked_cards: BTreeSet<String>,
    #[serde(skip)]
    cards_of: Option<BoardRow>,
    #[serde(skip)]
    board: ui::board::BoardState,
    #[serde(skip)]
    selected: Option<PathBuf>,
    #[serde(skip)]
    form: Option<form::Form>,
    #[serde(skip)]
    left: form::Left,
    #[serde(skip)]
    detail: detail::Inputs,
    #[serde(skip)]
    shown: shown::Shown,
    #[serde(skip)]
    modules: modules::Modules,
    /// What to say once it was done.
    #[serde(skip)]
    promised: Option<promised::Promised>,
    /// The number of the last act that was told.
    #[serde(skip)]
    n_told: u64,
}

/// The plan of the chosen workspace.
fn plan<'a>(cx: &Cx<'a>) -> Option<(&'a Workspace, &'a Plan)> {
    let workspace = cx.workspace?;
    cx.model.plan.plan(&workspace.id).map(|plan| (workspace, plan))
}

fn key_of(item: &Item) -> u64 {
    row_key(&item.file.to_string_lossy())
}

fn page_action(id: &str) -> Intent {
    Intent::Ui(UiIntent::PageAction(AreaId::Plan, id.to_owned()))
}

impl Page {
    /// The day and the user, for filters.
    fn context(&self, cx: &Cx<'_>) -> Context {
        let beside = cx.workspace.and_then(|workspace| cx.model.plan.beside(&workspace.id));
        Context {
            today: words::today(cx),
            me: beside.and_then(|beside| beside.me.clone()),
        }
    }

    fn selected<'a>(&self, cx: &Cx<'a>) -> Option<(&'a Workspace, &'a Plan, &'a Item)> {
        let (workspace, plan) = plan(cx)?;
        let item = plan.items.get(self.selected.as_ref()?)?;
        Some((workspace, plan, item))
    }

    fn select(&mut self, item: &Item) {
        if self.selected.as_ref() != Some(&item.file) {
            self.detail = detail::Inputs::default();
        }
        self.selected = Some(item.file.clone());
        self.board.selected = Some(key_of(item));
        self.table.select_only(key_of(item));
    }

    /// Tells what was done, once, with the act that takes it back.
    fn tell(&mut self, cx: &Cx<'_>) {
        let Some(workspace) = cx.workspace else { return };
        let Some(last) = cx.model.plan.last.get(&workspace.id).filter(|last| last.number > self.n_told) else {
            return;
        };
        self.n_told = last.number;
        match last.what {
            Act::Deleted => {
                let restore = Command::Restore {
                    workspace: workspace.clone(),
                    undo: last.undo,
                };
                cx.ask(Intent::Ui(UiIntent::Toast {
                    text: cx.msg(&msg!("plan-removed", id = last.id.as_str())),
                    word: None,
                    undo: Some(Box::new(restore.into())),
                }));
            }
            Act::Created | Act::Restored => {
                if let Some(item) = plan(cx).and_then(|(_, plan)| plan.item(&last.id)) {
                    self.select(item);
                }
            }
            Act::Changed => {
                if let Some((workspace, plan)) = plan(cx) {
                    self.keep_promise(cx, workspace, plan);
                }
            }
        }
    }

    /// Says what of the filter is not understood, above what the rest of it leaves.
    fn wrong_filter_ui(&self, ui: &mut ui::Ui, cx: &Cx<'_>, plan: &Plan) {
        let filtered = self.shown.filtered(plan, cx.filter.trim(), &self.context(cx));
        if let Some(problem) = filtered.problems.first() {
            page_frame::problem_ui(ui, problem, false);
        }
    }

    fn problems_ui(&self, ui: &mut ui::Ui, cx: &Cx<'_>, plan: &Plan) {
        let problems = self.shown.problems(plan);
        if problems.is_empty() {
            page_frame::empty_ui(ui, icons::CHECK, &cx.t("plan-no-problems"), None);
            return;
        }
        words::scroll_ui(ui, "plan-problems", |ui| {
            limits_ui(ui, cx, plan);
            // Those of the limits stand above, by the names that the columns have.
            for problem in problems.iter().filter(|problem| problem.code != "limit").take(200) {
                page_frame::problem_card_ui(ui, problem, false);
                // Two files with one id: the user says which of them gets another one.
                for file in problem.details.lines().filter(|_| problem.code == "twice") {
                    let label = cx.msg(&msg!("plan-new-id", file = file));
                    if ui.add(ui::button::Button::new(&label).small()).clicked()
                        && let Some(workspace) = cx.workspace
                    {
                        cx.ask(Command::Renumber {
                            workspace: workspace.clone(),
                            file: PathBuf::from(file),
                        });
                    }
                }
            }
        });
    }
}

/// The columns that hold too much, each with the way to it.
fn limits_ui(ui: &mut ui::Ui, cx: &Cx<'_>, plan: &Plan) {
    let columns = plan.workflow.columns.iter().enumerate();
    for (index, column) in columns {
        let (n, Some(limit)) = (plan.count_in(index), column.limit) else {
            continue;
        };
        if !plan.workflow.is_over_limit(index, n) {
            continue;
        }
        let state = super::state_name(&column.state, cx.texts);
        let words = cx.msg(&msg!("plan-check-limit", state = state, n = n, limit = limit));
        ui.horizontal(|ui| {
            state_mark::label_ui(ui, State::Failed, &words);
            if text::link(ui, &cx.t("plan-show-board")).clicked() {
                cx.ask(Intent::Go(Target::Page {
                    area: AreaId::Plan.word().to_owned(),
                    tab: Some(BOARD.to_owned()),
                }));
            }
        });
    }
}

impl crate::areas::page::Page for Page {
    fn actions(&self, cx: &Cx<'_>) -> Vec<Action> {
        let Some(workspace) = cx.workspace else { return Vec::new() };
        if cx.tab == MODULES {
            return modules::actions(&self.modules, cx);
        }
        let new = Action::new("plan-new", cx.t("plan-new"), page_action("new"));
        let refresh = Command::Load {
            workspace: workspace.clone(),
        };
        let mut actions = vec![
            new.icon(icons::ADD).primary(),
            Action::new("plan-refresh", cx.t("plan-refresh"), refresh.into()).icon(icons::REFRESH),
        ];
        let open =
            |id: &'static str, label: &str, icon| Action::new(format!("plan-{id}"), cx.t(label), page_action(id)).icon(icon);
        let pick = |purpose: &str| Intent::Ui(UiIntent::PickFolder(AreaId::Plan, purpose.to_owned()));
        actions.extend([
            open("save-view", "plan-view-save", icons::BOOKMARK),
            open("template", "plan-template", icons::TREE),
            open("rules", "plan-rules", icons::SLIDERS),
            Action::new(
                "plan-import",
                cx.t("plan-import"),
                Intent::Ui(UiIntent::PickFile(AreaId::Plan, IMPORT.to_owned())),
            )
            .icon(icons::DOWNLOAD),
            Action::new("plan-export-csv", cx.t("plan-export-csv"), pick(EXPORT_CSV)).icon(icons::UPLOAD),
            Action::new("plan-export-json", cx.t("plan-export-json"), pick(EXPORT_JSON)).icon(icons::UPLOAD),
        ]);
        if !self.view.is_empty() {
            let remove = Command::RemoveView {
                workspace: workspace.clone(),
                name: self.view.clone(),
            };
            actions.push(Action::new("plan-view-remove", cx.t("plan-view-remove"), remove.into()).icon(icons::DELETE));
        }
        if let Some((workspace, plan, item)) = self.selected(cx) {
            actions.extend(
                words::item_actions(cx, workspace, plan, item)
                    .into_iter()
                    .map(Action::palette_only),
            );
        }
        actions
    }

    fn subtitle(&self, cx: &Cx<'_>) -> String {
        if cx.tab == MODULES {
            return modules::subtitle(cx);
        }
        let Some((_, plan)) = plan(cx) else { return String::new() };
        let summary = self.shown.summary(plan);
        let mut text = cx.msg(&msg!("plan-subtitle", n = plan.items.len(), busy = summary.n_in_progress));
        if let Some((name, percent)) = &summary.milestone {
            text.push_str(&cx.msg(&msg!("plan-subtitle-milestone", name = name.as_str(), percent = *percent)));
        }
        text
    }

    fn tabs(&self, cx: &Cx<'_>) -> Vec<Tab> {
        let tab = |id, label: &str, count: Option<usize>| Tab {
            id,
            label: cx.t(label),
            count: count.map(|n| n as u64),
        };
        let mut tabs = vec![
            tab(BOARD, "plan-tab-board", None),
            tab(TABLE, "plan-tab-table", None),
            tab(TIMELINE, "plan-tab-timeline", None),
            tab(MILESTONES, "plan-tab-milestones", None),
        ];
        tabs.push(tab(
            MODULES,
            "plan-tab-modules",
            Some(modules::n_modules(cx)).filter(|n| *n > 0),
        ));
        let n_problems = plan(cx).map_or(0, |(_, plan)| self.shown.problems(plan).len());
        if n_problems > 0 || cx.tab == PROBLEMS {
            tabs.push(tab(PROBLEMS, "plan-tab-problems", Some(n_problems)));
        }
        tabs
    }

    fn filter_hint(&self, cx: &Cx<'_>) -> Option<String> {
        if cx.tab == MODULES {
            return cx.workspace.map(|_| cx.t("plan-modules-filter"));
        }
        (cx.workspace.is_some() && cx.tab != PROBLEMS && cx.tab != MILESTONES).then(|| cx.t("plan-filter"))
    }

    fn filter_offers(&self, cx: &Cx<'_>) -> Vec<Offer> {
        let Some((workspace, plan)) = plan(cx) else {
            return Vec::new();
        };
        let people = cx
            .model
            .plan
            .beside(&workspace.id)
            .map(|beside| beside.authors.as_slice())
            .unwrap_or_default();
        let offers = self.shown.offers.get((plan.generation, cx.filter.to_owned()), || {
            let offer = |offer: complete::Offer| Offer {
                text: offer.text,
                word: offer.word,
                note: offer.n.map(|n| n.to_string()).unwrap_or_default(),
            };
            complete::offers(cx.filter, plan, people).into_iter().map(offer).collect()
        });
        offers.to_vec()
    }

    fn body_ui(&mut self, ui: &mut ui::Ui, cx: &Cx<'_>) {
        let Some(workspace) = cx.workspace else {
            choose_workspace_ui(ui, cx, icons::BOARD, &cx.t("plan-choose-workspace"));
            return;
        };
        if cx.tab == MODULES {
            self.modules.body_ui(ui, cx, workspace);
            return;
        }
        self.tell(cx);
        let empty = Loadable::Empty;
        let value = cx.model.plan.plans.get(&workspace.id).unwrap_or(&empty);
        let sentence = if cx.tab == MILESTONES {
            "plan-milestones-none"
        } else {
            "plan-empty"
        };
        let (sentence, fill) = (cx.t(sentence), cx.t("plan-new"));
        let view = LoadableView {
            icon: icons::BOARD,
            empty: &sentence,
            empty_action: Some(&fill),
            progress: None,
        };
        let is_problems = cx.tab == PROBLEMS;
        let is_empty = |plan: &Plan| plan.items.is_empty() && plan.unreadable.is_empty();
        let ask = page_frame::loadable_ui(ui, value, &view, is_empty, |ui, plan| {
            if matches!(cx.tab, TABLE | TIMELINE | BOARD) {
                self.wrong_filter_ui(ui, cx, plan);
            }
            match cx.tab {
                MILESTONES => self.milestones_ui(ui, cx, workspace, plan),
                TABLE => self.table_ui(ui, cx, workspace, plan),
                TIMELINE => self.timeline_ui(ui, cx, workspace, plan),
                _ if is_problems => self.problems_ui(ui, cx, plan),
                _ => self.board_ui(ui, cx, workspace, plan),
            }
        });
        match ask {
            Some(page_frame::LoadableAsk::Retry) => cx.ask(Command::Load {
                workspace: workspace.clone(),
            }),
            Some(page_frame::LoadableAsk::Fill) => self.open_new(cx, None),
            None => {}
        }
    }

    fn has_detail(&self, cx: &Cx<'_>) -> bool {
        if cx.tab == MODULES {
            return self.modules.has_detail(cx);
        }
        cx.tab != PROBLEMS && self.selected(cx).is_some()
    }

    fn detail_ui(&mut self, ui: &mut ui::Ui, cx: &Cx<'_>) {
        if cx.tab == MODULES {
            return self.modules.detail_ui(ui, cx);
        }
        if let Some((workspace, plan, item)) = self.selected(cx) {
            if self
                .covered
                .as_ref()
                .is_none_or(|(file, generation)| *file != item.file || *generation != plan.generation)
            {
                self.covered = Some((item.file.clone(), plan.generation));
                cx.ask(Command::Cover {
                    workspace: workspace.clone(),
                    id: item.id.clone(),
                });
            }
            detail::ui(ui, cx, &mut self.detail, workspace, plan, item);
        }
    }

    fn dialog_ui(&mut self, ui: &mut ui::Ui, cx: &Cx<'_>) {
        self.modules.dialog_ui(ui, cx);
        if let Some((workspace, plan)) = plan(cx) {
            self.open_dialog_ui(ui, cx, workspace, plan);
        }
        self.form_ui(ui, cx);
    }

    fn on_open(&mut self, cx: &Cx<'_>) {
        let Some(workspace) = cx.workspace else { return };
        self.modules.on_open(cx);
        self.n_told = cx.model.plan.last.values().map(|last| last.number).max().unwrap_or(0);
        cx.ask(Command::Load {
            workspace: workspace.clone(),
        });
        cx.ask(Command::ReadHistory {
            workspace: workspace.clone(),
        });
        self.milestones = milestones::MilestonesState::default();
        self.asked_cards.clear();
        if !cx.model.plan.watched.contains(&workspace.id) {
            cx.ask(Command::Watch {
                workspace: workspace.clone(),
            });
        }
    }

    fn on_action(&mut self, id: &str, cx: &Cx<'_>) {
        if let Some(id) = id.strip_prefix("modules-") {
            return self.modules.on_action(id, cx);
        }
        match id {
            "new" => self.open_new(cx, None),
            "form-again" => self.open_left(),
            "save-view" => {
                self.open = Some(dialogs::Open::SaveView { name: self.view.clone() });
            }
            "rules" => self.open = Some(dialogs::Open::Rules),
            "template" => {
                let Some(workspace) = cx.workspace else { return };
                cx.ask(Command::LoadTemplates {
                    workspace: workspace.clone(),
                    lang: cx.texts.lang(),
                });
                self.open = Some(dialogs::Open::Template {
                    name: String::new(),
                    values: BTreeMap::new(),
                    milestone: String::new(),
                });
            }
            id if id.starts_with(bulk::BULK) => {
                if let Some((workspace, plan)) = plan(cx) {
                    self.act_on_chosen(cx, workspace, plan, &id[bulk::BULK.len()..]);
                }
            }
            "edit" => self.form = self.selected(cx).map(|(_, _, item)| form::Form::of(item)),
            _ => {}
        }
    }

    fn on_picked(&mut self, purpose: &str, path: PathBuf, cx: &Cx<'_>) {
        let Some(workspace) = cx.workspace.cloned() else { return };
        let export = |name: &str, format| Command::Export {
            path: Some(WriteTo::beside(path.join(name))),
            format,
            filter: cx.filter.trim().to_owned(),
            workspace: workspace.clone(),
        };
        match purpose {
            IMPORT => {
                cx.ask(Command::Import {
                    workspace,
                    path: path.clone(),
                    format: None,
                    is_preview: true,
                    updates: false,
                });
                self.open = Some(dialogs::Open::Import { path });
            }
            EXPORT_CSV => cx.ask(export("plan.csv", Format::Csv)),
            EXPORT_JSON => cx.ask(export("plan.json", Format::Json)),
            "modules-read" => self.modules.on_picked(path, cx),
            _ => {}
        }
    }

    fn reveal(&mut self, target: &Target, cx: &Cx<'_>) {
        if let Target::Item { id, .. } = target {
            let item = plan(cx).and_then(|(_, plan)| plan.item(id));
            if let Some(item) = item {
                self.select(item);
            }
        }
    }

    fn things(&self, cx: &Cx<'_>) -> Vec<(String, Target)> {
        let Some((workspace, plan)) = plan(cx) else {
            return Vec::new();
        };
        let target = |item: &Item| Target::Item {
            workspace: workspace.id.clone(),
            id: item.id.clone(),
        };
        plan.items
            .values()
            .take(2000)
            .map(|item| (format!("{} {}", item.id, item.title), target(item)))
            .collect()
    }

    fn badge(&self, cx: &Cx<'_>) -> Option<Badge> {
        let count = plan(cx).map_or(0, |(_, plan)| self.shown.summary(plan).n_in_progress) as u64;
        (count > 0).then_some(Badge { count, state: None })
    }

    fn save(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn load(&mut self, saved: serde_json::Value) {
        if let Ok(page) = serde_json::from_value(saved) {
            *self = page;
        }
    }
}
