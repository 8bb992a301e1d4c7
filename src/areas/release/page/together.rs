//! Several repositories as one release: which version, how each repository stands, and what became of it.

use super::is_running;
use crate::areas::page::{Action, Cx};
use crate::areas::release::{Command, Member, Together, version};
use crate::base::{State, Workspace, format};
use crate::msg;
use crate::ui::detail::{section_ui, titled_section_ui};
use crate::ui::input::Input;
use crate::ui::tokens::measure;
use crate::ui::{Ui, action, icons, state_mark, text};
use egui::{Id, Key, ScrollArea};

/// What the user types.
#[derive(Default)]
pub(super) struct Repositories {
    version: String,
}

/// There are several, or one asked for them.
pub(super) fn has_several(cx: &Cx<'_>, workspace: &Workspace) -> bool {
    let known = cx.model.release.of(&workspace.id);
    let repos = cx.model.code.repo(&workspace.id);
    let n = repos
        .and_then(|repo| repo.trees.repos.value())
        .map_or(0, |list| list.rows.len());
    n > 1 || known.is_some_and(|known| known.together.is_some())
}

impl Repositories {
    pub(super) fn body_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace) {
        let known = cx.model.release.of(&workspace.id);
        let together = known.and_then(|known| known.together.as_ref());
        let area = ScrollArea::vertical().id_salt("release-together").auto_shrink([false, false]);
        area.show(ui, |ui| {
            section_ui(ui, |ui| self.ask_ui(ui, cx, workspace, together));
            if together.is_none() {
                here_ui(ui, cx, workspace);
            }
            if let Some(together) = together {
                let note = format::count(together.members.len() as u64, cx.texts);
                titled_section_ui(ui, &together.tag, &note, |ui| {
                    for member in &together.members {
                        member_ui(ui, cx, member);
                    }
                });
            }
        });
    }

    fn ask_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, together: Option<&Together>) {
        text::paragraph_weak(ui, &cx.t("release-together-text"));
        ui.add_space(measure::SPACE_8);
        let name = cx.t("release-col-version");
        let wanted = version::parse(&self.version).ok().map(|version| version.to_string());
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = measure::SPACE_8;
            let field = Input::new(Id::unique("release-together-version"), &name)
                .hint("2.0.0")
                .mono()
                .width(140.0)
                .wrong(!self.version.is_empty() && wanted.is_none())
                .show(ui, &mut self.version);
            let has_entered = field.lost_focus() && ui.input(|input| input.key_pressed(Key::Enter));
            let why_no_look = wanted.is_none().then(|| cx.t("release-together-version-first"));
            let wanted = wanted.unwrap_or_default();
            let look = Command::LookTogether {
                workspace: workspace.clone(),
                version: wanted.clone(),
            };
            let looked = together.filter(|together| together.version == wanted);
            let forbidden = looked.is_none_or(|together| {
                let mut checks = together.members.iter().flat_map(|member| &member.checks);
                checks.any(|check| check.state == State::Failed)
            });
            let why_not = why_no_look.clone().or(forbidden.then(|| cx.t("release-together-look-first")));
            let is_made = looked.is_some_and(|together| {
                !together.is_unfinished
                    && together
                        .members
                        .iter()
                        .all(|member| member.is_tagged || !member.pushed.is_empty())
            });
            let why_not = why_not.or(is_made.then(|| cx.msg(&msg!("release-together-made", version = &wanted))));
            let why_not = why_not.or(is_running(cx).then(|| cx.t("release-runs-already")));
            let run = Command::Together {
                workspace: workspace.clone(),
                version: wanted.clone(),
                pushes: true,
            };
            let title = cx.msg(&msg!("release-together-title", version = &wanted));
            let actions = [
                Action::new("release-together-look", cx.t("release-together-look"), look.into())
                    .icon(icons::REFRESH)
                    .disabled_because(why_no_look),
                Action::new("release-together", cx.t("release-together-run"), run.into())
                    .icon(icons::TAG)
                    .disabled_because(why_not)
                    .confirm(title, cx.t("release-together-confirm")),
            ];
            if let Some(begun) = together.filter(|together| together.is_unfinished) {
                let leave = Command::Abort {
                    workspace: workspace.clone(),
                };
                let title = cx.msg(&msg!("release-abort-title", version = &begun.version));
                let leave = Action::new("release-together-abort", cx.t("release-abort"), leave.into())
                    .disabled_because(is_running(cx).then(|| cx.t("release-runs-already")))
                    .confirm(title, cx.t("release-together-abort-text"));
                if let Some(intent) = action::button_ui(ui, &leave) {
                    cx.ask(intent);
                }
            }
            let [look, run] = &actions;
            let entered = has_entered && look.disabled_because.is_none();
            let asked = action::button_ui(ui, look).or(entered.then(|| look.intent.clone()));
            if let Some(intent) = asked.or(action::primary_ui(ui, run)) {
                cx.ask(intent);
            }
        });
    }
}

/// The repositories before anybody looked what forbids a release.
fn here_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace) {
    let repos = cx.model.code.repo(&workspace.id);
    let Some(repos) = repos.and_then(|repo| repo.trees.repos.value()) else {
        return;
    };
    let note = format::count(repos.rows.len() as u64, cx.texts);
    titled_section_ui(ui, &cx.t("release-tab-repositories"), &note, |ui| {
        for row in &repos.rows {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = measure::SPACE_8;
                text::body(ui, &row.path.display());
                if let Some(summary) = &row.summary {
                    text::weak(ui, &summary.head_name());
                }
            });
        }
    });
}

fn member_ui(ui: &mut Ui, cx: &Cx<'_>, member: &Member) {
    let worst = member.checks.iter().map(|check| check.state).min();
    let state = match worst {
        Some(State::Failed) => State::Failed,
        Some(State::Degraded) => State::Degraded,
        _ => State::Done,
    };
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = measure::SPACE_8;
        state_mark::label_ui(ui, state, &member.path);
        text::mono(ui, format::short_oid(&member.commit));
        if let Some(branch) = &member.branch {
            text::weak(ui, branch);
        }
        if !member.pushed.is_empty() {
            text::small(
                ui,
                &cx.msg(&msg!("release-together-pushed", remotes = member.pushed.join(", "))),
            );
        } else if member.is_tagged {
            text::small(ui, &cx.t("release-together-tagged"));
        }
    });
    for check in member.checks.iter().filter(|check| check.state != State::Done) {
        ui.horizontal(|ui| {
            ui.add_space(measure::MARK + measure::ICON_GAP);
            state_mark::label_small_ui(ui, check.state, &cx.msg(&check.found));
        });
    }
}
