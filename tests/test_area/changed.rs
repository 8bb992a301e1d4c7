//! `test run changed`: what a change touches is run, also where no import of the changed place says so.

use super::projects::{call, outcomes};
use super::real::{commit_first, has, put};
use crate::support::cli::{Home, git};
use std::path::{Path, PathBuf};

/// A project under git.
fn project(home: &Home, name: &str, files: &[(&str, &str)]) -> PathBuf {
    let dir = home.path(name);
    put(&dir, files);
    commit_first(&dir);
    dir
}

/// Changes a file, runs what that touches, and takes the change back. Gives what ran, and how.
fn touched(home: &Home, dir: &Path, file: &str, text: &str) -> Vec<String> {
    put(dir, &[(file, text)]);
    let run = call(home, dir, &["test", "run", "changed", "--trust", "--json"]);
    git(dir, &["checkout", "-q", "--", "."]);
    outcomes(&run)
        .into_iter()
        .map(|(id, state)| format!("{id} {state}"))
        .collect()
}

#[test]
fn a_module_of_a_test_program_of_cargo_is_no_program_of_its_own() {
    let home = Home::new();
    let dir = project(
        &home,
        "modules",
        &[
            (".gitignore", "target\nCargo.lock\n"),
            (
                "Cargo.toml",
                "[package]\nname = \"m\"\nversion = \"0.1.0\"\nedition = \"2021\"\nautotests = false\n\n[[test]]\nname = \"integration\"\npath = \"tests/tests.rs\"\n",
            ),
            ("src/lib.rs", "#[cfg(test)]\nmod tests;\n"),
            ("src/tests/mod.rs", "mod foo;\n"),
            ("src/tests/foo.rs", "#[test]\nfn in_foo() {}\n"),
            ("tests/tests.rs", "mod feature;\n\n#[test]\nfn top() {}\n"),
            ("tests/feature.rs", "#[test]\nfn in_feature() {}\n"),
        ],
    );
    for (file, text, expected) in [
        (
            "src/tests/foo.rs",
            "#[test]\nfn in_foo() { panic!(\"no\") }\n",
            "cargo/m tests::foo::in_foo failed",
        ),
        (
            "tests/feature.rs",
            "#[test]\nfn in_feature() { panic!(\"no\") }\n",
            "cargo/m::integration feature::in_feature failed",
        ),
        (
            "tests/tests.rs",
            "mod feature;\n\n#[test]\nfn top() { panic!(\"no\") }\n",
            "cargo/m::integration top failed",
        ),
    ] {
        let told = touched(&home, &dir, file, text);
        assert!(told.iter().any(|line| line == expected), "{file}: {told:?}");
    }
}

#[test]
fn a_program_of_tests_of_cargo_is_run_alone_when_it_changes() {
    let home = Home::new();
    let dir = project(
        &home,
        "alone",
        &[
            (".gitignore", "target\nCargo.lock\n"),
            (
                "Cargo.toml",
                "[package]\nname = \"m\"\nversion = \"0.1.0\"\nedition = \"2021\"\n",
            ),
            ("src/lib.rs", "#[test]\nfn inside() {}\n"),
            ("tests/one.rs", "#[test]\nfn one() {}\n"),
            ("tests/two.rs", "mod common;\n\n#[test]\nfn two() {}\n"),
            ("tests/common.rs", "#[test]\nfn shared() {}\n"),
        ],
    );
    let told = touched(&home, &dir, "tests/one.rs", "#[test]\nfn one() { panic!(\"no\") }\n");
    assert_eq!(told, ["cargo/m::one one failed"]);
    // A program that is a module of another one as well.
    let told = touched(&home, &dir, "tests/common.rs", "#[test]\nfn shared() { panic!(\"no\") }\n");
    let expected = ["cargo/m::common shared failed", "cargo/m::two common::shared failed"];
    assert!(expected.iter().all(|line| told.iter().any(|told| told == line)), "{told:?}");
}

#[test]
fn a_module_of_go_is_run_when_one_that_it_needs_changes() {
    if !has("go", &["version"]) {
        return;
    }
    let home = Home::new();
    let dir = project(
        &home,
        "modules",
        &[
            ("lib/go.mod", "module example.com/lib\n\ngo 1.19\n"),
            ("lib/lib.go", "package lib\n\nfunc One() int { return 1 }\n"),
            (
                "svc/go.mod",
                "module example.com/svc\n\ngo 1.19\n\nrequire example.com/lib v0.0.0\n\nreplace (\n\texample.com/lib => ../lib\n)\n",
            ),
            ("svc/svc.go", "package svc\n"),
            (
                "svc/svc_test.go",
                "package svc\n\nimport (\n\t\"testing\"\n\n\t\"example.com/lib\"\n)\n\nfunc TestSvc(t *testing.T) {\n\tif lib.One() != 1 {\n\t\tt.Fatal(\"no\")\n\t}\n}\n",
            ),
            ("far/go.mod", "module example.com/far\n\ngo 1.19\n"),
            (
                "far/far_test.go",
                "package far\n\nimport \"testing\"\n\nfunc TestFar(t *testing.T) {}\n",
            ),
        ],
    );
    let told = touched(&home, &dir, "lib/lib.go", "package lib\n\nfunc One() int { return 7 }\n");
    assert_eq!(told, ["go/example.com/svc TestSvc failed"]);
}

