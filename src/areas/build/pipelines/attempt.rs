//! One attempt at one job of a pipeline: a clean worktree with what it was given, its steps, and what it gave.

use super::content::{self, Kept};
use super::leaving::name_of;
use super::plan::{Does, Planned};
use super::worktree::{self, Clean};
use crate::adapters::git::CommitFile;
use crate::adapters::kept_folders::{Hit, KeptFolders, copy};
use crate::adapters::process::Cause;
use crate::adapters::store::builds::{ArtifactRow, BuildRow};
use crate::adapters::store::pipelines::Given;
use crate::adapters::{World, artifacts as copies, scan};
use crate::areas::JobCtx;
use crate::areas::build::ci::{self, Flavor, Workflow};
use crate::areas::build::detect::{self, Detected, Task};
use crate::areas::build::exec::{self, Where};
use crate::areas::build::matchers::Diagnostic;
use crate::areas::build::matchers::hints::Why;
use crate::areas::build::record;
use crate::areas::build::timeline::{self, Stretch, stretches_value};
use crate::areas::devops::project::{Pipeline, ProjectFile};
use crate::areas::test::frameworks::detect::sites;
use crate::areas::test::frameworks::{Limits, Selection};
use crate::areas::test::runs::SiteRun;
use crate::areas::test::source::Sources;
use crate::base::{Problem, State, Workspace};
use crate::msg;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The kind of build that a job of a pipeline is in the ledger: part of a run that is there itself.
pub use crate::adapters::store::builds::PART as KIND;

/// What all jobs of a run share.
pub struct Shared {
    pub world: World,
    /// The user's checkout.
    pub workspace: Workspace,
    pub run: i64,
    pub pipeline: Pipeline,
    /// The file of another CI that it is.
    pub ci: Option<Workflow>,
    /// What is checked out: the commit, or the one made of what is not committed.
    pub oid: String,
    pub sources: Sources,
    pub is_anew: bool,
    pub files: Arc<Vec<CommitFile>>,
    /// Where the workspace stands in its repository.
    pub inside: PathBuf,
    /// The project file of what is checked out.
    pub project: ProjectFile,
    /// Names under which steps of GitHub have kept files.
    pub names: Mutex<BTreeSet<String>>,
}

/// What the jobs before told the one that is tried.
#[derive(Default)]
pub struct Told {
    /// Results and outputs of those that it needs, by name.
    pub needs: Map<String, Value>,
    /// Outputs of all that it stands on.
    pub outputs: Map<String, Value>,
}

/// What an attempt came to.
#[derive(Default)]
pub struct Gave {
    pub gives: Vec<Given>,
    pub n_errors: u32,
    pub n_warnings: u32,
    pub why: Option<Why>,
    pub problem: Option<Problem>,
    /// Why it did not run.
    pub skipped: Option<Problem>,
    /// What it tells the jobs that need it.
    pub outputs: Map<String, Value>,
    /// The exit code of the step that failed.
    pub exit_code: Option<i32>,
    /// Files that its steps kept.
    pub uploads: Vec<(PathBuf, ArtifactRow)>,
    /// Its steps, and what they compiled.
    stretches: Vec<Stretch>,
    diagnostics: Vec<Diagnostic>,
}

impl Shared {
    pub(super) fn commit(&self) -> &str {
        self.sources.commit.as_deref().unwrap_or(&self.oid)
    }

    fn build_row(&self, cx: &JobCtx, planned: &Planned) -> BuildRow {
        let task = format!("pipeline:{}/{}", self.pipeline.name, planned.key);
        record::begun(cx, &self.workspace, &self.sources, (task, KIND))
    }

    /// Takes over the result of a job with the same content, when everything it gave is still kept. Gives the run it is from.
    pub async fn reuse(&self, cx: &JobCtx, planned: &Planned, content: &str) -> Result<Option<(i64, Vec<Given>)>, Problem> {
        if self.is_anew {
            return Ok(None);
        }
        let data = &self.world.dirs().data;
        for row in self.world.store().pipelines().done_with_content(content, 8).await? {
            let stored = |given: &Given| copies::folder(data).join(&given.sha256);
            if !row.gives.iter().all(|given| scan::is_file(&stored(given))) {
                continue;
            }
            let started = self.build_row(cx, planned);
            let kept = row.gives.iter().map(|given| ArtifactRow {
                id: 0,
                job: cx.id(),
                workspace: self.workspace.id.clone(),
                commit: self.sources.commit.clone(),
                name: name_of(&given.path),
                path: given.path.clone(),
                sha256: given.sha256.clone(),
                bytes: given.bytes,
                stored: Some(stored(given)),
                made_at: cx.now(),
            });
            let kept = kept.collect();
            cx.note(format!("= run {}", row.run));
            record::write(
                &self.world,
                BuildRow {
                    state: State::Done,
                    ..started
                },
                kept,
            )
            .await?;
            return Ok(Some((row.run, row.gives)));
        }
        Ok(None)
    }

