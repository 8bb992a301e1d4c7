//! The image that containers are made from: built from the files of the version's commit, or one that is there already.

use super::super::{Site, sources};
use super::{LABEL_VERSION, Place};
use crate::adapters::docker::{Engine, Fault};
use crate::adapters::{deliver, files};
use crate::areas::JobCtx;
use crate::areas::build::docker::building::build_told;
use crate::areas::build::docker::dockerfile;
use crate::areas::deploy::inputs::Inputs;
use crate::areas::devops::project::fill;
use crate::areas::release::image::FILE_OF_IMAGE;
use crate::base::docker::{BuildSpec, Kind};
use crate::base::{Problem, SafeText};
use crate::msg;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where a deployment keeps the id of its image.
fn id_file(folder: &Path) -> PathBuf {
    folder.join("image-id")
}

pub(in crate::areas::deploy::targets) async fn id_of(engine: &Engine, name: &str) -> Result<String, Problem> {
    match engine.inspect(Kind::Image, name).await {
        Ok(seen) => Ok(seen["Id"].as_str().unwrap_or_default().to_owned()),
        Err(Fault::Gone) => Err(Problem::user(msg!("docker-no-image", image = SafeText::new(name)))
            .code("not-found")
            .hint(msg!("docker-no-image-hint"))),
        Err(fault) => Err(fault.problem()),
    }
}

/// The image of the deployment that is run again, while the engine has it: what its name means by now does not matter.
async fn of_former(site: &Site, place: &Place) -> Result<Option<String>, Problem> {
    let Some(folder) = &site.inputs.again else { return Ok(None) };
    let Some(id) = files::read_text_if_there(&id_file(folder), 1024)? else {
        return Ok(None);
    };
    match place.engine.inspect(Kind::Image, &id).await {
        Ok(_) => Ok(Some(id)),
        Err(Fault::Gone) => Ok(None),
        Err(fault) => Err(place.told(&fault)),
    }
}

/// The image is built, looked up, or taken from before, once: every instance is made from this id, whatever its name means later.
pub(in crate::areas::deploy::targets) async fn stage(
    site: &Site,
    cx: &JobCtx,
    place: &Place,
    image: &str,
    dockerfile: Option<&Path>,
) -> Result<(), Problem> {
    let name = fill(image, &site.inputs.words(&site.folder))?;
    let id = match of_former(site, place).await? {
        Some(id) => id,
        None => match (dockerfile, &site.inputs.dockerfile) {
            (Some(path), Some(text)) => build(site, cx, place, &name, (path, text)).await?,
            _ => of_name(site, &place.engine, &name)
                .await
                .map_err(|problem| place.problem(problem))?,
        },
    };
    files::write_atomic(&id_file(&site.folder), id.as_bytes())
}

/// The id of the image that was staged.
pub(in crate::areas::deploy::targets) fn staged(site: &Site) -> Result<String, Problem> {
    match files::read_text_if_there(&id_file(&site.folder), 1024)? {
        Some(id) => Ok(id),
        None => Err(Problem::environment(msg!("deploy-no-image-kept")).code("artifact-gone")),
    }
}

/// The image will be built, or the engine has the one of this name, or can get it from the version's files.
pub(in crate::areas::deploy::targets) async fn check(
    site: &Site,
    place: &Place,
    image: &str,
    is_built: bool,
) -> Result<(), Problem> {
    if is_built || of_former(site, place).await?.is_some() {
        return Ok(());
    }
    let name = &fill(image, &site.inputs.words(&site.folder))?;
    match id_of(&place.engine, name).await {
        Err(problem) if problem.code == "not-found" && released(site).await?.is_some() => Ok(()),
        found => found.map(drop),
    }
}

/// The image of this name; where the engine does not have it, the one that the version was given out with.
pub(in crate::areas::deploy::targets) async fn of_name(site: &Site, engine: &Engine, name: &str) -> Result<String, Problem> {
    match id_of(engine, name).await {
        Err(problem) if problem.code == "not-found" => match released(site).await? {
            Some(file) => {
                let load = engine.load(&file);
                tokio::select! {
                    loaded = load => loaded.map(drop)?,
                    () = site.stop.cancelled() => return Err(Problem::cancelled()),
                }
                id_of(engine, name).await
            }
            None => Err(problem),
        },
        found => found,
    }
}

/// The file that the version's image was given out as, when it is there and what it was.
async fn released(site: &Site) -> Result<Option<PathBuf>, Problem> {
    let Some(release) = site.inputs.release else { return Ok(None) };
    let files = site.world.store().releases().artifacts(release).await?;
    let Some(row) = files.into_iter().find(|file| file.name.ends_with(FILE_OF_IMAGE)) else {
        return Ok(None);
    };
    let (path, sha256) = (row.path.clone(), row.sha256);
    let looked = tokio::task::spawn_blocking(move || deliver::look(&row.path)).await;
    match looked.map_err(|_| Problem::cancelled())?? {
        Some(found) if found.sha256 == sha256 => Ok(Some(path)),
        _ => Err(Problem::environment(msg!("release-artifact-changed", name = &row.name)).code("artifact-changed")),
    }
}

/// Builds the image from the commit's files, the Dockerfile of the version and the staged artifacts on top, each by its file's name.
async fn build(
    site: &Site,
    cx: &JobCtx,
    place: &Place,
    name: &str,
    (dockerfile, text): (&Path, &str),
) -> Result<String, Problem> {
    let dockerfile = dockerfile::inside(dockerfile)?;
    // The version's own words for it, also where its commit is gone.
    let kept = site.folder.join("Dockerfile");
    files::write_atomic(&kept, text.as_bytes())?;
    let mut over: BTreeMap<PathBuf, PathBuf> = site
        .inputs
        .parts
        .iter()
        .map(|part| (PathBuf::from(&part.file_name), Inputs::staged(&site.folder, part)))
        .collect();
    over.insert(dockerfile.clone(), kept);
    let spec = BuildSpec {
        dockerfile: Some(dockerfile),
        tags: vec![name.to_owned()],
        labels: BTreeMap::from([(LABEL_VERSION.to_owned(), site.inputs.label.clone())]),
        over,
        without: vec![PathBuf::from(sources::OF_GIT)],
        ..BuildSpec::default()
    };
    sources::with(site, cx, async |folder| {
        let spec = BuildSpec {
            folder: folder.to_path_buf(),
            ..spec
        };
        let built = build_told(cx, &place.engine, &spec, &site.stop).await;
        built.map_err(|problem| place.problem(problem))
    })
    .await
}
