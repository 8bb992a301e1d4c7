//! How it is asked whether something works: the gates of a deployment.

use super::{Span, Words, fill_known, one, thirty_secs};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How it is asked whether something works.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ProbeKind {
    Http {
        url: String,
        #[serde(default = "ok_status")]
        expect_status: u16,
        #[serde(default)]
        expect_text: Option<String>,
        /// The answer says which version runs: `true` when it is that alone, else the field of its JSON, `app.version`.
        #[serde(default)]
        expect_version: Option<ExpectVersion>,
    },
    Tcp {
        address: String,
    },
    /// The instance's process is alive.
    Process,
    /// The container is healthy by the check that its image brings.
    Container,
    /// A command ends with code 0: in the container, on the host, or here, where the instance runs. Only a gate.
    Command {
        run: Vec<String>,
    },
}

/// Where an answer says which version runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum ExpectVersion {
    /// The whole answer is it; `false` is as if it were not given.
    Whole(bool),
    /// In a JSON answer, with dots between the names.
    Field(String),
    /// As it is asked: with the version that shall run.
    Filled { field: Option<String>, version: String },
}

impl ExpectVersion {
    /// None where nothing is asked, or no version is known to compare with.
    pub fn filled(&self, words: &Words) -> Option<Self> {
        let version = Some(fill_known("{version}", words)).filter(|version| version != "{version}");
        let field = match self {
            Self::Whole(false) => return None,
            Self::Whole(true) => None,
            Self::Field(field) => Some(field.clone()),
            Self::Filled { .. } => return Some(self.clone()),
        };
        Some(Self::Filled {
            field,
            version: version?,
        })
    }

    /// The version that an answer names: the field of its JSON, or the whole of it.
    pub fn find(field: Option<&str>, body: &[u8]) -> Option<String> {
        let Some(field) = field else {
            return Some(String::from_utf8_lossy(body).trim().to_owned());
        };
        let json: serde_json::Value = serde_json::from_slice(body).ok()?;
        match field.split('.').try_fold(&json, |json, name| json.get(name))? {
            serde_json::Value::String(text) => Some(text.clone()),
            serde_json::Value::Null => None,
            other => Some(other.to_string()),
        }
    }
}

/// One gate of a deployment: it holds after `healthy_after` good tries in a row, and is given up after `deadline`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Probe {
    #[serde(flatten)]
    pub kind: ProbeKind,
    #[serde(default = "half_sec")]
    pub interval: Span,
    #[serde(default = "two_secs")]
    pub timeout: Span,
    #[serde(default = "one")]
    pub healthy_after: u32,
    #[serde(default = "thirty_secs")]
    pub deadline: Span,
}

fn ok_status() -> u16 {
    200
}
fn half_sec() -> Span {
    Span(Duration::from_millis(500))
}
fn two_secs() -> Span {
    Span(Duration::from_secs(2))
}
