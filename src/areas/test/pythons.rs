//! Which Python runs the tests of a project: that of its own environment, wherever its tools keep it, else the one on PATH.

use super::frameworks::{Runner, Site};
use super::starting::succeeds;
use crate::adapters::World;
use crate::adapters::process::Cmd;
use crate::adapters::scan;
use crate::areas::JobCtx;
use crate::base::{Msg, Problem, Workspace};
use crate::msg;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How long a tool may take to say where it keeps the environment of a project.
const ASK_SECS: u64 = 20;
/// Of a file of settings, so much is read.
const MAX_SETTINGS: u64 = 1 << 20;

/// A tool that keeps the environment of a project, mostly outside of it.
struct Keeper {
    name: &'static str,
    /// A file that only its projects have, and what its settings begin with in `pyproject.toml`.
    file: &'static str,
    settings: &'static str,
    /// What asks it for the folder of the environment; nothing for one that keeps it in the project.
    ask: &'static [&'static str],
    /// What makes the environment.
    make: &'static str,
}

const KEEPERS: [Keeper; 5] = [
    Keeper {
        name: "Poetry",
        file: "poetry.lock",
        settings: "[tool.poetry",
        ask: &["poetry", "env", "info", "--path"],
        make: "poetry install",
    },
    Keeper {
        name: "uv",
        file: "uv.lock",
        settings: "[tool.uv",
        ask: &[],
        make: "uv sync",
    },
    Keeper {
        name: "PDM",
        file: "pdm.lock",
        settings: "[tool.pdm",
        ask: &[],
        make: "pdm install",
    },
    Keeper {
        name: "Pipenv",
        file: "Pipfile",
        settings: "[pipenv]",
        ask: &["pipenv", "--venv"],
        make: "pipenv install --dev",
    },
    Keeper {
        name: "Hatch",
        file: "hatch.toml",
        settings: "[tool.hatch.envs",
        ask: &["hatch", "env", "find", "default"],
        make: "hatch env create",
    },
];

/// Where Python is looked for: the environments below the project and the workspace, those that their tools keep elsewhere, PATH.
pub(super) async fn pythons(cx: &JobCtx, world: &World, workspace: &Workspace, site: &Site) -> Result<Vec<String>, Problem> {
    world.trust().check(workspace)?;
    let folders = folders_of(workspace, site);
    let mut found: Vec<PathBuf> = cx
        .blocking(move |_| Ok(folders.iter().flat_map(|folder| below(folder)).collect()))
        .await?;
    // What is activated stands on PATH.
    if found.is_empty() && !is_activated(world) {
        found.extend(kept_elsewhere(cx, world, workspace, site).await?);
    }
    let mut pythons: Vec<String> = found.iter().map(|python| python.to_string_lossy().into_owned()).collect();
    pythons.push("python3".to_owned());
    Ok(pythons)
}

/// The Python that runs unittest.
pub(super) async fn python(cx: &JobCtx, world: &World, workspace: &Workspace, site: &Site) -> Result<String, Problem> {
    Ok(pythons(cx, world, workspace, site).await?.swap_remove(0))
}

/// What makes the environment of a project that a tool keeps and that is not there.
pub(super) async fn lacking(cx: &JobCtx, world: &World, workspace: &Workspace, site: &Site) -> Option<Msg> {
    if !matches!(site.runner, Runner::Pytest | Runner::Unittest) || is_activated(world) {
        return None;
    }
    let found = pythons(cx, world, workspace, site).await.ok()?;
    let folders = folders_of(workspace, site);
    let keeper = cx
        .blocking(move |_| Ok(folders.iter().find_map(|folder| keeper_of(folder))))
        .await
        .ok()??;
    (found.len() == 1).then(|| msg!("test-no-environment-hint", tool = keeper.name, command = keeper.make))
}

fn folders_of(workspace: &Workspace, site: &Site) -> Vec<PathBuf> {
    let mut folders = vec![workspace.root.join(&site.dir), workspace.root.clone()];
    folders.dedup();
    folders
}

fn is_activated(world: &World) -> bool {
    let env = world.processes().base_env();
    ["VIRTUAL_ENV", "CONDA_PREFIX"]
        .iter()
        .any(|name| env.get(std::ffi::OsStr::new(name)).is_some_and(|folder| !folder.is_empty()))
}

