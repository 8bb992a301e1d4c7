//! The page of Operate: what runs, by environment, live; what the selected instance says; and what can be done to it.

mod instance;
mod rows;
mod words;

use super::{Command, Instance, InstanceKind, model};
use crate::areas::AreaId;
use crate::areas::page::{Action, Badge, Cx, Intent, UiIntent};
use crate::base::{State, Target, Timestamp, WorkspaceId, time};
use crate::msg;
use crate::ui::log_view::{LogSource, LogState, log_ui};
use crate::ui::page_frame::{self, LoadableAsk, LoadableView};
use crate::ui::table::row_key;
use crate::ui::{Ui, icons, state_mark};
use serde::{Deserialize, Serialize};

/// Height of the log at first.
const LOG: f32 = 230.0;
/// Lines of a log that are read when it is opened.
const LOG_LINES: u32 = 1000;
/// A watch lasts so long; the page asks for the next one before.
const WATCH_SECS: u32 = 40;
const RENEW_SECS: f64 = 30.0;

/// What the user sees and selects here.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Page {
    rows: rows::Rows,
    log: LogState,
    /// The instance whose output was asked for.
    #[serde(skip)]
    log_of: Option<String>,
    /// When a watch was asked for, and of what.
    #[serde(skip)]
    watched: Option<(Timestamp, Option<WorkspaceId>)>,
}

impl Page {
    fn watch(&mut self, cx: &Cx<'_>) {
        self.watched = Some((cx.now, cx.workspace.map(|workspace| workspace.id.clone())));
        cx.ask(Command::Watch {
            workspaces: cx.workspace.cloned().into_iter().collect(),
            secs: Some(WATCH_SECS),
        });
    }

    /// The watch ends by itself when nobody looks any more.
    fn keep_watching(&mut self, cx: &Cx<'_>) {
        let is_fresh = self.watched.as_ref().is_some_and(|(at, of)| {
            time::secs_between(*at, cx.now) < RENEW_SECS && of.as_ref() == cx.workspace.map(|workspace| &workspace.id)
        });
        if !is_fresh {
            self.watch(cx);
        }
    }

    /// The output of the selected instance is read on; another selection ends it.
    fn keep_log(&mut self, cx: &Cx<'_>) {
        let wanted = self.rows.single(cx).filter(|instance| has_log(instance));
        if wanted.map(|instance| instance.id.as_str()) == self.log_of.as_deref() {
            return;
        }
        match wanted {
            Some(instance) => cx.ask(Command::ShowLogs {
                instance: instance.clone(),
                n_lines: LOG_LINES,
                follow: true,
            }),
            None => {
                let mut running = cx.model.jobs.running();
                if let Some(job) = running.find(|job| job.quiet && job.title.key == "operate-job-logs") {
                    cx.ask(Intent::Cancel(job.id));
                }
            }
        }
        self.log_of = wanted.map(|instance| instance.id.clone());
    }

    fn problems_ui(ui: &mut Ui, cx: &Cx<'_>) {
        for problem in &cx.model.operate.problems {
            page_frame::bar_ui(ui, 30.0, |ui| {
                let details = problem.hint.as_ref().map(|hint| cx.msg(hint)).unwrap_or_default();
                let shown = state_mark::label_ui(ui, State::Degraded, &cx.msg(&problem.summary));
                let whole = format!("{}\n{details}", problem.details);
                if !whole.trim().is_empty() {
                    shown.on_hover_text(whole.trim());
                }
            });
        }
    }

