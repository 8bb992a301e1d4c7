//! `chantier monitor <verb>`.

pub mod alerts;
pub mod errors;
pub mod reports;
pub mod watch;

use super::prometheus::Question;
use super::{CheckRow, Command as Words, ErrorAct, Metric, Query, Update};
use crate::areas::cli::{Answer, Here, Verb as AreaVerb};
use crate::areas::{Command, Model};
use crate::base::{Catalog, Problem, Timestamp, WriteTo, format, time};
use crate::msg;
use serde_json::json;
use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

#[derive(Clone, Debug, clap::Subcommand)]
pub enum Verb {
    /// Where every check stands
    #[command(alias = "list")]
    Checks,
    /// Ask every check once; fails when one is down
    Check {
        #[command(subcommand)]
        verb: Option<CheckVerb>,
    },
    /// What fired, who was told, and what is silenced
    #[command(args_conflicts_with_subcommands = true)]
    Alerts {
        /// Only those that are not over
        #[arg(long)]
        open: bool,
        #[command(subcommand)]
        verb: Option<AlertVerb>,
    },
    /// Ask checks at their intervals and sample instances, until it is stopped
    Watch {
        /// Every workspace that was added, not only this one
        #[arg(long)]
        all: bool,
        /// Each answer of each check, not only those that change something
        #[arg(short, long)]
        verbose: bool,
    },
    /// What was measured, with deployments and incidents
    History {
        /// cpu, memory, latency, up, free, value or days; default: all
        #[arg(long)]
        metric: Vec<String>,
        /// One instance or check
        #[arg(long)]
        subject: Option<String>,
        #[arg(long)]
        environment: Option<String>,
        /// How far back: 20m, 1h, 7d
        #[arg(long, default_value = "1h")]
        since: String,
        /// Points per series
        #[arg(long, default_value_t = 60)]
        points: u32,
    },
    /// Ask a Prometheus server; without a query every chart of the project file
    Query {
        /// PromQL: 'sum by (code) (rate(http_requests_total[5m]))'
        promql: Option<String>,
        /// A [[prometheus]] of chantier.toml; the only one where there is only one
        #[arg(long)]
        server: Option<String>,
        /// A server that chantier.toml does not name: http://127.0.0.1:9090
        #[arg(long, conflicts_with = "server", requires = "promql")]
        url: Option<String>,
        #[arg(long)]
        environment: Option<String>,
        /// How far back: 20m, 1h, 7d
        #[arg(long, default_value = "1h")]
        since: String,
        /// Until this time instead of now: 2027-01-15T20:00:00Z
        #[arg(long, value_name = "TIME")]
        until: Option<String>,
        /// Points per series
        #[arg(long, default_value_t = 60)]
        points: u32,
    },
    /// What a deployment changed: median and 95th percentile before and after
    Compare {
        /// Its number; the newest that became healthy
        deployment: Option<i64>,
        /// How long on each side: 30m, 2h, 1d
        #[arg(long, default_value = "1h")]
        window: String,
    },
    /// Up-time, objectives and error budgets; when disks will be full
    Slo,
    /// Errors that instances wrote: how often, since which version, and who may know
    Errors {
        #[command(subcommand)]
        verb: Option<ErrorVerb>,
    },
    /// Write the status page as one HTML file
    Page {
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
        /// Write over a file that is there
        #[arg(long)]
        force: bool,
    },
    /// Starts, ends, crashes and versions of instances
    Executions {
        #[arg(long)]
        environment: Option<String>,
    },
    /// Deployment frequency, lead time, change failure rate, time to restore
    Dora {
        #[arg(long, default_value_t = 30)]
        days: u32,
    },
}

#[derive(Clone, Debug, clap::Subcommand)]
pub enum CheckVerb {
    /// Ask these checks once, or all; fails when one is down
    Run { names: Vec<String> },
}

#[derive(Clone, Debug, clap::Subcommand)]
pub enum AlertVerb {
    /// Say that you look after it: it is not told again
    Ack { id: i64 },
    /// Tell nobody for a while
    Silence {
        /// The rule; without one, everything
        rule: Option<String>,
        /// One check or instance only
        #[arg(long, default_value = "")]
        subject: String,
        /// How long: 30m, 2h, 1d
        #[arg(long = "for", default_value = "2h")]
        span: String,
        #[arg(long, default_value = "")]
        reason: String,
    },
    /// End a silence
    Unsilence { id: i64 },
    /// Send a test message to a channel, or to each
    Test { channel: Option<String> },
}

