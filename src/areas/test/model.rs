//! What is known of tests, per workspace. Pure: changes only in `apply`.

use super::compare::{Changed, Group};
use super::flaky::Report;
use super::frameworks::debug::Debugging;
use super::frameworks::{CaseId, Finished, Site};
use super::gate::Checked;
use super::leaks::{Leak, Leaking};
use super::plans::Plan;
use super::{CaseDetail, CaseRow, CoverageShown, Reason, RunRow, Update, mark_of, state_of_mark};
use crate::base::{JobId, Loadable, Problem, State, Timestamp, WorkspaceId};
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// Results that a strip shows.
pub const STRIP: usize = 30;
/// Runs kept; the ledger has them all.
const RUNS_KEPT: usize = 500;
/// Results kept of the last job, for what was asked on the command line.
pub const RESULTS_KEPT: usize = 100_000;

#[derive(Clone, Debug, Default)]
pub struct Model {
    tests: BTreeMap<WorkspaceId, Tests>,
}

/// The tests of one workspace.
#[derive(Clone, Debug, Default)]
pub struct Tests {
    pub sites: Vec<Site>,
    pub cases: Loadable<BTreeMap<CaseId, Case>>,
    /// Pages of cases that are on their way.
    incoming: BTreeMap<CaseId, Case>,
    /// Newest first.
    pub runs: Loadable<Vec<RunRow>>,
    pub counts: Counts,
    /// What the tools named when they were asked last.
    pub listed: BTreeSet<CaseId>,
    /// Why what was run last for a change was chosen.
    pub reasons: Vec<Reason>,
    pub live: Option<Live>,
    /// The runs of the job that ended last (one per site), and what kept one of them from being one.
    pub last: Vec<RunRow>,
    pub troubles: Vec<Problem>,
    /// The newest results of the last job, failures with their outputs.
    pub last_results: BTreeMap<CaseId, Finished>,
    /// What ran when the last job was stopped.
    pub was_running: BTreeSet<CaseId>,
    /// What was left behind in the last job, and by the newest run of each case that leaks.
    pub last_leaks: Vec<Leaking>,
    pub leaks: BTreeMap<CaseId, Leaking>,
    pub detail: Option<CaseDetail>,
    pub run_shown: Option<(RunRow, Vec<Finished>)>,
    /// Commit and hash of the sources now; None before they were read.
    pub sources: Option<(Option<String>, Option<String>)>,
    pub compared: Option<Compared>,
    pub groups: Loadable<Vec<Group>>,
    pub flaky: BTreeMap<CaseId, Report>,
    /// The test that was judged last.
    pub judged: Option<CaseId>,
    /// The debugger that was made ready last.
    pub debugging: Option<DebugReady>,
    pub reports_written: Vec<PathBuf>,
    pub coverage: Option<CoverageShown>,
    pub gate: Vec<Checked>,
    pub plans: Vec<Plan>,
    /// Changes when cases come or go.
    pub shape: u64,
    /// Changes with every event.
    pub generation: u64,
}

/// The debugger of a test.
#[derive(Clone, Debug, PartialEq)]
pub struct DebugReady {
    pub case: CaseId,
    pub ready: Debugging,
    /// As one types it.
    pub words: String,
    /// The job that was asked to show it in a terminal.
    pub shown_by: Option<JobId>,
}

/// Two runs beside each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Compared {
    pub before: RunRow,
    pub after: RunRow,
    pub changes: Vec<Changed>,
    pub n_same: u64,
}

/// What runs now.
#[derive(Clone, Debug, PartialEq)]
pub struct Live {
    pub job: JobId,
    pub run: Option<i64>,
    pub running: BTreeSet<CaseId>,
    pub n_total: Option<u64>,
    pub n_done: u64,
    pub n_failed: u64,
    /// Cases whose result in this job is counted.
    counted: BTreeSet<CaseId>,
}

/// How many cases stand how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub n_failed: u64,
    pub n_passed: u64,
    pub n_skipped: u64,
    pub n_flaky: u64,
    pub n_unknown: u64,
}

