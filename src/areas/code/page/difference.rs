//! The difference of a changed file: what is staged and what is not in one view, a ticked box per staged line.

use super::{files, look, uncovered};
use crate::areas::code::act::Act;
use crate::areas::code::{Command, DiffKey};
use crate::areas::page::{Action, Cx, Intent};
use crate::base::Workspace;
use crate::base::diff::{DiffFile, DiffLine, Hunk, LineKind, LineRef};
use crate::base::repo::Change;
use crate::msg;
use crate::ui::diff_view::{DiffButton, DiffState, DiffView, LineAt};
use crate::ui::{action, icons};
use egui::Ui;

/// What is done with lines.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Stage,
    Unstage,
    Discard,
}

/// The file's difference with its boxes and buttons.
pub(super) fn hunks_ui(ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, key: &DiffKey, file: &DiffFile, state: &mut DiffState) {
    let missed = uncovered::missed(cx, workspace, key);
    let (stage, unstage, discard) = (cx.t("code-stage-hunk"), cx.t("code-unstage-hunk"), cx.t("code-discard-hunk"));
    if look::only_space_ui(ui, cx, key, file) {
        return;
    }
    let is_whole = matches!(file.change, Change::Conflicted | Change::TypeChanged);
    let is_mergeable = !is_whole && !key.look.ignores_space;
    // What a renamed file has in the index counts from its former name: it goes out as a whole.
    let is_renamed = key.old_path.is_some();
    let hunk_at = |hunk: usize| file.hunks().get(hunk);
    let buttons = |_: usize, at: usize| match hunk_at(at) {
        Some(hunk) if is_mergeable => match counts(hunk) {
            (n_staged, n) if n_staged == n && is_renamed => Vec::new(),
            (n_staged, n) if n_staged == n => vec![DiffButton::new(unstage.as_str())],
            _ => vec![DiffButton::new(stage.as_str()), DiffButton::new(discard.as_str()).bare()],
        },
        _ => Vec::new(),
    };
    let note = |_: usize, at: usize| {
        let staged = match hunk_at(at).filter(|_| is_mergeable).map(counts) {
            Some((n_staged, n)) if n_staged == n => cx.t("code-is-staged"),
            Some((n_staged, n)) => cx.msg(&msg!("code-lines-staged", staged = n_staged, n = n)),
            None => String::new(),
        };
        let untested = hunk_at(at).map(|hunk| uncovered::note(cx, missed, hunk)).unwrap_or_default();
        let parts = [untested, staged];
        let parts: Vec<&str> = parts.iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
        parts.join(" · ")
    };
    let line_at = |(_, hunk, line): LineAt| hunk_at(hunk)?.lines.get(line);
    let mut asked: Vec<Intent> = Vec::new();
    let response = DiffView::new("code-diff", std::slice::from_ref(file))
        .about((&workspace.id, &key.of))
        .tick(|at| {
            let line = line_at(at).filter(|_| is_mergeable)?;
            (!is_renamed || !line.is_staged()).then(|| line.is_staged())
        })
        .note(note)
        .mark(|at| uncovered::mark(cx, missed, file, at))
        .hunk_buttons(buttons)
        .menu(|ui, chosen| {
            let chosen: Vec<&DiffLine> = chosen.iter().filter_map(|at| line_at(*at)).collect();
            let ways = match (is_mergeable, is_renamed) {
                (false, _) => &[][..],
                (true, true) => &[Way::Stage, Way::Discard][..],
                (true, false) => &[Way::Stage, Way::Unstage, Way::Discard][..],
            };
            let actions = line_actions(cx, workspace, file, &chosen, ways);
            asked.extend(action::menu_ui(ui, &actions));
        })
        .show(ui, state);
    cx.intents.borrow_mut().extend(asked);
    let ask = |way: Way, chosen: &[&DiffLine]| {
        if let Some(act) = act(way, file, chosen).filter(|_| way != Way::Unstage || !is_renamed) {
            cx.ask(act.on(workspace));
        }
    };
    let ticked: Vec<&DiffLine> = response.ticked.iter().filter_map(|at| line_at(*at)).collect();
    if let Some(first) = ticked.first() {
        ask(if first.is_staged() { Way::Unstage } else { Way::Stage }, &ticked);
    }
    if let Some((_, at, button)) = response.hunk_button
        && let Some(hunk) = hunk_at(at)
    {
        let (n_staged, n) = counts(hunk);
        let lines: Vec<&DiffLine> = hunk.lines.iter().collect();
        match button {
            0 if n_staged == n => ask(Way::Unstage, &lines),
            0 => ask(Way::Stage, &lines),
            _ => ask(Way::Discard, &lines),
        }
    }
    if response.show_anyway.is_some() {
        cx.ask(Command::ShowDiff {
            workspace: workspace.clone(),
            what: key.clone(),
            is_forced: true,
        });
    }
}

/// Staged lines of a hunk, and all that changed.
fn counts(hunk: &Hunk) -> (usize, usize) {
    let changed = || hunk.lines.iter().filter(|line| line.kind != LineKind::Context);
    (changed().filter(|line| line.is_staged()).count(), changed().count())
}

/// The act on those of the lines that it can change. None when there is none.
fn act(way: Way, file: &DiffFile, lines: &[&DiffLine]) -> Option<Act> {
    let is_meant = |line: &&&DiffLine| line.is_staged() == (way == Way::Unstage);
    let lines: Vec<LineRef> = lines.iter().filter(is_meant).filter_map(|line| LineRef::of(line)).collect();
    if lines.is_empty() {
        return None;
    }
    let path = file.path.clone();
    Some(match way {
        Way::Stage => Act::StageLines { path, lines },
        Way::Unstage => Act::UnstageLines { path, lines },
        Way::Discard => Act::DiscardLines { path, lines },
    })
}

/// The menu of selected lines.
fn line_actions(cx: &Cx<'_>, workspace: &Workspace, file: &DiffFile, lines: &[&DiffLine], ways: &[Way]) -> Vec<Action> {
    let n = |staged: bool| {
        let changed = lines.iter().filter(|line| line.kind != LineKind::Context);
        changed.filter(|line| line.is_staged() == staged).count()
    };
    let intent = |way: Way| {
        let act = act(way, file, lines).filter(|_| ways.contains(&way));
        act.map(|act| Intent::Do(act.on(workspace).into()))
    };
    let mut actions = Vec::new();
    if let Some(intent) = intent(Way::Stage) {
        let label = cx.msg(&msg!("code-stage-lines", n = n(false)));
        actions.push(Action::new("code-stage-lines", label, intent).icon(icons::ADD));
    }
    if let Some(intent) = intent(Way::Unstage) {
        let label = cx.msg(&msg!("code-unstage-lines", n = n(true)));
        actions.push(Action::new("code-unstage-lines", label, intent).icon(icons::REMOVE));
    }
    let line = lines.iter().find_map(|line| line.new_no);
    actions.push(files::open_in_editor(cx, workspace, &file.path, line));
    if let Some(intent) = intent(Way::Discard) {
        let label = cx.msg(&msg!("code-discard-lines", n = n(false)));
        let discard = Action::new("code-discard-lines", label, intent);
        actions.push(discard.icon(icons::UNDO).danger());
    }
    actions
}
