//! Whether the files of a version are still those that were made, and signed by whom the project says.

use super::packing::{SIGNATURE, SUMS};
use super::procedure::again;
use super::{Check, files, history};
use crate::adapters::World;
use crate::adapters::deliver;
use crate::adapters::files::{MAX_TEXT_BYTES, read_text};
use crate::adapters::signing;
use crate::adapters::store::releases::ReleaseArtifactRow;
use crate::areas::JobCtx;
use crate::base::{Problem, State, Workspace, format};
use crate::msg;

/// Every file of the version, then the signature.
pub async fn verify(cx: &JobCtx, world: &World, workspace: &Workspace, version: &str) -> Result<Vec<Check>, Problem> {
    let wanted = super::packages::parse(version)?;
    let releases = world.store().releases();
    let Some(row) = releases.by_version(&workspace.id, &wanted).await? else {
        let project = files::project(workspace)?.0;
        if again::can(world, workspace, &project, &wanted, cx.cancel_token()).await? {
            return Err(again::elsewhere(&wanted));
        }
        return Err(Problem::user(msg!("release-no-such-version", version = wanted)).code("not-found"));
    };
    let artifacts = releases.artifacts(row.id).await?;
    let tag = match &row.tag {
        Some(tag) => Some(check_tag(cx, world, workspace, tag, &row.commit).await?),
        None => None,
    };
    let public_key = files::project(workspace)?.0.release.public_key;
    cx.blocking(move |cx| {
        let mut checks: Vec<Check> = tag.into_iter().collect();
        for artifact in &artifacts {
            cx.check()?;
            checks.push(check_file(artifact)?);
        }
        checks.push(check_signature(public_key.as_deref(), &artifacts));
        Ok(checks)
    })
    .await
}

/// The tag still names the commit that the version was made from.
async fn check_tag(cx: &JobCtx, world: &World, workspace: &Workspace, tag: &str, commit: &str) -> Result<Check, Problem> {
    let now = history::commit_of_tag(world, workspace, tag, cx.cancel_token()).await?;
    let (state, found) = match &now {
        None => (State::Failed, msg!("release-verify-tag-gone", tag = tag)),
        Some(now) if now != commit => (
            State::Failed,
            msg!(
                "release-verify-tag-moved",
                tag = tag,
                now = format::short_oid(now),
                then = format::short_oid(commit)
            ),
        ),
        Some(_) => (
            State::Done,
            msg!("release-verify-tag-same", commit = format::short_oid(commit)),
        ),
    };
    Ok(Check {
        name: msg!("release-verify-tag", tag = tag),
        state,
        found,
        hint: None,
        target: None,
    })
}

fn check_file(artifact: &ReleaseArtifactRow) -> Result<Check, Problem> {
    let (state, found) = match deliver::look(&artifact.path)? {
        None => (State::Failed, msg!("release-verify-gone", path = &artifact.path)),
        Some(now) if now.sha256 != artifact.sha256 => (
            State::Failed,
            msg!("release-verify-changed", now = now.sha256, then = &artifact.sha256),
        ),
        Some(_) => (State::Done, msg!("release-verify-same", sum = &artifact.sha256)),
    };
    Ok(Check {
        name: msg!("release-verify-file", name = &artifact.name),
        state,
        found,
        hint: None,
        target: None,
    })
}

fn check_signature(public_key: Option<&str>, artifacts: &[ReleaseArtifactRow]) -> Check {
    let is_signed = artifacts.iter().any(|artifact| artifact.name == SIGNATURE);
    let (state, found, hint) = match public_key.map(|key| signed(key, artifacts)) {
        Some(Ok(comment)) => (State::Done, msg!("release-verify-signed", comment = comment), None),
        Some(Err(problem)) => (State::Failed, problem.summary, problem.hint),
        None if is_signed => (
            State::Unknown,
            msg!("release-verify-no-key"),
            Some(msg!("release-verify-no-key-hint")),
        ),
        None => (State::None, msg!("release-verify-unsigned"), None),
    };
    Check {
        name: msg!("release-verify-signature"),
        state,
        found,
        hint,
        target: None,
    }
}

/// The sums are signed with the key that belongs to this one, and name every file of the version as it was recorded.
pub fn signed(public_key: &str, artifacts: &[ReleaseArtifactRow]) -> Result<String, Problem> {
    let read = |name: &str| {
        let artifact = artifacts.iter().find(|artifact| artifact.name == name);
        let missing = || {
            Problem::environment(msg!("sign-missing"))
                .code("not-signed")
                .hint(msg!("sign-missing-hint"))
        };
        read_text(&artifact.ok_or_else(missing)?.path, MAX_TEXT_BYTES)
    };
    let (sums, signature) = (read(SUMS)?, read(SIGNATURE)?);
    let comment = signing::verify(public_key, sums.as_bytes(), &signature)?;
    for artifact in artifacts
        .iter()
        .filter(|artifact| ![SUMS, SIGNATURE].contains(&artifact.name.as_str()))
    {
        let name = artifact.path.file_name().unwrap_or_default().to_string_lossy();
        let line = format!("{}  {name}", artifact.sha256);
        if !sums.lines().any(|known| known == line) {
            return Err(Problem::environment(msg!("sign-not-listed", name = &artifact.name)).code("bad-signature"));
        }
    }
    Ok(comment)
}
