//! Logs: files of any length against what a plain reading says, severities, times, traces and structured lines of real programs,
//! sources merged by time, growth, truncation and rotation.

use super::{Service, workspace};
use crate::support::cli::Home;
use crate::support::heard::Heard;
use chantier::adapters::log_file::{Grown, LogFile, files_of};
use chantier::base::log::{Around, Columns, LogFilter, Traces, fields_of, level_in, time_in};
use chantier::base::{Level, Timestamp};
use jiff::tz::TimeZone;
use serde_json::Value;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

fn now() -> Timestamp {
    "2026-11-26T18:00:00Z".parse().unwrap()
}

fn open(path: &Path, cache: &Path) -> LogFile {
    let file = LogFile::open(path, cache, &|| true).unwrap();
    file.count(&|| true).unwrap();
    file
}

/// Lines as everybody reads them.
fn plainly(bytes: &[u8]) -> Vec<&[u8]> {
    let mut lines: Vec<&[u8]> = bytes.split(|byte| *byte == b'\n').collect();
    if lines.last().is_some_and(|last| last.is_empty()) {
        lines.pop();
    }
    lines
        .into_iter()
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .collect()
}

/// Lines of many lengths, some longer than every buffer, from a seed.
fn written(seed: u64, n: usize, ends: bool) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut out = Vec::new();
    for i in 0..n {
        let len = match random.u32(0..1000) {
            0 => random.usize(60_000..400_000),
            1..=20 => 0,
            _ => random.usize(1..200),
        };
        out.extend(std::iter::repeat_with(|| random.u8(b'a'..=b'y')).take(len));
        match random.u32(0..300) {
            0 => out.extend_from_slice(b"needle"),
            1 => out.extend_from_slice(&[0xff, 0, 0x1b, b'[', b'2', b'J']),
            _ => {}
        }
        if i + 1 < n || ends {
            out.extend_from_slice(if random.bool() { b"\r\n" } else { b"\n" });
        }
    }
    out
}

#[test]
fn every_line_of_a_file_is_found_by_its_number_and_every_hit_by_a_search() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("some.log");
    for (seed, n, ends) in [
        (1, 40_000, true),
        (2, 40_000, false),
        (3, 1, false),
        (4, 0, true),
        (5, 3, true),
    ] {
        let bytes = written(seed, n, ends);
        std::fs::write(&path, &bytes).unwrap();
        let lines = plainly(&bytes);
        let file = open(&path, folder.path());
        assert_eq!(file.n_lines(), lines.len() as u64, "seed {seed}");
        assert_eq!(file.len(), bytes.len() as u64);
        // A long line ends with the number of bytes that are not shown.
        let cut = |line: &[u8]| match line.len() {
            0..=8192 => line.to_vec(),
            n => [&line[..8160], format!("… (+{} B)", n - 8160).as_bytes()].concat(),
        };
        let mut random = fastrand::Rng::with_seed(seed);
        for _ in 0..60 {
            let from = random.usize(0..=lines.len());
            let n = random.usize(0..50);
            let wanted: Vec<Vec<u8>> = lines[from..].iter().take(n).map(|line| cut(line)).collect();
            let read = file.lines(from as u64, n).unwrap();
            assert!(read == wanted, "seed {seed}, {n} lines from {from}");
        }
        for pattern in ["needle", "ab", "^$", "x.y", "(?i)NEEDLE$", "needle\\s+"] {
            let regex = regex::bytes::Regex::new(pattern).unwrap();
            let looked = |line: &&[u8]| regex.is_match(&line[..line.len().min(1 << 20)]);
            let wanted: Vec<u64> = (0..).zip(&lines).filter(|(_, line)| looked(line)).map(|(i, _)| i).collect();
            let filter = LogFilter {
                pattern: Some(pattern.to_owned()),
                ..LogFilter::default()
            };
            let hits = file.search(&filter.sieve().unwrap(), now(), &|| true, &|_, _| {}).unwrap();
            assert_eq!(hits.n_lines, lines.len() as u64, "seed {seed}, {pattern}");
            assert_eq!(hits.lines, wanted, "seed {seed}, {pattern}");
            // Line by line it finds the same.
            let both = LogFilter {
                text: Some(String::new()),
                since: None,
                level: None,
                pattern: Some(format!("(?:{pattern})")),
                ..LogFilter::default()
            };
            assert_eq!(
                file.search(&both.sieve().unwrap(), now(), &|| true, &|_, _| {})
                    .unwrap()
                    .lines,
                wanted
            );
        }
    }
}

