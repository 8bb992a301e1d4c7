//! The command line as people and programs use it: the real binary, real folders, exit codes, JSON, events, recordings.

use crate::support::cli::{Home, git};
use serde_json::Value;

#[test]
fn the_sample_is_unpacked_with_its_history_added_and_trusted() {
    let home = Home::new();
    let dir = home.sample();
    assert_eq!(git(&dir, &["rev-list", "--count", "HEAD"]).trim(), "10");
    assert_eq!(git(&dir, &["tag"]), "v0.1.0\nv0.2.0\n");
    assert_eq!(git(&dir, &["status", "--porcelain"]), "");
    let list = home.call(&["devops", "list", "--json"]).ok().json();
    assert_eq!(list["schema"], "chantier.devops.list/1");
    let workspace = &list["result"]["workspaces"][0];
    assert_eq!(workspace["trust"], "trusted");
    assert_eq!(workspace["board"]["repo"]["head"]["name"], "main");
    assert_eq!(workspace["board"]["repo"]["oid"], git(&dir, &["rev-parse", "HEAD"]).trim());
    // A second time into the same folder: nothing is overwritten.
    let again = home.call(&["devops", "sample", dir.to_str().unwrap(), "--json"]);
    assert_eq!(again.code, 1);
    assert_eq!(again.json()["problems"][0]["code"], "not-empty");
}

#[test]
fn workspaces_are_trusted_as_they_are_added_and_by_name() {
    let home = Home::new();
    for name in ["one", "two"] {
        std::fs::create_dir(home.path(name)).unwrap();
        git(&home.path(name), &["init", "-q"]);
    }
    let trust = |list: &Value| -> Vec<String> {
        let of = |name: &str| {
            let workspaces = list["result"]["workspaces"].as_array().unwrap();
            workspaces.iter().find(|row| row["name"] == name).unwrap()["trust"]
                .as_str()
                .unwrap()
                .to_owned()
        };
        vec![of("one"), of("two")]
    };
    let list = || home.call(&["devops", "list", "--json"]).ok().json();
    let added = home.call(&["devops", "add", "one", "--trust", "--json"]).ok().json();
    assert_eq!(added["result"]["workspaces"][0]["trust"], "trusted");
    home.call(&["devops", "add", "two"]).ok();
    assert_eq!(trust(&list()), ["trusted", "untrusted"]);
    // The folder in which one stood was not meant.
    std::fs::write(
        home.path("chantier.toml"),
        "[[task]]\nname = \"t\"\nrun = [\"touch\", \"pwned\"]\n",
    )
    .unwrap();
    assert_eq!(home.call(&["build", "run", "t"]).code, 3);
    home.call(&["devops", "trust", "two"]).ok();
    home.call(&["devops", "distrust", home.path("one").to_str().unwrap()]).ok();
    assert_eq!(trust(&list()), ["untrusted", "trusted"]);
    let shown = home.call(&["devops", "show", "one", "two", "--json"]).ok().json();
    assert_eq!(shown["result"]["workspaces"][1]["workspace"]["name"], "two");
    assert_eq!(home.call(&["devops", "trust", "three"]).code, 1);
    home.call(&["devops", "remove", "one", "two"]).ok();
    assert_eq!(list()["result"]["workspaces"], serde_json::json!([]));
}

