//! What concerns the whole program and no single area: completions, the manual page, doctor, replay, the tour.

use super::args::{Args, Common};
use super::exit;
use super::print::{Mode, Printer};
use super::run::{self, Caller};
use crate::adapters::dirs::Dirs;
use crate::adapters::doctor::{self, DoctorOptions};
use crate::adapters::files;
use crate::adapters::process::filter;
use crate::areas::cli::Answer;
use crate::areas::devops::prober::{self, Told};
use crate::areas::devops::project::Probe;
use crate::areas::{self, Model, Update};
use crate::base::{Clock, JobId, Problem, Workspace};
use crate::engine::{Outcome, record};
use crate::msg;
use crate::session::{self, Session};
use crate::tour::{Order, StepId, Tour};
use clap::CommandFactory;
use serde_json::json;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// A recording may be large, but not without end.
const MAX_RECORDING_BYTES: u64 = 1 << 30;

/// Prints the completions for a shell.
pub(super) fn completions(shell: clap_complete::Shell, printer: &mut Printer) -> u8 {
    let mut words = Vec::new();
    let mut command = super::localised(Args::command(), &printer.texts);
    clap_complete::generate(shell, &mut command, "chantier", &mut words);
    printer.text(&String::from_utf8_lossy(&words));
    exit::DONE
}

/// Prints the page for man(1).
pub(super) fn man(printer: &mut Printer) -> u8 {
    let command = super::localised(Args::command(), &printer.texts).name("chantier");
    printer.text(&super::man::page(&command, &printer.texts));
    exit::DONE
}

/// Asks gates where this program runs: the other half of `areas::devops::prober`. Nothing is opened.
pub(super) fn probe() -> u8 {
    let probes: Vec<Probe> = match serde_json::from_reader(std::io::stdin().lock()) {
        Ok(probes) => probes,
        Err(_) => return exit::USAGE,
    };
    let tell = |told: &Told| {
        let line = serde_json::to_string(told).unwrap_or_default();
        // Who no longer listens has ended this program.
        writeln!(std::io::stdout().lock(), "{line}").ok();
    };
    match session::without_engine(prober::ask(&probes, tell)) {
        Ok(true) => exit::DONE,
        _ => exit::FAILED,
    }
}

/// Stands between an instance and its log: the other half of `Processes::start_detached_masked`. Nothing is opened.
pub(super) fn filter(log: &Path) -> u8 {
    match session::without_engine(filter::run(log)) {
        Ok(Ok(())) => exit::DONE,
        _ => exit::FAILED,
    }
}

/// Prints a recording as if it happened now.
pub(super) fn replay(file: &Path, printer: &mut Printer) -> u8 {
    let text = match files::read_text(file, MAX_RECORDING_BYTES) {
        Ok(text) => text,
        Err(problem) => {
            printer.end(None, &[problem], false);
            return exit::FAILED;
        }
    };
    let (events, bad) = record::from_text::<Update>(&text);
    let mut model = Model::default();
    let n_events = events.len();
    for line in events {
        printer.event(line.at, &line.event, &model.jobs, JobId(0));
        model.apply(line.event);
    }
    let problems: Vec<Problem> = bad
        .into_iter()
        .map(|(line, why)| Problem::config(msg!("cli-bad-recording", why = why)).at_place(file, line as u32, 0))
        .collect();
    let jobs: Vec<_> = model.jobs.rows().filter(|row| row.parent.is_none()).collect();
    let rows: Vec<_> = jobs
        .iter()
        .map(|row| {
            json!({
                "id": row.id,
                "area": row.area,
                "title": printer.texts.msg(&row.title),
                "state": row.state,
                "started_at": row.started_at,
                "ended_at": row.ended_at,
            })
        })
        .collect();
    let answer = Answer {
        schema: "chantier.replay/1",
        data: json!({ "n_events": n_events, "n_bad": problems.len(), "jobs": rows }),
        text: String::new(),
    };
    // What is wrong in a recording is told whatever is printed.
    let answer = (printer.mode == Mode::Json || problems.is_empty()).then_some(&answer);
    printer.end(answer, &problems, problems.is_empty());
    if problems.is_empty() { exit::DONE } else { exit::FAILED }
}

