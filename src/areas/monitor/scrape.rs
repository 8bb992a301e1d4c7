//! Asks one target for its metrics, and makes samples of them.

use super::history::sample;
use super::{ask, metrics};
use crate::adapters::World;
use crate::adapters::http::{self, Request};
use crate::adapters::store::samples::Sample;
use crate::areas::devops::project::Scrape;
use crate::base::{Problem, SafeText, Timestamp, WorkspaceId};
use crate::msg;
use tokio_util::sync::CancellationToken;

/// A target that answers with more is not read.
const MAX_BODY: u64 = 16 * 1024 * 1024;
/// Characters of a series with its labels; a longer one is left out.
const MAX_KEY: usize = 512;
/// Characters of a line that is no metric.
const MAX_SHOWN: usize = 60;

/// The beginning of the keys of what a target tells.
pub fn series(workspace: &WorkspaceId, scrape: &Scrape) -> String {
    let environment = scrape.environment.as_deref().unwrap_or("-");
    format!("workspace/{workspace}/scrape/{environment}/{}", scrape.name)
}

/// What one question brought.
#[derive(Debug, Default)]
pub struct Scraped {
    pub samples: Vec<Sample>,
    /// Why there are no metrics.
    pub problem: Option<Problem>,
    /// There are more than are kept.
    pub is_cut: Option<Problem>,
}

fn kinds_name(prefix: &str) -> String {
    format!("metric-kinds/{prefix}")
}

/// What a target told of its metrics when it was asked last; `prefix` as `series` gives it.
pub async fn kinds(world: &World, prefix: &str) -> Result<metrics::Kinds, Problem> {
    Ok(world.store().kv().get(&kinds_name(prefix)).await?.unwrap_or_default())
}

/// Written only where it is another than before: most names say what they are.
async fn keep_kinds(world: &World, prefix: &str, read: &[metrics::Read]) -> Result<(), Problem> {
    let told = metrics::Kinds::of(read);
    if kinds(world, prefix).await? == told {
        return Ok(());
    }
    world.store().kv().set(&kinds_name(prefix), &told).await
}

/// One question. `up` is 1 when it was answered, as Prometheus has it.
pub async fn once(world: &World, workspace: &WorkspaceId, scrape: &Scrape, cancel: &CancellationToken) -> Scraped {
    let prefix = series(workspace, scrape);
    let now = world.clock().now();
    let mut samples = Vec::new();
    let answer = match ask::headers(world, &scrape.headers).await {
        Ok(mut headers) => {
            let accepted = "application/openmetrics-text; version=1.0.0, text/plain; version=0.0.4; q=0.5";
            headers.push(("Accept".to_owned(), accepted.to_owned()));
            let request = Request {
                url: scrape.url.clone(),
                headers,
                max_body_bytes: MAX_BODY,
                ..Request::default()
            };
            http::ask(request, scrape.timeout.0, cancel).await.map_err(Problem::from)
        }
        Err(problem) => Err(problem),
    };
    if cancel.is_cancelled() {
        return Scraped::default();
    }
    let answer = answer.and_then(|answer| match answer.status {
        200 if answer.is_cut => Err(Problem::environment(msg!("monitor-scrape-long", mb = MAX_BODY / 1_000_000))),
        200 => read(&String::from_utf8_lossy(&answer.body)),
        status => Err(Problem::environment(msg!("monitor-scrape-status", status = status))),
    });
    let is_up = answer.is_ok();
    samples.push(sample(format!("{prefix}/up"), now, f64::from(u8::from(is_up))));
    let (mut problem, mut is_cut) = (None, None);
    match answer {
        Ok(read) => {
            // Where nothing can be written the samples say so.
            keep_kinds(world, &prefix, &read).await.ok();
            let wanted = wanted(read, scrape);
            let (n_all, n_kept) = (wanted.len(), scrape.max_series as usize);
            if n_all > n_kept {
                let words = msg!("monitor-scrape-many", name = &scrape.name, n = n_all, kept = n_kept);
                let hint = msg!("monitor-scrape-many-hint");
                is_cut = Some(Problem::config(words).code("left-out").hint(hint));
            }
            samples.extend(to_samples(&prefix, wanted, scrape, now));
        }
        Err(why) => {
            let words = msg!(
                "monitor-scrape-silent",
                name = &scrape.name,
                url = &scrape.url,
                why = world.texts().msg(&why.summary)
            );
            problem = Some(Problem::environment(words).code("no-metrics").details(why.details));
        }
    }
    Scraped {
        samples,
        problem,
        is_cut,
    }
}

/// The metrics of an answer. Where no line is one it comes from something else, and is no target that is up: a page that asks for a
/// name and a password, for one.
fn read(text: &str) -> Result<Vec<metrics::Read>, Problem> {
    let (read, n_wrong) = metrics::parse(text);
    if read.is_empty() && n_wrong > 0 {
        let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
        let first: String = first.trim().chars().take(MAX_SHOWN).collect();
        let line = SafeText::new(&first).into_string();
        return Err(Problem::environment(msg!("monitor-scrape-no-metrics", line = line)));
    }
    Ok(read)
}

/// What is kept of an answer.
pub fn kept(prefix: &str, read: Vec<metrics::Read>, scrape: &Scrape, at: Timestamp) -> Vec<Sample> {
    to_samples(prefix, wanted(read, scrape), scrape, at)
}

/// What is asked for of an answer, by its name with its labels.
fn wanted(read: Vec<metrics::Read>, scrape: &Scrape) -> Vec<(String, f64)> {
    read.into_iter()
        .filter(|one| scrape.keep.is_empty() || scrape.keep.iter().any(|start| one.name.starts_with(start.as_str())))
        .filter(|one| one.value.is_finite())
        .map(|one| (one.key(), one.value))
        .filter(|(key, _)| key.len() <= MAX_KEY)
        .collect()
}

fn to_samples(prefix: &str, wanted: Vec<(String, f64)>, scrape: &Scrape, at: Timestamp) -> Vec<Sample> {
    wanted
        .into_iter()
        .take(scrape.max_series as usize)
        .map(|(key, value)| sample(format!("{prefix}/{key}"), at, value))
        .collect()
}
