//! The files that a release reads and writes: those that state the version, and the changelog. Never outside of the workspace.

use crate::adapters::World;
use crate::adapters::files::{self, Beneath};
use crate::areas::devops::project::{self, ProjectFile, ReleaseRules};
use crate::base::{Problem, Workspace};
use std::path::{Path, PathBuf};

/// The project file; a workspace without one has the defaults.
pub fn project(workspace: &Workspace) -> Result<(ProjectFile, Vec<Problem>), Problem> {
    let path = workspace.root.join(project::FILE_NAME);
    Ok(match files::read_text_if_there(&path, files::MAX_TEXT_BYTES)? {
        Some(text) => project::parse(&text, &path),
        None => (ProjectFile::default(), Vec::new()),
    })
}

/// None when there is no changelog yet.
pub fn read_changelog(root: &Path, rules: &ReleaseRules) -> Result<Option<String>, Problem> {
    read(root, &rules.changelog)
}

pub fn read(root: &Path, path: &Path) -> Result<Option<String>, Problem> {
    match Beneath::open(root)?.read_text(path, files::MAX_TEXT_BYTES) {
        Ok(text) => Ok(Some(text)),
        Err(problem) if problem.code == "not-found" => Ok(None),
        Err(problem) => Err(problem),
    }
}

pub fn write(root: &Path, path: &Path, text: &str) -> Result<(), Problem> {
    Beneath::open(root)?.write_atomic(path, text.as_bytes())
}

pub fn remove(root: &Path, path: &Path) -> Result<(), Problem> {
    Beneath::open(root)?.remove_file(path)
}

/// Where the files of a version are kept.
pub fn folder(world: &World, workspace: &Workspace, version: &str) -> PathBuf {
    world.dirs().data.join("releases").join(&workspace.id.0).join(version)
}
