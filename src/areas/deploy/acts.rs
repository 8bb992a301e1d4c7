//! The acts on an environment: deploy, roll back, stop. Each asks what is allowed, takes the lock, finishes what was left half-way,
//! and then lets a rollout do the work.

use super::data::{self, Choice, Data};
use super::inputs::{self, Inputs};
use super::rollout::traffic::REPLACES;
use super::rollout::{Order, Rollout};
use super::{Kind, Recovered, StepName, What, approvals, journal, left_out, recover, rehearsal, targets};
use crate::adapters::World;
use crate::adapters::ssh::is_silence;
use crate::adapters::store::deployments::DeploymentRow;
use crate::areas::JobCtx;
use crate::areas::devops::project::{Strategy, Traffic};
use crate::base::{Problem, State, Workspace};
use crate::msg;
use serde_json::{Value, json};

/// Brings a version to an environment.
pub async fn deploy(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    environment: &str,
    what: &What,
    confirmed: Option<&str>,
) -> Result<(), Problem> {
    let (project, environment) = allowed(world, workspace, environment, confirmed).await?;
    let inputs = inputs::gather(world, workspace, &project, &environment, what).await?;
    approvals::check(world, workspace, &environment, &inputs).await?;
    cx.sources(inputs.commit.clone(), None, Some(environment.name.clone())).await;
    locked(cx, world, workspace, &environment.name, async |_| {
        Box::pin(roll_out(cx, world, workspace, inputs, Kind::Deploy)).await
    })
    .await
}

/// Brings back what a former deployment ran, with the settings and files of its time.
pub async fn roll_back(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    environment: &str,
    to: Option<i64>,
    data: Option<Choice>,
    confirmed: Option<&str>,
) -> Result<(), Problem> {
    let (_, environment) = allowed(world, workspace, environment, confirmed).await?;
    locked(cx, world, workspace, &environment.name, async |_| {
        if let Some(left) = left(world, workspace, &environment.name).await?
            && Box::pin(take_back(cx, world, workspace, left, (to, data))).await?
        {
            return Ok(());
        }
        let to = find_return(world, workspace, &environment.name, to).await?;
        let traffic = environment.traffic.as_ref();
        back_to(cx, world, workspace, &to, traffic, &environment.strategy, data).await
    })
    .await
}

/// The newest deployment, where somebody had it left as it failed.
async fn left(world: &World, workspace: &Workspace, environment: &str) -> Result<Option<DeploymentRow>, Problem> {
    let newest = world.store().deployments().list(&workspace.id, Some(environment), 1).await?;
    Ok(newest.into_iter().next().filter(is_left))
}

/// Somebody had it left as it failed.
pub(super) fn is_left(row: &DeploymentRow) -> bool {
    let hint = row.problem.as_ref().and_then(|problem| problem.hint.as_ref());
    row.state == State::Failed && hint.is_some_and(|hint| hint.key == "deploy-left")
}

/// What was not taken back when it failed is taken back now: its instances, and the data that it changed unless they shall stay. True when
/// the version before is back with that.
async fn take_back(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    left: DeploymentRow,
    (to, data): (Option<i64>, Option<Choice>),
) -> Result<bool, Problem> {
    let deployments = world.store().deployments();
    let live = deployments.live(&workspace.id, &left.environment).await?.map(|row| row.id);
    let to = to.filter(|id| Some(*id) != live);
    let who = journal::who(world);
    let mut inputs = Inputs::of(&left)?;
    inputs.guided = None;
    let id = left.id;
    let rollout = Rollout::of_row(cx, world, workspace, left, inputs, None, who, false);
    rollout.clean_up().await?;
    if data != Some(Choice::Keep) {
        rollout.put_back().await?;
    }
    let returned = |version: &str| msg!("deploy-returned", version = version, environment = &rollout.row().environment);
    let back = match to {
        None => {
            rollout.set_touched();
            rollout.bring_back(workspace).await?.map(|row| row.version)
        }
        Some(_) => None,
    };
    let hint = back.as_deref().map(returned);
    let changed = deployments.change(id, move |row| {
        if let Some(problem) = &mut row.problem {
            problem.hint.clone_from(&hint);
        }
    });
    changed.await?;
    rollout.tell_end().await?;
    Ok(back.is_some())
}

/// Brings back what this deployment ran. Called under the lock.
pub(super) async fn back_to(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    to: &DeploymentRow,
    traffic: Option<&Traffic>,
    strategy: &Strategy,
    data: Option<Choice>,
) -> Result<(), Problem> {
    let mut inputs = Inputs::of(to)?.again_from(&inputs::folder(world, to));
    // How a version comes there is the environment's affair, and one that was healthy there is no canary.
    inputs.traffic = traffic.cloned();
    inputs.strategy = match strategy {
        Strategy::Canary { .. } => Strategy::BlueGreen,
        strategy => strategy.clone(),
    };
    // Neither is how many are needed now: those that answer today's requests are not fewer for another version.
    let live = world.store().deployments().live(&to.workspace, &to.environment).await?;
    if let Some(Ok(now)) = live.filter(|row| row.kind != Kind::Stop.word()).map(|live| Inputs::of(&live)) {
        inputs.target.set_instances(now.n_instances());
    }
    data::choose(world, to, &mut inputs, data).await?;
    let is_borne = inputs.database.as_ref().is_some_and(|rules| rules.compatible);
    if matches!(inputs.data, Data::Restore { .. }) || (inputs.data == Data::Advance && !is_borne) {
        // Nobody may use the data meanwhile.
        inputs.strategy = Strategy::Recreate;
    }
    cx.sources(inputs.commit.clone(), None, Some(inputs.environment.clone()))
        .await;
    Box::pin(roll_out(cx, world, workspace, inputs, Kind::Rollback)).await
}

