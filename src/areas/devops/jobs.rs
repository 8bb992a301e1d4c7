//! What DevOps does: one async function per command.

use super::moved;
use super::terminal::{self, TerminalPlace};
use super::{Command, TrustState, Update, WorkspaceInfo, board, clone, machine, machines, runs, sample, scan, thread, watch};
use crate::adapters::store::workspaces::WorkspaceRow;
use crate::adapters::trust::TrustState as Kept;
use crate::adapters::{World, files};
use crate::areas::{self, JobCtx, JobSpec};
use crate::base::{Problem, Progress, Target, Unit, Workspace, WorkspaceId};
use crate::engine::Overlap;
use crate::msg;
use std::path::{Path, PathBuf};

pub(super) const AREA: &str = "devops";

/// The job of a command.
pub fn plan(world: &World, command: Command) -> JobSpec {
    let world = world.clone();
    match command {
        Command::LoadWorkspaces => JobSpec::new(AREA, msg!("devops-job-load"), move |cx| load(cx, world))
            .key("devops/load", Overlap::Latest)
            .quiet(),
        Command::AddWorkspace { path, group } => JobSpec::new(AREA, msg!("devops-job-add", path = path.as_path()), move |cx| {
            add(cx, world, path, group)
        }),
        Command::Clone { url, into, group } => clone::cloning(world, url, into, group),
        Command::RemoveWorkspace { workspace } => JobSpec::new(
            AREA,
            msg!("devops-job-remove", name = workspace.name.as_str()),
            move |cx| async move {
                world.store().workspaces().remove(&workspace.id).await?;
                cx.update(Update::WorkspaceRemoved { id: workspace.id }).await;
                Ok(())
            },
        ),
        Command::TrustWorkspace { workspace } => {
            let id = workspace.id.clone();
            JobSpec::new(
                AREA,
                msg!("devops-job-trust", name = workspace.name.as_str()),
                move |cx| async move {
                    world.trust().trust(&workspace)?;
                    cx.update(Update::TrustChanged {
                        id: workspace.id.clone(),
                        trust: trust_of(&world, &workspace),
                    })
                    .await;
                    Ok(())
                },
            )
            .workspace(&id)
        }
        Command::DistrustWorkspace { workspace } => {
            let id = workspace.id.clone();
            JobSpec::new(
                AREA,
                msg!("devops-job-distrust", name = workspace.name.as_str()),
                move |cx| async move {
                    world.trust().revoke(&workspace)?;
                    cx.update(Update::TrustChanged {
                        id: workspace.id.clone(),
                        trust: trust_of(&world, &workspace),
                    })
                    .await;
                    Ok(())
                },
            )
            .workspace(&id)
        }
        Command::ScanRoots { roots } => JobSpec::new(AREA, msg!("devops-job-scan"), move |cx| scan_roots(cx, world, roots))
            .key("devops/scan", Overlap::Replace),
        Command::RefreshBoard { workspaces } => {
            JobSpec::new(AREA, msg!("devops-job-board"), move |cx| refresh_board(cx, world, workspaces))
                .key("devops/board", Overlap::Latest)
                .quiet()
        }
        Command::InspectMachine => JobSpec::new(AREA, msg!("devops-job-machine"), move |cx| inspect(cx, world))
            .key("devops/machine", Overlap::Latest)
            .quiet(),
        Command::ListMachines | Command::TestMachine { .. } | Command::AcceptMachine { .. } | Command::WatchMachine { .. } => {
            plan_machine(world, command)
        }
        Command::WatchRuns => JobSpec::new(AREA, msg!("devops-job-runs-watch"), move |cx| watch::watch(cx, world))
            .key("devops/watch-runs", Overlap::Refuse)
            .quiet(),
        Command::ListRuns { filter } => JobSpec::new(AREA, msg!("devops-job-runs"), move |cx| runs::list(cx, world, filter))
            .key("devops/runs", Overlap::Latest)
            .quiet(),
        Command::ShowRun { job } => JobSpec::new(AREA, msg!("devops-job-run"), move |cx| runs::show(cx, world, job))
            .key("devops/run", Overlap::Latest)
            .quiet(),
        Command::RunAgain { workspace, job } => {
            let id = workspace.id.clone();
            JobSpec::new(AREA, msg!("devops-job-again", run = job.to_string()), move |cx| {
                runs::again(cx, world, workspace, job)
            })
            .workspace(&id)
        }
        Command::ShowThread { of, at } => {
            let key = format!("devops/thread/{}", serde_json::to_string(&of).unwrap_or_default());
            JobSpec::new(AREA, msg!("devops-job-thread"), move |cx| show_thread(cx, world, of, at))
                .key(key, Overlap::Latest)
                .quiet()
        }
        Command::OpenTerminal { place } => open_terminal(world, place),
        Command::TellTerminal { id, input } => {
            // Now and here: keys must not overtake each other.
            world.terminals().tell(id, input);
            JobSpec::done(AREA, msg!("terminal-job-tell"))
        }
        Command::ForgetTerminal { id } => JobSpec::new(AREA, msg!("terminal-job-forget"), move |cx| async move {
            cx.update(Update::TerminalForgotten { id }).await;
            Ok(())
        })
        .quiet(),
        Command::UnpackSample { dir } => JobSpec::new(AREA, msg!("devops-job-sample", path = dir.as_path()), move |cx| {
            unpack_sample(cx, world, dir)
        }),
        Command::ChangeSample { workspace, change } => {
            let id = workspace.id.clone();
            JobSpec::new(
                AREA,
                msg!("devops-job-sample-change", name = change.as_str()),
                move |_cx| async move { sample::apply(&world, &workspace, &sample::change(&change)?) },
            )
            .workspace(&id)
        }
    }
}

