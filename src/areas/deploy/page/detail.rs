//! The panel of an environment (facts, acts, instances, what one can return to, thread) and of one past deployment.

use super::{actions_of, how_words, intent, live, outcome_word, rehearsal, state_of};
use crate::areas::deploy::{Command, Deployment, Environment, Instance, Return};
use crate::areas::page::{Cx, Intent};
use crate::base::{State, Target, Workspace, format};
use crate::msg;
use crate::ui::button::Button;
use crate::ui::detail::{self, Fact, Heading};
use crate::ui::page_frame::problem_card_ui;
use crate::ui::tokens::measure;
use crate::ui::{Ui, icons, state_mark, text};
use egui::{Align, Layout};

pub(super) fn environment_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, one: &Environment) {
    let (state, word) = state_of(one);
    let word = cx.t(word);
    let kind = if one.is_protected {
        "deploy-protected-note"
    } else if one.approvals.is_some() {
        "deploy-approvals-note"
    } else {
        "deploy-open-note"
    };
    let note = one.why.as_ref().map_or_else(|| cx.t(kind), |why| cx.msg(why));
    detail::heading_ui(
        ui,
        &Heading {
            icon: icons::UPLOAD,
            name: &one.name,
            note: &note,
            state: Some((state, &word)),
        },
    );
    let mut go = detail::facts_ui(ui, &facts(cx, workspace, one));
    if let Some(intent) = detail::actions_ui(ui, &actions_of(cx, one)) {
        cx.ask(intent);
    }
    if !one.traffic.is_empty() {
        detail::titled_section_ui(ui, &cx.t("deploy-traffic-title"), "", |ui| {
            let newest = one.waits.as_ref().map(|waits| waits.version.as_str());
            live::shares_ui(ui, cx, &one.traffic, newest);
        });
    }
    if !one.instances.is_empty() {
        detail::titled_section_ui(ui, &cx.t("deploy-instances-title"), "", |ui| {
            for instance in &one.instances {
                go = instance_ui(ui, cx, instance).or(go.take());
            }
        });
    }
    if !one.returns.is_empty() {
        // To what runs nobody returns.
        let is_ready = |one: &&Return| one.healthy_until.is_some() && one.obstacle.is_none() && one.ignored.is_none();
        let n = one.returns.iter().filter(is_ready).count();
        let note = cx.msg(&msg!("deploy-returns-note", n = n));
        detail::titled_section_ui(ui, &cx.t("deploy-returns-title"), &note, |ui| {
            for back in &one.returns {
                return_ui(ui, cx, workspace, one, back, &mut go);
            }
        });
    }
    let of = Target::Environment {
        workspace: workspace.id.clone(),
        name: one.name.clone(),
    };
    let shown = cx.thread(&of).and_then(|thread| detail::thread_ui(ui, thread, cx.now));
    if let Some(target) = go.or(shown) {
        cx.ask(Intent::Go(target));
    }
}

