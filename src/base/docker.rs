//! What a container engine holds, as plain data: images, containers, volumes, networks, disk use, and what is asked of it.

use super::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

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
