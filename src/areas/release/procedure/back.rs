//! Takes a release back, step by step from the last one that was begun: tag, files of the version, commit, changed files, and what the
//! project's own tasks did, by the tasks that it names for that.

use super::Release;
use crate::adapters::deliver;
use crate::areas::devops::project::{ProjectFile, StepKind};
use crate::areas::release::Update;
use crate::areas::release::artifacts;
use crate::areas::release::files;
use crate::areas::release::image::Image;
use crate::areas::release::journal::{self, Changed, Journal};
use crate::base::{Msg, Problem, State};
use crate::msg;

impl Release<'_> {
    /// The state before the release. What somebody else did since stays.
    pub(super) async fn take_back(&self, journal: &mut Journal, project: &ProjectFile) -> Result<(), Problem> {
        self.settle_pushes(journal).await?;
        self.forget_half_written(journal)?;
        let head = self.head().await?;
        if head != journal.base && !self.is_our_commit(&head, journal).await? && !self.is_carried(&head, journal).await? {
            return Err(Self::moved_on(journal));
        }
        for at in (0..journal.steps.len()).rev() {
            if journal.steps[at].is_begun() {
                self.undo(journal, at, project).await?;
                let step = &mut journal.steps[at];
                step.state = State::Queued;
                step.note = Some(msg!("release-note-back"));
                step.confirmed = None;
                self.keep(journal).await?;
                if let Some(mut step) = journal.seen_at(at) {
                    step.waits = false;
                    self.tell_step(step).await;
                }
            }
        }
        self.tell_kept_edits(journal).await?;
        deliver::remove_folder(&self.folder(&journal.label()))?;
        journal::remove(self.world, self.workspace).await?;
        // Nobody is waited for any more, at none of its steps.
        let mut steps = journal.seen();
        for step in &mut steps {
            step.waits = false;
        }
        let workspace = self.workspace.id.clone();
        self.cx.update(Update::StepsTold { workspace, steps }).await;
        self.cx.note(format!("release {}: taken back", journal.version));
        Ok(())
    }

    /// Files that somebody changed after the release wrote them are theirs and stay: a word on what is in the way of the next release.
    async fn tell_kept_edits(&self, journal: &Journal) -> Result<(), Problem> {
        let mut kept = Vec::new();
        for file in &journal.files {
            if files::read(&self.workspace.root, &file.path)? != file.before {
                kept.push(file.path.display().to_string());
            }
        }
        if !kept.is_empty() {
            let said = msg!("release-back-edited", n = kept.len(), names = kept.join(", "));
            self.cx
                .problem(Problem::user(said).hint(msg!("release-back-edited-hint")))
                .await;
        }
        Ok(())
    }

    /// A push whose end nobody saw: the remote itself is asked.
    async fn settle_pushes(&self, journal: &mut Journal) -> Result<(), Problem> {
        for at in 0..journal.steps.len() {
            if let Some(remote) = journal.steps[at].pushing.clone()
                && !self.is_pushed(&remote, journal).await?
            {
                journal.steps[at].pushing = None;
                self.keep(journal).await?;
            }
        }
        if journal.is_final() {
            return Err(Problem::user(msg!("release-pushed-already", tag = &journal.tag))
                .code("pushed")
                .hint(msg!("release-pushed-already-hint", version = &journal.version)));
        }
        Ok(())
    }

    async fn undo(&self, journal: &mut Journal, at: usize, project: &ProjectFile) -> Result<(), Problem> {
        let rule = journal.steps[at].rule.clone();
        if let Some(name) = &rule.undo {
            let task = super::act::task(project, name)?.clone();
            let around = self.around(journal);
            let title: Msg = msg!("release-undo-step", step = rule.id(), task = name);
            self.cx
                .span(title, |child| async move {
                    artifacts::run(&child, self.world, self.workspace, &task, &around).await
                })
                .await?;
        }
        match rule.kind {
            StepKind::Tag => self.untag(journal).await,
            StepKind::Pack => {
                self.forget_image(journal, project).await?;
                deliver::remove_folder(&self.folder(&journal.label()))
            }
            StepKind::Commit => self.uncommit(journal).await,
            StepKind::Changelog => self.restore(journal, |file| file.is_changelog).await,
            StepKind::Bump => self.restore(journal, |file| !file.is_changelog).await,
            _ => Ok(()),
        }
    }

    /// The engine forgets what this release made, but for the layers that later builds may use.
    async fn forget_image(&self, journal: &Journal, project: &ProjectFile) -> Result<(), Problem> {
        let (Some(rules), Some(commit)) = (&project.release.image, &journal.commit) else {
            return Ok(());
        };
        let image = Image {
            rules,
            name: &self.name(journal, project),
            version: &journal.version,
            commit,
            made: &[],
        };
        image.forget(self.world).await
    }

    /// Only the tag that this release set.
    async fn untag(&self, journal: &Journal) -> Result<(), Problem> {
        let found = self.commit_of_tag(&journal.tag).await?;
        if found.is_some() && found == journal.commit {
            self.git_uncancelled(&["tag", "--delete", &journal.tag]).await?;
        }
        Ok(())
    }

    async fn uncommit(&self, journal: &mut Journal) -> Result<(), Problem> {
        let head = self.head().await?;
        if head != journal.base && self.is_our_commit(&head, journal).await? {
            self.git_uncancelled(&["reset", "--quiet", "--soft", &journal.base]).await?;
        } else if head != journal.base && self.is_carried(&head, journal).await? {
            // What was pulled below it stays.
            self.git_uncancelled(&["reset", "--quiet", "--soft", &format!("{head}^")])
                .await?;
        }
        journal.commit = None;
        let paths = paths(journal, |_| true);
        self.unstage(&paths).await
    }

    async fn restore(&self, journal: &Journal, is_meant: impl Fn(&Changed) -> bool + Copy) -> Result<(), Problem> {
        let root = &self.workspace.root;
        for file in journal.files.iter().filter(|file| is_meant(file)) {
            if files::read(root, &file.path)?.as_deref() != Some(file.after.as_str()) {
                continue;
            }
            match &file.before {
                Some(before) => files::write(root, &file.path, before)?,
                None => files::remove(root, &file.path)?,
            }
        }
        self.unstage(&paths(journal, is_meant)).await
    }

    async fn unstage(&self, paths: &[String]) -> Result<(), Problem> {
        if paths.is_empty() {
            return Ok(());
        }
        let mut args = vec!["reset", "--quiet", "HEAD", "--"];
        args.extend(paths.iter().map(String::as_str));
        self.git_uncancelled(&args).await.map(drop)
    }
}

pub(super) fn paths(journal: &Journal, is_meant: impl Fn(&Changed) -> bool) -> Vec<String> {
    let files = journal.files.iter().filter(|file| is_meant(file));
    files.map(|file| file.path.to_string_lossy().into_owned()).collect()
}
