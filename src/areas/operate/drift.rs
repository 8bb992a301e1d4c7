//! Drift: what runs, key by key, against what `chantier.toml` says now. Values of secrets are never compared, only that they are there.

use super::{Instance, InstanceKind, Update, acts, find};
use crate::adapters::World;
use crate::adapters::machine;
use crate::areas::JobCtx;
use crate::areas::deploy::inputs::{self, Inputs};
use crate::areas::deploy::{journal, settings, targets};
use crate::areas::devops::project::{Environment, Target, Words, fill, secrets_in};
use crate::base::docker::Kind;
use crate::base::{Problem, SafeText, State, Workspace, format};
use crate::msg;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// One key that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DriftItem {
    /// `env.GREETING`, `target.port`, `image` ...
    pub key: String,
    pub running: Option<String>,
    pub wanted: Option<String>,
}

/// How an instance differs from the repository.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Drift {
    pub instance: String,
    pub name: String,
    pub environment: Option<String>,
    pub items: Vec<DriftItem>,
    /// Keys that were compared.
    pub n_compared: u32,
    pub problems: Vec<Problem>,
}

/// Compares these instances; without one every deployed instance of the workspace.
pub async fn find(cx: &JobCtx, world: &World, workspace: &Workspace, instances: Vec<Instance>) -> Result<(), Problem> {
    let mut drifts = Vec::new();
    for instance in &instances {
        cx.check()?;
        drifts.push(of(world, workspace, instance).await?);
    }
    cx.update(Update::DriftFound { drifts }).await;
    Ok(())
}

