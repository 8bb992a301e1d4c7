//! Instances as processes on this machine: they go on when Chantier ends, write to a file each, and are found again by pid and start time.

use super::{Site, Target, is_alive, not_run, port_taken};
use crate::adapters::http::Fault;
use crate::adapters::process::{Cause, Cmd, Detached, Stopped};
use crate::adapters::store::instances::{InstanceEnd, InstanceRow};
use crate::adapters::{World, deliver, http};
use crate::areas::JobCtx;
use crate::areas::deploy::inputs::{self, Inputs};
use crate::areas::deploy::{data, settings};
use crate::areas::devops::exec;
use crate::areas::devops::probe::Tried;
use crate::areas::devops::project::{self, fill};
use crate::base::{Hidden, Problem};
use crate::msg;
use futures::future::BoxFuture;
use std::collections::VecDeque;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// Marks every process of a deployment: its folder and the number of the instance.
const MARK: &str = "CHANTIER_DEPLOYMENT";
/// libpq's variable.
const PASSWORD: &str = "PGPASSWORD";
/// How long a port may stay taken after the instance that had it has ended.
const SETTLE: Duration = Duration::from_secs(5);
/// Lines of a migration that go with its failure.
const LAST_WORDS: usize = 15;
/// Of what the command of a probe writes.
const MAX_SAID: usize = 64 * 1024;

pub(super) struct ProcessTarget;

impl Target for ProcessTarget {
    fn kind(&self) -> &'static str {
        "process"
    }

    fn check<'a>(&'a self, site: &'a Site, ours: &'a [InstanceRow]) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let (run, dir) = command(site)?;
            let folder = site.inputs.root.join(dir);
            if !folder.is_dir() {
                return Err(Problem::config(msg!("deploy-no-folder", path = &folder)).code("not-found"));
            }
            let program = fill(&run[0], &words(site, 1))?;
            let is_staged = program.starts_with(&*site.folder.to_string_lossy());
            if !is_staged {
                site.world.processes().resolve(&program, Some(&site.inputs.root))?;
            }
            // One that can not be started is told before anything is stopped for it.
            if let Some(migrates) = site.inputs.migration().first() {
                let program = fill(migrates, &words(site, 1))?;
                site.world.processes().resolve(&program, Some(&site.inputs.root))?;
            }
            for n in 1..=site.inputs.n_instances() {
                let Some(port) = site.inputs.port(n) else { continue };
                let mut is_ours = false;
                for instance in ours.iter().filter(|instance| instance.port == Some(port)) {
                    is_ours |= is_alive(&site.world, instance).await;
                }
                // What an instance that ended has left there is ended before another one starts.
                if !is_ours && !http::is_port_free(port) && left_over(site).await?.is_empty() {
                    return Err(port_taken(site, port).await);
                }
            }
            Ok(())
        })
    }

    fn settle<'a>(&'a self, site: &'a Site, numbers: &'a [u32]) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            self.end_left_over(site).await?;
            let started = tokio::time::Instant::now();
            for n in numbers {
                let Some(port) = site.inputs.port(*n) else { continue };
                while !http::is_port_free(port) {
                    if started.elapsed() > SETTLE {
                        return Err(port_taken(site, port).await);
                    }
                    tokio::time::sleep(Duration::from_millis(50)).await;
                }
            }
            Ok(())
        })
    }

    fn start<'a>(&'a self, site: &'a Site, n: u32) -> BoxFuture<'a, Result<InstanceRow, Problem>> {
        Box::pin(async move {
            let (run, dir) = command(site)?;
            let words = words(site, n);
            let argv = run.iter().map(|word| fill(word, &words)).collect::<Result<Vec<_>, _>>()?;
            let (cmd, secrets) = with_settings(site, n, &argv, dir)?;
            let cmd = cmd.env(MARK, mark(site, n));
            let log = site.folder.join(format!("instance-{n}.log"));
            let handle = site.world.processes().start_detached_masked(cmd, &log, &secrets)?;
            let row = row(site, n, &handle);
            site.world.store().instances().started(row).await
        })
    }

    /// On this machine, in the folder of the migration.
    fn run_once<'a>(&'a self, site: &'a Site, cx: &'a JobCtx, run: &'a [String]) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let Some(rules) = &site.inputs.database else { return Ok(()) };
            let (cmd, _) = with_settings(site, 1, run, &rules.dir)?;
            let cmd = cmd.timeout(rules.timeout.0);
            let mut last = VecDeque::new();
            let exit = exec::run_tool(cx, &site.world, cmd, |line| {
                last.push_back(line.text.clone());
                if last.len() > LAST_WORDS {
                    last.pop_front();
                }
            })
            .await?;
            match exit.problem(&run[0]) {
                Some(problem) => Err(problem.code("migration").details(Vec::from(last).join("\n"))),
                None => Ok(()),
            }
        })
    }

    fn unwritten<'a>(&'a self, site: &'a Site, written: &'a [InstanceRow]) -> BoxFuture<'a, Result<Vec<InstanceRow>, Problem>> {
        Box::pin(async move {
            let mut found = Vec::new();
            for n in 1..=site.inputs.n_instances() {
                for lost in site.world.processes().detached_with(MARK, &mark(site, n)) {
                    let is_written = written
                        .iter()
                        .filter_map(handle)
                        .any(|known| known.tag == lost.tag || known.pid == lost.pid);
                    if !is_written {
                        let row = row(site, n, &lost);
                        found.push(site.world.store().instances().started(row).await?);
                    }
                }
            }
            Ok(found)
        })
    }

    fn end_left_over<'a>(&'a self, site: &'a Site) -> BoxFuture<'a, Result<usize, Problem>> {
        Box::pin(async move {
            let left = left_over(site).await?;
            for one in &left {
                site.world
                    .processes()
                    .stop_detached(one, site.inputs.target.stop_grace())
                    .await;
            }
            Ok(left.len())
        })
    }

    fn is_alive<'a>(&'a self, world: &'a World, instance: &'a InstanceRow) -> BoxFuture<'a, bool> {
        Box::pin(async move { handle(instance).is_some_and(|handle| world.processes().is_alive(&handle)) })
    }

    fn ended<'a>(&'a self, world: &'a World, instance: &'a InstanceRow) -> BoxFuture<'a, InstanceEnd> {
        Box::pin(async move {
            let Some(handle) = handle(instance) else {
                return std::future::pending().await;
            };
            world.processes().wait_detached(&handle).await;
            let seen = world.processes().detached_end(&handle);
            InstanceEnd::crashed(seen.and_then(|end| end.code), seen.and_then(|end| end.signal))
        })
    }

    fn stop<'a>(
        &'a self,
        world: &'a World,
        instance: &'a InstanceRow,
        grace: Duration,
        cause: &'a str,
    ) -> BoxFuture<'a, Result<InstanceRow, Problem>> {
        Box::pin(stop(world, instance, grace, cause))
    }

    /// In the target's folder, with the settings of the instance.
    fn command<'a>(
        &'a self,
        world: &'a World,
        instance: &'a InstanceRow,
        run: &'a [String],
        timeout: Duration,
        give_up: &'a CancellationToken,
    ) -> BoxFuture<'a, Tried> {
        Box::pin(async move {
            let began = Instant::now();
            match here(world, instance, run).await {
                Ok(cmd) => match world.processes().output(cmd.timeout(timeout), give_up, MAX_SAID).await {
                    Ok(output) => match output.exit.cause {
                        Cause::Cancelled => Tried::NoAnswer { fault: Fault::GivenUp },
                        Cause::TimedOut => Tried::NoAnswer {
                            fault: Fault::TimedOut {
                                after_ms: timeout.as_millis() as u64,
                            },
                        },
                        _ => Tried::of_exit(output.exit.code, began.elapsed(), &[output.stdout, output.stderr].concat()),
                    },
                    Err(error) => not_run(&error.into()),
                },
                Err(problem) => not_run(&problem),
            }
        })
    }

    fn last_words<'a>(&'a self, _world: &'a World, instance: &'a InstanceRow, n_lines: usize) -> BoxFuture<'a, Vec<Vec<u8>>> {
        Box::pin(async move {
            let Some(path) = instance.log_path.clone() else {
                return Vec::new();
            };
            let read = tokio::task::spawn_blocking(move || deliver::last_lines(&path, n_lines, 64 * 1024));
            read.await.unwrap_or_default()
        })
    }
}

