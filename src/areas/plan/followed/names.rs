//! Which items a commit's message or a branch's name is about. Only ids that the plan has count: nothing is guessed.

use std::collections::{BTreeMap, BTreeSet};

/// The trailer by which a commit names items: `Plan: BJ-4K7Q, BJ-9X4H`.
pub const TRAILER: &str = "plan:";

/// The items that a message names: in its trailer, or by an id among its words. `ids` has them by their upper case.
pub fn in_message<'a>(message: &str, ids: &BTreeMap<String, &'a str>) -> Vec<&'a str> {
    let mut found = BTreeSet::new();
    for line in message.lines() {
        let line = line.trim();
        let is_trailer = line
            .get(..TRAILER.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(TRAILER));
        for word in line.split(|c: char| !c.is_alphanumeric() && !matches!(c, '-' | '_' | '.')) {
            let word = word.trim_matches(['.', '-', '_']);
            // In a trailer the case does not matter; among words an id is written as it is.
            if let Some(id) = ids.get(&word.to_uppercase())
                && (is_trailer || *id == word)
            {
                found.insert(*id);
            }
        }
    }
    found.into_iter().collect()
}

/// The items that a branch is named for: `feature/bj-4k7q-greet`, `BJ-4K7Q`.
pub fn in_branch<'a>(branch: &str, ids: &BTreeMap<String, &'a str>) -> Vec<&'a str> {
    let name = branch.to_uppercase();
    let is_end = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    let named = |id: &str| {
        name.match_indices(id)
            .any(|(at, _)| is_end(name[..at].chars().next_back()) && is_end(name[at + id.len()..].chars().next()))
    };
    ids.iter().filter(|(upper, _)| named(upper)).map(|(_, id)| *id).collect()
}
