//! What git is in the middle of, the plan of a rebase, and files in conflict, as plain data.

use super::repo::Operation;
use super::{GitPath, Timestamp};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::ops::Range;

/// A merge, rebase, pick, revert, bisect or mailbox that is not finished.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperationState {
    pub kind: Operation,
    /// Counted from 1; 0 when git does not count.
    pub step: u32,
    pub n_steps: u32,
    /// The branch that is rebased, when HEAD was on one.
    pub branch: Option<String>,
    /// What is merged in, or where the commits go.
    pub onto: Option<String>,
    /// The commit that is being applied, merged or looked at.
    pub current: Option<StepCommit>,
    /// It stopped because the plan says so, and not because of a conflict.
    pub is_edit_stop: bool,
    /// A bisect that has found its commit, which is `current`: only its end is left.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_found: bool,
    /// What follows, as far as it is planned.
    pub rest: Vec<PlanStep>,
    pub n_conflicted: u32,
    /// Of a bisect: commits among which the one that is looked for stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub n_left: Option<u32>,
    /// Changes that were not committed were put away and come back at its end.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub has_put_away: bool,
}

impl OperationState {
    /// Verdicts that a bisect still needs, about.
    pub fn n_verdicts_left(&self) -> u32 {
        self.n_left.map_or(0, |n| n.max(1).ilog2())
    }

    /// Whether the current step can be left out.
    pub fn can_skip(&self) -> bool {
        self.kind != Operation::Merge
    }

    /// Whether `continue` means something to it: a bisect goes on by a verdict.
    pub fn can_continue(&self) -> bool {
        self.kind != Operation::Bisect
    }
}

/// A commit named in a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepCommit {
    pub oid: String,
    pub summary: String,
}

/// What a rebase does with one commit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepAction {
    #[default]
    Pick,
    /// Keeps the change, under another message.
    Reword,
    /// Stops there, so that the commit can be changed.
    Edit,
    /// Joins the commit before it; the messages are joined too, unless one is given.
    Squash,
    /// Joins the commit before it, whose message stays.
    Fixup,
    Drop,
    /// Runs a command, which is the step's summary, and stops when it fails.
    Exec,
    /// Stops there.
    Break,
}

impl StepAction {
    pub const ALL: [Self; 8] = [
        Self::Pick,
        Self::Reword,
        Self::Edit,
        Self::Squash,
        Self::Fixup,
        Self::Drop,
        Self::Exec,
        Self::Break,
    ];

    /// git's word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pick => "pick",
            Self::Reword => "reword",
            Self::Edit => "edit",
            Self::Squash => "squash",
            Self::Fixup => "fixup",
            Self::Drop => "drop",
            Self::Exec => "exec",
            Self::Break => "break",
        }
    }

    fn letter(self) -> &'static str {
        match self {
            Self::Exec => "x",
            action => &action.word()[..1],
        }
    }

    /// It is about a commit.
    pub fn has_commit(self) -> bool {
        !matches!(self, Self::Exec | Self::Break)
    }

    /// From git's word or its one letter.
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|action| action.word() == word || action.letter() == word)
    }

    /// It needs a commit before it to join.
    pub fn joins(self) -> bool {
        matches!(self, Self::Squash | Self::Fixup)
    }
}

/// One line of a rebase's plan.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanStep {
    pub action: StepAction,
    #[serde(default)]
    pub oid: String,
    #[serde(default)]
    pub summary: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub author: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authored: Option<Timestamp>,
    /// The whole message as it is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub old_message: String,
    /// The message that a reword gives, or that joined commits get.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Another repository has the commit already.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_published: bool,
    /// Other branches that stand on the commit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub branches: Vec<String>,
    /// While merges are kept, commits of one number may change places.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub run: u32,
}

fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// The commits after a base, the oldest first, and what shall become of each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RebasePlan {
    /// The commit that stays below all of them, in full; None starts at the very first commit.
    pub base: Option<String>,
    /// The first line of the commit that they will stand on.
    #[serde(default)]
    pub base_summary: String,
    /// Where they go, when it is not the base.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub onto: Option<String>,
    /// The current branch; None when HEAD is detached.
    #[serde(default)]
    pub branch: Option<String>,
    /// The commit that it was read from, in full; None in one that somebody wrote: it is not carried out on another one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<String>,
    pub steps: Vec<PlanStep>,
    /// Merges in between.
    #[serde(default)]
    pub n_merges: u32,
    /// They are made again; else they are left out, and what they joined follows one after the other.
    #[serde(default)]
    pub keeps_merges: bool,
    /// The branches of the steps go to what becomes of their commits (`rebase.updateRefs`).
    #[serde(default)]
    pub moves_branches: bool,
}

