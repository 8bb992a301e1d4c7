//! After a time-out: the tests that were not run are run, without the one that hangs.

use super::frameworks::{BARE_PROGRAM, CaseId, Framework, Runner, Selection, cargo_argv};
use super::listener::Listener;
use super::listing::list_site;
use super::runs::SiteRun;
use crate::adapters::scan;
use crate::areas::JobCtx;
use crate::base::Problem;
use std::collections::{BTreeSet, VecDeque};
use std::path::Path;

/// Times that a runner is started again in one run; more hanging tests than that are told as not run.
pub(super) const MAX_GOES: usize = 24;

/// What is left after a time-out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Left {
    /// Cases without a result.
    pub n_cases: usize,
    /// Nobody knows which of them hang.
    pub is_unknown: bool,
}

impl SiteRun {
    /// Runs what the runner that hung did not come to. Ends: every start either hangs on fewer cases than the one before it or tells some.
    pub(super) async fn run_rest(&self, cx: &JobCtx, junit_path: &Path, listener: &mut Listener) -> Result<Left, Problem> {
        if self.site.runner == Runner::Node && self.selection == Selection::All {
            return self.run_but(cx, junit_path, listener).await;
        }
        let mut of_go = self.wanted(cx).await?;
        let mut goes: VecDeque<Vec<CaseId>> = VecDeque::new();
        let mut n_goes = 0;
        let mut left = Left::default();
        loop {
            if let Some(suspects) = listener.take_suspects() {
                let untold: Vec<CaseId> = of_go.iter().filter(|case| !listener.is_told(case)).cloned().collect();
                judge(suspects, untold, listener, &mut goes);
            }
            let Some(mut next) = goes.pop_front() else { break };
            next.retain(|case| !listener.is_told(case));
            if next.is_empty() {
                continue;
            }
            if n_goes == MAX_GOES {
                left.n_cases += next.len();
                continue;
            }
            n_goes += 1;
            self.go(cx, junit_path, listener, Selection::Cases(next.clone()), Vec::new())
                .await?;
            of_go = next;
        }
        Ok(left)
    }

    /// Node can not name its tests before they ran: everything is run again but for the names that hang.
    async fn run_but(&self, cx: &JobCtx, junit_path: &Path, listener: &mut Listener) -> Result<Left, Problem> {
        let mut hanging: BTreeSet<CaseId> = BTreeSet::new();
        let mut n_goes = 0;
        while let Some(suspects) = listener.take_suspects() {
            let before = hanging.len();
            for case in &suspects {
                listener.time_out(case);
            }
            hanging.extend(suspects);
            if hanging.len() == before || n_goes == MAX_GOES {
                return Ok(Left {
                    n_cases: 0,
                    is_unknown: true,
                });
            }
            n_goes += 1;
            let without: Vec<CaseId> = hanging.iter().cloned().collect();
            self.go(cx, junit_path, listener, Selection::All, without).await?;
        }
        let around: BTreeSet<CaseId> = hanging.iter().flat_map(CaseId::above).collect();
        let left_out = listener.parser.left_out();
        let (guilty, namesakes): (Vec<CaseId>, Vec<CaseId>) = left_out.into_iter().partition(|case| around.contains(case));
        for case in &guilty {
            listener.inner_failed(case);
        }
        // Others of the same name were left out with them.
        for case in namesakes {
            if listener.is_told(&case) {
                continue;
            }
            if n_goes == MAX_GOES {
                return Ok(Left {
                    n_cases: 1,
                    is_unknown: false,
                });
            }
            n_goes += 1;
            self.go(cx, junit_path, listener, Selection::Cases(vec![case.clone()]), Vec::new())
                .await?;
            if listener.take_suspects().is_some() {
                listener.time_out(&case);
            }
        }
        Ok(Left::default())
    }

    /// One more start of the runner, for what is chosen.
    pub(super) async fn go(
        &self,
        cx: &JobCtx,
        junit_path: &Path,
        listener: &mut Listener,
        selection: Selection,
        left_out: Vec<CaseId>,
    ) -> Result<(), Problem> {
        cx.check()?;
        let mut part = self.clone();
        part.selection = selection;
        part.limits.left_out = left_out;
        // It would be that of these few in the place of all.
        part.limits.has_coverage &= !scan::is_file(&self.coverage_path(cx));
        let start = part.start(cx, junit_path).await?;
        listener.begin_again(start.parser);
        let there = part.reports_there(cx).await?;
        part.commands(cx, start.commands, &start.env, listener).await?;
        part.reports(cx, junit_path, &there, listener).await
    }

    /// The cases that this run was to run.
    pub(super) async fn wanted(&self, cx: &JobCtx) -> Result<Vec<CaseId>, Problem> {
        if let Selection::Cases(cases) = &self.selection {
            return Ok(cases.clone());
        }
        let (mut cases, _) = list_site(cx, &self.world, &self.workspace, &self.site).await?;
        // Subtests and programs without a list of tests are known only from earlier runs.
        let history = self.world.store().tests().history(&self.workspace.id).await?;
        let known = history
            .cases
            .iter()
            .filter_map(|case| CaseId::from_stored(&case.suite, &case.name));
        cases.extend(known.filter(|case| match case.framework {
            Framework::Go => case.name.contains('/') && self.site.tells(case),
            Framework::Cargo => self.site.runner == Runner::CargoTest && case.name == BARE_PROGRAM,
            _ => false,
        }));
        cases.sort();
        cases.dedup();
        Ok(cases)
    }
}

/// Settles what one suspect or one case alone says, and plans what is to be found out yet.
fn judge(suspects: Vec<CaseId>, untold: Vec<CaseId>, listener: &mut Listener, goes: &mut VecDeque<Vec<CaseId>>) {
    if suspects.len() == 1 || untold.len() == 1 {
        if let Some(case) = suspects.first().or(untold.first()) {
            listener.time_out(case);
        }
        let rest: Vec<CaseId> = untold.into_iter().filter(|case| !listener.is_told(case)).collect();
        parts(rest).into_iter().rev().for_each(|part| goes.push_front(part));
        return;
    }
    if suspects.is_empty() {
        let (first, second) = untold.split_at(untold.len() / 2);
        goes.push_front(second.to_vec());
        goes.push_front(first.to_vec());
        return;
    }
    // Some of them only ran beside the one that hangs.
    let rest: Vec<CaseId> = untold.into_iter().filter(|case| !suspects.contains(case)).collect();
    parts(rest).into_iter().rev().for_each(|part| goes.push_front(part));
    goes.extend(suspects.into_iter().map(|case| vec![case]));
}

/// Documentation tests are run by themselves.
fn parts(cases: Vec<CaseId>) -> Vec<Vec<CaseId>> {
    let (docs, others): (Vec<CaseId>, Vec<CaseId>) = cases.into_iter().partition(cargo_argv::is_doc);
    [others, docs].into_iter().filter(|part| !part.is_empty()).collect()
}
