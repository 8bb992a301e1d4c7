//! What `rules`, `only` and `except` come to for a push to a branch. Pure.

use super::super::yaml::{Node, Yaml};
use super::super::{Facts, Lack, Weight, rules};
use super::files::{is_one_of, matching};
use super::values::{in_project, variable_pairs};
use crate::msg;
use std::collections::BTreeMap;

/// Beginnings of names that GitLab does not set for a push to a branch: a rule that asks for one is answered.
const ABSENT: &[&str] = &[
    "CI_COMMIT_TAG",
    "CI_DEBUG_",
    "CI_DEPLOY_FREEZE",
    "CI_ENVIRONMENT_",
    "CI_EXTERNAL_PULL_REQUEST",
    "CI_HAS_OPEN_REQUIREMENTS",
    "CI_KUBERNETES_ACTIVE",
    "CI_MERGE_REQUEST_",
    "CI_OPEN_MERGE_REQUESTS",
    "CI_PIPELINE_SCHEDULE_DESCRIPTION",
    "CI_PIPELINE_TRIGGERED",
];

/// What `rules` come to.
pub(super) struct Verdict {
    pub(super) when: String,
    /// What it waits for before it starts by itself.
    pub(super) start_in: Option<String>,
    pub(super) may_fail: Option<bool>,
    pub(super) variables: Vec<(String, String)>,
}

/// The first rule that holds; None when none does.
pub(super) fn verdict(
    rules: &Node,
    variables: &BTreeMap<String, String>,
    facts: &Facts<'_>,
    lacks: &mut Vec<Lack>,
) -> Option<Verdict> {
    let mut differs = |what, rule: &Node| {
        let lack = Lack {
            weight: Weight::Differs,
            what,
            line: Some(rule.line),
        };
        if !lacks.contains(&lack) {
            lacks.push(lack);
        }
    };
    for rule in rules.items() {
        if let Some(condition) = rule.get("if").and_then(Node::text) {
            for name in unknown(&condition, variables) {
                differs(msg!("build-ci-variable-unknown", name = name), rule);
            }
            match rules::holds(&condition, variables) {
                Ok(true) => {}
                Ok(false) => continue,
                Err(why) => {
                    differs(msg!("build-ci-rule-unknown", why = why), rule);
                    continue;
                }
            }
        }
        if let Some(exists) = rule.get("exists") {
            let patterns: Vec<String> = exists.get("paths").unwrap_or(exists).texts();
            let patterns = patterns.iter().map(|pattern| rules::expand(pattern, variables));
            let patterns: Vec<String> = patterns.map(|pattern| in_project(&pattern).to_owned()).collect();
            if matching(facts.paths, &patterns).is_empty() {
                continue;
            }
        }
        if let Some(changes) = rule.get("changes") {
            match is_changed(changes, variables, facts) {
                Some(true) => {}
                Some(false) => continue,
                None => differs(msg!("build-ci-changes"), rule),
            }
        }
        return Some(Verdict {
            when: rule
                .get("when")
                .and_then(Node::text)
                .unwrap_or_else(|| "on_success".to_owned()),
            start_in: rule.get("start_in").and_then(Node::text),
            may_fail: rule.get("allow_failure").and_then(Node::truth),
            variables: variable_pairs(rule.get("variables")),
        });
    }
    None
}

/// Whether something that is named has changed; None where that is not known.
fn is_changed(changes: &Node, variables: &BTreeMap<String, String>, facts: &Facts<'_>) -> Option<bool> {
    let since = changes.get("compare_to").and_then(Node::text);
    let since = since.map(|since| rules::expand(&since, variables));
    let changed = (facts.changed)(since.as_deref())?;
    let patterns = changes.get("paths").unwrap_or(changes).texts();
    let patterns = patterns.iter().map(|pattern| rules::expand(pattern, variables));
    let patterns: Vec<String> = patterns.map(|pattern| in_project(&pattern).to_owned()).collect();
    Some(is_one_of(&changed, &patterns))
}

/// Names of GitLab's own variables that a condition asks for and that are not known here.
fn unknown<'t>(condition: &'t str, variables: &BTreeMap<String, String>) -> Vec<&'t str> {
    let names = condition.split('$').skip(1).map(|rest| {
        let end = rest.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        &rest[..end.unwrap_or(rest.len())]
    });
    names
        .filter(|name| name.starts_with("CI_") && !variables.contains_key(*name))
        .filter(|name| !ABSENT.iter().any(|absent| name.starts_with(absent)))
        .collect()
}

/// `only` and `except`, as far as a push to a branch is meant: whether the job is in the pipeline.
pub(super) fn is_only(job: &Node, variables: &BTreeMap<String, String>, facts: &Facts<'_>, lacks: &mut Vec<Lack>) -> bool {
    let refs = |node: &Node| match &node.value {
        Yaml::Map(_) => node.get("refs").map(Node::texts),
        _ => Some(node.texts()),
    };
    let is_meant = |wanted: &String| {
        let (plain, project) = wanted.split_once('@').unwrap_or((wanted, &facts.repository));
        if project != facts.repository {
            return false;
        }
        matches!(plain, "branches" | "pushes") || rules::names_branch(plain, &facts.branch)
    };
    let holds = |node: &Node| {
        let by_ref = refs(node).is_none_or(|refs| refs.iter().any(is_meant));
        let conditions = node.get("variables").map(Node::texts).unwrap_or_default();
        let by_variable = conditions.is_empty() || conditions.iter().any(|text| rules::holds(text, variables).unwrap_or(false));
        (by_ref, by_variable)
    };
    let only = job
        .get("only")
        .map(holds)
        .is_none_or(|(by_ref, by_variable)| by_ref && by_variable);
    let except = job.get("except").is_some_and(|except| {
        let (by_ref, by_variable) = holds(except);
        let has_variables = except.get("variables").is_some();
        let has_refs = refs(except).is_some();
        (has_refs && by_ref) || (has_variables && by_variable)
    });
    let mut by_changes = |key: &str, what| {
        let node = job.get(key)?.get("changes")?;
        let is_changed = is_changed(node, variables, facts);
        if is_changed.is_none() {
            lacks.push(Lack {
                weight: Weight::Differs,
                what,
                line: Some(node.line),
            });
        }
        is_changed
    };
    let only_changed = by_changes("only", msg!("build-ci-changes")).unwrap_or(true);
    let except_changed = by_changes("except", msg!("build-ci-changes-except")).unwrap_or(false);
    only && only_changed && !except && !except_changed
}
