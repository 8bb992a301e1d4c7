//! One call of the command line: session open, commands one after the other, events printed and applied, answer told.

use super::args::{Args, Common, Top};
use super::print::{Mode, Printer};
use super::{exit, whole};
use crate::adapters::doctor::DoctorOptions;
use crate::adapters::files;
use crate::adapters::process::Cmd;
use crate::adapters::secrets::typed;
use crate::areas::cli::{Handed, Here, Verb};
use crate::areas::{Command, Model};
use crate::base::{Catalog, JobId, Problem, Workspace};
use crate::engine::{Event, JobEvent, Outcome};
use crate::msg;
use crate::session::{self, Session};
use std::io::{self, IsTerminal as _};
use std::process::ExitCode;
use std::time::Duration;
use tokio::time::Instant;

/// Does what was typed and says how it ended.
pub fn main(args: Args) -> ExitCode {
    let mode = if args.common.json {
        Mode::Json
    } else if args.common.events {
        Mode::Events
    } else {
        Mode::People
    };
    let lang = session::language(args.common.lang, args.common.home.as_deref());
    let mut printer = Printer::new(mode, Catalog::new(lang));
    let Some(command) = args.command else {
        let problem = match &args.path {
            Some(path) if !path.is_dir() => Problem::user(msg!("cli-no-such-word", word = path))
                .code("usage")
                .hint(msg!("cli-no-such-word-hint")),
            _ => Problem::user(msg!("cli-nothing-to-do"))
                .code("usage")
                .hint(msg!("cli-nothing-to-do-hint")),
        };
        printer.end(None, &[problem], false);
        return ExitCode::from(exit::USAGE);
    };
    let code = match command.verb() {
        Some(verb) => {
            // As git takes it; what is about all repositories of a workspace is about the workspace.
            let is_nearest = matches!(&command, Top::Code(verb) if !verb.is_of_workspace());
            run_verb(verb, &args.common, is_nearest, &mut printer)
        }
        None => match command {
            Top::Completions { shell } => whole::completions(shell, &mut printer),
            Top::Man => whole::man(&mut printer),
            Top::Doctor { read_data, repair } => whole::doctor(&args.common, DoctorOptions { read_data, repair }, &mut printer),
            Top::Tour { dir } => whole::tour(&args.common, dir, &mut printer),
            Top::Replay { file } => whole::replay(&file, &mut printer),
            Top::Probe => whole::probe(),
            Top::Filter { log } => whole::filter(&log),
            _ => exit::USAGE,
        },
    };
    ExitCode::from(printer.code(code))
}

fn run_verb(verb: &dyn Verb, common: &Common, is_nearest: bool, printer: &mut Printer) -> u8 {
    let mut session = match open(common) {
        Ok(session) => session,
        Err(problem) => {
            printer.end(None, &[problem], false);
            return exit::FAILED;
        }
    };
    for problem in session.take_problems() {
        printer.warning(&problem);
    }
    if printer.mode == Mode::People && typed::is_terminal() {
        let prompt = format!("{} ", printer.texts.t("cli-passphrase"));
        session
            .world
            .secrets()
            .ask_with(std::sync::Arc::new(move || typed::at_terminal(&prompt).ok()));
    }
    let mut model = Model::default();
    let prepared = here(&session, common, is_nearest, verb).and_then(|here| {
        if common.trust {
            trust(&session, &here, verb)?;
        }
        Ok((verb.commands(&here)?, here))
    });
    let (commands, here) = match prepared {
        Ok(prepared) => prepared,
        Err(problem) => {
            printer.end(None, std::slice::from_ref(&problem), false);
            session.close();
            return code_of(&problem);
        }
    };
    let mut caller = Caller {
        session: &mut session,
        model: &mut model,
        printer,
        verb: Some(verb),
    };
    let outcome = caller.run_all(commands).and_then(|()| {
        let more = verb.then(&here, caller.model)?;
        caller.run_all(more)
    });
    let answer = verb.answer(&here, &model, &printer.texts);
    let code = match outcome {
        Ok(()) if printer.mode == Mode::People && verb.hands_over(&here, &model).is_some() => {
            let handed = verb.hands_over(&here, &model);
            return hand_over(session, handed, printer);
        }
        Ok(()) => {
            let is_whole = !(verb.lists_project() && printer.has_broken_project());
            printer.end(Some(&answer), &[], is_whole);
            if is_whole { exit::DONE } else { exit::FAILED }
        }
        Err(problem) if problem.is_cancelled() && verb.is_endless() => {
            printer.end(Some(&answer), &[], true);
            exit::DONE
        }
        Err(problem) => {
            let code = code_of(&problem);
            let problem = if problem.is_cancelled() || here.workspace.root.exists() {
                problem
            } else {
                let gone = msg!("cli-folder-gone", path = here.workspace.root.as_path());
                Problem::user(gone).code("not-found").hint(msg!("cli-folder-gone-hint"))
            };
            // Nothing was looked at: what people would read as an answer is none.
            let answer = (printer.mode != Mode::People || code != exit::UNTRUSTED).then_some(&answer);
            printer.end(answer, &[problem], false);
            // It did not end by itself when it was stopped.
            let own = verb
                .exit_code(&model)
                .filter(|own| *own != exit::DONE && code == exit::FAILED);
            own.unwrap_or(code)
        }
    };
    if let Err(problem) = session.keep_budget() {
        printer.warning(&problem);
    }
    session.close();
    code
}