fn facts(cx: &Cx<'_>, workspace: &Workspace, one: &Environment) -> Vec<Fact> {
    let mut facts = Vec::new();
    if let Some(live) = &one.live {
        let release = Target::Release {
            workspace: workspace.id.clone(),
            version: live.version.clone(),
        };
        let at = live.healthy_from.unwrap_or(live.started_at);
        let age = format::ago(at, cx.now, cx.texts);
        facts.push(Fact::link(cx.t("deploy-fact-version"), live.version.clone(), age, release));
        if let Some(commit) = &live.commit {
            let target = Target::Commit {
                workspace: workspace.id.clone(),
                oid: commit.clone(),
            };
            facts.push(Fact::link(cx.t("deploy-fact-commit"), format::short_oid(commit), "", target));
        }
        facts.push(Fact::text(cx.t("deploy-fact-who"), live.who.clone()));
        let target = Target::Deployment {
            workspace: workspace.id.clone(),
            id: live.id,
        };
        facts.push(Fact::link(cx.t("deploy-fact-deployment"), live.id.to_string(), "", target));
    }
    facts.push(Fact::text(cx.t("deploy-fact-target"), how_words(cx, one)));
    if let Some(approvals) = &one.approvals {
        let who = match approvals.from.join(", ") {
            names if names.is_empty() => cx.t("deploy-approvals-anybody"),
            names => names,
        };
        let words = cx.msg(&msg!("deploy-approvals-need", n = approvals.needed(), who = who));
        facts.push(Fact::text(cx.t("deploy-fact-approvals"), words));
    }
    if let Some(proven) = &one.rollback {
        let state = rehearsal::proven_state(proven);
        let fact = Fact::state(cx.t("deploy-fact-rollback"), state, rehearsal::proven_short(cx, proven));
        facts.push(fact.hover(rehearsal::proven_words(cx, proven)));
    }
    if let Some(continuous) = &one.continuous {
        let state = match &continuous.last {
            Some(last) => last.state,
            None => State::None,
        };
        let fact = Fact::state(cx.t("deploy-fact-continuous"), state, continuous.words(cx.texts));
        let why = continuous.last.as_ref().and_then(|last| last.problem.as_ref());
        facts.push(match why {
            Some(problem) => fact.hover(cx.msg(&problem.summary)),
            None => fact,
        });
    }
    if let Some(owner) = &one.locked_by {
        facts.push(Fact::state(cx.t("deploy-fact-lock"), State::InProgress, owner.clone()));
    }
    facts
}

fn instance_ui(ui: &mut Ui, cx: &Cx<'_>, instance: &Instance) -> Option<Target> {
    let mut go = None;
    ui.horizontal(|ui| {
        state_mark::mark_ui(ui, instance.state);
        if text::link(ui, &instance.name).clicked() {
            go = Some(Target::Instance {
                id: instance.id.to_string(),
            });
        }
        let age = match instance.ended_at {
            Some(at) => cx.msg(&msg!("deploy-instance-died", ago = format::ago(at, cx.now, cx.texts))),
            None => format::age(instance.started_at, cx.now, cx.texts),
        };
        let port = instance
            .port
            .filter(|_| instance.ended_at.is_none())
            .map_or_else(String::new, |port| format!(":{port}, "));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let pid = instance.pid.map(|pid| format!("PID {pid}")).unwrap_or_default();
            text::small(ui, &format!("{port}{age}")).on_hover_text(pid);
        });
    });
    go
}

fn return_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, one: &Environment, back: &Return, go: &mut Option<Target>) {
    ui.horizontal(|ui| {
        let state = match (&back.obstacle, back.healthy_until) {
            (Some(_), _) => State::Failed,
            (None, _) if back.ignored.is_some() => State::Degraded,
            // What shall run may not: the environment knows.
            (None, None) => one.state,
            (None, Some(_)) => State::Done,
        };
        state_mark::mark_ui(ui, state);
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let is_changing = one.state == State::InProgress;
            if back.healthy_until.is_some() && back.obstacle.is_none() && !is_changing {
                let label = cx.t("deploy-roll-back-button");
                let name = cx.msg(&msg!("deploy-roll-back-to", version = &back.version));
                let differs = back.differs();
                // Of one version there may be several.
                let name = if differs.is_empty() {
                    name
                } else {
                    format!("{name}, {differs}")
                };
                if ui.add(Button::new(&label).small().hover(&name)).clicked() {
                    cx.ask(intent(format!("rollback/{}/{}", one.name, back.deployment)));
                }
            }
            ui.with_layout(Layout::top_down(Align::Min), |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = measure::SPACE_8;
                    text::medium(ui, &back.version);
                    if let Some(commit) = &back.commit
                        && text::link_mono(ui, format::short_oid(commit)).clicked()
                    {
                        *go = Some(Target::Commit {
                            workspace: workspace.id.clone(),
                            oid: commit.clone(),
                        });
                    }
                    text::small(ui, &back.who);
                });
                let said = match (&back.obstacle, back.healthy_until) {
                    (Some(obstacle), _) => cx.msg(obstacle),
                    _ if back.ignored.is_some() => cx.msg(&back.how()),
                    (None, None) if one.state != State::Running => cx.t(state_of(one).1),
                    (None, None) => cx.msg(&msg!(
                        "deploy-return-live",
                        age = format::age(back.healthy_from, cx.now, cx.texts)
                    )),
                    (None, Some(until)) => cx.msg(&msg!("deploy-return-until", age = format::age(until, cx.now, cx.texts))),
                };
                text::small(ui, &said);
                let differs = back.differs();
                if !differs.is_empty() {
                    text::small(ui, &differs);
                }
            });
        });
    });
}

