//! The acts of Code: everything that changes a repository. Each asks for trust, waits for its turn at the repository, and tells how
//! things stand afterwards.

use super::jobs::{all_below_top, below_top, read_refs, read_status, read_undo};
use super::{Acted, Direction, Update, chain};
use crate::adapters::World;
use crate::adapters::git::{CommitAct, Done, Repo, SourceState};
use crate::areas::devops::exec;
use crate::areas::{JobCtx, JobSpec};
use crate::base::diff::HunkRef;
use crate::base::repo::UndoKind;
use crate::base::{GitPath, Msg, Problem, SafeText, Workspace, safe};
use crate::msg;
use std::path::Path;

const AREA: &str = "code";

/// One change of a repository.
#[derive(Clone, Debug)]
pub(super) enum Act {
    Stage { paths: Vec<GitPath> },
    Unstage { paths: Vec<GitPath> },
    Discard { paths: Vec<GitPath> },
    StageHunks { path: GitPath, hunks: Vec<HunkRef> },
    UnstageHunks { path: GitPath, hunks: Vec<HunkRef> },
    DiscardHunks { path: GitPath, hunks: Vec<HunkRef> },
    Commit { message: String, is_amend: bool, is_all: bool },
    CreateBranch { name: String, from: Option<String> },
    Switch { to: String },
    TakeBack { id: u64 },
    Transfer { direction: Direction },
}

impl Act {
    fn word(&self) -> &'static str {
        match self {
            Self::Stage { .. } | Self::StageHunks { .. } => "stage",
            Self::Unstage { .. } | Self::UnstageHunks { .. } => "unstage",
            Self::Discard { .. } | Self::DiscardHunks { .. } => "discard",
            Self::Commit { is_amend: false, .. } => "commit",
            Self::Commit { is_amend: true, .. } => "amend",
            Self::CreateBranch { .. } => "branch",
            Self::Switch { .. } => "switch",
            Self::TakeBack { .. } => "take_back",
            Self::Transfer {
                direction: Direction::Fetch,
            } => "fetch",
            Self::Transfer {
                direction: Direction::Pull,
            } => "pull",
            Self::Transfer {
                direction: Direction::Push,
            } => "push",
        }
    }

    fn title(&self) -> Msg {
        match self {
            Self::Stage { .. } | Self::StageHunks { .. } => msg!("code-job-stage"),
            Self::Unstage { .. } | Self::UnstageHunks { .. } => msg!("code-job-unstage"),
            Self::Discard { .. } | Self::DiscardHunks { .. } => msg!("code-job-discard"),
            Self::Commit {
                is_amend: false,
                message,
                ..
            } => msg!("code-job-commit", summary = first_line(message)),
            Self::Commit { is_amend: true, .. } => msg!("code-job-amend"),
            Self::CreateBranch { name, .. } => msg!("code-job-branch", name = name),
            Self::Switch { to } => msg!("code-job-switch", name = to),
            Self::TakeBack { id } => msg!("code-job-take-back", id = *id),
            Self::Transfer {
                direction: Direction::Fetch,
            } => msg!("code-job-fetch"),
            Self::Transfer {
                direction: Direction::Pull,
            } => msg!("code-job-pull"),
            Self::Transfer {
                direction: Direction::Push,
            } => msg!("code-job-push"),
        }
    }

    fn moves_refs(&self) -> bool {
        matches!(
            self,
            Self::Commit { .. } | Self::CreateBranch { .. } | Self::Switch { .. } | Self::TakeBack { .. } | Self::Transfer { .. }
        )
    }
}

fn first_line(message: &str) -> String {
    SafeText::new(message.trim().lines().next().unwrap_or_default()).into_string()
}

/// The job of an act.
pub(super) fn acting(world: World, workspace: Workspace, act: Act) -> JobSpec {
    let id = workspace.id.clone();
    JobSpec::new(AREA, act.title(), move |cx| do_act(cx, world, workspace, act)).workspace(&id)
}

async fn do_act(cx: JobCtx, world: World, workspace: Workspace, act: Act) -> Result<(), Problem> {
    world.trust().check(&workspace)?;
    let top = {
        let (git, root) = (world.git().clone(), workspace.root.clone());
        cx.blocking(move |_| git.top(&root)).await?
    };
    let done = {
        let _turn = cx.until_cancelled(world.git().gate(&top)).await?;
        perform(&cx, &world, &workspace, &top, &act).await
    };
    // How things stand is told whether the act went well or not: half of it may have happened.
    let status = read_status(&cx, &world, &workspace).await;
    read_undo(&cx, &world, &workspace).await.ok();
    if act.moves_refs() {
        read_refs(&cx, &world, &workspace).await.ok();
    }
    let done = done?;
    let (git, root) = (world.git().clone(), workspace.root.clone());
    let head = cx.blocking(move |_| Ok(git.resolve(&root, "HEAD").ok())).await?;
    let acted = Acted {
        act: act.word().to_owned(),
        undo: done.undo,
        n_pruned: done.n_pruned,
        head,
    };
    cx.update(Update::Acted {
        workspace: workspace.id,
        acted,
    })
    .await;
    status.map(|_| ())
}

