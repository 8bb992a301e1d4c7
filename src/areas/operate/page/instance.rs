//! The detail of what is selected: its facts, what can be done to it, its thread.

use super::{findings, words};
use crate::areas::AreaId;
use crate::areas::devops::terminal::TerminalPlace;
use crate::areas::operate::{Command, Instance, InstanceKind, far};
use crate::areas::page::{Action, Cx, Intent, UiIntent};
use crate::base::{Msg, Target, format};
use crate::msg;
use crate::ui::detail::{self, Fact, Heading};
use crate::ui::{Ui, icons, state_mark, text};

/// A value that has room beside its label.
const VALUE_SHORT: usize = 28;
/// Names shown in a question about several instances.
const NAMES: usize = 5;

/// What can be done to all of these at once.
pub(super) fn actions(instances: &[&Instance], cx: &Cx<'_>) -> Vec<Action> {
    let mut actions = Vec::new();
    let own = |wanted: &dyn Fn(&Instance) -> bool| -> Vec<Instance> {
        let chosen = instances.iter().filter(|instance| wanted(instance));
        chosen.map(|instance| (*instance).clone()).collect()
    };
    let can_start = |instance: &Instance| instance.kind != InstanceKind::Process;
    let running = own(&|instance| instance.is_running());
    let restartable = own(&|instance| instance.is_running() && can_start(instance));
    let ended = own(&|instance| (!instance.is_running() || instance.is_paused()) && can_start(instance));
    let pausable = own(&|instance| instance.is_pausable());
    if !restartable.is_empty() && restartable.len() == running.len() {
        let label = count(cx, "operate-restart", "operate-restart-n", restartable.len());
        let restart = Command::Restart {
            instances: restartable.clone(),
            grace_secs: None,
        };
        let action = Action::new("operate-restart", label, restart.into()).icon(icons::REFRESH);
        let title = msg!("operate-restart-title", names = names(&restartable));
        actions.push(guarded(action, cx, &restartable, &title, "operate-restart-why"));
    }
    if !ended.is_empty() {
        let label = count(cx, "operate-start", "operate-start-n", ended.len());
        let start = Command::Start { instances: ended };
        actions.push(Action::new("operate-start", label, start.into()).icon(icons::RUN));
    }
    if !running.is_empty() {
        let label = count(cx, "operate-stop", "operate-stop-n", running.len());
        let key = if running.iter().all(can_start) {
            "operate-stop-why"
        } else {
            "operate-stop-foreign-why"
        };
        let stop = Command::Stop {
            instances: running.clone(),
            grace_secs: None,
        };
        let action = Action::new("operate-stop", label, stop.into()).icon(icons::STOP).danger();
        actions.push(ask_first(action, cx, &running, key));
    }
    let url = match instances {
        [one] => one.url(),
        _ => None,
    };
    if let (Some(url), false) = (&url, running.is_empty()) {
        let open = Intent::Ui(UiIntent::OpenUrl(url.clone()));
        actions.push(Action::new("operate-open", cx.t("operate-open"), open).icon(icons::OPEN));
    }
    if let [one] = instances
        && let Some(workspace) = one.workspace.as_ref().and_then(|id| cx.model.devops.workspace(id))
    {
        let changed = Command::FindChanges {
            workspace: workspace.clone(),
            instance: (*one).clone(),
        };
        actions.push(Action::new("operate-changed", cx.t("operate-changed-ask"), changed.into()).icon(icons::HISTORY));
        if one.deployment.is_some() {
            let drift = Command::FindDrift {
                workspace: workspace.clone(),
                instances: vec![(*one).clone()],
            };
            actions.push(Action::new("operate-drift", cx.t("drift-ask"), drift.into()).icon(icons::MERGE));
        }
        let incident = Intent::Ui(UiIntent::PageAction(AreaId::Operate, "incident".to_owned()));
        actions.push(Action::new("operate-incident", cx.t("incident-open-on"), incident).icon(icons::FLAG));
    }
    if let [one] = instances
        && shell_of(one).is_some()
    {
        let open = Intent::Ui(UiIntent::PageAction(AreaId::Operate, "shell".to_owned()));
        actions.push(Action::new("operate-shell", cx.t("operate-shell"), open).icon(icons::TERMINAL));
    }
    if !pausable.is_empty() && pausable.len() == running.len() {
        let label = count(cx, "operate-pause", "operate-pause-n", pausable.len());
        let pause = Command::Pause {
            instances: pausable.clone(),
        };
        let action = Action::new("operate-pause", label, pause.into()).icon(icons::PAUSE);
        let title = msg!("operate-pause-title", names = names(&pausable));
        actions.push(guarded(action, cx, &pausable, &title, "operate-pause-why"));
    }
    if let [one] = instances
        && one.kind != InstanceKind::Process
        && far::of_id(&one.id).is_none()
    {
        let previous = Intent::Ui(UiIntent::PageAction(AreaId::Operate, "previous".to_owned()));
        actions.push(Action::new("operate-previous", cx.t("operate-previous"), previous).icon(icons::HISTORY));
    }
    if let Some(url) = url {
        let copy = Intent::Ui(UiIntent::Copy(url));
        actions.push(Action::new("operate-copy-address", cx.t("operate-copy-address"), copy).icon(icons::COPY));
    }
    let removable =
        own(&|instance| instance.container.is_some() && instance.kind == InstanceKind::Container && !instance.is_running());
    if !removable.is_empty() && removable.len() == instances.len() {
        let label = count(cx, "operate-remove", "operate-remove-n", removable.len());
        let title = cx.msg(&msg!("operate-remove-title", names = names(&removable)));
        // There is no way back: its name is typed, or how many.
        let word = match removable.as_slice() {
            [one] => one.name.clone(),
            several => several.len().to_string(),
        };
        let remove = Command::Remove { instances: removable };
        let action = Action::new("operate-remove", label, remove.into())
            .icon(icons::DELETE)
            .danger();
        actions.push(action.confirm_typed(title, cx.t("operate-remove-why"), &word));
    }
    actions
}

