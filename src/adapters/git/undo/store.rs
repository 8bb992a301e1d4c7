//! Entries in the repository's own store: written, listed, read, moved between undo and redo, and pruned.

use super::super::GitError;
use super::super::worktree::FILE;
use super::capture::{commits_of_log, index_changes, worktree_name};
use super::record::{Before, FileState, OperationFiles, Record, Summary};
use super::removed::RemovedTree;
use super::take::Way;
use super::{Done, Mark};
use crate::base::repo::{RefMove, UndoEntry, Which};
use crate::base::{GitPath, SafeText};
use crate::store::holder::Holder;
use git2::{Commit, ConfigLevel, ErrorCode, ObjectType, Oid, Repository, Signature};
use std::collections::BTreeSet;
use std::path::Path;

pub(super) const VERSION: u32 = 2;
const HIDE: &str = "transfer.hideRefs";
const HIDDEN: &str = "refs/chantier";
const UNDO: &str = "refs/chantier/undo/";
const REDO: &str = "refs/chantier/redo/";
const PENDING: &str = "refs/chantier/pending/";
/// Entries of the redo side after which something else was done: they are no longer next in line.
const LEFT: &str = "refs/chantier/left/";
/// Objects that are neither commits, trees nor blobs and so can stand in no commit: annotated tags.
const KEPT: &str = "refs/chantier/kept/";
const INNER: [&str; 3] = ["refs/rewritten/", "refs/bisect/", "refs/worktree/"];
/// Paths and refs that an entry names when it is listed.
const SHOWN: usize = 5;
/// Branches that a mark keeps alive while the act runs.
const MAX_TIPS: usize = 100;
const TREE: i32 = 0o040_000;

/// What the timeline of a repository may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    pub max_entries: usize,
    /// Of contents of files, before the store's compression.
    pub max_bytes: u64,
}

impl Default for Budget {
    fn default() -> Self {
        Self {
            max_entries: 200,
            max_bytes: 1_000_000_000,
        }
    }
}

/// The trees and blobs by name, so that `git gc` keeps them.
struct Kept<'repo> {
    repo: &'repo Repository,
    oids: BTreeSet<Oid>,
    commits: Vec<Oid>,
    others: BTreeSet<Oid>,
}

impl<'repo> Kept<'repo> {
    fn new(repo: &'repo Repository) -> Self {
        Self {
            repo,
            oids: BTreeSet::new(),
            commits: Vec::new(),
            others: BTreeSet::new(),
        }
    }

    /// What is not in the store (a symbolic ref, a commit that was never fetched) can not be kept.
    fn add(&mut self, id: &str) {
        let Ok(oid) = Oid::from_str(id) else { return };
        let Ok(object) = self.repo.find_object(oid, None) else {
            return;
        };
        match object.kind() {
            Some(ObjectType::Commit) if !self.commits.contains(&oid) => self.commits.push(oid),
            Some(ObjectType::Commit) => {}
            Some(ObjectType::Tag) => {
                self.others.insert(oid);
            }
            _ => {
                self.oids.insert(oid);
            }
        }
    }

    fn add_log(&mut self, blob: &str) {
        self.add(blob);
        for commit in commits_of_log(self.repo, blob) {
            self.add(&commit);
        }
    }

    /// Files like `MERGE_HEAD` begin each line with an id.
    fn add_operation(&mut self, files: &OperationFiles) {
        for saved in files.values() {
            self.add(&saved.oid);
            let blob = Oid::from_str(&saved.oid).and_then(|oid| self.repo.find_blob(oid));
            let text = blob.map(|blob| String::from_utf8_lossy(blob.content()).into_owned());
            for line in text.unwrap_or_default().lines().take(100) {
                let word = line.split_whitespace().next().unwrap_or_default();
                if word.len() >= 40 {
                    self.add(word);
                }
            }
        }
    }

    fn add_removed(&mut self, removed: &RemovedTree) {
        self.add(removed.head.oid.as_deref().unwrap_or_default());
        self.add(&removed.index.tree);
        removed.index.special.iter().for_each(|(_, staged)| self.add(&staged.oid));
        removed.files.values().flatten().for_each(|saved| self.add(&saved.oid));
        self.add_operation(&removed.operation);
    }

