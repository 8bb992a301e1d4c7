//! Clean worktrees of commits beside the user's checkout, which is never touched: made and removed by the program itself, without hooks.
//! Also what a commit holds, and a commit of what is not committed.

use super::program::Repo;
use super::{Git, GitError, blocking, commit, open, trusted};
use crate::base::Problem;
use crate::files;
use crate::msg;
use git2::{ObjectType, TreeWalkMode, TreeWalkResult};
use std::path::{Path, PathBuf};
use tokio_util::sync::CancellationToken;

/// Settings of every call: a worktree that a program makes is no checkout of the user's, so his hooks do not run.
const QUIET: [&str; 4] = ["-c", "core.hooksPath=/dev/null", "-c", "advice.detachedHead=false"];
/// Larger files of a commit are not read as text.
const MAX_TEXT_BYTES: usize = 4 << 20;

/// One file of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitFile {
    /// Relative to the top of the repository.
    pub path: PathBuf,
    /// Kind and id of the content: `100644:ce0136..`.
    pub content: String,
}

impl CommitFile {
    /// The id of the content; None for what is no file.
    pub fn blob(&self) -> Option<&str> {
        let (kind, oid) = self.content.split_once(':')?;
        kind.starts_with("100").then_some(oid)
    }
}

/// What git would call the content of a file; None where there is no such file that is text-sized. Blocks.
pub fn blob_of(path: &Path) -> Option<String> {
    let facts = std::fs::metadata(path).ok().filter(|_| path.is_absolute())?;
    if !facts.is_file() || facts.len() > MAX_TEXT_BYTES as u64 {
        return None;
    }
    let oid = git2::Oid::hash_file(ObjectType::Blob, path).ok()?;
    Some(oid.to_string())
}

impl Git {
    /// Checks a commit out into a new folder. The repository notes it until `remove_worktree`.
    pub async fn add_worktree(
        &self,
        repo: Repo<'_>,
        folder: &Path,
        oid: &str,
        cancel: &CancellationToken,
    ) -> Result<(), Problem> {
        trusted(repo)?;
        if let Some(above) = folder.parent() {
            files::create_private_dir(above)?;
        }
        let folder = folder.to_string_lossy();
        let args = QUIET
            .into_iter()
            .chain(["worktree", "add", "--quiet", "--detach", "--force", &folder, oid]);
        let args: Vec<&str> = args.collect();
        self.program.write(repo, &args, &[], cancel).await?.success("git").map(drop)
    }

    /// Removes such a folder with everything in it, and the repository's note of it.
    pub async fn remove_worktree(&self, repo: Repo<'_>, folder: &Path, cancel: &CancellationToken) -> Result<(), Problem> {
        let shown = folder.to_string_lossy();
        // Only this one: a general tidying up may take away what another job is just making.
        let args = ["worktree", "remove", "--force", "--force", &shown];
        if self.program.write(repo, &args, &[], cancel).await.is_ok() {
            return Ok(());
        }
        let there = folder.to_path_buf();
        blocking_files(move || match files::remove_dir_all(&there) {
            Err(_) if !there.exists() => Ok(()),
            Err(_) => {
                // Builds leave folders that nobody may write.
                files::make_writable(&there);
                files::remove_dir_all(&there)
            }
            Ok(()) => Ok(()),
        })
        .await?;
        self.forget_worktrees(repo, cancel).await
    }

    /// The repository forgets worktrees whose folders are gone.
    pub async fn forget_worktrees(&self, repo: Repo<'_>, cancel: &CancellationToken) -> Result<(), Problem> {
        trusted(repo)?;
        self.program
            .write(repo, &["worktree", "prune", "--expire=now"], &[], cancel)
            .await?
            .success("git")
            .map(drop)
    }

    /// A commit of everything that the checkout holds and git does not ignore, on top of HEAD. Neither index nor branch is touched.
    pub async fn snapshot_commit(&self, repo: Repo<'_>, scratch: &Path, cancel: &CancellationToken) -> Result<String, Problem> {
        trusted(repo)?;
        let root = repo.root.to_path_buf();
        let index = scratch.join(format!("index-{:016x}", fastrand::u64(..)));
        files::create_private_dir(scratch)?;
        let copy = index.clone();
        let head = blocking(move || {
            let repo = open::open(&root)?;
            // What git knows of unchanged files saves reading them again.
            if let Ok(bytes) = std::fs::read(repo.path().join("index")) {
                std::fs::write(&copy, bytes).map_err(|error| GitError::file(&copy, error))?;
            }
            Ok(commit::find(&repo, "HEAD")?.id().to_string())
        })
        .await?;
        let made = self.snapshot_with(repo, &index, &head, cancel).await;
        files::remove_file(&index)?;
        files::remove_file(&index.with_extension("lock"))?;
        made
    }

