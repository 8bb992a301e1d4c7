//! Build: what is found in a folder, what is heard in real output of compilers, and real builds with the tools that are here.

mod again;
mod bisect;
mod budget;
mod ci;
mod ci_asked;
mod ci_github;
mod ci_github_more;
mod ci_gitlab;
mod console;
mod diagnostics;
mod docker;
mod killed;
mod more;
mod pipeline_page;
mod pipelines;
mod pipelines_more;
mod python;
mod rehearsal;
mod tasks;
mod timeline;
mod whole_log;
mod why;

use crate::support::cli::Home;
use chantier::areas::build::detect::{self, Kind, Source, make};
use chantier::areas::build::matchers::{Listener, Severity, hints};
use chantier::areas::test::frameworks::Shown;
use chantier::base::Stream;
use std::path::{Path, PathBuf};

fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/build").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn listen(root: &str, dir: &str, name: &str) -> (Listener, Vec<Shown>) {
    let mut listener = Listener::new(root, dir);
    let shown = fixture(name)
        .split(|byte| *byte == b'\n')
        .map(|line| listener.line(Stream::Out, line, false))
        .collect();
    (listener, shown)
}

#[test]
fn gcc_is_heard_with_what_stands_around_its_messages() {
    let (mut listener, shown) = listen("/home/dev/c", "", "gcc-12.2-compile.out");
    assert!(shown.iter().all(|shown| *shown == Shown::AsIs));
    let told = listener.finish();
    let lines: Vec<String> = told
        .iter()
        .map(|known| {
            let place = known.place.as_ref().expect("gcc says where");
            format!(
                "{} {}:{}:{} {}",
                known.severity.word(),
                place.path.display(),
                place.line.unwrap_or(0),
                place.column.unwrap_or(0),
                known.code.as_deref().unwrap_or("-")
            )
        })
        .collect();
    assert_eq!(
        lines,
        [
            "error a.h:3:7 -",
            "error m.c:6:3 -",
            "error m.c:6:9 -",
            "warning m.c:5:12 -Wformat=",
            "warning m.c:4:7 -Wunused-variable"
        ]
    );
    assert_eq!(
        (listener.n_errors, listener.n_warnings),
        (3, 2),
        "make's own word is no further error"
    );
    assert!(
        told[0].rendered.starts_with("In file included from m.c:1:\n"),
        "{}",
        told[0].rendered
    );
    assert!(told[0].rendered.ends_with("^~~~~~~~~~~"), "{}", told[0].rendered);
    assert!(
        told[1].rendered.contains("note: each undeclared identifier"),
        "{}",
        told[1].rendered
    );
    assert!(told[3].rendered.contains("%d"), "the whole picture: {}", told[3].rendered);
    let why = hints::why(&told, &[], Some(2)).expect("a reason");
    assert_eq!(why.message, "unknown type name ‘undefined_t’");
    assert_eq!(why.place.map(|place| place.path), Some(PathBuf::from("a.h")));
}

#[test]
fn the_linker_is_heard() {
    let (mut listener, _) = listen("/home/dev/c", "sub", "gcc-12.2-link.out");
    let told = listener.finish();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0].message, "undefined reference to `g'");
    assert_eq!(
        told[0].place.as_ref().map(|place| place.path.clone()),
        Some(PathBuf::from("sub/l.c"))
    );
}

