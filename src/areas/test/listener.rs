//! Hears a runner: tells the model and the ledger what its parser makes of the lines.

use super::frameworks::{CaseId, Crash, Finished, Framework, Heard, Parser, Shown, plain};
use super::leaks::Watch;
use super::runs::SiteRun;
use super::stream::Listen;
use super::{Update, results};
use crate::adapters::World;
use crate::adapters::process::{Cause, Exit, RawLine};
use crate::areas::JobCtx;
use crate::base::{Problem, Progress, State, Unit, Workspace};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Duration;
use tokio::time::Instant;

/// After so long without a word it is told what runs; then after twice as long, and so on.
const SILENT: Duration = Duration::from_secs(30);
/// Cases that are named as still running.
const MAX_NAMED: usize = 8;
/// Results are told at most this often.
const TELL_EVERY_MS: i64 = 60;
/// Results that are written to the ledger at once.
const WRITE_AT: usize = 1000;
/// Last lines that are kept to say why a runner failed.
const TAIL_LINES: usize = 40;
/// What go and node say of a test when one inside it failed.
const INNER_FAILED: &str = "1 subtest failed";
/// What a tool with time-outs of its own is given to use them first.
const GRACE: Duration = Duration::from_secs(2);

/// Tells the model and the ledger what the parser hears.
pub(super) struct Listener {
    world: World,
    workspace: Workspace,
    run: i64,
    pub(super) parser: Box<dyn Parser>,
    heard: Vec<Heard>,
    started: Vec<CaseId>,
    finished: Vec<Finished>,
    /// Final results that are not in the ledger yet.
    to_write: Vec<Finished>,
    /// Results of which more is to come.
    open: BTreeMap<CaseId, Finished>,
    n_total: Option<u64>,
    n_done: u64,
    pub(super) n_failed: u64,
    pub(super) first_failure: Option<Finished>,
    pub(super) trouble: Option<Problem>,
    pub(super) notes: Vec<Problem>,
    pub(super) tail: VecDeque<String>,
    told_at_ms: i64,
    running: BTreeSet<CaseId>,
    case_timeout: Option<Duration>,
    /// When something was heard last.
    heard_at: Option<Instant>,
    /// How long it may be silent until it is told what runs.
    silence: Duration,
    /// It was silent for too long.
    pub(super) is_hung: bool,
    /// After a time-out, what was not run can be run by itself.
    can_go_on: bool,
    /// What ran when it was silent for too long; taken once.
    suspects: Option<Vec<CaseId>>,
    pub(super) watch: Watch,
    /// Programs with tests that ended before they did; taken once.
    crashes: Vec<Crash>,
    /// Something stands for tests of which nothing was heard.
    pub(super) has_stand_in: bool,
    /// After a time-out or a crash the others are asked for.
    keeps_told: bool,
    /// Cases with a final result, as far as the others may be asked for.
    pub(super) told: BTreeSet<CaseId>,
    /// The runner was started again for what is left.
    is_again: bool,
}

