//! Alerts: the rules of `chantier.toml` against checks and samples, who is told, and what is written before and after. One round is
//! made by the program that watches; everything it knows stands in the store, so the next program goes on where it stood.

mod deliver;
mod looked;
mod readings;
mod step;

pub use deliver::{Channels, deliver_one, test_channel};
pub use looked::Looked;
pub use readings::{Holds, Reading, burn_rate, readings, reduce};
pub use step::{Moment, step};

use super::{Alert, Alerts, Delivery, Rule, Severity, Silence, history};
use crate::adapters::World;
use crate::adapters::store::alerts::{AlertRow, Change, DeliveryRow, SilenceRow};
use crate::adapters::store::incidents::IncidentRow;
use crate::areas::devops::project::alerts::{METRICS, Used, When};
use crate::areas::devops::project::{self, AlertRule, Channel, ProjectFile};
use crate::base::{Catalog, Msg, Problem, Timestamp, Workspace, format};
use crate::msg;
use std::collections::BTreeSet;

/// Alerts that are shown.
const N_SHOWN: u32 = 200;

/// Looks at every rule once; gives the alerts that fired or ended. `is_whole`: the whole file could be read, so that what it does not
/// name is not there.
pub async fn round(
    world: &World,
    workspace: &Workspace,
    file: &ProjectFile,
    is_whole: bool,
    looked: &Looked,
) -> Result<Vec<Alert>, Problem> {
    let store = world.store();
    let now = world.clock().now();
    let open = store.alerts().open(&workspace.id).await?;
    if file.alerts.is_empty() && open.is_empty() {
        return Ok(Vec::new());
    }
    let silences = store.alerts().silences(&workspace.id).await?;
    let mut changes: Vec<Change> = Vec::new();
    let mut seen: BTreeSet<i64> = BTreeSet::new();
    for rule in &file.alerts {
        for reading in readings(world, workspace, file, rule, &open, looked, now).await? {
            let before = open
                .iter()
                .find(|alert| alert.rule == rule.name && alert.subject == reading.subject);
            seen.extend(before.map(|alert| alert.id));
            let is_silenced = silences
                .iter()
                .any(|silence| silence.covers(&rule.name, &reading.subject, now));
            let moment = Moment {
                now,
                is_silenced,
                channels: routes(rule, &file.channels, reading.environment.as_deref()),
            };
            changes.extend(step(&workspace.id, rule, &reading, before, &moment));
        }
    }
    // A rule or a check that is not written any more, or a series that is history, has nothing to say.
    let n_read = changes.len();
    let why_gone = world.texts().t("monitor-alert-gone").into_owned();
    if is_whole {
        let unseen = open.iter().filter(|alert| !seen.contains(&alert.id));
        changes.extend(unseen.map(|alert| step::gone(alert, &file.channels, &why_gone, now)));
    }
    for (i, change) in changes.iter_mut().enumerate() {
        let cause = if i < n_read { "" } else { why_gone.as_str() };
        keep_incident(world, workspace, file, change, cause, now).await?;
    }
    if changes.is_empty() {
        return Ok(Vec::new());
    }
    let was_firing: BTreeSet<i64> = open
        .iter()
        .filter(|alert| alert.state == "firing")
        .map(|alert| alert.id)
        .collect();
    let kept = store.alerts().apply(changes).await?;
    Ok(kept
        .into_iter()
        .filter(|row| (row.state == "firing") != was_firing.contains(&row.id))
        .map(|row| shown(row, &silences, Vec::new(), now))
        .collect())
}

/// Who is told: those the rule names, else each that takes the severity and the environment.
fn routes(rule: &AlertRule, channels: &[Channel], environment: Option<&str>) -> Vec<String> {
    if !rule.notify.is_empty() {
        return rule.notify.clone();
    }
    channels
        .iter()
        .filter(|channel| channel.takes(rule.severity, environment))
        .map(|channel| channel.common.name.clone())
        .collect()
}

