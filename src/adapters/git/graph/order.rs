//! Which commit stands in which row: children before their parents, and within that the newest first, as git orders them. Pure.

use super::Order;
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

/// A node whose commit was not read yet has this date.
pub(super) const UNREAD: u64 = u64::MAX;
/// Nodes between two looks at whether it is still wanted.
const CHECK_EVERY: usize = 1 << 16;

/// The parents of all nodes, 12 bytes for one with one parent.
#[derive(Default)]
pub(super) struct Edges {
    /// Start and length in `parents`.
    spans: Vec<(u32, u32)>,
    parents: Vec<u32>,
}

impl Edges {
    pub(super) fn len(&self) -> usize {
        self.spans.len()
    }

    /// A new node without parents.
    pub(super) fn push_empty(&mut self) {
        self.spans.push((self.parents.len() as u32, 0));
    }

    /// The parents of a node that has none yet.
    pub(super) fn set(&mut self, node: u32, parents: impl IntoIterator<Item = u32>) {
        let start = self.parents.len();
        self.parents.extend(parents);
        self.spans[node as usize] = (start as u32, (self.parents.len() - start) as u32);
    }

    pub(super) fn of(&self, node: u32) -> &[u32] {
        let (start, n) = self.spans[node as usize];
        &self.parents[start as usize..start as usize + n as usize]
    }

    pub(super) fn shrink(&mut self) {
        self.spans.shrink_to_fit();
        self.parents.shrink_to_fit();
    }
}

/// Why there is no order.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum NoOrder {
    /// A commit is its own ancestor: the edges can not be true.
    Cycle,
    Cancelled,
}

/// Every node that was read, in rows. `tips`, from which all of them are reached, stand in the order of their names.
pub(super) fn order(
    edges: &Edges,
    dates: &[u64],
    tips: &[u32],
    by: Order,
    is_cancelled: &dyn Fn() -> bool,
) -> Result<Vec<u32>, NoOrder> {
    let is_read = |node: u32| dates[node as usize] != UNREAD;
    // Children that were not shown yet.
    let mut waits = vec![0_u32; edges.len()];
    let mut n_read = 0_usize;
    for node in (0..edges.len() as u32).filter(|node| is_read(*node)) {
        n_read += 1;
        for parent in edges.of(node) {
            waits[*parent as usize] += 1;
        }
    }
    // Two names of one commit are one tip, at the place of the first.
    let mut named = BTreeSet::new();
    let mut first: Vec<u32> = tips
        .iter()
        .copied()
        .filter(|tip| is_read(*tip) && named.insert(*tip))
        .collect();
    first.sort_by_key(|tip| Reverse(dates[*tip as usize]));
    let mut queue = Queue::new(by);
    if by == Order::Topology {
        first.reverse();
    }
    for tip in first {
        if waits[tip as usize] == 0 {
            queue.push(dates[tip as usize], tip);
        }
    }
    let mut rows = Vec::with_capacity(n_read);
    while let Some(node) = queue.pop() {
        rows.push(node);
        if rows.len().is_multiple_of(CHECK_EVERY) && is_cancelled() {
            return Err(NoOrder::Cancelled);
        }
        for parent in edges.of(node).iter().copied().filter(|parent| is_read(*parent)) {
            let wait = &mut waits[parent as usize];
            *wait -= 1;
            if *wait == 0 {
                queue.push(dates[parent as usize], parent);
            }
        }
    }
    if rows.len() == n_read { Ok(rows) } else { Err(NoOrder::Cycle) }
}

/// What is ready to be shown: by date with the earlier found first among equals, or the last found first.
enum Queue {
    Dates {
        heap: BinaryHeap<(u64, Reverse<u32>, u32)>,
        n_pushed: u32,
    },
    Stack(Vec<u32>),
}

impl Queue {
    fn new(by: Order) -> Self {
        match by {
            Order::Date => Self::Dates {
                heap: BinaryHeap::new(),
                n_pushed: 0,
            },
            Order::Topology => Self::Stack(Vec::new()),
        }
    }

    fn push(&mut self, date: u64, node: u32) {
        match self {
            Self::Dates { heap, n_pushed } => {
                *n_pushed += 1;
                heap.push((date, Reverse(*n_pushed), node));
            }
            Self::Stack(stack) => stack.push(node),
        }
    }

    fn pop(&mut self) -> Option<u32> {
        match self {
            Self::Dates { heap, .. } => heap.pop().map(|(_, _, node)| node),
            Self::Stack(stack) => stack.pop(),
        }
    }
}
