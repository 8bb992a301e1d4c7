//! What can be built and run in a workspace, told from its files alone: tasks of `chantier.toml`
//! and of the build tools.
//! Nothing is run, so it may look into folders that are not trusted.

pub mod cargo;
pub mod make;
mod make_text;
pub mod npm;
mod others;
pub mod python;
mod python_tools;
pub mod since;

use crate::adapters::scan::{self, Found, Wanted};
use crate::areas::devops::project::{self, ProjectFile};
use crate::areas::devops::scan::COMPOSE_FILES;
use crate::base::text::distance;
use crate::base::{Msg, Place, Problem, SafeText};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};

/// Folders below the root that are looked into.
const DEPTH: usize = 3;

/// Where a task is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    Project,
    Cargo,
    Npm,
    Python,
    Make,
    Just,
    Cmake,
    Maven,
    Gradle,
    Go,
    Docker,
    Compose,
}

impl Source {
    pub const ALL: [Self; 12] = [
        Self::Project,
        Self::Cargo,
        Self::Npm,
        Self::Python,
        Self::Go,
        Self::Maven,
        Self::Gradle,
        Self::Cmake,
        Self::Make,
        Self::Just,
        Self::Docker,
        Self::Compose,
    ];

    pub fn word(self) -> &'static str {
        match self {
            Self::Project => "chantier",
            Self::Cargo => "cargo",
            Self::Npm => "npm",
            Self::Python => "python",
            Self::Make => "make",
            Self::Just => "just",
            Self::Cmake => "cmake",
            Self::Maven => "maven",
            Self::Gradle => "gradle",
            Self::Go => "go",
            Self::Docker => "docker",
            Self::Compose => "compose",
        }
    }
}

/// What a task is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    Build,
    Check,
    Test,
    /// Runs until it is stopped.
    Run,
    Other,
}

impl Kind {
    pub fn word(self) -> &'static str {
        match self {
            Self::Build => "build",
            Self::Check => "check",
            Self::Test => "test",
            Self::Run => "run",
            Self::Other => "other",
        }
    }

    /// Guessed from the name that a script or target has.
    pub fn of_name(name: &str) -> Self {
        let first = name.split([':', '-', '_', '.']).next().unwrap_or(name);
        match first {
            "build" | "compile" | "all" | "dist" | "bundle" | "package" | "release" => Self::Build,
            "test" | "tests" | "spec" | "coverage" => Self::Test,
            "lint" | "check" | "fmt" | "format" | "typecheck" | "types" | "tsc" | "clippy" | "vet" => Self::Check,
            "start" | "serve" | "dev" | "run" | "watch" | "preview" => Self::Run,
            _ => Self::Other,
        }
    }
}

/// Something that can be run by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Task {
    /// Unique in the workspace and stable: `task:build`, `cargo:build --release`, `npm:web:test`, `make:all`.
    pub id: String,
    pub name: String,
    pub source: Source,
    pub kind: Kind,
    pub argv: Vec<String>,
    /// Relative to the workspace, empty for its root.
    pub dir: PathBuf,
    /// Where it is written.
    pub place: Place,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// It prints otherwise, or not at all, without a terminal.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_pty: bool,
    /// One line of the author's about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

impl Task {
    /// The command as people type it.
    pub fn command_line(&self) -> String {
        let quoted = |word: &String| {
            let is_plain = !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric() || "-_./=:,@%+".contains(c));
            if is_plain {
                word.clone()
            } else {
                format!("'{}'", word.replace('\'', r"'\''"))
            }
        };
        self.argv.iter().map(quoted).collect::<Vec<_>>().join(" ")
    }
}

/// All tasks of a workspace and what its project file says.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Detected {
    pub tasks: Vec<Task>,
    pub project: ProjectFile,
    pub problems: Vec<Problem>,
}

/// Walks the workspace. Blocks.
pub fn detect(root: &Path, is_over: &dyn Fn() -> bool) -> Detected {
    let files = scan::walk(root, DEPTH, is_over, wanted);
    match project::read_text(root) {
        Ok(text) => from_files(&files, root, text.as_deref()),
        Err(problem) => {
            let mut detected = from_files(&files, root, None);
            detected.problems.insert(0, problem);
            detected
        }
    }
}

