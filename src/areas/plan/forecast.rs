//! When something will be done, by simulation (Monte Carlo) over the team's own cycle times: no estimate, no server, only what
//! the history of the items tells. The same data and seed give the same answer.

use super::history::History;
use super::links::{Links, is_work};
use super::milestones::needs_of_work;
use super::model::Plan;
use super::{Item, order};
use crate::base::Timestamp;
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;

/// Finished items that a forecast needs at least.
pub const MIN_SAMPLES: usize = 5;
/// Runs of the simulation.
pub const TRIALS: u32 = 5_000;
/// A run that takes longer is cut off: ten years.
const MAX_DAYS: f64 = 3_650.0;

/// How sure: shares of the runs that were done by then.
pub const SURE: [u32; 4] = [50, 70, 85, 95];

/// What the simulation says, and what it was made from.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Forecast {
    /// By when, for each of `SURE`; empty when nothing is open or too little is known.
    pub by: Vec<(u32, Date)>,
    /// Items that are open.
    pub n_open: usize,
    pub n_busy: usize,
    /// Items that are done, also those that say nothing of how long they took.
    #[serde(default)]
    pub n_done: usize,
    /// Cycle times of finished items in days, shortest first.
    pub samples: Vec<f64>,
    /// How many items were in work at once, on average.
    pub in_work: f64,
    pub trials: u32,
    pub seed: u64,
    /// How many runs ended on which day, for a chart.
    pub days: Vec<(Date, u32)>,
}

impl Forecast {
    pub fn is_too_little(&self) -> bool {
        self.samples.len() < MIN_SAMPLES
    }

    /// The day by which it is done with this certainty.
    pub fn date(&self, sure: u32) -> Option<Date> {
        self.by.iter().find(|(known, _)| *known == sure).map(|(_, date)| *date)
    }

    pub fn median(&self) -> Option<f64> {
        self.samples.get(self.samples.len() / 2).copied()
    }
}

/// What the items did: their cycle times, and how many were in work at once.
pub fn data(plan: &Plan, history: &History, now: Timestamp) -> (Vec<f64>, f64) {
    let workflow = &plan.workflow;
    let milestones: Vec<String> = plan
        .items
        .values()
        .filter(|item| item.kind == super::Kind::Milestone)
        .map(|item| item.id.to_uppercase())
        .collect();
    let mut samples = Vec::new();
    let (mut busy, mut first, mut last) = (0.0, f64::INFINITY, f64::NEG_INFINITY);
    let day = |at: Timestamp| at.as_second() as f64 / 86_400.0;
    let days = |from: Timestamp, to: Timestamp| ((to.as_second() - from.as_second()) as f64 / 86_400.0).max(0.0);
    for (id, track) in &history.tracks {
        if milestones.contains(id) {
            continue;
        }
        let done = track.done_at(workflow);
        samples.extend(track.cycle_days(workflow));
        let started = track.started_at(workflow).or(done);
        if let Some(started) = started {
            busy += days(started, done.unwrap_or(now).max(started));
            first = first.min(day(started));
            // A pause that nobody has ended says nothing about the pace.
            last = last.max(day(done.unwrap_or(now)));
        }
    }
    samples.sort_by(f64::total_cmp);
    let whole = last - first;
    let in_work = if whole > 0.0 && whole.is_finite() { busy / whole } else { 1.0 };
    (samples, in_work.max(0.1))
}

