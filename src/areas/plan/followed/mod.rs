//! Items that follow what happens: commits that name them, tests that prove their criteria, releases and deployments that hold their
//! commits. The ledger and git say what happened; the files of the items are what is changed, by rules that `chantier.toml` says.

pub mod coverage;
pub mod criteria;
pub mod names;
pub mod places;
pub mod reverts;
pub mod rules;
pub mod step;

use super::folder::Folder;
use super::model::Plan;
use super::{Change, Item, Update};
use crate::adapters::World;
use crate::adapters::git::{BranchTips, Repo, TagRow};
use crate::areas::JobCtx;
use crate::areas::devops::project::PlanEvent;
use crate::base::{Arg, Problem, Workspace};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use tokio_util::sync::CancellationToken;

/// Commits that are looked at when a workspace is followed for the first time.
const MAX_COMMITS: u32 = 5_000;
/// Commits of one branch that is named for an item.
const MAX_OF_BRANCH: usize = 200;
/// Events per item that are remembered, so that each moves it once.
const MAX_APPLIED: usize = 60;

/// What was done to an item, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Followed {
    pub id: String,
    /// What happened.
    pub because: Because,
    /// Why nothing came of it, when a rule asks for what the workflow forbids.
    pub refused: Option<Problem>,
    /// The same was refused before, and told then.
    #[serde(default)]
    pub is_known: bool,
}

/// Why an item was changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "because", rename_all = "snake_case")]
pub enum Because {
    /// The test of a criterion passed, or failed.
    Test { test: String, is_done: bool },
    /// The test of a criterion was removed or renamed.
    Gone { test: String },
    /// A rule moved it.
    Rule { on: PlanEvent, to: String, what: String },
}

/// Where following stands, kept in the ledger.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct Seen {
    /// Per item the events that moved it.
    applied: BTreeMap<String, Vec<String>>,
    /// Per item the move that a rule asks for and the workflow forbids: it is tried again.
    refused: BTreeMap<String, Problem>,
}

/// Where following stands, in the ledger.
fn key_of(workspace: &Workspace) -> String {
    format!("plan-follow/{}", workspace.id)
}

/// The tips whose commits were read, in the ledger.
fn key_of_tips(workspace: &Workspace) -> String {
    format!("plan-tips/{}", workspace.id)
}

/// Why a rule that wants to move the item can not, as it was the last time.
pub(super) async fn refused(world: &World, workspace: &Workspace, id: &str) -> Result<Option<Problem>, Problem> {
    let seen: Option<Seen> = world.store().kv().get(&key_of(workspace)).await?;
    Ok(seen.and_then(|mut seen| seen.refused.remove(id)))
}

/// What tells that something may have happened: cheap to ask for, compared by whoever watches.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sign {
    tips: Vec<(String, String)>,
    tags: Vec<TagRow>,
    run: Option<(i64, crate::base::State, u32, u32)>,
    release: Option<i64>,
    deployment: Option<(i64, crate::base::State, bool)>,
}

/// The sign of now.
pub async fn sign(world: &World, workspace: &Workspace) -> Result<Sign, Problem> {
    let store = world.store();
    let run = store.tests().runs(&workspace.id, 1).await?.pop();
    let release = store.releases().list(&workspace.id, 1).await?.pop();
    let deployment = store.deployments().list(&workspace.id, None, 1).await?.pop();
    Ok(Sign {
        tips: world.git().branch_tips(&workspace.root).await?.tips,
        tags: world.git().tag_rows(&workspace.root).await?,
        run: run.map(|run| (run.id, run.state, run.n_passed, run.n_failed)),
        release: release.map(|release| release.id),
        deployment: deployment.map(|row| (row.id, row.state, row.healthy_from.is_some())),
    })
}

