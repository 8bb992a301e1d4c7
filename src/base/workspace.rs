//! A folder that the user works in.

use super::WorkspaceId;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Small and cheap to clone: commands carry it whole, so a job never has to look anything up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workspace {
    pub id: WorkspaceId,
    pub name: String,
    /// Canonical absolute path.
    pub root: PathBuf,
}

impl Workspace {
    /// The workspace at a canonical path, named like its folder.
    pub fn at(root: &Path) -> Self {
        let name = root
            .file_name()
            .map_or_else(|| root.display().to_string(), |name| name.to_string_lossy().into_owned());
        Self {
            id: WorkspaceId::of_path(root),
            name: super::SafeText::new(&name).into_string(),
            root: root.to_path_buf(),
        }
    }
}

/// What a folder holds, told from the files at its top.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProjectKind {
    Git,
    Cargo,
    Npm,
    Python,
    Go,
    Cmake,
    Make,
    Maven,
    Gradle,
    Compose,
    Dockerfile,
    Odoo,
    RepoManifest,
    Chantier,
}
