//! Build: the area's words. Tasks and pipelines found, run and remembered, with what compilers said and what was made.

pub mod artifacts;
pub mod bisect;
pub mod ci;
mod clean_build;
pub mod cli;
pub mod console;
pub mod detect;
pub mod docker;
pub mod exec;
pub mod green;
pub mod jobs;
pub mod matchers;
pub mod model;
pub mod page;
pub mod pipelines;
mod record;
pub mod rehearsal;
pub mod reproduce;
pub mod timeline;
pub mod trend;

use crate::base::{JobId, Problem, State, Timestamp, Workspace, WorkspaceId, WriteTo};
use detect::Task;
use detect::since::Since;
use matchers::Diagnostic;
use matchers::hints::Why;
use pipelines::{Defined, JobRow, Of, PipelineRun, StartedBy};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    /// Tasks, runs and artifacts, from files and the ledger; runs nothing.
    Refresh { workspace: Workspace },
    /// Which tasks are new since a branch or commit; None ends the comparison.
    CompareTasks { workspace: Workspace, since: Option<String> },
    /// Runs a task by id or name; without one, the task that builds the project.
    Run { workspace: Workspace, task: Option<String> },
    /// Runs a task joined to the terminal that Chantier was started from.
    RunOnTerminal { workspace: Workspace, task: Option<String> },
    /// Runs a task on any commit, in a clean worktree: the checkout stays as it is.
    RunAt {
        workspace: Workspace,
        task: Option<String>,
        revision: String,
    },
    /// Builds a task of a commit twice in clean worktrees and compares.
    Reproduce {
        workspace: Workspace,
        task: Option<String>,
        revision: String,
    },
    /// Runs what was built in a simulation of an environment's system.
    Rehearse { workspace: Workspace, order: rehearsal::Order },
    /// Reads output with problem matchers, without running anything.
    Match {
        workspace: Workspace,
        /// A file of JSON; None: the project's own and the ones built in.
        matcher: Option<PathBuf>,
        /// `-` is standard input.
        output: PathBuf,
    },
    RunPipeline {
        workspace: Workspace,
        pipeline: String,
        of: Of,
        started_by: StartedBy,
        /// Takes over no earlier result.
        is_anew: bool,
    },
    /// Runs a file of GitHub Actions or GitLab CI, or one job of it with what that needs.
    RunCi {
        workspace: Workspace,
        /// Its id, file name or name; None: the only one there is, or the only one with that job.
        workflow: Option<String>,
        of: Of,
        choice: ci::Choice,
    },
    /// Takes up a run where it stopped; without one the newest that was interrupted.
    ResumePipeline { workspace: Workspace, run: Option<i64> },
    /// Stops a run, whichever program runs it.
    StopPipeline { workspace: Workspace, run: i64 },
    /// Starts pipelines on each commit and on changes, until it is stopped; of all workspaces when none is named.
    WatchPipelines { workspaces: Vec<Workspace> },
    /// What a run spent its time on; without a number the newest run.
    ShowTimeline {
        workspace: Workspace,
        job: Option<JobId>,
        /// Also written there, as OTLP in JSON.
        otlp: Option<WriteTo>,
    },
    /// What one run said: its reason, messages and artifacts.
    ShowRun { workspace: Workspace, job: JobId },
    /// Searches for the commit from which on something fails.
    Bisect(bisect::Command),
    /// Of the container engine.
    Docker(docker::Command),
}

impl Command {
    /// What runs programs of the project can be asked for once more.
    pub fn repeatable(&self) -> Option<Self> {
        match self {
            Self::RunOnTerminal { workspace, task } => Some(Self::Run {
                workspace: workspace.clone(),
                task: task.clone(),
            }),
            Self::Run { .. } | Self::RunAt { .. } | Self::Reproduce { .. } | Self::RunPipeline { .. } | Self::RunCi { .. } => {
                Some(self.clone())
            }
            _ => None,
        }
    }
}

