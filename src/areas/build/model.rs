//! What is known of builds, per workspace. Pure: changes only in `apply`.

use super::bisect::{self, Search};
use super::detect::since::Since;
use super::detect::{self, Task};
use super::pipelines::{Defined, PipelineRun};
use super::rehearsal::Rehearsal;
use super::reproduce::Reproduced;
use super::timeline::Timeline;
use super::{Artifact, Matched, RunDetail, RunRow, Update};
use crate::base::{JobId, Loadable, Problem, WorkspaceId};
use std::collections::{BTreeMap, VecDeque};

/// Runs kept; the ledger has them all.
const RUNS_KEPT: usize = 200;
const ARTIFACTS_KEPT: usize = 500;
const PIPELINE_RUNS_KEPT: usize = 60;
/// Details of runs kept; others are asked for again.
const DETAILS_KEPT: usize = 16;

#[derive(Clone, Debug, Default)]
pub struct Model {
    builds: BTreeMap<WorkspaceId, Builds>,
    pub docker: super::docker::model::Model,
    searches: BTreeMap<WorkspaceId, Vec<Search>>,
}

/// The builds of one workspace.
#[derive(Clone, Debug, Default)]
pub struct Builds {
    pub tasks: Loadable<Vec<Task>>,
    /// The tasks of before, while they are compared.
    pub since: Option<Since>,
    /// What is wrong with the files that name tasks.
    pub problems: Vec<Problem>,
    /// Newest first.
    pub runs: Loadable<Vec<RunRow>>,
    /// Newest first.
    pub artifacts: Loadable<Vec<Artifact>>,
    details: VecDeque<RunDetail>,
    /// What is wrong with files of other CIs.
    pub ci_problems: Vec<Problem>,
    /// What the checkout's file names.
    pub pipelines: Loadable<Vec<Defined>>,
    /// Newest first.
    pub pipeline_runs: Loadable<Vec<PipelineRun>>,
    /// Newest first.
    pub rehearsals: Loadable<Vec<Rehearsal>>,
    /// Those of `chantier.toml`, in the order in which a version moves on.
    pub environments: Vec<String>,
    /// The rehearsal that changed last in this session.
    pub last_rehearsal: Option<JobId>,
    /// The last comparison of two builds.
    pub reproduced: Option<Reproduced>,
    /// The time line that was asked for last.
    pub timeline: Option<Timeline>,
    /// The last output that was read with matchers.
    pub matched: Option<Matched>,
    /// This program starts them by itself.
    pub starts_pipelines: bool,
    /// The run of a pipeline that changed last in this session.
    pub last_pipeline_run: Option<i64>,
    /// The run that ended last in this session.
    pub last: Option<JobId>,
    /// Changes with every event.
    pub generation: u64,
}

impl Model {
    pub fn get(&self, id: &WorkspaceId) -> Option<&Builds> {
        self.builds.get(id)
    }

    /// Searches for guilty commits, newest first.
    pub fn searches(&self, id: &WorkspaceId) -> &[Search] {
        self.searches.get(id).map_or(&[], Vec::as_slice)
    }

    pub fn all(&self) -> impl Iterator<Item = (&WorkspaceId, &Builds)> {
        self.builds.iter()
    }

    pub fn apply(&mut self, update: Update) {
        let update = match update {
            Update::Docker(update) => return self.docker.apply(update),
            Update::Bisect { workspace, update } => return apply_search(self.searches.entry(workspace).or_default(), update),
            update => update,
        };
        let id = match &update {
            Update::Docker(_) | Update::Bisect { .. } => return,
            Update::Loading { workspace }
            | Update::LoadFailed { workspace, .. }
            | Update::TasksFound { workspace, .. }
            | Update::TasksCompared { workspace, .. }
            | Update::RunsLoaded { workspace, .. }
            | Update::ArtifactsLoaded { workspace, .. }
            | Update::RunStarted { workspace, .. }
            | Update::Heard { workspace, .. }
            | Update::RunEnded { workspace, .. }
            | Update::Reproduced { workspace, .. }
            | Update::RehearsalsLoaded { workspace, .. }
            | Update::RehearsalChanged { workspace, .. }
            | Update::Matched { workspace, .. }
            | Update::PipelinesDefined { workspace, .. }
            | Update::PipelineRunsLoaded { workspace, .. }
            | Update::PipelinesWatched { workspace, .. }
            | Update::PipelineRunChanged { workspace, .. }
            | Update::PipelineJobChanged { workspace, .. }
            | Update::TimelineShown { workspace, .. }
            | Update::RunShown { workspace, .. } => workspace.clone(),
        };
        let builds = self.builds.entry(id).or_default();
        builds.generation += 1;
        builds.apply(update);
    }
}

