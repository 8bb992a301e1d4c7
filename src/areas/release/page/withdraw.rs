//! Why a version is withdrawn: asked before, because Deploy tells it to everybody who meets the version later.

use crate::areas::page::Cx;
use crate::areas::release::Command;
use crate::msg;
use crate::ui::dialog::{Answer, Dialog};
use crate::ui::input::Input;
use crate::ui::tokens::measure;
use crate::ui::{Ui, text};
use egui::Id;

/// The question, while it is open.
#[derive(Default)]
pub(super) struct Withdraw {
    asking: Option<Asking>,
}

struct Asking {
    version: String,
    reason: String,
    /// The field was given the keys once.
    has_focus: bool,
}

impl Withdraw {
    pub(super) fn open(&mut self, version: &str) {
        self.asking = Some(Asking {
            version: version.to_owned(),
            reason: String::new(),
            has_focus: false,
        });
    }

    pub(super) fn dialog_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let (Some(mut asking), Some(workspace)) = (self.asking.take(), cx.workspace) else {
            return;
        };
        let title = cx.msg(&msg!("release-withdraw-title", version = &asking.version));
        let confirm = cx.t("release-withdraw-confirm");
        let name = cx.t("release-withdraw-reason");
        let hint = cx.t("release-withdraw-reason-hint");
        let answer = Dialog::new("release-withdraw", &title, &confirm)
            .danger(true)
            .show(ui.ctx(), |ui| {
                text::paragraph(ui, &cx.t("release-withdraw-text"));
                ui.add_space(measure::SPACE_8);
                let field = Input::new(Id::unique("release-withdraw"), &name)
                    .hint(&hint)
                    .show(ui, &mut asking.reason);
                // Enter without a reason does nothing, and one goes on typing.
                let is_early = field.lost_focus()
                    && ui.input(|input| input.key_pressed(egui::Key::Enter))
                    && asking.reason.trim().is_empty();
                if !std::mem::replace(&mut asking.has_focus, true) || is_early {
                    field.request_focus();
                }
                !asking.reason.trim().is_empty()
            });
        match answer {
            Answer::Open => self.asking = Some(asking),
            Answer::Cancelled => {}
            Answer::Confirmed => cx.ask(Command::Withdraw {
                workspace: workspace.clone(),
                version: asking.version,
                reason: Some(asking.reason),
            }),
        }
    }
}
