//! The versions that files of some folders had: which commit brought which content. For what is counted over time.

use super::program::Repo;
use super::{Git, GitError, blocking, open};
use crate::base::{Problem, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tokio_util::sync::CancellationToken;

/// Commits whose authors are counted.
const AUTHORED: usize = 3_000;

/// A commit that touched the folders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderCommit {
    pub oid: String,
    pub at: Timestamp,
    pub files: Vec<FolderFile>,
}

/// A file that a commit changed, below the root that was asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FolderFile {
    pub path: String,
    /// Its content from then on; None when it went.
    pub blob: Option<String>,
}

impl Git {
    /// The commits of HEAD that changed files below these folders, oldest first; of more than `max` the newest. None without a repository.
    pub async fn folder_log(
        &self,
        repo: Repo<'_>,
        folders: &[&str],
        max: u32,
        cancel: &CancellationToken,
    ) -> Result<Vec<FolderCommit>, Problem> {
        if !has_commit(repo.root).await {
            return Ok(Vec::new());
        }
        let max = format!("-n{max}");
        let mut args = vec![
            "-c",
            "core.quotePath=false",
            "log",
            "--no-color",
            "--no-show-signature",
            "--no-renames",
            "--no-abbrev",
            "--raw",
            "--relative",
            "--format=commit %H %ct",
            max.as_str(),
            "--",
        ];
        args.extend(folders);
        let mut commits: Vec<FolderCommit> = Vec::new();
        self.program
            .lines(repo, &args, cancel, |line| {
                let line = String::from_utf8_lossy(line);
                let line = line.trim_end();
                if let Some(rest) = line.strip_prefix("commit ") {
                    commits.extend(commit_of(rest));
                } else if let (Some(file), Some(commit)) = (file_of(line), commits.last_mut()) {
                    commit.files.push(file);
                }
            })
            .await?;
        commits.reverse();
        Ok(commits)
    }

    /// The contents of blobs, by their ids; what is no blob is left out.
    pub async fn blobs(&self, root: &Path, oids: Vec<String>) -> Result<BTreeMap<String, Vec<u8>>, Problem> {
        if oids.is_empty() {
            return Ok(BTreeMap::new());
        }
        let root = root.to_path_buf();
        blocking(move || {
            let repo = open::open(&root)?;
            let mut out = BTreeMap::new();
            for oid in oids {
                let Ok(id) = git2::Oid::from_str(&oid) else { continue };
                if let Ok(blob) = repo.find_blob(id) {
                    out.insert(oid, blob.content().to_vec());
                }
            }
            Ok::<_, GitError>(out)
        })
        .await
    }

    /// The messages of commits on local branches that are not reachable from `known`, newest first, at most `max`.
    pub async fn messages(
        &self,
        repo: Repo<'_>,
        known: &[String],
        max: u32,
        cancel: &CancellationToken,
    ) -> Result<Vec<CommitMessage>, Problem> {
        if !has_commit(repo.root).await {
            return Ok(Vec::new());
        }
        let max = format!("-n{max}");
        let hidden = existing(repo.root, known).await;
        let mut args = vec![
            "log",
            "-z",
            "--no-color",
            "--no-show-signature",
            "--format=%H%x1f%ct%x1f%B",
            max.as_str(),
        ];
        args.extend(["HEAD", "--branches"]);
        if !hidden.is_empty() {
            args.push("--not");
            args.extend(hidden.iter().map(String::as_str));
        }
        args.push("--");
        let bytes = self.program.read(repo, &args, cancel).await?;
        let text = String::from_utf8_lossy(&bytes);
        Ok(text.split('\0').filter_map(message_of).collect())
    }

