//! The settings file: TOML that people edit too. Reading never fails as a whole, writing changes one key and keeps the rest as it stands.

use super::files;
use crate::base::text::{distance, split_words};
use crate::base::{Problem, SafeText, Settings, WriteTo};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use toml_edit::{Document, DocumentMut, Item, Key, TableLike};

/// Broken lines that are left out before the rest is given up.
const MAX_BROKEN_LINES: usize = 50;
/// Of a file that is taken over.
const MAX_BYTES: u64 = 1 << 20;

/// Numbers that are only sensible within limits: key, least, greatest.
const LIMITS: [(&str, f64, f64); 13] = [
    ("general.stop_grace_secs", 0.0, 3600.0),
    ("general.notify_after_secs", 0.0, 86_400.0),
    ("general.max_parallel", 0.0, 1024.0),
    ("appearance.scale", 0.75, 2.0),
    ("workspaces.scan_depth", 0.0, 32.0),
    ("workspaces.max_watches", 0.0, 10_000_000.0),
    ("retention.logs_max_mb", 1.0, 1_000_000.0),
    ("retention.log_max_mb_per_job", 1.0, 100_000.0),
    ("retention.samples_max_mb", 1.0, 1_000_000.0),
    ("retention.artifacts_max_mb", 1.0, 10_000_000.0),
    ("retention.runs_max_days", 1.0, 36_500.0),
    ("retention.undo_max_entries", 1.0, 10_000.0),
    ("retention.undo_max_mb", 1.0, 1_000_000.0),
];

/// Settings whose default is "not set", so that they do not show in the defaults.
const UNSET_BY_DEFAULT: [&str; 1] = ["general.language"];

/// Below the folder of settings.
pub const FILE_NAME: &str = "settings.toml";

/// The code of what is told of a key that is not known.
pub const UNKNOWN_KEY: &str = "settings-unknown-key";

/// The settings file at its place.
#[derive(Clone, Debug)]
pub struct SettingsFile {
    path: PathBuf,
}

/// One setting, for the page and `chantier config list`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SettingRow {
    /// Dotted, such as `general.language`.
    pub key: String,
    /// As TOML; empty when it is not set and has no default.
    pub value: String,
    pub default: String,
    /// The file sets it.
    pub is_set: bool,
}

impl SettingsFile {
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The settings, and what is wrong with the file. No file is no problem: everything has a default.
    pub fn load(&self) -> (Settings, Vec<Problem>) {
        match read(&self.path) {
            Ok(text) => parse(&text, &self.path),
            Err(problem) => (Settings::default(), vec![problem]),
        }
    }

    /// Sets one key and keeps every other byte of the file. Refuses an unknown key, a wrong value and a file that can not be parsed.
    pub fn set(&self, key: &str, value: &toml::Value) -> Result<Settings, Problem> {
        let parts = parse_key(key)?;
        check(&parts, value)?;
        self.edit(|document| put(document, &parts, value))
    }

    /// Sets one key from what was typed: TOML if it is some that fits, else text.
    pub fn set_text(&self, key: &str, text: &str) -> Result<Settings, Problem> {
        let parts = parse_key(key)?;
        let as_text = toml::Value::String(text.to_owned());
        let as_words = split_words(text).into_iter().map(toml::Value::String);
        let as_words = toml::Value::Array(as_words.collect());
        let as_toml = toml::from_str::<toml::Table>(&format!("v = {text}"))
            .ok()
            .and_then(|mut table| table.remove("v"));
        match as_toml {
            Some(value) if check(&parts, &value).is_ok() => self.set(key, &value),
            // A list takes words as well.
            None if check(&parts, &as_text).is_err() && check(&parts, &as_words).is_ok() => self.set(key, &as_words),
            // The problem with what was meant is the better one to tell.
            Some(value) if check(&parts, &as_text).is_err() => self.set(key, &value),
            _ => self.set(key, &as_text),
        }
    }

    /// Removes one key from the file, so that its default holds again.
    pub fn reset(&self, key: &str) -> Result<Settings, Problem> {
        let parts = parse_key(key)?;
        self.edit(|document| {
            let Some((last, above)) = parts.split_last() else {
                return Ok(());
            };
            let mut table: &mut dyn TableLike = document.as_table_mut();
            for part in above {
                match table.get_mut(part.get()).and_then(Item::as_table_like_mut) {
                    Some(below) => table = below,
                    None => return Ok(()),
                }
            }
            table.remove(last.get());
            Ok(())
        })
    }

