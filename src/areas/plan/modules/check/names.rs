//! Names of models that the generated code can not have, and names that are free.

use super::{Checker, rename_fix};
use crate::areas::plan::modules::generate::{is_built_in, is_one, is_taken};
use crate::areas::plan::modules::known::Plan;
use crate::areas::plan::modules::schema::{Address, Module, PartKind, PlannedModel};
use crate::base::text::without_marks;
use crate::msg;

/// How often a name is tried with another number behind it.
const MAX_TRIES: u32 = 100;

/// A name that keeps the rules, made from one that does not.
pub fn mended(name: &str) -> String {
    let mut out = String::new();
    let letters: Vec<char> = name.chars().map(plain).collect();
    for (index, c) in letters.iter().copied().enumerate() {
        if c.is_ascii_uppercase() {
            // A word begins behind a small letter, or is the last of several capitals with small ones behind it.
            let (before, behind) = (index.checked_sub(1).and_then(|at| letters.get(at)), letters.get(index + 1));
            let follows = |wanted: fn(&char) -> bool| before.is_some_and(wanted);
            let is_last = follows(char::is_ascii_uppercase) && behind.is_some_and(char::is_ascii_lowercase);
            if follows(char::is_ascii_lowercase) || is_last {
                out.push('_');
            }
            out.push(c.to_ascii_lowercase());
        } else if c.is_ascii_alphanumeric() || c == '_' || c == '.' {
            out.push(c);
        } else if !out.ends_with('_') {
            out.push('_');
        }
    }
    let words = out
        .split('.')
        .map(|word| word.trim_matches('_'))
        .filter(|word| !word.is_empty());
    let out = words.collect::<Vec<_>>().join(".");
    let out = if out.starts_with(|c: char| c.is_ascii_digit()) {
        format!("x_{out}")
    } else {
        out
    };
    out.chars().take(60).collect()
}

/// A letter without its marks, in its own case.
fn plain(c: char) -> char {
    let mut small = c.to_lowercase();
    match (small.next(), small.next()) {
        (Some(small), None) if small != c => without_marks(small).to_ascii_uppercase(),
        (Some(small), None) => without_marks(small),
        _ => c,
    }
}

/// The name, or the same with a number behind it, that nothing beside the address has yet. Where no letter of a name was left, an `x`.
pub(super) fn free(plan: &Plan, at: &Address, name: &str) -> String {
    let name = if name.is_empty() { "x" } else { name };
    let module = plan.module(&at.module);
    let is_free = |name: &str| match (&at.model, &at.part) {
        (None, None) => plan.module(name).is_none(),
        (Some(_), None) => module.is_none_or(|module| is_free_model(module, name)),
        (Some(_), Some((PartKind::Field, _))) => plan.model_at(at).is_none_or(|model| model.field(name).is_none()),
        _ => true,
    };
    numbered(name).find(|name| is_free(name)).unwrap_or_else(|| name.to_owned())
}

fn numbered(name: &str) -> impl Iterator<Item = String> {
    std::iter::once(name.to_owned()).chain((2..MAX_TRIES).map(move |n| format!("{name}{n}")))
}

/// A model of this name would be generated, and no other in its place.
fn is_free_model(module: &Module, name: &str) -> bool {
    let model = PlannedModel {
        name: name.to_owned(),
        ..PlannedModel::default()
    };
    !is_taken(module, &model)
        && !module
            .models
            .iter()
            .any(|other| other.name == name || is_one(module, &model, other))
}

impl Checker<'_> {
    /// The files and types of a model must be its own.
    pub(super) fn generated_names(&mut self, module: &Module, index: usize, model: &PlannedModel) {
        if !is_built_in(module.template()) {
            return;
        }
        let at = Address::model(&module.name, &model.name);
        if is_taken(module, model) {
            let what = msg!(
                "plan-modules-name-taken",
                name = model.name.as_str(),
                template = module.template()
            );
            let fixes = rename_fix(self.plan, &at, &format!("{}_record", model.name));
            self.tell(module, true, "name", at, model.line, what, fixes);
            return;
        }
        let before = &module.models[..index];
        let same = before
            .iter()
            .find(|other| other.name != model.name && is_one(module, model, other));
        if let Some(other) = same {
            let what = msg!(
                "plan-modules-name-same",
                name = model.name.as_str(),
                other = other.name.as_str()
            );
            let fixes = rename_fix(self.plan, &at, &model.name);
            self.tell(module, true, "name", at, model.line, what, fixes);
        }
    }
}
