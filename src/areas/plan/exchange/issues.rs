//! Issues as the APIs of GitHub and GitLab write them, and as their command line tools (`gh`, `glab`) do.
//! Sources: docs.github.com/rest/issues, docs.gitlab.com/api/issues.

use super::{Incoming, clean_body, keep};
use crate::areas::plan::model::Plan;
use crate::areas::plan::{Draft, Item, Kind, Priority};
use jiff::civil::Date;
use serde_json::{Value, json};

/// Before what the format has no place for.
const MARK: &str = "<!-- chantier ";

/// Fields that are read into an item; the others are kept as they are.
const READ_GITHUB: [&str; 20] = [
    "number",
    "title",
    "body",
    "state",
    "labels",
    "assignees",
    "assignee",
    "milestone",
    "created_at",
    "createdAt",
    "html_url",
    "url",
    "user",
    "author",
    "closed_at",
    "closedAt",
    "comments",
    "id",
    "node_id",
    "updated_at",
];
const READ_GITLAB: [&str; 20] = [
    "iid",
    "title",
    "description",
    "state",
    "labels",
    "assignees",
    "assignee",
    "milestone",
    "created_at",
    "due_date",
    "web_url",
    "author",
    "closed_at",
    "notes",
    "id",
    "weight",
    "time_stats",
    "issue_type",
    "type",
    "updated_at",
];

fn text(row: &Value, names: &[&str]) -> Option<String> {
    let value = names
        .iter()
        .find_map(|name| row.get(*name).filter(|value| !value.is_null()))?;
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
    .filter(|text| !text.trim().is_empty())
}

fn day(row: &Value, names: &[&str]) -> Option<Date> {
    super::date(text(row, names))
}

/// Names of labels and people, whatever they are wrapped in.
fn names(row: &Value, key: &str, of: &[&str]) -> Vec<String> {
    let list = row
        .get(key)
        .and_then(|value| value.get("nodes").or(Some(value)))
        .and_then(Value::as_array);
    let name = |value: &Value| value.as_str().map(str::to_owned).or_else(|| text(value, of));
    list.into_iter().flatten().filter_map(name).collect()
}

fn kind_of(labels: &[String]) -> Kind {
    let known = labels.iter().find_map(|label| {
        let word = label.rsplit([':', '/']).next().unwrap_or(label).trim();
        Kind::known(word).filter(|kind| *kind != Kind::Milestone)
    });
    known.unwrap_or(Kind::Chore)
}

/// What stands behind a label's scope: `priority: high`, `priority::1`, `workflow::in progress`.
fn scoped<'a>(label: &'a str, scopes: &[&str]) -> Option<&'a str> {
    let (head, word) = label.split_once([':', '/'])?;
    let is_meant = scopes.iter().any(|scope| head.trim().eq_ignore_ascii_case(scope));
    is_meant.then(|| word.trim_start_matches(':').trim())
}

fn priority_of(labels: &[String]) -> Option<Priority> {
    let mut words = labels.iter().filter_map(|label| scoped(label, &["priority"]));
    words.find_map(|word| match word {
        "1" => Some(Priority::Urgent),
        "2" => Some(Priority::High),
        "3" => Some(Priority::Medium),
        "4" => Some(Priority::Low),
        word => Priority::from_word(word),
    })
}

/// The state that a label names; what is closed is done, whatever a label still says.
fn state_of(labels: &[String], state: &str) -> Option<String> {
    let mut words = labels
        .iter()
        .filter_map(|label| scoped(label, &["workflow", "status", "state"]));
    let word = words.next().filter(|_| !state.eq_ignore_ascii_case("closed"));
    word.map(str::to_owned)
}

fn comments(row: &Value, key: &str) -> String {
    let mut out = String::new();
    for comment in row.get(key).and_then(Value::as_array).into_iter().flatten() {
        let Some(words) = text(comment, &["body", "note"]) else {
            continue;
        };
        let who = comment
            .get("author")
            .or_else(|| comment.get("user"))
            .and_then(|who| text(who, &["login", "username", "name"]));
        let at = day(comment, &["created_at", "createdAt"])
            .map(|day| day.to_string())
            .unwrap_or_default();
        let mut lines = words.trim().lines();
        out.push_str(&format!(
            "- {at}: {}: {}\n",
            who.unwrap_or_default(),
            lines.next().unwrap_or_default()
        ));
        for line in lines {
            out.push_str(&format!("  {}\n", line.trim_end()));
        }
    }
    if out.is_empty() {
        out
    } else {
        format!("\n\n## Notes\n\n{out}")
    }
}

