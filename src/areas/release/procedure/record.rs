//! The end of a release: it is written down with its files, the items that are in it, and how it was made.

use super::Release;
use crate::adapters::store::releases::{ReleaseArtifactRow, ReleaseRow};
use crate::areas::release::journal::{self, Journal};
use crate::areas::release::{Deliverable, Step, deliverables, files, history, version};
use crate::base::{Msg, Problem, State, Timestamp};
use crate::msg;

/// Commits that are remembered as part of a version, newest first.
const MAX_PARTS: usize = 20_000;

impl Release<'_> {
    pub(super) async fn record(&self, journal: &Journal) -> Result<Deliverable, Problem> {
        let step = |state, note: Option<Msg>| {
            let last = journal.seen().pop();
            last.map(|last| Step {
                state,
                note,
                at: Some(self.cx.now()),
                ..last
            })
        };
        if let Some(step) = step(State::InProgress, None) {
            self.tell_step(step).await;
        }
        let title = Msg::new("release-step-record");
        let deliverable = self.cx.span(title, |_| self.write_down(journal, self.cx.now(), None)).await?;
        journal::keep_made(self.world, self.workspace, journal).await?;
        journal::remove(self.world, self.workspace).await?;
        let n = deliverable.artifacts.len();
        if let Some(step) = step(State::Done, Some(msg!("release-note-record", n = n))) {
            self.tell_step(step).await;
        }
        Ok(deliverable)
    }

    /// `at` is when the version was made, and `withdrawn` what was said of it before it was written down.
    pub(super) async fn write_down(
        &self,
        journal: &Journal,
        at: Timestamp,
        withdrawn: Option<String>,
    ) -> Result<Deliverable, Problem> {
        let commit = journal.commit.clone().unwrap_or_default();
        let releases = self.world.store().releases();
        let label = journal.label();
        let known = releases.by_version(&self.workspace.id, &label).await?;
        let row = match known.filter(|row| row.commit == commit) {
            // Killed between the record and the end of the journal.
            Some(row) => row,
            None => {
                let release = ReleaseRow {
                    id: 0,
                    workspace: self.workspace.id.clone(),
                    version: label,
                    commit: commit.clone(),
                    tag: Some(journal.tag.clone()),
                    previous: journal.previous.clone(),
                    notes: journal.notes.clone(),
                    channel: version::parse(&journal.version).map_or_else(
                        |_| version::STABLE.to_owned(),
                        |version| version::channel(&version).to_owned(),
                    ),
                    job: Some(self.cx.id()),
                    released_at: at,
                    withdrawn,
                };
                let files = journal
                    .kept
                    .iter()
                    .map(|file| ReleaseArtifactRow {
                        id: 0,
                        release: 0,
                        name: file.name.clone(),
                        path: file.path.clone(),
                        sha256: file.sha256.clone(),
                        bytes: file.bytes,
                    })
                    .collect();
                releases.record(release, files).await?
            }
        };
        if !journal.steps.is_empty() {
            journal::keep(self.world, self.workspace, journal).await?;
        }
        self.link_items(journal, &row).await?;
        deliverables::of_row(self.world, row).await
    }

    /// The release's own commit stands for the commits in it, and those work on the items that they name.
    async fn link_items(&self, journal: &Journal, row: &ReleaseRow) -> Result<(), Problem> {
        let (world, cancel) = (self.world, self.cx.cancel_token());
        let pattern = match &journal.package {
            Some(package) => history::pattern_of(world, self.workspace, package, cancel).await?,
            None => {
                let rules = files::project(self.workspace)?.0.release;
                history::pattern(world, self.workspace, &rules, cancel).await?
            }
        };
        // The first version has everything that there was.
        let since = match row.previous.as_deref().map(semver::Version::parse) {
            Some(Ok(previous)) => Some(version::tag_for(&previous, &pattern)),
            Some(Err(_)) => return Ok(()),
            None => None,
        };
        let below = journal.package.as_ref().map(|package| package.path.as_path());
        let changes = history::changes(world, self.workspace, since.as_deref(), below, cancel).await?;
        let threads = self.world.store().threads();
        let parts = changes.iter().take(MAX_PARTS).map(|change| change.oid.clone()).collect();
        threads.link_parts(&self.workspace.id, &row.commit, parts).await?;
        for change in changes {
            let Some(item) = &change.item else { continue };
            threads.link_item(&self.workspace.id, item, &change.oid).await?;
        }
        Ok(())
    }
}
