//! Looking back: runs compared, failures grouped, flaky tests judged, reports, coverage, gates and plans.

use super::fixture;
use super::real::{commit_first, put};
use crate::support::cli::{Home, git};
use chantier::areas::devops::project::Gate;
use chantier::areas::test::compare::{self, Change, normalised};
use chantier::areas::test::coverage::{self, ranges};
use chantier::areas::test::flaky::{Tries, Verdict, judge};
use chantier::areas::test::frameworks::{CaseId, Finished, Framework, junit};
use chantier::areas::test::gate::{self, Facts};
use chantier::areas::test::plans;
use chantier::areas::test::report::{self, Told};
use chantier::base::{Catalog, Lang, State, Timestamp};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn result(name: &str, state: State, ms: u64) -> Finished {
    let mut result = Finished::new(CaseId::new(Framework::Pytest, "t.py", name), state);
    result.duration_ms = Some(ms);
    if state == State::Failed {
        result.message = format!("{name} broke");
    }
    result
}

#[test]
fn two_runs_say_what_became_of_each_test() {
    use State::{Done, Failed, Skipped};
    let before = vec![
        result("breaks", Done, 5),
        result("fails", Failed, 5),
        result("gone", Done, 5),
        result("mended", Failed, 5),
        result("quick", Done, 900),
        result("same", Done, 5),
        result("slow", Done, 200),
        result("a_bit_slower", Done, 100),
        result("skipped", Skipped, 0),
    ];
    let after = vec![
        result("breaks", Failed, 5),
        result("fails", Failed, 5),
        result("mended", Done, 5),
        result("new", Done, 5),
        result("new_and_red", Failed, 5),
        result("quick", Done, 100),
        result("same", Done, 9),
        result("slow", Done, 400),
        result("a_bit_slower", Done, 180),
        result("skipped", Skipped, 0),
    ];
    let words = |is_whole| -> Vec<String> {
        let found = compare::compare(before.clone(), after.clone(), is_whole);
        found
            .iter()
            .map(|changed| format!("{} {}", changed.change.word(), changed.case.name))
            .collect()
    };
    assert_eq!(
        words(true),
        [
            "new_failure breaks",
            "new_failure new_and_red",
            "still_failing fails",
            "fixed mended",
            "slower slow",
            "faster quick",
            "added new",
            "gone gone",
        ]
    );
    assert_eq!(
        words(false)[7],
        "not_run gone",
        "a part of the tests says nothing of the others"
    );
    assert!(
        compare::compare(after.clone(), after, true)
            .iter()
            .all(|changed| changed.change == Change::StillFailing)
    );
}

#[test]
fn errors_that_differ_in_numbers_and_places_are_one() {
    let check = |one: &str, other: &str, expected: &str| {
        assert_eq!(normalised(one), expected);
        assert_eq!(normalised(other), expected);
    };
    check("expected 3, got 14.5", "expected 10, got 2", "expected <n>, got <n>");
    check("at 0xdeadBEEF", "at 0x1", "at <address>");
    check(
        "can not open /tmp/.tmpX1/run-7/data.json: 2",
        "can not open /var/lib/x/data.json: 13",
        "can not open <path>/data.json: <n>",
    );
    check(
        "2026-11-25T23:50:39.68Z late by 1.5s, id 123e4567-e89b-12d3-a456-426614174000",
        "2025-01-02 03:04:05 late by 20s, id 00000000-0000-0000-0000-000000000000",
        "<time> late by <n>s, id <id>",
    );
    assert_ne!(normalised("no such user"), normalised("no such table"));
    let cases: Vec<CaseId> = ["a", "b", "c"]
        .iter()
        .map(|name| CaseId::new(Framework::Go, "p", name))
        .collect();
    let told = [
        (&cases[0], "timeout after 1s"),
        (&cases[1], "nil map"),
        (&cases[2], "timeout after 30s"),
    ];
    let groups = compare::groups(told.into_iter());
    let words: Vec<String> = groups
        .iter()
        .map(|group| format!("{} {}", group.cases.len(), group.error))
        .collect();
    assert_eq!(words, ["2 timeout after <n>s", "1 nil map"]);
}

