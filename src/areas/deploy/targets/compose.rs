//! A compose project of the version's commit: its services are the instances. Compose itself finds out what has changed and makes only
//! those containers anew; nothing with data in it is removed. What reaches out of the containers is refused before anything runs.

mod images;
pub mod own_env;
mod policy;
mod tool;

use super::docker::{self, DockerTarget};
use super::{Site, Target, port_taken, sources};
use crate::adapters::docker::{ContainerAct, Fault};
use crate::adapters::secrets::handed;
use crate::adapters::store::instances::{InstanceEnd, InstanceRow};
use crate::adapters::{World, files, http, kept_folders};
use crate::areas::JobCtx;
use crate::areas::build::docker::dockerfile;
use crate::areas::deploy::inputs::Inputs;
use crate::areas::deploy::settings;
use crate::areas::devops::probe::Tried;
use crate::areas::devops::project::{self, Probe, ProbeKind, Span};
use crate::base::docker::{ContainerRow, Kind};
use crate::base::{Problem, State};
use crate::msg;
use futures::future::BoxFuture;
use policy::{File, Service};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio_util::sync::CancellationToken;
use tool::{Project, Tool, root_of};

/// As it stands in the ledger.
pub(super) const KIND: &str = "compose";
/// Labels that compose gives its containers.
const LABEL_PROJECT: &str = "com.docker.compose.project";
const LABEL_SERVICE: &str = "com.docker.compose.service";
const LABEL_NUMBER: &str = "com.docker.compose.container-number";
const LABEL_HASH: &str = "com.docker.compose.config-hash";
const LOOK_EVERY: Duration = Duration::from_millis(300);
const MAX_BYTES: u64 = 1 << 20;
/// The variables of this machine, which compose reads by itself.
pub const DOT_ENV: &str = ".env";

pub(super) struct ComposeTarget;

/// What an instance is found by.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Handle {
    project: String,
    service: String,
    /// Of the service's containers, from 1.
    number: u32,
    /// From 1; the first one is asked by the gates.
    n: u32,
    /// Of the deployment.
    folder: PathBuf,
}

fn handle(row: &InstanceRow) -> Option<Handle> {
    serde_json::from_value(row.handle.clone()).ok()
}

/// The instances of a project, the one that the gates ask first: container number and service.
fn instances(texts: &[String], first: Option<&str>) -> Result<Vec<(String, u32)>, Problem> {
    let mut services: Vec<Service> = Vec::new();
    for text in texts {
        for service in File::read(text)?.services() {
            match services.iter_mut().find(|known| known.name == service.name) {
                // The later file changes what the earlier one says.
                Some(known) => {
                    known.n = known.n.max(service.n);
                    known.has_ports |= service.has_ports;
                }
                None => services.push(service),
            }
        }
    }
    let is_first = |service: &Service| match first {
        Some(name) => service.name == name,
        None => service.has_ports,
    };
    match services.iter().position(is_first) {
        Some(at) => services[..=at].rotate_right(1),
        None => {
            if let Some(name) = first {
                return Err(Problem::config(msg!("compose-no-service", name = name)));
            }
        }
    }
    let all = services
        .iter()
        .flat_map(|service| (1..=service.n).map(|number| (service.name.clone(), number)));
    Ok(all.collect())
}

/// The services that the files of the version name, in the order of the instances. Fails when a file is no compose file.
pub fn services(target: &project::Target, texts: &[String]) -> Result<Vec<String>, Problem> {
    let project::Target::Compose { service, .. } = target else {
        return Ok(Vec::new());
    };
    let found = instances(texts, service.as_deref())?;
    if found.is_empty() {
        return Err(Problem::config(msg!("compose-no-services")));
    }
    Ok(found.into_iter().map(|(name, _)| name).collect())
}

fn refuse(site: &Site, found: Vec<(project::Allow, String)>) -> Result<(), Problem> {
    let project::Target::Compose { allow, .. } = &site.inputs.target else {
        return Ok(());
    };
    docker::refuse(found, allow, &site.inputs.environment)
}

/// Homes, and environments of a home, have a project each.
fn project_name(site: &Site) -> String {
    if let project::Target::Compose { project: Some(name), .. } = &site.inputs.target {
        return name.clone();
    }
    docker::environment_name(site)
}

/// What the secrets of a deployment are handed over by: containers of another one get files of their own.
fn key(folder: &Path) -> String {
    let id = folder.file_name().unwrap_or_default().to_string_lossy();
    format!("{}{id}", key_of_all(folder))
}

