//! The folder of items: reads every file, and changes one only as it was read. What does not parse is never written.
//! Everything here blocks; jobs call it through `JobCtx::blocking`.

use super::edit::Value;
use super::front::{Document, Field, Flaw, MAX_BYTES};
use super::item::{Source, name_in};
use super::model::Plan;
use super::stamps::{stamps, workflow};
use super::workflow::Workflow;
use super::{Between, Change, Draft, FOLDER, Item, Seen, Unreadable, backlog, body, check, ids, order};
use crate::adapters::files::{self, Beneath};
use crate::base::{Problem, SafeText, Workspace};
use crate::msg;
use jiff::civil::Date;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Two changes never interleave within this program.
static WRITING: Mutex<()> = Mutex::new(());

/// The folder of one workspace, opened: no path leads out of it.
pub struct Folder {
    workspace: Workspace,
    beneath: Beneath,
    pub workflow: Workflow,
}

/// An item with the document that it was read from.
struct Found {
    item: Item,
    doc: Document,
}

impl Folder {
    pub fn open(workspace: &Workspace) -> Result<Self, Problem> {
        Ok(Self {
            workspace: workspace.clone(),
            beneath: Beneath::open(&workspace.root)?,
            workflow: workflow(workspace).0,
        })
    }

    /// One file as an item.
    pub fn read(&self, file: &Path) -> Result<Item, Unreadable> {
        self.found(file).map(|found| found.item).map_err(|problem| Unreadable {
            file: file.to_path_buf(),
            problem,
        })
    }

    fn found(&self, file: &Path) -> Result<Found, Problem> {
        let path = self.workspace.root.join(file);
        let bytes = self.beneath.read(file, MAX_BYTES)?;
        let doc = Document::parse(&bytes).map_err(|flaw| flawed(&path, flaw))?;
        let source = if file.starts_with(backlog::FOLDER) {
            Source::Backlog
        } else {
            Source::Chantier
        };
        let mut item = Item::read(&doc, file, &path, &self.workflow, source);
        item.hash = hash(&bytes);
        Ok(Found { item, doc })
    }

    /// Every readable item.
    pub fn all(&self) -> Result<Vec<Item>, Problem> {
        Ok(stamps(&self.workspace)?
            .keys()
            .filter_map(|file| self.read(file).ok())
            .collect())
    }

    /// The item with this id.
    pub fn item(&self, id: &str) -> Result<Item, Problem> {
        self.find(id).map(|found| found.item)
    }

    /// Everything, as a model has it.
    pub fn plan(&self) -> Result<Plan, Problem> {
        let (workflow, problems) = workflow(&self.workspace);
        let mut plan = Plan {
            workflow,
            problems,
            ..Plan::default()
        };
        for file in stamps(&self.workspace)?.into_keys() {
            match self.read(&file) {
                Ok(item) => drop(plan.items.insert(file, item)),
                Err(bad) => drop(plan.unreadable.insert(file, bad.problem)),
            }
        }
        Ok(plan)
    }

    /// The item with this id: the file that is named for it first, then every other.
    fn find(&self, id: &str) -> Result<Found, Problem> {
        let files: Vec<PathBuf> = stamps(&self.workspace)?.into_keys().collect();
        let is_named = |file: &&PathBuf| {
            let name = file
                .file_name()
                .map(|name| name.to_string_lossy().to_uppercase())
                .unwrap_or_default();
            name.strip_prefix(&id.to_uppercase())
                .is_some_and(|rest| rest.starts_with(['-', '.', ' ']))
        };
        for file in files.iter().filter(is_named) {
            match self.found(file) {
                Ok(found) if found.item.id.eq_ignore_ascii_case(id) => return Ok(found),
                Ok(_) => {}
                // It is this item, and it can not be read: that is what must be told.
                Err(problem) => return Err(problem),
            }
        }
        for file in &files {
            if let Ok(found) = self.found(file)
                && found.item.id.eq_ignore_ascii_case(id)
            {
                return Ok(found);
            }
        }
        // Perhaps only the end of an id was given.
        let items = self.all()?;
        match ids::find(id, items.iter().map(|item| item.id.as_str())) {
            Some(whole) => {
                let file = items.iter().find(|item| item.id == whole).map(|item| item.file.clone());
                self.found(&file.unwrap_or_default())
            }
            None => Err(Problem::user(msg!("plan-no-item", id = SafeText::new(id)))
                .code("not-found")
                .hint(msg!("plan-no-item-hint"))),
        }
    }

