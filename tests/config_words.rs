//! What is wrong in a chantier.toml is told in the language of the program, with the name of what it is wrong of.

use crate::support::cli::Home;
use chantier::areas::devops::project::parse;
use chantier::base::{Catalog, Lang};
use std::path::Path;

const WRONG: &str = r#"[[check]]
name = "api"
kind = "http"

[[check]]
name = "shop"
kind = "tcp"
address = "127.0.0.1:1"
interval = 5
nosuch = 1

[[check]]
name = "count"
kind = "tcp"
address = "127.0.0.1:1"
retries = -1

[[check]]
name = "often"
kind = "tcp"
address = "127.0.0.1:1"
interval = "5 parsecs"

[[check]]
name = "there"
kind = "tcp"
address = "127.0.0.1:1"
needs = ["never"]
environment = "mars"

[[task]]
name = "t"
runn = ["x"]
run = "x"
"#;

#[test]
fn every_word_of_config_check_is_in_the_language_of_the_program() {
    let home = Home::new();
    let dir = home.path("project");
    std::fs::create_dir_all(&dir).unwrap();
    std::fs::write(dir.join("chantier.toml"), WRONG).unwrap();
    let french = home.call_in(&dir, &["--lang", "fr", "config", "check"]);
    assert_eq!(french.code, 1);
    // Marks of French never begin a line.
    let said = french.out.replace('\u{a0}', " ");
    for line in [
        ":1:1: Il manque la clé « url » à « api »",
        ":9:12: « 5 » ne peut pas figurer ici : il faut un texte entre guillemets",
        ":10:1: Il n’y a pas de clé « nosuch » ici ; sont connues name, ",
        ":16:11: « -1 » ne peut pas figurer ici : il faut un nombre entier à partir de 0",
        ":22:12: « 5 parsecs » n’est pas une durée ; écrivez-la comme \"500ms\"",
        "il n’y a pas de contrôle « never »",
        "il n’y a pas d’environnement « mars »",
        ":33:1: Il n’y a pas de clé « runn » ici ; sont connues name, kind, run",
        "« x » ne peut pas figurer ici : il faut une liste entre [ ]",
    ] {
        assert!(said.contains(line), "{line} in {said}");
    }
    for word in ["missing", "expected", "invalid", "unknown", "write it", "environment «"] {
        assert!(!french.out.contains(word), "{word} in {}", french.out);
    }
    let english = home.call_in(&dir, &["config", "check"]);
    for line in [
        ":1:1: “api” lacks the key “url”",
        ":16:11: “-1” can not stand here: a whole number from 0 is expected",
        "there is no check “never”",
        "there is no environment “mars”",
    ] {
        assert!(english.out.contains(line), "{line} in {}", english.out);
    }
}

#[test]
fn settings_that_can_not_be_read_are_told_by_the_doctor_and_never_imported() {
    let home = Home::new();
    let call = |args: &[&str]| home.call(args);
    call(&["config", "set", "appearance.theme", "dark"]).ok();
    let file = home.path("in.toml");
    for wrong in ["[appearance]\nscale = \"big\"\n", "x = [\n"] {
        std::fs::write(&file, wrong).unwrap();
        let refused = call(&["config", "import", file.to_str().unwrap()]);
        assert_eq!(refused.code, 1, "{wrong}: {}", refused.out);
        assert!(
            refused.err.contains("Nothing of the file was taken over"),
            "{wrong}: {}",
            refused.err
        );
        let shown = call(&["config", "show"]).ok().out;
        assert!(shown.contains("dark"), "what was set stays: {shown}");
    }
    // What never ends, and what is larger than settings are, is not read on and on.
    std::fs::write(&file, vec![b'#'; 2 << 20]).unwrap();
    for endless in ["/dev/zero", file.to_str().unwrap()] {
        let refused = call(&["config", "import", endless]);
        assert_eq!(refused.code, 1, "{endless}: {}", refused.out);
    }
    let good = call(&["doctor", "--json"]).ok().json();
    let all = good["result"]["checks"].as_array().unwrap();
    let settings = all.iter().find(|check| check["id"] == "settings").expect("it is looked at");
    assert_eq!(settings["state"], "done", "{good:#}");
    let path = settings["title"].as_str().unwrap();
    let (_, path) = path.split_once('(').unwrap();
    // A key of another version does no harm, and is told.
    std::fs::write(path.trim_end_matches(')'), "[future]\nkey = 1\n").unwrap();
    let later = call(&["doctor"]).ok();
    assert!(later.out.contains("future"), "{}", later.out);
    std::fs::write(path.trim_end_matches(')'), "x = [\n").unwrap();
    let broken = call(&["doctor"]);
    assert_eq!(broken.code, 1, "{}", broken.out);
    assert!(broken.out.contains("settings.toml"), "{}", broken.out);
}

