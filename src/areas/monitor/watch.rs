//! The long job that asks checks at their intervals and samples instances. One program on the machine does it, told by a lease.

use super::subjects::{self, Sampled, Subject};
use super::{Alerts, CheckRow, Update, alerts, answer, errors, export, history, scrape};
use crate::adapters::World;
use crate::adapters::sampler::Sampler;
use crate::adapters::store::instances::InstanceEnd;
use crate::adapters::store::samples::Sample;
use crate::adapters::store::workspaces::WorkspaceRow;
use crate::adapters::upkeep;
use crate::areas::JobCtx;
use crate::areas::devops::project::{self, ProjectFile, Scrape};
use crate::areas::operate::incidents;
use crate::areas::operate::kept::Keeper;
use crate::base::{Problem, Workspace, WorkspaceId};
use crate::msg;
use futures::StreamExt as _;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;
use tokio::task::JoinError;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

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
pub const MAX_ASKED: usize = 16;
/// How often alerts and incidents are read while another program watches.
const KNOW_EVERY: Duration = Duration::from_secs(10);
/// How often the rules of alerts are looked at, and what waits is sent.
const ERRORS_EVERY: Duration = Duration::from_secs(5);
const ALERT_EVERY: Duration = Duration::from_secs(1);
/// A message that is being sent has so long to arrive when the watch is stopped.
const FINISH_SENDING: Duration = Duration::from_secs(3);
/// Messages under way at once.
const MAX_SENT: usize = 8;

/// Watches until it is stopped. While another program holds the lease it waits for it.
pub async fn run(cx: &JobCtx, world: &World, workspaces: Vec<Workspace>, listen: Option<String>) -> Result<(), Problem> {
    let _exporter = match listen {
        Some(address) => Some(export::export(cx, world, &workspaces, &address).await?),
        None => None,
    };
    let result = loop_until_stopped(cx, world, workspaces).await;
    world.store().leases().release(LEASE).await.ok();
    result
}

#[derive(Default)]
struct Watch {
    subjects: BTreeMap<(WorkspaceId, String), (Subject, Instant)>,
    instances: Vec<Sampled>,
    scrapes: BTreeMap<(WorkspaceId, String), (Scrape, Instant)>,
    sampler: Sampler,
    gathered: Vec<Sample>,
    n_samples: u64,
    /// Checks, instances and samples as they were told last.
    told: Option<(u32, u32, u64)>,
    told_broken: BTreeSet<String>,
    /// Workspaces whose change is not trusted, which was told.
    told_changed: BTreeSet<WorkspaceId>,
    /// What the workspaces are called, and how their alerts stand, as was told.
    names: BTreeMap<WorkspaceId, String>,
    told_alerts: BTreeMap<WorkspaceId, Alerts>,
    /// Targets that brought no metrics, as was told.
    silent: BTreeSet<(WorkspaceId, String)>,
    /// Those of which not everything is kept, as was told.
    crowded: BTreeSet<(WorkspaceId, String)>,
    /// Something could not be written, and was told.
    is_stuck: bool,
    n_lost: u64,
    looked: alerts::Looked,
    /// The workspaces whose rules are looked at.
    files: Vec<(Workspace, ProjectFile)>,
    /// Those of them whose file could be read only in part.
    broken: BTreeSet<WorkspaceId>,
}

type Sent = (i64, Result<(), Problem>);

