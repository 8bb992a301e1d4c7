//! What is wrong with fields: types, names, relations and their other sides, choices, currencies, what is computed from what.

use super::{Checker, Fix, depend_fix, is_name, mended, rename_fix};
use crate::areas::plan::modules::edit::Change;
use crate::areas::plan::modules::generate::is_field_taken;
use crate::areas::plan::modules::keys::{NOW, Shape, TODAY, default_fits, typed};
use crate::areas::plan::modules::outside;
use crate::areas::plan::modules::refactor::are_of_one_language;
use crate::areas::plan::modules::schema::{Address, FieldKind, Module, Part, PlannedModel, Values};
use crate::base::Msg;
use crate::base::text::distance;
use crate::msg;
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// What a name says about the type.
pub(super) fn kind_by_name(name: &str) -> FieldKind {
    if name.ends_with("_id") {
        FieldKind::Many2one
    } else if name.ends_with("_ids") {
        FieldKind::Many2many
    } else if name.ends_with("_date") || name.starts_with("date") || name.ends_with("_on") {
        FieldKind::Date
    } else if name.starts_with("is_") || name == "active" {
        FieldKind::Boolean
    } else {
        FieldKind::Char
    }
}

/// The many2one that the other side of a one2many is called by.
pub fn inverse_name(model: &str) -> String {
    format!("{}_id", model.rsplit('.').next().unwrap_or(model))
}

/// The values of a many2one.
pub fn many2one(target: &str) -> Values {
    let mut values = Values::default();
    values.set("type", "many2one");
    values.set("target", target);
    values
}

fn set(at: &Address, key: &str, value: impl Into<Value>) -> Change {
    Change::Set {
        at: at.clone(),
        key: key.to_owned(),
        value: Some(value.into()),
    }
}

fn fix(label: Msg, changes: Vec<Change>) -> Fix {
    Fix { label, changes }
}

impl<'a> Checker<'a> {
    pub(super) fn field(&mut self, module: &'a Module, model: &'a PlannedModel, field: &'a Part) {
        let at = Address::field(&module.name, &model.name, &field.name);
        let line = field.line;
        let is_usual = module.template() == "typescript" && is_identifier(&field.name);
        if !is_usual && !is_name(&field.name) {
            let what = msg!("plan-modules-name-field", name = field.name.as_str());
            let fixes = rename_fix(self.plan, &at, &mended(&field.name).replace('.', "_"));
            // Odoo takes capitals, though nobody should write them.
            let is_wrong = module.template() != "odoo" || !is_name(&field.name.to_ascii_lowercase());
            self.tell(module, is_wrong, "name", at.clone(), line, what, fixes);
        } else if module.template() == "odoo" && outside::is_reserved(&field.name) && field.name != "display_name" {
            // What a record is called may be worked out anew.
            let what = msg!("plan-modules-reserved", name = field.name.as_str());
            let last = model.name.rsplit('.').next().unwrap_or(&model.name);
            let fixes = rename_fix(self.plan, &at, &format!("{last}_{}", field.name));
            self.tell(module, true, "reserved", at.clone(), line, what, fixes);
        } else if is_field_taken(module, model, field) {
            let what = msg!(
                "plan-modules-field-taken",
                name = field.name.as_str(),
                template = module.template()
            );
            let last = model.name.rsplit('.').next().unwrap_or(&model.name);
            let fixes = rename_fix(self.plan, &at, &format!("{last}_{}", field.name.trim_end_matches('_')));
            self.tell(module, true, "name", at.clone(), line, what, fixes);
        }
        let Some(kind) = field.kind() else {
            let word = field.values.text("type");
            let near = nearest(word, FieldKind::ALL.iter().map(|kind| kind.word()));
            let fixes = near.map(|near| fix(msg!("plan-modules-fix-type", kind = near), vec![set(&at, "type", near)]));
            let what = msg!("plan-modules-type", name = field.name.as_str(), kind = word);
            self.tell(module, true, "type", at, line, what, fixes.into_iter().collect());
            return;
        };
        self.default(module, field, kind, &at);
        self.values(module, field, kind, &at);
        match kind {
            FieldKind::Many2one | FieldKind::One2many | FieldKind::Many2many => self.relation(module, model, field, kind, &at),
            FieldKind::Selection | FieldKind::Reference
                if field.choices().is_empty()
                    && !is_open(field)
                    && !model.is_extension()
                    && !self.may_inherit(model, &field.name) =>
            {
                let what = msg!("plan-modules-no-values", name = field.name.as_str());
                let values = if kind == FieldKind::Selection {
                    json!([["draft", "Draft"], ["done", "Done"]])
                } else {
                    json!([["res.partner", "Contact"]])
                };
                let fixes = vec![fix(msg!("plan-modules-fix-values"), vec![set(&at, "values", values)])];
                // Odoo's way for choices that other modules add: an empty list that is written out.
                let is_meant = module.template() == "odoo" && kind == FieldKind::Selection && field.has_open_choices();
                self.tell(module, !is_meant, "no-values", at, line, what, fixes);
            }
            FieldKind::Monetary if module.template() == "odoo" && !is_open(field) => self.currency(module, model, field, &at),
            _ => {}
        }
        self.computed(module, model, field);
    }

