//! One run of one runner: the command, the listener that tells and remembers results while they come, and the end.

use super::coverage_jobs::Report;
use super::frameworks::{CaseId, Finished, Limits, Runner, Selection, Shown, Site, cargo_test, ctest, junit};
use super::hanging::Left;
use super::leaks::{self, Leaking};
use super::listener::{Listener, keep_tail};
use super::listing::{captured, list_site};
use super::source::Sources;
use super::starting::{build_dir, command_of};
use super::stream::{self, Listen};
use super::{RunRow, Update, results};
use crate::adapters::process::{Cause, Exit, RawLine};
use crate::adapters::store::tests::TestRunRow;
use crate::adapters::{World, files, scan};
use crate::areas::JobCtx;
use crate::base::{Place, Problem, State, Workspace};
use crate::msg;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Where tools leave JUnit files, below the site's folder.
const REPORT_FOLDERS: [&str; 8] = [
    "test-results",
    "test-reports",
    "reports",
    "build/test-results",
    "target/surefire-reports",
    "target/failsafe-reports",
    "target/nextest",
    "coverage",
];

/// Between TERM and KILL for a runner whose test hangs.
const HUNG_GRACE: std::time::Duration = std::time::Duration::from_secs(2);

/// Everything that one run needs.
#[derive(Clone)]
pub struct SiteRun {
    pub world: World,
    pub workspace: Workspace,
    pub site: Site,
    pub selection: Selection,
    pub title: String,
    pub sources: Sources,
    pub known: cargo_test::Known,
    pub limits: Limits,
}

/// How one run ended.
pub struct SiteEnd {
    pub run: RunRow,
    pub first_failure: Option<Finished>,
    pub trouble: Option<Problem>,
    /// What the tool wrote of the lines that it ran.
    pub(super) coverage: Option<Report>,
}

impl SiteEnd {
    /// The end of a run that is a job of its own.
    pub fn problem(&self) -> Option<Problem> {
        if self.run.n_failed > 0 {
            return Some(super::jobs::failed(
                self.run.n_failed,
                self.run.n_cases(),
                self.first_failure.as_ref(),
            ));
        }
        self.trouble.clone()
    }
}

