//! Versions whose files are kept although the ledger does not know them any more: read again, with their sums, and with the commit that
//! their tag says.

use super::packing::SUMS;
use super::{files, history, version, withdrawal};
use crate::adapters::World;
use crate::adapters::deliver;
use crate::adapters::files as disk;
use crate::adapters::store::releases::{ReleaseArtifactRow, ReleaseRow};
use crate::areas::JobCtx;
use crate::areas::devops::project::{Artifact, ProjectFile};
use crate::base::{Problem, Workspace};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// A list of sums is not longer.
const MAX_BYTES: u64 = 1 << 20;

/// Writes down again what is whole. A version without a tag, or with a file that is not what its sum says, is left out.
pub async fn again(cx: &JobCtx, world: &World, workspace: &Workspace, project: &ProjectFile) -> Result<(), Problem> {
    let known = world.store().releases().list(&workspace.id, u32::MAX).await?;
    let known: BTreeSet<String> = known.into_iter().map(|row| row.version).collect();
    let cancel = cx.cancel_token();
    let pattern = history::pattern(world, workspace, &project.release, cancel).await?;
    let tags = match history::tags(world, workspace, &pattern, false, cancel).await {
        Err(problem) if problem.code == "no-repository" => return Ok(()),
        tags => tags?,
    };
    let words = withdrawal::all(world, &workspace.id).await?;
    // The oldest first, as they were made.
    for tagged in tags.into_iter().rev() {
        let label = tagged.version.to_string();
        if known.contains(&label) {
            continue;
        }
        let folder = files::folder(world, workspace, &label);
        let artifacts = project.artifacts.clone();
        let Some(kept) = cx.blocking(move |_| read(&folder, &artifacts)).await? else {
            continue;
        };
        let channel = version::channel(&tagged.version).to_owned();
        let row = ReleaseRow {
            id: 0,
            workspace: workspace.id.clone(),
            withdrawn: withdrawal::reason(&words, &label),
            version: label,
            commit: tagged.commit,
            tag: Some(tagged.tag),
            previous: None,
            notes: String::new(),
            channel,
            job: None,
            released_at: tagged.at.unwrap_or_else(|| cx.now()),
        };
        world.store().releases().record(row, kept).await?;
    }
    Ok(())
}

/// Every file that the list names, by what it is called in the project file where it is an artifact; None when one is missing or another.
fn read(folder: &Path, artifacts: &[Artifact]) -> Result<Option<Vec<ReleaseArtifactRow>>, Problem> {
    let Some(sums) = disk::read_text_if_there(&folder.join(SUMS), MAX_BYTES)? else {
        return Ok(None);
    };
    let mut kept = Vec::new();
    let mut names: Vec<(String, PathBuf)> = Vec::new();
    for line in sums.lines() {
        let Some((sum, name)) = line.split_once("  ") else {
            return Ok(None);
        };
        let is_plain = Path::new(name).file_name().is_some_and(|own| own.to_str() == Some(name));
        let path = folder.join(name);
        match deliver::look(&path)? {
            Some(found) if is_plain && found.sha256 == sum => names.push((name.to_owned(), path)),
            _ => return Ok(None),
        }
    }
    for extra in [SUMS, super::packing::SIGNATURE] {
        let path = folder.join(extra);
        if path.exists() {
            names.push((extra.to_owned(), path));
        }
    }
    for (name, path) in names {
        let Some(found) = deliver::look(&path)? else { return Ok(None) };
        let of = artifacts.iter().find(|artifact| {
            let file = artifact.path.file_name().unwrap_or_default().to_string_lossy();
            name == file || name == format!("{}-{file}", artifact.name)
        });
        kept.push(ReleaseArtifactRow {
            id: 0,
            release: 0,
            name: of.map_or(name, |artifact| artifact.name.clone()),
            path,
            sha256: found.sha256,
            bytes: found.bytes,
        });
    }
    Ok(Some(kept))
}
