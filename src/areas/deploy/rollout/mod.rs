//! The machinery of every change of an environment: each step is written to the journal before and after, shown while it runs,
//! and taken back by the same machinery when a later one fails.

mod back;
pub(super) mod data;
mod gates;
mod guiding;
mod judging;
mod missing;
pub mod ports;
mod scale;
pub mod started;
pub mod traffic;
mod wait;

pub use missing::Whole;
pub use wait::Promoted;

use super::guide::Decision;
use super::inputs::{self, Inputs};
use super::strategies::{self, Scene};
use super::targets::{self, Site};
use super::traffic::Front;
use super::{Kind, Rollout as View, Step, StepName, Update, journal, settings};
use crate::adapters::ssh::is_silence;
use crate::adapters::store::deployments::DeploymentRow;
use crate::adapters::store::instances::InstanceRow;
use crate::adapters::{World, deliver};
use crate::areas::JobCtx;
use crate::areas::devops::project::Target as Place;
use crate::base::{Msg, Problem, State, Workspace};
use crate::msg;
use futures::future::try_join_all;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tokio_util::sync::CancellationToken;

/// Left free on the disk.
const SPARE_BYTES: u64 = 64 * 1024 * 1024;
/// Lines of an instance's output that go with a failure.
const LAST_WORDS: usize = 15;

/// One deployment that runs now.
pub struct Rollout {
    cx: JobCtx,
    pub site: Site,
    row: DeploymentRow,
    who: String,
    /// The wish to stop. A return to the version before has none: it must come to its end.
    stop: CancellationToken,
    /// Who stands in front of the instances.
    front: Option<Front>,
    /// From here on a failure means that the version before must come back.
    has_touched: AtomicBool,
    view: Mutex<View>,
    /// What somebody decided on the failure that is on its way up.
    decided: Mutex<Option<Decision>>,
    /// It ends where it failed.
    is_left: AtomicBool,
    /// Shown as a part of the deployment that failed, not on its own.
    is_return: bool,
}

/// What a rollout is made from.
pub struct Order {
    pub workspace: Workspace,
    pub inputs: Inputs,
    pub kind: Kind,
    /// What is live before.
    pub live: Option<DeploymentRow>,
    pub who: String,
    /// Of the deployment whose failure this takes back.
    pub after: Option<i64>,
}

impl Rollout {
    /// Writes the deployment down; nothing has been changed yet.
    pub async fn begin(cx: &JobCtx, world: &World, mut order: Order) -> Result<Self, Problem> {
        order.inputs.first_port = ports::choose(world, &order.workspace.id, &order.inputs).await?;
        let row = DeploymentRow {
            id: 0,
            workspace: order.workspace.id.clone(),
            environment: order.inputs.environment.clone(),
            version: order.inputs.label.clone(),
            commit: order.inputs.commit.clone(),
            release: order.inputs.release,
            previous: order.live.as_ref().map(|live| live.id),
            kind: order.kind.word().to_owned(),
            state: State::InProgress,
            who: order.who.clone(),
            job: Some(cx.id()),
            started_at: cx.now(),
            ended_at: None,
            healthy_from: None,
            healthy_until: None,
            inputs: order.inputs.to_value(),
            problem: None,
            holder: world.store().me().clone(),
        };
        let row = world.store().deployments().begin(row).await?;
        let act = format!("{}.begin", order.kind.word());
        let parts: Vec<&str> = order.inputs.parts.iter().map(|part| part.sha256.as_str()).collect();
        journal::audit(
            world,
            &order.who,
            &act,
            &row,
            json!({ "sha256": parts, "after": order.after }),
        )
        .await?;
        let previous = order.live.as_ref().map(|live| live.version.clone());
        let is_return = order.after.is_some();
        Ok(Self::of_row(
            cx,
            world,
            &order.workspace,
            row,
            order.inputs,
            previous,
            order.who,
            is_return,
        ))
    }