#[test]
fn cargo_json_becomes_text_for_people_and_data_for_the_program() {
    let (mut listener, shown) = listen("/home/dev/tiny", "", "cargo-1.95-error.out");
    assert!(
        shown
            .iter()
            .any(|shown| matches!(shown, Shown::Text(text) if text.contains("E0308") && text.contains('\u{1b}'))),
        "in colours"
    );
    assert!(
        !shown
            .iter()
            .any(|shown| matches!(shown, Shown::Text(text) if text.contains("{\"reason\"")))
    );
    let tail: Vec<String> = listener.tail.iter().cloned().collect();
    let told = listener.finish();
    assert_eq!((listener.n_errors, listener.n_warnings), (2, 0), "{told:?}");
    let tail: Vec<&str> = tail.iter().map(String::as_str).collect();
    let why = hints::why(&told, &tail, Some(101)).expect("a reason");
    assert_eq!(
        (why.message.as_str(), why.code.as_deref()),
        ("mismatched types", Some("E0308"))
    );
    let place = why.place.expect("a place");
    assert_eq!(
        (place.path, place.line, place.column),
        (PathBuf::from("src/main.rs"), Some(1), Some(25))
    );
    assert_eq!(why.hint.expect("a next step").key, "build-hint-explain");
    assert!(!told[0].rendered.contains('\u{1b}'));

    // The same as text, when something else calls cargo.
    let (mut listener, _) = listen("/home/dev/tiny", "sub", "cargo-1.95-error-text.out");
    let text = listener.finish();
    assert_eq!(text.len(), 2, "{text:?}");
    assert_eq!(text[0].code.as_deref(), Some("E0308"));
    assert_eq!(
        text[0].place.as_ref().map(|place| place.path.clone()),
        Some(PathBuf::from("sub/src/main.rs"))
    );
}

#[test]
fn the_bar_of_cargo_is_progress_and_no_line() {
    let mut listener = Listener::new("/p", "");
    let bar = b"\x1b[1m\x1b[96m    Building\x1b[0m [=============>               ] 12/34: tiny(bin)                   ";
    assert_eq!(listener.line(Stream::Err, bar, true), Shown::Hidden);
    let progress = listener.take_progress().expect("progress");
    assert_eq!((progress.done, progress.total), (12, Some(34)));
    assert_eq!(
        listener.line(Stream::Err, b"\x1b[K\x1b[1m   Compiling\x1b[0m tiny", false),
        Shown::Text("\u{1b}[1m   Compiling\u{1b}[0m tiny".to_owned())
    );
}

fn check_hint(lines: &[&str], code: i32, key: &str) {
    let mut listener = Listener::new("/p", "");
    for line in lines {
        listener.line(Stream::Err, line.as_bytes(), false);
    }
    let tail: Vec<String> = listener.tail.iter().cloned().collect();
    let told = listener.finish();
    let tail: Vec<&str> = tail.iter().map(String::as_str).collect();
    let why = hints::why(&told, &tail, Some(code)).unwrap_or_else(|| panic!("{lines:?}: no reason"));
    assert_eq!(
        why.hint.as_ref().map(|hint| hint.key.as_ref()),
        Some(key),
        "{lines:?}: {why:?}"
    );
}

#[test]
fn a_failure_comes_with_a_next_step() {
    check_hint(&["error: linker `cc` not found"], 101, "build-hint-linker");
    check_hint(
        &["n.c:1:10: fatal error: no.h: No such file or directory"],
        1,
        "build-hint-header",
    );
    check_hint(
        &["/usr/bin/ld: cannot find -lfoo: No such file or directory"],
        1,
        "build-hint-library",
    );
    check_hint(&["cc1: error: out.o: No space left on device"], 1, "build-hint-disk");
    check_hint(
        &[
            "make: nosuchprog: No such file or directory",
            "make: *** [M2:2: all] Error 127",
        ],
        2,
        "build-hint-command",
    );
    check_hint(&["make: *** No rule to make target 'nope'.  Stop."], 2, "build-hint-no-rule");
    check_hint(&["Makefile:2: *** missing separator.  Stop."], 2, "build-hint-tab");
    check_hint(&["npm error Missing script: \"x\""], 1, "build-hint-no-script");
    check_hint(&["Error: Cannot find module 'left-pad'"], 1, "build-hint-module");
    check_hint(&["Error: /p/build is not a directory"], 1, "build-hint-cmake");
    check_hint(
        &["main.go:4:2: no required module provides package example.com/x; to add it:"],
        1,
        "build-hint-go-get",
    );
    check_hint(&["error: no such command: `clippy`"], 101, "build-hint-component");
    check_hint(&["Diff in /p/src/lib.rs:1:"], 1, "build-hint-fmt");
    check_hint(
        &["error: the lock file /p/Cargo.lock needs to be updated but --locked was passed"],
        101,
        "build-hint-locked",
    );
}

