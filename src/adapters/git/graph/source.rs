//! Where the commits of a history are read from: the commit-graph of the repository, and the objects of commits that are newer.

use super::order::{Edges, UNREAD};
use crate::base::repo::GraphFile;
use git2::{Oid, Repository};
use gix_commitgraph::{Graph, Position};
use std::collections::{BinaryHeap, HashMap};
use std::path::{Path, PathBuf};

/// Alternates of alternates are followed so deep, as git does.
const MAX_ALTERNATES: usize = 5;

/// A commit that was read from its object, or told by git's program.
pub(super) struct Loose {
    pub(super) oid: Oid,
    pub(super) parents: Vec<Oid>,
    /// Committer's seconds.
    pub(super) date: u64,
}

/// Every commit by number: those of the commit-graph first, in its order, then the others as they were found.
pub(super) struct Nodes {
    graph: Option<Graph>,
    n_graph: u32,
    loose: Vec<Oid>,
    numbers: HashMap<Oid, u32>,
    pub(super) edges: Edges,
    pub(super) dates: Vec<u64>,
    /// Loose commits that were read.
    pub(super) n_loose: usize,
}

/// The commit-graph is not what it should be.
pub(super) struct Broken;

impl Nodes {
    pub(super) fn new(graph: Option<Graph>) -> Result<Self, Broken> {
        let n_graph = graph.as_ref().map_or(0, Graph::num_commits);
        let mut edges = Edges::with_capacity(n_graph as usize);
        let mut dates = Vec::with_capacity(n_graph as usize);
        if let Some(graph) = &graph {
            let mut parents = Vec::new();
            for (node, commit) in graph.iter_commits().enumerate() {
                parents.clear();
                for parent in commit.iter_parents() {
                    parents.push(parent.map_err(|_| Broken)?.0);
                }
                edges.push_empty();
                edges.set(node as u32, parents.iter().copied());
                dates.push(commit.committer_timestamp());
            }
        }
        Ok(Self {
            graph,
            n_graph,
            loose: Vec::new(),
            numbers: HashMap::new(),
            edges,
            dates,
            n_loose: 0,
        })
    }

    pub(super) fn oid(&self, node: u32) -> Oid {
        match &self.graph {
            Some(graph) if node < self.n_graph => {
                Oid::from_bytes(graph.id_at(Position(node)).as_bytes()).unwrap_or(Oid::ZERO_SHA1)
            }
            _ => self.loose[(node - self.n_graph) as usize],
        }
    }

    /// The number of a commit that is known, read or not.
    pub(super) fn number(&self, oid: Oid) -> Option<u32> {
        let id = gix_hash::oid::try_from_bytes(oid.as_bytes()).ok()?;
        let in_graph = self.graph.as_ref().and_then(|graph| graph.lookup(id));
        in_graph.map(|at| at.0).or_else(|| self.numbers.get(&oid).copied())
    }

    fn is_read(&self, node: u32) -> bool {
        self.dates[node as usize] != UNREAD
    }

    fn number_or_new(&mut self, oid: Oid) -> u32 {
        if let Some(number) = self.number(oid) {
            return number;
        }
        let number = self.n_graph + self.loose.len() as u32;
        self.loose.push(oid);
        self.numbers.insert(oid, number);
        self.edges.push_empty();
        self.dates.push(UNREAD);
        number
    }

    /// Takes over a commit; its parents get numbers.
    pub(super) fn put(&mut self, commit: &Loose) {
        let node = self.number_or_new(commit.oid);
        if self.is_read(node) {
            return;
        }
        let parents: Vec<u32> = commit.parents.iter().map(|parent| self.number_or_new(*parent)).collect();
        self.edges.set(node, parents);
        self.dates[node as usize] = commit.date.min(UNREAD - 1);
        self.n_loose += 1;
    }

    /// The map of loose commits is needed while reading; looking up is rare afterwards.
    pub(super) fn settle(&mut self) {
        self.dates = Vec::new();
        self.edges.shrink();
        self.loose.shrink_to_fit();
        self.numbers.shrink_to_fit();
    }

    /// Commits in the commit-graph.
    pub(super) fn n_graph(&self) -> u32 {
        self.n_graph
    }
}

/// Reads commits that are not in the commit-graph, the newest first, from the tips down to what is known.
pub(super) struct Walk<'repo> {
    repo: &'repo Repository,
    open: BinaryHeap<(u64, Oid)>,
    found: HashMap<Oid, Loose>,
}

