//! Instances as containers of the engine that the `docker` command talks to: made from one image that is known by its id, published on
//! this machine only, found again by their labels. What reaches out of a container is refused unless the environment allows it.

pub(super) mod image;
mod once;
mod place;

pub use place::{Handle, Place};

use super::{Site, Target, not_run, port_taken};
use crate::adapters::docker::{ContainerAct, Engine, ExecSpec, Fault};
use crate::adapters::store::holder;
use crate::adapters::store::instances::{InstanceEnd, InstanceRow};
use crate::adapters::{World, deliver, files, http};
use crate::areas::JobCtx;
use crate::areas::deploy::{data, settings};
use crate::areas::devops::probe::Tried;
use crate::areas::devops::project::{self, Allow, fill};
use crate::base::docker::RunSpec;
use crate::base::{Catalog, Lang, Problem, State};
use crate::msg;
use futures::StreamExt as _;
use futures::future::BoxFuture;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

/// Labels of every container: whose it is, and the folder of its deployment, which no other home has.
const LABEL_FOLDER: &str = "chantier.deployment";
const LABEL_INSTANCE: &str = "chantier.instance";
const LABEL_ENVIRONMENT: &str = "chantier.environment";
const LABEL_VERSION: &str = "chantier.version";
/// Lines of a container's output that are kept when it is removed.
const LINES_KEPT: u32 = 5_000;
const LOOK_EVERY: Duration = Duration::from_millis(200);
/// How long a port may stay taken after the container that had it has ended.
const SETTLE: Duration = Duration::from_secs(5);

/// As it stands in the ledger.
pub(super) const KIND: &str = "container";
/// How long somebody who only looks waits.
const GLANCE: Duration = Duration::from_secs(5);

pub(super) struct DockerTarget;

/// What of a target reaches out of its containers, with what would allow it.
pub fn reaches_out(target: &project::Target) -> Vec<(Allow, String)> {
    let project::Target::Docker {
        volumes,
        network,
        privileged,
        ..
    } = target
    else {
        return Vec::new();
    };
    let mut found = Vec::new();
    if *privileged {
        found.push((Allow::Privileged, "privileged = true".to_owned()));
    }
    if let Some(network) = network
        .as_deref()
        .filter(|network| *network == "host" || network.starts_with("container:"))
    {
        found.push((Allow::HostNetwork, format!("network = \"{network}\"")));
    }
    for volume in volumes {
        let source = volume.split(':').next().unwrap_or_default();
        let is_socket = source.ends_with(".sock");
        if is_socket {
            found.push((Allow::EngineSocket, volume.clone()));
        } else if source.starts_with(['/', '.', '~']) {
            found.push((Allow::HostMounts, volume.clone()));
        }
    }
    found
}

/// Fails when the target reaches out of its containers and the environment does not allow it.
pub fn allowed(target: &project::Target, environment: &str) -> Result<(), Problem> {
    let project::Target::Docker { allow, .. } = target else {
        return Ok(());
    };
    refuse(reaches_out(target), allow, environment)
}

/// Fails when something of this is not allowed.
pub(super) fn refuse(found: Vec<(Allow, String)>, allow: &[Allow], environment: &str) -> Result<(), Problem> {
    let refused: Vec<(Allow, String)> = found.into_iter().filter(|(what, _)| !allow.contains(what)).collect();
    let Some((first, _)) = refused.first() else { return Ok(()) };
    let told: Vec<&str> = refused.iter().map(|(_, told)| told.as_str()).collect();
    let problem = Problem::config(msg!("deploy-reaches-out", environment = environment, what = told.join(", ")));
    Err(problem
        .code("reaches-out")
        .hint(msg!("deploy-reaches-out-hint", allow = first.word())))
}

