//! The ledger of runs as a tree: every command with its folder, commit, duration, exit code and output.

use super::run_filter;
use crate::areas::devops::{Command, RunFilter, RunRow};
use crate::areas::page::{Action, Cx, Intent, UiIntent, commit_ui, no_hits_ui};
use crate::areas::{self, AreaId};
use crate::base::{JobId, State, Target, Workspace, format, time};
use crate::msg;
use crate::ui::button::{Button, tick_ui};
use crate::ui::detail::{self, Fact, Heading};
use crate::ui::log_view::{LogSource, LogState, log_ui};
use crate::ui::page_frame;
use crate::ui::table::{Column, Sort, Table};
use crate::ui::tree::{TreeRow, TreeState, flatten, tree_ui};
use crate::ui::{Ui, icons, state_mark, text};
use egui::{Align, Layout};
use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

const OUTPUT: f32 = 220.0;

/// What the tab remembers.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Runs {
    tree: TreeState,
    only_failed: bool,
    #[serde(skip)]
    log: LogState,
    /// The run whose details were asked for.
    #[serde(skip)]
    shown: Option<JobId>,
    #[serde(skip)]
    asked: Option<RunFilter>,
    /// The newest job that had ended when the list was asked for.
    #[serde(skip)]
    seen: Option<(usize, Option<JobId>)>,
    #[serde(skip)]
    rows: Vec<(TreeRow, usize)>,
    #[serde(skip)]
    nodes: Vec<TreeRow>,
    #[serde(skip)]
    made_from: Option<(u64, usize, Option<Sort>)>,
    /// Whether the output of the selected run took its part of the room.
    #[serde(skip)]
    had_output: bool,
}

impl Runs {
    pub(super) fn ask(&mut self, cx: &Cx<'_>) {
        let filter = run_filter(cx, self.only_failed, None);
        self.asked = Some(filter.clone());
        cx.ask(Command::ListRuns { filter });
    }

    pub(super) fn reveal(&mut self, job: JobId, cx: &Cx<'_>) {
        self.tree.table.select_only(job.0);
        self.shown = Some(job);
        cx.ask(Command::ShowRun { job });
    }

