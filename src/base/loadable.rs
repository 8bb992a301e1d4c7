//! A value that is fetched: empty, on its way, there, or failed, and never "empty" while loading.

use super::Problem;
use serde::{Deserialize, Serialize};

/// The state of something that a job fetches. The previous value stays visible while a new one is on its way.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Loadable<T> {
    /// Nobody asked yet.
    #[default]
    Empty,
    Loading {
        previous: Option<T>,
    },
    Ready {
        value: T,
    },
    Failed {
        problem: Problem,
        previous: Option<T>,
    },
}

impl<T> Loadable<T> {
    pub fn ready(value: T) -> Self {
        Self::Ready { value }
    }

    /// The newest value known, however old.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Empty => None,
            Self::Ready { value } => Some(value),
            Self::Loading { previous } | Self::Failed { previous, .. } => previous.as_ref(),
        }
    }

    pub fn value_mut(&mut self) -> Option<&mut T> {
        match self {
            Self::Empty => None,
            Self::Ready { value } => Some(value),
            Self::Loading { previous } | Self::Failed { previous, .. } => previous.as_mut(),
        }
    }

    fn take_value(&mut self) -> Option<T> {
        match std::mem::replace(self, Self::Empty) {
            Self::Empty => None,
            Self::Ready { value } => Some(value),
            Self::Loading { previous } | Self::Failed { previous, .. } => previous,
        }
    }

    /// A new value is on its way; the old one stays visible.
    pub fn start(&mut self) {
        let previous = self.take_value();
        *self = Self::Loading { previous };
    }

    pub fn finish(&mut self, value: T) {
        *self = Self::Ready { value };
    }

    pub fn fail(&mut self, problem: Problem) {
        let previous = self.take_value();
        *self = Self::Failed { problem, previous };
    }

    /// The job was stopped: back to what was known.
    pub fn give_up(&mut self) {
        if let Self::Loading { .. } = self {
            *self = match self.take_value() {
                Some(value) => Self::Ready { value },
                None => Self::Empty,
            };
        }
    }

    pub fn is_loading(&self) -> bool {
        matches!(self, Self::Loading { .. })
    }

    pub fn is_ready(&self) -> bool {
        matches!(self, Self::Ready { .. })
    }

    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Failed { problem, .. } => Some(problem),
            _ => None,
        }
    }
}
