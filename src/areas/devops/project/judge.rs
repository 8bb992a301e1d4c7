//! By what a canary is judged: a metric with its bounds. Pure.

use crate::base::Msg;
use crate::msg;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What is measured of the new version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Percent of its answers in this step that were errors (5xx, or none at all), as HAProxy counts them.
    Errors,
    /// Milliseconds that it takes to answer, the mean of the last 1,024 answers, as HAProxy measures them.
    Latency,
    /// The first number of a query that a Prometheus server answers.
    Prometheus,
    /// The number on the last line of what a command prints here.
    Command,
}

impl Metric {
    /// As it stands in the file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Errors => "errors",
            Self::Latency => "latency",
            Self::Prometheus => "prometheus",
            Self::Command => "command",
        }
    }

    pub fn unit(self) -> &'static str {
        match self {
            Self::Errors => "%",
            Self::Latency => "ms",
            Self::Prometheus | Self::Command => "",
        }
    }

    /// HAProxy measures it, at the instances themselves.
    pub fn is_of_answers(self) -> bool {
        matches!(self, Self::Errors | Self::Latency)
    }
}

/// A metric with its bounds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Judge {
    pub metric: Metric,
    /// Of a Prometheus server: `http://127.0.0.1:9090`.
    #[serde(default)]
    pub server: Option<String>,
    #[serde(default)]
    pub query: Option<String>,
    /// Program and arguments; never a line for a shell.
    #[serde(default)]
    pub run: Vec<String>,
    #[serde(default)]
    pub max: Option<f64>,
    #[serde(default)]
    pub min: Option<f64>,
    /// Of what the old version has at the same time.
    #[serde(default)]
    pub max_ratio: Option<f64>,
}

/// Everything that a canary is judged by.
#[derive(Clone, Copy, Debug)]
pub struct Judging<'a> {
    pub judges: &'a [Judge],
    pub min_requests: u32,
    pub every: Duration,
    pub fail_after: u32,
}

impl Judge {
    /// What is asked: the metric's word, the query, or the command.
    pub fn what(&self) -> String {
        match self.metric {
            Metric::Prometheus => self.query.clone().unwrap_or_default(),
            Metric::Command => self.run.join(" "),
            metric => metric.word().to_owned(),
        }
    }

    /// The bounds, as they are written in a formula; `beside` is what the old version has, where that is known.
    pub fn bound(&self, beside: Option<f64>) -> String {
        let unit = self.metric.unit();
        let space = if unit.is_empty() { "" } else { " " };
        let plain = |sign: &str, value: Option<f64>| value.map(|value| format!("{sign} {value}{space}{unit}"));
        let ratio = self.max_ratio.map(|ratio| match beside {
            Some(beside) => format!("≤ {ratio} × {beside:.0}{space}{unit}"),
            None => format!("≤ {ratio} ×"),
        });
        let bounds = [plain("≥", self.min), plain("≤", self.max), ratio];
        bounds.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    /// The value lies within the bounds; `beside` is what the old version has. What can not be compared is no reason to refuse.
    pub fn holds(&self, value: f64, beside: Option<f64>) -> bool {
        let is_alike = match (self.max_ratio, beside) {
            // Below one, a ratio tells more of how it was measured than of the version.
            (Some(ratio), Some(beside)) => value <= ratio * beside.max(1.0),
            _ => true,
        };
        value.is_finite() && self.max.is_none_or(|max| value <= max) && self.min.is_none_or(|min| value >= min) && is_alike
    }

    /// What of it can not be meant, in words.
    pub(super) fn wrong(&self, environment: &str, is_http: bool) -> Option<Msg> {
        let metric = self.metric.word();
        let has_bound = self.max.is_some() || self.min.is_some() || self.max_ratio.is_some();
        let is_whole = match self.metric {
            Metric::Prometheus => self.server.is_some() && self.query.is_some() && self.run.is_empty(),
            Metric::Command => !self.run.is_empty() && self.server.is_none() && self.query.is_none(),
            _ => self.server.is_none() && self.query.is_none() && self.run.is_empty(),
        };
        let is_ratio_known = self.max_ratio.is_none() || self.metric.is_of_answers();
        if !has_bound || !is_whole || !is_ratio_known {
            return Some(msg!("devops-judge-whole", name = environment, metric = metric));
        }
        if self.metric.is_of_answers() && !is_http {
            return Some(msg!("devops-judge-http", name = environment, metric = metric));
        }
        None
    }
}
