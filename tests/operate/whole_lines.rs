//! Messages and lines of logs as a whole: a stack trace belongs to what it is found by, nothing of a long line is lost, what is written
//! to a file is what was there, and a life has its own part of a file.

use super::scale::{Stopped, project};
use super::workspace;
use crate::support::cli::Home;
use chantier::adapters::log_file::LogFile;
use chantier::base::Level;
use chantier::base::log::LogFilter;
use serde_json::Value;
use std::path::Path;

const ODOO: &str = "2026-11-28 07:00:00,100 4242 INFO db x: before
2026-11-28 07:00:01,456 4242 ERROR db odoo.http: Exception during request handling.
Traceback (most recent call last):
  File \"/srv/a.py\", line 1, in f
    x()
KeyError: 1
2026-11-28 07:00:02,000 4242 INFO db x: after
";

fn lines(text: &str) -> Vec<&str> {
    text.lines().collect()
}

#[test]
fn a_message_is_found_with_its_stack_trace() {
    let home = Home::new();
    let dir = workspace(&home, "shop");
    std::fs::write(dir.join("odoo.log"), ODOO).unwrap();
    std::fs::write(
        dir.join("rust.log"),
        "started\nthread 'main' panicked at src/main.rs:2:5:\nno such order\nnote: run with `RUST_BACKTRACE=1`\nended\n",
    )
    .unwrap();
    let call = |args: &[&str]| {
        let all = [&["operate", "logs", "--file"], args].concat();
        home.call_in(&dir, &all).ok().out
    };
    let whole = &lines(ODOO)[1..6];
    assert_eq!(lines(&call(&["odoo.log", "--level", "error"])), whole);
    assert_eq!(lines(&call(&["odoo.log", "--text", "KeyError"])), whole);
    assert_eq!(lines(&call(&["odoo.log", "--grep", "a\\.py"])), whole);
    assert_eq!(lines(&call(&["odoo.log", "--text", "after"])).len(), 1);
    assert_eq!(lines(&call(&["odoo.log", "--text", "KeyError", "--single"])), ["KeyError: 1"]);
    assert_eq!(lines(&call(&["rust.log", "--level", "error"])).len(), 3);
}

/// However long the file is, and wherever its parts are parted.
#[test]
fn whole_messages_are_found_in_a_long_file_as_a_plain_reading_finds_them() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.log");
    let mut random = fastrand::Rng::with_seed(7);
    let (mut text, mut wanted, mut n) = (String::new(), Vec::new(), 0_u64);
    while text.len() < 14 << 20 {
        let depth = random.usize(0..60);
        let is_wanted = random.u32(0..4) == 0;
        let name = if is_wanted { "NeedleError" } else { "OtherError" };
        text.push_str(
            "2026-11-28 07:00:01 INFO nothing of note\n2026-11-28 07:00:01 ERROR it broke\nTraceback (most recent call last):\n",
        );
        for frame in 0..depth {
            text.push_str(&format!("  File \"/srv/{frame}.py\", line {frame}, in f{frame}\n"));
        }
        text.push_str(&format!("{name}: why\n"));
        let length = depth as u64 + 4;
        if is_wanted {
            wanted.extend(n + 1..n + length);
        }
        n += length;
    }
    std::fs::write(&path, &text).unwrap();
    let file = LogFile::open(&path, folder.path(), &|| true).unwrap();
    file.count(&|| true).unwrap();
    for level in [None, Some(Level::Error)] {
        let filter = LogFilter {
            pattern: Some("Needle".to_owned()),
            level,
            whole: true,
            ..LogFilter::default()
        };
        let now = "2026-11-28T12:00:00Z".parse().unwrap();
        let hits = file.search(&filter.sieve().unwrap(), now, &|| true, &|_, _| {}).unwrap();
        assert_eq!(hits.n_lines, n);
        assert!(hits.lines == wanted, "{} hits, {} wanted", hits.lines.len(), wanted.len());
    }
}

#[test]
fn nothing_of_a_long_line_is_lost() {
    let home = Home::new();
    let dir = workspace(&home, "shop");
    let long = format!("2026-11-28 07:00:00 ERROR {} NEEDLE\n", "x".repeat(1 << 20));
    std::fs::write(dir.join("long.log"), format!("2026-11-28 06:59:59 INFO x\n{long}")).unwrap();
    let json = format!(
        "{{\"time\":\"2026-11-28T07:00:00Z\",\"stack\":\"{}\",\"level\":\"error\",\"msg\":\"the end\"}}\n",
        "s".repeat(15_000)
    );
    std::fs::write(dir.join("json.log"), &json).unwrap();
    let call = |args: &[&str]| {
        let all = [&["operate", "logs", "--file"], args].concat();
        home.call_in(&dir, &all).ok().out
    };
    for words in [["--grep", "NEEDLE$"], ["--text", "needle"]] {
        let found = call(&["long.log", words[0], words[1]]);
        assert_eq!(found.lines().count(), 1, "{words:?}");
        assert!(found.starts_with("2026-11-28 07:00:00 ERROR"));
    }
    call(&["long.log", "--grep", "NEEDLE", "--to", "out.log"]);
    assert!(std::fs::read_to_string(dir.join("out.log")).unwrap() == long, "all of it");
    assert_eq!(call(&["json.log", "--level", "error"]).lines().count(), 1);
    let message = call(&["json.log", "--form", "message"]);
    assert!(message.starts_with("ERROR the end"), "{}", &message[..100]);
    // Whoever reads them as JSON again, can.
    assert!(call(&["json.log"]) == json, "a line that is longer than what is shown of it");
    let document: Value = home
        .call_in(&dir, &["operate", "logs", "--file", "json.log", "--json"])
        .ok()
        .json();
    assert_eq!(document["result"]["lines"][0], json.trim_end());
}

