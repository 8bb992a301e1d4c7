//! The entries of `chantier.toml` that Monitor reads. Their keys depend on their kind, so each is read in two parts, and every mistake
//! keeps its place.

use super::{Channel, ChannelCommon, ChannelKind, Check, CheckCommon, CheckKind, ProjectFile, PromChart, Reader};
use crate::areas::devops::project::Target;
use crate::base::{Msg, Problem};
use crate::msg;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// One entry with its kind, its common keys and those of the kind.
struct Parted<'a> {
    at: usize,
    kind: String,
    name: Option<String>,
    common: Spanned<DeValue<'a>>,
    own: Spanned<DeValue<'a>>,
}

fn part<'a>(reader: &mut Reader<'_>, value: Spanned<DeValue<'a>>, common_keys: &[&str], kinds: &[&str]) -> Vec<Parted<'a>> {
    let mut parted = Vec::new();
    for entry in reader.entries(value) {
        let span = entry.span();
        let at = span.start;
        let DeValue::Table(table) = entry.into_inner() else {
            reader.tell(
                Problem::config(msg!("devops-project-not-a-list")).hint(msg!("devops-project-not-a-list-hint")),
                at,
            );
            continue;
        };
        let (mut common, mut own, mut kind) = (DeTable::new(), DeTable::new(), None);
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "kind" => kind = Some(value),
                word if common_keys.contains(&word) => {
                    common.insert(key, value);
                }
                _ => {
                    own.insert(key, value);
                }
            }
        }
        let word = kind.as_ref().and_then(|kind| kind.get_ref().as_str().map(str::to_owned));
        let known = word.as_deref().filter(|word| kinds.contains(word)).map(str::to_owned);
        let Some(kind) = known else {
            let place = kind.as_ref().map_or(at, |kind| kind.span().start);
            let problem = msg!(
                "devops-project-kind",
                kind = word.unwrap_or_default(),
                names = kinds.join(", ")
            );
            reader.tell(Problem::config(problem), place);
            continue;
        };
        let name = common.iter().find(|(key, _)| key.get_ref().as_ref() == "name");
        let name = name.and_then(|(_, value)| value.get_ref().as_str()).map(str::to_owned);
        parted.push(Parted {
            at,
            kind,
            name,
            common: Spanned::new(span.clone(), DeValue::Table(common)),
            own: Spanned::new(span, DeValue::Table(own)),
        });
    }
    parted
}

fn own<'a, T: Deserialize<'a>, K>(reader: &mut Reader<'_>, value: Spanned<DeValue<'a>>, kind: impl FnOnce(T) -> K) -> Option<K> {
    reader.read(value).map(kind)
}

pub(super) fn checks(reader: &mut Reader<'_>, value: Spanned<DeValue<'_>>) -> Vec<Check> {
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    for entry in part(reader, value, &CheckCommon::KEYS, &CheckKind::WORDS) {
        let common = reader.read::<CheckCommon>(entry.common);
        reader.part_of = (entry.name, &CheckCommon::KEYS);
        let kind = match entry.kind.as_str() {
            "http" => own(reader, entry.own, |http| CheckKind::Http(Box::new(http))),
            "tcp" => own(reader, entry.own, CheckKind::Tcp),
            "tls" => own(reader, entry.own, CheckKind::Tls),
            "dns" => own(reader, entry.own, CheckKind::Dns),
            "process" => own(reader, entry.own, CheckKind::Process),
            "unit" => own(reader, entry.own, CheckKind::Unit),
            "container" => own(reader, entry.own, CheckKind::Container),
            "command" => own(reader, entry.own, CheckKind::Command),
            "disk" => own(reader, entry.own, CheckKind::Disk),
            "sqlite" => own(reader, entry.own, CheckKind::Sqlite),
            _ => own(reader, entry.own, CheckKind::Postgres),
        };
        reader.part_of = (None, &[]);
        let (Some(common), Some(kind)) = (common, kind) else {
            continue;
        };
        if seen.insert(common.name.clone()) {
            out.push(Check { common, kind });
        } else {
            let problem = msg!("devops-project-twice", name = common.name.as_str());
            reader.tell(Problem::config(problem), entry.at);
        }
    }
    out
}