#[test]
fn exit_codes_are_part_of_the_interface() {
    let home = Home::new();
    assert_eq!(home.call(&["devops", "list"]).code, 0);
    assert_eq!(home.call(&["devops", "add", "nowhere"]).code, 1);
    for system in ["/", "/proc", "/dev"] {
        assert_eq!(home.call(&["devops", "add", system]).code, 1, "{system}");
    }
    assert_eq!(home.call(&["devops", "no-such-verb"]).code, 2);
    assert_eq!(home.call(&["some-folder", "code", "status"]).code, 2);
    let nothing = home.call(&["--json"]);
    assert_eq!(
        (nothing.code, nothing.json()["problems"][0]["code"].as_str()),
        (2, Some("usage"))
    );
    std::fs::write(home.path("file"), "").unwrap();
    let file = home.call(&["file"]);
    assert!(
        file.code == 2 && file.err.contains("Neither a command nor a folder: file"),
        "{}",
        file.err
    );
    std::fs::create_dir(home.path("untrusted")).unwrap();
    git(&home.path("untrusted"), &["init", "-q"]);
    std::fs::write(
        home.path("untrusted/chantier.toml"),
        "[[task]]\nname = \"t\"\nrun = [\"touch\", \"pwned\"]\n",
    )
    .unwrap();
    let refused = home.call_in(&home.path("untrusted"), &["build", "run", "t", "--json"]);
    assert_eq!(refused.code, 3, "{}", refused.out);
    assert_eq!(refused.json()["problems"][0]["code"], "untrusted");
    assert!(!home.path("untrusted/pwned").exists());
    home.call_in(&home.path("untrusted"), &["build", "run", "t", "--trust"]).ok();
    assert!(home.path("untrusted/pwned").exists());
}

#[test]
fn a_problem_says_what_happened_and_what_to_do_in_both_languages() {
    let home = Home::new();
    let english = home.call(&["--lang", "en", "devops", "thread", "foo:bar"]);
    let french = home.call(&["devops", "thread", "foo:bar", "--lang", "fr"]);
    assert!(english.err.contains("names nothing"), "{}", english.err);
    assert!(french.err.contains("ne désigne rien"), "{}", french.err);
    assert!(english.out.is_empty());
    assert!(french.err.contains('→'));
}

#[test]
fn events_are_json_lines_and_a_recording_plays_them_again() {
    let home = Home::new();
    std::fs::create_dir(home.path("p")).unwrap();
    let recording = home.path("r.jsonl");
    let called = home
        .call(&["devops", "add", "p", "--events", "--record", recording.to_str().unwrap()])
        .ok();
    let lines: Vec<Value> = called.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines[0]["event"]["job"][1]["event"] == "queued", "{}", lines[0]);
    assert!(lines.last().unwrap()["event"]["job"][1]["event"] == "ended");
    let replayed = home.call(&["replay", recording.to_str().unwrap(), "--events"]).ok();
    assert_eq!(replayed.out.lines().count(), lines.len());
    std::fs::write(&recording, "not an event\n").unwrap();
    let broken = home.call(&["replay", recording.to_str().unwrap(), "--json"]);
    assert_eq!(broken.code, 1);
    assert_eq!(broken.json()["problems"][0]["place"]["line"], 1);
}

#[test]
fn the_ledger_lists_what_was_run_and_the_doctor_finds_it_sound() {
    let home = Home::new();
    home.sample();
    let runs = home.call(&["devops", "runs", "--all", "--json"]).ok().json();
    assert_eq!(runs["result"]["runs"][0]["state"], "done");
    let id = runs["result"]["runs"][0]["id"].to_string();
    let run = home.call(&["devops", "run", &id, "--json"]).ok().json();
    assert_eq!(run["result"]["run"]["area"], "devops");
    assert_eq!(home.call(&["devops", "run", "999999", "--json"]).code, 1);
    let doctor = home.call(&["doctor", "--read-data", "--json"]).ok().json();
    assert_eq!(doctor["result"]["is_sound"], true);
}

#[test]
fn completions_are_made_for_every_shell() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let called = home.call(&["completions", shell]).ok();
        assert!(called.out.contains("chantier") && called.out.contains("devops"), "{shell}");
        // Words that are known beforehand are offered.
        assert!(
            called.out.contains("en fr") || called.out.contains("en\\ fr") || !matches!(shell, "bash" | "zsh"),
            "{shell}"
        );
    }
}

