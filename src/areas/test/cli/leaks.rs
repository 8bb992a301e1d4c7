//! What `chantier test` says of tests that are slow or leave something behind.

use super::Tests;
use crate::areas::cli::Answer;
use crate::areas::test::SLOWEST;
use crate::areas::test::frameworks::CaseId;
use crate::areas::test::leaks::Leaking;
use crate::base::{Catalog, format};
use crate::msg;
use serde_json::{Value, json};
use std::fmt::Write as _;

const FITS: &str = "a string takes every write";

/// Who left what, each with its lines.
pub(super) fn left_text<'a>(leaks: impl IntoIterator<Item = &'a Leaking>, texts: &Catalog) -> String {
    let mut text = String::new();
    for row in leaks {
        let who = row
            .case
            .as_ref()
            .map_or_else(|| texts.t("test-left-unknown").into_owned(), CaseId::text);
        let kinds: Vec<String> = row.leak.kinds().iter().map(|kind| texts.msg(kind)).collect();
        let words = msg!("test-leaves", what = kinds.join(", "));
        writeln!(text, "{who}  {}", texts.msg(&words)).expect(FITS);
        row.leak
            .lines()
            .iter()
            .for_each(|line| writeln!(text, "    {line}").expect(FITS));
    }
    text
}

pub(super) fn left_json(leaks: &[Leaking]) -> Vec<Value> {
    let row = |row: &Leaking| json!({ "id": row.case.as_ref().map(CaseId::text), "run": row.run, "leak": row.leak });
    leaks.iter().map(row).collect()
}

pub(super) fn slow_answer(tests: &Tests, texts: &Catalog) -> Answer {
    let slow = tests.slowest(SLOWEST);
    let leaking: Vec<Leaking> = tests
        .leaks
        .values()
        .filter(|row| row.case.as_ref().is_some_and(|case| tests.leak(case).is_some()))
        .cloned()
        .collect();
    let mut text = left_text(&leaking, texts);
    for (case, ms) in &slow {
        let time = format::duration_secs(*ms as f64 / 1000.0, texts);
        writeln!(text, "{time:>10}  {}", case.text()).expect(FITS);
    }
    if text.is_empty() {
        writeln!(text, "{}", texts.t("test-slow-empty")).expect(FITS);
    }
    let rows: Vec<Value> = slow
        .iter()
        .map(|(case, ms)| json!({ "id": case.text(), "duration_ms": ms }))
        .collect();
    Answer {
        schema: "chantier.test.slow/1",
        data: json!({ "slowest": rows, "leaks": left_json(&leaking) }),
        text,
    }
}
