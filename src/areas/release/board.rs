//! The rest of the readiness board: what is worth knowing before a release and forbids none. Each row tells where it is looked at.

use super::advisories::{self, Advisory};
use super::procedure::rehearsal;
use super::{Bill, Check, Readiness, Renewed, history, locks};
use crate::adapters::World;
use crate::areas::JobCtx;
use crate::areas::devops::project::ReleaseRules;
use crate::areas::plan::Kind;
use crate::areas::plan::folder::Folder;
use crate::base::time::secs_between;
use crate::base::{Msg, Problem, SafeText, State, Target, Workspace};
use crate::msg;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

/// Results of a test that are looked at.
const LAST_RESULTS: usize = 20;
/// Longer lines are data.
const MAX_LINE: usize = 2000;
/// Folders in which frameworks keep their migrations.
const MIGRATIONS: [&str; 5] = ["migrations", "migration", "migrate", "versions", "upgrades"];

/// What is looked at.
pub struct Scene<'a> {
    pub cx: &'a JobCtx,
    pub world: &'a World,
    pub workspace: &'a Workspace,
    pub rules: &'a ReleaseRules,
    pub readiness: &'a Readiness,
}

/// Rows and the difference of the packages that the project is made of.
pub async fn look(scene: &Scene<'_>) -> Result<(Vec<Check>, Option<Bill>), Problem> {
    let since = scene.readiness.last.as_ref().map(|last| last.commit.clone());
    let mut checks = vec![flaky(scene).await?];
    checks.extend(items(scene).await?);
    if let Some(since) = &since {
        let changed = scene.changed(since).await?;
        checks.push(todos(&changed));
        checks.push(migrations(&changed));
    }
    let (bill, more) = packages(scene, since).await?;
    checks.extend(more);
    checks.extend(rollback(scene).await?);
    checks.push(rehearsed(scene).await?);
    Ok((checks, bill))
}

fn row(name: &'static str, state: State, found: Msg, target: Target) -> Check {
    Check {
        name: Msg::new(name),
        state,
        found,
        hint: None,
        target: Some(target),
    }
}

fn page(area: &str, tab: Option<&str>) -> Target {
    Target::Page {
        area: area.to_owned(),
        tab: tab.map(str::to_owned),
    }
}

/// Tests that failed and passed on the same sources, not long ago.
async fn flaky(scene: &Scene<'_>) -> Result<Check, Problem> {
    let history = scene.world.store().tests().history(&scene.workspace.id).await?;
    let is_flaky =
        |case: &&crate::adapters::store::tests::CaseHistory| case.strip.iter().rev().take(LAST_RESULTS).any(|point| point.flaky);
    let flaky: Vec<_> = history.cases.iter().filter(is_flaky).collect();
    let target = page("test", Some("results"));
    Ok(match flaky.first() {
        Some(first) => {
            let found = msg!("release-check-flaky-yes", n = flaky.len(), first = SafeText::new(&first.name));
            row("release-check-flaky", State::Degraded, found, target)
        }
        None if history.cases.is_empty() => row(
            "release-check-flaky",
            State::None,
            msg!("release-check-flaky-unknown"),
            target,
        ),
        None => row("release-check-flaky", State::Done, msg!("release-check-flaky-no"), target),
    })
}

/// Items of the milestone that is called like the version, else of the one that is worked on.
async fn items(scene: &Scene<'_>) -> Result<Option<Check>, Problem> {
    let workspace = scene.workspace.clone();
    let plan = scene.cx.blocking(move |_| Folder::open(&workspace)?.plan()).await?;
    if plan.items.is_empty() {
        return Ok(None);
    }
    let version = scene.readiness.next.as_ref().map_or("", |next| next.version.as_str());
    let minor = version.rsplit_once('.').map_or(version, |(minor, _)| minor);
    let names = [
        version.to_owned(),
        format!("v{version}"),
        minor.to_owned(),
        format!("v{minor}"),
    ];
    let named = plan
        .items
        .values()
        .find(|item| item.kind == Kind::Milestone && names.contains(&item.title));
    let Some(milestone) = named.or_else(|| plan.next_milestone()) else {
        let found = msg!("release-check-items-none");
        return Ok(Some(row(
            "release-check-items",
            State::None,
            found,
            page("plan", Some("board")),
        )));
    };
    let open: Vec<_> = plan
        .of_milestone(milestone)
        .filter(|item| !item.is_done(&plan.workflow))
        .collect();
    let title = SafeText::new(&milestone.title);
    Ok(Some(match open.first() {
        None => row(
            "release-check-items",
            State::Done,
            msg!("release-check-items-done", milestone = title),
            page("plan", Some("board")),
        ),
        Some(first) => row(
            "release-check-items",
            State::Degraded,
            msg!(
                "release-check-items-open",
                n = open.len(),
                milestone = title,
                first = &first.id
            ),
            Target::Item {
                workspace: scene.workspace.id.clone(),
                id: first.id.clone(),
            },
        ),
    }))
}

