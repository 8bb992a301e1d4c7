//! After a test ended the program that it ran in: the tests that had no turn are run one by one, and the one that does it is named.

use super::frameworks::{CaseId, Crash, Framework, Runner, Selection, WHOLE_PACKAGE, WHOLE_PROGRAM};
use super::hanging::MAX_GOES;
use super::listener::Listener;
use super::listing::list_site;
use super::runs::SiteRun;
use crate::areas::JobCtx;
use crate::base::Problem;
use crate::msg;
use std::collections::VecDeque;
use std::path::Path;

/// So many tests that may have ended their runner are run alone.
const MAX_SUSPECTS: usize = 4;

impl SiteRun {
    /// A program as a whole is chosen by its tests. Gives what stood for them.
    pub(super) async fn name_programs(&mut self, cx: &JobCtx) -> Result<Vec<CaseId>, Problem> {
        let Selection::Cases(cases) = &self.selection else {
            return Ok(Vec::new());
        };
        let is_program = |case: &CaseId| case.framework == Framework::Cargo && case.name == WHOLE_PROGRAM;
        let (programs, mut cases): (Vec<CaseId>, Vec<CaseId>) = cases.iter().cloned().partition(is_program);
        if programs.is_empty() {
            return Ok(programs);
        }
        let (listed, _) = list_site(cx, &self.world, &self.workspace, &self.site).await?;
        let is_chosen = |case: &CaseId| programs.iter().any(|program| program.suite == case.suite);
        cases.extend(listed.into_iter().filter(is_chosen));
        cases.sort();
        cases.dedup();
        self.selection = Selection::Cases(cases);
        Ok(programs)
    }

    /// Runs what the programs that ended early did not come to; `programs` were asked for as a whole. Gives how many had no turn at all.
    /// Ends: every start tells one case at least, or is the last.
    pub(super) async fn run_after_crash(
        &self,
        cx: &JobCtx,
        junit_path: &Path,
        listener: &mut Listener,
        programs: &[CaseId],
    ) -> Result<usize, Problem> {
        let crashes = listener.take_crashes();
        for program in programs {
            if crashes.iter().all(|crash| crash.suite != program.suite) {
                listener.passed(program);
            }
        }
        if crashes.is_empty() {
            return Ok(0);
        }
        let wanted = self.wanted(cx).await?;
        if self.is_js() {
            return Box::pin(self.run_in_parts(cx, junit_path, listener, crashes, wanted)).await;
        }
        let mut n_left = 0;
        for crash in crashes {
            // Python runs them all in one program.
            let has_programs = |case: &CaseId| matches!(case.framework, Framework::Cargo | Framework::Go);
            let is_of_program = |case: &&CaseId| !has_programs(case) || case.suite == crash.suite;
            let of_program = wanted.iter().filter(is_of_program);
            let rest: Vec<CaseId> = of_program.cloned().collect();
            n_left += Box::pin(self.run_one_by_one(cx, junit_path, listener, &crash, rest)).await?;
        }
        Ok(n_left)
    }

    async fn run_one_by_one(
        &self,
        cx: &JobCtx,
        junit_path: &Path,
        listener: &mut Listener,
        crash: &Crash,
        mut rest: Vec<CaseId>,
    ) -> Result<usize, Problem> {
        let mut part = self.clone();
        if matches!(part.site.runner, Runner::CargoTest | Runner::Go) {
            part.limits.jobs = Some(1);
        }
        let mut is_named = false;
        if let Some(case) = &crash.culprit {
            listener.crashed(case, crash);
            is_named = true;
        }
        let mut n_goes = 0;
        loop {
            rest.retain(|case| !listener.is_told(case));
            match rest.as_slice() {
                [] => break,
                // Nothing else can have done it.
                [only] if !is_named => {
                    listener.crashed(only, crash);
                    return Ok(0);
                }
                _ if n_goes == MAX_GOES => return Ok(rest.len()),
                _ => {}
            }
            if n_goes == 0 {
                cx.note(format!("{}: {}", crash.suite, crash.message));
            }
            n_goes += 1;
            let before = rest.len();
            part.go(cx, junit_path, listener, Selection::Cases(rest.clone()), Vec::new())
                .await?;
            let again = listener.take_crashes();
            for case in listener.take_suspects().into_iter().flatten() {
                listener.time_out(&case);
            }
            for crash in &again {
                if let Some(case) = &crash.culprit {
                    listener.crashed(case, crash);
                    is_named = true;
                }
            }
            rest.retain(|case| !listener.is_told(case));
            if again.is_empty() || rest.len() == before {
                break;
            }
        }
        if !is_named {
            // One by one none of them does it.
            let whole = match part.site.runner {
                Runner::Go => CaseId::new(Framework::Go, &crash.suite, WHOLE_PACKAGE),
                _ => CaseId::new(Framework::Cargo, &crash.suite, WHOLE_PROGRAM),
            };
            listener.crashed(&whole, crash);
        }
        Ok(0)
    }

