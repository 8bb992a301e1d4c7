//! The page of Release: the next version with its readiness, and every version that was made.

mod made;
mod matrix;
mod next;
mod packages;
mod procedure;
mod together;
mod withdraw;

use super::{Command, Readiness, Wish};
use crate::areas::AreaId;
use crate::areas::code;
use crate::areas::page::{Action, Badge, Cx, Intent, Tab, UiIntent, choose_workspace_ui};
use crate::base::{Msg, State, Target, Workspace, WorkspaceId, format};
use crate::msg;
use crate::ui::{self, icons};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

const NEXT: &str = "next";
const PROCEDURE: &str = "procedure";
const PACKAGES: &str = "packages";
const REPOSITORIES: &str = "repositories";
const DELIVERABLES: &str = "deliverables";
const MATRIX: &str = "matrix";

/// What the user sees and selects here.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Page {
    next: next::Next,
    made: made::Made,
    matrix: matrix::Matrix,
    packages: packages::Packages,
    /// The package whose next version is looked at; None: the whole.
    package: Option<String>,
    #[serde(skip)]
    procedure: procedure::Procedure,
    #[serde(skip)]
    repositories: together::Repositories,
    #[serde(skip)]
    withdraw: withdraw::Withdraw,
    /// The workspace that was asked for last.
    #[serde(skip)]
    asked: Option<WorkspaceId>,
}

fn readiness<'a>(cx: &Cx<'a>) -> Option<&'a Readiness> {
    let workspace = cx.workspace?;
    cx.model.release.of(&workspace.id)?.readiness.value()
}

fn intent(id: &str) -> Intent {
    Intent::Ui(UiIntent::PageAction(AreaId::Release, id.to_owned()))
}

/// When the release was rehearsed at this very commit.
fn rehearsed(cx: &Cx<'_>, readiness: &Readiness) -> Option<String> {
    let last = readiness.rehearsed.as_ref().filter(|last| last.head == readiness.head)?;
    let since = format::ago(last.at, cx.now, cx.texts);
    let key = if last.failed.is_none() {
        "release-rehearsed"
    } else {
        "release-rehearsed-failed"
    };
    Some(cx.msg(&Msg::new(key).with("since", since)))
}

/// The workspace is no repository but holds several: they are released together, and there is no next version of the whole.
fn is_only_together(cx: &Cx<'_>) -> bool {
    let known = cx.workspace.and_then(|workspace| cx.model.release.of(&workspace.id));
    known.is_some_and(|known| !known.only_together.is_empty())
}

/// A release of this workspace runs now.
fn is_running(cx: &Cx<'_>) -> bool {
    let Some(workspace) = cx.workspace else { return false };
    cx.model
        .jobs
        .running()
        .any(|job| job.area == "release" && job.workspace.as_ref() == Some(&workspace.id))
}

impl Page {
    fn ask(&mut self, cx: &Cx<'_>, workspace: &Workspace) {
        self.asked = Some(workspace.id.clone());
        cx.ask(Command::Prepare {
            workspace: workspace.clone(),
            wish: Wish::Commits,
            package: self.package.clone(),
        });
        cx.ask(Command::ListPackages {
            workspace: workspace.clone(),
        });
        cx.ask(Command::List {
            workspace: workspace.clone(),
        });
        // Whether there are several repositories, which Code knows once somebody has looked.
        let repos = cx.model.code.repo(&workspace.id).map(|repo| &repo.trees.repos);
        if repos.is_none_or(|repos| repos.value().is_none()) {
            cx.ask(code::Command::Ask {
                workspace: workspace.clone(),
                ask: code::trees::Ask::Repos { manifest: None },
            });
        }
    }
}

