//! Which instance a name on the command line means.

use crate::adapters::ssh::is_silence;
use crate::areas::Model;
use crate::areas::operate::Instance;
use crate::base::Problem;
use crate::msg;

/// Every instance that these names mean, each once: of a compose project all of its containers.
pub(super) fn find_all(model: &Model, names: &[String]) -> Result<Vec<Instance>, Problem> {
    let mut found: Vec<Instance> = Vec::new();
    for name in names {
        let all = model.operate.all();
        let is_one = all.iter().any(|instance| instance.id == *name || instance.name == *name);
        let of_project = all
            .iter()
            .filter(|instance| !is_one && instance.project.as_deref() == Some(name));
        let mut meant: Vec<&Instance> = of_project.collect();
        if meant.is_empty() {
            meant.push(find(model, name)?);
        }
        for instance in meant {
            if found.iter().all(|known| known.id != instance.id) {
                found.push(instance.clone());
            }
        }
    }
    Ok(found)
}

/// By number or name; else the only one whose name begins so, of that environment, or whose name has it.
pub(super) fn find<'a>(model: &'a Model, name: &str) -> Result<&'a Instance, Problem> {
    let all = model.operate.all();
    if let Some(exact) = all.iter().find(|instance| {
        let is_short = instance
            .container
            .as_ref()
            .is_some_and(|id| name.len() >= 12 && id.starts_with(name));
        instance.id == name || is_short
    }) {
        return Ok(exact);
    }
    let is_environment = |instance: &Instance| instance.environment.as_deref() == Some(name);
    let is_full = |instance: &Instance| {
        let environment = instance.environment.as_deref().unwrap_or_default();
        format!("{environment} {}", instance.name).trim() == name
    };
    // What `list` prints of a process is the first part of its number.
    let is_process = |instance: &Instance| name.starts_with("process:") && instance.id.starts_with(&format!("{name}:"));
    let is_pid = |instance: &Instance| {
        let is_here = !instance.id.starts_with("far:");
        is_here && instance.pid.is_some_and(|pid| name.parse() == Ok(pid))
    };
    let is_named = |instance: &Instance| instance.name == name;
    let begins = |instance: &Instance| instance.name.starts_with(name);
    let has = |instance: &Instance| !name.is_empty() && instance.name.contains(name);
    let rules: [&dyn Fn(&Instance) -> bool; 7] = [&is_named, &is_process, &is_pid, &is_full, &begins, &is_environment, &has];
    let alike = rules
        .iter()
        .map(|rule| all.iter().filter(|instance| rule(instance)).collect::<Vec<_>>());
    let alike = alike.into_iter().find(|alike| !alike.is_empty()).unwrap_or_default();
    let named = |instance: &Instance| format!("{} ({})", instance.name, short_id(instance));
    match alike.as_slice() {
        [one] => Ok(one),
        [] => {
            // It may be on a machine that does not answer.
            if let Some(silent) = model.operate.problems.iter().find(|problem| is_silence(problem)) {
                return Err(silent.clone().hint(msg!("operate-none", name = name)));
            }
            let names: Vec<String> = all.iter().take(20).map(named).collect();
            let problem = Problem::user(msg!("operate-none", name = name)).code("not-found");
            Err(if names.is_empty() {
                problem.hint(msg!("operate-nothing-hint"))
            } else {
                problem.hint(msg!("operate-none-hint", names = names.join(", ")))
            })
        }
        several => {
            let names: Vec<String> = several.iter().take(20).map(|instance| named(instance)).collect();
            let problem = Problem::user(msg!("operate-several", name = name)).code("not-found");
            Err(problem.hint(msg!("operate-none-hint", names = names.join(", "))))
        }
    }
}

/// What stands for it on a command line, as short as it may be.
pub(super) fn short_id(instance: &Instance) -> String {
    match instance.id.split_once(':') {
        Some(("container", id)) => id.get(..12).unwrap_or(id).to_owned(),
        Some(("process", _)) => instance.id.split(':').take(2).collect::<Vec<_>>().join(":"),
        Some(("unit", _)) => "unit".to_owned(),
        _ => instance.id.clone(),
    }
}
