//! What the command line prints: one JSON document, the event stream, or text for people with a progress bar on a terminal.
//! The only place below the window that writes to the terminal.

use crate::areas::devops::project::FILE_NAME as PROJECT_FILE;
use crate::areas::{Event, Update, cli::Answer};
use crate::base::{Catalog, JobId, Msg, Problem, ProblemKind, SafeText, Stream, Timestamp};
use crate::engine::{self, JobEvent, JobTable, Outcome, record};
use serde_json::{Value, json};
use std::collections::VecDeque;
use std::io::{IsTerminal, Write};

/// Problems of one call that are kept for its document.
const MAX_TOLD: usize = 100;
/// Lines of a problem's details that are shown.
const MAX_DETAILS: usize = 60;
/// Lines of programs that are remembered: what a reader still sees above the end.
const MAX_PRINTED: usize = 40;

/// Who reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    People,
    Json,
    Events,
}

/// Prints events as they come and the answer at the end.
pub struct Printer {
    pub mode: Mode,
    pub texts: Catalog,
    is_terminal: bool,
    keeps_colour: bool,
    bar_is_drawn: bool,
    /// What was told on the way, beside the problem that ended it.
    told: Vec<Problem>,
    /// The last lines of programs that were printed.
    printed: VecDeque<String>,
    /// What kept words from being written. A reader that went away (`| head`) is nothing of the kind: it has read enough.
    lost: Option<std::io::Error>,
}

impl Printer {
    pub fn new(mode: Mode, texts: Catalog) -> Self {
        let is_terminal = std::io::stderr().is_terminal() && mode == Mode::People;
        let keeps_colour = std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none();
        Self {
            mode,
            texts,
            is_terminal,
            keeps_colour,
            bar_is_drawn: false,
            told: Vec::new(),
            printed: VecDeque::new(),
            lost: None,
        }
    }

    /// One event, as it comes. `jobs` holds what was told before it.
    pub fn event(&mut self, at: Timestamp, event: &Event, jobs: &JobTable, main: JobId) {
        if let engine::Event::Job(id, JobEvent::Problem(problem)) = event
            && (*id == main || jobs.get(*id).is_some_and(|row| !row.quiet))
            && self.told.len() < MAX_TOLD
        {
            self.told.push(problem.clone());
        }
        match self.mode {
            Mode::Json => {}
            Mode::Events => {
                if let Ok(line) = record::to_line(at, event) {
                    self.line(&line);
                }
            }
            Mode::People => self.people(event, jobs, main),
        }
    }

    fn people(&mut self, event: &Event, jobs: &JobTable, main: JobId) {
        match event {
            engine::Event::Update(update) => {
                if let Some(line) = live_line(update, &self.texts) {
                    self.line(&crate::base::safe::guarded(&line));
                }
            }
            engine::Event::Job(id, event) => {
                let is_quiet = jobs.get(*id).is_none_or(|row| row.quiet);
                match event {
                    JobEvent::Log { lines, skipped } if !is_quiet => {
                        if *skipped > 0 {
                            self.line(&self.texts.msg(&crate::msg!("cli-skipped", n = *skipped)));
                        }
                        for line in lines {
                            let text = if self.keeps_colour {
                                line.text.clone()
                            } else {
                                crate::base::safe::plain(&line.text).into_owned()
                            };
                            if self.printed.len() == MAX_PRINTED {
                                self.printed.pop_front();
                            }
                            self.printed.push_back(crate::base::safe::plain(&line.text).trim().to_owned());
                            if line.stream == Stream::Err {
                                self.error_line(&text);
                            } else {
                                self.line(&text);
                            }
                        }
                    }
                    JobEvent::Progress(progress) if self.is_terminal && !is_quiet => {
                        let bar = progress.fraction().map(|fraction| {
                            let filled = (fraction * 30.0).round() as usize;
                            format!(
                                "{}{} {:>3.0} %",
                                "█".repeat(filled),
                                "░".repeat(30 - filled),
                                fraction * 100.0
                            )
                        });
                        let count = bar.unwrap_or_else(|| progress.done.to_string());
                        let what = progress
                            .message
                            .as_ref()
                            .map(|message| self.texts.msg(message))
                            .unwrap_or_default();
                        let what: String = what.chars().take(60).collect();
                        drop(write!(std::io::stderr(), "\r\x1b[2K{count}  {what}"));
                        self.flush();
                        self.bar_is_drawn = true;
                    }
                    // A child, or what the command started beside itself.
                    JobEvent::Queued {
                        title,
                        parent,
                        quiet: false,
                        ..
                    } if parent.is_some() || *id != main => {
                        let title = self.texts.msg(title);
                        self.error_line(&format!("- {title}"));
                    }
                    JobEvent::Ended {
                        outcome: Outcome::Failed { problem },
                        ..
                    } if !is_quiet && *id != main && jobs.get(*id).is_some_and(|row| row.parent.is_none()) => {
                        self.warning(problem);
                    }
                    JobEvent::Problem(problem) if !is_quiet || *id == main => self.warning(problem),
                    _ => {}
                }
            }
        }
    }

