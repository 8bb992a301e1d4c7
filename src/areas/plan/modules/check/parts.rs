//! What is wrong with views, constraints and menus of an Odoo module: what would stop its installation, or would never be seen or called.

use super::fields::nearest;
use super::{Checker, Fix, depend_fix, set_list};
use crate::areas::plan::modules::edit::Change;
use crate::areas::plan::modules::outside;
use crate::areas::plan::modules::readback::{Spoken, spoken};
use crate::areas::plan::modules::schema::{Address, FieldKind, Module, Part, PartKind, PlannedModel, Values, view_name};
use crate::base::SafeText;
use crate::msg;
use std::collections::BTreeSet;

/// The views that Odoo 18 brings and that are generated.
pub const VIEWS: [&str; 8] = ["list", "form", "search", "kanban", "calendar", "graph", "pivot", "activity"];
const ACTIVITY_MIXIN: &str = "mail.activity.mixin";

impl Checker<'_> {
    /// Whether everything that the model has is in the plan.
    fn is_whole(model: &PlannedModel) -> bool {
        !model.is_extension() && model.values.list("inherit").is_empty() && !model.values.0.contains_key("inherits")
    }

    pub(super) fn views(&mut self, module: &Module, model: &PlannedModel) {
        for (index, view) in model.views.iter().enumerate() {
            let name = view_name(&model.views, index);
            let at = Address::part(&module.name, Some(&model.name), PartKind::View, &name);
            let has_place = !view.values.text("xpath").is_empty() || !view.values.text("after").is_empty();
            if !VIEWS.contains(&view.name.as_str()) {
                // A view of another module says itself where its fields go.
                if has_place && !view.values.text("inherit").is_empty() {
                    continue;
                }
                let near = if view.name == "tree" {
                    Some("list")
                } else {
                    nearest(&view.name, VIEWS.into_iter())
                };
                let fixes = near.map(|near| Fix {
                    label: msg!("plan-modules-fix-type", kind = near),
                    changes: vec![Change::Rename {
                        at: at.clone(),
                        to: near.to_owned(),
                    }],
                });
                let what = msg!(
                    "plan-modules-view-type",
                    kind = SafeText::new(&view.name),
                    words = VIEWS.join(", ")
                );
                let is_sure = self.knows_what_it_reaches(module);
                self.tell(module, is_sure, "view-type", at, view.line, what, fixes.into_iter().collect());
                continue;
            }
            if !view.values.text("inherit").is_empty() || model.is_extension() {
                continue;
            }
            match view.name.as_str() {
                "calendar" => self.calendar(module, model, view, at),
                "activity" => self.activity(module, model, view, at),
                _ => {}
            }
        }
    }

    /// A calendar shows records on their day, or on the one on which they were made.
    fn calendar(&mut self, module: &Module, model: &PlannedModel, view: &Part, at: Address) {
        let is_date = |field: &Part| matches!(field.kind(), Some(FieldKind::Date | FieldKind::Datetime));
        if !Self::is_whole(model) || model.fields.iter().any(is_date) {
            return;
        }
        let mut values = Values::default();
        values.set("type", FieldKind::Date.word());
        let name = ["date", "day", "on_date"]
            .into_iter()
            .find(|name| model.field(name).is_none());
        let fix = name.map(|name| Fix {
            label: msg!("plan-modules-fix-add-field", name = name),
            changes: vec![Change::Add {
                at: Address::field(&module.name, &model.name, name),
                values,
            }],
        });
        let what = msg!("plan-modules-view-date", name = model.name.as_str());
        self.tell(module, false, "view-date", at, view.line, what, fix.into_iter().collect());
    }

    /// Activities are what the mixin brings.
    fn activity(&mut self, module: &Module, model: &PlannedModel, view: &Part, at: Address) {
        let inherit = model.values.list("inherit");
        let may_bring = |name: &&str| *name == ACTIVITY_MIXIN || !outside::is_mixin(name);
        if inherit.iter().any(may_bring) || model.values.0.contains_key("inherits") {
            return;
        }
        let with_it: Vec<&str> = inherit.into_iter().chain([ACTIVITY_MIXIN]).collect();
        let mut changes = vec![set_list(Address::model(&module.name, &model.name), "inherit", &with_it)];
        if !self.reaches(module, "mail") {
            changes.extend(depend_fix(module, "mail").changes);
        }
        let what = msg!(
            "plan-modules-view-activity",
            name = model.name.as_str(),
            mixin = ACTIVITY_MIXIN
        );
        let fix = Fix {
            label: msg!("plan-modules-fix-inherit", name = ACTIVITY_MIXIN),
            changes,
        };
        self.tell(module, true, "view-activity", at, view.line, what, vec![fix]);
    }

    pub(super) fn constraints(&mut self, module: &Module, model: &PlannedModel) {
        for constraint in &model.constraints {
            let values = &constraint.values;
            let at = Address::part(&module.name, Some(&model.name), PartKind::Constraint, &constraint.name);
            let check = values.text("check");
            if values.text("sql").is_empty() && check.is_empty() && values.list("fields").is_empty() {
                let what = msg!("plan-modules-constraint", name = constraint.name.as_str());
                self.tell(module, true, "constraint", at, constraint.line, what, Vec::new());
            } else if module.template() == "odoo" && values.text("sql").is_empty() && !check.is_empty() {
                self.expression(module, model, constraint, at);
            } else if module.template() == "odoo" && values.text("sql").is_empty() {
                let line = module.line_of(&at, "fields").unwrap_or(constraint.line);
                self.checked(module, model, constraint, at, line);
            }
        }
    }

    /// Fields that run a check are fields of the model.
    fn checked(&mut self, module: &Module, model: &PlannedModel, constraint: &Part, at: Address, line: u32) {
        if !Self::is_whole(model) {
            return;
        }
        let fields = checked_fields(constraint);
        let missing = fields.iter().find(|name| {
            let first = name.split('.').next().unwrap_or(name);
            model.field(first).is_none() && !outside::is_reserved(first)
        });
        if let Some(name) = missing {
            let what = msg!("plan-modules-no-field", field = name.as_str(), name = at.to_string());
            self.tell(module, true, "no-field", at, line, what, Vec::new());
        }
    }

    /// The expression of a check is run for each `record` when one of its fields changes.
    fn expression(&mut self, module: &Module, model: &PlannedModel, constraint: &Part, at: Address) {
        let check = constraint.values.text("check");
        let line = module.line_of(&at, "check").unwrap_or(constraint.line);
        let Some(spoken) = spoken(check) else {
            let what = msg!("plan-modules-check-python", name = constraint.name.as_str());
            self.tell(module, true, "check", at, line, what, Vec::new());
            return;
        };
        let unknown: Vec<&str> = spoken.unknown().filter(|name| *name != "ValidationError").collect();
        if let Some(first) = unknown.first() {
            let what = msg!("plan-modules-check-name", name = constraint.name.as_str(), word = *first);
            let is_field = |name: &&str| model.field(name).is_some();
            let fixes = unknown.iter().all(is_field).then(|| {
                let new = with_record(check, &spoken, model);
                Fix {
                    label: msg!("plan-modules-fix-value", value = new.as_str()),
                    changes: vec![Change::Set {
                        at: at.clone(),
                        key: "check".into(),
                        value: Some(new.into()),
                    }],
                }
            });
            self.tell(module, true, "check", at, line, what, fixes.into_iter().collect());
            return;
        }
        if checked_fields(constraint).is_empty() {
            let what = msg!("plan-modules-check-fields", name = constraint.name.as_str());
            self.tell(module, true, "check", at, line, what, Vec::new());
            return;
        }
        self.checked(module, model, constraint, at, line);
    }

    pub(super) fn menu(&mut self, module: &Module, menu: &Part, groups: &BTreeSet<&str>) {
        let at = Address::part(&module.name, None, PartKind::Menu, &menu.name);
        let model = menu.values.text("model");
        if !model.is_empty() && self.plan.owner(model).is_none() && outside::module_of(model).is_none() {
            let what = msg!("plan-modules-menu-model", name = menu.name.as_str(), model = model);
            self.tell(module, true, "no-model", at.clone(), menu.line, what, Vec::new());
        }
        for group in menu.values.list("groups") {
            self.group(module, at.clone(), group.trim_start_matches('!'), menu.line, groups);
        }
        let parent = menu.values.text("parent");
        let to_top = || Fix {
            label: msg!("plan-modules-fix-top", name = menu.name.as_str()),
            changes: vec![Change::Set {
                at: at.clone(),
                key: "parent".into(),
                value: None,
            }],
        };
        let is_known = parent.is_empty() || parent.contains('.') || module.menus.iter().any(|other| other.name == parent);
        if !is_known {
            let what = msg!("plan-modules-menu-parent", name = menu.name.as_str(), parent = parent);
            self.tell(module, true, "no-parent", at.clone(), menu.line, what, vec![to_top()]);
        } else if let Some(way) = menu_circle(module, menu) {
            let what = msg!("plan-modules-menu-circle", way = way.join(" → "));
            self.tell(module, true, "menu-circle", at.clone(), menu.line, what, vec![to_top()]);
        }
        let has_child = module.menus.iter().any(|other| {
            let above = other.values.text("parent");
            above == menu.name || above.strip_prefix(&format!("{}.", module.name)) == Some(&menu.name)
        });
        if model.is_empty() && menu.values.text("action").is_empty() && !has_child && module.template() == "odoo" {
            let what = msg!("plan-modules-menu-empty", name = menu.name.as_str());
            self.tell(module, false, "menu-empty", at, menu.line, what, Vec::new());
        }
    }
}

