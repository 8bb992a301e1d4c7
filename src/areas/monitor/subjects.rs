//! What is watched: the checks of the project file, filled in for the instances that run, and the instances themselves.

use super::ask::{self, Question};
use crate::adapters::World;
use crate::adapters::store::instances::InstanceRow;
use crate::areas::deploy::targets;
use crate::areas::devops::probe::Ready;
use crate::areas::devops::project::{self, Check, CheckKind, Environment, ProjectFile, Window, Words};
use crate::base::{Problem, Workspace};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// A check that can be asked now.
#[derive(Clone, Debug)]
pub struct Subject {
    pub workspace: Workspace,
    pub name: String,
    pub kind: &'static str,
    pub environment: Option<String>,
    pub interval: Duration,
    /// More failures than this in a row, and it is down.
    pub retries: u32,
    /// A good answer that takes longer is slow.
    pub slow: Option<Duration>,
    /// Checks of the same workspace without which this one says nothing.
    pub needs: Vec<String>,
    /// The same, and those that they need, each behind what it needs itself.
    pub needed: Vec<Subject>,
    pub maintenance: Vec<Window>,
    /// Share of the answers that have to be good, 0 to 1, and over how many days.
    pub slo: Option<(f64, u32)>,
    /// One per instance; the check is good when all are.
    pub probes: Vec<Asked>,
    /// What is asked, for people.
    pub what: String,
    /// As it is written, where it is asked of the instances of an environment.
    pub written: Option<Arc<(Check, Environment)>>,
}

impl Subject {
    /// One that is asked as a gate is, with nothing beyond that.
    pub fn of_probes(workspace: &Workspace, name: &str, environment: Option<&str>, probes: Vec<Asked>) -> Self {
        Self {
            workspace: workspace.clone(),
            name: name.to_owned(),
            kind: "http",
            environment: environment.map(str::to_owned),
            interval: Duration::from_secs(10),
            retries: 0,
            slow: None,
            needs: Vec::new(),
            needed: Vec::new(),
            maintenance: Vec::new(),
            slo: None,
            written: None,
            what: probes.first().map(|asked| asked.probe.what()).unwrap_or_default(),
            probes,
        }
    }
}

/// How one place is asked.
#[derive(Clone, Debug, PartialEq)]
pub enum Probe {
    /// As a gate of a deployment, also on another machine.
    Gate(Ready),
    Own(Box<Question>),
}

impl Probe {
    pub fn what(&self) -> String {
        match self {
            Self::Gate(ready) => ready.what(),
            Self::Own(question) => question.what(),
        }
    }
}

/// One probe at one instance.
#[derive(Clone, Debug)]
pub struct Asked {
    pub probe: Probe,
    /// Whom it is asked of; None where it is nobody's.
    pub instance: Option<InstanceRow>,
}

/// The checks of a workspace: those of its project file, and the health gates of environments that no check looks at.
/// An environment where nothing was ever deployed is not asked.
pub async fn checks(world: &World, workspace: &Workspace) -> Result<(Vec<Subject>, Vec<Problem>), Problem> {
    let (file, problems) = project::read(&workspace.root)?;
    of_file(world, workspace, &file, problems).await
}

/// The same of a file that was read already.
pub async fn of_file(
    world: &World,
    workspace: &Workspace,
    file: &ProjectFile,
    mut problems: Vec<Problem>,
) -> Result<(Vec<Subject>, Vec<Problem>), Problem> {
    let mut subjects = Vec::new();
    for check in wanted(file) {
        let environment = check.environment.as_deref().and_then(|name| file.environment(name));
        let instances = match environment {
            Some(environment) if is_of_instances(&check) => instances_of(world, workspace, &environment.name).await?,
            _ => Vec::new(),
        };
        match subject(workspace, &check, environment, &instances) {
            Ok(subject) => subjects.push(subject),
            Err(problem) => problems.push(problem),
        }
    }
    let needed: Vec<Vec<Subject>> = subjects
        .iter()
        .map(|subject| {
            let (mut found, mut seen) = (Vec::new(), BTreeSet::from([subject.name.clone()]));
            below(subject, &subjects, &mut seen, &mut found);
            found
        })
        .collect();
    for (subject, needed) in subjects.iter_mut().zip(needed) {
        subject.needed = needed;
    }
    Ok((subjects, problems))
}

