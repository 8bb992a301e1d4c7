//! What is remembered of one case or one run, told.

use super::frameworks::{CaseId, Finished, detect};
use super::jobs::{PAGE, no_such};
use super::model::named;
use super::{Update, results};
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
    let history = world.store().tests().history(&workspace.id).await?;
    let known: Vec<CaseId> = history
        .cases
        .iter()
        .filter_map(|case| CaseId::from_stored(&case.suite, &case.name))
        .collect();
    let found = named(known.iter(), std::slice::from_ref(&name));
    match found.as_slice() {
        [one] => show_case(cx, world, workspace, one.clone(), None).await,
        [] => Err(no_such(&name)),
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
