//! One row of the board: what git, the ledger and the processes say of a workspace now.

use super::{BoardRow, Mark, project};
use crate::adapters::store::deployments::DeploymentRow;
use crate::adapters::store::holder;
use crate::adapters::{World, files};
use crate::base::{Problem, State, Workspace};
use crate::msg;
use std::path::Path;

/// The environments of the project file in the order in which a version moves on, and what of the file can not be read.
fn look(root: &Path) -> (Vec<String>, Vec<Problem>) {
    let path = root.join(project::FILE_NAME);
    match files::read_text_if_there(&path, files::MAX_TEXT_BYTES) {
        Ok(None) => (Vec::new(), Vec::new()),
        Ok(Some(text)) => {
            let (project, problems) = project::parse(&text, &path);
            let names = project.environments.into_iter().map(|environment| environment.name);
            (names.collect(), problems)
        }
        Err(problem) => (Vec::new(), vec![problem]),
    }
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
        if build.state == State::Failed && !row.build.is_stale {
            row.problems.push(msg!("devops-problem-build", task = build.task.as_str()));
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
    let (tagged, (environments, wrong)) = looked.await.unwrap_or_default();
    row.version = row.version.or(tagged);
    if !wrong.is_empty() {
        row.problems.push(msg!("devops-problem-project", n = wrong.len()));
    }
    row.project_problem = wrong.into_iter().next();
    let (most, failed) = deployments(world, workspace, &environments).await?;
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
    for instance in store.instances().running(Some(&workspace.id)).await? {
        row.n_instances += 1;
        let is_alive = match (instance.pid, instance.pid_start) {
            (Some(pid), Some(start)) => holder::is_running(pid, start),
            _ => true,
        };
        if is_alive {
            row.n_live += 1;
        } else {
            row.problems
                .push(msg!("devops-problem-instance", name = instance.name.as_str()));
        }
    }
    if row.repo.as_ref().is_some_and(|repo| repo.n_conflicted > 0) {
        row.problems.push(msg!("devops-problem-conflicts"));
    }
    Ok(row)
}
