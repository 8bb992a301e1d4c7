//! Several repositories in a workspace: found, compared with what a manifest wants, fetched together, frozen and compared.

use super::Command;
use super::acts::ask_of_host;
use super::ask::tell;
use super::manifest;
use super::trees::{Ask, News};
use crate::adapters::git::{Repo, Scope};
use crate::adapters::{World, files, scan};
use crate::areas::JobCtx;
use crate::base::repo::UndoKind;
use crate::base::repos::{Drift, Frozen, FrozenState, Manifest, Project, RepoDiff, RepoList, RepoRow};
use crate::base::{GitPath, HostKey, Problem, Progress, Unit, Workspace, WriteTo};
use crate::msg;
use futures::StreamExt as _;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Repositories that are fetched at the same time.
const PARALLEL: usize = 4;
const MAX_MANIFEST_BYTES: u64 = 4 * 1024 * 1024;
/// Where manifests stand, the first one counts.
const MANIFESTS: [&str; 6] = [
    ".repo/manifest.xml",
    "default.xml",
    "manifest/default.dev.xml",
    "manifest/default.xml",
    "manifests/default.xml",
    "manifest.xml",
];

/// The list at once, then the repositories one after the other.
pub(super) async fn list(cx: &JobCtx, world: &World, workspace: &Workspace, wanted: Option<PathBuf>) -> Result<(), Problem> {
    tell(cx, workspace, News::ReposStarted).await;
    match read(cx, world, workspace, wanted).await {
        Ok(repos) => {
            let rows = repos.rows.clone();
            tell(cx, workspace, News::ReposRead { repos: Box::new(repos) }).await;
            for row in rows.into_iter().filter(|row| row.drift != Drift::NotHere) {
                cx.check()?;
                look(cx, world, workspace, row).await?;
            }
            Ok(())
        }
        Err(problem) => {
            let news = News::ReposFailed {
                problem: problem.clone(),
            };
            tell(cx, workspace, news).await;
            Err(problem)
        }
    }
}

/// Every repository that is here or wanted; how each stands is not looked at.
pub async fn read(cx: &JobCtx, world: &World, workspace: &Workspace, wanted: Option<PathBuf>) -> Result<RepoList, Problem> {
    let (git, root) = (world.git().clone(), workspace.root.clone());
    cx.blocking(move |cx| {
        let file = match wanted {
            Some(file) => Some(file),
            None => MANIFESTS.iter().map(|name| root.join(name)).find(|file| is_manifest(file)),
        };
        let (manifest, problems) = match &file {
            Some(file) => manifest::read(file, &text_of),
            None => (Manifest::default(), Vec::new()),
        };
        let (found, is_cut) = git.repositories_below(&root, &|| cx.is_cancelled());
        cx.check()?;
        let mut rows: BTreeMap<PathBuf, RepoRow> = BTreeMap::new();
        let row = |folder: &Path, project: Option<Project>, drift: Drift| RepoRow {
            path: below(&root, folder),
            folder: GitPath::of_path(folder),
            project,
            drift,
            summary: None,
            problem: None,
            is_fetching: false,
        };
        for folder in found {
            let new = row(&folder, None, Drift::NotInManifest);
            rows.insert(folder, new);
        }
        for project in manifest.projects {
            let folder = root.join(&project.path);
            // Ignored folders are not searched, and a manifest often stands beside the rule that ignores what it names.
            let is_here = rows.contains_key(&folder) || git.is_repository(&folder);
            let drift = if is_here { Drift::NoSuchRevision } else { Drift::NotHere };
            let new = row(&folder, Some(project), drift);
            rows.insert(folder, new);
        }
        Ok(RepoList {
            manifest: file.map(|file| below(&root, &file).display()),
            rows: rows.into_values().collect(),
            problems,
            is_cut,
        })
    })
    .await
}

fn is_manifest(file: &Path) -> bool {
    let text = scan::read_text(file, MAX_MANIFEST_BYTES);
    text.is_some_and(|text| text.contains("<manifest"))
}

fn text_of(path: &Path) -> Result<String, Problem> {
    files::read_text(path, MAX_MANIFEST_BYTES)
}

fn below(root: &Path, folder: &Path) -> GitPath {
    match folder.strip_prefix(root) {
        Ok(inside) if inside.as_os_str().is_empty() => GitPath::from("."),
        Ok(inside) => GitPath::of_path(inside),
        Err(_) => GitPath::of_path(folder),
    }
}

