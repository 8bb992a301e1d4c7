//! The parts that tell what is there and lead to where one works with it: git, the container engine, machines, keys, trust.

use crate::areas::AreaId;
use crate::areas::build::docker;
use crate::areas::code;
use crate::areas::devops::machines::MachineKind;
use crate::areas::devops::{self, TrustState};
use crate::areas::page::{Cx, Intent, UiIntent};
use crate::areas::{build, deploy};
use crate::base::{State, Target, Workspace, format};
use crate::msg;
use crate::ui::detail::{Fact, fact_rows_ui};
use crate::ui::page_frame::problem_card_ui;
use crate::ui::tokens::measure;
use crate::ui::{Ui, keys, state_mark, text};
use egui::{Align, Layout};

/// What the parts show, asked for when one is opened.
pub(super) fn ask_for_git(cx: &Cx<'_>) {
    let is_repository = |workspace: &&Workspace| {
        let row = cx.model.devops.row(&workspace.id);
        row.is_some_and(|row| row.repo.is_some()) || cx.model.code.repo(&workspace.id).is_some()
    };
    if let Some(workspace) = cx.workspace.filter(is_repository) {
        cx.ask(code::Command::LoadCommitHelp {
            workspace: workspace.clone(),
        });
    }
}

pub(super) fn ask_for_docker(cx: &Cx<'_>) {
    cx.ask(build::Command::Docker(docker::Command::Look));
    cx.ask(devops::Command::ListMachines);
}

pub(super) fn ask_for_trust(cx: &Cx<'_>) {
    if let Some(workspace) = cx.workspace {
        cx.ask(deploy::Command::Refresh {
            workspace: workspace.clone(),
        });
    }
}

fn page(area: AreaId, tab: &str) -> Target {
    Target::Page {
        area: area.word().to_owned(),
        tab: Some(tab.to_owned()),
    }
}

fn link_ui(ui: &mut Ui, cx: &Cx<'_>, key: &str, target: Target) {
    if text::link(ui, &cx.t(key)).clicked() {
        cx.ask(Intent::Go(target));
    }
}

/// A program of this machine as a fact: its version, and on hover where it stands.
fn tool_fact(cx: &Cx<'_>, label: &str, name: &str) -> Fact {
    let found = cx.model.config.tools.value();
    let tool = found.and_then(|found| found.tools.iter().find(|tool| tool.name == name));
    match tool.and_then(|tool| tool.path.as_ref().map(|path| (tool, path))) {
        Some((tool, path)) => Fact::text(label, tool.version.clone()).hover(path.display().to_string()),
        None => Fact::text(
            label,
            if found.is_some() {
                cx.t("config-tool-missing")
            } else {
                String::new()
            },
        ),
    }
}

/// What git does in the chosen workspace when Chantier commits there.
pub(super) fn git_ui(ui: &mut Ui, cx: &Cx<'_>) {
    text::strong(ui, &cx.t("config-git-here"));
    text::paragraph_weak(ui, &cx.t("config-git-here-words"));
    let mut facts = vec![tool_fact(cx, &cx.t("config-git-program"), "git")];
    if let Some((workspace, repo)) = cx
        .workspace
        .and_then(|workspace| Some((workspace, cx.model.code.repo(&workspace.id)?)))
    {
        let help = &repo.commit_help;
        let signs = help.signs_with.clone().unwrap_or_else(|| cx.t("config-git-unsigned"));
        facts.push(Fact::text(cx.t("config-git-workspace"), workspace.name.clone()));
        facts.push(Fact::text(cx.t("config-git-signs"), signs));
        facts.push(Fact::text(cx.t("config-git-hooks"), help.hooks.join(", ")));
        let template = help.template.as_deref().and_then(|text| text.lines().next());
        facts.push(Fact::text(cx.t("config-git-template"), template.unwrap_or_default()));
    }
    fact_rows_ui(ui, &facts);
    link_ui(ui, cx, "config-git-open", page(AreaId::Code, "changes"));
}

/// The engine that answers, and the contexts of the `docker` command.
pub(super) fn docker_ui(ui: &mut Ui, cx: &Cx<'_>) {
    let docker = &cx.model.build.docker;
    text::strong(ui, &cx.t("config-section-docker"));
    text::paragraph_weak(ui, &cx.t("config-docker-words"));
    if let Some(problem) = &docker.lost {
        problem_card_ui(ui, problem, false);
    }
    let mut facts = vec![tool_fact(cx, &cx.t("config-docker-program"), "docker")];
    if let Some(held) = docker.held.value() {
        let engine = &held.engine;
        let state = if docker.lost.is_some() {
            State::Unknown
        } else {
            State::Running
        };
        let name = format!("{} {}", engine.name, engine.version);
        facts.push(Fact::state(cx.t("config-docker-engine"), state, name.trim()));
        facts.push(Fact::mono(cx.t("config-docker-address"), engine.host.clone()));
        facts.push(Fact::text(
            cx.t("config-docker-system"),
            format!("{} {}, API {}", engine.os, engine.architecture, engine.api_version),
        ));
        let holds = msg!(
            "config-docker-holds",
            images = held.images.len(),
            containers = held.containers.len(),
            volumes = held.volumes.len(),
            networks = held.networks.len()
        );
        facts.push(Fact::text(cx.t("config-docker-held"), cx.msg(&holds)));
    }
    fact_rows_ui(ui, &facts);
    machines_of_ui(
        ui,
        cx,
        MachineKind::Docker,
        "config-docker-contexts",
        "config-docker-no-context",
    );
    ui.add_space(measure::SPACE_8);
    link_ui(ui, cx, "config-docker-open", page(AreaId::Build, "images"));
    link_ui(ui, cx, "config-machines-open", page(AreaId::DevOps, "machines"));
}

