//! Items as CSV (RFC 4180): one row each, named columns; columns that we do not know stay with the item under their own name.

use super::{Incoming, date, keep, set_word, words, words_in};
use crate::areas::plan::{Draft, Item, Priority, item};
use crate::base::{Problem, SafeText};
use crate::msg;
use serde_json::Value;
use std::path::Path;

const COLUMNS: [&str; 16] = [
    "id",
    "title",
    "type",
    "state",
    "priority",
    "labels",
    "assignee",
    "milestone",
    "parent",
    "depends",
    "start",
    "due",
    "estimate",
    "created",
    "origin",
    "body",
];

pub(super) fn write(items: &[&Item]) -> Result<String, Problem> {
    let failed = |error: &dyn std::fmt::Display| Problem::internal(msg!("plan-import-csv")).details(error);
    let mut out = csv::Writer::from_writer(Vec::new());
    out.write_record(COLUMNS).map_err(|error| failed(&error))?;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let day = |day: Option<jiff::civil::Date>| day.map(|day| day.to_string()).unwrap_or_default();
    for item in items {
        out.write_record([
            item.id.clone(),
            item.title.clone(),
            item.kind.word().to_owned(),
            item.state.clone(),
            item.priority.map_or("", Priority::word).to_owned(),
            item.labels.join(", "),
            text(&item.assignee),
            text(&item.milestone),
            text(&item.parent),
            item.depends.join(", "),
            day(item.start),
            day(item.due),
            text(&item.estimate),
            day(item.created),
            text(&item.origin),
            item.body.clone(),
        ])
        .map_err(|error| failed(&error))?;
    }
    let bytes = out.into_inner().map_err(|error| failed(&error))?;
    String::from_utf8(bytes).map_err(|error| failed(&error))
}

pub(super) fn read(text: &str) -> Result<(Vec<Incoming>, Vec<Problem>), Problem> {
    let text = text.trim_start_matches('\u{feff}');
    let first = text.lines().next().unwrap_or_default();
    // Excel says in a line of its own what stands between the cells.
    let told = first.strip_prefix("sep=").and_then(|mark| mark.bytes().next());
    let text = match told {
        Some(_) => text.split_once('\n').map_or("", |(_, rest)| rest),
        None => text,
    };
    let first = text.lines().next().unwrap_or_default();
    // What spreadsheets of several countries write.
    let delimiter = told.or([b',', b';', b'\t']
        .into_iter()
        .max_by_key(|mark| first.bytes().filter(|byte| byte == mark).count()));
    let mut rows = csv::ReaderBuilder::new()
        .delimiter(delimiter.unwrap_or(b','))
        .flexible(true)
        .from_reader(text.as_bytes());
    let broken = |error: csv::Error| {
        let line = error.position().map_or(0, |place| place.line() as u32);
        Problem::user(msg!("plan-import-csv"))
            .code("unreadable")
            .details(&error)
            .at_place(Path::new(""), line, 0)
    };
    let names: Vec<String> = rows
        .headers()
        .map_err(broken)?
        .iter()
        .map(|name| name.trim().to_owned())
        .collect();
    let keys: Vec<Option<&'static str>> = names.iter().map(|name| key_of(&words::plain(name))).collect();
    if !keys.contains(&Some("title")) {
        return Err(
            Problem::user(msg!("plan-import-no-title")).hint(msg!("plan-import-no-title-hint", words = COLUMNS.join(", ")))
        );
    }
    let (mut incoming, mut problems) = (Vec::new(), head_problems(&names, &keys));
    // A quote that nobody closes takes everything behind it into one cell.
    let is_open = text.bytes().filter(|byte| *byte == b'"').count() % 2 == 1;
    for (number, row) in rows.records().enumerate() {
        let row = match row {
            Ok(row) => row,
            Err(error) => {
                problems.push(broken(error));
                continue;
            }
        };
        if is_open && rows_end(&row, text) {
            let line = row.position().map_or(0, |place| place.line() as u32);
            let problem = Problem::user(msg!("plan-import-quote", n = number + 1)).code("unreadable");
            problems.push(problem.at_place(Path::new(""), line, 0));
            continue;
        }
        match incoming_of(&names, &keys, &row) {
            Some(mut read) => {
                read.number = number + 1;
                incoming.push(read);
            }
            None => problems.push(Problem::user(msg!("plan-import-row", n = number + 1)).code("row")),
        }
    }
    Ok((incoming, problems))
}

