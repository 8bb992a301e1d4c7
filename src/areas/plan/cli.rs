//! `chantier plan <verb>`: the same items as the window, as text and as JSON.

use super::model::Plan;
use super::{Act, Change, Draft, Item, Kind, Priority, check};
use crate::areas::cli::{Answer, Here, Verb as AreaVerb};
use crate::areas::{Command, Model};
use crate::base::{Catalog, Problem, SafeText};
use crate::msg;
use serde_json::{Value, json};

#[derive(Clone, Debug, clap::Subcommand)]
pub enum Verb {
    /// List items in the order of the board
    #[command(alias = "ls")]
    List {
        /// Only this state
        #[arg(long, short)]
        state: Option<String>,
        /// Only this type: feature, bug, performance, chore, milestone
        #[arg(long = "type", short = 't', value_name = "TYPE")]
        kind: Option<String>,
        /// Only with this label
        #[arg(long, short)]
        label: Option<String>,
        /// Only of this person
        #[arg(long, short)]
        assignee: Option<String>,
        /// Only with these words in id, title, labels or assignee
        words: Vec<String>,
    },
    /// Make an item from one line: `feature: Show the tide #api !high @me ^2.6.0 ~3h due:2026-12-01`
    New {
        #[arg(required = true)]
        line: Vec<String>,
        /// The state to start in, instead of the first one
        #[arg(long, short)]
        state: Option<String>,
    },
    /// Show one item
    Show { id: String },
    /// Change values: title type state priority labels due estimate assignee parent depends milestone, `label+=x`, `label-=x`, `criterion+=text`; an empty value clears
    Set {
        id: String,
        #[arg(required = true, value_name = "KEY=VALUE")]
        values: Vec<String>,
    },
    /// Move an item to a state
    Move { id: String, state: String },
    /// Move an item to the last state
    Done { id: String },
    /// Tick an acceptance criterion by its number, from 1
    Tick {
        id: String,
        number: usize,
        /// Take the tick away
        #[arg(long)]
        undo: bool,
    },
    /// Add a note with the day
    Note {
        id: String,
        #[arg(required = true)]
        text: Vec<String>,
    },
    /// Remove an item; `restore` takes it back
    Delete { id: String },
    /// Take the last deletion back, or the one with this number
    Restore { number: Option<i64> },
    /// Say what is wrong: files that can not be read, links to nothing, circles, limits; ends with 1 when something is
    Check,
    /// Plan modules, models and fields; generate them, read them back, compare
    #[command(subcommand)]
    Module(super::modules::cli::ModuleVerb),
}

impl AreaVerb for Verb {
    fn commands(&self, here: &Here) -> Result<Vec<Command>, Problem> {
        let workspace = here.workspace.clone();
        let load = super::Command::Load {
            workspace: workspace.clone(),
        };
        let edit = |id: &String, changes: Vec<Change>| super::Command::Edit {
            workspace: workspace.clone(),
            id: id.clone(),
            changes,
            seen: None,
        };
        let act = match self {
            Self::List { .. } => None,
            Self::New { line, state } => Some(super::Command::CreateQuick {
                workspace,
                line: line.join(" "),
                draft: Draft {
                    state: state.clone(),
                    ..Draft::default()
                },
            }),
            Self::Show { id } => Some(super::Command::Show {
                workspace,
                id: id.clone(),
            }),
            Self::Set { id, values } => {
                let changes: Result<Vec<Change>, Problem> = values.iter().map(|value| change_of(value)).collect();
                Some(edit(id, changes?))
            }
            Self::Move { id, state } => Some(edit(id, vec![Change::State(state.clone())])),
            Self::Done { id } => Some(edit(id, vec![Change::Finished])),
            Self::Tick { id, number, undo } => Some(edit(
                id,
                vec![Change::CriterionNumber {
                    number: *number,
                    is_done: !undo,
                }],
            )),
            Self::Note { id, text } => Some(edit(id, vec![Change::Note(text.join(" "))])),
            Self::Delete { id } => Some(super::Command::Delete {
                workspace,
                id: id.clone(),
            }),
            Self::Restore { number } => Some(super::Command::Restore {
                workspace,
                undo: *number,
            }),
            Self::Check => return Ok(vec![super::Command::Check { workspace }.into()]),
            Self::Module(verb) => {
                let commands = verb.commands(here)?;
                return Ok(commands
                    .into_iter()
                    .map(|command| super::Command::Modules(command).into())
                    .collect());
            }
        };
        Ok([Some(load), act].into_iter().flatten().map(Command::from).collect())
    }