#[test]
fn targets_are_read_without_make() {
    let text = "CC := gcc\nX = a:b\n.PHONY: all clean \\\n  test lint.strict\nall: main.o ## Everything\n\tgcc -o x\nmain.o: main.c\n\tcc -c\n%.o: %.c\n\
                test clean: all\n\techo a: b\ninstall:\ndebug: CFLAGS = -g\nlint.strict: ; true\n$(OUT)/x: y\ndefine F\nnot: one\nendef\nifeq ($(A),b:c)\nendif\nrelease:: all\n";
    let targets = make::targets(text);
    let names: Vec<String> = targets
        .iter()
        .map(|target| {
            format!(
                "{}:{}{}",
                target.name,
                target.line,
                if target.is_phony { " phony" } else { "" }
            )
        })
        .collect();
    assert_eq!(
        names,
        [
            "all:5 phony",
            "test:10 phony",
            "clean:10 phony",
            "install:12",
            "lint.strict:14 phony",
            "release:21"
        ]
    );
    assert_eq!(targets[0].note, "Everything");
}

#[test]
fn tasks_are_found_from_files_alone() {
    let dir = tempfile::tempdir().expect("a folder");
    let put = |path: &str, text: &str| {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().expect("below")).expect("made");
        std::fs::write(path, text).expect("written");
    };
    put("Cargo.toml", "[package]\nname = \"a\"\n[workspace]\nexclude = [\"lone\"]\n");
    put("src/main.rs", "fn main() {}");
    put("src/bin/extra.rs", "fn main() {}");
    put(
        "crates/b/Cargo.toml",
        "[package]\nname = \"b\"\n[[bin]]\nname = \"bee\"\npath = \"x.rs\"\n",
    );
    put("lone/Cargo.toml", "[package]\nname = \"lone\"\n");
    put("bad/Cargo.toml", "[package\n");
    put(
        "web/package.json",
        "{\n  \"name\": \"w\",\n  \"scripts\": {\n    \"prebuild\": \"x\",\n    \"build\": \"tsc\",\n    \"test:unit\": \"jest\"\n  }\n}\n",
    );
    put("web/yarn.lock", "");
    put("Makefile", "all:\n\ttrue\n");
    put("target/Cargo.toml", "[package]\nname = \"no\"\n");
    put(".gitignore", "ignored/\n");
    put("ignored/Makefile", "no:\n");
    put(
        "chantier.toml",
        "[[task]]\nname = \"pack\"\nrun = [\"./pack.sh\", \"a b\"]\ntimeout = \"2m\"\n",
    );
    let detected = detect::detect(dir.path(), &|| false);
    let ids: Vec<&str> = detected.tasks.iter().map(|task| task.id.as_str()).collect();
    assert_eq!(
        ids,
        [
            "task:pack",
            "cargo:build",
            "cargo:build --release",
            "cargo:check",
            "cargo:clippy",
            "cargo:fmt --check",
            "cargo:doc --no-deps",
            "cargo:run a",
            "cargo:run extra",
            "cargo:lone:build",
            "cargo:lone:build --release",
            "cargo:lone:check",
            "cargo:lone:clippy",
            "cargo:lone:fmt --check",
            "cargo:lone:doc --no-deps",
            "cargo:build -p b",
            "cargo:run bee",
            "yarn:web:build",
            "yarn:web:test:unit",
            "make:all",
        ]
    );
    assert_eq!(detected.problems.len(), 1, "{:?}", detected.problems);
    let task = |id: &str| detect::find(&detected.tasks, id).unwrap_or_else(|_| panic!("{id}"));
    assert_eq!(task("pack").command_line(), "./pack.sh 'a b'");
    assert_eq!((task("pack").place.line, task("pack").timeout_ms), (Some(2), Some(120_000)));
    assert_eq!(
        (task("yarn:web:test:unit").place.line, task("yarn:web:test:unit").kind),
        (Some(6), Kind::Test)
    );
    assert_eq!(task("cargo:build -p b").argv.join(" "), "cargo build -p b");
    assert_eq!(task("cargo:build").argv.join(" "), "cargo build --workspace");
    assert_eq!(
        detect::main_task(&detected.tasks).map(|task| (task.source, task.id.as_str())),
        Some((Source::Project, "task:pack"))
    );
    assert!(Severity::Error < Severity::Warning);
}