    /// Something in the workspace's `chantier.toml` was wrong, and so is missing in what was found.
    pub fn has_broken_project(&self) -> bool {
        let is_of_project = |problem: &Problem| {
            let place = problem.place.as_ref();
            place.is_some_and(|place| place.path.file_name().is_some_and(|name| name == PROJECT_FILE))
        };
        self.told
            .iter()
            .any(|problem| problem.kind == ProblemKind::Config && is_of_project(problem))
    }

    /// The end of the whole: the answer and what went wrong. What was told on the way stands in the document too.
    pub fn end(&mut self, answer: Option<&Answer>, problems: &[Problem], is_ok: bool) {
        self.clear_bar();
        match self.mode {
            // Events are told as they come; what kept them from coming is told to people.
            Mode::Events => {
                if answer.is_none() {
                    for problem in problems {
                        self.problem(problem);
                    }
                }
            }
            Mode::Json => {
                let mut result = answer.map(|answer| answer.data.clone());
                if let Some(result) = &mut result {
                    add_texts(result, &self.texts);
                }
                let document = json!({
                    "schema": answer.map_or("chantier.problem/1", |answer| answer.schema),
                    "ok": is_ok,
                    "result": result,
                    "problems": self.told.iter().chain(problems).map(|problem| problem_json(problem, &self.texts)).collect::<Vec<_>>(),
                });
                self.line(&format!("{document:#}"));
            }
            Mode::People => {
                if let Some(answer) = answer {
                    self.text(&crate::base::safe::guarded(&answer.text));
                    if answer.text.is_empty() && is_ok && is_list(answer) && !has_rows(&answer.data) {
                        let words = self.texts.msg(&crate::msg!("cli-empty"));
                        self.error_line(&words);
                        if let Some(hint) = filled_by(answer) {
                            let hint = self.texts.t(hint).into_owned();
                            self.error_line(&format!("  → {hint}"));
                        }
                    }
                }
                for problem in problems {
                    self.problem(problem);
                }
            }
        }
    }

    /// What happened, detail, place, hint.
    pub fn problem(&mut self, problem: &Problem) {
        self.said(problem, "cli-problem", "\x1b[31m");
    }

    /// The same of what does not end the job. What is wrong in a file of the user's stays an error: it is missing in the answer.
    pub fn warning(&mut self, problem: &Problem) {
        if problem.kind == ProblemKind::Config {
            self.problem(problem);
        } else {
            self.said(problem, "cli-warning", "\x1b[33m");
        }
    }

