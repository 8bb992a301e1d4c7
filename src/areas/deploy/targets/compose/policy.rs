//! What a compose project reaches out of its containers with, found in its files as they stand and as they are resolved.

use crate::adapters::files;
use crate::areas::build::ci::yaml::{self, Node};
use crate::areas::devops::project::Allow;
use crate::base::Problem;
use crate::msg;
use std::path::{Component, Path, PathBuf};

/// A service as its file tells of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Service {
    pub(super) name: String,
    /// Containers of it.
    pub(super) n: u32,
    pub(super) has_ports: bool,
    /// Its image is built.
    pub(super) is_built: bool,
    pub(super) image: Option<String>,
}

/// A folder or file of this machine that a service sees.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Bind {
    pub(super) service: String,
    pub(super) source: PathBuf,
    /// Where it lies in the container, with what is said of it: `/data:ro`.
    pub(super) rest: String,
}

impl Bind {
    fn of(service: &str, volume: &Node) -> Option<Self> {
        let text = |key: &str| volume.get(key).and_then(Node::text);
        let (source, rest) = match volume.text() {
            Some(short) => {
                let (source, rest) = short.split_once(':')?;
                (source.to_owned(), rest.to_owned())
            }
            None if text("type").as_deref() == Some("bind") => {
                let more = |key: &str| volume.get("bind").and_then(|bind| bind.get(key)).and_then(Node::text);
                let is_read_only = volume.get("read_only").and_then(Node::truth) == Some(true);
                let words = [is_read_only.then(|| "ro".to_owned()), more("selinux"), more("propagation")];
                let words: Vec<String> = words.into_iter().flatten().collect();
                let mut rest = text("target")?;
                if !words.is_empty() {
                    rest = format!("{rest}:{}", words.join(","));
                }
                (text("source")?, rest)
            }
            None => return None,
        };
        let source = PathBuf::from(source);
        source.is_absolute().then(|| Self {
            service: service.to_owned(),
            source,
            rest,
        })
    }

    pub(super) fn is_read_only(&self) -> bool {
        let mode = self.rest.split_once(':').map_or("", |(_, mode)| mode);
        mode.split(',').any(|word| word == "ro")
    }
}

/// One file of a project.
pub(super) struct File(Node);

impl File {
    pub(super) fn read(text: &str) -> Result<Self, Problem> {
        let read = yaml::read(text);
        read.map(Self).map_err(|flaw| {
            Problem::config(msg!("compose-no-yaml", line = flaw.line.to_string()))
                .code("yaml")
                .details(flaw.why)
        })
    }

    /// In the order of the file; those of a profile are not started by themselves.
    pub(super) fn services(&self) -> Vec<Service> {
        let services = self.0.get("services").map(Node::entries).unwrap_or_default();
        let is_started = |node: &Node| node.get("profiles").is_none_or(|profiles| profiles.texts().is_empty());
        services
            .iter()
            .filter(|(_, node)| is_started(node))
            .map(|(name, node)| {
                let replicas = node.get("deploy").and_then(|deploy| deploy.get("replicas"));
                let n = node.get("scale").or(replicas).and_then(Node::text);
                Service {
                    name: name.text.clone(),
                    n: n.and_then(|n| n.parse().ok()).unwrap_or(1),
                    has_ports: node.get("ports").is_some_and(|ports| !ports.items().is_empty()),
                    image: node.get("image").and_then(Node::text),
                    is_built: node.get("build").is_some_and(|build| !build.is_null()),
                }
            })
            .collect()
    }

    /// Of a file as compose resolves it.
    pub(super) fn binds(&self) -> Vec<Bind> {
        let mut found = Vec::new();
        for (name, service) in self.0.get("services").map(Node::entries).unwrap_or_default() {
            let volumes = service.get("volumes").map(Node::items).unwrap_or_default();
            found.extend(volumes.iter().filter_map(|volume| Bind::of(&name.text, volume)));
        }
        found
    }

    pub(super) fn version(&self) -> Option<String> {
        self.0.get("version").and_then(Node::text)
    }

