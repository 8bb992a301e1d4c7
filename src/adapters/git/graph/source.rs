//! Where the commits of a history are read from: the commit-graph of the repository, and the objects of commits that are newer.

use super::order::{Edges, UNREAD};
use crate::base::repo::GraphFile;
use git2::{ObjectType, Oid, Repository};
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

/// The commits that the tips reach, numbered as they are met: what is near in the history is near in memory.
pub(super) struct Nodes {
    graph: Option<Graph>,
    n_graph: u32,
    /// By number: the position in the commit-graph, or beyond it the place in `loose`.
    places: Vec<u32>,
    /// Numbers by position in the commit-graph.
    of_position: Vec<u32>,
    loose: Vec<Oid>,
    of_loose: HashMap<Oid, u32>,
    pub(super) edges: Edges,
    pub(super) dates: Vec<u64>,
    /// Loose commits that were read.
    pub(super) n_loose: usize,
}

/// Not met yet.
const NONE: u32 = u32::MAX;

/// The commit-graph is not what it should be.
pub(super) struct Broken;

impl Nodes {
    pub(super) fn new(graph: Option<Graph>) -> Self {
        let n_graph = graph.as_ref().map_or(0, Graph::num_commits);
        Self {
            graph,
            n_graph,
            places: Vec::new(),
            of_position: vec![NONE; n_graph as usize],
            loose: Vec::new(),
            of_loose: HashMap::new(),
            edges: Edges::default(),
            dates: Vec::new(),
            n_loose: 0,
        }
    }

    pub(super) fn oid(&self, node: u32) -> Oid {
        let place = self.places[node as usize];
        match &self.graph {
            Some(graph) if place < self.n_graph => {
                Oid::from_bytes(graph.id_at(Position(place)).as_bytes()).unwrap_or(Oid::ZERO_SHA1)
            }
            _ => self.loose[(place - self.n_graph) as usize],
        }
    }

    fn position(&self, oid: Oid) -> Option<Position> {
        let id = gix_hash::oid::try_from_bytes(oid.as_bytes()).ok()?;
        self.graph.as_ref()?.lookup(id)
    }

    /// The number of a commit that was met.
    pub(super) fn number(&self, oid: Oid) -> Option<u32> {
        match self.position(oid) {
            Some(position) => Some(self.of_position[position.0 as usize]).filter(|number| *number != NONE),
            None => self.of_loose.get(&oid).copied(),
        }
    }

    /// Needs no reading: the commit-graph has it, or it was read.
    fn is_known(&self, oid: Oid) -> bool {
        let is_read = |node: &u32| self.dates[*node as usize] != UNREAD;
        self.position(oid).is_some() || self.of_loose.get(&oid).is_some_and(is_read)
    }

    fn push(&mut self, place: u32) -> u32 {
        self.places.push(place);
        self.edges.push_empty();
        self.dates.push(UNREAD);
        self.places.len() as u32 - 1
    }

    fn meet_position(&mut self, position: u32) -> u32 {
        let known = self.of_position[position as usize];
        if known != NONE {
            return known;
        }
        let number = self.push(position);
        self.of_position[position as usize] = number;
        number
    }

    /// The number of a commit, a new one if it was not met before.
    pub(super) fn meet(&mut self, oid: Oid) -> u32 {
        if let Some(position) = self.position(oid) {
            return self.meet_position(position.0);
        }
        if let Some(number) = self.of_loose.get(&oid) {
            return *number;
        }
        let number = self.push(self.n_graph + self.loose.len() as u32);
        self.loose.push(oid);
        self.of_loose.insert(oid, number);
        number
    }

    /// Takes over a commit; its parents get numbers.
    pub(super) fn put(&mut self, commit: &Loose) {
        let node = self.meet(commit.oid);
        if self.dates[node as usize] != UNREAD {
            return;
        }
        let parents: Vec<u32> = commit.parents.iter().map(|parent| self.meet(*parent)).collect();
        self.edges.set(node, parents);
        self.dates[node as usize] = commit.date.min(UNREAD - 1);
        self.n_loose += 1;
    }

