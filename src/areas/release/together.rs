//! Several repositories as one release: looked at, frozen to exact commits, tagged all or none, pushed; what was frozen is kept with
//! the version. Written down before each act: after a crash the next run goes on.

use super::procedure::{ASKED_FOR, tag_there};
use super::{Check, Update, files, version};
use crate::adapters::World;
use crate::adapters::deliver;
use crate::adapters::git::program::Repo;
use crate::adapters::store::releases::{ReleaseArtifactRow, ReleaseRow};
use crate::areas::JobCtx;
use crate::areas::code::{manifest, repos};
use crate::base::repos::{Drift, Frozen};
use crate::base::{Msg, Problem, SafeText, State, Workspace, format};
use crate::msg;
use semver::Version;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use tokio_util::sync::CancellationToken;

/// The file that is kept with the version.
const MANIFEST: &str = "manifest.toml";

/// Several repositories that get one version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Together {
    pub version: String,
    pub tag: String,
    /// By path.
    pub members: Vec<Member>,
    /// It was begun, and is neither made nor taken back.
    #[serde(default)]
    pub is_unfinished: bool,
}

/// One of several repositories.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Member {
    /// Below the workspace; `.` is the workspace itself.
    pub path: String,
    pub folder: PathBuf,
    /// Empty while there is none.
    pub commit: String,
    pub branch: Option<String>,
    pub checks: Vec<Check>,
    /// This release set its tag.
    pub is_tagged: bool,
    /// Remotes that have branch and tag.
    pub pushed: Vec<String>,
    /// The remote that a push was begun to, while its end is not known.
    #[serde(default)]
    pub pushing: Option<String>,
}

impl Member {
    pub fn new(path: String, folder: PathBuf) -> Self {
        Self {
            path,
            folder,
            commit: String::new(),
            branch: None,
            checks: Vec::new(),
            is_tagged: false,
            pushed: Vec::new(),
            pushing: None,
        }
    }
}

fn name(workspace: &Workspace) -> String {
    format!("release-together:{}", workspace.id)
}

/// The one that was begun.
pub async fn begun(world: &World, workspace: &Workspace) -> Result<Option<Together>, Problem> {
    world.store().kv().get(&name(workspace)).await
}

/// The one that was begun when it is the one of this version; another one has to be ended first.
async fn begun_as(world: &World, workspace: &Workspace, wanted: &Version) -> Result<Option<Together>, Problem> {
    match begun(world, workspace).await? {
        Some(begun) if begun.version != wanted.to_string() => {
            Err(Problem::user(msg!("release-unfinished", version = &begun.version))
                .code("unfinished")
                .hint(msg!("release-together-unfinished-hint", version = &begun.version)))
        }
        begun => Ok(begun),
    }
}

/// How far the one is that was begun, else every repository with what forbids its release.
pub async fn look(cx: &JobCtx, world: &World, workspace: &Workspace, wanted: &str) -> Result<Together, Problem> {
    let wanted = version::parse(wanted)?;
    match begun_as(world, workspace, &wanted).await? {
        Some(begun) => Ok(begun),
        None => look_anew(cx, world, workspace, &wanted).await,
    }
}

async fn look_anew(cx: &JobCtx, world: &World, workspace: &Workspace, wanted: &Version) -> Result<Together, Problem> {
    let rules = files::project(workspace)?.0.release;
    let pattern = rules.tag.unwrap_or_else(|| version::USUAL_TAG.to_owned());
    let tag = version::tag_for(wanted, &pattern);
    let list = repos::read(cx, world, workspace, None).await?;
    for problem in list.problems {
        cx.problem(problem).await;
    }
    if list.rows.len() < 2 {
        return Err(Problem::user(msg!("release-together-one"))
            .code("not-several")
            .hint(msg!("release-together-one-hint")));
    }
    let mut members = Vec::new();
    for row in list.rows {
        cx.check()?;
        let path = row.path.display();
        if row.drift == Drift::NotHere {
            members.push(Member {
                checks: vec![check(
                    "release-together-here",
                    State::Failed,
                    msg!("release-together-not-here"),
                )],
                ..Member::new(path, row.folder.to_path_buf())
            });
            continue;
        }
        members.push(member(cx, world, path, row.folder.to_path_buf(), &tag).await?);
    }
    Ok(Together {
        version: wanted.to_string(),
        tag,
        members,
        is_unfinished: false,
    })
}

