//! The undo timeline. Whoever changes a repository marks how it stands, acts, and remembers:
//!
//! ```text
//! let mark = git.mark(repo, UndoKind::Reset, subject, Scope::files().bringing(target), at).await?;
//! // ... the act, through git's program or not ...
//! git.remember(repo, mark).await
//! ```
//!
//! A mark keeps HEAD, all refs, the index, the stashes, the settings of branches, and what git is in the middle of, always; and
//! of files those that the `Scope` names: nothing (`refs`), what tracked files have that the index has not (`files`), untracked
//! files that a revision would overwrite (`bringing`), all untracked ones, or exactly some paths (`at`). It is in the
//! repository's own store as a commit under `refs/chantier/pending/<n>` before the act begins. Remembering keeps the
//! difference of before and after, whatever the act was, as `refs/chantier/undo/<n>`: a blob with the record, the two states
//! of the index as trees, the contents of files, and as parents the commits that nothing else may hold. Taking back moves the
//! entry to `refs/chantier/redo/<n>`; the next act leaves it behind (`refs/chantier/left/<n>`). A mark that nobody remembered (the act failed, or the program died) becomes an entry of
//! its own, marked as interrupted, as soon as the repository is changed or its timeline is asked for again.
//! Marks do not nest: one act, one mark, held under `Git::gate`.

mod added;
mod capture;
mod files;
mod lost;
mod record;
mod removed;
mod store;
mod take;
mod there;

pub(super) use capture::{head, open_top};
pub use lost::Lost;
pub use store::Budget;
pub use there::PushBack;

use super::program::Repo;
use super::{Git, GitError, blocking, open};
use crate::base::repo::{UndoDetail, UndoEntry, UndoKind, Which};
use crate::base::{GitPath, Problem, Timestamp};
use crate::msg;
use crate::store::holder::Holder;
use added::AddedTree;
use git2::Repository;
use record::{Before, Summary};
use std::collections::BTreeMap;
use std::path::Path;
use tokio_util::sync::CancellationToken;

/// Which files an act may change. HEAD, refs, index, stashes and the operation in progress are kept whatever it says.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    follows: bool,
    revisions: Vec<String>,
    untracked: Option<Untracked>,
    paths: Vec<GitPath>,
    removed: Vec<String>,
    worktree: Option<GitPath>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Untracked {
    NotIgnored,
    All,
}

impl Scope {
    /// No file: staging, committing without hooks that write, branches.
    pub fn refs() -> Self {
        Self::default()
    }

    fn has_files(&self) -> bool {
        self.follows || self.untracked.is_some() || !self.paths.is_empty()
    }

    /// Any tracked file: switching, merging, resetting.
    pub fn files() -> Self {
        Self {
            follows: true,
            ..Self::default()
        }
    }

    /// Also untracked files where this revision has one.
    pub fn bringing(mut self, revision: impl Into<String>) -> Self {
        self.revisions.push(revision.into());
        self
    }

    /// Also every untracked file; ignored ones too if asked.
    pub fn with_untracked(mut self, with_ignored: bool) -> Self {
        self.untracked = Some(if with_ignored { Untracked::All } else { Untracked::NotIgnored });
        self
    }

    /// Also exactly these files, there or not.
    pub fn at(mut self, paths: impl IntoIterator<Item = GitPath>) -> Self {
        self.paths.extend(paths);
        self
    }

    /// Also the log of a ref that the act removes, by its whole name.
    pub fn removing(mut self, name: impl Into<String>) -> Self {
        self.removed.push(name.into());
        self
    }

    /// Also a linked worktree that the act removes, by its absolute path: its HEAD, index and files.
    pub fn removing_worktree(mut self, path: GitPath) -> Self {
        self.worktree = Some(path);
        self
    }
}

/// How a repository stood before an act.
#[derive(Debug)]
pub struct Mark {
    id: u64,
    summary: Summary,
    before: Before,
}

/// An act that was done: what takes it back, the entries that were taken back or done again, and how many old entries had to go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Done {
    pub undo: Option<u64>,
    pub taken: Vec<u64>,
    pub n_pruned: u32,
    /// Repositories inside of this one, and submodules, that an act on everything leaves to themselves.
    pub left_out: Vec<GitPath>,
    /// A hook that ended with a failure when all was done.
    pub failed_hook: Option<&'static str>,
    /// What was staged once is among the changes now.
    pub is_unstaged: bool,
}

/// Another checkout of the same repository stands on the branch.
pub(super) fn is_in_another_checkout(repo: &Repository, branch: &str) -> bool {
    let main = || std::fs::read_to_string(repo.commondir().join("HEAD")).unwrap_or_default();
    let is_of_main = || repo.is_worktree() && main().trim().strip_prefix("ref: ") == Some(branch);
    added::is_checked_out_elsewhere(repo, branch, None) || is_of_main()
}

