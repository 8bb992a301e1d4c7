//! Facts of this machine: what it is, what is free, and which tools are on it.

use super::{Disk, Machine, Tool};
use crate::adapters::World;
use crate::adapters::process::Cmd;
use crate::base::{Problem, SafeText};
use crate::msg;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Programs that projects need, and how they are asked for their version.
const TOOLS: [(&str, &[&str]); 22] = [
    ("git", &["--version"]),
    ("cargo", &["--version"]),
    ("rustc", &["--version"]),
    ("cargo-nextest", &["nextest", "--version"]),
    ("gcc", &["--version"]),
    ("clang", &["--version"]),
    ("make", &["--version"]),
    ("cmake", &["--version"]),
    ("python3", &["--version"]),
    ("pytest", &["--version"]),
    ("node", &["--version"]),
    ("npm", &["--version"]),
    ("pnpm", &["--version"]),
    ("yarn", &["--version"]),
    ("go", &["version"]),
    ("mvn", &["--version"]),
    ("gradle", &["--version"]),
    ("docker", &["--version"]),
    ("podman", &["--version"]),
    ("ssh", &["-V"]),
    ("gdb", &["--version"]),
    ("just", &["--version"]),
];
const TOOL_LIMIT: Duration = Duration::from_secs(10);

/// The facts, then the tools one after the other; each tool has ten seconds to say its version.
pub async fn inspect(
    world: &World,
    cancel: &CancellationToken,
    mut on_tool: impl FnMut(usize, usize),
) -> Result<Machine, Problem> {
    let host = world.host().clone();
    let facts = tokio::task::spawn_blocking(move || host.facts())
        .await
        .map_err(|error| Problem::internal(msg!("devops-machine-failed")).details(error))?;
    let mut machine = Machine {
        name: facts.name,
        os: facts.os,
        kernel: facts.kernel,
        arch: facts.arch,
        cpu: facts.cpu,
        n_cpus: facts.n_cpus,
        memory_bytes: facts.memory_bytes,
        memory_used_bytes: facts.memory_used_bytes,
        load_1min: facts.load_1min,
        uptime_secs: facts.uptime_secs,
        disks: facts
            .disks
            .into_iter()
            .map(|disk| Disk {
                mount: disk.mount,
                file_system: disk.file_system,
                total_bytes: disk.total_bytes,
                free_bytes: disk.free_bytes,
            })
            .collect(),
        tools: Vec::new(),
    };
    for (i, (name, args)) in TOOLS.iter().enumerate() {
        on_tool(i, TOOLS.len());
        let path = world.processes().resolve(name, None).ok();
        let mut version = String::new();
        if path.is_some() {
            let cmd = Cmd::new(name).args(*args).timeout(TOOL_LIMIT);
            if let Ok(output) = world.processes().output(cmd, cancel, 64 * 1024).await {
                let text = [output.stdout, output.stderr].concat();
                let line = text
                    .split(|byte| *byte == b'\n')
                    .find(|line| !line.trim_ascii().is_empty())
                    .unwrap_or_default();
                version = SafeText::from_bytes(line.trim_ascii()).into_string();
            }
        }
        if cancel.is_cancelled() {
            return Err(Problem::cancelled());
        }
        machine.tools.push(Tool {
            name: (*name).to_owned(),
            path,
            version,
        });
    }
    Ok(machine)
}
