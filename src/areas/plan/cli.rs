//! `chantier plan <verb>`: the same items as the window, as text and as JSON.

mod args;
mod beside;
mod exchange;
mod text;

pub use args::Verb;

use super::exchange::Format;
use super::filter::{Filter, Haystack};
use super::folder::cleaned;
use super::links::Links;
use super::model::Plan;
use super::{Act, Change, Draft, Item, Kind, Priority, check, rule_file, say};
use crate::areas::cli::{Answer, Here, Verb as AreaVerb};
use crate::areas::{Command, Model};
use crate::base::{Catalog, Problem, SafeText, WriteTo};
use crate::msg;
use beside::{MilestoneVerb, TemplateVerb};
use serde_json::json;
use std::path::PathBuf;
use text::{list, matches_name, one, problem_line, problem_value, sort_key};

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
            Self::List { words, sort, .. } => {
                Filter::strict(&words.join(" "))?;
                if let Some(sort) = sort {
                    sort_key(sort)?;
                }
                None
            }
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
            Self::Set { id, values } => Some(edit(id, changes_of(values)?)),
            Self::Move { id, state } => Some(edit(id, vec![Change::State(state.clone())])),
            Self::Done { id } => Some(edit(id, vec![Change::Finished])),
            Self::Tick { id, number, undo, done } => {
                let (number, is_done) = (*number, !undo);
                let change = if *done {
                    Change::CheckNumber { number, is_done }
                } else {
                    Change::CriterionNumber { number, is_done }
                };
                Some(edit(id, vec![change]))
            }
            Self::Bind { id, number, test } => Some(edit(
                id,
                vec![Change::BindCriterion {
                    number: *number,
                    test: test.clone(),
                }],
            )),
            Self::Decide { id, title, status, text } => Some(edit(
                id,
                vec![Change::Decision {
                    title: title.clone(),
                    status: status.clone(),
                    text: text.clone(),
                }],
            )),
            Self::Bulk { values, .. } => {
                changes_of(values)?;
                None
            }
            Self::Tree { of } | Self::Timeline { of } => {
                Filter::strict(&of.text())?;
                None
            }
            Self::Reschedule { .. } | Self::Milestone(MilestoneVerb::List) => None,
            Self::Milestone(MilestoneVerb::Show { .. }) => Some(super::Command::ReadHistory { workspace }),
            Self::Forecast { of, seed } => Some(super::Command::Forecast {
                workspace,
                filter: of.text(),
                seed: *seed,
            }),
            Self::Follow => Some(super::Command::Follow { workspace }),
            Self::Rules { set, usual, clear } => {
                let rules: Result<Vec<_>, Problem> = set.iter().map(|typed| rule_file::from_words(typed)).collect();
                let rules = if *usual {
                    rule_file::usual(&super::stamps::workflow(&workspace).0, "production")
                } else {
                    rules?
                };
                let set = super::Command::SetRules {
                    workspace: workspace.clone(),
                    rules: rules.clone(),
                };
                if !rules.is_empty() || *clear {
                    // First what stands, for when the new ones are refused.
                    return Ok(vec![load.clone().into(), set.into(), load.into()]);
                }
                None
            }
            Self::View(verb) => beside::view_command(verb, here),
            Self::Import {
                file,
                format,
                preview,
                update,
            } => Some(super::Command::Import {
                workspace,
                path: beside::path_of(here, file),
                format: *format,
                is_preview: *preview,
                updates: *update,
            }),
            Self::Export { file, force, filter, .. } => {
                self.known_ending()?;
                return Ok(vec![
                    super::Command::Export {
                        workspace,
                        path: file.as_deref().map(|file| WriteTo::new(beside::path_of(here, file), *force)),
                        format: self.format(),
                        filter: filter.clone(),
                    }
                    .into(),
                ]);
            }
            Self::Template(verb) => Some(beside::template_command(verb, here)?),
            Self::Renumber { file } => Some(super::Command::Renumber {
                file: below(here, file)?,
                workspace,
            }),
            Self::Note { id, text } => Some(edit(id, vec![Change::Note(text.join(" "))])),
            Self::Delete { id } => Some(super::Command::Delete {
                workspace,
                id: id.clone(),
            }),
            Self::Restore { number } => Some(super::Command::Restore {
                workspace,
                undo: *number,
            }),
            Self::Undo { list: true, .. } => Some(super::Command::ListActs { workspace }),
            Self::Undo { number, .. } => Some(super::Command::TakeBack {
                workspace,
                number: *number,
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
        if let Self::Module(verb) = self {
            let commands = verb.then(here, &model.plan.modules)?;
            return Ok(commands
                .into_iter()
                .map(|command| super::Command::Modules(command).into())
                .collect());
        }
        let workspace = here.workspace.clone();
        let plan = model.plan.plan(&workspace.id);
        match self {
            Self::Show { id } => {
                let ids = plan
                    .into_iter()
                    .flat_map(|plan| plan.items.values().map(|item| item.id.as_str()));
                let Some(id) = super::ids::find(id, ids.collect::<Vec<_>>().into_iter()) else {
                    return Ok(Vec::new());
                };
                let id = id.to_owned();
                Ok(vec![super::Command::Cover { workspace, id }.into()])
            }
            Self::List { view: Some(name), .. } => {
                let beside = model.plan.beside(&workspace.id);
                let views = beside.map(|beside| beside.views.as_slice()).unwrap_or_default();
                if views.iter().any(|view| view.name == *name) {
                    return Ok(Vec::new());
                }
                Err(super::views::no_such(name, views))
            }
            Self::Bulk { filter, values } => {
                let commands = beside::bulk(model, here, filter, &changes_of(values)?)?;
                Ok(commands.into_iter().map(Command::from).collect())
            }
            Self::Reschedule {
                id,
                start,
                due,
                by,
                followers,
            } => {
                let command = beside::reschedule(model, here, id, *start, *due, by.as_deref(), *followers)?;
                Ok(vec![command.into()])
            }
            Self::Milestone(MilestoneVerb::Show { id }) => {
                let Some(plan) = plan else { return Ok(Vec::new()) };
                let ids = plan.items.values().map(|item| item.id.as_str());
                let found = super::ids::find(id, ids).and_then(|id| plan.item(id));
                let found = found.or_else(|| super::milestones::in_order(plan).into_iter().find(|item| item.title == *id));
                let Some(milestone) = found.filter(|item| item.kind == Kind::Milestone) else {
                    let problem = Problem::user(msg!("plan-milestone-none", id = SafeText::new(id))).code("not-found");
                    return Err(problem.hint(msg!("plan-milestone-none-hint", name = SafeText::new(id))));
                };
                Ok(vec![
                    super::Command::Forecast {
                        workspace,
                        filter: say::forecast_filter(milestone),
                        seed: None,
                    }
                    .into(),
                ])
            }
            _ => Ok(Vec::new()),
        }
    }

    fn answer(&self, here: &Here, model: &Model, texts: &Catalog) -> Answer {
        if let Self::Module(verb) = self {
            return verb.answer(here, &model.plan.modules, texts);
        }
        let beside = model.plan.beside(&here.workspace.id);
        let empty = Plan::default();
        let plan = model.plan.plan(&here.workspace.id).unwrap_or(&empty);
        let last = model.plan.last.get(&here.workspace.id);
        match self {
            Self::List {
                state,
                kind,
                label,
                assignee,
                view,
                sort,
                words,
            } => {
                let views = beside.map(|beside| beside.views.as_slice()).unwrap_or_default();
                let named = view;
                let view = named.as_ref().and_then(|name| views.iter().find(|view| view.name == *name));
                // That there is no such view is told; all items would be no answer to it.
                if named.is_some() && view.is_none() {
                    return Answer {
                        schema: "chantier.plan.list/1",
                        data: serde_json::Value::Null,
                        text: String::new(),
                    };
                }
                let mut text = view.map(|view| format!("{} ", view.filter)).unwrap_or_default();
                text.push_str(&words.join(" "));
                let filter = Filter::parse(&text);
                let (links, context) = (Links::of(plan), beside::context(beside));
                let wanted = |item: &&Item| {
                    state.as_ref().is_none_or(|state| super::workflow::same(state, &item.state))
                        && kind.as_ref().is_none_or(|kind| Kind::from(kind.clone()) == item.kind)
                        && label.as_ref().is_none_or(|label| item.labels.contains(label))
                        && assignee
                            .as_ref()
                            .is_none_or(|name| item.assignee.as_ref().is_some_and(|known| matches_name(known, name)))
                        && filter.score(item, &Haystack::of(item), plan, &links, &context).is_some()
                };
                let sort = sort
                    .clone()
                    .or_else(|| view.map(|view| view.sort.clone()).filter(|sort| !sort.is_empty()));
                let mut answer = list(plan, wanted, sort.as_deref(), texts);
                if answer.data["items"].as_array().is_some_and(Vec::is_empty) {
                    let strange = filter.strange(plan);
                    for problem in &strange {
                        answer.text.push_str(&problem_line(problem, texts));
                    }
                    answer.data["remarks"] = json!(
                        strange
                            .iter()
                            .map(|problem| problem_value(problem, texts))
                            .collect::<Vec<_>>()
                    );
                }
                answer
            }
            Self::Bulk { filter, .. } => {
                let filter = Filter::parse(filter);
                let (links, context) = (Links::of(plan), beside::context(beside));
                let wanted = |item: &&Item| filter.score(item, &Haystack::of(item), plan, &links, &context).is_some();
                let mut answer = list(plan, wanted, None, texts);
                let remarks = beside.map(|beside| beside.remarks.as_slice()).unwrap_or_default();
                for problem in remarks {
                    answer.text.push_str(&problem_line(problem, texts));
                }
                if !remarks.is_empty() {
                    answer.data["remarks"] = remarks.iter().map(|problem| problem_value(problem, texts)).collect();
                }
                answer
            }
            Self::Tree { of } => beside::tree_answer(plan, beside, &of.text(), texts),
            Self::Timeline { of } => beside::timeline_answer(plan, beside, &of.text(), texts),
            // What was refused moved nothing: then there is nothing to show.
            Self::Reschedule { .. } if last.is_none() => Answer {
                schema: "chantier.plan.timeline/1",
                data: serde_json::Value::Null,
                text: String::new(),
            },
            Self::Reschedule { .. } => beside::timeline_answer(plan, beside, "is:open", texts),
            Self::Milestone(MilestoneVerb::List) => beside::milestones_answer(plan, beside, texts),
            Self::Milestone(MilestoneVerb::Show { id }) => beside::milestone_answer(plan, beside, id, texts),
            Self::Forecast { of, .. } => beside::forecast_answer(beside, &of.text(), texts),
            Self::Follow => beside::follow_answer(beside, texts),
            Self::Rules { .. } => beside::rules_answer(plan, texts),
            Self::View(_) => beside::views_answer(beside, texts),
            Self::Import { .. } => exchange::import_answer(beside, texts),
            Self::Export { .. } => exchange::export_answer(beside, self.format(), texts),
            Self::Template(TemplateVerb::List) => exchange::templates_answer(beside, texts),
            Self::Template(TemplateVerb::Add { .. }) => exchange::made_answer(plan, beside, texts),
            Self::Check => {
                let problems = check::problems(plan);
                let mut text = String::new();
                for problem in &problems {
                    // One way to name a file, whoever found what is wrong in it.
                    let mut problem = problem.clone();
                    if let Some(place) = &mut problem.place
                        && let Ok(below) = place.path.strip_prefix(&here.workspace.root)
                    {
                        place.path = below.to_path_buf();
                    }
                    text.push_str(&problem_line(&problem, texts));
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
                let mut answer = one("chantier.plan.show/1", plan, item, "", texts);
                if let Some(coverage) = item.and_then(|item| beside?.coverage.get(&item.id)) {
                    answer.data["coverage"] = json!(coverage);
                    if coverage.is_begun() {
                        let line = say::coverage_line(coverage, texts);
                        let label = texts.t("plan-coverage");
                        answer.text.push_str(&format!("\n{label:<12} {line}\n"));
                    }
                    if let Some(problem) = &coverage.refused {
                        answer.text.push_str(&problem_line(problem, texts));
                    }
                }
                answer
            }
            Self::Undo { list: true, .. } => exchange::acts_answer(beside, texts),
            Self::Undo { .. } => exchange::taken_back_answer(beside, texts),
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
                let mut answer = one("chantier.plan.item/1", plan, item, &said, texts);
                let is_of = |problem: &&Problem| {
                    let place = problem.place.as_ref();
                    problem.code == "no-milestone" && item.is_some_and(|item| place.is_some_and(|place| place.path == item.file))
                };
                if let Some(item) =
                    item.filter(|item| matches!(self, Self::Done { .. } | Self::Move { .. }) && item.is_done(&plan.workflow))
                    && let Some(words) = say::still_open(plan, item)
                {
                    answer.text.push_str(&format!("{}\n", texts.msg(&words)));
                }
                let remarks = beside.map(|beside| beside.remarks.as_slice()).unwrap_or_default();
                for problem in remarks {
                    answer.text.push_str(&problem_line(problem, texts));
                }
                if !remarks.is_empty() {
                    answer.data["remarks"] = json!(
                        remarks
                            .iter()
                            .map(|problem| problem_value(problem, texts))
                            .collect::<Vec<_>>()
                    );
                }
                if let Some(problem) = check::problems(plan).iter().find(is_of) {
                    answer.text.push_str(&problem_line(problem, texts));
                    answer.data["lost_milestone"] = problem_value(problem, texts);
                }
                answer
            }
        }
    }
}

