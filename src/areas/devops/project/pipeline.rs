//! Pipelines in `chantier.toml`: jobs with what they need, their steps, matrix, limits, caches and artifacts. Pure: what is wrong
//! with one is told as problems, a ring of needs with the ring.

use super::Span;
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Cells that a matrix may have.
pub const MAX_CELLS: usize = 256;

/// What starts a pipeline by itself; every one can be started by hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// Each new commit of the checkout.
    Commit,
    /// Saved files that differ from the commit.
    Change,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pipeline {
    pub name: String,
    #[serde(default)]
    pub on: Vec<Trigger>,
    /// Only on these branches (`release/*`); empty: on each.
    #[serde(default)]
    pub branches: Vec<String>,
    /// In their order: a job of a stage waits for the jobs of the stages before, unless it says what it needs.
    #[serde(default)]
    pub stages: Vec<String>,
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    #[serde(default, rename = "job")]
    pub jobs: Vec<PipelineJob>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PipelineJob {
    pub name: String,
    #[serde(default)]
    pub stage: Option<String>,
    /// None where nothing is said: the jobs of the stages before.
    #[serde(default)]
    pub needs: Option<Vec<String>>,
    /// One run of the job for each combination of the values.
    #[serde(default)]
    pub matrix: BTreeMap<String, Vec<Scalar>>,
    /// Combinations that are left out.
    #[serde(default)]
    pub exclude: Vec<BTreeMap<String, Scalar>>,
    /// The only step, in short.
    #[serde(default)]
    pub run: Vec<String>,
    #[serde(default)]
    pub steps: Vec<Step>,
    #[serde(default)]
    pub dir: PathBuf,
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// Of all steps of one attempt together.
    #[serde(default)]
    pub timeout: Option<Span>,
    /// Attempts after the first one, each in a clean worktree.
    #[serde(default)]
    pub retry: u32,
    /// Its failure does not fail the pipeline.
    #[serde(default)]
    pub allow_failure: bool,
    /// Files that are kept, and given to the jobs that need this one.
    #[serde(default)]
    pub artifacts: Vec<PathBuf>,
    #[serde(default)]
    pub cache: Vec<FolderCache>,
    /// Files that the result depends on, as patterns of `.gitignore`: where they are the same, the result is taken over.
    #[serde(default)]
    pub inputs: Vec<String>,
    /// Cores that it takes of those the machine has.
    #[serde(default = "super::one")]
    pub cores: u32,
}

/// Exactly one of `run`, `task` and `test`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    #[serde(default)]
    pub name: Option<String>,
    /// Program and arguments.
    #[serde(default)]
    pub run: Vec<String>,
    /// A task by id or name.
    #[serde(default)]
    pub task: Option<String>,
    /// `all`, or the word of a runner such as `cargo-test`.
    #[serde(default)]
    pub test: Option<String>,
    #[serde(default)]
    pub dir: Option<PathBuf>,
    #[serde(default)]
    pub env: BTreeMap<String, String>,
}

/// Folders that are kept from run to run while the files that make the key stay the same.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FolderCache {
    pub paths: Vec<PathBuf>,
    /// Files of the commit, as patterns of `.gitignore`. With another content the newest cache of the name is taken to begin with.
    #[serde(default)]
    pub key: Vec<String>,
    /// Jobs that give the same name share it; without one it is the job's own.
    #[serde(default)]
    pub name: Option<String>,
}

/// A text, a number or a truth value, kept as text.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Scalar(pub String);

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Any {
            Text(String),
            Whole(i64),
            Real(f64),
            Truth(bool),
        }
        let any = Any::deserialize(deserializer).map_err(|_| serde::de::Error::custom("a text, a number, true or false"))?;
        Ok(Self(match any {
            Any::Text(text) => text,
            Any::Whole(n) => n.to_string(),
            Any::Real(n) => n.to_string(),
            Any::Truth(is) => is.to_string(),
        }))
    }
}

/// What is wrong with a pipeline as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    NoJobs,
    /// Two jobs of this name.
    Twice(String),
    /// `(job, need)`: there is no such job.
    NoSuchJob(String, String),
    /// `(job, stage)`: the pipeline has no such stage.
    NoSuchStage(String, String),
    /// `(job, task)`.
    NoSuchTask(String, String),
    /// The ring, its first job again at the end.
    Ring(Vec<String>),
    /// A step of this job says nothing or several things.
    Step(String),
    /// The job has no steps.
    NoSteps(String),
    /// `(job, path)`: leads out of the worktree.
    Outside(String, PathBuf),
    /// `(job, cells)`.
    TooMany(String, usize),
    /// The matrix of this job has no values, or none that is not left out.
    NoCells(String),
    /// `(job, axis)`: what is left out names an axis that the matrix has not.
    NoSuchAxis(String, String),
    /// `(job, axis, value)`.
    NoSuchValue(String, String, String),
}

impl PipelineJob {
    /// Every combination of the matrix that is not left out; one empty cell without a matrix.
    pub fn cells(&self) -> Vec<BTreeMap<String, String>> {
        let mut cells = vec![BTreeMap::new()];
        for (name, values) in &self.matrix {
            cells = cells
                .into_iter()
                .flat_map(|cell| {
                    values.iter().map(move |Scalar(value)| {
                        let mut cell: BTreeMap<String, String> = cell.clone();
                        cell.insert(name.clone(), value.clone());
                        cell
                    })
                })
                .collect();
        }
        let is_left_out = |cell: &BTreeMap<String, String>| {
            let is_it = |excluded: &BTreeMap<String, Scalar>| {
                !excluded.is_empty() && excluded.iter().all(|(name, Scalar(value))| cell.get(name) == Some(value))
            };
            self.exclude.iter().any(is_it)
        };
        cells.retain(|cell| !is_left_out(cell));
        cells
    }