    /// The selected run, from the list or, when it is older than the list, as it was asked for.
    pub(super) fn selected<'a>(&self, cx: &Cx<'a>) -> Option<&'a RunRow> {
        let key = self.tree.table.single()?;
        let listed = cx.model.devops.runs.iter().find(|run| run.id.0 == key);
        listed.or_else(|| {
            cx.model
                .devops
                .run
                .as_ref()
                .map(|detail| &detail.run)
                .filter(|run| run.id.0 == key)
        })
    }

    pub(super) fn actions(&self, cx: &Cx<'_>) -> Vec<Action> {
        let Some(run) = self.selected(cx) else { return Vec::new() };
        run_actions(run, cx).into_iter().map(Action::palette_only).collect()
    }

    /// Asks for the list when the filter has changed or a job has ended meanwhile.
    fn keep_fresh(&mut self, cx: &Cx<'_>) {
        let wanted = run_filter(cx, self.only_failed, None);
        let jobs = cx.model.jobs.rows().filter(|row| !row.quiet);
        let (mut n_ended, mut newest) = (0, None);
        for row in jobs {
            n_ended += usize::from(!row.is_running());
            newest = Some(row.id);
        }
        let seen = Some((n_ended, newest));
        // What is selected is a run of the workspace that was shown.
        if self.asked.as_ref().is_some_and(|asked| asked.workspace != wanted.workspace) {
            self.tree.table.clear_selection();
        }
        if self.asked.as_ref() != Some(&wanted) || self.seen != seen {
            self.seen = seen;
            self.ask(cx);
        }
    }

    pub(super) fn body_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        self.keep_fresh(cx);
        self.bar_ui(ui, cx);
        if cx.model.devops.runs.is_empty() {
            let is_known = cx.model.devops.runs_filter.is_some();
            if !is_known {
                page_frame::loading_ui(ui, None);
            } else if !cx.filter.is_empty() {
                no_hits_ui(ui, cx, "devops-filter-nothing");
            } else {
                let key = if self.only_failed {
                    "devops-filter-nothing"
                } else {
                    "devops-runs-empty"
                };
                page_frame::empty_ui(ui, icons::HISTORY, &cx.t(key), None);
            }
            return;
        }
        let has_output = self.selected(cx).is_some_and(|run| {
            let told = cx
                .model
                .jobs
                .get(run.id)
                .is_some_and(|row| row.is_running() || !row.lines.is_empty());
            run.log_bytes > 0 || told
        });
        if std::mem::replace(&mut self.had_output, has_output) != has_output
            && let Some(key) = self.tree.table.single()
        {
            // The row stays in sight where the list has less room.
            self.tree.table.select_only(key);
        }
        if has_output {
            let mut both = (self, cx);
            page_frame::split_bottom_ui(
                ui,
                "devops-run-output",
                OUTPUT,
                &mut both,
                |ui, (runs, cx)| runs.output_ui(ui, cx),
                |ui, (runs, cx)| runs.tree_ui(ui, cx),
            );
        } else {
            self.tree_ui(ui, cx);
        }
    }

    fn bar_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        page_frame::bar_ui(ui, 36.0, |ui| {
            let word = cx.t("devops-runs-only-failed");
            tick_ui(ui, &mut self.only_failed, &word, &word);
            let (n, total) = (cx.model.devops.runs.len() as u64, cx.model.devops.n_runs);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let older = cx.t("devops-runs-older");
                let before = cx.model.devops.runs.last().map(|run| run.id);
                if n < total && before.is_some() && ui.add(Button::new(&older).small()).clicked() {
                    cx.ask(Command::ListRuns {
                        filter: run_filter(cx, self.only_failed, before),
                    });
                }
                text::small(ui, &cx.msg(&msg!("devops-runs-shown", n = n, total = total)));
            });
        });
    }

    /// The tree is made anew when the list or what is unfolded has changed.
    fn arrange(&mut self, cx: &Cx<'_>) {
        let sort = self.tree.table.sort.clone();
        let from = (cx.model.devops.generation, self.tree.toggled.len(), sort.clone());
        if self.made_from.as_ref() == Some(&from) {
            return;
        }
        self.made_from = Some(from);
        let runs = &cx.model.devops.runs;
        let listed: BTreeSet<JobId> = runs.iter().map(|run| run.id).collect();
        let mut children: BTreeMap<JobId, Vec<usize>> = BTreeMap::new();
        let mut roots = Vec::new();
        for (i, run) in runs.iter().enumerate() {
            match run.parent.filter(|parent| listed.contains(parent)) {
                Some(parent) => children.entry(parent).or_default().push(i),
                None => roots.push(i),
            }
        }
        for kids in children.values_mut() {
            kids.sort_by_key(|i| runs[*i].id);
        }
        // As they come they stand newest first.
        if let Some(sort) = sort {
            roots.sort_by(|a: &usize, b: &usize| {
                let ordered = order(cx, &runs[*a], &runs[*b], &sort.column);
                if sort.descending { ordered.reverse() } else { ordered }
            });
        }
        self.rows = flatten(
            roots,
            &self.tree,
            |i: usize| runs[i].id.0,
            |i| children.get(&runs[i].id).cloned().unwrap_or_default(),
            |_| false,
        );
        self.nodes = self.rows.iter().map(|(node, _)| *node).collect();
    }

    fn tree_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        self.arrange(cx);
        let name = cx.t("devops-tab-runs");
        let columns = [
            Column::new("title", cx.t("devops-col-run"), 260.0).min(160.0).fill().always(),
            Column::new("workspace", cx.t("devops-col-workspace"), 110.0),
            Column::new("state", cx.t("devops-col-state"), 96.0),
            Column::new("started", cx.t("devops-col-started"), 88.0).right(),
            Column::new("took", cx.t("devops-col-took"), 64.0).right(),
            Column::new("exit", cx.t("devops-col-exit"), 40.0).right(),
            Column::new("commit", cx.t("devops-commit"), 70.0),
            Column::new("environment", cx.t("devops-col-environment"), 90.0).hidden_at_first(),
        ];
        let runs = &cx.model.devops.runs;
        let rows = &self.rows;
        let run_of = |row: usize| rows.get(row).and_then(|(_, i)| runs.get(*i));
        let mut menu_asked = None;
        let selected = self.tree.table.selected.clone();
        let table = Table::new("devops-runs", &name, &columns, rows.len())
            .label(|row| {
                run_of(row)
                    .map(|run| format!("{} {}", run.id, cx.msg(&run.title)))
                    .unwrap_or_default()
            })
            .copy(|row| run_of(row).map(|run| line(cx, run)).unwrap_or_default())
            .menu(|ui, row| {
                if let Some(run) = run_of(row) {
                    let meant: Vec<&RunRow> = if selected.len() > 1 && selected.contains(&run.id.0) {
                        runs.iter().filter(|run| selected.contains(&run.id.0)).collect()
                    } else {
                        vec![run]
                    };
                    menu_asked = crate::ui::action::menu_ui(ui, &menu_actions(&meant, cx)).or(menu_asked.take());
                }
            });
        let response = tree_ui(ui, table, &self.nodes, &mut self.tree, |ui, row, column| {
            if let Some(run) = run_of(row) {
                cell_ui(ui, cx, run, columns[column].id);
            }
        });
        let clicked = response.clicked.or(response.activated).and_then(run_of).map(|run| run.id);
        if let Some(intent) = menu_asked {
            cx.ask(intent);
        }
        let selected = clicked.or_else(|| self.selected(cx).map(|run| run.id));
        if selected.is_some() && selected != self.shown {
            self.shown = selected;
            self.log = LogState::default();
            if let Some(job) = selected {
                cx.ask(Command::ShowRun { job });
            }
        }
    }

    fn output_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let Some(run) = self.selected(cx) else { return };
        let title = cx.msg(&run.title);
        // A job that runs now, or ran a moment ago, tells its lines itself.
        if let Some(row) = cx.model.jobs.get(run.id).filter(|row| !row.lines.is_empty()) {
            let source = LogSource::ring(run.id.0, row.n_skipped, &row.lines);
            log_ui(ui, "devops-run", &title, &mut self.log, &source);
            return;
        }
        let detail = cx.model.devops.run.as_ref().filter(|detail| detail.run.id == run.id);
        match detail {
            Some(detail) => {
                let source = LogSource::slice(run.id.0, &detail.lines);
                log_ui(ui, "devops-run", &title, &mut self.log, &source);
            }
            None => page_frame::loading_ui(ui, None),
        }
    }

    pub(super) fn detail_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let Some(run) = self.selected(cx) else { return };
        let title = cx.msg(&run.title);
        let state_word = cx.t(run.state.key());
        let area = AreaId::from_word(&run.area).map(|area| cx.t(area.key())).unwrap_or_default();
        let note = format!("{} {area}", run.id);
        let heading = Heading {
            icon: icons::RUN,
            name: &title,
            note: &note,
            state: Some((run.state, &state_word)),
        };
        detail::heading_ui(ui, &heading);
        if let Some(problem) = &run.problem {
            page_frame::problem_ui(ui, problem, false);
        }
        let target = detail::facts_ui(ui, &facts(cx, run));
        let actions = run_actions(run, cx);
        if !actions.is_empty()
            && let Some(intent) = detail::actions_ui(ui, &actions)
        {
            cx.ask(intent);
        }
        if let Some(detail) = cx
            .model
            .devops
            .run
            .as_ref()
            .filter(|detail| detail.run.id == run.id && !detail.children.is_empty())
        {
            detail::titled_section_ui(ui, &cx.t("devops-run-steps"), "", |ui| {
                for child in detail.children.iter().take(40) {
                    ui.horizontal(|ui| {
                        state_mark::mark_ui(ui, child.state);
                        if text::link_small(ui, &cx.msg(&child.title)).clicked() {
                            cx.ask(Intent::Go(Target::Run { job: child.id }));
                        }
                    });
                }
            });
        }
        let of = Target::Run { job: run.id };
        let shown = cx.thread(&of).and_then(|thread| detail::thread_ui(ui, thread, cx.now));
        if let Some(target) = target.or(shown) {
            cx.ask(Intent::Go(target));
        }
    }
}

