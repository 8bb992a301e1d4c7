//! What the parsers hear in real output of unittest, go, CTest, Vitest, Jest and programs that print TAP.

use super::{fixture, lines, results, words};
use chantier::adapters::scan::{Found, Wanted};
use chantier::areas::test::frameworks::ctest::{self, Ctest};
use chantier::areas::test::frameworks::go::{self, GoTest};
use chantier::areas::test::frameworks::js::{self, Js};
use chantier::areas::test::frameworks::nextest::Nextest;
use chantier::areas::test::frameworks::tap::Tap;
use chantier::areas::test::frameworks::unittest::{self, Unittest};
use chantier::areas::test::frameworks::{
    CaseId, Finished, Framework, Heard, Limits, Parser, Runner, Selection, Site, detect, junit,
};
use chantier::base::Stream;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

fn hear(parser: &mut dyn Parser, stream: Stream, name: &str, code: i32) -> Vec<Heard> {
    let mut heard = Vec::new();
    let text = fixture(name);
    lines(&text)
        .filter(|line| !line.is_empty())
        .for_each(|line| drop(parser.line(stream, line, &mut heard)));
    parser.finish(Some(code), &mut heard);
    heard
}

/// `path:line message` of a result.
fn why(results: &BTreeMap<(String, String), Finished>, suite: &str, name: &str) -> String {
    let result = results
        .get(&(suite.to_owned(), name.to_owned()))
        .unwrap_or_else(|| panic!("{suite} {name} is not in {:?}", results.keys()));
    let place = result.place.as_ref();
    let place = place.map_or("-".to_owned(), |place| {
        format!("{}:{}", place.path.display(), place.line.unwrap_or(0))
    });
    format!("{place} {}", result.message)
}

fn go_site() -> Site {
    let mut site = Site::new(Runner::Go, "");
    site.options = vec!["example.com/calc".to_owned()];
    site
}

const GO: [&str; 13] = [
    "example.com/calc ExampleAdd done",
    "example.com/calc TestAdd done",
    "example.com/calc TestBroken failed",
    "example.com/calc TestLater skipped",
    "example.com/calc TestTable failed",
    "example.com/calc TestTable/a/b done",
    "example.com/calc TestTable/small done",
    "example.com/calc TestTable/two_words done",
    "example.com/calc TestTable/wrong failed",
    "example.com/calc/boom TestFine done",
    "example.com/calc/boom TestPanic failed",
    "example.com/calc/shape TestAdd done",
    "example.com/calc/shape TestAround done",
];

#[test]
fn go_is_heard_with_its_subtests_panics_and_builds() {
    let mut parser = GoTest::new(&go_site(), "/w/go", &Selection::All);
    let heard = hear(&mut parser, Stream::Out, "go-1.19.8.json", 1);
    let told = results(&heard);
    assert_eq!(words(&told), GO);
    assert_eq!(
        why(&told, "example.com/calc", "TestBroken"),
        "calc_test.go:16 Add(2, 2) = 4, want 5"
    );
    assert_eq!(
        why(&told, "example.com/calc/boom", "TestPanic"),
        "boom/boom_test.go:9 panic: runtime error: index out of range [3] with length 0"
    );
    assert_eq!(why(&told, "example.com/calc", "TestLater"), "- not yet");
    assert_eq!(why(&told, "example.com/calc", "TestTable"), "- 1 subtest failed");
    let broken = &told[&("example.com/calc".to_owned(), "TestBroken".to_owned())];
    assert!(broken.output.starts_with("said on the way\n"), "{}", broken.output);
    let started = heard.iter().filter(|heard| matches!(heard, Heard::Started(_))).count();
    assert_eq!(started, 13);

    // A test that only leads to the one that was chosen has no result of its own.
    let chosen = CaseId::new(Framework::Go, "example.com/calc", "TestTable/wrong");
    let selection = Selection::Cases(vec![chosen.clone()]);
    let mut parser = GoTest::new(&go_site(), "/w/go", &selection);
    let heard = hear(&mut parser, Stream::Out, "go-1.19.8.json", 1);
    assert_eq!(words(&results(&heard)), ["example.com/calc TestTable/wrong failed"]);

    let mut parser = GoTest::list(&go_site(), "/w/go");
    let heard = hear(&mut parser, Stream::Out, "go-1.19.8-list.json", 0);
    let listed: Vec<String> = results(&heard)
        .keys()
        .map(|(suite, name)| format!("{suite} {name}"))
        .collect();
    assert_eq!(listed.len(), 10, "{listed:?}");
    assert!(listed.contains(&"example.com/calc/boom TestNeverReached".to_owned()));

    let mut parser = GoTest::new(&go_site(), "/w/go", &Selection::All);
    let heard = hear(&mut parser, Stream::Out, "go-1.19.8-timeout.json", 1);
    assert_eq!(
        why(&results(&heard), "example.com/calc/hang", "TestHang"),
        "hang/hang_test.go:6 panic: test timed out after 1s"
    );

    let mut parser = GoTest::new(&go_site(), "/w/go", &Selection::All);
    let mut heard = Vec::new();
    lines(&fixture("go-1.19.8-build.err")).for_each(|line| drop(parser.line(Stream::Err, line, &mut heard)));
    heard.extend(hear(&mut parser, Stream::Out, "go-1.19.8-build.json", 1));
    let Some(Heard::Trouble(problem)) = heard.last() else {
        panic!("{heard:?}")
    };
    let place = problem.place.clone().expect("it is known");
    assert_eq!(problem.code, "does-not-compile");
    assert_eq!(
        (place.path.to_str(), place.line, place.column),
        (Some("boom/x_test.go"), Some(5), Some(28))
    );
    assert_eq!(results(&heard).len(), 2, "the other packages are run all the same");
}

