//! The tab of pipelines: the graph of a run, live, above the list of runs.

use super::detail::{place_word, thread_ui};
use super::{ci, words};
use crate::areas::build::ci::is_id;
use crate::areas::build::model::Builds;
use crate::areas::build::pipelines::{Defined, JobRow, Of, PipelineRun, StartedBy, on_key};
use crate::areas::build::{Command, matchers::hints::Why as Reason};
use crate::areas::page::{Action, Cx, Intent, UiIntent};
use crate::base::{JobId, Problem, State, Target, Workspace, format, time};
use crate::msg;
use crate::ui::detail::{self, Fact, Heading};
use crate::ui::page_frame::split_bottom_ui;
use crate::ui::stages::{StageNode, stages_ui};
use crate::ui::table::{Column, GroupRow, Table, TableState, row_key};
use crate::ui::why::{Why, why_ui};
use crate::ui::{Ui, action, icons, state_mark, text};
use serde::{Deserialize, Serialize};

/// Height of the list at first.
const LIST: f32 = 240.0;

#[derive(Clone, Copy)]
enum Line {
    Group(usize),
    Unrun(usize),
    Run(usize),
}

/// What the tab remembers.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Pipelines {
    table: TableState,
    /// The key of the selected job.
    job: Option<String>,
    /// The run that began last and was selected for it.
    #[serde(skip)]
    followed: Option<i64>,
}

/// What is drawn: a run, or a pipeline that has not run.
#[derive(Clone, Copy)]
enum Shown<'a> {
    Run(&'a PipelineRun),
    Unrun(&'a Defined),
}

impl Shown<'_> {
    fn jobs(&self) -> &[JobRow] {
        match self {
            Self::Run(run) => &run.jobs,
            Self::Unrun(pipeline) => &pipeline.jobs,
        }
    }

    fn pipeline(&self) -> &str {
        match self {
            Self::Run(run) => &run.pipeline,
            Self::Unrun(pipeline) => &pipeline.name,
        }
    }
}

