//! Results of tests: a row per run, a row per case and run, and per case its last results in one place, kept for ever.

use super::fault::Fault;
use super::jobs::JobRow;
use super::record::{Record, find, get, insert, next_id, number, record, select, update, upsert, values};
use super::test_sites::{SiteRuns, site_runs, whole_runs};
use super::{Db, Store};
use crate::base::{JobId, Problem, State, Timestamp, WorkspaceId};
use rusqlite::types::Value;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Results that are kept per case in its strip.
pub const STRIP: usize = 30;
/// Output that is kept per case and run, in bytes before compression: the first and the last half of it.
pub const OUTPUT_BYTES: usize = 64 << 10;

pub(super) const SCHEMA: &str = "
CREATE TABLE test_runs (id INTEGER PRIMARY KEY, job INTEGER, workspace TEXT NOT NULL, framework TEXT NOT NULL, title TEXT NOT NULL,
  \"commit\" TEXT, dirty TEXT, environment TEXT, started_at INTEGER NOT NULL, ended_at INTEGER, state TEXT NOT NULL,
  n_passed INTEGER NOT NULL, n_failed INTEGER NOT NULL, n_skipped INTEGER NOT NULL, n_flaky INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL, sum INTEGER NOT NULL) STRICT;
CREATE INDEX test_runs_by_workspace ON test_runs(workspace, id);
CREATE INDEX test_runs_by_commit ON test_runs(workspace, \"commit\");
CREATE INDEX test_runs_by_job ON test_runs(job) WHERE job IS NOT NULL;
CREATE TABLE test_cases (id INTEGER PRIMARY KEY, workspace TEXT NOT NULL, suite TEXT NOT NULL, name TEXT NOT NULL, strip BLOB NOT NULL,
  n_runs INTEGER NOT NULL, n_failed INTEGER NOT NULL, last_failed_at INTEGER, sum INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX test_cases_by_name ON test_cases(workspace, suite, name);
CREATE TABLE test_results (run INTEGER NOT NULL REFERENCES test_runs(id) ON DELETE CASCADE, \"case\" INTEGER NOT NULL, state TEXT NOT NULL,
  flaky INTEGER NOT NULL, duration_ms INTEGER NOT NULL, message TEXT NOT NULL, output BLOB, output_bytes INTEGER NOT NULL,
  sum INTEGER NOT NULL, PRIMARY KEY (run, \"case\")) STRICT, WITHOUT ROWID;
CREATE INDEX test_results_by_case ON test_results(\"case\", run);
CREATE INDEX test_results_with_output ON test_results(state, run) WHERE output IS NOT NULL;
";

record! {
    /// One run of a test tool.
    TestRunRow in "test_runs" key 1 {
        /// 0 for a new one.
        id: i64,
        job: Option<JobId>,
        workspace: WorkspaceId,
        /// `nextest`, `cargo`, `pytest`, `junit` ...
        framework: String,
        /// What was asked for, such as `all` or a name.
        title: String,
        commit: Option<String>,
        dirty: Option<String>,
        environment: Option<String>,
        started_at: Timestamp,
        ended_at: Option<Timestamp>,
        state: State,
        n_passed: u32,
        n_failed: u32,
        n_skipped: u32,
        n_flaky: u32,
        duration_ms: u64,
    }
}

record! {
    CaseRecord in "test_cases" key 1 {
        id: i64,
        workspace: WorkspaceId,
        suite: String,
        name: String,
        strip: Vec<u8>,
        n_runs: u64,
        n_failed: u64,
        last_failed_at: Option<Timestamp>,
    }
}

record! {
    ResultRecord in "test_results" key 2 {
        run: i64,
        case: i64,
        state: State,
        flaky: bool,
        duration_ms: u64,
        message: String,
        output: Option<Vec<u8>>,
        output_bytes: u64,
    }
}

/// The result of one case in one run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseResult {
    pub suite: String,
    pub name: String,
    /// Done for passed, failed, or skipped.
    pub state: State,
    /// Passed only when it was tried again.
    pub flaky: bool,
    pub duration_ms: u64,
    /// The first words of the failure.
    pub message: String,
    /// What it printed: at most `OUTPUT_BYTES`, the middle left out.
    pub output: String,
    /// How much it printed.
    pub output_bytes: u64,
}

/// One square of a strip.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StripPoint {
    /// The run; `TestHistory::runs` knows its commit while the run is kept.
    pub run: i64,
    pub state: State,
    pub flaky: bool,
    pub duration_ms: u32,
}

/// A case with its last results, oldest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CaseHistory {
    pub suite: String,
    pub name: String,
    pub strip: Vec<StripPoint>,
    pub n_runs: u64,
    pub n_failed: u64,
    pub last_failed_at: Option<Timestamp>,
}

/// The strips of a whole workspace and the runs they point to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TestHistory {
    pub cases: Vec<CaseHistory>,
    pub runs: BTreeMap<i64, TestRunRow>,
    /// By framework, the newest run of everything in which every test had its turn, whatever came of it.
    #[serde(default)]
    pub whole: BTreeMap<String, i64>,
    /// The runs of each site, by its name.
    #[serde(default)]
    pub sites: BTreeMap<String, SiteRuns>,
}

/// Test runs and results.
pub struct Tests<'a>(&'a Store);

