//! What is remembered of one case or one run, told.

use super::frameworks::{CaseId, Finished, Site, detect};
use super::jobs::{PAGE, find_sites, no_such};
use super::model::named;
use super::{Update, results};
use crate::adapters::store::tests::{CaseHistory, TestHistory};
use crate::adapters::{World, scan};
use crate::areas::JobCtx;
use crate::base::{Problem, State, Workspace};
use crate::msg;

/// Results of one case that its history shows.
const HISTORY: u32 = 30;

pub(super) async fn show_case(
    cx: JobCtx,
    world: World,
    workspace: Workspace,
    case: CaseId,
    run: Option<i64>,
) -> Result<(), Problem> {
    let root = workspace.root.clone();
    let has_nextest = world.processes().resolve("cargo-nextest", Some(&root)).is_ok();
    let (sites, _) = cx
        .blocking(move |cx| Ok(detect::sites(&root, has_nextest, &|| cx.is_cancelled())))
        .await?;
    let tests = world.store().tests();
    let suite = case.stored_suite();
    let Some(row) = tests.result(&workspace.id, &suite, &case.name, run).await? else {
        return Err(no_such(&case.text()));
    };
    let past = tests.case_results(&workspace.id, &suite, &case.name, HISTORY).await?;
    let output_bytes = row.output_bytes;
    let Some(result) = results::finished(row, &sites) else {
        return Ok(());
    };
    let failing = past.iter().take_while(|(_, result)| result.state == State::Failed).last();
    let place = result.place.clone();
    let root = workspace.root.clone();
    let of_run = past
        .iter()
        .find(|(row, _)| run.is_none_or(|run| row.id == run))
        .map(|(row, _)| row.clone());
    let as_of = of_run.as_ref().map_or(cx.now(), |row| row.ended_at.unwrap_or(row.started_at));
    let lines = cx
        .blocking(move |_| {
            let at = place.as_ref().and_then(|place| Some((place, place.line?)));
            Ok(at
                .map(|(place, line)| scan::lines_as_of(&root, &place.path, line, 3, as_of.into()))
                .unwrap_or_default())
        })
        .await?;
    let detail = super::CaseDetail {
        run: of_run.map(results::run_row),
        failing_since: failing.map(|(row, _)| results::run_row(row.clone())),
        history: past.iter().map(|(run, result)| results::past(run, result)).collect(),
        written_at: None,
        result,
        lines,
        output_bytes,
    };
    cx.update(Update::CaseShown {
        workspace: workspace.id,
        case: Box::new(detail),
    })
    .await;
    Ok(())
}

pub(super) async fn show_named(cx: JobCtx, world: World, workspace: Workspace, name: String) -> Result<(), Problem> {
    let sites = find_sites(&cx, &world, &workspace).await?;
    let history = world.store().tests().history(&workspace.id).await?;
    let (case, gone_since) = meant(&history, &sites, &name)?;
    if let Some(run) = gone_since {
        cx.problem(Problem::user(msg!("test-gone", name = case.text(), run = run)).code("gone"))
            .await;
    }
    show_case(cx, world, workspace, case, None).await
}

/// The one test that a name means: of those that there still are, else of those that are gone, with the run that did not have it any more.
pub(super) fn meant(history: &TestHistory, sites: &[Site], name: &str) -> Result<(CaseId, Option<i64>), Problem> {
    let complete = results::newest_complete(history, sites);
    let of = |is_gone: bool| {
        let cases = history.cases.iter();
        let cases = cases.filter(|case| results::gone_since(case, &complete).is_some() == is_gone);
        let known: Vec<CaseId> = cases
            .filter_map(|case| CaseId::from_stored(&case.suite, &case.name))
            .collect();
        named(known.iter(), &[name.to_owned()])
    };
    let there = of(false);
    let (found, is_gone) = if there.is_empty() { (of(true), true) } else { (there, false) };
    match found.as_slice() {
        [one] => {
            let is_it = |case: &&CaseHistory| CaseId::from_stored(&case.suite, &case.name).as_ref() == Some(one);
            let case = history.cases.iter().find(is_it).filter(|_| is_gone);
            Ok((one.clone(), case.and_then(|case| results::gone_since(case, &complete))))
        }
        [] => Err(no_such(name)),
        several => {
            let names: Vec<String> = several.iter().take(20).map(CaseId::text).collect();
            Err(Problem::user(msg!("test-several", name = name, n = several.len()))
                .code("ambiguous")
                .details(names.join("\n")))
        }
    }
}

/// Failures first; at most a page of the rest.
pub(super) async fn show_run(cx: JobCtx, world: World, workspace: Workspace, run: i64) -> Result<(), Problem> {
    let Some(row) = world.store().tests().run(run).await? else {
        return Err(Problem::user(msg!("test-no-run", run = run)).code("not-found"));
    };
    let mut found: Vec<Finished> = world
        .store()
        .tests()
        .results(run)
        .await?
        .into_iter()
        .filter_map(|row| results::finished(row, &[]))
        .collect();
    found.sort_by_key(|result| result.state != State::Failed);
    found.truncate(PAGE);
    cx.update(Update::RunShown {
        workspace: workspace.id,
        run: Box::new(results::run_row(row)),
        results: found,
    })
    .await;
    Ok(())
}
