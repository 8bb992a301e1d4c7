//! What is said before a version is deployed to where it failed.

use crate::areas::deploy::Deployment;
use crate::areas::page::Cx;
use crate::base::{State, Target, format};
use crate::msg;
use crate::ui::button::Button;
use crate::ui::tokens::measure;
use crate::ui::{Ui, state_mark, text};

/// That this version did not stand here, and why.
pub(super) fn said_ui(ui: &mut Ui, cx: &Cx<'_>, failed: &Deployment, goes: &mut Option<Target>) {
    let at = failed.ended_at.unwrap_or(failed.started_at);
    let why = failed
        .problem
        .as_ref()
        .map_or_else(|| cx.t(failed.state.key()), |problem| cx.msg(&problem.summary));
    let ago = format::ago(at, cx.now, cx.texts);
    let version = failed.version.as_str();
    let words = cx.msg(&msg!("deploy-failed-here", version = version, ago = ago, why = why));
    ui.horizontal_top(|ui| {
        state_mark::mark_ui(ui, State::Failed);
        text::paragraph(ui, &words);
    });
    let show = cx.msg(&msg!("deploy-failed-show", id = failed.id.to_string()));
    if text::link(ui, &show).clicked()
        && let Some(workspace) = cx.workspace
    {
        *goes = Some(Target::Deployment {
            workspace: workspace.id.clone(),
            id: failed.id,
        });
    }
    ui.add_space(measure::SPACE_8);
}

/// That there is nothing yet, and where it is made: a version, or one that has its tag built again.
pub(super) fn nothing_ui(ui: &mut Ui, cx: &Cx<'_>, goes: &mut Option<Target>) {
    state_mark::label_ui(ui, State::None, &cx.t("deploy-nothing-to-deploy"));
    ui.add_space(measure::SPACE_8);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = measure::SPACE_8;
        for (label, tab) in [("deploy-make-version", "next"), ("deploy-make-again", "deliverables")] {
            if ui.add(Button::new(&cx.t(label)).small()).clicked() {
                *goes = Some(Target::Page {
                    area: "release".to_owned(),
                    tab: Some(tab.to_owned()),
                });
            }
        }
    });
}

/// A sentence with its mark, on as many lines as it takes.
pub(super) fn marked_ui(ui: &mut Ui, state: State, words: &str) {
    ui.horizontal_top(|ui| {
        ui.spacing_mut().item_spacing.x = measure::SPACE_8;
        state_mark::mark_ui(ui, state);
        text::wrapped(ui, words);
    });
}
