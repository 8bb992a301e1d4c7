//! What a deployment of a compose project has for itself, in a last file of our own: what is built is called after it, so that the version
//! before keeps its own image; and folders for data are the environment's, so that no version begins with empty ones.

use super::policy::{File, Service};
use super::{MAX_BYTES, Site, docker};
use crate::adapters::docker::Fault;
use crate::adapters::{World, files};
use crate::base::Problem;
use crate::base::docker::Kind;
use crate::msg;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What git is given so that it keeps a folder that is empty.
const PLACEHOLDERS: [&str; 4] = [".gitkeep", ".keep", ".gitignore", ".placeholder"];

/// Folders that a service writes to and of which the version has no files lie beside the deployments. By service, as compose writes them.
fn shared(site: &Site, root: &Path, resolved: &File) -> Result<BTreeMap<String, Vec<String>>, Problem> {
    let of_environment = site.folder.parent().unwrap_or(&site.folder).join("shared");
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for bind in resolved.binds() {
        let Some(below) = bind
            .source
            .strip_prefix(root)
            .ok()
            .filter(|below| below.components().count() > 0)
        else {
            continue;
        };
        let is_placeholder = |entry: &files::DirEntry| PLACEHOLDERS.iter().any(|name| entry.name == *name);
        let is_own =
            bind.source.is_file() || files::list_dir(&bind.source).is_ok_and(|entries| !entries.iter().all(is_placeholder));
        if is_own || bind.is_read_only() {
            continue;
        }
        let folder = of_environment.join(below);
        files::create_dir_all(&folder)?;
        let line = format!("{}:{}", folder.display(), bind.rest);
        found.entry(bind.service).or_default().push(line);
    }
    Ok(found)
}

/// The further file; `root` is the folder of the version's own files.
pub(super) fn name(site: &Site, project: &str, root: &Path, resolved: &File) -> Result<String, Problem> {
    let mut services = Map::new();
    let mut shared = shared(site, root, resolved)?;
    for service in resolved.services() {
        // docker-compose takes a file whose list of services is empty for one of its oldest format: all are named.
        let mut said = if service.is_built {
            let name = format!("{project}-{}:{}", docker::plain(&service.name), site.deployment);
            json!({ "image": name })
        } else {
            json!({})
        };
        if let Some(volumes) = shared.remove(&service.name) {
            said["volumes"] = json!(volumes);
        }
        services.insert(service.name, said);
    }
    let mut file = json!({ "services": services });
    // Files of one project say the same version, where they say one.
    let told = site.inputs.compose.iter().find_map(|text| File::read(text).ok()?.version());
    if let Some(version) = told {
        file["version"] = json!(version);
    }
    Ok(file.to_string())
}

/// Images that are not built are there, and those of a version that is run again are the ones of its time.
pub(super) async fn same(site: &Site, services: &[Service]) -> Result<(), Problem> {
    let mut ids = BTreeMap::new();
    for service in services.iter().filter(|service| !service.is_built) {
        if let Some(image) = &service.image {
            ids.insert(image.clone(), docker::image::of_name(site, site.world.docker(), image).await?);
        }
    }
    let known: BTreeMap<String, String> = match &site.inputs.again {
        Some(former) => files::read_text_if_there(&ids_file(former), MAX_BYTES)?
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default(),
        None => BTreeMap::new(),
    };
    for (image, id) in &known {
        if ids.get(image).is_some_and(|now| now != id) {
            let told = msg!(
                "compose-image-changed",
                image = image.as_str(),
                version = site.inputs.label.as_str()
            );
            return Err(Problem::environment(told)
                .code("artifact-changed")
                .hint(msg!("docker-no-image-hint")));
        }
    }
    files::write_atomic(&ids_file(&site.folder), json!(ids).to_string().as_bytes())
}

pub(super) async fn are_there(world: &World, images: &str) -> Result<bool, Problem> {
    let file: Value = serde_json::from_str(images).unwrap_or_default();
    let services = file["services"].as_object().cloned().unwrap_or_default();
    for image in services.values().filter_map(|service| service["image"].as_str()) {
        match world.docker().inspect(Kind::Image, image).await {
            Ok(_) => {}
            Err(Fault::Gone) => return Ok(false),
            Err(fault) => return Err(fault.problem()),
        }
    }
    Ok(true)
}

/// Where a deployment keeps the names of what was built for it.
pub(super) fn names_file(folder: &Path) -> PathBuf {
    folder.join("images.json")
}

fn ids_file(folder: &Path) -> PathBuf {
    folder.join("image-ids.json")
}

/// Removes what was built for deployments whose folders are gone. What a container still uses stays.
pub(super) async fn forget(site: &Site, project: String) -> Result<(), Problem> {
    let engine = site.world.docker();
    let held = engine.holdings().await.map_err(|fault| fault.problem())?;
    let deployments = site.folder.parent().unwrap_or(&site.folder);
    let prefix = format!("{project}-");
    for tag in held
        .images
        .iter()
        .filter(|image| image.users.is_empty())
        .flat_map(|image| &image.tags)
    {
        let of = tag.strip_prefix(&prefix).and_then(|rest| rest.rsplit_once(':'));
        let is_old =
            of.is_some_and(|(_, n)| n.parse::<i64>().is_ok_and(|n| n > 0) && files::list_dir(&deployments.join(n)).is_err());
        if is_old {
            match engine.remove_image(tag, false, true).await {
                Ok(_) | Err(Fault::Gone | Fault::Refused { .. }) => {}
                Err(fault) => return Err(fault.problem()),
            }
        }
    }
    Ok(())
}
