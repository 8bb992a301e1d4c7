//! What `chantier code` says to people: close to git's own words where git has good ones.

use super::uncovered::Missed;
use crate::areas::code::Acted;
use crate::areas::code::model::RepoModel;
use crate::base::diff::{DiffContent, DiffFile, LineEnd, LineKind};
use crate::base::repo::{
    Change, CommitDetail, CommitFile, Head, RefMove, RepoSummary, StashRow, Status, UndoDetail, UndoEntry, UndoKind,
};
use crate::base::{Catalog, Msg, format};
use crate::msg;
use std::fmt::Write as _;

/// `2 staged, 1 untracked`, or that nothing changed.
pub fn changes_words(summary: &RepoSummary, texts: &Catalog) -> String {
    let mut parts = Vec::new();
    let counts: [(u32, fn(u32) -> Msg); 4] = [
        (summary.n_conflicted, |n| msg!("code-n-conflicted", n = n)),
        (summary.n_staged, |n| msg!("code-n-staged", n = n)),
        (summary.n_unstaged, |n| msg!("code-n-unstaged", n = n)),
        (summary.n_untracked, |n| msg!("code-n-untracked", n = n)),
    ];
    parts.extend(counts.iter().filter(|(n, _)| *n > 0).map(|(n, words)| texts.msg(&words(*n))));
    if parts.is_empty() {
        let key = if summary.is_bare { "code-is-bare" } else { "code-clean" };
        parts.push(texts.t(key).into_owned());
    }
    parts.join(", ")
}

/// The branch, how far it is from its upstream, and what changed: also for the window.
pub fn summary(summary: &RepoSummary, texts: &Catalog) -> String {
    let mut head = summary.head_name();
    if matches!(summary.head, Head::Detached) && !summary.is_bare {
        write!(head, " ({})", texts.t("code-detached")).expect("writing to a String does not fail");
    }
    if summary.n_ahead > 0 {
        write!(head, " +{}", summary.n_ahead).expect("writing to a String does not fail");
    }
    if summary.n_behind > 0 {
        write!(head, " -{}", summary.n_behind).expect("writing to a String does not fail");
    }
    texts.msg(&msg!("code-said-of", what = head, words = changes_words(summary, texts)))
}

pub(super) fn status(repo: &RepoModel, texts: &Catalog) -> String {
    let Some(status) = repo.status.value() else {
        return String::new();
    };
    let mut out = format!("{}\n", summary(&status.summary, texts));
    if matches!(status.summary.head, Head::Unborn { .. }) {
        out.push_str(&format!("{}\n", texts.t("git-no-commit-yet")));
    }
    for entry in &status.entries {
        let letter = |change: Option<Change>| change.map_or(" ", Change::letter);
        let letters = match (&entry.conflict, entry.unstaged) {
            (Some(letters), _) => letters.clone(),
            (None, Some(Change::Untracked)) if entry.staged.is_none() => "??".to_owned(),
            _ => format!("{}{}", letter(entry.staged), letter(entry.unstaged)),
        };
        match &entry.renamed_from {
            Some(old) => out.push_str(&format!("{letters} {} -> {}\n", old.display(), entry.path.display())),
            None => out.push_str(&format!("{letters} {}\n", entry.path.display())),
        }
    }
    out.push_str(&more(status, texts));
    out
}

fn more(status: &Status, texts: &Catalog) -> String {
    if status.n_unlisted == 0 {
        return String::new();
    }
    format!("{}\n", texts.msg(&msg!("code-n-more", n = status.n_unlisted)))
}

/// What is said of a difference beside its lines.
#[derive(Clone, Copy, Default)]
pub(super) struct Marks {
    /// What the index has already.
    pub(super) staged: bool,
    /// The number that `--hunk` takes: of differences that are shown as those are looked for.
    pub(super) numbers: bool,
}

