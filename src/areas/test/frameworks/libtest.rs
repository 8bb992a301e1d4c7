//! The lines that libtest prints, one by one.

use crate::base::State;

/// `running 5 tests`.
pub(super) fn announced(line: &str) -> Option<u64> {
    let rest = line.strip_prefix("running ")?;
    let (number, word) = rest.split_once(' ')?;
    matches!(word.trim_end(), "test" | "tests")
        .then(|| number.parse().ok())
        .flatten()
}

/// `ok`, `FAILED`, `ignored, slow`; what stands before it on the line was printed by the test.
pub(super) fn result_of(text: &str) -> Option<(State, &str)> {
    // Unstable builds tell the time: `ok <0.003s>`.
    let text = text
        .split_once(" <")
        .filter(|(_, time)| time.ends_with("s>"))
        .map_or(text, |(text, _)| text);
    if text == "ok" || text.starts_with("bench: ") {
        return Some((State::Done, ""));
    }
    if text == "FAILED" || text.starts_with("FAILED (") {
        return Some((State::Failed, ""));
    }
    if text == "ignored" {
        return Some((State::Skipped, ""));
    }
    if let Some(reason) = text.strip_prefix("ignored, ") {
        return Some((State::Skipped, reason));
    }
    if text.ends_with("FAILED") {
        return Some((State::Failed, ""));
    }
    text.ends_with("ok").then_some((State::Done, ""))
}

/// `test slow has been running for over 60 seconds`.
pub(super) fn hanging(line: &str) -> Option<&str> {
    let (name, rest) = line.strip_prefix("test ")?.split_once(" has been running for over ")?;
    rest.ends_with(" seconds").then_some(name)
}
