//! The histories that were read, kept by what they were read from, and what their rows say.

use super::{Failed, History, HistoryOf, Loose, Opened, Part, look, read};
use crate::base::repo::{CommitRow, GraphFile};
use crate::base::{GraphRow, Problem, SafeText, Timestamp};
use crate::git::commit::split_message;
use crate::git::open::open;
use crate::git::program::Repo;
use crate::git::{Git, GitError, blocking_raw, log};
use git2::Oid;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use tokio_util::sync::CancellationToken;

/// Histories that are kept: some tens of megabytes each for a million commits.
const KEPT: usize = 3;

/// What was read, the newest use first.
#[derive(Clone, Default)]
pub(in crate::git) struct Histories(Arc<Mutex<Shelf>>);

#[derive(Default)]
struct Shelf {
    kept: Vec<(PathBuf, HistoryOf, Arc<History>)>,
    /// Identities of commit-graphs that were found to be wrong.
    doubted: BTreeMap<PathBuf, Vec<u8>>,
}

impl Histories {
    fn shelf(&self) -> std::sync::MutexGuard<'_, Shelf> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn get(&self, root: &Path, is_it: impl Fn(&HistoryOf, &History) -> bool) -> Option<Arc<History>> {
        let mut shelf = self.shelf();
        let at = shelf
            .kept
            .iter()
            .position(|(of_root, of, history)| of_root == root && is_it(of, history))?;
        let found = shelf.kept.remove(at);
        let history = Arc::clone(&found.2);
        shelf.kept.insert(0, found);
        Some(history)
    }

    fn put(&self, root: &Path, of: &HistoryOf, history: &Arc<History>) {
        let mut shelf = self.shelf();
        shelf.kept.retain(|(of_root, known, _)| of_root != root || known != of);
        shelf.kept.insert(0, (root.to_path_buf(), of.clone(), Arc::clone(history)));
        shelf.kept.truncate(KEPT);
    }

    fn doubted(&self, root: &Path) -> Option<Vec<u8>> {
        self.shelf().doubted.get(root).cloned()
    }

    fn doubt(&self, root: &Path, identity: &[u8]) {
        let mut shelf = self.shelf();
        shelf.doubted.insert(root.to_path_buf(), identity.to_vec());
        shelf.kept.retain(|(of_root, _, _)| of_root != root);
    }

    /// The commit-graph was written anew.
    pub(in crate::git) fn forget(&self, root: &Path) {
        let mut shelf = self.shelf();
        shelf.doubted.remove(root);
        shelf.kept.retain(|(of_root, _, _)| of_root != root);
    }
}

impl Git {
    /// A history, from memory while nothing that it was read from has changed. `on_part` is told the newest rows and how far the
    /// reading is, where there is no commit-graph and it takes long.
    pub async fn history(
        &self,
        repo: Repo<'_>,
        of: &HistoryOf,
        cancel: &CancellationToken,
        on_part: impl FnMut(Part) + Send + 'static,
    ) -> Result<Arc<History>, Problem> {
        let mut on_part = Some(on_part);
        loop {
            let doubted = self.histories.doubted(repo.root);
            let (root, asked, wrong) = (repo.root.to_path_buf(), of.clone(), doubted.clone());
            let opened = blocking_raw(move || look(&root, &asked, wrong.as_deref())).await??;
            let identity = opened.graph.identity.clone();
            if let Some(known) = self.histories.get(repo.root, |known, history| {
                known == of && history.outline.stamp == opened.stamp
            }) {
                return Ok(known);
            }
            let told = if opened.is_grafted {
                Some(self.told(repo, of, &opened, cancel).await?)
            } else {
                None
            };
            let (root, asked, stop) = (repo.root.to_path_buf(), of.clone(), cancel.clone());
            let mut tell = on_part.take();
            let result = blocking_raw(move || {
                read(&root, &asked, opened, told, &|| stop.is_cancelled(), &mut |part| {
                    if let Some(tell) = &mut tell {
                        tell(part);
                    }
                })
            })
            .await?;
            match result {
                Ok(history) => {
                    let history = Arc::new(history);
                    self.histories.put(repo.root, of, &history);
                    return Ok(history);
                }
                Err(Failed::Doubted) if doubted.as_ref() != Some(&identity) => self.histories.doubt(repo.root, &identity),
                Err(failed) => return Err(failed.into()),
            }
        }
    }

    /// The history with this stamp, if it is still in memory.
    pub fn known_history(&self, root: &Path, stamp: &str) -> Option<Arc<History>> {
        self.histories.get(root, |_, history| history.outline.stamp == stamp)
    }

    /// The same history as it was read last, however old.
    pub fn recent_history(&self, root: &Path, of: &HistoryOf) -> Option<Arc<History>> {
        self.histories.get(root, |known, _| known == of)
    }

    /// What some rows say. None: the commit-graph turned out to be wrong, and the history must be read again.
    pub async fn history_rows(
        &self,
        repo: Repo<'_>,
        history: &Arc<History>,
        first: u64,
        n: u64,
        cancel: &CancellationToken,
    ) -> Result<Option<Vec<CommitRow>>, Problem> {
        let oids = history.oids(first, n);
        let mut rows = if history.outline.graph == GraphFile::Grafted {
            self.rows_by_program(repo, &oids, cancel).await?
        } else {
            match self.rows_of(repo, oids, cancel).await? {
                rows if self.is_true(history, first, &rows) => rows,
                _ => {
                    self.histories.doubt(repo.root, &history.identity);
                    return Ok(None);
                }
            }
        };
        history.finish(first, &mut rows);
        Ok(Some(rows))
    }

