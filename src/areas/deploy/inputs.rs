//! What a deployment needs, gathered once and stored with it, so that it can be done again as it was: version, settings, gates, files.

use super::data::{self, Data};
use super::targets::{self, ssh};
use super::{Kind, StepName, What, journal, settings};
use crate::adapters::World;
use crate::adapters::git::program::Repo;
use crate::adapters::store::deployments::DeploymentRow;
use crate::adapters::store::releases::ReleaseRow;
use crate::adapters::{deliver, files};
use crate::areas::build::docker::dockerfile;
use crate::areas::devops::bump;
use crate::areas::devops::project::{
    Database, Environment, Probe, ProjectFile, Span, Strategy, Target, Traffic, Words, artifacts_in, fill,
};
use crate::areas::devops::scan::COMPOSE_FILES;
use crate::areas::release::procedure::again;
use crate::areas::release::{packages, verify, version, withdrawal};
use crate::base::{Problem, Workspace, WorkspaceId, format};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use tokio_util::sync::CancellationToken;

const MAX_UNIT_BYTES: u64 = 256 * 1024;
pub const MAX_ENV_BYTES: u64 = 1024 * 1024;
/// Releases that are looked at for the newest one.
const MAX_KNOWN: u32 = 1000;

/// Everything that decides what will run. Stored whole in the journal.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inputs {
    /// The word `{version}`.
    pub version: String,
    /// What it is called: the version, with the commit behind it when it is no release.
    pub label: String,
    pub commit: Option<String>,
    pub release: Option<i64>,
    /// The workspace's folder.
    pub root: PathBuf,
    pub environment: String,
    pub env: BTreeMap<String, String>,
    pub target: Target,
    #[serde(default)]
    pub strategy: Strategy,
    #[serde(default)]
    pub traffic: Option<Traffic>,
    /// Chosen for this deployment, where old and new instances stand beside each other.
    #[serde(default)]
    pub first_port: Option<u16>,
    /// Ports that other environments of the project ask for.
    #[serde(default)]
    pub reserved: BTreeSet<u16>,
    /// The text of the Dockerfile that the image is built from.
    #[serde(default)]
    pub dockerfile: Option<String>,
    /// The texts of the compose files, and the service of each instance.
    #[serde(default)]
    pub compose: Vec<String>,
    #[serde(default)]
    pub services: Vec<String>,
    /// The folder of the deployment that is run again: what was made for it is taken as it is.
    #[serde(default)]
    pub again: Option<PathBuf>,
    #[serde(default)]
    pub database: Option<Database>,
    /// What is done with what stands in the database.
    #[serde(default)]
    pub data: Data,
    /// How long a failure waits for somebody to decide; None: the version before comes back at once.
    #[serde(default)]
    pub guided: Option<Span>,
    pub health: Vec<Probe>,
    pub parts: Vec<Part>,
}

/// One file of a version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Part {
    /// The artifact's name in `chantier.toml`.
    pub name: String,
    /// What the file is called where it runs.
    pub file_name: String,
    /// Where it is taken from.
    pub source: PathBuf,
    /// What it must be.
    pub sha256: String,
    pub bytes: u64,
}

impl Inputs {
    /// The deployment's own copy of a part, below its folder.
    pub fn staged(folder: &Path, part: &Part) -> PathBuf {
        folder.join("artifacts").join(&part.name).join(&part.file_name)
    }

    /// The words that do not depend on the instance.
    pub fn words(&self, folder: &Path) -> Words {
        let mut words = Words::default()
            .set("version", &self.version)
            .set("commit", self.commit.as_deref().unwrap_or(""))
            .set("environment", &self.environment);
        if let Some(rules) = &self.database {
            words = words.set("database", data::place(rules, self).name());
        }
        for part in &self.parts {
            words = words.set(
                format!("artifact:{}", part.name),
                Self::staged(folder, part).to_string_lossy(),
            );
        }
        words
    }

    /// The same, to be run again from the copies that a former deployment kept.
    pub fn again_from(&self, folder: &Path) -> Self {
        let mut again = self.clone();
        again.again = Some(folder.to_path_buf());
        for part in &mut again.parts {
            part.source = Self::staged(folder, part);
        }
        again
    }

    pub fn n_instances(&self) -> u32 {
        match self.services.len() {
            0 => self.target.instances(),
            n => n as u32,
        }
    }