/// In the language of the window: what the row says of itself, or its command where there is one.
fn line(cx: &Cx<'_>, run: &RunRow) -> String {
    if run.argv.is_empty() {
        format!("{} {}", run.id, cx.msg(&run.title))
    } else {
        run.argv.join(" ")
    }
}

/// What is smaller stands first when it is sorted upwards.
fn order(cx: &Cx<'_>, a: &RunRow, b: &RunRow, column: &str) -> Ordering {
    let at = |run: &RunRow| run.started_at.unwrap_or(run.queued_at);
    let lasted = |run: &RunRow| run.started_at.map(|from| run.ended_at.unwrap_or(cx.now).duration_since(from));
    match column {
        "workspace" => workspace_name(cx, a).cmp(&workspace_name(cx, b)),
        "state" => a.state.cmp(&b.state),
        "started" => at(a).cmp(&at(b)),
        "took" => lasted(a).cmp(&lasted(b)),
        "exit" => (a.exit_code, a.signal).cmp(&(b.exit_code, b.signal)),
        "commit" => a.commit.cmp(&b.commit),
        "environment" => a.environment.cmp(&b.environment),
        _ => cx.msg(&a.title).cmp(&cx.msg(&b.title)),
    }
}

/// The acts on the rows that are meant: of one all that it offers and where it belongs, of several what goes for each.
fn menu_actions(meant: &[&RunRow], cx: &Cx<'_>) -> Vec<Action> {
    let lines: Vec<String> = meant.iter().map(|run| line(cx, run)).collect();
    let copy = Intent::Ui(UiIntent::Copy(lines.join("\n")));
    let [run] = meant else {
        return vec![Action::new("devops-run-copy-lines", cx.t("devops-run-copy-lines"), copy).icon(icons::COPY)];
    };
    let mut actions = run_actions(run, cx);
    if run.argv.is_empty() {
        actions.push(Action::new("devops-run-copy-line", cx.t("devops-run-copy-line"), copy).icon(icons::COPY));
    }
    if let Some(workspace) = &run.workspace {
        if let Some(oid) = &run.commit {
            let commit = Target::Commit {
                workspace: workspace.clone(),
                oid: oid.clone(),
            };
            let act = Action::new("devops-run-commit", cx.t("devops-run-commit"), Intent::Go(commit));
            actions.push(act.icon(icons::COMMIT));
        }
        if let Some(name) = &run.environment {
            let environment = Target::Environment {
                workspace: workspace.clone(),
                name: name.clone(),
            };
            let act = Action::new(
                "devops-run-environment",
                cx.t("devops-run-environment"),
                Intent::Go(environment),
            );
            actions.push(act.icon(icons::SERVER));
        }
    }
    actions
}

