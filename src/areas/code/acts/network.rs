//! Fetching, pulling and pushing.

use super::On;
use crate::adapters::git::{Done, Scope};
use crate::areas::code::Direction;
use crate::base::Problem;
use crate::base::repo::UndoKind;
use crate::msg;

pub(super) async fn transfer(on: &On<'_>, direction: Direction) -> Result<Done, Problem> {
    let (cx, git, repo) = (on.cx, on.git, on.repo);
    let status = git.status_now(repo, on.cancel).await?;
    let refs = git.refs(repo, on.cancel).await?;
    let Some(first_remote) = refs
        .remotes
        .iter()
        .find(|name| *name == "origin")
        .or_else(|| refs.remotes.first())
    else {
        return Err(Problem::user(msg!("code-no-remote"))
            .code("no-remote")
            .hint(msg!("code-no-remote-hint")));
    };
    let words: Vec<&str> = match direction {
        Direction::Fetch => vec!["fetch", "--progress", "--prune"],
        Direction::Pull => vec!["pull", "--progress"],
        Direction::Push if status.summary.upstream.is_none() => {
            vec!["push", "--progress", "--set-upstream", first_remote, "HEAD"]
        }
        Direction::Push => vec!["push", "--progress"],
    };
    let args: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
    let argv = std::iter::once("git".to_owned()).chain(args.iter().cloned()).collect();
    cx.command(argv, repo.root.to_path_buf()).await;
    let mark = match direction {
        Direction::Pull => {
            let upstream = status.summary.upstream.clone().filter(|_| !status.summary.is_upstream_gone);
            let subject = upstream.clone().unwrap_or_default();
            let scope = upstream.into_iter().fold(Scope::files(), Scope::bringing);
            Some(git.mark(repo, UndoKind::Pull, subject, scope, on.at).await?)
        }
        _ => None,
    };
    git.transfer(repo, &args, on.cancel, |progress| cx.progress(progress))
        .await
        .map_err(transfer_problem)?;
    match mark {
        Some(mark) => git.remember(repo, mark).await,
        None => Ok(Done::default()),
    }
}

fn transfer_problem(problem: Problem) -> Problem {
    let words = problem.details.clone();
    let says = |signs: &[&str]| signs.iter().any(|sign| words.contains(sign));
    if says(&["[rejected]", "non-fast-forward", "fetch first"]) {
        return Problem::user(msg!("code-push-rejected"))
            .code("rejected")
            .details(words)
            .hint(msg!("code-push-rejected-hint"));
    }
    if says(&["divergent branches", "Not possible to fast-forward"]) {
        return Problem::user(msg!("code-pull-diverged"))
            .code("diverged")
            .details(words)
            .hint(msg!("code-pull-diverged-hint"));
    }
    if says(&["There is no tracking information"]) {
        return Problem::user(msg!("code-no-upstream"))
            .code("no-upstream")
            .details(words)
            .hint(msg!("code-no-upstream-hint"));
    }
    problem
}
