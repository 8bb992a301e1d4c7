//! The forms of these tabs: build, run, a command, names, volumes, networks, and what pruning would remove.

use super::{Chosen, ask};
use crate::adapters::docker::dangers;
use crate::areas::AreaId;
use crate::areas::build::docker::Command as Words;
use crate::areas::page::{Cx, Intent, UiIntent};
use crate::base::docker::{BuildSpec, PruneWhat, RunSpec, short_id};
use crate::base::{State, WriteTo, format};
use crate::msg;
use crate::ui::button::Button;
use crate::ui::dialog::{Answer, Dialog};
use crate::ui::form::{Form as Fields, form_ui};
use crate::ui::{Ui, state_mark, text};
use std::path::PathBuf;

/// Things that the question about pruning lists.
const MAX_LISTED: usize = 200;

/// The form that is open.
pub(super) enum Form {
    Build {
        folder: String,
        tag: String,
        dockerfile: String,
        target: String,
        args: String,
        no_cache: bool,
    },
    Run {
        image: String,
        name: String,
        ports: String,
        env: String,
        volumes: String,
        network: String,
        command: String,
        allow_host: bool,
    },
    Exec {
        container: String,
        name: String,
        command: String,
    },
    Tag {
        image: String,
        tag: String,
    },
    Save {
        image: String,
        file: String,
    },
    Rename {
        container: String,
        name: String,
    },
    Volume {
        name: String,
    },
    Network {
        name: String,
        subnet: String,
        is_internal: bool,
    },
    Connect {
        network: String,
        container: String,
    },
    Prune {
        all_images: bool,
        volumes: bool,
        typed: String,
    },
}

/// Words parted by spaces; quotes hold a word together.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = line.chars();
    while let Some(ch) = chars.next() {
        match (ch, quote) {
            ('\\', None | Some('"')) => word.get_or_insert_default().extend(chars.next()),
            (ch, Some(open)) if ch == open => quote = None,
            ('"' | '\'', None) => {
                quote = Some(ch);
                word.get_or_insert_default();
            }
            (ch, None) if ch.is_whitespace() => words.extend(word.take()),
            (ch, _) => word.get_or_insert_default().push(ch),
        }
    }
    words.extend(word);
    words
}

fn lines(text: &str) -> Vec<String> {
    text.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(str::to_owned)
        .collect()
}

