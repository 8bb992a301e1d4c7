//! A small project of each tool, run through the real program and by the bare tool: the same tests with the same outcomes.

use super::real::has;
use crate::support::cli::Home;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A copy of a project in a home.
pub(super) fn copy(home: &Home, name: &str) -> PathBuf {
    let from = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures/projects")
        .join(name);
    let to = home.path(name);
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        std::fs::create_dir_all(to.join(&folder)).expect("made");
        for entry in std::fs::read_dir(from.join(&folder)).expect("read") {
            let entry = entry.expect("read");
            let path = folder.join(entry.file_name());
            if entry.file_type().expect("known").is_dir() {
                folders.push(path);
            } else {
                std::fs::copy(from.join(&path), to.join(&path)).expect("copied");
            }
        }
    }
    to
}

/// The program's answer. Caches of the tools stand in the home.
pub(super) fn call(home: &Home, dir: &Path, args: &[&str]) -> Value {
    let output = ready(home, &mut home.program(dir, args)).output().expect("it starts");
    let text = String::from_utf8_lossy(&output.stdout);
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}\n{}", String::from_utf8_lossy(&output.stderr)))
}

/// The bare tool's words, standard error behind standard output.
fn bare(home: &Home, dir: &Path, program: &str, args: &[&str]) -> String {
    let output = ready(home, Command::new(program).args(args).current_dir(dir))
        .output()
        .expect("it starts");
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn ready<'a>(home: &Home, command: &'a mut Command) -> &'a mut Command {
    command
        .env("CARGO_TARGET_DIR", home.path("target"))
        .env("GOFLAGS", "-mod=mod");
    command.env("CARGO_TERM_COLOR", "never").env("PYTHONDONTWRITEBYTECODE", "1")
}

/// Id to state of everything that a run told.
pub(super) fn outcomes(answer: &Value) -> BTreeMap<String, String> {
    let tests = answer["result"]["tests"].as_array().unwrap_or_else(|| panic!("{answer:#}"));
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    tests.iter().map(|test| (text(&test["id"]), text(&test["state"]))).collect()
}

pub(super) fn listed(answer: &Value) -> Vec<String> {
    let tests = answer["result"]["tests"].as_array().unwrap_or_else(|| panic!("{answer:#}"));
    tests
        .iter()
        .map(|test| test["id"].as_str().expect("text").to_owned())
        .collect()
}

pub(super) fn message(answer: &Value, id: &str) -> String {
    let failed = answer["result"]["failed"].as_array().unwrap_or_else(|| panic!("{answer:#}"));
    let found = failed
        .iter()
        .find(|case| case["id"] == id)
        .unwrap_or_else(|| panic!("{id}: {answer:#}"));
    found["message"].as_str().unwrap_or_default().to_owned()
}

/// One test alone, then those that failed: each exactly what was asked for.
fn check_selections(home: &Home, dir: &Path, one: &str, failed: &[&str]) {
    let alone = call(home, dir, &["test", "run", one, "--json", "--timeout", "2s"]);
    assert_eq!(outcomes(&alone).into_keys().collect::<Vec<_>>(), [one], "{alone:#}");
    let again = call(home, dir, &["test", "run", "failed", "--json", "--timeout", "2s"]);
    let mut expected: Vec<String> = failed.iter().map(|id| (*id).to_owned()).collect();
    expected.sort();
    let told = outcomes(&again);
    let still: Vec<String> = told
        .iter()
        .filter(|(_, state)| *state == "failed")
        .map(|(id, _)| id.clone())
        .collect();
    assert_eq!(still, expected, "{again:#}");
}

