//! What can be done on these tabs. What can lose something asks, and says what is lost.

use super::{CONTAINERS, Chosen, DISK, IMAGES, NETWORKS, VOLUMES, form_intent};
use crate::adapters::docker::ContainerAct;
use crate::areas::AreaId;
use crate::areas::build::Command;
use crate::areas::build::docker::{Command as Words, ComposeAct, ComposeProject};
use crate::areas::page::{Action, Cx, Intent, UiIntent};
use crate::base::docker::{ContainerRow, Image, NetworkRow, VolumeRow, short_id};
use crate::msg;
use crate::ui::icons;

fn act(words: Words) -> Intent {
    Command::Docker(words).into()
}

/// Of the page itself.
pub(super) fn page(cx: &Cx<'_>) -> Vec<Action> {
    let mut actions = Vec::new();
    let form = |word: &str, key: &str| Action::new(format!("docker-{word}"), cx.t(key), form_intent(word));
    match cx.tab {
        IMAGES => {
            let mut build = form("build", "docker-build").icon(icons::TOOL).primary();
            if cx.workspace.is_none() {
                build = build.disabled_because(Some(cx.t("build-choose-workspace")));
            }
            actions.push(build);
            let pick = Intent::Ui(UiIntent::PickFile(AreaId::Build, "docker-load".to_owned()));
            actions.push(Action::new("docker-load", cx.t("docker-load"), pick).icon(icons::UPLOAD));
        }
        CONTAINERS => actions.push(form("run", "docker-run").icon(icons::RUN).primary()),
        VOLUMES => actions.push(form("volume", "docker-new-volume").icon(icons::ADD).primary()),
        NETWORKS => actions.push(form("network", "docker-new-network").icon(icons::ADD).primary()),
        DISK => actions.push(form("prune", "docker-prune").icon(icons::DELETE).primary()),
        _ => {}
    }
    if cx.tab != DISK {
        actions.push(form("prune", "docker-prune").icon(icons::DELETE));
    }
    actions.push(
        form("look", "docker-look")
            .icon(icons::REFRESH)
            .shortcut(egui::Modifiers::NONE, egui::Key::F5),
    );
    actions
}

/// Of one thing.
pub(super) fn of(cx: &Cx<'_>, chosen: &Chosen<'_>) -> Vec<Action> {
    match chosen {
        Chosen::Image(image) => of_image(cx, image),
        Chosen::Container(row) => of_container(cx, row),
        Chosen::Volume(row) => of_volume(cx, row),
        Chosen::Network(row) => of_network(cx, row),
    }
}

fn of_image(cx: &Cx<'_>, image: &Image) -> Vec<Action> {
    let form = |word: &str, key: &str| Action::new(format!("docker-image-{word}"), cx.t(key), form_intent(word));
    let remove = Words::RemoveImages {
        images: vec![image.id.clone()],
        force: image.tags.len() > 1,
    };
    let used =
        (!image.users.is_empty()).then(|| cx.msg(&msg!("docker-image-used", image = image.name(), by = image.users.join(", "))));
    let text = if image.tags.len() > 1 {
        cx.msg(&msg!("docker-remove-image-tags", tags = image.tags.join(", ")))
    } else {
        cx.t("docker-remove-image-text")
    };
    vec![
        form("run", "docker-run-image").icon(icons::RUN),
        form("tag", "docker-tag-image").icon(icons::TAG),
        form("save", "docker-save-image").icon(icons::SAVE),
        copy(cx, &image.id),
        Action::new("docker-image-remove", cx.t("docker-remove-image"), act(remove))
            .icon(icons::DELETE)
            .danger()
            .disabled_because(used)
            .confirm(cx.msg(&msg!("docker-remove-title", name = image.name())), text),
    ]
}

fn copy(cx: &Cx<'_>, id: &str) -> Action {
    let intent = Intent::Ui(UiIntent::Copy(id.to_owned()));
    Action::new("docker-copy-id", cx.t("docker-copy-id"), intent).icon(icons::COPY)
}