    /// The port of an instance, counted from 1; 0 is what runs before the first.
    pub fn port(&self, n: u32) -> Option<u16> {
        self.target.port_of(self.first_port.or(self.target.port()), n)
    }

    /// What changes the database to what this version needs; empty where nothing does.
    pub fn migration(&self) -> &[String] {
        self.database.as_ref().map_or(&[], |rules| &rules.migrate)
    }

    /// What is done with the data, in this order.
    pub fn data_steps(&self) -> &'static [StepName] {
        match (&self.database, &self.data) {
            (None, _) | (_, Data::Keep) => &[],
            (_, Data::Restore { .. }) => &[StepName::Backup, StepName::Restore],
            (_, Data::Advance) if self.migration().is_empty() => &[StepName::Backup],
            (_, Data::Advance) => &[StepName::Backup, StepName::Migrate],
        }
    }

    /// The sum of everything that decides what will run, wherever its files lie.
    pub fn settings_sum(&self) -> String {
        let mut settings = Self {
            release: None,
            first_port: None,
            reserved: BTreeSet::new(),
            again: None,
            data: Data::Keep,
            guided: None,
            ..self.clone()
        };
        for part in &mut settings.parts {
            part.source = PathBuf::new();
        }
        files::sha256_of(settings.to_value().to_string().as_bytes())
    }

    /// The sum of what runs and of what it is given, however it came there, is looked at and how many of it there are.
    fn running_sum(&self) -> String {
        let mut same = Self {
            strategy: Strategy::default(),
            traffic: None,
            health: Vec::new(),
            ..self.clone()
        };
        same.target.set_instances(1);
        same.settings_sum()
    }

    /// What a deployment was made with.
    pub fn of(row: &DeploymentRow) -> Result<Self, Problem> {
        serde_json::from_value(row.inputs.clone()).map_err(|error| {
            Problem::internal(msg!("deploy-inputs-lost", id = row.id.to_string()))
                .details(error)
                .hint(msg!("deploy-inputs-lost-hint"))
        })
    }

    pub fn to_value(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// Whether every file is there and is what it must be. May read much: call it off the async threads.
    pub fn check_parts(&self) -> Result<(), Problem> {
        for part in &self.parts {
            match deliver::look(&part.source)? {
                None => {
                    return Err(
                        Problem::environment(msg!("deploy-part-gone", name = &part.name, version = &self.label))
                            .code("artifact-gone")
                            .details(part.source.display())
                            .hint(msg!("deploy-part-gone-hint", version = &self.label)),
                    );
                }
                Some(found) if found.sha256 != part.sha256 => {
                    return Err(
                        Problem::environment(msg!("deploy-part-changed", name = &part.name, version = &self.label))
                            .code("artifact-changed")
                            .details(format!(
                                "{}\n{}  expected\n{}  found",
                                part.source.display(),
                                part.sha256,
                                found.sha256
                            ))
                            .hint(msg!("deploy-part-changed-hint", version = &self.label)),
                    );
                }
                Some(_) => {}
            }
        }
        Ok(())
    }
}

/// What tells two deployments apart for whoever returns to one of them: version, commit, and the settings and files that it ran with.
pub fn identity(row: &DeploymentRow) -> (String, Option<String>, Option<String>) {
    let sum = Inputs::of(row).ok().map(|inputs| inputs.running_sum());
    (row.version.clone(), row.commit.clone(), sum)
}

/// The folder of a deployment: its copies, logs.
pub fn folder(world: &World, row: &DeploymentRow) -> PathBuf {
    folder_of(world, &row.workspace, &row.environment).join(row.id.to_string())
}

/// The folder of an environment's deployments.
pub fn folder_of(world: &World, workspace: &WorkspaceId, environment: &str) -> PathBuf {
    // Names come from a file of the user's: only what can be a folder's name is kept of them.
    let environment: String = environment
        .chars()
        .map(|c| if c.is_alphanumeric() || c == '-' || c == '_' { c } else { '_' })
        .collect();
    world.dirs().data.join("deployments").join(&workspace.0).join(environment)
}