#[derive(Clone, Debug, clap::Subcommand)]
pub enum ErrorVerb {
    /// The last trace of one, and its suspect
    Show { id: i64 },
    /// Somebody looks after it
    Ack { id: i64 },
    /// It is gone; it comes back when it is seen in this version or a later one
    Resolve {
        id: i64,
        /// The version that no longer has it
        #[arg(long = "in", value_name = "VERSION")]
        fixed_in: Option<String>,
    },
    /// It is not gone after all
    Reopen { id: i64 },
}

impl AreaVerb for Verb {
    fn commands(&self, here: &Here) -> Result<Vec<Command>, Problem> {
        let workspace = here.workspace.clone();
        let words = match self {
            Self::Checks => Words::LoadChecks { workspace },
            Self::Check { verb } => {
                let names = match verb {
                    Some(CheckVerb::Run { names }) => names.clone(),
                    None => Vec::new(),
                };
                Words::RunChecks { workspace, names }
            }
            Self::Alerts { verb, .. } => match verb {
                None => Words::LoadAlerts { workspace },
                Some(AlertVerb::Ack { id }) => Words::AckAlert { workspace, id: *id },
                Some(AlertVerb::Silence {
                    rule,
                    subject,
                    span,
                    reason,
                }) => Words::Silence {
                    workspace,
                    rule: rule.clone().unwrap_or_default(),
                    subject: subject.clone(),
                    secs: duration(span)?.as_secs().max(1),
                    reason: reason.clone(),
                },
                Some(AlertVerb::Unsilence { id }) => Words::EndSilence { workspace, id: *id },
                Some(AlertVerb::Test { channel }) => Words::TestChannels {
                    workspace,
                    channel: channel.clone(),
                },
            },
            Self::Watch { all, .. } => Words::Watch {
                workspaces: if *all { Vec::new() } else { vec![workspace] },
                listen: None,
                with_runbooks: false,
            },
            Self::History {
                metric,
                subject,
                environment,
                since,
                points,
            } => {
                // What is none of ours may have been scraped: whether it was, is known where it is looked for.
                let (metrics, scraped): (Vec<_>, Vec<_>) = metric.iter().partition(|word| Metric::from_word(word).is_some());
                let metrics = metrics.into_iter().filter_map(|word| Metric::from_word(word)).collect();
                let span = duration(since)?;
                let query = Query {
                    secs: span.as_secs().clamp(1, u64::from(u32::MAX)) as u32,
                    until: None,
                    environment: environment.clone(),
                    subject: subject.clone(),
                    metrics,
                    scraped: scraped.into_iter().cloned().collect(),
                    max_points: *points,
                };
                Words::ShowHistory { workspace, query }
            }
            Self::Query {
                promql,
                server,
                url,
                environment,
                since,
                until,
                points,
            } => {
                let until = until.as_deref().map(|text| {
                    let wrong = || Problem::user(msg!("monitor-no-time", text = text)).hint(msg!("monitor-no-time-hint"));
                    text.parse::<Timestamp>().map_err(|_| wrong())
                });
                let question = Question {
                    promql: promql.clone(),
                    server: server.clone(),
                    url: url.clone(),
                    environment: environment.clone(),
                    secs: duration(since)?.as_secs().clamp(1, u64::from(u32::MAX)) as u32,
                    until: until.transpose()?,
                    max_points: *points,
                };
                Words::AskPrometheus { workspace, question }
            }
            Self::Compare { deployment, window } => Words::Compare {
                workspace,
                deployment: *deployment,
                secs: duration(window)?.as_secs().clamp(1, u64::from(u32::MAX)) as u32,
            },
            Self::Errors { verb } => {
                let change = |id: i64, act: ErrorAct| Words::ChangeError {
                    workspace: here.workspace.clone(),
                    id,
                    act,
                };
                match verb {
                    None | Some(ErrorVerb::Show { .. }) => Words::LoadErrors { workspace },
                    Some(ErrorVerb::Ack { id }) => change(*id, ErrorAct::Acknowledge),
                    Some(ErrorVerb::Resolve { id, fixed_in }) => change(
                        *id,
                        ErrorAct::Resolve {
                            version: fixed_in.clone(),
                        },
                    ),
                    Some(ErrorVerb::Reopen { id }) => change(*id, ErrorAct::Reopen),
                }
            }
            Self::Slo => Words::LoadObjectives { workspace },
            Self::Page { to, force } => Words::WritePage {
                workspace,
                to: WriteTo::new(here.cwd.join(to), *force),
                lang: here.lang,
            },
            Self::Executions { environment } => Words::ShowExecutions {
                workspace,
                environment: environment.clone(),
            },
            Self::Dora { days } => Words::ComputeDora { workspace, days: *days },
        };
        Ok(vec![words.into()])
    }

