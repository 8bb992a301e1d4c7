//! Where models stand on the canvas when nobody said: columns by how they point to each other, rows that keep related ones near. Pure.

use std::collections::{BTreeMap, BTreeSet};

pub const WIDTH: f32 = 190.0;
pub const GAP_X: f32 = 96.0;
pub const GAP_Y: f32 = 28.0;

/// A node with its height, and the nodes that it points to by index.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Node {
    pub height: f32,
    pub points_to: Vec<usize>,
}

/// A place for each node; the same nodes always get the same places.
pub fn places(nodes: &[Node]) -> Vec<[f32; 2]> {
    let mut columns = depths(nodes);
    // A column that is too high is given in two.
    let n = columns.iter().max().map_or(0, |most| most + 1);
    let total: f32 = nodes.iter().map(|node| node.height + GAP_Y).sum();
    let highest = (total / (n.max(3) as f32)).max(480.0) * 1.3;
    let mut by_column: Vec<Vec<usize>> = Vec::new();
    for column in 0..n {
        let mut here: Vec<usize> = (0..nodes.len()).filter(|node| columns[*node] == column).collect();
        here.sort_by(|a, b| nodes[*b].points_to.len().cmp(&nodes[*a].points_to.len()).then(a.cmp(b)));
        let mut y = 0.0;
        by_column.push(Vec::new());
        for node in here {
            if y > 0.0 && y + nodes[node].height > highest {
                by_column.push(Vec::new());
                y = 0.0;
            }
            y += nodes[node].height + GAP_Y;
            if let Some(last) = by_column.last_mut() {
                last.push(node);
            }
        }
    }
    for (column, here) in by_column.iter().enumerate() {
        for node in here {
            columns[*node] = column;
        }
    }
    order(nodes, &mut by_column);
    let mut out = vec![[0.0, 0.0]; nodes.len()];
    for (column, here) in by_column.iter().enumerate() {
        let mut y = 0.0;
        for node in here {
            out[*node] = [column as f32 * (WIDTH + GAP_X), y];
            y += nodes[*node].height + GAP_Y;
        }
    }
    out
}

/// The longest way to a node from one that nothing points to, circles left out.
fn depths(nodes: &[Node]) -> Vec<usize> {
    let mut depth = vec![0; nodes.len()];
    for _ in 0..nodes.len().min(12) {
        let mut is_changed = false;
        for (index, node) in nodes.iter().enumerate() {
            for target in &node.points_to {
                let is_circle = nodes[*target].points_to.contains(&index) && *target > index;
                if *target != index && !is_circle && depth[*target] < depth[index] + 1 && depth[index] < 6 {
                    depth[*target] = depth[index] + 1;
                    is_changed = true;
                }
            }
        }
        if !is_changed {
            break;
        }
    }
    // No column stays empty.
    let used: BTreeSet<usize> = depth.iter().copied().collect();
    let rank: BTreeMap<usize, usize> = used.into_iter().enumerate().map(|(rank, depth)| (depth, rank)).collect();
    depth.into_iter().map(|depth| rank[&depth]).collect()
}

/// A few sweeps that bring each node near the middle of its neighbours in the column before.
fn order(nodes: &[Node], columns: &mut [Vec<usize>]) {
    for _ in 0..4 {
        for at in 1..columns.len() {
            let before: BTreeMap<usize, usize> = columns[at - 1].iter().enumerate().map(|(row, node)| (*node, row)).collect();
            let middle = |node: &usize| {
                let rows: Vec<f32> = before
                    .iter()
                    .filter(|(other, _)| nodes[**other].points_to.contains(node) || nodes[*node].points_to.contains(other))
                    .map(|(_, row)| *row as f32)
                    .collect();
                if rows.is_empty() {
                    f32::MAX
                } else {
                    rows.iter().sum::<f32>() / rows.len() as f32
                }
            };
            columns[at].sort_by(|a, b| middle(a).total_cmp(&middle(b)));
        }
    }
}
