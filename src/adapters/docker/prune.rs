//! Disk use, and what nothing uses any more: named before, then removed one by one, exactly what was named.
//! The rules are those of `docker system prune` (moby, daemon/images/image_prune.go, image_delete.go).

use super::holdings::{RawContainer, RawImage, RawVolume, container_row, image, rows};
use super::{Engine, Fault, moment};
use crate::base::SafeText;
use crate::base::docker::{ContainerRow, DiskRow, Image, Kind, PruneItem, PrunePlan, PruneWhat};
use bollard::query_parameters::PruneBuildOptions;
use serde::Deserialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Adding up sizes makes the engine read disks.
const DISK_LIMIT: Duration = Duration::from_mins(1);
const LARGEST: usize = 5;

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct RawDisk {
    layers_size: u64,
    images: Value,
    containers: Value,
    volumes: Value,
    build_cache: Value,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct RawCache {
    #[serde(rename = "ID")]
    id: String,
    description: String,
    in_use: bool,
    shared: bool,
    size: u64,
}

/// What the engine says of sizes.
struct Disk {
    layers_bytes: u64,
    /// With the bytes that no other image shares.
    images: Vec<(Image, u64)>,
    containers: Vec<(ContainerRow, u64)>,
    volumes: Vec<(String, u64)>,
    cache: Vec<RawCache>,
}

impl Engine {
    async fn sizes(&self) -> Result<Disk, Fault> {
        let limit = self.time_limit.max(DISK_LIMIT);
        let client = self.client().await?;
        let told = self.within(limit, client.json("/system/df")).await?;
        let raw: RawDisk = serde_json::from_value(told).unwrap_or_default();
        let positive = |n: i64| u64::try_from(n).unwrap_or(0);
        let images = rows::<RawImage>(raw.images).into_iter().map(|raw| {
            let own = positive(raw.size).saturating_sub(positive(raw.shared_size));
            (image(raw), own)
        });
        let containers = rows::<RawContainer>(raw.containers).into_iter().map(|raw| {
            let bytes = positive(raw.size_rw);
            (container_row(raw), bytes)
        });
        let volumes = rows::<RawVolume>(raw.volumes)
            .into_iter()
            .map(|raw| (SafeText::new(&raw.name).into_string(), positive(raw.usage_data.size)));
        Ok(Disk {
            layers_bytes: raw.layers_size,
            images: images.collect(),
            containers: containers.collect(),
            volumes: volumes.collect(),
            cache: rows(raw.build_cache),
        })
    }

    /// Images, containers, volumes and build cache: how many, how large, and what could be freed.
    pub async fn disk(&self) -> Result<Vec<DiskRow>, Fault> {
        let sizes = self.sizes().await?;
        let used_images: BTreeSet<&str> = sizes.containers.iter().map(|(row, _)| row.image_id.as_str()).collect();
        let used_volumes: BTreeSet<&str> = sizes
            .containers
            .iter()
            .flat_map(|(row, _)| row.volumes.iter().map(String::as_str))
            .collect();
        let row = |kind, all: Vec<(String, u64, bool)>| {
            let mut largest: Vec<(String, u64)> = all.iter().map(|(name, bytes, _)| (name.clone(), *bytes)).collect();
            largest.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            largest.truncate(LARGEST);
            DiskRow {
                kind,
                n: all.len(),
                n_active: all.iter().filter(|(.., is_used)| *is_used).count(),
                bytes: all.iter().map(|(_, bytes, _)| bytes).sum(),
                reclaimable_bytes: all.iter().filter(|(.., is_used)| !is_used).map(|(_, bytes, _)| bytes).sum(),
                largest,
            }
        };
        let images = sizes.images.iter().map(|(image, own)| {
            let is_used = used_images.contains(image.id.as_str());
            (image.name().to_owned(), if is_used { image.bytes } else { *own }, is_used)
        });
        let mut images = row(Kind::Image, images.collect());
        // Layers that several images share count once.
        images.bytes = sizes.layers_bytes;
        let containers = sizes.containers.iter();
        let containers = containers.map(|(row, bytes)| (row.name.clone(), *bytes, row.is_running()));
        let volumes = sizes.volumes.iter();
        let volumes = volumes.map(|(name, bytes)| (name.clone(), *bytes, used_volumes.contains(name.as_str())));
        let cache = sizes.cache.iter();
        let cache = cache.map(|cache| (SafeText::new(&cache.description).into_string(), cache.size, cache.in_use));
        Ok(vec![
            images,
            row(Kind::Container, containers.collect()),
            row(Kind::Volume, volumes.collect()),
            row(Kind::BuildCache, cache.collect()),
        ])
    }

    /// What pruning would remove now, in the order of removal.
    pub async fn prune_plan(&self, what: PruneWhat) -> Result<PrunePlan, Fault> {
        let held = self.holdings().await?;
        let sizes = self.sizes().await?;
        let client = self.client().await?;
        let every_image = self.within(self.time_limit, client.json("/images/json?all=1")).await?;
        let mut items = Vec::new();
        let stopped: BTreeSet<&str> = held
            .containers
            .iter()
            .filter(|row| !row.is_running())
            .map(|row| row.id.as_str())
            .collect();
        let container_bytes: BTreeMap<&str, u64> = sizes
            .containers
            .iter()
            .map(|(row, bytes)| (row.id.as_str(), *bytes))
            .collect();
        for row in held.containers.iter().filter(|row| stopped.contains(row.id.as_str())) {
            items.push(PruneItem {
                kind: Kind::Container,
                id: row.id.clone(),
                name: row.name.clone(),
                bytes: container_bytes.get(row.id.as_str()).copied().unwrap_or(0),
                follows: false,
                tags: Vec::new(),
                made_at: None,
            });
        }
        let staying: Vec<&ContainerRow> = held
            .containers
            .iter()
            .filter(|row| !stopped.contains(row.id.as_str()))
            .collect();
        for network in held
            .networks
            .iter()
            .filter(|network| !network.is_builtin && network.scope == "local" && network.users.is_empty())
        {
            items.push(PruneItem {
                kind: Kind::Network,
                id: network.id.clone(),
                name: network.name.clone(),
                bytes: 0,
                follows: false,
                tags: Vec::new(),
                made_at: None,
            });
        }
        if what.volumes {
            let used: BTreeSet<&str> = staying
                .iter()
                .flat_map(|row| row.volumes.iter().map(String::as_str))
                .collect();
            let bytes: BTreeMap<&str, u64> = sizes.volumes.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
            for volume in held
                .volumes
                .iter()
                .filter(|volume| volume.driver == "local" && !used.contains(volume.name.as_str()))
            {
                items.push(PruneItem {
                    kind: Kind::Volume,
                    id: volume.name.clone(),
                    name: volume.name.clone(),
                    bytes: bytes.get(volume.name.as_str()).copied().unwrap_or(0),
                    follows: false,
                    tags: Vec::new(),
                    made_at: volume.created_at,
                });
            }
        }
        let used: BTreeSet<String> = staying.iter().map(|row| row.image_id.clone()).collect();
        let every: Vec<Image> = rows::<RawImage>(every_image).into_iter().map(image).collect();
        let own: BTreeMap<&str, u64> = sizes.images.iter().map(|(image, own)| (image.id.as_str(), *own)).collect();
        for (image, follows) in unused_images(&every, &used, what.all_images) {
            items.push(PruneItem {
                kind: Kind::Image,
                id: image.id.clone(),
                name: image.name().to_owned(),
                bytes: own.get(image.id.as_str()).copied().unwrap_or(0),
                follows,
                tags: image.tags.clone(),
                made_at: None,
            });
        }
        for cache in sizes.cache.iter().filter(|cache| !cache.in_use) {
            items.push(PruneItem {
                kind: Kind::BuildCache,
                id: SafeText::new(&cache.id).into_string(),
                name: SafeText::new(&cache.description).into_string(),
                bytes: if cache.shared { 0 } else { cache.size },
                follows: false,
                tags: Vec::new(),
                made_at: None,
            });
        }
        let bytes = items.iter().map(|item| item.bytes).sum();
        Ok(PrunePlan { what, items, bytes })
    }

    /// Removes one thing of a plan, and nothing else. What is in use by now is refused by the engine, and stays.
    pub async fn prune_one(&self, item: &PruneItem) -> Result<(), Fault> {
        match item.kind {
            Kind::Container => {
                // Its anonymous volumes stay: they are in the plan when they are meant.
                let limit = self.time_limit * 6;
                let client = self.clone().time_limit(limit).client().await?;
                let asked = client.remove_container(super::plain_ref(&item.id)?, None);
                self.within(limit, asked).await
            }
            Kind::Network => self.remove_network(&item.id).await,
            Kind::Volume => self.prune_volume(item).await,
            Kind::Image => self.prune_image(item).await,
            Kind::BuildCache => {
                let client = self.client().await?;
                let options = PruneBuildOptions {
                    filters: Some([("id".to_owned(), vec![item.id.clone()])].into()),
                    ..PruneBuildOptions::default()
                };
                let asked = client.prune_build(Some(options));
                self.within(self.time_limit * 6, asked).await.map(drop)
            }
        }
    }

    /// A volume that was made anew meanwhile stays: it may hold what nobody saw when this was planned.
    async fn prune_volume(&self, item: &PruneItem) -> Result<(), Fault> {
        let client = self.client().await?;
        let path = format!("/volumes/{}", super::plain_ref(&item.id)?);
        let told = self.within(self.time_limit, client.json(&path)).await?;
        let made_at = told.get("CreatedAt").and_then(Value::as_str).and_then(moment);
        if made_at != item.made_at {
            return Err(kept_by(&item.name));
        }
        self.remove_volume(&item.id).await
    }

    /// Tag by tag. An image that got another name meanwhile, or a container, stays as it is.
    async fn prune_image(&self, item: &PruneItem) -> Result<(), Fault> {
        let client = self.client().await?;
        let path = format!("/images/{}/json", super::plain_ref(&item.id)?);
        let told = self.within(self.time_limit, client.json(&path)).await?;
        let tags: Vec<String> = told
            .get("RepoTags")
            .and_then(|tags| serde_json::from_value(tags.clone()).ok())
            .unwrap_or_default();
        let is_new = |tag: &&String| !item.tags.contains(tag);
        if let Some(new) = tags.iter().find(is_new) {
            return Err(kept_by(new));
        }
        let containers = self.within(self.time_limit, client.json("/containers/json?all=1")).await?;
        let mut users = rows::<RawContainer>(containers).into_iter().map(container_row);
        if let Some(user) = users.find(|row| row.image_id == item.id) {
            return Err(kept_by(&user.name));
        }
        if tags.is_empty() {
            return self.remove_image(&item.id, false, false).await.map(drop);
        }
        for tag in tags {
            self.remove_image(&tag, false, false).await?;
        }
        Ok(())
    }
}

/// As the engine refuses what is in use.
fn kept_by(name: &str) -> Fault {
    Fault::Refused {
        status: 409,
        why: format!("in use since: {name}"),
    }
}

/// The images that go, children before the images they were built on; true for one that goes only with its child.
fn unused_images<'a>(every: &'a [Image], used: &BTreeSet<String>, all: bool) -> Vec<(&'a Image, bool)> {
    let by_id: BTreeMap<&str, &Image> = every.iter().map(|image| (image.id.as_str(), image)).collect();
    let mut n_children: BTreeMap<&str, usize> = BTreeMap::new();
    for image in every.iter().filter(|image| !image.parent.is_empty()) {
        *n_children.entry(image.parent.as_str()).or_default() += 1;
    }
    let mut gone: Vec<(&Image, bool)> = Vec::new();
    let mut is_gone: BTreeSet<&str> = BTreeSet::new();
    let mut waiting: Vec<&Image> = every
        .iter()
        .filter(|image| !used.contains(&image.id) && (image.tags.is_empty() || all))
        .collect();
    waiting.sort_by(|a, b| b.created_at.cmp(&a.created_at).then_with(|| a.id.cmp(&b.id)));
    // An image on which another one was built goes after that one, or with it.
    while let Some(root) = waiting
        .iter()
        .find(|image| !is_gone.contains(image.id.as_str()) && is_head(&n_children, image))
        .copied()
    {
        gone.push((root, false));
        is_gone.insert(&root.id);
        let mut child = root;
        while let Some(parent) = by_id.get(child.parent.as_str()) {
            let left = n_children.entry(child.parent.as_str()).or_default();
            *left = left.saturating_sub(1);
            if *left > 0 || !parent.tags.is_empty() || used.contains(&parent.id) {
                break;
            }
            gone.push((parent, true));
            is_gone.insert(&parent.id);
            child = parent;
        }
        waiting.retain(|image| !is_gone.contains(image.id.as_str()));
    }
    gone
}

fn is_head(n_children: &BTreeMap<&str, usize>, image: &Image) -> bool {
    n_children.get(image.id.as_str()).copied().unwrap_or(0) == 0
}
