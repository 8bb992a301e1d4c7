//! Why a machine was not reached, from the words of ssh (in English: the caller asks for that).

use crate::base::{HostKey, Problem};
use crate::git::access_problem;
use crate::msg;

const UNREACHABLE: &str = "unreachable";

/// ssh has ended before the connection stood.
pub(super) fn of_words(host: &str, words: &str) -> Problem {
    let problem = match access_problem(words) {
        Some(problem) if problem.code == "host-changed" => {
            Problem::environment(msg!("ssh-host-changed", host = host)).hint(msg!("git-program-host-changed-hint"))
        }
        Some(problem) if problem.code == "host-unknown" => {
            Problem::environment(msg!("ssh-host-unknown", host = host)).hint(msg!("git-program-host-unknown-hint"))
        }
        Some(problem) => {
            return Problem::environment(msg!("ssh-no-access", host = host))
                .code(&problem.code)
                .details(words.trim())
                .hint(msg!("ssh-no-access-hint", host = host));
        }
        None => return unreachable(host).details(words.trim()),
    };
    let code = if words.contains("HAS CHANGED") || words.contains("SPOOFING") {
        "host-changed"
    } else {
        "host-unknown"
    };
    problem.code(code).details(words.trim())
}

/// A machine that is not known, with who it says it is.
pub(super) fn unknown(host: &str, key: &HostKey, facts: &str) -> Problem {
    Problem::environment(msg!(
        "ssh-host-key",
        host = host,
        kind = key.kind.as_str(),
        fingerprint = key.fingerprint.as_str()
    ))
    .code("host-unknown")
    .details(facts)
    .hint(msg!("ssh-host-key-hint", host = host))
}

fn unreachable(host: &str) -> Problem {
    Problem::environment(msg!("ssh-unreachable", host = host))
        .code(UNREACHABLE)
        .hint(msg!("ssh-unreachable-hint", host = host))
}

/// The connection broke while a command ran.
pub fn lost(host: &str) -> Problem {
    Problem::environment(msg!("ssh-lost", host = host))
        .code(UNREACHABLE)
        .hint(msg!("ssh-unreachable-hint", host = host))
}

/// No answer in time.
pub(super) fn slow(host: &str) -> Problem {
    Problem::environment(msg!("ssh-slow", host = host))
        .code(UNREACHABLE)
        .hint(msg!("ssh-unreachable-hint", host = host))
}

/// The machine could not be asked: what runs there is not known.
pub fn is_silence(problem: &Problem) -> bool {
    matches!(&*problem.code, UNREACHABLE | "host-unknown" | "host-changed" | "no-access")
}
