//! Test: what the parsers hear in real output of each tool, hostile reports, and detection; `real` runs the tools that are here, `page` draws.

mod addopts;
mod changed;
mod covered;
mod debug;
mod early;
mod environments;
mod gone;

mod leaks;
mod looking;
mod mocha;
mod node;
mod page;
mod placed;
mod plans;
mod projects;
mod real;
mod reports;
mod sites;
mod told;

use chantier::areas::test::frameworks::cargo_argv;
use chantier::areas::test::frameworks::cargo_test::{CargoTest, Known};
use chantier::areas::test::frameworks::nextest::{self, Nextest};
use chantier::areas::test::frameworks::pytest::{self, Pytest};
use chantier::areas::test::frameworks::{
    CaseId, Finished, Framework, Heard, Limits, Parser, Runner, Selection, Site, detect, junit,
};
use chantier::base::{State, Stream};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/test").join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == b'\n')
}

/// The last result of each case, by suite and name.
fn results(heard: &[Heard]) -> BTreeMap<(String, String), Finished> {
    let finished = heard.iter().filter_map(|heard| match heard {
        Heard::Finished { result, .. } => Some(((result.case.suite.clone(), result.case.name.clone()), result.clone())),
        _ => None,
    });
    finished.collect()
}

fn words(results: &BTreeMap<(String, String), Finished>) -> Vec<String> {
    results
        .iter()
        .map(|((suite, name), result)| format!("{suite} {name} {}", result.state.word()))
        .collect()
}

const CARGO: [&str; 8] = [
    "inner tests::inner_ok done",
    "tiny tests::adds done",
    "tiny tests::breaks failed",
    "tiny tests::deep::in_deep failed",
    "tiny tests::later skipped",
    "tiny tests::panics_well done",
    "tiny::doc src/lib.rs - two (line 2) done",
    "tiny::it service_answers done",
];

fn check_cargo(name: &str, feed: impl Fn(&mut CargoTest, &mut Vec<Heard>)) {
    let mut parser = CargoTest::new("", Known::new());
    let mut heard = Vec::new();
    feed(&mut parser, &mut heard);
    parser.finish(Some(101), &mut heard);
    let results = results(&heard);
    assert_eq!(words(&results), CARGO, "{name}");
    let broken = &results[&("tiny".to_owned(), "tests::breaks".to_owned())];
    assert_eq!(
        broken.message, "assertion `left == right` failed: weights add up\n  left: 2\n right: 3",
        "{name}"
    );
    let place = broken.place.clone().expect("a panic has a place");
    assert_eq!(
        (place.path, place.line, place.column),
        (PathBuf::from("src/lib.rs"), Some(9), Some(71)),
        "{name}"
    );
    assert!(
        broken.output.contains("hello out") && broken.output.contains("to err"),
        "{name}: {}",
        broken.output
    );
    let returned = &results[&("tiny".to_owned(), "tests::deep::in_deep".to_owned())];
    assert_eq!(returned.message, "\"bad thing\"", "{name}");
    assert_eq!(
        results[&("tiny".to_owned(), "tests::later".to_owned())].message,
        "slow",
        "{name}"
    );
}

#[test]
fn cargo_test_is_heard_in_whatever_order_its_pipes_arrive() {
    let (out, err) = (fixture("cargo-test-1.95.out"), fixture("cargo-test-1.95.err"));
    // The executables are named before the first header, as cargo does it.
    let json: Vec<&[u8]> = lines(&out).filter(|line| line.starts_with(b"{")).collect();
    let text: Vec<&[u8]> = lines(&out).filter(|line| !line.starts_with(b"{")).collect();
    let start = |parser: &mut CargoTest, heard: &mut Vec<Heard>| {
        for line in &json {
            parser.line(Stream::Out, line, heard);
        }
    };
    check_cargo("headers first", |parser, heard| {
        start(parser, heard);
        lines(&err).for_each(|line| drop(parser.line(Stream::Err, line, heard)));
        text.iter().for_each(|line| drop(parser.line(Stream::Out, line, heard)));
    });
    check_cargo("blocks first", |parser, heard| {
        start(parser, heard);
        text.iter().for_each(|line| drop(parser.line(Stream::Out, line, heard)));
        lines(&err).for_each(|line| drop(parser.line(Stream::Err, line, heard)));
    });
    for seed in 0..200 {
        let mut random = fastrand::Rng::with_seed(seed);
        let (mut outs, errs) = (text.iter().peekable(), fixture("cargo-test-1.95.err"));
        let mut errs = lines(&errs).peekable();
        check_cargo_once(seed, |parser, heard| {
            start(parser, heard);
            while outs.peek().is_some() || errs.peek().is_some() {
                let takes_err = errs.peek().is_some() && (outs.peek().is_none() || random.bool());
                if takes_err {
                    parser.line(Stream::Err, errs.next().expect("peeked"), heard);
                } else if let Some(line) = outs.next() {
                    parser.line(Stream::Out, line, heard);
                }
            }
        });
    }
}

