//! The tab of machines: this one, those of the ssh configuration, the contexts of Docker; the chosen one below with its facts.

use super::machine;
use crate::areas::AreaId;
use crate::areas::devops::machines::{FarMachine, MachineKind};
use crate::areas::devops::terminal::TerminalPlace;
use crate::areas::devops::{Command, Machine};
use crate::areas::page::{Action, Cx, Intent, UiIntent};
use crate::base::{State, format};
use crate::msg;
use crate::ui::detail::{self, Fact, Heading};
use crate::ui::table::{Column, Table, TableState, row_key};
use crate::ui::{Ui, icons, page_frame, palette, state_mark, text};
use serde::{Deserialize, Serialize};

/// Height of the list at first.
const LIST: f32 = 190.0;

/// What the tab remembers.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct View {
    table: TableState,
    machine: machine::View,
}

fn key(far: &FarMachine) -> u64 {
    row_key(&format!("{} {:?}", far.name, far.kind))
}

/// Nothing chosen is this machine.
const HERE: u64 = 1;

impl View {
    pub(super) fn ask(cx: &Cx<'_>) {
        cx.ask(Command::InspectMachine);
        cx.ask(Command::ListMachines);
    }

    fn selected<'a>(&self, cx: &Cx<'a>) -> Option<&'a FarMachine> {
        let chosen = self.table.single()?;
        all(cx).iter().find(|far| key(far) == chosen)
    }

    pub(super) fn subtitle(&self, cx: &Cx<'_>) -> String {
        match self.selected(cx) {
            Some(far) => far.address.clone(),
            None => cx
                .model
                .devops
                .machine
                .value()
                .map(|machine| machine.name.clone())
                .unwrap_or_default(),
        }
    }

    pub(super) fn actions(&self, cx: &Cx<'_>) -> Vec<Action> {
        let Some(far) = self.selected(cx) else {
            let inspect = Action::new("devops-inspect", cx.t("devops-inspect"), Command::InspectMachine.into());
            return vec![inspect.icon(icons::REFRESH).toolbar()];
        };
        let mut actions = acts(cx, far);
        actions[0] = actions[0].clone().toolbar();
        actions
    }

    pub(super) fn on_action(&mut self, id: &str, cx: &Cx<'_>) {
        if id != "terminal" {
            return;
        }
        let Some(far) = self.selected(cx) else { return };
        cx.open_terminal(TerminalPlace::Machine { host: far.name.clone() });
    }

    pub(super) fn body_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        if all(cx).is_empty() {
            self.machine.body_ui(ui, cx);
            return;
        }
        let height = ui.available_height() - LIST;
        let mut both = (self, cx);
        page_frame::split_bottom_ui(
            ui,
            "devops-machines",
            height,
            &mut both,
            |ui, (view, cx)| match view.selected(cx) {
                Some(far) => {
                    ui.set_min_height(ui.available_height());
                    view.far_ui(ui, cx, far);
                }
                None => view.machine.body_ui(ui, cx),
            },
            |ui, (view, cx)| view.list_ui(ui, cx),
        );
    }

    fn list_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let far = all(cx);
        let name = cx.t("devops-tab-machines");
        let column = |id: &'static str, key: &str, width: f32| Column::new(id, cx.t(key), width).unsortable();
        let columns = [
            column("name", "machine-col-name", 190.0).always(),
            column("kind", "machine-col-kind", 110.0),
            column("address", "machine-col-address", 220.0).fill(),
            column("system", "devops-system", 190.0),
            column("answer", "machine-col-answer", 80.0).right(),
            column("tested", "machine-col-tested", 100.0).right(),
        ];
        let at = |row: usize| row.checked_sub(1).and_then(|row| far.get(row));
        let here = cx.model.devops.machine.value();
        let here_name = here.map_or_else(|| cx.t("devops-this-machine"), |machine| machine.name.clone());
        if self.table.selected.is_empty() {
            self.table.select_only(HERE);
        }
        Table::new("devops-machines", &name, &columns, far.len() + 1)
            .single()
            .key(|row| at(row).map_or(HERE, key))
            .label(|row| at(row).map_or_else(|| here_name.clone(), |far| far.name.clone()))
            .copy(|row| at(row).map_or_else(|| here_name.clone(), |far| format!("{}\t{}", far.name, far.address)))
            .show(ui, &mut self.table, |ui, row, column| match at(row) {
                Some(far) => far_cell_ui(ui, cx, far, columns[column].id),
                None => here_cell_ui(ui, cx, here, &here_name, columns[column].id),
            });
    }

    fn far_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, far: &FarMachine) {
        if let Some(facts) = &far.facts {
            let word = cx.t(state_key(far));
            let jump = far.jump.as_deref().unwrap_or_default();
            let note = if jump.is_empty() {
                far.address.clone()
            } else {
                cx.msg(&msg!("machine-through", address = far.address.as_str(), jump = jump))
            };
            let mut acts = acts(cx, far);
            let engine = far.engine.clone().unwrap_or_default();
            self.machine.machine_ui(ui, cx, facts, &note, |ui| {
                state_mark::label_ui(ui, far.state, &word);
                if !engine.is_empty() {
                    detail::facts_ui(ui, &[Fact::text(cx.t("machine-engine"), engine.clone())]);
                }
                if let Some(intent) = detail::actions_ui(ui, &std::mem::take(&mut acts)) {
                    cx.ask(intent);
                }
            });
            return;
        }
        egui::ScrollArea::vertical().auto_shrink([false, false]).show(ui, |ui| {
            let word = cx.t(state_key(far));
            detail::heading_ui(
                ui,
                &Heading {
                    icon: icons::MACHINE,
                    name: &far.name,
                    note: &far.address,
                    state: Some((far.state, &word)),
                },
            );
            if let Some(engine) = &far.engine {
                detail::facts_ui(ui, &[Fact::text(cx.t("machine-engine"), engine.clone())]);
            }
            if let Some(key) = far.unknown_key() {
                detail::facts_ui(
                    ui,
                    &[
                        Fact::mono(cx.t("code-host-kind"), key.kind),
                        Fact::mono(cx.t("code-host-fingerprint"), key.fingerprint),
                    ],
                );
            }
            if let Some(problem) = &far.problem {
                page_frame::problem_ui(ui, problem, false);
            } else if far.tested_at.is_none() {
                detail::section_ui(ui, |ui| text::paragraph_weak(ui, &cx.t("machine-not-tested")));
            }
            if let Some(intent) = detail::actions_ui(ui, &acts(cx, far)) {
                cx.ask(intent);
            }
        });
    }
}

