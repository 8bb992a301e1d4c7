//! What can be done with a branch, a tag, a remote or a commit: one list each for menus, detail panels and the palette.

use super::{rebase, worktrees};
use crate::areas::AreaId;
use crate::areas::code::act::Act;
use crate::areas::code::model::RepoModel;
use crate::areas::page::{Action, Cx, Intent, UiIntent};
use crate::base::git_act::{GitAct, MergeMode};
use crate::base::repo::{BranchRow, CommitAct, CommitRow, Head, RemoteRow, TagRow};
use crate::base::{Workspace, format};
use crate::msg;
use crate::ui::icons;

fn act(workspace: &Workspace, act: GitAct) -> Intent {
    Act::Git(act).on(workspace).into()
}

fn dialog(kind: &str, name: &str) -> Intent {
    Intent::Ui(UiIntent::PageAction(AreaId::Code, format!("{kind}:{name}")))
}

fn copy(cx: &Cx<'_>, name: &str) -> Action {
    let copy = Intent::Ui(UiIntent::Copy(name.to_owned()));
    Action::new("code-copy-name", cx.t("code-copy-name"), copy).icon(icons::COPY)
}

/// Goes to a branch, a tag or a commit; when there are local changes it says first what becomes of them.
pub(super) fn switch(cx: &Cx<'_>, workspace: &Workspace, to: &str) -> Intent {
    let status = cx.model.code.repo(&workspace.id).and_then(|repo| repo.status.value());
    if status.is_some_and(|status| status.summary.is_dirty()) {
        return dialog("switch", to);
    }
    Act::Switch {
        to: to.to_owned(),
        changes: crate::base::git_act::LocalChanges::Carry,
    }
    .on(workspace)
    .into()
}

/// Why nothing that joins histories can begin now.
fn obstacle(cx: &Cx<'_>, repo: &RepoModel) -> Option<String> {
    repo.branching.operation.as_ref().map(|_| cx.t("code-under-way"))
}

/// The current branch's name, or the short id of a detached HEAD.
fn current(repo: &RepoModel) -> String {
    let summary = repo.status.value().map(|status| &status.summary);
    summary.map_or_else(|| "HEAD".to_owned(), crate::base::RepoSummary::head_name)
}

pub(super) fn branch(cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel, branch: &BranchRow) -> Vec<Action> {
    let name = &branch.name;
    let mut actions = Vec::new();
    let there = branch.elsewhere.as_ref();
    let elsewhere = there.map(|path| cx.msg(&msg!("code-checked-out-in", path = path.display())));
    actions.extend(there.map(|path| worktrees::open(cx, path)));
    if !branch.is_current {
        let words = cx.msg(&msg!("code-switch-to", name = name));
        actions.push(
            Action::new("code-switch", words, switch(cx, workspace, name))
                .icon(icons::BRANCH)
                .disabled_because(elsewhere.clone()),
        );
        actions.extend(joining(cx, workspace, repo, name));
        let here = current(repo);
        let compare = UiIntent::PageAction(AreaId::Code, format!("compare-branches:{here}...{name} {name}"));
        let words = cx.msg(&msg!("code-compare-with", here = here.as_str()));
        actions.push(Action::new("code-compare-with", words, Intent::Ui(compare)).icon(icons::FILE));
    }
    actions.push(Action::new("code-branch-here", cx.t("code-branch-here"), dialog("new-branch", name)).icon(icons::ADD));
    if there.is_none() && !branch.is_current {
        actions.push(worktrees::add_for(cx, name));
    }
    if branch.is_remote {
        let confirm = cx.msg(&msg!("code-delete-there-title", name = name));
        actions.extend([
            copy(cx, name),
            Action::new(
                "code-delete-remote-branch",
                cx.t("code-delete-there"),
                match name.split_once('/') {
                    Some((remote, name)) => act(
                        workspace,
                        GitAct::DeleteRemoteBranch {
                            remote: remote.to_owned(),
                            name: name.to_owned(),
                        },
                    ),
                    None => return actions,
                },
            )
            .icon(icons::DELETE)
            .danger()
            .confirm(confirm, cx.t("code-delete-there-text")),
        ]);
        return actions;
    }
    actions.extend([
        Action::new("code-rename-branch", cx.t("code-rename"), dialog("rename-branch", name)).icon(icons::EDIT),
        Action::new("code-set-upstream", cx.t("code-set-upstream"), dialog("set-upstream", name)).icon(icons::LINK),
        Action::new("code-push-branch", cx.t("code-push-dialog"), dialog("push", name)).icon(icons::UP),
        copy(cx, name),
    ]);
    let delete = |is_forced| {
        let act_of = GitAct::DeleteBranch {
            name: name.clone(),
            is_forced,
        };
        Action::new("code-delete-branch", cx.t("code-delete-branch"), act(workspace, act_of))
            .icon(icons::DELETE)
            .danger()
    };
    let why = branch.is_current.then(|| cx.t("code-is-current")).or(elsewhere);
    let is_kept = branch.is_merged || (branch.upstream.is_some() && !branch.is_upstream_gone && branch.n_ahead == 0);
    actions.push(if is_kept {
        delete(false).disabled_because(why)
    } else {
        let title = cx.msg(&msg!("code-delete-unmerged-title", name = name));
        delete(true)
            .disabled_because(why)
            .confirm(title, cx.t("code-delete-unmerged-text"))
    });
    actions
}