#[test]
fn go_is_asked_for_exactly_the_chosen_tests() {
    let case = |package: &str, name: &str| CaseId::new(Framework::Go, package, name);
    let argvs = |cases: Vec<CaseId>| -> Vec<String> {
        let argvs = go::run_argvs(&go_site(), &Selection::Cases(cases), &Limits::default());
        argvs.iter().map(|argv| argv.join(" ")).collect()
    };
    assert_eq!(
        argvs(vec![
            case("a", "TestB"),
            case("a", "TestA"),
            case("b", "TestA"),
            case("b", "TestB")
        ]),
        ["go test -json -run=^(TestA|TestB)$ a b"]
    );
    assert_eq!(
        argvs(vec![
            case("a", "TestT/x(1)/y"),
            case("a", "TestU"),
            case("a", "TestU/z"),
            case("b", "(package)")
        ]),
        [
            "go test -json b",
            "go test -json -run=^(TestU)$ a",
            "go test -json -run=^TestT$/^x\\(1\\)$/^y$ a"
        ]
    );
    let many: Vec<CaseId> = (0..50).map(|n| case("a", &format!("TestT/{n}"))).collect();
    assert_eq!(argvs(many), ["go test -json -run=^(TestT)$ a"]);
    let mut told = go_site();
    told.argv = ["go", "test", "-race", "-tags", "slow", "./pkg/...", "-args", "-x"]
        .map(str::to_owned)
        .to_vec();
    let limits = Limits {
        jobs: Some(3),
        ..Limits::default()
    };
    assert_eq!(
        go::run_argvs(&told, &Selection::All, &limits)[0].join(" "),
        "go test -json -race -tags=slow -p=3 -parallel=3 ./pkg/... -args -x"
    );
}

