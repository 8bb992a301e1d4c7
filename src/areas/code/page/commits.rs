//! The tab History: the graph with its commits, of which those that are seen are read, and the difference of a commit's file below.

use super::detail::{FileAsk, revision_of};
use super::{Page, branch_acts, look, special, uncovered};
use crate::areas::code::history::load::MAX_FOUND;
use crate::areas::code::history::search::Wanted;
use crate::areas::code::model::{History, RepoModel};
use crate::areas::code::{Command, DiffKey, HistoryQuery, Weather};
use crate::areas::page::{Cx, no_hits_ui};
use crate::base::repo::{CommitRow, GraphFile, Order, RefKind};
use crate::base::{GitPath, Loadable, State, Workspace, format};
use crate::msg;
use crate::ui::button::{self, Button};
use crate::ui::diff_head::head_ui;
use crate::ui::diff_view::DiffView;
use crate::ui::page_frame::{LoadableAsk, LoadableView, bar_ui, empty_ui, loadable_ui, loading_ui, problem_ui, split_bottom_ui};
use crate::ui::state_mark::{self, TagLook, tag_ui};
use crate::ui::table::{Column, Table};
use crate::ui::tokens::measure;
use crate::ui::{action, graph_lanes, icons, text};
use egui::{Align, Layout, Ui};
use serde::{Deserialize, Serialize};

/// Names beside one message; the rest is counted.
const MAX_NAMES: usize = 3;
/// Rows above and below the seen ones that are read with them.
const AROUND: u64 = 60;
/// Lanes that the graph's column has room for, in steps, so that it does not move with every row.
const ROOM: [u16; 4] = [4, 7, 10, 14];
const DIFF_HEIGHT: f32 = 280.0;
/// So many commits outside of the commit-graph make a new one worth its while.
const WORTH_A_GRAPH: u64 = 5_000;

/// How the history is looked at.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct View {
    is_head_only: bool,
    order: Order,
    /// The rows that were seen last.
    #[serde(skip)]
    pub(super) seen: std::ops::Range<u64>,
    /// Lanes of the rows that were seen last.
    #[serde(skip)]
    n_lanes: u16,
    /// What the filter box asks for, and its text.
    #[serde(skip)]
    wanted: (String, Wanted),
    /// A row was chosen that was not read yet.
    #[serde(skip)]
    is_choosing: bool,
}

impl Default for View {
    fn default() -> Self {
        Self {
            is_head_only: false,
            order: Order::Date,
            seen: 0..0,
            n_lanes: 1,
            wanted: Default::default(),
            is_choosing: false,
        }
    }
}

impl View {
    /// What is asked for: the whole history, or what the filter box names.
    fn query(&mut self, filter: &str) -> HistoryQuery {
        if self.wanted.0 != filter {
            self.wanted = (filter.to_owned(), Wanted::parse(filter));
        }
        HistoryQuery {
            is_all: !self.is_head_only,
            from: None,
            order: self.order,
            wanted: self.wanted.1.clone(),
        }
    }
}

