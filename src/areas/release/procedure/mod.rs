//! A release as a list of steps. Until it is pushed everything can be taken back; killed half-way, the next run finds in the journal
//! where it stood and goes on. Where a person has to confirm something, it ends, and goes on when that is said.

mod act;
pub mod again;
mod back;
mod record;
pub mod rehearsal;
mod repository;
pub mod whole;

pub use act::task;
pub use repository::{ASKED_FOR, tag_there};

use super::evidence::{self, Word};
use super::journal::{self, Changed, Journal, Noted};
use super::readiness::{self, Looked};
use super::{
    Check, Deliverable, Delivered, Level, ReleaseStep, Step, StepKind, Update, Wish, changelog, changelog_links, files, version,
};
use crate::adapters::World;
use crate::adapters::store::releases::ReleaseArtifactRow;
use crate::adapters::user;
use crate::areas::JobCtx;
use crate::areas::devops::bump;
use crate::areas::devops::project::ProjectFile;
use crate::areas::devops::project::release::usual;
use crate::base::{Msg, Problem, State, Workspace};
use crate::msg;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The lease of whoever makes the release; it ends with the program that has it.
const LEASE: Duration = Duration::from_hours(24);

/// How a run ended well.
pub enum End {
    Released(Box<Deliverable>),
    /// A person has to confirm a step.
    Waits,
}

/// Makes the version that is asked for, or goes on with the one that was begun.
pub async fn run(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    wish: &Wish,
    package: Option<&str>,
    notes: Option<String>,
) -> Result<End, Problem> {
    let release = Release::new(cx, world, workspace);
    let work = async {
        match journal::read(world, workspace).await? {
            Some(journal) => {
                check_same(&journal, wish, package)?;
                release.go_on(journal).await
            }
            None => {
                let (journal, looked) = Box::pin(release.prepare(wish, package, notes)).await?;
                Box::pin(release.carry_out(journal, &looked.project)).await
            }
        }
    };
    release.alone(Box::pin(work)).await
}

/// One program at a time makes releases of a workspace.
pub async fn alone<T>(
    world: &World,
    workspace: &Workspace,
    work: impl Future<Output = Result<T, Problem>>,
) -> Result<T, Problem> {
    world.trust().check(workspace)?;
    world.store().must_last()?;
    let held = Problem::user(msg!("release-runs-elsewhere"))
        .code("locked")
        .hint(msg!("release-runs-elsewhere-hint"));
    let leases = world.store().leases();
    leases.during(&journal::name(workspace), LEASE, held, work).await
}

