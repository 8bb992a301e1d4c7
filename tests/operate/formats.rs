//! Lines of logs as the programs of the field write them: their severity, their time, and what they say.

use crate::support::cli::Home;
use chantier::base::Timestamp;
use chantier::base::log::{Around, Level, fields_of, level_in, time_in};
use chantier::base::time::{parse_duration, parse_moment};
use jiff::tz::TimeZone;
use std::io::Write as _;
use std::process::Stdio;
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
    for (line, time) in [
        ("28.11.2026 06:46:00 x", "2026-11-28T05:46:00Z"),
        ("[28-11-2026 06:46:00] x", "2026-11-28T05:46:00Z"),
        ("11/28/2026 6:33:00 AM x", "2026-11-28T05:33:00Z"),
        ("11/28/2026 12:33:00 PM x", "2026-11-28T11:33:00Z"),
        ("20261128T063900Z x", "2026-11-28T06:39:00Z"),
    ] {
        assert_eq!(at(line).as_deref(), Some(time), "{line}");
    }
    for line in [
        "fatal: not a git repository",
        "Alert: the door",
        "<5>x [EMERG] x",
        "kernel: CRIT x",
    ] {
        let level = level_in(line).map(|(_, level)| level);
        assert_eq!(
            level,
            if line.starts_with('<') {
                Some(Level::Info)
            } else {
                Some(Level::Error)
            },
            "{line}"
        );
    }
    for line in ["the fatal day", "alert rules: 3", "11/28/2026 6:33:00 x", "28.11.2026"] {
        assert_eq!((level_in(line), at(line)), (None, None), "{line}");
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

#[test]
fn a_time_is_read_as_people_write_it() {
    let now: Timestamp = "2026-11-28T12:00:00Z".parse().unwrap();
    let zone = TimeZone::get("Europe/Paris").unwrap();
    for (text, wanted) in [
        ("1w", "2026-11-21T12:00:00Z"),
        ("90m", "2026-11-28T10:30:00Z"),
        ("today", "2026-11-27T23:00:00Z"),
        ("yesterday", "2026-11-26T23:00:00Z"),
        ("9:00", "2026-11-28T08:00:00Z"),
        ("14:02", "2026-11-28T13:02:00Z"),
        ("2026-11-26 14:02", "2026-11-26T13:02:00Z"),
        ("2026-11-26T14:02:00Z", "2026-11-26T14:02:00Z"),
    ] {
        let at = parse_moment(text, now, &zone).map(|at| at.to_string());
        assert_eq!(at.as_deref(), Some(wanted), "{text}");
    }
    for text in ["soon", "25:00", "", ":", "9"] {
        let at = parse_moment(text, now, &zone);
        assert!(at.is_none() || text == "9", "{text}: {at:?}");
    }
}

#[test]
fn a_log_is_read_from_a_pipe_and_by_a_pattern() {
    let home = Home::new();
    let dir = super::workspace(&home, "site");
    for (name, text) in [
        ("app.log", "ERROR new\n"),
        ("app.log.1", "INFO older\nERROR old\n"),
        ("other.log", "ERROR elsewhere\n"),
    ] {
        std::fs::write(dir.join(name), text).unwrap();
    }
    let found = home
        .call_in(&dir, &["operate", "logs", "--file", "app.log*", "--level", "error"])
        .ok()
        .out;
    assert!(found.contains("ERROR new") && found.contains("ERROR old"), "{found}");
    assert!(!found.contains("elsewhere") && !found.contains("older"), "{found}");
    let none = home.call_in(&dir, &["operate", "logs", "--file", "web.log*", "--json"]);
    assert_ne!(none.code, 0, "{}", none.out);
    let piped = |args: &[&str]| {
        let mut program = home.program(&dir, &[&["operate", "logs", "--file", "-"], args].concat());
        let mut child = program
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut input = child.stdin.take().unwrap();
        input.write_all(b"INFO fine\nERROR from a pipe\n").ok();
        drop(input);
        let output = child.wait_with_output().unwrap();
        (output.status.success(), String::from_utf8(output.stdout).unwrap())
    };
    let (is_well, out) = piped(&["--level", "error"]);
    assert!(is_well && out.trim_end() == "ERROR from a pipe", "{out}");
    let (is_well, out) = piped(&["--follow", "--json"]);
    assert!(!is_well && out.contains("not-possible"), "{out}");
}
