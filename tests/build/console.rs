//! Tasks on a terminal of their own: colours and size, keys and Ctrl+C, an end that is heard, and a log that stays clean.

use super::pipelines::repository;
use crate::support::cli::Home;
use chantier::adapters::masks::Masks;
use chantier::adapters::process::{Cmd, ProcessConfig, Processes, Running};
use chantier::areas::build::console::clean;
use chantier::base::Clock;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

const FILE: &str = r#"
[[task]]
name = "plain"
run = ["sh", "-c", "test -t 1 && echo terminal || echo pipe"]

[[task]]
name = "screen"
pty = true
run = ["sh", "-c", "test -t 0 && test -t 1 && echo terminal; stty size; printf 'a 10%%\\ra 90%%\\r\\033[2K\\033[31mred\\033[0m\\n'; cat; echo end"]

[[task]]
name = "asks"
run = ["sh", "-c", "echo ready; read x; echo got-$x; trap 'echo int; exit 5' INT; trap 'stty size' WINCH; echo armed; while :; do sleep 0.05; done"]
"#;

#[test]
fn a_task_with_pty_has_a_terminal_and_its_log_is_clean() {
    let home = Home::new();
    let dir = repository(&home, &[("chantier.toml", FILE)]);
    let log = |task: &str| {
        let called = home.call_in(&dir, &["build", "run", task]).ok();
        format!("{}{}", called.out, called.err)
    };
    assert!(log("plain").contains("pipe"));
    // `cat` reads the terminal: it hears the end at once.
    let told = log("screen");
    for wanted in ["terminal", "40 120", "red", "end"] {
        assert!(told.lines().any(|line| line.contains(wanted)), "{wanted}: {told}");
    }
    assert!(
        !told.contains("10%") && !told.contains("\x1b[2K") && !told.contains('\r'),
        "{told:?}"
    );
}

#[test]
fn what_moves_the_cursor_is_no_text() {
    assert_eq!(clean(b"\x1b[2K\x1b[1;32mok\x1b[0m\r"), "\x1b[1;32mok\x1b[0m");
    assert_eq!(clean(b"old\rnew"), "new");
    assert_eq!(clean(b"\x1b]0;title\x07a\x1b]8;;http://x\x1b\\b\x1b(Bc\x08d\x07"), "abd");
    assert_eq!(clean(b"\x1b[999999"), "");
}

/// Reads until this stands in what was told.
async fn until(running: &mut Running, told: &mut String, wanted: &str) {
    while !told.contains(wanted) {
        let batch = running
            .next()
            .await
            .unwrap_or_else(|| panic!("it ended before {wanted:?}: {told}"));
        for line in batch.lines() {
            told.push_str(&String::from_utf8_lossy(line.bytes));
            told.push('\n');
        }
    }
}

#[tokio::test]
async fn a_task_in_the_users_terminal_gets_keys_sizes_and_ctrl_c_and_ends() {
    let home = Home::new();
    let dir = repository(&home, &[("chantier.toml", FILE)]);
    let call = home.program(&dir, &["build", "run", "asks", "--tty"]);
    let mut cmd = Cmd::new(call.get_program()).args(call.get_args()).cwd(&dir);
    for (name, value) in call.get_envs() {
        cmd = match value {
            Some(value) => cmd.env(name, value),
            None => cmd.env_remove(name),
        };
    }
    let processes = Processes::new(ProcessConfig::default(), Masks::new(), Clock::system());
    let stop = CancellationToken::new();
    let mut running = processes
        .start(cmd.terminal((90, 30)).keys().timeout(Duration::from_mins(4)), &stop, None)
        .expect("it starts");
    let console = running.console().expect("it has a terminal");
    let mut told = String::new();
    until(&mut running, &mut told, "ready").await;
    console.write(b"yes\r").await;
    until(&mut running, &mut told, "got-yes").await;
    until(&mut running, &mut told, "armed").await;
    console.resize((101, 37));
    until(&mut running, &mut told, "37 101").await;
    console.write(b"\x03").await;
    until(&mut running, &mut told, "int").await;
    let exit = running.exit().await;
    assert_eq!(exit.code, Some(1), "the task failed with 5, Chantier says so: {told}");
}
