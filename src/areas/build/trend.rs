//! How a task's builds moved over time - duration, warnings, size - and which commit moved them: a step is told with its evidence, the
//! medians before and after and how many builds they are of. Pure.

use super::RunRow;
use crate::base::State;
use serde::{Deserialize, Serialize};

/// Builds on each side of a step that its medians are of, at most and at least.
const WINDOW: usize = 10;
const MIN_SIDE: usize = 3;
/// A smaller move is none.
const MIN_MOVE: f64 = 0.10;
/// So many times the usual spread must a move be.
const MIN_SPREADS: f64 = 4.0;

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    DurationMs,
    Warnings,
    Bytes,
}

impl Measure {
    pub const ALL: [Self; 3] = [Self::DurationMs, Self::Warnings, Self::Bytes];

    pub fn of(self, run: &RunRow) -> Option<f64> {
        match self {
            Self::DurationMs => Some(run.duration_ms as f64),
            Self::Warnings => Some(f64::from(run.n_warnings)),
            Self::Bytes => run.bytes.map(|bytes| bytes as f64),
        }
    }

    /// The key of its name.
    pub fn key(self) -> &'static str {
        match self {
            Self::DurationMs => "build-measure-duration",
            Self::Warnings => "build-measure-warnings",
            Self::Bytes => "build-measure-bytes",
        }
    }
}

/// The first build after a move, and what shows it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub measure: Measure,
    /// The first build of the new level.
    pub job: crate::base::JobId,
    /// Its commit, and the one of the build before: what lies between is guilty.
    pub commit: Option<String>,
    pub is_dirty: bool,
    pub commit_before: Option<String>,
    pub median_before: f64,
    pub n_before: usize,
    pub median_after: f64,
    pub n_after: usize,
}

/// The builds of a task that succeeded, oldest first.
pub fn series<'a>(runs: impl Iterator<Item = &'a RunRow>) -> Vec<&'a RunRow> {
    let mut done: Vec<&RunRow> = runs.filter(|run| run.state == State::Done).collect();
    done.sort_by_key(|run| run.job);
    done
}

/// Every step of a series, newest first.
pub fn steps(series: &[&RunRow]) -> Vec<Step> {
    let mut found = Vec::new();
    for measure in Measure::ALL {
        let points: Vec<(&RunRow, f64)> = series.iter().filter_map(|run| Some((*run, measure.of(run)?))).collect();
        let values: Vec<f64> = points.iter().map(|(_, value)| *value).collect();
        let mut cuts = Vec::new();
        split(&values, 0, values.len(), &mut cuts);
        cuts.sort_unstable();
        for (at, cut) in cuts.iter().enumerate() {
            let start = at
                .checked_sub(1)
                .map_or(0, |before| cuts[before])
                .max(cut.saturating_sub(WINDOW));
            let end = cuts.get(at + 1).copied().unwrap_or(values.len()).min(cut + WINDOW);
            let (run, _) = points[*cut];
            found.push(Step {
                measure,
                job: run.job,
                commit: run.commit.clone(),
                is_dirty: run.is_dirty,
                commit_before: points[cut - 1].0.commit.clone(),
                median_before: median(&values[start..*cut]),
                n_before: cut - start,
                median_after: median(&values[*cut..end]),
                n_after: end - cut,
            });
        }
    }
    found.sort_by(|a, b| b.job.cmp(&a.job).then(a.measure.cmp(&b.measure)));
    found
}

/// Cuts where the two sides differ most against the spread, then looks into both sides.
fn split(values: &[f64], from: usize, to: usize, cuts: &mut Vec<usize>) {
    if to - from < 2 * MIN_SIDE {
        return;
    }
    let mut best: Option<(f64, usize, f64, f64)> = None;
    for cut in from + MIN_SIDE..=to - MIN_SIDE {
        let left = &values[from.max(cut.saturating_sub(WINDOW))..cut];
        let right = &values[cut..to.min(cut + WINDOW)];
        let (before, after) = (median(left), median(right));
        let size = (after - before).abs();
        let spread = spread(left, before).max(spread(right, after));
        let is_move = size > MIN_MOVE * before.abs().max(1.0) && size > MIN_SPREADS * spread;
        // Of cuts that look alike the one whose own build stands on the new side.
        let fit: f64 = left.iter().map(|value| (value - before).abs()).sum::<f64>()
            + right.iter().map(|value| (value - after).abs()).sum::<f64>();
        let score = size - fit / (left.len() + right.len()) as f64;
        if is_move && best.is_none_or(|(known, ..)| score > known) {
            best = Some((score, cut, before, after));
        }
    }
    let Some((_, mut cut, before, after)) = best else { return };
    // Just after a move fewer builds stand on its new side than a side needs: the guilty one is the first of them.
    let is_new = |value: f64| (value - after).abs() < (value - before).abs();
    while cut + 1 < to && !is_new(values[cut]) {
        cut += 1;
    }
    while cut > from + 1 && is_new(values[cut - 1]) {
        cut -= 1;
    }
    cuts.push(cut);
    split(values, from, cut, cuts);
    split(values, cut, to, cuts);
}

fn median(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    match sorted.len() {
        0 => 0.0,
        n if n % 2 == 1 => sorted[n / 2],
        n => f64::midpoint(sorted[n / 2 - 1], sorted[n / 2]),
    }
}

/// The median distance from the median.
fn spread(values: &[f64], median_of: f64) -> f64 {
    let distances: Vec<f64> = values.iter().map(|value| (value - median_of).abs()).collect();
    median(&distances)
}