/// Merge into, and rebase onto.
fn joining(cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel, name: &str) -> Vec<Action> {
    let here = current(repo);
    let why = obstacle(cx, repo);
    let unborn = repo
        .status
        .value()
        .is_some_and(|status| matches!(status.summary.head, Head::Unborn { .. }));
    let why = why.or(unborn.then(|| cx.t("code-no-commits")));
    let merge = GitAct::Merge {
        what: name.to_owned(),
        mode: MergeMode::Auto,
        message: None,
    };
    let rebase = GitAct::Rebase {
        onto: name.to_owned(),
        since: None,
        is_autosquash: false,
        keeps_merges: false,
    };
    vec![
        Action::new(
            "code-merge",
            cx.msg(&msg!("code-merge-into", name = name, here = here.as_str())),
            act(workspace, merge),
        )
        .icon(icons::MERGE)
        .disabled_because(why.clone()),
        Action::new("code-merge-options", cx.t("code-merge-options"), dialog("merge", name)).disabled_because(why.clone()),
        Action::new(
            "code-rebase",
            cx.msg(&msg!("code-rebase-onto", name = name, here = here.as_str())),
            act(workspace, rebase),
        )
        .disabled_because(why.clone()),
        Action::new(
            "code-rebase-interactive",
            cx.t("code-rebase-interactive"),
            dialog("rebase-onto", name),
        )
        .disabled_because(why),
    ]
}

pub(super) fn tag(cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel, tag: &TagRow, remotes: &[RemoteRow]) -> Vec<Action> {
    let name = &tag.name;
    let words = cx.msg(&msg!("code-switch-to", name = name));
    let mut actions = vec![
        Action::new("code-switch", words, switch(cx, workspace, name)).icon(icons::EYE),
        Action::new("code-branch-here", cx.t("code-branch-here"), dialog("new-branch", name)).icon(icons::ADD),
    ];
    actions.extend(joining(cx, workspace, repo, name));
    for remote in remotes {
        let push = GitAct::PushTag {
            remote: Some(remote.name.clone()),
            name: name.clone(),
        };
        let words = cx.msg(&msg!("code-push-tag-to", remote = remote.name.as_str()));
        actions.push(Action::new(format!("code-push-tag-{}", remote.name), words, act(workspace, push)).icon(icons::UP));
    }
    actions.push(copy(cx, name));
    for remote in remotes {
        let delete = GitAct::DeleteRemoteTag {
            remote: remote.name.clone(),
            name: name.clone(),
        };
        let words = cx.msg(&msg!("code-delete-tag-there", remote = remote.name.as_str()));
        let title = cx.msg(&msg!("code-delete-there-title", name = name));
        actions.push(
            Action::new(format!("code-delete-tag-{}", remote.name), words, act(workspace, delete))
                .icon(icons::DELETE)
                .danger()
                .confirm(title, cx.t("code-delete-there-text")),
        );
    }
    let delete = GitAct::DeleteTag { name: name.clone() };
    actions.push(
        Action::new("code-delete-tag", cx.t("code-delete-tag"), act(workspace, delete))
            .icon(icons::DELETE)
            .danger(),
    );
    actions
}

