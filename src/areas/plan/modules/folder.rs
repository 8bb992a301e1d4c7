//! The folder of module files: reads every one, and changes several as one act. What does not parse is never written.
//! Everything here blocks; jobs call it through `JobCtx::blocking`.

use super::edit::{self, Change};
use super::known::Plan;
use super::parse;
use super::schema::Module;
use crate::adapters::files::{self, Beneath};
use crate::areas::plan::front::{conflict_line, our_side};
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
    Ok(Desk::open(workspace)?.plan())
}

/// Works out what files an act changes, without writing.
pub fn work_out(workspace: &Workspace, changes: &[Change]) -> Result<Vec<FileChange>, Problem> {
    let mut desk = Desk::open(workspace)?;
    desk.apply(changes)?;
    desk.into_changes()
}

/// The folder as it would be after some changes; nothing is written.
pub struct Desk {
    root: PathBuf,
    files: BTreeMap<PathBuf, FileChange>,
    /// The file of each module by its name, also of one that was renamed on the desk.
    names: BTreeMap<String, PathBuf>,
    /// Files that are no text.
    unreadable: BTreeMap<PathBuf, Problem>,
}

impl Desk {
    /// Reads every file.
    pub fn open(workspace: &Workspace) -> Result<Self, Problem> {
        let beneath = Beneath::open(&workspace.root)?;
        let mut desk = Self {
            root: workspace.root.clone(),
            files: BTreeMap::new(),
            names: BTreeMap::new(),
            unreadable: BTreeMap::new(),
        };
        for file in stamps(workspace)?.into_keys() {
            match beneath.read_text(&file, MAX_BYTES) {
                Ok(text) => {
                    let change = FileChange {
                        before: Some(text.clone()),
                        after: Some(text),
                        file: file.clone(),
                    };
                    desk.files.insert(file, change);
                }
                // Gone between the list and the reading.
                Err(problem) if problem.code == "not-found" => {}
                Err(problem) => drop(desk.unreadable.insert(file, problem)),
            }
        }
        for module in desk.plan().modules {
            desk.names.entry(module.name).or_insert(module.file);
        }
        Ok(desk)
    }

    /// The plan as it stands on the desk.
    pub fn plan(&self) -> Plan {
        let mut plan = Plan::default();
        plan.unreadable.extend(self.unreadable.values().cloned());
        for (file, change) in &self.files {
            let Some(text) = &change.after else { continue };
            match parse::module(text, file, &self.root.join(file)) {
                Ok((mut module, odd)) => {
                    files::sha256_of(text.as_bytes())[..16].clone_into(&mut module.hash);
                    plan.modules.push(module);
                    plan.odd.extend(odd);
                }
                Err(problem) => {
                    // As our side has it, it stays in sight until it is solved.
                    if problem.code == parse::CONFLICT
                        && let Ok((module, _)) = parse::module(&our_side(text), file, &self.root.join(file))
                    {
                        plan.modules.push(module);
                    }
                    plan.unreadable.push(problem);
                }
            }
        }
        plan.modules.sort_by(|a, b| a.name.cmp(&b.name));
        plan
    }

    /// Makes all of the changes, or none of them.
    pub fn apply(&mut self, changes: &[Change]) -> Result<(), Problem> {
        let before = (self.files.clone(), self.names.clone());
        for change in changes {
            if let Err(problem) = self.make(change) {
                (self.files, self.names) = before;
                return Err(problem);
            }
        }
        Ok(())
    }

    /// The file of a module, one that is there or a new one. A file that can not be read is told with its place.
    fn file_of(&self, module: &str) -> Result<PathBuf, Problem> {
        if let Some(file) = self.names.get(module) {
            let text = self.files.get(file).and_then(|change| change.after.as_ref());
            if let Some(text) = text.filter(|text| conflict_line(text).is_some()) {
                parse::module(text, file, &self.root.join(file))?;
            }
            return Ok(file.clone());
        }
        let file = file_of(module)?;
        if let Some(problem) = self.unreadable.get(&file) {
            return Err(problem.clone());
        }
        if let Some(text) = self.files.get(&file).and_then(|change| change.after.as_ref()) {
            parse::module(text, &file, &self.root.join(&file))?;
        }
        Ok(file)
    }

    fn change(&mut self, file: &Path) -> &mut FileChange {
        self.files.entry(file.to_path_buf()).or_insert_with(|| FileChange {
            file: file.to_path_buf(),
            before: None,
            after: None,
        })
    }

    fn make(&mut self, change: &Change) -> Result<(), Problem> {
        let name = change.of_module();
        let file = self.file_of(name)?;
        let missing = || Problem::user(msg!("plan-modules-no-such", name = name)).code("not-found");
        match change {
            Change::NewModule { module, values } => {
                let new = self.change(&file);
                if new.after.is_some() {
                    return Err(edit::is_there(module));
                }
                new.after = Some(edit::new_text(module, values));
                self.names.insert(module.clone(), file);
            }
            Change::RemoveModule { .. } => {
                self.change(&file).after.take().ok_or_else(missing)?;
            }
            Change::Rename { at, to } if at.model.is_none() && at.part.is_none() => {
                let text = self.change(&file).after.clone().ok_or_else(missing)?;
                let goal = self.file_of(to)?;
                // A file that was named for its module all along keeps its name.
                if goal != file && self.change(&goal).after.is_some() {
                    return Err(edit::is_there(to));
                }
                let new = edit::changed(&text, change)?;
                self.change(&file).after = None;
                self.change(&goal).after = Some(new);
                self.names.remove(name);
                self.names.insert(to.clone(), goal);
            }
            _ => {
                let edited = self.change(&file);
                let text = edited.after.as_deref().ok_or_else(missing)?;
                edited.after = Some(edit::changed(text, change)?);
            }
        }
        Ok(())
    }

    /// What has to be written; every text that would be was read again.
    pub fn into_changes(self) -> Result<Vec<FileChange>, Problem> {
        let mut files: Vec<FileChange> = self.files.into_values().collect();
        files.retain(|file| file.before != file.after);
        for file in &files {
            if let Some(text) = &file.after {
                parse::module(text, &file.file, &self.root.join(&file.file))?;
            }
        }
        Ok(files)
    }
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
    let _turn = beneath.turn()?;
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
    for change in changes {
        beneath.create_dir_all(change.file.parent().unwrap_or(Path::new(FOLDER)))?;
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
