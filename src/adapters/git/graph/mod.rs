//! Histories of any size: all commits in order and in lanes, in memory at some twenty bytes a commit, and what a row says read from
//! the objects only when it is looked at.
//!
//! Measured on 1,000,000 commits with a commit-graph (80,000 merges, 25 lanes), as a share of `git log --graph --all -200` (1.0):
//! this 0.28 (names 7 %, reaching 75 %, order 11 %, lanes 5 % of it) and 21 MiB; libgit2's own walk 7 to 10, since it does not know
//! generation numbers. Without a commit-graph every commit is read once, the newest first.

mod lanes;
mod order;
mod rows;
mod source;

pub use lanes::{LaneIndex, Lanes};
pub(super) use rows::Histories;
pub(super) use source::{CommitGraph, object_folders};

use super::GitError;
use super::commit::decoration;
use super::open::open;
use crate::base::Problem;
use crate::base::repo::{CommitRow, Decoration, GraphFile, HistoryOutline, Order, RefKind};
use git2::{ObjectType, Oid, Repository};
use order::NoOrder;
use sha2::{Digest, Sha256};
use source::{Loose, Nodes, Walk};
use std::collections::BTreeMap;
use std::path::Path;

/// Loose commits after which the first rows are told, and between two words on how far it is.
const FIRST_PART: usize = 2_000;
const PROGRESS_EVERY: usize = 10_000;
/// Names of tools, which are no part of anybody's history.
const HIDDEN: [&[u8]; 4] = [b"refs/chantier/", b"refs/stash", b"refs/notes/", b"refs/replace/"];

/// Which history.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct HistoryOf {
    /// Every branch, remote branch and tag; else only what HEAD, or `from`, reaches.
    pub is_all: bool,
    /// A revision to start at.
    pub from: Option<String>,
    pub is_topological: bool,
}

impl HistoryOf {
    fn order(&self) -> Order {
        if self.is_topological { Order::Topology } else { Order::Date }
    }
}

/// All commits of a history in their rows.
pub struct History {
    nodes: Nodes,
    /// Nodes by row, and rows by node.
    order: Vec<u32>,
    row_of: Vec<u32>,
    lanes: LaneIndex,
    names: BTreeMap<Oid, Vec<Decoration>>,
    outline: HistoryOutline,
    /// Of the commit-graph that was there.
    identity: Vec<u8>,
}

/// How far the reading is.
pub enum Part {
    /// The newest rows; there are more.
    Rows(History),
    /// So many commits were read one by one.
    Read(u64),
}

/// What must be known of a repository before its history is read: the names, and whether the commit-graph may be believed.
struct Opened {
    tips: Vec<Oid>,
    names: BTreeMap<Oid, Vec<Decoration>>,
    graph: source::Found,
    /// git's own program must tell the commits: it knows what replaces what.
    is_grafted: bool,
    stamp: String,
}