/// Branch, changes and drift of one. What can not be read says why, and the others are read all the same.
async fn look(cx: &JobCtx, world: &World, workspace: &Workspace, mut row: RepoRow) -> Result<(), Problem> {
    let root = row.folder.to_path_buf();
    let there = Repo {
        root: &root,
        is_trusted: false,
    };
    match world.git().status_now(there, cx.cancel_token()).await {
        Ok(status) => row.summary = Some(Box::new(status.summary)),
        Err(problem) => row.problem = Some(problem),
    }
    let git = world.git().clone();
    let row = cx
        .blocking(move |_| {
            if let Some(project) = &row.project {
                row.drift = git.drift(&root, project);
            }
            Ok(row)
        })
        .await?;
    tell(cx, workspace, News::RepoRead { repo: Box::new(row) }).await;
    Ok(())
}

/// Fetches all of them, a few at a time; one that fails does not hold the others up.
/// `accepts` is the fingerprint of a machine that the user says is the right one.
pub(super) async fn fetch(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    wanted: Option<PathBuf>,
    accepts: Option<String>,
) -> Result<(), Problem> {
    world.trust().check(workspace)?;
    let repos = read(cx, world, workspace, wanted.clone()).await?;
    let rows: Vec<RepoRow> = repos.rows.iter().filter(|row| row.drift != Drift::NotHere).cloned().collect();
    tell(cx, workspace, News::ReposRead { repos: Box::new(repos) }).await;
    let n_all = rows.len() as u64;
    let mut n_done = 0;
    let mut failed: Vec<String> = Vec::new();
    let mut unknown = None;
    let fetches = rows
        .into_iter()
        .map(|row| fetch_one(cx, world, workspace, row, accepts.as_deref()));
    let mut fetches = std::pin::pin!(futures::stream::iter(fetches).buffer_unordered(PARALLEL));
    while let Some((path, result)) = fetches.next().await {
        n_done += 1;
        cx.progress(Progress::of(n_done, n_all, Unit::Steps));
        if let Err(problem) = result
            && problem.code != "no-remote"
        {
            cx.check()?;
            failed.push(format!("{}: {}", path.display(), world_text(&problem)));
            unknown = unknown.or_else(|| HostKey::of_problem(&problem).map(|_| problem));
        }
    }
    cx.check()?;
    if failed.is_empty() {
        return Ok(());
    }
    let mut problem = Problem::environment(msg!("code-repos-not-fetched", n = failed.len(), of = n_all))
        .code("not-fetched")
        .details(failed.join("\n"));
    if let Some(unknown) = unknown {
        let again = Command::Ask {
            workspace: workspace.clone(),
            ask: Ask::FetchRepos { manifest: wanted },
        };
        ask_of_host(cx, workspace, &unknown, again).await;
        problem.hint = unknown.hint;
    }
    Err(problem)
}

fn world_text(problem: &Problem) -> String {
    let first = problem.details.lines().find(|line| !line.trim().is_empty());
    first.unwrap_or(problem.code.as_str()).to_owned()
}

async fn fetch_one(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    mut row: RepoRow,
    accepts: Option<&str>,
) -> (GitPath, Result<(), Problem>) {
    let path = row.path.clone();
    let root = row.folder.to_path_buf();
    row.is_fetching = true;
    tell(
        cx,
        workspace,
        News::RepoRead {
            repo: Box::new(row.clone()),
        },
    )
    .await;
    row.is_fetching = false;
    let title = msg!("code-job-repo-fetch", name = path.display());
    let result = cx
        .span(title, |child| async move {
            let repo = Repo {
                root: &root,
                is_trusted: true,
            };
            let _turn = child.until_cancelled(world.git().gate(&root)).await?;
            let (git, cancel, told) = (world.git(), child.cancel_token(), child.clone());
            let mark = git.mark(repo, UndoKind::Fetch, "", Scope::refs(), child.now()).await?;
            let fetched = git
                .fetch_all(repo, accepts, cancel, move |progress| told.progress(progress))
                .await;
            git.remember(repo, mark).await?;
            fetched?;
            let tidy = git.tidy_cmd(repo, cancel).await?;
            world.processes().output(tidy, cancel, 4096).await?;
            Ok(())
        })
        .await;
    row.problem = result.as_ref().err().filter(|problem| problem.code != "no-remote").cloned();
    let problem = row.problem.clone();
    if let Err(problem) = look(cx, world, workspace, row.clone()).await {
        return (path, Err(problem));
    }
    if problem.is_some() {
        row.problem = problem;
        tell(cx, workspace, News::RepoRead { repo: Box::new(row) }).await;
    }
    (path, result)
}

