//! The database of an environment, and how a version changes it. Pure.

use super::{Environment, Span, Strategy, Target, here, ten_mins};
use crate::adapters::secrets;
use crate::base::Msg;
use crate::msg;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What a program keeps its data in, copied before a version changes it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Database {
    pub kind: DatabaseKind,
    /// Of SQLite: below the workspace, or a path of its own.
    #[serde(default)]
    pub file: Option<PathBuf>,
    /// Of PostgreSQL: a name, an address or the folder of its socket; None is this machine.
    #[serde(default)]
    pub host: Option<String>,
    #[serde(default)]
    pub port: Option<u16>,
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub user: Option<String>,
    /// Where the password is: `secret:NAME`, or `env:NAME`.
    #[serde(default)]
    pub password: Option<String>,
    /// Changes the database to what the new version needs; program and arguments. Empty where the program does that itself.
    #[serde(default)]
    pub migrate: Vec<String>,
    #[serde(default = "here")]
    pub dir: PathBuf,
    /// How long it may take.
    #[serde(default = "ten_mins")]
    pub timeout: Span,
    /// The version before works with the changed data too.
    #[serde(default)]
    pub compatible: bool,
    /// Deployments whose backups are kept.
    #[serde(default = "super::target::five")]
    pub keep: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DatabaseKind {
    Sqlite,
    Postgres,
}

impl Environment {
    /// What of the database does not go together with the rest, in words.
    pub(super) fn database_wrongs(&self) -> Vec<Msg> {
        let Some(database) = &self.database else { return Vec::new() };
        let name = self.name.as_str();
        let mut wrongs = Vec::new();
        let of_server = [&database.host, &database.name, &database.user, &database.password];
        let is_whole = match database.kind {
            DatabaseKind::Sqlite => {
                database.file.is_some() && database.port.is_none() && of_server.iter().all(|key| key.is_none())
            }
            DatabaseKind::Postgres => database.file.is_none() && database.name.is_some(),
        };
        if !is_whole {
            wrongs.push(msg!("devops-database-where", name = name));
        }
        if database
            .password
            .as_ref()
            .is_some_and(|reference| !reference.starts_with("env:") && secrets::reference(reference).is_none())
        {
            wrongs.push(msg!("devops-database-password", name = name));
        }
        if !matches!(self.target, Target::Process { .. } | Target::Docker { host: None, .. }) {
            wrongs.push(msg!("devops-database-target", name = name, target = self.target.kind()));
        }
        if self.strategy != Strategy::Recreate && !database.compatible {
            wrongs.push(msg!("devops-database-strategy", name = name, strategy = self.strategy.word()));
        }
        wrongs
    }
}
