//! Files of GitHub Actions and GitLab CI: read into jobs that the pipelines of this machine run, with what is not as it is there.
//! This file holds the words; `github` and `gitlab` read, `find` brings the texts, `steps` runs one job.

mod actions;
mod cells;
pub mod composite;
mod events;
pub mod expr;
pub mod find;
mod github;
mod gitlab;
mod keys;
mod rules;
pub mod run;
pub mod runner;
mod scope;
pub mod steps;
mod uploads;
mod versions;
pub mod yaml;

use super::pipelines::plan::{Planned, set_columns};
use crate::areas::devops::project::Span;
use crate::areas::devops::project::pipeline::{Pipeline, PipelineJob};
use crate::base::repo::CommitDetail;
use crate::base::{Msg, Problem};
use crate::msg;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;
use yaml::Node;

/// What `runner.os` is here.
const OS: &str = "Linux";
/// The program that `setup-python` brings.
const PYTHON: &str = "python3";

/// Whose file it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Flavor {
    Github,
    Gitlab,
}

/// One file, as far as it can be told before it runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Workflow {
    /// `github:ci.yml`, `gitlab`: the name of the pipeline that it is here.
    pub id: String,
    pub flavor: Flavor,
    pub path: PathBuf,
    /// What the file calls itself.
    pub name: String,
    /// Events that start it there.
    pub on: Vec<String>,
    /// The contexts that are the same for all jobs (`github`, `vars`, `inputs`).
    pub contexts: Map<String, Value>,
    /// With expressions in them.
    pub env: Vec<(String, String)>,
    pub jobs: Vec<CiJob>,
    /// Of the file as a whole.
    pub lacks: Vec<Lack>,
}

/// One job: one cell of its matrix.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CiJob {
    /// `test (ubuntu-latest, 3.12)`.
    pub key: String,
    /// As the file names it.
    pub name: String,
    pub line: u32,
    /// Names of the jobs that it waits for, or keys where it waits for one cell.
    pub needs: Vec<String>,
    /// Those of which it gets the files and variables; None: all that it stands on.
    #[serde(default)]
    pub takes: Option<BTreeSet<String>>,
    pub matrix: Map<String, Value>,
    /// An expression; None: it runs when what it needs has succeeded.
    pub condition: Option<String>,
    pub env: Vec<(String, String)>,
    pub outputs: Vec<(String, String)>,
    pub steps: Vec<CiStep>,
    pub timeout_ms: Option<u64>,
    pub retry: u32,
    pub may_fail: bool,
    /// Files that it leaves for the jobs that need it.
    pub artifacts: Vec<PathBuf>,
    /// Patterns of files that it does not leave all the same.
    #[serde(default)]
    pub excluded: Vec<String>,
    /// It leaves every file that is not in the commit.
    #[serde(default)]
    pub keeps_untracked: bool,
    /// After what end it leaves them.
    #[serde(default)]
    pub keeps: Keeps,
    /// Files of `NAME=value` lines, which the jobs that need it see as variables.
    #[serde(default)]
    pub dotenv: Vec<PathBuf>,
    /// Exit codes with which alone it may fail.
    #[serde(default)]
    pub may_fail_codes: Vec<i32>,
    /// Variables of the file that it does not see.
    #[serde(default)]
    pub without: BTreeSet<String>,
    /// What the file calls it in this cell; empty where it says nothing.
    #[serde(default)]
    pub title: String,
    /// The context `strategy`: its place among the cells of its matrix.
    #[serde(default)]
    pub strategy: Map<String, Value>,
    /// It has only actions that do not run here, and tells nothing: who needs it does not wait for it.
    #[serde(default)]
    pub has_only_actions: bool,
    /// Why it does not run here.
    pub left_out: Option<Msg>,
    /// What is not as it is there.
    pub lacks: Vec<Lack>,
    /// Programs that its setup steps ask for, found here.
    pub tools: Vec<String>,
}

/// After what end of a job its artifacts are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Keeps {
    #[default]
    OnSuccess,
    OnFailure,
    Always,
}