    /// With what would allow each. `root` is the folder of the version's own files, without links; None: paths are looked at as they are written.
    pub(super) fn reaches_out(&self, root: Option<&Path>) -> Vec<(Allow, String)> {
        let mut found = Vec::new();
        for (name, service) in self.0.get("services").map(Node::entries).unwrap_or_default() {
            let mut add = |allow: Allow, what: String| found.push((allow, format!("{}: {what}", name.text)));
            of_service(service, root, &mut add);
        }
        for (name, volume) in self.0.get("volumes").map(Node::entries).unwrap_or_default() {
            let device = volume
                .get("driver_opts")
                .and_then(|opts| opts.get("device"))
                .and_then(Node::text);
            if let Some(device) = device.filter(|device| leads_out(device, root)) {
                found.push((Allow::HostMounts, format!("{}: {device}", name.text)));
            }
        }
        for kind in ["configs", "secrets"] {
            for (name, given) in self.0.get(kind).map(Node::entries).unwrap_or_default() {
                let file = given.get("file").and_then(Node::text);
                if let Some(file) = file.filter(|file| leads_out(file, root)) {
                    found.push((Allow::HostMounts, format!("{}: {file}", name.text)));
                }
            }
        }
        found
    }
}

fn of_service(service: &Node, root: Option<&Path>, add: &mut dyn FnMut(Allow, String)) {
    let text = |key: &str| service.get(key).and_then(Node::text);
    let is_true = |node: Option<&Node>| node.and_then(Node::truth) == Some(true);
    if is_true(service.get("privileged")) {
        add(Allow::Privileged, "privileged: true".to_owned());
    }
    if is_true(service.get("build").and_then(|build| build.get("privileged"))) {
        add(Allow::Privileged, "build: privileged: true".to_owned());
    }
    for key in ["cap_add", "devices", "device_cgroup_rules", "security_opt"] {
        let all = service.get(key).map(Node::texts).unwrap_or_default();
        // What only takes away is no danger.
        let all: Vec<String> = all
            .into_iter()
            .filter(|word| !word.starts_with("no-new-privileges"))
            .collect();
        if !all.is_empty() {
            add(Allow::Privileged, format!("{key}: {}", all.join(", ")));
        }
    }
    for key in ["network_mode", "pid", "ipc", "uts", "userns_mode", "cgroup"] {
        let Some(mode) = text(key) else { continue };
        if mode == "host" || mode.starts_with("container:") {
            let allow = if key == "network_mode" {
                Allow::HostNetwork
            } else {
                Allow::Privileged
            };
            add(allow, format!("{key}: {mode}"));
        }
    }
    for other in service.get("volumes_from").map(Node::texts).unwrap_or_default() {
        if other.starts_with("container:") {
            add(Allow::HostMounts, format!("volumes_from: {other}"));
        }
    }
    for volume in service.get("volumes").map(Node::items).unwrap_or_default() {
        let short = volume.text();
        let source = match &short {
            Some(short) if short.contains(':') => short.split(':').next().map(str::to_owned),
            // A volume without a name.
            Some(_) => None,
            None => volume.get("source").and_then(Node::text),
        };
        let is_bind = volume.get("type").and_then(Node::text).is_some_and(|kind| kind == "bind");
        let Some(source) = source.filter(|source| is_bind || source.starts_with(['/', '.', '~', '$'])) else {
            continue;
        };
        if source.ends_with(".sock") {
            add(Allow::EngineSocket, short.unwrap_or(source));
        } else if leads_out(&source, root) {
            add(Allow::HostMounts, short.unwrap_or(source));
        }
    }
}

/// Whether a path of the machine's is not one of the version's own files. One with variables is judged when they are known.
fn leads_out(path: &str, root: Option<&Path>) -> bool {
    let path = Path::new(path);
    let Some(root) = root else {
        let is_up = path.components().any(|part| part == Component::ParentDir);
        return path.is_absolute() || path.starts_with("~") || is_up;
    };
    let whole = root.join(path);
    if !whole.starts_with(root) || whole.components().any(|part| part == Component::ParentDir) {
        return true;
    }
    // What is not there yet is made by the engine, below the nearest folder that is.
    let there = whole.ancestors().find_map(|path| files::canonicalize(path).ok());
    !there.is_some_and(|there| there.starts_with(root))
}
