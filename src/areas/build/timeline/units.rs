//! What cargo compiled and when, told from what it says anyway: `Compiling x v1` at the beginning, a message for each thing made.
//! A crate's later targets begin when its earlier ones are made: cargo does not say it more exactly.

use super::{Kind, Stretch};
use crate::areas::test::frameworks::plain;
use crate::base::{Stream, Timestamp};
use serde::Deserialize;
use std::collections::BTreeMap;

/// More are not kept.
const MAX_UNITS: usize = 4000;

/// Listens to the output of one command.
#[derive(Default)]
pub struct Units {
    /// When a crate was said to be compiled.
    begun: BTreeMap<String, Timestamp>,
    /// When the last part of a crate was made.
    made: BTreeMap<String, Timestamp>,
    found: Vec<Stretch>,
}

#[derive(Deserialize)]
struct Message {
    reason: String,
    package_id: String,
    target: Option<Target>,
    profile: Option<Profile>,
}

#[derive(Deserialize)]
struct Target {
    name: String,
    kind: Vec<String>,
}

#[derive(Deserialize)]
struct Profile {
    test: bool,
}

impl Units {
    /// One line, as it arrived.
    pub fn line(&mut self, at: Timestamp, stream: Stream, bytes: &[u8]) {
        if stream == Stream::Err {
            // `Compiling`, `Checking`, `Documenting`.
            if memchr::memmem::find(bytes, b"ing").is_none() {
                return;
            }
            if let Some(name) = begins(&plain(bytes)) {
                self.begun.entry(name).or_insert(at);
            }
            return;
        }
        let is_made = |word: &[u8]| memchr::memmem::find(bytes, word).is_some();
        if bytes.first() != Some(&b'{')
            || is_made(b"\"fresh\":true")
            || !(is_made(b"\"compiler-artifact\"") || is_made(b"\"build-script-executed\""))
        {
            return;
        }
        let Ok(message) = serde_json::from_slice::<Message>(bytes) else {
            return;
        };
        if self.found.len() < MAX_UNITS {
            self.message(at, message);
        }
    }

    fn message(&mut self, at: Timestamp, message: Message) {
        let Some(name) = name_of(&message.package_id) else { return };
        // A build script that was not run again is told too; nothing of its crate was compiled then.
        let Some(begun) = self.begun.get(&name).copied() else { return };
        let start = self.made.get(&name).copied().unwrap_or(begun);
        let (label, kind) = match (message.reason.as_str(), &message.target) {
            ("build-script-executed", _) => (format!("{name} build script (run)"), Kind::Script),
            (_, Some(target)) => {
                let what = target.kind.first().map_or("lib", String::as_str);
                let is_test = message.profile.is_some_and(|profile| profile.test);
                let label = match (what, is_test) {
                    ("custom-build", _) => format!("{name} build script"),
                    ("lib" | "rlib" | "proc-macro" | "dylib" | "cdylib" | "staticlib", false) => name.clone(),
                    (what, false) => format!("{name} {what} \"{}\"", target.name),
                    (what, true) => format!("{name} {what} \"{}\" (test)", target.name),
                };
                (label, Kind::Compile)
            }
            _ => return,
        };
        // Programs and tests of one crate are compiled beside each other, each after the library.
        let is_last = message.target.as_ref().is_some_and(|target| {
            matches!(
                target.kind.first().map(String::as_str),
                Some("bin" | "test" | "example" | "bench")
            )
        });
        if !is_last {
            self.made.insert(name, at);
        }
        self.found.push(Stretch {
            name: label,
            kind,
            start: start.min(at),
            end: at,
            parent: None,
            is_failed: false,
        });
    }

    /// What was heard, in the order in which it ended.
    pub fn finish(self) -> Vec<Stretch> {
        self.found
    }
}

/// `   Compiling serde v1.0.2 (..)` becomes `serde v1.0.2`.
fn begins(line: &str) -> Option<String> {
    let mut words = line.split_whitespace();
    if !matches!(words.next()?, "Compiling" | "Checking" | "Documenting") {
        return None;
    }
    let (name, version) = (words.next()?, words.next()?);
    version.starts_with('v').then(|| format!("{name} {version}"))
}

/// Of a package id of any version of cargo: `registry+https://..#serde@1.0.2`, `path+file:///x/tiny#0.1.0`, `tiny 0.1.0 (path..)`.
fn name_of(id: &str) -> Option<String> {
    let Some((source, rest)) = id.split_once('#') else {
        let mut words = id.split_whitespace();
        return Some(format!("{} v{}", words.next()?, words.next()?));
    };
    let (name, version) = match rest.rsplit_once('@') {
        Some((name, version)) => (name, version),
        None => (source.trim_end_matches('/').rsplit('/').next()?.split('?').next()?, rest),
    };
    Some(format!("{name} v{version}"))
}
