//! The time line of a run out of the ledger: a task with what was compiled, or a pipeline with its jobs and their steps.

use super::{Kind, Span, Stretch, Timeline};
use crate::adapters::World;
use crate::base::{JobId, Problem, State, Timestamp, Workspace};
use crate::msg;
use std::collections::BTreeMap;
use std::time::Duration;

/// Of one run; without a number of the newest one.
pub async fn timeline(world: &World, workspace: &Workspace, job: Option<JobId>) -> Result<Timeline, Problem> {
    let builds = world.store().builds();
    let row = match job {
        Some(job) => builds.get(job).await?.filter(|row| row.workspace == workspace.id),
        None => builds.list(&workspace.id, None, 1).await?.into_iter().next(),
    };
    let Some(row) = row else {
        let problem = match job {
            Some(job) => Problem::user(msg!("build-no-run", run = job.to_string())),
            None => Problem::user(msg!("build-timeline-none")),
        };
        return Err(problem.code("not-found"));
    };
    let root = Span {
        name: row.task.clone(),
        kind: Kind::Run,
        start: row.started_at,
        end: row.started_at + Duration::from_millis(row.duration_ms),
        parent: None,
        depth: 0,
        needs: Vec::new(),
        state: row.state,
        is_critical: false,
    };
    let mut timeline = Timeline {
        job: row.job,
        title: row.task.clone(),
        commit: row.commit.clone(),
        spans: vec![root],
    };
    match world.store().pipelines().run_of(row.job).await? {
        Some(run) => {
            // A run that was taken up began with its first part.
            let jobs = world.store().pipelines().jobs(run.id).await?;
            let planned = crate::areas::build::pipelines::load::shown(run, jobs).jobs;
            let mut places: BTreeMap<String, usize> = BTreeMap::new();
            for job in planned.iter().filter(|job| job.reused_from.is_none()) {
                let (Some(start), Some(end)) = (job.started_at, job.ended_at) else {
                    continue;
                };
                let at = timeline.spans.len();
                places.insert(job.key.clone(), at);
                timeline.spans.push(Span {
                    name: job.key.clone(),
                    kind: Kind::Job,
                    start,
                    end,
                    parent: Some(0),
                    depth: 1,
                    needs: Vec::new(),
                    state: job.state,
                    is_critical: false,
                });
                if let Some(id) = job.job {
                    let stretches = builds.stretches(id).await?;
                    timeline.put(at, serde_json::from_value(stretches).unwrap_or_default());
                }
            }
            for job in &planned {
                if let Some(at) = places.get(&job.key) {
                    let needs = job.needs.iter().filter_map(|need| places.get(need).copied());
                    timeline.spans[*at].needs = needs.collect();
                }
            }
        }
        None => {
            let stretches = builds.stretches(row.job).await?;
            timeline.put(0, serde_json::from_value(stretches).unwrap_or_default());
        }
    }
    timeline.widen();
    timeline.mark();
    Ok(timeline)
}

impl Timeline {
    /// What was kept with a job, below its span.
    fn put(&mut self, below: usize, stretches: Vec<Stretch>) {
        let first = self.spans.len();
        let depth = self.spans[below].depth + 1;
        // A part stands behind what it is a part of.
        let mut order: Vec<usize> = (0..stretches.len()).collect();
        order.sort_by_key(|at| {
            let of = |at: usize| (stretches[at].start, at);
            match stretches[*at].parent {
                Some(parent) if parent < stretches.len() => (of(parent), Some(of(*at))),
                _ => (of(*at), None),
            }
        });
        let place = |wanted: usize| order.iter().position(|at| *at == wanted).map(|at| first + at);
        for at in &order {
            let stretch = &stretches[*at];
            let parent = stretch.parent.and_then(place);
            self.spans.push(Span {
                name: stretch.name.clone(),
                kind: stretch.kind,
                start: stretch.start,
                end: stretch.end,
                parent: parent.or(Some(below)),
                depth: depth + usize::from(parent.is_some()),
                needs: Vec::new(),
                state: if stretch.is_failed { State::Failed } else { State::Done },
                is_critical: false,
            });
        }
    }

    /// The run lasts from its first part to its last.
    fn widen(&mut self) {
        let starts = self.spans.iter().map(|span| span.start).min();
        let ends = self.spans.iter().map(|span| span.end).max();
        if let (Some(root), Some(start), Some(end)) = (self.spans.first_mut(), starts, ends) {
            root.start = start;
            root.end = end;
        }
    }
}

/// Times of a step, for those that measure it.
pub fn step(name: &str, start: Timestamp, end: Timestamp, is_failed: bool) -> Stretch {
    Stretch {
        name: name.to_owned(),
        kind: Kind::Step,
        start,
        end,
        parent: None,
        is_failed,
    }
}
