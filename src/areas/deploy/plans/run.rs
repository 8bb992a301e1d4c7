//! Runs a plan step by step. It ends where a person has to say something, where a step fails, and at its last step; the next run goes
//! on there.

use super::act::Done;
use super::file::{self, Phase, StepKind};
use super::journal::{self, Noted, Run, Runs};
use super::{Act, Begun, Plan, Skipped, report};
use crate::adapters::{World, files, scan};
use crate::areas::JobCtx;
use crate::areas::deploy::{Update, What, inputs, journal as environments, preview, settings};
use crate::areas::devops::project;
use crate::areas::release::evidence::{self, Word};
use crate::base::{Problem, SafeText, State, Workspace, WriteTo, format};
use crate::msg;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The lease of whoever works on a plan; it ends with the program that has it.
const LEASE: Duration = Duration::from_hours(24);

/// Does what is asked of the plans of a workspace.
pub async fn carry_out(cx: &JobCtx, world: &World, workspace: &Workspace, act: Act) -> Result<(), Problem> {
    let runner = Runner { cx, world, workspace };
    let Some(name) = act.name().map(str::to_owned) else {
        return runner.list().await;
    };
    file::path_of(&name)?;
    let is_told = matches!(act, Act::Check { .. } | Act::Report { .. });
    let result = match act {
        Act::List => Ok(()),
        Act::New {
            version,
            environment,
            lang,
            ..
        } => runner.new_file(&name, version, environment, lang).await,
        Act::Check { .. } => runner.check(&name).await,
        Act::Report { form, lang, to, run, .. } => runner.report(&name, form, lang, to, run).await,
        act => {
            world.trust().check(workspace)?;
            let held = Problem::user(msg!("deploy-plan-runs-elsewhere", name = &name))
                .code("locked")
                .hint(msg!("deploy-plan-runs-elsewhere-hint"));
            let lease = journal::key(workspace, &name);
            let leases = world.store().leases();
            let work = Box::pin(runner.change(&name, act));
            leases.during(&lease, LEASE, held, work).await
        }
    };
    // What is seen is what stands in the journal, however it ended; what a check or a report found was told by it.
    if !is_told && let Ok(plan) = journal::seen(world, workspace, &name).await {
        runner.tell(plan).await;
    }
    result
}

pub(super) struct Runner<'a> {
    pub(super) cx: &'a JobCtx,
    pub(super) world: &'a World,
    pub(super) workspace: &'a Workspace,
}

/// What the user said beside the act.
#[derive(Default)]
pub(super) struct Said {
    pub(super) confirmed: Vec<String>,
    outside: Option<String>,
    /// They asked for it to go on; else it ends quietly where more is needed.
    is_asked: bool,
}

