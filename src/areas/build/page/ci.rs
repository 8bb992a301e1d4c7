//! What the tab of pipelines shows of files of GitHub Actions and GitLab CI: how much runs here, and what is not as it is there.

use super::words;
use crate::areas::build::Command;
use crate::areas::build::ci::{Choice, Lack, Weight, other_events};
use crate::areas::build::pipelines::{CiFile, JobRow, Of};
use crate::areas::page::{Action, Cx};
use crate::base::{Msg, State, Workspace};
use crate::msg;
use crate::ui::detail::{self, Fact};
use crate::ui::{Ui, icons, state_mark, text};

/// Run the file on HEAD, on what is saved, or with its containers left away.
pub(super) fn run_actions(cx: &Cx<'_>, workspace: &Workspace, file: &str, is_contained: bool) -> Vec<Action> {
    let ask = |id: &str, label: &Msg, of: Of, choice: Choice| {
        let command = Command::RunCi {
            workspace: workspace.clone(),
            workflow: Some(file.to_owned()),
            of,
            choice,
        };
        Action::new(id, cx.msg(label), command.into())
            .icon(icons::RUN)
            .disabled_because(words::why_not(cx, workspace))
    };
    let mut actions = vec![
        ask(
            "build-pipeline-run",
            &msg!("build-pipeline-run", pipeline = file),
            head(),
            Choice::default(),
        ),
        ask(
            "build-pipeline-changes",
            &msg!("build-pipeline-run-changes", pipeline = file),
            Of::Changes,
            Choice::default(),
        ),
    ];
    if is_contained {
        let choice = Choice {
            is_on_host: true,
            ..Choice::default()
        };
        let action = ask("build-ci-on-host", &msg!("build-ci-on-host", file = file), head(), choice);
        actions.push(action.confirm(cx.t("build-ci-on-host-title"), cx.t("build-ci-on-host-text")));
    }
    actions
}

/// Run the file as on another of its events, with the defaults of its inputs.
pub(super) fn event_actions(cx: &Cx<'_>, workspace: &Workspace, name: &str, file: &CiFile) -> Vec<Action> {
    let ask = |event: &str| {
        let command = Command::RunCi {
            workspace: workspace.clone(),
            workflow: Some(name.to_owned()),
            of: head(),
            choice: Choice {
                event: Some(event.to_owned()),
                ..Choice::default()
            },
        };
        let label = cx.msg(&msg!("build-ci-run-event", file = name, event = event));
        Action::new(format!("build-ci-event-{event}"), label, command.into())
            .icon(icons::RUN)
            .disabled_because(words::why_not(cx, workspace))
    };
    other_events(&file.on).into_iter().map(ask).collect()
}

/// Run one job with what it needs; one that only waits to be named can be run too.
pub(super) fn job_action(cx: &Cx<'_>, workspace: &Workspace, file: &str, job: &JobRow) -> Action {
    let is_by_name = |why: &&Msg| matches!(&*why.key, "build-ci-deploys" | "build-ci-manual");
    let left_out = job.left_out.as_ref().filter(|why| !is_by_name(why)).map(|why| cx.msg(why));
    let command = Command::RunCi {
        workspace: workspace.clone(),
        workflow: Some(file.to_owned()),
        of: head(),
        choice: Choice {
            job: Some(job.key.clone()),
            ..Choice::default()
        },
    };
    Action::new("build-ci-run-job", cx.t("build-ci-run-job"), command.into())
        .icon(icons::RUN)
        .disabled_because(words::why_not(cx, workspace).or(left_out))
}

fn head() -> Of {
    Of::Commit {
        revision: "HEAD".to_owned(),
    }
}

/// Where it stands and what starts it there.
pub(super) fn facts(cx: &Cx<'_>, file: &CiFile) -> Vec<Fact> {
    vec![
        Fact::path(cx.t("build-fact-written"), file.path.display().to_string()),
        Fact::text(cx.t("build-ci-name"), file.name.as_str()),
        Fact::text(cx.t("build-ci-on"), file.on.join(", ")),
    ]
}

/// How many of its jobs run here.
pub(super) fn share(cx: &Cx<'_>, jobs: &[JobRow]) -> Fact {
    let n_here = jobs.iter().filter(|job| job.left_out.is_none()).count();
    Fact::text(
        cx.t("build-col-jobs"),
        cx.msg(&msg!("build-ci-n-here", n = n_here, all = jobs.len())),
    )
}

/// What is not as it is there, the gravest first.
pub(super) fn notes_ui(ui: &mut Ui, cx: &Cx<'_>, left_out: Option<&Msg>, notes: &[Lack]) {
    let is_noted = left_out.is_some_and(|why| notes.iter().any(|lack| lack.what == *why));
    let first = left_out.filter(|_| !is_noted).map(|why| Lack {
        weight: Weight::LeftOut,
        what: why.clone(),
        line: None,
    });
    let mut all: Vec<&Lack> = first.iter().chain(notes).collect();
    if all.is_empty() {
        return;
    }
    all.sort_by_key(|lack| std::cmp::Reverse(lack.weight));
    let note = all.len().to_string();
    detail::titled_section_ui(ui, &cx.t("build-ci-notes"), &note, |ui| {
        for lack in all {
            let state = match lack.weight {
                Weight::LeftOut => State::Skipped,
                Weight::Skipped => State::Degraded,
                Weight::Differs => State::Unknown,
            };
            ui.horizontal(|ui| {
                state_mark::label_small_ui(ui, state, &cx.t(lack.weight.key()));
                if let Some(line) = lack.line {
                    text::weak(ui, &cx.msg(&msg!("build-ci-line", line = line)));
                }
            });
            text::wrapped(ui, &cx.msg(&lack.what));
            ui.add_space(6.0);
        }
    });
}