/// Reads the names. `doubted` is the identity of a commit-graph that was found to be wrong.
fn look(root: &Path, of: &HistoryOf, doubted: Option<&[u8]>) -> Result<Opened, GitError> {
    let repo = open(root)?;
    let is_grafted = source::is_grafted(&repo);
    let mut graph = source::find(&repo);
    let is_doubted = !graph.identity.is_empty() && doubted == Some(&graph.identity);
    if is_grafted || is_doubted {
        graph.graph = None;
        graph.state = if is_grafted { GraphFile::Grafted } else { GraphFile::Broken };
    }
    let mut digest = Sha256::new();
    digest.update(&graph.identity);
    digest.update(format!("{of:?} {:?} {is_grafted}", graph.state));
    let common = repo.commondir();
    for odd in ["shallow", "info/grafts"] {
        digest.update(std::fs::read(common.join(odd)).unwrap_or_default());
    }
    let known = |oid: Oid| {
        let id = gix_hash::oid::try_from_bytes(oid.as_bytes()).ok()?;
        graph.graph.as_ref()?.lookup(id)
    };
    let commit_of = |oid: Oid| -> Option<Oid> {
        if known(oid).is_some() {
            return Some(oid);
        }
        // Before it is read: also of a commit that libgit2 refuses.
        let (_, kind) = repo.odb().ok()?.read_header(oid).ok()?;
        if kind == ObjectType::Commit {
            return Some(oid);
        }
        let object = repo.find_object(oid, None).ok()?;
        object.peel_to_commit().ok().map(|commit| commit.id())
    };
    let current = repo
        .find_reference("HEAD")
        .ok()
        .and_then(|head| head.symbolic_target_bytes().map(<[u8]>::to_vec));
    let head = repo.head().ok().and_then(|head| commit_of(head.target()?));
    let mut found: Vec<(Vec<u8>, Oid)> = Vec::new();
    for reference in repo.references().map_err(|error| GitError::of(root, error))?.flatten() {
        let name = reference.name_bytes();
        digest.update(name);
        if let Some(target) = reference.target() {
            digest.update(target.as_bytes());
            found.push((name.to_vec(), target));
        }
    }
    found.sort();
    let mut names: BTreeMap<Oid, Vec<Decoration>> = BTreeMap::new();
    let mut tips = Vec::new();
    for (name, target) in &found {
        if HIDDEN.iter().any(|hidden| name.starts_with(hidden)) {
            continue;
        }
        let Some(commit) = commit_of(*target) else { continue };
        if of.is_all {
            tips.push(commit);
        }
        if let Some(name) = decoration(name, current.as_ref() == Some(name)) {
            names.entry(commit).or_default().push(name);
        }
    }
    if let (Some(head), None) = (head, current.as_deref().filter(|name| name.starts_with(b"refs/heads/"))) {
        names.entry(head).or_default().push(Decoration {
            kind: RefKind::Head,
            name: "HEAD".to_owned(),
            is_current: true,
        });
    }
    for names in names.values_mut() {
        names.sort_by(|a, b| (!a.is_current, a.kind, &a.name).cmp(&(!b.is_current, b.kind, &b.name)));
    }
    match &of.from {
        Some(from) => tips = vec![super::commit::find(&repo, from)?.id()],
        None => tips.extend(head),
    }
    if of.is_all {
        tips.extend(other_heads(&repo).into_iter().filter_map(commit_of));
    }
    digest.update(format!("{current:?} {head:?} {tips:?}"));
    let stamp = digest.finalize().iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    Ok(Opened {
        tips,
        names,
        graph,
        is_grafted,
        stamp,
    })
}

/// Where the other worktrees are, if on no branch.
fn other_heads(repo: &Repository) -> Vec<Oid> {
    let common = repo.commondir();
    let linked = std::fs::read_dir(common.join("worktrees")).into_iter().flatten().flatten();
    let mut files: Vec<_> = linked.map(|entry| entry.path().join("HEAD")).collect();
    files.sort();
    files.insert(0, common.join("HEAD"));
    let read = |file| Oid::from_str(std::fs::read_to_string(file).ok()?.trim()).ok();
    files.into_iter().filter_map(read).collect()
}

/// Reads the history. `told` are the commits as git's program told them, where it had to.
fn read(
    root: &Path,
    of: &HistoryOf,
    opened: Opened,
    told: Option<Vec<Loose>>,
    is_cancelled: &dyn Fn() -> bool,
    on_part: &mut dyn FnMut(Part),
) -> Result<History, Failed> {
    let Opened {
        tips,
        names,
        graph,
        stamp,
        ..
    } = opened;
    let mut state = graph.state;
    let identity = graph.identity;
    let mut nodes = Nodes::new(graph.graph);
    for tip in &tips {
        nodes.meet(*tip);
    }
    if let Some(told) = &told {
        for commit in told {
            nodes.put(commit);
        }
    } else {
        let repo = open(root).map_err(Failed::Git)?;
        let of_git = |error| Failed::Git(GitError::of(root, error));
        let mut walk = Walk::new(&repo, &tips, &nodes).map_err(of_git)?;
        let mut n_told = 0;
        while walk.step(&mut nodes).map_err(of_git)? {
            if nodes.n_loose.is_multiple_of(64) && is_cancelled() {
                return Err(Failed::Cancelled);
            }
            if nodes.n_loose == FIRST_PART && nodes.n_graph() == 0 {
                on_part(Part::Rows(part(&repo, of, &tips, &names, &stamp, state)?));
            }
            if nodes.n_loose >= n_told + PROGRESS_EVERY {
                n_told = nodes.n_loose;
                on_part(Part::Read(n_told as u64));
            }
        }
    }
    if !nodes.reach(is_cancelled).map_err(|source::Broken| Failed::Doubted)? {
        return Err(Failed::Cancelled);
    }
    if state == GraphFile::Used && nodes.n_graph() == 0 {
        state = GraphFile::Missing;
    }
    let mut history = History::lay(nodes, of, &tips, names, stamp, state, true, is_cancelled)?;
    history.identity = identity;
    Ok(history)
}

