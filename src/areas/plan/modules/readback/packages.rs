//! Packages of Cargo, npm and Python as a plan: what their manifest says, and the models that their types are.

use super::typed::Types;
use super::{dataclass, rust, text, typescript};
use crate::adapters::files;
use crate::areas::plan::modules::generate::snake;
use crate::areas::plan::modules::schema::{Module, Values};
use crate::base::Problem;
use crate::msg;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Folders below each other that are looked through, and files.
const MAX_DEPTH: usize = 6;
const MAX_FILES: usize = 2000;

/// A module that is called as its folder, where that is the package's name in other signs: there it is found again.
fn named(folder: &Path, name: &str, template: &str) -> Module {
    let own = folder.file_name().map(|own| own.to_string_lossy().into_owned());
    let is_letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    let own = own.filter(|own| snake(own) == snake(name) && own.chars().all(is_letter));
    let mut module = Module {
        name: own.unwrap_or_else(|| name.to_owned()),
        ..Module::default()
    };
    module.values.set("template", template);
    module
}

fn copy(values: &mut Values, from: &Value, keys: &[(&str, &str)]) {
    for (key, own) in keys {
        if let Some(text) = from.get(key).and_then(Value::as_str) {
            values.set_text(own, text);
        }
    }
}

fn toml(path: &Path, problems: &mut Vec<Problem>) -> Option<Value> {
    let source = text(path, problems);
    match toml::from_str::<Value>(&source) {
        Ok(value) => Some(value),
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            let problem = Problem::config(msg!("plan-modules-not-toml", file = path))
                .code("unreadable")
                .details(error.message());
            problems.push(problem.at_byte(path, &source, at));
            None
        }
    }
}

/// The folders that hold the code of a package by this name, below its own; none where nobody says.
pub(super) fn sources(template: &str, folder: &Path, name: &str) -> Vec<String> {
    let package = snake(name);
    let below = match template {
        "rust" => return vec!["src".to_owned()],
        "typescript" => vec!["src".to_owned(), "lib".to_owned()],
        "python" => vec![format!("src/{package}"), package, "src".to_owned()],
        _ => Vec::new(),
    };
    let is_there = |below: &String| files::list_dir(&folder.join(below)).is_ok();
    below.into_iter().find(is_there).into_iter().collect()
}

/// A crate; None for a workspace without a package, whose members are looked for below.
pub(super) fn cargo(folder: &Path, problems: &mut Vec<Problem>) -> Option<Module> {
    let manifest = toml(&folder.join("Cargo.toml"), problems)?;
    let package = manifest.get("package")?;
    let mut module = named(folder, package["name"].as_str().unwrap_or_default(), "rust");
    copy(
        &mut module.values,
        package,
        &[
            ("version", "version"),
            ("description", "summary"),
            ("license", "license"),
            ("homepage", "website"),
        ],
    );
    dependencies(&mut module, manifest.get("dependencies"));
    read(folder, &sources("rust", folder, ""), "rs", problems, rust::types).into_models(&mut module);
    Some(module)
}

/// What the files below some folders of a package say, each read by the language's own reader.
fn read(folder: &Path, below: &[String], ending: &str, problems: &mut Vec<Problem>, reader: fn(&str, &mut Types)) -> Types {
    let mut types = Types::default();
    let mut open: Vec<(PathBuf, usize)> = below.iter().rev().map(|name| (folder.join(name), 0)).collect();
    let mut n = 0;
    while let Some((folder, depth)) = open.pop() {
        let mut entries = files::list_dir(&folder).unwrap_or_default();
        entries.sort_by(|a, b| a.name.cmp(&b.name));
        for entry in entries {
            let name = entry.name.to_string_lossy();
            let is_code = !name.ends_with(".d.ts") && !name.ends_with(".test.ts") && !name.ends_with(".spec.ts");
            if entry.is_dir && depth < MAX_DEPTH && !name.starts_with('.') && name != "node_modules" && name != "tests" {
                open.push((entry.path, depth + 1));
            } else if !entry.is_dir && is_code && n < MAX_FILES && entry.path.extension().is_some_and(|known| known == ending) {
                n += 1;
                let code = text(&entry.path, problems);
                if ending == "py" {
                    problems.extend(super::not_python(&entry.path, &code));
                }
                reader(&code, &mut types);
            }
        }
    }
    types
}

fn dependencies(module: &mut Module, table: Option<&Value>) {
    let names: Vec<&str> = table
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(|table| table.keys().map(String::as_str))
        .collect();
    if !names.is_empty() {
        module.values.set("depends", names);
    }
}

pub(super) fn npm(folder: &Path, problems: &mut Vec<Problem>) -> Option<Module> {
    let path = folder.join("package.json");
    let source = text(&path, problems);
    let manifest: Value = match serde_json::from_str(&source) {
        Ok(manifest) => manifest,
        Err(error) => {
            let problem = Problem::config(msg!("plan-modules-not-json", path = &path))
                .code("unreadable")
                .details(&error);
            problems.push(problem.at_place(&path, error.line() as u32, error.column() as u32));
            return None;
        }
    };
    let name = manifest.get("name").and_then(Value::as_str)?;
    // The scope of a package is no part of a file's name, and neither is a dot.
    let bare = name.rsplit('/').next().unwrap_or(name).replace('.', "_");
    let mut module = named(folder, &bare, "typescript");
    if module.name != name && (name.contains('/') || name.contains('.')) {
        module.values.set("package", name);
    }
    copy(
        &mut module.values,
        &manifest,
        &[
            ("version", "version"),
            ("description", "summary"),
            ("license", "license"),
            ("homepage", "website"),
        ],
    );
    dependencies(&mut module, manifest.get("dependencies"));
    let below = sources("typescript", folder, "");
    read(folder, &below, "ts", problems, typescript::types).into_models(&mut module);
    Some(module)
}

pub(super) fn python(folder: &Path, problems: &mut Vec<Problem>) -> Option<Module> {
    let manifest = toml(&folder.join("pyproject.toml"), problems)?;
    let poetry = manifest.get("tool").and_then(|tool| tool.get("poetry"));
    let project = manifest.get("project").or(poetry)?;
    let name = project.get("name").and_then(Value::as_str)?;
    let mut module = named(folder, name, "python");
    copy(
        &mut module.values,
        project,
        &[("version", "version"), ("description", "summary"), ("license", "license")],
    );
    let depends: Vec<String> = project
        .get("dependencies")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(|line| {
            line.chars()
                .take_while(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
                .collect()
        })
        .collect();
    if !depends.is_empty() {
        module.values.set("depends", depends);
    }
    let below = sources("python", folder, name);
    read(folder, &below, "py", problems, dataclass::types).into_models(&mut module);
    Some(module)
}
