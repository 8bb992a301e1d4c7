//! What Test does: one async function per command.

use super::choosing::{choose, known_names, red_first, selection_for, with_rules};
use super::frameworks::{CaseId, Finished, Limits, Selection, Site, detect};
use super::source;
use super::{
    Command, RunRow, Update, What, changed, coverage_jobs, debugging, flaky, import, listing, looking, plans, results, runs,
    showing,
};
use crate::adapters::World;
use crate::adapters::store::tests::TestHistory;
use crate::areas::{JobCtx, JobSpec};
use crate::base::{Msg, Problem, Workspace};
use crate::engine::Overlap;
use crate::msg;

const AREA: &str = "test";
/// The title of a run of everything.
pub(super) const ALL: &str = "all";
/// Rows per update.
pub(super) const PAGE: usize = 500;
/// Runs that the list shows.
const RUNS: u32 = 500;

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
                showing::show_case(cx, world, workspace, case, run)
            })
            .workspace(&id)
            .key("test/case", Overlap::Latest)
            .quiet()
        }
        Command::ShowNamed { workspace, name } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("test-job-show"), move |cx| {
                showing::show_named(cx, world, workspace, name)
            })
            .workspace(&id)
            .quiet()
        }
        Command::ShowRun { workspace, run } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("test-job-show"), move |cx| {
                showing::show_run(cx, world, workspace, run)
            })
            .workspace(&id)
            .key("test/run-shown", Overlap::Latest)
            .quiet()
        }
        command => plan_more(world, command),
    }
}

/// The commands that look back, or at plans and coverage.
fn plan_more(world: World, command: Command) -> JobSpec {
    match command {
        Command::Compare {
            workspace,
            before,
            after,
        } => quiet(workspace, move |cx, workspace| {
            looking::compare(cx, world, workspace, before, after)
        }),
        Command::Group { workspace } => quiet(workspace, move |cx, workspace| looking::group(cx, world, workspace)),
        Command::Gate { workspace } => quiet(workspace, move |cx, workspace| looking::gate(cx, world, workspace)),
        Command::ReadPlans { workspace } => quiet(workspace, move |cx, workspace| async move {
            let history = world.store().tests().history(&workspace.id).await?;
            send_history(&cx, &workspace, &history, &[]).await;
            plans::load(&cx, &workspace).await.map(drop)
        }),
        Command::ShowCoverage { workspace, against } => quiet(workspace, move |cx, workspace| {
            coverage_jobs::show(cx, world, workspace, against)
        }),
        Command::LoadCoverage { workspace } => quiet(workspace, move |cx, workspace| coverage_jobs::load(cx, world, workspace)),
        Command::Flaky { workspace, name, repeat } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("test-job-flaky", name = name.as_str()), move |cx| {
                flaky::run(cx, world, workspace, name, repeat)
            })
            .workspace(&id)
            .key(format!("test/run/{id}"), Overlap::Refuse)
        }
        Command::Debug { workspace, name, opens } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("test-job-debug", name = name.as_str()), move |cx| {
                debugging::debug(cx, world, workspace, name, opens)
            })
            .workspace(&id)
            .key(format!("test/run/{id}"), Overlap::Refuse)
        }
        Command::Report { workspace, to, lang } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("test-job-report", name = workspace.name.as_str()), move |cx| {
                looking::report(cx, world, workspace, to, lang)
            })
            .workspace(&id)
        }
        Command::ImportCoverage { workspace, file } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("test-job-import", file = file.as_path()), move |cx| {
                coverage_jobs::import(cx, world, workspace, file)
            })
            .workspace(&id)
        }
        Command::RecordPlan {
            workspace,
            plan,
            case,
            state,
            note,
            evidence,
        } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("test-job-record", name = case.as_str()), move |cx| {
                let record = plans::Record {
                    plan,
                    case,
                    state,
                    note,
                    evidence,
                };
                plans::record(cx, world, workspace, record)
            })
            .workspace(&id)
        }
        Command::RunPlan { workspace, plan, case } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("test-job-plan", name = plan.as_str()), move |cx| {
                plans::run(cx, world, workspace, plan, case)
            })
            .workspace(&id)
            .key(format!("test/run/{id}"), Overlap::Refuse)
        }
        // Every other one is planned above.
        Command::Refresh { workspace }
        | Command::List { workspace }
        | Command::Run { workspace, .. }
        | Command::Import { workspace, .. }
        | Command::ShowCase { workspace, .. }
        | Command::ShowNamed { workspace, .. }
        | Command::ShowRun { workspace, .. } => quiet(workspace, |_, _| async { Ok(()) }),
    }
}

