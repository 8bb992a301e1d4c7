//! Items and problems as lines for people and as JSON.

use super::Answer;
use crate::areas::plan::exchange::fields_of;
use crate::areas::plan::links::Links;
use crate::areas::plan::model::Plan;
use crate::areas::plan::{Item, Kind, estimate, say, state_name};
use crate::base::text::without_marks;
use crate::base::{Catalog, Problem, SafeText};
use crate::msg;
use serde_json::{Value, json};

/// The value that a list is sorted by, and whether the other way round.
pub(super) fn sort_key(typed: &str) -> Result<(&'static str, bool), Problem> {
    const KEYS: [&str; 12] = [
        "id",
        "title",
        "type",
        "state",
        "priority",
        "due",
        "assignee",
        "milestone",
        "created",
        "updated",
        "estimate",
        "label",
    ];
    let (name, is_down) = typed.strip_prefix('-').map_or((typed, false), |name| (name, true));
    let known = KEYS.iter().find(|key| **key == name).copied();
    known.map(|key| (key, is_down)).ok_or_else(|| {
        let problem = Problem::user(msg!("plan-filter-unknown", word = SafeText::new(typed)));
        problem.hint(msg!("plan-remark-words-hint", words = KEYS.join(", ")))
    })
}

/// What an item is sorted by; nothing comes last.
fn sort_value(item: &Item, key: &str) -> (bool, String) {
    let value = match key {
        "id" => Some(item.id.clone()),
        "title" => Some(item.title.chars().flat_map(char::to_lowercase).map(without_marks).collect()),
        "type" => Some(item.kind.word().to_owned()),
        "state" => Some(item.state.clone()),
        "priority" => item.priority.map(|priority| (priority as u8).to_string()),
        "due" => item.due.map(|day| day.to_string()),
        "assignee" => item.assignee.as_ref().map(|name| name.to_lowercase()),
        "milestone" => item.milestone.clone(),
        "updated" => item.updated.map(|day| day.to_string()),
        "label" => item.labels.first().map(|label| label.to_lowercase()),
        "estimate" => {
            let effort = item.estimate.as_deref().and_then(estimate::parse);
            effort.map(|effort| format!("{:012.2} {:012.2}", effort.hours, effort.points))
        }
        _ => item.created.map(|day| day.to_string()),
    };
    (value.is_none(), value.unwrap_or_default())
}

pub(super) fn matches_name(known: &str, typed: &str) -> bool {
    known.to_lowercase().contains(&typed.to_lowercase())
}

pub(super) fn list(plan: &Plan, wanted: impl Fn(&&Item) -> bool, sort: Option<&str>, texts: &Catalog) -> Answer {
    let mut text = String::new();
    let mut items = Vec::new();
    for column in 0..=plan.workflow.columns.len() {
        let mut shown: Vec<&Item> = plan.column(column).into_iter().filter(|item| wanted(item)).collect();
        if let Some(Ok((key, is_down))) = sort.map(sort_key) {
            shown.sort_by(|a, b| {
                let (a, b) = (sort_value(a, key), sort_value(b, key));
                a.0.cmp(&b.0)
                    .then_with(|| if is_down { b.1.cmp(&a.1) } else { a.1.cmp(&b.1) })
            });
        }
        if shown.is_empty() {
            continue;
        }
        let name = plan.workflow.columns.get(column).map_or_else(
            || texts.t("plan-column-other").into_owned(),
            |column| state_name(&column.state, texts),
        );
        text.push_str(&format!("{name}  {}\n", shown.len()));
        for item in shown {
            text.push_str(&line_of(item, texts));
            items.push(value_of(item));
        }
    }
    if items.is_empty() {
        text = format!("{}\n", texts.t("plan-cli-none"));
    }
    if !plan.unreadable.is_empty() {
        text.push_str(&format!(
            "{}\n",
            texts.msg(&msg!("plan-unreadable-count", n = plan.unreadable.len()))
        ));
    }
    for problem in &plan.problems {
        text.push_str(&problem_line(problem, texts));
    }
    let states: Vec<Value> = plan
        .workflow
        .columns
        .iter()
        .enumerate()
        .map(|(index, column)| json!({ "state": column.state, "limit": column.limit, "n_items": plan.count_in(index) }))
        .collect();
    let unreadable: Vec<Value> = plan
        .unreadable
        .values()
        .map(|problem| problem_value(problem, texts))
        .collect();
    Answer {
        schema: "chantier.plan.list/1",
        data: json!({
            "states": states,
            "items": items,
            "unreadable": unreadable,
            "problems": plan.problems.iter().map(|problem| problem_value(problem, texts)).collect::<Vec<_>>(),
        }),
        text,
    }
}

pub(super) fn line_of(item: &Item, texts: &Catalog) -> String {
    let mut line = format!("  {:<9} {:<11} {}", item.id, item.kind.word(), SafeText::new(&item.title));
    if item.in_conflict {
        line.push_str(&format!(" ({})", texts.t("plan-in-conflict")));
    }
    for label in &item.labels {
        line.push_str(&format!(" #{}", SafeText::new(label)));
    }
    if let Some(priority) = item.priority {
        line.push_str(&format!(" !{}", priority.word()));
    }
    if let Some(name) = &item.assignee {
        line.push_str(&format!(" @{}", SafeText::new(name)));
    }
    if let Some(due) = item.due {
        line.push_str(&format!(" {}", texts.msg(&msg!("plan-due-on", day = due.to_string()))));
    }
    if !item.criteria.is_empty() {
        line.push_str(&format!(" [{}/{}]", item.n_criteria_done(), item.criteria.len()));
    }
    line.push('\n');
    line
}