/// One deployment of the history.
pub(super) fn deployment_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, one: &Deployment) {
    let word = cx.t(one.state.key());
    let name = cx.msg(&msg!(
        "deploy-rollout",
        version = &one.version,
        environment = &one.environment
    ));
    let note = outcome_word(cx, one.kind, one.state);
    detail::heading_ui(
        ui,
        &Heading {
            icon: icons::HISTORY,
            name: &name,
            note: &note,
            state: Some((one.state, &word)),
        },
    );
    let environment = Target::Environment {
        workspace: workspace.id.clone(),
        name: one.environment.clone(),
    };
    let mut facts = vec![
        Fact::link(cx.t("deploy-col-environment"), one.environment.clone(), "", environment),
        Fact::text(cx.t("deploy-fact-who"), one.who.clone()),
        Fact::text(cx.t("deploy-col-date"), format::ago(one.started_at, cx.now, cx.texts)).hover(one.started_at.to_string()),
    ];
    if let Some(commit) = &one.commit {
        let target = Target::Commit {
            workspace: workspace.id.clone(),
            oid: commit.clone(),
        };
        facts.push(Fact::link(cx.t("deploy-fact-commit"), format::short_oid(commit), "", target));
    }
    if let Some(from) = one.healthy_from {
        facts.push(Fact::text(cx.t("deploy-fact-healthy-from"), format::ago(from, cx.now, cx.texts)).hover(from.to_string()));
    }
    if let Some(until) = one.healthy_until {
        facts.push(Fact::text(cx.t("deploy-fact-healthy-until"), format::ago(until, cx.now, cx.texts)).hover(until.to_string()));
    }
    if let Some(kept) = &one.backup {
        let bytes = format::bytes(kept.bytes, cx.texts);
        facts.push(Fact::text(cx.t("deploy-fact-backup"), cx.msg(&kept.words(&bytes))));
    }
    if let Some(job) = one.job {
        facts.push(Fact::link(cx.t("deploy-fact-run"), job.to_string(), "", Target::Run { job }));
    }
    let go = detail::facts_ui(ui, &facts);
    if let Some(problem) = &one.problem {
        detail::section_ui(ui, |ui| {
            problem_card_ui(ui, problem, false);
        });
    }
    let known = cx
        .model
        .deploy
        .of(&workspace.id)
        .and_then(|known| known.rollouts.get(&one.id));
    match known {
        Some(rollout) => {
            detail::titled_section_ui(ui, &cx.t("deploy-steps"), "", |ui| {
                for step in &rollout.steps {
                    live::step_ui(ui, cx, step, rollout.is_running());
                }
            });
        }
        None => {
            detail::section_ui(ui, |ui| {
                if text::link(ui, &cx.t("deploy-show-steps")).clicked() {
                    cx.ask(Command::Show {
                        workspace: workspace.clone(),
                        id: one.id,
                    });
                }
            });
        }
    }
    let of = Target::Deployment {
        workspace: workspace.id.clone(),
        id: one.id,
    };
    let shown = cx.thread(&of).and_then(|thread| detail::thread_ui(ui, thread, cx.now));
    if let Some(target) = go.or(shown) {
        cx.ask(Intent::Go(target));
    }
}
