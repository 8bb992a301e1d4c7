//! Looking back: two runs beside each other, failures by what they say, reports for others, gates.

use super::compare::{self, Changed};
use super::frameworks::{CaseId, Finished, Site};
use super::gate::{self, Facts};
use super::jobs::{ALL, find_sites};
use super::report::{self, Told};
use super::{RunRow, Update, coverage_jobs, import, results, source};
use crate::adapters::store::tests::{CaseHistory, TestHistory, TestRunRow};
use crate::adapters::{World, files};
use crate::areas::JobCtx;
use crate::areas::devops::project;
use crate::base::{Catalog, JobId, Lang, Problem, State, Workspace, WriteTo};
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

/// The results of runs that belong together, oldest first, without their outputs; of a case that two of them tell the later one stands.
async fn results_of(world: &World, runs: &[TestRunRow]) -> Result<Vec<Finished>, Problem> {
    let mut by_case: BTreeMap<(String, String), Finished> = BTreeMap::new();
    for run in runs {
        for row in world.store().tests().results(run.id).await? {
            let key = (row.suite.clone(), row.name.clone());
            by_case.extend(results::finished(row, &[]).map(|result| (key, result)));
        }
    }
    Ok(by_case.into_values().collect())
}

/// It did not come to its end, and no failed test says why: nobody knows what the rest of its tests would have said.
fn is_broken_off(run: &TestRunRow) -> bool {
    match run.state {
        State::Done => false,
        State::Failed => run.n_failed == 0,
        _ => true,
    }
}

fn is_whole(run: &TestRunRow) -> bool {
    run.title == ALL && !is_broken_off(run)
}

/// The run that a number or a commit means.
fn find_run<'a>(runs: &'a [TestRunRow], word: &str, of_runner: Option<&str>) -> Option<&'a TestRunRow> {
    if let Some(run) = numbered(runs, word) {
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

fn numbered<'a>(runs: &'a [TestRunRow], word: &str) -> Option<&'a TestRunRow> {
    let id = word.trim_start_matches('#').parse::<i64>().ok()?;
    runs.iter().find(|run| run.id == id)
}

/// The order that a run was of: the job that runs every site has a child per site.
async fn order_of(world: &World, run: &TestRunRow) -> Result<Option<JobId>, Problem> {
    let Some(job) = run.job else { return Ok(None) };
    let row = world.store().jobs().get(job).await?;
    Ok(Some(row.and_then(|row| row.parent).unwrap_or(job)))
}

/// The runs at the head of a list, newest first, that one order made: a run of everything makes one per site. Given oldest first.
async fn of_one_order(world: &World, runs: &[TestRunRow]) -> Result<Vec<TestRunRow>, Problem> {
    let Some(first) = runs.first() else { return Ok(Vec::new()) };
    let order = order_of(world, first).await?;
    let mut found = vec![first.clone()];
    for run in &runs[1..] {
        if order.is_none() || run.title != first.title || order_of(world, run).await? != order {
            break;
        }
        found.push(run.clone());
    }
    found.reverse();
    Ok(found)
}

/// The newest order to run everything. One that came before has to be whole, and of a runner that both have.
async fn newest_order(
    world: &World,
    runs: &[TestRunRow],
    later: Option<&[TestRunRow]>,
) -> Result<Option<Vec<TestRunRow>>, Problem> {
    let mut rest = runs;
    while let Some(at) = rest.iter().position(|run| run.title == ALL) {
        let found = of_one_order(world, &rest[at..]).await?;
        rest = &rest[at + found.len()..];
        let is_meant = match later {
            None => found.iter().any(is_whole),
            Some(later) => {
                let is_shared = |run: &TestRunRow| later.iter().any(|other| other.framework == run.framework);
                found.iter().all(is_whole) && found.iter().any(is_shared)
            }
        };
        if is_meant {
            return Ok(Some(found));
        }
    }
    Ok(None)
}

/// The runs that a word means: the one with this number, or what one order ran at this commit.
async fn named_runs(
    world: &World,
    runs: &[TestRunRow],
    word: &str,
    of_runner: Option<&str>,
    joins: bool,
) -> Result<Vec<TestRunRow>, Problem> {
    let missing = || Problem::user(msg!("test-no-run", run = word)).code("not-found");
    let found = find_run(runs, word, of_runner).ok_or_else(missing)?;
    if !joins {
        return Ok(vec![found.clone()]);
    }
    let mut at = runs.iter().position(|run| run.id == found.id).unwrap_or_default();
    // Later ones of the same order stand before it.
    let order = order_of(world, found).await?;
    while at > 0 && order.is_some() && runs[at - 1].title == found.title && order_of(world, &runs[at - 1]).await? == order {
        at -= 1;
    }
    of_one_order(world, &runs[at..]).await
}

