//! Around every change of an environment: who does it, the lock that keeps two apart, the entry in the audit log.

use crate::adapters::store::audit::AuditEntry;
use crate::adapters::store::deployments::{DeploymentRow, LockAnswer, LockRow};
use crate::adapters::{World, user};
use crate::areas::devops::project::{self, Environment, ProjectFile};
use crate::base::{Problem, SafeText, Workspace, WorkspaceId};
use crate::msg;
use std::time::Duration;

/// The lock's lease; renewed with every step.
pub const LEASE: Duration = Duration::from_mins(2);

/// The user as the machine knows them.
pub fn who(world: &World) -> String {
    let env = world.processes().base_env();
    let told = ["USER", "LOGNAME"]
        .iter()
        .find_map(|name| env.get(std::ffi::OsStr::new(name)));
    match told
        .map(|name| name.to_string_lossy().into_owned())
        .filter(|name| !name.is_empty())
    {
        Some(name) => SafeText::new(&name).into_string(),
        None => user::name(),
    }
}

/// The environment of this name, or why there is none.
pub fn environment(workspace: &Workspace, name: &str) -> Result<(ProjectFile, Environment), Problem> {
    let (file, problems) = project::read(&workspace.root)?;
    if let Some(environment) = file.environment(name) {
        let environment = environment.clone();
        return Ok((file, environment));
    }
    // An entry that could not be read is the likely reason.
    if let Some(problem) = problems.into_iter().next() {
        return Err(problem);
    }
    let names: Vec<&str> = file
        .environments
        .iter()
        .map(|environment| environment.name.as_str())
        .collect();
    let problem = Problem::user(msg!("deploy-no-environment", name = name)).code("not-found");
    Err(if names.is_empty() {
        problem.hint(msg!("deploy-no-environments-hint"))
    } else {
        problem.hint(msg!("deploy-no-environment-hint", names = names.join(", ")))
    })
}

/// Of a file with mistakes nothing new is deployed: what was meant may be just what could not be read.
pub fn sound(workspace: &Workspace) -> Result<(), Problem> {
    let (_, problems) = project::read(&workspace.root)?;
    let Some(problem) = problems.into_iter().next() else {
        return Ok(());
    };
    let hint = problem.hint.clone().unwrap_or(msg!("deploy-project-wrong-hint"));
    Err(problem.hint(hint))
}

/// A protected environment changes only when its name was typed.
pub fn confirm(environment: &Environment, confirmed: Option<&str>) -> Result<(), Problem> {
    if !environment.is_protected() || confirmed == Some(environment.name.as_str()) {
        return Ok(());
    }
    Err(
        Problem::user(msg!("deploy-needs-confirmation", environment = &environment.name))
            .code("needs-confirmation")
            .hint(msg!("deploy-needs-confirmation-hint", environment = &environment.name)),
    )
}

/// Takes the lock of an environment, or says who has it.
pub async fn lock(world: &World, workspace: &WorkspaceId, environment: &str, deployment: Option<i64>) -> Result<(), Problem> {
    world.store().must_last()?;
    let deployments = world.store().deployments();
    match deployments
        .lock(workspace, environment, &who(world), deployment, LEASE)
        .await?
    {
        LockAnswer::Taken | LockAnswer::TakenOver(_) => Ok(()),
        LockAnswer::Held(row) => Err(held(world, &row).await),
    }
}

async fn held(world: &World, row: &LockRow) -> Problem {
    let running = match row.deployment {
        Some(id) => world.store().deployments().get(id).await.ok().flatten(),
        None => None,
    };
    let problem = match running {
        Some(running) => Problem::user(msg!(
            "deploy-locked-by",
            environment = &row.environment,
            owner = &row.owner,
            version = &running.version,
            id = running.id.to_string(),
            pid = row.holder.pid.to_string()
        )),
        None => Problem::user(msg!(
            "deploy-locked",
            environment = &row.environment,
            owner = &row.owner,
            pid = row.holder.pid.to_string()
        )),
    };
    problem.code("locked").hint(msg!("deploy-locked-hint"))
}

pub async fn unlock(world: &World, workspace: &WorkspaceId, environment: &str) -> Result<(), Problem> {
    world.store().deployments().unlock(workspace, environment).await
}

/// Writes who does or did what to the audit log; back when it is on disk.
pub async fn audit(world: &World, who: &str, act: &str, row: &DeploymentRow, data: serde_json::Value) -> Result<(), Problem> {
    let mut facts = serde_json::json!({ "version": row.version, "commit": row.commit, "kind": row.kind });
    if let (Some(facts), serde_json::Value::Object(more)) = (facts.as_object_mut(), data) {
        facts.extend(more);
    }
    let entry = AuditEntry {
        who: who.to_owned(),
        act: act.to_owned(),
        workspace: Some(row.workspace.clone()),
        environment: Some(row.environment.clone()),
        deployment: Some(row.id).filter(|id| *id != 0),
        data: facts,
    };
    world.store().audit().append(entry).await.map(drop)
}

/// Somebody tried what is not allowed.
pub async fn audit_refused(world: &World, workspace: &Workspace, environment: &str, problem: &Problem) -> Result<(), Problem> {
    let entry = AuditEntry {
        who: who(world),
        act: "deploy.refused".to_owned(),
        workspace: Some(workspace.id.clone()),
        environment: Some(environment.to_owned()),
        deployment: None,
        data: serde_json::json!({ "why": problem.code }),
    };
    world.store().audit().append(entry).await.map(drop)
}
