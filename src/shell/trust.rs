//! Trust: the dialog that shows what trusting a workspace means.

use super::app::App;
use super::front::Front;
use super::overlays::Overlay;
use crate::adapters::trust::TrustState;
use crate::areas::devops;
use crate::base::{Workspace, WorkspaceId};
use crate::msg;
use crate::ui::dialog::{Answer, Dialog};
use crate::ui::text;
use crate::ui::theme::font;
use crate::ui::tokens::Tokens;
use egui::{Context, RichText, ScrollArea, Ui};

/// What the dialog knows so far.
#[derive(Debug)]
pub(super) struct TrustDialog {
    workspace: Workspace,
    described: Option<(Vec<String>, TrustState)>,
}

impl TrustDialog {
    pub(super) fn describe(&mut self, id: &WorkspaceId, files: Vec<String>, state: TrustState) {
        if *id == self.workspace.id {
            self.described = Some((files, state));
        }
    }
}

impl<F: Front> App<F> {
    /// Opens the dialog for a workspace and asks what it would mean.
    pub(super) fn open_trust(&mut self, workspace: Option<Workspace>) {
        if let Some(workspace) = workspace {
            self.front.describe_trust(workspace.clone());
            self.overlay = Overlay::Trust(TrustDialog {
                workspace,
                described: None,
            });
        }
    }

    pub(super) fn trust_ui(&mut self, ctx: &Context, dialog: TrustDialog) {
        let name = dialog.workspace.name.clone();
        let title = self.texts.msg(&msg!("shell-trust-title", name = &name));
        let confirm = self.texts.msg(&msg!("shell-trust-confirm", name = &name));
        let answer = Dialog::new("trust", &title, &confirm).width(620.0).show(ctx, |ui| {
            text::path(ui, &dialog.workspace.root.display().to_string());
            let means = text::tr(ui, "shell-trust-means");
            text::paragraph(ui, &means);
            let without = text::tr(ui, "shell-trust-without");
            text::paragraph_weak(ui, &without);
            let Some((files, state)) = &dialog.described else {
                let wait = text::tr(ui, "ui-loading");
                text::weak(ui, &wait);
                return false;
            };
            if !files.is_empty() {
                let label = text::tr(ui, "shell-trust-files");
                text::section(ui, &label);
                for file in files.iter().take(12) {
                    text::mono(ui, file);
                }
            }
            match state {
                TrustState::Changed { diff } => diff_ui(ui, diff),
                TrustState::Replaced => {
                    let words = text::tr(ui, "shell-trust-replaced");
                    let colour = Tokens::of(ui).warning.text;
                    text::coloured(ui, &words, colour);
                }
                TrustState::Trusted | TrustState::Never => {}
            }
            true
        });
        match answer {
            Answer::Open => self.overlay = Overlay::Trust(dialog),
            Answer::Cancelled => ctx.request_repaint(),
            Answer::Confirmed => {
                self.ask(devops::Command::TrustWorkspace {
                    workspace: dialog.workspace,
                });
                ctx.request_repaint();
            }
        }
    }
}

/// What changed in the files that name commands, line by line.
fn diff_ui(ui: &mut Ui, diff: &str) {
    let t = Tokens::of(ui);
    let label = text::tr(ui, "shell-trust-changed");
    text::section(ui, &label);
    let frame = egui::Frame {
        stroke: egui::Stroke::new(1.0, t.line),
        inner_margin: egui::Margin::same(8),
        ..egui::Frame::NONE
    };
    frame.show(ui, |ui| {
        ScrollArea::both()
            .max_height(240.0)
            .auto_shrink([false, true])
            .id_salt("trust-diff")
            .show(ui, |ui| {
                ui.spacing_mut().item_spacing.y = 0.0;
                for line in diff.lines() {
                    let fill = match line.as_bytes().first() {
                        Some(b'+') => t.diff.added,
                        Some(b'-') => t.diff.removed,
                        _ => crate::ui::tokens::CLEAR,
                    };
                    let words = RichText::new(if line.is_empty() { " " } else { line })
                        .font(font::code())
                        .color(t.text)
                        .background_color(fill);
                    ui.add(egui::Label::new(words).extend().selectable(true));
                }
            });
    });
}
