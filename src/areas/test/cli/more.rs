//! What `chantier test` says when it looks back: runs compared, failures grouped, flaky tests, reports, coverage, gates, plans.

use super::{Tests, Words};
use crate::areas::cli::{Answer, Here};
use crate::areas::test::compare::Change;
use crate::areas::test::coverage::ranges;
use crate::areas::test::flaky::{Report, Tries};
use crate::areas::test::frameworks::CaseId;
use crate::areas::test::{CoverageShown, FileRow, ReportFiles};
use crate::base::{Catalog, State, WriteTo, format};
use crate::msg;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::PathBuf;

const FITS: &str = "a string takes every write";
/// Cases that a group names for people.
const NAMED: usize = 10;

#[derive(Clone, Debug, clap::Subcommand)]
pub enum CoverageVerb {
    /// Take over a coverage file of lcov, Cobertura, llvm-cov, coverage.py or go
    Import { file: PathBuf },
    /// What the tests ran, and which changed lines they did not
    Show {
        /// Changed since this revision, and not since HEAD
        #[arg(long, value_name = "REVISION")]
        against: Option<String>,
    },
}

impl CoverageVerb {
    pub(super) fn words(&self, here: &Here) -> Words {
        let workspace = here.workspace.clone();
        match self {
            Self::Import { file } => Words::ImportCoverage {
                workspace,
                file: here.cwd.join(file),
            },
            Self::Show { against } => Words::ShowCoverage {
                workspace,
                against: against.clone(),
            },
        }
    }
}

#[derive(Clone, Debug, clap::Subcommand)]
pub enum PlanVerb {
    /// The test plans in .chantier/tests, with what was found last
    List,
    /// One plan with its steps
    Show { plan: String },
    /// Remember what was found when a case was carried out
    Record {
        plan: String,
        /// Its id in the plan
        case: String,
        result: Found,
        /// What there is to say about it
        #[arg(long, default_value = "")]
        note: String,
        /// A file that shows it, such as a picture; a copy is kept
        #[arg(long, value_name = "FILE")]
        evidence: Option<PathBuf>,
    },
    /// Run the tests that the cases name, and remember what they found
    Run {
        plan: String,
        /// Only this case
        case: Option<String>,
    },
}

/// What somebody found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Found {
    Passed,
    Failed,
    Skipped,
}

impl PlanVerb {
    pub(super) fn words(&self, here: &Here) -> Words {
        let workspace = here.workspace.clone();
        match self {
            Self::List | Self::Show { .. } => Words::ReadPlans { workspace },
            Self::Record {
                plan,
                case,
                result,
                note,
                evidence,
            } => Words::RecordPlan {
                workspace,
                plan: plan.clone(),
                case: case.clone(),
                state: match result {
                    Found::Passed => State::Done,
                    Found::Failed => State::Failed,
                    Found::Skipped => State::Skipped,
                },
                note: note.clone(),
                evidence: evidence.as_ref().map(|file| here.cwd.join(file)),
            },
            Self::Run { plan, case } => Words::RunPlan {
                workspace,
                plan: plan.clone(),
                case: case.clone(),
            },
        }
    }

    pub(super) fn answer(&self, tests: &Tests, texts: &Catalog) -> Answer {
        let wanted = match self {
            Self::List => None,
            Self::Show { plan } | Self::Record { plan, .. } | Self::Run { plan, .. } => Some(plan.as_str()),
        };
        let mut text = String::new();
        let mut rows = Vec::new();
        for plan in tests.plans.iter().filter(|plan| wanted.is_none_or(|name| plan.name == name)) {
            writeln!(text, "{}  {}", plan.name, plan.title).expect(FITS);
            let mut cases = Vec::new();
            for case in &plan.cases {
                let state = super::state_of(tests, &plan.case_id(case));
                writeln!(text, "  {:<11} {:<16} {}", texts.t(state.key()), case.id, case.title).expect(FITS);
                if wanted.is_some() {
                    case.steps
                        .iter()
                        .enumerate()
                        .for_each(|(at, step)| writeln!(text, "      {}. {step}", at + 1).expect(FITS));
                    if !case.expected.is_empty() {
                        writeln!(text, "      => {}", case.expected).expect(FITS);
                    }
                }
                cases.push(json!({
                    "id": case.id, "title": case.title, "steps": case.steps, "expected": case.expected, "test": case.test,
                    "state": state.word(),
                }));
            }
            rows.push(json!({ "name": plan.name, "title": plan.title, "cases": cases }));
        }
        Answer {
            schema: "chantier.test.plan/1",
            data: json!({ "plans": rows }),
            text,
        }
    }
}

