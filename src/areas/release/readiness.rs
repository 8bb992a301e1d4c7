//! Whether the next version can be made, which one it is and why: everything that is looked at before a release.

use super::checks::{
    check_branch, check_clean, check_foreign_log, check_history, check_packages, check_remotes, check_tag, check_tag_only,
    check_tags, check_upstream, check_version,
};
use super::journal::{self, Journal};
use super::lockstep::{self, Lockstep};
use super::packing::{self, Secrets};
use super::procedure::{rehearsal, whole};
use super::{
    Change, Check, Next, Package, PackageNext, Readiness, Wish, board, changelog, files, history, image, packages, version,
};
use crate::adapters::World;
use crate::areas::JobCtx;
use crate::areas::devops::bump;
use crate::areas::devops::project::{ImageRules, ProjectFile, ReleaseRules};
use crate::base::repo::Head;
use crate::base::{Problem, State, Target, Workspace};
use crate::msg;
use semver::Version;
use std::path::PathBuf;

/// Commits that are listed.
const SHOWN: usize = 500;

/// A readiness with what the procedure needs beside.
pub struct Looked {
    /// Of a monorepo, whose version it is.
    pub package: Option<Package>,
    pub readiness: Readiness,
    pub project: ProjectFile,
    pub version_files: Vec<bump::VersionFile>,
    pub changelog: Option<String>,
    /// Every change, not only those that are listed.
    pub changes: Vec<Change>,
    pub journal: Option<Journal>,
    /// Packages that have the version of the whole.
    pub lockstep: Option<Lockstep>,
    /// A log of changes that is kept by hand in another format: no other one is begun beside it.
    pub foreign_log: Option<PathBuf>,
    /// What is wrong in the project file.
    pub project_problems: Vec<Problem>,
}

