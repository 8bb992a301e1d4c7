//! The event that a workflow of GitHub is read as, and what it tells: a push, a pull request, a start by hand, a call. Pure.
//! <https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows>

use super::yaml::{Node, Yaml};
use super::{Facts, Lack, Weight, expr, message_of};
use crate::base::Msg;
use crate::base::repo::CommitDetail;
use crate::msg;
use serde_json::{Map, Value, json};
use std::path::Path;

/// The ref of the pull request that a branch here stands for.
pub(super) const PULL_REQUEST: &str = "refs/pull/0/merge";
const PUSH: &str = "push";
const DISPATCH: &str = "workflow_dispatch";
/// Events that are known here, the usual ones first.
const KNOWN: [&str; 5] = [PUSH, "pull_request", "pull_request_target", DISPATCH, "schedule"];

/// Names of the events, without their filters.
pub(super) fn names(on: &Node) -> Vec<String> {
    match &on.value {
        Yaml::Map(entries) => entries.iter().map(|(key, _)| key.text.clone()).collect(),
        _ => on.texts(),
    }
}

/// What the workflow may be read as; a push where it names nothing that is known here.
pub(super) fn known(on: &[String]) -> Vec<&'static str> {
    let known = KNOWN.into_iter().filter(|event| on.iter().any(|one| one == event));
    let known: Vec<&str> = known.collect();
    if known.is_empty() { vec![PUSH] } else { known }
}

/// What an event comes to.
pub(super) struct Told {
    pub(super) contexts: Map<String, Value>,
    pub(super) lacks: Vec<Lack>,
    /// Why no job runs.
    pub(super) left_out: Option<Msg>,
}

/// The contexts that are the same for all jobs.
pub(super) fn told(
    root: &Node,
    (name, path): (&str, &Path),
    event: &str,
    facts: &Facts<'_>,
    head: Option<&CommitDetail>,
) -> Told {
    let owner = facts.repository.split('/').next().unwrap_or_default();
    let short = facts.repository.rsplit('/').next().unwrap_or_default();
    let is_pull = event.starts_with("pull_request");
    let of_branch = format!("refs/heads/{}", facts.branch);
    let (reference, reference_name) = if is_pull {
        (PULL_REQUEST, PULL_REQUEST.trim_start_matches("refs/pull/"))
    } else {
        (of_branch.as_str(), facts.branch.as_str())
    };
    let (head_ref, base_ref) = if is_pull {
        (facts.branch.as_str(), facts.default_branch.as_str())
    } else {
        ("", "")
    };
    let mut lacks = Vec::new();
    let mut differs = |what, line| {
        lacks.push(Lack {
            weight: Weight::Differs,
            what,
            line: Some(line),
        });
    };
    let on = root.get("on");
    let line = on.map_or(1, |on| on.line);
    let (inputs, missing) = inputs(on, event);
    let mut left_out = None;
    if !missing.is_empty() {
        let names = missing.join(", ");
        if event == DISPATCH {
            differs(msg!("build-ci-input-empty", names = names), line);
        } else {
            left_out = Some(msg!("build-ci-called-with", names = names));
        }
    }
    let repository = json!({ "name": short, "full_name": facts.repository, "default_branch": facts.default_branch,
        "owner": { "login": owner }, "fork": false });
    let mut event_value = if is_pull {
        differs(msg!("build-ci-pull-request", branch = head_ref, base = base_ref), line);
        pull_request(facts, head, &repository)
    } else {
        push(facts, head, &of_branch, &repository)
    };
    if event == DISPATCH
        && let Some(event) = event_value.as_object_mut()
    {
        let texts: Map<String, Value> = inputs
            .iter()
            .map(|(name, value)| (name.clone(), expr::text_of(value).into()))
            .collect();
        event.insert("inputs".to_owned(), Value::Object(texts));
    }
    let github = json!({
        "workflow": name, "event_name": event, "event": event_value, "sha": facts.commit, "ref": reference,
        "ref_name": reference_name, "ref_type": "branch", "ref_protected": false, "head_ref": head_ref, "base_ref": base_ref,
        "repository": facts.repository, "repository_owner": owner, "actor": facts.actor, "triggering_actor": facts.actor,
        "run_attempt": "1", "server_url": "https://github.com", "api_url": "https://api.github.com", "token": "",
        "workflow_ref": format!("{}/{}@{reference}", facts.repository, path.display()),
    });
    if is_pull {
        for (field, line) in missing_fields(root, &github) {
            differs(msg!("build-ci-event-unknown", field = field), line);
        }
    }
    let contexts = [("github", github), ("inputs", Value::Object(inputs)), ("vars", json!({}))];
    Told {
        contexts: contexts.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
        lacks,
        left_out,
    }
}