/// Where the repositories of the workspace stand, as far as they are here.
pub async fn paths(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<Vec<String>, Problem> {
    let list = repos::read(cx, world, workspace, None).await?;
    let here = list.rows.iter().filter(|row| row.drift != Drift::NotHere);
    Ok(here.map(|row| row.path.display()).collect())
}

fn check(name: &'static str, state: State, found: Msg) -> Check {
    Check {
        name: Msg::new(name),
        state,
        found,
        hint: None,
        target: None,
    }
}

async fn member(cx: &JobCtx, world: &World, path: String, folder: PathBuf, tag: &str) -> Result<Member, Problem> {
    let git = world.git().clone();
    let at = folder.clone();
    let (exact, stashes, status) = cx
        .blocking(move |_| Ok((git.exact(&at)?, git.stashes(&at)?.len(), git.status(&at)?)))
        .await?;
    let mut member = Member::new(path, folder);
    let mut checks = Vec::new();
    match exact.commit {
        Some(commit) => member.commit = commit,
        None => checks.push(check("release-together-commit", State::Failed, msg!("release-no-commit"))),
    }
    match &status.summary.head {
        crate::base::repo::Head::Branch { name } => member.branch = Some(name.clone()),
        _ => checks.push(check(
            "release-check-branch",
            State::Degraded,
            msg!("release-check-branch-detached"),
        )),
    }
    if status.summary.operation.is_some() {
        checks.push(check(
            "release-check-branch",
            State::Failed,
            msg!("release-check-branch-busy"),
        ));
    }
    let n = status.n_paths();
    checks.push(if exact.is_dirty {
        let first = status.entries.first().map_or_else(String::new, |entry| entry.path.display());
        let found = msg!("release-check-clean-no", n = n, first = SafeText::new(&first));
        check("release-check-clean", State::Failed, found)
    } else {
        check("release-check-clean", State::Done, msg!("release-check-clean-yes"))
    });
    if exact.is_unpushed {
        checks.push(check(
            "release-together-unpushed",
            State::Degraded,
            msg!("release-together-unpushed-yes"),
        ));
    }
    if stashes > 0 {
        let found = msg!("release-together-stashes-yes", n = stashes);
        checks.push(check("release-together-stashes", State::Degraded, found));
    }
    let taken = tagged(world, &member, tag).await?;
    if taken.is_some_and(|commit| commit != member.commit) {
        checks.push(check(
            "release-check-tag",
            State::Failed,
            msg!("release-check-tag-no", tag = tag),
        ));
    }
    checks.extend(remote_checks(cx, world, &member, tag).await?);
    member.checks = checks;
    Ok(member)
}

/// What its remotes would refuse. One that does not answer is left to the push.
async fn remote_checks(cx: &JobCtx, world: &World, member: &Member, tag: &str) -> Result<Vec<Check>, Problem> {
    let mut checks = Vec::new();
    for remote in git(world, member, &["remote"]).await?.lines() {
        cx.check()?;
        let asked = tag_there(world, repo(member), remote, tag, cx.cancel_token());
        let Ok(Ok(there)) = tokio::time::timeout(ASKED_FOR, asked).await else {
            continue;
        };
        if let Some(there) = there.filter(|there| *there != member.commit) {
            let found = msg!(
                "release-tag-there",
                tag = tag,
                remote = remote,
                commit = format::short_oid(&there)
            );
            checks.push(check("release-check-tag", State::Failed, found));
        }
        let Some(branch) = &member.branch else { continue };
        let branch_there = format!("refs/heads/{branch}:refs/heads/{branch}");
        let args = ["push", "--dry-run", "--no-verify", remote, &branch_there];
        let asked = world.git_program().write(repo(member), &args, &[], cx.cancel_token());
        let answer = tokio::time::timeout(ASKED_FOR, asked).await;
        if matches!(answer, Ok(Err(problem)) if problem.details.contains("failed to push some refs")) {
            let found = msg!("release-together-moved", remote = remote, branch = branch.as_str());
            checks.push(check("release-check-branch", State::Failed, found));
        }
    }
    Ok(checks)
}

fn repo(member: &Member) -> Repo<'_> {
    Repo {
        root: &member.folder,
        is_trusted: true,
    }
}

