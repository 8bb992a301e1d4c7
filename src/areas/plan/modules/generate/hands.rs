//! Modules that hands wrote and that were read into the plan: what the plan says beyond the code is carried into the files as they are.
//! The base is what the template gives of the plan as the code says it, worked out anew each time, so that no record has to be kept.

use super::carry::{carry, names_model, types_in, windows_in};
use super::render::{Rendered, rendered};
use super::{FileState, OutFile, Output, compared, holds_marks, read};
use crate::adapters::files::{self, Beneath};
use crate::adapters::git::Git;
use crate::areas::plan::modules::known::Plan;
use crate::areas::plan::modules::schema::{Module, Part, PlannedModel, Values, file_of};
use crate::areas::plan::modules::{drift, edit, folder, parse, readback};
use crate::base::{Problem, Workspace};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Files of a module that are looked through.
const MAX_FILES: usize = 2000;
const MAX_DEPTH: usize = 6;
/// Folders that hold no models, views or rights.
const SKIPPED: [&str; 11] = [
    "tests",
    "test",
    "migrations",
    "static",
    "i18n",
    "demo",
    "__pycache__",
    "node_modules",
    "target",
    "dist",
    "build",
];
const RIGHTS: &str = "security/ir.model.access.csv";

/// The files of a module that was never generated, when there is one of this template in its folder; None where there is none.
#[expect(clippy::too_many_arguments, reason = "a preview with all that it was worked out from")]
pub(super) fn files_of(
    git: &Git,
    workspace: &Workspace,
    root: &Path,
    beneath: &Beneath,
    plan: &Plan,
    module: &Module,
    template: &str,
    target: &Path,
    texts: &[Rendered],
) -> Result<Option<Vec<OutFile>>, Problem> {
    let folder = root.join(target);
    let Ok(found) = readback::read(&folder, &|| false) else {
        return Ok(None);
    };
    // What another template gives, of the user's own or of another language, stands beside the code and is no part of it.
    let mut codes = found.modules.into_iter().zip(&found.folders);
    let Some((code, _)) = codes.find(|(code, place)| **place == folder && code.template() == template) else {
        return Ok(None);
    };
    // What can not be read would be written a second time.
    let is_of_it = |problem: &&Problem| problem.place.as_ref().is_some_and(|place| place.path.starts_with(&folder));
    if let Some(problem) = found.problems.iter().find(is_of_it) {
        return Err(problem.clone());
    }
    let before = as_code_says(module, &code)?;
    let based = rendered(workspace, plan, &before, template)?;
    let own = own_files(beneath, &folder, target, &readback::sources(module, &folder))?;
    let elsewhere = elsewhere(&own, texts, &based);
    let place_of = |path: &str| elsewhere.get(path).cloned().unwrap_or_else(|| path.to_owned());
    let base_of = |path: &str| based.iter().find(|file| file.path == path).map(|file| file.text.as_str());
    // A menu opens the window that hands have.
    let windows: Vec<(String, String)> = own.values().flat_map(|text| windows_in(text)).collect();
    let opened = |text: &str| -> String {
        let mut text = text.to_owned();
        if !text.contains("<menuitem") {
            return text;
        }
        for (model, id) in &windows {
            let action = |id: &str| format!("action=\"{id}\"");
            text = text.replace(&action(&format!("{}_action", file_of(model))), &action(id));
        }
        text
    };
    let mut out = Vec::new();
    // Files that the template would have beside the code of hands: they come when the plan says something that only they can hold.
    let mut fresh: Vec<&str> = Vec::new();
    for file in texts {
        let path = file.path.as_str();
        let Some(base) = base_of(path) else { continue };
        if base == file.text || read(beneath, &target.join(place_of(path)))?.is_some() {
            continue;
        }
        match absent(module, &before, file, base) {
            Absent::Stays => {}
            Absent::New(text) => {
                fresh.push(path);
                let (text, generated) = (Some(opened(&text)), Some(file.text.clone()));
                out.push(compared(git, path, FileState::New, 0, None, text, generated)?);
            }
            Absent::Conflict => {
                let carried = carry(path, file.model.as_deref(), base, "", &file.text);
                let (text, generated) = (Some(carried.text), Some(file.text.clone()));
                let n = carried.n_open.max(1);
                out.push(compared(git, path, FileState::Conflict, n, None, text, generated)?);
            }
        }
    }
    let category = format!("\"module_category_{}\"", module.name);
    let named = |path: &str, text: &str, is_base: bool| -> String {
        let mut text = opened(text);
        if path.ends_with("__init__.py") {
            // What stands elsewhere is imported from there.
            for (own, place) in &elsewhere {
                let import = |path: &str| format!("from . import {}\n", stem(path));
                text = text.replace(&import(own), &import(place));
            }
        }
        let is_fresh = |line: &str| {
            let import = |path: &&str| {
                path.strip_suffix("/__init__.py")
                    .map(|folder| format!("from . import {folder}"))
            };
            let line = line.trim();
            fresh.iter().any(|path| match path_of(line) {
                Some(named) => named == *path,
                None => import(path).is_some_and(|import| import == line),
            })
        };
        // A category that hands have not got is named in no file of theirs; a new file brings it.
        if path.ends_with(".xml") && base_of(path).is_some() && !own.values().any(|text| text.contains(&category)) {
            text = without(&text, &category);
        }
        if is_base && matches!(path, "__manifest__.py" | "__init__.py") {
            text = text.split_inclusive('\n').filter(|line| !is_fresh(line)).collect();
        }
        if path == "__manifest__.py" {
            for (own, place) in &elsewhere {
                text = text.replace(&format!("\"{own}\""), &format!("\"{place}\""));
            }
            // A list of nothing is no line of anybody.
            text = text.replace("    \"data\": [\n    ],\n", "");
        }
        text
    };
    let mut sides: BTreeMap<String, Vec<Side>> = BTreeMap::new();
    for file in texts {
        let place = place_of(&file.path);
        let is_there = read(beneath, &target.join(&place))?.is_some();
        let base = base_of(&file.path);
        if base.is_some() && !is_there {
            continue;
        }
        sides.entry(place).or_default().push(Side {
            model: file.model.clone(),
            base: base.map(|text| named(&file.path, text, true)),
            theirs: named(&file.path, &file.text, false),
        });
    }
    for (path, sides) in sides {
        let ours = read(beneath, &target.join(&path))?;
        out.extend(one(git, &path, ours.as_deref(), &sides)?);
    }
    // Files of what the plan has no more: those that came beside the code of hands go, as long as nobody wrote into them.
    let kept = super::bases_of(root, &beside_of(&module.name, template))?;
    let gone = based.iter().map(|file| &file.path).chain(&kept);
    let gone: BTreeSet<&String> = gone.filter(|path| !texts.iter().any(|file| file.path == **path)).collect();
    for path in gone {
        let Some(ours) = read(beneath, &target.join(path))? else {
            continue;
        };
        let known = read(beneath, &beside_of(&module.name, template).join(path))?;
        let (state, text) = if known.as_ref() == Some(&ours) {
            (FileState::Removed, None)
        } else {
            (FileState::Left, Some(ours.clone()))
        };
        out.push(compared(git, path, state, 0, Some(&ours), text, None)?);
    }
    out.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Some(out))
}

