//! What a container engine holds, as plain data: images, containers, volumes, networks, disk use, and what is asked of it.

use super::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

/// The engine that answered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EngineInfo {
    /// `unix:///var/run/docker.sock`.
    pub host: String,
    /// `Docker Engine - Community`, `Podman Engine`; empty when it does not say.
    pub name: String,
    pub version: String,
    pub api_version: String,
    pub os: String,
    pub architecture: String,
}

/// An image, with or without a tag.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Image {
    /// `sha256:…`.
    pub id: String,
    /// `name:tag`; empty for one that lost its tag.
    pub tags: Vec<String>,
    pub created_at: Option<Timestamp>,
    pub bytes: u64,
    pub labels: BTreeMap<String, String>,
    /// Names of the containers made from it, running or not.
    pub users: Vec<String>,
    /// The image that it was built on here; empty when it was pulled or imported.
    pub parent: String,
}

impl Image {
    /// Its first tag, else the beginning of its id.
    pub fn name(&self) -> &str {
        self.tags.first().map_or_else(|| short_id(&self.id), String::as_str)
    }
}

/// One line of an image's history, newest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct HistoryRow {
    /// Empty or `<missing>` for what was made elsewhere.
    pub id: String,
    pub created_at: Option<Timestamp>,
    /// The instruction, as the engine keeps it.
    pub created_by: String,
    pub bytes: u64,
    pub comment: String,
    pub tags: Vec<String>,
}

/// A container, made here or elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ContainerRow {
    pub id: String,
    pub name: String,
    pub image: String,
    pub image_id: String,
    pub command: String,
    /// The engine's word: `running`, `exited`, `paused`, …
    pub state: String,
    /// For people: `Up 2 hours (healthy)`.
    pub status: String,
    pub created_at: Option<Timestamp>,
    /// `127.0.0.1:8080->80/tcp`.
    pub ports: Vec<String>,
    pub labels: BTreeMap<String, String>,
    /// `volume:/data` or `/host/path:/data`.
    pub mounts: Vec<String>,
    /// Named volumes that it uses.
    pub volumes: Vec<String>,
    pub networks: Vec<String>,
}

impl ContainerRow {
    pub fn is_running(&self) -> bool {
        matches!(self.state.as_str(), "running" | "paused" | "restarting")
    }

    /// The compose project it belongs to.
    pub fn project(&self) -> Option<&str> {
        label(&self.labels, LABEL_PROJECT)
    }

    pub fn service(&self) -> Option<&str> {
        label(&self.labels, LABEL_SERVICE)
    }
}

const LABEL_PROJECT: &str = "com.docker.compose.project";
const LABEL_SERVICE: &str = "com.docker.compose.service";
/// The folder that a compose project was started from.
pub const LABEL_FOLDER: &str = "com.docker.compose.project.working_dir";
/// Its files, parted by commas.
pub const LABEL_FILES: &str = "com.docker.compose.project.config_files";

fn label<'a>(labels: &'a BTreeMap<String, String>, name: &str) -> Option<&'a str> {
    labels.get(name).map(String::as_str).filter(|value| !value.is_empty())
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct VolumeRow {
    pub name: String,
    pub driver: String,
    pub mountpoint: String,
    pub created_at: Option<Timestamp>,
    pub labels: BTreeMap<String, String>,
    /// Names of the containers that use it, running or not.
    pub users: Vec<String>,
}

impl VolumeRow {
    /// Made for one container and named by 64 hexadecimal digits.
    pub fn is_anonymous(&self) -> bool {
        self.name.len() == 64 && self.name.bytes().all(|byte| byte.is_ascii_hexdigit())
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NetworkRow {
    pub id: String,
    pub name: String,
    pub driver: String,
    pub scope: String,
    /// `172.18.0.0/16`.
    pub subnets: Vec<String>,
    pub is_internal: bool,
    pub created_at: Option<Timestamp>,
    pub labels: BTreeMap<String, String>,
    /// Names of the running containers on it.
    pub users: Vec<String>,
    /// The engine's own: `bridge`, `host`, `none`, Swarm's `ingress`.
    pub is_builtin: bool,
}

/// Everything that the engine holds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Holdings {
    pub engine: EngineInfo,
    pub images: Vec<Image>,
    pub containers: Vec<ContainerRow>,
    pub volumes: Vec<VolumeRow>,
    pub networks: Vec<NetworkRow>,
}

/// What a name or id may stand for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Container,
    Image,
    Volume,
    Network,
    BuildCache,
}

