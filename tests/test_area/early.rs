//! Tests that end their program, files that can not be loaded, tests that hang or are gone: through the real program.

use super::real::{call, counts, has, put};
use crate::support::cli::{Home, git};
use std::path::Path;

const MANIFEST: &str = "[package]\nname = \"dies\"\nversion = \"0.1.0\"\nedition = \"2021\"\n";

fn states(answer: &serde_json::Value) -> Vec<String> {
    let tests = answer["result"]["tests"].as_array().cloned().unwrap_or_default();
    let row = |test: &serde_json::Value| {
        format!(
            "{} {}",
            test["id"].as_str().unwrap_or_default(),
            test["state"].as_str().unwrap_or_default()
        )
    };
    tests.iter().map(row).collect()
}

#[test]
fn a_test_that_ends_its_program_is_named_and_the_others_are_run() {
    let home = Home::new();
    let dir = home.path("dies");
    let lib = "#[test] fn a_ok() {}\n#[test] fn boom() { eprintln!(\"x\"); std::process::abort() }\n#[test] fn leaves() { std::process::exit(0) }\n#[test] fn red() { assert!(false) }\n#[test] fn z_ok() {}\n";
    put(
        &dir,
        &[
            ("Cargo.toml", MANIFEST),
            ("src/lib.rs", lib),
            ("tests/it.rs", "#[test] fn well() {}\n"),
        ],
    );
    let (first, code) = call(&home, &dir, &["test", "run", "--trust", "--json"]);
    assert_eq!((counts(&first), code), ([6, 3, 3, 0], 1), "{first:#}");
    let expected = [
        "cargo/dies a_ok done",
        "cargo/dies boom failed",
        "cargo/dies leaves failed",
        "cargo/dies red failed",
        "cargo/dies z_ok done",
        "cargo/dies::it well done",
    ];
    assert_eq!(states(&first), expected);
    let failed = first["result"]["failed"].as_array().expect("a list");
    let message = failed[0]["message"].as_str().unwrap_or_default();
    assert!(message.contains("SIGABRT"), "{first:#}");
    // The three alone: each is run, none is lost.
    let (again, code) = call(&home, &dir, &["test", "run", "failed", "--json"]);
    assert_eq!((counts(&again), code), ([3, 0, 3, 0], 1), "{again:#}");
    // Alone it needs no second run to be named.
    let (alone, code) = call(&home, &dir, &["test", "run", "boom", "--json"]);
    assert_eq!((counts(&alone), code), ([1, 0, 1, 0], 1), "{alone:#}");
    assert_eq!(states(&alone), ["cargo/dies boom failed"]);
}