/// Examines the data folder as it lies there; nothing is opened, so a store that can not be opened is examined too.
pub(super) fn doctor(common: &Common, options: DoctorOptions, printer: &mut Printer) -> u8 {
    let dirs = match Dirs::locate(common.home.as_deref()) {
        Ok(dirs) => dirs,
        Err(problem) => {
            printer.end(None, &[problem], false);
            return exit::FAILED;
        }
    };
    let checks = doctor::examine_home(&dirs, options, Clock::system().now());
    let is_sound = doctor::is_sound(&checks);
    let texts = &printer.texts;
    let mut text = String::new();
    for check in &checks {
        let state = texts.t(check.state.key());
        writeln!(text, "{state:<10} {}  {}", texts.msg(&check.title), texts.msg(&check.outcome)).ok();
        for line in check.details.iter().take(50) {
            writeln!(text, "             {line}").ok();
        }
        if let Some(hint) = &check.hint {
            writeln!(text, "           → {}", texts.msg(hint)).ok();
        }
    }
    let rows: Vec<_> = checks
        .iter()
        .map(|check| {
            json!({
                "id": check.id,
                "state": check.state,
                "title": texts.msg(&check.title),
                "outcome": texts.msg(&check.outcome),
                "details": check.details,
                "hint": check.hint.as_ref().map(|hint| texts.msg(hint)),
                "repaired": check.repaired,
            })
        })
        .collect();
    let answer = Answer {
        schema: "chantier.doctor/1",
        data: json!({ "is_sound": is_sound, "checks": rows }),
        text,
    };
    let problems: Vec<Problem> = if is_sound {
        Vec::new()
    } else {
        vec![Problem::environment(msg!("cli-not-sound"))]
    };
    printer.end(Some(&answer), &problems, problems.is_empty());
    if is_sound { exit::DONE } else { exit::FAILED }
}

/// Runs every step of the tour. What was unpacked into a temporary folder is gone afterwards, and so is what was stopped.
pub(super) fn tour(common: &Common, dir: Option<PathBuf>, printer: &mut Printer) -> u8 {
    let mut session = match run::open(common) {
        Ok(session) => session,
        Err(problem) => {
            printer.end(None, &[problem], false);
            return exit::FAILED;
        }
    };
    let is_kept = dir.is_some();
    end_broken_tour(&mut session, printer);
    let dir = dir.unwrap_or_else(|| {
        session
            .world
            .dirs()
            .cache
            .join(format!("tour-{}", std::process::id()))
            .join("bonjour")
    });
    let dir = std::path::absolute(&dir).unwrap_or(dir);
    let mut model = Model::default();
    let mut tour = Tour::new(&dir);
    let mut rows = Vec::new();
    let mut result = Ok(());
    for (i, step) in StepId::ALL.into_iter().enumerate() {
        let title = printer.texts.t(step.key()).into_owned();
        if printer.mode == Mode::People {
            printer.line(&format!("{:>2}. {title}", i + 1));
        }
        let mut caller = Caller {
            session: &mut session,
            model: &mut model,
            printer,
            verb: None,
        };
        let proof = caller.tour_step(&mut tour, step);
        match proof {
            Ok(proof) => {
                if let (StepId::Unpack, false, Some(workspace)) = (step, is_kept, tour.workspace()) {
                    let begun = Begun {
                        pid: std::process::id(),
                        workspace: workspace.clone(),
                    };
                    session.runtime().block_on(session.world.store().kv().set(TOUR, &begun)).ok();
                }
                let proof = printer.texts.msg(&proof);
                if printer.mode == Mode::People {
                    printer.line(&format!("    ✓ {proof}"));
                }
                rows.push(json!({ "step": step.word(), "title": title, "is_true": true, "proof": proof }));
            }
            Err(problem) => {
                rows.push(json!({ "step": step.word(), "title": title, "is_true": false }));
                result = Err(problem);
                break;
            }
        }
    }
    if result.is_err() {
        // What a broken tour started must not go on: the stop is tried, whatever it says.
        if let Ok(orders) = tour.orders(StepId::Stop) {
            for order in orders {
                let mut caller = Caller {
                    session: &mut session,
                    model: &mut model,
                    printer,
                    verb: None,
                };
                caller.run(order.command, order.is_enough);
            }
        }
    }
    if !is_kept {
        if let Some(workspace) = tour.workspace() {
            let command = areas::devops::Command::RemoveWorkspace {
                workspace: workspace.clone(),
            };
            Caller {
                session: &mut session,
                model: &mut model,
                printer,
                verb: None,
            }
            .run(command.into(), |_| false);
        }
        if let Some(folder) = dir.parent() {
            files::remove_dir_all(folder).ok();
        }
        session.runtime().block_on(session.world.store().kv().remove(TOUR)).ok();
    }
    session.close();
    let text = match (&result, is_kept) {
        (Ok(()), true) => {
            let kept = printer.texts.msg(&msg!("tour-kept", path = dir.as_path()));
            format!("{}\n{kept}\n", printer.texts.t("tour-true"))
        }
        (Ok(()), false) => format!("{}\n", printer.texts.t("tour-true")),
        (Err(_), _) => String::new(),
    };
    let answer = Answer {
        schema: "chantier.tour/1",
        data: json!({ "is_true": result.is_ok(), "steps": rows }),
        text,
    };
    match result {
        Ok(()) => {
            printer.end(Some(&answer), &[], true);
            exit::DONE
        }
        Err(problem) => {
            let code = run::code_of(&problem);
            printer.end(Some(&answer), &[problem], false);
            code
        }
    }
}

