//! Staging and unstaging: whole files through git's program, which knows filters, modes and conflicts; hunks by putting the new
//! content together byte by byte, so that nothing depends on how a patch is read.

use super::diff::exact_hunks;
use super::index::{Entries, IndexState, Side, index_info, pick, snapshot, splice};
use super::program::Repo;
use super::undo::{Done, Scope};
use super::{Git, GitError, blocking, conflicts, open};
use crate::base::diff::{DiffOf, HunkRef};
use crate::base::repo::UndoKind;
use crate::base::{Change, GitPath, Problem, Timestamp};
use crate::msg;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt as _;
use std::path::Path;
use tokio_util::sync::CancellationToken;

/// Which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Stage,
    Unstage,
}

impl Git {
    /// Stages these paths (files, folders, deletions); no path is everything.
    pub async fn stage(
        &self,
        repo: Repo<'_>,
        paths: &[GitPath],
        at: Timestamp,
        cancel: &CancellationToken,
    ) -> Result<Done, Problem> {
        super::trusted(repo)?;
        let (root, wanted) = (repo.root.to_path_buf(), paths.to_vec());
        // To be staged means to be resolved.
        if let Some(path) = blocking(move || conflicts::with_marks(&root, &wanted)).await? {
            return Err(GitError::MarksLeft(path.display()).into());
        }
        let left_out = if paths.is_empty() {
            self.inner_repositories(repo, cancel).await?
        } else {
            Vec::new()
        };
        let mark = self.mark(repo, UndoKind::Stage, "", Scope::refs(), at).await?;
        if left_out.is_empty() {
            self.run_on_paths(repo, &["add", "--all"], paths, cancel).await?;
        } else {
            let mut args: Vec<OsString> = ["add", "--all", "--", ":/"].map(OsString::from).to_vec();
            args.extend(left_out.iter().map(|path| {
                let pattern = [
                    b":(top,exclude,literal)",
                    path.as_bytes().strip_suffix(b"/").unwrap_or(path.as_bytes()),
                ]
                .concat();
                OsString::from_vec(pattern)
            }));
            self.program().write(repo, &args, &[], cancel).await?;
        }
        let done = self.remember(repo, mark).await?;
        Ok(Done { left_out, ..done })
    }

    /// Repositories that nobody made a submodule of: git would take their commit for a file, or nothing at all where they have none.
    async fn inner_repositories(&self, repo: Repo<'_>, cancel: &CancellationToken) -> Result<Vec<GitPath>, Problem> {
        let args = ["ls-files", "--others", "--exclude-standard", "--directory", "-z", "--", ":/"];
        let told = self.program().read(repo, &args, cancel).await?;
        let folders = told
            .split(|byte| *byte == 0)
            .filter(|path| path.ends_with(b"/"))
            .map(GitPath::new);
        let is_repository = |path: &GitPath| repo.root.join(path.to_path_buf()).join(".git").symlink_metadata().is_ok();
        Ok(folders.filter(is_repository).collect())
    }

    /// Makes the index at these paths what HEAD says; no path is everything.
    pub async fn unstage(
        &self,
        repo: Repo<'_>,
        paths: &[GitPath],
        at: Timestamp,
        cancel: &CancellationToken,
    ) -> Result<Done, Problem> {
        let mut paths = paths.to_vec();
        let former = self.former_names(repo, &paths, cancel).await?;
        paths.extend(former);
        let mark = self.mark(repo, UndoKind::Unstage, "", Scope::refs(), at).await?;
        self.run_on_paths(repo, &["reset", "--quiet"], &paths, cancel).await?;
        self.remember(repo, mark).await
    }

    /// What files at and below these paths were called before they were renamed in the index.
    async fn former_names(&self, repo: Repo<'_>, paths: &[GitPath], cancel: &CancellationToken) -> Result<Vec<GitPath>, Problem> {
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        let args = ["diff", "--cached", "--find-renames", "--diff-filter=R", "--name-status", "-z"];
        let listed = self.program().read(repo, &args, cancel).await?;
        // `R100`, the name before, the name now.
        let words: Vec<&[u8]> = listed.split(|byte| *byte == 0).collect();
        let renamed = words.chunks_exact(3).map(|words| (words[1], words[2]));
        let is_meant = |now: &[u8]| paths.iter().any(|path| GitPath::new(now).is_at_or_below(path));
        Ok(renamed
            .filter(|(_, now)| is_meant(now))
            .map(|(before, _)| GitPath::new(before))
            .collect())
    }

    /// Stages hunks of the difference between index and files.
    pub async fn stage_hunks(
        &self,
        repo: Repo<'_>,
        path: &GitPath,
        hunks: &[HunkRef],
        at: Timestamp,
        cancel: &CancellationToken,
    ) -> Result<Done, Problem> {
        self.move_hunks(repo, Way::Stage, path, hunks, at, cancel).await
    }