#[test]
fn unittest_is_heard_with_fixtures_subtests_and_imports() {
    let mut parser = Unittest::new("py");
    let heard = hear(&mut parser, Stream::Out, "unittest-3.11.2.out", 1);
    let told = results(&heard);
    assert_eq!(
        words(&told),
        [
            "py/tests/test_broken.py (import) failed",
            "py/tests/test_calc.py TestAdd::test_adds done",
            "py/tests/test_calc.py TestAdd::test_broken failed",
            "py/tests/test_calc.py TestAdd::test_known skipped",
            "py/tests/test_calc.py TestAdd::test_later skipped",
            "py/tests/test_calc.py TestAdd::test_raises failed",
            "py/tests/test_calc.py TestAdd::test_table failed",
            "py/tests/test_calc.py TestHang::test_after done",
            "py/tests/test_calc.py TestHang::test_hangs failed",
            "py/tests/test_calc.py TestOuter::(setUpClass) failed",
        ]
    );
    let calc = |name: &str| why(&told, "py/tests/test_calc.py", name);
    assert_eq!(calc("TestAdd::test_broken"), "py/tests/test_calc.py:13 4 != 5 : sums");
    assert_eq!(calc("TestAdd::test_table"), "py/tests/test_calc.py:26 (total=3): 2 != 3");
    assert_eq!(
        calc("TestHang::test_hangs"),
        "py/tests/test_calc.py:43 TimeoutError: timed out after 1s"
    );
    assert_eq!(
        why(&told, "py/tests/test_broken.py", "(import)"),
        "py/tests/test_broken.py:1 ModuleNotFoundError: No module named 'no_such_module_anywhere'"
    );
    assert!(heard.contains(&Heard::Total(10)));

    let mut site = Site::new(Runner::Unittest, "py");
    site.options = vec![".".to_owned()];
    let case = CaseId::new(Framework::Unittest, "py/tests/test_calc.py", "TestAdd::test_adds");
    let limits = Limits {
        case_timeout: Some(Duration::from_millis(1500)),
        ..Limits::default()
    };
    assert_eq!(
        unittest::run_args(&site, &Selection::Cases(vec![case]), &limits, Path::new("/c/r.py"))[0].join(" "),
        "/c/r.py --timeout=1.5 --case=tests/test_calc.py::TestAdd::test_adds ."
    );
}

#[test]
fn ctest_is_heard_live_and_in_detail() {
    let site = Site::new(Runner::Ctest, "");
    let mut parser = Ctest::new(&site, "/w/ctest");
    let heard = hear(&mut parser, Stream::Out, "ctest-3.25.1.out", 8);
    let expected = [
        ". calc with spaces (and more) done",
        ". calc.adds done",
        ". calc.broken failed",
        ". calc.crashes failed",
        ". calc.even/1 failed",
        ". calc.even/2 done",
        ". calc.even/3 failed",
        ". calc.hangs failed",
        ". calc.later skipped",
        ". calc.off skipped",
        ". calc.unbuilt failed",
    ];
    assert_eq!(words(&results(&heard)), expected);
    assert!(heard.contains(&Heard::Total(11)));
    let mut report = Vec::new();
    let problems = junit::read(&fixture("ctest-3.25.1.xml")[..], Path::new("c.xml"), &|| false, &mut |case| {
        report.push(case);
    });
    assert_eq!(problems, []);
    let details: Vec<Heard> = parser.details(report).into_iter().map(Heard::finished).collect();
    let told = results(&details);
    assert_eq!(words(&told), expected);
    assert_eq!(
        why(&told, ".", "calc.broken"),
        "calc_test.c:18 Assertion `add(2, 2) == 5' failed."
    );
    assert_eq!(why(&told, ".", "calc.crashes"), "- Exception: SegFault");
    assert_eq!(why(&told, ".", "calc.hangs"), "- Timeout");
    assert_eq!(why(&told, ".", "calc.later"), "- SKIP_RETURN_CODE=77");

    let listed = ctest::parse_list(&fixture("ctest-3.25.1-list.json"), &site, Path::new("/w/ctest")).expect("a list");
    let names: Vec<String> = listed.iter().map(|result| format!(". {}", result.case.name)).collect();
    let mut sorted = names.clone();
    sorted.sort();
    let expected: Vec<&str> = expected
        .iter()
        .map(|line| line.rsplit_once(' ').expect("a state").0)
        .collect();
    assert_eq!(sorted, expected);
    let place = listed[0].place.clone().expect("the line that adds it");
    assert_eq!((place.path.to_str(), place.line), (Some("CMakeLists.txt"), Some(8)));

    let case = listed
        .iter()
        .find(|result| result.case.name.contains("spaces"))
        .expect("there")
        .case
        .clone();
    let argv = ctest::run_argv(
        &site,
        Path::new("out/debug"),
        &Selection::Cases(vec![case]),
        &Limits::default(),
        Path::new("/j.xml"),
    );
    assert_eq!(
        argv.join(" "),
        "ctest --test-dir out/debug --output-on-failure --no-tests=ignore --output-junit /j.xml -R ^(calc with spaces \\(and more\\))$"
    );
}

