//! The file over what it includes, `!reference` put in, and patterns of files.

use super::super::yaml::{self, Key, Node, Yaml};
use super::super::{Facts, Lack, Weight};
use crate::base::{Msg, Problem};
use crate::msg;
use ignore::gitignore::GitignoreBuilder;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Files that may be included together.
const MAX_INCLUDES: usize = 64;
/// References in references.
const MAX_LEVELS: usize = 24;

/// The file over the files that it includes.
pub(super) fn with_includes(
    path: &Path,
    text: &str,
    facts: &Facts<'_>,
    seen: &mut BTreeSet<PathBuf>,
    lacks: &mut Vec<Lack>,
    problems: &mut Vec<Problem>,
) -> Option<Node> {
    let root = match yaml::read(text) {
        Ok(root) => root,
        Err(flaw) => {
            let problem = Problem::config(msg!("build-ci-yaml")).code("yaml").details(flaw.why);
            problems.push(problem.at_place(path, flaw.line, flaw.column));
            return None;
        }
    };
    let mut merged: Option<Node> = None;
    for (wanted, line) in root.get("include").map(includes).unwrap_or_default() {
        let wanted = match wanted {
            Ok(wanted) => wanted,
            Err(what) => {
                lacks.push(Lack {
                    weight: Weight::Skipped,
                    what,
                    line: Some(line),
                });
                continue;
            }
        };
        let plain = wanted.trim_start_matches('/');
        let found = if plain.contains('*') {
            matching(facts.paths, &[plain.to_owned()])
        } else {
            vec![PathBuf::from(plain)]
        };
        for file in found {
            if seen.len() >= MAX_INCLUDES || !seen.insert(file.clone()) {
                continue;
            }
            let Some(text) = (facts.text)(&file) else {
                let problem = Problem::config(msg!("build-ci-include-missing", path = file.display().to_string()));
                problems.push(problem.code("config").at_place(path, line, 1));
                continue;
            };
            if let Some(included) = with_includes(&file, &text, facts, seen, lacks, problems) {
                merged = Some(match merged {
                    Some(before) => over(&before, &included),
                    None => included,
                });
            }
        }
    }
    Some(match merged {
        Some(merged) => over(&merged, &root),
        None => root,
    })
}

/// What `include` names: paths in this repository, or why it can not be had.
fn includes(node: &Node) -> Vec<(Result<String, Msg>, u32)> {
    let of_text = |text: String| {
        if text.starts_with("http://") || text.starts_with("https://") {
            Err(msg!("build-ci-include-elsewhere", what = text))
        } else {
            Ok(text)
        }
    };
    let one = |item: &Node| {
        let wanted = match &item.value {
            Yaml::Map(_) => match item.get("local").and_then(Node::text) {
                Some(local) => Ok(local),
                None => {
                    let words: Vec<String> = item.entries().iter().flat_map(|(_, value)| value.texts()).collect();
                    Err(msg!("build-ci-include-elsewhere", what = words.join(" ")))
                }
            },
            _ => of_text(item.text().unwrap_or_default()),
        };
        (wanted, item.line)
    };
    match &node.value {
        Yaml::List(items) => items.iter().map(one).collect(),
        _ => vec![one(node)],
    }
}

/// Maps joined key by key, everything else replaced.
pub(super) fn over(before: &Node, after: &Node) -> Node {
    let (Yaml::Map(base), Yaml::Map(entries)) = (&before.value, &after.value) else {
        return after.clone();
    };
    let mut joined = base.clone();
    for (key, value) in entries {
        match joined.iter_mut().find(|(known, _)| known.text == key.text) {
            Some(known) => *known = (key.clone(), over(&known.1, value)),
            None => joined.push((key.clone(), value.clone())),
        }
    }
    Node {
        value: Yaml::Map(joined),
        ..after.clone()
    }
}

/// Puts in what `!reference [job, key]` names.
pub(super) struct Referring<'a> {
    pub(super) root: &'a Node,
}

impl Referring<'_> {
    pub(super) fn resolved(&self, node: &Node, level: usize) -> Node {
        if level > MAX_LEVELS {
            return Node::null();
        }
        if node.tag.as_deref() == Some("reference") {
            let target = node.texts().iter().try_fold(self.root, |at, key| at.get(key));
            return target.map_or_else(Node::null, |target| self.resolved(target, level + 1));
        }
        let value = match &node.value {
            Yaml::Scalar { .. } => return node.clone(),
            Yaml::List(items) => {
                let mut resolved = Vec::new();
                for item in items {
                    let is_spliced = item.tag.as_deref() == Some("reference");
                    let item = self.resolved(item, level + 1);
                    match item.value {
                        Yaml::List(inner) if is_spliced => resolved.extend(inner),
                        value => resolved.push(Node { value, ..item }),
                    }
                }
                Yaml::List(resolved)
            }
            Yaml::Map(entries) => {
                let one = |(key, value): &(Key, Node)| (key.clone(), self.resolved(value, level + 1));
                Yaml::Map(entries.iter().map(one).collect())
            }
        };
        Node { value, ..node.clone() }
    }
}

/// Files that patterns of GitLab choose.
pub(super) fn matching(paths: &[PathBuf], patterns: &[String]) -> Vec<PathBuf> {
    let mut builder = GitignoreBuilder::new("/");
    for pattern in patterns {
        drop(builder.add_line(
            None,
            &format!("/{}", pattern.trim_start_matches("./").trim_start_matches('/')),
        ));
    }
    let Ok(matcher) = builder.build() else { return Vec::new() };
    let is_chosen = |path: &&PathBuf| {
        matcher
            .matched_path_or_any_parents(Path::new("/").join(path), false)
            .is_ignore()
    };
    paths.iter().filter(is_chosen).cloned().collect()
}
