//! Where the plan names a field: views, constraints, ways to related fields, formulas. Each place is found by the model that it speaks of.

use super::{means, renamed, set};
use crate::areas::plan::modules::edit::Change;
use crate::areas::plan::modules::known::Plan;
use crate::areas::plan::modules::schema::{Address, FieldKind, Module, Part, PartKind, PlannedModel, view_name};
use serde_json::Value;

/// A field that is looked for.
pub(super) struct Named<'p> {
    plan: &'p Plan,
    /// The module that the address names.
    home: &'p str,
    model: &'p str,
    field: &'p str,
}

impl<'p> Named<'p> {
    pub(super) fn new(plan: &'p Plan, at: &'p Address, model: &'p str, field: &'p str) -> Self {
        Self {
            plan,
            home: &at.module,
            model,
            field,
        }
    }

    /// Models of modules that mean the same by the name of its model.
    fn readers(&self) -> impl Iterator<Item = (&'p Module, &'p PlannedModel)> {
        let (plan, home, model) = (self.plan, self.home, self.model);
        plan.models().filter(move |(module, _)| means(plan, home, module, model))
    }

    /// The steps of a way that are the field: `partner_id.name` from a model.
    fn steps(&self, module: &Module, from: &str, way: &[&str]) -> Vec<usize> {
        let mut out = Vec::new();
        let mut here = from.to_owned();
        for (index, step) in way.iter().enumerate() {
            if here == self.model && *step == self.field {
                out.push(index);
            }
            let field = self.plan.seen_from(module, &here).find_map(|(_, known)| known.field(step));
            let Some(target) = field.map(Part::target).filter(|target| !target.is_empty()) else {
                break;
            };
            let target = target.to_owned();
            here = target;
        }
        out
    }

    fn is_on(&self, module: &Module, from: &str, way: &str) -> bool {
        !self.steps(module, from, &way.split('.').collect::<Vec<_>>()).is_empty()
    }

    /// A way with the field's new name; None where it is not on it.
    fn way(&self, module: &Module, from: &str, way: &str, to: &str) -> Option<String> {
        let mut words: Vec<&str> = way.split('.').collect();
        let steps = self.steps(module, from, &words);
        for index in &steps {
            words[*index] = to;
        }
        (!steps.is_empty()).then(|| words.join("."))
    }

    fn ways(&self, module: &Module, from: &str, list: &[&str], to: &str) -> Option<Value> {
        let new: Vec<Option<String>> = list.iter().map(|way| self.way(module, from, way, to)).collect();
        let word = |(new, old): (Option<String>, &&str)| Value::from(new.unwrap_or_else(|| (*old).to_owned()));
        let is_changed = new.iter().any(Option::is_some);
        is_changed.then(|| new.into_iter().zip(list).map(word).collect())
    }

    /// An expression over `record` with the field's new name.
    fn expression(&self, module: &Module, from: &str, text: &str, to: &str) -> Option<String> {
        const RECORD: &str = "record.";
        let is_letter = |c: char| c.is_alphanumeric() || c == '_';
        let (mut out, mut rest, mut is_changed) = (String::new(), text, false);
        while let Some(at) = rest.find(RECORD) {
            let (head, tail) = rest.split_at(at);
            let is_word = !head.ends_with(|c: char| is_letter(c) || c == '.');
            let tail = &tail[RECORD.len()..];
            let end = tail.find(|c: char| !is_letter(c) && c != '.').unwrap_or(tail.len());
            let new = self.way(module, from, &tail[..end], to).filter(|_| is_word);
            is_changed |= new.is_some();
            out.push_str(head);
            out.push_str(RECORD);
            out.push_str(new.as_deref().unwrap_or(&tail[..end]));
            rest = &tail[end..];
        }
        out.push_str(rest);
        is_changed.then_some(out)
    }

