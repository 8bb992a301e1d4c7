//! `node --test` and TAP: which scripts are taken for tests, what is heard, and the real node through the real program.

use super::{fixture, lines, results, words};
use crate::support::cli::Home;
use chantier::adapters::scan::Found;
use chantier::areas::test::frameworks::tap::Tap;
use chantier::areas::test::frameworks::tape::Tape;
use chantier::areas::test::frameworks::{Parser, Runner, Selection, Site};
use chantier::areas::test::frameworks::{node, scripts};
use chantier::base::Stream;
use std::path::Path;

#[test]
fn scripts_that_run_tests_are_told_from_others() {
    let check = |script: &str, expected: Option<(Runner, &[&str])>| {
        let found = scripts::Package::default().script(script);
        let found = found.as_ref().and_then(|run| {
            let options: Vec<&str> = run.options.iter().map(String::as_str).collect();
            Some((run.runner?, options))
        });
        assert_eq!(
            found,
            expected.map(|(runner, options)| (runner, options.to_vec())),
            "{script}"
        );
    };
    check("node --test", Some((Runner::Node, &["--test"])));
    check("c8 --100 node --test", Some((Runner::Node, &["--test"])));
    check(
        "eslint && NODE_ENV=test node --import tsx --test 'test/**/*.ts'",
        Some((Runner::Node, &["--import", "tsx", "--test"])),
    );
    check("tape test/**/*.js", Some((Runner::Tap, &[])));
    check("nyc tape \"test/*.test.js\"", Some((Runner::Tap, &[])));
    check("tape test/*.js | tap-spec", Some((Runner::Tap, &[])));
    check("npm run lint || tape x.js; true", Some((Runner::Tap, &[])));
    check("mocha", Some((Runner::Mocha, &[])));
    check(
        "cross-env NODE_ENV=test nyc --reporter=lcov mocha -R dot --require ./setup.js 'test/**/*.spec.js' --exit",
        Some((Runner::Mocha, &["--require", "./setup.js", "test/**/*.spec.js", "--exit"])),
    );
    check("mocha --watch", None);
    check("yarn mocha --exit", Some((Runner::Mocha, &["--exit"])));
    check(
        "pnpm exec vitest run --project web",
        Some((Runner::Vitest, &["--project", "web"])),
    );
    check("yarn build", None);
    check(
        "node --no-warnings node_modules/.bin/_mocha test",
        Some((Runner::Mocha, &["test"])),
    );
    check(
        "node node_modules/jest/bin/jest.js --config \"a b.js\"",
        Some((Runner::Jest, &["--config", "a b.js"])),
    );
    check("node --test --watch", None);
    check("npm run test:unit && npm run test:typescript", None);
    check("jest", Some((Runner::Jest, &[])));
    check("jest --config a.js --coverage", Some((Runner::Jest, &["--config", "a.js"])));
    check("vitest", Some((Runner::Vitest, &[])));
    check(
        "cross-env A=b vitest run --project web",
        Some((Runner::Vitest, &["--project", "web"])),
    );
    check("vitest watch", None);
    check("node server.js", None);
}

#[test]
fn of_several_scripts_the_plainest_is_taken() {
    let manifest = |text: &str| Found {
        path: "web/package.json".into(),
        text: Some(text.to_owned()),
    };
    let lock = Found {
        path: "web/pnpm-lock.yaml".into(),
        text: None,
    };
    let text = r#"{"scripts":{"test":"npm run test:unit && tsd","test:browser":"tape x.js","test:unit":"c8 node --test","testing":"node --test"}}"#;
    let sites = scripts::sites(&[manifest(text), lock]);
    assert_eq!(sites.len(), 1);
    assert_eq!(sites[0].argv, ["pnpm", "run", "test:unit"]);
    assert_eq!((sites[0].runner, sites[0].dir.as_path()), (Runner::Node, Path::new("web")));
    assert!(scripts::sites(&[manifest("{broken")]).is_empty());
    let jest = scripts::sites(&[manifest(
        r#"{"scripts":{"test":"NODE_OPTIONS=--experimental-vm-modules jest"}}"#,
    )]);
    assert_eq!(jest[0].env["NODE_OPTIONS"], "--experimental-vm-modules");
}

