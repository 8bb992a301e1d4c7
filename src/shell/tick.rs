//! What happens between two frames: events reach the model, problems are told, the window's state is kept.

use super::app::App;
use super::front::{Front, Outside};
use super::overlays::Overlay;
use crate::areas::page::{Intent, UiIntent};
use crate::areas::{AreaId, Event, Model, Update, code, deploy, devops, test};
use crate::base::{JobId, Problem, SafeText, State, Target, time};
use crate::engine::{JobEvent, Outcome};
use crate::ui::toast::Toast;
use egui::Context;
use std::time::{Duration, Instant};

/// Time for events per frame; more wait for the next one.
const BUDGET: Duration = Duration::from_millis(10);

impl<F: Front> App<F> {
    /// Takes in what happened. Called before each frame, and also while the window is hidden.
    pub fn tick(&mut self, ctx: &Context) {
        if !self.is_open {
            self.open(ctx);
        }
        let since = Instant::now();
        self.now = self.front.now();
        let mut n_events = 0;
        let (mut more, mut is_learnt) = (false, false);
        while let Some(event) = self.front.poll() {
            if self.front.timeline().is_some_and(super::replay::Timeline::take_starts_over) {
                self.model = Model::default();
            }
            self.notice(ctx, &event);
            is_learnt |= matches!(event, Event::Update(_));
            self.model.apply(event);
            n_events += 1;
            if since.elapsed() > BUDGET {
                more = true;
                break;
            }
        }
        if self.front.timeline().is_some_and(super::replay::Timeline::take_starts_over) {
            self.model = Model::default();
        }
        while let Some(outside) = self.front.poll_outside() {
            n_events += 1;
            self.take_in(ctx, outside);
        }
        if self.usage.is_due(self.now)
            && let Some(seen) = self.front.own_usage()
        {
            self.usage.take(self.now, seen);
        }
        self.guide_tick();
        self.follow_settings(ctx);
        self.notice_focus(ctx);
        if n_events > 0 || self.wanted_root.is_some() {
            self.find_workspace();
            self.activity.follow(&self.model.jobs, self.view.shows_quiet_jobs);
            self.refresh_board();
        }
        if is_learnt {
            self.palette_entries.clear();
        }
        if more {
            ctx.request_repaint();
        } else if let Some(secs) = self.front.timeline().and_then(|timeline| timeline.due_in_secs()) {
            ctx.request_repaint_after_secs(secs);
        } else if self.model.jobs.running().any(|job| !job.quiet) && self.front.timeline().is_none() {
            // The clocks of running jobs are the only thing that moves by itself; watches show none.
            ctx.request_repaint_after_secs(1.0);
        }
        self.hold_closing(ctx);
        self.tell_title(ctx);
        self.carry_out(ctx);
        self.keep_state(ctx);
    }

    /// What of an event concerns the frame: failures and what took long.
    fn notice(&mut self, ctx: &Context, event: &Event) {
        match event {
            Event::Job(_, JobEvent::Problem(problem)) => self.problems.push(problem.clone(), self.now),
            Event::Job(id, JobEvent::Ended { outcome, at }) => {
                let was_asked = self.asked.remove(id);
                if self.board_job == Some(*id) {
                    self.board_job = None;
                }
                let Some(row) = self.model.jobs.get(*id) else { return };
                let is_child = row.parent.is_some();
                let lasted_secs = time::secs_between(row.started_at.unwrap_or(*at), *at);
                let is_quiet = row.quiet;
                let was_long = lasted_secs >= self.settings.general.notify_after_secs as f64;
                // What ran may have changed the sources, the builds, the tests or the instances.
                if !is_quiet && !is_child {
                    self.asked_threads.clear();
                    self.board_due.extend(row.workspace.clone());
                }
                if was_asked && !is_quiet && was_long && !ctx.input(|input| input.focused) {
                    let look = egui::ViewportCommand::RequestUserAttention(egui::UserAttentionType::Informational);
                    ctx.send_viewport_cmd(look);
                    let title = self.texts.msg(&row.title);
                    let text = match outcome {
                        Outcome::Failed { problem } => self.texts.msg(&problem.summary),
                        Outcome::Cancelled => self.t("shell-notify-cancelled"),
                        Outcome::Done => {
                            let lasted = crate::base::format::duration_secs(lasted_secs, &self.texts);
                            self.texts.msg(&crate::msg!("shell-notify-done", lasted = lasted))
                        }
                    };
                    if self.settings.general.notify {
                        self.front.notify(title, text);
                    }
                }
                if let Outcome::Failed { problem } = outcome
                    && !is_child
                {
                    self.tell_failure(ctx, *id, problem, is_quiet);
                }
            }
            Event::Update(Update::DevOps(devops::Update::RanElsewhere { rows })) => self.follow_others(rows),
            Event::Update(Update::DevOps(devops::Update::WorkspaceChanged { workspace })) => self.follow_folder(workspace),
            _ => {}
        }
    }

    /// What another program ran may have changed everything that is known of its workspace.
    fn follow_others(&mut self, rows: &[devops::RunRow]) {
        self.asked_threads.clear();
        self.board_due.extend(rows.iter().filter_map(|row| row.workspace.clone()));
        let Some(workspace) = self.workspace.clone() else { return };
        if !rows.iter().any(|row| row.workspace.as_ref() == Some(&workspace.id)) {
            return;
        }
        let area = self.view.area;
        if area != AreaId::Test {
            self.ask(test::Command::Refresh { workspace });
        }
        self.with_page(area, |page, cx| page.on_open(cx));
    }