async fn loop_until_stopped(cx: &JobCtx, world: &World, workspaces: Vec<Workspace>) -> Result<(), Problem> {
    let mut watch = Watch::default();
    let mut asked = FuturesUnordered::new();
    let mut scraped = FuturesUnordered::new();
    let mut under_way: BTreeSet<(WorkspaceId, String)> = BTreeSet::new();
    let now = Instant::now();
    let (mut lease_at, mut look_at, mut sample_at, mut budget_at, mut alert_at, mut errors_at) = (now, now, now, now, now, now);
    let mut sent: FuturesUnordered<BoxFuture<'static, Sent>> = FuturesUnordered::new();
    let mut on_the_way: BTreeSet<i64> = BTreeSet::new();
    let mut keeper = Keeper::default();
    let (mut is_mine, mut is_told_elsewhere) = (false, false);
    let mut know_at = Some(now);
    loop {
        let now = Instant::now();
        if now >= lease_at {
            let was_mine = is_mine;
            match world.store().leases().take(LEASE, LEASE_TTL).await {
                Ok(taken) => is_mine = taken,
                // Where nothing can be written nobody else can take it either.
                Err(problem) => watch.cannot_write(cx, problem).await,
            }
            lease_at = now + LEASE_RENEW;
            if is_mine && !was_mine {
                // What somebody before us was sending: they are gone, and we send nothing yet.
                if let Err(problem) = world.store().alerts().give_up_unsure().await {
                    // Tried again with the next lease: a watch that ended would end without a word.
                    is_mine = false;
                    watch.cannot_write(cx, problem).await;
                }
            }
            if !is_mine && !std::mem::replace(&mut is_told_elsewhere, true) {
                cx.update(Update::WatchedElsewhere { at: cx.now() }).await;
                watch.told = None;
            }
            is_told_elsewhere &= !is_mine;
        }
        if know_at.is_some_and(|at| now >= at) {
            watch.know(cx, world, &workspaces).await;
        }
        // What we find ourselves is told as it comes.
        know_at = if is_mine {
            None
        } else {
            know_at.filter(|at| *at > now).or(Some(now + KNOW_EVERY))
        };
        if is_mine && now >= look_at {
            if let Err(problem) = watch.look(cx, world, &workspaces, now).await {
                watch.cannot_write(cx, problem).await;
            }
            look_at = now + LOOK_EVERY;
        }
        if is_mine && now >= sample_at {
            watch.sample(cx, world).await;
            sample_at = now + SAMPLE_EVERY;
        }
        if is_mine && now >= alert_at {
            watch.alert(cx, world).await;
            alert_at = now + ALERT_EVERY;
            for channels in watch.channels() {
                let queued = world.store().alerts().queued(&channels.workspace.id, MAX_SENT as u32).await;
                let queued = queued.unwrap_or_default();
                for row in queued {
                    if on_the_way.len() < MAX_SENT && on_the_way.insert(row.id) {
                        let (world, channels) = (world.clone(), channels.clone());
                        // What has begun is brought to its end: half sent is neither sent nor not.
                        let never = CancellationToken::new();
                        let id = row.id;
                        let sending = going_on(async move { alerts::deliver_one(&world, &channels, id, &never).await });
                        sent.push(Box::pin(async move {
                            (id, sending.await.unwrap_or_else(|ended| Err(broken_off(&ended))))
                        }));
                    }
                }
            }
        }
        if is_mine && now >= errors_at {
            watch.read_errors(cx, world).await;
            errors_at = now + ERRORS_EVERY;
        }
        if is_mine && now >= budget_at {
            if let Err(problem) = keep_budget(world).await {
                watch.cannot_write(cx, problem).await;
            }
            budget_at = now + BUDGET_EVERY;
        }
        if is_mine {
            for (key, (subject, due)) in &mut watch.subjects {
                if *due <= now && under_way.len() < MAX_ASKED && under_way.insert(key.clone()) {
                    *due = now + subject.interval;
                    let (subject, key, world, cancel) = (subject.clone(), key.clone(), world.clone(), cx.cancel_token().clone());
                    let workspace = subject.workspace.id.clone();
                    let asking = going_on(async move { answer::ask(&world, &subject, &cancel).await });
                    asked.push(async move { (key, workspace, asking.await.unwrap_or_else(|ended| Err(broken_off(&ended)))) });
                }
            }
        }
        if is_mine {
            for ((workspace, name), (scrape, due)) in &mut watch.scrapes {
                let key = scrape_key(workspace, name);
                if *due <= now && under_way.len() < MAX_ASKED && under_way.insert(key.clone()) {
                    *due = now + scrape.interval.0.max(Duration::from_secs(1));
                    let (scrape, world, cancel) = (scrape.clone(), world.clone(), cx.cancel_token().clone());
                    let workspace = key.0.clone();
                    let scraping = going_on(async move { scrape::once(&world, &workspace, &scrape, &cancel).await });
                    scraped.push(async move {
                        let found = scraping.await.unwrap_or_else(|ended| scrape::Scraped {
                            problem: Some(broken_off(&ended)),
                            ..scrape::Scraped::default()
                        });
                        (key, found)
                    });
                }
            }
        }
        let next = watch
            .next_due(&under_way)
            .into_iter()
            .chain([lease_at, look_at, sample_at, alert_at])
            .min()
            .unwrap_or(lease_at);
        let next = next.max(now + Duration::from_millis(20));
        tokio::select! {
            () = cx.cancel_token().cancelled() => {
                let rest = async { while sent.next().await.is_some() {} };
                tokio::time::timeout(FINISH_SENDING, rest).await.ok();
                return Err(Problem::cancelled());
            }
            Some((key, workspace, answered)) = asked.next(), if !asked.is_empty() => {
                under_way.remove(&key);
                match answered {
                    Ok((check, samples)) => {
                        watch.gathered.extend(samples);
                        tell(cx, workspace, check).await;
                    }
                    Err(problem) if problem.is_cancelled() => {}
                    Err(problem) => watch.cannot_write(cx, problem).await,
                }
            }
            Some((key, found)) = scraped.next(), if !scraped.is_empty() => {
                under_way.remove(&key);
                watch.gathered.extend(found.samples);
                if let Some(problem) = found.is_cut
                    && watch.crowded.insert(key.clone())
                {
                    cx.problem(problem).await;
                }
                match found.problem {
                    Some(problem) if watch.silent.insert(key.clone()) => cx.problem(problem).await,
                    Some(_) => {}
                    None => drop(watch.silent.remove(&key)),
                }
            }
            event = keeper.next(world), if is_mine => {
                if let Err(problem) = keeper.keep(world, event).await {
                    watch.cannot_write(cx, problem).await;
                }
            }
            Some((id, delivered)) = sent.next(), if !sent.is_empty() => {
                on_the_way.remove(&id);
                if let Err(problem) = delivered {
                    cx.problem(problem).await;
                }
            }
            () = tokio::time::sleep_until(next) => {}
        }
    }
}

