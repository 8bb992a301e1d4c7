//! What is wrong with the planned modules, each with its place and, where one can be thought of, a fix that can be applied. Pure.

pub mod fields;
mod keys;
mod names;
mod parts;
mod values;

pub use names::mended;
pub use parts::{VIEWS, checked_fields};

use super::edit::Change;
use super::known::{Plan, has_own_space};
use super::outside;
use super::schema::{Address, Module, PartKind, PlannedModel, Values, view_at, view_name};
use crate::base::{Msg, Problem};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// One way to put a finding right.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fix {
    pub label: Msg,
    pub changes: Vec<Change>,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// A stable word: `no-inverse`.
    pub code: String,
    /// It stops the generation.
    pub is_error: bool,
    pub at: Address,
    /// Below the root.
    pub file: PathBuf,
    pub line: u32,
    pub what: Msg,
    pub fixes: Vec<Fix>,
}

impl Finding {
    /// As a problem with its place in the workspace.
    pub fn problem(&self, root: &Path) -> Problem {
        let problem = Problem::config(self.what.clone()).code(&self.code);
        problem.at_place(root.join(&self.file), self.line.max(1), 1)
    }
}

/// Everything that is wrong, errors first within each module.
pub fn findings(plan: &Plan) -> Vec<Finding> {
    let mut checker = Checker {
        plan,
        reach: reach(plan),
        out: Vec::new(),
    };
    checker.duplicates();
    checker.circles();
    for module in &plan.modules {
        checker.module(module);
    }
    let mut out = checker.out;
    out.sort_by(|a, b| (&a.at.module, !a.is_error, a.line).cmp(&(&b.at.module, !b.is_error, b.line)));
    out
}

/// The modules of the plan and outside that a module depends on, directly or not.
fn reach(plan: &Plan) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut out = BTreeMap::new();
    for module in &plan.modules {
        let mut seen = BTreeSet::new();
        let mut open = module.depends();
        while let Some(name) = open.pop() {
            if seen.insert(name)
                && let Some(next) = plan.module(name)
            {
                open.extend(next.depends());
            }
        }
        out.insert(module.name.as_str(), seen);
    }
    out
}

/// A circle of dependencies that a module is part of.
pub fn circle(plan: &Plan, module: &Module) -> Option<Vec<String>> {
    let mut way = vec![module.name.clone()];
    let mut seen = BTreeSet::new();
    walk(plan, module, &module.name, &mut way, &mut seen).then_some(way)
}

fn walk<'a>(plan: &'a Plan, at: &'a Module, goal: &str, way: &mut Vec<String>, seen: &mut BTreeSet<&'a str>) -> bool {
    for name in at.depends() {
        if name == goal {
            way.push(goal.to_owned());
            return true;
        }
        let Some(next) = plan.module(name) else { continue };
        if seen.insert(&next.name) {
            way.push(next.name.clone());
            if walk(plan, next, goal, way, seen) {
                return true;
            }
            way.pop();
        }
    }
    false
}

struct Checker<'a> {
    plan: &'a Plan,
    reach: BTreeMap<&'a str, BTreeSet<&'a str>>,
    out: Vec<Finding>,
}

/// Letters, digits and underscores, a letter first.
fn is_name(name: &str) -> bool {
    let word = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    name.starts_with(|c: char| c.is_ascii_lowercase()) && name.chars().all(word) && name.len() <= 63
}

impl<'a> Checker<'a> {
    #[expect(clippy::too_many_arguments, reason = "a finding has so many parts")]
    fn tell(&mut self, module: &Module, is_error: bool, code: &str, at: Address, line: u32, what: Msg, fixes: Vec<Fix>) {
        self.out.push(Finding {
            code: code.to_owned(),
            is_error,
            at,
            file: module.file.clone(),
            line,
            what,
            fixes,
        });
    }

    fn reaches(&self, module: &Module, other: &str) -> bool {
        module.name == other
            || other == "base"
            || self.reach.get(module.name.as_str()).is_some_and(|reach| {
                reach.contains(other)
                    // What those outside the plan bring with them is not known; a few are sure.
                    || (other == "mail" && reach.iter().any(|name| ["account", "sale", "purchase", "stock", "crm", "hr", "project"].contains(name)))
                    || (matches!(other, "product" | "uom" | "analytic" | "portal")
                        && reach.iter().any(|name| ["account", "sale", "purchase", "stock"].contains(name)))
                    || (other == "account" && reach.iter().any(|name| ["sale", "purchase"].contains(name)))
            })
    }

