//! The rules of `chantier.toml`: what happened to the commits of an item, and which rule that fires.

use super::{places, reverts};
use crate::adapters::World;
use crate::adapters::store::thread::{ThreadEnd, ThreadRows};
use crate::areas::devops::project::{PlanEvent, PlanRule};
use crate::areas::devops::version_tags::VersionTags;
use crate::areas::plan::model::Plan;
use crate::areas::plan::{Item, Kind};
use crate::base::format::short_oid;
use crate::base::{Problem, State, Workspace};
use std::collections::{BTreeMap, BTreeSet};

/// What happened to the items, as ledger and git know it.
#[derive(Default)]
pub struct Facts {
    rows: BTreeMap<String, ThreadRows>,
    /// Commits that are part of the main branch.
    merged: BTreeSet<String>,
    /// What runs where, with the newest commits of the items.
    live: Vec<places::Live>,
}

/// The rule that moves an item, and every event that is dealt with by that.
pub(super) struct Hit<'a> {
    pub(super) rule: Option<(&'a PlanRule, String)>,
    pub(super) events: Vec<String>,
    /// Those of them that are the rule's own: they count again while the workflow forbids the move.
    pub(super) of_rule: Vec<String>,
}

impl Facts {
    /// Asks the ledger about every item that has commits.
    pub(super) async fn gather(world: &World, workspace: &Workspace, plan: &Plan) -> Result<Self, Problem> {
        let mut facts = Self::default();
        let wanted: BTreeSet<PlanEvent> = plan.workflow.rules.iter().map(|rule| rule.on).collect();
        if wanted.iter().all(|event| *event == PlanEvent::Criteria) {
            return Ok(facts);
        }
        let tags = if wanted.contains(&PlanEvent::Released) {
            Some(VersionTags::of(world, workspace).await?)
        } else {
            None
        };
        let void = reverts::void(&reverts::known(world, workspace).await?);
        for item in plan.items.values().filter(|item| !item.is_done(&plan.workflow)) {
            let mut commits = world.store().threads().commits_of_item(&workspace.id, &item.id).await?;
            commits.retain(|oid| !void.contains(oid));
            if commits.is_empty() {
                continue;
            }
            let end = ThreadEnd::Item {
                workspace: workspace.id.clone(),
                id: item.id.clone(),
            };
            let mut rows = world.store().threads().follow(end).await?;
            rows.commits.retain(|oid| !void.contains(oid));
            if let Some(tags) = &tags {
                tags.complete(world, &mut rows).await?;
            }
            facts.rows.insert(item.id.clone(), rows);
        }
        if wanted.contains(&PlanEvent::Merged) {
            facts.merged = merged(world, workspace, &facts.rows).await?;
        }
        if wanted.contains(&PlanEvent::Deployed) {
            let newest = facts.rows.values().filter_map(|rows| rows.commits.first().cloned());
            facts.live = places::live(world, workspace, &newest.collect::<Vec<_>>()).await?;
        }
        Ok(facts)
    }
}

async fn merged(world: &World, workspace: &Workspace, rows: &BTreeMap<String, ThreadRows>) -> Result<BTreeSet<String>, Problem> {
    let branches = world.git().branch_tips(&workspace.root).await?;
    let Some(main) = branches.main else {
        return Ok(BTreeSet::new());
    };
    let commits: Vec<String> = rows.values().flat_map(|rows| rows.commits.iter().cloned()).collect();
    world.git().reachable(&workspace.root, &main, commits).await
}

/// What a rule answers to: the names of the events, for the memory, and their words.
fn events(rule: &PlanRule, item: &Item, facts: &Facts) -> Vec<(String, String)> {
    let rows = facts.rows.get(&item.id);
    let mut events: Vec<(String, String)> = event(rule, item, rows, &facts.merged).into_iter().collect();
    if rule.on == PlanEvent::Deployed
        && let Some(newest) = rows.and_then(|rows| rows.commits.first())
    {
        // A version that was skipped there, or none at all: what runs has the work all the same.
        let is_meant = |name: &str| rule.environment.as_deref().is_none_or(|wanted| wanted == name);
        let holding = facts.live.iter().filter(|live| live.holds.contains(newest));
        for live in holding.filter(|live| is_meant(&live.row.environment)) {
            let words = format!("{} {}", live.row.environment, live.row.version);
            events.push((format!("held:{}:{newest}", live.row.environment), words));
        }
    }
    events
}

