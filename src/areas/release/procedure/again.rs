//! A version whose tag is here and whose files are not, because it was made on another machine or its home is lost: built again from its
//! commit, in a throw-away worktree, and written down. No file, commit or tag is changed, and files that were given out once stay the
//! same: where what is built now is not what was written down then, nothing is kept.

use super::Release;
use crate::adapters::store::releases::ReleaseRow;
use crate::adapters::{World, deliver};
use crate::areas::JobCtx;
use crate::areas::build::pipelines::worktree::{self, Clean};
use crate::areas::devops::project::{FILE_NAME, ProjectFile};
use crate::areas::release::history::{self, Tagged};
use crate::areas::release::journal::Journal;
use crate::areas::release::packing::SIGNATURE;
use crate::areas::release::{
    Deliverable, Delivered, Package, changelog, deliverables, files, found, packages, version, withdrawal,
};
use crate::base::{Problem, Workspace};
use crate::msg;
use semver::Version;
use std::path::Path;
use tokio_util::sync::CancellationToken;

/// The tag of a version that can be built again, with the package whose version it is.
struct Meant {
    label: String,
    package: Option<Package>,
    tagged: Tagged,
    /// The version before it.
    previous: Option<Version>,
}

/// Builds the version again, unless its files are here and whole.
pub async fn again(cx: &JobCtx, world: &World, workspace: &Workspace, version: &str) -> Result<Deliverable, Problem> {
    let label = packages::parse(version)?;
    let work = async {
        let (project, _) = files::project(workspace)?;
        found::again(cx, world, workspace, &project).await?;
        let known = world.store().releases().by_version(&workspace.id, &label).await?;
        if let Some(known) = &known
            && is_whole(cx, world, known).await?
        {
            return deliverables::of_row(world, known.clone()).await;
        }
        let meant = meant(world, workspace, &project, &label, cx.cancel_token()).await?;
        let commit = worktree::commit_of(cx, world, workspace, &meant.tagged.commit).await?;
        let clean = Clean::make(cx.cancel_token(), world, workspace, &commit, &worktree::owner(cx), "again").await?;
        let made = Box::pin(make(cx, world, &clean, &project, meant, known)).await;
        let removed = worktree::remove(cx, world, clean).await;
        let made = made?;
        removed?;
        Ok(made)
    };
    super::alone(world, workspace, Box::pin(work)).await
}

/// The version has a tag here, so that it can be built again.
pub async fn can(
    world: &World,
    workspace: &Workspace,
    project: &ProjectFile,
    version: &str,
    cancel: &CancellationToken,
) -> Result<bool, Problem> {
    let Ok(label) = packages::parse(version) else {
        return Ok(false);
    };
    match meant(world, workspace, project, &label, cancel).await {
        Ok(_) => Ok(true),
        Err(problem) if problem.is_cancelled() => Err(problem),
        Err(_) => Ok(false),
    }
}

/// Its tag is here, and its files are with whoever made it.
pub fn elsewhere(version: &str) -> Problem {
    Problem::user(msg!("release-elsewhere", version = version))
        .code("not-found")
        .hint(msg!("release-elsewhere-hint", version = version))
}

/// The newest stable version of the whole that has a tag here.
pub async fn newest(
    world: &World,
    workspace: &Workspace,
    project: &ProjectFile,
    cancel: &CancellationToken,
) -> Result<Option<String>, Problem> {
    let pattern = history::pattern(world, workspace, &project.release, cancel).await?;
    match history::tags(world, workspace, &pattern, false, cancel).await {
        Ok(tags) => {
            let mut stable = tags.into_iter().filter(|one| one.version.pre.is_empty());
            Ok(stable.next().map(|one| one.version.to_string()))
        }
        Err(problem) if problem.is_cancelled() => Err(problem),
        // Who has no repository, or one that can not be read, has no tags.
        Err(_) => Ok(None),
    }
}

async fn is_whole(cx: &JobCtx, world: &World, known: &ReleaseRow) -> Result<bool, Problem> {
    let artifacts = world.store().releases().artifacts(known.id).await?;
    cx.blocking(move |cx| {
        for artifact in &artifacts {
            cx.check()?;
            if deliver::look(&artifact.path)?.is_none_or(|now| now.sha256 != artifact.sha256) {
                return Ok(false);
            }
        }
        Ok(true)
    })
    .await
}

