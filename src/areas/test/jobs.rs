//! What Test does: one async function per command.

use super::frameworks::{CaseId, Finished, Limits, Selection, Site, cargo_test, detect};
use super::model::named;
use super::source;
use super::{Command, RunRow, Update, What, changed, import, listing, results, runs};
use crate::adapters::store::tests::{CaseHistory, TestHistory};
use crate::adapters::{World, scan};
use crate::areas::{JobCtx, JobSpec};
use crate::base::{Msg, Problem, State, Workspace};
use crate::engine::Overlap;
use crate::msg;

const AREA: &str = "test";
/// Rows per update.
pub(super) const PAGE: usize = 500;
/// Runs that the list shows.
const RUNS: u32 = 500;
/// Results of one case that its history shows.
const HISTORY: u32 = 30;

/// The job of a command.
pub fn plan(world: &World, command: Command) -> JobSpec {
    let world = world.clone();
    match command {
        Command::Refresh { workspace } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("test-job-refresh"), move |cx| refresh(cx, world, workspace))
                .workspace(&id)
                .key(format!("test/refresh/{id}"), Overlap::Latest)
                .quiet()
        }
        Command::List { workspace } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("test-job-list", name = workspace.name.as_str()), move |cx| {
                list(cx, world, workspace)
            })
            .workspace(&id)
            .key(format!("test/run/{id}"), Overlap::Latest)
        }
        Command::Run { workspace, what, limits } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, title_of(&what, &workspace), move |cx| {
                run(cx, world, workspace, what, limits)
            })
            .workspace(&id)
            .key(format!("test/run/{id}"), Overlap::Refuse)
        }
        Command::Import { workspace, file } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("test-job-import", file = file.as_path()), move |cx| {
                import::import(cx, world, workspace, file)
            })
            .workspace(&id)
        }
        Command::ShowCase { workspace, case, run } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("test-job-show"), move |cx| {
                show_case(cx, world, workspace, case, run)
            })
            .workspace(&id)
            .key("test/case", Overlap::Latest)
            .quiet()
        }
        Command::ShowNamed { workspace, name } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("test-job-show"), move |cx| show_named(cx, world, workspace, name))
                .workspace(&id)
                .quiet()
        }
        Command::ShowRun { workspace, run } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("test-job-show"), move |cx| show_run(cx, world, workspace, run))
                .workspace(&id)
                .key("test/run-shown", Overlap::Latest)
                .quiet()
        }
    }
}

fn title_of(what: &What, workspace: &Workspace) -> Msg {
    let name = workspace.name.as_str();
    match what {
        What::All => msg!("test-job-run-all", name = name),
        What::Failed => msg!("test-job-run-failed", name = name),
        What::Named(words) => msg!("test-job-run-named", names = words.join(", ")),
        What::Changed(_) => msg!("test-job-run-changed", name = name),
        What::Cases(cases) if cases.len() == 1 => msg!("test-job-run-named", names = cases[0].name.as_str()),
        What::Cases(cases) => msg!("test-job-run-some", n = cases.len()),
    }
}

/// What was asked for, as the ledger keeps it.
fn words_of(what: &What) -> String {
    match what {
        What::All => "all".to_owned(),
        What::Failed => "failed".to_owned(),
        What::Changed(None) => "changed".to_owned(),
        What::Changed(Some(revision)) => format!("changed {revision}"),
        What::Named(words) => words.join(" "),
        What::Cases(cases) => cases
            .iter()
            .take(20)
            .map(|case| case.name.as_str())
            .collect::<Vec<_>>()
            .join(" "),
    }
}

