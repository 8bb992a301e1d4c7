//! Which runners a workspace needs, told from its files alone. Nothing is run.

use super::{Runner, Site, ctest, dir_of, go, python_home, scripts, unittest};
use crate::adapters::scan::{self, Found, Wanted};
use crate::areas::devops::project::{self, ProjectFile, TaskKind};
use crate::base::Problem;
use std::path::{Path, PathBuf};

/// Folders below the root that are looked into.
const DEPTH: usize = 3;

/// Walks the workspace and gives its sites, and what is wrong in its project file. Blocks.
pub fn sites(root: &Path, has_nextest: bool, is_over: &dyn Fn() -> bool) -> (Vec<Site>, Vec<Problem>) {
    let files = scan::walk(root, DEPTH, is_over, wanted);
    let (project, problems) = project::read_as_far(root);
    (from_files(&files, &project, has_nextest), problems)
}

/// What of a file matters here.
pub fn wanted(path: &Path) -> Wanted {
    let Some(name) = path.file_name().and_then(|name| name.to_str()) else {
        return Wanted::No;
    };
    match name {
        "Cargo.toml" | "package.json" | "pyproject.toml" | "setup.cfg" | "setup.py" | "tox.ini" | "go.mod" | "CMakeLists.txt" => {
            Wanted::Text
        }
        "pytest.ini" | "conftest.py" | "nextest.toml" | "package-lock.json" | "pnpm-lock.yaml" | "yarn.lock" => Wanted::Path,
        "__init__.py" => Wanted::Path,
        name if name.starts_with("requirements") && name.ends_with(".txt") => Wanted::Text,
        name if name.ends_with(".py") && (name.starts_with("test") || name.ends_with("_test.py")) => Wanted::Text,
        name if name.ends_with("_test.go") || name.starts_with(".mocharc.") => Wanted::Path,
        name if name.starts_with("jest.config.") => Wanted::Text,
        // Where Mocha looks for tests.
        _ if scripts::has_js_ending(path) && path.parent().is_some_and(|dir| dir.ends_with("test")) => Wanted::Path,
        _ => Wanted::No,
    }
}