/// The key of a column by its plain head.
fn key_of(head: &str) -> Option<&'static str> {
    let mut keys = item::KEYS.iter().copied();
    let named = keys.find(|key| item::names_of(key).contains(&head));
    named
        .or_else(|| (head == "body").then_some("body"))
        .or_else(|| words::key_of(head))
}

/// Columns that no key is meant by, and keys that two columns are for.
fn head_problems(names: &[String], keys: &[Option<&'static str>]) -> Vec<Problem> {
    let mut out = Vec::new();
    let others: Vec<&str> = names
        .iter()
        .zip(keys)
        .filter(|(name, key)| key.is_none() && !name.is_empty())
        .map(|(name, _)| name.as_str())
        .collect();
    if !others.is_empty() {
        let problem = Problem::user(msg!("plan-import-columns", names = SafeText::new(&others.join(", "))));
        let hint = msg!("plan-import-no-title-hint", words = COLUMNS.join(", "));
        out.push(problem.code("columns").hint(hint));
    }
    for (index, key) in keys.iter().enumerate() {
        if let Some(key) = key.filter(|key| keys[..index].contains(&Some(*key))) {
            let problem = Problem::user(msg!(
                "plan-import-column-twice",
                key = key,
                name = SafeText::new(&names[index])
            ));
            out.push(problem.code("columns"));
        }
    }
    out
}

/// The row is the last one, and a cell of it goes over several lines.
fn rows_end(row: &csv::StringRecord, text: &str) -> bool {
    let end = text.trim_end();
    let last = row.iter().next_back().unwrap_or_default().trim_end();
    last.contains('\n') && end.ends_with(last)
}

fn incoming_of(names: &[String], keys: &[Option<&'static str>], row: &csv::StringRecord) -> Option<Incoming> {
    let mut out = Incoming::default();
    let mut draft = Draft::default();
    let mut found: Vec<(&'static str, String)> = Vec::new();
    for ((name, key), cell) in names.iter().zip(keys).zip(row.iter()) {
        let value = cell.trim();
        if value.is_empty() {
            continue;
        }
        let text = value.to_owned();
        match key {
            Some("id") => out.id = Some(text),
            Some("title") => draft.title = text,
            Some(key @ ("start" | "due")) if !item::names_of(key).contains(&words::plain(name).as_str()) => {
                let day = words::day_of(value).map_or(text, |day| day.to_string());
                found.push((key, day));
            }
            Some(key @ ("type" | "priority" | "start" | "due" | "estimate")) => {
                found.push((key, words::value_of(key, value).to_owned()));
            }
            Some("state") => draft.state = Some(words::value_of("state", value).to_owned()),
            Some("labels") => draft.labels = words_in(value),
            Some("assignee") => draft.assignee = Some(text),
            Some("milestone") => draft.milestone = Some(text),
            Some("parent") => draft.parent = Some(text),
            Some("depends") => draft.depends = words_in(value),
            Some("created") => draft.created = date(Some(text)),
            Some("origin") => draft.origin = Some(text),
            Some("body") => draft.body = super::clean_body(cell),
            _ => keep(&mut draft, name, &Value::from(value)),
        }
    }
    if draft.title.is_empty() {
        return None;
    }
    out.draft = draft;
    for (key, word) in found {
        set_word(&mut out, key, &word);
    }
    Some(out)
}
