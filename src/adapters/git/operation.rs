//! What git is in the middle of, read from the files that it keeps about it (git's own `wt-status.c` and `sequencer.c` read the same).

use super::GitError;
use super::commit::find;
use super::open::open;
use crate::base::SafeText;
use crate::base::operation::{OperationState, PlanStep, StepAction, StepCommit};
use crate::base::repo::{Operation, short_oid};
use git2::{Oid, Repository};
use std::path::{Path, PathBuf};

/// Planned steps that are told.
const MAX_REST: usize = 200;
/// Commits of a bisect that are counted.
const MAX_COUNTED: usize = 100_000;

/// The unfinished operation, if there is one.
pub(super) fn operation(root: &Path) -> Result<Option<OperationState>, GitError> {
    let repo = open(root)?;
    let n_conflicted = super::conflicts::n_conflicted(&repo, root)?;
    Ok(read(&repo).map(|state| OperationState { n_conflicted, ..state }))
}

struct Files {
    dir: PathBuf,
}

impl Files {
    fn of(repo: &Repository) -> Self {
        Self {
            dir: repo.path().to_path_buf(),
        }
    }

    fn kind(&self) -> Option<Operation> {
        if self.has("rebase-merge") {
            return Some(Operation::Rebase);
        }
        if self.has("rebase-apply") {
            let is_mailbox = self.has("rebase-apply/applying");
            return Some(if is_mailbox {
                Operation::ApplyMailbox
            } else {
                Operation::Rebase
            });
        }
        if self.has("MERGE_HEAD") {
            return Some(Operation::Merge);
        }
        // A commit in the middle of several takes the head away: what is left to do says what it is.
        let todo = self.text("sequencer/todo").unwrap_or_default();
        let is_under_way = |head: &str, word: &str| self.has(head) || todo.starts_with(word);
        if is_under_way("CHERRY_PICK_HEAD", "pick") {
            return Some(Operation::CherryPick);
        }
        if is_under_way("REVERT_HEAD", "revert") {
            return Some(Operation::Revert);
        }
        self.has("BISECT_LOG").then_some(Operation::Bisect)
    }

    fn text(&self, name: &str) -> Option<String> {
        let bytes = std::fs::read(self.dir.join(name)).ok()?;
        Some(String::from_utf8_lossy(&bytes).trim_end().to_owned())
    }

    fn number(&self, name: &str) -> u32 {
        self.text(name).and_then(|text| text.trim().parse().ok()).unwrap_or(0)
    }

    fn has(&self, name: &str) -> bool {
        self.dir.join(name).exists()
    }
}

pub(super) fn read(repo: &Repository) -> Option<OperationState> {
    let files = Files::of(repo);
    Some(match files.kind()? {
        Operation::Rebase if files.has("rebase-merge") => rebase_merge(repo, &files),
        kind @ (Operation::Rebase | Operation::ApplyMailbox) => rebase_apply(repo, &files, kind),
        Operation::Merge => merge(repo, &files),
        Operation::CherryPick => sequence(repo, &files, Operation::CherryPick, "CHERRY_PICK_HEAD"),
        Operation::Revert => sequence(repo, &files, Operation::Revert, "REVERT_HEAD"),
        Operation::Bisect => bisect(repo, &files),
    })
}

/// Which operation is under way, at the cost of a few looks at file names.
pub(super) fn kind(repo: &Repository) -> Option<Operation> {
    Files::of(repo).kind()
}

fn nothing(kind: Operation) -> OperationState {
    OperationState {
        kind,
        step: 0,
        n_steps: 0,
        branch: None,
        onto: None,
        current: None,
        is_edit_stop: false,
        is_found: false,
        rest: Vec::new(),
        n_conflicted: 0,
        n_left: None,
        has_put_away: false,
    }
}

