//! Items of Backlog.md (`tasks/*.md` in its folder): front matter alike, other words for states and keys. Read and written in its own format.

use super::item::Source;
use super::workflow::{Workflow, same};
use super::{Draft, FOLDER as OWN_FOLDER, Item, Kind, Priority, body};
use crate::adapters::files;
use crate::base::{Problem, Timestamp, Workspace};
use std::borrow::Cow;
use std::path::{Component, Path, PathBuf};

/// Where Backlog.md keeps everything when it is not told otherwise, below the workspace's root.
pub const USUAL: &str = "backlog";
/// The other folder that it looks for.
const HIDDEN: &str = ".backlog";
/// Where its open tasks are, below its folder.
pub const TASKS: &str = "tasks";
/// Where it puts those that are done.
pub const COMPLETED: &str = "completed";
/// Where its milestones are.
pub const MILESTONES: &str = "milestones";
/// Those that were put away: their ids are not given again.
const ARCHIVED: &str = "archive/tasks";
/// Its settings, below its folder.
const CONFIG: &str = "config.yml";
/// Its settings at the root of the project, which say where its folder is.
const ROOT_CONFIG: &str = "backlog.config.yml";
/// Between two tasks in its order by hand.
const ORDINAL_STEP: f64 = 1000.0;

/// Which kind of folder a file stands in.
pub fn source_of(file: &Path) -> Source {
    if file.ancestors().skip(1).any(|folder| folder.ends_with(OWN_FOLDER)) {
        Source::Chantier
    } else {
        Source::Backlog
    }
}

/// A file of a milestone: it says what it is by its folder alone.
pub fn is_milestone(file: &Path) -> bool {
    source_of(file) == Source::Backlog && file.parent().is_some_and(|folder| folder.ends_with(MILESTONES))
}

/// The folder of the project's Backlog.md, below the root.
pub fn home(root: &Path) -> Option<PathBuf> {
    if let Some(config) = settings(&root.join(ROOT_CONFIG)) {
        let named = config.get("backlog_directory").and_then(serde_json::Value::as_str);
        let named = PathBuf::from(named.unwrap_or(USUAL));
        // What leads out of the project is not followed.
        if named
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
        {
            return Some(named.components().filter(|part| *part != Component::CurDir).collect());
        }
    }
    let is_there = |folder: &&str| root.join(folder).join(TASKS).is_dir() || root.join(folder).join(CONFIG).is_file();
    [USUAL, HIDDEN].into_iter().find(is_there).map(PathBuf::from)
}

/// The folder of Backlog.md when the project keeps its items there and has no folder of ours: then new ones go there too.
pub fn at_home(workspace: &Workspace) -> Option<PathBuf> {
    let home = home(&workspace.root)?;
    let is_home = workspace.root.join(&home).join(TASKS).is_dir() && !workspace.root.join(OWN_FOLDER).is_dir();
    is_home.then_some(home)
}

/// The settings of the project's Backlog.md as they stand there: what tells that they were changed.
pub fn settings_text(root: &Path) -> String {
    let of_folder = home(root).map(|home| root.join(home).join(CONFIG));
    let files = [Some(root.join(ROOT_CONFIG)), of_folder];
    let text = |file: &PathBuf| files::read_text_if_there(file, files::MAX_TEXT_BYTES).ok().flatten();
    files.iter().flatten().filter_map(text).collect()
}

/// The state that a new task has, when the settings say one.
pub fn default_status(root: &Path) -> Option<String> {
    setting(root, "default_status").and_then(|word| word.as_str().map(str::to_owned))
}

fn settings(file: &Path) -> Option<serde_json::Value> {
    let text = files::read_text_if_there(file, files::MAX_TEXT_BYTES).ok().flatten()?;
    serde_saphyr::from_str(&text).ok()
}

/// One of its settings, from the root of the project or from its folder.
fn setting(root: &Path, key: &str) -> Option<serde_json::Value> {
    let of_folder = || settings(&root.join(home(root)?).join(CONFIG));
    settings(&root.join(ROOT_CONFIG)).or_else(of_folder)?.get(key).cloned()
}