    /// Runs the steps once. Err only for a stop, and for what no further attempt could mend.
    pub async fn attempt(
        &self,
        cx: &JobCtx,
        planned: &Planned,
        name: &str,
        given: &[Given],
        told: Told,
    ) -> Result<Gave, Problem> {
        cx.sources(self.sources.commit.clone(), self.sources.dirty.clone(), None)
            .await;
        let row = self.build_row(cx, planned);
        let owner = format!("run-{}", self.run);
        let clean = Clean::make(cx.cancel_token(), &self.world, &self.workspace, &self.oid, &owner, name).await?;
        let result = self.in_worktree(cx, planned, &clean, given, (name, told)).await;
        if let Some(job) = self.ci.as_ref().and_then(|ci| ci.job(&planned.key)) {
            for path in job.checkouts() {
                worktree::remove_inside(&self.world, &self.workspace, &clean.workspace.root.join(path)).await?;
            }
        }
        let removed = clean.remove(&self.world).await;
        let (mut gave, kept) = match result {
            Ok((gave, kept)) => (gave, kept),
            Err(problem) => {
                let gave = Gave {
                    problem: Some(problem),
                    ..Gave::default()
                };
                (gave, Vec::new())
            }
        };
        let state = match &gave.problem {
            None if gave.skipped.is_some() => State::Skipped,
            None => State::Done,
            Some(problem) if problem.is_cancelled() || cx.is_cancelled() => State::Cancelled,
            Some(_) => State::Failed,
        };
        let ended = BuildRow {
            state,
            duration_ms: record::duration_ms(cx, &row),
            n_errors: gave.n_errors,
            n_warnings: gave.n_warnings,
            diagnostics: record::diagnostic_rows(&gave.diagnostics),
            ..row
        };
        record::write(&self.world, ended, kept).await?;
        let stretches = stretches_value(&std::mem::take(&mut gave.stretches));
        self.world.store().builds().keep_stretches(cx.id(), stretches).await?;
        if state == State::Cancelled {
            return Err(Problem::cancelled());
        }
        if let Err(problem) = removed {
            cx.problem(problem).await;
        }
        gave.diagnostics.clear();
        Ok(gave)
    }

    async fn in_worktree(
        &self,
        cx: &JobCtx,
        planned: &Planned,
        clean: &Clean,
        given: &[Given],
        (name, told): (&str, Told),
    ) -> Result<(Gave, Vec<ArtifactRow>), Problem> {
        let root = &clean.workspace.root;
        // A workflow of GitHub says itself where it wants which.
        if self.ci.as_ref().is_none_or(|ci| ci.flavor != Flavor::Github) {
            self.lay_out(cx, root, given).await?;
        }
        let caches = self.caches(planned);
        self.restore(cx, root, &caches).await?;
        let walked = root.clone();
        let detected = cx
            .blocking(move |cx| Ok(detect::detect(&walked, &|| cx.is_cancelled())))
            .await?;
        if let Some((workflow, job)) = self.ci.as_ref().and_then(|ci| Some((ci, ci.job(&planned.key)?))) {
            let here = ci::steps::Here {
                workspace: &clean.workspace,
                detected: &detected,
                scratch: worktree::folder(&self.world).join(format!("run-{}/{name}-runner", self.run)),
                needs: told.needs,
                told: told.outputs,
                given,
            };
            let gave = Box::pin(ci::steps::run(self, cx, workflow, job, planned, here)).await?;
            if gave.skipped.is_some() {
                return Ok((gave, Vec::new()));
            }
            let is_kept = job.keeps.after(gave.problem.is_some());
            return self.leave(cx, planned, clean, caches, (gave, is_kept)).await;
        }
        let until = planned.job.timeout.map(|span| (Instant::now() + span.0, span.0));
        let mut gave = Gave::default();
        for (at, step) in planned.steps().iter().enumerate() {
            cx.check()?;
            let does = planned.does(&self.pipeline, step, &detected, self.commit())?;
            let left = match until {
                Some((until, limit)) => match until.checked_duration_since(Instant::now()) {
                    Some(left) => Some(left),
                    None => return Ok((timed_out(gave, planned, limit), Vec::new())),
                },
                None => None,
            };
            let number = at + 1;
            match does {
                Does::Task(task) => {
                    cx.note(format!("{number}. {}", task.command_line()));
                    self.task(cx, &clean.workspace, &detected, task, left, &mut gave).await?;
                }
                Does::Test(runner) => {
                    cx.note(format!("{number}. test {}", runner.as_deref().unwrap_or("all")));
                    self.test(cx, &clean.workspace, runner.as_deref(), left, &mut gave).await?;
                }
            }
            if gave.problem.is_some() {
                return Ok((gave, Vec::new()));
            }
        }
        self.leave(cx, planned, clean, caches, (gave, true)).await
    }

