//! The search itself, pure: which commits are still suspected, and which ones to look at next. Halves the range as `git bisect` does,
//! over merges too; with several places it cuts the range into as many parts more.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Exact counts of ancestors take this many commits squared in bits; beyond it the order of the commits stands in for them.
const EXACT: usize = 8192;

/// What one look at a commit said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Good,
    Bad,
    /// It can not be told: exit code 125, or it can not be built.
    Skip,
}

/// How looks that contradict each other are read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// The bad end fails every time: one pass means good.
    #[default]
    PassMeansGood,
    /// The bad end fails now and then: one failure means bad.
    FailureMeansBad,
}

/// One verdict of several looks.
pub fn read(looks: &[Verdict], reading: Reading) -> Option<Verdict> {
    let has = |verdict| looks.contains(&verdict);
    match reading {
        _ if looks.is_empty() => None,
        Reading::PassMeansGood if has(Verdict::Good) => Some(Verdict::Good),
        Reading::FailureMeansBad if has(Verdict::Bad) => Some(Verdict::Bad),
        _ if has(Verdict::Bad) => Some(Verdict::Bad),
        _ if has(Verdict::Good) => Some(Verdict::Good),
        _ => Some(Verdict::Skip),
    }
}

/// The commits between a good and a bad one.
#[derive(Clone, Debug, Default)]
pub struct Range {
    /// Oldest first, each behind its parents; the bad end is the last.
    pub commits: Vec<String>,
    /// Positions of the parents inside the range.
    parents: Vec<Vec<usize>>,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Look at these positions, all of them apart.
    Probe(Vec<usize>),
    /// This one is the first bad commit.
    Found(usize),
    /// Only commits that can not be told are left beside the last one, which is bad.
    Unclear(Vec<usize>),
}

impl Range {
    /// `commits`: oldest first, each with its parents; parents outside are left out.
    pub fn new(commits: Vec<(String, Vec<String>)>) -> Self {
        let at: BTreeMap<&str, usize> = commits.iter().enumerate().map(|(i, (oid, _))| (oid.as_str(), i)).collect();
        let parents = commits
            .iter()
            .map(|(_, parents)| parents.iter().filter_map(|oid| at.get(oid.as_str()).copied()).collect())
            .collect();
        Self {
            parents,
            commits: commits.into_iter().map(|(oid, _)| oid).collect(),
        }
    }

    /// A commit and everything before it in the range.
    fn with_ancestors(&self, of: usize) -> BTreeSet<usize> {
        let mut seen = BTreeSet::from([of]);
        let mut waiting = VecDeque::from([of]);
        while let Some(at) = waiting.pop_front() {
            for parent in &self.parents[at] {
                if seen.insert(*parent) {
                    waiting.push_back(*parent);
                }
            }
        }
        seen
    }

    /// Who may still be the first bad commit; the last of them is known to be bad. Empty when a good commit has every bad one before it.
    pub fn suspects(&self, verdicts: &BTreeMap<String, Verdict>) -> Vec<usize> {
        let Some(last) = self.commits.len().checked_sub(1) else {
            return Vec::new();
        };
        let of = |i: usize| verdicts.get(&self.commits[i]).copied();
        let mut left = self.with_ancestors(last);
        // The oldest known bad commit narrows most.
        for i in (0..=last).filter(|i| of(*i) == Some(Verdict::Bad)) {
            if left.contains(&i) {
                let before = self.with_ancestors(i);
                left.retain(|at| before.contains(at));
            }
        }
        for i in (0..=last).filter(|i| of(*i) == Some(Verdict::Good)) {
            if left.contains(&i) {
                let before = self.with_ancestors(i);
                left.retain(|at| !before.contains(at));
            }
        }
        left.into_iter().collect()
    }

    /// At most `n` commits to look at now.
    pub fn next(&self, verdicts: &BTreeMap<String, Verdict>, n: usize) -> Next {
        let suspects = self.suspects(verdicts);
        let Some((bad, others)) = suspects.split_last() else {
            return Next::Unclear(Vec::new());
        };
        if others.is_empty() {
            return Next::Found(*bad);
        }
        let is_open = |i: &usize| !verdicts.contains_key(&self.commits[*i]);
        let open: Vec<usize> = others.iter().copied().filter(is_open).collect();
        if open.is_empty() {
            return Next::Unclear(suspects);
        }
        let weights = self.weights(&suspects);
        let whole = suspects.len();
        let mut chosen: Vec<usize> = Vec::new();
        for part in 1..=n.max(1) {
            // A bad verdict leaves `weight` suspects, a good one the others.
            let wanted = whole * part / (n.max(1) + 1);
            let best = open
                .iter()
                .filter(|i| !chosen.contains(i))
                .min_by_key(|i| (weights[*i].abs_diff(wanted.max(1)), **i));
            chosen.extend(best.copied());
        }
        chosen.sort_unstable();
        Next::Probe(chosen)
    }

    /// How many suspects each suspect has before it, itself included.
    fn weights(&self, suspects: &[usize]) -> BTreeMap<usize, usize> {
        let place: BTreeMap<usize, usize> = suspects.iter().enumerate().map(|(place, i)| (*i, place)).collect();
        let inside = |i: usize| {
            self.parents[i]
                .iter()
                .filter_map(|parent| place.get(parent).copied())
                .collect::<Vec<_>>()
        };
        let is_line = suspects.iter().enumerate().all(|(place, i)| {
            let parents = inside(*i);
            parents.len() <= 1 && (place == 0 || parents == [place - 1])
        });
        if is_line || suspects.len() > EXACT {
            return place.into_iter().map(|(i, place)| (i, place + 1)).collect();
        }
        let n_words = suspects.len().div_ceil(64);
        let mut sets: Vec<Vec<u64>> = Vec::with_capacity(suspects.len());
        for (place, i) in suspects.iter().enumerate() {
            let mut set = vec![0_u64; n_words];
            for parent in inside(*i) {
                for (word, of_parent) in set.iter_mut().zip(&sets[parent]) {
                    *word |= of_parent;
                }
            }
            set[place / 64] |= 1 << (place % 64);
            sets.push(set);
        }
        let count = |set: &Vec<u64>| set.iter().map(|word| word.count_ones() as usize).sum();
        suspects.iter().copied().zip(sets.iter().map(count)).collect()
    }
}

/// Looks that a search of `n` suspects takes at most when one is made after the other, or rounds of `at_once` looks.
pub fn most_steps(n: usize, at_once: usize) -> u32 {
    let (mut left, mut steps) = (n.max(1), 0);
    while left > 1 {
        left = left.div_ceil(at_once.max(1) + 1);
        steps += 1;
    }
    steps
}
