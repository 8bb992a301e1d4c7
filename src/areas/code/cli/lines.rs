//! `chantier code blame` and `chantier code compare`: what is said.

use crate::areas::code::model::RepoModel;
use crate::base::repo::Comparison;
use crate::base::{Catalog, format};
use serde_json::{Value, json};

pub(super) fn blame_json(repo: &RepoModel) -> Value {
    let Some(blame) = &repo.blame else { return Value::Null };
    let lines: Vec<Value> = (0_u32..)
        .zip(&blame.lines)
        .map(|(at, text)| {
            json!({
                "line": at + 1,
                "commit": blame.number_of(at),
                "original_line": blame.original(at).map(|line| line + 1),
                "text": text,
            })
        })
        .collect();
    json!({ "path": blame.path, "rev": blame.rev, "commits": blame.commits, "lines": lines })
}

/// `3f9c2ab Ada Lovelace 2024-03-01 12) text`
pub(super) fn blame(repo: &RepoModel, texts: &Catalog) -> String {
    let Some(blame) = &repo.blame else { return String::new() };
    let width = blame.lines.len().to_string().len();
    let mut out = String::new();
    for (at, line) in (0_u32..).zip(&blame.lines) {
        let who = match blame.commit_of(at) {
            Some(commit) => match &commit.oid {
                Some(oid) => format!(
                    "{} {:<20.20} {}",
                    format::short_oid(oid),
                    commit.author,
                    commit.authored.strftime("%Y-%m-%d")
                ),
                None => format!("{:<39.39}", texts.t("code-blame-uncommitted")),
            },
            None => format!("{:<39}", "?"),
        };
        out.push_str(&format!("{who} {:>width$}) {line}\n", at + 1));
    }
    out
}

pub(super) fn comparison(repo: &RepoModel, has_diffs: bool) -> (Value, String) {
    let found = repo.comparison.as_ref().and_then(|(_, comparison)| comparison.value());
    let mut data = json!(found);
    if let (true, Value::Object(fields)) = (has_diffs, &mut data) {
        fields.insert("diffs".to_owned(), json!(repo.diffs));
    }
    (data, found.map_or_else(String::new, words))
}

fn words(found: &Comparison) -> String {
    super::text::files(&found.files)
}
