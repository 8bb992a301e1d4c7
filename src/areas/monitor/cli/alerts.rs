//! `chantier monitor alerts`: what fired, who was told, what is silenced.

use super::AlertVerb;
use crate::areas::cli::Answer;
use crate::areas::monitor::model::Model;
use crate::areas::monitor::{Alert, Delivery};
use crate::base::{Catalog, Problem, Timestamp, WorkspaceId, format};
use crate::msg;
use serde_json::json;
use std::fmt::Write as _;

pub(super) fn answer(verb: Option<&AlertVerb>, is_open_only: bool, monitor: &Model, id: &WorkspaceId, texts: &Catalog) -> Answer {
    if matches!(verb, Some(AlertVerb::Test { .. })) {
        let tested: Vec<_> = monitor
            .tested
            .iter()
            .filter(|((workspace, _), _)| workspace == id)
            .map(|((_, channel), problem)| json!({ "channel": channel, "problem": problem }))
            .collect();
        return Answer {
            schema: "chantier.monitor.tested/1",
            data: json!({ "channels": tested }),
            text: String::new(),
        };
    }
    // Where they could not be read nothing is known of them, and nothing is said.
    let is_known = monitor.alerts_of(id).is_some();
    let mut found = monitor.alerts_of(id).cloned().unwrap_or_default();
    found.alerts.retain(|alert| !is_open_only || alert.resolved_at.is_none());
    let mut text = String::new();
    for alert in &found.alerts {
        writeln!(text, "{}", line(alert, texts)).ok();
        for (delivery, n) in told(alert) {
            let state = texts.t(state_key(&delivery.state));
            let what = texts.t(what_key(&delivery.what));
            let times = if n > 1 { format!(" ×{n}") } else { String::new() };
            // What waits is tried again then; everything else happened then.
            let at = if delivery.state == "queued" {
                delivery.next_at
            } else {
                delivery.at
            };
            writeln!(
                text,
                "        {:<16} {what}: {state}{times} {} {}",
                delivery.channel,
                moment(at),
                delivery.problem
            )
            .ok();
        }
    }
    for silence in &found.silences {
        let of = |word: &str| if word.is_empty() { "*".to_owned() } else { word.to_owned() };
        let words = texts.msg(&msg!(
            "monitor-silence-line",
            n = silence.id,
            rule = of(&silence.rule),
            subject = of(&silence.subject),
            until = moment(silence.until),
            by = silence.by.as_str()
        ));
        writeln!(text, "{words}  {}", silence.reason).ok();
    }
    if found.alerts.is_empty() && is_known {
        writeln!(text, "{}", texts.t("monitor-no-alerts")).ok();
        for rule in &found.rules {
            let channels = rule.channels.join(", ");
            writeln!(text, "  {:<24} {}  → {channels}", rule.name, rule.condition).ok();
            if rule.is_unheard {
                writeln!(text, "  {:<24} {}", "", texts.t("monitor-rule-unheard")).ok();
            }
        }
    }
    Answer {
        schema: "chantier.monitor.alerts/1",
        data: json!(found),
        text,
    }
}

/// What a channel was told, once for each word and how that ended: the last of them, and how many there are.
pub fn told(alert: &Alert) -> Vec<(&Delivery, usize)> {
    let mut all: Vec<(&Delivery, usize)> = Vec::new();
    for delivery in &alert.deliveries {
        let of = |one: &Delivery| (one.channel.clone(), one.what.clone(), one.state.clone());
        match all.iter_mut().find(|(one, _)| of(one) == of(delivery)) {
            Some((last, n)) => {
                *last = delivery;
                *n += 1;
            }
            None => all.push((delivery, 1)),
        }
    }
    all
}

/// The word of an alert's state.
pub fn alert_key(alert: &Alert) -> &'static str {
    match alert.state.as_str() {
        "firing" if alert.acked_at.is_some() => "monitor-alert-acked",
        "firing" if alert.is_silenced => "monitor-alert-silenced",
        "firing" => "monitor-alert-firing",
        "pending" => "monitor-alert-pending",
        _ => "monitor-alert-resolved",
    }
}

/// The word of a delivery's state.
pub fn state_key(state: &str) -> &'static str {
    match state {
        "queued" => "monitor-delivery-queued",
        "sending" => "monitor-delivery-sending",
        "done" => "monitor-delivery-done",
        "unsure" => "monitor-delivery-unsure",
        _ => "monitor-delivery-failed",
    }
}

/// The word of what was said.
pub fn what_key(what: &str) -> &'static str {
    match what {
        "resolved" => "monitor-told-resolved",
        "again" => "monitor-told-again",
        _ => "monitor-told-fired",
    }
}

fn line(alert: &Alert, texts: &Catalog) -> String {
    let at = moment(moment_of(alert).unwrap_or(alert.since));
    format!("{:>5}  {at}  {}", alert.id, words(alert, texts))
}

/// When it became what it is.
pub(super) fn moment_of(alert: &Alert) -> Option<Timestamp> {
    alert.resolved_at.or(alert.fired_at)
}

/// How it stands, how bad it is, and what it is about.
pub(super) fn words(alert: &Alert, texts: &Catalog) -> String {
    let state = texts.t(alert_key(alert));
    let severity = texts.t(alert.severity.key());
    let subject = if alert.subject.is_empty() { "–" } else { &alert.subject };
    format!("{state:<12} {severity:<9} {:<20} {subject:<20} {}", alert.rule, alert.message)
}

fn moment(at: Timestamp) -> String {
    format::local(at).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

pub(super) fn tested_line(channel: &str, problem: Option<&Problem>, texts: &Catalog) -> String {
    match problem {
        None => format!("{channel:<20} {}", texts.t("monitor-channel-takes")),
        Some(problem) => format!("{channel:<20} {}", texts.msg(&problem.summary)),
    }
}
