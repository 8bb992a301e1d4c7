//! Problem matchers: how the messages of a tool look, in the words of VS Code's `tasks.json`, extended by blocks of several lines and
//! a map of severities. Read from `[[matcher]]` in `chantier.toml` or from JSON (comments allowed). Pure.

use regex::Regex;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// Patterns that are known by name, as VS Code has them: a regular expression and its groups.
const NAMED: [(&str, &str); 8] = [
    (
        "$gcc",
        r#"[{"regexp":"^(.*):(\\d+):(\\d*):?\\s+(?:fatal\\s+)?(warning|error):\\s+(.*)$","file":1,"line":2,"column":3,"severity":4,"message":5}]"#,
    ),
    (
        "$tsc",
        r#"[{"regexp":"^([^\\s].*)[\\(:](\\d+)[,:](\\d+)(?:\\):\\s+|\\s+-\\s+)(error|warning|info)\\s+TS(\\d+)\\s*:\\s*(.*)$","file":1,"line":2,"column":3,"severity":4,"code":5,"message":6}]"#,
    ),
    (
        "$msCompile",
        r#"[{"regexp":"^(?:\\s*\\d+>)?(\\S.*)\\((\\d+|\\d+,\\d+|\\d+,\\d+,\\d+,\\d+)\\)\\s*:\\s+((?:fatal +)?error|warning|info)\\s+(\\w+\\d+)\\s*:\\s*(.*)$","file":1,"location":2,"severity":3,"code":4,"message":5}]"#,
    ),
    (
        "$eslint-compact",
        r#"[{"regexp":"^(.+):\\sline\\s(\\d+),\\scol\\s(\\d+),\\s(Error|Warning|Info)\\s-\\s(.+)\\s\\((.+)\\)$","file":1,"line":2,"column":3,"severity":4,"message":5,"code":6}]"#,
    ),
    (
        "$eslint-stylish",
        r#"[{"regexp":"^((?:[a-zA-Z]:)*[./\\\\]+.*?)$","kind":"location","file":1},{"regexp":"^\\s+(\\d+):(\\d+)\\s+(error|warning|info)\\s+(.+?)(?:\\s\\s+(.*))?$","line":1,"column":2,"severity":3,"message":4,"code":5,"loop":true}]"#,
    ),
    (
        "$jshint",
        r#"[{"regexp":"^(.*):\\s+line\\s+(\\d+),\\s+col\\s+(\\d+),\\s(.+?)(?:\\s+\\((\\w)(\\d+)\\))?$","file":1,"line":2,"column":3,"message":4,"severity":5,"code":6}]"#,
    ),
    (
        "$go",
        r#"[{"regexp":"^([^:]*: )?((.:)?[^:]*):(\\d+)(:(\\d+))?: (.*)$","file":2,"line":4,"column":6,"message":7}]"#,
    ),
    (
        "$lessc",
        r#"[{"regexp":"(.*)\\sin\\s(.*)\\son line\\s(\\d+),\\scolumn\\s(\\d+)","message":1,"file":2,"line":3,"column":4}]"#,
    ),
];

/// A matcher as it is written.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct MatcherEntry {
    pub name: String,
    /// The tasks whose output it reads; empty: all.
    #[serde(default)]
    pub tasks: Vec<String>,
    #[serde(default)]
    pub owner: Option<String>,
    #[serde(default)]
    pub source: Option<String>,
    /// Where a message says nothing else: `error`, `warning`, `info`.
    #[serde(default)]
    pub severity: Option<String>,
    #[serde(default)]
    pub severity_map: BTreeMap<String, String>,
    #[serde(default)]
    pub file_location: Value,
    /// A pattern, several for consecutive lines, or a name such as `$tsc`.
    pub pattern: Value,
    /// Lines after a message that belong to it: `{ while = "regexp" }` or `{ until = "regexp" }`.
    #[serde(default)]
    pub block: Option<Block>,
    /// VS Code's; a task here ends when its program does.
    #[serde(default)]
    pub background: Value,
    #[serde(default)]
    pub apply_to: Value,
    #[serde(default)]
    pub base: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Block {
    #[serde(default, rename = "while")]
    pub goes_on: Option<String>,
    #[serde(default)]
    pub until: Option<String>,
}