impl Listener {
    pub(super) fn new(run: &SiteRun, id: i64, parser: Box<dyn Parser>) -> Self {
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
            running: BTreeSet::new(),
            case_timeout: run.limits.case_timeout,
            heard_at: None,
            silence: SILENT,
            is_hung: false,
            can_go_on: run.site.runner.can_select(),
            suspects: None,
            watch: Watch::new(run),
            crashes: Vec::new(),
            has_stand_in: false,
            keeps_told: run.limits.case_timeout.is_some() || run.shares_program() || run.may_bail(),
            told: BTreeSet::new(),
            is_again: false,
        }
    }

    fn hear(&mut self) {
        if !self.heard.is_empty() {
            self.heard_at = Some(Instant::now());
            self.silence = SILENT;
        }
        for heard in std::mem::take(&mut self.heard) {
            match heard {
                Heard::AtWork => {}
                Heard::Total(_) if self.is_again => {}
                Heard::Total(n) => self.n_total = Some(n),
                Heard::Started(case) => {
                    self.running.insert(case.clone());
                    self.started.push(case);
                }
                Heard::Ran { case, from_ms, to_ms } => {
                    self.running.remove(&case);
                    self.watch.ran(case, from_ms, to_ms);
                }
                Heard::Trouble(problem) => self.trouble = self.trouble.take().or(Some(*problem)),
                Heard::Finished { result, is_final } => self.result(result, is_final),
            }
        }
    }

    fn result(&mut self, result: Finished, is_final: bool) {
        self.running.remove(&result.case);
        if result.leaks {
            self.watch.told(&result.case);
        }
        if self.told.contains(&result.case) && self.is_again {
            return;
        }
        self.has_stand_in |= result.state == State::Failed && result.case.is_stand_in();
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
            if self.keeps_told {
                self.told.insert(result.case.clone());
            }
            self.to_write.push(result.clone());
        } else {
            self.open.insert(result.case.clone(), result.clone());
        }
        self.finished.push(result);
    }

    /// The runner is at its end. What one that hung had half said is left: it is run again.
    pub(super) fn end(&mut self, exit: Option<&Exit>) {
        let code = exit.and_then(|exit| exit.code);
        if let Some(crash) = exit
            .filter(|_| self.suspects.is_none())
            .and_then(|exit| self.python_crash(exit))
        {
            // No report comes any more: what was told until then is all.
            for (case, result) in std::mem::take(&mut self.open) {
                self.told.insert(case);
                self.to_write.push(result);
            }
            self.crashes.push(crash);
        } else if !self.is_broken_off() {
            for case in self.suspects.take().into_iter().flatten() {
                self.time_out(&case);
            }
            self.parser.finish(code, &mut self.heard);
            let crashes = self.parser.take_crashes().into_iter().map(|mut crash| {
                // Of the others the end is that of a program that they started.
                if Framework::from_word(&crash.suite).is_some() {
                    crash.message = exit.map(how).unwrap_or_default();
                }
                crash
            });
            self.crashes.extend(crashes);
            self.hear();
        }
        self.heard.clear();
        self.heard_at = None;
        self.running.clear();
    }

    /// A test of Python's that began and never ended took the program with it, whatever the exit code says.
    fn python_crash(&self, exit: &Exit) -> Option<Crash> {
        let is_python = |case: &&CaseId| matches!(case.framework, Framework::Pytest | Framework::Unittest);
        let is_untold = |case: &&CaseId| !self.told.contains(*case) && !self.open.contains_key(*case);
        let case = self.running.iter().filter(is_python).find(is_untold)?;
        if exit.cause == Cause::Cancelled {
            return None;
        }
        Some(Crash {
            suite: case.suite.clone(),
            message: how(exit),
            output: String::new(),
            culprit: Some(case.clone()),
            suspects: Vec::new(),
        })
    }

    /// The last start of the runner ended by a time-out, and what it did not come to is still to be run.
    pub(super) fn is_broken_off(&self) -> bool {
        self.suspects.is_some() && self.can_go_on
    }

    /// What may hang, when the last start of the runner ended by a time-out.
    pub(super) fn take_suspects(&mut self) -> Option<Vec<CaseId>> {
        self.suspects.take()
    }

    /// The tool had announced more cases than it told.
    pub(super) fn is_short(&self) -> bool {
        self.n_total.is_some_and(|total| self.n_done < total)
    }

    /// So many results of so many tests that were announced.
    pub(super) fn n_of(&self) -> (u64, u64) {
        (self.n_done, self.n_total.unwrap_or(self.n_done))
    }

    pub(super) fn take_crashes(&mut self) -> Vec<Crash> {
        std::mem::take(&mut self.crashes)
    }

    /// A case that ended the program it ran in, or what stands for all of them.
    pub(super) fn crashed(&mut self, case: &CaseId, crash: &Crash) {
        // Go itself says how a test failed that panics.
        if self.is_told(case) {
            return self.around_failed(case);
        }
        let words = if crash.message.is_empty() {
            "ended its program".to_owned()
        } else {
            format!("ended its program ({})", crash.message)
        };
        let known = std::path::Path::new("");
        let result = Finished::new(case.clone(), State::Failed).output(crash.output.clone(), known);
        let message = match result.message.lines().next() {
            Some(first) => format!("{words}: {first}"),
            None => words,
        };
        self.result(Finished { message, ..result }, true);
        self.around_failed(case);
    }

    pub(super) fn passed(&mut self, case: &CaseId) {
        self.result(Finished::new(case.clone(), State::Done), true);
    }

    pub(super) fn is_told(&self, case: &CaseId) -> bool {
        self.told.contains(case)
    }

    /// A case that hangs failed by it, and so did the go tests that it stands below.
    pub(super) fn time_out(&mut self, case: &CaseId) {
        self.fail(case, &format!("timed out after {:?}", self.case_timeout.unwrap_or_default()));
        self.around_failed(case);
    }

    /// The go tests that a failed one stands below failed by it.
    fn around_failed(&mut self, case: &CaseId) {
        if case.framework == Framework::Go {
            case.above().iter().for_each(|above| self.inner_failed(above));
        }
    }

    /// A test failed because one inside it did.
    pub(super) fn inner_failed(&mut self, case: &CaseId) {
        self.fail(case, INNER_FAILED);
    }

    fn fail(&mut self, case: &CaseId, words: &str) {
        if self.told.contains(case) {
            return;
        }
        let open = self.open.get(case).cloned();
        let mut result = open.unwrap_or_else(|| Finished::new(case.clone(), State::Failed));
        result.state = State::Failed;
        words.clone_into(&mut result.message);
        self.result(result, true);
    }

    /// The runner is started once more for what is left.
    pub(super) fn begin_again(&mut self, parser: Box<dyn Parser>) {
        self.parser = parser;
        self.is_again = true;
    }

    pub(super) fn take_report(&mut self, found: Vec<Finished>) {
        for result in self.parser.details(found) {
            self.result(result, true);
        }
    }

    pub(super) async fn flush(&mut self, cx: &JobCtx, is_last: bool) {
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

impl Listener {
    /// How long a case may be silent before it is ended.
    fn limit(&self) -> Option<Duration> {
        self.case_timeout.map(|limit| limit + limit / 4 + GRACE)
    }

    /// What may be running now.
    fn suspected(&self) -> Vec<CaseId> {
        let mut suspects = self.running.clone();
        suspects.extend(self.parser.running());
        suspects.retain(|case| !self.told.contains(case));
        // A test that waits for those below it does not hang by itself.
        let above: BTreeSet<CaseId> = suspects.iter().flat_map(CaseId::above).collect();
        suspects.difference(&above).cloned().collect()
    }

    /// Says what runs, and for how long nothing was heard of it.
    pub(super) async fn tell_running(&mut self, cx: &JobCtx, is_over: bool) {
        let Some(heard_at) = self.heard_at else { return };
        let mut cases = self.suspected();
        cases.truncate(MAX_NAMED);
        if is_over && cases.is_empty() {
            return;
        }
        cx.update(Update::StillRunning {
            workspace: self.workspace.id.clone(),
            cases,
            secs: heard_at.elapsed().as_secs(),
            is_over,
        })
        .await;
    }
}

impl Listen for Listener {
    fn line(&mut self, line: &RawLine<'_>) -> Shown {
        keep_tail(&mut self.tail, line);
        if self.is_broken_off() {
            // What it says while it is being ended is no result.
            return Shown::Hidden;
        }
        let shown = self.parser.line(line.stream, line.bytes, &mut self.heard);
        self.hear();
        shown
    }

    async fn pause(&mut self, cx: &JobCtx) {
        self.flush(cx, false).await;
    }

    fn patience(&self) -> Option<Duration> {
        // Before the first word there may be a build.
        let silent = self.heard_at?.elapsed();
        let wait = self.limit().map_or(self.silence, |limit| limit.min(self.silence));
        Some(wait.saturating_sub(silent))
    }

    async fn silent(&mut self, cx: &JobCtx) -> bool {
        let silent = self.heard_at.map(|at| at.elapsed()).unwrap_or_default();
        if self.limit().is_some_and(|limit| silent >= limit) {
            self.is_hung = true;
            self.suspects = Some(self.suspected());
            return true;
        }
        if silent >= self.silence {
            self.silence *= 2;
            self.tell_running(cx, false).await;
        }
        false
    }
}

/// How a program ended that was not to end yet.
fn how(exit: &Exit) -> String {
    match &exit.cause {
        Cause::Signal { name } => name.clone(),
        _ => format!("exit code {}", exit.code.unwrap_or_default()),
    }
}

pub(super) fn keep_tail(tail: &mut VecDeque<String>, line: &RawLine<'_>) {
    let is_ours = line.bytes.starts_with(b"{\"chantier\":") || line.bytes.starts_with(b"{\"reason\":");
    if line.is_progress || is_ours {
        return;
    }
    if tail.len() == TAIL_LINES {
        tail.pop_front();
    }
    tail.push_back(plain(&line.bytes[..line.bytes.len().min(2000)]));
}
