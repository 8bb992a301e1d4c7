//! Tasks of just, CMake, Maven, Gradle, Go, Dockerfiles and compose files, told from those files alone.

use super::{Detected, Kind, Source, Task, dir_of, id_of};
use crate::adapters::scan::Found;
use crate::areas::devops::scan::COMPOSE_FILES;
use crate::base::{Place, SafeText};
use std::path::{Path, PathBuf};

/// Recipes that are taken from one justfile.
const MAX_RECIPES: usize = 200;

/// Adds the tasks of all of them. `root` names the image of a Dockerfile.
pub(super) fn tasks(files: &[Found], root: &Path, detected: &mut Detected) {
    for file in files {
        let name = file.path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let dir = dir_of(&file.path);
        let is_there = |name: &str| files.iter().any(|other| other.path == dir.join(name));
        let above_has = |names: &[&str]| {
            let above = dir.ancestors().skip(1);
            let mut above = above.flat_map(|dir| names.iter().map(|name| dir.join(name)));
            above.any(|path| files.iter().any(|other| other.path == path))
        };
        let mut add = |source: Source, words: &str, kind: Kind, argv: &[&str], line: Option<u32>, note: &str| {
            detected.tasks.push(task(source, file, &dir, words, kind, argv, line, note));
        };
        match name {
            "justfile" | "Justfile" | ".justfile" => {
                for recipe in recipes(file.text.as_deref().unwrap_or_default()) {
                    let kind = Kind::of_name(&recipe.name);
                    add(
                        Source::Just,
                        &recipe.name,
                        kind,
                        &["just", &recipe.name],
                        Some(recipe.line),
                        &recipe.note,
                    );
                }
            }
            "CMakeLists.txt" if !above_has(&["CMakeLists.txt"]) && !is_there("CMakePresets.json") => {
                let argv = ["cmake", "-S", ".", "-B", "build"];
                add(Source::Cmake, "configure", Kind::Other, &argv, None, "");
                // A fresh clone is configured first; one that is configured already takes no time for it.
                let both = "cmake -S . -B build && cmake --build build";
                add(Source::Cmake, "build", Kind::Build, &["sh", "-c", both], None, "");
            }
            "CMakePresets.json" => {
                for (what, preset) in presets(file.text.as_deref().unwrap_or_default()) {
                    let words = format!("{what} {preset}");
                    match what {
                        "configure" => add(Source::Cmake, &words, Kind::Other, &["cmake", "--preset", &preset], None, ""),
                        "build" => add(
                            Source::Cmake,
                            &words,
                            Kind::Build,
                            &["cmake", "--build", "--preset", &preset],
                            None,
                            "",
                        ),
                        _ => add(
                            Source::Cmake,
                            &words,
                            Kind::Build,
                            &["cmake", "--workflow", "--preset", &preset],
                            None,
                            "",
                        ),
                    }
                }
            }
            "pom.xml" if !above_has(&["pom.xml"]) => {
                let program = if is_there("mvnw") { "./mvnw" } else { "mvn" };
                for (goal, kind) in [
                    ("package", Kind::Build),
                    ("compile", Kind::Check),
                    ("test", Kind::Test),
                    ("verify", Kind::Test),
                ] {
                    add(Source::Maven, goal, kind, &[program, "--batch-mode", goal], None, "");
                }
            }
            "build.gradle" | "build.gradle.kts" | "settings.gradle" | "settings.gradle.kts"
                if !above_has(&["build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"]) =>
            {
                // Both files of one project are one project.
                if name.starts_with("settings") && (is_there("build.gradle") || is_there("build.gradle.kts")) {
                    continue;
                }
                let program = if is_there("gradlew") { "./gradlew" } else { "gradle" };
                for (goal, kind) in [
                    ("build", Kind::Build),
                    ("assemble", Kind::Build),
                    ("check", Kind::Check),
                    ("test", Kind::Test),
                ] {
                    add(Source::Gradle, goal, kind, &[program, "--console=plain", goal], None, "");
                }
            }
            "go.mod" => {
                add(Source::Go, "build ./...", Kind::Build, &["go", "build", "./..."], None, "");
                add(Source::Go, "vet ./...", Kind::Check, &["go", "vet", "./..."], None, "");
                add(Source::Go, "test ./...", Kind::Test, &["go", "test", "./..."], None, "");
                let programs = files
                    .iter()
                    .filter(|other| other.path.file_name().is_some_and(|name| name == "main.go"));
                for program in programs {
                    let Ok(inside) = dir_of(&program.path).strip_prefix(&dir).map(Path::to_path_buf) else {
                        continue;
                    };
                    let own = format!("./{}", inside.display());
                    add(Source::Go, &format!("run {own}"), Kind::Run, &["go", "run", &own], None, "");
                }
            }
            name if matches!(name, "Dockerfile" | "Containerfile") || is_dockerfile(name) => {
                let tag = image_name(root, &dir, name);
                let words = if name == "Dockerfile" {
                    "build".to_owned()
                } else {
                    format!("build {name}")
                };
                add(
                    Source::Docker,
                    &words,
                    Kind::Build,
                    &["docker", "build", "--file", name, "--tag", &tag, "."],
                    None,
                    &tag,
                );
            }
            name if COMPOSE_FILES.contains(&name) => {
                for (verb, kind, argv) in [
                    ("build", Kind::Build, &["docker", "compose", "--file", name, "build"][..]),
                    ("up", Kind::Run, &["docker", "compose", "--file", name, "up"][..]),
                    ("down", Kind::Other, &["docker", "compose", "--file", name, "down"][..]),
                ] {
                    add(Source::Compose, verb, kind, argv, None, "");
                }
            }
            _ => {}
        }
    }
}

