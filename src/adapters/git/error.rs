//! What can go wrong with a repository, in words that say what to do.

use crate::base::operation::PlanFault;
use crate::base::{Problem, SafeText};
use crate::msg;
use git2::{ErrorClass, ErrorCode};
use std::path::{Path, PathBuf};

/// What the system says, in English, of a file system without room.
pub(super) const NO_SPACE: &str = "No space left on device";
/// With less room a write that failed for no reason failed for this one.
const FULL_BYTES: u64 = 256 * 1024;

/// Why a repository could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    #[error("{0} is in no git repository")]
    NotARepository(PathBuf),
    #[error("the file system of {0} is full")]
    DiskFull(PathBuf),
    #[error("{0} belongs to another user")]
    OtherOwner(PathBuf),
    #[error("a bare repository stands inside the checkout {0}")]
    NestedBare(PathBuf),
    #[error("branches and tags are kept in another way (reftable)")]
    OtherRefs,
    #[error("commits have ids of another kind (SHA-256)")]
    OtherIds,
    #[error("{0} is a bare repository")]
    Bare(PathBuf),
    #[error("the repository's files are at {0}")]
    WorktreeElsewhere(PathBuf),
    #[error("the worktree was at {0}")]
    WorktreeMoved(PathBuf),
    #[error("{0} is not what the plan was read from")]
    PlanMoved(String),
    #[error("the index can not be read: {0}")]
    CorruptIndex(String),
    #[error("no such commit, branch or tag: {0}")]
    NoSuchRevision(String),
    #[error("{0} is tracked")]
    Tracked(String),
    #[error("{0} is no commit of a history that is cut off")]
    CutOff(String),
    #[error("there is no commit yet")]
    NoCommitYet,
    #[error("the branch {0} follows no other")]
    NoUpstream(String),
    #[error("nothing is stashed")]
    NothingStashed,
    #[error("no such stash: {0}")]
    NoSuchStash(String),
    #[error("{path} has {n_hunks} hunks, and no number {n}")]
    NoSuchHunk { path: String, n: u32, n_hunks: usize },
    #[error("{branch} is another commit than {remote}")]
    OtherThanRemote { branch: String, remote: String },
    #[error("entry {id} was taken back, or done again, already")]
    TakenAlready { id: u64, is_redo: bool },
    #[error("more than one worktree is {0}")]
    ManyWorktrees(String),
    #[error("neither a file nor known to git: {0}")]
    NoSuchPath(String),
    #[error("not an expression: {0}")]
    BadExpression(String),
    #[error("no such file: {0}")]
    NoSuchFile(String),
    #[error("{0} bytes are too many to be blamed")]
    TooLargeToBlame(u64),
    #[error("no change at {0}")]
    NoSuchChange(String),
    #[error("line {1} of {0} did not change")]
    NoSuchLine(String, u32),
    #[error("{0} can only be taken as a whole")]
    NoLines(String),
    #[error("{0} is not a file below the top of the checkout")]
    OutsideCheckout(String),
    #[error("{0} is neither a file nor a link")]
    NotAFile(String),
    #[error("{0} is a submodule")]
    IsSubmodule(String),
    #[error("{0} is too large to be kept for an undo")]
    TooLargeToKeep(String),
    #[error("{0} is in conflict")]
    Conflicted(String),
    #[error("{0} is not in conflict")]
    NotInConflict(String),
    #[error("{0} can only be resolved as a whole")]
    NoBlocks(String),
    #[error("{0} was edited since git wrote its marks")]
    EditedMeanwhile(String),
    #[error("not every conflict of {0} is decided")]
    Undecided(String),
    #[error("marks of a conflict are left in {0}")]
    MarksLeft(String),
    #[error("{0} can not be the name of a branch, a tag or a remote")]
    BadName(String),
    #[error("there is no remote {0}")]
    NoSuchRemote(String),
    #[error("there is no remote")]
    NoRemote,
    #[error("there are several remotes, and nothing says which one {branch} goes to")]
    WhichRemote { branch: String, remotes: Vec<String> },
    #[error("{0} is no address of a repository")]
    BadAddress(String),
    #[error("{branch} follows {other}, which is called otherwise")]
    FollowsOther { branch: String, other: String, own: String },
    #[error("git's settings push nothing of {0}")]
    PushesNothing(String),
    #[error("another worktree has {0} checked out")]
    InOtherWorktree(String),
    #[error("HEAD is on no branch")]
    NotOnABranch,
    #[error("nothing is under way")]
    NothingUnderWay,
    #[error("a merge has no step to skip")]
    NoSkipInMerge,
    #[error("a bisect goes on by a verdict")]
    NoContinueInBisect,
    #[error("no bisect is under way")]
    NotBisecting,
    #[error("a bisect is under way")]
    BisectUnderWay,
    #[error("another operation is under way")]
    OtherUnderWay,
    #[error("files are still in conflict")]
    StillInConflict,
    #[error("{0} is a merge, of {1:?}")]
    WhichParent(String, Vec<String>),
    #[error("{0} has {2} parents, and no parent {1}")]
    NoSuchParent(String, u32, usize),
    #[error("more than {0} commits")]
    TooManySteps(usize),
    #[error("the plan can not be done at {1}")]
    Plan(PlanFault, String),
    #[error("no worktree is {0}")]
    NoSuchWorktree(String),
    #[error("the main checkout is no linked worktree")]
    MainWorktree,
    #[error("the worktree that is worked in")]
    CurrentWorktree,
    #[error("there are no submodules")]
    NoSubmodules,
    #[error("no submodule at {0}")]
    NoSubmodule(String),
    #[error("there is a branch {0}")]
    BranchExists(String),
    #[error("a filter changes {0} between the index and the files")]
    Filtered(String),
    #[error("there is no undo entry {0}")]
    NoSuchUndo(u64),
    #[error("nothing is left to be taken")]
    NothingToTake { is_redo: bool },
    #[error("changed since: {0:?}")]
    Collides(Vec<String>),
    #[error("permission denied: {0}")]
    Denied(String),
    #[error("{0}")]
    Git(git2::Error),
    #[error("{path}: {error}")]
    File { path: PathBuf, error: std::io::Error },
}