    /// Vitest, Jest and Mocha end as a whole, and Vitest tells what began only some time later: what may have done it is run alone, else
    /// what had no turn is halved until one test is left. Ends: every start tells some, or is of fewer tests than the one before it.
    async fn run_in_parts(
        &self,
        cx: &JobCtx,
        junit_path: &Path,
        listener: &mut Listener,
        mut crashes: Vec<Crash>,
        mut of_go: Vec<CaseId>,
    ) -> Result<usize, Problem> {
        let mut goes: VecDeque<Vec<CaseId>> = VecDeque::new();
        let (mut n_goes, mut n_left) = (0, 0);
        let mut is_named = false;
        loop {
            of_go.retain(|case| !listener.is_told(case));
            let hangs: Vec<CaseId> = listener.take_suspects().into_iter().flatten().collect();
            for case in &hangs {
                listener.time_out(case);
            }
            if let Some(crash) = crashes.pop() {
                let culprit = crash.culprit.clone().or_else(|| match of_go.as_slice() {
                    [only] => Some(only.clone()),
                    _ => None,
                });
                if let Some(case) = &culprit {
                    listener.crashed(case, &crash);
                    is_named = true;
                }
                of_go.retain(|case| !listener.is_told(case));
                let parts = parts_after(of_go, &crash, culprit.as_ref());
                parts.into_iter().rev().for_each(|part| goes.push_front(part));
            } else if !hangs.is_empty() {
                goes.push_front(of_go);
            }
            let Some(mut next) = goes.pop_front() else { break };
            next.retain(|case| !listener.is_told(case));
            if next.is_empty() {
                of_go = next;
                continue;
            }
            if n_goes == MAX_GOES {
                n_left += next.len();
                of_go = Vec::new();
                continue;
            }
            n_goes += 1;
            self.go(cx, junit_path, listener, Selection::Cases(next.clone()), Vec::new())
                .await?;
            crashes = listener.take_crashes();
            of_go = next;
        }
        if !is_named && listener.trouble.is_none() {
            let words = msg!("test-runner-cut", runner = self.site.runner.word());
            listener.trouble = Some(Problem::user(words).code("not-run"));
        }
        Ok(n_left)
    }

    pub(super) fn is_js(&self) -> bool {
        matches!(self.site.runner, Runner::Vitest | Runner::Jest | Runner::Mocha)
    }

    /// What had no turn because programs ended early too often.
    pub(super) fn not_run(&self, n_cases: usize) -> Option<Problem> {
        let words = msg!("test-crashed-many", runner = self.site.runner.word(), n = n_cases);
        (n_cases > 0).then(|| Problem::user(words).code("crashed"))
    }

    /// Its tests share a program, and one of them can end it for all.
    pub(super) fn shares_program(&self) -> bool {
        let runners = [Runner::CargoTest, Runner::Go, Runner::Pytest, Runner::Unittest];
        self.is_js() || runners.contains(&self.site.runner)
    }
}

/// What is run next of the cases that an end of the runner left without a result.
fn parts_after(untold: Vec<CaseId>, crash: &Crash, culprit: Option<&CaseId>) -> Vec<Vec<CaseId>> {
    if let Some(culprit) = culprit {
        // A file with many tests is only run whole.
        let (same, others): (Vec<CaseId>, Vec<CaseId>) = untold.into_iter().partition(|case| case.suite == culprit.suite);
        return vec![others, same];
    }
    let (suspects, others): (Vec<CaseId>, Vec<CaseId>) = untold.iter().cloned().partition(|case| crash.suspects.contains(case));
    if !suspects.is_empty() && !others.is_empty() && suspects.len() <= MAX_SUSPECTS {
        let alone = suspects.into_iter().map(|case| vec![case]);
        return alone.chain([others]).collect();
    }
    let mut middle = untold.len() / 2;
    // Whole files where there are several.
    let same = |at: usize| at > 0 && untold[at - 1].suite == untold[at].suite;
    let border = (middle..untold.len()).chain((1..middle).rev()).find(|at| !same(*at));
    middle = border.filter(|at| *at > 0).unwrap_or(middle);
    let (first, second) = untold.split_at(middle);
    vec![first.to_vec(), second.to_vec()]
}