fn apply_search(searches: &mut Vec<Search>, update: bisect::Update) {
    match update {
        bisect::Update::Loaded { searches: loaded } => *searches = loaded,
        bisect::Update::Changed { search } => match searches.iter_mut().find(|known| known.key == search.key) {
            Some(known) => *known = *search,
            None => searches.insert(0, *search),
        },
        bisect::Update::Forgotten { key } => searches.retain(|known| known.key != key),
    }
}

impl Builds {
    fn apply(&mut self, update: Update) {
        match update {
            Update::Loading { .. } => {
                self.tasks.start();
                self.runs.start();
                self.artifacts.start();
                self.pipelines.start();
                self.pipeline_runs.start();
                self.rehearsals.start();
            }
            Update::LoadFailed { problem, .. } => {
                self.tasks.fail(problem.clone());
                self.runs.fail(problem.clone());
                self.artifacts.fail(problem.clone());
                self.pipelines.fail(problem.clone());
                self.pipeline_runs.fail(problem.clone());
                self.rehearsals.fail(problem);
            }
            Update::TasksFound { tasks, problems, .. } => {
                self.tasks.finish(tasks);
                self.problems = problems;
            }
            Update::TasksCompared { since, .. } => self.since = since,
            Update::RunsLoaded { runs, .. } => {
                // What runs now is not in the ledger's table of builds yet.
                let live: Vec<RunRow> = self
                    .runs
                    .value()
                    .into_iter()
                    .flatten()
                    .filter(|run| is_live(run))
                    .cloned()
                    .collect();
                let mut all = live;
                all.retain(|run| !runs.iter().any(|known| known.job == run.job));
                all.extend(runs);
                self.runs.finish(all);
            }
            Update::ArtifactsLoaded { artifacts, .. } => self.artifacts.finish(artifacts),
            Update::RunStarted { run, .. } => self.put_run(*run),
            Update::Heard {
                job,
                n_errors,
                n_warnings,
                ..
            } => {
                if let Some(run) = self
                    .runs
                    .value_mut()
                    .and_then(|runs| runs.iter_mut().find(|run| run.job == job))
                {
                    run.n_errors = n_errors;
                    run.n_warnings = n_warnings;
                }
            }
            Update::RunEnded { run, detail, .. } => {
                self.last = Some(run.job);
                self.put_run(*run);
                if let Some(artifacts) = self.artifacts.value_mut() {
                    for artifact in detail.artifacts.iter().rev() {
                        artifacts.insert(0, artifact.clone());
                    }
                    artifacts.truncate(ARTIFACTS_KEPT);
                }
                self.put_detail(*detail);
            }
            Update::Reproduced { result, .. } => self.reproduced = Some(*result),
            Update::RehearsalsLoaded {
                rehearsals,
                environments,
                ..
            } => {
                self.rehearsals.finish(rehearsals);
                self.environments = environments;
            }
            Update::RehearsalChanged { rehearsal, .. } => self.put_rehearsal(*rehearsal),
            Update::Matched { result, .. } => self.matched = Some(*result),
            Update::PipelinesDefined { pipelines, problems, .. } => {
                self.pipelines.finish(pipelines);
                self.ci_problems = problems;
            }
            Update::PipelineRunsLoaded { runs, .. } => self.pipeline_runs.finish(runs),
            Update::PipelinesWatched { is_watched, .. } => self.starts_pipelines = is_watched,
            Update::PipelineRunChanged { run, .. } => {
                self.last_pipeline_run = Some(run.id);
                self.put_pipeline_run(*run);
            }
            Update::PipelineJobChanged { run, job, .. } => {
                let runs = self.pipeline_runs.value_mut();
                let known = runs.and_then(|runs| runs.iter_mut().find(|known| known.id == run));
                if let Some(place) = known.and_then(|run| run.jobs.iter_mut().find(|known| known.key == job.key)) {
                    *place = *job;
                }
            }
            Update::TimelineShown { timeline, .. } => self.timeline = Some(*timeline),
            Update::RunShown { detail, .. } => self.put_detail(*detail),
            Update::Docker(_) | Update::Bisect { .. } => {}
        }
    }

