//! Values that are of the right kind and mean nothing, or not what was meant.

use super::{ProjectFile, Reader, leads_out};
use crate::base::{Msg, Problem, SafeText};
use crate::msg;
use std::collections::BTreeSet;

/// Tells them, each at its place.
pub(super) fn check(reader: &mut Reader<'_>, file: &ProjectFile) {
    for task in &file.tasks {
        if leads_out(&task.dir) {
            outside(reader, &task.name, &task.name);
        }
    }
    let release = &file.release;
    for path in release.version_files.iter().chain([&release.changelog]) {
        if leads_out(path) {
            let name = path.to_string_lossy();
            outside(reader, &name, &name);
        }
    }
    if let Some(key) = release
        .sign_key
        .as_deref()
        .filter(|key| !leads_out(key) && !key.starts_with("~"))
    {
        let key = key.to_string_lossy();
        let problem = Problem::config(msg!("sign-key-inside", path = SafeText::new(&key)));
        reader.tell(problem.hint(msg!("sign-key-inside-hint")), reader.find(&key));
    }
    of_tests(reader, file);
    of_plan(reader, file);
}

fn outside(reader: &mut Reader<'_>, name: &str, word: &str) {
    let problem = Problem::config(msg!("devops-project-outside", name = SafeText::new(name)));
    reader.tell(problem, reader.find(word));
}

fn of_tests(reader: &mut Reader<'_>, file: &ProjectFile) {
    let gate = &file.test.gate;
    for (key, percent) in [("min_pass_rate", gate.min_pass_rate), ("min_coverage", gate.min_coverage)] {
        if percent.is_some_and(|percent| !(0.0..=100.0).contains(&percent)) {
            at_key(
                reader,
                key,
                "test",
                msg!("settings-limits", key = key, least = 0, greatest = 100),
            );
        }
    }
    if file.test.jobs == Some(0) {
        at_key(reader, "jobs", "test", msg!("devops-project-none", key = "jobs"));
    }
    if file.test.timeout.is_some_and(|timeout| timeout.0.is_zero()) {
        at_key(reader, "timeout", "test", msg!("devops-project-none", key = "timeout"));
    }
}

fn of_plan(reader: &mut Reader<'_>, file: &ProjectFile) {
    let mut seen = BTreeSet::new();
    for state in &file.plan.states {
        let plain = state.trim().to_lowercase();
        if !plain.is_empty() && !seen.insert(plain) {
            let name = SafeText::new(state);
            at_key(reader, "states", "plan", msg!("devops-project-twice", name = name.as_str()));
        }
    }
    if seen.is_empty() {
        at_key(reader, "states", "plan", msg!("devops-project-none", key = "states"));
    }
}

fn at_key(reader: &mut Reader<'_>, key: &str, section: &str, said: Msg) {
    let start = reader.text.find(&format!("[{section}")).unwrap_or(0);
    let rest = reader.text.get(start..).unwrap_or_default();
    let at = rest
        .match_indices(key)
        .find(|(at, _)| rest[..*at].ends_with(['\n', ' ', '\t', '{', '.']))
        .map_or(start, |(at, _)| start + at);
    reader.tell(Problem::config(said), at);
}
