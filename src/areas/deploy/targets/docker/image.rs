//! The image that containers are made from: built from the files of the version's commit, or one that is there already.

use super::super::{Site, sources};
use super::{LABEL_VERSION, Place};
use crate::adapters::docker::{BuildEvent, Engine, Fault};
use crate::adapters::files;
use crate::areas::JobCtx;
use crate::areas::deploy::inputs::Inputs;
use crate::base::docker::{BuildSpec, Kind};
use crate::base::{LogLine, Problem, SafeText, Stream};
use crate::msg;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where a deployment keeps the id of its image.
pub(super) fn id_file(folder: &Path) -> PathBuf {
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
pub(super) async fn of_former(site: &Site, place: &Place) -> Result<Option<String>, Problem> {
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

/// Builds the image from the commit's files, the Dockerfile of the version and the staged artifacts on top, each by its file's name.
pub(super) async fn build(
    site: &Site,
    cx: &JobCtx,
    place: &Place,
    name: &str,
    (dockerfile, text): (&Path, &str),
) -> Result<String, Problem> {
    let dockerfile = sources::plain(dockerfile)?;
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
        let (to, said) = tokio::sync::mpsc::channel(16);
        let built = async { tokio::join!(place.engine.build(&spec, to), tell(cx, said)).0 };
        tokio::select! {
            built = built => built.map(|built| built.image).map_err(|problem| place.problem(problem)),
            // The engine gives it up when nobody listens any more.
            () = site.stop.cancelled() => Err(Problem::cancelled()),
        }
    })
    .await
}

/// What the builder says, line by line.
async fn tell(cx: &JobCtx, mut said: tokio::sync::mpsc::Receiver<BuildEvent>) {
    let mut rest = String::new();
    while let Some(event) = said.recv().await {
        let BuildEvent::Text(text) = event else { continue };
        rest.push_str(&text);
        while let Some(at) = rest.find('\n') {
            let line: String = rest.drain(..=at).collect();
            cx.log(LogLine::foreign(cx.now(), Stream::Out, line.trim_end().as_bytes()));
        }
    }
}
