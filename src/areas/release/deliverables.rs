//! Every version that was made: from the ledger, and from tags that were set elsewhere.

use super::{Deliverable, Place, files, history, procedure};
use crate::adapters::World;
use crate::adapters::store::releases::ReleaseRow;
use crate::areas::JobCtx;
use crate::base::{Problem, Timestamp, Workspace};
use std::collections::BTreeSet;

/// Versions that are listed.
const SHOWN: u32 = 200;

/// Newest first.
pub async fn list(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<Vec<Deliverable>, Problem> {
    let rules = files::project(workspace)?.0.release;
    let mut out = Vec::new();
    let mut known = BTreeSet::new();
    for row in world.store().releases().list(&workspace.id, SHOWN).await? {
        if known.insert(row.version.clone()) {
            out.push(of_row(world, row).await?);
        }
    }
    let pattern = history::pattern(world, workspace, &rules, cx.cancel_token()).await?;
    let tags = match history::tags(world, workspace, &pattern, false, cx.cancel_token()).await {
        Ok(tags) => tags,
        // What the ledger knows is true in a folder without a repository too.
        Err(problem) if problem.code == "no-repository" => Vec::new(),
        Err(problem) => return Err(problem),
    };
    for tagged in tags.into_iter().take(SHOWN as usize) {
        if known.insert(tagged.version.to_string()) {
            out.push(Deliverable {
                id: 0,
                version: tagged.version.to_string(),
                commit: tagged.commit,
                tag: Some(tagged.tag),
                previous: None,
                at: tagged.at.unwrap_or(Timestamp::UNIX_EPOCH),
                notes: String::new(),
                withdrawn: None,
                artifacts: Vec::new(),
                places: Vec::new(),
            });
        }
    }
    if let Some(text) = files::read_changelog(&workspace.root, &rules)? {
        for one in out.iter_mut().filter(|one| one.notes.is_empty()) {
            one.notes = super::changelog::notes(&text, &one.version).unwrap_or_default().to_owned();
        }
    }
    out.sort_by(|a, b| {
        let version = |one: &Deliverable| semver::Version::parse(&one.version).ok();
        version(b).cmp(&version(a)).then(b.at.cmp(&a.at))
    });
    Ok(out)
}

/// A version of the ledger with its files and the places where it is.
pub async fn of_row(world: &World, row: ReleaseRow) -> Result<Deliverable, Problem> {
    let artifacts = world.store().releases().artifacts(row.id).await?;
    let deployments = world.store().deployments().of_release(row.id).await?;
    let mut seen = BTreeSet::new();
    let places = deployments
        .into_iter()
        .filter(|deployment| deployment.kind != "stop")
        .filter_map(|deployment| {
            let since = deployment.healthy_from?;
            seen.insert(deployment.environment.clone()).then_some(Place {
                environment: deployment.environment,
                deployment: deployment.id,
                since,
                until: deployment.healthy_until,
            })
        })
        .collect();
    Ok(Deliverable {
        id: row.id,
        version: row.version,
        commit: row.commit,
        tag: row.tag,
        previous: row.previous,
        at: row.released_at,
        notes: row.notes,
        withdrawn: row.withdrawn,
        artifacts: procedure::delivered(artifacts),
        places,
    })
}
