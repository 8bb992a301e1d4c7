//! When the items of a plan are worked on: from their own days where they have some, else as soon as what they need is done.
//! The critical path is found as in the critical path method (CPM): forward and backward pass over days of work, slack 0.

pub mod days;
pub mod shift;
pub mod text;

use super::links::{Links, is_work};
use super::milestones::needs_of_work;
use super::model::Plan;
use super::{Item, Kind, order};
use days::{day_at, day_of, last_day_of};
use jiff::civil::Date;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;

/// One item on the time axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    pub file: PathBuf,
    pub id: String,
    pub title: String,
    pub depth: usize,
    pub start: Date,
    /// The last day, included.
    pub end: Date,
    /// Days of work.
    pub n_days: u32,
    pub shape: Shape,
    /// The item says both days, or the one from which the other follows; else they are worked out.
    pub is_dated: bool,
    pub is_done: bool,
    /// It can not slip by a day without the whole slipping.
    pub is_critical: bool,
    /// Days of work that it may slip; 0 for what is done.
    pub slack: u32,
    /// It begins before something that it needs ends, ends after it is due, or its days are over and it is open.
    pub is_late: bool,
    /// The bars that it needs.
    pub needs: Vec<usize>,
}

/// What a bar stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Work,
    /// Spans what is part of it.
    Parent,
    /// A moment.
    Milestone,
}

/// The bars of a plan in the order in which they are shown.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schedule {
    pub bars: Vec<Bar>,
    /// The first and the last day of any bar.
    pub first: Option<Date>,
    pub last: Option<Date>,
    /// When all that is open is done, as far as the days and estimates tell.
    pub ends: Option<Date>,
    /// Items that need each other in a circle: their needs do not count.
    pub circle: Vec<String>,
}

impl Schedule {
    /// The last day of what is open, as its own days say: later than it could be done where days are set.
    pub fn planned_end(&self) -> Option<Date> {
        let open = self.bars.iter().filter(|bar| !bar.is_done && bar.shape == Shape::Work);
        open.map(|bar| bar.end).max()
    }
}

/// The item on its way through both passes; numbers are days of work.
struct Node<'a> {
    item: &'a Item,
    n_days: i64,
    early_start: i64,
    early_end: i64,
    late_end: i64,
    needs: Vec<usize>,
    is_done: bool,
}

/// Lays the items out that are given; what they need beside counts where it is one of them.
pub fn schedule<'a>(plan: &'a Plan, links: &Links<'a>, items: &[&Item], today: Date) -> Schedule {
    let mut items: Vec<&Item> = items.to_vec();
    items.sort_by(|a, b| order::compare(a, b));
    let works: Vec<&Item> = items.iter().copied().filter(|item| is_work(links, item)).collect();
    let (nodes, circle) = passes(plan, links, &works, today);
    let node_of: HashMap<&str, usize> = nodes
        .iter()
        .enumerate()
        .map(|(at, node)| (node.item.id.as_str(), at))
        .collect();
    let open_ends = nodes.iter().filter(|node| !node.is_done).map(|node| node.early_end);
    let whole_end = open_ends.max();
    let mut bars: Vec<Bar> = nodes.iter().map(|node| bar_of(node, &nodes, whole_end, today)).collect();
    let spans: HashMap<String, (Date, Date)> = bars.iter().map(|bar| (bar.id.to_uppercase(), (bar.start, bar.end))).collect();
    for item in items.iter().filter(|item| !node_of.contains_key(item.id.as_str())) {
        bars.extend(whole_of(plan, links, item, &spans, today));
    }
    let tree = sorted_tree(links, &items, &bars);
    let by_id: BTreeMap<&str, &Bar> = bars.iter().map(|bar| (bar.id.as_str(), bar)).collect();
    let mut shown: Vec<Bar> = Vec::with_capacity(bars.len());
    for (depth, id) in tree {
        if let Some(bar) = by_id.get(id.as_str()) {
            shown.push(Bar { depth, ..(*bar).clone() });
        }
    }
    let row_of: HashMap<String, usize> = shown
        .iter()
        .enumerate()
        .map(|(at, bar)| (bar.id.to_uppercase(), at))
        .collect();
    let starts: Vec<(Date, Date)> = shown.iter().map(|bar| (bar.start, bar.end)).collect();
    for bar in &mut shown {
        let item = plan.items.get(&bar.file);
        bar.needs = item
            .into_iter()
            .flat_map(|item| &item.depends)
            .filter_map(|id| row_of.get(&id.to_uppercase()).copied())
            .collect();
        bar.is_late |= !bar.is_done && bar.needs.iter().any(|need| starts[*need].1 >= bar.start);
    }
    Schedule {
        first: shown.iter().map(|bar| bar.start).min(),
        last: shown.iter().map(|bar| bar.end).max(),
        ends: whole_end.map(day_at),
        circle,
        bars: shown,
    }
}