    /// Local branches with their tips, and which of them is the repository's main one.
    pub async fn branch_tips(&self, root: &Path) -> Result<BranchTips, Problem> {
        let root = root.to_path_buf();
        blocking(move || {
            let Ok(repo) = open::open(&root) else {
                return Ok(BranchTips::default());
            };
            let mut tips = BranchTips::default();
            for (branch, _) in repo.branches(Some(git2::BranchType::Local)).into_iter().flatten().flatten() {
                if let (Ok(Some(name)), Some(oid)) = (branch.name().map(|name| name.map(str::to_owned)), branch.get().target()) {
                    tips.tips.push((name, oid.to_string()));
                }
            }
            tips.head = repo.head().ok().and_then(|head| head.target()).map(|oid| oid.to_string());
            let of_origin = repo.find_reference("refs/remotes/origin/HEAD").ok();
            let of_origin = of_origin.and_then(|head| head.symbolic_target().ok().flatten().map(str::to_owned));
            let of_origin = of_origin.and_then(|name| name.rsplit_once('/').map(|(_, name)| name.to_owned()));
            let is_there = |name: &str| tips.tips.iter().any(|(known, _)| known == name);
            tips.main = of_origin
                .into_iter()
                .chain(["main", "master", "trunk"].map(str::to_owned))
                .find(|name| is_there(name));
            Ok::<_, GitError>(tips)
        })
        .await
    }

    /// Who wrote the last commits of HEAD, the busiest first.
    pub async fn authors(&self, root: &Path, max: usize) -> Result<Vec<String>, Problem> {
        let root = root.to_path_buf();
        blocking(move || {
            let Ok(repo) = open::open(&root) else { return Ok(Vec::new()) };
            let mut walk = repo.revwalk().map_err(|error| GitError::of(&root, error))?;
            if walk.push_head().is_err() {
                return Ok(Vec::new());
            }
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            for commit in walk.take(AUTHORED).flatten().filter_map(|oid| repo.find_commit(oid).ok()) {
                let name = String::from_utf8_lossy(commit.author().name_bytes()).trim().to_owned();
                if !name.is_empty() {
                    *counts.entry(name).or_default() += 1;
                }
            }
            let mut names: Vec<(String, usize)> = counts.into_iter().collect();
            names.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
            names.truncate(max);
            Ok(names.into_iter().map(|(name, _)| name).collect())
        })
        .await
    }

    /// Which of these commits a revision leads to.
    pub async fn reachable(&self, root: &Path, from: &str, oids: Vec<String>) -> Result<BTreeSet<String>, Problem> {
        let (root, from) = (root.to_path_buf(), from.to_owned());
        blocking(move || {
            let repo = open::open(&root)?;
            let Ok(tip) = super::commit::find(&repo, &from).map(|commit| commit.id()) else {
                return Ok(BTreeSet::new());
            };
            let leads = |oid: &String| {
                git2::Oid::from_str(oid).is_ok_and(|oid| oid == tip || repo.graph_descendant_of(tip, oid).unwrap_or(false))
            };
            Ok::<_, GitError>(oids.into_iter().filter(leads).collect())
        })
        .await
    }

    /// The first lines of commits and their times; empty for a commit that is gone.
    pub async fn summaries(&self, root: &Path, oids: Vec<String>) -> Result<Vec<(String, String, Option<Timestamp>)>, Problem> {
        if oids.is_empty() {
            return Ok(Vec::new());
        }
        let root = root.to_path_buf();
        blocking(move || {
            let repo = open::open(&root)?;
            let line = |oid: String| {
                let commit = git2::Oid::from_str(&oid).ok().and_then(|id| repo.find_commit(id).ok());
                let summary = commit.as_ref().map(|commit| {
                    String::from_utf8_lossy(commit.message_bytes())
                        .lines()
                        .next()
                        .unwrap_or_default()
                        .to_owned()
                });
                let at = commit.and_then(|commit| Timestamp::from_second(commit.time().seconds()).ok());
                (oid, summary.unwrap_or_default(), at)
            };
            Ok::<_, GitError>(oids.into_iter().map(line).collect())
        })
        .await
    }

    /// The commits that a branch has and `base` has not, newest first, at most `max`.
    pub async fn own_commits(&self, root: &Path, branch: &str, base: &str, max: usize) -> Result<Vec<String>, Problem> {
        let (root, branch, base, git) = (root.to_path_buf(), branch.to_owned(), base.to_owned(), self.clone());
        let mut commits = super::blocking_raw(move || git.commits_since(&root, &base, &branch, max)).await??;
        commits.reverse();
        Ok(commits)
    }