/// Reads everything; changes nothing.
pub async fn look(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    wish: &Wish,
    package: Option<&str>,
) -> Result<Looked, Problem> {
    let cancel = cx.cancel_token();
    let (project, project_problems) = files::project(workspace)?;
    let mut problems = project_problems.clone();
    let mut rules = project.release.clone();
    let package = match package {
        Some(name) => Some(packages::get(&workspace.root, &rules, name)?),
        None => None,
    };
    let lockstep = lockstep::find(world, workspace, &rules, cancel).await?;
    if let Some(package) = package
        .as_ref()
        .filter(|package| lockstep.as_ref().is_some_and(|all| all.has(&package.name)))
    {
        return Err(Problem::user(msg!("release-goes-with-whole", name = &package.name))
            .code("goes-with-whole")
            .hint(msg!("release-goes-with-whole-hint")));
    }
    if let Some(package) = &package {
        rules.changelog = files::followed(&workspace.root, &package.changelog);
    }
    let status = {
        let (git, root) = (world.git().clone(), workspace.root.clone());
        cx.blocking(move |_| git.status(&root)).await?
    };
    let Some(head) = status.summary.oid.clone() else {
        return Err(Problem::user(msg!("release-no-commit"))
            .code("no-commit")
            .hint(msg!("release-no-commit-hint")));
    };
    let unfinished = journal::read(world, workspace).await?;
    let pattern = match &package {
        Some(package) => history::pattern_of(world, workspace, package, cancel).await?,
        None => history::pattern(world, workspace, &rules, cancel).await?,
    };
    let tagged = history::tags(world, workspace, &pattern, true, cancel).await?;
    let newest = tagged.first().map(|tagged| &tagged.version);
    // A version tells of everything since the one before it, a pre-release of what is new since the last of either kind.
    let is_pre = match wish {
        Wish::Channel { .. } => true,
        Wish::Version { version } => version::parse(version).is_ok_and(|version| !version.pre.is_empty()),
        Wish::Commits | Wish::Level { .. } => false,
    };
    let last = tagged.iter().find(|tagged| is_pre || tagged.version.pre.is_empty());
    let since = last.map(|tagged| tagged.commit.as_str());
    let below = package.as_ref().map(|package| package.path.as_path());
    let mut changes = history::changes(world, workspace, since, below, cancel).await?;
    if let Some(package) = &package {
        history::mark_dependents(&mut changes, &package.name);
    }
    let read = match (&package, &lockstep) {
        (Some(package), _) => bump::read_package(&workspace.root, &package.files, &package.around),
        (None, None) => bump::read(&workspace.root, &rules),
        (None, Some(all)) => bump::read(&workspace.root, &rules).and_then(|mut files| {
            let more = all.read(&workspace.root)?;
            let is_new = |file: &bump::VersionFile| files.iter().all(|known| known.path != file.path);
            let more: Vec<bump::VersionFile> = more.into_iter().filter(is_new).collect();
            files.extend(more);
            Ok(files)
        }),
    };
    let version_files = match read {
        // What git ignores, such as the lock file of a library, is no part of a release.
        Ok(files) if package.is_some() || rules.version_files.is_empty() => {
            history::without_ignored(world, workspace, files, cancel).await?
        }
        Ok(files) => {
            let is_named = |file: &bump::VersionFile| file.pattern.is_some() || rules.version_files.contains(&file.path);
            let (mut files, locks): (Vec<_>, Vec<_>) = files.into_iter().partition(is_named);
            files.extend(history::without_ignored(world, workspace, locks, cancel).await?);
            files
        }
        Err(problem) => {
            problems.push(problem);
            Vec::new()
        }
    };
    let is_own = |file: &&bump::VersionFile| match (&package, &lockstep) {
        (Some(package), _) => package.files.contains(&file.path),
        (None, Some(all)) => file.pattern.is_some() || all.owns(&file.path),
        (None, None) => true,
    };
    let own: Vec<bump::VersionFile> = version_files.iter().filter(is_own).cloned().collect();
    let (in_files, wrong) = bump::current(&own);
    problems.extend(wrong);
    let text = files::read_changelog(&workspace.root, &rules)?;
    let hand_written = text.as_deref().and_then(changelog::unreleased).map(str::to_owned);
    history::mark_covered(&mut changes, hand_written.as_deref());
    let in_files_version = in_files.as_deref().and_then(version::of_file).map(|stated| {
        let is_made = newest.is_some_and(|newest| *newest >= stated);
        if is_made && !is_pre {
            version::numbers(&stated)
        } else {
            stated
        }
    });

    let only_packages = match &package {
        Some(_) => None,
        None => {
            let (stated, newest) = (in_files_version.as_ref(), tagged.first());
            history::only_packages(world, workspace, &rules, stated, newest, cancel).await?
        }
    };
    let (mut last, mut newest) = (last, newest);
    if only_packages.is_some() {
        (last, newest) = (None, None);
        changes.clear();
    }
    let last_version = last.map(|tagged| &tagged.version);
    let found = match &only_packages {
        Some(problem) => Err(problem.clone()),
        None => next(wish, last_version, newest, in_files_version.as_ref(), &changes),
    };
    let (next, nothing) = match found {
        Ok(next) => (Some(next), None),
        Err(problem) if problem.code == "nothing-to-release" || only_packages.is_some() => {
            let of = package.as_ref().map(|package| package.name.as_str());
            (
                None,
                Some(with_files_of_last(world, workspace, of, last_version, problem).await?),
            )
        }
        Err(problem) => return Err(problem),
    };
    let parsed = next.as_ref().and_then(|next| Version::parse(&next.version).ok());
    let tag = parsed.as_ref().map(|version| version::tag_for(version, &pattern));
    let mut checks = vec![check_clean(workspace, &status, unfinished.as_ref()), check_branch(&status)];
    checks.extend(check_upstream(&status, &rules));
    checks.extend(check_remotes(world, workspace, &rules, cancel).await?);
    if history::is_shallow(world, workspace, cancel).await? {
        checks.push(check_history());
    }
    if let Some(problem) = &only_packages {
        checks.push(check_packages(problem));
    } else if package.is_none() && tagged.is_empty() {
        let names = history::tag_names(world, workspace, cancel).await?;
        checks.extend(check_tags(&names, &pattern));
    }
    if let (Some(tag), Some(parsed)) = (&tag, &parsed) {
        checks.push(check_version(parsed, newest));
        let every = history::tags(world, workspace, &pattern, false, cancel).await?;
        let is_ours = unfinished.as_ref().is_some_and(|journal| journal.tag == *tag);
        checks.push(check_tag(tag, every.iter().any(|known| known.tag == *tag) && !is_ours));
    }
    checks.push(check_tests(world, workspace, &head).await?);
    if let Err(problem) = packing::extras(&workspace.root, &rules) {
        problems.push(problem);
    }
    let is_tag_only = package.as_ref().is_some_and(|package| package.files.is_empty());
    checks.push(if is_tag_only && problems.is_empty() {
        check_tag_only()
    } else {
        check_files(&rules, &own, in_files.as_deref(), &problems)
    });
    let written = next
        .as_ref()
        .and_then(|next| text.as_deref().and_then(|text| changelog::notes(text, &next.version)))
        .map(str::to_owned);
    let draft = match &written {
        Some(written) => format!("{written}\n"),
        None => changelog::draft(text.as_deref(), &changes),
    };
    let foreign_log = files::foreign_log(&workspace.root, &rules).filter(|_| package.is_none());
    checks.push(match &foreign_log {
        Some(path) => check_foreign_log(path),
        None => check_changelog(&rules, &changes, &draft, written.is_some()),
    });
    if let Some(next) = next.as_ref().filter(|_| rules.sign_key.is_some() || rules.deb.is_some()) {
        checks.push(check_packing(cx, world, workspace, &project, &next.version).await?);
    }
    if let (Some(next), Some(image)) = (&next, &rules.image) {
        let name = package.as_ref().map(|package| package.name.clone());
        let name = name
            .or_else(|| project.project.name.clone())
            .unwrap_or_else(|| workspace.name.clone());
        checks.push(check_image(world, workspace, image, &name, &next.version).await);
    }
    let version = next.as_ref().map_or("", |next| next.version.as_str()).to_owned();
    let readiness = Readiness {
        package: package.as_ref().map(|package| package.name.clone()),
        branch: match &status.summary.head {
            Head::Branch { name } => Some(name.clone()),
            _ => None,
        },
        head,
        last: last.map(history::Tagged::last),
        newest: newest.map(ToString::to_string),
        next,
        nothing,
        tag,
        n_changes: changes.len() as u64,
        changes: changes.iter().take(SHOWN).cloned().collect(),
        checks,
        draft,
        has_hand_written: hand_written.is_some() || written.is_some(),
        version_files: own.iter().map(|file| file.path.clone()).collect(),
        changelog: rules.changelog.clone(),
        unfinished: unfinished.as_ref().map(Journal::told),
        unpushed: match &unfinished {
            Some(_) => None,
            None => whole::unpushed(world, workspace, cancel).await?,
        },
        rehearsed: rehearsal::last(world, workspace).await?,
        bill: None,
        procedure: match &unfinished {
            Some(journal) => journal.seen(),
            None => {
                let label = packages::label(package.as_ref().map(|package| package.name.as_str()), &version);
                journal::proposed(&label, &rules.steps)
            }
        },
    };
    Ok(Looked {
        package,
        readiness,
        project,
        version_files,
        changelog: text,
        changes,
        journal: unfinished,
        lockstep,
        foreign_log,
        project_problems,
    })
}

