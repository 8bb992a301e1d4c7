//! Files opened in the editor that is configured, at the line: the editor is a script that says how it was called.

use super::fixture::Fixture;
use super::jobs::Bench;
use crate::support::cli::Home;
use chantier::areas::code::Command;
use chantier::base::{GitPath, Settings};
use chantier::engine::Outcome;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::process::{self, Stdio};

/// An editor of this name, and where it writes its arguments.
fn editor(fixture: &Fixture, name: &str) -> (PathBuf, PathBuf) {
    let (program, said) = (fixture.dir.path().join(name), fixture.dir.path().join(format!("{name}.said")));
    let script = format!("#!/bin/sh\nprintf '%s\\n' \"$@\" > {}\n", said.display());
    std::fs::write(&program, script).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    (program, said)
}

#[test]
fn the_configured_editor_opens_the_file_at_the_line() {
    let mut bench = Bench::trusted();
    bench.fixture.write("src/balance.rs", "1\n2\n3\n");
    let file = bench.fixture.path("src/balance.rs");
    let place = format!("{}:2:3", file.display());
    let (own, own_said) = editor(&bench.fixture, "own");
    let (code, code_said) = editor(&bench.fixture, "code");
    let (own, code) = (own.display().to_string(), code.display().to_string());
    for (words, said, wanted) in [
        (
            vec![own.clone(), "-at={line}".to_owned(), "{file}".to_owned()],
            own_said,
            vec!["-at=2".to_owned(), file.display().to_string()],
        ),
        (vec![code.clone()], code_said, vec!["--goto".to_owned(), place]),
    ] {
        let mut settings = Settings::default();
        settings.general.editor = words;
        bench.session.world.set_settings(settings);
        // As a page names it, and as a place of a test or a build does: from the top, and absolute.
        for path in [GitPath::from("src/balance.rs"), GitPath::of_path(&file)] {
            std::fs::remove_file(&said).ok();
            let outcome = bench.run(Command::OpenInEditor {
                workspace: bench.workspace.clone(),
                path,
                line: 2,
                column: 3,
            });
            assert_eq!(outcome, Outcome::Done);
            let told = std::fs::read_to_string(&said).unwrap();
            assert_eq!(told.lines().collect::<Vec<_>>(), wanted);
        }
    }
    let gone = bench.refused(Command::OpenInEditor {
        workspace: bench.workspace.clone(),
        path: GitPath::from("src/gone.rs"),
        line: 1,
        column: 1,
    });
    assert_eq!(gone.code, "not-found");
}

#[test]
fn an_editor_that_lives_in_a_terminal_takes_the_one_that_the_caller_sits_at() {
    let (home, fixture) = (Home::new(), Fixture::new());
    fixture.write("a b.rs", "1\n2\n");
    let editor = fixture.dir.path().join("vim");
    std::fs::write(
        &editor,
        "#!/bin/sh\necho \"edits $* in $PWD\"\ntest -t 0 && test -t 1 && echo at a terminal\nexit 7\n",
    )
    .unwrap();
    std::fs::set_permissions(&editor, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    let program = env!("CARGO_BIN_EXE_chantier");
    let at_terminal = format!("'{program}' --trust code open 'a b.rs:2'");
    let call = |command: &mut process::Command| {
        let told = command
            .current_dir(&fixture.root)
            .env("CHANTIER_HOME", home.path("home"))
            .env("EDITOR", &editor)
            .env_remove("VISUAL")
            .env_remove("DISPLAY")
            .env_remove("WAYLAND_DISPLAY")
            .output()
            .unwrap();
        (
            told.status.code(),
            String::from_utf8_lossy(&[told.stdout, told.stderr].concat()).into_owned(),
        )
    };
    let (code, told) = call(
        process::Command::new("script")
            .args(["-qec", &at_terminal, "/dev/null"])
            .stdin(Stdio::null()),
    );
    let wanted = format!("edits +2 {} in {}", fixture.path("a b.rs").display(), fixture.root.display());
    assert!(told.contains(&wanted) && told.contains("at a terminal"), "{told}");
    assert_eq!(code, Some(7), "the editor's end is the call's: {told}");
    // Without one, what to type is told.
    let (code, told) = call(
        process::Command::new(program)
            .args(["--trust", "code", "open", "a b.rs:2"])
            .stdin(Stdio::null()),
    );
    assert!(code == Some(1) && told.contains("+2 ") && !told.contains("edits"), "{told}");
}
