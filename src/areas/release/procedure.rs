//! A release as a list of steps. Until the tag everything can be taken back, and is when a step fails; killed half-way, the next run
//! finds in the journal where it stood and goes on.

use super::journal::{self, Changed, Journal};
use super::packing::{self, Order, Secrets};
use super::readiness::{self, Looked};
use super::{
    Deliverable, Delivered, Level, Step, StepName, Update, Wish, artifacts, changelog, deliverables, files, history, version,
};
use crate::adapters::World;
use crate::adapters::deliver::Kept;
use crate::adapters::store::releases::{ReleaseArtifactRow, ReleaseRow};
use crate::areas::JobCtx;
use crate::areas::devops::bump;
use crate::areas::devops::project::ProjectFile;
use crate::base::{Msg, Problem, State, Workspace};
use crate::msg;
use std::path::PathBuf;

/// Makes the version that is asked for, or goes on with the one that was begun.
pub async fn run(
    cx: &JobCtx,
    world: &World,
    workspace: &Workspace,
    wish: &Wish,
    notes: Option<String>,
) -> Result<Deliverable, Problem> {
    world.trust().check(workspace)?;
    let begun = journal::read(world, workspace).await?;
    let wish = match &begun {
        Some(journal) => {
            check_same(journal, wish)?;
            Wish::Version {
                version: journal.version.clone(),
            }
        }
        None => wish.clone(),
    };
    let release = Release { cx, world, workspace };
    let (journal, project) = match begun {
        Some(journal) => {
            cx.note(format!("release {}: goes on after `{}`", journal.version, journal.step.key()));
            (journal, files::project(workspace)?.0)
        }
        None => release.prepare(&wish, notes).await?,
    };
    Box::pin(release.carry_out(journal, &project)).await
}

fn check_same(journal: &Journal, wish: &Wish) -> Result<(), Problem> {
    let is_same = match wish {
        Wish::Commits => true,
        Wish::Level { level } => {
            let previous = journal.previous.as_deref().and_then(|text| semver::Version::parse(text).ok());
            let bumped = |from: &semver::Version, level: Level| version::bump(from, level).to_string();
            previous.is_some_and(|previous| bumped(&previous, *level) == journal.version)
        }
        Wish::Version { version } => version::parse(version)?.to_string() == journal.version,
        Wish::Channel { name } => version::channel(&version::parse(&journal.version)?) == name.trim(),
    };
    if is_same {
        return Ok(());
    }
    Err(Problem::user(msg!("release-unfinished", version = &journal.version))
        .code("unfinished")
        .hint(msg!("release-unfinished-hint", version = &journal.version)))
}

/// Takes back a release that stopped before its tag.
pub async fn abandon(cx: &JobCtx, world: &World, workspace: &Workspace) -> Result<(), Problem> {
    world.trust().check(workspace)?;
    let Some(journal) = journal::read(world, workspace).await? else {
        return Err(Problem::user(msg!("release-nothing-unfinished")).code("not-found"));
    };
    let release = Release { cx, world, workspace };
    if release.tag_exists(&journal.tag).await? {
        return Err(Problem::user(msg!("release-tagged-already", tag = &journal.tag))
            .code("tagged")
            .hint(msg!("release-tagged-already-hint", tag = &journal.tag)));
    }
    release.take_back(&journal).await
}

struct Release<'a> {
    cx: &'a JobCtx,
    world: &'a World,
    workspace: &'a Workspace,
}