    fn writable(&self, id: &str) -> Result<Found, Problem> {
        let found = self.find(id)?;
        if found.item.source == Source::Backlog {
            let problem = Problem::user(msg!("plan-read-only", id = found.item.id.as_str())).code("read-only");
            return Err(problem
                .hint(msg!("plan-read-only-hint"))
                .at_place(self.workspace.root.join(&found.item.file), 0, 0));
        }
        Ok(found)
    }

    /// Makes an item; the id is new in this folder.
    pub fn create(&self, draft: &Draft, today: Date, random: impl FnMut(u32) -> u32) -> Result<Item, Problem> {
        let _alone = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        let title = one_line(&draft.title);
        if title.is_empty() {
            return Err(Problem::user(msg!("plan-no-title")).hint(msg!("plan-no-title-hint")));
        }
        let state = self.known_state(draft.state.as_deref().unwrap_or(self.workflow.first()))?;
        let items = self.all()?;
        let mut taken: BTreeSet<String> = items.iter().map(|item| item.id.to_uppercase()).collect();
        // A file that can not be read may have the id that its name says.
        taken.extend(stamps(&self.workspace)?.keys().filter_map(|file| {
            let name = file.file_stem()?.to_string_lossy().to_uppercase();
            let mut parts = name.splitn(3, '-');
            Some(format!("{}-{}", parts.next()?, parts.next()?))
        }));
        let id = ids::new_id(&self.workflow.prefix, &taken, random);
        let relative = Path::new(FOLDER).join(ids::file_name(&id, &title));
        let path = self.workspace.root.join(&relative);
        let mut doc = Document::parse(format!("---\nid: {id}\n---\n").as_bytes()).map_err(|flaw| flawed(&path, flaw))?;
        let text = |text: &Option<String>| match text.as_deref().map(one_line) {
            Some(text) if !text.is_empty() => Value::Text(text),
            _ => Value::Nothing,
        };
        let lines = [
            ("title", Value::Text(title)),
            ("type", Value::Text(draft.kind.word().to_owned())),
            ("state", Value::Text(state)),
            (
                "priority",
                draft
                    .priority
                    .map_or(Value::Nothing, |priority| Value::Text(priority.word().to_owned())),
            ),
            ("labels", list_or_nothing(&draft.labels)),
            ("estimate", text(&draft.estimate)),
            ("assignee", text(&draft.assignee)),
            ("created", Value::Plain(today.to_string())),
            ("due", draft.due.map_or(Value::Nothing, |due| Value::Plain(due.to_string()))),
            ("milestone", text(&draft.milestone)),
            ("parent", text(&draft.parent)),
            ("depends", list_or_nothing(&draft.depends)),
        ];
        for (key, value) in lines {
            doc = doc.set(key, &value).map_err(|flaw| flawed(&path, flaw))?;
        }
        let mut below = String::new();
        if !draft.body.trim().is_empty() {
            below = format!("\n{}\n", draft.body.trim_end());
        }
        for criterion in draft
            .criteria
            .iter()
            .map(|criterion| one_line(criterion))
            .filter(|criterion| !criterion.is_empty())
        {
            if below.is_empty() {
                below.push('\n');
            }
            below = body::with_new_criterion(&below, &criterion, "\n");
        }
        doc = doc.with_body(&below).map_err(|flaw| flawed(&path, flaw))?;
        self.beneath.create_dir_all(Path::new(FOLDER))?;
        self.beneath.write_atomic(&relative, doc.text().as_bytes())?;
        self.found(&relative).map(|found| found.item)
    }

    /// Changes an item. Fields that nobody asked about stay as the file has them now; one that was changed since it was seen is not overwritten.
    pub fn edit(&self, id: &str, changes: &[Change], seen: Option<&Seen>, today: Date) -> Result<Item, Problem> {
        let _alone = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        let Found { item, doc } = self.writable(id)?;
        let path = self.workspace.root.join(&item.file);
        if let Some(seen) = seen.filter(|seen| seen.hash != item.hash) {
            for change in changes.iter().filter(|change| !change.key().is_empty()) {
                let was = seen
                    .values
                    .iter()
                    .find(|(key, _)| key == change.key())
                    .map(|(_, value)| value);
                let is = item.value_of(change);
                if was.is_some_and(|was| *was != is) {
                    let problem = Problem::user(msg!("plan-changed-meanwhile", id = item.id.as_str(), key = change.key()));
                    let now = SafeText::new(is.lines().next().unwrap_or_default());
                    return Err(problem
                        .code("changed")
                        .details(now)
                        .hint(msg!("plan-changed-meanwhile-hint"))
                        .at_place(path, 0, 0));
                }
            }
        }
        let mut new = doc.clone();
        for change in changes {
            new = self.changed(new, &item, change, today)?;
        }
        self.write(&item, &doc, new, today)
    }

