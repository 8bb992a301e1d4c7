//! Answers of `build trend`, `build reproduce` and `build match`.

use crate::areas::build::detect;
use crate::areas::build::matchers::Diagnostic;
use crate::areas::build::model::Builds;
use crate::areas::build::trend::{self, Measure, Step};
use crate::areas::cli::Answer;
use crate::base::{Catalog, format};
use crate::msg;
use serde_json::{Value, json};
use std::fmt::Write as _;

pub(super) fn trend(builds: &Builds, word: Option<&str>, texts: &Catalog) -> Answer {
    let task = match word {
        Some(word) => detect::find(builds.tasks(), word).map_or(word, |task| task.id.as_str()),
        None => builds.main_task().map_or("", |task| task.id.as_str()),
    };
    let series = trend::series(builds.runs_of(task));
    let steps = trend::steps(&series);
    let mut text = format!("{task}\n");
    for run in &series {
        let commit = run.commit.as_deref().map_or("-", format::short_oid);
        let time = format::duration_secs(run.duration_ms as f64 / 1000.0, texts);
        let size = run.bytes.map(|bytes| format::bytes(bytes, texts)).unwrap_or_default();
        let marks: Vec<String> = steps
            .iter()
            .filter(|step| step.job == run.job)
            .map(|step| step_words(step, texts))
            .collect();
        writeln!(
            text,
            "  {commit:<8} {time:>9} {:>5} {size:>10}  {}",
            run.n_warnings,
            marks.join("; ")
        )
        .expect("a string takes every write");
    }
    let points: Vec<Value> = series
        .iter()
        .map(|run| {
            json!({ "job": run.job, "commit": run.commit, "is_dirty": run.is_dirty, "at": run.started_at, "duration_ms": run.duration_ms,
                "n_warnings": run.n_warnings, "bytes": run.bytes })
        })
        .collect();
    Answer {
        schema: "chantier.build.trend/1",
        data: json!({ "task": task, "points": points, "steps": steps }),
        text,
    }
}

/// `duration 1.2 s → 3.4 s (medians of 5 and 4)`.
pub(in crate::areas::build) fn step_words(step: &Step, texts: &Catalog) -> String {
    let value = |value: f64| measured(step.measure, value, texts);
    texts.msg(&msg!(
        "build-step",
        measure = texts.t(step.measure.key()).into_owned(),
        before = value(step.median_before),
        after = value(step.median_after),
        n_before = step.n_before,
        n_after = step.n_after
    ))
}

/// A value with its unit.
pub(in crate::areas::build) fn measured(measure: Measure, value: f64, texts: &Catalog) -> String {
    match measure {
        Measure::DurationMs => format::duration_secs(value / 1000.0, texts),
        Measure::Warnings => format::count(value.round() as u64, texts),
        Measure::Bytes => format::bytes(value.round() as u64, texts),
    }
}

pub(super) fn reproduce(builds: &Builds, texts: &Catalog) -> Answer {
    let result = builds.reproduced.as_ref();
    let mut text = String::new();
    for file in result.into_iter().flat_map(|result| &result.files) {
        let verdict = match file.first_difference {
            None => texts.t("build-same").into_owned(),
            Some(offset) => texts.msg(&msg!("build-differs", offset = offset)),
        };
        let short = |sha256: &String| sha256.get(..12).unwrap_or(sha256).to_owned();
        let [one, other] = &file.sha256;
        writeln!(text, "{:<24} {} {}  {verdict}", file.name, short(one), short(other)).expect("a string takes every write");
    }
    Answer {
        schema: "chantier.build.reproduce/1",
        data: json!({ "result": result, "is_same": result.map(|result| result.is_same()) }),
        text,
    }
}

pub(super) fn matched(builds: &Builds, texts: &Catalog) -> Answer {
    let none = crate::areas::build::Matched::default();
    let matched = builds.matched.as_ref().unwrap_or(&none);
    let mut text: String = matched.diagnostics.iter().map(diagnostic_line).collect();
    for wrong in &matched.wrongs {
        writeln!(text, "! {wrong}").expect("a string takes every write");
    }
    let n = texts.msg(&msg!(
        "build-n-matched",
        n = matched.diagnostics.len(),
        lines = matched.n_lines
    ));
    writeln!(text, "{n}").expect("a string takes every write");
    Answer {
        schema: "chantier.build.match/1",
        data: serde_json::to_value(matched).unwrap_or_default(),
        text,
    }
}

fn diagnostic_line(diagnostic: &Diagnostic) -> String {
    let place = diagnostic.place.as_ref().map(|place| {
        let numbers: String = [place.line, place.column]
            .iter()
            .flatten()
            .map(|number| format!(":{number}"))
            .collect();
        format!("{}{numbers}: ", place.path.display())
    });
    let code = diagnostic.code.as_ref().map(|code| format!(" [{code}]")).unwrap_or_default();
    format!(
        "{}{}: {}{code}\n",
        place.unwrap_or_default(),
        diagnostic.severity.word(),
        diagnostic.message
    )
}