/// GoogleTest, Catch2 and Boost.Test say each in their own way where a test failed.
#[test]
fn what_c_and_cpp_tests_print_is_understood() {
    let check = |output: &str, expected: &str| {
        let result = Finished::new(CaseId::new(Framework::Ctest, ".", "x"), chantier::base::State::Failed);
        let result = result.output(output.to_owned(), Path::new(""));
        let told = BTreeMap::from([((".".to_owned(), "x".to_owned()), result)]);
        assert_eq!(why(&told, ".", "x"), expected);
    };
    check(
        "[ RUN      ] A.b\ntest/a.cpp:12: Failure\nExpected equality of these values:\n  1\n  2\n\n[  FAILED  ] A.b (0 ms)",
        "test/a.cpp:12 Expected equality of these values:\n  1\n  2",
    );
    check(
        "tests/a.cpp:7: FAILED:\n  CHECK( f() == 2 )\nwith expansion:\n  1 == 2\n",
        "tests/a.cpp:7 CHECK( f() == 2 )\nwith expansion:\n  1 == 2",
    );
    check(
        "Running 1 test case...\na.cpp(5): error: in \"t\": check 1 == 2 has failed [1 != 2]\n",
        "a.cpp:5 error: in \"t\": check 1 == 2 has failed [1 != 2]",
    );
}

pub(super) const JS: [&str; 8] = [
    "test/broken.test.js (file) failed",
    "test/calc.test.js adds done",
    "test/calc.test.js sums > 1 + 1 is 2 done",
    "test/calc.test.js sums > 1 + 2 is 4 failed",
    "test/calc.test.js sums > comes later skipped",
    "test/calc.test.js sums > hangs failed",
    "test/calc.test.js sums > is broken failed",
    "test/calc.test.js sums > is planned skipped",
];

#[test]
fn vitest_and_jest_are_heard() {
    for (framework, file, broken, hanging) in [
        (
            Framework::Vitest,
            "vitest-3.2.7.out",
            "test/calc.test.js:11 sums: expected 4 to be 5 // Object.is equality",
            "Test timed out in 800ms.",
        ),
        (
            Framework::Jest,
            "jest-29.7.0.out",
            "test/calc.test.js:10 expect(received).toBe(expected) // Object.is equality\n\nExpected: 5\nReceived: 4",
            "thrown: \"Exceeded timeout of 800 ms for a test.",
        ),
    ] {
        let root = format!("/w/{}", framework.word());
        let mut parser = Js::new(framework, &root, &Selection::All);
        let heard = hear(&mut parser, Stream::Out, file, 1);
        let told = results(&heard);
        assert_eq!(words(&told), JS, "{file}");
        assert_eq!(why(&told, "test/calc.test.js", "sums > is broken"), broken);
        let hangs = why(&told, "test/calc.test.js", "sums > hangs");
        assert!(hangs.contains(hanging) && hangs.starts_with("test/calc.test.js:2"), "{hangs}");
        let lost = why(&told, "test/broken.test.js", "(file)");
        assert!(
            lost.starts_with("test/broken.test.js:1 Cannot find module") || lost.starts_with("- Cannot find module"),
            "{lost}"
        );
        let chosen = CaseId::new(framework, "test/calc.test.js", "sums > 1 + 2 is 4");
        let mut parser = Js::new(framework, &root, &Selection::Cases(vec![chosen]));
        let told = results(&hear(&mut parser, Stream::Out, file, 1));
        assert!(
            !words(&told).iter().any(|line| line.ends_with("skipped")),
            "what was left out is no result"
        );
    }
    let mut site = Site::new(Runner::Jest, "web");
    site.options = vec!["--config".to_owned(), "a.js".to_owned()];
    let case = CaseId::new(Framework::Jest, "web/test/a.test.js", "sums > 1 + 2 (a)");
    let argv = js::run_args(&site, &Selection::Cases(vec![case]), &Limits::default(), Path::new("/r.cjs"));
    assert_eq!(
        argv.join(" "),
        "--passWithNoTests --reporters=/r.cjs --config a.js --testNamePattern=^(sums(?: > | )1 \\+ 2 \\(a\\))$ --runTestsByPath test/a.test.js"
    );
}

