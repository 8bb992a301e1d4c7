//! The index, parsed once from its file (gitformat-index(5), versions 2 to 4). What it holds that is not understood for sure gives None:
//! then git's program is asked.

use std::fs::File;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

pub(super) const LINK: u32 = 0o120_000;
pub(super) const GITLINK: u32 = 0o160_000;
const FOLDER: u32 = 0o040_000;
const FIXED: usize = 62;

/// Which index file this was: another one has another identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::git) struct Identity {
    pub(super) ino: u64,
    pub(super) size: u64,
    pub(super) mtime: i64,
    pub(super) mtime_nsec: i64,
}

impl Identity {
    pub(in crate::git) fn of(path: &Path) -> Option<Self> {
        let meta = std::fs::metadata(path).ok()?;
        Some(Self {
            ino: meta.ino(),
            size: meta.size(),
            mtime: meta.mtime(),
            mtime_nsec: meta.mtime_nsec(),
        })
    }
}

/// One entry, with what its file looked like when it was added.
pub(super) struct Entry {
    start: u32,
    end: u32,
    pub(super) mode: u32,
    pub(super) oid: [u8; 20],
    pub(super) stage: u8,
    pub(super) is_assumed: bool,
    pub(super) is_skipped: bool,
    pub(super) ctime: (u32, u32),
    pub(super) mtime: (u32, u32),
    pub(super) ino: u32,
    pub(super) uid: u32,
    pub(super) gid: u32,
    pub(super) size: u32,
}

impl Entry {
    pub(super) fn is_submodule(&self) -> bool {
        self.mode & 0o170_000 == GITLINK
    }

    /// Outside of a sparse checkout, assumed to be unchanged, or in conflict: told elsewhere or not at all.
    pub(super) fn may_be_absent(&self) -> bool {
        self.is_skipped || self.is_assumed || self.stage > 0
    }
}

/// The tree that a folder of the index would make; None when that has to be worked out.
#[derive(Default)]
pub(super) struct CacheTree {
    pub(super) oid: Option<[u8; 20]>,
    pub(super) below: Vec<(Vec<u8>, CacheTree)>,
}

impl CacheTree {
    pub(super) fn child(&self, name: &[u8]) -> Option<&Self> {
        self.below.iter().find(|(known, _)| known == name).map(|(_, tree)| tree)
    }
}

pub(in crate::git) struct IndexFile {
    pub(super) identity: Identity,
    pub(super) entries: Vec<Entry>,
    pub(super) tree: CacheTree,
    paths: Vec<u8>,
}

impl IndexFile {
    /// None when it is of a kind that only git knows (split, sparse, or with intents to add), or broken. A repository
    /// without an index has an empty one.
    pub(in crate::git) fn read(path: &Path) -> Option<Self> {
        let Ok(mut file) = File::open(path) else {
            return Some(Self {
                identity: Identity {
                    ino: 0,
                    size: 0,
                    mtime: 0,
                    mtime_nsec: 0,
                },
                entries: Vec::new(),
                tree: CacheTree::default(),
                paths: Vec::new(),
            });
        };
        let meta = file.metadata().ok()?;
        let identity = Identity {
            ino: meta.ino(),
            size: meta.size(),
            mtime: meta.mtime(),
            mtime_nsec: meta.mtime_nsec(),
        };
        let mut bytes = Vec::with_capacity(meta.len() as usize + 1);
        file.read_to_end(&mut bytes).ok()?;
        parse(&bytes, identity)
    }

    /// Every path, sorted.
    pub(in crate::git) fn iter(&self) -> impl Iterator<Item = &[u8]> {
        self.entries.iter().map(|entry| self.path(entry))
    }

    pub(super) fn path(&self, entry: &Entry) -> &[u8] {
        &self.paths[entry.start as usize..entry.end as usize]
    }

    pub(super) fn path_at(&self, at: usize) -> &[u8] {
        self.path(&self.entries[at])
    }

    /// Entries whose paths begin so.
    pub(super) fn range(&self, prefix: &[u8]) -> std::ops::Range<usize> {
        let start = self.entries.partition_point(|entry| self.path(entry) < prefix);
        let n = self.entries[start..].partition_point(|entry| self.path(entry).starts_with(prefix));
        start..start + n
    }

    /// The entries of one path: one, or the sides of a conflict.
    pub(super) fn range_of(&self, path: &[u8]) -> std::ops::Range<usize> {
        let start = self.entries.partition_point(|entry| self.path(entry) < path);
        let n = self.entries[start..].partition_point(|entry| self.path(entry) == path);
        start..start + n
    }

    /// Unmerged paths with git's two letters: which of base (1), ours (2) and theirs (4) are there.
    pub(super) fn conflicts(&self) -> Vec<(&[u8], &'static str)> {
        let mut sides: std::collections::BTreeMap<&[u8], usize> = std::collections::BTreeMap::new();
        for entry in self.entries.iter().filter(|entry| entry.stage > 0) {
            *sides.entry(self.path(entry)).or_default() |= 1 << (entry.stage - 1);
        }
        let letters = ["", "DD", "AU", "UD", "UA", "DU", "AA", "UU"];
        sides.into_iter().map(|(path, bits)| (path, letters[bits & 7])).collect()
    }

