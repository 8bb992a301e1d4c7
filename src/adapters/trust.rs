//! Which workspaces the user trusts: kept outside of them, by path, device, inode, owner and the content of the files that name commands.

use super::files;
use crate::base::{Problem, SafeText, Workspace};
use crate::msg;
use rustix::fs::FlockOperation;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Larger command files are not compared by text, and so never trusted silently.
const MAX_COMMAND_FILE_BYTES: u64 = 1024 * 1024;
const MAX_COMMAND_FILES: usize = 1000;
/// Files of git's that hold one path.
const MAX_LINK_BYTES: u64 = 64 * 1024;

/// What the user has said about a workspace, and whether it still holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "trust", rename_all = "snake_case")]
pub enum TrustState {
    Trusted,
    /// Nobody has trusted it yet.
    Never,
    /// Another folder stands at the path, or it has another owner.
    Replaced,
    /// Files that name commands are not those that were trusted.
    Changed {
        diff: String,
    },
}

/// The user's trust, in one file below the data folder. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Trust {
    file: Arc<PathBuf>,
    /// Folders that this program has made of a trusted workspace, and that workspace.
    lent: Arc<Mutex<BTreeMap<PathBuf, Workspace>>>,
}

/// A folder that counts as the workspace it was made of, until this is dropped.
#[derive(Debug)]
pub struct Lent {
    trust: Trust,
    folder: PathBuf,
}

impl Drop for Lent {
    fn drop(&mut self) {
        self.trust.lent().remove(&self.folder);
    }
}

#[derive(Debug, Default, Serialize, Deserialize)]
struct TrustFile {
    #[serde(default, rename = "workspace", skip_serializing_if = "Vec::is_empty")]
    entries: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    /// The canonical path; as `hex:` and digits when it is not UTF-8.
    path: String,
    device: u64,
    inode: u64,
    owner: u32,
    #[serde(default, rename = "file", skip_serializing_if = "Vec::is_empty")]
    files: Vec<CommandFile>,
}

/// A file of the workspace that says what to run, as it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct CommandFile {
    /// Relative to the workspace.
    path: String,
    sha256: String,
    text: String,
}

impl Trust {
    /// The file `trust.toml` in the data folder.
    pub fn new(data: &Path) -> Self {
        Self {
            file: Arc::new(data.join("trust.toml")),
            lent: Arc::default(),
        }
    }

    /// A worktree that the program itself has made of a workspace is as trusted as that is, whenever it is asked.
    pub fn lend(&self, folder: &Path, workspace: &Workspace) -> Lent {
        self.lent().insert(folder.to_path_buf(), workspace.clone());
        Lent {
            trust: self.clone(),
            folder: folder.to_path_buf(),
        }
    }

    fn lent(&self) -> std::sync::MutexGuard<'_, BTreeMap<PathBuf, Workspace>> {
        self.lent.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fine when the workspace's programs may run; else a problem with the code `untrusted` that says why, and what has changed.
    pub fn check(&self, workspace: &Workspace) -> Result<(), Problem> {
        let problem = match self.state(workspace)? {
            TrustState::Trusted => return Ok(()),
            TrustState::Never => Problem::user(msg!("trust-never", name = &workspace.name)).details(workspace.root.display()),
            TrustState::Replaced => {
                Problem::user(msg!("trust-replaced", name = &workspace.name)).details(workspace.root.display())
            }
            TrustState::Changed { diff } => Problem::user(msg!("trust-changed", name = &workspace.name)).details(diff),
        };
        Err(problem.code("untrusted").hint(msg!("trust-hint")))
    }

    /// What is known of the workspace now.
    pub fn state(&self, workspace: &Workspace) -> Result<TrustState, Problem> {
        let lender = self.lent().get(&workspace.root).cloned();
        if let Some(lender) = lender {
            return self.state(&lender);
        }
        let path = path_text(&workspace.root);
        let entries = self.load()?.entries;
        let Some(trusted) = entries.iter().find(|entry| entry.path == path) else {
            return inherited(&workspace.root, &entries);
        };
        let now = describe(&workspace.root)?;
        if (now.device, now.inode, now.owner) != (trusted.device, trusted.inode, trusted.owner) {
            return Ok(TrustState::Replaced);
        }
        if now.files == trusted.files {
            return Ok(TrustState::Trusted);
        }
        Ok(TrustState::Changed {
            diff: diff(&trusted.files, &now.files),
        })
    }