/// Goes on with the release that was begun.
pub async fn resume(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<End, Problem> {
    let release = Release::new(cx, world, workspace);
    release
        .alone(Box::pin(async {
            let journal = begun(world, workspace).await?;
            release.go_on(journal).await
        }))
        .await
}

/// Writes down what a person says of the step that waits, with a copy of what shows it, and goes on.
pub async fn confirm(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    step: &str,
    note: &str,
    evidence: Option<&Path>,
) -> Result<End, Problem> {
    let release = Release::new(cx, world, workspace);
    release
        .alone(Box::pin(async {
            let mut journal = begun(world, workspace).await?;
            release.take_word(&mut journal, step, note, evidence).await?;
            release.go_on(journal).await
        }))
        .await
}

/// Takes back a release that was not pushed yet: the one that was begun, else the one that was made last.
pub async fn abort(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<(), Problem> {
    let release = Release::new(cx, world, workspace);
    release
        .alone(Box::pin(async {
            let project = files::project(workspace)?.0;
            let mut journal = match journal::read(world, workspace).await? {
                Some(journal) => journal,
                None => release.reopen().await?,
            };
            release.take_back(&mut journal, &project).await
        }))
        .await
}

async fn begun(world: &World, workspace: &Workspace) -> Result<Journal, Problem> {
    let nothing = || {
        Problem::user(msg!("release-nothing-unfinished"))
            .code("not-found")
            .hint(msg!("release-nothing-unfinished-hint"))
    };
    journal::read(world, workspace).await?.ok_or_else(nothing)
}

fn check_same(journal: &Journal, wish: &Wish, package: Option<&str>) -> Result<(), Problem> {
    let begun = journal.package.as_ref().map(|package| package.name.as_str());
    // Who names nothing goes on with whatever was begun.
    let is_same_thing = begun == package || (package.is_none() && *wish == Wish::Commits);
    let is_same = is_same_thing
        && match wish {
            Wish::Commits => true,
            Wish::Level { level } => {
                let previous = journal.previous.as_deref().and_then(|text| semver::Version::parse(text).ok());
                let bumped = |from: &semver::Version, level: Level| version::bump_asked(from, level).to_string();
                previous.is_some_and(|previous| bumped(&previous, *level) == journal.version)
            }
            Wish::Version { version } => version::parse(version)?.to_string() == journal.version,
            Wish::Channel { name } => version::channel(&version::parse(&journal.version)?) == name.trim(),
        };
    if is_same {
        return Ok(());
    }
    Err(Problem::user(msg!("release-unfinished", version = journal.label()))
        .code("unfinished")
        .hint(msg!("release-unfinished-hint")))
}

struct Release<'a> {
    cx: &'a JobCtx,
    world: &'a World,
    workspace: &'a Workspace,
    /// Nothing that others see is done, and nothing is written down.
    is_rehearsal: bool,
    /// Where the files of the version go in a rehearsal.
    folder: Option<PathBuf>,
    /// In a rehearsal: what was found in the checkout itself.
    checks: Option<Vec<Check>>,
}

impl<'a> Release<'a> {
    fn new(cx: &'a JobCtx, world: &'a World, workspace: &'a Workspace) -> Self {
        Self {
            cx,
            world,
            workspace,
            is_rehearsal: false,
            folder: None,
            checks: None,
        }
    }

    async fn alone<T>(&self, work: impl Future<Output = Result<T, Problem>>) -> Result<T, Problem> {
        alone(self.world, self.workspace, work).await
    }

    /// What was being written beside the release's files when its program was killed.
    fn forget_half_written(&self, journal: &Journal) -> Result<(), Problem> {
        let folders: BTreeSet<&Path> = journal.files.iter().filter_map(|file| file.path.parent()).collect();
        for folder in folders {
            crate::adapters::files::forget_half_written(&self.workspace.root.join(folder))?;
        }
        Ok(())
    }

    async fn go_on(&self, journal: Journal) -> Result<End, Problem> {
        self.forget_half_written(&journal)?;
        let step = journal.told().step;
        self.cx.note(format!("release {}: goes on at `{step}`", journal.version));
        let (project, problems) = files::project(self.workspace)?;
        if let Some(problem) = problems.into_iter().next() {
            return Err(problem);
        }
        Box::pin(self.carry_out(journal, &project)).await
    }

    /// Looks whether it is allowed, and works out every file before one is written.
    async fn prepare(&self, wish: &Wish, package: Option<&str>, notes: Option<String>) -> Result<(Journal, Looked), Problem> {
        let name = match wish {
            Wish::Version { version } => version.clone(),
            _ => String::new(),
        };
        let step = |state, note| Step {
            state,
            note,
            ..journal::ready(&name)
        };
        self.tell_step(step(State::InProgress, None)).await;
        let looked = self
            .cx
            .span(journal::ready(&name).title(), |_| async {
                let look = readiness::look(self.cx, self.world, self.workspace, wish, package);
                let looked = Box::pin(look).await?;
                let journal = self.plan(&looked, notes)?;
                Box::pin(self.check_tags_there(&journal)).await?;
                Ok((journal, looked))
            })
            .await;
        if let Err(problem) = &looked {
            let state = problem.state();
            self.tell_step(step(state, Some(problem.summary.clone()))).await;
        }
        looked
    }

    /// What others have already is no version to make.
    async fn check_tags_there(&self, journal: &Journal) -> Result<(), Problem> {
        let pushes = |step: &&Noted| step.rule.kind == StepKind::Publish && step.rule.task.is_none();
        if let Some(step) = journal.steps.iter().find(pushes) {
            for remote in self.remotes(&step.rule.remotes).await? {
                self.check_tag_there(journal, &remote).await?;
            }
        }
        Ok(())
    }

    fn plan(&self, looked: &Looked, notes: Option<String>) -> Result<Journal, Problem> {
        let readiness = &looked.readiness;
        if let Some(nothing) = &readiness.nothing {
            return Err(nothing.clone());
        }
        let failed = readiness.checks.iter().find(|check| check.state == State::Failed);
        if let Some(check) = failed {
            let mut problem = Problem::user(check.found.clone()).code("not-ready");
            problem.hint.clone_from(&check.hint);
            return Err(problem);
        }
        let (Some(next), Some(tag)) = (&readiness.next, &readiness.tag) else {
            return Err(Problem::internal(msg!("release-no-version")));
        };
        let rules = &looked.project.release;
        let usual = usual();
        let steps: &[ReleaseStep] = if rules.steps.is_empty() { &usual } else { &rules.steps };
        let has = |kind: StepKind| steps.iter().any(|step| step.kind == kind);
        let notes = notes.unwrap_or_else(|| readiness.draft.clone());
        let mut changed = Vec::new();
        if has(StepKind::Bump) {
            for after in bumped(looked, &next.version)? {
                let before = looked.version_files.iter().find(|file| file.path == after.path);
                let before = before.map(|file| file.text.clone());
                if before.as_deref() != Some(after.text.as_str()) {
                    changed.push(Changed {
                        path: after.path,
                        before,
                        after: after.text,
                        is_changelog: false,
                    });
                }
            }
        }
        let text = looked.changelog.as_deref();
        let is_written = text.is_some_and(|text| changelog::notes(text, &next.version).is_some());
        if has(StepKind::Changelog) && !is_written && !notes.trim().is_empty() && looked.foreign_log.is_none() {
            let date = self.cx.now().to_zoned(jiff::tz::TimeZone::UTC).date().to_string();
            changed.push(Changed {
                path: readiness.changelog.clone(),
                before: looked.changelog.clone(),
                after: changelog_links::kept_up(
                    &changelog::with_section(text, &next.version, &date, &notes),
                    &next.version,
                    tag,
                ),
                is_changelog: true,
            });
        }
        Ok(Journal {
            version: next.version.clone(),
            package: looked.package.clone(),
            tag: tag.clone(),
            previous: readiness.last.as_ref().map(|last| last.version.clone()),
            base: readiness.head.clone(),
            branch: readiness.branch.clone(),
            since: self.cx.now(),
            steps: steps.iter().cloned().map(Noted::new).collect(),
            is_written: !rules.steps.is_empty(),
            files: changed,
            notes: notes.trim().to_owned(),
            commit: None,
            kept: Vec::new(),
        })
    }

    async fn carry_out(&self, mut journal: Journal, project: &ProjectFile) -> Result<End, Problem> {
        self.keep(&journal).await?;
        self.tell_all(&journal).await;
        match Box::pin(self.steps(&mut journal, project)).await {
            Ok(true) => Ok(End::Released(Box::new(self.record(&journal).await?))),
            Ok(false) => Ok(End::Waits),
            Err(problem) => Err(Box::pin(self.stopped(journal, project, problem)).await),
        }
    }

    /// Whether all are done; else a person is waited for.
    async fn steps(&self, journal: &mut Journal, project: &ProjectFile) -> Result<bool, Problem> {
        while let Some(at) = journal.next() {
            self.cx.check()?;
            if journal.waits().is_some() && !self.is_rehearsal {
                self.tell(journal, at).await;
                return Ok(false);
            }
            self.step(journal, at, project).await?;
        }
        Ok(true)
    }

    /// One step: a child job with its own title and outcome, shown while it runs and written down before it is done.
    async fn step(&self, journal: &mut Journal, at: usize, project: &ProjectFile) -> Result<(), Problem> {
        let now = self.cx.now();
        let step = &mut journal.steps[at];
        (step.state, step.note, step.at) = (State::InProgress, None, Some(now));
        self.keep(journal).await?;
        self.tell(journal, at).await;
        let title = journal
            .seen_at(at)
            .map_or_else(|| Msg::new("release-job-run"), |step| step.title());
        let mut job = None;
        let acted = {
            let journal = &mut *journal;
            let span = self.cx.span(title, |child: JobCtx| {
                job = Some(child.id());
                async move { self.act(&child, journal, at, project).await }
            });
            Box::pin(span).await
        };
        let step = &mut journal.steps[at];
        (step.job, step.at) = (job, Some(self.cx.now()));
        match &acted {
            Ok(note) => {
                if step.state != State::Skipped {
                    step.state = State::Done;
                }
                step.note.clone_from(note);
            }
            Err(problem) => {
                step.state = problem.state();
                step.note = Some(problem.summary.clone());
            }
        }
        self.keep(journal).await?;
        self.tell(journal, at).await;
        acted.map(drop)
    }

    /// What is done about a step that failed. The usual procedure is taken back at once, before its tag is set; one that the project
    /// wrote stands where it is, because somebody may have confirmed something, and tasks did what only people can judge.
    async fn stopped(&self, mut journal: Journal, project: &ProjectFile, problem: Problem) -> Problem {
        let version = journal.label();
        let hint = |problem: Problem, hint: Msg| {
            if problem.hint.is_none() && !problem.is_cancelled() {
                problem.hint(hint)
            } else {
                problem
            }
        };
        let is_tagged = self.commit_of_tag(&journal.tag).await.map_or(true, |tagged| tagged.is_some());
        if journal.is_written || is_tagged {
            let way = if journal.is_final() {
                msg!("release-stopped-final-hint", version = version)
            } else {
                msg!("release-stopped-hint", version = version)
            };
            if problem.is_cancelled() {
                // Who stopped it is told what stands; the end itself says no more than that it was stopped.
                let step = journal.told().step;
                let stands = Problem::user(msg!("release-stands", version = journal.label(), step = step));
                self.cx.problem(stands.code("unfinished").hint(way)).await;
                return problem;
            }
            return hint(problem, way);
        }
        match self.take_back(&mut journal, project).await {
            Ok(()) => hint(problem, msg!("release-taken-back", version = version)),
            Err(second) => {
                self.cx.problem(second).await;
                problem.hint(msg!("release-not-taken-back", version = version))
            }
        }
    }

    async fn take_word(&self, journal: &mut Journal, step: &str, note: &str, evidence: Option<&Path>) -> Result<(), Problem> {
        let version = journal.label();
        let Some(waits) = journal.waits().map(|step| step.rule.clone()) else {
            return Err(Problem::user(msg!("release-nothing-waits", version = version))
                .code("not-waiting")
                .hint(msg!("release-nothing-waits-hint", step = journal.told().step)));
        };
        if waits.id() != step {
            return Err(Problem::user(msg!("release-waits-elsewhere", step = step))
                .code("not-waiting")
                .hint(msg!("release-waits-elsewhere-hint", step = waits.id())));
        }
        let word = Word {
            step,
            note,
            file: evidence,
            needs_file: waits.evidence,
        };
        let folder = self.folder(&journal.label()).join("evidence");
        let said = evidence::take(self.cx, self.who().await, &word, &folder).await?;
        let at = journal.next().unwrap_or_default();
        journal.steps[at].confirmed = Some(said);
        self.keep(journal).await
    }

    /// As git would name them, else as the machine does.
    async fn who(&self) -> String {
        let committer = super::history::committer(self.world, self.workspace, self.cx.cancel_token()).await;
        committer.ok().filter(|name| !name.is_empty()).unwrap_or_else(user::name)
    }

    fn folder(&self, version: &str) -> PathBuf {
        let kept = || files::folder(self.world, self.workspace, version);
        self.folder.clone().unwrap_or_else(kept)
    }

    /// Back when it is on disk.
    async fn keep(&self, journal: &Journal) -> Result<(), Problem> {
        if self.is_rehearsal {
            return Ok(());
        }
        journal::write(self.world, self.workspace, journal).await
    }

    async fn tell_all(&self, journal: &Journal) {
        let workspace = self.workspace.id.clone();
        let steps = journal.seen();
        let update = if self.is_rehearsal {
            Update::RehearsalTold { workspace, steps }
        } else {
            Update::StepsTold { workspace, steps }
        };
        self.cx.update(update).await;
    }

    async fn tell(&self, journal: &Journal, at: usize) {
        if self.is_rehearsal {
            self.tell_all(journal).await;
        } else if let Some(step) = journal.seen_at(at) {
            self.tell_step(step).await;
        }
    }

    async fn tell_step(&self, step: Step) {
        if self.is_rehearsal {
            return;
        }
        let workspace = self.workspace.id.clone();
        self.cx.update(Update::StepChanged { workspace, step }).await;
    }
}

/// The version files as they will be; of a package those that ask for it too.
fn bumped(looked: &Looked, to: &str) -> Result<Vec<bump::VersionFile>, Problem> {
    let Some(package) = &looked.package else {
        if let Some(all) = &looked.lockstep {
            let own: Vec<bump::VersionFile> = looked
                .version_files
                .iter()
                .filter(|file| looked.readiness.version_files.contains(&file.path))
                .cloned()
                .collect();
            let from = bump::current(&own).0.unwrap_or_default();
            return all.set(&looked.version_files, &from, to);
        }
        return bump::set(&looked.version_files, to);
    };
    let own = looked.version_files.iter().filter(|file| package.files.contains(&file.path));
    let from = bump::current(&own.cloned().collect::<Vec<_>>()).0.unwrap_or_default();
    let owner = bump::package::Owner {
        name: &package.name,
        path: &package.path,
        files: &package.files,
    };
    bump::package::set(&looked.version_files, owner, &from, to)
}

/// The files of a deliverable, from what was kept.
pub fn delivered(rows: Vec<ReleaseArtifactRow>) -> Vec<Delivered> {
    rows.into_iter()
        .map(|row| Delivered {
            name: row.name,
            path: row.path,
            sha256: row.sha256,
            bytes: row.bytes,
        })
        .collect()
}
