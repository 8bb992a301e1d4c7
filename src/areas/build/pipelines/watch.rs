//! Pipelines that start by themselves: on each new commit of a checkout, or when what is saved there has changed. One program on the
//! machine does it for a workspace, told by a lease; what was interrupted is taken up.

use super::{Of, StartedBy, load, run};
use crate::adapters::git::HeadNow;
use crate::adapters::watch::Watch;
use crate::adapters::{World, files, scan};
use crate::areas::build::Update;
use crate::areas::build::jobs::run_spec;
use crate::areas::devops::project::pipeline::Trigger;
use crate::areas::devops::project::{self, FILE_NAME, Pipeline, ProjectFile};
use crate::areas::{JobCtx, JobSpec};
use crate::base::{Problem, State, Workspace, WorkspaceId};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};
use tokio_util::sync::CancellationToken;

const LEASE_TTL: Duration = Duration::from_secs(15);
/// How often HEAD's files are looked at; what is looked at are their times alone.
const LOOK_EVERY: Duration = Duration::from_secs(1);
const RENEW_EVERY: u32 = 5;
/// Commits that came at once and are run; of more the newest.
const MAX_COMMITS: usize = 10;
/// So old is what git has surely finished.
const FRESH: Duration = Duration::from_secs(3);
/// Saved files must be left alone for so long.
const CALM: Duration = Duration::from_millis(800);

/// Where a watched checkout stood, kept between sessions.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Seen {
    oid: Option<String>,
}

struct Watched {
    workspace: Workspace,
    pipelines: Vec<Pipeline>,
    file_at: Option<SystemTime>,
    head: HeadNow,
    head_at: [Option<SystemTime>; 2],
    /// The line of HEAD's log up to which it was read.
    log_at: Option<String>,
    is_mine: bool,
    /// Ends the watch of the files.
    files: Option<CancellationToken>,
}

