//! What was found out about an instance: what changed since it worked, and the code that a line of its log comes from.

use crate::areas::operate::changed::{ChangedItem, Changes};
use crate::areas::operate::drift::Drift;
use crate::areas::operate::places::{self, CodePlace};
use crate::areas::page::{Cx, Intent};
use crate::base::{State, Target, Workspace, format};
use crate::msg;
use crate::ui::detail;
use crate::ui::diff_line::source_ui;
use crate::ui::{Ui, state_mark, text};

/// Changes that are drawn; the command line tells all of them.
const CHANGES_SHOWN: usize = 80;

/// Everything that changed, by kind.
pub(super) fn changes_ui(ui: &mut Ui, cx: &Cx<'_>, changes: &Changes) -> Option<Target> {
    let since = match &changes.from {
        Some(from) => cx.msg(&msg!("changed-since-version", version = from.version.as_str())),
        None => format::ago(changes.since, cx.now, cx.texts),
    };
    let mut clicked = None;
    detail::titled_section_ui(ui, &cx.t("operate-changed"), &since, |ui| {
        for problem in &changes.problems {
            state_mark::label_small_ui(ui, State::Degraded, &cx.msg(&problem.summary));
        }
        if changes.items.is_empty() {
            text::weak(ui, &cx.t("changed-nothing"));
        }
        let mut kind = None;
        for item in changes.items.iter().take(CHANGES_SHOWN) {
            if kind.replace(item.kind) != Some(item.kind) {
                ui.add_space(6.0);
                text::section(ui, &cx.t(item.kind.key()));
            }
            clicked = item_ui(ui, cx, item).or(clicked.take());
        }
        if changes.items.len() > CHANGES_SHOWN {
            text::weak(ui, &format!("… +{}", changes.items.len() - CHANGES_SHOWN));
        }
    });
    clicked
}

/// Keys that are not as the repository says.
pub(super) fn drift_ui(ui: &mut Ui, cx: &Cx<'_>, drift: &Drift) {
    let note = cx.msg(&msg!("drift-compared", n = drift.n_compared));
    detail::titled_section_ui(ui, &cx.t("drift-title"), &note, |ui| {
        for problem in &drift.problems {
            state_mark::label_small_ui(ui, State::Degraded, &cx.msg(&problem.summary));
        }
        if drift.items.is_empty() && drift.problems.is_empty() {
            state_mark::label_ui(ui, State::Done, &cx.t("drift-nothing"));
        }
        for item in drift.items.iter().take(CHANGES_SHOWN) {
            text::mono(ui, &item.key);
            let absent = cx.t("drift-absent");
            let value = |value: &Option<String>| value.clone().unwrap_or_else(|| absent.clone());
            let running = cx.msg(&msg!("drift-running", value = value(&item.running)));
            let wanted = cx.msg(&msg!("drift-wanted", value = value(&item.wanted)));
            text::small(ui, &running).on_hover_text(&running);
            text::small(ui, &wanted).on_hover_text(&wanted);
            ui.add_space(6.0);
        }
    });
}

fn item_ui(ui: &mut Ui, cx: &Cx<'_>, item: &ChangedItem) -> Option<Target> {
    let mut clicked = None;
    let what = if item.what == "boot" {
        cx.t("changed-boot")
    } else {
        item.what.clone()
    };
    ui.horizontal_wrapped(|ui| {
        match &item.target {
            Some(target) => {
                if text::link(ui, &what).clicked() {
                    clicked = Some(target.clone());
                }
            }
            None => drop(text::body(ui, &what)),
        }
        let values = item.values(cx.texts);
        if !values.is_empty() {
            text::weak(ui, &values);
        }
        if let Some(at) = item.at {
            text::small(ui, &format::ago(at, cx.now, cx.texts)).on_hover_text(at.to_string());
        }
    });
    clicked
}

/// The code behind a line; a click opens the editor where the file is as it was deployed, else the commit.
pub(super) fn code_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, found: &[CodePlace]) {
    for place in found {
        let title = cx.t(if place.is_frame { "where-frame" } else { "where-message" });
        detail::titled_section_ui(ui, &title, "", |ui| {
            if text::link_mono(ui, &places::shown(place)).clicked() {
                open(cx, workspace, place, place.line);
            }
            if !place.is_same_here {
                state_mark::label_small_ui(ui, State::Stale, &cx.t("where-differs"));
            }
            let path = place.path.display().to_string();
            if let Some(line) = source_ui(ui, &path, place.first, &place.lines, Some(place.line), None) {
                open(cx, workspace, place, line);
            }
        });
    }
}

fn open(cx: &Cx<'_>, workspace: &Workspace, place: &CodePlace, line: u32) {
    if place.is_same_here {
        cx.open_place(workspace, &format!("{}:{line}", place.path.display()));
    } else {
        cx.ask(Intent::Go(Target::Commit {
            workspace: workspace.id.clone(),
            oid: place.commit.clone(),
        }));
    }
}
