//! The page of Deploy: environments left to right, the rollout that runs, what one can return to, history, audit log.

mod asking;
mod cards;
mod detail;
mod failed;
mod lists;
mod live;
mod planning;
mod plans;
mod rehearsal;

use super::guide::Decision;
use super::rehearsal::Rehearsal;
use super::{Command, Environment, Kind, Overview};
use crate::areas::AreaId;
use crate::areas::page::{Action, Badge, Cx, Intent, Tab, UiIntent, choose_workspace_ui};
use crate::base::{Loadable, State, Target, Workspace, WorkspaceId};
use crate::msg;
use crate::ui::page_frame::{self, LoadableAsk, LoadableView, loadable_ui};
use crate::ui::{self, icons};
use serde::{Deserialize, Serialize};

const ENVIRONMENTS: &str = "environments";
const PLANS: &str = "plans";
const HISTORY: &str = "history";
const AUDIT: &str = "audit";
/// Addresses of an environment that are offered among its first actions; the others stand behind all of them.
const N_OPENED: usize = 2;

/// What the user sees and selects here.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Page {
    /// The selected environment; None takes the first.
    environment: Option<String>,
    history: lists::History,
    audit: lists::Audit,
    #[serde(skip)]
    asking: Option<asking::Asking>,
    #[serde(skip)]
    plans: plans::Plans,
    /// The workspace that was asked for last.
    #[serde(skip)]
    asked: Option<WorkspaceId>,
    /// The newest rollout that had ended when the page was read.
    #[serde(skip)]
    seen: Option<i64>,
    /// The deployment that waited for somebody then: its number and how many steps it had behind it.
    #[serde(skip)]
    watched: Option<(i64, usize)>,
}

fn overview<'a>(cx: &Cx<'a>) -> Option<&'a Overview> {
    loadable(cx)?.value()
}

fn loadable<'a>(cx: &Cx<'a>) -> Option<&'a Loadable<Overview>> {
    let workspace = cx.workspace?;
    Some(&cx.model.deploy.of(&workspace.id)?.overview)
}

fn intent(id: impl Into<String>) -> Intent {
    Intent::Ui(UiIntent::PageAction(AreaId::Deploy, id.into()))
}

/// The key of the word that an environment's state has here.
/// What is said of it: that it waits for a decision comes before that it is being changed.
fn state_of(one: &Environment) -> (State, &'static str) {
    if one.asks.is_some() {
        return (State::Degraded, "deploy-state-asks");
    }
    (one.state, state_key(one.state))
}

fn state_key(state: State) -> &'static str {
    match state {
        State::Running => "deploy-state-healthy",
        State::Degraded => "deploy-state-degraded",
        State::Failed => "deploy-state-down",
        State::InProgress => "deploy-state-changing",
        State::Interrupted => "deploy-state-interrupted",
        _ => "deploy-state-empty",
    }
}

impl Page {
    fn ask(&mut self, cx: &Cx<'_>, workspace: &Workspace) {
        self.asked = Some(workspace.id.clone());
        cx.ask(Command::Refresh {
            workspace: workspace.clone(),
        });
    }

    /// The environment that the detail is about.
    fn selected<'a>(&self, cx: &Cx<'a>) -> Option<&'a Environment> {
        let overview = overview(cx)?;
        let named = |name: &str| overview.environments.iter().find(|one| one.name == name);
        let chosen = self.environment.as_deref().and_then(named);
        chosen
            .or_else(|| cx.environment.and_then(named))
            .or(overview.environments.first())
    }

    fn select(&mut self, name: &str) {
        self.environment = Some(name.to_owned());
    }
}

/// Onto what an environment is deployed, and how.
fn how_words(cx: &Cx<'_>, one: &Environment) -> String {
    let target = match one.target.as_str() {
        "process" => cx.t("deploy-target-process"),
        other => other.to_owned(),
    };
    format!("{target}, {}", cx.t(strategy_key(&one.strategy)))
}

/// The key of a strategy's name.
fn strategy_key(strategy: &str) -> &'static str {
    match strategy {
        "rolling" => "deploy-strategy-rolling",
        "blue_green" => "deploy-strategy-blue-green",
        "canary" => "deploy-strategy-canary",
        _ => "deploy-strategy-recreate",
    }
}