fn plan_machine(world: World, command: Command) -> JobSpec {
    match command {
        Command::TestMachine { name } => {
            let key = format!("devops/machine/{name}");
            JobSpec::new(AREA, msg!("machine-job-test", name = name.as_str()), move |cx| async move {
                machines::test(&cx, &world, &name).await
            })
            .key(key, Overlap::Replace)
        }
        Command::AcceptMachine { name, fingerprint } => {
            let key = format!("devops/machine/{name}");
            JobSpec::new(AREA, msg!("machine-job-accept", name = name.as_str()), move |cx| async move {
                machines::accept(&cx, &world, &name, &fingerprint).await
            })
            .key(key, Overlap::Replace)
        }
        Command::WatchMachine { name, is_on } => {
            JobSpec::new(AREA, msg!("machine-job-watch", name = name.as_str()), move |cx| async move {
                machines::watch(&cx, &world, &name, is_on).await
            })
        }
        _ => JobSpec::new(AREA, msg!("machine-job-list"), move |cx| async move {
            machines::list(&cx, &world).await
        })
        .key("devops/machines", Overlap::Latest)
        .quiet(),
    }
}

fn open_terminal(world: World, place: TerminalPlace) -> JobSpec {
    let of = place.workspace().map(|workspace| workspace.id.clone());
    let spec = JobSpec::new(AREA, place.title(), move |cx| async move {
        Box::pin(terminal::run(&cx, &world, place)).await
    });
    match of {
        Some(id) => spec.workspace(&id),
        None => spec,
    }
}

fn trust_of(world: &World, workspace: &Workspace) -> TrustState {
    match world.trust().state(workspace) {
        Ok(Kept::Trusted) => TrustState::Trusted,
        Ok(Kept::Changed { .. }) => TrustState::Changed,
        Ok(Kept::Never | Kept::Replaced) | Err(_) => TrustState::Untrusted,
    }
}

pub(super) fn info_of(world: &World, row: &WorkspaceRow) -> WorkspaceInfo {
    let workspace = row.workspace();
    let kinds = scan::kinds_of(&workspace.root);
    WorkspaceInfo {
        group: row.group.clone(),
        pinned: row.pinned,
        trust: trust_of(world, &workspace),
        is_missing: kinds.is_empty() && files::canonicalize(&workspace.root).is_err(),
        kinds,
        workspace,
    }
}

async fn load(cx: JobCtx, world: World) -> Result<(), Problem> {
    cx.update(Update::WorkspacesLoading).await;
    let rows = match world.store().workspaces().list().await {
        Ok(rows) => rows,
        Err(problem) => {
            cx.update(Update::WorkspacesFailed {
                problem: problem.clone(),
            })
            .await;
            return Err(problem);
        }
    };
    let workspaces = cx
        .blocking(move |_| Ok(rows.iter().map(|row| info_of(&world, row)).collect()))
        .await?;
    cx.update(Update::WorkspacesLoaded { workspaces }).await;
    Ok(())
}

