//! Test with the real tools, through the real program.

use crate::support::cli::{Home, git};
use std::path::Path;

/// Puts files below a folder.
pub(super) fn put(dir: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = dir.join(path);
        std::fs::create_dir_all(path.parent().expect("below")).expect("made");
        std::fs::write(path, text).expect("written");
    }
}

/// Puts what is there under git, as the first commit.
pub(super) fn commit_first(dir: &Path) {
    for args in [
        &["init", "-q"][..],
        &["add", "."],
        &["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qm", "first"],
    ] {
        git(dir, args);
    }
}

/// Says loudly that a tool is not here; in CI every tool has to be.
pub(super) fn has(program: &str, args: &[&str]) -> bool {
    let works = std::process::Command::new(program)
        .args(args)
        .output()
        .is_ok_and(|output| output.status.success());
    if !works {
        assert!(std::env::var_os("CI").is_none(), "{program} is missing");
        eprintln!("SKIPPED: {program} is not on this machine");
    }
    works
}

/// One call whose cargo builds below the home's own folder; the answer and the exit code.
pub(super) fn call(home: &Home, dir: &Path, args: &[&str]) -> (serde_json::Value, i32) {
    let mut program = home.program(dir, args);
    program
        .env("CARGO_TARGET_DIR", home.path("target"))
        .env("CARGO_TERM_COLOR", "never");
    let output = program.output().expect("it starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let json = serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{error}\n{text}\n{}", String::from_utf8_lossy(&output.stderr)));
    (json, output.status.code().unwrap_or(-1))
}

pub(super) fn counts(answer: &serde_json::Value) -> [u64; 4] {
    ["total", "passed", "failed", "skipped"].map(|name| answer["result"]["counts"][name].as_u64().unwrap_or(u64::MAX))
}

const TINY: [(&str, &str); 3] = [
    (
        "Cargo.toml",
        "[package]\nname = \"tiny\"\nversion = \"0.1.0\"\nedition = \"2021\"\n",
    ),
    ("src/lib.rs", include_str!("../fixtures/test/tiny/src/lib.rs")),
    ("tests/it.rs", include_str!("../fixtures/test/tiny/tests/it.rs")),
];

fn check_cargo_project(home: &Home, dir: &Path, runner: &str, expected: [u64; 4]) {
    let (first, code) = call(home, dir, &["test", "run", "--trust", "--json"]);
    assert_eq!((counts(&first), code), (expected, 1), "{runner}: {first:#}");
    assert_eq!(first["result"]["runs"][0]["runner"], runner);
    assert_eq!(first["problems"][0]["code"], "tests-failed");
    let failed = &first["result"]["failed"][0];
    assert_eq!(failed["id"], "cargo/tiny tests::breaks", "{runner}");
    assert_eq!(
        (failed["place"]["path"].as_str(), failed["place"]["line"].as_u64()),
        (Some("src/lib.rs"), Some(18)),
        "{runner}"
    );

    // Only what failed, by itself; then it is no new failure any more.
    let (again, _) = call(home, dir, &["test", "run", "failed", "--json"]);
    assert_eq!(counts(&again), [1, 0, 1, 0], "{runner}: {again:#}");
    let (shown, _) = call(home, dir, &["test", "show", "breaks", "--json"]);
    assert_eq!(shown["result"]["case"]["lines"][3][0], 18, "{runner}: {shown:#}");
    let past = shown["result"]["case"]["history"].as_array().map_or(0, Vec::len);
    assert!(past >= 2, "{runner}: {shown:#}");
    let (one, code) = call(home, dir, &["test", "run", "answers", "--json"]);
    assert_eq!((counts(&one), code), ([1, 1, 0, 0], 0), "{runner}: {one:#}");
    let (listed, _) = call(home, dir, &["test", "list", "--json"]);
    let doc = u64::from(runner == "cargo-test");
    assert_eq!(listed["result"]["count"], 4 + doc, "{runner}: {listed:#}");

    // Mended: everything passes, and a source that does not compile is told with its place.
    let lib = std::fs::read_to_string(dir.join("src/lib.rs")).expect("there");
    std::fs::write(dir.join("src/lib.rs"), lib.replace("two(), 3", "two(), 2")).expect("written");
    let (mended, code) = call(home, dir, &["test", "run", "--json"]);
    assert_eq!((counts(&mended)[2], code), (0, 0), "{runner}: {mended:#}");
    std::fs::write(dir.join("src/lib.rs"), lib.replace("two() -> i32", "two() -> u8x")).expect("written");
    let (broken, code) = call(home, dir, &["test", "run", "--json"]);
    assert_eq!(
        (broken["problems"][0]["code"].as_str(), code),
        (Some("does-not-compile"), 1),
        "{runner}: {broken:#}"
    );
    assert_eq!(broken["problems"][0]["place"]["line"], 6, "{runner}");
    std::fs::write(dir.join("src/lib.rs"), lib).expect("written");
}