fn all<'a>(cx: &Cx<'a>) -> &'a [FarMachine] {
    cx.model.devops.machines.as_deref().unwrap_or_default()
}

/// With this one, where there are others.
pub(super) fn n_machines(cx: &Cx<'_>) -> Option<u64> {
    let n = all(cx).len() as u64;
    (n > 0).then_some(n + 1)
}

fn state_key(far: &FarMachine) -> &'static str {
    match far.state {
        State::Done => "machine-reached",
        State::Failed if far.unknown_key().is_some() => "machine-key-unknown",
        State::Failed => "machine-not-reached",
        _ => "machine-untested",
    }
}

fn far_cell_ui(ui: &mut Ui, cx: &Cx<'_>, far: &FarMachine, column: &str) {
    let is_found = palette::fuzzy(cx.filter.trim(), &far.name).is_some() || cx.filter.trim().is_empty();
    match column {
        "name" if is_found => drop(state_mark::label_ui(ui, far.state, &far.name).on_hover_text(cx.t(state_key(far)))),
        "name" => drop(text::weak(ui, &far.name)),
        "kind" => drop(text::weak(ui, &cx.t(far.kind.key()))),
        "address" => drop(text::body(ui, &far.address)),
        "system" => match (&far.facts, &far.engine) {
            (Some(facts), _) => drop(text::body(ui, &facts.os)),
            (None, Some(engine)) => drop(text::body(ui, engine)),
            (None, None) => drop(text::absent(ui)),
        },
        "answer" => match far.answer_ms {
            Some(ms) => drop(text::body(ui, &cx.msg(&msg!("machine-ms", n = ms)))),
            None => drop(text::absent(ui)),
        },
        _ => match far.tested_at {
            Some(at) => drop(text::weak(ui, &format::ago(at, cx.now, cx.texts)).on_hover_text(at.to_string())),
            None => drop(text::absent(ui)),
        },
    }
}

fn here_cell_ui(ui: &mut Ui, cx: &Cx<'_>, here: Option<&Machine>, name: &str, column: &str) {
    match column {
        "name" => drop(state_mark::label_ui(ui, State::Done, name)),
        "kind" => drop(text::weak(ui, &cx.t("devops-this-machine"))),
        "system" => match here {
            Some(machine) => drop(text::body(ui, &machine.os)),
            None => drop(text::absent(ui)),
        },
        _ => drop(text::absent(ui)),
    }
}

/// What can be done with a machine: the test first.
fn acts(cx: &Cx<'_>, far: &FarMachine) -> Vec<Action> {
    let test = Command::TestMachine { name: far.name.clone() };
    let mut actions = vec![Action::new("machine-test", cx.t("machine-test"), test.into()).icon(icons::BOLT)];
    if let Some(key) = far.unknown_key() {
        let accept = Command::AcceptMachine {
            name: far.name.clone(),
            fingerprint: key.fingerprint.clone(),
        };
        let title = cx.msg(&msg!("machine-accept-title", name = far.name.as_str()));
        let text = cx.msg(&msg!(
            "machine-accept-text",
            host = key.host.as_str(),
            kind = key.kind.as_str(),
            fingerprint = key.fingerprint.as_str()
        ));
        actions.push(
            Action::new("machine-accept", cx.t("machine-accept"), accept.into())
                .icon(icons::KEY)
                .confirm(title, text),
        );
    }
    if far.kind == MachineKind::Ssh {
        let terminal = Intent::Ui(UiIntent::PageAction(AreaId::DevOps, "machine/terminal".to_owned()));
        actions.push(Action::new("machine-terminal", cx.t("machine-terminal"), terminal).icon(icons::TERMINAL));
        let watch = Command::WatchMachine {
            name: far.name.clone(),
            is_on: !far.is_watched,
        };
        let label = cx.t(if far.is_watched { "machine-unwatch" } else { "machine-watch" });
        actions.push(Action::new("machine-watch", label, watch.into()).icon(icons::EYE));
    }
    let copy = Intent::Ui(UiIntent::Copy(far.address.clone()));
    actions.push(Action::new("machine-copy", cx.t("machine-copy"), copy).icon(icons::COPY));
    actions.into_iter().map(|action| action.of(&far.name)).collect()
}