pub(super) async fn add(cx: JobCtx, world: World, path: PathBuf, group: String) -> Result<(), Problem> {
    let root = files::canonicalize(&path)?;
    if !root.is_dir() {
        return Err(Problem::user(msg!("devops-not-a-folder", path = root.as_path())).code("not-a-folder"));
    }
    if is_of_the_system(&root) {
        let problem = Problem::user(msg!("devops-of-the-system", path = root.as_path())).code("not-a-project");
        return Err(problem.hint(msg!("devops-of-the-system-hint")));
    }
    // One that can not be read would be there and show nothing.
    files::list_dir(&root)?;
    let mut row = world.store().workspaces().add(&Workspace::at(&root)).await?;
    moved::take_over(&cx, &world, &row.workspace()).await?;
    row = world.store().workspaces().get(&row.id).await?.unwrap_or(row);
    if !group.is_empty() {
        row.group = group;
        world.store().workspaces().save(row.clone()).await?;
    }
    let workspace = info_of(&world, &row);
    cx.update(Update::WorkspaceAdded {
        workspace: workspace.clone(),
    })
    .await;
    let board = board::read(&world, &workspace.workspace).await?;
    cx.update(Update::BoardRow {
        id: workspace.workspace.id,
        row: Box::new(board),
    })
    .await;
    Ok(())
}

/// Every folder of the machine would lie in such a workspace, or none that stays.
fn is_of_the_system(root: &Path) -> bool {
    root.parent().is_none() || root == Path::new("/dev") || ["/proc", "/sys"].iter().any(|system| root.starts_with(system))
}

async fn scan_roots(cx: JobCtx, world: World, roots: Vec<PathBuf>) -> Result<(), Problem> {
    let settings = world.settings();
    let roots = if roots.is_empty() {
        settings.workspaces.roots.clone()
    } else {
        roots
    };
    if roots.is_empty() {
        return Err(Problem::user(msg!("devops-no-roots")).hint(msg!("devops-no-roots-hint")));
    }
    let depth = settings.workspaces.scan_depth;
    let (roots, gone): (Vec<PathBuf>, Vec<PathBuf>) = cx
        .blocking(move |_| Ok(roots.into_iter().partition(|root| root.is_dir())))
        .await?;
    let not_there = |root: &PathBuf| Problem::user(msg!("devops-not-a-folder", path = root)).code("not-found");
    let (last, others) = match gone.split_last() {
        Some((last, others)) => (Some(not_there(last)), others),
        None => (None, [].as_slice()),
    };
    for root in others {
        cx.problem(not_there(root)).await;
    }
    cx.update(Update::ScanStarted).await;
    let n_folders = cx
        .blocking(move |cx| {
            let mut n_seen = 0;
            let mut batch = Vec::new();
            let n_folders = scan::scan(&roots, depth, |project| {
                n_seen += 1;
                if n_seen % 64 == 0 {
                    cx.progress(Progress::count(n_seen, Unit::Files));
                }
                batch.extend(project);
                if batch.len() >= 50 {
                    cx.update_blocking(Update::ProjectsFound {
                        projects: std::mem::take(&mut batch),
                    });
                }
                !cx.is_cancelled()
            });
            cx.update_blocking(Update::ProjectsFound { projects: batch });
            Ok(n_folders)
        })
        .await?;
    cx.update(Update::ScanEnded { n_folders }).await;
    cx.check()?;
    last.map_or(Ok(()), Err)
}

async fn refresh_board(cx: JobCtx, world: World, workspaces: Vec<Workspace>) -> Result<(), Problem> {
    // Without a list: all that were added.
    let workspaces = if workspaces.is_empty() {
        world
            .store()
            .workspaces()
            .list()
            .await?
            .iter()
            .map(WorkspaceRow::workspace)
            .collect()
    } else {
        workspaces
    };
    for workspace in workspaces {
        cx.check()?;
        cx.update(Update::BoardLoading {
            id: workspace.id.clone(),
        })
        .await;
        let row = board::read(&world, &workspace).await?;
        cx.update(Update::BoardRow {
            id: workspace.id,
            row: Box::new(row),
        })
        .await;
    }
    Ok(())
}

