//! What each kind of step does. Every one may be done again after a crash half-way through it.

use super::Release;
use super::back::paths;
use crate::areas::JobCtx;
use crate::areas::devops::project::{ProjectFile, ReleaseStep, StepKind, Task, TaskKind};
use crate::areas::release::image::Image;
use crate::areas::release::journal::{Changed, Journal};
use crate::areas::release::packing::{self, Order, Secrets};
use crate::areas::release::{Delivered, Wish, artifacts, changelog, files, history, readiness};
use crate::base::{Msg, Problem, State};
use crate::msg;
use std::collections::BTreeMap;

/// What a step says of itself at its end.
pub(super) type Said = Option<Msg>;

/// A task of the project by its name.
pub fn task<'a>(project: &'a ProjectFile, name: &str) -> Result<&'a Task, Problem> {
    let missing = || {
        Problem::config(msg!("release-step-no-task", task = name))
            .code("not-found")
            .hint(msg!("release-step-no-task-hint"))
    };
    project.task(name).ok_or_else(missing)
}

impl Release<'_> {
    pub(super) async fn act(
        &self,
        cx: &JobCtx,
        journal: &mut Journal,
        at: usize,
        project: &ProjectFile,
    ) -> Result<Said, Problem> {
        let rule = journal.steps[at].rule.clone();
        if let Some(why) = self.is_left_out(journal, at) {
            journal.steps[at].state = State::Skipped;
            return Ok(Some(why));
        }
        match rule.kind {
            StepKind::Bump => self.write_files(journal, |file| !file.is_changelog).await,
            StepKind::Changelog => self.write_files(journal, |file| file.is_changelog).await,
            StepKind::Commit => self.commit(journal).await,
            StepKind::Build => self.build(cx, journal, project).await,
            StepKind::Tag => self.tag(journal).await,
            StepKind::Pack => Box::pin(self.pack(cx, journal, project)).await,
            StepKind::Publish if rule.task.is_none() => self.publish(journal, at).await,
            StepKind::Publish | StepKind::Task => self.run_task(cx, journal, &rule, project).await,
            StepKind::Check => self.check(cx, journal, &rule).await,
            StepKind::Confirm => Ok(journal.steps[at].confirmed.as_ref().map(|said| {
                if said.note.is_empty() {
                    msg!("release-note-confirmed", by = &said.by)
                } else {
                    msg!("release-note-confirmed-with", by = &said.by, note = &said.note)
                }
            })),
            StepKind::Ready | StepKind::Record => Ok(None),
        }
    }

    /// What others would see, and what waits for them, has no place in a rehearsal.
    fn is_left_out(&self, journal: &Journal, at: usize) -> Option<Msg> {
        if !self.is_rehearsal {
            return None;
        }
        let rule = &journal.steps[at].rule;
        let is_out = journal.steps[..at].iter().any(|step| step.rule.kind == StepKind::Publish);
        let is_left = is_out || !rule.rehearse || matches!(rule.kind, StepKind::Tag | StepKind::Publish | StepKind::Confirm);
        is_left.then(|| msg!("release-note-left-out"))
    }

    /// HEAD is where the release was begun, or where it brought it; notes the commit that a crash kept from being noted.
    async fn stand(&self, journal: &mut Journal) -> Result<(), Problem> {
        let head = self.head().await?;
        if journal.commit.is_none() && head != journal.base {
            if !self.is_our_commit(&head, journal).await? {
                return Err(Self::moved_on(journal));
            }
            journal.commit = Some(head.clone());
            self.keep(journal).await?;
        }
        match &journal.commit {
            Some(commit) if *commit != head => Err(Self::moved_on(journal)),
            _ => Ok(()),
        }
    }

    /// The commit of the version; where nothing was committed, the one that is there.
    async fn commit_of(&self, journal: &mut Journal) -> Result<String, Problem> {
        let is_tagged = journal.commit.is_some() && self.commit_of_tag(&journal.tag).await? == journal.commit;
        if !is_tagged {
            self.stand(journal).await?;
        }
        let commit = match &journal.commit {
            Some(commit) => commit.clone(),
            None => self.head().await?,
        };
        journal.commit = Some(commit.clone());
        self.cx.sources(Some(commit.clone()), None, None).await;
        Ok(commit)
    }

    async fn write_files(&self, journal: &mut Journal, is_meant: impl Fn(&Changed) -> bool + Copy) -> Result<Said, Problem> {
        self.stand(journal).await?;
        if journal.commit.is_none() {
            for file in journal.files.iter().filter(|file| is_meant(file)) {
                self.write_file(file)?;
            }
        }
        let names = paths(journal, is_meant);
        Ok(Some(if names.is_empty() {
            msg!("release-note-no-file")
        } else {
            msg!("release-note-files", names = names.join(", "))
        }))
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

    async fn commit(&self, journal: &mut Journal) -> Result<Said, Problem> {
        self.stand(journal).await?;
        if journal.commit.is_none() {
            let paths = paths(journal, |_| true);
            if paths.is_empty() {
                // The files state the version already and the changelog tells of it: this commit is the release.
                journal.commit = Some(self.head().await?);
                return Ok(Some(msg!("release-note-commit-none")));
            }
            let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
            self.git(&[&["add", "--"], paths.as_slice()].concat(), &[]).await?;
            let subject = journal.subject();
            let args = ["commit", "--quiet", "-m", &subject, "--"];
            self.git(&[&args, paths.as_slice()].concat(), &[]).await?;
            journal.commit = Some(self.head().await?);
            self.take_notes(journal)?;
        }
        let commit = journal.commit.as_deref().unwrap_or_default();
        let short = crate::base::format::short_oid(commit).to_owned();
        Ok(Some(msg!("release-note-commit", commit = short)))
    }

    /// What the changelog says of the version by now: a person may have gone over it while the release waited.
    fn take_notes(&self, journal: &mut Journal) -> Result<(), Problem> {
        if let Some(file) = journal.files.iter().find(|file| file.is_changelog)
            && let Some(text) = files::read(&self.workspace.root, &file.path)?
            && let Some(notes) = changelog::notes(&text, &journal.version)
        {
            journal.notes = notes.to_owned();
        }
        Ok(())
    }

    async fn build(&self, cx: &JobCtx, journal: &mut Journal, project: &ProjectFile) -> Result<Said, Problem> {
        self.commit_of(journal).await?;
        let around = self.around(journal);
        let made = Box::pin(artifacts::make(cx, self.world, self.workspace, project, &around)).await?;
        let names: Vec<&str> = made.iter().map(|one| one.name.as_str()).collect();
        Ok(Some(if made.is_empty() {
            msg!("release-note-build-none")
        } else {
            msg!("release-note-build", names = names.join(", "))
        }))
    }

    async fn tag(&self, journal: &mut Journal) -> Result<Said, Problem> {
        let commit = self.commit_of(journal).await?;
        match self.commit_of_tag(&journal.tag).await? {
            Some(tagged) if tagged == commit => {}
            Some(_) => {
                return Err(Problem::user(msg!("release-check-tag-no", tag = &journal.tag))
                    .code("not-ready")
                    .hint(msg!("release-check-tag-hint")));
            }
            None => {
                self.cx.check()?;
                let message = format!("{}\n\n{}\n", journal.tag, journal.notes);
                // `#` begins a heading in the notes, not a comment.
                let args = ["tag", "--annotate", "--cleanup=whitespace", "-F", "-", &journal.tag, &commit];
                self.git(&args, message.as_bytes()).await?;
            }
        }
        Ok(Some(msg!("release-note-tag", tag = &journal.tag)))
    }

    /// The project's, or that of the package whose version it is.
    pub(super) fn name(&self, journal: &Journal, project: &ProjectFile) -> String {
        match &journal.package {
            Some(package) => package.name.clone(),
            None => project.project.name.clone().unwrap_or_else(|| self.workspace.name.clone()),
        }
    }

    /// Copies the artifacts to the version's own folder, packs and signs them.
    pub(super) async fn pack(&self, cx: &JobCtx, journal: &mut Journal, project: &ProjectFile) -> Result<Said, Problem> {
        let commit = self.commit_of(journal).await?;
        let around = self.around(journal);
        let made = Box::pin(artifacts::make(cx, self.world, self.workspace, project, &around)).await?;
        let is_more = project.release.image.is_some() || project.release.deb.is_some();
        if made.is_empty() && !is_more {
            return Ok(Some(msg!("release-note-archive-none")));
        }
        let folder = self.folder(&journal.label());
        let name = self.name(journal, project);
        let mut image = None;
        if let Some(rules) = &project.release.image {
            let one = Image {
                rules,
                name: &name,
                version: &journal.version,
                commit: &commit,
                made: &made,
            };
            let file = folder.join(one.file_name()?);
            let to = file.clone();
            cx.span(
                msg!("release-build-image", name = one.reference()?),
                |cx: JobCtx| async move { one.make(&cx, self.world, self.workspace, &to, !self.is_rehearsal).await },
            )
            .await?;
            image = Some(file);
        }
        let order = Order {
            rules: project.release.clone(),
            root: self.workspace.root.clone(),
            lock_folders: history::lock_folders(self.world, self.workspace, None, cx.cancel_token()).await?,
            folder,
            image,
            name,
            description: project.project.description.clone(),
            version: journal.version.clone(),
            committer: self.ask(&["show", "-s", "--format=%cn <%ce>", &commit]).await?,
            mtime: self.commit_time(&commit).await?,
            commit,
            notes: journal.notes.clone(),
            made,
            secrets: Secrets::of(self.world, &project.release).await?,
        };
        let packing = cx.blocking(move |_| packing::pack(&order)).await?;
        for path in packing.unread {
            let problem = Problem::environment(msg!("release-lock-unread", path = &path));
            cx.problem(problem.hint(msg!("release-lock-unread-hint"))).await;
        }
        if !packing.loose.is_empty() {
            let told = msg!("release-lock-loose", n = packing.loose.len());
            let problem = Problem::environment(told).details(packing.loose.join("\n"));
            cx.problem(problem.hint(msg!("release-lock-loose-hint"))).await;
        }
        let note = msg!("release-note-archive", n = packing.kept.len());
        journal.kept = packing
            .kept
            .into_iter()
            .map(|(name, file)| Delivered {
                name,
                path: file.path,
                sha256: file.sha256,
                bytes: file.bytes,
            })
            .collect();
        Ok(Some(note))
    }

    /// Which remote it was that did not take it.
    fn not_pushed(&self, remote: &str, journal: &Journal, mut problem: Problem) -> Problem {
        if !problem.is_cancelled() {
            let said = self.world.texts().msg(&problem.summary);
            problem.summary = msg!("release-said", name = remote, text = said);
            // Pulled work stands before a version, not beside it.
            if problem.code == "rejected" {
                problem.hint = Some(msg!("release-push-rejected-hint", version = journal.label()));
            }
        }
        problem
    }

    /// To one remote after the other; written down before each, because no push can be taken back.
    async fn publish(&self, journal: &mut Journal, at: usize) -> Result<Said, Problem> {
        let remotes = self.remotes(&journal.steps[at].rule.remotes).await?;
        for remote in &remotes {
            self.check_tag_there(journal, remote).await?;
        }
        for remote in &remotes {
            if journal.steps[at].pushed.contains(remote) {
                continue;
            }
            self.cx.check()?;
            self.is_held(journal).await?;
            // Who does not answer is given nothing: what was not begun can be taken back without asking them.
            if let Err(problem) = self.is_pushed(remote, journal).await {
                return Err(self.not_pushed(remote, journal, self.push_problem(problem)));
            }
            journal.steps[at].pushing = Some(remote.clone());
            self.keep(journal).await?;
            let pushed = self.push(remote, journal).await;
            // Cut off half-way only the remote knows.
            if pushed.is_ok() || matches!(self.is_pushed(remote, journal).await, Ok(false)) {
                journal.steps[at].pushing = None;
            }
            pushed.map_err(|problem| self.not_pushed(remote, journal, problem))?;
            journal.steps[at].pushed.push(remote.clone());
            self.keep(journal).await?;
        }
        Ok(Some(msg!("release-note-pushed", remotes = remotes.join(", "))))
    }

    async fn run_task(
        &self,
        cx: &JobCtx,
        journal: &mut Journal,
        rule: &ReleaseStep,
        project: &ProjectFile,
    ) -> Result<Said, Problem> {
        let mut task = task(project, rule.task.as_deref().unwrap_or_default())?.clone();
        task.timeout = rule.timeout.or(task.timeout);
        artifacts::run(cx, self.world, self.workspace, &task, &self.around(journal)).await?;
        Ok(None)
    }

    async fn check(&self, cx: &JobCtx, journal: &mut Journal, rule: &ReleaseStep) -> Result<Said, Problem> {
        let Some(name) = &rule.check else {
            let task = Task {
                name: rule.id().to_owned(),
                kind: TaskKind::Check,
                run: rule.run.clone(),
                dir: ".".into(),
                timeout: rule.timeout,
                env: BTreeMap::new(),
                pty: false,
            };
            artifacts::run(cx, self.world, self.workspace, &task, &self.around(journal)).await?;
            return Ok(None);
        };
        let key = format!("release-check-{name}");
        let checks = match &self.checks {
            Some(checks) => checks.clone(),
            None => {
                let version = journal.version.clone();
                let wish = Wish::Version { version };
                let package = journal.package.as_ref().map(|package| package.name.clone());
                let look = readiness::look(cx, self.world, self.workspace, &wish, package.as_deref());
                let mut looked = Box::pin(look).await?;
                if !looked.readiness.checks.iter().any(|check| check.name.key == key) {
                    Box::pin(looked.look_around(cx, self.world, self.workspace)).await?;
                }
                looked.readiness.checks
            }
        };
        // One that is not looked at here, such as the key of a project that signs nothing, forbids nothing.
        let Some(check) = checks.into_iter().find(|check| check.name.key == key) else {
            return Ok(Some(msg!("release-note-check-none")));
        };
        if check.state == State::Done {
            return Ok(Some(check.found));
        }
        let mut problem = Problem::user(check.found).code("not-ready");
        problem.hint = check.hint;
        Err(problem)
    }

    pub(super) fn around(&self, journal: &Journal) -> artifacts::Around {
        artifacts::Around {
            version: journal.version.clone(),
            tag: journal.tag.clone(),
            commit: journal.commit.clone().unwrap_or_else(|| journal.base.clone()),
            is_rehearsal: self.is_rehearsal,
        }
    }
}
