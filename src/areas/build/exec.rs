//! Running one task in a folder: the command as it is started, what was heard, and why it failed. Stores nothing.

use super::detect::{Source, Task};
use super::matchers::hints::{self, Why};
use super::matchers::{Diagnostic, Listener, Made};
use super::timeline::Stretch;
use super::timeline::units::Units;
use super::{Update, console};
use crate::adapters::masks::{MASK, Masks};
use crate::adapters::process::{Cmd, Exit, RawLine};
use crate::adapters::terminal::Terminal;
use crate::adapters::{World, scan};
use crate::areas::JobCtx;
use crate::areas::devops::project::ProjectFile;
use crate::areas::devops::project::matcher::Matcher;
use crate::areas::test::frameworks::Shown;
use crate::areas::test::stream::{self, Listen};
use crate::base::{Problem, Timestamp, Workspace, WorkspaceId};
use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Counts are told at most this often.
const TELL_EVERY_MS: i64 = 200;

/// Where a task runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Where {
    /// In the user's checkout, as his own shell would run it.
    Checkout,
    /// In a clean worktree: what the user's environment shares between builds (`CARGO_TARGET_DIR`) is left out.
    Worktree,
}

/// What one run of a task gave.
pub struct Ran {
    /// A failing exit code is no error; a stop is.
    pub outcome: Result<Exit, Problem>,
    /// Errors first.
    pub diagnostics: Vec<Diagnostic>,
    pub n_errors: u32,
    pub n_warnings: u32,
    pub made: Vec<Made>,
    pub why: Option<Why>,
    /// The target folder that cargo uses when the environment moves it.
    pub target_dir: Option<PathBuf>,
    /// What was compiled when, as far as the tool tells it.
    pub units: Vec<Stretch>,
}

impl Ran {
    pub fn is_success(&self) -> bool {
        self.outcome.as_ref().is_ok_and(Exit::is_success)
    }
}

/// Runs a task of this workspace; refused while it is not trusted.
pub async fn run(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    project: &ProjectFile,
    task: &Task,
    place: Where,
) -> Result<Ran, Problem> {
    run_on(cx, world, workspace, project, task, place, None).await
}

/// The same, joined to the user's terminal where one is given.
pub async fn run_on(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    project: &ProjectFile,
    task: &Task,
    place: Where,
    terminal: Option<&mut Terminal>,
) -> Result<Ran, Problem> {
    let has_pty = task.has_pty || terminal.is_some();
    let (mut cmd, target_dir) = command(world, workspace, task, place, has_pty);
    if has_pty {
        cmd = cmd.terminal(console::SIZE);
    }
    let mut teller = Teller {
        listener: Listener::new(&workspace.root, &task.dir).with_matchers(matchers_of(project, task)),
        units: Units::default(),
        workspace: workspace.id.clone(),
        told: (0, 0),
        told_at_ms: 0,
        has_pty,
        masks: hears_commands(task).then(|| world.masks().clone()),
    };
    let outcome = match terminal {
        Some(terminal) => Box::pin(console::run(cx, world, workspace, cmd, terminal)).await,
        None => stream::run(cx, world, workspace, cmd, &mut teller).await,
    };
    let outcome = outcome.map_err(|problem| with_tool(problem, &task.argv));
    let (mut listener, units) = (teller.listener, teller.units.finish());
    let diagnostics = listener.finish();
    let why = match &outcome {
        Ok(exit) if !exit.is_success() => {
            let tail: Vec<&str> = listener.tail.iter().map(String::as_str).collect();
            let why = hints::why(&diagnostics, &tail, exit.code);
            with_lines(cx, workspace, why, cx.now()).await?
        }
        _ => None,
    };
    Ok(Ran {
        outcome,
        n_errors: listener.n_errors,
        n_warnings: listener.n_warnings,
        made: std::mem::take(&mut listener.made),
        diagnostics,
        why,
        target_dir,
        units,
    })
}

/// The project's own matchers that read this task's output.
fn matchers_of(project: &ProjectFile, task: &Task) -> Vec<Matcher> {
    let is_for = |names: &[String]| names.is_empty() || names.iter().any(|name| *name == task.name || *name == task.id);
    let entries = project.matchers.iter().filter(|entry| is_for(&entry.tasks));
    entries.filter_map(|entry| Some(entry.compile().ok()?.0)).collect()
}