pub(super) fn compare_answer(tests: &Tests, texts: &Catalog) -> Answer {
    let Some(compared) = &tests.compared else {
        return nothing("chantier.test.compare/1");
    };
    let mut text = texts.msg(&msg!(
        "test-compare-head",
        before = compared.before.id.to_string(),
        after = compared.after.id.to_string()
    ));
    text.push('\n');
    let mut counts = serde_json::Map::new();
    for change in Change::ALL {
        let of_kind: Vec<_> = compared.changes.iter().filter(|changed| changed.change == change).collect();
        counts.insert(change.word().to_owned(), json!(of_kind.len()));
        if of_kind.is_empty() {
            continue;
        }
        writeln!(text, "{} ({})", texts.t(change.key()), of_kind.len()).expect(FITS);
        for changed in of_kind {
            let time = |ms: Option<u64>| ms.map_or("–".to_owned(), |ms| format::duration_secs(ms as f64 / 1000.0, texts));
            let times = match change {
                Change::Slower | Change::Faster => format!("  {} -> {}", time(changed.before_ms), time(changed.after_ms)),
                _ => String::new(),
            };
            writeln!(text, "  {}{times}", changed.case.text()).expect(FITS);
            if let Some(line) = changed.message.lines().next().filter(|line| !line.is_empty()) {
                writeln!(text, "      {line}").expect(FITS);
            }
        }
    }
    writeln!(text, "{}", texts.msg(&msg!("test-n-same", n = compared.n_same))).expect(FITS);
    let rows: Vec<Value> = compared
        .changes
        .iter()
        .map(|changed| {
            json!({
                "id": changed.case.text(), "change": changed.change.word(), "before": changed.before.map(State::word),
                "after": changed.after.map(State::word), "before_ms": changed.before_ms, "after_ms": changed.after_ms,
                "message": changed.message,
            })
        })
        .collect();
    counts.insert("same".to_owned(), json!(compared.n_same));
    Answer {
        schema: "chantier.test.compare/1",
        data: json!({ "before": compared.before, "after": compared.after, "counts": counts, "changes": rows }),
        text,
    }
}

pub(super) fn failures_answer(tests: &Tests, texts: &Catalog) -> Answer {
    let groups = tests.groups.value().map_or(&[] as &[_], Vec::as_slice);
    let mut text = String::new();
    for group in groups {
        let count = texts.msg(&msg!("test-n-tests", n = group.cases.len()));
        writeln!(text, "{count}: {}", group.example.lines().next().unwrap_or_default()).expect(FITS);
        group
            .cases
            .iter()
            .take(NAMED)
            .for_each(|case| writeln!(text, "    {}", case.text()).expect(FITS));
        if group.cases.len() > NAMED {
            writeln!(text, "    … {}", group.cases.len() - NAMED).expect(FITS);
        }
    }
    if groups.is_empty() {
        writeln!(text, "{}", texts.t("test-none-failed")).expect(FITS);
    }
    let rows: Vec<Value> = groups
        .iter()
        .map(|group| {
            let cases: Vec<String> = group.cases.iter().map(CaseId::text).collect();
            json!({ "error": group.error, "example": group.example, "n": cases.len(), "tests": cases })
        })
        .collect();
    Answer {
        schema: "chantier.test.failures/1",
        data: json!({ "groups": rows }),
        text,
    }
}

pub(super) fn flaky_answer(tests: &Tests, texts: &Catalog) -> Answer {
    let Some(report) = tests.judged.as_ref().and_then(|case| tests.flaky.get(case)) else {
        return nothing("chantier.test.flaky/1");
    };
    Answer {
        schema: "chantier.test.flaky/1",
        data: flaky_json(report, texts),
        text: flaky_text(report, texts),
    }
}

pub(super) fn flaky_json(report: &Report, texts: &Catalog) -> Value {
    json!({
        "id": report.case.text(), "verdict": report.verdict.word(), "because": texts.t(&report.because),
        "alone": report.alone, "load": report.load, "company": report.company, "past": report.past,
        "errors": report.errors, "commit": report.commit, "is_dirty": report.is_dirty, "at": report.at,
    })
}

pub(super) fn flaky_text(report: &Report, texts: &Catalog) -> String {
    let verdict = texts.t(report.verdict.key());
    let mut text = texts.msg(&msg!(
        "test-flaky-verdict",
        name = report.case.text(),
        verdict = verdict.as_ref()
    )) + "\n";
    writeln!(text, "    {}", texts.t(&report.because)).expect(FITS);
    let tries: [(&str, &Tries); 4] = [
        ("test-flaky-alone-word", &report.alone),
        ("test-flaky-load-word", &report.load),
        ("test-flaky-company-word", &report.company),
        ("test-flaky-past-word", &report.past),
    ];
    for (word, tries) in tries.into_iter().filter(|(_, tries)| tries.n_runs > 0) {
        let counts = texts.msg(&msg!("test-tries", failed = tries.n_failed, total = tries.n_runs));
        writeln!(text, "    {:<20} {counts}", texts.t(word)).expect(FITS);
    }
    for (error, n) in &report.errors {
        let error = if error.is_empty() {
            texts.t("test-no-message")
        } else {
            error.as_str().into()
        };
        writeln!(text, "    {n} x {error}").expect(FITS);
    }
    text
}

