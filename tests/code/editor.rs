//! Files opened in the editor that is configured, at the line: the editor is a script that says how it was called.

use super::fixture::Fixture;
use super::jobs::Bench;
use chantier::areas::code::Command;
use chantier::base::{GitPath, Settings};
use chantier::engine::Outcome;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

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