fn event(rule: &PlanRule, item: &Item, rows: Option<&ThreadRows>, merged: &BTreeSet<String>) -> Option<(String, String)> {
    if rule.on == PlanEvent::Criteria {
        let is_met = !item.criteria.is_empty() && item.criteria.iter().all(|criterion| criterion.is_done);
        let met = format!("{}/{}", item.n_criteria_done(), item.criteria.len());
        return is_met.then(|| (format!("criteria:{met}"), met));
    }
    let rows = rows?;
    let environment = rule.environment.as_deref();
    match rule.on {
        PlanEvent::Commit => {
            let oid = rows.commits.first()?;
            Some((format!("commit:{oid}"), short_oid(oid).to_owned()))
        }
        PlanEvent::Merged => {
            let oid = rows.commits.iter().find(|oid| merged.contains(*oid))?;
            Some((format!("merged:{oid}"), short_oid(oid).to_owned()))
        }
        PlanEvent::Tests => {
            let run = rows
                .tests
                .first()
                .filter(|run| run.state == State::Done && run.n_failed == 0 && run.n_passed > 0)?;
            Some((format!("tests:{}", run.id), run.title.clone()))
        }
        PlanEvent::Released => {
            let release = rows.releases.iter().find(|release| release.withdrawn.is_none())?;
            Some((format!("released:{}", release.version), release.version.clone()))
        }
        PlanEvent::Deployed => {
            let is_there = |row: &&crate::adapters::store::deployments::DeploymentRow| {
                row.state == State::Done && row.healthy_from.is_some() && environment.is_none_or(|name| name == row.environment)
            };
            let row = rows.deployments.iter().find(is_there)?;
            Some((format!("deployed:{}", row.id), format!("{} {}", row.environment, row.version)))
        }
        PlanEvent::Criteria => None,
    }
}

/// The rule that brings the item farthest on a way that the workflow allows, of those whose event is new to it. Where no way is allowed,
/// the farthest: that it is refused is told.
pub(super) fn best<'a>(plan: &'a Plan, item: &Item, facts: &Facts, applied: Option<&Vec<String>>) -> Option<Hit<'a>> {
    if item.kind == Kind::Milestone {
        return None;
    }
    let here = plan.column_of(item);
    let mut hit = Hit {
        rule: None,
        events: Vec::new(),
        of_rule: Vec::new(),
    };
    // Column, whether the way there is allowed, the rule with its words, its events.
    let mut ways: Vec<(usize, bool, (&'a PlanRule, String), Vec<String>)> = Vec::new();
    for (index, rule) in plan.workflow.rules.iter().enumerate() {
        let mut events = events(rule, item, facts);
        for (name, _) in &mut events {
            *name = format!("{index}/{}/{name}", rule.to);
        }
        events.retain(|(name, _)| applied.is_none_or(|applied| !applied.contains(name)));
        let names: Vec<String> = events.iter().map(|(name, _)| name.clone()).collect();
        let Some((_, words)) = events.into_iter().next() else {
            continue;
        };
        match plan.workflow.column_of(&rule.to) {
            Some(column) if column > here && here < plan.workflow.columns.len() => {
                let is_allowed = plan.workflow.allows(&item.state, &rule.to);
                ways.push((column, is_allowed, (rule, words), names));
            }
            // It never moves backwards.
            _ => hit.events.extend(names),
        }
    }
    // Of two that lead as far the first counts.
    let farthest = |is_allowed: bool| {
        let ways = ways.iter().filter(|way| way.1 == is_allowed).map(|way| way.0);
        ways.max()
    };
    let (goal, is_allowed) = match farthest(true) {
        Some(goal) => (goal, true),
        None => match farthest(false) {
            Some(goal) => (goal, false),
            None => return (!hit.events.is_empty()).then_some(hit),
        },
    };
    for (column, allowed, rule, names) in ways {
        // What lies farther on waits until the way there is allowed.
        if column > goal {
            continue;
        }
        hit.events.extend(names.iter().cloned());
        if column == goal && allowed == is_allowed && hit.rule.is_none() {
            hit.rule = Some(rule);
            hit.of_rule = names;
        }
    }
    Some(hit)
}
