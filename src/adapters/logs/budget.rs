//! All logs together: the oldest go when there are too many bytes, and what a killed program left is put in order.

use super::{COMPRESS_FROM, FreedLogs, frames};
use crate::base::JobId;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Every file of logs with its job, oldest job first.
fn all_files(folder: &Path) -> std::io::Result<Vec<(JobId, PathBuf, u64)>> {
    let mut files = Vec::new();
    let shards = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(files),
        shards => shards?,
    };
    for shard in shards {
        let shard = shard?;
        if !shard.file_type()?.is_dir() {
            continue;
        }
        for entry in std::fs::read_dir(shard.path())? {
            let entry = entry?;
            let name = entry.file_name();
            let job = name
                .to_str()
                .and_then(|name| name.split_once(".log"))
                .and_then(|(id, _)| id.parse().ok());
            if let Some(job) = job {
                // Removed by another program meanwhile: no file of ours any more.
                if let Ok(meta) = entry.metadata() {
                    files.push((JobId(job), entry.path(), meta.len()));
                }
            }
        }
    }
    files.sort();
    Ok(files)
}

pub(super) fn keep_budget(folder: &Path, max_bytes: u64, is_kept: &dyn Fn(JobId) -> bool) -> std::io::Result<FreedLogs> {
    let files = all_files(folder)?;
    let mut freed = FreedLogs {
        bytes_kept: files.iter().map(|(_, _, bytes)| bytes).sum(),
        ..FreedLogs::default()
    };
    for (job, path, bytes) in files {
        if freed.bytes_kept <= max_bytes {
            break;
        }
        if is_kept(job) {
            continue;
        }
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        freed.bytes += bytes;
        freed.bytes_kept -= bytes;
        if freed.jobs.last() != Some(&job) {
            freed.jobs.push(job);
        }
    }
    Ok(freed)
}

pub(super) fn tidy(folder: &Path, young: Duration, is_running: &dyn Fn(JobId) -> bool) -> std::io::Result<u64> {
    let mut n = 0;
    for (job, path, bytes) in all_files(folder)? {
        if is_running(job) || is_young(&path, young) {
            continue;
        }
        let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
        match ending {
            "log" if bytes >= COMPRESS_FROM => frames::compress(&path)?,
            "tmp" => match std::fs::remove_file(&path) {
                // Written over and renamed just now.
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => continue,
                removed => removed?,
            },
            _ => continue,
        }
        n += 1;
    }
    Ok(n)
}

/// A time in the future, from a clock that was set back, counts as old.
fn is_young(path: &Path, young: Duration) -> bool {
    let modified = std::fs::metadata(path).and_then(|meta| meta.modified());
    modified.is_ok_and(|at| at.elapsed().is_ok_and(|age| age < young))
}