impl<'repo> Walk<'repo> {
    pub(super) fn new(repo: &'repo Repository, tips: &[Oid], nodes: &Nodes) -> Result<Self, git2::Error> {
        let mut walk = Self {
            repo,
            open: BinaryHeap::new(),
            found: HashMap::new(),
        };
        for tip in tips {
            walk.want(*tip, nodes)?;
        }
        Ok(walk)
    }

    fn want(&mut self, oid: Oid, nodes: &Nodes) -> Result<(), git2::Error> {
        if self.found.contains_key(&oid) || nodes.number(oid).is_some_and(|node| nodes.is_read(node)) {
            return Ok(());
        }
        let commit = self.repo.find_commit(oid)?;
        let date = commit.time().seconds().max(0) as u64;
        self.open.push((date, oid));
        let parents = commit.parent_ids().collect();
        self.found.insert(oid, Loose { oid, parents, date });
        Ok(())
    }

    /// One commit more; false when there is none.
    pub(super) fn step(&mut self, nodes: &mut Nodes) -> Result<bool, git2::Error> {
        let Some((_, oid)) = self.open.pop() else { return Ok(false) };
        let Some(commit) = self.found.remove(&oid) else {
            return Ok(true);
        };
        nodes.put(&commit);
        for parent in &commit.parents {
            self.want(*parent, nodes)?;
        }
        Ok(true)
    }
}

/// What there is of a commit-graph, and what tells one from another.
pub(super) struct Found {
    pub(super) graph: Option<Graph>,
    pub(super) state: GraphFile,
    /// Changes with every write of the file, and only then.
    pub(super) identity: Vec<u8>,
}

/// Opens the commit-graph of the repository, or of the repositories that it borrows objects from.
pub(super) fn find(repo: &Repository) -> Found {
    let nothing = |state| Found {
        graph: None,
        state,
        identity: Vec::new(),
    };
    let is_off = repo
        .config()
        .and_then(|config| config.get_bool("core.commitGraph"))
        .is_ok_and(|is_on| !is_on);
    if is_off {
        return nothing(GraphFile::Off);
    }
    let mut folders = vec![repo.commondir().join("objects")];
    alternates(&folders[0].clone(), 0, &mut folders);
    for objects in folders {
        let info = objects.join("info");
        let identity = identity(&info);
        if identity.is_empty() {
            continue;
        }
        return match Graph::from_info_dir(&info, gix_hash::Kind::Sha1) {
            Ok(graph) => Found {
                graph: Some(graph),
                state: GraphFile::Used,
                identity,
            },
            Err(_) => Found {
                graph: None,
                state: GraphFile::Broken,
                identity,
            },
        };
    }
    nothing(GraphFile::Missing)
}

/// The checksum at the end of the file; of a chain, the names of its files, which are their checksums.
fn identity(info: &Path) -> Vec<u8> {
    use std::io::{Read, Seek, SeekFrom};
    let end_of = |path: PathBuf| -> std::io::Result<Vec<u8>> {
        let mut file = std::fs::File::open(path)?;
        file.seek(SeekFrom::End(-20))?;
        let mut end = Vec::new();
        file.read_to_end(&mut end)?;
        Ok(end)
    };
    end_of(info.join("commit-graph"))
        .or_else(|_| std::fs::read(info.join("commit-graphs/commit-graph-chain")))
        .unwrap_or_default()
}

fn alternates(objects: &Path, depth: usize, folders: &mut Vec<PathBuf>) {
    let text = std::fs::read_to_string(objects.join("info/alternates")).unwrap_or_default();
    for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        let folder = objects.join(line);
        if depth < MAX_ALTERNATES && !folders.contains(&folder) {
            folders.push(folder.clone());
            alternates(&folder, depth + 1, folders);
        }
    }
}

/// Why git itself would not believe a commit-graph here: parents are not what the objects say.
pub(super) fn is_grafted(repo: &Repository) -> bool {
    let common = repo.commondir();
    let has = |name: &str| std::fs::metadata(common.join(name)).is_ok_and(|meta| meta.len() > 0);
    let is_replaced = || {
        repo.references_glob("refs/replace/*")
            .is_ok_and(|mut found| found.next().is_some())
    };
    has("shallow") || has("info/grafts") || is_replaced()
}
