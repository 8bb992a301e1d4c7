//! Searches a log: two threads read it share by share, and every hit gets the number of its line.

use super::{LogFile, READ, THREADS, in_threads, read_full};
use crate::base::log::{Message, Sieve};
use crate::base::{Problem, Timestamp, safe};
use crate::files::read_problem;
use regex::bytes::Regex;
use std::collections::BTreeMap;
use std::fs::File;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Bytes of one share.
const SHARE: u64 = 4 << 20;
/// A line without an end is looked at in its first part of this length.
const MAX_LINE: usize = 64 << 20;
/// Severity and time of a line that is JSON may stand anywhere in so much of it.
const MAX_JSON: usize = 1 << 20;
/// Read before a share to know the severity and time of the lines before.
const WARM_UP: u64 = 64 << 10;
/// Numbers of hits that are kept; what comes behind is counted only.
pub const MAX_HITS: usize = 2_000_000;

/// What a search found so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Hits {
    /// The numbers of the lines from 0, in order; the first `MAX_HITS` of them.
    pub lines: Vec<u64>,
    pub n_hits: u64,
    /// Lines that were looked at.
    pub n_lines: u64,
}

/// What one share holds.
struct Found {
    n_breaks: u64,
    /// Line breaks between the start of the share and each line that was hit; below 0 for those of a message that began before it.
    hits: Vec<i32>,
}

/// Shares that came before those in front of them, and the sum so far.
struct Row {
    waiting: BTreeMap<usize, Found>,
    next: usize,
    sum: Hits,
    told: usize,
}

impl LogFile {
    /// Every line that the sieve takes, in order. `tell` hears what is new: the numbers, and how far the search is of 1.
    pub fn search(
        &self,
        sieve: &Sieve,
        now: Timestamp,
        go_on: &(dyn Fn() -> bool + Sync),
        tell: &(dyn Fn(&[u64], f64) + Sync),
    ) -> Result<Hits, Problem> {
        let problem = |error: std::io::Error| read_problem(&self.path, &error);
        let len = self.file.metadata().map_err(problem)?.len();
        let n_shares = len.div_ceil(SHARE) as usize;
        let next = AtomicUsize::new(0);
        let row = Mutex::new(Row {
            waiting: BTreeMap::new(),
            next: 0,
            sum: Hits::default(),
            told: 0,
        });
        let work = || -> std::io::Result<()> {
            let mut bytes = vec![0; READ];
            // Each thread has its own: their caches are no shared memory.
            let sieve = sieve.clone();
            loop {
                let i = next.fetch_add(1, Ordering::Relaxed);
                if i >= n_shares || !go_on() {
                    return Ok(());
                }
                let share = Share {
                    file: &self.file,
                    from: i as u64 * SHARE,
                    until: len.min((i as u64 + 1) * SHARE),
                    len,
                };
                let found = share.search(&sieve, now, &mut bytes)?;
                let mut row = row.lock().unwrap_or_else(PoisonError::into_inner);
                row.take_in(i, found);
                let told = row.told;
                row.told = row.sum.lines.len();
                tell(&row.sum.lines[told..], row.next as f64 / n_shares as f64);
            }
        };
        in_threads(n_shares.min(THREADS), &work).map_err(problem)?;
        if !go_on() {
            return Err(Problem::cancelled());
        }
        let mut sum = row.into_inner().unwrap_or_else(PoisonError::into_inner).sum;
        let mut last = [0];
        if len > 0 && read_full(&self.file, &mut last, len - 1).map_err(problem)? == 1 && last[0] != b'\n' {
            sum.n_lines += 1;
        }
        Ok(sum)
    }
}

impl Row {
    fn take_in(&mut self, i: usize, found: Found) {
        self.waiting.insert(i, found);
        while let Some(found) = self.waiting.remove(&self.next) {
            self.next += 1;
            self.sum.n_hits += found.hits.len() as u64;
            let room = MAX_HITS.saturating_sub(self.sum.lines.len());
            let base = self.sum.n_lines;
            let hits = found
                .hits
                .iter()
                .take(room)
                .map(|hit| base.saturating_add_signed(i64::from(*hit)));
            self.sum.lines.extend(hits);
            self.sum.n_lines += found.n_breaks;
        }
    }
}

/// The lines that begin in a part of the file.
struct Share<'a> {
    file: &'a File,
    from: u64,
    until: u64,
    len: u64,
}

