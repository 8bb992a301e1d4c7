//! `chantier monitor <verb>`.

use super::{CheckRow, Command as Words, Metric, Query, Update};
use crate::areas::cli::{Answer, Here, Verb as AreaVerb};
use crate::areas::{Command, Model};
use crate::base::{Catalog, Problem, format, time};
use crate::msg;
use serde_json::json;
use std::fmt::Write as _;

#[derive(Clone, Debug, clap::Subcommand)]
pub enum Verb {
    /// Where every check stands
    List,
    /// Ask every check once; fails when one is down
    Check,
    /// Ask checks at their intervals and sample instances, until it is stopped
    Watch {
        /// Every workspace that was added, not only this one
        #[arg(long)]
        all: bool,
    },
    /// What was measured, with deployments and incidents
    History {
        /// cpu, memory, latency or up; default: all
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

impl AreaVerb for Verb {
    fn commands(&self, here: &Here) -> Result<Vec<Command>, Problem> {
        let workspace = here.workspace.clone();
        let words = match self {
            Self::List => Words::LoadChecks { workspace },
            Self::Check => Words::RunChecks { workspace },
            Self::Watch { all } => Words::Watch {
                workspaces: if *all { Vec::new() } else { vec![workspace] },
            },
            Self::History {
                metric,
                subject,
                environment,
                since,
                points,
            } => {
                let wrong =
                    |text: &str| Problem::user(msg!("monitor-no-metric", name = text)).hint(msg!("monitor-no-metric-hint"));
                let metrics = metric
                    .iter()
                    .map(|word| Metric::from_word(word).ok_or_else(|| wrong(word)))
                    .collect::<Result<_, _>>()?;
                let span = time::parse_duration(since)
                    .ok_or_else(|| Problem::user(msg!("monitor-no-duration", text = since.as_str())))?;
                let query = Query {
                    secs: span.as_secs().clamp(1, u64::from(u32::MAX)) as u32,
                    until: None,
                    environment: environment.clone(),
                    subject: subject.clone(),
                    metrics,
                    max_points: *points,
                };
                Words::ShowHistory { workspace, query }
            }
            Self::Executions { environment } => Words::ShowExecutions {
                workspace,
                environment: environment.clone(),
            },
            Self::Dora { days } => Words::ComputeDora { workspace, days: *days },
        };
        Ok(vec![words.into()])
    }

    fn lists_project(&self) -> bool {
        matches!(self, Self::List | Self::Check | Self::Dora { .. })
    }

    fn answer(&self, here: &Here, model: &Model, texts: &Catalog) -> Answer {
        let monitor = &model.monitor;
        let id = &here.workspace.id;
        match self {
            Self::List | Self::Check | Self::Watch { .. } => {
                let checks = monitor.checks_of(id);
                let is_list = matches!(self, Self::List);
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
                }
                for marker in history.map_or(&[][..], |history| &history.deployments) {
                    let state = texts.t(marker.state.key());
                    writeln!(text, "{}  {} {} {state}", marker.at, marker.environment, marker.version).ok();
                }
                for band in history.map_or(&[][..], |history| &history.incidents) {
                    writeln!(text, "{}  ! {}", band.from, band.title).ok();
                }
                Answer {
                    schema: "chantier.monitor.history/1",
                    data: json!({ "history": history }),
                    text,
                }
            }
            Self::Executions { .. } => {
                let rows = monitor.executions.get(id).map_or(&[][..], Vec::as_slice);
                let mut text = String::new();
                for row in rows {
                    let state = texts.t(row.state.key());
                    let environment = row.environment.as_deref().unwrap_or("–");
                    let version = row.version.as_deref().unwrap_or("–");
                    writeln!(
                        text,
                        "{}  {environment:<12} {:<20} {version:<10} {state} {}",
                        row.started_at, row.name, row.cause
                    )
                    .ok();
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
}

/// A value with its unit.
pub fn value_text(metric: Metric, value: f64, texts: &Catalog) -> String {
    match metric {
        Metric::Cpu => format::percent(value / 100.0, texts),
        Metric::Memory => format::bytes(value.max(0.0) as u64, texts),
        Metric::Latency => format::duration_secs(value / 1000.0, texts),
        Metric::Up => format::decimal(value, 2, texts),
    }
}

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
    ]
    .join("\n")
}

fn check_line(check: &CheckRow, texts: &Catalog) -> String {
    let state = texts.t(check.state.key());
    let latency = check
        .latency_ms
        .map_or("–".to_owned(), |ms| format::duration_secs(ms / 1000.0, texts));
    format!(
        "{state:<10} {:<28} {latency:>8}  {}  {}",
        check.name, check.what, check.message
    )
}

/// One live line for people, for what they want to see while it happens.
pub fn line(update: &Update, texts: &Catalog) -> Option<String> {
    match update {
        Update::CheckAnswered { check, .. } => Some(check_line(check, texts)),
        Update::WatchedElsewhere { .. } => Some(texts.t("monitor-elsewhere").into_owned()),
        _ => None,
    }
}