    /// The entry of a path that is not in conflict.
    pub(super) fn find(&self, path: &[u8]) -> Option<usize> {
        let at = self.entries.binary_search_by(|entry| self.path(entry).cmp(path)).ok()?;
        (self.entries[at].stage == 0).then_some(at)
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}

fn parse(bytes: &[u8], identity: Identity) -> Option<IndexFile> {
    if bytes.get(..4)? != b"DIRC" {
        return None;
    }
    let version = word(bytes, 4)?;
    if !(2..=4).contains(&version) {
        return None;
    }
    let n = word(bytes, 8)? as usize;
    let end = bytes.len().checked_sub(20)?;
    let mut index = IndexFile {
        identity,
        entries: Vec::with_capacity(n.min(bytes.len() / FIXED)),
        tree: CacheTree::default(),
        paths: Vec::with_capacity(bytes.len() / 2),
    };
    let mut at = 12;
    for _ in 0..n {
        at = entry(bytes, at, end, version, &mut index)?;
    }
    while at + 8 <= end {
        let (name, len) = (bytes.get(at..at + 4)?, word(bytes, at + 4)? as usize);
        let body = bytes.get(at + 8..at + 8 + len)?;
        match name {
            b"TREE" => index.tree = tree(body, &mut 0, 0)?.1,
            // A small letter begins what must be understood.
            name if !name[0].is_ascii_uppercase() => return None,
            _ => {}
        }
        at += 8 + len;
    }
    (at == end).then_some(index)
}

fn entry(bytes: &[u8], at: usize, end: usize, version: u32, index: &mut IndexFile) -> Option<usize> {
    let fixed = bytes.get(at..at + FIXED).filter(|_| at + FIXED <= end)?;
    let field = |n: usize| word(fixed, n * 4);
    let flags = u16::from_be_bytes(fixed[60..62].try_into().ok()?);
    let mut next = at + FIXED;
    let mut more = 0;
    if flags & 0x4000 != 0 {
        more = u16::from_be_bytes(bytes.get(next..next + 2)?.try_into().ok()?);
        next += 2;
    }
    let mode = field(6)?;
    let is_intent = more & 0x2000 != 0;
    if is_intent || mode & 0o170_000 == FOLDER {
        return None;
    }
    let start = index.paths.len();
    if version == 4 {
        let n_stripped = varint(bytes, &mut next)?;
        let previous = index
            .entries
            .last()
            .map_or(0..0, |entry| entry.start as usize..entry.end as usize);
        let n_kept = previous.len().checked_sub(n_stripped)?;
        index.paths.extend_from_within(previous.start..previous.start + n_kept);
        let rest = bytes.get(next..end)?;
        let len = memchr::memchr(0, rest)?;
        index.paths.extend_from_slice(&rest[..len]);
        next += len + 1;
    } else {
        let rest = bytes.get(next..end)?;
        let known = usize::from(flags & 0x0fff);
        let len = if known < 0x0fff { known } else { memchr::memchr(0, rest)? };
        index.paths.extend_from_slice(rest.get(..len)?);
        // At least one NUL, up to a multiple of eight.
        next = at + ((next - at + len) / 8 + 1) * 8;
    }
    let before = index.entries.last();
    let (path, stage) = (&index.paths[start..], ((flags >> 12) & 3) as u8);
    if path.is_empty() || before.is_some_and(|before| (index.path(before), before.stage) >= (path, stage)) {
        return None;
    }
    let end = index.paths.len() as u32;
    index.entries.push(Entry {
        start: start as u32,
        end,
        mode,
        oid: fixed[40..60].try_into().ok()?,
        stage,
        is_assumed: flags & 0x8000 != 0,
        is_skipped: more & 0x4000 != 0,
        ctime: (field(0)?, field(1)?),
        mtime: (field(2)?, field(3)?),
        ino: field(5)?,
        uid: field(7)?,
        gid: field(8)?,
        size: field(9)?,
    });
    Some(next)
}

/// git's variable-width number (pack format, offset deltas).
fn varint(bytes: &[u8], at: &mut usize) -> Option<usize> {
    let mut byte = *bytes.get(*at)?;
    *at += 1;
    let mut value = usize::from(byte & 0x7f);
    while byte & 0x80 != 0 {
        byte = *bytes.get(*at)?;
        *at += 1;
        value = value.checked_add(1)?.checked_mul(128)? | usize::from(byte & 0x7f);
    }
    Some(value)
}

/// One folder of the cached trees: name, number of entries (-1 when it is not valid), number of folders below, and its id.
fn tree(bytes: &[u8], at: &mut usize, depth: u32) -> Option<(Vec<u8>, CacheTree)> {
    if depth > 4_096 {
        return None;
    }
    let until = |at: &mut usize, end: u8| {
        let rest = bytes.get(*at..)?;
        let len = memchr::memchr(end, rest)?;
        *at += len + 1;
        Some(&rest[..len])
    };
    let name = until(at, 0)?.to_vec();
    let number = |text: &[u8]| std::str::from_utf8(text).ok()?.parse::<i64>().ok();
    let is_valid = number(until(at, b' ')?)? >= 0;
    let n_below = number(until(at, b'\n')?)?;
    let oid = if is_valid {
        let oid = bytes.get(*at..*at + 20)?.try_into().ok()?;
        *at += 20;
        Some(oid)
    } else {
        None
    };
    let mut below = Vec::new();
    for _ in 0..n_below {
        below.push(tree(bytes, at, depth + 1)?);
    }
    Some((name, CacheTree { oid, below }))
}
