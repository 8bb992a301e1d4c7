//! The house's invariants, read from the sources. Each failure names the line that breaks one and what to do.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

struct Source {
    /// Relative to the repository, with slashes.
    path: String,
    text: String,
}

impl Source {
    /// Line number from 1 and the line, without comments.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().filter_map(|(i, line)| {
            let trimmed = line.trim_start();
            (!trimmed.starts_with("//")).then_some((i + 1, line))
        })
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn walk(folder: &Path, extension: &str, out: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            walk(&path, extension, out);
        } else if path.extension().is_some_and(|e| e == extension) {
            out.push(path);
        }
    }
}

fn sources_in(folder: &str) -> Vec<Source> {
    let mut paths = Vec::new();
    walk(&root().join(folder), "rs", &mut paths);
    paths.retain(|path| !path.to_string_lossy().contains("/fixtures/"));
    let read = |path: PathBuf| Source {
        path: path.strip_prefix(root()).unwrap().to_string_lossy().replace('\\', "/"),
        text: std::fs::read_to_string(&path).unwrap(),
    };
    paths.into_iter().map(read).collect()
}

/// Fails with every finding, one per line.
fn check(what_to_do: &str, findings: Vec<String>) {
    let mut text = String::new();
    for finding in &findings {
        writeln!(text, "  {finding}").unwrap();
    }
    assert!(findings.is_empty(), "{} place(s):\n{text}-> {what_to_do}", findings.len());
}

const STAIRS: [&str; 10] = [
    "devops", "plan", "code", "test", "build", "release", "deploy", "operate", "monitor", "config",
];

/// The floor of a module path below `crate::`; None when it is not one of the house's.
fn floor(module: &str) -> Option<u32> {
    Some(match module {
        "base" => 0,
        "adapters" => 1,
        "engine" | "ui" => 2,
        "areas" => 3,
        "session" | "tour" => 4,
        "shell" | "cli" => 5,
        _ => return None,
    })
}

/// `crate::a::b::c` in a line, as lists of parts; a group `crate::{a, b}` gives one list each.
fn imports(line: &str) -> Vec<Vec<String>> {
    let mut out = Vec::new();
    for piece in line.split("crate::").skip(1) {
        let end = piece
            .find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | ':' | '{' | '}' | ',' | ' ')))
            .unwrap_or(piece.len());
        let piece = &piece[..end];
        if let Some(group) = piece.strip_prefix('{') {
            for name in group.trim_end_matches('}').split(',') {
                out.push(name.trim().split("::").map(str::to_owned).collect());
            }
        } else {
            out.push(piece.split("::").map(|part| part.trim().to_owned()).collect());
        }
    }
    out
}

#[test]
fn no_module_imports_upward_or_sideways() {
    let mut findings = Vec::new();
    for source in sources_in("src") {
        let Some(module) = source
            .path
            .strip_prefix("src/")
            .and_then(|path| path.split(['/', '.']).next())
        else {
            continue;
        };
        let Some(mine) = floor(module) else { continue };
        for (line_no, line) in source.code() {
            for parts in imports(line) {
                let other = parts[0].as_str();
                let Some(theirs) = floor(other) else { continue };
                let is_page = is_page(&source.path);
                let wrong = if other == module {
                    false
                } else {
                    match (module, other) {
                        ("areas", "ui") => !is_page,
                        ("areas", "engine" | "adapters") => false,
                        ("session" | "cli", "ui") => true,
                        ("cli", "shell") | ("shell", "cli") => true,
                        _ => theirs >= mine,
                    }
                };
                if wrong {
                    findings.push(format!(
                        "{}:{line_no}: {module} (floor {mine}) imports {other} (floor {theirs})",
                        source.path
                    ));
                }
            }
        }
    }
    check(
        "a module imports from the floors below it; move the shared part down or ask through a command",
        findings,
    );
}

fn is_page(path: &str) -> bool {
    path.starts_with("src/areas/") && (path.ends_with("/page.rs") || path.contains("/page/"))
}

fn is_cli(path: &str) -> bool {
    path.starts_with("src/areas/") && (path.ends_with("/cli.rs") || path.contains("/cli/"))
}

