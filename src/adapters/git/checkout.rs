//! Which folders and files of a checkout matter to git: for watching.

use super::{GitError, flat, open, quick};
use crate::base::Problem;
use git2::Repository;
use rustix::fs::{AtFlags, FileType, Mode, OFlags, RawDir};
use std::collections::HashSet;
use std::ffi::OsStr;
use std::mem::MaybeUninit;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

/// Files at the top of `.git` that say where HEAD is, what is staged, and what is going on.
const TELLING: &[&str] = &[
    "HEAD",
    "index",
    "packed-refs",
    "MERGE_HEAD",
    "CHERRY_PICK_HEAD",
    "REVERT_HEAD",
    "BISECT_LOG",
    "FETCH_HEAD",
    "config",
    "shallow",
    "rebase-merge",
    "rebase-apply",
];

/// A checkout with its rules about what is ignored.
pub struct Checkout {
    repo: Repository,
    folders: Folders,
}

/// Where the folders of a checkout stand: what several threads can ask at once.
pub struct Folders {
    top: PathBuf,
    git_dir: PathBuf,
    common_dir: PathBuf,
    /// Folders with tracked files somewhere inside, from the top.
    tracked: HashSet<Vec<u8>>,
}

/// The folders in a folder.
#[derive(Default)]
pub struct Inside {
    /// With tracked files, or of git's own.
    pub sure: Vec<PathBuf>,
    /// Without tracked files: `Checkout::is_ignored_folder` knows.
    pub untracked: Vec<PathBuf>,
}

impl Checkout {
    pub fn open(root: &Path) -> Result<Self, Problem> {
        let (repo, top) = open::open_checkout(root)?;
        let real = |path: &Path| {
            path.canonicalize()
                .map_err(|error| Problem::from(GitError::file(path, error)))
        };
        Ok(Self {
            folders: Folders {
                top: real(&top)?,
                git_dir: real(repo.path())?,
                common_dir: real(repo.commondir())?,
                tracked: HashSet::new(),
            },
            repo,
        })
    }

    pub fn top(&self) -> &Path {
        &self.folders.top
    }

    pub fn folders(&self) -> &Folders {
        &self.folders
    }

    /// Learns anew which folders hold tracked files: those are looked into whatever the rules say.
    pub fn read_tracked(&mut self) {
        self.folders.tracked.clear();
        // Our own reader takes a tenth of libgit2's time; it leaves rare kinds of indexes to that.
        if let Some(index) = quick::IndexFile::read(&self.folders.git_dir.join("index")) {
            self.folders.note(index.iter());
            return;
        }
        let Ok(index) = flat::reread(&self.repo, &self.folders.top, false) else {
            return;
        };
        let paths: Vec<Vec<u8>> = index.iter().map(|entry| entry.path).collect();
        self.folders.note(paths.iter().map(Vec::as_slice));
    }

    /// The folders where HEAD, index and branches stand, and HEAD of each submodule.
    pub fn git_folders(&self) -> Vec<PathBuf> {
        let Folders { git_dir, common_dir, .. } = &self.folders;
        let mut folders = vec![git_dir.clone()];
        if common_dir != git_dir {
            folders.push(common_dir.clone());
        }
        let refs = common_dir.join("refs");
        let is_own = |folder: &Path| folder.starts_with(refs.join("chantier"));
        folders.extend(
            refs_below(&refs)
                .into_iter()
                .filter(|folder| !is_own(folder) || self.is_of_timeline(folder)),
        );
        folders.extend(modules_below(&common_dir.join("modules")));
        folders
    }

    /// Whether git leaves a folder without tracked files alone.
    pub fn is_ignored_folder(&self, folder: &Path) -> bool {
        let Ok(inside) = folder.strip_prefix(&self.folders.top) else {
            return true;
        };
        let mut name = inside.as_os_str().to_owned();
        name.push("/");
        self.repo.is_path_ignored(Path::new(&name)).unwrap_or(false)
    }

