//! Tests that were removed while others are red: the next run of everything drops them, with each tool that may end early.

use super::projects::{call, outcomes};
use crate::support::cli::Home;
use std::path::{Path, PathBuf};

struct Project {
    files: Vec<(&'static str, String)>,
    /// The file of the tests, and the text of one more that fails.
    file: &'static str,
    more: &'static str,
}

fn check(home: &Home, dir: &Path, project: &Project) {
    let whole = &project
        .files
        .iter()
        .find(|(path, _)| *path == project.file)
        .expect("it has one")
        .1;
    let put = |text: &str| std::fs::write(dir.join(project.file), text).expect("written");
    put(&format!("{whole}{}", project.more));
    let run = call(home, dir, &["test", "run", "--trust", "--json"]);
    assert_eq!(run["result"]["counts"]["failed"], 2, "{run:#}");
    put(whole);
    let run = call(home, dir, &["test", "run", "--json"]);
    assert_eq!(run["result"]["counts"]["failed"], 1, "{run:#}");
    let failures = call(home, dir, &["test", "failures", "--json"]);
    assert!(!failures.to_string().contains("gone"), "{failures:#}");
    assert!(failures.to_string().contains("stays"), "{failures:#}");
    let again = call(home, dir, &["test", "run", "failed", "--json"]);
    let told = outcomes(&again);
    assert!(
        told.len() == 1 && told.keys().all(|id| id.to_lowercase().contains("stays")),
        "{again:#}"
    );
}

fn put(home: &Home, name: &str, project: &Project) -> PathBuf {
    let dir = home.path(name);
    let files: Vec<(&str, &str)> = project.files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    super::real::put(&dir, &files);
    dir
}

#[test]
fn go_drops_what_was_removed_though_others_are_red() {
    if !super::real::has("go", &["version"]) {
        return;
    }
    let home = Home::new();
    let project = Project {
        files: vec![
            ("go.mod", "module example.com/m\n\ngo 1.19\n".to_owned()),
            (
                "m_test.go",
                "package m\n\nimport \"testing\"\n\nfunc TestFine(t *testing.T) {}\nfunc TestStays(t *testing.T) { t.Fatal(\"it stays\") }\n"
                    .to_owned(),
            ),
        ],
        file: "m_test.go",
        more: "func TestGone(t *testing.T) { t.Fatal(\"it is gone\") }\n",
    };
    let dir = put(&home, "m", &project);
    check(&home, &dir, &project);
}

#[test]
fn vitest_jest_and_mocha_drop_what_was_removed_though_others_are_red() {
    let Some(modules) = std::env::var_os("CHANTIER_TEST_NODE_MODULES") else {
        eprintln!("SKIPPED: vitest, jest and mocha are not here (CHANTIER_TEST_NODE_MODULES names their node_modules)");
        return;
    };
    let home = Home::new();
    for tool in ["vitest", "jest", "mocha"] {
        let it = if tool == "vitest" {
            "import { it } from 'vitest'\n"
        } else {
            ""
        };
        let run = if tool == "vitest" { "vitest run" } else { tool };
        let project = Project {
            files: vec![
                (
                    "package.json",
                    format!("{{\"scripts\":{{\"test\":\"{run}\"}},\"type\":\"commonjs\"}}"),
                ),
                (
                    "test/a.test.js",
                    format!("{it}it('is fine', () => {{}})\nit('stays', () => {{ throw new Error('it stays') }})\n"),
                ),
            ],
            file: "test/a.test.js",
            more: "it('was here', () => { throw new Error('it is gone') })\n",
        };
        let dir = put(&home, tool, &project);
        std::os::unix::fs::symlink(&modules, dir.join("node_modules")).expect("linked");
        check(&home, &dir, &project);
    }
}

#[test]
fn what_was_removed_is_dropped_though_nothing_is_green() {
    if !super::real::has("pytest", &["--version"]) {
        return;
    }
    let home = Home::new();
    let project = Project {
        files: vec![
            ("pytest.ini", "[pytest]\n".to_owned()),
            (
                "tests/test_x.py",
                "def test_stays():\n    assert False, \"it stays\"\n".to_owned(),
            ),
        ],
        file: "tests/test_x.py",
        more: "def test_was_here():\n    assert False, \"it is gone\"\n",
    };
    let dir = put(&home, "py", &project);
    check(&home, &dir, &project);
}

#[test]
fn tests_of_ctest_with_one_name_are_red_when_one_of_them_is() {
    if !super::real::has("ctest", &["--version"]) {
        return;
    }
    let home = Home::new();
    for (name, first, second) in [("red-first", "false", "true"), ("red-last", "true", "false")] {
        let dir = home.path(name);
        let top = "cmake_minimum_required(VERSION 3.13)\nproject(p NONE)\nenable_testing()\nadd_subdirectory(s1)\nadd_subdirectory(s2)\n";
        let test = |program: &str| format!("add_test(NAME unit COMMAND {program})\n");
        super::real::put(
            &dir,
            &[
                ("CMakeLists.txt", top),
                ("s1/CMakeLists.txt", &test(first)),
                ("s2/CMakeLists.txt", &test(second)),
            ],
        );
        let run = call(&home, &dir, &["test", "run", "--trust", "--json"]);
        assert_eq!(run["result"]["counts"]["failed"], 1, "{name}: {run:#}");
        let gate = call(&home, &dir, &["test", "gate", "--json"]);
        assert!(gate["ok"] == false, "{name}: {gate:#}");
    }
}

#[test]
fn a_test_that_ends_mocha_or_jest_is_named_and_nothing_is_green() {
    let Some(modules) = std::env::var_os("CHANTIER_TEST_NODE_MODULES") else {
        eprintln!("SKIPPED: jest and mocha are not here (CHANTIER_TEST_NODE_MODULES names their node_modules)");
        return;
    };
    let home = Home::new();
    for tool in ["mocha", "jest"] {
        for code in [0, 3] {
            let dir = home.path(&format!("{tool}{code}"));
            let package = format!("{{\"scripts\":{{\"test\":\"{tool}\"}}}}");
            let tests =
                format!("it('is fine', () => {{}})\nit('leaves', () => process.exit({code}))\nit('comes later', () => {{}})\n");
            super::real::put(&dir, &[("package.json", &package), ("test/a.test.js", &tests)]);
            std::os::unix::fs::symlink(&modules, dir.join("node_modules")).expect("linked");
            let run = call(&home, &dir, &["test", "run", "--trust", "--json"]);
            assert_eq!(run["ok"], false, "{tool} {code}: {run:#}");
            assert!(run["problems"].to_string().contains("leaves"), "{tool} {code}: {run:#}");
        }
        // What comes to its own end is green as before.
        let dir = home.path(&format!("{tool}0"));
        std::fs::write(dir.join("test/a.test.js"), "it('is fine', () => {})\n").expect("written");
        let run = call(&home, &dir, &["test", "run", "--json"]);
        assert_eq!(run["ok"], true, "{tool}: {run:#}");
    }
}
