//! `key=value` as it is typed behind `plan module`: read as what has to stand there, and refused with the words that are allowed.

use crate::areas::plan::modules::known::Plan;
use crate::areas::plan::modules::schema::{Address, Part, PartKind, Values};
use crate::areas::plan::modules::{Change, generate, keys};
use crate::base::{Problem, SafeText};
use crate::msg;
use serde_json::Value;

/// Changes that set what was typed; an empty value clears.
pub(super) fn sets(plan: &Plan, at: &Address, typed: &[String]) -> Result<Vec<Change>, Problem> {
    let mut field = field_at(plan, at);
    let mut out = Vec::new();
    for typed in typed {
        let (key, value) = pair(typed)?;
        let value = match value {
            "" => None,
            value => Some(value_of(plan, at, field.as_ref(), key, value)?),
        };
        // What follows is read by the type that stands before it.
        if let (Some(field), Some(value)) = (&mut field, &value) {
            field.values.set(key, value.clone());
        }
        let key = match &at.part {
            Some((PartKind::Access, group)) => group.as_str(),
            _ => key,
        };
        // A folder of its own is meant instead of one below the target.
        let has_target = plan
            .module(&at.module)
            .is_some_and(|module| module.values.0.contains_key("target"));
        if key == "folder" && at.model.is_none() && at.part.is_none() && value.is_some() && has_target {
            out.push(Change::Set {
                at: at.clone(),
                key: "target".to_owned(),
                value: None,
            });
        }
        out.push(Change::Set {
            at: at.clone(),
            key: key.to_owned(),
            value,
        });
    }
    Ok(out)
}

/// The values of something new, and what was typed for it.
pub(super) fn with_pairs(plan: &Plan, at: &Address, values: Values, typed: &[String]) -> Result<Values, Problem> {
    let name = at.part.as_ref().map_or("", |(_, name)| name);
    let mut part = Part::new(name);
    part.values = values;
    for typed in typed {
        let (key, value) = pair(typed)?;
        if value.is_empty() {
            part.values.0.remove(key);
            continue;
        }
        let is_field = matches!(at.part, Some((PartKind::Field, _)));
        let value = value_of(plan, at, is_field.then_some(&part), key, value)?;
        part.values.set(key, value);
    }
    Ok(part.values)
}

fn pair(typed: &str) -> Result<(&str, &str), Problem> {
    let pair = typed.split_once('=').map(|(key, value)| (key.trim(), value.trim()));
    pair.ok_or_else(|| {
        Problem::user(msg!(
            "plan-cli-value",
            key = SafeText::new(typed),
            typed = SafeText::new(typed)
        ))
    })
}

fn field_at(plan: &Plan, at: &Address) -> Option<Part> {
    match &at.part {
        Some((PartKind::Field, name)) => plan.model_at(at)?.field(name).cloned(),
        _ => None,
    }
}

/// One value, when it is one that can stand there.
pub(super) fn value_of(plan: &Plan, at: &Address, field: Option<&Part>, key: &str, typed: &str) -> Result<Value, Problem> {
    let wrong = || {
        Problem::user(msg!(
            "plan-modules-wrong-value",
            key = SafeText::new(key),
            name = SafeText::new(&at.to_string()),
            value = SafeText::new(typed)
        ))
        .code("value")
    };
    let Some(shape) = keys::shape(at, key) else {
        let is_own = plan
            .module(&at.module)
            .is_some_and(|module| !generate::is_built_in(module.template()));
        if is_own {
            return Ok(guessed(typed));
        }
        let problem = Problem::user(msg!(
            "plan-modules-no-key",
            key = SafeText::new(key),
            name = SafeText::new(&at.to_string())
        ));
        let hint = msg!("plan-remark-words-hint", words = keys::names(at));
        return Err(problem.code("unknown-key").hint(hint));
    };
    if key == "template" {
        known_template(plan, typed)?;
    }
    if key == "target" && at.model.is_none() && generate::clean(std::path::Path::new(typed)).is_none() {
        return Err(generate::leads_out(typed));
    }
    if key == "folder" && at.model.is_none() && generate::clean_folder(std::path::Path::new(typed)).is_none() {
        return Err(generate::leads_out(typed));
    }
    let value = keys::typed(shape, typed, field);
    if keys::fits(shape, &value, field) {
        Ok(value)
    } else {
        Err(wrong().hint(keys::wanted(shape, field)))
    }
}

/// For keys that only a template of the user's own knows.
fn guessed(typed: &str) -> Value {
    if let Ok(flag) = typed.parse::<bool>() {
        flag.into()
    } else if let Ok(number) = typed.parse::<i64>() {
        number.into()
    } else {
        typed.into()
    }
}

/// Refuses a template that is neither one of the program's nor one of the workspace's.
pub(super) fn known_template(plan: &Plan, name: &str) -> Result<(), Problem> {
    if plan.templates.iter().any(|known| known.name == name) {
        return Ok(());
    }
    Err(generate::no_template(name))
}