impl Counts {
    pub fn n_cases(&self) -> u64 {
        self.n_failed + self.n_passed + self.n_skipped + self.n_flaky + self.n_unknown
    }

    fn slot(&mut self, state: State) -> &mut u64 {
        match state {
            State::Failed => &mut self.n_failed,
            State::Done => &mut self.n_passed,
            State::Degraded => &mut self.n_flaky,
            State::Skipped => &mut self.n_skipped,
            _ => &mut self.n_unknown,
        }
    }
}

/// One case as the tree shows it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Case {
    /// Oldest first; a flaky pass is degraded.
    pub strip: Vec<State>,
    /// The run of the newest result.
    pub run: Option<i64>,
    pub duration_ms: Option<u64>,
    /// The first words of the newest failure, when this session saw it.
    pub message: String,
}

/// What the strip says of a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    NotRun,
    Passed,
    Flaky,
    Skipped,
    /// Failed now, and not before.
    NewFailure,
    /// Failed so many times in a row; the strip's length is the most that is known.
    FailedRuns(usize),
    Fixed,
    Cancelled,
}

impl Case {
    fn of(row: CaseRow) -> (CaseId, Self) {
        let strip = row.strip.chars().map(state_of_mark).collect();
        (
            row.case,
            Self {
                strip,
                run: row.run,
                duration_ms: row.duration_ms,
                message: String::new(),
            },
        )
    }

    pub fn state(&self) -> State {
        self.strip.last().copied().unwrap_or(State::Unknown)
    }

    pub fn verdict(&self) -> Verdict {
        // A case that was skipped in between failed no less.
        let told = || {
            self.strip
                .iter()
                .rev()
                .filter(|state| !matches!(state, State::Skipped | State::Cancelled | State::Unknown))
        };
        match self.state() {
            State::Failed => match told().take_while(|state| **state == State::Failed).count() {
                0 | 1 => Verdict::NewFailure,
                n => Verdict::FailedRuns(n),
            },
            State::Done if told().nth(1) == Some(&State::Failed) => Verdict::Fixed,
            State::Done => Verdict::Passed,
            State::Degraded => Verdict::Flaky,
            State::Skipped => Verdict::Skipped,
            State::Cancelled => Verdict::Cancelled,
            _ => Verdict::NotRun,
        }
    }
}

impl Model {
    pub fn get(&self, id: &WorkspaceId) -> Option<&Tests> {
        self.tests.get(id)
    }

    pub fn all(&self) -> impl Iterator<Item = (&WorkspaceId, &Tests)> {
        self.tests.iter()
    }

    pub fn apply(&mut self, update: Update) {
        let id = match &update {
            Update::Loading { workspace }
            | Update::LoadFailed { workspace, .. }
            | Update::SitesFound { workspace, .. }
            | Update::CasesLoaded { workspace, .. }
            | Update::CasesListed { workspace, .. }
            | Update::RunsLoaded { workspace, .. }
            | Update::Chosen { workspace, .. }
            | Update::JobStarted { workspace, .. }
            | Update::RunStarted { workspace, .. }
            | Update::Results { workspace, .. }
            | Update::StillRunning { workspace, .. }
            | Update::RunEnded { workspace, .. }
            | Update::JobEnded { workspace, .. }
            | Update::CaseShown { workspace, .. }
            | Update::RunShown { workspace, .. }
            | Update::LeaksFound { workspace, .. }
            | Update::SourcesRead { workspace, .. }
            | Update::Compared { workspace, .. }
            | Update::Grouped { workspace, .. }
            | Update::FlakyLoaded { workspace, .. }
            | Update::FlakyJudged { workspace, .. }
            | Update::DebugReady { workspace, .. }
            | Update::ReportsWritten { workspace, .. }
            | Update::CoverageShown { workspace, .. }
            | Update::GateChecked { workspace, .. }
            | Update::PlansRead { workspace, .. } => workspace.clone(),
        };
        let tests = self.tests.entry(id).or_default();
        tests.generation += 1;
        tests.apply(update);
    }
}

