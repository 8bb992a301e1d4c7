//! Versions and commits as git has them: tags that HEAD can reach, and the commits since the last one. Read through git's program.

use super::grammar::{self, Grammar};
use super::{Change, ChangeKind, Last, Level, Package, changelog, files, locks, merged, packages, version};
use crate::adapters::World;
use crate::adapters::git::program::Repo;
use crate::areas::devops::bump::VersionFile;
use crate::areas::devops::project::ReleaseRules;
use crate::base::{Problem, SafeText, Timestamp, Workspace};
use crate::msg;
use semver::Version;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use tokio_util::sync::CancellationToken;

/// Packages that are named where one has to be chosen.
const NAMED: usize = 12;

/// Folders whose lock files are read.
const MAX_LOCK_FOLDERS: usize = 500;

/// A version's tag.
#[derive(Clone, Debug, PartialEq)]
pub struct Tagged {
    pub version: Version,
    pub tag: String,
    pub commit: String,
    pub at: Option<Timestamp>,
}

impl Tagged {
    pub fn last(&self) -> Last {
        Last {
            version: self.version.to_string(),
            tag: self.tag.clone(),
            commit: self.commit.clone(),
            at: self.at,
        }
    }
}

/// The repository of a workspace, with the protections that its trust asks for.
pub fn repo<'a>(world: &World, workspace: &'a Workspace) -> Repo<'a> {
    Repo {
        root: &workspace.root,
        is_trusted: world.trust().check(workspace).is_ok(),
    }
}

/// `NAME <ADDRESS>`, as git would write it into a commit now.
pub async fn committer(world: &World, workspace: &Workspace, cancel: &CancellationToken) -> Result<String, Problem> {
    let words = world
        .git_program()
        .read(repo(world, workspace), &["var", "GIT_COMMITTER_IDENT"], cancel)
        .await?;
    let text = SafeText::from_bytes(words.trim_ascii()).into_string();
    // Behind the address stand the time and its zone.
    Ok(text.rfind('>').map_or_else(String::new, |end| text[..=end].to_owned()))
}

/// What the tags of this project look like: what the project file says, else what the highest version's tag has in front (`v`, nothing,
/// `release-`, the project's name), else `v`. The tags of one of its packages are none of the whole's.
pub async fn pattern(
    world: &World,
    workspace: &Workspace,
    rules: &ReleaseRules,
    cancel: &CancellationToken,
) -> Result<String, Problem> {
    if let Some(tag) = &rules.tag {
        return Ok(tag.clone());
    }
    let mut names = match tag_names(world, workspace, cancel).await {
        Ok(names) => names,
        Err(problem) if problem.code == "no-repository" => Vec::new(),
        Err(problem) => return Err(problem),
    };
    // What is wrong with what the project says of its packages is told where they are asked for.
    let packages = packages::find(&workspace.root, rules).unwrap_or_default();
    names.retain(|tag| packages.iter().all(|package| !packages::owns(package, tag)));
    let series = packages::series(&workspace.root);
    let found = version::pattern_in(&names, &workspace.name, series.as_deref());
    Ok(found.unwrap_or_else(|| series.map_or_else(|| version::USUAL_TAG.to_owned(), |series| format!("{series}{{version}}"))))
}