    /// What is kept of a job.
    async fn leave(
        &self,
        cx: &JobCtx,
        planned: &Planned,
        clean: &Clean,
        caches: Vec<Kept>,
        (mut gave, is_kept): (Gave, bool),
    ) -> Result<(Gave, Vec<ArtifactRow>), Problem> {
        let mut kept = std::mem::take(&mut gave.uploads);
        if is_kept {
            kept.extend(self.keep(cx, planned, &clean.workspace).await?);
        }
        gave.gives = kept
            .iter()
            .map(|(path, row)| Given {
                path: path.clone(),
                sha256: row.sha256.clone(),
                bytes: row.bytes,
            })
            .collect();
        self.put_away(cx, &clean.workspace.root, caches).await?;
        Ok((gave, kept.into_iter().map(|(_, row)| row).collect()))
    }

    pub(in crate::areas::build) async fn task(
        &self,
        cx: &JobCtx,
        workspace: &Workspace,
        detected: &Detected,
        mut task: Task,
        left: Option<Duration>,
        gave: &mut Gave,
    ) -> Result<(), Problem> {
        if let Some(left) = left {
            let left = left.as_millis() as u64;
            task.timeout_ms = Some(task.timeout_ms.map_or(left, |own| own.min(left)).max(1));
        }
        let began = cx.now();
        let ran = exec::run(cx, &self.world, workspace, &detected.project, &task, Where::Worktree).await?;
        let at = gave.stretches.len();
        gave.stretches
            .push(timeline::load::step(&task.name, began, cx.now(), !ran.is_success()));
        let units = ran.units.into_iter();
        gave.stretches.extend(units.map(|unit| Stretch {
            parent: Some(at),
            ..unit
        }));
        gave.n_errors += ran.n_errors;
        gave.n_warnings += ran.n_warnings;
        gave.diagnostics.extend(ran.diagnostics);
        let exit = ran.outcome?;
        if let Some(problem) = exit.problem(&task.name) {
            if exit.cause != Cause::TimedOut {
                gave.why = ran.why;
            }
            gave.exit_code = exit.code;
            gave.problem = Some(exec::failed(problem, gave.why.as_ref()));
        }
        Ok(())
    }

    /// Every place where tests are, one after the other; the first failure is told, the others run all the same.
    async fn test(
        &self,
        cx: &JobCtx,
        workspace: &Workspace,
        runner: Option<&str>,
        left: Option<Duration>,
        gave: &mut Gave,
    ) -> Result<(), Problem> {
        let root = workspace.root.clone();
        let has_nextest = self.world.processes().resolve("cargo-nextest", Some(&root)).is_ok();
        let (mut found, problems) = cx
            .blocking(move |cx| Ok(sites(&root, has_nextest, &|| cx.is_cancelled())))
            .await?;
        for problem in problems {
            cx.problem(problem).await;
        }
        let known: BTreeSet<&str> = found.iter().map(|site| site.runner.word()).collect();
        let names = known.into_iter().collect::<Vec<_>>().join(", ");
        found.retain(|site| runner.is_none_or(|runner| site.runner.word() == runner || site.task.as_deref() == Some(runner)));
        if found.is_empty() {
            let problem = Problem::config(msg!("build-pipeline-no-tests", runner = runner.unwrap_or("all")));
            return Err(problem.hint(msg!("build-tasks-hint", names = names)));
        }
        for mut site in found {
            cx.check()?;
            if let Some(left) = left {
                site.timeout_secs = Some(site.timeout_secs.unwrap_or(u64::MAX).min(left.as_secs().max(1)));
            }
            let run = SiteRun {
                world: self.world.clone(),
                workspace: workspace.clone(),
                title: format!("{}/{}", self.pipeline.name, site.runner.word()),
                site,
                selection: Selection::All,
                sources: self.sources.clone(),
                known: BTreeMap::new(),
                limits: Limits::default(),
            };
            let (began, title) = (cx.now(), run.title.clone());
            let end = Box::pin(run.run(cx.clone())).await?;
            let problem = end.problem();
            gave.stretches
                .push(timeline::load::step(&title, began, cx.now(), problem.is_some()));
            gave.problem = gave.problem.take().or(problem);
        }
        if let Some(problem) = &gave.problem {
            gave.why = Some(Why {
                message: problem.details.clone(),
                code: None,
                place: problem.place.clone(),
                hint: None,
                lines: Vec::new(),
            });
        }
        Ok(())
    }

