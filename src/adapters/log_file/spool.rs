//! Compressed logs and what comes out of a pipe, written into a file of the cache that has no name any more when it is read.

use crate::base::Problem;
use crate::files::read_problem;
use crate::msg;
use rustix::fs::OFlags;
use std::fs::File;
use std::io::{ErrorKind, Read, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How often a pipe is looked at in which nothing is.
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// What one compressed log may become.
const MAX_BYTES: u64 = 64 << 30;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Packing {
    Gzip,
    Zstd,
}

/// By its first bytes; the name says nothing.
pub(super) fn packing(file: &File) -> std::io::Result<Option<Packing>> {
    let mut magic = [0; 4];
    let n = super::read_full(file, &mut magic, 0)?;
    Ok(match &magic[..n] {
        [0x1f, 0x8b, ..] => Some(Packing::Gzip),
        [0x28, 0xb5, 0x2f, 0xfd] => Some(Packing::Zstd),
        _ => None,
    })
}

/// Names of files that are unpacked at the same time.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// A compressed log as a file.
pub(super) fn unpack(
    path: &Path,
    mut file: File,
    packing: Packing,
    cache: &Path,
    go_on: &dyn Fn() -> bool,
) -> Result<File, Problem> {
    let broken = |error: std::io::Error| {
        Problem::user(msg!("log-broken-archive", path = path))
            .code("broken-archive")
            .details(error)
    };
    file.seek(SeekFrom::Start(0)).map_err(broken)?;
    let source: Box<dyn Read> = match packing {
        Packing::Gzip => Box::new(flate2::read::MultiGzDecoder::new(file)),
        Packing::Zstd => Box::new(zstd::stream::read::Decoder::new(file).map_err(broken)?),
    };
    copy(path, source, &broken, cache, go_on)
}

/// What comes out of a pipe, to its end, as a file.
pub(super) fn drain(path: &Path, cache: &Path, go_on: &dyn Fn() -> bool) -> Result<File, Problem> {
    let problem = |error: std::io::Error| read_problem(path, &error);
    // So that it can be given up while nothing comes.
    let no_wait = OFlags::NONBLOCK.bits() as i32;
    let pipe = File::options().read(true).custom_flags(no_wait).open(path).map_err(problem)?;
    copy(path, Box::new(pipe), &problem, cache, go_on)
}

fn copy(
    path: &Path,
    mut source: Box<dyn Read>,
    broken: &dyn Fn(std::io::Error) -> Problem,
    cache: &Path,
    go_on: &dyn Fn() -> bool,
) -> Result<File, Problem> {
    let folder = cache.join("logs");
    let name = format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let place = folder.join(name);
    let problem = |error: std::io::Error| read_problem(&place, &error);
    std::fs::create_dir_all(&folder).map_err(problem)?;
    let mut options = File::options();
    let mut copied = options
        .read(true)
        .write(true)
        .create_new(true)
        .open(&place)
        .map_err(problem)?;
    // It lives as long as it is open.
    std::fs::remove_file(&place).map_err(problem)?;
    let mut bytes = vec![0; super::READ];
    let mut total = 0;
    loop {
        if !go_on() {
            return Err(Problem::cancelled());
        }
        let n = match source.read(&mut bytes) {
            Ok(n) => n,
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {
                std::thread::sleep(LOOK_EVERY);
                continue;
            }
            Err(error) => return Err(broken(error)),
        };
        if n == 0 {
            return Ok(copied);
        }
        total += n as u64;
        if total > MAX_BYTES {
            return Err(Problem::user(msg!("log-too-large", path = path)).code("too-large"));
        }
        copied.write_all(&bytes[..n]).map_err(problem)?;
    }
}
