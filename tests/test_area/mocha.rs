//! Mocha and tape: what is heard of the real output, and the real tools through the real program.

use super::projects::{call, copy, listed, message, outcomes};
use super::{fixture, lines, results, words};
use crate::support::cli::Home;
use chantier::areas::test::frameworks::js::Js;
use chantier::areas::test::frameworks::{CaseId, Framework, Heard, Limits, Parser, Runner, Selection, Site, mocha};
use chantier::base::Stream;
use std::path::{Path, PathBuf};

const TOLD: [&str; 10] = [
    "test/calc.test.js adds done",
    "test/calc.test.js sums > 1 + 1 is 2 done",
    "test/calc.test.js sums > 1 + 2 is 4 failed",
    "test/calc.test.js sums > comes later skipped",
    "test/calc.test.js sums > hangs failed",
    "test/calc.test.js sums > is broken failed",
    "test/calc.test.js sums > is planned skipped",
    "test/calc.test.js with a database > \"before all\" hook for \"never runs\" failed",
    "test/other.test.js adds done",
    "test/other.test.js retried > passes the second time done",
];

fn hear(parser: &mut Js, text: &[u8], code: i32) -> Vec<Heard> {
    let mut heard = Vec::new();
    for line in lines(text).filter(|line| !line.is_empty()) {
        parser.line(Stream::Out, line, &mut heard);
    }
    parser.finish(Some(code), &mut heard);
    heard
}

#[test]
fn mocha_is_heard() {
    let mut parser = Js::new(Framework::Mocha, "/w/mocha", &Selection::All);
    let heard = hear(&mut parser, &fixture("mocha-11.7.5.out"), 4);
    let told = results(&heard);
    assert_eq!(words(&told), TOLD);
    let of = |name: &str| &told[&("test/calc.test.js".to_owned(), name.to_owned())];
    let broken = of("sums > is broken");
    let place = broken.place.as_ref().expect("the stack names it");
    assert_eq!((place.path.as_path(), place.line), (Path::new("test/calc.test.js"), Some(11)));
    assert_eq!(broken.message, "4 == 5");
    assert!(
        broken.output.contains("expected: 5") && broken.output.ends_with("said on the way"),
        "{}",
        broken.output
    );
    let hangs = of("sums > hangs");
    assert!(hangs.message.starts_with("Timeout of 800ms exceeded"), "{}", hangs.message);
    assert_eq!(
        hangs.place.as_ref().map(|place| place.path.as_path()),
        Some(Path::new("test/calc.test.js"))
    );
    let retried = &told[&("test/other.test.js".to_owned(), "retried > passes the second time".to_owned())];
    assert!(retried.flaky, "it passed when it was tried again");
    assert!(heard.contains(&Heard::Total(10)), "{heard:?}");

    // A file that can not be loaded keeps all of them from running.
    let text = "\nException during run: Error: Cannot find module './gone.js'\nRequire stack:\n- /w/mocha/test/a.test.js\n    at Object.<anonymous> (/w/mocha/test/a.test.js:2:1)\n";
    let mut parser = Js::new(Framework::Mocha, "/w/mocha", &Selection::All);
    let heard = hear(&mut parser, text.as_bytes(), 1);
    let [Heard::Trouble(problem)] = heard.as_slice() else {
        panic!("{heard:?}")
    };
    assert_eq!(problem.code, "collect-failed");
    let told = format!("{:?}", problem.summary);
    assert!(
        told.contains("Error: Cannot find module") && !told.contains("Exception"),
        "{told}"
    );
    let place = problem.place.as_ref().expect("the stack names it");
    assert_eq!((place.path.as_path(), place.line), (Path::new("test/a.test.js"), Some(2)));
}

