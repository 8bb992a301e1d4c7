//! The next version: which one and why, what forbids it, the commits in it, and the text that the changelog will get.

use super::{PROCEDURE, intent, readiness};
use crate::areas::page::{Cx, Intent};
use crate::areas::release::{
    Bill, Change, ChangeKind, Check, Command, Level, Readiness, Renewed, Undo, Wish, changelog, version,
};
use crate::base::{Msg, State, Target, Workspace, format};
use crate::msg;
use crate::ui::button::segments_ui;
use crate::ui::detail::titled_section_ui;
use crate::ui::dialog::{Answer, Dialog};
use crate::ui::input::Input;
use crate::ui::page_frame::{self, LoadableAsk, LoadableView, loadable_ui};
use crate::ui::tokens::{Tokens, measure};
use crate::ui::{Ui, icons, state_mark, text};
use egui::{Align, Id, Layout, ScrollArea};
use serde::{Deserialize, Serialize};

/// Commits of one kind that are shown before "and more".
const SHOWN_PER_KIND: usize = 40;
/// Packages whose change is shown before "and more".
const SHOWN_PACKAGES: usize = 12;
/// From this width on the text stands beside the list instead of below it.
const TWO_COLUMNS: f32 = 760.0;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Choice {
    #[default]
    Commits,
    Patch,
    Minor,
    Major,
    Pre,
    Own,
}

/// What the tab remembers: the text that the user wrote survives a restart.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Next {
    /// The user's own text of the new section, and for which draft it was written.
    edited: Option<Edited>,
    #[serde(skip)]
    dialog: Option<Asking>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Edited {
    /// Of what: another workspace, or what follows another version, has a text of its own.
    #[serde(default)]
    of: (String, Option<String>, Option<String>),
    draft: String,
    text: String,
}

/// Whose text it is: the workspace, the package, and the version before.
fn of(workspace: &Workspace, readiness: &Readiness) -> (String, Option<String>, Option<String>) {
    let last = readiness.last.as_ref().map(|last| last.version.clone());
    (workspace.id.to_string(), readiness.package.clone(), last)
}

#[derive(Clone, Debug, Default)]
struct Asking {
    choice: Choice,
    own: String,
    channel: String,
    /// The choice whose field was given the keys.
    focused: Choice,
}

impl Next {
    pub(super) fn forget(&mut self) {
        self.dialog = None;
    }

    pub(super) fn open_dialog(&mut self, cx: &Cx<'_>) {
        let next = readiness(cx).and_then(|readiness| readiness.next.as_ref());
        self.dialog = Some(Asking {
            choice: if next.is_some() { Choice::Commits } else { Choice::Patch },
            own: next.map(|next| next.version.clone()).unwrap_or_default(),
            channel: "beta".to_owned(),
            focused: Choice::Commits,
        });
    }