impl Store {
    pub fn tests(&self) -> Tests<'_> {
        Tests(self)
    }
}

impl Tests<'_> {
    pub(super) fn store(&self) -> &Store {
        self.0
    }

    /// Writes a new run and gives it with its number.
    pub async fn start_run(&self, run: TestRunRow) -> Result<TestRunRow, Problem> {
        self.0
            .write(move |db| {
                let row = TestRunRow {
                    id: next_id::<TestRunRow>(db)?,
                    ..run.clone()
                };
                insert(db, &row)?;
                Ok(row)
            })
            .await
    }

    /// Writes results of a run, in as many parts as they come, and counts them in the run. A case told twice counts once, the later stands.
    pub async fn add_results(&self, run: i64, results: Vec<CaseResult>) -> Result<(), Problem> {
        self.0
            .write(move |db| {
                let mut row: TestRunRow = get(db, &values![run])?.ok_or_else(|| missing(run))?;
                for result in &results {
                    add_result(db, &mut row, result)?;
                }
                upsert(db, &row)
            })
            .await
    }

    /// Ends a run: writes state, time and duration; the counts stand already.
    pub async fn end_run(&self, run: i64, state: State, duration_ms: u64) -> Result<TestRunRow, Problem> {
        let now = self.0.now();
        self.0
            .write(move |db| {
                update::<TestRunRow>(db, &values![run], |row| {
                    row.state = state;
                    row.ended_at = Some(now);
                    row.duration_ms = duration_ms;
                })
            })
            .await
    }

    pub async fn run(&self, run: i64) -> Result<Option<TestRunRow>, Problem> {
        self.0.read(move |db| get(db, &values![run])).await
    }

    pub async fn run_of_job(&self, job: JobId) -> Result<Option<TestRunRow>, Problem> {
        self.0
            .read(move |db| find(db, "WHERE job = ? ORDER BY id DESC", &values![job]))
            .await
    }

    /// Newest first.
    pub async fn runs(&self, workspace: &WorkspaceId, limit: u32) -> Result<Vec<TestRunRow>, Problem> {
        let workspace = workspace.clone();
        self.0
            .read(move |db| select(db, "WHERE workspace = ? ORDER BY id DESC LIMIT ?", &values![workspace, limit]))
            .await
    }

    pub async fn runs_of_commit(&self, workspace: &WorkspaceId, commit: &str) -> Result<Vec<TestRunRow>, Problem> {
        let (workspace, commit) = (workspace.clone(), commit.to_owned());
        self.0
            .read(move |db| {
                select(
                    db,
                    "WHERE workspace = ? AND \"commit\" = ? ORDER BY id DESC",
                    &values![workspace, commit],
                )
            })
            .await
    }

    /// Every result of a run, by suite and name. Outputs are left empty: `output` reads one.
    pub async fn results(&self, run: i64) -> Result<Vec<CaseResult>, Problem> {
        self.0
            .read(move |db| {
                let names = names(
                    db,
                    "WHERE id IN (SELECT \"case\" FROM test_results WHERE run = ?)",
                    &values![run],
                )?;
                let mut results: Vec<CaseResult> = select::<ResultRecord>(db, "WHERE run = ?", &values![run])?
                    .into_iter()
                    .filter_map(|row| shown(row, &names, false))
                    .collect();
                results.sort_by(|a, b| (&a.suite, &a.name).cmp(&(&b.suite, &b.name)));
                Ok(results)
            })
            .await
    }

    /// One result with its output, the newest when `run` is None.
    pub async fn result(
        &self,
        workspace: &WorkspaceId,
        suite: &str,
        name: &str,
        run: Option<i64>,
    ) -> Result<Option<CaseResult>, Problem> {
        let (workspace, suite, name) = (workspace.clone(), suite.to_owned(), name.to_owned());
        self.0
            .read(move |db| {
                let Some(case) = case_id(db, &workspace, &suite, &name)? else {
                    return Ok(None);
                };
                let row = match run {
                    Some(run) => get::<ResultRecord>(db, &values![run, case])?,
                    None => find::<ResultRecord>(db, "WHERE \"case\" = ? ORDER BY run DESC", &values![case])?,
                };
                let names = BTreeMap::from([(case, (suite.clone(), name.clone()))]);
                Ok(row.and_then(|row| shown(row, &names, true)))
            })
            .await
    }

    /// The results of one case over time, newest first, without outputs, each with its run.
    pub async fn case_results(
        &self,
        workspace: &WorkspaceId,
        suite: &str,
        name: &str,
        limit: u32,
    ) -> Result<Vec<(TestRunRow, CaseResult)>, Problem> {
        let (workspace, suite, name) = (workspace.clone(), suite.to_owned(), name.to_owned());
        self.0
            .read(move |db| {
                let Some(case) = case_id(db, &workspace, &suite, &name)? else {
                    return Ok(Vec::new());
                };
                let names = BTreeMap::from([(case, (suite.clone(), name.clone()))]);
                let mut found = Vec::new();
                for row in select::<ResultRecord>(db, "WHERE \"case\" = ? ORDER BY run DESC LIMIT ?", &values![case, limit])? {
                    let run = get::<TestRunRow>(db, &values![row.run])?;
                    if let (Some(run), Some(result)) = (run, shown(row, &names, false)) {
                        found.push((run, result));
                    }
                }
                Ok(found)
            })
            .await
    }

    /// The last results of every case of the workspace: one walk over the cases, whatever the number of runs.
    pub async fn history(&self, workspace: &WorkspaceId) -> Result<TestHistory, Problem> {
        let workspace = workspace.clone();
        self.0
            .read(move |db| {
                let rows = select::<CaseRecord>(db, "WHERE workspace = ? ORDER BY suite, name", &values![workspace])?;
                let cases: Vec<CaseHistory> = rows.into_iter().map(history_of).collect();
                let oldest = cases.iter().flat_map(|case| case.strip.iter().map(|point| point.run)).min();
                let runs = match oldest {
                    Some(oldest) => select::<TestRunRow>(db, "WHERE workspace = ? AND id >= ?", &values![workspace, oldest])?,
                    None => Vec::new(),
                };
                Ok(TestHistory {
                    cases,
                    runs: runs.into_iter().map(|run| (run.id, run)).collect(),
                    whole: whole_runs(db, &workspace)?,
                    sites: site_runs(db, &workspace)?,
                })
            })
            .await
    }

    /// The last known state of every case: (suite, name) to state.
    pub async fn last_states(&self, workspace: &WorkspaceId) -> Result<BTreeMap<(String, String), State>, Problem> {
        let history = self.history(workspace).await?;
        let last = |case: CaseHistory| {
            case.strip
                .last()
                .map(|point| point.state)
                .map(|state| ((case.suite, case.name), state))
        };
        Ok(history.cases.into_iter().filter_map(last).collect())
    }

    /// Frees outputs of passed cases first, then of all, oldest runs first, until at most so many bytes are kept. Gives what was freed.
    pub async fn free_outputs(&self, max_bytes: u64) -> Result<u64, Problem> {
        let mut freed = 0;
        for tail in [OLDEST_PASSED, OLDEST_OTHERS] {
            // Looked up beside the writer, freed in parts: no other write waits long.
            let mut to_free = self.0.read(output_bytes).await?.saturating_sub(max_bytes);
            while to_free > 0 {
                let part = self.0.write(move |db| free_outputs(db, tail, to_free)).await?;
                if part == 0 {
                    break;
                }
                freed += part;
                to_free = to_free.saturating_sub(part);
            }
        }
        Ok(freed)
    }
}

