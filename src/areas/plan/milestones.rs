//! Milestones: what belongs to one, how far it is, and how that came about day by day, from the history of the items' files.

use super::history::{History, Scope, Track};
use super::links::{Links, is_work};
use super::model::Plan;
use super::{Item, Kind};
use crate::base::Timestamp;
use jiff::ToSpan as _;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeSet, HashMap, HashSet};

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

/// Day by day from the first item of the milestone until now: on each day what belonged to it then, whatever became of it later.
pub fn burn(plan: &Plan, history: &History, milestone: &Item, now: Timestamp, zone: &TimeZone) -> Burn {
    let history = history.with_now(plan, now);
    let due = milestone.due;
    let past = Past::of(&history, milestone);
    let Some(first) = past.first() else {
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
        for (state, hours) in past.works_at(end) {
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

/// What ever belonged to a milestone.
struct Past<'a> {
    /// Each that ever was named as part of it, or was part of one of these.
    tracks: Vec<&'a Track>,
    id: String,
    /// Every name it had.
    names: BTreeSet<&'a str>,
}

impl<'a> Past<'a> {
    fn of(history: &'a History, milestone: &'a Item) -> Self {
        let mut past = Self {
            tracks: Vec::new(),
            id: milestone.id.to_uppercase(),
            names: BTreeSet::from([milestone.title.as_str()]),
        };
        let own = history.track(&milestone.id).into_iter().flat_map(|track| &track.steps);
        past.names.extend(own.filter_map(|step| step.scope.milestone_name.as_deref()));
        let mut parts: HashMap<String, Vec<&'a Track>> = HashMap::new();
        let mut queue: Vec<&'a Track> = Vec::new();
        for track in history.tracks.values() {
            let parents: BTreeSet<String> = track.steps.iter().filter_map(|step| parent_of(&step.scope)).collect();
            for parent in parents {
                parts.entry(parent).or_default().push(track);
            }
            if track.steps.iter().any(|step| past.is_named(&step.scope)) {
                queue.push(track);
            }
        }
        let mut seen: HashSet<String> = HashSet::from([past.id.clone()]);
        while let Some(track) = queue.pop() {
            let id = track.id.to_uppercase();
            if seen.insert(id.clone()) {
                queue.extend(parts.get(&id).into_iter().flatten());
                past.tracks.push(track);
            }
        }
        past
    }

    fn is_named(&self, scope: &Scope) -> bool {
        let by_name = |name: &str| self.names.contains(name) || name.eq_ignore_ascii_case(&self.id);
        scope.milestone.as_deref().is_some_and(by_name) || parent_of(scope).as_ref() == Some(&self.id)
    }

    /// When anything belonged to it for the first time.
    fn first(&self) -> Option<Timestamp> {
        let named = |track: &&Track| track.steps.iter().find(|step| self.is_named(&step.scope)).map(|step| step.at);
        self.tracks.iter().filter_map(named).min()
    }

    /// The state and the hours of what was work of the milestone at a moment. As `members` says it of now.
    fn works_at(&self, at: Timestamp) -> Vec<(&'a str, f64)> {
        let there: HashMap<String, (&'a str, &'a Scope)> = self
            .tracks
            .iter()
            .filter_map(|track| Some((track.id.to_uppercase(), track.step_at(at)?)))
            .collect();
        let holders: HashSet<String> = there.values().filter_map(|(_, scope)| parent_of(scope)).collect();
        let is_part = |scope: &'a Scope| {
            let mut seen = HashSet::new();
            let mut above = Some(scope);
            while let Some(scope) = above.filter(|scope| scope.milestone_name.is_none()) {
                if self.is_named(scope) {
                    return true;
                }
                let parent = parent_of(scope).filter(|id| seen.insert(id.clone()));
                above = parent.and_then(|id| there.get(&id)).map(|(_, scope)| *scope);
            }
            false
        };
        let works = there
            .iter()
            .filter(|(id, (_, scope))| !holders.contains(*id) && is_part(scope));
        let mut works: Vec<_> = works.map(|(id, (state, scope))| (id, *state, scope.hours)).collect();
        works.sort_unstable_by(|a, b| a.0.cmp(b.0));
        works.into_iter().map(|(_, state, hours)| (state, hours)).collect()
    }
}

fn parent_of(scope: &Scope) -> Option<String> {
    scope.parent.as_deref().map(str::to_uppercase)
}