    /// What the jobs gave that this one needs, where they had it.
    pub(in crate::areas::build) async fn lay_out(&self, cx: &JobCtx, root: &Path, given: &[Given]) -> Result<(), Problem> {
        let mut contents: BTreeMap<&Path, BTreeSet<&str>> = BTreeMap::new();
        for file in given {
            contents.entry(&file.path).or_default().insert(&file.sha256);
        }
        let mut clashes = contents.iter().filter(|(_, contents)| contents.len() > 1);
        if let Some((path, contents)) = clashes.next() {
            let more = clashes.count();
            let words = msg!("pipeline-artifact-clash", path = *path, n = contents.len(), more = more);
            let problem = Problem::config(words).code("artifact-clash");
            cx.problem(problem.hint(msg!("pipeline-artifact-clash-hint"))).await;
        }
        let (root, given, data) = (root.to_path_buf(), given.to_vec(), self.world.dirs().data.clone());
        cx.blocking(move |cx| {
            for file in given {
                let target = root.join(&file.path);
                if let Some(above) = target.parent() {
                    crate::adapters::files::create_dir_all(above)?;
                }
                crate::adapters::files::remove_file(&target)?;
                copy(&copies::folder(&data).join(&file.sha256), &target, &|| cx.is_cancelled())?;
            }
            Ok(())
        })
        .await
    }

    fn caches(&self, planned: &Planned) -> Vec<Kept> {
        let of = |cache| {
            content::of_cache(
                &self.workspace.id.0,
                &self.pipeline,
                planned,
                cache,
                &self.files,
                &self.inside,
                self.commit(),
            )
        };
        planned.job.cache.iter().map(of).collect()
    }

    fn kept_folders(&self) -> KeptFolders {
        KeptFolders::new(self.world.dirs().cache.join("pipelines"))
    }

    async fn restore(&self, cx: &JobCtx, root: &Path, caches: &[Kept]) -> Result<(), Problem> {
        for kept in caches {
            let (folders, root) = (self.kept_folders(), root.to_path_buf());
            let (name, key, paths) = (kept.name.clone(), kept.key.clone(), kept.paths.clone());
            let hit = cx
                .blocking(move |cx| folders.restore(&name, &key, &root, &paths, &|| cx.is_cancelled()))
                .await?;
            let word = match hit {
                Hit::Exact => "hit",
                Hit::Older => "older",
                Hit::Miss => "miss",
            };
            cx.note(format!("cache {}: {word}", words_of(&kept.paths)));
        }
        Ok(())
    }

    async fn put_away(&self, cx: &JobCtx, root: &Path, caches: Vec<Kept>) -> Result<(), Problem> {
        for kept in caches {
            let (folders, root) = (self.kept_folders(), root.to_path_buf());
            let words = words_of(&kept.paths);
            let is_new = cx
                .blocking(move |cx| folders.keep(&kept.name, &kept.key, &root, &kept.paths, &|| cx.is_cancelled()))
                .await?;
            if is_new {
                cx.note(format!("cache {words}: kept"));
            }
        }
        Ok(())
    }
}

fn words_of(paths: &[PathBuf]) -> String {
    paths
        .iter()
        .map(|path| path.display().to_string())
        .collect::<Vec<_>>()
        .join(" ")
}

/// It took longer than it may.
pub(in crate::areas::build) fn timed_out(gave: Gave, planned: &Planned, limit: Duration) -> Gave {
    let problem = Problem::user(msg!(
        "build-pipeline-timed-out",
        job = planned.key.as_str(),
        secs = limit.as_secs()
    ))
    .code("timed-out");
    Gave {
        problem: Some(problem),
        ..gave
    }
}
