//! Files that are delivered: kept with their SHA-256, packed so that the same content gives the same bytes, checked before use.

use crate::base::Problem;
use crate::msg;
use flate2::{Compression, GzBuilder};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// A file and what is in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub path: PathBuf,
    /// Lower-case hexadecimal.
    pub sha256: String,
    pub bytes: u64,
}

/// One entry of an archive.
#[derive(Clone, Debug)]
pub struct Packed {
    /// Below the archive's one folder.
    pub name: String,
    pub content: Content,
}

#[derive(Clone, Debug)]
pub enum Content {
    File(PathBuf),
    Text(String),
}

/// Copies a file with its permission to execute; the new one is whole, on disk and hashed, or not there.
pub fn keep(from: &Path, to: &Path) -> Result<Kept, Problem> {
    let mut source = File::open(from).map_err(|error| failed(from, &error))?;
    let meta = source.metadata().map_err(|error| failed(from, &error))?;
    if !meta.is_file() {
        return Err(Problem::environment(msg!("deliver-no-file", path = from)).code("not-found"));
    }
    keep_with(to, mode_of(&meta), |out| io::copy(&mut source, out).map(drop))
}

/// Writes a small text beside what is delivered.
pub fn keep_text(text: &str, to: &Path) -> Result<Kept, Problem> {
    keep_with(to, 0o644, |out| out.write_all(text.as_bytes()))
}

/// The SHA-256 and size of a file; None when it is not there.
pub fn look(path: &Path) -> Result<Option<Kept>, Problem> {
    let mut file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(path, &error)),
    };
    let mut hashing = Hashing::new(io::sink());
    io::copy(&mut file, &mut hashing).map_err(|error| failed(path, &error))?;
    let (sha256, bytes) = hashing.finish();
    Ok(Some(Kept {
        path: path.to_path_buf(),
        sha256,
        bytes,
    }))
}

/// How an archive is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Format {
    #[serde(rename = "tar.gz")]
    TarGz,
    #[serde(rename = "zip")]
    Zip,
}

impl Format {
    /// The end of the file's name.
    pub fn extension(self) -> &'static str {
        match self {
            Self::TarGz => "tar.gz",
            Self::Zip => "zip",
        }
    }
}

/// Packs an archive with one folder inside. Owner, order and times are fixed (`mtime`, seconds since 1970), so the same content
/// gives the same bytes.
pub fn pack(to: &Path, format: Format, folder: &str, entries: &[Packed], mtime: u64) -> Result<Kept, Problem> {
    let mut sorted: Vec<&Packed> = entries.iter().collect();
    sorted.sort_by(|a, b| a.name.cmp(&b.name));
    keep_with(to, 0o644, |mut out| match format {
        Format::TarGz => {
            let gzip = GzBuilder::new().mtime(0).write(&mut out, Compression::best());
            let mut tar = tar::Builder::new(gzip);
            for entry in sorted {
                add(&mut tar, folder, entry, mtime)?;
            }
            tar.into_inner()?.finish()?;
            Ok(())
        }
        Format::Zip => zip(out, folder, &sorted, mtime),
    })
}

/// Writes a file that is whole, on disk and hashed, or not there.
pub fn keep_with(to: &Path, mode: u32, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<Kept, Problem> {
    let (sha256, bytes) = write_whole(to, mode, |out| {
        let mut hashing = Hashing::new(out);
        fill(&mut hashing)?;
        Ok(hashing.finish())
    })
    .map_err(|error| failed(to, &error))?;
    Ok(Kept {
        path: to.to_path_buf(),
        sha256,
        bytes,
    })
}

fn zip(out: &mut dyn Write, folder: &str, entries: &[&Packed], mtime: u64) -> io::Result<()> {
    let mut zip = zip::ZipWriter::new_stream(out);
    for entry in entries {
        let options = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Deflated)
            .last_modified_time(zip_time(mtime));
        let name = format!("{folder}/{}", entry.name);
        match &entry.content {
            Content::Text(text) => {
                zip.start_file(name, options.unix_permissions(0o644))?;
                zip.write_all(text.as_bytes())?;
            }
            Content::File(source) => {
                let mut file = File::open(source)?;
                let meta = file.metadata()?;
                let options = options
                    .unix_permissions(mode_of(&meta))
                    .large_file(meta.len() >= u64::from(u32::MAX));
                zip.start_file(name, options)?;
                io::copy(&mut file, &mut zip)?;
            }
        }
    }
    zip.finish().map(drop).map_err(io::Error::from)
}

/// Zip knows no time before 1980.
fn zip_time(mtime: u64) -> zip::DateTime {
    let time = jiff::Timestamp::from_second(i64::try_from(mtime).unwrap_or(0)).unwrap_or_default();
    let time = time.to_zoned(jiff::tz::TimeZone::UTC);
    let part = |value: i8| u8::try_from(value).unwrap_or(0);
    zip::DateTime::from_date_and_time(
        u16::try_from(time.year()).unwrap_or(0),
        part(time.month()),
        part(time.day()),
        part(time.hour()),
        part(time.minute()),
        part(time.second()),
    )
    .unwrap_or_default()
}

