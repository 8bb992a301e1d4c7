//! Which lane of the graph each commit stands in. Pure, and continued page by page: the state after one page is the state before
//! the next. Needs children before their parents, as `--topo-order` gives them.

use crate::base::repo::CommitRow;
use crate::base::{GraphLine, GraphRow};
use serde::{Deserialize, Serialize};

/// Lanes further right are not drawn: nobody could follow them.
const MAX_DRAWN: usize = 40;

/// The lines that leave the last row downwards.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lanes {
    slots: Vec<Option<Slot>>,
    next_color: u16,
}

/// A line that waits for its commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Slot {
    awaits: String,
    color: u16,
}

impl Lanes {
    /// Gives every row its graph.
    pub fn lay(&mut self, rows: &mut [CommitRow]) {
        for row in rows {
            row.graph = self.row(&row.oid, &row.parents);
        }
    }

    fn row(&mut self, oid: &str, parents: &[String]) -> GraphRow {
        let awaits = |slot: &Option<Slot>| slot.as_ref().is_some_and(|slot| slot.awaits == oid);
        let arrived: Vec<usize> = (0..self.slots.len()).filter(|at| awaits(&self.slots[*at])).collect();
        let (lane, color) = match arrived.first() {
            Some(lane) => (*lane, self.slots[*lane].as_ref().map_or(0, |slot| slot.color)),
            None => (self.free_lane(), self.new_color()),
        };
        let mut upper = Vec::new();
        for (at, slot) in self.slots.iter().enumerate() {
            if let Some(slot) = slot {
                let to = if arrived.contains(&at) { lane } else { at };
                line(&mut upper, at, to, slot.color);
            }
        }
        for at in arrived {
            self.slots[at] = None;
        }
        // Lines that only pass by.
        let mut lower = Vec::new();
        for (at, slot) in self.slots.iter().enumerate() {
            if let Some(slot) = slot {
                line(&mut lower, at, at, slot.color);
            }
        }
        for (n, parent) in parents.iter().enumerate() {
            let waiting = self
                .slots
                .iter()
                .position(|slot| slot.as_ref().is_some_and(|slot| slot.awaits == *parent));
            // The first parent keeps the lane, so that a line of development is a straight line.
            if n == 0 {
                self.put(lane, parent, color);
                line(&mut lower, lane, lane, color);
            } else if let Some(at) = waiting {
                let color = self.slots[at].as_ref().map_or(color, |slot| slot.color);
                line(&mut lower, lane, at, color);
            } else {
                let (at, color) = (self.free_lane(), self.new_color());
                self.put(at, parent, color);
                line(&mut lower, lane, at, color);
            }
        }
        while self.slots.last().is_some_and(Option::is_none) {
            self.slots.pop();
        }
        GraphRow {
            lane: lane.min(MAX_DRAWN) as u16,
            color,
            is_merge: parents.len() > 1,
            upper,
            lower,
        }
    }

    /// The first lane that no line uses.
    fn free_lane(&mut self) -> usize {
        self.slots.iter().position(Option::is_none).unwrap_or(self.slots.len())
    }

    fn new_color(&mut self) -> u16 {
        let color = self.next_color;
        self.next_color = self.next_color.wrapping_add(1);
        color
    }

    fn put(&mut self, lane: usize, awaits: &str, color: u16) {
        if lane >= self.slots.len() {
            self.slots.resize(lane + 1, None);
        }
        self.slots[lane] = Some(Slot {
            awaits: awaits.to_owned(),
            color,
        });
    }
}

fn line(lines: &mut Vec<GraphLine>, from: usize, to: usize, color: u16) {
    if from.min(to) < MAX_DRAWN {
        lines.push(GraphLine {
            from: from.min(MAX_DRAWN) as u16,
            to: to.min(MAX_DRAWN) as u16,
            color,
        });
    }
}