    fn tree(&self) -> Result<Oid, git2::Error> {
        let mut builder = self.repo.treebuilder(None)?;
        for oid in &self.oids {
            let is_tree = self.repo.find_object(*oid, None)?.kind() == Some(ObjectType::Tree);
            let mode = if is_tree { TREE } else { FILE as i32 };
            builder.insert(oid.to_string(), *oid, mode)?;
        }
        builder.write()
    }
}

/// Writes the commit of an entry: its summary, a blob of JSON under `name`, the states of the index, and everything kept.
fn write(kept: &Kept<'_>, summary: &Summary, name: &str, json: &[u8], trees: &[(&str, &str)]) -> Result<Oid, git2::Error> {
    let repo = kept.repo;
    let mut builder = repo.treebuilder(None)?;
    builder.insert(name, repo.blob(json)?, FILE as i32)?;
    builder.insert("kept", kept.tree()?, TREE)?;
    for (name, tree) in trees {
        builder.insert(name, Oid::from_str(tree)?, TREE)?;
    }
    let tree = repo.find_tree(builder.write()?)?;
    let time = git2::Time::new(summary.at.as_second(), 0);
    let signature = Signature::new("Chantier", "chantier@localhost", &time)?;
    let message = serde_json::to_string(summary).expect("the summary is plain data with text keys");
    let parents: Vec<Commit<'_>> = kept.commits.iter().filter_map(|oid| repo.find_commit(*oid).ok()).collect();
    let parents: Vec<&Commit<'_>> = parents.iter().collect();
    let message = format!("chantier undo\n\n{message}\n");
    repo.commit(None, &signature, &signature, &message, &tree, &parents)
}

/// Whoever fetches from this repository gets nothing of what was thrown away here.
fn hide_from_others(repo: &Repository) -> Result<(), git2::Error> {
    let mut local = repo.config()?.open_level(ConfigLevel::Local)?;
    let mut is_hidden = false;
    if let Ok(values) = local.multivar(HIDE, None) {
        values.for_each(|entry| is_hidden |= entry.value().is_ok_and(|value| value == HIDDEN))?;
    }
    if !is_hidden {
        // A pattern that nothing fits: the value is added.
        local.set_multivar(HIDE, "$.^", HIDDEN)?;
    }
    Ok(())
}

pub(super) fn write_pending(repo: &Repository, root: &Path, summary: &Summary, before: &Before) -> Result<u64, GitError> {
    let of = |error| GitError::of(root, error);
    // A configuration that can not be written is the user's affair.
    hide_from_others(repo).ok();
    let mut kept = Kept::new(repo);
    kept.add(before.stand.head.oid.as_deref().unwrap_or_default());
    for saved in before.files.values().flatten() {
        kept.add(&saved.oid);
    }
    kept.add_operation(&before.stand.operation);
    if let Some(log) = &before.stand.stash {
        kept.add_log(log);
    }
    before.logs.values().for_each(|log| kept.add_log(log));
    let branches = before.stand.refs.iter().filter(|(name, _)| name.starts_with("refs/heads/"));
    for (_, oid) in branches.take(MAX_TIPS) {
        kept.add(oid);
    }
    for (_, staged) in &before.stand.index.special {
        kept.add(&staged.oid);
    }
    before.removed.iter().for_each(|removed| kept.add_removed(removed));
    let json = serde_json::to_vec(before).map_err(|_| GitError::NoSuchUndo(0))?;
    let oid = write(&kept, summary, "before", &json, &[("index", &before.stand.index.tree)]).map_err(of)?;
    let mut id = [UNDO, REDO, PENDING]
        .iter()
        .flat_map(|prefix| ids(repo, prefix))
        .max()
        .unwrap_or(0)
        + 1;
    // Another program may take the number at the same moment.
    while let Err(error) = repo.reference(&format!("{PENDING}{id}"), oid, false, "chantier undo") {
        if error.code() != ErrorCode::Exists {
            return Err(of(error));
        }
        id += 1;
    }
    Ok(id)
}