/// A program, as far as its permissions say.
pub fn is_executable(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|meta| mode_of(&meta) == 0o755)
}

/// Whether the kernel runs the file itself.
pub fn is_elf(path: &Path) -> bool {
    let mut start = [0; 4];
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut start));
    read.is_ok() && start == *b"\x7fELF"
}

pub(super) fn mode_of(meta: &std::fs::Metadata) -> u32 {
    if meta.permissions().mode() & 0o111 == 0 {
        0o644
    } else {
        0o755
    }
}

fn add(tar: &mut tar::Builder<impl Write>, folder: &str, entry: &Packed, mtime: u64) -> io::Result<()> {
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(tar::EntryType::Regular);
    header.set_mtime(mtime);
    header.set_uid(0);
    header.set_gid(0);
    let path = format!("{folder}/{}", entry.name);
    match &entry.content {
        Content::Text(text) => {
            header.set_mode(0o644);
            header.set_size(text.len() as u64);
            tar.append_data(&mut header, path, text.as_bytes())
        }
        Content::File(source) => {
            let file = File::open(source)?;
            let meta = file.metadata()?;
            header.set_mode(mode_of(&meta));
            header.set_size(meta.len());
            // A file that grows meanwhile must not break the archive.
            tar.append_data(&mut header, path, file.take(meta.len()))
        }
    }
}

/// Bytes that can still be written to the file system of this folder, or of the nearest one above it that is there.
pub fn free_bytes(folder: &Path) -> Result<u64, Problem> {
    let mut at = folder;
    loop {
        match rustix::fs::statvfs(at) {
            Ok(stat) => return Ok(stat.f_bavail.saturating_mul(stat.f_frsize)),
            Err(rustix::io::Errno::NOENT) => match at.parent() {
                Some(parent) => at = parent,
                None => return Err(failed(folder, &io::ErrorKind::NotFound.into())),
            },
            Err(error) => return Err(failed(at, &error.into())),
        }
    }
}

/// The last lines of a text file, at most `max_bytes` of it; none when it can not be read.
pub fn last_lines(path: &Path, n_lines: usize, max_bytes: u64) -> Vec<Vec<u8>> {
    let read = || -> io::Result<Vec<u8>> {
        use std::io::Seek as _;
        let mut file = File::open(path)?;
        let len = file.metadata()?.len();
        file.seek(io::SeekFrom::Start(len.saturating_sub(max_bytes)))?;
        let mut bytes = Vec::new();
        file.take(max_bytes).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    let bytes = read().unwrap_or_default();
    let mut lines: Vec<Vec<u8>> = bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.trim_ascii().is_empty())
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line).to_vec())
        .collect();
    lines.drain(..lines.len().saturating_sub(n_lines));
    lines
}

/// Removes a folder of ours with everything in it; that it is not there is fine. Links are removed, not followed.
pub fn remove_folder(path: &Path) -> Result<(), Problem> {
    match std::fs::remove_dir_all(path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(failed(path, &error)),
    }
}

fn write_whole<T>(to: &Path, mode: u32, fill: impl FnOnce(&mut BufWriter<&File>) -> io::Result<T>) -> io::Result<T> {
    let folder = to.parent().ok_or(io::ErrorKind::InvalidInput)?;
    std::fs::create_dir_all(folder)?;
    let mut name = to.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_owned();
    name.push(".unfinished");
    let unfinished = folder.join(name);
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(mode)
        .open(&unfinished)?;
    file.set_permissions(std::fs::Permissions::from_mode(mode))?;
    let mut out = BufWriter::with_capacity(256 * 1024, &file);
    let value = fill(&mut out)?;
    out.flush()?;
    drop(out);
    file.sync_all()?;
    // Closed before it gets its name: a program whose file is open for writing can not be started.
    drop(file);
    std::fs::rename(&unfinished, to)?;
    File::open(folder)?.sync_all()?;
    Ok(value)
}

struct Hashing<W> {
    out: W,
    hasher: Sha256,
    bytes: u64,
}

impl<W: Write> Hashing<W> {
    fn new(out: W) -> Self {
        Self {
            out,
            hasher: Sha256::new(),
            bytes: 0,
        }
    }

    fn finish(self) -> (String, u64) {
        let digest = self.hasher.finalize();
        let mut text = String::with_capacity(64);
        for byte in digest {
            text.push_str(&format!("{byte:02x}"));
        }
        (text, self.bytes)
    }
}

impl<W: Write> Write for Hashing<W> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        let n = self.out.write(buf)?;
        self.hasher.update(&buf[..n]);
        self.bytes += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

pub(super) fn failed(path: &Path, error: &io::Error) -> Problem {
    let problem = Problem::environment(msg!("deliver-failed", path = path)).details(error);
    match error.kind() {
        io::ErrorKind::NotFound => problem.code("not-found"),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => problem.code("disk-full").hint(msg!("deliver-full-hint")),
        _ => problem,
    }
}
