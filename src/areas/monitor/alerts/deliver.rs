//! Brings messages of alerts to people: desktop, webhook, e-mail, command. A message is taken in the store before it is sent and marked
//! after; one that fails waits and is tried again, for a day.

use super::words;
use crate::adapters::http::Request;
use crate::adapters::mail::{self, Mail, Security};
use crate::adapters::process::Cmd;
use crate::adapters::store::alerts::{AlertRow, DeliveryRow};
use crate::adapters::{World, desktop, http};
use crate::areas::devops::project::Channel;
use crate::areas::devops::project::alerts::{ChannelKind, Email, MailSecurity, Webhook};
use crate::areas::monitor::ask;
use crate::base::{Problem, Timestamp, Workspace};
use crate::msg;
use serde_json::json;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const TIME_LIMIT: Duration = Duration::from_secs(15);
const FIRST_PAUSE: Duration = Duration::from_secs(5);
const LONGEST_PAUSE: Duration = Duration::from_hours(1);
/// After so long it is given up.
const GIVE_UP: Duration = Duration::from_hours(24);
const MAX_SAID: usize = 64 * 1024;

/// The channels of a workspace.
#[derive(Clone, Debug)]
pub struct Channels {
    pub workspace: Workspace,
    pub channels: Vec<Channel>,
}

/// Why a message did not arrive.
struct Failed {
    problem: Problem,
    is_final: bool,
}

/// Takes one message, sends it, and writes what came of that. Nothing happens when somebody else has taken it.
pub async fn deliver_one(world: &World, channels: &Channels, id: i64, cancel: &CancellationToken) -> Result<(), Problem> {
    let store = world.store().alerts();
    let Some(row) = store.take(id).await? else { return Ok(()) };
    let alert = store.get(row.alert).await?;
    let channel = channels.channels.iter().find(|channel| channel.common.name == row.channel);
    let sent = match (channel, alert) {
        (Some(channel), Some(alert)) => send(world, &channels.workspace, channel, &alert, &row, cancel).await,
        _ => Err(Failed {
            problem: Problem::config(msg!("monitor-no-channel", name = row.channel.as_str())),
            is_final: true,
        }),
    };
    let now = world.clock().now();
    let texts = world.texts();
    match sent {
        Ok(()) => {
            store
                .delivery(id, move |row| {
                    "done".clone_into(&mut row.state);
                    row.done_at = Some(now);
                    row.problem.clear();
                })
                .await?;
        }
        Err(failed) => {
            let mut words = texts.msg(&failed.problem.summary);
            if let Some(line) = failed.problem.details.lines().next() {
                words = texts.msg(&msg!("monitor-said", what = words, why = line));
            }
            let next = Timestamp::from_millisecond(now.as_millisecond() + pause(row.n_tries).as_millis() as i64).unwrap_or(now);
            let is_late = now.as_second() - row.at.as_second() > GIVE_UP.as_secs() as i64;
            let is_final = failed.is_final || is_late;
            let state = if is_final { "failed" } else { "queued" };
            store
                .delivery(id, move |row| {
                    state.clone_into(&mut row.state);
                    row.next_at = next;
                    row.problem.clone_from(&words);
                })
                .await?;
            if is_final {
                return Err(failed.problem);
            }
        }
    }
    Ok(())
}

/// Twice as long after each try.
fn pause(n_tries: u32) -> Duration {
    FIRST_PAUSE
        .saturating_mul(2_u32.saturating_pow(n_tries.saturating_sub(1).min(12)))
        .min(LONGEST_PAUSE)
}

/// Sends a word of no consequence.
pub async fn test_channel(
    world: &World,
    workspace: &Workspace,
    channel: &Channel,
    cancel: &CancellationToken,
) -> Result<(), Problem> {
    let now = world.clock().now();
    let alert = AlertRow {
        id: 0,
        workspace: workspace.id.clone(),
        rule: "test".to_owned(),
        subject: channel.common.name.clone(),
        environment: None,
        severity: "info".to_owned(),
        state: "firing".to_owned(),
        since: now,
        fired_at: Some(now),
        resolved_at: None,
        told_at: Some(now),
        acked_at: None,
        acked_by: String::new(),
        incident: None,
        value: None,
        message: world.texts().msg(&msg!("monitor-test-message")),
    };
    let row = DeliveryRow {
        id: now.as_millisecond(),
        workspace: workspace.id.clone(),
        alert: 0,
        channel: channel.common.name.clone(),
        what: "test".to_owned(),
        state: "sending".to_owned(),
        n_tries: 1,
        at: now,
        next_at: now,
        done_at: None,
        problem: String::new(),
    };
    let sent = send(world, workspace, channel, &alert, &row, cancel).await;
    sent.map_err(|failed| failed.problem)
}

