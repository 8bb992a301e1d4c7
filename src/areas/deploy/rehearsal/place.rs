//! The clone of an environment: files in a folder of its own, free ports, a copy of the database; and how nothing of it is left, also when
//! the program that made it was killed. What is made is written down before.

use super::same::ports_of;
use crate::adapters::database::{Backup, Database, Facts};
use crate::adapters::git::program::Repo;
use crate::adapters::store::rehearsals::RehearsalRow;
use crate::adapters::trust::Lent;
use crate::adapters::{World, deliver, files, http, kept_folders, secrets};
use crate::areas::JobCtx;
use crate::areas::build::pipelines::worktree::{self, Clean};
use crate::areas::deploy::data;
use crate::areas::deploy::inputs::{self, Inputs};
use crate::areas::deploy::journal;
use crate::areas::deploy::rollout::Rollout;
use crate::areas::deploy::targets::{self, sources};
use crate::areas::devops::project::{self, DatabaseKind, Strategy};
use crate::base::{Problem, State, Workspace, WorkspaceId};
use crate::msg;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Ends the id of a workspace whose environments are clones.
const SUFFIX: &str = ".rehearsal";
/// A folder without a history is copied up to this size.
const MAX_BYTES: u64 = 1 << 30;
/// Where free ports are looked for: below those that the system gives to connections.
const PORTS: std::ops::Range<u16> = 20_000..32_000;

/// The environments of this workspace are clones.
pub fn is_clone(workspace: &WorkspaceId) -> bool {
    workspace.0.ends_with(SUFFIX)
}

/// What has to be removed, as the ledger keeps it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Made {
    /// The workspace that it is a clone of.
    pub workspace: Workspace,
    /// Holds the files, and the copies that the data come from.
    pub folder: PathBuf,
    /// Of PostgreSQL: the database that is made.
    pub database: Option<project::Database>,
}

impl Made {
    /// What a clone for these inputs will consist of.
    pub(super) fn planned(world: &World, workspace: &Workspace, inputs: &Inputs) -> Self {
        let folder = worktree::folder(world).join(format!("rehearsal-{:016x}", fastrand::u64(..)));
        let mut database = inputs.database.clone().filter(|rules| rules.kind == DatabaseKind::Postgres);
        if let Some(rules) = &mut database {
            rules.name = Some(format!("chantier_rehearsal_{:016x}", fastrand::u64(..)));
        }
        Self {
            workspace: workspace.clone(),
            folder,
            database,
        }
    }

    pub(super) fn clone_id(&self) -> WorkspaceId {
        WorkspaceId(format!("{}{SUFFIX}", self.workspace.id))
    }
}

/// A clone that stands.
pub(super) struct Place {
    /// Its environment has the name of the one it is a clone of.
    pub workspace: Workspace,
    database: Option<project::Database>,
    port: Option<u16>,
    reserved: BTreeSet<u16>,
    _files: Files,
}

/// What lends the folder the trust of the workspace.
enum Files {
    Checkout { _clean: Clean },
    Copy { _lent: Lent },
}

impl Place {
    /// Everything but the data. `now` and `next` will run there.
    pub(super) async fn make(cx: &JobCtx, world: &World, made: &Made, now: &Inputs, next: &Inputs) -> Result<Self, Problem> {
        let (root, kept) = bring_files(cx, world, made, next.commit.as_deref()).await?;
        let mut reserved: BTreeSet<u16> = now.reserved.union(&next.reserved).copied().collect();
        reserved.extend(ports_of(now));
        reserved.extend(ports_of(next));
        let n = now.n_instances().max(next.n_instances()).max(1) as u16;
        let port = match next.target.port().or(now.target.port()) {
            Some(_) => Some(free_ports(n * 2, &reserved)?),
            None => None,
        };
        let mut database = made.database.clone().or_else(|| next.database.clone());
        if let Some(project::Database {
            kind: DatabaseKind::Sqlite,
            file: Some(file),
            ..
        }) = &mut database
        {
            let name = file.file_name().unwrap_or_default().to_owned();
            *file = if file.is_absolute() {
                made.folder.join("database").join(name)
            } else {
                root.join(&*file)
            };
        }
        Ok(Self {
            workspace: Workspace {
                id: made.clone_id(),
                name: made.workspace.name.clone(),
                root,
            },
            database,
            port,
            reserved,
            _files: kept,
        })
    }

    /// The same inputs, on the clone.
    pub(super) fn inputs(&self, real: &Inputs) -> Inputs {
        let mut inputs = real.clone();
        inputs.root.clone_from(&self.workspace.root);
        if inputs.target.port().is_some() {
            inputs.target.set_port(self.port);
        }
        inputs.first_port = None;
        inputs.reserved.clone_from(&self.reserved);
        // Nobody sends requests there, and nobody watches them.
        inputs.traffic = None;
        if matches!(inputs.strategy, Strategy::Canary { .. }) {
            inputs.strategy = Strategy::BlueGreen;
        }
        inputs.release = None;
        if let (Some(rules), Some(own)) = (&mut inputs.database, &self.database) {
            rules.name.clone_from(&own.name);
            rules.file.clone_from(&own.file);
        }
        inputs
    }

