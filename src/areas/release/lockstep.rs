//! Packages of one repository that have one version: each states it for itself, no tag is of one of them alone, and a release writes the
//! next one into all of them and into what they ask of one another.

use super::{Package, history, packages, version};
use crate::adapters::World;
use crate::areas::devops::bump::{self, VersionFile};
use crate::areas::devops::project::ReleaseRules;
use crate::base::{Problem, Workspace};
use std::path::{Path, PathBuf};
use tokio_util::sync::CancellationToken;

/// Those that go together.
#[derive(Clone, Debug, PartialEq)]
pub struct Lockstep {
    /// They state the version.
    pub packages: Vec<Package>,
    /// They take it from the root, or are the root's own while others take it by its path.
    pub inheriting: Vec<Package>,
    /// The files of the whole that state it.
    pub stating: Vec<PathBuf>,
}

/// Looks for them; None where every package has a version of its own, or nothing was released yet.
pub async fn find(
    world: &World,
    workspace: &Workspace,
    rules: &ReleaseRules,
    cancel: &CancellationToken,
) -> Result<Option<Lockstep>, Problem> {
    let mut inheriting = packages::inheriting(&workspace.root, rules)?;
    inheriting.extend(packages::of_root(&workspace.root, rules)?);
    let packages = stating(world, workspace, rules, cancel).await?;
    let is_none = packages.is_none() && inheriting.is_empty();
    if is_none {
        return Ok(None);
    }
    // What is wrong with them is told where they are read for the release.
    let files = bump::read(&workspace.root, rules).unwrap_or_default();
    Ok(Some(Lockstep {
        packages: packages.unwrap_or_default(),
        inheriting,
        stating: files.into_iter().map(|file| file.path).collect(),
    }))
}

/// Those that state the version, each for itself.
async fn stating(
    world: &World,
    workspace: &Workspace,
    rules: &ReleaseRules,
    cancel: &CancellationToken,
) -> Result<Option<Vec<Package>>, Problem> {
    let Some(packages) = packages::of_one_version(&workspace.root, rules)? else {
        return Ok(None);
    };
    let tags = match history::tag_names(world, workspace, cancel).await {
        Err(problem) if problem.code == "no-repository" => return Ok(None),
        tags => tags?,
    };
    let pattern = history::pattern(world, workspace, rules, cancel).await?;
    let is_of_whole = tags.iter().any(|tag| version::of_tag(tag, &pattern).is_some());
    let has_own = |package: &Package| packages::pattern_among(&tags, package).is_some();
    if !is_of_whole || packages.iter().any(has_own) {
        return Ok(None);
    }
    Ok(Some(packages))
}

impl Lockstep {
    /// The package of this name goes with the others.
    pub fn has(&self, name: &str) -> bool {
        self.all().any(|package| package.name == name)
    }

    fn all(&self) -> impl Iterator<Item = &Package> {
        self.packages.iter().chain(&self.inheriting)
    }

    /// The file states the version of all.
    pub fn owns(&self, path: &Path) -> bool {
        let is_at_root = path.parent().is_none_or(|parent| parent.as_os_str().is_empty());
        is_at_root
            || self.stating.iter().any(|file| file == path)
            || self
                .packages
                .iter()
                .any(|package| package.files.iter().any(|file| file == path))
    }

    /// What is read for a release beside the files of the root.
    pub fn read(&self, root: &Path) -> Result<Vec<VersionFile>, Problem> {
        let mut out: Vec<VersionFile> = Vec::new();
        for package in self.all() {
            for file in bump::read_package(root, &package.files, &package.around)? {
                if out.iter().all(|known| known.path != file.path) {
                    out.push(file);
                }
            }
        }
        Ok(out)
    }

    /// The files as they will be.
    pub fn set(&self, files: &[VersionFile], from: &str, to: &str) -> Result<Vec<VersionFile>, Problem> {
        let owners: Vec<bump::package::Owner<'_>> = self
            .all()
            .map(|package| bump::package::Owner {
                name: &package.name,
                path: &package.path,
                files: &package.files,
            })
            .collect();
        let is_own = |file: &VersionFile| file.pattern.is_some() || self.owns(&file.path);
        bump::package::set_all(files, &owners, is_own, from, to)
    }
}
