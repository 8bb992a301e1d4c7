//! Lines of logs as the programs of the field write them: their severity, their time, and what they say.

use chantier::base::Timestamp;
use chantier::base::log::{Around, Level, fields_of, level_in, time_in};
use chantier::base::time::parse_duration;
use jiff::tz::TimeZone;
use std::time::Duration;

const MONGO: &str =
    r#"{"t":{"$date":"2026-11-28T10:00:05.123+00:00"},"s":"E","c":"NETWORK","id":4712102,"ctx":"conn1","msg":"Host failed"}"#;
const SERILOG: &str =
    r#"{"Timestamp":"2026-11-28T10:00:06.5+00:00","Level":"Error","MessageTemplate":"It broke","Properties":{"Shop":1}}"#;
const COMPACT: &str = r#"{"@t":"2026-11-28T10:00:07Z","@l":"Warning","@mt":"It bends"}"#;
const DOCKER: &str = r#"{"log":"ERROR it broke \u001b[0m\n","stream":"stderr","time":"2026-11-28T10:00:08.5Z"}"#;
const DOCKER_JSON: &str =
    r#"{"log":"{\"level\":\"warn\",\"msg\":\"nearly full\",\"disk\":3}\n","stream":"stdout","time":"2026-11-28T10:00:08Z"}"#;
const PHP: &str = "[28-Nov-2026 10:00:09 UTC] PHP Fatal error:  Uncaught Error in /srv/shop.php:3";

fn at(line: &str) -> Option<String> {
    let now: Timestamp = "2026-11-28T12:00:00Z".parse().unwrap();
    let zone = TimeZone::get("Europe/Paris").unwrap();
    time_in(line, Around { before: None, now }, &zone).map(|at| at.to_string())
}

#[test]
fn severities_and_times_of_databases_frameworks_and_docker_are_read() {
    for (line, level, time) in [
        (MONGO, Level::Error, "2026-11-28T10:00:05.123Z"),
        (SERILOG, Level::Error, "2026-11-28T10:00:06.5Z"),
        (COMPACT, Level::Warn, "2026-11-28T10:00:07Z"),
        (DOCKER, Level::Error, "2026-11-28T10:00:08.5Z"),
        (DOCKER_JSON, Level::Warn, "2026-11-28T10:00:08Z"),
        (PHP, Level::Error, "2026-11-28T10:00:09Z"),
        (
            "[28-Nov-2026 10:00:09 America/New_York] PHP Warning:  x",
            Level::Warn,
            "2026-11-28T15:00:09Z",
        ),
        (
            "=ERROR REPORT==== 28-Nov-2026::10:00:28 ===",
            Level::Error,
            "2026-11-28T09:00:28Z",
        ),
        ("Sat, 28 Nov 2026 10:00:30 GMT WARN x", Level::Warn, "2026-11-28T10:00:30Z"),
    ] {
        assert_eq!(level_in(line).map(|(_, level)| level), Some(level), "{line}");
        assert_eq!(at(line).as_deref(), Some(time), "{line}");
    }
    // What only looks alike says nothing.
    for line in [
        r#"{"s":"E","x":1}"#,
        r#"{"log":"ERROR"}"#,
        r#"{"log":5,"stream":"x"}"#,
        r#"{"t":{"$date":1},"s":"Z"}"#,
    ] {
        assert_eq!(level_in(line), None, "{line}");
    }
    assert_eq!(at("99-Nov-2026 10:00:09 x"), None);
}

#[test]
fn what_docker_and_mongodb_keep_is_shown_as_it_was_written() {
    let message = |line: &str| fields_of(line).unwrap().as_message();
    assert_eq!(message(DOCKER_JSON), "WARN nearly full disk=3 stream=stdout");
    let plain = message(DOCKER);
    assert!(
        plain.starts_with("ERROR ERROR it broke") && plain.ends_with("stream=stderr"),
        "{plain}"
    );
    assert_eq!(fields_of(DOCKER_JSON).unwrap().time.as_deref(), Some("2026-11-28T10:00:08Z"));
    let mongo = fields_of(MONGO).unwrap();
    assert_eq!((mongo.level, mongo.message.as_str()), (Some(Level::Error), "Host failed"));
    assert_eq!(mongo.time.as_deref(), Some("2026-11-28T10:00:05.123+00:00"));
    assert!(message(SERILOG).starts_with("ERROR It broke"), "{}", message(SERILOG));
}

#[test]
fn weeks_are_a_time_too() {
    assert_eq!(parse_duration("1w"), Some(Duration::from_hours(7 * 24)));
    assert_eq!(parse_duration("1w2d"), Some(Duration::from_hours(9 * 24)));
}