/// Where a matcher's relative paths start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum FileLocation {
    Absolute,
    /// In the task's folder, or this one below the workspace.
    #[default]
    Here,
    Below(String),
}

/// A matcher that can be used.
#[derive(Clone, Debug)]
pub struct Matcher {
    pub name: String,
    pub tasks: Vec<String>,
    pub source: String,
    pub severity: Option<String>,
    pub severity_map: BTreeMap<String, String>,
    pub location: FileLocation,
    pub patterns: Vec<Pattern>,
    /// A line that goes on with the message, and whether it is so when it matches.
    pub block: Option<(Regex, bool)>,
}

/// One line of a message: a regular expression and which of its groups is what; 0 is the whole line.
#[derive(Clone, Debug)]
pub struct Pattern {
    pub regexp: Regex,
    pub is_file_only: bool,
    pub file: Option<usize>,
    pub location: Option<usize>,
    pub line: Option<usize>,
    pub column: Option<usize>,
    pub severity: Option<usize>,
    pub code: Option<usize>,
    pub message: Option<usize>,
    pub is_loop: bool,
}

impl MatcherEntry {
    /// The usable matcher with what of it has no effect here, or what is wrong with it in words.
    pub fn compile(&self) -> Result<(Matcher, Vec<String>), String> {
        self.compile_with(&BTreeMap::new())
    }

    /// The same, with patterns that stand beside it by name.
    fn compile_with(&self, named: &BTreeMap<String, Value>) -> Result<(Matcher, Vec<String>), String> {
        let mut notes = Vec::new();
        if !self.background.is_null() {
            notes.push("background: a task ends here when its program does".to_owned());
        }
        let (location, base) = match &self.file_location {
            Value::String(word) => (word.as_str(), None),
            Value::Array(words) => (
                words.first().and_then(Value::as_str).unwrap_or("relative"),
                words.get(1).and_then(Value::as_str),
            ),
            Value::Null => ("relative", None),
            _ => return Err("fileLocation: a word, or a word and a folder".to_owned()),
        };
        let location = match location {
            "absolute" => FileLocation::Absolute,
            "relative" | "autoDetect" | "search" => {
                let folder = base.unwrap_or("").replace("${workspaceFolder}", "").replace("${cwd}", "");
                let folder = folder.trim_matches('/');
                if folder.is_empty() {
                    FileLocation::Here
                } else {
                    FileLocation::Below(folder.to_owned())
                }
            }
            other => {
                return Err(format!(
                    "fileLocation: `{other}` is none of absolute, relative, autoDetect, search"
                ));
            }
        };
        let patterns = patterns(&self.pattern, named)?;
        let block = match &self.block {
            None => None,
            Some(Block {
                goes_on: Some(regexp),
                until: None,
            }) => Some((compile(regexp)?, true)),
            Some(Block {
                goes_on: None,
                until: Some(regexp),
            }) => Some((compile(regexp)?, false)),
            Some(_) => return Err("block: exactly one of `while` and `until`".to_owned()),
        };
        let matcher = Matcher {
            name: self.name.clone(),
            tasks: self.tasks.clone(),
            source: self
                .source
                .clone()
                .or_else(|| self.owner.clone())
                .unwrap_or_else(|| self.name.clone()),
            severity: self.severity.clone(),
            severity_map: self.severity_map.clone(),
            location,
            patterns,
            block,
        };
        Ok((matcher, notes))
    }
}

/// Matchers of a text: `[[matcher]]` as in `chantier.toml`, or JSON: one, a list, or everything in a `tasks.json` or an extension's
/// `package.json`. Gives what is wrong too.
pub fn of_text(text: &str) -> (Vec<Matcher>, Vec<String>) {
    let (found, named) = match written(text) {
        Ok(found) => found,
        Err(wrong) => return (Vec::new(), vec![wrong]),
    };
    let (mut matchers, mut wrongs) = (Vec::new(), Vec::new());
    for value in found {
        let entry: Result<MatcherEntry, _> = serde_json::from_value(value);
        match entry
            .map_err(|error| error.to_string())
            .and_then(|entry| entry.compile_with(&named))
        {
            Ok((matcher, notes)) => {
                matchers.push(matcher);
                wrongs.extend(notes);
            }
            Err(wrong) => wrongs.push(wrong),
        }
    }
    if matchers.is_empty() && wrongs.is_empty() {
        wrongs.push("no problem matcher: an object with `pattern`".to_owned());
    }
    (matchers, wrongs)
}

