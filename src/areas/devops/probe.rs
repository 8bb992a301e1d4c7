//! One try of one probe: is what runs there well? Used by the gates of a deployment and by the checks of Monitor.

use super::project::{ExpectVersion, ProbeKind, Words, fill};
use crate::adapters::http::{self, Fault};
use crate::base::{Msg, Problem, SafeText};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// What came of a try.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "tried", rename_all = "snake_case")]
pub enum Tried {
    Good {
        took_ms: f64,
        status: Option<u16>,
    },
    WrongStatus {
        status: u16,
        expected: u16,
    },
    TextMissing {
        status: u16,
        text: String,
    },
    /// It says that another version runs, or does not say which.
    WrongVersion {
        found: Option<String>,
        expected: String,
    },
    NoAnswer {
        fault: Fault,
    },
    /// A command ended with another code than 0; None when it was ended by a signal.
    Exited {
        code: Option<i32>,
        /// The last line it wrote.
        words: String,
    },
    /// The process is not there.
    Dead,
}

impl Tried {
    pub fn is_good(&self) -> bool {
        matches!(self, Self::Good { .. })
    }

    pub fn took_ms(&self) -> Option<f64> {
        match self {
            Self::Good { took_ms, .. } => Some(*took_ms),
            _ => None,
        }
    }

    /// The answer in one line.
    pub fn msg(&self) -> Msg {
        match self {
            Self::Good {
                status: Some(status), ..
            } => msg!("probe-good-status", status = u32::from(*status)),
            Self::Good { status: None, .. } => msg!("probe-good"),
            Self::WrongStatus { status, expected } => {
                msg!(
                    "probe-wrong-status",
                    status = status.to_string(),
                    expected = expected.to_string()
                )
            }
            Self::TextMissing { text, .. } => msg!("probe-text-missing", text = SafeText::new(text)),
            Self::WrongVersion { found, expected } => wrong_version(found.as_deref(), expected),
            Self::NoAnswer { fault } => fault.msg(),
            Self::Exited { code, words } => exited(*code, words),
            Self::Dead => msg!("probe-dead"),
        }
    }
}

/// What a probe asks, in the words of the field.
pub fn what(kind: &ProbeKind) -> String {
    match kind {
        ProbeKind::Http { url, .. } => format!("GET {}", SafeText::url(url)),
        ProbeKind::Tcp { address } => format!("TCP {}", SafeText::new(address)),
        ProbeKind::Process => "process".to_owned(),
        ProbeKind::Container => "HEALTHCHECK".to_owned(),
        ProbeKind::Command { run } => SafeText::new(&run.join(" ")).into_string(),
    }
}

/// A probe with its words replaced.
#[derive(Clone, Debug, PartialEq)]
pub struct Ready {
    pub kind: ProbeKind,
    pub timeout: Duration,
}

impl Ready {
    pub fn new(kind: &ProbeKind, timeout: Duration, words: &Words) -> Result<Self, Problem> {
        let kind = match kind {
            ProbeKind::Http {
                url,
                expect_status,
                expect_text,
                expect_version,
            } => ProbeKind::Http {
                url: fill(url, words)?,
                expect_status: *expect_status,
                expect_text: expect_text.as_ref().map(|text| fill(text, words)).transpose()?,
                expect_version: expect_version.as_ref().and_then(|place| place.filled(words)),
            },
            ProbeKind::Tcp { address } => ProbeKind::Tcp {
                address: fill(address, words)?,
            },
            ProbeKind::Process => ProbeKind::Process,
            ProbeKind::Container => ProbeKind::Container,
            ProbeKind::Command { run } => ProbeKind::Command {
                run: run.iter().map(|word| fill(word, words)).collect::<Result<_, _>>()?,
            },
        };
        Ok(Self { kind, timeout })
    }

    /// With its words filled in.
    pub fn kind(&self) -> &ProbeKind {
        &self.kind
    }

    /// What is asked, in the words of the field: `GET http://127.0.0.1:8080/health`.
    pub fn what(&self) -> String {
        what(&self.kind)
    }

