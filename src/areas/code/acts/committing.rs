//! Committing, and what the ledger remembers of it.

use super::On;
use crate::adapters::git::program;
use crate::adapters::git::{Done, GitError, HookTrace, Scope, SourceState, maker_problem};
use crate::adapters::process::Cmd;
use crate::adapters::{World, files};
use crate::areas::JobCtx;
use crate::areas::code::act::first_line;
use crate::areas::code::chain;
use crate::areas::code::jobs::some_below_top;
use crate::areas::devops::exec;
use crate::base::repo::{CommitAct, UndoKind};
use crate::base::{Head, Problem, Workspace, format, safe};
use crate::msg;

/// A message is no longer.
const MAX_MESSAGE_BYTES: u64 = 1024 * 1024;

/// Through git's own program, so that hooks and signatures work as the user configured them; what they say stands in the job's log.
pub(super) async fn commit(on: &On<'_>, act: &CommitAct) -> Result<Done, Problem> {
    let (cx, world, workspace, git) = (on.cx, on.world, on.workspace, on.git);
    let act = &filled(on, act).await?;
    if let Some(commit) = &act.fixup {
        return fixup(on, act, commit).await;
    }
    if act.message.trim().is_empty() && !act.is_amend {
        return Err(Problem::user(msg!("code-no-message"))
            .code("no-message")
            .hint(msg!("code-no-message-hint")));
    }
    let status = git.status_now(on.repo, on.cancel).await?;
    if status.summary.n_conflicted > 0 {
        return Err(Problem::user(msg!("code-unresolved", n = status.summary.n_conflicted))
            .code("conflicted")
            .hint(msg!("git-conflicted-hint")));
    }
    if act.is_amend && matches!(status.summary.head, Head::Unborn { .. }) {
        return Err(GitError::NoCommitYet.into());
    }
    if let (true, Some(meant), Some(last)) = (act.is_amend, &act.amends, &status.summary.oid)
        && meant != last
    {
        let problem = Problem::user(msg!("code-amend-moved", commit = format::short_oid(last))).code("moved");
        return Err(problem.hint(msg!("code-amend-moved-hint")));
    }
    let has_staged = status.summary.n_staged > 0 || (act.is_all && status.summary.n_unstaged > 0);
    let is_enough = has_staged || !act.paths.is_empty() || act.allows_empty;
    if !is_enough && !act.is_amend && status.summary.operation.is_none() {
        let hint = if status.summary.is_dirty() {
            msg!("code-nothing-staged-hint")
        } else {
            msg!("code-nothing-changed-hint")
        };
        return Err(Problem::user(msg!("code-nothing-staged")).code("nothing-staged").hint(hint));
    }
    let published = if act.is_amend { published(on, "HEAD").await? } else { None };
    let before = sources(cx, world, workspace).await?;
    let kind = if act.is_amend { UndoKind::Amend } else { UndoKind::Commit };
    // Amended as it is, it keeps its message.
    let subject = if act.message.trim().is_empty() {
        let (git, root) = (git.clone(), on.repo.root.to_path_buf());
        cx.blocking(move |_| git.commit(&root, "HEAD")).await?.summary
    } else {
        first_line(&act.message)
    };
    // Hooks may write to files.
    let mark = git.mark(on.repo, kind, subject, Scope::files(), on.at).await?;
    git.wait_for_index(on.repo, on.cancel).await?;
    run(on, git.commit_cmd(on.repo, act, on.cancel).await?, "git commit").await?;
    let done = git.remember(on.repo, mark).await?;
    if let Some(problem) = published {
        cx.problem(problem).await;
    }
    // The commit is made: what the ledger can not remember of it does not undo that.
    if let Err(problem) = remember_sources(cx, world, workspace, before, &act.message).await {
        cx.problem(problem).await;
    }
    Ok(done)
}

/// What to know when a commit is put in the place of one that others have.
async fn published(on: &On<'_>, revision: &str) -> Result<Option<Problem>, Problem> {
    let (git, root, revision) = (on.git.clone(), on.repo.root.to_path_buf(), revision.to_owned());
    let remote = on.cx.blocking(move |_| git.published_at(&root, &revision)).await?;
    Ok(remote.map(|remote| {
        Problem::user(msg!("code-amend-published", remote = remote))
            .code("published")
            .hint(msg!("code-amend-published-hint"))
    }))
}

/// With its message and its paths, which are given in more than one way.
async fn filled(on: &On<'_>, act: &CommitAct) -> Result<CommitAct, Problem> {
    let mut act = act.clone();
    act.paths = some_below_top(on.repo.root, &act.paths)?;
    if let Some(file) = act.message_file.take() {
        act.message = on
            .cx
            .blocking(move |_| files::read_text_input(&file, MAX_MESSAGE_BYTES))
            .await?;
    }
    if act
        .author
        .as_ref()
        .is_some_and(|author| !author.contains('<') || !author.contains('>'))
    {
        return Err(Problem::user(msg!("code-no-author", author = act.author.unwrap_or_default()))
            .code("usage")
            .hint(msg!("code-no-author-hint")));
    }
    Ok(act)
}

