//! How a version comes to an environment: the strategy, and who sends the requests to its instances. Pure.

use super::{Environment, Judge, Judging, ProbeKind, Publish, Span, Target, five_secs, thirty_secs};
use crate::adapters::secrets;
use crate::base::Msg;
use crate::msg;
use serde::de::value::{MapAccessDeserializer, MapDeserializer};
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};
use std::collections::BTreeSet;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// How the new version takes the place of the old one: a word, or a table with `kind`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Strategy {
    /// Stop the old instances, start the new ones.
    #[default]
    Recreate,
    /// A few instances after the others.
    Rolling {
        /// Replaced at once.
        #[serde(default = "one")]
        max_parallel: u32,
        /// How long each stays healthy before the next ones.
        #[serde(default)]
        min_healthy_time: Span,
        /// Until when each is healthy; None leaves that to the gates.
        #[serde(default)]
        healthy_deadline: Option<Span>,
        /// From one healthy instance to the next.
        #[serde(default = "ten_mins")]
        progress_deadline: Span,
    },
    /// All new instances beside the old ones; then every request goes to them.
    BlueGreen,
    /// New instances beside the old ones get a part of the requests, more with each step.
    Canary {
        #[serde(default = "two_steps")]
        steps: Vec<CanaryStep>,
        /// By what it is judged while it is watched; a step that holds promotes itself.
        #[serde(default)]
        judge: Vec<Judge>,
        /// Answers of the new version in a step before it is judged by them.
        #[serde(default = "some_requests")]
        min_requests: u32,
        /// How often it is measured.
        #[serde(default = "five_secs")]
        every: Span,
        /// Bad in a row so often, and the version before comes back.
        #[serde(default = "three")]
        fail_after: u32,
    },
}

/// One step of a canary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CanaryStep {
    /// Percent of the requests.
    pub weight: u32,
    /// How long it is watched; None waits until somebody promotes it.
    #[serde(default)]
    pub pause: Option<Span>,
}