#[test]
fn tests_of_mocha_are_named_by_file_and_pattern() {
    let mut site = Site::new(Runner::Mocha, "web");
    site.options = mocha::options(&["-R", "dot", "--require", "./setup.js", "spec/*.js", "--exit"].map(str::to_owned));
    let case = |name: &str| CaseId::new(Framework::Mocha, "web/spec/a.js", name);
    let argv = |cases: Vec<CaseId>, limits: &Limits| {
        mocha::run_argv(&site, "mocha", &Selection::Cases(cases), limits, Path::new("/r.cjs")).join(" ")
    };
    let limits = Limits {
        jobs: Some(2),
        case_timeout: Some(std::time::Duration::from_secs(2)),
        ..Limits::default()
    };
    assert_eq!(
        argv(vec![case("sums > 1 + 2 (a)")], &limits),
        "mocha --require ./setup.js --exit --reporter /r.cjs --timeout 2000 --parallel --jobs 2 --grep ^(sums(?: > | )1 \\+ 2 \\(a\\))$ spec/a.js"
    );
    let hook = case("sums > \"before each\" hook for \"adds\"");
    assert!(argv(vec![hook], &Limits::default()).ends_with("--grep ^(sums .*)$ spec/a.js"));
    let all = mocha::run_argv(&site, "mocha", &Selection::All, &Limits::default(), Path::new("/r.cjs"));
    assert_eq!(all.join(" "), "mocha --require ./setup.js spec/*.js --exit --reporter /r.cjs");
    site.argv = mocha::in_shell("--exit spec/*.js");
    let all = mocha::list_argv(&site, "/bin/mocha", Path::new("/r.cjs"));
    assert_eq!(
        all,
        [
            "sh",
            "-c",
            "program=$1; shift; exec \"$program\" --exit spec/*.js \"$@\"",
            "mocha",
            "/bin/mocha",
            "--reporter",
            "/r.cjs",
            "--dry-run",
            "--no-parallel"
        ]
    );
}

/// The folder with the tools of JavaScript, if there is one; a home with a copy of the project that has them.
fn with_modules(home: &Home, dir: &Path) -> bool {
    let Some(modules) = std::env::var_os("CHANTIER_TEST_NODE_MODULES").map(PathBuf::from) else {
        eprintln!("SKIPPED: mocha and tape are not here (CHANTIER_TEST_NODE_MODULES names their node_modules)");
        return false;
    };
    assert!(modules.join(".bin/mocha").exists(), "mocha is not in {}", modules.display());
    std::os::unix::fs::symlink(modules, home.path("node_modules")).expect("linked");
    std::os::unix::fs::symlink(home.path("node_modules"), dir.join("node_modules")).expect("linked");
    true
}

#[test]
fn mocha_gives_what_it_gives() {
    let home = Home::new();
    let dir = copy(&home, "mocha");
    if !with_modules(&home, &dir) {
        return;
    }
    let list = call(&home, &dir, &["test", "list", "--trust", "--json"]);
    let named: Vec<String> = TOLD
        .iter()
        .map(|line| format!("mocha/{}", line.rsplit_once(' ').expect("a state").0))
        .filter(|id| !id.contains("hook"))
        .chain(["mocha/test/calc.test.js with a database > never runs".to_owned()])
        .collect();
    let mut known = listed(&list);
    known.sort();
    let mut expected = named.clone();
    expected.sort();
    assert_eq!(known, expected, "{list:#}");
    assert_eq!(list["problems"], serde_json::json!([]));

    let run = call(&home, &dir, &["test", "run", "--json", "--timeout", "800ms"]);
    // Mocha itself says nothing of what stands behind a hook that failed.
    let behind = ["mocha/test/calc.test.js with a database > never runs", "skipped"];
    let expected: std::collections::BTreeMap<String, String> = TOLD
        .iter()
        .map(|line| line.rsplit_once(' ').expect("a state"))
        .map(|(id, state)| (format!("mocha/{id}"), state.to_owned()))
        .chain([behind.map(str::to_owned).into()])
        .collect();
    assert_eq!(outcomes(&run), expected, "{run:#}");
    let hook = "mocha/test/calc.test.js with a database > \"before all\" hook for \"never runs\"";
    assert_eq!(message(&run, hook), "no database");

    // The settings of the project name all files, and another one has a test of the same name.
    let one = "mocha/test/other.test.js adds";
    let alone = call(&home, &dir, &["test", "run", one, "--json"]);
    assert_eq!(outcomes(&alone).into_keys().collect::<Vec<_>>(), [one], "{alone:#}");
    let file = call(&home, &dir, &["test", "run", "test/other.test.js", "--json"]);
    assert_eq!(outcomes(&file).len(), 2, "{file:#}");
    let again = call(&home, &dir, &["test", "run", "failed", "--json", "--timeout", "800ms"]);
    let failed: Vec<&String> = expected
        .iter()
        .filter(|(_, state)| *state == "failed")
        .map(|(id, _)| id)
        .collect();
    assert_eq!(outcomes(&again).keys().collect::<Vec<_>>(), failed, "{again:#}");

    // A file that can not be loaded is told with its place.
    std::fs::write(dir.join("test/lost.test.js"), "require('./gone.js')\n").expect("written");
    let lost = call(&home, &dir, &["test", "run", "--json"]);
    let trouble = &lost["problems"][0];
    assert_eq!(trouble["code"], "collect-failed", "{lost:#}");
    assert!(
        trouble["summary"]
            .as_str()
            .is_some_and(|text| text.contains("Cannot find module './gone.js'")),
        "{lost:#}"
    );
}

