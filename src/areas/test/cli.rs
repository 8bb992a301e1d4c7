//! `chantier test <verb>`.

use super::frameworks::{CaseId, Finished, Limits};
use super::model::{Tests, Verdict};
use super::{Command as Words, Reason, RunRow, Update, What};
use crate::areas::cli::{Answer, Here, Verb as AreaVerb};
use crate::areas::{Command, Model};
use crate::base::{Catalog, Problem, State, format};
use crate::msg;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Clone, Debug, clap::Subcommand)]
pub enum Verb {
    /// The tests that there are, by asking their tools
    List,
    /// Run tests and remember their results
    Run {
        /// `all`, `failed` (those that failed last), `changed` (see --against), or names of tests, modules, suites or folders
        #[arg(default_value = "all")]
        what: Vec<String>,
        /// End a test that takes longer, such as 30s or 2m
        #[arg(long)]
        timeout: Option<String>,
        /// With `changed`: what differs from this revision, and not from HEAD
        #[arg(long, value_name = "REVISION")]
        against: Option<String>,
        /// So many tests at once
        #[arg(long, short)]
        jobs: Option<u32>,
    },
    /// Take over the results of a JUnit XML file
    Import { file: PathBuf },
    /// Runs, newest first
    History {
        /// So many at most
        #[arg(long, default_value_t = 30)]
        limit: usize,
    },
    /// One test: its last result, output and history
    Show {
        /// `suite name` as `test list` prints it, or the name alone
        name: String,
    },
}

impl AreaVerb for Verb {
    fn commands(&self, here: &Here) -> Result<Vec<Command>, Problem> {
        let workspace = here.workspace.clone();
        let words = match self {
            Self::List => Words::List { workspace },
            Self::Run {
                what,
                timeout,
                jobs,
                against,
            } => {
                let what = match what.as_slice() {
                    [one] if one == "changed" => What::Changed(against.clone()),
                    [] => What::All,
                    [one] if one == "all" => What::All,
                    [one] if one == "failed" => What::Failed,
                    names => What::Named(names.to_vec()),
                };
                let limits = Limits {
                    case_timeout: timeout.as_deref().map(duration).transpose()?,
                    jobs: *jobs,
                    ..Limits::default()
                };
                Words::Run { workspace, what, limits }
            }
            Self::Import { file } => Words::Import {
                workspace,
                file: here.cwd.join(file),
            },
            Self::History { .. } => Words::Refresh { workspace },
            Self::Show { name } => {
                let show = Words::ShowNamed {
                    workspace: workspace.clone(),
                    name: name.clone(),
                };
                return Ok(vec![Words::Refresh { workspace }.into(), show.into()]);
            }
        };
        Ok(vec![words.into()])
    }

    fn lists_project(&self) -> bool {
        matches!(self, Self::List)
    }

    fn answer(&self, here: &Here, model: &Model, texts: &Catalog) -> Answer {
        let none = Tests::default();
        let tests = model.test.get(&here.workspace.id).unwrap_or(&none);
        match self {
            Self::List => list_answer(tests, texts),
            Self::Run { .. } => run_answer("chantier.test.run/1", tests, texts),
            Self::Import { .. } => run_answer("chantier.test.import/1", tests, texts),
            Self::History { limit } => {
                let runs = tests.runs.value().map_or(&[] as &[RunRow], Vec::as_slice);
                let runs = &runs[..runs.len().min(*limit)];
                let text = runs.iter().map(|run| run_line(run, texts)).collect();
                Answer {
                    schema: "chantier.test.history/1",
                    data: json!({ "runs": runs }),
                    text,
                }
            }
            Self::Show { .. } => show_answer(tests, texts),
        }
    }
}

/// `500ms`, `30s`, `2m`.
fn duration(text: &str) -> Result<Duration, Problem> {
    crate::base::time::parse_duration(text).ok_or_else(|| Problem::user(msg!("test-no-duration", text = text)))
}

fn list_answer(tests: &Tests, texts: &Catalog) -> Answer {
    let rows: Vec<Value> = tests.listed.iter().map(|case| json!({ "id": case.text(), "framework": case.framework.word(), "suite": case.suite, "name": case.name, "state": state_of(tests, case).word() })).collect();
    let mut text = String::new();
    for case in &tests.listed {
        writeln!(text, "{:<9} {}", texts.t(state_of(tests, case).key()), case.text()).expect("a string takes every write");
    }
    writeln!(text, "{}", texts.msg(&msg!("test-n-tests", n = tests.listed.len()))).expect("a string takes every write");
    let sites: Vec<Value> = tests
        .sites
        .iter()
        .map(|site| json!({ "runner": site.runner.word(), "dir": site.dir_word(), "task": site.task }))
        .collect();
    Answer {
        schema: "chantier.test.list/1",
        data: json!({ "count": rows.len(), "sites": sites, "tests": rows }),
        text,
    }
}

fn state_of(tests: &Tests, case: &CaseId) -> State {
    tests
        .cases
        .value()
        .and_then(|cases| cases.get(case))
        .map_or(State::Unknown, super::model::Case::state)
}