fn stop_action(cx: &Cx<'_>, name: &str, why_not: Option<String>) -> Action {
    Action::new(
        "deploy-stop",
        cx.msg(&msg!("deploy-stop", environment = name)),
        intent(format!("stop/{name}")),
    )
    .icon(icons::STOP)
    .danger()
    .disabled_because(why_not)
}

/// What can be done with an environment: detail, card and palette show the same.
fn actions_of(cx: &Cx<'_>, one: &Environment) -> Vec<Action> {
    let why_not = match one.state {
        State::InProgress => Some(cx.t("deploy-runs-already")),
        _ => None,
    };
    let name = one.name.as_str();
    let mut actions = Vec::new();
    if one.is_left_out {
        return vec![stop_action(cx, name, why_not)];
    }
    if let Some(waits) = &one.waits {
        let to_next = cx.msg(&msg!("deploy-promote-canary", version = &waits.version, environment = name));
        let back = cx.msg(&msg!("deploy-abort-canary", version = &waits.version, environment = name));
        actions.extend([
            Action::new("deploy-promote-canary", to_next, intent(format!("promote/{name}"))).icon(icons::UPLOAD),
            Action::new("deploy-abort-canary", back, intent(format!("abort/{name}")))
                .icon(icons::UNDO)
                .danger(),
        ]);
    }
    if let Some(asks) = &one.asks {
        let choices = [
            Decision::Retry,
            Decision::Ignore { reason: String::new() },
            Decision::Abort,
            Decision::RollBack,
        ];
        let possible = choices
            .into_iter()
            .filter(|choice| asks.may_ignore || !matches!(choice, Decision::Ignore { .. }));
        actions.extend(possible.map(|choice| {
            let label = cx.msg(&msg!("deploy-decide-in", choice = cx.t(choice.key()), environment = name));
            let id = format!("decide-{}", choice.word());
            Action::new(format!("deploy-{id}"), label, intent(format!("{id}/{name}")))
        }));
    }
    if one.approvals.is_some() {
        let label = cx.msg(&msg!("deploy-approve-title", environment = name));
        actions.push(Action::new(
            "deploy-approve",
            format!("{label}…"),
            intent(format!("approve/{name}")),
        ));
    }
    actions.push(
        Action::new(
            "deploy-to",
            cx.msg(&msg!("deploy-to", environment = name)),
            intent(format!("deploy/{name}")),
        )
        .icon(icons::UPLOAD)
        .disabled_because(why_not.clone()),
    );
    if one.returns.iter().any(|one| one.healthy_until.is_some()) {
        actions.push(
            Action::new(
                "deploy-roll-back",
                cx.msg(&msg!("deploy-roll-back", environment = name)),
                intent(format!("rollback/{name}")),
            )
            .icon(icons::UNDO)
            .danger()
            .disabled_because(why_not.clone()),
        );
    }
    let open = |url: &String| {
        let label = cx.msg(&msg!("deploy-open", url = url));
        let go = Intent::Ui(UiIntent::OpenUrl(url.clone()));
        Action::new(format!("deploy-open {url}"), label, go).icon(icons::OPEN)
    };
    actions.extend(one.urls.iter().take(N_OPENED).map(open));
    if one.has_lost() {
        let rebuild = cx.msg(&msg!("deploy-rebuild", environment = name));
        actions.push(
            Action::new("deploy-rebuild", rebuild, intent(format!("rebuild/{name}")))
                .icon(icons::TOOL)
                .disabled_because(why_not.clone()),
        );
    }
    if let Some(continuous) = &one.continuous {
        let tried = cx
            .workspace
            .and_then(|workspace| cx.model.deploy.of(&workspace.id)?.tried.get(name));
        let job = tried.or(continuous.last.as_ref()).map(|tried| tried.job);
        let ours = job.filter(|job| cx.model.jobs.get(*job).is_some_and(|job| job.is_running()));
        match ours {
            Some(job) => {
                let stop = cx.msg(&msg!("deploy-unfollow", branch = continuous.branch.as_str()));
                actions.push(Action::new("deploy-unfollow", stop, Intent::Cancel(job)).icon(icons::STOP));
            }
            None => {
                let follow = cx.msg(&msg!("deploy-follow", branch = continuous.branch.as_str()));
                let why_not = continuous.is_followed.then(|| cx.t("deploy-followed-elsewhere"));
                let act = Action::new("deploy-follow", follow, intent(format!("follow/{name}"))).icon(icons::RUN);
                actions.push(act.disabled_because(why_not));
            }
        }
    }
    if one.live.is_some() {
        let is_running = rehearsal::newest(cx, name).is_some_and(Rehearsal::is_running);
        let rehearse = cx.msg(&msg!("deploy-rehearse", environment = name));
        actions.push(
            Action::new("deploy-rehearse", rehearse, intent(format!("rehearse/{name}")))
                .icon(icons::FLASK)
                .disabled_because(is_running.then(|| cx.t("deploy-rehearse-runs"))),
        );
        if one.can_scale {
            let label = cx.msg(&msg!("deploy-scale", environment = name));
            let act = Action::new("deploy-scale", label, intent(format!("scale/{name}")));
            actions.push(act.icon(icons::LAYERS).disabled_because(why_not.clone()));
        }
        actions.push(stop_action(cx, name, why_not));
    }
    actions.extend(one.urls.iter().skip(N_OPENED).map(open));
    actions
}

