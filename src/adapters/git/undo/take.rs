//! Taking an entry back and doing it again. First everything that it would touch is compared with what the entry left there:
//! each thing must be on one of the entry's two sides. Then the other side is put in place, the index first, files last; what
//! is there already is left alone, so that a step which was cut off can simply be repeated.

use super::super::program::Repo;
use super::super::worktree::{self, SUBMODULE, SavedFile};
use super::super::{Git, GitError, blocking, open};
use super::added::{AddedTree, is_checked_out_elsewhere};
use super::capture::{STASH, commits_of_log, index_changes, log_path, stand, tree};
use super::files::{file_above, files_below, look};
use super::record::{AUTO_MERGE, FileState, HeadAt, Pair, Record, Staged};
use super::removed::{RemovedTree, is_taken};
use super::{capture, store};
use crate::base::repo::{Change, UndoDetail, UndoFile};
use crate::base::{GitPath, Problem};
use git2::{Oid, Repository};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use tokio_util::sync::CancellationToken;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Back,
    Again,
}

impl Way {
    /// Where a thing should be, and where it should go.
    pub(super) fn sides<T>(self, pair: &Pair<T>) -> (&T, &T) {
        match self {
            Self::Back => (&pair.after, &pair.before),
            Self::Again => (&pair.before, &pair.after),
        }
    }
}

/// What will be done, and what forbids it.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) subject: String,
    /// Things that are on neither side, by path or name.
    pub(super) collisions: Vec<String>,
    /// Things in the way that no entry would keep.
    pub(super) blocked: Vec<String>,
    pub(super) index: Vec<(GitPath, Vec<Staged>)>,
    /// Files to be removed, written from the index, and written as they were.
    pub(super) removed: BTreeSet<GitPath>,
    pub(super) clean: BTreeSet<GitPath>,
    pub(super) written: BTreeMap<GitPath, SavedFile>,
    pub(super) head: Option<HeadAt>,
    pub(super) refs: Vec<(String, Pair<Option<String>>)>,
    pub(super) logs: BTreeMap<String, String>,
    pub(super) operation: Vec<(String, Option<SavedFile>)>,
    pub(super) stash: Option<Option<String>>,
    pub(super) config: Vec<(String, Vec<String>)>,
    /// A worktree that was removed, to be made again or removed again.
    pub(super) removed_tree: Option<(RemovedTree, Way)>,
    /// A worktree that was added, to be taken away or added again.
    pub(super) added_tree: Option<(AddedTree, Way)>,
}

impl Plan {
    /// The files that it touches.
    pub(super) fn paths(&self) -> Vec<GitPath> {
        let all = self.removed.iter().chain(&self.clean).chain(self.written.keys());
        all.cloned().collect()
    }

    fn collide(&mut self, what: impl Into<String>) {
        self.collisions.push(what.into());
    }
}

/// `dirty` are the tracked files that are not what the index says.
pub(super) fn plan(repo: &Repository, top: &Path, id: u64, way: Way, dirty: &BTreeSet<GitPath>) -> Result<Plan, GitError> {
    let of = |error| GitError::of(top, error);
    let (summary, record, _) = store::read(repo, id)?;
    if summary.worktree != capture::worktree_name(repo) {
        return Err(GitError::NoSuchUndo(id));
    }
    let now = stand(repo, top)?;
    let mut plan = Plan {
        subject: summary.subject,
        ..Plan::default()
    };
    plan_head(&mut plan, &record, way, &now.head);
    let gone = record.gone_branch(way, &now.refs).filter(|_| plan.head.is_some());
    plan.collisions.extend(gone);
    for (name, pair) in &record.refs {
        let (from, to) = way.sides(pair);
        let here = now.refs.get(name).cloned();
        if here == *to {
            continue;
        }
        if here != *from {
            plan.collide(name);
        }
        if to.is_none() && is_checked_out_elsewhere(repo, name, record.added.as_ref()) {
            plan.blocked.push(name.clone());
        }
        if here.is_none()
            && let Some(log) = record.logs.get(name)
        {
            plan.logs.insert(name.clone(), log.clone());
        }
        let pair = Pair {
            before: here,
            after: to.clone(),
        };
        plan.refs.push((name.clone(), pair));
    }
    let here = Here {
        repo,
        top,
        dirty,
        tree: tree(repo, &now.index.tree).map_err(of)?,
        index: &now.index,
    };
    plan_files(&mut plan, &record, way, &here)?;
    if let Some(pair) = &record.operation {
        let (from, to) = way.sides(pair);
        let names: BTreeSet<&String> = from.keys().chain(to.keys()).chain(now.operation.keys()).collect();
        for name in names {
            let (from, to, here) = (from.get(name), to.get(name), now.operation.get(name));
            if here == to {
                continue;
            }
            if here != from && name != AUTO_MERGE {
                plan.collide(name);
            }
            plan.operation.push((name.clone(), to.cloned()));
        }
    }
    if let Some(pair) = &record.stash {
        let (from, to) = way.sides(pair);
        if now.stash != *to {
            if now.stash != *from {
                plan.collide(STASH);
            }
            plan.stash = Some(to.clone());
        }
    }
    for (key, pair) in &record.config {
        let (from, to) = way.sides(pair);
        let here = now.config.get(key).cloned().unwrap_or_default();
        if here == *to {
            continue;
        }
        if here != *from {
            plan.collide(key);
        }
        plan.config.push((key.clone(), to.clone()));
    }
    if let Some(removed) = record.removed {
        if way == Way::Back && is_taken(&removed) {
            plan.blocked.push(removed.path.display());
        }
        plan.removed_tree = Some((removed, way));
    }
    if let Some(added) = record.added {
        if added.is_blocked(way) {
            plan.blocked.push(added.path.display());
        }
        plan.added_tree = Some((added, way));
    }
    plan.collisions.sort();
    plan.collisions.dedup();
    Ok(plan)
}

