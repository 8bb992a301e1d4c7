//! One change of one item, worked out on its document: the words of a change become the bytes of a file, or a problem.

use super::edit::Value;
use super::folder::{Folder, cleaned, one_line};
use super::front::{Document, Field};
use super::item::{Source, name_in};
use super::say::flawed;
use super::{Change, Decision, Item, Priority, backlog, body, check, estimate, ids};
use crate::base::{Problem, SafeText};
use crate::msg;
use jiff::civil::Date;
use std::path::Path;

impl Folder {
    pub(super) fn known_state(&self, word: &str) -> Result<String, Problem> {
        self.workflow.state(word).map(str::to_owned).ok_or_else(|| {
            let known: Vec<&str> = self.workflow.columns.iter().map(|column| column.state.as_str()).collect();
            Problem::user(msg!("plan-no-state", word = SafeText::new(word)))
                .hint(msg!("plan-remark-words-hint", words = known.join(", ")))
        })
    }

    pub(super) fn changed(&self, doc: Document, item: &Item, change: &Change, today: Date) -> Result<Document, Problem> {
        let path = self.root().join(&item.file);
        let is_backlog = item.source == Source::Backlog;
        let text = |text: &Option<String>| match text.as_deref().map(one_line) {
            Some(text) if !text.is_empty() => Value::Text(text),
            _ => Value::Nothing,
        };
        let value = match change {
            Change::Title(title) if one_line(title).is_empty() => {
                return Err(Problem::user(msg!("plan-no-title")).hint(msg!("plan-no-title-hint")));
            }
            Change::Title(title) => Value::Text(one_line(title)),
            Change::Kind(kind) => Value::Text(kind.word().to_owned()),
            Change::State(_) | Change::Finished => {
                let state = match change {
                    Change::State(word) => self.known_state(word)?,
                    _ => self.workflow.last().to_owned(),
                };
                let written = if is_backlog {
                    backlog::status_for(&state, &self.workflow, &backlog::statuses(self.root()))
                } else {
                    state.clone()
                };
                if !self.workflow.allows(&item.state, &state) {
                    let next = self.workflow.next_of(&item.state).unwrap_or_default().join(", ");
                    let problem = Problem::user(msg!(
                        "plan-no-way",
                        id = item.id.as_str(),
                        from = item.state.as_str(),
                        to = state
                    ));
                    return Err(problem.hint(msg!("plan-no-way-hint", states = next)).code("no-way"));
                }
                // A state that only differs in its spelling stays as the file has it.
                if super::workflow::same(&item.state, &state) {
                    return Ok(doc);
                }
                Value::Text(written)
            }
            Change::Priority(Some(Priority::Urgent)) if is_backlog => Value::Text(Priority::High.word().to_owned()),
            Change::Priority(priority) => priority.map_or(Value::Nothing, |priority| Value::Text(priority.word().to_owned())),
            Change::Labels(labels) => Value::List(cleaned(labels)),
            Change::AddLabel(label) => {
                let labels: Vec<String> = labels_of(&doc).into_iter().chain([label.clone()]).collect();
                return with_labels(&doc, &labels, &path);
            }
            Change::RemoveLabel(label) => {
                let labels: Vec<String> = labels_of(&doc).into_iter().filter(|known| known != label).collect();
                return with_labels(&doc, &labels, &path);
            }
            Change::Start(Some(day)) | Change::Due(Some(day)) if !(1970..3000).contains(&day.year()) => {
                let problem = Problem::user(msg!("plan-remark-date", key = change.key(), text = day.to_string())).code("value");
                return Err(problem.hint(msg!("plan-remark-date-hint")));
            }
            Change::Start(start) => start.map_or(Value::Nothing, |start| Value::Plain(start.to_string())),
            Change::Due(due) => due.map_or(Value::Nothing, |due| Value::Plain(due.to_string())),
            Change::Estimate(wanted) => {
                let wanted = text(wanted);
                if let Value::Text(text) = &wanted
                    && estimate::parse(text).is_none()
                {
                    let problem = Problem::user(msg!("plan-remark-estimate", text = SafeText::new(text))).code("value");
                    return Err(problem.hint(msg!("plan-remark-estimate-hint")));
                }
                wanted
            }
            Change::Assignee(name) if is_backlog => match name.as_deref().map(one_line).filter(|name| !name.is_empty()) {
                Some(name) => Value::List(vec![format!("@{}", name.trim_start_matches('@'))]),
                None => Value::List(Vec::new()),
            },
            Change::Assignee(name) => text(name),
            Change::Milestone(name) => text(name),
            Change::Parent(parent) => {
                let parent = self.whole_ids(parent.iter().cloned().collect())?.pop();
                self.no_circle("parent", item, parent.iter().cloned().collect())?;
                text(&parent)
            }
            Change::Depends(_) | Change::AddDepends(_) | Change::RemoveDepends(_) => {
                let depends = self.depends_after(item, change)?;
                self.no_circle("depends", item, depends.clone())?;
                Value::List(depends)
            }
            Change::Rank(rank) => rank.map_or(Value::Nothing, |rank| Value::Plain(rank.to_string())),
            Change::Body(_)
            | Change::Note(_)
            | Change::AddCriterion(_)
            | Change::Criterion { .. }
            | Change::CriterionNumber { .. }
            | Change::BindCriterion { .. }
            | Change::AddCheck(_)
            | Change::CheckNumber { .. }
            | Change::Decision { .. } => {
                let body = self.changed_body(&doc, item, change, today)?;
                return doc.with_body(&body).map_err(|flaw| flawed(&path, flaw));
            }
        };
        let key = match change {
            Change::AddDepends(_) | Change::RemoveDepends(_) => "depends",
            change => change.key(),
        };
        // A key that is not there yet gets the name that the file's own program knows.
        let key = match name_in(&doc, key) {
            own if is_backlog && doc.field(own).is_none() => backlog::name_of(own),
            known => known,
        };
        // A list that is set to nothing and was never there needs no key.
        doc.set(key, &value).map_err(|flaw| flawed(&path, flaw))
    }

