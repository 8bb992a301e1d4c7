//! The tab History: the graph with its commits, read page by page as it is scrolled, and the difference of a commit's file below.

use super::Page;
use crate::areas::code::model::{History, RepoModel};
use crate::areas::code::{DiffKey, HISTORY_PAGE, HistoryQuery, Weather};
use crate::areas::page::Cx;
use crate::base::repo::{CommitRow, RefKind};
use crate::base::{Loadable, State, Workspace, format};
use crate::msg;
use crate::ui::diff_view::{DiffView, counts_ui, path_ui};
use crate::ui::page_frame::{LoadableAsk, LoadableView, bar_ui, empty_ui, loadable_ui, loading_ui, problem_ui, split_bottom_ui};
use crate::ui::state_mark::{self, TagLook, tag_ui};
use crate::ui::table::{Column, Table, row_key};
use crate::ui::tokens::measure;
use crate::ui::{button, graph_lanes, icons, text};
use egui::{Align, Layout, Ui};

/// Names beside one message; the rest is counted.
const MAX_NAMES: usize = 3;
/// Rows before the last one at which the next page is asked for.
const AHEAD: usize = 150;
const DIFF_HEIGHT: f32 = 280.0;

/// Which rows are shown, worked out once per history and filter.
#[derive(Default)]
pub(super) struct Shown {
    key: Option<(u64, String)>,
    /// None shows all.
    picked: Option<Vec<u32>>,
}

impl Shown {
    fn follow(&mut self, history: &History, filter: &str) {
        let key = (history.generation, filter.to_owned());
        if self.key.as_ref() == Some(&key) {
            return;
        }
        self.key = Some(key);
        let words = filter.trim().to_lowercase();
        self.picked = (!words.is_empty()).then(|| {
            let rows = history.rows.iter().enumerate();
            rows.filter(|(_, row)| matches(row, &words))
                .map(|(at, _)| at as u32)
                .collect()
        });
    }

    fn n_rows(&self, history: &History) -> usize {
        self.picked.as_ref().map_or(history.rows.len(), Vec::len)
    }

    fn row<'a>(&self, history: &'a History, row: usize) -> Option<&'a CommitRow> {
        let at = self
            .picked
            .as_ref()
            .map_or(Some(row), |picked| picked.get(row).map(|at| *at as usize))?;
        history.rows.get(at)
    }
}

fn matches(row: &CommitRow, words: &str) -> bool {
    row.summary.to_lowercase().contains(words)
        || row.author.to_lowercase().contains(words)
        || row.oid.starts_with(words)
        || row.refs.iter().any(|name| name.name.to_lowercase().contains(words))
}

/// Every branch, unless words are searched in all of history.
pub(super) fn query(words: Option<&str>) -> HistoryQuery {
    HistoryQuery {
        is_all: true,
        from: None,
        words: words.map(str::to_owned),
    }
}

