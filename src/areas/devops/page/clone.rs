//! The dialog that asks which repository is brought here, and where it goes.

use crate::areas::AreaId;
use crate::areas::devops::Command;
use crate::areas::devops::clone::folder_name;
use crate::areas::page::{Cx, Intent, UiIntent};
use crate::msg;
use crate::ui::Ui;
use crate::ui::button::Button;
use crate::ui::dialog::{Answer, Dialog};
use crate::ui::form::form_ui;
use std::path::PathBuf;

/// The folder was picked for this.
pub(super) const PURPOSE: &str = "clone";

pub(super) struct Cloning {
    url: String,
    /// The folder in which the repository gets its own.
    below: String,
}

impl Cloning {
    /// What was typed before stands there again until it has become a workspace.
    pub(super) fn begin(cx: &Cx<'_>, before: Option<Self>) -> Self {
        let is_here = |folder: PathBuf| cx.model.devops.infos().iter().any(|info| info.workspace.root == folder);
        if let Some(before) = before.filter(|before| !before.folder().is_some_and(is_here)) {
            return before;
        }
        let root = cx.settings.workspaces.roots.first().cloned();
        // Beside what is there already, where no folder is set.
        let beside = || cx.model.devops.infos().first()?.workspace.root.parent().map(PathBuf::from);
        let below = root.or_else(beside).unwrap_or_default();
        Self {
            url: String::new(),
            below: below.display().to_string(),
        }
    }

    pub(super) fn picked(&mut self, folder: &std::path::Path) {
        self.below = folder.display().to_string();
    }

    fn folder(&self) -> Option<PathBuf> {
        let name = folder_name(&self.url);
        let below = PathBuf::from(self.below.trim());
        (!name.is_empty() && name != "." && name != ".." && below.is_absolute()).then(|| below.join(name))
    }
}

/// What was typed is left in `before` when the dialog closes.
pub(super) fn cloning_ui(ui: &mut Ui, cx: &Cx<'_>, cloning: &mut Option<Cloning>, before: &mut Option<Cloning>) {
    let Some(open) = cloning else { return };
    let answer = Dialog::new("devops-clone", &cx.t("devops-clone-title"), &cx.t("devops-clone-confirm")).show(ui.ctx(), |ui| {
        form_ui(ui, "devops-clone", |form| {
            form.code(
                &cx.t("devops-clone-url"),
                &mut open.url,
                "https://example.org/team/tool.git",
                None,
            );
            form.code(&cx.t("devops-clone-below"), &mut open.below, "", None);
            let choose = cx.t("docker-form-pick");
            if form.ui().add(Button::new(&choose).small()).clicked() {
                cx.ask(Intent::Ui(UiIntent::PickFolder(AreaId::DevOps, PURPOSE.to_owned())));
            }
            if let Some(into) = open.folder() {
                form.note(&cx.msg(&msg!("devops-clone-into", path = into.as_path())));
            }
        });
        open.folder().is_some()
    });
    match answer {
        Answer::Open => return,
        Answer::Cancelled => {}
        Answer::Confirmed => {
            if let Some(into) = open.folder() {
                cx.ask(Command::Clone {
                    url: open.url.trim().to_owned(),
                    into,
                    group: String::new(),
                });
            }
        }
    }
    *before = cloning.take();
}