/// Why a plan can not be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PlanFault {
    Empty,
    /// Nothing stands before this step that it could join.
    NothingToJoin(usize),
    /// A reword without a message.
    NoMessage(usize),
    /// A step that runs nothing.
    NoCommand(usize),
    /// It would change places with a commit of another branch that is merged.
    AcrossMerges(usize),
}

impl RebasePlan {
    /// Other branches that stand on its commits.
    pub fn branches(&self) -> impl Iterator<Item = &str> {
        self.steps.iter().flat_map(|step| &step.branches).map(String::as_str)
    }

    /// The first thing that is wrong.
    pub fn fault(&self) -> Option<PlanFault> {
        if self.steps.is_empty() {
            return Some(PlanFault::Empty);
        }
        let mut has_commit = false;
        for (at, step) in self.steps.iter().enumerate() {
            if step.action.joins() && !has_commit {
                return Some(PlanFault::NothingToJoin(at));
            }
            let is_blank = |message: &String| message.trim().is_empty();
            let no_message = step.message.as_ref().map_or(step.action == StepAction::Reword, is_blank);
            if no_message && matches!(step.action, StepAction::Reword | StepAction::Squash) {
                return Some(PlanFault::NoMessage(at));
            }
            if step.action == StepAction::Exec && step.summary.trim().is_empty() {
                return Some(PlanFault::NoCommand(at));
            }
            has_commit |= step.action != StepAction::Drop && step.action.has_commit();
        }
        let mut highest = 0;
        for (at, run) in self.runs().into_iter().enumerate().filter(|_| self.keeps_merges) {
            if run < highest {
                return Some(PlanFault::AcrossMerges(at));
            }
            highest = run;
        }
        None
    }

    /// Gives each step the number of its commit's stretch.
    pub fn set_runs(&mut self, runs: &BTreeMap<String, u32>) {
        for step in &mut self.steps {
            step.run = runs.get(&step.oid).copied().unwrap_or(0);
        }
    }

    /// Of each step, the stretch that it is in: what joins a commit or runs something goes where the step before it is.
    fn runs(&self) -> Vec<u32> {
        let mut before = 0;
        let mut runs = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            if step.action.has_commit() && !step.action.joins() {
                before = step.run;
            }
            runs.push(before);
        }
        runs
    }

    /// The places of the steps, by stretch.
    pub fn stretches(&self) -> BTreeMap<u32, Vec<usize>> {
        let mut found: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (at, run) in self.runs().into_iter().enumerate() {
            found.entry(run).or_default().push(at);
        }
        found
    }

    /// Puts `fixup!`, `squash!` and `amend!` commits behind the commits that they mean, as `git rebase --autosquash` does.
    pub fn autosquash(&mut self) {
        let mut steps: Vec<PlanStep> = Vec::with_capacity(self.steps.len());
        for step in std::mem::take(&mut self.steps) {
            let target = squash_target(&step.summary).and_then(|(action, wanted)| {
                let found = steps.iter().position(|known| means(known, wanted))?;
                Some((action, found))
            });
            let Some((action, found)) = target else {
                steps.push(step);
                continue;
            };
            let message = step
                .summary
                .starts_with("amend! ")
                .then(|| body_of(&step.old_message))
                .or(step.message);
            // Behind everything that already joins the same commit.
            let n_joined = steps[found + 1..].iter().take_while(|known| known.action.joins()).count();
            steps.insert(found + 1 + n_joined, PlanStep { action, message, ..step });
        }
        self.steps = steps;
    }

    /// Steps that change, move, join or drop a commit which another repository has.
    pub fn n_published(&self) -> usize {
        self.steps.iter().filter(|step| step.is_published).count()
    }
}

/// `fixup! Fix the clock` joins the commit of that message.
fn squash_target(summary: &str) -> Option<(StepAction, &str)> {
    let (prefix, rest) = summary.split_once("! ")?;
    let action = match prefix {
        "fixup" => StepAction::Fixup,
        // What an `amend!` says below its first line is the new message.
        "squash" | "amend" => StepAction::Squash,
        _ => return None,
    };
    let mut wanted = rest.trim();
    while let Some(inner) = ["fixup! ", "squash! ", "amend! "]
        .iter()
        .find_map(|prefix| wanted.strip_prefix(prefix))
    {
        wanted = inner.trim();
    }
    Some((action, wanted))
}

fn body_of(message: &str) -> String {
    let (_, body) = message.trim_start().split_once("\n\n").unwrap_or_default();
    body.trim().to_owned()
}

fn means(step: &PlanStep, wanted: &str) -> bool {
    let is_id = wanted.len() >= 4 && step.oid.starts_with(wanted);
    !step.action.joins() && (step.summary.starts_with(wanted) || is_id)
}

