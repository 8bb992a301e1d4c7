//! What each kind of step does. A command that was cut off runs again; a deployment that was cut off is first finished or taken back.

use super::file::StepKind;
use super::journal::Run;
use super::run::{Runner, Said};
use crate::adapters::store::deployments::DeploymentRow;
use crate::areas::JobCtx;
use crate::areas::deploy::{Kind, What, acts, preview};
use crate::areas::devops::gate::{self, Counter, Verdict};
use crate::areas::devops::probe::{Ready, Tried};
use crate::areas::devops::prober;
use crate::areas::devops::project::{self, Probe, Task, TaskKind, Words};
use crate::areas::release::artifacts::{self, Around};
use crate::areas::release::procedure::task;
use crate::base::{Msg, Problem};
use crate::msg;
use futures::future::BoxFuture;
use std::collections::BTreeMap;

/// Lines that a program wrote last, kept with its step.
const OUTPUT_LINES: usize = 20;

/// What a step leaves.
#[derive(Default)]
pub(super) struct Done {
    pub(super) note: Option<Msg>,
    pub(super) output: String,
    pub(super) deployment: Option<i64>,
}

impl Runner<'_> {
    pub(super) async fn act(
        &self,
        cx: &JobCtx,
        run: &Run,
        at: usize,
        said: &Said,
        was_cut_off: bool,
        done: &mut Done,
    ) -> Result<(), Problem> {
        let rule = &run.steps[at].rule;
        let around = Around {
            version: run.document.version.clone(),
            tag: run.tag.clone().unwrap_or_default(),
            commit: run.begun.commit.clone(),
            is_rehearsal: false,
        };
        match rule.kind() {
            StepKind::Confirm => Ok(()),
            StepKind::Run | StepKind::Task => {
                let mut found = match &rule.task {
                    Some(name) => task(&project::read(&self.workspace.root)?.0, name)?.clone(),
                    None => Task {
                        name: rule.id(),
                        kind: TaskKind::Check,
                        run: rule.run.clone(),
                        dir: ".".into(),
                        timeout: None,
                        env: BTreeMap::new(),
                        pty: false,
                    },
                };
                found.timeout = rule.timeout.or(found.timeout);
                let lines = artifacts::run(cx, self.world, self.workspace, &found, &around).await?;
                done.output = lines[lines.len().saturating_sub(OUTPUT_LINES)..].join("\n");
                Ok(())
            }
            StepKind::Ask => {
                let words = Words::default().set("version", &around.version).set("commit", &around.commit);
                match &rule.ask {
                    Some(probe) => self.ask(cx, probe, &words, done).await,
                    None => Ok(()),
                }
            }
            StepKind::Deploy | StepKind::Return => {
                let environment = rule.environment().unwrap_or_default();
                if was_cut_off {
                    Box::pin(acts::locked(cx, self.world, self.workspace, environment, async |_| Ok(()))).await?;
                }
                let typed = said.confirmed.iter().find(|typed| *typed == environment).map(String::as_str);
                if rule.deploy.is_some() {
                    self.deploy(cx, run, environment, typed, done).await
                } else {
                    self.go_back(cx, run, environment, typed, done).await
                }
            }
        }
    }

    async fn ask(&self, cx: &JobCtx, probe: &Probe, words: &Words, done: &mut Done) -> Result<(), Problem> {
        let ready = Ready::new(&probe.kind, probe.timeout.0, words)?;
        let what = ready.what();
        let mut last: Option<Counter> = None;
        let cancel = cx.cancel_token().clone();
        let try_once = |timeout| -> BoxFuture<'_, Result<Tried, Problem>> {
            let ready = Ready::new(&probe.kind, timeout, words);
            let (cx, cancel) = (cx.clone(), &cancel);
            Box::pin(async move {
                let tried = ready?.try_once(std::future::ready(true), cancel).await;
                cx.check().map(|()| tried)
            })
        };
        let holds = prober::hold(probe, try_once, |counter, _: Verdict, _| last = Some(counter.clone())).await?;
        let Some(counter) = last else { return Ok(()) };
        if !holds {
            return Err(gate::problem(&what, "", &counter));
        }
        done.note = counter.last.as_ref().map(Tried::msg);
        Ok(())
    }

    pub(super) async fn live(&self, environment: &str) -> Result<Option<DeploymentRow>, Problem> {
        let live = self.world.store().deployments().live(&self.workspace.id, environment).await?;
        Ok(live.filter(|row| row.kind != Kind::Stop.word()))
    }

    async fn deploy(
        &self,
        cx: &JobCtx,
        run: &Run,
        environment: &str,
        typed: Option<&str>,
        done: &mut Done,
    ) -> Result<(), Problem> {
        let version = &run.document.version;
        let is_it = |row: &DeploymentRow| row.version == *version && row.commit.as_deref() == Some(run.begun.commit.as_str());
        let what = What::Version {
            version: version.clone(),
        };
        if let Some(row) = self.live(environment).await?.filter(is_it) {
            // Other settings are a deployment too; what keeps it from being made is told by the deployment.
            let preview = preview::read(self.world, self.workspace, environment, &what).await;
            if preview.is_ok_and(|preview| preview.changes.is_empty()) {
                done.deployment = Some(row.id);
                done.note = Some(msg!("deploy-plan-runs-already", version = version));
                return Ok(());
            }
        }
        let result = Box::pin(acts::deploy(cx, self.world, self.workspace, environment, &what, typed)).await;
        let newest = self
            .world
            .store()
            .deployments()
            .list(&self.workspace.id, Some(environment), 20)
            .await?;
        let mine = newest
            .iter()
            .filter(|row| row.kind == Kind::Deploy.word() && row.started_at >= run.begun.at);
        done.deployment = mine.map(|row| row.id).max();
        result?;
        done.note = Some(msg!("deploy-note-verify", version = version));
        Ok(())
    }

    /// What ran there before the plan changed it runs again; nothing, where nothing ran.
    async fn go_back(
        &self,
        cx: &JobCtx,
        run: &Run,
        environment: &str,
        typed: Option<&str>,
        done: &mut Done,
    ) -> Result<(), Problem> {
        let changed = run.steps.iter().find(|step| step.rule.deploy.as_deref() == Some(environment));
        let live = self.live(environment).await?;
        let is_ours = live.as_ref().is_some_and(|row| row.version == run.document.version);
        let Some(changed) = changed.filter(|_| is_ours && run.has_begun(environment)) else {
            done.note = Some(msg!("deploy-plan-not-ours", environment = environment));
            return Ok(());
        };
        match changed.before {
            Some(id) if live.as_ref().is_some_and(|row| row.id == id) => {
                done.note = Some(msg!("deploy-plan-not-ours", environment = environment));
                return Ok(());
            }
            Some(id) => {
                let (world, workspace) = (self.world, self.workspace);
                // Data that were written since are the affair of whoever asks for a rollback alone.
                Box::pin(acts::roll_back(cx, world, workspace, environment, Some(id), None, typed)).await?;
            }
            None => Box::pin(acts::stop(cx, self.world, self.workspace, environment, typed)).await?,
        }
        let live = self.live(environment).await?;
        done.deployment = live.as_ref().map(|row| row.id);
        done.note = Some(match live {
            Some(row) => msg!("deploy-note-return", version = row.version),
            None => msg!("deploy-plan-stopped", environment = environment),
        });
        Ok(())
    }
}
