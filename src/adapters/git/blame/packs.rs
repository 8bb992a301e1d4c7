//! Contents read straight from packs, with every step of a chain of deltas kept for the next one.
//!
//! libgit2 keeps no base of more than 1 MiB: each version of a large file is put together again from the first of its chain; and it
//! counts the checksum of whatever it reads, which for the folders on the way to a file took two fifths of a blame of git's own diff.c.
//! Here the versions on the way, which a blame asks for next, are made once, and zlib's sum is enough, as it is for git. What is not found, or is not as it should be, is left to libgit2.

use super::MAX_BYTES;
use crate::git::graph::object_folders;
use git2::{Oid, Repository};
use gix_pack::data::entry::Header;
use gix_zlib::Inflate;
use std::collections::{HashMap, VecDeque};
use std::path::Path;
use std::rc::Rc;

/// With more packs than this, each of which is held open, none is read.
const MAX_PACKS: usize = 64;
/// Contents that are kept, in bytes.
const KEPT: usize = 128 * 1024 * 1024;
/// Longer chains are no git's.
const MAX_CHAIN: usize = 4096;

/// Where an object is: the pack's number, and the place in it.
type Place = (usize, u64);

/// The packs of a repository and of those that it borrows from.
pub(super) struct Packs {
    packs: Vec<Pack>,
    kept: HashMap<Place, Kept>,
    /// What was kept first goes first, but for what was asked for since.
    order: VecDeque<Place>,
    n_kept: usize,
    /// Used again for each object: a new one takes longer than most trees.
    inflate: Inflate,
}

struct Kept {
    content: Rc<Vec<u8>>,
    is_asked_for: bool,
}

struct Pack {
    index: gix_pack::index::File,
    data: gix_pack::data::File,
}

enum Entry {
    Whole(Vec<u8>),
    Delta { base: u64, delta: Vec<u8> },
}

impl Packs {
    pub(super) fn open(repo: &Repository) -> Self {
        let folders = object_folders(repo).into_iter().map(|folder| folder.join("pack"));
        let files = folders
            .filter_map(|folder| std::fs::read_dir(folder).ok())
            .flatten()
            .flatten();
        let indexes: Vec<_> = files
            .map(|file| file.path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "idx"))
            .take(MAX_PACKS + 1)
            .collect();
        let packs = if indexes.len() > MAX_PACKS {
            Vec::new()
        } else {
            indexes.iter().filter_map(|index| Pack::open(index)).collect()
        };
        Self {
            packs,
            kept: HashMap::new(),
            order: VecDeque::new(),
            n_kept: 0,
            inflate: Inflate::default(),
        }
    }

    /// A file's content; None when it is in no pack, or can not be read from it.
    pub(super) fn blob(&mut self, oid: Oid) -> Option<Rc<Vec<u8>>> {
        self.object(oid, &Header::Blob)
    }

    /// A folder's entries as they are written; None likewise.
    pub(super) fn tree(&mut self, oid: Oid) -> Option<Rc<Vec<u8>>> {
        self.object(oid, &Header::Tree)
    }

    fn object(&mut self, oid: Oid, kind: &Header) -> Option<Rc<Vec<u8>>> {
        let oid = gix_hash::oid::try_from_bytes(oid.as_bytes()).ok()?;
        let place = self
            .packs
            .iter()
            .enumerate()
            .find_map(|(n, pack)| Some((n, pack.find(oid)?)))?;
        self.read(place, kind)
    }

    fn read(&mut self, (n, mut at): Place, kind: &Header) -> Option<Rc<Vec<u8>>> {
        let (mut deltas, mut held) = (Vec::new(), 0);
        let mut content = loop {
            if let Some(known) = self.known((n, at)) {
                break known;
            }
            match self.packs[n].entry(at, kind, &mut self.inflate)? {
                Entry::Whole(content) => break self.keep((n, at), content),
                Entry::Delta { base, delta } => {
                    held += delta.len() as u64;
                    deltas.push((at, delta));
                    at = base;
                }
            }
            if deltas.len() > MAX_CHAIN || held > 2 * MAX_BYTES {
                return None;
            }
        };
        while let Some((at, delta)) = deltas.pop() {
            let next = apply(&content, &delta)?;
            content = self.keep((n, at), next);
        }
        Some(content)
    }

    fn known(&mut self, place: Place) -> Option<Rc<Vec<u8>>> {
        let known = self.kept.get_mut(&place)?;
        known.is_asked_for = true;
        Some(Rc::clone(&known.content))
    }

    fn keep(&mut self, place: Place, content: Vec<u8>) -> Rc<Vec<u8>> {
        let content = Rc::new(content);
        self.n_kept += content.len();
        let kept = Kept {
            content: Rc::clone(&content),
            is_asked_for: false,
        };
        self.kept.insert(place, kept);
        self.order.push_back(place);
        while self.n_kept > KEPT
            && let Some(first) = self.order.pop_front()
        {
            match self.kept.get_mut(&first) {
                Some(kept) if kept.is_asked_for => {
                    kept.is_asked_for = false;
                    self.order.push_back(first);
                }
                _ => self.n_kept -= self.kept.remove(&first).map_or(0, |kept| kept.content.len()),
            }
        }
        content
    }
}

