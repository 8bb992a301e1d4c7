//! Many numbers in few bytes, and exactly the same numbers again: decimal fractions as whole numbers, differences, a plane per byte, zstd.
//! Of 100 host-like series (rss, counters, flags, percents, latencies) a sample costs 0.8 bytes; `cargo bench --bench store` measures it.

/// Beyond it differences take more time than they save bytes.
const LEVEL: i32 = 3;
/// The largest power of ten that a fraction is multiplied with.
const MAX_SCALE: u8 = 9;
/// What a block may hold at most; more is damage.
const MAX_LEN: usize = 1 << 24;

/// Whole numbers, as differences from the least.
const PLAIN: u8 = 0;
/// As differences from the one before.
const DELTA: u8 = 1;
/// As differences of differences.
const DELTA_2: u8 = 2;
/// Floating point numbers that are no short decimal fractions: the bits that differ from the one before.
const BITS: u8 = 3;

/// In place of a power of ten: bits of floating point.
const UNSCALED: u8 = u8::MAX;
/// In its place: the same numbers as others.
const SAME: u8 = u8::MAX - 1;

/// Writes columns one after the other.
#[derive(Default)]
pub(super) struct Packer(Vec<u8>);

impl Packer {
    pub(super) fn finish(self) -> Vec<u8> {
        self.0
    }

    /// Whole numbers, such as times and counts.
    pub(super) fn integers(&mut self, numbers: &[i64]) {
        let plain = transformed(numbers, PLAIN);
        let delta = transformed(numbers, DELTA);
        let delta_2 = transformed(numbers, DELTA_2);
        let smallest = [plain, delta, delta_2]
            .into_iter()
            .min_by_key(Vec::len)
            .expect("there are three");
        self.0.extend(smallest);
    }

    /// Floating point numbers, each bit of them.
    pub(super) fn floats(&mut self, numbers: &[f64]) {
        if let Some((scale, whole)) = scaled(numbers) {
            self.0.push(scale);
            return self.integers(&whole);
        }
        self.0.push(UNSCALED);
        let mut before = 0;
        let differing = numbers.iter().map(|number| {
            let bits = number.to_bits();
            std::mem::replace(&mut before, bits) ^ bits
        });
        column(&mut self.0, BITS, 0, 1, &differing.collect::<Vec<u64>>());
    }

    /// Numbers that are often the same as others, such as the greatest of one and the least of one.
    pub(super) fn floats_like(&mut self, numbers: &[f64], others: &[f64]) {
        let are_same = numbers.iter().zip(others).all(|(a, b)| a.to_bits() == b.to_bits());
        if are_same {
            self.0.push(SAME);
        } else {
            self.floats(numbers);
        }
    }
}

/// The numbers times the smallest power of ten that makes whole numbers of all of them, if that gives back each bit.
fn scaled(numbers: &[f64]) -> Option<(u8, Vec<i64>)> {
    // Up to here every whole number is one of floating point.
    const LIMIT: f64 = 9_007_199_254_740_992.0;
    let whole = |scale: u8| -> Option<Vec<i64>> {
        let factor = 10_f64.powi(i32::from(scale));
        let whole = |number: &f64| {
            let scaled = (number * factor).round();
            let is_exact = scaled.abs() < LIMIT && (scaled / factor).to_bits() == number.to_bits();
            is_exact.then_some(scaled as i64)
        };
        numbers.iter().map(whole).collect()
    };
    (0..=MAX_SCALE).find_map(|scale| Some((scale, whole(scale)?)))
}

/// One way to write whole numbers.
fn transformed(numbers: &[i64], way: u8) -> Vec<u8> {
    let mut out = Vec::new();
    let zigzag = |number: i64| ((number << 1) ^ (number >> 63)) as u64;
    let (base, differences): (i64, Vec<i64>) = match way {
        PLAIN => {
            let least = numbers.iter().copied().min().unwrap_or(0);
            (least, numbers.iter().map(|number| number.wrapping_sub(least)).collect())
        }
        DELTA => (numbers.first().copied().unwrap_or(0), differences(numbers)),
        _ => (numbers.first().copied().unwrap_or(0), differences(&differences(numbers))),
    };
    let common = differences
        .iter()
        .fold(0, |common, number| gcd(common, number.unsigned_abs()));
    let common = i64::try_from(common).map_or(1, |common| common.max(1));
    let divided = differences.iter().map(|number| number / common);
    let divided: Vec<u64> = divided.map(zigzag).collect();
    column(&mut out, way, base, common as u64, &divided);
    out
}

/// Of each number and the one before; the first has none before it and differs by nothing.
fn differences(numbers: &[i64]) -> Vec<i64> {
    let mut before = numbers.first().copied().unwrap_or(0);
    let difference = |number: &i64| number.wrapping_sub(std::mem::replace(&mut before, *number));
    numbers.iter().map(difference).collect()
}

