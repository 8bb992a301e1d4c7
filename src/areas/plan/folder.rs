//! The folder of items: reads every file, and changes one only as it was read. What does not parse is never written.
//! Everything here blocks; jobs call it through `JobCtx::blocking`.

mod create;

use super::edit::Value;
use super::front::{CONFLICT, Document, MAX_BYTES, our_side};
use super::item::name_in;
use super::model::Plan;
use super::modules::folder::FileChange;
use super::say::flawed;
use super::stamps::{folders, stamps, workflow};
use super::workflow::Workflow;
use super::{Between, Change, FOLDER, Item, Seen, Source, Unreadable, backlog, ids, order};
use crate::adapters::files::{self, Beneath, Turn};
use crate::base::{Problem, SafeText, Timestamp, Workspace};
use crate::msg;
use jiff::civil::{Date, Time};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Two changes never interleave within this program.
static WRITING: Mutex<()> = Mutex::new(());

/// The folder of one workspace, opened: no path leads out of it.
pub struct Folder {
    workspace: Workspace,
    beneath: Beneath,
    pub workflow: Workflow,
    /// The moment of an act, for files that say it more closely than the day.
    now: Option<Timestamp>,
    /// What was written since it was opened.
    done: Mutex<Vec<FileChange>>,
    /// Every item as it was when it was first asked for, with what was written since: an act on many items reads the folder once.
    known: Mutex<Option<Arc<Vec<Item>>>>,
}

