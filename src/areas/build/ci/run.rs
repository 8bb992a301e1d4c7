//! Runs a file of another CI, or one job of it, on a commit: which file is meant, then the way of every pipeline.

use super::find::{self, Found, From};
use super::{Choice, Definition, Flavor, Workflow};
use crate::adapters::World;
use crate::areas::JobCtx;
use crate::areas::build::pipelines::sources::sources_of;
use crate::areas::build::pipelines::{Of, StartedBy, load, run};
use crate::base::{Problem, Workspace};
use crate::msg;

/// Runs it; fails when a job fails, or when nothing of it can run here.
pub async fn run(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    id: Option<String>,
    of: Of,
    choice: Choice,
    is_anew: bool,
) -> Result<(), Problem> {
    world.trust().check(workspace)?;
    load::settle(cx, world, Some(workspace)).await?;
    let is_commit = matches!(of, Of::Commit { .. });
    let (oid, sources) = sources_of(cx, world, workspace, of).await?;
    let found = find::all(cx, world, workspace, From::Commit(oid.clone()), &choice).await?;
    let workflow = chosen(found, id.as_deref(), &choice)?;
    if is_commit {
        is_known(cx, world, workspace, &oid, &workflow).await?;
    }
    run::begin(
        cx,
        world,
        workspace,
        Definition::Ci(Box::new(workflow)),
        (oid, sources),
        StartedBy::Hand,
        is_anew,
    )
    .await
}

/// The file that is meant, with the jobs that are.
fn chosen(found: Found, id: Option<&str>, choice: &Choice) -> Result<Workflow, Problem> {
    let is_meant = |workflow: &Workflow| id.is_none_or(|id| is_called(workflow, id));
    let mut meant: Vec<Workflow> = found
        .workflows
        .iter()
        .filter(|workflow| is_meant(workflow))
        .cloned()
        .collect();
    for_event(&mut meant, choice)?;
    if let Some(job) = &choice.job {
        meant.retain_mut(|workflow| workflow.keep_only(job));
    }
    if meant.len() > 1 {
        let names: Vec<&str> = meant.iter().map(|workflow| workflow.id.as_str()).collect();
        let problem = Problem::user(msg!("build-ci-several")).code("ambiguous");
        return Err(problem.hint(msg!("build-ci-several-hint", names = names.join(", "))));
    }
    if let Some(workflow) = meant.pop() {
        return Ok(workflow);
    }
    if let Some(problem) = found.problems.first().filter(|_| found.workflows.is_empty()) {
        return Err(problem.clone());
    }
    let Some(job) = &choice.job else {
        let names: Vec<&str> = found.workflows.iter().map(|workflow| workflow.id.as_str()).collect();
        let problem = Problem::user(msg!("build-ci-none")).code("not-found");
        return Err(if names.is_empty() {
            problem
        } else {
            problem.hint(msg!("build-tasks-hint", names = names.join(", ")))
        });
    };
    let of_meant = found.workflows.iter().filter(|workflow| is_meant(workflow));
    let mut names: Vec<&str> = of_meant
        .flat_map(|workflow| &workflow.jobs)
        .map(|job| job.name.as_str())
        .collect();
    names.dedup();
    Err(Problem::user(msg!("build-ci-no-such-job", job = job.as_str()))
        .code("not-found")
        .hint(msg!("build-tasks-hint", names = names.join(", "))))
}

/// Those that are for the event and take the inputs that were asked for.
fn for_event(meant: &mut Vec<Workflow>, choice: &Choice) -> Result<(), Problem> {
    let was_any = !meant.is_empty();
    if let Some(event) = &choice.event {
        let mut known: Vec<String> = meant.iter().flat_map(|workflow| workflow.on.clone()).collect();
        known.dedup();
        meant.retain(|workflow| workflow.flavor == Flavor::Github && workflow.on.contains(event));
        if was_any && meant.is_empty() {
            let problem = Problem::user(msg!("build-ci-no-event", event = event.as_str())).code("not-found");
            return Err(problem.hint(msg!("build-tasks-hint", names = known.join(", "))));
        }
    }
    let was_any = !meant.is_empty();
    let inputs = |workflow: &Workflow| {
        let inputs = workflow.contexts.get("inputs").and_then(serde_json::Value::as_object);
        let names = inputs.into_iter().flatten().map(|(name, _)| name.clone());
        names.collect::<Vec<String>>()
    };
    for name in choice.inputs.keys() {
        let known: Vec<String> = meant.iter().flat_map(inputs).collect();
        meant.retain(|workflow| inputs(workflow).contains(name));
        if was_any && meant.is_empty() {
            let problem = Problem::user(msg!("build-ci-no-input", name = name.as_str())).code("not-found");
            let names = known.join(", ");
            return Err(if names.is_empty() {
                problem
            } else {
                problem.hint(msg!("build-tasks-hint", names = names))
            });
        }
    }
    Ok(())
}

/// By id, file name, path or the name it gives itself.
pub fn is_called(workflow: &Workflow, word: &str) -> bool {
    let file = workflow.path.file_name().unwrap_or_default();
    workflow.id == word || workflow.name == word || file == word || workflow.path.as_os_str() == word
}

/// A commit that was only fetched may say other commands than the file that the user has before him.
async fn is_known(cx: &JobCtx, world: &World, workspace: &Workspace, oid: &str, workflow: &Workflow) -> Result<(), Problem> {
    let (git, root) = (world.git().clone(), workspace.root.clone());
    let (oid, path) = (oid.to_owned(), workflow.path.clone());
    cx.blocking(move |_| {
        if git.is_own_commit(&root, &oid)? {
            return Ok(());
        }
        let top = git.top(&root)?;
        let inside = root.strip_prefix(&top).unwrap_or(std::path::Path::new("")).to_path_buf();
        let here = crate::adapters::files::read_text(&root.join(&path), 4 << 20).ok();
        if git.text_at(&root, &oid, &inside.join(&path))? == here {
            return Ok(());
        }
        Err(Problem::user(msg!("build-commit-foreign", commit = oid.as_str()))
            .code("untrusted")
            .hint(msg!("build-commit-foreign-hint")))
    })
    .await
}