/// Where a tool that is missing comes from.
fn with_tool(problem: Problem, argv: &[String]) -> Problem {
    if problem.code != "not-found" {
        return problem;
    }
    let tool = argv.first().map(String::as_str).unwrap_or_default();
    let from = match tool {
        "cargo" => "https://rustup.rs",
        "npm" | "npx" | "node" => "apt install nodejs npm",
        "pnpm" => "npm install --global pnpm",
        "yarn" => "npm install --global yarn",
        "just" => "cargo install just",
        "cmake" => "apt install cmake",
        "make" => "apt install make",
        "mvn" => "apt install maven",
        "gradle" => "apt install gradle",
        "go" => "apt install golang-go",
        "docker" => "apt install docker.io",
        "docker-compose" => "apt install docker-compose",
        "uv" => "pipx install uv",
        "poetry" => "pipx install poetry",
        "pdm" => "pipx install pdm",
        "hatch" => "pipx install hatch",
        "poe" => "pipx install poethepoet",
        "task" => "pip install taskipy",
        "tox" => "pipx install tox",
        "nox" => "pipx install nox",
        _ => return problem,
    };
    problem.hint(crate::msg!("build-hint-tool", tool = tool, from = from))
}

/// With the source lines as they were at that time.
pub async fn with_lines(cx: &JobCtx, workspace: &Workspace, why: Option<Why>, at: Timestamp) -> Result<Option<Why>, Problem> {
    let Some(mut why) = why else { return Ok(None) };
    let root = workspace.root.clone();
    let place = why.place.clone();
    let lines = cx
        .blocking(move |_| Ok(place.and_then(|place| Some(scan::lines_as_of(&root, &place.path, place.line?, 3, at.into())))))
        .await?;
    why.lines = lines.unwrap_or_default();
    Ok(Some(why))
}

/// The first error in place of a mere exit code.
pub fn failed(exit: Problem, why: Option<&Why>) -> Problem {
    let Some(why) = why.filter(|_| !exit.is_cancelled() && exit.code.is_empty()) else {
        return exit;
    };
    // Its words tell how it ended: `tests ended with code 7`.
    let mut problem = Problem::user(exit.summary).code("build-failed").details(&why.message);
    problem.place.clone_from(&why.place);
    problem.hint.clone_from(&why.hint);
    problem
}

/// The command, and the target folder that cargo will use when the environment moves it.
fn command(world: &World, workspace: &Workspace, task: &Task, place: Where, has_pty: bool) -> (Cmd, Option<PathBuf>) {
    let argv = with_program_found(world, workspace, &task.argv);
    // Who has a terminal prints for people.
    let argv = if has_pty { argv } else { with_messages(&argv) };
    let (program, args) = argv
        .split_first()
        .map_or(("", &[] as &[String]), |(program, args)| (program.as_str(), args));
    // Joined with nothing it would end with a slash.
    let folder = if task.dir.as_os_str().is_empty() {
        workspace.root.clone()
    } else {
        workspace.root.join(&task.dir)
    };
    // A program of the project's own, named by its place: only a trusted workspace gets here.
    let is_own = program.contains('/') && !Path::new(program).is_absolute();
    let mut cmd = if is_own {
        Cmd::new(folder.join(program))
    } else {
        Cmd::new(program)
    };
    cmd = cmd.args(args).cwd(&folder);
    let shared = std::ffi::OsStr::new("CARGO_TARGET_DIR");
    if place == Where::Worktree {
        cmd = cmd.env_remove(shared);
    }
    cmd = cmd.env("CARGO_TERM_COLOR", "always");
    if program == "cargo" {
        cmd = cmd
            .env("CARGO_TERM_PROGRESS_WHEN", "always")
            .env("CARGO_TERM_PROGRESS_WIDTH", "100");
    } else {
        cmd = cmd.env("CLICOLOR_FORCE", "1");
        if task.source == Source::Npm {
            cmd = cmd.env("FORCE_COLOR", "1");
        }
    }
    for (name, value) in &task.env {
        cmd = cmd.env(name, value);
    }
    if let Some(timeout_ms) = task.timeout_ms {
        cmd = cmd.timeout(Duration::from_millis(timeout_ms));
    }
    let own = task.env.get("CARGO_TARGET_DIR").map(PathBuf::from);
    let inherited = || {
        let value = world.processes().base_env().get(shared).cloned()?;
        (place == Where::Checkout).then(|| PathBuf::from(value))
    };
    let moved = own.or_else(inherited).map(|dir| folder.join(dir));
    (cmd, moved)
}

