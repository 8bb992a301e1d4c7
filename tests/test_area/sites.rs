//! Several modules of one tool in one repository: each is judged by its own runs.

use super::projects::call;
use super::real::{has, put};
use crate::support::cli::Home;
use std::path::{Path, PathBuf};

const GREEN: &str = "import \"testing\"\n\nfunc TestNAME(t *testing.T) {}\n";

fn tests_of(package: &str, name: &str) -> String {
    format!("package {package}\n\n{}", GREEN.replace("NAME", name))
}

/// Three modules of go: at the top and below it.
fn modules(home: &Home) -> Option<PathBuf> {
    if !has("go", &["version"]) {
        return None;
    }
    let dir = home.path("modules");
    put(
        &dir,
        &[
            ("go.mod", "module example.com/root\n\ngo 1.19\n"),
            ("root.go", "package root\n\nfunc One() int { return 1 }\n"),
            ("root_test.go", &tests_of("root", "Root")),
            ("lib/go.mod", "module example.com/lib\n\ngo 1.19\n"),
            ("lib/lib.go", "package lib\n"),
            ("lib/lib_test.go", &tests_of("lib", "Lib")),
            ("svc/go.mod", "module example.com/svc\n\ngo 1.19\n"),
            ("svc/svc.go", "package svc\n"),
            ("svc/svc_test.go", &tests_of("svc", "Svc")),
        ],
    );
    Some(dir)
}

fn gate(home: &Home, dir: &Path) -> (bool, String) {
    let answer = call(home, dir, &["test", "gate", "--json"]);
    (answer["ok"] == true, answer.to_string())
}

#[test]
fn a_module_that_does_not_compile_keeps_the_gate_shut_though_others_are_green() {
    let home = Home::new();
    let Some(dir) = modules(&home) else { return };
    let run = call(&home, &dir, &["test", "run", "--trust", "--json"]);
    assert_eq!(run["ok"], true, "{run:#}");
    let (is_met, words) = gate(&home, &dir);
    assert!(is_met, "{words}");
    put(&dir, &[("lib/lib.go", "package lib\n\nfunc broken( {\n")]);
    let run = call(&home, &dir, &["test", "run", "--json"]);
    assert_eq!(run["ok"], false, "{run:#}");
    let (is_met, words) = gate(&home, &dir);
    assert!(!is_met && words.contains("go (lib)"), "{words}");
    put(&dir, &[("lib/lib.go", "package lib\n")]);
    call(&home, &dir, &["test", "run", "--json"]);
    let (is_met, words) = gate(&home, &dir);
    assert!(is_met, "{words}");
}

#[test]
fn a_run_that_was_stopped_in_the_middle_keeps_the_gate_shut() {
    let home = Home::new();
    let Some(dir) = modules(&home) else { return };
    call(&home, &dir, &["test", "run", "--trust", "--json"]);
    // The slow test says by a pipe that it has begun.
    let pipe = home.path("begun");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("it starts");
    assert!(made.success());
    let slow = format!(
        "package lib\n\nimport (\n\t\"os\"\n\t\"testing\"\n\t\"time\"\n)\n\nfunc TestSlow(t *testing.T) {{\n\tos.WriteFile({:?}, []byte(\"x\"), 0o644)\n\ttime.Sleep(time.Minute)\n}}\n",
        pipe.to_str().expect("text")
    );
    put(&dir, &[("lib/slow_test.go", &slow)]);
    let mut program = home.program(&dir, &["test", "run", "--json"]);
    program
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null());
    let mut child = program.spawn().expect("it starts");
    assert_eq!(std::fs::read(&pipe).expect("read"), b"x");
    let pid = rustix::process::Pid::from_raw(child.id() as i32).expect("a process");
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("told");
    child.wait().expect("ended");
    let (is_met, words) = gate(&home, &dir);
    assert!(!is_met && words.contains("go (lib)"), "{words}");
}

#[test]
fn two_orders_to_run_everything_are_compared_with_all_their_modules() {
    let home = Home::new();
    let Some(dir) = modules(&home) else { return };
    call(&home, &dir, &["test", "run", "--trust", "--json"]);
    call(&home, &dir, &["test", "run", "--json"]);
    let compared = call(&home, &dir, &["test", "compare", "--json"]);
    let counts = &compared["result"]["counts"];
    assert_eq!(
        (counts["added"].as_u64(), counts["gone"].as_u64()),
        (Some(0), Some(0)),
        "{compared:#}"
    );
    let n_of = |count: &str| counts[count].as_u64().unwrap_or_default();
    assert_eq!(n_of("same") + n_of("slower") + n_of("faster"), 3, "{compared:#}");
    // What fails in the first of the modules is told as well as in the last.
    let red = GREEN.replace("NAME", "Root").replace("{}", "{ t.Fatal(\"no\") }");
    put(&dir, &[("root_test.go", &format!("package root\n\n{red}"))]);
    call(&home, &dir, &["test", "run", "--json"]);
    let compared = call(&home, &dir, &["test", "compare", "--json"]);
    assert_eq!(compared["result"]["counts"]["new_failure"], 1, "{compared:#}");
    assert_eq!(compared["result"]["after"]["n_failed"], 1, "{compared:#}");
    assert_eq!(compared["result"]["after"]["n_passed"], 2, "{compared:#}");
}

#[test]
fn a_red_test_that_was_removed_from_one_module_of_several_is_red_no_more() {
    let home = Home::new();
    let Some(dir) = modules(&home) else { return };
    let red = GREEN.replace("NAME", "Gone").replace("{}", "{ t.Fatal(\"no\") }");
    put(&dir, &[("lib/gone_test.go", &format!("package lib\n\n{red}"))]);
    call(&home, &dir, &["test", "run", "--trust", "--json"]);
    let (is_met, words) = gate(&home, &dir);
    assert!(!is_met, "{words}");
    std::fs::remove_file(dir.join("lib/gone_test.go")).expect("there");
    // A run of another module says nothing of it.
    call(&home, &dir, &["test", "run", "TestSvc", "--json"]);
    let failures = call(&home, &dir, &["test", "failures", "--json"]);
    assert!(failures.to_string().contains("TestGone"), "{failures:#}");
    let run = call(&home, &dir, &["test", "run", "--json"]);
    assert_eq!(run["ok"], true, "{run:#}");
    let (is_met, words) = gate(&home, &dir);
    assert!(is_met, "{words}");
    let failures = call(&home, &dir, &["test", "failures", "--json"]);
    assert!(!failures.to_string().contains("TestGone"), "{failures:#}");
    // A module that is gone as a whole takes its tests with it.
    put(
        &dir,
        &[("svc/svc_test.go", &format!("package svc\n\n{}", red.replace("Gone", "Svc")))],
    );
    call(&home, &dir, &["test", "run", "--json"]);
    std::fs::remove_dir_all(dir.join("svc")).expect("there");
    call(&home, &dir, &["test", "run", "--json"]);
    let (is_met, words) = gate(&home, &dir);
    assert!(is_met, "{words}");
}