impl Strategy {
    /// As it stands in the file.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Recreate => "recreate",
            Self::Rolling { .. } => "rolling",
            Self::BlueGreen => "blue_green",
            Self::Canary { .. } => "canary",
        }
    }

    /// Old and new instances run at once, each with its own ports.
    pub fn is_beside(&self) -> bool {
        matches!(self, Self::BlueGreen | Self::Canary { .. })
    }

    /// The version before runs while the new one comes.
    pub fn runs_on(&self) -> bool {
        *self != Self::Recreate
    }

    /// The steps of a canary; none for what is none.
    pub fn canary(&self) -> &[CanaryStep] {
        match self {
            Self::Canary { steps, .. } => steps,
            _ => &[],
        }
    }

    /// By what a canary is judged; None where it is only watched.
    pub fn judging(&self) -> Option<Judging<'_>> {
        match self {
            Self::Canary {
                judge,
                min_requests,
                every,
                fail_after,
                ..
            } if !judge.is_empty() => Some(Judging {
                judges: judge,
                min_requests: *min_requests,
                every: every.0.max(Duration::from_millis(100)),
                fail_after: (*fail_after).max(1),
            }),
            _ => None,
        }
    }

    /// How many at once, how long each stays healthy, until when it is, and from one healthy instance to the next.
    pub fn rolling(&self) -> (usize, Duration, Option<Duration>, Duration) {
        match self {
            Self::Rolling {
                max_parallel,
                min_healthy_time,
                healthy_deadline,
                progress_deadline,
            } => (
                (*max_parallel).max(1) as usize,
                min_healthy_time.0,
                healthy_deadline.map(|deadline| deadline.0),
                progress_deadline.0,
            ),
            _ => (1, Duration::ZERO, None, ten_mins().0),
        }
    }

    /// Reads the word alone too.
    pub(super) fn read<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Strategy;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"recreate\", \"rolling\", \"blue_green\", \"canary\", or a table with `kind`")
            }

            fn visit_str<E: Error>(self, word: &str) -> Result<Strategy, E> {
                Strategy::deserialize(MapDeserializer::new([("kind", word)].into_iter()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Strategy, A::Error> {
                Strategy::deserialize(MapAccessDeserializer::new(map))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// Who sends the requests to the instances.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Traffic {
    /// Started here where `listen` is given, else the one that is reached at `socket`.
    Haproxy {
        #[serde(default)]
        listen: Option<u16>,
        /// The address that `listen` is of.
        #[serde(default = "loopback")]
        bind: String,
        #[serde(default)]
        mode: Mode,
        /// Of a program that is there already: its runtime API with level admin.
        #[serde(default)]
        socket: Option<PathBuf>,
        /// The backend there whose servers are set.
        #[serde(default)]
        backend: Option<String>,
        /// How long connections may take to end before their instance is stopped.
        #[serde(default = "thirty_secs")]
        drain: Span,
    },
}

/// What HAProxy understands of what it passes on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    #[default]
    Http,
    Tcp,
}

impl Mode {
    pub fn word(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Tcp => "tcp",
        }
    }
}

impl Environment {
    /// What of strategy and traffic does not go together, in words.
    pub fn wrongs(&self) -> Vec<Msg> {
        let name = self.name.as_str();
        let mut wrongs = Vec::new();
        match &self.strategy {
            Strategy::Recreate => {}
            Strategy::Rolling {
                max_parallel,
                min_healthy_time,
                healthy_deadline,
                progress_deadline,
            } => {
                if *max_parallel == 0 {
                    wrongs.push(msg!("devops-strategy-parallel", name = name));
                }
                let healthy = healthy_deadline.map_or(progress_deadline.0, |deadline| deadline.0);
                if min_healthy_time.0 >= healthy || healthy > progress_deadline.0 {
                    wrongs.push(msg!("devops-strategy-deadlines", name = name));
                }
            }
            Strategy::BlueGreen => {
                if self.target.port().is_some() && self.traffic.is_none() {
                    wrongs.push(msg!("devops-strategy-traffic", name = name, strategy = self.strategy.word()));
                }
            }
            Strategy::Canary { steps, judge, .. } => {
                if self.traffic.is_none() {
                    wrongs.push(msg!("devops-strategy-traffic", name = name, strategy = self.strategy.word()));
                }
                let is_rising = steps.windows(2).all(|two| two[0].weight < two[1].weight);
                let is_part = steps.iter().all(|step| (1..100).contains(&step.weight));
                if steps.is_empty() || !is_rising || !is_part {
                    wrongs.push(msg!("devops-strategy-steps", name = name));
                }
                let is_http = matches!(&self.traffic, Some(Traffic::Haproxy { mode: Mode::Http, .. }));
                wrongs.extend(judge.iter().filter_map(|judge| judge.wrong(name, is_http)));
            }
        }
        if matches!(self.target, Target::Ssh { .. }) && self.strategy.is_beside() {
            wrongs.push(msg!("devops-strategy-target", name = name, strategy = self.strategy.word()));
        }
        if matches!(self.target, Target::Docker { host: Some(_), .. }) {
            if self.strategy.is_beside() {
                wrongs.push(msg!("devops-strategy-host", name = name, strategy = self.strategy.word()));
            }
            if self.traffic.is_some() {
                wrongs.push(msg!("devops-traffic-host", name = name));
            }
        }
        if matches!(self.target, Target::Compose { .. }) {
            if !matches!(self.strategy, Strategy::Recreate) {
                wrongs.push(msg!("devops-strategy-compose", name = name, strategy = self.strategy.word()));
            }
            if self.traffic.is_some() {
                wrongs.push(msg!("devops-traffic-compose", name = name));
            }
        }
        if let Target::Swarm {
            port,
            publish,
            inside_port,
            volumes,
            ..
        } = &self.target
        {
            if self.strategy.is_beside() {
                wrongs.push(msg!("devops-strategy-swarm", name = name, strategy = self.strategy.word()));
            }
            if self.traffic.is_some() {
                wrongs.push(msg!("devops-traffic-swarm", name = name));
            }
            if port.is_none() && *publish == Publish::Host && inside_port.is_none() {
                wrongs.push(msg!("devops-swarm-port", name = name));
            }
            let is_named = |volume: &String| {
                volume
                    .split_once(':')
                    .is_some_and(|(name, at)| !name.contains('/') && at.starts_with('/'))
            };
            if let Some(other) = volumes.iter().find(|volume| !is_named(volume)) {
                wrongs.push(msg!("devops-swarm-volume", name = name, volume = other.as_str()));
            }
        }
        if let Some(Traffic::Haproxy {
            listen, socket, backend, ..
        }) = &self.traffic
        {
            let is_whole = match socket {
                None => listen.is_some() && backend.is_none(),
                Some(_) => backend.is_some(),
            };
            if !is_whole {
                wrongs.push(msg!("devops-traffic-where", name = name));
            }
            if self.target.port().is_none() {
                wrongs.push(msg!("devops-traffic-port", name = name));
            }
        }
        if self.continuous.is_some() && self.is_protected() {
            wrongs.push(msg!("devops-continuous-protected", name = name));
        }
        if let Some(approvals) = &self.approvals {
            let n = approvals.needed();
            if n == 0 || (!approvals.from.is_empty() && n as usize > approvals.from.len()) {
                wrongs.push(msg!("devops-approvals-many", name = name, n = n, from = approvals.from.len()));
            }
            if self.continuous.is_some() {
                wrongs.push(msg!("devops-approvals-continuous", name = name));
            }
        }
        wrongs.extend(self.value_wrongs());
        wrongs.extend(self.database_wrongs());
        wrongs.extend(self.secret_wrongs());
        wrongs
    }
}

impl Environment {
    /// Values that no deployment can work with, or that would end what runs before that is seen.
    fn value_wrongs(&self) -> Vec<Msg> {
        let name = self.name.as_str();
        let mut wrongs = Vec::new();
        let mut tell = |key: &str, value: &str| {
            wrongs.push(msg!("devops-environment-value", name = name, key = key, value = value));
        };
        if name.trim().is_empty() {
            tell("name", name);
        }
        let n = self.target.instances();
        if n == 0 {
            tell("instances", "0");
        }
        let each_has_one = matches!(self.target, Target::Process { .. } | Target::Docker { .. });
        if let Some(port) = self.target.port().filter(|_| each_has_one && n > 1)
            && self.target.port_of(Some(port), n).is_none()
        {
            tell("port", &port.to_string());
        }
        for variable in self
            .env
            .keys()
            .filter(|name| name.is_empty() || name.contains([' ', '\t', '=']))
        {
            tell("env", variable);
        }
        for probe in &self.health {
            if probe.interval.0.is_zero() {
                tell("interval", "0s");
            }
            if probe.healthy_after == 0 {
                tell("healthy_after", "0");
            }
            match &probe.kind {
                ProbeKind::Http { url, expect_status, .. } => {
                    let is_web = ["http://", "https://", "{"].iter().any(|begin| url.starts_with(begin));
                    if !is_web || !super::checks::is_plain_address(url) {
                        tell("url", url);
                    }
                    if !(100..600).contains(expect_status) {
                        tell("expect_status", &expect_status.to_string());
                    }
                }
                ProbeKind::Tcp { address } if !super::checks::has_port(address) => tell("address", address),
                _ => {}
            }
        }
        if let Target::Process { run, .. } = &self.target {
            let known = ["version", "commit", "environment", "instance", "port"];
            let words = run.iter().flat_map(|text| super::words::words_in(text));
            for word in words.filter(|word| !known.contains(word) && !word.contains(':')) {
                tell("run", &format!("{{{word}}}"));
            }
        }
        wrongs
    }

    /// Secrets whose names no secret can have.
    fn secret_wrongs(&self) -> Vec<Msg> {
        let password = self.database.as_ref().and_then(|rules| rules.password.as_deref());
        let names: BTreeSet<String> = self
            .env
            .values()
            .map(String::as_str)
            .chain(password)
            .flat_map(super::secrets_in)
            .collect();
        let wrong = names.iter().filter_map(|name| secrets::check_name(name).err());
        wrong.map(|problem| problem.summary).collect()
    }
}

fn one() -> u32 {
    1
}
pub(super) fn ten_mins() -> Span {
    Span(Duration::from_mins(10))
}
fn some_requests() -> u32 {
    100
}
fn three() -> u32 {
    3
}
fn loopback() -> String {
    "127.0.0.1".to_owned()
}
fn two_steps() -> Vec<CanaryStep> {
    [10, 50].map(|weight| CanaryStep { weight, pause: None }).to_vec()
}

/// The simulation of an environment's system, in which what was built is tried.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RehearsalRules {
    /// A folder that holds the root file system of such a machine; None: the programs and libraries of this one.
    pub base: Option<PathBuf>,
    /// An image of the container engine whose root file system is taken; before `base`.
    pub image: Option<String>,
    /// Folders that are there, empty and writable.
    pub writable: Vec<PathBuf>,
    /// Further programs that must succeed beside the one that runs.
    pub smoke: Vec<Vec<String>>,
    /// Of each of them.
    pub smoke_timeout: Option<Span>,
}

impl RehearsalRules {
    /// What the system is made of; None: this machine's programs.
    pub fn base_words(&self) -> Option<String> {
        let folder = || self.base.as_ref().map(|base| base.display().to_string());
        self.image.clone().or_else(folder)
    }
}
