//! What the pages and the frame asked for while they were drawn, carried out after the frame.

use super::app::App;
use super::front::{Front, Pick};
use crate::areas::page::{Intent, UiIntent};
use crate::areas::{AreaId, Command, area_of, devops};
use crate::base::{State, Target, Workspace, WorkspaceId};
use crate::ui::toast::Toast;
use egui::Context;

impl<F: Front> App<F> {
    /// Carries out everything that was asked; what is asked meanwhile comes in the same round, within reason.
    pub(super) fn carry_out(&mut self, ctx: &Context) {
        for _round in 0..4 {
            let intents = std::mem::take(&mut *self.intents.borrow_mut());
            if intents.is_empty() {
                return;
            }
            for intent in intents {
                if self.carry_out_one(ctx, intent) {
                    ctx.request_repaint();
                }
            }
        }
    }

    /// True when something on the screen may have changed.
    fn carry_out_one(&mut self, ctx: &Context, intent: Intent) -> bool {
        match intent {
            Intent::Do(command) => self.start(command),
            Intent::Cancel(job) => {
                self.front.cancel(job);
                false
            }
            Intent::Go(target) => {
                self.show(target);
                true
            }
            Intent::Ui(intent) => {
                self.carry_out_ui(ctx, intent);
                true
            }
        }
    }

    fn start(&mut self, command: Command) -> bool {
        if let Command::DevOps(devops::Command::ShowThread { of, .. }) = &command
            && !self.may_ask_thread(of)
        {
            return false;
        }
        // What is typed is no job that ends.
        let is_typed = matches!(&command, Command::DevOps(devops::Command::TellTerminal { .. }));
        if let Some(id) = self.front.start(command)
            && !is_typed
        {
            self.asked.insert(id);
        }
        // The engine's first event wakes the window.
        false
    }

    /// Opens the page of a thing and shows it there.
    fn show(&mut self, target: Target) {
        let area = area_of(&target);
        let workspace = workspace_of(&target);
        let elsewhere = workspace.is_some() && workspace != self.view.workspace.as_ref();
        if elsewhere && area != AreaId::DevOps {
            self.select_workspace(workspace.cloned());
        }
        match &target {
            Target::Page { tab, .. } => {
                let tab = tab.clone();
                self.go(area, tab.as_deref(), None);
            }
            _ => self.go(area, None, Some(target)),
        }
    }

    fn carry_out_ui(&mut self, ctx: &Context, intent: UiIntent) {
        match intent {
            UiIntent::PageAction(AreaId::DevOps, id) if id.starts_with("devops-trust") => {
                let named = id.strip_prefix("devops-trust/").map(|id| WorkspaceId(id.to_owned()));
                let workspace = match &named {
                    Some(id) => self.model.devops.workspace(id).cloned(),
                    None => self.workspace.clone(),
                };
                self.open_trust(workspace);
            }
            UiIntent::PageAction(area, id) => self.with_page(area, |page, cx| page.on_action(&id, cx)),
            UiIntent::Copy(text) => ctx.copy_text(text),
            UiIntent::OpenUrl(url) => self.front.open_url(url),
            UiIntent::PickFolder(area, purpose) => self.pick(area, purpose, true),
            UiIntent::PickFile(area, purpose) => self.pick(area, purpose, false),
            UiIntent::SelectWorkspace(id) => self.select_workspace(id),
            UiIntent::OpenFolder(root) => {
                let workspace = Workspace::at(&root);
                if self.model.devops.workspace(&workspace.id).is_some() {
                    self.select_workspace(Some(workspace.id));
                } else {
                    self.open_folder(workspace, false);
                }
            }
            UiIntent::SelectEnvironment(name) => self.view.environment = name,
            UiIntent::ShowJob(id) => {
                self.view.activity_open = true;
                self.activity.select(id);
            }
            UiIntent::Toast { text, word, undo } => {
                let mut toast = Toast::new(State::Done, text);
                toast = match (undo, word) {
                    (Some(undo), Some(word)) => toast.action(word, *undo),
                    (Some(undo), None) => toast.undo(self.t("shell-undo"), *undo),
                    (None, _) => toast,
                };
                self.toasts.push(ctx, toast);
            }
            UiIntent::Refused(text) => self.toasts.push(ctx, Toast::new(State::Degraded, text)),
            UiIntent::Filter(words) => {
                let area = self.view.area;
                self.view.set_filter(area, words);
            }
            UiIntent::Tour => self.begin_tour(),
            UiIntent::Quit => ctx.send_viewport_cmd(egui::ViewportCommand::Close),
        }
    }

    fn pick(&mut self, area: AreaId, purpose: String, folder: bool) {
        let title = self.t(if folder { "shell-pick-folder" } else { "shell-pick-file" });
        self.front.pick(Pick {
            area,
            purpose,
            folder,
            title,
        });
    }
}

fn workspace_of(target: &Target) -> Option<&WorkspaceId> {
    match target {
        Target::Workspace { workspace }
        | Target::Item { workspace, .. }
        | Target::Commit { workspace, .. }
        | Target::ChangedFile { workspace, .. }
        | Target::Task { workspace, .. }
        | Target::TestCase { workspace, .. }
        | Target::Release { workspace, .. }
        | Target::Environment { workspace, .. }
        | Target::Deployment { workspace, .. }
        | Target::Check { workspace, .. } => Some(workspace),
        Target::Page { .. } | Target::Run { .. } | Target::Log { .. } | Target::Instance { .. } | Target::Setting { .. } => None,
    }
}
