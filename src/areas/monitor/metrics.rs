//! The text format of Prometheus and OpenMetrics: read from targets, and written of Chantier's own.
//! Formats: <https://prometheus.io/docs/instrumenting/exposition_formats/>, <https://openmetrics.io>.

use super::{Alerts, CheckRow};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// One line of the text.
#[derive(Clone, Debug, PartialEq)]
pub struct Read {
    pub name: String,
    /// By name.
    pub labels: Vec<(String, String)>,
    pub value: f64,
    /// What its `# TYPE` says; None where there is none.
    pub is_counter: Option<bool>,
}

/// Of metrics whose name says something else than their `# TYPE`, whether they are counters.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kinds(BTreeMap<String, bool>);

impl Kinds {
    pub fn of(read: &[Read]) -> Self {
        let told = read.iter().filter_map(|one| Some((&one.name, one.is_counter?)));
        let other = told.filter(|(name, is_counter)| counts_by_name(name) != *is_counter);
        Self(other.map(|(name, is_counter)| (name.clone(), is_counter)).collect())
    }

    /// Whether a metric, by its name without labels, only grows until it begins anew.
    pub fn is_counter(&self, name: &str) -> bool {
        self.0.get(name).copied().unwrap_or_else(|| counts_by_name(name))
    }
}

fn counts_by_name(name: &str) -> bool {
    ["_total", "_count", "_sum", "_bucket"].iter().any(|end| name.ends_with(end))
}

impl Read {
    /// `name{a="x",b="y"}`, with the labels in their order by name.
    pub fn key(&self) -> String {
        if self.labels.is_empty() {
            return self.name.clone();
        }
        let labels: Vec<String> = self
            .labels
            .iter()
            .map(|(name, value)| format!("{name}=\"{}\"", escaped(value)))
            .collect();
        format!("{}{{{}}}", self.name, labels.join(","))
    }
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

/// Every line that can be read, and how many could not.
pub fn parse(text: &str) -> (Vec<Read>, u32) {
    let (mut found, mut n_wrong) = (Vec::new(), 0);
    let mut kinds: BTreeMap<&str, &str> = BTreeMap::new();
    for line in text.lines() {
        let line = line.trim();
        if line == "# EOF" {
            break;
        }
        if let Some(comment) = line.strip_prefix('#') {
            let mut words = comment.split_ascii_whitespace();
            if let (Some("TYPE"), Some(name), Some(kind)) = (words.next(), words.next(), words.next()) {
                kinds.insert(name, kind);
            }
            continue;
        }
        if line.is_empty() {
            continue;
        }
        match sample(line) {
            Some(mut read) => {
                read.is_counter = counts(&kinds, &read.name);
                found.push(read);
            }
            None => n_wrong += 1,
        }
    }
    (found, n_wrong)
}

/// What is told of the family of a metric; of one with parts each says its own.
fn counts(kinds: &BTreeMap<&str, &str>, name: &str) -> Option<bool> {
    match kinds.get(name) {
        Some(&"counter") => return Some(true),
        Some(&"gauge" | &"summary" | &"info" | &"stateset") => return Some(false),
        _ => {}
    }
    let (family, part) = name.rsplit_once('_')?;
    match (kinds.get(family), part) {
        (Some(&"counter"), "total") | (Some(&"histogram" | &"summary"), "sum" | "count" | "bucket") => Some(true),
        (Some(&("counter" | "histogram" | "summary")), "created") => Some(false),
        _ => None,
    }
}

fn sample(line: &str) -> Option<Read> {
    let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | ':')))?;
    let name = &line[..end];
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let rest = line[end..].trim_start();
    let (mut labels, rest) = match rest.strip_prefix('{') {
        Some(rest) => labels(rest)?,
        None => (Vec::new(), rest),
    };
    labels.sort();
    // Behind the value may stand a time and, behind a hash, an exemplar.
    let value = rest.split_ascii_whitespace().next()?;
    Some(Read {
        name: name.to_owned(),
        labels,
        value: number(value)?,
        is_counter: None,
    })
}