impl Verb {
    /// A file whose name says another format than those that are written is no mistake to make in silence.
    fn known_ending(&self) -> Result<(), Problem> {
        let Self::Export {
            file: Some(file),
            format: None,
            ..
        } = self
        else {
            return Ok(());
        };
        match file.extension().and_then(|ending| ending.to_str()) {
            None | Some("csv" | "json") => Ok(()),
            Some(ending) => {
                let problem = Problem::user(msg!("plan-export-ending", ending = SafeText::new(ending))).code("value");
                Err(problem.hint(msg!("plan-export-ending-hint")))
            }
        }
    }

    /// What an export is written in: as it was said, by the name of the file, or JSON.
    fn format(&self) -> Format {
        match self {
            Self::Export {
                format: Some(format), ..
            } => *format,
            Self::Export { file: Some(file), .. } if file.extension().is_some_and(|ending| ending == "csv") => Format::Csv,
            _ => Format::Json,
        }
    }
}

/// A file of the workspace, as it was typed.
fn below(here: &Here, file: &std::path::Path) -> Result<PathBuf, Problem> {
    let whole = here.cwd.join(file);
    let below = whole
        .strip_prefix(&here.workspace.root)
        .ok()
        .map(std::path::Path::to_path_buf);
    let is_below = |file: &PathBuf| here.workspace.root.join(file).is_file();
    below
        .filter(is_below)
        .or_else(|| Some(file.to_path_buf()).filter(|file| file.is_relative() && is_below(file)))
        .ok_or_else(|| Problem::user(msg!("plan-no-file", path = file)).code("not-found"))
}

