//! The container image of a version: the files of its commit with the artifacts on top, built by this machine's engine, and given out
//! as a file that any engine loads.

use super::artifacts::Made;
use crate::adapters::docker::Fault;
use crate::adapters::{World, files};
use crate::areas::JobCtx;
use crate::areas::build::docker::building::build_told;
use crate::areas::build::docker::dockerfile::inside;
use crate::areas::build::pipelines::worktree::{self, Clean};
use crate::areas::devops::project::ImageRules;
use crate::base::docker::{BuildSpec, Kind};
use crate::base::{Problem, Workspace};
use crate::msg;
use futures::future::BoxFuture;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// How the name of the file ends.
pub const FILE_OF_IMAGE: &str = ".image.tar";
const MAX_NAME: usize = 200;
/// Where its version and commit stand, for whoever has only the image.
const VERSION: &str = "org.opencontainers.image.version";
const REVISION: &str = "org.opencontainers.image.revision";
const TITLE: &str = "org.opencontainers.image.title";

/// The image of one version.
pub struct Image<'a> {
    pub rules: &'a ImageRules,
    /// Of the project or the package.
    pub name: &'a str,
    pub version: &'a str,
    pub commit: &'a str,
    pub made: &'a [Made],
}

impl Image<'_> {
    /// `NAME:VERSION`.
    pub fn reference(&self) -> Result<String, Problem> {
        reference(self.rules, self.name, self.version)
    }

    /// What the file is called that holds it.
    pub fn file_name(&self) -> Result<String, Problem> {
        let reference = self.reference()?;
        let last = reference.rsplit('/').next().unwrap_or_default();
        Ok(format!("{}{FILE_OF_IMAGE}", last.replace(':', "-")))
    }

    /// Builds it and writes it to the file. `is_kept`: the engine keeps it under its name; else nothing of it is left there.
    pub fn make<'a>(
        &'a self,
        cx: &'a JobCtx,
        world: &'a World,
        workspace: &'a Workspace,
        file: &'a Path,
        is_kept: bool,
    ) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let engine = world.docker();
            let reference = self.reference()?;
            let over = self.made.iter().map(|one| (PathBuf::from(&one.file_name), one.path.clone()));
            let labels = [(VERSION, self.version), (REVISION, self.commit), (TITLE, self.name)];
            let spec = BuildSpec {
                dockerfile: Some(inside(&self.rules.dockerfile)?),
                tags: if is_kept { vec![reference.clone()] } else { Vec::new() },
                labels: labels.map(|(name, value)| (name.to_owned(), value.to_owned())).into(),
                over: over.collect::<BTreeMap<_, _>>(),
                without: vec![PathBuf::from(".git")],
                ..BuildSpec::default()
            };
            let stop = cx.cancel_token();
            let clean = Clean::make(stop, world, workspace, self.commit, &worktree::owner(cx), "image").await?;
            let spec = BuildSpec {
                folder: clean.workspace.root.clone(),
                ..spec
            };
            let built = build_told(cx, engine, &spec, stop).await;
            worktree::remove(cx, world, clean).await?;
            let built = built?;
            if let Some(folder) = file.parent() {
                files::create_dir_all(folder)?;
            }
            let name = if is_kept { reference } else { built.clone() };
            let saved = cx.until_cancelled(engine.save(&[name], file)).await.and_then(|saved| saved);
            if !is_kept {
                engine
                    .remove_image(&built, false, true)
                    .await
                    .map_err(|fault| fault.problem())?;
            }
            saved.map(drop)
        })
    }

    /// Takes its name from the engine again, when it is the image of this commit.
    pub async fn forget(&self, world: &World) -> Result<(), Problem> {
        let reference = self.reference()?;
        let engine = world.docker();
        let seen = match engine.inspect(Kind::Image, &reference).await {
            Ok(seen) => seen,
            Err(Fault::Gone) => return Ok(()),
            Err(fault) => return Err(fault.problem()),
        };
        if seen["Config"]["Labels"][REVISION].as_str() != Some(self.commit) {
            return Ok(());
        }
        match engine.remove_image(&reference, false, true).await {
            Ok(_) | Err(Fault::Gone) => Ok(()),
            Err(fault) => Err(fault.problem()),
        }
    }
}

/// What would fail only after the tag is set, looked at before.
pub async fn check(world: &World, root: &Path, rules: &ImageRules, name: &str, version: &str) -> Result<String, Problem> {
    let reference = reference(rules, name, version)?;
    let file = root.join(inside(&rules.dockerfile)?);
    if !file.is_file() {
        return Err(Problem::config(msg!("docker-no-dockerfile", path = file.as_path()))
            .code("not-found")
            .hint(msg!("docker-no-dockerfile-hint")));
    }
    world.docker().info().await.map_err(|fault| fault.problem())?;
    Ok(reference)
}

fn reference(rules: &ImageRules, name: &str, version: &str) -> Result<String, Problem> {
    let plain = |c: char, further: &str| c.is_ascii_lowercase() || c.is_ascii_digit() || further.contains(c);
    let repository = match &rules.name {
        Some(name) => name.clone(),
        None => {
            let lower = name.to_lowercase();
            let plain = lower
                .chars()
                .map(|c| if plain(c, "_.-") { c } else { '-' })
                .collect::<String>();
            plain.trim_matches(['-', '_', '.']).to_owned()
        }
    };
    let last = repository.rsplit('/').next().unwrap_or_default();
    let is_good = !last.is_empty()
        && !last.contains(':')
        && repository.len() <= MAX_NAME
        && repository.starts_with(|c: char| c.is_ascii_alphanumeric())
        && repository.chars().all(|c| plain(c, "_.-/:"));
    if !is_good {
        return Err(Problem::config(msg!("release-image-name", name = &repository))
            .code("bad-name")
            .hint(msg!("release-image-name-hint")));
    }
    // A tag takes no `+`, which begins the build's part of a version.
    Ok(format!("{repository}:{}", version.replace('+', "-")))
}