impl GitError {
    /// What libgit2 says about the repository of this folder.
    pub(super) fn of(root: &Path, error: git2::Error) -> Self {
        // libgit2 forgets the reason of some writes that failed.
        let is_full = || crate::deliver::free_bytes(root).is_ok_and(|bytes| bytes < FULL_BYTES);
        match (error.code(), error.class()) {
            _ if error.message().contains(NO_SPACE) => Self::DiskFull(root.to_path_buf()),
            _ if error.message() == "no error" && is_full() => Self::DiskFull(root.to_path_buf()),
            _ if error.message().contains("extensions.refstorage") => Self::OtherRefs,
            _ if error.message().contains("object format 'sha256'") => Self::OtherIds,
            (ErrorCode::Owner, _) => Self::OtherOwner(root.to_path_buf()),
            (ErrorCode::BareRepo, _) => Self::Bare(root.to_path_buf()),
            (_, ErrorClass::Index) => Self::CorruptIndex(error.message().to_owned()),
            (_, ErrorClass::Os) if error.message().contains("ermission denied") => Self::Denied(error.message().to_owned()),
            _ => Self::Git(error),
        }
    }

    pub(super) fn file(path: &Path, error: std::io::Error) -> Self {
        Self::File {
            path: path.to_path_buf(),
            error,
        }
    }
}

/// Nothing was changed that could not be written whole.
pub(super) fn disk_full(root: &Path) -> Problem {
    Problem::environment(msg!("git-disk-full", path = root))
        .code("disk-full")
        .hint(msg!("git-disk-full-hint"))
}

