//! One call of the command line: session open, commands one after the other, events printed and applied, answer told.

use super::args::{Args, Common, Top};
use super::print::{Mode, Printer};
use super::{exit, whole};
use crate::adapters::doctor::DoctorOptions;
use crate::areas::cli::{Here, Verb};
use crate::areas::{Command, Model};
use crate::base::{Catalog, JobId, Problem};
use crate::engine::{Event, JobEvent, Outcome};
use crate::msg;
use crate::session::{self, Session};
use std::process::ExitCode;

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
        printer.end(
            None,
            &[Problem::user(msg!("cli-nothing-to-do")).hint(msg!("cli-nothing-to-do-hint"))],
        );
        return ExitCode::from(exit::USAGE);
    };
    let code = match command.verb() {
        Some(verb) => run_verb(verb, &args.common, &mut printer),
        None => match command {
            Top::Completions { shell } => whole::completions(shell),
            Top::Doctor { read_data, repair } => whole::doctor(&args.common, DoctorOptions { read_data, repair }, &mut printer),
            Top::Replay { file } => whole::replay(&file, &mut printer),
            _ => exit::USAGE,
        },
    };
    ExitCode::from(code)
}

fn run_verb(verb: &dyn Verb, common: &Common, printer: &mut Printer) -> u8 {
    let mut session = match open(common) {
        Ok(session) => session,
        Err(problem) => {
            printer.end(None, &[problem]);
            return exit::FAILED;
        }
    };
    for problem in session.take_problems() {
        printer.problem(&problem);
    }
    let mut model = Model::default();
    let prepared = here(&session, common).and_then(|here| {
        if common.trust {
            session.world.trust().trust(&here.workspace)?;
        }
        Ok((verb.commands(&here)?, here))
    });
    let (commands, here) = match prepared {
        Ok(prepared) => prepared,
        Err(problem) => {
            printer.end(None, std::slice::from_ref(&problem));
            session.close();
            return code_of(&problem);
        }
    };
    let outcome = run_commands(&mut session, commands, &mut model, printer);
    let answer = verb.answer(&here, &model, &printer.texts);
    let code = match outcome {
        Ok(()) => {
            printer.end(Some(&answer), &[]);
            exit::DONE
        }
        Err(problem) if problem.is_cancelled() && verb.is_endless() => {
            printer.end(Some(&answer), &[]);
            exit::DONE
        }
        Err(problem) => {
            let code = code_of(&problem);
            printer.end(Some(&answer), &[problem]);
            code
        }
    };
    session.close();
    code
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
        ..session::Options::default()
    };
    Session::open(options)
}

/// Runs commands one after the other; the first that does not end well ends the row.
pub(super) fn run_commands(
    session: &mut Session,
    commands: Vec<Command>,
    model: &mut Model,
    printer: &mut Printer,
) -> Result<(), Problem> {
    for command in commands {
        match run_one(session, command, model, printer) {
            Outcome::Done => {}
            Outcome::Cancelled => return Err(Problem::cancelled()),
            Outcome::Failed { problem } => return Err(problem),
        }
    }
    Ok(())
}

/// Runs one command to its end. The first Ctrl+C stops it politely, the second one at once.
pub(super) fn run_one(session: &mut Session, command: Command, model: &mut Model, printer: &mut Printer) -> Outcome {
    let runtime = session.runtime().clone();
    let clock = session.world.clock().clone();
    let id = session.link.start(command);
    runtime.block_on(async {
        let mut interrupts = Interrupts::new();
        loop {
            tokio::select! {
                event = session.link.next() => {
                    let Some(event) = event else { return Outcome::Cancelled };
                    let event = strip_final_problem(event, id, printer, model, &clock);
                    if let Some(outcome) = event {
                        return outcome;
                    }
                }
                () = interrupts.next() => {
                    if interrupts.n_seen > 1 {
                        session.world.processes().kill_all();
                        return Outcome::Cancelled;
                    }
                    session.link.cancel(id);
                }
            }
        }
    })
}

/// Prints and applies one event; the outcome when it was the end of the job. The problem that ends the job is told once, at the end.
fn strip_final_problem(
    event: crate::areas::Event,
    main: JobId,
    printer: &mut Printer,
    model: &mut Model,
    clock: &crate::base::Clock,
) -> Option<Outcome> {
    printer.event(clock.now(), &event, &model.jobs, main);
    let outcome = match &event {
        Event::Job(id, JobEvent::Ended { outcome, .. }) if *id == main => Some(outcome.clone()),
        _ => None,
    };
    model.apply(event);
    outcome
}

struct Interrupts {
    n_seen: u32,
    terminate: Option<tokio::signal::unix::Signal>,
    hang_up: Option<tokio::signal::unix::Signal>,
}

impl Interrupts {
    fn new() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        Self {
            n_seen: 0,
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
            _ = tokio::signal::ctrl_c() => {}
            () = on(&mut self.terminate) => {}
            () = on(&mut self.hang_up) => {}
        }
        self.n_seen += 1;
    }
}

/// Where the command line stands: the workspace that was named, or the one that holds the current folder.
fn here(session: &Session, common: &Common) -> Result<Here, Problem> {
    let cwd = std::env::current_dir().map_err(|error| Problem::environment(msg!("cli-no-cwd")).details(error))?;
    let workspace = match &common.workspace {
        Some(name) => session.find_workspace(name, &cwd)?,
        None => session.workspace_at(&cwd)?,
    };
    Ok(Here { workspace, cwd })
}
