//! Which file that went away became a new one, as git decides it (diffcore-rename.c and diffcore-delta.c): of one name that is followed
//! here, of all of a difference in `pairs`. libgit2 measures likeness in another way, and pairs other files where it is about a half.

mod pairs;

pub(super) use pairs::{File, pairs};
use std::collections::BTreeMap;

/// git's scale of likeness.
const MAX_SCORE: u64 = 60_000;
const LEAST: u64 = 30_000;
/// For the only file of the same name.
const LEAST_SAME_NAME: u64 = 45_000;
const N_CANDIDATES: usize = 4;
const SPAN: usize = 64;
const HASH_BASE: u32 = 107_927;
/// Bytes in which a NUL means that the content is no text, as git looks.
const BINARY_PROBE: usize = 8_000;

/// A file that went away. Its content is what `is_same` says, or what is read when that has to be measured.
pub(super) struct Source<'a> {
    pub(super) path: &'a [u8],
    pub(super) is_same: bool,
    pub(super) is_regular: bool,
}

/// The place of the source that became `path`. `read` gives a source's content if its size fits.
pub(super) fn origin<E>(
    path: &[u8],
    content: &[u8],
    sources: &[Source<'_>],
    mut read: impl FnMut(usize, &dyn Fn(u64) -> bool) -> Result<Option<Vec<u8>>, E>,
) -> Result<Option<usize>, E> {
    let exact = || sources.iter().enumerate().filter(|(_, source)| source.is_same);
    let named = exact().find(|(_, source)| name_of(source.path) == name_of(path));
    if let Some((at, _)) = named.or_else(|| exact().next()) {
        return Ok(Some(at));
    }
    let wanted = Spans::of(content);
    let mut score = |at: usize, least: u64| -> Result<u64, E> {
        if !sources[at].is_regular {
            return Ok(0);
        }
        let content = read(at, &|n_bytes| wanted.may_be_like(n_bytes, least))?;
        Ok(content.map_or(0, |content| wanted.likeness(&Spans::of(&content))))
    };
    let mut same_name = (0..sources.len()).filter(|at| name_of(sources[*at].path) == name_of(path));
    if let (Some(at), None) = (same_name.next(), same_name.next())
        && score(at, LEAST_SAME_NAME)? >= LEAST_SAME_NAME
    {
        return Ok(Some(at));
    }
    let mut best = Best::default();
    for (at, source) in sources.iter().enumerate() {
        best.offer(Candidate {
            score: score(at, LEAST)?,
            is_named: name_of(source.path) == name_of(path),
            source: at,
        });
    }
    let best = best.0.into_iter().flatten().filter(|candidate| candidate.score >= LEAST);
    let first_best = best.reduce(|first, next| if next.rank() > first.rank() { next } else { first });
    Ok(first_best.map(|candidate| candidate.source))
}

/// A source that a file may have been.
#[derive(Clone, Copy, Debug)]
struct Candidate {
    score: u64,
    /// Of the same name, in whichever folder.
    is_named: bool,
    source: usize,
}

impl Candidate {
    fn rank(&self) -> (u64, bool) {
        (self.score, self.is_named)
    }
}

/// The best few, in the places that git keeps them in: which of equals wins hangs on that.
#[derive(Default)]
struct Best([Option<Candidate>; N_CANDIDATES]);

impl Best {
    fn offer(&mut self, new: Candidate) {
        let rank = |place: &Option<Candidate>| place.as_ref().map(Candidate::rank);
        let mut worst = 0;
        for n in 1..N_CANDIDATES {
            if rank(&self.0[n]) < rank(&self.0[worst]) {
                worst = n;
            }
        }
        if rank(&self.0[worst]) < Some(new.rank()) {
            self.0[worst] = Some(new);
        }
    }
}

fn name_of(path: &[u8]) -> &[u8] {
    path.rsplit(|byte| *byte == b'/').next().unwrap_or(path)
}

/// A content in lines, long ones in parts, each as a hash with the bytes that have it.
struct Spans {
    n_bytes: u64,
    counts: BTreeMap<u32, u64>,
}

impl Spans {
    fn of(content: &[u8]) -> Self {
        let is_text = !content[..content.len().min(BINARY_PROBE)].contains(&0);
        let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
        let (mut n, mut one, mut two) = (0, 0_u32, 0_u32);
        for (at, byte) in content.iter().enumerate() {
            // The CR of a line break counts for nothing.
            if is_text && *byte == b'\r' && content.get(at + 1) == Some(&b'\n') {
                continue;
            }
            let before = one;
            one = ((one << 7) ^ (two >> 25)).wrapping_add(u32::from(*byte));
            two = (two << 7) ^ (before >> 25);
            n += 1;
            if n < SPAN && *byte != b'\n' {
                continue;
            }
            *counts.entry(hash(one, two)).or_default() += n as u64;
            (n, one, two) = (0, 0, 0);
        }
        if n > 0 {
            *counts.entry(hash(one, two)).or_default() += n as u64;
        }
        Self {
            n_bytes: content.len() as u64,
            counts,
        }
    }

    /// Whether the sizes alone do not say that it is less than `least`.
    fn may_be_like(&self, n_bytes: u64, least: u64) -> bool {
        let (large, small) = (self.n_bytes.max(n_bytes), self.n_bytes.min(n_bytes));
        small > 0 && large * (MAX_SCORE - least) >= (large - small) * MAX_SCORE
    }

    /// How much of the other content is in this one, of the larger of the two.
    fn likeness(&self, other: &Self) -> u64 {
        let large = self.n_bytes.max(other.n_bytes);
        let copied: u64 = other
            .counts
            .iter()
            .map(|(hash, n)| self.counts.get(hash).map_or(0, |here| *n.min(here)))
            .sum();
        copied * MAX_SCORE / large
    }
}

fn hash(one: u32, two: u32) -> u32 {
    one.wrapping_add(two.wrapping_mul(0x61)) % HASH_BASE
}