/// The Pythons of the environments in a folder: those with the usual names first, then any other (PEP 405 has `pyvenv.cfg` in each).
fn below(folder: &Path) -> Vec<PathBuf> {
    let mut environments: Vec<PathBuf> = [".venv", "venv"].map(|name| folder.join(name)).into();
    let mut others: Vec<PathBuf> = scan::entries(folder).into_iter().map(|(name, _)| folder.join(name)).collect();
    others.retain(|path| !environments.contains(path) && scan::is_file(&path.join("pyvenv.cfg")));
    environments.extend(others);
    let mut pythons: Vec<PathBuf> = environments.iter().map(|environment| of_environment(environment)).collect();
    // PDM writes down which one it chose.
    let chosen = scan::read_text(&folder.join(".pdm-python"), MAX_SETTINGS).unwrap_or_default();
    pythons.push(PathBuf::from(chosen.trim()));
    pythons.retain(|python| python.is_absolute() && scan::is_file(python));
    pythons
}

fn of_environment(folder: &Path) -> PathBuf {
    folder.join("bin/python")
}

fn keeper_of(folder: &Path) -> Option<&'static Keeper> {
    let text = scan::read_text(&folder.join("pyproject.toml"), MAX_SETTINGS).unwrap_or_default();
    let has_file = |keeper: &&Keeper| scan::is_file(&folder.join(keeper.file));
    let has_settings = |keeper: &&Keeper| text.lines().any(|line| line.trim_start().starts_with(keeper.settings));
    KEEPERS.iter().find(has_file).or_else(|| KEEPERS.iter().find(has_settings))
}

/// The Python of the environment that the project's tool tells.
async fn kept_elsewhere(cx: &JobCtx, world: &World, workspace: &Workspace, site: &Site) -> Result<Option<PathBuf>, Problem> {
    for folder in folders_of(workspace, site) {
        let at = folder.clone();
        let Some(keeper) = cx.blocking(move |_| Ok(keeper_of(&at))).await? else {
            continue;
        };
        let Some((program, args)) = keeper.ask.split_first() else {
            continue;
        };
        if world.processes().resolve(program, Some(&workspace.root)).is_err() {
            continue;
        }
        let cmd = Cmd::new(program)
            .args(args)
            .cwd(&folder)
            .timeout(Duration::from_secs(ASK_SECS));
        let told = world
            .processes()
            .output(cmd.workspace(&workspace.root), cx.cancel_token(), 64 << 10)
            .await;
        cx.check()?;
        let Ok(told) = told else { continue };
        let text = told.stdout_text();
        let path = text.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
        let python = of_environment(Path::new(path));
        if told.exit.is_success() && python.is_absolute() && scan::is_file(&python) {
            return Ok(Some(python));
        }
    }
    Ok(None)
}

/// The program that runs pytest: the task's, the project's own environment, `python3 -m pytest`, or `pytest`.
pub(super) async fn pytest_program(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    site: &Site,
) -> Result<Vec<String>, Problem> {
    if let Some(at) = site
        .argv
        .iter()
        .position(|word| word.ends_with("pytest") || word == "py.test")
    {
        return Ok(site.argv[..=at].to_vec());
    }
    let pythons = pythons(cx, world, workspace, site).await?;
    for python in &pythons {
        let cmd = Cmd::new(python).args(["-c", "import pytest"]).workspace(&workspace.root);
        if succeeds(cx, world, cmd).await {
            return Ok(vec![python.clone(), "-m".to_owned(), "pytest".to_owned()]);
        }
        cx.check()?;
    }
    if world.processes().resolve("pytest", Some(&workspace.root)).is_ok() {
        return Ok(vec!["pytest".to_owned()]);
    }
    let python = pythons.first().map_or("python3", String::as_str);
    let hint = match lacking(cx, world, workspace, site).await {
        Some(hint) => hint,
        None => msg!("test-no-pytest-hint", python = python),
    };
    Err(Problem::environment(msg!("test-no-pytest", python = python))
        .code("not-found")
        .hint(hint))
}