/// The same text as `chantier.toml` has it; None when something in it is wrong.
pub fn to_toml(text: &str) -> Option<String> {
    let (found, named) = written(text).ok()?;
    let all: Option<Vec<toml::Value>> = found
        .into_iter()
        .map(|mut value| {
            let map = value.as_object_mut()?;
            // A pattern that stood beside it under a name comes with it.
            let name = map
                .get("pattern")
                .and_then(Value::as_str)
                .map(|name| name.trim_start_matches('$'));
            if let Some(pattern) = name.and_then(|name| named.get(name)).cloned() {
                map.insert("pattern".to_owned(), pattern);
            }
            map.retain(|_, value| !value.is_null());
            toml::Value::try_from(value).ok()
        })
        .collect();
    let all = all.filter(|all| !all.is_empty())?;
    toml::to_string(&BTreeMap::from([("matcher", all)])).ok()
}

/// Assignments and tables of TOML, that is no JSON with a mistake in it.
fn is_toml(text: &str) -> bool {
    let text = text.trim_start();
    let is_json = text.starts_with('{') || (text.starts_with('[') && !text.starts_with("[["));
    !is_json && text.contains('=')
}

/// The matchers of a text as they are written, each with a name, and the patterns that have names.
fn written(text: &str) -> Result<(Vec<Value>, BTreeMap<String, Value>), String> {
    let json: Value = match serde_json::from_str(&plain_json(text)) {
        Ok(json) => json,
        Err(_) if is_toml(text) => toml::from_str(text).map_err(|error| error.to_string().trim().to_owned())?,
        Err(error) => return Err(format!("line {}, column {}: {error}", error.line(), error.column())),
    };
    let mut named = BTreeMap::new();
    let mut found = Vec::new();
    collect(&json, &mut named, &mut found);
    for (number, value) in found.iter_mut().enumerate() {
        if let Value::String(name) = value {
            *value = Value::Object(Map::from_iter([("pattern".to_owned(), Value::String(std::mem::take(name)))]));
        }
        if let Some(map) = value.as_object_mut() {
            let owner = map.get("owner").and_then(Value::as_str).map(str::to_owned);
            map.entry("name")
                .or_insert_with(|| owner.unwrap_or_else(|| format!("matcher {}", number + 1)).into());
            // Words of VS Code's that say nothing about lines.
            for word in ["label", "watching"] {
                map.remove(word);
            }
        }
    }
    Ok((found, named))
}

fn collect(json: &Value, named: &mut BTreeMap<String, Value>, found: &mut Vec<Value>) {
    match json {
        Value::Array(values) => values.iter().for_each(|value| collect(value, named, found)),
        Value::Object(map) => {
            if map.contains_key("pattern") {
                found.push(json.clone());
                return;
            }
            if let Some(matcher) = map.get("problemMatcher") {
                match matcher {
                    Value::Array(values) => found.extend(values.iter().cloned()),
                    one => found.push(one.clone()),
                }
            }
            for pattern in map.get("problemPatterns").and_then(Value::as_array).into_iter().flatten() {
                if let Some(name) = pattern.get("name").and_then(Value::as_str) {
                    let lines = pattern.get("patterns").unwrap_or(pattern);
                    named.insert(name.to_owned(), lines.clone());
                }
            }
            for (key, value) in map {
                if !matches!(key.as_str(), "problemMatcher" | "problemPatterns") {
                    collect(value, named, found);
                }
            }
        }
        _ => {}
    }
}