/// Where the texts of files stand that were written beside the code of hands, below the root.
fn beside_of(module: &str, template: &str) -> PathBuf {
    Path::new(super::BASES).join(module).join(format!("{template}.beside"))
}

/// Keeps what was written beside the code of hands, as long as nobody else wrote into it; `before` is what the file was.
pub(super) fn keep(
    beneath: &Beneath,
    output: &Output,
    file: &OutFile,
    before: Option<&String>,
) -> Result<Option<PathBuf>, Problem> {
    let path = beside_of(&output.module, &output.template).join(&file.path);
    let known = read(beneath, &path)?;
    let is_own = file.state == FileState::New || known.is_some() && known.as_ref() == before;
    match (&file.text, known) {
        (None, Some(_)) => beneath.remove_file(&path)?,
        (Some(text), known) if is_own && known.as_ref() != Some(text) => beneath.write_atomic(&path, text.as_bytes())?,
        _ => return Ok(None),
    }
    Ok(Some(path))
}

/// What one generated file was and is, for the file of hands that holds it.
struct Side {
    model: Option<String>,
    /// None for what the code does not have at all.
    base: Option<String>,
    theirs: String,
}

/// What becomes of a generated file that hands have not got.
enum Absent {
    Stays,
    New(String),
    /// What the plan says stands somewhere else, where it was not found.
    Conflict,
}

fn absent(module: &Module, before: &Module, file: &Rendered, base: &str) -> Absent {
    let path = file.path.as_str();
    let said = |had: &[Part], has: &[Part]| {
        let told = |parts: &[Part]| -> Vec<(String, Values)> {
            parts.iter().map(|part| (part.name.clone(), part.values.clone())).collect()
        };
        match told(had) {
            had if had == told(has) => Absent::Stays,
            had if had.is_empty() => Absent::New(file.text.clone()),
            _ => Absent::Conflict,
        }
    };
    if path.ends_with("__init__.py") {
        let is_known = |line: &&str| base.lines().any(|known| known == line.trim_end());
        let new: String = file.text.split_inclusive('\n').filter(|line| !is_known(line)).collect();
        return if new.trim().is_empty() {
            Absent::Stays
        } else {
            Absent::New(new)
        };
    }
    if path.starts_with("test") || path.starts_with("demo/") {
        return Absent::Stays;
    }
    if module.template() != "odoo" || path.ends_with(".py") {
        return if file.model.is_some() {
            Absent::Conflict
        } else {
            Absent::Stays
        };
    }
    if path == RIGHTS {
        return rights(module, before, file, base);
    }
    match &file.model {
        Some(name) => {
            let views = |module: &Module| module.model(name).map(|model| model.views.clone()).unwrap_or_default();
            said(&views(before), &views(module))
        }
        None if file.text.contains("<menuitem") => said(&before.menus, &module.menus),
        None if file.text.contains("model=\"res.groups\"") => said(&before.groups, &module.groups),
        None => Absent::Stays,
    }
}