fn run_answer(schema: &'static str, tests: &Tests, texts: &Catalog) -> Answer {
    let sum = |of: fn(&RunRow) -> u32| tests.last.iter().map(of).sum::<u32>();
    let counts = json!({
        "total": sum(RunRow::n_cases),
        "passed": sum(|run| run.n_passed),
        "failed": sum(|run| run.n_failed),
        "skipped": sum(|run| run.n_skipped),
        "flaky": sum(|run| run.n_flaky),
    });
    let failed: Vec<&Finished> = tests
        .last_results
        .values()
        .filter(|result| result.state == State::Failed)
        .collect();
    let mut text = String::new();
    for reason in &tests.reasons {
        writeln!(text, "{}", reason_line(reason, texts)).expect("a string takes every write");
    }
    for result in &failed {
        writeln!(text, "{} {}", texts.t(State::Failed.key()), result.case.text()).expect("a string takes every write");
        for line in result.message.lines() {
            writeln!(text, "    {line}").expect("a string takes every write");
        }
        if let Some(place) = &result.place {
            writeln!(text, "    {}:{}", place.path.display(), place.line.unwrap_or(0)).expect("a string takes every write");
        }
    }
    for run in &tests.last {
        text.push_str(&run_line(run, texts));
    }
    let row = |result: &&Finished| {
        json!({
            "id": result.case.text(), "suite": result.case.suite, "name": result.case.name, "message": result.message,
            "place": result.place, "duration_ms": result.duration_ms, "verdict": verdict_word(tests, &result.case),
        })
    };
    let failed: Vec<Value> = failed.iter().map(row).collect();
    let brief = |result: &Finished| json!({ "id": result.case.text(), "state": result.state.word(), "flaky": result.flaky, "duration_ms": result.duration_ms });
    let all: Vec<Value> = tests.last_results.values().map(brief).collect();
    Answer {
        schema,
        data: json!({ "counts": counts, "chosen": reasons(tests, texts), "tests": all, "runs": tests.last, "failed": failed, "troubles": tests.troubles }),
        text,
    }
}

fn reasons(tests: &Tests, texts: &Catalog) -> Vec<Value> {
    let row = |reason: &Reason| {
        json!({
            "runner": reason.runner, "dir": reason.dir, "rule": texts.msg(&reason.rule), "paths": reason.paths,
            "suites": reason.n_suites,
        })
    };
    tests.reasons.iter().map(row).collect()
}

/// `go .: 2 files changed, 3 suites (their packages and those built with them)`.
fn reason_line(reason: &Reason, texts: &Catalog) -> String {
    let suites = match reason.n_suites {
        Some(n) => msg!("test-n-suites", n = n),
        None => msg!("test-all-suites"),
    };
    texts.msg(&msg!(
        "test-reason",
        runner = reason.runner.as_str(),
        dir = reason.dir.as_str(),
        n = reason.paths.len(),
        suites = texts.msg(&suites),
        rule = texts.msg(&reason.rule)
    ))
}

fn verdict_word(tests: &Tests, case: &CaseId) -> &'static str {
    match tests
        .cases
        .value()
        .and_then(|cases| cases.get(case))
        .map(super::model::Case::verdict)
    {
        Some(Verdict::NewFailure) => "new_failure",
        Some(Verdict::FailedRuns(_)) => "failing",
        Some(Verdict::Fixed) => "fixed",
        Some(Verdict::Flaky) => "flaky",
        Some(Verdict::Passed) => "passed",
        Some(Verdict::Skipped) => "skipped",
        Some(Verdict::Cancelled) => "cancelled",
        Some(Verdict::NotRun) | None => "not_run",
    }
}

fn run_line(run: &RunRow, texts: &Catalog) -> String {
    let commit = run.commit.as_deref().map(format::short_oid).unwrap_or("-");
    let counts = texts.msg(&msg!(
        "test-counts",
        passed = run.n_passed,
        failed = run.n_failed,
        skipped = run.n_skipped
    ));
    let time = format::duration_secs(run.duration_ms as f64 / 1000.0, texts);
    let dirty = if run.is_dirty { "+" } else { "" };
    format!(
        "{:>5}  {:<11} {:<10} {commit}{dirty}  {counts}  {time}\n",
        run.id,
        texts.t(run.state.key()),
        run.runner
    )
}

fn show_answer(tests: &Tests, texts: &Catalog) -> Answer {
    let Some(detail) = &tests.detail else {
        return Answer {
            schema: "chantier.test.show/1",
            data: Value::Null,
            text: String::new(),
        };
    };
    let result = &detail.result;
    let mut text = format!("{}  {}\n", result.case.text(), texts.t(result.state.key()));
    for line in result.message.lines() {
        writeln!(text, "    {line}").expect("a string takes every write");
    }
    let at = result.place.as_ref().and_then(|place| place.line);
    if let Some(place) = &result.place {
        writeln!(text, "{}:{}", place.path.display(), place.line.unwrap_or(0)).expect("a string takes every write");
    }
    for (number, line) in &detail.lines {
        let mark = if Some(*number) == at { '>' } else { ' ' };
        writeln!(text, "{mark} {number:>5}  {line}").expect("a string takes every write");
    }
    if !result.output.is_empty() {
        writeln!(text, "\n{}\n", result.output).expect("a string takes every write");
    }
    for past in &detail.history {
        let commit = past.commit.as_deref().map(format::short_oid).unwrap_or("-");
        let time = match past.duration_ms {
            0 => String::new(),
            ms => format::duration_secs(ms as f64 / 1000.0, texts),
        };
        writeln!(text, "{:>5}  {:<11} {commit}  {time}", past.run, texts.t(past.state.key()))
            .expect("a string takes every write");
    }
    let data = json!({ "id": result.case.text(), "verdict": verdict_word(tests, &result.case), "case": detail });
    Answer {
        schema: "chantier.test.show/1",
        data,
        text,
    }
}

/// One live line for people, for what they want to see while it happens.
pub fn line(update: &Update, texts: &Catalog) -> Option<String> {
    let Update::RunStarted { run, .. } = update else { return None };
    Some(texts.msg(&msg!(
        "test-line-started",
        runner = run.runner.as_str(),
        what = run.title.as_str()
    )))
}
