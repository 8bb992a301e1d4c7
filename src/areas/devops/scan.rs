//! Finds projects below folders: git, Cargo, npm, Python, Go, CMake, Maven and Gradle, compose, Odoo, Repo manifests.

use super::FoundProject;
use crate::adapters::walk::{self, Walk};
use crate::base::ProjectKind;
use std::path::{Path, PathBuf};

/// Names that a compose file has where nobody says another one.
pub const COMPOSE_FILES: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];

/// The file or folder at a project's top that tells its kind.
const MARKS: [(&str, ProjectKind); 22] = [
    (".git", ProjectKind::Git),
    ("Cargo.toml", ProjectKind::Cargo),
    ("package.json", ProjectKind::Npm),
    ("pyproject.toml", ProjectKind::Python),
    ("setup.py", ProjectKind::Python),
    ("requirements.txt", ProjectKind::Python),
    ("go.mod", ProjectKind::Go),
    ("CMakeLists.txt", ProjectKind::Cmake),
    ("Makefile", ProjectKind::Make),
    ("makefile", ProjectKind::Make),
    ("GNUmakefile", ProjectKind::Make),
    ("pom.xml", ProjectKind::Maven),
    ("build.gradle", ProjectKind::Gradle),
    ("build.gradle.kts", ProjectKind::Gradle),
    (COMPOSE_FILES[0], ProjectKind::Compose),
    (COMPOSE_FILES[1], ProjectKind::Compose),
    (COMPOSE_FILES[2], ProjectKind::Compose),
    (COMPOSE_FILES[3], ProjectKind::Compose),
    ("Dockerfile", ProjectKind::Dockerfile),
    ("__manifest__.py", ProjectKind::Odoo),
    (".repo", ProjectKind::RepoManifest),
    ("chantier.toml", ProjectKind::Chantier),
];

/// What the names at the top of a folder tell, without doubles, in the order of the list.
pub fn kinds_of_names<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Vec<ProjectKind> {
    let mut kinds: Vec<ProjectKind> = Vec::new();
    for (mark, kind) in MARKS {
        if !kinds.contains(&kind) && names.clone().any(|name| name == mark) {
            kinds.push(kind);
        }
    }
    kinds
}

/// The kinds of one folder; empty when it can not be read.
pub fn kinds_of(folder: &Path) -> Vec<ProjectKind> {
    with_parts(folder, &walk::names(folder))
}

/// Folders below a repository that are looked at for what is kept in it: addons, examples, services.
const MAX_PARTS: u32 = 200;

/// Of a repository whose top says nothing more, also what its folders hold.
fn with_parts(folder: &Path, names: &[String]) -> Vec<ProjectKind> {
    let mut kinds = kinds_of_names(names.iter().map(String::as_str));
    if kinds != [ProjectKind::Git] {
        return kinds;
    }
    let mut n_left = MAX_PARTS;
    walk::folders(folder, 2, &mut |below, names| {
        n_left = n_left.saturating_sub(1);
        if below != folder && names.iter().any(|name| name == ".git") {
            return Walk::Over;
        }
        for kind in kinds_of_names(names.iter().map(String::as_str)) {
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        if n_left == 0 { Walk::End } else { Walk::Into }
    });
    kinds.sort();
    kinds
}

/// Walks the roots; `found` gets each project and says whether to go on. Gives the number of folders looked at.
/// Ignore files are honoured; inside a project nothing is looked for, unless it is a Repo checkout.
pub fn scan(roots: &[PathBuf], max_depth: u32, mut found: impl FnMut(Option<FoundProject>) -> bool) -> u64 {
    let mut n_folders = 0;
    for root in roots {
        let goes_on = walk::folders(root, max_depth, &mut |folder, names| {
            n_folders += 1;
            let kinds = with_parts(folder, names);
            let goes_inside = kinds.is_empty() || kinds.contains(&ProjectKind::RepoManifest);
            let project = (!kinds.is_empty()).then(|| FoundProject {
                path: folder.to_path_buf(),
                kinds,
            });
            if !found(project) {
                Walk::End
            } else if goes_inside {
                Walk::Into
            } else {
                Walk::Over
            }
        });
        if !goes_on {
            break;
        }
    }
    n_folders
}
