//! Criteria that a test proves: ticked when it passed last, unticked when it failed or is gone. What was skipped or never ran changes nothing.

use super::{Because, Followed};
use crate::adapters::World;
use crate::adapters::store::tests::{CaseHistory, TestHistory};
use crate::areas::JobCtx;
use crate::areas::plan::folder::Folder;
use crate::areas::plan::model::Plan;
use crate::areas::plan::modules::check::fields::nearest;
use crate::areas::plan::{Change, Item};
use crate::base::{Problem, SafeText, State, Workspace};
use crate::msg;
use std::collections::{BTreeMap, BTreeSet};

/// The last state of every test that is still there, as the ledger has it.
pub type LastStates = BTreeMap<(String, String), State>;

/// What the ledger knows of tests.
#[derive(Debug, Default)]
pub struct Known {
    pub states: LastStates,
    /// Those that were removed or renamed: the newest run of everything had its neighbours and not them.
    pub gone: BTreeSet<(String, String)>,
}

impl Known {
    /// Reads it out of the results of all runs that are kept.
    pub fn of(history: &TestHistory) -> Self {
        let mut known = Self::default();
        for case in &history.cases {
            let Some(last) = case.strip.last() else { continue };
            let name = (case.suite.clone(), case.name.clone());
            if is_gone(case, history) {
                known.gone.insert(name);
            } else {
                known.states.insert(name, last.state);
            }
        }
        known
    }

    fn is_gone(&self, test: &str) -> bool {
        self.gone.iter().any(|(suite, name)| is_meant(test, suite, name))
    }
}

/// A later run of everything had its turn with tests that ran beside this one, and this one was not among them. A run of another place
/// of the workspace, which never had it, says nothing.
fn is_gone(case: &CaseHistory, history: &TestHistory) -> bool {
    let Some(last) = case.strip.last() else { return false };
    let framework = history.runs.get(&last.run).map(|run| run.framework.as_str());
    let Some(whole) = framework
        .and_then(|framework| history.whole.get(framework))
        .filter(|whole| last.run < **whole)
    else {
        return false;
    };
    let runs: BTreeSet<i64> = case.strip.iter().map(|point| point.run).collect();
    history.cases.iter().any(|other| {
        let was_beside = other.strip.iter().any(|point| runs.contains(&point.run));
        was_beside && other.strip.last().is_some_and(|point| point.run >= *whole)
    })
}

/// What a test id says: passed when every test that it means passed. None when it did not run.
pub fn verdict(test: &str, states: &LastStates) -> Option<bool> {
    let mut found = None;
    for ((suite, name), state) in states {
        if !is_meant(test, suite, name) {
            continue;
        }
        match state {
            State::Done => {
                found.get_or_insert(true);
            }
            State::Failed => found = Some(false),
            _ => {}
        }
    }
    found
}

/// `greets`, `tests::greets`, `bonjour::tests::greets`, `bonjour tests::greets` and `tests/test_x.py::test_y` mean the same test.
/// A suite is stored with its framework before it, which nobody types; a test with parameters is each of its cases.
fn is_meant(test: &str, suite: &str, name: &str) -> bool {
    let of_case = name.strip_suffix(']').and_then(|name| name.split_once('['));
    let names = [Some(name), of_case.map(|(whole, _)| whole)];
    let suites = [Some(suite), suite.split_once('/').map(|(_, place)| place)];
    names.into_iter().flatten().any(|name| {
        if name == test {
            return true;
        }
        ["::", "/", ".", " ", " > ", "#"].into_iter().any(|mark| {
            let is_end = name.strip_suffix(test).is_some_and(|before| before.ends_with(mark));
            let with_suite = |suite: &str| test.strip_prefix(suite).and_then(|rest| rest.strip_prefix(mark));
            is_end || suites.into_iter().flatten().any(|suite| with_suite(suite) == Some(name))
        })
    })
}

/// What a criterion that is bound now is worth by the last runs: ticked or not at once. Gives what is told of tests that nobody knows.
pub(in crate::areas::plan) async fn prove(
    world: &World,
    workspace: &Workspace,
    changes: &mut Vec<Change>,
) -> Result<Vec<Problem>, Problem> {
    let binds = |change: &Change| matches!(change, Change::BindCriterion { test: Some(_), .. });
    let mut problems = Vec::new();
    if !changes.iter().any(binds) {
        return Ok(problems);
    }
    let states = Known::of(&world.store().tests().history(&workspace.id).await?).states;
    let mut out = Vec::with_capacity(changes.len() + 1);
    for change in changes.drain(..) {
        let bound = match &change {
            Change::BindCriterion {
                number,
                test: Some(test),
            } => Some((*number, test.clone())),
            _ => None,
        };
        out.push(change);
        let Some((number, test)) = bound else { continue };
        if let Some(is_done) = verdict(&test, &states) {
            out.push(Change::CriterionNumber { number, is_done });
        } else if !states.is_empty() && !states.keys().any(|(suite, name)| is_meant(&test, suite, name)) {
            problems.push(unknown(&test, &states));
        }
    }
    *changes = out;
    Ok(problems)
}

/// No run had a test of that name; the known one that is most like it.
fn unknown(test: &str, states: &LastStates) -> Problem {
    let problem = Problem::user(msg!("plan-bind-unknown", test = SafeText::new(test))).code("no-test");
    let last = |name: &str| {
        name.rsplit([' ', ':', '/', '.', '#', '>'])
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    let known: Vec<String> = states.keys().map(|(_, name)| last(name)).collect();
    match nearest(&last(test), known.iter().map(String::as_str)) {
        Some(near) => problem.hint(msg!("plan-bind-near", word = SafeText::new(near))),
        None => problem,
    }
}

/// Ticks and unticks; gives the items that were changed.
pub(super) async fn follow(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    plan: &Plan,
    told: &mut Vec<Followed>,
) -> Result<Vec<Item>, Problem> {
    let mut changed = Vec::new();
    if !plan.items.values().any(|item| item.bound().next().is_some()) {
        return Ok(changed);
    }
    let known = Known::of(&world.store().tests().history(&workspace.id).await?);
    let today = cx.now().to_zoned(jiff::tz::TimeZone::system()).date();
    for item in plan.items.values() {
        let mut changes = Vec::new();
        for (index, criterion, test) in item.bound() {
            let proven = verdict(test, &known.states);
            // What no test proves any more is not proven.
            let is_gone = proven.is_none() && known.is_gone(test);
            let is_done = if is_gone { Some(false) } else { proven };
            let Some(is_done) = is_done.filter(|is_done| *is_done != criterion.is_done) else {
                continue;
            };
            let test = test.to_owned();
            changes.push(Change::Criterion {
                index,
                text: criterion.text.clone(),
                is_done,
            });
            told.push(Followed {
                id: item.id.clone(),
                because: if is_gone {
                    Because::Gone { test }
                } else {
                    Because::Test { test, is_done }
                },
                refused: None,
                is_known: false,
            });
        }
        if changes.is_empty() {
            continue;
        }
        let (at, id) = (workspace.clone(), item.id.clone());
        let edited = cx
            .blocking(move |cx| Folder::open(&at)?.at(cx.now()).edit(&id, &changes, None, today))
            .await;
        match edited {
            Ok(item) => changed.push(item),
            // One file that can not be written holds nobody else up.
            Err(problem) if problem.is_cancelled() => return Err(problem),
            Err(problem) => {
                for change in told.iter_mut().filter(|change| change.id == item.id) {
                    change.refused = Some(problem.clone());
                }
            }
        }
    }
    Ok(changed)
}
