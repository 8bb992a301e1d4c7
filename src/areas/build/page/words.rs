//! Words and actions that the tabs and panels of Build share.

use crate::areas::AreaId;
use crate::areas::build::detect::{Kind, Source, Task};
use crate::areas::build::model::Builds;
use crate::areas::build::{Command, RunRow};
use crate::areas::devops::TrustState;
use crate::areas::page::{Action, Cx, Intent, UiIntent};
use crate::base::{JobId, State, Target, Workspace};
use crate::msg;
use crate::ui::icons;

pub(super) fn source(cx: &Cx<'_>, source: Source) -> String {
    match source {
        Source::Project => cx.t("build-source-project"),
        Source::Cargo => cx.t("build-source-cargo"),
        Source::Npm => cx.t("build-source-npm"),
        Source::Python => cx.t("build-source-python"),
        Source::Make => cx.t("build-source-make"),
        // Names of tools are the same in every language.
        Source::Just => "just".to_owned(),
        Source::Cmake => "CMake".to_owned(),
        Source::Maven => "Maven".to_owned(),
        Source::Gradle => "Gradle".to_owned(),
        Source::Go => "Go".to_owned(),
        Source::Docker => "Dockerfile".to_owned(),
        Source::Compose => "Compose".to_owned(),
    }
}

pub(super) fn kind(cx: &Cx<'_>, kind: Kind) -> String {
    match kind {
        Kind::Build => cx.t("build-kind-build"),
        Kind::Check => cx.t("build-kind-check"),
        Kind::Test => cx.t("build-kind-test"),
        Kind::Run => cx.t("build-kind-run"),
        Kind::Other => cx.t("build-kind-other"),
    }
}

/// The state of a run with its counts: `failed, 3 errors`.
pub(super) fn state(cx: &Cx<'_>, run: &RunRow) -> (State, String) {
    let word = cx.t(run.state.key());
    if run.n_errors > 0 {
        return (run.state, cx.msg(&msg!("build-n-errors", n = run.n_errors)));
    }
    if run.n_warnings > 0 && run.state == State::Done {
        return (run.state, cx.msg(&msg!("build-n-warnings", n = run.n_warnings)));
    }
    (run.state, word)
}

/// What a task is called in its group.
pub(super) fn label(task: &Task) -> &str {
    let name = task.name.as_str();
    match task.source {
        Source::Project => name,
        Source::Cargo => name.strip_prefix("cargo ").unwrap_or(name),
        Source::Python => name.strip_prefix("python ").unwrap_or(name),
        Source::Make => name.strip_prefix("make ").unwrap_or(name),
        Source::Just | Source::Cmake | Source::Maven | Source::Gradle | Source::Go | Source::Docker | Source::Compose => {
            name.split_once(' ').map_or(name, |(_, rest)| rest)
        }
        Source::Npm => name.split_once(" run ").map_or(name, |(_, rest)| rest),
    }
}

/// The run of a task that is going on.
pub(super) fn running<'a>(builds: &'a Builds, task: &str) -> Option<&'a RunRow> {
    builds
        .runs()
        .iter()
        .take(32)
        .find(|run| run.task == task && run.state == State::InProgress)
}

/// Why a task can not be run now.
pub(super) fn why_not(cx: &Cx<'_>, workspace: &Workspace) -> Option<String> {
    let info = cx.model.devops.info(&workspace.id)?;
    (info.trust != TrustState::Trusted).then(|| cx.t("build-untrusted"))
}

/// Run, or Stop while it runs.
pub(super) fn run_action(cx: &Cx<'_>, workspace: &Workspace, builds: &Builds, task: &Task) -> Action {
    if let Some(run) = running(builds, &task.id) {
        let label = cx.msg(&msg!("build-stop", task = task.name.as_str()));
        return Action::new("build-stop", label, Intent::Cancel(run.job)).icon(icons::STOP);
    }
    let command = Command::Run {
        workspace: workspace.clone(),
        task: Some(task.id.clone()),
    };
    let words = cx.msg(&msg!("build-run", task = task.name.as_str()));
    Action::new("build-run", words, command.into())
        .icon(icons::RUN)
        .disabled_because(why_not(cx, workspace))
}

/// Everything that can be done with a task.
pub(super) fn task_actions(cx: &Cx<'_>, workspace: &Workspace, builds: &Builds, task: &Task) -> Vec<Action> {
    let mut actions = vec![run_action(cx, workspace, builds, task)];
    if let Some(run) = builds.runs_of(&task.id).next() {
        actions.push(show_log(cx, run.job));
    }
    let copy = Intent::Ui(UiIntent::Copy(task.command_line()));
    actions.push(Action::new("build-copy-command", cx.t("build-copy-command"), copy).icon(icons::COPY));
    actions
}

/// What the page does when a time line is asked for; the number of the run follows.
pub(super) const TIMELINE: &str = "build-timeline:";

/// The tab of the time line, on this run.
pub(super) fn show_timeline(cx: &Cx<'_>, job: JobId) -> Action {
    let intent = Intent::Ui(UiIntent::PageAction(AreaId::Build, format!("{TIMELINE}{}", job.0)));
    Action::new("build-show-timeline", cx.t("build-show-timeline"), intent).icon(icons::HISTORY)
}

/// The log where it can be seen: the activity panel for a job of this session, the run's own page for an older one.
/// How long it took is known: it has ended, and not by the end of its program.
pub(super) fn is_timed(run: &RunRow) -> bool {
    !matches!(run.state, State::InProgress | State::Interrupted)
}

/// All that a run wrote, of any length, to be searched.
pub(super) fn whole_log(cx: &Cx<'_>, job: JobId) -> Action {
    let intent = Intent::Go(Target::Log { job });
    Action::new("build-whole-log", cx.t("build-whole-log"), intent).icon(icons::SEARCH)
}

pub(super) fn show_log(cx: &Cx<'_>, job: JobId) -> Action {
    let intent = match cx.model.jobs.get(job) {
        Some(_) => Intent::Ui(UiIntent::ShowJob(job)),
        None => Intent::Go(Target::Run { job }),
    };
    Action::new("build-show-log", cx.t("build-show-log"), intent).icon(icons::LOG)
}