async fn perform(cx: &JobCtx, world: &World, workspace: &Workspace, top: &Path, act: &Act) -> Result<Done, Problem> {
    let (git, cancel, at) = (world.git(), cx.cancel_token(), cx.now());
    let repo = Repo {
        root: top,
        is_trusted: true,
    };
    match act {
        Act::Stage { paths } => git.stage(repo, &all_below_top(top, paths)?, at, cancel).await,
        Act::Unstage { paths } => git.unstage(repo, &all_below_top(top, paths)?, at, cancel).await,
        Act::Discard { paths } => git.discard(repo, &all_below_top(top, paths)?, at, cancel).await,
        Act::StageHunks { path, hunks } => git.stage_hunks(repo, &below_top(top, path)?, hunks, at, cancel).await,
        Act::UnstageHunks { path, hunks } => git.unstage_hunks(repo, &below_top(top, path)?, hunks, at, cancel).await,
        Act::DiscardHunks { path, hunks } => git.discard_hunks(repo, &below_top(top, path)?, hunks, at, cancel).await,
        Act::Commit {
            message,
            is_amend,
            is_all,
        } => {
            let act = CommitAct {
                message,
                is_amend: *is_amend,
                is_all: *is_all,
            };
            commit(cx, world, workspace, repo, &act).await
        }
        Act::CreateBranch { name, from } => git.create_branch(repo, name, from.as_deref(), at, cancel).await,
        Act::Switch { to } => git.switch(repo, to, at, cancel).await,
        Act::TakeBack { id } => git.take_back(repo, *id, at, cancel).await,
        Act::Transfer { direction } => transfer(cx, world, repo, *direction).await,
    }
}

/// Through git's own program, so that hooks and signatures work as the user configured them; what they say stands in the job's log.
async fn commit(cx: &JobCtx, world: &World, workspace: &Workspace, repo: Repo<'_>, act: &CommitAct<'_>) -> Result<Done, Problem> {
    let git = world.git();
    if act.message.trim().is_empty() && !act.is_amend {
        return Err(Problem::user(msg!("code-no-message"))
            .code("no-message")
            .hint(msg!("code-no-message-hint")));
    }
    let status = git.status_now(repo, cx.cancel_token()).await?;
    if status.summary.n_conflicted > 0 {
        return Err(Problem::user(msg!("code-unresolved", n = status.summary.n_conflicted))
            .code("conflicted")
            .hint(msg!("git-conflicted-hint")));
    }
    let has_staged = status.summary.n_staged > 0 || (act.is_all && status.summary.n_unstaged > 0);
    if !has_staged && !act.is_amend && status.summary.operation.is_none() {
        let hint = if status.summary.is_dirty() {
            msg!("code-nothing-staged-hint")
        } else {
            msg!("code-nothing-changed-hint")
        };
        return Err(Problem::user(msg!("code-nothing-staged")).code("nothing-staged").hint(hint));
    }
    let before = sources(cx, world, workspace).await?;
    let mark = git.mark(repo).await?;
    let cmd = git.commit_cmd(repo, act, cx.cancel_token()).await?;
    let mut words: Vec<String> = Vec::new();
    let exit = exec::run(cx, world, workspace, cmd, |line| {
        if words.len() < 200 {
            words.push(safe::plain(&line.text).into_owned());
        }
    })
    .await?;
    if let Some(problem) = exit.problem("git commit") {
        return Err(commit_problem(problem, &words.join("\n")));
    }
    let kind = if act.is_amend { UndoKind::Amend } else { UndoKind::Commit };
    let done = git.remember(repo, mark, kind, first_line(act.message), cx.now()).await?;
    // The commit is made: what the ledger can not remember of it does not undo that.
    if let Err(problem) = remember_sources(cx, world, workspace, before, act.message).await {
        cx.problem(problem).await;
    }
    Ok(done)
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
    chain::link_items(cx, world, workspace, &commit, message).await
}

/// Why git did not commit, from its own words (in English: the wrapper asks for that).
fn commit_problem(problem: Problem, words: &str) -> Problem {
    let says = |signs: &[&str]| signs.iter().any(|sign| words.contains(sign));
    if says(&[
        "Please tell me who you are",
        "empty ident name",
        "unable to auto-detect email",
        "no email was given",
    ]) {
        return Problem::config(msg!("code-no-identity"))
            .code("no-identity")
            .details(words)
            .hint(msg!("code-no-identity-hint"));
    }
    if says(&["nothing to commit", "no changes added to commit", "nothing added to commit"]) {
        return Problem::user(msg!("code-nothing-staged"))
            .code("nothing-staged")
            .hint(msg!("code-nothing-staged-hint"));
    }
    if says(&[
        "gpg failed to sign",
        "failed to write commit object",
        "error: Load key",
        "Couldn't load public key",
    ]) {
        return Problem::environment(msg!("code-not-signed"))
            .code("not-signed")
            .details(words)
            .hint(msg!("code-not-signed-hint"));
    }
    if problem.is_cancelled() {
        return problem;
    }
    Problem::environment(msg!("code-commit-refused"))
        .code("commit-refused")
        .details(words)
        .hint(msg!("code-commit-refused-hint"))
}

async fn transfer(cx: &JobCtx, world: &World, repo: Repo<'_>, direction: Direction) -> Result<Done, Problem> {
    let git = world.git();
    let status = git.status_now(repo, cx.cancel_token()).await?;
    let refs = git.refs(repo, cx.cancel_token()).await?;
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
    git.transfer(repo, &args, cx.cancel_token(), |progress| cx.progress(progress))
        .await
        .map_err(transfer_problem)?;
    Ok(Done::default())
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
