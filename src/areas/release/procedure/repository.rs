//! What a release asks of its repository, and the few things that it does to it: through git's program.

use super::Release;
use crate::adapters::World;
use crate::adapters::git::act_problem;
use crate::adapters::git::program::Repo;
use crate::areas::release::history;
use crate::areas::release::journal::Journal;
use crate::base::Problem;
use crate::base::format;
use crate::base::git_act::{GitAct, Push};
use crate::msg;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// How long a remote is waited for that only might have something against a release.
pub const ASKED_FOR: Duration = Duration::from_secs(20);

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

    /// The commit is the one this release made, carried by hand onto something that others did: a rebase, a pull.
    pub(super) async fn is_carried(&self, commit: &str, journal: &Journal) -> Result<bool, Problem> {
        let facts = self.ask(&["show", "-s", "--format=%P%n%s", commit]).await?;
        let (parents, subject) = facts.split_once('\n').unwrap_or((&facts, ""));
        let is_ours = journal.commit.is_some() && subject == journal.subject() && !parents.trim().contains(' ');
        Ok(is_ours && !self.leads_to(commit, &[&journal.base]).await?.is_empty())
    }

    /// Which of these commits a revision leads to.
    async fn leads_to(&self, from: &str, commits: &[&str]) -> Result<std::collections::BTreeSet<String>, Problem> {
        let commits = commits.iter().map(|commit| (*commit).to_owned()).collect();
        self.world.git().reachable(&self.workspace.root, from, commits).await
    }

    /// The branch that is pushed with the tag has the commit that the tag names: else the version would stand beside it.
    pub(super) async fn is_held(&self, journal: &Journal) -> Result<(), Problem> {
        let (Some(branch), Some(commit)) = (&journal.branch, &journal.commit) else {
            return Ok(());
        };
        let branch = format!("refs/heads/{branch}");
        if !self.leads_to(&branch, &[commit]).await?.is_empty() {
            return Ok(());
        }
        let short = format::short_oid(commit);
        Err(Problem::user(msg!("release-left-behind", tag = &journal.tag, commit = short))
            .code("moved-on")
            .hint(msg!("release-left-behind-hint")))
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

    /// The release's commit, on its branch, and its tag, together or not at all. What was committed on top meanwhile stays here.
    pub(super) async fn push(&self, remote: &str, journal: &Journal) -> Result<(), Problem> {
        let tag = journal.tag.as_str();
        let mut args = ["push", "--progress", "--atomic", remote].map(str::to_owned).to_vec();
        if let Some(branch) = &journal.branch {
            let there = self.branch_there(remote, branch).await;
            match &journal.commit {
                // Somebody pushed the branch by hand; it never goes back.
                Some(commit) if self.has(remote, &there, commit).await => {}
                Some(commit) => args.push(format!("{commit}:{there}")),
                None => args.push(format!("refs/heads/{branch}:{there}")),
            }
        }
        args.push(format!("refs/tags/{tag}:refs/tags/{tag}"));
        let (git, cancel) = (self.world.git(), self.cx.cancel_token());
        git.transfer(self.repo(), &args, cancel, |progress| self.cx.progress(progress))
            .await
            .map_err(|problem| self.push_problem(problem))
    }

    /// What git said of a push, or of the question before it.
    pub(super) fn push_problem(&self, problem: Problem) -> Problem {
        let words = problem.details.clone();
        let act = GitAct::Push { push: Push::default() };
        act_problem(self.repo(), &act, problem, &words)
    }

    /// A branch of a remote leads to a commit already, as far as is known here.
    async fn has(&self, remote: &str, branch: &str, commit: &str) -> bool {
        let args = ["ls-remote", remote, branch];
        let asked = self.world.git_program().read(self.repo(), &args, self.cx.cancel_token());
        let Ok(Ok(answer)) = tokio::time::timeout(ASKED_FOR, asked).await else {
            return false;
        };
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let Some(tip) = answer.split_whitespace().next() else {
            return false;
        };
        self.leads_to(tip, &[commit]).await.is_ok_and(|found| !found.is_empty())
    }

    /// The branch's upstream may have another name there.
    async fn branch_there(&self, remote: &str, branch: &str) -> String {
        let get = async |key: &str| self.ask(&["config", "--get", &format!("branch.{branch}.{key}")]).await;
        match (get("remote").await, get("merge").await) {
            (Ok(upstream), Ok(merges)) if upstream == remote => merges,
            _ => format!("refs/heads/{branch}"),
        }
    }

    /// The tag is on a remote, and means what this release made.
    pub(super) async fn is_pushed(&self, remote: &str, journal: &Journal) -> Result<bool, Problem> {
        let there = tag_there(self.world, self.repo(), remote, &journal.tag, self.cx.cancel_token()).await?;
        Ok(there.is_some() && there == journal.commit)
    }

    /// A remote that this release is to be pushed to has another tag of this name: somebody else was quicker. One that does not answer is
    /// left to the push.
    pub(super) async fn check_tag_there(&self, journal: &Journal, remote: &str) -> Result<(), Problem> {
        let cancel = self.cx.cancel_token();
        let asked = tag_there(self.world, self.repo(), remote, &journal.tag, cancel);
        let answer = tokio::time::timeout(ASKED_FOR, asked).await;
        self.cx.check()?;
        match answer {
            Ok(Ok(Some(there))) if Some(&there) != journal.commit.as_ref() => Err(Problem::user(msg!(
                "release-tag-there",
                tag = &journal.tag,
                remote = remote,
                commit = format::short_oid(&there)
            ))
            .code("tag-there")
            .hint(msg!("release-tag-there-hint", remote = remote))),
            _ => Ok(()),
        }
    }

    pub(super) fn moved_on(journal: &Journal) -> Problem {
        let commit = journal.commit.as_ref().unwrap_or(&journal.base);
        Problem::user(msg!("release-moved-on", version = &journal.version))
            .code("moved-on")
            .hint(msg!("release-moved-on-hint", commit = format::short_oid(commit)))
    }
}

/// The commit that a remote's tag means, if it has it: the remote itself is asked.
pub async fn tag_there(
    world: &World,
    repo: Repo<'_>,
    remote: &str,
    tag: &str,
    cancel: &CancellationToken,
) -> Result<Option<String>, Problem> {
    let (own, commit) = (format!("refs/tags/{tag}"), format!("refs/tags/{tag}^{{}}"));
    let args = ["ls-remote", "--tags", remote, &own, &commit];
    let answer = world.git_program().read(repo, &args, cancel).await?;
    // What an annotated tag points to stands below it.
    let last = answer.trim_ascii().split(|byte| *byte == b'\n').next_back();
    let id = last
        .and_then(|line| line.split(|byte| *byte == b'\t').next())
        .unwrap_or_default();
    Ok((!id.is_empty()).then(|| String::from_utf8_lossy(id).into_owned()))
}