/// Rights that the plan says and the code does not, where hands have no such file: their rows alone.
fn rights(module: &Module, before: &Module, file: &Rendered, base: &str) -> Absent {
    let told = |model: &PlannedModel| -> Vec<(String, String)> {
        let pairs = model
            .access
            .iter()
            .map(|access| (access.group.clone(), access.rights.clone()));
        pairs.collect()
    };
    let mut lines = file.text.split_inclusive('\n');
    let mut new = lines.next().unwrap_or_default().to_owned();
    let n = new.len();
    let rows: Vec<&str> = lines.collect();
    for model in &module.models {
        let known = before.model(&model.name);
        let (had, has) = (known.map(told).unwrap_or_default(), told(model));
        if known.is_some() && had == has {
            continue;
        }
        let is_own = |row: &&&str| {
            let wanted = format!("model_{}", model.file());
            let named = row.split(',').any(|cell| cell.rsplit('.').next() == Some(wanted.as_str()));
            named && (had.is_empty() || !base.contains(**row))
        };
        for row in rows.iter().filter(is_own) {
            let id = row.split(',').next().unwrap_or_default();
            if !had.is_empty() && base.lines().any(|line| line.split(',').next() == Some(id)) {
                return Absent::Conflict;
            }
            new.push_str(row);
        }
    }
    if new.len() == n { Absent::Stays } else { Absent::New(new) }
}

/// A text of records without the one of this id, and without the lines that name it.
fn without(text: &str, id: &str) -> String {
    let mut is_inside = false;
    let mut is_kept = |line: &&str| {
        is_inside |= line.contains(&format!("<record id={id}"));
        let is_kept = !is_inside && !line.contains(&format!("ref={id}"));
        is_inside &= !line.contains("</record>");
        is_kept
    };
    text.split_inclusive('\n').filter(|line| is_kept(line)).collect()
}

/// The path that an entry of the manifest names.
fn path_of(line: &str) -> Option<&str> {
    line.strip_prefix('"')?.strip_suffix("\",")
}

/// The files of hands that could hold what the template gives, by their paths below the module's folder.
fn own_files(beneath: &Beneath, folder: &Path, target: &Path, below: &[String]) -> Result<BTreeMap<String, String>, Problem> {
    let mut paths = Vec::new();
    let mut open: Vec<(PathBuf, usize)> = below.iter().map(|below| (folder.join(below), 0)).collect();
    if open.is_empty() {
        open.push((folder.to_path_buf(), 0));
    }
    while let Some((at, depth)) = open.pop() {
        for entry in files::list_dir(&at).unwrap_or_default() {
            let name = entry.name.to_string_lossy();
            let is_code = ["py", "xml", "csv", "rs", "ts"]
                .iter()
                .any(|ending| entry.path.extension().is_some_and(|own| own == *ending));
            if entry.is_dir {
                let is_open = depth < MAX_DEPTH && !name.starts_with('.') && !SKIPPED.contains(&name.as_ref());
                if is_open {
                    open.push((entry.path.clone(), depth + 1));
                }
            } else if is_code && let Ok(path) = entry.path.strip_prefix(folder) {
                paths.push(path.to_path_buf());
            }
        }
    }
    paths.sort();
    let mut out = BTreeMap::new();
    for path in paths.into_iter().take(MAX_FILES) {
        // What can not be read is told where the code is read.
        if let Ok(Some(text)) = read(beneath, &target.join(&path)) {
            out.insert(path.to_string_lossy().into_owned(), text);
        }
    }
    Ok(out)
}