/// How two sides collided at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConflictKind {
    BothModified,
    BothAdded,
    BothDeleted,
    DeletedByUs,
    DeletedByThem,
    AddedByUs,
    AddedByThem,
}

/// What stands at a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConflictSort {
    /// Can be merged block by block.
    Text,
    Binary,
    Submodule,
    Link,
    /// The sides are of different kinds: a file and a link, or a file and a submodule.
    Mixed,
}

/// One version of a file in conflict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictSide {
    pub mode: u32,
    pub oid: String,
    /// Bytes; 0 for a submodule.
    pub size: u64,
}

/// A path that git could not merge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictFile {
    pub path: GitPath,
    pub kind: ConflictKind,
    pub sort: ConflictSort,
    pub base: Option<ConflictSide>,
    pub ours: Option<ConflictSide>,
    pub theirs: Option<ConflictSide>,
    /// One side renamed the file from here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renamed_from: Option<GitPath>,
    /// Both sides are executable or not in different ways.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_mode_conflict: bool,
}

impl ConflictFile {
    /// Both sides are there as text: it can be resolved block by block.
    pub fn has_blocks(&self) -> bool {
        self.sort == ConflictSort::Text && self.ours.is_some() && self.theirs.is_some()
    }
}

/// One side of a conflict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    Base,
    Ours,
    Theirs,
}

/// How a stretch of three versions relates.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SegmentKind {
    /// All three say the same.
    Same,
    /// Only our side changed it.
    Ours,
    Theirs,
    /// Both changed it alike.
    Both,
    Conflict,
}

/// A stretch of lines: where it stands in each version, counted from 0.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Segment {
    pub kind: SegmentKind,
    pub base: Range<usize>,
    pub ours: Range<usize>,
    pub theirs: Range<usize>,
}

/// What a conflicting stretch becomes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "take", rename_all = "snake_case")]
pub enum Choice {
    /// Not decided.
    #[default]
    Open,
    Ours,
    Theirs,
    Base,
    OursThenTheirs,
    TheirsThenOurs,
    /// These lines instead.
    Edited {
        text: String,
    },
}

/// A text file in conflict, laid out for the editor. Lines are made safe to show and have no line end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConflictText {
    pub file: ConflictFile,
    pub segments: Vec<Segment>,
    pub base: Vec<String>,
    pub ours: Vec<String>,
    pub theirs: Vec<String>,
    /// `HEAD (main)`, and what is merged in.
    pub ours_name: String,
    pub theirs_name: String,
    /// The lines are the whole truth (UTF-8 without control characters): a stretch can be typed anew.
    pub is_typable: bool,
    /// Somebody edited the file since git wrote it with its marks.
    pub is_edited: bool,
}

impl ConflictText {
    pub fn n_conflicts(&self) -> usize {
        self.segments
            .iter()
            .filter(|segment| segment.kind == SegmentKind::Conflict)
            .count()
    }
}

/// How a file in conflict shall be resolved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "how", rename_all = "snake_case")]
pub enum Resolution {
    /// The file as this side has it; gone when the side has none.
    Whole { side: Side },
    /// One choice for each conflicting stretch, the rest as git merges it.
    Blocks { choices: Vec<Choice> },
    /// The same choice for every conflicting stretch.
    EveryBlock { choice: Choice },
    /// The file as it stands among the files now.
    AsItIs,
}

/// What becomes of local changes when something else is checked out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwitchPreview {
    pub to: String,
    /// Changed and untracked paths that come along.
    pub n_carried: u32,
    /// Paths that would be lost, so that git refuses.
    pub overwritten: Vec<GitPath>,
    pub n_unlisted: u32,
    /// Ignored files of which the branch has another content: they are written over, and an undo brings them back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaced: Vec<GitPath>,
}

/// What a push would do, as far as the last fetch tells.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushPreview {
    pub branch: String,
    /// The branch there, like `origin/main`; None when it was never pushed.
    pub to: Option<String>,
    /// Where that one is; a forced push expects it there.
    pub there: Option<String>,
    pub n_new: u32,
    /// Commits that are only there, the newest first: a forced push takes them away.
    pub overwritten: Vec<StepCommit>,
    pub n_overwritten: u32,
    /// The branch follows one of another name: the same of that one.
    #[serde(default)]
    pub other: Option<Box<Self>>,
    #[serde(default)]
    pub remote: String,
    /// The branch follows none yet and there are other remotes: the same for each of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub elsewhere: Vec<Self>,
    /// No setting of git says which of the remotes is meant.
    #[serde(default)]
    pub is_open: bool,
}
