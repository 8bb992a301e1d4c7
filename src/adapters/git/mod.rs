//! Git repositories. Reading is libgit2's work, which runs no program in any folder, and histories are `graph`'s; changing, searching
//! and the network are the work of git's own program through the one wrapper in `program.rs`.

mod act;
mod act_problem;
mod at_commit;
mod blame;
mod both;
mod branches;
mod checkout;
mod clean;
mod commit;
mod compare;
mod conflicts;
mod diff;
mod discard;
mod doubt;
mod error;
mod fixup;
mod flat;
mod folder_log;
pub mod graph;
mod head;
mod help;
mod hooks;
pub mod host_keys;
mod ignore;
mod index;
mod interrupted;
mod keep_merges;
mod lines;
mod log;
mod merge3;
mod nested;
mod open;
mod operation;
mod pictures;
mod porcelain;
mod preview;
pub mod program;
mod push;
mod quick;
mod rebase;
mod renames;
mod restage;
mod stage;
mod staged_renames;
mod stash;
mod status;
mod submodules;
mod switch;
mod tagged;
mod texts;
mod todos;
mod undo;
mod words;
mod worktree;
mod worktrees;

pub use act_problem::{access_problem, act_problem, maker_problem};
pub use at_commit::{CommitFile, HeadNow, blob_of};
pub use blame::BlameTold;
pub use checkout::{Checkout, Folders, Inside};
pub use error::GitError;
pub use folder_log::{BranchTips, CommitMessage, FolderCommit, FolderFile};
pub use graph::{History, HistoryOf, Part};
pub use head::SourceState;
pub use hooks::HookTrace;
pub use log::Search;
pub use program::{Repo, progress_of};
pub use quick::Snapshot;
pub use rebase::parse_plan;
pub use submodules::{runs_a_program, submodule_problem};
pub use tagged::TagRow;
pub use todos::TodoFile;
pub use undo::{Budget, Done, Lost, Mark, PushBack, Scope};
pub use worktrees::worktree_problem;

use crate::base::diff::{DiffFile, DiffLook, DiffOf};
use crate::base::repo::{CommitDetail, Comparison, RepoSummary, Status, StatusEntry};
use crate::base::{Change, GitPath, Problem};
use crate::msg;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// How long an act waits for that of another program, and how often it looks.
const GATE_WAIT: std::time::Duration = std::time::Duration::from_secs(10);
const GATE_LOOK: std::time::Duration = std::time::Duration::from_millis(20);

/// The way to every repository of the machine. Cheap to clone. The functions that are not async block: call them from
/// `JobCtx::blocking`. Those that change something want a trusted repository, and its top folder.
#[derive(Clone)]
pub struct Git {
    program: program::GitProgram,
    gates: Gates,
    histories: graph::Histories,
    undo_budget: Arc<Mutex<Budget>>,
    todos: todos::KnownTodos,
}

/// One per repository.
type Gates = Arc<Mutex<BTreeMap<PathBuf, Arc<tokio::sync::Mutex<()>>>>>;

impl Git {
    pub fn new(processes: crate::process::Processes) -> Self {
        Self {
            program: program::GitProgram::new(processes),
            gates: Gates::default(),
            histories: graph::Histories::default(),
            undo_budget: Arc::default(),
            todos: todos::KnownTodos::default(),
        }
    }

    /// The same, which keeps what it found out over sessions in this folder.
    pub fn caching_in(mut self, folder: PathBuf) -> Self {
        self.todos.folder = Some(folder);
        self
    }

    /// The same, which can hear who a machine says it is that ssh does not know: in this folder.
    pub fn asking_in(mut self, folder: PathBuf) -> Self {
        self.program = self.program.asking_in(folder);
        self
    }

    /// Held while a repository is changed, so that two acts never meet at its index, and none takes for its own what another one changed.
    /// Another program is waited for a while only: a hook that it runs may be who asks.
    pub async fn gate(&self, top: &Path) -> Gate {
        let gate = {
            let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(gates.entry(top.to_path_buf()).or_default())
        };
        let turn = gate.lock_owned().await;
        let root = top.to_path_buf();
        let file = blocking(move || {
            let path = open::open(&root)?.path().join("chantier-acts.lock");
            std::fs::File::create(&path).map_err(|error| GitError::file(&path, error))
        });
        // Where nothing can be written no act will change anything.
        let file = file.await.ok();
        let started = std::time::Instant::now();
        while let Some(file) = &file
            && matches!(file.try_lock(), Err(std::fs::TryLockError::WouldBlock))
            && started.elapsed() < GATE_WAIT
        {
            tokio::time::sleep(GATE_LOOK).await;
        }
        Gate {
            _turn: turn,
            _file: file,
        }
    }

    /// Branch, ahead and behind, and how many files changed: for boards. Safe in any folder.
    pub fn summary(&self, root: &Path) -> Result<RepoSummary, Problem> {
        Ok(status::summary(root)?)
    }

    /// Every changed path. Safe in any folder; an untracked folder is one entry.
    pub fn status(&self, root: &Path) -> Result<Status, Problem> {
        Ok(status::status(root)?)
    }

