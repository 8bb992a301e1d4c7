//! Branches, tags, remotes, commits and the operation that is under way: git's program acts, and what it says stands in the job's log.

use super::On;
use crate::adapters::git::{Done, Lost, Scope, act_problem, progress_of};
use crate::adapters::process::Cmd;
use crate::areas::code::branching::short;
use crate::areas::code::jobs::{below_top, some_below_top};
use crate::areas::devops::exec;
use crate::base::git_act::{GitAct, ResetMode};
use crate::base::operation::OperationState;
use crate::base::repo::{Operation, UndoKind};
use crate::base::{GitPath, Head, Problem, SafeText};
use crate::msg;

/// Lines of git's that may explain a failure.
const MAX_WORDS: usize = 400;

pub(super) async fn act(on: &On<'_>, act: &GitAct) -> Result<Done, Problem> {
    if let GitAct::Restore { revision, paths } = act
        && paths.iter().any(|path| path.as_bytes().starts_with(b"/"))
    {
        let (revision, paths) = (revision.clone(), some_below_top(on.repo.root, paths)?);
        return Box::pin(self::act(on, &GitAct::Restore { revision, paths })).await;
    }
    if let GitAct::CherryPick { commits, .. } | GitAct::Revert { commits, .. } = act
        && commits.iter().any(|commit| commit.contains(".."))
    {
        let mut act = act.clone();
        let is_revert = matches!(act, GitAct::Revert { .. });
        if let GitAct::CherryPick { commits, .. } | GitAct::Revert { commits, .. } = &mut act {
            let (git, root, names) = (on.git.clone(), on.repo.root.to_path_buf(), std::mem::take(commits));
            *commits = on.cx.blocking(move |_| git.commits_named(&root, &names, is_revert)).await?;
        }
        return Box::pin(self::act(on, &act)).await;
    }
    if matches!(
        act,
        GitAct::Reset {
            mode: ResetMode::Hard,
            ..
        } | GitAct::Restore { .. }
    ) {
        not_exposed(on).await?;
    }
    let lost = match act {
        GitAct::Abort => on.git.lost_by_operation(on.repo).await?,
        _ => Lost::default(),
    };
    let mark = match kept(on, act).await? {
        Some((kind, subject, scope)) => {
            let scope = scope.at(lost.paths().cloned());
            let subject = SafeText::new(&subject).into_string();
            Some(on.git.mark(on.repo, kind, subject, scope, on.at).await?)
        }
        None => None,
    };
    if let GitAct::Resolve {
        path,
        resolution,
        is_forced,
    } = act
    {
        let path = below_top(on.repo.root, path)?;
        on.git
            .resolve_conflict(on.repo, &path, resolution, *is_forced, on.cancel)
            .await?;
    } else {
        let staged = if puts_aside(on, act).await? {
            on.git.staged_before(on.repo).await?
        } else {
            None
        };
        if matches!(act, GitAct::Continue) {
            on.git.take_up_interrupted(on.repo, on.cancel).await?;
        }
        let fixup = match act {
            GitAct::Abort => on.git.fixup_under_way(on.repo).await?,
            _ => None,
        };
        let ended = run(on, act).await;
        // A rebase that stopped has not given anything back yet.
        if let Some(staged) = staged
            && !on.git.stage_again(on.repo, staged, on.cancel).await?
            && ended.is_ok()
        {
            on.cx
                .problem(Problem::user(msg!("code-unstaged-by-git")).code("unstaged"))
                .await;
        }
        ended?;
        if let Some(fixup) = fixup {
            on.git.give_up_fixup(on.repo, fixup, on.cancel).await?;
        }
        on.git.bring_back_lost(on.repo, lost).await?;
    }
    let Some(mark) = mark else { return Ok(Done::default()) };
    let done = on.git.remember(on.repo, mark).await?;
    if matches!(act, GitAct::Fetch { .. }) {
        let tidy = on.git.tidy_cmd(on.repo, on.cancel).await?;
        // That nothing was cleaned up is no failure of the fetch.
        run_cmd(on, tidy).await?;
    }
    Ok(done)
}

