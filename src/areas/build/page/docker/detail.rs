//! The panel of the chosen thing: its facts, what it needs, its layers, and all that the engine says.

use super::{Chosen, acts, state_of, state_word};
use crate::areas::build::docker::Shown;
use crate::areas::build::docker::model::RING;
use crate::areas::page::{Cx, Intent};
use crate::base::docker::{ContainerRow, Stats, short_id};
use crate::base::{Timestamp, format};
use crate::msg;
use crate::ui::detail::{self, Fact, Heading};
use crate::ui::{Ui, icons, state_mark, text, why};
use serde_json::Value;

/// Lines of what the engine says that are drawn.
const RAW_LINES: usize = 400;
const HISTORY_ROWS: usize = 60;
const SPARK: f32 = 96.0;

pub(super) fn detail_ui(ui: &mut Ui, cx: &Cx<'_>, chosen: &Chosen<'_>, shown: Option<&Shown>) {
    let docker = &cx.model.build.docker;
    let state = match chosen {
        Chosen::Container(row) => {
            let state = state_of(docker, row);
            let is_lost = docker.lost.is_some();
            Some((state, if is_lost { cx.t(state.key()) } else { state_word(cx, row) }))
        }
        _ => None,
    };
    let (icon, name, note) = match chosen {
        Chosen::Image(image) => (icons::LAYERS, image.name(), cx.t("docker-kind-image")),
        Chosen::Container(row) => (icons::CONTAINER, row.name.as_str(), row.status.clone()),
        Chosen::Volume(row) => (icons::DATABASE, row.name.as_str(), cx.t("docker-kind-volume")),
        Chosen::Network(row) => (icons::TREE, row.name.as_str(), cx.t("docker-kind-network")),
    };
    let heading = Heading {
        icon,
        name,
        note: &note,
        state: state.as_ref().map(|(state, word)| (*state, word.as_str())),
    };
    detail::heading_ui(ui, &heading);
    let raw = shown.map(|shown| &shown.raw);
    let target = detail::facts_ui(ui, &facts(cx, chosen, raw));
    if let Some(intent) = detail::actions_ui(ui, &acts::of(cx, chosen)) {
        cx.ask(intent);
    }
    if let Some(target) = target {
        cx.ask(Intent::Go(target));
    }
    if let Chosen::Container(row) = chosen {
        needs_ui(ui, cx, row);
        top_ui(ui, cx, row);
    }
    let Some(shown) = shown else { return };
    if !shown.history.is_empty() {
        history_ui(ui, cx, shown);
    }
    detail::titled_section_ui(ui, &cx.t("docker-inspect"), "", |ui| {
        why::output_ui(ui, &shown.text, RAW_LINES);
    });
}

fn when(cx: &Cx<'_>, at: Option<Timestamp>) -> Option<Fact> {
    let at = at?;
    Some(Fact::text(cx.t("docker-col-created"), format::ago(at, cx.now, cx.texts)).hover(at.to_string()))
}

fn list(raw: Option<&Value>, pointer: &str) -> String {
    let words = |value: &Value| match value {
        Value::Array(all) => all
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect::<Vec<_>>()
            .join(" "),
        Value::Object(map) => map.keys().cloned().collect::<Vec<_>>().join(", "),
        Value::String(text) => text.clone(),
        _ => String::new(),
    };
    let text = raw.and_then(|raw| raw.pointer(pointer)).map(words).unwrap_or_default();
    crate::base::SafeText::new(&text).into_string()
}

fn facts(cx: &Cx<'_>, chosen: &Chosen<'_>, raw: Option<&Value>) -> Vec<Fact> {
    let mut facts = Vec::new();
    let mut fact = |key: &str, value: String| {
        if !value.is_empty() {
            facts.push(Fact::text(cx.t(key), value.clone()).hover(value));
        }
    };
    match chosen {
        Chosen::Image(image) => {
            fact("docker-fact-tags", image.tags.join(", "));
            fact("docker-col-size", format::bytes(image.bytes, cx.texts));
            fact(
                "docker-fact-platform",
                format!("{}/{}", list(raw, "/Os"), list(raw, "/Architecture"))
                    .trim_matches('/')
                    .to_owned(),
            );
            fact("docker-fact-entrypoint", list(raw, "/Config/Entrypoint"));
            fact("docker-fact-command", list(raw, "/Config/Cmd"));
            fact("docker-col-ports", list(raw, "/Config/ExposedPorts"));
            fact("docker-fact-workdir", list(raw, "/Config/WorkingDir"));
            fact("docker-fact-user", list(raw, "/Config/User"));
            fact("docker-col-users", image.users.join(", "));
            facts.extend(when(cx, image.created_at));
            facts.push(Fact::mono(cx.t("docker-col-id"), short_id(&image.id)).hover(&image.id));
        }
        Chosen::Container(row) => {
            fact("docker-col-image", row.image.clone());
            fact("docker-fact-command", row.command.clone());
            fact("docker-col-ports", row.ports.join(", "));
            fact("docker-fact-mounts", row.mounts.join(", "));
            fact("docker-fact-networks", row.networks.join(", "));
            fact("docker-col-project", row.project().unwrap_or_default().to_owned());
            fact("docker-fact-restart", list(raw, "/HostConfig/RestartPolicy/Name"));
            let error = list(raw, "/State/Error");
            fact("docker-fact-error", error);
            facts.extend(when(cx, row.created_at));
            facts.push(Fact::mono(cx.t("docker-col-id"), short_id(&row.id)).hover(&row.id));
        }
        Chosen::Volume(row) => {
            fact("docker-col-driver", row.driver.clone());
            fact("docker-col-users", row.users.join(", "));
            facts.push(Fact::path(cx.t("docker-fact-mountpoint"), row.mountpoint.clone()));
            facts.extend(when(cx, row.created_at));
        }
        Chosen::Network(row) => {
            fact("docker-col-driver", row.driver.clone());
            fact("docker-col-subnet", row.subnets.join(", "));
            fact("docker-fact-scope", row.scope.clone());
            if row.is_internal {
                fact("docker-fact-way-out", cx.t("docker-internal"));
            }
            fact("docker-col-users", row.users.join(", "));
            facts.push(Fact::mono(cx.t("docker-col-id"), short_id(&row.id)).hover(&row.id));
        }
    }
    facts
}

