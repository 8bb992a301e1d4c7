//! What the cells of the board say: each fact as a state and a word.

use crate::areas::devops::{BoardRow, Mark, TrustState, WorkspaceInfo};
use crate::areas::page::Cx;
use crate::base::repo::RepoSummary;
use crate::base::{ProjectKind, State, format};
use crate::msg;

/// The worst that is known of a workspace.
pub(super) fn worst(cx: &Cx<'_>, info: &WorkspaceInfo) -> State {
    if info.is_missing {
        return State::Failed;
    }
    let Some(row) = cx.model.devops.row(&info.workspace.id) else {
        return State::Unknown;
    };
    // What failed on other sources says nothing of these.
    let is_failed = |mark: &Mark, is_failed: bool| is_failed && !mark.is_stale;
    let is_failed = is_failed(&row.build, row.build.state == State::Failed)
        || is_failed(&row.tests, row.n_tests_failed > 0 || row.tests.state == State::Failed)
        || row.deployed.state == State::Failed;
    if is_failed || (row.n_instances > 0 && row.n_live == 0) {
        State::Failed
    } else if !row.problems.is_empty() || row.n_live < row.n_instances {
        State::Degraded
    } else if [row.build.state, row.tests.state, row.deployed.state].contains(&State::InProgress) {
        State::InProgress
    } else if [row.build.state, row.tests.state, row.deployed.state]
        .iter()
        .all(|state| *state == State::Unknown)
    {
        State::None
    } else if row.build.is_stale || row.tests.is_stale {
        // Nothing is known to be wrong, and nothing is known of these sources.
        State::Stale
    } else {
        State::Done
    }
}

/// The chip of a workspace.
pub(super) fn worst_word(cx: &Cx<'_>, info: &WorkspaceInfo) -> (State, String) {
    let state = worst(cx, info);
    let word = match state {
        _ if info.is_missing => cx.t("devops-state-missing"),
        State::Failed => cx.t("devops-state-failed"),
        State::Degraded => cx.t("devops-state-degraded"),
        State::Done => cx.t("devops-state-good"),
        State::None => cx.t("devops-state-nothing"),
        other => cx.t(other.key()),
    };
    (state, word)
}

/// What failed on other sources says so, and has not the colour of what is wrong now.
fn failed(cx: &Cx<'_>, mark: &Mark, word: String) -> (State, String) {
    if mark.is_stale {
        (State::Stale, format!("{word}, {}", cx.t("state-stale")))
    } else {
        (State::Failed, word)
    }
}

pub(super) fn build(cx: &Cx<'_>, row: &BoardRow) -> (State, String) {
    match row.build.state {
        State::Unknown | State::None => (State::None, cx.t("state-none")),
        State::Done if row.build.is_stale => (State::Stale, cx.t("state-stale")),
        State::Done => (State::Done, format::duration_secs(row.build_secs, cx.texts)),
        State::Failed => failed(cx, &row.build, cx.t("state-failed")),
        other => (other, cx.t(other.key())),
    }
}

pub(super) fn tests(cx: &Cx<'_>, row: &BoardRow) -> (State, String) {
    if row.n_tests_failed > 0 && row.tests.state != State::InProgress {
        return failed(cx, &row.tests, cx.msg(&msg!("devops-n-failed", n = row.n_tests_failed)));
    }
    match row.tests.state {
        State::Unknown | State::None => (State::None, cx.t("state-none")),
        State::Done if row.tests.is_stale => (State::Stale, cx.t("state-stale")),
        State::Done => (State::Done, format::count(u64::from(row.n_tests_passed), cx.texts)),
        State::Failed => failed(cx, &row.tests, cx.t("state-failed")),
        other => (other, cx.t(other.key())),
    }
}

pub(super) fn deployed(cx: &Cx<'_>, row: &BoardRow) -> (State, String) {
    let note = row.deployed.note.clone();
    match row.deployed.state {
        State::Unknown if note.is_empty() => (State::None, cx.t("state-none")),
        State::Done => (State::Running, note),
        other if note.is_empty() => (other, cx.t(other.key())),
        other => (other, note),
    }
}

pub(super) fn live(cx: &Cx<'_>, row: &BoardRow) -> (State, String) {
    let word = format!("{} / {}", row.n_live, row.n_instances);
    match (row.n_live, row.n_instances) {
        (_, 0) => (State::None, cx.t("state-none")),
        (0, _) => (State::Failed, word),
        (live, wanted) if live < wanted => (State::Degraded, word),
        _ => (State::Running, word),
    }
}

/// `+2 ~3 !1`: new, changed and conflicted files; empty when there are none.
pub(super) fn changes(repo: &RepoSummary) -> String {
    let parts = [
        ("+", repo.n_untracked),
        ("~", repo.n_staged + repo.n_unstaged),
        ("!", repo.n_conflicted),
    ];
    let shown = parts.iter().filter(|(_, n)| *n > 0).map(|(sign, n)| format!("{sign}{n}"));
    shown.collect::<Vec<_>>().join(" ")
}

/// The same in words.
pub(super) fn changes_whole(cx: &Cx<'_>, repo: &RepoSummary) -> String {
    if !repo.is_dirty() {
        return cx.t("devops-clean");
    }
    let parts = [
        (repo.n_staged, msg!("devops-n-staged", n = repo.n_staged)),
        (repo.n_unstaged, msg!("devops-n-unstaged", n = repo.n_unstaged)),
        (repo.n_untracked, msg!("devops-n-untracked", n = repo.n_untracked)),
        (repo.n_conflicted, msg!("devops-n-conflicted", n = repo.n_conflicted)),
    ];
    let shown = parts.iter().filter(|(n, _)| *n > 0).map(|(_, words)| cx.msg(words));
    shown.collect::<Vec<_>>().join(", ")
}

/// `Rust, compose`: proper names, the same in every language.
pub(in crate::areas::devops) fn kinds(kinds: &[ProjectKind]) -> String {
    let name = |kind: &ProjectKind| match kind {
        ProjectKind::Git => "Git",
        ProjectKind::Cargo => "Rust",
        ProjectKind::Npm => "npm",
        ProjectKind::Python => "Python",
        ProjectKind::Go => "Go",
        ProjectKind::Cmake => "CMake",
        ProjectKind::Make => "Make",
        ProjectKind::Maven => "Maven",
        ProjectKind::Gradle => "Gradle",
        ProjectKind::Compose => "Compose",
        ProjectKind::Dockerfile => "Dockerfile",
        ProjectKind::Odoo => "Odoo",
        ProjectKind::RepoManifest => "Repo",
        ProjectKind::Chantier => "Chantier",
    };
    kinds.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// Trust as a state and a word.
pub(super) fn trust(cx: &Cx<'_>, info: &WorkspaceInfo) -> (State, String) {
    match info.trust {
        TrustState::Trusted => (State::Done, cx.t("devops-trusted")),
        TrustState::Untrusted => (State::Unknown, cx.t("devops-untrusted")),
        TrustState::Changed => (State::Degraded, cx.t("devops-trust-changed")),
    }
}