    /// Every setting with its value, its default and whether the file sets it, in the order of the sections.
    pub fn rows(&self) -> Vec<SettingRow> {
        let text = read(&self.path).unwrap_or_default();
        let (settings, _) = parse(&text, &self.path);
        let set: Vec<String> = recover(&text, &self.path)
            .0
            .map(|document| leaves(&document))
            .unwrap_or_default()
            .into_iter()
            .map(|leaf| leaf.key())
            .collect();
        let values = flatten(&settings);
        let defaults = flatten(&Settings::default());
        let mut keys: Vec<String> = values.iter().chain(&defaults).map(|(key, _)| key.clone()).collect();
        keys.extend(UNSET_BY_DEFAULT.map(str::to_owned));
        let mut rows: Vec<SettingRow> = Vec::new();
        for key in keys {
            if rows.iter().any(|row| row.key == key) {
                continue;
            }
            let shown =
                |list: &[(String, toml::Value)]| list.iter().find(|(name, _)| *name == key).map(|(_, value)| value.to_string());
            let is_set = set.contains(&key);
            rows.push(SettingRow {
                value: shown(&values).unwrap_or_default(),
                default: shown(&defaults).unwrap_or_default(),
                is_set,
                key,
            });
        }
        // The section of a key that has no default stands where its section stands.
        let section = |key: &str| key.split('.').next().unwrap_or_default().to_owned();
        let order: Vec<String> = rows.iter().map(|row| section(&row.key)).collect();
        rows.sort_by_key(|row| order.iter().position(|name| *name == section(&row.key)));
        rows
    }

    /// Writes a copy of the file, or of the defaults when there is none.
    pub fn export(&self, to: &WriteTo) -> Result<(), Problem> {
        let text = read(&self.path)?;
        let text = if text.is_empty() {
            toml::to_string(&Settings::default()).unwrap_or_default()
        } else {
            text
        };
        files::write_out(to, text.as_bytes(), None).map(drop)
    }

    /// Takes over a whole file; the one before is kept as `<file>.before-import`. Refuses one that can not be parsed at all, and tells
    /// what it does not know.
    pub fn import(&self, from: &Path) -> Result<(Settings, Vec<Problem>), Problem> {
        let text = files::read_text(from, MAX_BYTES)?;
        if let Err(error) = text.parse::<DocumentMut>() {
            return Err(syntax_problem(from, &text, &error).hint(msg!("settings-import-hint")));
        }
        // A key of another version is kept; a value that can not be is somebody's mistake.
        let wrong = parse(&text, from).1.into_iter().find(|problem| problem.code != UNKNOWN_KEY);
        if let Some(wrong) = wrong {
            return Err(wrong.hint(msg!("settings-import-hint")));
        }
        let _lock = lock_beside(&self.path);
        let before = read(&self.path)?;
        if !before.is_empty() {
            let mut kept = self.path.as_os_str().to_owned();
            kept.push(".before-import");
            files::write_atomic(Path::new(&kept), before.as_bytes())?;
        }
        files::write_atomic(&self.path, text.as_bytes())?;
        Ok(parse(&text, &self.path))
    }

    fn edit(&self, change: impl FnOnce(&mut DocumentMut) -> Result<(), Problem>) -> Result<Settings, Problem> {
        // Two programs that save at once: one after the other, each on what the other left.
        let _lock = lock_beside(&self.path);
        let text = read(&self.path)?;
        let mut document: DocumentMut = text
            .parse()
            .map_err(|error| syntax_problem(&self.path, &text, &error).hint(msg!("settings-repair-first-hint")))?;
        change(&mut document)?;
        let changed = document.to_string();
        if changed != text {
            files::write_atomic(&self.path, changed.as_bytes())?;
        }
        Ok(parse(&changed, &self.path).0)
    }
}