/// An act on HEAD, index or files only means something where it was done.
fn plan_head(plan: &mut Plan, record: &Record, way: Way, here: &HeadAt) {
    let (from, to) = way.sides(&record.head);
    let is_bound = from != to || record.index.before != record.index.after || record.operation.is_some();
    let is_there = (here.branch == from.branch || here.branch == to.branch) && (here.oid == from.oid || here.oid == to.oid);
    if is_bound && !is_there {
        plan.collide("HEAD");
    }
    let moves = from.branch != to.branch || (to.branch.is_none() && from.oid != to.oid);
    if moves && here != to {
        plan.head = Some(to.clone());
    }
}

/// The checkout and the index now.
struct Here<'a> {
    repo: &'a Repository,
    top: &'a Path,
    dirty: &'a BTreeSet<GitPath>,
    tree: git2::Tree<'a>,
    index: &'a super::record::IndexSnap,
}

impl Here<'_> {
    /// `entries` are what the index has at the path on the side of the state.
    fn is(&self, path: &GitPath, state: &FileState, entries: &[Staged]) -> Result<bool, GitError> {
        Ok(match state {
            FileState::Absent => self.is_absent(path),
            FileState::Saved(saved) => look(self.repo, self.top, path)?.as_ref() == Some(saved),
            FileState::Clean => match entries {
                [entry] => {
                    let is_clean = !self.dirty.contains(path) && self.index.at(&self.tree, path) == entries;
                    is_clean || look(self.repo, self.top, path)?.is_some_and(|now| now.mode == entry.mode && now.oid == entry.oid)
                }
                _ => false,
            },
        })
    }

    fn is_absent(&self, path: &GitPath) -> bool {
        let file = self.top.join(path.to_path_buf());
        file_above(self.top, path).is_some() || file.symlink_metadata().map_or(true, |meta| meta.is_dir())
    }
}

