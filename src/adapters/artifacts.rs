//! The store of what builds gave: each file once, named by its SHA-256, below the data folder.

use super::files::{create_private_dir, read_problem, write_problem};
use crate::base::Problem;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// A file that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Lower-case hexadecimal.
    pub sha256: String,
    pub bytes: u64,
    pub path: PathBuf,
}

/// The folder of the store below the data folder.
pub fn folder(data: &Path) -> PathBuf {
    data.join("artifacts")
}

/// Copies a regular file into the store, hashing on the way; its permission bits are kept. What is there already is not copied
/// again: most builds change nothing. Blocks.
pub fn keep(data: &Path, source: &Path, is_over: &dyn Fn() -> bool) -> Result<Kept, Problem> {
    let folder = folder(data);
    create_private_dir(&folder)?;
    let wrong = |error: std::io::Error| read_problem(source, &error);
    let mut input = File::open(source).map_err(wrong)?;
    let meta = input.metadata().map_err(wrong)?;
    if !meta.is_file() {
        return Err(wrong(std::io::Error::new(
            std::io::ErrorKind::InvalidInput,
            "not a regular file",
        )));
    }
    let known = known(&folder, source, meta.len(), is_over)?;
    if let Some(kept) = known {
        return Ok(kept);
    }
    let temporary = folder.join(format!(".unfinished-{}-{:x}", std::process::id(), fastrand::u64(..)));
    let copied = copy(&mut input, &temporary, source, is_over).and_then(|(sha256, bytes)| {
        let path = folder.join(&sha256);
        let finish = || {
            std::fs::set_permissions(&temporary, meta.permissions())?;
            std::fs::rename(&temporary, &path)?;
            File::open(&folder)?.sync_all()
        };
        finish().map_err(|error| write_problem(&path, &error))?;
        Ok(Kept { sha256, bytes, path })
    });
    if copied.is_err() {
        drop(std::fs::remove_file(&temporary));
    }
    copied
}

/// The copy that is kept of a file with this content, if there is one.
fn known(folder: &Path, source: &Path, bytes: u64, is_over: &dyn Fn() -> bool) -> Result<Option<Kept>, Problem> {
    let has_one_as_long = std::fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .any(|entry| entry.metadata().is_ok_and(|meta| meta.len() == bytes));
    if !has_one_as_long {
        return Ok(None);
    }
    let hash = |path: &Path| {
        let mut input = File::open(path).map_err(|error| read_problem(path, &error))?;
        hash_into(&mut input, &mut std::io::sink(), (path, path), is_over)
    };
    let (sha256, bytes) = hash(source)?;
    let path = folder.join(&sha256);
    // One that was damaged meanwhile is written anew.
    let is_sound = std::fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_file()) && hash(&path)?.0 == sha256;
    Ok(is_sound.then_some(Kept { sha256, bytes, path }))
}

fn copy(input: &mut File, to: &Path, source: &Path, is_over: &dyn Fn() -> bool) -> Result<(String, u64), Problem> {
    let unwritable = |error: std::io::Error| write_problem(to, &error);
    let mut output = File::options().write(true).create_new(true).open(to).map_err(unwritable)?;
    let copied = hash_into(input, &mut output, (source, to), is_over)?;
    output.sync_all().map_err(unwritable)?;
    Ok(copied)
}

/// Copies to the end; gives the SHA-256 and the number of bytes.
fn hash_into(
    input: &mut File,
    output: &mut dyn Write,
    (from, to): (&Path, &Path),
    is_over: &dyn Fn() -> bool,
) -> Result<(String, u64), Problem> {
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 256 << 10];
    let mut bytes = 0;
    loop {
        if is_over() {
            return Err(Problem::cancelled());
        }
        let n = input.read(&mut buffer).map_err(|error| read_problem(from, &error))?;
        if n == 0 {
            break;
        }
        hasher.update(&buffer[..n]);
        output.write_all(&buffer[..n]).map_err(|error| write_problem(to, &error))?;
        bytes += n as u64;
    }
    let mut sha256 = String::with_capacity(64);
    for byte in hasher.finalize() {
        write!(sha256, "{byte:02x}").expect("a string takes every write");
    }
    Ok((sha256, bytes))
}

/// Removes a kept file; only files of the store.
pub fn free(data: &Path, path: &Path) -> Result<(), Problem> {
    if path.parent() != Some(&folder(data)) {
        return Ok(());
    }
    super::files::remove_file(path)
}