pub(super) fn channels(reader: &mut Reader<'_>, value: Spanned<DeValue<'_>>) -> Vec<Channel> {
    let mut seen = BTreeSet::new();
    let mut out = Vec::new();
    for entry in part(reader, value, &ChannelCommon::KEYS, &ChannelKind::WORDS) {
        let common = reader.read::<ChannelCommon>(entry.common);
        reader.part_of = (entry.name, &ChannelCommon::KEYS);
        let kind = match entry.kind.as_str() {
            "desktop" => own(reader, entry.own, ChannelKind::Desktop),
            "webhook" => own(reader, entry.own, ChannelKind::Webhook),
            "email" => own(reader, entry.own, ChannelKind::Email),
            _ => own(reader, entry.own, ChannelKind::Command),
        };
        reader.part_of = (None, &[]);
        let (Some(common), Some(kind)) = (common, kind) else {
            continue;
        };
        if seen.insert(common.name.clone()) {
            out.push(Channel { common, kind });
        } else {
            let problem = msg!("devops-project-twice", name = common.name.as_str());
            reader.tell(Problem::config(problem), entry.at);
        }
    }
    out
}

/// What only the whole file shows. A check that is wrong is told, and not asked; so is a rule.
pub(super) fn cross_check(reader: &mut Reader<'_>, file: &mut ProjectFile) {
    let mut start = 0;
    let mut tell = |reader: &mut Reader<'_>, section: &str, name: &str, wrongs: Vec<(Msg, String)>| {
        let is_whole = wrongs.is_empty();
        let entry = reader.entry(section, name, start);
        for (wrong, word) in wrongs {
            let at = reader.within(&word, entry);
            reader.tell(Problem::config(wrong), at);
        }
        start = 0;
        is_whole
    };
    let names: BTreeSet<String> = file.checks.iter().map(|check| check.name.clone()).collect();
    let checks = std::mem::take(&mut file.checks);
    for check in checks {
        let mut wrongs = Vec::new();
        let environment = check.environment.as_deref();
        let found = environment.and_then(|name| file.environment(name));
        if let (Some(name), None) = (environment, found) {
            wrongs.push((
                msg!("devops-project-missing", kind = "environment", name = name),
                name.to_owned(),
            ));
        }
        let is_elsewhere = found.is_some_and(|environment| match &environment.target {
            Target::Ssh { .. } => true,
            Target::Docker { host, .. } => host.is_some(),
            _ => false,
        });
        wrongs.extend(check.wrongs(|name| names.contains(name), is_elsewhere));
        if tell(reader, "check", &check.name, wrongs) {
            file.checks.push(check);
        }
    }
    if let Some(ring) = ring(&file.checks) {
        let wrong = vec![(
            msg!("devops-check-ring", ring = ring.join(" → ")),
            ring.first().cloned().unwrap_or_default(),
        )];
        tell(reader, "check", &ring[0], wrong);
        file.checks.retain(|check| !ring.contains(&check.name));
    }
    let channels = std::mem::take(&mut file.channels);
    for channel in channels {
        let mut wrongs = channel.wrongs();
        for name in channel
            .common
            .environments
            .iter()
            .filter(|name| file.environment(name).is_none())
        {
            wrongs.push((
                msg!("devops-project-missing", kind = "environment", name = name.as_str()),
                name.clone(),
            ));
        }
        if tell(reader, "notify", &channel.common.name, wrongs) {
            file.channels.push(channel);
        }
    }
    let known: BTreeSet<String> = file.channels.iter().map(|channel| channel.common.name.clone()).collect();
    let alerts = std::mem::take(&mut file.alerts);
    for alert in alerts {
        let mut wrongs = alert.wrongs(&file.checks, |name| known.contains(name), !file.scrapes.is_empty());
        if let Some(name) = alert.environment.as_deref().filter(|name| file.environment(name).is_none()) {
            wrongs.push((
                msg!("devops-project-missing", kind = "environment", name = name),
                name.to_owned(),
            ));
        }
        if tell(reader, "alert", &alert.name, wrongs) {
            file.alerts.push(alert);
        }
    }
    for scrape in &file.scrapes {
        let mut wrongs = Vec::new();
        if !(scrape.url.starts_with("http://") || scrape.url.starts_with("https://")) {
            wrongs.push((msg!("http-bad-address", text = scrape.url.as_str()), scrape.url.clone()));
        }
        tell(reader, "scrape", &scrape.name, wrongs);
    }
    file.scrapes.retain(|scrape| scrape.url.starts_with("http"));
    for server in &file.prometheus {
        let mut wrongs = Vec::new();
        if !(server.url.starts_with("http://") || server.url.starts_with("https://")) {
            wrongs.push((msg!("http-bad-address", text = server.url.as_str()), server.url.clone()));
        } else if server.url.trim_end_matches('/').ends_with("/api/v1") {
            // The way to its questions is added: twice it leads nowhere.
            wrongs.push((msg!("devops-prometheus-api", url = server.url.as_str()), server.url.clone()));
        }
        for chart in server.charts.iter().filter(|chart| !chart.is_closed()) {
            let entry = reader.entry("prometheus", &server.name, 0);
            let at = reader.behind(&chart.query, entry);
            let wrong = msg!("devops-prometheus-query", query = chart.query.as_str());
            reader.tell(Problem::config(wrong), at);
        }
        tell(reader, "prometheus", &server.name, wrongs);
    }
    for server in &mut file.prometheus {
        server.charts.retain(PromChart::is_closed);
    }
    file.prometheus
        .retain(|server| server.url.starts_with("http") && !server.url.trim_end_matches('/').ends_with("/api/v1"));
}