/// Processor and memory over the last two minutes.
fn needs_ui(ui: &mut Ui, cx: &Cx<'_>, row: &ContainerRow) {
    let docker = &cx.model.build.docker;
    let Some(ring) = docker.stats.get(&row.id) else { return };
    let Some(last) = ring.back() else { return };
    let state = state_of(docker, row);
    detail::titled_section_ui(ui, &cx.t("docker-needs"), "", |ui| {
        let mut line = |name: String, value: String, of: &dyn Fn(&Stats) -> f32| {
            let values: Vec<f32> = ring.iter().rev().take(RING).rev().map(of).collect();
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 8.0;
                state_mark::sparkline_ui(ui, &values, SPARK, state, &name);
                text::body(ui, &value);
                text::weak(ui, &name);
            });
        };
        let cpu = last
            .cpu_percent
            .map(|cpu| format::percent(cpu / 100.0, cx.texts))
            .unwrap_or_default();
        line(cx.t("docker-cpu"), cpu, &|one| {
            one.cpu_percent.map_or(f32::NAN, |cpu| cpu as f32)
        });
        let memory = format::bytes(last.memory_bytes, cx.texts);
        line(cx.t("docker-memory"), memory, &|one| one.memory_bytes as f32);
        let io = cx.msg(&msg!(
            "docker-io",
            received = format::bytes(last.received_bytes, cx.texts),
            sent = format::bytes(last.sent_bytes, cx.texts),
            read = format::bytes(last.read_bytes, cx.texts),
            written = format::bytes(last.written_bytes, cx.texts)
        ));
        text::paragraph_weak(ui, &io);
    });
}

fn top_ui(ui: &mut Ui, cx: &Cx<'_>, row: &ContainerRow) {
    let Some((_, top)) = cx.model.build.docker.top.as_ref().filter(|(id, _)| *id == row.id) else {
        return;
    };
    let mut rows = vec![top.titles.join("  ")];
    rows.extend(top.processes.iter().map(|process| process.join("  ")));
    detail::titled_section_ui(ui, &cx.t("docker-top"), "", |ui| {
        why::output_ui(ui, &rows.join("\n"), HISTORY_ROWS);
    });
}

fn history_ui(ui: &mut Ui, cx: &Cx<'_>, shown: &Shown) {
    let n = shown.history.len();
    let note = cx.msg(&msg!("docker-n-layers", n = n));
    detail::titled_section_ui(ui, &cx.t("docker-layers"), &note, |ui| {
        for row in shown.history.iter().take(HISTORY_ROWS) {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 8.0;
                let size = if row.bytes == 0 {
                    "–".to_owned()
                } else {
                    format::bytes(row.bytes, cx.texts)
                };
                ui.allocate_ui_with_layout(
                    egui::vec2(64.0, 18.0),
                    egui::Layout::right_to_left(egui::Align::Center),
                    |ui| text::weak(ui, &size),
                );
                let word = instruction(&row.created_by);
                let word = if word.is_empty() { row.comment.clone() } else { word };
                text::mono(ui, &word).on_hover_text(&row.created_by);
            });
        }
    });
}

/// As the Dockerfile has it: the classic builder keeps `/bin/sh -c #(nop) ENV A=1` and `|1 A=1 /bin/sh -c make`.
fn instruction(created_by: &str) -> String {
    const SHELL: &str = "/bin/sh -c ";
    if let Some((_, rest)) = created_by.split_once("#(nop) ") {
        return rest.trim().to_owned();
    }
    match created_by.split_once(SHELL) {
        Some((before, rest)) if before.is_empty() || before.starts_with('|') => format!("RUN {}", rest.trim()),
        _ => created_by.trim().to_owned(),
    }
}
