//! A rehearsal from the clone to the proof, stage by stage, with the machinery of real deployments. Each stage is written down; the clone
//! goes however it ends.

use super::place::{self, Made, Place, is_clone};
use super::{Rehearsal, Stage, StageName, Table, same};
use crate::adapters::World;
use crate::adapters::database::{Database, Facts};
use crate::adapters::store::audit::AuditEntry;
use crate::adapters::store::deployments::DeploymentRow;
use crate::adapters::store::rehearsals::RehearsalRow;
use crate::areas::JobCtx;
use crate::areas::deploy::data::{self, Choice, Data};
use crate::areas::deploy::inputs::{self, Inputs};
use crate::areas::deploy::{Kind, Update, What, acts, journal};
use crate::areas::devops::project::Strategy;
use crate::base::{Msg, Problem, State, Workspace};
use crate::msg;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Rehearses the deployment of a version and the return from it. The environment is not touched; its data are read once.
pub async fn rehearse(cx: &JobCtx, world: &World, workspace: &Workspace, environment: &str, what: &What) -> Result<(), Problem> {
    world.trust().check(workspace)?;
    let (project, environment) = journal::environment(workspace, environment)?;
    if let Some(wrong) = environment.wrongs().into_iter().next() {
        return Err(Problem::config(wrong));
    }
    let next = inputs::gather(world, workspace, &project, &environment, what).await?;
    let live = world.store().deployments().live(&workspace.id, &environment.name).await?;
    let Some(live) = live.filter(|row| row.kind != Kind::Stop.word()) else {
        return Err(
            Problem::user(msg!("deploy-rehearsal-nothing", environment = &environment.name))
                .code("not-found")
                .hint(msg!("deploy-rehearsal-nothing-hint")),
        );
    };
    if (&live.version, &live.commit) == (&next.label, &next.commit) {
        return Err(Problem::user(msg!(
            "deploy-rehearsal-itself",
            version = &live.version,
            environment = &environment.name
        ))
        .code("same-version")
        .hint(msg!("deploy-rehearsal-itself-hint")));
    }
    let now = Inputs::of(&live)?.again_from(&inputs::folder(world, &live));
    same::check(&now, &next, &workspace.root)?;
    cx.sources(next.commit.clone(), None, Some(environment.name.clone())).await;
    let made = Made::planned(world, workspace, &next);
    let clone = made.clone_id();
    journal::lock(world, &clone, &environment.name, None).await?;
    let result = async {
        Box::pin(place::sweep(cx, world, Some((&workspace.id, &environment.name)))).await?;
        // That took the lock and gave it back.
        journal::lock(world, &clone, &environment.name, None).await?;
        Box::pin(carry_out(cx, world, &live, &now, &next, &made)).await
    };
    let result = result.await;
    let unlocked = journal::unlock(world, &clone, &environment.name).await;
    result.and(unlocked)
}

async fn carry_out(
    cx: &JobCtx,
    world: &World,
    live: &DeploymentRow,
    now: &Inputs,
    next: &Inputs,
    made: &Made,
) -> Result<(), Problem> {
    let rehearsals = world.store().rehearsals();
    let row = RehearsalRow {
        id: 0,
        workspace: made.workspace.id.clone(),
        environment: next.environment.clone(),
        live: live.id,
        live_version: live.version.clone(),
        live_commit: live.commit.clone(),
        version: next.label.clone(),
        commit: next.commit.clone(),
        settings: next.settings_sum(),
        state: State::InProgress,
        who: journal::who(world),
        job: Some(cx.id()),
        started_at: cx.now(),
        ended_at: None,
        clone: serde_json::to_value(made).unwrap_or_default(),
        result: Value::Null,
        problem: None,
        holder: world.store().me().clone(),
    };
    let row = rehearsals.begin(row).await?;
    let mut view = Rehearsal::of(&row);
    view.stages = stages(next);
    let rehearsing = Rehearsing {
        cx,
        world,
        row,
        made,
        next,
        view: Mutex::new(view),
    };
    rehearsing.audit("begin", Value::Null).await?;
    rehearsing.show().await?;
    let result = Box::pin(rehearsing.stages(now)).await;
    let removed = rehearsing
        .stage(StageName::Remove, async |cx: JobCtx| {
            Box::pin(place::remove(&cx, world, &rehearsing.row, made)).await?;
            Ok(((), Some(msg!("deploy-rehearsal-note-removed")), None))
        })
        .await;
    let result = result.and(removed).map_err(|problem| {
        if problem.is_cancelled() || problem.code == "no-clone" {
            return problem;
        }
        problem.hint(msg!("deploy-rehearsal-failed-hint", environment = &next.environment))
    });
    rehearsing.end(result).await
}

fn stages(next: &Inputs) -> Vec<Stage> {
    let mut names = vec![StageName::Clone, StageName::Now, StageName::Next];
    if let Some(rules) = &next.database {
        names.extend(rules.compatible.then_some(StageName::Bear));
    }
    names.push(StageName::Back);
    names.extend(next.database.as_ref().map(|_| StageName::Compare));
    names.push(StageName::Remove);
    let stage = |name| Stage {
        name,
        state: State::Queued,
        note: None,
        deployment: None,
        started_at: None,
        ended_at: None,
    };
    names.into_iter().map(stage).collect()
}

