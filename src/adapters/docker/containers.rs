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

impl Engine {
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
