//! Runbooks that run by themselves: when each is due, and what becomes of those that nobody was there for. One program on the
//! machine runs them, told by a lease.

use super::watch::of_all;
use super::{Command, jobs, runbooks};
use crate::adapters::{World, scan};
use crate::areas::JobCtx;
use crate::areas::devops::project::{self, FILE_NAME, Runbook};
use crate::base::{JobId, Problem, Timestamp, Workspace, WorkspaceId, format};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

/// Who holds this lease runs them.
const LEASE: &str = "runbooks";
const LEASE_TTL: Duration = Duration::from_mins(1);
/// How often files are looked at, and the lease is renewed.
const LOOK_EVERY: Duration = Duration::from_secs(10);
const LEAST_WAIT: Duration = Duration::from_millis(200);
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

/// A project file as it was read last.
struct Seen {
    workspace: Workspace,
    at: Option<SystemTime>,
    books: Vec<Runbook>,
    /// None before the ledger was asked.
    dues: Option<Dues>,
    /// The last run of each that was started from here.
    started: BTreeMap<String, JobId>,
}

/// Runs what is due of these workspaces, or of all that were added, until it is stopped.
pub async fn run(cx: &JobCtx, world: &World, asked_for: Vec<Workspace>) -> Result<(), Problem> {
    let result = loop_until_stopped(cx, world, &asked_for).await;
    world.store().leases().release(LEASE).await.ok();
    result
}

async fn loop_until_stopped(cx: &JobCtx, world: &World, asked_for: &[Workspace]) -> Result<(), Problem> {
    let mut seen: BTreeMap<WorkspaceId, Seen> = BTreeMap::new();
    loop {
        // Where nothing can be written nothing is run: nobody would know that it was.
        if world.store().leases().take(LEASE, LEASE_TTL).await.unwrap_or(false) {
            for workspace in of_all(world, asked_for).await? {
                let before = seen.remove(&workspace.id);
                if world.trust().check(&workspace).is_err() {
                    continue;
                }
                let mut now = look(cx, workspace, before).await?;
                if let Err(problem) = run_due(cx, world, &mut now).await {
                    now.dues = None;
                    cx.problem(problem).await;
                }
                seen.insert(now.workspace.id.clone(), now);
            }
        } else {
            // Who runs them now writes what is due.
            seen.clear();
        }
        let dues = seen.values().filter_map(|seen| seen.dues.as_ref()).flat_map(Dues::values);
        let next = dues.map(|due| cx.now().duration_until(due.at)).min();
        let next = next.map_or(LOOK_EVERY, |left| Duration::try_from(left).unwrap_or_default());
        cx.sleep(next.clamp(LEAST_WAIT, LOOK_EVERY)).await?;
    }
}

/// Reads the file again when it was written since.
async fn look(cx: &JobCtx, workspace: Workspace, before: Option<Seen>) -> Result<Seen, Problem> {
    let path = workspace.root.join(FILE_NAME);
    let at = cx.blocking(move |_| Ok(scan::modified(&path))).await?;
    let (books, dues, started) = match before {
        Some(seen) if seen.at == at => (seen.books, seen.dues, seen.started),
        before => {
            let books = if at.is_some() {
                project::read(&workspace.root)?.0.runbooks
            } else {
                Vec::new()
            };
            let (dues, started) = before.map(|seen| (seen.dues, seen.started)).unwrap_or_default();
            (books, dues, started)
        }
    };
    Ok(Seen {
        workspace,
        at,
        books,
        dues,
        started,
    })
}

/// What is due runs as a job of its own. What is planned is written before: a crash runs nothing twice.
async fn run_due(cx: &JobCtx, world: &World, seen: &mut Seen) -> Result<(), Problem> {
    let workspace = &seen.workspace;
    if seen.dues.is_none() && seen.books.iter().all(|book| book.schedule.is_none()) {
        return Ok(());
    }
    let before = match seen.dues.take() {
        Some(dues) => dues,
        None => known(world, &workspace.id).await?,
    };
    let found = round(&seen.books, &before, cx.now());
    if found.dues != before {
        world.store().kv().set(&kv_name(&workspace.id), &found.dues).await?;
    }
    seen.dues = Some(found.dues);
    for (name, at) in found.missed {
        let words = msg!(
            "runbook-missed",
            name = name.as_str(),
            at = format::local(at).strftime("%Y-%m-%d %H:%M").to_string()
        );
        let problem = Problem::environment(words).code("missed").hint(msg!("runbook-missed-hint"));
        cx.problem(problem).await;
    }
    for name in found.run {
        let own = match seen.started.get(&name) {
            Some(job) => world.store().jobs().get(*job).await?,
            None => None,
        };
        let runs_here = own.is_some_and(|row| row.ended_at.is_none());
        if runs_here || runbooks::runs_since(world, &workspace.id, &name).await?.is_some() {
            let words = msg!("runbook-still-runs", name = name.as_str());
            cx.problem(
                Problem::environment(words)
                    .code("missed")
                    .hint(msg!("runbook-still-runs-hint")),
            )
            .await;
            continue;
        }
        let command = Command::RunRunbook {
            workspace: workspace.clone(),
            name: name.clone(),
        };
        let job = cx.start(jobs::plan(world, command)).await;
        seen.started.insert(name, job);
    }
    Ok(())
}