pub(super) fn diffs(repo: &RepoModel, texts: &Catalog, missed: &Missed<'_>, marks: Marks) -> String {
    let mut out: String = repo.diffs.iter().map(|file| diff(file, texts, missed, marks)).collect();
    if repo.n_diffs_unread > 0 {
        out.push_str(&format!("{}\n", texts.msg(&msg!("code-n-more", n = repo.n_diffs_unread))));
    }
    out
}

fn diff(file: &DiffFile, texts: &Catalog, missed: &Missed<'_>, marks: Marks) -> String {
    let old = file.old_path.as_ref().unwrap_or(&file.path).display();
    let new = file.path.display();
    let mut out = format!("diff {old} {new}\n");
    if file.change == Change::Conflicted {
        out.push_str(&format!("{}\n", texts.t("code-diff-conflicted")));
    } else if file.old_mode == 0 {
        out.push_str(&format!("new file mode {:o}\n", file.new_mode));
    } else if file.new_mode == 0 {
        out.push_str(&format!("deleted file mode {:o}\n", file.old_mode));
    } else if file.is_mode_changed() {
        out.push_str(&format!("old mode {:o}\nnew mode {:o}\n", file.old_mode, file.new_mode));
    }
    match &file.content {
        DiffContent::Text { hunks } => {
            for (n, hunk) in hunks.iter().enumerate() {
                let number = if marks.numbers {
                    format!(" [{}]", n + 1)
                } else {
                    String::new()
                };
                out.push_str(&format!("{} {}{number}\n", hunk.range(), hunk.header));
                for line in &hunk.lines {
                    let sign = match line.kind {
                        LineKind::Context => ' ',
                        LineKind::Added => '+',
                        LineKind::Removed => '-',
                    };
                    let mark = if marks.staged && line.is_staged() { "*" } else { "" };
                    let untested = if missed.has(&file.path, line) { "!" } else { "" };
                    out.push_str(&format!("{mark}{untested}{sign}{}\n", line.text));
                    if line.end == LineEnd::None {
                        out.push_str("\\ No newline at end of file\n");
                    }
                }
            }
        }
        DiffContent::Binary { .. } => out.push_str(&format!("{}\n", texts.t("code-diff-binary"))),
        DiffContent::Picture { old, new } => {
            for (sign, side) in [('-', old), ('+', new)] {
                if let Some(side) = side {
                    out.push_str(&format!("{sign}{}\n", format::picture(side, texts)));
                }
            }
        }
        DiffContent::TooLarge { .. } => out.push_str(&format!("{}\n", texts.t("code-diff-too-large"))),
        DiffContent::Submodule {
            old,
            new,
            commits,
            n_unlisted,
        } => {
            let short = |oid: &Option<String>| oid.as_deref().map_or("0000000", format::short_oid).to_owned();
            out.push_str(&format!(
                "{} {}..{}\n",
                texts.t("code-diff-submodule"),
                short(old),
                short(new)
            ));
            if old == new {
                out.push_str(&format!("  {}\n", texts.t("code-submodule-changed-inside")));
            }
            for commit in commits {
                let sign = if commit.is_removed { '<' } else { '>' };
                out.push_str(&format!("  {sign} {} {}\n", format::short_oid(&commit.oid), commit.summary));
            }
            if *n_unlisted > 0 {
                out.push_str(&format!("  {}\n", texts.msg(&msg!("code-n-more", n = *n_unlisted))));
            }
        }
    }
    out
}

