//! What concerns the whole program and no single area: completions, replay.

use super::args::Args;
use super::exit;
use super::print::Printer;
use crate::adapters::files;
use crate::areas::{Model, Update};
use crate::base::{JobId, Problem};
use crate::engine::record;
use crate::msg;
use clap::CommandFactory;
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