/// Stops every instance of an environment; a later deployment or rollback starts some again.
pub async fn stop(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    environment: &str,
    confirmed: Option<&str>,
) -> Result<(), Problem> {
    world.trust().check(workspace)?;
    let environment = left_out::known(world, workspace, environment).await?;
    named(world, workspace, &environment, confirmed).await?;
    locked(cx, world, workspace, &environment.name, async |recovered| {
        let live = world.store().deployments().live(&workspace.id, &environment.name).await?;
        let Some(live) = live.filter(|row| row.kind != Kind::Stop.word()) else {
            return match recovered {
                // It was ended just now, by taking back what had been left half-way.
                Some(_) => Ok(()),
                None => Err(Problem::user(msg!("deploy-nothing-runs", environment = &environment.name)).code("not-found")),
            };
        };
        let order = Order {
            workspace: workspace.clone(),
            inputs: Inputs::of(&live)?,
            kind: Kind::Stop,
            live: Some(live.clone()),
            who: journal::who(world),
            after: None,
        };
        let rollout = Rollout::begin(cx, world, order).await?;
        finish_stop(&rollout).await
    })
    .await
}

/// Ends the instances and writes down that nothing is live any more.
pub(super) async fn finish_stop(rollout: &Rollout) -> Result<(), Problem> {
    let result = async {
        let running = rollout.running().await?;
        rollout.drain_before_stop(&running).await?;
        rollout.stop(&running).await?;
        targets::of(&rollout.site.inputs).end_left_over(&rollout.site).await?;
        rollout.close_front().await;
        rollout.close_left_front().await
    };
    if let Err(problem) = result.await {
        return Err(rollout.give_up(problem).await);
    }
    let row = rollout.finish().await?;
    let now = row.ended_at;
    let deployments = rollout.site.world.store().deployments();
    deployments.change(row.id, move |row| row.healthy_until = now).await.map(drop)
}

/// What may be asked at all: the workspace is trusted, the environment is known, a protected one was named.
pub(super) async fn allowed(
    world: &World,
    workspace: &Workspace,
    environment: &str,
    confirmed: Option<&str>,
) -> Result<
    (
        crate::areas::devops::project::ProjectFile,
        crate::areas::devops::project::Environment,
    ),
    Problem,
> {
    world.trust().check(workspace)?;
    let (project, environment) = match journal::environment(workspace, environment) {
        Ok(found) => found,
        Err(problem) => return Err(left_out::told(world, workspace, environment, problem).await),
    };
    if let Some(wrong) = environment.wrongs().into_iter().next() {
        return Err(Problem::config(wrong));
    }
    named(world, workspace, &environment, confirmed).await?;
    Ok((project, environment))
}

/// A protected one was named; what is refused is written down.
async fn named(
    world: &World,
    workspace: &Workspace,
    environment: &crate::areas::devops::project::Environment,
    confirmed: Option<&str>,
) -> Result<(), Problem> {
    let Err(problem) = journal::confirm(environment, confirmed) else {
        return Ok(());
    };
    journal::audit_refused(world, workspace, &environment.name, &problem).await?;
    Err(problem)
}

/// Called under the lock.
pub(super) async fn roll_out(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    inputs: Inputs,
    kind: Kind,
) -> Result<(), Problem> {
    let live = world.store().deployments().live(&workspace.id, &inputs.environment).await?;
    let order = Order {
        workspace: workspace.clone(),
        inputs,
        kind,
        live,
        who: journal::who(world),
        after: None,
    };
    let rollout = Rollout::begin(cx, world, order).await?;
    carry_out(cx, workspace, &rollout).await
}

async fn carry_out(cx: &JobCtx, workspace: &Workspace, rollout: &Rollout) -> Result<(), Problem> {
    if let Err(problem) = Box::pin(rollout.forward()).await {
        let problem = rollout.fail(workspace, problem).await;
        if problem.is_cancelled() && !rehearsal::is_clone(&workspace.id) {
            // A job that was stopped ends without words of its own, and which version runs now must be said.
            cx.problem(problem.clone()).await;
        }
        return Err(problem);
    }
    rollout.finish().await?;
    if let Err(problem) = rollout.forget_old().await {
        cx.problem(problem).await;
    }
    // The items whose commits run there now follow, by the rules of the project.
    if !rehearsal::is_clone(&workspace.id) {
        Box::pin(crate::areas::plan::followed::follow_after(cx, &rollout.site.world, workspace)).await;
    }
    Ok(())
}

