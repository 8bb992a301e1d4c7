//! What changed in a checkout, read by libgit2: safe in any folder, whoever configured it.

use super::open::open;
use super::worktree::SUBMODULE;
use super::{GitError, doubt, staged_renames};
use crate::base::repo::{Change, Head, RepoSummary, Status, StatusEntry};
use crate::base::{GitPath, SafeText, Timestamp};
use git2::{BranchType, Commit, Config, ErrorCode, Repository, StatusOptions, StatusShow};
use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The repository in a few numbers.
pub(super) fn summary(root: &Path) -> Result<RepoSummary, GitError> {
    status(root).map(|status| status.summary)
}

/// Every changed path. Renames are looked for only where they are staged and few: comparing every added with every deleted file is
/// dear, and a refresh runs often.
pub(super) fn status(root: &Path) -> Result<Status, GitError> {
    let repo = open(root)?;
    let mut summary = head_facts(&repo, root)?;
    count_ahead_behind(&repo, &mut summary);
    let mut status = Status {
        summary,
        entries: Vec::new(),
        n_unlisted: 0,
    };
    if repo.workdir().is_none() {
        return Ok(status);
    }
    let conflicts = conflicts(&repo, root)?;
    let mut options = StatusOptions::new();
    options
        .show(StatusShow::IndexAndWorkdir)
        .include_untracked(tells_untracked(&repo))
        .recurse_untracked_dirs(false)
        .include_unreadable(true)
        .exclude_submodules(false);
    let left_out = doubt::everywhere(&repo, root)?;
    let statuses = repo.statuses(Some(&mut options)).map_err(|error| GitError::of(root, error))?;
    let index = repo.index().map_err(|error| GitError::of(root, error))?;
    let head = repo.head().ok().and_then(|head| head.peel_to_tree().ok());
    // A folder in the place of a tracked file: git tells the file as gone, and not the folder.
    let is_in_place = |path: &GitPath| {
        let file = path.as_bytes().strip_suffix(b"/");
        file.is_some_and(|file| index.get_path(Path::new(OsStr::from_bytes(file)), 0).is_some())
    };
    for found in statuses.iter() {
        let path = GitPath::new(found.path_bytes());
        let mut flags = found.status();
        if left_out.contains(path.as_bytes()) {
            flags.remove(git2::Status::WT_DELETED);
        }
        let is_hidden = flags.is_wt_new() && is_in_place(&path);
        if !is_hidden && !conflicts.contains_key(&path) {
            let is_submodule = is_submodule(&repo, &index, head.as_ref(), &path);
            push(&mut status, path, flags, is_submodule);
        }
    }
    assumed(head.as_ref(), &index, &mut status);
    for (path, letters) in conflicts {
        push_entry(
            &mut status,
            StatusEntry {
                path,
                renamed_from: None,
                staged: None,
                unstaged: Some(Change::Conflicted),
                conflict: Some(letters),
                is_submodule: false,
            },
        );
    }
    status.entries.sort_by(|a, b| a.path.cmp(&b.path));
    staged_renames::join(&repo, &mut status);
    Ok(status)
}

/// False where `status.showUntrackedFiles` says no: a checkout of the files of a home folder, say.
pub(super) fn tells_untracked(repo: &Repository) -> bool {
    let config = repo.config().and_then(|mut config| config.snapshot());
    let said = config.and_then(|config| config.get_string("status.showUntrackedFiles"));
    said.map_or(true, |said| {
        said == "normal" || said == "all" || Config::parse_bool(said).unwrap_or(true)
    })
}

/// What is staged of files that are assumed to be unchanged: libgit2 leaves out those that HEAD does not have.
fn assumed(head: Option<&git2::Tree<'_>>, index: &git2::Index, status: &mut Status) {
    const ASSUMED: u16 = 0x8000;
    const STAGE: u16 = 0x3000;
    for entry in index.iter().filter(|entry| entry.flags & (ASSUMED | STAGE) == ASSUMED) {
        let path = GitPath::new(entry.path.clone());
        let is_in_head = || {
            let at = Path::new(OsStr::from_bytes(&entry.path));
            head.is_some_and(|tree| tree.get_path(at).is_ok())
        };
        if !status.entries.iter().any(|found| found.path == path) && !is_in_head() {
            push(status, path, git2::Status::INDEX_NEW, entry.mode == 0o160_000);
        }
    }
}

/// Recorded as one in HEAD or in the index, or another repository in the checkout.
fn is_submodule(repo: &Repository, index: &git2::Index, head: Option<&git2::Tree<'_>>, path: &GitPath) -> bool {
    let at = path.to_path_buf();
    let mode = index.get_path(&at, 0).map(|entry| entry.mode);
    mode == Some(SUBMODULE)
        || head.is_some_and(|tree| tree.get_path(&at).is_ok_and(|entry| entry.filemode() as u32 == SUBMODULE))
        || mode.is_none() && path.is_folder() && repo.workdir().is_some_and(|top| top.join(&at).join(".git").exists())
}