#[test]
fn without_a_display_the_window_says_so_in_one_line_and_names_the_command_line() {
    let home = Home::new();
    let called = home.call(&[]);
    assert_eq!(called.code, 1);
    assert_eq!(called.err.trim().lines().count(), 1, "{}", called.err);
    assert!(called.err.contains("chantier --help"), "{}", called.err);
}

/// Row 14: a home that can not be written gives one clear line, and nothing else happens. Root can write everywhere, so the way is barred by a file.
#[test]
fn a_home_that_can_not_be_made_is_one_clear_problem() {
    let home = Home::new();
    std::fs::write(home.path("file"), "").unwrap();
    let blocked = home.path("file/below");
    let called = home.call(&["--home", blocked.to_str().unwrap(), "devops", "list", "--json"]);
    assert_eq!(called.code, 1);
    assert_eq!(called.json()["problems"].as_array().unwrap().len(), 1);
}

#[test]
fn a_broken_project_file_is_told_and_fails_what_lists_it() {
    let home = Home::new();
    let dir = home.path("p");
    std::fs::create_dir(&dir).unwrap();
    git(&dir, &["init", "-q"]);
    std::fs::write(dir.join("Cargo.toml"), "[package]\nname = \"p\"\nversion = \"0.1.0\"\n").unwrap();
    git(&dir, &["add", "."]);
    git(
        &dir,
        &["-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "feat: it"],
    );
    std::fs::write(
        dir.join("chantier.toml"),
        "[[environment]]\nname = 3\n[[task]]\nname = \"t\"\nrun = [\"true\"]\n",
    )
    .unwrap();
    for words in [
        &["deploy", "list"][..],
        &["build", "tasks"],
        &["release", "next"],
        &["monitor", "list"],
        &["operate", "runbook", "list"],
        &["monitor", "dora"],
    ] {
        let mut args = words.to_vec();
        args.push("--json");
        let called = home.call_in(&dir, &args);
        let answer = called.json();
        assert_eq!(called.code, 1, "{words:?}: {answer:#}");
        assert_eq!(answer["ok"], false, "{words:?}");
        let place = &answer["problems"][0]["place"];
        assert_eq!(
            (place["line"].as_u64(), place["column"].is_u64()),
            (Some(2), true),
            "{words:?}: {answer:#}"
        );
    }
    // What is right in it is run all the same.
    home.call_in(&dir, &["build", "run", "t", "--trust", "--json"]).ok();
    let text = home.call_in(&dir, &["deploy", "list"]);
    assert!(text.err.contains("chantier.toml:2:"), "{}", text.err);
}

#[test]
fn a_command_line_that_is_not_understood_is_told_as_a_document_too() {
    let home = Home::new();
    let dir = home.path("p");
    std::fs::create_dir_all(&dir).expect("made");
    for words in [&["code", "frob", "--json"][..], &["--json", "test", "run", "--nope"]] {
        let called = home.call_in(&dir, words);
        let answer = called.json();
        assert_eq!(
            (called.code, answer["problems"][0]["code"].as_str()),
            (2, Some("usage")),
            "{answer:#}"
        );
        let summary = answer["problems"][0]["summary"].as_str().unwrap_or_default();
        assert!(
            !summary.starts_with("error") && summary.contains(words[if words[0] == "code" { 1 } else { 3 }]),
            "{answer:#}"
        );
    }
}

#[test]
fn a_first_project_file_is_written_once_and_has_no_error() {
    let home = Home::new();
    let dir = home.path("p");
    std::fs::create_dir_all(dir.join("src")).unwrap();
    std::fs::write(dir.join("Cargo.toml"), "[package]\nname = \"p\"\nversion = \"0.1.0\"\n").unwrap();
    std::fs::write(dir.join("src/main.rs"), "fn main() {}\n").unwrap();
    for lang in ["en", "fr"] {
        let file = dir.join("chantier.toml");
        let answer = home.call_in(&dir, &["init", "--json", "--lang", lang]).ok().json();
        let text = std::fs::read_to_string(&file).unwrap();
        assert_eq!(answer["result"]["text"], text, "{lang}");
        assert!(
            text.contains("#   cargo:build") && text.contains("path = \"target/release/p\""),
            "{text}"
        );
        home.call_in(&dir, &["config", "check"]).ok();
        // Every example in it is right too, once its marks are taken away.
        let examples: String = text
            .lines()
            .map(|line| {
                line.strip_prefix("# ")
                    .filter(|rest| rest.starts_with('[') || rest.contains(" = "))
                    .unwrap_or(line)
            })
            .map(|line| format!("{line}\n"))
            .collect();
        std::fs::write(&file, &examples).unwrap();
        let checked = home.call_in(&dir, &["config", "check"]);
        assert_eq!(checked.code, 0, "{}\n{examples}", checked.out);
        let again = home.call_in(&dir, &["init", "--json"]);
        assert_eq!(
            (again.code, again.json()["problems"][0]["code"].as_str()),
            (1, Some("exists"))
        );
        std::fs::remove_file(&file).unwrap();
    }
}

#[test]
fn a_first_project_file_leaves_a_trusted_workspace_trusted() {
    let home = Home::new();
    let dir = home.path("p");
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("Makefile"), "all:\n\t@echo made\n").unwrap();
    home.call(&["devops", "add", "p", "--trust"]).ok();
    home.call_in(&dir, &["init"]).ok();
    home.call_in(&dir, &["build", "run", "make:all"]).ok();
    // What somebody else writes into it asks again.
    let file = dir.join("chantier.toml");
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, format!("{text}\n[[task]]\nname = \"t\"\nrun = [\"true\"]\n")).unwrap();
    assert_eq!(home.call_in(&dir, &["build", "run", "make:all"]).code, 3);
    std::fs::remove_file(&file).unwrap();
    home.call_in(&dir, &["devops", "distrust"]).ok();
    home.call_in(&dir, &["init"]).ok();
    assert_eq!(home.call_in(&dir, &["build", "run", "make:all"]).code, 3);
}