impl Target for DockerTarget {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn check<'a>(&'a self, site: &'a Site, ours: &'a [InstanceRow]) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let project::Target::Docker { image, dockerfile, .. } = &site.inputs.target else {
                return Ok(());
            };
            allowed(&site.inputs.target, &site.inputs.environment)?;
            let place = Place::of(site).await?;
            place.engine.info().await.map_err(|fault| place.told(&fault))?;
            image::check(site, &place, image, dockerfile.is_some()).await?;
            for n in 1..=site.inputs.n_instances() {
                let Some(port) = site.inputs.port(n) else { continue };
                let is_ours = ours.iter().any(|instance| instance.port == Some(port));
                let is_taken = match Handle::of(&site.inputs.target) {
                    Some(there) if !is_ours => place::is_port_taken(&site.world, &there.host, port).await?,
                    Some(_) => false,
                    None => !http::is_port_free(port),
                };
                if !is_ours && is_taken {
                    return Err(port_taken(site, port).await);
                }
            }
            Ok(())
        })
    }

    /// The image is built, looked up, or taken from before, once: every instance is made from this id, whatever its name means later.
    fn stage<'a>(&'a self, site: &'a Site, cx: &'a JobCtx) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let project::Target::Docker { image, dockerfile, .. } = &site.inputs.target else {
                return Ok(());
            };
            let place = Place::of(site).await?;
            image::stage(site, cx, &place, image, dockerfile.as_deref()).await
        })
    }

    fn settle<'a>(&'a self, site: &'a Site, numbers: &'a [u32]) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            // Of another machine's ports its engine knows.
            if Handle::of(&site.inputs.target).is_some() {
                return Ok(());
            }
            let until = tokio::time::Instant::now() + SETTLE;
            for port in numbers.iter().filter_map(|n| site.inputs.port(*n)) {
                while !http::is_port_free(port) {
                    if tokio::time::Instant::now() > until {
                        return Err(port_taken(site, port).await);
                    }
                    tokio::time::sleep(LOOK_EVERY).await;
                }
            }
            Ok(())
        })
    }

    fn start<'a>(&'a self, site: &'a Site, n: u32) -> BoxFuture<'a, Result<InstanceRow, Problem>> {
        Box::pin(async move {
            let spec = spec(site, n).await?;
            let place = Place::of(site).await?;
            let engine = &place.engine;
            let id = engine.create(&spec).await.map_err(|problem| place.problem(problem))?;
            let started = match hand_over(site, n, &place, &id).await {
                Ok(()) => engine.start(&id).await,
                Err(fault) => Err(fault),
            };
            if let Err(fault) = started {
                let remove = ContainerAct::Remove { force: true };
                engine.act(&id, &remove, Duration::ZERO).await.ok();
                return Err(place.told(&fault));
            }
            let seen = place.inspect(&id).await.map_err(|fault| place.told(&fault))?;
            let row = row(site, n, &id, &seen);
            site.world.store().instances().started(row).await
        })
    }

    /// In a container of the version's image that is not published, and removed afterwards.
    fn run_once<'a>(&'a self, site: &'a Site, cx: &'a JobCtx, run: &'a [String]) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(once::run_once(site, cx, run))
    }

    fn unwritten<'a>(&'a self, site: &'a Site, written: &'a [InstanceRow]) -> BoxFuture<'a, Result<Vec<InstanceRow>, Problem>> {
        Box::pin(async move {
            let place = Place::of(site).await?;
            let held = place.engine.holdings().await.map_err(|fault| place.told(&fault))?;
            let folder = site.folder.display().to_string();
            let mut found = Vec::new();
            for container in held.containers {
                let is_ours = container.labels.get(LABEL_FOLDER) == Some(&folder);
                let is_written = written.iter().any(|row| row.container.as_ref() == Some(&container.id));
                let n = container.labels.get(LABEL_INSTANCE).and_then(|n| n.parse().ok());
                let (true, false, Some(n)) = (is_ours, is_written, n) else {
                    continue;
                };
                let seen = place.inspect(&container.id).await.map_err(|fault| place.told(&fault))?;
                let row = row(site, n, &container.id, &seen);
                found.push(site.world.store().instances().started(row).await?);
            }
            Ok(found)
        })
    }

    /// Every container was made from the image that was staged.
    fn verify<'a>(&'a self, site: &'a Site, instances: &'a [InstanceRow]) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let place = Place::of(site).await?;
            let wanted = image::staged(site)?;
            for instance in instances {
                let id = instance.container.as_deref().unwrap_or_default();
                let seen = place.inspect(id).await.map_err(|fault| place.told(&fault))?;
                let image = seen["Image"].as_str().unwrap_or_default();
                if image != wanted {
                    let told = msg!("deploy-other-image", instance = &instance.name);
                    return Err(Problem::environment(told)
                        .code("other-image")
                        .details(format!("{wanted}\n{image}")));
                }
            }
            Ok(())
        })
    }

    /// An engine that does not answer says nothing of its containers: they are taken to run on.
    fn is_alive<'a>(&'a self, world: &'a World, instance: &'a InstanceRow) -> BoxFuture<'a, bool> {
        Box::pin(async move {
            let Some(id) = &instance.container else { return false };
            let Ok(place) = Place::of_row(world, instance).await else {
                return true;
            };
            match place.inspect(id).await {
                Ok(seen) => runs(&seen),
                Err(Fault::Gone) => false,
                Err(_) => true,
            }
        })
    }

    fn state<'a>(&'a self, world: &'a World, instance: &'a InstanceRow) -> BoxFuture<'a, State> {
        Box::pin(async move {
            // A host that hangs or is away must hold up nobody who only looks.
            if handle(instance).is_some_and(|there| !world.ssh().is_likely(&there.host)) {
                return State::Unknown;
            }
            let (world, asked) = (world.clone(), instance.clone());
            let looking = tokio::spawn(async move {
                let place = Place::of_row(&world, &asked).await.ok()?;
                match place.inspect(asked.container.as_deref()?).await {
                    Ok(seen) => Some(runs(&seen)),
                    Err(Fault::Gone) => Some(false),
                    Err(_) => None,
                }
            });
            match tokio::time::timeout(GLANCE, looking).await {
                Ok(Ok(Some(true))) => State::Running,
                Ok(Ok(Some(false))) => State::Failed,
                _ => State::Unknown,
            }
        })
    }

    fn host_of(&self, instance: &InstanceRow) -> Option<String> {
        handle(instance).map(|there| there.host)
    }

    /// Only its host knows whether others reach it.
    fn address(&self, instance: &InstanceRow) -> Option<(String, u16)> {
        match handle(instance) {
            Some(_) => None,
            None => Some(("127.0.0.1".to_owned(), instance.port?)),
        }
    }

    fn is_well<'a>(&'a self, world: &'a World, instance: &'a InstanceRow) -> BoxFuture<'a, bool> {
        Box::pin(async move {
            let Some(id) = &instance.container else { return false };
            let Ok(place) = Place::of_row(world, instance).await else {
                return false;
            };
            let seen = place.inspect(id).await;
            seen.is_ok_and(|seen| seen["State"]["Health"]["Status"].as_str() == Some("healthy"))
        })
    }

    fn ended<'a>(&'a self, world: &'a World, instance: &'a InstanceRow) -> BoxFuture<'a, InstanceEnd> {
        Box::pin(async move {
            let id = instance.container.clone().unwrap_or_default();
            loop {
                let code = match Place::of_row(world, instance).await {
                    Ok(place) => place.engine.wait(&id).await.ok(),
                    Err(_) => None,
                };
                // One that the engine starts again has not ended.
                if !self.is_alive(world, instance).await {
                    return InstanceEnd::crashed(code.and_then(|code| i32::try_from(code).ok()), None);
                }
                tokio::time::sleep(LOOK_EVERY).await;
            }
        })
    }

    fn stop<'a>(
        &'a self,
        world: &'a World,
        instance: &'a InstanceRow,
        grace: Duration,
        cause: &'a str,
    ) -> BoxFuture<'a, Result<InstanceRow, Problem>> {
        Box::pin(async move {
            let mut end = InstanceEnd::by(cause);
            if instance.container.is_some() {
                let place = Place::of_row(world, instance).await?;
                match remove(world, &place, instance, grace).await {
                    Ok((code, was_running)) => {
                        end.exit_code = code;
                        if !was_running {
                            "crashed".clone_into(&mut end.cause);
                        }
                    }
                    Err(Fault::Gone) => "crashed".clone_into(&mut end.cause),
                    Err(fault) => return Err(place.told(&fault)),
                }
            }
            world.store().instances().ended(instance.id, end).await
        })
    }

    /// In the container.
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
            let place = match Place::of_row(world, instance).await {
                Ok(place) => place,
                Err(problem) => return not_run(&problem),
            };
            let ran = async {
                let spec = ExecSpec {
                    argv: run.to_vec(),
                    ..ExecSpec::default()
                };
                let clock = world.clock().clone();
                let id = instance.container.as_deref().unwrap_or_default();
                let mut started = place.engine.exec(id, &spec, move || clock.now()).await?;
                let mut last = String::new();
                while let Some(line) = started.lines.next().await {
                    last = world.masks().mask_str(&line?.text).into_owned();
                }
                let code = place.engine.exec_code(&started.id).await?;
                Ok::<_, Fault>((code, last))
            };
            tokio::select! {
                () = give_up.cancelled() => Tried::NoAnswer { fault: http::Fault::GivenUp },
                () = tokio::time::sleep(timeout) => Tried::NoAnswer {
                    fault: http::Fault::TimedOut { after_ms: timeout.as_millis() as u64 },
                },
                ran = ran => match ran {
                    Ok((code, last)) => Tried::of_exit(code.map(|code| code as i32), began.elapsed(), last.as_bytes()),
                    Err(fault) => not_run(&fault.problem()),
                },
            }
        })
    }

    fn last_words<'a>(&'a self, world: &'a World, instance: &'a InstanceRow, n_lines: usize) -> BoxFuture<'a, Vec<Vec<u8>>> {
        Box::pin(async move {
            let id = instance.container.clone().unwrap_or_default();
            let lines = match Place::of_row(world, instance).await {
                Ok(place) => written(world, &place.engine, &id, n_lines as u32).await,
                Err(_) => Vec::new(),
            };
            if let (true, Some(path)) = (lines.is_empty(), instance.log_path.clone()) {
                let read = tokio::task::spawn_blocking(move || deliver::last_lines(&path, n_lines, 64 * 1024));
                return read.await.unwrap_or_default();
            }
            lines.into_iter().map(String::into_bytes).collect()
        })
    }
}