    /// A folder that came back is read and watched as if the workspace were chosen anew; a project file that changed is read.
    fn follow_folder(&mut self, info: &devops::WorkspaceInfo) {
        self.board_due.insert(info.workspace.id.clone());
        if self.workspace.as_ref() != Some(&info.workspace) || info.is_missing {
            return;
        }
        let workspace = info.workspace.clone();
        if self.is_gone() {
            self.ask(code::Command::Watch {
                workspace: workspace.clone(),
            });
        }
        self.ask(deploy::Command::Refresh { workspace });
        let area = self.view.area;
        self.with_page(area, |page, cx| page.on_open(cx));
    }

    /// Reads the rows of the board that are missing or old, one job at a time.
    fn refresh_board(&mut self) {
        let known = &self.model.devops;
        let is_missing = |info: &&devops::WorkspaceInfo| !known.board.contains_key(&info.workspace.id);
        self.board_due
            .extend(known.infos().iter().filter(is_missing).map(|info| info.workspace.id.clone()));
        if self.board_job.is_some() || self.board_due.is_empty() || self.front.timeline().is_some() {
            return;
        }
        let due = std::mem::take(&mut self.board_due);
        let workspaces: Vec<_> = due.iter().filter_map(|id| self.model.devops.workspace(id)).cloned().collect();
        if !workspaces.is_empty() {
            self.board_job = self.front.start(devops::Command::RefreshBoard { workspaces }.into());
        }
    }

    /// Whoever comes back from an editor or a terminal wants to see what he did there.
    fn notice_focus(&mut self, ctx: &Context) {
        const AGAIN_AFTER_SECS: f64 = 5.0;
        let came_back = ctx.input(|input| {
            input
                .events
                .iter()
                .any(|event| matches!(event, egui::Event::WindowFocused(true)))
        });
        let is_fresh = self
            .looked_at
            .is_some_and(|at| time::secs_between(at, self.now) < AGAIN_AFTER_SECS);
        if !came_back || is_fresh {
            return;
        }
        self.looked_at = Some(self.now);
        self.board_due
            .extend(self.workspace.as_ref().map(|workspace| workspace.id.clone()));
        self.refresh_board();
    }

    fn tell_failure(&mut self, ctx: &Context, id: JobId, problem: &Problem, is_quiet: bool) {
        self.problems.push(problem.clone(), self.now);
        if is_quiet || self.front.timeline().is_some() {
            return;
        }
        let summary = self.texts.msg(&problem.summary);
        let note = match &problem.hint {
            Some(hint) => self.texts.msg(hint),
            // What a program said last is mostly why.
            None => problem
                .details
                .lines()
                .rfind(|line| !line.trim().is_empty())
                .unwrap_or_default()
                .to_owned(),
        };
        let note = SafeText::new(note.trim()).into_string();
        let toast = Toast::new(State::Failed, summary).note(note);
        let toast = if problem.is_untrusted() && self.workspace.is_some() {
            toast.action(
                self.t("shell-trust-button"),
                Intent::Ui(UiIntent::PageAction(AreaId::DevOps, "devops-trust".to_owned())),
            )
        } else {
            toast.action(self.t("shell-show"), Intent::Ui(UiIntent::ShowJob(id)))
        };
        self.toasts.push(ctx, toast);
    }

    pub(super) fn take_in(&mut self, ctx: &Context, outside: Outside) {
        match outside {
            Outside::Picked { area, purpose, path } => self.with_page(area, |page, cx| page.on_picked(&purpose, path, cx)),
            Outside::NoFileDialog { pick } => {
                let at = std::env::var("HOME").map(|home| format!("{home}/")).unwrap_or_default();
                self.overlay = Overlay::Path { pick, text: at };
            }
            Outside::TrustDescribed { id, files, state } => {
                if let Overlay::Trust(dialog) = &mut self.overlay {
                    dialog.describe(&id, files, state);
                }
            }
            Outside::Terminated => {
                self.may_close = true;
                ctx.send_viewport_cmd(egui::ViewportCommand::Close);
            }
            Outside::Problem(problem) => {
                let summary = self.texts.msg(&problem.summary);
                self.problems.push(problem, self.now);
                self.toasts.push(ctx, Toast::new(State::Failed, summary));
            }
        }
        ctx.request_repaint();
    }

    /// Closing stops what runs: that is asked first.
    fn hold_closing(&mut self, ctx: &Context) {
        if !ctx.input(|input| input.viewport().close_requested()) || self.may_close || self.front.timeline().is_some() {
            return;
        }
        if self.model.jobs.running().any(|row| self.asked.contains(&row.id)) {
            ctx.send_viewport_cmd(egui::ViewportCommand::CancelClose);
            self.overlay = Overlay::Quit;
            ctx.request_repaint();
        }
    }

    /// Whether the thread of this thing may be asked for again: a page asks in every frame until it is there.
    pub(super) fn may_ask_thread(&mut self, of: &Target) -> bool {
        const AGAIN_AFTER_SECS: f64 = 20.0;
        let key = serde_json::to_string(of).unwrap_or_default();
        let is_fresh = self
            .asked_threads
            .get(&key)
            .is_some_and(|at| time::secs_between(*at, self.now) < AGAIN_AFTER_SECS);
        if is_fresh {
            return false;
        }
        if self.asked_threads.len() > 500 {
            self.asked_threads.clear();
        }
        self.asked_threads.insert(key, self.now);
        true
    }
}
