//! The board: one row per workspace, read from left to right like the life cycle.

use super::words;
use super::workspace;
use crate::areas::AreaId;
use crate::areas::devops::{BoardRow, Command, WorkspaceInfo};
use crate::areas::page::{Cx, Intent, UiIntent};
use crate::base::{State, Target};
use crate::msg;
use crate::ui::page_frame::{LoadableAsk, LoadableView, loadable_ui};
use crate::ui::table::{Column, GroupRow, Table, TableState, row_key};
use crate::ui::theme::font;
use crate::ui::tokens::{Tokens, measure};
use crate::ui::{Ui, action, icons, palette, state_mark, text};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

#[derive(Clone, Copy, Debug)]
enum Line {
    Group(usize),
    Workspace(usize),
}

/// What the board remembers.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Board {
    pub(super) table: TableState,
    /// Groups that are folded.
    folded: BTreeSet<String>,
    #[serde(skip)]
    lines: Vec<Line>,
    #[serde(skip)]
    groups: Vec<GroupRow>,
    /// What `lines` were made from.
    #[serde(skip)]
    made_from: Option<(u64, String, String, usize)>,
}

impl Board {
    pub(super) fn body_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let empty = cx.t("devops-board-empty");
        let add = cx.t("devops-add");
        let view = LoadableView {
            icon: icons::FOLDER,
            empty: &empty,
            empty_action: Some(&add),
            progress: None,
        };
        // While it is read anew the board stays as it is: a refresh is not worth a flicker.
        let asked = match &cx.model.devops.workspaces {
            crate::base::Loadable::Loading { previous: Some(infos) } => {
                self.table_ui(ui, cx, infos);
                None
            }
            workspaces => loadable_ui(ui, workspaces, &view, Vec::is_empty, |ui, infos| self.table_ui(ui, cx, infos)),
        };
        match asked {
            Some(LoadableAsk::Retry) => cx.ask(Command::LoadWorkspaces),
            Some(LoadableAsk::Fill) => cx.ask(Intent::Ui(UiIntent::PickFolder(AreaId::DevOps, "add".to_owned()))),
            None => {}
        }
    }

    fn table_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, infos: &[WorkspaceInfo]) {
        self.arrange(cx, infos);
        if self.lines.is_empty() {
            crate::areas::page::no_hits_ui(ui, cx, "devops-filter-nothing");
            return;
        }
        let name = cx.t("devops-tab-workspaces");
        let columns = columns(cx);
        let Self {
            table: state,
            folded,
            lines,
            groups,
            ..
        } = self;
        let info_of = |row: usize| match lines.get(row) {
            Some(Line::Workspace(i)) => infos.get(*i),
            _ => None,
        };
        let group_of = |row: usize| match lines.get(row) {
            Some(Line::Group(i)) => groups.get(*i).cloned(),
            _ => None,
        };
        let mut menu_asked = None;
        let response = {
            let table = Table::new("devops-board", &name, &columns, lines.len())
                .row_height(measure::ROW_TALL)
                .key(|row| match info_of(row) {
                    Some(info) => row_key(&info.workspace.id.0),
                    None => row_key(&format!("group {row}")),
                })
                .label(|row| match info_of(row) {
                    Some(info) => format!("{}, {}", info.workspace.name, words::worst_word(cx, info).1),
                    None => group_of(row).map(|group| group.label).unwrap_or_default(),
                })
                .copy(|row| info_of(row).map(|info| copy(cx, info)).unwrap_or_default())
                .groups(group_of)
                .menu(|ui, row| {
                    if let Some(info) = info_of(row) {
                        menu_asked = action::menu_ui(ui, &workspace::actions(info, cx)).or(menu_asked.take());
                    }
                });
            table.show(ui, state, |ui, row, column| {
                if let Some(info) = info_of(row) {
                    cell_ui(ui, cx, info, columns[column].id);
                }
            })
        };
        if let Some(intent) = menu_asked {
            cx.ask(intent);
        }
        if let Some(group) = response.toggled.and_then(group_of) {
            if !folded.remove(&group.label) {
                folded.insert(group.label);
            }
            self.made_from = None;
        } else if let Some(info) = response.activated.and_then(info_of) {
            workspace::open(cx, info);
        }
    }

    /// Filters, groups and sorts, when something of it has changed.
    fn arrange(&mut self, cx: &Cx<'_>, infos: &[WorkspaceInfo]) {
        let sort = self
            .table
            .sort
            .as_ref()
            .map(|sort| format!("{} {}", sort.column, sort.descending))
            .unwrap_or_default();
        let from = (cx.model.devops.generation, cx.filter.to_owned(), sort, self.folded.len());
        if self.made_from.as_ref() == Some(&from) {
            return;
        }
        self.made_from = Some(from);
        let filter = cx.filter.trim();
        let mut shown: Vec<usize> = (0..infos.len())
            .filter(|i| filter.is_empty() || matches(cx, &infos[*i], filter))
            .collect();
        let key = |info: &WorkspaceInfo| sort_key(cx, info, self.table.sort.as_ref().map_or("name", |sort| &sort.column));
        shown.sort_by(|a, b| {
            let (a, b) = (&infos[*a], &infos[*b]);
            let ordered = key(a).cmp(&key(b)).then_with(|| a.workspace.name.cmp(&b.workspace.name));
            let ordered = if self.table.sort.as_ref().is_some_and(|sort| sort.descending) {
                ordered.reverse()
            } else {
                ordered
            };
            (!a.pinned).cmp(&!b.pinned).then(ordered)
        });
        self.groups.clear();
        self.lines.clear();
        let names: BTreeSet<&str> = infos.iter().map(|info| info.group.as_str()).collect();
        if names.iter().all(|name| name.is_empty()) {
            self.lines = shown.into_iter().map(Line::Workspace).collect();
            return;
        }
        // Those without a group come last.
        for name in names
            .iter()
            .filter(|name| !name.is_empty())
            .chain(names.iter().filter(|name| name.is_empty()))
        {
            let members: Vec<usize> = shown.iter().copied().filter(|i| infos[*i].group == *name).collect();
            if members.is_empty() {
                continue;
            }
            let label = if name.is_empty() {
                cx.t("devops-no-group")
            } else {
                (*name).to_owned()
            };
            let open = !self.folded.contains(&label);
            let worst = members
                .iter()
                .map(|i| words::worst_word(cx, &infos[*i]))
                .min_by_key(|(state, _)| *state);
            self.lines.push(Line::Group(self.groups.len()));
            self.groups.push(GroupRow {
                label,
                count: members.len().to_string(),
                open,
                state: worst.filter(|(state, _)| state.needs_attention() && !open),
            });
            if open {
                self.lines.extend(members.into_iter().map(Line::Workspace));
            }
        }
    }
}

