//! Tasks that Python projects keep in the files of their tools: poe, PDM, taskipy, Hatch, tox and nox. Read from the files alone.
//! The formats: the manuals of those tools, "Defining tasks" (poethepoet), "PDM Scripts", taskipy's read me, "Environment scripts" (Hatch),
//! "Configuration" (tox), "Configuration & API" (nox).

use super::{Detected, Kind, Source, Task, dir_of, id_of};
use crate::adapters::scan::Found;
use crate::base::{Place, SafeText};
use std::collections::BTreeMap;

/// Tasks that are taken from one file.
const MAX_TASKS: usize = 200;
/// Environments that one line of tox may stand for.
const MAX_ENVIRONMENTS: usize = 100;

/// A task before it has an id.
struct Told<'a> {
    file: &'a Found,
    tool: &'static str,
    name: String,
    argv: Vec<String>,
    note: String,
    line: Option<u32>,
}

/// Adds the tasks of all these tools.
pub(super) fn tasks(files: &[Found], detected: &mut Detected) {
    for file in files {
        let Some(text) = file.text.as_deref() else { continue };
        let name = file.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let found = match name {
            "pyproject.toml" => of_pyproject(file, &table(text), files),
            "hatch.toml" => hatch(file, table(text).get("envs")),
            "tox.toml" => tox_table(file, &table(text)),
            "poe_tasks.toml" => {
                let table = table(text);
                let own = at(&table, &["tool", "poe", "tasks"]).or_else(|| table.get("tasks"));
                poe(file, own, files)
            }
            "tox.ini" => tox_ini(file, text),
            "noxfile.py" => nox(file, text),
            _ => continue,
        };
        for task in found.into_iter().take(MAX_TASKS) {
            detected.tasks.push(ready(task));
        }
    }
}

fn ready(found: Told<'_>) -> Task {
    let dir = dir_of(&found.file.path);
    let name = SafeText::new(&found.name).into_string();
    let text = found.file.text.as_deref().unwrap_or_default();
    let line = found.line.or_else(|| line_of(text, &found.name));
    // An environment of tox is there to test in.
    let kind = match (found.tool, Kind::of_name(&name)) {
        ("tox", Kind::Other) if name.starts_with("py") => Kind::Test,
        (_, kind) => kind,
    };
    Task {
        id: id_of(found.tool, &dir, &name),
        name: format!("{} {name}", found.tool),
        source: Source::Python,
        kind,
        argv: found.argv,
        dir,
        place: Place {
            path: found.file.path.clone(),
            line,
            column: None,
        },
        env: BTreeMap::new(),
        timeout_ms: None,
        has_pty: false,
        note: SafeText::new(&found.note).into_string(),
    }
}

/// The first line that begins with a name: `lint = "ruff"`, `[testenv:lint]`, `"a:b" = ...`.
fn line_of(text: &str, name: &str) -> Option<u32> {
    let is_it = |line: &str| {
        let line = line.trim_start().trim_start_matches(['"', '\'']);
        let key = line
            .strip_prefix(name)
            .map(|rest| rest.trim_start_matches(['"', '\'']).trim_start());
        let is_section = line.starts_with('[') && line.trim_end().trim_end_matches(']').ends_with(name);
        key.is_some_and(|rest| rest.starts_with('=')) || is_section
    };
    text.lines().zip(1..).find(|(line, _)| is_it(line)).map(|(_, number)| number)
}

fn table(text: &str) -> toml::Table {
    text.parse().unwrap_or_default()
}

fn at<'a>(table: &'a toml::Table, path: &[&str]) -> Option<&'a toml::Value> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(table.get(*first)?, |value, key| value.get(*key))
}

fn argv_of(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// What the project's programs are called through, by its lock file.
fn through(file: &Found, files: &[Found]) -> Vec<String> {
    let dir = dir_of(&file.path);
    let is_there = |name: &str| files.iter().any(|other| other.path == dir.join(name));
    match () {
        () if is_there("uv.lock") => argv_of(&["uv", "run"]),
        () if is_there("poetry.lock") => argv_of(&["poetry", "run"]),
        () if is_there("pdm.lock") => argv_of(&["pdm", "run"]),
        () => Vec::new(),
    }
}

fn of_pyproject<'a>(file: &'a Found, table: &toml::Table, files: &[Found]) -> Vec<Told<'a>> {
    let mut found = poe(file, at(table, &["tool", "poe", "tasks"]), files);
    let through = through(file, files);
    for (name, note) in named(at(table, &["tool", "pdm", "scripts"])) {
        let argv = argv_of(&["pdm", "run", &name]);
        found.push(one(file, "pdm", name, argv, note));
    }
    for (name, note) in named(at(table, &["tool", "taskipy", "tasks"])) {
        let argv = [through.clone(), argv_of(&["task", &name])].concat();
        found.push(one(file, "taskipy", name, argv, note));
    }
    found.extend(hatch(file, at(table, &["tool", "hatch", "envs"])));
    if let Some(settings) = at(table, &["tool", "tox"]).and_then(toml::Value::as_table) {
        match settings.get("legacy_tox_ini").and_then(toml::Value::as_str) {
            Some(text) => found.extend(tox_ini(file, text)),
            None => found.extend(tox_table(file, settings)),
        }
    }
    found
}