/// How the keys of all deployments of an environment begin.
fn key_of_all(folder: &Path) -> String {
    let all = folder.parent().unwrap_or(folder);
    format!("{}-", &files::sha256_of(all.as_os_str().as_encoded_bytes())[..16])
}

/// The files of our own that hold the secrets reach out of no container.
fn is_handed(site: &Site, what: &str) -> bool {
    let folder = handed::folder(&key(&site.folder));
    let path = what.split_once(": ").map_or("", |(_, path)| path);
    let names = settings::hidden_names(&site.inputs);
    names.iter().any(|name| Path::new(path) == folder.join(name))
}

impl ComposeTarget {
    /// With the names of the built images as a last file.
    async fn project(site: &Site, with_images: bool) -> Result<Project<'_>, Problem> {
        let project::Target::Compose { files: wanted, .. } = &site.inputs.target else {
            return Err(Problem::internal(msg!("compose-no-services")));
        };
        let tool = Tool::find(&site.world).await?;
        let root = files::canonicalize(&root_of(&site.folder))?;
        let mut all = Vec::new();
        for file in wanted {
            all.push(root.join(dockerfile::inside(file)?));
        }
        if with_images {
            all.push(images::names_file(&site.folder));
        }
        Ok(Project {
            site,
            tool,
            name: project_name(site),
            root,
            files: all,
        })
    }

    fn numbered(site: &Site, n: u32) -> Result<(String, u32), Problem> {
        let project::Target::Compose { service, .. } = &site.inputs.target else {
            return Err(Problem::internal(msg!("compose-no-services")));
        };
        let found = instances(&site.inputs.compose, service.as_deref())?;
        let at = found.into_iter().nth(n as usize - 1);
        at.ok_or_else(|| Problem::internal(msg!("compose-no-services")))
    }

    /// The containers of this version, by the number of their instance: made from these files, by what compose says of itself.
    async fn containers(site: &Site) -> Result<BTreeMap<u32, ContainerRow>, Problem> {
        let Some(text) = files::read_text_if_there(&hashes_file(&site.folder), MAX_BYTES)? else {
            return Ok(BTreeMap::new());
        };
        let hashes: BTreeMap<&str, &str> = text.lines().filter_map(|line| line.trim().split_once(' ')).collect();
        let held = site.world.docker().holdings().await.map_err(|fault| fault.problem())?;
        let project = project_name(site);
        let mut found = BTreeMap::new();
        for n in 1..=site.inputs.n_instances() {
            let (service, number) = Self::numbered(site, n)?;
            let is_it = |row: &&ContainerRow| {
                let label = |name: &str| row.labels.get(name).map_or("", String::as_str);
                label(LABEL_PROJECT) == project
                    && label(LABEL_SERVICE) == service
                    && label(LABEL_NUMBER) == number.to_string()
                    && Some(label(LABEL_HASH)) == hashes.get(&*service).copied()
            };
            if let Some(row) = held.containers.iter().find(is_it) {
                found.insert(n, row.clone());
            }
        }
        Ok(found)
    }

    /// The port is that of a container of the same project, which was there before: the deployment takes it over.
    async fn is_taken_over(site: &Site, port: u16) -> Result<bool, Problem> {
        let held = site.world.docker().holdings().await.map_err(|fault| fault.problem())?;
        let project = project_name(site);
        let mut of_project = held
            .containers
            .iter()
            .filter(|row| row.labels.get(LABEL_PROJECT).is_some_and(|name| *name == project));
        let published = format!(":{port}->");
        Ok(of_project.any(|row| row.ports.iter().any(|shown| shown.contains(&published))))
    }

    async fn written(site: &Site, n: u32, id: &str) -> Result<InstanceRow, Problem> {
        let seen = inspect(&site.world, id).await.map_err(|fault| fault.problem())?;
        let (service, number) = Self::numbered(site, n)?;
        let root = site.inputs.root.file_name().unwrap_or_default().to_string_lossy();
        let own = Handle {
            project: project_name(site),
            service: service.clone(),
            number,
            n,
            folder: site.folder.clone(),
        };
        let row = InstanceRow {
            kind: KIND.to_owned(),
            name: format!("{root}-{}-{service}-{n}", site.inputs.environment),
            port: published(&seen).or(site.inputs.target.port().filter(|_| n == 1)),
            handle: serde_json::to_value(own).unwrap_or_default(),
            log_path: None,
            ..docker::row(site, n, id, &seen)
        };
        site.world.store().instances().started(row).await
    }
}

