//! The long job that asks checks at their intervals and samples instances. One program on the machine does it, told by a lease.

use super::subjects::{self, Sampled, Subject};
use super::{CheckRow, Update, answer, history};
use crate::adapters::World;
use crate::adapters::sampler::Sampler;
use crate::adapters::store::instances::InstanceEnd;
use crate::adapters::store::samples::Sample;
use crate::adapters::store::workspaces::WorkspaceRow;
use crate::adapters::upkeep;
use crate::areas::JobCtx;
use crate::base::{Problem, Workspace, WorkspaceId};
use futures::StreamExt as _;
use futures::stream::FuturesUnordered;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use tokio::time::Instant;

/// Who holds this lease watches.
pub const LEASE: &str = "monitor";
const LEASE_TTL: Duration = Duration::from_secs(15);
const LEASE_RENEW: Duration = Duration::from_secs(5);
/// How often instances are sampled and what was gathered is written.
const SAMPLE_EVERY: Duration = Duration::from_secs(5);
/// How often project files and the ledger are asked what is to be watched.
const LOOK_EVERY: Duration = Duration::from_secs(5);
const BUDGET_EVERY: Duration = Duration::from_mins(10);
/// Questions under way at once.
const MAX_ASKED: usize = 16;

/// Watches until it is stopped. While another program holds the lease it waits for it.
pub async fn run(cx: &JobCtx, world: &World, workspaces: Vec<Workspace>) -> Result<(), Problem> {
    let result = loop_until_stopped(cx, world, workspaces).await;
    world.store().leases().release(LEASE).await.ok();
    result
}

#[derive(Default)]
struct Watch {
    subjects: BTreeMap<(WorkspaceId, String), (Subject, Instant)>,
    instances: Vec<Sampled>,
    sampler: Sampler,
    gathered: Vec<Sample>,
    n_samples: u64,
    told_broken: BTreeSet<String>,
}

async fn loop_until_stopped(cx: &JobCtx, world: &World, workspaces: Vec<Workspace>) -> Result<(), Problem> {
    let mut watch = Watch::default();
    let mut asked = FuturesUnordered::new();
    let mut under_way: BTreeSet<(WorkspaceId, String)> = BTreeSet::new();
    let now = Instant::now();
    let (mut lease_at, mut look_at, mut sample_at, mut budget_at) = (now, now, now, now);
    let mut is_mine = false;
    loop {
        let now = Instant::now();
        if now >= lease_at {
            is_mine = world.store().leases().take(LEASE, LEASE_TTL).await?;
            lease_at = now + LEASE_RENEW;
            if !is_mine {
                cx.update(Update::WatchedElsewhere { at: cx.now() }).await;
            }
        }
        if is_mine && now >= look_at {
            watch.look(cx, world, &workspaces, now).await?;
            look_at = now + LOOK_EVERY;
        }
        if is_mine && now >= sample_at {
            watch.sample(cx, world).await?;
            sample_at = now + SAMPLE_EVERY;
        }
        if is_mine && now >= budget_at {
            keep_budget(world).await?;
            budget_at = now + BUDGET_EVERY;
        }
        if is_mine {
            for (key, (subject, due)) in &mut watch.subjects {
                if *due <= now && under_way.len() < MAX_ASKED && under_way.insert(key.clone()) {
                    *due = now + subject.interval;
                    let (subject, key, world, cancel) = (subject.clone(), key.clone(), world.clone(), cx.cancel_token().clone());
                    asked.push(async move {
                        (
                            key,
                            subject.workspace.id.clone(),
                            answer::ask(&world, &subject, &cancel).await,
                        )
                    });
                }
            }
        }
        let next = watch
            .next_due(&under_way)
            .into_iter()
            .chain([lease_at, look_at, sample_at])
            .min()
            .unwrap_or(lease_at);
        let next = next.max(now + Duration::from_millis(20));
        tokio::select! {
            () = cx.cancel_token().cancelled() => return Err(Problem::cancelled()),
            Some((key, workspace, answered)) = asked.next(), if !asked.is_empty() => {
                under_way.remove(&key);
                if let Ok((check, samples)) = answered {
                    watch.gathered.extend(samples);
                    tell(cx, workspace, check).await;
                }
            }
            () = tokio::time::sleep_until(next) => {}
        }
    }
}

