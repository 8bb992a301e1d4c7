//! The files that a job leaves: which ones its patterns choose, and copies of them.

use super::attempt::Shared;
use super::plan::Planned;
use crate::adapters::scan::{self, Reach};
use crate::adapters::store::builds::ArtifactRow;
use crate::areas::JobCtx;
use crate::areas::build::artifacts::{self, Wanted};
use crate::base::{Problem, Workspace};
use crate::msg;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

impl Shared {
    /// Copies of the files that the job says it leaves; each pattern must be answered by a file.
    pub(super) async fn keep(
        &self,
        cx: &JobCtx,
        planned: &Planned,
        workspace: &Workspace,
    ) -> Result<Vec<(PathBuf, ArtifactRow)>, Problem> {
        let words = planned.words(&self.pipeline.name, self.commit());
        let mut wanted = Vec::new();
        for pattern in &planned.job.artifacts {
            let pattern = crate::areas::devops::project::fill_known(&pattern.to_string_lossy(), &words);
            let root = workspace.root.clone();
            let asked = pattern.clone();
            let (found, leading_out) = cx.blocking(move |_| Ok(matching(&root, &asked))).await?;
            let mut left = leading_out
                .into_iter()
                .map(|path| Problem::config(msg!("build-artifact-leads-out", path = path.as_path())).code("leads-out"));
            if found.is_empty()
                && let Some(problem) = left.next()
            {
                return Err(problem);
            }
            for problem in left {
                cx.problem(problem).await;
            }
            if found.is_empty() && self.ci.is_some() {
                cx.note(format!("artifacts {pattern}: --"));
                continue;
            }
            if found.is_empty() {
                let problem = Problem::config(msg!("build-artifact-missing", name = planned.key.as_str(), path = pattern));
                return Err(problem.hint(msg!("build-artifact-missing-hint")));
            }
            wanted.extend(found);
        }
        if let Some(job) = self.ci.as_ref().and_then(|ci| ci.job(&planned.key)) {
            if job.keeps_untracked {
                wanted.extend(self.untracked(cx, workspace).await?);
            }
            let out = excluding(&job.excluded);
            wanted.retain(|path| !out.matched(Path::new("/").join(path), false).is_ignore());
        }
        wanted.sort();
        wanted.dedup();
        let files = wanted.iter().map(|path| Wanted {
            name: name_of(path),
            path: workspace.root.join(path),
        });
        let files = files.collect();
        let rows = artifacts::keep(cx, &self.world, workspace, files, &self.sources).await?.rows;
        let relative = |row: &ArtifactRow| row.path.strip_prefix(&workspace.root).unwrap_or(&row.path).to_path_buf();
        Ok(rows
            .into_iter()
            .map(|row| (relative(&row), row))
            .map(|(path, row)| (path.clone(), ArtifactRow { path, ..row }))
            .collect())
    }

    /// Every file of the worktree that is not of the commit, those included that the repository ignores.
    async fn untracked(&self, cx: &JobCtx, workspace: &Workspace) -> Result<Vec<PathBuf>, Problem> {
        let (root, files, inside) = (workspace.root.clone(), self.files.clone(), self.inside.clone());
        cx.blocking(move |_| {
            let tracked: BTreeSet<&Path> = files.iter().filter_map(|file| file.path.strip_prefix(&inside).ok()).collect();
            let (found, _) = matching(&root, "*");
            let is_untracked = |path: &PathBuf| !path.starts_with(".git") && !tracked.contains(path.as_path());
            Ok(found.into_iter().filter(is_untracked).collect())
        })
        .await
    }
}

/// Patterns of files below `/`; a folder's name does not mean what is in it.
fn excluding(patterns: &[String]) -> Gitignore {
    let mut builder = GitignoreBuilder::new("/");
    for pattern in patterns {
        drop(builder.add_line(None, &format!("/{}", pattern.trim_start_matches('/'))));
    }
    builder.build().unwrap_or_else(|_| Gitignore::empty())
}

/// Files below a worktree that a pattern as in `.gitignore` chooses, and links that it chooses and that lead out of it; a folder's name
/// chooses all in it. A link to a file of the worktree stands for that file.
pub(in crate::areas::build) fn matching(root: &Path, pattern: &str) -> (Vec<PathBuf>, Vec<PathBuf>) {
    let fixed = fixed_part(Path::new(pattern));
    let is_one = fixed == Path::new(pattern) && !scan::is_dir(&root.join(&fixed));
    // The folder itself may be a link that leads out.
    let chosen: Vec<PathBuf> = if is_one || scan::reach(root, &fixed) == Reach::Out {
        vec![fixed]
    } else {
        let mut builder = GitignoreBuilder::new(root);
        drop(builder.add_line(None, &format!("/{}", pattern.trim_start_matches('/'))));
        let Ok(matcher) = builder.build() else {
            return (Vec::new(), Vec::new());
        };
        scan::every_file_and_link(&root.join(&fixed))
            .into_iter()
            .filter(|path| matcher.matched_path_or_any_parents(path, false).is_ignore())
            .filter_map(|path| Some(path.strip_prefix(root).ok()?.to_path_buf()))
            .collect()
    };
    let (mut found, mut leading_out) = (Vec::new(), Vec::new());
    for path in chosen {
        match scan::reach(root, &path) {
            Reach::File(_) => found.push(path),
            Reach::Out => leading_out.push(path),
            Reach::Nothing => {}
        }
    }
    (found, leading_out)
}

/// The part of a pattern that stands before its first sign.
pub(in crate::areas::build) fn fixed_part(pattern: &Path) -> PathBuf {
    pattern
        .components()
        .take_while(|part| !part.as_os_str().to_string_lossy().contains(['*', '?', '[']))
        .collect()
}

pub(super) fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}