pub(super) fn report_answer(tests: &Tests, texts: &Catalog) -> Answer {
    let line = |path: &PathBuf| texts.msg(&msg!("test-written", path = path.as_path())) + "\n";
    Answer {
        schema: "chantier.test.report/1",
        data: json!({ "files": tests.reports_written }),
        text: tests.reports_written.iter().map(line).collect(),
    }
}

pub(super) fn report_files(here: &Here, paths: [Option<&PathBuf>; 3], is_forced: bool) -> ReportFiles {
    let [html, junit, badge] = paths.map(|path| path.map(|path| WriteTo::new(here.cwd.join(path), is_forced)));
    ReportFiles { html, junit, badge }
}

pub(super) fn gate_answer(tests: &Tests, texts: &Catalog) -> Answer {
    let mut text = String::new();
    for rule in &tests.gate {
        let word = if rule.is_met { "test-gate-met" } else { "test-gate-not-met" };
        writeln!(text, "{:<12} {}", texts.t(word), texts.msg(&rule.words)).expect(FITS);
        rule.details
            .iter()
            .for_each(|line| writeln!(text, "             {line}").expect(FITS));
    }
    let rows: Vec<Value> = tests
        .gate
        .iter()
        .map(|rule| json!({ "rule": rule.rule, "is_met": rule.is_met, "words": texts.msg(&rule.words), "details": rule.details }))
        .collect();
    Answer {
        schema: "chantier.test.gate/1",
        data: json!({ "is_met": tests.gate.iter().all(|rule| rule.is_met), "rules": rows }),
        text,
    }
}

pub(super) fn coverage_answer(tests: &Tests, texts: &Catalog) -> Answer {
    let Some(shown) = &tests.coverage else {
        return nothing("chantier.test.coverage/1");
    };
    let row = |row: &FileRow| {
        json!({
            "path": row.path, "lines": row.covered.n_lines, "hit": row.covered.n_hit, "percent": row.covered.percent(),
            "missed": row.missed, "is_stale": row.is_stale,
            "changed": row.changed.as_ref().map(|(n, missed)| json!({ "lines": n, "missed": missed })),
        })
    };
    let files: Vec<Value> = shown.files.iter().map(row).collect();
    Answer {
        schema: "chantier.test.coverage/1",
        data: json!({
            "from": shown.from, "at": shown.at, "commit": shown.commit, "lines": shown.covered.n_lines, "hit": shown.covered.n_hit,
            "percent": shown.covered.percent(), "percent_before": shown.percent_before, "files": files,
            "changed_missed": n_changed_missed(shown),
        }),
        text: coverage_text(shown, texts),
    }
}

/// Changed lines that no test ran.
fn n_changed_missed(shown: &CoverageShown) -> u64 {
    let missed = shown
        .files
        .iter()
        .filter_map(|row| row.changed.as_ref())
        .map(|(_, missed)| missed.len() as u64);
    missed.sum()
}

fn coverage_text(shown: &CoverageShown, texts: &Catalog) -> String {
    let percent = |value: Option<f64>| value.map_or("–".to_owned(), |value| format::decimal(value, 1, texts));
    let mut text = String::new();
    for row in &shown.files {
        let stale = if row.is_stale {
            texts.t("state-stale").into_owned()
        } else {
            String::new()
        };
        writeln!(
            text,
            "{:>6} %  {}  {stale}",
            percent(row.covered.percent()),
            row.path.display()
        )
        .expect(FITS);
        if let Some((_, missed)) = row.changed.as_ref().filter(|(_, missed)| !missed.is_empty()) {
            let words = texts.msg(&msg!("test-missed-changed", n = missed.len()));
            writeln!(text, "          {words}: {}", ranges(missed.iter().copied())).expect(FITS);
        }
    }
    let all = msg!(
        "test-covered",
        percent = percent(shown.covered.percent()),
        total = shown.covered.n_lines
    );
    write!(text, "{}", texts.msg(&all)).expect(FITS);
    if let Some(before) = shown.percent_before {
        write!(
            text,
            ", {}",
            texts.msg(&msg!("test-covered-before", percent = percent(Some(before))))
        )
        .expect(FITS);
    }
    writeln!(
        text,
        "\n{}",
        texts.msg(&msg!("test-missed-changed", n = n_changed_missed(shown)))
    )
    .expect(FITS);
    text
}

fn nothing(schema: &'static str) -> Answer {
    Answer {
        schema,
        data: Value::Null,
        text: String::new(),
    }
}