fn task(source: Source, file: &Found, dir: &Path, words: &str, kind: Kind, argv: &[&str], line: Option<u32>, note: &str) -> Task {
    let name = SafeText::new(words).into_string();
    Task {
        id: id_of(source.word(), dir, &name),
        name: format!("{} {name}", source.word()),
        source,
        kind,
        argv: argv.iter().map(|word| (*word).to_owned()).collect(),
        dir: dir.to_path_buf(),
        place: Place {
            path: file.path.clone(),
            line,
            column: None,
        },
        env: std::collections::BTreeMap::new(),
        timeout_ms: None,
        has_pty: false,
        note: SafeText::new(note).into_string(),
    }
}

/// `Dockerfile.prod`, `api.Dockerfile`.
fn is_dockerfile(name: &str) -> bool {
    name.starts_with("Dockerfile.") || name.ends_with(".Dockerfile")
}

struct Recipe {
    name: String,
    line: u32,
    note: String,
}

/// Recipes that can be run without arguments, in the order of the file; the comment above one is its note. The format: the manual of
/// just, chapter "Recipe parameters".
fn recipes(text: &str) -> Vec<Recipe> {
    let mut found: Vec<Recipe> = Vec::new();
    let mut comment = String::new();
    let mut is_private = false;
    for (line, number) in text.lines().zip(1_u32..) {
        if let Some(words) = line.strip_prefix('#') {
            comment = if line.starts_with("#!") {
                String::new()
            } else {
                words.trim().to_owned()
            };
            continue;
        }
        if line.starts_with('[') {
            is_private |= line.contains("private");
            continue;
        }
        let note = std::mem::take(&mut comment);
        let was_private = std::mem::take(&mut is_private);
        let Some((head, rest)) = line.split_once(':') else { continue };
        let is_code = line.starts_with([' ', '\t']) || rest.starts_with('=') || head.contains('=') && !head.contains(' ');
        let mut words = head.split_whitespace();
        let Some(name) = words.next().map(|name| name.trim_start_matches('@')) else {
            continue;
        };
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
        // One that must be given something can not be run by name alone.
        let wants = words.any(|word| !word.contains('=') && !word.starts_with('*') && !word.starts_with(['"', '\'']));
        let is_setting = matches!(name, "set" | "alias" | "export" | "import" | "mod");
        if !is_code && is_name && !wants && !is_setting && !was_private && !name.starts_with('_') && found.len() < MAX_RECIPES {
            found.push(Recipe {
                name: name.to_owned(),
                line: number,
                note,
            });
        }
    }
    found
}

/// `configure`, `build` and `workflow` presets that are not hidden.
fn presets(text: &str) -> Vec<(&'static str, String)> {
    let json: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
    let mut found = Vec::new();
    for (key, what) in [
        ("configurePresets", "configure"),
        ("buildPresets", "build"),
        ("workflowPresets", "workflow"),
    ] {
        for preset in json.get(key).and_then(serde_json::Value::as_array).into_iter().flatten() {
            let is_hidden = preset.get("hidden").and_then(serde_json::Value::as_bool).unwrap_or(false);
            if let (Some(name), false) = (preset.get("name").and_then(serde_json::Value::as_str), is_hidden) {
                found.push((what, name.to_owned()));
            }
        }
    }
    found
}

/// The folder's name as an image's: lower case, and only what may stand there.
fn image_name(root: &Path, dir: &Path, file: &str) -> String {
    let folder: PathBuf = root.join(dir);
    let name = folder.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let plain: String = name
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() { c } else { '-' })
        .collect();
    let plain = plain.trim_matches('-');
    let name = if plain.is_empty() { "image" } else { plain };
    match file.strip_prefix("Dockerfile.").or_else(|| file.strip_suffix(".Dockerfile")) {
        Some(kind) => format!("{name}:{}", kind.to_lowercase()),
        None => format!("{name}:latest"),
    }
}