fn plan_files(plan: &mut Plan, record: &Record, way: Way, here: &Here<'_>) -> Result<(), GitError> {
    let of = |error| GitError::of(here.top, error);
    let changes = index_changes(here.repo, &record.index.before, &record.index.after).map_err(of)?;
    let (from_snap, to_snap) = way.sides(&record.index);
    let (from_tree, to_tree) = (
        tree(here.repo, &from_snap.tree).map_err(of)?,
        tree(here.repo, &to_snap.tree).map_err(of)?,
    );
    let mut files: Vec<(GitPath, FileState, FileState)> = Vec::new();
    for change in changes {
        let pair = Pair {
            before: change.before,
            after: change.after,
        };
        let (from, to) = way.sides(&pair);
        let now = here.index.at(&here.tree, &change.path);
        if now != *to {
            if now != *from {
                plan.collide(change.path.display());
            }
            plan.index.push((change.path.clone(), to.clone()));
        }
        let is_file = |entries: &[Staged]| entries.iter().all(|entry| entry.is_plain() && entry.mode != SUBMODULE);
        if record.follows && !record.files.contains_key(&change.path) && is_file(from) && is_file(to) {
            let state = |entries: &[Staged]| {
                if entries.is_empty() {
                    FileState::Absent
                } else {
                    FileState::Clean
                }
            };
            files.push((change.path, state(from), state(to)));
        }
    }
    for (path, pair) in &record.files {
        let (from, to) = way.sides(pair);
        if from != to {
            files.push((path.clone(), from.clone(), to.clone()));
        }
    }
    for (path, from, to) in files {
        let to_entries = to_snap.at(&to_tree, &path);
        if here.is(&path, &to, &to_entries)? {
            continue;
        }
        if !here.is(&path, &from, &from_snap.at(&from_tree, &path))? {
            plan.collide(path.display());
        }
        match to {
            FileState::Absent => drop(plan.removed.insert(path)),
            FileState::Clean => drop(plan.clean.insert(path)),
            FileState::Saved(saved) => drop(plan.written.insert(path, saved)),
        }
    }
    let mut blocked = Vec::new();
    for path in plan.clean.iter().chain(plan.written.keys()) {
        if let Some(above) = file_above(here.top, path)
            && !plan.removed.contains(&above)
        {
            blocked.push(above.display());
        }
        let folder = here.top.join(path.to_path_buf());
        if folder.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
            let below = files_below(here.top, path);
            blocked.extend(
                below
                    .iter()
                    .filter(|below| !plan.removed.contains(below))
                    .map(GitPath::display),
            );
        }
    }
    plan.blocked.extend(blocked);
    Ok(())
}

impl Git {
    /// Does what is planned. Not to be stopped half-way: it is short, and can be repeated.
    pub(super) async fn put_back(&self, repo: Repo<'_>, plan: &Plan, cancel: &CancellationToken) -> Result<(), Problem> {
        if let Some((added, Way::Back)) = &plan.added_tree {
            self.take_added(repo, added, cancel).await?;
        }
        if !plan.index.is_empty() {
            let args = ["update-index", "-z", "--index-info"];
            self.program().write(repo, &args, &index_info(&plan.index), cancel).await?;
        }
        let (root, removed, folders) = (repo.root.to_path_buf(), plan.removed.clone(), plan.paths());
        blocking(move || {
            let (_, top) = capture::open_top(&root)?;
            for path in &removed {
                worktree::remove(&top, &worktree::locate(&top, path)?)?;
            }
            // A folder of empty folders is nothing to git, and in the way of a file.
            for path in folders {
                remove_empty(&top.join(path.to_path_buf()));
            }
            Ok(())
        })
        .await?;
        self.put_refs(repo, plan, cancel).await?;
        if !plan.clean.is_empty() {
            let args = ["checkout-index", "--force", "-u", "-z", "--stdin"];
            let stdin = zero_ended(plan.clean.iter());
            self.program().write(repo, &args, &stdin, cancel).await?;
        }
        let intents: Vec<&GitPath> = plan
            .index
            .iter()
            .filter(|(_, entries)| entries.iter().any(|entry| entry.is_intent))
            .map(|(path, _)| path)
            .collect();
        let root = repo.root.to_path_buf();
        let (written, operation, stash, config, logs) = (
            plan.written.clone(),
            plan.operation.clone(),
            plan.stash.clone(),
            plan.config.clone(),
            plan.logs.clone(),
        );
        blocking(move || {
            let (repo, top) = capture::open_top(&root)?;
            for (path, saved) in &written {
                worktree::restore(&repo, &top, path, Some(saved))?;
            }
            for (name, saved) in &operation {
                put_operation(&repo, name, saved.as_ref())?;
            }
            if let Some(Some(log)) = &stash {
                put_log(&repo, STASH, log)?;
            }
            for (name, log) in &logs {
                put_log(&repo, name, log)?;
            }
            put_config(&repo, &config).map_err(|error| GitError::of(&root, error))
        })
        .await?;
        match &plan.removed_tree {
            Some((removed, Way::Back)) => Box::pin(self.bring_back(repo, removed, cancel)).await?,
            Some((removed, Way::Again)) => self.remove_again(repo, removed, cancel).await?,
            None => {}
        }
        if let Some((added, Way::Again)) = &plan.added_tree {
            self.add_again(repo, added, cancel).await?;
        }
        if !intents.is_empty() {
            let args = [
                "--literal-pathspecs",
                "add",
                "--intent-to-add",
                "--force",
                "--pathspec-from-file=-",
                "--pathspec-file-nul",
            ];
            let here: Vec<&GitPath> = intents
                .into_iter()
                .filter(|path| repo.root.join(path.to_path_buf()).symlink_metadata().is_ok())
                .collect();
            if !here.is_empty() {
                self.program()
                    .write(repo, &args, &zero_ended(here.into_iter()), cancel)
                    .await?;
            }
        }
        if !plan.index.is_empty() {
            // Only so that git need not read the files again: whatever it says of them is no failure.
            let args = ["update-index", "-q", "--refresh"];
            self.program().write(repo, &args, &[], cancel).await.ok();
            let root = repo.root.to_path_buf();
            if blocking(move || Ok(capture::is_sparse(&open::open(&root)?))).await? {
                self.program()
                    .write(repo, &["sparse-checkout", "reapply"], &[], cancel)
                    .await?;
            }
        }
        Ok(())
    }

