//! P-SAMPLE-2: processor time and memory of twenty containers, beside `docker stats --no-stream`. Uses busybox; removes what it made.

use crate::measure::{line, median, skip};
use chantier::adapters::docker::{Engine, Memory};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

const CONTAINERS: usize = 20;
const LOOKS: usize = 11;

fn docker(args: &[&str]) -> bool {
    let mut command = Command::new("docker");
    command.args(args).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Removed when dropped.
struct Made(Vec<String>, String);

impl Drop for Made {
    fn drop(&mut self) {
        let names: Vec<&str> = self.0.iter().map(String::as_str).collect();
        docker(&[&["rm", "-f"], names.as_slice()].concat());
        docker(&["rmi", "-f", &self.1]);
    }
}

pub(crate) fn measure() {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
        skip("P-SAMPLE-2", "no runtime can be started");
        return;
    };
    let engine = Engine::from_env();
    if runtime.block_on(engine.info()).is_err() || !Path::new("/bin/busybox").exists() {
        skip("P-SAMPLE-2", "no container engine answers, or there is no static busybox");
        return;
    }
    let image = format!("chantier-docker-bench-{}:1", std::process::id());
    let import = "tar -C / -c bin/busybox | docker import - \"$0\" >/dev/null";
    let imported = Command::new("sh").args(["-c", import, &image]).status();
    if !imported.is_ok_and(|status| status.success()) {
        skip("P-SAMPLE-2", "no image can be imported");
        return;
    }
    let names = (0..CONTAINERS).map(|i| format!("chantier-docker-bench-{}-{i}", std::process::id()));
    let made = Made(names.collect(), image);
    for name in &made.0 {
        docker(&[
            "run",
            "-d",
            "--network",
            "none",
            "--name",
            name,
            &made.1,
            "/bin/busybox",
            "sleep",
            "600",
        ]);
    }
    let mut memory = Memory::default();
    let mut looks = Vec::new();
    let mut asked = Vec::new();
    let mut n_read = 0;
    for _ in 0..LOOKS {
        let since = Instant::now();
        if runtime.block_on(engine.containers(&mut memory)).is_err() {
            skip("P-SAMPLE-2", "the engine fell silent");
            return;
        }
        asked.push(since.elapsed().as_secs_f64() * 1e3);
        let since = Instant::now();
        n_read = memory.sample().len();
        looks.push(since.elapsed().as_secs_f64() * 1e3);
    }
    let mut peers = Vec::new();
    for _ in 0..3 {
        let since = Instant::now();
        docker(
            &[
                &["stats", "--no-stream"],
                made.0.iter().map(String::as_str).collect::<Vec<_>>().as_slice(),
            ]
            .concat(),
        );
        peers.push(since.elapsed().as_secs_f64() * 1e3);
    }
    let peer = median(&peers);
    line(
        &format!("P-SAMPLE-2 {n_read} containers, control groups"),
        (median(&looks), peer),
        "ms",
        "<= 5 ms",
    );
    line("P-SAMPLE-2 with the list of the engine", (median(&asked), peer), "ms", "-");
}
