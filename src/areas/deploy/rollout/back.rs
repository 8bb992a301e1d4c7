//! The part of a rollout that takes back: what was started is ended, the version before comes back by the same machinery.

use super::{Order, Rollout, number_of};
use crate::adapters::deliver;
use crate::adapters::ssh::is_silence;
use crate::adapters::store::deployments::DeploymentRow;
use crate::adapters::store::instances::InstanceRow;
use crate::areas::JobCtx;
use crate::areas::deploy::data::Data;
use crate::areas::deploy::inputs::{self, Inputs};
use crate::areas::deploy::traffic::FULL;
use crate::areas::deploy::{Kind, StepName, journal, targets};
use crate::areas::devops::project::Strategy;
use crate::base::{Problem, State, Workspace};
use crate::msg;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::Ordering;

/// Deployments, and versions that were healthy, whose files stay.
const KEPT: usize = 10;

impl Rollout {
    /// Ends what was started, brings the version before back if it was stopped, and gives the problem that tells both.
    pub async fn fail(&self, workspace: &Workspace, why: Problem) -> Problem {
        let is_cancelled = why.is_cancelled();
        let is_touched = self.has_touched.load(Ordering::SeqCst);
        if is_touched && is_silence(&why) {
            return self.leave_open(why).await;
        }
        if self.is_left() {
            let environment = &self.row.environment;
            let is_named = journal::environment(workspace, environment).is_ok_and(|(_, one)| one.is_protected());
            let yes = if is_named {
                format!(" --yes {environment}")
            } else {
                String::new()
            };
            let problem = why.hint(msg!("deploy-left", environment = environment, yes = yes));
            self.end(State::Failed, &problem).await;
            return problem;
        }
        if !self.is_return
            && let Err(problem) = self.clean_up().await
        {
            self.cx.problem(problem.clone()).await;
            if is_touched && is_silence(&problem) {
                return self.leave_open(why).await;
            }
        }
        if !self.is_return
            && let Err(problem) = self.put_back().await
        {
            let is_silent = is_silence(&problem);
            self.cx.problem(problem).await;
            if is_silent {
                return self.leave_open(why).await;
            }
            let hint = msg!("deploy-data-not-back-hint", environment = &self.row.environment);
            return self.leave_open_with(why.hint(hint)).await;
        }
        let mut problem = why.clone();
        if is_touched && !self.is_return {
            problem = match self.bring_back(workspace).await {
                Ok(Some(back)) => {
                    let told = problem.hint(msg!(
                        "deploy-returned",
                        version = &back.version,
                        environment = &self.row.environment
                    ));
                    if is_cancelled {
                        let aborted_by = self.view().aborted_by.clone();
                        let summary = match aborted_by {
                            Some(who) => msg!(
                                "deploy-aborted-returned",
                                who = who,
                                version = &back.version,
                                environment = &self.row.environment
                            ),
                            None => msg!(
                                "deploy-cancelled-returned",
                                version = &back.version,
                                environment = &self.row.environment
                            ),
                        };
                        Problem {
                            summary,
                            hint: None,
                            ..told
                        }
                    } else {
                        told
                    }
                }
                Ok(None) => problem.hint(msg!("deploy-nothing-before", environment = &self.row.environment)),
                Err(second) if is_silence(&second) => {
                    self.cx.problem(second).await;
                    return self.leave_open(why).await;
                }
                Err(second) => {
                    let details = format!("{}\n\n{}", problem.details, second.details);
                    let hint = msg!("deploy-return-failed", environment = &self.row.environment);
                    self.cx.problem(second).await;
                    problem.details(details.trim()).hint(hint)
                }
            };
        } else if !self.is_return && !is_cancelled && problem.hint.is_none() {
            problem = problem.hint(msg!("deploy-nothing-changed", environment = &self.row.environment));
        }
        let state = if is_cancelled { State::Cancelled } else { State::Failed };
        self.end(state, &problem).await;
        problem
    }

