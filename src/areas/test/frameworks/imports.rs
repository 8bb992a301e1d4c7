//! Which files a file needs, read from its import lines: enough to know what a change touches. Nothing is run.

use regex::Regex;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path, PathBuf};
use std::sync::LazyLock;

/// `import a.b as c, d` and `from .a import b, c`.
static PYTHON: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?m)^[ \t]*(?:import[ \t]+([\w., \t]+)|from[ \t]+(\.*[\w.]*)[ \t]+import[ \t]+(\([^)]*\)|[^\n#]+))")
        .expect("a fixed pattern")
});
/// `from './a'`, `import './a'`, `import('./a')`, `require('./a')`.
static SCRIPT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*|\bmock\s*\(\s*)["'](\.{1,2}/[^"'\n]*)["']"#)
        .expect("a fixed pattern")
});
const SCRIPT_ENDINGS: [&str; 10] = [
    "",
    ".js",
    ".mjs",
    ".cjs",
    ".jsx",
    ".ts",
    ".mts",
    ".tsx",
    "/index.js",
    "/index.ts",
];

/// The files of a project with their texts.
pub type Texts = BTreeMap<PathBuf, String>;

/// `changed` and everything that needs one of them, directly or by others.
pub fn touched(texts: &Texts, changed: &BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
    let mut users: BTreeMap<PathBuf, Vec<&PathBuf>> = BTreeMap::new();
    for (file, text) in texts {
        for needed in needs(texts, changed, file, text) {
            users.entry(needed).or_default().push(file);
        }
    }
    let mut found = changed.clone();
    let mut open: Vec<PathBuf> = changed.iter().cloned().collect();
    while let Some(file) = open.pop() {
        for user in users.get(&file).into_iter().flatten() {
            if found.insert((*user).clone()) {
                open.push((*user).clone());
            }
        }
    }
    found
}

fn needs(texts: &Texts, changed: &BTreeSet<PathBuf>, file: &Path, text: &str) -> BTreeSet<PathBuf> {
    // A file that is gone is still what another one needs.
    let is_there = |path: &PathBuf| texts.contains_key(path) || changed.contains(path);
    let dir = file.parent().unwrap_or(Path::new(""));
    if file.extension().is_some_and(|end| end == "py") {
        return python(text, dir).into_iter().filter(is_there).collect();
    }
    let found = SCRIPT.captures_iter(text).filter_map(|found| {
        let path = normal(&dir.join(&found[1]));
        let name = path.to_string_lossy().into_owned();
        // TypeScript writes `./a.js` for `a.ts`.
        let stem = name.strip_suffix(".js").map(str::to_owned);
        let names = SCRIPT_ENDINGS.iter().map(|end| format!("{name}{end}"));
        let typed = stem
            .into_iter()
            .flat_map(|stem| [format!("{stem}.ts"), format!("{stem}.tsx")]);
        names.chain(typed).map(PathBuf::from).find(is_there)
    });
    found.collect()
}

/// Every file that the imports could mean, below the root, `src` or the file's own folder and those above it.
fn python(text: &str, dir: &Path) -> Vec<PathBuf> {
    let mut roots: Vec<PathBuf> = dir.ancestors().map(Path::to_path_buf).collect();
    roots.push(PathBuf::from("src"));
    let mut found = Vec::new();
    let mut module = |roots: &[PathBuf], words: &[&str]| {
        let below: PathBuf = words.iter().filter(|word| !word.is_empty()).collect();
        for root in roots {
            let path = root.join(&below);
            if !below.as_os_str().is_empty() {
                found.push(path.with_extension("py"));
            }
            found.push(path.join("__init__.py"));
        }
    };
    for import in PYTHON.captures_iter(text) {
        if let Some(list) = import.get(1) {
            for name in list.as_str().split(',') {
                let name = name.split_whitespace().next().unwrap_or_default();
                let words: Vec<&str> = name.split('.').collect();
                // `import a.b.c` runs a and a.b as well.
                (1..=words.len()).for_each(|n| module(&roots, &words[..n]));
            }
        }
        if let (Some(from), Some(names)) = (import.get(2), import.get(3)) {
            let n_up = from.as_str().chars().take_while(|c| *c == '.').count();
            let words: Vec<&str> = from.as_str()[n_up..].split('.').filter(|word| !word.is_empty()).collect();
            let near = dir
                .ancestors()
                .nth(n_up.saturating_sub(1))
                .unwrap_or(Path::new(""))
                .to_path_buf();
            let roots = if n_up > 0 { vec![near] } else { roots.clone() };
            (1..=words.len()).for_each(|n| module(&roots, &words[..n]));
            let names = names.as_str().trim_matches(['(', ')']).split(',');
            for name in names.filter_map(|name| name.split_whitespace().next()) {
                module(&roots, &[&words[..], &[name]].concat());
            }
        }
    }
    found
}

/// Without `.` and `..`.
pub fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(out.pop()),
            Component::CurDir => {}
            part => out.push(part),
        }
    }
    out
}
