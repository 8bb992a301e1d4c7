//! The error inbox: traces in the logs of instances become defects with a count, a first version and a suspect. One round reads what
//! came since the last one; it stands in the store how far that was.

mod suspect;
pub mod traces;

use super::{ErrorGroup, SuspectCommit};
use crate::adapters::World;
use crate::adapters::log_part;
use crate::adapters::store::errors::{ErrorRow, LogMarkRow, Seen, Suspect};
use crate::adapters::store::instances::InstanceRow;
use crate::areas::deploy::targets::{docker, ssh};
use crate::base::{Problem, SafeText, Timestamp, Workspace};
use futures::StreamExt as _;
use std::collections::BTreeMap;
use std::path::Path;
use traces::{Reader, Trace};

/// Bytes of one log in one round.
const MAX_BYTES: usize = 4 * 1024 * 1024;
/// A log that is met for the first time is read so far back.
const FIRST_BYTES: u64 = 4 * 1024 * 1024;
const CONTAINER_LINES: u32 = 2000;
/// How far before the last look the journal of a unit is read again.
const OVERLAP_MS: i64 = 5000;
/// Instances whose logs are looked at: those that run, and those that ended lately.
const N_INSTANCES: u32 = 200;
const N_SHOWN: u32 = 500;
const MAX_SAMPLE: usize = 16 * 1024;

/// Reads what came in the logs of a workspace's instances; gives the errors that are new or came back.
pub async fn round(world: &World, workspace: &Workspace) -> Result<Vec<ErrorGroup>, Problem> {
    let rows = world.store().instances().history(&workspace.id, None, N_INSTANCES).await?;
    let mut news = Vec::new();
    let mut commits: BTreeMap<i64, Option<String>> = BTreeMap::new();
    for row in rows {
        let commit = match row.deployment {
            Some(id) => match commits.get(&id) {
                Some(commit) => commit.clone(),
                None => {
                    let deployment = world.store().deployments().get(id).await?;
                    let commit = deployment.and_then(|deployment| deployment.commit);
                    commits.insert(id, commit.clone());
                    commit
                }
            },
            None => None,
        };
        let found = if docker::handle(&row).is_some() && row.container.is_some() {
            // Of a container that is gone nothing can be read any more.
            of_container(world, workspace, &row, commit).await.unwrap_or_default()
        } else if let Some(unit) = ssh::handle(&row) {
            // A machine that does not answer tells it the next time.
            match row.ended_at {
                None => of_unit(world, workspace, &row, &unit.host, commit).await.unwrap_or_default(),
                Some(_) => Vec::new(),
            }
        } else {
            match row.log_path.clone() {
                Some(path) => of_file(world, workspace, &row, &path, commit).await?,
                None => Vec::new(),
            }
        };
        news.extend(found);
    }
    let mut shown = Vec::new();
    for row in news {
        shown.push(group(suspect::find(world, workspace, row).await?));
    }
    Ok(shown)
}

async fn of_file(
    world: &World,
    workspace: &Workspace,
    row: &InstanceRow,
    path: &Path,
    commit: Option<String>,
) -> Result<Vec<ErrorRow>, Problem> {
    let key = format!("file:{}", path.display());
    let before = world.store().errors().mark(&key).await?;
    let (from, known) = before
        .as_ref()
        .map_or((None, String::new()), |mark| (Some(mark.at as u64), mark.file.clone()));
    let place = path.to_path_buf();
    let part = tokio::task::spawn_blocking(move || log_part::read(&place, &known, from, FIRST_BYTES, MAX_BYTES)).await;
    // A log that is not there says nothing.
    let Ok(Ok(part)) = part else { return Ok(Vec::new()) };
    if part.bytes.is_empty() {
        return Ok(Vec::new());
    }
    let now = world.clock().now();
    let mut reader = Reader::default();
    let mut found = Vec::new();
    // Up to the last line that is whole, and before a trace that may go on: it is read again with what follows.
    let (mut at, mut whole) = (0, 0);
    for line in part.bytes.split_inclusive(|byte| *byte == b'\n') {
        if !line.ends_with(b"\n") {
            break;
        }
        let begin = at;
        at += line.len();
        let line = world.masks().mask_bytes(line);
        let text = String::from_utf8_lossy(&line).into_owned();
        let was_within = reader.is_within();
        let text = text.trim_end_matches(['\n', '\r']);
        // A line of JSON is made safe where it is taken apart: cut it would be none.
        let done = if traces::may_hold(text) {
            reader.push(text)
        } else {
            reader.push(SafeText::multiline(text).as_str())
        };
        // This line may begin another: what was whole before is not read again.
        if done.is_some() || !was_within {
            whole = begin;
        }
        if !reader.is_within() {
            whole = at;
        }
        found.extend(done.map(|trace| (trace, now)));
    }
    let is_over = row.ended_at.is_some() || part.bytes.len() - whole > MAX_BYTES / 2 || part.is_quiet;
    if is_over {
        found.extend(reader.end().map(|trace| (trace, now)));
        whole = at;
    }
    let mark = LogMarkRow {
        log: key,
        file: part.file,
        at: (part.from + whole as u64) as i64,
    };
    if before.as_ref() == Some(&mark) {
        return Ok(Vec::new());
    }
    write(world, workspace, row, commit, before, mark, found).await
}