    /// The place does not answer: what runs there is not known, so nothing is assumed, and the next recovery finds out.
    pub(in crate::areas::deploy) async fn leave_open(&self, why: Problem) -> Problem {
        let hint = msg!("deploy-unknown-hint", environment = &self.row.environment);
        self.leave_open_with(why.hint(hint)).await
    }

    async fn leave_open_with(&self, problem: Problem) -> Problem {
        let deployments = self.world().store().deployments();
        let told = problem.clone();
        let changed = deployments.change(self.row.id, move |row| {
            row.state = State::Interrupted;
            row.problem = Some(told.clone());
        });
        let written = match changed.await {
            Ok(row) => {
                let act = format!("{}.unknown", self.row.kind);
                journal::audit(self.world(), &self.who, &act, &row, json!({ "code": problem.code })).await
            }
            Err(problem) => Err(problem),
        };
        if let Err(problem) = written {
            self.cx.problem(problem).await;
        }
        self.show_end(State::Interrupted, &problem).await;
        problem
    }

    async fn end(&self, state: State, problem: &Problem) {
        let ended = self
            .world()
            .store()
            .deployments()
            .end(self.row.id, state, Some(problem.clone()))
            .await;
        let data = json!({ "why": problem.summary.key, "code": problem.code });
        let written = match ended {
            Ok(row) => {
                let act = format!("{}.{}", self.row.kind, state.word());
                journal::audit(self.world(), &self.who, &act, &row, data).await
            }
            Err(problem) => Err(problem),
        };
        if let Err(problem) = written {
            self.cx.problem(problem).await;
        }
        self.show_end(state, problem).await;
    }

    async fn show_end(&self, state: State, problem: &Problem) {
        {
            let mut view = self.view();
            view.state = state;
            view.ended_at = Some(self.cx.now());
            view.problem = Some(problem.clone());
        }
        self.show().await;
    }

    /// No instance of this deployment runs afterwards, written down or not.
    pub async fn clean_up(&self) -> Result<(), Problem> {
        let target = targets::of(&self.site.inputs);
        let written = self.world().store().instances().of_deployment(self.row.id).await?;
        let unwritten = target.unwritten(&self.site, &written).await?;
        let left: Vec<InstanceRow> = written
            .into_iter()
            .filter(|row| row.ended_at.is_none())
            .chain(unwritten)
            .collect();
        if left.is_empty() {
            return target.clean_up(&self.site).await;
        }
        self.step(StepName::CleanUp, json!({ "instances": left.len() }), async |_| {
            self.traffic_home(&left).await?;
            self.end_all(&left, "failed").await?;
            // Those of the version before that were not replaced yet keep their ports.
            let numbers: Vec<u32> = left.iter().map(number_of).collect();
            target.settle(&self.site, &numbers).await?;
            Ok(((), Value::Null, Some(msg!("deploy-note-stop", n = left.len()))))
        })
        .await
    }

    /// The version that was live comes back with the inputs and copies of its time. None when there was none.
    pub async fn bring_back(&self, workspace: &Workspace) -> Result<Option<DeploymentRow>, Problem> {
        let deployments = self.world().store().deployments();
        let Some(live) = deployments.live(&self.row.workspace, &self.row.environment).await? else {
            return Ok(None);
        };
        if live.kind == Kind::Stop.word() {
            return Ok(None);
        }
        let mut inputs = Inputs::of(&live)?;
        if let Some(kept) = self.keep(workspace, &live, &inputs).await? {
            return Ok(Some(kept));
        }
        inputs = inputs.again_from(&inputs::folder(self.world(), &live));
        // Nothing of it runs any more, and nothing but it shall; its data are as it left them.
        inputs.data = Data::Keep;
        inputs.strategy = Strategy::Recreate;
        let order = Order {
            workspace: workspace.clone(),
            inputs,
            kind: Kind::Rollback,
            live: Some(live.clone()),
            who: self.who.clone(),
            after: Some(self.row.id),
        };
        self.step(
            StepName::Return,
            json!({ "to": live.id, "version": live.version }),
            async |cx: JobCtx| {
                let back = Self::begin(&cx, self.world(), order).await?;
                let result = Box::pin(back.forward()).await;
                match result {
                    Ok(()) => {
                        let row = back.finish().await?;
                        let note = msg!("deploy-note-return", version = &row.version);
                        let value = json!({ "deployment": row.id });
                        Ok((Some(row), value, Some(note)))
                    }
                    Err(problem) => Err(Box::pin(back.fail(workspace, problem)).await),
                }
            },
        )
        .await
    }