fn incoming(row: &Value, draft: Draft, is_closed: bool, read: &[&str]) -> Incoming {
    let mut out = Incoming {
        is_closed,
        draft,
        ..Incoming::default()
    };
    // What we wrote there ourselves comes back as it was.
    if let Some((before, rest)) = out.draft.body.clone().split_once(MARK)
        && let Some((data, after)) = rest.split_once(" -->")
        && let Ok(ours) = serde_json::from_str::<Value>(&data.replace("\\u002d\\u002d", "--"))
    {
        out.draft.body = format!("{}{}", before.trim_end_matches('\n'), after.trim_start_matches('\n'));
        if !out.draft.body.is_empty() && !out.draft.body.ends_with('\n') {
            out.draft.body.push('\n');
        }
        if let Some(own) = super::from_json(&ours) {
            out.id = own.id;
            let body = std::mem::take(&mut out.draft.body);
            let origin = own.draft.origin.clone().or_else(|| out.draft.origin.clone());
            out.draft = Draft {
                body,
                origin,
                ..own.draft
            };
            return out;
        }
    }
    for (key, value) in row
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(key, _)| !read.contains(&key.as_str()))
    {
        // Addresses of the API and empty counts are of no use without it.
        if key.ends_with("_url")
            || key.starts_with('_')
            || value.is_object()
            || value.is_array()
            || *value == json!(false)
            || *value == json!(0)
        {
            continue;
        }
        keep(&mut out.draft, key, value);
    }
    out
}

/// GitHub lists pull requests among the issues.
pub(super) fn is_pull_request(row: &Value) -> bool {
    row.get("pull_request").is_some_and(|pull| !pull.is_null())
}

/// The milestones that the issues belong to, one of each, where the file says more of them than their title.
pub(super) fn milestones(rows: &[Value]) -> Vec<Incoming> {
    let mut out: Vec<Incoming> = Vec::new();
    for row in rows.iter().filter(|row| !is_pull_request(row)) {
        let Some(milestone) = row.get("milestone").filter(|milestone| has_more(milestone)) else {
            continue;
        };
        let Some(title) = text(milestone, &["title"]) else { continue };
        if out.iter().any(|known| known.draft.title == title) {
            continue;
        }
        out.push(Incoming {
            is_closed: text(milestone, &["state"]).is_some_and(|state| state.eq_ignore_ascii_case("closed")),
            draft: Draft {
                title,
                kind: Kind::Milestone,
                start: day(milestone, &["start_date"]),
                due: day(milestone, &["due_on", "dueOn", "due_date"]),
                body: clean_body(&text(milestone, &["description"]).unwrap_or_default()),
                origin: text(milestone, &["html_url", "web_url"]),
                created: day(milestone, &["created_at"]),
                ..Draft::default()
            },
            ..Incoming::default()
        });
    }
    out
}

fn has_more(milestone: &Value) -> bool {
    milestone
        .as_object()
        .is_some_and(|fields| fields.iter().any(|(key, value)| key != "title" && !value.is_null()))
}

pub(super) fn from_github(row: &Value) -> Option<Incoming> {
    let labels = names(row, "labels", &["name"]);
    let people = names(row, "assignees", &["login", "name"]);
    let state = text(row, &["state"]).unwrap_or_default();
    let mut draft = Draft {
        title: text(row, &["title"])?,
        kind: kind_of(&labels),
        priority: priority_of(&labels),
        state: state_of(&labels, &state),
        labels,
        assignee: (!people.is_empty()).then(|| people.join(", ")),
        milestone: row.get("milestone").and_then(|milestone| text(milestone, &["title"])),
        body: clean_body(&(text(row, &["body"]).unwrap_or_default() + &comments(row, "comments"))),
        origin: text(row, &["html_url"])
            .or_else(|| text(row, &["url"]))
            .or_else(|| text(row, &["number"]).map(|number| format!("github#{number}"))),
        created: day(row, &["created_at", "createdAt"]),
        ..Draft::default()
    };
    let author = row
        .get("user")
        .or_else(|| row.get("author"))
        .and_then(|user| text(user, &["login", "name"]));
    if let Some(author) = author {
        keep(&mut draft, "author", &Value::from(author));
    }
    if let Some(closed) = day(row, &["closed_at", "closedAt"]) {
        keep(&mut draft, "closed", &Value::from(closed.to_string()));
    }
    Some(incoming(row, draft, state.eq_ignore_ascii_case("closed"), &READ_GITHUB))
}

