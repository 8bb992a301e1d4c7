//! Tests that were removed while others are red: the next run of everything drops them, with each tool that may end early.

use super::projects::{call, outcomes};
use crate::support::cli::Home;
use chantier::areas::test::frameworks::ctest::Ctest;
use chantier::areas::test::frameworks::{Parser, Runner, Site};
use chantier::base::{State, Stream};
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
fn tests_of_ctest_with_one_name_are_two() {
    if !super::real::has("ctest", &["--version"]) {
        return;
    }
    let home = Home::new();
    for (name, programs, states) in [
        ("red-first", ["false", "true"], ["failed", "done"]),
        ("red-last", ["true", "false"], ["done", "failed"]),
        // Run at once, the second ends before the first.
        ("slow-first", ["sh -c \"sleep 1; false\"", "true"], ["failed", "done"]),
    ] {
        let dir = home.path(name);
        let top = "cmake_minimum_required(VERSION 3.13)\nproject(p NONE)\nenable_testing()\nadd_subdirectory(s1)\nadd_subdirectory(s2)\n";
        let test = |program: &str| format!("add_test(NAME unit COMMAND {program})\n");
        super::real::put(
            &dir,
            &[
                ("CMakeLists.txt", top),
                ("s1/CMakeLists.txt", &test(programs[0])),
                ("s2/CMakeLists.txt", &test(programs[1])),
            ],
        );
        let list = call(&home, &dir, &["test", "list", "--trust", "--json"]);
        assert_eq!(list["result"]["count"], 2, "{name}: {list:#}");
        let expected = [("ctest/. unit", states[0]), ("ctest/. unit (2)", states[1])];
        let expected = expected.map(|(id, state)| (id.to_owned(), state.to_owned()));
        for jobs in ["1", "2", "2"] {
            let run = call(&home, &dir, &["test", "run", "--jobs", jobs, "--json"]);
            assert_eq!(outcomes(&run), expected.clone().into(), "{name} {jobs}: {run:#}");
        }
        let gate = call(&home, &dir, &["test", "gate", "--json"]);
        assert!(gate["ok"] == false, "{name}: {gate:#}");
        let again = call(&home, &dir, &["test", "run", "failed", "--json"]);
        assert_eq!(again["result"]["counts"]["failed"], 1, "{name}: {again:#}");
    }
}

/// A project that is not configured yet is by its own preset, where that says.
#[test]
fn a_project_of_cmake_is_configured_by_its_presets() {
    if !super::real::has("ctest", &["--version"]) {
        return;
    }
    let home = Home::new();
    let dir = home.path("presets");
    let presets = r#"{
        "version": 4,
        "include": ["more.json"],
        "configurePresets": [
            { "name": "elsewhere", "inherits": "base", "condition": { "type": "equals", "lhs": "${hostSystemName}", "rhs": "Windows" } },
            { "name": "dev", "inherits": ["base"] },
            { "name": "wanted", "inherits": ["base"], "cacheVariables": { "WANTED": "ON" } }
        ],
        "testPresets": [{ "name": "t", "configurePreset": "wanted" }]
    }"#;
    let base = r#"{ "version": 4, "configurePresets": [{ "name": "base", "hidden": true, "binaryDir": "${sourceDir}/out/build/${presetName}" }] }"#;
    let lists = "cmake_minimum_required(VERSION 3.23)\nproject(p NONE)\nenable_testing()\nif(WANTED)\n  add_test(NAME unit COMMAND true)\nendif()\n";
    super::real::put(
        &dir,
        &[("CMakePresets.json", presets), ("more.json", base), ("CMakeLists.txt", lists)],
    );
    for _ in 0..2 {
        let run = call(&home, &dir, &["test", "run", "--trust", "--json"]);
        assert_eq!(
            outcomes(&run),
            [("ctest/. unit".to_owned(), "done".to_owned())].into(),
            "{run:#}"
        );
    }
    assert!(dir.join("out/build/wanted/CMakeCache.txt").is_file() && !dir.join("build").exists());
}

/// CTest tries a test again when it is told to; then its last word counts, and the test is flaky.
#[test]
fn a_test_of_ctest_that_passes_when_it_is_tried_again_is_flaky() {
    let mut parser = Ctest::new(&Site::new(Runner::Ctest, ""), "/w");
    let mut heard = Vec::new();
    for line in [
        "    Start 1: shaky",
        "1/2 Test #1: shaky ............................***Failed    0.02 sec",
        "    Start 1: shaky",
        "    Test #1: shaky ............................   Passed    0.01 sec",
        "2/2 Test #2: red ..............................***Failed    1.01 sec",
        "    Test #2: red ..............................***Failed    1.01 sec",
    ] {
        parser.line(Stream::Out, line.as_bytes(), &mut heard);
    }
    let told = super::results(&heard);
    let of = |name: &str| &told[&(".".to_owned(), name.to_owned())];
    assert_eq!((of("shaky").state, of("shaky").flaky), (State::Done, true));
    assert_eq!((of("red").state, of("red").flaky), (State::Failed, false));
}

#[test]
fn a_test_that_ends_its_runner_is_named_and_the_others_are_run() {
    let Some(modules) = std::env::var_os("CHANTIER_TEST_NODE_MODULES") else {
        eprintln!("SKIPPED: vitest, jest and mocha are not here (CHANTIER_TEST_NODE_MODULES names their node_modules)");
        return;
    };
    let home = Home::new();
    // Vitest itself tells of `process.exit`, and its worker takes it down when it dies.
    for (name, tool, command, end) in [
        ("exits", "mocha", "mocha", "process.exit(0)"),
        ("dies", "mocha", "mocha", "process.abort()"),
        ("band", "jest", "jest --runInBand", "process.exit(3)"),
        ("worker", "vitest", "vitest run", "process.abort()"),
    ] {
        let dir = home.path(name);
        let head = if tool == "vitest" {
            "import { it } from 'vitest'\n"
        } else {
            ""
        };
        let package = format!("{{\"scripts\":{{\"test\":\"{command}\"}},\"type\":\"commonjs\"}}");
        let tests = format!("{head}it('is fine', () => {{}})\nit('leaves', () => {end})\nit('comes later', () => {{}})\n");
        let other = format!("{head}it('stands elsewhere', () => {{}})\n");
        super::real::put(
            &dir,
            &[
                ("package.json", &package),
                ("test/a.test.js", &tests),
                ("test/b.test.js", &other),
            ],
        );
        std::os::unix::fs::symlink(&modules, dir.join("node_modules")).expect("linked");
        let run = call(&home, &dir, &["test", "run", "--trust", "--json"]);
        assert_eq!(run["ok"], false, "{tool} {end}: {run:#}");
        assert!(run["problems"].to_string().contains("leaves"), "{tool} {end}: {run:#}");
        let told: Vec<String> = outcomes(&run).iter().map(|(id, state)| format!("{id} {state}")).collect();
        let expected = [
            "a.test.js comes later done",
            "a.test.js is fine done",
            "a.test.js leaves failed",
            "b.test.js stands elsewhere done",
        ];
        let expected: Vec<String> = expected.iter().map(|line| format!("{tool}/test/{line}")).collect();
        assert_eq!(told, expected, "{tool} {end}: {run:#}");
        // What comes to its own end is green as before.
        std::fs::write(dir.join("test/a.test.js"), &other).expect("written");
        let run = call(&home, &dir, &["test", "run", "--json"]);
        assert_eq!(run["ok"], true, "{tool} {end}: {run:#}");
    }
}