#[test]
fn every_wrong_setting_and_every_missing_program_is_told_by_the_doctor() {
    let home = Home::new();
    home.call(&["devops", "list"]).ok();
    let settings = "[general]\nmax_parallel = -3\nnotify = 7\n\n[appearance]\ntheme = \"pink\"\nscale = 99\n\n\
                    [nope]\nx = 1\n\n[tools.paths]\ngit = \"/nowhere/git\"\n";
    let file = home.path("home/settings/settings.toml");
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(&file, settings).unwrap();
    let doctor = home.call(&["doctor", "--lang", "fr"]);
    assert_eq!(doctor.code, 1);
    for word in [
        "general.max_parallel",
        "general.notify",
        "appearance.theme",
        "system, dark, light",
        "appearance.scale",
        "nope.x",
        "tools.paths.git",
        "/nowhere/git",
    ] {
        assert!(doctor.out.contains(word), "{word} in {}", doctor.out);
    }
    for word in ["expected", "invalid"] {
        assert!(!doctor.out.contains(word), "{word} in {}", doctor.out);
    }
    std::fs::write(home.path("home/data/trust.toml"), "x = [\n").unwrap();
    let doctor = home.call(&["doctor"]);
    assert!(doctor.out.contains("trust.toml"), "{}", doctor.out);
    let set = home.call(&["config", "set", "workspaces.roots", "7"]);
    assert!(set.err.contains("a list in [ ] is expected"), "{}", set.err);
    let relative = home.call(&["config", "set", "workspaces.roots", "[\"rel\"]"]);
    assert!(relative.code == 1 && relative.err.contains("whole paths"), "{}", relative.err);
    let missing = home.call(&["config", "set", "tools.paths.rg", "/nowhere/rg"]).ok();
    assert!(missing.err.contains("tools.paths.rg names /nowhere/rg"), "{}", missing.err);
    let written = home.call(&["config", "export", "out.toml"]).ok();
    assert_eq!(written.out.trim(), home.path("out.toml").to_str().unwrap());
}

#[test]
fn a_mark_of_french_is_never_parted_from_its_word() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/resources/locales/fr");
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let text = std::fs::read_to_string(entry.path()).unwrap();
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.starts_with('#')) {
            let is_parted = line.contains("« ") || [" »", " ;", " ?"].iter().any(|mark| line.contains(mark));
            assert!(!is_parted, "{}:{}: {line}", entry.path().display(), number + 1);
        }
    }
}

#[test]
fn the_pages_of_help_say_the_same_in_both_languages() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("resources/help");
    let words = |text: &str| {
        let mut words: Vec<String> = text.split('`').skip(1).step_by(2).map(str::to_owned).collect();
        words.sort();
        words
    };
    for page in ["json.md", "pages.md", "templates.md"] {
        let read = |lang: &str| std::fs::read_to_string(folder.join(lang).join(page)).unwrap();
        let (english, french) = (read("en"), read("fr"));
        assert_eq!(english.lines().count(), french.lines().count(), "{page}");
        let (english, french) = (words(&english), words(&french));
        let lacking: Vec<_> = english.iter().filter(|word| !french.contains(word)).collect();
        let surplus: Vec<_> = french.iter().filter(|word| !english.contains(word)).collect();
        assert!(english == french, "{page} in French lacks {lacking:?} and has {surplus:?}");
    }
}

