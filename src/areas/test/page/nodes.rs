//! The tree of tests: framework, package or file, module, case; each node with the sum of what is below it.

use super::filter::Filter;
use crate::areas::test::frameworks::{CaseId, Framework};
use crate::areas::test::model::{Case, Tests};
use crate::base::State;
use crate::ui::table::row_key;
use crate::ui::tree::{TreeRow, TreeState};
use std::collections::BTreeMap;

/// While tests run, the tree is put together anew at most this often.
const REBUILD_EVERY_MS: i64 = 400;
/// Trees up to this many cases are open at first.
const OPEN_UP_TO: u64 = 80;

/// One node: a group, or a case; tests inside a test stand below it.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    pub(super) key: u64,
    pub(super) label: String,
    pub(super) parent: Option<usize>,
    pub(super) children: Vec<usize>,
    pub(super) case: Option<CaseId>,
    pub(super) sum: Sum,
}

/// What stands below a node.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sum {
    pub(super) n_cases: u64,
    pub(super) n_failed: u64,
    pub(super) n_passed: u64,
    pub(super) n_skipped: u64,
    pub(super) n_flaky: u64,
    pub(super) duration_ms: u64,
}

impl Sum {
    fn add(&mut self, other: Self) {
        self.n_cases += other.n_cases;
        self.n_failed += other.n_failed;
        self.n_passed += other.n_passed;
        self.n_skipped += other.n_skipped;
        self.n_flaky += other.n_flaky;
        self.duration_ms += other.duration_ms;
    }

    fn of(case: &Case) -> Self {
        let state = case.state();
        let is = |wanted: State| u64::from(state == wanted);
        Self {
            n_cases: 1,
            n_failed: is(State::Failed),
            n_passed: is(State::Done),
            n_skipped: is(State::Skipped),
            n_flaky: is(State::Degraded),
            duration_ms: case.duration_ms.unwrap_or(0),
        }
    }

    /// The worst of it.
    pub(super) fn state(&self) -> State {
        if self.n_failed > 0 {
            State::Failed
        } else if self.n_flaky > 0 {
            State::Degraded
        } else if self.n_passed > 0 {
            State::Done
        } else if self.n_skipped > 0 {
            State::Skipped
        } else {
            State::Unknown
        }
    }
}

/// Nodes and visible rows, put together when something of them has changed.
#[derive(Default)]
pub(super) struct Nodes {
    pub(super) nodes: Vec<Node>,
    roots: Vec<usize>,
    pub(super) rows: Vec<TreeRow>,
    /// The node of each row.
    pub(super) row_nodes: Vec<usize>,
    made_from: Option<(String, u64, String)>,
    sums_of: u64,
    /// Cases whose newest result is of other sources.
    pub(super) n_stale: u64,
    rows_of: Option<(u64, usize)>,
    made_at_ms: i64,
    version: u64,
}

impl Nodes {
    /// Follows the model; cheap when nothing has changed.
    pub(super) fn follow(
        &mut self,
        workspace: &str,
        tests: &Tests,
        cases: &BTreeMap<CaseId, Case>,
        filter: &str,
        state: &TreeState,
        now_ms: i64,
    ) {
        let from = (workspace.to_owned(), tests.shape, filter.to_owned());
        let is_other = self
            .made_from
            .as_ref()
            .is_none_or(|made| made.0 != from.0 || made.2 != from.2);
        let is_due = tests.live.is_none() || (now_ms - self.made_at_ms).abs() >= REBUILD_EVERY_MS;
        if self.made_from.as_ref() != Some(&from) && (is_other || is_due) {
            self.build(cases, filter);
            self.made_from = Some(from);
            self.made_at_ms = now_ms;
            self.sums_of = 0;
            self.version += 1;
        }
        if self.sums_of != tests.generation {
            self.sum(cases);
            self.n_stale = tests.n_stale();
            self.sums_of = tests.generation;
            self.version += 1;
        }
        let rows_of = (self.version, state.toggled.len());
        if self.rows_of != Some(rows_of) {
            self.flatten(state);
            self.rows_of = Some(rows_of);
        }
    }

    fn build(&mut self, cases: &BTreeMap<CaseId, Case>, filter: &str) {
        self.nodes.clear();
        self.roots.clear();
        let filter = Filter::parse(filter);
        let mut known: BTreeMap<(Option<usize>, String), usize> = BTreeMap::new();
        let mut of_case: BTreeMap<&CaseId, usize> = BTreeMap::new();
        let mut first = None;
        let has_several = cases
            .keys()
            .any(|case| *first.get_or_insert(case.framework) != case.framework);
        for (id, case) in cases {
            if !filter.shows(id, case) {
                continue;
            }
            // A test stands before those inside it.
            let around = id
                .above()
                .into_iter()
                .rev()
                .find_map(|above| Some((*of_case.get(&above)?, above)));
            let (parent, label) = if let Some((at, above)) = &around {
                (Some(*at), id.name_below(above))
            } else {
                let path = path_of(id, has_several);
                let (leaf, groups) = path
                    .split_last()
                    .map_or(("", &[] as &[&str]), |(leaf, groups)| (*leaf, groups));
                let mut parent = None;
                for word in groups {
                    parent = Some(self.group(parent, word, &mut known));
                }
                (parent, leaf)
            };
            let node = Node {
                key: row_key(&id.text()),
                label: label.to_owned(),
                parent,
                case: Some(id.clone()),
                ..Node::default()
            };
            of_case.insert(id, self.push(parent, node));
        }
    }

