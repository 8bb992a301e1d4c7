//! How far a job is.

use super::Msg;
use serde::{Deserialize, Serialize};

/// What is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    #[default]
    Steps,
    Bytes,
    Files,
    Tests,
    Percent,
}

/// Work done so far; `total` only when it is known, so that no bar ever lies.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    pub done: u64,
    pub total: Option<u64>,
    #[serde(default)]
    pub unit: Unit,
    pub message: Option<Msg>,
}

impl Progress {
    pub fn of(done: u64, total: u64, unit: Unit) -> Self {
        Self {
            done,
            total: Some(total),
            unit,
            message: None,
        }
    }

    pub fn count(done: u64, unit: Unit) -> Self {
        Self {
            done,
            total: None,
            unit,
            message: None,
        }
    }

    pub fn saying(mut self, message: Msg) -> Self {
        self.message = Some(message);
        self
    }

    /// 0.0 to 1.0, when the total is known.
    pub fn fraction(&self) -> Option<f32> {
        let total = self.total.filter(|total| *total > 0)?;
        Some((self.done as f32 / total as f32).clamp(0.0, 1.0))
    }
}
