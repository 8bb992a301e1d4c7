//! The engine's classic builder: the context goes there, what it says comes back while it works.

use super::logs::living;
use super::{Engine, Fault, context};
use crate::base::Problem;
use crate::base::docker::BuildSpec;
use bollard::query_parameters::{BuildImageOptions, BuilderVersion};
use futures::StreamExt as _;
use std::path::PathBuf;
use tokio::sync::mpsc;

/// What the builder says.
#[derive(Clone, Debug, PartialEq)]
pub enum BuildEvent {
    /// Its words, as they come: pieces of lines too.
    Text(String),
    /// What it does to a layer while it pulls.
    Status {
        id: String,
        status: String,
        done: u64,
        total: Option<u64>,
    },
}

/// How a build ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Build {
    /// `sha256:…` of the image.
    pub image: String,
}

impl Engine {
    /// Builds and tells; the error of a step is a `Fault::Refused` with the builder's words.
    pub async fn build(&self, spec: &BuildSpec, on: mpsc::Sender<BuildEvent>) -> Result<Build, Problem> {
        let client = self.client().await.map_err(|fault| fault.problem())?;
        let dockerfile = spec.dockerfile.clone().unwrap_or_else(|| PathBuf::from("Dockerfile"));
        let options = BuildImageOptions {
            dockerfile: dockerfile.to_string_lossy().into_owned(),
            t: spec.tags.first().cloned(),
            nocache: spec.no_cache,
            pull: spec.pull.then(|| "true".to_owned()),
            rm: true,
            forcerm: true,
            buildargs: (!spec.args.is_empty()).then(|| spec.args.clone().into_iter().collect()),
            labels: (!spec.labels.is_empty()).then(|| spec.labels.clone().into_iter().collect()),
            target: spec.target.clone().unwrap_or_default(),
            version: BuilderVersion::BuilderV1,
            ..BuildImageOptions::default()
        };
        let (to, from) = mpsc::channel(4);
        let sender = Sender::start(spec.clone(), dockerfile, to);
        let body = futures::stream::unfold(from, |mut from| async move { Some((from.recv().await?, from)) });
        let told = client.build_image(options, None, Some(bollard::body_try_stream(body)));
        let mut told = living(self, client.allowance.clone(), told);
        let mut image = String::new();
        let mut failed = None;
        while let Some(info) = told.next().await {
            let info = match info {
                Ok(info) => info,
                Err(fault) => {
                    failed = Some(fault);
                    break;
                }
            };
            if let Some(detail) = info.error_detail {
                failed = Some(Fault::Refused {
                    status: 0,
                    why: detail.message.unwrap_or_default(),
                });
                break;
            }
            if let Some(id) = info.aux.and_then(|aux| aux.id) {
                image = id;
            }
            if let Some(text) = info.stream {
                on.send(BuildEvent::Text(text)).await.ok();
            } else if let Some(status) = info.status {
                let detail = info.progress_detail;
                let number = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok());
                let event = BuildEvent::Status {
                    id: info.id.unwrap_or_default(),
                    status,
                    done: number(detail.as_ref().and_then(|detail| detail.current)).unwrap_or(0),
                    total: number(detail.as_ref().and_then(|detail| detail.total)),
                };
                on.send(event).await.ok();
            }
        }
        drop(told);
        // A context that could not be read explains the rest.
        sender.end().await?;
        if let Some(fault) = failed {
            return Err(fault.problem());
        }
        for more in spec.tags.iter().skip(1) {
            self.tag(&image, more).await.map_err(|fault| fault.problem())?;
        }
        Ok(Build { image })
    }
}

/// The thread that reads the context.
struct Sender(tokio::task::JoinHandle<Result<(), Problem>>);

impl Sender {
    fn start(spec: BuildSpec, dockerfile: PathBuf, to: mpsc::Sender<std::io::Result<hyper::body::Bytes>>) -> Self {
        Self(tokio::task::spawn_blocking(move || {
            let sent = context::send(&spec, &dockerfile, &to);
            if sent.is_err() && !to.is_closed() {
                // The engine must not take half a context for a whole one.
                drop(to.blocking_send(Err(std::io::ErrorKind::InvalidData.into())));
                return sent;
            }
            Ok(())
        }))
    }

    async fn end(self) -> Result<(), Problem> {
        self.0.await.unwrap_or(Ok(()))
    }
}
