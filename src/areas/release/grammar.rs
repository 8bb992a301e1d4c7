//! What a commit message says of the change: as the project itself says, in Conventional Commits 1.0.0, and in ERPLibre's and Odoo's
//! `[ADD] module: text`.

use super::{ChangeKind, Level};
use crate::areas::devops::project::{CommitLevel, CommitRule};
use regex::Regex;

/// What was read from one message.
#[derive(Clone, Debug, PartialEq)]
pub struct Said {
    pub kind: ChangeKind,
    pub scope: Option<String>,
    /// The description without type and scope.
    pub text: String,
    /// What breaks, when something does.
    pub breaking: Option<String>,
    /// The plan item named by a `Plan:` line.
    pub item: Option<String>,
    /// How far the version moves because of it; None when users see nothing of it.
    pub level: Option<Level>,
    /// The commit that it takes back.
    pub reverts: Option<Reverted>,
}

/// What a message says of the commit that it takes back.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reverted {
    /// The whole first line of that commit.
    pub subject: Option<String>,
    pub oid: Option<String>,
}

/// How commits are written in a project: its own rules come before what is usual.
#[derive(Clone, Debug, Default)]
pub struct Grammar(Vec<(Regex, CommitRule)>);

impl Grammar {
    /// What is no regular expression is told with the project file, and left out here.
    pub fn of(rules: &[CommitRule]) -> Self {
        let compiled = rules
            .iter()
            .filter_map(|rule| Some((Regex::new(&rule.pattern).ok()?, rule.clone())));
        Self(compiled.collect())
    }

    /// What the first rule that fits says. The text is the group of that name, else what stands behind the match, else the whole line.
    fn own(&self, subject: &str) -> Option<Said> {
        let (found, rule) = self
            .0
            .iter()
            .find_map(|(regex, rule)| Some((regex.captures(subject)?, rule)))?;
        let group = |name: &str| {
            found
                .name(name)
                .map(|part| part.as_str().trim())
                .filter(|text| !text.is_empty())
        };
        let behind = subject[found.get(0)?.end()..].trim();
        let text = group("text").unwrap_or(if behind.is_empty() { subject } else { behind });
        let usual = match rule.group {
            ChangeKind::Added | ChangeKind::Deprecated | ChangeKind::Removed => Some(Level::Minor),
            ChangeKind::Changed | ChangeKind::Fixed | ChangeKind::Security => Some(Level::Patch),
            ChangeKind::Other => None,
        };
        let level = match rule.level {
            Some(CommitLevel::Major) => Some(Level::Major),
            Some(CommitLevel::Minor) => Some(Level::Minor),
            Some(CommitLevel::Patch) => Some(Level::Patch),
            Some(CommitLevel::None) => None,
            None => usual,
        };
        Some(Said {
            kind: rule.group,
            scope: group("scope").map(str::to_owned),
            text: text.to_owned(),
            breaking: (level == Some(Level::Major)).then(|| text.to_owned()),
            item: None,
            level,
            reverts: None,
        })
    }
}

/// Reads a whole commit message. One that follows no grammar counts as a small change, because nobody said it is none.
pub fn read(message: &str, grammar: &Grammar) -> Said {
    let message = message.trim();
    let subject = message.lines().next().unwrap_or("").trim();
    let mut said = grammar
        .own(subject)
        .or_else(|| conventional(message))
        .or_else(|| bracketed(subject))
        .unwrap_or_else(|| free(subject));
    if said.breaking.is_none() {
        said.breaking = breaking_footer(message);
    }
    if said.breaking.is_some() {
        said.level = Some(Level::Major);
    }
    said.item = item(message);
    said.reverts = reverted(message);
    if ["fixup!", "squash!", "amend!"].iter().any(|mark| subject.starts_with(mark)) {
        // A part of another commit that was not put together yet: nothing that users are told.
        (said.kind, said.level, said.breaking) = (ChangeKind::Other, None, None);
    }
    said
}

/// `Revert "SUBJECT"`, `revert: SUBJECT`, and what git writes below: `This reverts commit OID`.
fn reverted(message: &str) -> Option<Reverted> {
    let subject = message.lines().next().unwrap_or("").trim();
    let quoted = subject.strip_prefix("Revert \"").and_then(|rest| rest.strip_suffix('"'));
    let typed = || {
        let (kind, rest) = subject.split_once(':')?;
        let kind = kind.split('(').next().unwrap_or(kind).trim_end_matches('!');
        kind.eq_ignore_ascii_case("revert").then(|| rest.trim())
    };
    let marked = || subject.strip_prefix("[REV]").map(str::trim);
    let oid = message.split_once("This reverts commit ").and_then(|(_, rest)| {
        let end = rest.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(rest.len());
        (end >= 7).then(|| rest[..end].to_owned())
    });
    let subject = quoted.or_else(typed).or_else(marked).map(str::to_owned);
    (subject.is_some() || oid.is_some()).then_some(Reverted { subject, oid })
}

