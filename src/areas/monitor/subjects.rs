//! What is watched: the checks of the project file, filled in for the instances that run, and the instances themselves.

use crate::adapters::World;
use crate::adapters::store::instances::InstanceRow;
use crate::areas::deploy::journal;
use crate::areas::devops::probe::Ready;
use crate::areas::devops::project::{Check, Environment, ProbeKind, ProjectFile, Span, Words};
use crate::base::{Problem, Workspace};
use std::time::Duration;

/// A check that can be asked now.
#[derive(Clone, Debug)]
pub struct Subject {
    pub workspace: Workspace,
    pub name: String,
    pub environment: Option<String>,
    pub interval: Duration,
    /// More failures than this in a row, and it is down.
    pub retries: u32,
    /// One per instance; the check is good when all are.
    pub probes: Vec<Asked>,
    /// What is asked, for people.
    pub what: String,
}

/// One probe at one instance.
#[derive(Clone, Debug)]
pub struct Asked {
    pub probe: Ready,
    /// Whom it is asked of; None where it is nobody's.
    pub instance: Option<InstanceRow>,
}

/// The checks of a workspace: those of its project file, and the health gates of environments that no check looks at.
/// An environment where nothing was ever deployed is not asked.
pub async fn checks(world: &World, workspace: &Workspace) -> Result<(Vec<Subject>, Vec<Problem>), Problem> {
    let (file, mut problems) = journal::project(workspace)?;
    let mut subjects = Vec::new();
    for check in wanted(&file) {
        let environment = check.environment.as_deref().and_then(|name| file.environment(name));
        let instances = match environment {
            Some(environment) => instances_of(world, workspace, &environment.name).await?,
            None => Vec::new(),
        };
        match subject(workspace, &check, environment, &instances) {
            Ok(subject) => subjects.push(subject),
            Err(problem) => problems.push(problem),
        }
    }
    Ok((subjects, problems))
}

fn wanted(file: &ProjectFile) -> Vec<Check> {
    let mut checks = file.checks.clone();
    checks.retain(|check| !matches!(check.kind, ProbeKind::Command { .. }));
    for environment in &file.environments {
        if checks
            .iter()
            .any(|check| check.environment.as_deref() == Some(environment.name.as_str()))
        {
            continue;
        }
        checks.extend(
            environment
                .health
                .iter()
                // A command is a gate of a deployment that somebody asked for; nobody asks for this here.
                .filter(|probe| !matches!(probe.kind, ProbeKind::Container | ProbeKind::Command { .. }))
                .take(1)
                .map(|probe| Check {
                    name: environment.name.clone(),
                    kind: probe.kind.clone(),
                    environment: Some(environment.name.clone()),
                    interval: Span(Duration::from_secs(10)),
                    timeout: probe.timeout,
                    retries: 1,
                }),
        );
    }
    checks
}

/// What runs in an environment, or was running when it died: the instances that nobody stopped.
async fn instances_of(world: &World, workspace: &Workspace, environment: &str) -> Result<Vec<InstanceRow>, Problem> {
    let Some(live) = world.store().deployments().live(&workspace.id, environment).await? else {
        return Ok(Vec::new());
    };
    let mut rows = world.store().instances().of_deployment(live.id).await?;
    rows.retain(|row| row.ended_at.is_none() || matches!(row.cause.as_str(), "crashed" | "lost"));
    rows.sort_by(|a, b| a.name.cmp(&b.name).then(b.id.cmp(&a.id)));
    rows.dedup_by(|a, b| a.name == b.name);
    Ok(rows)
}

fn subject(
    workspace: &Workspace,
    check: &Check,
    environment: Option<&Environment>,
    instances: &[InstanceRow],
) -> Result<Subject, Problem> {
    let words_of = |instance: Option<&InstanceRow>| {
        let mut words = Words::default();
        if let Some(environment) = environment {
            words = words.set("environment", environment.name.clone());
            if let Some(port) = environment.target.port() {
                words = words.set("port", port.to_string());
            }
        }
        let Some(instance) = instance else { return words };
        words = words
            .set("instance", instance.name.clone())
            .set("version", instance.version.clone().unwrap_or_default());
        match instance.port {
            Some(port) => words.set("port", port.to_string()),
            None => words,
        }
    };
    let mut probes = Vec::new();
    for instance in instances {
        let probe = Ready::new(&check.kind, check.timeout.0, &words_of(Some(instance)))?;
        probes.push(Asked {
            probe,
            instance: Some(instance.clone()),
        });
    }
    if environment.is_none() {
        probes.push(Asked {
            probe: Ready::new(&check.kind, check.timeout.0, &words_of(None))?,
            instance: None,
        });
    }
    // Probes of one address at several instances are one question.
    if !matches!(check.kind, ProbeKind::Process) {
        probes.dedup_by(|a, b| a.probe == b.probe);
    }
    let what = match probes.first() {
        Some(asked) => asked.probe.what(),
        None => Ready::new(&check.kind, check.timeout.0, &words_of(None))
            .map(|probe| probe.what())
            .unwrap_or_default(),
    };
    Ok(Subject {
        workspace: workspace.clone(),
        name: check.name.clone(),
        environment: check.environment.clone(),
        interval: check.interval.0.max(Duration::from_secs(1)),
        retries: check.retries,
        probes,
        what,
    })
}

/// An instance whose process can be sampled.
#[derive(Clone, Debug)]
pub struct Sampled {
    pub series: String,
    pub pid: u32,
    pub start: u64,
    pub id: i64,
}

/// The instances of a workspace that have a process, alive or not.
pub async fn instances(world: &World, workspace: &Workspace) -> Result<Vec<Sampled>, Problem> {
    let rows = world.store().instances().running(Some(&workspace.id)).await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let series = super::history::instance_series(&workspace.id, row.environment.as_deref().unwrap_or(""), &row.name);
            Some(Sampled {
                series,
                pid: row.pid?,
                start: row.pid_start?,
                id: row.id,
            })
        })
        .collect())
}
