//! One commit in full, read by libgit2.

use super::GitError;
use super::compare::{Files, files};
use super::open::open;
use crate::base::repo::{CommitDetail, Decoration, RefKind};
use crate::base::{SafeText, Timestamp};
use git2::{Commit, DiffOptions, Oid, Repository};
use std::path::Path;

/// The commit that a name, an id, `HEAD~2` and the like mean.
pub(super) fn find<'repo>(repo: &'repo Repository, revision: &str) -> Result<Commit<'repo>, GitError> {
    let none = || {
        if revision == "HEAD" && is_unborn(repo) {
            return GitError::NoCommitYet;
        }
        // What is asked for may stand below the end of a shallow clone.
        if repo.is_shallow() && revision.contains(['~', '^']) {
            return GitError::CutOff(revision.to_owned());
        }
        GitError::NoSuchRevision(revision.to_owned())
    };
    // `main...side`: where the two parted, as `git diff` takes it for its old side.
    if let Some((one, two)) = revision.split_once("...") {
        let side = |name: &str| find(repo, if name.is_empty() { "HEAD" } else { name }).map(|commit| commit.id());
        let base = repo.merge_base(side(one)?, side(two)?).map_err(|_| none())?;
        return repo.find_commit(base).map_err(|_| none());
    }
    let object = repo.revparse_single(revision).map_err(|_| none())?;
    object.peel_to_commit().map_err(|_| none())
}

fn is_unborn(repo: &Repository) -> bool {
    repo.head().is_err_and(|error| error.code() == git2::ErrorCode::UnbornBranch)
}

/// The full id of the commit that a name means.
pub(super) fn resolve(root: &Path, revision: &str) -> Result<String, GitError> {
    Ok(find(&open(root)?, revision)?.id().to_string())
}

/// Facts, message and files of a commit, compared with its first parent; renames are found.
pub(super) fn commit_detail(root: &Path, revision: &str) -> Result<CommitDetail, GitError> {
    let repo = open(root)?;
    let of = |error| GitError::of(root, error);
    let commit = find(&repo, revision)?;
    let parent = commit.parent(0).ok().and_then(|parent| parent.tree().ok());
    let tree = commit.tree().map_err(of)?;
    let mut options = DiffOptions::new();
    options.include_typechange(true);
    let diff = repo
        .diff_tree_to_tree(parent.as_ref(), Some(&tree), Some(&mut options))
        .map_err(of)?;
    let Files {
        files,
        n_unlisted,
        n_added,
        n_removed,
    } = files(&repo, &diff);
    let encoding = commit.message_encoding().ok().flatten();
    let encoding = encoding.and_then(|name| encoding_rs::Encoding::for_label(name.as_bytes()));
    let decoded = |bytes: &[u8]| match encoding {
        Some(encoding) => encoding.decode_without_bom_handling(bytes).0.into_owned(),
        None => String::from_utf8_lossy(bytes).into_owned(),
    };
    let message = decoded(commit.message_bytes());
    let (summary, body) = split_message(&message);
    let (author, committer) = (commit.author(), commit.committer());
    // As the log and blame show them.
    let mailmap = repo.mailmap().ok();
    let mapped = |signature: git2::Signature<'_>| {
        let known = mailmap
            .as_ref()
            .and_then(|mailmap| mailmap.resolve_signature(&signature).ok());
        known.unwrap_or_else(|| signature.to_owned())
    };
    let when = author.when();
    let (author, committer) = (mapped(author), mapped(committer));
    Ok(CommitDetail {
        oid: commit.id().to_string(),
        parents: commit.parent_ids().map(|oid| oid.to_string()).collect(),
        summary: SafeText::new(&summary).into_string(),
        body: SafeText::multiline(&body).into_string(),
        author: SafeText::new(&decoded(author.name_bytes())).into_string(),
        author_email: SafeText::from_bytes(author.email_bytes()).into_string(),
        authored: time(when),
        committer: SafeText::new(&decoded(committer.name_bytes())).into_string(),
        committed: time(commit.time()),
        is_signed: repo.extract_signature(&commit.id(), None).is_ok(),
        refs: decorations(&repo, commit.id()),
        n_unlisted,
        files,
        n_added,
        n_removed,
    })
}

/// The first paragraph as one line, and the rest, as git splits a message.
pub(super) fn split_message(message: &str) -> (String, String) {
    let message = message.trim_start_matches(['\n', '\r', ' ', '\t']);
    let mut lines = message.lines();
    let mut summary: Vec<&str> = Vec::new();
    for line in lines.by_ref() {
        if line.trim().is_empty() {
            break;
        }
        summary.push(line.trim());
    }
    let body: Vec<&str> = lines.collect();
    (summary.join(" "), body.join("\n").trim().to_owned())
}

fn time(time: git2::Time) -> Timestamp {
    Timestamp::from_second(time.seconds()).unwrap_or_default()
}

fn decorations(repo: &Repository, oid: Oid) -> Vec<Decoration> {
    let current = repo
        .find_reference("HEAD")
        .ok()
        .and_then(|head| head.symbolic_target_bytes().map(<[u8]>::to_vec));
    let mut found = Vec::new();
    for reference in repo.references().into_iter().flatten().flatten() {
        let name = reference.name_bytes().to_vec();
        if reference.peel_to_commit().is_ok_and(|commit| commit.id() == oid) {
            found.extend(decoration(&name, current.as_deref() == Some(&name)));
        }
    }
    found.sort();
    found
}

/// A full reference name as it is shown; None for names of tools, like the undo entries and the stash.
pub(super) fn decoration(name: &[u8], is_current: bool) -> Option<Decoration> {
    let kinds: [(&[u8], RefKind); 3] = [
        (b"refs/heads/", RefKind::Branch),
        (b"refs/remotes/", RefKind::RemoteBranch),
        (b"refs/tags/", RefKind::Tag),
    ];
    let (name, kind) = kinds
        .iter()
        .find_map(|(prefix, kind)| Some((name.strip_prefix(*prefix)?, *kind)))?;
    // `origin/HEAD` only repeats another name.
    if kind == RefKind::RemoteBranch && name.ends_with(b"/HEAD") {
        return None;
    }
    Some(Decoration {
        kind,
        name: SafeText::from_bytes(name).into_string(),
        is_current,
    })
}
