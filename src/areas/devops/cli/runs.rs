//! `chantier devops runs` and `run`: what people read of the ledger.

use crate::areas::devops::RunRow;
use crate::base::{Catalog, JobId, WorkspaceId, format};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn json_of(run: &RunRow, texts: &Catalog) -> Value {
    let mut value = serde_json::to_value(run).unwrap_or_default();
    if let Some(object) = value.as_object_mut() {
        object.insert("title".to_owned(), Value::String(texts.msg(&run.title)));
    }
    value
}

/// Newest first, each with what it started below it, in the order in which that was.
pub(super) fn list(runs: &[RunRow], name_of: &dyn Fn(&WorkspaceId) -> Option<String>, texts: &Catalog) -> String {
    let listed: BTreeSet<JobId> = runs.iter().map(|run| run.id).collect();
    let mut below: BTreeMap<JobId, Vec<&RunRow>> = BTreeMap::new();
    let mut open: Vec<(&RunRow, usize)> = Vec::new();
    for run in runs {
        match run.parent.filter(|parent| listed.contains(parent)) {
            Some(parent) => below.entry(parent).or_default().push(run),
            None => open.push((run, 0)),
        }
    }
    open.reverse();
    let mut text = String::new();
    while let Some((run, depth)) = open.pop() {
        let name = run.workspace.as_ref().and_then(name_of).filter(|_| depth == 0);
        text.push_str(&line(run, depth, name.as_deref(), texts));
        // The list has the newest first, so that the oldest is taken next.
        open.extend(below.remove(&run.id).into_iter().flatten().map(|child| (child, depth + 1)));
    }
    text
}

/// One run: its number, when, how it ended, how long it took, of which commit, and what it was.
pub(super) fn line(run: &RunRow, depth: usize, workspace: Option<&str>, texts: &Catalog) -> String {
    let secs = run
        .started_at
        .zip(run.ended_at)
        .map(|(start, end)| crate::base::time::secs_between(start, end));
    let took = secs.map_or(String::new(), |secs| format::duration_secs(secs, texts));
    let state = texts.t(run.state.key());
    // With changes on top, as in every list.
    let changed = if run.dirty.is_some() { "+" } else { "" };
    let commit = run.commit.as_deref().map_or("", format::short_oid);
    let commit = format!("{commit}{changed}");
    let at = format::local(run.started_at.unwrap_or(run.queued_at)).strftime("%Y-%m-%d %H:%M:%S");
    let workspace = workspace.map_or(String::new(), |name| format!("{name}: "));
    format!(
        "{:<7} {at}  {state:<12} {took:>8}  {commit:<8} {:indent$}{workspace}{}\n",
        run.id.to_string(),
        "",
        texts.msg(&run.title),
        indent = 2 * depth
    )
}