#[test]
fn a_file_grows_is_truncated_and_rotated_under_its_reader() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("app.log");
    let append = |words: &str| {
        let mut file = std::fs::OpenOptions::new().append(true).create(true).open(&path).unwrap();
        file.write_all(words.as_bytes()).unwrap();
    };
    append("one\ntwo\nthr");
    let file = open(&path, folder.path());
    assert_eq!((file.n_lines(), file.n_whole_lines()), (3, 2));
    assert_eq!(file.look().unwrap(), Grown::Same);
    append("ee\nfour\n");
    assert_eq!(file.look().unwrap(), Grown::More);
    assert_eq!(file.count(&|| true).unwrap(), 4);
    assert_eq!(file.lines(2, 9).unwrap(), [b"three".to_vec(), b"four".to_vec()]);
    // What the old file still gets is read before the new one.
    std::fs::rename(&path, folder.path().join("app.log.1")).unwrap();
    assert_eq!(file.look().unwrap(), Grown::Same, "away for a moment");
    append("new\n");
    assert_eq!(file.look().unwrap(), Grown::Replaced);
    let file = open(&path, folder.path());
    std::fs::OpenOptions::new()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(0)
        .unwrap();
    assert_eq!(file.look().unwrap(), Grown::Truncated);
    // Written anew before anybody looked, and longer than it was.
    let file = open(&path, folder.path());
    append("new one\nnew two\n");
    file.count(&|| true).unwrap();
    std::fs::write(&path, "later one\nlater two\nlater three\n").unwrap();
    assert_eq!(file.look().unwrap(), Grown::Truncated);
}

#[test]
fn compressed_logs_are_read_and_damaged_ones_are_said() {
    let folder = tempfile::tempdir().unwrap();
    let bytes = written(7, 5_000, true);
    let gz = folder.path().join("app.log.2.gz");
    let mut packed = flate2::write::GzEncoder::new(std::fs::File::create(&gz).unwrap(), flate2::Compression::fast());
    packed.write_all(&bytes).unwrap();
    packed.finish().unwrap();
    let zst = folder.path().join("app.log.3.zst");
    std::fs::write(&zst, zstd::encode_all(&bytes[..], 1).unwrap()).unwrap();
    for path in [&gz, &zst] {
        let file = open(path, folder.path());
        assert_eq!(file.n_lines(), 5_000);
        assert_eq!(file.lines(4_998, 9).unwrap().len(), 2);
    }
    assert!(
        std::fs::read_dir(folder.path().join("logs")).unwrap().next().is_none(),
        "nothing stays"
    );
    let whole = std::fs::read(&gz).unwrap();
    std::fs::write(&gz, &whole[..whole.len() / 2]).unwrap();
    // One that is being written, or was cut off, has what could be unpacked.
    let cut = open(&gz, folder.path());
    assert_eq!(cut.damage().unwrap().code, "broken-archive");
    let n_read = cut.n_whole_lines();
    assert!(n_read > 100 && n_read < 5_000, "{n_read}");
    std::fs::write(&gz, &whole[..8]).unwrap();
    let problem = LogFile::open(&gz, folder.path(), &|| true).err().unwrap();
    assert_eq!(problem.code, "broken-archive");
    let xz = folder.path().join("app.log.4.xz");
    std::fs::write(&xz, b"\xfd7zXZ\0\0\x04\xe6\xd6\xb4\x46").unwrap();
    let problem = LogFile::open(&xz, folder.path(), &|| true).err().unwrap();
    assert!(format!("{:?}", problem.summary).contains("\"xz\""), "{problem:?}");
    std::fs::remove_file(&xz).unwrap();
    let problem = LogFile::open(folder.path(), folder.path(), &|| true).err().unwrap();
    assert_eq!(problem.code, "not-found");
    // A folder stands for its logs.
    std::fs::write(folder.path().join("notes.md"), "no log").unwrap();
    let (files, _) = files_of(folder.path(), 10).unwrap();
    assert_eq!(files, [gz, zst]);
}

