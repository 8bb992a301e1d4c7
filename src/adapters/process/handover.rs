//! The end of this program in favour of another one, which gets its terminal.

use super::{Cmd, ProcessError, Processes, spawn_error};
use std::os::unix::process::CommandExt as _;

impl Processes {
    /// Becomes this program: it takes over the terminal and everything else. Comes back only with what kept it from that.
    pub fn become_program(&self, cmd: &Cmd) -> ProcessError {
        match self.bare_command(cmd, None, &[], false) {
            // In the group where this program is: that one stands in the foreground of the terminal.
            Ok((program, mut command, _)) => spawn_error(program, command.exec()),
            Err(error) => error,
        }
    }
}
