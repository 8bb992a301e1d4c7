//! Answers of `build rehearse` and `build rehearsals`.

use crate::areas::build::model::Builds;
use crate::areas::build::rehearsal::{Gate, Rehearsal};
use crate::areas::cli::Answer;
use crate::base::{Catalog, Msg, format};
use crate::msg;
use serde_json::json;
use std::fmt::Write as _;

/// The rehearsal that was asked for.
pub(super) fn one(builds: &Builds, texts: &Catalog) -> Answer {
    let all = builds.rehearsals.value().map(Vec::as_slice).unwrap_or_default();
    let last = all.iter().find(|rehearsal| Some(rehearsal.job) == builds.last_rehearsal);
    Answer {
        schema: "chantier.build.rehearse/1",
        data: json!(last),
        text: last.map(|rehearsal| text(rehearsal, texts)).unwrap_or_default(),
    }
}

/// All that are kept.
pub(super) fn all(builds: &Builds, texts: &Catalog) -> Answer {
    let all = builds.rehearsals.value().map(Vec::as_slice).unwrap_or_default();
    let text = all.iter().map(|rehearsal| head(rehearsal, texts)).collect();
    Answer {
        schema: "chantier.build.rehearsals/1",
        data: json!({ "rehearsals": all }),
        text,
    }
}

fn head(rehearsal: &Rehearsal, texts: &Catalog) -> String {
    let commit = rehearsal.commit.as_deref().map_or("-", format::short_oid);
    format!(
        "{}  {}  {} ({commit})  {}\n",
        texts.t(rehearsal.state.key()),
        rehearsal.environment,
        rehearsal.version,
        base(rehearsal, texts),
    )
}

fn text(rehearsal: &Rehearsal, texts: &Catalog) -> String {
    let mut text = head(rehearsal, texts);
    let mut say = |state: &str, what: &str, note: &str| writeln!(text, "  {state:<10} {what}  {note}").ok();
    for gate in &rehearsal.gates {
        let (state, note) = gate_words(gate, texts);
        say(&state, &gate.what, &note);
    }
    for smoke in &rehearsal.smoke {
        let time = format::duration_secs(smoke.ms as f64 / 1000.0, texts);
        say(&texts.t(smoke.state.key()), &smoke.command, &time);
        for line in &smoke.last_words {
            say("", "", line);
        }
    }
    for fact in facts(rehearsal) {
        say("", &texts.msg(&fact), "");
    }
    text
}

/// The state and the last answer of a gate.
pub(in crate::areas::build) fn gate_words(gate: &Gate, texts: &Catalog) -> (String, String) {
    let last = gate.last.as_ref().map(|last| texts.msg(last)).unwrap_or_default();
    (texts.t(gate.state.key()).into_owned(), last)
}

/// The system that was simulated.
pub(in crate::areas::build) fn base(rehearsal: &Rehearsal, texts: &Catalog) -> String {
    match &rehearsal.base {
        Some(base) => base.clone(),
        None => texts.t("build-rehearsal-here").into_owned(),
    }
}

/// What was seen beside gates and programs.
pub(in crate::areas::build) fn facts(rehearsal: &Rehearsal) -> Vec<Msg> {
    let mut facts = Vec::new();
    if let Some(ms) = rehearsal.ready_ms {
        facts.push(msg!("build-rehearsal-ready", ms = ms));
    }
    if !rehearsal.listens.is_empty() {
        facts.push(msg!("build-rehearsal-listens", addresses = rehearsal.listens.join(", ")));
    }
    match &rehearsal.end {
        Some(end) if end.is_polite => facts.push(msg!("build-rehearsal-polite", ms = end.ms)),
        Some(end) => facts.push(msg!("build-rehearsal-killed", ms = end.ms)),
        None => {}
    }
    facts
}
