//! `[[alert]]` and `[[notify]]`: what somebody has to be told of, and how; `[[scrape]]`: who is asked for metrics.

use super::{Check, Span};
use crate::adapters::secrets;
use crate::base::Msg;
use crate::msg;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// One rule.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertRule {
    pub name: String,
    /// Of a check by its name; `*` is every check.
    #[serde(default)]
    pub check: Option<String>,
    /// Which of the check's states counts.
    #[serde(default)]
    pub when: When,
    /// Of a metric: `cpu`, `memory`, `latency`, `up`, `free`, `value`, `days`, or one that is scraped.
    #[serde(default)]
    pub metric: Option<String>,
    /// One instance, check or target; None is each by itself.
    #[serde(default)]
    pub subject: Option<String>,
    #[serde(default)]
    pub environment: Option<String>,
    #[serde(default)]
    pub above: Option<f64>,
    #[serde(default)]
    pub below: Option<f64>,
    /// Once it fires, it is over only beyond this value; None is the limit itself.
    #[serde(default)]
    pub clear: Option<f64>,
    /// What of the samples of `window` is compared.
    #[serde(default, rename = "use")]
    pub used: Used,
    #[serde(default = "five_mins")]
    pub window: Span,
    /// No sample for so long.
    #[serde(default)]
    pub absent: Option<Span>,
    /// So many times as fast as `slo` of the check allows, in `window` and in a twelfth of it.
    #[serde(default)]
    pub burn: Option<f64>,
    /// It must hold so long before it fires.
    #[serde(default, rename = "for")]
    pub hold: Span,
    #[serde(default)]
    pub severity: Severity,
    /// Channels by name; empty: each that takes the severity and the environment.
    #[serde(default)]
    pub notify: Vec<String>,
    /// Told again while it fires and nobody has acknowledged it.
    #[serde(default)]
    pub repeat: Option<Span>,
    /// Opens an incident, and closes it when it is over.
    #[serde(default)]
    pub incident: bool,
}

/// Which state of a check counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// Down, wrong or flapping.
    #[default]
    Down,
    Slow,
    Flapping,
    /// Anything but up.
    NotUp,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Used {
    #[default]
    Last,
    Mean,
    Min,
    Max,
    P95,
    /// Growth per second.
    Rate,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    Info,
    #[default]
    Warning,
    Critical,
}

impl Severity {
    pub fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Critical => "critical",
        }
    }

    pub fn key(self) -> &'static str {
        match self {
            Self::Info => "monitor-severity-info",
            Self::Warning => "monitor-severity-warning",
            Self::Critical => "monitor-severity-critical",
        }
    }
}

/// One way to tell somebody.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Channel {
    #[serde(flatten)]
    pub common: ChannelCommon,
    #[serde(flatten)]
    pub kind: ChannelKind,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelCommon {
    pub name: String,
    /// The least that is told there.
    #[serde(default)]
    pub severity: Option<Severity>,
    /// Empty: of every environment, and of none.
    #[serde(default)]
    pub environments: Vec<String>,
}