/// Becomes the program, once everything of this one is closed.
fn hand_over(session: Session, handed: Option<Handed>, printer: &mut Printer) -> u8 {
    let Some(handed) = handed else { return exit::DONE };
    let processes = session.world.processes().clone();
    session.close();
    let mut cmd = Cmd::new(&handed.argv[0]).args(&handed.argv[1..]).cwd(&handed.dir);
    for (name, value) in &handed.env {
        cmd = cmd.env(name, value);
    }
    let problem = Problem::from(processes.become_program(&cmd));
    printer.end(None, &[problem], false);
    exit::FAILED
}

/// The exit code that stands for a problem.
pub(super) fn code_of(problem: &Problem) -> u8 {
    if problem.is_cancelled() {
        exit::CANCELLED
    } else if problem.is_untrusted() {
        exit::UNTRUSTED
    } else {
        exit::FAILED
    }
}

pub(super) fn open(common: &Common) -> Result<Session, Problem> {
    let options = session::Options {
        home: common.home.clone(),
        record: common.record.clone(),
        lang: common.lang,
        ..session::Options::default()
    };
    Session::open(options)
}

/// Who runs commands: the session, what is known, and who is told.
pub(super) struct Caller<'a> {
    pub(super) session: &'a mut Session,
    pub(super) model: &'a mut Model,
    pub(super) printer: &'a mut Printer,
    /// May show more than every verb of its area does.
    pub(super) verb: Option<&'a dyn Verb>,
}

impl Caller<'_> {
    /// Runs commands one after the other; the first that does not end well ends the row.
    pub(super) fn run_all(&mut self, commands: Vec<Command>) -> Result<(), Problem> {
        for command in commands {
            match self.run(command, |_| false) {
                Outcome::Done => {}
                Outcome::Cancelled => return Err(Problem::cancelled()),
                Outcome::Failed { problem } => return Err(problem),
            }
        }
        Ok(())
    }

    /// Runs one command to its end, or until `is_enough`, which stops it. The first Ctrl+C stops it politely, the second one at once.
    pub(super) fn run(&mut self, command: Command, is_enough: impl Fn(&Model) -> bool) -> Outcome {
        let runtime = self.session.runtime().clone();
        let id = self.session.link.start(command);
        let mut was_enough = false;
        runtime.block_on(async {
            let mut interrupts = Interrupts::new();
            let mut asked_at: Option<Instant> = None;
            let mut is_told = false;
            loop {
                let patience = if is_told { AT_ONCE_AFTER } else { TOLD_AFTER };
                let waits = asked_at.map(|asked_at| asked_at + patience);
                tokio::select! {
                    event = self.session.link.next() => {
                        let Some(event) = event else { return Outcome::Cancelled };
                        if let Some(outcome) = self.take(event, id) {
                            return if was_enough { Outcome::Done } else { outcome };
                        }
                        if !was_enough && is_enough(self.model) {
                            was_enough = true;
                            self.session.link.cancel(id);
                        }
                    }
                    () = interrupts.next() => {
                        if interrupts.n_seen > 1 {
                            self.session.hurry();
                            return Outcome::Cancelled;
                        }
                        was_enough = false;
                        asked_at = Some(Instant::now());
                        self.session.link.cancel(id);
                    }
                    () = until(waits) => {
                        if is_told {
                            self.session.hurry();
                            return Outcome::Cancelled;
                        }
                        is_told = true;
                        let words = self.printer.texts.t("cli-still-stopping").into_owned();
                        self.printer.error_line(&words);
                    }
                }
            }
        })
    }

    /// Prints and applies one event; the outcome when it was the end of the job. The problem that ends it is told once, at the end.
    fn take(&mut self, event: crate::areas::Event, main: JobId) -> Option<Outcome> {
        let more = match (&event, self.verb) {
            (Event::Update(update), Some(verb)) if self.printer.mode == Mode::People => verb
                .shows(update, &self.printer.texts)
                .or_else(|| verb.shows_of(update, self.model, &self.printer.texts)),
            _ => None,
        };
        self.printer
            .event(self.session.world.clock().now(), &event, &self.model.jobs, main);
        if let Some(line) = more {
            self.printer.line(&crate::base::safe::guarded(&line));
        }
        let outcome = match &event {
            Event::Job(id, JobEvent::Ended { outcome, .. }) if *id == main => Some(outcome.clone()),
            _ => None,
        };
        self.model.apply(event);
        outcome
    }
}