fn one<'a>(file: &'a Found, tool: &'static str, name: String, argv: Vec<String>, note: String) -> Told<'a> {
    Told {
        file,
        tool,
        name,
        argv,
        note,
        line: None,
    }
}

/// The tasks of a table by name, each with what it says of itself. What is private or run around others by itself is none.
fn named(value: Option<&toml::Value>) -> Vec<(String, String)> {
    let table = value.and_then(toml::Value::as_table);
    let own = table.into_iter().flatten();
    let own = own.filter(|(name, _)| !name.is_empty() && !["_", "pre_", "post_"].iter().any(|start| name.starts_with(start)));
    let told = own.map(|(name, value)| {
        let help = value.get("help").and_then(toml::Value::as_str);
        (name.clone(), help.unwrap_or_default().to_owned())
    });
    told.collect()
}

fn poe<'a>(file: &'a Found, value: Option<&toml::Value>, files: &[Found]) -> Vec<Told<'a>> {
    let through = through(file, files);
    let found = named(value).into_iter().map(|(name, note)| {
        let argv = [through.clone(), argv_of(&["poe", &name])].concat();
        one(file, "poe", name, argv, note)
    });
    found.collect()
}

/// The scripts of each environment; those of `default` are called by their names alone.
fn hatch<'a>(file: &'a Found, envs: Option<&toml::Value>) -> Vec<Told<'a>> {
    let mut found = Vec::new();
    for (env, settings) in envs.and_then(toml::Value::as_table).into_iter().flatten() {
        for (name, note) in named(settings.get("scripts")) {
            let called = if env == "default" {
                name.clone()
            } else {
                format!("{env}:{name}")
            };
            let line = line_of(file.text.as_deref().unwrap_or_default(), &name);
            let argv = argv_of(&["hatch", "run", &called]);
            found.push(Told {
                line,
                ..one(file, "hatch", called, argv, note)
            });
        }
    }
    found
}

/// `env_list` and `[env.NAME]` of tox 4.
fn tox_table<'a>(file: &'a Found, table: &toml::Table) -> Vec<Told<'a>> {
    let listed = table.get("env_list").and_then(toml::Value::as_array).into_iter().flatten();
    let mut names: Vec<String> = listed.filter_map(toml::Value::as_str).map(str::to_owned).collect();
    let envs = table.get("env").and_then(toml::Value::as_table);
    names.extend(envs.into_iter().flatten().map(|(name, _)| name.clone()));
    let note = |name: &str| {
        let own = envs.and_then(|envs| envs.get(name)?.get("description")?.as_str());
        own.unwrap_or_default().to_owned()
    };
    tox(file, names, &note)
}

/// `envlist` and `[testenv:NAME]`.
fn tox_ini<'a>(file: &'a Found, text: &str) -> Vec<Told<'a>> {
    let sections = ini(text);
    let of = |section: &str, key: &str| sections.get(section).and_then(|keys| keys.get(key)).map(String::as_str);
    let listed = of("tox", "envlist").or(of("tox", "env_list")).unwrap_or_default();
    let mut names: Vec<String> = in_list(listed).into_iter().flat_map(|word| spread(&word)).collect();
    let own = sections.keys().filter_map(|section| section.strip_prefix("testenv:"));
    names.extend(own.flat_map(in_list).flat_map(|word| spread(&word)));
    let note = |name: &str| of(&format!("testenv:{name}"), "description").unwrap_or_default().to_owned();
    tox(file, names, &note)
}

fn tox<'a>(file: &'a Found, names: Vec<String>, note: &dyn Fn(&str) -> String) -> Vec<Told<'a>> {
    let mut found: Vec<Told<'a>> = Vec::new();
    for name in names {
        // `.pkg` and the like are tox's own.
        if name.is_empty() || name.starts_with('.') || found.iter().any(|known| known.name == name) {
            continue;
        }
        let (argv, note) = (argv_of(&["tox", "run", "-e", &name]), note(&name));
        found.push(one(file, "tox", name, argv, note));
    }
    found
}