impl SiteRun {
    /// Runs, tells, remembers. Failed tests are no error here; a stop is, and what was heard until then is kept.
    pub async fn run(mut self, cx: JobCtx) -> Result<SiteEnd, Problem> {
        let started_at = cx.now();
        let programs = self.name_programs(&cx).await?;
        let there = self.reports_there(&cx).await?;
        let junit_path = self.world.dirs().cache.join(format!("junit-{}.xml", cx.id().0));
        let start = self.start(&cx, &junit_path).await?;
        let tests = self.world.store().tests();
        let row = results::new_run(
            &self.workspace.id,
            cx.id(),
            self.site.runner.word(),
            &self.title,
            &self.sources,
            started_at,
        );
        let row = tests.start_run(row).await?;
        tests.keep_site(&self.workspace.id, &self.site.name(), row.id).await?;
        let update = Update::RunStarted {
            workspace: self.workspace.id.clone(),
            run: Box::new(self.told(row.clone())),
        };
        cx.update(update).await;
        let mut listener = Listener::new(&self, row.id, start.parser);
        let mut unready = None;
        for argv in &start.prepare {
            unready = prepare(&cx, &self.world, &self.workspace, &self.site, argv).await.err();
            if unready.is_some() {
                break;
            }
        }
        let commands = if unready.is_none() { start.commands } else { Vec::new() };
        let mut outcome = match unready {
            Some(problem) if problem.is_cancelled() => Err(problem),
            unready => {
                listener.trouble = unready;
                self.commands(&cx, commands, &start.env, &mut listener).await
            }
        };
        let mut left = Left {
            n_cases: 0,
            is_unknown: true,
        };
        if listener.is_hung && outcome.is_ok() && self.site.runner.can_select() {
            match Box::pin(self.run_rest(&cx, &junit_path, &mut listener)).await {
                Ok(found) => left = found,
                Err(problem) => outcome = Err(problem),
            }
        }
        let mut n_not_run = 0;
        // Past the time that a task may take nothing more is started.
        let is_over = |exit: &Exit| self.is_js() && exit.cause == Cause::TimedOut && !listener.is_hung;
        if self.shares_program() && matches!(&outcome, Ok(Some(exit)) if !is_over(exit)) {
            match Box::pin(self.run_after_crash(&cx, &junit_path, &mut listener, &programs)).await {
                Ok(n_cases) => n_not_run = n_cases,
                Err(problem) => outcome = Err(problem),
            }
        }
        let ended_at = cx.now();
        let reports = self.reports(&cx, &junit_path, &there, &mut listener).await;
        files::remove_file(&junit_path)?;
        listener.flush(&cx, true).await;
        let leaks = listener.watch.settle(&cx, row.id).await?;
        self.tell_leaks(&cx, row.id, leaks).await?;

        let mut trouble = listener.trouble.take().or_else(|| reports.err());
        if listener.is_hung {
            trouble = trouble.or_else(|| self.hung(left));
        }
        trouble = trouble.or_else(|| self.not_run(n_not_run));
        if let Ok(Some(exit)) = &outcome
            && trouble.is_none()
            && listener.n_failed == 0
            && !self.is_fine(exit)
        {
            trouble = Some(self.unexplained(exit, &listener));
        }
        if outcome.is_ok()
            && trouble.is_none()
            && listener.n_failed == 0
            && self.site.runner == Runner::Pytest
            && listener.is_short()
        {
            trouble = Some(self.not_all(&listener));
        }
        if let Some(problem) = trouble.as_mut().filter(|problem| problem.code == "collect-failed")
            && let Some(hint) = super::pythons::lacking(&cx, &self.world, &self.workspace, &self.site).await
        {
            problem.hint = Some(hint);
        }
        let counted = tests.run(row.id).await?.unwrap_or(row);
        let state = match &outcome {
            Err(problem) if problem.is_cancelled() => State::Cancelled,
            Err(_) => State::Failed,
            Ok(_) if counted.n_failed > 0 || trouble.is_some() => State::Failed,
            Ok(_) => State::Done,
        };
        let duration_ms = (ended_at.as_millisecond() - started_at.as_millisecond()).max(0) as u64;
        let mut is_whole = self.title == super::jobs::ALL
            && self.selection == Selection::All
            && outcome.is_ok()
            && trouble.is_none()
            && !listener.has_stand_in
            && !listener.is_short()
            && counted.n_passed + counted.n_failed > 0;
        if is_whole && counted.n_failed > 0 && self.may_bail() {
            let told = listener.told.clone();
            is_whole = Box::pin(self.has_told_all(&cx, told)).await?;
        }
        if is_whole {
            tests.keep_whole(&self.workspace.id, &counted.framework, counted.id).await?;
        }
        let ended = self.told(tests.end_run(counted.id, state, duration_ms).await?);
        let problem = trouble
            .clone()
            .or_else(|| outcome.as_ref().err().filter(|problem| !problem.is_cancelled()).cloned());
        let update = Update::RunEnded {
            workspace: self.workspace.id.clone(),
            run: Box::new(ended.clone()),
            trouble: problem,
        };
        cx.update(update).await;
        // Criteria that these tests prove tick and untick themselves.
        Box::pin(crate::areas::plan::followed::follow_after(&cx, &self.world, &self.workspace)).await;
        outcome?;
        let path = self.coverage_path(&cx);
        let coverage = (self.limits.has_coverage && scan::is_file(&path)).then(|| Report {
            module: self.module(),
            path,
        });
        Ok(SiteEnd {
            run: ended,
            first_failure: listener.first_failure,
            trouble,
            coverage,
        })
    }

    fn told(&self, row: TestRunRow) -> RunRow {
        RunRow {
            site: self.site.name(),
            ..results::run_row(row)
        }
    }

    /// A failure may end the run before all tests had their turn, and nobody says so.
    pub(super) fn may_bail(&self) -> bool {
        match self.site.runner {
            // A panic in go ends the tests of its package, and go announces none.
            Runner::Go | Runner::Vitest | Runner::Jest | Runner::Mocha | Runner::Tap | Runner::Task => true,
            _ => self.site.argv.iter().any(|word| word.contains("fail")),
        }
    }

    /// After a red run that may have ended early: it was whole when each test that the tool names has a result. Asked only when a test that
    /// was there before has none.
    async fn has_told_all(&self, cx: &JobCtx, told: BTreeSet<CaseId>) -> Result<bool, Problem> {
        if !self.site.runner.can_list() {
            return Ok(false);
        }
        let history = self.world.store().tests().history(&self.workspace.id).await?;
        let of_site = history.sites.get(&self.site.name()).and_then(|site| site.whole);
        let of_runner = history.whole.get(self.site.runner.word()).copied();
        let newest = of_site.or(of_runner).unwrap_or_default();
        let is_lacking = history.cases.iter().any(|known| {
            let case = CaseId::from_stored(&known.suite, &known.name);
            let is_mine = case.is_some_and(|case| self.site.tells(&case) && !told.contains(&case));
            is_mine && known.strip.last().is_some_and(|point| point.run >= newest)
        });
        if !is_lacking {
            return Ok(false);
        }
        let listed = list_site(cx, &self.world, &self.workspace, &self.site).await;
        Ok(matches!(listed, Ok((cases, None)) if cases.iter().all(|case| told.contains(case))))
    }