/// Opens the incident of an alert that fires, and closes it with its cause, where one is known, when the alert is over.
async fn keep_incident(
    world: &World,
    workspace: &Workspace,
    file: &ProjectFile,
    change: &mut Change,
    cause: &str,
    now: Timestamp,
) -> Result<(), Problem> {
    let alert = &mut change.alert;
    let wants = file.alerts.iter().any(|rule| rule.name == alert.rule && rule.incident);
    let incidents = world.store().incidents();
    match (alert.state.as_str(), alert.incident) {
        ("firing", None) if wants => {
            // A program that died between the two writes has left one.
            let opened_by = format!("alert:{}/{}", alert.rule, alert.subject);
            let open = incidents.list(&workspace.id, true, 500).await?;
            // The check that it is about may have opened one: an outage has one incident.
            let by_check = format!("check:{}", alert.subject);
            let left = open
                .into_iter()
                .find(|row| row.opened_by == opened_by || row.opened_by == by_check);
            if let Some(left) = left {
                alert.incident = Some(left.id);
                return Ok(());
            }
            let live = match &alert.environment {
                Some(environment) => world.store().deployments().live(&workspace.id, environment).await?,
                None => None,
            };
            let row = IncidentRow {
                id: 0,
                workspace: workspace.id.clone(),
                environment: alert.environment.clone(),
                title: format!("{}: {}", name_of(alert), alert.message),
                opened_at: now,
                opened_by,
                closed_at: None,
                cause: String::new(),
                deployment: live.map(|live| live.id),
                notes: String::new(),
            };
            alert.incident = Some(incidents.open(row).await?.id);
        }
        ("resolved", Some(id)) => {
            incidents.end(id, cause).await?;
        }
        _ => {}
    }
    Ok(())
}

/// Everything that is shown of alerts.
pub async fn find(world: &World, workspace: &Workspace) -> Result<(Alerts, Vec<Problem>), Problem> {
    let (file, problems) = project::read(&workspace.root)?;
    let store = world.store();
    let now = world.clock().now();
    let rows = store.alerts().list(&workspace.id, N_SHOWN).await?;
    let silences = store.alerts().silences(&workspace.id).await?;
    let mut deliveries = store.alerts().deliveries(rows.iter().map(|row| row.id).collect()).await?;
    let alerts = rows.into_iter().map(|row| {
        let (of_this, rest) = std::mem::take(&mut deliveries)
            .into_iter()
            .partition(|one| one.alert == row.id);
        deliveries = rest;
        shown(row, &silences, of_this, now)
    });
    let alerts = alerts.collect();
    let texts = world.texts();
    let is_scraped = |rule: &AlertRule| rule.metric.as_deref().is_some_and(|metric| !METRICS.contains(&metric));
    let heard = if file.alerts.iter().any(is_scraped) {
        history::told(world, &workspace.id).await?
    } else {
        BTreeSet::new()
    };
    let is_heard = |metric: &str| heard.contains(metric.split('{').next().unwrap_or(metric).trim());
    let rules = file.alerts.iter().map(|rule| {
        // Of any environment: which it is, the reading says.
        let channels = if rule.notify.is_empty() {
            let takes = |channel: &&Channel| {
                let environment = rule
                    .environment
                    .as_deref()
                    .or(channel.common.environments.first().map(String::as_str));
                channel.takes(rule.severity, environment)
            };
            file.channels
                .iter()
                .filter(takes)
                .map(|channel| channel.common.name.clone())
                .collect()
        } else {
            rule.notify.clone()
        };
        Rule {
            name: rule.name.clone(),
            severity: rule.severity,
            condition: condition(rule, &texts),
            channels,
            is_unheard: is_scraped(rule) && !rule.metric.as_deref().is_some_and(is_heard),
        }
    });
    let found = Alerts {
        alerts,
        rules: rules.collect(),
        silences: silences.into_iter().map(silence).collect(),
        channels: file
            .channels
            .iter()
            .map(|channel| (channel.common.name.clone(), channel.kind.word().to_owned()))
            .collect(),
    };
    Ok((found, problems))
}

pub fn silence(row: SilenceRow) -> Silence {
    Silence {
        id: row.id,
        rule: row.rule,
        subject: row.subject,
        until: row.until,
        by: row.by,
        reason: row.reason,
    }
}

fn shown(row: AlertRow, silences: &[SilenceRow], deliveries: Vec<DeliveryRow>, now: Timestamp) -> Alert {
    let is_silenced = silences.iter().any(|silence| silence.covers(&row.rule, &row.subject, now));
    Alert {
        id: row.id,
        rule: row.rule,
        subject: row.subject,
        environment: row.environment,
        severity: severity(&row.severity),
        state: row.state,
        since: row.since,
        fired_at: row.fired_at,
        resolved_at: row.resolved_at,
        acked_at: row.acked_at,
        acked_by: row.acked_by,
        incident: row.incident,
        value: row.value,
        message: row.message,
        is_silenced,
        deliveries: deliveries.into_iter().map(delivery).collect(),
    }
}