#[test]
fn the_verdict_follows_from_the_tries() {
    let tries = |n_failed: u32, n_runs: u32| Tries {
        n_runs,
        n_failed,
        ..Tries::default()
    };
    let none = tries(0, 0);
    let check =
        |alone, load, company, past, expected: (Verdict, &str)| assert_eq!(judge(&alone, &load, &company, &past), expected);
    check(
        tries(9, 9),
        tries(9, 9),
        tries(2, 2),
        none.clone(),
        (Verdict::Genuine, "test-flaky-always"),
    );
    check(
        tries(3, 9),
        tries(9, 9),
        tries(2, 2),
        none.clone(),
        (Verdict::Flaky, "test-flaky-alone"),
    );
    check(
        tries(9, 9),
        tries(9, 9),
        tries(0, 2),
        none.clone(),
        (Verdict::Environment, "test-flaky-needs-others"),
    );
    check(
        tries(0, 9),
        tries(2, 9),
        tries(0, 2),
        none.clone(),
        (Verdict::Environment, "test-flaky-load"),
    );
    check(
        tries(0, 9),
        tries(0, 9),
        tries(2, 2),
        none.clone(),
        (Verdict::Environment, "test-flaky-company"),
    );
    check(
        tries(0, 9),
        tries(0, 9),
        tries(0, 2),
        tries(1, 30),
        (Verdict::Environment, "test-flaky-gone"),
    );
    check(
        tries(0, 9),
        tries(0, 9),
        tries(0, 2),
        tries(0, 30),
        (Verdict::Steady, "test-flaky-never"),
    );
}

fn told() -> Told {
    let mut failed = result("breaks <b>", State::Failed, 1500);
    "assert 1 == 2\n<script>alert(1)</script>".clone_into(&mut failed.output);
    let results = vec![failed, result("passes", State::Done, 20), result("waits", State::Skipped, 0)];
    let strip = vec![State::Done, State::Degraded, State::Failed];
    Told {
        name: "Calc & Co".to_owned(),
        commit: Some("0123456789abcdef".to_owned()),
        is_dirty: true,
        at: Timestamp::from_second(1_790_000_000).expect("a time"),
        strips: BTreeMap::from([(results[0].case.clone(), strip)]),
        coverage: Some(83.3),
        results,
    }
}

#[test]
fn a_report_is_one_page_and_a_file_that_is_read_again() {
    let page = report::html(&told(), &Catalog::new(Lang::Fr));
    for forbidden in ["<script", "http://", "https://", "src=", "<link", "url("] {
        assert!(!page.contains(forbidden), "{forbidden}: nothing is loaded, nothing runs");
    }
    for wanted in [
        "<html lang=\"fr\">",
        "prefers-color-scheme:dark",
        "Calc &amp; Co",
        "breaks &lt;b&gt;",
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "83,3 %",
        "1,5 s",
        "2 réussites sur les 3 dernières",
    ] {
        assert!(page.contains(wanted), "{wanted}\n{page}");
    }
    let xml = report::junit(&told()).expect("it is written");
    let mut read = Vec::new();
    let problems = junit::read(xml.as_bytes(), Path::new("r.xml"), &|| false, &mut |case| read.push(case));
    assert_eq!(problems, []);
    let words: Vec<String> = read
        .iter()
        .map(|case| {
            format!(
                "{} {} {:?} {}",
                case.case.suite,
                case.case.name,
                case.state,
                case.duration_ms.unwrap_or(0)
            )
        })
        .collect();
    assert_eq!(
        words,
        ["t.py breaks <b> Failed 1500", "t.py passes Done 20", "t.py waits Skipped 0"]
    );
    assert!(read[0].output.contains("<script>"), "{}", read[0].output);
    let badge = report::badge(&told(), &Catalog::new(Lang::En));
    assert!(
        badge.contains("1 failed") && badge.contains("#c0392b") && badge.starts_with("<svg "),
        "{badge}"
    );
}

fn covered(text: &str) -> (String, coverage::Coverage) {
    let (found, problems) = coverage::parse(text, Path::new("/w/py/c")).expect("a report");
    assert_eq!(problems, []);
    let is_there = |path: &Path| path == Path::new("calc/__init__.py") || path == Path::new("calc.c");
    let found = coverage::relative(found, Path::new("/w/py"), Path::new("/w/py"), &is_there);
    let words: Vec<String> = found
        .files
        .iter()
        .map(|(path, lines)| {
            let missed = lines.iter().filter(|(_, hits)| **hits == 0).map(|(line, _)| *line);
            format!("{} {} -{}", path.display(), lines.len(), ranges(missed))
        })
        .collect();
    (words.join("; "), found)
}

