//! A path inside a repository: bytes, as git keeps them, with a text form that loses nothing.

use super::SafeText;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

/// Bytes with `/` between the parts. As text (JSON, recordings) it is written as it is, or, when it holds control characters,
/// quotes, backslashes or bytes that are not UTF-8, in double quotes with git's C escapes: `"a\377b"`.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GitPath(Vec<u8>);

impl GitPath {
    pub fn new(bytes: impl Into<Vec<u8>>) -> Self {
        Self(bytes.into())
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The same path for the file system, still relative.
    pub fn to_path_buf(&self) -> PathBuf {
        PathBuf::from(OsStr::from_bytes(&self.0))
    }

    pub fn of_path(path: &Path) -> Self {
        Self(path.as_os_str().as_bytes().to_vec())
    }

    /// An untracked folder.
    pub fn is_folder(&self) -> bool {
        self.0.ends_with(b"/")
    }

    /// For people: wrong bytes and control characters shown escaped.
    pub fn display(&self) -> String {
        SafeText::from_bytes(&self.0).into_string()
    }

    /// The last part, for people.
    pub fn file_name(&self) -> String {
        let path = self.0.strip_suffix(b"/").unwrap_or(&self.0);
        let start = path.iter().rposition(|byte| *byte == b'/').map_or(0, |at| at + 1);
        SafeText::from_bytes(&self.0[start..]).into_string()
    }

    /// Everything before the last part, without the slash; empty at the top.
    pub fn folder(&self) -> Self {
        let path = self.0.strip_suffix(b"/").unwrap_or(&self.0);
        let end = path.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
        Self(path[..end].to_vec())
    }

    /// The text form that loses nothing.
    pub fn quoted(&self) -> String {
        let plain = std::str::from_utf8(&self.0).ok();
        if let Some(text) = plain.filter(|text| !text.chars().any(|c| c.is_control() || c == '"' || c == '\\')) {
            return text.to_owned();
        }
        let mut out = String::from("\"");
        for chunk in self.0.utf8_chunks() {
            for c in chunk.valid().chars() {
                match c {
                    '"' | '\\' => out.extend(['\\', c]),
                    '\n' => out.push_str("\\n"),
                    '\t' => out.push_str("\\t"),
                    '\r' => out.push_str("\\r"),
                    c if c.is_control() => {
                        let mut bytes = [0; 4];
                        for byte in c.encode_utf8(&mut bytes).bytes() {
                            out.push_str(&format!("\\{byte:03o}"));
                        }
                    }
                    c => out.push(c),
                }
            }
            for byte in chunk.invalid() {
                out.push_str(&format!("\\{byte:03o}"));
            }
        }
        out.push('"');
        out
    }

    /// Whether it is this path, or stands below it as a folder, with or without the slash at its end.
    pub fn is_at_or_below(&self, folder: &Self) -> bool {
        let folder = folder.0.strip_suffix(b"/").unwrap_or(&folder.0);
        let rest = self.0.strip_prefix(folder);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
    }

    /// Reads `quoted`; text that is not well quoted is taken as it is.
    pub fn from_quoted(text: &str) -> Self {
        text.strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
            .and_then(unquote)
            .map_or_else(|| Self(text.as_bytes().to_vec()), Self)
    }
}

fn unquote(text: &str) -> Option<Vec<u8>> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        if *byte != b'\\' {
            out.push(*byte);
            continue;
        }
        let escape = *bytes.get(at)?;
        at += 1;
        out.push(match escape {
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'a' => 7,
            b'b' => 8,
            b'v' => 11,
            b'f' => 12,
            b'"' | b'\\' => escape,
            b'0'..=b'3' => {
                let digits = std::str::from_utf8(bytes.get(at - 1..at + 2)?).ok()?;
                at += 2;
                u8::from_str_radix(digits, 8).ok()?
            }
            _ => return None,
        });
    }
    Some(out)
}

impl std::fmt::Debug for GitPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "GitPath({})", self.quoted())
    }
}

impl From<&str> for GitPath {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl Serialize for GitPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.quoted())
    }
}

impl<'de> Deserialize<'de> for GitPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from_quoted(&String::deserialize(deserializer)?))
    }
}