struct Rehearsing<'a> {
    cx: &'a JobCtx,
    world: &'a World,
    row: RehearsalRow,
    made: &'a Made,
    next: &'a Inputs,
    view: Mutex<Rehearsal>,
}

/// What a stage gives: its value, what is said of it, and its deployment.
type Came<T> = (T, Option<Msg>, Option<i64>);

impl Rehearsing<'_> {
    fn view(&self) -> MutexGuard<'_, Rehearsal> {
        self.view.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Written down, and told.
    async fn show(&self) -> Result<(), Problem> {
        let view = self.view().clone();
        let result = serde_json::to_value(&view).unwrap_or_default();
        let write = move |row: &mut RehearsalRow| row.result.clone_from(&result);
        self.world.store().rehearsals().change(self.row.id, write).await?;
        let workspace = self.row.workspace.clone();
        let rehearsal = Box::new(view);
        self.cx.update(Update::RehearsalChanged { workspace, rehearsal }).await;
        Ok(())
    }

    fn mark(&self, name: StageName, change: impl FnOnce(&mut Stage)) {
        if let Some(stage) = self.view().stages.iter_mut().find(|stage| stage.name == name) {
            change(stage);
        }
    }

    async fn stage<T>(&self, name: StageName, work: impl AsyncFnOnce(JobCtx) -> Result<Came<T>, Problem>) -> Result<T, Problem> {
        let began = self.cx.now();
        self.mark(name, |stage| {
            stage.state = State::InProgress;
            stage.started_at = Some(began);
        });
        self.show().await?;
        let result = Box::pin(self.cx.span(Msg::new(name.key()), async |child: JobCtx| work(child).await)).await;
        let ended = self.cx.now();
        self.mark(name, |stage| {
            stage.ended_at = Some(ended);
            match &result {
                Ok((_, note, deployment)) => {
                    stage.state = State::Done;
                    stage.note.clone_from(note);
                    stage.deployment = *deployment;
                }
                Err(problem) => {
                    stage.state = problem.state();
                    stage.note = Some(problem.summary.clone());
                }
            }
        });
        self.show().await?;
        result.map(|(value, ..)| value)
    }

    async fn stages(&self, now: &Inputs) -> Result<(), Problem> {
        let (cx, world, next) = (self.cx, self.world, self.next);
        let (place, origin) = self
            .stage(StageName::Clone, async |cx: JobCtx| {
                let place = Place::make(&cx, world, self.made, now, next).await?;
                let origin = place.bring_data(&cx, world, self.made, next).await?;
                let note = match &origin {
                    Some((_, facts)) => msg!("deploy-note-backup", rows = facts.n_rows(), tables = facts.tables.len()),
                    None => msg!("deploy-rehearsal-note-clone"),
                };
                Ok(((place, origin), Some(note), None))
            })
            .await?;
        cx.check()?;
        let first = self
            .stage(StageName::Now, async |cx: JobCtx| {
                let inputs = Inputs {
                    data: Data::Keep,
                    strategy: Strategy::Recreate,
                    ..place.inputs(now)
                };
                self.deploy(&cx, &place, inputs).await
            })
            .await?;
        // What the version writes whenever it runs is not held against the return.
        let database = origin.as_ref().map(|(database, _)| database);
        let mut written = BTreeSet::new();
        let calm = self.facts(database).await?;
        if let (Some((_, origin)), Some(calm)) = (&origin, &calm) {
            written.extend(origin.differences(calm).into_iter().map(|one| one.table));
        }
        cx.check()?;
        let second = self
            .stage(StageName::Next, async |cx: JobCtx| {
                let inputs = Inputs {
                    data: Data::Advance,
                    ..place.inputs(next)
                };
                self.deploy(&cx, &place, inputs).await
            })
            .await?;
        let before = self.copied(&second).await?.or(calm.clone());
        let between = self.facts(database).await?;
        if let (Some(calm), Some(before)) = (&calm, &before) {
            written.extend(calm.differences(before).into_iter().map(|one| one.table));
        }
        cx.check()?;
        if next.database.as_ref().is_some_and(|rules| rules.compatible) {
            self.stage(StageName::Bear, async |cx: JobCtx| {
                self.go_back(&cx, &place, &first, Choice::Keep).await
            })
            .await?;
            cx.check()?;
        }
        let choice = if database.is_some() { Choice::Restore } else { Choice::Keep };
        self.stage(StageName::Back, async |cx: JobCtx| {
            self.go_back(&cx, &place, &first, choice).await
        })
        .await?;
        let after = self.facts(database).await?;
        let (Some(before), Some(between), Some(after)) = (before, between, after) else {
            return Ok(());
        };
        self.stage(StageName::Compare, async |_| {
            self.compare(&before, &between, &after, &written)?;
            let note = msg!("deploy-note-restore", rows = after.n_rows(), tables = after.tables.len());
            Ok(((), Some(note), None))
        })
        .await
    }

    async fn facts(&self, database: Option<&Database>) -> Result<Option<Facts>, Problem> {
        match database {
            Some(database) => Ok(Some(database.facts(self.world.processes(), self.cx.cancel_token()).await?)),
            None => Ok(None),
        }
    }

    /// What stood in the database when the deployment copied it.
    async fn copied(&self, row: &DeploymentRow) -> Result<Option<Facts>, Problem> {
        let steps = self.world.store().deployments().steps(row.id).await?;
        Ok(steps.iter().find_map(data::backup_of).map(|backup| backup.facts))
    }

    /// Brings these to the clone, as any deployment is brought anywhere.
    async fn deploy(&self, cx: &JobCtx, place: &Place, inputs: Inputs) -> Result<Came<DeploymentRow>, Problem> {
        let version = inputs.label.clone();
        Box::pin(acts::roll_out(cx, self.world, &place.workspace, inputs, Kind::Deploy)).await?;
        let row = self.live(place).await?;
        let id = row.id;
        Ok((row, Some(msg!("deploy-note-verify", version = version)), Some(id)))
    }

    async fn go_back(&self, cx: &JobCtx, place: &Place, to: &DeploymentRow, data: Choice) -> Result<Came<()>, Problem> {
        let strategy = place.inputs(self.next).strategy;
        let back = acts::back_to(cx, self.world, &place.workspace, to, None, &strategy, Some(data));
        Box::pin(back).await?;
        let row = self.live(place).await?;
        let note = msg!("deploy-note-return", version = &row.version);
        Ok(((), Some(note), Some(row.id)))
    }

    async fn live(&self, place: &Place) -> Result<DeploymentRow, Problem> {
        debug_assert!(is_clone(&place.workspace.id));
        let deployments = self.world.store().deployments();
        let live = deployments.live(&place.workspace.id, &self.row.environment).await?;
        live.ok_or_else(|| Problem::internal(msg!("deploy-nothing-runs", environment = &self.row.environment)))
    }

    /// Every table is what it was.
    fn compare(&self, before: &Facts, between: &Facts, after: &Facts, written: &BTreeSet<String>) -> Result<(), Problem> {
        let names: BTreeSet<&String> = before
            .tables
            .keys()
            .chain(between.tables.keys())
            .chain(after.tables.keys())
            .collect();
        let rows = |facts: &Facts, name: &String| facts.tables.get(name).map(|table| table.rows);
        let tables = names.into_iter().map(|name| Table {
            name: name.clone(),
            before: rows(before, name),
            between: rows(between, name),
            after: rows(after, name),
            is_same: before.tables.get(name) == after.tables.get(name),
            is_written: written.contains(name),
        });
        self.view().tables = tables.collect();
        let mut wrong = before.differences(after);
        wrong.retain(|one| !written.contains(&one.table));
        let mut lines: Vec<String> = wrong.iter().map(data::line).collect();
        if written.is_empty() && before.schema != after.schema {
            lines.push(format!("{} ≠ {}", before.schema, after.schema));
        }
        if lines.is_empty() {
            return Ok(());
        }
        Err(Problem::environment(msg!(
            "deploy-rehearsal-differs",
            version = &self.row.live_version,
            n = lines.len()
        ))
        .code("rehearsal-differs")
        .details(lines.join("\n")))
    }

    async fn end(&self, result: Result<(), Problem>) -> Result<(), Problem> {
        let (state, problem) = match &result {
            Ok(()) => (State::Done, None),
            Err(problem) => (problem.state(), Some(problem.clone())),
        };
        let now = self.cx.now();
        {
            let mut view = self.view();
            view.state = state;
            view.ended_at = Some(now);
            view.problem.clone_from(&problem);
        }
        let told = problem.clone();
        let ended = move |row: &mut RehearsalRow| {
            row.state = state;
            row.ended_at = Some(now);
            row.problem.clone_from(&told);
        };
        self.world.store().rehearsals().change(self.row.id, ended).await?;
        let code = problem.as_ref().map(|problem| problem.code.clone());
        self.audit(state.word(), json!({ "code": code })).await?;
        self.show().await?;
        result
    }

    /// In the log of the environment, whose data were read.
    async fn audit(&self, act: &str, more: Value) -> Result<(), Problem> {
        let row = &self.row;
        let mut facts = json!({ "version": row.version, "commit": row.commit, "from": row.live_version, "rehearsal": row.id });
        if let (Some(facts), Value::Object(more)) = (facts.as_object_mut(), more) {
            facts.extend(more);
        }
        let entry = AuditEntry {
            who: row.who.clone(),
            act: format!("rehearse.{act}"),
            workspace: Some(row.workspace.clone()),
            environment: Some(row.environment.clone()),
            deployment: None,
            data: facts,
        };
        self.world.store().audit().append(entry).await.map(drop)
    }
}
