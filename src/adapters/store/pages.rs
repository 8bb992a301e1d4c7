//! Rows of a database whose tree of pages is broken or cut off: each page is read by itself, as <https://www.sqlite.org/fileformat2.html>
//! says. Which table a row belongs to, and that it is whole, only its checksum tells; that is the caller's to ask.

use rusqlite::types::Value;
use std::collections::BTreeSet;

/// No row that this program writes is longer.
const MAX_ROW: usize = 64 << 20;
/// Columns of the widest table, and some.
const MAX_COLUMNS: usize = 100;

/// A row as it lies on its page.
#[derive(Debug, PartialEq)]
pub(super) struct Found {
    /// Its number, which stands for its key where that is an integer.
    pub rowid: Option<i64>,
    /// In the order in which they are kept: where a table has no numbers, those of its key first.
    pub values: Vec<Value>,
}

/// Gives every row of every page that is in use; none where it can not be told which pages are: what was deleted must stay so.
pub(super) fn each_row(bytes: &[u8], mut take: impl FnMut(Found)) {
    let Some(file) = Pages::of(bytes) else { return };
    let Some(free) = file.free() else { return };
    for number in 1..=file.n_pages() {
        if !free.contains(&number) {
            file.rows_of(number, &mut take);
        }
    }
}

/// The number of the format that the program wrote; None where there is no head.
pub(super) fn user_version(bytes: &[u8]) -> Option<i64> {
    Some(i64::from(u32::from_be_bytes(bytes.get(60..64)?.try_into().ok()?)))
}

struct Pages<'a> {
    bytes: &'a [u8],
    size: usize,
    /// Bytes of a page that hold something.
    usable: usize,
}

impl<'a> Pages<'a> {
    fn of(bytes: &'a [u8]) -> Option<Self> {
        if !bytes.starts_with(b"SQLite format 3\0") || bytes.len() < 100 {
            return None;
        }
        let size = match be16(bytes, 16)? {
            1 => 65_536,
            size => usize::from(size),
        };
        let usable = size.checked_sub(usize::from(bytes[20]))?;
        (size.is_power_of_two() && size >= 512 && usable >= 480).then_some(Self { bytes, size, usable })
    }

    /// Whole pages; what is cut off is none.
    fn n_pages(&self) -> usize {
        self.bytes.len() / self.size
    }

    fn page(&self, number: usize) -> Option<&'a [u8]> {
        let start = number.checked_sub(1)?.checked_mul(self.size)?;
        self.bytes.get(start..start + self.usable)
    }

    /// The pages that are free; None where the list of them is not whole.
    fn free(&self) -> Option<BTreeSet<usize>> {
        let mut next = be32(self.bytes, 32)?;
        let wanted = be32(self.bytes, 36)?;
        let mut free = BTreeSet::new();
        while next != 0 {
            if !free.insert(next) {
                return None;
            }
            let trunk = self.page(next)?;
            let n = be32(trunk, 4)?;
            for at in 0..n.min(self.usable / 4) {
                free.insert(be32(trunk, 8 + 4 * at)?);
            }
            next = be32(trunk, 0)?;
        }
        (free.len() == wanted).then_some(free)
    }

    fn rows_of(&self, number: usize, take: &mut impl FnMut(Found)) -> Option<()> {
        let page = self.page(number)?;
        let head = if number == 1 { 100 } else { 0 };
        let kind = *page.get(head)?;
        // Leaves of tables with numbers; leaves and inner pages of those without.
        let (pointers, before) = match kind {
            0x0d | 0x0a => (head + 8, 0),
            0x02 => (head + 12, 4),
            _ => return None,
        };
        for cell in 0..usize::from(be16(page, head + 3)?) {
            let Some(at) = be16(page, pointers + 2 * cell) else { break };
            if let Some(found) = self.row(page, usize::from(at) + before, kind == 0x0d) {
                take(found);
            }
        }
        Some(())
    }

    fn row(&self, page: &[u8], mut at: usize, is_numbered: bool) -> Option<Found> {
        let length = usize::try_from(varint(page, &mut at)?)
            .ok()
            .filter(|length| *length <= MAX_ROW)?;
        let rowid = if is_numbered { Some(varint(page, &mut at)?) } else { None };
        let most = if is_numbered {
            self.usable - 35
        } else {
            (self.usable - 12) * 64 / 255 - 23
        };
        let least = (self.usable - 12) * 32 / 255 - 23;
        let here = if length <= most {
            length
        } else {
            let rest = least + (length - least) % (self.usable - 4);
            if rest <= most { rest } else { least }
        };
        let mut record = page.get(at..at + here)?.to_vec();
        if here < length {
            self.follow(be32(page, at + here)?, length, &mut record)?;
        }
        Some(Found {
            rowid,
            values: values(&record)?,
        })
    }

    /// What did not find room on the page of the row.
    fn follow(&self, mut next: usize, length: usize, record: &mut Vec<u8>) -> Option<()> {
        while record.len() < length {
            let page = self.page(next)?;
            let n = (length - record.len()).min(self.usable - 4);
            record.extend_from_slice(page.get(4..4 + n)?);
            next = be32(page, 0)?;
        }
        Some(())
    }
}

/// The values of a record: their kinds first, then what they hold.
fn values(record: &[u8]) -> Option<Vec<Value>> {
    let mut at = 0;
    let head = usize::try_from(varint(record, &mut at)?).ok()?;
    let mut body = head;
    let mut values = Vec::new();
    while at < head {
        let kind = varint(record, &mut at)?;
        let length = match kind {
            0 | 8 | 9 => 0,
            1..=4 => kind as usize,
            5 => 6,
            6 | 7 => 8,
            12.. => usize::try_from((kind - 12) / 2).ok().filter(|length| *length <= MAX_ROW)?,
            _ => return None,
        };
        let held = record.get(body..body + length)?;
        body += length;
        values.push(match kind {
            0 => Value::Null,
            1..=6 => Value::Integer(integer(held)),
            7 => Value::Real(f64::from_bits(integer(held) as u64)),
            8 => Value::Integer(0),
            9 => Value::Integer(1),
            _ if kind % 2 == 0 => Value::Blob(held.to_vec()),
            _ => Value::Text(String::from_utf8(held.to_vec()).ok()?),
        });
        if values.len() > MAX_COLUMNS {
            return None;
        }
    }
    (body == record.len()).then_some(values)
}

/// Big-endian, with its sign.
fn integer(bytes: &[u8]) -> i64 {
    let first = if bytes.first().is_some_and(|byte| *byte >= 0x80) {
        -1
    } else {
        0
    };
    bytes.iter().fold(first, |number, byte| number << 8 | i64::from(*byte))
}

/// Seven bits of each byte, the highest first; the ninth byte has eight.
fn varint(bytes: &[u8], at: &mut usize) -> Option<i64> {
    let mut number: u64 = 0;
    for i in 0..9 {
        let byte = *bytes.get(*at)?;
        *at += 1;
        if i == 8 {
            return Some((number << 8 | u64::from(byte)) as i64);
        }
        number = number << 7 | u64::from(byte & 0x7f);
        if byte < 0x80 {
            break;
        }
    }
    Some(number as i64)
}

fn be16(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_be_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn be32(bytes: &[u8], at: usize) -> Option<usize> {
    Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?) as usize)
}
