//! What Code does: one async function per command. Reading works in any folder; what changes a repository stands in `acts.rs`.

use super::acts::acting;
use super::ask::asking;
use super::history::{lines, load};
use super::undo::{self, read_undo};
use super::{AREA, Command, Update, Watching, chain, diffs, message, open, stashes, todos};
use crate::adapters::World;
use crate::adapters::git::{Repo, Snapshot};
use crate::adapters::watch::{Touched, Watch};
use crate::areas::{JobCtx, JobSpec};
use crate::base::repo::RepoSummary;
use crate::base::{GitPath, Problem, Workspace, WorkspaceId};
use crate::engine::Overlap;
use crate::msg;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// A watched repository is read at most this often, and rests three times as long as the reading took.
const MIN_REST: Duration = Duration::from_millis(200);

/// The job of a command.
pub fn plan(world: &World, command: Command) -> JobSpec {
    let world = world.clone();
    match command {
        Command::Refresh { workspace } => quiet(
            "status",
            msg!("code-job-refresh"),
            &workspace.id.clone(),
            Overlap::Latest,
            |cx| async move {
                cx.update(Update::StatusStarted {
                    workspace: workspace.id.clone(),
                })
                .await;
                read_status(&cx, &world, &workspace).await.map(|_| ())
            },
        ),
        // One workspace is watched: the one that is chosen.
        Command::Watch { workspace } => quiet(
            "watch",
            msg!("code-job-watch"),
            &workspace.id.clone(),
            Overlap::Replace,
            |cx| async move {
                let result = watch(&cx, &world, &workspace).await;
                cx.update(Update::Watching {
                    workspace: workspace.id,
                    watching: None,
                })
                .await;
                result
            },
        )
        .key("code/watch", Overlap::Replace),
        Command::Init { workspace } => super::begin::beginning(world, workspace),
        // It takes the place of what watches, and has nothing to do.
        Command::StopWatch { workspace } => quiet("watch", msg!("code-job-watch"), &workspace.id, Overlap::Replace, |_| async {
            Ok(())
        })
        .key("code/watch", Overlap::Replace),
        Command::ShowDiff {
            workspace,
            what,
            is_forced,
        } => quiet(
            "diff",
            msg!("code-job-diff"),
            &workspace.id.clone(),
            Overlap::Latest,
            move |cx| diffs::show_diff(cx, world, workspace, what, is_forced),
        ),
        Command::ShowPictures { workspace, what } => quiet(
            "pictures",
            msg!("code-job-diff"),
            &workspace.id.clone(),
            Overlap::Latest,
            move |cx| async move { super::pictures::show(&cx, &world, &workspace, what).await },
        ),
        Command::ShowDiffs {
            workspace,
            of,
            paths,
            look,
            is_forced,
        } => quiet(
            "diffs",
            msg!("code-job-diff"),
            &workspace.id.clone(),
            Overlap::Latest,
            move |cx| diffs::show_diffs(cx, world, workspace, (of, look, is_forced), paths),
        ),
        Command::LoadHistory {
            workspace,
            query,
            first,
            n,
        } => quiet(
            "history",
            msg!("code-job-history"),
            &workspace.id.clone(),
            Overlap::Replace,
            move |cx| async move { load::open(&cx, &world, &workspace, &query, first, n).await },
        ),
        Command::LoadRows {
            workspace,
            query,
            stamp,
            first,
            n,
        } => quiet(
            "history-rows",
            msg!("code-job-history"),
            &workspace.id.clone(),
            Overlap::Latest,
            move |cx| async move { load::rows(&cx, &world, &workspace, &query, &stamp, (first, n)).await },
        ),
        Command::FindRow { workspace, query, oid } => quiet(
            "history-find",
            msg!("code-job-history"),
            &workspace.id.clone(),
            Overlap::Latest,
            move |cx| async move { load::find_row(&cx, &world, &workspace, &query, &oid).await },
        ),
        Command::Blame { workspace, what, line } => quiet(
            "blame",
            msg!("code-job-blame"),
            &workspace.id.clone(),
            Overlap::Replace,
            move |cx| async move { lines::blame(&cx, &world, &workspace, what, line).await },
        ),
        Command::BlameBefore { workspace, what, line } => quiet(
            "blame",
            msg!("code-job-blame"),
            &workspace.id.clone(),
            Overlap::Replace,
            move |cx| async move { lines::before(&cx, &world, &workspace, what, line).await },
        ),
        Command::Compare {
            workspace,
            from,
            to,
            paths,
        } => quiet(
            "compare",
            msg!("code-job-diff"),
            &workspace.id.clone(),
            Overlap::Latest,
            move |cx| async move { lines::compare(&cx, &world, &workspace, from, to, paths).await },
        ),
        Command::WriteCommitGraph { workspace, query } => {
            let id = workspace.id.clone();
            let title = msg!("code-job-commit-graph");
            JobSpec::new(AREA, title, move |cx| async move {
                load::write_graph(&cx, &world, &workspace, &query).await
            })
            .workspace(&id)
            .key(format!("code/commit-graph/{id}"), Overlap::Refuse)
        }
        Command::ShowCommit { workspace, revision } => quiet(
            "commit-detail",
            msg!("code-job-commit-detail"),
            &workspace.id.clone(),
            Overlap::Latest,
            move |cx| show_commit(cx, world, workspace, revision),
        ),
        Command::LoadRefs { workspace } => quiet(
            "refs",
            msg!("code-job-refs"),
            &workspace.id.clone(),
            Overlap::Latest,
            |cx| async move {
                cx.update(Update::RefsStarted {
                    workspace: workspace.id.clone(),
                })
                .await;
                read_refs(&cx, &world, &workspace).await
            },
        ),
        Command::LoadWeather { workspace } => quiet(
            "weather",
            msg!("code-job-weather"),
            &workspace.id.clone(),
            Overlap::Latest,
            |cx| async move {
                let weather = chain::weather(&world, &workspace).await?;
                cx.update(Update::WeatherRead {
                    workspace: workspace.id,
                    weather,
                })
                .await;
                Ok(())
            },
        ),
        Command::LoadUndo { workspace } => quiet(
            "undo",
            msg!("code-job-undo"),
            &workspace.id.clone(),
            Overlap::Latest,
            |cx| async move { read_undo(&cx, &world, &workspace).await.map(drop) },
        ),
        Command::LoadStashes { workspace } => quiet(
            "stashes",
            msg!("code-job-stashes"),
            &workspace.id.clone(),
            Overlap::Latest,
            |cx| async move { stashes::read_stashes(&cx, &world, &workspace).await },
        ),
        Command::LoadCommitHelp { workspace } => quiet(
            "commit-help",
            msg!("code-job-commit-help"),
            &workspace.id.clone(),
            Overlap::Latest,
            |cx| async move { message::read_help(&cx, &world, &workspace).await },
        ),
        Command::ShowUndo { workspace, id } => quiet(
            "undo-detail",
            msg!("code-job-undo"),
            &workspace.id.clone(),
            Overlap::Latest,
            move |cx| async move { undo::show(&cx, &world, &workspace, id).await },
        ),
        Command::Look { workspace, look } => super::look::looking(world, workspace, look),
        Command::Ask { workspace, ask } => asking(world, workspace, ask, None),
        Command::Act { workspace, act } => acting(world, workspace, act, None),
        Command::AcceptHost { fingerprint, then } => match *then {
            Command::Act { workspace, act } => acting(world, workspace, act, Some(fingerprint)),
            Command::Ask { workspace, ask } => asking(world, workspace, ask, Some(fingerprint)),
            then => plan(&world, then),
        },
        Command::OpenInEditor {
            workspace,
            path,
            line,
            column,
        } => open::opening(world, workspace, (path, line, column), false),
        Command::OpenAtTerminal {
            workspace,
            path,
            line,
            column,
        } => open::opening(world, workspace, (path, line, column), true),
        Command::LoadTodos { workspace, with_authors } => quiet(
            "todos",
            msg!("code-job-todos"),
            &workspace.id.clone(),
            Overlap::Latest,
            move |cx| async move { todos::load(&cx, &world, &workspace, with_authors).await },
        ),
    }
}