fn quiet<F>(workspace: Workspace, run: impl FnOnce(JobCtx, Workspace) -> F + Send + 'static) -> JobSpec
where
    F: Future<Output = Result<(), Problem>> + Send + 'static,
{
    let id = workspace.id.clone();
    JobSpec::new(AREA, msg!("test-job-show"), move |cx| run(cx, workspace))
        .workspace(&id)
        .quiet()
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
        What::All => ALL.to_owned(),
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

pub(super) async fn find_sites(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<Vec<Site>, Problem> {
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
    let sources = source::read(&world, &workspace).await;
    cx.update(Update::SourcesRead {
        workspace: id.clone(),
        commit: sources.commit,
        dirty: sources.dirty,
    })
    .await;
    plans::load(&cx, &workspace).await?;
    let reports: std::collections::BTreeMap<String, flaky::Report> =
        world.store().kv().get(&flaky::kv_name(&workspace)).await?.unwrap_or_default();
    cx.update(Update::FlakyLoaded {
        workspace: id.clone(),
        reports: reports.into_values().collect(),
    })
    .await;
    cx.update(Update::LeaksFound {
        workspace: id.clone(),
        run: None,
        leaks: super::leaks::kept(&world, &workspace).await?,
    })
    .await;
    // A workspace without coverage has none to tell.
    coverage_jobs::load(cx.clone(), world.clone(), workspace.clone()).await?;
    cx.update(Update::RunsLoaded {
        workspace: id,
        runs: results::run_rows(runs, &history),
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
    let (_, trouble) = list_cases(&cx, &world, &workspace, &history, &sites).await?;
    trouble.map_or(Ok(()), Err)
}

/// Asks every tool; a tool that fails does not hide what the others say.
pub(super) async fn list_cases(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    history: &TestHistory,
    sites: &[Site],
) -> Result<listing::Listed, Problem> {
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
    Ok((found, failure))
}

pub(super) async fn run(cx: JobCtx, world: World, workspace: Workspace, what: What, limits: Limits) -> Result<(), Problem> {
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
    cx.update(Update::SourcesRead {
        workspace: workspace.id.clone(),
        commit: sources.commit.clone(),
        dirty: sources.dirty.clone(),
    })
    .await;
    // What failed before is no new failure: who hears the results knows the earlier ones.
    if !history.cases.is_empty() {
        send_history(cx, workspace, &history, &sites).await;
    }
    let limits = &with_rules(cx, workspace, limits).await?;
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
        let chosen = choose(cx, world, workspace, what, &history, &sites, &sources).await?;
        sites
            .iter()
            .filter_map(|site| Some((site.clone(), selection_for(site, &sites, chosen.as_deref())?)))
            .collect()
    };
    let n_after = plans.len();
    let plans = if limits.is_red_first {
        red_first(plans, &sites, &history)
    } else {
        plans
    };
    let title = words_of(what);
    let mut ended: Vec<RunRow> = Vec::new();
    let mut first_failure: Option<Finished> = None;
    let mut trouble = None;
    let is_alone = plans.len() == 1;
    // What goes first goes once more among the others, and is counted there.
    let n_first = plans.len() - n_after;
    let mut coverage = Vec::new();
    for (at, (site, selection)) in plans.into_iter().enumerate() {
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
                if at >= n_first {
                    ended.push(end.run);
                }
                coverage.extend(end.coverage);
                first_failure = first_failure.or(end.first_failure);
                trouble = trouble.or(end.trouble);
            }
            Err(problem) if problem.is_cancelled() => return Err(problem),
            // The other sites are run all the same.
            Err(problem) => trouble = trouble.or(Some(problem)),
        }
    }
    if !coverage.is_empty() {
        let paths: Vec<_> = coverage.iter().map(|report| report.path.clone()).collect();
        coverage_jobs::keep(cx, world, workspace, coverage).await?;
        for path in paths {
            crate::adapters::files::remove_file(&path)?;
        }
    }
    // What everything does not have any more is not shown any more.
    let n_now: usize = ended.iter().map(|run| run.n_cases() as usize).sum();
    if *what == What::All && history.cases.len() > n_now {
        let history = tests.history(&workspace.id).await?;
        send_history(cx, workspace, &history, &sites).await;
    }
    verdict(
        cx,
        world,
        &ended,
        first_failure,
        trouble,
        matches!(what, What::All | What::Changed(_)),
    )
    .await
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

async fn verdict(
    cx: &JobCtx,
    world: &World,
    ended: &[RunRow],
    first: Option<Finished>,
    trouble: Option<Problem>,
    may_be_none: bool,
) -> Result<(), Problem> {
    let n_failed: u32 = ended.iter().map(|run| run.n_failed).sum();
    let n_cases: u32 = ended.iter().map(RunRow::n_cases).sum();
    if n_failed > 0 {
        let problem = failed(n_failed, n_cases, first.as_ref());
        let withheld = first.and_then(|first| world.processes().withheld_in(&format!("{}\n{}", first.message, first.output)));
        return Err(match withheld {
            Some(name) => problem.hint(msg!("test-withheld-hint", name = name)),
            None => problem,
        });
    }
    if let Some(problem) = trouble {
        return Err(problem);
    }
    if n_cases > 0 {
        return Ok(());
    }
    let none = Problem::user(msg!("test-none-found"))
        .code("no-tests")
        .hint(msg!("test-none-found-hint"));
    // A project may have no tests yet; what was chosen, and did not run, is not green.
    if !may_be_none {
        return Err(none);
    }
    cx.problem(none).await;
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

pub(super) fn no_such(names: &str) -> Problem {
    Problem::user(msg!("test-no-such", names = names))
        .code("not-found")
        .hint(msg!("test-no-such-hint"))
}