fn tap(text: &str, code: i32) -> (BTreeMap<(String, String), Finished>, Vec<Heard>) {
    let mut parser = Tap::new("t", "/w");
    let mut heard = Vec::new();
    text.lines()
        .for_each(|line| drop(parser.line(Stream::Out, line.as_bytes(), &mut heard)));
    parser.finish(Some(code), &mut heard);
    (results(&heard), heard)
}

#[test]
fn tap_of_any_producer_is_heard() {
    // bats 1.8
    let (told, _) = tap(
        "1..2\nok 1 adds\nnot ok 2 is broken\n# (in test file calc.bats, line 7)\n#   `[ \"$total\" -eq 5 ]' failed\n# said on the way\n",
        1,
    );
    assert_eq!(words(&told), ["t adds done", "t is broken failed"]);
    assert_eq!(why(&told, "t", "is broken"), "calc.bats:7 `[ \"$total\" -eq 5 ]' failed");
    // Test::More of Perl 5.36
    let (told, _) = tap(
        "ok 1 - adds\nnot ok 2 - is broken\n#   Failed test 'is broken'\n#   at t/calc.t line 5.\n#          got: '4'\n#     expected: '5'\n1..2\n",
        1,
    );
    assert_eq!(why(&told, "t", "is broken"), "t/calc.t:5 Failed test 'is broken'");
    // Subtests, as TAP 14 writes them, two levels deep; YAML; directives; the same name twice.
    let text = "TAP version 14\n# Subtest: outer\n    # Subtest: inner\n        ok 1 - a\n        not ok 2 - b\n          ---\n          message: 'no \"b\"'\n          at: lib/b.js:3:1\n          duration_ms: 12\n          ...\n        1..2\n    not ok 1 - inner\n    1..1\nnot ok 1 - outer\nok 2 - a # skip not here\nok 3 - a # time=1.5ms\nok 4\n1..4\n";
    let (told, heard) = tap(text, 1);
    assert_eq!(
        words(&told),
        [
            "t a skipped",
            "t a (2) done",
            "t outer failed",
            "t outer > inner failed",
            "t outer > inner > a done",
            "t outer > inner > b failed",
            "t test 4 done"
        ]
    );
    let deep = &told[&("t".to_owned(), "outer > inner > b".to_owned())];
    assert_eq!((deep.message.as_str(), deep.duration_ms), ("no \"b\"", Some(12)));
    assert_eq!(deep.place.as_ref().and_then(|place| place.line), Some(3));
    assert!(heard.contains(&Heard::Total(4)));
    // What was planned and did not come, and an end in the middle.
    let (told, _) = tap("1..3\nok 1\n", 1);
    assert_eq!(words(&told), ["t (plan) failed", "t test 1 done"]);
    let (_, heard) = tap("1..3\nok 1\nBail out! No database\n", 1);
    assert!(
        matches!(heard.last(), Some(Heard::Trouble(problem)) if problem.code == "bail-out"),
        "{heard:?}"
    );
    let (told, _) = tap("building\nok, that works\nok 2 files copied\n", 0);
    assert!(told.is_empty(), "a program that prints no TAP is not heard: {told:?}");
}