/// What is staged goes into a commit of the past, and the commits after it are made again: one step of the timeline.
async fn fixup(on: &On<'_>, act: &CommitAct, commit: &str) -> Result<Done, Problem> {
    let status = on.git.status_now(on.repo, on.cancel).await?;
    if let Some(operation) = status.summary.operation {
        return Err(Problem::user(msg!("code-fixup-in-operation"))
            .code("in-operation")
            .details(format!("{operation:?}"))
            .hint(msg!("code-fixup-in-operation-hint")));
    }
    if status.summary.n_staged == 0 && !(act.is_all && status.summary.n_unstaged > 0) {
        return Err(Problem::user(msg!("code-nothing-staged"))
            .code("nothing-staged")
            .hint(msg!("code-nothing-staged-hint")));
    }
    let (git, root, wanted) = (on.git.clone(), on.repo.root.to_path_buf(), commit.to_owned());
    let (oid, subject) = on
        .cx
        .blocking(move |_| {
            let detail = git.commit(&root, &wanted)?;
            if detail.parents.len() > 1 {
                return Err(Problem::user(msg!("code-fixup-of-merge", name = detail.summary))
                    .code("merge")
                    .hint(msg!("code-fixup-of-merge-hint")));
            }
            Ok((detail.oid, detail.summary))
        })
        .await?;
    let within = on
        .git
        .program()
        .read_output(on.repo, &["merge-base", "--is-ancestor", &oid, "HEAD"], on.cancel)
        .await?;
    if !within.exit.is_success() {
        return Err(Problem::user(msg!("code-fixup-elsewhere", name = &subject)).code("not-an-ancestor"));
    }
    let published = published(on, &oid).await?;
    let mark = on.git.mark(on.repo, UndoKind::Fixup, subject, Scope::files(), on.at).await?;
    let act = CommitAct {
        fixup: Some(oid.clone()),
        ..act.clone()
    };
    on.git.wait_for_index(on.repo, on.cancel).await?;
    let staged = on.git.staged_tree(on.repo).await?;
    run(on, on.git.commit_cmd(on.repo, &act, on.cancel).await?, "git commit").await?;
    if let Some(staged) = staged {
        on.git.note_fixup(on.repo, staged).await?;
    }
    let moved = run(on, on.git.autosquash_cmd(on.repo, &oid, on.cancel).await?, "git rebase").await;
    let done = on.git.remember(on.repo, mark).await?;
    if let Some(problem) = published {
        on.cx.problem(problem).await;
    }
    let is_conflict = |words: &str| words.contains("CONFLICT (") || words.contains("could not apply");
    moved.map(|()| done).map_err(|problem| {
        if problem.is_cancelled() || !is_conflict(&problem.details) {
            return problem;
        }
        Problem::user(msg!("code-fixup-conflicts"))
            .code("conflicted")
            .details(problem.details)
            .hint(msg!("code-fixup-conflicts-hint"))
    })
}

/// Runs git with what it and its hooks say in the job's log.
async fn run(on: &On<'_>, cmd: Cmd, name: &str) -> Result<(), Problem> {
    let cache = on.world.dirs().cache.clone();
    let (trace, cmd) = HookTrace::begin(cache.join(files::half_written()), cmd);
    // Of a commit whose program was killed.
    on.cx.blocking(move |_| files::forget_half_written(&cache)).await?;
    let mut words: Vec<String> = Vec::new();
    let exit = exec::run(on.cx, on.world, on.workspace, cmd, |line| {
        if words.len() < 200 {
            words.push(safe::plain(&line.text).into_owned());
        }
    })
    .await?;
    match exit.problem(name) {
        Some(problem) => {
            let hook = on.cx.blocking(move |_| Ok(trace.refusing())).await?;
            if let Some(problem) = program::lock_named(on.repo.root, &words.join("\n")) {
                return Err(problem);
            }
            Err(commit_problem(problem, &words.join("\n"), hook))
        }
        None => Ok(()),
    }
}

async fn sources(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<SourceState, Problem> {
    let (git, root) = (world.git().clone(), workspace.root.clone());
    cx.blocking(move |_| git.head(&root)).await
}

/// What was built and tested before the commit was built and tested on these very sources; and the message names plan items.
async fn remember_sources(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    before: SourceState,
    message: &str,
) -> Result<(), Problem> {
    let after = sources(cx, world, workspace).await?;
    let Some(commit) = after.commit else { return Ok(()) };
    let threads = world.store().threads();
    if let (Some(head), Some(dirty), None) = (&before.commit, &before.dirty, &after.dirty) {
        threads.link_became(&workspace.id, head, dirty, &commit).await?;
    }
    for item in message
        .lines()
        .filter_map(|line| line.trim().strip_prefix("Plan:"))
        .flat_map(|ids| ids.split([',', ' ']))
    {
        if !item.is_empty() {
            threads.link_item(&workspace.id, item, &commit).await?;
        }
    }
    chain::link_items(cx, world, workspace, &commit, message).await?;
    // The items that the commit names follow it, by the rules of the project.
    Box::pin(crate::areas::plan::followed::follow_after(cx, world, workspace)).await;
    Ok(())
}

/// Why git did not commit, from its own words (in English: the wrapper asks for that).
fn commit_problem(problem: Problem, words: &str, hook: Option<String>) -> Problem {
    let says = |signs: &[&str]| signs.iter().any(|sign| words.contains(sign));
    if says(&["nothing to commit", "no changes added to commit", "nothing added to commit"]) {
        return Problem::user(msg!("code-nothing-staged"))
            .code("nothing-staged")
            .hint(msg!("code-nothing-staged-hint"));
    }
    if let Some(problem) = maker_problem(words) {
        return problem;
    }
    if problem.is_cancelled() {
        return problem;
    }
    let Some(hook) = hook else {
        return Problem::environment(msg!("code-commit-refused"))
            .code("commit-refused")
            .details(words);
    };
    let refused = Problem::user(msg!("code-hook-refused", hook = hook)).code("hook-refused");
    if words.trim().is_empty() {
        return refused.hint(msg!("code-hook-silent-hint"));
    }
    refused.details(words)
}
