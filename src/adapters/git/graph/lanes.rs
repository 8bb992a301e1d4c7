//! Which lane of the graph each commit stands in. Pure. All rows are walked once, which leaves a mark every few hundred rows; the
//! lines of the rows that are seen are drawn from the mark before them.

use crate::base::{GraphLine, GraphRow};
use std::collections::{BTreeSet, HashMap};
use std::hash::{BuildHasherDefault, Hasher};

/// Lanes further right are not drawn: nobody could follow them.
pub(super) const MAX_DRAWN: usize = 40;
/// Rows between two marks, at least.
const MARK_EVERY: usize = 512;
const NONE: u32 = u32::MAX;

/// The first of the lines that wait for each node.
pub trait Waiting {
    fn first(&self, node: u32) -> Option<u32>;
    /// The one that was first before.
    fn put(&mut self, node: u32, lane: u32) -> Option<u32>;
    fn take(&mut self, node: u32) -> Option<u32>;
}

/// For a few rows.
#[derive(Clone, Default)]
pub struct Few(HashMap<u32, u32, BuildHasherDefault<Spread>>);

impl Waiting for Few {
    fn first(&self, node: u32) -> Option<u32> {
        self.0.get(&node).copied()
    }

    fn put(&mut self, node: u32, lane: u32) -> Option<u32> {
        self.0.insert(node, lane)
    }

    fn take(&mut self, node: u32) -> Option<u32> {
        self.0.remove(&node)
    }
}

/// For all rows, by node.
#[derive(Clone, Default)]
struct All(Vec<u32>);

impl Waiting for All {
    fn first(&self, node: u32) -> Option<u32> {
        self.0.get(node as usize).copied().filter(|lane| *lane != NONE)
    }

    fn put(&mut self, node: u32, lane: u32) -> Option<u32> {
        if self.0.len() <= node as usize {
            self.0.resize(node as usize + 1, NONE);
        }
        let before = std::mem::replace(&mut self.0[node as usize], lane);
        (before != NONE).then_some(before)
    }

    fn take(&mut self, node: u32) -> Option<u32> {
        let lane = std::mem::replace(self.0.get_mut(node as usize)?, NONE);
        (lane != NONE).then_some(lane)
    }
}

/// The lines that leave the last row downwards.
#[derive(Clone, Default)]
pub struct Lanes<W = Few> {
    slots: Vec<Slot>,
    /// Lanes left of the last one that no line uses.
    free: BTreeSet<u32>,
    /// The first of the lines that wait for a node; `Slot::next` has the others.
    waiting: W,
    next_color: u16,
    /// Of the last row; kept for its room.
    arrived: Vec<u32>,
}

/// A line that waits for its commit.
#[derive(Clone, Copy)]
struct Slot {
    /// NONE for a lane that is free.
    awaits: u32,
    /// Another line that waits for the same.
    next: u32,
    color: u16,
}

/// A good enough hash for small numbers.
#[derive(Clone, Default)]
struct Spread(u64);

impl Hasher for Spread {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u32(u32::from(*byte));
        }
    }

    fn write_u32(&mut self, n: u32) {
        self.0 = (self.0 ^ u64::from(n)).wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(26);
    }
}

/// Where a commit stands.
#[derive(Clone, Copy)]
struct Place {
    lane: usize,
    color: u16,
}

impl<W: Waiting> Lanes<W> {
    /// One row further, without its drawing.
    pub fn step(&mut self, node: u32, parents: &[u32]) {
        let place = self.arrive(node);
        self.leave(place, parents, |_, _, _| {});
    }

    /// One row further, with its drawing.
    pub fn row(&mut self, node: u32, parents: &[u32]) -> GraphRow {
        let before: Vec<Slot> = self.slots.clone();
        let place = self.arrive(node);
        let mut upper = Vec::new();
        for (at, slot) in before.iter().enumerate().filter(|(_, slot)| slot.awaits != NONE) {
            let to = if slot.awaits == node { place.lane } else { at };
            line(&mut upper, at, to, slot.color);
        }
        let mut lower = Vec::new();
        for (at, slot) in self.slots.iter().enumerate().filter(|(_, slot)| slot.awaits != NONE) {
            line(&mut lower, at, at, slot.color);
        }
        self.leave(place, parents, |from, to, color| line(&mut lower, from, to, color));
        GraphRow {
            lane: place.lane.min(MAX_DRAWN) as u16,
            color: place.color,
            is_merge: parents.len() > 1,
            upper,
            lower,
        }
    }

    /// Lanes in use, free ones between them included.
    pub fn width(&self) -> usize {
        self.slots.len()
    }