/// A commit with what became of it.
pub(super) fn commit(commit: &CommitDetail, weather: Option<&str>, texts: &Catalog) -> String {
    let said = |key: &str, words: &str| {
        let words = msg!("code-said-of", what = texts.t(key).into_owned(), words = words);
        format!("{}\n", texts.msg(&words))
    };
    let names: Vec<&str> = commit.refs.iter().map(|name| name.name.as_str()).collect();
    let names = if names.is_empty() {
        String::new()
    } else {
        format!(" ({})", names.join(", "))
    };
    let mut out = format!("{}{names}\n", commit.oid);
    if commit.parents.len() > 1 {
        let parents: Vec<&str> = commit.parents.iter().map(|oid| format::short_oid(oid)).collect();
        out.push_str(&said("code-fact-parents", &parents.join(", ")));
    }
    out.push_str(&format!("{} <{}>, {}\n", commit.author, commit.author_email, commit.authored));
    if commit.committer != commit.author {
        out.push_str(&said(
            "code-fact-committer",
            &format!("{}, {}", commit.committer, commit.committed),
        ));
    }
    if commit.is_signed {
        out.push_str(&said("code-fact-signature", &texts.t("code-signed")));
    }
    out.push_str(&format!("\n  {}\n", commit.summary));
    if !commit.body.is_empty() {
        out.push('\n');
        for line in commit.body.lines() {
            out.push_str(&format!("  {line}\n"));
        }
    }
    if let Some(weather) = weather.filter(|words| !words.is_empty()) {
        out.push_str(&format!(
            "\n{}\n",
            texts.msg(&msg!(
                "code-said-of",
                what = texts.t("code-weather").into_owned(),
                words = weather
            ))
        ));
    }
    out.push('\n');
    out.push_str(&files(&commit.files));
    if commit.n_unlisted > 0 {
        out.push_str(&format!("{}\n", texts.msg(&msg!("code-n-more", n = commit.n_unlisted))));
    }
    out
}

/// One line a file: letter, path, lines.
pub(super) fn files(files: &[CommitFile]) -> String {
    let mut out = String::new();
    for file in files {
        let counts = match (file.n_added, file.n_removed) {
            (Some(added), Some(removed)) => format!("  +{added} -{removed}"),
            _ => String::new(),
        };
        let from = file
            .old_path
            .as_ref()
            .map_or_else(String::new, |old| format!("{} -> ", old.display()));
        out.push_str(&format!("{} {from}{}{counts}\n", file.change.letter(), file.path.display()));
    }
    out
}

pub(super) fn refs(repo: &RepoModel) -> String {
    let Some(refs) = repo.refs.value() else { return String::new() };
    let mut out = String::new();
    for branch in &refs.branches {
        let mark = if branch.is_current { '*' } else { ' ' };
        let upstream = branch.upstream.as_ref().map_or_else(String::new, |upstream| {
            let gone = if branch.is_upstream_gone { " ✗" } else { "" };
            format!(" [{upstream} +{} -{}{gone}]", branch.n_ahead, branch.n_behind)
        });
        out.push_str(&format!(
            "{mark} {} {}{upstream} {}\n",
            branch.name,
            format::short_oid(&branch.oid),
            branch.summary
        ));
    }
    for tag in &refs.tags {
        out.push_str(&format!("# {} {} {}\n", tag.name, format::short_oid(&tag.oid), tag.summary));
    }
    for remote in &refs.remotes {
        out.push_str(&format!("@ {} {}\n", remote.name, remote.url));
    }
    out
}

pub(super) fn undo(repo: &RepoModel, texts: &Catalog) -> String {
    let entries = repo.undo.value().map(Vec::as_slice).unwrap_or_default();
    if entries.is_empty() {
        return format!("{}\n", texts.t("code-undo-empty"));
    }
    let line = |entry: &UndoEntry| {
        let mut out = format!(
            "{:>4} {} {}",
            entry.id,
            format::local(entry.at).strftime("%Y-%m-%d %H:%M"),
            texts.msg(&undo_title(entry))
        );
        for (is_so, key) in [
            (entry.is_undone, "code-undo-is-undone"),
            (entry.is_interrupted, "code-undo-is-interrupted"),
        ] {
            if is_so {
                out.push_str(&format!(" ({})", texts.t(key)));
            }
        }
        out.push('\n');
        for moved in &entry.moves {
            out.push_str(&format!("       {}\n", ref_move(moved)));
        }
        out
    };
    entries.iter().map(line).collect()
}