    /// What an answer means that was fetched in another way; any answer is good where nothing of HTTP was asked.
    pub fn judge(&self, answer: Result<http::Answer, Fault>) -> Tried {
        match &self.kind {
            ProbeKind::Http {
                expect_status,
                expect_text,
                expect_version,
                ..
            } => judged(answer, *expect_status, expect_text.as_deref(), expect_version.as_ref()),
            _ => match answer {
                Ok(answer) => Tried::Good {
                    took_ms: answer.took.as_secs_f64() * 1000.0,
                    status: None,
                },
                Err(fault) => Tried::NoAnswer { fault },
            },
        }
    }

    /// Whether it asks which version runs.
    pub fn asks_version(&self) -> bool {
        matches!(
            &self.kind,
            ProbeKind::Http {
                expect_version: Some(_),
                ..
            }
        )
    }

    /// One try. `is_alive` answers for the process or the container, and is asked only where that is what is probed.
    pub async fn try_once(&self, is_alive: impl Future<Output = bool>, give_up: &CancellationToken) -> Tried {
        match &self.kind {
            ProbeKind::Http {
                url,
                expect_status,
                expect_text,
                expect_version,
            } => judged(
                http::get(url, self.timeout, give_up).await,
                *expect_status,
                expect_text.as_deref(),
                expect_version.as_ref(),
            ),
            ProbeKind::Tcp { address } => match http::connect(address, self.timeout, give_up).await {
                Ok(took) => Tried::Good {
                    took_ms: took.as_secs_f64() * 1000.0,
                    status: None,
                },
                Err(fault) => Tried::NoAnswer { fault },
            },
            ProbeKind::Process | ProbeKind::Container | ProbeKind::Command { .. } => {
                if is_alive.await {
                    Tried::Good {
                        took_ms: 0.0,
                        status: None,
                    }
                } else {
                    Tried::Dead
                }
            }
        }
    }
}

fn judged(answer: Result<http::Answer, Fault>, expected: u16, text: Option<&str>, place: Option<&ExpectVersion>) -> Tried {
    let answer = match answer {
        Err(fault) => return Tried::NoAnswer { fault },
        Ok(answer) => answer,
    };
    if answer.status != expected {
        return Tried::WrongStatus {
            status: answer.status,
            expected,
        };
    }
    if let Some(text) = text.filter(|text| memchr::memmem::find(&answer.body, text.as_bytes()).is_none()) {
        return Tried::TextMissing {
            status: answer.status,
            text: text.to_owned(),
        };
    }
    if let Some(ExpectVersion::Filled { field, version }) = place {
        let found = ExpectVersion::find(field.as_deref(), &answer.body);
        if found.as_ref() != Some(version) {
            return Tried::WrongVersion {
                found,
                expected: version.clone(),
            };
        }
    }
    Tried::Good {
        took_ms: answer.took.as_secs_f64() * 1000.0,
        status: Some(answer.status),
    }
}

impl Tried {
    /// The end of a command that was run as a probe.
    pub fn of_exit(code: Option<i32>, took: Duration, output: &[u8]) -> Self {
        if code == Some(0) {
            return Self::Good {
                took_ms: took.as_secs_f64() * 1000.0,
                status: None,
            };
        }
        let text = String::from_utf8_lossy(output);
        let last = text.lines().rfind(|line| !line.trim().is_empty()).unwrap_or_default();
        Self::Exited {
            code,
            words: SafeText::new(last.trim()).into_string(),
        }
    }
}

fn exited(code: Option<i32>, words: &str) -> Msg {
    let code = code.map_or_else(|| "–".to_owned(), |code| code.to_string());
    msg!("probe-exited", code = code, words = SafeText::new(words))
}

/// What an answer says of the version, against what shall run.
fn wrong_version(found: Option<&str>, expected: &str) -> Msg {
    match found {
        Some(found) => {
            let found: String = found.chars().take(60).collect();
            msg!(
                "probe-wrong-version",
                found = SafeText::new(&found),
                expected = SafeText::new(expected)
            )
        }
        None => msg!("probe-no-version", expected = SafeText::new(expected)),
    }
}