impl crate::areas::page::Page for Page {
    fn actions(&self, cx: &Cx<'_>) -> Vec<Action> {
        let Some(workspace) = cx.workspace else { return Vec::new() };
        let refresh = Action::new("release-refresh", cx.t("release-refresh"), intent("refresh")).icon(icons::REFRESH);
        if is_only_together(cx) {
            return vec![refresh];
        }
        let mut actions = Vec::new();
        let next = readiness(cx).and_then(|readiness| readiness.next.as_ref());
        let unfinished = readiness(cx).and_then(|readiness| readiness.unfinished.as_ref());
        let label = match (unfinished, next) {
            (Some(unfinished), _) if unfinished.waits => cx.msg(&msg!("release-to-confirm", step = &unfinished.step)),
            (Some(unfinished), _) => cx.msg(&msg!("release-go-on", version = &unfinished.version)),
            (None, Some(next)) => {
                let label = cx.msg(&msg!("release-button", version = &next.version));
                match readiness(cx).and_then(|readiness| rehearsed(cx, readiness)) {
                    Some(age) => format!("{label} · {age}"),
                    None => label,
                }
            }
            (None, None) => cx.t("release-button-any"),
        };
        let why_not = is_running(cx).then(|| cx.t("release-runs-already"));
        let release = match unfinished {
            Some(unfinished) if unfinished.waits => Intent::Go(Target::Page {
                area: "release".to_owned(),
                tab: Some(PROCEDURE.to_owned()),
            }),
            Some(_) => Intent::from(Command::Resume {
                workspace: workspace.clone(),
            }),
            None => intent("release"),
        };
        let act = Action::new("release-run", label, release)
            .icon(icons::TAG)
            .primary()
            .disabled_because(why_not);
        actions.push(act);
        if let Some(unfinished) = unfinished.filter(|_| !is_running(cx)) {
            let abort = Command::Abort {
                workspace: workspace.clone(),
            };
            let title = cx.msg(&msg!("release-abort-title", version = &unfinished.version));
            actions.push(
                Action::new("release-abort", cx.t("release-abort"), abort.into())
                    .icon(icons::UNDO)
                    .danger()
                    .disabled_because(unfinished.is_final.then(|| cx.t("release-abort-final")))
                    .confirm(title, cx.t("release-abort-text")),
            );
        }
        let unpushed = readiness(cx).and_then(|readiness| readiness.unpushed.as_ref());
        if let Some(unpushed) = unpushed.filter(|_| !is_running(cx)) {
            let abort = Command::Abort {
                workspace: workspace.clone(),
            };
            let title = cx.msg(&msg!("release-abort-title", version = &unpushed.version));
            let label = cx.msg(&msg!("release-take-back", version = &unpushed.version));
            actions.push(
                Action::new("release-take-back", label, abort.into())
                    .icon(icons::UNDO)
                    .danger()
                    .confirm(title, cx.t("release-take-back-text")),
            );
        }
        if unfinished.is_none() && next.is_some() {
            let rehearse = Command::Rehearse {
                workspace: workspace.clone(),
                wish: Wish::Commits,
                package: self.package.clone(),
            };
            let why_not = readiness(cx)
                .filter(|readiness| !readiness.can_release())
                .map(|_| cx.t("release-rehearse-forbidden"));
            let why_not = why_not.or(is_running(cx).then(|| cx.t("release-runs-already")));
            actions.push(
                Action::new("release-rehearse", cx.t("release-rehearse"), rehearse.into())
                    .icon(icons::HISTORY)
                    .disabled_because(why_not),
            );
        }
        actions.push(refresh);
        if let Some(one) = self.made.selected(cx).filter(|_| cx.tab == DELIVERABLES) {
            actions.extend(made::actions(cx, one).into_iter().map(Action::palette_only));
        }
        actions
    }

    fn subtitle(&self, cx: &Cx<'_>) -> String {
        let Some(readiness) = readiness(cx) else {
            return String::new();
        };
        match (&readiness.next, &readiness.last) {
            (Some(next), Some(last)) => cx.msg(&msg!(
                "release-subtitle",
                last = &last.version,
                next = &next.version,
                n = readiness.n_changes
            )),
            (Some(next), None) => cx.msg(&msg!("release-subtitle-first", next = &next.version)),
            (None, Some(last)) => cx.msg(&msg!("release-subtitle-nothing", last = &last.version)),
            (None, None) => String::new(),
        }
    }