impl Runner<'_> {
    async fn tell(&self, plan: Plan) {
        let workspace = self.workspace.id.clone();
        let plan = Box::new(plan);
        self.cx.update(Update::PlanChanged { workspace, plan }).await;
    }

    async fn list(&self) -> Result<(), Problem> {
        let root = self.workspace.root.clone();
        let names = self.cx.blocking(move |_| file::names(&root)).await?;
        let mut plans = Vec::new();
        for name in names {
            match journal::seen(self.world, self.workspace, &name).await {
                Ok(plan) => plans.push(plan),
                Err(problem) => self.cx.problem(problem).await,
            }
        }
        let workspace = self.workspace.id.clone();
        self.cx.update(Update::PlansTold { workspace, plans }).await;
        Ok(())
    }

    async fn new_file(
        &self,
        name: &str,
        version: Option<String>,
        environment: Option<String>,
        lang: crate::base::Lang,
    ) -> Result<(), Problem> {
        let (project, _) = project::read(&self.workspace.root)?;
        let last = project.environments.last().map(|one| one.name.clone());
        let Some(environment) = environment.or(last) else {
            return Err(Problem::user(msg!("deploy-plan-no-environment")).hint(msg!("deploy-no-environments-hint")));
        };
        if project.environment(&environment).is_none() {
            return Err(environments::environment(self.workspace, &environment)
                .err()
                .unwrap_or_else(Problem::cancelled));
        }
        let made = self.world.store().releases().list(&self.workspace.id, 50).await?;
        let newest = made
            .iter()
            .filter(|row| row.withdrawn.is_none())
            .max_by_key(|row| row.released_at);
        let version = version.or_else(|| newest.map(|row| row.version.clone()));
        let version = version.unwrap_or_else(|| "0.1.0".to_owned());
        let label = project.project.name.clone().unwrap_or_else(|| self.workspace.name.clone());
        let texts = crate::base::Catalog::new(lang);
        let text = file::template(&format!("{label} {version}"), &version, &environment, (&project, &texts));
        let path = file::path_of(name)?;
        let was_trusted = self.world.trust().check(self.workspace).is_ok();
        let root = files::Beneath::open(&self.workspace.root)?;
        root.create_dir_all(Path::new(file::FOLDER))?;
        let mut made = root.create_new(&path, 0o644).map_err(|problem| {
            if scan::modified(&self.workspace.root.join(&path)).is_none() {
                return problem;
            }
            let there = Problem::user(msg!("deploy-plan-there", name = name)).code("is-there");
            there.hint(msg!("deploy-plan-there-hint", name = name))
        })?;
        std::io::Write::write_all(&mut made, text.as_bytes())
            .and_then(|()| made.sync_all())
            .map_err(|error| files::write_problem(&self.workspace.root.join(&path), &error))?;
        // It names nothing yet but what the program itself has put there.
        if was_trusted {
            self.world.trust().trust(self.workspace)?;
        }
        Ok(())
    }

    /// What is wrong is the answer; nothing is changed.
    async fn check(&self, name: &str) -> Result<(), Problem> {
        self.world.trust().check(self.workspace)?;
        let (project, _) = project::read(&self.workspace.root)?;
        let document = match journal::written(self.workspace, name, &project)?.document {
            Ok(document) => document,
            Err(problems) => return Err(self.first_of(problems).await),
        };
        let mut plan = journal::seen(self.world, self.workspace, name).await?;
        let mut failed = None;
        if let Some(until) = document.schedule.until.filter(|until| *until <= self.cx.now()) {
            let told = msg!("deploy-plan-over", name = name, until = format!("{until:.0}"));
            let problem = Problem::user(told).code("outside-window").hint(msg!("deploy-plan-over-hint"));
            plan.problems.push(problem.clone());
            failed = Some(problem);
        }
        for (_, step) in &document.steps {
            // What lies in the project is made by its build.
            let program = step.run.first().filter(|program| !program.contains(['/', '{']));
            let Some(program) = program else { continue };
            if let Err(problem) = self.world.processes().resolve(program, None) {
                let problem = Problem::from(problem).details(step.id());
                plan.problems.push(problem.clone());
                failed.get_or_insert(problem);
            }
        }
        for (_, step) in document.steps.iter().filter(|(_, step)| step.deploy.is_some()) {
            let environment = step.deploy.as_deref().unwrap_or_default();
            let version = document.version.clone();
            let what = What::Version { version };
            match Box::pin(preview::read(self.world, self.workspace, environment, &what)).await {
                Ok(preview) => plan.previews.push(preview),
                Err(problem) => {
                    plan.problems.push(problem.clone());
                    failed.get_or_insert(problem);
                }
            }
        }
        self.tell(plan).await;
        failed.map_or(Ok(()), Err)
    }

    /// The first is what ends the job; the others are told before.
    async fn first_of(&self, problems: Vec<Problem>) -> Problem {
        let mut problems = problems.into_iter();
        let first = problems.next().unwrap_or_else(Problem::cancelled);
        for problem in problems {
            self.cx.problem(problem).await;
        }
        first
    }

    async fn report(
        &self,
        name: &str,
        form: report::Form,
        lang: crate::base::Lang,
        to: Option<WriteTo>,
        run: Option<usize>,
    ) -> Result<(), Problem> {
        let mut runs = journal::read(self.world, self.workspace, name).await?;
        if runs.runs.is_empty() {
            return Err(not_begun(name));
        }
        let at = runs.find(run).ok_or_else(|| {
            let (first, last) = (runs.n_forgotten + 1, runs.n_forgotten + runs.runs.len());
            Problem::user(msg!(
                "deploy-plan-no-run",
                name = name,
                n = run.unwrap_or_default().to_string()
            ))
            .code("not-found")
            .hint(msg!(
                "deploy-plan-no-run-hint",
                first = first.to_string(),
                last = last.to_string()
            ))
        })?;
        let plan = journal::of_run(self.workspace, name, &runs, at)?;
        let mut deployments = BTreeMap::new();
        for id in plan.steps.iter().filter_map(|step| step.deployment) {
            if let Some(row) = self.world.store().deployments().get(id).await? {
                deployments.insert(id, row);
            }
        }
        // The program's own file is written anew each time.
        let number = run.map_or_else(String::new, |number| format!("-{number}"));
        let own = || WriteTo::new(self.folder(name).join(format!("report{number}.{}", form.ending())), true);
        let to = to.unwrap_or_else(own);
        let text = report::text(&plan, &deployments, form, &self.workspace.name, lang, self.cx.now());
        let to = self
            .cx
            .blocking(move |_| {
                if let Some(folder) = to.path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
                    files::create_dir_all(folder)?;
                }
                files::write_out(&to, text.as_bytes(), None)
            })
            .await?;
        runs.runs[at].report = Some(to.clone());
        journal::write(self.world, self.workspace, name, &mut runs).await?;
        let seen = journal::seen(self.world, self.workspace, name).await?;
        self.tell(Plan {
            report: Some(to),
            ..seen
        })
        .await;
        Ok(())
    }

    /// What the last stage lacks must be known before the first one changes anything.
    fn check_secrets(&self, run: &Run) -> Result<(), Problem> {
        let (project, _) = project::read(&self.workspace.root)?;
        let deployed = run.steps.iter().filter_map(|step| step.rule.deploy.as_deref());
        let lacking = deployed
            .filter_map(|name| project.environment(name))
            .flat_map(|environment| settings::lacking(self.world, environment));
        lacking.into_iter().next().map_or(Ok(()), Err)
    }

    /// So must a protected environment be named that this run comes to before a person has to say something.
    fn check_confirmed(&self, run: &Run, confirmed: &[String]) -> Result<(), Problem> {
        let (project, _) = project::read(&self.workspace.root)?;
        let next = run.next().unwrap_or(run.steps.len());
        let left = run.steps[next..].iter().filter(|step| step.phase.is_back() == run.is_back);
        let mut names = left
            .take_while(|step| step.rule.kind() != StepKind::Confirm)
            .filter_map(|step| step.rule.environment())
            // Nothing is taken back where the plan has not come to.
            .filter(|name| !run.is_back || run.has_begun(name));
        names.try_for_each(|name| {
            let typed = confirmed.iter().find(|typed| *typed == name).map(String::as_str);
            match project.environment(name) {
                Some(environment) => environments::confirm(environment, typed),
                None => Ok(()),
            }
        })
    }

    /// What a plan keeps: evidence and reports.
    fn folder(&self, name: &str) -> PathBuf {
        let data = self.world.dirs().data.join("deployments");
        data.join(&self.workspace.id.0).join("plans").join(name)
    }

    async fn change(&self, name: &str, act: Act) -> Result<(), Problem> {
        let mut runs = journal::read(self.world, self.workspace, name).await?;
        let mut said = Said::default();
        match act {
            Act::Run {
                confirmed,
                outside,
                again,
                ..
            } => {
                if let Some(done) = runs.runs.last().filter(|run| run.is_carried_out() && !again)
                    && self.is_written(name, &done.sha256)?
                {
                    let at = done.begun.ended_at.unwrap_or(done.begun.at);
                    let words = msg!(
                        "deploy-plan-carried-out",
                        name = name,
                        at = format::local(at).strftime("%Y-%m-%d %H:%M").to_string()
                    );
                    return Err(Problem::user(words)
                        .code("carried-out")
                        .hint(msg!("deploy-plan-carried-out-hint", name = name)));
                }
                if !runs.runs.last().is_some_and(Run::is_open) {
                    let run = self.begin(name).await?;
                    self.check_secrets(&run)?;
                    self.check_confirmed(&run, &confirmed)?;
                    runs.runs.push(run);
                    self.keep(name, &mut runs, "begin", json!(null)).await?;
                } else if let Some(run) = runs.runs.last() {
                    self.check_confirmed(run, &confirmed)?;
                }
                said = Said {
                    confirmed,
                    outside: outside
                        .map(|text| SafeText::new(text.trim()).into_string())
                        .filter(|text| !text.is_empty()),
                    is_asked: true,
                };
            }
            Act::Confirm {
                step, note, evidence, ..
            } => {
                let run = open(&mut runs, name)?;
                let folder = self.folder(name).join(run.begun.at.as_millisecond().to_string());
                let waits = run.waits().ok_or_else(|| nothing_waits(&*run, name))?;
                if waits.rule.id() != step {
                    let hint = msg!("release-waits-elsewhere-hint", step = waits.rule.id());
                    return Err(Problem::user(msg!("deploy-plan-waits-elsewhere", step = &step))
                        .code("not-waiting")
                        .hint(hint));
                }
                let word = Word {
                    step: &step,
                    note: &note,
                    file: evidence.as_deref(),
                    needs_file: waits.rule.evidence,
                };
                let told = evidence::take(self.cx, environments::who(self.world), &word, &folder).await?;
                let entry =
                    json!({ "step": &step, "note": &told.note, "sha256": told.evidence.as_ref().map(|file| &file.sha256) });
                let at = run.next().unwrap_or_default();
                run.steps[at].confirmed = Some(told);
                self.keep(name, &mut runs, "confirm", entry).await?;
            }
            Act::Skip { step, reason, .. } => {
                let run = open(&mut runs, name)?;
                self.skip(run, &step, &reason)?;
                self.keep(name, &mut runs, "skip", json!({ "step": step, "reason": reason }))
                    .await?;
            }
            Act::Back { confirmed, .. } => {
                let run = runs.runs.last_mut().ok_or_else(|| not_begun(name))?;
                if !run.is_back {
                    run.is_back = true;
                    run.begun.ended_at = None;
                    run.begun.reason = None;
                    self.keep(name, &mut runs, "back", json!(null)).await?;
                }
                said.confirmed = confirmed;
                said.is_asked = true;
            }
            Act::End { reason, .. } => {
                let reason = needs_reason(&reason)?;
                let run = open(&mut runs, name)?;
                run.begun.ended_at = Some(self.cx.now());
                run.begun.reason = Some(reason.clone());
                return self.keep(name, &mut runs, "end", json!({ "reason": reason })).await;
            }
            Act::List | Act::New { .. } | Act::Check { .. } | Act::Report { .. } => {}
        }
        Box::pin(self.go_on(name, &mut runs, &said)).await
    }

    /// The file is still that one.
    fn is_written(&self, name: &str, sha256: &str) -> Result<bool, Problem> {
        let (project, _) = project::read(&self.workspace.root)?;
        Ok(journal::written(self.workspace, name, &project)?.sha256 == sha256)
    }

    async fn begin(&self, name: &str) -> Result<Run, Problem> {
        let (project, problems) = project::read(&self.workspace.root)?;
        if let Some(problem) = problems.into_iter().next() {
            return Err(problem);
        }
        let written = journal::written(self.workspace, name, &project)?;
        let document = match written.document {
            Ok(document) => document,
            Err(problems) => return Err(self.first_of(problems).await),
        };
        let release = inputs::released(self.world, self.workspace, &project, &document.version).await?;
        inputs::not_withdrawn(&release)?;
        Ok(Run {
            steps: document.steps.iter().cloned().map(Noted::new).collect(),
            document,
            sha256: written.sha256,
            tag: release.tag,
            begun: Begun {
                by: environments::who(self.world),
                at: self.cx.now(),
                commit: release.commit,
                ended_at: None,
                reason: None,
                outside: None,
            },
            is_back: false,
            report: None,
        })
    }

    /// Writes down what was done; back when it is on disk.
    async fn keep(&self, name: &str, runs: &mut Runs, act: &str, more: serde_json::Value) -> Result<(), Problem> {
        if let Some(run) = runs.runs.last() {
            journal::audit(self.world, self.workspace, name, run, act, more).await?;
        }
        self.note(name, runs).await
    }

    async fn note(&self, name: &str, runs: &mut Runs) -> Result<(), Problem> {
        journal::write(self.world, self.workspace, name, runs).await?;
        self.tell(journal::seen(self.world, self.workspace, name).await?).await;
        Ok(())
    }

    fn skip(&self, run: &mut Run, step: &str, reason: &str) -> Result<(), Problem> {
        let reason = needs_reason(reason)?;
        let at = run.next().filter(|at| run.steps[*at].rule.id() == step);
        let Some(at) = at else {
            let next = run.next().map(|at| run.steps[at].rule.id()).unwrap_or_default();
            return Err(Problem::user(msg!("deploy-plan-not-next", step = step))
                .code("not-next")
                .hint(msg!("deploy-plan-not-next-hint", step = next)));
        };
        let one = &mut run.steps[at];
        if one.phase == Phase::Approval {
            return Err(Problem::user(msg!("deploy-plan-approval-needed", step = step))
                .code("needs-approval")
                .hint(msg!("deploy-plan-approval-needed-hint")));
        }
        one.state = State::Skipped;
        one.at = Some(self.cx.now());
        one.skipped = Some(Skipped {
            by: environments::who(self.world),
            reason,
            at: self.cx.now(),
        });
        Ok(())
    }

    /// One step after the other, as far as it goes.
    async fn go_on(&self, name: &str, runs: &mut Runs, said: &Said) -> Result<(), Problem> {
        loop {
            let run = open(runs, name)?;
            let Some(at) = run.next() else {
                run.begun.ended_at = Some(self.cx.now());
                let act = if run.is_back { "went-back" } else { "done" };
                return self.keep(name, runs, act, json!(null)).await;
            };
            self.cx.check()?;
            if run.waits().is_some() {
                return Ok(());
            }
            match self.may(name, run, at, said) {
                Ok(None) => {}
                Ok(Some(why)) => {
                    run.begun.outside = Some(why.clone());
                    self.keep(name, runs, "outside", json!({ "reason": why })).await?;
                }
                Err(problem) if said.is_asked => return Err(problem),
                Err(_) => return Ok(()),
            }
            self.step(name, runs, at, said).await?;
        }
    }

    /// Whether a step may be begun now; the reason, where it is the first one outside the window.
    fn may(&self, name: &str, run: &Run, at: usize, said: &Said) -> Result<Option<String>, Problem> {
        let step = &run.steps[at];
        if let Some(environment) = step.rule.environment() {
            let (_, known) = environments::environment(self.workspace, environment)?;
            let typed = said.confirmed.iter().find(|typed| *typed == environment);
            environments::confirm(&known, typed.map(String::as_str))?;
        }
        let is_change = matches!(step.phase, Phase::Migration | Phase::Stage);
        if !is_change || run.document.schedule.is_open(self.cx.now()) || run.begun.outside.is_some() {
            return Ok(None);
        }
        match &said.outside {
            Some(why) => Ok(Some(why.clone())),
            None => {
                let shown = |at: Option<crate::base::Timestamp>| at.map_or_else(|| "–".to_owned(), |at| format!("{at:.0}"));
                let schedule = &run.document.schedule;
                let (from, until) = (shown(schedule.from), shown(schedule.until));
                let hint = if self.is_written(name, &run.sha256).unwrap_or(true) {
                    msg!("deploy-plan-outside-hint")
                } else {
                    msg!("deploy-plan-changed-hint", name = name)
                };
                Err(
                    Problem::user(msg!("deploy-plan-outside", name = name, from = from, until = until))
                        .code("outside-window")
                        .hint(hint),
                )
            }
        }
    }

    /// A child job with its own title, log and outcome.
    async fn step(&self, name: &str, runs: &mut Runs, at: usize, said: &Said) -> Result<(), Problem> {
        let run = open(runs, name)?;
        let was_cut_off = run.steps[at].state == State::InProgress;
        let (now, id) = (self.cx.now(), run.steps[at].rule.id());
        let before = match run.steps[at].rule.environment() {
            Some(environment) if run.steps[at].before.is_none() => self.live(environment).await?.map(|row| row.id),
            _ => run.steps[at].before,
        };
        let step = &mut run.steps[at];
        (step.state, step.note, step.began_at, step.before) = (State::InProgress, None, Some(now), before);
        step.output.clear();
        self.note(name, runs).await?;
        let run = open(runs, name)?;
        let (mut job, mut done) = (None, Done::default());
        let acted = {
            let (run, done) = (&*run, &mut done);
            let span = self
                .cx
                .span(msg!("deploy-plan-job-step", name = name, step = &id), |child: JobCtx| {
                    job = Some(child.id());
                    async move { self.act(&child, run, at, said, was_cut_off, done).await }
                });
            Box::pin(span).await
        };
        let step = &mut run.steps[at];
        (step.job, step.at, step.output) = (job, Some(self.cx.now()), done.output);
        step.deployment = done.deployment.or(step.deployment);
        match &acted {
            Ok(()) => (step.state, step.note) = (State::Done, done.note),
            Err(problem) => {
                step.state = problem.state();
                step.note = Some(problem.summary.clone());
                if step.output.is_empty() {
                    step.output.clone_from(&problem.details);
                }
            }
        }
        self.note(name, runs).await?;
        acted.map_err(|problem| {
            let ways = msg!("deploy-plan-failed-hint", name = name, step = &id);
            if problem.is_cancelled() || problem.hint.is_some() {
                problem
            } else {
                problem.hint(ways)
            }
        })
    }
}

fn open<'r>(runs: &'r mut Runs, name: &str) -> Result<&'r mut Run, Problem> {
    runs.runs
        .last_mut()
        .filter(|run| run.is_open())
        .ok_or_else(|| not_begun(name))
}

fn not_begun(name: &str) -> Problem {
    Problem::user(msg!("deploy-plan-not-begun", name = name))
        .code("not-found")
        .hint(msg!("deploy-plan-not-begun-hint", name = name))
}

fn nothing_waits(run: &Run, name: &str) -> Problem {
    let next = run.next().map(|at| run.steps[at].rule.id()).unwrap_or_default();
    Problem::user(msg!("deploy-plan-nothing-waits", name = name))
        .code("not-waiting")
        .hint(msg!("deploy-plan-nothing-waits-hint", name = name, step = next))
}

fn needs_reason(reason: &str) -> Result<String, Problem> {
    let reason = SafeText::new(reason.trim()).into_string();
    if reason.is_empty() {
        return Err(Problem::user(msg!("deploy-plan-no-reason")).hint(msg!("deploy-plan-no-reason-hint")));
    }
    Ok(reason)
}