/// What the commits since the last version did to the files.
#[derive(Default)]
struct Changed {
    /// Lines with a word such as TODO: where, and what they say; those that only moved are left out.
    todos: Vec<(String, String)>,
    /// Files that were added.
    added: Vec<PathBuf>,
}

impl Scene<'_> {
    async fn changed(&self, since: &str) -> Result<Changed, Problem> {
        let git = self.world.git_program();
        let (repo, cancel) = (history::repo(self.world, self.workspace), self.cx.cancel_token());
        let args = [
            "diff",
            "--relative",
            "--no-renames",
            "--diff-filter=A",
            "--name-only",
            "-z",
            since,
            "HEAD",
            "--",
        ];
        let answer = git.read(repo, &args, cancel).await?;
        let mut changed = Changed::default();
        let names = answer.split(|byte| *byte == 0).filter(|name| !name.is_empty());
        changed.added = names
            .map(|name| PathBuf::from(String::from_utf8_lossy(name).into_owned()))
            .collect();
        let words = self.world.settings().code.todo_words.clone();
        let mut reading = Reading::default();
        let args = ["diff", "--relative", "--no-color", "--unified=0", since, "HEAD", "--"];
        git.lines(repo, &args, cancel, |line| reading.line(line, &words)).await?;
        changed.todos = reading.end();
        Ok(changed)
    }
}

/// Reads a difference line by line.
#[derive(Default)]
struct Reading {
    file: String,
    line: u64,
    added: Vec<(String, String)>,
    removed: BTreeMap<String, usize>,
}

impl Reading {
    fn line(&mut self, line: &[u8], words: &[String]) {
        if let Some(name) = line.strip_prefix(b"+++ ") {
            let name = String::from_utf8_lossy(name);
            name.strip_prefix("b/").unwrap_or(&name).clone_into(&mut self.file);
        } else if line.starts_with(b"@@ ") {
            // `@@ -1,2 +3,4 @@`
            let text = String::from_utf8_lossy(line);
            let start = text
                .split(' ')
                .nth(2)
                .and_then(|part| part.trim_start_matches('+').split(',').next());
            self.line = start.and_then(|start| start.parse().ok()).unwrap_or(0);
        } else if let Some(text) = line.strip_prefix(b"+") {
            if says(text, words) {
                let place = format!("{}:{}", self.file, self.line);
                self.added.push((place, plain(text)));
            }
            self.line += 1;
        } else if let Some(text) = line.strip_prefix(b"-")
            && says(text, words)
        {
            *self.removed.entry(plain(text)).or_default() += 1;
        }
    }

    fn end(mut self) -> Vec<(String, String)> {
        let removed = &mut self.removed;
        self.added.retain(|(_, text)| match removed.get_mut(text) {
            Some(n) if *n > 0 => {
                *n -= 1;
                false
            }
            _ => true,
        });
        self.added
    }
}

fn plain(text: &[u8]) -> String {
    SafeText::from_bytes(text.trim_ascii()).into_string()
}

/// The line has one of the words, as a word.
fn says(line: &[u8], words: &[String]) -> bool {
    let is_letter = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    line.len() <= MAX_LINE
        && words.iter().map(String::as_bytes).any(|word| {
            memchr::memmem::find_iter(line, word).any(|at| {
                let before = at.checked_sub(1).and_then(|at| line.get(at));
                !is_letter(before) && !is_letter(line.get(at + word.len()))
            })
        })
}

fn todos(changed: &Changed) -> Check {
    let target = page("code", Some("todos"));
    match changed.todos.first() {
        None => row("release-check-todos", State::Done, msg!("release-check-todos-no"), target),
        Some((place, _)) => {
            let found = msg!(
                "release-check-todos-yes",
                n = changed.todos.len(),
                first = SafeText::new(place)
            );
            row("release-check-todos", State::Degraded, found, target)
        }
    }
}

