//! Tests that are asked for by a group or a line, as editors and the tools themselves write them.

use super::projects::{call, outcomes};
use super::real::{has, put};
use crate::support::cli::Home;

const PYTHON: &str = "import unittest

import pytest

@pytest.mark.parametrize(
    \"n\", [1, 2]
)
def test_each(n):
    assert n

class TestC:
    def test_one(self):
        pass

    @pytest.mark.filterwarnings
    def test_two(self):
        assert True

class TestD:
    def test_one(self):
        pass
";

#[test]
fn a_class_and_a_line_of_pytest_are_run() {
    if !has("pytest", &["--version"]) {
        return;
    }
    let home = Home::new();
    let dir = home.path("p");
    put(&dir, &[("pytest.ini", "[pytest]\n"), ("tests/test_odd.py", PYTHON)]);
    for (word, expected) in [
        ("tests/test_odd.py::TestC", &["TestC::test_one", "TestC::test_two"][..]),
        ("tests/test_odd.py::test_each", &["test_each[1]", "test_each[2]"]),
        ("tests/test_odd.py:12", &["TestC::test_one"]),
        ("tests/test_odd.py:13", &["TestC::test_one"]),
        // The mark above a test is its own, and a class stands for all of its tests.
        ("tests/test_odd.py:15", &["TestC::test_two"]),
        ("./tests/test_odd.py:19", &["TestD::test_one"]),
        ("tests/test_odd.py:8", &["test_each[1]", "test_each[2]"]),
    ] {
        let run = call(&home, &dir, &["test", "run", word, "--trust", "--json"]);
        let told: Vec<String> = outcomes(&run).into_keys().collect();
        let expected: Vec<String> = expected
            .iter()
            .map(|name| format!("pytest/tests/test_odd.py {name}"))
            .collect();
        assert_eq!(told, expected, "{word}: {run:#}");
    }
    let none = call(&home, &dir, &["test", "run", "tests/test_odd.py:1", "--json"]);
    assert_eq!(none["problems"][0]["code"], "not-found", "{none:#}");
}

#[test]
fn a_line_of_go_and_of_node_is_run() {
    let home = Home::new();
    let dir = home.path("go");
    if has("go", &["version"]) {
        let text = "package m\n\nimport \"testing\"\n\nfunc TestA(t *testing.T) {\n}\n\nfunc TestB(t *testing.T) {\n\tt.Run(\"x\", func(t *testing.T) {})\n}\n";
        put(&dir, &[("go.mod", "module example.com/m\n\ngo 1.19\n"), ("m_test.go", text)]);
        let run = call(&home, &dir, &["test", "run", "m_test.go:8", "--trust", "--json"]);
        let told = outcomes(&run);
        assert!(!told.is_empty() && told.keys().all(|id| id.contains("TestB")), "{run:#}");
    }
    if has("node", &["--version"]) {
        let dir = home.path("node");
        let text = "const {test, describe} = require('node:test');\ndescribe('group', () => {\n  test('one', () => {});\n  test(\"two\", () => {\n  });\n});\n";
        let manifest = r#"{"name":"t","scripts":{"test":"node --test test/"}}"#;
        put(&dir, &[("package.json", manifest), ("test/a.test.js", text)]);
        call(&home, &dir, &["test", "run", "--trust", "--json"]);
        for (line, expected) in [(4, &["two"][..]), (5, &["two"]), (2, &["one", "two"])] {
            let run = call(&home, &dir, &["test", "run", &format!("test/a.test.js:{line}"), "--json"]);
            let told: Vec<String> = outcomes(&run).into_keys().collect();
            let expected: Vec<String> = expected
                .iter()
                .map(|name| format!("node/test/a.test.js group > {name}"))
                .collect();
            // Node runs all of a group that it is given the name of.
            assert!(expected.iter().all(|id| told.contains(id)), "{line}: {run:#}");
        }
    }
}

#[test]
fn a_line_of_rust_is_run() {
    let home = Home::new();
    let dir = home.path("rs");
    let lib = "pub fn add() {}\n\n#[cfg(test)]\nmod tests {\n    #[test]\n    fn one() {}\n\n    #[test]\n    fn two() {}\n}\n";
    let manifest = "[package]\nname = \"r\"\nversion = \"0.1.0\"\nedition = \"2021\"\n";
    put(
        &dir,
        &[
            ("Cargo.toml", manifest),
            ("src/lib.rs", lib),
            ("tests/it.rs", "#[test]\nfn one() {}\n"),
        ],
    );
    for (word, expected) in [
        ("src/lib.rs:8", &["cargo/r tests::two"][..]),
        ("src/lib.rs:6", &["cargo/r tests::one"]),
        ("src/lib.rs:4", &["cargo/r tests::one", "cargo/r tests::two"]),
        ("tests/it.rs:2", &["cargo/r::it one"]),
        // The name of a package means all of its targets.
        ("r", &["cargo/r tests::one", "cargo/r tests::two", "cargo/r::it one"]),
    ] {
        let run = call(&home, &dir, &["test", "run", word, "--trust", "--json"]);
        let told: Vec<String> = outcomes(&run).into_keys().collect();
        assert_eq!(told, expected, "{word}: {run:#}");
    }
}
