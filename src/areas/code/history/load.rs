//! Reading a history for whoever looks at it: its outline first, then the rows that are seen, or what was looked for.

use crate::adapters::World;
use crate::adapters::git::{History, HistoryOf, Part, Repo, Search};
use crate::areas::JobCtx;
use crate::areas::code::{HistoryQuery, Update};
use crate::base::repo::{CommitRow, HistoryOutline, Order};
use crate::base::{GitPath, Problem, Workspace};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Rows that are read at once, at most.
pub const MAX_ROWS: u64 = 1_000;
/// Hits of a search that are told at most: more must be narrowed down.
pub const MAX_FOUND: u64 = 10_000;

/// The outline and `n` rows from `first` on; of a search, everything that is found.
pub async fn open(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    query: &HistoryQuery,
    first: u64,
    n: u64,
) -> Result<(), Problem> {
    cx.update(Update::HistoryStarted {
        workspace: workspace.id.clone(),
        query: query.clone(),
    })
    .await;
    let result = if query.is_search() {
        find(cx, world, workspace, query, first.saturating_add(n).clamp(1, MAX_FOUND)).await
    } else {
        open_whole(cx, world, workspace, query, first, n).await
    };
    if let Err(problem) = &result {
        cx.update(Update::HistoryFailed {
            workspace: workspace.id.clone(),
            query: query.clone(),
            problem: problem.clone(),
        })
        .await;
    }
    result
}

/// Rows of a history that is known by its stamp; one that has gone meanwhile is opened anew.
pub async fn rows(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    query: &HistoryQuery,
    stamp: &str,
    (first, n): (u64, u64),
) -> Result<(), Problem> {
    let n = n.min(MAX_ROWS);
    let known = world.git().known_history(&workspace.root, stamp);
    if let Some(history) = known
        && tell_rows(cx, world, workspace, &history, first, n).await?
    {
        return Ok(());
    }
    open(cx, world, workspace, query, first, n).await
}

/// False: the history must be read anew.
async fn tell_rows(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    history: &Arc<History>,
    first: u64,
    n: u64,
) -> Result<bool, Problem> {
    let repo = repo(world, workspace);
    let Some(rows) = world.git().history_rows(repo, history, first, n, cx.cancel_token()).await? else {
        return Ok(false);
    };
    cx.update(Update::HistoryRead {
        workspace: workspace.id.clone(),
        stamp: history.outline().stamp.clone(),
        first,
        rows,
    })
    .await;
    Ok(true)
}

/// The row of a commit.
pub async fn find_row(cx: &JobCtx, world: &World, workspace: &Workspace, query: &HistoryQuery, oid: &str) -> Result<(), Problem> {
    let history = world
        .git()
        .history(repo(world, workspace), &history_of(query), cx.cancel_token(), |_| {})
        .await?;
    cx.update(Update::RowFound {
        workspace: workspace.id.clone(),
        stamp: history.outline().stamp.clone(),
        oid: oid.to_owned(),
        row: history.row_of(oid),
    })
    .await;
    Ok(())
}

/// Writes the commit-graph, which the user asked for, and reads the history with it.
pub async fn write_graph(cx: &JobCtx, world: &World, workspace: &Workspace, query: &HistoryQuery) -> Result<(), Problem> {
    world.trust().check(workspace)?;
    world
        .git()
        .write_commit_graph(repo(world, workspace), cx.cancel_token())
        .await?;
    open(cx, world, workspace, query, 0, MAX_ROWS).await
}

fn repo<'a>(world: &World, workspace: &'a Workspace) -> Repo<'a> {
    Repo {
        root: &workspace.root,
        is_trusted: world.trust().check(workspace).is_ok(),
    }
}

fn history_of(query: &HistoryQuery) -> HistoryOf {
    HistoryOf {
        is_all: query.is_all,
        from: query.from.clone(),
        is_topological: query.order == Order::Topology,
    }
}

fn outlined(workspace: &Workspace, query: &HistoryQuery, outline: &HistoryOutline, first: u64, rows: Vec<CommitRow>) -> Update {
    Update::HistoryOutlined {
        workspace: workspace.id.clone(),
        query: query.clone(),
        outline: outline.clone(),
        first,
        rows,
    }
}

