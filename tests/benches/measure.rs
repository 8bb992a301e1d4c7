//! What every benchmark needs: clocks, medians, and the one shape of a line.

#![allow(dead_code, reason = "each benchmark uses a part of it")]

use rustix::time::{ClockId, clock_gettime};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// Rounds that count, after one that warms up.
pub(crate) const ROUNDS: usize = 5;

/// What one run took, in milliseconds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Took {
    pub(crate) wall: f64,
    pub(crate) cpu: f64,
}

/// CPU time of this thread.
pub(crate) fn thread_cpu_ms() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e3 + time.tv_nsec as f64 / 1e6
}

/// CPU time of the children that ended and of their children, in steps of 10 ms.
pub(crate) fn children_cpu_ms() -> f64 {
    stat_ms(Path::new("/proc/self/stat"), 13)
}

/// CPU time of a running process.
pub(crate) fn process_cpu_ms(pid: u32) -> f64 {
    stat_ms(Path::new(&format!("/proc/{pid}/stat")), 11)
}

fn stat_ms(file: &Path, at: usize) -> f64 {
    let text = std::fs::read_to_string(file).unwrap_or_default();
    let after_name = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    let words: Vec<&str> = after_name.split_whitespace().collect();
    let ticks = |at: usize| words.get(at).and_then(|word| word.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(at) + ticks(at + 1)) * 10.0
}

/// A number of `/proc/PID/status`.
pub(crate) fn status_number(pid: u32, key: &str) -> f64 {
    let text = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
    line.and_then(|line| line.split_whitespace().next())
        .and_then(|word| word.parse().ok())
        .unwrap_or(0.0)
}

pub(crate) fn median(values: &[f64]) -> f64 {
    percentile(values, 0.5)
}

pub(crate) fn percentile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let at = ((sorted.len() as f64 - 1.0).max(0.0) * share).round() as usize;
    sorted.get(at).copied().unwrap_or(f64::NAN)
}

/// Alternates A and B; gives the median of each.
pub(crate) fn alternate(mut ours: impl FnMut() -> Took, mut peer: impl FnMut() -> Took) -> (Took, Took) {
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        let (one, other) = (ours(), peer());
        if round > 0 {
            a.push(one);
            b.push(other);
        }
    }
    let of = |all: &[Took]| Took {
        wall: median(&all.iter().map(|took| took.wall).collect::<Vec<_>>()),
        cpu: median(&all.iter().map(|took| took.cpu).collect::<Vec<_>>()),
    };
    (of(&a), of(&b))
}

/// Runs a command to its end with its output drained; None when it fails, with the reason said.
pub(crate) fn run(command: &mut Command) -> Option<(Took, String)> {
    let cpu = children_cpu_ms();
    let since = Instant::now();
    let output = command.stdin(Stdio::null()).output();
    let took = Took {
        wall: since.elapsed().as_secs_f64() * 1e3,
        cpu: children_cpu_ms() - cpu,
    };
    match output {
        Ok(output) if output.status.success() => Some((took, String::from_utf8_lossy(&output.stdout).into_owned())),
        Ok(output) => {
            let (out, err) = (
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr),
            );
            let tail: Vec<&str> = out.lines().chain(err.lines()).collect();
            note(&format!(
                "{command:?} ended with {}: {}",
                output.status,
                tail[tail.len().saturating_sub(12)..].join(" | ")
            ));
            None
        }
        Err(error) => {
            note(&format!("{command:?}: {error}"));
            None
        }
    }
}

/// A command with a small environment, the same for both sides.
pub(crate) fn command(program: impl AsRef<std::ffi::OsStr>, cwd: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().current_dir(cwd);
    for name in ["PATH", "HOME", "USER", "CARGO_HOME", "RUSTUP_HOME", "RUSTUP_TOOLCHAIN"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command.env("LC_ALL", "C");
    command
}

/// The program as it was built for this benchmark.
pub(crate) fn chantier() -> PathBuf {
    PathBuf::from(env!("CARGO_BIN_EXE_chantier"))
}

pub(crate) fn has_program(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
}

pub(crate) fn head() {
    println!("{:<46} {:>12} {:>12} {:>8}  target", "name", "ours", "peer", "ratio");
}

/// `name ours peer ratio target`.
pub(crate) fn line(name: &str, (ours, peer): (f64, f64), unit: &str, target: &str) {
    let show = |value: f64| format!("{value:.2} {unit}");
    let ratio = if peer > 0.0 {
        format!("{:.3}", ours / peer)
    } else {
        "-".to_owned()
    };
    println!("{name:<46} {:>12} {:>12} {ratio:>8}  {target}", show(ours), show(peer));
}

pub(crate) fn note(text: &str) {
    println!("# {text}");
}

/// Something that could not be measured, said so that nobody overlooks it.
pub(crate) fn skip(name: &str, why: &str) {
    println!("!!! SKIPPED {name}: {why}");
}