fn rebase_merge(repo: &Repository, files: &Files) -> OperationState {
    let done = files.text("rebase-merge/done").unwrap_or_default();
    let stopped = files.text("rebase-merge/stopped-sha");
    let last = done.lines().rfind(|line| !is_blank(line)).unwrap_or_default();
    let current = stopped.or_else(|| last.split_whitespace().nth(1).map(str::to_owned));
    OperationState {
        step: files.number("rebase-merge/msgnum"),
        n_steps: files.number("rebase-merge/end"),
        branch: files.text("rebase-merge/head-name").as_deref().and_then(branch_of),
        onto: files.text("rebase-merge/onto").map(|oid| name_of(repo, &oid)),
        current: current.and_then(|oid| commit_of(repo, &oid)),
        has_put_away: files.has("rebase-merge/autostash"),
        is_edit_stop: files.has("rebase-merge/amend") && !files.has("MERGE_HEAD") && !files.has("CHERRY_PICK_HEAD"),
        rest: rest(repo, &files.text("rebase-merge/git-rebase-todo").unwrap_or_default()),
        ..nothing(Operation::Rebase)
    }
}

fn rebase_apply(repo: &Repository, files: &Files, kind: Operation) -> OperationState {
    let current = files
        .text("rebase-apply/original-commit")
        .and_then(|oid| commit_of(repo, &oid))
        .or_else(|| {
            let summary = files.text("rebase-apply/final-commit")?;
            Some(StepCommit {
                oid: String::new(),
                summary: SafeText::new(summary.lines().next()?).into_string(),
            })
        });
    OperationState {
        step: files.number("rebase-apply/next"),
        n_steps: files.number("rebase-apply/last"),
        branch: files.text("rebase-apply/head-name").as_deref().and_then(branch_of),
        onto: files.text("rebase-apply/onto").map(|oid| name_of(repo, &oid)),
        current,
        has_put_away: files.has("rebase-apply/autostash"),
        ..nothing(kind)
    }
}

fn merge(repo: &Repository, files: &Files) -> OperationState {
    let heads = files.text("MERGE_HEAD").unwrap_or_default();
    let message = files.text("MERGE_MSG").unwrap_or_default();
    let first = heads.lines().next().unwrap_or_default();
    // `Merge branch 'side' into main`
    let named = message
        .lines()
        .next()
        .and_then(|line| line.split('\'').nth(1))
        .map(|name| SafeText::new(name).into_string());
    OperationState {
        onto: named.or_else(|| Some(name_of(repo, first))),
        current: commit_of(repo, first),
        ..nothing(Operation::Merge)
    }
}

fn sequence(repo: &Repository, files: &Files, kind: Operation, head: &str) -> OperationState {
    let todo = files.text("sequencer/todo").unwrap_or_default();
    let lines = todo.lines().filter(|line| !is_blank(line)).count() as u32;
    let first = todo
        .lines()
        .find(|line| !is_blank(line))
        .and_then(|line| line.split_whitespace().nth(1));
    let current = files.text(head).or_else(|| first.map(str::to_owned));
    let n_done = files.text("sequencer/head").and_then(|before| {
        let (before, now) = (Oid::from_str(before.trim()).ok()?, repo.head().ok()?.target()?);
        Some(repo.graph_ahead_behind(now, before).ok()?.0 as u32)
    });
    let (step, n_steps) = match n_done {
        Some(n_done) if lines > 0 => (n_done + 1, n_done + lines),
        _ => (0, 0),
    };
    let mut rest = rest(repo, &todo);
    // The list begins with the step that is being done.
    if let (Some(next), Some(current)) = (rest.first(), &current)
        && current.starts_with(next.oid.as_str())
    {
        rest.remove(0);
    }
    OperationState {
        step,
        n_steps,
        current: current.and_then(|oid| commit_of(repo, &oid)),
        rest,
        ..nothing(kind)
    }
}

/// The words of a bisect for what is as it was, and what is as it became.
pub(super) struct BisectTerms {
    pub(super) good: String,
    pub(super) bad: String,
}

/// Those that `git bisect start --term-old --term-new`, or its first verdict, chose: the file holds the bad one first.
pub(super) fn bisect_terms(repo: &Repository) -> BisectTerms {
    let text = Files::of(repo).text("BISECT_TERMS").unwrap_or_default();
    let mut lines = text.lines().map(str::trim);
    // What begins like an option, or makes no name of a reference, was written there by somebody else than git.
    let is_term = |word: &&str| !word.starts_with('-') && git2::Reference::is_valid_name(&format!("refs/bisect/{word}"));
    let mut next = |usual: &str| lines.next().filter(is_term).unwrap_or(usual).to_owned();
    let bad = next("bad");
    BisectTerms { good: next("good"), bad }
}