/// The project's own unit file, where the environment has one: it goes with the version, so that it comes back with it.
fn unit_file(workspace: &Workspace, environment: &Environment) -> Result<Option<(Part, String)>, Problem> {
    let Target::Ssh {
        unit_file: Some(path), ..
    } = &environment.target
    else {
        return Ok(None);
    };
    let text = files::Beneath::open(&workspace.root)?.read_text(path, MAX_UNIT_BYTES)?;
    let part = Part {
        name: ssh::UNIT_PART.to_owned(),
        file_name: file_name(path, "unit"),
        source: workspace.root.join(path),
        sha256: files::sha256_of(text.as_bytes()),
        bytes: text.len() as u64,
    };
    Ok(Some((part, text)))
}

/// Gathers what the wish means now. Reads the ledger and the workspace; changes nothing.
pub async fn gather(
    world: &World,
    workspace: &Workspace,
    project: &ProjectFile,
    environment: &Environment,
    what: &What,
) -> Result<Inputs, Problem> {
    journal::sound(workspace)?;
    let mut names = environment.artifacts();
    if let Target::Docker { artifacts, .. } | Target::Compose { artifacts, .. } | Target::Swarm { artifacts, .. } =
        &environment.target
    {
        names.extend(artifacts.iter().cloned());
    }
    let unit = unit_file(workspace, environment)?;
    if let Some((_, text)) = &unit {
        names.extend(artifacts_in(text));
    }
    for name in &names {
        if project.artifact(name).is_none() {
            return Err(
                Problem::config(msg!("deploy-artifact-unknown", name = name, environment = &environment.name))
                    .hint(msg!("deploy-artifact-unknown-hint")),
            );
        }
    }
    let mut inputs = Inputs {
        version: String::new(),
        label: String::new(),
        commit: None,
        release: None,
        root: workspace.root.clone(),
        environment: environment.name.clone(),
        env: environment.env.clone(),
        target: environment.target.clone(),
        strategy: environment.strategy.clone(),
        traffic: environment.traffic.clone(),
        first_port: None,
        reserved: project.ports_of_others(&environment.name),
        dockerfile: None,
        compose: Vec::new(),
        services: Vec::new(),
        again: None,
        database: environment.database.clone(),
        data: Data::Advance,
        guided: environment.guided(),
        health: environment.health.clone(),
        parts: unit.into_iter().map(|(part, _)| part).collect(),
    };
    ssh::complete(&mut inputs.target, project.project.name.as_deref().unwrap_or(&workspace.name))?;
    match what {
        What::Latest | What::Version { .. } => {
            of_release(world, workspace, project, environment, what, &names, &mut inputs).await?;
        }
        What::Build { .. } | What::Built => {
            if environment.is_protected() {
                return Err(Problem::user(msg!("deploy-needs-release", environment = &environment.name))
                    .code("needs-release")
                    .hint(msg!("deploy-needs-release-hint")));
            }
            of_build(world, workspace, project, what, &names, &mut inputs).await?;
        }
    }
    if let Target::Docker {
        dockerfile: Some(path), ..
    }
    | Target::Swarm {
        dockerfile: Some(path), ..
    } = &environment.target
    {
        inputs.dockerfile = Some(of_version(world, workspace, path, inputs.commit.as_deref()).await?);
    }
    if let Target::Compose { files, .. } = &environment.target {
        for path in files {
            let text = of_version(world, workspace, path, inputs.commit.as_deref()).await?;
            inputs.compose.push(text);
        }
        inputs.services = targets::compose::services(&inputs.target, &inputs.compose)?;
        let of_machine = Path::new(targets::compose::DOT_ENV);
        if of_version(world, workspace, of_machine, inputs.commit.as_deref())
            .await
            .is_err()
        {
            inputs.parts.extend(targets::compose::own_env::part(&workspace.root)?);
        }
    }
    // A word that is not known must be told before anything is stopped.
    let words = inputs
        .words(Path::new("/"))
        .set("instance", "1")
        .set("port", inputs.port(1).unwrap_or(0).to_string());
    for text in inputs
        .target
        .texts()
        .into_iter()
        .chain(inputs.migration().iter().map(String::as_str))
    {
        fill(text, &words)?;
    }
    settings::check(&inputs.env, &words)?;
    for probe in &inputs.health {
        crate::areas::devops::probe::Ready::new(&probe.kind, probe.timeout.0, &words)?;
    }
    Ok(inputs)
}