/// A question whose time runs, and whose answer is taken, also while the loop does something else.
fn going_on<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> AbortOnDropHandle<T> {
    AbortOnDropHandle::new(tokio::spawn(work))
}

fn broken_off(ended: &JoinError) -> Problem {
    Problem::internal(msg!("monitor-broken-off")).details(ended.to_string())
}

/// The same name may be a check's: a space stands in none of theirs alone.
fn scrape_key(workspace: &WorkspaceId, name: &str) -> (WorkspaceId, String) {
    (workspace.clone(), format!("scrape {name}"))
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
        let workspaces = watched(world, asked_for).await?;
        let of = |workspace: &Workspace| (workspace.id.clone(), workspace.name.clone());
        let names: BTreeMap<WorkspaceId, String> = workspaces.iter().map(of).collect();
        if self.names != names {
            self.names.clone_from(&names);
            cx.update(Update::Watching { names }).await;
        }
        let mut subjects = BTreeMap::new();
        let mut instances = Vec::new();
        let mut files = Vec::new();
        let mut broken = BTreeSet::new();
        for workspace in workspaces {
            instances.extend(subjects::instances(world, &workspace).await?);
            // Whom to ask stands in the workspace's file: only where its owner is trusted.
            let file = match self.trusted_file(cx, world, &workspace).await {
                Ok(None) => continue,
                Ok(Some(file)) => Ok(file),
                Err(problem) => Err(problem),
            };
            let found = match file {
                Ok((file, problems)) => {
                    if !problems.is_empty() {
                        broken.insert(workspace.id.clone());
                    }
                    let found = subjects::of_file(world, &workspace, &file, problems).await;
                    files.push((workspace.clone(), file));
                    found
                }
                Err(problem) => Err(problem),
            };
            match found {
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
        let mut scrapes = BTreeMap::new();
        for (workspace, file) in &files {
            for scrape in &file.scrapes {
                let key = (workspace.id.clone(), scrape.name.clone());
                let due = self.scrapes.get(&key).map_or(now, |(_, due)| *due);
                scrapes.insert(key, (scrape.clone(), due));
            }
        }
        self.scrapes = scrapes;
        self.subjects = subjects;
        self.instances = instances;
        self.files = files;
        self.broken = broken;
        Ok(())
    }

    /// The file of a workspace, as the user trusts it. While its change is not trusted the watch goes on with what it was, and says
    /// so once: who edits a check does not switch off all others.
    async fn trusted_file(
        &mut self,
        cx: &JobCtx,
        world: &World,
        workspace: &Workspace,
    ) -> Result<Option<(ProjectFile, Vec<Problem>)>, Problem> {
        let Err(untrusted) = world.trust().check(workspace) else {
            self.told_changed.remove(&workspace.id);
            return project::read(&workspace.root).map(Some);
        };
        let Some(text) = world.trust().text_when_trusted(workspace, Path::new(project::FILE_NAME))? else {
            return Ok(None);
        };
        if self.told_changed.insert(workspace.id.clone()) {
            cx.problem(still_watched(workspace, untrusted)).await;
        }
        Ok(Some(project::parse(&text, &workspace.root.join(project::FILE_NAME))))
    }

    /// How alerts and incidents stand, told where that is new: whoever finds them, all that look know of them.
    async fn know(&mut self, cx: &JobCtx, world: &World, asked_for: &[Workspace]) {
        // What can not be read is told where it is looked for.
        let workspaces = watched(world, asked_for).await.unwrap_or_default();
        let mut is_new = false;
        for workspace in &workspaces {
            let Ok((found, _)) = alerts::find(world, workspace).await else {
                continue;
            };
            let is_nothing = found.alerts.is_empty() && !self.told_alerts.contains_key(&workspace.id);
            if is_nothing || self.told_alerts.get(&workspace.id) == Some(&found) {
                continue;
            }
            is_new = true;
            self.told_alerts.insert(workspace.id.clone(), found.clone());
            cx.update(Update::AlertsLoaded {
                workspace: workspace.id.clone(),
                alerts: Box::new(found),
            })
            .await;
        }
        if is_new {
            incidents::list(cx, world, &workspaces, false).await.ok();
        }
    }

    /// What instances wrote of errors since the last look.
    async fn read_errors(&mut self, cx: &JobCtx, world: &World) {
        for (workspace, _) in &self.files {
            match errors::round(world, workspace).await {
                Ok(news) => {
                    for error in news {
                        cx.update(Update::ErrorSeen {
                            workspace: workspace.id.clone(),
                            error: Box::new(error),
                        })
                        .await;
                    }
                }
                Err(problem) => {
                    if self.told_broken.insert(format!("{} {problem:?}", workspace.id)) {
                        cx.problem(problem).await;
                    }
                }
            }
        }
    }

    /// Told once, until it works again.
    async fn cannot_write(&mut self, cx: &JobCtx, problem: Problem) {
        if std::mem::replace(&mut self.is_stuck, true) {
            return;
        }
        cx.update(Update::Recording {
            at: cx.now(),
            problem: Some(problem.clone()),
            n_lost: self.n_lost,
        })
        .await;
        cx.problem(problem).await;
    }

    async fn writes_again(&mut self, cx: &JobCtx) {
        if !std::mem::replace(&mut self.is_stuck, false) {
            return;
        }
        let n_lost = std::mem::take(&mut self.n_lost);
        cx.update(Update::Recording {
            at: cx.now(),
            problem: None,
            n_lost,
        })
        .await;
    }

    fn channels(&self) -> Vec<alerts::Channels> {
        let of = |(workspace, file): &(Workspace, ProjectFile)| alerts::Channels {
            workspace: workspace.clone(),
            channels: file.channels.clone(),
        };
        self.files.iter().map(of).collect()
    }

    /// One look at every rule; one that fails does not keep the others from it.
    async fn alert(&mut self, cx: &JobCtx, world: &World) {
        self.looked.now(cx.now());
        for (workspace, file) in &self.files {
            match alerts::round(world, workspace, file, !self.broken.contains(&workspace.id), &self.looked).await {
                Ok(changed) => {
                    for alert in changed {
                        cx.update(Update::AlertChanged {
                            workspace: workspace.id.clone(),
                            alert: Box::new(alert),
                        })
                        .await;
                    }
                }
                Err(problem) => {
                    if self.told_broken.insert(format!("{} {problem:?}", workspace.id)) {
                        cx.problem(problem).await;
                    }
                }
            }
        }
    }

    async fn sample(&mut self, cx: &JobCtx, world: &World) {
        let at = cx.now();
        let mut stuck = None;
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
                    if let Err(problem) = ended_by_itself(world, instance.id).await {
                        stuck = Some(problem);
                    }
                }
            }
        }
        if let Some(problem) = stuck {
            self.cannot_write(cx, problem).await;
        }
        let pids: BTreeSet<u32> = self.instances.iter().map(|instance| instance.pid).collect();
        self.sampler.keep_only(|pid| pids.contains(&pid));
        let gathered = std::mem::take(&mut self.gathered);
        if !gathered.is_empty() {
            let n = gathered.len() as u64;
            match world.store().samples().insert(gathered).await {
                Ok(n_written) => {
                    self.n_samples += n_written;
                    self.writes_again(cx).await;
                }
                // What was not written is a gap: it is shown as one.
                Err(problem) => {
                    self.n_lost += n;
                    self.cannot_write(cx, problem).await;
                }
            }
        }
        let (n_checks, n_instances) = (self.subjects.len() as u32, self.instances.len() as u32);
        // A window that has nothing new to show rests.
        let ticked = (n_checks, n_instances, self.n_samples);
        if self.told.replace(ticked) != Some(ticked) {
            cx.update(Update::WatchTicked {
                n_checks,
                n_instances,
                n_samples: self.n_samples,
                at,
            })
            .await;
        }
    }

    fn next_due(&self, under_way: &BTreeSet<(WorkspaceId, String)>) -> Option<Instant> {
        let scrapes = self
            .scrapes
            .iter()
            .filter(|((workspace, name), _)| !under_way.contains(&scrape_key(workspace, name)));
        let scrapes = scrapes.map(|(_, (_, due))| *due);
        self.subjects
            .iter()
            .filter(|(key, _)| !under_way.contains(*key))
            .map(|(_, (_, due))| *due)
            .chain(scrapes)
            .min()
    }
}