    fn group(&mut self, parent: Option<usize>, word: &str, known: &mut BTreeMap<(Option<usize>, String), usize>) -> usize {
        if let Some(at) = known.get(&(parent, word.to_owned())) {
            return *at;
        }
        let above = parent.map_or(0, |parent| self.nodes[parent].key);
        let key = row_key(&format!("{above:x}/{word}"));
        let at = self.push(
            parent,
            Node {
                key,
                label: word.to_owned(),
                parent,
                ..Node::default()
            },
        );
        known.insert((parent, word.to_owned()), at);
        at
    }

    fn push(&mut self, parent: Option<usize>, node: Node) -> usize {
        let at = self.nodes.len();
        self.nodes.push(node);
        match parent {
            Some(parent) => self.nodes[parent].children.push(at),
            None => self.roots.push(at),
        }
        at
    }

    fn sum(&mut self, cases: &BTreeMap<CaseId, Case>) {
        for node in &mut self.nodes {
            node.sum = node
                .case
                .as_ref()
                .and_then(|id| cases.get(id))
                .map(Sum::of)
                .unwrap_or_default();
        }
        // Children stand behind their parents.
        for at in (0..self.nodes.len()).rev() {
            let mut sum = self.nodes[at].sum;
            if let Some(parent) = self.nodes[at].parent {
                if self.nodes[parent].case.is_some() {
                    // The time of a test is also that of those inside it.
                    sum.duration_ms = 0;
                }
                self.nodes[parent].sum.add(sum);
            }
        }
    }

    /// What needs a look first, then by name; open where something failed, and everywhere in a small tree.
    fn flatten(&mut self, state: &TreeState) {
        self.rows.clear();
        self.row_nodes.clear();
        let n_all: u64 = self.roots.iter().map(|root| self.nodes[*root].sum.n_cases).sum();
        let in_order = |nodes: &[Node], mut list: Vec<usize>| {
            list.sort_by_key(|at| (nodes[*at].sum.n_failed == 0, nodes[*at].sum.n_flaky == 0));
            list.reverse();
            list
        };
        let mut stack: Vec<(usize, u16)> = in_order(&self.nodes, self.roots.clone())
            .into_iter()
            .map(|at| (at, 0))
            .collect();
        while let Some((at, depth)) = stack.pop() {
            let node = &self.nodes[at];
            let at_first = node.sum.n_failed > 0 || n_all <= OPEN_UP_TO;
            let open = (!node.children.is_empty()).then(|| state.is_open(node.key, at_first));
            self.rows.push(TreeRow {
                key: node.key,
                depth,
                open,
            });
            self.row_nodes.push(at);
            if open == Some(true) {
                let children = in_order(&self.nodes, node.children.clone());
                stack.extend(children.into_iter().map(|child| (child, depth + 1)));
            }
        }
    }

    pub(super) fn of_row(&self, row: usize) -> Option<&Node> {
        self.nodes.get(*self.row_nodes.get(row)?)
    }

    pub(super) fn of_key(&self, key: u64) -> Option<&Node> {
        let row = self.rows.iter().position(|row| row.key == key)?;
        self.of_row(row)
    }

    /// Every case below a node.
    pub(super) fn cases_of(&self, node: &Node) -> Vec<CaseId> {
        let mut found: Vec<CaseId> = node.case.iter().cloned().collect();
        let mut stack: Vec<usize> = node.children.clone();
        while let Some(at) = stack.pop() {
            let node = &self.nodes[at];
            found.extend(node.case.clone());
            stack.extend(&node.children);
        }
        found.sort();
        found
    }

    /// Unfolds what hides a case.
    pub(super) fn unfold(&mut self, case: &CaseId, state: &mut TreeState) {
        let Some(mut at) = self.nodes.iter().position(|node| node.case.as_ref() == Some(case)) else {
            return;
        };
        let n_all: u64 = self.roots.iter().map(|root| self.nodes[*root].sum.n_cases).sum();
        while let Some(parent) = self.nodes[at].parent {
            let node = &self.nodes[parent];
            if !state.is_open(node.key, node.sum.n_failed > 0 || n_all <= OPEN_UP_TO) {
                state.toggle(node.key);
            }
            at = parent;
        }
        self.rows_of = None;
    }
}

/// The words from the root to the case.
fn path_of(id: &CaseId, has_several: bool) -> Vec<&str> {
    let mut path = Vec::new();
    if has_several {
        path.push(id.framework.word());
    }
    match id.framework {
        Framework::Cargo => path.extend(id.suite.split("::")),
        // Tests of the project at the root need no folder around them.
        Framework::Ctest if id.suite == "." => {}
        _ => path.push(&id.suite),
    }
    path.extend(id.path());
    path
}