/// Does the work while nobody else can change the environment; first finishes or takes back what was left half-way, and tells the
/// work of it.
pub(super) async fn locked<T>(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    environment: &str,
    work: impl AsyncFnOnce(Option<Recovered>) -> Result<T, Problem>,
) -> Result<T, Problem> {
    journal::lock(world, &workspace.id, environment, None).await?;
    let result = async {
        let recovered = Box::pin(recover::environment(cx, world, workspace, environment)).await?;
        work(recovered).await
    };
    let result = result.await;
    let unlocked = journal::unlock(world, &workspace.id, environment).await;
    match (result, unlocked) {
        (Ok(value), Ok(())) => Ok(value),
        (Ok(_), Err(problem)) | (Err(problem), _) => Err(problem),
    }
}

/// What a return means for the data.
pub async fn weigh(world: &World, workspace: &Workspace, environment: &str, to: Option<i64>) -> Result<data::Weighed, Problem> {
    if let Some(left) = left(world, workspace, environment).await?
        && let Some(live) = world.store().deployments().live(&workspace.id, environment).await?
        && live.kind != Kind::Stop.word()
        && to.is_none_or(|id| id == live.id)
    {
        return data::weigh_left(world, &left, &live).await;
    }
    let to = find_return(world, workspace, environment, to).await?;
    data::weigh(world, &to).await
}

/// The deployment that comes back: the one named, or the last healthy one of another version or with other settings.
async fn find_return(world: &World, workspace: &Workspace, environment: &str, to: Option<i64>) -> Result<DeploymentRow, Problem> {
    let deployments = world.store().deployments();
    let releases = world.store().releases();
    if let Some(id) = to {
        let row = deployments.get(id).await?;
        if let Some(release) = row.as_ref().and_then(|row| row.release)
            && let Some(release) = releases.get(release).await?
        {
            inputs::not_withdrawn(&release)?;
        }
        return row
            .filter(|row| row.workspace == workspace.id && row.environment == environment && row.healthy_from.is_some())
            .filter(|row| row.kind != Kind::Stop.word())
            .ok_or_else(|| {
                Problem::user(msg!("deploy-no-return", id = id.to_string(), environment = environment))
                    .code("not-found")
                    .hint(msg!("deploy-no-return-hint"))
            });
    }
    let rows = deployments.list(&workspace.id, Some(environment), 200).await?;
    let live = rows
        .iter()
        .find(|row| row.healthy_from.is_some() && row.healthy_until.is_none() && row.kind != Kind::Stop.word());
    let of_live = live.map(inputs::identity);
    let same = |row: &DeploymentRow| of_live.as_ref().is_some_and(|live| *live == inputs::identity(row));
    let good = |row: &&DeploymentRow| row.healthy_from.is_some() && row.kind != Kind::Stop.word() && !same(row);
    for row in rows.iter().filter(good) {
        let release = match row.release {
            Some(id) => releases.get(id).await?,
            None => None,
        };
        // One whose failure was ignored is no version that worked.
        let was_ignored = super::overview::ignored(world, row.id).await?.is_some();
        if !was_ignored && release.is_none_or(|release| release.withdrawn.is_none()) {
            return Ok(row.clone());
        }
    }
    Err(Problem::user(msg!("deploy-no-version-before", environment = environment)).code("not-found"))
}

impl Rollout {
    /// A stop that did not succeed: nothing is brought back, it is only told.
    pub(super) async fn give_up(&self, problem: Problem) -> Problem {
        if is_silence(&problem) {
            return self.leave_open(problem).await;
        }
        let state = problem.state();
        let told = problem.clone();
        let row = self
            .site
            .world
            .store()
            .deployments()
            .end(self.row().id, state, Some(problem.clone()))
            .await;
        if let Ok(row) = row {
            let act = format!("{}.{}", row.kind, state.word());
            drop(journal::audit(&self.site.world, &row.who, &act, &row, json!({ "code": told.code })).await);
        }
        problem
    }

    /// Whether the journal says that the environment was touched.
    pub(super) async fn was_touched(&self) -> Result<bool, Problem> {
        has_touched(&self.site.world, self.row().id).await
    }
}

/// Whether a deployment came so far that it changed its environment, as the journal says.
pub async fn has_touched(world: &World, deployment: i64) -> Result<bool, Problem> {
    let steps = world.store().deployments().steps(deployment).await?;
    Ok(steps.iter().any(|step| {
        let name = StepName::from_word(&step.name);
        if name == Some(StepName::Proxy) {
            return step.intent[REPLACES] == true;
        }
        matches!(
            name,
            Some(
                StepName::Stop
                    | StepName::Migrate
                    | StepName::Restore
                    | StepName::Start
                    | StepName::Drain
                    | StepName::Switch
                    | StepName::Return
            )
        ) && step.intent != Value::Null
    }))
}