impl crate::areas::page::Page for Page {
    fn actions(&self, cx: &Cx<'_>) -> Vec<Action> {
        let Some(workspace) = cx.workspace else { return Vec::new() };
        let mut actions = Vec::new();
        let running = cx.model.deploy.of(&workspace.id).and_then(|known| known.running().next());
        if cx.tab == PLANS {
            actions = self.plans.actions(cx);
        } else if let Some(selected) = self.selected(cx) {
            let newest = overview(cx).and_then(|overview| overview.releases.first());
            // What failed there is not what one would do next.
            let has_failed = |version: &str| overview(cx).is_some_and(|all| all.failed_in(&selected.name, version).is_some());
            let label = match newest.filter(|newest| !has_failed(&newest.version)) {
                Some(newest) => cx.msg(&msg!("deploy-version", version = &newest.version)),
                None => cx.t("deploy-button"),
            };
            let left_out = selected.is_left_out.then(|| cx.t("deploy-why-left-out"));
            let why_not = left_out.or(running.is_some().then(|| cx.t("deploy-runs-already")));
            actions.push(
                Action::new("deploy-run", label, intent(format!("deploy/{}", selected.name)))
                    .icon(icons::UPLOAD)
                    .primary()
                    .disabled_because(why_not),
            );
            actions.extend(
                actions_of(cx, selected)
                    .into_iter()
                    .filter(|action| action.id != "deploy-to")
                    .map(Action::palette_only),
            );
        }
        if let Some(job) = running.and_then(|rollout| rollout.job) {
            let stop = Action::new("deploy-cancel", cx.t("deploy-cancel"), Intent::Cancel(job));
            actions.push(stop.icon(icons::STOP).toolbar());
        }
        let interrupted =
            overview(cx).is_some_and(|overview| overview.environments.iter().any(|one| one.state == State::Interrupted));
        if interrupted {
            actions.push(
                Action::new("deploy-recover-now", cx.t("deploy-recover-now"), Command::Recover.into())
                    .icon(icons::TOOL)
                    .toolbar(),
            );
        }
        let verify = Command::VerifyAudit {
            workspace: workspace.clone(),
        };
        let verify = Action::new("deploy-verify", cx.t("deploy-verify"), verify.into()).icon(icons::SHIELD);
        actions.push(if cx.tab == AUDIT { verify.toolbar() } else { verify });
        actions.push(Action::new("deploy-refresh", cx.t("deploy-refresh"), intent("refresh")).icon(icons::REFRESH));
        actions
    }

    fn subtitle(&self, cx: &Cx<'_>) -> String {
        let Some(overview) = overview(cx) else { return String::new() };
        let running = cx.workspace.and_then(|workspace| cx.model.deploy.of(&workspace.id));
        let n = running.map_or(0, |known| known.running().count());
        cx.msg(&msg!("deploy-subtitle", n = overview.environments.len(), running = n))
    }