/// What of a file matters here.
pub fn wanted(path: &Path) -> Wanted {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return Wanted::No;
    };
    match name {
        "Cargo.toml" | "package.json" | "pyproject.toml" | "Makefile" | "makefile" | "GNUmakefile" | "justfile" | "Justfile"
        | ".justfile" | "CMakePresets.json" | "hatch.toml" | "tox.toml" | "tox.ini" | "poe_tasks.toml" | "noxfile.py" => {
            Wanted::Text
        }
        "CMakeLists.txt"
        | "pom.xml"
        | "mvnw"
        | "build.gradle"
        | "build.gradle.kts"
        | "settings.gradle"
        | "settings.gradle.kts"
        | "gradlew"
        | "go.mod"
        | "main.go"
        | "Dockerfile"
        | "Containerfile" => Wanted::Path,
        name if COMPOSE_FILES.contains(&name) => Wanted::Path,
        name if name.starts_with("Dockerfile.") || name.ends_with(".Dockerfile") => Wanted::Path,
        "config.toml" | "config" if path.parent().is_some_and(|dir| dir.ends_with(".cargo")) => Wanted::Text,
        "pnpm-lock.yaml" | "yarn.lock" | "package-lock.json" | "bun.lock" | "setup.py" | "uv.lock" | "poetry.lock"
        | "pdm.lock" => Wanted::Path,
        name if name.ends_with(".rs") && is_program_source(path) => Wanted::Path,
        _ => Wanted::No,
    }
}

/// `src/main.rs` and `src/bin/*.rs`.
fn is_program_source(path: &Path) -> bool {
    let parent = path.parent().unwrap_or(Path::new(""));
    parent.ends_with("src/bin") || (parent.ends_with("src") && path.ends_with("main.rs"))
}

/// The tasks in the order in which they are shown: the project's own (`text` is that of `chantier.toml`), then by source and folder.
pub fn from_files(files: &[Found], root: &Path, text: Option<&str>) -> Detected {
    let mut detected = Detected::default();
    if let Some(text) = text {
        let (project, problems) = project::parse(text, &root.join(project::FILE_NAME));
        detected.tasks.extend(project.tasks.iter().map(|task| of_project(task, text)));
        detected.project = project;
        detected.problems.extend(problems);
    }
    cargo::tasks(files, &mut detected);
    npm::tasks(files, &mut detected);
    python::tasks(files, &mut detected);
    python_tools::tasks(files, &mut detected);
    make::tasks(files, root, &mut detected);
    others::tasks(files, root, &mut detected);
    tell_apart(&mut detected.tasks);
    detected
}

fn of_project(task: &project::Task, text: &str) -> Task {
    let kind = match task.kind {
        project::TaskKind::Build => Kind::Build,
        project::TaskKind::Test => Kind::Test,
        project::TaskKind::Check => Kind::Check,
        project::TaskKind::Run => Kind::Run,
    };
    let line = text.lines().position(|line| {
        let value = line
            .trim_start()
            .strip_prefix("name")
            .map(str::trim_start)
            .and_then(|rest| rest.strip_prefix('='));
        value.is_some_and(|value| value.contains(&format!("\"{}\"", task.name)))
    });
    Task {
        id: id_in_project(&task.name),
        name: task.name.clone(),
        source: Source::Project,
        kind,
        argv: task.run.clone(),
        dir: task.dir.components().filter(|part| *part != Component::CurDir).collect(),
        place: Place {
            path: project::FILE_NAME.into(),
            line: line.map(|line| line as u32 + 1),
            column: None,
        },
        env: task.env.clone(),
        timeout_ms: task.timeout.map(|timeout| timeout.0.as_millis() as u64),
        has_pty: task.pty,
        note: String::new(),
    }
}

/// The folder of a file, empty for the root.
fn dir_of(path: &Path) -> PathBuf {
    path.parent().unwrap_or(Path::new("")).to_path_buf()
}

/// The id of a task of `chantier.toml`, whoever runs it.
pub fn id_in_project(name: &str) -> String {
    format!("task:{name}")
}

/// What people call the task of this id.
pub fn said(id: &str) -> &str {
    id.strip_prefix("task:").unwrap_or(id)
}