/// The expression with `record.` before each field that is named alone.
fn with_record(check: &str, spoken: &Spoken, model: &PlannedModel) -> String {
    let mut out = check.to_owned();
    for (range, _) in spoken.free.iter().rev().filter(|(_, name)| model.field(name).is_some()) {
        out.insert_str(range.start, "record.");
    }
    out
}

/// The fields whose change runs a check: those that are said, or those that the expression reads.
pub fn checked_fields(constraint: &Part) -> Vec<String> {
    let said: Vec<String> = constraint.values.list("fields").into_iter().map(str::to_owned).collect();
    if !said.is_empty() {
        return said;
    }
    let read = spoken(constraint.values.text("check")).unwrap_or_default().of_record;
    let is_field = |name: &String| !name.starts_with('_') && !matches!(name.as_str(), "env" | "ids" | "id" | "pool");
    read.into_iter().filter(is_field).collect()
}

/// The way from a menu back to itself.
fn menu_circle(module: &Module, menu: &Part) -> Option<Vec<String>> {
    let mut way = vec![menu.name.clone()];
    let mut at = menu;
    loop {
        let parent = at.values.text("parent");
        at = module.menus.iter().find(|other| other.name == parent)?;
        way.push(at.name.clone());
        if at.name == menu.name {
            return Some(way);
        }
        // A circle further up is told where it is.
        if way.iter().filter(|name| **name == at.name).count() > 1 {
            return None;
        }
    }
}