    fn default(&mut self, module: &Module, field: &Part, kind: FieldKind, at: &Address) {
        let Some(value) = field.values.0.get("default") else { return };
        let is_code = value.as_str().is_some_and(|text| text.starts_with('='));
        // Odoo says `False` for none.
        let is_none = module.template() == "odoo" && *value == Value::Bool(false);
        let fits = default_fits(field, kind, value);
        let line = module.line_of(at, "default").unwrap_or(field.line);
        if !is_code && !is_none && !fits && !is_read_by_odoo(module, kind, value) {
            let what = msg!("plan-modules-default", name = field.name.as_str(), kind = kind.word());
            let read = value.as_str().map(|text| typed(Shape::Default, text, Some(field)));
            let fixes = match read.filter(|read| default_fits(field, kind, read)) {
                Some(read) => fix(
                    msg!("plan-modules-fix-value", value = read.to_string()),
                    vec![set(at, "default", read)],
                ),
                None => without_default(at),
            };
            self.tell(module, true, "default", at.clone(), line, what, vec![fixes]);
        }
        let is_clock = value.as_str().is_some_and(|text| [TODAY, NOW].contains(&text));
        if is_clock && fits && matches!(kind, FieldKind::Date | FieldKind::Datetime) && module.template() == "rust" {
            let what = msg!("plan-modules-default-clock", name = field.name.as_str());
            self.tell(module, true, "default", at.clone(), line, what, vec![without_default(at)]);
        }
    }

    /// Whether a model that this one is made from may have the field already, and says the rest of it.
    fn may_inherit(&self, model: &PlannedModel, field: &str) -> bool {
        let mut seen = BTreeSet::new();
        let mut open: Vec<&str> = model.values.list("inherit");
        while let Some(name) = open.pop() {
            if !seen.insert(name) {
                continue;
            }
            let of_plan: Vec<&PlannedModel> = self
                .plan
                .models()
                .map(|(_, known)| known)
                .filter(|known| known.name == name)
                .collect();
            if of_plan.iter().any(|known| known.field(field).is_some()) {
                return true;
            }
            let is_whole = of_plan.iter().any(|known| !known.is_extension());
            if !is_whole && !outside::is_mixin(name) {
                return true;
            }
            open.extend(of_plan.iter().flat_map(|known| known.values.list("inherit")));
        }
        false
    }

    fn currency(&mut self, module: &Module, model: &PlannedModel, field: &Part, at: &Address) {
        let named = match field.values.text("currency") {
            "" => "currency_id",
            name => name,
        };
        // The extended model may have one.
        if model.is_extension() || named.contains('.') || model.field(named).is_some() {
            return;
        }
        let other = model.fields.iter().find(|other| other.target() == "res.currency");
        let fixes = match other {
            Some(other) => vec![fix(
                msg!("plan-modules-fix-currency", name = other.name.as_str()),
                vec![set(at, "currency", other.name.as_str())],
            )],
            None => vec![fix(
                msg!("plan-modules-fix-add-field", name = named),
                vec![Change::Add {
                    at: Address::field(&module.name, &model.name, named),
                    values: many2one("res.currency"),
                }],
            )],
        };
        let what = msg!("plan-modules-no-currency", name = field.name.as_str());
        self.tell(module, true, "no-currency", at.clone(), field.line, what, fixes);
    }