    /// The version that was live has instances that run: those that are missing are started again as they were, and the requests go to
    /// all of them. None when none of them runs.
    async fn keep(&self, workspace: &Workspace, live: &DeploymentRow, inputs: &Inputs) -> Result<Option<DeploymentRow>, Problem> {
        let world = self.world();
        let back = Self::of_row(
            &self.cx,
            world,
            workspace,
            live.clone(),
            inputs.again_from(&inputs::folder(world, live)),
            None,
            self.who.clone(),
            true,
        );
        let target = targets::of(inputs);
        let written = world.store().instances().of_deployment(live.id).await?;
        let unwritten = target.unwritten(&back.site, &written).await?;
        let left: Vec<InstanceRow> = written
            .into_iter()
            .filter(|row| row.ended_at.is_none())
            .chain(unwritten)
            .collect();
        let mut alive = back.alive(&left).await;
        if alive.is_empty() {
            return Ok(None);
        }
        let dead: Vec<InstanceRow> = left.into_iter().filter(|row| !alive.contains(row)).collect();
        back.end_all(&dead, "crashed").await?;
        let missing: Vec<u32> = (1..=inputs.n_instances())
            .filter(|n| !alive.iter().any(|row| number_of(row) == *n))
            .collect();
        self.step(
            StepName::Return,
            json!({ "to": live.id, "version": live.version, "missing": missing }),
            async |_| {
                if !missing.is_empty() {
                    let started = back.start(&missing).await?;
                    back.gate(&started).await?;
                    alive.extend(started);
                }
                if let Some(front) = &back.front {
                    front.open().await?;
                    let all: Vec<_> = alive.iter().map(|row| (row, FULL)).collect();
                    front.route(&all, &[]).await?;
                }
                self.show_shares(&alive).await;
                let note = msg!("deploy-note-kept", version = &live.version);
                Ok(((), json!({ "deployment": live.id }), Some(note)))
            },
        )
        .await?;
        Ok(Some(live.clone()))
    }

    /// Removes the folders of old deployments: the live one, everything that runs, the newest ten and those of the last ten versions
    /// that were healthy stay, so that failures in a row take away no version to return to.
    pub async fn forget_old(&self) -> Result<(), Problem> {
        let rows = self
            .world()
            .store()
            .deployments()
            .list(&self.row.workspace, Some(&self.row.environment), 500)
            .await?;
        let running = self.running().await?;
        let mut versions = BTreeSet::new();
        let mut ran = BTreeSet::new();
        let mut is_kept = |at: usize, row: &DeploymentRow| {
            let was_healthy = row.healthy_from.is_some();
            let is_last = was_healthy && versions.len() < KEPT && versions.insert(row.version.clone());
            // A version with other settings is another one to return to.
            let is_other = was_healthy && ran.len() < KEPT && ran.insert(inputs::identity(row));
            at < KEPT || is_last || is_other
        };
        let folders: Vec<PathBuf> = rows
            .iter()
            .enumerate()
            .filter(|(at, row)| !is_kept(*at, row))
            .map(|(_, row)| row)
            .filter(|row| row.ended_at.is_some() && !(row.healthy_from.is_some() && row.healthy_until.is_none()))
            .filter(|row| !running.iter().any(|instance| instance.deployment == Some(row.id)))
            .map(|row| inputs::folder(self.world(), row))
            .collect();
        self.forget_backups().await?;
        targets::of(&self.site.inputs).forget(&self.site).await?;
        self.off_thread(move || folders.iter().try_for_each(|folder| deliver::remove_folder(folder)))
            .await
    }
}