/// Where a tour notes that it has begun, so that the next one can end what a killed one left running.
const TOUR: &str = "tour";

#[derive(serde::Serialize, serde::Deserialize)]
struct Begun {
    pid: u32,
    workspace: Workspace,
}

/// Stops what a tour that was killed has deployed, and removes its folder.
fn end_broken_tour(session: &mut Session, printer: &mut Printer) {
    let found = session.runtime().block_on(session.world.store().kv().get::<Begun>(TOUR));
    let Ok(Some(begun)) = found else { return };
    if crate::adapters::store::holder::start_of(begun.pid).is_some() {
        return;
    }
    let mut model = Model::default();
    let tour = Tour::again(&begun.workspace);
    for order in tour.orders(StepId::Stop).unwrap_or_default() {
        Caller {
            session,
            model: &mut model,
            printer,
            verb: None,
        }
        .run(order.command, order.is_enough);
    }
    let command = areas::devops::Command::RemoveWorkspace {
        workspace: begun.workspace.clone(),
    };
    Caller {
        session,
        model: &mut model,
        printer,
        verb: None,
    }
    .run(command.into(), |_| false);
    if let Some(folder) = begun
        .workspace
        .root
        .parent()
        .filter(|folder| folder.starts_with(&session.world.dirs().cache))
    {
        files::remove_dir_all(folder).ok();
    }
    session.runtime().block_on(session.world.store().kv().remove(TOUR)).ok();
}

impl Caller<'_> {
    fn tour_step(&mut self, tour: &mut Tour, step: StepId) -> Result<crate::base::Msg, Problem> {
        let orders = tour.orders(step)?;
        self.tour_orders(orders, step)?;
        let orders = tour.more(step, self.model)?;
        self.tour_orders(orders, step)?;
        tour.prove(step, self.model)
    }

    fn tour_orders(&mut self, orders: Vec<Order>, step: StepId) -> Result<(), Problem> {
        for order in orders {
            match (self.run(order.command, order.is_enough), order.must_fail) {
                (Outcome::Done, false) | (Outcome::Failed { .. }, true) => {}
                (Outcome::Done, true) => return Err(Problem::internal(msg!("tour-not-true", step = step.word()))),
                (Outcome::Cancelled, _) => return Err(Problem::cancelled()),
                (Outcome::Failed { problem }, false) => return Err(problem),
            }
        }
        Ok(())
    }
}
