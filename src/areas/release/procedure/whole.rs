//! A version that is made and was given to nobody: it can be taken back whole, as long as no remote has it, nothing runs it, and nothing
//! was committed on top of it.

use super::Release;
use crate::adapters::World;
use crate::areas::release::journal::{self, Journal};
use crate::areas::release::{history, withdrawal};
use crate::base::{Msg, Problem, Workspace, format};
use crate::msg;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

/// The version that was made last, while it can be taken back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unpushed {
    pub version: String,
    pub tag: String,
    pub branch: Option<String>,
    /// The remotes that do not have it; empty: there is none.
    pub remotes: Vec<String>,
}

impl Unpushed {
    /// What gives it out; nothing where there is no remote.
    pub fn commands(&self) -> Vec<String> {
        let branch = self.branch.as_ref().map_or_else(String::new, |branch| format!(" {branch}"));
        let push = |remote: &String| format!("git push --atomic {remote}{branch} {}", self.tag);
        self.remotes.iter().map(push).collect()
    }

    /// Who does not have it yet.
    pub fn told_short(&self) -> Msg {
        if self.remotes.is_empty() {
            return msg!("release-unpushed-nowhere", version = &self.version);
        }
        msg!(
            "release-unpushed-to",
            version = &self.version,
            remotes = self.remotes.join(", ")
        )
    }

    /// The same, with what can be done about it.
    pub fn told(&self) -> Msg {
        if self.remotes.is_empty() {
            return msg!("release-unpushed-no-remote", version = &self.version);
        }
        msg!(
            "release-unpushed",
            version = &self.version,
            remotes = self.remotes.join(", "),
            command = self.commands().join(" && ")
        )
    }
}

/// The version that was made last, if nothing that is known here forbids to take it back; the remotes themselves are not asked.
pub async fn unpushed(world: &World, workspace: &Workspace, cancel: &CancellationToken) -> Result<Option<Unpushed>, Problem> {
    let Some(journal) = journal::made(world, workspace).await? else {
        return Ok(None);
    };
    let (Some(commit), false) = (&journal.commit, journal.is_final()) else {
        return Ok(None);
    };
    let releases = world.store().releases();
    let row = releases.by_version(&workspace.id, &journal.label()).await?;
    let Some(row) = row.filter(|row| row.commit == *commit) else {
        return Ok(None);
    };
    let is_deployed = !world.store().deployments().of_release(row.id).await?.is_empty();
    let tagged = history::commit_of_tag(world, workspace, &journal.tag, cancel).await?;
    if is_deployed || tagged.as_ref() != Some(commit) {
        return Ok(None);
    }
    let head = ask(world, workspace, &["rev-parse", "--verify", "HEAD^{commit}"], cancel).await?;
    if head != *commit || !there(world, workspace, &journal, cancel).await?.is_empty() {
        return Ok(None);
    }
    Ok(Some(Unpushed {
        version: journal.label(),
        tag: journal.tag.clone(),
        branch: journal.branch.clone(),
        remotes: ask(world, workspace, &["remote"], cancel)
            .await?
            .lines()
            .map(str::to_owned)
            .collect(),
    }))
}

async fn ask(world: &World, workspace: &Workspace, args: &[&str], cancel: &CancellationToken) -> Result<String, Problem> {
    let answer = world
        .git_program()
        .read(history::repo(world, workspace), args, cancel)
        .await?;
    Ok(String::from_utf8_lossy(&answer).trim().to_owned())
}

/// A branch of a remote that has the release's own commit, as far as it is known here; empty when there is none.
async fn there(world: &World, workspace: &Workspace, journal: &Journal, cancel: &CancellationToken) -> Result<String, Problem> {
    match &journal.commit {
        Some(commit) if *commit != journal.base => {
            let args = [
                "for-each-ref",
                "--count=1",
                "--format=%(refname:strip=2)",
                "--contains",
                commit,
                "refs/remotes",
            ];
            ask(world, workspace, &args, cancel).await
        }
        _ => Ok(String::new()),
    }
}

impl Release<'_> {
    /// The version that was made last is an unfinished one again, so that it is taken back step by step; refused where others have it.
    pub(super) async fn reopen(&self) -> Result<Journal, Problem> {
        let nothing = || {
            Problem::user(msg!("release-nothing-unfinished"))
                .code("not-found")
                .hint(msg!("release-nothing-unfinished-hint"))
        };
        let Some(journal) = journal::made(self.world, self.workspace).await? else {
            return Err(nothing());
        };
        let label = journal.label();
        let releases = self.world.store().releases();
        let row = releases.by_version(&self.workspace.id, &label).await?;
        let (Some(row), Some(commit)) = (row, journal.commit.clone()) else {
            return Err(nothing());
        };
        if row.commit != commit {
            return Err(nothing());
        }
        self.is_with_nobody(&journal, row.id).await?;
        let head = self.head().await?;
        if head != commit {
            return Err(Problem::user(msg!("release-back-moved", version = &label))
                .code("moved-on")
                .hint(msg!(
                    "release-back-moved-hint",
                    commit = format::short_oid(&commit),
                    tag = &journal.tag
                )));
        }
        journal::reopen(self.world, self.workspace, &journal).await?;
        releases.remove(row.id).await?;
        withdrawal::forget(self.world, &self.workspace.id, &label).await?;
        Ok(journal)
    }

    async fn is_with_nobody(&self, journal: &Journal, release: i64) -> Result<(), Problem> {
        let label = journal.label();
        let withdraw = || msg!("release-back-hint", version = &label);
        let deployed = self.world.store().deployments().of_release(release).await?;
        if let Some(first) = deployed.first() {
            let said = msg!("release-back-deployed", version = &label, environment = &first.environment);
            return Err(Problem::user(said).code("deployed").hint(withdraw()));
        }
        let pushed = Problem::user(msg!("release-pushed-already", tag = &journal.tag)).code("pushed");
        if journal.is_final() {
            return Err(pushed.hint(withdraw()));
        }
        for remote in self.ask(&["remote"]).await?.lines() {
            let is_there = self.is_pushed(remote, journal).await.map_err(|problem| {
                if problem.is_cancelled() {
                    return problem;
                }
                let unknown = Problem::environment(msg!("release-back-unknown", remote = remote)).code("remote-unknown");
                unknown.details(problem.details).hint(msg!("release-back-unknown-hint"))
            })?;
            if is_there {
                let said = msg!("release-back-there", tag = &journal.tag, remote = remote);
                return Err(Problem::user(said).code("pushed").hint(withdraw()));
            }
        }
        let branch = there(self.world, self.workspace, journal, self.cx.cancel_token()).await?;
        if !branch.is_empty() {
            let said = msg!("release-back-commit-there", branch = branch);
            return Err(Problem::user(said).code("pushed").hint(withdraw()));
        }
        Ok(())
    }
}