/// Why the whole has no next version: its packages have versions of their own, and nothing says one of the whole. No file does, and no
/// tag, or none that is newer than those of the packages that a tool names. What the project file says of the whole settles it.
pub async fn only_packages(
    world: &World,
    workspace: &Workspace,
    rules: &ReleaseRules,
    stated: Option<&Version>,
    newest: Option<&Tagged>,
    cancel: &CancellationToken,
) -> Result<Option<Problem>, Problem> {
    if rules.tag.is_some() || !rules.version_files.is_empty() {
        return Ok(None);
    }
    let packages = packages::find(&workspace.root, rules).unwrap_or_default();
    let pattern = pattern(world, workspace, rules, cancel).await?;
    let next = version::tag_for(&Version::new(0, 1, 0), &pattern);
    let is_a_packages = packages.iter().any(|package| packages::owns(package, &next));
    let is_stated = stated.is_some_and(|stated| *stated > Version::new(0, 0, 0));
    if is_stated && !is_a_packages {
        return Ok(None);
    }
    let all = refs(world, workspace, &["refs/tags"], cancel).await?;
    let is_named = |package: &Package| rules.packages.iter().any(|rule| rule.name == package.name);
    let takes_over = |package: &Package| {
        let mut own = all.iter().filter(|(tag, ..)| packages::owns(package, tag));
        match newest {
            None => own.next().is_some(),
            Some(newest) => !is_named(package) && own.any(|(.., at)| *at > newest.at),
        }
    };
    if !is_a_packages && !packages.iter().any(takes_over) {
        return Ok(None);
    }
    let names: Vec<&str> = packages.iter().take(NAMED).map(|package| package.name.as_str()).collect();
    Ok(Some(
        Problem::user(msg!("release-only-packages", n = packages.len()))
            .code(super::ONLY_PACKAGES)
            .hint(msg!("release-only-packages-hint", names = names.join(", "))),
    ))
}

/// What the tags of a package look like: what is said of it, else what its highest version's tag looks like, else `NAME-v{version}`.
pub async fn pattern_of(
    world: &World,
    workspace: &Workspace,
    package: &Package,
    cancel: &CancellationToken,
) -> Result<String, Problem> {
    if let Some(tag) = &package.tag {
        return Ok(tag.clone());
    }
    let names = tag_names(world, workspace, cancel).await?;
    let usual = || {
        // A name with a slash would make folders of tags.
        let short = package.name.rsplit('/').next().unwrap_or(&package.name);
        let series = package.series.as_deref().unwrap_or("v");
        format!("{short}-{series}{{version}}")
    };
    Ok(packages::pattern_among(&names, package).unwrap_or_else(usual))
}

/// The files that are in the repository or could be.
pub async fn without_ignored(
    world: &World,
    workspace: &Workspace,
    mut files: Vec<VersionFile>,
    cancel: &CancellationToken,
) -> Result<Vec<VersionFile>, Problem> {
    let names: Vec<String> = files.iter().map(|file| file.path.to_string_lossy().into_owned()).collect();
    let mut args = vec!["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"];
    args.extend(names.iter().map(String::as_str));
    if names.is_empty() {
        return Ok(files);
    }
    let answer = world.git_program().read(repo(world, workspace), &args, cancel).await?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let there: Vec<&str> = answer.split('\0').collect();
    files.retain(|file| there.contains(&file.path.to_string_lossy().as_ref()));
    Ok(files)
}

/// The tags that follow the pattern, highest version first; only those that HEAD contains when `merged`.
pub async fn tags(
    world: &World,
    workspace: &Workspace,
    pattern: &str,
    merged: bool,
    cancel: &CancellationToken,
) -> Result<Vec<Tagged>, Problem> {
    let wanted: &[&str] = if merged {
        &["--merged=HEAD", "refs/tags"]
    } else {
        &["refs/tags"]
    };
    let all = refs(world, workspace, wanted, cancel).await?;
    let mut out: Vec<Tagged> = all
        .into_iter()
        .filter_map(|(tag, commit, at)| {
            Some(Tagged {
                version: version::of_tag(&tag, pattern)?,
                tag,
                commit,
                at,
            })
        })
        .collect();
    out.sort_by(|a, b| b.version.cmp(&a.version));
    Ok(out)
}

/// Tags with their commits and times.
async fn refs(
    world: &World,
    workspace: &Workspace,
    wanted: &[&str],
    cancel: &CancellationToken,
) -> Result<Vec<(String, String, Option<Timestamp>)>, Problem> {
    let mut args = vec![
        "for-each-ref",
        "--format=%(refname:strip=2)%00%(objectname)%00%(*objectname)%00%(creatordate:unix)",
    ];
    args.extend(wanted);
    let answer = world.git_program().read(repo(world, workspace), &args, cancel).await?;
    let all = String::from_utf8_lossy(&answer).into_owned();
    let all = all.lines().filter_map(|line| {
        let mut fields = line.split('\0');
        let (tag, object, peeled, date) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
        let commit = if peeled.is_empty() { object } else { peeled };
        let at = date.trim().parse().ok().and_then(|secs| Timestamp::from_second(secs).ok());
        Some((tag.to_owned(), commit.to_owned(), at))
    });
    Ok(all.collect())
}

