//! The tabs of the container engine: images, containers, volumes, networks and disk use, each with what can be done.

mod acts;
mod detail;
mod forms;
mod tables;

use super::super::docker::model::Model;
use super::super::docker::{Command as Words, Shown};
use super::Command;
use crate::areas::AreaId;
use crate::areas::devops::terminal::TerminalPlace;
use crate::areas::page::{Action, Cx, Intent, Tab, UiIntent};
use crate::base::docker::{ContainerRow, Image, Kind, NetworkRow, VolumeRow};
use crate::base::{JobId, State, Timestamp, time};
use crate::msg;
use crate::ui::log_view::{LogSource, LogState, log_ui};
use crate::ui::page_frame::{self, LoadableAsk, LoadableView};
use crate::ui::table::row_key;
use crate::ui::{Ui, icons, state_mark};
use serde::{Deserialize, Serialize};

pub(super) const IMAGES: &str = "images";
pub(super) const CONTAINERS: &str = "containers";
pub(super) const VOLUMES: &str = "volumes";
pub(super) const NETWORKS: &str = "networks";
pub(super) const DISK: &str = "disk";

const LOG: f32 = 210.0;
const LOG_LINES: u32 = 1000;
/// A watch lasts so long; the page asks for the next one before.
const WATCH_SECS: u32 = 40;
const RENEW_SECS: f64 = 30.0;

/// What the user sees and selects here.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Docker {
    images: tables::List,
    containers: tables::List,
    volumes: tables::List,
    networks: tables::List,
    disk: tables::List,
    log: LogState,
    #[serde(skip)]
    watched: Option<Timestamp>,
    /// What was asked about, and at which look.
    #[serde(skip)]
    asked: Option<(Kind, String, u64)>,
    /// The container whose output and needs were asked for.
    #[serde(skip)]
    live: Option<String>,
    #[serde(skip)]
    form: Option<forms::Form>,
}

/// Whether a tab is one of the engine's.
pub(super) fn is_mine(tab: &str) -> bool {
    [IMAGES, CONTAINERS, VOLUMES, NETWORKS, DISK].contains(&tab)
}

pub(super) fn ask(cx: &Cx<'_>, words: Words) {
    cx.ask(Command::Docker(words));
}

/// The act that opens a form of this page.
pub(super) fn form_intent(word: &str) -> Intent {
    Intent::Ui(UiIntent::PageAction(AreaId::Build, format!("docker:{word}")))
}

