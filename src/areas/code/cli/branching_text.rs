//! What `chantier code` says of branches, operations and conflicts to people.

use crate::areas::code::branching::{Branching, conflict_key, operation_title};
use crate::base::operation::{ConflictFile, ConflictText, PushPreview, RebasePlan, SegmentKind, StepAction, SwitchPreview};
use crate::base::repo::{Operation, short_oid};
use crate::base::{Catalog, GitPath};
use crate::msg;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// What git is in the middle of, and the files in conflict: also below `code status`.
pub(super) fn under_way(known: &Branching, texts: &Catalog) -> String {
    let mut out = String::new();
    if let Some(operation) = &known.operation {
        out.push_str(&texts.msg(&operation_title(operation)));
        if operation.n_steps > 0 {
            let step = msg!("code-step-of", step = operation.step, of = operation.n_steps);
            write!(out, ", {}", texts.msg(&step)).expect("writing to a String does not fail");
        }
        if let Some(commit) = &operation.current {
            let words = format!("{} {}", short_oid(&commit.oid), commit.summary);
            out = texts.msg(&msg!("code-said-of", what = out, words = words));
        }
        if let Some(n) = operation.n_left {
            let left = msg!("code-bisect-left", n = n, steps = operation.n_verdicts_left());
            write!(out, "\n{}", texts.msg(&left)).expect("writing to a String does not fail");
        }
        let hint = match (operation.n_conflicted > 0, operation.kind) {
            (true, Operation::Merge) => "code-cli-resolve-merge-hint",
            (true, _) => "code-cli-resolve-hint",
            (false, Operation::Bisect) if operation.is_found => "code-cli-bisect-end-hint",
            (false, Operation::Bisect) => "code-cli-bisect-hint",
            (false, _) if operation.is_edit_stop => "code-cli-edit-hint",
            (false, Operation::Merge) => "code-cli-continue-merge-hint",
            (false, _) => "code-cli-continue-hint",
        };
        write!(out, "\n{}\n", texts.t(hint)).expect("writing to a String does not fail");
        if operation.has_put_away {
            out.push_str(&format!("{}\n", texts.t("code-put-away")));
        }
    }
    for file in &known.conflicts {
        out.push_str(&format!("{}\n", conflict_line(file, texts)));
    }
    out
}

pub(super) fn conflict_line(file: &ConflictFile, texts: &Catalog) -> String {
    let mut words = texts.t(conflict_key(file.kind)).into_owned();
    if let Some(from) = &file.renamed_from {
        let renamed = msg!("code-conflict-renamed", path = from.display());
        words = format!("{words}, {}", texts.msg(&renamed));
    }
    texts.msg(&msg!("code-said-of", what = file.path.display(), words = words))
}

/// Each conflict with its lines on both sides and where they began, numbered as in those versions of the file.
pub(super) fn conflict_text(conflict: &ConflictText, texts: &Catalog) -> String {
    let mut out = String::new();
    let conflicts = conflict
        .segments
        .iter()
        .filter(|segment| segment.kind == SegmentKind::Conflict);
    for (n, segment) in conflicts.enumerate() {
        out.push_str(&format!("\n{}\n", texts.msg(&msg!("code-conflict-n", n = n + 1))));
        let sides = [
            ("code-side-ours", conflict.ours_name.as_str(), &conflict.ours, &segment.ours),
            ("code-side-base", "", &conflict.base, &segment.base),
            (
                "code-side-theirs",
                conflict.theirs_name.as_str(),
                &conflict.theirs,
                &segment.theirs,
            ),
        ];
        for (key, name, lines, range) in sides {
            let dot = if name.is_empty() { "" } else { " · " };
            out.push_str(&format!("  {}{dot}{name}\n", texts.t(key)));
            for (line, at) in lines[range.clone()].iter().zip(range.start + 1..) {
                out.push_str(&format!("{at:>6}  {line}\n"));
            }
            if range.is_empty() {
                out.push_str(&format!("{:>6}\n", "∅"));
            }
        }
    }
    out
}

