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
    /// One that is only known.
    Other(&'static str),
}

/// By its first bytes; the name says nothing.
pub(super) fn packing(file: &File) -> std::io::Result<Option<Packing>> {
    let mut magic = [0; 10];
    let n = super::read_full(file, &mut magic, 0)?;
    Ok(match &magic[..n] {
        [0x1f, 0x8b, ..] => Some(Packing::Gzip),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some(Packing::Zstd),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Packing::Other("xz")),
        [b'B', b'Z', b'h', b'1'..=b'9', 0x31, 0x41, 0x59, 0x26, 0x53, 0x59] => Some(Packing::Other("bzip2")),
        [0x04, 0x22, 0x4d, 0x18, ..] => Some(Packing::Other("lz4")),
        [b'P', b'K', 3, 4, ..] => Some(Packing::Other("zip")),
        _ => None,
    })
}

/// Names of files that are unpacked at the same time.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// A compressed log as a file; of one that is cut off or damaged what comes before that, and why there is no more.
pub(super) fn unpack(
    path: &Path,
    mut file: File,
    packing: Packing,
    cache: &Path,
    go_on: &dyn Fn() -> bool,
) -> Result<(File, Option<Problem>), Problem> {
    let broken = |error: std::io::Error| {
        Problem::user(msg!("log-broken-archive", path = path))
            .code("broken-archive")
            .details(error)
    };
    file.seek(SeekFrom::Start(0)).map_err(broken)?;
    let source: Box<dyn Read> = match packing {
        Packing::Gzip => Box::new(flate2::read::MultiGzDecoder::new(file)),
        Packing::Zstd => Box::new(zstd::stream::read::Decoder::new(file).map_err(broken)?),
        Packing::Other(kind) => {
            let problem = Problem::user(msg!("log-packed-otherwise", path = path, kind = kind)).code("not-possible");
            return Err(problem.hint(msg!("log-packed-otherwise-hint")));
        }
    };
    copy(path, source, &broken, cache, go_on)
}

/// What comes out of a pipe, to its end, as a file.
pub(super) fn drain(path: &Path, cache: &Path, go_on: &dyn Fn() -> bool) -> Result<File, Problem> {
    let problem = |error: std::io::Error| read_problem(path, &error);
    // So that it can be given up while nothing comes.
    let no_wait = OFlags::NONBLOCK.bits() as i32;
    let pipe = File::options().read(true).custom_flags(no_wait).open(path).map_err(problem)?;
    match copy(path, Box::new(pipe), &problem, cache, go_on)? {
        (_, Some(problem)) => Err(problem),
        (copied, None) => Ok(copied),
    }
}

/// A copy, and why it ends before its end.
fn copy(
    path: &Path,
    mut source: Box<dyn Read>,
    broken: &dyn Fn(std::io::Error) -> Problem,
    cache: &Path,
    go_on: &dyn Fn() -> bool,
) -> Result<(File, Option<Problem>), Problem> {
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
            Err(error) if total > 0 => return Ok((copied, Some(broken(error)))),
            Err(error) => return Err(broken(error)),
        };
        if n == 0 {
            return Ok((copied, None));
        }
        total += n as u64;
        if total > MAX_BYTES {
            return Err(Problem::user(msg!("log-too-large", path = path)).code("too-large"));
        }
        copied.write_all(&bytes[..n]).map_err(problem)?;
    }
}