#[test]
fn the_staircase_holds() {
    let mut findings = Vec::new();
    for source in sources_in("src/areas") {
        let Some(area) = source
            .path
            .strip_prefix("src/areas/")
            .and_then(|path| path.split_once('/'))
            .map(|(area, _)| area)
        else {
            continue;
        };
        let mine = STAIRS
            .iter()
            .position(|step| *step == area)
            .unwrap_or_else(|| panic!("{}: `{area}` is not on the staircase", source.path));
        for (line_no, line) in source.code() {
            for parts in imports(line) {
                if parts[0] != "areas" || parts.len() < 2 {
                    continue;
                }
                let Some(theirs) = STAIRS.iter().position(|step| *step == parts[1]) else {
                    continue;
                };
                // Pages and command lines may look at any model (read only) and at the words of any area.
                let part = parts.get(2).map_or("", String::as_str);
                let reads_only = (is_page(&source.path) || is_cli(&source.path)) && !matches!(part, "page" | "jobs" | "cli");
                let words = part.is_empty() || part.starts_with("Command") || part.starts_with("Update") || part == "model";
                if theirs == mine || reads_only || (words && theirs < mine) {
                    continue;
                }
                if theirs > mine {
                    findings.push(format!(
                        "{}:{line_no}: {area} uses {}, which stands to its right",
                        source.path, parts[1]
                    ));
                } else if matches!(part, "page" | "jobs" | "cli") {
                    findings.push(format!("{}:{line_no}: {area} uses {}::{part}", source.path, parts[1]));
                }
            }
        }
    }
    check(
        "an area uses the logic of areas to its left, never their page, jobs or cli, and nothing to its right",
        findings,
    );
}

#[test]
fn neighbours_are_met_in_adapters_only() {
    let rules: [(&[&str], fn(&str) -> bool, &str); 5] = [
        (
            &[
                "std::fs",
                "std::process::Command",
                "git2::",
                "gix::",
                "sysinfo::",
                "notify::",
                "rusqlite::",
                "bollard::",
                "tokio::fs",
                "tokio::process",
                "ureq::",
            ],
            |path| path.starts_with("src/adapters/"),
            "go through the adapter; add a function there",
        ),
        (
            &["egui::", "egui_extras::", "egui_plot::"],
            |path| path.starts_with("src/ui/") || path.starts_with("src/shell/") || is_page(path),
            "drawing belongs to ui, shell and pages",
        ),
        (
            &["rfd::"],
            |path| path.starts_with("src/shell/"),
            "file dialogs belong to the shell",
        ),
        (
            &["println!", "eprintln!", "print!(", "eprint!("],
            |path| path.starts_with("src/cli/") || path.starts_with("src/shell/"),
            "nothing below floor 5 prints: tell it with an event",
        ),
        (
            &["StrictHostKeyChecking=no", "accept_all", "danger_accept_invalid"],
            |_| false,
            "host keys and certificates are verified",
        ),
    ];
    let mut findings = Vec::new();
    for source in sources_in("src") {
        for (line_no, line) in source.code() {
            for (words, allowed, advice) in &rules {
                for word in *words {
                    let hit = line.match_indices(word).any(|(at, _)| {
                        let before = line[..at].chars().next_back();
                        !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':')
                    });
                    if hit && !allowed(&source.path) {
                        findings.push(format!("{}:{line_no}: `{word}` ({advice})", source.path));
                    }
                }
            }
        }
    }
    check("meet the neighbour where it lives", findings);
}

#[test]
fn a_page_neither_waits_nor_locks_nor_reads_the_clock() {
    let words = [
        ".await",
        "Mutex",
        "RwLock",
        ".lock()",
        "Timestamp::now",
        "Instant::now",
        "SystemTime",
        "block_on",
        "std::thread",
        "std::env::",
    ];
    let mut findings = Vec::new();
    for source in sources_in("src/areas").into_iter().filter(|source| is_page(&source.path)) {
        for (line_no, line) in source.code() {
            for word in words.iter().filter(|word| line.contains(**word)) {
                findings.push(format!("{}:{line_no}: `{word}`", source.path));
            }
        }
    }
    check("ask with a command and draw the model; the time is cx.now", findings);
}

#[test]
fn every_area_has_its_five_files() {
    let mut findings = Vec::new();
    for area in STAIRS {
        for file in ["mod", "model", "jobs", "page", "cli"] {
            let path = format!("src/areas/{area}/{file}.rs");
            let as_folder = format!("src/areas/{area}/{file}/mod.rs");
            if !root().join(&path).is_file() && !root().join(as_folder).is_file() {
                findings.push(path);
            }
        }
    }
    check("copy the shape of the smallest area", findings);
}

#[test]
fn every_file_says_what_it_is_for_and_stays_readable() {
    let mut findings = Vec::new();
    for source in sources_in("src").into_iter().chain(sources_in("tests")) {
        if !source.text.starts_with("//!") {
            findings.push(format!("{}:1: no `//!` on the first line", source.path));
        }
        let n_lines = source.text.lines().count();
        if n_lines > 600 {
            findings.push(format!("{}: {n_lines} lines", source.path));
        }
    }
    check("say what the file is for; split what is over 600 lines by meaning", findings);
}