/// Every instance of the workspace that was deployed.
pub async fn find_all(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<(), Problem> {
    let machine = world.host().name();
    let mut sampler = crate::adapters::sampler::Sampler::default();
    let mut instances = Vec::new();
    for row in world.store().instances().running(Some(&workspace.id)).await? {
        instances.push(find::of_row(world, row, &machine, &mut sampler).await?);
    }
    find(cx, world, workspace, instances).await
}

async fn of(world: &World, workspace: &Workspace, instance: &Instance) -> Result<Drift, Problem> {
    let mut drift = Drift {
        instance: instance.id.clone(),
        name: instance.name.clone(),
        environment: instance.environment.clone(),
        ..Drift::default()
    };
    let not_ours =
        || Problem::user(msg!("drift-not-deployed", name = instance.name.as_str())).hint(msg!("drift-not-deployed-hint"));
    let (Some(deployment), Some(name)) = (instance.deployment, &instance.environment) else {
        drift.problems.push(not_ours());
        return Ok(drift);
    };
    let row = world.store().deployments().get(deployment).await?.ok_or_else(not_ours)?;
    let inputs = Inputs::of(&row)?;
    let environment = match journal::environment(workspace, name) {
        Ok((file, mut environment)) => {
            let project = file.project.name.as_deref().unwrap_or(&workspace.name);
            targets::ssh::complete(&mut environment.target, project)?;
            environment
        }
        Err(problem) => {
            drift.problems.push(problem);
            return Ok(drift);
        }
    };
    let mut compared = Compared::default();
    if let Some(commit) = &row.commit {
        let (git, root) = (world.git().clone(), workspace.root.clone());
        let head = tokio::task::spawn_blocking(move || git.head(&root)).await;
        if let Ok(Ok(head)) = head
            && let Some(head) = head.commit
        {
            let short = |oid: &str| Some(format::short_oid(oid).to_owned());
            compared.one("commit", short(commit), short(&head));
        }
    }
    if let Some(problem) = acts::not_whole(world, instance, &row).await {
        drift.problems.push(problem);
    }
    let words = inputs.words(&inputs::folder(world, &row));
    let is_compose = matches!(inputs.target, Target::Compose { .. });
    let is_env_known = match running_env(world, instance).await {
        // What a compose file makes of its variables is its own.
        Ok(Some(_)) if is_compose => false,
        Ok(Some(env)) => {
            of_env(world, &environment, &inputs, &words, &env, &mut compared);
            true
        }
        Ok(None) => false,
        Err(problem) => {
            drift.problems.push(problem);
            false
        }
    };
    if !is_env_known {
        // What it was given when it was deployed is the next best.
        for key in inputs.env.keys().chain(environment.env.keys()).collect::<BTreeSet<_>>() {
            let shown = |env: &BTreeMap<String, String>| env.get(key).map(|value| safe(world, value));
            compared.one(&format!("env.{key}"), shown(&inputs.env), shown(&environment.env));
        }
    }
    of_image(world, instance, &environment.target, &words, &mut compared).await;
    of_target(&inputs.target, &environment.target, &mut compared);
    if is_compose {
        let port = |target: &Target| target.port().map(|port| port.to_string());
        compared.one("target.port", port(&inputs.target), port(&environment.target));
    } else {
        of_port(instance, &inputs, &environment.target, &mut compared);
    }
    drift.n_compared = compared.n;
    drift.items = compared.items;
    Ok(drift)
}

#[derive(Default)]
struct Compared {
    n: u32,
    items: Vec<DriftItem>,
}

impl Compared {
    fn one(&mut self, key: &str, running: Option<String>, wanted: Option<String>) {
        self.n += 1;
        let is_told = self.items.iter().any(|item| item.key == key);
        if running != wanted && !is_told {
            self.items.push(DriftItem {
                key: SafeText::new(key).into_string(),
                running: running.map(|value| SafeText::new(&value).into_string()),
                wanted: wanted.map(|value| SafeText::new(&value).into_string()),
            });
        }
    }
}

fn safe(world: &World, value: &str) -> String {
    world.masks().mask_str(value).into_owned()
}

/// The environment that the process or container really has; None where it can not be seen.
async fn running_env(world: &World, instance: &Instance) -> Result<Option<BTreeMap<String, String>>, Problem> {
    if let Some(id) = &instance.container {
        let told = world
            .docker()
            .inspect(Kind::Container, id)
            .await
            .map_err(|fault| fault.problem())?;
        let all = told.pointer("/Config/Env").and_then(Value::as_array);
        let pair = |line: &Value| {
            let (key, value) = line.as_str()?.split_once('=')?;
            Some((key.to_owned(), value.to_owned()))
        };
        return Ok(all.map(|all| all.iter().filter_map(pair).collect()));
    }
    if instance.kind == InstanceKind::Deployed && instance.state == State::Running {
        let (Some(pid), Some(start)) = (instance.pid, instance.pid_start) else {
            return Ok(None);
        };
        return Ok(machine::environment_of(pid, start));
    }
    Ok(None)
}

/// What it has against what the repository says, words replaced as they were for this version.
fn of_env(
    world: &World,
    environment: &Environment,
    inputs: &Inputs,
    words: &Words,
    running: &BTreeMap<String, String>,
    compared: &mut Compared,
) {
    for (key, value) in &environment.env {
        let name = format!("env.{key}");
        if !secrets_in(value).is_empty() {
            let is_there = running.contains_key(key) || running.contains_key(&settings::pointer(key));
            compared.one(&name, is_there.then(|| "***".to_owned()), Some("***".to_owned()));
            continue;
        }
        // A word that only an instance knows (its port) is not the repository's to say.
        let Ok(wanted) = fill(value, words) else { continue };
        let running = running.get(key).map(|value| safe(world, value));
        compared.one(&name, running, Some(safe(world, &wanted)));
    }
    // What was taken out of the repository since it was deployed, and is still there.
    for key in inputs.env.keys().filter(|key| !environment.env.contains_key(*key)) {
        let is_hidden = inputs.env.get(key).is_some_and(|value| !secrets_in(value).is_empty());
        let has = running
            .get(key)
            .map(|value| if is_hidden { "***".to_owned() } else { safe(world, value) });
        compared.one(&format!("env.{key}"), has, None);
    }
}

async fn of_image(world: &World, instance: &Instance, target: &Target, words: &Words, compared: &mut Compared) {
    let (Target::Docker { image, .. } | Target::Swarm { image, .. }) = target else {
        return;
    };
    let Some(id) = &instance.container else { return };
    let Ok(told) = world.docker().inspect(Kind::Container, id).await else {
        return;
    };
    let text = |value: &Value, key: &str| value.pointer(key).and_then(Value::as_str).map(str::to_owned);
    let Ok(wanted) = fill(image, words) else { return };
    // A container is made from an id: what counts is whether the name means that one.
    match world.docker().inspect(Kind::Image, &wanted).await {
        Ok(seen) if text(&seen, "/Id").is_some() && text(&seen, "/Id") == text(&told, "/Image") => {
            compared.one("image", Some(wanted.clone()), Some(wanted));
        }
        _ => compared.one("image", text(&told, "/Config/Image"), Some(wanted)),
    }
}

/// What it was deployed as against what the repository says now; the image is compared as it really is.
fn of_target(deployed: &Target, wanted: &Target, compared: &mut Compared) {
    let keys = |target: &Target| match serde_json::to_value(target) {
        Ok(Value::Object(map)) => map.into_iter().map(|(key, value)| (key, shown(&value))).collect(),
        _ => BTreeMap::new(),
    };
    let (before, after): (BTreeMap<_, _>, BTreeMap<_, _>) = (keys(deployed), keys(wanted));
    for key in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
        let is_apart = matches!(key.as_str(), "port" | "image");
        if !is_apart {
            let value = |keys: &BTreeMap<String, Option<String>>| keys.get(key).cloned().flatten();
            compared.one(&format!("target.{key}"), value(&before), value(&after));
        }
    }
}

fn of_port(instance: &Instance, inputs: &Inputs, wanted: &Target, compared: &mut Compared) {
    let Some(first) = wanted.port() else { return };
    let n = instance
        .name
        .rsplit(['-', '#', ' '])
        .next()
        .and_then(|n| n.parse().ok())
        .unwrap_or(1);
    // Where old and new stand beside each other, the deployment chose the port.
    let wanted = if inputs.first_port.is_some() && inputs.target.port() == Some(first) {
        inputs.port(n)
    } else {
        wanted.port_of(Some(first), n)
    };
    let running = instance.ports.first().copied();
    compared.one(
        "target.port",
        running.map(|port| port.to_string()),
        wanted.map(|port| port.to_string()),
    );
}

/// A value as a person writes it; None for nothing.
fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Array(all) if all.is_empty() => None,
        Value::Array(all) => Some(all.iter().filter_map(shown).collect::<Vec<_>>().join(" ")),
        other => Some(other.to_string()),
    }
}