/// Makes an entry of a mark, or forgets the mark when nothing changed.
pub(super) fn complete(
    repo: &Repository,
    root: &Path,
    id: u64,
    mut summary: Summary,
    record: &Record,
    budget: Budget,
) -> Result<Done, GitError> {
    let of = |error| GitError::of(root, error);
    if record.is_empty() {
        delete(repo, &format!("{PENDING}{id}"));
        return Ok(Done::default());
    }
    let mut kept = Kept::new(repo);
    for head in [&record.head.before, &record.head.after] {
        kept.add(head.oid.as_deref().unwrap_or_default());
    }
    for value in record.refs.values().flat_map(|pair| [&pair.before, &pair.after]).flatten() {
        kept.add(value);
    }
    for state in record.files.values().flat_map(|pair| [&pair.before, &pair.after]) {
        if let FileState::Saved(saved) = state {
            kept.add(&saved.oid);
        }
    }
    for snap in [&record.index.before, &record.index.after] {
        snap.special.iter().for_each(|(_, staged)| kept.add(&staged.oid));
    }
    if let Some(pair) = &record.operation {
        kept.add_operation(&pair.before);
        kept.add_operation(&pair.after);
    }
    let logs = record.stash.iter().flat_map(|pair| [&pair.before, &pair.after]).flatten();
    logs.chain(record.logs.values()).for_each(|log| kept.add_log(log));
    record.removed.iter().for_each(|removed| kept.add_removed(removed));
    describe(repo, &mut summary, record).map_err(of)?;
    let json = serde_json::to_vec(record).map_err(|_| GitError::NoSuchUndo(id))?;
    let trees = [
        ("index-before", record.index.before.tree.as_str()),
        ("index-after", record.index.after.tree.as_str()),
    ];
    let oid = write(&kept, &summary, "record", &json, &trees).map_err(of)?;
    for other in &kept.others {
        repo.reference(&format!("{KEPT}{id}/{other}"), *other, true, "chantier undo")
            .map_err(of)?;
    }
    repo.reference(&format!("{UNDO}{id}"), oid, true, "chantier undo")
        .map_err(of)?;
    delete(repo, &format!("{PENDING}{id}"));
    if !summary.kind.is_there() {
        leave(repo, &summary.worktree).map_err(of)?;
    }
    Ok(Done {
        undo: Some(id),
        n_pruned: prune(repo, budget),
        ..Done::default()
    })
}

/// What was taken back in a worktree is left behind by what was done there now: done again, both would be mixed.
fn leave(repo: &Repository, worktree: &str) -> Result<(), git2::Error> {
    for id in ids(repo, REDO) {
        let commit = commit_at(repo, &format!("{REDO}{id}"));
        if let Some(commit) = commit.filter(|commit| summary_of(commit).is_some_and(|summary| summary.worktree == worktree)) {
            repo.reference(&format!("{LEFT}{id}"), commit.id(), true, "chantier undo")?;
        }
    }
    Ok(())
}

/// What the list says of an entry.
fn describe(repo: &Repository, summary: &mut Summary, record: &Record) -> Result<(), git2::Error> {
    let mut paths: BTreeSet<GitPath> = index_changes(repo, &record.index.before, &record.index.after)?
        .into_iter()
        .map(|change| change.path)
        .collect();
    let changed = record.files.iter().filter(|(_, pair)| pair.before != pair.after);
    paths.extend(changed.map(|(path, _)| path.clone()));
    let removed = record.removed.iter().flat_map(|removed| &removed.files);
    paths.extend(removed.clone().map(|(path, _)| path.clone()));
    summary.n_paths = paths.len() as u32;
    summary.paths = paths.into_iter().take(SHOWN).collect();
    summary.moves = moves(record).into_iter().take(SHOWN).collect();
    let odb = repo.odb()?;
    let size = |id: &str| {
        Oid::from_str(id)
            .and_then(|oid| odb.read_header(oid))
            .map_or(0, |(size, _)| size as u64)
    };
    let saved = record.files.values().flat_map(|pair| [&pair.before, &pair.after]);
    summary.n_bytes = saved
        .map(|state| {
            if let FileState::Saved(saved) = state {
                size(&saved.oid)
            } else {
                0
            }
        })
        .sum();
    summary.n_bytes += removed
        .filter_map(|(_, saved)| saved.as_ref())
        .map(|saved| size(&saved.oid))
        .sum::<u64>();
    Ok(())
}