/// Runs of one order as one, under the number of the last. A case that two of them tell counts once.
fn joined(runs: &[TestRunRow], results: &[Finished]) -> Option<RunRow> {
    let (last, others) = runs.split_last()?;
    let mut row = results::run_row(last.clone());
    if others.is_empty() {
        return Some(row);
    }
    let words: BTreeSet<&str> = runs.iter().map(|run| run.framework.as_str()).collect();
    row.runner = words.into_iter().collect::<Vec<_>>().join(", ");
    for run in others {
        row.started_at = row.started_at.min(run.started_at);
        row.duration_ms += run.duration_ms;
        if run.state != State::Done {
            row.state = run.state;
        }
    }
    let n_of = |is_meant: &dyn Fn(&Finished) -> bool| results.iter().filter(|result| is_meant(result)).count() as u32;
    row.n_passed = n_of(&|result| result.state == State::Done);
    row.n_skipped = n_of(&|result| matches!(result.state, State::Skipped | State::None));
    row.n_failed = results.len() as u32 - row.n_passed - row.n_skipped;
    row.n_flaky = n_of(&|result| result.flaky);
    Some(row)
}

/// Two runs: those that are named, else the newest of everything and the one before it, each with all its sites.
pub(super) async fn compare(
    cx: JobCtx,
    world: World,
    workspace: Workspace,
    before: Option<String>,
    after: Option<String>,
) -> Result<(), Problem> {
    let runs = world.store().tests().runs(&workspace.id, RUNS).await?;
    let nothing = || Problem::user(msg!("test-nothing-to-compare")).code("not-found");
    // A number means one run of one site, and is compared with one of the same.
    let numbers = [&before, &after].map(|word| word.as_deref().and_then(|word| numbered(&runs, word)));
    let sites = world.store().tests().sites(&workspace.id).await?;
    let site_of = |run: &TestRunRow| {
        sites
            .iter()
            .find(|(_, site)| site.runs.contains(&run.id))
            .map(|(name, _)| name)
    };
    let one = numbers.iter().copied().flatten().next();
    let joins = one.is_none();
    let like: Vec<TestRunRow> = match one {
        Some(one) => {
            let is_like = |run: &&TestRunRow| run.framework == one.framework && site_of(run) == site_of(one);
            let number = |run: &TestRunRow| numbers.iter().flatten().any(|numbered| numbered.id == run.id);
            runs.iter().filter(|run| number(run) || is_like(run)).cloned().collect()
        }
        None => runs,
    };
    let after = match &after {
        Some(word) => named_runs(&world, &like, word, None, joins).await?,
        None if joins => newest_order(&world, &like, None).await?.ok_or_else(nothing)?,
        None => vec![like.iter().find(|run| is_whole(run)).ok_or_else(nothing)?.clone()],
    };
    let of_runner = after.last().map(|run| run.framework.as_str());
    let before = match &before {
        Some(word) => named_runs(&world, &like, word, of_runner, joins).await?,
        None => {
            let oldest = after.first().map_or(i64::MAX, |run| run.id);
            let at = like.iter().position(|run| run.id < oldest).unwrap_or(like.len());
            newest_order(&world, &like[at..], Some(&after)).await?.ok_or_else(nothing)?
        }
    };
    let old = results_of(&world, &before).await?;
    let new = results_of(&world, &after).await?;
    let (Some(first), Some(second)) = (joined(&before, &old), joined(&after, &new)) else {
        return Err(nothing());
    };
    let n_new = new.len() as u64;
    let changes: Vec<Changed> = compare::compare(old, new, after.iter().all(is_whole));
    let n_changed = changes.iter().filter(|changed| changed.after.is_some()).count() as u64;
    cx.update(Update::Compared {
        workspace: workspace.id,
        before: Box::new(first),
        after: Box::new(second),
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
    let (project, problems) = cx.blocking(move |_| project::read(&root)).await?;
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
    let runs = world.store().tests().runs(&workspace.id, GATE_RUNS).await?;
    let mut broken_off = BTreeSet::new();
    for site in &sites {
        let own = history.sites.get(&site.name()).and_then(|of_site| of_site.runs.last());
        let newest = match own {
            Some(run) => world.store().tests().run(*run).await?,
            // Nobody remembers one of it: its runner's newest speaks for it.
            None => runs.iter().find(|run| run.framework == site.runner.word()).cloned(),
        };
        if newest.is_some_and(|run| is_broken_off(&run)) {
            let word = site.runner.word();
            broken_off.insert(if site.dir.as_os_str().is_empty() {
                word.to_owned()
            } else {
                format!("{word} ({})", site.dir_word())
            });
        }
    }
    // What was taken over has no site.
    let taken_over = runs.iter().find(|run| run.framework == import::RUNNER);
    if taken_over.is_some_and(is_broken_off) {
        broken_off.insert(import::RUNNER.to_owned());
    }
    facts.broken_off = broken_off.into_iter().collect();
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
