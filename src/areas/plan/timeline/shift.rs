//! What is written when a bar is moved: the item's own two days, and those of the items that wait for it where that is asked.

use super::days::{day_at, day_of, last_day_of};
use super::{Bar, Schedule};
use crate::areas::plan::links::{Links, is_work};
use crate::areas::plan::milestones::needs_of_work;
use crate::areas::plan::model::Plan;
use crate::areas::plan::{Change, Item};
use jiff::ToSpan as _;
use jiff::civil::Date;
use std::collections::{BTreeSet, HashMap};

/// The days that an item gets, for the file.
pub fn dated(start: Date, end: Date) -> Vec<Change> {
    vec![Change::Start(Some(start.min(end))), Change::Due(Some(end.max(start)))]
}

/// The days that the item of a bar gets. One that has none is told when it begins: when it must end nobody said.
pub fn days_of(bar: &Bar, start: Date, end: Date) -> Vec<Change> {
    let n_days = |start: Date, end: Date| last_day_of(end) - day_of(start);
    if !bar.is_dated && start != bar.start && n_days(start, end) == n_days(bar.start, bar.end) {
        return vec![Change::Start(Some(start))];
    }
    dated(start, end)
}

/// A bar that is moved by days of the calendar, its length in days of work kept.
pub fn moved(bar: &Bar, days: i32) -> (Date, Date) {
    let start = bar.start.checked_add(days.days()).unwrap_or(bar.start);
    let n = last_day_of(bar.end) - day_of(bar.start);
    // A weekend on the way back is the Friday before it: whoever goes back never stays where it was.
    let start = day_at(if days < 0 { last_day_of(start) } else { day_of(start) });
    (start, day_at(day_of(start) + n.max(0)))
}

/// A bar whose end is pulled.
pub fn resized(bar: &Bar, days: i32) -> (Date, Date) {
    let end = bar.end.checked_add(days.days()).unwrap_or(bar.end);
    (bar.start, end.max(bar.start))
}

/// What waits for the item, directly or not, and would begin too early once it ends on `end`: each with its new days.
pub fn followers<'a>(
    plan: &'a Plan,
    links: &Links<'a>,
    schedule: &Schedule,
    item: &Item,
    end: Date,
) -> Vec<(&'a Item, Date, Date)> {
    // What waits for a whole waits for each part of it.
    let mut waiting: HashMap<String, Vec<&'a Item>> = HashMap::new();
    for work in plan.items.values().filter(|item| is_work(links, item)) {
        for need in needs_of_work(plan, links, work) {
            waiting.entry(need.id.to_uppercase()).or_default().push(work);
        }
    }
    let mut out: Vec<(&'a Item, Date, Date)> = Vec::new();
    let mut seen = BTreeSet::from([item.id.to_uppercase()]);
    let mut queue = vec![(item.id.clone(), end)];
    while let Some((id, end)) = queue.pop() {
        let of_parts = waiting.get(&id.to_uppercase()).map(Vec::as_slice).unwrap_or_default();
        for next in links.waiting_for(&id).iter().chain(of_parts) {
            let Some(bar) = schedule.bars.iter().find(|bar| bar.file == next.file) else {
                continue;
            };
            if next.is_done(&plan.workflow) || bar.start > end || !seen.insert(next.id.to_uppercase()) {
                continue;
            }
            let n = last_day_of(bar.end) - day_of(bar.start);
            let start = last_day_of(end) + 1;
            let days = (day_at(start), day_at(start + n.max(0)));
            // What has no days of its own follows by itself.
            if bar.is_dated {
                out.push((next, days.0, days.1));
            }
            queue.push((next.id.clone(), days.1));
        }
    }
    out
}