// --- real tools through the real program -----------------------------------------------------------------------------

/// Puts files below a folder.
fn put(dir: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = dir.join(path);
        std::fs::create_dir_all(path.parent().expect("below")).expect("made");
        std::fs::write(path, text).expect("written");
    }
}

/// Says loudly that a tool is not here; in CI every tool has to be.
fn has(program: &str) -> bool {
    let works = std::process::Command::new(program)
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success());
    if !works {
        assert!(std::env::var_os("CI").is_none(), "{program} is missing");
        eprintln!("SKIPPED: {program} is not on this machine");
    }
    works
}

/// One call whose cargo builds below the home's own folder; the answer and the exit code.
fn call(home: &Home, dir: &Path, args: &[&str]) -> (serde_json::Value, i32) {
    let mut program = home.program(dir, args);
    program
        .env("CARGO_TARGET_DIR", home.path("target"))
        .env("CARGO_TERM_COLOR", "never");
    let output = program.output().expect("it starts");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let json = serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{error}\n{text}\n{}", String::from_utf8_lossy(&output.stderr)));
    (json, output.status.code().unwrap_or(-1))
}

#[test]
fn a_real_cargo_build_keeps_its_program_and_tells_why_it_fails() {
    let home = Home::new();
    let dir = home.path("tiny");
    let project = "[[task]]\nname = \"make it\"\nrun = [\"cargo\", \"build\"]\n[[artifact]]\nname = \"prog\"\npath = \"target/debug/tiny\"\ntask = \"make it\"\n";
    put(
        &dir,
        &[
            (
                "Cargo.toml",
                "[package]\nname = \"tiny\"\nversion = \"0.1.0\"\nedition = \"2021\"\n",
            ),
            ("src/main.rs", "fn main() {\n    let x = 1;\n    println!(\"hi\");\n}\n"),
            ("chantier.toml", project),
        ],
    );
    let (answer, code) = call(&home, &dir, &["build", "run", "--trust", "--json"]);
    assert_eq!(
        (code, answer["result"]["run"]["state"].as_str()),
        (0, Some("done")),
        "{answer:#}"
    );
    assert_eq!(answer["result"]["run"]["n_warnings"], 1);
    // The artifact was found although CARGO_TARGET_DIR moves it, and is kept under its own sum.
    let artifact = &answer["result"]["artifacts"][0];
    let made = std::fs::read(home.path("target/debug/tiny")).expect("cargo made it");
    let stored = PathBuf::from(artifact["stored"].as_str().expect("kept"));
    assert_eq!(artifact["name"], "prog");
    assert_eq!(std::fs::read(&stored).expect("kept"), made);
    assert_eq!(
        artifact["sha256"].as_str(),
        Some(chantier::adapters::files::sha256_of(&made).as_str())
    );
    assert_eq!(stored.file_name().and_then(|name| name.to_str()), artifact["sha256"].as_str());
    let run = std::process::Command::new(&stored).output().expect("it can still be run");
    assert_eq!(run.stdout, b"hi\n");

    // The same program again: the copy stands as it is, and one that was damaged meanwhile is mended.
    let inode = |path: &Path| std::os::unix::fs::MetadataExt::ino(&std::fs::metadata(path).expect("there"));
    let before = inode(&stored);
    call(&home, &dir, &["build", "run", "make it", "--json"]);
    assert_eq!(inode(&stored), before);
    std::fs::write(&stored, vec![0; made.len()]).expect("written");
    call(&home, &dir, &["build", "run", "make it", "--json"]);
    assert_eq!(std::fs::read(&stored).expect("kept"), made);

    put(&dir, &[("src/main.rs", "fn main() {\n    let x: u8 = \"a\";\n}\n")]);
    let (answer, code) = call(&home, &dir, &["build", "run", "make it", "--json"]);
    assert_eq!(
        (code, answer["problems"][0]["code"].as_str()),
        (1, Some("build-failed")),
        "{answer:#}"
    );
    let why = &answer["result"]["why"];
    assert_eq!(
        (
            why["code"].as_str(),
            why["place"]["path"].as_str(),
            why["place"]["line"].as_u64()
        ),
        (Some("E0308"), Some("src/main.rs"), Some(2))
    );
    assert_eq!(why["lines"][1][1], "    let x: u8 = \"a\";");
    assert_eq!(answer["problems"][0]["place"]["line"], 2);
    let job = answer["result"]["run"]["job"].to_string();
    let (shown, _) = call(&home, &dir, &["build", "show", &job, "--json"]);
    assert_eq!(
        shown["result"]["why"]["message"], why["message"],
        "the ledger knows it too: {shown:#}"
    );
    let (history, _) = call(&home, &dir, &["build", "history", "--json"]);
    assert_eq!(history["result"]["runs"].as_array().map(Vec::len), Some(4));
    let (missing, code) = call(&home, &dir, &["build", "run", "nope", "--json"]);
    assert_eq!((missing["problems"][0]["code"].as_str(), code), (Some("not-found"), 1));
}

