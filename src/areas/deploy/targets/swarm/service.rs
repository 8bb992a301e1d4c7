//! The service of an environment: what it shall be, and how Swarm gets there.

use super::super::Site;
use super::super::docker::{self, image};
use super::{LOOK_EVERY, Publish};
use crate::adapters::docker::Fault;
use crate::adapters::{World, files};
use crate::areas::deploy::settings;
use crate::areas::devops::project::{self, Order, Strategy, fill};
use crate::base::docker::{ServicePort, ServiceSecret, ServiceSeen, ServiceSpec, TaskSeen};
use crate::base::{Problem, SafeText};
use crate::msg;
use futures::StreamExt as _;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::Duration;
use tokio::time::Instant;

/// Labels of a service: the folder of its deployment, and the one of all deployments of its environment, which no other home has.
const LABEL_FOLDER: &str = "chantier.deployment";
const LABEL_HOME: &str = "chantier.environment";
/// Labels of its containers.
const LABEL_VERSION: &str = "chantier.version";
const LABEL_SUM: &str = "chantier.sum";
/// How long Swarm may take, where the strategy does not say it.
const TIME_LIMIT: Duration = Duration::from_mins(10);
/// How long a task is watched, where the strategy does not say it.
const MONITOR: Duration = Duration::from_secs(2);
/// Tasks of a new service that fail before it is given up.
const FAILURES: usize = 3;
const LINES: u32 = 15;

/// Homes, and environments of a home, have a service each.
pub(super) fn name(site: &Site) -> String {
    match &site.inputs.target {
        project::Target::Swarm { service: Some(name), .. } => name.clone(),
        _ => docker::environment_name(site),
    }
}

pub(super) fn publish(site: &Site) -> Publish {
    match &site.inputs.target {
        project::Target::Swarm { publish, .. } => *publish,
        _ => Publish::default(),
    }
}

fn home(folder: &Path) -> String {
    folder.parent().unwrap_or(folder).display().to_string()
}

/// It was made for this environment of this home.
pub(super) fn is_ours(site: &Site, seen: &ServiceSeen) -> bool {
    seen.labels.get(LABEL_HOME) == Some(&home(&site.folder))
}

/// It is as this deployment made it.
fn is_of(folder: &Path, seen: &ServiceSeen) -> bool {
    seen.labels.get(LABEL_FOLDER) == Some(&folder.display().to_string())
}

/// What the service shall be. Secrets are put into the swarm where it does not have them.
async fn spec(site: &Site) -> Result<ServiceSpec, Problem> {
    let project::Target::Swarm {
        command,
        instances,
        port,
        publish,
        inside_port,
        volumes,
        networks,
        constraints,
        user,
        order,
        stop_grace,
        ..
    } = &site.inputs.target
    else {
        return Err(Problem::internal(msg!(
            "deploy-run-empty",
            environment = &site.inputs.environment
        )));
    };
    let inside = inside_port.or(*port);
    let mut words = site.inputs.words(&site.folder).set("instance", "{{.Task.Slot}}");
    if let Some(inside) = inside {
        words = words.set("port", inside.to_string());
    }
    let filled = |text: &String| fill(text, &words);
    let mut env = Vec::new();
    for (name, value) in settings::plain(&site.inputs, &words)? {
        env.push(format!("{name}={value}"));
    }
    let secrets = secrets(site, &words).await?;
    for secret in &secrets {
        env.push(format!(
            "{}={}/{}",
            settings::pointer(&secret.file),
            settings::FOLDER,
            secret.file
        ));
    }
    if let Some(inside) = inside {
        env.push(format!("PORT={inside}"));
    }
    let volumes: Vec<String> = volumes.iter().map(filled).collect::<Result<_, _>>()?;
    let (parallelism, monitor) = match &site.inputs.strategy {
        Strategy::Rolling { .. } => {
            let (at_once, healthy, ..) = site.inputs.strategy.rolling();
            (at_once as u32, if healthy.is_zero() { MONITOR } else { healthy })
        }
        _ => (0, MONITOR),
    };
    let mut spec = ServiceSpec {
        name: name(site),
        labels: BTreeMap::from([
            (LABEL_FOLDER.to_owned(), site.folder.display().to_string()),
            (LABEL_HOME.to_owned(), home(&site.folder)),
        ]),
        image: image::staged(site)?,
        command: command.iter().map(filled).collect::<Result<_, _>>()?,
        env,
        container_labels: BTreeMap::new(),
        user: user.clone(),
        volumes: volumes
            .iter()
            .filter_map(|volume| volume.split_once(':'))
            .map(|(source, at)| (source.to_owned(), at.to_owned()))
            .collect(),
        secrets,
        networks: networks.clone(),
        constraints: constraints.clone(),
        replicas: *instances,
        port: inside.map(|inside| ServicePort {
            inside,
            published: *port,
            on_host: *publish == Publish::Host,
        }),
        stop_grace: stop_grace.0,
        parallelism,
        delay: Duration::ZERO,
        monitor,
        starts_first: *order == Order::StartFirst,
    };
    let what = (
        &site.inputs.label,
        &spec.image,
        &spec.command,
        &spec.env,
        &spec.user,
        &spec.volumes,
        &spec.secrets,
    );
    let sum = files::sha256_of(format!("{what:?}{:?}", (&spec.networks, &spec.constraints)).as_bytes());
    spec.container_labels = BTreeMap::from([
        (LABEL_VERSION.to_owned(), site.inputs.label.clone()),
        (LABEL_SUM.to_owned(), sum[..16].to_owned()),
    ]);
    Ok(spec)
}