    fn changed_body(&self, doc: &Document, item: &Item, change: &Change, today: Date) -> Result<String, Problem> {
        let body = doc.body();
        match change {
            Change::Body(_) if item.body_is_cut => Err(Problem::user(msg!("plan-body-cut", id = item.id.as_str()))),
            Change::Body(text) => {
                let text = text.replace("\r\n", "\n");
                Ok(if doc.eol() == "\r\n" {
                    text.replace('\n', "\r\n")
                } else {
                    text
                })
            }
            Change::Note(note) if note.trim().is_empty() => Ok(body.to_owned()),
            Change::Note(note) => {
                let note = format!("{today}: {}", note.trim());
                Ok(if item.source == Source::Backlog {
                    backlog::with_note(body, &note, doc.eol())
                } else {
                    body::with_note(body, &note, doc.eol())
                })
            }
            Change::AddCriterion(text) if one_line(text).is_empty() => Ok(body.to_owned()),
            Change::AddCriterion(text) if item.source == Source::Backlog => {
                Ok(backlog::with_new_criterion(body, &one_line(text), doc.eol()))
            }
            Change::AddCriterion(text) => Ok(body::with_new_criterion(body, &one_line(text), doc.eol())),
            Change::CriterionNumber { number, is_done } => {
                let criteria = body::criteria(body);
                let index = number.wrapping_sub(1);
                let changed = criteria
                    .get(index)
                    .and_then(|criterion| body::with_criterion(body, index, &criterion.text, *is_done));
                changed.ok_or_else(|| no_criterion(item, criteria.len()))
            }
            Change::Criterion { index, text, is_done } => body::with_criterion(body, *index, text, *is_done).ok_or_else(|| {
                let problem = Problem::user(msg!("plan-no-criterion", id = item.id.as_str())).details(SafeText::new(text));
                problem.code("changed").at_place(self.root().join(&item.file), 0, 0)
            }),
            Change::BindCriterion { number, test } => {
                let test = test.as_deref().map(one_line).filter(|test| !test.is_empty());
                body::with_test(body, number.wrapping_sub(1), test.as_deref())
                    .ok_or_else(|| no_criterion(item, item.criteria.len()))
            }
            Change::AddCheck(text) if one_line(text).is_empty() => Ok(body.to_owned()),
            Change::AddCheck(text) if item.source == Source::Backlog => {
                Ok(backlog::with_new_check(body, &one_line(text), doc.eol()))
            }
            Change::AddCheck(text) => Ok(body::with_new_check(body, &one_line(text), doc.eol())),
            Change::CheckNumber { number, is_done } => {
                body::with_check(body, number.wrapping_sub(1), *is_done).ok_or_else(|| no_criterion(item, item.checks.len()))
            }
            Change::Decision { title, .. } if one_line(title).is_empty() => {
                Err(Problem::user(msg!("plan-no-title")).hint(msg!("plan-no-title-hint")))
            }
            Change::Decision { title, status, text } => {
                let decision = Decision {
                    title: one_line(title),
                    date: Some(today),
                    status: one_line(status),
                    text: text.trim().to_owned(),
                };
                Ok(body::with_decision(body, &decision, doc.eol()))
            }
            _ => Ok(body.to_owned()),
        }
    }