impl Keeps {
    pub fn after(self, is_failed: bool) -> bool {
        match self {
            Self::OnSuccess => !is_failed,
            Self::OnFailure => is_failed,
            Self::Always => true,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CiStep {
    pub id: Option<String>,
    /// What the file calls it, or its first line.
    pub name: String,
    pub line: u32,
    pub condition: Option<String>,
    pub env: Vec<(String, String)>,
    pub does: Does,
    /// An expression or `true`.
    pub may_fail: String,
    pub timeout_ms: Option<u64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "does", rename_all = "snake_case")]
pub enum Does {
    /// A script in a file: `shell` is the program with its arguments, `{0}` the file.
    Run {
        script: String,
        shell: Vec<String>,
        dir: Option<String>,
    },
    /// The steps of an action of this repository.
    Composite(composite::Composite),
    /// The commit once more, in a folder of the worktree.
    Checkout { path: PathBuf },
    /// Keeps files of the job under a name.
    Upload {
        with: Vec<(String, String)>,
        /// Files may come to those that stand under the name already.
        #[serde(default)]
        joins: bool,
    },
    /// Lays out what earlier jobs kept.
    Download { with: Vec<(String, String)> },
    /// What it wants is here.
    Here { why: Msg },
    /// It does not run here.
    Skipped { why: Msg },
}

/// How much it counts that something is not as it is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Weight {
    /// It runs, and may do so differently.
    Differs,
    /// Something is not run.
    Skipped,
    /// The job does not run.
    LeftOut,
}

impl Weight {
    /// The key of its word.
    pub fn key(self) -> &'static str {
        match self {
            Self::Differs => "build-ci-differs",
            Self::Skipped => "build-ci-skipped",
            Self::LeftOut => "build-ci-left-out",
        }
    }
}

/// Something that this machine lacks, or that is skipped.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lack {
    pub weight: Weight,
    pub what: Msg,
    /// In the file of the workflow.
    pub line: Option<u32>,
}

/// What a file is read with: facts of the repository and of this machine.
pub struct Facts<'a> {
    /// The folder's name where the remote does not tell.
    pub repository: String,
    /// The machine of the remote.
    pub host: Option<String>,
    pub branch: String,
    pub default_branch: String,
    pub commit: String,
    pub actor: String,
    /// The commit itself, for a file with this text, where it may ask for it.
    pub head: &'a dyn Fn(&str) -> Option<CommitDetail>,
    /// What differs between the commit and where it left this branch, or its parent where none is named; None: that is not known.
    pub changed: &'a dyn Fn(Option<&str>) -> Option<Vec<PathBuf>>,
    /// The commit that the default branch stands on.
    pub base: &'a dyn Fn() -> Option<String>,
    /// Jobs that want a container or a runner of one's own run on this machine all the same.
    pub is_on_host: bool,
    /// The job that was asked for by name: then it runs though it is started by hand there, or deploys.
    pub wanted: Option<&'a str>,
    /// The event that was asked for; None: the most usual one.
    pub event: Option<&'a str>,
    /// What is given to a workflow that somebody starts or calls, by name.
    pub inputs: &'a BTreeMap<String, String>,
    pub has_program: &'a dyn Fn(&str) -> bool,
    /// Versions of programs, as far as they were asked for.
    pub versions: &'a BTreeMap<String, String>,
    /// A file of the repository.
    pub text: &'a dyn Fn(&Path) -> Option<String>,
    /// Every file of the repository.
    pub paths: &'a [PathBuf],
}

/// What of a workflow shall run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    /// A job by name or key, with what it needs; None: all.
    #[serde(default)]
    pub job: Option<String>,
    #[serde(default)]
    pub is_on_host: bool,
    /// The event of GitHub that it runs on; None: the most usual one that the file names.
    #[serde(default)]
    pub event: Option<String>,
    /// What is given to a workflow that somebody starts or calls, by name.
    #[serde(default)]
    pub inputs: BTreeMap<String, String>,
}

/// What came of one file.
pub type Read = (Option<Workflow>, Vec<Problem>);

/// The name is one of these files, not one of `chantier.toml`.
pub fn is_id(name: &str) -> bool {
    name == gitlab::ID || name.starts_with(github::PREFIX)
}

/// The events among these that a workflow of GitHub is not read as unless they are asked for.
pub fn other_events(on: &[String]) -> Vec<&'static str> {
    events::known(on).split_off(1)
}

impl CiJob {
    /// Folders into which its steps check the commit out once more.
    pub fn checkouts(&self) -> Vec<&Path> {
        let mut open: Vec<&CiStep> = self.steps.iter().collect();
        let mut found = Vec::new();
        while let Some(step) = open.pop() {
            match &step.does {
                Does::Checkout { path } => found.push(path.as_path()),
                Does::Composite(action) => open.extend(&action.steps),
                _ => {}
            }
        }
        found
    }

    /// A need may name the job, or one cell of it by its key.
    fn is_called(&self, need: &str) -> bool {
        self.name == need || self.key == need
    }
}

/// The whole message of a commit.
fn message_of(commit: &CommitDetail) -> String {
    match commit.body.trim() {
        "" => commit.summary.clone(),
        body => format!("{}\n\n{body}", commit.summary),
    }
}