    /// A deployment that is in the journal already.
    pub fn of_row(
        cx: &JobCtx,
        world: &World,
        workspace: &Workspace,
        row: DeploymentRow,
        inputs: Inputs,
        previous: Option<String>,
        who: String,
        is_return: bool,
    ) -> Self {
        let folder = inputs::folder(world, &row);
        let stop = if is_return {
            CancellationToken::new()
        } else {
            cx.cancel_token().child_token()
        };
        let view = View {
            deployment: row.id,
            environment: row.environment.clone(),
            version: row.version.clone(),
            commit: row.commit.clone(),
            previous,
            kind: Kind::from_word(&row.kind),
            who: row.who.clone(),
            job: Some(cx.id()),
            state: State::InProgress,
            started_at: row.started_at,
            ended_at: None,
            steps: Vec::new(),
            gates: Vec::new(),
            traffic: Vec::new(),
            judged: None,
            aborted_by: None,
            asks: None,
            problem: None,
            rollback: None,
        };
        let site = Site {
            world: world.clone(),
            workspace: workspace.id.clone(),
            workspace_name: workspace.name.clone(),
            deployment: row.id,
            folder,
            inputs,
            stop: stop.clone(),
        };
        Self {
            cx: cx.clone(),
            front: Front::of(&site),
            site,
            stop,
            row,
            who,
            has_touched: AtomicBool::new(false),
            view: Mutex::new(view),
            decided: Mutex::new(None),
            is_left: AtomicBool::new(false),
            is_return,
        }
    }

    pub fn row(&self) -> &DeploymentRow {
        &self.row
    }

    fn world(&self) -> &World {
        &self.site.world
    }