#[test]
fn each_project_gives_the_site_of_its_tool() {
    let projects = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/projects");
    for (name, expected) in [
        ("cargo", "cargo-test . []"),
        ("pytest", "pytest . []"),
        ("unittest", "unittest . [\".\"]"),
        ("go", "go . [\"example.com/calc\"]"),
        ("ctest", "ctest . []"),
        ("vitest", "vitest . []"),
        ("jest", "jest . []"),
        ("tap", "task . []"),
    ] {
        let (sites, problems) = detect::sites(&projects.join(name), false, &|| false);
        let told: Vec<String> = sites
            .iter()
            .map(|site| format!("{} {} {:?}", site.runner.word(), site.dir_word(), site.options))
            .collect();
        assert_eq!((told.join(", ").as_str(), problems.len()), (expected, 0), "{name}");
    }
    let files = |files: &[(&str, &str)]| -> Vec<String> {
        let found: Vec<Found> = files
            .iter()
            .map(|(path, text)| Found {
                path: path.into(),
                text: (detect::wanted(Path::new(path)) == Wanted::Text).then(|| (*text).to_owned()),
            })
            .collect();
        let sites = detect::from_files(&found, &chantier::areas::devops::project::ProjectFile::default(), false);
        sites
            .iter()
            .map(|site| format!("{} {} {}", site.runner.word(), site.dir_word(), site.options.join(",")))
            .collect()
    };
    let plain = "import unittest\n";
    assert_eq!(
        files(&[("tests/test_a.py", plain), ("setup.py", "")]),
        ["unittest . tests"],
        "no package: it begins there"
    );
    assert_eq!(
        files(&[
            ("a/tests/__init__.py", ""),
            ("a/__init__.py", ""),
            ("a/tests/test_a.py", plain)
        ]),
        ["unittest . ."]
    );
    assert_eq!(
        files(&[("tests/test_a.py", plain), ("tox.ini", "[testenv]\ndeps = pytest\n")]),
        ["pytest . "]
    );
    assert_eq!(
        files(&[("test_a.py", plain), ("test_b.py", "import pytest\n")]),
        ["pytest . "]
    );
    assert_eq!(
        files(&[("test_a.py", plain), ("test_b.py", "def f(): pass\ndef test_b(): pass\n")]),
        ["pytest . "]
    );
    assert_eq!(
        files(&[
            ("go.mod", "module a.b/c // x\n"),
            ("x_test.go", ""),
            ("sub/go.mod", "module a.b/d\n"),
            ("sub/y.go", "")
        ]),
        ["go . a.b/c"],
        "a module without tests is no site"
    );
    assert_eq!(
        files(&[
            ("CMakeLists.txt", "project(a)\n# enable_testing()\n"),
            ("lib/CMakeLists.txt", "PROJECT (b)\nAdd_Test(NAME x COMMAND y)\n"),
            ("other/CMakeLists.txt", "add_library(c c.c)\n"),
        ]),
        ["ctest . "]
    );
    assert!(files(&[("CMakeLists.txt", "project(a)\n# add_test(x)\nmy_add_test(x)\n")]).is_empty());
}

/// What libtest says of a test that should panic stands in its list of failures; what nextest can not list it says behind its error.
#[test]
fn nextest_tells_tests_that_should_panic_and_programs_that_it_can_not_list() {
    let hear = |text: &str, code: i32| {
        let mut parser = Nextest::new("", &Selection::All);
        let mut heard = Vec::new();
        text.lines()
            .for_each(|line| drop(parser.line(Stream::Err, line.as_bytes(), &mut heard)));
        parser.finish(Some(code), &mut heard);
        heard
    };
    let frame = |name: &str, note: &str| {
        format!(
            "        FAIL [   0.039s] (1/2) rp {name}\n  stdout ───\n\n    running 1 test\n    test {name} - should panic ... FAILED\n\n    failures:\n\n    ---- {name} stdout ----\n{note}\n    failures:\n        {name}\n\n    test result: FAILED. 0 passed; 1 failed\n\n"
        )
    };
    let text = frame("never", "    note: test did not panic as expected at src/lib.rs:5:8\n")
        + &frame(
            "other",
            "    note: panic did not contain expected string\n          panic message: \"y\"\n     expected substring: \"x\"\n",
        )
        + "  stderr ───\n\n    thread 'other' (1) panicked at src/lib.rs:9:18:\n    y\n\n────────────\n     Summary [   0.298s] 2 tests run: 0 passed, 2 failed, 0 skipped\n";
    let told = results(&hear(&text, 100));
    assert_eq!(why(&told, "rp", "never"), "src/lib.rs:5 test did not panic as expected");
    assert_eq!(
        why(&told, "rp", "other"),
        "src/lib.rs:9 panic did not contain expected string\npanic message: \"y\"\nexpected substring: \"x\""
    );
    let text = "error: creating test list failed\n\nCaused by:\n  for `core::custom`, line \"custom harness runs\" did not end with the string \": test\"\n";
    let heard = hear(text, 104);
    let Some(Heard::Trouble(problem)) = heard.last() else {
        panic!("{heard:?}")
    };
    let said = format!("{:?}", problem.summary);
    assert!(said.contains("creating test list failed: for `core::custom`, line"), "{said}");
}