pub(super) fn stashes(repo: &RepoModel, texts: &Catalog) -> String {
    let stashes = repo.stashes.value().map(Vec::as_slice).unwrap_or_default();
    if stashes.is_empty() {
        return format!("{}\n", texts.t("code-no-stashes"));
    }
    let line = |stash: &StashRow| {
        let files = texts.msg(&msg!("code-n-files", n = stash.n_files));
        let branch = stash.branch.as_deref().unwrap_or("-");
        let date = format::local(stash.at).strftime("%Y-%m-%d %H:%M");
        format!("{:>3} {date} {branch}: {} ({files})\n", stash.n, stash.message)
    };
    stashes.iter().map(line).collect()
}

/// What an entry takes back, in a few words: also for the window.
pub fn undo_title(entry: &UndoEntry) -> Msg {
    let what = if entry.subject.is_empty() {
        entry.paths.first().map(crate::base::GitPath::display).unwrap_or_default()
    } else {
        entry.subject.clone()
    };
    let n = entry.n_paths;
    match entry.kind {
        UndoKind::Discard => msg!("code-undo-discard", what = what, n = n),
        // It was killed before it had done anything.
        UndoKind::Stage | UndoKind::Unstage if n == 0 => msg!("code-undo-index"),
        UndoKind::Ignore => msg!("code-undo-ignore", what = what),
        UndoKind::Restore => msg!("code-undo-restore", what = what, n = n),
        UndoKind::DiscardHunk => msg!("code-undo-discard-hunk", what = what),
        UndoKind::Stage => msg!("code-undo-stage", what = what, n = n),
        UndoKind::Unstage => msg!("code-undo-unstage", what = what, n = n),
        UndoKind::Commit => msg!("code-undo-commit", what = what),
        UndoKind::Amend => msg!("code-undo-amend", what = what),
        UndoKind::Switch => msg!("code-undo-switch", what = what),
        UndoKind::CreateBranch => msg!("code-undo-branch", what = what),
        UndoKind::Fixup => msg!("code-undo-fixup", what = what),
        UndoKind::Stash => msg!("code-undo-stash", what = what, n = n),
        UndoKind::StashApply => msg!("code-undo-stash-apply", what = what),
        UndoKind::StashPop => msg!("code-undo-stash-pop", what = what),
        UndoKind::StashDrop => msg!("code-undo-stash-drop", what = what),
        UndoKind::StashBranch => msg!("code-undo-branch", what = what),
        UndoKind::Pull => msg!("code-undo-pull", what = what),
        UndoKind::Merge => msg!("code-undo-merge", what = what),
        UndoKind::Rebase => msg!("code-undo-rebase", what = what),
        UndoKind::CherryPick => msg!("code-undo-pick", what = what),
        UndoKind::Revert => msg!("code-undo-revert", what = what),
        UndoKind::Reset => msg!("code-undo-reset", what = what),
        UndoKind::RenameBranch => msg!("code-undo-rename", what = what),
        UndoKind::DeleteBranch => msg!("code-undo-delete-branch", what = what),
        UndoKind::CreateTag => msg!("code-undo-tag", what = what),
        UndoKind::DeleteTag => msg!("code-undo-delete-tag", what = what),
        UndoKind::SetUpstream => msg!("code-undo-upstream", what = what),
        UndoKind::AddRemote => msg!("code-undo-add-remote", what = what),
        UndoKind::ChangeRemote => msg!("code-undo-change-remote", what = what),
        UndoKind::RemoveRemote => msg!("code-undo-remove-remote", what = what),
        UndoKind::PruneRemote => msg!("code-undo-prune-remote", what = what),
        UndoKind::Fetch if entry.subject.is_empty() => msg!("code-undo-fetch-all"),
        UndoKind::Fetch => msg!("code-undo-fetch", what = what),
        UndoKind::BisectStart => msg!("code-undo-bisect-start", what = what),
        UndoKind::BisectReset => msg!("code-undo-bisect-reset", what = what),
        UndoKind::Bisect => msg!("code-undo-bisect", what = what),
        UndoKind::Resolve => msg!("code-undo-resolve", what = what),
        UndoKind::Continue => msg!("code-undo-continue", what = what),
        UndoKind::Skip => msg!("code-undo-skip", what = what),
        UndoKind::Abort => msg!("code-undo-abort", what = what),
        UndoKind::AddWorktree => msg!("code-undo-add-worktree", what = what),
        UndoKind::RemoveWorktree => msg!("code-undo-remove-worktree", what = what),
        UndoKind::AddSubmodule => msg!("code-undo-add-submodule", what = what),
        UndoKind::PushOver => msg!("code-undo-push-over", what = what),
        UndoKind::DeleteThere => msg!("code-undo-delete-there", what = what),
        UndoKind::TakeBack => msg!("code-undo-take-back", what = what),
    }
}