#[test]
fn coverage_of_each_format_is_the_same() {
    for file in ["coverage-7.17.4.xml", "coverage-7.17.4.lcov"] {
        let text = String::from_utf8(fixture(file)).expect("text");
        let (words, found) = covered(&text);
        assert_eq!(words, "calc/__init__.py 6 -7", "{file}");
        assert_eq!(found.covered().percent().map(|percent| (percent * 10.0).round()), Some(833.0));
    }
    // llvm-cov 14 of `sign`, called with 4: what its own `show` prints beside it.
    let text = String::from_utf8(fixture("llvm-cov-14.json")).expect("text");
    let (words, _) = covered(&text);
    assert_eq!(words, LLVM, "as `llvm-cov export -format=lcov` of the same data says");
    let lcov = String::from_utf8(fixture("llvm-cov-14.lcov")).expect("text");
    assert_eq!(covered(&lcov).0, LLVM);
    for broken in ["", "<html/>", "{}", "{\"data\": 3}", "hello\n", "<coverage><class"] {
        assert!(coverage::parse(broken, Path::new("x")).is_err(), "{broken}");
    }
    // Made in a container: the end of the path is a file here.
    let other = "SF:/build/src/calc/__init__.py\nDA:1,1\nend_of_record\n";
    assert_eq!(covered(other).0, "calc/__init__.py 1 -");
    assert_eq!(ranges([1, 2, 3, 7, 9, 10].into_iter()), "1-3, 7, 9-10");
}

const LLVM: &str = "calc.c 13 -3-4, 9-11";

#[test]
fn gates_are_reached_or_say_why_not() {
    let facts = Facts {
        n_passed: 9,
        n_failed: 1,
        new_failures: vec![CaseId::new(Framework::Go, "p", "TestX")],
        broken_off: Vec::new(),
        coverage: Some(79.96),
        coverage_before: Some(80.0),
    };
    let words = |gate: &Gate, facts: &Facts| -> Vec<String> {
        gate::check(gate, facts)
            .iter()
            .map(|rule| format!("{} {}", rule.rule, rule.is_met))
            .collect()
    };
    let all = Gate {
        min_pass_rate: Some(90.0),
        no_new_failures: true,
        min_coverage: Some(80.0),
        coverage_not_lower: true,
    };
    assert_eq!(
        words(&all, &facts),
        [
            "pass_rate true",
            "new_failures false",
            "coverage false",
            "coverage_change true"
        ]
    );
    assert_eq!(words(&gate::default_gate(), &facts), ["pass_rate false"]);
    assert_eq!(
        words(&gate::default_gate(), &Facts::default()),
        ["pass_rate false"],
        "nothing run is not good"
    );
    let said = &gate::check(&gate::default_gate(), &Facts::default())[0].words;
    assert_eq!(said, &chantier::msg!("test-gate-nothing-ran", wanted = 100.0));
    assert_eq!(words(&Gate::default(), &facts), [] as [&str; 0]);
}

const PLAN: &str = "title = \"Before a release\"\n\n[[case]]\nid = \"login\"\ntitle = \"Somebody logs in\"\nsteps = [\"Open the page\", \"Type the password\"]\nexpected = \"The board is seen\"\n\n[[case]]\nid = \"print\"\n";

#[test]
fn plans_are_read_and_broken_ones_say_where() {
    let plan = plans::parse("release", PLAN).expect("a plan");
    assert_eq!(
        (plan.name.as_str(), plan.cases.len(), plan.cases[0].steps.len()),
        ("release", 2, 2)
    );
    assert_eq!(plan.case_id(&plan.cases[0]).text(), "manual/release login");
    let (why, line) = plans::parse("x", "title = \"t\"\n[[case]]\nid = 3\n").expect_err("an id is text");
    assert!(line == 3 && !why.is_empty(), "{line} {why}");
    assert!(
        plans::parse("x", "[[case]]\nid = \"a\"\n[[case]]\nid = \"a\"\n").is_err(),
        "twice the same"
    );
}

/// A project of unittest under git, whose one flaky test fails every second time.
fn project(home: &Home) -> PathBuf {
    let dir = home.path("p");
    let test = "import os\nimport unittest\n\n\nclass T(unittest.TestCase):\n    def test_ok(self):\n        pass\n\n    def test_flips(self):\n        path = os.environ['HOME'] + '/flips'\n        n = os.path.getsize(path) if os.path.exists(path) else 0\n        with open(path, 'a') as file:\n            file.write('x')\n        self.assertEqual(n % 2, 1, 'try %d' % n)\n\n    def test_red(self):\n        self.fail('no 17')\n";
    put(
        &dir,
        &[
            ("test_a.py", test),
            (".gitignore", "__pycache__\n"),
            ("calc.py", "ONE = 1\n"),
            (
                "test_b.py",
                "import unittest\nimport calc\n\n\nclass B(unittest.TestCase):\n    def test_one(self):\n        self.assertEqual(calc.ONE, 1)\n",
            ),
        ],
    );
    commit_first(&dir);
    dir
}