fn missing(run: i64) -> Fault {
    Fault::Missing {
        table: TestRunRow::TABLE,
        key: run.to_string(),
    }
}

fn case_id(db: &Db, workspace: &WorkspaceId, suite: &str, name: &str) -> Result<Option<i64>, Fault> {
    let sql = "SELECT id FROM test_cases WHERE workspace = ? AND suite = ? AND name = ?";
    number(db, sql, &values![*workspace, suite.to_owned(), name.to_owned()])
}

type Names = BTreeMap<i64, (String, String)>;

fn names(db: &Db, tail: &str, params: &[Value]) -> Result<Names, Fault> {
    Ok(select::<CaseRecord>(db, tail, params)?
        .into_iter()
        .map(|case| (case.id, (case.suite, case.name)))
        .collect())
}

fn shown(row: ResultRecord, names: &Names, with_output: bool) -> Option<CaseResult> {
    let (suite, name) = names.get(&row.case)?.clone();
    let output = row
        .output
        .filter(|_| with_output)
        .and_then(|bytes| zstd::bulk::decompress(&bytes, OUTPUT_BYTES * 2).ok());
    Some(CaseResult {
        suite,
        name,
        state: row.state,
        flaky: row.flaky,
        duration_ms: row.duration_ms,
        message: row.message,
        output: output
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default(),
        output_bytes: row.output_bytes,
    })
}

