//! Contents read straight from packs, with every step of a chain of deltas kept for the next one.
//!
//! libgit2 keeps no base of more than 1 MiB: each version of a large file is put together again from the first of its chain; and it
//! counts the checksum of whatever it reads, which for the folders on the way to a file took two fifths of a blame of git's own diff.c.
//! Here the versions on the way, which a blame asks for next, are made once, and zlib's sum is enough, as it is for git. What is not found, or is not as it should be, is left to libgit2.

use super::MAX_BYTES;
use crate::adapters::git::graph::object_folders;
use flate2::{Decompress, FlushDecompress, Status};
use git2::{Oid, Repository};
use std::collections::{HashMap, VecDeque};
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::rc::Rc;

/// With more packs than this, each of which is held open, none is read.
const MAX_PACKS: usize = 64;
/// Contents that are kept, in bytes.
const KEPT: usize = 128 * 1024 * 1024;
/// Longer chains are no git's.
const MAX_CHAIN: usize = 4096;
const BUFFER: usize = 4 * 1024;
/// Ids that are read at once.
const BLOCK: u32 = 64;

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
    inflate: Decompress,
}

struct Kept {
    content: Rc<Vec<u8>>,
    is_asked_for: bool,
}

struct Pack {
    index: File,
    data: File,
    /// How many ids begin with at most this byte.
    fanout: Vec<u32>,
}

/// Kinds of objects, as packs number them.
const TREE: u8 = 2;
const BLOB: u8 = 3;

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
            inflate: Decompress::new(true),
        }
    }

    /// A file's content; None when it is in no pack, or can not be read from it.
    pub(super) fn blob(&mut self, oid: Oid) -> Option<Rc<Vec<u8>>> {
        self.object(oid, BLOB)
    }

    /// A folder's entries as they are written; None likewise.
    pub(super) fn tree(&mut self, oid: Oid) -> Option<Rc<Vec<u8>>> {
        self.object(oid, TREE)
    }

    fn object(&mut self, oid: Oid, kind: u8) -> Option<Rc<Vec<u8>>> {
        let place = self
            .packs
            .iter()
            .enumerate()
            .find_map(|(n, pack)| Some((n, pack.find(oid)?)))?;
        self.read(place, kind)
    }

    fn read(&mut self, (n, mut at): Place, kind: u8) -> Option<Rc<Vec<u8>>> {
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
    /// A pack with an index of version 2, which is what git writes since 2007.
    fn open(index: &Path) -> Option<Self> {
        let data = File::open(index.with_extension("pack")).ok()?;
        let index = File::open(index).ok()?;
        let mut head = [0; 8 + 256 * 4];
        index.read_exact_at(&mut head, 0).ok()?;
        if head[..8] != *b"\xfftOc\0\0\0\x02" {
            return None;
        }
        let fanout = head[8..].as_chunks::<4>().0.iter().map(|n| u32::from_be_bytes(*n)).collect();
        Some(Self { index, data, fanout })
    }

    fn number(&self, at: u64) -> Option<u32> {
        let mut bytes = [0; 4];
        self.index.read_exact_at(&mut bytes, at).ok()?;
        Some(u32::from_be_bytes(bytes))
    }

    /// Where an object begins. The index: ids, their sums, their places of 31 bits, and the larger places.
    fn find(&self, oid: Oid) -> Option<u64> {
        let (wanted, ids) = (oid.as_bytes(), 8 + 256 * 4);
        let first = usize::from(wanted[0]);
        let mut low = first.checked_sub(1).map_or(0, |before| self.fanout[before]);
        let mut high = self.fanout[first];
        // Ids are spread evenly: the one that is looked for is not far from where it would be if they were so exactly.
        let share = u64::from(u32::from_be_bytes([wanted[1], wanted[2], wanted[3], wanted[4]]));
        let mut near = low + ((u64::from(high - low) * share) >> 32) as u32;
        let mut block = [0; 20 * BLOCK as usize];
        while low < high {
            let from = near.saturating_sub(BLOCK / 2).clamp(low, high - 1);
            let to = high.min(from + BLOCK);
            let block = &mut block[..20 * (to - from) as usize];
            self.index.read_exact_at(block, ids + u64::from(from) * 20).ok()?;
            let block = block.as_chunks::<20>().0;
            match block.binary_search_by(|id| id.as_slice().cmp(wanted)) {
                Ok(at) => return self.place(u64::from(from) + at as u64),
                Err(0) if from > low => high = from,
                Err(at) if at == block.len() && to < high => low = to,
                Err(_) => return None,
            }
            near = low + (high - low) / 2;
        }
        None
    }

    /// Where the n-th object begins.
    fn place(&self, n: u64) -> Option<u64> {
        let (ids, all) = (8 + 256 * 4, u64::from(self.fanout[255]));
        let place = self.number(ids + all * 24 + n * 4)?;
        if place >> 31 == 0 {
            return Some(u64::from(place));
        }
        let large = ids + all * 28 + u64::from(place & 0x7fff_ffff) * 8;
        Some(u64::from(self.number(large)?) << 32 | u64::from(self.number(large + 4)?))
    }

    /// Kind and size, the base of a delta, then what zlib packed.
    fn entry(&self, at: u64, wanted: u8, inflate: &mut Decompress) -> Option<Entry> {
        let mut reader = BufReader::with_capacity(BUFFER, From { file: &self.data, at });
        let head = reader.fill_buf().ok()?;
        let byte = *head.first()?;
        let kind = byte >> 4 & 7;
        let (rest, used) = if byte & 0x80 == 0 { (0, 0) } else { varint(head.get(1..)?)? };
        let size = u64::from(byte & 15) | rest.checked_mul(16)?;
        let mut used = 1 + used;
        let base = match kind {
            _ if kind == wanted => None,
            6 => {
                let (back, n) = back(head.get(used..)?)?;
                used += n;
                Some(at.checked_sub(back).filter(|base| *base < at)?)
            }
            7 => {
                let base = Oid::from_bytes(head.get(used..used + 20)?).ok()?;
                used += 20;
                Some(self.find(base)?)
            }
            _ => return None,
        };
        reader.consume(used);
        if size > MAX_BYTES {
            return None;
        }
        let bytes = inflated(&mut reader, inflate, size as usize)?;
        Some(match base {
            None => Entry::Whole(bytes),
            Some(base) => Entry::Delta { base, delta: bytes },
        })
    }
}

/// What zlib packed, when it has this size.
fn inflated(packed: &mut impl BufRead, inflate: &mut Decompress, size: usize) -> Option<Vec<u8>> {
    inflate.reset(true);
    // One byte more, so that the sum at the end is looked at too.
    let mut bytes = Vec::with_capacity(size + 1);
    loop {
        let input = packed.fill_buf().ok()?;
        let (n_in, n_out) = (inflate.total_in(), bytes.len());
        let status = inflate.decompress_vec(input, &mut bytes, FlushDecompress::None).ok()?;
        let n_used = (inflate.total_in() - n_in) as usize;
        packed.consume(n_used);
        if status == Status::StreamEnd {
            return (bytes.len() == size).then_some(bytes);
        }
        if n_used == 0 && bytes.len() == n_out {
            return None;
        }
    }
}

/// A file from a place on.
struct From<'a> {
    file: &'a File,
    at: u64,
}

impl Read for From<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.file.read_at(buffer, self.at)?;
        self.at += n as u64;
        Ok(n)
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

/// How far before a delta its base begins, the highest group first, and how many bytes that takes.
fn back(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut number = 0;
    for (n, byte) in bytes.iter().enumerate().take(8) {
        number = number << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((number, n + 1));
        }
        number += 1;
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
