//! Files that git converts on their way into the index by a filter of the user's (`filter.NAME.clean`: Git LFS, git-crypt, nbstripout) or
//! from another encoding (`working-tree-encoding`). What they are in the index only git's program can say, and only in a trusted workspace,
//! as it runs the filter. It is asked before such a file is compared; what it said is remembered with the facts of the file.

use super::diff::MAX_BYTES_FORCED;
use super::program::Repo;
use super::quick::Identity;
use super::{Git, GitError, blocking, open, worktree};
use crate::base::diff::DiffOf;
use crate::base::{GitPath, Problem};
use git2::{AttrCheckFlags, Index, IndexEntry, IndexTime, Odb, Oid, Repository};
use std::collections::VecDeque;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio_util::sync::CancellationToken;

/// Files that are remembered: those of one look at the changes.
const MAX_KNOWN: usize = 64;
const MAX_KNOWN_BYTES: usize = 64 << 20;

static KNOWN: Mutex<VecDeque<Known>> = Mutex::new(VecDeque::new());

struct Known {
    file: PathBuf,
    facts: Facts,
    clean: Arc<[u8]>,
}

#[derive(PartialEq)]
struct Facts {
    identity: Identity,
    /// What converts it, in the words of the attributes and the settings.
    conversion: Vec<String>,
}

fn known_files() -> MutexGuard<'static, VecDeque<Known>> {
    KNOWN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What converts a file; None where only line breaks are changed, if anything.
fn conversion(repo: &Repository, path: &GitPath) -> Option<Vec<String>> {
    let inside = path.to_path_buf();
    let attribute = |name: &str| {
        let value = repo.get_attr_bytes(&inside, name, AttrCheckFlags::FILE_THEN_INDEX).ok()??;
        Some(String::from_utf8_lossy(value).into_owned())
    };
    let config = repo.config().and_then(|mut config| config.snapshot()).ok()?;
    let mut words = Vec::new();
    if let Some(filter) = attribute("filter") {
        let of_filter = ["clean", "process"].map(|part| config.get_string(&format!("filter.{filter}.{part}")).ok());
        if of_filter.iter().any(Option::is_some) {
            words.push(filter);
            words.extend(of_filter.into_iter().flatten());
        }
    }
    words.extend(attribute("working-tree-encoding"));
    (!words.is_empty()).then_some(words)
}

/// Whether more than line breaks is converted.
pub(super) fn is_converted(repo: &Repository, path: &GitPath) -> bool {
    conversion(repo, path).is_some()
}

/// Whether what stands in the file may be other bytes than what a checkout would write there: also where only line breaks are changed.
pub(super) fn changes_bytes(repo: &Repository, path: &GitPath) -> bool {
    let inside = path.to_path_buf();
    let is_set = |name: &&str| {
        let value = repo.get_attr(&inside, name, AttrCheckFlags::FILE_THEN_INDEX).ok().flatten();
        value.is_some_and(|value| !value.eq_ignore_ascii_case("false"))
    };
    let converts_all = || {
        let config = repo.config();
        config.is_ok_and(|config| config.get_string("core.autocrlf").is_ok_and(|value| value != "false"))
    };
    is_converted(repo, path) || ["text", "eol", "crlf", "ident"].iter().any(is_set) || converts_all()
}

fn facts(repo: &Repository, top: &Path, path: &GitPath) -> Option<(PathBuf, Facts)> {
    let file = worktree::locate(top, path).ok()?;
    let meta = file.symlink_metadata().ok()?;
    if !meta.is_file() || meta.len() > MAX_BYTES_FORCED {
        return None;
    }
    let conversion = conversion(repo, path)?;
    let identity = Identity::of(&file)?;
    Some((file, Facts { identity, conversion }))
}

/// What the file is in the index, as far as git was asked.
pub(super) fn known(repo: &Repository, path: &GitPath) -> Option<Arc<[u8]>> {
    if known_files().is_empty() {
        return None;
    }
    let (file, facts) = facts(repo, repo.workdir()?, path)?;
    let known = known_files();
    let found = known.iter().rev().find(|known| known.file == file && known.facts == facts)?;
    Some(Arc::clone(&found.clean))
}