    pub(super) fn body_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace) {
        let Some(known) = cx.model.release.of(&workspace.id) else {
            page_frame::loading_ui(ui, None);
            return;
        };
        let empty = cx.t("release-no-commit");
        let view = LoadableView {
            icon: icons::TAG,
            empty: &empty,
            empty_action: None,
            progress: None,
        };
        let asked = loadable_ui(
            ui,
            &known.readiness,
            &view,
            |_| false,
            |ui, readiness| {
                let wide = ui.available_width() > TWO_COLUMNS;
                if wide {
                    let width = ui.available_width();
                    let height = ui.available_height();
                    ui.with_layout(Layout::left_to_right(Align::Min), |ui| {
                        ui.spacing_mut().item_spacing.x = 0.0;
                        ui.allocate_ui_with_layout(egui::vec2(width * 0.56, height), Layout::top_down(Align::Min), |ui| {
                            scroll(ui, "release-facts", |ui| facts_ui(ui, cx, workspace, readiness));
                        });
                        ui.allocate_ui_with_layout(egui::vec2(width * 0.44, height), Layout::top_down(Align::Min), |ui| {
                            scroll(ui, "release-text", |ui| self.text_ui(ui, cx, workspace, readiness));
                        });
                    });
                } else {
                    scroll(ui, "release-all", |ui| {
                        facts_ui(ui, cx, workspace, readiness);
                        self.text_ui(ui, cx, workspace, readiness);
                    });
                }
            },
        );
        if asked == Some(LoadableAsk::Retry) {
            cx.ask(Command::Prepare {
                workspace: workspace.clone(),
                wish: Wish::Commits,
                package: None,
            });
        }
    }

    fn text_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, readiness: &Readiness) {
        let note = readiness.changelog.display().to_string();
        titled_section_ui(ui, &cx.t("release-changelog-title"), &note, |ui| {
            let of = of(workspace, readiness);
            let own = self.edited.as_ref().filter(|edited| edited.of == of);
            let mut shown = own.map_or_else(|| readiness.draft.clone(), |edited| edited.text.clone());
            // What was typed stays when commits come meanwhile; that it was written for others is said.
            let is_outdated = own.is_some_and(|edited| edited.draft != readiness.draft);
            let is_own = own.is_some();
            let name = cx.t("release-changelog-title");
            let hint = cx.t("release-changelog-hint");
            let rows = shown.lines().count().clamp(12, 30);
            let input = Input::new(Id::unique("release-changelog"), &name)
                .hint(&hint)
                .rows(rows)
                .mono();
            if input.show(ui, &mut shown).changed() {
                self.edited = Some(Edited {
                    of,
                    draft: readiness.draft.clone(),
                    text: shown,
                });
            }
            ui.add_space(measure::SPACE_4);
            let key = if is_outdated {
                "release-changelog-outdated"
            } else if is_own {
                "release-changelog-edited"
            } else if readiness.has_hand_written {
                "release-changelog-merged"
            } else {
                "release-changelog-drafted"
            };
            text::paragraph_weak(ui, &cx.t(key));
            if is_own && text::link(ui, &cx.t("release-changelog-reset")).clicked() {
                self.edited = None;
            }
        });
    }

    pub(super) fn dialog_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let (Some(mut asking), Some(workspace), Some(readiness)) = (self.dialog.take(), cx.workspace, readiness(cx)) else {
            return;
        };
        let version = asking.version(readiness);
        let title = cx.t("release-dialog-title");
        let confirm = match &version {
            Ok(version) => cx.msg(&msg!("release-confirm", version = version)),
            Err(_) => cx.t("release-button-any"),
        };
        let answer = Dialog::new("release", &title, &confirm)
            .width(520.0)
            .show(ui.ctx(), |ui| asking.form_ui(ui, cx, readiness, version.as_ref().err()));
        match answer {
            Answer::Open => self.dialog = Some(asking),
            Answer::Cancelled => {}
            Answer::Confirmed => {
                cx.ask(Command::Run {
                    workspace: workspace.clone(),
                    wish: asking.wish(),
                    package: readiness.package.clone(),
                    notes: self
                        .edited
                        .take_if(|edited| edited.of == of(workspace, readiness))
                        .map(|edited| edited.text),
                });
                cx.ask(Intent::Go(Target::Page {
                    area: "release".to_owned(),
                    tab: Some(PROCEDURE.to_owned()),
                }));
            }
        }
    }
}

impl Asking {
    fn wish(&self) -> Wish {
        match self.choice {
            Choice::Commits => Wish::Commits,
            Choice::Patch => Wish::Level { level: Level::Patch },
            Choice::Minor => Wish::Level { level: Level::Minor },
            Choice::Major => Wish::Level { level: Level::Major },
            Choice::Pre => Wish::Channel {
                name: self.channel.trim().to_owned(),
            },
            Choice::Own => Wish::Version {
                version: self.own.trim().to_owned(),
            },
        }
    }

