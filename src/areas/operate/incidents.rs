//! Incidents: opened by hand or by a check, with what happened around them, notes, the deployment and the commit that were live, and
//! closed with a cause.

use super::{Instance, Update};
use crate::adapters::World;
use crate::adapters::store::checks::CheckResultRow;
use crate::adapters::store::incidents::IncidentRow;
use crate::adapters::user;
use crate::areas::JobCtx;
use crate::base::{Msg, Problem, SafeText, State, Target, Timestamp, Workspace, WorkspaceId};
use crate::msg;
use serde::{Deserialize, Serialize};

/// What happened so long before an incident was opened belongs to it, and so long after it was closed.
const BEFORE_SECS: i64 = 3600;
const AFTER_SECS: i64 = 600;
/// Incidents of one list, rows of one kind around one incident.
const MAX_LISTED: u32 = 200;
const MAX_AROUND: u32 = 200;
/// Changes of one check around one incident.
const MAX_SWINGS: u32 = 5000;
/// So many changes, each so soon after the one before, are one check that goes up and down.
const FLAPS: usize = 6;
const NEAR_SECS: i64 = 300;
/// Characters of a title, and of a note.
const MAX_TITLE: usize = 200;

/// One incident with everything that is known of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Incident {
    pub id: i64,
    pub workspace: WorkspaceId,
    pub environment: Option<String>,
    pub title: String,
    pub opened_at: Timestamp,
    /// A person, or `check:<name>`.
    pub opened_by: String,
    pub closed_at: Option<Timestamp>,
    /// Why it was, in the words of who closed it.
    pub cause: String,
    /// What was live when it began.
    pub deployment: Option<i64>,
    pub version: Option<String>,
    pub commit: Option<String>,
    pub notes: Vec<Note>,
    /// What happened around it, oldest first; empty in a list.
    pub moments: Vec<Moment>,
}

/// What somebody wrote down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    pub at: Timestamp,
    pub by: String,
    pub text: String,
}

/// One thing that happened.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moment {
    pub at: Timestamp,
    pub state: State,
    pub what: Msg,
    pub target: Option<Target>,
}

impl Incident {
    pub fn is_open(&self) -> bool {
        self.closed_at.is_none()
    }

    fn of(row: IncidentRow) -> Self {
        Self {
            id: row.id,
            workspace: row.workspace,
            environment: row.environment,
            title: row.title,
            opened_at: row.opened_at,
            opened_by: row.opened_by,
            closed_at: row.closed_at,
            cause: row.cause,
            deployment: row.deployment,
            version: None,
            commit: None,
            notes: notes_of(&row.notes, row.opened_at),
            moments: Vec::new(),
        }
    }
}

/// One note a line, each as JSON; what is no JSON is a note of the beginning.
fn notes_of(text: &str, opened_at: Timestamp) -> Vec<Note> {
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let notes = lines.map(|line| {
        serde_json::from_str(line).unwrap_or_else(|_| Note {
            at: opened_at,
            by: String::new(),
            text: line.to_owned(),
        })
    });
    notes.collect()
}

/// What is asked when one is opened by hand.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Opening {
    pub title: String,
    pub environment: Option<String>,
    /// What it is about.
    pub instance: Option<Instance>,
    pub note: String,
}

/// Opens an incident and shows it.
pub async fn open(cx: &JobCtx, world: &World, workspace: &Workspace, opening: Opening) -> Result<(), Problem> {
    let instance = opening.instance.as_ref();
    let mut title = SafeText::new(opening.title.trim()).into_string();
    if title.is_empty()
        && let Some(instance) = instance
    {
        title.clone_from(&instance.name);
    }
    if title.is_empty() {
        return Err(Problem::user(msg!("incident-no-title")).code("no-title"));
    }
    let title: String = title.chars().take(MAX_TITLE).collect();
    let environment = opening
        .environment
        .or_else(|| instance.and_then(|instance| instance.environment.clone()));
    let live = match (instance.and_then(|instance| instance.deployment), &environment) {
        (Some(deployment), _) => Some(deployment),
        (None, Some(name)) => world
            .store()
            .deployments()
            .live(&workspace.id, name)
            .await?
            .map(|live| live.id),
        (None, None) => None,
    };
    let row = IncidentRow {
        id: 0,
        workspace: workspace.id.clone(),
        environment,
        title,
        opened_at: cx.now(),
        opened_by: user::name(),
        closed_at: None,
        cause: String::new(),
        deployment: live,
        notes: String::new(),
    };
    let row = world.store().incidents().open(row).await?;
    if let Some(instance) = instance {
        let state = instance.state.word();
        add_note(cx, world, row.id, &format!("{}: {state} {}", instance.name, instance.note)).await?;
    }
    if !opening.note.trim().is_empty() {
        add_note(cx, world, row.id, &opening.note).await?;
    }
    show(cx, world, row.id).await
}

