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
/// `from './a'`, `import './a'`, `import('a/b')`, `require('..')`: what is imported, by whatever name.
static SCRIPT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire(?:\.resolve)?\s*\(\s*|[mM]ock\s*\(\s*)["']([^"'\n]+)["']"#)
        .expect("a fixed pattern")
});
/// A path that stands in a text, such as that of a file which is read.
static RELATIVE: LazyLock<Regex> = LazyLock::new(|| Regex::new(r#"["'`](\.{1,2}/[^"'`\n]*)["'`]"#).expect("a fixed pattern"));
/// What may be left out behind the name of a file.
const SCRIPT_ENDINGS: [&str; 8] = ["", ".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".tsx"];

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
    let mut found = BTreeSet::new();
    if file.extension().is_some_and(|end| end == "json") {
        return found;
    }
    for word in RELATIVE.captures_iter(text).map(|found| found.extract::<1>().1[0]) {
        found.extend(script(texts, &is_there, &normal(&dir.join(word))));
    }
    for word in SCRIPT.captures_iter(text).map(|found| found.extract::<1>().1[0]) {
        if matches!(word, "." | "..") {
            found.extend(script(texts, &is_there, &normal(&dir.join(word))));
        } else if let Some(tail) = behind_alias(word) {
            found.extend(texts.keys().chain(changed).filter(|path| is_alike(path, &tail)).cloned());
        } else if word.contains('/') && !word.starts_with('.') {
            // As settings may have it, from the top.
            found.extend(script(texts, &is_there, &normal(Path::new(word))));
        }
    }
    found
}

/// Whether a file is meant by the tail of a path, with or without its ending, or as the index of a folder.
fn is_alike(path: &Path, tail: &Path) -> bool {
    let bare = |path: &Path| path.with_extension("");
    let (stem, name) = (path.file_stem(), tail.file_name());
    if stem == name || path.file_name() == name || stem == tail.file_stem() {
        return path.ends_with(tail) || bare(path).ends_with(tail) || bare(path).ends_with(bare(tail));
    }
    stem.is_some_and(|stem| stem == "index") && path.parent().is_some_and(|dir| dir.ends_with(tail))
}

/// The tail of a path that begins with a name of the project's own: `#lib/b.js` of `imports`, `@/a/b` and `~/a` of settings.
/// Where such a name leads is written in many places, so every file that ends alike is meant.
fn behind_alias(word: &str) -> Option<PathBuf> {
    let tail = match word.strip_prefix('#') {
        Some(name) => name.trim_start_matches('/'),
        None => word.strip_prefix("@/").or_else(|| word.strip_prefix("~/"))?,
    };
    let tail = normal(Path::new(tail));
    (!tail.as_os_str().is_empty()).then_some(tail)
}

/// The file that a path without its ending means, or the one that stands for a folder.
fn script(texts: &Texts, is_there: &dyn Fn(&PathBuf) -> bool, path: &Path) -> Option<PathBuf> {
    let name = path.to_string_lossy().into_owned();
    // TypeScript writes `./a.js` for `a.ts`.
    let stem = name.strip_suffix(".js").map(str::to_owned);
    let names = SCRIPT_ENDINGS.iter().map(|end| format!("{name}{end}"));
    let typed = stem
        .into_iter()
        .flat_map(|stem| [format!("{stem}.ts"), format!("{stem}.tsx")]);
    let mut files = names.chain(typed).map(PathBuf::from);
    // The top itself is a folder.
    if !name.is_empty()
        && let Some(file) = files.find(is_there)
    {
        return Some(file);
    }
    let main = texts.get(&path.join("package.json")).and_then(|text| main_of(text));
    let main = main.map(|main| normal(&path.join(main)));
    let with_endings = |file: PathBuf| {
        let file = file.to_string_lossy().into_owned();
        SCRIPT_ENDINGS.map(|end| PathBuf::from(format!("{file}{end}")))
    };
    let mut of_folder = main.into_iter().chain([path.join("index")]).flat_map(with_endings);
    of_folder.find(is_there)
}

/// `"main"` of a `package.json`.
fn main_of(text: &str) -> Option<String> {
    let json: serde_json::Value = serde_json::from_str(text).ok()?;
    Some(json.get("main")?.as_str()?.to_owned())
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