fn check_cargo_once(seed: u64, feed: impl FnOnce(&mut CargoTest, &mut Vec<Heard>)) {
    let cell = std::cell::RefCell::new(Some(feed));
    check_cargo(&format!("seed {seed}"), |parser, heard| {
        (cell.borrow_mut().take().expect("once"))(parser, heard);
    });
}

#[test]
fn a_test_binary_that_dies_is_a_failure_and_one_without_libtest_is_one_case() {
    let mut parser = CargoTest::new("", Known::from([("tiny::it".to_owned(), ["answers".to_owned()].into())]));
    let mut heard = Vec::new();
    let err = "     Running unittests src/lib.rs (target/debug/deps/tiny-0123456789abcdef)\n";
    parser.line(Stream::Err, err.trim_end().as_bytes(), &mut heard);
    for line in ["", "running 2 tests", "test a ... ok"] {
        parser.line(Stream::Out, line.as_bytes(), &mut heard);
    }
    parser.line(Stream::Err, b"  process didn't exit successfully: `target/debug/deps/tiny-0123456789abcdef` (signal: 11, SIGSEGV: invalid memory reference)", &mut heard);
    parser.line(
        Stream::Err,
        b"     Running tests/own.rs (target/debug/deps/own-0123456789abcdef)",
        &mut heard,
    );
    parser.line(Stream::Err, b"error: test failed, to rerun pass `--test own`", &mut heard);
    parser.finish(Some(101), &mut heard);
    let results = results(&heard);
    let states: Vec<String> = words(&results);
    assert!(states.contains(&"tiny a done".to_owned()), "{states:?}");
    let [crash] = parser.take_crashes().try_into().expect("one");
    assert_eq!(
        (crash.suite.as_str(), crash.culprit),
        ("tiny", None),
        "any of the others can be it"
    );
    assert_eq!(crash.message, "signal: 11, SIGSEGV: invalid memory reference");
    assert!(
        states.iter().any(|word| word.starts_with("tests/own.rs::own main failed")),
        "{states:?}"
    );
}

#[test]
fn cargo_test_lists_by_binary() {
    let mut parser = CargoTest::list("");
    let mut heard = Vec::new();
    lines(&fixture("cargo-test-1.95-list.out")).for_each(|line| drop(parser.line(Stream::Out, line, &mut heard)));
    lines(&fixture("cargo-test-1.95-list.err")).for_each(|line| drop(parser.line(Stream::Err, line, &mut heard)));
    parser.finish(Some(0), &mut heard);
    let names: Vec<String> = results(&heard)
        .keys()
        .map(|(suite, name)| format!("{suite} {name}"))
        .collect();
    let expected: Vec<String> = CARGO
        .iter()
        .map(|line| line.rsplit_once(' ').expect("three words").0.to_owned())
        .collect();
    assert_eq!(names, expected);
}

