//! A child's output as lines: cut at LF, CRLF or a lone CR (progress), gathered into batches that own one buffer each.

use crate::base::{LogLine, Stream, Timestamp};

/// Lines longer than this are cut in the stream; the log sink gets them whole.
pub const MAX_LINE_BYTES: usize = 256 * 1024;
/// A batch of this size is handed over at once.
pub(super) const BATCH_BYTES: usize = 64 * 1024;
/// More than this does not wait for the reader: the child waits, or lines are dropped.
pub(super) const PENDING_BYTES: usize = 512 * 1024;

/// One line without its line end. The bytes are what the child wrote (any encoding), with secrets masked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RawLine<'a> {
    pub at: Timestamp,
    pub stream: Stream,
    pub bytes: &'a [u8],
    /// Ended by a lone CR: the next line of this stream overwrites it.
    pub is_progress: bool,
    /// So many bytes of a very long line are not here.
    pub n_cut_bytes: u64,
}

/// Lines in the order of arrival.
#[derive(Clone, Debug)]
pub struct Batch {
    pub at: Timestamp,
    data: Vec<u8>,
    spans: Vec<Span>,
    /// Lines left out before this batch because nobody took them (`Flow::Drop`).
    pub n_dropped_lines: u64,
    pub n_dropped_bytes: u64,
}

#[derive(Clone, Copy, Debug)]
struct Span {
    end: u32,
    is_err: bool,
    is_progress: bool,
    n_cut_bytes: u64,
}

impl Batch {
    pub fn lines(&self) -> impl Iterator<Item = RawLine<'_>> {
        let mut start = 0;
        self.spans.iter().map(move |span| {
            let bytes = &self.data[start..span.end as usize];
            start = span.end as usize;
            RawLine {
                at: self.at,
                stream: if span.is_err { Stream::Err } else { Stream::Out },
                bytes,
                is_progress: span.is_progress,
                n_cut_bytes: span.n_cut_bytes,
            }
        })
    }

    /// The lines made safe to show; of lines that overwrite each other only the last.
    pub fn log_lines(&self) -> Vec<LogLine> {
        self.lines()
            .filter(|line| !line.is_progress)
            .map(|line| LogLine::cut(line.at, line.stream, line.bytes, line.n_cut_bytes))
            .collect()
    }

    /// What a child with `Cmd::raw` printed, as it came and with nothing masked: for the user's own eyes.
    pub fn bytes(&self) -> &[u8] {
        &self.data
    }

    pub fn len(&self) -> usize {
        self.spans.len()
    }

    pub fn is_empty(&self) -> bool {
        self.spans.is_empty() && self.n_dropped_lines == 0
    }
}

/// The unfinished line of one stream.
#[derive(Default)]
struct Unfinished {
    bytes: Vec<u8>,
    n_cut_bytes: u64,
    /// The last byte was a CR; the next one tells what it means.
    after_cr: bool,
}

/// Gathers the lines of both streams.
pub(super) struct Batcher {
    data: Vec<u8>,
    spans: Vec<Span>,
    unfinished: [Unfinished; 2],
    max_line_bytes: usize,
    n_dropped_lines: u64,
    n_dropped_bytes: u64,
}

impl Batcher {
    pub(super) fn new(max_line_bytes: usize) -> Self {
        Self {
            data: Vec::new(),
            spans: Vec::new(),
            unfinished: Default::default(),
            max_line_bytes,
            n_dropped_lines: 0,
            n_dropped_bytes: 0,
        }
    }

    pub(super) fn push(&mut self, is_err: bool, chunk: &[u8]) {
        let mut pos = 0;
        if !chunk.is_empty() && std::mem::take(&mut self.unfinished[usize::from(is_err)].after_cr) {
            let is_crlf = chunk[0] == b'\n';
            self.end_line(is_err, &[], !is_crlf);
            pos = usize::from(is_crlf);
        }
        while let Some(at) = memchr::memchr2(b'\n', b'\r', &chunk[pos..]) {
            let text = &chunk[pos..pos + at];
            pos += at + 1;
            if chunk[pos - 1] == b'\n' {
                self.end_line(is_err, text, false);
            } else if let Some(next) = chunk.get(pos) {
                self.end_line(is_err, text, *next != b'\n');
                pos += usize::from(*next == b'\n');
            } else {
                self.keep(is_err, text);
                self.unfinished[usize::from(is_err)].after_cr = true;
                return;
            }
        }
        self.keep(is_err, &chunk[pos..]);
    }

    /// The stream has ended: what has no line end is a line too.
    pub(super) fn finish(&mut self, is_err: bool) {
        let unfinished = &mut self.unfinished[usize::from(is_err)];
        if std::mem::take(&mut unfinished.after_cr) || !unfinished.bytes.is_empty() {
            self.end_line(is_err, &[], false);
        }
    }

    pub(super) fn n_bytes(&self) -> usize {
        // A flood of empty lines has a size too.
        self.data.len() + self.spans.len() * size_of::<Span>()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.spans.is_empty() && self.data.is_empty() && self.n_dropped_lines == 0
    }

    /// Bytes as they came, for who wants no lines.
    pub(super) fn push_raw(&mut self, chunk: &[u8]) {
        self.data.extend_from_slice(chunk);
    }

    pub(super) fn take(&mut self, at: Timestamp) -> Batch {
        Batch {
            at,
            data: std::mem::take(&mut self.data),
            spans: std::mem::take(&mut self.spans),
            n_dropped_lines: std::mem::take(&mut self.n_dropped_lines),
            n_dropped_bytes: std::mem::take(&mut self.n_dropped_bytes),
        }
    }

    pub(super) fn drop_lines(&mut self) {
        self.n_dropped_lines += self.spans.len() as u64;
        self.n_dropped_bytes += self.data.len() as u64 + self.spans.iter().map(|span| span.n_cut_bytes).sum::<u64>();
        self.data.clear();
        self.spans.clear();
    }

    fn keep(&mut self, is_err: bool, text: &[u8]) {
        let unfinished = &mut self.unfinished[usize::from(is_err)];
        let n_taken = text.len().min(self.max_line_bytes.saturating_sub(unfinished.bytes.len()));
        unfinished.bytes.extend_from_slice(&text[..n_taken]);
        unfinished.n_cut_bytes += (text.len() - n_taken) as u64;
    }

    fn end_line(&mut self, is_err: bool, text: &[u8], is_progress: bool) {
        let unfinished = &mut self.unfinished[usize::from(is_err)];
        let n_before = unfinished.bytes.len();
        if is_progress && n_before == 0 && text.is_empty() {
            return;
        }
        self.data.extend_from_slice(&unfinished.bytes);
        unfinished.bytes.clear();
        let n_taken = text.len().min(self.max_line_bytes.saturating_sub(n_before));
        self.data.extend_from_slice(&text[..n_taken]);
        let n_cut_bytes = std::mem::take(&mut unfinished.n_cut_bytes) + (text.len() - n_taken) as u64;
        self.spans.push(Span {
            end: self.data.len() as u32,
            is_err,
            is_progress,
            n_cut_bytes,
        });
    }
}