impl Page {
    pub(super) fn history_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel) {
        let head = repo.status.value().and_then(|status| status.summary.oid.clone());
        self.asked
            .history(cx, workspace, &query(self.search.as_deref()), head, repo.n_acts);
        self.asked.weather(cx, workspace, repo.n_acts);
        match self.commit_file.clone() {
            Some(key) => {
                let page = &mut *self;
                split_bottom_ui(
                    ui,
                    "code-commit-diff",
                    DIFF_HEIGHT,
                    page,
                    |ui, page| page.commit_difference_ui(ui, cx, workspace, repo, &key),
                    |ui, page| page.commits_ui(ui, cx, workspace, repo),
                );
            }
            None => self.commits_ui(ui, cx, workspace, repo),
        }
    }

    fn commits_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel) {
        let history = &repo.history;
        if history.rows.is_empty() {
            match &history.page {
                Loadable::Failed { problem, .. } => {
                    if problem_ui(ui, problem, true) {
                        self.asked.forget_history();
                    }
                }
                Loadable::Ready { .. } => {
                    let words = if self.search.is_some() {
                        "code-nothing-found"
                    } else {
                        "code-no-commits"
                    };
                    if empty_ui(
                        ui,
                        icons::COMMIT,
                        &cx.t(words),
                        self.search.as_ref().map(|_| cx.t("code-search-end")).as_deref(),
                    ) {
                        self.search = None;
                    }
                }
                Loadable::Empty | Loadable::Loading { .. } => loading_ui(ui, None),
            }
            return;
        }
        self.commits.follow(history, cx.filter);
        self.search_bar_ui(ui, cx, history);
        let is_connected = self.commits.picked.is_none() && history.query.words.is_none();
        let lanes = graph_lanes::width(history.n_lanes) + 12.0;
        let mut columns = Vec::new();
        if is_connected {
            columns.push(Column::new("graph", cx.t("code-column-graph"), lanes).unsortable().always());
        }
        columns.extend([Column::new("message", cx.t("code-column-message"), 300.0)
            .fill()
            .unsortable()
            .always()]);
        if !repo.weather.is_empty() {
            columns.extend([
                Column::new("built", cx.t("code-column-built"), 84.0).unsortable(),
                Column::new("tested", cx.t("code-column-tested"), 84.0).unsortable(),
                Column::new("deployed", cx.t("code-column-deployed"), 110.0).unsortable(),
            ]);
        }
        columns.extend([
            Column::new("author", cx.t("code-column-author"), 130.0).unsortable(),
            Column::new("commit", cx.t("code-column-commit"), 72.0)
                .unsortable()
                .hidden_at_first(),
            Column::new("age", cx.t("code-column-age"), 64.0).right().unsortable(),
        ]);
        let n_rows = self.commits.n_rows(history);
        let name = cx.t("code-tab-history");
        let shown = &self.commits;
        let row_of = |row: usize| shown.row(history, row);
        let mut last_seen = 0;
        let table = Table::new("code-history", &name, &columns, n_rows)
            .row_height(measure::ROW_GRAPH)
            .single()
            .key(|row| row_of(row).map_or(row as u64, |row| row_key(&row.oid)))
            .label(|row| row_of(row).map_or_else(String::new, |row| format!("{}, {}", row.summary, row.author)))
            .copy(|row| row_of(row).map_or_else(String::new, |row| format!("{} {}", row.oid, row.summary)));
        let response = table.show(ui, &mut self.history, |ui, at, column| {
            last_seen = last_seen.max(at);
            let Some(row) = row_of(at) else { return };
            match columns.get(column).map_or("", |column| column.id) {
                "graph" => graph_lanes::paint(ui, ui.max_rect(), &row.graph),
                "message" => message_ui(ui, row),
                "built" | "tested" | "deployed" => {
                    if let Some(weather) = repo.weather.get(&row.oid) {
                        weather_ui(ui, cx, weather, columns[column].id);
                    }
                }
                "author" => drop(text::weak(ui, &row.author)),
                "commit" => drop(text::mono(ui, format::short_oid(&row.oid))),
                _ => {
                    let exact = row.authored.to_string();
                    text::weak(ui, &format::age(row.authored, cx.now, cx.texts)).on_hover_text(exact);
                }
            }
        });
        let chosen = response.clicked.or(response.activated);
        if response.selection_changed || chosen.is_some() {
            let key = self.history.single();
            let row = key.and_then(|key| (0..n_rows).filter_map(row_of).find(|row| row_key(&row.oid) == key));
            if let Some(row) = row {
                if self.commit.as_ref() != Some(&row.oid) {
                    self.commit_file = None;
                }
                self.commit = Some(row.oid.clone());
            }
        }
        if self.commits.picked.is_none() && last_seen + AHEAD > n_rows && !history.is_end {
            self.asked.more_history(cx, workspace, history, HISTORY_PAGE);
        }
    }

    /// What the filter shows is only what was read: the rest can be searched by git.
    fn search_bar_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, history: &History) {
        let n_rows = history.rows.len();
        let words = match (&self.search, &self.commits.picked) {
            (Some(words), _) => cx.msg(&msg!("code-search-of", words = words, n = n_rows)),
            (None, Some(picked)) => cx.msg(&msg!("code-filter-of", n = picked.len(), of = n_rows)),
            (None, None) => return,
        };
        bar_ui(ui, 32.0, |ui| {
            text::weak(ui, &words);
            if self.search.is_some() {
                if text::link(ui, &cx.t("code-search-end")).clicked() {
                    self.search = None;
                }
            } else if !history.is_end && text::link(ui, &cx.t("code-search-all")).clicked() {
                self.search = Some(cx.filter.trim().to_owned());
            }
        });
    }

    fn commit_difference_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel, key: &DiffKey) {
        self.asked.diff(cx, workspace, key, 0);
        let nothing = Loadable::Loading { previous: None };
        let diff = repo
            .diff
            .as_ref()
            .filter(|(known, _)| known == key)
            .map_or(&nothing, |(_, diff)| diff);
        let view = LoadableView {
            icon: icons::FILE,
            empty: &cx.t("code-choose-file"),
            empty_action: None,
            progress: None,
        };
        let state = &mut self.diff;
        let mut is_closed = false;
        let ask = loadable_ui(
            ui,
            diff,
            &view,
            |_| false,
            |ui, file| {
                bar_ui(ui, 34.0, |ui| {
                    path_ui(ui, file);
                    counts_ui(ui, file);
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                        is_closed = button::icon_button_small(ui, icons::CLOSE, &cx.t("code-close-diff")).clicked();
                    });
                });
                let response = DiffView::new("code-commit-diff", std::slice::from_ref(file)).show(ui, state);
                if response.show_anyway.is_some() {
                    cx.ask(crate::areas::code::Command::ShowDiff {
                        workspace: workspace.clone(),
                        what: key.clone(),
                        is_forced: true,
                    });
                }
            },
        );
        if ask == Some(LoadableAsk::Retry) {
            self.asked.forget_diff();
        }
        if is_closed {
            self.commit_file = None;
        }
    }
}

