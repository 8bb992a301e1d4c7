//! The end of this program in favour of another one, which gets its terminal.

use super::{Cmd, ProcessError, Processes, spawn_error};
use std::os::unix::process::CommandExt as _;

impl Processes {
    /// Becomes this program: it takes over the terminal and everything else. Comes back only with what kept it from that.
    pub fn become_program(&self, cmd: &Cmd) -> ProcessError {
        match self.command(cmd, None, &[], false) {
            Ok((program, mut command)) => {
                // It stays in the foreground of the terminal.
                let own = rustix::process::getpgrp().as_raw_nonzero().get();
                spawn_error(program, command.process_group(own).exec())
            }
            Err(error) => error,
        }
    }
}
