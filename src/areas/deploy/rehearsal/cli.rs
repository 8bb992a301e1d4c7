//! What the command line says of rehearsals.

use super::{Proven, Rehearsal};
use crate::base::{Catalog, State, format, safe};
use crate::msg;
use std::fmt::Write as _;

/// `rollback proven 12 min ago`, or that it is not.
pub fn proven_words(proven: &Proven, texts: &Catalog) -> String {
    let ago = proven.at.zip(proven.found_at);
    let ago = ago.map_or_else(String::new, |(at, now)| format::ago(at, now, texts));
    texts.msg(&proven.words(&ago))
}

/// One live line, when a stage has ended and the next one has not begun.
pub fn line(rehearsal: &Rehearsal, texts: &Catalog) -> Option<String> {
    if !rehearsal.is_running() || rehearsal.stages.iter().any(|stage| stage.state == State::InProgress) {
        return None;
    }
    let last = rehearsal
        .stages
        .iter()
        .filter(|stage| stage.ended_at.is_some())
        .max_by_key(|stage| stage.ended_at)?;
    let note = last
        .note
        .as_ref()
        .map_or_else(String::new, |note| format!("  {}", texts.msg(note)));
    Some(format!(
        "{:<12} {}{note}",
        texts.t(last.state.key()),
        texts.t(last.name.key())
    ))
}

/// What came of it: the verdict, and every table with its rows before, between and after.
pub fn text(rehearsal: &Rehearsal, texts: &Catalog) -> String {
    let mut text = String::new();
    let side = |rows: Option<u64>| rows.map_or_else(|| "–".to_owned(), |rows| rows.to_string());
    for table in &rehearsal.tables {
        let key = match (table.is_same, table.is_written) {
            (true, _) => "deploy-rehearsal-same-rows",
            (false, true) => "deploy-rehearsal-own-rows",
            (false, false) => "deploy-rehearsal-other-rows",
        };
        writeln!(
            text,
            "{:>10} {:>10} {:>10}  {}  {}",
            side(table.before),
            side(table.between),
            side(table.after),
            safe::plain(&table.name),
            texts.t(key)
        )
        .ok();
    }
    let deployments: Vec<String> = rehearsal
        .stages
        .iter()
        .filter_map(|stage| stage.deployment)
        .map(|id| id.to_string())
        .collect();
    if !deployments.is_empty() {
        writeln!(
            text,
            "{}",
            texts.msg(&msg!("deploy-rehearsal-deployments", ids = deployments.join(", ")))
        )
        .ok();
    }
    if let Some(proven) = rehearsal.proven() {
        writeln!(text, "{}", proven_words(&proven, texts)).ok();
    }
    text
}