/// Stops a container, keeps what it wrote, and removes it. Gives its exit code, and whether it ran until then.
async fn remove(world: &World, place: &Place, instance: &InstanceRow, grace: Duration) -> Result<(Option<i32>, bool), Fault> {
    let id = instance.container.as_deref().unwrap_or_default();
    let was_running = place.inspect(id).await?["State"]["Running"].as_bool().unwrap_or(false);
    place.engine.stop(id, grace).await?;
    let code = place.inspect(id).await?["State"]["ExitCode"].as_i64();
    if let Some(path) = &instance.log_path {
        // Another program may have set secrets since this one was started.
        world.secrets().learn().await.ok();
        let lines = written(world, &place.engine, id, LINES_KEPT).await;
        // That it could not be kept is no reason to let the container run.
        files::write_atomic(path, (lines.join("\n") + "\n").as_bytes()).ok();
    }
    let act = ContainerAct::Remove { force: true };
    place.engine.act(id, &act, Duration::ZERO).await?;
    Ok((code.and_then(|code| i32::try_from(code).ok()), was_running))
}

async fn written(world: &World, engine: &Engine, id: &str, n_lines: u32) -> Vec<String> {
    let clock = world.clock().clone();
    let Ok(mut pieces) = engine.logs(id, Some(n_lines), false, move || clock.now()).await else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    while let Some(Ok(line)) = pieces.next().await {
        lines.push(world.masks().mask_str(&line.text).into_owned());
    }
    lines
}

