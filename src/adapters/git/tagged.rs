//! Tags with their commits, and which of them first holds a commit. What a tag's name means is not known here.

use super::{Git, GitError, blocking, open};
use crate::base::{Problem, Timestamp};
use std::collections::BTreeMap;
use std::path::Path;

/// Tags that are asked for one commit, those next to it first.
const MAX_ASKED: usize = 100;
/// Clocks of two machines are not farther apart, in seconds.
const SKEW: i64 = 86_400;

/// A tag of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagRow {
    pub name: String,
    pub commit: String,
    /// When the commit was made.
    pub at: Timestamp,
}

impl Git {
    /// Every tag that leads to a commit, in the order of the commits' times; none without a repository.
    pub async fn tag_rows(&self, root: &Path) -> Result<Vec<TagRow>, Problem> {
        let root = root.to_path_buf();
        blocking(move || {
            let Ok(repo) = open::open(&root) else { return Ok(Vec::new()) };
            let found = repo
                .references_glob("refs/tags/*")
                .map_err(|error| GitError::of(&root, error))?;
            let row = |tag: git2::Reference<'_>| {
                let commit = tag.peel_to_commit().ok()?;
                Some(TagRow {
                    name: String::from_utf8_lossy(tag.name_bytes().strip_prefix(b"refs/tags/")?).into_owned(),
                    commit: commit.id().to_string(),
                    at: Timestamp::from_second(commit.time().seconds()).ok()?,
                })
            };
            let mut rows: Vec<TagRow> = found.flatten().filter_map(row).collect();
            rows.sort_by(|a, b| a.at.cmp(&b.at).then_with(|| a.name.cmp(&b.name)));
            Ok::<_, GitError>(rows)
        })
        .await
    }

    /// By commit the first of the tags that holds it; a commit that none holds is left out. `tags` are in the order of their times.
    pub async fn first_holding(
        &self,
        root: &Path,
        tags: Vec<TagRow>,
        commits: Vec<String>,
    ) -> Result<BTreeMap<String, TagRow>, Problem> {
        if tags.is_empty() || commits.is_empty() {
            return Ok(BTreeMap::new());
        }
        let root = root.to_path_buf();
        blocking(move || {
            let repo = open::open(&root)?;
            let mut out = BTreeMap::new();
            for commit in commits {
                let known = git2::Oid::from_str(&commit).and_then(|oid| repo.find_commit(oid));
                let Ok(known) = known else { continue };
                let since = known.time().seconds() - SKEW;
                let holds = |tag: &&TagRow| {
                    tag.commit == commit
                        || git2::Oid::from_str(&tag.commit)
                            .is_ok_and(|tip| repo.graph_descendant_of(tip, known.id()).unwrap_or(false))
                };
                let later = tags.iter().filter(|tag| tag.at.as_second() >= since);
                if let Some(tag) = later.take(MAX_ASKED).find(holds) {
                    out.insert(commit, tag.clone());
                }
            }
            Ok::<_, GitError>(out)
        })
        .await
    }
}
