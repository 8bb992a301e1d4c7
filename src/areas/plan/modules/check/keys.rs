//! Keys that nobody knows and values that are not what has to stand there, each with its line.

use super::fields::nearest;
use super::{Checker, Fix};
use crate::areas::plan::modules::edit::Change;
use crate::areas::plan::modules::generate;
use crate::areas::plan::modules::keys::{self, Shape};
use crate::areas::plan::modules::schema::{Address, Module, Part, PartKind, Values, view_name};
use crate::base::SafeText;
use crate::msg;
use serde_json::Value;

impl Checker<'_> {
    /// Looks at every table of a module.
    pub(super) fn keys(&mut self, module: &Module) {
        self.template(module);
        self.table(module, Address::module(&module.name), 1, &module.values, None);
        for (kind, parts) in [(PartKind::Group, &module.groups), (PartKind::Menu, &module.menus)] {
            for part in parts {
                let at = Address::part(&module.name, None, kind, &part.name);
                self.table(module, at, part.line, &part.values, None);
            }
        }
        for model in &module.models {
            let at = Address::model(&module.name, &model.name);
            self.table(module, at, model.line, &model.values, None);
            for (kind, parts) in [
                (PartKind::Field, &model.fields),
                (PartKind::View, &model.views),
                (PartKind::Constraint, &model.constraints),
            ] {
                for (index, part) in parts.iter().enumerate() {
                    let name = match kind {
                        PartKind::View => view_name(parts, index),
                        _ => part.name.clone(),
                    };
                    let at = Address::part(&module.name, Some(&model.name), kind, &name);
                    let field = (kind == PartKind::Field).then_some(part);
                    self.table(module, at, part.line, &part.values, field);
                }
            }
        }
    }

    fn template(&mut self, module: &Module) {
        let (known, name) = (&self.plan.templates, module.template());
        if known.is_empty() || known.iter().any(|known| known.name == name) {
            return;
        }
        let at = Address::module(&module.name);
        let near = nearest(name, known.iter().map(|known| known.name.as_str()));
        let fixes = near.map(|near| Fix {
            label: msg!("plan-modules-fix-type", kind = near),
            changes: vec![set(&at, "template", Some(near.into()))],
        });
        let what = msg!("plan-modules-no-template", name = SafeText::new(name));
        let line = module.line_of(&at, "template").unwrap_or(1);
        self.tell(module, true, "template", at, line, what, fixes.into_iter().collect());
    }

    fn table(&mut self, module: &Module, at: Address, line: u32, values: &Values, field: Option<&Part>) {
        // A template of the user's own may ask for keys of its own.
        let is_open = !generate::is_built_in(module.template());
        for (key, value, shape) in keys::odd(&at, values, field) {
            let line = module.line_of(&at, key).unwrap_or(line);
            match shape {
                None if is_open => {}
                None => {
                    let known = keys::of(&at).iter().map(|(known, _)| *known);
                    let near = nearest(key, known.filter(|known| !values.0.contains_key(*known)));
                    let fixes = near.map(|near| Fix {
                        label: msg!("plan-modules-fix-key", key = near),
                        changes: vec![set(&at, key, None), set(&at, near, Some(value.clone()))],
                    });
                    let what = msg!("plan-modules-unknown-key", key = key, name = at.to_string());
                    let fixes = fixes.into_iter().collect();
                    self.tell(module, false, "unknown-key", at.clone(), line, what, fixes);
                }
                // These are told with the field and the group.
                Some(Shape::Kind | Shape::Default | Shape::Rights) => {}
                Some(shape) => {
                    let read = value.as_str().map(|text| keys::typed(shape, text, field));
                    let read = read.filter(|read| keys::fits(shape, read, field));
                    let label = match &read {
                        Some(read) => msg!("plan-modules-fix-value", value = shown(read)),
                        None => msg!("plan-modules-fix-no-value", key = key),
                    };
                    let fix = Fix {
                        label,
                        changes: vec![set(&at, key, read)],
                    };
                    let what = msg!(
                        "plan-modules-wrong-value",
                        key = key,
                        name = at.to_string(),
                        value = shown(value)
                    );
                    self.tell(module, true, "value", at.clone(), line, what, vec![fix]);
                }
            }
        }
    }
}

fn set(at: &Address, key: &str, value: Option<Value>) -> Change {
    Change::Set {
        at: at.clone(),
        key: key.to_owned(),
        value,
    }
}

/// A value in a sentence, not too long.
fn shown(value: &Value) -> String {
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    SafeText::new(&text.chars().take(60).collect::<String>()).into_string()
}
