//! One look: a clean worktree of a commit, and what the question gives there.

use super::Question;
use super::lent;
use super::range::is_named;
use super::search::Verdict;
use crate::adapters::World;
use crate::adapters::process::{Cmd, Exit, RawLine};
use crate::areas::JobCtx;
use crate::areas::build::detect;
use crate::areas::build::exec::{self, Where};
use crate::areas::build::pipelines::worktree::{self, Clean};
use crate::areas::test::frameworks::{self, CaseId, Selection, Shown, cargo_test};
use crate::areas::test::listing::list_site;
use crate::areas::test::runs::SiteRun;
use crate::areas::test::source::Sources;
use crate::areas::test::stream::{self, Listen};
use crate::base::{Problem, Workspace, WorkspaceId};
use crate::msg;
use std::path::{Path, PathBuf};

/// "This one can not be told", as `git bisect run` has it.
const SKIP: i32 = 125;
/// What a program dies of by its own fault: SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSYS.
const CRASHES: [i32; 7] = [4, 5, 6, 7, 8, 11, 31];

struct Output;

impl Listen for Output {
    fn line(&mut self, _line: &RawLine<'_>) -> Shown {
        Shown::AsIs
    }

    async fn pause(&mut self, _cx: &JobCtx) {}
}

/// The user's checkout is not touched; the worktree is gone afterwards.
pub(super) async fn look(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    question: &Question,
    oid: &str,
    place: (&str, &str),
) -> Result<Verdict, Problem> {
    let clean = Clean::make(cx.cancel_token(), world, workspace, oid, place.0, place.1).await?;
    let verdict = ask(cx, world, (&workspace.root, &clean.workspace), question, oid).await;
    clean.remove(world).await?;
    verdict
}

async fn ask(
    cx: &JobCtx,
    world: &World,
    (checkout, there): (&Path, &Workspace),
    question: &Question,
    oid: &str,
) -> Result<Verdict, Problem> {
    match question {
        // A task or a command makes ready itself what it needs; a test stands alone.
        Question::Test { name } => {
            let lent = lent::lend(cx, world, checkout, &there.root).await?;
            test(cx, world, there, name, oid, &lent).await
        }
        Question::Task { task } => {
            let root = there.root.clone();
            let detected = cx
                .blocking(move |cx| Ok(detect::detect(&root, &|| cx.is_cancelled())))
                .await?;
            // The task is younger than this commit.
            let Ok(task) = detect::find(&detected.tasks, task).cloned() else {
                return Ok(Verdict::Skip);
            };
            let ran = exec::run(cx, world, there, &detected.project, &task, Where::Worktree).await?;
            verdict(&ran.outcome?, &task.name)
        }
        Question::Command { argv } => {
            let (program, args) = argv
                .split_first()
                .map_or(("", &[] as &[String]), |(program, args)| (program.as_str(), args));
            let is_own = program.contains('/') && !Path::new(program).is_absolute();
            let program = if is_own {
                there.root.join(program).into_os_string()
            } else {
                program.into()
            };
            let cmd = Cmd::new(program).args(args).cwd(&there.root).env_remove("CARGO_TARGET_DIR");
            let name = argv.first().map_or("", String::as_str);
            verdict(&stream::run(cx, world, there, cmd, &mut Output).await?, name)
        }
    }
}

/// `name` is what ran.
fn verdict(exit: &Exit, name: &str) -> Result<Verdict, Problem> {
    // A shell tells the signal that ended its last command in its own code.
    let signal = exit
        .signal
        .or_else(|| exit.code.filter(|code| *code > 128).map(|code| code - 128));
    match (exit.code, signal) {
        (Some(0), _) => Ok(Verdict::Good),
        (Some(SKIP), _) => Ok(Verdict::Skip),
        (Some(code), _) if code < 128 => Ok(Verdict::Bad),
        (_, Some(signal)) if CRASHES.contains(&signal) => Ok(Verdict::Bad),
        // Killed, timed out, or broken in a way that says nothing of the sources.
        _ => Err(exit.problem(name).unwrap_or_else(|| Problem::user(msg!("bisect-broken")))),
    }
}

