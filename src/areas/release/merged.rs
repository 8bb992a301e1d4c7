//! What commits do not say of themselves: the pull requests by which their branches were merged, and those that only keep the log of
//! changes. Read through git's program.

use super::history::repo;
use crate::adapters::World;
use crate::base::{Problem, Workspace};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tokio_util::sync::CancellationToken;

/// Merges within merges that are looked into for one commit.
const MAX_NUMBERS: usize = 8;

/// The pull requests by which the commits of a range came, as a text would name them: `#12`, `!12`.
pub(super) async fn numbers(
    world: &World,
    workspace: &Workspace,
    range: &str,
    cancel: &CancellationToken,
) -> Result<BTreeMap<String, Vec<String>>, Problem> {
    let git = world.git_program();
    let args = ["log", "-z", "--merges", "--format=%H%x1f%B", range, "--"];
    let answer = git.read(repo(world, workspace), &args, cancel).await?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let merges: BTreeMap<&str, String> = answer
        .split('\0')
        .filter_map(|record| {
            let (oid, message) = record.trim_start().split_once('\u{1f}')?;
            Some((oid, number(message)?))
        })
        .collect();
    if merges.is_empty() {
        return Ok(BTreeMap::new());
    }
    let answer = git
        .read(
            repo(world, workspace),
            &["rev-list", "--parents", "--topo-order", range, "--"],
            cancel,
        )
        .await?;
    Ok(through(&String::from_utf8_lossy(&answer), &merges))
}

/// The number in the message of a merge: of GitHub's, bors', Bitbucket's or GitLab's.
fn number(message: &str) -> Option<String> {
    let digits = |text: &str| -> Option<String> {
        let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
        (!digits.is_empty()).then_some(digits)
    };
    let subject = message.lines().next().unwrap_or_default();
    let asked = ["ull request #", "Merge #", "Merge PR #", "merge of #"]
        .iter()
        .find_map(|word| digits(subject.split_once(word)?.1));
    if let Some(n) = asked {
        return Some(format!("#{n}"));
    }
    let named = message
        .lines()
        .find_map(|line| line.trim().strip_prefix("See merge request "))?;
    Some(format!("!{}", digits(named.split_once('!')?.1)?))
}

/// Follows the first parents from the newest commit of a range to its oldest, and into every branch that was merged there: what only a
/// branch brought came by the number of its merge. `lines` are `COMMIT PARENT ...`, the newest first.
fn through(lines: &str, merges: &BTreeMap<&str, String>) -> BTreeMap<String, Vec<String>> {
    let mut parents: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut newest = None;
    for line in lines.lines() {
        let mut words = line.split(' ');
        let Some(oid) = words.next().filter(|oid| !oid.is_empty()) else {
            continue;
        };
        newest = newest.or(Some(oid));
        parents.insert(oid, words.collect());
    }
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut found = BTreeMap::new();
    let mut open: Vec<(Vec<&str>, Vec<String>)> = Vec::new();
    open.extend(newest.map(|tip| (line_of(&parents, tip, &seen), Vec::new())));
    while let Some((line, numbers)) = open.last_mut() {
        let Some(oid) = line.pop() else {
            open.pop();
            continue;
        };
        if !seen.insert(oid) {
            continue;
        }
        let numbers = numbers.clone();
        let merged = parents
            .get(oid)
            .map_or(&[][..], |parents| parents.get(1..).unwrap_or_default());
        if !merged.is_empty() {
            let mut inner = numbers;
            inner.extend(merges.get(oid).cloned());
            inner.truncate(MAX_NUMBERS);
            let branches = merged.iter().map(|tip| (line_of(&parents, tip, &seen), inner.clone()));
            open.extend(branches);
        } else if !numbers.is_empty() {
            found.insert(oid.to_owned(), numbers);
        }
    }
    found
}

/// A commit and those before it along the first parents, the newest first, as far as they are in the range and not looked at yet.
fn line_of<'a>(parents: &BTreeMap<&'a str, Vec<&'a str>>, tip: &str, seen: &BTreeSet<&str>) -> Vec<&'a str> {
    let mut line = Vec::new();
    let mut at = parents.get_key_value(tip);
    while let Some((oid, above)) = at.filter(|(oid, _)| !seen.contains(**oid)) {
        line.push(*oid);
        at = above.first().and_then(|parent| parents.get_key_value(parent));
    }
    line
}

/// The commits of a range that change nothing but these files, or what is in these folders. Their paths count from the workspace.
pub(super) async fn only_in(
    world: &World,
    workspace: &Workspace,
    range: &str,
    places: &[&Path],
    cancel: &CancellationToken,
) -> Result<BTreeSet<String>, Problem> {
    let (git, repo) = (world.git_program(), repo(world, workspace));
    // Names count from the top of the repository, which may be above the workspace.
    let inside = git.read(repo, &["rev-parse", "--show-prefix"], cancel).await?;
    let inside = String::from_utf8_lossy(inside.trim_ascii_end()).into_owned();
    let words: Vec<String> = places.iter().map(|path| format!(":(literal){}", path.display())).collect();
    let mut args = vec!["log", "--no-merges", "--full-history", "--full-diff", "--name-only"];
    args.extend(["--format=%x1e%H", range, "--"]);
    args.extend(words.iter().map(String::as_str));
    let answer = git.read(repo, &args, cancel).await?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let is_one = |name: &str| {
        let name = name.strip_prefix(inside.as_str()).map(Path::new);
        name.is_some_and(|name| places.iter().any(|place| name.starts_with(place)))
    };
    let found = answer.split('\u{1e}').filter_map(|record| {
        let mut lines = record.lines().filter(|line| !line.is_empty());
        let oid = lines.next()?;
        lines.all(is_one).then(|| oid.to_owned())
    });
    Ok(found.collect())
}
