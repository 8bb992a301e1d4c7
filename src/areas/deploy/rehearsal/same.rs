//! Whether an environment can be cloned at all: a clone must never reach the ports or the data of what it is a clone of. Pure.

use crate::areas::deploy::data;
use crate::areas::deploy::inputs::Inputs;
use crate::areas::devops::project::{DatabaseKind, ProbeKind, Target, Traffic};
use crate::base::{Msg, Problem};
use crate::msg;
use std::collections::BTreeSet;
use std::path::Path;

/// Fails, with what to do, when a clone of these would not be one: `now` runs, `next` shall.
pub(super) fn check(now: &Inputs, next: &Inputs, root: &Path) -> Result<(), Problem> {
    for inputs in [now, next] {
        target(inputs)?;
        let ports = ports_of(inputs);
        for (place, text) in texts(inputs) {
            if let Some(port) = ports.iter().find(|port| names_number(text, **port)) {
                let told = msg!("deploy-rehearsal-port", place = &place, port = port.to_string());
                return Err(cannot(told).hint(msg!("deploy-rehearsal-port-hint")));
            }
            if names_data(inputs, text, root) {
                let told = msg!("deploy-rehearsal-data", place = &place);
                return Err(cannot(told).hint(msg!("deploy-rehearsal-data-hint")));
            }
        }
    }
    if let (Some(of_now), Some(of_next)) = (&now.database, &next.database) {
        let (of_now, of_next) = (data::place(of_now, now).name(), data::place(of_next, next).name());
        if of_now != of_next {
            let told = msg!("deploy-rehearsal-moved", before = of_now, after = of_next);
            return Err(cannot(told));
        }
    }
    Ok(())
}

fn target(inputs: &Inputs) -> Result<(), Problem> {
    let environment = inputs.environment.as_str();
    let why = match &inputs.target {
        Target::Process { .. } => return Ok(()),
        Target::Ssh { host, .. } => msg!("deploy-rehearsal-ssh", environment = environment, host = host),
        Target::Compose { .. } => msg!("deploy-rehearsal-compose", environment = environment),
        Target::Swarm { .. } => msg!("deploy-rehearsal-swarm", environment = environment),
        Target::Docker { host: Some(host), .. } => msg!("deploy-rehearsal-far", environment = environment, host = host),
        Target::Docker { .. } if inputs.database.is_some() => msg!("deploy-rehearsal-docker-data", environment = environment),
        Target::Docker { volumes, network, .. } => {
            let shared = network
                .iter()
                .find(|network| *network == "host" || network.starts_with("container:"));
            match volumes.first().or(shared) {
                Some(what) => msg!("deploy-rehearsal-docker-shared", environment = environment, what = what),
                None => return Ok(()),
            }
        }
    };
    Err(cannot(why).hint(msg!("deploy-rehearsal-cannot-hint")))
}

fn cannot(why: Msg) -> Problem {
    Problem::config(why).code("no-clone")
}

/// Every port that the environment has, wherever its deployments have put it.
pub(super) fn ports_of(inputs: &Inputs) -> BTreeSet<u16> {
    let n = inputs.n_instances().max(1);
    let mut ports: BTreeSet<u16> = (1..=n).filter_map(|n| inputs.port(n)).collect();
    if let Some(first) = inputs.target.port() {
        ports.extend((0..n).filter_map(|n| first.checked_add(n as u16)));
    }
    if let Some(Traffic::Haproxy { listen, .. }) = &inputs.traffic {
        ports.extend(*listen);
    }
    ports
}

/// Everything that is told to programs and gates, with its place in the file.
fn texts(inputs: &Inputs) -> Vec<(String, &str)> {
    let mut texts: Vec<(String, &str)> = Vec::new();
    texts.extend(inputs.env.iter().map(|(name, value)| (format!("env.{name}"), value.as_str())));
    let of_target = inputs.target.texts().into_iter();
    texts.extend(of_target.map(|text| ("target".to_owned(), text)));
    let migration = inputs.migration().iter();
    texts.extend(migration.map(|text| ("database.migrate".to_owned(), text.as_str())));
    for probe in &inputs.health {
        let place = || "health".to_owned();
        match &probe.kind {
            ProbeKind::Http { url, .. } => texts.push((place(), url)),
            ProbeKind::Tcp { address } => texts.push((place(), address)),
            ProbeKind::Command { run } => texts.extend(run.iter().map(|word| (place(), word.as_str()))),
            ProbeKind::Process | ProbeKind::Container => {}
        }
    }
    texts
}

/// The number stands there by itself, not as a part of a longer one.
fn names_number(text: &str, number: u16) -> bool {
    let wanted = number.to_string();
    text.split(|c: char| !c.is_ascii_digit()).any(|digits| digits == wanted)
}

/// The text leads to the data of the environment, or into the folder that it works in.
fn names_data(inputs: &Inputs, text: &str, root: &Path) -> bool {
    if text.contains(&*root.to_string_lossy()) {
        return true;
    }
    let Some(rules) = &inputs.database else { return false };
    match rules.kind {
        DatabaseKind::Sqlite => text.contains(&data::place(rules, inputs).name()),
        DatabaseKind::Postgres => {
            let name = rules.name.as_deref().unwrap_or_default();
            let is_address = text.contains("postgres://") || text.contains("postgresql://");
            is_address || text == name || text.contains(&format!("dbname={name}"))
        }
    }
}
