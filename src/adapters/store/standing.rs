//! How the tests stand at one state of the sources: what each test said last there, over all runs. A run of one test alone must not
//! make the others good.

use super::Db;
use super::fault::Fault;
use super::record::{number, select, values};
use super::test_sites::{site_runs, whole_runs};
use super::tests::{TestRunRow, Tests};
use crate::base::{Problem, State, WorkspaceId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The last results of every test that ran at these sources.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// Failed when a test is, or when the newest run of a tool did not get to its tests.
    pub state: State,
    pub n_passed: u32,
    pub n_failed: u32,
    /// The newest of the runs.
    pub newest: TestRunRow,
}

const COUNT: &str = "SELECT count(*) FROM test_results r WHERE r.state = ? AND r.run = (
  SELECT max(l.run) FROM test_results l JOIN test_runs t ON t.id = l.run
  WHERE l.\"case\" = r.\"case\" AND t.workspace = ? AND t.\"commit\" = ? AND t.dirty IS ? AND t.ended_at IS NOT NULL)
  AND r.run IN (SELECT id FROM test_runs WHERE workspace = ? AND \"commit\" = ? AND dirty IS ? AND ended_at IS NOT NULL)";

impl Tests<'_> {
    /// What is known at a commit with these changes on top (None: without changes); None where no run has ended there.
    pub async fn standing(
        &self,
        workspace: &WorkspaceId,
        commit: &str,
        dirty: Option<&str>,
    ) -> Result<Option<Standing>, Problem> {
        let (workspace, commit, dirty) = (workspace.clone(), commit.to_owned(), dirty.map(str::to_owned));
        self.store()
            .read(move |db| standing(db, &workspace, &commit, dirty.as_deref()))
            .await
    }

    /// How many tests failed last at other sources, and have not run at these since: a run of some tests says nothing of them. Those that
    /// a run of everything did not have any more are gone.
    pub async fn failed_before(&self, workspace: &WorkspaceId, commit: &str, dirty: Option<&str>) -> Result<u32, Problem> {
        let (workspace, commit, dirty) = (workspace.clone(), commit.to_owned(), dirty.map(str::to_owned));
        self.store()
            .read(move |db| failed_before(db, &workspace, &commit, dirty.as_deref()))
            .await
    }
}

const FAILED_LAST: &str = "SELECT r.run, t.framework, count(*) FROM test_results r JOIN test_runs t ON t.id = r.run
  WHERE r.run >= ? AND t.workspace = ? AND t.ended_at IS NOT NULL AND NOT (t.\"commit\" IS ? AND t.dirty IS ?) AND r.state = ?
  AND NOT EXISTS (SELECT 1 FROM test_results l WHERE l.\"case\" = r.\"case\" AND l.run > r.run) GROUP BY r.run";

fn failed_before(db: &Db, workspace: &WorkspaceId, commit: &str, dirty: Option<&str>) -> Result<u32, Fault> {
    let (sites, tools) = (site_runs(db, workspace)?, whole_runs(db, workspace)?);
    let site_of = |run: i64| sites.values().find(|site| site.runs.contains(&run));
    let of_sites: Vec<i64> = sites.values().map(|site| site.whole.unwrap_or(0)).collect();
    let least = of_sites.into_iter().min().unwrap_or(0);
    let (workspace, dirty, commit) = (workspace.clone(), dirty.map(str::to_owned), commit.to_owned());
    let mut statement = db.conn.prepare_cached(FAILED_LAST)?;
    let asked = values![least, workspace, commit, dirty, State::Failed];
    let mut rows = statement.query(rusqlite::params_from_iter(asked.iter()))?;
    let mut n_failed = 0;
    while let Some(row) = rows.next()? {
        let (run, framework, n): (i64, String, u32) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let whole = match site_of(run) {
            Some(site) => site.whole,
            None => tools.get(&framework).copied(),
        };
        if whole.is_none_or(|whole| run >= whole) {
            n_failed += n;
        }
    }
    Ok(n_failed)
}

pub(super) fn standing(db: &Db, workspace: &WorkspaceId, commit: &str, dirty: Option<&str>) -> Result<Option<Standing>, Fault> {
    let (workspace, commit, dirty) = (workspace.clone(), commit.to_owned(), dirty.map(str::to_owned));
    let runs: Vec<TestRunRow> = select(
        db,
        "WHERE workspace = ? AND \"commit\" = ? AND dirty IS ? AND ended_at IS NOT NULL ORDER BY id DESC",
        &values![workspace, commit, dirty],
    )?;
    let count = |state: State| {
        let n = number(db, COUNT, &values![state, workspace, commit, dirty, workspace, commit, dirty])?;
        Ok::<u32, Fault>(u32::try_from(n.unwrap_or_default()).unwrap_or(u32::MAX))
    };
    let Some(newest) = runs.first() else { return Ok(None) };
    // One run has counted already.
    let (n_passed, n_failed) = match &runs[..] {
        [only] => (only.n_passed, only.n_failed),
        _ => (count(State::Done)?, count(State::Failed)?),
    };
    let mut seen = BTreeSet::new();
    let newest_of_each = runs.iter().filter(|run| seen.insert(run.framework.as_str()));
    // A run that failed by its tests is told by them.
    let ends: Vec<State> = newest_of_each
        .filter(|run| run.state != State::Failed || run.n_failed == 0)
        .map(|run| run.state)
        .collect();
    let state = if n_failed > 0 || ends.contains(&State::Failed) {
        State::Failed
    } else {
        ends.iter()
            .copied()
            .find(|state| *state != State::Done)
            .unwrap_or(State::Done)
    };
    Ok(Some(Standing {
        state,
        n_passed,
        n_failed,
        newest: newest.clone(),
    }))
}