#[test]
fn nextest_is_heard() {
    let mut parser = Nextest::new("", &Selection::All);
    let mut heard = Vec::new();
    lines(&fixture("nextest-0.9.143.err")).for_each(|line| drop(parser.line(Stream::Err, line, &mut heard)));
    parser.finish(Some(100), &mut heard);
    let results = results(&heard);
    let expected: Vec<&str> = CARGO.iter().filter(|line| !line.contains("::doc")).copied().collect();
    assert_eq!(words(&results), expected);
    assert!(heard.contains(&Heard::Total(6)));
    let broken = &results[&("tiny".to_owned(), "tests::breaks".to_owned())];
    assert_eq!(
        broken.message,
        "assertion `left == right` failed: weights add up\n  left: 2\n right: 3"
    );
    assert_eq!(broken.place.as_ref().and_then(|place| place.line), Some(9));
    assert!(broken.duration_ms.is_some());
    assert!(broken.output.starts_with("hello out\n"), "{}", broken.output);
    assert!(!broken.output.contains("running 1 test"), "{}", broken.output);

    let mut listed = nextest::parse_list(&fixture("nextest-0.9.143-list.json")).expect("a list");
    listed.sort_by(|a, b| a.case.cmp(&b.case));
    let listed: Vec<String> = listed
        .iter()
        .map(|result| format!("{} {}", result.case.suite, result.case.name))
        .collect();
    let expected: Vec<&str> = expected
        .iter()
        .map(|line| line.rsplit_once(' ').expect("three words").0)
        .collect();
    assert_eq!(listed, expected);
}

#[test]
fn a_compile_error_is_told_as_the_trouble_of_the_run() {
    let mut parser = Nextest::new("sub", &Selection::All);
    let mut heard = Vec::new();
    for line in [
        "error[E0308]: mismatched types",
        " --> src/main.rs:1:25",
        "  |",
        "",
        "error: could not compile `tiny`",
    ] {
        parser.line(Stream::Err, line.as_bytes(), &mut heard);
    }
    parser.finish(Some(101), &mut heard);
    let Some(Heard::Trouble(problem)) = heard.last() else {
        panic!("{heard:?}")
    };
    assert_eq!(problem.code, "does-not-compile");
    assert_eq!(
        problem.place.as_ref().map(|place| place.path.clone()),
        Some(PathBuf::from("sub/src/main.rs"))
    );
    assert!(problem.hint.is_some());
}

#[test]
fn pytest_is_heard_live_and_in_detail() {
    let mut parser = Pytest::new("py");
    let mut heard = Vec::new();
    lines(&fixture("pytest-7.2.1.out")).for_each(|line| drop(parser.line(Stream::Out, line, &mut heard)));
    parser.finish(Some(1), &mut heard);
    let live = words(&results(&heard));
    let expected = [
        "py/tests/test_calc.py TestBox::test_in failed",
        "py/tests/test_calc.py TestBox::test_skip skipped",
        "py/tests/test_calc.py test_err failed",
        "py/tests/test_calc.py test_fail failed",
        "py/tests/test_calc.py test_ok done",
        "py/tests/test_calc.py test_par[a b] done",
        "py/tests/test_calc.py test_par[c/d] failed",
        "py/tests/test_calc.py test_par[e::f] done",
        "py/tests/test_calc.py test_par[g]h] done",
        "py/tests/test_calc.py test_x skipped",
    ];
    assert_eq!(live, expected);
    assert!(heard.contains(&Heard::Total(10)));

    let mut from_file = Vec::new();
    let problems = junit::read(
        &fixture("pytest-7.2.1.xml")[..],
        Path::new("j.xml"),
        &|| false,
        &mut |result| from_file.push(result),
    );
    assert_eq!(problems, []);
    let mut details = parser.details(from_file);
    details.sort_by(|a, b| a.case.cmp(&b.case));
    let told: Vec<String> = details
        .iter()
        .map(|result| format!("{} {} {}", result.case.suite, result.case.name, result.state.word()))
        .collect();
    assert_eq!(told, expected);
    let failed = details.iter().find(|result| result.case.name == "test_fail").expect("there");
    assert_eq!(failed.message, "AssertionError: sums\nassert (1 + 1) == 3");
    assert_eq!(
        failed.place.as_ref().map(|place| (place.path.clone(), place.line)),
        Some((PathBuf::from("py/tests/test_calc.py"), Some(7)))
    );
    assert!(
        failed.output.contains("some out") && failed.output.contains("err") && !failed.output.contains("Captured"),
        "{}",
        failed.output
    );
    // What passed stands at its own line, counted from one as everywhere.
    let fine = details.iter().find(|result| result.case.name == "test_ok").expect("there");
    assert_eq!(
        fine.place.as_ref().map(|place| (place.path.clone(), place.line)),
        Some((PathBuf::from("py/tests/test_calc.py"), Some(4)))
    );
    let deep = details
        .iter()
        .find(|result| result.case.name == "TestBox::test_in")
        .expect("there");
    assert_eq!(
        deep.place.as_ref().and_then(|place| place.line),
        Some(3),
        "where it was raised"
    );

    let listed = pytest::parse_list(&String::from_utf8_lossy(&fixture("pytest-7.2.1-list.out")), Path::new("py"));
    assert_eq!(listed.len(), 10);
    assert_eq!(
        pytest::node_id(&listed[2].case, Path::new("py")),
        "tests/test_calc.py::TestBox::test_in"
    );
}

