//! What a project has pytest say (`addopts`) changes neither which tests are found nor how they end.

use super::real::{call, counts, has, put};
use crate::support::cli::Home;

const TESTS: &str = r#"
import sys
import pytest

def test_prints():
    print("no end of line", end="")
    sys.stderr.write("nor here")

@pytest.mark.parametrize("x", ["a b", "c::d"])
def test_par(x):
    assert x == "a b"

@pytest.mark.skip(reason="later")
def test_skip():
    pass

@pytest.mark.xfail(reason="known")
def test_xfail():
    assert False

@pytest.fixture
def breaks():
    yield
    assert False, "teardown"

def test_teardown(breaks):
    pass

class TestBox:
    def test_in(self):
        pass
"#;

#[test]
fn pytest_is_heard_whatever_the_project_has_it_say() {
    if !has("pytest", &["--version"]) {
        return;
    }
    let home = Home::new();
    let dir = home.path("py");
    put(&dir, &[("tests/test_x.py", TESTS)]);
    let mut names = None;
    for addopts in [
        "",
        "-q",
        "-qq",
        "-v",
        "-vv",
        "-s",
        "--capture=no -vv",
        "--co",
        "-ra --tb=no",
        "--no-header --no-summary",
    ] {
        put(&dir, &[("pytest.ini", &format!("[pytest]\naddopts = {addopts}\n"))]);
        let (listed, code) = call(&home, &dir, &["test", "list", "--trust", "--json"]);
        assert_eq!(code, 0, "{addopts}: {listed:#}");
        let tests = listed["result"]["tests"].as_array().expect("tests");
        let ids: Vec<String> = tests
            .iter()
            .map(|test| test["id"].as_str().expect("an id").to_owned())
            .collect();
        assert_eq!(ids.len(), 7, "{addopts}: {ids:?}");
        assert_eq!(*names.get_or_insert_with(|| ids.clone()), ids, "{addopts}");
        let (run, code) = call(&home, &dir, &["test", "run", "--trust", "--json"]);
        assert_eq!((counts(&run), code), ([7, 3, 2, 2], 1), "{addopts}: {run:#}");
        let failed: Vec<_> = run["result"]["failed"]
            .as_array()
            .expect("failed")
            .iter()
            .map(|one| one["id"].clone())
            .collect();
        assert_eq!(
            failed,
            [
                "pytest/tests/test_x.py test_par[c::d]",
                "pytest/tests/test_x.py test_teardown"
            ],
            "{addopts}"
        );
        assert!(
            !run.to_string().contains("chantier\\\": \\\"ran"),
            "the plugin's lines are nobody's output: {run:#}"
        );
    }
}
