//! Which Python runs the tests of a project: the one of its own environment, wherever a tool keeps that.

use super::projects::outcomes;
use super::real::{has, put};
use crate::support::cli::Home;
use serde_json::Value;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// An environment that has a module which no other Python has.
fn environment(folder: &Path) {
    let python = "#!/bin/sh\nhere=$(dirname \"$0\")\nPYTHONPATH=\"$here/../lib:$PYTHONPATH\" exec /usr/bin/env python3 \"$@\"\n";
    put(
        folder,
        &[
            ("pyvenv.cfg", "home = /usr/bin\n"),
            ("lib/only_here.py", ""),
            ("bin/python", python),
        ],
    );
    may_run(&folder.join("bin/python"));
}

fn may_run(file: &Path) {
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(0o755)).expect("changed");
}

/// A tool on PATH that says this and ends like this.
fn tool(home: &Home, name: &str, says: &str, code: i32) {
    put(
        &home.path("bin"),
        &[(name, &format!("#!/bin/sh\necho asked >&2\necho '{says}'\nexit {code}\n"))],
    );
    may_run(&home.path("bin").join(name));
}

fn run(home: &Home, dir: &Path) -> Value {
    let path = format!("{}:{}", home.path("bin").display(), std::env::var("PATH").expect("it is set"));
    let mut program = home.program(dir, &["test", "run", "--trust", "--json"]);
    program.env("PATH", path).env_remove("VIRTUAL_ENV").env_remove("CONDA_PREFIX");
    let output = program.output().expect("it starts");
    serde_json::from_slice(&output.stdout).expect("one document")
}

const TEST: &str = "import only_here, unittest\n\nclass T(unittest.TestCase):\n    def test_it(self):\n        pass\n";

#[test]
fn an_environment_of_any_name_and_those_that_tools_keep_elsewhere_run_the_tests() {
    if !has("python3", &["--version"]) {
        return;
    }
    let home = Home::new();
    let kept = home.path("kept");
    environment(&kept);
    for (name, files, says) in [
        ("any-name", vec![], None),
        ("poetry", vec![("poetry.lock", "")], Some("poetry")),
        (
            "poetry-settings",
            vec![("pyproject.toml", "[tool.poetry]\nname = \"p\"\n")],
            Some("poetry"),
        ),
        ("pipenv", vec![("Pipfile", "[packages]\n")], Some("pipenv")),
        (
            "hatch",
            vec![("pyproject.toml", "[tool.hatch.envs.default]\n")],
            Some("hatch"),
        ),
        ("pdm", vec![(".pdm-python", "")], None),
    ] {
        let dir = home.path(name);
        put(&dir, &files);
        put(&dir, &[("test_it.py", TEST)]);
        match (name, says) {
            ("any-name", _) => environment(&dir.join("env")),
            ("pdm", _) => {
                std::fs::write(dir.join(".pdm-python"), kept.join("bin/python").display().to_string()).expect("written");
            }
            (_, Some(program)) => tool(&home, program, &kept.display().to_string(), 0),
            _ => {}
        }
        let run = run(&home, &dir);
        let told: Vec<(String, String)> = outcomes(&run).into_iter().collect();
        assert_eq!(
            told,
            [("unittest/test_it.py T::test_it".to_owned(), "done".to_owned())],
            "{name}: {run:#}"
        );
    }
}

#[test]
fn an_environment_that_is_not_there_is_said_when_tests_can_not_be_collected() {
    if !has("pytest", &["--version"]) {
        return;
    }
    let home = Home::new();
    tool(&home, "poetry", "", 1);
    for (lock, command) in [("poetry.lock", "poetry install"), ("uv.lock", "uv sync")] {
        let dir = home.path(command);
        put(
            &dir,
            &[
                (lock, ""),
                ("pytest.ini", "[pytest]\n"),
                ("test_it.py", "import only_here\n\ndef test_it():\n    pass\n"),
            ],
        );
        let run = run(&home, &dir);
        assert_eq!(run["problems"][0]["code"], "collect-failed", "{run:#}");
        assert!(run["problems"][0].to_string().contains(command), "{run:#}");
    }
}
