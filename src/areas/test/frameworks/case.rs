//! The names of test cases.

use super::Framework;
use crate::base::{Place, SafeText};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// The name of a test case, unique in its workspace.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CaseId {
    pub framework: Framework,
    /// Binary, file or class: `tiny::it`, `tests/test_calc.py`.
    pub suite: String,
    /// Modules and the test's own name: `tests::adds`.
    pub name: String,
}

impl CaseId {
    /// Foreign names are made safe and short; a very long one keeps a hash of the rest, so that it stays apart from its like.
    pub fn new(framework: Framework, suite: &str, name: &str) -> Self {
        Self {
            framework,
            suite: tame(suite),
            name: tame(name),
        }
    }

    /// As the ledger knows the suite.
    pub fn stored_suite(&self) -> String {
        format!("{}/{}", self.framework.word(), self.suite)
    }

    pub fn from_stored(suite: &str, name: &str) -> Option<Self> {
        let (word, suite) = suite.split_once('/')?;
        Some(Self {
            framework: Framework::from_word(word)?,
            suite: suite.to_owned(),
            name: name.to_owned(),
        })
    }

    /// On one line, as people type it: `cargo/tiny::it service_answers`.
    pub fn text(&self) -> String {
        format!("{}/{} {}", self.framework.word(), self.suite, self.name)
    }

    pub fn from_text(text: &str) -> Option<Self> {
        let (suite, name) = text.split_once(' ')?;
        Self::from_stored(suite, name)
    }

    /// The word means this case and no group: its whole text, its name, or the way its own tool writes both:
    /// `tests/test_calc.py::T::test_add` (pytest), `tests.test_calc.T.test_add` (unittest).
    pub fn is_called(&self, word: &str) -> bool {
        self.name == word || self.text() == word || self.in_tools_words().is_some_and(|own| own == word)
    }

    /// The word means a group that this case stands in, as its own tool writes it: `tests/test_calc.py::T`, all values of
    /// `tests/test_calc.py::test_add`, `tests.test_calc.T`.
    pub fn is_below(&self, word: &str) -> bool {
        let own = self.in_tools_words();
        let rest = own.as_deref().and_then(|own| own.strip_prefix(word));
        rest.is_some_and(|rest| match self.framework {
            Framework::Unittest => rest.starts_with('.'),
            _ => rest.starts_with("::") || rest.starts_with('['),
        })
    }

    /// The word is the name of the cargo package that has this case, in whichever target.
    pub fn is_of_package(&self, word: &str) -> bool {
        let rest = self.suite.strip_prefix(word).filter(|_| self.framework == Framework::Cargo);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
    }

    fn in_tools_words(&self) -> Option<String> {
        match self.framework {
            Framework::Pytest => Some(format!("{}::{}", self.suite, self.name)),
            Framework::Unittest => {
                let module = self.suite.strip_suffix(".py").unwrap_or(&self.suite);
                Some(format!("{}.{}", module.replace('/', "."), self.name.replace("::", ".")))
            }
            _ => None,
        }
    }

    /// What stands between the names of a test and of a test inside it.
    fn inner_mark(&self) -> Option<&'static str> {
        match self.framework {
            Framework::Go => Some("/"),
            Framework::Node | Framework::Tap | Framework::Vitest | Framework::Jest | Framework::Mocha => Some(" > "),
            _ => None,
        }
    }

    /// The tests or groups that this one stands inside, outermost first.
    pub fn above(&self) -> Vec<Self> {
        let Some(mark) = self.inner_mark() else { return Vec::new() };
        let above = |(at, _): (usize, &str)| Self {
            name: self.name[..at].to_owned(),
            ..self.clone()
        };
        self.name.match_indices(mark).map(above).collect()
    }

    /// The name that is left below a test of [`Self::above`].
    pub fn name_below(&self, above: &Self) -> &str {
        let rest = self.name.get(above.name.len()..).unwrap_or_default();
        rest.strip_prefix(self.inner_mark().unwrap_or_default()).unwrap_or(rest)
    }

    /// Where a documentation test of Rust is written: `src/lib.rs - add (line 5)`. Its own program stands in a file that is gone.
    pub(super) fn doc_place(&self, dir: &Path) -> Option<Place> {
        let is_doc = self.framework == Framework::Cargo && self.suite.ends_with("::doc");
        let (file, rest) = self.name.split_once(" - ").filter(|_| is_doc)?;
        let (_, line) = rest.split_once("(line ")?;
        Some(Place {
            path: dir.join(file),
            line: Some(line.split(')').next()?.parse().ok()?),
            column: None,
        })
    }

    /// The modules between suite and the test's own name, outermost first.
    pub fn path(&self) -> Vec<&str> {
        match self.framework {
            Framework::Node | Framework::Tap | Framework::Vitest | Framework::Jest | Framework::Mocha => {
                return self.name.split(" > ").collect();
            }
            // What follows the test's own name may hold anything.
            Framework::Go => return self.name.splitn(2, '/').collect(),
            _ => {}
        }
        // Doc tests and parametrised cases have `::` in words that are no modules.
        if matches!(self.framework, Framework::Junit | Framework::Ctest | Framework::Manual) || self.name.contains(" (line ") {
            return vec![&self.name];
        }
        let end = self.name.find(['[', '(']).unwrap_or(self.name.len());
        let Some(at) = self.name[..end].rfind("::") else {
            return vec![&self.name];
        };
        let mut path: Vec<&str> = self.name[..at].split("::").collect();
        path.push(&self.name[at + 2..]);
        path
    }
}

/// The case that stands for a file which could not be loaded.
pub const WHOLE_FILE: &str = "(file)";
/// The case that stands for a package whose program ended early.
pub const WHOLE_PACKAGE: &str = "(package)";
/// The case that stands for a program with tests that ended early.
pub const WHOLE_PROGRAM: &str = "(process)";
/// The case that a program without libtest is.
pub const BARE_PROGRAM: &str = "main";
/// The case that stands for a module which could not be imported.
pub const WHOLE_MODULE: &str = "(import)";

impl CaseId {
    /// It stands for all tests of a file, module, package or program: which of them there are was not heard.
    pub fn is_stand_in(&self) -> bool {
        [WHOLE_FILE, WHOLE_PACKAGE, WHOLE_PROGRAM, WHOLE_MODULE].contains(&self.name.as_str())
    }
}

/// Longest name that is kept whole, in characters.
const MAX_NAME_CHARS: usize = 512;

fn tame(name: &str) -> String {
    if name.len() <= MAX_NAME_CHARS || name.chars().count() <= MAX_NAME_CHARS {
        return SafeText::new(name).into_string();
    }
    let head: String = name.chars().take(MAX_NAME_CHARS - 16).collect();
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in name.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    format!("{}…{:012x}", SafeText::new(&head), hash >> 16)
}
