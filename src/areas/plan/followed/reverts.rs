//! Commits that others took back: what was reverted is no work on an item any more, and neither is the commit that reverts it.

use crate::adapters::World;
use crate::base::{Problem, Workspace};
use std::collections::{BTreeMap, BTreeSet};

/// As git begins the sentence.
const MARK: &str = "This reverts commit ";

/// By the commit that reverts, the one that it takes back.
pub type Reverts = BTreeMap<String, String>;

fn key_of(workspace: &Workspace) -> String {
    format!("plan-reverts/{}", workspace.id)
}

/// The commit that a message says it takes back.
pub fn target(message: &str) -> Option<&str> {
    let rest = &message[message.find(MARK)? + MARK.len()..];
    let end = rest.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(rest.len());
    Some(&rest[..end]).filter(|oid| oid.len() >= 40)
}

/// Commits that count for nothing: those that revert, and those that were reverted by one that was not taken back itself.
pub fn void(reverts: &Reverts) -> BTreeSet<String> {
    let stands = |oid: &str| {
        let mut stands = true;
        let mut at = oid;
        // Each revert of a revert turns it round; no chain is longer than there are reverts.
        for _ in 0..reverts.len() {
            let Some((above, _)) = reverts.iter().find(|(_, target)| *target == at) else {
                break;
            };
            stands = !stands;
            at = above;
        }
        stands
    };
    let taken_back = reverts.iter().filter(|(oid, _)| stands(oid)).map(|(_, target)| target);
    reverts.keys().chain(taken_back).cloned().collect()
}

/// What is known of a workspace.
pub(super) async fn known(world: &World, workspace: &Workspace) -> Result<Reverts, Problem> {
    Ok(world.store().kv().get(&key_of(workspace)).await?.unwrap_or_default())
}

pub(super) async fn keep(world: &World, workspace: &Workspace, reverts: &Reverts) -> Result<(), Problem> {
    world.store().kv().set(&key_of(workspace), reverts).await
}
