//! From results as they are heard to the rows that the ledger keeps, and back.

use super::frameworks::{CaseId, Finished, Framework, Site, go};
use super::model::strip_text;
use super::source::Sources;
use super::{CaseRow, PastResult, RunRow};
use crate::adapters::store::test_sites::SiteRuns;
use crate::adapters::store::tests::{CaseHistory, CaseResult, TestHistory, TestRunRow};
use crate::base::{JobId, State, Timestamp, WorkspaceId};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A run that begins.
pub fn new_run(workspace: &WorkspaceId, job: JobId, runner: &str, title: &str, sources: &Sources, at: Timestamp) -> TestRunRow {
    TestRunRow {
        id: 0,
        job: Some(job),
        workspace: workspace.clone(),
        framework: runner.to_owned(),
        title: title.to_owned(),
        commit: sources.commit.clone(),
        dirty: sources.dirty.clone(),
        environment: None,
        started_at: at,
        ended_at: None,
        state: State::InProgress,
        n_passed: 0,
        n_failed: 0,
        n_skipped: 0,
        n_flaky: 0,
        duration_ms: 0,
    }
}

pub fn run_row(row: TestRunRow) -> RunRow {
    RunRow {
        id: row.id,
        job: row.job,
        runner: row.framework,
        site: String::new(),
        title: row.title,
        commit: row.commit,
        is_dirty: row.dirty.is_some(),
        dirty: row.dirty,
        started_at: row.started_at,
        ended_at: row.ended_at,
        state: row.state,
        n_passed: row.n_passed,
        n_failed: row.n_failed,
        n_skipped: row.n_skipped,
        n_flaky: row.n_flaky,
        duration_ms: row.duration_ms,
    }
}

/// Runs with the sites that they were of.
pub fn run_rows(rows: Vec<TestRunRow>, history: &TestHistory) -> Vec<RunRow> {
    let of_run = |(name, of_site): (&String, &SiteRuns)| of_site.runs.iter().map(|run| (*run, name.clone())).collect::<Vec<_>>();
    let names: BTreeMap<i64, String> = history.sites.iter().flat_map(of_run).collect();
    let with_site = |row: TestRunRow| RunRow {
        site: names.get(&row.id).cloned().unwrap_or_default(),
        ..run_row(row)
    };
    rows.into_iter().map(with_site).collect()
}

/// The newest runs of everything in which every test had its turn.
#[derive(Debug, Default)]
pub struct Complete {
    /// By framework; only where one site alone speaks for it.
    alone: BTreeMap<Framework, i64>,
    /// By run, the one of its site.
    of_run: BTreeMap<i64, i64>,
}

/// See [`Complete`].
pub fn newest_complete(history: &TestHistory, sites: &[Site]) -> Complete {
    let mut complete = Complete::default();
    let is_green = |run: &TestRunRow| run.title == super::jobs::ALL && run.state == State::Done && run.n_passed > 0;
    for run in history.runs.values() {
        let mut of_run = sites.iter().filter(|site| site.runner.word() == run.framework);
        let Some(site) = of_run.next() else { continue };
        let framework = site.runner.framework();
        let speaks_alone = sites.iter().filter(|other| other.runner.framework() == framework).count() == 1;
        let is_whole = is_green(run) || history.whole.get(&run.framework) == Some(&run.id);
        if speaks_alone && is_whole {
            let known = complete.alone.entry(framework).or_insert(run.id);
            *known = run.id.max(*known);
        }
    }
    let by_site = history.sites.iter().map(|(name, of_site)| {
        let runs = of_site.runs.iter().filter_map(|run| history.runs.get(run));
        let green = runs.filter(|run| is_green(run)).map(|run| run.id).max();
        (name, green.max(of_site.whole))
    });
    let by_site: BTreeMap<&String, Option<i64>> = by_site.collect();
    for (name, of_site) in &history.sites {
        let mut newest = by_site.get(name).copied().flatten();
        if !sites.iter().any(|site| site.name() == *name) {
            // It is not there any more: those that are left speak for it.
            let left = sites
                .iter()
                .filter(|site| name.starts_with(&format!("{} ", site.runner.framework().word())));
            newest = newest.max(left.filter_map(|site| by_site.get(&site.name()).copied().flatten()).max());
        }
        if let Some(newest) = newest {
            complete.of_run.extend(of_site.runs.iter().map(|run| (*run, newest)));
        }
    }
    complete
}

/// A later run of everything did not have it any more: it was removed or renamed.
pub fn is_gone(case: &CaseHistory, complete: &Complete) -> bool {
    gone_since(case, complete).is_some()
}

/// The newest run of everything that did not have it any more.
pub fn gone_since(case: &CaseHistory, complete: &Complete) -> Option<i64> {
    let last = case.strip.last()?;
    let framework = CaseId::from_stored(&case.suite, &case.name).map(|case| case.framework);
    let alone = framework.and_then(|framework| complete.alone.get(&framework));
    let of_site = complete.of_run.get(&last.run);
    let newest = [alone, of_site].into_iter().flatten().copied();
    newest.filter(|newest| last.run < *newest).max()
}

pub fn case_row(history: &CaseHistory) -> Option<CaseRow> {
    let last = history.strip.last();
    Some(CaseRow {
        case: CaseId::from_stored(&history.suite, &history.name)?,
        strip: strip_text(history.strip.iter().map(|point| (point.state, point.flaky))),
        run: last.map(|point| point.run),
        duration_ms: last.map(|point| u64::from(point.duration_ms)).filter(|ms| *ms > 0),
    })
}

/// What the ledger keeps of a result. The place is found again in the output.
pub fn stored(result: &Finished) -> CaseResult {
    CaseResult {
        suite: result.case.stored_suite(),
        name: result.case.name.clone(),
        state: result.state,
        flaky: result.flaky,
        duration_ms: result.duration_ms.unwrap_or(0),
        message: result.message.clone(),
        output: result.output.clone(),
        output_bytes: result.output.len() as u64,
    }
}

/// A result as it was kept; `sites` tell which folder the paths in its output start from.
pub fn finished(row: CaseResult, sites: &[Site]) -> Option<Finished> {
    let case = CaseId::from_stored(&row.suite, &row.name)?;
    let message = row.message.clone();
    let mut result = Finished::new(case, row.state);
    result.flaky = row.flaky;
    result.duration_ms = (row.duration_ms > 0).then_some(row.duration_ms);
    let dir = dir_of(&result.case, sites);
    let mut result = result.output(row.output, &dir);
    result.message = message;
    Some(result)
}

/// Where relative paths in a case's output start.
fn dir_of(case: &CaseId, sites: &[Site]) -> PathBuf {
    let mut of_case = sites.iter().filter(|site| site.tells(case));
    let site = match case.framework {
        Framework::Pytest | Framework::Unittest => of_case
            .filter(|site| Path::new(&case.suite).starts_with(&site.dir))
            .max_by_key(|site| site.dir.components().count()),
        _ => of_case.next(),
    };
    match site {
        Some(site) if case.framework == Framework::Go => go::package_dir(&case.suite, site),
        Some(site) => site.dir.clone(),
        None => PathBuf::new(),
    }
}

pub fn past(run: &TestRunRow, result: &CaseResult) -> PastResult {
    PastResult {
        run: run.id,
        state: result.state,
        flaky: result.flaky,
        duration_ms: result.duration_ms,
        commit: run.commit.clone(),
        at: run.started_at,
    }
}