/// By the path of a generated file the one of hands that has what it is about, where that has another name.
fn elsewhere(own: &BTreeMap<String, String>, texts: &[Rendered], based: &[Rendered]) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    for file in texts
        .iter()
        .filter(|file| !own.contains_key(&file.path) && !file.path.starts_with("test"))
    {
        let ending = |path: &str| path.rsplit('.').next().map(str::to_owned);
        let is_known = based.iter().any(|known| known.path == file.path);
        let types = types_in(&file.text);
        let count = |path: &str, text: &str| -> usize {
            if ending(path) != ending(&file.path) {
                return 0;
            }
            let model = file.model.as_deref();
            match (ending(path).as_deref(), model) {
                (Some("py"), Some(model)) if file.path.starts_with("models/") => {
                    let has = |keys: &[&str]| text.lines().any(|line| names_model(line, model, keys));
                    2 * usize::from(has(&["_name"])) + usize::from(has(&["_inherit"]))
                }
                (Some("xml"), Some(model)) if is_known => text.matches(&format!("<field name=\"model\">{model}<")).count(),
                (Some("xml"), None) if is_known => ["<menuitem", "model=\"res.groups\""]
                    .iter()
                    .find(|mark| file.text.contains(**mark))
                    .map_or(0, |mark| text.matches(*mark).count()),
                (Some("csv"), _) => usize::from(file.path == RIGHTS && path == "ir.model.access.csv"),
                (Some("py" | "rs" | "ts"), Some(_)) => {
                    let here = types_in(text);
                    usize::from(!types.is_empty() && types.iter().all(|name| here.contains(name)))
                }
                _ => 0,
            }
        };
        // Of several the first that has most of it.
        let found = own
            .iter()
            .map(|(path, text)| (count(path, text), path))
            .filter(|(n, _)| *n > 0);
        let most = found.reduce(|most, next| if next.0 > most.0 { next } else { most });
        if let Some((_, place)) = most {
            out.insert(file.path.clone(), place.clone());
        }
    }
    out
}

/// The planned module with what its code says otherwise.
fn as_code_says(module: &Module, code: &Module) -> Result<Module, Problem> {
    let mut code = code.clone();
    code.name.clone_from(&module.name);
    let mut text = folder::text_of(module)?;
    for difference in drift::compare(module, Some(&code)).differences {
        for change in &difference.to_plan {
            // What the template adds by itself is no part of the plan's file.
            if let Ok(changed) = edit::changed(&text, change) {
                text = changed;
            }
        }
    }
    let (mut before, _) = parse::module(&text, &module.file, &module.file)?;
    before.name.clone_from(&module.name);
    Ok(before)
}

fn stem(path: &str) -> String {
    let stem = Path::new(path).file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}

fn one(git: &Git, path: &str, ours: Option<&str>, sides: &[Side]) -> Result<Option<OutFile>, Problem> {
    let is_new = sides.iter().any(|side| side.base.is_none());
    let Some(ours) = ours else {
        // A new model has its file.
        let text = sides.first().filter(|_| is_new).map(|side| side.theirs.clone());
        return text
            .map(|text| compared(git, path, FileState::New, 0, None, Some(text.clone()), Some(text)))
            .transpose();
    };
    let generated = |text: &str| match sides {
        [side] => side.theirs.clone(),
        _ => text.to_owned(),
    };
    let is_changed = |side: &Side| side.base.as_ref() != Some(&side.theirs) && side.theirs != ours && !is_of_people(path, ours);
    if holds_marks(ours) && sides.iter().any(is_changed) {
        let text = Some(ours.to_owned());
        return compared(git, path, FileState::Unsolved, 1, Some(ours), text, Some(generated(ours))).map(Some);
    }
    let (mut text, mut n_conflicts) = (ours.to_owned(), 0);
    for Side { model, base, theirs } in sides {
        if text == *theirs || base.as_ref() == Some(theirs) || base.is_some() && is_of_people(path, ours) {
            continue;
        }
        let merged = git.merge_texts(base.as_deref().unwrap_or_default(), &text, theirs, ("hand", "plan"))?;
        if merged.n_conflicts == 0 {
            text = merged.text;
            continue;
        }
        let Some(base) = base else {
            n_conflicts += merged.n_conflicts;
            text = merged.text;
            continue;
        };
        let carried = carry(path, model.as_deref(), base, &text, theirs);
        n_conflicts += carried.n_open;
        text = carried.text;
    }
    let state = match n_conflicts {
        0 if sides.iter().all(|side| side.theirs == ours) => FileState::Same,
        0 if text == ours => FileState::Edited,
        0 => FileState::Merged,
        _ if is_new => FileState::Foreign,
        _ => FileState::Conflict,
    };
    let generated = generated(&text);
    compared(git, path, state, n_conflicts, Some(ours), Some(text), Some(generated)).map(Some)
}

/// What people read about a module, and tests that are none of the template's, are theirs alone.
fn is_of_people(path: &str, ours: &str) -> bool {
    let is_of_template = ["planned = {", "from dataclasses import fields"]
        .iter()
        .any(|line| ours.contains(line));
    path.starts_with("README") || path.starts_with("tests/test_") && !is_of_template
}