/// A number as Prometheus writes it.
pub fn number(text: &str) -> Option<f64> {
    match text {
        "+Inf" => Some(f64::INFINITY),
        "-Inf" => Some(f64::NEG_INFINITY),
        "NaN" => Some(f64::NAN),
        text => text.parse().ok(),
    }
}

fn labels(mut rest: &str) -> Option<(Vec<(String, String)>, &str)> {
    let mut labels = Vec::new();
    loop {
        rest = rest.trim_start_matches([' ', ',']);
        if let Some(after) = rest.strip_prefix('}') {
            return Some((labels, after));
        }
        let (name, after) = rest.split_once('=')?;
        let after = after.trim_start().strip_prefix('"')?;
        let mut value = String::new();
        let mut chars = after.char_indices();
        let end = loop {
            match chars.next()? {
                (at, '"') => break at,
                (_, '\\') => match chars.next()?.1 {
                    'n' => value.push('\n'),
                    c => value.push(c),
                },
                (_, c) => value.push(c),
            }
        };
        labels.push((name.trim().to_owned(), value));
        rest = &after[end + 1..];
    }
}

/// What is told of one workspace.
pub struct Told {
    pub workspace: String,
    pub checks: Vec<CheckRow>,
    pub alerts: Alerts,
}

/// Chantier's own metrics, as OpenMetrics.
pub fn text(all: &[Told], store_bytes: u64) -> String {
    let mut out = String::new();
    let mut family = |name: &str, kind: &str, help: &str, lines: Vec<String>| {
        if lines.is_empty() {
            return;
        }
        writeln!(out, "# TYPE {name} {kind}\n# HELP {name} {help}").ok();
        for line in lines {
            out.push_str(&line);
            out.push('\n');
        }
    };
    let labels = |told: &Told, check: &CheckRow| {
        let environment = check.environment.as_deref().unwrap_or_default();
        format!(
            "{{workspace=\"{}\",check=\"{}\",kind=\"{}\",environment=\"{}\"}}",
            escaped(&told.workspace),
            escaped(&check.name),
            escaped(&check.kind),
            escaped(environment)
        )
    };
    let each = |line: &dyn Fn(&Told, &CheckRow) -> Option<String>| -> Vec<String> {
        all.iter()
            .flat_map(|told| told.checks.iter().filter_map(|check| line(told, check)))
            .collect()
    };
    family(
        "chantier_check_up",
        "gauge",
        "1 where the last answers are good, 0 where they are not; absent where nobody knows.",
        each(&|told, check| {
            use super::Standing;
            let value = match check.standing {
                Standing::Up | Standing::Slow | Standing::AtRisk => 1,
                Standing::Down | Standing::Wrong | Standing::Flapping => 0,
                Standing::Unknown | Standing::Maintenance => return None,
            };
            Some(format!("chantier_check_up{} {value}", labels(told, check)))
        }),
    );
    family(
        "chantier_check_latency_seconds",
        "gauge",
        "Time of the last good answer.",
        each(&|told, check| {
            let secs = check.latency_ms? / 1000.0;
            Some(format!("chantier_check_latency_seconds{} {secs}", labels(told, check)))
        }),
    );
    let mut firing: BTreeMap<(String, &str), u32> = BTreeMap::new();
    for told in all {
        for severity in ["info", "warning", "critical"] {
            firing.insert((told.workspace.clone(), severity), 0);
        }
        for alert in told.alerts.alerts.iter().filter(|alert| alert.is_firing()) {
            *firing.entry((told.workspace.clone(), alert.severity.word())).or_default() += 1;
        }
    }
    family(
        "chantier_alerts_firing",
        "gauge",
        "Alerts that fire.",
        firing
            .iter()
            .map(|((workspace, severity), n)| {
                format!(
                    "chantier_alerts_firing{{workspace=\"{}\",severity=\"{severity}\"}} {n}",
                    escaped(workspace)
                )
            })
            .collect(),
    );
    family(
        "chantier_store_bytes",
        "gauge",
        "Bytes of the samples in use on disk.",
        vec![format!("chantier_store_bytes {store_bytes}")],
    );
    out.push_str("# EOF\n");
    out
}
