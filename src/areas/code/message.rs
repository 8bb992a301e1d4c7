//! Messages of commits: Conventional Commits (conventionalcommits.org) looked at while one writes, and what helps to write one.

use super::Update;
use super::jobs::is_trusted;
use crate::adapters::World;
use crate::adapters::git::Repo;
use crate::areas::JobCtx;
use crate::base::{Msg, Problem, Workspace};
use crate::msg;
use std::collections::BTreeMap;

/// The types that most repositories use.
pub const TYPES: &[&str] = &[
    "feat", "fix", "docs", "refactor", "test", "perf", "build", "ci", "chore", "style", "revert",
];

/// True when most of the last commits are conventional: then a message that is not is remarked on.
pub fn is_the_custom(summaries: &[String]) -> bool {
    let n = summaries.iter().filter(|summary| parts(summary).is_some()).count();
    summaries.len() >= 3 && n * 2 > summaries.len()
}

/// Type and scope of a conventional summary.
pub fn parts(summary: &str) -> Option<(String, Option<String>)> {
    let commit = git_conventional::Commit::parse(summary.trim()).ok()?;
    Some((
        commit.type_().as_str().to_owned(),
        commit.scope().map(|scope| scope.as_str().to_owned()),
    ))
}

/// Scopes of the last commits, the most used first.
pub fn scopes(summaries: &[String]) -> Vec<String> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for scope in summaries.iter().filter_map(|summary| parts(summary)?.1) {
        *counts.entry(scope).or_default() += 1;
    }
    let mut scopes: Vec<(String, usize)> = counts.into_iter().collect();
    scopes.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    scopes.into_iter().map(|(scope, _)| scope).collect()
}

/// How the messages begin that git writes itself, of merges, reverts and what autosquash takes up.
const OF_GIT: [&str; 8] = [
    "Merge branch ",
    "Merge branches ",
    "Merge remote-tracking branch ",
    "Merge tag ",
    "Merge commit ",
    "Revert \"",
    "fixup! ",
    "squash! ",
];

/// What is not right with a message, when it should be a conventional one. What git writes itself is right as it is.
pub fn remark(message: &str) -> Option<Msg> {
    let is_of_git = OF_GIT.iter().any(|start| message.trim_start().starts_with(start));
    if message.trim().is_empty() || is_of_git {
        return None;
    }
    let error = git_conventional::Commit::parse(message.trim()).err()?;
    Some(match error.kind() {
        git_conventional::ErrorKind::MissingType | git_conventional::ErrorKind::InvalidFormat => msg!("code-message-no-type"),
        git_conventional::ErrorKind::InvalidScope => msg!("code-message-no-scope"),
        git_conventional::ErrorKind::MissingDescription => msg!("code-message-no-description"),
        _ => msg!("code-message-no-body"),
    })
}

/// The summary with another type, its scope and words kept.
pub fn with_type(summary: &str, kind: &str, scope: Option<&str>) -> String {
    let is_known = |word: &str| TYPES.contains(&word.split(['(', '!']).next().unwrap_or(word));
    let words = match summary.split_once(':') {
        Some((head, rest)) if is_known(head.trim()) => rest.trim_start(),
        _ => summary.trim_start(),
    };
    match scope {
        Some(scope) => format!("{kind}({scope}): {words}"),
        None => format!("{kind}: {words}"),
    }
}

pub(super) async fn read_help(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<(), Problem> {
    let (git, root, is_trusted) = (world.git().clone(), workspace.root.clone(), is_trusted(world, workspace));
    let help = cx
        .blocking(move |_| git.commit_help(Repo { root: &root, is_trusted }))
        .await?;
    cx.update(Update::CommitHelpRead {
        workspace: workspace.id.clone(),
        help: Box::new(help),
    })
    .await;
    Ok(())
}
