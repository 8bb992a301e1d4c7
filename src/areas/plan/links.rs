//! How items hang together: parents and their roll-up, what an item needs, what waits for it. Circles end where they close.

use super::estimate::{self, Effort};
use super::model::Plan;
use super::{Item, Kind};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The links of a plan, worked out once per change of it.
#[derive(Debug, Default)]
pub struct Links<'a> {
    by_id: HashMap<String, &'a Item>,
    children: HashMap<String, Vec<&'a Item>>,
    waiting: HashMap<String, Vec<&'a Item>>,
    done: BTreeSet<String>,
}

/// What the parts of an item add up to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RollUp {
    /// Parts without parts of their own, however deep.
    pub n_all: usize,
    pub n_done: usize,
    pub hours: f64,
    pub hours_done: f64,
    pub points: f64,
    pub points_done: f64,
    /// Parts with an estimate.
    pub n_estimated: usize,
}

impl RollUp {
    /// How much is done, from 0 to 1: by estimates where every part has one of the same kind, else by number.
    pub fn share(&self) -> f64 {
        let by = |done: f64, all: f64| if all > 0.0 { done / all } else { 0.0 };
        if self.hours > 0.0 && self.points == 0.0 && self.is_estimated() {
            by(self.hours_done, self.hours)
        } else if self.points > 0.0 && self.hours == 0.0 && self.is_estimated() {
            by(self.points_done, self.points)
        } else {
            by(self.n_done as f64, self.n_all as f64)
        }
    }

    fn is_estimated(&self) -> bool {
        self.n_all > 0 && self.n_estimated == self.n_all
    }

    pub fn percent(&self) -> u32 {
        (self.share() * 100.0).floor() as u32
    }

    pub fn effort(&self) -> Effort {
        Effort {
            hours: self.hours,
            points: self.points,
        }
    }

    pub fn effort_done(&self) -> Effort {
        Effort {
            hours: self.hours_done,
            points: self.points_done,
        }
    }
}

fn key(id: &str) -> String {
    id.to_uppercase()
}

impl<'a> Links<'a> {
    pub fn of(plan: &'a Plan) -> Self {
        let mut links = Self::default();
        for item in plan.items.values() {
            links.by_id.entry(key(&item.id)).or_insert(item);
        }
        for item in plan.items.values() {
            if let Some(parent) = &item.parent {
                links.children.entry(key(parent)).or_default().push(item);
            }
            for need in &item.depends {
                links.waiting.entry(key(need)).or_default().push(item);
            }
            if item.is_done(&plan.workflow) {
                links.done.insert(key(&item.id));
            }
        }
        links
    }

    pub fn item(&self, id: &str) -> Option<&'a Item> {
        self.by_id.get(&key(id)).copied()
    }

    /// The items that are directly part of this one.
    pub fn children(&self, id: &str) -> &[&'a Item] {
        self.children.get(&key(id)).map_or(&[], Vec::as_slice)
    }

    /// The items that need this one.
    pub fn waiting_for(&self, id: &str) -> &[&'a Item] {
        self.waiting.get(&key(id)).map_or(&[], Vec::as_slice)
    }

    /// What the item needs that is there and not done.
    pub fn open_needs(&self, item: &Item) -> Vec<&'a Item> {
        let needs = item.depends.iter().filter_map(|id| self.item(id));
        needs.filter(|need| !self.done.contains(&key(&need.id))).collect()
    }

    /// Not done itself and waits for something that is not done.
    pub fn is_blocked(&self, item: &Item) -> bool {
        !self.done.contains(&key(&item.id)) && !self.open_needs(item).is_empty()
    }

    /// None for an item without parts.
    pub fn roll_up(&self, item: &Item) -> Option<RollUp> {
        if self.children(&item.id).is_empty() {
            return None;
        }
        let mut sum = RollUp::default();
        let mut seen = BTreeSet::from([key(&item.id)]);
        self.add_parts(&item.id, &mut sum, &mut seen);
        Some(sum)
    }

    fn add_parts(&self, id: &str, sum: &mut RollUp, seen: &mut BTreeSet<String>) {
        for part in self.children(id) {
            if !seen.insert(key(&part.id)) {
                continue;
            }
            if !self.children(&part.id).is_empty() {
                self.add_parts(&part.id, sum, seen);
                continue;
            }
            let effort = part.estimate.as_deref().and_then(estimate::parse).unwrap_or_default();
            let is_done = self.done.contains(&key(&part.id));
            sum.n_all += 1;
            sum.hours += effort.hours;
            sum.points += effort.points;
            sum.n_estimated += usize::from(!effort.is_nothing());
            if is_done {
                sum.n_done += 1;
                sum.hours_done += effort.hours;
                sum.points_done += effort.points;
            }
        }
    }

    /// The item's own estimate, or what its parts add up to.
    pub fn effort(&self, item: &Item) -> Effort {
        match self.roll_up(item) {
            Some(sum) if !sum.effort().is_nothing() => sum.effort(),
            _ => item.estimate.as_deref().and_then(estimate::parse).unwrap_or_default(),
        }
    }

    /// Every item with what it is part of before it, depth first: for trees. The number is the depth.
    pub fn tree(&self, items: &[&'a Item]) -> Vec<(usize, &'a Item)> {
        let wanted: BTreeSet<String> = items.iter().map(|item| key(&item.id)).collect();
        let is_root = |item: &&&'a Item| {
            item.parent
                .as_ref()
                .is_none_or(|parent| !wanted.contains(&key(parent)) || key(parent) == key(&item.id))
        };
        let order: BTreeMap<String, usize> = items.iter().enumerate().map(|(at, item)| (key(&item.id), at)).collect();
        let mut out = Vec::new();
        let mut seen = BTreeSet::new();
        for root in items.iter().filter(is_root) {
            self.add_tree(0, root, &order, &mut seen, &mut out);
        }
        // What is left stands in a circle of parents.
        for item in items {
            if !seen.contains(&key(&item.id)) {
                self.add_tree(0, item, &order, &mut seen, &mut out);
            }
        }
        out
    }

    fn add_tree(
        &self,
        depth: usize,
        item: &'a Item,
        order: &BTreeMap<String, usize>,
        seen: &mut BTreeSet<String>,
        out: &mut Vec<(usize, &'a Item)>,
    ) {
        if !seen.insert(key(&item.id)) {
            return;
        }
        out.push((depth, item));
        let mut parts: Vec<&'a Item> = self.children(&item.id).to_vec();
        parts.retain(|part| order.contains_key(&key(&part.id)));
        parts.sort_by_key(|part| order.get(&key(&part.id)).copied());
        for part in parts {
            self.add_tree(depth + 1, part, order, seen, out);
        }
    }
}

/// The items that take work themselves: no milestones, and none that only holds others.
pub fn is_work(links: &Links<'_>, item: &Item) -> bool {
    item.kind != Kind::Milestone && links.children(&item.id).is_empty()
}