/// Held while an item is read and written anew: nobody else does, in this program or another one.
struct Alone<'a> {
    _turn: Turn<'a>,
    _here: MutexGuard<'static, ()>,
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
            now: None,
            done: Mutex::default(),
            known: Mutex::default(),
        })
    }

    /// For an act that happens at this moment.
    pub fn at(self, now: Timestamp) -> Self {
        Self { now: Some(now), ..self }
    }

    /// When a file was changed last, as its own program writes it.
    fn updated(&self, source: Source, today: Date) -> Value {
        match self.now {
            Some(now) if source == Source::Backlog => Value::Quoted(backlog::moment(now)),
            _ => Value::Plain(today.to_string()),
        }
    }

    fn alone(&self) -> Result<Alone<'_>, Problem> {
        let here = WRITING.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Alone {
            _turn: self.beneath.turn()?,
            _here: here,
        })
    }

    /// One file as an item; of one that a merge left both sides in what our side says.
    pub fn read(&self, file: &Path) -> Result<Item, Unreadable> {
        let found = self.found(file).map(|found| found.item);
        found.or_else(|problem| {
            self.in_conflict(file, &problem).ok_or_else(|| Unreadable {
                file: file.to_path_buf(),
                problem,
            })
        })
    }

    fn in_conflict(&self, file: &Path, problem: &Problem) -> Option<Item> {
        if problem.summary.key != CONFLICT {
            return None;
        }
        let path = self.workspace.root.join(file);
        let bytes = self.beneath.read(file, MAX_BYTES).ok()?;
        let source = backlog::source_of(file);
        let doc = Document::parse_of(our_side(std::str::from_utf8(&bytes).ok()?).as_bytes(), source).ok()?;
        let mut item = Item::read(&doc, file, &path, &self.workflow, source);
        item.remarks.insert(0, problem.clone());
        item.hash = hash(&bytes);
        item.in_conflict = true;
        Some(item)
    }

    fn found(&self, file: &Path) -> Result<Found, Problem> {
        let path = self.workspace.root.join(file);
        let bytes = self.beneath.read(file, MAX_BYTES)?;
        let source = backlog::source_of(file);
        let doc = Document::parse_of(&bytes, source).map_err(|flaw| flawed(&path, flaw))?;
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

    /// The same for one act: read once, and kept as what the act writes changes it.
    pub(super) fn all_here(&self) -> Result<Arc<Vec<Item>>, Problem> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.as_ref() {
            return Ok(Arc::clone(known));
        }
        let items = Arc::new(self.all()?);
        *known = Some(Arc::clone(&items));
        Ok(items)
    }

    /// What was written is what is known of a file.
    fn keep_known(&self, file: &Path) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(items) = known.as_mut() else { return };
        let items = Arc::make_mut(items);
        items.retain(|item| item.file != file);
        items.extend(self.read(file).ok());
    }

    /// The item with this id, also one that a merge left both sides in.
    pub fn item(&self, id: &str) -> Result<Item, Problem> {
        let found = self.find(id).map(|found| found.item);
        let is_in_conflict = found.as_ref().is_err_and(|problem| problem.summary.key == CONFLICT);
        if is_in_conflict && let Some(item) = self.all()?.into_iter().find(|item| item.id.eq_ignore_ascii_case(id)) {
            return Ok(item);
        }
        found
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
        let mut named: Vec<Found> = Vec::new();
        for file in files.iter().filter(is_named) {
            match self.found(file) {
                Ok(found) if found.item.id.eq_ignore_ascii_case(id) => named.push(found),
                Ok(_) => {}
                // It is this item, and it can not be read: that is what must be told.
                Err(problem) => return Err(problem),
            }
        }
        // Two branches that were merged: which of them is meant is never guessed.
        if named.len() > 1 {
            let files: Vec<String> = named.iter().map(|found| found.item.file.display().to_string()).collect();
            let problem = Problem::config(msg!("plan-check-twice", id = SafeText::new(id))).code("twice");
            return Err(problem.details(files.join("\n")).hint(msg!("plan-check-twice-hint")));
        }
        if let Some(found) = named.pop() {
            return Ok(found);
        }
        let mut broken = None;
        for file in &files {
            match self.found(file) {
                Ok(found) if found.item.id.eq_ignore_ascii_case(id) => return Ok(found),
                Ok(_) => {}
                Err(problem) if broken.is_none() && self.says_id(file, id) => broken = Some(problem),
                Err(_) => {}
            }
        }
        // The item is there, and its file can not be read.
        if let Some(problem) = broken {
            return Err(problem);
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

    /// Whether a file that can not be read has the id, in whole or by its end, in a line of its own.
    fn says_id(&self, file: &Path, id: &str) -> bool {
        let bytes = self.beneath.read(file, MAX_BYTES).unwrap_or_default();
        let text = String::from_utf8_lossy(&bytes);
        let known = text.lines().take(100).find_map(|line| line.strip_prefix("id:"));
        let known = known.map(|known| known.trim().trim_matches(['"', '\'']));
        known.is_some_and(|known| ids::find(id, std::iter::once(known)).is_some())
    }

    /// Writes or removes a file, and remembers what it was.
    fn put(&self, file: &Path, text: Option<&str>) -> Result<(), Problem> {
        let before = match self.beneath.read_text(file, MAX_BYTES) {
            Ok(text) => Some(text),
            Err(problem) if problem.code == "not-found" => None,
            Err(problem) => return Err(problem),
        };
        // Once per act: what a program that was killed had begun to write here would show up as a new file for ever.
        let is_first = self.done.lock().unwrap_or_else(PoisonError::into_inner).is_empty();
        if is_first && let Some(folder) = file.parent() {
            files::forget_half_written(&self.root().join(folder))?;
        }
        match text {
            Some(text) => self.beneath.write_atomic(file, text.as_bytes())?,
            None => self.beneath.remove_file(file)?,
        }
        self.keep_known(file);
        let mut done = self.done.lock().unwrap_or_else(PoisonError::into_inner);
        let after = text.map(str::to_owned);
        // An act is one step, however often it writes a file.
        match done.iter_mut().find(|change| change.file == file) {
            Some(known) => known.after = after,
            None => done.push(FileChange {
                file: file.to_path_buf(),
                before,
                after,
            }),
        }
        Ok(())
    }

    /// What was written since it was opened, for whoever keeps it to take it back.
    pub fn take_changes(&self) -> Vec<FileChange> {
        std::mem::take(&mut *self.done.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn root(&self) -> &Path {
        &self.workspace.root
    }

    /// Gives a file another id and another name: for one of two that have the same id after branches were merged.
    pub fn renumber(&self, file: &Path, today: Date, random: impl FnMut(u32) -> u32) -> Result<(PathBuf, Item), Problem> {
        let _alone = self.alone()?;
        let Found { item, doc } = self.found(file)?;
        let items = self.all()?;
        let home = backlog::home(self.root()).filter(|home| file.starts_with(home));
        let (id, name) = if let Some(home) = home {
            let id = backlog::new_id(self.root(), &home, &items)?;
            let name = backlog::file_name(&id, &item.title);
            (id, name)
        } else {
            let taken: BTreeSet<String> = items.iter().map(|item| item.id.to_uppercase()).collect();
            let id = ids::new_id(&self.workflow.prefix, &taken, random);
            let name = ids::file_name(&id, &item.title);
            (id, name)
        };
        let path = self.workspace.root.join(file);
        let mut new = doc.set("id", &Value::Text(id.clone())).map_err(|flaw| flawed(&path, flaw))?;
        if new.field(name_in(&new, "updated")).is_some() {
            let updated = name_in(&new, "updated");
            new = new
                .set(updated, &self.updated(item.source, today))
                .map_err(|flaw| flawed(&path, flaw))?;
        }
        let folder = file.parent().unwrap_or(Path::new(FOLDER));
        let relative = folder.join(name);
        self.put(&relative, Some(new.text()))?;
        self.put(file, None)?;
        Ok((file.to_path_buf(), self.found(&relative)?.item))
    }

    /// Changes an item. Fields that nobody asked about stay as the file has them now; one that was changed since it was seen is not overwritten.
    pub fn edit(&self, id: &str, changes: &[Change], seen: Option<&Seen>, today: Date) -> Result<Item, Problem> {
        let _alone = self.alone()?;
        let Found { item, doc } = self.find(id)?;
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
        let (mut new, mut now) = (doc.clone(), item.clone());
        for change in changes {
            new = self.changed(new, &now, change, today)?;
            // The next one stands on what this one made.
            now = Item::read(&new, &item.file, &path, &self.workflow, item.source);
        }
        let is_dated = |change: &Change| matches!(change, Change::Start(_) | Change::Due(_));
        if let (Some(start), Some(due)) = (now.start, now.due)
            && now.ends_before_it_starts()
            && changes.iter().any(is_dated)
        {
            return Err(super::say::days_crossed(start, due));
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
                    .set(updated, &self.updated(item.source, today))
                    .map_err(|flaw| flawed(&path, flaw))?;
            }
            if hash(&self.beneath.read(&item.file, MAX_BYTES)?) != item.hash {
                let problem = Problem::user(msg!("plan-changed-meanwhile", id = item.id.as_str(), key = "none")).code("changed");
                return Err(problem.hint(msg!("plan-changed-meanwhile-hint")).at_place(path, 0, 0));
            }
            self.put(&item.file, Some(new.text()))?;
        }
        self.found(&item.file).map(|found| found.item)
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
            .filter(|item| super::workflow::same(&item.state, &state) && !item.id.eq_ignore_ascii_case(id))
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
        let found = self.find(id)?;
        Ok((found.item, found.doc.text().to_owned()))
    }

    /// Removes the file, when it is still what was kept.
    pub fn remove(&self, item: &Item) -> Result<(), Problem> {
        let _alone = self.alone()?;
        if hash(&self.beneath.read(&item.file, MAX_BYTES)?) != item.hash {
            let problem = Problem::user(msg!("plan-changed-meanwhile", id = item.id.as_str(), key = "none")).code("changed");
            return Err(problem.hint(msg!("plan-changed-meanwhile-hint")));
        }
        self.beneath.remove_file(&item.file)
    }

    /// Writes a file that was removed, unless there is one by that name again.
    pub fn put_back(&self, file: &Path, text: &str) -> Result<Item, Problem> {
        let _alone = self.alone()?;
        let is_below = folders(self.root()).iter().any(|folder| file.starts_with(folder))
            && file.extension().is_some_and(|ending| ending == "md");
        if !is_below || self.beneath.read(file, MAX_BYTES).is_ok() {
            return Err(Problem::user(msg!("plan-is-there", path = file)).at_place(self.workspace.root.join(file), 0, 0));
        }
        self.beneath.create_dir_all(file.parent().unwrap_or(Path::new(FOLDER)))?;
        self.beneath.write_atomic(file, text.as_bytes())?;
        self.found(file).map(|found| found.item)
    }
}

/// So many seconds later, on the same day.
pub(super) fn later_by(time: Time, seconds: usize) -> Time {
    time.saturating_add(jiff::SignedDuration::from_secs(seconds as i64))
}

pub(super) fn hash(bytes: &[u8]) -> String {
    files::sha256_of(bytes)[..16].to_owned()
}

pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

pub(super) fn cleaned(list: &[String]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for entry in list.iter().map(|entry| one_line(entry)).filter(|entry| !entry.is_empty()) {
        if !out.contains(&entry) {
            out.push(entry);
        }
    }
    out
}

pub(super) fn list_or_nothing(list: &[String]) -> Value {
    let list = cleaned(list);
    if list.is_empty() { Value::Nothing } else { Value::List(list) }
}