    /// Whether all that a module depends on is known: one that is not may bring whatever it depends on itself.
    fn knows_what_it_reaches(&self, module: &Module) -> bool {
        let mut reach = self.reach.get(module.name.as_str()).into_iter().flatten();
        reach.all(|name| outside::is_known_module(name) || self.plan.module(name).is_some())
    }

    fn duplicates(&mut self) {
        let mut modules = BTreeMap::new();
        for module in &self.plan.modules {
            if let Some(first) = modules.insert(module.name.as_str(), module) {
                let what = msg!("plan-modules-twice-module", name = module.name.as_str(), file = &first.file);
                self.tell(module, true, "duplicate", Address::module(&module.name), 1, what, Vec::new());
            }
        }
        // Odoo has one name space for all; packages of the languages have one each.
        let space = |module: &Module| {
            if has_own_space(module) {
                module.name.clone()
            } else {
                String::new()
            }
        };
        let mut models: BTreeMap<(String, &str), &Module> = BTreeMap::new();
        for (module, model) in self.plan.models() {
            if model.is_extension() {
                continue;
            }
            let Some(first) = models.insert((space(module), model.name.as_str()), module) else {
                continue;
            };
            let at = Address::model(&module.name, &model.name);
            let what = if first.name == module.name {
                msg!("plan-modules-twice-here", name = model.name.as_str())
            } else {
                msg!(
                    "plan-modules-twice-model",
                    name = model.name.as_str(),
                    module = first.name.as_str()
                )
            };
            let fixes = if first.name == module.name {
                Vec::new()
            } else {
                vec![Fix {
                    label: msg!("plan-modules-fix-extend", name = model.name.as_str()),
                    changes: vec![Change::Set {
                        at: at.clone(),
                        key: "extend".into(),
                        value: Some(true.into()),
                    }],
                }]
            };
            self.tell(module, true, "duplicate", at, model.line, what, fixes);
        }
    }

    fn circles(&mut self) {
        let mut told = BTreeSet::new();
        for module in &self.plan.modules {
            let Some(way) = circle(self.plan, module) else { continue };
            let members: BTreeSet<String> = way.iter().cloned().collect();
            if !told.insert(members) {
                continue;
            }
            let last = way[way.len() - 2].clone();
            let Some(breaks) = self.plan.module(&last) else { continue };
            let rest: Vec<&str> = breaks.depends().into_iter().filter(|name| *name != module.name).collect();
            let fix = Fix {
                label: msg!(
                    "plan-modules-fix-undepend",
                    module = last.as_str(),
                    other = module.name.as_str()
                ),
                changes: vec![set_list(Address::module(&last), "depends", &rest)],
            };
            let what = msg!("plan-modules-circle", way = way.join(" → "));
            self.tell(module, true, "circle", Address::module(&module.name), 1, what, vec![fix]);
        }
    }

    fn module(&mut self, module: &'a Module) {
        let at = Address::module(&module.name);
        let is_odoo = module.template() == "odoo";
        // The other languages allow a dash.
        if !is_name(&module.name) && (is_odoo || !is_name(&module.name.replace('-', "_"))) {
            let fixes = rename_fix(self.plan, &at, &mended(&module.name).replace('.', "_"));
            let what = msg!("plan-modules-name-module", name = module.name.as_str());
            self.tell(module, true, "name", at.clone(), 1, what, fixes);
        }
        self.keys(module);
        self.manifest(module);
        let groups: BTreeSet<&str> = module.groups.iter().map(|group| group.name.as_str()).collect();
        for group in &module.groups {
            for implied in group.values.list("implies") {
                self.group(
                    module,
                    Address::part(&module.name, None, PartKind::Group, &group.name),
                    implied,
                    group.line,
                    &groups,
                );
            }
        }
        for menu in &module.menus {
            self.menu(module, menu, &groups);
        }
        for (index, model) in module.models.iter().enumerate() {
            self.generated_names(module, index, model);
            self.model(module, model, &groups);
        }
    }