/// What is changed inside of a submodule can not be brought back by taking back: git is not let at it.
async fn not_exposed(on: &On<'_>) -> Result<(), Problem> {
    let (git, root) = (on.git.clone(), on.repo.root.to_path_buf());
    let exposed = on.cx.blocking(move |_| git.exposed_submodules(&root)).await?;
    let Some(first) = exposed.first() else { return Ok(()) };
    let names: Vec<String> = exposed.iter().map(GitPath::display).collect();
    Err(
        Problem::user(msg!("code-submodules-exposed", n = exposed.len(), first = first.display()))
            .code("submodule-dirty")
            .details(names.join("\n"))
            .hint(msg!("code-submodules-exposed-hint")),
    )
}

/// Whether git may put changes aside before it and back after it.
async fn puts_aside(on: &On<'_>, act: &GitAct) -> Result<bool, Problem> {
    Ok(match act {
        GitAct::Rebase { .. } | GitAct::RunPlan { .. } | GitAct::Pull { .. } => true,
        GitAct::Continue | GitAct::Skip | GitAct::Abort => {
            let (git, root) = (on.git.clone(), on.repo.root.to_path_buf());
            let operation = on.cx.blocking(move |_| git.operation(&root)).await?;
            operation.is_some_and(|operation| operation.has_put_away)
        }
        _ => false,
    })
}

async fn run(on: &On<'_>, act: &GitAct) -> Result<(), Problem> {
    let cmd = on.git.act_cmd(on.repo, act, on.cancel).await?;
    match run_cmd(on, cmd).await? {
        (None, _) => Ok(()),
        (Some(problem), words) => Err(act_problem(on.repo, act, problem, &words)),
    }
}

/// Runs git as part of the job. Gives why it failed, if so, and what it said.
pub(super) async fn run_cmd(on: &On<'_>, cmd: Cmd) -> Result<(Option<Problem>, String), Problem> {
    let program = on.git.program();
    let cmd = match on.accepts {
        Some(fingerprint) => program.accepting(cmd, fingerprint)?,
        None => cmd,
    };
    let mut words: Vec<String> = Vec::new();
    let told = exec::run_watched(
        on.cx,
        on.world,
        cmd.clone(),
        |line| {
            if let Some(progress) = progress_of(line.bytes) {
                on.cx.progress(progress);
            } else if !line.is_progress && words.len() < MAX_WORDS {
                words.push(String::from_utf8_lossy(line.bytes).into_owned());
            }
        },
        |_| {},
    );
    let mut problem = told.await?.problem("git");
    let words = words.join("\n");
    if problem.is_some()
        && let Some(unknown) = program.unknown_host(&cmd, &words, on.cancel).await
    {
        problem = Some(unknown);
    }
    Ok((problem, words))
}