#[test]
fn a_red_test_that_was_removed_is_red_no_more() {
    if !has("pytest", &["--version"]) {
        return;
    }
    let home = Home::new();
    let dir = home.path("gone");
    let two = "def test_red(): assert False\ndef test_gone(): assert False\ndef test_ok(): pass\n";
    let one = "def test_red(): assert False\ndef test_ok(): pass\n";
    put(
        &dir,
        &[
            ("pytest.ini", "[pytest]\n"),
            (".gitignore", "__pycache__\n"),
            ("tests/test_x.py", two),
        ],
    );
    git(&dir, &["init", "-q"]);
    git(&dir, &["add", "."]);
    git(&dir, &["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "a"]);
    let (first, _) = call(&home, &dir, &["test", "run", "--trust", "--json"]);
    assert_eq!(counts(&first), [3, 1, 2, 0], "{first:#}");
    put(&dir, &[("tests/test_x.py", one)]);
    // A run since then says nothing of the one that is gone.
    call(&home, &dir, &["test", "run", "test_ok", "--json"]);
    // pytest runs nothing at all when it misses one of those that it is given.
    let (again, _) = call(&home, &dir, &["test", "run", "failed", "--json"]);
    assert_eq!(states(&again), ["pytest/tests/test_x.py test_red failed"], "{again:#}");
    // A run of everything, red as it is, tells what is gone.
    call(&home, &dir, &["test", "run", "--json"]);
    let (failures, _) = call(&home, &dir, &["test", "failures", "--json"]);
    assert!(!failures.to_string().contains("test_gone"), "{failures:#}");
    let (gate, _) = call(&home, &dir, &["test", "gate", "--json"]);
    let words = gate["problems"][0]["summary"].as_str().unwrap_or_default();
    assert!(words.starts_with("50") && words.ends_with("(1 failed)"), "{gate:#}");
}

#[test]
fn what_was_chosen_and_did_not_run_is_not_green() {
    let home = Home::new();
    let dir = home.path("none");
    put(
        &dir,
        &[
            ("Cargo.toml", MANIFEST),
            ("src/lib.rs", "#[test] fn there() {}\n#[test] fn other() {}\n"),
        ],
    );
    call(&home, &dir, &["test", "run", "--trust", "--json"]);
    put(&dir, &[("src/lib.rs", "#[test] fn other() {}\n")]);
    let (gone, code) = call(&home, &dir, &["test", "run", "cargo/none there", "--json"]);
    assert_eq!(code, 1, "{gone:#}");
    let (gone, code) = call(&home, &dir, &["test", "run", "cargo/dies there", "--json"]);
    assert_eq!(
        (gone["problems"][0]["code"].as_str(), code),
        (Some("no-tests"), 1),
        "{gone:#}"
    );
}

#[test]
fn a_file_that_node_can_not_load_says_why() {
    if !has("node", &["--version"]) {
        return;
    }
    let home = Home::new();
    let dir = home.path("node");
    let manifest = "{\"name\":\"n\",\"scripts\":{\"test\":\"node --test\"}}";
    let files = [
        ("package.json", manifest),
        ("test/bad.test.js", "\nthrow new Error('the wheel is missing')\n"),
        ("test/good.test.js", "require('node:test')('fine', () => {})\n"),
    ];
    put(&dir, &files);
    let (answer, code) = call(&home, &dir, &["test", "run", "--trust", "--json"]);
    assert_eq!((counts(&answer), code), ([2, 1, 1, 0], 1), "{answer:#}");
    let failed = &answer["result"]["failed"][0];
    assert_eq!(failed["message"], "Error: the wheel is missing", "{answer:#}");
    assert_eq!(
        (failed["place"]["path"].as_str(), failed["place"]["line"].as_u64()),
        (Some("test/bad.test.js"), Some(2))
    );
}

#[test]
fn a_run_that_is_stopped_names_the_test_that_hung() {
    let home = Home::new();
    let dir = home.path("hangs");
    let test = "import time, unittest\n\nclass TestIt(unittest.TestCase):\n    def test_a(self):\n        pass\n    def test_b(self):\n        open('began', 'w').close()\n        time.sleep(600)\n";
    put(&dir, &[("tests/__init__.py", ""), ("tests/test_slow.py", test)]);
    let mut program = home.program(&dir, &["test", "run", "--trust", "--json"]);
    let child = program.stdout(std::process::Stdio::piped()).spawn().expect("it starts");
    wait_for(&dir.join("began"));
    let pid = rustix::process::Pid::from_raw(child.id().try_into().expect("a pid")).expect("a pid");
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("signalled");
    let output = child.wait_with_output().expect("it ends");
    let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("json");
    assert_eq!(output.status.code(), Some(130), "{answer:#}");
    assert_eq!(
        answer["result"]["was_running"][0], "unittest/tests/test_slow.py TestIt::test_b",
        "{answer:#}"
    );
}

fn wait_for(path: &Path) {
    for _ in 0..600 {
        if path.exists() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    panic!("{} never came", path.display());
}

#[test]
fn a_test_is_given_the_variables_that_are_named() {
    let home = Home::new();
    let dir = home.path("env");
    let test = "import os, unittest\n\nclass TestIt(unittest.TestCase):\n    def test_url(self):\n        self.assertEqual(os.environ['CHANTIER_SOME_URL'], 'x')\n    def test_mode(self):\n        self.assertEqual(os.environ['APP_MODE'], 'ci')\n";
    put(
        &dir,
        &[
            ("chantier.toml", "[test]\nenv = { APP_MODE = \"ci\" }\n"),
            ("tests/__init__.py", ""),
            ("tests/test_env.py", test),
        ],
    );
    let run = |args: &[&str]| {
        let output = home
            .program(&dir, args)
            .env("CHANTIER_SOME_URL", "x")
            .output()
            .expect("it starts");
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        serde_json::from_str::<serde_json::Value>(&text).unwrap_or_else(|error| panic!("{error}\n{text}"))
    };
    let withheld = run(&["test", "run", "--trust", "--json"]);
    assert_eq!(counts(&withheld), [2, 1, 1, 0], "{withheld:#}");
    let hint = withheld["problems"][0]["hint"].as_str().unwrap_or_default();
    assert!(hint.contains("tools.pass_env CHANTIER_SOME_URL"), "{withheld:#}");
    run(&["config", "set", "tools.pass_env", "CHANTIER_SOME_URL", "--json"]);
    let given = run(&["test", "run", "--json"]);
    assert_eq!(counts(&given), [2, 2, 0, 0], "{given:#}");
}

const ENDS: &str = "    end = os.environ.get('PANIC')\n    if end == 'abort': os.abort()\n    if end: os._exit(int(end))\n";

/// Whatever the exit code says: the test is named, the others are run, and the gate is not reached.
fn is_named_and_the_others_run(id: &str, files: &[(&str, &str)], expected: &[String]) {
    for end in ["0", "3", "abort"] {
        let home = Home::new();
        let dir = home.path("python");
        put(&dir, files);
        home.call(&["config", "set", "tools.pass_env", "PANIC"]).ok();
        let output = home
            .program(&dir, &["test", "run", "--trust", "--json"])
            .env("PANIC", end)
            .output()
            .expect("it runs");
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout).expect("json");
        assert_eq!(output.status.code(), Some(1), "{end}: {answer:#}");
        assert_eq!(states(&answer), expected, "{end}: {answer:#}");
        let failed = &answer["result"]["failed"][0];
        assert_eq!(failed["id"], id, "{end}: {answer:#}");
        let word = if end == "abort" {
            "SIGABRT".to_owned()
        } else {
            format!("exit code {end}")
        };
        assert!(failed["message"].to_string().contains(&word), "{failed:#}");
        let (gate, code) = call(&home, &dir, &["test", "gate", "--json"]);
        assert_eq!(code, 1, "{end}: {gate:#}");
    }
}

#[test]
fn a_test_of_python_that_ends_its_program_is_named_and_the_others_are_run() {
    let unittest = format!(
        "import os, unittest\nclass TestIt(unittest.TestCase):\n  def test_a(self): pass\n  def test_b(self):\n{ENDS}  def test_c(self): pass\n"
    );
    let row = |suite: &str, name: &str, state: &str| format!("{suite} {name} {state}");
    let suite = "unittest/test_u.py";
    is_named_and_the_others_run(
        "unittest/test_u.py TestIt::test_b",
        &[("test_u.py", &unittest)],
        &[
            row(suite, "TestIt::test_a", "done"),
            row(suite, "TestIt::test_b", "failed"),
            row(suite, "TestIt::test_c", "done"),
        ],
    );
    if !has("pytest", &["--version"]) {
        return;
    }
    let pytest = format!("import os\ndef test_a(): pass\ndef test_b():\n{ENDS}def test_c(): pass\n");
    let suite = "pytest/test_y.py";
    is_named_and_the_others_run(
        "pytest/test_y.py test_b",
        &[("pytest.ini", "[pytest]\n"), ("test_y.py", &pytest)],
        &[
            row(suite, "test_a", "done"),
            row(suite, "test_b", "failed"),
            row(suite, "test_c", "done"),
        ],
    );
}

/// pytest may end a run by itself, with exit code 0.
#[test]
fn a_run_of_pytest_that_did_not_come_to_all_of_its_tests_is_not_green() {
    if !has("pytest", &["--version"]) {
        return;
    }
    let home = Home::new();
    let dir = home.path("python");
    let leaves = "import pytest\ndef test_a(): pass\ndef test_b(): pytest.exit('enough', 0)\ndef test_c(): pass\n";
    put(&dir, &[("pytest.ini", "[pytest]\n"), ("test_y.py", leaves)]);
    let (answer, code) = call(&home, &dir, &["test", "run", "--trust", "--json"]);
    assert_eq!(code, 1, "{answer:#}");
    assert_eq!(answer["problems"][0]["code"], "not-run", "{answer:#}");
    let (gate, code) = call(&home, &dir, &["test", "gate", "--json"]);
    assert_eq!(code, 1, "{gate:#}");
}

#[test]
fn a_go_test_that_ends_its_program_is_named_and_the_others_are_run() {
    if !has("go", &["version"]) {
        return;
    }
    let home = Home::new();
    let dir = home.path("panics");
    let panics = "package a\n\nimport (\n\t\"fmt\"\n\t\"testing\"\n)\n\nfunc TestA(t *testing.T) {}\nfunc TestPanic(t *testing.T) {\n\tt.Run(\"in\", func(t *testing.T) { panic(\"boom\") })\n}\nfunc TestAfter(t *testing.T) {}\nfunc ExampleOne() {\n\tfmt.Println(\"x\")\n\t// Output: y\n}\nfunc ExampleTwo() {\n\tfmt.Println(\"x\")\n\t// Output: x\n}\n";
    let exits = "package b\n\nimport (\n\t\"os\"\n\t\"testing\"\n\t\"time\"\n)\n\nfunc TestSlow(t *testing.T) {\n\tt.Parallel()\n\ttime.Sleep(200 * time.Millisecond)\n}\nfunc TestExit(t *testing.T) {\n\tt.Parallel()\n\ttime.Sleep(50 * time.Millisecond)\n\tos.Exit(3)\n}\nfunc TestLast(t *testing.T) {}\n";
    put(
        &dir,
        &[
            ("go.mod", "module example.com/dies\n\ngo 1.19\n"),
            ("a/a.go", "package a\n"),
            ("a/a_test.go", panics),
            ("b/b.go", "package b\n"),
            ("b/b_test.go", exits),
        ],
    );
    let (first, code) = call(&home, &dir, &["test", "run", "--trust", "--json"]);
    let expected = [
        "go/example.com/dies/a ExampleOne failed",
        "go/example.com/dies/a ExampleTwo done",
        "go/example.com/dies/a TestA done",
        "go/example.com/dies/a TestAfter done",
        "go/example.com/dies/a TestPanic failed",
        "go/example.com/dies/a TestPanic/in failed",
        "go/example.com/dies/b TestExit failed",
        "go/example.com/dies/b TestLast done",
        "go/example.com/dies/b TestSlow done",
    ];
    assert_eq!((states(&first), code), (expected.map(str::to_owned).to_vec(), 1), "{first:#}");
    let failed = first["result"]["failed"].as_array().expect("a list");
    let message = |name: &str| {
        let found = failed
            .iter()
            .find(|one| one["id"].as_str().is_some_and(|id| id.ends_with(name)));
        found.and_then(|one| one["message"].as_str()).unwrap_or_default()
    };
    assert_eq!(message("TestPanic/in"), "panic: boom", "{first:#}");
    assert!(message("TestExit").contains("ended its program"), "{first:#}");
    assert_eq!(message("ExampleOne"), "got:\nx\nwant:\ny", "{first:#}");
}

#[test]
fn a_program_without_libtest_is_one_test_and_shifts_no_other() {
    let home = Home::new();
    let dir = home.path("own");
    let manifest = "[package]\nname = \"own-way\"\nversion = \"0.1.0\"\nedition = \"2021\"\n[[test]]\nname = \"a_custom\"\nharness = false\n";
    let lib = "/// ```\n/// assert_eq!(own_way::two(), 2);\n/// ```\npub fn two() -> u32 { 2 }\n/// ```\n/// assert_eq!(own_way::three(), 4);\n/// ```\npub fn three() -> u32 { 3 }\n#[test] fn ok() {}\n";
    let custom = "fn main() { println!(\"running 2 things\"); eprintln!(\"no wheel\"); if std::path::Path::new(\"broken\").exists() { std::process::exit(3) } }\n";
    put(
        &dir,
        &[
            ("Cargo.toml", manifest),
            ("src/lib.rs", lib),
            ("tests/a_custom.rs", custom),
            (
                "tests/it.rs",
                "#[test] fn it_ok() {}\n#[test] fn it_bad() { panic!(\"bad\") }\n",
            ),
        ],
    );
    let names = [
        "cargo/own-way ok",
        "cargo/own-way::a_custom main",
        "cargo/own-way::doc src/lib.rs - three (line 5)",
        "cargo/own-way::doc src/lib.rs - two (line 1)",
        "cargo/own-way::it it_bad",
        "cargo/own-way::it it_ok",
    ];
    let (list, _) = call(&home, &dir, &["test", "list", "--trust", "--json"]);
    let listed: Vec<String> = states(&list).iter().map(|row| row.replace(" unknown", "")).collect();
    assert_eq!(listed, names, "{list:#}");
    let (run, code) = call(&home, &dir, &["test", "run", "--json"]);
    let how = ["done", "done", "failed", "done", "failed", "done"];
    let expected: Vec<String> = names.iter().zip(how).map(|(name, how)| format!("{name} {how}")).collect();
    assert_eq!((states(&run), code), (expected, 1), "{run:#}");
    // A doc test alone: rustdoc takes no whole name.
    let (docs, code) = call(&home, &dir, &["test", "run", names[3], "--json"]);
    assert_eq!((states(&docs), code), (vec![format!("{} done", names[3])], 0), "{docs:#}");
    let (again, _) = call(&home, &dir, &["test", "run", "failed", "--json"]);
    let failed = [names[2], names[4]].map(|name| format!("{name} failed"));
    assert_eq!(states(&again), failed, "{again:#}");
    put(&dir, &[("broken", "")]);
    let (red, code) = call(&home, &dir, &["test", "run", names[1], "--json"]);
    assert_eq!((counts(&red), code), ([1, 0, 1, 0], 1), "{red:#}");
    assert_eq!(red["result"]["failed"][0]["message"], "exit status: 3: no wheel", "{red:#}");
}

#[test]
fn a_pattern_that_ctest_did_not_find_is_a_failure_with_its_reason() {
    if !has("ctest", &["--version"]) {
        return;
    }
    let home = Home::new();
    let dir = home.path("ct");
    let lists = "cmake_minimum_required(VERSION 3.20)\nproject(ct NONE)\nenable_testing()\nadd_test(NAME passre COMMAND /bin/echo hello)\nset_tests_properties(passre PROPERTIES PASS_REGULAR_EXPRESSION \"nope\")\nadd_test(NAME ok COMMAND /bin/echo hello)\n";
    put(&dir, &[("CMakeLists.txt", lists)]);
    let (run, code) = call(&home, &dir, &["test", "run", "--trust", "--json"]);
    assert_eq!((counts(&run), code), ([2, 1, 1, 0], 1), "{run:#}");
    let message = run["result"]["failed"][0]["message"].as_str().unwrap_or_default();
    assert!(
        message.starts_with("Required regular expression not found. Regex=[nope"),
        "{run:#}"
    );
}

#[test]
fn tests_behind_a_fixture_that_failed_are_told_as_not_run() {
    let home = Home::new();
    let dir = home.path("fixtures");
    let test = "import os, unittest\n\nclass B(unittest.TestCase):\n    @classmethod\n    def setUpClass(cls):\n        if os.path.exists('down'):\n            raise RuntimeError('no db')\n    def test_1(self): pass\n    def test_2(self): pass\n\nclass G(unittest.TestCase):\n    def test_g(self): pass\n";
    put(&dir, &[("tests/__init__.py", ""), ("tests/test_a.py", test)]);
    let (green, code) = call(&home, &dir, &["test", "run", "--trust", "--json"]);
    assert_eq!((counts(&green), code), ([3, 3, 0, 0], 0), "{green:#}");
    put(&dir, &[("down", "")]);
    let (red, code) = call(&home, &dir, &["test", "run", "--json"]);
    let expected = [
        "unittest/tests/test_a.py B::(setUpClass) failed",
        "unittest/tests/test_a.py B::test_1 skipped",
        "unittest/tests/test_a.py B::test_2 skipped",
        "unittest/tests/test_a.py G::test_g done",
    ];
    assert_eq!((states(&red), code), (expected.map(str::to_owned).to_vec(), 1), "{red:#}");
    let (failed, code) = call(&home, &dir, &["test", "run", "failed", "--json"]);
    assert_eq!(
        (states(&failed), code),
        (expected[..3].iter().map(|row| (*row).to_owned()).collect(), 1),
        "{failed:#}"
    );
}

#[test]
fn a_report_belongs_to_the_task_that_wrote_it() {
    let home = Home::new();
    let dir = home.path("tasks");
    let project = "[[task]]\nname = \"junit\"\nkind = \"test\"\nrun = [\"cp\", \"sum.xml\", \"test-results/sum.xml\"]\n[[task]]\nname = \"taps\"\nkind = \"test\"\nrun = [\"cat\", \"sum.tap\"]\n";
    let xml =
        "<testsuite name=\"s\"><testcase classname=\"s\" name=\"adds\"/><testcase classname=\"s\" name=\"takes\"/></testsuite>";
    put(
        &dir,
        &[
            ("chantier.toml", project),
            ("sum.xml", xml),
            ("sum.tap", "1..1\nok 1 - alone\n"),
            ("test-results/kept", ""),
        ],
    );
    for _ in 0..2 {
        let (run, code) = call(&home, &dir, &["test", "run", "--trust", "--json"]);
        assert_eq!((counts(&run), code), ([3, 3, 0, 0], 0), "{run:#}");
    }
}