    /// A group that is named somewhere must be one of the module, or of a module it depends on.
    fn group(&mut self, module: &Module, at: Address, group: &str, line: u32, own: &BTreeSet<&str>) {
        let mut fixes = Vec::new();
        let is_known = match group.split_once('.') {
            None => own.contains(group) || group == "everyone",
            Some((owner, _)) if owner == module.name => own.contains(&group[owner.len() + 1..]),
            Some((owner, name)) => match self.plan.module(owner) {
                Some(other) => other.groups.iter().any(|known| known.name == name) && self.reaches(module, owner),
                None => self.reaches(module, owner),
            },
        };
        if is_known {
            return;
        }
        if let Some((owner, _)) = group.split_once('.')
            && owner != module.name
            && !self.reaches(module, owner)
        {
            fixes.push(depend_fix(module, owner));
        } else {
            let name = group.rsplit('.').next().unwrap_or(group);
            fixes.push(Fix {
                label: msg!("plan-modules-fix-group", name = name),
                changes: vec![Change::Add {
                    at: Address::part(&module.name, None, PartKind::Group, name),
                    values: Values(BTreeMap::from([("title".to_owned(), super::schema::title_of(name).into())])),
                }],
            });
        }
        let what = msg!("plan-modules-no-group", group = group, name = at.to_string());
        let is_elsewhere = group
            .split_once('.')
            .is_some_and(|(owner, _)| self.plan.module(owner).is_none());
        let is_sure = !is_elsewhere || self.knows_what_it_reaches(module);
        self.tell(module, is_sure, "no-group", at, line, what, fixes);
    }

    fn model(&mut self, module: &'a Module, model: &'a PlannedModel, groups: &BTreeSet<&str>) {
        let at = Address::model(&module.name, &model.name);
        let is_odoo = module.template() == "odoo";
        let parts: Vec<&str> = model.name.split('.').collect();
        let is_sound = parts.iter().enumerate().all(|(index, part)| {
            is_name(part)
                || index > 0
                    && part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
                    && !part.trim_matches('_').is_empty()
                    && (model.is_extension() || !part.starts_with("__"))
        });
        if !is_sound || model.name.len() > 63 {
            let what = msg!("plan-modules-name-model", name = model.name.as_str());
            let fixes = rename_fix(self.plan, &at, &mended(&model.name));
            self.tell(module, true, "name", at.clone(), model.line, what, fixes);
        }
        if model.is_extension() {
            self.extension(module, model, &at);
        } else if model.fields.is_empty() && model.values.list("inherit").is_empty() && !model.values.0.contains_key("inherits") {
            let what = msg!("plan-modules-no-fields", name = model.name.as_str());
            let mut values = Values::default();
            values.set("type", "char");
            values.set("required", true);
            let fix = Fix {
                label: msg!("plan-modules-fix-add-field", name = "name"),
                changes: vec![Change::Add {
                    at: Address::field(&module.name, &model.name, "name"),
                    values,
                }],
            };
            self.tell(module, false, "no-fields", at.clone(), model.line, what, vec![fix]);
        }
        for field in &model.fields {
            self.field(module, model, field);
        }
        if is_odoo {
            self.rights(module, model, groups);
            self.views(module, model);
            self.named_fields(module, model);
        }
        self.constraints(module, model);
    }

    fn extension(&mut self, module: &Module, model: &PlannedModel, at: &Address) {
        let owner = match self.plan.owner_for(module, &model.name) {
            Some((owner, _)) => Some(owner.name.as_str()),
            None => outside::module_of(&model.name),
        };
        if let Some(owner) = owner.filter(|owner| !self.reaches(module, owner)) {
            let what = msg!("plan-modules-not-reached", name = model.name.as_str(), module = owner);
            let (is_sure, fix) = (self.knows_what_it_reaches(module), depend_fix(module, owner));
            self.tell(module, is_sure, "depends", at.clone(), model.line, what, vec![fix]);
        }
    }

