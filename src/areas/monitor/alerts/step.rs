//! What follows for an alert from one reading: pure, so that a program that died between two readings changes nothing.

use super::readings::{Holds, Reading};
use crate::adapters::store::alerts::{AlertRow, Change};
use crate::areas::devops::project::{AlertRule, Channel};
use crate::base::{Timestamp, WorkspaceId, time};

/// When, and who is told.
#[derive(Clone, Debug)]
pub struct Moment {
    pub now: Timestamp,
    pub is_silenced: bool,
    pub channels: Vec<String>,
}

impl Moment {
    fn messages(&self, what: &'static str) -> Vec<(String, &'static str)> {
        self.channels.iter().map(|channel| (channel.clone(), what)).collect()
    }
}

/// The change that has to be written; None when nothing follows.
pub fn step(
    workspace: &WorkspaceId,
    rule: &AlertRule,
    reading: &Reading,
    before: Option<&AlertRow>,
    moment: &Moment,
) -> Option<Change> {
    let now = moment.now;
    let Some(before) = before else {
        if reading.holds != Holds::Yes {
            return None;
        }
        let row = AlertRow {
            id: 0,
            workspace: workspace.clone(),
            rule: rule.name.clone(),
            subject: reading.subject.clone(),
            environment: reading.environment.clone(),
            severity: rule.severity.word().to_owned(),
            state: "pending".to_owned(),
            since: now,
            fired_at: None,
            resolved_at: None,
            told_at: None,
            acked_at: None,
            acked_by: String::new(),
            incident: None,
            value: reading.value,
            message: reading.message.clone(),
        };
        if rule.hold.0.is_zero() {
            return Some(fire(row, moment));
        }
        return Some(only(row));
    };
    let mut row = before.clone();
    row.value = reading.value.or(before.value);
    match (before.state.as_str(), reading.holds) {
        ("pending", Holds::No) => Some(Change {
            is_over: true,
            ..only(row)
        }),
        ("pending", Holds::Yes) => {
            row.message.clone_from(&reading.message);
            // A clock that was set back begins anew instead of waiting for ever.
            if now < row.since {
                row.since = now;
                return Some(only(row));
            }
            (time::secs_between(row.since, now) >= rule.hold.0.as_secs_f64()).then(|| fire(row, moment))
        }
        ("firing", Holds::No) => {
            "resolved".clone_into(&mut row.state);
            row.resolved_at = Some(now);
            // Why it fired stays written: what is good now says nothing of what was.
            row.value = before.value;
            // Who was never told of it need not hear that it is over.
            let messages = if row.told_at.is_some() && !moment.is_silenced {
                moment.messages("resolved")
            } else {
                Vec::new()
            };
            Some(Change { messages, ..only(row) })
        }
        ("firing", Holds::Yes) => tell_later(row, rule, reading, moment),
        // What cannot be said changes nothing.
        _ => None,
    }
}

fn only(alert: AlertRow) -> Change {
    Change {
        alert,
        is_over: false,
        messages: Vec::new(),
    }
}

fn fire(mut row: AlertRow, moment: &Moment) -> Change {
    "firing".clone_into(&mut row.state);
    row.fired_at = Some(moment.now);
    if moment.is_silenced {
        return only(row);
    }
    row.told_at = Some(moment.now);
    Change {
        messages: moment.messages("fired"),
        ..only(row)
    }
}

/// It goes on: told when its silence is over, and again after `repeat` while nobody has acknowledged it.
fn tell_later(mut row: AlertRow, rule: &AlertRule, reading: &Reading, moment: &Moment) -> Option<Change> {
    if moment.is_silenced || row.acked_at.is_some() {
        return None;
    }
    let what = match (row.told_at, rule.repeat) {
        (None, _) => "fired",
        (Some(at), Some(repeat)) if time::secs_between(at, moment.now) >= repeat.0.as_secs_f64() => "again",
        // The clock was set back: from now on.
        (Some(at), Some(_)) if at > moment.now => {
            row.told_at = Some(moment.now);
            return Some(only(row));
        }
        _ => return None,
    };
    row.told_at = Some(moment.now);
    row.message.clone_from(&reading.message);
    Some(Change {
        messages: moment.messages(what),
        ..only(row)
    })
}

/// Its rule, or what it is about, is not written any more: it is over. Who was told of it hears so; `why` says that nothing is better.
pub(super) fn gone(alert: &AlertRow, channels: &[Channel], why: &str, now: Timestamp) -> Change {
    let mut row = alert.clone();
    let is_over = row.state == "pending";
    "resolved".clone_into(&mut row.state);
    row.resolved_at = Some(now);
    row.message = format!("{} ({why})", row.message);
    // The store keeps from the others what they never heard the beginning of.
    let told = channels.iter().filter(|_| row.told_at.is_some());
    let messages = told.map(|channel| (channel.common.name.clone(), "resolved")).collect();
    Change {
        is_over,
        messages,
        ..only(row)
    }
}
