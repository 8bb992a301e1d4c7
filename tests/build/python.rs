//! Python projects: which tasks their files give.

use chantier::areas::build::detect;

#[test]
fn python_projects_are_built_by_whoever_locked_them() {
    let check = |files: &[(&str, &str)], expected: &[&str]| {
        let dir = tempfile::tempdir().expect("a folder");
        for (path, text) in files {
            std::fs::write(dir.path().join(path), text).expect("written");
        }
        let detected = detect::detect(dir.path(), &|| false);
        let lines: Vec<String> = detected
            .tasks
            .iter()
            .map(|task| format!("{} = {}", task.id, task.command_line()))
            .collect();
        assert_eq!(lines, expected, "{files:?}");
    };
    let project = "[project]\nname = \"p\"\n[build-system]\nrequires = []\n";
    check(
        &[("pyproject.toml", project)],
        &[
            "python:build = python3 -m build",
            "python:install = python3 -m pip install --editable .",
        ],
    );
    check(
        &[("pyproject.toml", project), ("uv.lock", "")],
        &["python:build = uv build", "python:install = uv sync"],
    );
    check(
        &[("setup.py", "")],
        &[
            "python:build = python3 -m build",
            "python:install = python3 -m pip install --editable .",
        ],
    );
    // Settings of a tool make no project.
    check(&[("pyproject.toml", "[tool.ruff]\nline-length = 100\n")], &[]);
}
