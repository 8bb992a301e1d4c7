//! What a release asks of its repository, and the few things that it does to it: through git's program.

use super::Release;
use crate::adapters::World;
use crate::adapters::git::act_problem;
use crate::adapters::git::program::Repo;
use crate::areas::release::history;
use crate::areas::release::journal::Journal;
use crate::base::Problem;
use crate::base::git_act::{GitAct, Push};
use crate::msg;
use tokio_util::sync::CancellationToken;

impl Release<'_> {
    pub(super) fn repo(&self) -> Repo<'_> {
        history::repo(self.world, self.workspace)
    }

    pub(super) async fn git(&self, args: &[&str], stdin: &[u8]) -> Result<(), Problem> {
        let git = self.world.git_program();
        git.write(self.repo(), args, stdin, self.cx.cancel_token()).await.map(drop)
    }

    /// What brings things back in order is not stopped by the wish that made it necessary.
    pub(super) async fn git_uncancelled(&self, args: &[&str]) -> Result<Vec<u8>, Problem> {
        let never = CancellationToken::new();
        let output = self.world.git_program().write(self.repo(), args, &[], &never).await?;
        Ok(output.stdout)
    }

    pub(super) async fn ask(&self, args: &[&str]) -> Result<String, Problem> {
        let answer = self.git_uncancelled(args).await?;
        Ok(String::from_utf8_lossy(&answer).trim().to_owned())
    }

    pub(super) async fn head(&self) -> Result<String, Problem> {
        self.ask(&["rev-parse", "--verify", "HEAD^{commit}"]).await
    }

    pub(super) async fn commit_time(&self, commit: &str) -> Result<u64, Problem> {
        let text = self.ask(&["show", "-s", "--format=%ct", commit]).await?;
        Ok(text.parse().unwrap_or(0))
    }

    /// The commit that a tag means; None when there is no such tag.
    pub(super) async fn commit_of_tag(&self, tag: &str) -> Result<Option<String>, Problem> {
        let format = "--format=%(objectname) %(*objectname)";
        let found = self
            .ask(&["for-each-ref", "--count=1", format, &format!("refs/tags/{tag}")])
            .await?;
        Ok(found.split_whitespace().last().map(str::to_owned))
    }

    /// The commit is the one this release made: right subject, and its parent is where the release was begun.
    pub(super) async fn is_our_commit(&self, commit: &str, journal: &Journal) -> Result<bool, Problem> {
        let facts = self.ask(&["show", "-s", "--format=%P%n%s", commit]).await?;
        let (parents, subject) = facts.split_once('\n').unwrap_or((&facts, ""));
        Ok(parents.trim() == journal.base && subject == journal.subject())
    }

    /// The remotes that a step names, else all.
    pub(super) async fn remotes(&self, named: &[String]) -> Result<Vec<String>, Problem> {
        let there: Vec<String> = self.ask(&["remote"]).await?.lines().map(str::to_owned).collect();
        if let Some(unknown) = named.iter().find(|name| !there.contains(name)) {
            return Err(Problem::config(msg!("release-no-remote", remote = unknown))
                .code("no-remote")
                .hint(msg!("release-no-remote-hint")));
        }
        if there.is_empty() {
            return Err(Problem::user(msg!("release-no-remotes"))
                .code("no-remote")
                .hint(msg!("release-no-remotes-hint")));
        }
        Ok(if named.is_empty() { there } else { named.to_vec() })
    }

    /// Branch and tag together or not at all.
    pub(super) async fn push(&self, remote: &str, branch: Option<&str>, tag: &str) -> Result<(), Problem> {
        let mut args = ["push", "--progress", "--atomic", remote].map(str::to_owned).to_vec();
        if let Some(branch) = branch {
            let there = self.branch_there(remote, branch).await;
            args.push(format!("refs/heads/{branch}:{there}"));
        }
        args.push(format!("refs/tags/{tag}:refs/tags/{tag}"));
        let (git, cancel) = (self.world.git(), self.cx.cancel_token());
        git.transfer(self.repo(), &args, cancel, |progress| self.cx.progress(progress))
            .await
            .map_err(|problem| {
                let words = problem.details.clone();
                let act = GitAct::Push { push: Push::default() };
                act_problem(self.repo(), &act, problem, &words)
            })
    }

    /// The branch's upstream may have another name there.
    async fn branch_there(&self, remote: &str, branch: &str) -> String {
        let get = async |key: &str| self.ask(&["config", "--get", &format!("branch.{branch}.{key}")]).await;
        match (get("remote").await, get("merge").await) {
            (Ok(upstream), Ok(merges)) if upstream == remote => merges,
            _ => format!("refs/heads/{branch}"),
        }
    }

    /// The tag is on a remote.
    pub(super) async fn is_pushed(&self, remote: &str, tag: &str) -> Result<bool, Problem> {
        is_pushed(self.world, self.repo(), remote, tag, self.cx.cancel_token()).await
    }

    pub(super) fn moved_on(journal: &Journal) -> Problem {
        Problem::user(msg!("release-moved-on", version = &journal.version))
            .code("moved-on")
            .hint(msg!("release-moved-on-hint"))
    }
}

/// The tag is on a remote: the remote itself is asked.
pub async fn is_pushed(
    world: &World,
    repo: Repo<'_>,
    remote: &str,
    tag: &str,
    cancel: &CancellationToken,
) -> Result<bool, Problem> {
    let args = ["ls-remote", "--tags", remote, &format!("refs/tags/{tag}")];
    let answer = world.git_program().read(repo, &args, cancel).await?;
    Ok(!answer.trim_ascii().is_empty())
}