/// What a process instance is found by.
fn handle(instance: &InstanceRow) -> Option<Detached> {
    serde_json::from_value(instance.handle.clone()).ok()
}

/// The command of a probe, in the place and with the settings of its instance.
async fn here(world: &World, instance: &InstanceRow, run: &[String]) -> Result<Cmd, Problem> {
    let row = match instance.deployment {
        Some(id) => world.store().deployments().get(id).await?,
        None => None,
    };
    let (Some(row), Some((program, args))) = (row, run.split_first()) else {
        return Err(Problem::config(msg!("deploy-run-empty", environment = &instance.name)));
    };
    let inputs = Inputs::of(&row)?;
    let mut cmd = Cmd::new(program).args(args).workspace(&inputs.root);
    if let project::Target::Process { dir, .. } = &inputs.target {
        cmd = cmd.cwd(inputs.root.join(dir));
    }
    let mut words = inputs.words(&inputs::folder(world, &row)).set("instance", "1");
    if let Some(port) = instance.port {
        words = words.set("port", port.to_string());
        cmd = cmd.env("PORT", port.to_string());
    }
    for (name, value) in settings::plain(&inputs, &words)? {
        cmd = cmd.env(name, value);
    }
    settings::resolve(world, &inputs).await?;
    for (name, value) in settings::hidden(&inputs, &words, world.secrets())? {
        cmd = cmd.env(name, value.reveal());
    }
    Ok(cmd)
}