    fn tabs(&self, cx: &Cx<'_>) -> Vec<Tab> {
        let tab = |id, key: &str, count: Option<usize>| Tab {
            id,
            label: cx.t(key),
            count: count.filter(|n| *n > 0).map(|n| n as u64),
        };
        let overview = overview(cx);
        vec![
            tab(ENVIRONMENTS, "deploy-tab-environments", None),
            tab(PLANS, "deploy-tab-plans", plans::count(cx)),
            tab(HISTORY, "deploy-tab-history", overview.map(|overview| overview.history.len())),
            tab(AUDIT, "deploy-tab-audit", None),
        ]
    }

    fn filter_hint(&self, cx: &Cx<'_>) -> Option<String> {
        match cx.tab {
            HISTORY => Some(cx.t("deploy-filter-history")),
            AUDIT => Some(cx.t("deploy-filter-audit")),
            _ => None,
        }
    }

    fn body_ui(&mut self, ui: &mut ui::Ui, cx: &Cx<'_>) {
        let Some(workspace) = cx.workspace else {
            choose_workspace_ui(ui, cx, icons::UPLOAD, &cx.t("deploy-no-workspace"));
            return;
        };
        let ended = cx.model.deploy.of(&workspace.id).and_then(|known| {
            let ended = known.rollouts.values().filter(|rollout| !rollout.is_running());
            ended.map(|rollout| rollout.deployment).next_back()
        });
        let watched = cx.model.deploy.of(&workspace.id).and_then(|known| {
            // With every step that ends, other instances run.
            let rollout = known.running().next()?;
            let n = rollout.steps.iter().filter(|step| step.ended_at.is_some()).count();
            Some((rollout.deployment, n))
        });
        if self.asked.as_ref() != Some(&workspace.id) || self.seen < ended || self.watched != watched {
            self.seen = ended;
            self.watched = watched;
            self.ask(cx, workspace);
        }
        if cx.tab == PLANS {
            self.plans.body_ui(ui, cx, workspace);
            return;
        }
        let Some(loadable) = loadable(cx) else {
            page_frame::loading_ui(ui, None);
            return;
        };
        let empty = cx.t(match cx.tab {
            HISTORY => "deploy-history-empty",
            AUDIT => "deploy-audit-empty",
            _ => "deploy-environments-empty",
        });
        let is_of_project = !matches!(cx.tab, HISTORY | AUDIT);
        let edit = cx.t("deploy-edit-project");
        let view = LoadableView {
            icon: icons::UPLOAD,
            empty: &empty,
            empty_action: is_of_project.then_some(edit.as_str()),
            progress: None,
        };
        let tab = cx.tab;
        let is_empty = |overview: &Overview| match tab {
            HISTORY => overview.history.is_empty(),
            AUDIT => overview.audit.is_empty(),
            _ => overview.environments.is_empty() && overview.broken.is_empty(),
        };
        let asked = loadable_ui(ui, loadable, &view, is_empty, |ui, overview| match tab {
            HISTORY => self.history.body_ui(ui, cx, workspace, overview),
            AUDIT => self.audit.body_ui(ui, cx, workspace, overview),
            _ => {
                let chosen = self.selected(cx).map(|one| one.name.clone()).unwrap_or_default();
                if let Some(name) = cards::body_ui(ui, cx, workspace, overview, &chosen) {
                    self.select(&name);
                }
            }
        });
        match asked {
            Some(LoadableAsk::Retry) => self.ask(cx, workspace),
            Some(LoadableAsk::Fill) => cx.edit_project(workspace),
            None => {}
        }
    }

    fn has_detail(&self, cx: &Cx<'_>) -> bool {
        match cx.tab {
            AUDIT | PLANS => false,
            HISTORY => self.history.selected(cx).is_some(),
            _ => self.selected(cx).is_some(),
        }
    }

    fn detail_ui(&mut self, ui: &mut ui::Ui, cx: &Cx<'_>) {
        let Some(workspace) = cx.workspace else { return };
        if cx.tab == HISTORY {
            if let Some(deployment) = self.history.selected(cx) {
                detail::deployment_ui(ui, cx, workspace, deployment);
            }
        } else if let Some(environment) = self.selected(cx) {
            detail::environment_ui(ui, cx, workspace, environment);
        }
    }

    fn dialog_ui(&mut self, ui: &mut ui::Ui, cx: &Cx<'_>) {
        asking::dialog_ui(ui, cx, &mut self.asking);
        self.plans.planning.dialog_ui(ui, cx);
    }

