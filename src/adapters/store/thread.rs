//! The thread as the ledger knows it: from any link to the commit, and from the commit to every other link, in both directions.

use super::builds::{ArtifactRow, BuildRow, is_build};
use super::deployments::DeploymentRow;
use super::fault::Fault;
use super::incidents::IncidentRow;
use super::instances::InstanceRow;
use super::jobs::JobRow;
use super::record::{find, get, number, record, select, upsert, values};
use super::releases::ReleaseRow;
use super::standing::{Standing, standing};
use super::tests::TestRunRow;
use super::{Db, Store};
use crate::base::{JobId, Problem, Timestamp, WorkspaceId};
use rusqlite::types::Value;
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use std::collections::BTreeSet;

record! {
    /// A plan item and a commit that worked on it.
    ItemCommitRow in "item_commits" key 3 {
        workspace: WorkspaceId,
        item: String,
        commit: String,
        at: Timestamp,
    }
}

/// Everything that hangs together, newest first in each list.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ThreadRows {
    pub workspace: Option<WorkspaceId>,
    pub items: Vec<String>,
    pub commits: Vec<String>,
    pub builds: Vec<BuildRow>,
    pub artifacts: Vec<ArtifactRow>,
    pub tests: Vec<TestRunRow>,
    /// How the tests stand at the sources of the first of these runs.
    #[serde(default)]
    pub standing: Option<Standing>,
    /// The first build, and the first run of tests, had changes on top of the commit.
    #[serde(default)]
    pub has_changes: (bool, bool),
    pub releases: Vec<ReleaseRow>,
    pub deployments: Vec<DeploymentRow>,
    pub instances: Vec<InstanceRow>,
    pub incidents: Vec<IncidentRow>,
}

/// Where a thread is taken up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ThreadEnd {
    Item {
        workspace: WorkspaceId,
        id: String,
    },
    Commit {
        workspace: WorkspaceId,
        oid: String,
    },
    /// A file by its SHA-256.
    Artifact {
        sha256: String,
    },
    Run {
        job: JobId,
    },
    Release {
        id: i64,
    },
    Version {
        workspace: WorkspaceId,
        version: String,
    },
    Deployment {
        id: i64,
    },
    Instance {
        id: i64,
    },
    Incident {
        id: i64,
    },
}

/// Links between the things of the ledger.
pub struct Threads<'a>(&'a Store);

impl Store {
    pub fn threads(&self) -> Threads<'_> {
        Threads(self)
    }
}

impl Threads<'_> {
    pub(super) fn store(&self) -> &Store {
        self.0
    }

    /// Notes that a commit works on an item.
    pub async fn link_item(&self, workspace: &WorkspaceId, item: &str, commit: &str) -> Result<(), Problem> {
        let row = ItemCommitRow {
            workspace: workspace.clone(),
            item: item.to_owned(),
            commit: commit.to_owned(),
            at: self.0.now(),
        };
        self.0.write(move |db| upsert(db, &row)).await
    }

    /// The commits that worked on an item, newest link first.
    pub async fn commits_of_item(&self, workspace: &WorkspaceId, item: &str) -> Result<Vec<String>, Problem> {
        let (workspace, item) = (workspace.clone(), item.to_owned());
        self.0.read(move |db| commits_of_item(db, &workspace, &item)).await
    }

    /// Follows the thread from here to both of its ends. What the ledger does not know is left empty.
    pub async fn follow(&self, from: ThreadEnd) -> Result<ThreadRows, Problem> {
        self.0.read(move |db| follow(db, &from)).await
    }
}

fn commits_of_item(db: &Db, workspace: &WorkspaceId, item: &str) -> Result<Vec<String>, Fault> {
    let rows = select::<ItemCommitRow>(
        db,
        "WHERE workspace = ? AND item = ? ORDER BY at DESC",
        &values![*workspace, item.to_owned()],
    )?;
    Ok(rows.into_iter().map(|row| row.commit).collect())
}

/// The items that these commits work on, and those of the commits that they brought.
fn items_of(db: &Db, workspace: &WorkspaceId, commits: &[String], with_parts: bool) -> Result<Vec<String>, Fault> {
    let mut items = BTreeSet::new();
    for commit in commits {
        let of_commit = values![*workspace, commit.clone()];
        let mut tails = vec!["WHERE workspace = ? AND \"commit\" = ?"];
        if with_parts {
            tails.push(
                "WHERE (workspace, \"commit\") IN (SELECT workspace, part FROM commit_parts WHERE workspace = ? AND whole = ?)",
            );
        }
        for tail in tails {
            let rows = select::<ItemCommitRow>(db, tail, &of_commit)?;
            items.extend(rows.into_iter().map(|row| row.item));
        }
    }
    Ok(items.into_iter().collect())
}

