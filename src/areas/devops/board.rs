//! One row of the board: what git, the ledger and the processes say of a workspace now.

use super::{BoardRow, Mark, project};
use crate::adapters::World;
use crate::adapters::store::deployments::DeploymentRow;
use crate::adapters::store::holder;
use crate::base::{Problem, SafeText, State, Workspace};
use crate::msg;
use std::collections::BTreeSet;
use std::path::Path;

/// What the project file says of what is to be seen here.
#[derive(Default)]
struct Said {
    /// The environments in the order in which a version moves on.
    environments: Vec<String>,
    /// The checks by name; those that have none of their own are watched by the name of their environment.
    checks: BTreeSet<String>,
    /// What of the file can not be read.
    wrong: Vec<Problem>,
}

fn look(root: &Path) -> Said {
    let (project, wrong) = project::read_as_far(root);
    let environments: Vec<String> = project.environments.into_iter().map(|environment| environment.name).collect();
    let checks = project.checks.into_iter().map(|check| check.name.clone());
    Said {
        checks: checks.chain(environments.iter().cloned()).collect(),
        environments,
        wrong,
    }
}

/// How many instances a deployment wants, as its inputs have it.
fn wanted(row: &DeploymentRow) -> Option<u32> {
    let n_services = row.inputs["services"].as_array().map_or(0, Vec::len);
    if n_services > 0 {
        return Some(n_services as u32);
    }
    let target: project::Target = serde_json::from_value(row.inputs["target"].clone()).ok()?;
    Some(target.instances())
}

/// The instances that run, and those that an environment wants and has not; with the death of each.
async fn instances(world: &World, workspace: &Workspace, environments: &[String], row: &mut BoardRow) -> Result<(), Problem> {
    let store = world.store();
    let running = store.instances().running(Some(&workspace.id)).await?;
    let mut dead = Vec::new();
    for instance in &running {
        row.n_instances += 1;
        let is_alive = match (instance.pid, instance.pid_start) {
            (Some(pid), Some(start)) => holder::is_running(pid, start),
            _ => true,
        };
        if is_alive {
            row.n_live += 1;
        } else {
            dead.push(instance.name.clone());
        }
    }
    for environment in environments {
        let newest = store.deployments().list(&workspace.id, Some(environment), 1).await?;
        // While it is changed, instances come and go.
        if newest.first().is_none_or(|newest| newest.ended_at.is_none()) {
            continue;
        }
        let live = store.deployments().live(&workspace.id, environment).await?;
        let Some((live, n_wanted)) = live.filter(counts).and_then(|live| Some((live.id, wanted(&live)?))) else {
            continue;
        };
        let here = running
            .iter()
            .filter(|row| row.environment.as_deref() == Some(environment.as_str()));
        let names: BTreeSet<&str> = here.clone().map(|row| row.name.as_str()).collect();
        let n_missing = n_wanted.saturating_sub(here.count() as u32);
        row.n_instances += n_missing;
        let past = store.instances().of_deployment(live).await?;
        let crashed: BTreeSet<String> = past
            .into_iter()
            .filter(|past| past.has_crashed() && !names.contains(past.name.as_str()))
            .map(|past| past.name)
            .collect();
        dead.extend(crashed.into_iter().take(n_missing as usize));
    }
    row.problems
        .extend(dead.iter().map(|name| msg!("devops-problem-instance", name = name.as_str())));
    Ok(())
}

/// What is open at Operate, and the checks that are down of which no incident tells.
async fn troubles(world: &World, workspace: &Workspace, checks: &BTreeSet<String>, row: &mut BoardRow) -> Result<(), Problem> {
    const SHOWN: u32 = 100;
    let store = world.store();
    let open = store.incidents().list(&workspace.id, true, SHOWN).await?;
    row.n_incidents = open.len() as u32;
    let titles = open.iter().map(|incident| SafeText::new(&incident.title).into_string());
    row.problems
        .extend(titles.map(|title| msg!("devops-problem-incident", title = title)));
    let told: BTreeSet<&str> = open
        .iter()
        .filter_map(|incident| incident.opened_by.strip_prefix("check:"))
        .collect();
    for standing in store.checks().standings(&workspace.id).await? {
        let is_down = matches!(standing.standing.as_str(), "down" | "wrong");
        if !is_down || !checks.contains(&standing.name) {
            continue;
        }
        row.n_checks_down += 1;
        if !told.contains(standing.name.as_str()) {
            row.problems.push(msg!("devops-problem-check", name = standing.name.as_str()));
        }
    }
    Ok(())
}

/// An environment that was stopped runs nothing.
fn counts(row: &DeploymentRow) -> bool {
    row.kind != "stop" || matches!(row.state, State::Failed | State::Cancelled)
}

/// What counts most, and where a deployment failed last. Of the environments the last one in which something runs counts most;
/// without a project file, the one that was deployed to last.
async fn deployments(
    world: &World,
    workspace: &Workspace,
    environments: &[String],
) -> Result<(Option<DeploymentRow>, Vec<DeploymentRow>), Problem> {
    let deployments = world.store().deployments();
    let mut most = None;
    let mut failed = Vec::new();
    for environment in environments.iter().rev() {
        let newest = deployments.list(&workspace.id, Some(environment), 1).await?;
        let Some(newest) = newest.into_iter().next().filter(counts) else {
            continue;
        };
        let is_settled = matches!(newest.state, State::Done | State::Cancelled);
        if newest.state == State::Failed {
            failed.push(newest.clone());
        }
        if most.is_none() {
            most = if is_settled {
                deployments.live(&workspace.id, environment).await?.filter(counts)
            } else {
                Some(newest)
            };
        }
    }
    if most.is_none() {
        let newest = deployments.list(&workspace.id, None, 1).await?;
        let is_other = |row: &DeploymentRow| counts(row) && !environments.contains(&row.environment);
        most = newest.into_iter().next().filter(is_other);
        failed.extend(most.iter().filter(|row| row.state == State::Failed).cloned());
    }
    Ok((most, failed))
}