impl Pipelines {
    /// The selected run, else the newest one, else the first pipeline.
    fn shown<'a>(&self, builds: &'a Builds) -> Option<Shown<'a>> {
        let key = self.table.single();
        let of_key = key.and_then(|key| {
            let run = builds.pipeline_runs().iter().find(|run| run.id as u64 == key);
            let unrun = || builds.pipelines().iter().find(|pipeline| row_key(&pipeline.name) == key);
            run.map(Shown::Run).or_else(|| unrun().map(Shown::Unrun))
        });
        of_key
            .or_else(|| builds.pipeline_runs().first().map(Shown::Run))
            .or_else(|| builds.pipelines().first().map(Shown::Unrun))
    }

    fn job<'a>(&self, shown: Shown<'a>) -> Option<&'a JobRow> {
        let key = self.job.as_ref()?;
        let jobs = match shown {
            Shown::Run(run) => &run.jobs,
            Shown::Unrun(pipeline) => &pipeline.jobs,
        };
        jobs.iter().find(|job| job.key == *key)
    }

    /// A run that begins is what one wants to see.
    fn follow(&mut self, builds: &Builds) {
        let newest = builds.pipeline_runs().first().filter(|run| run.is_going_on());
        if let Some(run) = newest.filter(|run| self.followed != Some(run.id)) {
            self.followed = Some(run.id);
            self.table.select_only(run.id as u64);
            self.job = None;
        }
    }

    pub(super) fn is_empty(builds: &Builds) -> bool {
        builds.pipelines().is_empty() && builds.pipeline_runs().is_empty()
    }

    pub(super) fn has_detail(&self, builds: &Builds) -> bool {
        self.shown(builds).is_some()
    }

    /// The acts on what is shown; the first one is what one does next.
    pub(super) fn actions(&self, cx: &Cx<'_>, workspace: &Workspace, builds: &Builds) -> Vec<Action> {
        let Some(shown) = self.shown(builds) else { return Vec::new() };
        let mut actions = run_actions(cx, workspace, shown);
        if let Some(first) = actions.first_mut() {
            *first = first.clone().primary();
        }
        actions
    }

    pub(super) fn ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, builds: &Builds) {
        self.follow(builds);
        split_bottom_ui(
            ui,
            "build-pipelines",
            LIST,
            self,
            |ui, tab| tab.list_ui(ui, cx, workspace, builds),
            |ui, tab| tab.graph_ui(ui, cx, builds),
        );
    }

    fn graph_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, builds: &Builds) {
        let Some(shown) = self.shown(builds) else { return };
        let jobs = shown.jobs();
        let is_run = matches!(shown, Shown::Run(_));
        let nodes: Vec<StageNode> = jobs
            .iter()
            .map(|job| StageNode {
                name: job.key.clone(),
                word: match (&job.left_out, is_run) {
                    (Some(_), false) => cx.t("build-ci-left-out"),
                    (None, false) => String::new(),
                    (_, true) => cx.t(job.state.key()),
                },
                note: note(cx, job),
                state: match (&job.left_out, is_run) {
                    (Some(_), false) => State::Skipped,
                    (None, false) => State::Unknown,
                    (_, true) => job.state,
                },
                column: job.column,
                needs: jobs
                    .iter()
                    .enumerate()
                    .filter(|(_, other)| job.needs.contains(&other.key))
                    .map(|(at, _)| at)
                    .collect(),
            })
            .collect();
        let selected = jobs.iter().position(|job| Some(&job.key) == self.job.as_ref());
        let name = cx.msg(&msg!("build-pipeline-graph", pipeline = shown.pipeline()));
        if let Some(at) = stages_ui(ui, "build", &name, &nodes, selected) {
            let job = &jobs[at];
            self.job = (selected != Some(at)).then(|| job.key.clone());
            // The log of a job of this session is at hand.
            if let Some(id) = job.job.filter(|id| self.job.is_some() && cx.model.jobs.get(*id).is_some()) {
                cx.ask(Intent::Ui(UiIntent::ShowJob(id)));
            }
        }
    }

    fn list_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, builds: &Builds) {
        let names = names(builds);
        let lines = lines(cx, builds, &names);
        let name = cx.t("build-tab-pipelines");
        let column = |id: &'static str, key: &str, width: f32| Column::new(id, cx.t(key), width).unsortable();
        let columns = [
            column("run", "build-fact-run", 84.0).always(),
            column("state", "build-col-state", 132.0).always(),
            column("commit", "build-col-commit", 84.0),
            column("jobs", "build-col-jobs", 180.0).fill(),
            column("by", "build-col-started-by", 116.0),
            column("when", "build-col-when", 96.0),
            column("time", "build-col-time", 72.0).right(),
        ];
        let run_of = |row: usize| match lines.get(row) {
            Some(Line::Run(at)) => builds.pipeline_runs().get(*at),
            _ => None,
        };
        let group_of = |row: usize| match lines.get(row) {
            Some(Line::Group(at)) => {
                let runs = || builds.pipeline_runs().iter().filter(|run| run.pipeline == names[*at]);
                Some(GroupRow {
                    label: names[*at].clone(),
                    count: runs().count().to_string(),
                    open: true,
                    state: runs()
                        .next()
                        .filter(|run| run.state.needs_attention())
                        .map(|run| (run.state, cx.t(run.state.key()))),
                })
            }
            _ => None,
        };
        let mut asked: Option<Intent> = None;
        let table = Table::new("build-pipelines", &name, &columns, lines.len())
            .single()
            .key(|row| match lines.get(row) {
                Some(Line::Run(at)) => builds.pipeline_runs().get(*at).map_or(0, |run| run.id as u64),
                Some(Line::Unrun(at)) => row_key(&names[*at]),
                _ => u64::MAX - row as u64,
            })
            .label(|row| match lines.get(row) {
                Some(Line::Run(_)) => run_of(row)
                    .map(|run| format!("{} {}, {}", run.pipeline, run.id, cx.t(run.state.key())))
                    .unwrap_or_default(),
                Some(Line::Group(at) | Line::Unrun(at)) => names[*at].clone(),
                None => String::new(),
            })
            .groups(group_of)
            .menu(|ui, row| {
                if let Some(run) = run_of(row) {
                    asked = action::menu_ui(ui, &run_actions(cx, workspace, Shown::Run(run))).or(asked.take());
                }
            });
        let response = table.show(ui, &mut self.table, |ui, row, column| {
            match (run_of(row), columns[column].id) {
                (Some(run), id) => cell_ui(ui, cx, workspace, run, id),
                (None, "state") => {
                    text::weak(ui, &cx.t("build-pipeline-not-run"));
                }
                _ => {}
            }
        });
        if response.selection_changed {
            self.job = None;
        }
        if let Some(intent) = asked {
            cx.ask(intent);
        }
    }

    pub(super) fn detail_ui(&self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, builds: &Builds) {
        let Some(shown) = self.shown(builds) else { return };
        if let Some(job) = self.job(shown) {
            job_ui(ui, cx, workspace, builds, shown, job);
            return;
        }
        let (state, word) = match shown {
            Shown::Run(run) => (run.state, cx.t(run.state.key())),
            Shown::Unrun(_) => (State::Unknown, cx.t("build-pipeline-not-run")),
        };
        let note = match shown {
            Shown::Run(run) => cx.msg(&msg!("build-pipeline-note", run = run.id, pipeline = run.pipeline.as_str())),
            Shown::Unrun(_) => cx.msg(&msg!("build-n-jobs", n = shown.jobs().len())),
        };
        let heading = Heading {
            icon: icons::TREE,
            name: shown.pipeline(),
            note: &note,
            state: Some((state, &word)),
        };
        detail::heading_ui(ui, &heading);
        let mut facts = Vec::new();
        if let Shown::Run(run) = shown {
            if let Some(failed) = run.first_failure() {
                failure_ui(ui, cx, workspace, failed);
            }
            let target = Target::Commit {
                workspace: workspace.id.clone(),
                oid: run.commit.clone(),
            };
            let dirty = if run.is_dirty {
                cx.t("build-with-changes")
            } else {
                String::new()
            };
            facts.push(Fact::link(
                cx.t("build-col-commit"),
                format::short_oid(&run.commit),
                dirty,
                target,
            ));
            facts.push(Fact::text(cx.t("build-col-started-by"), started(cx, run.started_by)));
            facts.push(
                Fact::text(cx.t("build-col-when"), format::ago(run.started_at, cx.now, cx.texts))
                    .hover(format::local(run.started_at).to_string()),
            );
            facts.push(Fact::text(cx.t("build-col-time"), lasted(cx, run.started_at, run.ended_at)));
            let done = format!("{} / {}", run.count(State::Done), run.jobs.len());
            facts.push(Fact::text(cx.t("build-col-jobs"), done));
        }
        if let Some(defined) = builds.pipelines().iter().find(|known| known.name == shown.pipeline()) {
            if let Some(file) = &defined.ci {
                facts.extend(ci::facts(cx, file));
                if matches!(shown, Shown::Unrun(_)) {
                    facts.push(ci::share(cx, &defined.jobs));
                }
            }
            let on: Vec<String> = defined.on.iter().map(|on| cx.t(on_key(*on))).collect();
            let on = if on.is_empty() { cx.t("build-by-hand") } else { on.join(", ") };
            let branches = if defined.branches.is_empty() {
                on
            } else {
                format!("{on} ({})", defined.branches.join(", "))
            };
            if defined.ci.is_none() {
                facts.push(Fact::text(cx.t("build-pipeline-watched"), branches));
            }
            if let Some(line) = defined.line {
                let written = cx.msg(&msg!("build-pipeline-line", line = line));
                facts.push(Fact::path(cx.t("build-fact-written"), written));
            }
        }
        if let Some(target) = detail::facts_ui(ui, &facts) {
            cx.ask(Intent::Go(target));
        }
        if let Some(intent) = detail::actions_ui(ui, &run_actions(cx, workspace, shown)) {
            cx.ask(intent);
        }
        let defined = builds.pipelines().iter().find(|known| known.name == shown.pipeline());
        if let Some(file) = defined.and_then(|defined| defined.ci.as_ref()) {
            ci::notes_ui(ui, cx, None, &file.lacks);
        }
        if let Shown::Run(run) = shown {
            thread_ui(
                ui,
                cx,
                &Target::Commit {
                    workspace: workspace.id.clone(),
                    oid: run.commit.clone(),
                },
            );
        }
    }

    /// The job whose run has details that the panel shows.
    pub(super) fn shown_job(&self, builds: &Builds) -> Option<JobId> {
        let shown = self.shown(builds)?;
        let job = self.job(shown)?;
        let is_over = !matches!(job.state, State::InProgress | State::Queued);
        job.job.filter(|_| is_over)
    }
}