    fn on_open(&mut self, cx: &Cx<'_>) {
        if let Some(workspace) = cx.workspace {
            self.ask(cx, workspace);
        }
    }

    fn on_action(&mut self, id: &str, cx: &Cx<'_>) {
        let mut words = id.splitn(3, '/');
        let (act, name, more) = (words.next().unwrap_or_default(), words.next(), words.next());
        if act == "refresh" {
            if let Some(workspace) = cx.workspace {
                self.ask(cx, workspace);
                self.plans.read(cx, workspace);
            }
            return;
        }
        if act.starts_with("plan-") {
            self.plans.on_action(act, name, cx);
            return;
        }
        let known = overview(cx).and_then(|overview| overview.environments.iter().find(|one| Some(one.name.as_str()) == name));
        if let Some(environment) = known {
            self.environment = Some(environment.name.clone());
            if let ("abort", Some(workspace)) = (act, cx.workspace) {
                cx.ask(Command::Abort {
                    workspace: workspace.clone(),
                    environment: environment.name.clone(),
                });
                return;
            }
            let decision = match act {
                "decide-retry" => Some(Decision::Retry),
                "decide-abort" => Some(Decision::Abort),
                "decide-rollback" => Some(Decision::RollBack),
                _ => None,
            };
            if let (Some(decision), Some(workspace)) = (decision, cx.workspace) {
                cx.ask(Command::Decide {
                    workspace: workspace.clone(),
                    environment: environment.name.clone(),
                    decision,
                    confirmed: None,
                });
                return;
            }
            if let ("follow", Some(workspace)) = (act, cx.workspace) {
                cx.ask(Command::Follow {
                    workspace: workspace.clone(),
                    environment: environment.name.clone(),
                    once: false,
                });
                return;
            }
            if let ("promote" | "promote-fully", false, Some(workspace)) = (act, environment.is_protected, cx.workspace) {
                cx.ask(Command::Promote {
                    workspace: workspace.clone(),
                    environment: environment.name.clone(),
                    is_full: act == "promote-fully",
                    confirmed: None,
                });
                return;
            }
            self.asking = asking::Asking::new(act, environment, more);
        }
    }

    fn on_picked(&mut self, purpose: &str, path: std::path::PathBuf, _cx: &Cx<'_>) {
        if purpose == plans::EVIDENCE {
            self.plans.attach(path);
        }
    }

    fn reveal(&mut self, target: &Target, cx: &Cx<'_>) {
        match target {
            Target::Environment { name, .. } => self.select(name),
            Target::Deployment { workspace, id } => {
                self.history.reveal(*id);
                if let Some(workspace) = cx.workspace.filter(|chosen| chosen.id == *workspace) {
                    cx.ask(Command::Show {
                        workspace: workspace.clone(),
                        id: *id,
                    });
                }
            }
            _ => {}
        }
    }

    fn tab_of(&self, target: &Target) -> Option<&'static str> {
        match target {
            Target::Environment { .. } => Some(ENVIRONMENTS),
            Target::Deployment { .. } => Some(HISTORY),
            _ => None,
        }
    }

    fn things(&self, cx: &Cx<'_>) -> Vec<(String, Target)> {
        let (Some(workspace), Some(overview)) = (cx.workspace, overview(cx)) else {
            return Vec::new();
        };
        let of = |name: &str| Target::Environment {
            workspace: workspace.id.clone(),
            name: name.to_owned(),
        };
        overview
            .environments
            .iter()
            .map(|one| (one.name.clone(), of(&one.name)))
            .collect()
    }

    fn badge(&self, cx: &Cx<'_>) -> Option<Badge> {
        let running = cx.model.deploy.n_running();
        if running > 0 {
            return Some(Badge {
                count: running as u64,
                state: Some(State::InProgress),
            });
        }
        let wrong: Vec<State> = overview(cx)?
            .environments
            .iter()
            .map(|one| one.state)
            .filter(|state| state.needs_attention())
            .collect();
        Some(Badge {
            count: wrong.len() as u64,
            state: Some(*wrong.iter().min()?),
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

/// The word for a deployment's kind and what became of it.
fn outcome_word(cx: &Cx<'_>, kind: Kind, state: State) -> String {
    format!("{}, {}", cx.t(kind.key()), cx.t(state.key()))
}