/// An index with nothing but the file in it, as it would be staged; its content is kept in memory. None for a file that is not tracked.
pub(super) fn index_of(repo: &Repository, path: &GitPath, clean: &[u8]) -> Result<Option<Index>, git2::Error> {
    let Some(entry) = repo.index()?.get_path(&path.to_path_buf(), 0) else {
        return Ok(None);
    };
    let odb = repo.odb()?;
    // First in line: nothing of it is written to the repository's store.
    odb.add_new_mempack_backend(1_000)?;
    let id = repo.blob(clean)?;
    let trusts_mode = repo.config()?.get_bool("core.filemode").unwrap_or(true);
    let file = repo.workdir().map(|top| top.join(path.to_path_buf()));
    let is_program = file.and_then(|file| file.metadata().ok()).is_some_and(|meta| {
        use std::os::unix::fs::MetadataExt as _;
        meta.mode() & 0o100 != 0
    });
    let mode = match (trusts_mode, is_program) {
        (false, _) => entry.mode,
        (true, true) => worktree::PROGRAM,
        (true, false) => worktree::FILE,
    };
    let mut index = Index::new()?;
    index.add(&IndexEntry {
        ctime: IndexTime::new(0, 0),
        mtime: IndexTime::new(0, 0),
        dev: 0,
        ino: 0,
        mode,
        uid: 0,
        gid: 0,
        file_size: clean.len() as u32,
        id,
        flags: 0,
        flags_extended: 0,
        path: path.as_bytes().to_vec(),
    })?;
    Ok(Some(index))
}

impl Git {
    /// Has git fetch what a partial clone lacks for this difference; elsewhere nothing is done. That it can not be had shows when it is read.
    pub async fn fetch_missing(
        &self,
        repo: Repo<'_>,
        of: &DiffOf,
        path: Option<&GitPath>,
        cancel: &CancellationToken,
    ) -> Result<(), Problem> {
        let root = repo.root.to_path_buf();
        let is_partial = blocking(move || Ok(open::is_partial(&open::open(&root)?)));
        if !repo.is_trusted || !is_partial.await? {
            return Ok(());
        }
        // To count lines they have to be read.
        let mut args: Vec<OsString> = match of {
            DiffOf::Commit { oid } => vec![
                "diff-tree".into(),
                "--root".into(),
                "-r".into(),
                "--numstat".into(),
                oid.into(),
            ],
            DiffOf::Between { from, to: Some(to) } => vec!["diff".into(), "--numstat".into(), from.into(), to.into()],
            DiffOf::Between { from, to: None } => vec!["diff".into(), "--numstat".into(), from.into()],
            DiffOf::Staged => vec!["diff".into(), "--cached".into(), "--numstat".into()],
            DiffOf::Unstaged | DiffOf::Both => vec!["diff".into(), "--numstat".into(), "HEAD".into()],
        };
        args.push("--".into());
        if let Some(path) = path {
            let literal = [b":(top,literal)", path.as_bytes()].concat();
            args.push(OsStr::from_bytes(&literal).into());
        }
        let asked = self.program().lines(repo, &args, cancel, |_| {}).await;
        if cancel.is_cancelled() { asked } else { Ok(()) }
    }

    /// Asks git what it would make of this file in the index, where it converts it. What can not be asked (the workspace is not trusted, the
    /// filter fails) leaves the file as it is.
    pub async fn learn_clean(&self, repo: Repo<'_>, path: &GitPath, cancel: &CancellationToken) -> Result<(), Problem> {
        if !repo.is_trusted {
            return Ok(());
        }
        let (root, of) = (repo.root.to_path_buf(), path.clone());
        let asked = blocking(move || {
            let (opened, top) = open::open_checkout(&root)?;
            let objects = opened.commondir().join("objects");
            Ok(facts(&opened, &top, &of).map(|(file, facts)| (top, objects, file, facts)))
        });
        let Ok(Some((top, objects, file, facts))) = asked.await else {
            return Ok(());
        };
        let folder = tempfile::tempdir().map_err(|error| GitError::file(&tempfile::env::temp_dir(), error))?;
        let args = ["hash-object", "-w", "--"];
        let cmd = self.program().cmd(repo, &[], &args, cancel).await?;
        let cmd = cmd
            .arg(&file)
            .cwd(&top)
            .env("GIT_OBJECT_DIRECTORY", folder.path())
            .env("GIT_ALTERNATE_OBJECT_DIRECTORIES", objects);
        let answer = self.program().processes().output(cmd, cancel, 4096).await?;
        let oid = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
        if !answer.exit.is_success() {
            return if cancel.is_cancelled() {
                Err(Problem::cancelled())
            } else {
                Ok(())
            };
        }
        let at = folder.path().to_path_buf();
        let read = move || -> Result<Arc<[u8]>, git2::Error> {
            let odb = Odb::new()?;
            odb.add_disk_alternate(&at.to_string_lossy())?;
            Ok(odb.read(Oid::from_str(&oid)?)?.data().into())
        };
        let read = blocking(move || read().map_err(|error| GitError::of(Path::new(""), error)));
        let Ok(clean) = read.await else { return Ok(()) };
        let mut known = known_files();
        known.retain(|known| known.file != file);
        known.push_back(Known { file, facts, clean });
        while known.len() > MAX_KNOWN || known.iter().map(|known| known.clean.len()).sum::<usize>() > MAX_KNOWN_BYTES {
            known.pop_front();
        }
        Ok(())
    }
}