#[test]
fn a_real_cargo_project_is_tested() {
    let home = Home::new();
    let dir = home.path("tiny");
    put(&dir, &TINY);
    let untrusted = call(&home, &dir, &["test", "run", "--json"]);
    assert_eq!(
        (untrusted.0["problems"][0]["code"].as_str(), untrusted.1),
        (Some("untrusted"), 3),
        "not even discovery"
    );
    check_cargo_project(&home, &dir, "cargo-test", [5, 3, 1, 1]);
    if has("cargo", &["nextest", "--version"]) {
        put(&dir, &[(".config/nextest.toml", "")]);
        // nextest has no documentation tests.
        check_cargo_project(&home, &dir, "nextest", [4, 2, 1, 1]);
    }
}

#[test]
fn a_real_python_project_is_tested() {
    if !has("pytest", &["--version"]) {
        return;
    }
    let home = Home::new();
    let dir = home.path("py");
    let test = "import pytest\n\ndef test_ok():\n    pass\n\n@pytest.mark.parametrize(\"x\", [\"a b\", \"c::d\"])\ndef test_par(x):\n    print(\"out of\", x)\n    assert x == \"a b\"\n\n@pytest.mark.skip(reason=\"later\")\ndef test_skip():\n    pass\n";
    put(&dir, &[("pytest.ini", "[pytest]\n"), ("tests/test_x.py", test)]);
    let (answer, code) = call(&home, &dir, &["test", "run", "--trust", "--json"]);
    assert_eq!((counts(&answer), code), ([4, 2, 1, 1], 1), "{answer:#}");
    let failed = &answer["result"]["failed"][0];
    assert_eq!(failed["id"], "pytest/tests/test_x.py test_par[c::d]");
    assert_eq!(
        (failed["place"]["path"].as_str(), failed["place"]["line"].as_u64()),
        (Some("tests/test_x.py"), Some(9))
    );
    let (again, _) = call(&home, &dir, &["test", "run", "failed", "--json"]);
    assert_eq!(counts(&again), [1, 0, 1, 0], "{again:#}");
    let (shown, _) = call(
        &home,
        &dir,
        &["test", "show", "pytest/tests/test_x.py test_par[c::d]", "--json"],
    );
    let output = shown["result"]["case"]["result"]["output"].as_str().unwrap_or_default();
    assert!(output.contains("out of c::d"), "{shown:#}");
    let (listed, _) = call(&home, &dir, &["test", "list", "--json"]);
    assert_eq!(listed["result"]["count"], 4);

    // Row 33: a crash while collecting is a failure, not an empty list.
    put(&dir, &[("tests/test_broken.py", "import no_such_module_anywhere\n")]);
    for verb in ["list", "run"] {
        let (answer, code) = call(&home, &dir, &["test", verb, "--json"]);
        assert_eq!(
            (answer["problems"][0]["code"].as_str(), code),
            (Some("collect-failed"), 1),
            "{verb}: {answer:#}"
        );
    }
}

#[test]
fn a_test_is_run_by_its_name_while_another_file_can_not_be_collected() {
    let good = "import unittest\n\nclass TestIt(unittest.TestCase):\n    def test_well(self):\n        pass\n";
    let broken = "import no_such_module_anywhere\n";
    let files = [
        ("tests/__init__.py", ""),
        ("tests/test_good.py", good),
        ("tests/test_bad.py", broken),
    ];
    let check = |more: &[(&str, &str)], id: &str| {
        let home = Home::new();
        let dir = home.path("mixed");
        put(&dir, &files);
        put(&dir, more);
        // Never run before: the tools are asked, and one of them says what it can.
        let (ran, code) = call(&home, &dir, &["test", "run", "test_well", "--trust", "--json"]);
        assert_eq!((counts(&ran), code), ([1, 1, 0, 0], 0), "{ran:#}");
        assert_eq!(ran["result"]["tests"][0]["id"], id);
        let (missing, code) = call(&home, &dir, &["test", "run", "test_nowhere", "--json"]);
        assert_eq!(code, 1, "{missing:#}");
        let told = missing["problems"].to_string();
        assert!(told.contains("no_such_module_anywhere"), "{told}");
        let (listed, code) = call(&home, &dir, &["test", "list", "--json"]);
        let tests = listed["result"]["tests"].as_array().expect("a list");
        assert!(tests.iter().any(|test| test["id"] == id), "{listed:#}");
        assert_eq!(code, 1, "{listed:#}");
    };
    check(&[], "unittest/tests/test_good.py TestIt::test_well");
    if has("pytest", &["--version"]) {
        check(&[("pytest.ini", "[pytest]\n")], "pytest/tests/test_good.py TestIt::test_well");
    }
}

