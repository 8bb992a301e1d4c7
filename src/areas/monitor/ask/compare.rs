//! Values of answers against what they have to be.

use crate::areas::devops::project::checks::{JsonRule, PathPart, path_parts};
use crate::base::{Msg, SafeText};
use crate::msg;
use serde_json::Value;

/// The value at a path like `queue.jobs[0].state`; None where there is none.
pub fn json_value<'a>(json: &'a Value, path: &str) -> Option<&'a Value> {
    path_parts(path)?.into_iter().try_fold(json, |at, part| match part {
        PathPart::Name(name) => at.get(name),
        PathPart::Place(place) => at.get(place),
    })
}

/// Why one rule does not hold.
pub(super) fn json_wrong(json: &Value, rule: &JsonRule) -> Option<Msg> {
    let path = SafeText::new(&rule.path);
    let Some(found) = json_value(json, &rule.path) else {
        return Some(msg!("ask-json-missing", path = path));
    };
    let text = match found {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    wrong(&text, rule.equals.as_ref(), rule.above, rule.below, || {
        SafeText::new(&rule.path)
    })
}

/// Why a value is not what it has to be.
pub(super) fn wrong(
    found: &str,
    equals: Option<&Value>,
    above: Option<f64>,
    below: Option<f64>,
    name: impl Fn() -> SafeText,
) -> Option<Msg> {
    let shown: String = found.chars().take(120).collect();
    let shown = || SafeText::new(&shown);
    let number = found.trim().parse::<f64>().ok();
    if let Some(equals) = equals {
        let wanted = match equals {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let is_same = match (equals.as_f64(), number) {
            (Some(wanted), Some(found)) => wanted == found,
            _ => wanted == found.trim_end(),
        };
        if !is_same {
            return Some(msg!(
                "ask-value-differs",
                name = name(),
                found = shown(),
                wanted = SafeText::new(&wanted)
            ));
        }
    }
    if above.is_none() && below.is_none() {
        return None;
    }
    let Some(number) = number else {
        return Some(msg!("ask-value-no-number", name = name(), found = shown()));
    };
    match (above, below) {
        (Some(above), _) if number <= above => Some(msg!(
            "ask-value-not-above",
            name = name(),
            found = shown(),
            limit = above.to_string()
        )),
        (_, Some(below)) if number >= below => Some(msg!(
            "ask-value-not-below",
            name = name(),
            found = shown(),
            limit = below.to_string()
        )),
        _ => None,
    }
}
