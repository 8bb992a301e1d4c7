//! Asks Prometheus servers (and whatever has the same API: VictoriaMetrics, Thanos, Mimir) for a time range, where history has outgrown this
//! machine. API: <https://prometheus.io/docs/prometheus/latest/querying/api/#range-queries>.

use super::ask;
use super::metrics::Read;
use super::{Point, Series, Update};
use crate::adapters::World;
use crate::adapters::http::{self, Request};
use crate::areas::JobCtx;
use crate::areas::devops::project::{self, PromChart, PromServer};
use crate::base::{Problem, SafeText, Timestamp, Workspace};
use crate::msg;
use futures::stream::{self, StreamExt as _};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Lines in one chart; more are counted.
const MAX_SERIES: usize = 20;
/// Questions at once.
const AT_ONCE: usize = 4;
/// An answer with more is not read.
const MAX_BODY: u64 = 32 * 1024 * 1024;
/// What a server gives at most for one line.
const MAX_POINTS: u32 = 11_000;
/// Of a server that the project file does not name.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// What is asked, and of when.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Question {
    /// None asks for every chart of the project file.
    pub promql: Option<String>,
    /// The name of a server of the project file; the only one where there is only one.
    pub server: Option<String>,
    /// The address of a server that the project file does not name.
    pub url: Option<String>,
    pub environment: Option<String>,
    /// Seconds back from the end.
    pub secs: u32,
    /// None ends now.
    pub until: Option<Timestamp>,
    pub max_points: u32,
}

/// What came back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answered {
    pub from: Timestamp,
    pub to: Timestamp,
    /// Seconds between points.
    pub step_secs: u32,
    pub charts: Vec<AskedChart>,
}

/// One query, and its lines.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AskedChart {
    pub title: String,
    pub query: String,
    pub server: String,
    pub url: String,
    pub unit: String,
    pub series: Vec<Series>,
    /// Lines that have no room.
    pub n_left_out: u32,
    /// What the server says beside its answer.
    #[serde(default)]
    pub warnings: Vec<String>,
    /// Why there is no answer.
    pub problem: Option<Problem>,
}

/// Asks, and tells; a question of one's own that is not answered fails.
pub async fn tell(cx: &JobCtx, world: &World, workspace: &Workspace, question: Question) -> Result<(), Problem> {
    let answered = Box::pin(asked(cx, world, workspace, &question)).await?;
    let mut failed = answered.charts.iter().find_map(|chart| chart.problem.clone());
    if question.promql.is_none() {
        failed = None;
    }
    let workspace = workspace.id.clone();
    cx.update(Update::PrometheusAnswered {
        workspace,
        answered: Box::new(answered),
    })
    .await;
    failed.map_or(Ok(()), Err)
}

async fn asked(cx: &JobCtx, world: &World, workspace: &Workspace, question: &Question) -> Result<Answered, Problem> {
    let to = question.until.unwrap_or_else(|| world.clock().now());
    let secs = question.secs.max(1);
    let from = Timestamp::from_second(to.as_second() - i64::from(secs)).unwrap_or(to);
    let points = question.max_points.clamp(2, MAX_POINTS);
    let step_secs = secs.div_ceil(points - 1).max(1);
    let wanted = wanted(cx, world, workspace, question).await?;
    let asking = wanted.into_iter().map(|(server, chart)| async move {
        let mut told = AskedChart {
            title: chart.title.clone(),
            query: chart.query.clone(),
            server: server.name.clone(),
            url: server.url.clone(),
            unit: chart.unit.clone(),
            series: Vec::new(),
            n_left_out: 0,
            warnings: Vec::new(),
            problem: None,
        };
        let range = (from, to, step_secs);
        match one(world, &server, &chart.query, range, cx.cancel_token()).await {
            Ok(found) => {
                told.n_left_out = found.series.len().saturating_sub(MAX_SERIES) as u32;
                told.series = found.series;
                told.series.truncate(MAX_SERIES);
                told.warnings = found.warnings;
            }
            Err(problem) => told.problem = Some(problem),
        }
        told
    });
    let charts = stream::iter(asking).buffered(AT_ONCE).collect().await;
    cx.check()?;
    Ok(Answered {
        from,
        to,
        step_secs,
        charts,
    })
}

