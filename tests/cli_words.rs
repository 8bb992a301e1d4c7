//! The command line's own words: help in the ways people ask for it, and output that nobody could write.

use crate::support::cli::{Called, Home, git};
use chantier::base::{Catalog, Lang, State, ThreadKind, ThreadStep};
use std::fs::File;
use std::process::Stdio;

/// A call whose output goes to a full disk.
fn to_full(home: &Home, args: &[&str]) -> Called {
    let full = File::options().write(true).open("/dev/full").unwrap();
    let mut program = home.program(&home.path("."), args);
    let output = program.stdout(full).stderr(Stdio::piped()).output().unwrap();
    Called {
        code: output.status.code().unwrap_or(-1),
        out: String::new(),
        err: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

#[test]
fn output_that_can_not_be_written_is_a_failure_and_is_said() {
    let home = Home::new();
    std::fs::create_dir(home.path("p")).unwrap();
    home.call(&["devops", "add", "p"]).ok();
    for args in [
        &["devops", "list"][..],
        &["devops", "list", "--json"],
        &["devops", "list", "--events"],
        &["doctor"],
        &["completions", "bash"],
        &["--help"],
        &["code", "log", "--help"],
    ] {
        let called = to_full(&home, args);
        assert_eq!(called.code, 1, "{args:?}: {}", called.err);
        assert!(called.err.contains("could not be written"), "{args:?}: {}", called.err);
    }
    assert_eq!(to_full(&home, &["devops", "show", "nowhere", "--json"]).code, 1);
}

#[test]
fn help_is_a_word_too() {
    let home = Home::new();
    let same = |asked: &[&str], long: &[&str]| {
        let (asked, long) = (home.call(asked).ok(), home.call(long).ok());
        assert!(!asked.out.is_empty());
        assert_eq!(asked.out, long.out);
    };
    same(&["help"], &["--help"]);
    same(&["help", "devops"], &["devops", "--help"]);
    same(&["help", "devops", "runs"], &["devops", "runs", "--help"]);
    same(&["devops", "help", "add"], &["devops", "add", "--help"]);
    same(&["--lang", "fr", "help", "code"], &["--lang", "fr", "code", "--help"]);
    // A word of the verb's own is none: here it names a workspace.
    assert_eq!(home.call(&["devops", "show", "help"]).code, 1);
    let unknown = home.call(&["help", "nonsense"]);
    assert_eq!(unknown.code, 2);
    assert!(unknown.err.contains("nonsense"), "{}", unknown.err);
    assert_eq!(home.call(&["devops", "help", "nonsense"]).code, 2);
}

#[test]
fn a_difference_of_what_is_no_file_is_told_as_such() {
    let home = Home::new();
    let dir = home.path("p");
    std::fs::create_dir(&dir).unwrap();
    std::fs::write(dir.join("a"), "1\n").unwrap();
    for args in [
        &["init", "-q", "-b", "main"][..],
        &["config", "user.name", "Ada"],
        &["config", "user.email", "ada@example.org"],
        &["add", "a"],
        &["commit", "-q", "-m", "one"],
    ] {
        git(&dir, args);
    }
    let diff = |path: &str| home.call_in(&dir, &["code", "diff", path]);
    let commit = diff("HEAD");
    assert_eq!(commit.code, 1);
    assert!(commit.err.contains("code compare --patch HEAD"), "{}", commit.err);
    let missing = diff("nowhere.txt");
    assert!(missing.err.contains("no file nowhere.txt"), "{}", missing.err);
    assert!(!missing.err.contains("compare"), "{}", missing.err);
    let same = diff("a");
    assert!(
        same.err.contains("Nothing changed at a") && !same.err.contains('→'),
        "{}",
        same.err
    );
    git(&dir, &["checkout", "-q", "--detach"]);
    let detached = home.call_in(&dir, &["code", "status"]).ok();
    assert!(detached.out.contains("(on no branch)"), "{}", detached.out);
    std::fs::remove_file(dir.join("a")).unwrap();
    assert!(diff("a").ok().out.contains("-1"));
}

#[test]
fn the_sources_that_are_meant_are_those_of_the_nearest_repository() {
    let home = Home::new();
    let inner = home.path("nest/inner");
    std::fs::create_dir_all(inner.join("deep")).unwrap();
    git(&home.path("nest"), &["init", "-q"]);
    git(&inner, &["init", "-q"]);
    std::fs::write(inner.join("new.txt"), "1\n").unwrap();
    home.call(&["devops", "add", "nest"]).ok();
    let status = |at: &std::path::Path| home.call_in(at, &["code", "status"]).ok().out;
    assert!(status(&inner.join("deep")).contains("?? new.txt"));
    assert!(status(&home.path("nest")).contains("?? inner/"));
    let named = home.call_in(&inner, &["code", "status", "--workspace", "nest"]).ok().out;
    assert!(named.contains("?? inner/"), "{named}");
}

#[test]
fn an_empty_variable_for_the_home_is_none_and_an_empty_word_is_a_mistake() {
    let home = Home::new();
    let call = |args: &[&str], xdg: &str| {
        let mut program = home.program(&home.path("."), args);
        program
            .env("CHANTIER_HOME", "")
            .env("HOME", home.path(xdg))
            .env_remove("XDG_DATA_HOME");
        program
            .env_remove("XDG_CONFIG_HOME")
            .env_remove("XDG_CACHE_HOME")
            .env_remove("XDG_STATE_HOME");
        program.output().unwrap()
    };
    let path = call(&["config", "path"], "own");
    let said = String::from_utf8_lossy(&path.stdout).into_owned();
    assert!(
        path.status.success() && said.starts_with(home.path("own").to_str().unwrap()),
        "{said}"
    );
    let named = home.path("named");
    let path = call(&["--home", named.to_str().unwrap(), "config", "path"], "own");
    assert!(String::from_utf8_lossy(&path.stdout).starts_with(named.to_str().unwrap()));
    assert_eq!(call(&["--home", "", "config", "path"], "own").status.code(), Some(2));
}

#[test]
fn lists_that_are_empty_say_so_and_words_of_the_files_are_translated() {
    let home = Home::new();
    std::fs::create_dir(home.path("p")).unwrap();
    home.call(&["devops", "add", "p", "--trust"]).ok();
    let in_p = |args: &[&str]| home.call_in(&home.path("p"), args).ok();
    for (args, key) in [
        (["operate", "incident", "list"], "incident-empty"),
        (["operate", "runbook", "list"], "runbook-empty"),
        (["config", "secret", "list"], "config-secrets-empty"),
    ] {
        let called = in_p(&["--lang", "fr", args[0], args[1], args[2]]);
        assert!(
            called.err.contains(&*Catalog::new(Lang::Fr).t(key)),
            "{args:?}: {}",
            called.err
        );
    }
    let made = in_p(&["plan", "new", "bug: Crash on start !high", "--json"]).json();
    let id = made["result"]["id"].as_str().unwrap().to_owned();
    let shown = in_p(&["--lang", "fr", "plan", "show", &id]).out;
    assert!(!shown.contains("bug") && !shown.contains("high"), "{shown}");
    for key in ["plan-kind-bug", "plan-priority-high"] {
        assert!(shown.contains(&*Catalog::new(Lang::Fr).t(key)), "{shown}");
    }
}

#[test]
fn why_an_instance_ended_is_said_in_the_language_of_the_reader() {
    let step = |kind, note: &str| ThreadStep {
        kind,
        state: State::Failed,
        name: "app-1".to_owned(),
        note: note.to_owned(),
        target: None,
        at: None,
    };
    let texts = Catalog::new(Lang::Fr);
    let said = step(ThreadKind::Instance, "crashed").note_in(&texts);
    assert!(said != "crashed" && said == texts.t("operate-cause-crashed"), "{said}");
    assert_eq!(
        step(ThreadKind::Commit, "crashed").note_in(&texts),
        "crashed",
        "the words of a commit"
    );
}

#[test]
fn the_manual_page_names_every_area_and_gives_no_orders_by_chance() {
    let home = Home::new();
    let english = home.call(&["man"]).ok().out;
    let french = home.call(&["--lang", "fr", "man"]).ok().out;
    assert!(
        english.starts_with(".TH CHANTIER 1") && english.contains(".SH COMMANDS\n"),
        "{english}"
    );
    assert!(french.contains(".SH COMMANDES\n") && !french.contains(".SH COMMANDS\n"));
    for page in [&english, &french] {
        for area in [
            "devops", "plan", "code", "build", "test", "release", "deploy", "operate", "monitor", "config",
        ] {
            assert!(page.contains(&format!(".SS chantier {area}\n")), "{area}");
        }
        assert!(page.contains("\\fBchantier deploy plan run\\fR"), "groups in groups too");
        assert!(page.contains("\\fB\\-\\-home\\fR"));
        let known = [".TH", ".SH", ".SS", ".TP", ".B", ".br", ".RS", ".RE"];
        let orders = page.lines().filter(|line| line.starts_with(['.', '\'']));
        for line in orders {
            assert!(known.contains(&line.split(' ').next().unwrap()), "{line}");
        }
    }
}

/// A workspace and a home may be called like an area or a command.
#[test]
fn the_word_behind_an_option_is_its_value() {
    let home = Home::new();
    for name in ["tour", "test", "build", "help"] {
        let dir = home.path(name);
        std::fs::create_dir_all(&dir).unwrap();
        git(&dir, &["init", "-q", "-b", name]);
        home.call(&["devops", "add", dir.to_str().unwrap()]).ok();
        let shown = home.call(&["-w", name, "--json", "code", "status"]).ok().json();
        assert_eq!(shown["result"]["summary"]["head"]["name"], name, "{shown:#}");
        home.call(&["--workspace", name, "build", "tasks"]).ok();
    }
    let listed = home
        .program(&home.path("tour"), &["--home", "test", "devops", "list"])
        .output()
        .unwrap();
    assert!(listed.status.success() && home.path("tour").join("test").is_dir());
    let none = home.call(&["-w", "--json", "code", "status"]);
    assert!(none.code == 2 && none.err.contains("--workspace"), "{}", none.err);
}
