//! The question about a machine that ssh does not know: who it says it is, and whether that is right.

use super::Page;
use crate::areas::code::Command;
use crate::areas::page::Cx;
use crate::base::WorkspaceId;
use crate::ui::detail::{Fact, facts_ui};
use crate::ui::dialog::{Answer, Dialog};
use crate::ui::text;
use crate::ui::tokens::measure;
use egui::Ui;
use std::collections::BTreeMap;

/// How many questions were answered, by workspace.
pub(super) type Answered = BTreeMap<WorkspaceId, u64>;

impl Page {
    pub(super) fn host_dialog_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let Some((workspace, Some(repo))) = super::repo(cx) else {
            return;
        };
        let n_asked = repo.branching.n_unknown_hosts;
        let Some((key, again)) = &repo.branching.unknown_host else {
            return;
        };
        if self.hosts.get(&workspace.id).copied().unwrap_or_default() >= n_asked {
            return;
        }
        let (title, confirm) = (cx.t("code-host-title"), cx.t("code-host-accept"));
        // A key that is pressed by chance accepts nobody.
        let dialog = Dialog::new("code-host", &title, &confirm).width(520.0).enter_is_a_new_line();
        let answer = dialog.show(ui.ctx(), |ui| {
            text::paragraph(ui, &cx.t("code-host-text"));
            ui.add_space(measure::SPACE_8);
            facts_ui(
                ui,
                &[
                    Fact::mono(cx.t("code-host-name"), &key.host),
                    Fact::mono(cx.t("code-host-kind"), &key.kind),
                    Fact::mono(cx.t("code-host-fingerprint"), &key.fingerprint),
                ],
            );
            ui.add_space(measure::SPACE_8);
            text::paragraph_weak(ui, &cx.t("code-host-note"));
            true
        });
        if answer == Answer::Open {
            return;
        }
        self.hosts.insert(workspace.id.clone(), n_asked);
        if answer == Answer::Confirmed {
            cx.ask(Command::AcceptHost {
                fingerprint: key.fingerprint.clone(),
                then: Box::new(again.clone()),
            });
        }
    }
}