fn read(xml: &str) -> (Vec<Finished>, Vec<String>) {
    let mut cases = Vec::new();
    let problems = junit::read(xml.as_bytes(), Path::new("r.xml"), &|| false, &mut |result| {
        cases.push(result);
    });
    (
        cases,
        problems.into_iter().map(|problem| problem.summary.key.into_owned()).collect(),
    )
}

#[test]
fn hostile_reports_cost_nothing_and_lose_nothing_that_is_right() {
    // An entity bomb and an external entity: neither is ever expanded.
    let bomb = r#"<?xml version="1.0"?><!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY f SYSTEM "file:///etc/passwd">]>
      <testsuite name="s"><testcase name="x &c;" time="1"><failure message="m">&c;&f;</failure></testcase></testsuite>"#;
    let (cases, problems) = read(bomb);
    assert_eq!(problems, ["test-junit-doctype"]);
    assert_eq!(cases.len(), 1);
    assert_eq!(cases[0].output, "&c;&f;");
    assert!(cases[0].case.name.len() < 20);

    let (cases, problems) =
        read("<testsuites><testsuite name='s'><testcase name='a' time='0.5'/><testcase name='b'><failure>boo");
    assert_eq!(problems, ["test-junit-truncated"]);
    assert_eq!(
        cases.iter().map(|case| case.state).collect::<Vec<_>>(),
        [State::Done, State::Failed]
    );
    assert_eq!(cases[0].duration_ms, Some(500));

    for time in ["NaN", "inf", "-1", "", "1e999", "x"] {
        let (cases, _) = read(&format!("<testsuite name='s'><testcase name='a' time='{time}'/></testsuite>"));
        assert_eq!(cases[0].duration_ms, None, "{time}");
    }
    let (cases, _) = read("<testsuite name='s'><testcase name='a' time='1,234.5'/></testsuite>");
    assert_eq!(cases[0].duration_ms, Some(1_234_500));

    let long = "y".repeat(10 << 10);
    let xml = format!(
        "<testsuite name='s'><testcase name='a/b&#10;c'/><testcase name='{long}1'/><testcase name='{long}2'/></testsuite>"
    );
    let (cases, problems) = read(&xml);
    assert_eq!(problems, [] as [&str; 0]);
    assert_eq!(cases[0].case.name, "a/b\\nc", "a line break is shown, not written");
    assert!(
        cases[1].case.name.chars().count() <= 600 && cases[1].case != cases[2].case,
        "long names stay apart"
    );

    let deep = "<testsuite name='s'>".repeat(100_000);
    let (cases, problems) = read(&deep);
    assert!(cases.is_empty());
    assert_eq!(problems, ["test-junit-too-deep"]);

    let big = format!(
        "<testsuite name='s'><testcase name='a'><failure>{}</failure></testcase></testsuite>",
        "z".repeat(20 << 20)
    );
    let (cases, _) = read(&big);
    assert!(cases[0].output.len() < 200_000, "{}", cases[0].output.len());

    for nothing in ["", "hello", "<html></html>", "\u{0}\u{1}", "<testsuite"] {
        let (cases, problems) = read(nothing);
        assert!(cases.is_empty() && problems.len() == 1, "{nothing:?}: {problems:?}");
    }
    let (cases, _) = read("<testsuite name='s'><testcase name='&#x1b;[2J&#x202e;x'/></testsuite>");
    assert!(!cases[0].case.name.contains(['\u{1b}', '\u{202e}']), "{}", cases[0].case.name);
}

