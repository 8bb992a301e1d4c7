//! A machine: its facts, its disks, and the programs that projects need.

use crate::areas::devops::machine::number_in;
use crate::areas::devops::{Command, Machine};
use crate::areas::page::Cx;
use crate::base::{State, format};
use crate::msg;
use crate::ui::detail::{self, Fact, Heading};
use crate::ui::page_frame::{LoadableAsk, LoadableView, loadable_ui};
use crate::ui::table::{Column, Table, TableState, row_key};
use crate::ui::tokens::Tokens;
use crate::ui::{Ui, icons, state_mark, text};
use egui::{Align, Layout, Rect, Stroke, UiBuilder, pos2};
use serde::{Deserialize, Serialize};

const FACTS: f32 = 400.0;

/// What the tab remembers.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct View {
    tools: TableState,
}

impl View {
    pub(super) fn body_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let empty = cx.t("devops-machine-empty");
        let inspect = cx.t("devops-inspect");
        let view = LoadableView {
            icon: icons::MACHINE,
            empty: &empty,
            empty_action: Some(&inspect),
            progress: None,
        };
        let asked = loadable_ui(
            ui,
            &cx.model.devops.machine,
            &view,
            |_| false,
            |ui, machine| {
                let note = cx.t("devops-this-machine");
                self.machine_ui(ui, cx, machine, &note, |_| {});
            },
        );
        if matches!(asked, Some(LoadableAsk::Retry | LoadableAsk::Fill)) {
            cx.ask(Command::InspectMachine);
        }
    }

    /// Facts at the left, with `more` below their heading; the programs at the right.
    pub(super) fn machine_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, machine: &Machine, note: &str, mut more: impl FnMut(&mut Ui)) {
        let t = Tokens::of(ui);
        let room = ui.available_rect_before_wrap();
        let width = FACTS.min(room.width() * 0.45);
        let (facts, tools) = room.split_left_right_at_x(room.left() + width);
        ui.advance_cursor_after_rect(room);
        let mut left = part(ui, facts, "facts");
        egui::ScrollArea::vertical()
            .auto_shrink([false, false])
            .show(&mut left, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                facts_ui(ui, cx, machine, note, &mut more);
            });
        ui.painter()
            .vline(facts.right() - 0.5, facts.y_range(), Stroke::new(1.0, t.line));
        let mut right = part(ui, Rect::from_min_max(pos2(tools.left(), tools.top()), tools.max), "tools");
        self.tools_ui(&mut right, cx, machine);
    }

    fn tools_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, machine: &Machine) {
        let filter = cx.filter.trim();
        let mut shown: Vec<_> = machine
            .tools
            .iter()
            .filter(|tool| filter.is_empty() || crate::ui::palette::fuzzy(filter, &tool.name).is_some())
            .collect();
        if let Some(sort) = &self.tools.sort {
            match sort.column.as_str() {
                "version" => shown.sort_by(|a, b| a.version.cmp(&b.version)),
                "path" => shown.sort_by(|a, b| a.path.cmp(&b.path)),
                _ => shown.sort_by(|a, b| a.name.cmp(&b.name)),
            }
            if sort.descending {
                shown.reverse();
            }
        }
        let name = cx.t("devops-tools");
        let columns = [
            Column::new("name", cx.t("devops-col-tool"), 130.0).always(),
            Column::new("version", cx.t("devops-col-version"), 240.0),
            Column::new("path", cx.t("devops-col-program"), 220.0).fill(),
        ];
        Table::new("devops-tools", &name, &columns, shown.len())
            .key(|row| row_key(&shown[row].name))
            .label(|row| shown[row].name.clone())
            .copy(|row| format!("{}\t{}", shown[row].name, shown[row].version))
            .show(ui, &mut self.tools, |ui, row, column| {
                let tool = shown[row];
                match (column, &tool.path) {
                    (0, Some(_)) => {
                        state_mark::label_ui(ui, State::Done, &tool.name);
                    }
                    (0, None) => {
                        state_mark::label_ui(ui, State::None, &tool.name);
                    }
                    (1, None) => {
                        text::weak(ui, &cx.t("devops-tool-missing"));
                    }
                    (1, _) => {
                        text::body(ui, number_in(&tool.version)).on_hover_text(&tool.version);
                    }
                    (_, Some(path)) => {
                        let t = Tokens::of(ui);
                        let look = text::Look {
                            font: crate::ui::theme::font::small(),
                            colour: t.text_weak,
                            cut: text::Cut::Middle,
                        };
                        text::label(ui, &path.display().to_string(), look);
                    }
                    (_, None) => {
                        text::absent(ui);
                    }
                }
            });
    }
}

fn part(ui: &mut Ui, rect: Rect, salt: &str) -> Ui {
    let mut child = ui.new_child(
        UiBuilder::new()
            .id_salt(salt)
            .max_rect(rect)
            .layout(Layout::top_down(Align::Min)),
    );
    child.set_clip_rect(rect.intersect(ui.clip_rect()));
    child
}

fn facts_ui(ui: &mut Ui, cx: &Cx<'_>, machine: &Machine, note: &str, more: &mut dyn FnMut(&mut Ui)) {
    detail::heading_ui(
        ui,
        &Heading {
            icon: icons::MACHINE,
            name: &machine.name,
            note,
            state: None,
        },
    );
    let system = format!("{} {}", machine.os, machine.arch);
    let used = if machine.memory_bytes > 0 {
        machine.memory_used_bytes as f64 / machine.memory_bytes as f64
    } else {
        0.0
    };
    let memory = cx.msg(&msg!(
        "devops-memory-of",
        used = format::bytes(machine.memory_used_bytes, cx.texts),
        total = format::bytes(machine.memory_bytes, cx.texts),
        percent = format::percent(used, cx.texts)
    ));
    let facts = [
        Fact::text(cx.t("devops-system"), system),
        Fact::text(cx.t("devops-kernel"), machine.kernel.clone()),
        Fact::text(
            cx.t("devops-cpu"),
            cx.msg(&msg!("devops-cpus", n = machine.n_cpus, name = machine.cpu.as_str())),
        ),
        Fact::text(cx.t("devops-memory"), memory),
        Fact::text(cx.t("devops-load"), format::decimal(machine.load_1min, 2, cx.texts)),
        Fact::text(
            cx.t("devops-uptime"),
            format::duration_secs(machine.uptime_secs as f64, cx.texts),
        ),
    ];
    detail::facts_ui(ui, &facts);
    more(ui);
    detail::titled_section_ui(ui, &cx.t("devops-disks"), "", |ui| {
        for disk in &machine.disks {
            let used = disk.total_bytes.saturating_sub(disk.free_bytes);
            let free = cx.msg(&msg!(
                "devops-disk-free",
                free = format::bytes(disk.free_bytes, cx.texts),
                total = format::bytes(disk.total_bytes, cx.texts)
            ));
            let share = used as f32 / disk.total_bytes.max(1) as f32;
            detail::share_ui(ui, &disk.mount, &disk.file_system, &free, share);
        }
    });
}