/// The first port of this machine that leads into the container.
fn published(seen: &Value) -> Option<u16> {
    let ports = seen["NetworkSettings"]["Ports"].as_object()?;
    let mut all = ports.values().filter_map(Value::as_array).flatten();
    all.find_map(|bound| bound["HostPort"].as_str()?.parse().ok())
}

async fn inspect(world: &World, id: &str) -> Result<Value, Fault> {
    world.docker().inspect(Kind::Container, id).await
}

/// A service that had one thing to do, and has done it.
fn has_done_its_work(instance: &InstanceRow, seen: &Value) -> bool {
    let state = &seen["State"];
    let restarts = seen["HostConfig"]["RestartPolicy"]["Name"].as_str().unwrap_or("");
    let is_first = handle(instance).is_none_or(|own| own.n == 1);
    !is_first
        && state["Status"].as_str() == Some("exited")
        && state["ExitCode"].as_i64() == Some(0)
        && matches!(restarts, "" | "no")
}

impl Target for ComposeTarget {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn replaces(&self) -> bool {
        true
    }

    fn own_probe(&self) -> Option<Probe> {
        Some(Probe {
            kind: ProbeKind::Container,
            interval: Span(LOOK_EVERY),
            timeout: Span(Duration::from_secs(5)),
            healthy_after: 3,
            deadline: Span(Duration::from_mins(2)),
        })
    }

    /// The whole project has one address.
    fn is_asked(&self, instance: &InstanceRow, kind: &ProbeKind) -> bool {
        let is_own = matches!(kind, ProbeKind::Container | ProbeKind::Process);
        is_own || handle(instance).is_none_or(|own| own.n == 1)
    }