#[test]
fn go_gives_what_go_gives() {
    if !has("go", &["version"]) {
        return;
    }
    let home = Home::new();
    let dir = copy(&home, "go");
    // Two tests of a package hang: each is named, and all others are run all the same.
    let run = call(&home, &dir, &["test", "run", "--trust", "--json", "--timeout", "2s"]);
    let told = outcomes(&run);
    let names = bare(&home, &dir, "go", &["test", "-v", ".", "./boom", "./shape"]);
    let mut expected = BTreeMap::new();
    let mut of_package = Vec::new();
    for line in names.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["---", verdict, name, ..] => {
                let state = match *verdict {
                    "PASS:" => "done",
                    "FAIL:" => "failed",
                    _ => "skipped",
                };
                of_package.push(((*name).to_owned(), state.to_owned()));
            }
            ["ok" | "FAIL", package, ..] if package.starts_with("example.com") => {
                expected.extend(
                    of_package
                        .drain(..)
                        .map(|(name, state)| (format!("go/{package} {name}"), state)),
                );
            }
            _ => {}
        }
    }
    assert_eq!(expected.len(), 13, "{names}");
    // Behind a panic too.
    expected.insert("go/example.com/calc/boom TestNeverReached".to_owned(), "done".to_owned());
    for (name, state) in [
        ("TestHang", "failed"),
        ("TestHangLonger", "failed"),
        ("TestOther", "done"),
        ("TestRows", "failed"),
        ("TestRows/hangs", "failed"),
    ] {
        expected.insert(format!("go/example.com/calc/hang {name}"), state.to_owned());
    }
    assert_eq!(told, expected, "{run:#}");
    for name in ["TestHang", "TestHangLonger", "TestRows/hangs"] {
        let id = format!("go/example.com/calc/hang {name}");
        assert_eq!(message(&run, &id), "timed out after 2s", "{run:#}");
    }
    assert_eq!(message(&run, "go/example.com/calc/hang TestRows"), "1 subtest failed");
    assert_eq!(run["result"]["troubles"], serde_json::json!([]));
    let list = listed(&call(&home, &dir, &["test", "list", "--json"]));
    let mut names: Vec<String> = Vec::new();
    for line in bare(&home, &dir, "go", &["test", "-list", "^(Test|Example|Fuzz)", "./..."]).lines() {
        match line.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["ok", package, ..] => names
                .iter_mut()
                .filter(|name| !name.contains(' '))
                .for_each(|name| *name = format!("go/{package} {name}")),
            [name] => names.push((*name).to_owned()),
            _ => {}
        }
    }
    names.sort();
    assert_eq!(list, names);
    std::fs::remove_dir_all(dir.join("hang")).expect("it was there");
    let one = "go/example.com/calc TestTable/two_words";
    let alone = call(&home, &dir, &["test", "run", one, "--json"]);
    assert_eq!(
        outcomes(&alone),
        BTreeMap::from([(one.to_owned(), "done".to_owned())]),
        "{alone:#}"
    );
}

#[test]
fn unittest_gives_what_unittest_gives() {
    if !has("/usr/bin/python3", &["--version"]) {
        return;
    }
    let home = Home::new();
    let dir = copy(&home, "unittest");
    let run = call(&home, &dir, &["test", "run", "--trust", "--json", "--timeout", "1s"]);
    let mut told = outcomes(&run);
    // `test_adds (tests.test_calc.TestAdd.test_adds) ... ok`
    let words = bare(
        &home,
        &dir,
        "python3",
        &["-m", "unittest", "-v", "tests.test_calc.TestAdd", "tests.test_calc.TestOuter"],
    );
    let mut expected = BTreeMap::new();
    for line in words.lines() {
        let Some((head, verdict)) = line.split_once(" ... ") else {
            continue;
        };
        let name = head.split(' ').next().unwrap_or_default();
        let state = match verdict.split(' ').next().unwrap_or_default() {
            "ok" => "done",
            "skipped" | "expected" => "skipped",
            _ => "failed",
        };
        if !name.is_empty() && name != "setUpClass" {
            expected.insert(format!("unittest/tests/test_calc.py TestAdd::{name}"), state.to_owned());
        }
    }
    // A test whose subtests fail has no verdict of its own in these words.
    expected.insert(
        "unittest/tests/test_calc.py TestAdd::test_table".to_owned(),
        "failed".to_owned(),
    );
    assert_eq!(expected.len(), 6, "{words}");
    let beside = [
        ("unittest/tests/test_broken.py (import)", "failed"),
        ("unittest/tests/test_calc.py TestHang::test_after", "done"),
        ("unittest/tests/test_calc.py TestHang::test_hangs", "failed"),
        ("unittest/tests/test_calc.py TestOuter::(setUpClass)", "failed"),
        ("unittest/tests/test_calc.py TestOuter::test_never", "skipped"),
    ];
    for (id, state) in beside {
        assert_eq!(told.remove(id).as_deref(), Some(state), "{id}: {run:#}");
    }
    assert_eq!(told, expected, "{run:#}");
    let hanging = "unittest/tests/test_calc.py TestHang::test_hangs";
    assert_eq!(message(&run, hanging), "TimeoutError: timed out after 1s");
    let list = call(&home, &dir, &["test", "list", "--json"]);
    assert_eq!(list["problems"][0]["code"], "collect-failed", "{list:#}");
    assert_eq!(listed(&list).len(), 9, "{list:#}");
    check_selections(
        &home,
        &dir,
        "unittest/tests/test_calc.py TestAdd::test_adds",
        &[
            "unittest/tests/test_broken.py (import)",
            "unittest/tests/test_calc.py TestAdd::test_broken",
            "unittest/tests/test_calc.py TestAdd::test_raises",
            "unittest/tests/test_calc.py TestAdd::test_table",
            hanging,
            "unittest/tests/test_calc.py TestOuter::(setUpClass)",
        ],
    );
}