/// Every verb and every argument that is not hidden.
fn every_help(command: &clap::Command, path: &str, out: &mut std::collections::BTreeMap<String, String>) {
    let text = command.get_about().map(ToString::to_string).unwrap_or_default();
    out.insert(
        if path == "help" {
            "help-chantier".to_owned()
        } else {
            path.to_owned()
        },
        text,
    );
    for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
        let text = arg.get_help().map(ToString::to_string).unwrap_or_default();
        if !["help", "version"].contains(&arg.get_id().as_str()) && !text.is_empty() {
            out.insert(format!("{path}_{}", arg.get_id()), text);
        }
    }
    for sub in command.get_subcommands() {
        every_help(sub, &format!("{path}-{}", sub.get_name()), out);
    }
}

#[test]
fn every_verb_and_argument_has_its_french_help() {
    use clap::CommandFactory;
    let mut wanted = std::collections::BTreeMap::new();
    every_help(&chantier::cli::Args::command(), "help", &mut wanted);
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("resources/locales/fr/help.ftl");
    let text = std::fs::read_to_string(path).unwrap();
    let there: std::collections::BTreeSet<&str> = text.lines().filter_map(|line| Some(line.split_once(" = ")?.0)).collect();
    let missing: Vec<String> = wanted
        .iter()
        .filter(|(key, _)| !there.contains(key.as_str()))
        .map(|(key, text)| format!("{key} = {text}"))
        .collect();
    let stale: Vec<&&str> = there.iter().filter(|key| !wanted.contains_key(**key)).collect();
    assert!(
        missing.is_empty() && stale.is_empty(),
        "resources/locales/fr/help.ftl wants the French of\n{}\nand has for nothing {stale:?}",
        missing.join("\n")
    );
}