impl From<GitError> for Problem {
    fn from(error: GitError) -> Self {
        match error {
            GitError::NotARepository(path) => Self::user(msg!("git-not-a-repository", path = &path))
                .code("not-a-repository")
                .hint(msg!("git-not-a-repository-hint")),
            GitError::DiskFull(path) => disk_full(&path),
            GitError::OtherOwner(path) => Self::environment(msg!("git-other-owner", path = &path))
                .code("other-owner")
                .hint(msg!("git-other-owner-hint", path = &path)),
            GitError::NestedBare(path) => Self::environment(msg!("git-nested-bare", path = &path))
                .code("nested-bare")
                .hint(msg!("git-nested-bare-hint")),
            GitError::OtherRefs => Self::environment(msg!("git-other-refs"))
                .code("unsupported-format")
                .hint(msg!("git-other-refs-hint")),
            GitError::OtherIds => Self::environment(msg!("git-other-ids"))
                .code("unsupported-format")
                .hint(msg!("git-other-ids-hint")),
            GitError::Bare(path) => Self::user(msg!("git-bare", path = &path)).code("bare"),
            GitError::WorktreeElsewhere(path) => Self::environment(msg!("git-worktree-elsewhere", path = &path))
                .code("worktree-elsewhere")
                .hint(msg!("git-worktree-elsewhere-hint")),
            GitError::WorktreeMoved(path) => Self::environment(msg!("git-worktree-moved", path = &path))
                .code("worktree-moved")
                .hint(msg!("git-worktree-moved-hint")),
            GitError::PlanMoved(branch) => Self::user(msg!("git-plan-moved", branch = &branch))
                .code("plan-moved")
                .hint(msg!("git-plan-moved-hint")),
            GitError::CorruptIndex(words) => Self::environment(msg!("git-corrupt-index"))
                .code("corrupt-index")
                .details(words)
                .hint(msg!("git-corrupt-index-hint")),
            GitError::NoSuchRevision(name) => {
                Self::user(msg!("git-no-such-revision", name = SafeText::new(&name))).code("not-found")
            }
            GitError::Tracked(path) => Self::user(msg!("git-tracked", path = path))
                .code("tracked")
                .hint(msg!("git-tracked-hint")),
            GitError::CutOff(name) => Self::user(msg!("git-no-such-revision", name = SafeText::new(&name)))
                .code("not-found")
                .hint(msg!("git-cut-off-hint")),
            GitError::NoCommitYet => Self::user(msg!("git-no-commit-yet"))
                .code("unborn")
                .hint(msg!("git-no-commit-yet-hint")),
            GitError::NoUpstream(branch) => Self::user(msg!("git-no-upstream", name = SafeText::new(&branch)))
                .code("no-upstream")
                .hint(msg!("git-no-upstream-hint")),
            GitError::NothingStashed => Self::user(msg!("git-nothing-stashed")).code("not-found"),
            GitError::NoSuchStash(name) => Self::user(msg!("git-no-such-stash", name = SafeText::new(&name)))
                .code("not-found")
                .hint(msg!("git-no-such-stash-hint")),
            GitError::NoSuchHunk { path, n, n_hunks } => {
                Self::user(msg!("git-no-such-hunk", path = path, hunk = n, n = n_hunks)).code("not-found")
            }
            GitError::ManyWorktrees(name) => Self::user(msg!("git-many-worktrees", name = name))
                .code("ambiguous")
                .hint(msg!("git-no-such-worktree-hint")),
            GitError::NoSuchPath(path) => Self::user(msg!("git-no-such-path", path = path)).code("not-found"),
            GitError::BadExpression(words) => Self::user(msg!("git-bad-expression")).code("bad-expression").details(words),
            GitError::NoSuchFile(path) => Self::user(msg!("git-no-such-file", path = path)).code("not-found"),
            GitError::TooLargeToBlame(bytes) => Self::user(msg!("git-too-large-to-blame", bytes = bytes)).code("too-large"),
            GitError::NoSuchChange(path) => Self::user(msg!("git-no-such-change", path = path))
                .code("not-found")
                .hint(msg!("git-changed-meanwhile-hint")),
            GitError::NoSuchLine(path, line) => Self::user(msg!("git-no-such-line", path = path, line = line))
                .code("not-found")
                .hint(msg!("git-no-such-line-hint")),
            GitError::NoLines(path) => Self::user(msg!("git-no-lines", path = path))
                .code("no-lines")
                .hint(msg!("git-no-lines-hint")),
            GitError::OutsideCheckout(path) => Self::user(msg!("git-outside-checkout", path = path)).code("outside"),
            GitError::NotAFile(path) => Self::user(msg!("git-not-a-file", path = path)).hint(msg!("git-not-a-file-hint")),
            GitError::IsSubmodule(path) => Self::user(msg!("git-is-submodule", path = &path))
                .code("submodule")
                .hint(msg!("git-is-submodule-hint", path = &path)),
            GitError::TooLargeToKeep(path) => {
                Self::user(msg!("git-too-large-to-keep", path = path)).hint(msg!("git-too-large-to-keep-hint"))
            }
            GitError::Conflicted(path) => Self::user(msg!("git-conflicted", path = path))
                .code("conflicted")
                .hint(msg!("git-conflicted-hint")),
            GitError::NotInConflict(path) => Self::user(msg!("git-not-in-conflict", path = path)).code("not-found"),
            GitError::NoBlocks(path) => Self::user(msg!("git-no-blocks", path = path))
                .code("no-blocks")
                .hint(msg!("git-no-blocks-hint")),
            GitError::Undecided(path) => Self::user(msg!("git-undecided", path = path))
                .code("undecided")
                .hint(msg!("git-undecided-hint")),
            GitError::EditedMeanwhile(path) => Self::user(msg!("git-edited-meanwhile", path = path))
                .code("edited")
                .hint(msg!("git-edited-meanwhile-hint")),
            GitError::MarksLeft(path) => Self::user(msg!("git-marks-left", path = path))
                .code("marks-left")
                .hint(msg!("git-marks-left-hint")),
            GitError::BadName(name) => Self::user(msg!("git-bad-name", name = SafeText::new(&name)))
                .code("bad-name")
                .hint(msg!("git-bad-branch-name-hint")),
            GitError::NoSuchRemote(name) => Self::user(msg!("git-no-such-remote", name = SafeText::new(&name))).code("not-found"),
            GitError::NoRemote => Self::user(msg!("git-no-remote"))
                .code("no-remote")
                .hint(msg!("git-no-remote-hint")),
            GitError::WhichRemote { branch, remotes } => {
                let named = SafeText::new(remotes.first().map_or("", String::as_str));
                let all = SafeText::new(&remotes.join(", "));
                Self::user(msg!("git-which-remote", branch = SafeText::new(&branch), remotes = all))
                    .code("which-remote")
                    .hint(msg!("git-which-remote-hint", name = named))
            }
            GitError::BadAddress(url) => Self::user(msg!("git-bad-address", url = SafeText::new(&url))).code("bad-address"),
            GitError::FollowsOther { branch, other, own } => {
                let [branch, other, own] = [branch, other, own].map(|name| SafeText::new(&name));
                Self::user(msg!("git-follows-other", branch = branch, other = other.clone()))
                    .code("follows-other")
                    .hint(msg!("git-follows-other-hint", other = other, own = own))
            }
            GitError::PushesNothing(branch) => Self::user(msg!("git-pushes-nothing", branch = SafeText::new(&branch)))
                .code("pushes-nothing")
                .hint(msg!("git-pushes-nothing-hint")),
            GitError::InOtherWorktree(branch) => Self::user(msg!("git-in-other-worktree", branch = SafeText::new(&branch)))
                .code("elsewhere")
                .hint(msg!("git-in-other-worktree-hint")),
            GitError::NotOnABranch => Self::user(msg!("git-not-on-a-branch"))
                .code("detached")
                .hint(msg!("git-not-on-a-branch-hint")),
            GitError::NothingUnderWay => Self::user(msg!("git-nothing-under-way"))
                .code("nothing-under-way")
                .hint(msg!("git-nothing-under-way-hint")),
            GitError::NoSkipInMerge => Self::user(msg!("git-no-skip-in-merge"))
                .code("no-such-step")
                .hint(msg!("git-no-skip-in-merge-hint")),
            GitError::NoContinueInBisect => Self::user(msg!("git-no-continue-in-bisect"))
                .code("no-such-step")
                .hint(msg!("code-cli-bisect-hint")),
            GitError::NotBisecting => Self::user(msg!("git-not-bisecting"))
                .code("nothing-under-way")
                .hint(msg!("git-not-bisecting-hint")),
            GitError::BisectUnderWay => Self::user(msg!("git-bisect-under-way"))
                .code("under-way")
                .hint(msg!("code-cli-bisect-hint")),
            GitError::OtherUnderWay => Self::user(msg!("git-act-under-way"))
                .code("under-way")
                .hint(msg!("git-act-under-way-hint")),
            GitError::StillInConflict => Self::user(msg!("git-still-in-conflict"))
                .code("conflicted")
                .hint(msg!("git-act-conflict-hint")),
            GitError::WhichParent(commit, parents) => Self::user(msg!("git-which-parent", commit = commit))
                .code("which-parent")
                .details(
                    parents
                        .iter()
                        .zip(1..)
                        .map(|(parent, n)| format!("{n}: {parent}"))
                        .collect::<Vec<_>>()
                        .join("\n"),
                )
                .hint(msg!("git-which-parent-hint")),
            GitError::NoSuchParent(commit, parent, n) => {
                Self::user(msg!("git-no-such-parent", commit = commit, parent = parent, n = n)).code("not-found")
            }
            GitError::TooManySteps(limit) => Self::user(msg!("git-plan-too-long", n = limit)).code("too-large"),
            GitError::Plan(fault, step) => match fault {
                PlanFault::Empty => Self::user(msg!("git-plan-empty")),
                PlanFault::NoCommand(_) => Self::user(msg!("git-plan-no-command")),
                PlanFault::NothingToJoin(_) => Self::user(msg!("git-plan-nothing-to-join", step = step)),
                PlanFault::AcrossMerges(_) => {
                    Self::user(msg!("git-plan-across-merges", step = step)).hint(msg!("git-plan-across-merges-hint"))
                }
                PlanFault::NoMessage(_) => {
                    let commit = step.split(' ').next().unwrap_or_default().to_owned();
                    Self::user(msg!("git-plan-no-message", step = step)).hint(msg!("git-plan-no-message-hint", commit = commit))
                }
            }
            .code("bad-plan"),
            GitError::NoSuchWorktree(name) => Self::user(msg!("git-no-such-worktree", name = name))
                .code("not-found")
                .hint(msg!("git-no-such-worktree-hint")),
            GitError::MainWorktree => Self::user(msg!("git-main-worktree")).code("main-worktree"),
            GitError::CurrentWorktree => Self::user(msg!("git-current-worktree"))
                .code("current")
                .hint(msg!("git-current-worktree-hint")),
            GitError::NoSubmodules => Self::user(msg!("git-no-submodules")).code("not-found"),
            GitError::NoSubmodule(path) => Self::user(msg!("git-no-submodule", path = path)).code("not-found"),
            GitError::BranchExists(name) => Self::user(msg!("git-branch-exists", name = SafeText::new(&name))).code("exists"),
            GitError::Filtered(path) => Self::user(msg!("git-filtered", path = path)).hint(msg!("git-filtered-hint")),
            GitError::OtherThanRemote { branch, remote } => {
                Self::user(msg!("git-other-than-remote", branch = &branch, remote = &remote))
                    .code("diverged")
                    .hint(msg!("git-other-than-remote-hint", branch = &branch, remote = &remote))
            }
            GitError::TakenAlready { id, is_redo } => {
                let (summary, hint) = if is_redo {
                    (msg!("git-not-taken-back", id = id), msg!("git-not-taken-back-hint", id = id))
                } else {
                    (msg!("git-taken-back", id = id), msg!("git-taken-back-hint", id = id))
                };
                Self::user(summary).code("not-found").hint(hint)
            }
            GitError::NoSuchUndo(id) => Self::user(msg!("git-no-such-undo", id = id)).code("not-found"),
            GitError::NothingToTake { is_redo: false } => Self::user(msg!("git-nothing-to-undo")).code("nothing-to-undo"),
            GitError::NothingToTake { is_redo: true } => Self::user(msg!("git-nothing-to-redo"))
                .code("nothing-to-redo")
                .hint(msg!("git-nothing-to-redo-hint")),
            GitError::Collides(things) => Self::user(msg!("git-went-on", n = things.len(), first = SafeText::new(&things[0])))
                .code("went-on")
                .details(things.join("\n"))
                .hint(msg!("git-went-on-hint")),
            GitError::Denied(words) => Self::environment(msg!("git-denied")).code("permission-denied").details(words),
            GitError::Git(error) => Self::environment(msg!("git-unreadable"))
                .code("git-failed")
                .details(error.message()),
            GitError::File { path, error } if error.kind() == std::io::ErrorKind::StorageFull => disk_full(&path),
            GitError::File { path, error } => Self::environment(msg!("git-file-failed", path = &path))
                .details(error)
                .at_place(path, 0, 0),
        }
    }
}