fn add_result(db: &Db, run: &mut TestRunRow, result: &CaseResult) -> Result<(), Fault> {
    let known = case_id(db, &run.workspace, &result.suite, &result.name)?;
    let mut case = match known {
        // A damaged row of a case begins anew: its results stand in `test_results`.
        Some(id) => get::<CaseRecord>(db, &values![id])
            .ok()
            .flatten()
            .unwrap_or_else(|| new_case(id, run, result)),
        None => new_case(next_id::<CaseRecord>(db)?, run, result),
    };
    let mut strip = unpack(&case.strip);
    if strip.last().is_some_and(|point| point.run == run.id) {
        strip.pop();
        if let Some(before) = get::<ResultRecord>(db, &values![run.id, case.id])? {
            count(run, &mut case, before.state, before.flaky, -1);
        }
    }
    count(run, &mut case, result.state, result.flaky, 1);
    if result.state == State::Failed {
        case.last_failed_at = Some(run.started_at);
    }
    let duration_ms = u32::try_from(result.duration_ms).unwrap_or(u32::MAX);
    strip.push(StripPoint {
        run: run.id,
        state: result.state,
        flaky: result.flaky,
        duration_ms,
    });
    case.strip = pack(&strip);
    upsert(db, &case)?;
    let output = capped(&result.output);
    let packed = (!output.is_empty())
        .then(|| zstd::bulk::compress(output.as_bytes(), 3))
        .transpose();
    let row = ResultRecord {
        run: run.id,
        case: case.id,
        state: result.state,
        flaky: result.flaky,
        duration_ms: result.duration_ms,
        message: result.message.clone(),
        output: packed.map_err(Fault::io("zstd"))?,
        output_bytes: result.output_bytes.max(result.output.len() as u64),
    };
    upsert(db, &row)
}

fn new_case(id: i64, run: &TestRunRow, result: &CaseResult) -> CaseRecord {
    CaseRecord {
        id,
        workspace: run.workspace.clone(),
        suite: result.suite.clone(),
        name: result.name.clone(),
        strip: Vec::new(),
        n_runs: 0,
        n_failed: 0,
        last_failed_at: None,
    }
}

fn count(run: &mut TestRunRow, case: &mut CaseRecord, state: State, flaky: bool, by: i32) {
    let slot = match state {
        State::Done => &mut run.n_passed,
        State::Skipped | State::None => &mut run.n_skipped,
        _ => &mut run.n_failed,
    };
    *slot = slot.saturating_add_signed(by);
    if flaky {
        run.n_flaky = run.n_flaky.saturating_add_signed(by);
    }
    case.n_runs = case.n_runs.saturating_add_signed(i64::from(by));
    if state == State::Failed {
        case.n_failed = case.n_failed.saturating_add_signed(i64::from(by));
    }
}

