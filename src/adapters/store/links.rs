//! What joins the threads of commits: which commits a release holds, and which commit came of sources that were built or tested before it.

use super::record::{record, select, upsert, values};
use super::{Db, Fault, Store};
use crate::base::{Problem, Timestamp, WorkspaceId};
use std::collections::BTreeSet;

pub(super) const SCHEMA: &str = "
CREATE TABLE commit_parts (workspace TEXT NOT NULL, whole TEXT NOT NULL, part TEXT NOT NULL, at INTEGER NOT NULL, sum INTEGER NOT NULL,
  PRIMARY KEY (workspace, whole, part)) STRICT;
CREATE INDEX commit_parts_by_part ON commit_parts(workspace, part);
CREATE TABLE became (workspace TEXT NOT NULL, \"commit\" TEXT NOT NULL, dirty TEXT NOT NULL, became TEXT NOT NULL, at INTEGER NOT NULL,
  sum INTEGER NOT NULL, PRIMARY KEY (workspace, \"commit\", dirty)) STRICT;
CREATE INDEX became_by_commit ON became(workspace, became);
";

record! {
    /// A commit that is part of what another one stands for: a release's own commit and those it brought.
    CommitPartRow in "commit_parts" key 3 {
        workspace: WorkspaceId,
        whole: String,
        part: String,
        at: Timestamp,
    }
}

record! {
    /// Sources that were not committed yet, and the commit that has them.
    BecameRow in "became" key 3 {
        workspace: WorkspaceId,
        /// HEAD at that time.
        commit: String,
        dirty: String,
        became: String,
        at: Timestamp,
    }
}

impl super::thread::Threads<'_> {
    /// Notes which commits a release's commit brought.
    pub async fn link_parts(&self, workspace: &WorkspaceId, whole: &str, parts: Vec<String>) -> Result<(), Problem> {
        let (workspace, whole, at) = (workspace.clone(), whole.to_owned(), self.store().now());
        self.store()
            .write(move |db| {
                for part in &parts {
                    upsert(
                        db,
                        &CommitPartRow {
                            workspace: workspace.clone(),
                            whole: whole.clone(),
                            part: part.clone(),
                            at,
                        },
                    )?;
                }
                Ok(())
            })
            .await
    }

    /// Notes that these uncommitted sources (HEAD and hash of what differs) are now the commit `became`: what ran on them ran on it.
    pub async fn link_became(&self, workspace: &WorkspaceId, commit: &str, dirty: &str, became: &str) -> Result<(), Problem> {
        let row = BecameRow {
            workspace: workspace.clone(),
            commit: commit.to_owned(),
            dirty: dirty.to_owned(),
            became: became.to_owned(),
            at: self.store().now(),
        };
        self.store().write(move |db| upsert(db, &row)).await
    }
}

impl Store {
    pub(super) fn parts_of(db: &Db, workspace: &WorkspaceId, whole: &str) -> Result<Vec<String>, Fault> {
        let rows = select::<CommitPartRow>(
            db,
            "WHERE workspace = ? AND whole = ? ORDER BY part",
            &values![*workspace, whole.to_owned()],
        )?;
        Ok(rows.into_iter().map(|row| row.part).collect())
    }

    /// The release commits that hold a commit, oldest first.
    pub(super) fn wholes_of(db: &Db, workspace: &WorkspaceId, part: &str) -> Result<Vec<String>, Fault> {
        let rows = select::<CommitPartRow>(
            db,
            "WHERE workspace = ? AND part = ? ORDER BY at",
            &values![*workspace, part.to_owned()],
        )?;
        Ok(rows.into_iter().map(|row| row.whole).collect())
    }

    /// HEAD and hash of the sources that became one of these commits.
    pub(super) fn sources_of(
        db: &Db,
        workspace: &WorkspaceId,
        commits: &BTreeSet<String>,
    ) -> Result<Vec<(String, String)>, Fault> {
        let mut sources = Vec::new();
        for commit in commits {
            let rows = select::<BecameRow>(
                db,
                "WHERE workspace = ? AND became = ? ORDER BY at DESC",
                &values![*workspace, commit.clone()],
            )?;
            sources.extend(rows.into_iter().map(|row| (row.commit, row.dirty)));
        }
        Ok(sources)
    }

    /// The commit that these sources became.
    pub(super) fn became(db: &Db, workspace: &WorkspaceId, commit: &str, dirty: &str) -> Result<Option<String>, Fault> {
        let key = values![*workspace, commit.to_owned(), dirty.to_owned()];
        Ok(super::record::get::<BecameRow>(db, &key)?.map(|row| row.became))
    }
}
