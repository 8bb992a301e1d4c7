//! Everything that the engine holds, read leniently: what a field should say and does not is empty, never an error.

use super::{Engine, Fault, moment, moment_of};
use crate::base::SafeText;
use crate::base::docker::{ContainerRow, EngineInfo, Holdings, Image, NetworkRow, VolumeRow};
use futures::StreamExt as _;
use futures::stream::BoxStream;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use std::collections::BTreeMap;

/// Things of one kind that are taken in; what comes behind is left out.
const MAX_THINGS: usize = 20_000;

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct RawVersion {
    platform: RawPlatform,
    version: String,
    api_version: String,
    os: String,
    arch: String,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct RawPlatform {
    name: String,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct RawImage {
    pub(super) id: String,
    pub(super) parent_id: String,
    pub(super) repo_tags: Vec<String>,
    pub(super) created: i64,
    pub(super) size: i64,
    pub(super) shared_size: i64,
    pub(super) labels: BTreeMap<String, String>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct RawContainer {
    pub(super) id: String,
    names: Vec<String>,
    image: String,
    #[serde(rename = "ImageID")]
    image_id: String,
    command: String,
    created: i64,
    ports: Vec<RawPort>,
    labels: BTreeMap<String, String>,
    state: String,
    status: String,
    network_settings: RawNetworks,
    mounts: Vec<RawMount>,
    pub(super) size_rw: i64,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct RawPort {
    #[serde(rename = "IP")]
    ip: String,
    private_port: u16,
    public_port: u16,
    #[serde(rename = "Type")]
    protocol: String,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct RawNetworks {
    networks: BTreeMap<String, Value>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct RawMount {
    #[serde(rename = "Type")]
    kind: String,
    name: String,
    source: String,
    destination: String,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct RawVolumes {
    volumes: Vec<RawVolume>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct RawVolume {
    pub(super) name: String,
    driver: String,
    mountpoint: String,
    created_at: String,
    labels: BTreeMap<String, String>,
    pub(super) usage_data: RawUsage,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
pub(super) struct RawUsage {
    pub(super) size: i64,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct RawNetwork {
    id: String,
    name: String,
    driver: String,
    scope: String,
    internal: bool,
    ingress: bool,
    created: String,
    labels: BTreeMap<String, String>,
    #[serde(rename = "IPAM")]
    ipam: RawIpam,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct RawIpam {
    config: Vec<RawSubnet>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct RawSubnet {
    subnet: String,
}

/// A list whose entries are each read for themselves: one that is odd is empty, the others stay.
pub(super) fn rows<T: DeserializeOwned + Default>(value: Value) -> Vec<T> {
    let Value::Array(all) = value else { return Vec::new() };
    let read = |value| serde_json::from_value(value).unwrap_or_default();
    all.into_iter().take(MAX_THINGS).map(read).collect()
}

fn safe(text: &str) -> String {
    SafeText::new(text).into_string()
}

fn safe_map(map: BTreeMap<String, String>) -> BTreeMap<String, String> {
    map.into_iter().map(|(key, value)| (safe(&key), safe(&value))).collect()
}

impl Engine {
    /// The engine itself: also the question whether it lives.
    pub async fn info(&self) -> Result<EngineInfo, Fault> {
        let client = self.client().await?;
        let told = self.within(self.time_limit, client.json("/version")).await?;
        let told: RawVersion = serde_json::from_value(told).unwrap_or_default();
        let host = self.endpoint.as_ref().map(super::Endpoint::current).unwrap_or_default();
        Ok(EngineInfo {
            host: safe(&host),
            name: safe(&told.platform.name),
            version: safe(&told.version),
            api_version: safe(&told.api_version),
            os: safe(&told.os),
            architecture: safe(&told.arch),
        })
    }

    /// One item whenever something happens in the engine; ends with an error when it is gone or silent.
    pub async fn events(&self) -> Result<BoxStream<'static, Result<(), Fault>>, Fault> {
        let client = self.client().await?;
        let told = client.events(None::<bollard::query_parameters::EventsOptions>);
        // One that can not be read is a happening too.
        let told = told.map(|event| match event {
            Ok(_) | Err(bollard::errors::Error::JsonDataError { .. }) => Ok(()),
            Err(error) => Err(error),
        });
        Ok(super::logs::living(self, client.allowance.clone(), told))
    }

    /// Everything, with who uses what.
    pub async fn holdings(&self) -> Result<Holdings, Fault> {
        let engine = self.info().await?;
        let client = self.client().await?;
        let asked = async {
            let containers = client.json("/containers/json?all=1").await?;
            let images = client.json("/images/json").await?;
            let volumes = client.json("/volumes").await?;
            let networks = client.json("/networks").await?;
            Ok((containers, images, volumes, networks))
        };
        let (containers, images, volumes, networks) = self.within(self.time_limit, asked).await?;
        let containers: Vec<ContainerRow> = rows::<RawContainer>(containers)
            .into_iter()
            .filter(|raw| !raw.id.is_empty())
            .map(container_row)
            .collect();
        let mut by_image: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        let mut by_volume: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        let mut by_network: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for row in &containers {
            by_image.entry(&row.image_id).or_default().push(row.name.clone());
            for volume in &row.volumes {
                by_volume.entry(volume).or_default().push(row.name.clone());
            }
            for network in row.networks.iter().filter(|_| row.is_running()) {
                by_network.entry(network).or_default().push(row.name.clone());
            }
        }
        let images = rows::<RawImage>(images).into_iter().filter(|raw| !raw.id.is_empty());
        let mut images: Vec<Image> = images
            .map(|raw| {
                let mut image = image(raw);
                image.users = by_image.remove(image.id.as_str()).unwrap_or_default();
                image
            })
            .collect();
        images.sort_by(|a, b| b.created_at.cmp(&a.created_at).then_with(|| a.name().cmp(b.name())));
        let volumes: RawVolumes = serde_json::from_value(volumes).unwrap_or_default();
        let volumes = volumes.volumes.into_iter().take(MAX_THINGS);
        let mut volumes: Vec<VolumeRow> = volumes
            .map(|raw| VolumeRow {
                users: by_volume.remove(raw.name.as_str()).unwrap_or_default(),
                name: safe(&raw.name),
                driver: safe(&raw.driver),
                mountpoint: safe(&raw.mountpoint),
                created_at: moment(&raw.created_at),
                labels: safe_map(raw.labels),
            })
            .collect();
        volumes.sort_by(|a, b| a.name.cmp(&b.name));
        let mut networks: Vec<NetworkRow> = rows::<RawNetwork>(networks)
            .into_iter()
            .map(|raw| NetworkRow {
                users: by_network.remove(raw.name.as_str()).unwrap_or_default(),
                is_builtin: matches!(raw.name.as_str(), "bridge" | "host" | "none" | "podman") || raw.ingress,
                id: safe(&raw.id),
                name: safe(&raw.name),
                driver: safe(&raw.driver),
                scope: safe(&raw.scope),
                subnets: raw.ipam.config.iter().map(|config| safe(&config.subnet)).collect(),
                is_internal: raw.internal,
                created_at: moment(&raw.created),
                labels: safe_map(raw.labels),
            })
            .collect();
        networks.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(Holdings {
            engine,
            images,
            containers,
            volumes,
            networks,
        })
    }
}

pub(super) fn image(raw: RawImage) -> Image {
    Image {
        id: safe(&raw.id),
        tags: raw
            .repo_tags
            .iter()
            .filter(|tag| *tag != "<none>:<none>")
            .map(|tag| safe(tag))
            .collect(),
        created_at: moment_of(raw.created),
        bytes: raw.size.try_into().unwrap_or(0),
        labels: safe_map(raw.labels),
        users: Vec::new(),
        parent: safe(&raw.parent_id),
    }
}

pub(super) fn container_row(raw: RawContainer) -> ContainerRow {
    let mut ports: Vec<String> = raw.ports.iter().map(port).collect();
    // Published on IPv4 and on IPv6 is said once.
    ports.sort();
    ports.dedup();
    let volumes = raw.mounts.iter().filter(|mount| mount.kind == "volume");
    ContainerRow {
        name: safe(raw.names.first().map_or("", |name| name.trim_start_matches('/'))),
        image: safe(&raw.image),
        image_id: safe(&raw.image_id),
        command: safe(&raw.command),
        state: safe(&raw.state),
        status: safe(&raw.status),
        created_at: moment_of(raw.created),
        ports,
        volumes: volumes.map(|mount| mount.name.clone()).collect(),
        mounts: raw.mounts.iter().map(mount).collect(),
        networks: raw.network_settings.networks.into_keys().map(|name| safe(&name)).collect(),
        labels: safe_map(raw.labels),
        id: safe(&raw.id),
    }
}

fn port(raw: &RawPort) -> String {
    let inside = format!("{}/{}", raw.private_port, safe(&raw.protocol));
    match (raw.public_port, raw.ip.as_str()) {
        (0, _) => inside,
        (public, "" | "0.0.0.0" | "::") => format!("{public}->{inside}"),
        (public, ip) => format!("{}:{public}->{inside}", safe(ip)),
    }
}

fn mount(raw: &RawMount) -> String {
    let source = if raw.kind == "volume" { &raw.name } else { &raw.source };
    format!("{}:{}", safe(source), safe(&raw.destination))
}