fn no_such(name: &str) -> Problem {
    let problem = Problem::user(msg!("test-no-such", names = name)).code("not-found");
    problem.hint(msg!("test-no-such-hint"))
}

/// The case that is meant: by its whole text, or one that was run here.
async fn known(world: &World, workspace: &Workspace, name: &str) -> Result<Option<CaseId>, Problem> {
    if let Some(case) = CaseId::from_text(name) {
        return Ok(Some(case));
    }
    let history = world.store().tests().history(&workspace.id).await?;
    let mut cases = history
        .cases
        .iter()
        .filter_map(|case| CaseId::from_stored(&case.suite, &case.name));
    Ok(cases.find(|id| is_named(id, name)))
}

/// The question with its test by the whole text. A test that was never run here is asked of the tools, at this commit.
pub(super) async fn meant(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    question: Question,
    oid: &str,
) -> Result<Question, Problem> {
    let Question::Test { name } = &question else {
        return Ok(question);
    };
    if known(world, workspace, name).await?.is_some() {
        return Ok(question);
    }
    let clean = Clean::make(cx.cancel_token(), world, workspace, oid, &worktree::owner(cx), "names").await?;
    let listed = match lent::lend(cx, world, &workspace.root, &clean.workspace.root).await {
        Ok(_) => listed(cx, world, &clean.workspace, name).await,
        Err(problem) => Err(problem),
    };
    worktree::remove(cx, world, clean).await?;
    Ok(Question::Test { name: listed?.text() })
}

async fn listed(cx: &JobCtx, world: &World, there: &Workspace, name: &str) -> Result<CaseId, Problem> {
    let root = there.root.clone();
    let (sites, _) = cx
        .blocking(move |cx| Ok(frameworks::detect::sites(&root, false, &|| cx.is_cancelled())))
        .await?;
    let mut trouble = None;
    for site in sites.iter().filter(|site| site.runner.can_list() && site.runner.can_select()) {
        match list_site(cx, world, there, site).await {
            Ok((cases, kept_from)) => {
                if let Some(case) = cases.into_iter().find(|id| is_named(id, name)) {
                    return Ok(case);
                }
                trouble = trouble.or(kept_from);
            }
            Err(problem) if problem.is_cancelled() => return Err(problem),
            Err(problem) => trouble = trouble.or(Some(problem)),
        }
    }
    // It may be among those that could not be listed.
    Err(trouble.unwrap_or_else(|| no_such(name)))
}

/// One test; a commit that has no such test, or can not build it, tells nothing.
async fn test(
    cx: &JobCtx,
    world: &World,
    there: &Workspace,
    name: &str,
    oid: &str,
    lent: &[PathBuf],
) -> Result<Verdict, Problem> {
    let root = there.root.clone();
    let (sites, _) = cx
        .blocking(move |cx| Ok(frameworks::detect::sites(&root, false, &|| cx.is_cancelled())))
        .await?;
    let Some(case) = known(world, there, name).await? else {
        return Err(no_such(name));
    };
    let framework = case.framework;
    let Some(mut site) = sites
        .into_iter()
        .find(|site| site.runner.framework() == framework && site.runner.can_select())
    else {
        return Ok(Verdict::Skip);
    };
    if lent
        .iter()
        .any(|folder| folder.ends_with(".venv") || folder.ends_with("venv"))
    {
        site.env.insert("PYTHONPATH".to_owned(), lent::python_path(&there.root));
    }
    // Results of commits long past are no news of the workspace.
    let apart = Workspace {
        id: WorkspaceId::of_path(&there.root),
        ..there.clone()
    };
    let run = SiteRun {
        world: world.clone(),
        workspace: apart,
        site,
        selection: Selection::Cases(vec![case]),
        title: name.to_owned(),
        sources: Sources {
            commit: Some(oid.to_owned()),
            dirty: None,
        },
        known: cargo_test::Known::new(),
        limits: frameworks::Limits {
            is_fresh: true,
            ..frameworks::Limits::default()
        },
    };
    let end = run.run(cx.clone()).await?;
    Ok(if end.run.n_failed > 0 {
        Verdict::Bad
    } else if end.run.n_passed > 0 {
        Verdict::Good
    } else {
        Verdict::Skip
    })
}
