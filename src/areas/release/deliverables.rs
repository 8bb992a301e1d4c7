//! Every version that was made: from the ledger, and from tags that were set elsewhere.

use super::{Deliverable, Place, files, history, journal, packages, procedure, withdrawal};
use crate::adapters::World;
use crate::adapters::store::releases::ReleaseRow;
use crate::areas::JobCtx;
use crate::areas::devops::project::ReleaseRules;
use crate::base::{Msg, Problem, State, Timestamp, Workspace};
use crate::msg;
use std::collections::BTreeSet;

/// Versions that are read; more are no project's of a person.
const MAX_VERSIONS: u32 = 20_000;

/// Newest first.
pub async fn list(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<Vec<Deliverable>, Problem> {
    let rules = files::project(workspace)?.0.release;
    let mut out = Vec::new();
    let mut known = BTreeSet::new();
    let words = withdrawal::all(world, &workspace.id).await?;
    for row in world.store().releases().list(&workspace.id, MAX_VERSIONS).await? {
        if known.insert(row.version.clone()) {
            out.push(of_row(world, row).await?);
        }
    }
    for (version, tagged) in tagged(cx, world, workspace, &rules).await? {
        if known.insert(version.clone()) {
            out.push(Deliverable {
                id: 0,
                withdrawn: withdrawal::reason(&words, &version),
                words: Vec::new(),
                version,
                commit: tagged.commit,
                tag: Some(tagged.tag),
                previous: None,
                at: tagged.at.unwrap_or(Timestamp::UNIX_EPOCH),
                notes: String::new(),
                artifacts: Vec::new(),
                places: Vec::new(),
                steps: Vec::new(),
            });
        }
    }
    for one in &mut out {
        one.words = words.get(&one.version).cloned().unwrap_or_default();
    }
    if let Some(text) = files::read_changelog(&workspace.root, &rules)? {
        for one in out.iter_mut().filter(|one| one.notes.is_empty()) {
            one.notes = super::changelog::notes(&text, &one.version).unwrap_or_default().to_owned();
        }
    }
    out.sort_by(|a, b| {
        // The whole first, then package by package.
        let key = |one: &Deliverable| {
            let (package, version) = packages::parts(&one.version);
            (package.map(str::to_owned), semver::Version::parse(version).ok())
        };
        let ((of_a, a_is), (of_b, b_is)) = (key(a), key(b));
        of_a.cmp(&of_b).then(b_is.cmp(&a_is)).then(b.at.cmp(&a.at))
    });
    Ok(out)
}

/// Tags of versions, of the whole and of every package, with what they are called.
async fn tagged(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    rules: &ReleaseRules,
) -> Result<Vec<(String, history::Tagged)>, Problem> {
    let cancel = cx.cancel_token();
    let pattern = history::pattern(world, workspace, rules, cancel).await?;
    let of_whole = match history::tags(world, workspace, &pattern, false, cancel).await {
        Ok(tags) => tags,
        // What the ledger knows is true in a folder without a repository too.
        Err(problem) if problem.code == "no-repository" => return Ok(Vec::new()),
        Err(problem) => return Err(problem),
    };
    let mut out: Vec<(String, history::Tagged)> = Vec::new();
    out.extend(of_whole.into_iter().map(|tagged| (tagged.version.to_string(), tagged)));
    for package in packages::find(&workspace.root, rules)? {
        let pattern = history::pattern_of(world, workspace, &package, cancel).await?;
        let tags = history::tags(world, workspace, &pattern, false, cancel).await?;
        let name = Some(package.name.as_str());
        let label = |tagged: history::Tagged| (packages::label(name, &tagged.version.to_string()), tagged);
        out.extend(tags.into_iter().map(label));
    }
    Ok(out)
}

impl Deliverable {
    /// Why it is withdrawn, and who said so when, as far as that is known; None while it is good.
    pub fn withdrawn_told(&self) -> Option<Msg> {
        let why = self.withdrawn.as_ref()?;
        let last = self.words.last().filter(|word| word.reason.as_ref() == Some(why));
        Some(last.map_or_else(|| msg!("release-word-reason", reason = why), withdrawal::Word::told))
    }
}

/// A version of the ledger with its files and the places where it is.
pub async fn of_row(world: &World, row: ReleaseRow) -> Result<Deliverable, Problem> {
    let artifacts = world.store().releases().artifacts(row.id).await?;
    let deployments = world.store().deployments().of_release(row.id).await?;
    let mut seen = BTreeSet::new();
    let running = if deployments.is_empty() {
        Vec::new()
    } else {
        world.store().instances().running(Some(&row.workspace)).await?
    };
    let failed: Vec<Place> = deployments
        .iter()
        .filter(|one| one.state == State::Failed && one.healthy_from.is_none() && one.kind != "stop")
        .map(|one| Place {
            environment: one.environment.clone(),
            deployment: one.id,
            since: one.started_at,
            until: Some(one.ended_at.unwrap_or(one.started_at)),
            has_failed: true,
        })
        .collect();
    let mut places: Vec<Place> = deployments
        .into_iter()
        .filter(|deployment| deployment.kind != "stop")
        .filter_map(|deployment| {
            let mut there = running
                .iter()
                .filter(|one| one.environment.as_ref() == Some(&deployment.environment));
            let runs = there.clone().any(|one| one.deployment == Some(deployment.id));
            // One that failed and was left as it is stands there all the same, in the place of what should run.
            let left = (deployment.state == State::Failed && runs).then_some(deployment.started_at);
            let since = deployment.healthy_from.or(left)?;
            let other = there.find(|_| !runs).map(|one| one.started_at);
            seen.insert(deployment.environment.clone()).then_some(Place {
                environment: deployment.environment,
                deployment: deployment.id,
                since,
                until: deployment.healthy_until.or(other),
                has_failed: false,
            })
        })
        .collect();
    // Where it never was it may have been tried; the last try counts.
    for one in failed {
        if seen.insert(one.environment.clone()) {
            places.push(one);
        }
    }
    let steps = journal::kept(world, &row.workspace, &row.version).await?;
    Ok(Deliverable {
        id: row.id,
        version: row.version,
        commit: row.commit,
        tag: row.tag,
        previous: row.previous,
        at: row.released_at,
        notes: row.notes,
        withdrawn: row.withdrawn,
        words: Vec::new(),
        artifacts: procedure::delivered(artifacts),
        places,
        steps,
    })
}