impl Kind {
    /// The key of its word in the locales.
    pub fn key(self) -> &'static str {
        match self {
            Self::Container => "docker-kind-container",
            Self::Image => "docker-kind-image",
            Self::Volume => "docker-kind-volume",
            Self::Network => "docker-kind-network",
            Self::BuildCache => "docker-kind-build-cache",
        }
    }
}

/// Disk use of one kind, as `docker system df` counts it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DiskRow {
    pub kind: Kind,
    pub n: usize,
    /// In use.
    pub n_active: usize,
    pub bytes: u64,
    /// What would be freed if everything that is not in use were removed.
    pub reclaimable_bytes: u64,
    /// The largest things of the kind: name and bytes.
    pub largest: Vec<(String, u64)>,
}

/// Which unused things are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PruneWhat {
    /// Every image without a container, not only those without a tag.
    pub all_images: bool,
    /// Also volumes that no container uses: their data is lost.
    pub volumes: bool,
}

/// One thing that pruning removes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PruneItem {
    pub kind: Kind,
    pub id: String,
    pub name: String,
    /// What the engine says that it takes alone; 0 for what shares all with others.
    pub bytes: u64,
    /// Goes with an image that was built on it.
    pub follows: bool,
    /// The names of an image: one that got another since is not what was meant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// When a volume was made, which has no id: one that was made later under the same name is not what was meant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub made_at: Option<Timestamp>,
}

/// Exactly what pruning would remove now, in the order of removal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PrunePlan {
    pub what: PruneWhat,
    pub items: Vec<PruneItem>,
    pub bytes: u64,
}

/// A container to be made.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct RunSpec {
    pub image: String,
    pub name: Option<String>,
    /// Instead of the image's own.
    pub command: Vec<String>,
    pub entrypoint: Option<Vec<String>>,
    /// `8080:80`, `127.0.0.1:8080:80/udp`, `80`.
    pub ports: Vec<String>,
    /// `NAME=value`.
    pub env: Vec<String>,
    /// `volume:/data`, `/host/path:/data:ro`.
    pub volumes: Vec<String>,
    pub network: Option<String>,
    /// `no`, `on-failure`, `always`, `unless-stopped`.
    pub restart: Option<String>,
    pub workdir: Option<String>,
    pub user: Option<String>,
    pub labels: BTreeMap<String, String>,
    pub privileged: bool,
    /// Removed by the engine when it ends.
    pub auto_remove: bool,
    /// What reaches out of the container was seen and is wanted.
    pub allow_host: bool,
}

/// A service to be made or changed, as Swarm rolls it out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServiceSpec {
    pub name: String,
    /// Of the service alone: changing them starts nothing anew.
    pub labels: BTreeMap<String, String>,
    pub image: String,
    /// Instead of the image's own.
    pub command: Vec<String>,
    /// `NAME=value`.
    pub env: Vec<String>,
    pub container_labels: BTreeMap<String, String>,
    pub user: Option<String>,
    /// Name of a volume, and where it is.
    pub volumes: Vec<(String, String)>,
    pub secrets: Vec<ServiceSecret>,
    pub networks: Vec<String>,
    pub constraints: Vec<String>,
    pub replicas: u32,
    pub port: Option<ServicePort>,
    pub stop_grace: Duration,
    /// Tasks that are replaced at once; 0 means all.
    pub parallelism: u32,
    /// Between two batches.
    pub delay: Duration,
    /// A task that ends within it makes the update fail.
    pub monitor: Duration,
    /// The new task is there before the old one goes.
    pub starts_first: bool,
}

