//! Generated files of models and modules that were renamed since, and of modules that got another target: the plan as it was generated
//! last stands beside the texts, and says which file of then is which file of now, so that what hands wrote there goes along.

use super::render::{Rendered, rendered};
use super::{BASES, read, target_of};
use crate::adapters::files::{self, Beneath};
use crate::areas::plan::modules::known::Plan;
use crate::areas::plan::modules::parse;
use crate::areas::plan::modules::schema::{Module, Part, PlannedModel};
use crate::base::{Problem, Workspace};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Shares of fields from which on two models are taken for one.
const ALIKE: f64 = 0.5;

/// A file under its old name; both paths stand below the root.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Old {
    pub(super) file: PathBuf,
    pub(super) base: PathBuf,
}

/// What was generated last.
#[derive(Debug, Default)]
pub(super) struct Followed {
    /// By the path that a file has now, below the module's folder.
    pub(super) files: BTreeMap<String, Old>,
    /// The record of a module that had another name.
    pub(super) record: Option<PathBuf>,
}

/// Where the plan of a generation stands, below the root.
pub(super) fn record_of(module: &str, template: &str) -> PathBuf {
    Path::new(BASES).join(module).join(format!("{template}.toml"))
}

/// Works out which of the new texts are files of before under another name.
pub(super) fn follow(
    workspace: &Workspace,
    root: &Path,
    beneath: &Beneath,
    plan: &Plan,
    module: &Module,
    template: &str,
    texts: &[Rendered],
) -> Result<Followed, Problem> {
    let mut out = Followed::default();
    let Some((before, record)) = before(root, beneath, plan, module, template)? else {
        return Ok(out);
    };
    let renamed = renamed_models(&before, module);
    let Ok(old_target) = target_of(&before) else { return Ok(out) };
    let is_in_place = before.name == module.name && old_target == target_of(module)?;
    if renamed.is_empty() && is_in_place {
        return Ok(out);
    }
    // A record that a template of today can not render says nothing.
    let Ok(old_texts) = rendered(workspace, plan, &before, template) else {
        return Ok(out);
    };
    let bases = Path::new(BASES).join(&before.name).join(template);
    for old in old_texts {
        let now = old
            .model
            .as_ref()
            .map(|name| renamed.get(name).cloned().unwrap_or_else(|| name.clone()));
        let Some(new) = texts.iter().find(|new| new.entry == old.entry && new.model == now) else {
            continue;
        };
        if is_in_place && new.path == old.path {
            continue;
        }
        let old = Old {
            file: old_target.join(&old.path),
            base: bases.join(&old.path),
        };
        out.files.insert(new.path.clone(), old);
    }
    if before.name != module.name {
        out.record = Some(record);
    }
    Ok(out)
}

/// The plan that the module was generated from last, under the name that it had then.
fn before(
    root: &Path,
    beneath: &Beneath,
    plan: &Plan,
    module: &Module,
    template: &str,
) -> Result<Option<(Module, PathBuf)>, Problem> {
    let read_record = |name: &str| -> Result<Option<(Module, PathBuf)>, Problem> {
        let record = record_of(name, template);
        let Some(text) = read(beneath, &record)? else {
            return Ok(None);
        };
        let parsed = parse::module(&text, &record, &root.join(&record)).ok();
        // A file without a name of its own is named by its place.
        let named = parsed.map(|(mut module, _)| {
            name.clone_into(&mut module.name);
            module
        });
        Ok(named.map(|module| (module, record)))
    };
    if let Some(own) = read_record(&module.name)? {
        return Ok(Some(own));
    }
    let folders = match files::list_dir(&root.join(BASES)) {
        Ok(folders) => folders,
        Err(problem) if problem.code == "not-found" => return Ok(None),
        Err(problem) => return Err(problem),
    };
    let mut best: Option<(f64, (Module, PathBuf))> = None;
    for folder in folders.into_iter().filter(|folder| folder.is_dir) {
        let name = folder.name.to_string_lossy().into_owned();
        if plan.module(&name).is_some() {
            continue;
        }
        if let Some(other) = read_record(&name)? {
            let share = share_of_models(&other.0, module);
            if share >= ALIKE && best.as_ref().is_none_or(|(known, _)| share > *known) {
                best = Some((share, other));
            }
        }
    }
    Ok(best.map(|(_, found)| found))
}

/// How much of two models is the same: fields by their names, and by half those that may only have got another name, of one type at one
/// place.
fn share(old: &PlannedModel, new: &PlannedModel) -> f64 {
    let n_same = old.fields.iter().filter(|field| new.field(&field.name).is_some()).count() as f64;
    let pairs = old.fields.iter().zip(&new.fields);
    let is_alike = |(one, other): &(&Part, &Part)| {
        one.kind() == other.kind() && new.field(&one.name).is_none() && old.field(&other.name).is_none()
    };
    let n_alike = pairs.filter(is_alike).count() as f64;
    let n_all = (old.fields.len() + new.fields.len()) as f64 - n_same - n_alike;
    if n_all == 0.0 { 1.0 } else { (n_same + n_alike / 2.0) / n_all }
}

/// How much of two modules is the same: models by their names, and those that were renamed.
fn share_of_models(before: &Module, now: &Module) -> f64 {
    let n_same = before.models.iter().filter(|model| now.model(&model.name).is_some()).count();
    let n_same = n_same + renamed_models(before, now).len();
    let n_all = before.models.len() + now.models.len() - n_same;
    if n_all == 0 { 0.0 } else { n_same as f64 / n_all as f64 }
}

/// Models that are gone, each with the new one that has most of its fields.
fn renamed_models(before: &Module, now: &Module) -> BTreeMap<String, String> {
    let gone: Vec<&PlannedModel> = before
        .models
        .iter()
        .filter(|model| now.model(&model.name).is_none())
        .collect();
    let new: Vec<&PlannedModel> = now
        .models
        .iter()
        .filter(|model| before.model(&model.name).is_none())
        .collect();
    let mut pairs: Vec<(f64, &str, &str)> = Vec::new();
    for old in &gone {
        for other in new.iter().filter(|other| other.is_extension() == old.is_extension()) {
            let share = share(old, other);
            // Two models without fields are the same only where there is no other choice.
            let is_sure = !old.fields.is_empty() || gone.len() == 1 && new.len() == 1;
            if share >= ALIKE && is_sure {
                pairs.push((share, &old.name, &other.name));
            }
        }
    }
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut out: BTreeMap<String, String> = BTreeMap::new();
    for (_, old, new) in pairs {
        if !out.contains_key(old) && !out.values().any(|taken| taken == new) {
            out.insert(old.to_owned(), new.to_owned());
        }
    }
    out
}
