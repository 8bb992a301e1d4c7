//! What is wrong with single values that go into the code as they are: versions, licences, choices, sizes, domains, ways to related fields.

use super::{Checker, Fix};
use crate::areas::plan::modules::edit::Change;
use crate::areas::plan::modules::outside;
use crate::areas::plan::modules::readback::{is_python, spoken};
use crate::areas::plan::modules::refactor::are_of_one_language;
use crate::areas::plan::modules::schema::{Address, FieldKind, Module, Part, PlannedModel};
use crate::base::SafeText;
use crate::msg;
use std::collections::BTreeSet;

/// As Odoo's own check of manifests has them.
const LICENSES: [&str; 10] = [
    "GPL-2",
    "GPL-2 or any later version",
    "GPL-3",
    "GPL-3 or any later version",
    "AGPL-3",
    "LGPL-3",
    "Other OSI approved licence",
    "OEEL-1",
    "OPL-1",
    "Other proprietary",
];

/// Whether the manifest of a template takes the version.
fn is_version(template: &str, version: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    match template {
        "odoo" => version.contains('.') && version.split('.').all(is_number),
        "rust" | "typescript" => semver::Version::parse(version).is_ok(),
        // PEP 440, by its letters.
        "python" => {
            let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '!' | '+' | '-' | '_');
            version.trim_start_matches('v').starts_with(|c: char| c.is_ascii_digit()) && version.chars().all(is_letter)
        }
        _ => true,
    }
}

impl<'a> Checker<'a> {
    /// What the manifest says.
    pub(super) fn manifest(&mut self, module: &'a Module) {
        let at = Address::module(&module.name);
        let template = module.template();
        let line = |key: &str| module.line_of(&at, key).unwrap_or(1);
        let version = module.values.text("version");
        if !version.is_empty() && !is_version(template, version) {
            let what = msg!(
                "plan-modules-bad-version",
                version = SafeText::new(version),
                template = template
            );
            self.tell(module, true, "version", at.clone(), line("version"), what, Vec::new());
        }
        let license = module.values.text("license");
        if template == "odoo" && !license.is_empty() && !LICENSES.contains(&license) {
            let what = msg!("plan-modules-license", license = SafeText::new(license));
            self.tell(module, false, "license", at.clone(), line("license"), what, Vec::new());
        }
        let depends = module.depends().into_iter();
        let foreign: Vec<&'a Module> = depends
            .filter_map(|name| self.plan.module(name))
            .filter(|other| !are_of_one_language(module, other))
            .collect();
        for other in foreign {
            self.other_language(module, other, &at, line("depends"));
        }
    }

    pub(super) fn other_language(&mut self, module: &Module, other: &Module, at: &Address, line: u32) {
        let what = msg!(
            "plan-modules-other-language",
            name = at.to_string(),
            module = other.name.as_str(),
            other = other.template(),
            own = module.template()
        );
        self.tell(module, true, "other-language", at.clone(), line, what, Vec::new());
    }

    /// Values of a field.
    pub(super) fn values(&mut self, module: &Module, field: &Part, kind: FieldKind, at: &Address) {
        let line = |key: &str| module.line_of(at, key).unwrap_or(field.line);
        let mut seen = BTreeSet::new();
        if let Some((twice, _)) = field.choices().into_iter().find(|(value, _)| !seen.insert(value.clone())) {
            let what = msg!(
                "plan-modules-values-twice",
                name = field.name.as_str(),
                value = SafeText::new(&twice)
            );
            self.tell(module, true, "values-twice", at.clone(), line("values"), what, Vec::new());
        }
        let size = field.values.0.get("size").and_then(serde_json::Value::as_i64);
        if size.is_some_and(|size| size <= 0) {
            let what = msg!("plan-modules-size", name = field.name.as_str());
            self.tell(module, true, "size", at.clone(), line("size"), what, Vec::new());
        }
        if module.template() != "odoo" {
            return;
        }
        let domain = field.values.text("domain").trim_start_matches('=').trim();
        if !domain.is_empty() && !is_python(domain) {
            let what = msg!("plan-modules-domain", name = field.name.as_str());
            self.tell(module, true, "domain", at.clone(), line("domain"), what, Vec::new());
        }
        let formula = field.values.text("formula");
        if !formula.is_empty() && spoken(formula).is_none() {
            let what = msg!("plan-modules-formula", name = field.name.as_str());
            self.tell(module, true, "formula", at.clone(), line("formula"), what, Vec::new());
        }
        let is_plain = !field.values.0.contains_key("default") && !field.is_computed() && !field.values.0.contains_key("code");
        if field.name == "active" && kind == FieldKind::Boolean && is_plain {
            let what = msg!("plan-modules-active-default", name = at.to_string());
            let change = Change::Set {
                at: at.clone(),
                key: "default".into(),
                value: Some(true.into()),
            };
            let fix = Fix {
                label: msg!("plan-modules-fix-active"),
                changes: vec![change],
            };
            self.tell(module, false, "active", at.clone(), line("type"), what, vec![fix]);
        }
        if field.name == "active" && kind != FieldKind::Boolean {
            let what = msg!("plan-modules-active", name = at.to_string());
            self.tell(module, false, "active", at.clone(), line("type"), what, Vec::new());
        }
    }

    /// Follows `partner_id.country_id.code` as far as the plan knows the models on the way.
    pub(super) fn way(&mut self, module: &Module, model: &PlannedModel, at: &Address, key: &str, way: &str) {
        let line = || {
            let own = at.part.as_ref().and_then(|(_, name)| model.field(name));
            module.line_of(at, key).unwrap_or(own.map_or(model.line, |field| field.line))
        };
        let way: Vec<&str> = way.split('.').collect();
        let mut here = model.name.clone();
        for (index, name) in way.iter().enumerate() {
            let of_plan: Vec<&PlannedModel> = self
                .plan
                .models()
                .map(|(_, known)| known)
                .filter(|known| known.name == here)
                .collect();
            let is_whole = |known: &&PlannedModel| {
                !known.is_extension() && known.values.list("inherit").is_empty() && !known.values.0.contains_key("inherits")
            };
            // What a model of another program has is not known, but for what the plan adds to it.
            let is_known = of_plan.iter().any(is_whole) && outside::module_of(&here).is_none();
            let found = of_plan.iter().find_map(|known| known.field(name));
            let Some(found) = found else {
                // The first of them is told with everything else that is computed.
                if is_known && index > 0 && !outside::is_reserved(name) {
                    let named = format!("{here}.{name}");
                    let what = msg!("plan-modules-no-field", field = named, name = at.to_string());
                    self.tell(module, true, "no-field", at.clone(), line(), what, Vec::new());
                }
                return;
            };
            // One that is said again, or that code says more of, may lead anywhere.
            let leads = |kind: FieldKind| kind.is_relation() || kind == FieldKind::Reference;
            let may_lead = found.values.0.contains_key("class") || found.kind().is_none_or(leads);
            if is_known && index + 1 < way.len() && !may_lead {
                let what = msg!(
                    "plan-modules-no-way",
                    name = at.to_string(),
                    way = way.join("."),
                    field = format!("{here}.{name}")
                );
                self.tell(module, true, "no-way", at.clone(), line(), what, Vec::new());
                return;
            }
            if found.target().is_empty() {
                return;
            }
            found.target().clone_into(&mut here);
        }
    }
}
