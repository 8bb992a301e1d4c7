//! What may be typed next in a filter: keys first, then the values that the plan knows.

use super::{HAS, IS, KEYS, fold, parts, pieces};
use crate::areas::plan::model::Plan;
use crate::areas::plan::{Kind, Priority};
use std::collections::BTreeMap;

/// Offers that are shown at once.
const MAX: usize = 9;

/// One way to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The whole filter with the offer taken.
    pub text: String,
    /// The piece that is offered: `type:bug`.
    pub word: String,
    /// How many items have it, where that is known.
    pub n: Option<usize>,
}

/// Offers for the last piece of a filter. Nothing is offered for an empty one that nobody began.
pub fn offers(text: &str, plan: &Plan, people: &[String]) -> Vec<Offer> {
    let is_new = text.is_empty() || text.ends_with(char::is_whitespace);
    let pieces = pieces(text);
    let (before, piece) = match pieces.last() {
        Some(last) if !is_new => (&text[..last.start], last.text.as_str()),
        _ => (text, ""),
    };
    let (sign, body) = match piece.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", piece),
    };
    let offer = |word: String, n: Option<usize>| Offer {
        text: format!("{before}{sign}{word}"),
        word: format!("{sign}{word}"),
        n,
    };
    let Some((key, _, value)) = parts(body) else {
        if body.is_empty() && sign.is_empty() && is_new && !text.is_empty() {
            return Vec::new();
        }
        let keys = KEYS.iter().copied().chain(["is", "has", "no"]);
        let keys = keys.filter(|key| key.starts_with(&body.to_lowercase()));
        return keys.take(MAX).map(|key| offer(format!("{key}:"), None)).collect();
    };
    let operator = &body[key.len()..body.len() - value.len()];
    let (done, last) = match value.rsplit_once(',') {
        Some((done, last)) => (format!("{done},"), last),
        None => (String::new(), value),
    };
    let wanted = fold(last.trim_matches('"'));
    let mut known: Vec<(String, Option<usize>)> = values(key, plan, people)
        .into_iter()
        .filter(|(value, _)| fold(value).contains(&wanted) && fold(value) != wanted)
        .collect();
    known.sort_by_key(|(value, n)| (!fold(value).starts_with(&wanted), std::cmp::Reverse(n.unwrap_or(0))));
    let quoted = |value: &str| {
        if value.contains(char::is_whitespace) {
            format!("\"{value}\"")
        } else {
            value.to_owned()
        }
    };
    known
        .into_iter()
        .take(MAX)
        .map(|(value, n)| offer(format!("{key}{operator}{done}{}", quoted(&value)), n))
        .collect()
}

fn counted<'a>(words: impl Iterator<Item = &'a str>) -> Vec<(String, Option<usize>)> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for word in words {
        *counts.entry(word).or_default() += 1;
    }
    counts.into_iter().map(|(word, n)| (word.to_owned(), Some(n))).collect()
}

fn values(key: &str, plan: &Plan, people: &[String]) -> Vec<(String, Option<usize>)> {
    let items = || plan.items.values();
    let plain = |words: &[&str]| words.iter().map(|word| ((*word).to_owned(), None)).collect::<Vec<_>>();
    match super::key_of(key) {
        Some("type") => {
            let mut words = counted(items().map(|item| item.kind.word()));
            for kind in Kind::ALL {
                if !words.iter().any(|(word, _)| word == kind.word()) {
                    words.push((kind.word().to_owned(), Some(0)));
                }
            }
            words
        }
        Some("state") => {
            let columns = plan.workflow.columns.iter().enumerate();
            columns
                .map(|(index, column)| (column.state.clone(), Some(plan.count_in(index))))
                .collect()
        }
        Some("priority") => plain(&Priority::ALL.map(Priority::word)),
        Some("label") => counted(items().flat_map(|item| item.labels.iter().map(String::as_str))),
        Some("assignee") => {
            let mut words = vec![("me".to_owned(), None)];
            words.extend(counted(items().filter_map(|item| item.assignee.as_deref())));
            for person in people {
                if !words.iter().any(|(word, _)| word == person) {
                    words.push((person.clone(), Some(0)));
                }
            }
            words
        }
        Some("milestone") => {
            let mut words = counted(items().filter_map(|item| item.milestone.as_deref()));
            for item in items().filter(|item| item.kind == Kind::Milestone) {
                if !words.iter().any(|(word, _)| *word == item.title) {
                    words.push((item.title.clone(), Some(0)));
                }
            }
            words
        }
        Some("parent") => counted(items().filter_map(|item| item.parent.as_deref())),
        Some("depends") => counted(items().flat_map(|item| item.depends.iter().map(String::as_str))),
        Some("start" | "due" | "created" | "updated") => plain(&["today", "tomorrow", "yesterday", "1w", "2w", "-1w"]),
        Some("estimate") => plain(&["1h", "4h", "1d", "1w"]),
        _ => match key.to_lowercase().as_str() {
            "is" => plain(&IS),
            "has" | "no" => plain(&HAS),
            _ => Vec::new(),
        },
    }
}
