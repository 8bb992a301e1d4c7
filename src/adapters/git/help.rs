//! What the repository's settings and history say about messages: template, signing, hooks, and what was written before.

use super::preview::published_at;
use super::{GitError, open};
use crate::base::SafeText;
use crate::base::repo::CommitHelp;
use git2::Repository;
use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// Commits that are looked at.
const MAX_COMMITS: usize = 400;
const MAX_MESSAGES: usize = 20;
const MAX_TEMPLATE_BYTES: u64 = 64 * 1024;
const HOOKS: &[&str] = &["pre-commit", "prepare-commit-msg", "commit-msg", "post-commit"];

/// Only in a trusted repository are files read that its settings name.
pub(super) fn commit_help(root: &Path, is_trusted: bool) -> Result<CommitHelp, GitError> {
    let repo = open::open(root)?;
    let of = |error| GitError::of(root, error);
    let config = repo.config().and_then(|mut config| config.snapshot()).map_err(of)?;
    let mut help = CommitHelp::default();
    if config.get_bool("commit.gpgSign").unwrap_or(false) {
        let format = config.get_string("gpg.format");
        help.signs_with = Some(format.unwrap_or_else(|_| "openpgp".to_owned()));
    }
    if is_trusted {
        let base = repo.workdir().unwrap_or(repo.path());
        help.template = config
            .get_path("commit.template")
            .ok()
            .and_then(|path| template(&base.join(path)));
        let merge = Some(repo.path().join("MERGE_MSG")).filter(|_| repo.path().join("MERGE_HEAD").exists());
        help.template = merge.and_then(|file| template(&file)).or(help.template);
        let there = HOOKS.iter().filter(|name| has_hook(&repo, name));
        help.hooks = there.map(|name| (*name).to_owned()).collect();
    }
    help.published_at = published_at(&repo, "HEAD");
    let me = config.get_string("user.email").unwrap_or_default();
    let mut walk = repo.revwalk().map_err(of)?;
    if walk.push_head().is_err() {
        return Ok(help);
    }
    let mut seen = BTreeSet::new();
    for oid in walk.flatten().take(MAX_COMMITS) {
        let Ok(commit) = repo.find_commit(oid) else { break };
        if commit.parent_count() > 1 {
            continue;
        }
        let message = SafeText::multiline(&String::from_utf8_lossy(commit.message_bytes())).into_string();
        help.summaries.push(message.lines().next().unwrap_or_default().to_owned());
        let is_mine = commit.author().email_bytes() == me.as_bytes();
        if is_mine && help.messages.len() < MAX_MESSAGES && seen.insert(message.clone()) {
            help.messages.push(message.trim_end().to_owned());
        }
    }
    Ok(help)
}

/// A hook that git runs.
pub(super) fn has_hook(repo: &Repository, name: &str) -> bool {
    let config = repo.config().and_then(|mut config| config.snapshot());
    let own = config.ok().and_then(|config| config.get_path("core.hooksPath").ok());
    let folder: PathBuf = match own {
        Some(path) => repo.workdir().unwrap_or(repo.path()).join(path),
        None => repo.commondir().join("hooks"),
    };
    let meta = folder.join(name).metadata();
    meta.is_ok_and(|meta| meta.is_file() && meta.permissions().mode() & 0o111 != 0)
}

fn template(file: &Path) -> Option<String> {
    let meta = file.metadata().ok()?;
    if !meta.is_file() || meta.len() > MAX_TEMPLATE_BYTES {
        return None;
    }
    let text = std::fs::read(file).ok()?;
    let text = String::from_utf8_lossy(&text).into_owned();
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let text = lines.join("\n").trim_end().to_owned();
    (!text.is_empty()).then_some(text)
}
