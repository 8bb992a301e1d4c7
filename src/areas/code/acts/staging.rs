//! What goes into the index and out of it, and what is thrown away.

use super::On;
use crate::adapters::git::Done;
use crate::areas::code::jobs::{all_below_top, below_top};
use crate::base::diff::{HunkRef, LineRef};
use crate::base::{GitPath, Problem};

pub(super) async fn stage(on: &On<'_>, paths: &[GitPath]) -> Result<Done, Problem> {
    let paths = all_below_top(on.repo.root, paths)?;
    on.git.stage(on.repo, &paths, on.at, on.cancel).await
}

pub(super) async fn unstage(on: &On<'_>, paths: &[GitPath]) -> Result<Done, Problem> {
    let paths = all_below_top(on.repo.root, paths)?;
    on.git.unstage(on.repo, &paths, on.at, on.cancel).await
}

pub(super) async fn discard(on: &On<'_>, paths: &[GitPath]) -> Result<Done, Problem> {
    let paths = all_below_top(on.repo.root, paths)?;
    on.git.discard(on.repo, &paths, on.at, on.cancel).await
}

pub(super) async fn ignore(on: &On<'_>, paths: &[GitPath]) -> Result<Done, Problem> {
    let paths = all_below_top(on.repo.root, paths)?;
    on.git.ignore(on.repo, &paths, on.at).await
}

pub(super) async fn stage_hunks(on: &On<'_>, path: &GitPath, hunks: &[HunkRef]) -> Result<Done, Problem> {
    let path = below_top(on.repo.root, path)?;
    on.git.stage_hunks(on.repo, &path, hunks, on.at, on.cancel).await
}

pub(super) async fn unstage_hunks(on: &On<'_>, path: &GitPath, hunks: &[HunkRef]) -> Result<Done, Problem> {
    let path = below_top(on.repo.root, path)?;
    on.git.unstage_hunks(on.repo, &path, hunks, on.at, on.cancel).await
}

pub(super) async fn discard_hunks(on: &On<'_>, path: &GitPath, hunks: &[HunkRef]) -> Result<Done, Problem> {
    let path = below_top(on.repo.root, path)?;
    on.git.discard_hunks(on.repo, &path, hunks, on.at, on.cancel).await
}

pub(super) async fn stage_lines(on: &On<'_>, path: &GitPath, lines: &[LineRef]) -> Result<Done, Problem> {
    let path = below_top(on.repo.root, path)?;
    on.git.stage_lines(on.repo, &path, lines, on.at, on.cancel).await
}

pub(super) async fn unstage_lines(on: &On<'_>, path: &GitPath, lines: &[LineRef]) -> Result<Done, Problem> {
    let path = below_top(on.repo.root, path)?;
    on.git.unstage_lines(on.repo, &path, lines, on.at, on.cancel).await
}

pub(super) async fn discard_lines(on: &On<'_>, path: &GitPath, lines: &[LineRef]) -> Result<Done, Problem> {
    let path = below_top(on.repo.root, path)?;
    on.git.discard_lines(on.repo, &path, lines, on.at, on.cancel).await
}