#[test]
fn sites_are_found_from_files_alone() {
    let dir = tempfile::tempdir().expect("a folder");
    let put = |path: &str, text: &str| {
        let path = dir.path().join(path);
        std::fs::create_dir_all(path.parent().expect("below")).expect("made");
        std::fs::write(path, text).expect("written");
    };
    put("Cargo.toml", "[package]\nname = \"a\"\n[workspace]\n");
    put("crates/b/Cargo.toml", "[package]\nname = \"b\"\n");
    put("tool/python/pyproject.toml", "[project]\nname = \"t\"\n");
    put("tool/python/tests/test_x.py", "def test_x(): pass\n");
    put("node_modules/c/Cargo.toml", "[package]\nname = \"c\"\n");
    let words = |has_nextest| -> Vec<String> {
        let (sites, _) = detect::sites(dir.path(), has_nextest, &|| false);
        sites
            .iter()
            .map(|site| format!("{} {}", site.runner.word(), site.dir_word()))
            .collect()
    };
    assert_eq!(words(true), ["cargo-test .", "pytest tool/python"]);
    put(".config/nextest.toml", "");
    assert_eq!(words(true), ["nextest .", "pytest tool/python"]);
    assert_eq!(words(false), ["cargo-test .", "pytest tool/python"]);
    put(
        "chantier.toml",
        "[[task]]\nname = \"test\"\nkind = \"test\"\nrun = [\"cargo\", \"test\", \"--locked\"]\ntimeout = \"5m\"\n[[task]]\nname = \"e2e\"\nkind = \"test\"\nrun = [\"./e2e.sh\"]\n",
    );
    assert_eq!(words(true), ["cargo-test .", "task .", "pytest tool/python"]);
    let (sites, _) = detect::sites(dir.path(), true, &|| false);
    assert_eq!(sites[0].timeout_secs, Some(300));
}

#[test]
fn what_is_run_names_exactly_the_chosen_cases() {
    let case = |suite: &str, name: &str| CaseId::new(Framework::Cargo, suite, name);
    let site = Site::new(Runner::CargoTest, "");
    let argvs = cargo_argv::run_argvs(
        &site,
        &Selection::Cases(vec![
            case("tiny", "tests::a"),
            case("tiny::it", "b"),
            case("tiny::doc", "src/lib.rs - two (line 2)"),
            case("tiny::doc", "src/lib.rs - (line 12)"),
        ]),
        &Limits::default(),
    );
    let lines: Vec<String> = argvs.iter().map(|argv| argv.join(" ")).collect();
    let flags = "cargo test --no-fail-fast --message-format=json-diagnostic-rendered-ansi -p tiny";
    // rustdoc takes its filters apart at blanks: a word that the name has is all that can be said.
    assert_eq!(
        lines,
        [
            format!("{flags} --lib --test=it -- --exact tests::a b"),
            format!("{flags} --doc -- 12) two"),
        ]
    );
    let mut told = Site::new(Runner::CargoTest, "");
    told.argv = ["cargo", "test", "--locked", "--", "--test-threads=1"]
        .map(str::to_owned)
        .to_vec();
    let line = cargo_argv::run_argvs(&told, &Selection::All, &Limits::default())[0].join(" ");
    assert_eq!(
        line,
        "cargo test --locked --no-fail-fast --message-format=json-diagnostic-rendered-ansi -- --test-threads=1"
    );
    let line = nextest::run_argv(
        &Site::new(Runner::Nextest, ""),
        &Selection::Cases(vec![case("tiny", "a"), case("tiny::it", "b"), case("tiny", "c")]),
        &Limits::default(),
        None,
    )
    .join(" ");
    assert!(
        line.ends_with("-E binary_id(=tiny) & (test(=a) | test(=c)) -E binary_id(=tiny::it) & (test(=b))"),
        "{line}"
    );
    assert_eq!(
        CaseId::from_text("cargo/tiny::it b").map(|case| case.text()),
        Some("cargo/tiny::it b".to_owned())
    );
    assert_eq!(case("tiny", "tests::deep::x").path(), ["tests", "deep", "x"]);
    assert_eq!(
        CaseId::new(Framework::Pytest, "t.py", "test_par[e::f]").path(),
        ["test_par[e::f]"]
    );
}
