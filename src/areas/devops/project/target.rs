//! Where and how the instances of an environment run, as `chantier.toml` says it.

use super::{Span, five_secs, here, one};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use std::time::Duration;

/// Where and how an environment's instances run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Target {
    /// Processes on this machine.
    Process {
        run: Vec<String>,
        #[serde(default = "here")]
        dir: PathBuf,
        #[serde(default = "one")]
        instances: u32,
        /// Given to the first instance as PORT; each further one gets the next.
        #[serde(default)]
        port: Option<u16>,
        #[serde(default = "five_secs")]
        stop_grace: Span,
    },
    /// A unit of systemd on another machine, reached through the user's own ssh.
    Ssh {
        /// As the user's ssh knows it.
        host: String,
        /// The folder with the releases; None is `/opt/PROJECT`.
        #[serde(default)]
        dir: Option<PathBuf>,
        /// The unit's name; None is the project's.
        #[serde(default)]
        unit: Option<String>,
        /// A unit of the project's own instead of one that is made from what follows.
        #[serde(default)]
        unit_file: Option<PathBuf>,
        #[serde(default)]
        run: Vec<String>,
        /// Who it runs as; None is root.
        #[serde(default)]
        user: Option<String>,
        #[serde(default)]
        restart: Restart,
        /// Given to the unit as PORT.
        #[serde(default)]
        port: Option<u16>,
        #[serde(default = "five_secs")]
        stop_grace: Span,
        /// Releases kept on the host beside the current one.
        #[serde(default = "five")]
        keep: u32,
    },
    /// Containers of the engine that the `docker` command talks to.
    Docker {
        /// Another machine, as the user's ssh knows it, whose engine it is.
        #[serde(default)]
        host: Option<String>,
        /// Where its engine listens there; None is `/var/run/docker.sock`.
        #[serde(default)]
        socket: Option<String>,
        /// `shop:{version}`: what is there already, or what is built when `dockerfile` is given.
        image: String,
        /// Below the workspace, as it was at the version's commit, whose files are the context; the artifacts lie on top by their file names.
        #[serde(default)]
        dockerfile: Option<PathBuf>,
        /// Those that the Dockerfile takes.
        #[serde(default)]
        artifacts: Vec<String>,
        /// Instead of the image's own.
        #[serde(default)]
        command: Vec<String>,
        #[serde(default = "one")]
        instances: u32,
        /// Of the first instance, on this machine only; each further one gets the next.
        #[serde(default)]
        port: Option<u16>,
        /// Where it listens in its container, given as PORT; None means the same.
        #[serde(default)]
        inside_port: Option<u16>,
        /// `name:/data`.
        #[serde(default)]
        volumes: Vec<String>,
        /// `no`, `on-failure`, `always` or `unless-stopped`.
        #[serde(default)]
        restart: Option<String>,
        #[serde(default)]
        user: Option<String>,
        #[serde(default)]
        network: Option<String>,
        #[serde(default)]
        privileged: bool,
        /// What may reach out of the container.
        #[serde(default)]
        allow: Vec<Allow>,
        #[serde(default = "five_secs")]
        stop_grace: Span,
    },
    /// A compose project; each container of its services is an instance.
    Compose {
        /// Below the workspace, as they were at the version's commit, whose files are there beside them.
        #[serde(default = "compose_files")]
        files: Vec<PathBuf>,
        /// Those that lie on top of the commit's files.
        #[serde(default)]
        artifacts: Vec<String>,
        /// The project's name; None is made of workspace and environment.
        #[serde(default)]
        project: Option<String>,
        /// The service whose address the gates ask; None is the first one with ports.
        #[serde(default)]
        service: Option<String>,
        /// Given to the files as PORT.
        #[serde(default)]
        port: Option<u16>,
        /// What may reach out of the containers.
        #[serde(default)]
        allow: Vec<Allow>,
        #[serde(default = "five_secs")]
        stop_grace: Span,
    },
    /// A service of the swarm that the engine manages which the `docker` command talks to; each of its tasks is an instance.
    Swarm {
        /// `shop:{version}`: what is there already, or what is built when `dockerfile` is given.
        image: String,
        /// Below the workspace, as it was at the version's commit, whose files are the context; the artifacts lie on top by their file names.
        #[serde(default)]
        dockerfile: Option<PathBuf>,
        /// Those that the Dockerfile takes.
        #[serde(default)]
        artifacts: Vec<String>,
        /// The service's name; None is made of workspace and environment.
        #[serde(default)]
        service: Option<String>,
        /// Instead of the image's own.
        #[serde(default)]
        command: Vec<String>,
        #[serde(default = "one")]
        instances: u32,
        /// Where the service is reached; None with `publish = "host"` lets the engine choose one for each task.
        #[serde(default)]
        port: Option<u16>,
        #[serde(default)]
        publish: Publish,
        /// Where it listens in its container, given as PORT; None means the same.
        #[serde(default)]
        inside_port: Option<u16>,
        /// `name:/data`, a volume of the node.
        #[serde(default)]
        volumes: Vec<String>,
        /// Overlay networks of the swarm.
        #[serde(default)]
        networks: Vec<String>,
        /// Which nodes may have a task: `node.labels.disk == ssd`.
        #[serde(default)]
        constraints: Vec<String>,
        #[serde(default)]
        user: Option<String>,
        #[serde(default)]
        order: Order,
        #[serde(default = "five_secs")]
        stop_grace: Span,
    },
}