fn bisect(repo: &Repository, files: &Files) -> OperationState {
    let log = files.text("BISECT_LOG").unwrap_or_default();
    // `# first bad commit: [3f9c2ab...] Weigh instances`
    let found = log.lines().rev().find_map(|line| {
        let (oid, _) = line.strip_prefix("# first bad commit: [")?.split_once(']')?;
        commit_of(repo, oid)
    });
    let n_verdicts = log.lines().filter(|line| line.starts_with("git bisect ")).count() as u32;
    OperationState {
        // The first line is `git bisect start`.
        step: n_verdicts.saturating_sub(1),
        branch: files.text("BISECT_START").map(|name| SafeText::new(&name).into_string()),
        is_found: found.is_some(),
        n_left: n_left(repo).filter(|_| found.is_none()),
        current: found.or_else(|| repo.head().ok().and_then(|head| commit_of(repo, &head.target()?.to_string()))),
        ..nothing(Operation::Bisect)
    }
}

/// Commits that are in the bad one and in no good one; None before both ends are known, and where there are too many to be counted.
fn n_left(repo: &Repository) -> Option<u32> {
    let mut walk = repo.revwalk().ok()?;
    let terms = bisect_terms(repo);
    walk.push_ref(&format!("refs/bisect/{}", terms.bad)).ok()?;
    let mut n_good = 0;
    for good in repo.references_glob(&format!("refs/bisect/{}-*", terms.good)).ok()?.flatten() {
        walk.hide(good.target()?).ok()?;
        n_good += 1;
    }
    let n = walk.take(MAX_COUNTED + 1).count();
    (n_good > 0 && n <= MAX_COUNTED).then_some(n as u32)
}

fn is_blank(line: &str) -> bool {
    line.trim().is_empty() || line.starts_with('#')
}

fn branch_of(reference: &str) -> Option<String> {
    reference
        .strip_prefix("refs/heads/")
        .map(|name| SafeText::new(name).into_string())
}

/// A branch that stands at the commit, or its first digits.
fn name_of(repo: &Repository, oid: &str) -> String {
    let oid = oid.trim();
    let named = repo.branches(None).into_iter().flatten().flatten().find(|(branch, _)| {
        let target = branch.get().target();
        target.is_some_and(|target| target.to_string() == oid)
    });
    match named.and_then(|(branch, _)| branch.name_bytes().map(<[u8]>::to_vec).ok()) {
        Some(name) => SafeText::from_bytes(&name).into_string(),
        None => short_oid(oid).to_owned(),
    }
}

fn commit_of(repo: &Repository, oid: &str) -> Option<StepCommit> {
    let commit = find(repo, oid.trim()).ok()?;
    let message = String::from_utf8_lossy(commit.message_bytes()).into_owned();
    Some(StepCommit {
        oid: commit.id().to_string(),
        summary: SafeText::new(message.trim_start().lines().next().unwrap_or_default()).into_string(),
    })
}

/// Lines like `pick 3f9c2ab # Weigh instances`; of the others only commands and stops are told.
fn rest(repo: &Repository, todo: &str) -> Vec<PlanStep> {
    let lines = todo.lines().filter(|line| !is_blank(line));
    let steps = lines.filter_map(|line| {
        let mut words = line.split_whitespace();
        let action = match words.next()? {
            "revert" => StepAction::Pick,
            word => StepAction::of_word(word)?,
        };
        if !action.has_commit() {
            return Some(PlanStep {
                action,
                summary: SafeText::new(&words.collect::<Vec<_>>().join(" ")).into_string(),
                ..PlanStep::default()
            });
        }
        let oid = words.find(|word| !word.starts_with('-'))?;
        let commit = commit_of(repo, oid)?;
        Some(PlanStep {
            action,
            oid: commit.oid,
            summary: commit.summary,
            ..PlanStep::default()
        })
    });
    steps.take(MAX_REST).collect()
}