fn gcd(a: u64, b: u64) -> u64 {
    let (mut a, mut b) = (a, b);
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn column(out: &mut Vec<u8>, way: u8, base: i64, common: u64, numbers: &[u64]) {
    let greatest = numbers.iter().copied().max().unwrap_or(0);
    let width = (64 - greatest.leading_zeros()).div_ceil(8) as usize;
    out.push(way << 4 | width as u8);
    varint(out, ((base << 1) ^ (base >> 63)) as u64);
    varint(out, common);
    if width == 0 {
        return;
    }
    let mut planes = Vec::with_capacity(numbers.len() * width);
    for plane in 0..width {
        planes.extend(numbers.iter().map(|number| (number >> (8 * plane)) as u8));
    }
    let packed = zstd::bulk::compress(&planes, LEVEL).unwrap_or_default();
    let is_smaller = !packed.is_empty() && packed.len() < planes.len();
    let bytes = if is_smaller { packed } else { planes };
    varint(out, (bytes.len() as u64) << 1 | u64::from(is_smaller));
    out.extend(bytes);
}

fn varint(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

/// Reads what a `Packer` wrote; None where the bytes are something else.
pub(super) struct Unpacker<'a> {
    bytes: &'a [u8],
    len: usize,
}

impl<'a> Unpacker<'a> {
    /// Of columns of so many numbers.
    pub(super) fn new(bytes: &'a [u8], len: usize) -> Option<Self> {
        (len <= MAX_LEN).then_some(Self { bytes, len })
    }

    pub(super) fn integers(&mut self) -> Option<Vec<i64>> {
        let (way, base, common, numbers) = self.column()?;
        let zagzig = |number: u64| (number >> 1) as i64 ^ -((number & 1) as i64);
        let mut numbers: Vec<i64> = numbers
            .into_iter()
            .map(|number| zagzig(number).wrapping_mul(common as i64))
            .collect();
        match way {
            PLAIN => numbers.iter_mut().for_each(|number| *number = number.wrapping_add(base)),
            DELTA => sum_up(&mut numbers, base),
            DELTA_2 => {
                sum_up(&mut numbers, 0);
                sum_up(&mut numbers, base);
            }
            _ => return None,
        }
        Some(numbers)
    }

    pub(super) fn floats(&mut self) -> Option<Vec<f64>> {
        let scale = self.byte()?;
        if scale <= MAX_SCALE {
            let factor = 10_f64.powi(i32::from(scale));
            let whole = self.integers()?;
            return Some(whole.into_iter().map(|number| number as f64 / factor).collect());
        }
        let (way, _, _, numbers) = self.column()?;
        let mut bits = 0;
        let number = |differing: u64| {
            bits ^= differing;
            f64::from_bits(bits)
        };
        (way == BITS).then(|| numbers.into_iter().map(number).collect())
    }

    pub(super) fn floats_like(&mut self, others: &[f64]) -> Option<Vec<f64>> {
        if self.bytes.first() == Some(&SAME) {
            self.byte()?;
            return Some(others.to_vec());
        }
        self.floats()
    }

    fn column(&mut self) -> Option<(u8, i64, u64, Vec<u64>)> {
        let head = self.byte()?;
        let (way, width) = (head >> 4, usize::from(head & 15));
        let base = self.varint()?;
        let base = (base >> 1) as i64 ^ -((base & 1) as i64);
        let common = self.varint()?;
        let mut numbers = vec![0; self.len];
        if width == 0 {
            return Some((way, base, common, numbers));
        }
        let head = self.varint()?;
        let bytes = self.take(usize::try_from(head >> 1).ok()?)?;
        let n_bytes = self.len * width;
        let unpacked;
        let planes = if head & 1 == 1 {
            unpacked = zstd::bulk::decompress(bytes, n_bytes).ok()?;
            unpacked.as_slice()
        } else {
            bytes
        };
        if width > 8 || planes.len() != n_bytes {
            return None;
        }
        if self.len > 0 {
            for (plane, bytes) in planes.chunks_exact(self.len).enumerate() {
                for (number, byte) in numbers.iter_mut().zip(bytes) {
                    *number |= u64::from(*byte) << (8 * plane);
                }
            }
        }
        Some((way, base, common, numbers))
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|bytes| bytes[0])
    }

    fn take(&mut self, n: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.bytes.split_at_checked(n)?;
        self.bytes = rest;
        Some(taken)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            number |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Some(number);
            }
        }
        None
    }
}

fn sum_up(numbers: &mut [i64], base: i64) {
    let mut sum = base;
    for number in numbers {
        sum = sum.wrapping_add(*number);
        *number = sum;
    }
}
