//! What cargo and the kernel say of a test binary that ended before its tests did.

use super::{CaseId, Crash, Framework};
use std::collections::{BTreeMap, VecDeque};

/// Last lines of standard error that are kept.
const KEPT_LINES: usize = 30;

/// Binaries that ended early, and the words about them; they come on two pipes, in any order.
#[derive(Default)]
pub(super) struct Crashes {
    ended: Vec<Crash>,
    /// `signal: 6, SIGABRT: process abort signal`, and what it wrote to standard error, by suite.
    words: BTreeMap<String, (String, String)>,
    /// The binary that runs, and what it wrote to standard error.
    suite: String,
    errors: VecDeque<String>,
}

impl Crashes {
    /// A line of standard error that is none of cargo's headers.
    pub(super) fn line(&mut self, line: &str) {
        let words = line.trim_start();
        if let Some(rest) = words.strip_prefix("process didn't exit successfully: `") {
            let how = rest.rsplit_once("` (").map_or("", |(_, how)| how.trim_end_matches(')'));
            let errors: Vec<String> = std::mem::take(&mut self.errors).into();
            self.words.insert(self.suite.clone(), (how.to_owned(), errors.join("\n")));
            return;
        }
        let is_cargos = words.is_empty() || words == "Caused by:" || words.starts_with("error: ");
        if !is_cargos {
            if self.errors.len() == KEPT_LINES {
                self.errors.pop_front();
            }
            self.errors.push_back(line.to_owned());
        }
    }

    /// The next binary begins.
    pub(super) fn next(&mut self, suite: &str) {
        suite.clone_into(&mut self.suite);
        self.errors.clear();
    }

    /// This binary ended early; `pending` is the one test that was running.
    pub(super) fn ended(&mut self, suite: &str, pending: Option<&str>) {
        self.ended.push(Crash {
            suite: suite.to_owned(),
            culprit: pending.map(|name| CaseId::new(Framework::Cargo, suite, name)),
            ..Crash::default()
        });
    }

    /// How this binary ended, and what it wrote to standard error.
    pub(super) fn words_of(&mut self, suite: &str) -> (String, String) {
        self.words.remove(suite).unwrap_or_default()
    }

    pub(super) fn take(&mut self) -> Vec<Crash> {
        let mut ended = std::mem::take(&mut self.ended);
        for crash in &mut ended {
            (crash.message, crash.output) = self.words.remove(&crash.suite).unwrap_or_default();
        }
        ended
    }
}

/// Whether the flags by which cargo names what failed are those of this suite.
pub(super) fn is_about(flags: &str, suite: &str) -> bool {
    let words: Vec<&str> = flags.split_whitespace().collect();
    let package = words.iter().position(|word| *word == "-p").and_then(|at| words.get(at + 1));
    let (suite_package, target) = suite
        .split_once("::")
        .map_or((suite, None), |(package, target)| (package, Some(target)));
    if package.is_some_and(|package| *package != suite_package) {
        return false;
    }
    match target {
        None => words.contains(&"--lib"),
        Some(target) => words
            .last()
            .is_some_and(|last| *last == target.rsplit('/').next().unwrap_or(target)),
    }
}