    fn said(&mut self, problem: &Problem, word: &'static str, colour: &'static str) {
        let summary = self.texts.msg(&problem.summary);
        let (bright, weak, off) = if self.is_terminal {
            (colour, "\x1b[2m", "\x1b[0m")
        } else {
            ("", "", "")
        };
        let word = self.texts.t(word).into_owned();
        self.error_line(&format!("{bright}{word}{off} {summary}"));
        if !self.was_printed(&problem.details) {
            let details = SafeText::multiline(&problem.details);
            // What is to be looked at before it is trusted is shown whole.
            let n_shown = if problem.is_untrusted() { usize::MAX } else { MAX_DETAILS };
            for line in details.as_str().lines().take(n_shown) {
                self.error_line(&format!("  {weak}{line}{off}"));
            }
            let n_more = details.as_str().lines().skip(n_shown).count();
            if n_more > 0 {
                let words = self.texts.msg(&crate::msg!("cli-more", n = n_more));
                self.error_line(&format!("  {weak}{words}{off}"));
            }
        }
        if let Some(place) = &problem.place {
            let mut text = SafeText::new(&place.path.to_string_lossy()).into_string();
            for number in [place.line, place.column].into_iter().flatten() {
                text.push_str(&format!(":{number}"));
            }
            self.error_line(&format!("  {text}"));
        }
        if let Some(hint) = &problem.hint {
            let hint = self.texts.msg(hint);
            self.error_line(&format!("  → {hint}"));
        }
    }

    /// Whether every line stood in what programs said: it is not said twice.
    fn was_printed(&self, details: &str) -> bool {
        let mut lines = details.lines().map(str::trim).filter(|line| !line.is_empty());
        lines.all(|line| self.printed.iter().any(|printed| printed == line))
    }

    /// One line to stdout. That it can not be written ends nothing: the job is what matters.
    pub fn line(&mut self, text: &str) {
        self.clear_bar();
        let written = writeln!(std::io::stdout(), "{text}");
        self.note(written);
    }

    /// A whole text to stdout, as it is.
    pub(super) fn text(&mut self, text: &str) {
        self.clear_bar();
        let mut stdout = std::io::stdout().lock();
        let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
        drop(stdout);
        self.note(written);
    }

    fn note(&mut self, written: std::io::Result<()>) {
        if let Err(error) = written
            && is_loss(&error)
            && self.lost.is_none()
        {
            self.lost = Some(error);
        }
    }

    /// The exit code once everything is told: what could not be written is said, and nothing was done well then.
    pub(super) fn code(&mut self, code: u8) -> u8 {
        self.text("");
        let Some(error) = self.lost.take() else { return code };
        self.problem(&lost(&error));
        if code == super::exit::DONE {
            super::exit::FAILED
        } else {
            code
        }
    }

    pub fn error_line(&mut self, text: &str) {
        self.clear_bar();
        drop(writeln!(std::io::stderr(), "{text}"));
    }

    fn clear_bar(&mut self) {
        if std::mem::take(&mut self.bar_is_drawn) {
            drop(write!(std::io::stderr(), "\r\x1b[2K"));
            self.flush();
        }
    }

    fn flush(&self) {
        drop(std::io::stdout().flush());
        drop(std::io::stderr().flush());
    }
}

/// Words were not written, and someone still wanted them.
pub(super) fn is_loss(error: &std::io::Error) -> bool {
    error.kind() != std::io::ErrorKind::BrokenPipe
}

/// What was to be read is lost.
pub(super) fn lost(error: &std::io::Error) -> Problem {
    Problem::environment(crate::msg!("cli-lost")).code("output").details(error)
}

/// An answer that may be empty, and then says so.
fn is_list(answer: &Answer) -> bool {
    let verb = answer.schema.rsplit('.').next().unwrap_or_default();
    let verb = verb.split('/').next().unwrap_or_default();
    const LISTS: [&str; 10] = [
        "list",
        "tasks",
        "history",
        "artifacts",
        "audit",
        "executions",
        "runs",
        "incidents",
        "runbooks",
        "events",
    ];
    // The verbs that change a secret say what they did.
    LISTS.contains(&verb) || verb == "secret"
}