/// What brings things back in order is not stopped by the wish that made it necessary.
async fn git(world: &World, member: &Member, args: &[&str]) -> Result<String, Problem> {
    let never = CancellationToken::new();
    let output = world.git_program().write(repo(member), args, &[], &never).await?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// The commit that the tag means in this repository.
async fn tagged(world: &World, member: &Member, tag: &str) -> Result<Option<String>, Problem> {
    let format = "--format=%(objectname) %(*objectname)";
    let args = ["for-each-ref", "--count=1", format, &format!("refs/tags/{tag}")];
    let untrusted = Repo {
        is_trusted: false,
        ..repo(member)
    };
    let never = CancellationToken::new();
    let answer = world.git_program().read(untrusted, &args, &never).await?;
    let text = String::from_utf8_lossy(&answer).into_owned();
    Ok(text.split_whitespace().last().map(str::to_owned))
}

/// Gives all of them the version, or goes on with that; nothing is tagged where one can not be.
pub async fn run(cx: &JobCtx, world: &World, workspace: &Workspace, wanted: &str, pushes: bool) -> Result<Together, Problem> {
    let wanted = version::parse(wanted)?;
    let mut together = match begun_as(world, workspace, &wanted).await? {
        Some(begun) => begun,
        None => {
            let together = look_anew(cx, world, workspace, &wanted).await?;
            is_ready(&together, pushes)?;
            if world
                .store()
                .releases()
                .by_version(&workspace.id, &together.version)
                .await?
                .is_some()
            {
                return Err(Problem::user(msg!("release-together-made", version = &together.version)).code("not-ready"));
            }
            together
        }
    };
    together.is_unfinished = true;
    settle_pushes(world, workspace, &mut together).await?;
    keep(world, workspace, &together).await?;
    tell(cx, workspace, &together).await;
    if let Err(problem) = tag_all(cx, world, workspace, &mut together).await {
        untag_all(world, &together).await?;
        forget(world, workspace).await?;
        return Err(if problem.hint.is_none() && !problem.is_cancelled() {
            problem.hint(msg!("release-together-untagged"))
        } else {
            problem
        });
    }
    if pushes && let Err(problem) = push_all(cx, world, workspace, &mut together).await {
        // Who can not be asked may have it: then nothing is taken back.
        let is_known = settle_pushes(world, workspace, &mut together).await.is_ok();
        if is_known && together.members.iter().all(|member| member.pushed.is_empty()) {
            untag_all(world, &together).await?;
            forget(world, workspace).await?;
            return Err(problem.hint(msg!("release-together-untagged")));
        }
        return Err(problem.hint(msg!("release-together-half", version = &together.version)));
    }
    record(cx, world, workspace, &together).await?;
    forget(world, workspace).await?;
    together.is_unfinished = false;
    for member in together.members.iter_mut().filter(|member| !member.pushed.is_empty()) {
        member.checks.retain(|check| check.name.key != "release-together-unpushed");
    }
    tell(cx, workspace, &together).await;
    Ok(together)
}

/// Leaves the one that was begun: its tags are taken away but where a remote has them, which is told.
pub async fn abort(cx: &JobCtx, world: &World, workspace: &Workspace, mut together: Together) -> Result<(), Problem> {
    settle_pushes(world, workspace, &mut together).await?;
    let mut there = Vec::new();
    for member in &mut together.members {
        if !member.pushed.is_empty() {
            there.push(format!("{}: {}", member.path, member.pushed.join(", ")));
            member.is_tagged = false;
        }
    }
    untag_all(world, &together).await?;
    forget(world, workspace).await?;
    for member in &mut together.members {
        member.is_tagged = false;
    }
    together.is_unfinished = false;
    tell(cx, workspace, &together).await;
    if !there.is_empty() {
        let left = Problem::environment(msg!("release-together-left", tag = &together.tag, n = there.len()));
        cx.problem(left.code("left").details(there.join("\n"))).await;
    }
    Ok(())
}

/// The first thing that forbids it, and all of them in detail.
pub fn is_ready(together: &Together, pushes: bool) -> Result<(), Problem> {
    let mut wrong: Vec<(&Member, &Check)> = Vec::new();
    for member in &together.members {
        for check in &member.checks {
            let is_lost = !pushes && check.name.key == "release-together-unpushed";
            if check.state == State::Failed || is_lost {
                wrong.push((member, check));
            }
        }
    }
    let Some((member, check)) = wrong.first() else {
        return Ok(());
    };
    let paths: Vec<&str> = wrong.iter().map(|(member, _)| member.path.as_str()).collect();
    let mut problem = Problem::user(msg!("release-together-not-ready", path = &member.path, n = wrong.len()))
        .code("not-ready")
        .details(paths.join("\n"));
    problem.hint = Some(check.found.clone());
    Err(problem)
}

async fn tag_all(cx: &JobCtx, world: &World, workspace: &Workspace, together: &mut Together) -> Result<(), Problem> {
    for at in 0..together.members.len() {
        cx.check()?;
        let member = &together.members[at];
        let tag = &together.tag;
        match tagged(world, member, tag).await? {
            Some(commit) if commit == member.commit => {}
            Some(_) => {
                return Err(Problem::user(msg!("release-check-tag-no", tag = tag))
                    .code("not-ready")
                    .details(&member.path));
            }
            None => {
                let message = format!("{tag}\n");
                let args = ["tag", "--annotate", "-m", &message, tag, &member.commit];
                world
                    .git_program()
                    .write(repo(member), &args, &[], cx.cancel_token())
                    .await?
                    .success("git")?;
                // Only a tag of ours is ever taken back.
                together.members[at].is_tagged = true;
            }
        }
        keep(world, workspace, together).await?;
        tell(cx, workspace, together).await;
    }
    Ok(())
}

async fn untag_all(world: &World, together: &Together) -> Result<(), Problem> {
    for member in together.members.iter().filter(|member| member.is_tagged) {
        if tagged(world, member, &together.tag).await?.as_ref() == Some(&member.commit) {
            git(world, member, &["tag", "--delete", &together.tag]).await?;
        }
    }
    Ok(())
}

/// A push whose end nobody saw, as one that was cut off or killed: the remote itself is asked.
async fn settle_pushes(world: &World, workspace: &Workspace, together: &mut Together) -> Result<(), Problem> {
    let tag = together.tag.clone();
    for at in 0..together.members.len() {
        let Some(remote) = together.members[at].pushing.clone() else {
            continue;
        };
        let there = tag_there(world, repo(&together.members[at]), &remote, &tag, &CancellationToken::new()).await?;
        let member = &mut together.members[at];
        member.pushing = None;
        if there.as_ref() == Some(&member.commit) {
            member.pushed.push(remote);
        }
        keep(world, workspace, together).await?;
    }
    Ok(())
}

async fn push_all(cx: &JobCtx, world: &World, workspace: &Workspace, together: &mut Together) -> Result<(), Problem> {
    for at in 0..together.members.len() {
        let remotes = git(world, &together.members[at], &["remote"]).await?;
        for remote in remotes.lines().map(str::to_owned) {
            let member = &together.members[at];
            if member.pushed.contains(&remote) {
                continue;
            }
            cx.check()?;
            together.members[at].pushing = Some(remote.clone());
            keep(world, workspace, together).await?;
            let member = &together.members[at];
            let mut args = ["push", "--progress", "--atomic", &remote].map(str::to_owned).to_vec();
            args.extend(
                member
                    .branch
                    .iter()
                    .map(|branch| format!("refs/heads/{branch}:refs/heads/{branch}")),
            );
            args.push(format!("refs/tags/{0}:refs/tags/{0}", together.tag));
            world
                .git()
                .transfer(repo(member), &args, cx.cancel_token(), |progress| cx.progress(progress))
                .await?;
            together.members[at].pushing = None;
            together.members[at].pushed.push(remote);
            keep(world, workspace, together).await?;
            tell(cx, workspace, together).await;
        }
    }
    Ok(())
}

async fn record(cx: &JobCtx, world: &World, workspace: &Workspace, together: &Together) -> Result<(), Problem> {
    let mut frozen = Vec::new();
    for member in &together.members {
        let url = git(world, member, &["config", "--get", "remote.origin.url"]).await;
        frozen.push(Frozen {
            path: member.path.clone(),
            url: url.unwrap_or_default(),
            commit: member.commit.clone(),
            upstream: member.branch.clone().unwrap_or_default(),
            is_dirty: false,
            is_unpushed: false,
        });
    }
    let text = manifest::write_toml(&frozen);
    let to = files::folder(world, workspace, &together.version).join(MANIFEST);
    let kept = cx.blocking(move |_| deliver::keep_text(&text, &to)).await?;
    let here = together.members.iter().find(|member| member.path == ".");
    let channel = Version::parse(&together.version).map_or_else(
        |_| version::STABLE.to_owned(),
        |version| version::channel(&version).to_owned(),
    );
    let row = ReleaseRow {
        id: 0,
        workspace: workspace.id.clone(),
        version: together.version.clone(),
        commit: here.map(|member| member.commit.clone()).unwrap_or_default(),
        tag: Some(together.tag.clone()),
        previous: None,
        notes: String::new(),
        channel,
        job: Some(cx.id()),
        released_at: cx.now(),
        withdrawn: None,
    };
    let file = ReleaseArtifactRow {
        id: 0,
        release: 0,
        name: MANIFEST.to_owned(),
        path: kept.path,
        sha256: kept.sha256,
        bytes: kept.bytes,
    };
    world.store().releases().record(row, vec![file]).await.map(drop)
}

async fn keep(world: &World, workspace: &Workspace, together: &Together) -> Result<(), Problem> {
    world.store().kv().set(&name(workspace), together).await
}

async fn forget(world: &World, workspace: &Workspace) -> Result<(), Problem> {
    world.store().kv().remove(&name(workspace)).await
}

pub async fn tell(cx: &JobCtx, workspace: &Workspace, together: &Together) {
    cx.update(Update::TogetherTold {
        workspace: workspace.id.clone(),
        together: Box::new(together.clone()),
    })
    .await;
}
