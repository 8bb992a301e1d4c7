//! All renames of a difference, as `git diff -M` finds them: equal content first, then the only files of one name, then the likest.

use super::{Best, Candidate, LEAST, LEAST_SAME_NAME, Spans, name_of};
use git2::Oid;
use std::collections::{BTreeMap, HashMap};

/// Sources times new files that are still compared (`diff.renameLimit`, squared).
const MAX_PAIRS: usize = 1_000_000;
/// Sources of equal content that are looked at.
const MAX_SAME: usize = 100;

/// A file that went away, or one that came.
pub(in super::super) struct File {
    pub(in super::super) path: Vec<u8>,
    pub(in super::super) id: Oid,
    /// As git takes it: `100644`, `120000` ...
    pub(in super::super) mode: u32,
    pub(in super::super) n_bytes: u64,
}

impl File {
    fn is_regular(&self) -> bool {
        self.mode & 0o170_000 == 0o100_000
    }
}

/// One side, its contents measured when they are first needed.
struct Side<'a> {
    files: &'a [File],
    spans: Vec<Option<Option<Spans>>>,
}

impl<'a> Side<'a> {
    fn new(files: &'a [File]) -> Self {
        Self {
            files,
            spans: files.iter().map(|_| None).collect(),
        }
    }

    fn measure(&mut self, at: usize, read: &mut dyn FnMut(&File) -> Option<Vec<u8>>) {
        let file = &self.files[at];
        self.spans[at].get_or_insert_with(|| read(file).map(|content| Spans::of(&content)));
    }

    fn spans(&self, at: usize) -> Option<&Spans> {
        self.spans[at].as_ref()?.as_ref()
    }
}

/// For every new file the place of the one that went away and became it. Both lists are sorted by path; `read` gives a content, or
/// None where it is too large to be compared.
pub(in super::super) fn pairs(gone: &[File], new: &[File], read: &mut dyn FnMut(&File) -> Option<Vec<u8>>) -> Vec<Option<usize>> {
    let mut found = vec![None; new.len()];
    let mut is_used = vec![false; gone.len()];
    same_content(gone, new, &mut found, &mut is_used);
    let (mut old, mut now) = (Side::new(gone), Side::new(new));
    let mut score = |from: usize, to: usize, least: u64| -> u64 {
        let (one, two) = (&gone[from], &new[to]);
        let (large, small) = (one.n_bytes.max(two.n_bytes), one.n_bytes.min(two.n_bytes));
        let may_be_like = small > 0 && large * (super::MAX_SCORE - least) >= (large - small) * super::MAX_SCORE;
        if !one.is_regular() || !two.is_regular() || !may_be_like {
            return 0;
        }
        old.measure(from, read);
        now.measure(to, read);
        match (old.spans(from), now.spans(to)) {
            (Some(one), Some(two)) => two.likeness(one),
            _ => 0,
        }
    };
    for (from, to) in same_names(gone, new, &found, &is_used) {
        if score(from, to, LEAST_SAME_NAME) >= LEAST_SAME_NAME {
            (found[to], is_used[from]) = (Some(from), true);
        }
    }
    let sources: Vec<usize> = (0..gone.len()).filter(|from| !is_used[*from]).collect();
    let targets: Vec<usize> = (0..new.len()).filter(|to| found[*to].is_none()).collect();
    if sources.len() * targets.len() > MAX_PAIRS {
        return found;
    }
    let mut candidates: Vec<(usize, Candidate)> = Vec::new();
    for to in targets {
        let mut best = Best::default();
        for from in &sources {
            best.offer(Candidate {
                score: score(*from, to, LEAST),
                is_named: name_of(&gone[*from].path) == name_of(&new[to].path),
                source: *from,
            });
        }
        candidates.extend(best.0.into_iter().flatten().map(|candidate| (to, candidate)));
    }
    // Equals stay in their order.
    candidates.sort_by_key(|(_, candidate)| std::cmp::Reverse(candidate.rank()));
    for (to, candidate) in candidates.into_iter().filter(|(_, candidate)| candidate.score >= LEAST) {
        if found[to].is_none() && !is_used[candidate.source] {
            (found[to], is_used[candidate.source]) = (Some(candidate.source), true);
        }
    }
    found
}

/// Equal content: one of the same name if there is one, else the first that is left.
fn same_content(gone: &[File], new: &[File], found: &mut [Option<usize>], is_used: &mut [bool]) {
    let mut by_id: HashMap<Oid, Vec<usize>> = HashMap::new();
    for (from, file) in gone.iter().enumerate() {
        by_id.entry(file.id).or_default().push(from);
    }
    for (to, file) in new.iter().enumerate() {
        let mut best: Option<(bool, usize)> = None;
        let same = by_id.get(&file.id).map(Vec::as_slice).unwrap_or_default();
        let fitting = same.iter().filter(|from| {
            let source = &gone[**from];
            (source.is_regular() && file.is_regular()) || source.mode == file.mode
        });
        for from in fitting.take(MAX_SAME).filter(|from| !is_used[**from]) {
            let is_named = name_of(&gone[*from].path) == name_of(&file.path);
            if best.is_none_or(|(best, _)| is_named && !best) {
                best = Some((is_named, *from));
            }
        }
        if let Some((_, from)) = best {
            (found[to], is_used[from]) = (Some(from), true);
        }
    }
}

/// Names that only one file that went away and one new file have, of those that are left, by the place of the source.
fn same_names(gone: &[File], new: &[File], found: &[Option<usize>], is_used: &[bool]) -> Vec<(usize, usize)> {
    let mut names: BTreeMap<&[u8], (Vec<usize>, Vec<usize>)> = BTreeMap::new();
    for (from, file) in gone.iter().enumerate().filter(|(from, _)| !is_used[*from]) {
        names.entry(name_of(&file.path)).or_default().0.push(from);
    }
    for (to, file) in new.iter().enumerate().filter(|(to, _)| found[*to].is_none()) {
        names.entry(name_of(&file.path)).or_default().1.push(to);
    }
    let only = |(from, to): &(Vec<usize>, Vec<usize>)| match (from.as_slice(), to.as_slice()) {
        ([from], [to]) => Some((*from, *to)),
        _ => None,
    };
    names.values().filter_map(only).collect()
}