/// Podman where there is no Docker, and the compose program that there is.
fn with_program_found(world: &World, workspace: &Workspace, argv: &[String]) -> Vec<String> {
    let has = |program: &str| world.processes().resolve(program, Some(&workspace.root)).is_ok();
    let mut argv = argv.to_vec();
    if argv.first().is_none_or(|program| program != "docker") {
        return argv;
    }
    if argv.get(1).is_some_and(|word| word == "compose") {
        let home = world
            .processes()
            .base_env()
            .get(std::ffi::OsStr::new("HOME"))
            .map(PathBuf::from);
        let plugins = [
            "/usr/libexec/docker",
            "/usr/lib/docker",
            "/usr/local/lib/docker",
            "/usr/local/libexec/docker",
        ];
        let mut folders: Vec<PathBuf> = plugins.iter().map(PathBuf::from).collect();
        folders.extend(home.map(|home| home.join(".docker")));
        let has_plugin = folders
            .iter()
            .any(|folder| scan::is_file(&folder.join("cli-plugins/docker-compose")));
        if !has_plugin && has("docker-compose") {
            argv.splice(..2, ["docker-compose".to_owned()]);
            return argv;
        }
    }
    if !has("docker") && has("podman") {
        "podman".clone_into(&mut argv[0]);
    }
    argv
}

/// cargo's own commands that compile say what they say as JSON, with the text for people inside.
pub fn with_messages(argv: &[String]) -> Vec<String> {
    let mut argv = argv.to_vec();
    let at = if argv.get(1).is_some_and(|word| word.starts_with('+')) {
        2
    } else {
        1
    };
    let compiles = argv.first().is_some_and(|program| program == "cargo")
        && argv.get(at).is_some_and(|word| {
            [
                "build", "b", "check", "c", "clippy", "doc", "d", "run", "r", "rustc", "test", "t", "bench",
            ]
            .contains(&word.as_str())
        });
    let end = argv.iter().position(|word| word == "--").unwrap_or(argv.len());
    if compiles && !argv[..end].iter().any(|word| word.starts_with("--message-format")) {
        argv.insert(end, "--message-format=json-diagnostic-rendered-ansi".to_owned());
    }
    argv
}

/// Listens, and tells progress and counts.
struct Teller {
    listener: Listener,
    units: Units,
    workspace: WorkspaceId,
    told: (u32, u32),
    told_at_ms: i64,
    has_pty: bool,
    /// Where a line may say what is a secret from then on.
    masks: Option<Masks>,
}

/// The line that makes the rest of it a secret.
const ADD_MASK: &[u8] = b"::add-mask::";

/// It runs as on a runner of GitHub, where a script may say more than text.
fn hears_commands(task: &Task) -> bool {
    task.env.get("GITHUB_ACTIONS").is_some_and(|value| value == "true")
}

impl Teller {
    fn heard(&mut self, line: &RawLine<'_>) -> Shown {
        self.units.line(line.at, line.stream, line.bytes);
        if self.has_pty {
            let clean = console::clean(line.bytes);
            return match self.listener.line(line.stream, clean.as_bytes(), line.is_progress) {
                Shown::AsIs => console::shown(line),
                told => told,
            };
        }
        self.listener.line(line.stream, line.bytes, line.is_progress)
    }
}

impl Listen for Teller {
    fn line(&mut self, line: &RawLine<'_>) -> Shown {
        let Some(masks) = self.masks.clone() else {
            return self.heard(line);
        };
        if let Some(secret) = line.bytes.strip_prefix(ADD_MASK) {
            masks.add(secret);
            return Shown::Text(format!("{}{MASK}", String::from_utf8_lossy(ADD_MASK)));
        }
        // It was read before the secret was known.
        match masks.mask_bytes(line.bytes) {
            Cow::Borrowed(_) => self.heard(line),
            Cow::Owned(bytes) => match self.heard(&RawLine { bytes: &bytes, ..*line }) {
                Shown::AsIs if !line.is_progress => Shown::Text(String::from_utf8_lossy(&bytes).into_owned()),
                told => told,
            },
        }
    }

    async fn pause(&mut self, cx: &JobCtx) {
        if let Some(progress) = self.listener.take_progress() {
            cx.progress(progress);
        }
        let counts = (self.listener.n_errors, self.listener.n_warnings);
        let now_ms = cx.now().as_millisecond();
        if counts != self.told && (now_ms - self.told_at_ms).abs() >= TELL_EVERY_MS {
            self.told = counts;
            self.told_at_ms = now_ms;
            cx.update(Update::Heard {
                workspace: self.workspace.clone(),
                job: cx.id(),
                n_errors: counts.0,
                n_warnings: counts.1,
            })
            .await;
        }
    }
}
