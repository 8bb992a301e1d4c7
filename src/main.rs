//! Arguments, then the window or the command line.

use chantier::cli::{self, Args, Common};
use chantier::shell;
use std::process::ExitCode;

fn main() -> ExitCode {
    let args = Args::read();
    if !args.wants_window() {
        return cli::main(args);
    }
    // A word that is neither a command nor a folder opens no window.
    if args.path.as_ref().is_some_and(|path| !path.is_dir()) {
        return cli::main(args);
    }
    let replay = args.replay().map(std::path::Path::to_path_buf);
    let Common {
        home,
        record,
        lang,
        trust,
        ..
    } = args.common;
    shell::open(shell::Options {
        home,
        path: args.path,
        replay,
        record,
        lang,
        trust,
    })
}