/// Words between commas and line ends that stand in no braces.
fn in_list(text: &str) -> Vec<String> {
    let mut found = vec![String::new()];
    let mut depth = 0_u32;
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 && (c == ',' || c == '\n') {
            found.push(String::new());
        } else if let (false, Some(last)) = (c.is_whitespace(), found.last_mut()) {
            last.push(c);
        }
    }
    // A reference to other settings names no environment.
    found.retain(|word| !word.is_empty() && !word.contains('['));
    found
}

/// `py{311,312}-django{4,5}` is four environments, `py{310-312}` three.
fn spread(word: &str) -> Vec<String> {
    let mut found = vec![word.to_owned()];
    while let Some(at) = found.iter().position(|word| word.contains('{')) {
        let word = found.remove(at);
        let Some((head, inside, tail)) = word
            .split_once('{')
            .and_then(|(head, rest)| rest.split_once('}').map(|(inside, tail)| (head, inside, tail)))
        else {
            return Vec::new();
        };
        let range = inside
            .split_once('-')
            .and_then(|(from, to)| Some(from.parse::<u32>().ok()?..=to.parse::<u32>().ok()?));
        let parts: Vec<String> = match range {
            Some(range) => range.take(MAX_ENVIRONMENTS).map(|n| n.to_string()).collect(),
            None => inside.split(',').map(|part| part.trim().to_owned()).collect(),
        };
        for (n, part) in parts.into_iter().enumerate() {
            found.insert(at + n, format!("{head}{part}{tail}"));
        }
        if found.len() > MAX_ENVIRONMENTS {
            return Vec::new();
        }
    }
    found
}

/// Sections, each with its settings; one goes on in lines that are indented.
fn ini(text: &str) -> BTreeMap<String, BTreeMap<String, String>> {
    let mut sections: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    let (mut section, mut key) = (String::new(), String::new());
    for line in text.lines() {
        let line = line.split(" #").next().unwrap_or(line);
        let words = line.trim();
        if words.is_empty() || words.starts_with(['#', ';']) {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            name.0.trim().clone_into(&mut section);
            sections.entry(section.clone()).or_default();
            key.clear();
            continue;
        }
        let keys = sections.entry(section.clone()).or_default();
        if line.starts_with([' ', '\t']) && !key.is_empty() {
            let value = keys.entry(key.clone()).or_default();
            value.push('\n');
            value.push_str(words);
        } else if let Some((name, value)) = line.split_once(['=', ':']) {
            name.trim().clone_into(&mut key);
            keys.insert(key.clone(), value.trim().to_owned());
        }
    }
    sections
}

/// The functions below `@nox.session`: each with its name there, else its own, and the first line of what it says of itself.
fn nox<'a>(file: &'a Found, text: &str) -> Vec<Told<'a>> {
    let mut found: Vec<Told<'a>> = Vec::new();
    let mut decorator: Option<String> = None;
    let mut lines = text.lines().zip(1_u32..).peekable();
    while let Some((line, number)) = lines.next() {
        let words = line.trim_end();
        if words.starts_with("@nox.session") || words.starts_with("@session") || words == "@nox_session" {
            decorator = Some(words.to_owned());
            continue;
        }
        let Some(known) = &mut decorator else { continue };
        let Some(head) = words.strip_prefix("def ") else {
            // Its arguments may go on, and others may stand between.
            known.push_str(words);
            continue;
        };
        let name = named_in(known).unwrap_or_else(|| head.split('(').next().unwrap_or_default().trim().to_owned());
        let is_body = |(line, _): &(&str, u32)| line.starts_with([' ', '\t']);
        let body = lines.peek().filter(|next| is_body(next)).map_or("", |(line, _)| line.trim());
        let said = body.strip_prefix("\"\"\"").or_else(|| body.strip_prefix("'''"));
        let note = said.map(|said| said.trim_end_matches(['"', '\''])).unwrap_or_default();
        if !name.is_empty() {
            let argv = argv_of(&["nox", "--session", &name]);
            found.push(Told {
                line: Some(number),
                ..one(file, "nox", name, argv, note.to_owned())
            });
        }
        decorator = None;
    }
    found
}

/// `name="lint"` of a decorator.
fn named_in(decorator: &str) -> Option<String> {
    let at = decorator
        .find("name=")
        .filter(|at| decorator[..*at].ends_with(['(', ',', ' ']))?;
    let rest = &decorator[at + "name=".len()..];
    let mark = rest.chars().next().filter(|mark| matches!(mark, '"' | '\''))?;
    rest[1..].split_once(mark).map(|(name, _)| name.to_owned())
}