    fn relation(&mut self, module: &'a Module, model: &PlannedModel, field: &Part, kind: FieldKind, at: &Address) {
        let (target, line) = (field.target(), field.line);
        if target.is_empty() {
            // A field of a model that is extended may change only something else of it.
            let is_elsewhere = model.is_extension() || self.may_inherit(model, &field.name);
            if is_open(field) || is_elsewhere && field.values.0.len() > 1 {
                return;
            }
            let bare = field.name.trim_end_matches("_ids").trim_end_matches("_id");
            let guess = self
                .plan
                .models()
                .find(|(_, other)| other.name.rsplit('.').next() == Some(bare));
            let guess = guess.map(|(_, other)| other.name.as_str());
            let guess = guess.or_else(|| outside::models().find(|name| name.rsplit('.').next() == Some(bare)));
            let fixes = guess.map(|name| fix(msg!("plan-modules-fix-target", model = name), vec![set(at, "target", name)]));
            let what = msg!("plan-modules-no-target", name = field.name.as_str());
            self.tell(module, true, "no-target", at.clone(), line, what, fixes.into_iter().collect());
            return;
        }
        let owner = self.plan.owner_for(module, target);
        match (owner, outside::module_of(target)) {
            (Some((owner, _)), _) if !are_of_one_language(module, owner) => self.other_language(module, owner, at, line),
            (Some((owner, _)), _) => self.reached(module, &owner.name, target, at, line),
            (None, Some(owner)) if module.template() == "odoo" => self.reached(module, owner, target, at, line),
            _ => self.unknown_target(module, field, at),
        }
        // Code gives the records of one that is computed.
        let is_worked_out = module.template() == "odoo" && field.inverse().is_empty() && field.is_computed();
        if kind == FieldKind::One2many && !is_worked_out {
            self.inverse(module, model, field, at);
        }
    }

    fn reached(&mut self, module: &Module, owner: &str, target: &str, at: &Address, line: u32) {
        if !self.reaches(module, owner) {
            let what = msg!("plan-modules-not-reached", name = target, module = owner);
            let (is_sure, fix) = (self.knows_what_it_reaches(module), depend_fix(module, owner));
            self.tell(module, is_sure, "depends", at.clone(), line, what, vec![fix]);
        }
    }

    fn unknown_target(&mut self, module: &Module, field: &Part, at: &Address) {
        let target = field.target();
        let mut values = Values::default();
        values.set(
            "title",
            super::super::schema::title_of(target.rsplit('.').next().unwrap_or(target)),
        );
        let mut name = Values::default();
        name.set("type", "char");
        name.set("required", true);
        let mut fixes = Vec::new();
        let known = self
            .plan
            .models()
            .map(|(_, model)| -> &str { &model.name })
            .chain(outside::models().map(|name| -> &str { name }));
        if let Some(near) = nearest(target, known) {
            fixes.push(fix(
                msg!("plan-modules-fix-target", model = near),
                vec![set(at, "target", near)],
            ));
        }
        let new = mended(target);
        if new == target {
            let add = [
                Change::Add {
                    at: Address::model(&module.name, target),
                    values,
                },
                Change::Add {
                    at: Address::field(&module.name, target, "name"),
                    values: name,
                },
            ];
            fixes.push(fix(msg!("plan-modules-fix-add-model", model = target), add.into()));
        }
        // Another module outside the plan may have it.
        let is_outside = |name: &&str| *name != "base" && self.plan.module(name).is_none();
        let has_outside = module.template() == "odoo" && (target.starts_with("ir.") || module.depends().iter().any(is_outside));
        let what = msg!("plan-modules-unknown-target", name = field.name.as_str(), model = target);
        self.tell(module, !has_outside, "unknown-target", at.clone(), field.line, what, fixes);
    }