/// Reads settings from text; `path` is only named in problems. Broken lines, wrong values and unknown keys cost themselves only.
pub fn parse(text: &str, path: &Path) -> (Settings, Vec<Problem>) {
    let (document, mut problems) = recover(text, path);
    let Some(document) = document else {
        return (Settings::default(), problems);
    };
    let mut good = toml::Table::new();
    for leaf in leaves(&document) {
        let place = |problem: Problem| {
            let (line, column) = line_and_column(text, leaf.at);
            problem.at_place(path, line, column)
        };
        match checked(&leaf.parts, &leaf.value) {
            Ok(value) => insert(&mut good, &leaf.parts, value),
            Err(Wrong::Unknown) => problems.push(place(unknown_key(&leaf.key(), true))),
            Err(Wrong::Value(why)) => problems.push(place(wrong_value(&leaf.key(), &why))),
            Err(Wrong::Limits(nearest, least, greatest)) => {
                problems.push(place(out_of_limits(&leaf.key(), least, greatest)));
                insert(&mut good, &leaf.parts, nearest);
            }
        }
    }
    match Settings::deserialize(toml::Value::Table(good)) {
        Ok(settings) => (settings, problems),
        Err(error) => {
            problems.push(wrong_value("", error.message()).at_place(path, 0, 0));
            (Settings::default(), problems)
        }
    }
}

fn read(path: &Path) -> Result<String, Problem> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(io_problem(path, &error)),
    }
}

/// Parses what can be parsed: a broken line is left out, a broken heading with all that stands below it.
fn recover(text: &str, path: &Path) -> (Option<Document<String>>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut kept = text.to_owned();
    for _ in 0..MAX_BROKEN_LINES {
        let error = match Document::parse(kept.clone()) {
            Ok(document) => return (Some(document), problems),
            Err(error) => error,
        };
        problems.push(syntax_problem(path, text, &error));
        let at = error.span().map_or(0, |span| span.start).min(kept.len());
        let Some(range) = broken_part(&kept, at) else { break };
        // Spaces of the same length keep every other place where it is.
        let blank: String = kept[range.clone()]
            .bytes()
            .map(|byte| if byte == b'\n' { '\n' } else { ' ' })
            .collect();
        kept.replace_range(range, &blank);
    }
    (None, problems)
}

/// The line around `at`, or the whole section when the line is a heading; None when there is nothing left to leave out.
fn broken_part(text: &str, at: usize) -> Option<std::ops::Range<usize>> {
    let at = text.floor_char_boundary(at);
    let mut start = text[..at].rfind('\n').map_or(0, |i| i + 1);
    let mut end = text[at..].find('\n').map_or(text.len(), |i| at + i);
    // The parser may stop at the line break or at an empty line behind what is wrong.
    while text[start..end].trim().is_empty() && start > 0 {
        end = start - 1;
        start = text[..end].rfind('\n').map_or(0, |i| i + 1);
    }
    if text[start..end].trim_start().starts_with('[') {
        end = text[end..].find("\n[").map_or(text.len(), |i| end + i);
    }
    (!text[start..end].trim().is_empty()).then_some(start..end)
}

struct Leaf {
    parts: Vec<Key>,
    value: toml::Value,
    /// Where its key stands in the text.
    at: usize,
}

impl Leaf {
    fn key(&self) -> String {
        dotted(&self.parts)
    }
}

fn dotted(parts: &[Key]) -> String {
    parts
        .iter()
        .map(|part| part.display_repr().into_owned())
        .collect::<Vec<_>>()
        .join(".")
}

fn leaves<S>(document: &Document<S>) -> Vec<Leaf> {
    let mut found = Vec::new();
    collect(document.as_table(), &mut Vec::new(), &mut found);
    found
}

fn collect(table: &dyn TableLike, above: &mut Vec<Key>, found: &mut Vec<Leaf>) {
    for (name, item) in table.iter() {
        let key = table.key(name).cloned().unwrap_or_else(|| Key::new(name));
        let at = key.span().map_or(0, |span| span.start);
        above.push(key);
        if let Some(below) = item.as_table_like() {
            collect(below, above, found);
        } else if let Some(value) = value_of(item) {
            found.push(Leaf {
                parts: above.clone(),
                value,
                at,
            });
        }
        above.pop();
    }
}

/// The value of an item, through its text: the two TOML crates share the grammar, not the types.
fn value_of(item: &Item) -> Option<toml::Value> {
    let text = match item {
        Item::Value(value) => value.clone().decorated("", "").to_string(),
        Item::ArrayOfTables(tables) => tables.clone().into_array().to_string(),
        _ => return None,
    };
    toml::from_str::<toml::Table>(&format!("v = {text}")).ok()?.remove("v")
}