#[test]
fn ctest_gives_what_ctest_gives() {
    if !has("ctest", &["--version"]) || !has("cc", &["--version"]) {
        return;
    }
    let home = Home::new();
    let dir = copy(&home, "ctest");
    // Listed first: configured and built for it.
    let list = listed(&call(&home, &dir, &["test", "list", "--trust", "--json"]));
    let run = call(&home, &dir, &["test", "run", "--json", "--timeout", "1s", "--jobs", "4"]);
    let words = bare(&home, &dir, "ctest", &["--test-dir", "build", "--timeout", "1", "-j4"]);
    let mut expected = BTreeMap::new();
    for line in words.lines() {
        let Some((_, rest)) = line.split_once(": ").filter(|(head, _)| head.contains(" Test ")) else {
            continue;
        };
        let Some((name, verdict)) = rest.split_once(" ..") else {
            continue;
        };
        let state = if verdict.contains("Passed") {
            "done"
        } else if verdict.contains("Skipped") || verdict.contains("Disabled") {
            "skipped"
        } else {
            "failed"
        };
        expected.insert(format!("ctest/. {name}"), state.to_owned());
    }
    assert_eq!(expected.len(), 11, "{words}");
    assert_eq!(outcomes(&run), expected, "{run:#}");
    assert_eq!(list, expected.keys().cloned().collect::<Vec<_>>());
    assert_eq!(message(&run, "ctest/. calc.hangs"), "Timeout");
    let broken = run["result"]["failed"][0].clone();
    assert_eq!(
        (broken["place"]["path"].as_str(), broken["place"]["line"].as_u64()),
        (Some("calc_test.c"), Some(18))
    );
    check_selections(
        &home,
        &dir,
        "ctest/. calc with spaces (and more)",
        &[
            "calc.broken",
            "calc.crashes",
            "calc.even/1",
            "calc.even/3",
            "calc.hangs",
            "calc.unbuilt",
        ]
        .map(|name| format!("ctest/. {name}"))
        .each_ref()
        .map(String::as_str),
    );
    // What does not compile is no result of a test.
    std::fs::write(dir.join("calc_test.c"), "int main(void) { return x; }\n").expect("written");
    let broken = call(&home, &dir, &["test", "run", "--json"]);
    assert_eq!(broken["problems"][0]["code"], "does-not-compile", "{broken:#}");
    assert_eq!(broken["problems"][0]["place"]["path"], "calc_test.c");
    assert_eq!(broken["result"]["counts"]["total"], 0);
}

#[test]
fn tap_of_a_task_is_heard() {
    let home = Home::new();
    let dir = copy(&home, "tap");
    let run = call(&home, &dir, &["test", "run", "--trust", "--json"]);
    let expected = [
        ("tap/points adds", "done"),
        ("tap/points comes later", "skipped"),
        ("tap/points ends", "done"),
        ("tap/points is broken", "failed"),
        ("tap/points is planned", "skipped"),
        ("tap/points table", "failed"),
        ("tap/points table > small", "done"),
        ("tap/points table > wrong # 3", "failed"),
        ("tap/points test 6", "done"),
    ];
    let expected: BTreeMap<String, String> = expected
        .iter()
        .map(|(id, state)| ((*id).to_owned(), (*state).to_owned()))
        .collect();
    assert_eq!(outcomes(&run), expected, "{run:#}");
    assert_eq!(message(&run, "tap/points is broken"), "4 is not 5");
    // Without its last point and with no end: what it did not say is known from its plan.
    let task = "[[task]]\nname = \"points\"\nkind = \"test\"\nrun = [\"sh\", \"points.sh\"]\nenv = { HANG = \"1\" }\n";
    std::fs::write(dir.join("chantier.toml"), task).expect("written");
    let hung = call(&home, &dir, &["test", "run", "--trust", "--json", "--timeout", "500ms"]);
    assert_eq!(outcomes(&hung)["tap/points (plan)"], "failed", "{hung:#}");
    assert_eq!(hung["result"]["troubles"][0]["code"], "timed-out", "{hung:#}");
}