/// The other machine that a container is on.
pub fn handle(instance: &InstanceRow) -> Option<Handle> {
    if instance.kind != KIND {
        return None;
    }
    serde_json::from_value(instance.handle.clone()).ok()
}

/// It runs, or the engine starts it again.
pub(super) fn runs(seen: &Value) -> bool {
    let state = &seen["State"];
    [&state["Running"], &state["Restarting"]]
        .iter()
        .any(|is| is.as_bool() == Some(true))
}

/// The words of an instance.
fn words(site: &Site, n: u32) -> project::Words {
    let words = site.inputs.words(&site.folder).set("instance", n.to_string());
    let inside = match &site.inputs.target {
        project::Target::Docker { inside_port, .. } => inside_port.or(site.inputs.port(n)),
        _ => None,
    };
    match inside {
        Some(inside) => words.set("port", inside.to_string()),
        None => words,
    }
}

/// Puts the secrets into a container that does not run yet, as files of its own: nobody sees them who asks the engine about it.
async fn hand_over(site: &Site, n: u32, place: &Place, id: &str) -> Result<(), Fault> {
    let files = settings::files(&site.inputs, &words(site, n), site.world.secrets());
    let files = files.map_err(|problem| Fault::Broken(Catalog::new(Lang::En).msg(&problem.summary)))?;
    if files.is_empty() {
        return Ok(());
    }
    place.engine.put_files(id, settings::FOLDER, &files).await
}

