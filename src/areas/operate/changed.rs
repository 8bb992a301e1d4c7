//! What changed since it worked: commits, settings, dependencies, the environment's variables, and what happened to the machine, in one
//! list.

use super::{Instance, Update, lockfiles};
use crate::adapters::World;
use crate::adapters::store::deployments::DeploymentRow;
use crate::areas::JobCtx;
use crate::areas::deploy::inputs::Inputs;
use crate::areas::devops::project::FILE_NAME as PROJECT_FILE;
use crate::base::{Catalog, Problem, SafeText, Target, Timestamp, Workspace, format};
use crate::msg;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Commits that are named; the older ones are counted.
const MAX_COMMITS: usize = 200;
/// Deployments that are looked through for one that worked.
const MAX_LOOKED: u32 = 200;

/// What kind of thing changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    Commit,
    /// A key of `chantier.toml`.
    Setting,
    /// A variable that the instance is given.
    Variable,
    /// A package of a lock file.
    Dependency,
    /// A restart of the machine, a package of the system.
    Host,
    /// An instance that ended or was started.
    Instance,
}

impl ChangeKind {
    /// The key of its word in the locales.
    pub fn key(self) -> &'static str {
        match self {
            Self::Commit => "changed-kind-commit",
            Self::Setting => "changed-kind-setting",
            Self::Variable => "changed-kind-variable",
            Self::Dependency => "changed-kind-dependency",
            Self::Host => "changed-kind-host",
            Self::Instance => "changed-kind-instance",
        }
    }
}

/// One thing that is different now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChangedItem {
    pub kind: ChangeKind,
    /// What: a subject, a key, a package.
    pub what: String,
    pub before: Option<String>,
    pub after: Option<String>,
    /// When, where that is known.
    pub at: Option<Timestamp>,
    pub target: Option<Target>,
}

impl ChangedItem {
    /// Before and after, as people read them.
    pub fn values(&self, texts: &Catalog) -> String {
        let after = self.after.as_ref().map(|after| match self.kind {
            ChangeKind::Instance => ended_words(after, texts),
            _ => after.clone(),
        });
        match (&self.before, after) {
            (Some(before), Some(after)) => format!("{before} → {after}"),
            (None, Some(after)) => format!("+ {after}"),
            (Some(before), None) => format!("− {before}"),
            (None, None) => String::new(),
        }
    }
}

/// `crashed (SIGKILL)` in the language of the reader.
fn ended_words(after: &str, texts: &Catalog) -> String {
    let (word, rest) = after.split_once(' ').unwrap_or((after, ""));
    let key = match word {
        "crashed" => "operate-cause-crashed",
        "lost" => "operate-cause-lost",
        "failed" => "operate-cause-failed",
        _ => return after.to_owned(),
    };
    format!("{} {rest}", texts.t(key)).trim_end().to_owned()
}

/// A version that is compared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Side {
    pub deployment: i64,
    pub version: String,
    pub commit: Option<String>,
    pub at: Timestamp,
}

/// Everything that changed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Changes {
    /// Of which instance.
    pub instance: String,
    pub name: String,
    /// The last version that worked; None when none is known.
    pub from: Option<Side>,
    /// What runs, or should.
    pub to: Option<Side>,
    /// From this time on.
    pub since: Timestamp,
    pub items: Vec<ChangedItem>,
    /// What could not be compared.
    pub problems: Vec<Problem>,
}

