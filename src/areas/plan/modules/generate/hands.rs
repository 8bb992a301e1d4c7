//! Modules that hands wrote and that were read into the plan: what the plan says beyond the code is carried into the files as they are.
//! The base is what the template gives of the plan as the code says it, worked out anew each time, so that no record has to be kept.

use super::render::{Rendered, rendered};
use super::{FileState, OutFile, compared, read};
use crate::adapters::files::{self, Beneath};
use crate::adapters::git::Git;
use crate::areas::plan::modules::known::Plan;
use crate::areas::plan::modules::schema::Module;
use crate::areas::plan::modules::{drift, edit, folder, parse, readback};
use crate::base::{Problem, Workspace};
use similar::{DiffOp, TextDiff};
use std::collections::BTreeMap;
use std::path::Path;

/// Lines that say where something stands.
const NEAR: usize = 3;
/// Files of Python in a folder that are looked through for a model.
const MAX_FILES: usize = 500;

/// The files of a module that was never generated, when there is one in its folder; None where there is none.
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
    let mut codes = found.modules.into_iter().zip(&found.folders);
    let Some((code, _)) = codes.find(|(_, place)| **place == folder) else {
        return Ok(None);
    };
    let before = as_code_says(module, &code)?;
    let bases = rendered(workspace, plan, &before, template)?;
    let bases: BTreeMap<&str, &str> = bases.iter().map(|file| (file.path.as_str(), file.text.as_str())).collect();
    let theirs: BTreeMap<&str, &str> = texts.iter().map(|file| (file.path.as_str(), file.text.as_str())).collect();
    let elsewhere = elsewhere(root, beneath, target, texts)?;
    let mut sides: BTreeMap<String, Vec<(Option<&str>, &str)>> = BTreeMap::new();
    let renamed = |path: &str, text: &str| -> String {
        let mut text = text.to_owned();
        // What stands elsewhere is imported from there, and a list of nothing is no line of anybody.
        for (own, place) in elsewhere.iter().filter(|_| path.ends_with("__init__.py")) {
            let import = |path: &String| format!("from . import {}\n", stem(path));
            text = text.replace(&import(own), &import(place));
        }
        if path == "__manifest__.py" {
            text = text.replace("    \"data\": [\n    ],\n", "");
        }
        text
    };
    let bases: BTreeMap<&str, String> = bases.iter().map(|(path, text)| (*path, renamed(path, text))).collect();
    let theirs: BTreeMap<&str, String> = theirs.iter().map(|(path, text)| (*path, renamed(path, text))).collect();
    for (path, text) in &theirs {
        let place = elsewhere.get(*path).cloned().unwrap_or_else(|| (*path).to_owned());
        sides
            .entry(place)
            .or_default()
            .push((bases.get(path).map(String::as_str), text.as_str()));
    }
    let mut out = Vec::new();
    for (path, sides) in sides {
        let ours = read(beneath, &target.join(&path))?;
        out.extend(one(git, &path, ours.as_deref(), &sides)?);
    }
    Ok(Some(out))
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

/// By the path of a generated file the one that has its model, where that has another name.
fn elsewhere(root: &Path, beneath: &Beneath, target: &Path, texts: &[Rendered]) -> Result<BTreeMap<String, String>, Problem> {
    let mut out = BTreeMap::new();
    let is_python = |path: &str| Path::new(path).extension().is_some_and(|ending| ending == "py");
    for file in texts.iter().filter(|file| is_python(&file.path)) {
        let Some(model) = &file.model else { continue };
        let own = Path::new(&file.path);
        let Some(folder) = own.parent() else { continue };
        if read(beneath, &target.join(own))?.is_some() {
            continue;
        }
        let entries = files::list_dir(&root.join(target).join(folder)).unwrap_or_default();
        let names = entries.iter().map(|entry| entry.name.to_string_lossy().into_owned());
        for name in names.filter(|name| is_python(name)).take(MAX_FILES) {
            let path = folder.join(&name);
            let text = read(beneath, &target.join(&path))?.unwrap_or_default();
            if text.lines().any(|line| names_model(line, model)) {
                out.insert(file.path.clone(), path.to_string_lossy().into_owned());
                break;
            }
        }
    }
    Ok(out)
}