#[test]
fn a_hanging_test_of_cargo_and_of_pytest_is_named_and_ended() {
    let home = Home::new();
    let dir = copy(&home, "cargo");
    let run = call(&home, &dir, &["test", "run", "--trust", "--json", "--timeout", "1s"]);
    let states = [
        ("cargo/calc tests::adds", "done"),
        ("cargo/calc tests::broken", "failed"),
        ("cargo/calc tests::hangs", "failed"),
        ("cargo/calc tests::later", "skipped"),
        ("cargo/calc tests::overflows", "done"),
        ("cargo/calc tests::table::small", "done"),
        ("cargo/calc tests::table::wrong", "failed"),
    ];
    let expected: BTreeMap<String, String> = states
        .iter()
        .map(|(id, state)| ((*id).to_owned(), (*state).to_owned()))
        .collect();
    assert_eq!(outcomes(&run), expected, "{run:#}");
    assert_eq!(message(&run, "cargo/calc tests::hangs"), "timed out after 1s");
    // One at a time: what stands behind the hanging test is run all the same.
    let args = ["test", "run", "--json", "--timeout", "1s", "--jobs", "1"];
    let run = call(&home, &dir, &args);
    assert_eq!(outcomes(&run), expected, "{run:#}");
    assert_eq!(message(&run, "cargo/calc tests::hangs"), "timed out after 1s");
    assert!(message(&run, "cargo/calc tests::broken").contains("sums"), "{run:#}");
    assert_eq!(run["result"]["troubles"], serde_json::json!([]));

    let Ok(python) = std::env::var("CHANTIER_TEST_PYTHON").or_else(|_| {
        if has("pytest", &["--version"]) {
            Ok("python3".to_owned())
        } else {
            Err(())
        }
    }) else {
        return;
    };
    let dir = copy(&home, "pytest");
    let run = call(&home, &dir, &["test", "run", "--trust", "--json", "--timeout", "1s"]);
    assert!(!python.is_empty());
    let states = [
        ("TestHang::test_after", "done"),
        ("TestHang::test_hangs", "failed"),
        ("test_adds", "done"),
        ("test_broken", "failed"),
        ("test_known", "skipped"),
        ("test_later", "skipped"),
        ("test_raises", "failed"),
        ("test_table[2]", "done"),
        ("test_table[3]", "failed"),
    ];
    let expected: BTreeMap<String, String> = states
        .iter()
        .map(|(name, state)| (format!("pytest/tests/test_calc.py {name}"), (*state).to_owned()))
        .collect();
    assert_eq!(outcomes(&run), expected, "{run:#}");
    let hangs = message(&run, "pytest/tests/test_calc.py TestHang::test_hangs");
    assert!(hangs.contains("timed out after 1s"), "{hangs}");
}

/// The tools of JavaScript come from npm: they are taken from the folder that `CHANTIER_TEST_NODE_MODULES` names.
#[test]
fn vitest_and_jest_give_what_they_give() {
    let Some(modules) = std::env::var_os("CHANTIER_TEST_NODE_MODULES") else {
        eprintln!("SKIPPED: vitest and jest are not here (CHANTIER_TEST_NODE_MODULES names their node_modules)");
        return;
    };
    let home = Home::new();
    std::os::unix::fs::symlink(modules, home.path("node_modules")).expect("linked");
    for tool in ["vitest", "jest"] {
        let dir = copy(&home, tool);
        std::os::unix::fs::symlink(home.path("node_modules"), dir.join("node_modules")).expect("linked");
        let run = call(&home, &dir, &["test", "run", "--trust", "--json", "--timeout", "800ms"]);
        let expected: BTreeMap<String, String> = super::told::JS
            .iter()
            .map(|line| line.rsplit_once(' ').expect("a state"))
            .map(|(id, state)| (format!("{tool}/{id}"), state.to_owned()))
            .collect();
        assert_eq!(outcomes(&run), expected, "{run:#}");
        let list = call(&home, &dir, &["test", "list", "--json"]);
        assert_eq!(list["problems"][0]["code"], "collect-failed", "{list:#}");
        let names: Vec<String> = expected.into_keys().filter(|id| !id.ends_with("(file)")).collect();
        assert_eq!(listed(&list), names, "{tool}");
        let file = format!("{tool}/test/calc.test.js sums >");
        let failed = ["1 + 2 is 4", "hangs", "is broken"].map(|name| format!("{file} {name}"));
        let lost = format!("{tool}/test/broken.test.js (file)");
        let mut failed: Vec<&str> = failed.iter().map(String::as_str).collect();
        failed.push(&lost);
        check_selections(&home, &dir, &format!("{file} 1 + 1 is 2"), &failed);
    }
}