/// `Took back: Created tag v1`: also for the window.
pub fn step_told(act: &Acted, entry: &UndoEntry, texts: &Catalog) -> Msg {
    let what = texts.msg(&undo_title(entry));
    if act.act == "redo" {
        msg!("code-did-again", what = what)
    } else {
        msg!("code-took-back", what = what)
    }
}

/// `main 3f9c2ab → 91ab33e`
pub fn ref_move(moved: &RefMove) -> String {
    let short = |value: &Option<String>| match value {
        None => "∅".to_owned(),
        Some(oid) if oid.len() >= 40 => format::short_oid(oid).to_owned(),
        Some(name) => name.clone(),
    };
    format!("{} {} → {}", moved.name, short(&moved.before), short(&moved.after))
}

pub(super) fn undo_detail(detail: &UndoDetail, texts: &Catalog) -> String {
    let mut out = String::new();
    for moved in &detail.moves {
        out.push_str(&format!("{}\n", ref_move(moved)));
    }
    for file in &detail.files {
        out.push_str(&format!("{} {}\n", file.change.letter(), file.path.display()));
    }
    let n_more = detail.n_files - detail.files.len() as u32;
    if n_more > 0 {
        out.push_str(&format!("{}\n", texts.msg(&msg!("code-n-more", n = n_more))));
    }
    for words in undo_parts(detail) {
        out.push_str(&format!("{}\n", texts.msg(&words)));
    }
    if !detail.collisions.is_empty() {
        let n = detail.collisions.len();
        out.push_str(&format!("{}\n", texts.msg(&msg!("code-undo-collisions", n = n))));
        for what in &detail.collisions {
            out.push_str(&format!("  {what}\n"));
        }
    }
    out
}

/// What an entry puts in place beside files and refs: also for the window.
pub fn undo_parts(detail: &UndoDetail) -> Vec<Msg> {
    let mut parts = Vec::new();
    if detail.n_index > 0 {
        parts.push(msg!("code-undo-n-index", n = detail.n_index));
    }
    if let Some((from, to)) = detail.stashes {
        parts.push(msg!("code-undo-stashes", from = from, to = to));
    }
    match detail.has_operation {
        Some(true) => parts.push(msg!("code-undo-operation-back")),
        Some(false) => parts.push(msg!("code-undo-operation-gone")),
        None => {}
    }
    if detail.n_settings > 0 {
        parts.push(msg!("code-undo-n-settings", n = detail.n_settings));
    }
    parts
}

pub(super) fn act(repo: &RepoModel, texts: &Catalog) -> String {
    let Some(act) = &repo.last_act else { return String::new() };
    let mut out = String::new();
    for entry in &act.steps {
        out.push_str(&format!("{}\n", texts.msg(&step_told(act, entry, texts))));
    }
    if let Some(status) = repo.status.value() {
        out.push_str(&format!("{}\n", summary(&status.summary, texts)));
    }
    if let Some(id) = act.undo {
        out.push_str(&format!("{}\n", texts.msg(&msg!("code-undo-with", id = id.to_string()))));
    }
    if act.n_pruned > 0 {
        out.push_str(&format!("{}\n", texts.msg(&msg!("code-undo-pruned", n = act.n_pruned))));
    }
    out
}