fn migrations(changed: &Changed) -> Check {
    let is_migration = |path: &&PathBuf| {
        let folders = path.parent().into_iter().flat_map(Path::components);
        let mut names = folders.filter_map(|part| part.as_os_str().to_str());
        let is_code = path
            .extension()
            .and_then(OsStr::to_str)
            .is_some_and(|end| ["sql", "py", "rb", "js", "ts", "php", "exs", "rs", "go", "java", "kt"].contains(&end));
        is_code && names.any(|name| MIGRATIONS.contains(&name)) && path.file_name() != Some(OsStr::new("__init__.py"))
    };
    let found: Vec<&PathBuf> = changed.added.iter().filter(is_migration).collect();
    let target = page("code", Some("history"));
    match found.first() {
        None => row(
            "release-check-migrations",
            State::Done,
            msg!("release-check-migrations-no"),
            target,
        ),
        Some(first) => {
            let first = SafeText::new(&first.display().to_string());
            let found = msg!("release-check-migrations-yes", n = found.len(), first = first);
            row("release-check-migrations", State::Degraded, found, target)
        }
    }
}

/// What the project is made of now and was at the last version, and what is known of its packages.
async fn packages(scene: &Scene<'_>, since: Option<String>) -> Result<(Option<Bill>, Vec<Check>), Problem> {
    let root = scene.workspace.root.clone();
    let cancel = scene.cx.cancel_token();
    let folders = history::lock_folders(scene.world, scene.workspace, None, cancel).await?;
    if !locks::has_any(&root, &folders) {
        return Ok((None, Vec::new()));
    }
    let (git, head) = (scene.world.git().clone(), scene.readiness.head.clone());
    let has_last = since.is_some();
    let (mut before, mut after) = (Vec::new(), Vec::new());
    if let Some(since) = since.as_deref() {
        before = history::lock_folders(scene.world, scene.workspace, Some(since), cancel).await?;
        after = history::lock_folders(scene.world, scene.workspace, Some(&head), cancel).await?;
    }
    let database = advisories::database(scene.world, scene.rules.advisories.as_deref());
    let (bill, advisories) = scene
        .cx
        .blocking(move |_| {
            let now = locks::read(&root, &folders)?.packages;
            let bill = match since {
                None => None,
                Some(since) => {
                    let top = git.top(&root)?;
                    let inside = root.strip_prefix(&top).unwrap_or(Path::new("")).to_path_buf();
                    let mut was = locks::read_from(&before, |path| git.text_at(&root, &since, &inside.join(path)))?;
                    // What git does not keep is of nobody's version: the files of the commit are compared.
                    let mut is = locks::read_from(&after, |path| git.text_at(&root, &head, &inside.join(path)))?;
                    let both = &was.kinds & &is.kinds;
                    was.packages.retain(|package| both.contains(package.kind));
                    is.packages.retain(|package| both.contains(package.kind));
                    (!both.is_empty()).then(|| difference(&was.packages, &is.packages))
                }
            };
            let advisories = match database {
                Some(database) => Some(advisories::look(&database, &now)?),
                None => None,
            };
            Ok((bill, advisories))
        })
        .await?;
    let mut checks = Vec::new();
    if let Some(bill) = &bill {
        let found = msg!(
            "release-check-packages-found",
            added = bill.added.len(),
            updated = bill.updated.len(),
            removed = bill.removed.len()
        );
        checks.push(row(
            "release-check-packages",
            State::Done,
            found,
            page("code", Some("history")),
        ));
    } else if has_last {
        let found = msg!("release-check-packages-none");
        checks.push(row(
            "release-check-packages",
            State::None,
            found,
            page("code", Some("history")),
        ));
    }
    if let Some(found) = advisories {
        checks.push(advised(&found));
    }
    Ok((bill, checks))
}

fn advised(found: &[Advisory]) -> Check {
    let (state, said) = match found.iter().find(|one| !one.is_notice).or(found.first()) {
        None => (State::Done, msg!("release-check-advisories-no")),
        Some(first) => {
            let n = found.iter().filter(|one| !one.is_notice).count();
            let first_words = format!("{} {}: {}", first.package, first.version, first.title);
            let said = msg!(
                "release-check-advisories-yes",
                n = n,
                notices = found.len() - n,
                first = SafeText::new(&first_words)
            );
            (State::Degraded, said)
        }
    };
    Check {
        name: msg!("release-check-advisories"),
        state,
        found: said,
        hint: (!found.is_empty()).then(|| {
            let ids: Vec<&str> = found.iter().map(|one| one.id.as_str()).collect();
            msg!("release-check-advisories-hint", ids = ids.join(", "))
        }),
        target: Some(page("build", Some("tasks"))),
    }
}