    /// The data of the environment as they are now come to the clone. Back when both were compared.
    pub(super) async fn bring_data(
        &self,
        cx: &JobCtx,
        world: &World,
        made: &Made,
        next: &Inputs,
    ) -> Result<Option<(Database, Facts)>, Problem> {
        let own = self.inputs(next);
        let (Some(real), Some(own)) = (data::connect(next, world).await?, data::connect(&own, world).await?) else {
            return Ok(None);
        };
        if real == own {
            return Err(Problem::internal(msg!("deploy-rehearsal-same")));
        }
        let (processes, stop) = (world.processes(), cx.cancel_token());
        let to = made.folder.join("origin").join(format!("data.{}", real.extension()));
        let wanted = real.size(processes, stop).await?.saturating_mul(3);
        let beside = made.folder.clone();
        let free = cx.blocking(move |_| deliver::free_bytes(&beside)).await?;
        if free < wanted {
            return Err(Problem::environment(msg!(
                "deploy-disk-full",
                free = free / 1_000_000,
                wanted = wanted.div_ceil(1_000_000)
            ))
            .code("disk-full")
            .hint(msg!("deploy-disk-full-hint")));
        }
        let backup = real.back_up(&to, processes, stop).await?;
        // The clone belongs to the role: what it may not do in the real one is asked there.
        if !next.strategy.runs_on() {
            real.prove(&backup, processes, stop).await?;
        }
        match &own {
            Database::Postgres(server) => {
                let made = server.create(processes, stop).await;
                made.map_err(|problem| problem.hint(msg!("deploy-rehearsal-createdb-hint")))?;
            }
            Database::Sqlite(file) => clear(file)?,
        }
        own.restore(&backup, processes, stop).await?;
        let Backup { facts, .. } = backup;
        Ok(Some((own, facts)))
    }
}

/// A place for the file, where what came with the other files is none.
fn clear(file: &Path) -> Result<(), Problem> {
    if let Some(folder) = file.parent() {
        files::create_private_dir(folder)?;
    }
    for ending in ["", "-wal", "-shm", "-journal"] {
        let mut path = file.as_os_str().to_owned();
        path.push(ending);
        match files::remove_file(Path::new(&path)) {
            Err(problem) if problem.code != "not-found" => return Err(problem),
            _ => {}
        }
    }
    Ok(())
}

/// The commit's files in a worktree, or a copy where there is no history. Gives the workspace's folder in it.
async fn bring_files(cx: &JobCtx, world: &World, made: &Made, commit: Option<&str>) -> Result<(PathBuf, Files), Problem> {
    let workspace = &made.workspace;
    if sources::is_repository(world, &workspace.root).await {
        let mut found = None;
        for revision in commit.into_iter().chain(["HEAD"]) {
            match worktree::commit_of(cx, world, workspace, revision).await {
                Ok(oid) => {
                    found = Some(oid);
                    break;
                }
                Err(problem) if problem.is_cancelled() || problem.is_untrusted() => return Err(problem),
                Err(_) => {}
            }
        }
        if let Some(oid) = found {
            let owner = made.folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let clean = Clean::make(cx.cancel_token(), world, workspace, &oid, &owner, "files").await?;
            let root = clean.workspace.root.clone();
            return Ok((root, Files::Checkout { _clean: clean }));
        }
    }
    let (from, to) = (workspace.root.clone(), made.folder.join("files"));
    let copied = to.clone();
    cx.blocking(move |cx| {
        let bytes = kept_folders::bytes_of(&from);
        if bytes > MAX_BYTES || copied.starts_with(&from) {
            return Err(
                Problem::user(msg!("deploy-rehearsal-large", path = &from, bytes = bytes / 1_000_000))
                    .code("no-clone")
                    .hint(msg!("deploy-rehearsal-large-hint")),
            );
        }
        if let Some(folder) = copied.parent() {
            files::create_private_dir(folder)?;
        }
        kept_folders::copy(&from, &copied, &|| cx.is_cancelled())
    })
    .await?;
    let root = files::canonicalize(&to)?;
    let lent = world.trust().lend(&root, workspace);
    Ok((root, Files::Copy { _lent: lent }))
}

fn free_ports(n: u16, reserved: &BTreeSet<u16>) -> Result<u16, Problem> {
    let is_free = |port: u16| !reserved.contains(&port) && http::is_port_free(port);
    let start = fastrand::u16(PORTS);
    let starts = (start..PORTS.end).chain(PORTS.start..start);
    starts
        .filter(|first| first.checked_add(n).is_some_and(|end| end <= PORTS.end))
        .find(|first| (*first..first + n).all(is_free))
        .ok_or_else(|| Problem::environment(msg!("deploy-no-ports")).code("port-taken"))
}