/// A name with a line break would stand as a row of its own wherever it is listed.
#[test]
fn a_name_is_one_line() {
    let step = "[[runbook]]\nname = \"clean\"\n[[runbook.step]]\nname = \"a\\u2028b\"\nrun = [\"true\"]\n";
    let check = "[[check]]\nname = \"two\\nup   db   1 ms\"\nkind = \"tcp\"\naddress = \"127.0.0.1:1\"\n";
    let alert = "[[alert]]\nname = \"\"\"two\nlines\"\"\"\ncheck = \"*\"\n";
    let right = "[[task]]\nname = \"été — 夏\"\nrun = [\"true\"]\nenv = { name = \"a\\nb\" }\n";
    for (wrong, line) in [(step, 4), (check, 2), (alert, 2)] {
        let (file, problems) = parse(&format!("{wrong}\n{right}"), Path::new("chantier.toml"));
        let [problem] = problems.as_slice() else {
            panic!("{wrong}: {problems:?}")
        };
        assert_eq!(problem.summary.key, "devops-project-name-line", "{wrong}");
        assert_eq!(problem.place.as_ref().and_then(|place| place.line), Some(line), "{wrong}");
        assert!(
            file.checks.is_empty() && file.alerts.is_empty() && file.runbooks.is_empty(),
            "{wrong}"
        );
        // What is right beside it is there, and the value of a variable may have any lines.
        assert_eq!(file.tasks.len(), 1, "{wrong}");
    }
}