async fn add_note(cx: &JobCtx, world: &World, id: i64, text: &str) -> Result<(), Problem> {
    let text = SafeText::multiline(&world.masks().mask_str(text.trim())).into_string();
    let note = Note {
        at: cx.now(),
        by: user::name(),
        text: text.trim().to_owned(),
    };
    let line = serde_json::to_string(&note).map_err(|error| Problem::internal(msg!("incident-note-empty")).details(error))?;
    let incidents = world.store().incidents();
    let noted = incidents.change(id, move |row| {
        if !row.notes.is_empty() && !row.notes.ends_with('\n') {
            row.notes.push('\n');
        }
        row.notes.push_str(&line);
        row.notes.push('\n');
    });
    noted.await.map(drop)
}

async fn row(world: &World, id: i64) -> Result<IncidentRow, Problem> {
    let row = world.store().incidents().get(id).await?;
    row.ok_or_else(|| {
        let problem = Problem::user(msg!("incident-none", id = id)).code("not-found");
        problem.hint(msg!("incident-none-hint"))
    })
}

/// Numbers are those of all workspaces: one of another is not meant.
async fn own(world: &World, of: Option<WorkspaceId>, id: i64) -> Result<IncidentRow, Problem> {
    let found = row(world, id).await?;
    if of.is_none_or(|of| of == found.workspace) {
        return Ok(found);
    }
    let workspaces = world.store().workspaces();
    let name = workspaces
        .get(&found.workspace)
        .await?
        .map_or_else(|| found.workspace.0.clone(), |row| row.name);
    Err(Problem::user(msg!("incident-elsewhere", id = id, workspace = name.as_str()))
        .code("not-found")
        .hint(msg!("incident-elsewhere-hint", workspace = name.as_str())))
}

pub async fn note(cx: &JobCtx, world: &World, (of, id): (Option<WorkspaceId>, i64), text: &str) -> Result<(), Problem> {
    own(world, of, id).await?;
    if text.trim().is_empty() {
        return Err(Problem::user(msg!("incident-note-empty")).code("no-text"));
    }
    add_note(cx, world, id, text).await?;
    show(cx, world, id).await
}

/// With its cause. One that was closed without a cause takes it and keeps its time; a cause that is there stays.
pub async fn close(cx: &JobCtx, world: &World, (of, id): (Option<WorkspaceId>, i64), cause: &str) -> Result<(), Problem> {
    let known = own(world, of, id).await?;
    let cause = SafeText::multiline(&world.masks().mask_str(cause.trim())).into_string();
    if cause.is_empty() {
        let problem = Problem::user(msg!("incident-no-cause")).code("no-cause");
        return Err(problem.hint(msg!("incident-no-cause-hint")));
    }
    if known.closed_at.is_some() && !known.cause.is_empty() {
        let problem = Problem::user(msg!("incident-cause-stays", id = id))
            .code("closed")
            .details(&known.cause);
        return Err(problem.hint(msg!("incident-cause-stays-hint", id = id)));
    }
    world.store().incidents().close(id, &cause).await?;
    show(cx, world, id).await
}

/// Newest first, without what happened around them.
pub async fn list(cx: &JobCtx, world: &World, workspaces: &[Workspace], open_only: bool) -> Result<(), Problem> {
    let mut incidents = Vec::new();
    for id in super::watch::of_all(world, workspaces)
        .await?
        .iter()
        .map(|workspace| &workspace.id)
    {
        let rows = world.store().incidents().list(id, open_only, MAX_LISTED).await?;
        incidents.extend(rows.into_iter().map(Incident::of));
    }
    incidents.sort_by_key(|incident| std::cmp::Reverse((incident.opened_at, incident.id)));
    cx.update(Update::Incidents { incidents }).await;
    Ok(())
}

/// One with everything around it.
pub async fn show(cx: &JobCtx, world: &World, id: i64) -> Result<(), Problem> {
    let mut incident = Incident::of(row(world, id).await?);
    if let Some(deployment) = incident.deployment
        && let Some(row) = world.store().deployments().get(deployment).await?
    {
        incident.version = Some(row.version);
        incident.commit = row.commit;
    }
    incident.moments = around(cx, world, &incident).await?;
    cx.update(Update::IncidentShown {
        incident: Box::new(incident),
    })
    .await;
    Ok(())
}

