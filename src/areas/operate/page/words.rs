//! What is said of an instance: its state, why it ended, how long it lasts, which icon it has.

use crate::areas::operate::{Instance, InstanceKind};
use crate::areas::page::Cx;
use crate::base::thread::cause_key;
use crate::base::{State, format};
use crate::msg;
use crate::ui::icons::{self, Icon};

/// The states that somebody must look at, worst first, with the word behind their count.
pub(super) const LOOK_AT: [(State, &str); 3] = [
    (State::Failed, "operate-look-failed"),
    (State::Degraded, "operate-look-degraded"),
    (State::Unknown, "operate-look-unknown"),
];

/// A stopped instance is not nothing: it was stopped.
pub(super) fn state(cx: &Cx<'_>, instance: &Instance) -> String {
    if let Some(why) = &instance.why {
        return cx.msg(why);
    }
    match instance.state {
        State::None => cx.t("operate-stopped"),
        state => cx.t(state.key()),
    }
}

/// Why it ended, in words; what the engine says of a container is left as it is.
pub(super) fn cause(cx: &Cx<'_>, instance: &Instance) -> String {
    cause_key(&instance.note).map_or_else(|| instance.note.clone(), |key| cx.t(key))
}

/// What a check of its own says.
pub(super) fn health(health: State) -> &'static str {
    match health {
        State::Done => "operate-healthy",
        State::Failed => "operate-unhealthy",
        _ => "operate-health-starting",
    }
}

/// `1.2 MB/s in, 3 kB/s out`, where somebody counts them.
pub(super) fn rates(cx: &Cx<'_>, (to, from): (Option<f64>, Option<f64>)) -> Option<String> {
    let word = |rate: Option<f64>| rate.map_or_else(|| "–".to_owned(), |rate| format::bytes(rate.max(0.0) as u64, cx.texts));
    if to.is_none() && from.is_none() {
        return None;
    }
    Some(cx.msg(&msg!("operate-rates", first = word(to), second = word(from))))
}

/// `2 d` while it runs, `crashed 3 min ago` afterwards.
pub(super) fn up_for(cx: &Cx<'_>, instance: &Instance) -> String {
    if let (true, Some(since)) = (instance.is_running(), instance.started_at) {
        return format::age(since, cx.now, cx.texts);
    }
    match instance.ended_at {
        Some(at) => format::ago(at, cx.now, cx.texts),
        None => String::new(),
    }
}

pub(super) fn cpu(cx: &Cx<'_>, instance: &Instance) -> Option<String> {
    let cpu = instance.cpu_percent.filter(|_| instance.is_running())?;
    Some(format::percent(cpu / 100.0, cx.texts))
}

pub(super) fn memory(cx: &Cx<'_>, instance: &Instance) -> Option<String> {
    let bytes = instance.memory_bytes.filter(|_| instance.is_running())?;
    Some(format::bytes(bytes, cx.texts))
}

pub(super) fn ports(instance: &Instance) -> String {
    let ports: Vec<String> = instance.ports.iter().map(ToString::to_string).collect();
    ports.join(", ")
}

/// What kind of thing it is, and where.
pub(super) fn note(cx: &Cx<'_>, instance: &Instance) -> String {
    cx.msg(&msg!(
        "operate-kind-on",
        kind = cx.t(instance.kind.key()),
        machine = instance.machine.as_str()
    ))
}

pub(super) fn icon(kind: InstanceKind) -> Icon {
    match kind {
        InstanceKind::Deployed => icons::SERVER,
        InstanceKind::Process => icons::TERMINAL,
        InstanceKind::Container => icons::CONTAINER,
        InstanceKind::Unit => icons::SETTINGS,
    }
}

/// An environment that is stopped only by typing its name.
pub(super) fn protected<'a>(cx: &Cx<'_>, instance: &'a Instance) -> Option<&'a str> {
    let environment = instance.environment.as_deref()?;
    let overview = instance
        .workspace
        .as_ref()
        .and_then(|workspace| cx.model.deploy.of(workspace))
        .and_then(|known| known.overview.value());
    let known = overview.and_then(|overview| overview.environments.iter().find(|known| known.name == environment));
    let is_protected = known.map_or_else(|| environment.starts_with("prod"), |known| known.is_protected);
    is_protected.then_some(environment)
}