async fn send(
    world: &World,
    workspace: &Workspace,
    channel: &Channel,
    alert: &AlertRow,
    row: &DeliveryRow,
    cancel: &CancellationToken,
) -> Result<(), Failed> {
    let (title, text) = words(&row.what, alert, workspace, &world.texts());
    let again = |problem: Problem| Failed {
        problem,
        is_final: false,
    };
    match &channel.kind {
        ChannelKind::Desktop(_) => {
            if world.settings().general.notify {
                desktop::notify(title, text).await;
            }
            Ok(())
        }
        ChannelKind::Webhook(webhook) => post(world, webhook, &body(workspace, alert, row, &title), row, cancel).await,
        ChannelKind::Email(email) => write_mail(world, workspace, email, row, title, text).await,
        ChannelKind::Command(told) => {
            let Some((program, args)) = told.run.split_first() else {
                return Ok(());
            };
            let cmd = Cmd::new(program)
                .args(args)
                .workspace(&workspace.root)
                .timeout(told.timeout.0)
                .stdin(body(workspace, alert, row, &title).to_string().into_bytes());
            let output = world.processes().output(cmd, cancel, MAX_SAID).await;
            let output = output.map_err(|error| again(error.into()))?;
            output.success(program).map(drop).map_err(again)
        }
    }
}

/// What a webhook and a command get.
fn body(workspace: &Workspace, alert: &AlertRow, row: &DeliveryRow, title: &str) -> serde_json::Value {
    json!({
        "schema": "chantier.alert/1",
        "delivery": row.id,
        "what": row.what,
        "title": title,
        "workspace": { "id": workspace.id, "name": workspace.name },
        "alert": {
            "id": alert.id,
            "rule": alert.rule,
            "subject": alert.subject,
            "environment": alert.environment,
            "severity": alert.severity,
            "state": alert.state,
            "message": alert.message,
            "value": alert.value,
            "since": alert.since,
            "fired_at": alert.fired_at,
            "resolved_at": alert.resolved_at,
            "incident": alert.incident,
        },
    })
}

async fn post(
    world: &World,
    webhook: &Webhook,
    body: &serde_json::Value,
    row: &DeliveryRow,
    cancel: &CancellationToken,
) -> Result<(), Failed> {
    let again = |problem: Problem| Failed {
        problem,
        is_final: false,
    };
    let mut headers = ask::headers(world, &webhook.headers).await.map_err(again)?;
    headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
    // The same for every try of one message: who gets it twice knows it.
    headers.push(("Idempotency-Key".to_owned(), format!("chantier-{}-{}", row.workspace, row.id)));
    let request = Request {
        url: webhook.url.clone(),
        method: "POST".to_owned(),
        headers,
        body: Some(body.to_string().into_bytes()),
        ..Request::default()
    };
    let answer = http::ask(request, TIME_LIMIT, cancel)
        .await
        .map_err(|fault| again(fault.into()))?;
    match answer.status {
        200..300 => Ok(()),
        status => {
            let said: String = String::from_utf8_lossy(&answer.body).chars().take(200).collect();
            let problem = Problem::environment(msg!("monitor-webhook-refused", status = status.to_string()))
                .code("webhook")
                .details(crate::base::SafeText::new(&said));
            // Too early or too often comes right by itself; any other refusal does not (RFC 9110, 15.5).
            let is_final = (400..500).contains(&status) && !matches!(status, 408 | 425 | 429);
            Err(Failed { problem, is_final })
        }
    }
}

async fn write_mail(
    world: &World,
    workspace: &Workspace,
    email: &Email,
    row: &DeliveryRow,
    subject: String,
    text: String,
) -> Result<(), Failed> {
    let again = |problem: Problem| Failed {
        problem,
        is_final: false,
    };
    let login = match (&email.user, &email.password) {
        (Some(user), Some(reference)) => {
            let password = ask::password(world, reference).await.map_err(again)?;
            Some((user.clone(), password))
        }
        _ => None,
    };
    let server = mail::Server {
        host: email.server.clone(),
        port: email.port,
        security: match email.security {
            MailSecurity::Starttls => Security::StartTls,
            MailSecurity::Tls => Security::Tls,
            MailSecurity::None => Security::Clear,
        },
        login,
        ca: email.ca.as_ref().map(|path| workspace.root.join(path)),
        timeout: TIME_LIMIT,
    };
    let mail = Mail {
        id: format!("chantier-{}-{}@{}", row.workspace, row.id, world.host().name()),
        from: email.from.clone(),
        to: email.to.clone(),
        subject,
        text,
    };
    mail::send(server, mail).await.map_err(|problem| Failed {
        is_final: problem.code == "mail-refused",
        problem,
    })
}