/// One sign of what became of a commit.
pub(super) fn weather_ui(ui: &mut Ui, cx: &Cx<'_>, weather: &Weather, sign: &str) {
    match sign {
        "built" => {
            if let Some(state) = weather.built {
                let word = if state == State::Done {
                    cx.t("code-built")
                } else {
                    cx.t(state.key())
                };
                state_mark::label_ui(ui, state, &word);
            }
        }
        "tested" => {
            if let Some(tested) = weather.tested {
                let word = if tested.n_failed > 0 {
                    cx.msg(&msg!("code-n-failed", n = tested.n_failed))
                } else {
                    format::count(u64::from(tested.n_passed), cx.texts)
                };
                state_mark::label_ui(ui, tested.state, &word);
            }
        }
        _ => {
            for (environment, state) in &weather.deployed {
                state_mark::chip_ui(ui, *state, environment);
            }
        }
    }
}

/// Names, then the first line.
fn message_ui(ui: &mut Ui, row: &CommitRow) {
    for name in row.refs.iter().take(MAX_NAMES) {
        let look = match (name.kind, name.is_current) {
            (RefKind::Head, _) | (_, true) => TagLook::Filled,
            (RefKind::Branch, _) => TagLook::Accent,
            _ => TagLook::Plain,
        };
        ui.scope(|ui| {
            ui.set_max_width((ui.available_width() * 0.4).min(220.0));
            tag_ui(ui, &name.name, look);
        });
    }
    if row.refs.len() > MAX_NAMES {
        let rest: Vec<&str> = row.refs.iter().skip(MAX_NAMES).map(|name| name.name.as_str()).collect();
        text::small(ui, &format!("+{}", rest.len())).on_hover_text(rest.join("\n"));
    }
    text::body(ui, &row.summary);
}