/// Housekeeping of one workspace.
pub(super) fn quiet<F, Fut>(what: &str, title: crate::base::Msg, id: &WorkspaceId, overlap: Overlap, run: F) -> JobSpec
where
    F: FnOnce(JobCtx) -> Fut + Send + 'static,
    Fut: Future<Output = Result<(), Problem>> + Send + 'static,
{
    JobSpec::new(AREA, title, run)
        .workspace(id)
        .key(format!("code/{what}/{id}"), overlap)
        .quiet()
}

pub(in crate::areas::code) fn is_trusted(world: &World, workspace: &Workspace) -> bool {
    world.trust().check(workspace).is_ok()
}

pub(super) async fn read_status(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<RepoSummary, Problem> {
    read_status_since(cx, world, workspace, &mut None, &Touched::Everything).await
}

/// Only what was touched is looked at while `known` is there.
async fn read_status_since(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    known: &mut Option<Snapshot>,
    touched: &Touched,
) -> Result<RepoSummary, Problem> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed) + 1;
    let repo = Repo {
        root: &workspace.root,
        is_trusted: is_trusted(world, workspace),
    };
    let id = workspace.id.clone();
    let cancel = cx.cancel_token();
    match world.git().status_since(repo, known, touched.paths(), cancel).await {
        Ok(status) => {
            let summary = status.summary.clone();
            cx.update(Update::StatusRead {
                workspace: id,
                number,
                status: Box::new(status),
            })
            .await;
            super::look::tell_under_way(cx, world, workspace, &summary).await;
            Ok(summary)
        }
        Err(problem) => {
            cx.update(Update::StatusFailed {
                workspace: id,
                number,
                problem: problem.clone(),
            })
            .await;
            Err(problem)
        }
    }
}

