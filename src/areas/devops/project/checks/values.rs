//! Values of a check that can be written in several ways: which statuses are good, and a number of bytes.

use serde::de::{Error, Unexpected};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Which statuses are good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Statuses(pub Status);

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Status {
    One(u16),
    Several(Vec<u16>),
    /// `2xx`
    Class(String),
}

impl Default for Statuses {
    fn default() -> Self {
        Self(Status::One(200))
    }
}

impl Statuses {
    pub fn holds(&self, status: u16) -> bool {
        match &self.0 {
            Status::One(one) => *one == status,
            Status::Several(all) => all.contains(&status),
            Status::Class(class) => class.as_bytes().first() == Some(&(b'0' + (status / 100) as u8)),
        }
    }

    /// As it is written.
    pub fn words(&self) -> String {
        match &self.0 {
            Status::One(one) => one.to_string(),
            Status::Several(all) => all.iter().map(u16::to_string).collect::<Vec<_>>().join(", "),
            Status::Class(class) => class.clone(),
        }
    }
}

impl<'de> Deserialize<'de> for Statuses {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Statuses;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a status from 100 to 599, a list of them, or a class like \"2xx\"")
            }
            fn visit_i64<E: Error>(self, n: i64) -> Result<Statuses, E> {
                match u16::try_from(n) {
                    Ok(status) if (100..600).contains(&status) => Ok(Statuses(Status::One(status))),
                    _ => Err(E::invalid_value(Unexpected::Signed(n), &self)),
                }
            }
            fn visit_u64<E: Error>(self, n: u64) -> Result<Statuses, E> {
                self.visit_i64(i64::try_from(n).unwrap_or(0))
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Statuses, E> {
                let is_class = matches!(text.as_bytes(), [b'1'..=b'5', b'x', b'x']);
                if is_class {
                    return Ok(Statuses(Status::Class(text.to_owned())));
                }
                Err(E::invalid_value(Unexpected::Str(text), &self))
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut list: A) -> Result<Statuses, A::Error> {
                let mut all = Vec::new();
                while let Some(status) = list.next_element::<u16>()? {
                    if !(100..600).contains(&status) {
                        return Err(A::Error::invalid_value(Unexpected::Unsigned(u64::from(status)), &self));
                    }
                    all.push(status);
                }
                Ok(Statuses(Status::Several(all)))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// A number of bytes, written as a number or `"10 GB"`, `"512 MiB"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bytes(pub u64);

impl Bytes {
    fn read(text: &str) -> Option<Self> {
        let text = text.trim();
        let end = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
        let number: f64 = text[..end].parse().ok()?;
        let unit: f64 = match text[end..].trim() {
            "" | "B" => 1.0,
            "kB" | "KB" => 1e3,
            "MB" => 1e6,
            "GB" => 1e9,
            "TB" => 1e12,
            "KiB" => 1024.0,
            "MiB" => 1024.0 * 1024.0,
            "GiB" => 1024.0 * 1024.0 * 1024.0,
            "TiB" => 1024.0 * 1024.0 * 1024.0 * 1024.0,
            _ => return None,
        };
        Some(Self((number * unit) as u64))
    }
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u64(self.0)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Raw {
            Number(u64),
            Text(String),
        }
        let wrong = || D::Error::custom("write a size like 500000000, \"500 MB\" or \"2 GiB\"");
        match Raw::deserialize(deserializer).map_err(|_| wrong())? {
            Raw::Number(n) => Ok(Self(n)),
            Raw::Text(text) => Self::read(&text).ok_or_else(wrong),
        }
    }
}