#[test]
fn severities_are_found_in_the_formats_that_programs_write() {
    for (line, level) in [
        ("2026-11-26T17:32:20Z ERROR api: no answer", Level::Error),
        ("error[E0308]: mismatched types", Level::Error),
        ("[warn] disk is nearly full", Level::Warn),
        (r#"{"time":"2026-11-26T17:32:20Z","level":"warn","msg":"x"}"#, Level::Warn),
        (r#"{"message":"level of water","severity":"ERROR"}"#, Level::Error),
        (r#"{"level":50,"time":1764178340000,"msg":"pino"}"#, Level::Error),
        (r#"{"level":30,"msg":"pino"}"#, Level::Info),
        ("time=\"2026-11-26T17:32:20Z\" level=info msg=started", Level::Info),
        ("ts=1764178340.5 lvl=eror msg=x", Level::Error),
        ("<11>1 2026-11-26T17:32:20Z host app - - - x", Level::Error),
        ("<14>Nov 26 17:32:20 host app: x", Level::Info),
        ("E1126 17:32:20.123456       1 server.go:42] x", Level::Error),
        ("W1126 17:32:20.123456       1 server.go:42] x", Level::Warn),
        ("thread 'main' panicked at src/main.rs:2:5:", Level::Error),
        ("2026-11-26 17:32:20,123 [main] DEBUG org.acme.Shop - x", Level::Debug),
    ] {
        assert_eq!(level_in(line).map(|(_, level)| level), Some(level), "{line}");
    }
    for line in [
        "GET /errors 200",
        r#"{"message":"no level"}"#,
        "I am 1126 years old",
        "<999> x",
        "",
    ] {
        assert_eq!(level_in(line), None, "{line}");
    }
}

#[test]
fn times_are_found_in_the_formats_that_programs_write() {
    let zone = TimeZone::get("Europe/Paris").unwrap();
    let at = |text: &str| Some(text.parse::<Timestamp>().unwrap());
    for (line, wanted) in [
        ("2026-11-26T17:32:20.123Z INFO x", at("2026-11-26T17:32:20.123Z")),
        ("2026-11-26T17:32:20+01:00 x", at("2026-11-26T16:32:20Z")),
        ("[2026-11-26 17:32:20,5] x", at("2026-11-26T16:32:20.5Z")),
        ("2026/11/26 17:32:20 [error] 7#7: nginx", at("2026-11-26T16:32:20Z")),
        ("Nov 26 17:32:20 host app[7]: x", at("2026-11-26T16:32:20Z")),
        ("<14>Nov  6 07:32:20 host app[7]: x", at("2026-11-06T06:32:20Z")),
        // At the turn of the year the nearest one is meant.
        ("Dec 31 23:59:59 host x", at("2025-12-31T22:59:59Z")),
        (
            "127.0.0.1 - - [26/Nov/2026:17:32:20 +0000] \"GET / HTTP/1.1\" 200",
            at("2026-11-26T17:32:20Z"),
        ),
        ("E1126 17:32:20.123456 1 server.go:42] x", at("2026-11-26T16:32:20.123456Z")),
        ("1764178340 x", at("2025-11-26T17:32:20Z")),
        (
            r#"{"level":30,"time":1764178340123,"msg":"x"}"#,
            at("2025-11-26T17:32:20.123Z"),
        ),
        (r#"{"@timestamp":"2026-11-26T17:32:20Z"}"#, at("2026-11-26T17:32:20Z")),
        ("level=info ts=2026-11-26T17:32:20Z msg=x", at("2026-11-26T17:32:20Z")),
        ("    at org.acme.Shop.main(Shop.java:7)", None),
        ("2026-13-45T99:00:00Z x", None),
        ("12345 lines", None),
        ("", None),
    ] {
        assert_eq!(
            time_in(
                line,
                Around {
                    before: None,
                    now: now()
                },
                &zone
            ),
            wanted,
            "{line}"
        );
    }
}

/// How many lines each line that stands for itself has below it.
fn groups(text: &str) -> Vec<(String, usize)> {
    let mut traces = Traces::default();
    let mut groups: Vec<(String, usize)> = Vec::new();
    for line in text.lines() {
        if traces.continues(line) {
            groups.last_mut().expect("a trace has a first line").1 += 1;
        } else {
            groups.push((line.to_owned(), 0));
        }
    }
    groups
}

#[test]
fn stack_traces_of_five_languages_are_one_group_each() {
    let all = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/logs")).unwrap();
    let mut files: Vec<PathBuf> = all.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut n_seen = 0;
    for path in files
        .iter()
        .filter(|path| path.extension().is_some_and(|ending| ending == "log"))
    {
        // The first line says how many lines each group has: `# 1 12 1`.
        let text = std::fs::read_to_string(path).unwrap();
        let (head, body) = text.split_once('\n').unwrap();
        let wanted: Vec<usize> = head
            .trim_start_matches('#')
            .split_whitespace()
            .map(|n| n.parse().unwrap())
            .collect();
        let found = groups(body);
        let counts: Vec<usize> = found.iter().map(|(_, n)| n + 1).collect();
        assert_eq!(counts, wanted, "{}: {found:#?}", path.display());
        n_seen += 1;
    }
    assert!(n_seen >= 5, "{n_seen} languages");
}

#[test]
fn structured_lines_become_messages_and_columns() {
    let json =
        fields_of(r#"{"ts":"2026-11-26T17:32:20Z","level":"warn","msg":"slow query","ms":812,"sql":"select 1","user":{"id":7}}"#)
            .unwrap();
    assert_eq!(json.as_message(), r#"WARN slow query ms=812 sql="select 1" user={"id":7}"#);
    let logfmt = fields_of(r#"level=info msg="all \"well\"" n=3"#).unwrap();
    assert_eq!(logfmt.as_message(), r#"INFO all "well" n=3"#);
    let mut columns = Columns::default();
    columns.learn(&json);
    columns.learn(&logfmt);
    let header = columns.header("level", "message");
    assert_eq!(header, "level  message     ms   sql       user      n");
    assert_eq!(columns.row(&json), r#"WARN   slow query  812  select 1  {"id":7}"#);
    assert_eq!(columns.row(&logfmt).find('3'), header.rfind('n'));
    for line in ["plain words", "{broken", "a=1", "see https://x.y/?a=1 b=2", "[1,2]", ""] {
        assert_eq!(fields_of(line), None, "{line}");
    }
}

fn lines_of(called: &str) -> Vec<String> {
    called.lines().map(str::to_owned).collect()
}

#[test]
fn files_are_merged_by_time_filtered_folded_and_exported() {
    let home = Home::new();
    let dir = workspace(&home, "shop");
    let logs = dir.join("logs");
    std::fs::create_dir(&logs).unwrap();
    std::fs::write(
        logs.join("api.log"),
        "2026-11-26T10:00:01Z INFO up\n2026-11-26T10:00:03Z ERROR no stock\nTraceback (most recent call last):\n  File \"a.py\", line 3, in f\n    g()\nKeyError: 'x'\n2026-11-26T10:00:06Z INFO again\n",
    )
    .unwrap();
    std::fs::write(
        logs.join("web.log"),
        "{\"time\":\"2026-11-26T10:00:02Z\",\"level\":\"warn\",\"msg\":\"slow\",\"ms\":7}\n{\"time\":\"2026-11-26T10:00:04Z\",\"level\":\"info\",\"msg\":\"fine\",\"ms\":1}\n",
    )
    .unwrap();
    let call = |args: &[&str]| {
        let mut all = vec!["operate", "logs"];
        all.extend(args);
        home.call_in(&dir, &all).ok().out
    };
    let merged = lines_of(&call(&["--file", "logs", "--form", "message", "--fold"]));
    let wanted = [
        "api.log | 2026-11-26T10:00:01Z INFO up",
        "web.log | WARN slow ms=7",
        "api.log | 2026-11-26T10:00:03Z ERROR no stock  [+4]",
        "web.log | INFO fine ms=1",
        "api.log | 2026-11-26T10:00:06Z INFO again",
    ];
    assert_eq!(merged, wanted);
    // Lines without a time stay behind the line before.
    let whole = lines_of(&call(&["--file", "logs"]));
    assert_eq!(whole.len(), 9);
    assert!(
        whole[5].ends_with("KeyError: 'x'") || whole[6].ends_with("KeyError: 'x'"),
        "{whole:?}"
    );
    let errors = lines_of(&call(&["--file", "logs/api.log", "--level", "error"]));
    assert_eq!(errors[0], "2026-11-26T10:00:03Z ERROR no stock");
    assert_eq!(
        lines_of(&call(&["--file", "logs", "--text", "SLOW", "--source", "web"])).len(),
        1
    );
    assert_eq!(
        lines_of(&call(&[
            "--file",
            "logs/api.log",
            "--single",
            "--grep",
            "^2026",
            "--since",
            "2026-11-26T10:00:02Z",
            "--until",
            "2026-11-26T10:00:05Z"
        ]))
        .len(),
        1
    );
    assert_eq!(lines_of(&call(&["--file", "logs", "-n", "1"])).len(), 2, "the last of each");
    let table = lines_of(&call(&["--file", "logs/web.log", "--form", "columns"]));
    assert!(
        table[0].starts_with("level  message") && table[0].ends_with("ms"),
        "{table:?}"
    );
    let told = call(&["--file", "logs", "--to", "out.txt", "--fold"]);
    assert_eq!(
        told.trim(),
        "5 lines were written into ".to_owned() + dir.join("out.txt").to_str().unwrap()
    );
    assert_eq!(std::fs::read_to_string(dir.join("out.txt")).unwrap().lines().count(), 5);
    let json: Value = home
        .call_in(&dir, &["operate", "logs", "--file", "logs", "--json"])
        .ok()
        .json();
    assert_eq!(json["result"]["entries"][1]["source"], "web.log");
    assert_eq!(json["result"]["entries"][1]["level"], "warn");
    // Bad input is said, and nothing is written over.
    let fails = |args: &[&str]| {
        let mut all = vec!["operate", "logs"];
        all.extend(args);
        let called = home.call_in(&dir, &all);
        assert_ne!(called.code, 0, "{args:?}: {}", called.out);
        called.err
    };
    assert!(fails(&[]).contains("Nothing was named"));
    assert!(fails(&["--file", "logs", "--to", "out.txt"]).contains("exists already"));
    assert!(fails(&["--file", "logs", "--grep", "("]).contains("not a regular expression"));
    assert!(fails(&["--file", "logs", "--since", "tomorrow-ish"]).contains("is no time"));
    assert!(fails(&["--file", "nowhere.log"]).contains("nowhere.log"));
    assert!(fails(&["--file", "logs", "--source", "db"]).contains("No source is called"));
}

#[test]
fn a_followed_file_is_read_on_through_rotation_and_truncation() {
    let home = Home::new();
    let dir = workspace(&home, "shop");
    let path = dir.join("app.log");
    let append = |words: &str| {
        let mut file = std::fs::OpenOptions::new().append(true).create(true).open(&path).unwrap();
        file.write_all(words.as_bytes()).unwrap();
    };
    append("first\n");
    let mut child = Service(
        home.program(&dir, &["operate", "logs", "--file", "app.log", "--follow"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap(),
    );
    // What is said of the log is not in it.
    let (out, said) = (child.0.stdout.take().unwrap(), child.0.stderr.take().unwrap());
    let mut heard = Heard::of(vec![Box::new(out), Box::new(said)]);
    heard.until("first");
    append("sec");
    append("ond\n");
    heard.until("second");
    std::fs::rename(&path, dir.join("app.log.1")).unwrap();
    append("third\n");
    heard.until("third");
    std::fs::OpenOptions::new()
        .write(true)
        .open(&path)
        .unwrap()
        .set_len(0)
        .unwrap();
    heard.until("app.log: truncated");
    append("fourth\n");
    let all = heard.until("fourth");
    assert_eq!(all.iter().filter(|line| *line == "second").count(), 1, "{all:?}");
    assert!(all.contains(&"app.log: replaced".to_owned()), "{all:?}");
}

/// What web servers, Java and the journal write: a severity without a word, a time without a date, a message without letters.
#[test]
fn lines_of_web_servers_logback_and_the_journal_are_read() {
    let level = |line: &str| level_in(line).map(|(_, level)| level);
    let access =
        |status: u16| format!("10.0.0.1 - - [26/Nov/2026:17:32:20 +0100] \"GET /error HTTP/1.1\" {status} 12 \"-\" \"curl\"");
    assert_eq!(level(&access(503)), Some(Level::Error));
    assert_eq!(level(&access(404)), Some(Level::Warn));
    assert_eq!(level(&access(200)), Some(Level::Info));
    let near = "2026-11-26T17:40:00Z".parse().unwrap();
    let zone = TimeZone::UTC;
    let at = |line: &str| time_in(line, Around { before: None, now: near }, &zone).map(|at| at.to_string());
    assert_eq!(
        at("07:00:03.123 [main] ERROR com.foo.Bar - x").as_deref(),
        Some("2026-11-26T07:00:03.123Z")
    );
    assert_eq!(
        at("23:59:03.123 [main] ERROR com.foo.Bar - x").as_deref(),
        Some("2026-11-26T23:59:03.123Z")
    );
    assert_eq!(at("00:00:03 and no more"), None);
    // Syslog leaves the year out: it goes on from the line before, and is never to come.
    let after = |before: Option<&str>, line: &str| {
        let before = before.map(|at| at.parse().unwrap());
        time_in(line, Around { before, now: near }, &zone).map(|at| at.to_string())
    };
    for (before, line, wanted) in [
        (None, "Dec 31 23:59:59 host x", "2025-12-31T23:59:59Z"),
        (Some("2025-12-31T23:59:59Z"), "Jan  1 00:00:01 host x", "2026-01-01T00:00:01Z"),
        (Some("2026-01-01T00:00:01Z"), "Nov 25 00:00:01 host x", "2026-11-25T00:00:01Z"),
        (Some("2026-11-26T00:00:01Z"), "Nov 25 23:00:00 host x", "2026-11-25T23:00:00Z"),
        (None, "Nov 27 00:00:00 host x", "2026-11-27T00:00:00Z"),
    ] {
        assert_eq!(after(before, line).as_deref(), Some(wanted), "{line}");
    }
    let fields = fields_of(r#"{"__REALTIME_TIMESTAMP":"1795849201000000","MESSAGE":[104,105]}"#).unwrap();
    assert_eq!(fields.message, "hi");
}