    fn inverse(&mut self, module: &Module, model: &PlannedModel, field: &Part, at: &Address) {
        let (target, inverse) = (field.target(), field.inverse());
        let other = self.plan.owner_for(module, target);
        let seen: Vec<(&Module, &PlannedModel)> = self.plan.seen_from(module, target).collect();
        let extended: Vec<&Part> = seen.iter().flat_map(|(_, known)| &known.fields).collect();
        let found = extended.iter().find(|other| other.name == inverse);
        if let Some(found) = found.filter(|_| !inverse.is_empty()) {
            let points_back = found.is(FieldKind::Many2one) && found.target() == model.name;
            let is_reference = found.is(FieldKind::Integer) || found.is(FieldKind::Reference);
            if !points_back && !is_reference {
                let what = msg!(
                    "plan-modules-wrong-inverse",
                    name = field.name.as_str(),
                    inverse = inverse,
                    model = model.name.as_str()
                );
                let owner = seen.iter().find(|(_, known)| known.field(inverse).is_some());
                let fixes = owner.filter(|_| found.is(FieldKind::Many2one)).map(|(owner, _)| {
                    let at = Address::field(&owner.name, target, inverse);
                    fix(
                        msg!("plan-modules-fix-target", model = model.name.as_str()),
                        vec![set(&at, "target", model.name.as_str())],
                    )
                });
                self.tell(
                    module,
                    true,
                    "wrong-inverse",
                    at.clone(),
                    field.line,
                    what,
                    fixes.into_iter().collect(),
                );
            }
            return;
        }
        let Some((owner, _)) = other else {
            if inverse.is_empty() {
                let what = msg!("plan-modules-no-inverse", name = field.name.as_str(), model = target);
                self.tell(module, true, "no-inverse", at.clone(), field.line, what, Vec::new());
            }
            return;
        };
        let mut fixes = Vec::new();
        let back = extended
            .iter()
            .find(|other| other.is(FieldKind::Many2one) && other.target() == model.name);
        if let Some(back) = back {
            fixes.push(fix(
                msg!("plan-modules-fix-inverse", name = back.name.as_str()),
                vec![set(at, "inverse", back.name.as_str())],
            ));
        } else {
            let name = if inverse.is_empty() {
                inverse_name(&model.name)
            } else {
                inverse.to_owned()
            };
            let name = if inverse.is_empty() && extended.iter().any(|other| other.name == name) {
                format!("{}_id", mended(&model.name).replace('.', "_"))
            } else {
                name
            };
            let mut changes = vec![Change::Add {
                at: Address::field(&owner.name, target, &name),
                values: many2one(&model.name),
            }];
            if inverse.is_empty() {
                changes.push(set(at, "inverse", name.as_str()));
            }
            fixes.push(fix(msg!("plan-modules-fix-add-field", name = name.as_str()), changes));
        }
        let (code, what) = if inverse.is_empty() {
            (
                "no-inverse",
                msg!("plan-modules-no-inverse", name = field.name.as_str(), model = target),
            )
        } else {
            (
                "no-inverse",
                msg!(
                    "plan-modules-inverse-missing",
                    name = field.name.as_str(),
                    inverse = inverse,
                    model = target
                ),
            )
        };
        self.tell(module, true, code, at.clone(), field.line, what, fixes);
    }

    fn computed(&mut self, module: &Module, model: &PlannedModel, field: &Part) {
        let at = Address::field(&module.name, &model.name, &field.name);
        let related = field.values.text("related");
        if !related.is_empty() {
            self.way(module, model, &at, "related", related);
        }
        for way in field.values.list("depends").into_iter().filter(|name| name.contains('.')) {
            self.way(module, model, &at, "depends", way);
        }
        // What an extended or inherited model has is not known.
        if model.is_extension() || !model.values.list("inherit").is_empty() || model.values.0.contains_key("inherits") {
            return;
        }
        let named = field
            .values
            .list("depends")
            .into_iter()
            .chain((!related.is_empty()).then_some(related));
        let missing: Vec<String> = named
            .filter_map(|name| {
                let first = name.split('.').next()?;
                let is_known = model.field(first).is_some() || outside::is_reserved(first);
                (!is_known).then(|| first.to_owned())
            })
            .collect();
        for name in missing {
            let what = msg!("plan-modules-no-field", field = name.as_str(), name = at.to_string());
            self.tell(module, true, "no-field", at.clone(), field.line, what, Vec::new());
        }
    }
}

/// A name as TypeScript writes it, with capitals.
fn is_identifier(name: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '$');
    name.chars().all(is_letter) && name.starts_with(|c: char| !c.is_ascii_digit()) && name.len() <= 63
}

fn without_default(at: &Address) -> Fix {
    let change = Change::Set {
        at: at.clone(),
        key: "default".into(),
        value: None,
    };
    fix(msg!("plan-modules-fix-no-default"), vec![change])
}

/// Odoo makes a number of a text by itself.
fn is_read_by_odoo(module: &Module, kind: FieldKind, value: &Value) -> bool {
    let is_number = matches!(kind, FieldKind::Integer | FieldKind::Float | FieldKind::Monetary);
    let reads = |text: &str| match kind {
        FieldKind::Integer => text.trim().parse::<i64>().is_ok(),
        _ => text.trim().parse::<f64>().is_ok(),
    };
    is_number && module.template() == "odoo" && value.as_str().is_some_and(reads)
}

/// The rest of the field is said by code, by the model that is extended or by another field.
fn is_open(field: &Part) -> bool {
    let values = &field.values;
    !values.text("related").is_empty()
        || values.0.contains_key("selection_add")
        || values.0.contains_key("code")
        || values.text("target").starts_with('=')
}

/// The known word with the fewest letters to change, at most two.
pub fn nearest<'w>(word: &str, known: impl Iterator<Item = &'w str>) -> Option<&'w str> {
    let with_distance = known.map(|known| (distance(word, known), known));
    with_distance
        // Of a short word two other letters are another word.
        .filter(|(distance, known)| (1..=2).contains(distance) && distance * 2 <= known.chars().count().min(word.chars().count()))
        .min()
        .map(|(_, known)| known)
}