#[test]
fn colours_are_tokens() {
    let words = [
        "Color32::from_",
        "Color32::RED",
        "Color32::WHITE",
        "Color32::BLACK",
        "Color32::GRAY",
        "Color32::GREEN",
        "Color32::BLUE",
        "hex_color!",
        "Rgba::from_",
    ];
    let mut findings = Vec::new();
    for source in sources_in("src")
        .into_iter()
        .filter(|source| source.path != "src/ui/tokens.rs")
    {
        for (line_no, line) in source.code() {
            for word in words.iter().filter(|word| line.contains(**word)) {
                findings.push(format!("{}:{line_no}: `{word}`", source.path));
            }
        }
    }
    check("give the colour a name in ui/tokens.rs", findings);
}

#[test]
fn nothing_unwraps_or_stands_in_for_something_else() {
    let words = [".unwrap()", "todo!(", "unimplemented!(", "#[allow(", "#![allow(", "#[ignore"];
    let mut findings = Vec::new();
    for source in sources_in("src") {
        for (line_no, line) in source.code() {
            for word in words.iter().filter(|word| line.contains(**word)) {
                findings.push(format!("{}:{line_no}: `{word}`", source.path));
            }
        }
    }
    for source in sources_in("tests")
        .into_iter()
        .filter(|source| source.path != "tests/tidy.rs")
    {
        for (line_no, line) in source.code().filter(|(_, line)| line.contains("#[ignore")) {
            findings.push(format!("{}:{line_no}: {line}", source.path));
        }
    }
    check(
        "give a Problem, `expect` a proven fact, `#[expect(.., reason)]` a lint",
        findings,
    );
}

#[test]
fn a_model_changes_only_in_apply() {
    let mut findings = Vec::new();
    for source in sources_in("src") {
        let is_model =
            source.path.starts_with("src/areas/") && (source.path.ends_with("/model.rs") || source.path.contains("/model/"));
        for (line_no, line) in source.code() {
            if is_model && line.contains("pub fn") && line.contains("&mut self") && !line.contains("fn apply") {
                findings.push(format!("{}:{line_no}: {}", source.path, line.trim()));
            }
            // Floor 5 holds the one model and gives it events.
            let is_holder = source.path.starts_with("src/cli/") || source.path.starts_with("src/shell/");
            if !is_model && !is_holder && line.contains("&mut Model") {
                findings.push(format!("{}:{line_no}: {}", source.path, line.trim()));
            }
        }
    }
    check("tell it with an Update and change the model in apply", findings);
}

/// Keys by locale, with the file and line where each stands.
fn locale(lang: &str) -> BTreeMap<String, String> {
    let mut paths = Vec::new();
    walk(&root().join("resources/locales").join(lang), "ftl", &mut paths);
    let mut keys = BTreeMap::new();
    // The help of the command line stands in English with its arguments; `every_verb_and_argument_has_its_french_help` looks after it.
    for path in paths.into_iter().filter(|path| !path.ends_with("help.ftl")) {
        let text = std::fs::read_to_string(&path).unwrap();
        let name = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
        for (i, line) in text.lines().enumerate() {
            let Some((key, _)) = line.split_once('=') else { continue };
            let key = key.trim_end();
            if key.starts_with(|c: char| c.is_ascii_lowercase())
                && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
            {
                let previous = keys.insert(key.to_owned(), format!("{name}:{}", i + 1));
                assert!(
                    previous.is_none(),
                    "{name}:{}: `{key}` stands twice, also at {}",
                    i + 1,
                    previous.unwrap()
                );
            }
        }
    }
    keys
}

#[test]
fn every_text_exists_in_every_language_and_is_used() {
    let english = locale("en");
    let french = locale("fr");
    let mut findings = Vec::new();
    for (key, place) in &english {
        if !french.contains_key(key) {
            findings.push(format!("{place}: `{key}` is missing in fr"));
        }
    }
    for (key, place) in &french {
        if !english.contains_key(key) {
            findings.push(format!("{place}: `{key}` is missing in en"));
        }
    }
    let mut literals: BTreeSet<String> = BTreeSet::new();
    for source in sources_in("src") {
        for (line_no, line) in source.code() {
            for literal in line.split('"').skip(1).step_by(2) {
                literals.insert(literal.to_owned());
            }
            // What is certainly a key must exist.
            for start in ["msg!(\"", ".t(\"", "Msg::new(\"", "tr(ui, \""] {
                for (at, _) in line.match_indices(start) {
                    let key = line[at + start.len()..].split('"').next().unwrap_or("");
                    if !key.is_empty() && !english.contains_key(key) {
                        findings.push(format!("{}:{line_no}: there is no text `{key}`", source.path));
                    }
                }
            }
        }
    }
    for (key, place) in &english {
        if !literals.contains(key) {
            findings.push(format!("{place}: `{key}` is not used"));
        }
    }
    check("add the text to both languages, or remove it", findings);
}