    fn arrive(&mut self, node: u32) -> Place {
        let mut arrived = std::mem::take(&mut self.arrived);
        arrived.clear();
        let mut at = self.waiting.take(node).unwrap_or(NONE);
        while at != NONE {
            arrived.push(at);
            at = self.slots[at as usize].next;
        }
        arrived.sort_unstable();
        let (lane, color) = match arrived.first() {
            Some(lane) => (*lane as usize, self.slots[*lane as usize].color),
            None => (self.free_lane(), self.new_color()),
        };
        for at in &arrived {
            self.slots[*at as usize].awaits = NONE;
        }
        // The commit's own lane is nearly always taken again by its first parent.
        self.free.extend(arrived.iter().skip(1));
        self.arrived = arrived;
        Place { lane, color }
    }

    fn leave(&mut self, Place { lane, color }: Place, parents: &[u32], mut line: impl FnMut(usize, usize, u16)) {
        if parents.is_empty() && lane < self.slots.len() {
            self.free.insert(lane as u32);
        }
        for (n, parent) in parents.iter().enumerate() {
            let waiting = self.waiting.first(*parent);
            // The first parent keeps the lane, so that a line of development is a straight line.
            if n == 0 {
                self.put(lane, *parent, color);
                line(lane, lane, color);
            } else if let Some(at) = waiting {
                let at = self.leftmost(at);
                line(lane, at, self.slots[at].color);
            } else {
                let (at, color) = (self.free_lane(), self.new_color());
                self.put(at, *parent, color);
                line(lane, at, color);
            }
        }
        while self.slots.last().is_some_and(|slot| slot.awaits == NONE) {
            self.slots.pop();
            self.free.remove(&(self.slots.len() as u32));
        }
    }

    fn leftmost(&self, mut at: u32) -> usize {
        let mut least = at;
        while at != NONE {
            least = least.min(at);
            at = self.slots[at as usize].next;
        }
        least as usize
    }

    /// The first lane that no line uses.
    fn free_lane(&mut self) -> usize {
        self.free.first().map_or(self.slots.len(), |lane| *lane as usize)
    }

    fn new_color(&mut self) -> u16 {
        let color = self.next_color;
        self.next_color = self.next_color.wrapping_add(1);
        color
    }

    fn put(&mut self, lane: usize, awaits: u32, color: u16) {
        while self.slots.len() <= lane {
            self.free.insert(self.slots.len() as u32);
            self.slots.push(Slot {
                awaits: NONE,
                next: NONE,
                color: 0,
            });
        }
        self.free.remove(&(lane as u32));
        let next = self.waiting.put(awaits, lane as u32).unwrap_or(NONE);
        self.slots[lane] = Slot { awaits, next, color };
    }

    /// What is needed to go on from here.
    fn mark(&self, row: usize) -> Mark {
        Mark {
            row,
            lines: self
                .slots
                .iter()
                .enumerate()
                .filter(|(_, slot)| slot.awaits != NONE)
                .map(|(lane, slot)| (lane as u32, slot.awaits, slot.color))
                .collect(),
            next_color: self.next_color,
        }
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

/// The lanes before a row.
struct Mark {
    row: usize,
    /// Lane, node, colour.
    lines: Box<[(u32, u32, u16)]>,
    next_color: u16,
}

impl Mark {
    fn lanes(&self) -> Lanes {
        let mut lanes = Lanes {
            next_color: self.next_color,
            ..Lanes::default()
        };
        for (lane, awaits, color) in &self.lines {
            lanes.put(*lane as usize, *awaits, *color);
        }
        lanes
    }
}

/// The lanes of all rows.
#[derive(Default)]
pub struct LaneIndex {
    marks: Vec<Mark>,
    /// The most lanes that a row needs.
    pub n_lanes: usize,
}

impl LaneIndex {
    /// Walks all rows once; None when it was cancelled.
    pub fn build<'a>(rows: &[u32], parents: impl Fn(u32) -> &'a [u32], is_cancelled: &dyn Fn() -> bool) -> Option<Self> {
        let mut index = Self::default();
        let mut lanes = Lanes::<All>::default();
        let mut next = 0;
        for (at, node) in rows.iter().enumerate() {
            if at >= next {
                if is_cancelled() {
                    return None;
                }
                index.marks.push(lanes.mark(at));
                // Where the graph is wide a mark is large: fewer of them.
                next = at + MARK_EVERY.max(lanes.width());
            }
            lanes.step(*node, parents(*node));
            index.n_lanes = index.n_lanes.max(lanes.width()).max(1);
        }
        index.marks.shrink_to_fit();
        Some(index)
    }

    /// The drawing of some rows.
    pub fn rows<'a>(&self, rows: &[u32], range: std::ops::Range<usize>, parents: impl Fn(u32) -> &'a [u32]) -> Vec<GraphRow> {
        let at = self.marks.partition_point(|mark| mark.row <= range.start);
        let Some(mark) = at.checked_sub(1).and_then(|at| self.marks.get(at)) else {
            return Vec::new();
        };
        let mut lanes = mark.lanes();
        for node in &rows[mark.row..range.start] {
            lanes.step(*node, parents(*node));
        }
        let drawn = rows[range].iter().map(|node| lanes.row(*node, parents(*node)));
        drawn.collect()
    }
}
