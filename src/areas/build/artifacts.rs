//! What a build left behind: which files those are, and the budget under which copies of them are kept.

use super::Artifact;
use super::detect::{Source, Task};
use super::matchers::Made;
use crate::adapters::store::builds::ArtifactRow;
use crate::adapters::{World, artifacts};
use crate::areas::JobCtx;
use crate::areas::devops::project::ProjectFile;
use crate::areas::test::source::Sources;
use crate::base::{Problem, Workspace};
use crate::msg;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// A file that is to be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    pub name: String,
    pub path: PathBuf,
}

/// The artifacts of a task: those that `chantier.toml` gives to it; without any, the programs that cargo reported.
/// `is_main`: artifacts that name no task belong to this one. `target_dir` is `CARGO_TARGET_DIR` of the build.
pub fn wanted(
    root: &Path,
    task: &Task,
    is_main: bool,
    project: &ProjectFile,
    made: &[Made],
    target_dir: Option<&Path>,
) -> Vec<Wanted> {
    let programs: Vec<&Made> = made
        .iter()
        .filter(|made| made.kind == "bin" && !made.is_test && made.executable.is_some())
        .collect();
    let is_mine = |artifact: &&crate::areas::devops::project::Artifact| match &artifact.task {
        Some(name) => task.source == Source::Project && *name == task.name,
        None => is_main,
    };
    let told: Vec<Wanted> = project
        .artifacts
        .iter()
        .filter(is_mine)
        .map(|artifact| {
            let file = artifact.path.file_name();
            let moved = target_dir.filter(|_| artifact.path.starts_with("target")).map(|dir| {
                let below = artifact.path.strip_prefix("target").unwrap_or(&artifact.path);
                root.join(dir).join(below)
            });
            let path = moved.unwrap_or_else(|| root.join(&artifact.path));
            // Settings of cargo's may move the folder too; cargo says where it put the program.
            let by_cargo = programs
                .iter()
                .filter_map(|made| made.executable.clone())
                .find(|made| made.file_name() == file);
            let path = if artifacts_is_file(&path) {
                path
            } else {
                by_cargo.unwrap_or(path)
            };
            Wanted {
                name: artifact.name.clone(),
                path,
            }
        })
        .collect();
    if !told.is_empty() || !project.artifacts.is_empty() {
        return told;
    }
    let by_cargo = programs.into_iter().filter_map(|made| {
        Some(Wanted {
            name: made.target.clone(),
            path: made.executable.clone()?,
        })
    });
    by_cargo.collect()
}

fn artifacts_is_file(path: &Path) -> bool {
    crate::adapters::scan::is_file(path)
}

/// What was kept of a build.
#[derive(Debug, Default)]
pub struct Kept {
    pub rows: Vec<ArtifactRow>,
    /// Why the first of the files that are there could not be kept.
    pub lost: Option<Problem>,
}

/// Hashes and copies the files; what is missing is told and keeps nothing else from being kept.
pub async fn keep(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    wanted: Vec<Wanted>,
    sources: &Sources,
) -> Result<Kept, Problem> {
    let mut all = Kept::default();
    for file in wanted {
        let data = world.dirs().data.clone();
        let path = file.path.clone();
        let kept = cx
            .blocking(move |cx| artifacts::keep(&data, &path, &|| cx.is_cancelled()))
            .await;
        match kept {
            Ok(kept) => all.rows.push(ArtifactRow {
                id: 0,
                job: cx.id(),
                workspace: workspace.id.clone(),
                commit: sources.commit.clone(),
                name: file.name,
                path: file.path,
                sha256: kept.sha256,
                bytes: kept.bytes,
                stored: Some(kept.path),
                made_at: cx.now(),
            }),
            Err(problem) if problem.is_cancelled() => return Err(problem),
            Err(problem) if artifacts_is_file(&file.path) => {
                cx.problem(problem.clone()).await;
                all.lost.get_or_insert(problem);
            }
            Err(problem) => {
                let told = Problem::config(msg!("build-artifact-missing", name = file.name, path = &file.path));
                cx.problem(told.details(&problem.details).hint(msg!("build-artifact-missing-hint")))
                    .await;
            }
        }
    }
    Ok(all)
}

/// Frees the oldest copies until the budget holds. What a release contains and the newest of each name stay.
pub async fn keep_budget(world: &World, max_bytes: u64) -> Result<u64, Problem> {
    let stored = world.store().builds().stored_artifacts().await?;
    let mut size_of: BTreeMap<&str, u64> = BTreeMap::new();
    let mut newest: BTreeMap<(&str, &str), &str> = BTreeMap::new();
    for row in &stored {
        size_of.insert(&row.sha256, row.bytes);
        newest.insert((&row.workspace.0, &row.name), &row.sha256);
    }
    let mut total: u64 = size_of.values().sum();
    let spared: BTreeSet<&str> = newest.into_values().collect();
    let mut freed = 0;
    let mut gone: BTreeSet<&str> = BTreeSet::new();
    for row in &stored {
        if total <= max_bytes {
            break;
        }
        let sha256 = row.sha256.as_str();
        if spared.contains(sha256) || gone.contains(sha256) || !world.store().releases().by_sha256(sha256).await?.is_empty() {
            continue;
        }
        gone.insert(sha256);
        total -= row.bytes;
        freed += row.bytes;
    }
    for row in stored.iter().filter(|row| gone.contains(row.sha256.as_str())) {
        world.store().builds().set_stored(row.id, None).await?;
        if let Some(path) = row.stored.clone() {
            let data = world.dirs().data.clone();
            tokio::task::spawn_blocking(move || artifacts::free(&data, &path))
                .await
                .unwrap_or(Ok(()))?;
        }
    }
    Ok(freed)
}

/// As pages and answers show it.
pub fn shown(row: ArtifactRow) -> Artifact {
    Artifact {
        id: row.id,
        job: row.job,
        name: row.name,
        path: row.path,
        sha256: row.sha256,
        bytes: row.bytes,
        commit: row.commit,
        stored: row.stored,
        made_at: row.made_at,
    }
}
