//! Acts on branches and commits, and the network: git's program does them, in trusted workspaces only.

use super::log::{self, Search};
use super::program::{GitProgram, Repo};
use super::{Git, blocking, interrupted, open};
use crate::base::repo::{CommitAct, CommitRow, Refs};
use crate::base::{Problem, Progress};
use crate::process::Cmd;
use tokio_util::sync::CancellationToken;

impl Git {
    pub fn program(&self) -> &GitProgram {
        &self.program
    }

    /// Commits that are looked for, the newest first, at most `n_max`, told as they are found. A repository without a commit has none.
    pub async fn search(
        &self,
        repo: Repo<'_>,
        search: &Search,
        n_max: u64,
        cancel: &CancellationToken,
        on_rows: impl FnMut(Vec<CommitRow>),
    ) -> Result<(), Problem> {
        let root = repo.root.to_path_buf();
        let from = search.from.clone();
        let has_commit = blocking(move || {
            let repo = open::open(&root)?;
            match from {
                Some(from) => {
                    // Of a range both ends; the one that is left out is HEAD.
                    let ends = from.split_once("...").or_else(|| from.split_once(".."));
                    let (one, two) = ends.unwrap_or((&from, &from));
                    for end in [one, two].into_iter().filter(|end| !end.is_empty()) {
                        super::commit::find(&repo, end)?;
                    }
                    Ok(true)
                }
                None => Ok(super::status::head_commit(&repo, &root)?.is_some()),
            }
        })
        .await?;
        if !has_commit {
            return Ok(());
        }
        log::search(&self.program, repo, search, n_max, cancel, on_rows).await
    }

    /// Writes the commit-graph, with filters that make searching by path quick: only in a trusted workspace.
    pub async fn write_commit_graph(&self, repo: Repo<'_>, cancel: &CancellationToken) -> Result<(), Problem> {
        super::trusted(repo)?;
        let args = ["commit-graph", "write", "--reachable", "--changed-paths", "--no-progress"];
        self.program.write(repo, &args, &[], cancel).await?;
        self.histories.forget(repo.root);
        Ok(())
    }

    /// Branches, tags and remotes.
    pub async fn refs(&self, repo: Repo<'_>, cancel: &CancellationToken) -> Result<Refs, Problem> {
        let root = repo.root.to_path_buf();
        let remotes = blocking(move || super::branches::remotes(&open::open(&root)?, &root)).await?;
        let mut refs = log::refs(&self.program, repo, cancel).await?;
        refs.remotes = remotes;
        super::branches::mark_merged(&self.program, repo, &mut refs, cancel).await?;
        Ok(refs)
    }

    /// Waits until no other program holds the lock of this checkout's index. Ends in any case.
    pub async fn wait_for_index(&self, repo: Repo<'_>, cancel: &CancellationToken) -> Result<(), Problem> {
        let root = repo.root.to_path_buf();
        let lock = blocking(move || Ok(open::open(&root)?.path().join("index.lock"))).await?;
        self.program.wait_for_index(repo, &lock, cancel).await;
        Ok(())
    }

    /// The command that commits, with the user's hooks and signature. Its output is worth showing.
    pub async fn commit_cmd(&self, repo: Repo<'_>, act: &CommitAct, cancel: &CancellationToken) -> Result<Cmd, Problem> {
        super::trusted(repo)?;
        let mut args = vec!["commit"];
        if act.is_amend {
            args.push("--amend");
        }
        if act.is_all {
            args.push("--all");
        }
        if act.is_signed_off {
            args.push("--signoff");
        }
        if act.skips_hooks {
            args.push("--no-verify");
        }
        if act.allows_empty {
            args.push("--allow-empty");
        }
        let author = act.author.as_ref().map(|author| format!("--author={author}"));
        args.extend(author.as_deref());
        if let Some(commit) = &act.fixup {
            let fixup = format!("--fixup={commit}");
            args.push(&fixup);
            return self.program.cmd(repo, &[], &args, cancel).await;
        }
        if act.message.trim().is_empty() && act.is_amend {
            args.push("--no-edit");
        } else {
            args.extend(["--file", "-"]);
        }
        let mut cmd = self.program.cmd(repo, &["--literal-pathspecs"], &args, cancel).await?;
        if !act.paths.is_empty() {
            cmd = cmd.arg("--");
            let root = repo.root.to_path_buf();
            let top = blocking(move || Ok(open::open_checkout(&root)?.1)).await?;
            cmd = act.paths.iter().fold(cmd, |cmd, path| cmd.arg(top.join(path.to_path_buf())));
        }
        Ok(cmd.stdin(act.message.as_bytes()))
    }

    /// Before a rebase goes on: what was begun and not done when git was killed is done again.
    pub async fn take_up_interrupted(&self, repo: Repo<'_>, cancel: &CancellationToken) -> Result<(), Problem> {
        super::trusted(repo)?;
        let root = repo.root.to_path_buf();
        let Some(begun) = blocking(move || interrupted::begun(&open::open(&root)?, &root)).await? else {
            return Ok(());
        };
        if begun.is_half_done {
            let args = ["reset", "--quiet", "--hard", "HEAD"];
            self.program.write(repo, &args, &[], cancel).await?;
        }
        let root = repo.root.to_path_buf();
        blocking(move || interrupted::put_back(&open::open(&root)?, &begun)).await
    }

    /// Git's own cleaning up, if it is time for it.
    pub async fn tidy_cmd(&self, repo: Repo<'_>, cancel: &CancellationToken) -> Result<Cmd, Problem> {
        super::trusted(repo)?;
        let args = ["maintenance", "run", "--auto", "--quiet"];
        self.program.cmd(repo, &[], &args, cancel).await
    }

    /// The command that puts commits that were made to fix others where they belong; the commits from `oid` on are made again.
    pub async fn autosquash_cmd(&self, repo: Repo<'_>, oid: &str, cancel: &CancellationToken) -> Result<Cmd, Problem> {
        super::trusted(repo)?;
        let (root, wanted) = (repo.root.to_path_buf(), oid.to_owned());
        let parent = blocking(move || {
            let repo = open::open(&root)?;
            Ok(super::commit::find(&repo, &wanted)?
                .parent_id(0)
                .ok()
                .map(|oid| oid.to_string()))
        })
        .await?;
        let parent = parent.unwrap_or_else(|| "--root".to_owned());
        // A merge above the commit stays a merge.
        let args = [
            "rebase",
            "--interactive",
            "--autosquash",
            "--autostash",
            "--rebase-merges",
            &parent,
        ];
        self.program.cmd(repo, &[], &args, cancel).await
    }

    /// `fetch`, `pull` or `push`, through the user's git with its credentials.
    pub async fn transfer(
        &self,
        repo: Repo<'_>,
        args: &[String],
        cancel: &CancellationToken,
        on_progress: impl FnMut(Progress),
    ) -> Result<(), Problem> {
        self.program.network(repo, args, None, cancel, on_progress).await
    }
}
