//! Text of any encoding as UTF-8, read as a stream: what a byte order mark or the head of an XML document says, else UTF-8. A byte that is
//! none of the encoding becomes a replacement character and costs nothing else.

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use quick_xml::Reader;
use quick_xml::events::Event;
use std::io::{BufRead, Read, Result};

/// Bytes that are decoded at once.
const CHUNK: usize = 16 << 10;
/// In so many bytes the head of an XML document has to end.
const HEAD: usize = 1024;
/// Attributes that can be asked for at once.
const MAX_KEYS: usize = 8;

/// Gives UTF-8 whatever the input has.
pub struct Utf8<R> {
    input: R,
    decoder: Decoder,
    decoded: Vec<u8>,
    at: usize,
    end: usize,
    is_over: bool,
}

impl<R: BufRead> Utf8<R> {
    /// Looks at the first bytes and takes none of them. What can not be read is told by the first reading.
    pub fn of_xml(mut input: R) -> Self {
        let encoding = input.fill_buf().map_or(UTF_8, xml_encoding);
        Self {
            input,
            decoder: encoding.new_decoder(),
            decoded: vec![0; CHUNK],
            at: 0,
            end: 0,
            is_over: false,
        }
    }
}

impl<R: BufRead> BufRead for Utf8<R> {
    fn fill_buf(&mut self) -> Result<&[u8]> {
        while self.at == self.end && !self.is_over {
            let bytes = self.input.fill_buf()?;
            let is_last = bytes.is_empty();
            let (result, n_read, n_written, _) = self.decoder.decode_to_utf8(bytes, &mut self.decoded, is_last);
            self.input.consume(n_read);
            (self.at, self.end) = (0, n_written);
            self.is_over = is_last && result == CoderResult::InputEmpty;
        }
        Ok(&self.decoded[self.at..self.end])
    }

    fn consume(&mut self, n_bytes: usize) {
        self.at = self.end.min(self.at + n_bytes);
    }
}

impl<R: BufRead> Read for Utf8<R> {
    fn read(&mut self, into: &mut [u8]) -> Result<usize> {
        let n_bytes = self.fill_buf()?.read(into)?;
        self.consume(n_bytes);
        Ok(n_bytes)
    }
}

/// An XML document of any encoding, event by event. Reports of tests have millions: this floor is built to be fast.
pub struct Xml<'a> {
    reader: Reader<Utf8<Box<dyn BufRead + 'a>>>,
    buffer: Vec<u8>,
}

impl<'a> Xml<'a> {
    /// A `&` that begins no reference is taken as it is.
    pub fn new(input: impl BufRead + 'a) -> Self {
        let mut reader = Reader::from_reader(Utf8::of_xml(Box::new(input) as Box<dyn BufRead + 'a>));
        reader.config_mut().allow_dangling_amp = true;
        Self {
            reader,
            buffer: Vec::with_capacity(8192),
        }
    }

    /// The next event that has to be looked at one by one. Before it, each empty element called `name` whose attributes are written plainly
    /// is handed over by the values of `keys`, in their order, until that says false (then there is no event); with `skips_text`, what
    /// stands between the elements is left out.
    pub fn event(
        &mut self,
        (name, keys): (&str, &[&str]),
        skips_text: bool,
        on_flat: &mut dyn FnMut(&[&str]) -> bool,
    ) -> std::result::Result<Option<Event<'static>>, quick_xml::Error> {
        let mut values: [&str; MAX_KEYS];
        loop {
            self.buffer.clear();
            let event = self.reader.read_event_into(&mut self.buffer)?;
            match &event {
                Event::Text(_) | Event::CData(_) | Event::GeneralRef(_) if skips_text => continue,
                Event::Empty(start) if start.local_name().as_ref() == name => {
                    values = [""; MAX_KEYS];
                    if plain_attributes(start.attributes_raw(), keys, &mut values) {
                        if !on_flat(&values[..keys.len()]) {
                            return Ok(None);
                        }
                        continue;
                    }
                }
                _ => {}
            }
            return Ok(Some(event.into_owned()));
        }
    }

    /// The byte of what was wrong.
    pub fn error_position(&self) -> u64 {
        self.reader.error_position()
    }
}

/// By the byte order mark, by how `<` is written, or by `<?xml encoding="..."?>`. XML 1.0, appendix F.
fn xml_encoding(bytes: &[u8]) -> &'static Encoding {
    if let Some((encoding, _)) = Encoding::for_bom(bytes) {
        return encoding;
    }
    match bytes {
        [b'<', 0, ..] => return UTF_16LE,
        [0, b'<', ..] => return UTF_16BE,
        _ => {}
    }
    let head = &bytes[..bytes.len().min(HEAD)];
    let declared = || {
        let head = std::str::from_utf8(head.strip_prefix(b"<?xml")?.split(|byte| *byte == b'>').next()?).ok()?;
        let (_, value) = head.split_once("encoding")?;
        let value = value.trim_start().strip_prefix('=')?.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let label = value[1..].split(quote).next()?;
        Encoding::for_label(label.as_bytes())
    };
    // What says in single bytes that it has two of them is mistaken.
    let is_possible = |encoding: &&'static Encoding| ![UTF_16LE, UTF_16BE].contains(encoding);
    declared().filter(is_possible).unwrap_or(UTF_8)
}

/// The values of `keys` in `a="1" b="2"`, as they stand; false when something in them is to be read with more care.
fn plain_attributes<'a>(text: &'a str, keys: &[&str], values: &mut [&'a str; MAX_KEYS]) -> bool {
    let mut rest = text;
    loop {
        rest = rest.trim_ascii_start();
        if rest.is_empty() {
            return true;
        }
        let Some(at) = memchr::memchr(b'=', rest.as_bytes()) else {
            return false;
        };
        let (key, after) = (&rest[..at], &rest[at + 1..]);
        let Some(quote) = after.bytes().next().filter(|byte| matches!(byte, b'"' | b'\'')) else {
            return false;
        };
        let Some(end) = memchr::memchr(quote, &after.as_bytes()[1..]) else {
            return false;
        };
        let value = &after[1..=end];
        // Looked through as a whole, which is faster than up to the first.
        let is_plain = |is_plain: bool, byte: u8| is_plain & !matches!(byte, b'&' | b'<' | b'\t' | b'\n' | b'\r');
        let has_space = key.bytes().any(|byte| byte.is_ascii_whitespace());
        if has_space || !value.bytes().fold(true, is_plain) {
            return false;
        }
        if let Some(value_of) = keys
            .iter()
            .position(|wanted| *wanted == key)
            .and_then(|at| values.get_mut(at))
        {
            *value_of = value;
        }
        rest = &after[end + 2..];
    }
}
