//! The tab Branches: local and remote branches, tags and remotes as one table, and the detail of the chosen one.

use super::{Page, branch_acts};
use crate::areas::AreaId;
use crate::areas::code::Command;
use crate::areas::code::model::RepoModel;
use crate::areas::page::{Action, Cx, Intent, UiIntent};
use crate::base::repo::{BranchRow, Refs, RemoteRow, TagRow};
use crate::base::{State, Target, Timestamp, Workspace, WorkspaceId, format};
use crate::msg;
use crate::ui::detail::{Fact, Heading, actions_ui, facts_ui, heading_ui};
use crate::ui::page_frame::{LoadableAsk, LoadableView, loadable_ui};
use crate::ui::state_mark::{self, TagLook, tag_ui};
use crate::ui::table::{Column, GroupRow, Table, row_key};
use crate::ui::text::{self, Cut, Look};
use crate::ui::theme::font;
use crate::ui::tokens::Tokens;
use crate::ui::{action, icons};
use egui::Ui;
use std::collections::BTreeSet;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Row {
    Group(Group),
    Branch(usize),
    Tag(usize),
    Remote(usize),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Local,
    Remote,
    Tags,
    Remotes,
}

impl Group {
    fn key(self) -> &'static str {
        match self {
            Self::Local => "code-local",
            Self::Remote => "code-remote",
            Self::Tags => "code-tags",
            Self::Remotes => "code-remotes",
        }
    }
}

/// The rows, worked out once per answer of git's, filter and fold.
#[derive(Default)]
pub(super) struct Shown {
    key: Option<(WorkspaceId, u64, String, BTreeSet<u8>)>,
    rows: Vec<Row>,
    counts: [usize; 4],
    folded: BTreeSet<u8>,
}

impl Shown {
    fn follow(&mut self, workspace: &WorkspaceId, generation: u64, refs: &Refs, filter: &str) {
        let key = (workspace.clone(), generation, filter.to_owned(), self.folded.clone());
        if self.key.as_ref() == Some(&key) {
            return;
        }
        let words = filter.trim().to_lowercase();
        let fits = |name: &str| words.is_empty() || name.to_lowercase().contains(&words);
        let branches = |is_remote: bool| {
            let all = refs.branches.iter().enumerate();
            all.filter(move |(_, branch)| branch.is_remote == is_remote)
                .filter(|(_, branch)| fits(&branch.name))
                .map(|(at, _)| Row::Branch(at))
        };
        let tags = refs.tags.iter().enumerate().filter(|(_, tag)| fits(&tag.name));
        let remotes = refs.remotes.iter().enumerate().filter(|(_, remote)| fits(&remote.name));
        let parts: [(Group, Vec<Row>); 4] = [
            (Group::Local, branches(false).collect()),
            (Group::Remote, branches(true).collect()),
            (Group::Tags, tags.map(|(at, _)| Row::Tag(at)).collect()),
            (Group::Remotes, remotes.map(|(at, _)| Row::Remote(at)).collect()),
        ];
        self.rows.clear();
        for (at, (group, rows)) in parts.into_iter().enumerate() {
            self.counts[at] = rows.len();
            if rows.is_empty() {
                continue;
            }
            self.rows.push(Row::Group(group));
            if !self.folded.contains(&(at as u8)) {
                self.rows.extend(rows);
            }
        }
        self.key = Some(key);
    }
}

#[derive(Clone, Copy)]
enum Named<'a> {
    Branch(&'a BranchRow),
    Tag(&'a TagRow),
    Remote(&'a RemoteRow),
}

impl Named<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Branch(branch) => &branch.name,
            Self::Tag(tag) => &tag.name,
            Self::Remote(remote) => &remote.name,
        }
    }

    /// What selection follows: a branch and a tag may have the same name.
    fn id(&self) -> String {
        let kind = match self {
            Self::Branch(branch) if branch.is_remote => "there",
            Self::Branch(_) => "branch",
            Self::Tag(_) => "tag",
            Self::Remote(_) => "remote",
        };
        format!("{kind}:{}", self.name())
    }

    fn actions(&self, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel, refs: &Refs) -> Vec<Action> {
        match self {
            Self::Branch(branch) => branch_acts::branch(cx, workspace, repo, branch),
            Self::Tag(tag) => branch_acts::tag(cx, workspace, repo, tag, &refs.remotes),
            Self::Remote(remote) => branch_acts::remote(cx, workspace, remote),
        }
    }
}

