//! Which tests stand at a line of a file: the one around it, else the group around it. Read from the source alone.

use super::frameworks::{CaseId, Framework};
use regex::Regex;
use std::path::Path;
use std::sync::LazyLock;

/// `src/a.rs:12` as its file and line.
pub(super) fn split(word: &str) -> Option<(&Path, u32)> {
    let (file, line) = word.rsplit_once(':')?;
    let line = line.parse().ok().filter(|line| *line > 0)?;
    (!file.is_empty() && !file.contains("::")).then(|| (Path::new(file), line))
}

/// The cases that the line of this file means; `file` is relative to the workspace.
pub(super) fn at_line(cases: &[CaseId], file: &Path, source: &str, line: u32) -> Vec<CaseId> {
    let Some(language) = Language::of(file) else {
        return Vec::new();
    };
    let mut chain = language.around(source, line);
    let here: Vec<&CaseId> = cases.iter().filter(|case| language.is_in(case, file)).collect();
    while !chain.is_empty() {
        let found: Vec<CaseId> = here
            .iter()
            .filter(|case| language.is_meant(case, file, &chain))
            .map(|case| (*case).clone())
            .collect();
        if !found.is_empty() {
            return found;
        }
        chain.pop();
    }
    Vec::new()
}

#[derive(Clone, Copy, PartialEq)]
enum Language {
    Python,
    Rust,
    Go,
    JavaScript,
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a fixed pattern")
}

static PYTHON: LazyLock<Regex> = LazyLock::new(|| pattern(r"^(\s*)(?:class|(?:async\s+)?def)\s+(\w+)"));
static RUST: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"^(\s*)(?:pub(?:\([^)]*\))? )?(?:mod|(?:async |const |unsafe )*fn)\s+(\w+)"));
static GO: LazyLock<Regex> = LazyLock::new(|| pattern(r"^()func ((?:Test|Example|Fuzz|Benchmark)\w*)\("));
static JAVASCRIPT: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r#"^(\s*)(?:await )?(?:\w+\.)?(?:it|test|describe|suite|context|specify)(?:\.\w+)*\s*\(\s*(?:"([^"]*)"|'([^']*)'|`([^`]*)`)"#,
    )
});

impl Language {
    fn of(file: &Path) -> Option<Self> {
        match file.extension()?.to_str()? {
            "py" => Some(Self::Python),
            "rs" => Some(Self::Rust),
            "go" => Some(Self::Go),
            "js" | "mjs" | "cjs" | "ts" | "mts" | "cts" | "jsx" | "tsx" => Some(Self::JavaScript),
            _ => None,
        }
    }

    fn pattern(self) -> &'static Regex {
        match self {
            Self::Python => &PYTHON,
            Self::Rust => &RUST,
            Self::Go => &GO,
            Self::JavaScript => &JAVASCRIPT,
        }
    }

    /// Names of what stands around a line, outermost first, told apart by how far they are indented.
    fn around(self, source: &str, line: u32) -> Vec<String> {
        let mut chain: Vec<(usize, String)> = Vec::new();
        for (text, number) in source.lines().zip(1_u32..) {
            // What stands above a test, attributes and decorators, belongs to it.
            let is_above = number > line;
            if is_above && !self.belongs_below(source, line, number) {
                break;
            }
            let Some(found) = self.pattern().captures(text) else {
                continue;
            };
            let indent = found[1].len();
            chain.retain(|(outer, _)| *outer < indent);
            let name = found.iter().skip(2).flatten().next().map_or("", |name| name.as_str());
            chain.push((indent, name.to_owned()));
            if is_above {
                break;
            }
        }
        chain.into_iter().map(|(_, name)| name).collect()
    }

    /// All lines from the one that is meant to the one before this are marks of what comes next.
    fn belongs_below(self, source: &str, line: u32, number: u32) -> bool {
        let lines = source.lines().skip(line as usize - 1).take((number - line) as usize);
        let mark = match self {
            Self::Python => "@",
            Self::Rust => "#[",
            Self::Go | Self::JavaScript => return false,
        };
        let mut lines = lines.map(str::trim_start);
        lines.all(|text| text.starts_with(mark))
    }

    /// The case may stand in the file.
    fn is_in(self, case: &CaseId, file: &Path) -> bool {
        match self {
            Self::Python | Self::JavaScript => Path::new(&case.suite) == file,
            Self::Rust => case.framework == Framework::Cargo && !case.suite.ends_with("::doc"),
            Self::Go => {
                let folder = file.parent().unwrap_or(Path::new(""));
                case.framework == Framework::Go && (folder.as_os_str().is_empty() || Path::new(&case.suite).ends_with(folder))
            }
        }
    }

    fn is_meant(self, case: &CaseId, file: &Path, chain: &[String]) -> bool {
        let name = case.name.as_str();
        let begins = |own: &str, marks: &[&str]| {
            let rest = name.strip_prefix(own);
            rest.is_some_and(|rest| rest.is_empty() || marks.iter().any(|mark| rest.starts_with(mark)))
        };
        match self {
            Self::Python => begins(&chain.join("::"), &["::", "["]),
            Self::Go => begins(&chain.join("/"), &["/"]),
            Self::JavaScript => begins(&chain.join(" > "), &[" > ", " ("]),
            Self::Rust => {
                let (target, modules) = rust_modules(file);
                let is_target = match target {
                    Some(target) => case.suite.ends_with(&format!("::{target}")),
                    None => true,
                };
                let own: Vec<&str> = modules.iter().chain(chain).map(String::as_str).collect();
                is_target && begins(&own.join("::"), &["::"])
            }
        }
    }
}

/// The target of a file of Rust, where its name is that of the file, and the modules that the file stands for.
fn rust_modules(file: &Path) -> (Option<String>, Vec<String>) {
    let parts: Vec<String> = file
        .with_extension("")
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    let after = |folder: &str| {
        parts
            .iter()
            .rposition(|part| part == folder)
            .map(|at| parts[at + 1..].to_vec())
    };
    let plain = |mut modules: Vec<String>| {
        if modules
            .last()
            .is_some_and(|last| matches!(last.as_str(), "mod" | "lib" | "main"))
        {
            modules.pop();
        }
        modules
    };
    match (after("src"), after("tests")) {
        (Some(modules), _) => (None, plain(modules)),
        (None, Some(mut modules)) if !modules.is_empty() => {
            let target = modules.remove(0);
            (Some(target), plain(modules))
        }
        _ => (None, Vec::new()),
    }
}
