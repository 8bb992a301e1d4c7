//! A clean worktree of a commit in the cache folder, as trusted as the workspace it was made of.

use crate::adapters::git::CommitFile;
use crate::adapters::git::program::Repo;
use crate::adapters::trust::Lent;
use crate::adapters::{World, deliver, scan};
use crate::areas::JobCtx;
use crate::base::{Problem, Workspace};
use crate::msg;
use std::path::{Path, PathBuf};
use tokio_util::sync::CancellationToken;

/// Where all of them stand, below the cache folder.
pub fn folder(world: &World) -> PathBuf {
    world.dirs().cache.join("worktrees")
}

/// The files of a commit, and where the workspace is among them; what a worktree of it will lack is told.
pub async fn files_of(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    oid: &str,
) -> Result<(Vec<CommitFile>, PathBuf), Problem> {
    let (git, root, wanted) = (world.git().clone(), workspace.root.clone(), oid.to_owned());
    let (files, inside, has_lfs) = cx
        .blocking(move |_| {
            let top = git.top(&root)?;
            let inside = root.strip_prefix(&top).unwrap_or(Path::new("")).to_path_buf();
            let files = git.files_at(&root, &wanted)?;
            let attributes = files.iter().filter(|file| file.path.ends_with(".gitattributes"));
            let mut texts = attributes.filter_map(|file| git.text_at(&top, &wanted, &file.path).ok().flatten());
            let has_lfs = texts.any(|text| text.contains("filter=lfs"));
            Ok((files, inside, has_lfs))
        })
        .await?;
    if files.iter().any(|file| file.content.starts_with("160000:")) {
        cx.problem(Problem::environment(msg!("build-pipeline-submodules")).code("submodules"))
            .await;
    }
    if has_lfs && world.processes().resolve("git-lfs", Some(&workspace.root)).is_err() {
        let problem = Problem::environment(msg!("build-pipeline-lfs")).code("lfs");
        cx.problem(problem.hint(msg!("build-pipeline-lfs-hint"))).await;
    }
    Ok((files, inside))
}

/// The worktree; `remove` it at the end. One that is left behind is removed at the next start.
pub struct Clean {
    /// The workspace inside of it: same id and name, another root.
    pub workspace: Workspace,
    top: PathBuf,
    folder: PathBuf,
    _lent: Lent,
}

impl Clean {
    /// Checks the commit out into `<cache>/worktrees/<owner>/<name>`.
    pub async fn make(
        stop: &CancellationToken,
        world: &World,
        workspace: &Workspace,
        oid: &str,
        owner: &str,
        name: &str,
    ) -> Result<Self, Problem> {
        world.trust().check(workspace)?;
        let top = top(world, workspace).await?;
        let folder = folder(world).join(owner).join(name);
        let repo = Repo {
            root: &top,
            is_trusted: true,
        };
        world.git().add_worktree(repo, &folder, oid, stop).await?;
        // A workspace may be a folder inside its repository.
        let inside = workspace.root.strip_prefix(&top).unwrap_or(Path::new("")).to_path_buf();
        // Joined to nothing, a path ends with a slash, which scripts then see.
        let root = if inside == Path::new("") {
            folder.clone()
        } else {
            folder.join(inside)
        };
        let lent = world.trust().lend(&root, workspace);
        Ok(Self {
            workspace: Workspace {
                root,
                ..workspace.clone()
            },
            top,
            folder,
            _lent: lent,
        })
    }

    /// Also when the job was asked to end: then it must be quick, not skipped.
    pub async fn remove(self, world: &World) -> Result<(), Problem> {
        let repo = Repo {
            root: &self.top,
            is_trusted: true,
        };
        world
            .git()
            .remove_worktree(repo, &self.folder, &CancellationToken::new())
            .await
    }
}

/// Checks the commit out once more, into a folder inside of a worktree; what stands there gives way.
pub async fn add_inside(cx: &JobCtx, world: &World, workspace: &Workspace, oid: &str, folder: &Path) -> Result<(), Problem> {
    let top = top(world, workspace).await?;
    let repo = Repo {
        root: &top,
        is_trusted: world.trust().check(workspace).is_ok(),
    };
    remove_inside(world, workspace, folder).await?;
    let there = folder.to_path_buf();
    cx.blocking(move |_| deliver::remove_folder(&there)).await?;
    world.git().add_worktree(repo, folder, oid, cx.cancel_token()).await
}