    /// The commit of `base` that brings all of a branch in one, as a squash merge makes it; None when none of its newest `max` does.
    pub async fn squashed(&self, root: &Path, branch: &str, base: &str, max: usize) -> Result<Option<String>, Problem> {
        let (root, branch, base) = (root.to_path_buf(), branch.to_owned(), base.to_owned());
        blocking(move || {
            let repo = open::open(&root)?;
            let (Ok(tip), Ok(main)) = (super::commit::find(&repo, &branch), super::commit::find(&repo, &base)) else {
                return Ok(None);
            };
            let (tip, main) = (tip.id(), main.id());
            let Ok(fork) = repo.merge_base(tip, main) else {
                return Ok(None);
            };
            // A branch that was merged as it is needs no other commit.
            if fork == tip {
                return Ok(None);
            }
            let patch = |from: git2::Oid, to: git2::Oid| -> Result<Option<git2::Oid>, git2::Error> {
                let (from, to) = (repo.find_commit(from)?.tree()?, repo.find_commit(to)?.tree()?);
                let diff = repo.diff_tree_to_tree(Some(&from), Some(&to), None)?;
                let has_any = diff.deltas().len() > 0;
                has_any.then(|| diff.patchid(None)).transpose()
            };
            let of = |error| GitError::of(&root, error);
            let Some(wanted) = patch(fork, tip).map_err(of)? else {
                return Ok(None);
            };
            let mut walk = repo.revwalk().map_err(of)?;
            walk.push(main).map_err(of)?;
            walk.hide(fork).map_err(of)?;
            for oid in walk.take(max).flatten() {
                let commit = repo.find_commit(oid).map_err(of)?;
                let parent = (commit.parent_count() == 1)
                    .then(|| commit.parent_id(0))
                    .transpose()
                    .map_err(of)?;
                if let Some(parent) = parent
                    && patch(parent, oid).map_err(of)? == Some(wanted)
                {
                    return Ok(Some(oid.to_string()));
                }
            }
            Ok(None)
        })
        .await
    }
}

/// What a commit says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitMessage {
    pub oid: String,
    pub at: Timestamp,
    pub text: String,
}

/// The local branches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BranchTips {
    pub tips: Vec<(String, String)>,
    /// The branch that the others are merged into, by what `origin` says or by its name.
    pub main: Option<String>,
    pub head: Option<String>,
}

async fn has_commit(root: &Path) -> bool {
    let root = root.to_path_buf();
    let found = blocking(move || Ok::<_, GitError>(open::open(&root).is_ok_and(|repo| repo.head().is_ok())));
    found.await.unwrap_or(false)
}

/// Commits that are still there: a branch that was rebased may have left some behind.
async fn existing(root: &Path, oids: &[String]) -> Vec<String> {
    let (root, oids) = (root.to_path_buf(), oids.to_vec());
    let found = blocking(move || {
        let Ok(repo) = open::open(&root) else { return Ok(Vec::new()) };
        let is_there = |oid: &String| git2::Oid::from_str(oid).is_ok_and(|oid| repo.find_commit(oid).is_ok());
        Ok::<_, GitError>(oids.into_iter().filter(is_there).collect())
    });
    found.await.unwrap_or_default()
}

fn commit_of(rest: &str) -> Option<FolderCommit> {
    let (oid, at) = rest.split_once(' ')?;
    Some(FolderCommit {
        oid: oid.to_owned(),
        at: Timestamp::from_second(at.parse().ok()?).ok()?,
        files: Vec::new(),
    })
}

/// `:100644 100644 <old> <new> M<TAB>path`.
fn file_of(line: &str) -> Option<FolderFile> {
    let (head, path) = line.strip_prefix(':')?.split_once('\t')?;
    let mut words = head.split(' ');
    let new = words.nth(3)?;
    let is_gone = words.next()?.starts_with('D');
    Some(FolderFile {
        path: path.to_owned(),
        blob: (!is_gone).then(|| new.to_owned()),
    })
}

fn message_of(record: &str) -> Option<CommitMessage> {
    let mut parts = record.trim_start_matches('\n').splitn(3, '\u{1f}');
    Some(CommitMessage {
        oid: parts.next()?.to_owned(),
        at: Timestamp::from_second(parts.next()?.parse().ok()?).ok()?,
        text: parts.next()?.to_owned(),
    })
}
