//! What a project has pytest say (`addopts`) changes neither which tests are found nor how they end.

use super::real::{call, counts, has, put};
use crate::support::cli::Home;
use chantier::areas::test::frameworks::pytest::Pytest;
use chantier::areas::test::frameworks::{CaseId, Finished, Framework, Heard, Parser};
use chantier::base::{State, Stream};

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

/// pytest-rerunfailures and pytest-retry tell each try.
#[test]
fn a_test_of_pytest_that_passes_when_it_is_tried_again_is_flaky() {
    let mut parser = Pytest::new("");
    let mut heard = Vec::new();
    let mut say = |case: &str, outcome: &str| {
        let line = format!(
            "{{\"chantier\": \"result\", \"case\": \"test_a.py::{case}\", \"outcome\": \"{outcome}\", \"reason\": \"\"}}"
        );
        parser.line(Stream::Err, line.as_bytes(), &mut heard);
    };
    for (case, outcome) in [
        ("shaky", "rerun"),
        ("shaky", "passed"),
        ("red", "rerun"),
        ("red", "failed"),
        ("ok", "passed"),
    ] {
        say(case, outcome);
    }
    let of_report = |case: &str| {
        let id = CaseId::new(Framework::Junit, "test_a", case);
        Finished::new(id, if case == "red" { State::Failed } else { State::Done })
    };
    let report = ["shaky", "shaky", "red", "ok"].map(of_report).to_vec();
    heard.extend(parser.details(report).into_iter().map(Heard::finished));
    let told: Vec<(String, State, bool)> = super::results(&heard)
        .into_iter()
        .map(|((_, name), result)| (name, result.state, result.flaky))
        .collect();
    let expected = [
        ("ok", State::Done, false),
        ("red", State::Failed, false),
        ("shaky", State::Done, true),
    ];
    assert_eq!(told, expected.map(|(name, state, flaky)| (name.to_owned(), state, flaky)));
}

#[test]
fn a_run_of_pytest_that_stops_at_the_first_failure_was_collected() {
    if !has("pytest", &["--version"]) {
        return;
    }
    let home = Home::new();
    let dir = home.path("steps");
    let tests = "def test_ok():\n    pass\n\ndef test_red():\n    assert 0\n\ndef test_behind():\n    pass\n";
    put(
        &dir,
        &[("pytest.ini", "[pytest]\naddopts = --stepwise\n"), ("test_x.py", tests)],
    );
    let (run, code) = call(&home, &dir, &["test", "run", "--trust", "--json"]);
    assert_eq!((counts(&run)[2], code), (1, 1), "{run:#}");
    assert_eq!(run["problems"][0]["code"], "tests-failed", "{run:#}");
    assert!(!run.to_string().contains("collect-failed"), "{run:#}");
}

/// pytest says only in its report why a test failed.
#[test]
fn why_a_test_of_pytest_fails_now_and_then_is_told() {
    if !has("pytest", &["--version"]) {
        return;
    }
    let home = Home::new();
    let dir = home.path("flips");
    let test = "import os\n\ndef test_flips():\n    n = os.path.getsize('flips') if os.path.exists('flips') else 0\n    with open('flips', 'a') as file:\n        file.write('x')\n    assert n % 2 == 1\n";
    put(&dir, &[("pytest.ini", "[pytest]\n"), ("test_x.py", test)]);
    call(&home, &dir, &["test", "run", "--trust", "--json"]);
    let (flaky, _) = call(&home, &dir, &["test", "flaky", "test_flips", "--repeat", "4", "--json"]);
    let errors = flaky["result"]["errors"].as_object().unwrap_or_else(|| panic!("{flaky:#}"));
    assert!(
        !errors.is_empty() && errors.keys().all(|error| error.contains("assert")),
        "{flaky:#}"
    );
}

/// One file that can not be collected says nothing of a run of others.
#[test]
fn a_file_that_can_not_be_collected_is_told_where_it_was_asked_for() {
    if !has("pytest", &["--version"]) {
        return;
    }
    let home = Home::new();
    let dir = home.path("broken");
    put(
        &dir,
        &[
            ("pytest.ini", "[pytest]\n"),
            (
                "tests/test_broken.py",
                "import nothing_there\n\ndef test_never():\n    pass\n",
            ),
            ("tests/test_fine.py", "def test_fine():\n    pass\n"),
        ],
    );
    let (run, code) = call(&home, &dir, &["test", "run", "tests/test_fine.py", "--trust", "--json"]);
    assert_eq!((run["ok"].as_bool(), code, counts(&run)[1]), (Some(true), 0, 1), "{run:#}");
    assert_eq!(run["problems"], serde_json::json!([]), "{run:#}");
    let (run, _) = call(&home, &dir, &["test", "run", "tests", "--json"]);
    assert_eq!(run["problems"][0]["code"], "collect-failed", "{run:#}");
}

#[test]
fn a_test_in_a_doc_string_stands_where_it_failed() {
    if !has("pytest", &["--version"]) {
        return;
    }
    let home = Home::new();
    let dir = home.path("doc");
    let text = "def f():\n    \"\"\"\n    >>> 1 + 1\n    3\n    \"\"\"\n";
    put(
        &dir,
        &[
            ("pytest.ini", "[pytest]\naddopts = --doctest-modules\n"),
            ("tests/test_d.py", text),
        ],
    );
    let (run, _) = call(&home, &dir, &["test", "run", "--trust", "--json"]);
    let place = &run["result"]["failed"][0]["place"];
    assert_eq!(
        (place["path"].as_str(), place["line"].as_u64()),
        (Some("tests/test_d.py"), Some(3)),
        "{run:#}"
    );
}