    fn put_rehearsal(&mut self, rehearsal: Rehearsal) {
        self.last_rehearsal = Some(rehearsal.job);
        if self.rehearsals.value().is_none() {
            self.rehearsals.finish(Vec::new());
        }
        let Some(known) = self.rehearsals.value_mut() else { return };
        match known.iter_mut().find(|known| known.job == rehearsal.job) {
            Some(place) => *place = rehearsal,
            None => known.insert(0, rehearsal),
        }
    }

    fn put_run(&mut self, run: RunRow) {
        if self.runs.value().is_none() {
            self.runs.finish(Vec::new());
        }
        let Some(runs) = self.runs.value_mut() else { return };
        match runs.iter_mut().find(|known| known.job == run.job) {
            Some(known) => *known = run,
            None => {
                runs.insert(0, run);
                runs.truncate(RUNS_KEPT);
            }
        }
    }

    fn put_pipeline_run(&mut self, run: PipelineRun) {
        if self.pipeline_runs.value().is_none() {
            self.pipeline_runs.finish(Vec::new());
        }
        let Some(runs) = self.pipeline_runs.value_mut() else { return };
        match runs.iter_mut().find(|known| known.id == run.id) {
            Some(known) => *known = run,
            None => {
                runs.insert(0, run);
                runs.truncate(PIPELINE_RUNS_KEPT);
            }
        }
    }

    fn put_detail(&mut self, detail: RunDetail) {
        self.details.retain(|known| known.job != detail.job);
        self.details.push_back(detail);
        if self.details.len() > DETAILS_KEPT {
            self.details.pop_front();
        }
    }

    pub fn tasks(&self) -> &[Task] {
        self.tasks.value().map_or(&[], Vec::as_slice)
    }

    pub fn runs(&self) -> &[RunRow] {
        self.runs.value().map_or(&[], Vec::as_slice)
    }

    pub fn artifacts(&self) -> &[Artifact] {
        self.artifacts.value().map_or(&[], Vec::as_slice)
    }

    pub fn pipelines(&self) -> &[Defined] {
        self.pipelines.value().map_or(&[], Vec::as_slice)
    }

    pub fn pipeline_runs(&self) -> &[PipelineRun] {
        self.pipeline_runs.value().map_or(&[], Vec::as_slice)
    }

    pub fn pipeline_run(&self, id: i64) -> Option<&PipelineRun> {
        self.pipeline_runs().iter().find(|run| run.id == id)
    }

    /// The runs of a task, newest first.
    pub fn runs_of<'a>(&'a self, task: &'a str) -> impl Iterator<Item = &'a RunRow> {
        self.runs().iter().filter(move |run| run.task == task)
    }

    pub fn run(&self, job: JobId) -> Option<&RunRow> {
        self.runs().iter().find(|run| run.job == job)
    }

    pub fn detail(&self, job: JobId) -> Option<&RunDetail> {
        self.details.iter().find(|detail| detail.job == job)
    }

    /// What "build this" means.
    pub fn main_task(&self) -> Option<&Task> {
        detect::main_task(self.tasks())
    }
}

fn is_live(run: &RunRow) -> bool {
    run.state == crate::base::State::InProgress
}