async fn of_release(
    world: &World,
    workspace: &Workspace,
    project: &ProjectFile,
    environment: &Environment,
    what: &What,
    names: &BTreeSet<String>,
    inputs: &mut Inputs,
) -> Result<(), Problem> {
    let store = world.store();
    let release = match what {
        What::Version { version } => released(world, workspace, project, version).await?,
        // A pre-release comes to a protected environment only by its name.
        _ => {
            let known = store.releases().list(&workspace.id, MAX_KNOWN).await?;
            // A hotfix of an old line may have been made last.
            let found = known
                .iter()
                .filter(|row| packages::parts(&row.version).0.is_none() && is_latest(row, environment))
                .max_by_key(|row| (semver::Version::parse(&row.version).ok(), row.id));
            match found {
                Some(release) => release.clone(),
                None => return Err(no_release(world, workspace, project).await?),
            }
        }
    };
    not_withdrawn(&release)?;
    if *what == What::Latest {
        not_older(world, workspace, environment, &release).await?;
    }
    let artifacts = store.releases().artifacts(release.id).await?;
    if let Some(public_key) = &project.release.public_key {
        verify::signed(public_key, &artifacts).map_err(|problem| {
            let hint = problem.hint.clone().unwrap_or(msg!("deploy-signature-hint"));
            problem.hint(hint)
        })?;
    }
    for name in names {
        let artifact = artifacts.iter().find(|row| row.name == *name).ok_or_else(|| {
            Problem::user(msg!("deploy-release-without", name = name, version = &release.version))
                .code("not-found")
                .hint(msg!("deploy-release-without-hint"))
        })?;
        inputs.parts.push(Part {
            name: name.clone(),
            file_name: file_name(&artifact.path, name),
            source: artifact.path.clone(),
            sha256: artifact.sha256.clone(),
            bytes: artifact.bytes,
        });
    }
    inputs.version.clone_from(&release.version);
    inputs.label.clone_from(&release.version);
    inputs.commit = Some(release.commit.clone());
    inputs.release = Some(release.id);
    Ok(())
}

/// A version by its name, with what to do where its files are not here.
pub async fn released(world: &World, workspace: &Workspace, project: &ProjectFile, version: &str) -> Result<ReleaseRow, Problem> {
    let version = version.strip_prefix('v').unwrap_or(version);
    let releases = world.store().releases();
    if let Some(found) = releases.by_version(&workspace.id, version).await? {
        return Ok(found);
    }
    if let Some(reason) = withdrawal::reason(&withdrawal::all(world, &workspace.id).await?, version) {
        return Err(withdrawn(version, &reason));
    }
    if again::can(world, workspace, project, version, &CancellationToken::new()).await? {
        return Err(again::elsewhere(version));
    }
    let known = releases.list(&workspace.id, 5).await?;
    let versions: Vec<&str> = known.iter().map(|row| row.version.as_str()).collect();
    let problem = Problem::user(msg!("deploy-no-such-version", version = version)).code("not-found");
    Err(if versions.is_empty() {
        problem.hint(msg!("deploy-no-release-hint"))
    } else {
        problem.hint(msg!("deploy-no-such-version-hint", versions = versions.join(", ")))
    })
}

/// No version is known here; others may have made some, whose tags are here.
pub async fn no_release(world: &World, workspace: &Workspace, project: &ProjectFile) -> Result<Problem, Problem> {
    let newest = again::newest(world, workspace, project, &CancellationToken::new()).await?;
    let problem = Problem::user(msg!("deploy-no-release", workspace = &workspace.name)).code("not-found");
    Ok(match newest {
        Some(version) => problem.hint(msg!("release-elsewhere-hint", version = version)),
        None => problem.hint(msg!("deploy-no-release-hint")),
    })
}