    async fn put_refs(&self, repo: Repo<'_>, plan: &Plan, cancel: &CancellationToken) -> Result<(), Problem> {
        const REASON: &str = "chantier: undo";
        match &plan.head {
            Some(HeadAt {
                branch: Some(branch), ..
            }) => {
                let args = ["symbolic-ref", "-m", REASON, "HEAD", branch];
                self.program().write(repo, &args, &[], cancel).await?;
            }
            Some(HeadAt {
                branch: None,
                oid: Some(oid),
            }) => {
                let args = ["update-ref", "--no-deref", "-m", REASON, "HEAD", oid];
                self.program().write(repo, &args, &[], cancel).await?;
            }
            _ => {}
        }
        // Removals first: a branch may become the folder of another.
        let mut orders = [String::new(), String::new()];
        for (name, pair) in &plan.refs {
            let symbolic = |value: &Option<String>| {
                value
                    .as_deref()
                    .and_then(|value| value.strip_prefix("ref: ").map(str::to_owned))
            };
            if let Some(target) = symbolic(&pair.after) {
                self.program()
                    .write(repo, &["symbolic-ref", name, &target], &[], cancel)
                    .await?;
                continue;
            }
            let old = if symbolic(&pair.before).is_some() {
                None
            } else {
                pair.before.as_deref()
            };
            let none = "0".repeat(40);
            match (&pair.after, &pair.before) {
                (None, Some(_)) => {
                    let old = old.map_or_else(String::new, |old| format!(" {old}"));
                    orders[0].push_str(&format!("option no-deref\ndelete {name}{old}\n"));
                }
                (Some(new), None) => orders[1].push_str(&format!("option no-deref\nupdate {name} {new} {none}\n")),
                (Some(new), Some(_)) => {
                    let old = old.map_or_else(String::new, |old| format!(" {old}"));
                    orders[1].push_str(&format!("option no-deref\nupdate {name} {new}{old}\n"));
                }
                (None, None) => {}
            }
        }
        for order in orders.iter().filter(|order| !order.is_empty()) {
            let args = ["update-ref", "-m", REASON, "--stdin"];
            self.program().write(repo, &args, order.as_bytes(), cancel).await?;
        }
        match &plan.stash {
            None => {}
            Some(None) => {
                self.program().write(repo, &["update-ref", "-d", STASH], &[], cancel).await?;
            }
            Some(Some(log)) => {
                let (root, log) = (repo.root.to_path_buf(), log.clone());
                let newest = blocking(move || Ok(commits_of_log(&open::open(&root)?, &log).pop())).await?;
                if let Some(newest) = newest {
                    let args = ["update-ref", "--create-reflog", "-m", REASON, STASH, &newest];
                    self.program().write(repo, &args, &[], cancel).await?;
                }
            }
        }
        Ok(())
    }
}

fn zero_ended<'a>(paths: impl Iterator<Item = &'a GitPath>) -> Vec<u8> {
    let mut text = Vec::new();
    for path in paths {
        text.extend_from_slice(path.as_bytes());
        text.push(0);
    }
    text
}

/// What `git update-index -z --index-info` reads to put these paths into these states.
fn index_info(index: &[(GitPath, Vec<Staged>)]) -> Vec<u8> {
    let mut text = Vec::new();
    let mut line = |mode: u32, oid: &str, stage: u8, path: &GitPath| {
        text.extend_from_slice(format!("{mode:o} {oid} {stage}\t").as_bytes());
        text.extend_from_slice(path.as_bytes());
        text.push(0);
    };
    // All removals first, so that a file may become a folder; and a conflict can only be put where nothing stands.
    for (path, entries) in index {
        if !matches!(entries.as_slice(), [entry] if entry.is_plain()) {
            line(0, &"0".repeat(40), 0, path);
        }
    }
    for (path, entries) in index {
        for entry in entries.iter().filter(|entry| !entry.is_intent) {
            line(entry.mode, &entry.oid, entry.stage, path);
        }
    }
    text
}

