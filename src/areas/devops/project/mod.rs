//! `chantier.toml`: the project as code. Typed, every error with line and column; a broken entry loses that entry only.

pub mod alerts;
pub mod checks;
mod database;
mod delivery;
mod judge;
pub mod matcher;
mod parse;
pub mod pipeline;
mod probes;
pub mod release;
mod runbook;
mod schedule;
mod target;
mod torn;
mod window;
mod words;

pub use alerts::{AlertRule, Channel, PromChart, PromServer, Scrape};
pub use checks::{Check, CheckKind};
pub use database::{Database, DatabaseKind};
use delivery::ten_mins;
pub use delivery::{CanaryStep, Mode, RehearsalRules, Strategy, Traffic};
pub use judge::{Judge, Judging, Metric};
pub use parse::parse;
pub use pipeline::Pipeline;
pub use probes::{ExpectVersion, Probe, ProbeKind};
pub use release::{ChangeKind, CommitLevel, CommitRule, FileRule, PackageRule, ReleaseStep, StepKind};
pub use runbook::{Runbook, RunbookStep};
pub use schedule::Schedule;
pub use target::{Allow, Order, Publish, Restart, Target};
pub use window::Window;
pub use words::{Words, fill, fill_hidden, fill_known, fill_secrets};

use crate::adapters::deliver::Format;
use crate::adapters::{files, secrets};
use crate::base::Problem;
use crate::base::time::parse_duration;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The file's name in the workspace's root.
pub const FILE_NAME: &str = "chantier.toml";

/// The text of the project file of the folder `root`; nothing where there is none.
pub fn read_text(root: &Path) -> Result<Option<String>, Problem> {
    files::read_text_if_there(&root.join(FILE_NAME), files::MAX_TEXT_BYTES)
}

/// The project file of the folder `root`: what is right in it, and beside that what is wrong. A folder without one has the defaults.
pub fn read(root: &Path) -> Result<(ProjectFile, Vec<Problem>), Problem> {
    Ok(read_text(root)?
        .map(|text| parse(&text, &root.join(FILE_NAME)))
        .unwrap_or_default())
}

/// The same for what can do without: a file that can not be read is one of the things that are wrong.
pub fn read_as_far(root: &Path) -> (ProjectFile, Vec<Problem>) {
    read(root).unwrap_or_else(|problem| (ProjectFile::default(), vec![problem]))
}

/// Everything the file says.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProjectFile {
    pub project: Project,
    pub plan: PlanRules,
    pub tasks: Vec<Task>,
    pub artifacts: Vec<Artifact>,
    pub release: ReleaseRules,
    /// In the order in which a version moves on.
    pub environments: Vec<Environment>,
    pub checks: Vec<Check>,
    pub alerts: Vec<AlertRule>,
    pub channels: Vec<Channel>,
    pub scrapes: Vec<Scrape>,
    #[serde(default)]
    pub prometheus: Vec<PromServer>,
    pub pipelines: Vec<Pipeline>,
    pub matchers: Vec<matcher::MatcherEntry>,
    pub runbooks: Vec<Runbook>,
    pub test: TestRules,
}

impl ProjectFile {
    pub fn pipeline(&self, name: &str) -> Option<&Pipeline> {
        self.pipelines.iter().find(|pipeline| pipeline.name == name)
    }

    pub fn environment(&self, name: &str) -> Option<&Environment> {
        self.environments.iter().find(|environment| environment.name == name)
    }

    /// The ports that the other environments ask for: nobody else takes one of them while it is free.
    pub fn ports_of_others(&self, name: &str) -> BTreeSet<u16> {
        let others = self.environments.iter().filter(|environment| environment.name != name);
        others.flat_map(Environment::ports).collect()
    }

    pub fn task(&self, name: &str) -> Option<&Task> {
        self.tasks.iter().find(|task| task.name == name)
    }

    pub fn artifact(&self, name: &str) -> Option<&Artifact> {
        self.artifacts.iter().find(|artifact| artifact.name == name)
    }
}

/// A duration written `500ms`, `10s`, `5m` or `2h`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span(pub Duration);

impl Serialize for Span {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{}ms", self.0.as_millis()))
    }
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        // Who writes a number alone may well mean minutes.
        let has_unit = text.trim().ends_with(|end: char| end.is_ascii_alphabetic());
        parse_duration(&text).filter(|_| has_unit).map(Self).ok_or_else(|| {
            serde::de::Error::custom(format!(
                "`{text}` is not a duration; write it like \"500ms\", \"10s\", \"5m\" or \"2h\""
            ))
        })
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Project {
    pub name: Option<String>,
    pub description: Option<String>,
}

/// How items of work are kept in `.chantier/plan`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct PlanRules {
    /// Of new items: `BJ-4K7Q`; None takes the first letters of the workspace's name.
    pub prefix: Option<String>,
    /// The columns of the board; the last one means done.
    pub states: Vec<String>,
    /// Work in progress per state.
    pub limits: BTreeMap<String, u32>,
    /// The states that may follow a state; every one where nothing is said.
    pub transitions: BTreeMap<String, Vec<String>>,
    /// The definition of done: lines that every new item gets.
    pub done: Vec<String>,
    /// What moves items by itself.
    pub rules: Vec<PlanRule>,
}