/// Names of the file, then those that only runs have.
fn names(builds: &Builds) -> Vec<String> {
    let mut names: Vec<String> = builds.pipelines().iter().map(|pipeline| pipeline.name.clone()).collect();
    for run in builds.pipeline_runs() {
        if !names.contains(&run.pipeline) {
            names.push(run.pipeline.clone());
        }
    }
    names
}

fn lines(cx: &Cx<'_>, builds: &Builds, names: &[String]) -> Vec<Line> {
    let filter = cx.filter.trim().to_lowercase();
    let is_shown =
        |run: &PipelineRun| filter.is_empty() || run.pipeline.to_lowercase().contains(&filter) || run.commit.starts_with(&filter);
    let mut lines = Vec::new();
    for (at, name) in names.iter().enumerate() {
        lines.push(Line::Group(at));
        let before = lines.len();
        let runs = builds.pipeline_runs().iter().enumerate();
        lines.extend(
            runs.filter(|(_, run)| run.pipeline == *name && is_shown(run))
                .map(|(at, _)| Line::Run(at)),
        );
        if lines.len() == before {
            lines.push(Line::Unrun(at));
        }
    }
    lines
}

fn cell_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, run: &PipelineRun, column: &str) {
    match column {
        "run" => {
            text::medium(ui, &run.id.to_string());
        }
        "state" => {
            state_mark::label_ui(ui, run.state, &cx.t(run.state.key()));
        }
        "commit" => crate::areas::page::commit_ui(ui, cx, &workspace.id, Some(&run.commit), run.is_dirty),
        "jobs" => match run.first_failure() {
            Some(failed) => {
                text::body(ui, &failed.key);
            }
            None => {
                let going: Vec<&str> = run
                    .jobs
                    .iter()
                    .filter(|job| job.state == State::InProgress)
                    .map(|job| job.key.as_str())
                    .collect();
                let count = format!("{} / {}", run.count(State::Done), run.jobs.len());
                let words = if going.is_empty() {
                    count
                } else {
                    format!("{count}   {}", going.join(", "))
                };
                text::weak(ui, &words);
            }
        },
        "by" => {
            text::weak(ui, &started(cx, run.started_by));
        }
        "when" => {
            text::weak(ui, &format::ago(run.started_at, cx.now, cx.texts))
                .on_hover_text(format::local(run.started_at).to_string());
        }
        "time" => {
            text::body(ui, &lasted(cx, run.started_at, run.ended_at));
        }
        _ => {}
    }
}