pub(super) fn switch_text(preview: &SwitchPreview, texts: &Catalog) -> String {
    let n_lost = preview.overwritten.len() as u32 + preview.n_unlisted;
    let words = if n_lost == 0 {
        msg!("code-switch-carries", n = preview.n_carried)
    } else {
        msg!("code-switch-overwrites", n = n_lost)
    };
    let mut out = format!("{}\n", texts.msg(&words));
    for path in preview.overwritten.iter().map(GitPath::display) {
        out.push_str(&format!("  {path}\n"));
    }
    if !preview.replaced.is_empty() {
        let words = msg!("code-switch-replaces", n = preview.replaced.len());
        out.push_str(&format!("{}\n", texts.msg(&words)));
        for path in preview.replaced.iter().map(GitPath::display) {
            out.push_str(&format!("  {path}\n"));
        }
    }
    out
}

/// A push that is not forced takes nothing away: it is refused.
pub(super) fn push_text(preview: &PushPreview, is_forced: bool, texts: &Catalog) -> String {
    if preview.is_open {
        let remotes = std::iter::once(preview).chain(&preview.elsewhere);
        let remotes: Vec<&str> = remotes.map(|at| at.remote.as_str()).collect();
        let words = msg!(
            "git-which-remote",
            branch = preview.branch.as_str(),
            remotes = remotes.join(", ")
        );
        let hint = msg!("git-which-remote-hint", name = preview.remote.as_str());
        return format!("{}\n{}\n", texts.msg(&words), texts.msg(&hint));
    }
    let mut out = match &preview.to {
        Some(to) => texts.msg(&msg!("code-push-brings", n = preview.n_new, to = to)),
        None => texts.msg(&msg!("code-push-first", name = preview.branch.as_str())),
    };
    out.push('\n');
    if let Some(other) = preview.other.as_ref().and_then(|other| other.to.as_ref()) {
        out.push_str(&format!("{}\n", texts.msg(&msg!("code-push-other", other = other))));
    }
    if preview.n_overwritten > 0 {
        out.push_str(&format!(
            "{}\n",
            texts.msg(&if is_forced {
                msg!("code-push-overwrites", n = preview.n_overwritten)
            } else {
                msg!("code-push-refused", n = preview.n_overwritten)
            })
        ));
        for commit in &preview.overwritten {
            out.push_str(&format!("  {} {}\n", short_oid(&commit.oid), commit.summary));
        }
        if !is_forced {
            out.push_str(&format!("{}\n", texts.t("code-push-refused-hint")));
        }
    }
    out
}

/// As git's list, so that it can be edited and given back.
pub(super) fn plan_text(plan: &RebasePlan, texts: &Catalog) -> String {
    let mut out = String::new();
    for step in &plan.steps {
        if !step.action.has_commit() {
            out.push_str(format!("{} {}", step.action.word(), step.summary).trim_end());
            out.push('\n');
            continue;
        }
        // git's own word for a commit that brings the message.
        let is_amend = step.action == StepAction::Squash && step.summary.starts_with("amend! ");
        let word = if is_amend { "fixup -C" } else { step.action.word() };
        out.push_str(&format!("{word} {} {}\n", short_oid(&step.oid), step.summary));
        for branch in step.branches.iter().filter(|_| plan.moves_branches) {
            out.push_str(&format!("update-ref refs/heads/{branch}\n"));
        }
    }
    for branch in plan.branches().filter(|_| !plan.moves_branches) {
        out.push_str(&format!(
            "# {}\n",
            texts.msg(&msg!("code-rebase-branch-stays", name = branch))
        ));
    }
    let n_published = plan.n_published();
    if n_published > 0 {
        out.push_str(&format!("# {}\n", texts.msg(&msg!("code-rebase-published", n = n_published))));
    }
    if plan.n_merges > 0 {
        let words = if plan.keeps_merges {
            msg!("code-rebase-merges-kept", n = plan.n_merges)
        } else {
            msg!("code-rebase-merges", n = plan.n_merges)
        };
        out.push_str(&format!("# {}\n", texts.msg(&words)));
    }
    out
}

/// For `code status --json`.
pub(super) fn json_of(known: &Branching) -> Value {
    json!({ "operation": known.operation, "conflicts": known.conflicts })
}