    /// Whether a change at this path can change status, branches or history.
    pub fn matters(&self, path: &Path) -> bool {
        for dir in [&self.folders.git_dir, &self.folders.common_dir] {
            if let Ok(inside) = path.strip_prefix(dir) {
                let name = inside.to_str().unwrap_or_default();
                let is_ref = name.starts_with("refs/") && !name.starts_with("refs/chantier");
                let is_submodule = name.starts_with("modules/") && name.ends_with("/HEAD");
                return !name.ends_with(".lock") && (is_ref || is_submodule || TELLING.contains(&name));
            }
        }
        let Ok(inside) = path.strip_prefix(&self.folders.top) else {
            return true;
        };
        if inside.as_os_str().is_empty() {
            return true;
        }
        if inside.components().any(|part| part.as_os_str() == ".git") {
            // A submodule's own affairs show in its HEAD and files.
            return false;
        }
        let is_ignored = self.repo.is_path_ignored(inside).unwrap_or(false);
        !is_ignored || self.is_tracked(inside)
    }

    /// Whether the undo timeline depends on it: entries, and the folders where they stand.
    pub fn is_of_timeline(&self, path: &Path) -> bool {
        let Ok(inside) = path.strip_prefix(self.folders.common_dir.join("refs/chantier")) else {
            return false;
        };
        let name = inside.to_str().unwrap_or("?");
        !name.ends_with(".lock") && ["", "undo", "redo", "left"].contains(&name.split('/').next().unwrap_or_default())
    }

    /// Tracked although a rule would ignore it.
    fn is_tracked(&self, inside: &Path) -> bool {
        let Ok(index) = flat::reread(&self.repo, &self.folders.top, false) else {
            return true;
        };
        index.get_path(inside, 0).is_some()
    }
}

impl Folders {
    /// From sorted paths.
    fn note<'a>(&mut self, paths: impl Iterator<Item = &'a [u8]>) {
        let folder_of = |path: &'a [u8]| &path[..memchr::memrchr(b'/', path).unwrap_or(0)];
        let mut last: &[u8] = b"";
        for path in paths {
            let folder = folder_of(path);
            let mut above = folder;
            while !above.is_empty() {
                if last.starts_with(above) && last.get(above.len()).is_none_or(|byte| *byte == b'/') {
                    break;
                }
                self.tracked.insert(above.to_vec());
                above = folder_of(above);
            }
            last = folder;
        }
    }

    /// What is in a folder; nothing where it can not be read. Links are not followed.
    pub fn look_into(&self, folder: &Path) -> Inside {
        let mut inside = Inside::default();
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let Ok(fd) = rustix::fs::open(folder, flags, Mode::empty()) else {
            return inside;
        };
        let is_own = folder.starts_with(&self.common_dir) || folder.starts_with(&self.git_dir);
        // Read with one buffer: the standard library makes a name of its own of every file.
        let mut buffer = [const { MaybeUninit::uninit() }; 16 << 10];
        let mut entries = RawDir::new(&fd, &mut buffer);
        while let Some(Ok(entry)) = entries.next() {
            let name = entry.file_name();
            let is_folder = match entry.file_type() {
                FileType::Directory => true,
                FileType::Unknown => rustix::fs::statat(&fd, name, AtFlags::SYMLINK_NOFOLLOW)
                    .is_ok_and(|stat| FileType::from_raw_mode(stat.st_mode) == FileType::Directory),
                _ => false,
            };
            let name = name.to_bytes();
            if !is_folder || name == b"." || name == b".." || !is_own && name == b".git" {
                continue;
            }
            let path = folder.join(OsStr::from_bytes(name));
            let is_sure = is_own
                || path
                    .strip_prefix(&self.top)
                    .is_ok_and(|inside| self.tracked.contains(inside.as_os_str().as_bytes()));
            let among = if is_sure { &mut inside.sure } else { &mut inside.untracked };
            among.push(path);
        }
        inside
    }
}

/// The git folders of submodules, and those with what their HEAD was: it grows with each commit.
fn modules_below(folder: &Path) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if !entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            continue;
        }
        if path.join("HEAD").is_file() {
            folders.extend(modules_below(&path.join("modules")));
            folders.extend([path.join("logs"), path]);
        } else {
            folders.extend(modules_below(&path));
        }
    }
    folders
}

/// The folder and all below it.
fn refs_below(folder: &Path) -> Vec<PathBuf> {
    let mut folders = vec![folder.to_path_buf()];
    let mut at = 0;
    while at < folders.len() {
        let entries = std::fs::read_dir(&folders[at]).into_iter().flatten().flatten();
        let inside: Vec<PathBuf> = entries
            .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
            .map(|entry| entry.path())
            .collect();
        folders.extend(inside);
        at += 1;
    }
    folders
}