/// Where a shell opens: in a container that runs, or on the machine.
pub(super) fn shell_of(instance: &Instance) -> Option<TerminalPlace> {
    if let Some(place) = far::shell_of(instance) {
        return Some(place);
    }
    let id = instance.container.clone().filter(|_| instance.is_running())?;
    Some(TerminalPlace::Container {
        id,
        name: instance.name.clone(),
    })
}

fn count(cx: &Cx<'_>, one: &str, several: &'static str, n: usize) -> String {
    if n == 1 {
        cx.t(one)
    } else {
        cx.msg(&Msg::new(several).with("n", n))
    }
}

fn names(instances: &[Instance]) -> String {
    let mut names: Vec<&str> = instances.iter().map(|instance| instance.name.as_str()).take(NAMES).collect();
    if instances.len() > NAMES {
        names.push("…");
    }
    names.join(", ")
}

/// Stopping asks; where an environment is protected its name is typed.
fn ask_first(action: Action, cx: &Cx<'_>, instances: &[Instance], why: &'static str) -> Action {
    let title = cx.msg(&msg!("operate-stop-title", names = names(instances)));
    let text = cx.t(why);
    match instances.iter().find_map(|instance| words::protected(cx, instance)) {
        Some(environment) => action.confirm_typed(title, text, environment),
        None => action.confirm(title, text),
    }
}

/// Restarting asks only where an environment is protected.
fn guarded(action: Action, cx: &Cx<'_>, instances: &[Instance], title: &Msg, why: &'static str) -> Action {
    match instances.iter().find_map(|instance| words::protected(cx, instance)) {
        Some(environment) => action.confirm_typed(cx.msg(title), cx.t(why), environment),
        None => action,
    }
}

/// One instance.
pub(super) fn detail_ui(ui: &mut Ui, cx: &Cx<'_>, instance: &Instance) {
    let word = words::state(cx, instance);
    let note = words::note(cx, instance);
    let heading = Heading {
        icon: words::icon(instance.kind),
        name: &instance.name,
        note: &note,
        state: Some((instance.state, &word)),
    };
    detail::heading_ui(ui, &heading);
    let mut target = detail::facts_ui(ui, &facts(cx, instance));
    let actions = actions(&[instance], cx);
    if !actions.is_empty()
        && let Some(intent) = detail::actions_ui(ui, &actions)
    {
        cx.ask(intent);
    }
    let known = cx.model.operate.details.as_ref();
    if let Some((_, details)) = known.filter(|(id, details)| *id == instance.id && !details.facts.is_empty()) {
        detail::titled_section_ui(ui, &cx.t("operate-known"), "", |ui| {
            for known in &details.facts {
                match known.words(cx.texts).as_slice() {
                    [value] if value.len() <= VALUE_SHORT => {
                        detail::fact_rows_ui(ui, &[Fact::text(cx.msg(&known.what), value.as_str())]);
                    }
                    values => {
                        text::small(ui, &cx.msg(&known.what));
                        for value in values {
                            text::paragraph(ui, value);
                        }
                    }
                }
            }
        });
    }
    if let Some(changes) = cx
        .model
        .operate
        .changes
        .as_ref()
        .filter(|changes| changes.instance == instance.id)
    {
        target = findings::changes_ui(ui, cx, changes).or(target);
    }
    if let Some(drift) = cx.model.operate.drifts.iter().find(|drift| drift.instance == instance.id) {
        findings::drift_ui(ui, cx, drift);
    }
    if instance.kind == InstanceKind::Deployed {
        let of = Target::Instance { id: instance.id.clone() };
        if let Some(thread) = cx.thread(&of) {
            target = detail::thread_ui(ui, thread, cx.now).or(target);
        }
    }
    if let Some(target) = target {
        cx.ask(Intent::Go(target));
    }
}