    /// Ends of ids as whole ids; what is no item is refused.
    fn whole_ids(&self, typed: Vec<String>) -> Result<Vec<String>, Problem> {
        let typed = cleaned(&typed);
        if typed.is_empty() {
            return Ok(typed);
        }
        let items = self.all_here()?;
        let whole = |id: String| {
            let known = ids::find(&id, items.iter().map(|item| item.id.as_str()));
            known.map(str::to_owned).ok_or_else(|| {
                let problem = Problem::user(msg!("plan-no-item", id = SafeText::new(&id))).code("not-found");
                problem.hint(msg!("plan-no-item-hint"))
            })
        };
        typed.into_iter().map(whole).collect()
    }

    /// What the item needs after a change. What it needs already stays, also where that is not there any more.
    fn depends_after(&self, item: &Item, change: &Change) -> Result<Vec<String>, Problem> {
        let known = |id: &String| item.depends.iter().any(|known| known.eq_ignore_ascii_case(id));
        Ok(match change {
            Change::AddDepends(id) => {
                let mut depends = item.depends.clone();
                let new = self.whole_ids(vec![id.clone()])?;
                depends.extend(new.into_iter().filter(|id| !known(id)));
                depends
            }
            Change::RemoveDepends(id) => {
                let is_meant = |known: &&String| {
                    known.eq_ignore_ascii_case(id) || known.rsplit('-').next().is_some_and(|end| end.eq_ignore_ascii_case(id))
                };
                item.depends.iter().filter(|known| !is_meant(known)).cloned().collect()
            }
            Change::Depends(wanted) => {
                let mut depends = Vec::new();
                for id in cleaned(wanted) {
                    if known(&id) {
                        depends.push(id);
                    } else {
                        depends.extend(self.whole_ids(vec![id])?);
                    }
                }
                depends
            }
            _ => item.depends.clone(),
        })
    }

    /// Refuses a link that would close a circle.
    fn no_circle(&self, key: &'static str, item: &Item, links: Vec<String>) -> Result<(), Problem> {
        let items = self.all_here()?;
        // The item as it is now: changes before this one are not in its file yet.
        let refs = items.iter().map(|other| if other.file == item.file { item } else { other });
        let refs: Vec<&Item> = refs.collect();
        let links_of = |other: &Item| {
            if other.file == item.file {
                links.clone()
            } else if key == "parent" {
                other.parent.iter().cloned().collect()
            } else {
                other.depends.clone()
            }
        };
        match check::circle(&refs, links_of) {
            Some(circle) if circle.contains(&item.id) => {
                return Err(Problem::user(msg!("plan-check-circle", key = key, ids = circle.join(" → "))).code("circle"));
            }
            _ => {}
        }
        let is_this = |other: &Item| other.file == item.file;
        let parent = |other: &Item| match key {
            "parent" if is_this(other) => links.first().cloned(),
            _ => other.parent.clone(),
        };
        let depends = |other: &Item| match key {
            "depends" if is_this(other) => links.clone(),
            _ => other.depends.clone(),
        };
        let waits = check::waits(&refs, parent, depends);
        match check::circle(&refs, |other| check::waits_of(&waits, other)) {
            Some(circle) if circle.contains(&item.id) => {
                Err(Problem::user(msg!("plan-check-waits", ids = circle.join(" → "))).code("circle"))
            }
            _ => Ok(()),
        }
    }
}

fn no_criterion(item: &Item, n: usize) -> Problem {
    let problem = Problem::user(msg!("plan-no-criterion-number", id = item.id.as_str()));
    problem.hint(msg!("plan-criteria-count", n = n)).code("not-found")
}

fn labels_of(doc: &Document) -> Vec<String> {
    match doc.field(name_in(doc, "labels")) {
        Some(Field::List(labels)) => labels.clone(),
        Some(Field::Text(text)) => text
            .split(',')
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .map(str::to_owned)
            .collect(),
        _ => Vec::new(),
    }
}

fn with_labels(doc: &Document, labels: &[String], path: &Path) -> Result<Document, Problem> {
    doc.set(name_in(doc, "labels"), &Value::List(cleaned(labels)))
        .map_err(|flaw| flawed(path, flaw))
}