/// Which servers are asked what.
async fn wanted(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    question: &Question,
) -> Result<Vec<(PromServer, PromChart)>, Problem> {
    let own = question.promql.as_ref().map(|query| PromChart {
        title: query.clone(),
        query: query.clone(),
        unit: String::new(),
    });
    if let (Some(chart), Some(url)) = (&own, &question.url) {
        let server = PromServer {
            name: url.clone(),
            url: url.clone(),
            timeout: project::Span(TIME_LIMIT),
            ..PromServer::default()
        };
        return Ok(vec![(server, chart.clone())]);
    }
    let (file, problems) = project::read(&workspace.root)?;
    for problem in problems {
        cx.problem(problem).await;
    }
    let mut servers = file.prometheus;
    if !servers.is_empty() {
        // The addresses and their secrets are the file's, not the user's.
        match world.trust().check(workspace) {
            Err(problem) if own.is_some() => return Err(problem),
            Err(_) => return Ok(Vec::new()),
            Ok(()) => {}
        }
    }
    let names: Vec<String> = servers.iter().map(|server| server.name.clone()).collect();
    if let Some(wanted) = &question.server {
        servers.retain(|server| server.name == *wanted);
        if servers.is_empty() {
            let problem = Problem::user(msg!("monitor-no-server", name = wanted.as_str())).code("not-found");
            return Err(problem.hint(servers_hint(&names)));
        }
    }
    let Some(chart) = own else {
        let is_meant = |server: &PromServer| {
            let environment = question.environment.as_deref();
            environment.is_none() || server.environment.is_none() || server.environment.as_deref() == environment
        };
        let all = servers.into_iter().filter(is_meant).flat_map(|server| {
            let charts = server.charts.clone();
            charts.into_iter().map(move |chart| (server.clone(), chart))
        });
        return Ok(all.collect());
    };
    match <[PromServer; 1]>::try_from(servers) {
        Ok([server]) => Ok(vec![(server, chart)]),
        Err(several) => {
            let problem = if several.is_empty() {
                Problem::user(msg!("monitor-no-servers"))
            } else {
                Problem::user(msg!("monitor-which-server", n = several.len()))
            };
            Err(problem.code("no-server").hint(servers_hint(&names)))
        }
    }
}

fn servers_hint(names: &[String]) -> crate::base::Msg {
    if names.is_empty() {
        msg!("monitor-no-servers-hint")
    } else {
        msg!("monitor-which-server-hint", names = names.join(", "))
    }
}

struct Found {
    series: Vec<Series>,
    warnings: Vec<String>,
}

async fn one(
    world: &World,
    server: &PromServer,
    query: &str,
    (from, to, step_secs): (Timestamp, Timestamp, u32),
    cancel: &CancellationToken,
) -> Result<Found, Problem> {
    let base = server.url.trim_end_matches('/');
    let text = form_urlencoded::Serializer::new(String::new())
        .append_pair("query", query)
        .append_pair("start", &seconds(from))
        .append_pair("end", &seconds(to))
        .append_pair("step", &step_secs.to_string())
        .finish();
    let mut headers = ask::headers(world, &server.headers).await?;
    headers.push(("Accept".to_owned(), "application/json".to_owned()));
    headers.push(("Content-Type".to_owned(), "application/x-www-form-urlencoded".to_owned()));
    // A query may be longer than an address can be.
    let request = Request {
        url: format!("{base}/api/v1/query_range"),
        method: "POST".to_owned(),
        headers,
        body: Some(text.into_bytes()),
        max_body_bytes: MAX_BODY,
        ..Request::default()
    };
    let answer = http::ask(request, server.timeout.0, cancel).await.map_err(Problem::from)?;
    if answer.is_cut {
        return Err(Problem::environment(msg!("monitor-answer-long", mb = MAX_BODY / 1_000_000)).code("answer-too-long"));
    }
    read(&answer.body, answer.status).map_err(|problem| problem.hint(msg!("monitor-query-hint", url = server.url.as_str())))
}

fn seconds(at: Timestamp) -> String {
    format!("{:.3}", at.as_millisecond() as f64 / 1000.0)
}

#[derive(Deserialize)]
struct Told {
    status: String,
    #[serde(default)]
    data: Option<Data>,
    #[serde(default)]
    error: String,
    #[serde(default)]
    warnings: Vec<String>,
}

#[derive(Deserialize)]
struct Data {
    #[serde(default)]
    result: Vec<Matrix>,
}

#[derive(Deserialize)]
struct Matrix {
    #[serde(default)]
    metric: std::collections::BTreeMap<String, String>,
    values: Vec<(f64, String)>,
}

/// What an answer says: its lines, each named by its labels, or the server's own words of what is wrong.
fn read(body: &[u8], status: u16) -> Result<Found, Problem> {
    let told: Told = serde_json::from_slice(body).map_err(|_| {
        let said: String = String::from_utf8_lossy(body).chars().take(300).collect();
        Problem::environment(msg!("monitor-no-prometheus", status = status))
            .code("no-prometheus")
            .details(SafeText::multiline(&said).into_string())
    })?;
    let Some(data) = told.data.filter(|_| told.status == "success") else {
        let said = SafeText::multiline(&told.error).into_string();
        return Err(Problem::user(msg!("monitor-query-wrong", why = said)).code("query"));
    };
    let series = data.result.into_iter().map(|line| {
        let mut labels = line.metric;
        let name = labels.remove("__name__").unwrap_or_default();
        let key = Read {
            name,
            labels: labels.into_iter().collect(),
            value: 0.0,
            is_counter: None,
        };
        let points = line.values.iter().filter_map(|(at, value)| {
            let value = super::metrics::number(value).filter(|value| value.is_finite())?;
            let at = Timestamp::from_millisecond((at * 1000.0).round() as i64).ok()?;
            Some(Point {
                at,
                min: value,
                mean: value,
                max: value,
            })
        });
        Series {
            name: SafeText::new(&key.key()).into_string(),
            points: points.collect(),
            summary: None,
        }
    });
    Ok(Found {
        series: series.collect(),
        warnings: told.warnings.iter().map(|text| SafeText::new(text).into_string()).collect(),
    })
}