impl Workflow {
    /// The pipeline that it is here, without jobs: those are `planned`.
    pub fn pipeline(&self) -> Pipeline {
        Pipeline {
            name: self.id.clone(),
            ..Pipeline::default()
        }
    }

    pub fn job(&self, key: &str) -> Option<&CiJob> {
        self.jobs.iter().find(|job| job.key == key)
    }

    /// The jobs as pipelines run them.
    pub fn planned(&self) -> Vec<Planned> {
        // Of a matrix the cells that do not run here are not waited for.
        let runs =
            |job: &&CiJob| job.left_out.is_none() || !self.jobs.iter().any(|one| one.name == job.name && one.left_out.is_none());
        let running: Vec<&CiJob> = self.jobs.iter().filter(runs).collect();
        let keys_of = |names: &mut dyn Iterator<Item = &String>| -> BTreeSet<String> {
            let named: Vec<&String> = names.collect();
            let meant = running.iter().filter(|job| named.iter().any(|name| job.is_called(name)));
            meant.map(|job| job.key.clone()).collect()
        };
        let n_at_once = |job: &CiJob| job.strategy.get("max-parallel").and_then(Value::as_f64).map(|n| n as usize);
        let is_one_of_many = |job: &CiJob| job.strategy.get("job-total").and_then(Value::as_u64) > Some(1);
        let fails_fast = |job: &CiJob| job.strategy.get("fail-fast").is_some_and(expr::truth);
        let mut planned: Vec<Planned> = self
            .jobs
            .iter()
            .map(|job| Planned {
                key: job.key.clone(),
                job: PipelineJob {
                    name: job.name.clone(),
                    timeout: job.timeout_ms.map(|ms| Span(Duration::from_millis(ms))),
                    retry: job.retry,
                    allow_failure: job.may_fail,
                    artifacts: job.artifacts.clone(),
                    cores: 1,
                    ..PipelineJob::default()
                },
                cell: BTreeMap::new(),
                needs: {
                    let needed = keys_of(&mut job.needs.iter());
                    let in_order = running.iter().filter(|one| needed.contains(&one.key));
                    in_order.map(|one| one.key.clone()).collect()
                },
                takes: job.takes.as_ref().map(|takes| keys_of(&mut takes.iter())),
                max_at_once: n_at_once(job).filter(|n| *n > 0 && is_one_of_many(job)),
                fails_fast: is_one_of_many(job) && fails_fast(job),
                column: 0,
                left_out: job.left_out.clone(),
                title: job.title.clone(),
                waits_for_end: job.condition.as_deref().is_some_and(looks_at_failures),
                notes: job.lacks.clone(),
            })
            .collect();
        set_columns(&mut planned);
        planned
    }

    /// A job that can only begin after one that does not run here does not run either.
    fn settle(&mut self) {
        // In the order of their needs; who never gets his turn waits for himself.
        let mut over: BTreeSet<String> = BTreeSet::new();
        loop {
            let is_free = |job: &&CiJob| {
                let is_open = |need: &String| {
                    let mut of_need = self.jobs.iter().filter(|known| known.is_called(need));
                    of_need.any(|known| !over.contains(&known.key))
                };
                !over.contains(&job.key) && !job.needs.iter().any(is_open)
            };
            let Some(next) = self.jobs.iter().find(is_free) else { break };
            over.insert(next.key.clone());
        }
        for job in self.jobs.iter_mut().filter(|job| !over.contains(&job.key)) {
            job.left_out = Some(msg!("build-ci-ring", need = job.needs.join(", ")));
        }
        self.pass_by();
        for _ in 0..self.jobs.len() {
            let runs = |need: &str| self.jobs.iter().any(|job| job.is_called(need) && job.left_out.is_none());
            let next = self.jobs.iter().enumerate().find_map(|(at, job)| {
                let is_open = job.left_out.is_none() && !job.condition.as_deref().is_some_and(looks_at_failures);
                let need = job.needs.iter().find(|need| is_open && !runs(need))?;
                Some((at, need.clone()))
            });
            let Some((at, need)) = next else { break };
            self.jobs[at].left_out = Some(msg!("build-ci-waits-left-out", need = need));
        }
    }