async fn spec(site: &Site, n: u32) -> Result<RunSpec, Problem> {
    let project::Target::Docker {
        command,
        inside_port,
        volumes,
        restart,
        user,
        network,
        privileged,
        ..
    } = &site.inputs.target
    else {
        return Err(Problem::internal(msg!(
            "deploy-run-empty",
            environment = &site.inputs.environment
        )));
    };
    allowed(&site.inputs.target, &site.inputs.environment)?;
    let port = site.inputs.port(n);
    let inside = inside_port.or(port);
    let words = words(site, n);
    let filled = |text: &String| fill(text, &words);
    let mut env = Vec::new();
    // The engine keeps and shows what a container's environment holds: a password has no place there.
    for (name, value) in data::env(&site.inputs, &site.world, false)? {
        env.push(format!("{name}={value}"));
    }
    for (name, value) in settings::plain(&site.inputs, &words)? {
        env.push(format!("{name}={value}"));
    }
    for name in settings::hidden_names(&site.inputs) {
        env.push(format!("{}={}/{name}", settings::pointer(name), settings::FOLDER));
    }
    let mut ports = Vec::new();
    if let (Some(port), Some(inside)) = (port, inside) {
        env.push(format!("PORT={inside}"));
        ports.push(format!("127.0.0.1:{port}:{inside}"));
    }
    let image = image::staged(site)?;
    let label = |name: &str, value: String| (name.to_owned(), value);
    Ok(RunSpec {
        image,
        name: Some(container_name(site, n)),
        command: command.iter().map(filled).collect::<Result<_, _>>()?,
        ports,
        env,
        volumes: volumes.iter().map(filled).collect::<Result<_, _>>()?,
        network: network.clone(),
        restart: restart.clone(),
        user: user.clone(),
        labels: BTreeMap::from([
            label(LABEL_FOLDER, site.folder.display().to_string()),
            label(LABEL_INSTANCE, n.to_string()),
            label(LABEL_ENVIRONMENT, site.inputs.environment.clone()),
            label(LABEL_VERSION, site.inputs.label.clone()),
        ]),
        privileged: *privileged,
        // What reaches out was held against what the environment allows.
        allow_host: true,
        ..RunSpec::default()
    })
}

/// As a part of a name that the engine takes.
pub(super) fn plain(text: &str) -> String {
    let plain = |c: char| {
        if c.is_ascii_alphanumeric() {
            c.to_ascii_lowercase()
        } else {
            '-'
        }
    };
    text.chars().map(plain).collect()
}

/// What all instances of an environment are called together where the engine has one name for them. No other home has it.
pub(super) fn environment_name(site: &Site) -> String {
    let folder = site.folder.parent().unwrap_or(&site.folder);
    let home = files::sha256_of(folder.as_os_str().as_encoded_bytes());
    let root = site.inputs.root.file_name().unwrap_or_default().to_string_lossy();
    let plain = |text: &str| plain(text).trim_matches('-').to_owned();
    let name = format!("{}-{}", plain(&root), plain(&site.inputs.environment));
    format!("{}-{}", name.trim_matches('-'), &home[..6])
}

fn container_name(site: &Site, n: u32) -> String {
    // Homes count their deployments each for itself.
    let home = files::sha256_of(site.folder.as_os_str().as_encoded_bytes());
    let (workspace, environment) = (plain(&site.workspace_name), plain(&site.inputs.environment));
    format!("chantier-{workspace}-{environment}-{}-{}-{n}", site.deployment, &home[..6])
}

pub(super) fn row(site: &Site, n: u32, id: &str, seen: &Value) -> InstanceRow {
    let pid = seen["State"]["Pid"]
        .as_u64()
        .and_then(|pid| u32::try_from(pid).ok())
        // A number of another machine means nothing here.
        .filter(|pid| *pid > 0 && Handle::of(&site.inputs.target).is_none());
    row_of(site, n, id, pid)
}

/// The row of the container with this number, whose process is this one of this machine.
pub(super) fn row_of(site: &Site, n: u32, id: &str, pid: Option<u32>) -> InstanceRow {
    InstanceRow {
        id: 0,
        name: format!("{}-{}-{n}", site.workspace_name, site.inputs.environment),
        workspace: Some(site.workspace.clone()),
        environment: Some(site.inputs.environment.clone()),
        deployment: Some(site.deployment),
        kind: KIND.to_owned(),
        version: Some(site.inputs.label.clone()),
        pid,
        pid_start: pid.and_then(holder::start_of),
        container: Some(id.to_owned()),
        handle: serde_json::to_value(Handle::of(&site.inputs.target)).unwrap_or_default(),
        port: site.inputs.port(n),
        log_path: Some(site.folder.join(format!("instance-{n}.log"))),
        started_at: site.world.clock().now(),
        ended_at: None,
        exit_code: None,
        signal: None,
        cause: String::new(),
    }
}
