//! The data of an environment: where its database is, what of it a deployment changes, and whether a return to a former version brings
//! the former data back. Nothing is written here; the steps are those of a rollout.

use super::inputs::Inputs;
use super::{Kind, StepName, settings};
use crate::adapters::World;
use crate::adapters::database::{self, Backup, Database, Difference, Facts, Server};
use crate::adapters::store::deployments::{DeploymentRow, StepRow};
use crate::areas::devops::project::{self, DatabaseKind};
use crate::base::{Msg, Problem, State, Timestamp};
use crate::msg;
use semver::Version;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tokio_util::sync::CancellationToken;

/// Tables that a problem names.
const TOLD: usize = 50;
/// Deployments that are looked at.
const LOOKED_AT: u32 = 500;
/// PostgreSQL's own port.
const PORT: u16 = 5432;

/// What a deployment does with the data.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Data {
    /// They stay as they are.
    #[default]
    Keep,
    /// They are copied, then changed to what the new version needs.
    Advance,
    /// They are copied, then become what they were in this copy.
    Restore {
        backup: Box<Backup>,
        /// What they have to be until then: nothing is taken back that nobody was told of.
        expects: Option<String>,
    },
}

/// What the user decided about the data of a return.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Choice {
    /// The data become what they were before the version that is left was deployed.
    Restore,
    /// The former version works with the data of now.
    Keep,
}

/// What a return to a former version means for the data.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Weighed {
    pub environment: String,
    pub to: i64,
    pub version: String,
    /// The copy from before; None where there is none to restore.
    pub backup: Option<Kept>,
    /// What was written since, beside what the versions changed themselves.
    pub written: Vec<Difference>,
    /// The data were changed for a newer version.
    pub has_changed: bool,
    /// What is done when nobody chooses; None where somebody has to.
    pub usual: Option<Choice>,
    /// They are those of an older version: where they stay they are copied and migrated, as by a deployment.
    #[serde(default)]
    pub migrates: bool,
}

impl Weighed {
    /// What it comes to, in one sentence.
    pub fn head(&self) -> Msg {
        let version = self.version.as_str();
        if self.migrates {
            return msg!("deploy-weighed-migrate", version = version);
        }
        match (self.usual, self.has_changed) {
            (Some(Choice::Restore), _) => msg!("deploy-weighed-restore", version = version),
            (None, _) => msg!("deploy-weighed-choose", n = self.written.len()),
            (Some(Choice::Keep), true) => msg!("deploy-weighed-keep", version = version),
            (Some(Choice::Keep), false) => msg!("deploy-weighed-same"),
        }
    }
}

/// A copy as it is shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    pub deployment: i64,
    pub at: Timestamp,
    pub bytes: u64,
    pub n_rows: u64,
    pub n_tables: usize,
    /// The file is still there.
    pub is_there: bool,
}

impl Kept {
    /// How many rows, how large, or that it is gone; `bytes` in words.
    pub fn words(&self, bytes: &str) -> Msg {
        if !self.is_there {
            return msg!("deploy-backup-forgotten", rows = self.n_rows, tables = self.n_tables);
        }
        msg!(
            "deploy-backup-words",
            rows = self.n_rows,
            tables = self.n_tables,
            bytes = bytes
        )
    }

    /// Of a step that made a copy. Looks at the file's name only.
    pub fn of(step: &StepRow) -> Option<Self> {
        let backup = backup_of(step)?;
        Some(Self {
            deployment: step.deployment,
            at: step.ended_at.unwrap_or(step.started_at),
            bytes: backup.bytes,
            n_rows: backup.facts.n_rows(),
            n_tables: backup.facts.tables.len(),
            is_there: !backup.was_there || backup.path.exists(),
        })
    }
}

/// A deployment that changed the data, with what it found and what it left.
struct Event {
    row: DeploymentRow,
    backup: Backup,
    at: StepRow,
    after: Facts,
    /// The copy that they became.
    restored: Option<PathBuf>,
}

impl Event {
    fn is_migration(&self) -> bool {
        self.restored.is_none() && self.backup.facts != self.after
    }

    fn is_compatible(&self) -> bool {
        Inputs::of(&self.row).is_ok_and(|inputs| inputs.database.is_some_and(|database| database.compatible))
    }
}

/// The database of these inputs, with its password as it is now. None where they have none.
pub async fn connect(inputs: &Inputs, world: &World) -> Result<Option<Database>, Problem> {
    settings::resolve(world, inputs).await?;
    open(inputs, world)
}

