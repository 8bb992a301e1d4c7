//! Variables that GitLab gives, cells of `parallel`, and spans of time.

use super::super::yaml::Node;
use super::super::{Facts, message_of};
use crate::areas::devops::project::pipeline::MAX_CELLS;
use std::collections::BTreeMap;

/// What is told of the commit itself.
pub(in super::super) const OF_COMMIT: &[&str] = &[
    "CI_COMMIT_MESSAGE",
    "CI_COMMIT_TITLE",
    "CI_COMMIT_DESCRIPTION",
    "CI_COMMIT_AUTHOR",
    "CI_COMMIT_TIMESTAMP",
    "CI_COMMIT_BEFORE_SHA",
];

/// What GitLab says to every job of a push to a branch; `text` is that of the files, which ask for the commit or do not.
pub(super) fn predefined(facts: &Facts<'_>, text: &str) -> BTreeMap<String, String> {
    let name = facts.repository.rsplit('/').next().unwrap_or_default();
    let namespace = facts.repository.rsplit_once('/').map_or("", |(namespace, _)| namespace);
    let host = facts.host.as_deref().unwrap_or("gitlab.com");
    let is_protected = facts.branch == facts.default_branch;
    let server = format!("https://{host}");
    let mut all: BTreeMap<String, String> = [
        ("CI", "true"),
        ("GITLAB_CI", "true"),
        ("CI_SERVER", "yes"),
        ("CI_SERVER_NAME", "GitLab"),
        ("CI_SERVER_HOST", host),
        ("CI_SERVER_URL", &server),
        ("CI_API_V4_URL", &format!("{server}/api/v4")),
        ("CI_PIPELINE_SOURCE", "push"),
        ("CI_CONFIG_PATH", super::FILE),
        ("CI_COMMIT_SHA", &facts.commit),
        ("CI_COMMIT_SHORT_SHA", facts.commit.get(..8).unwrap_or(&facts.commit)),
        ("CI_COMMIT_BRANCH", &facts.branch),
        ("CI_COMMIT_REF_NAME", &facts.branch),
        ("CI_COMMIT_REF_SLUG", &slug(&facts.branch)),
        // There the default branch is protected unless somebody changes it.
        ("CI_COMMIT_REF_PROTECTED", if is_protected { "true" } else { "false" }),
        ("CI_DEFAULT_BRANCH", &facts.default_branch),
        ("CI_PROJECT_NAME", name),
        ("CI_PROJECT_TITLE", name),
        ("CI_PROJECT_NAMESPACE", namespace),
        ("CI_PROJECT_ROOT_NAMESPACE", namespace.split('/').next().unwrap_or_default()),
        ("CI_PROJECT_PATH", &facts.repository),
        ("CI_PROJECT_PATH_SLUG", &slug(&facts.repository)),
        ("CI_PROJECT_URL", &format!("{server}/{}", facts.repository)),
        ("GITLAB_USER_LOGIN", &facts.actor),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .collect();
    if let Some(commit) = (facts.head)(text) {
        let values = [
            message_of(&commit),
            commit.summary.clone(),
            commit.body.trim().to_owned(),
            format!("{} <{}>", commit.author, commit.author_email),
            commit.committed.to_string(),
            commit.parents.first().cloned().unwrap_or_else(|| "0".repeat(40)),
        ];
        all.extend(OF_COMMIT.iter().map(|name| (*name).to_owned()).zip(values));
    }
    all
}

/// Small letters, digits and dashes, as names of hosts want them.
pub(super) fn slug(text: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    let slug: String = text.to_lowercase().chars().map(plain).take(63).collect();
    slug.trim_matches('-').to_owned()
}

/// Names that are known only when a job runs: in what is read before they stay as they stand.
const LATER: &[&str] = &[
    "CI_PROJECT_DIR",
    "CI_BUILDS_DIR",
    "CI_JOB_ID",
    "CI_JOB_STARTED_AT",
    "CI_JOB_STATUS",
    "CI_PIPELINE_ID",
    "CI_PIPELINE_IID",
];

/// What is known when the file is read.
pub(super) fn known_at_reading(predefined: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let later = LATER.iter().map(|name| ((*name).to_owned(), format!("${name}")));
    predefined.clone().into_iter().chain(later).collect()
}

/// A path as seen from the folder of the project.
pub(super) fn in_project(path: &str) -> &str {
    let inner = path.strip_prefix("$CI_PROJECT_DIR").map(|rest| rest.trim_start_matches('/'));
    inner.unwrap_or(path).trim_start_matches("./")
}

/// Variables, plain or with `value`, `description` and `expand`.
pub(super) fn variable_pairs(node: Option<&Node>) -> Vec<(String, String)> {
    let entries = node.map(Node::entries).unwrap_or_default();
    let value = |node: &Node| {
        let text = node.get("value").unwrap_or(node).text().unwrap_or_default();
        let is_plain = node.get("expand").and_then(Node::truth) == Some(false);
        // Two signs come to one where names are put in.
        if is_plain { text.replace('$', "$$") } else { text }
    };
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
