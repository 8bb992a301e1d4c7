//! The window's state: the model, the pages and the frame around them. `tick` takes in what happened, `frame_ui` draws it,
//! `intents` carries out what was asked.

use super::activity::Activity;
use super::front::Front;
use super::overlays::Overlay;
use super::persist::Persist;
use super::problems::ProblemLog;
use super::view::{History, Stop, View};
use crate::areas::page::{Action, Cx, Intent, Page};
use crate::areas::{AreaId, Model, Pages, code, config, deploy, devops, plan, test};
use crate::base::{Catalog, JobId, Lang, Settings, Target, Timestamp, Workspace, WorkspaceId};
use crate::msg;
use crate::ui::palette::{PaletteEntry, PaletteState};
use crate::ui::toast::Toasts;
use crate::ui::{text, theme};
use egui::Context;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The window over whatever stands behind it.
pub struct App<F> {
    pub(super) front: F,
    pub(super) model: Model,
    pub(super) pages: Pages,
    pub(super) view: View,
    pub(super) texts: Catalog,
    pub(super) settings: Arc<Settings>,
    /// The clock of this frame.
    pub(super) now: Timestamp,
    /// The workspace that the view names, once it is known.
    pub(super) workspace: Option<Workspace>,
    pub(super) intents: RefCell<Vec<Intent>>,
    pub(super) history: History,
    /// Jobs that the user asked for, and that are not over.
    pub(super) asked: BTreeSet<JobId>,
    /// When the thread of a thing was asked for.
    pub(super) asked_threads: BTreeMap<String, Timestamp>,
    pub(super) problems: ProblemLog,
    pub(super) toasts: Toasts<Intent>,
    pub(super) palette: PaletteState,
    pub(super) palette_entries: Vec<PaletteEntry<super::palette::Choice>>,
    pub(super) overlay: Overlay,
    pub(super) activity: Activity,
    pub(super) guide: Option<super::guide::Guide>,
    pub(super) persist: Persist,
    /// The language that the command line asked for, and the one of the system.
    lang: (Option<Lang>, Lang),
    title: String,
    pub(super) is_open: bool,
    /// A folder given on the command line, to be selected as soon as it is known.
    pub(super) wanted_root: Option<std::path::PathBuf>,
    pub(super) may_close: bool,
    /// Workspaces whose row of the board is missing or old, and the job that reads rows now.
    pub(super) board_due: BTreeSet<WorkspaceId>,
    pub(super) board_job: Option<JobId>,
    /// When the window was last come back to.
    pub(super) looked_at: Option<Timestamp>,
    pub(super) usage: super::usage::Usage,
}

impl<F: Front> App<F> {
    /// `saved` is the window's state as it was kept; `asked` the language that the command line names, `spoken` the system's.
    pub fn new(front: F, saved: serde_json::Value, asked: Option<Lang>, spoken: Lang) -> Self {
        let settings = front.settings();
        let lang = asked.or(settings.general.language).unwrap_or(spoken);
        let mut app = Self {
            now: front.now(),
            model: Model::default(),
            pages: Pages::default(),
            view: View::default(),
            texts: Catalog::new(lang),
            settings,
            workspace: None,
            intents: RefCell::default(),
            history: History::default(),
            asked: BTreeSet::new(),
            asked_threads: BTreeMap::new(),
            problems: ProblemLog::default(),
            toasts: Toasts::default(),
            palette: PaletteState::default(),
            palette_entries: Vec::new(),
            overlay: Overlay::None,
            activity: Activity::default(),
            guide: None,
            persist: Persist::default(),
            lang: (asked, spoken),
            title: String::new(),
            is_open: false,
            wanted_root: None,
            may_close: false,
            board_due: BTreeSet::new(),
            board_job: None,
            looked_at: Some(front.now()),
            usage: super::usage::Usage::default(),
            front,
        };
        app.restore(saved);
        app
    }