fn push(status: &mut Status, path: GitPath, flags: git2::Status, is_submodule: bool) {
    let staged = [
        (git2::Status::INDEX_NEW, Change::Added),
        (git2::Status::INDEX_MODIFIED, Change::Modified),
        (git2::Status::INDEX_DELETED, Change::Deleted),
        (git2::Status::INDEX_RENAMED, Change::Renamed),
        (git2::Status::INDEX_TYPECHANGE, Change::TypeChanged),
    ];
    let unstaged = [
        (git2::Status::WT_NEW, Change::Untracked),
        (git2::Status::WT_DELETED, Change::Deleted),
        (git2::Status::WT_TYPECHANGE, Change::TypeChanged),
        (git2::Status::WT_RENAMED, Change::Renamed),
        (git2::Status::WT_MODIFIED, Change::Modified),
        (git2::Status::WT_UNREADABLE, Change::Modified),
    ];
    let first = |table: &[(git2::Status, Change)]| {
        table
            .iter()
            .find(|(flag, _)| flags.contains(*flag))
            .map(|(_, change)| *change)
    };
    let (staged, unstaged) = (first(&staged), first(&unstaged));
    if staged.is_some() || unstaged.is_some() {
        push_entry(
            status,
            StatusEntry {
                path,
                renamed_from: None,
                staged,
                unstaged,
                conflict: None,
                is_submodule,
            },
        );
    }
}

/// Counts an entry, and lists it while there is room.
pub(super) fn push_entry(status: &mut Status, entry: StatusEntry) {
    let summary = &mut status.summary;
    match (entry.conflict.is_some(), entry.unstaged) {
        (true, _) => summary.n_conflicted += 1,
        (false, Some(Change::Untracked)) => summary.n_untracked += 1,
        (false, Some(_)) => summary.n_unstaged += 1,
        (false, None) => {}
    }
    summary.n_staged += u32::from(entry.staged.is_some());
    summary.n_paths += 1;
    if status.entries.len() < Status::MAX_ENTRIES {
        status.entries.push(entry);
    } else {
        status.n_unlisted += 1;
    }
}

/// The commit of HEAD; None on a branch that has none. Refs that can not be read are an error, and no new branch.
pub(super) fn head_commit<'repo>(repo: &'repo Repository, root: &Path) -> Result<Option<Commit<'repo>>, GitError> {
    match repo.head() {
        Ok(head) => Ok(head.peel_to_commit().ok()),
        Err(error) if matches!(error.code(), ErrorCode::UnbornBranch | ErrorCode::NotFound) => Ok(None),
        Err(error) => Err(GitError::of(root, error)),
    }
}

/// HEAD, its commit, and what is going on; counts are left at zero.
pub(super) fn head_facts(repo: &Repository, root: &Path) -> Result<RepoSummary, GitError> {
    let reference = repo.find_reference("HEAD").map_err(|error| GitError::of(root, error))?;
    let target = reference.symbolic_target_bytes().map(<[u8]>::to_vec);
    let commit = head_commit(repo, root)?;
    let head = match (&target, &commit) {
        (Some(name), Some(_)) => Head::Branch { name: branch_name(name) },
        (Some(name), None) => Head::Unborn { name: branch_name(name) },
        (None, _) => Head::Detached,
    };
    Ok(RepoSummary {
        head,
        oid: commit.as_ref().map(|commit| commit.id().to_string()),
        head_time: commit
            .as_ref()
            .and_then(|commit| Timestamp::from_second(commit.time().seconds()).ok()),
        upstream: None,
        is_upstream_gone: false,
        n_ahead: 0,
        n_behind: 0,
        n_staged: 0,
        n_unstaged: 0,
        n_untracked: 0,
        n_conflicted: 0,
        n_paths: 0,
        operation: super::operation::kind(repo),
        is_bare: repo.workdir().is_none(),
        is_shallow: repo.is_shallow(),
        is_linked_worktree: repo.is_worktree(),
    })
}

fn branch_name(reference: &[u8]) -> String {
    SafeText::from_bytes(reference.strip_prefix(b"refs/heads/").unwrap_or(reference)).into_string()
}

pub(super) fn count_ahead_behind(repo: &Repository, summary: &mut RepoSummary) {
    let Head::Branch { name } = &summary.head else { return };
    let Ok(upstream_name) = repo.branch_upstream_name(&format!("refs/heads/{name}")) else {
        return;
    };
    let full = String::from_utf8_lossy(&upstream_name).into_owned();
    let short = full
        .strip_prefix("refs/remotes/")
        .or_else(|| full.strip_prefix("refs/heads/"))
        .unwrap_or(&full);
    summary.upstream = Some(SafeText::new(short).into_string());
    let upstream = repo
        .find_branch(name, BranchType::Local)
        .and_then(|branch| branch.upstream())
        .ok()
        .and_then(|branch| branch.get().target());
    let local = summary.oid.as_deref().and_then(|oid| git2::Oid::from_str(oid).ok());
    match (local, upstream) {
        (Some(local), Some(upstream)) => {
            if let Ok((ahead, behind)) = repo.graph_ahead_behind(local, upstream) {
                summary.n_ahead = ahead as u32;
                summary.n_behind = behind as u32;
            }
        }
        (_, None) => summary.is_upstream_gone = true,
        (None, _) => {}
    }
}

/// Unmerged paths with git's two letters: which of base (1), ours (2) and theirs (4) are there.
fn conflicts(repo: &Repository, root: &Path) -> Result<BTreeMap<GitPath, String>, GitError> {
    let index = repo.index().map_err(|error| GitError::of(root, error))?;
    let mut stages: BTreeMap<GitPath, u8> = BTreeMap::new();
    if index.has_conflicts() {
        for entry in index.iter() {
            let stage = (entry.flags >> 12) & 3;
            if stage > 0 {
                *stages.entry(GitPath::new(entry.path)).or_default() |= 1 << (stage - 1);
            }
        }
    }
    let letters = |bits: u8| ["", "DD", "AU", "UD", "UA", "DU", "AA", "UU"][usize::from(bits & 7)].to_owned();
    Ok(stages.into_iter().map(|(path, bits)| (path, letters(bits))).collect())
}