async fn open_whole(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    query: &HistoryQuery,
    first: u64,
    n: u64,
) -> Result<(), Problem> {
    let repo = repo(world, workspace);
    loop {
        let (teller, place, asked, root) = (cx.clone(), workspace.clone(), query.clone(), workspace.root.clone());
        let on_part = move |part| match part {
            Part::Rows(history) => tell_part(&teller, &place, &asked, &root, &history, n.min(MAX_ROWS)),
            Part::Read(n_read) => teller.update_blocking(Update::HistoryCounted {
                workspace: place.id.clone(),
                query: asked.clone(),
                n_read,
            }),
        };
        let history: Arc<History> = world
            .git()
            .history(repo, &history_of(query), cx.cancel_token(), on_part)
            .await?;
        let n_first = n.min(MAX_ROWS);
        let read = world
            .git()
            .history_rows(repo, &history, first, n_first, cx.cancel_token())
            .await?;
        let Some(seen) = read else { continue };
        cx.update(outlined(workspace, query, history.outline(), first, seen)).await;
        let end = first.saturating_add(n).min(history.outline().n_rows);
        for at in (first + n_first..end).step_by(MAX_ROWS as usize) {
            tell_rows(cx, world, workspace, &history, at, MAX_ROWS.min(end - at)).await?;
        }
        return Ok(());
    }
}

/// The newest rows while the rest is read.
fn tell_part(cx: &JobCtx, workspace: &Workspace, query: &HistoryQuery, root: &Path, history: &History, n: u64) {
    if let Ok(rows) = history.rows_now(root, 0, n) {
        cx.update_blocking(outlined(workspace, query, history.outline(), 0, rows));
    }
}

/// What is looked for, told as it is found. A word that begins a commit's id, or stands in a branch's name, finds that commit first.
async fn find(cx: &JobCtx, world: &World, workspace: &Workspace, query: &HistoryQuery, n_max: u64) -> Result<(), Problem> {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed) + 1;
    let repo = repo(world, workspace);
    let wanted = &query.wanted;
    let mut outline = HistoryOutline {
        stamp: format!("search-{number}"),
        n_lanes: 1,
        ..HistoryOutline::default()
    };
    let first = if wanted.is_words_only() {
        by_name(cx, world, workspace, query).await
    } else {
        Vec::new()
    };
    let seen: Vec<String> = first.iter().map(|row| row.oid.clone()).collect();
    outline.n_rows = first.len() as u64;
    cx.update(outlined(workspace, query, &outline, 0, first)).await;
    let paths = paths_below_top(world, workspace, &wanted.paths)?;
    let search = Search {
        is_all: query.is_all,
        from: query.from.clone(),
        words: wanted.words.clone(),
        author: wanted.author.clone(),
        paths,
        is_following: wanted.is_following,
        content: wanted.content.clone(),
        regex: wanted.regex.clone(),
        since: wanted.since.clone(),
        until: wanted.until.clone(),
    };
    // As many places as there can be hits: git waits for nobody.
    let (tell, mut told) = tokio::sync::mpsc::channel::<Vec<CommitRow>>(n_max as usize + 1);
    let searching = world.git().search(repo, &search, n_max, cx.cancel_token(), |rows| {
        if !rows.is_empty() {
            tell.try_send(rows).ok();
        }
    });
    tokio::pin!(searching);
    loop {
        let (mut rows, is_end) = tokio::select! {
            biased;
            Some(rows) = told.recv() => (rows, false),
            ended = &mut searching => {
                ended?;
                let mut rest = Vec::new();
                while let Ok(rows) = told.try_recv() {
                    rest.extend(rows);
                }
                (rest, true)
            }
        };
        rows.retain(|row| !seen.contains(&row.oid));
        let at = outline.n_rows;
        outline.n_rows += rows.len() as u64;
        outline.is_whole = is_end;
        if is_end || !rows.is_empty() {
            cx.update(outlined(workspace, query, &outline, at, rows)).await;
        }
        if is_end {
            return Ok(());
        }
    }
}

/// Commits whose id begins with the one word, or whose names have it.
async fn by_name(cx: &JobCtx, world: &World, workspace: &Workspace, query: &HistoryQuery) -> Vec<CommitRow> {
    let repo = repo(world, workspace);
    let words = query.wanted.words.join(" ");
    let mut oids = Vec::new();
    if words.len() >= 4 && words.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let (git, root, name) = (world.git().clone(), workspace.root.clone(), words.clone());
        oids.extend(cx.blocking(move |_| git.resolve(&root, &name)).await.ok());
    }
    let all = HistoryOf {
        is_all: query.is_all,
        from: query.from.clone(),
        is_topological: query.order == Order::Topology,
    };
    // Only from a history that is in memory: a search must not wait for one.
    if let Some(history) = world.git().recent_history(&workspace.root, &all) {
        oids.extend(history.named(&words).into_iter().take(20));
    }
    oids.dedup();
    world.git().rows_of(repo, oids, cx.cancel_token()).await.unwrap_or_default()
}

fn paths_below_top(world: &World, workspace: &Workspace, paths: &[GitPath]) -> Result<Vec<GitPath>, Problem> {
    if paths.is_empty() {
        return Ok(Vec::new());
    }
    let top = crate::areas::code::reading_top(world, workspace)?;
    paths.iter().map(|path| crate::areas::code::below_top(&top, path)).collect()
}
