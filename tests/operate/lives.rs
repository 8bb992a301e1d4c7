//! The history of logs: what lives that are over wrote is found beside what those that run write, by version and by time.

use super::scale::{Stopped, project};
use crate::support::cli::{Home, git};
use serde_json::Value;

const FILE: &str = "[[environment]]\nname = \"staging\"\ntarget = { kind = \"process\", run = [\"sh\", \"-c\", \"echo hello from {version}; echo 'ERROR shaky {version}'; exec sleep 300\"] }\n";

/// The lines that were found, each with its source.
fn lines(document: &Value) -> Vec<(String, String)> {
    let entries = document["result"]["entries"].as_array().expect("entries").iter();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    entries.map(|entry| (text(&entry["source"]), text(&entry["text"]))).collect()
}

#[test]
fn what_ended_lives_wrote_is_searched_with_what_runs() {
    let home = Home::new();
    let dir = project(&home, FILE);
    let call = |args: &[&str]| home.call_in(&dir, args);
    let none = call(&["operate", "logs", "--lives", "--json"]);
    assert_eq!(
        (none.code, none.json()["problems"][0]["code"].as_str()),
        (1, Some("not-found")),
        "{}",
        none.out
    );
    call(&["deploy", "run", "staging", "--built"]).ok();
    let _stopped = Stopped(&home, &dir);
    std::fs::write(dir.join("VERSION"), "2.0.0\n").expect("written");
    git(&dir, &["add", "-A"]);
    git(
        &dir,
        &["-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "more"],
    );
    call(&["deploy", "run", "staging", "--built"]).ok();

    let found = call(&["operate", "logs", "--lives", "--text", "HELLO", "--json"]).ok().json();
    let hits = lines(&found);
    assert_eq!(hits.len(), 2, "{found:#}");
    let versions: Vec<&str> = hits.iter().filter_map(|(_, text)| text.strip_prefix("hello from ")).collect();
    assert!(versions[0] != versions[1], "{hits:?}");
    for ((source, _), version) in hits.iter().zip(&versions) {
        assert!(
            source.starts_with("staging ") && source.contains(version),
            "{source} of {version}"
        );
    }
    // One version alone, one severity alone, a name that nobody has.
    let first = call(&[
        "operate",
        "logs",
        "--lives",
        "--version",
        versions[0],
        "--level",
        "error",
        "--json",
    ])
    .ok()
    .json();
    assert_eq!(lines(&first).len(), 1, "{first:#}");
    assert_eq!(lines(&first)[0].1, format!("ERROR shaky {}", versions[0]));
    let nobody = call(&["operate", "logs", "nobody", "--lives", "--json"]);
    assert_eq!(nobody.code, 1, "{}", nobody.out);
    // Counted by day: a day may end between the two.
    let counted = call(&["operate", "logs", "--lives", "--count", "1d", "--json"]).ok().json();
    let counts = counted["result"]["counts"].as_array().expect("counts");
    let sum = |key: &str| counts.iter().map(|count| count[key].as_u64().unwrap()).sum::<u64>();
    assert_eq!((sum("n"), sum("n_errors")), (4, 2), "{counted:#}");
    assert_eq!(lines(&counted).len(), 0);
    let text = call(&["operate", "logs", "--lives", "--count", "1d"]).ok();
    assert!(
        text.out.contains("errors: 2") || text.out.contains("errors: 1"),
        "{}",
        text.out
    );
    let wrong = call(&["operate", "logs", "--lives", "--count", "soon", "--json"]);
    assert_eq!(wrong.code, 1, "{}", wrong.out);
    // What began before the time that is asked for and ended in it counts, what came later does not.
    let later = call(&["operate", "logs", "--lives", "--until", "2020-01-01", "--json"]);
    assert_eq!(later.code, 1, "{}", later.out);
}