/// Watches these workspaces, or all that were added, until it is stopped.
pub async fn run(cx: &JobCtx, world: &World, asked_for: Vec<Workspace>) -> Result<(), Problem> {
    for workspace in &asked_for {
        world.trust().check(workspace)?;
    }
    let mut watched: BTreeMap<WorkspaceId, Watched> = BTreeMap::new();
    let (sender, mut changed) = tokio::sync::mpsc::channel::<WorkspaceId>(64);
    let mut round: u32 = 0;
    let result = loop {
        if round.is_multiple_of(RENEW_EVERY)
            && let Err(problem) = look(cx, world, &asked_for, &mut watched).await
        {
            break Err(problem);
        }
        round = round.wrapping_add(1);
        for one in watched.values_mut().filter(|one| one.is_mine) {
            if let Err(problem) = one.step(cx, world, &sender).await {
                cx.problem(problem).await;
            }
        }
        tokio::select! {
            () = cx.cancel_token().cancelled() => break Err(Problem::cancelled()),
            Some(id) = changed.recv() => {
                if let Some(one) = watched.get(&id) {
                    one.changed(cx, world).await;
                }
            }
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    };
    for one in watched.values() {
        world.store().leases().release(&lease(&one.workspace)).await.ok();
    }
    result
}

fn lease(workspace: &Workspace) -> String {
    format!("pipelines/{}", workspace.id)
}

/// Which workspaces have pipelines that start by themselves, and whether this program watches them.
async fn look(
    cx: &JobCtx,
    world: &World,
    asked_for: &[Workspace],
    watched: &mut BTreeMap<WorkspaceId, Watched>,
) -> Result<(), Problem> {
    let rows = world.store().workspaces().list().await?;
    let workspaces: Vec<Workspace> = if asked_for.is_empty() {
        rows.iter()
            .map(crate::adapters::store::workspaces::WorkspaceRow::workspace)
            .collect()
    } else {
        asked_for.to_vec()
    };
    watched.retain(|id, _| workspaces.iter().any(|workspace| workspace.id == *id));
    for workspace in workspaces {
        let path = workspace.root.join(FILE_NAME);
        let file_at = scan::modified(&path);
        let known = watched.get(&workspace.id);
        if file_at.is_none() {
            watched.remove(&workspace.id);
            continue;
        }
        if known.is_none_or(|known| known.file_at != file_at) {
            let root = workspace.root.clone();
            let file = match cx.blocking(move |_| project::read(&root)).await {
                Ok((file, _)) => file,
                // Those that are known go on.
                Err(problem) if known.is_some() => {
                    cx.problem(problem).await;
                    if let Some(known) = watched.get_mut(&workspace.id) {
                        known.file_at = file_at;
                    }
                    continue;
                }
                Err(problem) => {
                    cx.problem(problem).await;
                    ProjectFile::default()
                }
            };
            let pipelines: Vec<Pipeline> = file
                .pipelines
                .into_iter()
                .filter(|pipeline| !pipeline.on.is_empty())
                .collect();
            match watched.get_mut(&workspace.id) {
                Some(known) => {
                    known.pipelines = pipelines;
                    known.file_at = file_at;
                }
                None => {
                    watched.insert(workspace.id.clone(), Watched::new(workspace.clone(), pipelines, file_at));
                }
            }
        }
        let Some(one) = watched.get_mut(&workspace.id) else { continue };
        let wants = !one.pipelines.is_empty() && world.trust().check(&workspace).is_ok();
        let was_mine = one.is_mine;
        one.is_mine = wants && world.store().leases().take(&lease(&workspace), LEASE_TTL).await?;
        if one.is_mine && !was_mine {
            one.begin(cx, world).await?;
        }
        if one.is_mine != was_mine {
            cx.update(Update::PipelinesWatched {
                workspace: workspace.id.clone(),
                is_watched: one.is_mine,
            })
            .await;
        }
        if !one.is_mine {
            one.stop_files();
        }
    }
    Ok(())
}

impl Watched {
    fn new(workspace: Workspace, pipelines: Vec<Pipeline>, file_at: Option<SystemTime>) -> Self {
        Self {
            workspace,
            pipelines,
            file_at,
            head: HeadNow::default(),
            head_at: [None; 2],
            log_at: None,
            is_mine: false,
            files: None,
        }
    }

    fn stop_files(&mut self) {
        if let Some(token) = self.files.take() {
            token.cancel();
        }
    }

    fn seen_key(&self) -> String {
        format!("build/pipelines/seen/{}", self.workspace.id)
    }

    async fn head_now(&self, cx: &JobCtx, world: &World) -> Result<HeadNow, Problem> {
        let (git, root) = (world.git().clone(), self.workspace.root.clone());
        cx.blocking(move |_| git.head_of(&root)).await
    }

    /// From now on it is watched here: what was interrupted is taken up, and a commit made meanwhile is run.
    async fn begin(&mut self, cx: &JobCtx, world: &World) -> Result<(), Problem> {
        load::settle(cx, world, Some(&self.workspace)).await?;
        self.head = self.head_now(cx, world).await?;
        let log = self.log(cx).await?;
        let is_head = |line: &&str| oids_of(line).is_some_and(|(_, to)| Some(to) == self.head.oid.as_deref());
        self.log_at = log.lines().rev().find(is_head).or(log.lines().last()).map(str::to_owned);
        for row in world.store().pipelines().list(&self.workspace.id, 20).await? {
            if row.state == State::Interrupted && row.trigger != StartedBy::Hand.word() {
                let (world_there, workspace, id) = (world.clone(), self.workspace.clone(), row.id);
                let title = msg!(
                    "build-job-pipeline",
                    pipeline = row.pipeline.as_str(),
                    name = workspace.name.as_str()
                );
                let spec = JobSpec::new("build", title, move |cx| async move {
                    run::resume(&cx, &world_there, &workspace, Some(id)).await
                });
                cx.start(spec.workspace(&self.workspace.id)).await;
            }
        }
        let seen: Option<Seen> = world.store().kv().get(&self.seen_key()).await?;
        if let (Some(seen), Some(oid)) = (seen.and_then(|seen| seen.oid), self.head.oid.clone())
            && seen != oid
        {
            self.start_commits(cx, world, vec![oid], self.head.branch.as_deref()).await?;
        }
        self.remember(world).await
    }

    async fn remember(&self, world: &World) -> Result<(), Problem> {
        let seen = Seen {
            oid: self.head.oid.clone(),
        };
        world.store().kv().set(&self.seen_key(), &seen).await
    }

    /// Looks whether HEAD has moved, and keeps the watch of the files that the pipelines ask for.
    async fn step(&mut self, cx: &JobCtx, world: &World, sender: &tokio::sync::mpsc::Sender<WorkspaceId>) -> Result<(), Problem> {
        let wants_files = self.pipelines.iter().any(|pipeline| pipeline.on.contains(&Trigger::Change));
        if wants_files && self.files.is_none() {
            let token = cx.cancel_token().child_token();
            self.files = Some(token.clone());
            watch_files(cx, self.workspace.clone(), token, sender.clone());
        } else if !wants_files {
            self.stop_files();
        }
        let times = [
            scan::modified(&self.head.git_dir.join("HEAD")),
            scan::modified(&self.head.git_dir.join("logs/HEAD")),
        ];
        if times == self.head_at {
            return Ok(());
        }
        self.head_at = times;
        let before = self.head.clone();
        self.head = self.head_now(cx, world).await?;
        let log = self.log(cx).await?;
        if self.head_now(cx, world).await? != self.head {
            // Something is just going on: what was read does not belong together.
            (self.head, self.head_at) = (before, [None; 2]);
            return Ok(());
        }
        let newest = log.lines().last();
        let is_fresh = |time: &Option<SystemTime>| time.is_some_and(|time| time.elapsed().is_ok_and(|age| age < FRESH));
        let is_fresh = self.head_at.iter().any(is_fresh);
        let has_moved = newest.is_none_or(|line| oids_of(line).is_some_and(|(_, new)| Some(new) == self.head.oid.as_deref()));
        if is_fresh && (!has_moved || before.oid == self.head.oid) {
            // git notes a commit in the log before it moves the branch: what has just been written is looked at once more.
            self.head_at = [None; 2];
        }
        if is_fresh && !has_moved {
            self.head = before;
            return Ok(());
        }
        let made = match (newest, before.oid, self.head.oid.clone()) {
            // Without a log every move counts.
            (None, Some(from), Some(to)) if from != to => vec![Made {
                from,
                to,
                branch: self.head.branch.clone(),
            }],
            (None, ..) => Vec::new(),
            _ => made_since(&log, self.log_at.as_deref(), self.head.branch.as_deref()),
        };
        self.log_at = newest.map(str::to_owned);
        for Made { from, to, branch } in made {
            let (git, root) = (world.git().clone(), self.workspace.root.clone());
            let commits = cx
                .blocking(move |_| git.commits_since(&root, &from, &to, MAX_COMMITS))
                .await?;
            self.start_commits(cx, world, commits, branch.as_deref()).await?;
        }
        self.remember(world).await
    }

    async fn log(&self, cx: &JobCtx) -> Result<String, Problem> {
        let log = self.head.git_dir.join("logs/HEAD");
        cx.blocking(move |_| Ok(files::read_text(&log, 64 << 20).unwrap_or_default()))
            .await
    }

    fn is_for_branch(pipeline: &Pipeline, branch: Option<&str>) -> bool {
        if pipeline.branches.is_empty() {
            return true;
        }
        let Some(branch) = branch else { return false };
        let mut builder = ignore::gitignore::GitignoreBuilder::new("/");
        for pattern in &pipeline.branches {
            drop(builder.add_line(None, &format!("/{pattern}")));
        }
        builder
            .build()
            .is_ok_and(|matcher| matcher.matched(PathBuf::from("/").join(branch), false).is_ignore())
    }

    /// A run per pipeline and commit of a branch, unless the commit has one.
    async fn start_commits(&self, cx: &JobCtx, world: &World, commits: Vec<String>, branch: Option<&str>) -> Result<(), Problem> {
        for pipeline in self
            .pipelines
            .iter()
            .filter(|pipeline| pipeline.on.contains(&Trigger::Commit))
        {
            if !Self::is_for_branch(pipeline, branch) {
                continue;
            }
            for oid in &commits {
                let known = world
                    .store()
                    .pipelines()
                    .of_commit(&self.workspace.id, &pipeline.name, oid)
                    .await?;
                if known.is_none() {
                    let of = Of::Commit { revision: oid.clone() };
                    let spec = run_spec(
                        world,
                        self.workspace.clone(),
                        pipeline.name.clone(),
                        of,
                        StartedBy::Commit,
                        false,
                    );
                    cx.start(spec).await;
                }
            }
        }
        Ok(())
    }

    async fn changed(&self, cx: &JobCtx, world: &World) {
        for pipeline in self
            .pipelines
            .iter()
            .filter(|pipeline| pipeline.on.contains(&Trigger::Change))
        {
            if self.is_mine && Self::is_for_branch(pipeline, self.head.branch.as_deref()) {
                let spec = run_spec(
                    world,
                    self.workspace.clone(),
                    pipeline.name.clone(),
                    Of::Changes,
                    StartedBy::Change,
                    false,
                );
                cx.start(spec).await;
            }
        }
    }
}

/// Commits that were made one after the other: those that `to` has and `from` has not.
struct Made {
    from: String,
    to: String,
    branch: Option<String>,
}

/// What HEAD's log says behind a line of it was made, not only checked out; each stretch with the branch that was checked out then.
/// `branch` is the one that is checked out at the end.
fn made_since(log: &str, line: Option<&str>, branch: Option<&str>) -> Vec<Made> {
    let lines: Vec<&str> = log.lines().collect();
    let known = line.and_then(|line| lines.iter().rposition(|known| *known == line));
    // A log that was cut: its last line.
    let start = known.map_or(lines.len().saturating_sub(1), |at| at + 1);
    let mut made: Vec<Made> = Vec::new();
    let (mut is_open, mut n_told) = (false, 0);
    for line in &lines[start..] {
        let message = line.split_once('\t').map_or("", |(_, message)| message);
        let is_checkout = message.starts_with("checkout:");
        if is_checkout {
            // `checkout: moving from main to other`
            let from = message.split_once(" from ").and_then(|(_, names)| names.split(" to ").next());
            for one in &mut made[n_told..] {
                one.branch = from.map(str::to_owned);
            }
            n_told = made.len();
        }
        if is_checkout || message.starts_with("reset:") {
            is_open = false;
            continue;
        }
        let Some((from, to)) = oids_of(line) else { continue };
        match made.last_mut().filter(|_| is_open) {
            Some(last) => to.clone_into(&mut last.to),
            None => made.push(Made {
                from: from.to_owned(),
                to: to.to_owned(),
                branch: None,
            }),
        }
        is_open = true;
    }
    for one in &mut made[n_told..] {
        one.branch = branch.map(str::to_owned);
    }
    made
}

/// Where HEAD was and where it went in a line of its log.
fn oids_of(line: &str) -> Option<(&str, &str)> {
    let mut words = line.split(' ');
    Some((words.next()?, words.next()?))
}

fn watch_files(cx: &JobCtx, workspace: Workspace, token: CancellationToken, sender: tokio::sync::mpsc::Sender<WorkspaceId>) {
    let cx = cx.clone();
    tokio::spawn(async move {
        let root = workspace.root.clone();
        let opened = cx.blocking(move |_| Watch::open(&root, 0)).await;
        let mut watch = match opened {
            Ok(watch) => watch,
            Err(problem) => return cx.problem(problem).await,
        };
        // What was saved before is looked at once.
        if sender.send(workspace.id.clone()).await.is_err() {
            return;
        }
        while let Ok(touched) = watch.changed(&token).await {
            let git = workspace.root.join(".git");
            let is_git_only = touched
                .paths()
                .is_some_and(|paths| paths.iter().all(|path| path.starts_with(&git)));
            if is_git_only {
                continue;
            }
            // A burst ends before it is looked at.
            loop {
                tokio::select! {
                    more = watch.changed(&token) => if more.is_err() { return },
                    () = tokio::time::sleep(CALM) => break,
                }
            }
            if sender.send(workspace.id.clone()).await.is_err() {
                return;
            }
        }
    });
}