impl Page {
    pub(super) fn history_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel) {
        let head = repo.status.value().and_then(|status| status.summary.oid.clone());
        let query = self.view.query(cx.filter);
        let at = (repo.n_acts, repo.n_readings);
        self.asked.history(cx, workspace, &query, head, at, self.view.seen.start);
        self.asked.weather(cx, workspace, repo.n_acts);
        if repo.history.query != query {
            loading_ui(ui, None);
            return;
        }
        if self.blame.is_open() {
            self.blame_ui(ui, cx, workspace, repo);
        } else {
            split_diff(self, ui, cx, workspace, repo, |ui, page| {
                page.commits_ui(ui, cx, workspace, repo);
            });
        }
    }

    fn commits_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel) {
        let history = &repo.history;
        let is_search = history.query.is_search();
        self.view_bar_ui(ui, cx, workspace, history);
        if history.n_rows() == 0 {
            match &history.outline {
                Loadable::Failed { problem, .. } => {
                    if problem_ui(ui, problem, true) {
                        self.asked.forget_history();
                    }
                }
                Loadable::Ready { .. } if is_search => {
                    no_hits_ui(ui, cx, "code-nothing-found");
                }
                Loadable::Ready { .. } => {
                    empty_ui(ui, icons::COMMIT, &cx.t("code-no-commits"), None);
                }
                Loadable::Empty | Loadable::Loading { .. } => loading_ui(ui, None),
            }
            return;
        }
        self.follow_chosen(cx, workspace, history);
        let columns = columns(cx, repo, (!is_search).then_some(self.view.n_lanes));
        let n_rows = history.n_rows() as usize;
        let name = cx.t("code-tab-history");
        let row_of = |row: usize| history.row(row as u64);
        let (mut first_seen, mut end_seen) = (u64::MAX, 0_u64);
        let mut is_missing = false;
        let mut n_lanes = 1;
        let chosen: Vec<u64> = self.history.selected.iter().copied().collect();
        let table = Table::new("code-history", &name, &columns, n_rows)
            .row_height(measure::ROW_GRAPH)
            .menu(|ui, at| {
                let is_several = chosen.len() > 1 && chosen.contains(&(at as u64));
                let rows = if is_several { chosen.as_slice() } else { &[at as u64] };
                let rows: Vec<&CommitRow> = rows.iter().filter_map(|row| history.row(*row)).collect();
                let asked = action::menu_ui(ui, &branch_acts::commits(cx, workspace, repo, &rows));
                cx.intents.borrow_mut().extend(asked);
            })
            .label(|row| row_of(row).map_or_else(|| (row + 1).to_string(), |row| format!("{}, {}", row.summary, row.author)))
            .copy(|row| row_of(row).map_or_else(String::new, |row| format!("{} {}", row.oid, row.summary)));
        let response = table.show(ui, &mut self.history, |ui, at, column| {
            first_seen = first_seen.min(at as u64);
            end_seen = end_seen.max(at as u64 + 1);
            let Some(row) = row_of(at) else {
                is_missing = true;
                return;
            };
            match columns.get(column).map_or("", |column| column.id) {
                "graph" => {
                    n_lanes = n_lanes.max(row.graph.n_lanes());
                    graph_lanes::paint(ui, ui.max_rect(), &row.graph);
                }
                "message" => message_ui(ui, row),
                "deployed" => {
                    if let Some(weather) = repo.weather.get(&row.oid) {
                        deployed_ui(ui, cx, weather);
                    }
                }
                sign @ ("built" | "tested" | "released") => {
                    if let Some(weather) = repo.weather.get(&row.oid) {
                        weather_ui(ui, cx, weather, sign);
                    }
                }
                "author" => drop(text::weak(ui, &row.author)),
                "commit" => drop(text::mono(ui, format::short_oid(&row.oid))),
                _ => {
                    let exact = format::local(row.authored).strftime("%Y-%m-%d %H:%M").to_string();
                    text::weak(ui, &format::age(row.authored, cx.now, cx.texts)).on_hover_text(exact);
                }
            }
        });
        if response.selection_changed || response.clicked.or(response.activated).is_some() || self.view.is_choosing {
            self.choose(history);
        }
        if response.activated.is_some()
            && let Some(oid) = self.commit.clone()
        {
            self.show_whole(cx, workspace, &oid);
        }
        if self.view.n_lanes != n_lanes && !is_missing {
            self.view.n_lanes = n_lanes;
            ui.ctx().request_repaint();
        }
        let seen = first_seen..end_seen;
        if !seen.is_empty() {
            let last = history.n_rows() - 1;
            if is_missing || history.row((seen.end + AROUND).min(last)).is_none() {
                let from = seen.start.saturating_sub(AROUND);
                self.asked.rows(cx, workspace, history, from, (seen.end + AROUND).min(last));
            }
            self.view.seen = seen;
        }
    }

    /// The selected rows become the chosen commit, or the two that are compared.
    fn choose(&mut self, history: &History) {
        let rows: Vec<&CommitRow> = self
            .history
            .selected
            .iter()
            .filter_map(|row| history.row(*row))
            .take(2)
            .collect();
        let n = self.history.selected.len();
        self.view.is_choosing = rows.len() < n.min(2);
        self.pair = match (rows.as_slice(), n) {
            ([newer, older], 2) => Some((older.oid.clone(), Some(newer.oid.clone()))),
            _ => None,
        };
        self.chosen_in = history.generation;
        if let ([row], 1) = (rows.as_slice(), n) {
            if self.commit.as_ref() != Some(&row.oid) {
                self.commit_file = None;
            }
            self.commit = Some(row.oid.clone());
        }
    }

    /// In another history the chosen commit stands elsewhere: the selection goes there.
    fn follow_chosen(&mut self, cx: &Cx<'_>, workspace: &Workspace, history: &History) {
        if self.pair.is_some() && self.chosen_in != history.generation {
            // The two stand at other places now, or nowhere.
            self.history.clear_selection();
            self.chosen_in = history.generation;
        }
        let Some(oid) = &self.commit else { return };
        if self.chosen_in == history.generation {
            return;
        }
        let near = history.rows_from(self.view.seen.start).take(200);
        let here = near
            .zip(self.view.seen.start..)
            .find(|(row, _)| row.oid == *oid)
            .map(|(_, at)| at);
        let row = match (here, &history.found) {
            (Some(at), _) => Some(at),
            (None, Some((found, row))) if found == oid => *row,
            _ if !history.query.is_search() => return self.asked.row_of(cx, workspace, history, oid),
            _ => None,
        };
        match row {
            Some(row) => self.history.select_only(row),
            None => self.history.clear_selection(),
        }
        self.chosen_in = history.generation;
    }

    /// What is shown of the history, in which order, and what could make it quicker.
    fn view_bar_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, history: &History) {
        bar_ui(ui, 34.0, |ui| {
            let (all, head) = (cx.t("code-history-all"), cx.t("code-history-head"));
            button::segments_ui(ui, &mut self.view.is_head_only, &[(false, &all), (true, &head)]);
            ui.add_space(8.0);
            let (date, topology) = (cx.t("code-order-date"), cx.t("code-order-topology"));
            button::segments_ui(
                ui,
                &mut self.view.order,
                &[(Order::Date, &date), (Order::Topology, &topology)],
            );
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 8.0;
                self.state_ui(ui, cx, workspace, history);
            });
        });
    }

    fn state_ui(&self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, history: &History) {
        let Some(outline) = history.outline.value() else {
            return;
        };
        let n = history.n_rows();
        if history.query.is_search() {
            let words = match (outline.is_whole, n >= MAX_FOUND) {
                (true, _) => cx.msg(&msg!("code-n-found", n = n)),
                (false, true) => cx.msg(&msg!("code-n-found-more", n = n)),
                (false, false) => cx.msg(&msg!("code-n-found-so-far", n = n)),
            };
            text::weak(ui, &words).on_hover_text(cx.t("code-search-help"));
            return;
        }
        if let (Some(n_read), false) = (history.n_read, outline.is_whole) {
            text::weak(ui, &cx.msg(&msg!("code-n-read", n = n_read)));
        }
        if outline.n_loose < WORTH_A_GRAPH || matches!(outline.graph, GraphFile::Grafted | GraphFile::Off) {
            return;
        }
        let command = Command::WriteCommitGraph {
            workspace: workspace.clone(),
            query: history.query.clone(),
        };
        let word = cx.t("code-write-graph");
        let hint = cx.t("code-write-graph-hint");
        if outline.is_whole && ui.add(Button::new(&word).small().hover(&hint)).clicked() {
            cx.ask(command);
        }
        let why = if outline.graph == GraphFile::Broken {
            "code-graph-broken"
        } else {
            "code-graph-missing"
        };
        text::weak(ui, &cx.t(why));
    }

    /// What is asked of the history from elsewhere: a file's history or blame, a comparison.
    pub(super) fn on_history_action(&mut self, id: &str, cx: &Cx<'_>) {
        let Some(workspace) = cx.workspace else { return };
        let Some((verb, rest)) = id.split_once(':') else { return };
        match verb {
            "look" => self.look_action(rest),
            "blame" => {
                let (revision, path) = rest.split_once(' ').unwrap_or(("", rest));
                let revision = (!revision.is_empty()).then(|| revision.to_owned());
                self.blame.open(cx, workspace, GitPath::from_quoted(path), revision);
            }
            // From another tab.
            "blame-file" => {
                super::go_to(cx, super::HISTORY);
                self.blame.open(cx, workspace, GitPath::from_quoted(rest), None);
            }
            "history-file" => {
                super::go_to(cx, super::HISTORY);
                self.follow_file(cx, workspace, Some(FileAsk::History(GitPath::from_quoted(rest))));
            }
            "compare-branches" => {
                super::go_to(cx, super::HISTORY);
                let (from, to) = rest.split_once(' ').unwrap_or((rest, "HEAD"));
                self.history.clear_selection();
                self.compare(from.to_owned(), Some(to.to_owned()));
            }
            "compare" => {
                let (from, to) = rest.split_once(' ').unwrap_or((rest, ""));
                self.compare(from.to_owned(), (!to.is_empty()).then(|| to.to_owned()));
            }
            _ => {}
        }
    }

    fn commit_difference_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel, key: &DiffKey) {
        let key = &DiffKey {
            look: self.look,
            ..key.clone()
        };
        self.asked.diff(cx, workspace, key, 0);
        self.ask_coverage(cx, workspace, repo.n_readings);
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
        let looks = self.look_actions(cx);
        let (state, pictures) = (&mut self.diff, &mut self.pictures);
        let mut is_closed = false;
        let mut asked = None;
        let ask = loadable_ui(
            ui,
            diff,
            &view,
            |_| false,
            |ui, file| {
                bar_ui(ui, 34.0, |ui| {
                    head_ui(ui, file, |ui| {
                        ui.spacing_mut().item_spacing.x = 8.0;
                        is_closed = button::icon_button_small(ui, icons::CLOSE, &cx.t("code-close-diff")).clicked();
                        cx.intents.borrow_mut().extend(action::overflow_ui(ui, &looks));
                        let (blame, history) = (cx.t("code-blame"), cx.t("code-file-history"));
                        if ui.add(Button::new(&history).small()).clicked() {
                            asked = Some(FileAsk::History(key.path.clone()));
                        }
                        if ui.add(Button::new(&blame).small()).clicked() {
                            asked = Some(FileAsk::Blame(key.path.clone(), revision_of(&key.of)));
                        }
                        look::chip_ui(ui, cx, key.look);
                    });
                });
                if special::special_ui(ui, cx, workspace, (key, 0), file, pictures) {
                    return;
                }
                if look::only_space_ui(ui, cx, key, file) {
                    return;
                }
                let missed = uncovered::missed(cx, workspace, key);
                let note = |hunk: usize| Some(uncovered::note(cx, missed, file.hunks().get(hunk)?));
                let response = DiffView::new("code-commit-diff", std::slice::from_ref(file))
                    .about((&workspace.id, &key.of))
                    .note(|_, hunk| note(hunk).unwrap_or_default())
                    .mark(|at| uncovered::mark(cx, missed, file, at))
                    .show(ui, state);
                if response.show_anyway.is_some() {
                    cx.ask(Command::ShowDiff {
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
        self.follow_file(cx, workspace, asked);
    }
}

/// Without lanes there is no graph: what was found is not connected.
fn columns(cx: &Cx<'_>, repo: &RepoModel, n_lanes: Option<u16>) -> Vec<Column> {
    let mut columns = Vec::new();
    if let Some(n_lanes) = n_lanes {
        let room = ROOM.into_iter().find(|room| *room >= n_lanes).unwrap_or(ROOM[3]);
        let lanes = graph_lanes::width(room) + 4.0;
        columns.push(Column::new("graph", cx.t("code-column-graph"), lanes).unsortable().always());
    }
    columns.push(
        Column::new("message", cx.t("code-column-message"), 300.0)
            .min(200.0)
            .fill()
            .unsortable()
            .always(),
    );
    let has = |is_there: fn(&Weather) -> bool| repo.weather.values().any(is_there);
    let signs: [(&'static str, &str, f32, bool); 4] = [
        ("built", "code-column-built", 66.0, has(|weather| weather.built.is_some())),
        ("tested", "code-column-tested", 66.0, has(|weather| weather.tested.is_some())),
        (
            "released",
            "code-column-released",
            66.0,
            has(|weather| weather.released.is_some()),
        ),
        (
            "deployed",
            "code-column-deployed",
            110.0,
            has(|weather| !weather.deployed.is_empty() || weather.incident.is_some()),
        ),
    ];
    let there = signs.into_iter().filter(|(.., is_there)| *is_there);
    columns.extend(there.map(|(id, key, width, _)| Column::new(id, cx.t(key), width).unsortable()));
    columns.extend([
        Column::new("author", cx.t("code-column-author"), 110.0).unsortable(),
        Column::new("commit", cx.t("code-column-commit"), 72.0)
            .unsortable()
            .hidden_at_first(),
        Column::new("age", cx.t("code-column-age"), 64.0).right().unsortable(),
    ]);
    columns
}

/// The difference of the chosen file below what is shown.
pub(super) fn split_diff(
    page: &mut Page,
    ui: &mut Ui,
    cx: &Cx<'_>,
    workspace: &Workspace,
    repo: &RepoModel,
    mut above: impl FnMut(&mut Ui, &mut Page),
) {
    let whole = page
        .whole
        .clone()
        .filter(|oid| page.commit.as_ref() == Some(oid) && cx.tab == super::HISTORY);
    match page.commit_file.clone() {
        None if whole.is_some() => split_bottom_ui(
            ui,
            "code-commit-diff",
            DIFF_HEIGHT,
            page,
            |ui, page| page.whole_commit_ui(ui, cx, repo),
            |ui, page| above(ui, page),
        ),
        Some(key) => split_bottom_ui(
            ui,
            "code-commit-diff",
            DIFF_HEIGHT,
            page,
            |ui, page| page.commit_difference_ui(ui, cx, workspace, repo, &key),
            |ui, page| above(ui, page),
        ),
        None => above(ui, page),
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
        "pipelines" => {
            for piped in &weather.pipelines {
                let word = cx.msg(&msg!("code-pipeline-run", name = piped.pipeline.as_str(), run = piped.run));
                state_mark::chip_ui(ui, piped.state, &word);
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
        "released" => {
            if let Some(release) = &weather.released {
                let state = if release.is_withdrawn { State::Failed } else { State::Done };
                state_mark::label_ui(ui, state, &release.version);
            }
        }
        _ => {
            for (state, word, hover) in lives(cx, weather) {
                let chip = state_mark::chip_ui(ui, state, &word);
                if !hover.is_empty() {
                    chip.on_hover_text(hover);
                }
            }
        }
    }
}

/// Where it lives and what happened there: state, word, what the pointer is told.
fn lives(cx: &Cx<'_>, weather: &Weather) -> Vec<(State, String, String)> {
    let environments = weather.deployed.iter();
    let mut chips: Vec<_> = environments
        .map(|(environment, state)| (*state, environment.clone(), String::new()))
        .collect();
    chips.extend(weather.incident.iter().map(|incident| {
        let state = if incident.is_open { State::Failed } else { State::Degraded };
        let word = cx.msg(&msg!("code-incident", id = incident.id));
        (state, word, incident.title.clone())
    }));
    chips
}

/// The first of them, and how many there is no room for.
fn deployed_ui(ui: &mut Ui, cx: &Cx<'_>, weather: &Weather) {
    const COUNT: f32 = 26.0;
    let chips = lives(cx, weather);
    for (i, (state, word, hover)) in chips.iter().enumerate() {
        let n_after = chips.len() - i - 1;
        let kept = if n_after > 0 { COUNT } else { 0.0 };
        if i > 0 && state_mark::chip_width(ui, word) + kept > ui.available_width() {
            let rest: Vec<&str> = chips[i..].iter().map(|(_, word, _)| word.as_str()).collect();
            text::small(ui, &format!("+{}", rest.len())).on_hover_text(rest.join("\n"));
            return;
        }
        let room = (ui.available_width() - kept).max(0.0);
        ui.scope(|ui| {
            ui.set_max_width(room);
            let chip = state_mark::chip_ui(ui, *state, word);
            if !hover.is_empty() {
                chip.on_hover_text(hover);
            }
        });
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