enum Wrong {
    Unknown,
    Value(String),
    /// The nearest that is allowed, and the limits.
    Limits(toml::Value, f64, f64),
}

/// The value alone in otherwise default settings: wrong if it can not be read, unknown if it leaves no trace.
fn checked(parts: &[Key], value: &toml::Value) -> Result<toml::Value, Wrong> {
    let mut alone = toml::Table::new();
    insert(&mut alone, parts, value.clone());
    let settings = Settings::deserialize(toml::Value::Table(alone)).map_err(|error| Wrong::Value(error.message().to_owned()))?;
    let key = dotted(parts);
    if !flatten(&settings).iter().any(|(name, _)| *name == key) {
        return Err(Wrong::Unknown);
    }
    let number = value.as_float().or_else(|| value.as_integer().map(|n| n as f64));
    let limits = LIMITS.iter().find(|(name, ..)| *name == key);
    if let (Some((_, least, greatest)), Some(number)) = (limits, number)
        && !(*least..=*greatest).contains(&number)
    {
        let nearest = if number > *greatest { *greatest } else { *least };
        let is_whole = value.is_integer() && nearest.fract() == 0.0;
        let nearest = if is_whole {
            toml::Value::Integer(nearest as i64)
        } else {
            toml::Value::Float(nearest)
        };
        return Err(Wrong::Limits(nearest, *least, *greatest));
    }
    Ok(value.clone())
}

fn check(parts: &[Key], value: &toml::Value) -> Result<(), Problem> {
    let key = dotted(parts);
    match checked(parts, value) {
        Ok(value) => match relative_in(&key, &value) {
            Some(path) => Err(Problem::user(msg!("settings-relative", key = key, path = path)).code("settings-wrong-value")),
            None => Ok(()),
        },
        Err(Wrong::Unknown) => Err(unknown_key(&key, false)),
        Err(Wrong::Value(why)) => Err(with_reason(
            Problem::user(msg!("settings-wrong-value", key = key)).code("settings-wrong-value"),
            &why,
        )),
        Err(Wrong::Limits(_, least, greatest)) => {
            Err(
                Problem::user(msg!("settings-limits", key = key, least = least, greatest = greatest))
                    .code("settings-wrong-value"),
            )
        }
    }
}

/// A path that says from nowhere where it is, in a setting that holds whole paths.
fn relative_in(key: &str, value: &toml::Value) -> Option<String> {
    let holds_paths = key == "workspaces.roots" || key.starts_with("tools.paths.");
    let all = value.as_array().map_or(std::slice::from_ref(value), Vec::as_slice);
    let mut texts = all.iter().filter_map(toml::Value::as_str);
    texts
        .find(|text| holds_paths && !Path::new(text).is_absolute())
        .map(str::to_owned)
}

fn insert(table: &mut toml::Table, parts: &[Key], value: toml::Value) {
    match parts {
        [] => {}
        [last] => {
            table.insert(last.get().to_owned(), value);
        }
        [first, rest @ ..] => {
            let below = table
                .entry(first.get().to_owned())
                .or_insert_with(|| toml::Value::Table(toml::Table::new()));
            if let toml::Value::Table(below) = below {
                insert(below, rest, value);
            }
        }
    }
}

/// Every leaf with its dotted key, quoted where needed.
fn flatten(settings: &Settings) -> Vec<(String, toml::Value)> {
    fn walk(table: &toml::Table, above: &str, out: &mut Vec<(String, toml::Value)>) {
        for (name, value) in table {
            let name = Key::new(name).display_repr().into_owned();
            let key = if above.is_empty() { name } else { format!("{above}.{name}") };
            match value {
                toml::Value::Table(below) => walk(below, &key, out),
                value => out.push((key, value.clone())),
            }
        }
    }
    let mut out = Vec::new();
    if let Ok(toml::Value::Table(table)) = toml::Value::try_from(settings) {
        walk(&table, "", &mut out);
    }
    out
}

fn parse_key(key: &str) -> Result<Vec<Key>, Problem> {
    Key::parse(key).map_err(|_| unknown_key(key, false))
}

