//! Files that git shall not see: lines of the `.gitignore` at the top of the checkout.

use super::program::Repo;
use super::undo::{Done, Scope};
use super::{Git, GitError, blocking, open, worktree};
use crate::base::repo::UndoKind;
use crate::base::{GitPath, Problem, Timestamp};
use std::path::Path;

const FILE: &str = ".gitignore";

impl Git {
    /// Adds these untracked paths to `.gitignore`, each once and exactly as it is called.
    pub async fn ignore(&self, repo: Repo<'_>, paths: &[GitPath], at: Timestamp) -> Result<Done, Problem> {
        super::trusted(repo)?;
        let (root, wanted) = (repo.root.to_path_buf(), paths.to_vec());
        let content = blocking(move || with_lines(&root, &wanted)).await?;
        let first = paths.first().map(GitPath::display).unwrap_or_default();
        let scope = Scope::refs().at([GitPath::from(FILE)]);
        let mark = self.mark(repo, UndoKind::Ignore, first, scope, at).await?;
        let root = repo.root.to_path_buf();
        blocking(move || {
            let (_, top) = open::open_checkout(&root)?;
            worktree::write(&worktree::locate(&top, &GitPath::from(FILE))?, &content, worktree::FILE)
        })
        .await?;
        self.remember(repo, mark).await
    }
}

/// What the file becomes.
fn with_lines(root: &Path, paths: &[GitPath]) -> Result<Vec<u8>, GitError> {
    let (repo, top) = open::open_checkout(root)?;
    let index = repo.index().map_err(|error| GitError::of(root, error))?;
    let file = worktree::locate(&top, &GitPath::from(FILE))?;
    // Git reads no link there, and what it leads to is not to be written over.
    if file.symlink_metadata().is_ok_and(|meta| !meta.is_file()) {
        return Err(GitError::NotAFile(FILE.to_owned()));
    }
    let mut content = match std::fs::read(&file) {
        Ok(content) => content,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(GitError::file(&file, error)),
    };
    let end: &[u8] = if content.windows(2).any(|pair| pair == b"\r\n") {
        b"\r\n"
    } else {
        b"\n"
    };
    for path in paths {
        let name = path.to_path_buf();
        let is_tracked = index.get_path(&name, 0).is_some() || index.find_prefix(name.join("")).is_ok();
        if is_tracked {
            return Err(GitError::Tracked(path.display()));
        }
        let mut line = line_of(path);
        if !line.ends_with(b"/") && top.join(&name).is_dir() {
            line.push(b'/');
        }
        let is_there = content
            .split(|byte| *byte == b'\n')
            .any(|known| known.trim_ascii_end() == line);
        if is_there {
            continue;
        }
        if !content.is_empty() && !content.ends_with(b"\n") {
            content.extend_from_slice(end);
        }
        content.extend_from_slice(&line);
        content.extend_from_slice(end);
    }
    Ok(content)
}

/// `/target/`: from the top, with what would be a pattern taken literally.
fn line_of(path: &GitPath) -> Vec<u8> {
    let mut line = vec![b'/'];
    for byte in path.as_bytes() {
        if matches!(byte, b'*' | b'?' | b'[' | b'\\') {
            line.push(b'\\');
        }
        line.push(*byte);
    }
    if let Some(bare) = line.strip_suffix(b" ") {
        line = [bare, b"\\ "].concat();
    }
    line
}
