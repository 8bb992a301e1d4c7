//! The files that a release reads and writes: those that state the version, and the changelog. Never outside of the workspace.

use crate::adapters::World;
use crate::adapters::files::{self, Beneath};
use crate::areas::devops::project::{self, ProjectFile, ReleaseRules};
use crate::base::{Problem, Workspace};
use std::path::{Path, PathBuf};

/// The project file; a workspace without one has the defaults. The changelog is the one that the project keeps.
pub fn project(workspace: &Workspace) -> Result<(ProjectFile, Vec<Problem>), Problem> {
    let (mut file, problems) = project::read(&workspace.root)?;
    if let Some(name) = log_of_another_name(&workspace.root, &file.release, |ending| ending == Some("md")) {
        file.release.changelog = name;
    }
    file.release.changelog = followed(&workspace.root, &file.release.changelog);
    Ok((file, problems))
}

/// What a link leads to within the workspace, so that it stays a link when that is written; any other path as it is.
pub fn followed(root: &Path, path: &Path) -> PathBuf {
    let (Ok(root), Ok(there)) = (files::canonicalize(root), files::canonicalize(&root.join(path))) else {
        return path.to_path_buf();
    };
    there.strip_prefix(&root).unwrap_or(path).to_path_buf()
}

/// Names that projects give to their log of changes, without the ending.
const LOGS: [&str; 6] = ["changelog", "changes", "history", "news", "releases", "release_notes"];

/// The log that is there while the usual one is not, and the project names none.
fn log_of_another_name(root: &Path, rules: &ReleaseRules, is_meant: impl Fn(Option<&str>) -> bool) -> Option<PathBuf> {
    let usual = ReleaseRules::default().changelog;
    if rules.changelog != usual || root.join(&usual).exists() {
        return None;
    }
    let mut found: Vec<(usize, PathBuf)> = files::list_dir(root)
        .ok()?
        .into_iter()
        .filter(|entry| !entry.is_dir && !entry.is_link)
        .filter_map(|entry| {
            let name = PathBuf::from(entry.name);
            let stem = name.file_stem()?.to_str()?.to_ascii_lowercase();
            let ending = name
                .extension()
                .and_then(|ending| ending.to_str())
                .map(str::to_ascii_lowercase);
            let rank = LOGS.iter().position(|log| *log == stem)?;
            is_meant(ending.as_deref()).then_some((rank, name))
        })
        .collect();
    found.sort();
    found.into_iter().next().map(|(_, name)| name)
}

/// A log of changes in a format that only a hand writes; None where there is one that can be written, or none at all.
pub fn foreign_log(root: &Path, rules: &ReleaseRules) -> Option<PathBuf> {
    log_of_another_name(root, rules, |ending| matches!(ending, None | Some("rst" | "txt" | "adoc")))
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