/// Every `key=value` as changes: one for each of several labels that are added or taken away.
fn changes_of(typed: &[String]) -> Result<Vec<Change>, Problem> {
    let mut changes = Vec::new();
    for typed in typed {
        let labels = |labels: &str| cleaned(&labels.split(',').map(str::to_owned).collect::<Vec<_>>());
        match change_of(typed)? {
            Change::AddLabel(added) => changes.extend(labels(&added).into_iter().map(Change::AddLabel)),
            Change::RemoveLabel(removed) => changes.extend(labels(&removed).into_iter().map(Change::RemoveLabel)),
            change => changes.push(change),
        }
    }
    Ok(changes)
}

/// `key=value` as a change.
fn change_of(typed: &str) -> Result<Change, Problem> {
    let wrong = |key: &str| Problem::user(msg!("plan-cli-value", key = key, typed = SafeText::new(typed))).code("value");
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
    // A day in the words that a new item takes.
    let day = |key: &str| {
        let day = super::quick::day(value, beside::context(None).today);
        day.ok_or_else(|| {
            let problem = Problem::user(msg!("plan-remark-date", key = key, text = SafeText::new(value))).code("value");
            problem.hint(msg!("plan-cli-day-hint"))
        })
    };
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
        "start" if value.is_empty() => Change::Start(None),
        "start" => Change::Start(Some(day("start")?)),
        "due" if value.is_empty() => Change::Due(None),
        "due" => Change::Due(Some(day("due")?)),
        "estimate" => Change::Estimate(some()),
        "assignee" => Change::Assignee(some()),
        "parent" => Change::Parent(some()),
        "depends" => Change::Depends(list()),
        "depends+" => Change::AddDepends(value.to_owned()),
        "depends-" => Change::RemoveDepends(value.to_owned()),
        "milestone" => Change::Milestone(some()),
        "done+" => Change::AddCheck(value.to_owned()),
        "criterion+" => Change::AddCriterion(value.to_owned()),
        "note+" => Change::Note(value.to_owned()),
        other => return Err(wrong(other).hint(msg!("plan-cli-value-hint"))),
    })
}

/// One live line for people: everything is told by the answer.
pub fn line(_update: &super::Update, _texts: &Catalog) -> Option<String> {
    None
}