pub(super) fn remote(cx: &Cx<'_>, workspace: &Workspace, remote: &RemoteRow) -> Vec<Action> {
    let name = &remote.name;
    let fetch = GitAct::Fetch {
        remote: Some(name.clone()),
    };
    let title = cx.msg(&msg!("code-remove-remote-title", name = name));
    vec![
        Action::new("code-fetch-remote", cx.t("code-fetch"), act(workspace, fetch)).icon(icons::DOWNLOAD),
        Action::new(
            "code-prune-remote",
            cx.t("code-prune"),
            act(workspace, GitAct::PruneRemote { name: name.clone() }),
        ),
        Action::new("code-rename-remote", cx.t("code-rename"), dialog("rename-remote", name)).icon(icons::EDIT),
        Action::new("code-remote-url", cx.t("code-remote-url"), dialog("remote-url", name)).icon(icons::LINK),
        Action::new(
            "code-copy-name",
            cx.t("code-copy-address"),
            Intent::Ui(UiIntent::Copy(remote.url.clone())),
        )
        .icon(icons::COPY),
        Action::new(
            "code-remove-remote",
            cx.t("code-remove-remote"),
            act(workspace, GitAct::RemoveRemote { name: name.clone() }),
        )
        .icon(icons::DELETE)
        .danger()
        .confirm(title, cx.t("code-remove-remote-text")),
    ]
}

/// The acts on commits of the history, the newest first.
pub(super) fn commits(cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel, rows: &[&CommitRow]) -> Vec<Action> {
    if let [row] = rows {
        let oid = &row.oid;
        let mut acts = commit(cx, workspace, repo, oid, &row.parents);
        // What resets stays the last.
        let at = acts.len().saturating_sub(1);
        let end = |kind: &str, key: &str| Action::new(key.to_owned(), cx.t(key), dialog(kind, oid)).icon(icons::SEARCH);
        acts.splice(
            at..at,
            [
                end("bisect-good", "code-search-good"),
                end("bisect-bad", "code-search-bad"),
                bisect_from(cx, workspace, repo, oid),
            ],
        );
        return acts;
    }
    let newest_first: Vec<String> = rows.iter().map(|row| row.oid.clone()).collect();
    let oldest_first = newest_first.iter().rev().cloned().collect();
    let has_merge = rows.iter().any(|row| row.parents.len() > 1);
    let why = obstacle(cx, repo).or_else(|| has_merge.then(|| cx.t("code-merges-one-by-one")));
    let n = rows.len();
    let pick = GitAct::CherryPick {
        commits: oldest_first,
        mainline: None,
        notes_origin: false,
    };
    let pick_words = cx.msg(&msg!("code-pick-n-onto", n = n, here = current(repo)));
    let revert = GitAct::Revert {
        commits: newest_first,
        mainline: None,
    };
    vec![
        Action::new("code-cherry-pick", pick_words, act(workspace, pick))
            .icon(icons::COMMIT)
            .disabled_because(why.clone()),
        Action::new("code-revert", cx.msg(&msg!("code-revert-n", n = n)), act(workspace, revert))
            .icon(icons::UNDO)
            .disabled_because(why),
    ]
}

/// By hand: this commit is good, the newest is bad, and the checkout goes to the one in the middle.
fn bisect_from(cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel, oid: &str) -> Action {
    let head = repo.status.value().and_then(|status| status.summary.oid.clone());
    let is_here = head.as_deref() == Some(oid);
    let start = GitAct::BisectStart {
        bad: head.unwrap_or_default(),
        good: vec![oid.to_owned()],
    };
    let why = obstacle(cx, repo).or(is_here.then(|| cx.t("code-is-here")));
    Action::new("code-bisect-from", cx.t("code-bisect-from"), act(workspace, start))
        .icon(icons::SEARCH)
        .disabled_because(why)
}

