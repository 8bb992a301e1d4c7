//! The debugger of one test: a real gdb on a real binary, and the commands of the other tools.

use super::page::page_of;
use super::projects::{call, copy};
use super::real::has;
use crate::support::cli::Home;
use crate::support::window::{Collected, workspace};
use chantier::areas::devops::terminal::TerminalPlace;
use chantier::areas::test::frameworks::debug;
use chantier::areas::test::frameworks::{CaseId, Framework, Runner, Site};
use chantier::areas::test::{self, CaseRow};
use chantier::areas::{AreaId, Command, devops};
use chantier::base::JobId;
use chantier::shell::App;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use std::io::Write as _;
use std::process::Stdio;

fn argv(answer: &serde_json::Value) -> Vec<&str> {
    let words = answer["result"]["argv"].as_array().unwrap_or_else(|| panic!("{answer:#}"));
    words.iter().filter_map(|word| word.as_str()).collect()
}

#[test]
fn a_test_is_debugged_in_the_terminal_with_its_binary_and_filter() {
    if !has("gdb", &["--version"]) {
        return;
    }
    let home = Home::new();
    let dir = copy(&home, "cargo");
    let ready = call(&home, &dir, &["test", "debug", "tests::adds", "--trust", "--json"]);
    assert_eq!(ready["result"]["id"], "cargo/calc tests::adds", "{ready:#}");
    let words = argv(&ready);
    assert!(words[0].ends_with("gdb"), "{words:?}");
    let at = words.iter().position(|word| *word == "--args").expect("a program follows");
    assert!(std::path::Path::new(words[at + 1]).is_file(), "{words:?}");
    assert_eq!(words[at + 2..at + 4], ["tests::adds", "--exact"], "{words:?}");
    let told = home.call_in(&dir, &["test", "debug", "tests::adds", "--print"]).ok();
    assert!(
        told.out.starts_with("cd ") && told.out.contains("tests::adds --exact"),
        "{}",
        told.out
    );

    // The program becomes gdb, and gdb reads what is typed.
    let mut program = home.program(&dir, &["test", "debug", "tests::adds"]);
    program.env("CARGO_TARGET_DIR", home.path("target"));
    let mut child = program
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut typed = child.stdin.take().expect("a pipe");
    typed
        .write_all(b"set confirm off\nset debuginfod enabled off\nbreak calc::add\nrun\nbacktrace 2\ncontinue\nquit\n")
        .expect("it reads");
    drop(typed);
    let output = child.wait_with_output().expect("it ends");
    let text = String::from_utf8_lossy(&output.stdout);
    let all = format!("{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("calc::tests::adds"), "it halted inside the test: {all}");
    assert!(text.contains("1 passed"), "and went on to its end: {all}");

    if has("ctest", &["--version"]) && has("cc", &["--version"]) {
        let dir = copy(&home, "ctest");
        let ready = call(&home, &dir, &["test", "debug", "ctest/. calc.broken", "--trust", "--json"]);
        let words = argv(&ready);
        assert_eq!(words[..3], ["gdb", "-q", "--args"], "{words:?}");
        assert!(words[3].ends_with("calc_test"), "{words:?}");
    }
}

#[test]
fn python_tests_are_debugged_where_they_begin() {
    if !has("/usr/bin/python3", &["--version"]) {
        return;
    }
    let home = Home::new();
    let dir = copy(&home, "unittest");
    std::fs::remove_file(dir.join("tests/test_broken.py")).expect("it was there");
    let name = "unittest/tests/test_calc.py TestAdd::test_adds";
    let mut program = home.program(&dir, &["test", "debug", name, "--trust"]);
    let mut child = program
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    child
        .stdin
        .take()
        .expect("a pipe")
        .write_all(b"p self.id()\nquit\n")
        .expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    let all = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(all.contains("tests.test_calc.TestAdd.test_adds"), "{all}");
}

#[test]
fn each_tool_has_its_debugger() {
    let case = |text: &str| CaseId::from_text(text).expect("a case");
    let go = debug::go_argv(&case("go/example.com/calc TestTable/two_words"));
    assert_eq!(
        go.join(" "),
        "dlv test example.com/calc -- -test.v -test.run ^TestTable$/^two_words$"
    );
    let mut site = Site::new(Runner::Node, "web");
    site.options = ["--import", "tsx", "--test"].map(str::to_owned).to_vec();
    assert_eq!(
        debug::node_argv(&site, &case("node/web/test/a.js adds")).join(" "),
        "node --inspect-brk --import tsx --test-name-pattern=^adds$ test/a.js"
    );
    let jest = debug::js_args(&Site::new(Runner::Jest, ""), &case("jest/a.test.js sums > adds"));
    assert_eq!(
        jest.join(" "),
        "--runInBand --testNamePattern=^(sums(?: > | )adds)$ --runTestsByPath a.test.js"
    );
    let pytest = debug::pytest_args(&case("pytest/py/tests/test_a.py TestA::test_b"), std::path::Path::new("py"));
    assert_eq!(pytest.join(" "), "--trace --pdb --rootdir=. tests/test_a.py::TestA::test_b");
    assert_eq!(
        debug::native("lldb", &["./a".to_owned(), "b".to_owned()]),
        ["lldb", "--", "./a", "b"]
    );
}

/// The debugger of a test of the page is ready.
fn is_ready(harness: &mut Harness<'static, App<Collected>>, shown_by: Option<JobId>) {
    harness.state_mut().front().commands.clear();
    harness.state_mut().front().tell(test::Update::DebugReady {
        workspace: workspace("meteo-api").id,
        case: CaseId::new(Framework::Cargo, "meteo-http", "health::probe"),
        ready: Box::new(debug::Debugging {
            argv: ["gdb", "--args", "probe"].map(str::to_owned).to_vec(),
            dir: "/srv/meteo".into(),
            env: [("TIDE".to_owned(), "high".to_owned())].into(),
        }),
        words: "cd /srv/meteo && TIDE=high gdb --args probe".to_owned(),
        shown_by,
    });
    harness.run();
}

#[test]
fn the_debugger_that_the_window_asked_for_opens_in_a_terminal_of_its_own() {
    let row = CaseRow {
        case: CaseId::new(Framework::Cargo, "meteo-http", "health::probe"),
        strip: "pf".to_owned(),
        run: Some(484),
        duration_ms: Some(40),
    };
    let mut harness = page_of(vec![row]);
    let place = TerminalPlace::Program {
        workspace: workspace("meteo-api"),
        name: "health::probe".to_owned(),
        argv: ["gdb", "--args", "probe"].map(str::to_owned).to_vec(),
        dir: "/srv/meteo".into(),
        env: [("TIDE".to_owned(), "high".to_owned())].into(),
    };
    let opens = Command::DevOps(devops::Command::OpenTerminal { place });
    is_ready(&mut harness, None);
    assert!(!harness.state_mut().front().commands.contains(&opens), "nobody asked here");
    is_ready(&mut harness, Some(JobId(5)));
    let asked = std::mem::take(&mut harness.state_mut().front().commands);
    assert_eq!(asked.iter().filter(|command| **command == opens).count(), 1, "{asked:?}");
    assert_eq!(harness.state().view().area, AreaId::DevOps, "and it is gone to");
    assert_eq!(harness.state().view().tab(AreaId::DevOps), "terminal");
    // Whoever comes back is not sent away again.
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Num5);
    harness.run();
    assert_eq!(harness.state().view().area, AreaId::Test);
    assert!(!harness.state_mut().front().commands.contains(&opens));
}
