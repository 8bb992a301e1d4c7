//! Test: the area's words. Tests found, run and remembered, in one tree whatever the tool.

mod changed;
mod choosing;
pub mod cli;
pub mod compare;
pub mod coverage;
mod coverage_jobs;
mod crashing;
mod debugging;
pub mod flaky;
pub mod frameworks;
pub mod gate;
mod hanging;
mod import;
pub mod jobs;
pub mod leaks;
mod listener;
pub mod listing;
mod looking;
pub mod model;
pub mod page;
mod placed;
pub mod plan_text;
pub mod plans;
mod pythons;
pub mod report;
pub mod results;
pub mod runs;
mod showing;
pub mod source;
mod starting;
pub mod stream;

use crate::base::{JobId, Lang, Msg, Place, Problem, State, Timestamp, Workspace, WorkspaceId};
pub use coverage_jobs::{FileRow, Shown as CoverageShown};
use frameworks::{CaseId, Finished, Limits, Site};
pub use looking::ReportFiles;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// The slowest tests that are named.
pub const SLOWEST: usize = 10;

/// What is to be run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "what", content = "names", rename_all = "snake_case")]
pub enum What {
    All,
    /// The cases whose last result is a failure.
    Failed,
    /// Cases, modules or suites by name, or by a part of one.
    Named(Vec<String>),
    Cases(Vec<CaseId>),
    /// What is touched by what differs from a revision, or from HEAD.
    Changed(Option<String>),
}

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum Command {
    /// Sites, known cases and runs, from files and the ledger; runs nothing.
    Refresh {
        workspace: Workspace,
    },
    /// Asks the tools which cases there are.
    List {
        workspace: Workspace,
    },
    Run {
        workspace: Workspace,
        what: What,
        #[serde(default)]
        limits: Limits,
    },
    /// Takes over the results of a JUnit file.
    Import {
        workspace: Workspace,
        file: PathBuf,
    },
    /// The result of a case with its output and source lines; of the newest run when none is named.
    ShowCase {
        workspace: Workspace,
        case: CaseId,
        run: Option<i64>,
    },
    /// The same for the one case that a name means.
    ShowNamed {
        workspace: Workspace,
        name: String,
    },
    /// The results of one run.
    ShowRun {
        workspace: Workspace,
        run: i64,
    },
    /// Two runs, by number or commit; without a name the newest of everything and the one before it.
    Compare {
        workspace: Workspace,
        before: Option<String>,
        after: Option<String>,
    },
    /// Failures by what they say.
    Group {
        workspace: Workspace,
    },
    /// Runs one test again and again, alone, under load and in company.
    Flaky {
        workspace: Workspace,
        name: String,
        repeat: u32,
    },
    /// Builds one test and makes its debugger ready; `opens` says that the window is to show it in a terminal.
    Debug {
        workspace: Workspace,
        name: String,
        opens: bool,
    },
    /// Writes the newest results for others.
    Report {
        workspace: Workspace,
        to: ReportFiles,
        lang: Lang,
    },
    ImportCoverage {
        workspace: Workspace,
        file: PathBuf,
    },
    /// What is known of coverage, with the lines that differ from a revision, or from HEAD.
    ShowCoverage {
        workspace: Workspace,
        against: Option<String>,
    },
    /// The same with HEAD, and nothing where no coverage is known.
    LoadCoverage {
        workspace: Workspace,
    },
    /// Checks the gates of `chantier.toml`.
    Gate {
        workspace: Workspace,
    },
    ReadPlans {
        workspace: Workspace,
    },
    /// What somebody found who carried out a case of a plan: done, failed or skipped.
    RecordPlan {
        workspace: Workspace,
        plan: String,
        case: String,
        state: State,
        note: String,
        /// A file that shows it; a copy is kept.
        #[serde(default)]
        evidence: Option<PathBuf>,
    },
    /// Runs the tests that the cases of a plan name, or the one of a case.
    RunPlan {
        workspace: Workspace,
        plan: String,
        case: Option<String>,
    },
}