/// Tasks of `chantier.toml` first: they say how the user wants a runner to be called.
pub fn from_files(files: &[Found], project: &ProjectFile, has_nextest: bool) -> Vec<Site> {
    let mut sites: Vec<Site> = project
        .tasks
        .iter()
        .filter(|task| task.kind == TaskKind::Test)
        .filter_map(|task| of_task(task, files))
        .collect();
    let mut plain = cargo(files, has_nextest);
    let unittests = unittest::sites(files);
    plain.extend(pytest(files, &unittests));
    plain.extend(unittests);
    plain.extend(go::sites(files));
    plain.extend(ctest::sites(files));
    plain.extend(scripts::sites(files));
    for site in plain {
        let is_told = sites
            .iter()
            .any(|known| known.runner.framework() == site.runner.framework() && known.dir == site.dir && known.task.is_some());
        if !is_told {
            sites.push(site);
        }
    }
    for site in &mut sites {
        // What a task says of itself stands above what is said for all.
        for (name, value) in &project.test.env {
            site.env.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
    sites
}

fn of_task(task: &project::Task, files: &[Found]) -> Option<Site> {
    let words: Vec<&str> = task.run.iter().map(String::as_str).collect();
    let runner = match words.as_slice() {
        [] => return None,
        ["cargo", "test" | "t", ..] => Runner::CargoTest,
        ["cargo", "nextest", "run" | "r", ..] => Runner::Nextest,
        ["node", rest @ ..] if rest.contains(&"--test") => Runner::Node,
        ["tape", ..] => Runner::Tap,
        ["go", "test", ..] => Runner::Go,
        ["ctest", ..] => Runner::Ctest,
        ["python" | "python3", "-m", "unittest", ..] => Runner::Unittest,
        ["vitest" | "jest", ..] | ["npx", "vitest" | "jest", ..] => {
            if words.contains(&"vitest") {
                Runner::Vitest
            } else {
                Runner::Jest
            }
        }
        ["mocha", ..] | ["npx", "mocha", ..] => Runner::Mocha,
        ["pytest" | "py.test", ..] | ["python" | "python3", "-m", "pytest", ..] => Runner::Pytest,
        _ => Runner::Task,
    };
    let dir: PathBuf = task
        .dir
        .components()
        .filter(|part| *part != std::path::Component::CurDir)
        .collect();
    let mut site = Site::new(runner, dir);
    site.task = Some(task.name.clone());
    site.argv.clone_from(&task.run);
    if matches!(runner, Runner::Vitest | Runner::Jest | Runner::Mocha) {
        site.options = scripts::task_options(&task.run);
        site.argv.clear();
    }
    if runner == Runner::Go {
        let module = go::sites(files).into_iter().find(|known| known.dir == site.dir);
        site.options = module.map(|module| module.options).unwrap_or_default();
    }
    site.env.clone_from(&task.env);
    site.timeout_secs = task.timeout.map(|timeout| timeout.0.as_secs().max(1));
    Some(site)
}

/// One site per cargo workspace, or per package that stands alone.
fn cargo(files: &[Found], has_nextest: bool) -> Vec<Site> {
    let manifests = files
        .iter()
        .filter(|file| file.path.file_name().is_some_and(|name| name == "Cargo.toml"));
    let mut roots: Vec<(PathBuf, bool)> = Vec::new();
    for manifest in manifests {
        let dir = manifest.path.parent().unwrap_or(Path::new("")).to_path_buf();
        let table: toml::Table = manifest
            .text
            .as_deref()
            .and_then(|text| text.parse().ok())
            .unwrap_or_default();
        let is_workspace = table.contains_key("workspace");
        let is_member = roots
            .iter()
            .any(|(root, is_workspace)| *is_workspace && dir.starts_with(root));
        if (table.contains_key("package") || is_workspace) && !is_member {
            roots.push((dir, is_workspace));
        }
    }
    let site = |dir: PathBuf| {
        let is_wanted = files.iter().any(|file| file.path == dir.join(".config/nextest.toml"));
        Site::new(
            if is_wanted && has_nextest {
                Runner::Nextest
            } else {
                Runner::CargoTest
            },
            dir,
        )
    };
    roots.into_iter().map(|(dir, _)| site(dir)).collect()
}

/// The folders whose settings name pytest; else the root, when there are files that pytest would collect.
fn pytest(files: &[Found], unittests: &[Site]) -> Vec<Site> {
    let mut dirs: Vec<PathBuf> = Vec::new();
    let mut add = |dir: &Path| {
        if !dirs.iter().any(|known| dir.starts_with(known)) {
            dirs.push(dir.to_path_buf());
        }
    };
    for file in files {
        let text = file.text.as_deref().unwrap_or_default();
        let is_config = match file.path.file_name().and_then(|name| name.to_str()).unwrap_or_default() {
            "pytest.ini" => true,
            "pyproject.toml" => text.contains("[tool.pytest"),
            "setup.cfg" => text.contains("[tool:pytest]"),
            "tox.ini" => text.contains("[pytest]"),
            _ => false,
        };
        if is_config {
            add(&dir_of(file));
        }
    }
    let is_test = |file: &&Found| {
        let name = file.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.ends_with(".py") && (name.starts_with("test_") || name.ends_with("_test.py"))
    };
    let mut tests: Vec<&Found> = files.iter().filter(is_test).collect();
    // A Python project below the root has its own settings, paths and packages.
    tests.sort_by_key(|file| file.path.components().count());
    for test in tests {
        let home = python_home(files, &test.path);
        if !unittests.iter().any(|site| site.dir == home) {
            add(&home);
        }
    }
    dirs.into_iter().map(|dir| Site::new(Runner::Pytest, dir)).collect()
}
