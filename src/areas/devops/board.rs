//! One row of the board: what git, the ledger and the processes say of a workspace now.

use super::{BoardRow, Mark, project};
use crate::adapters::World;
use crate::adapters::files;
use crate::adapters::store::holder;
use crate::base::{Problem, State, Workspace};
use crate::msg;
use std::path::Path;

/// What can not be read of the project file.
fn n_wrong(root: &Path) -> usize {
    let path = root.join(project::FILE_NAME);
    let text = files::read_text(&path, files::MAX_TEXT_BYTES);
    text.map_or(0, |text| project::parse(&text, &path).1.len())
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
        if build.state == State::Failed {
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
        if row.n_tests_failed > 0 {
            row.problems.push(msg!("devops-problem-tests", n = row.n_tests_failed));
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
        (tagged, n_wrong(&root))
    });
    let (tagged, n_wrong) = looked.await.unwrap_or_default();
    row.version = row.version.or(tagged);
    if n_wrong > 0 {
        row.problems.push(msg!("devops-problem-project", n = n_wrong));
    }
    // The newest of each environment; the last environment in the order of the life cycle counts most, and it was deployed last.
    let deployments = store.deployments().list(&workspace.id, None, 20).await?;
    // An environment that was stopped runs nothing.
    let last = deployments
        .first()
        .filter(|last| last.kind != "stop" || last.state == State::Failed);
    if let Some(last) = last {
        row.deployed = Mark {
            state: last.state,
            note: format!("{} {}", last.environment, last.version),
            at: Some(last.started_at),
            is_stale: false,
        };
        if last.state == State::Failed {
            row.problems.push(msg!(
                "devops-problem-deployment",
                environment = last.environment.as_str(),
                version = last.version.as_str()
            ));
        }
    }
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
