//! What is wrong with a plan as a whole: ids that stand twice, links to nothing, circles, columns that are too full.

use super::model::Plan;
use super::{Item, Source};
use crate::base::Problem;
use crate::msg;
use std::collections::{BTreeMap, BTreeSet};

/// Every problem of a plan, those of single files first.
pub fn problems(plan: &Plan) -> Vec<Problem> {
    let mut out = plan.problems.clone();
    out.extend(plan.unreadable.values().cloned());
    let items: Vec<&Item> = plan.items.values().collect();
    for item in &items {
        out.extend(item.remarks.iter().cloned());
    }
    let mut by_id: BTreeMap<String, Vec<&Item>> = BTreeMap::new();
    for item in &items {
        by_id.entry(item.id.to_uppercase()).or_default().push(item);
    }
    for twins in by_id.values().filter(|twins| twins.len() > 1) {
        let files: Vec<String> = twins.iter().map(|item| item.file.display().to_string()).collect();
        let problem = Problem::config(msg!("plan-check-twice", id = twins[0].id.as_str())).details(files.join("\n"));
        out.push(problem.hint(msg!("plan-check-twice-hint")).at_place(&twins[1].file, 0, 0));
    }
    let milestones: BTreeSet<&str> = items
        .iter()
        .filter(|item| item.kind == super::Kind::Milestone)
        .map(|item| item.title.as_str())
        .collect();
    for item in items.iter().filter(|item| item.source == Source::Chantier) {
        let links = item.parent.iter().chain(&item.depends);
        for link in links.filter(|link| !by_id.contains_key(&link.to_uppercase())) {
            let problem = Problem::config(msg!("plan-check-link", id = item.id.as_str(), to = link.as_str()));
            out.push(problem.at_place(&item.file, 0, 0));
        }
        // Milestones of the past need no item of their own.
        let is_lost = |name: &&String| {
            !item.is_done(&plan.workflow) && !milestones.contains(name.as_str()) && !by_id.contains_key(&name.to_uppercase())
        };
        if let Some(name) = item.milestone.as_ref().filter(is_lost) {
            let problem = Problem::config(msg!("plan-check-milestone", id = item.id.as_str(), to = name.as_str()));
            let hint = msg!("plan-check-milestone-hint", name = name.as_str());
            out.push(problem.hint(hint).code("no-milestone").at_place(&item.file, 0, 0));
        }
    }
    let mut is_told = false;
    for (what, links) in [
        ("depends", (|item: &Item| item.depends.clone()) as fn(&Item) -> Vec<String>),
        ("parent", |item: &Item| item.parent.clone().into_iter().collect()),
    ] {
        if let Some(circle) = circle(&items, links) {
            is_told = true;
            out.push(Problem::config(msg!(
                "plan-check-circle",
                key = what,
                ids = circle.join(" → ")
            )));
        }
    }
    // What is part of something holds it up, and so does what it needs.
    if !is_told {
        let waits = waits(&items, |item| item.parent.clone(), |item| item.depends.clone());
        if let Some(circle) = circle(&items, |item| waits_of(&waits, item)) {
            out.push(Problem::config(msg!("plan-check-waits", ids = circle.join(" → "))).code("circle"));
        }
    }
    for (index, column) in plan
        .workflow
        .columns
        .iter()
        .enumerate()
        .filter(|(_, column)| column.limit.is_some())
    {
        let n = plan.count_in(index);
        if plan.workflow.is_over_limit(index, n) {
            let limit = column.limit.unwrap_or_default();
            let words = msg!("plan-check-limit", state = column.state.as_str(), n = n, limit = limit);
            out.push(Problem::user(words).code("limit"));
        }
    }
    out
}

/// What each item waits for, by its id in capitals: for what it needs, and for its parts.
pub(super) fn waits(
    items: &[&Item],
    parent: impl Fn(&Item) -> Option<String>,
    depends: impl Fn(&Item) -> Vec<String>,
) -> BTreeMap<String, Vec<String>> {
    let mut waits: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for item in items {
        waits.entry(item.id.to_uppercase()).or_default().extend(depends(item));
        if let Some(parent) = parent(item) {
            waits.entry(parent.to_uppercase()).or_default().push(item.id.clone());
        }
    }
    waits
}

/// Of these what one item waits for.
pub(super) fn waits_of(waits: &BTreeMap<String, Vec<String>>, item: &Item) -> Vec<String> {
    waits.get(&item.id.to_uppercase()).cloned().unwrap_or_default()
}

/// One circle of links, when there is one: its ids, the first again at the end.
pub fn circle(items: &[&Item], links: impl Fn(&Item) -> Vec<String>) -> Option<Vec<String>> {
    // What links to nothing is on no circle.
    let linked = items.iter().filter(|item| !links(item).is_empty());
    let by_id: BTreeMap<String, &Item> = linked.map(|item| (item.id.to_uppercase(), *item)).collect();
    let mut finished: BTreeSet<String> = BTreeSet::new();
    for start in by_id.keys() {
        // Depth first without recursion: the path, and for each item on it the links that are left.
        let mut path: Vec<(String, Vec<String>)> = Vec::new();
        let mut next = Some(start.clone());
        loop {
            if let Some(id) = next.take() {
                if let Some(at) = path.iter().position(|(known, _)| *known == id) {
                    let name = |id: &String| by_id.get(id).map_or_else(|| id.clone(), |item| item.id.clone());
                    let mut circle: Vec<String> = path[at..].iter().map(|(id, _)| name(id)).collect();
                    circle.push(name(&id));
                    return Some(circle);
                }
                if !finished.contains(&id) {
                    let left = by_id.get(&id).map(|item| links(item)).unwrap_or_default();
                    path.push((id, left.into_iter().map(|link| link.to_uppercase()).collect()));
                }
            }
            match path.last_mut() {
                None => break,
                Some((_, left)) if !left.is_empty() => next = left.pop(),
                Some(_) => {
                    if let Some((id, _)) = path.pop() {
                        finished.insert(id);
                    }
                }
            }
        }
    }
    None
}