async fn meant(
    world: &World,
    workspace: &Workspace,
    project: &ProjectFile,
    label: &str,
    cancel: &CancellationToken,
) -> Result<Meant, Problem> {
    let (package, number) = packages::parts(label);
    let wanted = version::parse(number)?;
    let package = match package {
        Some(name) => Some(packages::get(&workspace.root, &project.release, name)?),
        None => None,
    };
    let pattern = match &package {
        Some(package) => history::pattern_of(world, workspace, package, cancel).await?,
        None => history::pattern(world, workspace, &project.release, cancel).await?,
    };
    let mut tags = history::tags(world, workspace, &pattern, false, cancel).await?;
    let Some(at) = tags.iter().position(|tagged| tagged.version == wanted) else {
        return Err(Problem::user(msg!("release-no-such-version", version = label))
            .code("not-found")
            .hint(msg!("release-again-no-tag-hint")));
    };
    // The highest stands first; a stable version tells of everything since the stable one before it.
    let is_before = |tagged: &&Tagged| !wanted.pre.is_empty() || tagged.version.pre.is_empty();
    let previous = tags[at + 1..].iter().find(is_before).map(|tagged| tagged.version.clone());
    Ok(Meant {
        label: label.to_owned(),
        package,
        tagged: tags.swap_remove(at),
        previous,
    })
}

/// By what the project file says there; one from before there was any is built as the checkout says.
async fn make(
    cx: &JobCtx,
    world: &World,
    clean: &Clean,
    now: &ProjectFile,
    meant: Meant,
    known: Option<ReleaseRow>,
) -> Result<Deliverable, Problem> {
    let workspace = &clean.workspace;
    let (mut project, problems) = files::project(workspace)?;
    if let Some(problem) = problems.into_iter().next() {
        return Err(problem);
    }
    if !workspace.root.join(FILE_NAME).is_file() {
        project = now.clone();
    }
    let log = match &meant.package {
        Some(package) => files::followed(&workspace.root, &package.changelog),
        None => files::followed(&workspace.root, &project.release.changelog),
    };
    let number = meant.tagged.version.to_string();
    let text = files::read(&workspace.root, &log)?;
    let notes = text.as_deref().and_then(|text| changelog::notes(text, &number));
    let mut journal = Journal {
        version: number.clone(),
        package: meant.package,
        tag: meant.tagged.tag.clone(),
        previous: meant.previous.map(|version| version.to_string()),
        base: meant.tagged.commit.clone(),
        branch: None,
        since: cx.now(),
        steps: Vec::new(),
        is_written: false,
        files: Vec::new(),
        notes: notes.unwrap_or_default().trim().to_owned(),
        commit: Some(meant.tagged.commit.clone()),
        kept: Vec::new(),
    };
    // Beside the files that are written down, until it is known whether it is the same.
    let aside = world.dirs().cache.join("rehearsals").join(format!("again-{}", cx.id().0));
    let release = Release {
        folder: known.is_some().then(|| aside.clone()),
        ..Release::new(cx, world, workspace)
    };
    let built = Box::pin(release.pack(cx, &mut journal, &project)).await;
    let Some(known) = known else {
        built?;
        let at = meant.tagged.at.unwrap_or_else(|| cx.now());
        let withdrawn = withdrawal::reason(&withdrawal::all(world, &workspace.id).await?, &meant.label);
        return Box::pin(release.write_down(&journal, at, withdrawn)).await;
    };
    let restored = match built {
        Ok(_) => restore(cx, world, &known, journal.kept).await,
        Err(problem) => Err(problem),
    };
    let emptied = cx.blocking(move |_| deliver::remove_folder(&aside)).await;
    restored?;
    emptied?;
    deliverables::of_row(world, known).await
}

/// Puts the files where they were, if they are what they were: a version is never two things.
async fn restore(cx: &JobCtx, world: &World, known: &ReleaseRow, kept: Vec<Delivered>) -> Result<(), Problem> {
    let rows = world.store().releases().artifacts(known.id).await?;
    let version = known.version.clone();
    cx.blocking(move |cx| {
        let now = |path: &Path| kept.iter().find(|file| file.path.file_name() == path.file_name());
        // A signature may tell when it was made.
        let is_same = |sum: &str, file: &Delivered| file.sha256 == sum || file.name == SIGNATURE;
        let others: Vec<&str> = rows
            .iter()
            .filter(|row| now(&row.path).is_none_or(|file| !is_same(&row.sha256, file)))
            .map(|row| row.name.as_str())
            .collect();
        if !others.is_empty() {
            return Err(
                Problem::environment(msg!("release-again-differs", version = version.as_str()))
                    .code("not-reproducible")
                    .details(others.join("\n"))
                    .hint(msg!("release-again-differs-hint", version = version.as_str())),
            );
        }
        for row in &rows {
            cx.check()?;
            let Some(file) = now(&row.path).filter(|file| file.sha256 == row.sha256) else {
                continue;
            };
            deliver::keep(&file.path, &row.path)?;
        }
        Ok(())
    })
    .await
}