/// What was trusted is watched, and not what the file says now.
pub(super) fn still_watched(workspace: &Workspace, untrusted: Problem) -> Problem {
    let said = msg!("monitor-trust-changed", name = workspace.name.as_str());
    Problem {
        summary: said,
        ..untrusted
    }
}

/// Nobody stopped it. Where a deployment changes what runs just now it may have: it writes that down itself.
async fn ended_by_itself(world: &World, id: i64) -> Result<(), Problem> {
    let instances = world.store().instances();
    let Some(row) = instances.get(id).await?.filter(|row| row.ended_at.is_none()) else {
        return Ok(());
    };
    if let (Some(workspace), Some(environment)) = (&row.workspace, &row.environment)
        && answer::is_changed_now(world, workspace, environment).await?
    {
        return Ok(());
    }
    instances.ended(id, InstanceEnd::by("crashed")).await.map(drop)
}

async fn keep_budget(world: &World) -> Result<(), Problem> {
    let retention = world.settings().retention.clone();
    upkeep::run(world.store(), world.logs(), &retention, world.clock().now()).await?;
    Ok(())
}

/// The workspaces that were asked for; all that were added where none was.
pub(super) async fn watched(world: &World, asked_for: &[Workspace]) -> Result<Vec<Workspace>, Problem> {
    if !asked_for.is_empty() {
        return Ok(asked_for.to_vec());
    }
    let rows = world.store().workspaces().list().await?;
    Ok(rows.iter().map(WorkspaceRow::workspace).collect())
}