fn put(document: &mut DocumentMut, parts: &[Key], value: &toml::Value) -> Result<(), Problem> {
    let wrong = || Problem::user(msg!("settings-wrong-value", key = dotted(parts))).code("settings-wrong-value");
    let mut value: toml_edit::Value = value
        .to_string()
        .parse()
        .map_err(|error: toml_edit::TomlError| wrong().details(error))?;
    let Some((last, above)) = parts.split_last() else {
        return Err(wrong());
    };
    let mut table: &mut dyn TableLike = document.as_table_mut();
    for part in above {
        let below = table
            .entry(part.get())
            .or_insert_with(|| Item::Table(toml_edit::Table::new()));
        table = below.as_table_like_mut().ok_or_else(wrong)?;
    }
    if let Some(old) = table.get(last.get()).and_then(Item::as_value) {
        // The comment behind the old value belongs to the key.
        *value.decor_mut() = old.decor().clone();
    }
    match table.get_mut(last.get()) {
        Some(item) => *item = Item::Value(value),
        None => {
            table.insert(last.get(), Item::Value(value));
        }
    }
    Ok(())
}

/// Line and column from 1, the column in characters.
fn line_and_column(text: &str, at: usize) -> (u32, u32) {
    let at = text.floor_char_boundary(at.min(text.len()));
    let line = memchr::memchr_iter(b'\n', &text.as_bytes()[..at]).count() + 1;
    let start = text[..at].rfind('\n').map_or(0, |i| i + 1);
    (line as u32, text[start..at].chars().count() as u32 + 1)
}

fn syntax_problem(path: &Path, text: &str, error: &toml_edit::TomlError) -> Problem {
    let (line, column) = error.span().map_or((0, 0), |span| line_and_column(text, span.start));
    Problem::config(msg!("settings-syntax", path = path, line = line))
        .code("settings-syntax")
        .details(SafeText::multiline(error.message()))
        .hint(msg!("settings-syntax-hint"))
        .at_place(path, line, column)
}

fn unknown_key(key: &str, in_file: bool) -> Problem {
    let problem = if in_file {
        Problem::config(msg!("settings-unknown-key", key = key))
    } else {
        Problem::user(msg!("settings-no-such-key", key = key))
    };
    let problem = problem.code(UNKNOWN_KEY);
    let known = flatten(&Settings::default())
        .into_iter()
        .map(|(key, _)| key)
        .chain(UNSET_BY_DEFAULT.map(str::to_owned));
    match known.map(|name| (distance(&name, key), name)).min() {
        Some((n, name)) if n <= 3 => problem.hint(msg!("settings-did-you-mean", key = name)),
        _ if in_file => problem.hint(msg!("settings-unknown-key-hint")),
        _ => problem.hint(msg!("settings-list-hint")),
    }
}

fn wrong_value(key: &str, why: &str) -> Problem {
    let default = default_of(key);
    let problem = Problem::config(msg!("settings-wrong-value", key = key))
        .code("settings-wrong-value")
        .hint(default.map_or(msg!("settings-ignored-hint"), |default| {
            msg!("settings-default-hint", default = default)
        }));
    with_reason(problem, why)
}

/// With what can stand there; where the reader's words are in no language but its own, they stand beside.
fn with_reason(problem: Problem, why: &str) -> Problem {
    match crate::base::wrong_value::words(why, None, &[]) {
        Some(why) => problem.hint(why),
        None => problem.details(SafeText::multiline(why)),
    }
}

/// As TOML.
fn default_of(key: &str) -> Option<String> {
    let mut known = flatten(&Settings::default()).into_iter();
    known.find(|(name, _)| name == key).map(|(_, value)| value.to_string())
}

fn out_of_limits(key: &str, least: f64, greatest: f64) -> Problem {
    Problem::config(msg!("settings-limits", key = key, least = least, greatest = greatest))
        .code("settings-wrong-value")
        .hint(msg!("settings-nearest-hint"))
}

fn io_problem(path: &Path, error: &std::io::Error) -> Problem {
    Problem::environment(msg!("settings-io", path = path))
        .code("settings-io")
        .details(error)
        .at_place(path, 0, 0)
}

/// Held while the file is changed; without effect where it can not be had.
fn lock_beside(path: &Path) -> Option<std::fs::File> {
    let folder = path.parent()?;
    drop(std::fs::create_dir_all(folder));
    let folder = std::fs::File::open(folder).ok()?;
    folder.lock().ok()?;
    Some(folder)
}