impl Tests {
    fn apply(&mut self, update: Update) {
        match update {
            Update::Loading { .. } => {
                self.cases.start();
                self.runs.start();
            }
            Update::LoadFailed { problem, .. } => {
                self.cases.fail(problem.clone());
                self.runs.fail(problem);
            }
            Update::SitesFound { sites, .. } => self.sites = sites,
            Update::CasesLoaded {
                cases,
                is_first,
                is_last,
                ..
            } => self.page(cases, is_first, is_last),
            Update::CasesListed { cases, is_first, .. } => self.list(cases, is_first),
            Update::RunsLoaded { runs, .. } => self.runs.finish(runs),
            Update::Chosen { reasons, .. } => self.reasons = reasons,
            Update::JobStarted { job, .. } => {
                self.reasons.clear();
                self.last.clear();
                self.troubles.clear();
                self.last_results.clear();
                self.was_running.clear();
                self.last_leaks.clear();
                self.live = Some(Live {
                    job,
                    run: None,
                    running: BTreeSet::new(),
                    n_total: None,
                    n_done: 0,
                    n_failed: 0,
                    counted: BTreeSet::new(),
                });
            }
            Update::RunStarted { run, .. } => {
                if let Some(live) = &mut self.live {
                    live.run = Some(run.id);
                    live.n_total = None;
                }
                self.put_run(*run);
            }
            Update::Results {
                run,
                started,
                finished,
                n_total,
                ..
            } => self.results(run, started, finished, n_total),
            Update::StillRunning { cases, is_over, .. } => {
                if let Some(live) = &mut self.live {
                    live.running.extend(cases.iter().cloned());
                }
                if is_over {
                    self.was_running.extend(cases);
                }
            }
            Update::RunEnded { run, trouble, .. } => {
                self.put_run((*run).clone());
                self.last.push(*run);
                self.troubles.extend(trouble);
            }
            Update::JobEnded { .. } => self.live = None,
            Update::CaseShown { case, .. } => self.detail = Some(*case),
            Update::RunShown { run, results, .. } => self.run_shown = Some((*run, results)),
            Update::LeaksFound { run, leaks, .. } => self.put_leaks(run, leaks),
            Update::SourcesRead { commit, dirty, .. } => self.sources = Some((commit, dirty)),
            Update::Compared {
                before,
                after,
                changes,
                n_same,
                ..
            } => {
                self.compared = Some(Compared {
                    before: *before,
                    after: *after,
                    changes,
                    n_same,
                });
            }
            Update::Grouped { groups, .. } => self.groups.finish(groups),
            Update::FlakyLoaded { reports, .. } => {
                self.flaky = reports.into_iter().map(|report| (report.case.clone(), report)).collect();
            }
            Update::FlakyJudged { report, .. } => {
                self.judged = Some(report.case.clone());
                self.flaky.insert(report.case.clone(), *report);
            }
            Update::DebugReady {
                case,
                ready,
                words,
                shown_by,
                ..
            } => {
                self.debugging = Some(DebugReady {
                    case,
                    ready: *ready,
                    words,
                    shown_by,
                });
            }
            Update::ReportsWritten { files, .. } => self.reports_written = files,
            Update::CoverageShown { coverage, .. } => self.coverage = Some(*coverage),
            Update::GateChecked { checked, .. } => self.gate = checked,
            Update::PlansRead { plans, .. } => self.put_plans(plans),
        }
    }

