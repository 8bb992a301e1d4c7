//! Quality gates: what `[test.gate]` of `chantier.toml` asks for, and whether it is reached. Pure.

use super::frameworks::CaseId;
use crate::areas::devops::project::Gate;
use crate::base::Msg;
use crate::msg;
use serde::{Deserialize, Serialize};

/// New failures that a result names.
const NAMED: usize = 20;

/// What is known of the tests.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Facts {
    pub n_passed: u64,
    pub n_failed: u64,
    /// Failed now, and not in the run before.
    pub new_failures: Vec<CaseId>,
    /// Sites whose newest run broke off without a failed test: nobody knows what the rest of its tests would have said.
    pub broken_off: Vec<String>,
    /// In percent.
    pub coverage: Option<f64>,
    pub coverage_before: Option<f64>,
}

/// One rule and what came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Checked {
    /// `complete`, `pass_rate`, `new_failures`, `coverage`, `coverage_change`.
    pub rule: String,
    pub is_met: bool,
    pub words: Msg,
    pub details: Vec<String>,
}

/// The rules of a project that says none: every test passes.
pub fn default_gate() -> Gate {
    Gate {
        min_pass_rate: Some(100.0),
        ..Gate::default()
    }
}

/// Every rule with its result.
pub fn check(gate: &Gate, facts: &Facts) -> Vec<Checked> {
    let mut found = Vec::new();
    let mut add = |rule: &str, is_met: bool, words: Msg, details: Vec<String>| {
        found.push(Checked {
            rule: rule.to_owned(),
            is_met,
            words,
            details,
        });
    };
    let percent = |value: f64| (value * 10.0).round() / 10.0;
    if !facts.broken_off.is_empty() {
        let words = msg!("test-gate-broken-off", runners = facts.broken_off.join(", "));
        add("complete", false, words, Vec::new());
    }
    if let Some(wanted) = gate.min_pass_rate {
        let n_ran = facts.n_passed + facts.n_failed;
        let rate = if n_ran == 0 {
            0.0
        } else {
            facts.n_passed as f64 * 100.0 / n_ran as f64
        };
        let words = if n_ran == 0 {
            msg!("test-gate-nothing-ran", wanted = percent(wanted))
        } else {
            msg!(
                "test-gate-pass-rate",
                found = percent(rate),
                wanted = percent(wanted),
                failed = facts.n_failed
            )
        };
        add("pass_rate", rate >= wanted && n_ran > 0, words, Vec::new());
    }
    if gate.no_new_failures {
        let names = facts.new_failures.iter().take(NAMED).map(CaseId::text).collect();
        let words = msg!("test-gate-new-failures", n = facts.new_failures.len());
        add("new_failures", facts.new_failures.is_empty(), words, names);
    }
    if let Some(wanted) = gate.min_coverage {
        let words = match facts.coverage {
            Some(found) => msg!("test-gate-coverage", found = percent(found), wanted = percent(wanted)),
            None => msg!("test-gate-no-coverage"),
        };
        add(
            "coverage",
            facts.coverage.is_some_and(|found| found >= wanted),
            words,
            Vec::new(),
        );
    }
    if gate.coverage_not_lower {
        let (is_met, words) = match (facts.coverage, facts.coverage_before) {
            // A tenth of a percent is noise.
            (Some(now), Some(before)) => (
                now + 0.05 >= before,
                msg!("test-gate-coverage-change", found = percent(now), before = percent(before)),
            ),
            (Some(now), None) => (true, msg!("test-gate-coverage-first", found = percent(now))),
            (None, _) => (false, msg!("test-gate-no-coverage")),
        };
        add("coverage_change", is_met, words, Vec::new());
    }
    found
}