    /// What a file that names commands said when it was trusted. None where the folder is another one, or the file is gone or
    /// was not there: then nothing of it holds.
    pub fn text_when_trusted(&self, workspace: &Workspace, file: &Path) -> Result<Option<String>, Problem> {
        if !matches!(self.state(workspace)?, TrustState::Trusted | TrustState::Changed { .. })
            || !workspace.root.join(file).exists()
        {
            return Ok(None);
        }
        let (path, file) = (path_text(&workspace.root), path_text(file));
        let entries = self.load()?.entries;
        let files = entries.into_iter().find(|entry| entry.path == path).map(|entry| entry.files);
        let was = files.into_iter().flatten().find(|one| one.path == file);
        Ok(was.map(|one| one.text))
    }

    /// The folder at `path`, which was trusted, is the one that is at `now`: it was moved.
    pub fn is_moved(&self, path: &Path, now: &Path) -> bool {
        let (Ok(file), Ok(meta)) = (self.load(), std::fs::metadata(now)) else {
            return false;
        };
        let path = path_text(path);
        file.entries
            .iter()
            .filter(|entry| entry.path == path)
            .any(|entry| (entry.device, entry.inode, entry.owner) == (meta.dev(), meta.ino(), meta.uid()))
    }

    /// The user trusts the workspace as it is now.
    pub fn trust(&self, workspace: &Workspace) -> Result<(), Problem> {
        let entry = describe(&workspace.root)?;
        if self.load()?.entries.contains(&entry) {
            return Ok(());
        }
        self.change(|file| {
            file.entries.retain(|other| other.path != entry.path);
            file.entries.push(entry);
            file.entries.sort_by(|a, b| a.path.cmp(&b.path));
        })
    }

    /// The user trusts it no more; that it was not trusted is fine.
    pub fn revoke(&self, workspace: &Workspace) -> Result<(), Problem> {
        let path = path_text(&workspace.root);
        self.change(|file| file.entries.retain(|entry| entry.path != path))
    }

    /// The canonical paths of all workspaces that were ever trusted and not revoked.
    pub fn list(&self) -> Result<Vec<PathBuf>, Problem> {
        Ok(self.load()?.entries.iter().map(|entry| path_of_text(&entry.path)).collect())
    }

    /// A broken file trusts nothing, and says so instead of being overwritten.
    fn load(&self) -> Result<TrustFile, Problem> {
        let Some(text) = files::read_text_if_there(&self.file, files::MAX_TEXT_BYTES)? else {
            return Ok(TrustFile::default());
        };
        toml::from_str(&text).map_err(|error| {
            Problem::config(msg!("trust-broken", path = self.file.as_path()))
                .code("untrusted")
                .details(error)
                .hint(msg!("trust-broken-hint"))
                .at_place(self.file.as_path(), 0, 0)
        })
    }

    /// One writer at a time, also among several programs.
    fn change(&self, act: impl FnOnce(&mut TrustFile)) -> Result<(), Problem> {
        let lock = files::open_append(&self.file.with_extension("lock"))?;
        rustix::fs::flock(&lock, FlockOperation::LockExclusive)
            .map_err(|error| files::write_problem(&self.file, &error.into()))?;
        let mut file = self.load()?;
        act(&mut file);
        let text = toml::to_string(&file)
            .map_err(|error| Problem::internal(msg!("trust-broken", path = self.file.as_path())).details(error))?;
        files::write_atomic_with_mode(&self.file, text.as_bytes(), Some(0o600))
    }
}

/// A linked worktree is as trusted as the repository that it belongs to, while the files that name commands are the same as there:
/// those of another branch were looked at by nobody.
fn inherited(root: &Path, entries: &[Entry]) -> Result<TrustState, Problem> {
    let main = worktree_of(root).map(|main| (path_text(&main), main));
    let Some((trusted, main)) = main.and_then(|(path, main)| {
        let trusted = entries.iter().find(|entry| entry.path == path)?;
        Some((trusted, main))
    }) else {
        return Ok(TrustState::Never);
    };
    let (here, there) = (describe(root)?, describe(&main)?);
    if (there.device, there.inode, there.owner) != (trusted.device, trusted.inode, trusted.owner)
        || there.files != trusted.files
        || here.owner != trusted.owner
    {
        return Ok(TrustState::Never);
    }
    if here.files == trusted.files {
        return Ok(TrustState::Trusted);
    }
    Ok(TrustState::Changed {
        diff: diff(&trusted.files, &here.files),
    })
}