    fn page(&mut self, cases: Vec<CaseRow>, is_first: bool, is_last: bool) {
        if is_first {
            self.incoming.clear();
        }
        self.incoming.extend(cases.into_iter().map(Case::of));
        if !is_last {
            return;
        }
        let mut incoming = std::mem::take(&mut self.incoming);
        let old = self.cases.value().into_iter().flatten();
        for (id, case) in old {
            match incoming.get_mut(id) {
                // What this session saw is not in the ledger's pages.
                Some(new) if new.run == case.run => new.message.clone_from(&case.message),
                Some(_) => {}
                // Listed and never run.
                None if case.strip.is_empty() => {
                    incoming.insert(id.clone(), case.clone());
                }
                None => {}
            }
        }
        self.counts = Counts::default();
        for case in incoming.values() {
            *self.counts.slot(case.state()) += 1;
        }
        self.cases.finish(incoming);
        self.shape += 1;
    }

    fn list(&mut self, listed: Vec<CaseId>, is_first: bool) {
        if is_first {
            self.listed.clear();
        }
        self.listed.extend(listed.iter().cloned());
        if self.cases.value().is_none() {
            self.cases.finish(BTreeMap::new());
        }
        let Some(cases) = self.cases.value_mut() else { return };
        for case in listed {
            if let std::collections::btree_map::Entry::Vacant(entry) = cases.entry(case) {
                entry.insert(Case::default());
                self.counts.n_unknown += 1;
            }
        }
        self.shape += 1;
    }

    /// Cases of plans stand beside the others, carried out or not.
    fn put_plans(&mut self, plans: Vec<Plan>) {
        let cases: Vec<CaseId> = plans
            .iter()
            .flat_map(|plan| plan.cases.iter().map(|case| plan.case_id(case)))
            .collect();
        self.plans = plans;
        if let Some(known) = self.cases.value_mut() {
            for case in cases {
                if let std::collections::btree_map::Entry::Vacant(entry) = known.entry(case) {
                    entry.insert(Case::default());
                    self.counts.n_unknown += 1;
                    self.shape += 1;
                }
            }
        }
    }

    /// A case that ran again and left nothing leaks no more.
    fn put_leaks(&mut self, run: Option<i64>, leaks: Vec<Leaking>) {
        let cases = self.cases.value();
        self.leaks.retain(|case, _| {
            let ran = cases.and_then(|cases| cases.get(case)).and_then(|case| case.run);
            run.is_some() && ran != run
        });
        if run.is_some() {
            self.last_leaks.extend(leaks.iter().cloned());
        }
        let own = leaks.into_iter().filter_map(|row| Some((row.case.clone()?, row)));
        self.leaks.extend(own);
    }

    /// What the newest run of a case left behind.
    pub fn leak(&self, case: &CaseId) -> Option<&Leak> {
        let row = self.leaks.get(case)?;
        let known = self.cases.value()?.get(case)?;
        (known.run == Some(row.run)).then_some(&row.leak)
    }

    /// The cases that took longest, with their times; groups of tests inside others count as one.
    pub fn slowest(&self, n: usize) -> Vec<(&CaseId, u64)> {
        let cases = self.cases.value().into_iter().flatten();
        let mut timed: Vec<_> = cases.filter_map(|(id, case)| Some((id, case.duration_ms?))).collect();
        timed.sort_by_key(|(id, ms)| (std::cmp::Reverse(*ms), *id));
        timed.truncate(n);
        timed
    }

    /// Whether the sources are others than those of a run; None when that is not known.
    pub fn is_stale(&self, run: i64) -> Option<bool> {
        let (commit, dirty) = self.sources.as_ref()?;
        let run = self.runs.value()?.iter().find(|known| known.id == run)?;
        run.commit.as_ref()?;
        Some(run.commit != *commit || run.dirty != *dirty)
    }

    /// Cases whose newest result is of other sources.
    pub fn n_stale(&self) -> u64 {
        let stale: BTreeSet<i64> = self
            .runs
            .value()
            .into_iter()
            .flatten()
            .map(|run| run.id)
            .filter(|id| self.is_stale(*id) == Some(true))
            .collect();
        let cases = self.cases.value().into_iter().flat_map(BTreeMap::values);
        cases.filter(|case| case.run.is_some_and(|run| stale.contains(&run))).count() as u64
    }