fn columns(cx: &Cx<'_>) -> Vec<Column> {
    let column = |id: &'static str, key: &str, width: f32| Column::new(id, cx.t(key), width);
    vec![
        column("name", "devops-col-workspace", 122.0).min(80.0).always(),
        column("branch", "devops-col-branch", 112.0),
        column("changes", "devops-col-changes", 52.0),
        column("build", "devops-col-build", 80.0),
        column("tests", "devops-col-tests", 112.0),
        column("version", "devops-col-version", 54.0),
        column("deployed", "devops-col-deployed", 112.0),
        column("live", "devops-col-live", 60.0),
        column("problems", "devops-col-problems", 64.0).right(),
        column("path", "devops-col-path", 240.0).hidden_at_first(),
    ]
}

fn cell_ui(ui: &mut Ui, cx: &Cx<'_>, info: &WorkspaceInfo, column: &str) {
    match column {
        "name" => return name_ui(ui, cx, info),
        "path" => {
            text::path(ui, &info.workspace.root.display().to_string());
            return;
        }
        _ => {}
    }
    let Some(row) = cx.model.devops.row(&info.workspace.id) else {
        text::absent(ui);
        return;
    };
    match column {
        "branch" => branch_ui(ui, row),
        "changes" => match row.repo.as_ref().filter(|repo| repo.is_dirty()) {
            Some(repo) => {
                text::body(ui, &words::changes(repo)).on_hover_text(words::changes_whole(cx, repo));
            }
            None => {
                text::absent(ui);
            }
        },
        "build" => state_cell(ui, words::build(cx, row)),
        "tests" => state_cell(ui, words::tests(cx, row)),
        "deployed" => state_cell(ui, words::deployed(cx, row)),
        "live" => state_cell(ui, words::live(cx, row)),
        "version" => {
            match &row.version {
                Some(version) => text::body(ui, version),
                None => text::absent(ui),
            };
        }
        _ if !row.problems.is_empty() => {
            let colour = Tokens::of(ui).warning.text;
            let whole: Vec<String> = row.problems.iter().map(|problem| cx.msg(problem)).collect();
            text::coloured(ui, &row.problems.len().to_string(), colour).on_hover_text(whole.join("\n"));
        }
        _ => {}
    }
}