    /// The version that would be made, or why there is none.
    fn version(&self, readiness: &Readiness) -> Result<String, Msg> {
        let last = readiness.last.as_ref().map_or("0.0.0", |last| last.version.as_str());
        let parsed = |text: &str| version::parse(text).map_err(|problem| problem.summary);
        let bumped = |level| Ok(version::bump_asked(&parsed(last)?, level).to_string());
        match self.choice {
            Choice::Commits => match (&readiness.next, &readiness.nothing) {
                (Some(next), _) => Ok(next.version.clone()),
                (None, Some(nothing)) => Err(nothing.summary.clone()),
                (None, None) => Err(msg!("release-no-version")),
            },
            Choice::Patch => bumped(Level::Patch),
            Choice::Minor => bumped(Level::Minor),
            Choice::Major => bumped(Level::Major),
            Choice::Pre => {
                let base = readiness.next.as_ref().map(|next| next.version.as_str()).unwrap_or(last);
                let base = version::numbers(&parsed(base)?);
                let pre = format!("{base}-{}.1", self.channel.trim());
                let pre = version::parse(&pre).map_err(|_| msg!("release-bad-channel", name = self.channel.trim()))?;
                // Its number comes from the tags, and is looked up when it is made.
                Ok(format!("{base}-{}…", version::channel(&pre)))
            }
            Choice::Own => {
                let wanted = parsed(&self.own)?;
                let newest = readiness.newest.as_deref().and_then(|text| version::parse(text).ok());
                match newest.filter(|newest| wanted <= *newest) {
                    Some(newest) => Err(msg!(
                        "release-check-version-no",
                        next = wanted.to_string(),
                        last = newest.to_string()
                    )),
                    None => Ok(wanted.to_string()),
                }
            }
        }
    }

    /// The field has the keys when its choice is made, and keeps them when Enter comes too early.
    fn focus(&mut self, field: &egui::Response, is_wrong: bool) {
        let is_new = std::mem::replace(&mut self.focused, self.choice) != self.choice;
        let is_early = is_wrong && field.lost_focus() && field.ctx.input(|input| input.key_pressed(egui::Key::Enter));
        if is_new || is_early {
            field.request_focus();
        }
    }

    fn form_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, readiness: &Readiness, wrong: Option<&Msg>) -> bool {
        let words = [
            (Choice::Commits, cx.t("release-choice-commits")),
            (Choice::Patch, cx.t(Level::Patch.key())),
            (Choice::Minor, cx.t(Level::Minor.key())),
            (Choice::Major, cx.t(Level::Major.key())),
            (Choice::Pre, cx.t("release-choice-pre")),
            (Choice::Own, cx.t("release-choice-own")),
        ];
        let choices: Vec<(Choice, &str)> = words.iter().map(|(choice, word)| (*choice, word.as_str())).collect();
        segments_ui(ui, &mut self.choice, &choices);
        ui.add_space(measure::SPACE_8);
        if self.choice == Choice::Own {
            let name = cx.t("release-choice-own");
            let field = Input::new(Id::unique("release-own-version"), &name)
                .hint("1.4.0")
                .mono()
                .wrong(wrong.is_some())
                .show(ui, &mut self.own);
            self.focus(&field, wrong.is_some());
            ui.add_space(measure::SPACE_4);
        }
        if !matches!(self.choice, Choice::Own | Choice::Pre) {
            self.focused = self.choice;
        }
        if self.choice == Choice::Pre {
            let name = cx.t("release-choice-channel");
            let field = Input::new(Id::unique("release-channel"), &name)
                .hint("beta")
                .mono()
                .wrong(wrong.is_some())
                .show(ui, &mut self.channel);
            self.focus(&field, wrong.is_some());
            ui.add_space(measure::SPACE_4);
        }
        match (self.choice, &readiness.next, wrong) {
            (Choice::Commits, Some(next), _) => {
                text::paragraph_weak(ui, &cx.msg(&next.why));
            }
            (Choice::Commits, None, Some(wrong)) => {
                text::paragraph_weak(ui, &cx.msg(wrong));
            }
            (_, _, Some(wrong)) => {
                state_mark::label_ui(ui, State::Failed, &cx.msg(wrong));
            }
            _ => {}
        }
        ui.add_space(measure::SPACE_8);
        let is_usual = !readiness.procedure.iter().any(|step| step.is_named);
        if is_usual {
            text::paragraph(ui, &cx.t("release-dialog-text"));
        } else {
            let names: Vec<String> = readiness.procedure.iter().map(|step| cx.msg(&step.title())).collect();
            text::paragraph(ui, &cx.msg(&msg!("release-dialog-steps", names = names.join(" · "))));
        }
        if let Some(step) = readiness.procedure.iter().find(|step| step.undo == Undo::Never) {
            ui.add_space(measure::SPACE_4);
            let said = msg!("release-dialog-final", step = cx.msg(&step.title()));
            state_mark::label_ui(ui, State::Degraded, &cx.msg(&said));
        }
        // What depends on the version is looked at again when it is made.
        let forbidding: Vec<&Check> = readiness
            .checks
            .iter()
            .filter(|check| check.state == State::Failed && !check.found.key.starts_with("release-check-version"))
            .filter(|check| !check.found.key.starts_with("release-check-tag"))
            .collect();
        for check in &forbidding {
            ui.add_space(measure::SPACE_4);
            state_mark::label_ui(ui, State::Failed, &cx.msg(&check.found));
        }
        forbidding.is_empty() && wrong.is_none()
    }
}