    /// Needs that are not there, each where it stands; `jobs` is the map of the jobs in the file.
    fn missing_needs(&self, jobs: &Node) -> Vec<Problem> {
        let mut told: BTreeSet<(&str, &str)> = BTreeSet::new();
        let mut problems = Vec::new();
        for job in &self.jobs {
            let missing = |need: &&String| !self.jobs.iter().any(|known| known.is_called(need));
            for need in job.needs.iter().filter(missing) {
                if !told.insert((&job.name, need)) {
                    continue;
                }
                let of_job = jobs.get(&job.name).and_then(|node| node.get("needs"));
                let line = of_job.and_then(|needs| {
                    let is_it = |item: &&Node| item.get("job").unwrap_or(item).text().as_ref() == Some(need);
                    needs.items().iter().find(is_it).or(Some(needs)).map(|item| item.line)
                });
                let what = msg!("build-ci-no-such-need", job = job.name.as_str(), need = need.as_str());
                let problem = Problem::config(what).code("config");
                problems.push(problem.at_place(&self.path, line.unwrap_or(job.line), 1));
            }
        }
        problems
    }

    /// Who needs a job of nothing but actions needs what that one does.
    fn pass_by(&mut self) {
        let n_needs: usize = self.jobs.iter().map(|job| job.needs.len()).sum();
        for _ in 0..n_needs.max(1) * self.jobs.len() {
            let next = self.jobs.iter().enumerate().find_map(|(at, job)| {
                let passed = |need: &&String| self.jobs.iter().any(|one| one.name == **need && one.has_only_actions);
                let need = job.needs.iter().find(passed)?;
                let further = self.jobs.iter().find(|one| one.name == *need)?.needs.clone();
                Some((at, need.clone(), further))
            });
            let Some((at, need, further)) = next else { break };
            let job = &mut self.jobs[at];
            job.needs.retain(|known| *known != need);
            for name in further {
                if !job.needs.contains(&name) {
                    job.needs.push(name);
                }
            }
            job.lacks.push(Lack {
                weight: Weight::Differs,
                what: msg!("build-ci-not-waited", need = need),
                line: Some(job.line),
            });
        }
    }

    /// Only this job, by name or key, and what it needs near and far; false when there is no such job.
    pub fn keep_only(&mut self, wanted: &str) -> bool {
        let mut names: BTreeSet<String> = BTreeSet::new();
        let meant: Vec<&CiJob> = self
            .jobs
            .iter()
            .filter(|job| [&job.name, &job.key, &job.title].into_iter().any(|word| word == wanted))
            .collect();
        let Some(name) = meant.first().map(|job| job.name.clone()) else {
            return false;
        };
        let keys: BTreeSet<String> = meant.iter().map(|job| job.key.clone()).collect();
        let mut open: Vec<String> = meant.iter().flat_map(|job| job.needs.clone()).collect();
        while let Some(need) = open.pop() {
            if names.insert(need.clone()) {
                let needed = self.jobs.iter().filter(|job| job.is_called(&need));
                open.extend(needed.flat_map(|job| job.needs.clone()));
            }
        }
        let is_needed = |job: &CiJob| names.contains(&job.key) || (job.name != name && names.contains(&job.name));
        self.jobs.retain(|job| keys.contains(&job.key) || is_needed(job));
        true
    }
}

/// What `runner.arch` is here.
fn machine() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "X64",
        "aarch64" => "ARM64",
        other => other,
    }
}

/// `always()` and its like: it is asked when what it needs is over, not when it has succeeded. `!success()` is one of them.
fn looks_at_failures(condition: &str) -> bool {
    expr::mentions(condition, &["always", "failure", "cancelled", "success"])
}

/// What a run of a pipeline does, as the ledger keeps it.
#[derive(Clone, Debug)]
pub enum Definition {
    Own(Pipeline),
    Ci(Box<Workflow>),
}

impl Definition {
    pub fn read(value: &Value) -> Result<Self, serde_json::Error> {
        match value.get("ci") {
            Some(workflow) => serde_json::from_value(workflow.clone()).map(|workflow| Self::Ci(Box::new(workflow))),
            None => serde_json::from_value(value.clone()).map(Self::Own),
        }
    }

    pub fn value(&self) -> Result<Value, serde_json::Error> {
        Ok(match self {
            Self::Own(pipeline) => serde_json::to_value(pipeline)?,
            Self::Ci(workflow) => serde_json::json!({ "ci": workflow }),
        })
    }

    pub fn planned(&self) -> Vec<Planned> {
        match self {
            Self::Own(pipeline) => super::pipelines::plan::expand(pipeline),
            Self::Ci(workflow) => workflow.planned(),
        }
    }

    pub fn pipeline(&self) -> Pipeline {
        match self {
            Self::Own(pipeline) => pipeline.clone(),
            Self::Ci(workflow) => workflow.pipeline(),
        }
    }

    pub fn workflow(&self) -> Option<&Workflow> {
        match self {
            Self::Own(_) => None,
            Self::Ci(workflow) => Some(workflow),
        }
    }
}