fn stem(path: &str) -> String {
    let stem = Path::new(path).file_stem().unwrap_or_default();
    stem.to_string_lossy().into_owned()
}

/// `_name = "coop.share"`, `_inherit = ["coop.share"]`.
fn names_model(line: &str, model: &str) -> bool {
    let Some((key, value)) = line.trim().split_once('=') else {
        return false;
    };
    let words = value.split(['"', '\'']).skip(1).step_by(2);
    matches!(key.trim(), "_name" | "_inherit") && words.into_iter().any(|word| word == model)
}

fn one(git: &Git, path: &str, ours: Option<&str>, sides: &[(Option<&str>, &str)]) -> Result<Option<OutFile>, Problem> {
    let is_new = sides.iter().any(|(base, _)| base.is_none());
    let Some(ours) = ours else {
        // What the template would have beside the code of hands stays away; a new model has its file.
        let text = sides.first().filter(|_| is_new).map(|(_, theirs)| (*theirs).to_owned());
        return text
            .map(|text| compared(git, path, FileState::New, 0, None, Some(text.clone()), Some(text)))
            .transpose();
    };
    let (mut text, mut n_conflicts) = (ours.to_owned(), 0);
    for (base, theirs) in sides {
        if text == *theirs || *base == Some(theirs) {
            continue;
        }
        let merged = git.merge_texts(base.unwrap_or_default(), &text, theirs, ("hand", "plan"))?;
        if merged.n_conflicts == 0 {
            text = merged.text;
        } else if let Some(carried) = base.and_then(|base| carried(base, &text, theirs)) {
            text = carried;
        } else if !path.starts_with("README") {
            // What people read about it is theirs.
            n_conflicts += merged.n_conflicts;
            text = merged.text;
        }
    }
    let state = match n_conflicts {
        0 if sides.iter().all(|(_, theirs)| *theirs == ours) => FileState::Same,
        0 if text == ours => FileState::Edited,
        0 => FileState::Merged,
        _ if is_new => FileState::Foreign,
        _ => FileState::Conflict,
    };
    let generated = match sides {
        [(_, theirs)] => (*theirs).to_owned(),
        _ => text.clone(),
    };
    compared(git, path, state, n_conflicts, Some(ours), Some(text), Some(generated)).map(Some)
}

/// Makes in a text of hands the changes that lead from one generated text to the next, each where its neighbours stand there. None when
/// one of them has no place.
pub fn carried(base: &str, ours: &str, theirs: &str) -> Option<String> {
    let diff = TextDiff::from_lines(base, theirs);
    let (base, theirs): (Vec<&str>, Vec<&str>) = (base.split_inclusive('\n').collect(), theirs.split_inclusive('\n').collect());
    let mut lines: Vec<String> = ours.split_inclusive('\n').map(str::to_owned).collect();
    if let Some(last) = lines.last_mut().filter(|last| !last.ends_with('\n')) {
        last.push('\n');
    }
    // From the end, so that what is put in moves nothing that comes.
    for op in diff.ops().iter().rev() {
        match *op {
            DiffOp::Equal { .. } => {}
            DiffOp::Insert {
                old_index,
                new_index,
                new_len,
            } => {
                let (mut old, mut new) = (old_index, new_index);
                // The same lines may be seen one lower: a bracket that closes belongs to what it closes.
                while head(theirs[new]).is_none() && theirs.get(new + new_len) == Some(&theirs[new]) {
                    (old, new) = (old + 1, new + 1);
                }
                let new = &theirs[new..new + new_len];
                if depth_of(new.iter().copied()) != Some(0) {
                    return None;
                }
                let at = place_of(&base[..old], &base[old..], &lines)?;
                let new = new.iter().map(|line| (*line).to_owned());
                lines.splice(at..at, new);
            }
            DiffOp::Delete { old_index, old_len, .. } => {
                let at = only(&base[old_index..old_index + old_len], &lines)?;
                lines.drain(at..at + old_len);
            }
            DiffOp::Replace {
                old_index,
                old_len,
                new_index,
                new_len,
            } => {
                let at = only(&base[old_index..old_index + old_len], &lines)?;
                let new = theirs[new_index..new_index + new_len].iter().map(|line| (*line).to_owned());
                lines.splice(at..at + old_len, new);
            }
        }
    }
    Some(lines.concat())
}

