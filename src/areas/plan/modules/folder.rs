//! The folder of module files: reads every one, and changes several as one act. What does not parse is never written.
//! Everything here blocks; jobs call it through `JobCtx::blocking`.

use super::edit::{self, Change};
use super::known::Plan;
use super::parse;
use super::schema::Module;
use crate::adapters::files::{self, Beneath};
use crate::base::{Problem, Workspace};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Where the modules of a workspace stand, below its root.
pub const FOLDER: &str = ".chantier/modules";
const MAX_BYTES: u64 = 4 << 20;
const MAX_FILES: usize = 2000;

/// Two changes never interleave within this program.
static WRITING: Mutex<()> = Mutex::new(());

/// A file before and after an act; None is no file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileChange {
    pub file: PathBuf,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// What tells that a file may have been changed.
pub type Stamps = BTreeMap<PathBuf, (u64, Option<crate::base::Timestamp>)>;

/// Looks at names, sizes and times only.
pub fn stamps(workspace: &Workspace) -> Result<Stamps, Problem> {
    let entries = match files::list_dir(&workspace.root.join(FOLDER)) {
        Ok(entries) => entries,
        Err(problem) if problem.code == "not-found" => return Ok(Stamps::new()),
        Err(problem) => return Err(problem),
    };
    let is_module = |entry: &files::DirEntry| !entry.is_dir && entry.path.extension().is_some_and(|ending| ending == "toml");
    let entries = entries.into_iter().filter(is_module).take(MAX_FILES);
    Ok(entries
        .map(|entry| (Path::new(FOLDER).join(&entry.name), (entry.len, entry.modified)))
        .collect())
}

/// Every module of the workspace, and what could not be read.
pub fn load(workspace: &Workspace) -> Result<Plan, Problem> {
    let beneath = Beneath::open(&workspace.root)?;
    let mut plan = Plan::default();
    for file in stamps(workspace)?.into_keys() {
        let path = workspace.root.join(&file);
        let text = match beneath.read_text(&file, MAX_BYTES) {
            Ok(text) => text,
            // Gone between the list and the reading.
            Err(problem) if problem.code == "not-found" => continue,
            Err(problem) => {
                plan.unreadable.push(problem);
                continue;
            }
        };
        match parse::module(&text, &file, &path) {
            Ok((mut module, odd)) => {
                files::sha256_of(text.as_bytes())[..16].clone_into(&mut module.hash);
                plan.modules.push(module);
                plan.odd.extend(odd);
            }
            Err(problem) => plan.unreadable.push(problem),
        }
    }
    plan.modules.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(plan)
}

/// Works out what files an act changes, without writing.
pub fn work_out(workspace: &Workspace, changes: &[Change]) -> Result<Vec<FileChange>, Problem> {
    let plan = load(workspace)?;
    let beneath = Beneath::open(&workspace.root)?;
    let mut out: Vec<(String, FileChange)> = Vec::new();
    for change in changes {
        let name = change.of_module();
        let index = match out.iter().position(|(module, _)| module == name) {
            Some(index) => index,
            None => {
                out.push((name.to_owned(), before(&plan, &beneath, name)?));
                out.len() - 1
            }
        };
        let file = &mut out[index].1;
        let missing = || Problem::user(msg!("plan-modules-no-such", name = name)).code("not-found");
        match change {
            Change::NewModule { module, values } => {
                if file.after.is_some() {
                    return Err(Problem::user(msg!("plan-modules-is-there", name = module.as_str())).code("is-there"));
                }
                file.after = Some(edit::new_text(module, values));
            }
            Change::RemoveModule { .. } => {
                file.after.take().ok_or_else(missing)?;
            }
            Change::Rename { at, to } if at.model.is_none() && at.part.is_none() => {
                let text = file.after.take().ok_or_else(missing)?;
                let mut new = before(&plan, &beneath, to)?;
                if new.before.is_some() {
                    return Err(Problem::user(msg!("plan-modules-is-there", name = to.as_str())).code("is-there"));
                }
                new.after = Some(edit::changed(&text, change)?);
                out.push((to.clone(), new));
            }
            _ => {
                let text = file.after.as_deref().ok_or_else(missing)?;
                file.after = Some(edit::changed(text, change)?);
            }
        }
    }
    let mut files: Vec<FileChange> = out.into_iter().map(|(_, file)| file).collect();
    files.retain(|file| file.before != file.after);
    for file in &files {
        if let Some(text) = &file.after {
            parse::module(text, &file.file, &workspace.root.join(&file.file))?;
        }
    }
    Ok(files)
}

