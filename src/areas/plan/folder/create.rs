//! New items of a folder: in our own format, or in the one of Backlog.md where the project keeps its items there.

use super::{Folder, later_by, list_or_nothing, one_line};
use crate::areas::plan::edit::Value;
use crate::areas::plan::front::Document;
use crate::areas::plan::say::flawed;
use crate::areas::plan::stamps::stamps;
use crate::areas::plan::{Draft, FOLDER, Item, backlog, body, ids};
use crate::base::Problem;
use crate::msg;
use jiff::civil::Date;
use std::collections::BTreeSet;
use std::path::Path;

impl Folder {
    /// Makes an item; the id is new in this folder.
    pub fn create(&self, draft: &Draft, today: Date, random: impl FnMut(u32) -> u32) -> Result<Item, Problem> {
        let items = self.all()?;
        // Of two that are made within one second the later one stands behind.
        let last = items
            .iter()
            .filter(|item| item.created == Some(today))
            .filter_map(|item| item.created_time);
        let time = match (draft.time, last.max()) {
            (Some(time), Some(last)) => Some(time.max(later_by(last, 1))),
            (time, _) => time,
        };
        let draft = Draft { time, ..draft.clone() };
        let taken = &mut self.taken_beside(&items)?;
        self.create_beside(&draft, taken, today, random)
    }

    /// Every id that is taken, in capitals.
    pub fn taken(&self) -> Result<BTreeSet<String>, Problem> {
        self.taken_beside(&self.all()?)
    }

    fn taken_beside(&self, items: &[Item]) -> Result<BTreeSet<String>, Problem> {
        let mut taken: BTreeSet<String> = items.iter().map(|item| item.id.to_uppercase()).collect();
        // A file that can not be read may have the id that its name says.
        taken.extend(stamps(&self.workspace)?.keys().filter_map(|file| {
            let name = file.file_stem()?.to_string_lossy().to_uppercase();
            let mut parts = name.splitn(3, '-');
            Some(format!("{}-{}", parts.next()?, parts.next()?))
        }));
        Ok(taken)
    }

    /// The same for one of many: `taken` are the ids that are there, and gets the new one.
    pub fn create_beside(
        &self,
        draft: &Draft,
        taken: &mut BTreeSet<String>,
        today: Date,
        random: impl FnMut(u32) -> u32,
    ) -> Result<Item, Problem> {
        let _alone = self.alone()?;
        let title = one_line(&draft.title);
        if title.is_empty() {
            return Err(Problem::user(msg!("plan-no-title")).hint(msg!("plan-no-title-hint")));
        }
        let home = backlog::at_home(&self.workspace);
        let usual = home.as_ref().and_then(|_| backlog::default_status(self.root()));
        let usual = usual.and_then(|state| self.workflow.state(&state).map(str::to_owned));
        let usual = usual.unwrap_or_else(|| self.workflow.first().to_owned());
        let state = self.known_state(draft.state.as_deref().unwrap_or(&usual))?;
        if let Some(home) = home {
            return self.create_backlog(&home, draft, &title, &state, today);
        }
        let is_id = |id: &&String| {
            let is_plain = id.len() <= 24 && id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
            is_plain && id.chars().any(|c| c.is_ascii_alphanumeric()) && !taken.contains(&id.to_uppercase())
        };
        let id = match draft.id.as_ref().filter(is_id) {
            Some(own) => own.clone(),
            None => ids::new_id(&self.workflow.prefix, taken, random),
        };
        taken.insert(id.to_uppercase());
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
            ("created", Value::Plain(draft.created_text(today))),
            (
                "start",
                draft.start.map_or(Value::Nothing, |start| Value::Plain(start.to_string())),
            ),
            ("due", draft.due.map_or(Value::Nothing, |due| Value::Plain(due.to_string()))),
            ("milestone", text(&draft.milestone)),
            ("parent", text(&draft.parent)),
            ("depends", list_or_nothing(&draft.depends)),
            ("origin", text(&draft.origin)),
        ];
        let more = draft
            .more
            .iter()
            .map(|(key, value)| (key.as_str(), Value::Text(value.clone())));
        for (key, value) in lines.into_iter().chain(more) {
            doc = doc.set(key, &value).map_err(|flaw| flawed(&path, flaw))?;
        }
        let mut below = String::new();
        if !draft.body.trim().is_empty() {
            below = format!("\n{}\n", draft.body.trim_start_matches('\n').trim_end());
        }
        let is_said = |line: &String| !line.is_empty();
        let criteria = draft.criteria.iter().map(|criterion| one_line(criterion)).filter(is_said);
        let checks = self.workflow.done.iter().map(|check| one_line(check)).filter(is_said);
        let checks: Vec<String> = checks.filter(|check| !body::has_check(&below, check)).collect();
        if below.is_empty() && (draft.criteria.iter().any(|line| !line.trim().is_empty()) || !checks.is_empty()) {
            below.push('\n');
        }
        for criterion in criteria {
            below = body::with_new_criterion(&below, &criterion, "\n");
        }
        for check in checks {
            below = body::with_new_check(&below, &check, "\n");
        }
        doc = doc.with_body(&below).map_err(|flaw| flawed(&path, flaw))?;
        self.beneath.create_dir_all(Path::new(FOLDER))?;
        self.put(&relative, Some(doc.text()))?;
        self.found(&relative).map(|found| found.item)
    }

    /// The same in the project's own folder of Backlog.md, in its format.
    fn create_backlog(&self, home: &Path, draft: &Draft, title: &str, state: &str, today: Date) -> Result<Item, Problem> {
        let status = backlog::status_for(state, &self.workflow, &backlog::statuses(self.root()));
        let items = self.all()?;
        let id = backlog::new_id(self.root(), home, &items)?;
        let created = match (draft.created, self.now) {
            (None, Some(now)) => backlog::moment(now),
            (day, _) => day.unwrap_or(today).to_string(),
        };
        let (relative, text) = backlog::new_task(home, &id, draft, title, &status, &items, &created);
        let path = self.workspace.root.join(&relative);
        Document::parse(text.as_bytes()).map_err(|flaw| flawed(&path, flaw))?;
        self.put(&relative, Some(&text))?;
        self.found(&relative).map(|found| found.item)
    }
}
