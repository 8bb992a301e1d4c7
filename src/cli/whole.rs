//! What concerns the whole program and no single area: completions, doctor, replay.

use super::args::{Args, Common};
use super::exit;
use super::print::Printer;
use crate::adapters::dirs::Dirs;
use crate::adapters::doctor::{self, DoctorOptions};
use crate::adapters::files;
use crate::areas::cli::Answer;
use crate::areas::{Model, Update};
use crate::base::{Clock, JobId, Problem};
use crate::engine::record;
use crate::msg;
use clap::CommandFactory;
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;

/// A recording may be large, but not without end.
const MAX_RECORDING_BYTES: u64 = 1 << 30;

/// Prints the completions for a shell.
pub(super) fn completions(shell: clap_complete::Shell) -> u8 {
    clap_complete::generate(shell, &mut Args::command(), "chantier", &mut std::io::stdout());
    exit::DONE
}

/// Prints a recording as if it happened now.
pub(super) fn replay(file: &Path, printer: &mut Printer) -> u8 {
    let text = match files::read_text(file, MAX_RECORDING_BYTES) {
        Ok(text) => text,
        Err(problem) => {
            printer.end(None, &[problem]);
            return exit::FAILED;
        }
    };
    let (events, bad) = record::from_text::<Update>(&text);
    let mut model = Model::default();
    for line in events {
        printer.event(line.at, &line.event, &model.jobs, JobId(0));
        model.apply(line.event);
    }
    let problems: Vec<Problem> = bad
        .into_iter()
        .map(|(line, why)| Problem::config(msg!("cli-bad-recording", why = why)).at_place(file, line as u32, 0))
        .collect();
    printer.end(None, &problems);
    if problems.is_empty() { exit::DONE } else { exit::FAILED }
}

/// Examines the data folder as it lies there; nothing is opened, so a store that can not be opened is examined too.
pub(super) fn doctor(common: &Common, options: DoctorOptions, printer: &mut Printer) -> u8 {
    let dirs = match Dirs::locate(common.home.as_deref()) {
        Ok(dirs) => dirs,
        Err(problem) => {
            printer.end(None, &[problem]);
            return exit::FAILED;
        }
    };
    let checks = doctor::examine(&dirs.data, &dirs.logs, options, Clock::system().now());
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
    printer.end(Some(&answer), &problems);
    if is_sound { exit::DONE } else { exit::FAILED }
}