/// Each value has a secret of its own, so that a version keeps what it was given.
async fn secrets(site: &Site, words: &project::Words) -> Result<Vec<ServiceSecret>, Problem> {
    let given = settings::files(&site.inputs, words, site.world.secrets())?;
    if given.is_empty() {
        return Ok(Vec::new());
    }
    let engine = site.world.docker();
    let home = home(&site.folder);
    let label = (LABEL_HOME, home.as_str());
    let known = engine.swarm_secrets(label).await.map_err(|fault| fault.problem())?;
    let mut secrets = Vec::new();
    for (file, value) in given {
        let sum = files::sha256_of(format!("{home}\0{file}\0{}", value.reveal()).as_bytes());
        let name = format!("chantier-{}-{}", docker::plain(&file), &sum[..16]);
        let id = match known.get(&name) {
            Some(id) => id.clone(),
            None => {
                let made = engine.create_swarm_secret(&name, label, &value).await;
                made.map_err(|fault| fault.problem())?
            }
        };
        secrets.push(ServiceSecret { id, name, file });
    }
    Ok(secrets)
}

/// Secrets of this environment that no service uses any more go; the swarm keeps the others by itself.
pub(super) async fn forget_secrets(site: &Site) -> Result<(), Fault> {
    if settings::hidden_names(&site.inputs).is_empty() {
        return Ok(());
    }
    forget_secrets_of(&site.world, &site.folder).await
}

async fn forget_secrets_of(world: &World, folder: &Path) -> Result<(), Fault> {
    let engine = world.docker();
    let home = home(folder);
    for id in engine.swarm_secrets((LABEL_HOME, &home)).await?.into_values() {
        match engine.remove_swarm_secret(&id).await {
            Ok(()) | Err(Fault::Refused { .. } | Fault::Gone) => {}
            Err(fault) => return Err(fault),
        }
    }
    Ok(())
}

