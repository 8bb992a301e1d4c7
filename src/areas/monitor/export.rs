//! Metrics of what is watched, for others to scrape: on loopback, only when the user asks for it.

use super::watch::watched;
use super::{Update, alerts, answer, metrics, subjects};
use crate::adapters::World;
use crate::adapters::exporter::{Exporter, Source};
use crate::areas::JobCtx;
use crate::base::{Problem, Workspace};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Ended when it is dropped.
pub(super) struct Exporting(CancellationToken);

impl Drop for Exporting {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Tells the metrics of what is watched, whoever watches it.
pub(super) async fn export(cx: &JobCtx, world: &World, workspaces: &[Workspace], address: &str) -> Result<Exporting, Problem> {
    let exporter = Exporter::bind(address).await?;
    let (told_of, asked_for) = (world.clone(), workspaces.to_vec());
    let source: Source = Arc::new(move || {
        let (world, asked_for) = (told_of.clone(), asked_for.clone());
        Box::pin(async move { told(&world, &asked_for).await.unwrap_or_default() })
    });
    cx.update(Update::Listening {
        address: format!("http://{}/metrics", exporter.address()),
    })
    .await;
    let stop = CancellationToken::new();
    tokio::spawn(exporter.serve(source, stop.clone()));
    Ok(Exporting(stop))
}

async fn told(world: &World, asked_for: &[Workspace]) -> Result<String, Problem> {
    let mut all = Vec::new();
    for workspace in watched(world, asked_for).await? {
        let (found, _) = subjects::checks(world, &workspace).await?;
        let (alerts, _) = alerts::find(world, &workspace).await?;
        all.push(metrics::Told {
            checks: answer::stand_all(world, &found).await?,
            alerts,
            workspace: workspace.name,
        });
    }
    let samples = world.store().samples();
    Ok(metrics::text(&all, samples.bytes().await?))
}