    fn then(&self, here: &Here, model: &Model) -> Result<Vec<Command>, Problem> {
        let Self::Module(verb) = self else { return Ok(Vec::new()) };
        let commands = verb.then(here, &model.plan.modules)?;
        Ok(commands
            .into_iter()
            .map(|command| super::Command::Modules(command).into())
            .collect())
    }

    fn answer(&self, here: &Here, model: &Model, texts: &Catalog) -> Answer {
        if let Self::Module(verb) = self {
            return verb.answer(here, &model.plan.modules, texts);
        }
        let empty = Plan::default();
        let plan = model.plan.plan(&here.workspace.id).unwrap_or(&empty);
        let last = model.plan.last.get(&here.workspace.id);
        match self {
            Self::List {
                state,
                kind,
                label,
                assignee,
                words,
            } => {
                let wanted = |item: &&Item| {
                    state.as_ref().is_none_or(|state| super::workflow::same(state, &item.state))
                        && kind.as_ref().is_none_or(|kind| Kind::from(kind.clone()) == item.kind)
                        && label.as_ref().is_none_or(|label| item.labels.contains(label))
                        && assignee
                            .as_ref()
                            .is_none_or(|name| item.assignee.as_ref().is_some_and(|known| matches_name(known, name)))
                        && item.matches(&words.join(" "))
                };
                list(plan, wanted, texts)
            }
            Self::Check => {
                let problems = check::problems(plan);
                let mut text = String::new();
                for problem in &problems {
                    text.push_str(&problem_line(problem, texts));
                }
                if problems.is_empty() {
                    text = format!("{}\n", texts.msg(&msg!("plan-cli-sound", n = plan.items.len())));
                }
                Answer {
                    schema: "chantier.plan.check/1",
                    data: json!({
                        "n_items": plan.items.len(),
                        "problems": problems.iter().map(|problem| problem_value(problem, texts)).collect::<Vec<_>>(),
                    }),
                    text,
                }
            }
            Self::Show { id } => {
                let item = super::ids::find(id, plan.items.values().map(|item| item.id.as_str())).and_then(|id| plan.item(id));
                one("chantier.plan.show/1", plan, item, "", texts)
            }
            Self::Delete { .. } => {
                let undo = last.and_then(|last| last.undo);
                let id = last.map(|last| last.id.clone()).unwrap_or_default();
                let text = match undo {
                    Some(undo) => format!(
                        "{}\n",
                        texts.msg(&msg!("plan-cli-deleted", id = id.as_str(), undo = undo.to_string()))
                    ),
                    None => String::new(),
                };
                Answer {
                    schema: "chantier.plan.delete/1",
                    data: json!({ "id": id, "undo": undo }),
                    text,
                }
            }
            _ => {
                let item = last.and_then(|last| plan.item(&last.id));
                let said = match (last.map(|last| last.what), item) {
                    (Some(Act::Created), Some(item)) => texts.msg(&msg!("plan-cli-created", id = item.id.as_str())),
                    (Some(Act::Restored), Some(item)) => texts.msg(&msg!("plan-cli-restored", id = item.id.as_str())),
                    (Some(_), Some(item)) => texts.msg(&msg!("plan-cli-changed", id = item.id.as_str())),
                    _ => String::new(),
                };
                one("chantier.plan.item/1", plan, item, &said, texts)
            }
        }
    }
}