/// A secret of the swarm as a file in `/run/secrets`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServiceSecret {
    pub id: String,
    pub name: String,
    pub file: String,
}

/// Where a service is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ServicePort {
    pub inside: u16,
    /// None lets the engine choose one.
    pub published: Option<u16>,
    /// At the nodes that have a task, instead of at every node.
    pub on_host: bool,
}

/// What an engine is in a swarm.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SwarmSeen {
    pub node: String,
    pub is_manager: bool,
    pub n_nodes: u32,
}

/// A service as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceSeen {
    pub id: String,
    /// Of its specification; a change names the one that it was made from.
    pub index: u64,
    pub labels: BTreeMap<String, String>,
    pub replicas: u32,
    pub image: String,
    /// `updating`, `completed`, `paused`, `rollback_started`, `rollback_completed`, `rollback_paused`, or nothing.
    pub update: String,
    pub update_note: String,
}

/// A service with how much of it runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServiceNow {
    pub name: String,
    pub labels: BTreeMap<String, String>,
    pub image: String,
    pub n_running: u32,
    pub n_wanted: u32,
    /// Why none of its tasks runs, where Swarm says so.
    pub error: String,
}

/// A task of a service.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaskSeen {
    pub id: String,
    pub slot: u32,
    pub node: String,
    pub image: String,
    pub labels: BTreeMap<String, String>,
    /// `running`, `shutdown`.
    pub wanted: String,
    /// `pending`, `running`, `failed`, `rejected`, `shutdown`, …
    pub state: String,
    pub error: String,
    pub container: Option<String>,
    pub pid: Option<u32>,
    pub exit_code: Option<i64>,
    /// Of its node.
    pub port: Option<u16>,
}

impl TaskSeen {
    /// It shall run and does.
    pub fn is_running(&self) -> bool {
        self.wanted == "running" && self.state == "running"
    }

    /// It came to no good end.
    pub fn has_failed(&self) -> bool {
        matches!(self.state.as_str(), "failed" | "rejected")
    }
}

/// An image to be built with the engine's classic builder.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct BuildSpec {
    /// The build context.
    pub folder: PathBuf,
    /// Relative to the folder; `Dockerfile` when not given.
    pub dockerfile: Option<PathBuf>,
    pub tags: Vec<String>,
    pub args: BTreeMap<String, String>,
    pub labels: BTreeMap<String, String>,
    pub target: Option<String>,
    pub no_cache: bool,
    pub pull: bool,
    /// Files that lie on top of the folder's: where in the context, and where each is.
    pub over: BTreeMap<PathBuf, PathBuf>,
    /// Of the folder, left out whatever `.dockerignore` says.
    pub without: Vec<PathBuf>,
}

/// How a step of a build stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepState {
    #[default]
    Running,
    /// Taken from the cache.
    Cached,
    Done,
    Failed,
}

/// One step of a build.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BuildStep {
    /// From 1.
    pub number: u32,
    pub total: u32,
    /// `RUN make`.
    pub instruction: String,
    /// In the Dockerfile, from 1.
    pub line: Option<u32>,
    pub state: StepState,
    pub duration_ms: u64,
    /// The layer's image, short.
    pub image: String,
}

/// What a container needs at one moment.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stats {
    pub container: String,
    pub at: Timestamp,
    /// 100 is one core; None at the first look.
    pub cpu_percent: Option<f64>,
    pub memory_bytes: u64,
    pub memory_limit_bytes: Option<u64>,
    pub received_bytes: u64,
    pub sent_bytes: u64,
    pub read_bytes: u64,
    pub written_bytes: u64,
    pub n_processes: u64,
}

/// The processes of a container, as its `ps` shows them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Top {
    pub titles: Vec<String>,
    pub processes: Vec<Vec<String>>,
}

/// The first twelve digits of an id.
pub fn short_id(id: &str) -> &str {
    let id = id.strip_prefix("sha256:").unwrap_or(id);
    id.get(..12).unwrap_or(id)
}
