//! The procedure of a release in `chantier.toml`: its steps in their order, and what is wrong with them. Pure.

use super::Span;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use std::path::PathBuf;

/// The checks before a release that a step may ask for.
pub const CHECKS: [&str; 16] = [
    "clean",
    "branch",
    "version",
    "tag",
    "tests",
    "flaky",
    "files",
    "changelog",
    "packing",
    "items",
    "todos",
    "packages",
    "advisories",
    "migrations",
    "rollback",
    "rehearsal",
];

/// What a step does. Those from `Bump` to `Publish` stand in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepKind {
    /// Looks whether the version can be made; every release begins with it.
    Ready,
    /// Writes the version to the files that state it.
    Bump,
    Changelog,
    Commit,
    Build,
    Tag,
    /// Archives, packages, sums and signature.
    Pack,
    /// Pushes branch and tag, or runs a task that gives the version out.
    Publish,
    /// Runs a task of the project.
    Task,
    /// A command that must succeed, or one of the checks before a release.
    Check,
    /// Waits for a person.
    Confirm,
    /// Writes the version down; every release ends with it.
    Record,
}

impl StepKind {
    /// Its word in `chantier.toml`, and the name of a step that has none.
    pub fn word(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::Bump => "bump",
            Self::Changelog => "changelog",
            Self::Commit => "commit",
            Self::Build => "build",
            Self::Tag => "tag",
            Self::Pack => "pack",
            Self::Publish => "publish",
            Self::Task => "task",
            Self::Check => "check",
            Self::Confirm => "confirm",
            Self::Record => "record",
        }
    }

    /// Where it must stand among the others; None for those that may stand anywhere. Tag and pack may change places.
    fn place(self) -> Option<u8> {
        match self {
            Self::Bump | Self::Changelog => Some(0),
            Self::Commit => Some(1),
            Self::Build => Some(2),
            Self::Tag | Self::Pack => Some(3),
            Self::Publish => Some(4),
            _ => None,
        }
    }
}

/// One step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ReleaseStep {
    pub kind: StepKind,
    /// None: the task's name, else the word of its kind.
    #[serde(default)]
    pub name: Option<String>,
    /// Of `task`, or of `publish` in place of the push.
    #[serde(default)]
    pub task: Option<String>,
    /// Of `check`: a command that must succeed.
    #[serde(default)]
    pub run: Vec<String>,
    /// Of `check`: one of the checks before a release that must be good.
    #[serde(default)]
    pub check: Option<String>,
    /// Of `confirm`: what the person is to look at.
    #[serde(default)]
    pub text: Option<String>,
    /// Of `confirm`: a file has to show it.
    #[serde(default)]
    pub evidence: bool,
    /// Of `publish`: where to push; empty: to all.
    #[serde(default)]
    pub remotes: Vec<String>,
    /// The task that takes it back.
    #[serde(default)]
    pub undo: Option<String>,
    #[serde(default)]
    pub timeout: Option<Span>,
    /// Of `task` and `check`: it is carried out in a rehearsal too.
    #[serde(default = "yes")]
    pub rehearse: bool,
}

fn yes() -> bool {
    true
}

impl ReleaseStep {
    pub fn of(kind: StepKind) -> Self {
        Self {
            kind,
            name: None,
            task: None,
            run: Vec::new(),
            check: None,
            text: None,
            evidence: false,
            remotes: Vec::new(),
            undo: None,
            timeout: None,
            rehearse: true,
        }
    }

    /// What it is called.
    pub fn id(&self) -> &str {
        let named = self.name.as_deref().or(self.task.as_deref());
        named.unwrap_or_else(|| self.kind.word())
    }

    /// Nothing takes back what comes from it on.
    pub fn is_final(&self) -> bool {
        self.kind == StepKind::Publish && self.undo.is_none()
    }
}

/// A package with a version of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackageRule {
    pub name: String,
    /// Its folder; the commits that touch it are its changes.
    pub path: PathBuf,
    /// None follows the tags that are there, else `NAME-v{version}`.
    #[serde(default)]
    pub tag: Option<String>,
    /// Empty: those that are found in its folder.
    #[serde(default)]
    pub version_files: Vec<PathBuf>,
    /// None: `CHANGELOG.md` in its folder.
    #[serde(default)]
    pub changelog: Option<PathBuf>,
}

/// Any file that states the version.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileRule {
    pub path: PathBuf,
    /// What stands around the version in a line: `VERSION = "{version}"`.
    pub pattern: String,
}

/// How one kind of commit is written in this project, and what it means.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommitRule {
    /// A regular expression on the first line; its groups `scope` and `text` are what is told.
    pub pattern: String,
    pub group: ChangeKind,
    /// None: what the group means.
    #[serde(default)]
    pub level: Option<CommitLevel>,
}

/// What a change is for those who use the thing, as Keep a Changelog groups it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    Added,
    Changed,
    Deprecated,
    Removed,
    Fixed,
    Security,
    /// Nothing that a user sees.
    Other,
}