    fn tabs(&self, cx: &Cx<'_>) -> Vec<Tab> {
        let made = cx.workspace.and_then(|workspace| cx.model.release.of(&workspace.id));
        let n = made
            .and_then(|known| known.deliverables.value())
            .map(|list| list.len() as u64);
        let packages = made.map_or(0, |known| known.packages.len() as u64);
        let tab = |id: &'static str, key: &str, count: Option<u64>| Tab {
            id,
            label: cx.t(key),
            count,
        };
        let repositories = tab(REPOSITORIES, "release-tab-repositories", None);
        let deliverables = tab(DELIVERABLES, "release-tab-deliverables", n.filter(|n| *n > 0));
        let matrix = tab(MATRIX, "release-tab-matrix", None);
        if is_only_together(cx) {
            return vec![repositories, deliverables, matrix];
        }
        let mut tabs = vec![
            tab(NEXT, "release-tab-next", None),
            tab(PROCEDURE, "release-tab-procedure", None),
            deliverables,
            matrix,
        ];
        if cx.workspace.is_some_and(|workspace| together::has_several(cx, workspace)) {
            tabs.push(repositories);
        }
        if packages > 0 {
            tabs.insert(2, tab(PACKAGES, "release-tab-packages", Some(packages)));
        }
        tabs
    }

    fn filter_hint(&self, cx: &Cx<'_>) -> Option<String> {
        (cx.tab == DELIVERABLES).then(|| cx.t("release-filter"))
    }

    fn body_ui(&mut self, ui: &mut ui::Ui, cx: &Cx<'_>) {
        let Some(workspace) = cx.workspace else {
            choose_workspace_ui(ui, cx, icons::TAG, &cx.t("release-no-workspace"));
            return;
        };
        if self.asked.as_ref() != Some(&workspace.id) {
            self.next.forget();
            if self.asked.is_some() {
                self.package = None;
            }
            self.ask(cx, workspace);
        }
        match cx.tab {
            DELIVERABLES => self.made.body_ui(ui, cx, workspace),
            MATRIX => self.matrix.body_ui(ui, cx, workspace),
            PACKAGES => self.packages.body_ui(ui, cx, workspace),
            REPOSITORIES => self.repositories.body_ui(ui, cx, workspace),
            PROCEDURE => self.procedure.body_ui(ui, cx, workspace),
            _ => self.next.body_ui(ui, cx, workspace),
        }
    }

    fn has_detail(&self, cx: &Cx<'_>) -> bool {
        cx.tab == DELIVERABLES && self.made.selected(cx).is_some()
    }

    fn detail_ui(&mut self, ui: &mut ui::Ui, cx: &Cx<'_>) {
        if let (Some(workspace), Some(one)) = (cx.workspace, self.made.selected(cx)) {
            made::detail_ui(ui, cx, workspace, one);
        }
    }

    fn dialog_ui(&mut self, ui: &mut ui::Ui, cx: &Cx<'_>) {
        self.next.dialog_ui(ui, cx);
        self.withdraw.dialog_ui(ui, cx);
    }

    fn on_open(&mut self, cx: &Cx<'_>) {
        if let Some(workspace) = cx.workspace {
            self.ask(cx, workspace);
        }
    }

    fn on_action(&mut self, id: &str, cx: &Cx<'_>) {
        match (id, cx.workspace) {
            // The whole is no repository: those in it get a version together.
            ("release", Some(_)) if is_only_together(cx) => cx.ask(Intent::Go(Target::Page {
                area: AreaId::Release.word().to_owned(),
                tab: Some(REPOSITORIES.to_owned()),
            })),
            ("release", Some(_)) => self.next.open_dialog(cx),
            ("refresh", Some(workspace)) => self.ask(cx, workspace),
            ("whole", Some(workspace)) => {
                self.package = None;
                self.ask(cx, workspace);
            }
            (id, Some(workspace)) => {
                if let Some(version) = id.strip_prefix("withdraw:") {
                    self.withdraw.open(version);
                } else if let Some(name) = id.strip_prefix(packages::LOOK) {
                    self.package = Some(name.to_owned());
                    self.ask(cx, workspace);
                }
            }
            _ => {}
        }
    }

    fn on_picked(&mut self, purpose: &str, path: PathBuf, _cx: &Cx<'_>) {
        if purpose == procedure::EVIDENCE {
            self.procedure.attach(path);
        }
    }

    fn reveal(&mut self, target: &Target, _cx: &Cx<'_>) {
        if let Target::Release { version, .. } = target {
            self.made.reveal(version);
        }
    }

    fn tab_of(&self, target: &Target) -> Option<&'static str> {
        matches!(target, Target::Release { .. }).then_some(DELIVERABLES)
    }

    fn learn(&self, cx: &Cx<'_>) {
        let Some(workspace) = cx.workspace else { return };
        let known = cx.model.release.of(&workspace.id);
        if known.is_none_or(|known| known.deliverables.value().is_none()) {
            cx.ask(Command::List {
                workspace: workspace.clone(),
            });
        }
    }

    fn things(&self, cx: &Cx<'_>) -> Vec<(String, Target)> {
        let Some(workspace) = cx.workspace else { return Vec::new() };
        let list = cx
            .model
            .release
            .of(&workspace.id)
            .and_then(|known| known.deliverables.value());
        let of = |version: &str| Target::Release {
            workspace: workspace.id.clone(),
            version: version.to_owned(),
        };
        list.into_iter()
            .flatten()
            .take(50)
            .map(|one| (one.version.clone(), of(&one.version)))
            .collect()
    }

    fn badge(&self, cx: &Cx<'_>) -> Option<Badge> {
        readiness(cx)?.unfinished.as_ref().map(|_| Badge {
            count: 1,
            state: Some(State::Interrupted),
        })
    }

    fn save(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    fn load(&mut self, saved: serde_json::Value) {
        if let Ok(page) = serde_json::from_value(saved) {
            *self = page;
        }
    }
}
