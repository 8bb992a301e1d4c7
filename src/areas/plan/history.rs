//! What became of the items over time, read from git: every version of every item's file that was committed. The truth is in the
//! repository; what is not committed yet counts as of now.

use super::estimate;
use super::front::Document;
use super::model::Plan;
use super::workflow::Workflow;
use super::{Item, Kind, Source, backlog};
use crate::adapters::World;
use crate::adapters::git::Repo;
use crate::base::{Problem, Timestamp, Workspace};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tokio_util::sync::CancellationToken;

/// Commits of the folder that are looked at, the newest.
const MAX_COMMITS: u32 = 20_000;

/// The item had this state from then on; None: the file was gone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub at: Timestamp,
    pub state: Option<String>,
    #[serde(default)]
    pub scope: Scope,
}

/// What an item was part of, and how much work: both change, and a chart of the past shows when.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Scope {
    pub milestone: Option<String>,
    pub parent: Option<String>,
    pub hours: f64,
    /// The name of a milestone, under which others belong to it; None for every other item.
    pub milestone_name: Option<String>,
}

impl Scope {
    pub fn of(item: &Item) -> Self {
        let effort = item.estimate.as_deref().and_then(estimate::parse);
        Self {
            milestone: item.milestone.clone(),
            parent: item.parent.clone(),
            hours: effort.map_or(0.0, |effort| effort.hours + effort.points * estimate::HOURS_A_DAY),
            milestone_name: (item.kind == Kind::Milestone).then(|| item.title.clone()),
        }
    }
}

/// The way of one item, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Track {
    pub id: String,
    pub steps: Vec<Step>,
}

/// The ways of all items of a workspace.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    pub tracks: BTreeMap<String, Track>,
    pub n_commits: usize,
    /// When it was read.
    pub at: Option<Timestamp>,
}

impl Track {
    /// The state at a moment; None before the item was there and after it was removed.
    pub fn step_at(&self, at: Timestamp) -> Option<(&str, &Scope)> {
        let step = self.steps.iter().take_while(|step| step.at <= at).last()?;
        Some((step.state.as_deref()?, &step.scope))
    }

    /// When work on it began: it left the first state.
    pub fn started_at(&self, workflow: &Workflow) -> Option<Timestamp> {
        let is_begun = |step: &&Step| {
            step.state
                .as_deref()
                .is_some_and(|state| workflow.column_of(state).is_some_and(|column| column > 0))
        };
        self.steps.iter().find(is_begun).map(|step| step.at)
    }

    /// When it came to the last state, from which it has not gone again.
    pub fn done_at(&self, workflow: &Workflow) -> Option<Timestamp> {
        let mut done = None;
        for step in &self.steps {
            match &step.state {
                Some(state) if workflow.is_done(state) => {
                    done.get_or_insert(step.at);
                }
                // A done item whose file is put away stays done.
                None => {}
                Some(_) => done = None,
            }
        }
        done
    }

    fn push(&mut self, at: Timestamp, state: Option<String>, scope: Scope) {
        match self.steps.last_mut() {
            Some(last) if last.state == state && last.scope == scope => {}
            // Twice in one second: what stood there last.
            Some(last) if last.at == at => (last.state, last.scope) = (state, scope),
            // Clocks of several people: time does not run back.
            Some(last) => {
                let at = at.max(last.at);
                self.steps.push(Step { at, state, scope });
            }
            None => self.steps.push(Step { at, state, scope }),
        }
    }

    pub fn created_at(&self) -> Option<Timestamp> {
        self.steps.first().map(|step| step.at)
    }

    /// How long it was worked on, in days; from its creation where nobody said that work began.
    pub fn cycle_days(&self, workflow: &Workflow) -> Option<f64> {
        let done = self.done_at(workflow)?;
        let begun = self.started_at(workflow).filter(|at| *at < done);
        // Done from the first that is known of it: that says nothing of how long it took.
        let started = begun.or_else(|| self.created_at()).filter(|at| *at < done)?;
        let hours = (done.as_second() - started.as_second()) as f64 / 3600.0;
        Some((hours / 24.0).max(1.0 / 24.0))
    }
}

