//! Helpers of the tests that run real programs.

use chantier::adapters::masks::Masks;
use chantier::adapters::process::{Batch, Cmd, Exit, ProcessConfig, Processes, Running};
use chantier::base::Clock;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// A handle of its own, so that a test finds its own children only. Grace is short.
pub(crate) fn processes_with(uses_groups: bool, masks: &Masks) -> Processes {
    let config = ProcessConfig {
        grace: Duration::from_millis(200),
        uses_groups,
        ..ProcessConfig::default()
    };
    Processes::new(config, masks.clone(), Clock::system())
}

pub(crate) fn processes() -> Processes {
    processes_with(true, &Masks::new())
}

/// The same test with control groups (where there are some) and without.
pub(crate) fn both_ways() -> [Processes; 2] {
    [processes(), processes_with(false, &Masks::new())]
}

pub(crate) fn sh(script: &str) -> Cmd {
    Cmd::new("sh").arg("-c").arg(script).cwd("/")
}

pub(crate) fn never() -> CancellationToken {
    CancellationToken::new()
}

/// Runs to the end and gives the lines with their stream's first letter: `o hello`, `e oops`, `p 10%`.
pub(crate) async fn lines_of(processes: &Processes, cmd: Cmd) -> (Vec<String>, Exit) {
    let mut lines = Vec::new();
    let exit = processes
        .run(cmd, &never(), None, |batch| lines.extend(lettered(&batch)))
        .await
        .expect("it starts");
    assert_none_left(processes);
    (lines, exit)
}

pub(crate) fn lettered(batch: &Batch) -> Vec<String> {
    let letter = |line: &chantier::adapters::process::RawLine<'_>| match (line.is_progress, line.stream) {
        (true, _) => 'p',
        (_, chantier::base::Stream::Err) => 'e',
        _ => 'o',
    };
    batch
        .lines()
        .map(|line| format!("{} {}", letter(&line), String::from_utf8_lossy(line.bytes)))
        .collect()
}

/// Waits for a line that contains `word`; gives it.
pub(crate) async fn wait_for_line(running: &mut Running, word: &str) -> String {
    while let Some(batch) = running.next().await {
        if let Some(line) = lettered(&batch).into_iter().find(|line| line.contains(word)) {
            return line;
        }
    }
    panic!("the output ended without {word}");
}

/// No living process carries the handle's tag.
pub(crate) fn assert_none_left(processes: &Processes) {
    let left = processes.tagged_pids();
    let names: Vec<_> = left
        .iter()
        .map(|pid| {
            std::fs::read_to_string(format!("/proc/{pid}/cmdline"))
                .unwrap_or_default()
                .replace('\0', " ")
        })
        .collect();
    assert!(left.is_empty(), "left behind: {left:?} {names:?}");
}

/// Waits until none is left: after a drop, which does not wait.
pub(crate) async fn wait_until_none_left(processes: &Processes) {
    for _ in 0..500 {
        if processes.tagged_pids().is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_none_left(processes);
}