/// What the commits are that the thread goes through, and the deployment when it begins at or behind one.
#[derive(Default)]
struct Knot {
    workspace: Option<WorkspaceId>,
    commits: Vec<String>,
    /// Only these deployments, when the thread comes from one; else all of the commits.
    deployment: Option<i64>,
    /// Begins at a release or behind one: its commit stands for all that it brought.
    is_release: bool,
}

fn follow(db: &Db, from: &ThreadEnd) -> Result<ThreadRows, Fault> {
    let knot = knot_of(db, from)?;
    let Some(workspace) = knot.workspace else {
        return Ok(ThreadRows::default());
    };
    let mut rows = ThreadRows {
        workspace: Some(workspace.clone()),
        commits: knot.commits,
        ..ThreadRows::default()
    };
    let own = rows.commits.clone();
    // A release's commit stands for those that it brought, and a commit for the release that brought it.
    let mut around: BTreeSet<String> = rows.commits.iter().cloned().collect();
    for commit in rows.commits.clone() {
        if knot.is_release {
            around.extend(Store::parts_of(db, &workspace, &commit)?);
        } else if let Some(whole) = Store::wholes_of(db, &workspace, &commit)?.into_iter().next() {
            // What was released, deployed and runs hangs on the release's own commit.
            if !rows.commits.contains(&whole) {
                rows.commits.push(whole.clone());
            }
            around.insert(whole);
        }
    }
    rows.items = match from {
        ThreadEnd::Item { id, .. } => vec![id.clone()],
        // Those of the commit; those of all that it brought where it is a release.
        _ => items_of(db, &workspace, &own, knot.is_release)?,
    };
    for commit in &rows.commits.clone() {
        let of_commit = values![workspace, *commit];
        let by_commit = "WHERE workspace = ? AND \"commit\" = ? ORDER BY";
        rows.builds
            .extend(whole(select::<BuildRow>(db, &format!("{by_commit} job DESC"), &of_commit)?));
        rows.artifacts
            .extend(select::<ArtifactRow>(db, &format!("{by_commit} id DESC"), &of_commit)?);
        rows.tests
            .extend(select::<TestRunRow>(db, &format!("{by_commit} id DESC"), &of_commit)?);
        rows.releases
            .extend(select::<ReleaseRow>(db, &format!("{by_commit} id DESC"), &of_commit)?);
        if knot.deployment.is_none() {
            rows.deployments
                .extend(select::<DeploymentRow>(db, &format!("{by_commit} id DESC"), &of_commit)?);
        }
    }
    // Runs on the commits that it brought, and on the sources before they were committed.
    for part in around.iter().filter(|part| !rows.commits.contains(part)) {
        let tail = "WHERE workspace = ? AND \"commit\" = ? AND dirty IS NULL ORDER BY";
        let of_part = values![workspace, *part];
        rows.builds
            .extend(whole(select::<BuildRow>(db, &format!("{tail} job DESC"), &of_part)?));
        rows.tests
            .extend(select::<TestRunRow>(db, &format!("{tail} id DESC"), &of_part)?);
    }
    let sources = Store::sources_of(db, &workspace, &around)?;
    for (commit, dirty) in sources.clone() {
        let tail = "WHERE workspace = ? AND \"commit\" = ? AND dirty = ? ORDER BY";
        let of_sources = values![workspace, commit, dirty];
        rows.builds
            .extend(whole(select::<BuildRow>(db, &format!("{tail} job DESC"), &of_sources)?));
        rows.tests
            .extend(select::<TestRunRow>(db, &format!("{tail} id DESC"), &of_sources)?);
    }
    if let Some(id) = knot.deployment {
        rows.deployments.extend(get::<DeploymentRow>(db, &values![id])?);
    }
    // A deployment may name a release whose commit is written differently, and a release may have been deployed without a commit.
    for release in &rows.releases {
        let known: BTreeSet<i64> = rows.deployments.iter().map(|row| row.id).collect();
        if knot.deployment.is_none() {
            let more = select::<DeploymentRow>(db, "WHERE release = ? ORDER BY id DESC", &values![release.id])?;
            rows.deployments
                .extend(more.into_iter().filter(|row| !known.contains(&row.id)));
        }
    }
    for deployment in &rows.deployments {
        let of_deployment = values![deployment.id];
        rows.instances.extend(select::<InstanceRow>(
            db,
            "WHERE deployment = ? ORDER BY id DESC",
            &of_deployment,
        )?);
        rows.incidents.extend(select::<IncidentRow>(
            db,
            "WHERE deployment = ? ORDER BY id DESC",
            &of_deployment,
        )?);
    }
    // It goes to this one, not to those beside it.
    if let ThreadEnd::Instance { id } = from {
        rows.instances.retain(|row| row.id == *id);
    }
    // What ran with changes on top says less of the commit than what ran on itself, or on what became of it.
    let is_changed = |commit: &Option<String>, dirty: &Option<String>| match (commit, dirty) {
        (Some(commit), Some(dirty)) => !sources.contains(&(commit.clone(), dirty.clone())),
        _ => false,
    };
    rows.builds
        .sort_by_key(|build| (is_changed(&build.commit, &build.dirty), Reverse(build.started_at)));
    rows.tests.sort_by_key(|run| is_changed(&run.commit, &run.dirty));
    let of_builds = rows
        .builds
        .first()
        .is_some_and(|build| is_changed(&build.commit, &build.dirty));
    let of_tests = rows.tests.first().is_some_and(|run| is_changed(&run.commit, &run.dirty));
    rows.has_changes = (of_builds, of_tests);
    if let Some(run) = rows.tests.first()
        && let Some(commit) = &run.commit
    {
        rows.standing = standing(db, &workspace, commit, run.dirty.as_deref())?;
    }
    Ok(rows)
}