    /// Writes a changed document, when the file is still what it was read as.
    fn write(&self, item: &Item, old: &Document, mut new: Document, today: Date) -> Result<Item, Problem> {
        let path = self.workspace.root.join(&item.file);
        if new.text() != old.text() {
            let updated = name_in(&new, "updated");
            if new.field(updated).is_some() {
                new = new
                    .set(updated, &Value::Plain(today.to_string()))
                    .map_err(|flaw| flawed(&path, flaw))?;
            }
            if hash(&self.beneath.read(&item.file, MAX_BYTES)?) != item.hash {
                let problem = Problem::user(msg!("plan-changed-meanwhile", id = item.id.as_str(), key = "none")).code("changed");
                return Err(problem.hint(msg!("plan-changed-meanwhile-hint")).at_place(path, 0, 0));
            }
            self.beneath.write_atomic(&item.file, new.text().as_bytes())?;
        }
        self.found(&item.file).map(|found| found.item)
    }

    fn known_state(&self, word: &str) -> Result<String, Problem> {
        self.workflow.state(word).map(str::to_owned).ok_or_else(|| {
            let known: Vec<&str> = self.workflow.columns.iter().map(|column| column.state.as_str()).collect();
            Problem::user(msg!("plan-no-state", word = SafeText::new(word)))
                .hint(msg!("plan-remark-words-hint", words = known.join(", ")))
        })
    }