#[test]
fn help_and_complaints_speak_the_language_that_is_asked_for() {
    let home = Home::new();
    let french = home.call(&["code", "--help", "--lang", "fr"]).ok();
    let plain = |text: &str| text.replace('\u{a0}', " ");
    assert!(
        plain(&french.out).contains("Utilisation :") && plain(&french.out).contains("Commandes :"),
        "{}",
        french.out
    );
    assert!(
        !french.out.contains("Usage") && !french.out.contains("Print help"),
        "{}",
        french.out
    );
    let english = home.call(&["code", "--help"]).ok();
    assert!(english.out.contains("Usage:"), "{}", english.out);
    let wrong = home.call(&["--lang=fr", "code", "statut"]);
    assert_eq!(wrong.code, 2);
    assert!(
        plain(&wrong.err).contains("La commande « statut » n’existe pas"),
        "{}",
        wrong.err
    );
    assert!(
        plain(&wrong.err).contains("Y ressemble : ") && wrong.err.contains("status"),
        "{}",
        wrong.err
    );
    // The setting counts as well.
    home.call(&["config", "set", "general.language", "fr"]).ok();
    let set = home.call(&["build", "run", "--no-such"]);
    assert!(
        plain(&set.err).contains("L’argument « --no-such » n’existe pas"),
        "{}",
        set.err
    );
}

/// As libraries of cargo's often are: tags without a `v`, a lock file that git ignores.
#[test]
fn a_library_is_released_in_the_way_of_its_own_tags_and_without_what_git_ignores() {
    let home = Home::new();
    let dir = home.path("p");
    std::fs::create_dir(&dir).unwrap();
    git(&dir, &["init", "-q", "-b", "main"]);
    git(&dir, &["config", "user.name", "a"]);
    git(&dir, &["config", "user.email", "a@example.org"]);
    std::fs::write(dir.join("Cargo.toml"), "[package]\nname = \"p\"\nversion = \"2.5.0\"\n").unwrap();
    std::fs::write(dir.join(".gitignore"), "Cargo.lock\n").unwrap();
    git(&dir, &["add", "."]);
    git(&dir, &["commit", "-qm", "feat: begin"]);
    git(&dir, &["tag", "2.5.0"]);
    std::fs::write(dir.join("a"), "a").unwrap();
    git(&dir, &["add", "."]);
    git(&dir, &["commit", "-qm", "fix: a leak"]);
    let lock = "version = 4\n\n[[package]]\nname = \"p\"\nversion = \"2.5.0\"\n";
    std::fs::write(dir.join("Cargo.lock"), lock).unwrap();
    let next = home.call_in(&dir, &["release", "next", "--json"]).ok().json();
    assert_eq!(next["result"]["readiness"]["tag"], "2.5.1", "{next:#}");
    home.call_in(&dir, &["release", "run", "--trust", "--json"]).ok();
    assert_eq!(git(&dir, &["tag", "--points-at", "HEAD"]), "2.5.1\n");
    assert_eq!(git(&dir, &["status", "--porcelain"]), "");
    assert_eq!(std::fs::read_to_string(dir.join("Cargo.lock")).unwrap(), lock);
}

#[test]
fn what_is_not_there_yet_is_said_and_what_was_not_looked_at_is_not_answered() {
    let home = Home::new();
    let dir = home.path("p");
    std::fs::create_dir(&dir).unwrap();
    let empty = home.call_in(&dir, &["deploy", "list"]).ok();
    assert!(
        empty.out.is_empty() && empty.err.contains("There is nothing here yet") && empty.err.contains("[[environment]]"),
        "{}",
        empty.err
    );
    std::fs::write(dir.join("Cargo.toml"), "[package]\nname = \"p\"\nversion = \"2.5.0\"\n").unwrap();
    let refused = home.call_in(&dir, &["test", "list"]);
    assert_eq!((refused.code, refused.out.as_str()), (3, ""));
    let none = home.call_in(&dir, &["operate", "logs", "web"]);
    assert!(none.err.contains("Nothing runs here"), "{}", none.err);
}