impl Command {
    /// What runs tests can be asked for once more.
    pub fn repeatable(&self) -> Option<Self> {
        matches!(self, Self::Run { .. } | Self::Flaky { .. } | Self::RunPlan { .. }).then(|| self.clone())
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
    SitesFound {
        workspace: WorkspaceId,
        sites: Vec<Site>,
    },
    /// Known cases, page by page; `is_first` begins anew, `is_last` ends.
    CasesLoaded {
        workspace: WorkspaceId,
        cases: Vec<CaseRow>,
        is_first: bool,
        is_last: bool,
    },
    /// What the tools named, page by page; `is_first` begins anew.
    CasesListed {
        workspace: WorkspaceId,
        cases: Vec<CaseId>,
        is_first: bool,
    },
    RunsLoaded {
        workspace: WorkspaceId,
        runs: Vec<RunRow>,
    },
    /// What a change touches, and by which rule.
    Chosen {
        workspace: WorkspaceId,
        reasons: Vec<Reason>,
    },
    /// The job has begun to run tests.
    JobStarted {
        workspace: WorkspaceId,
        job: JobId,
    },
    RunStarted {
        workspace: WorkspaceId,
        run: Box<RunRow>,
    },
    /// Cases that began or ended; `is_final` ones are counted.
    Results {
        workspace: WorkspaceId,
        run: i64,
        started: Vec<CaseId>,
        finished: Vec<Finished>,
        n_total: Option<u64>,
    },
    /// Nothing was heard for so long; what runs, as far as it is known. `is_over` when it is being ended.
    StillRunning {
        workspace: WorkspaceId,
        cases: Vec<CaseId>,
        secs: u64,
        is_over: bool,
    },
    RunEnded {
        workspace: WorkspaceId,
        run: Box<RunRow>,
        trouble: Option<Problem>,
    },
    JobEnded {
        workspace: WorkspaceId,
        job: JobId,
    },
    CaseShown {
        workspace: WorkspaceId,
        case: Box<CaseDetail>,
    },
    RunShown {
        workspace: WorkspaceId,
        run: Box<RunRow>,
        results: Vec<Finished>,
    },
    /// What tests left behind: in a run, or all that is remembered.
    LeaksFound {
        workspace: WorkspaceId,
        run: Option<i64>,
        leaks: Vec<leaks::Leaking>,
    },
    /// The state of the sources now: results of others are stale.
    SourcesRead {
        workspace: WorkspaceId,
        commit: Option<String>,
        dirty: Option<String>,
    },
    Compared {
        workspace: WorkspaceId,
        before: Box<RunRow>,
        after: Box<RunRow>,
        changes: Vec<compare::Changed>,
        /// Cases that are as they were.
        n_same: u64,
    },
    Grouped {
        workspace: WorkspaceId,
        groups: Vec<compare::Group>,
    },
    /// What was found out about flaky tests before.
    FlakyLoaded {
        workspace: WorkspaceId,
        reports: Vec<flaky::Report>,
    },
    FlakyJudged {
        workspace: WorkspaceId,
        report: Box<flaky::Report>,
    },
    /// The debugger of a test, and what one types to start it.
    DebugReady {
        workspace: WorkspaceId,
        case: CaseId,
        ready: Box<frameworks::debug::Debugging>,
        words: String,
        /// The job that was asked to show it in a terminal.
        #[serde(default)]
        shown_by: Option<JobId>,
    },
    ReportsWritten {
        workspace: WorkspaceId,
        files: Vec<PathBuf>,
    },
    CoverageShown {
        workspace: WorkspaceId,
        coverage: Box<CoverageShown>,
    },
    GateChecked {
        workspace: WorkspaceId,
        checked: Vec<gate::Checked>,
    },
    PlansRead {
        workspace: WorkspaceId,
        plans: Vec<plans::Plan>,
    },
}

/// Why some tests of a site are run for a change, or none.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    pub runner: String,
    pub dir: String,
    pub rule: Msg,
    /// The files that changed there; the first fifty.
    pub paths: Vec<PathBuf>,
    /// Files, packages or programs with tests that were chosen; None for all.
    pub n_suites: Option<u64>,
}

/// A case with its last results.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseRow {
    pub case: CaseId,
    /// Up to 30 results, oldest first, one letter each (`mark_of`).
    pub strip: String,
    /// The run of the newest result.
    pub run: Option<i64>,
    pub duration_ms: Option<u64>,
}

/// One run of one runner.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunRow {
    pub id: i64,
    pub job: Option<JobId>,
    /// The runner's word; `junit` for a report that was taken over.
    pub runner: String,
    /// What tells it from runs of other modules by the same runner: framework, folder, and how it is started; empty where nobody knows.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub site: String,
    /// What was asked for.
    pub title: String,
    pub commit: Option<String>,
    pub is_dirty: bool,
    /// A hash of what was not committed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dirty: Option<String>,
    pub started_at: Timestamp,
    pub ended_at: Option<Timestamp>,
    pub state: State,
    pub n_passed: u32,
    pub n_failed: u32,
    pub n_skipped: u32,
    pub n_flaky: u32,
    pub duration_ms: u64,
}

impl RunRow {
    pub fn n_cases(&self) -> u32 {
        self.n_passed + self.n_failed + self.n_skipped
    }
}

/// Everything about one case that its panel shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseDetail {
    pub result: Finished,
    /// The run that the result is of.
    pub run: Option<RunRow>,
    /// The source lines around the failure's place, each with its number.
    pub lines: Vec<(u32, String)>,
    /// Since when it fails: the first of its failures in a row.
    pub failing_since: Option<RunRow>,
    /// Results over time, newest first.
    pub history: Vec<PastResult>,
    /// Where the test itself is written, when that is known.
    pub written_at: Option<Place>,
    /// How much it printed; the output kept may be less.
    pub output_bytes: u64,
}

/// One result of a case in the past.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PastResult {
    pub run: i64,
    pub state: State,
    pub flaky: bool,
    pub duration_ms: u64,
    pub commit: Option<String>,
    pub at: Timestamp,
}

/// The letter of a result in a strip.
pub fn mark_of(state: State, flaky: bool) -> char {
    match state {
        State::Done if flaky => 'y',
        State::Done => 'p',
        State::Failed => 'f',
        State::Skipped | State::None => 's',
        State::Cancelled => 'c',
        _ => '?',
    }
}

/// The state that a letter of a strip stands for; a flaky pass is degraded.
pub fn state_of_mark(mark: char) -> State {
    match mark {
        'p' => State::Done,
        'y' => State::Degraded,
        'f' => State::Failed,
        's' => State::Skipped,
        'c' => State::Cancelled,
        _ => State::Unknown,
    }
}