    fn results(&mut self, run: i64, started: Vec<CaseId>, finished: Vec<Finished>, n_total: Option<u64>) {
        if self.cases.value().is_none() {
            self.cases.finish(BTreeMap::new());
        }
        for result in finished {
            self.result(run, result);
        }
        if let Some(live) = &mut self.live {
            live.running.extend(started);
            live.n_total = n_total.or(live.n_total);
        }
    }

    fn result(&mut self, run: i64, result: Finished) {
        let Some(cases) = self.cases.value_mut() else { return };
        let state = if result.flaky { State::Degraded } else { result.state };
        if !cases.contains_key(&result.case) {
            cases.insert(result.case.clone(), Case::default());
            self.counts.n_unknown += 1;
            self.shape += 1;
        }
        let Some(case) = cases.get_mut(&result.case) else { return };
        let slot = self.counts.slot(case.state());
        *slot = slot.saturating_sub(1);
        if case.run == Some(run) {
            case.strip.pop();
        }
        case.strip.push(state);
        if case.strip.len() > STRIP {
            case.strip.remove(0);
        }
        *self.counts.slot(state) += 1;
        case.run = Some(run);
        case.duration_ms = result.duration_ms.or(case.duration_ms);
        case.message.clone_from(&result.message);
        if let Some(live) = &mut self.live {
            live.running.remove(&result.case);
            if live.counted.insert(result.case.clone()) {
                live.n_done += 1;
            }
            if state == State::Failed {
                live.n_failed += 1;
            }
        }
        if self.last_results.len() < RESULTS_KEPT || self.last_results.contains_key(&result.case) {
            self.last_results.insert(result.case.clone(), result);
        }
    }

    fn put_run(&mut self, run: RunRow) {
        if self.runs.value().is_none() {
            self.runs.finish(Vec::new());
        }
        let Some(runs) = self.runs.value_mut() else { return };
        match runs.iter_mut().take(16).find(|known| known.id == run.id) {
            Some(known) => *known = run,
            None => {
                runs.insert(0, run);
                runs.truncate(RUNS_KEPT);
            }
        }
    }

    /// The newest run.
    pub fn last_run(&self) -> Option<&RunRow> {
        self.runs.value()?.first()
    }

    /// When something was run last.
    pub fn last_at(&self) -> Option<Timestamp> {
        self.last_run().map(|run| run.started_at)
    }

    /// Cases by their names as they are typed: exactly, else by suite or module, else by a part of the name.
    pub fn named(&self, words: &[String]) -> Vec<CaseId> {
        let none = BTreeMap::new();
        named(self.cases.value().unwrap_or(&none).keys(), words)
    }
}

/// Of `cases`, those that one of the words means: the whole id or name, else a suite or module, else its last name, else a part of the id.
pub fn named<'a>(cases: impl Iterator<Item = &'a CaseId> + Clone, words: &[String]) -> Vec<CaseId> {
    let mut found: BTreeSet<CaseId> = BTreeSet::new();
    for word in words {
        let rules: [&dyn Fn(&CaseId) -> bool; 4] = [
            &|case| case.is_called(word),
            &|case| {
                let suite = case.stored_suite();
                suite == *word
                    || case.suite == *word
                    || case.is_below(word)
                    || case.is_of_package(word)
                    || case
                        .name
                        .strip_prefix(word.as_str())
                        .is_some_and(|rest| rest.starts_with("::"))
            },
            &|case| case.name.rsplit("::").next() == Some(word.as_str()),
            &|case| case.text().contains(word.as_str()),
        ];
        for rule in rules {
            let of_rule: Vec<&CaseId> = cases.clone().filter(|case| rule(case)).collect();
            if !of_rule.is_empty() {
                found.extend(of_rule.into_iter().cloned());
                break;
            }
        }
    }
    found.into_iter().collect()
}

/// The strip's letters of a case, for rows that are sent.
pub fn strip_text(states: impl Iterator<Item = (State, bool)>) -> String {
    states.map(|(state, flaky)| mark_of(state, flaky)).collect()
}