/// The usual mistake, in whatever has a command; and a query that can not be one.
#[test]
fn a_command_that_is_one_word_is_told_with_the_words_that_it_should_be() {
    let check = "[[check]]\nname = \"disk\"\nkind = \"command\"\nrun = [\"df --output=pcent /\"]\n";
    let step = "[[runbook]]\nname = \"clean\"\n[[runbook.step]]\nrun = [\"./bin/clean --all\"]\n";
    let target = "[[environment]]\nname = \"here\"\ntarget = { kind = \"process\", run = [\"npm start\"] }\n";
    for (wrong, line, words) in [
        (check, 4, r#"["df", "--output=pcent", "/"]"#),
        (step, 4, r#"["./bin/clean", "--all"]"#),
        (target, 3, r#"["npm", "start"]"#),
    ] {
        let (file, problems) = parse(wrong, Path::new("chantier.toml"));
        let [problem] = problems.as_slice() else {
            panic!("{wrong}: {problems:?}")
        };
        assert_eq!(problem.summary.key, "devops-project-run-line", "{wrong}");
        assert_eq!(problem.place.as_ref().and_then(|place| place.line), Some(line), "{wrong}");
        let hint = Catalog::new(Lang::En).msg(problem.hint.as_ref().unwrap());
        assert!(hint.contains(words), "{hint}");
        assert!(file.checks.is_empty() && file.runbooks.is_empty() && file.environments.is_empty());
    }
    // A path may have blanks.
    let right = "[[task]]\nname = \"t\"\nrun = [\"/opt/My Tools/run\"]\n";
    assert!(parse(right, Path::new("chantier.toml")).1.is_empty());
    let server = "[[prometheus]]\nname = \"p\"\nurl = \"http://127.0.0.1:9090\"\n";
    let chart = |query: &str| format!("[[prometheus.chart]]\ntitle = \"c\"\nquery = '{query}'\n");
    let charts = chart("sum(") + &chart("up{a=\"(\"}") + &chart("rate(up[5m)]");
    let (file, problems) = parse(&format!("{server}{charts}"), Path::new("chantier.toml"));
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert_eq!(problems[0].summary.key, "devops-prometheus-query");
    assert_eq!(
        problems[0].place.as_ref().and_then(|place| place.line),
        Some(6),
        "{problems:?}"
    );
    assert_eq!(file.prometheus[0].charts.len(), 1);
}

/// Each is of the right kind, and only a run would find that it means nothing.
#[test]
fn values_that_mean_nothing_are_told_by_the_check() {
    let home = Home::new();
    let dir = home.path("p");
    std::fs::create_dir_all(&dir).expect("made");
    std::fs::write(dir.join("Makefile"), "all:\n\t@true\nlint:\n\t@true\n").expect("written");
    let file = r#"[plan]
states = ["a", "b", "A"]
limits = { q = 2 }
transitions = { a = ["zz"] }
rules = [{ on = "merged", to = "never" }]

[[task]]
name = "t"
run = ["true"]
dir = "../.."
timeout = "5"

[release]
changelog = "../x.md"
sign_key = "key.sec"

[test]
jobs = 0
timeout = "0s"
[test.gate]
min_pass_rate = 150
min_coverage = -3

[[pipeline]]
name = "ci"
[[pipeline.job]]
name = "one"
steps = [{ task = "make:nosuch" }, { task = "make:lint" }]
"#;
    std::fs::write(dir.join("chantier.toml"), file).expect("written");
    let checked = home.call_in(&dir, &["config", "check"]);
    assert_eq!(checked.code, 1, "{}", checked.out);
    for line in [
        ":2:1: chantier.toml: “A” stands there twice",
        ":3:12: The workflow has no state “q”",
        ":4:23: The workflow has no state “zz”",
        ":5:33: The workflow has no state “never”",
        ":11:11: “5” is no duration",
        "“../x.md” lies outside of the workspace",
        "The key key.sec is not outside of the repository",
        ":18:1: chantier.toml: jobs says nothing",
        ":19:1: chantier.toml: timeout says nothing",
        ":21:1: min_pass_rate must lie between 0 and 100",
        ":22:1: min_coverage must lie between 0 and 100",
        "There is no task “make:nosuch”",
    ] {
        assert!(checked.out.contains(line), "{line} in {}", checked.out);
    }
    assert!(!checked.out.contains("make:lint”"), "{}", checked.out);
    let outside = file.replace("timeout = \"5\"", "timeout = \"5s\"");
    std::fs::write(dir.join("chantier.toml"), outside).expect("written");
    let checked = home.call_in(&dir, &["config", "check"]);
    assert!(
        checked.out.contains(": chantier.toml: “t” lies outside of the workspace"),
        "{}",
        checked.out
    );
}

#[test]
fn lists_of_settings_take_words_and_what_failed_prints_no_path() {
    let home = Home::new();
    let roots = format!("{} {}", home.path("a").display(), home.path("b").display());
    home.call(&["config", "set", "workspaces.roots", &roots]).ok();
    let shown = home.call(&["config", "get", "workspaces.roots"]).ok();
    assert!(shown.out.contains("/a\", \""), "{}", shown.out);
    // Nothing is there: it is said of each, and it is no success.
    let scanned = home.call(&["devops", "scan"]);
    assert_eq!(scanned.code, 1, "{}", scanned.out);
    assert_eq!(scanned.err.matches("is not a folder").count(), 2, "{}", scanned.err);
    for args in [&["config", "export", "/nowhere/x"][..], &["config", "import", "/nowhere"]] {
        let refused = home.call(args);
        assert_eq!(refused.code, 1, "{args:?}");
        assert_eq!(refused.out, "", "{args:?}");
    }
    let none = home.path("nobody");
    std::fs::create_dir_all(&none).expect("made");
    let runs = home.call_in(&none, &["devops", "runs"]).ok();
    assert!(runs.out.contains("--all"), "{}", runs.out);
}

#[test]
fn braces_that_are_meant_are_doubled() {
    use chantier::areas::devops::project::{Words, fill, fill_known};
    let words = Words::default().set("version", "1.2.0");
    let text = r#"{{level}} {version} {"a":{"b":1}} {{.ID}} {{ x }}"#;
    assert_eq!(
        fill(text, &words).expect("it is right"),
        r#"{level} 1.2.0 {"a":{"b":1}} {{.ID}} {{ x }}"#
    );
    assert_eq!(
        fill_known("{{version}} {x}", &words),
        "{1.2.0} {x}",
        "a command's own braces stay"
    );
    let problem = fill("{level}", &words).expect_err("no word of ours");
    let hint = Catalog::new(Lang::En).msg(problem.hint.as_ref().expect("says what to do"));
    assert!(hint.contains("{{level}}") && hint.contains("version"), "{hint}");
}
