//! Floor 5: the command line. The same commands, engine and model as the window; nothing here knows the toolkit.

mod args;
mod help;
mod man;
mod print;
mod run;
mod whole;

pub use args::{Args, Common};
pub use help::localised;
pub use print::{Mode, Printer};
pub use run::main;

/// Exit codes, part of the interface.
pub mod exit {
    pub const DONE: u8 = 0;
    pub const FAILED: u8 = 1;
    pub const USAGE: u8 = 2;
    pub const UNTRUSTED: u8 = 3;
    pub const CANCELLED: u8 = 130;
}
