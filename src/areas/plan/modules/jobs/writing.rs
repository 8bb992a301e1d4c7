//! Generating as a job: previewed once more, written, and committed if that was asked; the checkout or a branch of its own.

use super::{folder, generate, sound, tell};
use crate::adapters::World;
use crate::adapters::git::Repo;
use crate::areas::JobCtx;
use crate::areas::plan::modules::{Did, GenerateOptions, Update};
use crate::base::{Problem, Workspace};
use crate::engine::JobResult;
use std::path::{Path, PathBuf};

pub(super) async fn generate_module(
    cx: JobCtx,
    world: World,
    workspace: Workspace,
    module: String,
    template: Option<String>,
    options: GenerateOptions,
) -> JobResult {
    let (files, commit) = match &options.branch {
        None => {
            // Nothing is written that could not be committed then.
            if options.commit.is_some() {
                world.trust().check(&workspace)?;
            }
            let root = workspace.root.clone();
            let files = write_at(&cx, &world, &workspace, &root, &module, template, &options).await?;
            let commit = match &options.commit {
                Some(message) if !files.is_empty() => Some(commit(&cx, &world, &workspace, &root, &files, message).await?),
                _ => None,
            };
            (files, commit)
        }
        Some(branch) => on_branch(&cx, &world, &workspace, &module, template, &options, branch).await?,
    };
    tell(
        &cx,
        Update::Done {
            workspace: workspace.id.clone(),
            did: Did::Generated {
                module,
                files,
                branch: options.branch,
                commit,
            },
        },
    )
    .await;
    Ok(())
}

/// Previews once more, tells it, and writes it into a checkout.
async fn write_at(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    root: &Path,
    module: &str,
    template: Option<String>,
    options: &GenerateOptions,
) -> Result<Vec<PathBuf>, Problem> {
    let (at, git, root, module, on_conflict) = (
        workspace.clone(),
        world.git().clone(),
        root.to_path_buf(),
        module.to_owned(),
        options.on_conflict,
    );
    let to = root.clone();
    let output = cx
        .blocking(move |_| {
            let plan = folder::load(&at)?;
            let module = sound(&plan, &module)?;
            generate::preview(&git, &at, &to, &plan, &module, template.as_deref())
        })
        .await?;
    tell(
        cx,
        Update::Previewed {
            workspace: workspace.id.clone(),
            output: output.clone(),
        },
    )
    .await;
    cx.blocking(move |_| generate::write(&root, &output, on_conflict)).await
}

async fn commit(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    root: &Path,
    files: &[PathBuf],
    message: &str,
) -> Result<String, Problem> {
    let is_trusted = world.trust().check(workspace).is_ok();
    world.trust().check(workspace)?;
    let repo = Repo { root, is_trusted };
    let with = |first: &[&str], names: &[String]| -> Vec<String> {
        let first = first.iter().map(|word| (*word).to_owned());
        first.chain(names.iter().cloned()).collect()
    };
    let program = world.git().program();
    let cancel = cx.cancel_token();
    // Of what was moved or removed git knows only what was in it before.
    let mut names: Vec<String> = files.iter().map(|file| file.to_string_lossy().into_owned()).collect();
    let known = with(&["ls-files", "-z", "--cached", "--others", "--"], &names);
    let known = String::from_utf8_lossy(&program.read(repo, &known, cancel).await?).into_owned();
    let known: std::collections::BTreeSet<&str> = known.split('\0').collect();
    names.retain(|name| known.contains(name.as_str()));
    let args = |first: &[&str]| with(first, &names);
    program
        .write(repo, &args(&["add", "--force", "--all", "--"]), &[], cancel)
        .await?
        .success("git")?;
    program
        .write(
            repo,
            &args(&["commit", "--quiet", "--file", "-", "--only", "--"]),
            message.as_bytes(),
            cancel,
        )
        .await?
        .success("git")?;
    let (git, root) = (world.git().clone(), root.to_path_buf());
    cx.blocking(move |_| git.resolve(&root, "HEAD")).await
}

/// Writes and commits in a worktree of its own, then the branch is made or moved; the checkout is not touched.
async fn on_branch(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    module: &str,
    template: Option<String>,
    options: &GenerateOptions,
    branch: &str,
) -> Result<(Vec<PathBuf>, Option<String>), Problem> {
    world.trust().check(workspace)?;
    let repo = Repo {
        root: &workspace.root,
        is_trusted: true,
    };
    let (git, root, wanted) = (world.git().clone(), workspace.root.clone(), format!("refs/heads/{branch}"));
    let (top, from) = cx
        .blocking(move |_| {
            let from = git.resolve(&root, &wanted).or_else(|_| git.resolve(&root, "HEAD"))?;
            Ok((git.top(&root)?, from))
        })
        .await?;
    let folder = world
        .dirs()
        .cache
        .join("generate")
        .join(format!("{:016x}", fastrand::u64(..)));
    world.git().add_worktree(repo, &folder, &from, cx.cancel_token()).await?;
    let below = workspace.root.strip_prefix(&top).unwrap_or(Path::new("")).to_path_buf();
    let made = async {
        let root = folder.join(&below);
        let files = write_at(cx, world, workspace, &root, module, template, options).await?;
        if files.is_empty() {
            return Ok((files, None));
        }
        let message = options
            .commit
            .clone()
            .unwrap_or_else(|| format!("{module}: generated from the plan"));
        let oid = commit(cx, world, workspace, &root, &files, &message).await?;
        let args = ["branch", "--force", "--", branch, &oid];
        world
            .git()
            .program()
            .write(repo, &args, &[], cx.cancel_token())
            .await?
            .success("git")?;
        Ok((files, Some(oid)))
    }
    .await;
    let always = tokio_util::sync::CancellationToken::new();
    world.git().remove_worktree(repo, &folder, &always).await?;
    made
}