fn remove_empty(folder: &Path) {
    if !folder.symlink_metadata().is_ok_and(|meta| meta.is_dir()) {
        return;
    }
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        remove_empty(&entry.path());
    }
    // What is not empty stays.
    std::fs::remove_dir(folder).ok();
}

fn put_operation(repo: &Repository, name: &str, saved: Option<&SavedFile>) -> Result<(), GitError> {
    let folder = repo.path().to_path_buf();
    let at = folder.join(name);
    let Some(saved) = saved else {
        return worktree::remove(&folder, &at);
    };
    let blob = Oid::from_str(&saved.oid).and_then(|oid| repo.find_blob(oid));
    let blob = blob.map_err(|error| GitError::of(&folder, error))?;
    worktree::write(&at, blob.content(), saved.mode)
}

fn put_log(repo: &Repository, name: &str, log: &str) -> Result<(), GitError> {
    let at: PathBuf = log_path(repo, name);
    let blob = Oid::from_str(log).and_then(|oid| repo.find_blob(oid));
    let blob = blob.map_err(|error| GitError::of(repo.path(), error))?;
    worktree::write(&at, blob.content(), worktree::FILE)
}

fn put_config(repo: &Repository, settings: &[(String, Vec<String>)]) -> Result<(), git2::Error> {
    if settings.is_empty() {
        return Ok(());
    }
    let mut local = repo.config()?.open_level(git2::ConfigLevel::Local)?;
    for (key, values) in settings {
        local.remove_multivar(key, ".*").ok();
        for value in values {
            // A pattern that nothing fits: the value is added.
            local.set_multivar(key, "$.^", value)?;
        }
    }
    Ok(())
}

/// What taking an entry back, or doing it again, would put in place.
pub(super) fn detail(repo: &Repository, top: &Path, id: u64, dirty: &BTreeSet<GitPath>) -> Result<UndoDetail, GitError> {
    let (_, record, is_undone) = store::read(repo, id)?;
    let way = if is_undone { Way::Again } else { Way::Back };
    let changes = index_changes(repo, &record.index.before, &record.index.after).map_err(|error| GitError::of(top, error))?;
    let mut files = Vec::new();
    let change = |from: bool, to: bool| match (from, to) {
        (false, _) => Change::Added,
        (true, false) => Change::Deleted,
        (true, true) => Change::Modified,
    };
    let follows = |path: &GitPath| record.follows && !record.files.contains_key(path);
    for indexed in changes.iter().filter(|indexed| follows(&indexed.path)) {
        let pair = Pair {
            before: !indexed.before.is_empty(),
            after: !indexed.after.is_empty(),
        };
        let (from, to) = way.sides(&pair);
        files.push(UndoFile {
            path: indexed.path.clone(),
            change: change(*from, *to),
        });
    }
    for (path, pair) in record.files.iter().filter(|(_, pair)| pair.before != pair.after) {
        let (from, to) = way.sides(pair);
        files.push(UndoFile {
            path: path.clone(),
            change: change(*from != FileState::Absent, *to != FileState::Absent),
        });
    }
    if let Some(removed) = &record.removed {
        files.extend(removed.files.iter().map(|(path, saved)| UndoFile {
            path: path.clone(),
            change: if is_undone || saved.is_none() {
                Change::Deleted
            } else {
                Change::Added
            },
        }));
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let n_stashes = |log: &Option<String>| log.as_deref().map_or(0, |log| commits_of_log(repo, log).len() as u32);
    let plan = plan(repo, top, id, way, dirty)?;
    let n_files = files.len() as u32;
    files.truncate(UndoDetail::MAX_FILES);
    Ok(UndoDetail {
        id,
        moves: store::moves(&record),
        files,
        n_files,
        n_index: changes.len() as u32,
        stashes: record.stash.as_ref().map(|pair| {
            let (from, to) = way.sides(pair);
            (n_stashes(from), n_stashes(to))
        }),
        has_operation: record.operation.as_ref().map(|pair| !way.sides(pair).1.is_empty()),
        n_settings: record.config.len() as u32,
        collisions: plan.collisions.into_iter().chain(plan.blocked).collect(),
    })
}
