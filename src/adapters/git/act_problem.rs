//! Why git's program did not do an act: its words made into a problem that says what to do.

use super::error::{NO_SPACE, disk_full};
use super::help::has_hook;
use super::program::{Repo, explain};
use super::{GitError, conflicts, open, push};
use crate::base::git_act::{GitAct, PullMode};
use crate::base::{HostKey, Problem, SafeText};
use crate::msg;
use std::path::Path;

/// Why git did not do an act, from its own words (in English: the wrapper asks for that).
pub fn act_problem(repo: Repo<'_>, act: &GitAct, problem: Problem, words: &str) -> Problem {
    if problem.is_cancelled() || HostKey::of_problem(&problem).is_some() {
        return problem;
    }
    let says = |signs: &[&str]| signs.iter().any(|sign| words.contains(sign));
    let files = || {
        let lines = words.lines().filter_map(|line| line.strip_prefix('\t'));
        lines.collect::<Vec<_>>().join("\n")
    };
    let user = |summary| Problem::user(summary).details(words);
    if says(&[
        "CONFLICT (",
        "could not apply",
        "could not revert",
        "Resolve all conflicts manually",
        "after resolving the conflicts",
    ]) {
        let conflicts: Vec<&str> = words.lines().filter(|line| line.starts_with("CONFLICT (")).collect();
        // One file may be told of more than once, and one line be about several files.
        let n = conflicts::count(repo.root).unwrap_or(conflicts.len());
        return user(msg!("git-act-conflict", n = n))
            .code("conflict")
            .details(if conflicts.is_empty() {
                words.to_owned()
            } else {
                conflicts.join("\n")
            })
            .hint(msg!("git-act-conflict-hint"));
    }
    if says(&["You must edit all merge conflicts"]) && conflicts::count(repo.root).is_none() {
        return user(msg!("git-act-unstaged-left"))
            .code("dirty")
            .hint(msg!("git-act-unstaged-left-hint"));
    }
    if says(&["would be overwritten by"]) {
        return user(msg!("git-act-overwrites"))
            .code("would-overwrite")
            .details(files())
            .hint(msg!("git-switch-overwrites-hint"));
    }
    if says(&[
        "You have unstaged changes",
        "Your index contains uncommitted changes",
        "commit your changes or stash them",
    ]) {
        return user(msg!("git-act-dirty"))
            .code("dirty")
            .hint(msg!("git-switch-overwrites-hint"));
    }
    if says(&["not fully merged"]) {
        return user(msg!("git-act-unmerged"))
            .code("unmerged")
            .hint(msg!("git-act-unmerged-hint"));
    }
    if says(&["used by worktree", "checked out at", "Cannot delete branch"]) {
        return user(msg!("git-act-checked-out"))
            .code("elsewhere")
            .hint(msg!("git-act-checked-out-hint"));
    }
    if says(&["already exists"]) {
        return user(msg!("git-act-exists")).code("exists");
    }
    if says(&["unrelated histories"]) {
        return user(msg!("git-act-unrelated")).code("unrelated");
    }
    let is_usual_pull = matches!(
        act,
        GitAct::Pull {
            mode: PullMode::Configured
        }
    );
    let is_cut_off = says(&["Not possible to fast-forward", "Diverging branches can't be fast-forwarded"]);
    let is_diverged = says(&["divergent branches"]) || (is_usual_pull && is_cut_off);
    if is_cut_off && !is_diverged {
        return user(msg!("git-act-no-fast-forward"))
            .code("diverged")
            .hint(msg!("git-act-no-fast-forward-hint"));
    }
    if is_diverged {
        return user(msg!("git-act-diverged"))
            .code("diverged")
            .hint(msg!("git-act-diverged-hint"));
    }
    if says(&[
        "no tracking information",
        "no upstream configured",
        "has no upstream information",
    ]) {
        return user(msg!("git-act-no-upstream"))
            .code("no-upstream")
            .hint(msg!("git-act-no-upstream-hint"));
    }
    if says(&["stale info"]) {
        return user(msg!("git-act-stale")).code("stale").hint(msg!("git-act-stale-hint"));
    }
    if says(&["failed to push some refs"])
        && !says(&["[rejected]", "[remote rejected]", "fatal: "])
        && runs_hook(repo.root, "pre-push")
    {
        return user(msg!("git-act-push-refused", hook = "pre-push")).code("hook-refused");
    }
    if says(&["pre-rebase hook refused"]) {
        return hook_refused("pre-rebase", words);
    }
    if says(&["Not committing merge"])
        && let Some(hook) = ["pre-merge-commit", "prepare-commit-msg", "commit-msg"]
            .into_iter()
            .find(|name| runs_hook(repo.root, name))
    {
        return hook_refused(hook, words).hint(msg!("git-act-merge-hook-hint"));
    }
    if let Some((_, command)) = words.split_once("execution failed: ") {
        let command = command.lines().next().unwrap_or_default();
        return user(msg!("git-act-exec-failed", command = SafeText::new(command)))
            .code("exec-failed")
            .hint(msg!("git-act-exec-failed-hint"));
    }
    if says(&["but no such ref was fetched"]) {
        return user(msg!("git-act-upstream-gone"))
            .code("no-upstream")
            .hint(msg!("git-act-upstream-gone-hint"));
    }
    // `'refs/heads/a/b' exists; cannot create 'refs/heads/a'`
    if let Some((taken, _)) = words.split_once("' exists; cannot create '") {
        let name = taken.rsplit('\'').next().unwrap_or_default();
        let name = name.strip_prefix("refs/heads/").unwrap_or(name);
        return user(msg!("git-act-name-taken", name = name)).code("exists");
    }
    if says(&["hook declined", "pre-receive hook", "GH006", "protected branch"]) {
        return user(msg!("git-act-hook-declined")).code("refused");
    }
    // Who fetched last saw the very commit that was replaced here: to pull would bring it back.
    if let GitAct::Push { push } = act
        && says(&["(non-fast-forward)"])
        && push::was_replaced(repo.root, push)
    {
        return user(msg!("git-act-replaced"))
            .code("rejected")
            .hint(msg!("git-act-replaced-hint"));
    }
    if says(&["[rejected]", "non-fast-forward", "fetch first"]) {
        return user(msg!("git-act-rejected"))
            .code("rejected")
            .hint(msg!("git-act-rejected-hint"));
    }
    if says(&["is now empty", "nothing to commit", "nothing added to commit"]) {
        return user(msg!("git-act-empty")).code("empty").hint(msg!("git-act-empty-hint"));
    }
    if says(&[
        "is already in progress",
        "You have not concluded your",
        "a rebase-merge directory",
        "in the middle of",
        // Every act that would commit says so in its own words.
        "because you have unmerged files",
        "you need to resolve your current index first",
        "cannot switch branch while",
    ]) {
        return user(msg!("git-act-under-way"))
            .code("under-way")
            .hint(msg!("git-act-under-way-hint"));
    }
    if says(&["We cannot bisect more"]) {
        return user(msg!("git-bisect-unclear"))
            .code("unclear")
            .hint(msg!("git-bisect-unclear-hint"));
    }
    if says(&["You are not currently on a branch"]) {
        return GitError::NotOnABranch.into();
    }
    if let Some(problem) = maker_problem(words) {
        return match act {
            GitAct::CreateTag { .. } if problem.code == "not-signed" => Problem {
                summary: msg!("git-tag-not-signed"),
                hint: Some(msg!("git-tag-not-signed-hint")),
                ..problem
            },
            _ => problem,
        };
    }
    if let Some(problem) = access_problem(words) {
        return problem;
    }
    if says(&[
        "Could not resolve host",
        "Could not read from remote",
        "unable to access",
        "Connection refused",
        "Network is unreachable",
    ]) {
        return Problem::environment(msg!("git-act-unreachable"))
            .code("unreachable")
            .details(words)
            .hint(msg!("git-act-unreachable-hint"));
    }
    if says(&["remote ref does not exist"]) {
        return user(msg!("git-act-gone-there"))
            .code("not-found")
            .hint(msg!("git-act-gone-there-hint"));
    }
    let problem = explain(repo, problem.details(words));
    match act {
        GitAct::Merge { .. } | GitAct::Rebase { .. } | GitAct::RunPlan { .. } | GitAct::Continue if problem.hint.is_none() => {
            problem.hint(msg!("git-act-log-hint"))
        }
        _ => problem,
    }
}