/// Both passes over what is work.
fn passes<'a, 'p>(plan: &'p Plan, links: &Links<'p>, works: &[&'a Item], today: Date) -> (Vec<Node<'a>>, Vec<String>) {
    let at: HashMap<String, usize> = works
        .iter()
        .enumerate()
        .map(|(at, item)| (item.id.to_uppercase(), at))
        .collect();
    let needed: HashMap<&PathBuf, Vec<String>> = works
        .iter()
        .map(|item| {
            let needs = needs_of_work(plan, links, item);
            (&item.file, needs.into_iter().map(|need| need.id.clone()).collect())
        })
        .collect();
    let needs_of = |item: &Item| needed.get(&item.file).cloned().unwrap_or_default();
    let mut nodes: Vec<Node<'a>> = works
        .iter()
        .map(|item| Node {
            item,
            n_days: i64::from(links.effort(item).days()),
            early_start: 0,
            early_end: 0,
            late_end: i64::MAX,
            needs: needs_of(item)
                .iter()
                .filter_map(|id| at.get(&id.to_uppercase()).copied())
                .collect(),
            is_done: item.is_done(&plan.workflow),
        })
        .collect();
    let circle = match super::check::circle(works, needs_of) {
        Some(circle) => {
            for id in &circle {
                if let Some(at) = at.get(&id.to_uppercase()) {
                    nodes[*at].needs.clear();
                }
            }
            circle
        }
        None => Vec::new(),
    };
    let order = in_order(&mut nodes);
    let now = day_of(today);
    for index in &order {
        let ready = nodes[*index]
            .needs
            .iter()
            .filter(|need| !nodes[**need].is_done)
            .map(|need| nodes[*need].early_end + 1)
            .max();
        let node = &mut nodes[*index];
        let (item, n) = (node.item, node.n_days);
        if node.is_done {
            let ended = item.due.or(item.updated).or(item.start).or(item.created).unwrap_or(today);
            node.early_end = last_day_of(ended);
            node.early_start = item.start.map_or(node.early_end - n + 1, day_of).min(node.early_end);
            continue;
        }
        let given = match (item.start, item.due) {
            (Some(start), Some(due)) => Some((day_of(start), (last_day_of(due) - day_of(start) + 1).max(1))),
            (Some(start), None) => Some((day_of(start), n)),
            _ => None,
        };
        let (wanted, n) = given.unwrap_or((now, n));
        node.n_days = n;
        node.early_start = wanted.max(ready.unwrap_or(wanted));
        node.early_end = node.early_start + n - 1;
        // What is open was not done on a day that is over: what has begun ends today at the earliest, the rest has all its days before it.
        if node.early_end < now {
            let is_begun = plan.workflow.is_in_progress(&item.state);
            node.early_end = if is_begun { now } else { now + n - 1 };
            node.early_start = node.early_end - n + 1;
        }
    }
    let end = nodes
        .iter()
        .filter(|node| !node.is_done)
        .map(|node| node.early_end)
        .max()
        .unwrap_or(now);
    for index in order.iter().rev() {
        let node = &nodes[*index];
        let late_end = node.late_end.min(end);
        let late_start = late_end - node.n_days + 1;
        let needs = node.needs.clone();
        nodes[*index].late_end = late_end;
        for need in needs {
            nodes[need].late_end = nodes[need].late_end.min(late_start - 1);
        }
    }
    (nodes, circle)
}

/// What is needed before what needs it. Needs that are left over, in a second circle, are dropped.
fn in_order(nodes: &mut [Node<'_>]) -> Vec<usize> {
    let mut waiting: Vec<usize> = nodes.iter().map(|node| node.needs.len()).collect();
    let mut followers: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    for (at, node) in nodes.iter().enumerate() {
        for need in &node.needs {
            followers[*need].push(at);
        }
    }
    let mut order: Vec<usize> = (0..nodes.len()).filter(|at| waiting[*at] == 0).collect();
    let mut next = 0;
    loop {
        while let Some(at) = order.get(next).copied() {
            next += 1;
            for follower in &followers[at] {
                waiting[*follower] = waiting[*follower].saturating_sub(1);
                if waiting[*follower] == 0 {
                    order.push(*follower);
                }
            }
        }
        let Some(stuck) = (0..nodes.len()).find(|at| waiting[*at] > 0) else {
            return order;
        };
        nodes[stuck].needs.clear();
        waiting[stuck] = 0;
        order.push(stuck);
    }
}

fn bar_of(node: &Node<'_>, nodes: &[Node<'_>], whole_end: Option<i64>, today: Date) -> Bar {
    let item = node.item;
    let slack = (node.late_end - node.early_end).max(0);
    // The item's own days are shown as they are, also where they can not be kept.
    let (start, end) = match (item.start, item.due) {
        (Some(start), Some(due)) => (start, due.max(start)),
        (Some(start), None) => (start, day_at(day_of(start) + node.n_days - 1)),
        (None, Some(due)) if !node.is_done => (day_at(last_day_of(due) - node.n_days + 1).min(due), due),
        _ => (day_at(node.early_start), day_at(node.early_end)),
    };
    // Nobody works before the next day of work: what is due on a weekend is not late on it.
    let is_too_late = item
        .due
        .is_some_and(|due| due < today || node.early_end > last_day_of(due).max(day_of(today)));
    debug_assert!(
        node.needs.iter().all(|need| *need < nodes.len()),
        "a need is one of the nodes"
    );
    Bar {
        file: item.file.clone(),
        id: item.id.clone(),
        title: item.title.clone(),
        depth: 0,
        start,
        end,
        n_days: node.n_days as u32,
        shape: Shape::Work,
        is_dated: item.start.is_some() || item.due.is_some(),
        is_done: node.is_done,
        is_critical: !node.is_done && slack == 0 && whole_end.is_some(),
        slack: if node.is_done { 0 } else { slack as u32 },
        is_late: !node.is_done && (is_too_late || item.start.is_some() && end < today),
        needs: Vec::new(),
    }
}

/// A milestone, or an item that holds others: its bar spans them.
fn whole_of(plan: &Plan, links: &Links<'_>, item: &Item, spans: &HashMap<String, (Date, Date)>, today: Date) -> Option<Bar> {
    let is_done = item.is_done(&plan.workflow);
    let parts: Vec<(Date, Date)> = if item.kind == Kind::Milestone {
        let mut seen = Vec::new();
        for part in plan.of_milestone(item) {
            spans_below(links, part, spans, &mut seen, 0);
        }
        seen
    } else {
        let mut seen = Vec::new();
        spans_below(links, item, spans, &mut seen, 0);
        seen
    };
    let first = parts.iter().map(|(start, _)| *start).min();
    let last = parts.iter().map(|(_, end)| *end).max();
    let (start, end, shape) = if item.kind == Kind::Milestone {
        let day = item.due.or(last).or(item.start)?;
        (day, day, Shape::Milestone)
    } else {
        let start = first.or(item.start).or(item.due).unwrap_or(today);
        let end = last.or(item.due).unwrap_or(start).max(start);
        (start, end, Shape::Parent)
    };
    Some(Bar {
        file: item.file.clone(),
        id: item.id.clone(),
        title: item.title.clone(),
        depth: 0,
        start,
        end,
        n_days: (last_day_of(end) - day_of(start) + 1).max(0) as u32,
        shape,
        is_dated: item.due.is_some(),
        is_done,
        is_critical: false,
        slack: 0,
        is_late: !is_done && item.due.is_some_and(|due| due < today || last.is_some_and(|last| last > due)),
        needs: Vec::new(),
    })
}

fn spans_below(links: &Links<'_>, item: &Item, spans: &HashMap<String, (Date, Date)>, out: &mut Vec<(Date, Date)>, depth: usize) {
    // No plan is deeper; a circle of parents ends.
    if depth > 32 {
        return;
    }
    out.extend(spans.get(&item.id.to_uppercase()));
    for part in links.children(&item.id) {
        spans_below(links, part, spans, out, depth + 1);
    }
}

/// Parents before their parts, each level by its first day.
fn sorted_tree(links: &Links<'_>, items: &[&Item], bars: &[Bar]) -> Vec<(usize, String)> {
    let start: HashMap<&str, (Date, Date)> = bars.iter().map(|bar| (bar.id.as_str(), (bar.start, bar.end))).collect();
    let mut items: Vec<&Item> = items
        .iter()
        .copied()
        .filter(|item| start.contains_key(item.id.as_str()))
        .collect();
    items.sort_by_key(|item| start.get(item.id.as_str()).copied());
    let by_file: BTreeMap<&PathBuf, &Item> = items.iter().map(|item| (&item.file, *item)).collect();
    let known: Vec<&Item> = items.iter().filter_map(|item| links.item(&item.id)).collect();
    let tree = links.tree(&known);
    let mut rows: Vec<(usize, String)> = tree.into_iter().map(|(depth, item)| (depth, item.id.clone())).collect();
    // Twins of an id stand behind; only one of them is known by it.
    let listed: std::collections::BTreeSet<String> = rows.iter().map(|(_, id)| id.clone()).collect();
    rows.extend(
        by_file
            .values()
            .filter(|item| !listed.contains(&item.id))
            .map(|item| (0, item.id.clone())),
    );
    rows
}