async fn inspect(cx: JobCtx, world: World) -> Result<(), Problem> {
    cx.update(Update::MachineLoading).await;
    let teller = cx.clone();
    let machine = machine::inspect(&world, cx.cancel_token(), move |done, total| {
        teller.progress(Progress::of(done as u64, total as u64, Unit::Steps));
    })
    .await?;
    cx.update(Update::MachineInspected {
        machine: Box::new(machine),
    })
    .await;
    Ok(())
}

/// Commit and hash of what is not committed; nothing where there is no repository.
pub(super) async fn source_state(world: &World, workspace: &Workspace) -> (Option<String>, Option<String>) {
    let git = world.git().clone();
    let root = workspace.root.clone();
    match tokio::task::spawn_blocking(move || git.head(&root)).await {
        Ok(Ok(state)) => (state.commit, state.dirty),
        _ => (None, None),
    }
}

async fn show_thread(cx: JobCtx, world: World, of: Target, at: Option<Workspace>) -> Result<(), Problem> {
    let found = known(&cx, &world, &of, at.as_ref()).await?;
    let thread = thread::find(&cx, &world, &found, at.as_ref()).await?;
    cx.update(Update::ThreadFound { of, thread }).await;
    Ok(())
}

/// The thing in full: a commit by its whole id, a version that was tagged elsewhere by its commit. Fails for one that is not there: its
/// thread would be told as if it were.
async fn known(cx: &JobCtx, world: &World, of: &Target, at: Option<&Workspace>) -> Result<Target, Problem> {
    let resolve = async |workspace: &WorkspaceId, revision: &str| -> Result<Target, Problem> {
        let Some(at) = workspace_of(world, workspace, at).await? else {
            return Ok(of.clone());
        };
        let (git, revision) = (world.git().clone(), revision.to_owned());
        let oid = cx.blocking(move |_| git.resolve(&at.root, &revision)).await?;
        let workspace = workspace.clone();
        Ok(Target::Commit { workspace, oid })
    };
    match of {
        Target::Commit { workspace, oid } => return resolve(workspace, oid).await,
        Target::Release { workspace, version } => {
            if world.store().releases().by_version(workspace, version).await?.is_some() {
                return Ok(of.clone());
            }
            for tag in [format!("refs/tags/v{version}"), format!("refs/tags/{version}")] {
                if let Ok(found) = resolve(workspace, &tag).await {
                    return Ok(found);
                }
                cx.check()?;
            }
            let problem = Problem::user(msg!("release-no-such-version", version = version.as_str())).code("not-found");
            return Err(problem.hint(msg!("release-no-such-version-hint")));
        }
        Target::Item { workspace, id } => {
            let Some(at) = workspace_of(world, workspace, at).await? else {
                return Ok(of.clone());
            };
            match areas::item_step(cx, &at, vec![id.clone()]).await {
                Ok(step) => return Ok(step.and_then(|step| step.target).unwrap_or_else(|| of.clone())),
                // What was worked on and removed from the plan has its thread all the same.
                Err(problem) if world.store().threads().commits_of_item(workspace, id).await?.is_empty() => {
                    return Err(problem);
                }
                Err(_) => {}
            }
        }
        Target::Run { job } => drop(runs::find(world, *job).await?),
        Target::Deployment { id, .. } if world.store().deployments().get(*id).await?.is_none() => {
            return Err(Problem::user(msg!("devops-no-deployment", id = id.to_string())).code("not-found"));
        }
        _ => {}
    }
    Ok(of.clone())
}

/// The workspace of this id: the one that was named, or one that is on the board.
pub(super) async fn workspace_of(
    world: &World,
    id: &WorkspaceId,
    named: Option<&Workspace>,
) -> Result<Option<Workspace>, Problem> {
    if let Some(named) = named.filter(|named| named.id == *id) {
        return Ok(Some(named.clone()));
    }
    Ok(world.store().workspaces().get(id).await?.map(|row| row.workspace()))
}

async fn unpack_sample(cx: JobCtx, world: World, dir: PathBuf) -> Result<(), Problem> {
    let teller = cx.clone();
    let workspace = sample::unpack(&world, &dir, cx.cancel_token(), move |done, total| {
        teller.progress(Progress::of(done as u64, total as u64, Unit::Steps));
    })
    .await?;
    world.trust().trust(&workspace)?;
    add(cx, world, workspace.root, String::new()).await
}
