//! Puts right what can be put right: one fix after the other, each worked out on the plan as the one before it left it, until none is
//! left that changes anything.

use super::check::{self, Fix};
use super::edit::Change;
use super::folder::{Desk, FileChange};
use super::generate::TemplateInfo;
use super::schema::Address;
use crate::base::{Msg, Problem, Workspace};
use std::collections::BTreeSet;

/// Fixes that a plan may take.
const MAX_FIXES: usize = 1000;

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
    while out.fixes.len() < MAX_FIXES {
        if is_cancelled() {
            return Err(Problem::cancelled());
        }
        let mut plan = desk.plan();
        plan.templates = templates.to_vec();
        let findings = check::findings(&plan);
        let mut open: Vec<(&Address, &Fix)> = findings
            .iter()
            .filter_map(|finding| Some((&finding.at, finding.fixes.first()?)))
            .filter(|(_, fix)| !done.contains(&key_of(fix)))
            .collect();
        open.sort_by_key(|(_, fix)| rank(fix));
        let mut is_mended = false;
        for (at, fix) in open {
            if desk.apply(&fix.changes).is_ok() {
                done.insert(key_of(fix));
                out.fixes.push((at.clone(), fix.label.clone()));
                is_mended = true;
                break;
            }
        }
        if !is_mended {
            break;
        }
    }
    out.files = desk.into_changes()?;
    Ok(out)
}

/// What is only said otherwise comes before what is put beside it, which may not be needed then; names change last.
fn rank(fix: &Fix) -> u8 {
    let has = |is_it: fn(&Change) -> bool| fix.changes.iter().any(is_it);
    if has(|change| matches!(change, Change::Rename { .. })) {
        2
    } else {
        u8::from(!has(|change| matches!(change, Change::Set { .. })) || has(|change| matches!(change, Change::Add { .. })))
    }
}

fn key_of(fix: &Fix) -> String {
    format!("{:?}", fix.changes)
}