fn scroll(ui: &mut Ui, id: &str, content: impl FnOnce(&mut Ui)) {
    ScrollArea::vertical().id_salt(id).auto_shrink([false, false]).show(ui, |ui| {
        ui.spacing_mut().item_spacing.x = measure::SPACE_8;
        content(ui);
    });
}

fn facts_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, readiness: &Readiness) {
    head_ui(ui, cx, workspace, readiness);
    checks_ui(ui, cx, readiness);
    if let Some(bill) = &readiness.bill {
        bill_ui(ui, cx, bill);
    }
    for kind in ChangeKind::ALL {
        changes_ui(ui, cx, workspace, readiness, kind);
    }
}

fn head_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, readiness: &Readiness) {
    crate::ui::detail::section_ui(ui, |ui| {
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = measure::SPACE_12;
            let last = readiness.last.as_ref().map(|last| last.version.as_str());
            match (&readiness.next, last) {
                (Some(next), Some(last)) => {
                    let t = Tokens::of(ui);
                    text::coloured(ui, last, t.text_weak);
                    icons::icon_ui(ui, icons::RIGHT, 14.0, t.text_weak, None);
                    text::number_big(ui, &next.version);
                }
                (Some(next), None) => {
                    text::number_big(ui, &next.version);
                }
                (None, last) => {
                    text::number_big(ui, last.unwrap_or("–"));
                }
            }
            let (state, key) = if readiness.unfinished.is_some() {
                (State::Interrupted, "release-state-unfinished")
            } else if readiness.next.is_none() && !readiness.has_only_packages() {
                (State::None, "release-state-nothing")
            } else if readiness.can_release() {
                (State::Done, "release-state-ready")
            } else {
                (State::Failed, "release-state-forbidden")
            };
            state_mark::chip_ui(ui, state, &cx.t(key));
        });
        if let Some(name) = &readiness.package {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = measure::SPACE_12;
                text::medium(ui, &cx.msg(&msg!("release-package-of", name = name)));
                if text::link_small(ui, &cx.t("release-package-whole")).clicked() {
                    cx.ask(intent("whole"));
                }
            });
        }
        let why = match (&readiness.next, &readiness.nothing) {
            (Some(next), _) => cx.msg(&next.why),
            (None, Some(nothing)) => cx.msg(&nothing.summary),
            (None, None) => String::new(),
        };
        text::weak(ui, &why);
        if let Some(last) = &readiness.last {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = measure::SPACE_8;
                let since = last.at.map_or_else(String::new, |at| format::ago(at, cx.now, cx.texts));
                text::small(ui, &cx.msg(&msg!("release-last", tag = &last.tag, since = since)));
                if text::link_mono(ui, format::short_oid(&last.commit)).clicked() {
                    cx.ask(Intent::Go(commit(workspace, &last.commit)));
                }
            });
        }
        if let Some(unpushed) = &readiness.unpushed {
            ui.add_space(measure::SPACE_4);
            text::paragraph_weak(ui, &cx.msg(&unpushed.told_short()));
        }
        if let Some(unfinished) = &readiness.unfinished {
            ui.add_space(measure::SPACE_4);
            let said = msg!(
                "release-unfinished-since",
                version = &unfinished.version,
                since = format::ago(unfinished.since, cx.now, cx.texts)
            );
            state_mark::label_ui(ui, State::Interrupted, &cx.msg(&said));
        }
    });
}

fn commit(workspace: &Workspace, oid: &str) -> Target {
    Target::Commit {
        workspace: workspace.id.clone(),
        oid: oid.to_owned(),
    }
}

