//! Which engine containers are in: that of this machine, or one of another machine, whose socket comes over the user's own ssh.

use super::super::Site;
use crate::adapters::World;
use crate::adapters::docker::{Engine, Fault};
use crate::adapters::ssh::{self, Call, Forward, is_silence};
use crate::adapters::store::instances::InstanceRow;
use crate::areas::devops::project;
use crate::base::Problem;
use crate::base::docker::Kind;
use crate::msg;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

/// Where engines listen.
const SOCKET: &str = "/var/run/docker.sock";

/// Another machine's engine; stands in the rows of its containers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handle {
    /// As the user's ssh knows it.
    pub host: String,
    /// Where the engine listens there.
    pub socket: String,
}

impl Handle {
    pub(super) fn of(target: &project::Target) -> Option<Self> {
        let project::Target::Docker {
            host: Some(host),
            socket,
            ..
        } = target
        else {
            return None;
        };
        Some(Self {
            host: host.clone(),
            socket: socket.clone().unwrap_or_else(|| SOCKET.to_owned()),
        })
    }
}

/// An engine that can be spoken to now.
pub struct Place {
    pub engine: Engine,
    host: Option<String>,
    /// The way there.
    _forward: Option<Forward>,
}

impl Place {
    pub(in crate::areas::deploy::targets) async fn of(site: &Site) -> Result<Self, Problem> {
        Self::open(&site.world, Handle::of(&site.inputs.target)).await
    }

    pub async fn of_row(world: &World, instance: &InstanceRow) -> Result<Self, Problem> {
        Self::open(world, super::handle(instance)).await
    }

    async fn open(world: &World, handle: Option<Handle>) -> Result<Self, Problem> {
        let Some(handle) = handle else {
            return Ok(Self {
                engine: world.docker().clone(),
                host: None,
                _forward: None,
            });
        };
        let never = CancellationToken::new();
        let connection = world.ssh().connect(&handle.host, &never).await?;
        let forward = connection.forward(&handle.socket, &never).await?;
        Ok(Self {
            engine: Engine::at(&format!("unix://{}", forward.path().display())),
            host: Some(handle.host),
            _forward: Some(forward),
        })
    }

    /// Of another machine's engine that is not heard nothing is known.
    pub(super) fn told(&self, fault: &Fault) -> Problem {
        self.problem(fault.problem())
    }

    pub(super) fn problem(&self, problem: Problem) -> Problem {
        let is_away = matches!(&*problem.code, "no-engine" | "engine-silent" | "engine-broken");
        match &self.host {
            Some(host) if is_away && !is_silence(&problem) => {
                let words = problem.details.clone();
                let lost = Problem {
                    summary: msg!("docker-host-away", host = host.as_str()),
                    ..ssh::lost(host)
                };
                lost.details(words).hint(msg!("docker-host-away-hint", host = host.as_str()))
            }
            _ => problem,
        }
    }

    pub(super) async fn inspect(&self, id: &str) -> Result<Value, Fault> {
        self.engine.inspect(Kind::Container, id).await
    }
}

/// Whether somebody listens there on that port of its own address.
pub(super) async fn is_port_taken(world: &World, host: &str, port: u16) -> Result<bool, Problem> {
    let never = CancellationToken::new();
    let connection = world.ssh().connect(host, &never).await?;
    let port = port.to_string();
    let knock = [
        "timeout",
        "5",
        "bash",
        "-c",
        "exec 3<>\"/dev/tcp/127.0.0.1/$1\"",
        "bash",
        &port,
    ];
    let output = connection.run(Call::new(&knock), &never).await?;
    Ok(output.exit.is_success())
}