/// What happens to an item when something happened to its commits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlanRule {
    pub on: PlanEvent,
    /// The state that the item comes to; never back to one before its own.
    pub to: String,
    /// Only of this environment, for what is deployed.
    #[serde(default)]
    pub environment: Option<String>,
}

/// What can happen to the work on an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanEvent {
    /// A commit names it, or stands on a branch that does.
    Commit,
    /// Such a commit is part of the main branch.
    Merged,
    /// The tests of its newest commit passed.
    Tests,
    /// Every acceptance criterion is met.
    Criteria,
    /// A release holds one of its commits.
    Released,
    /// It runs somewhere, and is healthy there.
    Deployed,
}

impl Default for PlanRules {
    fn default() -> Self {
        let states = ["ready", "in-progress", "review", "done"].map(str::to_owned).to_vec();
        Self {
            prefix: None,
            states,
            limits: BTreeMap::new(),
            transitions: BTreeMap::new(),
            done: Vec::new(),
            rules: Vec::new(),
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    #[default]
    Build,
    Test,
    Check,
    /// Runs until it is stopped.
    Run,
}

/// A command by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Task {
    pub name: String,
    #[serde(default)]
    pub kind: TaskKind,
    /// Program and arguments; never a line for a shell.
    pub run: Vec<String>,
    #[serde(default = "here")]
    pub dir: PathBuf,
    #[serde(default)]
    pub timeout: Option<Span>,
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// On a terminal of its own, for programs that print otherwise without one.
    #[serde(default)]
    pub pty: bool,
}

/// What a build leaves behind and is kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Artifact {
    pub name: String,
    /// Below the workspace; below the folder that cargo uses when it starts with `target/` and `CARGO_TARGET_DIR` moves it.
    pub path: PathBuf,
    #[serde(default)]
    pub task: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ReleaseRules {
    /// Files that state the version; empty: the ones found at the workspace's root.
    pub version_files: Vec<PathBuf>,
    /// Further files, and what stands around the version in them.
    pub files: Vec<FileRule>,
    /// None follows the tags that are there.
    pub tag: Option<String>,
    pub changelog: PathBuf,
    /// What the artifacts are packed into.
    pub archives: Vec<Format>,
    /// What they hold beside the artifacts; empty: the licence and the README at the root.
    pub archive_files: Vec<PathBuf>,
    /// A bill of materials from the lock files.
    pub sbom: bool,
    /// minisign's secret key, outside of the repository: the sums are signed with it.
    pub sign_key: Option<PathBuf>,
    /// Where the password of the secret key is: `secret:NAME`; None takes that of the surroundings.
    pub sign_password: Option<String>,
    /// The line of minisign's public key: what has no good signature of it is not deployed.
    pub public_key: Option<String>,
    pub deb: Option<DebRules>,
    pub image: Option<ImageRules>,
    /// A copy of the RustSec database; None looks where cargo's tools keep theirs.
    pub advisories: Option<PathBuf>,
    /// Kinds of commits that are written in another way than the usual ones; the first that fits counts.
    #[serde(rename = "commit")]
    pub commits: Vec<CommitRule>,
    /// The procedure; empty: the usual one.
    #[serde(rename = "step")]
    pub steps: Vec<ReleaseStep>,
    /// Packages with versions of their own, beside those that Cargo's and npm's workspaces name.
    #[serde(rename = "package")]
    pub packages: Vec<PackageRule>,
}

impl Default for ReleaseRules {
    fn default() -> Self {
        Self {
            version_files: Vec::new(),
            files: Vec::new(),
            tag: None,
            changelog: "CHANGELOG.md".into(),
            archives: vec![Format::TarGz],
            archive_files: Vec::new(),
            sbom: true,
            sign_key: None,
            sign_password: None,
            public_key: None,
            deb: None,
            image: None,
            advisories: None,
            commits: Vec::new(),
            steps: Vec::new(),
            packages: Vec::new(),
        }
    }
}

/// A Debian package of the artifacts: programs in `/usr/bin`, everything else in `/usr/share/PACKAGE`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct DebRules {
    /// None takes the project's name.
    pub package: Option<String>,
    /// None takes who made the release's commit.
    pub maintainer: Option<String>,
    /// None takes the project's description.
    pub description: Option<String>,
    pub section: Option<String>,
    pub depends: Vec<String>,
    /// Further files: where they are put, and where they stand in the repository.
    pub files: BTreeMap<PathBuf, PathBuf>,
}

/// A container image of the version: the files of its commit with the artifacts on top, built by this machine's engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ImageRules {
    /// Below the repository's folder.
    pub dockerfile: PathBuf,
    /// Without a tag, which is the version. None takes the project's name.
    pub name: Option<String>,
}