/// Names of tags, whatever they mean.
pub async fn tag_names(world: &World, workspace: &Workspace, cancel: &CancellationToken) -> Result<Vec<String>, Problem> {
    let all = refs(world, workspace, &["refs/tags"], cancel).await?;
    Ok(all.into_iter().map(|(tag, ..)| tag).collect())
}

/// The commits of HEAD that the given one does not contain, newest first, without merges; below a folder only those that touch it. What
/// lies in a package that the project names is that package's affair alone, and none of the whole's.
/// The range is made of commits before the folder is looked at: a tag on a commit that does not touch it bounds it all the same.
pub async fn changes(
    world: &World,
    workspace: &Workspace,
    since: Option<&str>,
    below: Option<&Path>,
    cancel: &CancellationToken,
) -> Result<Vec<Change>, Problem> {
    let range = since.map_or_else(|| "HEAD".to_owned(), |since| format!("{since}..HEAD"));
    let place = below.map(|path| format!(":(literal){}", path.display()));
    let mut args = vec!["log", "-z", "--no-merges", "--format=%H%x1f%at%x1f%an%x1f%B", &range, "--"];
    args.extend(place.as_deref());
    let answer = world.git_program().read(repo(world, workspace), &args, cancel).await?;
    let rules = files::project(workspace)?.0.release;
    let mut changes = parse(&String::from_utf8_lossy(&answer), &Grammar::of(&rules.commits));
    let apart: Vec<&Path> = packages::apart(&rules, below).collect();
    if !apart.is_empty() && !changes.is_empty() {
        let of_others = merged::only_in(world, workspace, &range, &apart, cancel).await?;
        changes.retain(|change| !of_others.contains(&change.oid));
    }
    if since.is_none() || changes.is_empty() {
        // Of a first version nothing is held against what was told before.
        return Ok(changes);
    }
    let mut numbers = merged::numbers(world, workspace, &range, cancel).await?;
    let own = below.map(|path| path.join("CHANGELOG.md"));
    let logs: Vec<&Path> = own.iter().map(PathBuf::as_path).chain([rules.changelog.as_path()]).collect();
    let only_told = merged::only_in(world, workspace, &range, &logs, cancel).await?;
    for change in &mut changes {
        change.merged_by = numbers.remove(&change.oid).unwrap_or_default();
        if only_told.contains(&change.oid) {
            // The log of changes is none of them.
            (change.kind, change.level, change.breaking) = (ChangeKind::Other, None, None);
        }
    }
    Ok(changes)
}

fn parse(answer: &str, grammar: &Grammar) -> Vec<Change> {
    let mut reverts = Vec::new();
    let mut changes: Vec<Change> = answer
        .split('\0')
        .filter_map(|record| {
            let mut fields = record.trim_start().splitn(4, '\u{1f}');
            let (oid, at, author, message) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
            let said = grammar::read(message, grammar);
            reverts.push((message.lines().next().unwrap_or("").trim().to_owned(), said.reverts));
            Some(Change {
                oid: oid.to_owned(),
                at: at
                    .parse()
                    .ok()
                    .and_then(|secs| Timestamp::from_second(secs).ok())
                    .unwrap_or(Timestamp::UNIX_EPOCH),
                author: SafeText::new(author).into_string(),
                kind: said.kind,
                scope: said.scope.map(|scope| SafeText::new(&scope).into_string()),
                text: one_line(&said.text),
                breaking: said.breaking.map(|text| one_line(&text)),
                item: said.item.map(|item| SafeText::new(&item).into_string()),
                level: said.level,
                is_covered: false,
                merged_by: Vec::new(),
            })
        })
        .collect();
    take_back(&mut changes, &reverts);
    changes
}

/// It goes into a list: one entry, one line.
fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    SafeText::new(&words.join(" ")).into_string()
}