/// The newest commits, while the others are being read.
fn part(
    repo: &Repository,
    of: &HistoryOf,
    tips: &[Oid],
    names: &BTreeMap<Oid, Vec<Decoration>>,
    stamp: &str,
    state: GraphFile,
) -> Result<History, Failed> {
    let mut nodes = Nodes::new(None);
    let of_git = |error| Failed::Git(GitError::of(repo.path(), error));
    let mut walk = Walk::new(repo, tips, &nodes).map_err(of_git)?;
    while nodes.n_loose < FIRST_PART && walk.step(&mut nodes).map_err(of_git)? {}
    History::lay(nodes, of, tips, names.clone(), format!("{stamp}-part"), state, false, &|| {
        false
    })
}

/// Why a history was not read.
#[derive(Debug)]
enum Failed {
    Git(GitError),
    /// The commit-graph is wrong: once more without it.
    Doubted,
    Cancelled,
}

impl From<Failed> for Problem {
    fn from(failed: Failed) -> Self {
        match failed {
            Failed::Git(error) => error.into(),
            Failed::Doubted => GitError::Git(git2::Error::from_str("the commits contradict each other")).into(),
            Failed::Cancelled => Self::cancelled(),
        }
    }
}

impl History {
    #[expect(clippy::too_many_arguments, reason = "the parts of one value")]
    fn lay(
        mut nodes: Nodes,
        of: &HistoryOf,
        tips: &[Oid],
        names: BTreeMap<Oid, Vec<Decoration>>,
        stamp: String,
        graph: GraphFile,
        is_whole: bool,
        is_cancelled: &dyn Fn() -> bool,
    ) -> Result<Self, Failed> {
        let tips: Vec<u32> = tips.iter().filter_map(|tip| nodes.number(*tip)).collect();
        let order = order::order(&nodes.edges, &nodes.dates, &tips, of.order(), is_cancelled).map_err(|why| match why {
            NoOrder::Cycle => Failed::Doubted,
            NoOrder::Cancelled => Failed::Cancelled,
        })?;
        let mut row_of = vec![u32::MAX; nodes.edges.len()];
        for (row, node) in order.iter().enumerate() {
            row_of[*node as usize] = row as u32;
        }
        let lanes = LaneIndex::build(&order, |node| nodes.edges.of(node), is_cancelled).ok_or(Failed::Cancelled)?;
        let outline = HistoryOutline {
            stamp,
            n_rows: order.len() as u64,
            is_whole,
            n_lanes: lanes.n_lanes.min(lanes::MAX_DRAWN) as u16,
            graph,
            n_loose: nodes.n_loose as u64,
        };
        nodes.settle();
        Ok(Self {
            nodes,
            order,
            row_of,
            lanes,
            names,
            outline,
            identity: Vec::new(),
        })
    }

    pub fn outline(&self) -> &HistoryOutline {
        &self.outline
    }

    /// The row of a commit that this history has.
    pub fn row_of(&self, oid: &str) -> Option<u64> {
        let node = self.nodes.number(Oid::from_str(oid).ok()?)?;
        let row = *self.row_of.get(node as usize)?;
        (row != u32::MAX).then_some(u64::from(row))
    }

    /// Commits whose names (branches and tags) have these words in any case, by row.
    pub fn named(&self, words: &str) -> Vec<String> {
        let words = words.to_lowercase();
        let has = |names: &Vec<Decoration>| names.iter().any(|name| name.name.to_lowercase().contains(&words));
        let mut found: Vec<(u64, String)> = self
            .names
            .iter()
            .filter(|(_, names)| has(names))
            .filter_map(|(oid, _)| Some((self.row_of(&oid.to_string())?, oid.to_string())))
            .collect();
        found.sort();
        found.into_iter().map(|(_, oid)| oid).collect()
    }

    /// The ids of some rows.
    pub fn oids(&self, first: u64, n: u64) -> Vec<String> {
        self.range(first, n)
            .map(|row| self.nodes.oid(self.order[row]).to_string())
            .collect()
    }

    fn range(&self, first: u64, n: u64) -> std::ops::Range<usize> {
        let first = (first as usize).min(self.order.len());
        first..first.saturating_add(n as usize).min(self.order.len())
    }

    /// Gives rows that were read elsewhere their names and lines.
    fn finish(&self, first: u64, rows: &mut [CommitRow]) {
        let range = self.range(first, rows.len() as u64);
        let graphs = self.lanes.rows(&self.order, range, |node| self.nodes.edges.of(node));
        for (row, graph) in rows.iter_mut().zip(graphs) {
            row.graph = graph;
            row.refs = self.names_of(&row.oid);
        }
    }

    fn names_of(&self, oid: &str) -> Vec<Decoration> {
        let oid = Oid::from_str(oid).ok();
        oid.and_then(|oid| self.names.get(&oid)).cloned().unwrap_or_default()
    }
}