/// What is given to a workflow that somebody starts or calls, as far as it says so itself; and what has to be given.
fn inputs(on: Option<&Node>, event: &str) -> (Map<String, Value>, Vec<String>) {
    let of = |event: &str| on.and_then(|on| on.get(event)?.get("inputs")).map(Node::entries);
    let is_on = on.is_some_and(|on| names(on).iter().any(|name| name == event));
    let declared = match event {
        DISPATCH => of(DISPATCH),
        _ if !is_on => of("workflow_call"),
        _ => None,
    };
    let (mut given, mut missing) = (Map::new(), Vec::new());
    for (key, input) in declared.unwrap_or_default() {
        let default = input.get("default").filter(|default| !default.is_null());
        let value = match input.get("type").and_then(Node::text).as_deref() {
            Some("boolean") => default.and_then(Node::truth).unwrap_or(false).into(),
            Some("number") => default.map_or_else(|| 0.into(), Node::json),
            _ => default.and_then(Node::text).unwrap_or_default().into(),
        };
        given.insert(key.text.clone(), value);
        if default.is_none() && input.get("required").and_then(Node::truth) == Some(true) {
            missing.push(key.text.clone());
        }
    }
    (given, missing)
}

fn push(facts: &Facts<'_>, head: Option<&CommitDetail>, reference: &str, repository: &Value) -> Value {
    let before = head.and_then(|commit| commit.parents.first().cloned());
    let head = head.map_or_else(|| json!({ "id": facts.commit }), |commit| head_commit(commit, facts));
    json!({ "ref": reference, "after": facts.commit, "repository": repository, "commits": [head],
        "before": before.unwrap_or_else(|| "0".repeat(40)), "head_commit": head, "pusher": { "name": facts.actor },
        "sender": { "login": facts.actor }, "created": false, "deleted": false, "forced": false })
}

/// A pull request of the branch into the default branch.
fn pull_request(facts: &Facts<'_>, head: Option<&CommitDetail>, repository: &Value) -> Value {
    let base = (facts.base)().unwrap_or_else(|| facts.commit.clone());
    let title = head.map(|commit| commit.summary.as_str()).unwrap_or_default();
    json!({ "action": "synchronize", "number": 0, "repository": repository, "sender": { "login": facts.actor },
        "pull_request": { "number": 0, "title": title, "state": "open", "draft": false, "merged": false,
            "user": { "login": facts.actor },
            "head": { "sha": facts.commit, "ref": facts.branch, "repo": repository },
            "base": { "sha": base, "ref": facts.default_branch, "repo": repository } } })
}

/// The commit as an event of a push tells it.
fn head_commit(commit: &CommitDetail, facts: &Facts<'_>) -> Value {
    json!({ "id": facts.commit, "message": message_of(commit), "timestamp": commit.committed.to_string(),
        "author": { "name": commit.author, "email": commit.author_email, "username": facts.actor },
        "committer": { "name": commit.committer, "username": facts.actor },
        "url": format!("https://github.com/{}/commit/{}", facts.repository, facts.commit) })
}

/// Fields of the event that the file asks for and that are not known here, each with the line that asks first.
fn missing_fields(root: &Node, github: &Value) -> Vec<(String, u32)> {
    let mut found: Vec<(String, u32)> = Vec::new();
    collect(root, &mut |text, line| {
        // A condition may stand without braces.
        let bare = (!text.contains("${{") && text.contains("github.event.")).then_some(text);
        for inner in expr::inside(text).into_iter().chain(bare) {
            for path in expr::paths_of("github", inner) {
                let is_missing = path.iter().try_fold(github, |at, name| at.get(name)).is_none();
                let field = format!("github.{}", path.join("."));
                let is_event = path.first().is_some_and(|first| first == "event");
                if is_event && is_missing && !found.iter().any(|(known, _)| *known == field) {
                    found.push((field, line));
                }
            }
        }
    });
    found
}

/// Every text below a node.
pub(super) fn collect(node: &Node, found: &mut dyn FnMut(&str, u32)) {
    match &node.value {
        Yaml::Scalar { text, .. } => found(text, node.line),
        Yaml::List(items) => items.iter().for_each(|item| collect(item, found)),
        Yaml::Map(entries) => entries.iter().for_each(|(_, value)| collect(value, found)),
    }
}