/// By name: what came, went, and is there in another version. The project's own packages are left out.
fn difference(before: &[locks::Package], now: &[locks::Package]) -> Bill {
    let by_name = |packages: &[locks::Package]| {
        let mut names: BTreeMap<(&'static str, String), BTreeSet<String>> = BTreeMap::new();
        for package in packages.iter().filter(|package| !package.is_own) {
            let versions = names.entry((package.kind, package.name.clone())).or_default();
            versions.insert(package.version.clone());
        }
        names
    };
    let (before, now) = (by_name(before), by_name(now));
    let words = |versions: &BTreeSet<String>| versions.iter().cloned().collect::<Vec<_>>().join(", ");
    let one = |name: &str, from: &BTreeSet<String>, to: &BTreeSet<String>| Renewed {
        name: name.to_owned(),
        from: words(from),
        to: words(to),
    };
    let none = BTreeSet::new();
    let mut bill = Bill::default();
    for (key, versions) in &now {
        match before.get(key) {
            None => bill.added.push(one(&key.1, &none, versions)),
            Some(were) if were != versions => bill.updated.push(one(&key.1, were, versions)),
            Some(_) => {}
        }
    }
    let gone = before.iter().filter(|(key, _)| !now.contains_key(*key));
    bill.removed = gone.map(|(key, versions)| one(&key.1, versions, &none)).collect();
    bill
}

/// The last time that an environment was brought back to an earlier version and held, in earnest or on a clone of it.
async fn rollback(scene: &Scene<'_>) -> Result<Option<Check>, Problem> {
    let store = scene.world.store();
    let rows = store.deployments().list(&scene.workspace.id, None, 500).await?;
    if rows.is_empty() {
        return Ok(None);
    }
    let proven = rows.iter().find(|row| row.kind == "rollback" && row.state == State::Done);
    let target = page("deploy", None);
    let rehearsals = store.rehearsals().list(&scene.workspace.id, None, 50).await?;
    let last = rehearsals.iter().find(|row| matches!(row.state, State::Done | State::Failed));
    // What was done in earnest after it says more.
    let last = last.filter(|last| proven.is_none_or(|row| row.ended_at < last.ended_at));
    if let Some(last) = last {
        let at = last.ended_at.unwrap_or(last.started_at);
        let days = (secs_between(at, scene.cx.now()) / 86_400.0).floor().max(0.0);
        let (key, state) = match last.state {
            State::Done => ("release-check-rollback-proven", State::Done),
            _ => ("release-check-rollback-unproven", State::Degraded),
        };
        let found = Msg::new(key)
            .with("environment", last.environment.as_str())
            .with("from", last.live_version.as_str())
            .with("version", last.version.as_str())
            .with("days", days);
        return Ok(Some(row("release-check-rollback", state, found, target)));
    }
    Ok(Some(match proven {
        Some(row_of) => {
            let found = msg!(
                "release-check-rollback-yes",
                version = &row_of.version,
                environment = &row_of.environment
            );
            row("release-check-rollback", State::Done, found, target)
        }
        None => row(
            "release-check-rollback",
            State::Degraded,
            msg!("release-check-rollback-no"),
            target,
        ),
    }))
}

async fn rehearsed(scene: &Scene<'_>) -> Result<Check, Problem> {
    let target = page("release", Some("procedure"));
    let last = rehearsal::last(scene.world, scene.workspace).await?;
    let name = "release-check-rehearsal";
    Ok(match last {
        None => row(name, State::None, msg!("release-check-rehearsal-none"), target),
        Some(last) if last.head != scene.readiness.head => row(
            name,
            State::Stale,
            msg!("release-check-rehearsal-stale", version = &last.version),
            target,
        ),
        Some(last) => match &last.failed {
            None => row(
                name,
                State::Done,
                msg!("release-check-rehearsal-good", version = &last.version),
                target,
            ),
            Some(step) => row(
                name,
                State::Degraded,
                msg!("release-check-rehearsal-failed", step = step),
                target,
            ),
        },
    })
}