impl Git {
    /// What old entries may take; the oldest go first.
    pub fn set_undo_budget(&self, budget: Budget) {
        *self.undo_budget.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = budget;
    }

    pub(super) fn budget(&self) -> Budget {
        *self.undo_budget.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Keeps how the repository stands, before an act that `remember` will complete.
    pub async fn mark(
        &self,
        repo: Repo<'_>,
        kind: UndoKind,
        subject: impl Into<String>,
        scope: Scope,
        at: Timestamp,
    ) -> Result<Mark, Problem> {
        super::trusted(repo)?;
        self.settle(repo).await?;
        let mut summary = Summary {
            version: store::VERSION,
            kind,
            subject: subject.into(),
            at,
            worktree: String::new(),
            paths: Vec::new(),
            n_paths: 0,
            n_bytes: 0,
            moves: Vec::new(),
            is_interrupted: false,
        };
        if scope.has_files() {
            let root = repo.root.to_path_buf();
            blocking(move || open::open_checkout(&root).map(drop)).await?;
        }
        let listed = self.files_at_risk(repo, &scope).await?;
        let removed = match &scope.worktree {
            Some(path) => self.removed_tree(path).await?,
            None => None,
        };
        let root = repo.root.to_path_buf();
        blocking(move || {
            let (repo, top) = open_top(&root)?;
            let stand = capture::stand(&repo, &root)?;
            let mut paths = listed;
            for revision in &scope.revisions {
                paths.extend(capture::brought(&repo, &stand.index, revision)?);
            }
            if scope.follows {
                paths.extend(capture::converted(&repo, &top, &stand.index, &scope.revisions)?);
            }
            let files = files::keep(&repo, &top, paths)?;
            let mut logs = BTreeMap::new();
            for name in scope.removed {
                if let Some(blob) = capture::keep_log(&repo, &root, &name)? {
                    logs.insert(name, blob);
                }
            }
            let before = Before {
                stand,
                files,
                follows: scope.follows,
                logs,
                clock: files::clock(&repo)?,
                owner: Holder::current(),
                removed,
            };
            summary.worktree = capture::worktree_name(&repo);
            let id = store::write_pending(&repo, &root, &summary, &before)?;
            Ok(Mark { id, summary, before })
        })
        .await
    }

    /// Keeps what an act changed since the mark; nothing if it changed nothing. Of a fetch and a push, which mostly bring, only what they
    /// took.
    pub async fn remember(&self, repo: Repo<'_>, mark: Mark) -> Result<Done, Problem> {
        self.remember_with(repo, mark, None).await
    }

    /// The same of an act that added the linked worktree at this absolute path.
    pub async fn remember_worktree(&self, repo: Repo<'_>, mark: Mark, path: GitPath) -> Result<Done, Problem> {
        let added = blocking(move || AddedTree::at(path)).await?;
        self.remember_with(repo, mark, Some(added)).await
    }

    async fn remember_with(&self, repo: Repo<'_>, mark: Mark, added: Option<AddedTree>) -> Result<Done, Problem> {
        let dirty = if mark.before.follows {
            self.dirty_files(repo).await?
        } else {
            Vec::new()
        };
        let (root, budget) = (repo.root.to_path_buf(), self.budget());
        blocking(move || {
            let (repo, top) = open_top(&root)?;
            let after = capture::stand(&repo, &root)?;
            let is_mine = mark.before.owner == Holder::current();
            let mut record = files::compare(&repo, &top, mark.before, after, dirty)?;
            record.added = added;
            let kind = mark.summary.kind;
            if kind == UndoKind::Fetch || kind.is_there() {
                record.refs.retain(|_, pair| capture::is_loss(&repo, pair));
            }
            if kind.is_there() {
                record.refs.retain(|name, _| name.starts_with("refs/remotes/"));
                record.config.clear();
            }
            let mut summary = mark.summary;
            // An act that stopped in the middle, for the user to go on with, was not cut off.
            let stopped = |pair: &record::Pair<record::OperationFiles>| pair.before.is_empty() && !pair.after.is_empty();
            summary.is_interrupted &= !(is_mine && record.operation.as_ref().is_some_and(stopped));
            store::complete(&repo, &root, mark.id, summary, &record, budget)
        })
        .await
    }

    /// Completes the marks that nobody remembered. Gives the entries that came of them.
    pub async fn settle(&self, repo: Repo<'_>) -> Result<Vec<u64>, Problem> {
        super::trusted(repo)?;
        let root = repo.root.to_path_buf();
        let left = blocking(move || {
            let repo = open::open(&root)?;
            Ok(store::abandoned(&repo))
        })
        .await?;
        let mut settled = Vec::new();
        for mut mark in left {
            mark.summary.is_interrupted = true;
            settled.extend(self.remember(repo, mark).await?.undo);
        }
        Ok(settled)
    }

    /// What helps to write a commit's message. Safe in any folder.
    pub fn commit_help(&self, repo: Repo<'_>) -> Result<crate::base::repo::CommitHelp, Problem> {
        Ok(super::help::commit_help(repo.root, repo.is_trusted)?)
    }

    /// The timeline of this worktree, the newest first.
    pub fn undo_list(&self, root: &Path) -> Result<Vec<UndoEntry>, Problem> {
        Ok(store::list(&open::open(root)?))
    }

    /// What an entry would put back, thing by thing.
    pub async fn undo_detail(&self, repo: Repo<'_>, id: u64) -> Result<UndoDetail, Problem> {
        let dirty = if repo.is_trusted {
            self.dirty_files(repo).await?
        } else {
            Vec::new()
        };
        let root = repo.root.to_path_buf();
        blocking(move || {
            let (repo, top) = open_top(&root)?;
            take::detail(&repo, &top, id, &dirty.into_iter().collect())
        })
        .await
    }

    /// Takes acts back, the newest first. Refused where something else changed since, unless `is_forced`: then what stands
    /// there now is kept as an entry of its own.
    pub async fn take_back(
        &self,
        repo: Repo<'_>,
        which: Which,
        is_forced: bool,
        at: Timestamp,
        cancel: &CancellationToken,
    ) -> Result<Done, Problem> {
        self.take(repo, take::Way::Back, which, is_forced, at, cancel).await
    }

    /// Does again what was taken back, the oldest first.
    pub async fn redo(
        &self,
        repo: Repo<'_>,
        which: Which,
        is_forced: bool,
        at: Timestamp,
        cancel: &CancellationToken,
    ) -> Result<Done, Problem> {
        self.take(repo, take::Way::Again, which, is_forced, at, cancel).await
    }

    async fn take(
        &self,
        repo: Repo<'_>,
        way: take::Way,
        which: Which,
        is_forced: bool,
        at: Timestamp,
        cancel: &CancellationToken,
    ) -> Result<Done, Problem> {
        super::trusted(repo)?;
        self.settle(repo).await?;
        let root = repo.root.to_path_buf();
        let ids = blocking(move || store::choose(&open::open(&root)?, way, which)).await?;
        let mut done = Done::default();
        for id in ids {
            let more = match self.take_one(repo, way, id, is_forced, at, cancel).await {
                Ok(more) => more,
                Err(problem) if done.taken.is_empty() => return Err(problem),
                // What went before is done, and stays so.
                Err(problem) => return Err(problem.hint(msg!("git-undo-in-part", n = done.taken.len()))),
            };
            done.undo = more.undo.or(done.undo);
            done.n_pruned += more.n_pruned;
            done.taken.push(id);
        }
        Ok(done)
    }

    async fn take_one(
        &self,
        repo: Repo<'_>,
        way: take::Way,
        id: u64,
        is_forced: bool,
        at: Timestamp,
        cancel: &CancellationToken,
    ) -> Result<Done, Problem> {
        let dirty = self.dirty_files(repo).await?;
        let root = repo.root.to_path_buf();
        let plan = blocking(move || {
            let (repo, top) = open_top(&root)?;
            let plan = take::plan(&repo, &top, id, way, &dirty.into_iter().collect())?;
            // A branch in two checkouts: what is committed in one stands in the other as taken back.
            match plan.head.as_ref().and_then(|head| head.branch.as_deref()) {
                Some(branch) if is_in_another_checkout(&repo, branch) => {
                    let name = branch.strip_prefix("refs/heads/").unwrap_or(branch);
                    Err(GitError::InOtherWorktree(name.to_owned()))
                }
                _ => Ok(plan),
            }
        })
        .await?;
        if !plan.blocked.is_empty() {
            return Err(GitError::Collides(plan.blocked).into());
        }
        let mark = match (plan.collisions.is_empty(), is_forced) {
            (true, _) => None,
            (false, false) => return Err(GitError::Collides(plan.collisions).into()),
            (false, true) => {
                let scope = Scope::files().at(plan.paths());
                Some(self.mark(repo, UndoKind::TakeBack, plan.subject.clone(), scope, at).await?)
            }
        };
        self.put_back(repo, &plan, cancel).await?;
        let done = match mark {
            Some(mark) => self.remember(repo, mark).await?,
            None => Done::default(),
        };
        let root = repo.root.to_path_buf();
        blocking(move || store::turn(&open::open(&root)?, &root, id, way)).await?;
        Ok(done)
    }
}