/// Does a commit's changes here, or takes them back; a merge's beside each of its parents.
fn again_and_back(cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel, oid: &str, parents: &[String]) -> Vec<Action> {
    let here = current(repo);
    let acts = |mainline: Option<u32>| {
        let commits = vec![oid.to_owned()];
        let revert = GitAct::Revert {
            commits: commits.clone(),
            mainline,
        };
        let pick = GitAct::CherryPick {
            commits,
            mainline,
            notes_origin: false,
        };
        [pick, revert].map(|what| act(workspace, what))
    };
    let part = |key: &str, n: usize| if n == 0 { key.to_owned() } else { format!("{key}-{n}") };
    let pick = |n: usize, words: String, asks: Intent| Action::new(part("code-cherry-pick", n), words, asks).icon(icons::COMMIT);
    let revert = |n: usize, words: String, asks: Intent| Action::new(part("code-revert", n), words, asks).icon(icons::UNDO);
    if parents.len() < 2 {
        let [again, back] = acts(None);
        let words = cx.msg(&msg!("code-pick-onto", here = here.as_str()));
        return vec![pick(0, words, again), revert(0, cx.t("code-revert"), back)];
    }
    let (mut picks, mut reverts) = (Vec::new(), Vec::new());
    for (n, parent) in (1_u32..).zip(parents) {
        let [again, back] = acts(Some(n));
        let parent = format::short_oid(parent);
        let words = cx.msg(&msg!("code-pick-beside", here = here.as_str(), n = n, parent = parent));
        picks.push(pick(n as usize, words, again));
        reverts.push(revert(
            n as usize,
            cx.msg(&msg!("code-revert-beside", n = n, parent = parent)),
            back,
        ));
    }
    picks.into_iter().chain(reverts).collect()
}

/// The acts on a commit of the history.
pub(super) fn commit(cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel, oid: &str, parents: &[String]) -> Vec<Action> {
    let here = current(repo);
    let why = obstacle(cx, repo);
    let is_head = repo
        .status
        .value()
        .is_some_and(|status| status.summary.oid.as_deref() == Some(oid));
    let rebase = GitAct::Rebase {
        onto: oid.to_owned(),
        since: None,
        is_autosquash: false,
        keeps_merges: false,
    };
    let is_here = is_head.then(|| cx.t("code-is-here"));
    let fixup = CommitAct {
        fixup: Some(oid.to_owned()),
        ..CommitAct::default()
    };
    let has_staged = repo.status.value().is_some_and(|status| status.summary.n_staged > 0);
    let branch_here = Action::new("code-branch-here", cx.t("code-branch-here"), dialog("new-branch", oid));
    // The first ones stand as buttons in the detail.
    let mut actions = vec![branch_here.icon(icons::ADD)];
    for action in again_and_back(cx, workspace, repo, oid, parents) {
        let is_pick = action.id.starts_with("code-cherry-pick");
        let why = why.clone().or_else(|| is_here.clone().filter(|_| is_pick));
        actions.push(action.disabled_because(why));
    }
    let is_merge = (parents.len() > 1).then(|| cx.t("code-merge-stays"));
    actions.extend(rebase::quick(cx, oid, why.clone().or(is_merge).as_ref(), parents.is_empty()));
    actions.extend([
        Action::new("code-fixup", cx.t("code-fixup"), Act::Commit(fixup).on(workspace).into())
            .icon(icons::EDIT)
            .disabled_because(why.clone().or_else(|| (!has_staged).then(|| cx.t("code-nothing-staged")))),
        Action::new("code-tag-here", cx.t("code-tag-here"), dialog("new-tag", oid)).icon(icons::TAG),
        Action::new("code-switch", cx.t("code-look-at-commit"), switch(cx, workspace, oid)).icon(icons::EYE),
        worktrees::add_at(cx, oid),
        rebase::from_here(cx, oid).disabled_because(why.clone().or(is_here.clone())),
        Action::new(
            "code-rebase",
            cx.msg(&msg!("code-rebase-here", here = here.as_str())),
            act(workspace, rebase),
        )
        .disabled_because(why.clone().or(is_here)),
        Action::new(
            "code-copy-commit",
            cx.t("code-copy-commit"),
            Intent::Ui(UiIntent::Copy(oid.to_owned())),
        )
        .icon(icons::COPY),
        Action::new("code-compare-files", cx.t("code-compare-files"), dialog("compare", oid)).icon(icons::FILE),
        Action::new(
            "code-reset",
            cx.msg(&msg!("code-reset-here", here = here.as_str())),
            dialog("reset", oid),
        )
        .danger()
        .disabled_because(why),
    ]);
    actions
}