/// Without those that are part of another build, and without checks.
fn whole(builds: Vec<BuildRow>) -> impl Iterator<Item = BuildRow> {
    builds.into_iter().filter(|build| is_build(&build.kind))
}

fn knot_of(db: &Db, from: &ThreadEnd) -> Result<Knot, Fault> {
    let knot = |workspace: WorkspaceId, commit: Option<String>| Knot {
        workspace: Some(workspace),
        commits: commit.into_iter().collect(),
        deployment: None,
        is_release: false,
    };
    let whole = |knot: Knot| Knot {
        is_release: true,
        ..knot
    };
    Ok(match from {
        ThreadEnd::Item { workspace, id } => Knot {
            commits: commits_of_item(db, workspace, id)?,
            ..knot(workspace.clone(), None)
        },
        ThreadEnd::Commit { workspace, oid } => knot(workspace.clone(), Some(oid.clone())),
        ThreadEnd::Artifact { sha256 } => {
            let made = find::<ArtifactRow>(db, "WHERE sha256 = ? ORDER BY id", &values![*sha256])?;
            match made {
                Some(row) => knot(row.workspace, row.commit),
                None => {
                    let tail = "WHERE id IN (SELECT release FROM release_artifacts WHERE sha256 = ?) ORDER BY id";
                    find::<ReleaseRow>(db, tail, &values![*sha256])?
                        .map(|row| knot(row.workspace, Some(row.commit)))
                        .unwrap_or_default()
                }
            }
        }
        ThreadEnd::Run { job } => match get::<JobRow>(db, &values![*job])? {
            Some(row) => match row.workspace {
                Some(workspace) => {
                    let later = match (&row.commit, &row.dirty) {
                        (Some(commit), Some(dirty)) => Store::became(db, &workspace, commit, dirty)?,
                        _ => None,
                    };
                    knot(workspace, later.or(row.commit))
                }
                None => Knot::default(),
            },
            None => Knot::default(),
        },
        ThreadEnd::Release { id } => get::<ReleaseRow>(db, &values![*id])?
            .map(|row| whole(knot(row.workspace, Some(row.commit))))
            .unwrap_or_default(),
        ThreadEnd::Version { workspace, version } => {
            let tail = "WHERE workspace = ? AND version = ? ORDER BY id DESC";
            let release = find::<ReleaseRow>(db, tail, &values![*workspace, *version])?;
            whole(knot(workspace.clone(), release.map(|row| row.commit)))
        }
        ThreadEnd::Deployment { id } => of_deployment(db, Some(*id))?,
        ThreadEnd::Instance { id } => of_deployment(
            db,
            number(db, "SELECT deployment FROM instances WHERE id = ?", &[Value::Integer(*id)])?,
        )?,
        ThreadEnd::Incident { id } => of_deployment(
            db,
            number(db, "SELECT deployment FROM incidents WHERE id = ?", &[Value::Integer(*id)])?,
        )?,
    })
}

fn of_deployment(db: &Db, id: Option<i64>) -> Result<Knot, Fault> {
    let Some(id) = id else { return Ok(Knot::default()) };
    let Some(row) = get::<DeploymentRow>(db, &values![id])? else {
        return Ok(Knot::default());
    };
    let commit = match (row.commit, row.release) {
        (Some(commit), _) => Some(commit),
        (None, Some(release)) => get::<ReleaseRow>(db, &values![release])?.map(|release| release.commit),
        (None, None) => None,
    };
    Ok(Knot {
        workspace: Some(row.workspace),
        commits: commit.into_iter().collect(),
        deployment: Some(id),
        is_release: true,
    })
}
