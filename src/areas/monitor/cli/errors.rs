//! `chantier monitor errors`: the inbox.

use super::ErrorVerb;
use crate::areas::cli::Answer;
use crate::areas::monitor::ErrorGroup;
use crate::base::{Catalog, Timestamp, format};
use crate::msg;
use serde_json::json;
use std::fmt::Write as _;

/// The word of an error's state.
pub fn state_key(state: &str) -> &'static str {
    match state {
        "acknowledged" => "monitor-error-acknowledged",
        "resolved" => "monitor-error-resolved",
        "back" => "monitor-error-back",
        _ => "monitor-error-new",
    }
}

/// Kind and message in one line.
pub fn title(error: &ErrorGroup) -> String {
    if error.message.is_empty() {
        error.kind.clone()
    } else {
        format!("{}: {}", error.kind, error.message)
    }
}

/// Who may know, in one line.
pub fn suspect_line(error: &ErrorGroup) -> Option<String> {
    let suspect = error.suspect.as_ref()?;
    Some(format!(
        "{} {} ({})",
        format::short_oid(&suspect.commit),
        suspect.summary,
        suspect.author
    ))
}

pub(super) fn line(error: &ErrorGroup, texts: &Catalog) -> String {
    let state = texts.t(state_key(&error.state));
    let version = error.first_version.as_deref().unwrap_or("–");
    let environment = error.environment.as_deref().unwrap_or("–");
    let moment = |at: Timestamp| format::local(at).strftime("%Y-%m-%d %H:%M").to_string();
    format!(
        "{:>5}  {state:<13} {:>6}×  {} → {}  {environment:<12} {version:<10} {}  {}",
        error.id,
        error.n,
        moment(error.first_at),
        moment(error.last_at),
        title(error),
        error.place
    )
}

pub(super) fn answer(verb: Option<&ErrorVerb>, errors: &[ErrorGroup], texts: &Catalog) -> Answer {
    let shown: Vec<&ErrorGroup> = match verb {
        Some(ErrorVerb::Show { id }) => errors.iter().filter(|error| error.id == *id).collect(),
        _ => errors.iter().collect(),
    };
    let mut text = String::new();
    for error in &shown {
        writeln!(text, "{}", line(error, texts)).ok();
        if let Some(suspect) = suspect_line(error) {
            writeln!(
                text,
                "        {}",
                texts.msg(&msg!("monitor-suspect-line", suspect = suspect))
            )
            .ok();
        }
        if matches!(verb, Some(ErrorVerb::Show { .. })) {
            writeln!(text, "\n{}", error.sample).ok();
        }
    }
    if shown.is_empty() {
        writeln!(text, "{}", texts.t("monitor-no-errors")).ok();
    }
    Answer {
        schema: "chantier.monitor.errors/1",
        data: json!({ "errors": shown }),
        text,
    }
}