/// What it needs, the deepest first. A circle is told where the file is read; here it must only end.
fn below(subject: &Subject, all: &[Subject], seen: &mut BTreeSet<String>, found: &mut Vec<Subject>) {
    for need in &subject.needs {
        if let Some(need) = all.iter().find(|one| one.name == *need)
            && seen.insert(need.name.clone())
        {
            below(need, all, seen, found);
            found.push(need.clone());
        }
    }
}

/// Asked at each instance of its environment; the others are asked once, from here.
fn is_of_instances(check: &Check) -> bool {
    let is_kind = match &check.kind {
        CheckKind::Http(_) | CheckKind::Tcp(_) => true,
        CheckKind::Process(process) => process.program.is_none(),
        CheckKind::Container(container) => container.container.is_none(),
        _ => false,
    };
    check.environment.is_some() && is_kind
}

fn wanted(file: &ProjectFile) -> Vec<Check> {
    let mut checks = file.checks.clone();
    for environment in &file.environments {
        let name = environment.name.as_str();
        if checks.iter().any(|check| check.environment.as_deref() == Some(name)) {
            continue;
        }
        // A command is a gate of a deployment that somebody asked for; nobody asks for this here.
        let first = environment
            .health
            .iter()
            .find_map(|probe| Check::of_gate(name, &probe.kind, probe.timeout));
        checks.extend(first);
    }
    checks
}

/// What runs in an environment, or was running when it died: the instances that nobody stopped.
async fn instances_of(world: &World, workspace: &Workspace, environment: &str) -> Result<Vec<InstanceRow>, Problem> {
    let Some(live) = world.store().deployments().live(&workspace.id, environment).await? else {
        return Ok(Vec::new());
    };
    targets::revive(world, &live).await?;
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
    let probe_of = |words: &Words| -> Result<Probe, Problem> {
        Ok(match check.kind.as_probe().filter(|_| is_of_instances(check)) {
            Some(kind) => Probe::Gate(Ready::new(&kind, check.timeout.0, words)?),
            None => Probe::Own(Box::new(Question::new(check, &workspace.root, words)?)),
        })
    };
    let mut probes = Vec::new();
    // The way in to one of them is not that of the others.
    let is_asked = |instance: &&InstanceRow| match check.kind.as_probe() {
        Some(kind) => targets::of_instance(instance).is_asked(instance, &kind),
        None => true,
    };
    for instance in instances.iter().filter(is_asked) {
        probes.push(Asked {
            probe: probe_of(&words_of(Some(instance)))?,
            instance: Some(instance.clone()),
        });
    }
    if !is_of_instances(check) {
        probes.push(Asked {
            probe: probe_of(&words_of(None))?,
            instance: None,
        });
    }
    // Probes of one address at several instances are one question.
    if !matches!(check.kind, CheckKind::Process(_) | CheckKind::Container(_)) {
        probes.dedup_by(|a, b| a.probe == b.probe);
    }
    let what = match probes.first() {
        // One of several addresses, and how many there are beside it.
        Some(asked) if probes.len() > 1 => format!("{} +{}", asked.probe.what(), probes.len() - 1),
        Some(asked) => asked.probe.what(),
        None => probe_of(&words_of(None)).map_or_else(|_| ask::what(&check.kind), |probe| probe.what()),
    };
    Ok(Subject {
        workspace: workspace.clone(),
        name: check.name.clone(),
        kind: check.kind.word(),
        environment: check.environment.clone(),
        interval: check.interval.0.max(Duration::from_secs(1)),
        retries: check.retries,
        slow: check.slow.map(|slow| slow.0),
        needs: check.needs.clone(),
        needed: Vec::new(),
        maintenance: check.maintenance.clone(),
        slo: check.slo.map(|slo| (slo / 100.0, check.slo_days.max(1))),
        probes,
        what,
        written: environment
            .filter(|_| is_of_instances(check))
            .map(|environment| Arc::new((check.clone(), environment.clone()))),
    })
}

/// The same check of the instances that there are now.
pub async fn as_now(world: &World, subject: &Subject) -> Result<Subject, Problem> {
    let Some(written) = &subject.written else {
        return Ok(subject.clone());
    };
    let (check, environment) = written.as_ref();
    let instances = instances_of(world, &subject.workspace, &environment.name).await?;
    self::subject(&subject.workspace, check, Some(environment), &instances)
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
