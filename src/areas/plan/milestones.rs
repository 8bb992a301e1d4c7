//! Milestones: what belongs to one, how far it is, and how that came about day by day, from the history of the items' files.

use super::estimate;
use super::history::History;
use super::links::{Links, is_work};
use super::model::Plan;
use super::{Item, Kind};
use crate::base::Timestamp;
use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Days of a chart; a longer time is told in larger steps.
const MAX_POINTS: i32 = 400;

/// The end of one day: how much there was, and how much of it was done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Point {
    pub day: Date,
    pub n_all: usize,
    pub n_done: usize,
    pub hours: f64,
    pub hours_done: f64,
}

/// How far a milestone is, and since when.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Burn {
    pub points: Vec<Point>,
    pub due: Option<Date>,
}

/// What belongs to a milestone and is work itself: by its name, by its id, or as part of what belongs to it.
pub fn members<'a>(plan: &'a Plan, links: &Links<'a>, milestone: &Item) -> Vec<&'a Item> {
    works_of(links, plan.of_milestone(milestone).collect())
}

/// The work that these items are: themselves, or what is part of them.
fn works_of<'a>(links: &Links<'a>, items: Vec<&'a Item>) -> Vec<&'a Item> {
    let mut out: Vec<&'a Item> = Vec::new();
    let mut seen: BTreeSet<&'a std::path::PathBuf> = BTreeSet::new();
    let mut queue = items;
    queue.reverse();
    while let Some(item) = queue.pop() {
        if !seen.insert(&item.file) || item.kind == Kind::Milestone {
            continue;
        }
        let parts = links.children(&item.id);
        if parts.is_empty() {
            out.push(item);
        } else {
            queue.extend(parts.iter().rev());
        }
    }
    out
}

/// The work that an item waits for: what it needs itself, and what anything needs that it is part of. A milestone, or an item that
/// holds others, stands for the work in it, while it is open.
pub fn needs_of_work<'a>(plan: &'a Plan, links: &Links<'a>, item: &Item) -> Vec<&'a Item> {
    let mut out: Vec<&'a Item> = Vec::new();
    let mut above: BTreeSet<String> = BTreeSet::new();
    let mut holder = Some(item);
    while let Some(now) = holder.filter(|now| above.insert(now.id.to_uppercase())) {
        for need in now.depends.iter().filter_map(|id| links.item(id)) {
            if is_work(links, need) {
                out.push(need);
            } else if !need.is_done(&plan.workflow) {
                let works = if need.kind == Kind::Milestone {
                    members(plan, links, need)
                } else {
                    works_of(links, vec![need])
                };
                // What waits for the whole that it is part of is told as a circle by the check of the plan.
                out.extend(works.into_iter().filter(|work| work.file != item.file));
            }
        }
        holder = now.parent.as_deref().and_then(|id| links.item(id));
    }
    let mut seen = BTreeSet::new();
    out.retain(|need| seen.insert(&need.file));
    out
}

/// Every milestone: open ones first, by their due date.
pub fn in_order(plan: &Plan) -> Vec<&Item> {
    let mut all: Vec<&Item> = plan.items.values().filter(|item| item.kind == Kind::Milestone).collect();
    all.sort_by_key(|item| (item.is_done(&plan.workflow), item.due.is_none(), item.due, item.title.clone()));
    all
}

/// Day by day from the first sign of any of the items until now.
pub fn burn(plan: &Plan, history: &History, items: &[&Item], due: Option<Date>, now: Timestamp, zone: &TimeZone) -> Burn {
    let history = history.with_now(plan, now);
    let tracks: Vec<_> = items
        .iter()
        .filter_map(|item| {
            let hours = item
                .estimate
                .as_deref()
                .and_then(estimate::parse)
                .map_or(0.0, |effort| effort.hours + effort.points * estimate::HOURS_A_DAY);
            history.track(&item.id).map(|track| (track.clone(), hours))
        })
        .collect();
    let Some(first) = tracks.iter().filter_map(|(track, _)| track.created_at()).min() else {
        return Burn { points: Vec::new(), due };
    };
    let day_of = |at: Timestamp| at.to_zoned(zone.clone()).date();
    let (first, today) = (day_of(first), day_of(now));
    let step = ((today - first).get_days() / MAX_POINTS).max(0) + 1;
    let mut points = Vec::new();
    let mut day = first;
    loop {
        let last = day >= today;
        let shown = if last { today } else { day };
        let end = match shown.tomorrow().ok().and_then(|next| next.to_zoned(zone.clone()).ok()) {
            Some(next) if !last => next.timestamp(),
            _ => now,
        };
        let mut point = Point {
            day: shown,
            ..Point::default()
        };
        for (track, hours) in &tracks {
            let Some(state) = track.state_at(end) else { continue };
            point.n_all += 1;
            point.hours += hours;
            if plan.workflow.is_done(state) {
                point.n_done += 1;
                point.hours_done += hours;
            }
        }
        points.push(point);
        if last {
            break;
        }
        let Ok(next) = day.checked_add(step.days()) else { break };
        day = next;
    }
    Burn { points, due }
}
