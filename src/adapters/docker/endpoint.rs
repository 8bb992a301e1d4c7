//! Which engine is meant, as the `docker` command decides it: `DOCKER_HOST`, else `DOCKER_CONTEXT`, else the context that
//! `config.json` names, else the usual socket, or that of an engine without root (rootless Docker, Podman). Reads files only.

use crate::files;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// The socket of an engine that nothing else is said about.
pub(super) const USUAL: &str = "unix:///var/run/docker.sock";
/// Podman's socket for the whole machine.
const PODMAN: &str = "/run/podman/podman.sock";
const MAX_BYTES: u64 = 1 << 20;

/// An address and what is known of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Endpoint {
    pub(super) host: String,
    /// It wants certificates.
    pub(super) wants_tls: bool,
    /// Sockets to be asked in this order when the usual one is not there.
    pub(super) others: Vec<PathBuf>,
    /// The variable or the context that names it, when one does.
    pub(super) named_by: Option<String>,
}

impl Endpoint {
    /// Where the engine is now: one that is started later is found later.
    pub(super) fn current(&self) -> String {
        let is_there = self.host.strip_prefix("unix://").is_none_or(|path| Path::new(path).exists());
        let other = self.others.iter().find(|path| !is_there && path.exists());
        other.map_or_else(|| self.host.clone(), |path| format!("unix://{}", path.display()))
    }
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Config {
    current_context: String,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Meta {
    name: String,
    endpoints: BTreeMap<String, Address>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct Address {
    host: String,
}

/// The engine that these variables and files mean; Err is the name of a context that is not there.
pub(super) fn find(var: impl Fn(&str) -> Option<OsString>) -> Result<Endpoint, String> {
    let text = |name: &str| {
        var(name)
            .map(|value| value.to_string_lossy().into_owned())
            .filter(|value| !value.is_empty())
    };
    if let Some(host) = text("DOCKER_HOST") {
        let wants_tls = host.starts_with("tcp://") && text("DOCKER_TLS_VERIFY").is_some();
        return Ok(Endpoint {
            host,
            wants_tls,
            others: Vec::new(),
            named_by: Some("DOCKER_HOST".to_owned()),
        });
    }
    let usual = || {
        let of_user = |dir: String| ["docker.sock", "podman/podman.sock"].map(|name| Path::new(&dir).join(name));
        let mut others: Vec<PathBuf> = text("XDG_RUNTIME_DIR").map(of_user).into_iter().flatten().collect();
        others.push(PathBuf::from(PODMAN));
        Endpoint {
            host: USUAL.to_owned(),
            wants_tls: false,
            others,
            named_by: None,
        }
    };
    let home = || text("HOME").map(|home| PathBuf::from(home).join(".docker"));
    let Some(folder) = text("DOCKER_CONFIG").map(PathBuf::from).or_else(home) else {
        return Ok(usual());
    };
    let name = text("DOCKER_CONTEXT").or_else(|| {
        let config: Config = read(&folder.join("config.json"))?;
        Some(config.current_context)
    });
    match name.filter(|name| !name.is_empty() && name != "default") {
        None => Ok(usual()),
        Some(name) => of_context(&folder, &name).ok_or(name),
    }
}

/// Contexts stand in folders that are named by the SHA-256 of their names.
fn of_context(folder: &Path, name: &str) -> Option<Endpoint> {
    let key = files::sha256_of(name.as_bytes());
    let meta: Meta = read(&folder.join("contexts/meta").join(&key).join("meta.json"))?;
    let host = meta.endpoints.get("docker").map(|address| address.host.clone())?;
    let host = if host.is_empty() { USUAL.to_owned() } else { host };
    let wants_tls = host.starts_with("tcp://") && folder.join("contexts/tls").join(&key).join("docker").is_dir();
    (meta.name == name).then_some(Endpoint {
        host,
        wants_tls,
        others: Vec::new(),
        named_by: Some(name.to_owned()),
    })
}

/// A context of the `docker` command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DockerContext {
    pub name: String,
    pub host: String,
    pub wants_tls: bool,
    /// The one that the command would ask.
    pub is_current: bool,
}

/// Every context that was made, by name; the usual engine needs none.
pub fn contexts(var: impl Fn(&str) -> Option<OsString>) -> Vec<DockerContext> {
    let text = |name: &str| var(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let Some(folder) = text("DOCKER_CONFIG").or_else(|| Some(text("HOME")?.join(".docker"))) else {
        return Vec::new();
    };
    let config: Config = read(&folder.join("config.json")).unwrap_or_default();
    let current = var("DOCKER_CONTEXT").map_or(config.current_context, |name| name.to_string_lossy().into_owned());
    let mut all: Vec<DockerContext> = files::list_dir(&folder.join("contexts/meta"))
        .unwrap_or_default()
        .into_iter()
        .filter_map(|entry| {
            let meta: Meta = read(&entry.path.join("meta.json"))?;
            let endpoint = of_context(&folder, &meta.name)?;
            let name = crate::base::SafeText::new(&meta.name).into_string();
            Some(DockerContext {
                is_current: meta.name == current,
                name,
                host: crate::base::SafeText::new(&endpoint.host).into_string(),
                wants_tls: endpoint.wants_tls,
            })
        })
        .collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Option<T> {
    let text = files::read_text_if_there(path, MAX_BYTES).ok()??;
    serde_json::from_str(&text).ok()
}