    /// Takes hunks of the difference between HEAD and index out of the index.
    pub async fn unstage_hunks(
        &self,
        repo: Repo<'_>,
        path: &GitPath,
        hunks: &[HunkRef],
        at: Timestamp,
        cancel: &CancellationToken,
    ) -> Result<Done, Problem> {
        self.move_hunks(repo, Way::Unstage, path, hunks, at, cancel).await
    }

    async fn move_hunks(
        &self,
        repo: Repo<'_>,
        way: Way,
        path: &GitPath,
        hunks: &[HunkRef],
        at: Timestamp,
        cancel: &CancellationToken,
    ) -> Result<Done, Problem> {
        super::trusted(repo)?;
        if way == Way::Stage {
            self.learn_clean(repo, path, cancel).await?;
        }
        let (root, chosen, file) = (repo.root.to_path_buf(), hunks.to_vec(), path.clone());
        let state = blocking(move || spliced_entry(&root, way, &file, &chosen)).await?;
        let Some(state) = state else {
            let paths = std::slice::from_ref(path);
            return match way {
                Way::Stage => self.stage(repo, paths, at, cancel).await,
                Way::Unstage => self.unstage(repo, paths, at, cancel).await,
            };
        };
        let kind = if way == Way::Stage {
            UndoKind::Stage
        } else {
            UndoKind::Unstage
        };
        let mark = self.mark(repo, kind, "", Scope::refs(), at).await?;
        self.put_index(repo, &Entries::from([(path.clone(), vec![state])]), cancel)
            .await?;
        self.remember(repo, mark).await
    }

    pub(super) async fn put_index(&self, repo: Repo<'_>, entries: &Entries, cancel: &CancellationToken) -> Result<(), Problem> {
        if !entries.is_empty() {
            let args = ["update-index", "-z", "--index-info"];
            self.program().write(repo, &args, &index_info(entries), cancel).await?;
        }
        Ok(())
    }

    /// Paths go through standard input: any bytes, any number, and none is taken for a pattern.
    pub(super) async fn run_on_paths(
        &self,
        repo: Repo<'_>,
        command: &[&str],
        paths: &[GitPath],
        cancel: &CancellationToken,
    ) -> Result<(), Problem> {
        super::trusted(repo)?;
        let mut args = vec!["--literal-pathspecs"];
        args.extend(command);
        let mut stdin = Vec::new();
        if !paths.is_empty() {
            args.extend(["--pathspec-from-file=-", "--pathspec-file-nul"]);
            for path in paths {
                stdin.extend_from_slice(path.as_bytes());
                stdin.push(0);
            }
        }
        self.program()
            .write(repo, &args, &stdin, cancel)
            .await
            .map_err(path_problem)?;
        Ok(())
    }
}

/// A path that git knows nothing of, named.
pub(super) fn path_problem(problem: Problem) -> Problem {
    // `fatal: pathspec ':(top,literal)nope' did not match any files`
    let named = problem.details.lines().find_map(|line| {
        let (_, rest) = line.split_once("pathspec '")?;
        let (path, _) = rest.split_once("' did not match")?;
        Some(
            path.rsplit_once(')')
                .filter(|_| path.starts_with(":("))
                .map_or(path, |(_, path)| path),
        )
    });
    // The paths stand below the sentence.
    if problem.details.contains("outside of your sparse-checkout definition") {
        let summary = msg!("git-outside-sparse");
        return Problem::user(summary)
            .code("outside-sparse")
            .details(problem.details)
            .hint(msg!("git-outside-sparse-hint"));
    }
    match named {
        Some(path) => GitError::NoSuchPath(GitPath::new(path).display()).into(),
        None => problem,
    }
}

/// The index entry with the chosen hunks moved. None where only the whole file can be moved: it is new, gone, or of another kind.
fn spliced_entry(root: &Path, way: Way, path: &GitPath, chosen: &[HunkRef]) -> Result<Option<IndexState>, GitError> {
    let (of, side) = match way {
        Way::Stage => (DiffOf::Unstaged, Side::Old),
        Way::Unstage => (DiffOf::Staged, Side::New),
    };
    let (file, hunks) = exact_hunks(root, &of, path)?;
    let hunks = pick(path, hunks, chosen)?;
    if file.change != Change::Modified {
        return Ok(None);
    }
    let repo = open::open(root)?;
    if way == Way::Stage {
        super::lines::check_filters(&repo, path)?;
    }
    let entry = match snapshot(&repo, root)?.remove(path).as_deref() {
        Some([state]) if state.stage == 0 => state.clone(),
        _ => return Err(GitError::Conflicted(path.display())),
    };
    let of = |error| GitError::of(root, error);
    let blob = repo.find_blob(git2::Oid::from_str(&entry.oid).map_err(of)?).map_err(of)?;
    let content = splice(
        blob.content(),
        &hunks,
        side,
        |line, expected| line == expected,
        <[u8]>::to_vec,
    )
    .ok_or_else(|| GitError::NoSuchChange(path.display()))?;
    let oid = repo.blob(&content).map_err(of)?;
    Ok(Some(IndexState {
        oid: oid.to_string(),
        ..entry
    }))
}