fn started(cx: &Cx<'_>, by: StartedBy) -> String {
    cx.t(match by {
        StartedBy::Hand => "build-by-hand",
        StartedBy::Commit => "build-by-commit",
        StartedBy::Change => "build-by-change",
    })
}

fn lasted(cx: &Cx<'_>, from: crate::base::Timestamp, until: Option<crate::base::Timestamp>) -> String {
    format::duration_secs(time::secs_between(from, until.unwrap_or(cx.now)), cx.texts)
}

/// The second line of a card.
fn note(cx: &Cx<'_>, job: &JobRow) -> String {
    let mut words = Vec::new();
    if job.state == State::Failed && job.may_fail {
        words.push(cx.t("build-failure-allowed"));
    }
    if job.attempt > 1 {
        words.push(cx.msg(&msg!("build-attempt", n = job.attempt)));
    }
    if let Some(from) = job.reused_from {
        words.push(cx.msg(&msg!("build-reused", run = from)));
    } else if let Some(at) = job
        .started_at
        .filter(|_| job.state != State::Queued && job.state != State::Skipped)
    {
        words.push(lasted(cx, at, job.ended_at));
    } else if job.may_fail {
        words.push(cx.t("build-pipeline-may-fail"));
    }
    words.join(", ")
}

/// Stop while it runs; else resume what can be, and run on HEAD, on what is saved, anew.
fn run_actions(cx: &Cx<'_>, workspace: &Workspace, shown: Shown<'_>) -> Vec<Action> {
    let why_not = words::why_not(cx, workspace);
    let name = shown.pipeline().to_owned();
    let ask = |id: &str, label: &crate::base::Msg, of: Of, is_anew: bool| {
        let command = Command::RunPipeline {
            workspace: workspace.clone(),
            pipeline: name.clone(),
            of,
            started_by: StartedBy::Hand,
            is_anew,
        };
        Action::new(id, cx.msg(label), command.into())
            .icon(icons::RUN)
            .disabled_because(why_not.clone())
    };
    let head = || Of::Commit {
        revision: "HEAD".to_owned(),
    };
    let mut actions = Vec::new();
    if let Shown::Run(run) = shown {
        let workspace = workspace.clone();
        if run.is_going_on() {
            let command = Command::StopPipeline { workspace, run: run.id };
            let label = cx.msg(&msg!("build-pipeline-stop", run = run.id));
            actions.push(Action::new("build-pipeline-stop", label, command.into()).icon(icons::STOP));
        } else if run.can_resume() {
            let command = Command::ResumePipeline {
                workspace,
                run: Some(run.id),
            };
            let label = cx.msg(&msg!("build-pipeline-resume", run = run.id));
            let action = Action::new("build-pipeline-resume", label, command.into()).icon(icons::RUN);
            actions.push(action.disabled_because(why_not.clone()));
        }
    }
    if is_id(&name) {
        let wants =
            |lack: &crate::areas::build::ci::Lack| matches!(&*lack.what.key, "build-ci-container" | "build-ci-own-runner");
        let is_contained = shown.jobs().iter().any(|job| job.notes.iter().any(wants));
        actions.extend(ci::run_actions(cx, workspace, &name, is_contained));
        if let Shown::Unrun(Defined { ci: Some(file), .. }) = shown {
            actions.extend(ci::event_actions(cx, workspace, &name, file));
        }
        return actions;
    }
    let label = msg!("build-pipeline-run", pipeline = name.as_str());
    actions.push(ask("build-pipeline-run", &label, head(), false));
    let label = msg!("build-pipeline-run-changes", pipeline = name.as_str());
    actions.push(ask("build-pipeline-changes", &label, Of::Changes, false));
    let label = msg!("build-pipeline-run-anew", pipeline = name.as_str());
    actions.push(ask("build-pipeline-anew", &label, head(), true));
    actions
}

