//! `chantier test <verb>`.

mod leaks;
mod more;

use super::frameworks::{CaseId, Finished, Limits};
use super::model::{DebugReady, RESULTS_KEPT, Tests, Verdict};
use super::report::Sums;
use super::{Command as Words, Reason, RunRow, Update, What};
use crate::areas::cli::{Answer, Handed, Here, Verb as AreaVerb};
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
        /// Run those that failed last before the rest
        #[arg(long)]
        red_first: bool,
        /// Learn which lines the tests run: by go itself, by pytest with pytest-cov
        #[arg(long)]
        coverage: bool,
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
    /// The slowest tests, and those that leave processes, files or ports behind
    Slow,
    /// Two runs beside each other: new failures, fixed, slower, added, gone
    Compare {
        /// A run's number or its commit; without it the run before the newest of all tests
        before: Option<String>,
        /// The later run; without it the newest of all tests
        after: Option<String>,
    },
    /// What fails now, grouped by what the failures say
    Failures,
    /// Run one test again and again, alone, under load and in company, and judge it
    Flaky {
        /// `suite name` as `test list` prints it, or the name alone
        name: String,
        /// So many times alone, and as many under load
        #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(2..=1000))]
        repeat: u32,
    },
    /// Build one test and start the debugger that fits, in this terminal
    Debug {
        /// `suite name` as `test list` prints it, or the name alone
        name: String,
        /// Say the command and start nothing
        #[arg(long)]
        print: bool,
    },
    /// Write the newest results as a page, as JUnit XML or as a badge
    #[command(arg_required_else_help = true)]
    Report {
        /// One HTML file that needs nothing beside it
        #[arg(long, value_name = "FILE")]
        html: Option<PathBuf>,
        /// JUnit XML
        #[arg(long, value_name = "FILE")]
        junit: Option<PathBuf>,
        /// An SVG badge
        #[arg(long, value_name = "FILE")]
        badge: Option<PathBuf>,
        /// Write over a file that is there
        #[arg(long)]
        force: bool,
    },
    /// Which lines the tests ran
    #[command(subcommand)]
    Coverage(more::CoverageVerb),
    /// Whether the tests reach what [test.gate] of chantier.toml asks for
    Gate,
    /// Test plans that people carry out
    #[command(subcommand)]
    Plan(more::PlanVerb),
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
                red_first,
                coverage,
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
                    is_red_first: *red_first,
                    has_coverage: *coverage,
                    ..Limits::default()
                };
                Words::Run { workspace, what, limits }
            }
            Self::Import { file } => Words::Import {
                workspace,
                file: here.cwd.join(file),
            },
            Self::History { .. } | Self::Slow => Words::Refresh { workspace },
            Self::Show { name } => {
                let show = Words::ShowNamed {
                    workspace: workspace.clone(),
                    name: name.clone(),
                };
                return Ok(vec![Words::Refresh { workspace }.into(), show.into()]);
            }
            Self::Compare { before, after } => Words::Compare {
                workspace,
                before: before.clone(),
                after: after.clone(),
            },
            Self::Failures => Words::Group { workspace },
            Self::Flaky { name, repeat } => Words::Flaky {
                workspace,
                name: name.clone(),
                repeat: *repeat,
            },
            Self::Debug { name, .. } => Words::Debug {
                workspace,
                name: name.clone(),
                opens: false,
            },
            Self::Report {
                html,
                junit,
                badge,
                force,
            } => Words::Report {
                workspace,
                to: more::report_files(here, [html.as_ref(), junit.as_ref(), badge.as_ref()], *force),
                lang: here.lang,
            },
            Self::Coverage(verb) => verb.words(here),
            Self::Gate => Words::Gate { workspace },
            Self::Plan(verb) => verb.words(here),
        };
        Ok(vec![words.into()])
    }

    fn hands_over(&self, here: &Here, model: &Model) -> Option<Handed> {
        let Self::Debug { print: false, .. } = self else { return None };
        let ready = &model.test.get(&here.workspace.id)?.debugging.as_ref()?.ready;
        Some(Handed {
            argv: ready.argv.clone(),
            dir: ready.dir.clone(),
            env: ready.env.clone(),
        })
    }

    fn lists_project(&self) -> bool {
        matches!(self, Self::List)
    }

    fn answer(&self, here: &Here, model: &Model, texts: &Catalog) -> Answer {
        let none = Tests::default();
        let tests = model.test.get(&here.workspace.id).unwrap_or(&none);
        match self {
            Self::List => list_answer(tests, texts),
            Self::Run { coverage, .. } => {
                let mut answer = run_answer("chantier.test.run/1", tests, texts);
                if *coverage && tests.coverage.is_some() {
                    let covered = more::coverage_answer(tests, texts);
                    answer.text.push_str(&covered.text);
                    answer.data["coverage"] = covered.data;
                }
                answer
            }
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
            Self::Slow => leaks::slow_answer(tests, texts),
            Self::Compare { .. } => more::compare_answer(tests, texts),
            Self::Failures => more::failures_answer(tests, texts),
            Self::Flaky { .. } => more::flaky_answer(tests, texts),
            Self::Debug { .. } => debug_answer(tests),
            Self::Report { .. } => more::report_answer(tests, texts),
            Self::Coverage(_) => more::coverage_answer(tests, texts),
            Self::Gate => more::gate_answer(tests, texts),
            Self::Plan(verb) => verb.answer(tests, texts),
        }
    }
}