async fn tell(cx: &JobCtx, workspace: WorkspaceId, check: CheckRow) {
    cx.update(Update::CheckAnswered {
        workspace,
        check: Box::new(check),
    })
    .await;
}

impl Watch {
    /// What is there to watch: new checks are asked at once, those that are gone no more.
    async fn look(&mut self, cx: &JobCtx, world: &World, asked_for: &[Workspace], now: Instant) -> Result<(), Problem> {
        let workspaces: Vec<Workspace> = if asked_for.is_empty() {
            world
                .store()
                .workspaces()
                .list()
                .await?
                .iter()
                .map(WorkspaceRow::workspace)
                .collect()
        } else {
            asked_for.to_vec()
        };
        let mut subjects = BTreeMap::new();
        let mut instances = Vec::new();
        for workspace in workspaces {
            instances.extend(subjects::instances(world, &workspace).await?);
            // Whom to ask stands in the workspace's file: only where its owner is trusted.
            if world.trust().check(&workspace).is_err() {
                continue;
            }
            match subjects::checks(world, &workspace).await {
                Ok((found, problems)) => {
                    for problem in problems {
                        if self.told_broken.insert(format!("{} {problem:?}", workspace.id)) {
                            cx.problem(problem).await;
                        }
                    }
                    for subject in found {
                        let key = (workspace.id.clone(), subject.name.clone());
                        let due = self.subjects.get(&key).map_or(now, |(_, due)| *due);
                        subjects.insert(key, (subject, due));
                    }
                }
                Err(problem) => cx.problem(problem).await,
            }
        }
        self.subjects = subjects;
        self.instances = instances;
        Ok(())
    }

    async fn sample(&mut self, cx: &JobCtx, world: &World) -> Result<(), Problem> {
        let at = cx.now();
        for instance in &self.instances {
            match self.sampler.sample(instance.pid, instance.start) {
                Some(sample) => {
                    if let Some(cpu) = sample.cpu_percent {
                        self.gathered
                            .push(history::sample(format!("{}/cpu", instance.series), at, cpu));
                    }
                    self.gathered.push(history::sample(
                        format!("{}/memory", instance.series),
                        at,
                        sample.memory_bytes as f64,
                    ));
                }
                None => {
                    // Nobody stopped it, so it ended by itself.
                    let end = InstanceEnd::by("crashed");
                    let row = world.store().instances().get(instance.id).await?;
                    if row.is_some_and(|row| row.ended_at.is_none()) {
                        world.store().instances().ended(instance.id, end).await?;
                    }
                }
            }
        }
        let pids: BTreeSet<u32> = self.instances.iter().map(|instance| instance.pid).collect();
        self.sampler.keep_only(|pid| pids.contains(&pid));
        let gathered = std::mem::take(&mut self.gathered);
        if !gathered.is_empty() {
            self.n_samples += world.store().samples().insert(gathered).await?;
        }
        let (n_checks, n_instances) = (self.subjects.len() as u32, self.instances.len() as u32);
        cx.update(Update::WatchTicked {
            n_checks,
            n_instances,
            n_samples: self.n_samples,
            at,
        })
        .await;
        Ok(())
    }

    fn next_due(&self, under_way: &BTreeSet<(WorkspaceId, String)>) -> Option<Instant> {
        self.subjects
            .iter()
            .filter(|(key, _)| !under_way.contains(*key))
            .map(|(_, (_, due))| *due)
            .min()
    }
}

async fn keep_budget(world: &World) -> Result<(), Problem> {
    let retention = world.settings().retention.clone();
    upkeep::run(world.store(), world.logs(), &retention, world.clock().now()).await?;
    Ok(())
}
