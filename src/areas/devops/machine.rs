//! Facts of this machine: what it is, what is free, and which tools are on it.

use super::{Disk, Machine, Tool};
use crate::adapters::World;
use crate::adapters::process::Cmd;
use crate::base::{Problem, SafeText};
use crate::msg;
use futures::StreamExt as _;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Programs that projects need, and how they are asked for their version.
pub(super) const TOOLS: [ToolArgs; 22] = [
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
const AT_ONCE: usize = 4;

/// The facts, then the tools.
pub async fn inspect(world: &World, cancel: &CancellationToken, on_tool: impl FnMut(usize, usize)) -> Result<Machine, Problem> {
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
    machine.tools = tools(world, cancel, on_tool).await?;
    Ok(machine)
}

/// The tools, a few at once; each has ten seconds to say its version. Runs in the user's home, so nothing of a workspace has a say.
pub async fn tools(
    world: &World,
    cancel: &CancellationToken,
    mut on_tool: impl FnMut(usize, usize),
) -> Result<Vec<Tool>, Problem> {
    let mut waiting = Vec::new();
    for (name, args) in TOOLS {
        waiting.push(tool(world.clone(), cancel.clone(), name, args));
    }
    let mut asked = futures::stream::iter(waiting).buffered(AT_ONCE);
    let mut tools = Vec::new();
    on_tool(0, TOOLS.len());
    while let Some(tool) = asked.next().await {
        tools.push(tool);
        on_tool(tools.len(), TOOLS.len());
    }
    if cancel.is_cancelled() {
        return Err(Problem::cancelled());
    }
    Ok(tools)
}

pub(super) type ToolArgs = (&'static str, &'static [&'static str]);

/// The version number of one of these programs, or of another that takes `--version`; None where it says none.
pub async fn version_of(world: &World, cancel: &CancellationToken, name: &'static str) -> Option<String> {
    let args = TOOLS
        .iter()
        .find(|(known, _)| *known == name)
        .map_or(&["--version"][..], |(_, args)| args);
    let said = tool(world.clone(), cancel.clone(), name, args).await.version;
    let number = number_in(&said);
    number
        .starts_with(|first: char| first.is_ascii_digit())
        .then(|| number.to_owned())
}

async fn tool(world: World, cancel: CancellationToken, name: &'static str, args: &'static [&'static str]) -> Tool {
    let path = world.processes().resolve(name, None).ok();
    let mut version = String::new();
    if path.is_some() {
        let cmd = Cmd::new(name).args(args).timeout(TOOL_LIMIT);
        if let Ok(output) = world.processes().output(cmd, &cancel, 64 * 1024).await {
            let text = [output.stdout, output.stderr].concat();
            let line = text
                .split(|byte| *byte == b'\n')
                .find(|line| !line.trim_ascii().is_empty())
                .unwrap_or_default();
            // Some colour their version even for a pipe.
            version = crate::base::safe::plain(&SafeText::log_line(line.trim_ascii())).into_owned();
        }
    }
    Tool {
        name: name.to_owned(),
        path,
        version,
    }
}

/// The number in what a tool says of itself: `1.95.0` of `cargo 1.95.0 (f2d3ce0bd 2026-03-21)`.
pub fn number_in(said: &str) -> &str {
    // `2.39.5`, `v20.1.0`, `go1.19.8`, `OpenSSH_9.2p1`: the tool's own stands first.
    let number = |word| {
        let word: &str = str::trim_matches(word, [',', '(', ')']);
        let rest = word.trim_start_matches(|c: char| c.is_ascii_alphabetic() || c == '_');
        (rest.starts_with(|first: char| first.is_ascii_digit()) && rest.contains('.')).then_some(rest)
    };
    said.split_whitespace().find_map(number).unwrap_or(said)
}
