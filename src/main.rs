//! Arguments, then the window or the command line.

use chantier::cli::{self, Args};
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = Args::read();
    if args.wants_window() {
        chantier::shell::open(args.window_options())
    } else {
        cli::main(args)
    }
}