fn before(plan: &Plan, beneath: &Beneath, module: &str) -> Result<FileChange, Problem> {
    let known = plan.modules.iter().find(|known| known.name == module);
    let file = match known {
        Some(known) => known.file.clone(),
        None => file_of(module)?,
    };
    let text = match beneath.read_text(&file, MAX_BYTES) {
        Ok(text) => Some(text),
        Err(problem) if problem.code == "not-found" => None,
        Err(problem) => return Err(problem),
    };
    Ok(FileChange {
        file,
        after: text.clone(),
        before: text,
    })
}

/// The file of a module that is new; a name that would be another path is refused.
pub fn file_of(module: &str) -> Result<PathBuf, Problem> {
    let is_plain = !module.is_empty() && module.len() <= 128 && !module.starts_with('.');
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    if !is_plain || !module.chars().all(is_word) {
        let problem = Problem::user(msg!("plan-modules-bad-name", name = crate::base::SafeText::new(module)));
        return Err(problem.code("bad-name").hint(msg!("plan-modules-bad-name-hint")));
    }
    Ok(Path::new(FOLDER).join(format!("{module}.toml")))
}

/// Writes an act when every file still is what it was before; `is_back` writes the way back.
pub fn write(workspace: &Workspace, changes: &[FileChange], is_back: bool) -> Result<(), Problem> {
    let _alone = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
    let beneath = Beneath::open(&workspace.root)?;
    for change in changes {
        let expected = if is_back { &change.after } else { &change.before };
        let now = match beneath.read_text(&change.file, MAX_BYTES) {
            Ok(text) => Some(text),
            Err(problem) if problem.code == "not-found" => None,
            Err(problem) => return Err(problem),
        };
        if now != *expected {
            let problem = Problem::user(msg!("plan-modules-changed-meanwhile", file = &change.file)).code("changed");
            return Err(problem.hint(msg!("plan-modules-changed-meanwhile-hint")).at_place(
                workspace.root.join(&change.file),
                0,
                0,
            ));
        }
    }
    beneath.create_dir_all(Path::new(FOLDER))?;
    for change in changes {
        match if is_back { &change.before } else { &change.after } {
            Some(text) => beneath.write_atomic(&change.file, text.as_bytes())?,
            None => beneath.remove_file(&change.file)?,
        }
    }
    Ok(())
}

/// The text of a module as it would stand in a file: for what was read from code.
pub fn text_of(module: &Module) -> Result<String, Problem> {
    let mut text = edit::new_text(&module.name, &module.values);
    for change in changes_for(module) {
        text = edit::changed(&text, &change)?;
    }
    Ok(text)
}

/// The changes that make a whole module from an empty one.
pub fn changes_for(module: &Module) -> Vec<Change> {
    use super::schema::{Address, PartKind, Values};
    let mut out = Vec::new();
    let mut add = |at: Address, values: &Values| {
        out.push(Change::Add {
            at,
            values: values.clone(),
        });
    };
    let name = module.name.as_str();
    for group in &module.groups {
        add(Address::part(name, None, PartKind::Group, &group.name), &group.values);
    }
    for model in &module.models {
        let of = Some(model.name.as_str());
        add(Address::model(name, &model.name), &model.values);
        for field in &model.fields {
            add(Address::field(name, &model.name, &field.name), &field.values);
        }
        for access in &model.access {
            let mut values = Values::default();
            values.set("rights", access.rights.as_str());
            add(Address::part(name, of, PartKind::Access, &access.group), &values);
        }
        for constraint in &model.constraints {
            add(
                Address::part(name, of, PartKind::Constraint, &constraint.name),
                &constraint.values,
            );
        }
        for view in &model.views {
            add(Address::part(name, of, PartKind::View, &view.name), &view.values);
        }
    }
    for menu in &module.menus {
        add(Address::part(name, None, PartKind::Menu, &menu.name), &menu.values);
    }
    out
}