/// The main checkout of a linked worktree, when both say so: the worktree's `.git` names a folder below the `.git/worktrees` of the
/// checkout, and that folder names the worktree.
fn worktree_of(root: &Path) -> Option<PathBuf> {
    let line = |path: &Path| -> Option<PathBuf> {
        path.symlink_metadata().ok().filter(std::fs::Metadata::is_file)?;
        let text = files::read(path, MAX_LINK_BYTES).ok()?;
        let text = text.strip_prefix(b"gitdir: ").unwrap_or(&text).trim_ascii_end();
        Some(path.parent()?.join(std::ffi::OsStr::from_bytes(text)))
    };
    let link = root.join(".git");
    let entry = line(&link)?.canonicalize().ok()?;
    let worktrees = entry.parent().filter(|folder| folder.ends_with(".git/worktrees"))?;
    let common = worktrees.parent()?;
    let names_back = line(&entry.join("gitdir"))?.canonicalize().ok()? == link.canonicalize().ok()?;
    let is_of_common = line(&entry.join("commondir"))?.canonicalize().ok()? == common;
    (names_back && is_of_common).then(|| common.parent().map(Path::to_path_buf))?
}

/// The files of a workspace that name commands, relative to it: `chantier.toml` and `.chantier/deploy/*.toml`.
pub fn command_files(root: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let project = PathBuf::from("chantier.toml");
    if root.join(&project).symlink_metadata().is_ok() {
        found.push(project);
    }
    let folder = Path::new(".chantier/deploy");
    for entry in files::list_dir(&root.join(folder)).unwrap_or_default() {
        let path = folder.join(&entry.name);
        if path.extension().is_some_and(|extension| extension == "toml") && found.len() < MAX_COMMAND_FILES {
            found.push(path);
        }
    }
    found
}

fn describe(root: &Path) -> Result<Entry, Problem> {
    let meta = std::fs::metadata(root).map_err(|error| files::read_problem(root, &error))?;
    let mut described = Vec::new();
    for path in command_files(root) {
        let bytes = files::read(&root.join(&path), MAX_COMMAND_FILE_BYTES)?;
        described.push(CommandFile {
            path: path_text(&path),
            sha256: files::sha256_of(&bytes),
            text: String::from_utf8_lossy(&bytes).into_owned(),
        });
    }
    Ok(Entry {
        path: path_text(root),
        device: meta.dev(),
        inode: meta.ino(),
        owner: meta.uid(),
        files: described,
    })
}

fn diff(before: &[CommandFile], after: &[CommandFile]) -> String {
    let mut paths: Vec<&str> = before.iter().chain(after).map(|file| file.path.as_str()).collect();
    paths.sort_unstable();
    paths.dedup();
    let mut out = String::new();
    for path in paths {
        let of = |files: &[CommandFile]| files.iter().find(|file| file.path == path).cloned();
        let (old, new) = (of(before), of(after));
        if old == new {
            continue;
        }
        let text = |file: Option<CommandFile>| file.map(|file| file.text).unwrap_or_default();
        let (old, new) = (text(old), text(new));
        out.push_str(
            &similar::TextDiff::from_lines(&old, &new)
                .unified_diff()
                .context_radius(3)
                .header(path, path)
                .to_string(),
        );
    }
    SafeText::multiline(&out).into_string()
}

fn path_text(path: &Path) -> String {
    match path.to_str() {
        Some(text) if !text.starts_with("hex:") => text.to_owned(),
        _ => format!("hex:{}", files::hex(path.as_os_str().as_bytes())),
    }
}

fn path_of_text(text: &str) -> PathBuf {
    let Some(digits) = text.strip_prefix("hex:") else {
        return PathBuf::from(text);
    };
    let bytes = (0..digits.len() / 2)
        .filter_map(|at| u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok())
        .collect();
    PathBuf::from(std::ffi::OsString::from_vec(bytes))
}