    /// Before the first frame: how events wake this window, and what the first page wants to know.
    pub fn open(&mut self, ctx: &Context) {
        self.front.wake(ctx);
        text::install(ctx, &self.texts);
        theme::apply(ctx, self.settings.appearance.theme, self.settings.appearance.scale);
        self.is_open = true;
        self.ask(devops::Command::LoadWorkspaces);
        // What is edited in the settings file counts at once, whichever page is open.
        self.ask(config::Command::Watch);
        // Pipelines start on commits whichever page is open.
        self.ask(crate::areas::build::Command::WatchPipelines { workspaces: Vec::new() });
        // So are checks, and alerts are known, as long as no other program does it.
        self.ask(crate::areas::monitor::Command::Watch {
            workspaces: Vec::new(),
            listen: None,
            with_runbooks: false,
        });
        // Runbooks start at their times.
        self.ask(crate::areas::operate::Command::WatchSchedules { workspaces: Vec::new() });
        // What the command line does meanwhile shows here.
        self.ask(devops::Command::WatchRuns);
        let area = self.view.area;
        self.history.push(Stop {
            area,
            tab: self.view.tab(area).to_owned(),
            target: None,
        });
        self.with_page(area, |page, cx| page.on_open(cx));
        self.carry_out(ctx);
    }

    /// Selects the workspace that the command line names; a folder that is none yet becomes one.
    pub fn open_folder(&mut self, workspace: Workspace, is_known: bool) {
        if is_known {
            self.view.workspace = Some(workspace.id);
            return;
        }
        // Nothing of the one before is shown until it is there.
        self.view.workspace = None;
        self.wanted_root = Some(workspace.root.clone());
        self.ask(devops::Command::AddWorkspace {
            path: workspace.root,
            group: String::new(),
        });
    }

    /// Something to be told to the user that came before the first frame.
    pub fn tell(&mut self, problem: crate::base::Problem) {
        self.problems.push(problem, self.now);
    }

    pub fn model(&self) -> &Model {
        &self.model
    }

    pub fn view(&self) -> &View {
        &self.view
    }

    pub fn front(&mut self) -> &mut F {
        &mut self.front
    }

    pub(super) fn into_front(self) -> F {
        self.front
    }

    /// The names of the environments that the switcher offers.
    pub(super) fn environments(&self) -> Vec<String> {
        let known = self
            .workspace
            .as_ref()
            .and_then(|workspace| self.model.deploy.of(&workspace.id));
        let overview = known.and_then(|known| known.overview.value());
        overview.map_or_else(Vec::new, |overview| {
            overview
                .environments
                .iter()
                .map(|environment| environment.name.clone())
                .collect()
        })
    }

    /// Asks as a page does; carried out after the frame.
    pub fn ask(&self, intent: impl Into<Intent>) {
        self.intents.borrow_mut().push(intent.into());
    }

    pub(super) fn t(&self, key: &str) -> String {
        self.texts.t(key).into_owned()
    }

