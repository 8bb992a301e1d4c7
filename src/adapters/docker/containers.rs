//! What is done to containers, and what is asked of one.

use super::{Engine, Fault, plain_ref};
use crate::base::SafeText;
use crate::base::docker::{Kind, Top};
use bollard::query_parameters::{KillContainerOptions, RemoveContainerOptions, RenameContainerOptions, TopOptions};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What is done to a container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ContainerAct {
    Start,
    Stop,
    Restart,
    /// With a signal's name, `KILL` as a rule.
    Kill(String),
    Pause,
    Unpause,
    /// With its anonymous volumes; `force` kills it before.
    Remove {
        force: bool,
    },
}

/// What the `docker` command waits for a container that does not say how long it may take to end.
const STOP_GRACE: Duration = Duration::from_secs(10);
/// One that may take for ever is waited for so long.
const LONGEST_GRACE: Duration = Duration::from_hours(1);

/// How a container is asked to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ending {
    /// `TERM`, or what its image says.
    pub signal: String,
    /// From there to KILL.
    pub grace: Duration,
}

impl Engine {
    /// What a container was made with; where it says nothing the time is that of the `docker` command, or `least` where that is longer.
    pub async fn ending(&self, id: &str, least: Duration) -> Result<Ending, Fault> {
        let told = self.inspect(Kind::Container, id).await?;
        let signal = told.pointer("/Config/StopSignal").and_then(serde_json::Value::as_str);
        let signal = signal.filter(|signal| !signal.is_empty()).unwrap_or("TERM");
        let grace = match told.pointer("/Config/StopTimeout").and_then(serde_json::Value::as_i64) {
            Some(secs) => u64::try_from(secs)
                .map_or(LONGEST_GRACE, Duration::from_secs)
                .min(LONGEST_GRACE),
            None => STOP_GRACE.max(least),
        };
        Ok(Ending {
            signal: SafeText::new(signal.strip_prefix("SIG").unwrap_or(signal)).into_string(),
            grace,
        })
    }

    pub async fn act(&self, id: &str, act: &ContainerAct, grace: Duration) -> Result<(), Fault> {
        let id = plain_ref(id)?;
        match act {
            ContainerAct::Start => return self.start(id).await,
            ContainerAct::Stop => return self.stop(id, grace).await,
            ContainerAct::Restart => return self.restart(id, grace).await,
            _ => {}
        }
        // Removing frees disk, which can take a while.
        let limit = self.time_limit * 6;
        let client = self.clone().time_limit(limit).client().await?;
        match act {
            ContainerAct::Kill(signal) => {
                let options = KillContainerOptions { signal: signal.clone() };
                self.within(limit, client.kill_container(id, Some(options))).await
            }
            ContainerAct::Pause => self.within(limit, client.pause_container(id)).await,
            ContainerAct::Unpause => self.within(limit, client.unpause_container(id)).await,
            ContainerAct::Remove { force } => {
                let options = RemoveContainerOptions {
                    v: true,
                    force: *force,
                    link: false,
                };
                self.within(limit, client.remove_container(id, Some(options))).await
            }
            ContainerAct::Start | ContainerAct::Stop | ContainerAct::Restart => Ok(()),
        }
    }

    pub async fn rename(&self, id: &str, name: &str) -> Result<(), Fault> {
        let client = self.client().await?;
        let options = RenameContainerOptions { name: name.to_owned() };
        self.within(self.time_limit, client.rename_container(plain_ref(id)?, options))
            .await
    }

    pub async fn top(&self, id: &str) -> Result<Top, Fault> {
        let client = self.client().await?;
        let asked = client.top_processes(plain_ref(id)?, None::<TopOptions>);
        let told = self.within(self.time_limit, asked).await?;
        let safe = |text: String| SafeText::new(&text).into_string();
        let row = |row: Vec<String>| row.into_iter().map(safe).collect();
        Ok(Top {
            titles: row(told.titles.unwrap_or_default()),
            processes: told.processes.unwrap_or_default().into_iter().map(row).collect(),
        })
    }

    /// Everything that the engine says of one thing, as it says it.
    pub async fn inspect(&self, kind: Kind, id: &str) -> Result<serde_json::Value, Fault> {
        let client = self.client().await?;
        let id = plain_ref(id)?;
        let path = match kind {
            Kind::Container => format!("/containers/{id}/json"),
            Kind::Image | Kind::BuildCache => format!("/images/{id}/json"),
            Kind::Volume => format!("/volumes/{id}"),
            Kind::Network => format!("/networks/{id}"),
        };
        self.within(self.time_limit, client.json(&path)).await
    }
}
