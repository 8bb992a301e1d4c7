//! Runs of the ledger: the list, one with everything below it, and the same once more.

use super::jobs::source_state;
use super::{RunDetail, RunFilter, RunRow, Update, exec};
use crate::adapters::World;
use crate::adapters::process::Cmd;
use crate::adapters::store::jobs::{JobFilter, JobRow};
use crate::areas::{self, JobCtx};
use crate::base::text::without_marks;
use crate::base::{JobId, LogLine, Problem, State, Stream, Workspace};
use crate::msg;
use std::collections::BTreeMap;

/// Rows that are read to find words in, newest first, and how many at once.
const MAX_SEARCHED: usize = 100_000;
const SEARCHED_PAGE: u32 = 2000;
/// Runs per page of the list.
const RUNS_PER_PAGE: u32 = 500;
/// The end of a log that is shown at once.
const TAIL_LINES: usize = 5000;

pub(super) async fn list(cx: JobCtx, world: World, filter: RunFilter) -> Result<(), Problem> {
    let states = if filter.only_failed {
        vec![State::Failed, State::Interrupted]
    } else {
        Vec::new()
    };
    let wanted = JobFilter {
        area: filter.area.clone(),
        workspace: filter.workspace.clone(),
        states,
        before: filter.before,
        limit: filter.limit.unwrap_or(RUNS_PER_PAGE),
        ..JobFilter::default()
    };
    let all = JobFilter {
        workspace: filter.workspace.clone(),
        ..JobFilter::default()
    };
    let n_all = world.store().jobs().count(all).await?;
    let (rows, n_total) = if filter.text.trim().is_empty() {
        let jobs = world.store().jobs();
        let n_total = jobs.count(wanted.clone()).await?;
        (jobs.list(wanted).await?, n_total)
    } else {
        searched(&cx, &world, wanted, &filter.text).await?
    };
    let rows = run_rows(&world, rows).await?;
    cx.update(Update::RunsListed {
        filter,
        rows,
        n_total,
        n_all,
    })
    .await;
    Ok(())
}

/// The newest runs whose title, as it is read, command line, commit or environment holds the words, and how many there are.
async fn searched(cx: &JobCtx, world: &World, wanted: JobFilter, words: &str) -> Result<(Vec<JobRow>, u64), Problem> {
    let folded = |text: &str| -> String { text.chars().flat_map(char::to_lowercase).map(without_marks).collect() };
    let (texts, needle) = (world.texts(), folded(words.trim()));
    let (mut found, mut n_found, mut before, mut n_read) = (Vec::new(), 0, None, 0);
    let mut is_older = wanted.before.is_none();
    while n_read < MAX_SEARCHED {
        cx.check()?;
        let page = world
            .store()
            .jobs()
            .list(JobFilter {
                before,
                limit: SEARCHED_PAGE,
                ..wanted.clone()
            })
            .await?;
        n_read += page.len();
        let Some(last) = page.last() else { break };
        before = Some(last.id);
        for row in page {
            let parts = [texts.msg(&row.title), row.argv.join(" ")];
            let more = [row.commit.as_deref(), row.environment.as_deref()];
            let is_it = parts.iter().map(String::as_str).chain(more.into_iter().flatten());
            let is_it = is_it.map(folded).any(|part| part.contains(&needle));
            if !is_it {
                continue;
            }
            n_found += 1;
            if is_older && found.len() < wanted.limit as usize {
                found.push(row);
            } else {
                is_older |= wanted.before == Some(row.id);
            }
        }
    }
    Ok((found, n_found))
}

/// The rows with what was asked for.
pub(super) async fn run_rows(world: &World, rows: Vec<JobRow>) -> Result<Vec<RunRow>, Problem> {
    let roots = rows.iter().filter(|row| row.parent.is_none());
    let mut asked = world.store().jobs().asked(roots.map(|row| row.id).collect()).await?;
    Ok(rows.into_iter().map(|row| run_row(row, &mut asked)).collect())
}

fn run_row(row: JobRow, asked: &mut BTreeMap<JobId, String>) -> RunRow {
    RunRow {
        asked: asked.remove(&row.id),
        id: row.id,
        parent: row.parent,
        workspace: row.workspace,
        area: row.area,
        title: row.title,
        argv: row.argv,
        cwd: row.cwd,
        commit: row.commit,
        dirty: row.dirty,
        environment: row.environment,
        state: row.state,
        queued_at: row.queued_at,
        started_at: row.started_at,
        ended_at: row.ended_at,
        exit_code: row.exit_code,
        signal: row.signal,
        problem: row.problem,
        log_bytes: row.log_bytes,
    }
}

pub(super) async fn find(world: &World, job: JobId) -> Result<JobRow, Problem> {
    let found = world.store().jobs().get(job).await?;
    found.ok_or_else(|| Problem::user(msg!("devops-no-run", run = job.to_string())).code("not-found"))
}

pub(super) async fn show(cx: JobCtx, world: World, job: JobId) -> Result<(), Problem> {
    let row = find(&world, job).await?;
    let mut tree = world.store().jobs().tree(job).await?;
    tree.retain(|below| below.id != job);
    let at = row.started_at.unwrap_or(row.queued_at);
    tree.insert(0, row);
    let mut children = run_rows(&world, tree).await?;
    let run = children.remove(0);
    // A run without output has no log.
    let tail = world.logs().read_tail(job, TAIL_LINES).await.unwrap_or_default();
    let text = tail.bytes.strip_suffix(b"\n").unwrap_or(&tail.bytes);
    let lines = text
        .split(|byte| *byte == b'\n')
        .map(|line| LogLine::foreign(at, Stream::Out, line.trim_ascii_end()));
    let lines: Vec<LogLine> = if text.is_empty() { Vec::new() } else { lines.collect() };
    let n_bytes_before = tail.from;
    cx.update(Update::RunShown {
        run: Box::new(RunDetail {
            run,
            children,
            lines,
            n_bytes_before,
        }),
    })
    .await;
    Ok(())
}

pub(super) async fn again(cx: JobCtx, world: World, workspace: Workspace, job: JobId) -> Result<(), Problem> {
    let row = find(&world, job).await?;
    let asked = world.store().jobs().asked(vec![job]).await?.remove(&job);
    if let Some(command) = asked.and_then(|asked| areas::Command::once_more(&asked, &workspace)) {
        return (areas::plan(&world, command).run)(cx).await;
    }
    let Some((program, args)) = row.argv.split_first() else {
        return Err(Problem::user(msg!("devops-run-no-program", run = job.to_string())));
    };
    let head = source_state(&world, &workspace).await;
    cx.sources(head.0, head.1, row.environment).await;
    let cmd = Cmd::new(program)
        .args(args)
        .cwd(row.cwd.unwrap_or_else(|| workspace.root.clone()));
    let exit = exec::run(&cx, &world, &workspace, cmd, |_| ()).await?;
    if let Some(problem) = exec::left_behind(&exit, program) {
        cx.problem(problem).await;
    }
    exit.problem(program).map_or(Ok(()), Err)
}
