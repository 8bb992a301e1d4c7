//! How a child ended.

use super::outlived::Outlived;
use crate::base::Problem;
use crate::msg;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// Why it ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cause", rename_all = "snake_case")]
pub enum Cause {
    /// By itself, with an exit code.
    Exited,
    /// By a signal that Chantier did not send: `SIGSEGV`.
    Signal {
        name: String,
    },
    TimedOut,
    Cancelled,
    MemoryLimit,
}

/// The end of a child and of everything it started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Exit {
    pub code: Option<i32>,
    pub signal: Option<i32>,
    pub cause: Cause,
    /// Processes it had started outlived it, or kept its output open, and were ended.
    pub leaked: bool,
    /// Those that outlived it by themselves, as they were before they were ended; the first fifty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<Outlived>,
    /// Until the child itself ended; what outlived it does not count.
    pub wall: Duration,
    /// Of the whole tree where a control group counts it, else of the child and what it waited for.
    pub cpu_user: Duration,
    pub cpu_sys: Duration,
}

impl Exit {
    /// It ended by itself with code 0.
    pub fn is_success(&self) -> bool {
        self.cause == Cause::Exited && self.code == Some(0)
    }

    /// What to tell when the child did not succeed.
    pub fn problem(&self, program: &str) -> Option<Problem> {
        if self.is_success() {
            return None;
        }
        Some(match &self.cause {
            Cause::Cancelled => Problem::cancelled(),
            Cause::Exited => Problem::environment(msg!("process-exit-code", program = program, code = self.code.unwrap_or(-1))),
            Cause::Signal { name } => {
                let problem = Problem::environment(msg!("process-exit-signal", program = program, signal = name)).code("signal");
                if name == "SIGKILL" {
                    problem.hint(msg!("process-exit-killed-hint"))
                } else {
                    problem
                }
            }
            Cause::TimedOut => {
                let secs = (self.wall.as_secs_f64() * 10.0).round() / 10.0;
                // It did not end when it was asked to.
                let killed = i32::from(self.signal == Some(9));
                Problem::environment(msg!("process-timed-out", program = program, secs = secs, killed = killed)).code("timed-out")
            }
            Cause::MemoryLimit => Problem::environment(msg!("process-memory-limit", program = program)).code("memory-limit"),
        })
    }
}

/// What a small tool said, and how it ended.
#[derive(Clone, Debug)]
pub struct Output {
    /// Exact bytes.
    pub stdout: Vec<u8>,
    /// Secrets masked.
    pub stderr: Vec<u8>,
    /// More came than was asked for, and was thrown away.
    pub truncated: bool,
    pub exit: Exit,
}

impl Output {
    /// Standard output when the tool succeeded, else a problem in its own words.
    pub fn success(self, program: &str) -> Result<Vec<u8>, Problem> {
        match self.exit.problem(program) {
            None => Ok(self.stdout),
            Some(problem) if problem.details.is_empty() => {
                let words = if self.stderr.trim_ascii().is_empty() {
                    &self.stdout
                } else {
                    &self.stderr
                };
                let tail = &words[words.len().saturating_sub(8192)..];
                Err(problem.details(String::from_utf8_lossy(tail).trim_end()))
            }
            Some(problem) => Err(problem),
        }
    }

    pub fn stdout_text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }
}

/// The name of a signal's number: `SIGTERM`.
pub fn signal_name(number: i32) -> String {
    let name = match number {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        5 => "SIGTRAP",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        9 => "SIGKILL",
        10 => "SIGUSR1",
        11 => "SIGSEGV",
        12 => "SIGUSR2",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        15 => "SIGTERM",
        24 => "SIGXCPU",
        25 => "SIGXFSZ",
        31 => "SIGSYS",
        number => return format!("SIG{number}"),
    };
    name.to_owned()
}
