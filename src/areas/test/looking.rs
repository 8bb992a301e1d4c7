//! Looking back: two runs beside each other, failures by what they say, reports for others, gates.

use super::compare::{self, Changed};
use super::frameworks::{CaseId, Finished, Site};
use super::gate::{self, Facts};
use super::jobs::find_sites;
use super::report::{self, Told};
use super::{Update, coverage_jobs, results, source};
use crate::adapters::store::tests::{CaseHistory, TestHistory, TestRunRow};
use crate::adapters::{World, files};
use crate::areas::JobCtx;
use crate::areas::devops::project;
use crate::base::{Catalog, Lang, Problem, State, Workspace, WriteTo};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Runs that are looked through for one that was named by its commit.
const RUNS: u32 = 2000;

/// Where a report goes, by kind.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReportFiles {
    pub html: Option<WriteTo>,
    pub junit: Option<WriteTo>,
    pub badge: Option<WriteTo>,
}

/// The results of a run, without their outputs.
async fn results_of(world: &World, run: &TestRunRow) -> Result<Vec<Finished>, Problem> {
    let rows = world.store().tests().results(run.id).await?;
    Ok(rows.into_iter().filter_map(|row| results::finished(row, &[])).collect())
}

fn is_whole(run: &TestRunRow) -> bool {
    run.title == "all" && run.ended_at.is_some() && run.state != State::Cancelled
}

/// The run that a number or a commit means.
fn find_run<'a>(runs: &'a [TestRunRow], word: &str, of_runner: Option<&str>) -> Option<&'a TestRunRow> {
    if let Ok(id) = word.trim_start_matches('#').parse::<i64>()
        && let Some(run) = runs.iter().find(|run| run.id == id)
    {
        return Some(run);
    }
    let is_meant = |run: &&TestRunRow| {
        let commit = run.commit.as_deref();
        let is_commit = commit.is_some_and(|commit| word.len() >= 4 && commit.starts_with(word));
        is_commit && of_runner.is_none_or(|runner| run.framework == runner)
    };
    // A run of everything says more than a part of one.
    let mut meant = runs.iter().filter(is_meant);
    let first = meant.clone().next();
    meant.find(|run| is_whole(run)).or(first)
}

/// Two runs: those that are named, else the newest of everything and the one of the same runner before it.
pub(super) async fn compare(
    cx: JobCtx,
    world: World,
    workspace: Workspace,
    before: Option<String>,
    after: Option<String>,
) -> Result<(), Problem> {
    let runs = world.store().tests().runs(&workspace.id, RUNS).await?;
    let missing = |word: &str| Problem::user(msg!("test-no-run", run = word)).code("not-found");
    let nothing = || Problem::user(msg!("test-nothing-to-compare")).code("not-found");
    let after = match &after {
        Some(word) => find_run(&runs, word, None).ok_or_else(|| missing(word))?,
        None => runs.iter().find(|run| is_whole(run)).ok_or_else(nothing)?,
    };
    let before = match &before {
        Some(word) => find_run(&runs, word, Some(&after.framework)).ok_or_else(|| missing(word))?,
        None => runs
            .iter()
            .find(|run| run.id < after.id && is_whole(run) && run.framework == after.framework)
            .ok_or_else(nothing)?,
    };
    let old = results_of(&world, before).await?;
    let new = results_of(&world, after).await?;
    let n_new = new.len() as u64;
    let changes: Vec<Changed> = compare::compare(old, new, is_whole(after));
    let n_changed = changes.iter().filter(|changed| changed.after.is_some()).count() as u64;
    cx.update(Update::Compared {
        workspace: workspace.id,
        before: Box::new(results::run_row(before.clone())),
        after: Box::new(results::run_row(after.clone())),
        changes,
        n_same: n_new.saturating_sub(n_changed),
    })
    .await;
    Ok(())
}

/// The newest result of each wanted case that there still is, failures with their outputs.
async fn newest(
    world: &World,
    workspace: &Workspace,
    history: &TestHistory,
    sites: &[Site],
    is_wanted: &(dyn Fn(&CaseHistory) -> bool + Sync),
) -> Result<Vec<Finished>, Problem> {
    let complete = results::newest_complete(history, sites);
    let there = history
        .cases
        .iter()
        .filter(|case| !results::is_gone(case, &complete) && is_wanted(case));
    let names: BTreeMap<(&str, &str), i64> = there
        .filter_map(|case| Some(((case.suite.as_str(), case.name.as_str()), case.strip.last()?.run)))
        .collect();
    let of_runs: BTreeSet<i64> = names.values().copied().collect();
    let mut by_case: BTreeMap<(String, String), Finished> = BTreeMap::new();
    let tests = world.store().tests();
    for run in of_runs {
        for row in tests.results(run).await? {
            if names.get(&(row.suite.as_str(), row.name.as_str())) != Some(&run) {
                continue;
            }
            let key = (row.suite.clone(), row.name.clone());
            let row = if row.state == State::Failed {
                tests.result(&workspace.id, &key.0, &key.1, Some(run)).await?.unwrap_or(row)
            } else {
                row
            };
            by_case.extend(results::finished(row, sites).map(|result| (key, result)));
        }
    }
    Ok(by_case.into_values().collect())
}