#[test]
fn every_locale_file_parses_and_uses_the_same_values_in_both_languages() {
    let mut findings = Vec::new();
    let values = |lang: &str| -> BTreeMap<String, BTreeSet<String>> {
        let mut out = BTreeMap::new();
        let mut paths = Vec::new();
        walk(&root().join("resources/locales").join(lang), "ftl", &mut paths);
        for path in paths {
            let text = std::fs::read_to_string(&path).unwrap();
            let resource = fluent_bundle::FluentResource::try_new(text)
                .unwrap_or_else(|(_, errors)| panic!("{}: {errors:?}", path.display()));
            for (key, message) in entries(resource.source()) {
                let vars = message.match_indices("{ $").map(|(at, _)| {
                    let rest = &message[at + 3..];
                    rest[..rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len())].to_owned()
                });
                out.insert(key, vars.collect());
            }
        }
        out
    };
    let (english, french) = (values("en"), values("fr"));
    for (key, vars) in &english {
        if french.get(key).is_some_and(|other| other != vars) {
            findings.push(format!("`{key}`: en uses {vars:?}, fr {:?}", french[key]));
        }
    }
    check("say the same values in both languages", findings);
}

/// In French a number, its unit and the percent sign stay on one line.
#[test]
fn a_number_and_its_unit_are_not_parted_in_french() {
    const UNITS: [&str; 20] = [
        "%", "ms", "s", "min", "h", "j", "o", "octet", "octets", "ko", "Mo", "Go", "To", "Kio", "Mio", "Gio", "seconde",
        "secondes", "minutes", "heures",
    ];
    let mut paths = Vec::new();
    walk(&root().join("resources/locales/fr"), "ftl", &mut paths);
    let mut findings = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        for (no, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
            let is_number = |sign: char| sign == '}' || sign.is_ascii_digit();
            let mut parts = line.split(' ').peekable();
            while let (Some(number), Some(unit)) = (parts.next(), parts.peek()) {
                let unit = unit.trim_end_matches(|sign: char| ",.;:)".contains(sign));
                let is_unit = UNITS.contains(&unit);
                if number.ends_with(is_number) && is_unit {
                    findings.push(format!("{}:{}: `{}`", path.display(), no + 1, line.trim()));
                }
            }
        }
    }
    check("put U+00A0 between the number and its unit", findings);
}

/// In French 0 is `one` as well: a text for one thing that does not say the number would be said of none.
#[test]
fn what_french_says_of_one_thing_is_not_said_of_none() {
    let mut paths = Vec::new();
    walk(&root().join("resources/locales/fr"), "ftl", &mut paths);
    let mut findings = Vec::new();
    for path in paths {
        let text = std::fs::read_to_string(&path).unwrap();
        for (no, line) in text.lines().enumerate() {
            if line.trim_start().starts_with("[one]") && !line.contains("{ $") {
                findings.push(format!("{}:{}: `{}`", path.display(), no + 1, line.trim()));
            }
        }
    }
    check(
        "say [1], and what is said of [0], where the number is not in the text",
        findings,
    );
}

/// Key and whole text (with continuation lines) of each message.
fn entries(source: &str) -> Vec<(String, String)> {
    let mut out: Vec<(String, String)> = Vec::new();
    for line in source.lines() {
        if line.starts_with(|c: char| c.is_ascii_lowercase()) {
            if let Some((key, text)) = line.split_once('=') {
                out.push((key.trim().to_owned(), text.to_owned()));
            }
        } else if line.starts_with([' ', '\t', '}'])
            && let Some((_, text)) = out.last_mut()
        {
            text.push_str(line);
        }
    }
    out
}

#[test]
fn the_top_level_holds_what_the_plan_says() {
    let allowed = [
        "Cargo.toml",
        "Cargo.lock",
        "src",
        "assets",
        "resources",
        "tests",
        "packaging",
        "README.md",
    ];
    let tracked = std::process::Command::new("git")
        .args(["ls-files", "-z"])
        .current_dir(root())
        .output()
        .unwrap();
    let mut findings = BTreeSet::new();
    for path in String::from_utf8_lossy(&tracked.stdout)
        .split('\0')
        .filter(|path| !path.is_empty())
    {
        let top = path.split('/').next().unwrap_or(path);
        if !allowed.contains(&top) && !top.starts_with('.') && !top.starts_with("LICENSE") {
            findings.insert(top.to_owned());
        }
    }
    check("put it in its folder", findings.into_iter().collect());
}
