//! Where the cards of a column stand, when only those in sight are laid out: a sum tree over their heights.

use std::collections::HashMap;
use std::rc::Rc;

/// The height of a card that was never drawn.
const AT_FIRST: f32 = 84.0;

/// The cards of one column with their heights, gaps included.
#[derive(Clone, Debug)]
pub(super) struct Lane {
    cards: Rc<[u64]>,
    gap: f32,
    heights: Vec<f32>,
    /// Fenwick tree of the heights; in f64, or a hundred thousand cards down they would tremble.
    sums: Vec<f64>,
}

impl Default for Lane {
    fn default() -> Self {
        Self {
            cards: Rc::from([]),
            gap: 0.0,
            heights: Vec::new(),
            sums: vec![0.0],
        }
    }
}

impl Lane {
    /// Takes over the cards; `known` has the heights of those that were drawn before.
    pub(super) fn follow(&mut self, cards: &Rc<[u64]>, gap: f32, known: &HashMap<u64, f32>) {
        let is_same = Rc::ptr_eq(&self.cards, cards) || self.cards == *cards;
        if is_same && self.gap == gap {
            self.cards = Rc::clone(cards);
            return;
        }
        self.cards = Rc::clone(cards);
        self.gap = gap;
        let height = |key| known.get(key).copied().unwrap_or(AT_FIRST) + gap;
        self.heights = cards.iter().map(height).collect();
        self.sums = vec![0.0; cards.len() + 1];
        for at in 1..self.sums.len() {
            self.sums[at] += f64::from(self.heights[at - 1]);
            let parent = at + lowest_bit(at);
            if parent < self.sums.len() {
                self.sums[parent] += self.sums[at];
            }
        }
    }

    pub(super) fn len(&self) -> usize {
        self.heights.len()
    }

    /// The height of a card without its gap.
    pub(super) fn height(&self, index: usize) -> f32 {
        self.heights.get(index).map_or(AT_FIRST, |height| height - self.gap)
    }

    /// True when it is another one than before.
    pub(super) fn set_height(&mut self, index: usize, height: f32) -> bool {
        let Some(known) = self.heights.get_mut(index) else {
            return false;
        };
        let more = height + self.gap - *known;
        if more.abs() <= 0.5 {
            return false;
        }
        *known += more;
        let mut at = index + 1;
        while at < self.sums.len() {
            self.sums[at] += f64::from(more);
            at += lowest_bit(at);
        }
        true
    }

    /// Where the card begins, from the top of the column; with the number of cards, where the last one ends.
    pub(super) fn top(&self, index: usize) -> f64 {
        let mut at = index.min(self.len());
        let mut sum = 0.0;
        while at > 0 {
            sum += self.sums[at];
            at -= lowest_bit(at);
        }
        sum
    }

    /// The card that stands there.
    pub(super) fn at(&self, y: f64) -> usize {
        let mut at = 0;
        let mut left = y.max(0.0);
        let mut step = self.sums.len().next_power_of_two() / 2;
        while step > 0 {
            if let Some(sum) = self.sums.get(at + step).filter(|sum| **sum <= left) {
                left -= sum;
                at += step;
            }
            step /= 2;
        }
        at.min(self.len().saturating_sub(1))
    }
}

fn lowest_bit(n: usize) -> usize {
    n & n.wrapping_neg()
}