/// Failures by their error.
pub(super) async fn group(cx: JobCtx, world: World, workspace: Workspace) -> Result<(), Problem> {
    let sites = find_sites(&cx, &world, &workspace).await?;
    let history = world.store().tests().history(&workspace.id).await?;
    let is_failed = |case: &CaseHistory| case.strip.last().is_some_and(|point| point.state == State::Failed);
    let failed = newest(&world, &workspace, &history, &sites, &is_failed).await?;
    let groups = compare::groups(failed.iter().map(|result| (&result.case, result.message.as_str())));
    cx.update(Update::Grouped {
        workspace: workspace.id,
        groups,
    })
    .await;
    Ok(())
}

/// Writes reports of the newest result of every case.
pub(super) async fn report(cx: JobCtx, world: World, workspace: Workspace, to: ReportFiles, lang: Lang) -> Result<(), Problem> {
    let sites = find_sites(&cx, &world, &workspace).await?;
    let history = world.store().tests().history(&workspace.id).await?;
    let found = newest(&world, &workspace, &history, &sites, &|case| !case.strip.is_empty()).await?;
    if found.is_empty() {
        let problem = Problem::user(msg!("test-nothing-to-report")).code("no-tests");
        return Err(problem.hint(msg!("test-not-listed-hint")));
    }
    let sources = source::read(&world, &workspace).await;
    let strips = history.cases.iter().filter_map(|case| {
        let id = CaseId::from_stored(&case.suite, &case.name)?;
        let states = case
            .strip
            .iter()
            .map(|point| if point.flaky { State::Degraded } else { point.state });
        Some((id, states.collect()))
    });
    let kept = coverage_jobs::kept(&world, &workspace).await?;
    let told = Told {
        name: workspace.name.clone(),
        commit: sources.commit,
        is_dirty: sources.dirty.is_some(),
        at: cx.now(),
        strips: strips.collect(),
        coverage: kept.and_then(|kept| kept.covered().percent()),
        results: found,
    };
    let made = cx
        .blocking(move |_| {
            let texts = Catalog::new(lang);
            let junit = report::junit(&told).map_err(|error| Problem::internal(msg!("test-report-failed")).details(error))?;
            let mut made = Vec::new();
            // All or none: what is in the way is told before the first is written.
            for to in [&to.html, &to.junit, &to.badge].into_iter().flatten() {
                files::may_write(to, Some(report::MARK))?;
            }
            for (to, text) in [
                (to.html, report::html(&told, &texts)),
                (to.junit, junit),
                (to.badge, report::badge(&told, &texts)),
            ] {
                if let Some(to) = to {
                    made.push(files::write_out(&to, text.as_bytes(), Some(report::MARK))?);
                }
            }
            Ok(made)
        })
        .await?;
    cx.update(Update::ReportsWritten {
        workspace: workspace.id,
        files: made,
    })
    .await;
    Ok(())
}

/// Runs that are looked through for the newest of each runner.
const GATE_RUNS: u32 = 100;

/// Checks the gates of `chantier.toml`; one that is not reached is the job's failure.
pub(super) async fn gate(cx: JobCtx, world: World, workspace: Workspace) -> Result<(), Problem> {
    let sites = find_sites(&cx, &world, &workspace).await?;
    let root = workspace.root.clone();
    let (project, problems) = cx
        .blocking(move |_| {
            let path = root.join(project::FILE_NAME);
            let text = files::read_text_if_there(&path, files::MAX_TEXT_BYTES)?.unwrap_or_default();
            Ok(project::parse(&text, &path))
        })
        .await?;
    for problem in problems {
        cx.problem(problem).await;
    }
    let gate = if project.test.gate == project::Gate::default() {
        gate::default_gate()
    } else {
        project.test.gate
    };
    let history = world.store().tests().history(&workspace.id).await?;
    let complete = results::newest_complete(&history, &sites);
    let mut facts = Facts::default();
    let is_told = |state: State| matches!(state, State::Done | State::Failed);
    for case in history.cases.iter().filter(|case| !results::is_gone(case, &complete)) {
        // What is skipped or was stopped now neither passes nor fails.
        let Some(last) = case.strip.last().filter(|point| is_told(point.state)) else {
            continue;
        };
        if last.state == State::Done {
            facts.n_passed += 1;
            continue;
        }
        facts.n_failed += 1;
        let mut earlier = case.strip.iter().rev().filter(|point| is_told(point.state)).skip(1);
        if earlier.next().is_none_or(|point| point.state != State::Failed) {
            facts.new_failures.extend(CaseId::from_stored(&case.suite, &case.name));
        }
    }
    let mut newest = BTreeSet::new();
    for run in world.store().tests().runs(&workspace.id, GATE_RUNS).await? {
        let is_there = sites.iter().any(|site| site.runner.word() == run.framework);
        if is_there && newest.insert(run.framework.clone()) && run.state == State::Failed && run.n_failed == 0 {
            facts.broken_off.push(run.framework);
        }
    }
    if let Some(kept) = coverage_jobs::kept(&world, &workspace).await? {
        facts.coverage = kept.covered().percent();
        facts.coverage_before = kept.percent_before;
    }
    let checked = gate::check(&gate, &facts);
    let broken: Vec<_> = checked
        .iter()
        .filter(|rule| !rule.is_met)
        .map(|rule| rule.words.clone())
        .collect();
    cx.update(Update::GateChecked {
        workspace: workspace.id,
        checked,
    })
    .await;
    let Some(words) = broken.first() else { return Ok(()) };
    let problem = Problem::user(words.clone()).code("gate");
    Err(if broken.len() > 1 {
        problem.hint(msg!("test-gate-more", n = broken.len() - 1))
    } else {
        problem
    })
}
