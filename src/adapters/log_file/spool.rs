//! Compressed logs, unpacked into a file of the cache that has no name any more when it is read.

use crate::base::Problem;
use crate::files::read_problem;
use crate::msg;
use std::fs::File;
use std::io::{Read, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

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

pub(super) fn unpack(
    path: &Path,
    mut file: File,
    packing: Packing,
    cache: &Path,
    go_on: &dyn Fn() -> bool,
) -> Result<File, Problem> {
    let folder = cache.join("logs");
    let name = format!("{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let place = folder.join(name);
    let problem = |error: std::io::Error| read_problem(&place, &error);
    std::fs::create_dir_all(&folder).map_err(problem)?;
    let mut options = File::options();
    let mut unpacked = options
        .read(true)
        .write(true)
        .create_new(true)
        .open(&place)
        .map_err(problem)?;
    // It lives as long as it is open.
    std::fs::remove_file(&place).map_err(problem)?;
    let broken = |error: std::io::Error| {
        Problem::user(msg!("log-broken-archive", path = path))
            .code("broken-archive")
            .details(error)
    };
    file.seek(SeekFrom::Start(0)).map_err(broken)?;
    let mut source: Box<dyn Read> = match packing {
        Packing::Gzip => Box::new(flate2::read::MultiGzDecoder::new(file)),
        Packing::Zstd => Box::new(zstd::stream::read::Decoder::new(file).map_err(broken)?),
    };
    let mut bytes = vec![0; super::READ];
    let mut total = 0;
    loop {
        if !go_on() {
            return Err(Problem::cancelled());
        }
        let n = source.read(&mut bytes).map_err(broken)?;
        if n == 0 {
            return Ok(unpacked);
        }
        total += n as u64;
        if total > MAX_BYTES {
            return Err(Problem::user(msg!("log-too-large", path = path)).code("too-large"));
        }
        unpacked.write_all(&bytes[..n]).map_err(problem)?;
    }
}
