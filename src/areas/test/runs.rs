//! One run of one runner: the command, the listener that tells and remembers results while they come, and the end.

use super::frameworks::{
    CaseId, Finished, Heard, Parser, Runner, Selection, Shown, Site, cargo_test, junit, nextest, node, plain, pytest,
};
use super::source::Sources;
use super::stream::{self, Listen};
use super::{RunRow, Update, results};
use crate::adapters::process::{Cause, Cmd, Exit, RawLine};
use crate::adapters::{World, files, scan};
use crate::areas::JobCtx;
use crate::base::{Problem, Progress, State, Stream, Timestamp, Unit, Workspace};
use crate::msg;
use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};

/// Results are told at most this often.
const TELL_EVERY_MS: i64 = 60;
/// Results that are written to the ledger at once.
const WRITE_AT: usize = 1000;
/// Last lines that are kept to say why a runner failed.
const TAIL_LINES: usize = 40;
/// Largest list that a runner may print.
const MAX_LIST_BYTES: usize = 256 << 20;
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

/// Everything that one run needs.
pub(super) struct SiteRun {
    pub world: World,
    pub workspace: Workspace,
    pub site: Site,
    pub selection: Selection,
    pub title: String,
    pub sources: Sources,
    pub known: cargo_test::Known,
}

/// How one run ended.
pub(super) struct SiteEnd {
    pub run: RunRow,
    pub first_failure: Option<Finished>,
    pub trouble: Option<Problem>,
}