/// Compares what runs with what worked before it.
pub async fn find(cx: &JobCtx, world: &World, workspace: &Workspace, instance: &Instance) -> Result<(), Problem> {
    let store = world.store();
    let current = match (instance.deployment, &instance.environment) {
        (Some(id), _) => store.deployments().get(id).await?,
        (None, Some(name)) => store.deployments().live(&workspace.id, name).await?,
        (None, None) => None,
    };
    let worked = match &current {
        Some(current) => {
            let all = store
                .deployments()
                .list(&workspace.id, Some(&current.environment), MAX_LOOKED)
                .await?;
            all.into_iter()
                .find(|row| row.id < current.id && row.healthy_from.is_some() && row.version != current.version)
        }
        None => None,
    };
    let now = cx.now();
    // Since the version that worked was given up; else since this one came up, and a day before where nothing says when.
    let day_ago = Timestamp::from_second(now.as_second() - 86_400).unwrap_or(now);
    let since = match (&worked, &current) {
        (Some(worked), _) => worked.healthy_from.unwrap_or(worked.started_at),
        (None, Some(current)) => current.started_at,
        (None, None) => instance.started_at.map_or(day_ago, |at| at.min(day_ago)),
    };
    let mut changes = Changes {
        instance: instance.id.clone(),
        name: instance.name.clone(),
        from: worked.as_ref().map(side),
        to: current.as_ref().map(side),
        since,
        items: Vec::new(),
        problems: Vec::new(),
    };
    if let (Some(worked), Some(current)) = (&worked, &current) {
        changes.items.extend(variables(worked, current));
        match (&worked.commit, &current.commit) {
            (Some(from), Some(to)) if from != to => of_commits(cx, world, workspace, (from, to), &mut changes).await,
            (Some(_), Some(_)) => {}
            _ => changes
                .problems
                .push(Problem::user(msg!("changed-no-commit")).code("no-commit")),
        }
    } else {
        let problem = Problem::user(msg!("changed-no-version", name = instance.name.as_str())).code("no-version");
        changes.problems.push(problem.hint(msg!("changed-no-version-hint")));
    }
    changes.items.extend(lives(world, workspace, instance, since).await?);
    let (booted, packages) = (world.host().booted_at(), world.host().package_changes(since));
    if let Some(at) = booted.filter(|at| *at > since) {
        changes.items.push(ChangedItem {
            at: Some(at),
            ..item(ChangeKind::Host, "boot")
        });
    }
    changes.items.extend(packages.into_iter().map(|change| ChangedItem {
        before: change.before,
        after: change.after,
        at: Some(change.at),
        ..item(ChangeKind::Host, &change.package)
    }));
    cx.update(Update::Changed {
        changes: Box::new(changes),
    })
    .await;
    Ok(())
}

fn side(row: &DeploymentRow) -> Side {
    Side {
        deployment: row.id,
        version: row.version.clone(),
        commit: row.commit.clone(),
        at: row.healthy_from.unwrap_or(row.started_at),
    }
}

fn item(kind: ChangeKind, what: &str) -> ChangedItem {
    ChangedItem {
        kind,
        what: SafeText::new(what).into_string(),
        before: None,
        after: None,
        at: None,
        target: None,
    }
}

/// Keys of two tables whose values differ.
fn compared(kind: ChangeKind, before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) -> Vec<ChangedItem> {
    let keys: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differ = keys.into_iter().filter(|key| before.get(*key) != after.get(*key));
    let safe = |value: Option<&String>| value.map(|value| SafeText::new(value).into_string());
    differ
        .map(|key| ChangedItem {
            before: safe(before.get(key)),
            after: safe(after.get(key)),
            ..item(kind, key)
        })
        .collect()
}

fn variables(worked: &DeploymentRow, current: &DeploymentRow) -> Vec<ChangedItem> {
    match (Inputs::of(worked), Inputs::of(current)) {
        (Ok(before), Ok(after)) => compared(ChangeKind::Variable, &before.env, &after.env),
        _ => Vec::new(),
    }
}

