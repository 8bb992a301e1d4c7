//! Versions that nobody may deploy: who said so, when and why, also of those that were tagged elsewhere. Nothing that was said is lost, and
//! every word stands in the audit log.

use super::{deliverables, history, packages};
use crate::adapters::store::audit::AuditEntry;
use crate::adapters::{World, user};
use crate::areas::JobCtx;
use crate::areas::devops::version_words;
pub use crate::areas::devops::version_words::{Word, Words, all, reason};
use crate::base::{Problem, Workspace, WorkspaceId};
use crate::msg;
/// Withdraws a version with a reason, or makes it good again.
pub async fn say(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    version: &str,
    reason: Option<String>,
) -> Result<(), Problem> {
    let wanted = packages::parse(version)?;
    // It stands in one line of tables.
    let reason = reason.map(|reason| reason.split_whitespace().collect::<Vec<_>>().join(" "));
    if reason.as_deref().is_some_and(str::is_empty) {
        return Err(Problem::user(msg!("release-withdraw-why")).hint(msg!("release-withdraw-why-hint")));
    }
    let all_made = deliverables::list(cx, world, workspace).await?;
    let Some(made) = all_made.into_iter().find(|one| one.version == wanted) else {
        return Err(Problem::user(msg!("release-no-such-version", version = wanted))
            .code("not-found")
            .hint(msg!("release-withdraw-unknown-hint")));
    };
    match (&made.withdrawn, &reason) {
        // The first reason is what others met; it is not exchanged behind their backs.
        (Some(_), Some(_)) => {
            let said = made.withdrawn_told().unwrap_or(msg!("release-state-withdrawn"));
            let said = world.texts().msg(&said);
            return Err(
                Problem::user(msg!("release-withdrawn-already", version = &wanted, said = said))
                    .code("withdrawn")
                    .hint(msg!("release-withdrawn-already-hint", version = &wanted)),
            );
        }
        (None, None) => {
            return Err(Problem::user(msg!("release-not-withdrawn", version = &wanted)).code("not-withdrawn"));
        }
        _ => {}
    }
    let committer = history::committer(world, workspace, cx.cancel_token()).await;
    let by = committer.ok().filter(|name| !name.is_empty()).unwrap_or_else(user::name);
    let entry = AuditEntry {
        who: by.clone(),
        act: if reason.is_some() {
            "release.withdraw"
        } else {
            "release.restore"
        }
        .to_owned(),
        workspace: Some(workspace.id.clone()),
        environment: None,
        deployment: None,
        data: serde_json::json!({ "version": wanted, "commit": made.commit, "reason": reason }),
    };
    world.store().audit().append(entry).await?;
    let mut words = all(world, &workspace.id).await?;
    let word = Word {
        by,
        at: cx.now(),
        reason: reason.clone(),
    };
    words.entry(wanted).or_default().push(word);
    world.store().kv().set(&version_words::key(&workspace.id), &words).await?;
    if made.id != 0 {
        world.store().releases().set_withdrawn(made.id, reason).await?;
    }
    Ok(())
}

/// A version that was taken back is none any more, and nothing is said of it.
pub async fn forget(world: &World, workspace: &WorkspaceId, version: &str) -> Result<(), Problem> {
    let mut words = all(world, workspace).await?;
    if words.remove(version).is_some() {
        world.store().kv().set(&version_words::key(workspace), &words).await?;
    }
    Ok(())
}