fn runs_hook(root: &Path, name: &str) -> bool {
    open::open(root).is_ok_and(|repo| has_hook(&repo, name))
}

/// A hook of the user's said no: what it printed is why.
fn hook_refused(hook: &str, words: &str) -> Problem {
    Problem::user(msg!("git-act-hook-refused", hook = hook))
        .code("hook-refused")
        .details(words)
}

/// The one who commits is not known to git, or can not sign: said in git's own words.
pub fn maker_problem(words: &str) -> Option<Problem> {
    let says = |signs: &[&str]| signs.iter().any(|sign| words.contains(sign));
    if says(&[
        "Please tell me who you are",
        "empty ident name",
        "unable to auto-detect email",
        "no email was given",
    ]) {
        let problem = Problem::config(msg!("code-no-identity")).code("no-identity");
        return Some(problem.details(words).hint(msg!("code-no-identity-hint")));
    }
    if says(&[
        "failed to sign",
        "unable to sign",
        "failed to write commit object",
        "error: Load key",
        "Couldn't load public key",
        "gpg: ",
    ]) {
        let problem = Problem::environment(msg!("code-not-signed")).code("not-signed");
        return Some(problem.details(words).hint(msg!("code-not-signed-hint")));
    }
    None
}

/// What stands in the way of any act: no room, a disk that can not be written, a filter that is missing, a conflict.
pub(super) fn circumstances(root: &Path, words: &str) -> Option<Problem> {
    let says = |signs: &[&str]| signs.iter().any(|sign| words.contains(sign));
    let problem = if says(&[NO_SPACE]) {
        disk_full(root)
    } else if says(&["Read-only file system"]) {
        return Some(GitError::Denied(words.to_owned()).into());
    } else if says(&["external filter", "git-lfs: not found"]) {
        Problem::environment(msg!("git-filter-failed"))
            .code("filter-failed")
            .hint(msg!("git-filter-failed-hint"))
    } else if says(&["aborted by hook", "aborted by the reference-transaction hook"]) {
        return Some(hook_refused("reference-transaction", words));
    } else if says(&["needs merge", "could not write index"]) {
        GitError::StillInConflict.into()
    } else {
        return None;
    };
    Some(problem.details(words))
}

/// Why the other side was not reached although it is there: it is not known, is another one, or does not let us in.
pub fn access_problem(words: &str) -> Option<Problem> {
    let says = |signs: &[&str]| signs.iter().any(|sign| words.contains(sign));
    let problem = if says(&["HOST IDENTIFICATION HAS CHANGED", "POSSIBLE DNS SPOOFING"]) {
        Problem::environment(msg!("git-program-host-changed"))
            .code("host-changed")
            .hint(msg!("git-program-host-changed-hint"))
    } else if says(&["Host key verification failed", "host key is known for"]) {
        Problem::environment(msg!("git-program-host-unknown"))
            .code("host-unknown")
            .hint(msg!("git-program-host-unknown-hint"))
    } else if says(&[
        "terminal prompts disabled",
        "Permission denied (publickey",
        "Authentication failed",
    ]) {
        Problem::environment(msg!("git-program-no-access"))
            .code("no-access")
            .hint(msg!("git-program-no-access-hint"))
    } else {
        return None;
    };
    Some(problem.details(words))
}