/// Makes the service what this deployment says, and waits until Swarm has done it. Gives the tasks by their slots.
pub(super) async fn bring(site: &Site) -> Result<BTreeMap<u32, TaskSeen>, Problem> {
    let told = |fault: Fault| fault.problem();
    let engine = site.world.docker();
    let spec = spec(site).await?;
    match engine.service(&spec.name).await.map_err(told)? {
        None => engine.create_service(&spec).await.map_err(told)?,
        Some(seen) if !is_of(&site.folder, &seen) => engine.update_service(&seen, &spec).await.map_err(told)?,
        // Somebody asked for another number of tasks since.
        Some(seen) if seen.replicas != spec.replicas => engine.update_service(&seen, &spec).await.map_err(told)?,
        // It was asked for before.
        Some(_) => {}
    }
    let limit = match &site.inputs.strategy {
        Strategy::Rolling { .. } => site.inputs.strategy.rolling().3,
        _ => TIME_LIMIT,
    };
    let until = Instant::now() + limit;
    loop {
        if site.stop.is_cancelled() {
            return Err(Problem::cancelled());
        }
        let tasks = engine.tasks(&spec.name).await.map_err(told)?;
        let Some(seen) = engine.service(&spec.name).await.map_err(told)? else {
            return Err(Problem::environment(msg!("swarm-gone", service = spec.name)).code("died"));
        };
        let is_going_back = seen.update.starts_with("rollback");
        if is_going_back || !is_of(&site.folder, &seen) {
            if seen.update != "rollback_started" || Instant::now() > until {
                return Err(failed(site, &spec, &tasks, "swarm-rolled-back", &seen.update_note).await);
            }
        } else {
            let running = made_from(&spec, &tasks);
            if seen.update == "paused" {
                return Err(failed(site, &spec, &tasks, "swarm-paused", &seen.update_note).await);
            }
            if running.len() >= spec.replicas as usize && seen.update != "updating" {
                return Ok(running);
            }
            let n_failed = tasks
                .iter()
                .filter(|task| is_made_from(&spec, task) && task.has_failed())
                .count();
            if seen.update != "updating" && n_failed >= FAILURES {
                return Err(failed(site, &spec, &tasks, "swarm-failed", "").await);
            }
            if Instant::now() > until {
                return Err(failed(site, &spec, &tasks, "swarm-late", "").await);
            }
        }
        tokio::select! {
            () = site.stop.cancelled() => return Err(Problem::cancelled()),
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
}

/// Of everything that a task is made from.
pub(super) fn sum_of(task: &TaskSeen) -> &str {
    task.labels.get(LABEL_SUM).map_or("", String::as_str)
}

fn is_made_from(spec: &ServiceSpec, task: &TaskSeen) -> bool {
    let labels = spec.container_labels.iter();
    task.image == spec.image && { labels }.all(|(name, value)| task.labels.get(name) == Some(value))
}

fn made_from(spec: &ServiceSpec, tasks: &[TaskSeen]) -> BTreeMap<u32, TaskSeen> {
    let running = tasks.iter().filter(|task| task.is_running() && is_made_from(spec, task));
    running.map(|task| (task.slot, task.clone())).collect()
}

/// The tasks of this deployment that run now.
pub(super) async fn running(site: &Site) -> Result<BTreeMap<u32, TaskSeen>, Problem> {
    let engine = site.world.docker();
    let name = name(site);
    let seen = engine.service(&name).await.map_err(|fault| fault.problem())?;
    let Some(seen) = seen.filter(|seen| is_of(&site.folder, seen)) else {
        return Ok(BTreeMap::new());
    };
    let tasks = engine.tasks(&name).await.map_err(|fault| fault.problem())?;
    let is_it = |task: &&TaskSeen| {
        let is_version = task.labels.get(LABEL_VERSION) == Some(&site.inputs.label);
        task.is_running() && is_version && task.image == seen.image
    };
    Ok(tasks.iter().filter(is_it).map(|task| (task.slot, task.clone())).collect())
}

/// Why Swarm did not get there, in its own words and the last ones of a task.
async fn failed(site: &Site, spec: &ServiceSpec, tasks: &[TaskSeen], key: &'static str, note: &str) -> Problem {
    let ours = tasks.iter().filter(|task| is_made_from(spec, task));
    let mut errors = BTreeSet::new();
    let mut last = None;
    for task in ours {
        if !task.error.is_empty() {
            errors.insert(task.error.clone());
        }
        if task.has_failed() {
            last = Some(task.id.clone());
        }
    }
    let mut details: Vec<String> = errors.iter().cloned().collect();
    if !note.is_empty() {
        details.push(note.to_owned());
    }
    if let Some(task) = last {
        details.extend(said(&site.world, &task, LINES).await);
    }
    let why = errors.into_iter().next_back().unwrap_or_else(|| note.to_owned());
    let summary = crate::base::Msg::new(key)
        .with("service", spec.name.as_str())
        .with("why", SafeText::new(&why));
    Problem::environment(summary)
        .code("died")
        .details(SafeText::multiline(&details.join("\n")))
}

/// The last lines of a task.
pub(super) async fn said(world: &World, task: &str, n_lines: u32) -> Vec<String> {
    let clock = world.clock().clone();
    let Ok(mut pieces) = world.docker().task_logs(task, n_lines, false, move || clock.now()).await else {
        return Vec::new();
    };
    let mut lines = Vec::new();
    while let Some(Ok(line)) = pieces.next().await {
        lines.push(world.masks().mask_str(&line.text).into_owned());
    }
    lines
}

/// Removes the service, if it is still as this deployment made it, and waits until none of its containers runs here.
pub(super) async fn remove(world: &World, name: &str, folder: &Path, limit: Duration) -> Result<(), Fault> {
    let engine = world.docker();
    let Some(seen) = engine.service(name).await?.filter(|seen| is_of(folder, seen)) else {
        return Ok(());
    };
    match engine.remove_service(&seen.id).await {
        Ok(()) | Err(Fault::Gone) => {}
        Err(fault) => return Err(fault),
    }
    let until = Instant::now() + limit;
    loop {
        let held = engine.holdings().await?;
        let is_left = held
            .containers
            .iter()
            .any(|container| container.is_running() && container.labels.get("com.docker.swarm.service.id") == Some(&seen.id));
        if !is_left || Instant::now() > until {
            return forget_secrets_of(world, folder).await;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