/// Who has nothing to release may only lack the files of what others released.
async fn with_files_of_last(
    world: &World,
    workspace: &Workspace,
    package: Option<&str>,
    last: Option<&Version>,
    nothing: Problem,
) -> Result<Problem, Problem> {
    let Some(last) = last.filter(|_| nothing.code == "nothing-to-release") else {
        return Ok(nothing);
    };
    let label = packages::label(package, &last.to_string());
    Ok(match world.store().releases().by_version(&workspace.id, &label).await? {
        Some(_) => nothing,
        None => nothing.hint(msg!("release-nothing-again-hint", version = label)),
    })
}

fn next(
    wish: &Wish,
    last: Option<&Version>,
    newest: Option<&Version>,
    in_files: Option<&Version>,
    changes: &[Change],
) -> Result<Next, Problem> {
    match wish {
        Wish::Commits => version::not_below(version::next(last, in_files, changes), newest),
        Wish::Version { version } => Ok(Next {
            version: version::parse(version)?.to_string(),
            level: None,
            why: msg!("release-why-asked"),
        }),
        Wish::Channel { name } => version::pre(last, in_files, changes, name),
        Wish::Level { level } => {
            let zero = Version::new(0, 0, 0);
            let from = last.or(in_files).unwrap_or(&zero);
            Ok(Next {
                version: version::bump_asked(from, *level).to_string(),
                level: Some(*level),
                why: msg!("release-why-asked"),
            })
        }
    }
}