    async fn snapshot_with(
        &self,
        repo: Repo<'_>,
        index: &Path,
        head: &str,
        cancel: &CancellationToken,
    ) -> Result<String, Problem> {
        let run = async |args: &[&str]| -> Result<String, Problem> {
            let args: Vec<&str> = QUIET.iter().chain(args).copied().collect();
            let cmd = self.program.cmd(repo, &[], &args, cancel).await?;
            let cmd = cmd
                .env("GIT_INDEX_FILE", index)
                .env("GIT_AUTHOR_NAME", "Chantier")
                .env("GIT_AUTHOR_EMAIL", "chantier@localhost")
                .env("GIT_COMMITTER_NAME", "Chantier")
                .env("GIT_COMMITTER_EMAIL", "chantier@localhost");
            let output = self.program.processes().output(cmd, cancel, 1 << 20).await?;
            Ok(String::from_utf8_lossy(&output.success("git")?).trim().to_owned())
        };
        run(&["add", "--all", "--", ":/"]).await?;
        let tree = run(&["write-tree"]).await?;
        run(&[
            "-c",
            "commit.gpgSign=false",
            "commit-tree",
            &tree,
            "-p",
            head,
            "-m",
            "What is not committed",
        ])
        .await
    }

    /// A file of a commit as text; None when the commit has no such file, or it is none that can be read as text. Blocks.
    pub fn text_at(&self, root: &Path, oid: &str, path: &Path) -> Result<Option<String>, Problem> {
        let repo = open::open(root)?;
        let tree = commit::find(&repo, oid)?.tree().map_err(|error| GitError::of(root, error))?;
        let Ok(entry) = tree.get_path(path) else { return Ok(None) };
        if entry.kind() != Some(ObjectType::Blob) {
            return Ok(None);
        }
        let blob = repo.find_blob(entry.id()).map_err(|error| GitError::of(root, error))?;
        let is_text = blob.size() <= MAX_TEXT_BYTES;
        Ok(is_text.then(|| String::from_utf8(blob.content().to_vec()).ok()).flatten())
    }

    /// Every file of a commit, by path. Blocks.
    pub fn files_at(&self, root: &Path, oid: &str) -> Result<Vec<CommitFile>, Problem> {
        let repo = open::open(root)?;
        let tree = commit::find(&repo, oid)?.tree().map_err(|error| GitError::of(root, error))?;
        let mut found = Vec::new();
        tree.walk(TreeWalkMode::PreOrder, |folder, entry| {
            if entry.kind() != Some(ObjectType::Tree) {
                use std::os::unix::ffi::OsStrExt as _;
                let name = std::ffi::OsStr::from_bytes(entry.name_bytes());
                found.push(CommitFile {
                    path: Path::new(folder).join(name),
                    content: format!("{:o}:{}", entry.filemode(), entry.id()),
                });
            }
            TreeWalkResult::Ok
        })
        .map_err(|error| GitError::of(root, error))?;
        found.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }

    /// What is checked out, and the folder of the repository where it is noted. Blocks.
    pub fn head_of(&self, root: &Path) -> Result<HeadNow, Problem> {
        let repo = open::open(root)?;
        let head = repo.head().ok();
        Ok(HeadNow {
            oid: head
                .as_ref()
                .and_then(|head| head.peel_to_commit().ok())
                .map(|commit| commit.id().to_string()),
            branch: head
                .filter(git2::Reference::is_branch)
                .and_then(|head| head.shorthand().ok().map(str::to_owned)),
            git_dir: repo.path().to_path_buf(),
            origin: repo
                .find_remote("origin")
                .ok()
                .and_then(|remote| remote.url().ok().map(str::to_owned)),
            default_branch: repo.find_reference("refs/remotes/origin/HEAD").ok().and_then(|head| {
                let target = head.symbolic_target().ok().flatten()?;
                target.strip_prefix("refs/remotes/origin/").map(str::to_owned)
            }),
        })
    }

    /// Commits that `to` has and `from` has not, oldest first; of more than `max` the newest. Blocks.
    pub fn commits_since(&self, root: &Path, from: &str, to: &str, max: usize) -> Result<Vec<String>, Problem> {
        let repo = open::open(root)?;
        let of = |error| GitError::of(root, error);
        let mut walk = repo.revwalk().map_err(of)?;
        walk.push(commit::find(&repo, to)?.id()).map_err(of)?;
        if let Ok(from) = commit::find(&repo, from) {
            walk.hide(from.id()).map_err(of)?;
        }
        let newest: Vec<String> = walk.take(max).flatten().map(|oid| oid.to_string()).collect();
        Ok(newest.into_iter().rev().collect())
    }

    /// The user has it: a local branch or HEAD leads to this commit. What was only fetched is not his yet. Blocks.
    pub fn is_own_commit(&self, root: &Path, oid: &str) -> Result<bool, Problem> {
        let repo = open::open(root)?;
        let wanted = commit::find(&repo, oid)?.id();
        let branches = repo.branches(Some(git2::BranchType::Local)).into_iter().flatten().flatten();
        let tips = branches.filter_map(|(branch, _)| branch.get().target());
        let head = repo.head().ok().and_then(|head| head.target());
        let leads_there = |tip: git2::Oid| tip == wanted || repo.graph_descendant_of(tip, wanted).unwrap_or(false);
        Ok(head.into_iter().chain(tips).any(leads_there))
    }
}

/// What is checked out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeadNow {
    pub oid: Option<String>,
    /// None when HEAD is detached.
    pub branch: Option<String>,
    /// Where HEAD and its log stand.
    pub git_dir: PathBuf,
    /// The address of the remote `origin`.
    pub origin: Option<String>,
    /// What `origin` calls its own branch, as far as that was fetched.
    pub default_branch: Option<String>,
}

async fn blocking_files<T: Send + 'static>(work: impl FnOnce() -> Result<T, Problem> + Send + 'static) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|_| Err(Problem::internal(msg!("problem-cancelled"))))
}