async fn of_container(
    world: &World,
    workspace: &Workspace,
    row: &InstanceRow,
    commit: Option<String>,
) -> Result<Vec<ErrorRow>, Problem> {
    let Some(id) = row.container.clone() else {
        return Ok(Vec::new());
    };
    let key = format!("container:{id}");
    let before = world.store().errors().mark(&key).await?;
    let since = before.as_ref().map_or(i64::MIN, |mark| mark.at);
    let place = docker::Place::of_row(world, row).await?;
    let clock = world.clock().clone();
    let lines = place
        .engine
        .logs(&id, Some(CONTAINER_LINES), false, move || clock.now())
        .await;
    let mut lines = lines.map_err(|fault| fault.problem())?;
    let mut told = Vec::new();
    while let Some(Ok(line)) = lines.next().await {
        told.push((line.at, line.text.clone()));
    }
    of_lines(world, workspace, row, commit, (key, before, since), told).await
}

/// Of a unit on another machine: its journal.
async fn of_unit(
    world: &World,
    workspace: &Workspace,
    row: &InstanceRow,
    host: &str,
    commit: Option<String>,
) -> Result<Vec<ErrorRow>, Problem> {
    let key = format!("unit:{host}:{}", row.name);
    let before = world.store().errors().mark(&key).await?;
    // It is written down once it has started: what it said at first came before.
    let since = before
        .as_ref()
        .map_or(row.started_at.as_millisecond() - OVERLAP_MS, |mark| mark.at);
    // A trace that was being written the last time is read again from its begin.
    let from = Timestamp::from_millisecond(since - OVERLAP_MS).unwrap_or(row.started_at);
    let told = ssh::seen::journal(world, row, from, CONTAINER_LINES).await?;
    of_lines(world, workspace, row, commit, (key, before, since), told).await
}

/// Lines with their times; those up to the mark were there before.
async fn of_lines(
    world: &World,
    workspace: &Workspace,
    row: &InstanceRow,
    commit: Option<String>,
    (key, before, since): (String, Option<LogMarkRow>, i64),
    lines: Vec<(Timestamp, String)>,
) -> Result<Vec<ErrorRow>, Problem> {
    let mut reader = Reader::default();
    let mut found = Vec::new();
    let mut last = since;
    let mut begun = Timestamp::MIN;
    for (at, text) in lines {
        last = last.max(at.as_millisecond());
        let was_within = reader.is_within();
        let done = reader.push(&world.masks().mask_str(&text));
        let has_begun = reader.is_within() && (!was_within || done.is_some());
        found.extend(done.map(|trace| (trace, begun)));
        if has_begun {
            begun = at;
        }
    }
    found.extend(reader.end().map(|trace| (trace, begun)));
    // What was there before was counted before.
    found.retain(|(_, at)| at.as_millisecond() > since);
    if last == since {
        return Ok(Vec::new());
    }
    let mark = LogMarkRow {
        log: key,
        file: String::new(),
        at: last,
    };
    write(world, workspace, row, commit, before, mark, found).await
}