/// The machines of the user's ssh configuration.
pub(super) fn machines_ui(ui: &mut Ui, cx: &Cx<'_>) {
    text::strong(ui, &cx.t("config-section-machines"));
    text::paragraph_weak(ui, &cx.t("config-machines-words"));
    machines_of_ui(ui, cx, MachineKind::Ssh, "config-machines-ssh", "config-machines-none");
    ui.add_space(measure::SPACE_8);
    link_ui(ui, cx, "config-machines-open", page(AreaId::DevOps, "machines"));
}

fn machines_of_ui(ui: &mut Ui, cx: &Cx<'_>, kind: MachineKind, title: &str, none: &str) {
    ui.add_space(measure::SPACE_8);
    text::strong(ui, &cx.t(title));
    let all = cx.model.devops.machines.as_deref().unwrap_or_default();
    let mut of_kind = all.iter().filter(|far| far.kind == kind).peekable();
    if of_kind.peek().is_none() {
        text::weak(ui, &cx.t(none));
    }
    for far in of_kind {
        ui.horizontal(|ui| {
            ui.set_min_height(measure::ROW);
            ui.spacing_mut().item_spacing.x = measure::SPACE_8;
            state_mark::label_ui(ui, far.state, &far.name);
            text::small(ui, &far.address);
            if let Some(at) = far.tested_at {
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    text::small(ui, &format::ago(at, cx.now, cx.texts));
                });
            }
        });
    }
}

/// Every key of the window.
pub(super) fn keys_ui(ui: &mut Ui, cx: &Cx<'_>) {
    text::strong(ui, &cx.t("config-section-keys"));
    text::paragraph_weak(ui, &cx.t("config-keys-words"));
    let areas: Vec<String> = AreaId::ALL.iter().map(|area| cx.t(area.key())).collect();
    for (title, rows) in keys::groups(ui.ctx(), cx.texts, &areas) {
        ui.add_space(measure::SPACE_8);
        text::section(ui, &title);
        for (key, what) in rows {
            keys::row_ui(ui, &key, &what);
        }
    }
}

/// Which workspaces may run their programs, and which environments ask for their name.
pub(super) fn trust_ui(ui: &mut Ui, cx: &Cx<'_>) {
    text::strong(ui, &cx.t("config-trust-title"));
    text::paragraph_weak(ui, &cx.t("config-trust-words"));
    for info in cx.model.devops.infos() {
        ui.push_id(&info.workspace.id.0, |ui| {
            ui.horizontal(|ui| {
                ui.set_min_height(measure::ROW);
                ui.spacing_mut().item_spacing.x = measure::SPACE_8;
                let (state, key) = match info.trust {
                    TrustState::Trusted => (State::Done, "devops-trusted"),
                    TrustState::Untrusted => (State::Unknown, "devops-untrusted"),
                    TrustState::Changed => (State::Degraded, "devops-trust-changed"),
                };
                state_mark::label_ui(ui, state, &info.workspace.name);
                text::small(ui, &cx.t(key)).on_hover_text(info.workspace.root.display().to_string());
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    let word = cx.t("config-trust-look");
                    if text::link_small(ui, &word).clicked() {
                        let id = format!("devops-trust/{}", info.workspace.id.0);
                        cx.ask(Intent::Ui(UiIntent::PageAction(AreaId::DevOps, id)));
                    }
                });
            });
        });
    }
    let Some(workspace) = cx.workspace else { return };
    let known = cx.model.deploy.of(&workspace.id);
    let Some(overview) = known.and_then(|known| known.overview.value()) else {
        return;
    };
    ui.add_space(measure::SPACE_8);
    text::strong(ui, &cx.msg(&msg!("config-protected-title", workspace = &workspace.name)));
    text::paragraph_weak(ui, &cx.t("config-protected-words"));
    let mut protected = overview.environments.iter().filter(|one| one.is_protected).peekable();
    if protected.peek().is_none() {
        text::weak(ui, &cx.t("config-protected-none"));
    }
    for one in protected {
        if text::link(ui, &one.name).clicked() {
            cx.ask(Intent::Go(Target::Environment {
                workspace: workspace.id.clone(),
                name: one.name.clone(),
            }));
        }
    }
}