#[test]
fn what_is_written_to_a_file_is_what_stood_in_the_log() {
    let home = Home::new();
    let dir = workspace(&home, "shop");
    let written: &[u8] = b"2026-11-28 07:00:00 ERROR it broke\r\njava.lang.X: y\r\n\tat a.B.c(B.java:1)\n\x1b[31mred\x1b[0m\x00\xff \x1b[2J\n\nno end";
    std::fs::write(dir.join("java.log"), written).unwrap();
    let to = |args: &[&str]| {
        let all = [&["operate", "logs", "--file", "java.log", "--force", "--to", "out"], args].concat();
        home.call_in(&dir, &all).ok();
        std::fs::read(dir.join("out")).unwrap()
    };
    assert_eq!(to(&[]), written);
    let trace = to(&["--level", "error"]);
    assert_eq!(trace, &written[..trace.len()]);
    assert!(
        trace.ends_with(b"\tat a.B.c(B.java:1)\n"),
        "{}",
        String::from_utf8_lossy(&trace)
    );
    // A pipe gets the same, a program that reads JSON each line as it is; on a terminal nothing of it acts.
    let logs = ["operate", "logs", "--file", "java.log"];
    let piped = home.program(&dir, &logs).output().unwrap();
    assert!(piped.stdout == written, "{}", String::from_utf8_lossy(&piped.stdout));
    let document: Value = home.call_in(&dir, &[&logs[..], &["--json"]].concat()).ok().json();
    let told = document["result"]["lines"].as_array().expect("lines");
    assert_eq!(told[2], "\tat a.B.c(B.java:1)");
    assert_eq!(told[3], "\u{1b}[31mred\u{1b}[0m\0\u{fffd} \u{1b}[2J");
    let shown = home.on_terminal(&dir, &logs);
    assert!(shown.contains("no end") && !shown.contains("\u{1b}[2J"), "{shown:?}");
    // A secret is written nowhere.
    home.set_secret("token", "a-very-hidden-word");
    std::fs::write(dir.join("java.log"), "said a-very-hidden-word\tand more\n").unwrap();
    let masked = String::from_utf8(to(&[])).unwrap();
    assert!(!masked.contains("hidden") && masked.ends_with("\tand more\n"), "{masked}");
}

const FILE: &str = "[[environment]]\nname = \"staging\"\ntarget = { kind = \"process\", run = [\"sh\", \"-c\", \"echo ERROR life $$; exec sleep 300\"] }\n";

fn entries(home: &Home, dir: &Path, args: &[&str]) -> Vec<(String, String)> {
    let all = [&["operate", "logs", "--json"], args].concat();
    let document: Value = home.call_in(dir, &all).ok().json();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let entries = document["result"]["entries"].as_array().expect("entries").iter();
    entries.map(|entry| (text(&entry["source"]), text(&entry["text"]))).collect()
}

#[test]
fn each_life_of_a_process_has_what_it_wrote_itself() {
    let home = Home::new();
    let dir = project(&home, FILE);
    home.call_in(&dir, &["deploy", "run", "staging", "--built"]).ok();
    let _stopped = Stopped(&home, &dir);
    home.call_in(&dir, &["operate", "restart", "staging"]).ok();
    home.call_in(&dir, &["operate", "restart", "staging"]).ok();
    super::wait_until("every life wrote", || {
        entries(&home, &dir, &["--lives", "--level", "error"]).len() >= 3
    });
    let all = entries(&home, &dir, &["--lives", "--level", "error"]);
    assert_eq!(all.len(), 3, "{all:?}");
    let mut sources: Vec<&String> = all.iter().map(|(source, _)| source).collect();
    let mut texts: Vec<&String> = all.iter().map(|(_, text)| text).collect();
    sources.dedup();
    texts.sort();
    texts.dedup();
    assert_eq!((sources.len(), texts.len()), (3, 3), "{all:?}");
    let previous = entries(&home, &dir, &["staging", "--previous"]);
    assert_eq!(previous.len(), 1, "{previous:?}");
    assert_eq!(previous[0].1, all[1].1);
}