fn checks_ui(ui: &mut Ui, cx: &Cx<'_>, readiness: &Readiness) {
    let n_failed = readiness.checks.iter().filter(|check| check.state == State::Failed).count();
    let note = if n_failed == 0 {
        String::new()
    } else {
        cx.msg(&msg!("release-checks-failed", n = n_failed))
    };
    titled_section_ui(ui, &cx.t("release-checks"), &note, |ui| {
        for check in &readiness.checks {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = measure::SPACE_8;
                let name = cx.msg(&check.name);
                state_mark::label_ui(ui, check.state, &name);
                let found = cx.msg(&check.found);
                match &check.target {
                    Some(target) => {
                        if text::link_small(ui, &found).clicked() {
                            cx.ask(Intent::Go(target.clone()));
                        }
                    }
                    None => {
                        text::small(ui, &found);
                    }
                }
            });
            if let Some(hint) = check.hint.as_ref().filter(|_| check.state != State::Done) {
                ui.horizontal(|ui| {
                    ui.spacing_mut().item_spacing.x = measure::SPACE_8;
                    ui.add_space(measure::MARK + measure::ICON_GAP);
                    text::small(ui, &cx.msg(hint));
                });
            }
        }
    });
}

fn bill_ui(ui: &mut Ui, cx: &Cx<'_>, bill: &Bill) {
    let n = bill.added.len() + bill.updated.len() + bill.removed.len();
    if n == 0 {
        return;
    }
    titled_section_ui(ui, &cx.t("release-bill"), &format::count(n as u64, cx.texts), |ui| {
        let of = |key: &'static str, list: &[Renewed]| -> Vec<(&'static str, Renewed)> {
            list.iter().map(|one| (key, one.clone())).collect()
        };
        let mut rows = of("release-bill-added", &bill.added);
        rows.extend(of("release-bill-removed", &bill.removed));
        rows.extend(of("release-bill-updated", &bill.updated));
        for (key, one) in rows.iter().take(SHOWN_PACKAGES) {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = measure::SPACE_8;
                text::body(ui, &one.name);
                text::mono(ui, &one.told());
                text::small(ui, &cx.t(key));
            });
        }
        if rows.len() > SHOWN_PACKAGES {
            text::small(ui, &cx.msg(&msg!("release-more", n = rows.len() - SHOWN_PACKAGES)));
        }
    });
}

fn changes_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, readiness: &Readiness, kind: ChangeKind) {
    let n = readiness
        .changes
        .iter()
        .filter(|change| changelog::told_as(change) == kind)
        .count();
    if n == 0 {
        return;
    }
    let note = format::count(n as u64, cx.texts);
    titled_section_ui(ui, &cx.t(kind.key()), &note, |ui| {
        let changes = readiness.changes.iter().filter(|change| changelog::told_as(change) == kind);
        for change in changes.take(SHOWN_PER_KIND) {
            change_ui(ui, cx, workspace, change);
        }
        if n > SHOWN_PER_KIND {
            text::small(ui, &cx.msg(&msg!("release-more", n = n - SHOWN_PER_KIND)));
        }
    });
}

fn change_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, change: &Change) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = measure::SPACE_8;
        let when = format::ago(change.at, cx.now, cx.texts);
        let hover = format!("{}, {when}", change.author);
        if text::link_mono(ui, format::short_oid(&change.oid))
            .on_hover_text(hover)
            .clicked()
        {
            cx.ask(Intent::Go(commit(workspace, &change.oid)));
        }
        if change.breaking.is_some() {
            state_mark::chip_ui(ui, State::Degraded, &cx.t("release-breaking"));
        }
        if let Some(scope) = &change.scope {
            text::weak(ui, scope);
        }
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            if let Some(item) = &change.item
                && text::link_small(ui, item).clicked()
            {
                cx.ask(Intent::Go(Target::Item {
                    workspace: workspace.id.clone(),
                    id: item.clone(),
                }));
            }
            if change.is_covered {
                let t = Tokens::of(ui);
                let word = cx.t("release-covered");
                icons::icon_ui(ui, icons::EDIT, 13.0, t.text_weak, Some(&word));
            }
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                text::body(ui, &change.text);
            });
        });
    });
}