/// The exact commits of all that are here; into a file when one is named, as TOML when its name says so.
pub(super) async fn freeze(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    wanted: Option<PathBuf>,
    to: Option<WriteTo>,
) -> Result<(), Problem> {
    let repos = read(cx, world, workspace, wanted).await?;
    let git = world.git().clone();
    let frozen = cx
        .blocking(move |cx| {
            let mut repositories = Vec::new();
            for row in repos.rows.iter().filter(|row| row.drift != Drift::NotHere) {
                cx.check()?;
                let exact = git.exact(&row.folder.to_path_buf())?;
                let Some(commit) = exact.commit else { continue };
                let project = row.project.as_ref();
                repositories.push(Frozen {
                    path: row.path.display(),
                    url: project.map_or(exact.url, |project| project.url.clone()),
                    commit,
                    upstream: project.map(upstream_of).unwrap_or_default(),
                    is_dirty: exact.is_dirty,
                    is_unpushed: exact.is_unpushed,
                });
            }
            let is_toml = to
                .as_ref()
                .is_some_and(|to| to.path.extension().is_some_and(|end| end == "toml"));
            let text = if is_toml {
                manifest::write_toml(&repositories)
            } else {
                manifest::write_xml(&repositories)
            };
            let written = to.map(|to| files::write_out(&to, text.as_bytes(), None)).transpose()?;
            Ok(FrozenState {
                repositories,
                text,
                file: written.map(|path| path.display().to_string()),
            })
        })
        .await?;
    tell(
        cx,
        workspace,
        News::ReposFrozen {
            frozen: Box::new(frozen),
        },
    )
    .await;
    Ok(())
}

fn upstream_of(project: &Project) -> String {
    if project.upstream.is_empty() {
        project.revision.clone()
    } else {
        project.upstream.clone()
    }
}

/// What differs between two manifests or frozen states; without a second one, between the first and what is checked out.
pub(super) async fn diff(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    from: PathBuf,
    to: Option<PathBuf>,
) -> Result<(), Problem> {
    tell(cx, workspace, News::ReposCompareStarted).await;
    let compared = compare(cx, world, workspace, from, to).await;
    let news = match &compared {
        Ok(diffs) => News::ReposCompared { diffs: diffs.clone() },
        Err(problem) => News::ReposCompareFailed {
            problem: problem.clone(),
        },
    };
    tell(cx, workspace, news).await;
    compared.map(|_| ())
}

async fn compare(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    from: PathBuf,
    to: Option<PathBuf>,
) -> Result<Vec<RepoDiff>, Problem> {
    let git = world.git().clone();
    let root = workspace.root.clone();
    let here = match &to {
        Some(_) => None,
        None => Some(read(cx, world, workspace, None).await?),
    };
    let (diffs, problems) = cx
        .blocking(move |cx| {
            let (old, mut problems) = state(&from)?;
            let new = match (&to, here) {
                (Some(to), _) => {
                    let (new, more) = state(to)?;
                    problems.extend(more);
                    new
                }
                (None, here) => {
                    let rows = here.map(|here| here.rows).unwrap_or_default();
                    let mut new = BTreeMap::new();
                    for row in rows.iter().filter(|row| row.drift != Drift::NotHere) {
                        let project = Project {
                            revision: git.exact(&row.folder.to_path_buf())?.commit.unwrap_or_default(),
                            ..row.project.clone().unwrap_or_default()
                        };
                        new.insert(row.path.display(), project);
                    }
                    new
                }
            };
            let mut diffs = Vec::new();
            let paths: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            for path in paths {
                cx.check()?;
                let (from, to) = (old.get(path), new.get(path));
                if from.map(|project| &project.revision) == to.map(|project| &project.revision) {
                    continue;
                }
                let between = from
                    .zip(to)
                    .and_then(|(from, to)| git.commits_between(&root.join(path), from, to));
                // Two names of one commit are no difference.
                if between.as_ref().is_some_and(|(commits, _)| commits.is_empty()) {
                    continue;
                }
                let (commits, n_unlisted) = between.unwrap_or_default();
                diffs.push(RepoDiff {
                    path: path.clone(),
                    from: from.map(|project| project.revision.clone()),
                    to: to.map(|project| project.revision.clone()),
                    commits,
                    n_unlisted,
                });
            }
            Ok((diffs, problems))
        })
        .await?;
    for problem in problems {
        cx.problem(problem).await;
    }
    Ok(diffs)
}

/// A manifest or a frozen state, by path.
fn state(file: &Path) -> Result<(BTreeMap<String, Project>, Vec<Problem>), Problem> {
    let text = text_of(file)?;
    if file.extension().is_some_and(|end| end == "toml") {
        let project = |frozen: Frozen| {
            let project = Project {
                url: frozen.url,
                revision: frozen.commit,
                path: frozen.path.clone(),
                ..Project::default()
            };
            (frozen.path, project)
        };
        return Ok((
            manifest::read_toml(file, &text)?.into_iter().map(project).collect(),
            Vec::new(),
        ));
    }
    let (manifest, problems) = manifest::read(file, &text_of);
    if manifest.projects.is_empty()
        && let Some(problem) = problems.first()
    {
        return Err(problem.clone());
    }
    let by_path = manifest.projects.into_iter().map(|project| (project.path.clone(), project));
    Ok((by_path.collect(), problems))
}
