//! Lines of a log with every byte that they have, for what needs more than is shown of one.

use super::{BLOCK, LogFile, READ, read_full};
use crate::base::Problem;
use crate::base::safe::cut_mark;
use crate::files::read_problem;
use std::fs::File;

/// Bytes of lines that are handed over at once; one line may be longer.
const BATCH: usize = 4 << 20;
/// What is kept of one line.
const MAX_LINE: usize = 256 << 20;

impl LogFile {
    /// Lines by number, from 0, each with its line break, where it has one. Fewer at the end, and fewer where they are long; one at least.
    pub fn whole_lines(&self, from: u64, n: usize) -> Result<Vec<Vec<u8>>, Problem> {
        let read = || -> std::io::Result<Vec<Vec<u8>>> {
            match self.start_of(from)? {
                Some(at) => read_whole(&self.file, at, n),
                None => Ok(Vec::new()),
            }
        };
        read().map_err(|error| read_problem(&self.path, &error))
    }

    /// How many lines end before a place in the file.
    pub fn lines_before(&self, place: u64) -> Result<u64, Problem> {
        let (block, before, place) = {
            let index = self.read();
            let place = place.min(index.len);
            let block = (place / BLOCK).min((index.before.len() as u64).saturating_sub(1));
            (block, index.before.get(block as usize).copied().unwrap_or(0), place)
        };
        let mut bytes = vec![0; (place - block * BLOCK) as usize];
        let n = read_full(&self.file, &mut bytes, block * BLOCK).map_err(|error| read_problem(&self.path, &error))?;
        Ok(before + memchr::memchr_iter(b'\n', &bytes[..n]).count() as u64)
    }
}

fn read_whole(file: &File, from: u64, n: usize) -> std::io::Result<Vec<Vec<u8>>> {
    let mut lines = Vec::new();
    let mut line = Vec::new();
    let (mut n_kept, mut n_cut) = (0, 0_u64);
    let mut at = from;
    let mut bytes = vec![0; READ.min((n * 160).max(4096))];
    while lines.len() < n && n_kept < BATCH {
        let n_read = read_full(file, &mut bytes, at)?;
        if n_read == 0 {
            if !line.is_empty() {
                lines.push(line);
            }
            break;
        }
        at += n_read as u64;
        let mut rest = &bytes[..n_read];
        while !rest.is_empty() && lines.len() < n && n_kept < BATCH {
            let end = memchr::memchr(b'\n', rest);
            let piece = &rest[..end.map_or(rest.len(), |end| end + 1)];
            rest = &rest[piece.len()..];
            let kept = piece.len().min(MAX_LINE.saturating_sub(line.len()));
            line.extend_from_slice(&piece[..kept]);
            n_cut += (piece.len() - kept) as u64;
            if end.is_some() {
                if n_cut > 0 {
                    line.extend_from_slice(cut_mark(std::mem::take(&mut n_cut)).as_bytes());
                    line.push(b'\n');
                }
                n_kept += line.len();
                lines.push(std::mem::take(&mut line));
            }
        }
    }
    Ok(lines)
}
