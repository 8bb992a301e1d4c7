//! From code back to a plan: Odoo modules, and packages of Cargo, npm and Python. Reads only; nothing of what is read is run.
//! Everything here blocks; jobs call it through `JobCtx::blocking`.

mod assigned;
mod dataclass;
mod expression;
mod odoo;
mod packages;
mod python;
mod rust;
mod typed;
mod typescript;
mod xml;

pub use expression::{Spoken, spoken};
pub use typed::METADATA;

use super::schema::Module;
use crate::adapters::files;
use crate::base::Problem;
use crate::msg;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

const MAX_BYTES: u64 = 2 << 20;
const MAX_DEPTH: usize = 8;
const MAX_MODULES: usize = 3000;

/// What was read below a folder.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Found {
    pub modules: Vec<Module>,
    /// Where each of them stands.
    #[serde(default)]
    pub folders: Vec<PathBuf>,
    /// Files that could not be read, and what they would have told.
    pub problems: Vec<Problem>,
}

/// Reads the module of a folder, or every module below it. `is_stopped` is asked between modules.
pub fn read(folder: &Path, is_stopped: &dyn Fn() -> bool) -> Result<Found, Problem> {
    let mut found = Found::default();
    let mut open = vec![(folder.to_path_buf(), 0)];
    while let Some((folder, depth)) = open.pop() {
        if is_stopped() || found.modules.len() >= MAX_MODULES {
            break;
        }
        let entries = files::list_dir(&folder)?;
        let has = |name: &str| entries.iter().any(|entry| !entry.is_dir && entry.name == *name);
        let module = if has("__manifest__.py") || has("__openerp__.py") {
            Some(odoo::module(&folder, &mut found.problems)?)
        } else if has("Cargo.toml") {
            packages::cargo(&folder, &mut found.problems)
        } else if has("package.json") {
            packages::npm(&folder, &mut found.problems)
        } else if has("pyproject.toml") {
            packages::python(&folder, &mut found.problems)
        } else {
            None
        };
        if let Some(module) = module {
            found.modules.push(module);
            found.folders.push(folder);
            continue;
        }
        if depth < MAX_DEPTH {
            let skipped = ["node_modules", "target", "setup", "__pycache__", "dist", "build", "venv"];
            let below = entries.into_iter().filter(|entry| {
                let name = entry.name.to_string_lossy();
                entry.is_dir && !name.starts_with('.') && !skipped.contains(&name.as_ref())
            });
            let mut below: Vec<(PathBuf, usize)> = below.map(|entry| (entry.path, depth + 1)).collect();
            below.sort();
            below.reverse();
            open.extend(below);
        }
    }
    if found.modules.is_empty() {
        // A manifest that can not be read is why.
        if let Some(problem) = found.problems.into_iter().next() {
            return Err(problem);
        }
        let problem = Problem::user(msg!("plan-modules-nothing-read", path = folder)).code("not-found");
        return Err(problem.hint(msg!("plan-modules-nothing-read-hint")));
    }
    Ok(found)
}

/// The folders that hold the code of a package, below its own; none where all of it may.
pub fn sources(module: &Module, folder: &Path) -> Vec<String> {
    packages::sources(module.template(), folder, &module.name)
}

/// Whether Python could read this as an expression.
pub fn is_python(expression: &str) -> bool {
    python::Source::parse(expression).is_none_or(|source| source.broken_line().is_none())
}

/// The problem of a file with a line that Python could not read.
fn not_python(path: &Path, code: &str) -> Option<Problem> {
    let line = python::Source::parse(code)?.broken_line()?;
    let problem = Problem::config(msg!("plan-modules-not-python", path = path)).code("unreadable");
    Some(problem.at_place(path, line, 1))
}

/// The text of a file, empty when there is none; what can not be read is told.
fn text(path: &Path, problems: &mut Vec<Problem>) -> String {
    match files::read_text_if_there(path, MAX_BYTES) {
        Ok(text) => text.unwrap_or_default(),
        Err(problem) => {
            problems.push(problem);
            String::new()
        }
    }
}