pub(super) fn one(schema: &'static str, plan: &Plan, item: Option<&Item>, said: &str, texts: &Catalog) -> Answer {
    let Some(item) = item else {
        return Answer {
            schema,
            data: Value::Null,
            text: String::new(),
        };
    };
    let mut text = String::new();
    if schema == "chantier.plan.show/1" {
        text.push_str(&format!("{}  {}\n", item.id, SafeText::new(&item.title)));
        let mut fact = |key: &str, value: String| {
            if !value.is_empty() {
                text.push_str(&format!("{:<12} {}\n", texts.t(key), SafeText::new(&value)));
            }
        };
        fact("plan-field-state", state_name(&item.state, texts));
        let kind = item.kind.key().map(|key| texts.t(key).into_owned());
        fact("plan-field-type", kind.unwrap_or_else(|| item.kind.word().to_owned()));
        let priority = item.priority.map(|priority| texts.t(priority.key()).into_owned());
        fact("plan-field-priority", priority.unwrap_or_default());
        fact("plan-field-labels", item.labels.join(", "));
        fact("plan-field-assignee", item.assignee.clone().unwrap_or_default());
        fact("plan-field-start", item.start.map(|day| day.to_string()).unwrap_or_default());
        fact("plan-field-due", item.due.map(|due| due.to_string()).unwrap_or_default());
        fact("plan-field-estimate", item.estimate.clone().unwrap_or_default());
        fact("plan-field-milestone", item.milestone.clone().unwrap_or_default());
        fact("plan-field-parent", item.parent.clone().unwrap_or_default());
        fact("plan-field-depends", item.depends.join(", "));
        let links = Links::of(plan);
        let waiting: Vec<&str> = links.waiting_for(&item.id).iter().map(|other| other.id.as_str()).collect();
        fact("plan-field-waiting", waiting.join(", "));
        let parts = links.roll_up(item).map(|sum| say::roll_up_words(&sum, texts));
        fact("plan-field-parts", parts.unwrap_or_default());
        if let Some(origin) = &item.origin {
            fact("plan-field-origin", origin.clone());
        }
        fact(
            "plan-field-created",
            item.created.map(|day| day.to_string()).unwrap_or_default(),
        );
        fact("plan-field-file", item.file.display().to_string());
        let body = SafeText::multiline(item.body.trim());
        if !body.as_str().is_empty() {
            text.push_str(&format!("\n{body}\n"));
        }
        for problem in &item.remarks {
            text.push_str(&problem_line(problem, texts));
        }
    } else if !said.is_empty() {
        text = format!("{said}\n{}", line_of(item, texts));
    }
    let mut data = value_of(item);
    data["body"] = json!(item.body);
    data["criteria"] = json!(item.criteria);
    data["checks"] = json!(item.checks);
    data["decisions"] = json!(item.decisions);
    let links = Links::of(plan);
    data["roll_up"] = json!(links.roll_up(item));
    data["waiting"] = json!(
        links
            .waiting_for(&item.id)
            .iter()
            .map(|other| other.id.clone())
            .collect::<Vec<_>>()
    );
    data["remarks"] = json!(
        item.remarks
            .iter()
            .map(|problem| problem_value(problem, texts))
            .collect::<Vec<_>>()
    );
    if item.kind == Kind::Milestone {
        let share = plan.share_of(item);
        data["progress"] = json!({ "done": share.n_done, "all": share.n_all });
    }
    Answer { schema, data, text }
}

pub(super) fn value_of(item: &Item) -> Value {
    let mut value = fields_of(item);
    value["updated"] = json!(item.updated);
    value["n_criteria"] = json!(item.criteria.len());
    value["n_criteria_done"] = json!(item.n_criteria_done());
    value["file"] = json!(item.file);
    value["source"] = json!(item.source);
    value["in_conflict"] = json!(item.in_conflict);
    value
}

pub(super) fn problem_value(problem: &Problem, texts: &Catalog) -> Value {
    json!({
        "kind": problem.kind,
        "code": problem.code,
        "summary": texts.msg(&problem.summary),
        "details": problem.details,
        "hint": problem.hint.as_ref().map(|hint| texts.msg(hint)),
        "place": problem.place,
    })
}

pub(super) fn problem_line(problem: &Problem, texts: &Catalog) -> String {
    let place = problem.place.as_ref().map_or_else(String::new, |place| {
        let mut text = SafeText::new(&place.path.to_string_lossy()).into_string();
        for number in [place.line, place.column].into_iter().flatten() {
            text.push_str(&format!(":{number}"));
        }
        format!("{text}: ")
    });
    let mut line = format!("{place}{}", texts.msg(&problem.summary));
    if !problem.details.is_empty() {
        line.push_str(&format!(" ({})", SafeText::new(&problem.details.replace('\n', ", "))));
    }
    if let Some(hint) = &problem.hint {
        line.push_str(&format!("\n    → {}", texts.msg(hint)));
    }
    line.push('\n');
    line
}