/// Commits, settings and dependencies between two commits. What can not be read is told, the rest is compared.
async fn of_commits(cx: &JobCtx, world: &World, workspace: &Workspace, (from, to): (&str, &str), changes: &mut Changes) {
    let (git, root) = (world.git().clone(), workspace.root.clone());
    let (id, from, to) = (workspace.id.clone(), from.to_owned(), to.to_owned());
    let found = cx
        .blocking(move |cx| {
            let mut items = Vec::new();
            for oid in git.commits_since(&root, &from, &to, MAX_COMMITS)? {
                cx.check()?;
                let commit = git.commit(&root, &oid)?;
                items.push(ChangedItem {
                    after: Some(format::short_oid(&oid).to_owned()),
                    at: Some(commit.committed),
                    target: Some(Target::Commit {
                        workspace: id.clone(),
                        oid,
                    }),
                    ..item(ChangeKind::Commit, &commit.summary)
                });
            }
            let text = |oid: &str, path: &Path| git.text_at(&root, oid, path);
            let project = Path::new(PROJECT_FILE);
            let keys = |text: Option<String>| text.map(|text| keys_of(&text)).unwrap_or_default();
            let (before, after) = (keys(text(&from, project)?), keys(text(&to, project)?));
            items.extend(compared(ChangeKind::Setting, &before, &after));
            let locks = |oid: &str| -> Result<BTreeSet<PathBuf>, Problem> {
                let files = git.files_at(&root, oid)?.into_iter().map(|file| file.path);
                Ok(files.filter(|path| lockfiles::is_lock(path)).collect())
            };
            for path in locks(&from)?.union(&locks(&to)?) {
                cx.check()?;
                let packages = |oid: &str| -> Result<BTreeMap<String, String>, Problem> {
                    Ok(text(oid, path)?
                        .map(|text| lockfiles::packages(path, &text))
                        .unwrap_or_default())
                };
                items.extend(compared(ChangeKind::Dependency, &packages(&from)?, &packages(&to)?));
            }
            Ok(items)
        })
        .await;
    match found {
        Ok(items) => changes.items.extend(items),
        Err(problem) => changes.problems.push(problem),
    }
}

/// The keys of a TOML file with dots, and their values; entries of lists by their name where they have one.
pub fn keys_of(text: &str) -> BTreeMap<String, String> {
    let mut keys = BTreeMap::new();
    if let Ok(table) = text.parse::<toml::Table>() {
        flatten(String::new(), &toml::Value::Table(table), &mut keys);
    }
    keys
}

fn flatten(path: String, value: &toml::Value, keys: &mut BTreeMap<String, String>) {
    let below = |key: &str| {
        if path.is_empty() {
            key.to_owned()
        } else {
            format!("{path}.{key}")
        }
    };
    match value {
        toml::Value::Table(table) => {
            for (key, value) in table {
                flatten(below(key), value, keys);
            }
        }
        toml::Value::Array(all) if all.iter().any(toml::Value::is_table) => {
            for (i, value) in all.iter().enumerate() {
                let name = value.get("name").and_then(toml::Value::as_str);
                let key = name.map_or_else(|| i.to_string(), str::to_owned);
                flatten(format!("{path}[{key}]"), value, keys);
            }
        }
        other => {
            keys.insert(path, other.to_string());
        }
    }
}

/// Starts and ends of the instances of the same environment.
async fn lives(world: &World, workspace: &Workspace, instance: &Instance, since: Timestamp) -> Result<Vec<ChangedItem>, Problem> {
    let Some(environment) = instance.environment.as_deref() else {
        return Ok(Vec::new());
    };
    let rows = world
        .store()
        .instances()
        .history(&workspace.id, Some(environment), MAX_LOOKED)
        .await?;
    let ended = rows.into_iter().filter(|row| row.ended_at.is_some_and(|at| at > since));
    let crashed = ended.filter(|row| row.has_crashed());
    let items = crashed.map(|row| ChangedItem {
        before: row.version,
        after: Some(match (row.exit_code, row.signal) {
            (Some(code), _) => format!("{} ({code})", row.cause),
            (None, Some(signal)) => format!("{} ({})", row.cause, crate::adapters::process::signal_name(signal)),
            (None, None) => row.cause,
        }),
        at: row.ended_at,
        target: Some(Target::Instance { id: row.id.to_string() }),
        ..item(ChangeKind::Instance, &row.name)
    });
    Ok(items.collect())
}
