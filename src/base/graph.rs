//! The lines of a commit graph, row by row, as plain data.

use serde::{Deserialize, Serialize};

/// A line in one half of a row; lanes count from 0 at the left. `color` counts up with each new line of development.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphLine {
    /// The lane at the upper end of the half row.
    pub from: u16,
    /// The lane at its lower end.
    pub to: u16,
    pub color: u16,
}

/// One row: a node, and the lines above and below the middle of the row.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GraphRow {
    pub lane: u16,
    pub color: u16,
    pub is_merge: bool,
    /// From the row's top to its middle.
    pub upper: Vec<GraphLine>,
    /// From the row's middle to its bottom.
    pub lower: Vec<GraphLine>,
}

impl GraphRow {
    /// Lanes that the row needs.
    pub fn n_lanes(&self) -> u16 {
        let lines = self.upper.iter().chain(&self.lower);
        lines.map(|line| line.from.max(line.to)).chain([self.lane]).max().unwrap_or(0) + 1
    }
}
