//! What is looked at in the repository before a release: one function per line of the list.

use super::journal::Journal;
use super::{Check, history, version};
use crate::adapters::World;
use crate::areas::devops::project::ReleaseRules;
use crate::areas::devops::project::release::{ReleaseStep, StepKind};
use crate::areas::plan::stamps::folders;
use crate::base::repo::{Head, Status};
use crate::base::{Problem, State, Target, Workspace};
use crate::msg;
use semver::Version;
use std::path::Path;
use tokio_util::sync::CancellationToken;

pub(super) fn check_clean(workspace: &Workspace, status: &Status, unfinished: Option<&Journal>) -> Check {
    let mine =
        |path: &str| unfinished.is_some_and(|journal| journal.files.iter().any(|file| file.path.to_string_lossy() == path));
    let entries = status.entries.iter().map(|entry| entry.path.display());
    let changed: Vec<String> = entries.filter(|path| !mine(path)).collect();
    // Rules and tests write into items by themselves, and nothing that is released is made of them.
    let plan = folders(&workspace.root);
    let is_item = |path: &String| plan.iter().any(|folder| Path::new(path).starts_with(folder));
    let (items, others): (Vec<String>, Vec<String>) = changed.into_iter().partition(is_item);
    let n = others.len() as u64 + u64::from(status.n_unlisted);
    Check {
        name: msg!("release-check-clean"),
        state: if n == 0 { State::Done } else { State::Failed },
        found: match others.first() {
            None if !items.is_empty() => msg!("release-check-clean-plan", n = items.len()),
            None => msg!("release-check-clean-yes"),
            Some(first) => msg!("release-check-clean-no", n = n, first = crate::base::SafeText::new(first)),
        },
        hint: (n > 0).then(|| msg!("release-check-clean-hint")),
        target: others.first().map(|path| Target::ChangedFile {
            workspace: workspace.id.clone(),
            path: path.clone(),
        }),
    }
}

pub(super) fn check_branch(status: &Status) -> Check {
    let (state, found) = match (&status.summary.head, &status.summary.operation) {
        (_, Some(_)) => (State::Failed, msg!("release-check-branch-busy")),
        (Head::Branch { name }, None) => (State::Done, msg!("release-check-branch-on", name = name)),
        (Head::Unborn { .. } | Head::Detached, None) => (State::Failed, msg!("release-check-branch-detached")),
    };
    Check {
        name: msg!("release-check-branch"),
        state,
        found,
        hint: (state == State::Failed).then(|| msg!("release-check-branch-hint")),
        target: None,
    }
}

/// What is not here yet hinders the push, and that comes last.
pub(super) fn check_upstream(status: &Status, rules: &ReleaseRules) -> Option<Check> {
    let n = status.summary.n_behind;
    if n == 0 {
        return None;
    }
    let pushes = rules
        .steps
        .iter()
        .any(|step| step.kind == StepKind::Publish && step.task.is_none());
    Some(Check {
        name: msg!("release-check-upstream"),
        state: if pushes { State::Failed } else { State::Degraded },
        found: msg!("release-check-upstream-behind", n = n),
        hint: Some(msg!("release-check-upstream-hint")),
        target: None,
    })
}

/// A push without a place to push to fails, and that comes last.
pub(super) async fn check_remotes(
    world: &World,
    workspace: &Workspace,
    rules: &ReleaseRules,
    cancel: &CancellationToken,
) -> Result<Option<Check>, Problem> {
    let pushes = |step: &&ReleaseStep| step.kind == StepKind::Publish && step.task.is_none();
    let Some(step) = rules.steps.iter().find(pushes) else {
        return Ok(None);
    };
    let answer = world
        .git_program()
        .read(history::repo(world, workspace), &["remote"], cancel)
        .await?;
    let there = String::from_utf8_lossy(&answer).into_owned();
    let there: Vec<&str> = there.lines().collect();
    let unknown = step.remotes.iter().find(|name| !there.contains(&name.as_str()));
    let (state, found, hint) = match unknown {
        Some(unknown) => {
            let found = msg!("release-no-remote", remote = unknown);
            (State::Failed, found, Some(msg!("release-no-remote-hint")))
        }
        None if there.is_empty() => (
            State::Failed,
            msg!("release-no-remotes"),
            Some(msg!("release-no-remotes-hint")),
        ),
        None if step.remotes.is_empty() => (State::Done, msg!("release-note-pushed", remotes = there.join(", ")), None),
        None => (
            State::Done,
            msg!("release-note-pushed", remotes = step.remotes.join(", ")),
            None,
        ),
    };
    Ok(Some(Check {
        name: msg!("release-check-remotes"),
        state,
        found,
        hint,
        target: None,
    }))
}

/// What a person writes is not begun a second time beside it.
pub(super) fn check_foreign_log(path: &Path) -> Check {
    Check {
        name: msg!("release-check-changelog"),
        state: State::Degraded,
        found: msg!("release-check-changelog-foreign", path = path),
        hint: Some(msg!("release-check-changelog-foreign-hint")),
        target: None,
    }
}

/// A version of the whole where only packages have one.
pub(super) fn check_packages(problem: &Problem) -> Check {
    Check {
        name: msg!("release-check-packages-own"),
        state: State::Failed,
        found: problem.summary.clone(),
        hint: problem.hint.clone(),
        target: Some(Target::Page {
            area: "release".to_owned(),
            tab: Some("packages".to_owned()),
        }),
    }
}

/// In a clone that was cut off nobody knows which versions there are.
pub(super) fn check_history() -> Check {
    Check {
        name: msg!("release-check-history"),
        state: State::Failed,
        found: msg!("release-check-history-shallow"),
        hint: Some(msg!("release-check-history-hint")),
        target: None,
    }
}

/// Tags that are there and that nobody could read as versions.
pub(super) fn check_tags(names: &[String], pattern: &str) -> Option<Check> {
    let known = names.iter().filter(|name| version::of_tag(name, pattern).is_some());
    let n = names.len() - known.count();
    let first = names.iter().rfind(|name| version::of_tag(name, pattern).is_none())?;
    Some(Check {
        name: msg!("release-check-tags"),
        state: State::Degraded,
        found: msg!("release-check-tags-unread", n = n, first = crate::base::SafeText::new(first)),
        hint: Some(msg!("release-check-tags-hint")),
        target: None,
    })
}

pub(super) fn check_version(next: &Version, last: Option<&Version>) -> Check {
    let is_ahead = last.is_none_or(|last| next > last);
    Check {
        name: msg!("release-check-version"),
        state: if is_ahead { State::Done } else { State::Failed },
        found: match last {
            Some(last) if is_ahead => msg!("release-check-version-yes", next = next.to_string(), last = last.to_string()),
            Some(last) => msg!("release-check-version-no", next = next.to_string(), last = last.to_string()),
            None => msg!("release-check-version-first", next = next.to_string()),
        },
        hint: None,
        target: None,
    }
}

pub(super) fn check_tag(tag: &str, is_taken: bool) -> Check {
    Check {
        name: msg!("release-check-tag"),
        state: if is_taken { State::Failed } else { State::Done },
        found: if is_taken {
            msg!("release-check-tag-no", tag = tag)
        } else {
            msg!("release-check-tag-yes", tag = tag)
        },
        hint: is_taken.then(|| msg!("release-check-tag-hint")),
        target: None,
    }
}

/// The project says itself that nothing but the tag states the version of this package.
pub(super) fn check_tag_only() -> Check {
    Check {
        name: msg!("release-check-files"),
        state: State::Done,
        found: msg!("release-check-files-none"),
        hint: None,
        target: None,
    }
}
