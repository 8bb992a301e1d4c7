//! After a test ended the program that it ran in: the tests that had no turn are run one by one, and the one that does it is named.

use super::frameworks::{CaseId, Crash, Framework, Runner, Selection, WHOLE_PACKAGE, WHOLE_PROGRAM};
use super::hanging::MAX_GOES;
use super::listener::Listener;
use super::listing::list_site;
use super::runs::SiteRun;
use crate::areas::JobCtx;
use crate::base::Problem;
use crate::msg;
use std::path::Path;

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

    /// What had no turn because programs ended early too often.
    pub(super) fn not_run(&self, n_cases: usize) -> Option<Problem> {
        let words = msg!("test-crashed-many", runner = self.site.runner.word(), n = n_cases);
        (n_cases > 0).then(|| Problem::user(words).code("crashed"))
    }

    /// Its tests share a program, and one of them can end it for all.
    pub(super) fn shares_program(&self) -> bool {
        matches!(
            self.site.runner,
            Runner::CargoTest | Runner::Go | Runner::Pytest | Runner::Unittest
        )
    }
}
