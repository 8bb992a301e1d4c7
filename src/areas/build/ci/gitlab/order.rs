//! What the jobs of GitLab wait for and whose files they get: what they say, else everything of the stages before. Pure.

use super::super::yaml::{Node, Yaml};
use super::super::{CiJob, Workflow};
use super::values::cells;
use crate::msg;
use std::collections::BTreeSet;

/// A job with its stage, and how it stands in it.
pub(super) struct Staged {
    pub(super) job: CiJob,
    pub(super) stage: String,
    /// It says itself what it needs.
    pub(super) has_needs: bool,
    /// It waits for somebody to start it, and later stages wait for it.
    pub(super) is_gate: bool,
    /// It was asked for by name.
    pub(super) is_wanted: bool,
}

/// Names of what a job needs, or keys where it needs one cell; what it only may need is left away when it is not there.
pub(super) fn needs(needs: &Node, root: &Node) -> Vec<String> {
    items(needs).iter().flat_map(|item| names(item, root)).collect()
}

/// The jobs of which it gets the files; None: all before it.
pub(super) fn takes(job: &Node, root: &Node) -> Option<BTreeSet<String>> {
    if let Some(dependencies) = job.get("dependencies") {
        return Some(dependencies.texts().into_iter().collect());
    }
    let items = items(job.get("needs")?);
    let with_files = items
        .iter()
        .filter(|item| item.get("artifacts").and_then(Node::truth) != Some(false));
    Some(with_files.flat_map(|item| names(item, root)).collect())
}

fn items(needs: &Node) -> Vec<Node> {
    match &needs.value {
        Yaml::List(items) => items.clone(),
        _ => vec![needs.clone()],
    }
}

fn names(item: &Node, root: &Node) -> Vec<String> {
    let Some(name) = item.get("job").map_or_else(|| item.text(), Node::text) else {
        return Vec::new();
    };
    // `name: [x, y]` and `name 1/2` are cells.
    let is_there = || {
        let is_it = |known: &str| {
            name.strip_prefix(known)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(": [") || rest.starts_with(' '))
        };
        root.entries().iter().any(|(key, _)| is_it(&key.text))
    };
    let is_optional = item.get("optional").and_then(Node::truth) == Some(true);
    let is_elsewhere = item.get("project").is_some() || item.get("pipeline").is_some();
    if is_elsewhere || (is_optional && !is_there()) {
        return Vec::new();
    }
    let cells = cells(item);
    cells.into_iter().map(|(key, _)| format!("{name}{key}")).collect()
}

/// Puts the jobs into the workflow with what they wait for, those that do not run here with why.
pub(super) fn order(workflow: &mut Workflow, staged: Vec<Staged>, stages: &[String]) {
    let place = |stage: &str| stages.iter().position(|known| known == stage);
    let gates = staged.iter().filter(|one| one.is_gate);
    let gate = gates.filter_map(|one| Some((place(&one.stage)?, one.job.key.clone()))).min();
    let mut places: Vec<Option<usize>> = Vec::new();
    let mut have_needs: Vec<bool> = Vec::new();
    for one in staged {
        let (mine, mut job) = (place(&one.stage), one.job);
        match (mine, &gate) {
            (None, _) => job.left_out = Some(msg!("build-ci-no-such-stage", stage = one.stage.as_str())),
            (Some(mine), Some((at, gate))) if *at < mine && !one.has_needs && !one.is_wanted => {
                job.left_out
                    .get_or_insert(msg!("build-ci-waits-left-out", need = gate.as_str()));
            }
            _ => {}
        }
        places.push(mine);
        have_needs.push(one.has_needs);
        workflow.jobs.push(job);
    }
    // Who falls away for what it needs itself is waited for by no later stage.
    workflow.settle();
    let facts: Vec<(String, Option<usize>, bool, bool)> = workflow
        .jobs
        .iter()
        .zip(places.iter().zip(&have_needs))
        .map(|(job, (place, has_needs))| (job.name.clone(), *place, *has_needs, job.left_out.is_none()))
        .collect();
    for (job, (place, has_needs)) in workflow.jobs.iter_mut().zip(places.into_iter().zip(have_needs)) {
        let Some(mine) = place.filter(|_| !has_needs) else { continue };
        let mut needs = BTreeSet::new();
        for at in (0..mine).rev() {
            let of_stage: Vec<_> = facts.iter().filter(|fact| fact.1 == Some(at) && fact.3).collect();
            needs.extend(of_stage.iter().map(|fact| fact.0.clone()));
            // Those waited for everything before, unless one says itself what it needs.
            if !of_stage.is_empty() && !of_stage.iter().any(|fact| fact.2) {
                break;
            }
        }
        job.needs = needs.into_iter().collect();
    }
    workflow.settle();
}
