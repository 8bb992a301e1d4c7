//! Saved views of a plan, in `.chantier/plan/views.toml`: a name, a filter, how it is grouped and sorted. The file is the user's too:
//! what it says beside, comments and order stay; a file that does not parse is told and never written.

use crate::adapters::files::{self, Beneath};
use crate::base::{Problem, SafeText, Workspace};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use toml_edit::{ArrayOfTables, DocumentMut, Item as TomlItem, Table, value};

/// Below the workspace's root.
pub const FILE: &str = ".chantier/plan/views.toml";

/// How the items of a plan are looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct View {
    pub name: String,
    pub filter: String,
    /// `board`, `table` or `timeline`; empty keeps the open one.
    pub tab: String,
    /// What the table is grouped by and the board has lanes for: a key of `GROUPS`, or empty.
    pub group: String,
    /// A column of the table, `-` before it for the other way round.
    pub sort: String,
}

/// What items can be grouped by.
pub const GROUPS: [&str; 7] = ["state", "type", "priority", "assignee", "label", "milestone", "parent"];

fn path(workspace: &Workspace) -> PathBuf {
    workspace.root.join(FILE)
}

/// The views of a workspace, and what is wrong with their file. Blocks.
pub fn read(workspace: &Workspace) -> (Vec<View>, Vec<Problem>) {
    let path = path(workspace);
    match files::read_text_if_there(&path, files::MAX_TEXT_BYTES) {
        Ok(None) => (Vec::new(), Vec::new()),
        Ok(Some(text)) => match document(&text, &path) {
            Ok(doc) => views_in(&doc, &path),
            Err(problem) => (Vec::new(), vec![problem]),
        },
        Err(problem) => (Vec::new(), vec![problem]),
    }
}

fn document(text: &str, path: &Path) -> Result<DocumentMut, Problem> {
    text.parse().map_err(|error: toml_edit::TomlError| {
        let at = error.span().map_or(0, |span| span.start).min(text.len());
        let before = text.get(..at).unwrap_or_default();
        let line = before.matches('\n').count() as u32 + 1;
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() as u32 + 1;
        Problem::config(msg!("plan-views-toml"))
            .code("unreadable")
            .details(error.message())
            .hint(msg!("plan-flaw-hint"))
            .at_place(path, line, column)
    })
}

fn tables(doc: &DocumentMut) -> Option<&ArrayOfTables> {
    doc.get("view").and_then(TomlItem::as_array_of_tables)
}

fn views_in(doc: &DocumentMut, path: &Path) -> (Vec<View>, Vec<Problem>) {
    let (mut views, mut problems): (Vec<View>, Vec<Problem>) = (Vec::new(), Vec::new());
    for table in tables(doc).into_iter().flatten() {
        let text = |key: &str| table.get(key).and_then(TomlItem::as_str).unwrap_or_default().to_owned();
        let view = View {
            name: text("name"),
            filter: text("filter"),
            tab: text("tab"),
            group: text("group"),
            sort: text("sort"),
        };
        let wrong = if view.name.trim().is_empty() {
            Some(msg!("plan-views-no-name"))
        } else if views.iter().any(|known: &View| known.name == view.name) {
            Some(msg!("plan-views-twice", name = SafeText::new(&view.name)))
        } else if !view.group.is_empty() && !GROUPS.contains(&view.group.as_str()) {
            Some(msg!(
                "plan-views-group",
                name = SafeText::new(&view.name),
                words = GROUPS.join(", ")
            ))
        } else {
            None
        };
        match wrong {
            Some(wrong) => problems.push(Problem::config(wrong).at_place(path, 0, 0)),
            None => views.push(view),
        }
    }
    (views, problems)
}

/// Writes a view; one of the same name is replaced. Blocks.
pub fn save(workspace: &Workspace, view: &View) -> Result<(), Problem> {
    if view.name.trim().is_empty() {
        return Err(Problem::user(msg!("plan-views-no-name")));
    }
    super::filter::Filter::strict(&view.filter)?;
    if !view.group.is_empty() && !GROUPS.contains(&view.group.as_str()) {
        let words = msg!("plan-remark-words-hint", words = GROUPS.join(", "));
        return Err(Problem::user(msg!("plan-filter-unknown", word = SafeText::new(&view.group))).hint(words));
    }
    change(workspace, |doc| {
        let views = doc
            .entry("view")
            .or_insert_with(|| TomlItem::ArrayOfTables(ArrayOfTables::new()))
            .as_array_of_tables_mut()?;
        let at = views.iter().position(|table| named(table, &view.name));
        let at = at.unwrap_or_else(|| {
            views.push(Table::new());
            views.len() - 1
        });
        let table = views.get_mut(at)?;
        for (key, text) in [
            ("name", &view.name),
            ("filter", &view.filter),
            ("tab", &view.tab),
            ("group", &view.group),
            ("sort", &view.sort),
        ] {
            if text.is_empty() {
                table.remove(key);
            } else if table.get(key).and_then(TomlItem::as_str) != Some(text.as_str()) {
                table[key] = value(text);
            }
        }
        Some(())
    })
}

/// The problem of a view that is not there, with those that are.
pub fn no_such(name: &str, views: &[View]) -> Problem {
    let problem = Problem::user(msg!("plan-views-none", name = SafeText::new(name))).code("not-found");
    if views.is_empty() {
        return problem.hint(msg!("plan-views-empty"));
    }
    let known: Vec<&str> = views.iter().map(|view| view.name.as_str()).collect();
    problem.hint(msg!("plan-remark-words-hint", words = known.join(", ")))
}

/// Takes a view out; a name that is not there is told. Blocks.
pub fn remove(workspace: &Workspace, name: &str) -> Result<(), Problem> {
    let (views, _) = read(workspace);
    if !views.iter().any(|view| view.name == name) {
        return Err(no_such(name, &views));
    }
    change(workspace, |doc| {
        let views = doc.get_mut("view")?.as_array_of_tables_mut()?;
        views.retain(|table| !named(table, name));
        Some(())
    })
}

fn named(table: &Table, name: &str) -> bool {
    table.get("name").and_then(TomlItem::as_str) == Some(name)
}

fn change(workspace: &Workspace, change: impl FnOnce(&mut DocumentMut) -> Option<()>) -> Result<(), Problem> {
    let path = path(workspace);
    let text = files::read_text_if_there(&path, files::MAX_TEXT_BYTES)?.unwrap_or_default();
    let mut doc = document(&text, &path)?;
    let odd = || {
        Problem::config(msg!("plan-views-toml"))
            .hint(msg!("plan-flaw-hint"))
            .at_place(&path, 0, 0)
    };
    change(&mut doc).ok_or_else(odd)?;
    let beneath = Beneath::open(&workspace.root)?;
    beneath.create_dir_all(Path::new(super::FOLDER))?;
    beneath.write_atomic(Path::new(FILE), doc.to_string().as_bytes())
}