/// How far a commit moves the version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CommitLevel {
    Major,
    Minor,
    Patch,
    None,
}

/// Whether git takes the name for a tag: the rules of `git check-ref-format`.
pub fn is_tag(name: &str) -> bool {
    let is_part = |part: &str| !part.is_empty() && !part.starts_with('.') && !part.ends_with(".lock");
    let is_strange = |c: char| c.is_control() || " ~^:?*[\\".contains(c);
    name.split('/').all(is_part)
        && !name.contains(is_strange)
        && !name.contains("..")
        && !name.contains("@{")
        && !name.starts_with('-')
        && !name.ends_with('.')
        && name != "@"
}

/// What is done where the project says nothing.
pub fn usual() -> Vec<ReleaseStep> {
    let kinds = [
        StepKind::Bump,
        StepKind::Changelog,
        StepKind::Commit,
        StepKind::Build,
        StepKind::Tag,
        StepKind::Pack,
    ];
    kinds.into_iter().map(ReleaseStep::of).collect()
}

/// What is wrong with a procedure; the words in it name steps, tasks and keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepWrong {
    Twice(String),
    NoTask(String),
    /// The step lacks a key.
    Needs(String, &'static str),
    /// The key is none of this kind of step.
    Stray(String, &'static str),
    /// The second one belongs before the first one.
    Order(String, String),
    /// There must be a step of this kind.
    Lacks(&'static str),
    NoCheck(String),
}

/// Everything that is wrong; `checks` are the names of the checks before a release.
pub fn wrongs(steps: &[ReleaseStep], checks: &[&str], has_task: impl Fn(&str) -> bool) -> Vec<StepWrong> {
    let mut wrongs = Vec::new();
    if steps.is_empty() {
        return wrongs;
    }
    let mut seen = BTreeSet::new();
    let mut last: Option<(u8, &ReleaseStep)> = None;
    for step in steps {
        let id = step.id().to_owned();
        if !seen.insert(id.clone()) {
            wrongs.push(StepWrong::Twice(id.clone()));
        }
        for task in step.task.iter().chain(&step.undo).filter(|task| !has_task(task)) {
            wrongs.push(StepWrong::NoTask(task.clone()));
        }
        if let Some(check) = step.check.as_deref().filter(|check| !checks.contains(check)) {
            wrongs.push(StepWrong::NoCheck(check.to_owned()));
        }
        wrongs.extend(keys(step));
        let Some(place) = step.kind.place() else { continue };
        match last {
            Some((before, earlier)) if before > place => {
                wrongs.push(StepWrong::Order(earlier.id().to_owned(), id));
            }
            _ => last = Some((place, step)),
        }
    }
    let has = |kind: StepKind| steps.iter().any(|step| step.kind == kind);
    if !has(StepKind::Tag) {
        wrongs.push(StepWrong::Lacks(StepKind::Tag.word()));
    }
    if (has(StepKind::Bump) || has(StepKind::Changelog)) && !has(StepKind::Commit) {
        wrongs.push(StepWrong::Lacks(StepKind::Commit.word()));
    }
    wrongs
}

fn keys(step: &ReleaseStep) -> Vec<StepWrong> {
    let id = || step.id().to_owned();
    let kind = step.kind;
    let mut wrongs = Vec::new();
    if matches!(kind, StepKind::Ready | StepKind::Record) {
        wrongs.push(StepWrong::Stray(id(), "kind"));
    }
    if kind == StepKind::Task && step.task.is_none() {
        wrongs.push(StepWrong::Needs(id(), "task"));
    }
    if kind == StepKind::Check && step.run.is_empty() == step.check.is_none() {
        wrongs.push(StepWrong::Needs(id(), "run"));
    }
    if kind == StepKind::Confirm && step.name.is_none() {
        wrongs.push(StepWrong::Needs(id(), "name"));
    }
    let strays = [
        (
            step.task.is_some() && !matches!(kind, StepKind::Task | StepKind::Publish),
            "task",
        ),
        (!step.run.is_empty() && kind != StepKind::Check, "run"),
        (step.check.is_some() && kind != StepKind::Check, "check"),
        (step.text.is_some() && kind != StepKind::Confirm, "text"),
        (step.evidence && kind != StepKind::Confirm, "evidence"),
        (
            !step.remotes.is_empty() && (kind != StepKind::Publish || step.task.is_some()),
            "remotes",
        ),
        (
            step.timeout.is_some() && !matches!(kind, StepKind::Task | StepKind::Check | StepKind::Publish),
            "timeout",
        ),
        (
            !step.rehearse && !matches!(kind, StepKind::Task | StepKind::Check),
            "rehearse",
        ),
    ];
    wrongs.extend(
        strays
            .into_iter()
            .filter(|(is_stray, _)| *is_stray)
            .map(|(_, key)| StepWrong::Stray(id(), key)),
    );
    wrongs
}
