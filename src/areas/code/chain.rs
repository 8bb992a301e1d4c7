//! Where Code meets the chain of the ledger: the plan items that a commit names, and what became of commits.

use super::{Incident, Piped, Released, Tested, Weather};
use crate::adapters::World;
use crate::adapters::store::builds::is_build;
use crate::areas::JobCtx;
use crate::areas::plan::folder::Folder;
use crate::base::{Problem, State, Workspace};
use std::collections::{BTreeMap, BTreeSet};

/// Rows of each kind that are looked at, the newest first.
const MAX_ROWS: u32 = 2_000;

/// Remembers which items of the plan this commit's message names.
pub(super) async fn link_items(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    oid: &str,
    message: &str,
) -> Result<(), Problem> {
    let words = words_like_ids(message);
    if words.is_empty() {
        return Ok(());
    }
    let planned = workspace.clone();
    let items = cx.blocking(move |_| Folder::open(&planned)?.all()).await?;
    for item in items.iter().filter(|item| words.contains(item.id.as_str())) {
        world.store().threads().link_item(&workspace.id, &item.id, oid).await?;
    }
    Ok(())
}

/// `BJ-6T3C` and the like: capitals, a dash, capitals and digits.
pub(super) fn words_like_ids(message: &str) -> BTreeSet<&str> {
    let words = message.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    let is_id = |word: &&str| {
        word.split_once('-').is_some_and(|(prefix, rest)| {
            let small = |part: &str| (1..=12).contains(&part.len());
            small(prefix)
                && small(rest)
                && prefix.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
                && rest.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        })
    };
    words.filter(is_id).collect()
}

/// What became of the workspace's commits, by commit. Runs with changes on top of a commit say nothing about it.
pub(super) async fn weather(world: &World, workspace: &Workspace) -> Result<BTreeMap<String, Weather>, Problem> {
    let store = world.store();
    let mut weather: BTreeMap<String, Weather> = BTreeMap::new();
    for build in store.builds().list(&workspace.id, None, MAX_ROWS).await? {
        if is_build(&build.kind)
            && let (Some(commit), None) = (build.commit, build.dirty)
        {
            weather.entry(commit).or_default().built.get_or_insert(build.state);
        }
    }
    let mut tested_again = BTreeSet::new();
    for run in store.tests().runs(&workspace.id, MAX_ROWS).await? {
        if let (Some(commit), None) = (run.commit, run.dirty) {
            let tested = &mut weather.entry(commit.clone()).or_default().tested;
            if tested.is_some() {
                tested_again.insert(commit);
            }
            tested.get_or_insert(Tested {
                state: run.state,
                n_passed: run.n_passed,
                n_failed: run.n_failed,
            });
        }
    }
    // The newest run may have been of one test alone.
    for commit in tested_again {
        let standing = store.tests().standing(&workspace.id, &commit, None).await?;
        let known = weather.get_mut(&commit).and_then(|weather| weather.tested.as_mut());
        if let (Some(standing), Some(known)) = (standing, known)
            && !matches!(known.state, State::Running | State::InProgress)
        {
            *known = Tested {
                state: standing.state,
                n_passed: standing.n_passed,
                n_failed: standing.n_failed,
            };
        }
    }
    let mut released: BTreeMap<i64, String> = BTreeMap::new();
    for release in store.releases().list(&workspace.id, MAX_ROWS).await? {
        released.insert(release.id, release.commit.clone());
        weather.entry(release.commit).or_default().released.get_or_insert(Released {
            version: release.version,
            is_withdrawn: release.withdrawn.is_some(),
        });
    }
    let mut of_deployment: BTreeMap<i64, String> = BTreeMap::new();
    let mut tried = BTreeSet::new();
    for deployment in store.deployments().list(&workspace.id, None, MAX_ROWS).await? {
        // A release that is deployed again names no commit, but it has one.
        let of_release = || released.get(&deployment.release?).cloned();
        let Some(commit) = deployment.commit.clone().or_else(of_release) else {
            continue;
        };
        of_deployment.insert(deployment.id, commit.clone());
        // The newest try says what became of it there.
        if !tried.insert((commit.clone(), deployment.environment.clone())) {
            continue;
        }
        let is_live = deployment.healthy_from.is_some() && deployment.healthy_until.is_none();
        let state = if is_live { State::Running } else { deployment.state };
        // What was live once and is not any more is no weather: it is history.
        if deployment.state == State::Done && !is_live {
            continue;
        }
        let deployed = &mut weather.entry(commit).or_default().deployed;
        if !deployed.iter().any(|(environment, _)| *environment == deployment.environment) {
            deployed.push((deployment.environment, state));
        }
    }
    for run in store.pipelines().list(&workspace.id, MAX_ROWS).await? {
        if run.dirty.is_some() {
            continue;
        }
        let known = &mut weather.entry(run.commit).or_default().pipelines;
        if !known.iter().any(|one| one.pipeline == run.pipeline) {
            known.push(Piped {
                pipeline: run.pipeline,
                run: run.id,
                state: run.state,
            });
        }
    }
    for incident in store.incidents().list(&workspace.id, false, MAX_ROWS).await? {
        let commit = incident.deployment.and_then(|deployment| of_deployment.get(&deployment));
        let Some(commit) = commit else { continue };
        weather.entry(commit.clone()).or_default().incident.get_or_insert(Incident {
            id: incident.id,
            title: incident.title,
            is_open: incident.closed_at.is_none(),
        });
    }
    Ok(weather)
}
