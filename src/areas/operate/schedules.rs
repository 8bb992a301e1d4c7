//! Runbooks that run by themselves: when each is due, and what becomes of those that nobody was there for.

use super::{Command, jobs};
use crate::adapters::World;
use crate::areas::JobCtx;
use crate::areas::devops::project::{ProjectFile, Runbook};
use crate::base::{Problem, Timestamp, Workspace, WorkspaceId};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// A run that is later than this was missed: the machine slept, or nobody watched.
const LATE: Duration = Duration::from_mins(5);

/// When a runbook is due, by the schedule that it had when that was found out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Due {
    pub schedule: String,
    pub at: Timestamp,
}

/// The runbooks of a workspace by name.
pub type Dues = BTreeMap<String, Due>;

fn kv_name(workspace: &WorkspaceId) -> String {
    format!("runbook-due/{}", workspace.0)
}

pub async fn known(world: &World, workspace: &WorkspaceId) -> Result<Dues, Problem> {
    Ok(world.store().kv().get(&kv_name(workspace)).await?.unwrap_or_default())
}

/// When it is due: as it was planned, or from now on when it is new or its schedule changed.
pub fn due_of(book: &Runbook, known: &Dues, now: Timestamp) -> Option<Due> {
    let schedule = book.schedule.as_ref()?;
    let planned = known.get(&book.name).filter(|due| due.schedule == schedule.text());
    planned.cloned().or_else(|| {
        Some(Due {
            schedule: schedule.text().to_owned(),
            at: schedule.next(now).ok()?,
        })
    })
}

/// What one look finds.
#[derive(Debug, Default, PartialEq)]
pub struct Round {
    /// Runbooks to run now.
    pub run: Vec<String>,
    /// Runbooks that were due while nobody was there, and since when.
    pub missed: Vec<(String, Timestamp)>,
    /// What is to be remembered, before anything runs.
    pub dues: Dues,
}

/// What is due now. Pure.
pub fn round(books: &[Runbook], known: &Dues, now: Timestamp) -> Round {
    let mut found = Round::default();
    for book in books {
        let (Some(schedule), Some(mut due)) = (&book.schedule, due_of(book, known, now)) else {
            continue;
        };
        if due.at <= now {
            let is_late = now.duration_since(due.at).unsigned_abs() > LATE;
            if !is_late || book.catch_up {
                found.run.push(book.name.clone());
            } else {
                found.missed.push((book.name.clone(), due.at));
            }
            match schedule.next(now) {
                Ok(at) => due.at = at,
                Err(_) => continue,
            }
        }
        found.dues.insert(book.name.clone(), due);
    }
    found
}

/// Runs what is due of these workspaces, each as a job of its own. What is planned is written before: a crash runs nothing twice.
pub async fn run_due(cx: &JobCtx, world: &World, files: &[(Workspace, ProjectFile)], kept: &mut BTreeMap<WorkspaceId, Dues>) {
    for (workspace, file) in files {
        let has_any = file.runbooks.iter().any(|book| book.schedule.is_some());
        if !has_any && !kept.contains_key(&workspace.id) {
            continue;
        }
        if let Err(problem) = one(cx, world, workspace, file, kept).await {
            kept.remove(&workspace.id);
            cx.problem(problem).await;
        }
    }
}

async fn one(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    file: &ProjectFile,
    kept: &mut BTreeMap<WorkspaceId, Dues>,
) -> Result<(), Problem> {
    let before = match kept.get(&workspace.id) {
        Some(dues) => dues.clone(),
        None => known(world, &workspace.id).await?,
    };
    let found = round(&file.runbooks, &before, cx.now());
    if found.dues != before {
        world.store().kv().set(&kv_name(&workspace.id), &found.dues).await?;
    }
    kept.insert(workspace.id.clone(), found.dues);
    for (name, at) in found.missed {
        let words = msg!(
            "runbook-missed",
            name = name.as_str(),
            at = at.strftime("%Y-%m-%d %H:%M").to_string()
        );
        let problem = Problem::environment(words).code("missed").hint(msg!("runbook-missed-hint"));
        cx.problem(problem).await;
    }
    for name in found.run {
        let command = Command::RunRunbook {
            workspace: workspace.clone(),
            name,
        };
        cx.start(jobs::plan(world, command)).await;
    }
    Ok(())
}
