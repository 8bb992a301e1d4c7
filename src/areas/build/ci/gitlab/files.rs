//! The file over what it includes, `!reference` put in, and patterns of files.

use super::super::yaml::{Key, Node, Yaml};
use super::super::{Facts, Lack, Weight};
use super::inputs;
use super::judge::verdict;
use crate::base::{Msg, Problem};
use crate::msg;
use ignore::gitignore::GitignoreBuilder;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Files that may be included together.
const MAX_INCLUDES: usize = 64;
/// Patterns that braces may come to.
const MAX_PATTERNS: usize = 256;
/// References in references.
const MAX_LEVELS: usize = 24;

/// Reads files over those that they include.
pub(super) struct Including<'a> {
    pub(super) facts: &'a Facts<'a>,
    /// Variables that rules of an include may ask for: those of GitLab, none of the file.
    pub(super) known: &'a BTreeMap<String, String>,
    /// Files with what they are given.
    pub(super) seen: BTreeSet<(PathBuf, String)>,
    pub(super) lacks: Vec<Lack>,
    pub(super) problems: Vec<Problem>,
}

impl Including<'_> {
    /// The file over the files that it includes, with the inputs that it is given.
    pub(super) fn file(&mut self, path: &Path, text: &str, given: Option<&Node>) -> Option<Node> {
        let root = match inputs::read(path, text, given, &mut self.problems) {
            Ok(root) => root,
            Err(flaw) => {
                let problem = Problem::config(msg!("build-ci-yaml")).code("yaml").details(flaw.why);
                self.problems.push(problem.at_place(path, flaw.line, flaw.column));
                return None;
            }
        };
        let mut merged: Option<Node> = None;
        for item in root.get("include").map(items).unwrap_or_default() {
            if !self.is_meant(&item) {
                continue;
            }
            let wanted = match wanted(&item) {
                Ok(wanted) => wanted,
                Err(what) => {
                    self.lacks.push(Lack {
                        weight: Weight::Skipped,
                        what,
                        line: Some(item.line),
                    });
                    continue;
                }
            };
            let plain = wanted.trim_start_matches('/');
            let found = if plain.contains('*') {
                matching(self.facts.paths, &[plain.to_owned()])
            } else {
                vec![PathBuf::from(plain)]
            };
            let given = item.get("inputs");
            let words = given.map(|given| given.json().to_string()).unwrap_or_default();
            for file in found {
                if self.seen.len() >= MAX_INCLUDES || !self.seen.insert((file.clone(), words.clone())) {
                    continue;
                }
                let Some(text) = (self.facts.text)(&file) else {
                    let problem = Problem::config(msg!("build-ci-include-missing", path = file.display().to_string()));
                    self.problems.push(problem.code("config").at_place(path, item.line, 1));
                    continue;
                };
                if let Some(included) = self.file(&file, &text, given) {
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

    /// What the rules of an include come to.
    fn is_meant(&mut self, item: &Node) -> bool {
        let Some(rules) = item.get("rules") else { return true };
        let verdict = verdict(rules, self.known, self.facts, &mut self.lacks);
        verdict.is_some_and(|verdict| verdict.when != "never")
    }
}

fn items(include: &Node) -> Vec<Node> {
    match &include.value {
        Yaml::List(items) => items.clone(),
        _ => vec![include.clone()],
    }
}

/// What one item of `include` names: a path in this repository, or why it can not be had.
fn wanted(item: &Node) -> Result<String, Msg> {
    if let Yaml::Map(entries) = &item.value {
        return item.get("local").and_then(Node::text).ok_or_else(|| {
            let words = entries
                .iter()
                .filter(|(key, _)| !matches!(key.text.as_str(), "inputs" | "rules"))
                .flat_map(|(_, value)| value.texts());
            msg!("build-ci-include-elsewhere", what = words.collect::<Vec<_>>().join(" "))
        });
    }
    let text = item.text().unwrap_or_default();
    if text.starts_with("http://") || text.starts_with("https://") {
        return Err(msg!("build-ci-include-elsewhere", what = text));
    }
    Ok(text)
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

/// Whether patterns of GitLab choose one of these files: a folder is no file below it, and `{a,b}` is one of two.
pub(super) fn is_one_of(paths: &[PathBuf], patterns: &[String]) -> bool {
    let mut builder = GitignoreBuilder::new("/");
    for pattern in patterns.iter().flat_map(|pattern| without_braces(pattern)) {
        drop(builder.add_line(
            None,
            &format!("/{}", pattern.trim_start_matches("./").trim_start_matches('/')),
        ));
    }
    let Ok(matcher) = builder.build() else { return false };
    paths
        .iter()
        .any(|path| matcher.matched(Path::new("/").join(path), false).is_ignore())
}

/// `*.{a,b}` as `*.a` and `*.b`.
fn without_braces(pattern: &str) -> Vec<String> {
    let mut open = vec![pattern.to_owned()];
    let mut done = Vec::new();
    while let Some(pattern) = open.pop() {
        let inner = pattern
            .rfind('{')
            .and_then(|start| Some((start, start + pattern[start..].find('}')?)));
        match inner.filter(|_| done.len() + open.len() < MAX_PATTERNS) {
            Some((start, end)) => {
                let words = pattern[start + 1..end].split(',');
                open.extend(words.map(|word| format!("{}{word}{}", &pattern[..start], &pattern[end + 1..])));
            }
            None => done.push(pattern),
        }
    }
    done
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