    /// The commit of HEAD and a hash of everything that differs from it (None when nothing does). Nothing known outside of a
    /// repository, which is no error: builds and tests run there too.
    pub fn head(&self, root: &Path) -> Result<SourceState, Problem> {
        Ok(head::source_state(root)?)
    }

    /// The name under which commits are made here, from git's settings.
    pub fn user_name(&self, root: &Path) -> Option<String> {
        head::user_name(root)
    }

    /// The folder of the checkout that holds `path`; an error when there is none.
    pub fn top(&self, path: &Path) -> Result<PathBuf, Problem> {
        Ok(open::open_checkout(path)?.1)
    }

    /// The same; of a bare repository, which has no files, its own folder.
    pub fn place(&self, path: &Path) -> Result<PathBuf, Problem> {
        Ok(undo::open_top(path)?.1)
    }

    /// The difference at one path, looked at so. `old_path` is the other end of a rename; `is_forced` asks for it although it is large.
    pub fn diff(
        &self,
        root: &Path,
        of: &DiffOf,
        path: &GitPath,
        old_path: Option<&GitPath>,
        look: DiffLook,
        is_forced: bool,
    ) -> Result<DiffFile, Problem> {
        let mut file = match of {
            // Lines that only white space tells apart can not be staged one by one: what the index has is left out.
            DiffOf::Both if !look.ignores_space => both::diff_both(root, path, old_path, look, is_forced)?,
            _ => diff::diff_file(root, of, path, old_path, look, is_forced)?,
        };
        submodules::fill(root, &mut file);
        pictures::fill(root, of, old_path, &mut file);
        Ok(file)
    }

    /// What differs, each with its former path if it was renamed: untracked files are no difference, as in `git diff`.
    pub fn changed_paths(&self, root: &Path, of: &DiffOf) -> Result<Vec<(GitPath, Option<GitPath>)>, Problem> {
        let files = match of {
            DiffOf::Commit { oid } => Some(commit::commit_detail(root, oid)?.files),
            DiffOf::Between { from, to } => Some(compare::compare(root, from, to.as_deref())?.files),
            DiffOf::Unstaged | DiffOf::Staged | DiffOf::Both => None,
        };
        if let Some(files) = files {
            return Ok(files.into_iter().map(|file| (file.path, file.old_path)).collect());
        }
        let differs = |entry: &StatusEntry| match of {
            DiffOf::Staged => entry.staged.is_some(),
            DiffOf::Both => entry.staged.is_some() || entry.unstaged.is_some_and(|change| change != Change::Untracked),
            _ => entry.unstaged.is_some_and(|change| change != Change::Untracked),
        };
        let entries = status::status(root)?.entries;
        let has_former = *of != DiffOf::Unstaged;
        let paths = entries.into_iter().filter(differs);
        Ok(paths
            .map(|entry| (entry.path, entry.renamed_from.filter(|_| has_former)))
            .collect())
    }

    /// A commit by name, id or expression, with its files.
    pub fn commit(&self, root: &Path, revision: &str) -> Result<CommitDetail, Problem> {
        Ok(commit::commit_detail(root, revision)?)
    }

    /// What differs between two revisions, or between one and the files of the checkout.
    pub fn compare(&self, root: &Path, from: &str, to: Option<&str>) -> Result<Comparison, Problem> {
        Ok(compare::compare(root, from, to)?)
    }

    /// Who wrote each line of a file, as it is at a revision or in the checkout; told as it is found.
    pub fn blame(
        &self,
        root: &Path,
        path: &GitPath,
        revision: Option<&str>,
        is_cancelled: &dyn Fn() -> bool,
        tell: &mut dyn FnMut(BlameTold),
    ) -> Result<(), Problem> {
        Ok(blame::blame(root, path, revision, is_cancelled, tell)?)
    }

    /// Where a line of a commit's file, counted from 0, stood before that commit: parent, path and line. None where the file began.
    pub fn before_line(
        &self,
        root: &Path,
        revision: &str,
        path: &GitPath,
        line: u32,
    ) -> Result<Option<(String, GitPath, u32)>, Problem> {
        Ok(blame::before(root, revision, path, line)?)
    }

    /// The highest version among the tags; None where no tag is one.
    pub fn highest_version(&self, root: &Path) -> Result<Option<String>, Problem> {
        Ok(branches::highest_version(root)?)
    }

    /// The full id of what a name, a short id or an expression like `HEAD~2` means.
    pub fn resolve(&self, root: &Path, revision: &str) -> Result<String, Problem> {
        Ok(commit::resolve(root, revision)?)
    }
}

/// Changing a repository runs what it names (hooks, filters): only where the user trusts it.
fn trusted(repo: Repo<'_>) -> Result<(), Problem> {
    if repo.is_trusted {
        return Ok(());
    }
    Err(Problem::user(msg!("git-untrusted", path = repo.root))
        .code("untrusted")
        .hint(msg!("trust-hint")))
}

/// Work of libgit2's on a thread of its own.
/// The turn of one act; the next one comes when it is dropped.
pub struct Gate {
    _turn: tokio::sync::OwnedMutexGuard<()>,
    _file: Option<std::fs::File>,
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, GitError> + Send + 'static) -> Result<T, Problem> {
    Ok(blocking_raw(work).await??)
}

async fn blocking_raw<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => Ok(result),
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_) => Err(Problem::cancelled()),
    }
}