#[test]
fn a_reader_who_has_read_enough_is_no_crash() {
    let home = Home::new();
    for args in [&["doctor"][..], &["completions", "bash"]] {
        let mut child = home
            .program(&home.path("."), args)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let ended = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(
            ended.status.success() && !said.contains("panicked"),
            "{args:?}, {:?}: {said}",
            ended.status
        );
    }
}

#[test]
fn the_nearest_project_of_a_repository_is_meant() {
    let home = Home::new();
    let dir = home.path("mono");
    let inside = dir.join("svc/src");
    std::fs::create_dir_all(&inside).unwrap();
    git(&dir, &["init", "-q", "-b", "main"]);
    let file = "[project]\nname = \"svc\"\n\n[[task]]\nname = \"greet\"\nkind = \"run\"\nrun = [\"echo\", \"hello\"]\n";
    std::fs::write(dir.join("svc/chantier.toml"), file).unwrap();
    let tasks = |at: &std::path::Path| {
        let told = home.call_in(at, &["--trust", "build", "tasks", "--json"]).ok().json();
        let tasks = told["result"]["tasks"].as_array().unwrap().clone();
        tasks
            .iter()
            .map(|task| task["name"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(tasks(&inside), ["greet"]);
    assert!(tasks(&dir).is_empty(), "the project inside is one of its own");
    // A workspace that was added is the one that is meant.
    home.call_in(&dir, &["devops", "add", "."]).ok();
    assert!(tasks(&inside).is_empty());
}

#[test]
fn a_repository_is_cloned_and_is_a_workspace_then() {
    use chantier::areas::devops::clone::folder_name;
    for (url, name) in [
        ("https://example.org/team/tool.git", "tool"),
        ("git@example.org:team/tool.git/", "tool"),
        ("host:tool", "tool"),
        ("/srv/tool/.git", "tool"),
    ] {
        assert_eq!(folder_name(url), name, "{url}");
    }
    let home = Home::new();
    let from = home.path("from/tool");
    std::fs::create_dir_all(&from).unwrap();
    git(&from, &["init", "-q", "-b", "main"]);
    git(
        &from,
        &[
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@b",
            "commit",
            "-q",
            "--allow-empty",
            "-m",
            "one",
        ],
    );
    let here = home.path("here");
    std::fs::create_dir_all(&here).unwrap();
    let call = |args: &[&str]| home.call_in(&here, &[&["devops", "clone"], args].concat());
    call(&["../from/tool"]).ok();
    assert_eq!(git(&here.join("tool"), &["log", "--format=%s"]).trim(), "one");
    let list = home.call(&["devops", "list", "--json"]).ok().json();
    assert_eq!(list["result"]["workspaces"][0]["name"], "tool", "{list}");
    assert_eq!(list["result"]["workspaces"][0]["trust"], "untrusted", "{list}");
    let code = |args: &[&str]| {
        let called = home.call_in(&here, &[&["--json", "devops", "clone"], args].concat());
        assert_eq!(called.code, 1, "{}", called.out);
        called.json()["problems"][0]["code"].clone()
    };
    assert_eq!(code(&["../from/tool"]), "not-empty");
    let (_, ran) = (code(&["ext::sh -c 'touch ran'", "x"]), here.join("ran"));
    assert!(!ran.exists(), "an address runs nothing");
    assert_eq!(code(&["--", "--upload-pack=touch ran", "x"]), "bad-address");
    assert_eq!(code(&["/nowhere/at/all", "x"]), "clone-failed");
    assert!(!here.join("x").exists(), "what failed leaves nothing");
    call(&["../from/tool", "deep/er/second", "--group", "Tools"]).ok();
    assert!(here.join("deep/er/second/.git").is_dir());
}
