//! Reports of JUnit's form as single tools write them.

use chantier::areas::test::frameworks::{Finished, junit};
use chantier::base::State;
use std::path::Path;

fn read(xml: &str) -> Vec<Finished> {
    read_bytes(xml.as_bytes())
}

fn read_bytes(xml: &[u8]) -> Vec<Finished> {
    let mut found = Vec::new();
    let problems = junit::read(xml, Path::new("r.xml"), &|| false, &mut |result| {
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

/// Googletest writes a failure as the test said it, whatever bytes those are, and names the tests that are switched off.
#[test]
fn bytes_that_are_no_text_lose_nothing_behind_them_and_what_is_switched_off_is_skipped() {
    let mut xml = b"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"AllTests\"><testsuite name=\"A\">\
        <testcase name=\"ok\" status=\"run\" result=\"completed\" time=\"0.1\" classname=\"A\" />\
        <testcase name=\"DISABLED_off\" status=\"notrun\" result=\"suppressed\" time=\"0\" classname=\"A\" />\
        <testcase name=\"off\" status=\"disabled\" classname=\"A\" />\
        <testcase name=\"skips\" status=\"run\" result=\"skipped\" classname=\"A\"><skipped message=\"no gpu\"><![CDATA[t.cc:4]]></skipped></testcase>\
        <testcase name=\"bin\" status=\"run\" result=\"completed\" classname=\"A\"><failure message=\"bytes "
        .to_vec();
    xml.extend(b"\xff\xfe\" type=\"\"><![CDATA[bytes \xff\xfe]]></failure></testcase>");
    xml.extend(
        b"<testcase name=\"last\" status=\"run\" classname=\"A\"><failure message=\"last\"/></testcase></testsuite></testsuites>",
    );
    let told: Vec<(String, State, String)> = read_bytes(&xml)
        .into_iter()
        .map(|result| (result.case.name, result.state, result.message))
        .collect();
    let expected = [
        ("ok", State::Done, ""),
        ("DISABLED_off", State::Skipped, ""),
        ("off", State::Skipped, ""),
        ("skips", State::Skipped, "no gpu"),
        ("bin", State::Failed, "bytes \u{fffd}\u{fffd}"),
        ("last", State::Failed, "last"),
    ];
    assert_eq!(
        told,
        expected.map(|(name, state, words)| (name.to_owned(), state, words.to_owned()))
    );
}

#[test]
fn a_report_is_read_in_the_encoding_that_it_declares() {
    let xml = |encoding: &str| {
        format!("<?xml version='1.0' encoding='{encoding}'?><testsuite name='s'><testcase name='\u{e9}t\u{e9}'/></testsuite>")
    };
    let latin: Vec<u8> = xml("ISO-8859-1").chars().map(|c| c as u8).collect();
    let wide = |order: fn(u16) -> [u8; 2]| -> Vec<u8> { xml("UTF-16").encode_utf16().flat_map(order).collect() };
    let little = wide(u16::to_le_bytes);
    for bytes in [
        latin,
        [b"\xff\xfe".to_vec(), little.clone()].concat(),
        little,
        wide(u16::to_be_bytes),
        xml("UTF-8").into_bytes(),
        // In truth it is not what it says.
        xml("UTF-16").into_bytes(),
        [b"\xef\xbb\xbf".to_vec(), xml("utf-8").into_bytes()].concat(),
    ] {
        let found = read_bytes(&bytes);
        let names: Vec<&str> = found.iter().map(|result| result.case.name.as_str()).collect();
        assert_eq!(names, ["\u{e9}t\u{e9}"], "{:?}", String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn a_suite_that_can_not_be_set_up_has_failed() {
    let found = read(
        "<testsuites><testsuite name='s' errors='1'><error message='setup crashed'>at x</error><testcase name='ok'/></testsuite></testsuites>",
    );
    let told: Vec<(&str, State, &str)> = found
        .iter()
        .map(|result| (result.case.name.as_str(), result.state, result.message.as_str()))
        .collect();
    assert_eq!(told, [("(suite)", State::Failed, "setup crashed"), ("ok", State::Done, "")]);
    assert_eq!((found[0].case.suite.as_str(), found[0].output.as_str()), ("s", "at x"));
}

#[test]
fn times_and_reasons_are_read_as_each_tool_writes_them() {
    for (time, ms) in [
        ("0,25", 250),
        ("12,5", 12_500),
        ("0,250", 250),
        ("1,234", 1_234_000),
        ("1,234.5", 1_234_500),
        ("1.234,5", 1_234_500),
        ("1,234,567", 1_234_567_000),
    ] {
        let found = read(&format!("<testsuite name='s'><testcase name='a' time='{time}'/></testsuite>"));
        assert_eq!(found[0].duration_ms, Some(ms), "{time}");
    }
    let found = read(
        "<testsuite name='s'><testcase name='a'><skipped>\n  the reason\n</skipped></testcase>\
         <testcase name='b'><failure message='first'/><error message='second'/></testcase>\
         <testcase name='c'><failure message='#x1B[31mboom#x1B[0m #x00'>E  #x1B[31mboom#x1B[0m of #x-ray</failure></testcase></testsuite>",
    );
    let told: Vec<&str> = found.iter().map(|result| result.message.as_str()).collect();
    assert_eq!(told[..2], ["the reason", "first"]);
    assert!(told[2].starts_with("boom ") && !told[2].contains("#x"), "{}", told[2]);
    assert_eq!(found[2].output, "E  boom of #x-ray");
}
