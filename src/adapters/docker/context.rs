//! A build context on its way to the engine: a folder as a tar stream, without what `.dockerignore` leaves out. No link is followed.

use super::Ignore;
use super::ignore::Matched;
use crate::base::Problem;
use crate::base::docker::BuildSpec;
use crate::files;
use crate::msg;
use hyper::body::Bytes;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use tokio::sync::mpsc;

/// Bytes that are handed over at once.
const CHUNK: usize = 256 * 1024;
/// A `.dockerignore` or Dockerfile is not longer.
const MAX_TEXT: u64 = 4 << 20;

/// What of a folder goes to the engine, in order: paths relative to it.
pub fn files_of_context(folder: &Path, dockerfile: &Path) -> Result<Vec<PathBuf>, Problem> {
    let mut paths = Vec::new();
    visit(folder, dockerfile, &BTreeSet::new(), &mut |path, _| {
        paths.push(path.to_path_buf());
        Ok(())
    })?;
    Ok(paths)
}

/// Writes the context as tar into the channel; ends early when nobody takes it any more.
pub(super) fn send(spec: &BuildSpec, dockerfile: &Path, to: &mpsc::Sender<io::Result<Bytes>>) -> Result<(), Problem> {
    let folder = spec.folder.as_path();
    let hidden: BTreeSet<&Path> = spec.over.keys().chain(&spec.without).map(PathBuf::as_path).collect();
    let mut tar = tar::Builder::new(Pipe {
        to: to.clone(),
        held: Vec::with_capacity(CHUNK),
    });
    tar.follow_symlinks(false);
    visit(folder, dockerfile, &hidden, &mut |path, meta| {
        let whole = folder.join(path);
        append(&mut tar, &whole, path, meta).map_err(|error| files::read_problem(&whole, &error))
    })?;
    for (path, whole) in &spec.over {
        let appended = whole.metadata().and_then(|meta| append(&mut tar, whole, path, &meta));
        appended.map_err(|error| files::read_problem(whole, &error))?;
    }
    let ended = tar.into_inner().and_then(|mut pipe| pipe.flush());
    ended.map_err(|error| files::read_problem(folder, &error))
}

/// The owner is root, as the `docker` command sends it.
fn append<W: Write>(tar: &mut tar::Builder<W>, whole: &Path, path: &Path, meta: &std::fs::Metadata) -> io::Result<()> {
    let mut header = tar::Header::new_gnu();
    header.set_metadata_in_mode(meta, tar::HeaderMode::Complete);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mode(meta.mode() & 0o7777);
    if meta.is_symlink() {
        header.set_size(0);
        return tar.append_link(&mut header, path, std::fs::read_link(whole)?);
    }
    if meta.is_dir() {
        header.set_size(0);
        return tar.append_data(&mut header, path, io::empty());
    }
    let file = std::fs::File::open(whole)?;
    // As long as it was when it was looked at: one that grows is cut, one that shrinks is filled.
    let size = meta.len();
    header.set_size(size);
    let source = io::Read::take(io::Read::chain(file, io::repeat(0)), size);
    tar.append_data(&mut header, path, source)
}

type Visit<'a> = dyn FnMut(&Path, &std::fs::Metadata) -> Result<(), Problem> + 'a;

fn visit(folder: &Path, dockerfile: &Path, hidden: &BTreeSet<&Path>, on: &mut Visit<'_>) -> Result<(), Problem> {
    let ignore_file = folder.join(".dockerignore");
    let text = files::read_text_if_there(&ignore_file, MAX_TEXT)?.unwrap_or_default();
    let mut ignore = Ignore::parse(&text).map_err(|(line, why)| {
        Problem::config(msg!("docker-ignore-bad", pattern = why))
            .at_place(&ignore_file, line, 0)
            .hint(msg!("docker-ignore-bad-hint"))
    })?;
    ignore.keep(".dockerignore");
    ignore.keep(&dockerfile.to_string_lossy());
    let rules = Rules { ignore, hidden };
    walk(folder, Path::new(""), &rules, &Matched::default(), on)
}

/// What of a folder does not go.
struct Rules<'a> {
    ignore: Ignore,
    /// With all that is below.
    hidden: &'a BTreeSet<&'a Path>,
}

fn walk(root: &Path, at: &Path, rules: &Rules<'_>, parent: &Matched, on: &mut Visit<'_>) -> Result<(), Problem> {
    let folder = root.join(at);
    let fail = |error: io::Error| files::read_problem(&folder, &error);
    let mut names: Vec<_> = std::fs::read_dir(&folder)
        .map_err(fail)?
        .map(|entry| entry.map(|entry| entry.file_name()))
        .collect::<Result<_, _>>()
        .map_err(fail)?;
    names.sort();
    for name in names {
        let path = at.join(&name);
        if rules.hidden.contains(path.as_path()) {
            continue;
        }
        let (is_out, matched) = rules.ignore.look(&path.to_string_lossy(), parent);
        let meta = match root.join(&path).symlink_metadata() {
            Ok(meta) => meta,
            // Gone since its folder was read.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            Err(error) => return Err(files::read_problem(&root.join(&path), &error)),
        };
        if is_out && !(meta.is_dir() && rules.ignore.may_hold_exceptions(&path.to_string_lossy())) {
            continue;
        }
        let kind = meta.file_type();
        if kind.is_socket() || kind.is_fifo() || kind.is_char_device() || kind.is_block_device() {
            continue;
        }
        if !is_out {
            on(&path, &meta)?;
        }
        if meta.is_dir() {
            walk(root, &path, rules, &matched, on)?;
        }
    }
    Ok(())
}

struct Pipe {
    to: mpsc::Sender<io::Result<Bytes>>,
    held: Vec<u8>,
}

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(bytes);
        if self.held.len() >= CHUNK {
            self.flush()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.held.is_empty() {
            return Ok(());
        }
        let chunk = std::mem::replace(&mut self.held, Vec::with_capacity(CHUNK));
        let sent = self.to.blocking_send(Ok(chunk.into()));
        sent.map_err(|_| io::Error::from(io::ErrorKind::BrokenPipe))
    }
}
