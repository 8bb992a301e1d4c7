//! What the filter box of the results means: words of the name, a state, a duration.

use crate::areas::test::frameworks::CaseId;
use crate::areas::test::model::{Case, Verdict};
use crate::base::State;
use crate::base::time::parse_duration;

/// Every term must hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Filter {
    words: Vec<String>,
    states: Vec<State>,
    is_new: bool,
    at_least_ms: Option<u64>,
    at_most_ms: Option<u64>,
}

impl Filter {
    /// `calc failed >500ms`: in the name `calc`, failed, and slower than half a second.
    pub(super) fn parse(text: &str) -> Self {
        let mut filter = Self::default();
        for term in text.to_lowercase().split_whitespace() {
            let word = term.strip_prefix("state:").unwrap_or(term);
            let state = match word {
                "failed" => Some(State::Failed),
                "passed" | "done" => Some(State::Done),
                "flaky" => Some(State::Degraded),
                "skipped" => Some(State::Skipped),
                "unknown" | "not-run" => Some(State::Unknown),
                _ => None,
            };
            let ms = |rest: &str| parse_duration(rest).map(|span| span.as_millis() as u64);
            if let Some(state) = state {
                filter.states.push(state);
            } else if word == "new" {
                filter.is_new = true;
            } else if let Some(least) = term.strip_prefix('>').and_then(ms) {
                filter.at_least_ms = Some(least);
            } else if let Some(most) = term.strip_prefix('<').and_then(ms) {
                filter.at_most_ms = Some(most);
            } else {
                filter.words.push(term.to_owned());
            }
        }
        filter
    }

    pub(super) fn shows(&self, id: &CaseId, case: &Case) -> bool {
        let name = || id.text().to_lowercase();
        let ms = case.duration_ms.unwrap_or(0);
        (self.states.is_empty() || self.states.contains(&case.state()))
            && (!self.is_new || matches!(case.verdict(), Verdict::NewFailure))
            && self.at_least_ms.is_none_or(|least| ms >= least)
            && self.at_most_ms.is_none_or(|most| case.duration_ms.is_some() && ms <= most)
            && (self.words.is_empty() || {
                let name = name();
                self.words.iter().all(|word| name.contains(word.as_str()))
            })
    }
}