/// The states that the project's Backlog.md knows.
pub fn statuses(root: &Path) -> Vec<String> {
    let words = setting(root, "statuses");
    let words: Vec<String> = words
        .as_ref()
        .and_then(serde_json::Value::as_array)
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

/// A moment as Backlog.md writes it, to the minute and everywhere the same.
pub fn moment(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M").to_string()
}

/// Front matter with quotes around the names that Backlog.md takes without, `assignee: @sara` or `[@sara, bob]`; every line stays a line.
pub fn with_quoted_names(yaml: &str) -> Cow<'_, str> {
    let has_names = |line: &str| (line.starts_with("assignee:") || line.starts_with("reporter:")) && line.contains('@');
    if !yaml.lines().any(has_names) {
        return Cow::Borrowed(yaml);
    }
    let lines = yaml.split_inclusive('\n');
    let quoted = lines.map(|line| match line.split_once(':').filter(|_| has_names(line)) {
        Some((key, value)) => Cow::Owned(format!("{key}:{}", with_quotes(value))),
        None => Cow::Borrowed(line),
    });
    Cow::Owned(quoted.collect())
}

/// One value, or each of a list, that begins with `@` in quotes.
fn with_quotes(value: &str) -> String {
    let quoted = |name: &str| format!("\"{}\"", name.replace('\\', "\\\\").replace('"', "\\\""));
    let bare = value.trim_start();
    let gap = &value[..value.len() - bare.len()];
    if bare.starts_with('@') {
        let end = bare.find(" #").unwrap_or(bare.len());
        let name = bare[..end].trim_end();
        return format!("{gap}{}{}", quoted(name), &bare[name.len()..]);
    }
    let Some((list, rest)) = bare.strip_prefix('[').and_then(|list| list.split_once(']')) else {
        return value.to_owned();
    };
    let part = |part: &str| match part.trim() {
        name if name.starts_with('@') => quoted(name),
        _ => part.to_owned(),
    };
    let parts: Vec<String> = list.split(',').map(part).collect();
    format!("{gap}[{}]{rest}", parts.join(","))
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
        "due" => "due_date",
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

/// The body with one more line in the definition of done, in the same way.
pub fn with_new_check(text: &str, check: &str, eol: &str) -> String {
    let numbered = format!("#{} {check}", body::checks(text).len() + 1);
    if body::has_checks(text) {
        return body::with_new_check(text, &numbered, eol);
    }
    with_marked_section(text, "Definition of Done", "DOD", &format!("- [ ] {numbered}"), eol)
}

/// The body with one more note, between the marks that Backlog.md reads its notes from.
pub fn with_note(text: &str, note: &str, eol: &str) -> String {
    if body::has_notes(text) {
        return body::with_note(text, note, eol);
    }
    with_marked_section(
        text,
        "Implementation Notes",
        "SECTION:NOTES",
        &body::note_lines(note, eol),
        eol,
    )
}

fn with_marked_section(text: &str, title: &str, mark: &str, lines: &str, eol: &str) -> String {
    let gap = if text.trim().is_empty() || text.ends_with(&format!("{eol}{eol}")) {
        ""
    } else {
        eol
    };
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { eol };
    format!("{text}{end}{gap}## {title}{eol}{eol}<!-- {mark}:BEGIN -->{eol}{lines}{eol}<!-- {mark}:END -->{eol}")
}

/// `TASK-7.1` is number 7 of `TASK`.
fn number_of(id: &str) -> Option<(&str, u32)> {
    let (prefix, number) = id.rsplit_once('-')?;
    Some((prefix, number.split('.').next()?.parse().ok()?))
}

/// An id that no task has, also none that was completed or put away, as the settings want it written.
pub fn new_id(root: &Path, home: &Path, items: &[Item]) -> Result<String, Problem> {
    let newest = items
        .iter()
        .filter(|item| item.source == Source::Backlog && item.kind != Kind::Milestone)
        .filter_map(|item| number_of(&item.id))
        .max_by_key(|(_, number)| *number);
    let wanted = setting(root, "task_prefix").and_then(|word| word.as_str().map(str::to_owned));
    let prefix = match (newest, wanted) {
        // Older versions write it in lower case.
        (Some((known, _)), Some(wanted)) if known.eq_ignore_ascii_case(&wanted) => known.to_owned(),
        (_, Some(wanted)) if !wanted.trim().is_empty() => wanted.trim().to_uppercase(),
        (Some((known, _)), _) => known.to_owned(),
        (None, _) => "TASK".to_owned(),
    };
    let mut highest = newest.map_or(0, |(_, number)| number);
    for folder in [TASKS, COMPLETED, ARCHIVED] {
        let entries = match files::list_dir(&root.join(home).join(folder)) {
            Ok(entries) => entries,
            Err(problem) if problem.code == "not-found" => continue,
            Err(problem) => return Err(problem),
        };
        for entry in entries {
            let name = entry.name.to_string_lossy();
            let id = name.split(" - ").next().unwrap_or_default().trim_end_matches(".md");
            highest = highest.max(number_of(id).map_or(0, |(_, number)| number));
        }
    }
    let n_digits = setting(root, "zero_padded_ids").and_then(|n| n.as_u64()).unwrap_or(0).min(12) as usize;
    Ok(format!("{prefix}-{:0n_digits$}", highest + 1))
}

/// `task-7 - Show-the-tide.md`: Backlog.md sees no file that begins with a capital.
pub fn file_name(id: &str, title: &str) -> String {
    let words: String = title
        .chars()
        .map(|c| if c.is_alphanumeric() || c == '.' { c } else { '-' })
        .take(60)
        .collect();
    let words = words.split('-').filter(|word| !word.is_empty()).collect::<Vec<_>>().join("-");
    format!("{} - {words}.md", id.to_lowercase())
}

/// A new task: its file below the root, and its text. `items` are those that are there, `created` is the day or the moment.
pub fn new_task(
    home: &Path,
    id: &str,
    draft: &Draft,
    title: &str,
    status: &str,
    items: &[Item],
    created: &str,
) -> (PathBuf, String) {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let list = |items: &[String]| {
        if items.is_empty() {
            " []".to_owned()
        } else {
            items.iter().map(|item| format!("\n  - {}", quoted(item))).collect()
        }
    };
    let people: Vec<String> = draft.assignee.iter().map(|name| format!("@{name}")).collect();
    let mut text = format!(
        "---\nid: {id}\ntitle: {}\nstatus: {status}\nassignee:{}\ncreated_date: '{created}'\n",
        quoted(title),
        list(&people),
    );
    if let Some(due) = draft.due {
        text.push_str(&format!("due_date: '{due}'\n"));
    }
    text.push_str(&format!(
        "labels:{}\ndependencies:{}\n",
        list(&draft.labels),
        list(&draft.depends)
    ));
    if let Some(priority) = draft.priority {
        let word = if priority == Priority::Urgent {
            Priority::High.word()
        } else {
            priority.word()
        };
        text.push_str(&format!("priority: {word}\n"));
    }
    if draft.kind != Kind::Chore {
        text.push_str(&format!("type: {}\n", draft.kind.word()));
    }
    for (key, value) in [
        ("start", &draft.start.map(|start| start.to_string())),
        ("milestone", &draft.milestone),
        ("parent_task_id", &draft.parent),
        ("estimate", &draft.estimate),
    ] {
        if let Some(value) = value {
            text.push_str(&format!("{key}: {}\n", quoted(value)));
        }
    }
    // Behind those that have a place; where none has one, the age decides.
    let last = items.iter().filter_map(|item| item.rank).max_by(f64::total_cmp);
    if let Some(last) = last {
        text.push_str(&format!("ordinal: {}\n", last.floor() + ORDINAL_STEP));
    }
    text.push_str("---\n\n## Description\n\n<!-- SECTION:DESCRIPTION:BEGIN -->\n");
    text.push_str(draft.body.trim());
    text.push_str("\n<!-- SECTION:DESCRIPTION:END -->\n");
    for criterion in &draft.criteria {
        text = with_new_criterion(&text, criterion.trim(), "\n");
    }
    (home.join(TASKS).join(file_name(id, title)), text)
}
