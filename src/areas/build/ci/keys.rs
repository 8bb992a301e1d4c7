//! The words that files of other CIs may say of a job and of a step: one that is not there is written wrongly. Pure.
//! <https://docs.gitlab.com/ci/yaml/> <https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax>

use super::yaml::Node;
use crate::base::Problem;
use crate::msg;
use std::path::Path;

/// Of a job of GitLab.
pub(super) const GITLAB: &[&str] = &[
    "after_script",
    "allow_failure",
    "artifacts",
    "before_script",
    "cache",
    "coverage",
    "dast_configuration",
    "dependencies",
    "environment",
    "except",
    "extends",
    "hooks",
    "id_tokens",
    "identity",
    "image",
    "inherit",
    "inputs",
    "interruptible",
    "manual_confirmation",
    "needs",
    "only",
    "pages",
    "parallel",
    "publish",
    "release",
    "resource_group",
    "retry",
    "rules",
    "run",
    "script",
    "secrets",
    "services",
    "stage",
    "start_in",
    "tags",
    "timeout",
    "trigger",
    "type",
    "variables",
    "when",
];

/// Of a job of GitHub.
pub(super) const GITHUB: &[&str] = &[
    "concurrency",
    "container",
    "continue-on-error",
    "defaults",
    "env",
    "environment",
    "if",
    "name",
    "needs",
    "outputs",
    "permissions",
    "runs-on",
    "secrets",
    "services",
    "snapshot",
    "steps",
    "strategy",
    "timeout-minutes",
    "uses",
    "with",
];

/// Of a step of GitHub.
pub(super) const STEP: &[&str] = &[
    "continue-on-error",
    "env",
    "id",
    "if",
    "name",
    "run",
    "shell",
    "timeout-minutes",
    "uses",
    "with",
    "working-directory",
];

/// What a job says that is no word of these; `text` is that of the file, and what an included one says has no place in it.
pub(super) fn unknown(node: &Node, known: &[&str], job: &str, (path, text): (&Path, &str)) -> Vec<Problem> {
    let others = node.entries().iter().filter(|(key, _)| !known.contains(&key.text.as_str()));
    let told = |(key, _): &(super::yaml::Key, Node)| {
        let what = msg!("build-ci-unknown-key", job = job, key = key.text.as_str());
        let problem = Problem::config(what).code("config");
        let line = text.lines().nth((key.line as usize).saturating_sub(1));
        if line.is_some_and(|line| line.contains(&key.text)) {
            problem.at_place(path, key.line, 1)
        } else {
            problem
        }
    };
    others.map(told).collect()
}

/// What is wrong with a job of GitHub as it is written.
pub(super) fn wrong_of_github((name, line): (&str, u32), job: &Node, file: (&Path, &str)) -> Vec<Problem> {
    let path = file.0;
    let mut problems = unknown(job, GITHUB, name, file);
    let is_called = job.get("uses").is_some();
    let lacking = ["runs-on", "steps"]
        .into_iter()
        .filter(|key| !is_called && job.get(key).is_none());
    problems.extend(lacking.map(|key| {
        let what = msg!("build-ci-key-missing", job = name, key = key);
        Problem::config(what).code("config").at_place(path, line, 1)
    }));
    for step in job.get("steps").map(Node::items).unwrap_or_default() {
        problems.extend(unknown(step, STEP, name, file));
        if step.get("run").is_some() == step.get("uses").is_some() {
            let what = msg!("build-ci-run-or-uses", job = name);
            problems.push(Problem::config(what).code("config").at_place(path, step.line, 1));
        }
    }
    problems
}