/// Simulates until the items are done.
pub fn simulate<'a>(
    plan: &'a Plan,
    links: &Links<'a>,
    history: &History,
    items: &[&Item],
    now: Timestamp,
    today: Date,
    seed: u64,
) -> Forecast {
    let history = history.with_now(plan, now);
    let (samples, in_work) = data(plan, &history, now);
    let mut open: Vec<&Item> = items
        .iter()
        .copied()
        .filter(|item| is_work(links, item) && !item.is_done(&plan.workflow))
        .collect();
    open.sort_by(|a, b| order::compare(a, b));
    let is_busy = |item: &&Item| plan.workflow.is_in_progress(&item.state);
    let mut forecast = Forecast {
        n_open: open.len(),
        n_busy: open.iter().filter(|item| is_busy(item)).count(),
        n_done: plan
            .items
            .values()
            .filter(|item| is_work(links, item) && item.is_done(&plan.workflow))
            .count(),
        samples,
        in_work,
        trials: TRIALS,
        seed,
        ..Forecast::default()
    };
    if open.is_empty() || forecast.is_too_little() {
        return forecast;
    }
    let age = |item: &Item| {
        let started = history.track(&item.id).and_then(|track| track.started_at(&plan.workflow));
        started.map_or(0.0, |at| ((now.as_second() - at.as_second()) as f64 / 86_400.0).max(0.0))
    };
    // What is in work goes on first, then the order of the board, what is needed before what needs it.
    open.sort_by_key(|item| !is_busy(item));
    let runs = Runs::new(plan, links, &open, &is_busy, age);
    let n_lanes = (forecast.in_work.round() as usize)
        .clamp(1, 1000)
        .max(forecast.n_busy.min(1000));
    let n_after = (forecast.in_work.round() as usize).max(1);
    // Less than one at once on average: there are days between one and the next.
    let pause = (1.0 / forecast.in_work).max(1.0);
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut ends: Vec<f64> = (0..TRIALS)
        .map(|_| runs.once(&forecast.samples, n_lanes, n_after, pause, &mut rng))
        .collect();
    ends.sort_by(f64::total_cmp);
    let date = |days: f64| today.checked_add((days.ceil().min(MAX_DAYS) as i32).days()).unwrap_or(today);
    forecast.by = SURE
        .iter()
        .map(|sure| {
            let at = (ends.len() * *sure as usize).div_ceil(100).clamp(1, ends.len()) - 1;
            (*sure, date(ends[at]))
        })
        .collect();
    for end in ends {
        let day = date(end);
        match forecast.days.last_mut() {
            Some((known, n)) if *known == day => *n += 1,
            _ => forecast.days.push((day, 1)),
        }
    }
    forecast
}

/// The open items as one run sees them.
struct Runs {
    /// Age in days of what is in work; None for what waits.
    ages: Vec<Option<f64>>,
    needs: Vec<Vec<usize>>,
}

impl Runs {
    fn new<'a>(
        plan: &'a Plan,
        links: &Links<'a>,
        open: &[&Item],
        is_busy: &impl Fn(&&Item) -> bool,
        age: impl Fn(&Item) -> f64,
    ) -> Self {
        let at: HashMap<String, usize> = open
            .iter()
            .enumerate()
            .map(|(at, item)| (item.id.to_uppercase(), at))
            .collect();
        let needs = open.iter().enumerate().map(|(own, item)| {
            let needs = needs_of_work(plan, links, item).into_iter();
            let needs = needs.filter_map(|need| at.get(&need.id.to_uppercase()).copied());
            // Only what stands before: a circle ends, and the order of the board is what people said.
            needs.filter(|need| *need < own).collect()
        });
        Self {
            needs: needs.collect(),
            ages: open.iter().map(|item| is_busy(item).then(|| age(item))).collect(),
        }
    }

    /// Days until the last one is done. A lane takes the next one up when `pause` times the days of the one before are over.
    fn once(&self, samples: &[f64], n_lanes: usize, n_after: usize, pause: f64, rng: &mut fastrand::Rng) -> f64 {
        let pick = |rng: &mut fastrand::Rng| samples[rng.usize(..samples.len())];
        let mut lanes = vec![0.0_f64; n_lanes];
        let mut ends = vec![0.0_f64; self.ages.len()];
        let mut n_busy = 0;
        for (at, age) in self.ages.iter().enumerate() {
            if let Some(age) = age {
                // Longer than anything before: then nobody knows, and it is as good as new.
                let from = samples.partition_point(|sample| sample <= age);
                let left = if from < samples.len() {
                    samples[from + rng.usize(..samples.len() - from)] - age
                } else {
                    pick(rng)
                };
                ends[at] = left;
                let lane = n_busy % n_lanes;
                lanes[lane] = lanes[lane].max(left);
                n_busy += 1;
                continue;
            }
            if n_busy > 0 {
                // From now on no more are begun at once than were on average.
                lanes.sort_by(f64::total_cmp);
                lanes.truncate(n_after.max(1));
                n_busy = 0;
            }
            let ready = self.needs[at].iter().map(|need| ends[*need]).fold(0.0, f64::max);
            let (lane, free) = lanes
                .iter()
                .copied()
                .enumerate()
                .min_by(|a, b| a.1.total_cmp(&b.1))
                .unwrap_or((0, 0.0));
            let (from, days) = (free.max(ready), pick(rng));
            ends[at] = (from + days).min(MAX_DAYS);
            lanes[lane] = (from + days * pause).min(MAX_DAYS);
        }
        ends.into_iter().fold(0.0, f64::max)
    }
}

/// How many days an item in work is likely to take yet, with this certainty.
pub fn days_left(samples: &[f64], age: f64, sure: u32) -> Option<f64> {
    let rest = &samples[samples.partition_point(|sample| *sample <= age)..];
    if samples.len() < MIN_SAMPLES || rest.is_empty() {
        return None;
    }
    let at = (rest.len() * sure as usize).div_ceil(100).clamp(1, rest.len()) - 1;
    Some(rest[at] - age)
}