fn debug_answer(tests: &Tests) -> Answer {
    let debugging = tests.debugging.as_ref();
    let row = |known: &DebugReady| json!({ "id": known.case.text(), "argv": known.ready.argv, "dir": known.ready.dir, "env": known.ready.env, "command": known.words });
    Answer {
        schema: "chantier.test.debug/1",
        data: debugging.map_or(Value::Null, row),
        text: debugging.map(|known| format!("{}\n", known.words)).unwrap_or_default(),
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
    let sum = |of: fn(&RunRow) -> u32| tests.last.iter().map(of).map(u64::from).sum::<u64>();
    // What went first counts once.
    let told = Sums::of(tests.last_results.values());
    let is_twice = (tests.last_results.len() as u64) < sum(RunRow::n_cases) && tests.last_results.len() < RESULTS_KEPT;
    let counts = if is_twice {
        told
    } else {
        Sums {
            n_passed: sum(|run| run.n_passed),
            n_failed: sum(|run| run.n_failed),
            n_skipped: sum(|run| run.n_skipped),
            n_flaky: sum(|run| run.n_flaky),
        }
    };
    let counts = json!({
        "total": counts.n_passed + counts.n_failed + counts.n_skipped,
        "passed": counts.n_passed,
        "failed": counts.n_failed,
        "skipped": counts.n_skipped,
        "flaky": counts.n_flaky,
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
            writeln!(text, "    {}", place.text()).expect("a string takes every write");
        }
    }
    text.push_str(&leaks::left_text(&tests.last_leaks, texts));
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
        data: json!({ "counts": counts, "chosen": reasons(tests, texts), "tests": all, "runs": tests.last, "failed": failed, "was_running": tests.was_running.iter().map(CaseId::text).collect::<Vec<_>>(), "leaks": leaks::left_json(&tests.last_leaks), "troubles": tests.troubles }),
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
        writeln!(text, "{}", place.text()).expect("a string takes every write");
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
    let leak = tests.leaks.get(&result.case).filter(|_| tests.leak(&result.case).is_some());
    text.push_str(&leaks::left_text(leak, texts));
    let flaky = tests.flaky.get(&result.case);
    if let Some(report) = flaky {
        text.push_str(&more::flaky_text(report, texts));
    }
    let data = json!({
        "id": result.case.text(), "verdict": verdict_word(tests, &result.case), "case": detail,
        "is_stale": detail.run.as_ref().and_then(|run| tests.is_stale(run.id)),
        "leak": leak.map(|row| &row.leak),
        "flaky": flaky.map(|report| more::flaky_json(report, texts)),
    });
    Answer {
        schema: "chantier.test.show/1",
        data,
        text,
    }
}

/// One live line for people, for what they want to see while it happens.
pub fn line(update: &Update, texts: &Catalog) -> Option<String> {
    if let Update::StillRunning {
        cases, secs, is_over, ..
    } = update
    {
        let names: Vec<String> = cases.iter().map(CaseId::text).collect();
        let names = names.join(", ");
        let words = match (is_over, names.is_empty()) {
            (true, _) => msg!("test-line-was-running", names = names),
            (false, true) => msg!("test-line-silent", secs = *secs),
            (false, false) => msg!("test-line-running", names = names, secs = *secs),
        };
        return Some(texts.msg(&words));
    }
    let Update::RunStarted { run, .. } = update else { return None };
    Some(texts.msg(&msg!(
        "test-line-started",
        runner = run.runner.as_str(),
        what = run.title.as_str()
    )))
}