/// Names that stand twice, or that are shown in other characters, are asked for like any other.
#[test]
fn any_test_of_mocha_can_be_asked_for_alone() {
    let home = Home::new();
    let dir = home.path("p");
    let tests = "const red = () => { throw new Error('red') }\n\
         describe('outer', () => { it('dup', () => {}); it('dup', red) })\n\
         it('weird \"quotes\" & <xml> \\u{7}\\t\\u200b ü', red)\n\
         describe('a > b', () => { it('c > d\\n', red) })\n";
    super::real::put(
        &dir,
        &[("package.json", "{\"scripts\":{\"test\":\"mocha\"}}"), ("test/a.js", tests)],
    );
    if !with_modules(&home, &dir) {
        return;
    }
    let run = call(&home, &dir, &["test", "run", "--trust", "--json"]);
    let failed: Vec<String> = outcomes(&run)
        .into_iter()
        .filter(|(_, state)| state == "failed")
        .map(|(id, _)| id)
        .collect();
    assert!(
        failed.len() == 3 && failed.contains(&"mocha/test/a.js outer > dup (2)".to_owned()),
        "{run:#}"
    );
    for id in &failed {
        let one = call(&home, &dir, &["test", "run", id, "--json"]);
        assert_eq!(outcomes(&one).get(id).map(String::as_str), Some("failed"), "{one:#}");
    }
    let again = call(&home, &dir, &["test", "run", "failed", "--json"]);
    assert_eq!(again["result"]["counts"]["failed"], 3, "{again:#}");
}

/// `npm test` calls another script, and that one pipes what tape says to a program that only people can read.
#[test]
fn tape_is_found_behind_other_scripts_and_a_pipe() {
    let home = Home::new();
    let dir = home.path("p");
    let manifest = r#"{"name":"t","scripts":{"test":"npm run --silent tests-only","tests-only":"tape 'test/*.js' | tr a-z A-Z"},"devDependencies":{"tape":"5"}}"#;
    let file = "const test = require('tape')\n\
         test('adds', (t) => { t.equal(1 + 1, 2); t.end() })\n\
         test('breaks', (t) => { t.equal(1 + 1, 3, 'two is three'); t.end() })\n\
         test('later', { skip: true }, (t) => { t.end() })\n";
    super::real::put(&dir, &[("package.json", manifest), ("test/a.js", file)]);
    if !with_modules(&home, &dir) {
        return;
    }
    let run = call(&home, &dir, &["test", "run", "--trust", "--json"]);
    let told = outcomes(&run);
    let told: Vec<String> = told.iter().map(|(id, state)| format!("{id} {state}")).collect();
    assert_eq!(
        told,
        [
            "tap/tape 'test/*.js' adds done",
            "tap/tape 'test/*.js' breaks failed",
            "tap/tape 'test/*.js' later skipped"
        ],
        "{run:#}"
    );
}