#[test]
fn tape_is_heard_by_test_and_not_by_assertion() {
    let mut site = Site::new(Runner::Tap, "");
    site.argv = ["npm", "run", "test:unit"].map(str::to_owned).to_vec();
    let mut parser = Tape::new(&site, "/w");
    let mut heard = Vec::new();
    for line in lines(&fixture("tape-5.out")) {
        parser.line(Stream::Out, line, &mut heard);
    }
    parser.finish(Some(1), &mut heard);
    let results = results(&heard);
    assert_eq!(
        words(&results),
        [
            "test:unit adds done",
            "test:unit adds (2) skipped",
            "test:unit breaks failed",
            "test:unit later skipped",
            "test:unit throws failed",
        ]
    );
    let broken = &results[&("test:unit".to_owned(), "breaks".to_owned())];
    assert_eq!(broken.message, "two is three");
    let place = broken.place.as_ref().expect("the stack names it");
    assert_eq!((place.path.as_path(), place.line), (Path::new("fail.js"), Some(3)));
    assert!(broken.output.contains("expected: 3"), "{}", broken.output);
}

#[test]
fn results_without_comments_are_tests_themselves() {
    let mut parser = Tap::new("tap", "/w");
    let mut heard = Vec::new();
    for line in [
        "1..3",
        "ok 1 - first",
        "not ok 2 - second",
        "ok 3 - third # TODO later",
        "# tests 3",
    ] {
        parser.line(Stream::Out, line.as_bytes(), &mut heard);
    }
    parser.finish(Some(1), &mut heard);
    assert_eq!(
        words(&results(&heard)),
        ["tap first done", "tap second failed", "tap third skipped"]
    );
}

