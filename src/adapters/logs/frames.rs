//! A log as a source of bytes: plain, or zstd in frames of 1 MiB with a table at the end (the seekable format of zstd's `contrib`,
//! which every zstd can decompress as a whole).

use super::read_exact_at;
use std::fs::File;
use std::io::{Error, ErrorKind, Read as _, Result, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

/// Content of one frame, in bytes.
const FRAME: usize = 1 << 20;
const LEVEL: i32 = 3;
const TABLE_MAGIC: u32 = 0x184D_2A5E;
const FOOTER_MAGIC: u32 = 0x8F92_EAB1;
const FOOTER: u64 = 9;

pub(super) fn zst_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".zst");
    name.into()
}

struct Frame {
    /// Where it begins in the file, and how long it is there.
    at: u64,
    packed: u32,
    /// Where its content begins, and how long it is.
    from: u64,
    len: u32,
}

/// A log that can be read anywhere.
pub(super) struct Source {
    file: File,
    len: u64,
    /// None for a plain file.
    frames: Option<Vec<Frame>>,
    /// The frame that was read last.
    last: Option<(usize, Vec<u8>)>,
}

impl Source {
    /// Opens `path` or `path.zst`, whichever is there.
    pub(super) fn open(path: &Path) -> Result<Self> {
        match File::open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            opened => return Self::plain(opened?),
        }
        match File::open(zst_path(path)) {
            // Written anew between the two looks.
            Err(error) if error.kind() == ErrorKind::NotFound => Self::plain(File::open(path)?),
            opened => Self::packed(opened?),
        }
    }

    fn plain(file: File) -> Result<Self> {
        let len = file.metadata()?.len();
        Ok(Self {
            file,
            len,
            frames: None,
            last: None,
        })
    }

    fn packed(mut file: File) -> Result<Self> {
        let frames = read_table(&mut file)?;
        let len = frames.last().map_or(0, |frame| frame.from + u64::from(frame.len));
        Ok(Self {
            file,
            len,
            frames: Some(frames),
            last: None,
        })
    }

    pub(super) fn len(&self) -> u64 {
        self.len
    }

    /// At most `len` bytes from `from`; fewer only at the end.
    pub(super) fn read_at(&mut self, from: u64, len: usize) -> Result<Vec<u8>> {
        let Some(frames) = &self.frames else {
            return read_exact_at(&mut self.file, from, len);
        };
        let mut bytes = Vec::new();
        let mut i = frames.partition_point(|frame| frame.from + u64::from(frame.len) <= from);
        while bytes.len() < len && i < frames.len() {
            if self.last.as_ref().is_none_or(|(last, _)| *last != i) {
                let frame = &frames[i];
                let packed = read_exact_at(&mut self.file, frame.at, frame.packed as usize)?;
                let content = zstd::bulk::decompress(&packed, frame.len as usize)
                    .map_err(|error| Error::new(ErrorKind::InvalidData, error))?;
                if content.len() != frame.len as usize {
                    return Err(ErrorKind::InvalidData.into());
                }
                self.last = Some((i, content));
            }
            let Some((_, content)) = &self.last else { break };
            let start = (from + bytes.len() as u64 - frames[i].from) as usize;
            let end = content.len().min(start + (len - bytes.len()));
            bytes.extend_from_slice(&content[start..end]);
            i += 1;
        }
        Ok(bytes)
    }
}

/// Replaces the plain file by its compressed form; the plain one is removed only when the other is whole and on disk.
pub(super) fn compress(path: &Path) -> Result<()> {
    let done = zst_path(path);
    let mut unfinished = done.as_os_str().to_owned();
    unfinished.push(".tmp");
    let unfinished = PathBuf::from(unfinished);
    let result = write_frames(path, &unfinished).and_then(|()| std::fs::rename(&unfinished, &done));
    if let Err(error) = result {
        // What is half written is of no use, and the plain file stands.
        drop(std::fs::remove_file(&unfinished));
        return Err(error);
    }
    std::fs::remove_file(path)
}

fn write_frames(from: &Path, to: &Path) -> Result<()> {
    let mut source = File::open(from)?;
    let mut target = File::create(to)?;
    let mut compressor = zstd::bulk::Compressor::new(LEVEL)?;
    // Each frame carries a checksum of its content, so that a flipped byte is found.
    compressor.include_checksum(true)?;
    let mut table = Vec::new();
    let mut n_frames: u32 = 0;
    loop {
        let mut content = Vec::with_capacity(FRAME);
        (&mut source).take(FRAME as u64).read_to_end(&mut content)?;
        if content.is_empty() {
            break;
        }
        let packed = compressor.compress(&content)?;
        target.write_all(&packed)?;
        table.extend_from_slice(&(packed.len() as u32).to_le_bytes());
        table.extend_from_slice(&(content.len() as u32).to_le_bytes());
        n_frames += 1;
    }
    let mut footer = Vec::new();
    footer.extend_from_slice(&TABLE_MAGIC.to_le_bytes());
    footer.extend_from_slice(&(table.len() as u32 + FOOTER as u32).to_le_bytes());
    footer.append(&mut table);
    footer.extend_from_slice(&n_frames.to_le_bytes());
    footer.push(0);
    footer.extend_from_slice(&FOOTER_MAGIC.to_le_bytes());
    target.write_all(&footer)?;
    target.sync_data()
}

fn read_table(file: &mut File) -> Result<Vec<Frame>> {
    let broken = || Error::from(ErrorKind::InvalidData);
    let size = file.seek(SeekFrom::End(0))?;
    let footer = read_exact_at(file, size.checked_sub(FOOTER).ok_or_else(broken)?, FOOTER as usize)?;
    if number(&footer, 5) != Some(FOOTER_MAGIC) || footer.get(4) != Some(&0) {
        return Err(broken());
    }
    let n_frames = u64::from(number(&footer, 0).ok_or_else(broken)?);
    let table_len = n_frames * 8;
    let table_at = size.checked_sub(FOOTER + table_len + 8).ok_or_else(broken)?;
    let table = read_exact_at(file, table_at, (table_len + 8) as usize)?;
    if number(&table, 0) != Some(TABLE_MAGIC) || number(&table, 4).map(u64::from) != Some(table_len + FOOTER) {
        return Err(broken());
    }
    let (mut at, mut from) = (0, 0);
    let mut frames = Vec::with_capacity(n_frames as usize);
    for entry in table[8..].chunks_exact(8) {
        let (packed, len) = (number(entry, 0).ok_or_else(broken)?, number(entry, 4).ok_or_else(broken)?);
        if len as usize > FRAME {
            return Err(broken());
        }
        frames.push(Frame { at, packed, from, len });
        at += u64::from(packed);
        from += u64::from(len);
    }
    if at != table_at {
        return Err(broken());
    }
    Ok(frames)
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at + 4)?;
    Some(u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
}