fn named(refs: &Refs, row: Row) -> Option<Named<'_>> {
    match row {
        Row::Group(_) => None,
        Row::Branch(at) => refs.branches.get(at).map(Named::Branch),
        Row::Tag(at) => refs.tags.get(at).map(Named::Tag),
        Row::Remote(at) => refs.remotes.get(at).map(Named::Remote),
    }
}

impl Page {
    pub(super) fn branches_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel) {
        let view = LoadableView {
            icon: icons::BRANCH,
            empty: &cx.t("code-no-branches"),
            empty_action: None,
            progress: None,
        };
        let is_empty = |refs: &Refs| refs.branches.is_empty() && refs.tags.is_empty() && refs.remotes.is_empty();
        let ask = loadable_ui(ui, &repo.refs, &view, is_empty, |ui, refs| {
            self.refs_ui(ui, cx, workspace, repo, refs);
        });
        if ask.is_some_and(|ask| ask == LoadableAsk::Retry) {
            cx.ask(Command::LoadRefs {
                workspace: workspace.clone(),
            });
        }
    }

    fn refs_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel, refs: &Refs) {
        self.names.follow(&workspace.id, repo.refs_generation, refs, cx.filter);
        let columns = [
            Column::new("name", cx.t("code-column-name"), 210.0).unsortable().always(),
            Column::new("ahead", cx.t("code-column-ahead"), 66.0).unsortable(),
            Column::new("upstream", cx.t("code-column-upstream"), 150.0).unsortable(),
            Column::new("merged", cx.t("code-column-merged"), 84.0).unsortable(),
            Column::new("message", cx.t("code-column-last"), 240.0)
                .min(160.0)
                .fill()
                .unsortable(),
            Column::new("author", cx.t("code-column-author"), 110.0).unsortable(),
            Column::new("age", cx.t("code-column-age"), 56.0).right().unsortable(),
        ];
        let name = cx.t("code-tab-branches");
        let shown = &self.names;
        let rows = &shown.rows;
        let of_row = |row: usize| rows.get(row).and_then(|row| named(refs, *row));
        let label = |row: usize| of_row(row).map_or_else(String::new, |named| named.name().to_owned());
        let group = |row: usize| match rows.get(row) {
            Some(Row::Group(group)) => Some(GroupRow {
                label: cx.t(group.key()),
                count: shown.counts[*group as usize].to_string(),
                open: !shown.folded.contains(&(*group as u8)),
                state: None,
            }),
            _ => None,
        };
        let table = Table::new("code-branches", &name, &columns, rows.len())
            .single()
            .key(|row| of_row(row).map_or(row as u64, |named| row_key(&named.id())))
            .label(label)
            .groups(group)
            .menu(|ui, row| {
                if let Some(named) = of_row(row) {
                    let asked = action::menu_ui(ui, &named.actions(cx, workspace, repo, refs));
                    cx.intents.borrow_mut().extend(asked);
                }
            });
        let response = table.show(ui, &mut self.branches, |ui, row, column| match of_row(row) {
            Some(Named::Branch(branch)) => branch_ui(ui, cx, branch, columns[column].id),
            Some(Named::Tag(tag)) => tag_row_ui(ui, cx, tag, columns[column].id),
            Some(Named::Remote(remote)) => remote_ui(ui, remote, columns[column].id),
            None => {}
        });
        match response.activated.and_then(of_row) {
            Some(Named::Branch(branch)) if branch.is_current => {}
            Some(named @ (Named::Branch(_) | Named::Tag(_))) => {
                cx.ask(branch_acts::switch(cx, workspace, named.name()));
            }
            Some(Named::Remote(_)) | None => {}
        }
        if response.selection_changed || response.clicked.is_some() {
            let key = self.branches.single();
            let chosen = (0..rows.len())
                .filter_map(of_row)
                .find(|named| Some(row_key(&named.id())) == key);
            if let Some(named) = chosen {
                self.branch = Some(named.id());
            }
        }
        if let Some(Row::Group(group)) = response.toggled.and_then(|row| rows.get(row)) {
            let bit = *group as u8;
            if !self.names.folded.remove(&bit) {
                self.names.folded.insert(bit);
            }
        }
    }

    pub(super) fn branch_detail_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, repo: &RepoModel) {
        let (Some(id), Some(refs)) = (&self.branch, repo.refs.value()) else {
            return;
        };
        let all = refs.branches.iter().map(Named::Branch);
        let all = all
            .chain(refs.tags.iter().map(Named::Tag))
            .chain(refs.remotes.iter().map(Named::Remote));
        let Some(named) = all.into_iter().find(|named| named.id() == *id) else {
            return;
        };
        let (icon, note) = match named {
            Named::Branch(branch) => (icons::BRANCH, branch.summary.as_str()),
            Named::Tag(tag) => (icons::TAG, tag.summary.as_str()),
            Named::Remote(remote) => (icons::SERVER, remote.url.as_str()),
        };
        heading_ui(
            ui,
            &Heading {
                icon,
                name: named.name(),
                note,
                state: None,
            },
        );
        let commit = |oid: &str| Target::Commit {
            workspace: workspace.id.clone(),
            oid: oid.to_owned(),
        };
        let link = |oid: &str| Fact::link(cx.t("code-fact-commit"), format::short_oid(oid), "", commit(oid));
        let mut facts = Vec::new();
        let mut thread = None;
        match named {
            Named::Branch(branch) => {
                thread = Some(commit(&branch.oid));
                facts.push(link(&branch.oid));
                facts.push(Fact::text(cx.t("code-fact-author"), &branch.author));
                if let Some(upstream) = &branch.upstream {
                    let counts = if branch.is_upstream_gone {
                        cx.t("code-upstream-gone")
                    } else {
                        counts(branch).unwrap_or_else(|| cx.t("code-in-step"))
                    };
                    facts.push(Fact::text(cx.t("code-column-upstream"), format!("{upstream} {counts}")));
                }
                if let Some(path) = &branch.elsewhere {
                    facts.push(Fact::path(cx.t("code-fact-checked-out"), path.display()));
                }
                if !branch.is_current {
                    let (state, key) = if branch.is_merged {
                        (State::Done, "code-merged")
                    } else {
                        (State::None, "code-unmerged")
                    };
                    facts.push(Fact::state(cx.t("code-column-merged"), state, cx.t(key)));
                }
            }
            Named::Tag(tag) => {
                thread = Some(commit(&tag.oid));
                facts.push(link(&tag.oid));
                let key = if tag.is_annotated {
                    "code-tag-annotated"
                } else {
                    "code-tag-lightweight"
                };
                facts.push(Fact::text(cx.t("code-fact-kind"), cx.t(key)));
            }
            Named::Remote(remote) => {
                facts.push(Fact::mono(cx.t("code-address"), &remote.url));
                if let Some(url) = &remote.push_url {
                    facts.push(Fact::mono(cx.t("code-push-address"), url));
                }
                let prefix = format!("{}/", remote.name);
                let there = refs.branches.iter();
                let n = there
                    .filter(|branch| branch.is_remote && branch.name.starts_with(&prefix))
                    .count();
                facts.push(Fact::text(cx.t("code-tab-branches"), n.to_string()));
            }
        }
        if let Some(target) = facts_ui(ui, &facts) {
            cx.ask(Intent::Go(target));
        }
        let asked = actions_ui(ui, &named.actions(cx, workspace, repo, refs));
        cx.intents.borrow_mut().extend(asked);
        if let Some(target) = thread {
            super::detail::thread_of(ui, cx, &target);
        }
    }
}

