//! Puts right what can be put right: the first fix of each finding, round after round, until none is left that changes anything.
//! A fix speaks of the plan as it was checked, so what an earlier one of the round touched waits for the next check.

use super::check::{self, Fix};
use super::edit::Change;
use super::folder::{Desk, FileChange};
use super::generate::TemplateInfo;
use super::schema::Address;
use crate::base::{Msg, Problem, Workspace};
use std::collections::BTreeSet;

/// Rounds that a plan may take: each brings at least one fix.
const MAX_ROUNDS: usize = 1000;

/// What was put right, and the files that hold it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Mended {
    pub files: Vec<FileChange>,
    pub fixes: Vec<(Address, Msg)>,
}

/// Works the fixes out, without writing.
pub fn mend(workspace: &Workspace, templates: &[TemplateInfo], is_cancelled: &dyn Fn() -> bool) -> Result<Mended, Problem> {
    let mut desk = Desk::open(workspace)?;
    let mut out = Mended::default();
    let mut done: BTreeSet<String> = BTreeSet::new();
    for _ in 0..MAX_ROUNDS {
        if is_cancelled() {
            return Err(Problem::cancelled());
        }
        let mut plan = desk.plan();
        plan.templates = templates.to_vec();
        let findings = check::findings(&plan);
        let open: Vec<(&Address, &Fix)> = findings
            .iter()
            .filter_map(|finding| Some((&finding.at, finding.fixes.first()?)))
            .filter(|(_, fix)| !done.contains(&key_of(fix)))
            .collect();
        // Names change last: until then everything is found where the check saw it.
        let (renames, others): (Vec<_>, Vec<_>) = open.into_iter().partition(|(_, fix)| is_rename(fix));
        let n_before = out.fixes.len();
        for round in [others, renames] {
            let mut touched: BTreeSet<String> = BTreeSet::new();
            for (at, fix) in round {
                let places: Vec<String> = fix.changes.iter().map(place_of).collect();
                if places.iter().any(|place| touched.contains(place)) || desk.apply(&fix.changes).is_err() {
                    continue;
                }
                touched.extend(places);
                done.insert(key_of(fix));
                out.fixes.push((at.clone(), fix.label.clone()));
            }
            if out.fixes.len() > n_before {
                break;
            }
        }
        if out.fixes.len() == n_before {
            break;
        }
    }
    out.files = desk.into_changes()?;
    Ok(out)
}

fn is_rename(fix: &Fix) -> bool {
    fix.changes.iter().any(|change| matches!(change, Change::Rename { .. }))
}

fn key_of(fix: &Fix) -> String {
    format!("{:?}", fix.changes)
}

/// What a change writes to.
fn place_of(change: &Change) -> String {
    match change {
        Change::Set { at, key, .. } => format!("{at} {key}"),
        Change::Add { at, .. } | Change::Remove { at } | Change::Rename { at, .. } => at.to_string(),
        Change::NewModule { module, .. } | Change::RemoveModule { module } => module.clone(),
    }
}
