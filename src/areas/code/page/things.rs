//! What the command palette finds of the sources by name: the newest commits, branches and tags.

use crate::areas::code::model::RepoModel;
use crate::areas::code::{Command, HISTORY_PAGE, HistoryQuery};
use crate::areas::page::Cx;
use crate::base::{Target, Workspace, format};
use crate::msg;

/// Commits that are offered.
const THINGS: usize = 500;

/// Asks for what nobody has looked at yet.
pub(super) fn learn(cx: &Cx<'_>, workspace: &Workspace) {
    let repo = cx.model.code.repo(&workspace.id);
    if repo.is_none_or(|repo| repo.refs.value().is_none()) {
        cx.ask(Command::LoadRefs {
            workspace: workspace.clone(),
        });
    }
    if repo.is_none_or(|repo| repo.history.stamp().is_empty()) {
        cx.ask(Command::LoadHistory {
            workspace: workspace.clone(),
            query: HistoryQuery::default(),
            first: 0,
            n: HISTORY_PAGE * 2,
        });
    }
}

/// A branch or a tag leads to the commit that it names.
pub(super) fn things(cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel) -> Vec<(String, Target)> {
    let commit = |oid: &str| Target::Commit {
        workspace: workspace.id.clone(),
        oid: oid.to_owned(),
    };
    let commits = repo.history.rows_from(0).take(THINGS);
    let commits = commits.map(|row| (format!("{} {}", format::short_oid(&row.oid), row.summary), commit(&row.oid)));
    let refs = repo.refs.value();
    let branches = refs.into_iter().flat_map(|refs| &refs.branches).map(|branch| {
        let name = cx.msg(&msg!("code-thing-branch", name = branch.name.as_str()));
        (name, commit(&branch.oid))
    });
    branches.chain(commits).collect()
}
