//! The tab Branches: local and remote branches and tags, and the dialog that makes a branch.

use super::Page;
use crate::areas::code::Command;
use crate::areas::code::act::Act;
use crate::areas::code::model::RepoModel;
use crate::areas::page::{Action, Cx, Intent};
use crate::base::repo::{BranchRow, Refs, TagRow};
use crate::base::{State, Timestamp, Workspace, format};
use crate::msg;
use crate::ui::dialog::{Answer, Dialog};
use crate::ui::form::form_ui;
use crate::ui::page_frame::{LoadableAsk, LoadableView, loadable_ui};
use crate::ui::state_mark::{self, TagLook, tag_ui};
use crate::ui::table::{Column, GroupRow, Table, row_key};
use crate::ui::{action, icons, text};
use egui::Ui;
use std::collections::BTreeSet;

/// The form of a new branch.
#[derive(Default)]
pub(super) struct NewBranch {
    name: String,
    from: String,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Row {
    Group(Group),
    Branch(usize),
    Tag(usize),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Group {
    Local,
    Remote,
    Tags,
}

/// The rows, worked out once per answer of git's, filter and fold.
#[derive(Default)]
pub(super) struct Shown {
    key: Option<(usize, String, BTreeSet<u8>)>,
    rows: Vec<Row>,
    counts: [usize; 3],
    folded: BTreeSet<u8>,
}

impl Shown {
    fn follow(&mut self, refs: &Refs, filter: &str) {
        // Names and positions tell two answers apart well enough; ages and counts are read from the answer itself.
        let print = refs
            .branches
            .iter()
            .map(|branch| row_key(&branch.name) as usize)
            .fold(refs.tags.len(), usize::wrapping_add);
        let key = (print, filter.to_owned(), self.folded.clone());
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
        let tags = refs
            .tags
            .iter()
            .enumerate()
            .filter(|(_, tag)| fits(&tag.name))
            .map(|(at, _)| Row::Tag(at));
        let parts: [(Group, Vec<Row>); 3] = [
            (Group::Local, branches(false).collect()),
            (Group::Remote, branches(true).collect()),
            (Group::Tags, tags.collect()),
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

enum Named<'a> {
    Branch(&'a BranchRow),
    Tag(&'a TagRow),
}

impl Named<'_> {
    fn name(&self) -> &str {
        match self {
            Self::Branch(branch) => &branch.name,
            Self::Tag(tag) => &tag.name,
        }
    }
}

fn named(refs: &Refs, row: Row) -> Option<Named<'_>> {
    match row {
        Row::Group(_) => None,
        Row::Branch(at) => refs.branches.get(at).map(Named::Branch),
        Row::Tag(at) => refs.tags.get(at).map(Named::Tag),
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
        let is_empty = |refs: &Refs| refs.branches.is_empty() && refs.tags.is_empty();
        let ask = loadable_ui(ui, &repo.refs, &view, is_empty, |ui, refs| {
            self.refs_ui(ui, cx, workspace, refs);
        });
        if ask.is_some_and(|ask| ask == LoadableAsk::Retry) {
            cx.ask(Command::LoadRefs {
                workspace: workspace.clone(),
            });
        }
    }

    fn refs_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>, workspace: &Workspace, refs: &Refs) {
        self.names.follow(refs, cx.filter);
        let columns = [
            Column::new("name", cx.t("code-column-name"), 240.0).unsortable().always(),
            Column::new("upstream", cx.t("code-column-upstream"), 190.0).unsortable(),
            Column::new("message", cx.t("code-column-message"), 260.0).fill().unsortable(),
            Column::new("author", cx.t("code-column-author"), 130.0).unsortable(),
            Column::new("age", cx.t("code-column-age"), 64.0).right().unsortable(),
        ];
        let name = cx.t("code-tab-branches");
        let shown = &self.names;
        let rows = &shown.rows;
        let label = |row: usize| match rows.get(row).and_then(|row| named(refs, *row)) {
            Some(named) => named.name().to_owned(),
            None => String::new(),
        };
        let group = |row: usize| match rows.get(row) {
            Some(Row::Group(group)) => {
                let (key, at) = match group {
                    Group::Local => ("code-local", 0),
                    Group::Remote => ("code-remote", 1),
                    Group::Tags => ("code-tags", 2),
                };
                Some(GroupRow {
                    label: cx.t(key),
                    count: shown.counts[at].to_string(),
                    open: !shown.folded.contains(&(at as u8)),
                    state: None,
                })
            }
            _ => None,
        };
        let table = Table::new("code-branches", &name, &columns, rows.len())
            .single()
            .key(|row| {
                row_key(&format!("{} {}", matches!(rows.get(row), Some(Row::Tag(_))), label(row)))
                    ^ u64::from(group(row).is_some()) << 1
                    ^ if group(row).is_some() { row as u64 } else { 0 }
            })
            .label(label)
            .groups(group)
            .menu(|ui, row| {
                if let Some(named) = rows.get(row).and_then(|row| named(refs, *row)) {
                    let asked = action::menu_ui(ui, &actions(cx, workspace, named.name()));
                    cx.intents.borrow_mut().extend(asked);
                }
            });
        let response = table.show(ui, &mut self.branches, |ui, row, column| {
            match rows.get(row).and_then(|row| named(refs, *row)) {
                Some(Named::Branch(branch)) => branch_ui(ui, cx, branch, columns[column].id),
                Some(Named::Tag(tag)) => tag_row_ui(ui, cx, tag, columns[column].id),
                None => {}
            }
        });
        let at = |row: usize| rows.get(row).copied();
        if let Some(name) = response.activated.and_then(at).and_then(|row| named(refs, row)) {
            cx.ask(switch(workspace, name.name()));
        }
        if let Some(name) = response.clicked.and_then(at).and_then(|row| named(refs, row)) {
            self.branch = Some(name.name().to_owned());
        }
        if let Some(Row::Group(group)) = response.toggled.and_then(at) {
            let bit = group as u8;
            if !self.names.folded.remove(&bit) {
                self.names.folded.insert(bit);
            }
        }
    }

    pub(super) fn new_branch(&mut self, from: &str) {
        self.dialog = Some(NewBranch {
            name: String::new(),
            from: from.to_owned(),
        });
    }

    pub(super) fn new_branch_ui(&mut self, ui: &mut Ui, cx: &Cx<'_>) {
        let (Some(form), Some(workspace)) = (&mut self.dialog, cx.workspace) else {
            return;
        };
        let (title, confirm) = (cx.t("code-new-branch-title"), cx.t("code-create"));
        let answer = Dialog::new("code-new-branch", &title, &confirm).show(ui.ctx(), |ui| {
            let response = form_ui(ui, "code-new-branch", |fields| {
                fields.text(
                    &cx.t("code-column-name"),
                    &mut form.name,
                    &cx.t("code-branch-name-hint"),
                    None,
                );
                fields.text(&cx.t("code-branch-from"), &mut form.from, "HEAD", None);
            });
            response.valid && !form.name.trim().is_empty()
        });
        match answer {
            Answer::Open => {}
            Answer::Cancelled => self.dialog = None,
            Answer::Confirmed => {
                let from = form.from.trim();
                let act = Act::CreateBranch {
                    name: form.name.trim().to_owned(),
                    from: (!from.is_empty()).then(|| from.to_owned()),
                };
                cx.ask(act.on(workspace));
                self.dialog = None;
            }
        }
    }
}

pub(super) fn switch(workspace: &Workspace, to: &str) -> Intent {
    Act::Switch { to: to.to_owned() }.on(workspace).into()
}

/// What can be done with a name.
pub(super) fn actions(cx: &Cx<'_>, workspace: &Workspace, name: &str) -> Vec<Action> {
    let copy = Intent::Ui(crate::areas::page::UiIntent::Copy(name.to_owned()));
    let here = crate::areas::page::UiIntent::PageAction(crate::areas::AreaId::Code, format!("new-branch:{name}"));
    vec![
        Action::new(
            "code-switch",
            cx.msg(&msg!("code-switch-to", name = name)),
            switch(workspace, name),
        )
        .icon(icons::BRANCH),
        Action::new("code-branch-here", cx.t("code-branch-here"), Intent::Ui(here)).icon(icons::ADD),
        Action::new("code-copy-name", cx.t("code-copy-name"), copy).icon(icons::COPY),
    ]
}

fn branch_ui(ui: &mut Ui, cx: &Cx<'_>, branch: &BranchRow, column: &str) {
    match column {
        "name" => {
            if branch.is_current {
                tag_ui(ui, &branch.name, TagLook::Filled);
            } else {
                text::body(ui, &branch.name);
            }
            if branch.is_elsewhere {
                text::small(ui, &cx.t("code-elsewhere"));
            }
        }
        "upstream" => {
            if branch.is_upstream_gone {
                state_mark::label_small_ui(ui, State::Degraded, &cx.t("code-upstream-gone"));
            } else if let Some(upstream) = &branch.upstream {
                if branch.n_ahead > 0 || branch.n_behind > 0 {
                    text::body(ui, &format!("↑{} ↓{}", branch.n_ahead, branch.n_behind));
                }
                text::weak(ui, upstream);
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
            icons::icon_ui(ui, icons::TAG, 13.0, crate::ui::tokens::Tokens::of(ui).text_weak, None);
            text::body(ui, &tag.name);
        }
        "message" => drop(text::body(ui, &tag.summary)),
        "age" => age_ui(ui, cx, tag.tagged),
        _ => {}
    }
}

fn age_ui(ui: &mut Ui, cx: &Cx<'_>, at: Option<Timestamp>) {
    if let Some(at) = at {
        text::weak(ui, &format::age(at, cx.now, cx.texts)).on_hover_text(at.to_string());
    }
}