/// What is run, and where.
fn command(site: &Site) -> Result<(&[String], &Path), Problem> {
    match &site.inputs.target {
        project::Target::Process { run, dir, .. } if !run.is_empty() => Ok((run, dir)),
        _ => Err(Problem::config(msg!(
            "deploy-run-empty",
            environment = &site.inputs.environment
        ))),
    }
}

fn words(site: &Site, n: u32) -> project::Words {
    let words = site.inputs.words(&site.folder).set("instance", n.to_string());
    match site.inputs.port(n) {
        Some(port) => words.set("port", port.to_string()),
        None => words,
    }
}

/// A program of the version with the settings of this instance, and those of their values that nobody may see.
fn with_settings(site: &Site, n: u32, argv: &[String], dir: &Path) -> Result<(Cmd, Vec<Hidden>), Problem> {
    let words = words(site, n);
    let (program, args) = argv
        .split_first()
        .map_or(("", argv), |(program, args)| (program.as_str(), args));
    let mut cmd = Cmd::new(program)
        .args(args)
        .cwd(site.inputs.root.join(dir))
        .workspace(&site.inputs.root);
    let mut secrets = Vec::new();
    for (name, value) in data::env(&site.inputs, &site.world, true)? {
        if name == PASSWORD {
            secrets.push(Hidden::new(value.as_str()));
        }
        cmd = cmd.env(name, value);
    }
    for (name, value) in settings::plain(&site.inputs, &words)? {
        cmd = cmd.env(name, value);
    }
    for (name, value) in settings::hidden(&site.inputs, &words, site.world.secrets())? {
        cmd = cmd.env(name, value.reveal());
        secrets.push(value);
    }
    if let Some(port) = site.inputs.port(n) {
        cmd = cmd.env("PORT", port.to_string());
    }
    Ok((cmd, secrets))
}

fn mark(site: &Site, n: u32) -> String {
    mark_of(&site.folder, n)
}

fn mark_of(folder: &Path, n: u32) -> String {
    format!("{}#{n}", folder.display())
}

/// Children of instances of the environment that have ended: they carry its mark, and no instance that lives is theirs.
async fn left_over(site: &Site) -> Result<Vec<Detached>, Problem> {
    let rows = site.world.store().instances().running(Some(&site.workspace)).await?;
    let processes = site.world.processes().clone();
    let known = rows.iter().filter_map(handle).filter(|known| processes.is_alive(known));
    let running: Vec<String> = known.map(|known| known.tag).collect();
    let all = format!("{}/", site.folder.parent().unwrap_or(&site.folder).display());
    let found = tokio::task::spawn_blocking(move || processes.detached_below(MARK, &all)).await;
    let mut found = found.unwrap_or_default();
    found.retain(|one| !running.contains(&one.tag));
    Ok(found)
}

pub(super) async fn end_lost(world: &World, folder: &Path, n_instances: u32, grace: Duration) {
    for n in 1..=n_instances {
        let (processes, mark) = (world.processes().clone(), mark_of(folder, n));
        let found = tokio::task::spawn_blocking(move || processes.detached_with(MARK, &mark)).await;
        for lost in found.unwrap_or_default() {
            world.processes().stop_detached(&lost, grace).await;
        }
    }
}

fn row(site: &Site, n: u32, handle: &Detached) -> InstanceRow {
    InstanceRow {
        id: 0,
        name: format!("{}-{}-{n}", site.workspace_name, site.inputs.environment),
        workspace: Some(site.workspace.clone()),
        environment: Some(site.inputs.environment.clone()),
        deployment: Some(site.deployment),
        kind: "process".to_owned(),
        version: Some(site.inputs.label.clone()),
        pid: Some(handle.pid),
        pid_start: Some(handle.start_ticks),
        container: None,
        handle: serde_json::to_value(handle).unwrap_or_default(),
        port: site.inputs.port(n),
        log_path: Some(site.folder.join(format!("instance-{n}.log"))),
        started_at: site.world.clock().now(),
        ended_at: None,
        exit_code: None,
        signal: None,
        cause: String::new(),
    }
}

async fn stop(world: &World, instance: &InstanceRow, grace: Duration, cause: &str) -> Result<InstanceRow, Problem> {
    let mut end = InstanceEnd::by(cause);
    if let Some(handle) = handle(instance) {
        let stopped = world.processes().stop_detached(&handle, grace).await;
        match stopped {
            Stopped::Failed => {
                return Err(Problem::environment(msg!(
                    "deploy-stop-failed",
                    instance = &instance.name,
                    pid = handle.pid.to_string()
                ))
                .code("stop-failed")
                .hint(msg!("deploy-stop-failed-hint")));
            }
            Stopped::Already => "crashed".clone_into(&mut end.cause),
            Stopped::Politely | Stopped::Killed => {}
        }
        if let Some(seen) = world.processes().detached_end(&handle) {
            end.exit_code = seen.code;
            end.signal = seen.signal;
        }
    }
    world.store().instances().ended(instance.id, end).await
}