/// The first and the last half, with a mark of what is missing between them.
fn capped(output: &str) -> String {
    if output.len() <= OUTPUT_BYTES {
        return output.to_owned();
    }
    let head = &output[..output.floor_char_boundary(OUTPUT_BYTES / 2)];
    let tail = &output[output.ceil_char_boundary(output.len() - OUTPUT_BYTES / 2)..];
    format!("{head}\n… (+{} B)\n{tail}", output.len() - head.len() - tail.len())
}

/// Runs whose job is over and that nobody ended: their program was killed.
pub(super) fn interrupt_runs(db: &Db, now: Timestamp) -> Result<(), Fault> {
    for run in select::<TestRunRow>(db, "WHERE ended_at IS NULL AND job IS NOT NULL", &[])? {
        let job = match run.job {
            Some(job) => get::<JobRow>(db, &values![job])?,
            None => None,
        };
        if let Some(ended_at) = job
            .filter(|job| !matches!(job.state, State::Queued | State::Running | State::InProgress))
            .map(|job| job.ended_at)
        {
            update::<TestRunRow>(db, &values![run.id], |row| {
                row.state = State::Interrupted;
                row.ended_at = ended_at.or(Some(now));
            })?;
        }
    }
    Ok(())
}

/// 13 bytes a point: run, state, flaky, duration.
fn pack(strip: &[StripPoint]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(STRIP * 13);
    for point in strip.iter().skip(strip.len().saturating_sub(STRIP)) {
        bytes.extend_from_slice(&point.run.to_le_bytes());
        bytes.push(state_code(point.state) | if point.flaky { 0x80 } else { 0 });
        bytes.extend_from_slice(&point.duration_ms.to_le_bytes());
    }
    bytes
}

fn unpack(bytes: &[u8]) -> Vec<StripPoint> {
    let (points, _) = bytes.as_chunks::<13>();
    let point = |bytes: &[u8; 13]| StripPoint {
        run: i64::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3], bytes[4], bytes[5], bytes[6], bytes[7]]),
        state: state_of(bytes[8] & 0x7f),
        flaky: bytes[8] & 0x80 != 0,
        duration_ms: u32::from_le_bytes([bytes[9], bytes[10], bytes[11], bytes[12]]),
    };
    points.iter().map(point).collect()
}

const CODES: [State; 6] = [
    State::Unknown,
    State::Done,
    State::Failed,
    State::Skipped,
    State::Cancelled,
    State::Interrupted,
];

fn state_code(state: State) -> u8 {
    CODES.iter().position(|known| *known == state).unwrap_or(0) as u8
}

fn state_of(code: u8) -> State {
    CODES.get(usize::from(code)).copied().unwrap_or_default()
}

fn history_of(case: CaseRecord) -> CaseHistory {
    CaseHistory {
        strip: unpack(&case.strip),
        suite: case.suite,
        name: case.name,
        n_runs: case.n_runs,
        n_failed: case.n_failed,
        last_failed_at: case.last_failed_at,
    }
}

const OLDEST_PASSED: &str = "WHERE output IS NOT NULL AND state = 'done' ORDER BY run LIMIT 500";
const OLDEST_OTHERS: &str = "WHERE output IS NOT NULL AND state <> 'done' ORDER BY run LIMIT 500";

fn output_bytes(db: &Db) -> Result<u64, Fault> {
    Ok(number(
        db,
        "SELECT sum(length(output)) FROM test_results WHERE output IS NOT NULL",
        &[],
    )?
    .unwrap_or(0) as u64)
}

fn free_outputs(db: &Db, tail: &str, to_free: u64) -> Result<u64, Fault> {
    let mut freed = 0;
    for mut row in select::<ResultRecord>(db, tail, &[])? {
        if freed >= to_free {
            break;
        }
        // At least one byte each, so that this comes to an end.
        freed += row.output.take().map_or(1, |output| output.len().max(1) as u64);
        upsert(db, &row)?;
    }
    Ok(freed)
}