    fn rights(&mut self, module: &Module, model: &PlannedModel, groups: &BTreeSet<&str>) {
        for access in &model.access {
            let at = Address::part(&module.name, Some(&model.name), PartKind::Access, &access.group);
            self.group(module, at.clone(), &access.group, access.line, groups);
            if access.rights.is_empty() || !access.rights.chars().all(|letter| "rwcd".contains(letter)) {
                let what = msg!("plan-modules-rights", group = access.group.as_str());
                let fix = Fix {
                    label: msg!("plan-modules-fix-rights", rights = "r"),
                    changes: vec![Change::Set {
                        at: Address::part(&module.name, Some(&model.name), PartKind::Access, &access.group),
                        key: access.group.clone(),
                        value: Some("r".into()),
                    }],
                };
                self.tell(module, true, "rights", at, access.line, what, vec![fix]);
            }
        }
        if model.access.is_empty() && !model.is_extension() && !model.values.flag("abstract") {
            let at = Address::model(&module.name, &model.name);
            let group = module.groups.first().map_or("base.group_user", |group| group.name.as_str());
            let mut values = Values::default();
            values.set("rights", "rwcd");
            let fix = Fix {
                label: msg!("plan-modules-fix-access", group = group),
                changes: vec![Change::Add {
                    at: Address::part(&module.name, Some(&model.name), PartKind::Access, group),
                    values,
                }],
            };
            let what = msg!("plan-modules-no-access", name = model.name.as_str());
            self.tell(module, false, "no-access", at, model.line, what, vec![fix]);
        }
    }

    /// Fields that views, the order and the name of records speak of.
    fn named_fields(&mut self, module: &Module, model: &PlannedModel) {
        // What an extended or inherited model has is not known.
        if model.is_extension() || !model.values.list("inherit").is_empty() || model.values.0.contains_key("inherits") {
            return;
        }
        let is_known = |name: &str| {
            let first = name.split('.').next().unwrap_or(name);
            model.field(first).is_some()
                || matches!(
                    first,
                    "id" | "display_name" | "create_date" | "create_uid" | "write_date" | "write_uid"
                )
        };
        let mut named: Vec<(Address, u32, String)> = Vec::new();
        for (index, view) in model.views.iter().enumerate() {
            let name = view_name(&model.views, index);
            let at = Address::part(&module.name, Some(&model.name), PartKind::View, &name);
            named.extend(
                view.values
                    .list("fields")
                    .into_iter()
                    .map(|name| (at.clone(), view.line, name.to_owned())),
            );
        }
        let at = Address::model(&module.name, &model.name);
        let order = model
            .values
            .text("order")
            .split(',')
            .filter_map(|part| part.split_whitespace().next());
        let line_of = |at: &Address, key: &str, line| module.line_of(at, key).unwrap_or(line);
        let line = line_of(&at, "order", model.line);
        named.extend(order.map(|name| (at.clone(), line, name.to_owned())));
        let rec_name = model.values.text("rec_name");
        if !rec_name.is_empty() {
            let line = line_of(&at, "rec_name", model.line);
            named.push((at, line, rec_name.to_owned()));
        }
        for (at, line, name) in named {
            if !is_known(&name) {
                let what = msg!("plan-modules-no-field", field = name.as_str(), name = at.to_string());
                let mut values = Values::default();
                values.set("type", fields::kind_by_name(&name).word());
                let mut fixes = vec![Fix {
                    label: msg!("plan-modules-fix-add-field", name = name.as_str()),
                    changes: vec![Change::Add {
                        at: Address::field(&module.name, &model.name, &name),
                        values,
                    }],
                }];
                let view = at.part.as_ref().and_then(|(_, view)| view_at(&model.views, view));
                if let Some(view) = view.map(|index| &model.views[index]) {
                    let rest: Vec<&str> = view
                        .values
                        .list("fields")
                        .into_iter()
                        .filter(|other| **other != *name)
                        .collect();
                    fixes.push(Fix {
                        label: msg!("plan-modules-fix-out-of-view", name = name.as_str()),
                        changes: vec![set_list(at.clone(), "fields", &rest)],
                    });
                }
                self.tell(module, true, "no-field", at, line, what, fixes);
            }
        }
    }
}

fn set_list(at: Address, key: &str, list: &[&str]) -> Change {
    Change::Set {
        at,
        key: key.to_owned(),
        value: Some(list.iter().map(|word| serde_json::Value::from(*word)).collect()),
    }
}

fn depend_fix(module: &Module, other: &str) -> Fix {
    let mut depends = module.depends();
    depends.push(other);
    Fix {
        label: msg!("plan-modules-fix-depend", module = other),
        changes: vec![set_list(Address::module(&module.name), "depends", &depends)],
    }
}

fn rename_fix(plan: &Plan, at: &Address, to: &str) -> Vec<Fix> {
    let to = names::free(plan, at, to);
    vec![Fix {
        label: msg!("plan-modules-fix-rename", name = to.as_str()),
        changes: super::refactor::rename(plan, at, &to),
    }]
}