    fn check<'a>(&'a self, site: &'a Site, ours: &'a [InstanceRow]) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            for text in &site.inputs.compose {
                refuse(site, File::read(text)?.reaches_out(None))?;
            }
            site.world.docker().info().await.map_err(|fault| fault.problem())?;
            Tool::find(&site.world).await?;
            if !settings::hidden_names(&site.inputs).is_empty() {
                handed::check()?;
            }
            if let Some(port) = site.inputs.port(1) {
                let is_ours = ours.iter().any(|instance| instance.port == Some(port));
                if !is_ours && !http::is_port_free(port) && !Self::is_taken_over(site, port).await? {
                    return Err(port_taken(site, port).await);
                }
            }
            Ok(())
        })
    }

    /// The version's own files come to the deployment's folder, are looked at as compose reads them, and what they build is built.
    fn stage<'a>(&'a self, site: &'a Site, cx: &'a JobCtx) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            bring(site, cx).await?;
            let project = Self::project(site, false).await?;
            let resolved = File::read(&project.ask(&["config"]).await?)?;
            let mut out = resolved.reaches_out(Some(&project.root));
            out.retain(|(_, what)| !is_handed(site, what));
            refuse(site, out)?;
            let services = resolved.services();
            let mut wanted = site.inputs.services.clone();
            wanted.dedup();
            if let Some(other) = services.iter().find(|service| !wanted.contains(&service.name)) {
                return Err(Problem::config(msg!("compose-other-services", name = other.name.as_str()))
                    .hint(msg!("compose-other-services-hint")));
            }
            images::same(site, &services).await?;
            let images = match &site.inputs.again {
                Some(former) => files::read_text_if_there(&images::names_file(former), MAX_BYTES)?,
                None => None,
            };
            let images = match images {
                Some(images) => images,
                None => images::name(site, &project.name, &project.root, &resolved)?,
            };
            files::write_atomic(&images::names_file(&site.folder), images.as_bytes())?;
            let project = Self::project(site, true).await?;
            if services.iter().any(|service| service.is_built) && !images::are_there(&site.world, &images).await? {
                project.run(Some(cx), &["build"]).await?;
            }
            let hashes = project.ask(&["config", "--hash", "*"]).await?;
            files::write_atomic(&hashes_file(&site.folder), hashes.as_bytes())
        })
    }

    fn settle<'a>(&'a self, _site: &'a Site, _numbers: &'a [u32]) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async { Ok(()) })
    }

    fn start_over(&self, site: &Site) -> Result<(), Problem> {
        files::write_atomic(&up_file(&site.folder), AGAIN)
    }

    /// The whole project comes up with the first one that is not as it should be; of one that is started again only that.
    fn start<'a>(&'a self, site: &'a Site, n: u32) -> BoxFuture<'a, Result<InstanceRow, Problem>> {
        Box::pin(async move {
            let up = files::read_text_if_there(&up_file(&site.folder), MAX_BYTES)?;
            let mut found = Self::containers(site).await?;
            if up.as_ref().is_some_and(|up| up.as_bytes() == AGAIN) {
                let project = Self::project(site, true).await?;
                project.hand_over()?;
                match found.get(&n) {
                    Some(container) if matches!(container.state.as_str(), "running" | "restarting") => {}
                    Some(container) => {
                        let done = site
                            .world
                            .docker()
                            .act(&container.id, &ContainerAct::Start, Duration::ZERO)
                            .await;
                        done.map_err(|fault| fault.problem())?;
                    }
                    None => {
                        let (service, _) = Self::numbered(site, n)?;
                        project.run(None, &["up", "-d", "--no-build", "--no-deps", &service]).await?;
                        found = Self::containers(site).await?;
                    }
                }
            } else if up.is_none() || !found.contains_key(&n) {
                let project = Self::project(site, true).await?;
                project.hand_over()?;
                project.run(None, &["up", "-d", "--no-build", "--remove-orphans"]).await?;
                found = Self::containers(site).await?;
                files::write_atomic(&up_file(&site.folder), b"")?;
            }
            let Some(container) = found.get(&n) else {
                let (service, _) = Self::numbered(site, n)?;
                return Err(Problem::environment(msg!("compose-not-there", name = service)).code("died"));
            };
            Self::written(site, n, &container.id).await
        })
    }

    fn unwritten<'a>(&'a self, site: &'a Site, written: &'a [InstanceRow]) -> BoxFuture<'a, Result<Vec<InstanceRow>, Problem>> {
        Box::pin(async move {
            tool::end_lost(site).await;
            let mut found = Vec::new();
            for (n, container) in Self::containers(site).await? {
                let is_written = written
                    .iter()
                    .any(|row| row.ended_at.is_none() && row.container.as_ref() == Some(&container.id));
                if !is_written && matches!(container.state.as_str(), "running" | "restarting" | "paused") {
                    found.push(Self::written(site, n, &container.id).await?);
                }
            }
            Ok(found)
        })
    }

    /// Every container was made from the files of this version.
    fn verify<'a>(&'a self, site: &'a Site, instances: &'a [InstanceRow]) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let found = Self::containers(site).await?;
            for instance in instances {
                let is_it = |row: &ContainerRow| Some(&row.id) == instance.container.as_ref();
                if !found.values().any(is_it) {
                    let told = msg!("deploy-other-image", instance = &instance.name);
                    return Err(Problem::environment(told).code("other-image"));
                }
            }
            Ok(())
        })
    }

    fn is_alive<'a>(&'a self, world: &'a World, instance: &'a InstanceRow) -> BoxFuture<'a, bool> {
        Box::pin(async move {
            let id = instance.container.as_deref().unwrap_or_default();
            match inspect(world, id).await {
                Ok(seen) => docker::runs(&seen) || has_done_its_work(instance, &seen),
                Err(Fault::Gone) => false,
                // Not known is not gone.
                Err(_) => true,
            }
        })
    }

    fn state<'a>(&'a self, world: &'a World, instance: &'a InstanceRow) -> BoxFuture<'a, State> {
        Box::pin(async move {
            let id = instance.container.as_deref().unwrap_or_default();
            match inspect(world, id).await {
                Ok(seen) if docker::runs(&seen) || has_done_its_work(instance, &seen) => State::Running,
                Ok(_) | Err(Fault::Gone) => State::Failed,
                Err(_) => State::Unknown,
            }
        })
    }

    /// By its health check, where it has one.
    fn is_well<'a>(&'a self, world: &'a World, instance: &'a InstanceRow) -> BoxFuture<'a, bool> {
        Box::pin(async move {
            let id = instance.container.as_deref().unwrap_or_default();
            let Ok(seen) = inspect(world, id).await else {
                return false;
            };
            match seen["State"]["Health"]["Status"].as_str() {
                Some(status) if status != "none" => status == "healthy",
                _ => seen["State"]["Running"].as_bool() == Some(true) || has_done_its_work(instance, &seen),
            }
        })
    }

    fn ended<'a>(&'a self, world: &'a World, instance: &'a InstanceRow) -> BoxFuture<'a, InstanceEnd> {
        Box::pin(async move {
            while self.is_alive(world, instance).await {
                tokio::time::sleep(LOOK_EVERY).await;
            }
            let id = instance.container.as_deref().unwrap_or_default();
            let code = match inspect(world, id).await {
                Ok(seen) => seen["State"]["ExitCode"].as_i64(),
                Err(_) => None,
            };
            InstanceEnd::crashed(code.and_then(|code| i32::try_from(code).ok()), None)
        })
    }

    /// The container stays there, stopped: what it keeps is not thrown away. One that the next version took over runs on.
    fn stop<'a>(
        &'a self,
        world: &'a World,
        instance: &'a InstanceRow,
        grace: Duration,
        cause: &'a str,
    ) -> BoxFuture<'a, Result<InstanceRow, Problem>> {
        Box::pin(async move {
            let end = InstanceEnd::by(cause);
            let instances = world.store().instances();
            let id = instance.container.as_deref().unwrap_or_default();
            let running = instances.running(instance.workspace.as_ref()).await?;
            let is_taken_over = running
                .iter()
                .any(|row| row.id != instance.id && row.kind == KIND && row.container.as_deref() == Some(id));
            if !is_taken_over {
                if let Some(own) = handle(instance).filter(|own| up_file(&own.folder).exists()) {
                    files::write_atomic(&up_file(&own.folder), AGAIN)?;
                }
                match world.docker().stop(id, grace).await {
                    // Compose has put another one into its place.
                    Ok(()) | Err(Fault::Gone) => {}
                    Err(fault) => return Err(fault.problem()),
                }
            }
            let is_last = !running
                .iter()
                .any(|row| row.id != instance.id && row.deployment == instance.deployment);
            if let (true, Some(own)) = (is_last, handle(instance)) {
                handed::take_back(&key(&own.folder))?;
            }
            instances.ended(instance.id, end).await
        })
    }

    /// The images that were built for deployments whose folders are gone, and the secrets of those that were cut off.
    fn forget<'a>(&'a self, site: &'a Site) -> BoxFuture<'a, Result<(), Problem>> {
        Box::pin(async move {
            let all = key_of_all(&site.folder);
            let deployments = site.folder.parent().unwrap_or(&site.folder);
            for old in handed::keys(&all) {
                let id = old.strip_prefix(&all).unwrap_or_default();
                if !deployments.join(id).is_dir() {
                    handed::take_back(&old)?;
                }
            }
            images::forget(site, project_name(site)).await
        })
    }

    fn command<'a>(
        &'a self,
        world: &'a World,
        instance: &'a InstanceRow,
        run: &'a [String],
        timeout: Duration,
        give_up: &'a CancellationToken,
    ) -> BoxFuture<'a, Tried> {
        DockerTarget.command(world, instance, run, timeout, give_up)
    }

    fn last_words<'a>(&'a self, world: &'a World, instance: &'a InstanceRow, n_lines: usize) -> BoxFuture<'a, Vec<Vec<u8>>> {
        DockerTarget.last_words(world, instance, n_lines)
    }
}

