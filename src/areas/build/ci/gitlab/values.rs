//! Variables that GitLab gives, cells of `parallel`, and spans of time.

use super::super::Facts;
use super::super::yaml::Node;
use crate::areas::devops::project::pipeline::MAX_CELLS;
use std::collections::BTreeMap;

/// What GitLab says to every job of a push to a branch.
pub(super) fn predefined(facts: &Facts<'_>) -> BTreeMap<String, String> {
    let name = facts.repository.rsplit('/').next().unwrap_or_default();
    let namespace = facts.repository.rsplit_once('/').map_or("", |(namespace, _)| namespace);
    let slug: String = facts
        .branch
        .to_lowercase()
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .take(63)
        .collect();
    [
        ("CI", "true"),
        ("GITLAB_CI", "true"),
        ("CI_SERVER", "yes"),
        ("CI_SERVER_NAME", "GitLab"),
        ("CI_PIPELINE_SOURCE", "push"),
        ("CI_COMMIT_SHA", &facts.commit),
        ("CI_COMMIT_SHORT_SHA", facts.commit.get(..8).unwrap_or(&facts.commit)),
        ("CI_COMMIT_BRANCH", &facts.branch),
        ("CI_COMMIT_REF_NAME", &facts.branch),
        ("CI_COMMIT_REF_SLUG", slug.trim_matches('-')),
        ("CI_DEFAULT_BRANCH", &facts.default_branch),
        ("CI_PROJECT_NAME", name),
        ("CI_PROJECT_NAMESPACE", namespace),
        ("CI_PROJECT_ROOT_NAMESPACE", namespace.split('/').next().unwrap_or_default()),
        ("CI_PROJECT_PATH", &facts.repository),
        ("GITLAB_USER_LOGIN", &facts.actor),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect()
}

/// Names that are known only when a job runs: in what is read before they stay as they stand.
const LATER: &[&str] = &[
    "CI_PROJECT_DIR",
    "CI_BUILDS_DIR",
    "CI_JOB_ID",
    "CI_JOB_STATUS",
    "CI_PIPELINE_ID",
];

/// What is known when the file is read.
pub(super) fn known_at_reading(facts: &Facts<'_>) -> BTreeMap<String, String> {
    let later = LATER.iter().map(|name| ((*name).to_owned(), format!("${name}")));
    predefined(facts).into_iter().chain(later).collect()
}

/// A path as seen from the folder of the project.
pub(super) fn in_project(path: &str) -> &str {
    let inner = path.strip_prefix("$CI_PROJECT_DIR").map(|rest| rest.trim_start_matches('/'));
    inner.unwrap_or(path).trim_start_matches("./")
}

/// Variables, plain or with `value` and `description`.
pub(super) fn variable_pairs(node: Option<&Node>) -> Vec<(String, String)> {
    let entries = node.map(Node::entries).unwrap_or_default();
    let value = |node: &Node| node.get("value").unwrap_or(node).text().unwrap_or_default();
    entries.iter().map(|(key, node)| (key.text.clone(), value(node))).collect()
}

/// The cells of `parallel`, each with its key and its variables.
pub(super) fn cells(job: &Node) -> Vec<(String, Vec<(String, String)>)> {
    let Some(parallel) = job.get("parallel") else {
        return vec![(String::new(), Vec::new())];
    };
    if let Some(n) = parallel.json().as_u64() {
        let cell = |at: u64| {
            let variables = vec![
                ("CI_NODE_INDEX".to_owned(), at.to_string()),
                ("CI_NODE_TOTAL".to_owned(), n.to_string()),
            ];
            (format!(" {at}/{n}"), variables)
        };
        return (1..=n.min(MAX_CELLS as u64 + 1)).map(cell).collect();
    }
    let mut cells = Vec::new();
    for map in parallel.get("matrix").map(Node::items).unwrap_or_default() {
        let mut some = vec![Vec::new()];
        for (key, values) in map.entries() {
            some = some
                .into_iter()
                .flat_map(|cell: Vec<(String, String)>| {
                    values.texts().into_iter().map(move |value| {
                        let mut cell = cell.clone();
                        cell.push((key.text.clone(), value));
                        cell
                    })
                })
                .take(MAX_CELLS + 1)
                .collect();
        }
        cells.extend(some);
    }
    let key = |cell: &[(String, String)]| {
        let values: Vec<&str> = cell.iter().map(|(_, value)| value.as_str()).collect();
        format!(": [{}]", values.join(", "))
    };
    cells.into_iter().map(|cell| (key(&cell), cell)).collect()
}

/// `1h 30m`, `10 minutes`, `3600` seconds.
pub(super) fn span_ms(text: &str) -> Option<u64> {
    let mut total = 0_u64;
    let mut number = String::new();
    let mut is_unit = false;
    for c in text.chars().chain([' ']) {
        if c.is_ascii_digit() {
            if is_unit {
                number.clear();
            }
            is_unit = false;
            number.push(c);
        } else if c.is_ascii_alphabetic() && !is_unit {
            let n: u64 = number.parse().ok()?;
            total += n * match c.to_ascii_lowercase() {
                'w' => 604_800_000,
                'd' => 86_400_000,
                'h' => 3_600_000,
                'm' => 60_000,
                's' => 1000,
                _ => return None,
            };
            is_unit = true;
        }
    }
    if total == 0 && !number.is_empty() && !is_unit {
        total = number.parse::<u64>().ok()? * 1000;
    }
    (total > 0).then_some(total)
}
