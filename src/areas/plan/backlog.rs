//! Items of Backlog.md (`backlog/tasks/*.md`): front matter alike, other words for states and keys. Read and written in its own format.

use super::item::Source;
use super::workflow::{Workflow, same};
use super::{Draft, FOLDER as OWN_FOLDER, Item, Kind, Priority, body};
use crate::adapters::files;
use crate::base::Workspace;
use jiff::civil::Date;
use std::path::{Path, PathBuf};

/// Where Backlog.md keeps its open tasks, below the workspace's root.
pub const FOLDER: &str = "backlog/tasks";
/// Where it puts those that are done.
pub const COMPLETED: &str = "backlog/completed";
/// Its settings, as far as they matter here: the words for the states.
const CONFIG: &str = "backlog/config.yml";

/// Which kind of folder a file stands in.
pub fn source_of(file: &Path) -> Source {
    if file.starts_with("backlog") {
        Source::Backlog
    } else {
        Source::Chantier
    }
}

/// The project keeps its items with Backlog.md and has no folder of ours: then new ones go there too.
pub fn is_at_home(workspace: &Workspace) -> bool {
    workspace.root.join(FOLDER).is_dir() && !workspace.root.join(OWN_FOLDER).is_dir()
}

/// The states that the project's Backlog.md knows.
pub fn statuses(root: &Path) -> Vec<String> {
    let text = files::read_text_if_there(&root.join(CONFIG), files::MAX_TEXT_BYTES)
        .ok()
        .flatten()
        .unwrap_or_default();
    let config: Option<serde_json::Value> = serde_saphyr::from_str(&text).ok();
    let words = config
        .as_ref()
        .and_then(|config| config.get("statuses"))
        .and_then(serde_json::Value::as_array);
    let words: Vec<String> = words
        .into_iter()
        .flatten()
        .filter_map(|word| word.as_str().map(str::to_owned))
        .collect();
    if words.len() >= 2 {
        words
    } else {
        ["To Do", "In Progress", "Done"].map(str::to_owned).to_vec()
    }
}

/// A state of the workflow in Backlog.md's words.
pub fn status_for(state: &str, workflow: &Workflow, statuses: &[String]) -> String {
    let own = statuses.iter().find(|status| same(status, state));
    let at = match workflow.column_of(state) {
        Some(0) => statuses.first(),
        Some(column) if column + 1 == workflow.columns.len() => statuses.last(),
        Some(_) => statuses.get(1),
        None => None,
    };
    own.or(at).cloned().unwrap_or_else(|| state.to_owned())
}

/// Backlog.md's own three states in the workflow's words; others stay as they are.
pub fn state_of(word: &str, workflow: &Workflow) -> String {
    if same(word, "to do") || same(word, "todo") {
        workflow.first().to_owned()
    } else if same(word, "done") {
        workflow.last().to_owned()
    } else if same(word, "in progress") {
        workflow
            .columns
            .get(1)
            .map_or(word, |column| column.state.as_str())
            .to_owned()
    } else {
        word.to_owned()
    }
}

/// What Backlog.md calls a key.
pub fn name_of(key: &'static str) -> &'static str {
    match key {
        "state" => "status",
        "depends" => "dependencies",
        "created" => "created_date",
        "updated" => "updated_date",
        "parent" => "parent_task_id",
        "rank" => "ordinal",
        other => other,
    }
}

/// The body with one more criterion, numbered and between Backlog.md's marks.
pub fn with_new_criterion(text: &str, criterion: &str, eol: &str) -> String {
    let n = body::criteria(text).len();
    if n > 0 {
        return body::with_new_criterion(text, &format!("#{} {criterion}", n + 1), eol);
    }
    if let Some(at) = text.find("<!-- AC:END -->") {
        let mut out = text.to_owned();
        out.insert_str(at, &format!("- [ ] #1 {criterion}{eol}"));
        return out;
    }
    let gap = if text.trim().is_empty() || text.ends_with("\n\n") {
        ""
    } else {
        eol
    };
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { eol };
    format!("{text}{end}{gap}## Acceptance Criteria{eol}<!-- AC:BEGIN -->{eol}- [ ] #1 {criterion}{eol}<!-- AC:END -->{eol}")
}

/// A new task: its file below the root, and its text.
pub fn new_task(draft: &Draft, title: &str, status: &str, items: &[Item], today: Date) -> (PathBuf, String) {
    let number = |id: &str| {
        id.rsplit('-')
            .next()
            .and_then(|n| n.split('.').next())
            .and_then(|n| n.parse::<u32>().ok())
    };
    let tasks = items.iter().filter(|item| item.source == Source::Backlog);
    let (prefix, n) = tasks
        .filter_map(|item| Some((item.id.rsplit_once('-')?.0.to_owned(), number(&item.id)?)))
        .max_by_key(|(_, n)| *n)
        .unwrap_or_else(|| ("task".to_owned(), 0));
    let id = format!("{prefix}-{}", n + 1);
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let list = |items: &[String]| {
        if items.is_empty() {
            " []".to_owned()
        } else {
            items.iter().map(|item| format!("\n  - {}", quoted(item))).collect()
        }
    };
    let mut labels = draft.labels.clone();
    // It has no types: they are labels there.
    if draft.kind != Kind::Chore && !labels.iter().any(|label| label == draft.kind.word()) {
        labels.push(draft.kind.word().to_owned());
    }
    let people: Vec<String> = draft.assignee.iter().map(|name| format!("@{name}")).collect();
    let mut text = format!(
        "---\nid: {id}\ntitle: {}\nstatus: {status}\nassignee:{}\ncreated_date: '{}'\nlabels:{}\ndependencies:{}\n",
        quoted(title),
        list(&people),
        draft.created.unwrap_or(today),
        list(&labels),
        list(&draft.depends),
    );
    if let Some(priority) = draft.priority {
        let word = if priority == Priority::Urgent {
            Priority::High.word()
        } else {
            priority.word()
        };
        text.push_str(&format!("priority: {word}\n"));
    }
    for (key, value) in [
        ("milestone", &draft.milestone),
        ("parent_task_id", &draft.parent),
        ("estimate", &draft.estimate),
    ] {
        if let Some(value) = value {
            text.push_str(&format!("{key}: {}\n", quoted(value)));
        }
    }
    if let Some(due) = draft.due {
        text.push_str(&format!("due: '{due}'\n"));
    }
    text.push_str("---\n\n## Description\n\n<!-- SECTION:DESCRIPTION:BEGIN -->\n");
    text.push_str(draft.body.trim());
    text.push_str("\n<!-- SECTION:DESCRIPTION:END -->\n");
    for criterion in &draft.criteria {
        text = with_new_criterion(&text, criterion.trim(), "\n");
    }
    let words: String = title
        .chars()
        .map(|c| if c.is_alphanumeric() || c == '.' { c } else { '-' })
        .take(60)
        .collect();
    let words = words.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
    (Path::new(FOLDER).join(format!("{id} - {words}.md")), text)
}