pub(super) fn from_gitlab(row: &Value) -> Option<Incoming> {
    let labels = names(row, "labels", &["name", "title"]);
    let people = names(row, "assignees", &["name", "username"]);
    let state = text(row, &["state"]).unwrap_or_default();
    let seconds = row
        .get("time_stats")
        .and_then(|stats| stats.get("time_estimate"))
        .and_then(Value::as_f64)
        .filter(|secs| *secs > 0.0);
    let hours = seconds.map(|secs| format!("{}h", (secs / 360.0).round() / 10.0));
    let mut draft = Draft {
        title: text(row, &["title"])?,
        kind: if text(row, &["issue_type", "type"]).is_some_and(|kind| kind.eq_ignore_ascii_case("incident")) {
            Kind::Bug
        } else {
            kind_of(&labels)
        },
        priority: priority_of(&labels),
        state: state_of(&labels, &state),
        labels,
        assignee: (!people.is_empty()).then(|| people.join(", ")),
        milestone: row.get("milestone").and_then(|milestone| text(milestone, &["title"])),
        due: day(row, &["due_date"]),
        estimate: hours.or_else(|| text(row, &["weight"])),
        body: clean_body(&(text(row, &["description"]).unwrap_or_default() + &comments(row, "notes"))),
        origin: text(row, &["web_url"]).or_else(|| text(row, &["iid"]).map(|number| format!("gitlab#{number}"))),
        created: day(row, &["created_at"]),
        ..Draft::default()
    };
    if let Some(author) = row.get("author").and_then(|user| text(user, &["username", "name"])) {
        keep(&mut draft, "author", &Value::from(author));
    }
    if let Some(closed) = day(row, &["closed_at"]) {
        keep(&mut draft, "closed", &Value::from(closed.to_string()));
    }
    Some(incoming(row, draft, state.eq_ignore_ascii_case("closed"), &READ_GITLAB))
}

/// The body with the values that an issue has no place for, where nobody sees them.
fn with_mark(item: &Item) -> String {
    let mut values = super::to_json(item);
    if let Some(map) = values.as_object_mut() {
        map.remove("body");
        map.retain(|_, value| !value.is_null() && *value != json!([]));
    }
    // Two hyphens would end the comment.
    let data = values.to_string().replace("--", "\\u002d\\u002d");
    format!("{}\n\n{MARK}{data} -->\n", item.body.trim_end())
}

fn labels_of(item: &Item) -> Vec<String> {
    let mut labels = item.labels.clone();
    if item.kind != Kind::Chore && !labels.iter().any(|label| label.eq_ignore_ascii_case(item.kind.word())) {
        labels.push(item.kind.word().to_owned());
    }
    labels
}

pub(super) fn to_github(item: &Item, plan: &Plan) -> Value {
    let is_done = item.is_done(&plan.workflow);
    json!({
        "title": item.title,
        "body": with_mark(item),
        "state": if is_done { "closed" } else { "open" },
        "labels": labels_of(item).into_iter().map(|name| json!({ "name": name })).collect::<Vec<_>>(),
        "assignees": item.assignee.iter().map(|name| json!({ "login": name })).collect::<Vec<_>>(),
        "milestone": item.milestone.as_ref().map(|title| json!({ "title": title })),
        "created_at": item.created.map(|day| format!("{day}T00:00:00Z")),
    })
}

pub(super) fn to_gitlab(item: &Item, plan: &Plan) -> Value {
    let is_done = item.is_done(&plan.workflow);
    json!({
        "title": item.title,
        "description": with_mark(item),
        "state": if is_done { "closed" } else { "opened" },
        "labels": labels_of(item),
        "assignees": item.assignee.iter().map(|name| json!({ "name": name })).collect::<Vec<_>>(),
        "milestone": item.milestone.as_ref().map(|title| json!({ "title": title })),
        "due_date": item.due,
        "created_at": item.created.map(|day| format!("{day}T00:00:00Z")),
        "time_stats": {
            "time_estimate": item
                .estimate
                .as_deref()
                .and_then(crate::areas::plan::estimate::parse)
                .map_or(0, |effort| (effort.hours * 3600.0) as u64),
        },
    })
}