    /// Everything that the commit-graph knows below the commits that were met. False when it was cancelled.
    pub(super) fn reach(&mut self, is_cancelled: &dyn Fn() -> bool) -> Result<bool, Broken> {
        let Some(graph) = self.graph.take() else { return Ok(true) };
        let n_graph = self.n_graph;
        let mut open: Vec<u32> = (0..self.places.len() as u32)
            .rev()
            .filter(|node| self.places[*node as usize] < n_graph && self.dates[*node as usize] == UNREAD)
            .collect();
        let mut parents = Vec::new();
        let mut n = 0_usize;
        while let Some(node) = open.pop() {
            n += 1;
            if n.is_multiple_of(1 << 16) && is_cancelled() {
                return Ok(false);
            }
            let commit = graph.commit_at(Position(self.places[node as usize]));
            self.dates[node as usize] = commit.committer_timestamp();
            parents.clear();
            for parent in commit.iter_parents() {
                let n_met = self.places.len() as u32;
                let parent = self.meet_position(parent.map_err(|_| Broken)?.0);
                if parent == n_met {
                    open.push(parent);
                }
                parents.push(parent);
            }
            self.edges.set(node, parents.iter().copied());
        }
        self.graph = Some(graph);
        Ok(true)
    }

    /// Nothing more is read.
    pub(super) fn settle(&mut self) {
        self.dates = Vec::new();
        self.edges.shrink();
        self.places.shrink_to_fit();
        self.loose.shrink_to_fit();
        self.of_loose.shrink_to_fit();
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
        if self.found.contains_key(&oid) || nodes.is_known(oid) {
            return Ok(());
        }
        let commit = match self.repo.find_commit(oid) {
            Ok(commit) => Loose {
                oid,
                date: commit.time().seconds().max(0) as u64,
                parents: commit.parent_ids().collect(),
            },
            Err(error) => malformed(self.repo, oid).ok_or(error)?,
        };
        self.open.push((commit.date, oid));
        self.found.insert(oid, commit);
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
    for objects in object_folders(repo) {
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

/// The folder of the repository's objects, then those that it borrows from.
pub(in crate::git) fn object_folders(repo: &Repository) -> Vec<PathBuf> {
    let mut folders = vec![repo.commondir().join("objects")];
    alternates(&folders[0].clone(), 0, &mut folders);
    folders
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

/// A commit that libgit2 refuses for what it says of its people, as old imports have some: what stands in it of its place in the history.
fn malformed(repo: &Repository, oid: Oid) -> Option<Loose> {
    let odb = repo.odb().ok()?;
    let object = odb.read(oid).ok()?;
    if object.kind() != ObjectType::Commit {
        return None;
    }
    let mut commit = Loose {
        oid,
        date: 0,
        parents: Vec::new(),
    };
    let head = object.data().split(|byte| *byte == b'\n').take_while(|line| !line.is_empty());
    for line in head {
        let line = String::from_utf8_lossy(line);
        if let Some(parent) = line.strip_prefix("parent ") {
            commit.parents.push(Oid::from_str(parent.trim()).ok()?);
        } else if let Some(committer) = line.strip_prefix("committer ") {
            // `Ada Lovelace <ada@example.org> 1600000000 +0100`
            let secs = committer.rsplit(' ').nth(1).and_then(|secs| secs.parse::<i64>().ok());
            commit.date = secs.unwrap_or(0).max(0) as u64;
        }
    }
    Some(commit)
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

/// The commit-graph as a quick way to single commits.
pub(in crate::git) struct CommitGraph(Graph);

impl CommitGraph {
    /// None where there is none, or where it could not know.
    pub(in crate::git) fn open(repo: &Repository) -> Option<Self> {
        find(repo).graph.filter(|_| !is_grafted(repo)).map(Self)
    }

    /// Tree, parents and committer's seconds.
    pub(in crate::git) fn commit(&self, oid: Oid) -> Option<(Oid, Vec<Oid>, i64)> {
        let commit = self.0.commit_by_id(gix_hash::oid::try_from_bytes(oid.as_bytes()).ok()?)?;
        let of = |id: &gix_hash::oid| Oid::from_bytes(id.as_bytes()).ok();
        let mut parents = Vec::new();
        for parent in commit.iter_parents() {
            parents.push(of(self.0.id_at(parent.ok()?))?);
        }
        Some((of(commit.root_tree_id())?, parents, commit.committer_timestamp() as i64))
    }
}