/// What is selected on a tab.
pub(super) enum Chosen<'a> {
    Image(&'a Image),
    Container(&'a ContainerRow),
    Volume(&'a VolumeRow),
    Network(&'a NetworkRow),
}

impl Chosen<'_> {
    pub(super) fn kind(&self) -> Kind {
        match self {
            Self::Image(_) => Kind::Image,
            Self::Container(_) => Kind::Container,
            Self::Volume(_) => Kind::Volume,
            Self::Network(_) => Kind::Network,
        }
    }

    /// What the engine knows it by.
    pub(super) fn id(&self) -> &str {
        match self {
            Self::Image(image) => &image.id,
            Self::Container(row) => &row.id,
            Self::Volume(row) => &row.name,
            Self::Network(row) => &row.id,
        }
    }
}

/// The state of a container as everywhere in the window; unknown while the engine does not answer.
pub(super) fn state_of(docker: &Model, row: &ContainerRow) -> State {
    if docker.lost.is_some() {
        return State::Unknown;
    }
    match row.state.as_str() {
        "running" if row.status.contains("(unhealthy)") => State::Degraded,
        "running" => State::Running,
        "paused" | "restarting" | "removing" => State::Degraded,
        "exited" if row.status.contains("(0)") || row.status.contains("(137)") || row.status.contains("(143)") => State::None,
        "exited" | "dead" => State::Failed,
        "created" => State::None,
        _ => State::Unknown,
    }
}

/// What the engine calls the state of a container, in the reader's language.
pub(super) fn state_word(cx: &Cx<'_>, row: &ContainerRow) -> String {
    match row.state.as_str() {
        "created" => cx.t("docker-state-created"),
        "running" => cx.t("docker-state-running"),
        "restarting" => cx.t("docker-state-restarting"),
        "removing" => cx.t("docker-state-removing"),
        "paused" => cx.t("docker-state-paused"),
        "exited" => cx.t("docker-state-exited"),
        "dead" => cx.t("docker-state-dead"),
        other => other.to_owned(),
    }
}

impl Docker {
    pub(super) fn tabs(cx: &Cx<'_>) -> Vec<Tab> {
        let docker = &cx.model.build.docker;
        let held = docker.held.value();
        let tab = |id, key: &str, count: Option<usize>| Tab {
            id,
            label: cx.t(key),
            count: count.map(|n| n as u64),
        };
        vec![
            tab(IMAGES, "docker-tab-images", held.map(|held| held.images.len())),
            tab(CONTAINERS, "docker-tab-containers", held.map(|held| held.containers.len())),
            tab(VOLUMES, "docker-tab-volumes", held.map(|held| held.volumes.len())),
            tab(NETWORKS, "docker-tab-networks", held.map(|held| held.networks.len())),
            tab(DISK, "docker-tab-disk", None),
        ]
    }

    pub(super) fn subtitle(cx: &Cx<'_>) -> String {
        let docker = &cx.model.build.docker;
        let Some(held) = docker.held.value() else {
            return String::new();
        };
        let n_running = held.containers.iter().filter(|row| row.state == "running").count();
        let engine = if held.engine.name.is_empty() {
            "Docker"
        } else {
            &held.engine.name
        };
        cx.msg(&msg!(
            "docker-subtitle",
            engine = engine,
            version = held.engine.version.as_str(),
            n = n_running
        ))
    }

    pub(super) fn chosen<'a>(&self, cx: &Cx<'a>) -> Option<Chosen<'a>> {
        let docker = &cx.model.build.docker;
        Some(match cx.tab {
            IMAGES => Chosen::Image(self.images.chosen(docker.images())?),
            CONTAINERS => Chosen::Container(self.containers.chosen(docker.containers())?),
            VOLUMES => Chosen::Volume(self.volumes.chosen(docker.volumes())?),
            NETWORKS => Chosen::Network(self.networks.chosen(docker.networks())?),
            _ => return None,
        })
    }

    pub(super) fn actions(&self, cx: &Cx<'_>) -> Vec<Action> {
        let mut actions = acts::page(cx);
        if let Some(chosen) = self.chosen(cx) {
            actions.extend(acts::of(cx, &chosen));
        }
        actions
    }

    pub(super) fn on_open(&mut self) {
        self.watched = None;
        self.live = None;
    }

    /// The engine is watched while somebody looks.
    fn keep_watching(&mut self, cx: &Cx<'_>) {
        if self.watched.is_some_and(|at| time::secs_between(at, cx.now) < RENEW_SECS) {
            return;
        }
        self.watched = Some(cx.now);
        ask(cx, Words::Watch { secs: WATCH_SECS });
        if cx.tab == DISK {
            ask(cx, Words::Disk);
        }
    }

    /// The panel shows what the engine says of the chosen thing, as it is now.
    fn keep_asking(&mut self, cx: &Cx<'_>) {
        let docker = &cx.model.build.docker;
        let wanted = self
            .chosen(cx)
            .map(|chosen| (chosen.kind(), chosen.id().to_owned(), docker.generation));
        let is_known = |wanted: &(Kind, String, u64)| {
            let same = |known: &(Kind, String, u64)| known.0 == wanted.0 && known.1 == wanted.1;
            // One look follows each question: that one asks no new question.
            self.asked
                .as_ref()
                .is_some_and(|known| same(known) && wanted.2 <= known.2 + 1)
        };
        if let Some(wanted) = wanted.filter(|wanted| docker.lost.is_none() && !is_known(wanted)) {
            let (kind, name) = (wanted.0, wanted.1.clone());
            self.asked = Some(wanted);
            ask(cx, Words::Show { kind, name });
        }
    }

    /// Output and needs of the chosen container are followed; another choice ends it.
    fn keep_live(&mut self, cx: &Cx<'_>) {
        let docker = &cx.model.build.docker;
        let wanted = match self.chosen(cx) {
            Some(Chosen::Container(row)) if docker.lost.is_none() => Some((row.id.clone(), row.state == "running")),
            _ => None,
        };
        let key = wanted.as_ref().map(|(id, is_running)| format!("{id} {is_running}"));
        if key == self.live {
            return;
        }
        self.live = key;
        for title in ["docker-job-logs", "docker-job-stats"] {
            let mut running = cx.model.jobs.running();
            let job: Option<JobId> = running.find(|job| job.quiet && job.title.key == title).map(|job| job.id);
            if let Some(job) = job {
                cx.ask(Intent::Cancel(job));
            }
        }
        let Some((id, is_running)) = wanted else { return };
        ask(
            cx,
            Words::Logs {
                container: id.clone(),
                n_lines: LOG_LINES,
                follow: true,
            },
        );
        if is_running {
            ask(
                cx,
                Words::Stats {
                    containers: vec![id],
                    once: false,
                },
            );
        }
    }

    pub(super) fn body_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        self.keep_watching(cx);
        self.keep_asking(cx);
        self.keep_live(cx);
        let docker = &cx.model.build.docker;
        if let Some(problem) = docker.lost.as_ref().filter(|_| docker.held.value().is_some()) {
            page_frame::bar_ui(ui, 30.0, |ui| {
                let words = format!("{}. {}", cx.msg(&problem.summary), cx.t("docker-lost"));
                state_mark::label_ui(ui, State::Unknown, &words).on_hover_text(&problem.details);
            });
        }
        let builds = cx.tab == IMAGES && docker.build.is_some();
        let has_log = matches!(self.chosen(cx), Some(Chosen::Container(_)));
        if !builds && !has_log {
            self.list_ui(ui, cx);
            return;
        }
        let mut both = (self, cx);
        page_frame::split_bottom_ui(
            ui,
            if builds { "docker-build" } else { "docker-log" },
            LOG,
            &mut both,
            |ui, (page, cx)| {
                if builds {
                    tables::build_ui(ui, cx);
                } else {
                    page.log_ui(ui, cx);
                }
            },
            |ui, (page, cx)| page.list_ui(ui, cx),
        );
    }

    fn log_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let Some(Chosen::Container(row)) = self.chosen(cx) else {
            return;
        };
        ui.set_min_height(ui.available_height());
        let title = cx.msg(&msg!("docker-job-logs", name = row.name.as_str()));
        match cx.model.build.docker.log.as_ref().filter(|log| log.of == row.id) {
            Some(log) => {
                let source = LogSource::ring(row_key(&row.id), log.n_dropped, &log.lines);
                log_ui(ui, "docker-log", &title, &mut self.log, &source);
            }
            None => page_frame::loading_ui(ui, None),
        }
    }

    fn list_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let docker = &cx.model.build.docker;
        let (icon, key) = match cx.tab {
            IMAGES => (icons::LAYERS, "docker-images-empty"),
            CONTAINERS => (icons::CONTAINER, "docker-containers-empty"),
            VOLUMES => (icons::DATABASE, "docker-volumes-empty"),
            NETWORKS => (icons::TREE, "docker-networks-empty"),
            _ => (icons::DISK, "docker-disk-empty"),
        };
        let empty = cx.t(key);
        let view = LoadableView {
            icon,
            empty: &empty,
            empty_action: None,
            progress: None,
        };
        let asked = if cx.tab == DISK {
            page_frame::loadable_ui(ui, &docker.disk, &view, Vec::is_empty, |ui, rows| {
                self.disk.disk_ui(ui, cx, rows);
            })
        } else {
            let tab = cx.tab;
            page_frame::loadable_ui(
                ui,
                &docker.held,
                &view,
                |held| match tab {
                    IMAGES => held.images.is_empty(),
                    CONTAINERS => held.containers.is_empty(),
                    VOLUMES => held.volumes.is_empty(),
                    _ => held.networks.is_empty(),
                },
                |ui, held| match tab {
                    IMAGES => self.images.images_ui(ui, cx, &held.images),
                    CONTAINERS => self.containers.containers_ui(ui, cx, &held.containers),
                    VOLUMES => self.volumes.volumes_ui(ui, cx, &held.volumes),
                    _ => self.networks.networks_ui(ui, cx, &held.networks),
                },
            )
        };
        if asked == Some(LoadableAsk::Retry) {
            self.watched = None;
        }
    }

    pub(super) fn has_detail(&self, cx: &Cx<'_>) -> bool {
        self.chosen(cx).is_some()
    }

    pub(super) fn detail_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let Some(chosen) = self.chosen(cx) else { return };
        let shown: Option<&Shown> = cx.model.build.docker.shown(chosen.kind(), chosen.id());
        detail::detail_ui(ui, cx, &chosen, shown);
    }

    pub(super) fn dialog_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        if let Some(form) = &mut self.form
            && !form.ui(ui, cx)
        {
            self.form = None;
        }
    }

    pub(super) fn on_action(&mut self, id: &str, cx: &Cx<'_>) {
        let Some(word) = id.strip_prefix("docker:") else { return };
        match word {
            "look" => {
                self.watched = None;
                self.asked = None;
            }
            "terminal" => self.open_terminal(cx),
            _ => self.form = forms::Form::open(word, self.chosen(cx).as_ref(), cx),
        }
    }

    fn open_terminal(&self, cx: &Cx<'_>) {
        let Some(Chosen::Container(row)) = self.chosen(cx) else {
            return;
        };
        let place = TerminalPlace::Container {
            id: row.id.clone(),
            name: row.name.clone(),
        };
        cx.open_terminal(place);
    }

    pub(super) fn on_picked(&mut self, purpose: &str, path: std::path::PathBuf, cx: &Cx<'_>) {
        match purpose {
            "docker-load" => ask(cx, Words::Load { file: path }),
            "docker-folder" => {
                if let Some(form) = &mut self.form {
                    form.picked(path);
                }
            }
            _ => {}
        }
    }
}