    /// What these commits say, in this order.
    pub async fn rows_of(
        &self,
        repo: Repo<'_>,
        oids: Vec<String>,
        cancel: &CancellationToken,
    ) -> Result<Vec<CommitRow>, Problem> {
        let root = repo.root.to_path_buf();
        let (mut rows, odd) = blocking_raw(move || inflate(&root, &oids)).await??;
        if !odd.is_empty() {
            // Messages in another encoding: git knows them all.
            let wanted: Vec<String> = odd.iter().map(|at| rows[*at].oid.clone()).collect();
            for (at, row) in odd.into_iter().zip(self.rows_by_program(repo, &wanted, cancel).await?) {
                rows[at] = row;
            }
        }
        Ok(rows)
    }

    async fn rows_by_program(
        &self,
        repo: Repo<'_>,
        oids: &[String],
        cancel: &CancellationToken,
    ) -> Result<Vec<CommitRow>, Problem> {
        let mut rows = Vec::with_capacity(oids.len());
        for some in oids.chunks(200) {
            let mut args = log::format_args();
            args.extend(["-z", "--no-walk=unsorted"].map(str::to_owned));
            args.extend(some.iter().cloned());
            args.push("--".to_owned());
            rows.extend(log::parse_log(&self.program().read(repo, &args, cancel).await?));
        }
        Ok(rows)
    }

    /// Every commit as git's program sees it, with what replaces what.
    async fn told(
        &self,
        repo: Repo<'_>,
        of: &HistoryOf,
        opened: &Opened,
        cancel: &CancellationToken,
    ) -> Result<Vec<Loose>, Problem> {
        if opened.tips.is_empty() {
            return Ok(Vec::new());
        }
        let mut args: Vec<String> = ["log", "--no-show-signature", "--no-decorate", "--format=%H %ct %P"]
            .map(str::to_owned)
            .into();
        args.extend(log::scope_args(of.is_all, of.from.as_deref()));
        args.push("--".to_owned());
        let answer = self.program().read(repo, &args, cancel).await?;
        let mut told = Vec::new();
        for line in answer.split(|byte| *byte == b'\n') {
            let text = String::from_utf8_lossy(line);
            let mut words = text.split_whitespace();
            let (Some(oid), Some(date)) = (words.next(), words.next()) else {
                continue;
            };
            let Ok(oid) = Oid::from_str(oid) else { continue };
            told.push(Loose {
                oid,
                date: date.parse::<i64>().unwrap_or(0).max(0) as u64,
                parents: words.filter_map(|parent| Oid::from_str(parent).ok()).collect(),
            });
        }
        Ok(told)
    }

    /// The parents that the objects name are those that the rows were ordered by.
    fn is_true(&self, history: &History, first: u64, rows: &[CommitRow]) -> bool {
        history.range(first, rows.len() as u64).zip(rows).all(|(at, row)| {
            let known = history.nodes.edges.of(history.order[at]);
            known.len() == row.parents.len()
                && known
                    .iter()
                    .zip(&row.parents)
                    .all(|(node, parent)| history.nodes.oid(*node).to_string() == *parent)
        })
    }
}

impl History {
    /// What some rows say; blocks. Of messages in an encoding that is not UTF-8 only what can be read without git's program.
    pub fn rows_now(&self, root: &Path, first: u64, n: u64) -> Result<Vec<CommitRow>, Problem> {
        let (mut rows, _) = inflate(root, &self.oids(first, n))?;
        self.finish(first, &mut rows);
        Ok(rows)
    }
}

/// The commits, and which of them are written in an encoding that is not UTF-8.
fn inflate(root: &Path, oids: &[String]) -> Result<(Vec<CommitRow>, Vec<usize>), GitError> {
    let repo = open(root)?;
    let mailmap = repo.mailmap().ok();
    let of = |error| GitError::of(root, error);
    let mut odd = Vec::new();
    let mut rows = Vec::with_capacity(oids.len());
    for (at, oid) in oids.iter().enumerate() {
        let Ok(commit) = repo.find_commit(Oid::from_str(oid).map_err(of)?) else {
            // Git reads what libgit2 refuses; and says why where it does not.
            odd.push(at);
            rows.push(CommitRow {
                oid: oid.clone(),
                parents: Vec::new(),
                summary: String::new(),
                author: String::new(),
                authored: Timestamp::UNIX_EPOCH,
                committed: Timestamp::UNIX_EPOCH,
                refs: Vec::new(),
                graph: GraphRow::default(),
            });
            continue;
        };
        let encoding = commit.message_encoding().ok().flatten();
        if encoding.is_some_and(|encoding| !encoding.eq_ignore_ascii_case("utf-8")) {
            odd.push(at);
        }
        let author = commit.author();
        let mapped = mailmap.as_ref().and_then(|mailmap| mailmap.resolve_signature(&author).ok());
        let name = mapped.as_ref().map_or(author.name_bytes(), |mapped| mapped.name_bytes());
        let (summary, _) = split_message(&String::from_utf8_lossy(commit.message_bytes()));
        let time = |time: git2::Time| Timestamp::from_second(time.seconds()).unwrap_or_default();
        rows.push(CommitRow {
            oid: oid.clone(),
            parents: commit.parent_ids().map(|parent| parent.to_string()).collect(),
            summary: SafeText::new(&summary).into_string(),
            author: SafeText::from_bytes(name).into_string(),
            authored: time(author.when()),
            committed: time(commit.time()),
            refs: Vec::new(),
            graph: GraphRow::default(),
        });
    }
    Ok((rows, odd))
}