/// Removes the clones that programs which are gone have left, of this environment or of all.
pub async fn sweep(cx: &JobCtx, world: &World, only: Option<(&WorkspaceId, &str)>) -> Result<(), Problem> {
    for row in world.store().rehearsals().left_behind().await? {
        if only.is_some_and(|only| only != (&row.workspace, row.environment.as_str())) {
            continue;
        }
        let Some(made) = made_of(&row) else { continue };
        let id = made.clone_id();
        match journal::lock(world, &id, &row.environment, None).await {
            // Somebody removes it just now.
            Err(problem) if problem.code == "locked" => continue,
            result => result?,
        }
        let removed = Box::pin(remove(cx, world, &row, &made)).await;
        journal::unlock(world, &id, &row.environment).await?;
        removed?;
        if row.ended_at.is_none() {
            let now = cx.now();
            let ended = move |row: &mut RehearsalRow| {
                row.state = State::Interrupted;
                row.ended_at = Some(now);
                row.problem = Some(Problem::environment(msg!("deploy-rehearsal-interrupted")).code("interrupted"));
            };
            world.store().rehearsals().change(row.id, ended).await?;
        }
    }
    Ok(())
}

pub(super) fn made_of(row: &RehearsalRow) -> Option<Made> {
    serde_json::from_value(row.clone.clone()).ok()
}

/// No process, container, port, database or folder of the clone is left. Called under its lock; what is gone already is fine.
pub(super) async fn remove(cx: &JobCtx, world: &World, row: &RehearsalRow, made: &Made) -> Result<(), Problem> {
    let id = made.clone_id();
    let workspace = Workspace {
        id: id.clone(),
        name: made.workspace.name.clone(),
        root: made.folder.join("files"),
    };
    let store = world.store();
    let deployments = store.deployments();
    for row in deployments.list(&id, Some(&row.environment), 50).await? {
        let is_open = row.ended_at.is_none();
        if is_open {
            let row = deployments.adopt(row.id).await?;
            let (inputs, who) = (Inputs::of(&row)?, row.who.clone());
            let rollout = Rollout::of_row(cx, world, &workspace, row.clone(), inputs, None, who, true);
            rollout.clean_up().await?;
            let problem = Problem::environment(msg!("deploy-rehearsal-interrupted")).code("interrupted");
            deployments.end(row.id, State::Failed, Some(problem)).await?;
        } else if row.healthy_from.is_some() && row.healthy_until.is_none() {
            let now = cx.now();
            deployments.change(row.id, move |row| row.healthy_until = Some(now)).await?;
        }
    }
    let running = store.instances().running(Some(&id)).await?;
    for instance in running
        .iter()
        .filter(|instance| instance.environment.as_deref() == Some(&row.environment))
    {
        let of = match instance.deployment {
            Some(id) => deployments.get(id).await?,
            None => None,
        };
        let inputs = of.and_then(|of| Inputs::of(&of).ok());
        let grace = inputs.map_or(Duration::from_secs(5), |inputs| inputs.target.stop_grace());
        targets::stop(world, instance, grace, "stopped").await?;
    }
    // What a killed program had started to change the data must not go on.
    world.processes().end_orphans();
    remove_database(world, made).await?;
    remove_folders(cx, world, row, made).await?;
    store
        .rehearsals()
        .change(row.id, |row| row.clone = Value::Null)
        .await
        .map(drop)
}

async fn remove_database(world: &World, made: &Made) -> Result<(), Problem> {
    let Some(rules) = &made.database else { return Ok(()) };
    let mut server = data::server(rules);
    if let Some(reference) = &rules.password {
        if let Some(name) = secrets::reference(reference) {
            world.secrets().resolve([name]).await?;
        }
        let password = crate::adapters::database::secret(reference, world.secrets(), world.masks())?;
        server.password = Some(password);
    }
    server.remove(world.processes(), &CancellationToken::new()).await
}

async fn remove_folders(cx: &JobCtx, world: &World, row: &RehearsalRow, made: &Made) -> Result<(), Problem> {
    let checkout = made.folder.join("files");
    if let Ok(top) = worktree::top(world, &made.workspace).await {
        let repo = Repo {
            root: &top,
            is_trusted: true,
        };
        world
            .git()
            .remove_worktree(repo, &checkout, &CancellationToken::new())
            .await?;
    }
    let folders = [
        made.folder.clone(),
        inputs::folder_of(world, &made.clone_id(), &row.environment),
    ];
    let work = move || {
        folders.iter().try_for_each(|folder| {
            if folder.exists() {
                files::make_writable(folder);
            }
            deliver::remove_folder(folder)
        })
    };
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => {
            cx.note(error.to_string());
            Ok(())
        }
    }
}