fn call(home: &Home, dir: &Path, args: &[&str]) -> (Value, i32) {
    let mut program = home.program(dir, args);
    program
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("HOME", home.path(""))
        .env("PATH", "/usr/bin:/bin");
    let output = program.output().expect("it starts");
    let text = String::from_utf8_lossy(&output.stdout);
    let json = serde_json::from_str(&text)
        .unwrap_or_else(|error| panic!("{error}\n{text}\n{}", String::from_utf8_lossy(&output.stderr)));
    (json, output.status.code().unwrap_or(-1))
}

#[test]
fn the_history_of_a_real_project_is_looked_at() {
    if !super::real::has("/usr/bin/python3", &["--version"]) {
        return;
    }
    let home = Home::new();
    let dir = project(&home);
    let at = |path: &str| dir.join(path);
    call(&home, &dir, &["test", "run", "--trust", "--json"]);
    let (shown, _) = call(&home, &dir, &["test", "show", "test_ok", "--json"]);
    assert_eq!(shown["result"]["is_stale"], false, "{shown:#}");
    std::fs::write(at("calc.py"), "ONE = 1000\n").expect("written");
    let (shown, _) = call(&home, &dir, &["test", "show", "test_ok", "--json"]);
    assert_eq!(shown["result"]["is_stale"], true, "{shown:#}");

    // Only what imports the changed file is run.
    let (changed, _) = call(&home, &dir, &["test", "run", "changed", "--json"]);
    let chosen = &changed["result"]["chosen"][0];
    assert_eq!(
        (chosen["paths"][0].as_str(), chosen["suites"].as_u64()),
        (Some("calc.py"), Some(1)),
        "{changed:#}"
    );
    assert_eq!(changed["result"]["counts"]["total"], 1, "{changed:#}");
    assert_eq!(changed["result"]["failed"][0]["id"], "unittest/test_b.py B::test_one");
    git(
        &dir,
        &["-c", "user.name=t", "-c", "user.email=t@t", "commit", "-qam", "second"],
    );

    call(&home, &dir, &["test", "run", "--json"]);
    let (compared, code) = call(&home, &dir, &["test", "compare", "--json"]);
    let counts = &compared["result"]["counts"];
    assert_eq!(code, 0);
    assert_eq!(
        (
            counts["new_failure"].as_u64(),
            counts["fixed"].as_u64(),
            counts["still_failing"].as_u64()
        ),
        (Some(1), Some(1), Some(1)),
        "{compared:#}"
    );
    let (groups, _) = call(&home, &dir, &["test", "failures", "--json"]);
    let groups = groups["result"]["groups"].as_array().expect("a list").clone();
    assert_eq!(groups.len(), 2, "{groups:#?}");
    assert!(groups.iter().any(|group| group["error"] == "no <n>"), "{groups:#?}");

    // What failed last goes first.
    let (red, _) = call(&home, &dir, &["test", "run", "--red-first", "--json"]);
    let runs: Vec<u64> = red["result"]["runs"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|run| run["n_passed"].as_u64().unwrap_or(0) + run["n_failed"].as_u64().unwrap_or(0))
        .collect();
    assert_eq!(
        (runs, red["result"]["counts"]["total"].as_u64()),
        (vec![2, 4], Some(4)),
        "{red:#}"
    );

    let (flaky, code) = call(&home, &dir, &["test", "flaky", "test_flips", "--repeat", "4", "--json"]);
    assert_eq!((flaky["result"]["verdict"].as_str(), code), (Some("flaky"), 0), "{flaky:#}");
    assert_eq!(
        (
            flaky["result"]["alone"]["n_runs"].as_u64(),
            flaky["result"]["alone"]["n_failed"].as_u64()
        ),
        (Some(4), Some(2))
    );
    let (genuine, _) = call(&home, &dir, &["test", "flaky", "test_red", "--repeat", "2", "--json"]);
    assert_eq!(genuine["result"]["verdict"], "genuine", "{genuine:#}");
    assert_eq!(genuine["result"]["errors"]["no <n>"], 6, "each try of it failed alike");
    let (shown, _) = call(&home, &dir, &["test", "show", "test_flips", "--json"]);
    assert_eq!(shown["result"]["flaky"]["verdict"], "flaky", "it is remembered");
    let past = shown["result"]["case"]["history"].as_array().map_or(0, Vec::len);
    assert!(past <= 4, "the tries are no history: {past}");

    let (gate, code) = call(&home, &dir, &["test", "gate", "--json"]);
    assert_eq!((gate["result"]["is_met"].as_bool(), code), (Some(false), 1), "{gate:#}");
    assert_eq!(gate["problems"][0]["code"], "gate");
    put(
        &dir,
        &[(
            "chantier.toml",
            "[test]\ntimeout = \"30s\"\n\n[test.gate]\nmin_pass_rate = 10.0\n",
        )],
    );
    let (gate, code) = call(&home, &dir, &["test", "gate", "--trust", "--json"]);
    assert_eq!((gate["result"]["is_met"].as_bool(), code), (Some(true), 0), "{gate:#}");

    let report = [
        "test", "report", "--html", "r.html", "--junit", "r.xml", "--badge", "b.svg", "--json",
    ];
    call(&home, &dir, &report);
    // What Chantier wrote there is renewed; of anything else nothing is touched.
    std::fs::write(at("b.svg"), "precious").expect("written");
    std::fs::remove_file(at("r.html")).expect("there");
    let (refused, code) = call(&home, &dir, &report);
    assert_eq!(
        (refused["problems"][0]["code"].as_str(), code),
        (Some("exists"), 1),
        "{refused:#}"
    );
    assert!(!at("r.html").exists());
    std::fs::remove_file(at("b.svg")).expect("there");
    let (written, _) = call(&home, &dir, &report);
    assert_eq!(written["result"]["files"].as_array().map(Vec::len), Some(3), "{written:#}");
    let page = std::fs::read_to_string(at("r.html")).expect("written");
    assert!(page.contains("test_red") && page.contains("no 17"), "{page}");
    let (imported, _) = call(&home, &dir, &["test", "import", "r.xml", "--json"]);
    assert_eq!(imported["result"]["counts"]["total"], 4, "{imported:#}");

    put(
        &dir,
        &[(
            "c.lcov",
            "SF:calc.py\nDA:1,0\nend_of_record\nSF:test_a.py\nDA:1,1\nend_of_record\n",
        )],
    );
    std::fs::write(at("calc.py"), "ONE = 3\n").expect("written");
    let (covered, code) = call(&home, &dir, &["test", "coverage", "import", "c.lcov", "--json"]);
    assert_eq!((covered["result"]["percent"].as_f64(), code), (Some(50.0), 0), "{covered:#}");
    assert_eq!(covered["result"]["changed_missed"], 1, "{covered:#}");
    assert_eq!(covered["result"]["files"][0]["changed"]["missed"][0], 1);
    // A report of other sources changes nothing.
    put(&dir, &[("other.lcov", "SF:nothing/here.c\nDA:1,1\nend_of_record\n")]);
    let (other, code) = call(&home, &dir, &["test", "coverage", "import", "other.lcov", "--json"]);
    assert_eq!(
        (other["problems"][0]["code"].as_str(), code),
        (Some("not-found"), 1),
        "{other:#}"
    );
    let (kept, _) = call(&home, &dir, &["test", "coverage", "show", "--json"]);
    assert_eq!(kept["result"]["percent"].as_f64(), Some(50.0), "{kept:#}");
    let (none, code) = call(&home, &home.path(""), &["test", "coverage", "show", "--json"]);
    assert_eq!(
        (none["problems"][0]["code"].as_str(), code),
        (Some("not-found"), 1),
        "{none:#}"
    );

    put(&dir, &[(".chantier/tests/release.toml", PLAN)]);
    let record = [
        "test", "plan", "record", "release", "login", "failed", "--note", "No board", "--json",
    ];
    let (recorded, code) = call(&home, &dir, &record);
    assert_eq!(code, 0, "{recorded:#}");
    let (listed, _) = call(&home, &dir, &["test", "plan", "list", "--json"]);
    let cases = &listed["result"]["plans"][0]["cases"];
    assert_eq!(
        (cases[0]["state"].as_str(), cases[1]["state"].as_str()),
        (Some("failed"), Some("unknown")),
        "{listed:#}"
    );
    let (shown, _) = call(&home, &dir, &["test", "show", "manual/release login", "--json"]);
    assert_eq!(shown["result"]["case"]["result"]["message"], "No board", "{shown:#}");
}