#[test]
fn a_package_of_npm_is_run_when_one_that_it_needs_changes() {
    if !has("npm", &["--version"]) {
        return;
    }
    let home = Home::new();
    let test = |import: &str, check: &str| {
        format!(
            "import test from 'node:test';\nimport assert from 'node:assert';\nimport {{ value }} from '{import}';\ntest('{check}', () => assert.equal(value, 1));\n"
        )
    };
    let manifest = |name: &str, needs: &str| {
        format!(
            "{{\"name\":\"@m/{name}\",\"version\":\"1.0.0\",\"type\":\"module\",\"main\":\"index.js\",\"dependencies\":{{{needs}}},\"scripts\":{{\"test\":\"node --test test/\"}}}}"
        )
    };
    let dir = project(
        &home,
        "mono",
        &[
            (".gitignore", "node_modules\n"),
            (
                "package.json",
                "{\"name\":\"mono\",\"private\":true,\"workspaces\":[\"packages/*\"]}",
            ),
            ("packages/core/package.json", &manifest("core", "")),
            ("packages/core/index.js", "export const value = 1;\n"),
            ("packages/core/test/core.test.js", &test("../index.js", "core")),
            ("packages/app/package.json", &manifest("app", "\"@m/core\":\"1.0.0\"")),
            ("packages/app/index.js", "export { value } from '@m/core';\n"),
            ("packages/app/test/app.test.js", &test("../index.js", "app")),
            ("packages/far/package.json", &manifest("far", "")),
            ("packages/far/index.js", "export const value = 1;\n"),
            ("packages/far/test/far.test.js", &test("../index.js", "far")),
        ],
    );
    std::fs::create_dir_all(dir.join("node_modules/@m")).expect("made");
    std::os::unix::fs::symlink("../../packages/core", dir.join("node_modules/@m/core")).expect("linked");
    let told = touched(&home, &dir, "packages/core/index.js", "export const value = 2;\n");
    assert_eq!(
        told,
        [
            "node/packages/app/test/app.test.js app failed",
            "node/packages/core/test/core.test.js core failed"
        ]
    );
}

#[test]
fn a_test_of_javascript_is_run_by_whatever_name_it_imports_what_changes() {
    if !has("npm", &["--version"]) {
        return;
    }
    let home = Home::new();
    let test = |import: &str, name: &str| {
        format!("require('node:test')('{name}', () => require('node:assert').equal(require('{import}').value, 1));\n")
    };
    let dir = project(
        &home,
        "names",
        &[
            (
                "package.json",
                "{\"name\":\"d\",\"version\":\"1.0.0\",\"main\":\"lib/main.js\",\"imports\":{\"#lib/*\":\"./lib/*\"},\"scripts\":{\"test\":\"node --test test/\"}}",
            ),
            ("lib/main.js", "exports.value = 1;\n"),
            ("lib/b.js", "exports.value = 1;\n"),
            ("test/dot.test.js", &test("..", "dot")),
            ("test/hash.test.js", &test("#lib/b.js", "hash")),
            ("test/slash.test.js", &test("../", "slash")),
        ],
    );
    let told = touched(&home, &dir, "lib/main.js", "exports.value = 2;\n");
    assert_eq!(
        told,
        ["node/test/dot.test.js dot failed", "node/test/slash.test.js slash failed"]
    );
    let told = touched(&home, &dir, "lib/b.js", "exports.value = 2;\n");
    assert_eq!(told, ["node/test/hash.test.js hash failed"]);
}

#[test]
fn tests_that_read_a_file_which_no_import_names_are_run_when_it_changes() {
    if !has("pytest", &["--version"]) {
        return;
    }
    let home = Home::new();
    let reads = |path: &str| {
        format!("from pathlib import Path\n\n\ndef read():\n    return (Path(__file__).parent / '{path}').read_text()\n")
    };
    let dir = project(
        &home,
        "data",
        &[
            (".gitignore", "__pycache__\n.pytest_cache\n"),
            ("pyproject.toml", "[tool.pytest.ini_options]\npythonpath = ['.']\n"),
            ("app/__init__.py", ""),
            ("app/view.py", &reads("templates/x.html")),
            ("app/templates/x.html", "good"),
            ("tests/data/a.json", "good"),
            (
                "tests/test_view.py",
                &format!(
                    "from app.view import read as view\n{}\n\ndef test_view():\n    assert view() == 'good'\n\n\ndef test_data():\n    assert read() == 'good'\n",
                    reads("data/a.json")
                ),
            ),
            ("app/test_inner.py", "def test_inner():\n    pass\n"),
            ("notes.md", "Words.\n"),
        ],
    );
    let [inner, data, view] = [
        "pytest/app/test_inner.py test_inner",
        "pytest/tests/test_view.py test_data",
        "pytest/tests/test_view.py test_view",
    ];
    let told = touched(&home, &dir, "app/templates/x.html", "bad");
    assert_eq!(
        told,
        [format!("{inner} done"), format!("{data} done"), format!("{view} failed")]
    );
    // Data beside tests are read by them.
    let told = touched(&home, &dir, "tests/data/a.json", "bad");
    assert_eq!(told, [format!("{data} failed"), format!("{view} done")]);
    let told = touched(&home, &dir, "notes.md", "Other words.\n");
    assert_eq!(told, [] as [String; 0]);
}
