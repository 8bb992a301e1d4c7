//! Where a push goes: to the remote and the branch that git's own `push` would take (git-config(1): `branch.*.pushRemote`,
//! `remote.pushDefault`, `remote.*.push`, `push.default`), and into a branch of another name only where somebody says so.

use super::GitError;
use super::open::open;
use crate::base::git_act::Push;
use git2::{Config, Direction, Repository};
use std::path::Path;

/// A branch, and where it goes.
pub(super) struct Target {
    pub(super) remote: String,
    /// The branch here, without `refs/heads/`.
    pub(super) branch: String,
    pub(super) local: String,
    /// The whole name that it has there.
    pub(super) there: String,
    /// It follows the branch there from now on.
    pub(super) sets_upstream: bool,
}

/// The name of a branch without what stands in front of all of them.
pub(super) fn short(name: &str) -> &str {
    name.strip_prefix("refs/heads/").unwrap_or(name)
}

/// Where the push goes; `FollowsOther` where the branch follows one of another name and nobody said which of both is meant.
pub(super) fn target(repo: &Repository, root: &Path, push: &Push) -> Result<Target, GitError> {
    let branch = push.branch.clone().or_else(|| current(repo)).ok_or(GitError::NotOnABranch)?;
    let local = format!("refs/heads/{branch}");
    let config = settings(repo, root)?;
    let said = |key: &str| said(&config, key);
    let followed = followed(&config, &branch);
    let remote = remote(repo, root, push.remote.as_deref(), &config, &branch)?;
    let merges = said(&format!("branch.{branch}.merge"));
    let upstream = merges.filter(|_| followed.as_deref() == Some(remote.as_str()));
    let there = match (&upstream, mapped(repo, &remote, &local)) {
        _ if push.sets_upstream => local.clone(),
        (Some(upstream), _) if push.goes_upstream => upstream.clone(),
        (_, Some(mapped)) => mapped,
        (upstream, None) => match (said("push.default").as_deref(), upstream) {
            (Some("nothing"), _) if push.remote.is_none() => return Err(GitError::PushesNothing(branch)),
            (Some("upstream" | "tracking"), Some(upstream)) => upstream.clone(),
            (Some("current" | "matching" | "nothing" | "upstream" | "tracking"), _) => local.clone(),
            (_, Some(upstream)) if *upstream != local => {
                return Err(GitError::FollowsOther {
                    other: format!("{remote}/{}", short(upstream)),
                    own: format!("{remote}/{branch}"),
                    branch,
                });
            }
            _ => local.clone(),
        },
    };
    Ok(Target {
        sets_upstream: push.sets_upstream || repo.branch_upstream_name(&local).is_err(),
        remote,
        branch,
        local,
        there,
    })
}

/// Where a tag goes: the remote that was named, else where the current branch goes.
pub(super) fn remote_of_tags(repo: &Repository, root: &Path, wanted: Option<&str>) -> Result<String, GitError> {
    let branch = current(repo).unwrap_or_else(|| "HEAD".to_owned());
    remote(repo, root, wanted, &settings(repo, root)?, &branch)
}

fn current(repo: &Repository) -> Option<String> {
    let head = repo.find_reference("HEAD").ok()?;
    let name = head.symbolic_target().ok().flatten()?.to_owned();
    name.strip_prefix("refs/heads/").map(str::to_owned)
}

fn settings(repo: &Repository, root: &Path) -> Result<Config, GitError> {
    let config = repo.config().and_then(|mut config| config.snapshot());
    config.map_err(|error| GitError::of(root, error))
}

fn said(config: &Config, key: &str) -> Option<String> {
    config.get_string(key).ok().filter(|value| !value.is_empty())
}

/// `.` is this repository itself: a branch here is followed, and pushed to nobody.
fn followed(config: &Config, branch: &str) -> Option<String> {
    said(config, &format!("branch.{branch}.remote")).filter(|remote| remote != ".")
}

/// The remote that was named, else the one that git's settings name for pushes of the branch, else the one that it follows, else `origin`,
/// else the only one.
fn remote(repo: &Repository, root: &Path, wanted: Option<&str>, config: &Config, branch: &str) -> Result<String, GitError> {
    let remotes = repo.remotes().map_err(|error| GitError::of(root, error))?;
    let names: Vec<&str> = remotes.iter().flatten().flatten().collect();
    let is_there = |name: &str| names.contains(&name);
    let for_pushes = [format!("branch.{branch}.pushRemote"), "remote.pushDefault".to_owned()];
    let named = for_pushes.iter().find_map(|key| said(config, key));
    // Whoever names a remote that is not there means no other one.
    if let Some(named) = wanted.map(str::to_owned).or(named) {
        return if is_there(&named) {
            Ok(named)
        } else {
            Err(GitError::NoSuchRemote(named))
        };
    }
    let mut usual = followed(config, branch).into_iter().chain(["origin".to_owned()]);
    if let Some(usual) = usual.find(|name| is_there(name)) {
        return Ok(usual);
    }
    match names.as_slice() {
        [] => Err(GitError::NoRemote),
        [only] => Ok((*only).to_owned()),
        _ => Err(GitError::WhichRemote {
            branch: branch.to_owned(),
            remotes: names.into_iter().map(str::to_owned).collect(),
        }),
    }
}

/// The other remotes, where the push is the first of a branch that nobody named a remote for.
pub(super) fn others(repo: &Repository, root: &Path, push: &Push, target: &Target) -> Result<Vec<String>, GitError> {
    if push.remote.is_some() || repo.branch_upstream_name(&target.local).is_ok() {
        return Ok(Vec::new());
    }
    let remotes = repo.remotes().map_err(|error| GitError::of(root, error))?;
    let names = remotes.iter().flatten().flatten().filter(|name| *name != target.remote);
    Ok(names.map(str::to_owned).collect())
}

/// What the remote's own rules for pushes make of the name.
fn mapped(repo: &Repository, remote: &str, local: &str) -> Option<String> {
    let remote = repo.find_remote(remote).ok()?;
    let rules = remote.refspecs().filter(|rule| rule.direction() == Direction::Push);
    let mut mapped = rules.filter(|rule| rule.src_matches(local)).filter_map(|rule| {
        let name = rule.transform(local).ok()?;
        name.as_str().ok().map(str::to_owned)
    });
    mapped.next()
}

/// The commit there is one that this branch was until it was replaced by an amend or a rebase, as the reflog tells: nobody else's is there.
pub(super) fn was_replaced(root: &Path, push: &Push) -> bool {
    let replaced = || {
        let repo = open(root).ok()?;
        let target = target(&repo, root, push).ok()?;
        let tracking = format!("refs/remotes/{}/{}", target.remote, short(&target.there));
        let there = repo.find_reference(&tracking).ok()?.target()?;
        let log = repo.reflog(&target.local).ok()?;
        let left = log.iter().find(|entry| entry.id_old() == there && entry.id_new() != there)?;
        let why = left.message().ok().flatten().unwrap_or_default().to_owned();
        Some(why.starts_with("commit (amend)") || why.starts_with("rebase"))
    };
    replaced().unwrap_or(false)
}