/// A file as it was at the commit of what is deployed; of a folder that is no repository, as it stands.
async fn of_version(world: &World, workspace: &Workspace, path: &Path, commit: Option<&str>) -> Result<String, Problem> {
    dockerfile::inside(path)?;
    if let (Some(commit), true) = (commit, targets::sources::is_repository(world, &workspace.root).await) {
        let repo = Repo {
            root: &workspace.root,
            is_trusted: world.trust().check(workspace).is_ok(),
        };
        let name = format!("{commit}:./{}", path.display());
        let read = world
            .git_program()
            .read(repo, &["show", "--no-textconv", &name], &CancellationToken::new())
            .await;
        let bytes = read.map_err(|problem| {
            let told = msg!("deploy-not-in-commit", path = path, commit = format::short_oid(commit));
            let told = Problem::user(told).code("not-found").details(problem.details);
            let others = COMPOSE_FILES.iter().filter(|name| Path::new(name) != path);
            match others.copied().find(|name| workspace.root.join(name).is_file()) {
                Some(other) if COMPOSE_FILES.iter().any(|name| Path::new(name) == path) => {
                    told.hint(msg!("deploy-compose-file-hint", name = other))
                }
                _ => told,
            }
        })?;
        return Ok(String::from_utf8_lossy(&bytes).into_owned());
    }
    files::read_text(&workspace.root.join(path), files::MAX_TEXT_BYTES)
}

fn is_latest(row: &ReleaseRow, environment: &Environment) -> bool {
    row.withdrawn.is_none() && (row.channel == version::STABLE || !environment.is_protected())
}

/// Whoever names no version does not mean one from before what runs: the newest one was withdrawn, or is one of another line.
async fn not_older(world: &World, workspace: &Workspace, environment: &Environment, release: &ReleaseRow) -> Result<(), Problem> {
    let live = world.store().deployments().live(&workspace.id, &environment.name).await?;
    let Some(live) = live.filter(|row| row.release.is_some() && row.kind != Kind::Stop.word()) else {
        return Ok(());
    };
    let number = |text: &str| semver::Version::parse(text).ok();
    let is_older = number(&release.version)
        .zip(number(&live.version))
        .is_some_and(|(new, live)| new < live);
    if !is_older {
        return Ok(());
    }
    let told = msg!(
        "deploy-latest-older",
        version = &release.version,
        live = &live.version,
        environment = &environment.name
    );
    let hint = msg!(
        "deploy-latest-older-hint",
        environment = &environment.name,
        version = &release.version
    );
    Err(Problem::user(told).code("older").hint(hint))
}

/// A version that was withdrawn goes nowhere.
pub fn not_withdrawn(release: &ReleaseRow) -> Result<(), Problem> {
    match &release.withdrawn {
        None => Ok(()),
        Some(reason) => Err(withdrawn(&release.version, reason)),
    }
}

fn withdrawn(version: &str, reason: &str) -> Problem {
    Problem::user(msg!("deploy-withdrawn", version = version, reason = reason))
        .code("withdrawn")
        .hint(msg!("deploy-withdrawn-hint", version = version))
}

async fn of_build(
    world: &World,
    workspace: &Workspace,
    project: &ProjectFile,
    what: &What,
    names: &BTreeSet<String>,
    inputs: &mut Inputs,
) -> Result<(), Problem> {
    let builds = world.store().builds();
    let rows = match what {
        What::Build { job } => builds.artifacts_of_job(*job).await?,
        _ => builds.artifacts(&workspace.id, 500).await?,
    };
    for name in names {
        let artifact = rows
            .iter()
            .filter(|row| row.workspace == workspace.id && row.name == *name)
            .max_by_key(|row| row.id);
        let artifact = artifact.ok_or_else(|| {
            Problem::user(msg!("deploy-not-built", name = name))
                .code("not-found")
                .hint(msg!("deploy-not-built-hint"))
        })?;
        inputs.commit.clone_from(&artifact.commit);
        inputs.parts.push(Part {
            name: name.clone(),
            file_name: file_name(&artifact.path, name),
            source: artifact.stored.clone().unwrap_or_else(|| artifact.path.clone()),
            sha256: artifact.sha256.clone(),
            bytes: artifact.bytes,
        });
    }
    if let (What::Build { job }, None) = (what, &inputs.commit) {
        inputs.commit = builds.get(*job).await?.and_then(|build| build.commit);
    }
    let files = bump::read(&workspace.root, &project.release)?;
    inputs.version = bump::current(&files).0.unwrap_or_else(|| "0.0.0".to_owned());
    inputs.label = match &inputs.commit {
        Some(commit) => format!("{}+{}", inputs.version, format::short_oid(commit)),
        None => inputs.version.clone(),
    };
    Ok(())
}

fn file_name(path: &Path, name: &str) -> String {
    path.file_name()
        .map_or_else(|| name.to_owned(), |name| name.to_string_lossy().into_owned())
}