/// Looks at what happened since the last time and changes the items that it is about. Tells every change to the model.
pub async fn follow(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<Vec<Followed>, Problem> {
    let at = workspace.clone();
    let plan = cx.blocking(move |_| Folder::open(&at)?.plan()).await?;
    if plan.items.is_empty() {
        return Ok(Vec::new());
    }
    let key = key_of(workspace);
    let mut seen: Seen = world.store().kv().get(&key).await?.unwrap_or_default();
    link_commits(world, workspace, &plan, cx.cancel_token()).await?;
    let mut told = Vec::new();
    let changed = criteria::follow(cx, world, workspace, &plan, &mut told).await?;
    let plan = with(plan, changed.clone());
    let moved = apply_rules(cx, world, workspace, &plan, &mut seen, &mut told).await?;
    world.store().kv().set(&key, &seen).await?;
    let mut items: BTreeMap<_, Item> = changed.into_iter().map(|item| (item.file.clone(), item)).collect();
    items.extend(moved.into_iter().map(|item| (item.file.clone(), item)));
    if !items.is_empty() {
        cx.update(Update::Changed {
            workspace: workspace.id.clone(),
            items: items.into_values().collect(),
            unreadable: Vec::new(),
            removed: Vec::new(),
        })
        .await;
    }
    for change in &told {
        cx.note(words(change));
    }
    Ok(told)
}

/// The same after something that another area did: what goes wrong here must not make that fail.
pub async fn follow_after(cx: &JobCtx, world: &World, workspace: &Workspace) {
    let is_planned = super::stamps::folders(&workspace.root)
        .iter()
        .any(|folder| workspace.root.join(folder).is_dir());
    // What an unknown project says in its rules changes nothing by itself.
    if !is_planned || world.trust().check(workspace).is_err() {
        return;
    }
    if let Err(problem) = follow(cx, world, workspace).await
        && !problem.is_cancelled()
    {
        cx.problem(problem).await;
    }
}

/// One line for the log of the job.
fn words(change: &Followed) -> String {
    let what = match &change.because {
        Because::Test { test, is_done: true } => format!("[x] {test}"),
        Because::Test { test, is_done: false } | Because::Gone { test } => format!("[ ] {test}"),
        Because::Rule { to, what, .. } => format!("{what} -> {to}"),
    };
    let refused = change.refused.as_ref().map_or_else(String::new, |problem| {
        let from = problem.summary.args.iter().find(|(name, _)| name == "from");
        let ways = problem
            .hint
            .iter()
            .flat_map(|hint| &hint.args)
            .find(|(name, _)| name == "states");
        match (from, ways) {
            (Some((_, Arg::Text(from))), Some((_, Arg::Text(ways)))) => format!(" (! {from} -> {ways})"),
            _ => format!(" (! {})", problem.code),
        }
    });
    format!("{} {what}{refused}", change.id)
}

fn with(mut plan: Plan, items: Vec<Item>) -> Plan {
    for item in items {
        plan.items.insert(item.file.clone(), item);
    }
    plan
}

/// Remembers which commits work on which items, where nobody followed the workspace since they were made. Changes no item.
pub async fn notice(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<(), Problem> {
    let branches = world.git().branch_tips(&workspace.root).await?;
    let seen: Option<Vec<String>> = world.store().kv().get(&key_of_tips(workspace)).await?;
    if seen.is_some_and(|seen| seen == tips_of(&branches)) {
        return Ok(());
    }
    let at = workspace.clone();
    let plan = cx.blocking(move |_| Folder::open(&at)?.plan()).await?;
    if plan.items.is_empty() {
        return Ok(());
    }
    link_commits(world, workspace, &plan, cx.cancel_token()).await
}

/// The tips of all branches and the commit of the work tree, in an order of their own.
fn tips_of(branches: &BranchTips) -> Vec<String> {
    let tips = branches.tips.iter().map(|(_, oid)| oid.clone());
    let mut tips: Vec<String> = tips.chain(branches.head.clone()).collect();
    tips.sort_unstable();
    tips.dedup();
    tips
}

/// Remembers which commits work on which items: by their messages, and by the names of branches.
async fn link_commits(world: &World, workspace: &Workspace, plan: &Plan, cancel: &CancellationToken) -> Result<(), Problem> {
    let repo = Repo {
        root: &workspace.root,
        is_trusted: world.trust().check(workspace).is_ok(),
    };
    let branches = world.git().branch_tips(&workspace.root).await?;
    let tips = tips_of(&branches);
    let key = key_of_tips(workspace);
    let seen: Vec<String> = world.store().kv().get(&key).await?.unwrap_or_default();
    let ids: BTreeMap<String, &str> = plan
        .items
        .values()
        .map(|item| (item.id.to_uppercase(), item.id.as_str()))
        .collect();
    let threads = world.store().threads();
    if tips != seen {
        let before = reverts::known(world, workspace).await?;
        let mut now = before.clone();
        for commit in world.git().messages(repo, &seen, MAX_COMMITS, cancel).await? {
            if let Some(target) = reverts::target(&commit.text) {
                now.insert(commit.oid.clone(), target.to_owned());
            }
            for id in names::in_message(&commit.text, &ids) {
                threads.link_item(&workspace.id, id, &commit.oid).await?;
            }
        }
        if now != before {
            reverts::keep(world, workspace, &now).await?;
        }
    }
    if let Some(main) = &branches.main {
        for (branch, tip) in branches.tips.iter().filter(|(branch, _)| branch != main && tips != seen) {
            let named = names::in_branch(branch, &ids);
            if named.is_empty() {
                continue;
            }
            let mut commits = Vec::new();
            if !seen.contains(tip) {
                commits = world.git().own_commits(&workspace.root, tip, main, MAX_OF_BRANCH).await?;
            }
            // Merged as one commit, the work stands there under another name.
            commits.extend(world.git().squashed(&workspace.root, tip, main, MAX_OF_BRANCH).await?);
            for oid in commits {
                for id in &named {
                    threads.link_item(&workspace.id, id, &oid).await?;
                }
            }
        }
    }
    world.store().kv().set(&key, &tips).await
}

/// Moves the items that a rule is about; each event moves an item once, and never backwards.
async fn apply_rules(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    plan: &Plan,
    seen: &mut Seen,
    told: &mut Vec<Followed>,
) -> Result<Vec<Item>, Problem> {
    let mut moved = Vec::new();
    if plan.workflow.rules.is_empty() {
        return Ok(moved);
    }
    let facts = rules::Facts::gather(world, workspace, plan).await?;
    let today = cx.now().to_zoned(jiff::tz::TimeZone::system()).date();
    for item in plan.items.values() {
        cx.check()?;
        let was_refused = seen.refused.remove(&item.id);
        // Step by step, as far as the workflow lets it go.
        let mut after: Option<Item> = None;
        loop {
            let now = after.as_ref().unwrap_or(item);
            let Some(hit) = rules::best(plan, now, &facts, seen.applied.get(&item.id)) else {
                break;
            };
            let applied = seen.applied.entry(item.id.clone()).or_default();
            applied.extend(hit.events);
            let surplus = applied.len().saturating_sub(MAX_APPLIED);
            applied.drain(..surplus);
            let Some((rule, what)) = hit.rule else { break };
            let (at, id, to) = (workspace.clone(), item.id.clone(), rule.to.clone());
            let edited = cx
                .blocking(move |cx| Folder::open(&at)?.at(cx.now()).edit(&id, &[Change::State(to)], None, today))
                .await;
            let refused = edited.as_ref().err().cloned();
            if let Some(problem) = &refused {
                // Tried again, until the item stands where it may.
                if let Some(applied) = seen.applied.get_mut(&item.id) {
                    applied.retain(|event| !hit.of_rule.contains(event));
                }
                seen.refused.insert(item.id.clone(), problem.clone());
            }
            let is_same = |was: &Problem| refused.as_ref().is_some_and(|now| now.summary == was.summary);
            told.push(Followed {
                is_known: was_refused.as_ref().is_some_and(is_same),
                id: item.id.clone(),
                because: Because::Rule {
                    on: rule.on,
                    to: rule.to.clone(),
                    what,
                },
                refused,
            });
            let Ok(edited) = edited else { break };
            let has_moved = plan.column_of(&edited) > plan.column_of(now);
            after = Some(edited);
            if !has_moved {
                break;
            }
        }
        moved.extend(after);
    }
    Ok(moved)
}

/// The items that a plan's rules could ever move, for whoever shows the rules: an unknown state is told.
pub fn rule_problems(plan: &Plan) -> Vec<Problem> {
    let known: BTreeSet<&str> = plan.workflow.columns.iter().map(|column| column.state.as_str()).collect();
    let unknown = plan
        .workflow
        .rules
        .iter()
        .filter(|rule| plan.workflow.column_of(&rule.to).is_none());
    let words = known.into_iter().collect::<Vec<_>>().join(", ");
    unknown
        .map(|rule| {
            Problem::config(msg!("plan-no-state", word = rule.to.as_str()))
                .hint(msg!("plan-remark-words-hint", words = words.as_str()))
                .at_place(crate::areas::devops::project::FILE_NAME, 0, 0)
        })
        .collect()
}