/// What an act may lose, so that it can be taken back; None for what only concerns other repositories.
async fn kept(on: &On<'_>, act: &GitAct) -> Result<Option<(UndoKind, String, Scope)>, Problem> {
    let bringing = |names: &[String]| names.iter().cloned().fold(Scope::files(), Scope::bringing);
    let list = |names: &[String]| names.iter().map(|name| short(name)).collect::<Vec<_>>().join(", ");
    Ok(Some(match act {
        GitAct::RenameBranch { from, to } => {
            let scope = Scope::refs().removing(format!("refs/heads/{from}"));
            (UndoKind::RenameBranch, to.clone(), scope)
        }
        GitAct::DeleteBranch { name, .. } => {
            let scope = Scope::refs().removing(format!("refs/heads/{name}"));
            (UndoKind::DeleteBranch, name.clone(), scope)
        }
        GitAct::CreateTag { name, .. } => (UndoKind::CreateTag, name.clone(), Scope::refs()),
        GitAct::DeleteTag { name } => {
            let scope = Scope::refs().removing(format!("refs/tags/{name}"));
            (UndoKind::DeleteTag, name.clone(), scope)
        }
        GitAct::Merge { what, .. } => (UndoKind::Merge, short(what), bringing(std::slice::from_ref(what))),
        GitAct::Rebase { onto, .. } => (UndoKind::Rebase, short(onto), bringing(std::slice::from_ref(onto))),
        GitAct::RunPlan { plan } => {
            let below: Vec<String> = plan.onto.iter().chain(&plan.base).take(1).cloned().collect();
            (UndoKind::Rebase, list(&below), bringing(&below))
        }
        GitAct::CherryPick { commits, .. } => (UndoKind::CherryPick, list(commits), bringing(commits)),
        GitAct::Revert { commits, .. } => (UndoKind::Revert, list(commits), bringing(commits)),
        GitAct::Reset { to, mode } => {
            let scope = if *mode == ResetMode::Hard {
                bringing(std::slice::from_ref(to))
            } else {
                Scope::refs()
            };
            (UndoKind::Reset, short(to), scope)
        }
        GitAct::Pull { .. } => {
            let summary = on.git.status_now(on.repo, on.cancel).await?.summary;
            let upstream: Vec<String> = summary.upstream.into_iter().filter(|_| !summary.is_upstream_gone).collect();
            (UndoKind::Pull, list(&upstream), bringing(&upstream))
        }
        GitAct::Resolve { path, .. } => {
            let path = below_top(on.repo.root, path)?;
            (UndoKind::Resolve, path.display(), Scope::refs().at([path]))
        }
        GitAct::Restore { revision, paths } => (UndoKind::Restore, short(revision), Scope::refs().at(paths.iter().cloned())),
        GitAct::Continue => {
            let (git, root) = (on.git.clone(), on.repo.root.to_path_buf());
            match on.cx.blocking(move |_| git.operation(&root)).await? {
                // A merge has one step, which ends it.
                Some(OperationState {
                    kind: Operation::Merge,
                    onto: Some(onto),
                    ..
                }) => (UndoKind::Merge, short(&onto), Scope::files()),
                _ => (UndoKind::Continue, branch(on).await?, Scope::files()),
            }
        }
        GitAct::Skip => (UndoKind::Skip, branch(on).await?, Scope::files()),
        GitAct::Abort => (UndoKind::Abort, branch(on).await?, Scope::files()),
        GitAct::SetUpstream { branch, .. } => (UndoKind::SetUpstream, branch.clone(), Scope::refs()),
        GitAct::AddRemote { name, .. } => (UndoKind::AddRemote, name.clone(), Scope::refs()),
        GitAct::RenameRemote { to: name, .. } | GitAct::SetRemoteUrl { name, .. } => {
            (UndoKind::ChangeRemote, name.clone(), Scope::refs())
        }
        GitAct::RemoveRemote { name } => (UndoKind::RemoveRemote, name.clone(), Scope::refs()),
        GitAct::PruneRemote { name } => (UndoKind::PruneRemote, name.clone(), Scope::refs()),
        GitAct::Fetch { remote } => (UndoKind::Fetch, remote.clone().unwrap_or_default(), Scope::refs()),
        GitAct::BisectStart { bad, .. } => (UndoKind::BisectStart, short(bad), Scope::files()),
        GitAct::Bisect { .. } => (UndoKind::Bisect, branch(on).await?, Scope::files()),
        GitAct::BisectReset => (UndoKind::BisectReset, branch(on).await?, Scope::files()),
        GitAct::Push { push } if push.lease.is_some() => {
            let (git, root, push) = (on.git.clone(), on.repo.root.to_path_buf(), push.clone());
            let preview = on.cx.blocking(move |_| git.preview_push(&root, &push)).await?;
            (UndoKind::PushOver, preview.to.unwrap_or(preview.branch), Scope::refs())
        }
        GitAct::DeleteRemoteBranch { remote, name } => (UndoKind::DeleteThere, format!("{remote}/{name}"), Scope::refs()),
        GitAct::Push { .. } | GitAct::PushTag { .. } | GitAct::DeleteRemoteTag { .. } => return Ok(None),
    }))
}

/// The branch that an operation is about.
async fn branch(on: &On<'_>) -> Result<String, Problem> {
    let (git, root) = (on.git.clone(), on.repo.root.to_path_buf());
    let operation = on.cx.blocking(move |_| git.operation(&root)).await?;
    if let Some(branch) = operation.and_then(|operation| operation.branch) {
        return Ok(branch);
    }
    let summary = on.git.status_now(on.repo, on.cancel).await?.summary;
    Ok(match summary.head {
        Head::Branch { name } | Head::Unborn { name } => name,
        Head::Detached => String::new(),
    })
}