fn job_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, builds: &Builds, shown: Shown<'_>, job: &JobRow) {
    let (note, state) = match shown {
        Shown::Run(run) => (
            cx.msg(&msg!("build-pipeline-note", run = run.id, pipeline = run.pipeline.as_str())),
            (job.state, cx.t(job.state.key())),
        ),
        Shown::Unrun(_) if job.left_out.is_some() => (shown.pipeline().to_owned(), (State::Skipped, cx.t("build-ci-left-out"))),
        Shown::Unrun(_) => (shown.pipeline().to_owned(), (State::Unknown, cx.t("build-pipeline-not-run"))),
    };
    let heading = Heading {
        icon: icons::TOOL,
        name: &job.key,
        note: &note,
        state: Some((state.0, &state.1)),
    };
    detail::heading_ui(ui, &heading);
    failure_ui(ui, cx, workspace, job);
    let mut facts = Vec::new();
    if !job.title.is_empty() && job.title != job.key {
        facts.push(Fact::text(cx.t("build-ci-name"), job.title.as_str()));
    }
    if let Some(at) = job.started_at {
        facts.push(Fact::text(cx.t("build-col-time"), lasted(cx, at, job.ended_at)));
    }
    if job.attempt > 0 {
        facts.push(Fact::text(cx.t("build-pipeline-attempts"), job.attempt.to_string()));
    }
    if let Some(from) = job.reused_from {
        facts.push(Fact::text(cx.t("build-col-run"), cx.msg(&msg!("build-reused", run = from))));
    }
    if !job.needs.is_empty() {
        facts.push(Fact::text(cx.t("build-pipeline-waits-for"), job.needs.join(", ")));
    }
    for path in &job.gives {
        facts.push(Fact::path(cx.t("build-pipeline-gives"), path.display().to_string()));
    }
    if !facts.is_empty()
        && let Some(target) = detail::facts_ui(ui, &facts)
    {
        cx.ask(Intent::Go(target));
    }
    let mut actions: Vec<Action> = job.job.map(|id| words::show_log(cx, id)).into_iter().collect();
    if is_id(shown.pipeline()) {
        actions.push(ci::job_action(cx, workspace, shown.pipeline(), job));
    }
    if let Some(intent) = Some(&actions)
        .filter(|actions| !actions.is_empty())
        .and_then(|actions| detail::actions_ui(ui, actions))
    {
        cx.ask(intent);
    }
    ci::notes_ui(ui, cx, job.left_out.as_ref(), &job.notes);
    if let Some(shown) = job.job.and_then(|id| builds.detail(id)) {
        super::detail::said_ui(ui, cx, workspace, shown);
    }
}