/// A script that calls others, a tool behind a pipe, one that only a shell can call, and one that no script names.
#[test]
fn tests_are_found_behind_other_scripts_and_without_any() {
    let found = |files: &[(&str, &str)]| -> Vec<String> {
        let found: Vec<Found> = files
            .iter()
            .map(|(path, text)| Found {
                path: (*path).into(),
                text: Some((*text).to_owned()),
            })
            .collect();
        let word = |site: &Site| {
            format!(
                "{} {} {:?} {:?}",
                site.runner.word(),
                site.dir_word(),
                site.argv,
                site.options
            )
        };
        scripts::sites(&found).iter().map(word).collect()
    };
    let script = |text: &str| format!("{{\"scripts\":{text},\"devDependencies\":{{\"tape\":\"5\"}}}}");
    let check = |text: &str, expected: &str| assert_eq!(found(&[("package.json", &script(text))]).join("\n"), expected, "{text}");
    check(
        r#"{"test":"npm run tests-only","tests-only":"nyc tape 'test/**/*.js'"}"#,
        r#"tap . ["npm", "run", "tests-only"] []"#,
    );
    check(
        r#"{"test":"yarn lint && yarn unit","lint":"eslint .","unit":"mocha 'spec/**'"}"#,
        r#"mocha . [] ["spec/**"]"#,
    );
    check(
        r#"{"test":"tape test/*.js | tap-spec"}"#,
        r#"tap . ["npm", "exec", "-c", "tape test/*.js"] []"#,
    );
    check(
        r#"{"test":"node -r ./setup.js test/index.js"}"#,
        r#"tap . ["npm", "run", "test"] []"#,
    );
    check(r#"{"test":"npm run test"}"#, "");
    check(
        r#"{"test":"mocha -R dot lib/*/*.test.js"}"#,
        r#"mocha . ["sh", "-c", "program=$1; shift; exec \"$program\" -R dot lib/*/*.test.js \"$@\"", "mocha"] ["lib/*/*.test.js"]"#,
    );
    // Another tool that `test` does not call has tests of its own; the same one has the same.
    check(
        r#"{"test":"mocha --recursive","test:ci":"mocha -R dot","test:unit":"node --test spec/"}"#,
        "mocha . [] [\"--recursive\"]\nnode . [\"npm\", \"run\", \"test:unit\"] [\"--test\"]",
    );
    // Jest runs the packages below as its projects.
    let jest = r#"{"scripts":{"test":"jest"}}"#;
    let around = r#"{"scripts":{"test":"jest"},"jest":{"projects":["<rootDir>/packages/*"]}}"#;
    let files = [("package.json", around), ("packages/a/package.json", jest)];
    assert_eq!(found(&files), ["jest . [] []"]);
    let config = ("jest.config.js", "module.exports = { projects: ['packages/*'] }");
    assert_eq!(found(&[("package.json", jest), config, files[1]]), ["jest . [] []"]);
    assert_eq!(found(&[("package.json", jest), files[1]]).len(), 2);
    let mocha = r#"{"devDependencies":{"mocha":"11"}}"#;
    assert_eq!(found(&[("package.json", mocha), ("test/a.js", "")]), ["mocha . [] []"]);
    assert_eq!(found(&[("package.json", "{}"), (".mocharc.yml", "")]), ["mocha . [] []"]);
    assert!(found(&[("package.json", mocha), ("lib/a.js", "")]).is_empty());
    // The package above only brings the tool.
    let inner = r#"{"scripts":{"test":"mocha"}}"#;
    assert_eq!(
        found(&[("package.json", mocha), ("test/a.js", ""), ("packages/a/package.json", inner)]),
        ["mocha packages/a [] []"]
    );
}

const FILES: [(&str, &str); 4] = [
    ("package.json", r#"{"name":"t","scripts":{"test":"node --test"}}"#),
    (
        "test/a.test.js",
        "const {test, describe, it} = require('node:test'); const assert = require('node:assert');\n\
         test('adds', () => { assert.equal(1, 1); });\n\
         test('parent', async (t) => {\n\
           await t.test('one', () => {});\n\
           await t.test('two #3', () => { console.log('hello'); assert.equal(1, 2); });\n\
         });\n\
         describe('suite', () => { it('works', () => {}); it.skip('skipped', () => {}); it.todo('later'); });\n",
    ),
    (
        "test/b.test.mjs",
        "import {test} from 'node:test';\ntest('b works', () => {});\n",
    ),
    ("test/c.test.js", "throw new Error('at load');\n"),
];

/// Node counts a test that has tests inside as one of its own, and so does Chantier.
#[test]
fn the_real_node_is_heard_and_asked_for_single_tests() {
    if !super::real::has("node", &["--version"]) {
        return;
    }
    let home = Home::new();
    let dir = home.path("p");
    super::real::put(&dir, &FILES);
    let listed = home.call_in(&dir, &["test", "list", "--trust", "--json"]).ok().json();
    assert_eq!(listed["problems"][0]["code"], "not-listed", "{listed:#}");
    let run = home.call_in(&dir, &["test", "run", "--json"]);
    let answer = run.json();
    assert_eq!(run.code, 1);
    assert_eq!(super::real::counts(&answer), [9, 4, 3, 2], "{answer:#}");
    let failed: Vec<(&str, &str, u64)> = answer["result"]["failed"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|case| {
            let text = |value: &'static str| case[value].as_str().unwrap_or_default();
            (text("id"), text("message"), case["place"]["line"].as_u64().unwrap_or(0))
        })
        .collect();
    assert_eq!(failed[0], ("node/test/a.test.js parent", "1 subtest failed", 3), "{failed:?}");
    assert_eq!(
        (failed[1].0, failed[1].2),
        ("node/test/a.test.js parent > two #3", 5),
        "{failed:?}"
    );
    assert!(
        failed[1].1.contains("1 == 2") || failed[1].1.contains("strictly equal"),
        "{failed:?}"
    );
    assert_eq!(failed[2].0, "node/test/c.test.js (file)");

    let one = home.call_in(&dir, &["test", "run", "works", "--json"]).json();
    let names: Vec<_> = one["result"]["runs"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|run| run["n_passed"].as_u64())
        .collect();
    assert_eq!(names, [Some(2)], "`suite > works` and `b works`: {one:#}");
    let listed = home.call_in(&dir, &["test", "list", "--json"]).ok().json();
    assert_eq!(listed["result"]["count"], 9);
    std::fs::remove_file(dir.join("test/c.test.js")).expect("it was there");
    let all = home.call_in(&dir, &["test", "run", "failed", "--json"]).json();
    assert_eq!(all["result"]["counts"]["failed"], 2, "{all:#}");
    // Once everything was run well without it, a test that was removed does not fail any more, and is not listed.
    let mended = FILES[1].1.replace("assert.equal(1, 2)", "assert.equal(2, 2)");
    super::real::put(&dir, &[("test/a.test.js", &mended)]);
    home.call_in(&dir, &["test", "run", "--json"]).ok();
    let listed = home.call_in(&dir, &["test", "list", "--json"]).ok().json();
    assert_eq!(listed["result"]["count"], 8, "{listed:#}");
    let none = home.call_in(&dir, &["test", "run", "failed", "--json"]).json();
    assert_eq!(none["problems"][0]["code"], "no-tests", "{none:#}");
}

#[test]
fn single_tests_are_named_by_file_and_pattern() {
    let mut site = Site::new(Runner::Node, "web");
    site.options = ["--import", "tsx", "--test"].map(str::to_owned).to_vec();
    let case = chantier::areas::test::frameworks::CaseId::from_text("node/web/test/a.js suite > works (fast)").expect("a case");
    let argv = node::run_argv(&site, &Selection::Cases(vec![case]));
    assert_eq!(
        argv.join(" "),
        "node --import tsx --test --test-name-pattern=^suite$ --test-name-pattern=^suite > works \\(fast\\)$ --test-name-pattern=^works \\(fast\\)$ test/a.js"
    );
    assert_eq!(
        node::node_options("--no-warnings", Path::new("/a b/r.mjs")),
        "--no-warnings --test-reporter=\"/a b/r.mjs\" --test-reporter-destination=stdout"
    );
}

/// Each has a result of its own, and the second can be asked for; so can one whose name looks like a group.
#[test]
fn two_tests_of_node_with_one_name_are_two() {
    if !super::real::has("node", &["--version"]) {
        return;
    }
    let home = Home::new();
    let dir = home.path("p");
    let tests = "const {test} = require('node:test');\n\
         test('same', () => {});\n\
         test('same', () => { throw new Error('the second') });\n\
         test('a > b\\n', () => { throw new Error('odd') });\n";
    let manifest = r#"{"name":"t","scripts":{"test":"node --test test/"}}"#;
    super::real::put(&dir, &[("package.json", manifest), ("test/a.test.js", tests)]);
    let run = super::projects::call(&home, &dir, &["test", "run", "--trust", "--json"]);
    let expected = [("a > b\\n", "failed"), ("same", "done"), ("same (2)", "failed")];
    let expected = expected.map(|(name, state)| (format!("node/test/a.test.js {name}"), state.to_owned()));
    assert_eq!(super::projects::outcomes(&run), expected.into(), "{run:#}");
    for name in ["same (2)", "a > b\\n"] {
        let id = format!("node/test/a.test.js {name}");
        let one = super::projects::call(&home, &dir, &["test", "run", &id, "--json"]);
        assert_eq!(
            super::projects::outcomes(&one).get(&id).map(String::as_str),
            Some("failed"),
            "{one:#}"
        );
    }
    let again = super::projects::call(&home, &dir, &["test", "run", "failed", "--json"]);
    assert_eq!(again["result"]["counts"]["failed"], 2, "{again:#}");
}

/// The names before it, behind it and those of another file all have their own outcome; node leaves out what stands around a name as a whole.
#[test]
fn what_stands_behind_a_hanging_test_of_node_is_run() {
    if !super::real::has("node", &["--version"]) {
        return;
    }
    let home = Home::new();
    let dir = home.path("p");
    let manifest = r#"{"name":"t","scripts":{"test":"node --test test/"}}"#;
    let hanging = "const {test} = require('node:test'); const assert = require('node:assert');\n\
         test('before', () => {});\n\
         test('around', async (t) => {\n\
           await t.test('first', () => {});\n\
           await t.test('hangs', () => new Promise((done) => setTimeout(done, 1e6)));\n\
           await t.test('last', () => {});\n\
         });\n\
         test('broken', () => { assert.equal(1, 2); });\n";
    let other = "const {test} = require('node:test');\ntest('hangs', () => {});\ntest('more', () => {});\n";
    super::real::put(
        &dir,
        &[
            ("package.json", manifest),
            ("test/a.test.js", hanging),
            ("test/b.test.js", other),
        ],
    );
    let args = ["test", "run", "--trust", "--json", "--timeout", "3s"];
    let run = super::projects::call(&home, &dir, &args);
    let expected = [
        ("a.test.js around", "failed"),
        ("a.test.js around > first", "done"),
        ("a.test.js around > hangs", "failed"),
        ("a.test.js before", "done"),
        ("a.test.js broken", "failed"),
        ("b.test.js hangs", "done"),
        ("b.test.js more", "done"),
    ];
    let expected = expected.map(|(name, state)| (format!("node/test/{name}"), state.to_owned()));
    assert_eq!(super::projects::outcomes(&run), expected.into(), "{run:#}");
    let hangs = super::projects::message(&run, "node/test/a.test.js around > hangs");
    assert_eq!(hangs, "timed out after 3s");
    assert_eq!(run["result"]["troubles"], serde_json::json!([]));
}

#[test]
fn a_test_of_vitest_that_never_gives_its_thread_back_is_ended_and_named() {
    let Some(modules) = std::env::var_os("CHANTIER_TEST_NODE_MODULES") else {
        eprintln!("SKIPPED: vitest is not here (CHANTIER_TEST_NODE_MODULES names its node_modules)");
        return;
    };
    let home = Home::new();
    let dir = home.path("spins");
    let spins =
        "import { it } from 'vitest'\nit('is fine', () => {})\nit('spins', () => { for (;;); })\nit('comes later', () => {})\n";
    super::real::put(
        &dir,
        &[
            ("package.json", "{\"scripts\":{\"test\":\"vitest run\"}}"),
            ("test/a.test.js", spins),
            (
                "test/b.test.js",
                "import { it } from 'vitest'\nit('is elsewhere', () => {})\n",
            ),
        ],
    );
    std::os::unix::fs::symlink(&modules, dir.join("node_modules")).expect("linked");
    let run = super::projects::call(&home, &dir, &["test", "run", "--timeout", "4s", "--trust", "--json"]);
    assert_eq!(super::real::counts(&run), [4, 3, 1, 0], "{run:#}");
    let message = super::projects::message(&run, "vitest/test/a.test.js spins");
    assert_eq!(message, "timed out after 4s");
}

/// The difference is what one wants to know; the way through the packages is not.
#[test]
fn a_snapshot_of_vitest_that_does_not_fit_shows_the_difference() {
    let Some(modules) = std::env::var_os("CHANTIER_TEST_NODE_MODULES") else {
        eprintln!("SKIPPED: vitest is not here (CHANTIER_TEST_NODE_MODULES names its node_modules)");
        return;
    };
    let home = Home::new();
    let dir = home.path("snap");
    let test = "import { expect, it } from 'vitest'\nit('snap', () => { expect({ a: 2 }).toMatchSnapshot() })\n";
    let kept = "// Vitest Snapshot v1, https://vitest.dev/guide/snapshot.html\n\nexports[`snap 1`] = `\n{\n  \"a\": 1,\n}\n`;\n";
    super::real::put(
        &dir,
        &[
            ("package.json", "{\"scripts\":{\"test\":\"vitest run\"}}"),
            ("test/a.test.js", test),
            ("test/__snapshots__/a.test.js.snap", kept),
        ],
    );
    std::os::unix::fs::symlink(&modules, dir.join("node_modules")).expect("linked");
    let run = super::projects::call(&home, &dir, &["test", "run", "--trust", "--json"]);
    assert_eq!(super::real::counts(&run), [1, 0, 1, 0], "{run:#}");
    let shown = home.call_in(&dir, &["test", "show", "snap"]).ok().out;
    assert!(shown.contains("-   \"a\": 1,") && shown.contains("+   \"a\": 2,"), "{shown}");
    assert!(
        shown.contains("test/a.test.js:2") && !shown.contains("node_modules"),
        "{shown}"
    );
}
