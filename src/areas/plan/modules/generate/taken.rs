//! Names that a model can not have because the generated code of a template has them already, or because two models become one. Pure.

use super::words::{PYTHON_WORDS, RUST_PATHS, RUST_WORDS, pascal, python_name, rust_name, snake};
use crate::areas::plan::modules::schema::{FieldKind, Module, Part, PlannedModel};
use std::collections::BTreeSet;

/// What the files of a model are called that the template writes itself, or that the language reads in its own way.
fn is_file_taken(module: &Module, file: &str) -> bool {
    match module.template() {
        "rust" => {
            let is_word = RUST_WORDS.contains(&file) || RUST_PATHS.contains(&file);
            is_word || ["lib", "main", "std", "str"].contains(&file) || file == snake(&module.name)
        }
        "odoo" => PYTHON_WORDS.contains(&file),
        "python" => PYTHON_WORDS.contains(&file) || file == "checks",
        "typescript" => ["checks", "index"].contains(&file),
        _ => false,
    }
}

/// What the generated code means by these words is something else.
pub fn is_type_taken(template: &str, class: &str) -> bool {
    let words: &[&str] = match template {
        "rust" => &[
            "Default", "Err", "Invalid", "None", "Ok", "Option", "Result", "Self", "Some", "String", "Vec",
        ],
        "python" => &["False", "Invalid", "None", "True"],
        "typescript" => &["FieldPlan", "Invalid", "Partial", "Uint8Array"],
        _ => &[],
    };
    words.contains(&class)
}

/// The code that is generated for a model of this name can not work, whatever else is planned.
pub fn is_taken(module: &Module, model: &PlannedModel) -> bool {
    is_file_taken(module, &model.file()) || is_type_taken(module.template(), &pascal(&model.name))
}

/// A field of this name would hide what the lines below it need, or is no name in the language.
pub fn is_field_taken(module: &Module, model: &PlannedModel, field: &Part) -> bool {
    let written: fn(&str) -> String = match module.template() {
        // The body of the class calls what it needs by these names.
        "odoo" => return PYTHON_WORDS.contains(&field.name.as_str()) || ["api", "fields"].contains(&field.name.as_str()),
        "rust" => rust_name,
        "python" => python_name,
        _ => return false,
    };
    // A word of the language gets a sign behind it, and may then be the name of another one.
    let own = written(&field.name);
    let is_other = |other: &&Part| other.name != field.name && written(&other.name) == own;
    own == field.name && model.fields.iter().any(|other| is_other(&other))
}

/// What the code of a model is found by: its file and its types. Two models that share one are not told apart.
fn names(template: &str, model: &PlannedModel) -> BTreeSet<String> {
    let class = pascal(&model.name);
    let mut names = BTreeSet::from([format!("{}.", model.file())]);
    // Odoo's classes are never looked up by their own names.
    if template != "odoo" {
        names.insert(class.clone());
    }
    if template == "typescript" {
        names.insert(format!("{class}Fields"));
        let choices = model.fields.iter().filter(|field| field.is(FieldKind::Selection));
        names.extend(choices.map(|field| format!("{class}{}", pascal(&field.name))));
    }
    names
}

/// Whether the code of one model would stand in the place of that of another.
pub fn is_one(module: &Module, model: &PlannedModel, other: &PlannedModel) -> bool {
    let template = module.template();
    !names(template, model).is_disjoint(&names(template, other))
}
