//! Repositories below a folder, and how each stands to a wanted revision: read without running anything.

use super::program::Repo;
use super::submodules::between;
use super::{Git, GitError, blocking, open};
use crate::base::diff::SubmoduleCommit;
use crate::base::repos::{Drift, Project};
use crate::base::{Problem, Progress, SafeText};
use crate::files;
use crate::walk::{self, Walk};
use git2::{Oid, Repository};
use std::path::{Path, PathBuf};
use tokio_util::sync::CancellationToken;

/// Folders below each other.
const MAX_DEPTH: u32 = 6;
const MAX_FOLDERS: usize = 50_000;
const MAX_REPOSITORIES: usize = 2_000;

/// What `freeze` needs to know of one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exact {
    pub commit: Option<String>,
    pub url: String,
    pub is_dirty: bool,
    pub is_unpushed: bool,
}

impl Git {
    /// The tops of the checkouts at and below a folder, without what git ignores there; but a repository that holds others beside its
    /// own files ignores those by rule, so that clones that stand in it directly count all the same. True when not everything was seen.
    pub fn repositories_below(&self, root: &Path, is_cancelled: &dyn Fn() -> bool) -> (Vec<PathBuf>, bool) {
        let mut found = Vec::new();
        let mut n_seen = 0;
        let is_whole = walk::folders(root, MAX_DEPTH, &mut |folder, names| {
            n_seen += 1;
            if n_seen > MAX_FOLDERS || found.len() >= MAX_REPOSITORIES || is_cancelled() {
                return Walk::End;
            }
            if names.iter().any(|name| name == ".git") && is_own(folder) {
                found.push(folder.to_path_buf());
            }
            Walk::Into
        });
        for clone in clones_in(root) {
            if found.len() < MAX_REPOSITORIES && !found.contains(&clone) {
                found.push(clone);
            }
        }
        found.sort();
        (found, !is_whole)
    }

    /// Whether a checkout has its top exactly there.
    pub fn is_repository(&self, folder: &Path) -> bool {
        is_own(folder)
    }

    /// How HEAD stands to the revision that a manifest wants.
    pub fn drift(&self, folder: &Path, project: &Project) -> Drift {
        let measure = || {
            let repo = open::open(folder).ok()?;
            let wanted = wanted(&repo, project)?;
            let head = repo.head().ok()?.target()?;
            let (ahead, behind) = repo.graph_ahead_behind(head, wanted).ok()?;
            Some(match (ahead as u32, behind as u32) {
                (0, 0) => Drift::InStep,
                (n_ahead, n_behind) => Drift::Apart { n_ahead, n_behind },
            })
        };
        measure().unwrap_or(Drift::NoSuchRevision)
    }

    /// Where a repository stands exactly, and whether others could check that out.
    pub fn exact(&self, folder: &Path) -> Result<Exact, Problem> {
        let repo = open::open(folder)?;
        let summary = self.summary(folder)?;
        let commit = repo.head().ok().and_then(|head| head.target());
        let remotes = repo.remotes().map_err(|error| GitError::of(folder, error))?;
        let names: Vec<&str> = remotes.iter().flatten().flatten().collect();
        let name = names.iter().find(|name| **name == "origin").or_else(|| names.first());
        let url = name.and_then(|name| repo.find_remote(name).ok());
        let is_pushed = |commit: Oid| {
            let mut branches = repo.references_glob("refs/remotes/*").into_iter().flatten().flatten();
            branches.any(|branch| {
                let tip = branch.target();
                tip.is_some_and(|tip| tip == commit || repo.graph_descendant_of(tip, commit).unwrap_or(false))
            })
        };
        Ok(Exact {
            is_unpushed: commit.is_some_and(|commit| !is_pushed(commit)),
            commit: commit.map(|commit| commit.to_string()),
            url: url.map_or_else(String::new, |remote| SafeText::from_bytes(remote.url_bytes()).into_string()),
            is_dirty: summary.is_dirty(),
        })
    }

    /// The commits that only one of two revisions has: those of `to` first. None where the repository lacks one of them.
    pub fn commits_between(&self, folder: &Path, from: &Project, to: &Project) -> Option<(Vec<SubmoduleCommit>, u32)> {
        let repo = open::open(folder).ok()?;
        let (from, to) = (wanted(&repo, from)?, wanted(&repo, to)?);
        let (mut commits, mut n_more) = between(&repo, from, to, false).ok()?;
        let (gone, n_gone) = between(&repo, to, from, true).ok()?;
        commits.extend(gone);
        n_more += n_gone;
        Some((commits, n_more))
    }

    /// Everything new from every remote of one repository. `accepts` is as in `GitProgram::network`.
    pub async fn fetch_all(
        &self,
        repo: Repo<'_>,
        accepts: Option<&str>,
        cancel: &CancellationToken,
        on_progress: impl FnMut(Progress),
    ) -> Result<(), Problem> {
        let root = repo.root.to_path_buf();
        let has_remote = blocking(move || {
            let repo = open::open(&root)?;
            let remotes = repo.remotes().map_err(|error| GitError::of(&root, error))?;
            Ok(!remotes.is_empty())
        })
        .await?;
        if !has_remote {
            return Err(GitError::NoRemote.into());
        }
        let args = ["fetch", "--progress", "--prune", "--no-auto-maintenance", "--all"];
        self.program().network(repo, &args, accepts, cancel, on_progress).await
    }
}

/// Repositories of their own that stand directly in the folder of another one; worktrees of that one are none.
fn clones_in(root: &Path) -> Vec<PathBuf> {
    if !is_own(root) {
        return Vec::new();
    }
    let entries = files::list_dir(root).unwrap_or_default();
    entries
        .into_iter()
        .filter(|entry| entry.is_dir && !entry.is_link && !entry.name.to_string_lossy().starts_with('.'))
        .map(|entry| root.join(entry.name))
        .filter(|folder| folder.join(".git").is_dir() && is_own(folder))
        .collect()
}

fn is_own(folder: &Path) -> bool {
    let top = open::open_checkout(folder).ok().and_then(|(_, top)| top.canonicalize().ok());
    top.is_some() && top == folder.canonicalize().ok()
}

/// The commit of what a manifest names: a commit, a tag, a branch of the remote, a branch here.
fn wanted(repo: &Repository, project: &Project) -> Option<Oid> {
    let name = project.revision.as_str();
    if name.len() == 40 && name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        let oid = Oid::from_str(name).ok()?;
        return repo.find_commit(oid).ok().map(|commit| commit.id());
    }
    let at = |name: &str| Some(repo.find_reference(name).ok()?.peel_to_commit().ok()?.id());
    if name.starts_with("refs/tags/") {
        return at(name);
    }
    let branch = name.strip_prefix("refs/heads/").unwrap_or(name);
    let remotes = [project.remote.as_str(), "origin", "m"];
    let there = remotes
        .iter()
        .find_map(|remote| at(&format!("refs/remotes/{remote}/{branch}")));
    there
        .or_else(|| at(&format!("refs/tags/{name}")))
        .or_else(|| at(&format!("refs/heads/{branch}")))
}