    /// The path of a go module and its folder.
    fn module(&self) -> Option<(String, PathBuf)> {
        let path = self.site.options.first().filter(|_| self.site.runner == Runner::Go);
        Some((path?.clone(), self.site.dir.clone()))
    }

    /// What was left behind is told and remembered.
    async fn tell_leaks(&self, cx: &JobCtx, run: i64, leaks: Vec<Leaking>) -> Result<(), Problem> {
        leaks::remember(&self.world, &self.workspace, run, &leaks).await?;
        cx.update(Update::LeaksFound {
            workspace: self.workspace.id.clone(),
            run: Some(run),
            leaks,
        })
        .await;
        Ok(())
    }

    /// What a time-out left open.
    fn hung(&self, left: Left) -> Option<Problem> {
        let secs = self.limits.case_timeout.unwrap_or_default().as_secs_f64().to_string();
        let runner = self.site.runner.word();
        let words = match left {
            Left { is_unknown: true, .. } => msg!("test-hung", runner = runner, secs = secs),
            Left { n_cases: 0, .. } => return None,
            Left { n_cases, .. } => msg!("test-hung-many", runner = runner, secs = secs, n = n_cases),
        };
        Some(Problem::user(words).code("timed-out").hint(msg!("test-hung-hint")))
    }

    /// Runs the commands one after the other; gives the end of the first that did not end well, else of the last.
    pub(super) async fn commands(
        &self,
        cx: &JobCtx,
        commands: Vec<Vec<String>>,
        env: &BTreeMap<String, String>,
        listener: &mut Listener,
    ) -> Result<Option<Exit>, Problem> {
        let mut ended: Option<Exit> = None;
        if self.site.runner == Runner::Ctest && !commands.is_empty() {
            let build = build_dir(cx, &self.workspace, &self.site).await?;
            let argv = ctest::list_argv(&self.site, &build.dir);
            let listed = captured(cx, &self.world, &self.workspace, &self.site, &argv).await?;
            listener.parser.listed(&listed.stdout);
        }
        for argv in commands {
            let mut cmd = command_of(&self.workspace, &self.site, &argv);
            for (name, value) in env {
                cmd = cmd.env(name, value);
            }
            if self.limits.case_timeout.is_some() {
                cmd = cmd.grace(HUNG_GRACE);
            }
            if let Some(temp) = listener.watch.temp() {
                cmd = cmd.env("TMPDIR", temp);
            }
            cmd = cmd.tells_env(&leaks::NAMING);
            let outcome = stream::run(cx, &self.world, &self.workspace, cmd, listener).await;
            if outcome.as_ref().is_err_and(Problem::is_cancelled) {
                listener.tell_running(cx, true).await;
            }
            listener.end(outcome.as_ref().ok());
            let mut exit = outcome?;
            listener.watch.outlived(std::mem::take(&mut exit.left));
            if ended.as_ref().is_none_or(Exit::is_success) {
                ended = Some(exit);
            }
            if listener.is_broken_off() {
                break;
            }
        }
        Ok(ended)
    }

    /// The reports of others and of earlier runs, which are none of this one.
    pub(super) async fn reports_there(&self, cx: &JobCtx) -> Result<Reports, Problem> {
        if self.site.runner != Runner::Task {
            return Ok(Reports::new());
        }
        let dir = self.workspace.root.join(&self.site.dir);
        cx.blocking(move |_| Ok(reports_below(&dir))).await
    }

    /// What the runner wrote into JUnit files.
    pub(super) async fn reports(
        &self,
        cx: &JobCtx,
        own: &Path,
        before: &Reports,
        listener: &mut Listener,
    ) -> Result<(), Problem> {
        let paths = match self.site.runner {
            Runner::Pytest | Runner::Ctest => vec![own.to_path_buf()],
            Runner::Task => {
                let mut there = self.reports_there(cx).await?;
                there.retain(|path, at| before.get(path) != Some(at));
                there.into_keys().collect()
            }
            _ => return Ok(()),
        };
        for path in paths.into_iter().filter(|path| scan::is_file(path)) {
            let (found, problems) = read_report(cx, &self.world, path).await?;
            if self.site.runner == Runner::Task {
                listener.notes.extend(problems);
            }
            listener.take_report(found);
        }
        let mut cut = None;
        for problem in std::mem::take(&mut listener.notes) {
            if problem.code == junit::CUT_OFF && cut.is_none() {
                cut = Some(problem);
            } else {
                cx.problem(problem).await;
            }
        }
        cut.map_or(Ok(()), Err)
    }