impl Share<'_> {
    fn search(&self, sieve: &Sieve, now: Timestamp, bytes: &mut Vec<u8>) -> std::io::Result<Found> {
        let mut found = Found {
            n_breaks: 0,
            hits: Vec::new(),
        };
        let mut before = Message::default();
        if (sieve.needs_lines() || sieve.is_whole()) && self.from > 0 {
            self.warm_up(sieve, now, &mut before)?;
        }
        let Some(mut at) = self.first_start(bytes, &mut found)? else {
            return Ok(found);
        };
        while at < self.until {
            let n = read_full(self.file, &mut bytes[..], at)?;
            if n == 0 {
                break;
            }
            // Whole lines that begin before the end of the share.
            let last = (self.until - 1 - at).min(n as u64 - 1) as usize;
            let behind = memchr::memchr(b'\n', &bytes[last..n]).map(|more| last + more + 1);
            let end = behind.or_else(|| memchr::memrchr(b'\n', &bytes[..n]).map(|end| end + 1));
            let is_end = at + n as u64 >= self.len;
            let end = match end {
                Some(end) => end,
                None if is_end => n,
                None if bytes.len() < MAX_LINE => {
                    bytes.resize(MAX_LINE, 0);
                    continue;
                }
                None => {
                    // Its first part stands for it; the end is looked for.
                    examine(sieve, now, &bytes[..n], &mut before, &mut found);
                    at = self.skip_line(at + n as u64, bytes)?;
                    found.n_breaks += u64::from(self.is_break(at - 1)?);
                    continue;
                }
            };
            // Behind the last line break of the file a line may be open.
            let end = if is_end && at + (n as u64) <= self.until { n } else { end };
            if !sieve.is_only_pattern() {
                examine(sieve, now, &bytes[..end], &mut before, &mut found);
            } else if let Some(pattern) = sieve.first_pattern() {
                find(pattern, &bytes[..end], &mut found);
            }
            at += end as u64;
        }
        // The end of the last line may stand in the next share, which counts it.
        if at > self.until && self.is_break(at - 1)? {
            found.n_breaks -= 1;
        }
        Ok(found)
    }

    fn is_break(&self, at: u64) -> std::io::Result<bool> {
        let mut byte = [0];
        Ok(read_full(self.file, &mut byte, at)? == 1 && byte[0] == b'\n')
    }

    /// Where the first line that begins in the share does; None when none does.
    fn first_start(&self, bytes: &mut [u8], found: &mut Found) -> std::io::Result<Option<u64>> {
        if self.from == 0 {
            return Ok(Some(0));
        }
        let start = self.skip_line(self.from - 1, bytes)?;
        if start > self.from && start <= self.until {
            // Its line break stands in the share.
            found.n_breaks += 1;
        }
        Ok((start < self.until).then_some(start))
    }

    /// Behind the next line break; the end of the file when there is none.
    fn skip_line(&self, mut at: u64, bytes: &mut [u8]) -> std::io::Result<u64> {
        loop {
            let n = read_full(self.file, bytes, at)?;
            if n == 0 {
                return Ok(self.len);
            }
            if let Some(end) = memchr::memchr(b'\n', &bytes[..n]) {
                return Ok(at + end as u64 + 1);
            }
            at += n as u64;
        }
    }

    fn warm_up(&self, sieve: &Sieve, now: Timestamp, before: &mut Message) -> std::io::Result<()> {
        let from = self.from.saturating_sub(WARM_UP);
        let mut bytes = vec![0; (self.from - from) as usize];
        let n = read_full(self.file, &mut bytes, from)?;
        let start = if from == 0 {
            0
        } else {
            memchr::memchr(b'\n', &bytes[..n]).map_or(n, |end| end + 1)
        };
        let mut ignored = Found {
            n_breaks: 0,
            hits: Vec::new(),
        };
        examine(sieve, now, &bytes[start..n], before, &mut ignored);
        Ok(())
    }
}

/// The lines of a text in which an expression is found: looked for in all of them at once.
fn find(pattern: &Regex, text: &[u8], found: &mut Found) {
    let mut at = 0;
    let mut counted = 0;
    while at < text.len() {
        let Some(hit) = pattern.find_at(text, at) else { break };
        // Nothing is found behind the last line break but nothing.
        if hit.start() >= text.len() {
            break;
        }
        let start = memchr::memrchr(b'\n', &text[..hit.start()]).map_or(0, |before| before + 1);
        let end = memchr::memchr(b'\n', &text[hit.start()..]).map_or(text.len(), |end| hit.start() + end);
        let line = &text[start..end];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        // What goes over the end of its line is no hit, unless the line alone has one.
        if hit.end() <= start + line.len() || pattern.is_match(line) {
            found.n_breaks += memchr::memchr_iter(b'\n', &text[counted..start]).count() as u64;
            counted = start;
            found.hits.push(found.n_breaks as i32);
        }
        at = end + 1;
    }
    found.n_breaks += memchr::memchr_iter(b'\n', &text[counted..]).count() as u64;
}

/// Line by line, where severity, time or several expressions are asked for.
fn examine(sieve: &Sieve, now: Timestamp, text: &[u8], before: &mut Message, found: &mut Found) {
    let mut rest = text;
    while !rest.is_empty() {
        let end = memchr::memchr(b'\n', rest);
        let line = &rest[..end.unwrap_or(rest.len())];
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let taken = if sieve.needs_lines() || sieve.is_whole() {
            let shown = String::from_utf8_lossy(head(line));
            let plain = safe::plain(&shown);
            let at = sieve.time_of(&plain, before.at(), now);
            before.take(sieve, &plain, line, at)
        } else {
            sieve.finds(line).then_some(0)
        };
        if let Some(n_before) = taken {
            let this = found.n_breaks as i32;
            found.hits.extend(this - n_before as i32..=this);
        }
        let Some(end) = end else { break };
        found.n_breaks += 1;
        rest = &rest[end + 1..];
    }
}

/// Where a line says when and how severe it is.
fn head(line: &[u8]) -> &[u8] {
    let is_json = line.trim_ascii_start().first() == Some(&b'{');
    &line[..line.len().min(if is_json { MAX_JSON } else { safe::MAX_LINE_BYTES })]
}