/// `word:rest` in the root, `word:folder:rest` below it.
fn id_of(word: &str, dir: &Path, rest: &str) -> String {
    if dir.as_os_str().is_empty() {
        format!("{word}:{rest}")
    } else {
        format!("{word}:{}:{rest}", dir.to_string_lossy())
    }
}

/// The task that is meant by a word: the id, else the name (those of `chantier.toml` first), else the end of an id; of several folders
/// the outermost one. A word that fits several of them means none.
pub fn find<'a>(tasks: &'a [Task], word: &str) -> Result<&'a Task, Problem> {
    let is_project = |task: &Task| task.source == Source::Project;
    let ends_so = |task: &Task| task.id.strip_suffix(word).is_some_and(|head| head.ends_with(':'));
    let rules: [&dyn Fn(&Task) -> bool; 4] = [
        &|task| task.id == word,
        &|task| is_project(task) && task.name == word,
        &|task| task.name == word,
        &ends_so,
    ];
    for rule in rules {
        let fits = || tasks.iter().filter(|task| rule(task));
        let depth = |task: &Task| task.dir.components().count();
        let Some(least) = fits().map(depth).min() else { continue };
        let mut outermost = fits().filter(|task| depth(task) == least);
        return match (outermost.next(), outermost.next()) {
            (Some(task), None) => Ok(task),
            _ => {
                let names: Vec<&str> = fits().map(|task| task.id.as_str()).take(MAX_NAMED).collect();
                Err(Problem::user(msg!("build-several-tasks", name = SafeText::new(word)))
                    .code("ambiguous")
                    .hint(msg!("build-several-tasks-hint", names = names.join(", "))))
            }
        };
    }
    Err(Problem::user(msg!("build-no-such-task", name = SafeText::new(word)))
        .code("not-found")
        .hint(hint(tasks, Some(word))))
}

/// Ids that stand twice are told apart by the folder: `npm:site/:dev` beside `npm:site:dev` of the root.
fn tell_apart(tasks: &mut [Task]) {
    let mut known = BTreeSet::new();
    // Those of outer folders keep theirs.
    let mut order: Vec<usize> = (0..tasks.len()).collect();
    order.sort_by_key(|at| tasks[*at].dir.components().count());
    for at in order {
        let task = &mut tasks[at];
        if known.contains(&task.id) {
            let dir = task.dir.to_string_lossy();
            task.id = task.id.replacen(&format!(":{dir}:"), &format!(":{dir}/:"), 1);
        }
        let id = task.id.clone();
        let mut n = 2;
        while !known.insert(task.id.clone()) {
            task.id = format!("{id}#{n}");
            n += 1;
        }
    }
}

/// What "build this" means: the project's own build task, else the first build that a tool offers: of several folders the outermost one,
/// and images after what they are made of.
pub fn main_task(tasks: &[Task]) -> Option<&Task> {
    let builds = tasks.iter().filter(|task| task.kind == Kind::Build);
    builds.min_by_key(|task| {
        let is_image = matches!(task.source, Source::Docker | Source::Compose);
        let order = Source::ALL.iter().position(|source| *source == task.source);
        let depth = task.dir.components().count();
        (task.source != Source::Project, is_image, depth, order)
    })
}

/// Tasks that are named when another one was asked for.
const MAX_NAMED: usize = 10;

/// What there is instead of a task that there is not: those whose names are nearest, and how many more.
pub fn hint(tasks: &[Task], word: Option<&str>) -> Msg {
    let mut names: Vec<&str> = tasks.iter().map(|task| task.id.as_str()).collect();
    if let Some(word) = word {
        names.sort_by_cached_key(|name| distance(word, name).min(distance(last_of(word), last_of(name))));
    }
    let n_more = names.len().saturating_sub(MAX_NAMED);
    names.truncate(MAX_NAMED);
    match (names.is_empty(), n_more) {
        (true, _) => msg!("build-no-tasks-hint"),
        (_, 0) => msg!("build-tasks-hint", names = names.join(", ")),
        _ => msg!("build-tasks-more-hint", names = names.join(", "), n = n_more),
    }
}

fn last_of(id: &str) -> &str {
    id.rsplit(':').next().unwrap_or(id)
}