/// The release of another package that exchanged what this one asks for is a change of this one: what it needs is another version.
pub fn mark_dependents(changes: &mut [Change], own: &str) {
    for change in changes.iter_mut().filter(|change| change.scope.as_deref() == Some("release")) {
        let Some((name, number)) = change.text.split_once(' ') else {
            continue;
        };
        if change.kind == ChangeKind::Other && name != own && Version::parse(number).is_ok() {
            change.text = format!("Depends on {name} {number}");
            (change.kind, change.scope, change.level) = (ChangeKind::Changed, None, Some(Level::Patch));
        }
    }
}

/// A change that a later commit of the same range takes back is none, and its return is none either; a return that is taken back itself
/// counts for nothing. Newest first, with each commit's first line and what it takes back.
fn take_back(changes: &mut [Change], reverts: &[(String, Option<grammar::Reverted>)]) {
    let mut is_gone = vec![false; changes.len()];
    for i in 0..changes.len() {
        let Some(reverted) = reverts[i].1.as_ref().filter(|_| !is_gone[i]) else {
            continue;
        };
        // A commit that was rebased since has another number, and its first line still.
        let by_oid = |j: &usize| {
            reverted
                .oid
                .as_ref()
                .is_some_and(|oid| changes[*j].oid.starts_with(oid.as_str()))
        };
        let by_subject = |j: &usize| reverted.subject.as_ref() == Some(&reverts[*j].0);
        let mut older = (i + 1..changes.len()).filter(|j| !is_gone[*j]);
        if let Some(j) = older.clone().find(by_oid).or_else(|| older.find(by_subject)) {
            is_gone[i] = true;
            is_gone[j] = true;
        }
    }
    for (change, _) in changes.iter_mut().zip(is_gone).filter(|(_, is_gone)| *is_gone) {
        (change.kind, change.level, change.breaking) = (ChangeKind::Other, None, None);
    }
}

/// The folders of the workspace in which git knows a lock file, now or at a commit; the workspace's own is always one of them.
pub async fn lock_folders(
    world: &World,
    workspace: &Workspace,
    at: Option<&str>,
    cancel: &CancellationToken,
) -> Result<Vec<PathBuf>, Problem> {
    let args = match at {
        Some(commit) => vec!["ls-tree", "-r", "-z", "--name-only", commit],
        None => vec!["ls-files", "-z", "--cached"],
    };
    let answer = world.git_program().read(repo(world, workspace), &args, cancel).await?;
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let mut folders = BTreeSet::from([PathBuf::new()]);
    for path in answer.split('\0').map(Path::new) {
        let is_lock = path.file_name().is_some_and(|name| locks::names().any(|lock| name == lock));
        let is_copy = path.iter().any(|part| part == "node_modules" || part == "vendor");
        if is_lock && !is_copy && folders.len() < MAX_LOCK_FOLDERS {
            folders.extend(path.parent().map(Path::to_path_buf));
        }
    }
    Ok(folders.into_iter().collect())
}

/// Whether the history ends where a shallow clone was cut off: older commits and tags are not here.
pub async fn is_shallow(world: &World, workspace: &Workspace, cancel: &CancellationToken) -> Result<bool, Problem> {
    let answer = world
        .git_program()
        .read(repo(world, workspace), &["rev-parse", "--is-shallow-repository"], cancel)
        .await?;
    Ok(answer.trim_ascii() == b"true")
}

/// The commit that a tag names now; None when there is no such tag.
pub async fn commit_of_tag(
    world: &World,
    workspace: &Workspace,
    tag: &str,
    cancel: &CancellationToken,
) -> Result<Option<String>, Problem> {
    let all = refs(world, workspace, &[&format!("refs/tags/{tag}")], cancel).await?;
    Ok(all.into_iter().next().map(|(_, commit, _)| commit))
}

/// Marks the changes that a hand-written text tells of.
pub fn mark_covered(changes: &mut [Change], hand_written: Option<&str>) {
    for change in changes {
        change.is_covered = hand_written.is_some_and(|text| changelog::covers(text, change));
    }
}