    /// The exit codes that say nothing beyond the results.
    fn is_fine(&self, exit: &Exit) -> bool {
        match self.site.runner {
            // pytest says 5 when it collected nothing.
            Runner::Pytest => exit.is_success() || (exit.cause == Cause::Exited && exit.code == Some(5)),
            _ => exit.is_success(),
        }
    }

    /// It ended well and did not come to all that it had chosen: no green run.
    fn not_all(&self, listener: &Listener) -> Problem {
        let (done, total) = listener.n_of();
        let words = msg!("test-not-all", runner = self.site.runner.word(), done = done, total = total);
        let tail: Vec<&str> = listener.tail.iter().map(String::as_str).collect();
        Problem::user(words).code("not-run").details(tail.join("\n"))
    }

    fn unexplained(&self, exit: &Exit, listener: &Listener) -> Problem {
        let program = self.site.runner.word();
        let problem = exit.problem(program).unwrap_or_else(Problem::cancelled);
        let tail: Vec<&str> = listener.tail.iter().map(String::as_str).collect();
        let problem = if matches!(self.site.runner, Runner::Node | Runner::Tap) && exit.code == Some(127) {
            problem.hint(msg!("test-npm-hint"))
        } else {
            problem
        };
        if problem.details.is_empty() {
            problem.details(tail.join("\n"))
        } else {
            problem
        }
    }
}

/// The results of one JUnit file, without secrets, and what is wrong in it.
pub(super) async fn read_report(cx: &JobCtx, world: &World, path: PathBuf) -> Result<(Vec<Finished>, Vec<Problem>), Problem> {
    let masks = world.masks().clone();
    cx.blocking(move |cx| {
        let input = scan::open(&path).map_err(|error| files::read_problem(&path, &error))?;
        let mut found = Vec::new();
        let problems = junit::read(input, &path, &|| cx.is_cancelled(), &mut |result| {
            found.push(result.masked(&masks));
        });
        Ok((found, problems))
    })
    .await
}

/// Runs what has to be there before the tests can be run; the first error of a compiler is told with its place.
pub(super) async fn prepare(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    site: &Site,
    argv: &[String],
) -> Result<(), Problem> {
    let mut watch = Preparing::default();
    let exit = stream::run(cx, world, workspace, command_of(workspace, site, argv), &mut watch).await?;
    let Some(problem) = exit.problem(&argv[0]) else {
        return Ok(());
    };
    let tail: Vec<String> = watch.tail.into_iter().collect();
    let Some((place, words)) = watch.first_error else {
        return Err(problem.details(tail.join("\n")));
    };
    let path = place.path.strip_prefix(&workspace.root).map_or_else(
        |_| {
            if place.path.is_absolute() {
                place.path.clone()
            } else {
                site.dir.join(&place.path)
            }
        },
        Path::to_path_buf,
    );
    let mut problem = Problem::user(msg!("test-does-not-compile", what = words)).code("does-not-compile");
    problem.place = Some(Place { path, ..place });
    Err(problem.details(tail.join("\n")))
}

/// Keeps the first error of a compiler.
#[derive(Default)]
struct Preparing {
    first_error: Option<(Place, String)>,
    tail: VecDeque<String>,
}

impl Listen for Preparing {
    fn line(&mut self, line: &RawLine<'_>) -> Shown {
        keep_tail(&mut self.tail, line);
        if self.first_error.is_none() {
            self.first_error = self.tail.back().and_then(|line| compiler_error(line));
        }
        Shown::AsIs
    }

    async fn pause(&mut self, _cx: &JobCtx) {}
}

/// `calc.c:3:5: error: words`, as gcc and clang write it.
fn compiler_error(line: &str) -> Option<(Place, String)> {
    let (head, words) = line.split_once(": error: ").or_else(|| line.split_once(": fatal error: "))?;
    let mut parts = head.rsplitn(3, ':');
    let column = parts.next()?.parse().ok()?;
    let line = parts.next()?.parse().ok()?;
    let place = Place {
        path: PathBuf::from(parts.next()?),
        line: Some(line),
        column: Some(column),
    };
    Some((place, words.to_owned()))
}

/// Files that may be reports, with the times of their last change.
pub(super) type Reports = BTreeMap<PathBuf, Option<SystemTime>>;

fn reports_below(dir: &Path) -> Reports {
    let mut paths = scan::with_ending(dir, 0, "xml");
    for folder in REPORT_FOLDERS {
        paths.extend(scan::with_ending(&dir.join(folder), 4, "xml"));
    }
    paths.into_iter().map(|path| (path.clone(), scan::modified(&path))).collect()
}