impl Pack {
    fn open(index: &Path) -> Option<Self> {
        Some(Self {
            data: gix_pack::data::File::at(index.with_extension("pack"), gix_hash::Kind::Sha1).ok()?,
            index: gix_pack::index::File::at(index, gix_hash::Kind::Sha1).ok()?,
        })
    }

    /// Where an object begins.
    fn find(&self, oid: &gix_hash::oid) -> Option<u64> {
        let n = self.index.lookup(oid)?;
        Some(self.index.pack_offset_at_index(n))
    }

    fn entry(&self, at: u64, wanted: &Header, inflate: &mut Inflate) -> Option<Entry> {
        let entry = self.data.entry(at).ok()?;
        let base = match entry.header {
            Header::OfsDelta { base_distance } => Some(entry.checked_base_pack_offset(base_distance)?),
            Header::RefDelta { base_id } => Some(self.find(&base_id)?),
            ref kind if kind == wanted => None,
            _ => return None,
        };
        if entry.decompressed_size > MAX_BYTES {
            return None;
        }
        let mut bytes = vec![0; entry.decompressed_size as usize];
        self.data.decompress_entry(&entry, inflate, &mut bytes).ok()?;
        Some(match base {
            None => Entry::Whole(bytes),
            Some(base) => Entry::Delta { base, delta: bytes },
        })
    }
}

/// A number in groups of seven bits, the lowest first, and how many bytes it takes.
fn varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut number = 0;
    for (n, byte) in bytes.iter().enumerate().take(8) {
        number |= u64::from(byte & 0x7f) << (7 * n);
        if byte & 0x80 == 0 {
            return Some((number, n + 1));
        }
    }
    None
}

/// What a delta makes of its base: parts of the base, and bytes of its own.
fn apply(base: &[u8], delta: &[u8]) -> Option<Vec<u8>> {
    let (from, n) = varint(delta)?;
    let (size, m) = varint(&delta[n..])?;
    if from != base.len() as u64 || size > MAX_BYTES {
        return None;
    }
    let mut result = Vec::with_capacity(size as usize);
    let mut rest = &delta[n + m..];
    while let Some((&command, after)) = rest.split_first() {
        rest = after;
        let part = if command & 0x80 == 0 {
            let (part, after) = rest.split_at_checked(usize::from(command)).filter(|_| command != 0)?;
            rest = after;
            part
        } else {
            let mut numbers = [0_u8; 8];
            // Four bytes of a place and three of a length, of which those that are 0 are left out.
            for (bit, number) in numbers.iter_mut().enumerate().take(7) {
                if command >> bit & 1 == 1 {
                    let (&byte, after) = rest.split_first()?;
                    (*number, rest) = (byte, after);
                }
            }
            let both = u64::from_le_bytes(numbers);
            let (at, n) = ((both & 0xffff_ffff) as usize, (both >> 32) as usize);
            base.get(at..)?.get(..if n == 0 { 0x1_0000 } else { n })?
        };
        if (result.len() + part.len()) as u64 > size {
            return None;
        }
        result.extend_from_slice(part);
    }
    (result.len() as u64 == size).then_some(result)
}
