//! Secrets as files for a program that can take them in no other way: in memory (tmpfs), below a folder of the user's alone, gone with
//! the machine.

use super::file::check_private;
use crate::base::{Hidden, Problem};
use crate::files;
use crate::msg;
use std::path::{Path, PathBuf};

/// The folder of those with this key.
pub fn folder(key: &str) -> PathBuf {
    base().join(key)
}

/// Writes each into a file of that folder, by its name. Who can enter the folder may read them: a container sees only the file.
pub fn give(key: &str, secrets: &[(String, Hidden)]) -> Result<(), Problem> {
    let base = base();
    files::create_private_dir(&base)?;
    // It stands where everybody may make folders.
    check_private(&base)?;
    let folder = folder(key);
    files::create_private_dir(&folder)?;
    for (name, value) in secrets {
        files::write_atomic_with_mode(&folder.join(name), value.reveal().as_bytes(), Some(0o444))?;
    }
    Ok(())
}

/// Removes what was given; that nothing was is fine.
pub fn take_back(key: &str) -> Result<(), Problem> {
    let folder = folder(key);
    if folder.is_dir() {
        files::remove_dir_all(&folder)
    } else {
        Ok(())
    }
}

/// The keys that begin with this.
pub fn keys(beginning: &str) -> Vec<String> {
    let entries = files::list_dir(&base()).unwrap_or_default();
    let names = entries.into_iter().map(|entry| entry.name.to_string_lossy().into_owned());
    names.filter(|name| name.starts_with(beginning)).collect()
}

/// Fails where nothing is kept in memory.
pub fn check() -> Result<(), Problem> {
    let base = base();
    match base.parent() {
        Some(parent) if parent.is_dir() => Ok(()),
        _ => Err(Problem::environment(msg!("secret-no-memory", path = &base)).code("not-found")),
    }
}

fn base() -> PathBuf {
    let of_session = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let of_session = of_session.filter(|path| path.is_absolute() && path.is_dir());
    let user = rustix::process::getuid().as_raw();
    let parent = of_session.unwrap_or_else(|| Path::new("/dev/shm").to_path_buf());
    parent.join(format!("chantier-secrets-{user}"))
}
