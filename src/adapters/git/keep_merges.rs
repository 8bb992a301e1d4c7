//! The list of a rebase that makes the merges again (git-rebase(1), "Rebasing merges"): stretches of commits, each begun where its first
//! commit stood, with names for what others stand on or merge.

use super::rebase::{Lines, MAX_STEPS};
use super::{GitError, commit::find};
use crate::base::operation::RebasePlan;
use crate::base::repo::short_oid;
use git2::{Oid, Repository, Sort};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What stays below everything, by git's own name for it.
const ONTO: &str = "onto";

/// The commits between a base and HEAD, the oldest first, in stretches.
#[derive(Debug, Default)]
pub(super) struct Shape {
    base: Option<Oid>,
    nodes: Vec<Node>,
}

#[derive(Debug)]
struct Node {
    oid: Oid,
    parents: Vec<Oid>,
    /// Commits of one number follow each other without anything in between.
    run: u32,
    /// It stands on what comes before it in the list.
    continues: bool,
    /// Others than the next one stand on it or merge it.
    is_named: bool,
}

impl Shape {
    pub(super) fn read(repo: &Repository, root: &Path, base: Option<Oid>, head: Oid) -> Result<Self, GitError> {
        let of = |error| GitError::of(root, error);
        let mut walk = repo.revwalk().map_err(of)?;
        walk.set_sorting(Sort::TOPOLOGICAL | Sort::REVERSE).map_err(of)?;
        walk.push(head).map_err(of)?;
        if let Some(base) = base {
            walk.hide(base).map_err(of)?;
        }
        let (mut all, mut n_steps) = (Vec::new(), 0);
        for oid in walk {
            let commit = repo.find_commit(oid.map_err(of)?).map_err(of)?;
            n_steps += usize::from(commit.parent_count() < 2);
            if n_steps > MAX_STEPS {
                return Err(GitError::TooManySteps(MAX_STEPS));
            }
            all.push((commit.id(), commit.parent_ids().collect::<Vec<_>>()));
        }
        let mut named: BTreeSet<Oid> = BTreeSet::new();
        let mut before = base;
        for (oid, parents) in &all {
            let stands_on = parents.first().copied();
            named.extend(stands_on.filter(|parent| Some(*parent) != before));
            named.extend(parents.iter().skip(1));
            before = Some(*oid);
        }
        let (mut before, mut run, mut is_over) = (base, 0, false);
        let mut nodes: Vec<Node> = Vec::with_capacity(all.len());
        for (oid, parents) in all {
            let continues = parents.first().copied() == before;
            let is_merge = parents.len() > 1;
            run += u32::from(!nodes.is_empty() && (!continues || is_merge || is_over));
            is_over = is_merge || named.contains(&oid);
            before = Some(oid);
            nodes.push(Node {
                oid,
                parents,
                run,
                continues,
                is_named: named.contains(&oid),
            });
        }
        Ok(Self { base, nodes })
    }

    /// The commits, their stretches, and whether they are merges.
    pub(super) fn commits(&self) -> impl Iterator<Item = (Oid, u32, bool)> {
        self.nodes.iter().map(|node| (node.oid, node.run, node.parents.len() > 1))
    }

    /// By commit, which are in one stretch.
    pub(super) fn runs(&self) -> BTreeMap<String, u32> {
        self.commits().map(|(oid, run, _)| (oid.to_string(), run)).collect()
    }

    /// The list, with the steps of the plan in the places of their commits.
    pub(super) fn list(&self, repo: &Repository, root: &Path, plan: &RebasePlan) -> Result<String, GitError> {
        let steps = plan.stretches();
        let mut lines = Lines::default();
        if self.needs_onto() {
            lines.line("label", ONTO);
        }
        let mut at = 0;
        while let Some(first) = self.nodes.get(at) {
            let n = self.nodes[at..].iter().take_while(|node| node.run == first.run).count();
            let stretch = &self.nodes[at..at + n];
            at += n;
            if !first.continues {
                lines.flush();
                let below = first.parents.first();
                lines.line("reset", &below.map_or_else(|| "[new root]".to_owned(), |oid| self.name(*oid)));
            }
            if first.parents.len() > 1 {
                lines.flush();
                let others: Vec<String> = first.parents[1..].iter().map(|oid| self.name(*oid)).collect();
                let commit = find(repo, &first.oid.to_string())?;
                let subject = String::from_utf8_lossy(commit.summary_bytes().unwrap_or_default()).into_owned();
                lines.line("merge -C", &format!("{} {} # {subject}", first.oid, others.join(" ")));
            }
            for step in steps.get(&first.run).into_iter().flatten() {
                lines.step(repo, root, plan, *step)?;
            }
            let named = stretch.iter().filter(|node| node.is_named);
            named.for_each(|node| lines.wait(format!("label {}", self.name(node.oid))));
        }
        Ok(lines.end())
    }

    /// The word for a commit in the list: a label's, or its own where it is none of those that are made again.
    fn name(&self, oid: Oid) -> String {
        if Some(oid) == self.base {
            ONTO.to_owned()
        } else if self.nodes.iter().any(|node| node.oid == oid) {
            format!("at-{}", short_oid(&oid.to_string()))
        } else {
            oid.to_string()
        }
    }

    fn needs_onto(&self) -> bool {
        self.base.is_some_and(|base| {
            let begins = |node: &Node| !node.continues && node.parents.first() == Some(&base);
            self.nodes
                .iter()
                .any(|node| begins(node) || node.parents.iter().skip(1).any(|oid| *oid == base))
        })
    }
}