/// Where these lines stand, when they stand there once.
fn only(wanted: &[&str], lines: &[String]) -> Option<usize> {
    let is_here = |at: &usize| {
        wanted
            .iter()
            .zip(&lines[*at..])
            .all(|(wanted, line)| wanted.trim_end() == line.trim_end())
    };
    let mut places = (0..=lines.len().checked_sub(wanted.len())?).filter(is_here);
    places.next().filter(|_| places.next().is_none())
}

/// Where something new goes: behind the statement that stands before it, else before the one that stands behind it.
fn place_of(before: &[&str], behind: &[&str], lines: &[String]) -> Option<usize> {
    let found = |wanted: &String| {
        let mut places = (0..lines.len()).filter(|at| head(&lines[*at]).as_ref() == Some(wanted));
        places.next().filter(|_| places.next().is_none())
    };
    // The nearest ones only: what stands far away says nothing about the place.
    let above = before.iter().enumerate().rev();
    let above = above.filter_map(|(index, line)| Some((index, head(line)?))).take(NEAR);
    for (index, wanted) in above {
        let Some(at) = found(&wanted) else { continue };
        let opens = lines[at].trim_end().ends_with(['[', '(', '{']);
        match depth_of(before[index..].iter().copied()) {
            // It stands in something that ends before the new lines.
            None => {}
            Some(0) => return Some(end_of(lines, at)),
            // What is put into a list stands behind the line that opens it.
            Some(_) => return opens.then_some(at + 1),
        }
    }
    let below = behind.iter().filter_map(|line| head(line)).take(NEAR);
    below.into_iter().find_map(|wanted| found(&wanted))
}

/// How many brackets stay open behind these lines; None when one is closed that they do not open.
fn depth_of<'l>(lines: impl Iterator<Item = &'l str>) -> Option<usize> {
    let mut depth = 0_usize;
    for c in lines.flat_map(str::chars) {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = depth.checked_sub(1)?,
            _ => {}
        }
    }
    Some(depth)
}

/// What tells a line from others however it is written: `name = fields.Char(` is the field `name`; a bracket alone says nothing.
fn head(line: &str) -> Option<String> {
    let bare = line.trim();
    if !bare.contains(|c: char| c.is_alphanumeric()) || bare.starts_with('#') {
        return None;
    }
    let is_word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || c == '_');
    match bare.split_once(" = ") {
        Some((name, value)) if is_word(name) && (value.starts_with("fields.") || name.starts_with('_')) => {
            let indent = line.len() - line.trim_start().len();
            Some(format!("{indent}{name} ="))
        }
        // An argument of a call: it belongs to another line.
        _ if bare.ends_with(',') && bare.contains('=') => None,
        _ => Some(bare.trim_end_matches(',').replace('\'', "\"")),
    }
}

/// The line behind the statement that begins here.
fn end_of(lines: &[String], at: usize) -> usize {
    let mut depth = 0_i32;
    for (offset, line) in lines[at..].iter().enumerate() {
        for c in line.chars() {
            match c {
                '(' | '[' | '{' => depth += 1,
                ')' | ']' | '}' => depth -= 1,
                _ => {}
            }
        }
        // A list that ends below belongs to what stands in it.
        if depth <= 0 {
            return at + offset + 1;
        }
    }
    at + 1
}