/// What can be learnt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "learnt", rename_all = "snake_case")]
pub enum Update {
    Loading {
        workspace: WorkspaceId,
    },
    LoadFailed {
        workspace: WorkspaceId,
        problem: Problem,
    },
    TasksFound {
        workspace: WorkspaceId,
        tasks: Vec<Task>,
        problems: Vec<Problem>,
    },
    TasksCompared {
        workspace: WorkspaceId,
        since: Option<Since>,
    },
    /// Newest first.
    RunsLoaded {
        workspace: WorkspaceId,
        runs: Vec<RunRow>,
    },
    /// Newest first.
    ArtifactsLoaded {
        workspace: WorkspaceId,
        artifacts: Vec<Artifact>,
    },
    RunStarted {
        workspace: WorkspaceId,
        run: Box<RunRow>,
    },
    /// What was heard so far.
    Heard {
        workspace: WorkspaceId,
        job: JobId,
        n_errors: u32,
        n_warnings: u32,
    },
    RunEnded {
        workspace: WorkspaceId,
        run: Box<RunRow>,
        detail: Box<RunDetail>,
    },
    Reproduced {
        workspace: WorkspaceId,
        result: Box<reproduce::Reproduced>,
    },
    /// Newest first, with the environments that can be rehearsed.
    RehearsalsLoaded {
        workspace: WorkspaceId,
        rehearsals: Vec<rehearsal::Rehearsal>,
        environments: Vec<String>,
    },
    RehearsalChanged {
        workspace: WorkspaceId,
        rehearsal: Box<rehearsal::Rehearsal>,
    },
    Matched {
        workspace: WorkspaceId,
        result: Box<Matched>,
    },
    PipelinesDefined {
        workspace: WorkspaceId,
        pipelines: Vec<Defined>,
        /// What is wrong with files of other CIs.
        #[serde(default)]
        problems: Vec<Problem>,
    },
    /// Newest first.
    PipelineRunsLoaded {
        workspace: WorkspaceId,
        runs: Vec<PipelineRun>,
    },
    /// This program starts the workspace's pipelines by itself, or does so no more.
    PipelinesWatched {
        workspace: WorkspaceId,
        is_watched: bool,
    },
    PipelineRunChanged {
        workspace: WorkspaceId,
        run: Box<PipelineRun>,
    },
    PipelineJobChanged {
        workspace: WorkspaceId,
        run: i64,
        job: Box<JobRow>,
    },
    TimelineShown {
        workspace: WorkspaceId,
        timeline: Box<timeline::Timeline>,
    },
    RunShown {
        workspace: WorkspaceId,
        detail: Box<RunDetail>,
    },
    /// Of a search for a guilty commit.
    Bisect {
        workspace: WorkspaceId,
        update: bisect::Update,
    },
    /// Of the container engine.
    Docker(docker::Update),
}

/// What matchers found in an output.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Matched {
    /// Errors first.
    pub diagnostics: Vec<Diagnostic>,
    pub n_lines: u64,
    /// What is wrong with the matchers, or has no effect here.
    pub wrongs: Vec<String>,
}

/// One run of a task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRow {
    pub job: JobId,
    /// The task's id.
    pub task: String,
    pub source: String,
    pub state: State,
    pub started_at: Timestamp,
    pub duration_ms: u64,
    pub n_errors: u32,
    pub n_warnings: u32,
    pub commit: Option<String>,
    pub is_dirty: bool,
    /// Of its artifacts together.
    pub bytes: Option<u64>,
}

/// What one run said and made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunDetail {
    pub job: JobId,
    pub task: String,
    pub why: Option<Why>,
    /// Errors first; the ledger's page of them.
    pub diagnostics: Vec<Diagnostic>,
    pub artifacts: Vec<Artifact>,
}

/// A file that a build gave.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Artifact {
    pub id: i64,
    pub job: JobId,
    pub name: String,
    pub path: PathBuf,
    pub sha256: String,
    pub bytes: u64,
    pub commit: Option<String>,
    /// The copy that is kept; None when it was freed.
    pub stored: Option<PathBuf>,
    pub made_at: Timestamp,
}