fn given(text: &str) -> Option<String> {
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

impl Form {
    pub(super) fn open(word: &str, chosen: Option<&Chosen<'_>>, cx: &Cx<'_>) -> Option<Self> {
        let image = match chosen {
            Some(Chosen::Image(image)) => Some(*image),
            _ => None,
        };
        let container = match chosen {
            Some(Chosen::Container(row)) => Some(*row),
            _ => None,
        };
        Some(match word {
            "build" => {
                let workspace = cx.workspace?;
                let name = workspace
                    .name
                    .to_lowercase()
                    .replace(|c: char| !c.is_ascii_alphanumeric(), "-");
                Self::Build {
                    folder: workspace.root.display().to_string(),
                    tag: format!("{name}:latest"),
                    dockerfile: String::new(),
                    target: String::new(),
                    args: String::new(),
                    no_cache: false,
                }
            }
            "run" => Self::Run {
                image: image.map(|image| image.name().to_owned()).unwrap_or_default(),
                name: String::new(),
                ports: String::new(),
                env: String::new(),
                volumes: String::new(),
                network: String::new(),
                command: String::new(),
                allow_host: false,
            },
            "exec" => Self::Exec {
                container: container?.id.clone(),
                name: container?.name.clone(),
                command: String::new(),
            },
            "tag" => Self::Tag {
                image: image?.id.clone(),
                tag: String::new(),
            },
            "save" => Self::Save {
                image: image?.name().to_owned(),
                file: cx.workspace.map_or_else(String::new, |workspace| {
                    let name = image.map_or("image", |image| image.name()).replace(['/', ':'], "_");
                    workspace.root.join(format!("{name}.tar")).display().to_string()
                }),
            },
            "rename" => Self::Rename {
                container: container?.id.clone(),
                name: container?.name.clone(),
            },
            "volume" => Self::Volume { name: String::new() },
            "network" => Self::Network {
                name: String::new(),
                subnet: String::new(),
                is_internal: false,
            },
            "connect" => match chosen {
                Some(Chosen::Network(row)) => Self::Connect {
                    network: row.name.clone(),
                    container: String::new(),
                },
                _ => return None,
            },
            "prune" => {
                plan(cx, false, false);
                Self::Prune {
                    all_images: false,
                    volumes: false,
                    typed: String::new(),
                }
            }
            _ => return None,
        })
    }

    pub(super) fn picked(&mut self, path: PathBuf) {
        if let Self::Build { folder, .. } = self {
            *folder = path.display().to_string();
        }
    }

    /// False when it was closed.
    pub(super) fn ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> bool {
        let (title, confirm) = self.titles(cx);
        let is_danger = matches!(self, Self::Prune { .. });
        let answer = Dialog::new("docker-form", &title, &confirm)
            .danger(is_danger)
            .width(if is_danger { 620.0 } else { 480.0 })
            .show(ui.ctx(), |ui| self.fields_ui(ui, cx));
        match answer {
            Answer::Open => true,
            Answer::Cancelled => false,
            Answer::Confirmed => {
                self.send(cx);
                false
            }
        }
    }

    fn titles(&self, cx: &Cx<'_>) -> (String, String) {
        // The dots stand for this dialog, which then does it.
        let does = |key: &str| cx.t(key).trim_end_matches('…').to_owned();
        let both = |key: &str| (does(key), does(key));
        match self {
            Self::Build { .. } => both("docker-build"),
            Self::Run { .. } => both("docker-run"),
            Self::Exec { name, .. } => (cx.msg(&msg!("docker-exec-title", name = name.as_str())), does("docker-exec")),
            Self::Tag { .. } => both("docker-tag-image"),
            Self::Save { .. } => both("docker-save-image"),
            Self::Rename { .. } => both("docker-rename"),
            Self::Volume { .. } => both("docker-new-volume"),
            Self::Network { .. } => both("docker-new-network"),
            Self::Connect { .. } => both("docker-connect"),
            Self::Prune { .. } => (does("docker-prune"), cx.t("docker-prune-do")),
        }
    }

    fn fields_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) -> bool {
        if let Self::Prune {
            all_images,
            volumes,
            typed,
        } = self
        {
            return prune_ui(ui, cx, all_images, volumes, typed);
        }
        let mut is_whole = true;
        let response = form_ui(ui, "docker-form", |form| is_whole = self.form_ui(form, cx));
        response.valid && is_whole
    }

    fn form_ui(&mut self, form: &mut Fields<'_>, cx: &Cx<'_>) -> bool {
        match self {
            Self::Build {
                folder,
                tag,
                dockerfile,
                target,
                args,
                no_cache,
            } => {
                form.code(&cx.t("docker-form-folder"), folder, "", None);
                let pick = cx.t("docker-form-pick");
                if form.ui().add(Button::new(&pick)).clicked() {
                    cx.ask(Intent::Ui(UiIntent::PickFolder(AreaId::Build, "docker-folder".to_owned())));
                }
                form.code(&cx.t("docker-form-tag"), tag, "shop/web:1.2.0", None);
                form.code(&cx.t("docker-form-dockerfile"), dockerfile, "Dockerfile", None);
                form.code(&cx.t("docker-form-target"), target, "", None);
                form.lines(&cx.t("docker-form-args"), args, 2, "VERSION=1.2.0", None);
                form.tick(&cx.t("docker-form-no-cache"), no_cache);
                !folder.trim().is_empty()
            }
            Self::Run {
                image,
                name,
                ports,
                env,
                volumes,
                network,
                command,
                allow_host,
            } => {
                form.code(&cx.t("docker-col-image"), image, "", None);
                form.code(&cx.t("docker-col-name"), name, "", None);
                form.lines(&cx.t("docker-form-ports"), ports, 2, "8080:80", None);
                form.lines(&cx.t("docker-form-env"), env, 2, "NAME=value", None);
                form.lines(&cx.t("docker-form-volumes"), volumes, 2, "data:/var/lib/data", None);
                form.code(&cx.t("docker-fact-networks"), network, "bridge", None);
                form.code(&cx.t("docker-fact-command"), command, "", None);
                let spec = RunSpec {
                    volumes: lines(volumes),
                    network: given(network),
                    ..RunSpec::default()
                };
                let found = dangers(&spec);
                if !found.is_empty() {
                    let what = cx.msg(&msg!("docker-reaches-out", what = found.join(", ")));
                    state_mark::label_ui(form.ui(), State::Degraded, &what);
                    form.tick(&cx.t("docker-form-allow"), allow_host);
                }
                !image.trim().is_empty() && (found.is_empty() || *allow_host)
            }
            Self::Exec { command, .. } => {
                form.code(&cx.t("docker-fact-command"), command, "ls -l /", None);
                form.note(&cx.t("docker-exec-note"));
                !words(command).is_empty()
            }
            Self::Tag { tag, .. } => {
                form.code(&cx.t("docker-form-tag"), tag, "shop/web:1.2.0", None);
                !tag.trim().is_empty()
            }
            Self::Save { file, .. } => {
                form.code(&cx.t("docker-form-file"), file, "image.tar", None);
                !file.trim().is_empty()
            }
            Self::Rename { name, .. } => {
                form.code(&cx.t("docker-col-name"), name, "", None);
                !name.trim().is_empty()
            }
            Self::Volume { name } => {
                form.code(&cx.t("docker-col-name"), name, "", None);
                true
            }
            Self::Network {
                name,
                subnet,
                is_internal,
            } => {
                form.code(&cx.t("docker-col-name"), name, "", None);
                form.code(&cx.t("docker-col-subnet"), subnet, "10.7.0.0/24", None);
                form.tick(&cx.t("docker-internal"), is_internal);
                !name.trim().is_empty()
            }
            Self::Connect { container, network } => {
                let docker = &cx.model.build.docker;
                let free = docker.containers().iter().filter(|row| !row.networks.contains(network));
                let choices: Vec<(String, String)> = free.map(|row| (row.id.clone(), row.name.clone())).collect();
                form.choice(&cx.t("docker-kind-container"), container, &choices);
                !container.is_empty()
            }
            Self::Prune { .. } => true,
        }
    }

    fn send(&self, cx: &Cx<'_>) {
        let words = match self {
            Self::Build {
                folder,
                tag,
                dockerfile,
                target,
                args,
                no_cache,
            } => {
                let Some(workspace) = cx.workspace else { return };
                let pair = |line: String| line.split_once('=').map(|(name, value)| (name.to_owned(), value.to_owned()));
                Words::Build {
                    workspace: workspace.clone(),
                    spec: BuildSpec {
                        folder: PathBuf::from(folder.trim()),
                        dockerfile: given(dockerfile).map(PathBuf::from),
                        tags: given(tag).into_iter().collect(),
                        args: lines(args).into_iter().filter_map(pair).collect(),
                        target: given(target),
                        no_cache: *no_cache,
                        ..BuildSpec::default()
                    },
                }
            }
            Self::Run {
                image,
                name,
                ports,
                env,
                volumes,
                network,
                command,
                allow_host,
            } => Words::Run {
                spec: RunSpec {
                    image: image.trim().to_owned(),
                    name: given(name),
                    command: words(command),
                    ports: lines(ports),
                    env: lines(env),
                    volumes: lines(volumes),
                    network: given(network),
                    allow_host: *allow_host,
                    ..RunSpec::default()
                },
                starts: true,
                follows: false,
            },
            Self::Exec { container, command, .. } => Words::Exec {
                container: container.clone(),
                argv: words(command),
                env: Vec::new(),
                user: None,
                workdir: None,
                on_terminal: false,
                with_input: false,
                hands_out: false,
            },
            Self::Tag { image, tag } => Words::Tag {
                image: image.clone(),
                tag: tag.trim().to_owned(),
            },
            Self::Save { image, file } => Words::Save {
                images: vec![image.clone()],
                file: WriteTo::new(file.trim(), false),
            },
            Self::Rename { container, name } => Words::Rename {
                container: container.clone(),
                to: name.trim().to_owned(),
            },
            Self::Volume { name } => Words::CreateVolume {
                name: given(name),
                driver: None,
            },
            Self::Network {
                name,
                subnet,
                is_internal,
            } => Words::CreateNetwork {
                name: name.trim().to_owned(),
                driver: None,
                subnet: given(subnet),
                is_internal: *is_internal,
            },
            Self::Connect { network, container } => Words::Connect {
                network: network.clone(),
                container: container.clone(),
                connects: true,
            },
            Self::Prune { .. } => {
                let Some(plan) = cx.model.build.docker.plan.clone() else {
                    return;
                };
                Words::Prune { plan }
            }
        };
        ask(cx, words);
    }
}

