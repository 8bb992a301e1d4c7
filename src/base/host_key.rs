//! The key of a machine that ssh does not know yet, as plain data.

use super::{Arg, Problem};
use crate::msg;
use serde::{Deserialize, Serialize};

/// The code of a problem that is about such a key.
const CODE: &str = "host-unknown";

/// Who a machine says it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostKey {
    /// As ssh names it: `example.org`, `[example.org]:2222 ([203.0.113.7]:2222)`.
    pub host: String,
    /// `ED25519`, `RSA` ...
    pub kind: String,
    /// `SHA256:` and 43 letters.
    pub fingerprint: String,
}

impl HostKey {
    /// Reads the question that ssh asks before it goes on to a machine it does not know (`sshconnect.c` of OpenSSH).
    pub fn of_question(words: &str) -> Option<Self> {
        let (_, rest) = words.split_once("The authenticity of host '")?;
        let (host, rest) = rest.split_once('\'')?;
        let line = rest.lines().find(|line| line.contains(" key fingerprint is "))?;
        let (kind, fingerprint) = line.split_once(" key fingerprint is ")?;
        let fingerprint = fingerprint.trim_end().trim_end_matches('.');
        is_fingerprint(fingerprint).then(|| Self {
            host: host.to_owned(),
            kind: kind.trim().to_owned(),
            fingerprint: fingerprint.to_owned(),
        })
    }

    /// What is told of it: `details` are ssh's own words.
    pub fn problem(&self, details: &str) -> Problem {
        let summary = msg!(
            "git-program-host-key",
            host = self.host.as_str(),
            kind = self.kind.as_str(),
            fingerprint = self.fingerprint.as_str()
        );
        let hint = msg!("git-program-host-key-hint", fingerprint = self.fingerprint.as_str());
        Problem::environment(summary).code(CODE).details(details).hint(hint)
    }

    /// The key that a problem is about.
    pub fn of_problem(problem: &Problem) -> Option<Self> {
        let word = |name: &str| {
            let (_, value) = problem.summary.args.iter().find(|(known, _)| known == name)?;
            match value {
                Arg::Text(text) => Some(text.clone()),
                Arg::Number(_) => None,
            }
        };
        if problem.code != CODE {
            return None;
        }
        Some(Self {
            host: word("host")?,
            kind: word("kind")?,
            fingerprint: word("fingerprint")?,
        })
    }
}

/// `SHA256:` and the digest in base64 without padding.
pub fn is_fingerprint(text: &str) -> bool {
    let digest = text.strip_prefix("SHA256:").unwrap_or_default();
    digest.len() == 43
        && digest
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'+' || byte == b'/')
}