fn conventional(message: &str) -> Option<Said> {
    // A body or footer that the grammar refuses must not lose what the first line says.
    let commit = git_conventional::Commit::parse(message)
        .or_else(|_| git_conventional::Commit::parse(message.lines().next().unwrap_or("")))
        .ok()?;
    let (kind, level) = match commit.type_().as_str().to_ascii_lowercase().as_str() {
        "feat" | "feature" => (ChangeKind::Added, Some(Level::Minor)),
        "fix" | "bugfix" | "hotfix" => (ChangeKind::Fixed, Some(Level::Patch)),
        "perf" | "revert" | "improvement" => (ChangeKind::Changed, Some(Level::Patch)),
        "security" | "sec" => (ChangeKind::Security, Some(Level::Patch)),
        "deprecate" | "deprecated" => (ChangeKind::Deprecated, Some(Level::Minor)),
        "remove" | "removed" => (ChangeKind::Removed, Some(Level::Minor)),
        "build" | "chore" | "ci" | "docs" | "doc" | "refactor" | "style" | "test" | "tests" | "release" | "wip" => {
            (ChangeKind::Other, None)
        }
        // `window: the list scrolls`: a word and a colon, which is the subsystem and not one of the types.
        _ => (by_verb(commit.description().trim()), Some(Level::Patch)),
    };
    let is_type = level.is_some_and(|level| level != Level::Patch)
        || !matches!(kind, ChangeKind::Changed | ChangeKind::Fixed)
        || is_fix_type(commit.type_().as_str())
        || is_change_type(commit.type_().as_str());
    Some(Said {
        kind,
        scope: commit.scope().map(|scope| scope.as_str().to_owned()),
        text: if commit.type_().as_str().eq_ignore_ascii_case("revert") {
            // Without the word it would tell the opposite.
            format!("Revert {}", commit.description().trim())
        } else if is_type {
            commit.description().trim().to_owned()
        } else {
            message.lines().next().unwrap_or("").trim().to_owned()
        },
        breaking: commit.breaking_description().map(|text| text.trim().to_owned()),
        item: None,
        level,
        reverts: None,
    })
}

fn is_fix_type(word: &str) -> bool {
    ["fix", "bugfix", "hotfix"]
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known))
}

/// What a line that follows no grammar begins with: `Fix the list`, `fixed: …`.
fn by_verb(text: &str) -> ChangeKind {
    let first = text.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    if ["fix", "fixes", "fixed"]
        .iter()
        .any(|known| first.eq_ignore_ascii_case(known))
    {
        ChangeKind::Fixed
    } else {
        ChangeKind::Changed
    }
}

/// `ignore-0.4.33`, `Release 1.2.3`, `v1.2.3`, `🔖 1.2.3`: a commit that only makes a version.
fn is_of_release(subject: &str) -> bool {
    let subject = subject.trim_start_matches(|c: char| !c.is_ascii());
    let words: Vec<&str> = subject.split_whitespace().collect();
    let number = match words.as_slice() {
        [one] => one.rsplit_once(['-', '@']).map_or(*one, |(_, number)| number),
        [first, number] if first.eq_ignore_ascii_case("release") => *number,
        _ => return false,
    };
    semver::Version::parse(number.trim_start_matches('v')).is_ok()
}

fn is_change_type(word: &str) -> bool {
    ["perf", "revert", "improvement"]
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known))
}

/// `[ADD] sale_stock: text`; several marks may stand in a row.
fn bracketed(subject: &str) -> Option<Said> {
    let mut rest = subject;
    let mut found = None;
    while let Some((word, behind)) = rest.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        let kind = match word.trim().to_ascii_uppercase().as_str() {
            "ADD" | "NEW" => Some((ChangeKind::Added, Some(Level::Minor))),
            "FIX" => Some((ChangeKind::Fixed, Some(Level::Patch))),
            "UPD" | "IMP" | "PERF" | "MOV" | "REV" | "MIG" => Some((ChangeKind::Changed, Some(Level::Patch))),
            "REM" | "DEL" => Some((ChangeKind::Removed, Some(Level::Minor))),
            "SEC" => Some((ChangeKind::Security, Some(Level::Patch))),
            "REF" | "DOC" | "DOCS" | "TEST" | "I18N" | "CLA" | "CI" | "LINT" | "REL" | "MERGE" | "WIP" => {
                Some((ChangeKind::Other, None))
            }
            _ => None,
        };
        found = found.or(kind);
        rest = behind.trim_start();
    }
    let (kind, level) = found?;
    let is_module = |word: &str| {
        !word.is_empty()
            && word
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '*' | ',' | '/'))
    };
    let (scope, text) = match rest.split_once(':') {
        Some((module, text)) if is_module(module.trim()) => (Some(module.trim().to_owned()), text.trim()),
        _ => (None, rest.trim()),
    };
    Some(Said {
        kind,
        scope,
        text: text.to_owned(),
        breaking: None,
        item: None,
        level,
        reverts: None,
    })
}

fn free(subject: &str) -> Said {
    let (kind, level) = if is_of_release(subject) {
        (ChangeKind::Other, None)
    } else {
        (by_verb(subject), Some(Level::Patch))
    };
    Said {
        kind,
        scope: None,
        text: subject.to_owned(),
        breaking: None,
        item: None,
        level,
        reverts: None,
    }
}

/// The `BREAKING CHANGE:` footer of a message that is not a conventional one otherwise.
fn breaking_footer(message: &str) -> Option<String> {
    message.lines().skip(1).find_map(|line| {
        let text = line
            .strip_prefix("BREAKING CHANGE:")
            .or_else(|| line.strip_prefix("BREAKING-CHANGE:"))?;
        Some(text.trim().to_owned())
    })
}

fn item(message: &str) -> Option<String> {
    // The first line is the subject: `plan: tides` is work on plans.
    let (_, below) = message.split_once('\n')?;
    below.lines().rev().find_map(|line| {
        let id = line.strip_prefix("Plan:").or_else(|| line.strip_prefix("plan:"))?.trim();
        (!id.is_empty() && !id.contains(char::is_whitespace)).then(|| id.to_owned())
    })
}