/// One reading at a time: what changes meanwhile is read when this one is done, however often it changed.
async fn watch(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<(), Problem> {
    let max_watches = world.settings().workspaces.max_watches;
    let root = workspace.root.clone();
    cx.update(Update::StatusStarted {
        workspace: workspace.id.clone(),
    })
    .await;
    let Ok(mut watch) = cx.blocking(move |_| Watch::open(&root, max_watches)).await else {
        // No files to watch: the reading says why, and that is no failure of the program's.
        return read_status(cx, world, workspace).await.map(|_| ()).or(Ok(()));
    };
    let mut told: Option<Watching> = None;
    let mut seen: Option<RepoSummary> = None;
    let (mut known, mut touched) = (None, Touched::Everything);
    loop {
        let is_polling = watch.limit().is_some();
        let watching = Watching {
            n_folders: watch.n_folders(),
            max_folders: watch.max_folders(),
            is_polling,
        };
        if told != Some(watching) {
            if let (Some(limit), false) = (watch.limit(), told.is_some_and(|told| told.is_polling)) {
                cx.problem(limit.clone()).await;
            }
            cx.update(Update::Watching {
                workspace: workspace.id.clone(),
                watching: Some(watching),
            })
            .await;
            told = Some(watching);
        }
        let started = Instant::now();
        match read_status_since(cx, world, workspace, &mut known, &touched).await {
            Ok(summary) if seen.as_ref() == Some(&summary) => {}
            Ok(summary) => {
                seen = Some(summary.clone());
                cx.update(Update::Noticed {
                    workspace: workspace.id.clone(),
                    summary,
                })
                .await;
            }
            // The repository is gone: nothing is left to watch.
            Err(problem) if problem.is_cancelled() || problem.code == "not-a-repository" => return Err(problem),
            // Told in the model; the next change may mend it.
            Err(_) => {}
        }
        cx.sleep(MIN_REST.max(started.elapsed() * 3)).await?;
        loop {
            touched = watch.changed(cx.cancel_token()).await?;
            if watch.has_new_steps() || touched == Touched::Everything {
                // Told in the model, and read again with the next step.
                read_undo(cx, world, workspace).await.ok();
            }
            if !touched.is_nothing() {
                break;
            }
        }
    }
}

async fn show_commit(cx: JobCtx, world: World, workspace: Workspace, revision: String) -> Result<(), Problem> {
    let id = workspace.id.clone();
    cx.update(Update::CommitStarted {
        workspace: id.clone(),
        revision: revision.clone(),
    })
    .await;
    let asked = revision.clone();
    let (git, root) = (world.git().clone(), workspace.root.clone());
    match cx.blocking(move |_| git.commit(&root, &asked)).await {
        Ok(commit) => {
            // A commit that was made elsewhere hangs on the thread from the first time it is looked at.
            let message = format!("{}\n{}", commit.summary, commit.body);
            if let Err(problem) = chain::link_items(&cx, &world, &workspace, &commit.oid, &message).await {
                cx.problem(problem).await;
            }
            cx.update(Update::CommitRead {
                workspace: id,
                revision,
                commit: Box::new(commit),
            })
            .await;
            Ok(())
        }
        Err(problem) => {
            cx.update(Update::CommitFailed {
                workspace: id,
                revision,
                problem: problem.clone(),
            })
            .await;
            Err(problem)
        }
    }
}

pub(super) async fn read_refs(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<(), Problem> {
    let repo = Repo {
        root: &workspace.root,
        is_trusted: is_trusted(world, workspace),
    };
    let id = workspace.id.clone();
    match world.git().refs(repo, cx.cancel_token()).await {
        Ok(refs) => {
            cx.update(Update::RefsRead { workspace: id, refs }).await;
            Ok(())
        }
        Err(problem) => {
            cx.update(Update::RefsFailed {
                workspace: id,
                problem: problem.clone(),
            })
            .await;
            Err(problem)
        }
    }
}

pub(crate) fn reading_top(world: &World, workspace: &Workspace) -> Result<PathBuf, Problem> {
    match world.git().top(&workspace.root) {
        Err(problem) if problem.code == "bare" => Ok(workspace.root.clone()),
        result => result,
    }
}

/// The same for what needs paths: the top itself stays the top.
pub(crate) fn some_below_top(top: &Path, paths: &[GitPath]) -> Result<Vec<GitPath>, Problem> {
    let below = all_below_top(top, paths)?;
    let is_top = below.is_empty() && !paths.is_empty();
    Ok(if is_top { vec![GitPath::from(".")] } else { below })
}

/// Paths as git counts them. The top itself stands for everything, and so for no path.
pub(crate) fn all_below_top(top: &Path, paths: &[GitPath]) -> Result<Vec<GitPath>, Problem> {
    let paths: Vec<GitPath> = paths.iter().map(|path| below_top(top, path)).collect::<Result<_, _>>()?;
    Ok(if paths.iter().any(|path| path.as_bytes().is_empty()) {
        Vec::new()
    } else {
        paths
    })
}

pub(crate) fn below_top(top: &Path, path: &GitPath) -> Result<GitPath, Problem> {
    if !path.as_bytes().starts_with(b"/") {
        return Ok(path.clone());
    }
    let absolute = Path::new(OsStr::from_bytes(path.as_bytes()));
    match absolute.strip_prefix(top) {
        Ok(inside) => Ok(GitPath::of_path(inside)),
        Err(_) => Err(Problem::user(msg!("git-outside-checkout", path = path.display())).code("outside")),
    }
}