/// The same where the secrets are ready.
fn open(inputs: &Inputs, world: &World) -> Result<Option<Database>, Problem> {
    let Some(rules) = &inputs.database else { return Ok(None) };
    let mut found = place(rules, inputs);
    if let (Database::Postgres(server), Some(reference)) = (&mut found, &rules.password) {
        server.password = Some(database::secret(reference, world.secrets(), world.masks())?);
    }
    Ok(Some(found))
}

/// The same without a password, to be named.
pub fn place(rules: &project::Database, inputs: &Inputs) -> Database {
    match rules.kind {
        DatabaseKind::Sqlite => Database::Sqlite(inputs.root.join(rules.file.as_deref().unwrap_or(Path::new("")))),
        DatabaseKind::Postgres => Database::Postgres(server(rules)),
    }
}

/// The database of a server, without its password.
pub fn server(rules: &project::Database) -> Server {
    Server {
        host: rules.host.clone().unwrap_or_else(|| "127.0.0.1".to_owned()),
        port: rules.port.unwrap_or(PORT),
        name: rules.name.clone().unwrap_or_default(),
        user: rules.user.clone(),
        password: None,
    }
}

/// What programs of the version get in their environment: libpq's variables. `with_secret`: where nobody else can read them.
pub fn env(inputs: &Inputs, world: &World, with_secret: bool) -> Result<Vec<(&'static str, String)>, Problem> {
    let Some(rules) = &inputs.database else {
        return Ok(Vec::new());
    };
    let found = if with_secret {
        open(inputs, world)?.unwrap_or_else(|| place(rules, inputs))
    } else {
        place(rules, inputs)
    };
    Ok(match found {
        Database::Sqlite(_) => Vec::new(),
        Database::Postgres(server) => server.env(),
    })
}

/// The copy that a step made.
pub fn backup_of(step: &StepRow) -> Option<Backup> {
    let is_made = step.name == StepName::Backup.word() && step.state == State::Done;
    is_made.then(|| serde_json::from_value(step.result.clone()).ok()).flatten()
}

/// What a return to this deployment means for the data; asks the database as it is now.
pub async fn weigh(world: &World, to: &DeploymentRow) -> Result<Weighed, Problem> {
    let events = events(world, to).await?;
    let mut weighed = Weighed {
        environment: to.environment.clone(),
        to: to.id,
        version: to.version.clone(),
        backup: events.first().and_then(|event| Kept::of(&event.at)),
        written: Vec::new(),
        has_changed: events.iter().any(Event::is_migration),
        usual: Some(Choice::Keep),
        migrates: are_older(&events, to),
    };
    let Some(last) = events.last() else { return Ok(weighed) };
    let mut before = &events[0].after;
    for event in &events[1..] {
        join(&mut weighed.written, before.differences(&event.backup.facts));
        before = &event.after;
    }
    let inputs = Inputs::of(&last.row)?;
    if let Some(database) = connect(&inputs, world).await? {
        let now = database.facts(world.processes(), &CancellationToken::new()).await?;
        join(&mut weighed.written, before.differences(&now));
    }
    let must_bear = events.iter().filter(|event| event.is_migration()).all(Event::is_compatible);
    weighed.usual = match (must_bear, weighed.written.is_empty()) {
        _ if weighed.migrates => Some(Choice::Keep),
        (true, _) => Some(Choice::Keep),
        (false, true) => Some(Choice::Restore),
        (false, false) => None,
    };
    Ok(weighed)
}

/// What it means for the data to take back a deployment that was left as it failed: they become what it found.
pub async fn weigh_left(world: &World, left: &DeploymentRow, live: &DeploymentRow) -> Result<Weighed, Problem> {
    let steps = world.store().deployments().steps(left.id).await?;
    let found = steps.iter().find_map(|step| Some((step, backup_of(step)?)));
    let mut weighed = Weighed {
        environment: live.environment.clone(),
        to: live.id,
        version: live.version.clone(),
        backup: found.as_ref().and_then(|(step, _)| Kept::of(step)),
        written: Vec::new(),
        has_changed: false,
        usual: Some(Choice::Keep),
        migrates: false,
    };
    let inputs = Inputs::of(left)?;
    if let (Some((_, backup)), false) = (&found, inputs.strategy.runs_on())
        && let Some(database) = connect(&inputs, world).await?
    {
        let now = database.facts(world.processes(), &CancellationToken::new()).await?;
        weighed.written = backup.facts.differences(&now);
        weighed.has_changed = backup.facts != now;
        if weighed.has_changed {
            weighed.usual = Some(Choice::Restore);
        }
    }
    Ok(weighed)
}