impl History {
    pub fn track(&self, id: &str) -> Option<&Track> {
        self.tracks.get(&id.to_uppercase())
    }

    /// The history with what the files say now, where that is not committed. What stands in a file that can not be read is as it was.
    pub fn with_now(&self, plan: &Plan, now: Timestamp) -> Self {
        let mut history = self.clone();
        if plan.unreadable.is_empty() {
            let there: BTreeSet<String> = plan.items.values().map(|item| item.id.to_uppercase()).collect();
            for (_, track) in history.tracks.iter_mut().filter(|(id, _)| !there.contains(*id)) {
                track.push(now, None, Scope::default());
            }
        }
        for item in plan.items.values() {
            let track = history.tracks.entry(item.id.to_uppercase()).or_insert_with(|| Track {
                id: item.id.clone(),
                steps: Vec::new(),
            });
            let scope = Scope::of(item);
            let is_known = track.steps.last().is_some_and(|step| {
                let is_same = |state: &String| super::workflow::same(state, &item.state);
                step.state.as_ref().is_some_and(is_same) && step.scope == scope
            });
            if !is_known {
                track.push(now, Some(item.state.clone()), scope);
            }
        }
        history
    }
}

/// Reads the history. A workspace without a repository, or without a commit, has none.
pub async fn read(
    world: &World,
    workspace: &Workspace,
    workflow: &Workflow,
    cancel: &CancellationToken,
) -> Result<History, Problem> {
    let repo = Repo {
        root: &workspace.root,
        is_trusted: world.trust().check(workspace).is_ok(),
    };
    let folders: Vec<String> = super::stamps::folders(&workspace.root)
        .iter()
        .map(|folder| folder.to_string_lossy().into_owned())
        .collect();
    let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
    let commits = world.git().folder_log(repo, &folders, MAX_COMMITS, cancel).await?;
    let oids: BTreeSet<String> = commits
        .iter()
        .flat_map(|commit| &commit.files)
        .filter(|file| is_item(&file.path))
        .filter_map(|file| file.blob.clone())
        .collect();
    let texts = world.git().blobs(&workspace.root, oids.into_iter().collect()).await?;
    let mut history = History {
        n_commits: commits.len(),
        at: Some(world.clock().now()),
        ..History::default()
    };
    // The item that stands in a file, for when the file goes.
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    let mut states: BTreeMap<String, (String, String, Scope)> = BTreeMap::new();
    for commit in commits {
        // Removed first: a file that was renamed is gone and there again in one commit.
        let (gone, there): (Vec<_>, Vec<_>) = commit
            .files
            .into_iter()
            .filter(|file| is_item(&file.path))
            .partition(|file| file.blob.is_none());
        for file in gone {
            if let Some(id) = known.remove(&file.path) {
                push(&mut history, &id, commit.at, None, Scope::default());
            }
        }
        for file in there {
            let Some(oid) = &file.blob else { continue };
            let read = match states.get(oid) {
                Some(read) => Some(read.clone()),
                None => texts.get(oid).and_then(|bytes| state_in(bytes, &file.path, workflow)),
            };
            // A version that did not parse tells nothing.
            let Some((id, state, scope)) = read else { continue };
            states.insert(oid.clone(), (id.clone(), state.clone(), scope.clone()));
            known.insert(file.path, id.clone());
            push(&mut history, &id, commit.at, Some(state), scope);
        }
    }
    Ok(history)
}

fn is_item(path: &str) -> bool {
    path.ends_with(".md")
}

fn state_in(bytes: &[u8], path: &str, workflow: &Workflow) -> Option<(String, String, Scope)> {
    let path = Path::new(path);
    let source = backlog::source_of(path);
    let doc = Document::parse_of(bytes, source).ok()?;
    let item = Item::read(&doc, path, path, workflow, source);
    debug_assert!(source == Source::Backlog || !item.id.is_empty(), "an item has an id");
    let scope = Scope::of(&item);
    Some((item.id, item.state, scope))
}

fn push(history: &mut History, id: &str, at: Timestamp, state: Option<String>, scope: Scope) {
    let track = history.tracks.entry(id.to_uppercase()).or_insert_with(|| Track {
        id: id.to_owned(),
        steps: Vec::new(),
    });
    track.push(at, state, scope);
}