impl SiteEnd {
    /// The end of a run that is a job of its own.
    pub(super) fn problem(&self) -> Option<Problem> {
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
    pub(super) async fn run(self, cx: JobCtx) -> Result<SiteEnd, Problem> {
        let started_at = cx.now();
        let junit_path = self.world.dirs().cache.join(format!("junit-{}.xml", cx.id().0));
        let (cmd, parser) = self.command(&cx, &junit_path).await?;
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
        let update = Update::RunStarted {
            workspace: self.workspace.id.clone(),
            run: Box::new(results::run_row(row.clone())),
        };
        cx.update(update).await;
        let mut listener = Listener::new(&self, row.id, parser);
        let outcome = stream::run(&cx, &self.world, &self.workspace, cmd, &mut listener).await;
        let ended_at = cx.now();
        let code = outcome.as_ref().ok().and_then(|exit| exit.code);
        listener.end(code);
        let reports = self.reports(&cx, &junit_path, started_at, &mut listener).await;
        files::remove_file(&junit_path)?;
        listener.flush(&cx, true).await;

        let mut trouble = listener.trouble.take().or_else(|| reports.err());
        if let Ok(exit) = &outcome
            && trouble.is_none()
            && listener.n_failed == 0
            && !self.is_fine(exit)
        {
            trouble = Some(self.unexplained(exit, &listener));
        }
        let counted = tests.run(row.id).await?.unwrap_or(row);
        let state = match &outcome {
            Err(problem) if problem.is_cancelled() => State::Cancelled,
            Err(_) => State::Failed,
            Ok(_) if counted.n_failed > 0 || trouble.is_some() => State::Failed,
            Ok(_) => State::Done,
        };
        let duration_ms = (ended_at.as_millisecond() - started_at.as_millisecond()).max(0) as u64;
        let ended = results::run_row(tests.end_run(counted.id, state, duration_ms).await?);
        let problem = trouble
            .clone()
            .or_else(|| outcome.as_ref().err().filter(|problem| !problem.is_cancelled()).cloned());
        let update = Update::RunEnded {
            workspace: self.workspace.id.clone(),
            run: Box::new(ended.clone()),
            trouble: problem,
        };
        cx.update(update).await;
        outcome?;
        Ok(SiteEnd {
            run: ended,
            first_failure: listener.first_failure,
            trouble,
        })
    }

    /// What is chosen, without the files that are gone meanwhile: a tool that misses one runs nothing.
    fn selection_there(&self) -> Selection {
        let Selection::Cases(cases) = &self.selection else {
            return self.selection.clone();
        };
        let is_by_file = matches!(self.site.runner, Runner::Node | Runner::Pytest);
        let is_there = |case: &&CaseId| !is_by_file || scan::is_file(&self.workspace.root.join(&case.suite));
        let there: Vec<CaseId> = cases.iter().filter(is_there).cloned().collect();
        Selection::Cases(if there.is_empty() { cases.clone() } else { there })
    }

    async fn command(&self, cx: &JobCtx, junit_path: &Path) -> Result<(Cmd, Box<dyn Parser>), Problem> {
        let site = &self.site;
        let selection = self.selection_there();
        let (argv, parser): (Vec<String>, Box<dyn Parser>) = match site.runner {
            Runner::CargoTest => {
                let parser = cargo_test::CargoTest::new(&site.dir, self.known.clone());
                (cargo_test::run_argv(site, &selection), Box::new(parser))
            }
            Runner::Nextest => (
                nextest::run_argv(site, &selection),
                Box::new(nextest::Nextest::new(&site.dir, &selection)),
            ),
            Runner::Pytest => {
                let mut argv = pytest_program(cx, &self.world, &self.workspace, site).await?;
                argv.extend(pytest::run_args(site, &selection, junit_path));
                (argv, Box::new(pytest::Pytest::new(&site.dir)))
            }
            Runner::Node => {
                let parser = node::Node::new(&self.workspace.root);
                (node::run_argv(site, &selection), Box::new(parser))
            }
            Runner::Tap => (site.argv.clone(), Box::new(node::Tap::new(site, &self.workspace.root))),
            Runner::Task => (site.argv.clone(), Box::new(Silent)),
        };
        let mut cmd = command_of(&self.workspace, site, &argv);
        if site.runner == Runner::Node {
            let reporter = self.world.dirs().cache.join("node-reporter.mjs");
            files::write_atomic(&reporter, node::REPORTER.as_bytes())?;
            let name = std::ffi::OsStr::new("NODE_OPTIONS");
            let known = self.world.processes().base_env().get(name);
            let known = site
                .env
                .get("NODE_OPTIONS")
                .cloned()
                .or_else(|| known.map(|value| value.to_string_lossy().into_owned()));
            cmd = cmd.env(name, node::node_options(&known.unwrap_or_default(), &reporter));
        }
        Ok((cmd, parser))
    }

    /// What the runner wrote into JUnit files.
    async fn reports(&self, cx: &JobCtx, own: &Path, started_at: Timestamp, listener: &mut Listener) -> Result<(), Problem> {
        let paths = match self.site.runner {
            Runner::Pytest => vec![own.to_path_buf()],
            Runner::Task => {
                let dir = self.workspace.root.join(&self.site.dir);
                cx.blocking(move |_| Ok(fresh_reports(&dir, started_at))).await?
            }
            _ => return Ok(()),
        };
        for path in paths.into_iter().filter(|path| scan::is_file(path)) {
            let read = path.clone();
            let (found, problems) = cx
                .blocking(move |cx| {
                    let input = scan::open(&read).map_err(|error| files::read_problem(&read, &error))?;
                    let mut found = Vec::new();
                    let problems = junit::read(input, &read, &|| cx.is_cancelled(), &mut |result| found.push(result));
                    Ok((found, problems))
                })
                .await?;
            if self.site.runner == Runner::Task {
                listener.notes.extend(problems);
            }
            listener.take_report(found);
        }
        for problem in std::mem::take(&mut listener.notes) {
            cx.problem(problem).await;
        }
        Ok(())
    }

    /// The exit codes that say nothing beyond the results.
    fn is_fine(&self, exit: &Exit) -> bool {
        match self.site.runner {
            // pytest says 5 when it collected nothing.
            Runner::Pytest => exit.is_success() || (exit.cause == Cause::Exited && exit.code == Some(5)),
            _ => exit.is_success(),
        }
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

fn command_of(workspace: &Workspace, site: &Site, argv: &[String]) -> Cmd {
    let (program, args) = argv
        .split_first()
        .map_or(("", &[] as &[String]), |(program, args)| (program.as_str(), args));
    let mut cmd = Cmd::new(program).args(args).cwd(workspace.root.join(&site.dir));
    if matches!(site.runner, Runner::CargoTest | Runner::Nextest) {
        cmd = cmd.env("CARGO_TERM_COLOR", "always");
    }
    for (name, value) in &site.env {
        cmd = cmd.env(name, value);
    }
    match site.timeout() {
        Some(timeout) => cmd.timeout(timeout),
        None => cmd,
    }
}

/// Reports below the site's folder that were written since the run began.
fn fresh_reports(dir: &Path, started_at: Timestamp) -> Vec<PathBuf> {
    let mut paths = scan::with_ending(dir, 0, "xml");
    for folder in REPORT_FOLDERS {
        paths.extend(scan::with_ending(&dir.join(folder), 4, "xml"));
    }
    // File systems keep coarser times than clocks do.
    let since = std::time::SystemTime::from(started_at) - std::time::Duration::from_secs(1);
    paths.retain(|path| scan::modified(path).is_some_and(|at| at >= since));
    paths
}

/// The program that runs pytest: the task's, the workspace's own environment, `python3 -m pytest`, or `pytest`.
async fn pytest_program(cx: &JobCtx, world: &World, workspace: &Workspace, site: &Site) -> Result<Vec<String>, Problem> {
    if let Some(at) = site
        .argv
        .iter()
        .position(|word| word.ends_with("pytest") || word == "py.test")
    {
        return Ok(site.argv[..=at].to_vec());
    }
    world.trust().check(workspace)?;
    let dir = workspace.root.join(&site.dir);
    let mut pythons: Vec<String> = [&dir, &workspace.root]
        .iter()
        .flat_map(|dir| [".venv", "venv"].map(|name| dir.join(name).join("bin/python")))
        .filter(|python| scan::is_file(python))
        .map(|python| python.to_string_lossy().into_owned())
        .collect();
    pythons.push("python3".to_owned());
    for python in pythons {
        let cmd = Cmd::new(&python).args(["-c", "import pytest"]).workspace(&workspace.root);
        if world
            .processes()
            .output(cmd, cx.cancel_token(), 4096)
            .await
            .is_ok_and(|output| output.exit.is_success())
        {
            return Ok(vec![python, "-m".to_owned(), "pytest".to_owned()]);
        }
        cx.check()?;
    }
    if world.processes().resolve("pytest", Some(&workspace.root)).is_ok() {
        return Ok(vec!["pytest".to_owned()]);
    }
    Err(Problem::environment(msg!("test-no-pytest"))
        .code("not-found")
        .hint(msg!("test-no-pytest-hint")))
}

/// Asks one tool for its cases.
pub(super) async fn list_site(cx: &JobCtx, world: &World, workspace: &Workspace, site: &Site) -> Result<Vec<CaseId>, Problem> {
    match site.runner {
        Runner::CargoTest => {
            let cmd = command_of(workspace, site, &cargo_test::list_argv(site));
            let mut lister = Lister {
                parser: cargo_test::CargoTest::list(&site.dir),
                heard: Vec::new(),
                tail: VecDeque::new(),
            };
            let exit = stream::run(cx, world, workspace, cmd, &mut lister).await?;
            lister.parser.finish(exit.code, &mut lister.heard);
            let trouble = lister.heard.iter().find_map(|heard| match heard {
                Heard::Trouble(problem) => Some(Problem::clone(problem)),
                _ => None,
            });
            if let Some(problem) = trouble.or_else(|| exit.problem("cargo test")) {
                let tail: Vec<String> = lister.tail.into_iter().collect();
                return Err(if problem.details.is_empty() {
                    problem.details(tail.join("\n"))
                } else {
                    problem
                });
            }
            Ok(lister
                .heard
                .into_iter()
                .filter_map(|heard| match heard {
                    Heard::Finished { result, .. } => Some(result.case),
                    _ => None,
                })
                .collect())
        }
        Runner::Nextest => {
            let output = captured(cx, world, workspace, site, &nextest::list_argv(site)).await?;
            let words = String::from_utf8_lossy(&output.stderr).into_owned();
            let json = output.success("cargo nextest list")?;
            let found = nextest::parse_list(&json)
                .ok_or_else(|| Problem::environment(msg!("test-list-unreadable", runner = "nextest")).details(words))?;
            Ok(found.into_iter().map(|result| result.case).collect())
        }
        Runner::Pytest => {
            let mut argv = pytest_program(cx, world, workspace, site).await?;
            argv.extend(pytest::list_args(site));
            let output = captured(cx, world, workspace, site, &argv).await?;
            let text = output.stdout_text();
            if !matches!(output.exit.code, Some(0 | 5)) {
                let mut parser = pytest::Pytest::new(&site.dir);
                let mut heard = Vec::new();
                let words = String::from_utf8_lossy(&output.stderr).into_owned();
                text.lines()
                    .chain(words.lines())
                    .for_each(|line| drop(parser.line(Stream::Out, line.as_bytes(), &mut heard)));
                parser.finish(output.exit.code, &mut heard);
                if let Some(Heard::Trouble(problem)) = heard.pop() {
                    return Err(*problem);
                }
                return output.success("pytest").map(|_| Vec::new());
            }
            Ok(pytest::parse_list(&text, &site.dir)
                .into_iter()
                .map(|result| result.case)
                .collect())
        }
        Runner::Node | Runner::Tap | Runner::Task => Ok(Vec::new()),
    }
}

async fn captured(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    site: &Site,
    argv: &[String],
) -> Result<crate::adapters::process::Output, Problem> {
    world.trust().check(workspace)?;
    let cmd = command_of(workspace, site, argv).workspace(&workspace.root);
    cx.command(cmd.argv(world.masks()), workspace.root.join(&site.dir)).await;
    let output = world.processes().output(cmd, cx.cancel_token(), MAX_LIST_BYTES).await?;
    cx.log_bytes(&output.stderr);
    cx.exit(output.exit.code, output.exit.signal).await;
    cx.check()?;
    Ok(output)
}

/// Hears names only.
struct Lister {
    parser: cargo_test::CargoTest,
    heard: Vec<Heard>,
    tail: VecDeque<String>,
}

impl Listen for Lister {
    fn line(&mut self, line: &RawLine<'_>) -> Shown {
        keep_tail(&mut self.tail, line);
        self.parser.line(line.stream, line.bytes, &mut self.heard)
    }

    async fn pause(&mut self, _cx: &JobCtx) {}
}

fn keep_tail(tail: &mut VecDeque<String>, line: &RawLine<'_>) {
    if line.is_progress || line.bytes.starts_with(b"{\"reason\":") {
        return;
    }
    if tail.len() == TAIL_LINES {
        tail.pop_front();
    }
    tail.push_back(plain(&line.bytes[..line.bytes.len().min(2000)]));
}

/// A runner that says nothing that is understood; its report does.
struct Silent;

impl Parser for Silent {
    fn line(&mut self, _stream: Stream, _bytes: &[u8], _heard: &mut Vec<Heard>) -> Shown {
        Shown::AsIs
    }

    fn finish(&mut self, _code: Option<i32>, _heard: &mut Vec<Heard>) {}
}

/// Tells the model and the ledger what the parser hears.
struct Listener {
    world: World,
    workspace: Workspace,
    run: i64,
    parser: Box<dyn Parser>,
    heard: Vec<Heard>,
    started: Vec<CaseId>,
    finished: Vec<Finished>,
    /// Final results that are not in the ledger yet.
    to_write: Vec<Finished>,
    /// Results of which more is to come.
    open: BTreeMap<CaseId, Finished>,
    n_total: Option<u64>,
    n_done: u64,
    n_failed: u64,
    first_failure: Option<Finished>,
    trouble: Option<Problem>,
    notes: Vec<Problem>,
    tail: VecDeque<String>,
    told_at_ms: i64,
}

impl Listener {
    fn new(run: &SiteRun, id: i64, parser: Box<dyn Parser>) -> Self {
        Self {
            world: run.world.clone(),
            workspace: run.workspace.clone(),
            run: id,
            parser,
            heard: Vec::new(),
            started: Vec::new(),
            finished: Vec::new(),
            to_write: Vec::new(),
            open: BTreeMap::new(),
            n_total: None,
            n_done: 0,
            n_failed: 0,
            first_failure: None,
            trouble: None,
            notes: Vec::new(),
            tail: VecDeque::new(),
            told_at_ms: 0,
        }
    }

    fn hear(&mut self) {
        for heard in std::mem::take(&mut self.heard) {
            match heard {
                Heard::Total(n) => self.n_total = Some(n),
                Heard::Started(case) => self.started.push(case),
                Heard::Trouble(problem) => self.trouble = Some(*problem),
                Heard::Finished { result, is_final } => self.result(result, is_final),
            }
        }
    }

    fn result(&mut self, result: Finished, is_final: bool) {
        let before = self.open.remove(&result.case);
        if before.is_none() {
            self.n_done += 1;
        }
        if result.state == State::Failed {
            if before.as_ref().is_none_or(|before| before.state != State::Failed) {
                self.n_failed += 1;
            }
            let is_better = self.first_failure.as_ref().is_none_or(|first| first.case == result.case);
            if is_better {
                self.first_failure = Some(result.clone());
            }
        } else if before.is_some_and(|before| before.state == State::Failed) {
            self.n_failed -= 1;
        }
        if is_final {
            self.to_write.push(result.clone());
        } else {
            self.open.insert(result.case.clone(), result.clone());
        }
        self.finished.push(result);
    }

    fn end(&mut self, code: Option<i32>) {
        self.parser.finish(code, &mut self.heard);
        self.hear();
    }

    fn take_report(&mut self, found: Vec<Finished>) {
        for result in self.parser.details(found) {
            self.result(result, true);
        }
    }

    async fn flush(&mut self, cx: &JobCtx, is_last: bool) {
        if is_last {
            self.to_write.extend(std::mem::take(&mut self.open).into_values());
        }
        let now_ms = cx.now().as_millisecond();
        let is_due = is_last || (now_ms - self.told_at_ms).abs() >= TELL_EVERY_MS || self.finished.len() >= 500;
        if is_due && (!self.finished.is_empty() || !self.started.is_empty()) {
            self.told_at_ms = now_ms;
            let mut progress = Progress::count(self.n_done, Unit::Tests);
            progress.total = self.n_total.map(|total| total.max(self.n_done));
            cx.progress(progress);
            let mut finished = std::mem::take(&mut self.finished);
            while !finished.is_empty() || !self.started.is_empty() {
                let rest = finished.split_off(finished.len().min(500));
                cx.update(Update::Results {
                    workspace: self.workspace.id.clone(),
                    run: self.run,
                    started: std::mem::take(&mut self.started),
                    finished,
                    n_total: self.n_total,
                })
                .await;
                finished = rest;
            }
        }
        if self.to_write.len() >= WRITE_AT || (is_last && !self.to_write.is_empty()) {
            let rows = std::mem::take(&mut self.to_write).iter().map(results::stored).collect();
            if let Err(problem) = self.world.store().tests().add_results(self.run, rows).await {
                cx.problem(problem).await;
            }
        }
    }
}

impl Listen for Listener {
    fn line(&mut self, line: &RawLine<'_>) -> Shown {
        keep_tail(&mut self.tail, line);
        let shown = self.parser.line(line.stream, line.bytes, &mut self.heard);
        self.hear();
        shown
    }

    async fn pause(&mut self, cx: &JobCtx) {
        self.flush(cx, false).await;
    }
}