/// Key and package are tried before anything is written: after the tag it would be too late.
async fn check_packing(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    project: &ProjectFile,
    version: &str,
) -> Result<Check, Problem> {
    let committer = history::committer(world, workspace, cx.cancel_token()).await?;
    let secrets = Secrets::of(world, &project.release).await;
    let (project, version) = (project.clone(), version.to_owned());
    let name = project.project.name.clone().unwrap_or_else(|| workspace.name.clone());
    let (wants_key, wants_deb) = (project.release.sign_key.is_some(), project.release.deb.is_some());
    let tried = cx
        .blocking(move |_| {
            let description = project.project.description.as_deref();
            Ok(secrets.and_then(|secrets| packing::check(&project.release, &secrets, &name, &version, &committer, description)))
        })
        .await?;
    let (state, found, hint) = match tried {
        Ok(()) => {
            let found = match (wants_key, wants_deb) {
                (true, true) => msg!("release-found-packing-both"),
                (true, false) => msg!("release-found-packing-key"),
                (false, _) => msg!("release-found-packing-deb"),
            };
            (State::Done, found, None)
        }
        Err(problem) => (State::Failed, problem.summary, problem.hint),
    };
    Ok(Check {
        name: msg!("release-check-packing"),
        state,
        found,
        hint,
        target: None,
    })
}

async fn check_image(world: &World, workspace: &Workspace, rules: &ImageRules, name: &str, version: &str) -> Check {
    let (state, found, hint) = match image::check(world, &workspace.root, rules, name, version).await {
        Ok(reference) => (State::Done, msg!("release-found-image", name = reference), None),
        Err(problem) => (State::Failed, problem.summary, problem.hint),
    };
    Check {
        name: msg!("release-check-image"),
        state,
        found,
        hint,
        target: None,
    }
}

/// What the tests said last at this commit is evidence, not a condition. A run with changes on top says something else: it counts only
/// where no other is known.
async fn check_tests(world: &World, workspace: &Workspace, head: &str) -> Result<Check, Problem> {
    let tests = world.store().tests();
    let runs = tests.runs_of_commit(&workspace.id, head).await?;
    let last = runs.iter().filter(|run| run.ended_at.is_some());
    let dirty = last.min_by_key(|run| run.dirty.is_some()).and_then(|run| run.dirty.clone());
    let (state, found, target) = match tests.standing(&workspace.id, head, dirty.as_deref()).await? {
        None => (State::Degraded, msg!("release-check-tests-none"), None),
        // A test tool that did not get to its tests: what another one said does not make that good.
        Some(standing) if standing.state == State::Failed && standing.n_failed == 0 => {
            let target = standing.newest.job.map(|job| Target::Run { job });
            (State::Degraded, msg!("release-check-tests-broken"), target)
        }
        // A run that found no test says nothing.
        Some(standing) if standing.n_passed == 0 && standing.n_failed == 0 => {
            (State::Degraded, msg!("release-check-tests-empty"), None)
        }
        Some(standing) => {
            let target = standing.newest.job.map(|job| Target::Run { job });
            if standing.state == State::Failed {
                (
                    State::Degraded,
                    msg!("release-check-tests-failed", n = standing.n_failed),
                    target,
                )
            } else {
                match tests.failed_before(&workspace.id, head, dirty.as_deref()).await? {
                    0 => (State::Done, msg!("release-check-tests-passed", n = standing.n_passed), target),
                    n => (State::Degraded, msg!("release-check-tests-before", n = n), target),
                }
            }
        }
    };
    Ok(Check {
        name: msg!("release-check-tests"),
        state,
        found,
        hint: (state != State::Done).then(|| msg!("release-check-tests-hint")),
        target,
    })
}