impl ChannelCommon {
    pub(super) const KEYS: [&'static str; 3] = ["name", "severity", "environments"];
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ChannelKind {
    Desktop(Nothing),
    Webhook(Webhook),
    Email(Email),
    Command(Told),
}

impl ChannelKind {
    pub const WORDS: [&'static str; 4] = ["desktop", "webhook", "email", "command"];

    pub fn word(&self) -> &'static str {
        match self {
            Self::Desktop(_) => "desktop",
            Self::Webhook(_) => "webhook",
            Self::Email(_) => "email",
            Self::Command(_) => "command",
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// The alert is posted there as JSON.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhook {
    pub url: String,
    /// A value may be `secret:NAME`.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Email {
    pub server: String,
    #[serde(default)]
    pub port: Option<u16>,
    #[serde(default)]
    pub security: MailSecurity,
    #[serde(default)]
    pub user: Option<String>,
    /// `secret:NAME`, or `env:NAME`.
    #[serde(default)]
    pub password: Option<String>,
    pub from: String,
    pub to: Vec<String>,
    /// Certificates (PEM) that are trusted instead of the well-known ones.
    #[serde(default)]
    pub ca: Option<std::path::PathBuf>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailSecurity {
    /// Begins in the clear and must become encrypted (port 587).
    #[default]
    Starttls,
    /// Encrypted from the first byte (port 465).
    Tls,
    /// In the clear; without a password only, or on this machine.
    None,
}

/// A program that gets the alert as JSON on its input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    pub run: Vec<String>,
    #[serde(default = "super::thirty_secs")]
    pub timeout: Span,
}

/// Somebody who answers with metrics in the text format of Prometheus or OpenMetrics.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scrape {
    pub name: String,
    pub url: String,
    #[serde(default)]
    pub environment: Option<String>,
    #[serde(default = "fifteen_secs")]
    pub interval: Span,
    #[serde(default = "super::five_secs")]
    pub timeout: Span,
    /// Metrics whose name begins with one of these; empty keeps every one, up to `max_series`.
    #[serde(default)]
    pub keep: Vec<String>,
    #[serde(default = "two_thousand")]
    pub max_series: u32,
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
}

/// A Prometheus server, or one with its API, that is asked for charts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromServer {
    pub name: String,
    /// Without `/api/v1`.
    pub url: String,
    /// Its charts are shown with this one; None: always.
    #[serde(default)]
    pub environment: Option<String>,
    #[serde(default = "super::five_secs")]
    pub timeout: Span,
    /// A value may be `secret:name` or `env:NAME`.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    #[serde(default, rename = "chart")]
    pub charts: Vec<PromChart>,
}

/// A query, drawn beside what Chantier measures itself.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PromChart {
    pub title: String,
    /// `PromQL`.
    pub query: String,
    #[serde(default)]
    pub unit: String,
}

impl PromChart {
    /// Its brackets and quotes go together, and it asks something: all that is seen without the server.
    pub(super) fn is_closed(&self) -> bool {
        let (mut open, mut quote, mut is_escaped) = (Vec::new(), None, false);
        for char in self.query.chars() {
            if let Some(end) = quote {
                if char == end && !is_escaped {
                    quote = None;
                }
                is_escaped = char == '\\' && !is_escaped && end != '`';
                continue;
            }
            match char {
                '"' | '\'' | '`' => quote = Some(char),
                '(' => open.push(')'),
                '[' => open.push(']'),
                '{' => open.push('}'),
                ')' | ']' | '}' if open.pop() != Some(char) => return false,
                _ => {}
            }
        }
        open.is_empty() && quote.is_none() && !self.query.trim().is_empty()
    }
}

/// The measures of Chantier's own.
pub const METRICS: [&str; 7] = ["cpu", "memory", "latency", "up", "free", "value", "days"];

impl AlertRule {
    /// What does not go together, each with the word in the file where it stands.
    pub(super) fn wrongs(&self, checks: &[Check], is_channel: impl Fn(&str) -> bool, is_scraping: bool) -> Vec<(Msg, String)> {
        let name = self.name.as_str();
        let mut wrongs: Vec<(Msg, String)> = Vec::new();
        let mut tell = |msg: Msg, at: &str| wrongs.push((msg, at.to_owned()));
        let check = self.check.as_deref();
        let found = check.and_then(|check| checks.iter().find(|one| one.name == check));
        if let Some(check) = check.filter(|check| *check != "*" && found.is_none()) {
            tell(msg!("devops-project-missing", kind = "check", name = check), check);
        }
        for channel in self.notify.iter().filter(|channel| !is_channel(channel)) {
            tell(
                msg!("devops-project-missing", kind = "notify", name = channel.as_str()),
                channel,
            );
        }
        if self.check.is_some() == self.metric.is_some() {
            tell(msg!("devops-alert-of-what", name = name), name);
        }
        let has_limit = self.above.is_some() || self.below.is_some();
        if self.metric.is_some() && (has_limit == self.absent.is_some() || (self.above.is_some() && self.below.is_some())) {
            tell(msg!("devops-alert-limit", name = name), name);
        }
        if self.check.is_some() && (has_limit || self.absent.is_some() || self.clear.is_some()) {
            tell(msg!("devops-alert-check-limit", name = name), name);
        }
        if self.burn.is_some() {
            let has_slo = match check {
                Some("*") => checks.iter().any(|check| check.slo.is_some()),
                _ => found.is_some_and(|check| check.slo.is_some()),
            };
            if !has_slo {
                tell(msg!("devops-alert-no-slo", name = name), "burn");
            }
        }
        let is_beyond = match (self.above, self.below, self.clear) {
            (Some(above), None, Some(clear)) => clear > above,
            (None, Some(below), Some(clear)) => clear < below,
            _ => false,
        };
        if is_beyond {
            tell(msg!("devops-alert-clear", name = name), "clear");
        }
        if let Some(metric) = self
            .metric
            .as_deref()
            .filter(|metric| !METRICS.contains(metric) && !is_scraping)
        {
            tell(
                msg!("devops-alert-metric", metric = metric, names = METRICS.join(", ")),
                metric,
            );
        }
        wrongs
    }
}

impl Channel {
    pub(super) fn wrongs(&self) -> Vec<(Msg, String)> {
        let name = self.common.name.as_str();
        let mut wrongs: Vec<(Msg, String)> = Vec::new();
        let mut tell = |msg: Msg, at: &str| wrongs.push((msg, at.to_owned()));
        match &self.kind {
            ChannelKind::Desktop(_) => {}
            ChannelKind::Webhook(webhook) => {
                if !(webhook.url.starts_with("http://") || webhook.url.starts_with("https://")) {
                    tell(msg!("http-bad-address", text = webhook.url.as_str()), &webhook.url);
                }
            }
            ChannelKind::Email(email) => {
                if email.to.is_empty() {
                    tell(msg!("devops-mail-to", name = name), "to");
                }
                for address in email.to.iter().chain([&email.from]) {
                    if !address.contains('@') {
                        tell(msg!("devops-mail-address", address = address.as_str()), address);
                    }
                }
                if email.user.is_some() != email.password.is_some() {
                    tell(msg!("devops-mail-login", name = name), name);
                }
                if email
                    .password
                    .as_deref()
                    .is_some_and(|reference| !reference.starts_with("env:") && secrets::reference(reference).is_none())
                {
                    tell(msg!("devops-secret-reference", name = name), "password");
                }
                if email.security == MailSecurity::None && email.password.is_some() && !is_here(&email.server) {
                    tell(msg!("devops-mail-clear", name = name), "none");
                }
            }
            ChannelKind::Command(told) => {
                if told.run.is_empty() {
                    tell(msg!("devops-project-empty-run", name = name), "run");
                }
            }
        }
        wrongs
    }

    /// Takes what is of this severity and environment.
    pub fn takes(&self, severity: Severity, environment: Option<&str>) -> bool {
        let is_grave = self.common.severity.is_none_or(|least| severity >= least);
        let all = &self.common.environments;
        is_grave && (all.is_empty() || environment.is_some_and(|name| all.iter().any(|one| one == name)))
    }
}

fn is_here(host: &str) -> bool {
    crate::adapters::http::raw::is_loopback(host)
}
fn five_mins() -> Span {
    Span(Duration::from_mins(5))
}
fn fifteen_secs() -> Span {
    Span(Duration::from_secs(15))
}
fn two_thousand() -> u32 {
    2000
}