async fn write(
    world: &World,
    workspace: &Workspace,
    instance: &InstanceRow,
    commit: Option<String>,
    before: Option<LogMarkRow>,
    mark: LogMarkRow,
    found: Vec<(Trace, Timestamp)>,
) -> Result<Vec<ErrorRow>, Problem> {
    let known = world.store().errors().list(&workspace.id, N_SHOWN).await?;
    let mut seen: BTreeMap<String, Seen> = BTreeMap::new();
    for (trace, at) in found {
        let fingerprint = trace.fingerprint();
        let row = row_of(workspace, instance, commit.as_deref(), &trace, &fingerprint, at);
        let is_back = known
            .iter()
            .find(|known| known.fingerprint == fingerprint)
            .is_some_and(|known| is_back(known, instance));
        seen.entry(fingerprint)
            .and_modify(|entry| {
                entry.row.n += 1;
                entry.row.last_at = entry.row.last_at.max(at);
                entry.row.sample.clone_from(&row.sample);
                entry.row.message.clone_from(&row.message);
            })
            .or_insert(Seen { row, is_back });
    }
    world.store().errors().seen(before, mark, seen.into_values().collect()).await
}

/// Resolved in a version, and seen in that one or a later one. Where versions cannot be compared, in another than it was last seen in.
fn is_back(known: &ErrorRow, instance: &InstanceRow) -> bool {
    let number = |text: &str| semver::Version::parse(text.trim_start_matches('v')).ok();
    match (&known.resolved_in, &instance.version) {
        (Some(resolved), Some(version)) => match (number(resolved), number(version)) {
            (Some(resolved), Some(version)) => version >= resolved,
            _ => version == resolved || known.last_version.as_ref() != Some(version),
        },
        _ => true,
    }
}

fn row_of(
    workspace: &Workspace,
    instance: &InstanceRow,
    commit: Option<&str>,
    trace: &Trace,
    fingerprint: &str,
    at: Timestamp,
) -> ErrorRow {
    let place = trace.place();
    let mut sample = trace.lines.join("\n");
    if sample.len() > MAX_SAMPLE {
        let end = (0..=MAX_SAMPLE).rev().find(|end| sample.is_char_boundary(*end)).unwrap_or(0);
        sample.truncate(end);
    }
    ErrorRow {
        id: 0,
        workspace: workspace.id.clone(),
        fingerprint: fingerprint.to_owned(),
        language: trace.language.word().to_owned(),
        kind: trace.kind.clone(),
        message: trace.message.clone(),
        place: place.map_or_else(String::new, |frame| format!("{}:{}", frame.file, frame.line)),
        function: place.map(|frame| frame.function.clone()).unwrap_or_default(),
        sample,
        environment: instance.environment.clone(),
        instance: instance.name.clone(),
        n: 1,
        first_at: at,
        last_at: at,
        first_version: instance.version.clone(),
        first_commit: commit.map(str::to_owned),
        last_version: instance.version.clone(),
        last_commit: commit.map(str::to_owned),
        state: "new".to_owned(),
        resolved_in: None,
        by: String::new(),
        suspect: Suspect::default(),
    }
}

/// Every error of a workspace.
pub async fn list(world: &World, workspace: &Workspace) -> Result<Vec<ErrorGroup>, Problem> {
    let rows = world.store().errors().list(&workspace.id, N_SHOWN).await?;
    Ok(rows.into_iter().map(group).collect())
}

fn group(row: ErrorRow) -> ErrorGroup {
    let suspect = row.suspect.commit.clone().map(|commit| SuspectCommit {
        commit,
        author: row.suspect.author.clone(),
        summary: row.suspect.summary.clone(),
        at: row.suspect.at,
        path: row.suspect.path.clone(),
        line: row.suspect.line,
    });
    ErrorGroup {
        id: row.id,
        fingerprint: row.fingerprint,
        language: row.language,
        kind: row.kind,
        message: row.message,
        // Where git knows the line, its place in the repository says more than that of the deployed copy.
        place: match &suspect {
            Some(suspect) => format!("{}:{}", suspect.path, suspect.line),
            None => row.place,
        },
        function: row.function,
        sample: row.sample,
        environment: row.environment,
        instance: row.instance,
        n: row.n,
        first_at: row.first_at,
        last_at: row.last_at,
        first_version: row.first_version,
        first_commit: row.first_commit,
        last_version: row.last_version,
        state: row.state,
        resolved_in: row.resolved_in,
        by: row.by,
        suspect,
    }
}