    fn then(&self, here: &Here, model: &Model) -> Result<Vec<Command>, Problem> {
        if let Self::Errors {
            verb: Some(ErrorVerb::Show { id }),
        } = self
            && model
                .monitor
                .errors_of(&here.workspace.id)
                .iter()
                .all(|error| error.id != *id)
        {
            return Err(Problem::user(msg!("monitor-no-error", n = *id)).code("not-found"));
        }
        Ok(Vec::new())
    }

    fn lists_project(&self) -> bool {
        matches!(
            self,
            Self::Checks
                | Self::Check { .. }
                | Self::Alerts { verb: None, .. }
                | Self::Slo
                | Self::Page { .. }
                | Self::Dora { .. }
                | Self::Query { .. }
        )
    }

    fn answer(&self, here: &Here, model: &Model, texts: &Catalog) -> Answer {
        let monitor = &model.monitor;
        let id = &here.workspace.id;
        match self {
            Self::Alerts { verb, open } => alerts::answer(verb.as_ref(), *open, monitor, id, texts),
            Self::Checks | Self::Check { .. } | Self::Watch { .. } => {
                let checks = monitor.checks_of(id);
                let is_list = matches!(self, Self::Checks);
                let text = if is_list {
                    checks.iter().map(|check| check_line(check, texts) + "\n").collect()
                } else {
                    String::new()
                };
                Answer {
                    schema: "chantier.monitor.checks/1",
                    data: json!({ "checks": checks }),
                    text,
                }
            }
            Self::History { .. } => {
                let history = monitor.histories.get(id).and_then(|history| history.value());
                let mut text = String::new();
                for chart in history.map_or(&[][..], |history| &history.charts) {
                    for series in &chart.series {
                        let name = texts.t(chart.metric.key());
                        let Some(last) = series.points.last() else { continue };
                        let least = series.points.iter().map(|point| point.min).fold(f64::INFINITY, f64::min);
                        let most = series.points.iter().map(|point| point.max).fold(f64::NEG_INFINITY, f64::max);
                        let shown = |value: f64| value_text(chart.metric, value, texts);
                        let (least, last, most) = (shown(least), shown(last.mean), shown(most));
                        writeln!(text, "{name:<10} {:<28} {least:>10} .. {most:>10}  {last:>10}", series.name).ok();
                    }
                    if chart.n_left_out > 0 {
                        let name = texts.t(chart.metric.key());
                        let more = texts.msg(&msg!("monitor-left-out-hint", n = chart.n_left_out));
                        writeln!(text, "{name:<10} {more}").ok();
                    }
                }
                for chart in history.map_or(&[][..], |history| &history.scraped) {
                    let unit = if chart.is_rate { "/s" } else { "" };
                    for series in &chart.series {
                        let Some(last) = series.points.last() else { continue };
                        let last = format::decimal(last.mean, 3, texts);
                        writeln!(text, "{}{unit}  {}  {last}", chart.metric, series.name).ok();
                    }
                    if chart.n_left_out > 0 {
                        let more = texts.msg(&msg!("monitor-left-out-hint", n = chart.n_left_out));
                        writeln!(text, "{}{unit}  {more}", chart.metric).ok();
                    }
                }
                for marker in history.map_or(&[][..], |history| &history.deployments) {
                    let state = texts.t(marker.state.key());
                    let at = format::local(marker.at).strftime("%Y-%m-%d %H:%M:%S");
                    writeln!(text, "{at}  {} {} {state}", marker.environment, marker.version).ok();
                }
                for band in history.map_or(&[][..], |history| &history.incidents) {
                    let at = format::local(band.from).strftime("%Y-%m-%d %H:%M:%S");
                    writeln!(text, "{at}  ! {}", band.title).ok();
                }
                Answer {
                    schema: "chantier.monitor.history/1",
                    data: json!({ "history": history }),
                    text,
                }
            }
            Self::Query { .. } => reports::asked(monitor, id, texts),
            Self::Compare { .. } => reports::compared(monitor, id, texts),
            Self::Errors { verb } => errors::answer(verb.as_ref(), monitor.errors_of(id), texts),
            Self::Slo => reports::objectives(monitor, id, texts),
            Self::Page { .. } => reports::page(monitor, texts),
            Self::Executions { .. } => {
                let rows = monitor.executions.get(id).map_or(&[][..], Vec::as_slice);
                let mut text = String::new();
                for row in rows {
                    let state = row.word(texts);
                    let environment = row.environment.as_deref().unwrap_or("–");
                    let version = row.version.as_deref().unwrap_or("–");
                    let at = format::local(row.started_at).strftime("%Y-%m-%d %H:%M:%S");
                    writeln!(text, "{at}  {environment:<12} {:<20} {version:<10} {state}", row.name).ok();
                }
                Answer {
                    schema: "chantier.monitor.executions/1",
                    data: json!({ "executions": rows }),
                    text,
                }
            }
            Self::Dora { .. } => {
                let dora = monitor.dora.get(id);
                let text = dora.map_or_else(String::new, |dora| dora_text(dora, texts));
                Answer {
                    schema: "chantier.monitor.dora/1",
                    data: json!({ "dora": dora }),
                    text,
                }
            }
        }
    }