    /// What has to be said otherwise when the field gets another name.
    pub(super) fn renamed(&self, to: &str, out: &mut Vec<Change>) {
        for (module, other) in self.readers() {
            let name = other.name.as_str();
            let text = |text: &str, key: &str| {
                let is_expression = matches!(key, "formula" | "check");
                match text {
                    "" => None,
                    text if is_expression => self.expression(module, name, text, to),
                    text => self.way(module, name, text, to),
                }
            };
            for field in &other.fields {
                let here = Address::field(&module.name, name, &field.name);
                if field.is(FieldKind::One2many) && field.target() == self.model && field.inverse() == self.field {
                    out.push(set(here.clone(), "inverse", to));
                }
                if let Some(depends) = self.ways(module, name, &field.values.list("depends"), to) {
                    out.push(set(here.clone(), "depends", depends));
                }
                for key in ["related", "currency", "formula"] {
                    if let Some(new) = text(field.values.text(key), key) {
                        out.push(set(here.clone(), key, new));
                    }
                }
            }
            for constraint in &other.constraints {
                let here = Address::part(&module.name, Some(name), PartKind::Constraint, &constraint.name);
                if let Some(fields) = self.ways(module, name, &constraint.values.list("fields"), to) {
                    out.push(set(here.clone(), "fields", fields));
                }
                if let Some(check) = text(constraint.values.text("check"), "check") {
                    out.push(set(here.clone(), "check", check));
                }
                if name == self.model
                    && let Some(sql) = with_word(constraint.values.text("sql"), self.field, to)
                {
                    out.push(set(here, "sql", sql));
                }
            }
            if name != self.model {
                continue;
            }
            for (index, view) in other.views.iter().enumerate() {
                let fields = view.values.list("fields");
                if fields.contains(&self.field) {
                    let here = Address::part(&module.name, Some(name), PartKind::View, &view_name(&other.views, index));
                    out.push(set(here, "fields", renamed(&fields, self.field, to)));
                }
            }
            let here = Address::model(&module.name, name);
            if other.values.text("rec_name") == self.field {
                out.push(set(here.clone(), "rec_name", to));
            }
            let order = other.values.text("order");
            let new: Vec<String> = order
                .split(',')
                .map(|part| {
                    let part = part.trim();
                    match part.split_once(' ') {
                        Some((name, rest)) if name == self.field => format!("{to} {rest}"),
                        None if part == self.field => to.to_owned(),
                        _ => part.to_owned(),
                    }
                })
                .collect();
            if !order.is_empty() && new.join(", ") != order && order.contains(self.field) {
                out.push(set(here, "order", new.join(", ")));
            }
        }
    }

    /// What has to be said otherwise when the field goes. A field that is worked out from it alone, or that shows it, is left: the check
    /// tells it.
    pub(super) fn taken_out(&self, out: &mut Vec<Change>) {
        for (module, other) in self.readers() {
            let name = other.name.as_str();
            let rest = |list: &[&str]| -> Option<Value> {
                let rest: Vec<&str> = list.iter().copied().filter(|way| !self.is_on(module, name, way)).collect();
                (rest.len() < list.len() && !rest.is_empty()).then(|| rest.into())
            };
            for field in &other.fields {
                if let Some(depends) = rest(&field.values.list("depends")) {
                    out.push(set(Address::field(&module.name, name, &field.name), "depends", depends));
                }
            }
            for constraint in &other.constraints {
                let here = Address::part(&module.name, Some(name), PartKind::Constraint, &constraint.name);
                if let Some(fields) = rest(&constraint.values.list("fields")) {
                    out.push(set(here, "fields", fields));
                }
            }
            if name != self.model {
                continue;
            }
            // From the last one on: the number of one that goes is that of none before it.
            for (index, view) in other.views.iter().enumerate().rev() {
                let fields = view.values.list("fields");
                if !fields.contains(&self.field) {
                    continue;
                }
                let here = Address::part(&module.name, Some(name), PartKind::View, &view_name(&other.views, index));
                let rest: Vec<&str> = fields.into_iter().filter(|field| *field != self.field).collect();
                // A view of another module's that would show nothing more is none.
                let is_over = rest.is_empty() && !view.values.text("inherit").is_empty();
                out.push(if is_over {
                    Change::Remove { at: here }
                } else {
                    Change::Set {
                        at: here,
                        key: "fields".to_owned(),
                        value: (!rest.is_empty()).then(|| rest.into()),
                    }
                });
            }
            let here = Address::model(&module.name, name);
            if other.values.text("rec_name") == self.field {
                out.push(Change::Set {
                    at: here.clone(),
                    key: "rec_name".to_owned(),
                    value: None,
                });
            }
            let order = other.values.text("order");
            let is_it = |part: &&str| part.split_whitespace().next() == Some(self.field);
            if order.split(',').any(|part| is_it(&part)) {
                let rest: Vec<&str> = order.split(',').map(str::trim).filter(|part| !is_it(part)).collect();
                out.push(Change::Set {
                    at: here,
                    key: "order".to_owned(),
                    value: (!rest.is_empty()).then(|| rest.join(", ").into()),
                });
            }
        }
    }
}

/// A text with another word in the place of each that is this one; None where there is none.
fn with_word(text: &str, from: &str, to: &str) -> Option<String> {
    let is_letter = |c: char| c.is_alphanumeric() || c == '_';
    // Words of SQL itself.
    if ["check", "unique", "and", "or", "not", "in", "is", "null"].contains(&from) {
        return None;
    }
    let mut out = String::new();
    let mut last = 0;
    for (at, _) in text.match_indices(from) {
        let is_word = !text[..at].ends_with(is_letter) && !text[at + from.len()..].starts_with(is_letter);
        if is_word {
            out.push_str(&text[last..at]);
            out.push_str(to);
            last = at + from.len();
        }
    }
    out.push_str(&text[last..]);
    (last > 0).then_some(out)
}