fn workspace_name(cx: &Cx<'_>, run: &RunRow) -> Option<String> {
    let id = run.workspace.as_ref()?;
    Some(
        cx.model
            .devops
            .workspace(id)
            .map_or_else(|| id.to_string(), |workspace| workspace.name.clone()),
    )
}

fn took(cx: &Cx<'_>, run: &RunRow) -> Option<String> {
    let from = run.started_at?;
    let to = run.ended_at.unwrap_or(cx.now);
    Some(format::duration_secs(time::secs_between(from, to), cx.texts))
}

fn cell_ui(ui: &mut Ui, cx: &Cx<'_>, run: &RunRow, column: &str) {
    match column {
        "title" => {
            text::body(ui, &cx.msg(&run.title));
        }
        "workspace" => match workspace_name(cx, run) {
            Some(name) => {
                text::weak(ui, &name);
            }
            None => {
                text::absent(ui);
            }
        },
        "state" => {
            state_mark::state_ui(ui, run.state);
        }
        "started" => {
            let at = run.started_at.unwrap_or(run.queued_at);
            text::small(ui, &format::ago(at, cx.now, cx.texts)).on_hover_text(at.to_string());
        }
        "took" => match took(cx, run) {
            Some(took) => {
                text::body(ui, &took);
            }
            None => {
                text::absent(ui);
            }
        },
        "exit" => match (run.exit_code, run.signal) {
            (Some(code), _) => {
                text::body(ui, &code.to_string());
            }
            (None, Some(signal)) => {
                text::body(ui, &format!("SIG {signal}"));
            }
            (None, None) => {
                text::absent(ui);
            }
        },
        "commit" => match &run.workspace {
            Some(workspace) => commit_ui(ui, cx, workspace, run.commit.as_deref(), run.dirty.is_some()),
            None => drop(text::absent(ui)),
        },
        _ => match &run.environment {
            Some(name) => {
                text::body(ui, name);
            }
            None => {
                text::absent(ui);
            }
        },
    }
}

