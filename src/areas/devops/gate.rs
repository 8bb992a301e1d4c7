//! When a gate holds: so many good tries in a row before the deadline. Pure; the tries and the clock are handed in.

use super::probe::Tried;
use crate::base::{Msg, Problem, SafeText};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What the tries so far mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    GoOn,
    Holds,
    /// The deadline is over.
    GivenUp,
}

/// The state of one gate.
#[derive(Clone, Debug, PartialEq)]
pub struct Counter {
    pub n_needed: u32,
    pub deadline: Duration,
    /// In a row, up to now.
    pub n_good: u32,
    pub n_tries: u32,
    pub last: Option<Tried>,
    /// When the last try ended, after the gate was opened.
    pub at: Duration,
}

impl Counter {
    pub fn new(n_needed: u32, deadline: Duration) -> Self {
        Self {
            n_needed: n_needed.max(1),
            deadline,
            n_good: 0,
            n_tries: 0,
            last: None,
            at: Duration::ZERO,
        }
    }

    /// Takes one try that began and ended so long after the gate was opened. What was asked before the deadline counts, also where the
    /// answer comes a moment later: nothing would be won by ending what just became good.
    pub fn on(&mut self, tried: Tried, begun: Duration, elapsed: Duration) -> Verdict {
        self.n_tries += 1;
        self.n_good = if tried.is_good() { self.n_good + 1 } else { 0 };
        self.last = Some(tried);
        self.at = elapsed;
        if self.n_good >= self.n_needed && begun <= self.deadline {
            Verdict::Holds
        } else if elapsed >= self.deadline {
            Verdict::GivenUp
        } else {
            Verdict::GoOn
        }
    }
}

/// Why a gate does not hold: what was asked, and the last answer to it.
pub fn problem(what: &str, instance: &str, counter: &Counter) -> Problem {
    let what = SafeText::new(what);
    let after = counter.deadline.as_secs_f64();
    let summary = match &counter.last {
        Some(Tried::WrongStatus { status, expected }) => msg!(
            "deploy-gate-status",
            what = what,
            after = after,
            status = status.to_string(),
            expected = expected.to_string()
        ),
        Some(Tried::TextMissing { text, .. }) => msg!("deploy-gate-text", what = what, after = after, text = SafeText::new(text)),
        Some(tried @ Tried::WrongVersion { .. }) => tried.msg(),
        Some(Tried::Exited { code, words }) => msg!(
            "deploy-gate-exited",
            what = what,
            after = after,
            code = code.map_or_else(|| "–".to_owned(), |code| code.to_string()),
            words = SafeText::new(words)
        ),
        Some(Tried::NoAnswer { fault }) => no_answer(what, after, fault),
        Some(Tried::Dead) => msg!("deploy-gate-dead", instance = instance),
        Some(Tried::Good { .. }) if counter.n_good >= counter.n_needed => msg!(
            "deploy-gate-late",
            what = what,
            after = after,
            took = (counter.at.as_secs_f64() * 10.0).round() / 10.0
        ),
        Some(Tried::Good { .. }) => msg!(
            "deploy-gate-too-few",
            what = what,
            after = after,
            good = counter.n_good,
            needed = counter.n_needed
        ),
        None => msg!("deploy-gate-no-try", what = what, after = after),
    };
    Problem::environment(summary).code("unhealthy")
}

fn no_answer(what: SafeText, after: f64, fault: &crate::adapters::http::Fault) -> Msg {
    use crate::adapters::http::Fault;
    match fault {
        Fault::Refused => msg!("deploy-gate-refused", what = what, after = after),
        Fault::TimedOut { after_ms } => msg!("deploy-gate-slow", what = what, after = after, timeout = *after_ms),
        Fault::NoSuchHost => msg!("deploy-gate-no-host", what = what, after = after),
        Fault::BadAddress { .. } => msg!("deploy-gate-bad-address", what = what),
        Fault::Closed => msg!("deploy-gate-closed", what = what, after = after),
        Fault::Tls { why, .. } | Fault::Other { why } => {
            msg!("deploy-gate-fault", what = what, after = after, why = SafeText::new(why))
        }
        Fault::GivenUp => msg!("problem-cancelled"),
    }
}