/// Deployments, lives of instances and answers of checks around an incident, its notes, its beginning and its end.
async fn around(cx: &JobCtx, world: &World, incident: &Incident) -> Result<Vec<Moment>, Problem> {
    let store = world.store();
    let from = moved(incident.opened_at, -BEFORE_SECS);
    let until = moved(incident.closed_at.unwrap_or_else(|| cx.now()), AFTER_SECS);
    let environment = incident.environment.as_deref();
    let mut moments = Vec::new();
    let mut push = |at: Timestamp, state: State, what: Msg, target: Option<Target>| {
        if at >= from && at <= until {
            moments.push(Moment { at, state, what, target });
        }
    };
    for row in store.deployments().list(&incident.workspace, environment, MAX_AROUND).await? {
        let target = || {
            Some(Target::Deployment {
                workspace: row.workspace.clone(),
                id: row.id,
            })
        };
        let began = msg!(
            "incident-deploy-began",
            version = &row.version,
            environment = &row.environment
        );
        push(row.started_at, State::InProgress, began, target());
        if let Some(at) = row.ended_at {
            let what = if row.state == State::Done {
                msg!("incident-deployed", version = &row.version, environment = &row.environment)
            } else {
                msg!(
                    "incident-deploy-failed",
                    version = &row.version,
                    environment = &row.environment
                )
            };
            push(at, row.state, what, target());
        }
    }
    for row in store
        .instances()
        .history(&incident.workspace, environment, MAX_AROUND)
        .await?
    {
        let target = || Some(Target::Instance { id: row.id.to_string() });
        push(
            row.started_at,
            State::Running,
            msg!("incident-started", name = &row.name),
            target(),
        );
        if let Some(at) = row.ended_at {
            let (state, what) = match (row.cause.as_str(), row.exit_code) {
                ("crashed", Some(code)) => (State::Failed, msg!("incident-crashed-code", name = &row.name, code = code)),
                _ if row.has_crashed() => (State::Failed, msg!("incident-crashed", name = &row.name)),
                ("failed", _) => (State::Failed, msg!("incident-unhealthy", name = &row.name)),
                _ => (State::None, msg!("incident-stopped", name = &row.name)),
            };
            push(at, state, what, target());
        }
    }
    for check in store.checks().list(&incident.workspace).await? {
        let swings = store
            .checks()
            .swings(&incident.workspace, &check.name, from, until, MAX_SWINGS)
            .await?;
        for (result, what) in told_of(&swings) {
            let target = Target::Check {
                workspace: incident.workspace.clone(),
                name: check.name.clone(),
            };
            push(result.at, result.state, what, Some(target));
        }
    }
    for note in &incident.notes {
        let what = msg!("incident-note", by = &note.by, text = &note.text);
        push(note.at, State::Unknown, what, None);
    }
    let opened = msg!("incident-opened", by = &incident.opened_by);
    push(incident.opened_at, State::Failed, opened, None);
    if let Some(at) = incident.closed_at {
        let closed = if incident.cause.is_empty() {
            msg!("incident-over")
        } else {
            msg!("incident-closed", cause = &incident.cause)
        };
        push(at, State::Done, closed, None);
    }
    moments.sort_by_key(|moment| moment.at);
    Ok(moments)
}

/// What the changes of one check tell. One that goes up and down again and again says so once between the first and the last.
pub fn told_of(swings: &[CheckResultRow]) -> Vec<(&CheckResultRow, Msg)> {
    let mut told = Vec::new();
    let mut rest = swings;
    while let Some(first) = rest.first() {
        let is_near = |pair: &&[CheckResultRow]| pair[1].at.as_second() - pair[0].at.as_second() <= NEAR_SECS;
        let n = 1 + rest.windows(2).take_while(is_near).count();
        let (run, later) = rest.split_at(n);
        rest = later;
        if n < FLAPS {
            told.extend(run.iter().map(|result| (result, swing(result))));
            continue;
        }
        let last = &run[n - 1];
        let until = crate::base::format::local(last.at).strftime("%H:%M:%S").to_string();
        let flaps = msg!("incident-check-flaps", name = &first.name, n = n - 1, until = until);
        told.extend([(first, swing(first)), (&run[1], flaps), (last, swing(last))]);
    }
    told
}

fn swing(result: &CheckResultRow) -> Msg {
    match result.state {
        State::Failed => msg!("incident-check-down", name = &result.name, why = &result.message),
        State::Degraded => msg!("incident-check-slow", name = &result.name, why = &result.message),
        State::Unknown => msg!("incident-check-unknown", name = &result.name, why = &result.message),
        State::Skipped => msg!("incident-check-maintenance", name = &result.name),
        _ => msg!("incident-check-up", name = &result.name),
    }
}

fn moved(at: Timestamp, secs: i64) -> Timestamp {
    Timestamp::from_second(at.as_second().saturating_add(secs)).unwrap_or(at)
}