    /// A page with everything that it may look at.
    pub(super) fn with_page<R>(&mut self, area: AreaId, act: impl FnOnce(&mut dyn Page, &Cx<'_>) -> R) -> R {
        let tab = self.view.tab(area).to_owned();
        let filter = self.view.filter(area).to_owned();
        self.with_page_at(area, &tab, &filter, act)
    }

    pub(super) fn with_page_at<R>(
        &mut self,
        area: AreaId,
        tab: &str,
        filter: &str,
        act: impl FnOnce(&mut dyn Page, &Cx<'_>) -> R,
    ) -> R {
        let cx = Cx {
            model: &self.model,
            texts: &self.texts,
            settings: &self.settings,
            now: self.now,
            workspace: self.workspace.as_ref(),
            environment: self.view.environment.as_deref(),
            tab,
            filter,
            intents: &self.intents,
        };
        act(self.pages.get_mut(area), &cx)
    }

    /// The actions of a page; with a recording behind the window, what would need an engine says so.
    pub(super) fn actions_of(&mut self, area: AreaId) -> Vec<Action> {
        let mut actions = self.with_page(area, |page, cx| page.actions(cx));
        if self.front.timeline().is_some() {
            let why = self.t("shell-replay-disabled");
            for action in &mut actions {
                if matches!(action.intent, Intent::Do(_) | Intent::Cancel(_)) {
                    action.disabled_because = Some(why.clone());
                }
            }
        }
        actions
    }

    /// Goes to a page, or to a tab of it, and remembers the way.
    pub(super) fn go(&mut self, area: AreaId, tab: Option<&str>, target: Option<Target>) {
        let changed = area != self.view.area;
        self.view.area = area;
        if let Some(tab) = tab {
            self.view.set_tab(area, tab);
        }
        if let Some(target) = &target {
            let wanted = self.with_page(area, |page, _| page.tab_of(target));
            if let Some(wanted) = wanted {
                self.view.set_tab(area, wanted);
            }
        }
        if changed || target.is_some() {
            self.with_page(area, |page, cx| page.on_open(cx));
        }
        if let Some(target) = &target {
            self.with_page(area, |page, cx| page.reveal(target, cx));
        }
        self.history.push(Stop {
            area,
            tab: self.view.tab(area).to_owned(),
            target,
        });
    }

    /// Goes where the history says, without remembering it once more.
    pub(super) fn go_to_stop(&mut self, stop: Stop) {
        self.view.area = stop.area;
        self.view.set_tab(stop.area, &stop.tab);
        self.with_page(stop.area, |page, cx| page.on_open(cx));
        if let Some(target) = &stop.target {
            self.with_page(stop.area, |page, cx| page.reveal(target, cx));
        }
    }

    pub(super) fn select_workspace(&mut self, id: Option<WorkspaceId>) {
        if self.view.workspace == id {
            return;
        }
        self.view.workspace = id;
        self.view.environment = None;
        self.find_workspace();
        let area = self.view.area;
        self.with_page(area, |page, cx| page.on_open(cx));
    }

    /// The workspace that the view names, from the model.
    pub(super) fn find_workspace(&mut self) {
        let known = &self.model.devops;
        if let Some(root) = &self.wanted_root {
            let found = known.infos().iter().find(|info| info.workspace.root == *root);
            if let Some(info) = found {
                let wanted = Some(info.workspace.id.clone());
                // The environment that was chosen is one of the workspace before.
                if self.view.workspace != wanted {
                    self.view.environment = None;
                }
                self.view.workspace = wanted;
                self.wanted_root = None;
            }
        }
        let found = self.view.workspace.as_ref().and_then(|id| known.workspace(id)).cloned();
        // A workspace that was removed is not chosen any more; one that is not loaded yet stays chosen.
        if found.is_none() && known.workspaces.is_ready() {
            self.view.workspace = None;
            self.view.environment = None;
        }
        if self.workspace != found {
            // What watched the one before watches this one from now on, or nothing; the page of the sources asks by itself.
            let watched = self
                .workspace
                .as_ref()
                .filter(|old| self.model.code.watching(&old.id).is_some());
            match (watched.cloned(), &found) {
                (Some(old), None) => self.ask(code::Command::StopWatch { workspace: old }),
                (_, Some(new)) if self.view.area != AreaId::Code => {
                    self.ask(code::Command::Watch { workspace: new.clone() });
                }
                _ => {}
            }
            self.workspace = found;
            // The switcher beside it offers its environments, and the sidebar counts what waits on pages that nobody opened yet.
            if let Some(workspace) = self.workspace.clone() {
                self.board_due.insert(workspace.id.clone());
                self.ask(deploy::Command::Refresh {
                    workspace: workspace.clone(),
                });
                self.ask(test::Command::Refresh {
                    workspace: workspace.clone(),
                });
                if self.view.area != AreaId::Plan {
                    self.ask(plan::Command::Load { workspace });
                }
            }
            if self.is_open {
                let area = self.view.area;
                self.with_page(area, |page, cx| page.on_open(cx));
            }
        }
    }

    /// Language, theme and scale follow the settings at once.
    pub(super) fn follow_settings(&mut self, ctx: &Context) {
        self.settings = self.front.settings();
        let lang = self.lang.0.or(self.settings.general.language).unwrap_or(self.lang.1);
        if lang != self.texts.lang() {
            self.texts = Catalog::new(lang);
            text::install(ctx, &self.texts);
        }
        theme::apply(ctx, self.settings.appearance.theme, self.settings.appearance.scale);
    }

    /// The window's title with workspace and state, told to the desktop when it changes.
    pub(super) fn tell_title(&mut self, ctx: &Context) {
        let name = self
            .workspace
            .as_ref()
            .map_or_else(|| self.t("shell-all-workspaces"), |workspace| workspace.name.clone());
        let area = self.t(self.view.area.key());
        let n_running = self.model.jobs.running().count();
        let title = if n_running == 0 {
            self.texts.msg(&msg!("shell-title", workspace = name, area = area))
        } else {
            self.texts
                .msg(&msg!("shell-title-busy", workspace = name, area = area, n = n_running))
        };
        if title != self.title {
            ctx.send_viewport_cmd(egui::ViewportCommand::Title(title.clone()));
            self.title = title;
        }
    }
}