impl Default for ImageRules {
    fn default() -> Self {
        Self {
            dockerfile: "Dockerfile".into(),
            name: None,
        }
    }
}

/// How tests are run, and what they have to reach.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TestRules {
    /// How long one test may take.
    pub timeout: Option<Span>,
    /// How many run at once.
    pub jobs: Option<u32>,
    /// Added to the environment of every runner.
    pub env: BTreeMap<String, String>,
    pub gate: Gate,
}

/// What the tests have to reach; percentages are from 0 to 100.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Gate {
    pub min_pass_rate: Option<f64>,
    pub no_new_failures: bool,
    pub min_coverage: Option<f64>,
    pub coverage_not_lower: bool,
}

/// A place where versions run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Environment {
    pub name: String,
    /// Asks for the environment's name before anything changes. Default: true for one that is called `production`.
    #[serde(default)]
    pub protected: Option<bool>,
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    pub target: Target,
    #[serde(default, deserialize_with = "Strategy::read")]
    pub strategy: Strategy,
    #[serde(default)]
    pub traffic: Option<Traffic>,
    #[serde(default)]
    pub health: Vec<Probe>,
    #[serde(default)]
    pub database: Option<Database>,
    #[serde(default)]
    pub rehearsal: RehearsalRules,
    #[serde(default)]
    pub continuous: Option<Continuous>,
    /// Who has to say yes before a version comes here.
    #[serde(default)]
    pub approvals: Option<Approvals>,
    /// What becomes of a deployment of which a step fails.
    #[serde(default)]
    pub on_failure: OnFailure,
    /// How long somebody has to decide, with `on_failure = "ask"`; then the version before comes back.
    #[serde(default = "decide_within")]
    pub decide_within: Span,
}

/// Who has to say yes before a version comes to an environment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approvals {
    /// Those who may say it; empty: anybody but the one who deploys.
    #[serde(default)]
    pub from: Vec<String>,
    /// How many have to; None: every one of those who may, or one.
    #[serde(default)]
    pub needs: Option<u32>,
}

impl Approvals {
    pub fn needed(&self) -> u32 {
        self.needs.unwrap_or(self.from.len().max(1) as u32)
    }
}

/// What becomes of a deployment of which a step fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OnFailure {
    /// The version before comes back at once.
    #[default]
    Return,
    /// Somebody is asked: try again, go on all the same, leave it as it is, or bring the version before back.
    Ask,
}

/// The branch whose green commits come to an environment by themselves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Continuous {
    pub branch: String,
    /// What says that a commit is green; None: its checks.
    #[serde(default)]
    pub pipeline: Option<String>,
    /// Tasks that have to succeed, in this order; empty: the one that runs the project's tests.
    #[serde(default)]
    pub checks: Vec<String>,
}

impl Environment {
    /// How long a failure waits for somebody to decide; None where nobody is asked.
    pub fn guided(&self) -> Option<Span> {
        (self.on_failure == OnFailure::Ask).then_some(self.decide_within)
    }

    pub fn is_protected(&self) -> bool {
        self.protected.unwrap_or_else(|| self.name.starts_with("prod"))
    }

    /// Where its instances listen, and who stands before them.
    fn ports(&self) -> Vec<u16> {
        let listen = self.traffic.as_ref().and_then(|Traffic::Haproxy { listen, .. }| *listen);
        let n = self.target.instances().clamp(1, u32::from(u16::MAX));
        let first = self.target.port();
        let own = (1..=n).filter_map(|n| self.target.port_of(first, n));
        own.chain(listen).collect()
    }

    /// The artifacts that its commands, settings and gates name.
    pub fn artifacts(&self) -> BTreeSet<String> {
        artifacts_in(&serde_json::to_string(self).unwrap_or_default())
    }
}

/// The artifacts that a text names: `{artifact:NAME}`.
pub fn artifacts_in(text: &str) -> BTreeSet<String> {
    text.match_indices("{artifact:")
        .filter_map(|(at, open)| {
            let rest = &text[at + open.len()..];
            rest.find('}').map(|end| rest[..end].to_owned())
        })
        .collect()
}

/// The secrets that a value refers to: it is `secret:NAME`, or has `{secret:NAME}` in it.
pub fn secrets_in(value: &str) -> BTreeSet<String> {
    if let Some(name) = secrets::reference(value) {
        return BTreeSet::from([name.to_owned()]);
    }
    let open = format!("{{{}", secrets::PREFIX);
    value
        .match_indices(&open)
        .filter_map(|(at, open)| {
            let rest = &value[at + open.len()..];
            rest.find('}').map(|end| rest[..end].to_owned())
        })
        .collect()
}

fn here() -> PathBuf {
    ".".into()
}
fn decide_within() -> Span {
    Span(Duration::from_mins(10))
}
fn one() -> u32 {
    1
}
fn five_secs() -> Span {
    Span(Duration::from_secs(5))
}
fn thirty_secs() -> Span {
    Span(Duration::from_secs(30))
}