/// Copies the files of the version's commit into the deployment's folder; of one that is run again, those of its time.
async fn bring(site: &Site, cx: &JobCtx) -> Result<(), Problem> {
    let to = root_of(&site.folder);
    let stop = site.stop.clone();
    let parts: Vec<(PathBuf, String)> = site
        .inputs
        .parts
        .iter()
        .map(|part| (Inputs::staged(&site.folder, part), part.file_name.clone()))
        .collect();
    let copy = async |from: &Path| {
        let (from, to, stop) = (from.to_path_buf(), to.clone(), stop.clone());
        // What runs is made whole again: its files are there, and it may be reading and writing them.
        let is_itself = from == to;
        cx.blocking(move |_| {
            files::create_private_dir(&to)?;
            let entries = if is_itself { Vec::new() } else { files::list_dir(&from)? };
            for entry in entries.into_iter().filter(|entry| entry.name != sources::OF_GIT) {
                kept_folders::copy(&entry.path, &to.join(&entry.name), &|| stop.is_cancelled())?;
            }
            for (staged, name) in parts {
                if is_itself && to.join(&name).exists() {
                    continue;
                }
                files::remove_file(&to.join(&name))?;
                kept_folders::copy(&staged, &to.join(&name), &|| stop.is_cancelled())?;
            }
            Ok(())
        })
        .await
    };
    match site
        .inputs
        .again
        .as_ref()
        .map(|former| root_of(former))
        .filter(|root| root.is_dir())
    {
        Some(former) => copy(&former).await,
        None => sources::with(site, cx, copy).await,
    }
}

fn hashes_file(folder: &Path) -> PathBuf {
    folder.join("hashes")
}

/// In the file of what is up: instances are started by themselves from now on. What has done its one thing does not do it again.
const AGAIN: &[u8] = b"again";

/// It is there since the project is up.
fn up_file(folder: &Path) -> PathBuf {
    folder.join("up")
}