fn of_container(cx: &Cx<'_>, row: &ContainerRow) -> Vec<Action> {
    let to = |id: &str, key: &str, what: ContainerAct| {
        let words = Words::Act {
            containers: vec![row.id.clone()],
            act: what,
        };
        Action::new(format!("docker-container-{id}"), cx.t(key), act(words))
    };
    let form = |word: &str, key: &str| Action::new(format!("docker-container-{word}"), cx.t(key), form_intent(word));
    let title = |key: &'static str| cx.msg(&crate::base::Msg::new(key).with("name", row.name.as_str()));
    let mut actions = Vec::new();
    match row.state.as_str() {
        "running" => {
            // Opens where terminals are, with keys and colours: what is typed goes to a shell in the container.
            actions.push(form("terminal", "operate-shell").icon(icons::TERMINAL));
            actions.push(to("restart", "docker-restart", ContainerAct::Restart).icon(icons::REFRESH));
            actions.push(
                to("stop", "docker-stop", ContainerAct::Stop)
                    .icon(icons::STOP)
                    .danger()
                    .confirm(title("docker-stop-title"), cx.t("docker-stop-text")),
            );
            actions.push(form("exec", "docker-exec").icon(icons::RUN));
            actions.push(to("pause", "docker-pause", ContainerAct::Pause).icon(icons::PAUSE));
            actions.push(
                to("kill", "docker-kill", ContainerAct::Kill("KILL".to_owned()))
                    .icon(icons::BOLT)
                    .danger()
                    .confirm(title("docker-kill-title"), cx.t("docker-kill-text")),
            );
        }
        "paused" => actions.push(to("unpause", "docker-unpause", ContainerAct::Unpause).icon(icons::RUN)),
        _ => actions.push(to("start", "docker-start", ContainerAct::Start).icon(icons::RUN)),
    }
    let top = Words::Top {
        container: row.id.clone(),
    };
    if row.state == "running" {
        actions.push(Action::new("docker-container-top", cx.t("docker-top"), act(top)).icon(icons::LOG));
    }
    actions.push(form("rename", "docker-rename").icon(icons::EDIT));
    if let Some(port) = row.ports.iter().find_map(|port| published(port)) {
        let url = format!("http://127.0.0.1:{port}/");
        actions.push(Action::new("docker-open", cx.t("docker-open"), Intent::Ui(UiIntent::OpenUrl(url))).icon(icons::OPEN));
    }
    actions.push(copy(cx, &row.id));
    if let (Some(name), Some(workspace)) = (row.project(), cx.workspace) {
        let project = cx
            .model
            .build
            .docker
            .projects()
            .into_iter()
            .find(|project| project.name == name);
        if let Some(project) = project {
            let compose = |act_on: ComposeAct| {
                act(Words::Compose {
                    workspace: workspace.clone(),
                    act: act_on,
                    project: ComposeProject {
                        name: Some(project.name.clone()),
                        folder: project.folder.clone(),
                        files: project.files.clone(),
                    },
                })
            };
            let up = cx.msg(&msg!("docker-compose-up", name = name));
            let down = cx.msg(&msg!("docker-compose-down", name = name));
            actions.push(Action::new("docker-compose-up", up, compose(ComposeAct::Up)).icon(icons::LAYERS));
            actions.push(
                Action::new("docker-compose-down", down.clone(), compose(ComposeAct::Down))
                    .icon(icons::LAYERS)
                    .danger()
                    .confirm_typed(down, cx.t("docker-compose-down-text"), name),
            );
        }
    }
    let force = row.is_running();
    let remove = to("remove", "docker-remove-container", ContainerAct::Remove { force })
        .icon(icons::DELETE)
        .danger();
    let question = cx.msg(&msg!("docker-remove-title", name = row.name.as_str()));
    actions.push(if force {
        remove.confirm_typed(question, cx.t("docker-remove-running-text"), row.name.clone())
    } else {
        remove.confirm(question, cx.t("docker-remove-container-text"))
    });
    actions
}

/// The port of this machine in `8080->80/tcp`.
fn published(port: &str) -> Option<u16> {
    port.split_once("->")?.0.rsplit(':').next()?.parse().ok()
}

fn of_volume(cx: &Cx<'_>, row: &VolumeRow) -> Vec<Action> {
    let remove = Words::RemoveVolumes {
        volumes: vec![row.name.clone()],
    };
    let used = (!row.users.is_empty()).then(|| {
        cx.msg(&msg!(
            "docker-volume-used",
            name = row.name.as_str(),
            by = row.users.join(", ")
        ))
    });
    // Nobody types 64 digits.
    let word = if row.is_anonymous() { short_id(&row.name) } else { &row.name };
    vec![
        copy(cx, &row.name),
        Action::new("docker-volume-remove", cx.t("docker-remove-volume"), act(remove))
            .icon(icons::DELETE)
            .danger()
            .disabled_because(used)
            .confirm_typed(
                cx.msg(&msg!("docker-remove-title", name = row.name.as_str())),
                cx.t("docker-remove-volume-text"),
                word,
            ),
    ]
}

fn of_network(cx: &Cx<'_>, row: &NetworkRow) -> Vec<Action> {
    let remove = Words::RemoveNetworks {
        networks: vec![row.id.clone()],
    };
    let why = if row.is_builtin {
        Some(cx.t("docker-network-builtin"))
    } else if row.users.is_empty() {
        None
    } else {
        Some(cx.msg(&msg!(
            "docker-volume-used",
            name = row.name.as_str(),
            by = row.users.join(", ")
        )))
    };
    let mut actions = vec![
        Action::new("docker-network-connect", cx.t("docker-connect"), form_intent("connect"))
            .icon(icons::LINK)
            .disabled_because(matches!(row.name.as_str(), "host" | "none").then(|| cx.t("docker-network-builtin"))),
    ];
    for name in row.users.iter().take(12) {
        let words = Words::Connect {
            network: row.id.clone(),
            container: name.clone(),
            connects: false,
        };
        let label = cx.msg(&msg!("docker-disconnect", name = name.as_str()));
        actions.push(Action::new(format!("docker-disconnect-{name}"), label, act(words)).icon(icons::CLOSE));
    }
    actions.push(copy(cx, &row.id));
    actions.push(
        Action::new("docker-network-remove", cx.t("docker-remove-network"), act(remove))
            .icon(icons::DELETE)
            .danger()
            .disabled_because(why)
            .confirm(
                cx.msg(&msg!("docker-remove-title", name = row.name.as_str())),
                cx.t("docker-remove-network-text"),
            ),
    );
    actions
}
