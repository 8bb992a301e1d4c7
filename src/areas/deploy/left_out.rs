//! Environments that run although the project file does not name them any more: renamed there, or taken out. What runs in them is known
//! from their last deployment, so that it is seen and can be ended.

use super::inputs::Inputs;
use super::{Kind, journal, targets};
use crate::adapters::World;
use crate::adapters::store::instances::InstanceRow;
use crate::areas::devops::project::{Environment, OnFailure, ProjectFile, RehearsalRules, Span};
use crate::base::{Problem, Workspace, WorkspaceId};
use crate::msg;
use std::collections::BTreeSet;
use std::time::Duration;

/// Those of a workspace, by name.
pub(super) async fn all(world: &World, workspace: &WorkspaceId, file: &ProjectFile) -> Result<Vec<Environment>, Problem> {
    let running = world.store().instances().running(Some(workspace)).await?;
    let names: BTreeSet<&str> = running
        .iter()
        .filter(|row| row.deployment.is_some())
        .filter_map(|row| row.environment.as_deref())
        .filter(|name| file.environment(name).is_none())
        .collect();
    let mut found = Vec::new();
    for name in names {
        found.extend(of(world, workspace, name, &running).await?);
    }
    Ok(found)
}

/// The environment of this name in the project file, else as its last deployment was made while something of it runs.
pub(super) async fn known(world: &World, workspace: &Workspace, name: &str) -> Result<Environment, Problem> {
    let problem = match journal::environment(workspace, name) {
        Ok((_, environment)) => return Ok(environment),
        Err(problem) => problem,
    };
    let running = world.store().instances().running(Some(&workspace.id)).await?;
    of(world, &workspace.id, name, &running).await?.ok_or(problem)
}

/// That there is no such environment, with what can be done about one that runs all the same.
pub(super) async fn told(world: &World, workspace: &Workspace, name: &str, problem: Problem) -> Problem {
    // A file that can not be read says nothing of what is in it.
    if problem.code != "not-found" {
        return problem;
    }
    match known(world, workspace, name).await {
        Ok(_) => Problem::user(msg!("deploy-left-out", environment = name))
            .code("left-out")
            .hint(msg!("deploy-left-out-hint", environment = name)),
        Err(_) => problem,
    }
}

/// Who of the same workspace has a port that an environment wants: the other environment's name.
pub(super) async fn holder(world: &World, workspace: &WorkspaceId, environment: &str, port: u16) -> Option<String> {
    let running = world.store().instances().running(Some(workspace)).await.ok()?;
    let has_it = |row: &&InstanceRow| row.port == Some(port) && row.environment.as_deref() != Some(environment);
    for row in running.iter().filter(has_it) {
        if targets::is_alive(world, row).await {
            return row.environment.clone();
        }
    }
    None
}

async fn of(world: &World, workspace: &WorkspaceId, name: &str, running: &[InstanceRow]) -> Result<Option<Environment>, Problem> {
    let deployments = world.store().deployments();
    let live = deployments.live(workspace, name).await?;
    let newest = running.iter().rfind(|row| row.environment.as_deref() == Some(name));
    let row = match (
        live.filter(|row| row.kind != Kind::Stop.word()),
        newest.and_then(|row| row.deployment),
    ) {
        (Some(live), Some(_)) => Some(live),
        (None, Some(id)) => deployments.get(id).await?,
        (_, None) => None,
    };
    let Some(inputs) = row.and_then(|row| Inputs::of(&row).ok()) else {
        return Ok(None);
    };
    Ok(Some(Environment {
        name: name.to_owned(),
        protected: None,
        env: inputs.env,
        target: inputs.target,
        strategy: inputs.strategy,
        traffic: inputs.traffic,
        health: inputs.health,
        database: inputs.database,
        rehearsal: RehearsalRules::default(),
        continuous: None,
        approvals: None,
        on_failure: OnFailure::default(),
        decide_within: inputs.guided.unwrap_or(Span(Duration::ZERO)),
    }))
}