#[test]
fn a_task_that_writes_a_report_is_a_run_of_tests_and_a_report_can_be_imported() {
    let home = Home::new();
    let dir = home.path("web");
    let report = "<testsuite name=\"s\"><testcase classname=\"a.B\" name=\"one\" time=\"0.25\"/><testcase classname=\"a.B\" name=\"two\"><failure message=\"no\">at x</failure></testcase></testsuite>";
    let project = "[[task]]\nname = \"e2e\"\nkind = \"test\"\nrun = [\"cp\", \"in.xml\", \"test-results/out.xml\"]\n";
    put(
        &dir,
        &[("in.xml", report), ("chantier.toml", project), ("test-results/old.txt", "")],
    );
    let (answer, code) = call(&home, &dir, &["test", "run", "--trust", "--json"]);
    assert_eq!((counts(&answer), code), ([2, 1, 1, 0], 1), "{answer:#}");
    assert_eq!(answer["result"]["failed"][0]["id"], "junit/a.B two");
    let (imported, code) = call(&home, &dir, &["test", "import", "in.xml", "--json"]);
    assert_eq!((counts(&imported), code), ([2, 1, 1, 0], 0), "{imported:#}");
    put(&dir, &[("cut.xml", &report[..report.len() - 40]), ("no.xml", "<html>")]);
    let (cut, code) = call(&home, &dir, &["test", "import", "cut.xml", "--json"]);
    assert_eq!((counts(&cut)[0], code), (2, 1), "what came before is taken over: {cut:#}");
    assert_eq!(cut["problems"][0]["code"], "report-cut-off", "{cut:#}");
    // A report whose rest nobody knows keeps the gate shut, though what it still says has passed.
    let green = "<testsuite name=\"g\"><testcase classname=\"a.G\" name=\"fine\"/><testcase cla";
    put(&dir, &[("green.xml", green)]);
    let (cut, code) = call(&home, &dir, &["test", "import", "green.xml", "--json"]);
    assert_eq!((counts(&cut), code), ([1, 1, 0, 0], 1), "{cut:#}");
    assert_eq!(cut["result"]["runs"][0]["state"], "failed", "{cut:#}");
    let (gate, _) = call(&home, &dir, &["test", "gate", "--json"]);
    assert!(
        gate["result"].to_string().contains("of junit did not come to its end"),
        "{gate:#}"
    );
    for (file, problem) in [("no.xml", "bad-report"), ("gone.xml", "not-found")] {
        let (answer, code) = call(&home, &dir, &["test", "import", file, "--json"]);
        assert_eq!(
            (answer["problems"][0]["code"].as_str(), code),
            (Some(problem), 1),
            "{answer:#}"
        );
    }
}

#[test]
fn a_group_has_its_new_tests_and_not_those_that_are_gone() {
    if !has("pytest", &["--version"]) {
        return;
    }
    let home = Home::new();
    let dir = home.path("py");
    let red = "def test_a(): assert True\ndef test_old(): assert False\n";
    put(&dir, &[("pytest.ini", "[pytest]\n"), ("tests/test_x.py", red)]);
    call(&home, &dir, &["test", "run", "--trust", "--json"]);
    let changed = "def test_a(): assert True\ndef test_new(): assert True\n";
    put(&dir, &[("tests/test_x.py", changed)]);
    for group in ["tests/test_x.py", "test_x"] {
        let (run, _) = call(&home, &dir, &["test", "run", group, "--json"]);
        assert_eq!(counts(&run), [2, 2, 0, 0], "{run:#}");
    }
}

/// Also in a folder that no commit tells apart: what failed before is no new failure.
#[test]
fn a_test_that_failed_before_is_no_new_failure() {
    let home = Home::new();
    let dir = home.path("red");
    let files = [
        ("tests/__init__.py", ""),
        (
            "tests/test_red.py",
            "import unittest\n\nclass TestIt(unittest.TestCase):\n    def test_red(self):\n        self.fail()\n    def test_well(self):\n        pass\n",
        ),
    ];
    put(&dir, &files);
    let verdict = |what: &str| {
        let (answer, _) = call(&home, &dir, &["test", "run", what, "--trust", "--json"]);
        assert_eq!(answer["result"]["failed"].as_array().map(Vec::len), Some(1), "{answer:#}");
        answer["result"]["failed"][0]["verdict"].clone()
    };
    assert_eq!(verdict("all"), "new_failure");
    for what in ["failed", "all", "test_red"] {
        assert_eq!(verdict(what), "failing", "{what}");
    }
    let mended = files[1].1.replace("self.fail()", "pass");
    put(&dir, &[(files[1].0, &mended)]);
    call(&home, &dir, &["test", "run", "--json"]);
    put(&dir, &files);
    assert_eq!(verdict("all"), "new_failure");
}