/// Checks that need each other in a circle.
fn ring(checks: &[Check]) -> Option<Vec<String>> {
    let needs: BTreeMap<&str, &[String]> = checks
        .iter()
        .map(|check| (check.name.as_str(), check.needs.as_slice()))
        .collect();
    for first in needs.keys() {
        let mut way = vec![(*first).to_owned()];
        let mut stack: Vec<(usize, usize)> = vec![(0, 0)];
        let mut seen = BTreeSet::from([(*first).to_owned()]);
        while let Some((depth, next)) = stack.pop() {
            way.truncate(depth + 1);
            let Some(need) = needs.get(way[depth].as_str()).and_then(|list| list.get(next)) else {
                continue;
            };
            stack.push((depth, next + 1));
            if need == first {
                return Some(way);
            }
            if seen.insert(need.clone()) {
                way.push(need.clone());
                stack.push((depth + 1, 0));
            }
        }
    }
    None
}

impl Reader<'_> {
    /// Where the entry of this section and name begins; its name's place, or that of the section.
    fn entry(&self, section: &str, name: &str, from: usize) -> usize {
        let head = format!("[[{section}]]");
        let mut at = from;
        while let Some(found) = self.text.get(at..).and_then(|rest| rest.find(&head)) {
            let begin = at + found + head.len();
            let rest = &self.text[begin..];
            let end = rest.find("\n[[").unwrap_or(rest.len());
            let quoted = [format!("\"{name}\""), format!("'{name}'")];
            let is_it = rest[..end]
                .lines()
                .any(|line| line.trim_start().starts_with("name") && quoted.iter().any(|name| line.contains(name)));
            if is_it {
                return begin;
            }
            at = begin;
        }
        self.find(name)
    }

    /// The place of a word in the entry that begins here, or in what belongs to it.
    fn behind(&self, word: &str, entry: usize) -> usize {
        let found = self.text.get(entry..).and_then(|rest| rest.find(word));
        found.map_or(entry, |at| entry + at)
    }

    /// The place of a word in the entry that begins here: quoted, or as a key.
    fn within(&self, word: &str, entry: usize) -> usize {
        let rest = self.text.get(entry..).unwrap_or_default();
        let rest = &rest[..rest.find("\n[[").unwrap_or(rest.len())];
        let quoted = rest.find(&format!("\"{word}\"")).or_else(|| rest.find(&format!("'{word}'")));
        quoted.or_else(|| rest.find(word)).map_or(entry, |at| entry + at)
    }
}