/// How HEAD and refs moved, under the names that people use.
pub(super) fn moves(record: &Record) -> Vec<RefMove> {
    let short = |name: &str| {
        let prefixes = ["refs/heads/", "refs/remotes/", "refs/tags/"];
        let short = prefixes.iter().find_map(|prefix| name.strip_prefix(prefix)).unwrap_or(name);
        SafeText::new(short).into_string()
    };
    let mut moves = Vec::new();
    let (before, after) = (&record.head.before, &record.head.after);
    if before.branch != after.branch || (before.branch.is_none() && before.oid != after.oid) {
        moves.push(RefMove {
            name: "HEAD".to_owned(),
            before: Some(short(&before.name())),
            after: Some(short(&after.name())),
        });
    }
    // Notes of git's own while it rebases or bisects say nothing to people.
    let shown = record
        .refs
        .iter()
        .filter(|(name, _)| !INNER.iter().any(|inner| name.starts_with(inner)));
    moves.extend(shown.map(|(name, pair)| RefMove {
        name: short(name),
        before: pair.before.clone(),
        after: pair.after.clone(),
    }));
    moves
}

fn ids(repo: &Repository, prefix: &str) -> Vec<u64> {
    let references = repo.references_glob(&format!("{prefix}*")).into_iter().flatten().flatten();
    let mut ids: Vec<u64> = references
        .filter_map(|reference| {
            std::str::from_utf8(reference.name_bytes())
                .ok()?
                .strip_prefix(prefix)?
                .parse()
                .ok()
        })
        .collect();
    ids.sort_unstable();
    ids
}

fn delete(repo: &Repository, name: &str) -> bool {
    repo.find_reference(name).and_then(|mut reference| reference.delete()).is_ok()
}

fn commit_at<'repo>(repo: &'repo Repository, name: &str) -> Option<Commit<'repo>> {
    repo.find_reference(name).ok()?.peel_to_commit().ok()
}

fn summary_of(commit: &Commit<'_>) -> Option<Summary> {
    let message = String::from_utf8_lossy(commit.message_bytes()).into_owned();
    serde_json::from_str(message.split_once("\n\n")?.1).ok()
}

fn json_of<T: serde::de::DeserializeOwned>(repo: &Repository, commit: &Commit<'_>, name: &str) -> Option<T> {
    let tree = commit.tree().ok()?;
    let blob = repo.find_blob(tree.get_name(name)?.id()).ok()?;
    serde_json::from_slice(blob.content()).ok()
}

/// Marks of this worktree whose owner is gone, or is this program, which makes one at a time.
pub(super) fn abandoned(repo: &Repository) -> Vec<Mark> {
    let (here, me) = (worktree_name(repo), Holder::current());
    let mark = |id: u64| {
        let commit = commit_at(repo, &format!("{PENDING}{id}"))?;
        let summary = summary_of(&commit)?;
        let before: Before = json_of(repo, &commit, "before")?;
        let is_mine = before.owner == me || !before.owner.is_alive();
        (summary.worktree == here && is_mine).then_some(Mark { id, summary, before })
    };
    ids(repo, PENDING).into_iter().filter_map(mark).collect()
}

/// Every entry of this worktree, the newest first; and marks whose owner died before it was done.
pub(super) fn list(repo: &Repository) -> Vec<UndoEntry> {
    let here = worktree_name(repo);
    let mut entries: Vec<UndoEntry> = Vec::new();
    let left = ids(repo, LEFT);
    for (prefix, is_undone) in [(UNDO, false), (REDO, true)] {
        entries.extend(ids(repo, prefix).into_iter().filter_map(|id| {
            let summary = summary_of(&commit_at(repo, &format!("{prefix}{id}"))?)?;
            (summary.worktree == here).then(|| UndoEntry {
                is_left_behind: is_undone && left.binary_search(&id).is_ok(),
                ..entry(id, summary, is_undone)
            })
        }));
    }
    let me = Holder::current();
    for mut mark in abandoned(repo).into_iter().filter(|mark| mark.before.owner != me) {
        mark.summary.is_interrupted = true;
        entries.push(entry(mark.id, mark.summary, false));
    }
    entries.sort_by_key(|entry| std::cmp::Reverse(entry.id));
    entries
}