fn name_ui(ui: &mut Ui, cx: &Cx<'_>, info: &WorkspaceInfo) {
    let t = Tokens::of(ui);
    let chosen = cx.workspace.is_some_and(|workspace| workspace.id == info.workspace.id);
    let look = text::Look {
        font: if chosen {
            font::medium(measure::TEXT_BODY)
        } else {
            font::body()
        },
        colour: if info.is_missing { t.text_weak } else { t.text },
        cut: text::Cut::Middle,
    };
    let room = ui.available_width() - if super::is_trusted(info) { 0.0 } else { 20.0 };
    text::label_within(ui, &info.workspace.name, look, room);
    if info.is_missing {
        state_mark::mark_ui(ui, State::Failed);
    } else if !super::is_trusted(info) {
        let (_, word) = words::trust(cx, info);
        icons::icon_ui(ui, icons::LOCK, 13.0, t.text_weak, Some(&word));
    }
}

fn branch_ui(ui: &mut Ui, row: &BoardRow) {
    let t = Tokens::of(ui);
    let Some(repo) = &row.repo else {
        let absent = text::absent(ui);
        if let Some(problem) = &row.repo_problem {
            absent.on_hover_text(text::say(ui, &problem.summary));
        }
        return;
    };
    icons::icon_ui(ui, icons::BRANCH, 13.0, t.text_weak, None);
    text::label(
        ui,
        &repo.head_name(),
        text::Look {
            font: font::body(),
            colour: t.text_weak,
            cut: text::Cut::Middle,
        },
    );
}

fn state_cell(ui: &mut Ui, (state, word): (State, String)) {
    state_mark::label_ui(ui, state, &word);
}

fn matches(cx: &Cx<'_>, info: &WorkspaceInfo, filter: &str) -> bool {
    let branch = cx
        .model
        .devops
        .row(&info.workspace.id)
        .and_then(|row| row.repo.as_ref())
        .map(|repo| repo.head_name());
    let group = info.group.as_str();
    [info.workspace.name.as_str(), branch.as_deref().unwrap_or_default(), group]
        .iter()
        .any(|text| palette::is_found(filter, text))
}

/// Text columns by their text, states by how bad they are, numbers by size.
fn sort_key(cx: &Cx<'_>, info: &WorkspaceInfo, column: &str) -> (i64, String) {
    let empty = BoardRow::default();
    let row = cx.model.devops.row(&info.workspace.id).unwrap_or(&empty);
    let of_state = |(state, word): (State, String)| (state as i64, word);
    match column {
        "branch" => (0, row.repo.as_ref().map(|repo| repo.head_name()).unwrap_or_default()),
        "changes" => (
            -row.repo.as_ref().map_or(-1, |repo| i64::from(repo.n_changed())),
            String::new(),
        ),
        "build" => of_state(words::build(cx, row)),
        "tests" => of_state(words::tests(cx, row)),
        "version" => (0, row.version.clone().unwrap_or_default()),
        "deployed" => of_state(words::deployed(cx, row)),
        "live" => of_state(words::live(cx, row)),
        "problems" => (-(row.problems.len() as i64), String::new()),
        "path" => (0, info.workspace.root.display().to_string()),
        _ => (0, info.workspace.name.to_lowercase()),
    }
}

/// A row as one line of text with tabs.
fn copy(cx: &Cx<'_>, info: &WorkspaceInfo) -> String {
    let mut parts = vec![info.workspace.name.clone(), info.workspace.root.display().to_string()];
    if let Some(row) = cx.model.devops.row(&info.workspace.id) {
        parts.push(row.repo.as_ref().map(|repo| repo.head_name()).unwrap_or_default());
        parts.push(row.version.clone().unwrap_or_default());
        parts.extend([
            words::build(cx, row).1,
            words::tests(cx, row).1,
            words::deployed(cx, row).1,
            words::live(cx, row).1,
        ]);
    }
    parts.join("\t")
}

/// The chip and the facts of the board in the detail.
pub(super) fn problems_ui(ui: &mut Ui, cx: &Cx<'_>, row: &BoardRow) {
    if row.problems.is_empty() {
        return;
    }
    let title = cx.msg(&msg!("devops-n-problems", n = row.problems.len()));
    crate::ui::detail::titled_section_ui(ui, &title, "", |ui| {
        for problem in &row.problems {
            state_mark::label_ui(ui, State::Degraded, &cx.msg(problem));
        }
    });
}

/// Links to the pages where the states of the board come from.
pub(super) fn page_target(area: AreaId) -> Target {
    Target::Page {
        area: area.word().to_owned(),
        tab: None,
    }
}
