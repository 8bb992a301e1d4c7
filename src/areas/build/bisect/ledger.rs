//! Searches in the ledger: each look is written before it is used, so that a search goes on where it was killed.

use super::Search;
use crate::adapters::World;
use crate::adapters::files;
use crate::base::{Problem, WorkspaceId};

/// Searches that a workspace keeps; the oldest go first.
const KEPT: usize = 20;

fn index(workspace: &WorkspaceId) -> String {
    format!("bisects/{workspace}")
}

fn entry(workspace: &WorkspaceId, key: &str) -> String {
    format!("bisect/{workspace}/{key}")
}

/// The same question about the same range is the same search.
pub fn key(question: &str, good: &str, bad: &str, first_parent: bool) -> String {
    let text = format!("{question}\0{good}\0{bad}\0{first_parent}");
    let sum = files::sha256_of(text.as_bytes());
    sum.get(..16).unwrap_or(&sum).to_owned()
}

pub async fn get(world: &World, workspace: &WorkspaceId, key: &str) -> Result<Option<Search>, Problem> {
    world.store().kv().get(&entry(workspace, key)).await
}

/// Newest first.
pub async fn list(world: &World, workspace: &WorkspaceId) -> Result<Vec<Search>, Problem> {
    let keys: Vec<String> = world.store().kv().get(&index(workspace)).await?.unwrap_or_default();
    let mut searches = Vec::new();
    for key in keys {
        searches.extend(get(world, workspace, &key).await?);
    }
    Ok(searches)
}

/// Written for good when it returns.
pub async fn put(world: &World, workspace: &WorkspaceId, search: &Search) -> Result<(), Problem> {
    let kv = world.store().kv();
    kv.set(&entry(workspace, &search.key), search).await?;
    let mut keys: Vec<String> = kv.get(&index(workspace)).await?.unwrap_or_default();
    if keys.first() == Some(&search.key) {
        return Ok(());
    }
    keys.retain(|known| *known != search.key);
    keys.insert(0, search.key.clone());
    for old in keys.split_off(keys.len().min(KEPT)) {
        kv.remove(&entry(workspace, &old)).await?;
    }
    kv.set(&index(workspace), &keys).await
}

pub async fn forget(world: &World, workspace: &WorkspaceId, key: &str) -> Result<(), Problem> {
    let kv = world.store().kv();
    let mut keys: Vec<String> = kv.get(&index(workspace)).await?.unwrap_or_default();
    keys.retain(|known| known != key);
    kv.set(&index(workspace), &keys).await?;
    kv.remove(&entry(workspace, key)).await
}
