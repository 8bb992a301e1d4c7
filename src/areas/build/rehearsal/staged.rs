//! What a rehearsal is made of, in a folder of its own: copies of the artifacts, and the commit's files in a clean worktree.

use crate::adapters::store::builds::ArtifactRow;
use crate::adapters::{World, deliver, files};
use crate::areas::JobCtx;
use crate::areas::build::clean_build;
use crate::areas::build::pipelines::worktree::{self, Clean};
use crate::areas::devops::bump;
use crate::areas::devops::project::{Environment, ProjectFile, Words};
use crate::base::repo::short_oid;
use crate::base::{Problem, Workspace};
use crate::msg;
use std::path::{Path, PathBuf};

/// What stands ready. `remove` it at the end; what is left behind goes at the next start.
pub(super) struct Staged {
    /// Holds the copies, shown inside at the same path.
    pub folder: PathBuf,
    /// The files of the commit; None outside of a repository.
    checkout: Option<Clean>,
    pub root: PathBuf,
    pub commit: Option<String>,
    pub version: String,
    pub words: Words,
}

impl Staged {
    pub(super) async fn make(
        cx: &JobCtx,
        world: &World,
        workspace: &Workspace,
        project: &ProjectFile,
        environment: &Environment,
        revision: Option<&str>,
    ) -> Result<Self, Problem> {
        let owner = format!("job-{}", cx.id().0);
        let mut staged = Self {
            folder: worktree::folder(world).join(&owner).join("made"),
            checkout: None,
            root: workspace.root.clone(),
            commit: None,
            version: String::new(),
            words: Words::default(),
        };
        let filled = staged
            .fill(cx, world, workspace, project, environment, revision, &owner)
            .await;
        if let Err(problem) = filled {
            staged.remove(cx, world).await?;
            return Err(problem);
        }
        Ok(staged)
    }

    async fn fill(
        &mut self,
        cx: &JobCtx,
        world: &World,
        workspace: &Workspace,
        project: &ProjectFile,
        environment: &Environment,
        revision: Option<&str>,
        owner: &str,
    ) -> Result<(), Problem> {
        let names = environment.artifacts();
        for name in &names {
            if project.artifact(name).is_none() {
                return Err(
                    Problem::config(msg!("deploy-artifact-unknown", name = name, environment = &environment.name))
                        .hint(msg!("deploy-artifact-unknown-hint")),
                );
            }
        }
        // The name, the file, and what it is called.
        let mut sources: Vec<(String, PathBuf, PathBuf)> = Vec::new();
        if let Some(revision) = revision {
            let oid = worktree::commit_of(cx, world, workspace, revision).await?;
            let clean = Clean::make(cx.cancel_token(), world, workspace, &oid, owner, "checkout").await?;
            let made = self.checkout.insert(clean);
            self.commit = Some(oid);
            if !names.is_empty() {
                let (_, wanted) = clean_build::run(cx, world, made, None).await?;
                sources.extend(wanted.into_iter().map(|file| (file.name, file.path.clone(), file.path)));
            }
        } else {
            let mut rows = world.store().builds().artifacts(&workspace.id, 500).await?;
            rows.sort_by_key(|row| std::cmp::Reverse(row.id));
            for name in &names {
                let Some(row) = newest_alive(cx, world, workspace, rows.iter().filter(|row| row.name == *name)).await? else {
                    continue;
                };
                self.commit.clone_from(&row.commit);
                let kept = row.stored.clone().unwrap_or_else(|| row.path.clone());
                sources.push((name.clone(), kept, row.path.clone()));
            }
            self.check_out(cx, world, workspace, owner).await?;
            self.tell_age(cx, world, workspace).await;
        }
        for name in names {
            let found = sources.iter().find(|(known, ..)| *known == name);
            let (_, path, called) = found.ok_or_else(|| {
                Problem::user(msg!("deploy-not-built", name = &name))
                    .code("not-found")
                    .hint(msg!("deploy-not-built-hint"))
            })?;
            let file = called
                .file_name()
                .map_or_else(|| name.clone().into(), std::ffi::OsStr::to_owned);
            let to = self.folder.join(&name).join(file);
            let (from, copy) = (path.clone(), to.clone());
            cx.blocking(move |_| deliver::keep(&from, &copy)).await?;
            self.words = std::mem::take(&mut self.words).set(format!("artifact:{name}"), to.to_string_lossy());
        }
        let root = self.checkout().unwrap_or(&self.root).to_path_buf();
        let rules = project.release.clone();
        let read = cx.blocking(move |_| bump::read(&root, &rules)).await?;
        let version = bump::current(&read).0.unwrap_or_else(|| "0.0.0".to_owned());
        let words = std::mem::take(&mut self.words).set("version", &version);
        self.words = words.set("commit", self.commit.as_deref().unwrap_or(""));
        self.version = version;
        Ok(())
    }

    /// What was built last may be of an earlier commit than the newest.
    async fn tell_age(&self, cx: &JobCtx, world: &World, workspace: &Workspace) {
        let Ok(head) = worktree::commit_of(cx, world, workspace, "HEAD").await else {
            return;
        };
        if let Some(commit) = self.commit.as_ref().filter(|commit| **commit != head) {
            let told = msg!("build-rehearsal-older", commit = short_oid(commit), head = short_oid(&head));
            let hint = msg!("build-rehearsal-older-hint");
            cx.problem(Problem::user(told).code("stale").hint(hint)).await;
        }
    }

    /// The files as they are in the commit that was built, else in the newest one.
    async fn check_out(&mut self, cx: &JobCtx, world: &World, workspace: &Workspace, owner: &str) -> Result<(), Problem> {
        let revision = self.commit.clone().unwrap_or_else(|| "HEAD".to_owned());
        match worktree::commit_of(cx, world, workspace, &revision).await {
            Ok(oid) => {
                self.checkout = Some(Clean::make(cx.cancel_token(), world, workspace, &oid, owner, "checkout").await?);
                self.commit = Some(oid);
                Ok(())
            }
            // A folder that is no repository is shown as it is.
            Err(problem) if problem.is_cancelled() || self.commit.is_some() => Err(problem),
            Err(_) => Ok(()),
        }
    }

    /// Where the workspace's files are taken from, when they may be written to.
    pub(super) fn checkout(&self) -> Option<&Path> {
        self.checkout.as_ref().map(|clean| clean.workspace.root.as_path())
    }

    pub(super) async fn remove(self, cx: &JobCtx, world: &World) -> Result<(), Problem> {
        let removed = match self.checkout {
            Some(clean) => clean.remove(world).await,
            None => Ok(()),
        };
        let owner = worktree::folder(world).join(format!("job-{}", cx.id().0));
        let gone = tokio::task::spawn_blocking(move || files::remove_dir_all(&owner)).await;
        removed.and(gone.unwrap_or(Ok(())))
    }
}

/// The first that was not built from a commit that was taken back since, such as that of a release.
async fn newest_alive<'a>(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    rows: impl Iterator<Item = &'a ArtifactRow>,
) -> Result<Option<&'a ArtifactRow>, Problem> {
    for row in rows {
        let is_alive = match &row.commit {
            Some(commit) => worktree::is_alive(world, workspace, commit, cx.cancel_token()).await?,
            None => true,
        };
        if is_alive {
            return Ok(Some(row));
        }
    }
    Ok(None)
}
