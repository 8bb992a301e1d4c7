//! What instances are given in their environment: settings as they are, and apart from them those that hold secrets. Everything that
//! is stored knows a secret by its name alone; its value is asked for anew each time that something is started.

use super::inputs::Inputs;
use crate::adapters::World;
use crate::adapters::secrets::{self, Secrets};
use crate::areas::devops::project::{self, Environment, Words, fill, fill_hidden, secrets_in};
use crate::base::{Hidden, Problem};
use crate::msg;
use std::collections::{BTreeMap, BTreeSet};

/// Where containers find their secrets, as Swarm has it: a file each, by the name of its setting.
pub const FOLDER: &str = "/run/secrets";

/// The secrets that an environment refers to.
pub fn names(env: &BTreeMap<String, String>, database: Option<&project::Database>) -> BTreeSet<String> {
    let password = database.and_then(|rules| rules.password.as_deref());
    env.values()
        .map(String::as_str)
        .chain(password)
        .flat_map(secrets_in)
        .collect()
}

/// A problem for each secret that an environment refers to and nobody has set. Opens none.
pub fn lacking(world: &World, environment: &Environment) -> Vec<Problem> {
    let all = names(&environment.env, environment.database.as_ref());
    let lacking = all.iter().filter(|name| !world.secrets().has(name));
    lacking.map(|name| secrets::missing(name)).collect()
}

/// Makes the secrets of these inputs ready, as they are now. Fails when one can not be had.
pub async fn resolve(world: &World, inputs: &Inputs) -> Result<(), Problem> {
    let all = names(&inputs.env, inputs.database.as_ref());
    world.secrets().resolve(all.iter().map(String::as_str)).await
}

/// The settings without secrets, words replaced.
pub fn plain(inputs: &Inputs, words: &Words) -> Result<Vec<(String, String)>, Problem> {
    let settings = inputs.env.iter().filter(|(_, value)| secrets_in(value).is_empty());
    settings
        .map(|(name, value)| Ok((name.clone(), fill(value, words)?)))
        .collect()
}

/// The names of the settings that hold secrets.
pub fn hidden_names(inputs: &Inputs) -> Vec<&str> {
    let settings = inputs.env.iter().filter(|(_, value)| !secrets_in(value).is_empty());
    settings.map(|(name, _)| name.as_str()).collect()
}

/// The settings that hold secrets, with their values; those must be ready.
pub fn hidden(inputs: &Inputs, words: &Words, secrets: &Secrets) -> Result<Vec<(String, Hidden)>, Problem> {
    let mut found = Vec::new();
    for name in hidden_names(inputs) {
        let value = fill_hidden(&inputs.env[name], words, |name| secrets.value(name))?;
        found.push((name.to_owned(), value));
    }
    Ok(found)
}

/// The same as files for a container, each named by its setting.
pub fn files(inputs: &Inputs, words: &Words, secrets: &Secrets) -> Result<Vec<(String, Hidden)>, Problem> {
    let found = hidden(inputs, words, secrets)?;
    let is_plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    match found.iter().find(|(name, _)| !name.chars().all(is_plain)) {
        Some((name, _)) => Err(Problem::config(msg!("ssh-bad-setting", name = name))),
        None => Ok(found),
    }
}

/// The setting that says where the file of another one is, as images of databases and Swarm's users know it.
pub fn pointer(name: &str) -> String {
    format!("{name}_FILE")
}

/// Fails when a word in a setting is not known. Secrets are not asked for.
pub fn check(env: &BTreeMap<String, String>, words: &Words) -> Result<(), Problem> {
    for value in env.values() {
        fill_hidden(value, words, |_| Ok(Hidden::default()))?;
    }
    Ok(())
}
