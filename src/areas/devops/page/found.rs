//! What a scan found, to be ticked and added.

use super::words;
use crate::areas::devops::{Command, FoundProject};
use crate::areas::page::Cx;
use crate::base::format;
use crate::msg;
use crate::ui::button::{Button, tick_ui};
use crate::ui::dialog::{Answer, Dialog};
use crate::ui::input::Input;
use crate::ui::tokens::measure;
use crate::ui::{Ui, text};
use egui::{Align, Id, Layout, ScrollArea};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// The dialog of a scan.
#[derive(Default)]
pub(super) struct Found {
    is_open: bool,
    /// What is not to be added: at first everything is ticked.
    unticked: BTreeSet<PathBuf>,
    group: String,
}

impl Found {
    pub(super) fn open(&mut self) {
        *self = Self {
            is_open: true,
            ..Self::default()
        };
    }

    pub(super) fn dialog_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        if !self.is_open {
            return;
        }
        let model = &cx.model.devops;
        let known: BTreeSet<&PathBuf> = model.infos().iter().map(|info| &info.workspace.root).collect();
        let new: Vec<&FoundProject> = model.found.iter().filter(|project| !known.contains(&project.path)).collect();
        let chosen: Vec<PathBuf> = new
            .iter()
            .map(|project| project.path.clone())
            .filter(|path| !self.unticked.contains(path))
            .collect();
        let title = if model.is_scanning {
            cx.msg(&msg!("devops-found-so-far", n = new.len()))
        } else {
            cx.msg(&msg!(
                "devops-found",
                n = new.len(),
                folders = format::count(model.n_scanned, cx.texts)
            ))
        };
        let confirm = cx.msg(&msg!("devops-found-add", n = chosen.len()));
        let answer = Dialog::new("devops-found", &title, &confirm)
            .width(640.0)
            .show(ui.ctx(), |ui| {
                if new.is_empty() {
                    let words = text::tr(
                        ui,
                        if model.is_scanning {
                            "devops-found-wait"
                        } else {
                            "devops-found-nothing"
                        },
                    );
                    text::paragraph_weak(ui, &words);
                    return false;
                }
                self.list_ui(ui, &new);
                ui.add_space(measure::SPACE_8);
                let name = text::tr(ui, "devops-group-label");
                let hint = text::tr(ui, "devops-group-hint");
                Input::new(Id::unique("devops-found-group"), &name)
                    .hint(&hint)
                    .width(280.0)
                    .show(ui, &mut self.group);
                !chosen.is_empty()
            });
        match answer {
            Answer::Open => {}
            Answer::Cancelled => self.is_open = false,
            Answer::Confirmed => {
                self.is_open = false;
                for path in chosen {
                    cx.ask(Command::AddWorkspace {
                        path,
                        group: self.group.trim().to_owned(),
                    });
                }
            }
        }
    }

    fn list_ui(&mut self, ui: &mut Ui, new: &[&FoundProject]) {
        ui.horizontal(|ui| {
            let all = text::tr(ui, "devops-found-all");
            if ui.add(Button::new(&all).small().bare()).clicked() {
                self.unticked.clear();
            }
            let none = text::tr(ui, "devops-found-none");
            if ui.add(Button::new(&none).small().bare()).clicked() {
                self.unticked = new.iter().map(|project| project.path.clone()).collect();
            }
        });
        ui.spacing_mut().item_spacing.y = 0.0;
        ScrollArea::vertical()
            .max_height(300.0)
            .auto_shrink([false, true])
            .id_salt("found")
            .show_rows(ui, measure::ROW, new.len(), |ui, range| {
                for project in &new[range] {
                    ui.allocate_ui_with_layout(
                        egui::vec2(ui.available_width(), measure::ROW),
                        Layout::right_to_left(Align::Center),
                        |ui| {
                            ui.add_space(12.0);
                            text::small(ui, &words::kinds(&project.kinds));
                            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                                let path = project.path.display().to_string();
                                let mut ticked = !self.unticked.contains(&project.path);
                                if tick_ui(ui, &mut ticked, "", &path).clicked() {
                                    if ticked {
                                        self.unticked.remove(&project.path);
                                    } else {
                                        self.unticked.insert(project.path.clone());
                                    }
                                }
                                text::path(ui, &path);
                            });
                        },
                    );
                }
            });
    }
}