    fn log_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let Some(instance) = self.rows.single(cx) else { return };
        // The panel is as high as what it holds, also before there is a line.
        ui.set_min_height(ui.available_height());
        if !has_log(instance) {
            let why = cx.msg(&msg!("operate-no-log", name = instance.name.as_str()));
            let hint = cx.t("operate-no-log-hint");
            page_frame::empty_ui(ui, icons::LOG, &format!("{why}. {hint}"), None);
            return;
        }
        let title = cx.msg(&msg!("operate-log-of", name = instance.name.as_str()));
        let key = row_key(&instance.id);
        match cx.model.operate.log.as_ref().filter(|log| log.instance == instance.id) {
            Some(log) => {
                let source = LogSource::ring(key, log.n_dropped, &log.lines);
                log_ui(ui, "operate-log", &title, &mut self.log, &source);
            }
            None => page_frame::loading_ui(ui, None),
        }
    }

    fn list_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let is_filtered = !cx.filter.trim().is_empty() || cx.environment.is_some();
        if self.rows.is_empty() && cx.model.operate.seen_at.is_some() && is_filtered {
            page_frame::empty_ui(ui, icons::FILTER, &cx.t("operate-filter-nothing"), None);
            return;
        }
        let empty = cx.t("operate-empty");
        let deploy = cx.t("operate-empty-deploy");
        let view = LoadableView {
            icon: icons::SERVER,
            empty: &empty,
            empty_action: Some(&deploy),
            progress: None,
        };
        let is_empty = self.rows.is_empty();
        let asked = page_frame::loadable_ui(
            ui,
            &cx.model.operate.instances,
            &view,
            |_| is_empty,
            |ui, _| self.rows.table_ui(ui, cx),
        );
        match asked {
            Some(LoadableAsk::Retry) => self.watch(cx),
            Some(LoadableAsk::Fill) => cx.ask(Intent::Go(Target::Page {
                area: AreaId::Deploy.word().to_owned(),
                tab: None,
            })),
            None => {}
        }
    }
}

/// The output is kept, or the engine has it.
fn has_log(instance: &Instance) -> bool {
    instance.log_path.is_some() || instance.kind == InstanceKind::Container
}

impl crate::areas::page::Page for Page {
    fn actions(&self, cx: &Cx<'_>) -> Vec<Action> {
        let again = Intent::Ui(UiIntent::PageAction(AreaId::Operate, "look".to_owned()));
        let mut actions = vec![Action::new("operate-look", cx.t("operate-look"), again).icon(icons::REFRESH)];
        let selected = self.rows.selected(cx);
        actions.extend(instance::actions(&selected, cx).into_iter().map(|action| {
            if selected.len() > 1 && !action.danger {
                action.toolbar()
            } else {
                action
            }
        }));
        actions
    }

    fn subtitle(&self, cx: &Cx<'_>) -> String {
        let counts = self.rows.counts(cx);
        if cx.model.operate.seen_at.is_none() || counts.n_all == 0 {
            return String::new();
        }
        let mut words = vec![cx.msg(&msg!("operate-n-instances", n = counts.n_all))];
        words.extend(counts.to_look_at.iter().map(|(n, key)| format!("{n} {}", cx.t(key))));
        words.join(", ")
    }

    fn filter_hint(&self, cx: &Cx<'_>) -> Option<String> {
        Some(cx.t("operate-filter"))
    }

    fn body_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        self.keep_watching(cx);
        self.rows.arrange(cx);
        self.keep_log(cx);
        Self::problems_ui(ui, cx);
        if self.rows.single(cx).is_some() {
            let mut both = (self, cx);
            page_frame::split_bottom_ui(
                ui,
                "operate-log",
                LOG,
                &mut both,
                |ui, (page, cx)| page.log_ui(ui, cx),
                |ui, (page, cx)| page.list_ui(ui, cx),
            );
        } else {
            self.list_ui(ui, cx);
        }
    }

    fn has_detail(&self, cx: &Cx<'_>) -> bool {
        !self.rows.selected(cx).is_empty()
    }

    fn detail_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        match self.rows.selected(cx).as_slice() {
            [] => {}
            [one] => instance::detail_ui(ui, cx, one),
            several => instance::several_ui(ui, cx, several),
        }
    }

    fn on_open(&mut self, cx: &Cx<'_>) {
        self.log_of = None;
        self.watch(cx);
    }

    fn on_action(&mut self, id: &str, cx: &Cx<'_>) {
        if id == "look" {
            self.watch(cx);
        }
    }

    fn reveal(&mut self, target: &Target, _cx: &Cx<'_>) {
        if let Target::Instance { id } = target {
            self.rows.reveal(id);
        }
    }

    fn things(&self, cx: &Cx<'_>) -> Vec<(String, Target)> {
        let name = |instance: &Instance| match &instance.environment {
            Some(environment) => format!("{} {environment}", instance.name),
            None => instance.name.clone(),
        };
        let all = cx.model.operate.all().iter().take(model::RING);
        all.map(|instance| (name(instance), Target::Instance { id: instance.id.clone() }))
            .collect()
    }

    fn badge(&self, cx: &Cx<'_>) -> Option<Badge> {
        let count = cx.model.operate.n_failed as u64;
        (count > 0).then_some(Badge {
            count,
            state: Some(State::Failed),
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
