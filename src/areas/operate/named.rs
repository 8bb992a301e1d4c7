//! What an adopted process is called: what an interpreter runs, where its own name says only that it is one.

use crate::base::SafeText;

/// Characters of a name.
const MAX_NAME: usize = 40;

/// Interpreters, without the version in their name, and those of their options that take the next word along.
const INTERPRETERS: [(&str, &[&str]); 12] = [
    ("python", &["-W", "-X"]),
    ("pypy", &["-W", "-X"]),
    ("node", NODE),
    ("nodejs", NODE),
    // What node calls itself where it names its threads.
    ("MainThread", NODE),
    ("node-MainThread", NODE),
    ("ruby", &["-I", "-r", "-C"]),
    ("perl", &["-I"]),
    ("php", &["-c", "-d", "-S", "-t"]),
    (
        "java",
        &[
            "-cp",
            "-classpath",
            "--class-path",
            "-p",
            "--module-path",
            "--add-modules",
            "--add-opens",
        ],
    ),
    ("deno", &[]),
    ("bun", &[]),
];
const NODE: &[&str] = &["-r", "--require", "--import", "--loader", "-C", "--conditions"];

/// The module or script of an interpreter, `http.server`, `index.js`; any other process as it calls itself.
pub fn name_of(name: &str, argv: &[String]) -> String {
    let stem = name.trim_end_matches(|char: char| char.is_ascii_digit() || char == '.');
    let known = INTERPRETERS.iter().find(|(word, _)| *word == stem);
    let run = known.and_then(|(word, takers)| what_runs(word, takers, argv.get(1..)?));
    let called: String = run.as_deref().unwrap_or(name).chars().take(MAX_NAME).collect();
    SafeText::new(&called).into_string()
}

fn what_runs(interpreter: &str, takers: &[&str], words: &[String]) -> Option<String> {
    let mut words = words.iter().map(String::as_str);
    let is_python = matches!(interpreter, "python" | "pypy");
    while let Some(word) = words.next() {
        match word {
            "-m" if is_python => return words.next().map(str::to_owned),
            "-jar" => return words.next().and_then(file_name),
            // Words instead of a file.
            "-c" if is_python => return None,
            "-e" | "--eval" | "-p" | "--print" | "-" if interpreter != "java" => return None,
            "run" | "serve" if matches!(interpreter, "deno" | "bun") => {}
            word if takers.contains(&word) => drop(words.next()),
            word if word.starts_with('-') => {}
            // A class with its package.
            word if interpreter == "java" => return word.rsplit('.').next().map(str::to_owned),
            word => return file_name(word),
        }
    }
    None
}

fn file_name(path: &str) -> Option<String> {
    let name = path.trim_end_matches('/').rsplit('/').next()?;
    (!name.is_empty()).then(|| name.to_owned())
}
