//! The event that a workflow of GitHub is read as, and what it tells: a push, a pull request, a start by hand, a call. Pure.
//! <https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows>

use super::yaml::{Node, Yaml};
use super::{Facts, Lack, Weight, expr, message_of};
use crate::base::Msg;
use crate::base::repo::CommitDetail;
use crate::msg;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::path::Path;

/// The ref of the pull request that a branch here stands for.
pub(super) const PULL_REQUEST: &str = "refs/pull/0/merge";
const PUSH: &str = "push";
const DISPATCH: &str = "workflow_dispatch";
const CALL: &str = "workflow_call";
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

/// The one event that was asked for, as far as the file is for it: by name, or by inputs for a start by hand.
pub(super) fn asked<'a>(on: &[String], facts: &Facts<'a>) -> Option<&'a str> {
    let by_inputs = (!facts.inputs.is_empty()).then_some(DISPATCH);
    let is_on = |event: &&str| on.iter().any(|one| one == event);
    facts.event.or(by_inputs).filter(is_on)
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
    let (inputs, missing, wrong) = inputs(on, event, facts.inputs);
    let mut left_out = wrong;
    if !missing.is_empty() {
        let names = missing.join(", ");
        if event == DISPATCH && facts.event.is_none() && facts.inputs.is_empty() {
            differs(msg!("build-ci-input-empty", names = names), line);
        } else if event == DISPATCH {
            left_out.get_or_insert(msg!("build-ci-input-wanted", names = names));
        } else {
            left_out.get_or_insert(msg!("build-ci-called-with", names = names));
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
    // A workflow that is called runs on the event of the one that calls it.
    let event_name = if event == CALL { PUSH } else { event };
    let github = json!({
        "workflow": name, "event_name": event_name, "event": event_value, "sha": facts.commit, "ref": reference,
        "ref_name": reference_name, "ref_type": "branch", "ref_protected": false, "head_ref": head_ref, "base_ref": base_ref,
        "repository": facts.repository, "repository_owner": owner, "actor": facts.actor, "triggering_actor": facts.actor,
        "run_attempt": "1", "server_url": "https://github.com", "api_url": "https://api.github.com", "token": "",
        "workflow_ref": format!("{}/{}@{reference}", facts.repository, path.display()),
    });
    if is_pull || !KNOWN.contains(&event_name) {
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

/// What is given to a workflow that somebody starts or calls, else as it says itself; what has to be given and is not; and which of
/// what is given it can not take.
fn inputs(on: Option<&Node>, event: &str, from: &BTreeMap<String, String>) -> (Map<String, Value>, Vec<String>, Option<Msg>) {
    let of = |event: &str| on.and_then(|on| on.get(event)?.get("inputs")).map(Node::entries);
    let is_on = on.is_some_and(|on| names(on).iter().any(|name| name == event));
    let declared = match event {
        DISPATCH | CALL => of(event),
        _ if !is_on => of(CALL),
        _ => None,
    };
    let (mut given, mut missing, mut wrong) = (Map::new(), Vec::new(), None);
    for (key, input) in declared.unwrap_or_default() {
        let default = input.get("default").filter(|default| !default.is_null());
        let kind = input.get("type").and_then(Node::text);
        if let Some(text) = from.get(&key.text) {
            let value = taken(text, kind.as_deref(), input).unwrap_or_else(|wants| {
                let name = key.text.as_str();
                wrong.get_or_insert(msg!(
                    "build-ci-input-wrong",
                    name = name,
                    wants = wants,
                    value = text.as_str()
                ));
                Value::Null
            });
            given.insert(key.text.clone(), value);
            continue;
        }
        let value = match kind.as_deref() {
            Some("boolean") => default.and_then(Node::truth).unwrap_or(false).into(),
            Some("number") => default.map_or_else(|| 0.into(), Node::json),
            _ => default.and_then(Node::text).unwrap_or_default().into(),
        };
        given.insert(key.text.clone(), value);
        if default.is_none() && input.get("required").and_then(Node::truth) == Some(true) {
            missing.push(key.text.clone());
        }
    }
    (given, missing, wrong)
}

/// What a text is as an input of a kind, else what is wanted.
fn taken(text: &str, kind: Option<&str>, input: &Node) -> Result<Value, String> {
    match kind {
        Some("boolean") => text.parse::<bool>().map(Value::from).map_err(|_| "true, false".to_owned()),
        Some("number") => {
            let whole = text.parse::<i64>().map(Value::from);
            let number = whole.or_else(|_| text.parse::<f64>().map(Value::from));
            number.map_err(|_| "0, 1.5, -2".to_owned())
        }
        Some("choice") => {
            let options = input.get("options").map(Node::texts).unwrap_or_default();
            let is_one = options.iter().any(|option| option == text);
            is_one.then(|| text.into()).ok_or_else(|| options.join(", "))
        }
        _ => Ok(text.into()),
    }
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
