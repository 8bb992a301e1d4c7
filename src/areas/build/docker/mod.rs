//! The container engine: what can be asked of it and learnt from it. Whatever made a thing, it is managed alike.

pub mod acts;
pub mod building;
pub mod compose;
pub mod dockerfile;
pub mod jobs;
pub mod look;
pub mod model;
pub mod steps;

use crate::adapters::docker::ContainerAct;
use crate::base::docker::{
    BuildSpec, BuildStep, DiskRow, HistoryRow, Holdings, Kind, PruneItem, PrunePlan, PruneWhat, RunSpec, Stats, Top,
};
use crate::base::{LogLine, Problem, Timestamp, Workspace, WriteTo};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What can be asked. Things are named by id, name, or the beginning of an id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "engine", rename_all = "snake_case")]
pub enum Command {
    /// Everything that the engine holds, once.
    Look,
    /// The same whenever something happens in the engine, for so many seconds; an engine that is away is asked again.
    Watch {
        secs: u32,
    },
    /// What the engine says of one thing; for an image with its history.
    Show {
        kind: Kind,
        name: String,
    },
    Disk,
    Tag {
        image: String,
        tag: String,
    },
    RemoveImages {
        images: Vec<String>,
        force: bool,
    },
    Save {
        images: Vec<String>,
        file: WriteTo,
    },
    Load {
        file: PathBuf,
    },
    Import {
        file: PathBuf,
        tag: String,
        changes: Vec<String>,
    },
    /// Refused in an untrusted workspace.
    Build {
        workspace: Workspace,
        spec: BuildSpec,
    },
    /// Makes a container and starts it; `follows` shows its output and waits for its end.
    Run {
        spec: RunSpec,
        starts: bool,
        follows: bool,
    },
    Act {
        containers: Vec<String>,
        act: ContainerAct,
    },
    Rename {
        container: String,
        to: String,
    },
    Logs {
        container: String,
        n_lines: u32,
        follow: bool,
    },
    /// Once a second until it is stopped; for `once` the first full sample of each. No container means every running one.
    Stats {
        containers: Vec<String>,
        once: bool,
    },
    Top {
        container: String,
    },
    Exec {
        container: String,
        argv: Vec<String>,
        #[serde(default)]
        env: Vec<String>,
        user: Option<String>,
        workdir: Option<String>,
        /// On the terminal that Chantier was started from.
        #[serde(default)]
        on_terminal: bool,
        /// With what comes on the input of this program.
        #[serde(default)]
        with_input: bool,
        /// What it writes goes to the output of this program, byte for byte.
        #[serde(default)]
        hands_out: bool,
    },
    CreateVolume {
        name: Option<String>,
        driver: Option<String>,
    },
    RemoveVolumes {
        volumes: Vec<String>,
    },
    CreateNetwork {
        name: String,
        driver: Option<String>,
        subnet: Option<String>,
        is_internal: bool,
    },
    RemoveNetworks {
        networks: Vec<String>,
    },
    Connect {
        network: String,
        container: String,
        connects: bool,
    },
    PlanPrune {
        what: PruneWhat,
    },
    /// Exactly this.
    Prune {
        plan: PrunePlan,
    },
    /// Refused in an untrusted workspace.
    Compose {
        workspace: Workspace,
        act: ComposeAct,
        project: ComposeProject,
    },
}

/// What is done to a compose project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComposeAct {
    Up,
    Down,
    Pull,
    Logs,
}

/// Which compose project.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ComposeProject {
    /// As its containers' labels say it; the program's own choice when not given.
    pub name: Option<String>,
    pub folder: PathBuf,
    /// The program's own search when empty.
    pub files: Vec<PathBuf>,
}

/// A compose project as the labels of its containers tell it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProjectRow {
    pub name: String,
    pub folder: PathBuf,
    pub files: Vec<PathBuf>,
    pub services: Vec<String>,
    pub n_running: usize,
    pub n_containers: usize,
}

/// What can be learnt.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "heard", rename_all = "snake_case")]
pub enum Update {
    Loading,
    Seen {
        at: Timestamp,
        held: Box<Holdings>,
    },
    /// The engine does not answer: what was known is unknown now.
    Lost {
        problem: Problem,
    },
    Shown(Box<Shown>),
    DiskCounted {
        rows: Vec<DiskRow>,
    },
    Acted {
        kind: Kind,
        names: Vec<String>,
        deed: Deed,
    },
    BuildStarted {
        folder: PathBuf,
        tags: Vec<String>,
        at: Timestamp,
    },
    StepChanged {
        step: Box<BuildStep>,
    },
    BuildEnded {
        image: Option<String>,
        at: Timestamp,
    },
    LogOpened {
        of: String,
    },
    LogLines {
        of: String,
        lines: Vec<LogLine>,
    },
    Sampled {
        stats: Vec<Stats>,
    },
    TopShown {
        container: String,
        top: Top,
    },
    Executed {
        container: String,
        code: i64,
    },
    PrunePlanned {
        plan: PrunePlan,
    },
    Pruned {
        removed: Vec<PruneItem>,
        kept: Vec<PruneItem>,
        bytes: u64,
    },
}

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Deed {
    Created,
    Started,
    Stopped,
    Restarted,
    Killed,
    Paused,
    Unpaused,
    Removed,
    Renamed,
    Tagged,
    Saved,
    Loaded,
    Connected,
    Disconnected,
}

/// What the engine says of one thing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Shown {
    pub kind: Kind,
    pub id: String,
    /// As the engine gives it.
    pub raw: serde_json::Value,
    /// The same, indented, made safe to be shown.
    pub text: String,
    /// Of an image, newest first.
    pub history: Vec<HistoryRow>,
}
