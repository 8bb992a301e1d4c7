//! Row 24 of the list of faults: what commits, tests, tasks and files say is shown, and never acts on the terminal.

use crate::support::cli::{Home, git};

/// Sets the title, writes the clipboard, a link, clears the screen, moves the cursor, and rings.
const HOSTILE: &str =
    "a\u{1b}]0;owned\u{7}b\u{1b}]52;c;cm0=\u{7}c\u{1b}]8;;http://x\u{1b}\\d\u{1b}[2Je\u{1b}[1;1Hf\u{7}g\u{9b}2Jh\u{202e}i";

/// Only colours may get through, and only those of `CSI … m`.
fn check_harmless(name: &str, text: &str) {
    assert!(!text.contains(['\u{7}', '\u{9b}']), "{name}: {text:?}");
    for (at, _) in text.match_indices('\u{1b}') {
        let rest = &text[at + 1..];
        let end = rest.find(|c: char| c.is_ascii_alphabetic());
        let is_colour = rest.starts_with('[') && end.is_some_and(|end| &rest[end..=end] == "m");
        let clears_line = rest.starts_with("[2K");
        assert!(is_colour || clears_line, "{name}: {:?}", &rest[..rest.len().min(20)]);
    }
}

#[test]
fn row_24_escape_sequences_never_act() {
    let home = Home::new();
    let dir = home.path("p");
    std::fs::create_dir(&dir).unwrap();
    git(&dir, &["init", "-q", "-b", "main"]);
    std::fs::write(dir.join("hostile.txt"), HOSTILE).unwrap();
    std::fs::write(dir.join("file\u{1b}[2J.txt"), HOSTILE).unwrap();
    let task = "[[task]]\nname = \"t\"\nrun = [\"cat\", \"hostile.txt\"]\n[[task]]\nname = \"f\"\nrun = [\"sh\", \"-c\", \"cat hostile.txt >&2; exit 3\"]\n";
    std::fs::write(dir.join("chantier.toml"), task).unwrap();
    git(&dir, &["add", "."]);
    git(
        &dir,
        &[
            "-c",
            &format!("user.name={HOSTILE}"),
            "-c",
            "user.email=a@b",
            "commit",
            "-qm",
            HOSTILE,
        ],
    );
    std::fs::write(dir.join("hostile.txt"), format!("{HOSTILE}\nmore")).unwrap();
    let report = format!(
        "<testsuite name=\"s\"><testcase classname=\"a\" name=\"{0}\"><failure message=\"{0}\">{0}</failure></testcase></testsuite>",
        HOSTILE.replace(['\u{1b}', '\u{7}'], "&#27;")
    );
    std::fs::write(dir.join("r.xml"), report).unwrap();
    home.call_in(&dir, &["devops", "trust"]).ok();
    let calls: [&[&str]; 12] = [
        &["code", "log"],
        &["code", "show", "HEAD"],
        &["code", "status"],
        &["code", "diff"],
        &["build", "run", "t"],
        &["build", "run", "f"],
        &["build", "history"],
        &["test", "import", "r.xml"],
        &["test", "history"],
        &["devops", "runs"],
        &["release", "next"],
        &["devops", "list"],
    ];
    for words in calls {
        let called = home.call_in(&dir, words);
        let name = words.join(" ");
        check_harmless(&name, &called.out);
        check_harmless(&name, &called.err);
        // On a terminal colours are kept, and nothing else of it.
        check_harmless(&format!("{name} on a terminal"), &home.on_terminal(&dir, words));
    }
    let log = home.call_in(&dir, &["code", "log"]).ok();
    assert!(log.out.contains("owned"), "it is shown, only not obeyed: {}", log.out);
}

/// Rows 24 and 25 of names of folders: it is enough that somebody looks for projects where an archive was unpacked.
#[test]
fn names_of_folders_never_act_either() {
    let home = Home::new();
    let dir = home.path("many").join("esc\u{1b}]0;owned\u{7}\u{1b}[2J\u{202e}\nend");
    std::fs::create_dir_all(&dir).unwrap();
    git(&dir, &["init", "-q"]);
    let many = home.path("many");
    for words in [
        &["devops", "scan", many.to_str().unwrap()][..],
        &["devops", "add", dir.to_str().unwrap()],
        &["devops", "list"],
        &["devops", "show", dir.to_str().unwrap()],
        &["code", "status", "--workspace", dir.to_str().unwrap()],
        &["build", "tasks", "--workspace", dir.to_str().unwrap()],
        &["devops", "remove", dir.to_str().unwrap()],
    ] {
        let called = home.call(words);
        let name = words[..2].join(" ");
        check_harmless(&name, &called.out);
        check_harmless(&name, &called.err);
        let said = called.out + &called.err;
        assert!(!said.contains('\u{202e}'), "{name}: {said:?}");
        assert!(!said.lines().any(|line| line.starts_with("end")), "{name}: one row: {said:?}");
    }
}
