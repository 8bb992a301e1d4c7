//! Builds a task of a commit twice in clean worktrees and compares what came out, byte by byte.

use super::detect::Task;
use super::pipelines::load;
use super::pipelines::worktree::{self, Clean};
use super::{Update, clean_build};
use crate::adapters::{World, files, kept_folders, scan};
use crate::areas::JobCtx;
use crate::base::{Problem, Workspace};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Two builds of one task, compared.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reproduced {
    pub task: String,
    pub commit: String,
    pub files: Vec<Compared>,
}

/// One artifact of both builds.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    pub name: String,
    pub sha256: [String; 2],
    pub bytes: [u64; 2],
    /// Where they differ first, from 0; None when they are the same.
    pub first_difference: Option<u64>,
}

impl Reproduced {
    pub fn is_same(&self) -> bool {
        self.files.iter().all(|file| file.first_difference.is_none())
    }
}

/// Fails when the builds differ.
pub async fn run(cx: &JobCtx, world: &World, workspace: &Workspace, word: Option<String>, revision: &str) -> Result<(), Problem> {
    world.trust().check(workspace)?;
    load::settle(cx, world, Some(workspace)).await?;
    let oid = worktree::commit_of(cx, world, workspace, revision).await?;
    cx.sources(Some(oid.clone()), None, None).await;
    let owner = format!("job-{}", cx.id().0);
    let kept = worktree::folder(world).join(&owner).join("made");
    let mut made: Vec<Vec<(String, PathBuf)>> = Vec::new();
    let mut name = String::new();
    for number in 1..=2 {
        let title = msg!("build-job-reproduce-once", n = number);
        let (kept, oid, owner) = (kept.join(number.to_string()), oid.clone(), owner.clone());
        let word = word.clone();
        // The same path both times: where a build stands is no difference.
        let run = cx.span(title, |child| async move {
            once(&child, world, workspace, word.as_deref(), &oid, &owner, &kept).await
        });
        let (task, files) = Box::pin(run).await?;
        name = task.id;
        made.push(files);
    }
    let compared = cx.blocking(move |_| compare(&made)).await?;
    let result = Reproduced {
        task: name.clone(),
        commit: oid,
        files: compared,
    };
    let owner = worktree::folder(world).join(owner);
    cx.blocking(move |_| files::remove_dir_all(&owner)).await?;
    let different = result.files.iter().find(|file| file.first_difference.is_some()).cloned();
    cx.update(Update::Reproduced {
        workspace: workspace.id.clone(),
        result: Box::new(result),
    })
    .await;
    let Some(file) = different else { return Ok(()) };
    let problem = Problem::user(msg!(
        "build-not-reproducible",
        task = name,
        file = file.name,
        offset = file.first_difference.unwrap_or_default()
    ));
    Err(problem.code("not-reproducible").hint(msg!("build-not-reproducible-hint")))
}

async fn once(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    word: Option<&str>,
    oid: &str,
    owner: &str,
    kept: &Path,
) -> Result<(Task, Vec<(String, PathBuf)>), Problem> {
    cx.sources(Some(oid.to_owned()), None, None).await;
    let clean = Clean::make(cx.cancel_token(), world, workspace, oid, owner, "checkout").await?;
    let result = async {
        let (task, wanted) = clean_build::run(cx, world, &clean, word).await?;
        if wanted.is_empty() {
            return Err(Problem::config(msg!("build-nothing-to-compare", task = task.id.as_str()))
                .hint(msg!("build-nothing-to-compare-hint")));
        }
        let kept = kept.to_path_buf();
        let files = cx
            .blocking(move |cx| {
                files::create_private_dir(&kept)?;
                let mut files = Vec::new();
                for (at, file) in wanted.into_iter().enumerate() {
                    let copy = kept.join(at.to_string());
                    kept_folders::copy(&file.path, &copy, &|| cx.is_cancelled())?;
                    files.push((file.name, copy));
                }
                Ok(files)
            })
            .await?;
        Ok((task, files))
    };
    let result = result.await;
    let removed = clean.remove(world).await;
    let made = result?;
    removed.map(|()| made)
}

fn compare(made: &[Vec<(String, PathBuf)>]) -> Result<Vec<Compared>, Problem> {
    let [first, second] = made else { return Ok(Vec::new()) };
    let mut compared = Vec::new();
    for ((name, one), (_, other)) in first.iter().zip(second) {
        let sha256 = [files::sha256(one)?, files::sha256(other)?];
        let first_difference = if sha256[0] == sha256[1] {
            None
        } else {
            scan::first_difference(one, other).map_err(|error| files::read_problem(one, &error))?
        };
        compared.push(Compared {
            name: name.clone(),
            bytes: [scan::size(one), scan::size(other)],
            sha256,
            first_difference,
        });
    }
    Ok(compared)
}
