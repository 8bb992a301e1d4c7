//! P-SAMPLE-1: what one look at many processes costs, beside a bare read of their kept descriptors. P-SAMPLE-2: containers.

#![allow(clippy::print_stdout, reason = "a benchmark prints its lines")]

mod containers;
mod measure;

use chantier::adapters::ports::Listeners;
use chantier::adapters::sampler::{Sampler, family};
use chantier::adapters::store::holder;
use measure::{head, line, median, skip, thread_cpu_ms};
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Looks that count, after two that warm up.
const LOOKS: usize = 11;

fn main() {
    head();
    for (n_families, n_members, target) in [(10, 499, "<= 1.5 of the floor"), (2, 39, "< 3 ms: 0.3 % of a core")] {
        let n = n_families * (n_members + 1);
        match Families::start(n_families, n_members) {
            Some(families) => families.measure(n, target),
            None => skip(
                &format!("P-SAMPLE-1, {n} processes"),
                "so many processes can not be started here",
            ),
        }
    }
    containers::measure();
}

/// Processes that sleep, each family below a shell.
struct Families(Vec<Child>);

impl Drop for Families {
    fn drop(&mut self) {
        for root in &mut self.0 {
            for member in family(root.id()).into_iter().rev() {
                Command::new("kill")
                    .arg("-KILL")
                    .arg(member.to_string())
                    .stderr(Stdio::null())
                    .status()
                    .ok();
            }
            root.wait().ok();
        }
    }
}

impl Families {
    fn start(n_families: usize, n_members: usize) -> Option<Self> {
        let words = format!("i=0; while [ $i -lt {n_members} ]; do sleep 3600 & i=$((i+1)); done; wait");
        let start = |_| {
            Command::new("sh")
                .args(["-c", &words])
                .stdin(Stdio::null())
                .spawn()
                .expect("sh runs")
        };
        let families = Self((0..n_families).map(start).collect());
        let since = Instant::now();
        let is_complete = |root: &Child| family(root.id()).len() == n_members + 1;
        while !families.0.iter().all(is_complete) {
            if since.elapsed() > Duration::from_mins(1) {
                return None;
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Some(families)
    }

    fn measure(&self, n: usize, target: &str) {
        let roots: Vec<(u32, u64)> = self
            .0
            .iter()
            .map(|root| (root.id(), holder::start_of(root.id()).unwrap_or(0)))
            .collect();
        let all: Vec<u32> = roots.iter().flat_map(|(pid, _)| family(*pid)).collect();
        let kept: Vec<File> = all
            .iter()
            .filter_map(|pid| File::open(format!("/proc/{pid}/stat")).ok())
            .collect();
        let (mut sampler, mut listeners) = (Sampler::default(), Listeners::default());
        let (mut ours, mut ports, mut floor) = (Vec::new(), Vec::new(), Vec::new());
        for look in 0..LOOKS + 2 {
            let since = thread_cpu_ms();
            sampler.begin();
            let seen: u32 = roots
                .iter()
                .filter_map(|(pid, start)| sampler.sample(*pid, *start))
                .map(|sample| sample.n_processes)
                .sum();
            sampler.keep_only(|pid| roots.iter().any(|(root, _)| *root == pid));
            let sampled = thread_cpu_ms();
            let found = listeners.look();
            let listened = thread_cpu_ms();
            let mut buffer = [0; 1024];
            let n_bytes: usize = kept.iter().filter_map(|file| file.read_at(&mut buffer, 0).ok()).sum();
            let read = thread_cpu_ms();
            assert!(
                seen as usize == n && n_bytes > 0 && found.is_ok(),
                "{seen} processes were seen"
            );
            if look >= 2 {
                ours.push(sampled - since);
                ports.push(listened - sampled);
                floor.push(read - listened);
            }
        }
        line(
            &format!("P-SAMPLE-1 a look at {n} processes, cpu"),
            (median(&ours), median(&floor)),
            "ms",
            target,
        );
        line("P-SAMPLE-1 who listens, cpu", (median(&ports), 0.0), "ms", "-");
    }
}