fn delivery(row: DeliveryRow) -> Delivery {
    Delivery {
        id: row.id,
        channel: row.channel,
        what: row.what,
        state: row.state,
        n_tries: row.n_tries,
        at: row.at,
        next_at: row.next_at,
        problem: row.problem,
    }
}

pub fn severity(word: &str) -> Severity {
    match word {
        "critical" => Severity::Critical,
        "info" => Severity::Info,
        _ => Severity::Warning,
    }
}

/// Fails when the project file has no rule of this name: a slip of the finger would silence nothing.
pub fn known_rule(workspace: &Workspace, name: &str) -> Result<(), Problem> {
    let (file, _) = project::read(&workspace.root)?;
    if file.alerts.iter().any(|rule| rule.name == name) {
        return Ok(());
    }
    let problem = Problem::user(msg!("monitor-no-rule", name = name)).code("not-found");
    let names: Vec<&str> = file.alerts.iter().map(|rule| rule.name.as_str()).collect();
    Err(if names.is_empty() {
        problem.hint(msg!("monitor-no-rules-hint"))
    } else {
        problem.hint(msg!("monitor-no-rule-hint", names = names.join(", ")))
    })
}

/// A rule in words of the field: `cpu mean(5 m) > 80 for 2 min`.
pub fn condition(rule: &AlertRule, texts: &Catalog) -> String {
    let secs = |secs: f64| format::duration_secs(secs, texts);
    let window = secs(rule.window.0.as_secs_f64());
    let mut text = match (&rule.check, rule.burn) {
        (Some(check), Some(burn)) => format!("{check} burn({window}) ≥ {burn}×"),
        (Some(check), None) => {
            let when = match rule.when {
                When::Down => "down",
                When::Slow => "slow",
                When::Flapping => "flapping",
                When::NotUp => "not up",
            };
            format!("{check} {when}")
        }
        (None, _) => {
            let metric = rule.metric.as_deref().unwrap_or_default();
            let used = match rule.used {
                Used::Last => metric.to_owned(),
                Used::Mean => format!("mean({metric}, {window})"),
                Used::Min => format!("min({metric}, {window})"),
                Used::Max => format!("max({metric}, {window})"),
                Used::P95 => format!("p95({metric}, {window})"),
                Used::Rate => format!("rate({metric}, {window})"),
            };
            match (rule.absent, rule.above, rule.below) {
                (Some(absent), ..) => format!("{metric} absent {}", secs(absent.0.as_secs_f64())),
                (_, Some(above), _) => format!("{used} > {}", readings::say(rule, metric, above, texts)),
                (_, _, Some(below)) => format!("{used} < {}", readings::say(rule, metric, below, texts)),
                _ => used,
            }
        }
    };
    if let Some(subject) = &rule.subject {
        text = format!("{subject}: {text}");
    }
    if !rule.hold.0.is_zero() {
        text = format!("{text} for {}", secs(rule.hold.0.as_secs_f64()));
    }
    text
}

/// Its rule, and which of several things it is about.
fn name_of(alert: &AlertRow) -> String {
    if alert.subject.is_empty() || alert.subject == alert.rule {
        alert.rule.clone()
    } else {
        format!("{} ({})", alert.rule, alert.subject)
    }
}

/// The subject and the text of a message.
pub fn words(what: &str, alert: &AlertRow, workspace: &Workspace, texts: &Catalog) -> (String, String) {
    let severity = texts.t(severity(&alert.severity).key());
    let word = match what {
        "resolved" => texts.t("monitor-message-resolved").into_owned(),
        "again" => format!("{severity}, {}", texts.t("monitor-message-again")),
        _ => severity.into_owned(),
    };
    let moment = |at: Timestamp| format::local(at).strftime("%Y-%m-%d %H:%M:%S %Z").to_string();
    let title = texts.msg(&msg!(
        "monitor-told-title",
        word = word,
        subject = name_of(alert),
        workspace = workspace.name.as_str()
    ));
    let mut text = match what {
        // What it fired with stays written; it is not so any more.
        "resolved" => texts.msg(&msg!("monitor-message-was", message = alert.message.as_str())) + "\n",
        _ => format!("{}\n", alert.message),
    };
    let facts = [
        ("monitor-message-environment", alert.environment.clone()),
        ("monitor-message-since", Some(moment(alert.since))),
        ("monitor-message-until", alert.resolved_at.map(moment)),
        ("monitor-message-incident", alert.incident.map(|id| id.to_string())),
    ];
    for (key, value) in facts {
        if let Some(value) = value {
            text.push_str(&texts.msg(&Msg::new(key).with("value", value)));
            text.push('\n');
        }
    }
    (title, text)
}