async fn find_sites(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<Vec<Site>, Problem> {
    let root = workspace.root.clone();
    let has_nextest = world.processes().resolve("cargo-nextest", Some(&root)).is_ok();
    let (sites, problems) = cx
        .blocking(move |cx| Ok(detect::sites(&root, has_nextest, &|| cx.is_cancelled())))
        .await?;
    for problem in problems {
        cx.problem(problem).await;
    }
    let update = Update::SitesFound {
        workspace: workspace.id.clone(),
        sites: sites.clone(),
    };
    cx.update(update).await;
    Ok(sites)
}

async fn refresh(cx: JobCtx, world: World, workspace: Workspace) -> Result<(), Problem> {
    let id = workspace.id.clone();
    cx.update(Update::Loading { workspace: id.clone() }).await;
    let loaded = async {
        let history = world.store().tests().history(&id).await?;
        let runs = world.store().tests().runs(&id, RUNS).await?;
        Ok((history, runs))
    };
    let (loaded, sites) = tokio::join!(loaded, find_sites(&cx, &world, &workspace));
    let (history, runs) = match loaded {
        Ok(loaded) => loaded,
        Err(problem) => {
            let update = Update::LoadFailed {
                workspace: id,
                problem: Problem::clone(&problem),
            };
            cx.update(update).await;
            return Err(problem);
        }
    };
    let known = sites.as_deref().unwrap_or_default();
    send_history(&cx, &workspace, &history, known).await;
    cx.update(Update::RunsLoaded {
        workspace: id,
        runs: runs.into_iter().map(results::run_row).collect(),
    })
    .await;
    sites.map(drop)
}

/// The cases that there are still, with their last results.
async fn send_history(cx: &JobCtx, workspace: &Workspace, history: &TestHistory, sites: &[Site]) {
    let complete = results::newest_complete(history, sites);
    let there = history.cases.iter().filter(|case| !results::is_gone(case, &complete));
    let rows: Vec<_> = there.filter_map(results::case_row).collect();
    let n_pages = rows.len().div_ceil(PAGE).max(1);
    let mut rows = rows.into_iter();
    for page in 0..n_pages {
        cx.update(Update::CasesLoaded {
            workspace: workspace.id.clone(),
            cases: rows.by_ref().take(PAGE).collect(),
            is_first: page == 0,
            is_last: page + 1 == n_pages,
        })
        .await;
    }
}

fn no_sites() -> Problem {
    Problem::user(msg!("test-no-sites"))
        .code("no-tests")
        .hint(msg!("test-no-sites-hint"))
}

async fn list(cx: JobCtx, world: World, workspace: Workspace) -> Result<(), Problem> {
    world.trust().check(&workspace)?;
    let history = world.store().tests().history(&workspace.id).await?;
    let sites = find_sites(&cx, &world, &workspace).await?;
    send_history(&cx, &workspace, &history, &sites).await;
    list_cases(&cx, &world, &workspace, &history, &sites).await.map(drop)
}

/// Asks every tool; a tool that fails does not hide what the others say.
async fn list_cases(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    history: &TestHistory,
    sites: &[Site],
) -> Result<Vec<CaseId>, Problem> {
    let complete = results::newest_complete(history, sites);
    let mut found = Vec::new();
    let mut failure = None;
    for site in sites {
        if !site.runner.can_list() {
            // Those that it told when it ran.
            let there = history.cases.iter().filter(|case| !results::is_gone(case, &complete));
            let known = there.filter_map(|case| CaseId::from_stored(&case.suite, &case.name));
            let before = found.len();
            found.extend(known.filter(|case| site.tells(case)));
            if found.len() == before {
                let problem = Problem::user(msg!("test-not-listed", runner = site.runner.word(), dir = site.dir_word()));
                cx.problem(problem.code("not-listed").hint(msg!("test-not-listed-hint")))
                    .await;
            }
            continue;
        }
        let trouble = match listing::list_site(cx, world, workspace, site).await {
            Ok((cases, trouble)) => {
                found.extend(cases);
                trouble
            }
            Err(problem) if problem.is_cancelled() => return Err(problem),
            Err(problem) => Some(problem),
        };
        match (trouble, &failure) {
            (Some(problem), Some(_)) => cx.problem(problem).await,
            (Some(problem), None) => failure = Some(problem),
            (None, _) => {}
        }
    }
    if sites.is_empty() {
        return Err(no_sites());
    }
    found.sort();
    found.dedup();
    let mut pages = found.chunks(PAGE).map(<[CaseId]>::to_vec);
    let mut is_first = true;
    loop {
        let cases = pages.next();
        if cases.is_none() && !is_first {
            break;
        }
        let update = Update::CasesListed {
            workspace: workspace.id.clone(),
            cases: cases.unwrap_or_default(),
            is_first,
        };
        cx.update(update).await;
        is_first = false;
    }
    failure.map_or(Ok(found), Err)
}

async fn run(cx: JobCtx, world: World, workspace: Workspace, what: What, limits: Limits) -> Result<(), Problem> {
    world.trust().check(&workspace)?;
    cx.update(Update::JobStarted {
        workspace: workspace.id.clone(),
        job: cx.id(),
    })
    .await;
    let result = Box::pin(run_sites(&cx, &world, &workspace, &what, &limits)).await;
    cx.update(Update::JobEnded {
        workspace: workspace.id.clone(),
        job: cx.id(),
    })
    .await;
    result
}

async fn run_sites(cx: &JobCtx, world: &World, workspace: &Workspace, what: &What, limits: &Limits) -> Result<(), Problem> {
    let tests = world.store().tests();
    let (sites, state, history) = tokio::join!(
        find_sites(cx, world, workspace),
        source::read(world, workspace),
        tests.history(&workspace.id)
    );
    let (sites, history) = (sites?, history?);
    if sites.is_empty() {
        return Err(no_sites());
    }
    let sources = source::stamp(cx, state).await;
    let known = known_names(&history.cases);
    let plans: Vec<(Site, Selection)> = if let What::Changed(against) = what {
        let touched = changed::choose(cx, world, workspace, against.as_deref(), &sites).await?;
        let update = Update::Chosen {
            workspace: workspace.id.clone(),
            reasons: touched.reasons,
        };
        cx.update(update).await;
        if touched.plans.is_empty() {
            cx.problem(Problem::user(msg!("test-none-changed")).code("no-tests")).await;
            return Ok(());
        }
        touched.plans
    } else {
        let chosen = choose(cx, world, workspace, what, &history, &sites).await?;
        sites
            .iter()
            .filter_map(|site| Some((site.clone(), selection_for(site, &sites, chosen.as_deref())?)))
            .collect()
    };
    let title = words_of(what);
    let mut ended: Vec<RunRow> = Vec::new();
    let mut first_failure: Option<Finished> = None;
    let mut trouble = None;
    let is_alone = plans.len() == 1;
    for (site, selection) in plans {
        cx.check()?;
        let job = runs::SiteRun {
            world: world.clone(),
            workspace: workspace.clone(),
            site,
            selection,
            title: title.clone(),
            sources: sources.clone(),
            known: known.clone(),
            limits: limits.clone(),
        };
        let outcome = if is_alone {
            Box::pin(job.run(cx.clone())).await
        } else {
            Box::pin(spanned(cx, job)).await
        };
        match outcome {
            Ok(end) => {
                ended.push(end.run);
                first_failure = first_failure.or(end.first_failure);
                trouble = trouble.or(end.trouble);
            }
            Err(problem) if problem.is_cancelled() => return Err(problem),
            // The other sites are run all the same.
            Err(problem) => trouble = trouble.or(Some(problem)),
        }
    }
    // What everything does not have any more is not shown any more.
    let n_now: usize = ended.iter().map(|run| run.n_cases() as usize).sum();
    if *what == What::All && history.cases.len() > n_now {
        let history = tests.history(&workspace.id).await?;
        send_history(cx, workspace, &history, &sites).await;
    }
    verdict(cx, &ended, first_failure, trouble).await
}

/// A child job per site, so that each has its own command line, log and end.
async fn spanned(cx: &JobCtx, job: runs::SiteRun) -> Result<runs::SiteEnd, Problem> {
    let title = msg!("test-job-site", runner = job.site.runner.word(), dir = job.site.dir_word());
    let end = std::sync::Arc::new(std::sync::Mutex::new(None));
    let kept = std::sync::Arc::clone(&end);
    let result = cx
        .span(title, move |child| async move {
            let site_end = Box::pin(job.run(child)).await?;
            let problem = site_end.problem();
            *kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(site_end);
            problem.map_or(Ok(()), Err)
        })
        .await;
    // Failed tests fail the child, and are told once more by its parent as a sum.
    let kept = end.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
    match (kept, result) {
        (Some(end), _) => Ok(end),
        (None, Err(problem)) => Err(problem),
        (None, Ok(())) => Err(Problem::cancelled()),
    }
}

async fn verdict(cx: &JobCtx, ended: &[RunRow], first: Option<Finished>, trouble: Option<Problem>) -> Result<(), Problem> {
    let n_failed: u32 = ended.iter().map(|run| run.n_failed).sum();
    let n_cases: u32 = ended.iter().map(RunRow::n_cases).sum();
    if n_failed > 0 {
        return Err(failed(n_failed, n_cases, first.as_ref()));
    }
    if let Some(problem) = trouble {
        return Err(problem);
    }
    if n_cases == 0 {
        cx.problem(
            Problem::user(msg!("test-none-found"))
                .code("no-tests")
                .hint(msg!("test-none-found-hint")),
        )
        .await;
    }
    Ok(())
}

/// "3 of 25 tests failed", with the first of them.
pub(super) fn failed(n_failed: u32, n_cases: u32, first: Option<&Finished>) -> Problem {
    let mut problem = Problem::user(msg!("test-failed", failed = n_failed, total = n_cases)).code("tests-failed");
    if let Some(first) = first {
        problem = problem.details(format!("{}\n{}", first.case.text(), first.message));
        problem.place.clone_from(&first.place);
    }
    problem
}

/// The cases that are meant; None means all.
async fn choose(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    what: &What,
    history: &TestHistory,
    sites: &[Site],
) -> Result<Option<Vec<CaseId>>, Problem> {
    let complete = results::newest_complete(history, sites);
    let ids = |wanted: &dyn Fn(&CaseHistory) -> bool| -> Vec<CaseId> {
        let there = history.cases.iter().filter(|case| !results::is_gone(case, &complete));
        let wanted = there.filter(|case| wanted(case));
        wanted
            .filter_map(|case| CaseId::from_stored(&case.suite, &case.name))
            .collect()
    };
    match what {
        What::All | What::Changed(_) => Ok(None),
        What::Cases(cases) => Ok(Some(cases.clone())),
        What::Failed => {
            let failed = ids(&|case| case.strip.last().is_some_and(|point| point.state == State::Failed));
            if failed.is_empty() {
                return Err(Problem::user(msg!("test-none-failed"))
                    .code("no-tests")
                    .hint(msg!("test-none-failed-hint")));
            }
            Ok(Some(failed))
        }
        What::Named(words) => {
            let known = ids(&|_| true);
            let mut found = named(known.iter(), words);
            if found.is_empty() {
                // Perhaps it is new: the tools know.
                let listed = list_cases(cx, world, workspace, history, sites).await?;
                found = named(listed.iter(), words);
            }
            if found.is_empty() {
                return Err(Problem::user(msg!("test-no-such", names = words.join(", ")))
                    .code("not-found")
                    .hint(msg!("test-no-such-hint")));
            }
            Ok(Some(found))
        }
    }
}

fn known_names(cases: &[CaseHistory]) -> cargo_test::Known {
    let mut known = cargo_test::Known::new();
    for case in cases {
        if let Some(suite) = case.suite.strip_prefix("cargo/") {
            known.entry(suite.to_owned()).or_default().insert(case.name.clone());
        }
    }
    known
}

/// What of the chosen cases this site runs; None when it has none of them.
fn selection_for(site: &Site, sites: &[Site], chosen: Option<&[CaseId]>) -> Option<Selection> {
    let Some(chosen) = chosen else { return Some(Selection::All) };
    let framework = site.runner.framework();
    let is_only = sites.iter().filter(|other| other.runner.framework() == framework).count() == 1;
    let is_here = |case: &&CaseId| {
        site.tells(case) && (is_only || !framework.has_file_suites() || std::path::Path::new(&case.suite).starts_with(&site.dir))
    };
    let mine: Vec<CaseId> = chosen.iter().filter(is_here).cloned().collect();
    if mine.is_empty() {
        return None;
    }
    Some(if site.runner.can_select() {
        Selection::Cases(mine)
    } else {
        Selection::All
    })
}

async fn show_case(cx: JobCtx, world: World, workspace: Workspace, case: CaseId, run: Option<i64>) -> Result<(), Problem> {
    let root = workspace.root.clone();
    let has_nextest = world.processes().resolve("cargo-nextest", Some(&root)).is_ok();
    let (sites, _) = cx
        .blocking(move |cx| Ok(detect::sites(&root, has_nextest, &|| cx.is_cancelled())))
        .await?;
    let tests = world.store().tests();
    let suite = case.stored_suite();
    let Some(row) = tests.result(&workspace.id, &suite, &case.name, run).await? else {
        return Err(Problem::user(msg!("test-no-such", names = case.text()))
            .code("not-found")
            .hint(msg!("test-no-such-hint")));
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

async fn show_named(cx: JobCtx, world: World, workspace: Workspace, name: String) -> Result<(), Problem> {
    let history = world.store().tests().history(&workspace.id).await?;
    let known: Vec<CaseId> = history
        .cases
        .iter()
        .filter_map(|case| CaseId::from_stored(&case.suite, &case.name))
        .collect();
    let found = named(known.iter(), std::slice::from_ref(&name));
    match found.as_slice() {
        [one] => show_case(cx, world, workspace, one.clone(), None).await,
        [] => Err(Problem::user(msg!("test-no-such", names = name))
            .code("not-found")
            .hint(msg!("test-no-such-hint"))),
        several => {
            let names: Vec<String> = several.iter().take(20).map(CaseId::text).collect();
            Err(Problem::user(msg!("test-several", name = name, n = several.len()))
                .code("ambiguous")
                .details(names.join("\n")))
        }
    }
}

/// Failures first; at most a page of the rest.
async fn show_run(cx: JobCtx, world: World, workspace: Workspace, run: i64) -> Result<(), Problem> {
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