    /// What is wrong with the matrix and with what it leaves out.
    fn matrix_wrongs(&self) -> Vec<Wrong> {
        let name = || self.name.clone();
        let mut wrongs = Vec::new();
        for (axis, Scalar(value)) in self.exclude.iter().flatten() {
            match self.matrix.get(axis) {
                None => wrongs.push(Wrong::NoSuchAxis(name(), axis.clone())),
                Some(values) if !values.iter().any(|Scalar(known)| known == value) => {
                    wrongs.push(Wrong::NoSuchValue(name(), axis.clone(), value.clone()));
                }
                Some(_) => {}
            }
        }
        let n_cells = self
            .matrix
            .values()
            .fold(1, |n: usize, values| n.saturating_mul(values.len()));
        if n_cells > MAX_CELLS {
            wrongs.push(Wrong::TooMany(name(), n_cells));
        } else if self.cells().is_empty() {
            wrongs.push(Wrong::NoCells(name()));
        }
        wrongs
    }
}

impl Pipeline {
    pub fn job(&self, name: &str) -> Option<&PipelineJob> {
        self.jobs.iter().find(|job| job.name == name)
    }

    /// The names of the jobs that a job waits for.
    pub fn needs(&self, job: &PipelineJob) -> Vec<String> {
        if let Some(needs) = &job.needs {
            return needs.clone();
        }
        let place = |job: &PipelineJob| {
            let stage = job.stage.as_ref()?;
            self.stages.iter().position(|known| known == stage)
        };
        let Some(mine) = place(job) else { return Vec::new() };
        // The nearest stage before that has jobs: it waited for those before it.
        let before = self.jobs.iter().filter_map(place).filter(|at| *at < mine).max();
        self.jobs
            .iter()
            .filter(|other| before.is_some() && place(other) == before)
            .map(|other| other.name.clone())
            .collect()
    }

    /// Everything that is wrong; `has_task` knows the tasks that can be known without looking at the tools of the project.
    pub fn wrongs(&self, has_task: impl Fn(&str) -> bool) -> Vec<Wrong> {
        let mut wrongs = Vec::new();
        if self.jobs.is_empty() {
            wrongs.push(Wrong::NoJobs);
        }
        let mut names = BTreeSet::new();
        for job in &self.jobs {
            let name = || job.name.clone();
            if !names.insert(job.name.as_str()) {
                wrongs.push(Wrong::Twice(name()));
            }
            for need in job.needs.iter().flatten().filter(|need| self.job(need).is_none()) {
                wrongs.push(Wrong::NoSuchJob(name(), need.clone()));
            }
            if let Some(stage) = job.stage.as_ref().filter(|stage| !self.stages.contains(stage)) {
                wrongs.push(Wrong::NoSuchStage(name(), stage.clone()));
            }
            if job.steps.is_empty() && job.run.is_empty() {
                wrongs.push(Wrong::NoSteps(name()));
            }
            for step in &job.steps {
                let n_said =
                    usize::from(!step.run.is_empty()) + usize::from(step.task.is_some()) + usize::from(step.test.is_some());
                if n_said != 1 {
                    wrongs.push(Wrong::Step(name()));
                }
                if let Some(task) = step.task.as_ref().filter(|task| !task.contains('{') && !has_task(task)) {
                    wrongs.push(Wrong::NoSuchTask(name(), task.clone()));
                }
            }
            if !job.steps.is_empty() && !job.run.is_empty() {
                wrongs.push(Wrong::Step(name()));
            }
            let folders = job.steps.iter().filter_map(|step| step.dir.as_ref()).chain([&job.dir]);
            let kept = job.cache.iter().flat_map(|cache| &cache.paths);
            for path in folders.chain(kept).chain(&job.artifacts).filter(|path| leads_out(path)) {
                wrongs.push(Wrong::Outside(name(), path.clone()));
            }
            wrongs.extend(job.matrix_wrongs());
        }
        if let Some(ring) = self.ring() {
            wrongs.push(Wrong::Ring(ring));
        }
        wrongs
    }

    /// A ring of jobs that wait for each other, the first again at the end.
    pub fn ring(&self) -> Option<Vec<String>> {
        let mut done: BTreeSet<String> = BTreeSet::new();
        for job in &self.jobs {
            let mut way = Vec::new();
            if let Some(ring) = self.follow(&job.name, &mut way, &mut done) {
                return Some(ring);
            }
        }
        None
    }

    fn follow(&self, name: &str, way: &mut Vec<String>, done: &mut BTreeSet<String>) -> Option<Vec<String>> {
        if let Some(at) = way.iter().position(|known| known == name) {
            let mut ring = way.split_off(at);
            ring.push(name.to_owned());
            return Some(ring);
        }
        if done.contains(name) {
            return None;
        }
        let job = self.job(name)?;
        way.push(name.to_owned());
        for need in self.needs(job) {
            if let Some(ring) = self.follow(&need, way, done) {
                return Some(ring);
            }
        }
        way.pop();
        done.insert(name.to_owned());
        None
    }
}

/// Absolute, or with `..` in it.
pub(super) fn leads_out(path: &std::path::Path) -> bool {
    path.is_absolute() || path.components().any(|part| part == std::path::Component::ParentDir)
}