fn patterns(value: &Value, named: &BTreeMap<String, Value>) -> Result<Vec<Pattern>, String> {
    match value {
        Value::String(name) => {
            if let Some(value) = named.get(name.trim_start_matches('$')).or_else(|| named.get(name)) {
                return patterns(value, &BTreeMap::new());
            }
            let known = NAMED.iter().find(|(known, _)| known == name);
            let Some((_, text)) = known else {
                let names: Vec<&str> = NAMED.iter().map(|(name, _)| *name).collect();
                return Err(format!("pattern: there is no `{name}`; there are {}", names.join(", ")));
            };
            let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
            patterns(&value, named)
        }
        Value::Array(values) if !values.is_empty() => {
            let mut out = Vec::new();
            for (at, value) in values.iter().enumerate() {
                out.push(pattern(value).map_err(|wrong| format!("pattern {}: {wrong}", at + 1))?);
            }
            if out[..out.len() - 1].iter().any(|pattern| pattern.is_loop) {
                return Err("pattern: only the last line can `loop`".to_owned());
            }
            Ok(out)
        }
        Value::Object(_) => Ok(vec![pattern(value).map_err(|wrong| format!("pattern: {wrong}"))?]),
        _ => Err("pattern: an object, a list of them, or a name such as \"$gcc\"".to_owned()),
    }
}

fn pattern(value: &Value) -> Result<Pattern, String> {
    let map = value.as_object().ok_or("an object with `regexp`")?;
    const KNOWN: [&str; 14] = [
        "regexp",
        "kind",
        "file",
        "location",
        "line",
        "column",
        "endLine",
        "endColumn",
        "severity",
        "code",
        "message",
        "loop",
        "name",
        "character",
    ];
    if let Some(other) = map.keys().find(|key| !KNOWN.contains(&key.as_str())) {
        return Err(format!("`{other}` is not known; there are {}", KNOWN.join(", ")));
    }
    let regexp = map.get("regexp").and_then(Value::as_str).ok_or("`regexp` is missing")?;
    let regexp = compile(regexp)?;
    let n_groups = regexp.captures_len();
    let group = |name: &str| -> Result<Option<usize>, String> {
        let Some(value) = map.get(name) else { return Ok(None) };
        let number = value.as_u64().ok_or_else(|| format!("`{name}` is the number of a group"))? as usize;
        if number >= n_groups {
            return Err(format!(
                "`{name}` is group {number}, and the regular expression has {}",
                n_groups - 1
            ));
        }
        Ok(Some(number))
    };
    Ok(Pattern {
        is_file_only: map.get("kind").and_then(Value::as_str) == Some("file"),
        file: group("file")?,
        location: group("location")?,
        line: group("line")?,
        column: group("column")?.or(group("character")?),
        severity: group("severity")?,
        code: group("code")?,
        message: group("message")?,
        is_loop: map.get("loop").and_then(Value::as_bool).unwrap_or(false),
        regexp,
    })
}

fn compile(regexp: &str) -> Result<Regex, String> {
    // In JavaScript `\/` is a slash and `(?<name>..)` a group, as here.
    Regex::new(&regexp.replace("\\/", "/")).map_err(|error| {
        let words = error.to_string();
        let line = words.lines().last().unwrap_or_default().trim().to_owned();
        format!("`{regexp}`: {}", line.trim_start_matches("error: "))
    })
}

/// JSON without comments and trailing commas, each character still at its place.
fn plain_json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    let mut in_text = false;
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                in_text = !in_text;
                out.push(c);
            }
            '\\' if in_text => {
                out.push(c);
                out.extend(chars.next());
            }
            '/' if !in_text && chars.peek() == Some(&'/') => {
                out.push(' ');
                while chars.peek().is_some_and(|c| *c != '\n') {
                    chars.next();
                    out.push(' ');
                }
            }
            '/' if !in_text && chars.peek() == Some(&'*') => {
                out.push(' ');
                let mut before = ' ';
                for c in chars.by_ref() {
                    out.push(if c == '\n' { '\n' } else { ' ' });
                    if before == '*' && c == '/' {
                        break;
                    }
                    before = c;
                }
            }
            ']' | '}' if !in_text => {
                let end = out.trim_end().len();
                if out[..end].ends_with(',') {
                    out.replace_range(end - 1..end, " ");
                }
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}