impl Release<'_> {
    /// Looks whether it is allowed, and works out every file before one is written.
    async fn prepare(&self, wish: &Wish, notes: Option<String>) -> Result<(Journal, ProjectFile), Problem> {
        let name = match wish {
            Wish::Version { version } => version.clone(),
            _ => String::new(),
        };
        self.step(&name, StepName::Check, async {
            let looked = readiness::look(self.cx, self.world, self.workspace, wish).await?;
            let journal = self.plan(&looked, notes)?;
            let n = looked.readiness.n_changes;
            Ok(((journal, looked.project), Some(msg!("release-note-check", n = n))))
        })
        .await
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
        let notes = notes.unwrap_or_else(|| readiness.draft.clone());
        let mut changed = Vec::new();
        for after in bump::set(&looked.version_files, &next.version)? {
            let before = looked.version_files.iter().find(|file| file.path == after.path);
            let before = before.map(|file| file.text.clone());
            if before.as_deref() != Some(after.text.as_str()) {
                changed.push(Changed {
                    path: after.path,
                    before,
                    after: after.text,
                });
            }
        }
        let text = looked.changelog.as_deref();
        let is_written = text.is_some_and(|text| changelog::notes(text, &next.version).is_some());
        if !is_written && !notes.trim().is_empty() {
            let date = self.cx.now().to_zoned(jiff::tz::TimeZone::UTC).date().to_string();
            changed.push(Changed {
                path: readiness.changelog.clone(),
                before: looked.changelog.clone(),
                after: changelog::with_section(text, &next.version, &date, &notes),
            });
        }
        Ok(Journal {
            version: next.version.clone(),
            tag: tag.clone(),
            previous: readiness.last.as_ref().map(|last| last.version.clone()),
            base: readiness.head.clone(),
            since: self.cx.now(),
            step: StepName::Check,
            files: changed,
            notes: notes.trim().to_owned(),
            commit: None,
        })
    }

    async fn carry_out(&self, mut journal: Journal, project: &ProjectFile) -> Result<Deliverable, Problem> {
        journal::write(self.world, self.workspace, &journal).await?;
        let is_tagged = self.tag_exists(&journal.tag).await? && journal.commit.is_some();
        let made = match Box::pin(self.until_tag(&mut journal, project, is_tagged)).await {
            Ok(made) => made,
            // From the tag on others may have seen the version: it is finished by the next run, not taken back.
            Err(problem) if self.tag_exists(&journal.tag).await.unwrap_or(true) => return Err(problem),
            Err(problem) => {
                let version = journal.version.clone();
                return Err(match self.take_back(&journal).await {
                    Ok(()) if problem.is_cancelled() => problem,
                    Ok(()) if problem.hint.is_none() => problem.hint(msg!("release-taken-back", version = version)),
                    Ok(()) => problem,
                    Err(second) => {
                        self.cx.problem(second).await;
                        problem.hint(msg!("release-not-taken-back", version = version))
                    }
                });
            }
        };
        let kept = self.archive(&mut journal, project, made).await?;
        let deliverable = self.record(&mut journal, kept).await?;
        journal::remove(self.world, self.workspace).await?;
        Ok(deliverable)
    }

    async fn until_tag(
        &self,
        journal: &mut Journal,
        project: &ProjectFile,
        is_tagged: bool,
    ) -> Result<Vec<artifacts::Made>, Problem> {
        if !is_tagged {
            Box::pin(self.commit_files(journal)).await?;
        }
        let commit = journal.commit.clone().unwrap_or_default();
        self.cx.sources(Some(commit.clone()), None, None).await;
        self.begin(journal, StepName::Build).await?;
        let made = self
            .step(&journal.version, StepName::Build, async {
                let made = Box::pin(artifacts::make(self.cx, self.world, self.workspace, project, &commit)).await?;
                let names: Vec<&str> = made.iter().map(|one| one.name.as_str()).collect();
                let note = if made.is_empty() {
                    msg!("release-note-build-none")
                } else {
                    msg!("release-note-build", names = names.join(", "))
                };
                Ok((made, Some(note)))
            })
            .await?;
        self.cx.check()?;
        if !is_tagged {
            self.begin(journal, StepName::Tag).await?;
            self.step(&journal.version, StepName::Tag, async {
                let message = format!("{}\n\n{}\n", journal.tag, journal.notes);
                // `#` begins a heading in the notes, not a comment.
                let args = ["tag", "--annotate", "--cleanup=whitespace", "-F", "-", &journal.tag, &commit];
                self.git(&args, message.as_bytes()).await?;
                Ok(((), Some(msg!("release-note-tag", tag = &journal.tag))))
            })
            .await?;
        }
        Ok(made)
    }

    async fn commit_files(&self, journal: &mut Journal) -> Result<(), Problem> {
        let head = self.head().await?;
        if journal.commit.is_none() && head != journal.base {
            // Killed between the commit and the note of it.
            if self.is_our_commit(&head, journal).await? {
                journal.commit = Some(head.clone());
                journal::write(self.world, self.workspace, journal).await?;
            } else {
                return Err(Self::moved_on(journal));
            }
        }
        if let Some(commit) = &journal.commit {
            return if *commit == head {
                Ok(())
            } else {
                Err(Self::moved_on(journal))
            };
        }
        for (name, is_mine) in [(StepName::Version, false), (StepName::Changelog, true)] {
            self.begin(journal, name).await?;
            self.step(&journal.version, name, async {
                let changelog = files::project(self.workspace)?.0.release.changelog;
                let mine = journal.files.iter().filter(|file| (file.path == changelog) == is_mine);
                let mut names = Vec::new();
                for file in mine {
                    self.write_file(file)?;
                    names.push(file.path.display().to_string());
                }
                let note = if names.is_empty() {
                    msg!("release-note-no-file")
                } else {
                    msg!("release-note-files", names = names.join(", "))
                };
                Ok(((), Some(note)))
            })
            .await?;
            self.cx.check()?;
        }
        self.begin(journal, StepName::Commit).await?;
        let commit = self
            .step(&journal.version, StepName::Commit, async {
                if journal.files.is_empty() {
                    // The files state the version already and the changelog tells of it: this commit is the release.
                    return Ok((head.clone(), Some(msg!("release-note-commit-none"))));
                }
                let paths: Vec<String> = journal
                    .files
                    .iter()
                    .map(|file| file.path.to_string_lossy().into_owned())
                    .collect();
                let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
                self.git(&[&["add", "--"], paths.as_slice()].concat(), &[]).await?;
                let subject = journal.subject();
                self.git(
                    &[&["commit", "--quiet", "-m", &subject, "--"], paths.as_slice()].concat(),
                    &[],
                )
                .await?;
                let commit = self.head().await?;
                let short = crate::base::format::short_oid(&commit).to_owned();
                Ok((commit, Some(msg!("release-note-commit", commit = short))))
            })
            .await?;
        journal.commit = Some(commit);
        journal::write(self.world, self.workspace, journal).await
    }

    /// Writes a file unless somebody else changed it since the release was begun.
    fn write_file(&self, file: &Changed) -> Result<(), Problem> {
        let now = files::read(&self.workspace.root, &file.path)?;
        if now.as_deref() == Some(file.after.as_str()) {
            return Ok(());
        }
        if now != file.before {
            return Err(Problem::user(msg!("release-file-touched", path = &file.path))
                .code("changed-meanwhile")
                .hint(msg!("release-file-touched-hint"))
                .at_place(self.workspace.root.join(&file.path), 0, 0));
        }
        files::write(&self.workspace.root, &file.path, &file.after)
    }

    /// The state before the release: its commit is gone, its files are as they were. What somebody else did since stays.
    async fn take_back(&self, journal: &Journal) -> Result<(), Problem> {
        let head = self.head_uncancelled().await?;
        let is_ours = head != journal.base && self.is_our_commit(&head, journal).await?;
        if head != journal.base && !is_ours {
            return Err(Self::moved_on(journal));
        }
        let paths: Vec<String> = journal
            .files
            .iter()
            .map(|file| file.path.to_string_lossy().into_owned())
            .collect();
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        if is_ours {
            self.git_uncancelled(&["reset", "--quiet", "--soft", &journal.base]).await?;
        }
        for file in &journal.files {
            let now = files::read(&self.workspace.root, &file.path)?;
            if now.as_deref() != Some(file.after.as_str()) {
                continue;
            }
            match &file.before {
                Some(before) => files::write(&self.workspace.root, &file.path, before)?,
                None => files::remove(&self.workspace.root, &file.path)?,
            }
        }
        if !paths.is_empty() {
            self.git_uncancelled(&[&["reset", "--quiet", "HEAD", "--"], paths.as_slice()].concat())
                .await?;
        }
        journal::remove(self.world, self.workspace).await?;
        self.cx.note(format!("release {}: taken back", journal.version));
        Ok(())
    }

    /// Copies the artifacts to the release's own folder, packs and signs them.
    async fn archive(
        &self,
        journal: &mut Journal,
        project: &ProjectFile,
        made: Vec<artifacts::Made>,
    ) -> Result<Vec<(String, Kept)>, Problem> {
        self.begin(journal, StepName::Archive).await?;
        let commit = journal.commit.clone().unwrap_or_else(|| "HEAD".to_owned());
        let order = Order {
            rules: project.release.clone(),
            root: self.workspace.root.clone(),
            folder: files::folder(self.world, self.workspace, &journal.version),
            name: project.project.name.clone().unwrap_or_else(|| self.workspace.name.clone()),
            description: project.project.description.clone(),
            version: journal.version.clone(),
            committer: self.ask(&["show", "-s", "--format=%cn <%ce>", &commit]).await?,
            mtime: self.commit_time(&commit).await?,
            commit,
            notes: journal.notes.clone(),
            made,
            secrets: Secrets::of(self.world),
        };
        self.step(&journal.version, StepName::Archive, async {
            if order.made.is_empty() {
                return Ok((Vec::new(), Some(msg!("release-note-archive-none"))));
            }
            let packing = self.cx.blocking(move |_| packing::pack(&order)).await?;
            for path in packing.unread {
                let problem = Problem::environment(msg!("release-lock-unread", path = &path));
                self.cx.problem(problem.hint(msg!("release-lock-unread-hint"))).await;
            }
            let note = msg!("release-note-archive", n = packing.kept.len());
            Ok((packing.kept, Some(note)))
        })
        .await
    }

    async fn record(&self, journal: &mut Journal, kept: Vec<(String, Kept)>) -> Result<Deliverable, Problem> {
        self.begin(journal, StepName::Record).await?;
        let commit = journal.commit.clone().unwrap_or_default();
        self.step(&journal.version, StepName::Record, async {
            let releases = self.world.store().releases();
            let known = releases.by_version(&self.workspace.id, &journal.version).await?;
            let row = match known.filter(|row| row.commit == commit) {
                // Killed between the record and the end of the journal.
                Some(row) => row,
                None => {
                    let release = ReleaseRow {
                        id: 0,
                        workspace: self.workspace.id.clone(),
                        version: journal.version.clone(),
                        commit: commit.clone(),
                        tag: Some(journal.tag.clone()),
                        previous: journal.previous.clone(),
                        notes: journal.notes.clone(),
                        channel: version::parse(&journal.version).map_or_else(
                            |_| version::STABLE.to_owned(),
                            |version| version::channel(&version).to_owned(),
                        ),
                        job: Some(self.cx.id()),
                        released_at: self.cx.now(),
                        withdrawn: None,
                    };
                    let files = kept
                        .iter()
                        .map(|(name, file)| ReleaseArtifactRow {
                            id: 0,
                            release: 0,
                            name: name.clone(),
                            path: file.path.clone(),
                            sha256: file.sha256.clone(),
                            bytes: file.bytes,
                        })
                        .collect();
                    releases.record(release, files).await?
                }
            };
            self.link_items(&row).await?;
            let deliverable = deliverables::of_row(self.world, row).await?;
            let n = deliverable.artifacts.len();
            Ok((deliverable, Some(msg!("release-note-record", n = n))))
        })
        .await
    }

    /// The plan items of the commits in it belong to the release's own commit too: that is what will run somewhere.
    async fn link_items(&self, row: &ReleaseRow) -> Result<(), Problem> {
        let Some(previous) = &row.previous else { return Ok(()) };
        let rules = files::project(self.workspace)?.0.release;
        let Ok(previous) = semver::Version::parse(previous) else {
            return Ok(());
        };
        let pattern = history::pattern(self.world, self.workspace, &rules, self.cx.cancel_token()).await?;
        let since = version::tag_for(&previous, &pattern);
        let changes = history::changes(self.world, self.workspace, Some(&since), self.cx.cancel_token()).await?;
        let threads = self.world.store().threads();
        let parts = changes.iter().map(|change| change.oid.clone()).collect();
        threads.link_parts(&self.workspace.id, &row.commit, parts).await?;
        for change in changes {
            let Some(item) = &change.item else { continue };
            threads.link_item(&self.workspace.id, item, &change.oid).await?;
            threads.link_item(&self.workspace.id, item, &row.commit).await?;
        }
        Ok(())
    }

    async fn begin(&self, journal: &mut Journal, step: StepName) -> Result<(), Problem> {
        journal.step = step;
        journal::write(self.world, self.workspace, journal).await
    }

    /// One step: a child job with its own title and outcome, shown while it runs.
    async fn step<T>(
        &self,
        version: &str,
        name: StepName,
        work: impl Future<Output = Result<(T, Option<Msg>), Problem>>,
    ) -> Result<T, Problem> {
        let tell = async |state, note, job| {
            let step = Step {
                version: version.to_owned(),
                name,
                state,
                note,
                job,
            };
            let workspace = self.workspace.id.clone();
            self.cx.update(Update::StepChanged { workspace, step }).await;
        };
        tell(State::InProgress, None, None).await;
        let mut job = None;
        let span = self.cx.span(Msg::new(name.key()), |child: JobCtx| {
            job = Some(child.id());
            work
        });
        let result = Box::pin(span).await;
        match result {
            Ok((value, note)) => {
                tell(State::Done, note, job).await;
                Ok(value)
            }
            Err(problem) => {
                let state = if problem.is_cancelled() {
                    State::Cancelled
                } else {
                    State::Failed
                };
                tell(state, Some(problem.summary.clone()), job).await;
                Err(problem)
            }
        }
    }

    async fn git(&self, args: &[&str], stdin: &[u8]) -> Result<(), Problem> {
        let repo = history::repo(self.world, self.workspace);
        let git = self.world.git_program();
        git.write(repo, args, stdin, self.cx.cancel_token()).await.map(drop)
    }

    /// What brings things back in order is not stopped by the wish that made it necessary.
    async fn git_uncancelled(&self, args: &[&str]) -> Result<Vec<u8>, Problem> {
        let repo = history::repo(self.world, self.workspace);
        let never = tokio_util::sync::CancellationToken::new();
        let output = self.world.git_program().write(repo, args, &[], &never).await?;
        Ok(output.stdout)
    }

    async fn ask(&self, args: &[&str]) -> Result<String, Problem> {
        let answer = self.git_uncancelled(args).await?;
        Ok(String::from_utf8_lossy(&answer).trim().to_owned())
    }

    async fn head(&self) -> Result<String, Problem> {
        self.cx.check()?;
        self.head_uncancelled().await
    }

    async fn head_uncancelled(&self) -> Result<String, Problem> {
        self.ask(&["rev-parse", "--verify", "HEAD^{commit}"]).await
    }

    async fn commit_time(&self, commit: &str) -> Result<u64, Problem> {
        let text = self.ask(&["show", "-s", "--format=%ct", commit]).await?;
        Ok(text.parse().unwrap_or(0))
    }

    async fn tag_exists(&self, tag: &str) -> Result<bool, Problem> {
        let found = self.ask(&["for-each-ref", "--count=1", &format!("refs/tags/{tag}")]).await?;
        Ok(!found.is_empty())
    }

    /// The commit is the one this release made: right subject, and its parent is where the release was begun.
    async fn is_our_commit(&self, commit: &str, journal: &Journal) -> Result<bool, Problem> {
        let facts = self.ask(&["show", "-s", "--format=%P%n%s", commit]).await?;
        let (parents, subject) = facts.split_once('\n').unwrap_or((&facts, ""));
        Ok(parents.trim() == journal.base && subject == journal.subject())
    }

    fn moved_on(journal: &Journal) -> Problem {
        Problem::user(msg!("release-moved-on", version = &journal.version))
            .code("moved-on")
            .hint(msg!("release-moved-on-hint"))
    }
}

/// The files of a deliverable, from what was kept.
pub fn delivered(rows: Vec<ReleaseArtifactRow>) -> Vec<Delivered> {
    rows.into_iter()
        .map(|row| Delivered {
            name: row.name,
            path: PathBuf::from(&row.path),
            sha256: row.sha256,
            bytes: row.bytes,
        })
        .collect()
}