/// What fills a list that is empty, or what belongs there.
fn filled_by(answer: &Answer) -> Option<&'static str> {
    let verb = answer.schema.strip_prefix("chantier.")?.split('/').next()?;
    Some(match verb {
        "build.tasks" => "build-no-tasks-hint",
        "build.history" => "build-runs-empty",
        "build.artifacts" => "build-artifacts-empty",
        "release.list" => "release-matrix-empty",
        "deploy.list" => "deploy-environments-empty",
        "deploy.history" => "deploy-history-empty",
        "deploy.audit" => "deploy-audit-empty",
        "devops.runs" => "devops-runs-empty",
        "operate.incidents" => "incident-empty",
        "operate.runbooks" => "runbook-empty",
        "operate.events" => "event-empty",
        "config.secret" => "config-secrets-empty",
        _ => return None,
    })
}

/// There is something in one of its lists.
fn has_rows(data: &Value) -> bool {
    let lists = data.as_object().into_iter().flat_map(|fields| fields.values());
    lists.filter_map(Value::as_array).any(|list| !list.is_empty())
}

/// Ends the program: the command line was not understood. Who asked for a document gets one.
pub(super) fn usage(text: &str, is_json: bool) -> ! {
    if is_json {
        let mut lines = text.lines().filter(|line| !line.trim().is_empty());
        let summary = lines.next().unwrap_or_default();
        let summary = summary.split_once(": ").map_or(summary, |(_, said)| said);
        let hints: Vec<&str> = lines.map(|line| line.trim_start_matches([' ', '→'])).collect();
        let problem = json!({ "kind": ProblemKind::User, "code": "usage", "summary": summary, "hint": hints.join("; ") });
        let document = json!({ "schema": "chantier.problem/1", "ok": false, "result": null, "problems": [problem] });
        drop(writeln!(std::io::stdout(), "{document:#}"));
    }
    drop(write!(std::io::stderr(), "{text}"));
    std::process::exit(super::exit::USAGE.into())
}

/// A problem in words, with its code, for programs.
fn problem_json(problem: &Problem, texts: &Catalog) -> Value {
    json!({
        "kind": problem.kind,
        "code": problem.code,
        "summary": texts.msg(&problem.summary),
        "details": problem.details,
        "hint": problem.hint.as_ref().map(|hint| texts.msg(hint)),
        "place": problem.place,
        "area": problem.area,
        "job": problem.job,
        "at": problem.at,
    })
}

fn live_line(update: &Update, texts: &Catalog) -> Option<String> {
    use crate::areas;
    match update {
        Update::DevOps(update) => areas::devops::cli::line(update, texts),
        Update::Plan(update) => areas::plan::cli::line(update, texts),
        Update::Code(update) => areas::code::cli::line(update, texts),
        Update::Build(update) => areas::build::cli::line(update, texts),
        Update::Test(update) => areas::test::cli::line(update, texts),
        Update::Release(update) => areas::release::cli::line(update, texts),
        Update::Deploy(update) => areas::deploy::cli::line(update, texts),
        Update::Operate(update) => areas::operate::cli::line(update, texts),
        Update::Monitor(update) => areas::monitor::cli::line(update, texts),
        Update::Config(update) => areas::config::cli::line(update, texts),
    }
}

/// A message is data, `key` and `args`; beside them stands its `text`, for readers without the locales.
fn add_texts(value: &mut Value, texts: &Catalog) {
    match value {
        Value::Array(all) => all.iter_mut().for_each(|one| add_texts(one, texts)),
        Value::Object(fields) => {
            let is_message = fields.contains_key("key") && fields.keys().all(|name| name == "key" || name == "args");
            let message = is_message.then(|| serde_json::from_value::<Msg>(Value::Object(fields.clone())).ok());
            match message.flatten().filter(|message| texts.has(&message.key)) {
                Some(message) => drop(fields.insert("text".to_owned(), texts.msg(&message).into())),
                None => fields.values_mut().for_each(|one| add_texts(one, texts)),
            }
        }
        _ => {}
    }
}