    fn changed(&self, doc: Document, item: &Item, change: &Change, today: Date) -> Result<Document, Problem> {
        let path = self.workspace.root.join(&item.file);
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
                if !self.workflow.allows(&item.state, &state) {
                    let next = self.workflow.next_of(&item.state).unwrap_or_default().join(", ");
                    let problem = Problem::user(msg!(
                        "plan-no-way",
                        id = item.id.as_str(),
                        from = item.state.as_str(),
                        to = state
                    ));
                    return Err(problem.hint(msg!("plan-no-way-hint", states = next)));
                }
                // A state that only differs in its spelling stays as the file has it.
                if super::workflow::same(&item.state, &state) {
                    return Ok(doc);
                }
                Value::Text(state)
            }
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
            Change::Due(due) => due.map_or(Value::Nothing, |due| Value::Plain(due.to_string())),
            Change::Estimate(estimate) => text(estimate),
            Change::Assignee(name) => text(name),
            Change::Milestone(name) => text(name),
            Change::Parent(parent) => {
                self.no_circle("parent", item, parent.iter().cloned().collect())?;
                text(parent)
            }
            Change::Depends(depends) => {
                self.no_circle("depends", item, cleaned(depends))?;
                Value::List(cleaned(depends))
            }
            Change::Rank(rank) => rank.map_or(Value::Nothing, |rank| Value::Plain(rank.to_string())),
            Change::Body(_)
            | Change::Note(_)
            | Change::AddCriterion(_)
            | Change::Criterion { .. }
            | Change::CriterionNumber { .. } => {
                let body = self.changed_body(&doc, item, change, today)?;
                return doc.with_body(&body).map_err(|flaw| flawed(&path, flaw));
            }
        };
        let key = name_in(&doc, change.key());
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
            Change::Note(note) => Ok(body::with_note(body, &format!("{today}: {}", note.trim()), doc.eol())),
            Change::AddCriterion(text) if one_line(text).is_empty() => Ok(body.to_owned()),
            Change::AddCriterion(text) => Ok(body::with_new_criterion(body, &one_line(text), doc.eol())),
            Change::CriterionNumber { number, is_done } => {
                let criteria = body::criteria(body);
                let index = number.wrapping_sub(1);
                let changed = criteria
                    .get(index)
                    .and_then(|criterion| body::with_criterion(body, index, &criterion.text, *is_done));
                changed.ok_or_else(|| {
                    let problem = Problem::user(msg!("plan-no-criterion", id = item.id.as_str()));
                    problem
                        .hint(msg!("plan-criteria-count", n = criteria.len()))
                        .code("not-found")
                })
            }
            Change::Criterion { index, text, is_done } => body::with_criterion(body, *index, text, *is_done).ok_or_else(|| {
                let problem = Problem::user(msg!("plan-no-criterion", id = item.id.as_str())).details(SafeText::new(text));
                problem.code("changed").at_place(self.workspace.root.join(&item.file), 0, 0)
            }),
            _ => Ok(body.to_owned()),
        }
    }

    /// Refuses a link that would close a circle.
    fn no_circle(&self, key: &'static str, item: &Item, links: Vec<String>) -> Result<(), Problem> {
        let items = self.all()?;
        let refs: Vec<&Item> = items.iter().collect();
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
                Err(Problem::user(msg!("plan-check-circle", key = key, ids = circle.join(" → "))).code("circle"))
            }
            _ => Ok(()),
        }
    }

    /// Puts an item into a column between two others: one file is changed, unless there is no number left between them.
    pub fn move_to(&self, id: &str, state: &str, between: &Between, today: Date) -> Result<Vec<Item>, Problem> {
        let items = self.all()?;
        let state = self.known_state(state)?;
        let rank_of = |id: &Option<String>| {
            let id = id.as_deref()?;
            items.iter().find(|item| item.id.eq_ignore_ascii_case(id)).map(order::rank)
        };
        let (above, below) = (rank_of(&between.above), rank_of(&between.below));
        if above.is_none() && below.is_none() {
            return Ok(vec![self.edit(id, &[Change::State(state)], None, today)?]);
        }
        if let Some(rank) = order::between(above, below) {
            return Ok(vec![self.edit(
                id,
                &[Change::State(state), Change::Rank(Some(rank))],
                None,
                today,
            )?]);
        }
        let mut column: Vec<&Item> = items
            .iter()
            .filter(|item| {
                super::workflow::same(&item.state, &state) && !item.id.eq_ignore_ascii_case(id) && item.source == Source::Chantier
            })
            .collect();
        column.sort_by(|a, b| order::compare(a, b));
        let at = column
            .iter()
            .position(|item| {
                between
                    .below
                    .as_deref()
                    .is_some_and(|below| item.id.eq_ignore_ascii_case(below))
            })
            .unwrap_or(column.len());
        let mut order: Vec<&str> = column.iter().map(|item| item.id.as_str()).collect();
        order.insert(at, id);
        let mut changed = Vec::new();
        for (index, other) in order.into_iter().enumerate() {
            let mut changes = vec![Change::Rank(Some(((index + 1) * 10) as f64))];
            if other == id {
                changes.insert(0, Change::State(state.clone()));
            }
            changed.push(self.edit(other, &changes, None, today)?);
        }
        Ok(changed)
    }

    /// The item, its file and its text, for the undo entry that must exist before `remove`.
    pub fn text_of(&self, id: &str) -> Result<(Item, String), Problem> {
        let found = self.writable(id)?;
        Ok((found.item, found.doc.text().to_owned()))
    }

    /// Removes the file, when it is still what was kept.
    pub fn remove(&self, item: &Item) -> Result<(), Problem> {
        let _alone = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        if hash(&self.beneath.read(&item.file, MAX_BYTES)?) != item.hash {
            let problem = Problem::user(msg!("plan-changed-meanwhile", id = item.id.as_str(), key = "none")).code("changed");
            return Err(problem.hint(msg!("plan-changed-meanwhile-hint")));
        }
        self.beneath.remove_file(&item.file)
    }

    /// Writes a file that was removed, unless there is one by that name again.
    pub fn put_back(&self, file: &Path, text: &str) -> Result<Item, Problem> {
        let _alone = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        let is_below = file.starts_with(FOLDER) && file.extension().is_some_and(|ending| ending == "md");
        if !is_below || self.beneath.read(file, MAX_BYTES).is_ok() {
            return Err(Problem::user(msg!("plan-is-there", path = file)).at_place(self.workspace.root.join(file), 0, 0));
        }
        self.beneath.create_dir_all(Path::new(FOLDER))?;
        self.beneath.write_atomic(file, text.as_bytes())?;
        self.found(file).map(|found| found.item)
    }
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

pub(super) fn hash(bytes: &[u8]) -> String {
    files::sha256_of(bytes)[..16].to_owned()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn cleaned(list: &[String]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for entry in list.iter().map(|entry| one_line(entry)).filter(|entry| !entry.is_empty()) {
        if !out.contains(&entry) {
            out.push(entry);
        }
    }
    out
}

fn list_or_nothing(list: &[String]) -> Value {
    let list = cleaned(list);
    if list.is_empty() { Value::Nothing } else { Value::List(list) }
}

/// A flaw of a file as a problem with its place.
fn flawed(path: &Path, flaw: Flaw) -> Problem {
    let problem = Problem::config(flaw.why).code("unreadable").details(flaw.details);
    problem.hint(msg!("plan-flaw-hint")).at_place(path, flaw.line, flaw.column)
}