fn facts(cx: &Cx<'_>, run: &RunRow) -> Vec<Fact> {
    let mut facts = Vec::new();
    if let (Some(name), Some(id)) = (workspace_name(cx, run), &run.workspace) {
        facts.push(Fact::link(
            cx.t("devops-col-workspace"),
            name,
            "",
            Target::Workspace { workspace: id.clone() },
        ));
    }
    let at = run.started_at.unwrap_or(run.queued_at);
    facts.push(Fact::text(cx.t("devops-col-started"), format::ago(at, cx.now, cx.texts)).hover(at.to_string()));
    facts.push(Fact::text(cx.t("devops-col-took"), took(cx, run).unwrap_or_default()));
    if let Some(code) = run.exit_code {
        facts.push(Fact::text(cx.t("devops-col-exit"), code.to_string()));
    }
    if let Some(oid) = &run.commit {
        let dirty = if run.dirty.is_some() {
            cx.t("devops-run-dirty")
        } else {
            String::new()
        };
        let oid_short = format::short_oid(oid).to_owned();
        facts.push(match &run.workspace {
            Some(id) => {
                let target = Target::Commit {
                    workspace: id.clone(),
                    oid: oid.clone(),
                };
                Fact::link(cx.t("devops-commit"), oid_short, dirty, target).hover(oid)
            }
            None => Fact::mono(cx.t("devops-commit"), oid_short),
        });
    }
    if let Some(environment) = &run.environment {
        facts.push(Fact::text(cx.t("devops-col-environment"), environment.clone()));
    }
    if !run.argv.is_empty() {
        facts.push(Fact::mono(cx.t("devops-run-command"), run.argv.join(" ")).hover(run.argv.join("\n")));
    }
    if let Some(cwd) = &run.cwd {
        facts.push(Fact::path(cx.t("devops-run-cwd"), cwd.display().to_string()));
    }
    if run.log_bytes > 0 {
        facts.push(Fact::text(cx.t("devops-run-output"), format::bytes(run.log_bytes, cx.texts)));
    }
    facts
}

/// What was asked for, or the program where that is all that is known.
fn again(run: &RunRow, workspace: &Workspace) -> Option<Intent> {
    let asked = run.asked.as_deref();
    if let Some(command) = asked.and_then(|asked| areas::Command::once_more(asked, workspace)) {
        return Some(command.into());
    }
    let command = Command::RunAgain {
        workspace: workspace.clone(),
        job: run.id,
    };
    (!run.argv.is_empty()).then(|| command.into())
}

fn run_actions(run: &RunRow, cx: &Cx<'_>) -> Vec<Action> {
    let mut actions = Vec::new();
    let workspace = run.workspace.as_ref().and_then(|id| cx.model.devops.workspace(id));
    let is_running = matches!(run.state, State::InProgress | State::Queued) && cx.model.jobs.get(run.id).is_some();
    if is_running {
        actions.push(Action::new("devops-run-stop", cx.t("devops-run-stop"), Intent::Cancel(run.id)).icon(icons::STOP));
    } else if let Some(again) = workspace.and_then(|workspace| again(run, workspace)) {
        actions.push(Action::new("devops-run-again", cx.t("devops-run-again"), again).icon(icons::REFRESH));
    }
    if !run.argv.is_empty() {
        let copy = Intent::Ui(UiIntent::Copy(run.argv.join(" ")));
        actions.push(Action::new("devops-run-copy", cx.t("devops-run-copy"), copy).icon(icons::COPY));
    }
    if run.log_bytes > 0 {
        let whole = Intent::Go(Target::Log { job: run.id });
        actions.push(Action::new("devops-run-log", cx.t("build-whole-log"), whole).icon(icons::SEARCH));
    }
    if cx.model.jobs.get(run.id).is_some() {
        let show = Intent::Ui(UiIntent::ShowJob(run.id));
        actions.push(Action::new("devops-run-show", cx.t("devops-run-show"), show).icon(icons::LOG));
    }
    actions.into_iter().map(|action| action.of(run.id.to_string())).collect()
}