/// Several: how many, which, and what can be done to all.
pub(super) fn several_ui(ui: &mut Ui, cx: &Cx<'_>, instances: &[&Instance]) {
    let name = cx.msg(&msg!("operate-n-instances", n = instances.len()));
    let worst = instances.iter().map(|instance| instance.state).min().unwrap_or_default();
    let word = cx.t(worst.key());
    let memory: u64 = instances.iter().filter_map(|instance| instance.memory_bytes).sum();
    let cpu: f64 = instances.iter().filter_map(|instance| instance.cpu_percent).sum();
    let heading = Heading {
        icon: icons::SERVER,
        name: &name,
        note: "",
        state: Some((worst, &word)),
    };
    detail::heading_ui(ui, &heading);
    detail::facts_ui(
        ui,
        &[
            Fact::text(cx.t("operate-col-cpu"), format::percent(cpu / 100.0, cx.texts)),
            Fact::text(cx.t("operate-col-memory"), format::bytes(memory, cx.texts)),
        ],
    );
    if let Some(intent) = detail::actions_ui(ui, &actions(instances, cx)) {
        cx.ask(intent);
    }
    detail::titled_section_ui(ui, &cx.t("operate-instances"), "", |ui| {
        for instance in instances.iter().take(40) {
            state_mark::label_ui(ui, instance.state, &instance.name);
        }
    });
}

fn facts(cx: &Cx<'_>, instance: &Instance) -> Vec<Fact> {
    let mut facts = Vec::new();
    if let Some(version) = &instance.version {
        facts.push(match (&instance.workspace, instance.deployment) {
            (Some(workspace), Some(id)) => {
                let target = Target::Deployment {
                    workspace: workspace.clone(),
                    id,
                };
                Fact::link(cx.t("operate-col-version"), version.clone(), "", target)
            }
            _ => Fact::text(cx.t("operate-col-version"), version.clone()),
        });
    }
    if let (Some(name), Some(workspace)) = (&instance.environment, &instance.workspace) {
        let target = Target::Environment {
            workspace: workspace.clone(),
            name: name.clone(),
        };
        facts.push(Fact::link(cx.t("operate-environment"), name.clone(), "", target));
    }
    if let Some(workspace) = instance.workspace.as_ref().and_then(|id| cx.model.devops.workspace(id)) {
        let target = Target::Workspace {
            workspace: workspace.id.clone(),
        };
        facts.push(Fact::link(cx.t("operate-workspace"), workspace.name.clone(), "", target));
    }
    if !instance.ports.is_empty() {
        let label = cx.t("operate-address");
        facts.push(match instance.url() {
            // The port is what one looks for.
            Some(url) => {
                let place = url.split_once("://").map_or(url.as_str(), |(_, place)| place);
                Fact::path(label, place.trim_end_matches('/')).hover(url.as_str())
            }
            None => Fact::text(label, words::ports(instance)),
        });
    }
    if let Some(cpu) = words::cpu(cx, instance) {
        facts.push(Fact::text(cx.t("operate-col-cpu"), cpu));
    }
    if let Some(memory) = words::memory(cx, instance) {
        facts.push(Fact::text(cx.t("operate-col-memory"), memory));
    }
    for (key, rates) in [
        ("operate-disk", (instance.rates.read, instance.rates.write)),
        ("operate-network", (instance.rates.receive, instance.rates.send)),
    ] {
        if let Some(words) = words::rates(cx, rates) {
            facts.push(Fact::text(cx.t(key), words));
        }
    }
    if instance.n_restarts > 0 {
        let n = u64::from(instance.n_restarts);
        facts.push(Fact::text(cx.t("operate-col-restarts"), format::count(n, cx.texts)));
    }
    if let Some(health) = instance.health {
        facts.push(Fact::state(cx.t("operate-health"), health, cx.t(words::health(health))));
    }
    if let Some(project) = &instance.project {
        facts.push(Fact::text(cx.t("operate-project"), project.clone()));
    }
    if instance.n_processes > 0 {
        facts.push(Fact::text(
            cx.t("operate-processes"),
            format::count(u64::from(instance.n_processes), cx.texts),
        ));
    }
    if let Some(at) = instance.started_at {
        facts.push(Fact::text(cx.t("operate-started"), format::ago(at, cx.now, cx.texts)).hover(at.to_string()));
    }
    if let (Some(at), false) = (instance.ended_at, instance.is_running()) {
        let cause = words::cause(cx, instance);
        let mut ended = format::ago(at, cx.now, cx.texts);
        if !cause.is_empty() {
            ended = format!("{ended}, {cause}");
        }
        facts.push(Fact::text(cx.t("operate-ended"), ended).hover(at.to_string()));
    } else if instance.kind == InstanceKind::Container && !instance.note.is_empty() {
        facts.push(Fact::text(cx.t("operate-engine-says"), instance.note.clone()));
    }
    if let Some(pid) = instance.pid {
        facts.push(Fact::mono(cx.t("operate-col-pid"), pid.to_string()));
    }
    if let Some(container) = &instance.container {
        let short = container.get(..12).unwrap_or(container);
        facts.push(Fact::mono(cx.t("operate-container"), short).hover(container));
    }
    if let Some(path) = &instance.log_path {
        facts.push(Fact::path(cx.t("operate-log"), path.display().to_string()));
    }
    facts
}