/// What is done with the data of a return, by the user's choice or because nothing can be lost.
pub async fn choose(world: &World, to: &DeploymentRow, inputs: &mut Inputs, choice: Option<Choice>) -> Result<(), Problem> {
    let events = events(world, to).await?;
    inputs.data = if are_older(&events, to) { Data::Advance } else { Data::Keep };
    if choice == Some(Choice::Keep) {
        return Ok(());
    }
    let weighed = weigh(world, to).await?;
    let restores = match choice.or(weighed.usual) {
        Some(Choice::Keep) => false,
        Some(Choice::Restore) => true,
        None => return Err(undecided(&weighed)),
    };
    if !restores {
        return Ok(());
    }
    let (Some(first), Some(last)) = (events.first(), events.last()) else {
        return Err(Problem::user(msg!("deploy-no-backup", version = &to.version)).code("no-backup"));
    };
    if first.backup.was_there && !first.backup.path.exists() {
        let told = msg!("database-backup-gone", path = &first.backup.path);
        return Err(Problem::environment(told)
            .code("backup-gone")
            .hint(msg!("deploy-backup-gone-hint")));
    }
    inputs.database = Inputs::of(&first.row)?.database;
    inputs.data = Data::Restore {
        backup: Box::new(first.backup.clone()),
        // Without a word of the user's nothing may have been written.
        expects: choice.is_none().then(|| last.after.digest()),
    };
    Ok(())
}

fn undecided(weighed: &Weighed) -> Problem {
    let lines: Vec<String> = weighed.written.iter().take(TOLD).map(line).collect();
    Problem::user(msg!(
        "deploy-data-choice",
        version = &weighed.version,
        n = weighed.written.len(),
        environment = &weighed.environment
    ))
    .code("needs-data-choice")
    .details(lines.join("\n"))
    .hint(msg!("deploy-data-choice-hint"))
}

/// What was written later is added: each table stands there once, from the first time to the last.
fn join(written: &mut Vec<Difference>, later: Vec<Difference>) {
    for one in later {
        match written.iter_mut().find(|known| known.table == one.table) {
            Some(known) => known.after = one.after,
            None => written.push(one),
        }
    }
}

/// `orders  120 → 131`.
pub fn line(one: &Difference) -> String {
    let side = |rows: Option<u64>| rows.map_or_else(|| "–".to_owned(), |rows| rows.to_string());
    format!("{}  {} → {}", one.table, side(one.before), side(one.after))
}

/// Whether the data are from before what was deployed: a copy of them was restored since, and nothing migrated them so far again.
fn are_older(events: &[Event], to: &DeploymentRow) -> bool {
    let number = |row: &DeploymentRow| Version::parse(&row.version).ok();
    let mut at_copy: BTreeMap<&Path, bool> = BTreeMap::new();
    let mut are_older = false;
    for event in events {
        at_copy.insert(&event.backup.path, are_older);
        are_older = match &event.restored {
            // A copy that none of these made is from before this deployment, or was made by it before it migrated.
            Some(copy) => at_copy.get(copy.as_path()).copied().unwrap_or(true),
            None if event.is_migration() => are_older && number(&event.row).zip(number(to)).is_some_and(|(a, b)| a < b),
            None => are_older,
        };
    }
    are_older
}

/// The deployments after this one that copied the data and became healthy, oldest first.
async fn events(world: &World, to: &DeploymentRow) -> Result<Vec<Event>, Problem> {
    let deployments = world.store().deployments();
    let mut rows = deployments.list(&to.workspace, Some(&to.environment), LOOKED_AT).await?;
    rows.retain(|row| row.id > to.id && row.healthy_from.is_some() && row.kind != Kind::Stop.word());
    rows.reverse();
    let mut events = Vec::new();
    for row in rows {
        let steps = deployments.steps(row.id).await?;
        let Some((at, backup)) = steps.iter().find_map(|step| Some((step.clone(), backup_of(step)?))) else {
            continue;
        };
        let is_change = |step: &&StepRow| {
            step.state == State::Done && [StepName::Migrate.word(), StepName::Restore.word()].contains(&step.name.as_str())
        };
        let change = steps.iter().rfind(is_change);
        let after = change.and_then(|step| serde_json::from_value(step.result["facts"].clone()).ok());
        let restored = change.and_then(|step| step.intent["from"].as_str()).map(PathBuf::from);
        events.push(Event {
            after: after.unwrap_or_else(|| backup.facts.clone()),
            row,
            backup,
            at,
            restored,
        });
    }
    Ok(events)
}