/// Reads everything that the row shows. A part that can not be read is shown as unknown, with the reason among the problems.
pub async fn read(world: &World, workspace: &Workspace) -> Result<BoardRow, Problem> {
    let store = world.store();
    let mut row = BoardRow {
        kinds: super::scan::kinds_of(&workspace.root),
        ..BoardRow::default()
    };
    let git = world.git().clone();
    let root = workspace.root.clone();
    let (repo, head) = tokio::task::spawn_blocking(move || (git.summary(&root), git.head(&root)))
        .await
        .map_err(|error| Problem::internal(msg!("devops-board-failed")).details(error))?;
    let (commit, dirty) = match head {
        Ok(state) => (state.commit, state.dirty),
        Err(_) => (None, None),
    };
    match repo {
        Ok(repo) => row.repo = Some(repo),
        Err(error) => row.repo_problem = Some(error),
    }
    let is_stale = |of: &Option<String>, of_dirty: &Option<String>| commit.is_some() && (*of != commit || *of_dirty != dirty);

    if let Some(build) = store.builds().last(&workspace.id).await? {
        row.build = Mark {
            state: build.state,
            note: String::new(),
            at: Some(build.started_at),
            is_stale: is_stale(&build.commit, &build.dirty),
        };
        row.build_secs = build.duration_ms as f64 / 1000.0;
        let mut failed = (build.state == State::Failed).then_some(build.task.clone());
        // The newest build may have been of another task than the one that failed.
        if let (None, Some(commit)) = (&failed, &build.commit) {
            let of_commit = store.builds().of_commit(&workspace.id, commit).await?.into_iter();
            let there = of_commit.filter(|row| row.dirty == build.dirty && !row.kind.contains(':'));
            let mut seen = BTreeSet::new();
            let mut newest = there.filter(|row| seen.insert(row.task.clone()));
            failed = newest.find(|row| row.state == State::Failed).map(|row| row.task);
        }
        if let Some(task) = failed {
            row.build.state = State::Failed;
            if !row.build.is_stale {
                row.problems.push(msg!("devops-problem-build", task = task.as_str()));
            }
        }
    }
    if let Some(run) = store.tests().runs(&workspace.id, 1).await?.into_iter().next() {
        row.tests = Mark {
            state: run.state,
            note: String::new(),
            at: Some(run.started_at),
            is_stale: is_stale(&run.commit, &run.dirty),
        };
        (row.n_tests_passed, row.n_tests_failed) = (run.n_passed, run.n_failed);
        // The newest run may have been of one test alone, or of one of several tools.
        if let (Some(commit), Some(_)) = (&run.commit, run.ended_at) {
            let known = store.tests().standing(&workspace.id, commit, run.dirty.as_deref()).await?;
            if let Some(standing) = known {
                row.tests.state = standing.state;
                (row.n_tests_passed, row.n_tests_failed) = (standing.n_passed, standing.n_failed);
            }
            // What failed before, and was not tried since, is not good.
            let n_before = store
                .tests()
                .failed_before(&workspace.id, commit, run.dirty.as_deref())
                .await?;
            if n_before > 0 {
                row.n_tests_failed += n_before;
                row.tests.state = State::Failed;
            }
        }
        if row.n_tests_failed > 0 && !row.tests.is_stale {
            row.problems.push(msg!("devops-problem-tests", n = row.n_tests_failed));
        } else if row.tests.state == State::Failed && !row.tests.is_stale {
            row.problems.push(msg!("devops-problem-tests-ran"));
        }
    }
    row.version = store
        .releases()
        .list(&workspace.id, 1)
        .await?
        .into_iter()
        .next()
        .map(|release| release.version);
    let (git, root) = (world.git().clone(), workspace.root.clone());
    let is_made_elsewhere = row.version.is_none() && row.repo.is_some();
    let looked = tokio::task::spawn_blocking(move || {
        let tagged = is_made_elsewhere.then(|| git.highest_version(&root).ok().flatten()).flatten();
        (tagged, look(&root))
    });
    let (tagged, said) = looked.await.unwrap_or_default();
    row.version = row.version.or(tagged);
    if !said.wrong.is_empty() {
        row.problems.push(msg!("devops-problem-project", n = said.wrong.len()));
    }
    row.n_project_problems = said.wrong.len();
    row.project_problem = said.wrong.into_iter().next();
    let (most, failed) = deployments(world, workspace, &said.environments).await?;
    if let Some(most) = most {
        row.deployed = Mark {
            state: most.state,
            note: format!("{} {}", most.environment, most.version),
            at: Some(most.started_at),
            is_stale: false,
        };
    }
    row.problems.extend(failed.iter().map(|last| {
        msg!(
            "devops-problem-deployment",
            environment = last.environment.as_str(),
            version = last.version.as_str()
        )
    }));
    instances(world, workspace, &said.environments, &mut row).await?;
    troubles(world, workspace, &said.checks, &mut row).await?;
    if row.repo.as_ref().is_some_and(|repo| repo.n_conflicted > 0) {
        row.problems.push(msg!("devops-problem-conflicts"));
    }
    Ok(row)
}
