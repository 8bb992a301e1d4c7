//! What a deployment would change, found out without changing anything: version, settings, files, steps, and what would hinder it.

use super::inputs::{self, Inputs};
use super::rollout::{number_of, ports};
use super::strategies::{self, Scene};
use super::targets::{self, Site};
use super::traffic::Front;
use super::{Change, Kind, Preview, Step, StepName, What, approvals, journal, rehearsal, settings};
use crate::adapters::World;
use crate::adapters::store::instances::InstanceRow;
use crate::base::{Problem, State, Workspace};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use tokio_util::sync::CancellationToken;

pub async fn read(world: &World, workspace: &Workspace, environment: &str, what: &What) -> Result<Preview, Problem> {
    world.trust().check(workspace)?;
    let (project, environment) = journal::environment(workspace, environment)?;
    if let Some(wrong) = environment.wrongs().into_iter().next() {
        return Err(Problem::config(wrong));
    }
    let real = inputs::gather(world, workspace, &project, &environment, what).await?;
    let mut inputs = real.clone();
    let live = world.store().deployments().live(&workspace.id, &environment.name).await?;
    let live = live.filter(|row| row.kind != Kind::Stop.word());
    let mut before = live.as_ref().and_then(|row| Inputs::of(row).ok());
    // How a return came there is its own affair: nobody changed the strategy.
    if let Some(before) = before
        .as_mut()
        .filter(|_| live.as_ref().is_some_and(|row| row.kind == Kind::Rollback.word()))
    {
        before.strategy = inputs.strategy.clone();
    }
    let mut running = world.store().instances().running(Some(&workspace.id)).await?;
    running.retain(|row| row.environment.as_deref() == Some(&environment.name));
    let mut obstacles = Vec::new();
    match ports::choose(world, &workspace.id, &inputs).await {
        Ok(port) => inputs.first_port = port,
        Err(problem) => obstacles.push(problem),
    }
    let site = Site {
        world: world.clone(),
        workspace: workspace.id.clone(),
        workspace_name: workspace.name.clone(),
        deployment: 0,
        folder: inputs::folder_of(world, &workspace.id, &environment.name).join("0"),
        inputs,
        stop: CancellationToken::new(),
    };
    obstacles.extend(settings::lacking(world, &environment));
    obstacles.extend(hindrances(&site, &running).await);
    let approval = approvals::of(world, workspace, environment.approvals.as_ref(), &real).await?;
    obstacles.extend(
        approval
            .as_ref()
            .and_then(|approval| approval.obstacle(&environment.name, &real.label)),
    );
    let rollback = rehearsal::proven(world, &workspace.id, live.as_ref(), &real).await?;
    let scene = Scene {
        n_old: running.iter().map(number_of).max().unwrap_or(0),
        n_new: site.inputs.n_instances(),
        has_traffic: site.inputs.traffic.is_some(),
        closes_front: Front::is_left(&site).await,
        replaces: targets::of(&site.inputs).replaces(),
        data: site.inputs.data_steps(),
    };
    let steps = strategies::planned(&site.inputs.strategy, scene)
        .into_iter()
        .map(|(name, note)| Step {
            name,
            state: State::Queued,
            note,
            started_at: None,
            ended_at: None,
        })
        .filter(|step| step.name != StepName::Lock)
        .collect();
    Ok(Preview {
        environment: environment.name.clone(),
        version: site.inputs.label.clone(),
        commit: site.inputs.commit.clone(),
        from: live.map(|row| row.version),
        changes: changes(before.as_ref(), &site.inputs),
        n_stopped: running.len() as u32,
        n_started: site.inputs.n_instances(),
        steps,
        obstacles,
        approval,
        rollback,
    })
}

async fn hindrances(site: &Site, running: &[InstanceRow]) -> Vec<Problem> {
    let mut found = Vec::new();
    let inputs = site.inputs.clone();
    let parts = tokio::task::spawn_blocking(move || inputs.check_parts()).await;
    found.extend(parts.ok().and_then(Result::err));
    found.extend(targets::of(&site.inputs).check(site, running).await.err());
    if let Some(front) = Front::of(site) {
        found.extend(front.check(site.inputs.n_instances() as usize).await.err());
    }
    found
}

/// The settings that a return would change with the version: how it comes there is the environment's affair.
pub(super) fn settings_between(now: &Inputs, after: &Inputs) -> Vec<Change> {
    let is_told = |change: &Change| {
        let mut told = ["env.", "target.", "database."].iter();
        // As many as run now run afterwards.
        change.place != "target.instances" && told.any(|place| change.place.starts_with(place))
    };
    changes(Some(now), after).into_iter().filter(is_told).collect()
}

/// Every setting that is not as it was, by its place: `env.PLACE`, `target.instances`, `artifact.app`.
fn changes(before: Option<&Inputs>, after: &Inputs) -> Vec<Change> {
    let before = before.map(settings).unwrap_or_default();
    let after = settings(after);
    let places: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    places
        .into_iter()
        .filter(|place| before.get(*place) != after.get(*place))
        .map(|place| Change {
            place: place.clone(),
            before: before.get(place).cloned(),
            after: after.get(place).cloned(),
        })
        .collect()
}

fn settings(inputs: &Inputs) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let of = |value: Result<Value, serde_json::Error>| value.unwrap_or_default();
    flatten("env", &of(serde_json::to_value(&inputs.env)), &mut found);
    flatten("target", &of(serde_json::to_value(&inputs.target)), &mut found);
    flatten("strategy", &of(serde_json::to_value(&inputs.strategy)), &mut found);
    flatten("traffic", &of(serde_json::to_value(&inputs.traffic)), &mut found);
    flatten("health", &of(serde_json::to_value(&inputs.health)), &mut found);
    flatten("database", &of(serde_json::to_value(&inputs.database)), &mut found);
    for part in &inputs.parts {
        found.insert(
            format!("artifact.{}", part.name),
            part.sha256.get(..12).unwrap_or_default().to_owned(),
        );
    }
    found
}

fn flatten(place: &str, value: &Value, into: &mut BTreeMap<String, String>) {
    match value {
        Value::Null => {}
        Value::Object(map) => {
            for (name, value) in map {
                flatten(&format!("{place}.{name}"), value, into);
            }
        }
        Value::Array(values) if values.iter().any(Value::is_object) => {
            for (i, value) in values.iter().enumerate() {
                flatten(&format!("{place}.{}", i + 1), value, into);
            }
        }
        Value::String(text) => {
            into.insert(place.to_owned(), text.clone());
        }
        other => {
            into.insert(place.to_owned(), other.to_string());
        }
    }
}