#[test]
fn a_real_makefile_fails_with_the_compilers_own_place() {
    if !has("make") || !has("gcc") {
        return;
    }
    let home = Home::new();
    let dir = home.path("c");
    put(
        &dir,
        &[
            (
                "Makefile",
                ".PHONY: all\nall:\n\tgcc -c sub/m.c -o m.o\n\nslow:\n\tsleep 60\n",
            ),
            ("sub/m.c", "int main(void) {\n  retrun 0;\n}\n"),
            (
                "chantier.toml",
                "[[task]]\nname = \"slow\"\nkind = \"check\"\nrun = [\"make\", \"slow\"]\ntimeout = \"300ms\"\n",
            ),
        ],
    );
    let (answer, code) = call(&home, &dir, &["build", "run", "make:all", "--trust", "--json"]);
    assert_eq!(code, 1, "{answer:#}");
    let place = &answer["result"]["why"]["place"];
    assert_eq!(
        (place["path"].as_str(), place["line"].as_u64(), place["column"].as_u64()),
        (Some("sub/m.c"), Some(2), Some(3)),
        "{answer:#}"
    );
    assert_eq!(answer["result"]["why"]["lines"][1][1], "  retrun 0;");
    let (late, code) = call(&home, &dir, &["build", "run", "slow", "--json"]);
    assert_eq!(
        (late["problems"][0]["code"].as_str(), code),
        (Some("timed-out"), 1),
        "{late:#}"
    );
}

#[test]
fn a_real_npm_script_is_run() {
    if !has("node") || !has("npm") {
        return;
    }
    let home = Home::new();
    let dir = home.path("web");
    let package = "{\"name\": \"w\", \"version\": \"1.0.0\", \"scripts\": {\"build\": \"node -e 'console.log(41 + 1)'\", \"bad\": \"node no-such.js\"}}";
    put(&dir, &[("package.json", package)]);
    let (answer, code) = call(&home, &dir, &["build", "run", "--trust", "--json"]);
    assert_eq!(
        (code, answer["result"]["run"]["task"].as_str()),
        (0, Some("npm:build")),
        "{answer:#}"
    );
    let (bad, code) = call(&home, &dir, &["build", "run", "bad", "--json"]);
    assert_eq!(code, 1);
    assert_eq!(bad["problems"][0]["code"], "build-failed", "{bad:#}");
    assert!(
        bad["result"]["why"]["message"]
            .as_str()
            .is_some_and(|message| message.contains("Cannot find module")),
        "{bad:#}"
    );
}