/// Why a job failed: the first error with its source lines, else the problem in words.
fn failure_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, job: &JobRow) {
    let (why, problem): (Option<&Reason>, Option<&Problem>) = (job.why.as_ref(), job.problem.as_ref());
    if job.state != State::Failed && job.state != State::InProgress {
        return;
    }
    let message = match (why, problem) {
        (Some(why), _) => why.message.clone(),
        (None, Some(problem)) => cx.msg(&problem.summary),
        (None, None) => return,
    };
    let place = why
        .and_then(|why| why.place.as_ref())
        .or(problem.and_then(|problem| problem.place.as_ref()));
    let place = place.map(place_word).unwrap_or_default();
    let hint = why
        .and_then(|why| why.hint.as_ref())
        .or(problem.and_then(|problem| problem.hint.as_ref()));
    let shown = Why {
        message: &message,
        place: &place,
        note: &job.key,
        lines: why.map_or(&[], |why| why.lines.as_slice()),
        marked: why.and_then(|why| why.place.as_ref()).and_then(|place| place.line),
        hint: &hint.map(|hint| cx.msg(hint)).unwrap_or_default(),
    };
    if let Some(place) = detail::section_ui(ui, |ui| why_ui(ui, &shown)) {
        cx.open_place(workspace, &place);
    }
}