    fn view(&self) -> MutexGuard<'_, View> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn show(&self) {
        if self.is_return {
            return;
        }
        let rollout = Box::new(self.view().clone());
        let workspace = self.row.workspace.clone();
        self.cx.update(Update::RolloutChanged { workspace, rollout }).await;
    }

    /// Tells that it has ended, where somebody else wrote that down.
    pub async fn tell_end(&self) -> Result<(), Problem> {
        let row = self.world().store().deployments().get(self.row.id).await?;
        let Some(row) = row.filter(|row| row.ended_at.is_some()) else {
            return Ok(());
        };
        {
            let mut view = self.view();
            (view.state, view.ended_at) = (row.state, row.ended_at);
            view.problem = row.problem;
        }
        self.show().await;
        Ok(())
    }

    fn check_stop(&self) -> Result<(), Problem> {
        if self.stop.is_cancelled() {
            return Err(Problem::cancelled());
        }
        Ok(())
    }

    /// From the lock to the proof that the new version runs. Nothing is taken back here.
    pub async fn forward(&self) -> Result<(), Problem> {
        tokio::select! {
            biased;
            result = self.whole() => result,
            never = self.hear_abort(), if !self.is_return => match never {},
        }
    }

    async fn whole(&self) -> Result<(), Problem> {
        let old = self.running().await?;
        self.plan(&old, false).await;
        self.step(StepName::Lock, json!({}), async |_| {
            journal::lock(self.world(), &self.row.workspace, &self.row.environment, Some(self.row.id)).await?;
            Ok(((), Value::Null, Some(msg!("deploy-note-lock", who = &self.who))))
        })
        .await?;
        let old = self.running().await?;
        self.step(StepName::Check, self.row.inputs["parts"].clone(), async |_| {
            self.check(&old).await
        })
        .await?;
        self.step(StepName::Stage, json!({ "folder": self.site.folder }), async |_| {
            self.stage().await
        })
        .await?;
        self.advance_guided().await
    }

    /// Changes the environment, from the staged files to the proof that the new version runs.
    async fn advance(&self) -> Result<(), Problem> {
        self.check_stop()?;
        let old = self.running().await?;
        self.open_front(&old).await?;
        let strategy = &self.site.inputs.strategy;
        if strategy.runs_on() {
            self.change_data().await?;
        }
        let replaces = targets::of(&self.site.inputs).replaces();
        let new = strategies::of(strategy, replaces).roll_out(self, old).await?;
        self.guided(&new, &|| Box::pin(self.verify(&new))).await?;
        self.close_left_front().await
    }

    /// The steps that will come are shown from the beginning; with another try only those that it begins with again.
    async fn plan(&self, old: &[InstanceRow], is_again: bool) {
        let strategy = &self.site.inputs.strategy;
        let scene = Scene {
            n_old: old.iter().map(number_of).max().unwrap_or(0),
            n_new: self.site.inputs.n_instances(),
            has_traffic: self.front.is_some(),
            closes_front: Front::is_left(&self.site).await,
            replaces: targets::of(&self.site.inputs).replaces(),
            data: self.site.inputs.data_steps(),
        };
        let is_first = |name: StepName| matches!(name, StepName::Lock | StepName::Check | StepName::Stage);
        let planned = strategies::planned(strategy, scene)
            .into_iter()
            .filter(|(name, _)| !(is_again && is_first(*name)))
            .map(|(name, note)| Step {
                name,
                state: State::Queued,
                note,
                started_at: None,
                ended_at: None,
            });
        let mut view = self.view();
        view.steps.retain(|step| step.state != State::Queued);
        view.steps.extend(planned);
    }

    /// Every instance of the environment that runs; those that are gone meanwhile are written down as such.
    pub async fn running(&self) -> Result<Vec<InstanceRow>, Problem> {
        let rows = self.world().store().instances().running(Some(&self.row.workspace)).await?;
        Ok(rows
            .into_iter()
            .filter(|row| row.environment.as_deref() == Some(&self.row.environment))
            .collect())
    }

    async fn check(&self, old: &[InstanceRow]) -> Result<((), Value, Option<Msg>), Problem> {
        settings::resolve(self.world(), &self.site.inputs).await?;
        let inputs = self.site.inputs.clone();
        self.off_thread(move || inputs.check_parts()).await?;
        targets::of(&self.site.inputs).check(&self.site, old).await?;
        if let Some(front) = &self.front {
            front.check(self.site.inputs.n_instances() as usize).await?;
        }
        let mut wanted: u64 = self.site.inputs.parts.iter().map(|part| part.bytes).sum();
        wanted += self.data_bytes().await?;
        let folder = self.site.folder.clone();
        let free = self.off_thread(move || deliver::free_bytes(&folder)).await?;
        if free < wanted + SPARE_BYTES {
            return Err(Problem::environment(msg!(
                "deploy-disk-full",
                free = free / 1_000_000,
                // With what has to stay free beside it.
                wanted = (wanted + SPARE_BYTES).div_ceil(1_000_000)
            ))
            .code("disk-full")
            .hint(msg!("deploy-disk-full-hint")));
        }
        Ok((
            (),
            json!({ "free_bytes": free }),
            Some(msg!("deploy-note-check", n = self.site.inputs.parts.len())),
        ))
    }

    /// Own copies: the version to go back to is never gone because a build folder was cleaned.
    async fn stage(&self) -> Result<((), Value, Option<Msg>), Problem> {
        let (inputs, folder) = (self.site.inputs.clone(), self.site.folder.clone());
        let staged = self
            .off_thread(move || {
                crate::adapters::files::create_private_dir(&folder)?;
                let mut staged = Vec::new();
                for part in &inputs.parts {
                    let kept = deliver::keep(&part.source, &Inputs::staged(&folder, part))?;
                    if kept.sha256 != part.sha256 {
                        return Err(Problem::environment(msg!(
                            "deploy-part-changed",
                            name = &part.name,
                            version = &inputs.label
                        ))
                        .code("artifact-changed")
                        .hint(msg!("deploy-part-changed-hint", version = &inputs.label)));
                    }
                    staged.push(json!({ "name": part.name, "path": kept.path, "sha256": kept.sha256 }));
                }
                Ok(staged)
            })
            .await?;
        targets::of(&self.site.inputs).stage(&self.site, &self.cx).await?;
        let n = staged.len();
        Ok(((), json!({ "staged": staged }), Some(msg!("deploy-note-stage", n = n))))
    }

    /// Ends these instances; afterwards none of them runs and what they used is free.
    pub async fn stop(&self, instances: &[InstanceRow]) -> Result<(), Problem> {
        self.check_stop()?;
        self.has_touched.store(true, Ordering::SeqCst);
        let names: Vec<&str> = instances.iter().map(|instance| instance.name.as_str()).collect();
        self.step(StepName::Stop, json!({ "instances": names }), async |_| {
            let is_end = Kind::from_word(&self.row.kind) == Kind::Stop;
            self.end_all(instances, if is_end { "stopped" } else { targets::REPLACED })
                .await?;
            Ok(((), Value::Null, Some(msg!("deploy-note-stop", n = instances.len()))))
        })
        .await
    }

    pub async fn end_all(&self, instances: &[InstanceRow], cause: &str) -> Result<(), Problem> {
        let grace = self.site.inputs.target.stop_grace();
        let ends = instances
            .iter()
            .map(|instance| targets::stop(self.world(), instance, grace, cause));
        try_join_all(ends).await.map(drop)
    }

    /// Those whose work others do now lose their connections in peace, and are stopped.
    pub async fn retire(&self, old: &[InstanceRow]) -> Result<(), Problem> {
        if old.is_empty() {
            return Ok(());
        }
        self.drain(old).await?;
        self.stop(old).await
    }

    /// Starts every instance of the new version.
    pub async fn start_all(&self) -> Result<Vec<InstanceRow>, Problem> {
        let all: Vec<u32> = (1..=self.site.inputs.n_instances()).collect();
        self.start(&all).await
    }

    /// Starts the instances of the new version with these numbers, when what they use is free.
    pub async fn start(&self, numbers: &[u32]) -> Result<Vec<InstanceRow>, Problem> {
        let n = numbers.len();
        self.step(StepName::Start, json!({ "numbers": numbers }), async |_| {
            let target = targets::of(&self.site.inputs);
            settings::resolve(self.world(), &self.site.inputs).await?;
            target.settle(&self.site, numbers).await?;
            let mut started = Vec::new();
            for number in numbers {
                self.check_stop()?;
                started.push(target.start(&self.site, *number).await?);
            }
            let told: Vec<Value> = started
                .iter()
                .map(|row| json!({ "instance": row.id, "pid": row.pid, "port": row.port }))
                .collect();
            let pids: Vec<String> = started.iter().filter_map(|row| row.pid).map(|pid| pid.to_string()).collect();
            let note = match started.iter().find_map(targets::ssh::handle) {
                Some(unit) => msg!("deploy-note-start-unit", unit = unit.unit, host = unit.host),
                None if pids.len() == n && matches!(self.site.inputs.target, Place::Process { .. }) => {
                    msg!("deploy-note-start", n = n, pids = pids.join(", "))
                }
                None => {
                    let names: Vec<&str> = started.iter().map(|row| row.name.as_str()).collect();
                    msg!("deploy-note-start-named", names = names.join(", "))
                }
            };
            Ok((started, json!(told), Some(note)))
        })
        .await
    }

    /// It runs and is healthy: it is the live one from now on.
    pub async fn finish(&self) -> Result<DeploymentRow, Problem> {
        let row = self.world().store().deployments().end(self.row.id, State::Done, None).await?;
        journal::audit(self.world(), &self.who, &format!("{}.done", self.row.kind), &row, Value::Null).await?;
        {
            let mut view = self.view();
            view.state = State::Done;
            view.ended_at = row.ended_at;
        }
        self.show().await;
        Ok(row)
    }

    /// One step: its intent is on disk before it begins, its result when it has ended; a child job with its own log and outcome.
    async fn step<T>(
        &self,
        name: StepName,
        intent: Value,
        work: impl AsyncFnOnce(JobCtx) -> Result<(T, Value, Option<Msg>), Problem>,
    ) -> Result<T, Problem> {
        let deployments = self.world().store().deployments();
        if name != StepName::Lock {
            journal::lock(self.world(), &self.row.workspace, &self.row.environment, Some(self.row.id)).await?;
        }
        let n = deployments.intent(self.row.id, name.word(), intent).await?;
        let begun = self.cx.now();
        self.mark(name, State::InProgress, None, begun);
        self.show().await;
        let result = Box::pin(self.cx.span(name.title(), async |child: JobCtx| work(child).await)).await;
        let (state, value, note) = match &result {
            Ok((_, value, note)) => (State::Done, value.clone(), note.clone()),
            Err(problem) => {
                let state = if is_silence(problem) {
                    State::Unknown
                } else {
                    problem.state()
                };
                let value = serde_json::to_value(problem).unwrap_or_default();
                (state, json!({ "problem": value }), Some(problem.summary.clone()))
            }
        };
        deployments.result(self.row.id, n, state, value).await?;
        self.mark(name, state, note, begun);
        self.show().await;
        result.map(|(value, _, _)| value)
    }

    fn mark(&self, name: StepName, state: State, note: Option<Msg>, begun: crate::base::Timestamp) {
        let now = self.cx.now();
        let mut view = self.view();
        let step = Step {
            name,
            state,
            note,
            started_at: Some(begun),
            ended_at: (state != State::InProgress).then_some(now),
        };
        // A step comes again with each batch: the one that runs ends, the next one that is queued begins.
        let of_name = |known: &&mut Step| known.name == name;
        let mut same = view.steps.iter_mut().filter(of_name);
        let open = match state {
            State::InProgress => same.find(|known| known.state == State::Queued),
            _ => same.find(|known| known.state == State::InProgress),
        };
        match open {
            // What is known before stands there until more is known.
            Some(known) => {
                let note = step.note.clone().or_else(|| known.note.take());
                *known = Step { note, ..step };
            }
            None => view.steps.push(step),
        }
    }

    /// From here on the version before has been stopped, as the journal says.
    pub fn set_touched(&self) {
        self.has_touched.store(true, Ordering::SeqCst);
    }

    async fn off_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.cx.blocking(move |_| work()).await
    }
}

/// The number of an instance, from 1: what its name ends with.
pub fn number_of(row: &InstanceRow) -> u32 {
    row.name.rsplit('-').next().and_then(|n| n.parse().ok()).unwrap_or(1)
}