fn entry(id: u64, summary: Summary, is_undone: bool) -> UndoEntry {
    UndoEntry {
        id,
        kind: summary.kind,
        at: summary.at,
        paths: summary.paths,
        n_paths: summary.n_paths,
        subject: SafeText::new(&summary.subject).into_string(),
        moves: summary.moves,
        n_bytes: summary.n_bytes,
        is_undone,
        is_left_behind: false,
        is_interrupted: summary.is_interrupted,
    }
}

/// One entry, whether it was taken back or not.
pub(super) fn read(repo: &Repository, id: u64) -> Result<(Summary, Record, bool), GitError> {
    for (prefix, is_undone) in [(UNDO, false), (REDO, true)] {
        let Some(commit) = commit_at(repo, &format!("{prefix}{id}")) else {
            continue;
        };
        if let (Some(summary), Some(record)) = (summary_of(&commit), json_of(repo, &commit, "record")) {
            return Ok((summary, record, is_undone));
        }
    }
    Err(GitError::NoSuchUndo(id))
}

/// The entries that an order means, in the order in which they are done.
pub(super) fn choose(repo: &Repository, way: Way, which: Which) -> Result<Vec<u64>, GitError> {
    let entries = list(repo);
    let wanted = |entry: &&UndoEntry| entry.is_undone == (way == Way::Again);
    let is_here = |entry: &&UndoEntry| !entry.kind.is_there();
    match which {
        Which::Entry { id } if entries.iter().filter(wanted).any(|entry| entry.id == id) => Ok(vec![id]),
        Which::Entry { id } if entries.iter().any(|entry| entry.id == id) => Err(GitError::TakenAlready {
            id,
            is_redo: way == Way::Again,
        }),
        Which::Entry { id } => Err(GitError::NoSuchUndo(id)),
        Which::Last { n } => {
            let done = entries.iter().filter(is_here).filter(|entry| !entry.is_undone);
            let newest_done = done.map(|entry| entry.id).max();
            let in_line = entries.iter().filter(wanted).filter(is_here);
            let in_line = in_line.filter(|entry| !entry.is_left_behind);
            let mut ids: Vec<u64> = in_line.map(|entry| entry.id).collect();
            if way == Way::Again {
                // What was done since is not mixed with what was taken back before.
                ids.retain(|id| newest_done.is_none_or(|newest| *id > newest));
                ids.reverse();
            }
            ids.truncate(n as usize);
            if ids.is_empty() {
                return Err(GitError::NothingToTake {
                    is_redo: way == Way::Again,
                });
            }
            Ok(ids)
        }
    }
}

/// From the undo side to the redo side, or back.
pub(super) fn turn(repo: &Repository, root: &Path, id: u64, way: Way) -> Result<(), GitError> {
    let (from, to) = match way {
        Way::Back => (UNDO, REDO),
        Way::Again => (REDO, UNDO),
    };
    let commit = commit_at(repo, &format!("{from}{id}")).ok_or(GitError::NoSuchUndo(id))?;
    repo.reference(&format!("{to}{id}"), commit.id(), true, "chantier undo")
        .map_err(|error| GitError::of(root, error))?;
    delete(repo, &format!("{from}{id}"));
    delete(repo, &format!("{LEFT}{id}"));
    Ok(())
}

/// The oldest entries go until the rest fits; the newest stays whatever its size.
fn prune(repo: &Repository, budget: Budget) -> u32 {
    let mut names: Vec<(u64, String)> = Vec::new();
    for prefix in [UNDO, REDO] {
        names.extend(ids(repo, prefix).into_iter().map(|id| (id, format!("{prefix}{id}"))));
    }
    names.sort_unstable_by_key(|(id, _)| std::cmp::Reverse(*id));
    let (mut n_bytes, mut n_pruned) = (0, 0);
    let mut is_full = false;
    for (n, (id, name)) in names.iter().enumerate() {
        let summary = commit_at(repo, name).and_then(|commit| summary_of(&commit));
        n_bytes += summary.map_or(0, |summary| summary.n_bytes);
        is_full |= n >= budget.max_entries.max(1) || (n > 0 && n_bytes > budget.max_bytes);
        if is_full && delete(repo, name) {
            n_pruned += 1;
            delete(repo, &format!("{LEFT}{id}"));
            let kept = repo.references_glob(&format!("{KEPT}{id}/*")).into_iter().flatten().flatten();
            for mut reference in kept {
                reference.delete().ok();
            }
        }
    }
    n_pruned
}
