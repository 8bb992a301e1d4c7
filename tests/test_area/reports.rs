//! Reports of JUnit's form as single tools write them.

use chantier::areas::test::frameworks::{Finished, junit};
use chantier::base::State;
use std::path::Path;

fn read(xml: &str) -> Vec<Finished> {
    let mut found = Vec::new();
    let problems = junit::read(xml.as_bytes(), Path::new("r.xml"), &|| false, &mut |result| {
        found.push(result);
    });
    assert_eq!(problems, []);
    found
}

/// PHPUnit begins with the name of the test and ends with where it failed.
#[test]
fn phpunit_says_what_failed_and_where() {
    let found = read(
        "<testsuites><testsuite name=\"App\\Tests\\XTest\"><testcase name=\"testB with data set #0\" file=\"/app/tests/XTest.php\" line=\"20\" class=\"App\\Tests\\XTest\" classname=\"App.Tests.XTest\">\
         <failure type=\"E\">App\\Tests\\XTest::testB with data set #0 (1)\nFailed asserting that false is true.\n\n/app/tests/XTest.php:22\n/app/lib/Y.php:3\n</failure></testcase></testsuite></testsuites>",
    );
    let place = found[0].place.as_ref().expect("it says where");
    assert_eq!(
        (found[0].message.as_str(), place.path.as_path(), place.line),
        (
            "Failed asserting that false is true.",
            Path::new("/app/tests/XTest.php"),
            Some(22)
        )
    );
}

#[test]
fn a_case_that_is_written_once_per_try_is_flaky_when_the_last_one_passes() {
    let case = |name: &str, inside: &str| format!("<testcase name=\"{name}\" classname=\"c\">{inside}</testcase>");
    let failure = "<failure message=\"no\"/>";
    let xml = format!(
        "<testsuite name=\"s\">{}{}{}{}{}</testsuite>",
        case("shaky", failure),
        case("shaky", ""),
        case("red", failure),
        case("red", failure),
        case("green", ""),
    );
    let told: Vec<(String, State, bool)> = read(&xml)
        .into_iter()
        .map(|result| (result.case.name, result.state, result.flaky))
        .collect();
    let expected = [
        ("shaky", State::Failed, false),
        ("shaky", State::Done, true),
        ("red", State::Failed, false),
        ("red", State::Failed, false),
        ("green", State::Done, false),
    ];
    assert_eq!(told, expected.map(|(name, state, flaky)| (name.to_owned(), state, flaky)));
}