/// A job that was asked to stop may have much to put in order. After this time it is said how to end it at once.
const TOLD_AFTER: Duration = Duration::from_secs(5);
/// A job that does not answer at all is left.
const AT_ONCE_AFTER: Duration = Duration::from_mins(2);

async fn until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

/// Listens from its making on: a signal that comes while an event is taken is not lost.
struct Interrupts {
    n_seen: u32,
    interrupt: Option<tokio::signal::unix::Signal>,
    terminate: Option<tokio::signal::unix::Signal>,
    hang_up: Option<tokio::signal::unix::Signal>,
}

impl Interrupts {
    fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        Self {
            n_seen: 0,
            interrupt: signal(SignalKind::interrupt()).ok(),
            terminate: signal(SignalKind::terminate()).ok(),
            hang_up: signal(SignalKind::hangup()).ok(),
        }
    }

    async fn next(&mut self) {
        async fn on(signal: &mut Option<tokio::signal::unix::Signal>) {
            match signal {
                Some(signal) => drop(signal.recv().await),
                None => std::future::pending().await,
            }
        }
        tokio::select! {
            () = on(&mut self.interrupt) => {}
            () = on(&mut self.terminate) => {}
            () = on(&mut self.hang_up) => {}
        }
        self.n_seen += 1;
    }
}

/// Trusts what the verb is about. A folder that is not there is told by the verb.
fn trust(session: &Session, here: &Here, verb: &dyn Verb) -> Result<(), Problem> {
    let added = verb
        .adds()
        .iter()
        .filter_map(|folder| files::canonicalize(&here.cwd.join(folder)).ok());
    let mut meant: Vec<Workspace> = added.map(|folder| Workspace::at(&folder)).collect();
    meant.extend(here.named.iter().cloned());
    if verb.adds().is_empty() && meant.is_empty() {
        meant.push(here.workspace.clone());
    }
    meant.iter().try_for_each(|workspace| session.world.trust().trust(workspace))
}

/// Where the command line stands: the workspace that was named, or the one that holds the current folder.
fn here(session: &Session, common: &Common, is_nearest: bool, verb: &dyn Verb) -> Result<Here, Problem> {
    let cwd = std::env::current_dir().map_err(|error| Problem::environment(msg!("cli-no-cwd")).details(error))?;
    let workspace = match &common.workspace {
        Some(name) => session.find_workspace(name, &cwd)?,
        None => session.workspace_at(&cwd)?,
    };
    let workspace = match &common.repo {
        Some(repo) => session.workspace_inside(&workspace, repo)?,
        None if is_nearest && common.workspace.is_none() => session.nearest_inside(workspace, &cwd),
        None => workspace,
    };
    let named = verb
        .names()
        .iter()
        .map(|name| session.find_workspace(name, &cwd))
        .collect::<Result<_, _>>()?;
    let lang = session::language(common.lang, common.home.as_deref());
    let is_document = common.json || common.events;
    Ok(Here {
        workspace,
        named,
        cwd,
        lang,
        has_terminal: !is_document && typed::is_terminal() && io::stdout().is_terminal(),
        hands_out: !is_document && !io::stdout().is_terminal(),
        is_document,
    })
}