fn check_files(rules: &ReleaseRules, files: &[bump::VersionFile], in_files: Option<&str>, problems: &[Problem]) -> Check {
    let (state, found, hint) = match (problems.first(), in_files) {
        (Some(problem), _) => (State::Failed, problem.summary.clone(), problem.hint.clone()),
        (None, Some(version)) => {
            let mut names: Vec<String> = bump::stating(files).map(|file| file.path.display().to_string()).collect();
            // One file may state it at several places.
            names.dedup();
            let found = msg!(
                "release-check-files-yes",
                n = names.len(),
                version = version,
                files = names.join(", ")
            );
            (State::Done, found, None)
        }
        (None, None) => {
            let hint = rules.version_files.is_empty().then(|| msg!("release-check-files-hint"));
            (State::Degraded, msg!("release-check-files-none"), hint)
        }
    };
    Check {
        name: msg!("release-check-files"),
        state,
        found,
        hint,
        target: None,
    }
}

fn check_changelog(rules: &ReleaseRules, changes: &[Change], draft: &str, is_written: bool) -> Check {
    let covered = changes.iter().filter(|change| change.is_covered).count();
    let told = changes.iter().filter(|change| change.level.is_some()).count();
    let (state, found) = if is_written {
        (State::Done, msg!("release-check-changelog-written", path = &rules.changelog))
    } else if draft.trim().is_empty() {
        (State::Degraded, msg!("release-check-changelog-empty"))
    } else {
        (
            State::Done,
            msg!("release-check-changelog-draft", told = told, covered = covered),
        )
    };
    Check {
        name: msg!("release-check-changelog"),
        state,
        found,
        hint: None,
        target: None,
    }
}

/// Every package with a version of its own, and what comes next of it.
pub async fn packages(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<Vec<PackageNext>, Problem> {
    let cancel = cx.cancel_token();
    let rules = files::project(workspace)?.0.release;
    let root = workspace.root.clone();
    let lockstep = lockstep::find(world, workspace, &rules, cancel).await?;
    let of_whole = match &lockstep {
        Some(_) => Some(Box::pin(look(cx, world, workspace, &Wish::Commits, None)).await?.readiness),
        None => None,
    };
    let found = cx.blocking(move |_| packages::find(&root, &rules)).await?;
    let mut out = Vec::new();
    for package in found {
        cx.check()?;
        if let Some(whole) = of_whole
            .as_ref()
            .filter(|_| lockstep.as_ref().is_some_and(|all| all.has(&package.name)))
        {
            let since = whole.last.as_ref().map(|last| last.commit.as_str());
            let changes = history::changes(world, workspace, since, Some(&package.path), cancel).await?;
            out.push(PackageNext {
                package,
                last: whole.last.clone(),
                next: whole.next.clone().map(|next| Next {
                    why: msg!("release-why-with-whole"),
                    ..next
                }),
                n_changes: changes.len() as u64,
                problem: whole.nothing.clone(),
                goes_with_whole: true,
            });
            continue;
        }
        let pattern = history::pattern_of(world, workspace, &package, cancel).await?;
        let tagged = history::tags(world, workspace, &pattern, true, cancel).await?;
        let newest = tagged.first().map(|tagged| tagged.version.clone());
        let last = tagged.into_iter().find(|tagged| tagged.version.pre.is_empty());
        let since = last.as_ref().map(|last| last.commit.as_str());
        let mut changes = history::changes(world, workspace, since, Some(&package.path), cancel).await?;
        history::mark_dependents(&mut changes, &package.name);
        let own = bump::read_package(&workspace.root, &package.files, &package.around)?;
        let own: Vec<bump::VersionFile> = own.into_iter().filter(|file| package.files.contains(&file.path)).collect();
        let in_files = bump::current(&own).0.as_deref().and_then(version::of_file);
        let next = version::next(last.as_ref().map(|last| &last.version), in_files.as_ref(), &changes);
        let (next, problem) = match version::not_below(next, newest.as_ref()) {
            Ok(next) => (Some(next), None),
            Err(problem) => (None, Some(problem)),
        };
        out.push(PackageNext {
            package,
            last: last.as_ref().map(history::Tagged::last),
            next,
            n_changes: changes.len() as u64,
            problem,
            goes_with_whole: false,
        });
    }
    Ok(out)
}

impl Looked {
    /// Adds what is worth knowing and forbids nothing.
    pub async fn look_around(&mut self, cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<(), Problem> {
        let scene = board::Scene {
            cx,
            world,
            workspace,
            rules: &self.project.release,
            readiness: &self.readiness,
        };
        let (checks, bill) = board::look(&scene).await?;
        self.readiness.checks.extend(checks);
        self.readiness.bill = bill;
        Ok(())
    }
}
