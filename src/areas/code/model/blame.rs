//! What is known of a blamed file, line by line. Pure.

use super::BlameKey;
use crate::base::blame::{BlameCommit, BlameRun};
use crate::base::{GitPath, Loadable};

/// A file and who wrote its lines, as far as it was found.
#[derive(Clone, Debug)]
pub struct BlameModel {
    pub what: BlameKey,
    /// The commit, None for the files of the checkout.
    pub rev: Option<String>,
    pub path: GitPath,
    pub lines: Vec<String>,
    /// The line to show.
    pub line: Option<u32>,
    pub commits: Vec<BlameCommit>,
    /// By line: one more than the commit's number, 0 while nothing is known; and the line in the commit's file.
    known: Vec<(u32, u32)>,
    pub n_known: usize,
    pub state: Loadable<()>,
}

impl BlameModel {
    pub(super) fn new(what: BlameKey, line: Option<u32>) -> Self {
        Self {
            path: what.path.clone(),
            what,
            rev: None,
            lines: Vec::new(),
            line,
            commits: Vec::new(),
            known: Vec::new(),
            n_known: 0,
            state: Loadable::Loading { previous: None },
        }
    }

    pub(super) fn learn_text(&mut self, rev: Option<String>, path: GitPath, lines: Vec<String>) {
        self.known = vec![(0, 0); lines.len()];
        (self.rev, self.path, self.lines) = (rev, path, lines);
    }

    pub(super) fn learn_runs(&mut self, commits: Vec<BlameCommit>, runs: &[BlameRun]) {
        self.commits.extend(commits);
        for run in runs {
            let first = run.line as usize;
            let lines = self.known.get_mut(first..first + run.n as usize).unwrap_or_default();
            for (n, known) in lines.iter_mut().enumerate() {
                *known = (run.commit + 1, run.original + n as u32);
                self.n_known += 1;
            }
        }
    }

    /// The commit's number.
    pub fn number_of(&self, line: u32) -> Option<u32> {
        self.known.get(line as usize)?.0.checked_sub(1)
    }

    pub fn commit_of(&self, line: u32) -> Option<&BlameCommit> {
        self.commits.get(self.number_of(line)? as usize)
    }

    /// The line in the commit's file, from 0.
    pub fn original(&self, line: u32) -> Option<u32> {
        self.number_of(line)?;
        self.known.get(line as usize).map(|known| known.1)
    }

    /// The line above came with another commit.
    pub fn is_head(&self, line: u32) -> bool {
        line.checked_sub(1)
            .is_none_or(|above| self.number_of(above) != self.number_of(line))
    }
}