/// Removes such a folder before the worktree around it, so that the repository forgets it.
pub async fn remove_inside(world: &World, workspace: &Workspace, folder: &Path) -> Result<(), Problem> {
    if !scan::is_file(&folder.join(".git")) {
        return Ok(());
    }
    let top = top(world, workspace).await?;
    let repo = Repo {
        root: &top,
        is_trusted: world.trust().check(workspace).is_ok(),
    };
    world.git().remove_worktree(repo, folder, &CancellationToken::new()).await
}

/// The name below which the worktrees of a job stand: by it the next start knows whether somebody still uses them.
pub fn owner(cx: &JobCtx) -> String {
    format!("job-{}", cx.id().0)
}

/// Removes the only worktree of a job, with the folder that bears the job's name.
pub async fn remove(cx: &JobCtx, world: &World, clean: Clean) -> Result<(), Problem> {
    let removed = clean.remove(world).await;
    let folder = folder(world).join(owner(cx));
    let emptied = cx.blocking(move |_| deliver::remove_folder(&folder)).await;
    removed.and(emptied)
}

/// The top folder of the workspace's repository.
pub async fn top(world: &World, workspace: &Workspace) -> Result<PathBuf, Problem> {
    let (git, root) = (world.git().clone(), workspace.root.clone());
    match tokio::task::spawn_blocking(move || git.top(&root)).await {
        Ok(Ok(top)) => Ok(top),
        Ok(Err(problem)) => Err(problem.hint(msg!("build-pipeline-no-repository-hint"))),
        Err(_) => Err(Problem::cancelled()),
    }
}

/// The full id of what a revision means, and a problem when it is a commit that was only fetched and says other commands than the
/// checkout, which nobody has looked at yet.
pub async fn commit_of(cx: &JobCtx, world: &World, workspace: &Workspace, revision: &str) -> Result<String, Problem> {
    let (git, root, revision) = (world.git().clone(), workspace.root.clone(), revision.to_owned());
    cx.blocking(move |_| {
        let oid = git.resolve(&root, &revision)?;
        if git.is_own_commit(&root, &oid)? {
            return Ok(oid);
        }
        let top = git.top(&root)?;
        let inside = root.strip_prefix(&top).unwrap_or(Path::new("")).to_path_buf();
        for path in crate::adapters::trust::command_files(&root) {
            let here = crate::adapters::files::read_text(&root.join(&path), 1 << 20).ok();
            if git.text_at(&root, &oid, &inside.join(&path))? != here {
                return Err(Problem::user(msg!("build-commit-foreign", commit = revision.as_str()))
                    .code("untrusted")
                    .hint(msg!("build-commit-foreign-hint")));
            }
        }
        Ok(oid)
    })
    .await
}

/// The commit belongs to HEAD, a branch or a tag: nobody took it back. Outside of a repository nothing is taken back.
pub async fn is_alive(world: &World, workspace: &Workspace, commit: &str, cancel: &CancellationToken) -> Result<bool, Problem> {
    let repo = Repo {
        root: &workspace.root,
        is_trusted: world.trust().check(workspace).is_ok(),
    };
    let git = world.git_program();
    let of_head = ["merge-base", "--is-ancestor", commit, "HEAD"];
    match git.read(repo, &of_head, cancel).await {
        Ok(_) => return Ok(true),
        Err(problem) if problem.is_cancelled() => return Err(problem),
        Err(problem) if problem.code == "no-repository" => return Ok(true),
        Err(_) => {}
    }
    let args = ["for-each-ref", "--count=1", "--contains", commit];
    match git.read(repo, &args, cancel).await {
        Ok(found) => Ok(!found.trim_ascii().is_empty()),
        Err(problem) if problem.is_cancelled() => Err(problem),
        // The commit itself is gone.
        Err(_) => Ok(false),
    }
}