/// How a service of a swarm is reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Publish {
    /// At every node, by Swarm's own balancing.
    #[default]
    Ingress,
    /// At the nodes that have a task.
    Host,
}

/// What comes first when a task is replaced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    #[default]
    StopFirst,
    StartFirst,
}

/// When systemd starts a unit again that has ended (`Restart=`, systemd.service(5)).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Restart {
    No,
    #[default]
    OnFailure,
    Always,
}

impl Restart {
    pub fn word(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::OnFailure => "on-failure",
            Self::Always => "always",
        }
    }
}

/// What gives a container the machine, or much of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Allow {
    Privileged,
    HostNetwork,
    HostMounts,
    EngineSocket,
}

impl Allow {
    /// As it stands in the file.
    pub fn word(self) -> &'static str {
        match self {
            Self::Privileged => "privileged",
            Self::HostNetwork => "host_network",
            Self::HostMounts => "host_mounts",
            Self::EngineSocket => "engine_socket",
        }
    }
}

pub(super) fn five() -> u32 {
    5
}
fn compose_files() -> Vec<PathBuf> {
    vec!["compose.yaml".into()]
}

impl Target {
    /// As it stands in the file.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Process { .. } => "process",
            Self::Ssh { .. } => "ssh",
            Self::Docker { .. } => "docker",
            Self::Compose { .. } => "compose",
            Self::Swarm { .. } => "swarm",
        }
    }

    pub fn instances(&self) -> u32 {
        match self {
            Self::Process { instances, .. } | Self::Docker { instances, .. } | Self::Swarm { instances, .. } => *instances,
            Self::Ssh { .. } | Self::Compose { .. } => 1,
        }
    }

    /// Whether another number of instances can run there one by one, and lets it be so.
    pub fn set_instances(&mut self, n: u32) -> bool {
        match self {
            Self::Process { instances, .. } | Self::Docker { instances, .. } => {
                *instances = n;
                true
            }
            Self::Ssh { .. } | Self::Compose { .. } | Self::Swarm { .. } => false,
        }
    }

    /// The port of the first instance.
    pub fn port(&self) -> Option<u16> {
        match self {
            Self::Process { port, .. }
            | Self::Docker { port, .. }
            | Self::Ssh { port, .. }
            | Self::Compose { port, .. }
            | Self::Swarm { port, .. } => *port,
        }
    }

    /// The port of an instance, counted from 1; those of a service share one.
    pub fn port_of(&self, first: Option<u16>, n: u32) -> Option<u16> {
        match self {
            Self::Swarm { .. } => first,
            _ => first?.checked_add(n.saturating_sub(1) as u16),
        }
    }

    /// Moves its instances to other ports.
    pub fn set_port(&mut self, to: Option<u16>) {
        match self {
            Self::Process { port, .. }
            | Self::Docker { port, .. }
            | Self::Ssh { port, .. }
            | Self::Compose { port, .. }
            | Self::Swarm { port, .. } => *port = to,
        }
    }

    /// From the polite wish to end to the other one.
    pub fn stop_grace(&self) -> Duration {
        match self {
            Self::Process { stop_grace, .. }
            | Self::Docker { stop_grace, .. }
            | Self::Ssh { stop_grace, .. }
            | Self::Compose { stop_grace, .. }
            | Self::Swarm { stop_grace, .. } => stop_grace.0,
        }
    }

    /// Where words in braces are replaced.
    pub fn texts(&self) -> Vec<&str> {
        match self {
            Self::Process { run, .. } | Self::Ssh { run, .. } => run.iter().map(String::as_str).collect(),
            Self::Docker {
                image, command, volumes, ..
            }
            | Self::Swarm {
                image, command, volumes, ..
            } => std::iter::once(image)
                .chain(command)
                .chain(volumes)
                .map(String::as_str)
                .collect(),
            Self::Compose { .. } => Vec::new(),
        }
    }
}