    fn is_endless(&self) -> bool {
        matches!(self, Self::Watch { .. })
    }

    fn shows(&self, update: &crate::areas::Update, texts: &Catalog) -> Option<String> {
        match (self, update) {
            (Self::Check { .. }, crate::areas::Update::Monitor(Update::CheckAnswered { check, .. })) => {
                Some(check_line(check, texts))
            }
            _ => None,
        }
    }

    fn shows_of(&self, update: &crate::areas::Update, model: &Model, texts: &Catalog) -> Option<String> {
        match (self, update) {
            (Self::Watch { verbose, .. }, crate::areas::Update::Monitor(update)) => {
                watch::line(update, &model.monitor, *verbose, texts)
            }
            _ => None,
        }
    }
}

/// A value with its unit.
pub fn value_text(metric: Metric, value: f64, texts: &Catalog) -> String {
    match metric {
        Metric::Cpu => format::percent(value / 100.0, texts),
        Metric::Memory => format::bytes(value.max(0.0) as u64, texts),
        Metric::Latency => format::duration_secs(value / 1000.0, texts),
        Metric::Free => format::bytes(value.max(0.0) as u64, texts),
        Metric::Up | Metric::Value => format::decimal(value, 2, texts),
        // Days that are over by the hour are not rounded up: a check says the whole ones that are left.
        Metric::Days => format::decimal((value * 10.0).floor() / 10.0, 1, texts),
    }
}

fn duration(text: &str) -> Result<Duration, Problem> {
    time::parse_duration(text).ok_or_else(|| Problem::user(msg!("monitor-no-duration", text = text)))
}

/// How the four numbers are counted.
pub const DEFINITIONS: [&str; 4] = [
    "monitor-dora-frequency-means",
    "monitor-dora-lead-means",
    "monitor-dora-failure-means",
    "monitor-dora-restore-means",
];

fn dora_text(dora: &super::Dora, texts: &Catalog) -> String {
    let secs = |secs: Option<f64>| secs.map_or("–".to_owned(), |secs| format::duration_secs(secs, texts));
    let rate = dora
        .change_failure_rate
        .map_or("–".to_owned(), |rate| format::percent(rate, texts));
    let frequency = format::decimal(dora.deployments_per_week, 1, texts);
    [
        texts.msg(&msg!(
            "monitor-dora-frequency-line",
            n = frequency,
            total = dora.n_deployments
        )),
        texts.msg(&msg!(
            "monitor-dora-lead-line",
            time = secs(dora.lead_time_secs),
            n = dora.n_changes
        )),
        texts.msg(&msg!(
            "monitor-dora-failure-line",
            rate = rate,
            n = dora.n_failed,
            total = dora.n_deployments
        )),
        texts.msg(&msg!(
            "monitor-dora-restore-line",
            time = secs(dora.time_to_restore_secs),
            n = dora.n_restored
        )),
        String::new(),
        DEFINITIONS.map(|key| texts.t(key).into_owned()).join("\n"),
        String::new(),
    ]
    .join("\n")
}

fn check_line(check: &CheckRow, texts: &Catalog) -> String {
    let state = texts.t(check.standing.key());
    let latency = check
        .latency_ms
        .map_or("–".to_owned(), |ms| format::duration_secs(ms / 1000.0, texts));
    format!(
        "{state:<11} {:<28} {latency:>8}  {}  {}",
        check.name, check.what, check.message
    )
}

/// One live line for people, for what they want to see while it happens.
pub fn line(update: &Update, texts: &Catalog) -> Option<String> {
    match update {
        Update::ChannelTested { channel, problem, .. } => Some(alerts::tested_line(channel, problem.as_ref(), texts)),
        Update::Recording { problem, n_lost, .. } => Some(match problem {
            Some(problem) => texts.msg(&msg!("monitor-not-recording", why = texts.msg(&problem.summary))),
            None => texts.msg(&msg!("monitor-records-again", n = *n_lost)),
        }),
        Update::Listening { address } => Some(texts.msg(&msg!("watch-listening", address = address.as_str()))),
        Update::WatchedElsewhere { .. } => Some(texts.t("monitor-elsewhere").into_owned()),
        _ => None,
    }
}