/// `key=value` as a change.
fn change_of(typed: &str) -> Result<Change, Problem> {
    let wrong = |key: &str| Problem::user(msg!("plan-cli-value", key = key, typed = SafeText::new(typed)));
    let Some((key, value)) = typed.split_once('=') else {
        return Err(wrong(typed).hint(msg!("plan-cli-value-hint")));
    };
    let value = value.trim();
    let some = || (!value.is_empty()).then(|| value.to_owned());
    let list = || {
        value
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let words = |words: Vec<&str>| msg!("plan-remark-words-hint", words = words.join(", "));
    Ok(match key.trim() {
        "title" => Change::Title(value.to_owned()),
        "type" => Change::Kind(
            Kind::known(value).ok_or_else(|| wrong("type").hint(words(Kind::ALL.iter().map(|kind| kind.word()).collect())))?,
        ),
        "state" => Change::State(value.to_owned()),
        "priority" if value.is_empty() => Change::Priority(None),
        "priority" => Change::Priority(Some(Priority::from_word(value).ok_or_else(|| {
            wrong("priority").hint(words(Priority::ALL.iter().map(|priority| priority.word()).collect()))
        })?)),
        "labels" => Change::Labels(list()),
        "label+" | "labels+" => Change::AddLabel(value.to_owned()),
        "label-" | "labels-" => Change::RemoveLabel(value.to_owned()),
        "due" if value.is_empty() => Change::Due(None),
        "due" => Change::Due(Some(
            value.parse().map_err(|_| wrong("due").hint(msg!("plan-remark-date-hint")))?,
        )),
        "estimate" => Change::Estimate(some()),
        "assignee" => Change::Assignee(some()),
        "parent" => Change::Parent(some()),
        "depends" => Change::Depends(list()),
        "milestone" => Change::Milestone(some()),
        "criterion+" => Change::AddCriterion(value.to_owned()),
        "note+" => Change::Note(value.to_owned()),
        other => return Err(wrong(other).hint(msg!("plan-cli-value-hint"))),
    })
}

fn matches_name(known: &str, typed: &str) -> bool {
    known.to_lowercase().contains(&typed.to_lowercase())
}

fn list(plan: &Plan, wanted: impl Fn(&&Item) -> bool, texts: &Catalog) -> Answer {
    let mut text = String::new();
    let mut items = Vec::new();
    for column in 0..=plan.workflow.columns.len() {
        let shown: Vec<&Item> = plan.column(column).into_iter().filter(|item| wanted(item)).collect();
        if shown.is_empty() {
            continue;
        }
        let name = plan.workflow.columns.get(column).map_or_else(
            || texts.t("plan-column-other").into_owned(),
            |column| super::state_name(&column.state, texts),
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
        data: json!({ "states": states, "items": items, "unreadable": unreadable }),
        text,
    }
}

fn line_of(item: &Item, texts: &Catalog) -> String {
    let mut line = format!("  {:<9} {:<11} {}", item.id, item.kind.word(), SafeText::new(&item.title));
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

fn one(schema: &'static str, plan: &Plan, item: Option<&Item>, said: &str, texts: &Catalog) -> Answer {
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
        fact("plan-field-state", super::state_name(&item.state, texts));
        fact("plan-field-type", item.kind.word().to_owned());
        fact("plan-field-priority", item.priority.map_or("", Priority::word).to_owned());
        fact("plan-field-labels", item.labels.join(", "));
        fact("plan-field-assignee", item.assignee.clone().unwrap_or_default());
        fact("plan-field-due", item.due.map(|due| due.to_string()).unwrap_or_default());
        fact("plan-field-estimate", item.estimate.clone().unwrap_or_default());
        fact("plan-field-milestone", item.milestone.clone().unwrap_or_default());
        fact("plan-field-parent", item.parent.clone().unwrap_or_default());
        fact("plan-field-depends", item.depends.join(", "));
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

fn value_of(item: &Item) -> Value {
    json!({
        "id": item.id,
        "title": item.title,
        "type": item.kind,
        "state": item.state,
        "priority": item.priority,
        "labels": item.labels,
        "due": item.due,
        "estimate": item.estimate,
        "assignee": item.assignee,
        "parent": item.parent,
        "depends": item.depends,
        "milestone": item.milestone,
        "created": item.created,
        "updated": item.updated,
        "n_criteria": item.criteria.len(),
        "n_criteria_done": item.n_criteria_done(),
        "file": item.file,
        "source": item.source,
    })
}

fn problem_value(problem: &Problem, texts: &Catalog) -> Value {
    json!({
        "kind": problem.kind,
        "code": problem.code,
        "summary": texts.msg(&problem.summary),
        "details": problem.details,
        "hint": problem.hint.as_ref().map(|hint| texts.msg(hint)),
        "place": problem.place,
    })
}

fn problem_line(problem: &Problem, texts: &Catalog) -> String {
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
    line.push('\n');
    line
}

/// One live line for people: everything is told by the answer.
pub fn line(_update: &super::Update, _texts: &Catalog) -> Option<String> {
    None
}