fn plan(cx: &Cx<'_>, all_images: bool, volumes: bool) {
    let what = PruneWhat { all_images, volumes };
    ask(cx, Words::PlanPrune { what });
}

/// What would go is listed; volumes hold data, so their removal is typed.
fn prune_ui(ui: &mut Ui, cx: &Cx<'_>, all_images: &mut bool, volumes: &mut bool, typed: &mut String) -> bool {
    let mut changed = false;
    form_ui(ui, "docker-prune", |form| {
        changed |= form.tick(&cx.t("docker-prune-all"), all_images);
        changed |= form.tick(&cx.t("docker-prune-volumes"), volumes);
    });
    if changed {
        plan(cx, *all_images, *volumes);
    }
    let what = PruneWhat {
        all_images: *all_images,
        volumes: *volumes,
    };
    let Some(plan) = cx.model.build.docker.plan.as_ref().filter(|plan| plan.what == what) else {
        text::weak(ui, &cx.t("docker-prune-looking"));
        return false;
    };
    let n = plan.items.len();
    text::strong(
        ui,
        &cx.msg(&msg!("docker-would-free", n = n, size = format::bytes(plan.bytes, cx.texts))),
    );
    for item in plan.items.iter().take(MAX_LISTED) {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            text::weak(ui, &cx.t(item.kind.key()));
            text::body(ui, &item.name).on_hover_text(&item.id);
            if item.name != short_id(&item.id) && item.name != item.id {
                text::mono(ui, short_id(&item.id));
            }
            if item.bytes > 0 {
                text::weak(ui, &format::bytes(item.bytes, cx.texts));
            }
        });
    }
    if n > MAX_LISTED {
        text::weak(ui, &cx.msg(&msg!("docker-and-more", n = n - MAX_LISTED)));
    }
    if !*volumes {
        return n > 0;
    }
    let word = cx.t("docker-prune-word");
    form_ui(ui, "docker-prune-typed", |form| {
        form.text(&cx.msg(&msg!("docker-prune-type", word = word.as_str())), typed, &word, None);
    });
    n > 0 && typed.trim() == word
}