/// What the tab offers beside the network: new names.
pub(super) fn tab_actions(cx: &Cx<'_>) -> Vec<Action> {
    let dialog = |word: &str| Intent::Ui(UiIntent::PageAction(AreaId::Code, word.to_owned()));
    vec![
        Action::new("code-new-tag", cx.t("code-new-tag"), dialog("new-tag:")).icon(icons::TAG),
        Action::new("code-add-remote", cx.t("code-add-remote"), dialog("add-remote:")).icon(icons::SERVER),
        Action::new("code-push-dialog", cx.t("code-push-dialog"), dialog("push:")).icon(icons::UP),
        Action::new(
            "code-rebase-interactive",
            cx.t("code-rebase-upstream"),
            dialog("rebase-upstream:"),
        )
        .icon(icons::EDIT),
    ]
}

/// `↑2 ↓1`; None when neither side has anything new.
fn counts(branch: &BranchRow) -> Option<String> {
    let count = |sign: char, n: u32| (n > 0).then(|| format!("{sign}{n}"));
    let parts: Vec<String> = [count('↑', branch.n_ahead), count('↓', branch.n_behind)]
        .into_iter()
        .flatten()
        .collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

fn branch_ui(ui: &mut Ui, cx: &Cx<'_>, branch: &BranchRow, column: &str) {
    match column {
        "name" => {
            if branch.is_current {
                tag_ui(ui, &branch.name, TagLook::Filled);
            } else {
                icons::icon_ui(ui, icons::BRANCH, 13.0, Tokens::of(ui).text_weak, None);
                text::body(ui, &branch.name);
            }
            if let Some(path) = &branch.elsewhere {
                let words = cx.msg(&msg!("code-checked-out-in", path = path.display()));
                text::small(ui, &cx.t("code-elsewhere")).on_hover_text(words);
            }
        }
        "ahead" => {
            if branch.is_remote {
            } else if branch.is_upstream_gone || branch.upstream.is_none() {
                text::absent(ui);
            } else if let Some(counts) = counts(branch) {
                text::body(ui, &counts);
            } else {
                state_mark::mark_ui(ui, State::Done).on_hover_text(cx.t("code-in-step"));
            }
        }
        "upstream" => {
            if branch.is_upstream_gone {
                state_mark::label_small_ui(ui, State::Degraded, &cx.t("code-upstream-gone"));
            } else if let Some(upstream) = &branch.upstream {
                text::weak(ui, upstream);
            }
        }
        "merged" => {
            if branch.is_merged && !branch.is_current {
                state_mark::label_small_ui(ui, State::Done, &cx.t("code-merged"));
            }
        }
        "message" => drop(text::body(ui, &branch.summary)),
        "author" => drop(text::weak(ui, &branch.author)),
        _ => age_ui(ui, cx, branch.committed),
    }
}

fn tag_row_ui(ui: &mut Ui, cx: &Cx<'_>, tag: &TagRow, column: &str) {
    match column {
        "name" => {
            icons::icon_ui(ui, icons::TAG, 13.0, Tokens::of(ui).text_weak, None);
            text::body(ui, &tag.name);
        }
        "message" => drop(text::body(ui, &tag.summary)),
        "age" => age_ui(ui, cx, tag.tagged),
        _ => {}
    }
}

fn remote_ui(ui: &mut Ui, remote: &RemoteRow, column: &str) {
    match column {
        "name" => {
            icons::icon_ui(ui, icons::SERVER, 13.0, Tokens::of(ui).text_weak, None);
            text::body(ui, &remote.name);
        }
        "message" => {
            let look = Look {
                font: font::code(),
                colour: Tokens::of(ui).text_weak,
                cut: Cut::Middle,
            };
            text::label(ui, &remote.url, look);
        }
        _ => {}
    }
}

fn age_ui(ui: &mut Ui, cx: &Cx<'_>, at: Option<Timestamp>) {
    if let Some(at) = at {
        text::weak(ui, &format::age(at, cx.now, cx.texts)).on_hover_text(at.to_string());
    }
}
