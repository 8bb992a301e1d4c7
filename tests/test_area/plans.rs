//! Test plans as Markdown: what is read, what is left as it stands, and cases that run their own test.

use super::projects::{call, copy};
use super::real::put;
use crate::support::cli::Home;
use chantier::areas::test::plan_text::{parse, ticked};
use serde_json::Value;

const PLAN: &str = "# Before a release\r\n\r\nWords for people.  \r\n\r\n## [ ] adds: Sums are right\n\n\
Some more words.\n\n1. Open the page\n   and wait\n2) Type\n\n**Expected:** the sum\n\nTest: `cargo/calc tests::adds`\n\n\
```sh\n## [ ] adds: no heading\n1. no step\n```\n\n## Somebody looks, again!\n\n### Étapes\n\n- Look\n\n### Expected\n\nIt is\nblue.\n\n### Notes\n\n- no step\n\n\
## [x] wrong: Sums are wrong\n- Test: cargo/calc tests::table::wrong\n\tend without a line end";

#[test]
fn a_plan_in_markdown_is_read_and_only_its_boxes_are_written() {
    let plan = parse("release", PLAN).expect("a plan");
    assert_eq!(plan.title, "Before a release");
    let ids: Vec<&str> = plan.cases.iter().map(|case| case.id.as_str()).collect();
    assert_eq!(ids, ["adds", "somebody-looks-again", "wrong"]);
    let adds = &plan.cases[0];
    assert_eq!(adds.title, "Sums are right");
    assert_eq!(adds.steps, ["Open the page and wait", "Type"]);
    assert_eq!(
        (adds.expected.as_str(), adds.test.as_deref()),
        ("the sum", Some("cargo/calc tests::adds"))
    );
    let looks = &plan.cases[1];
    assert_eq!(
        (looks.steps.as_slice(), looks.expected.as_str()),
        (["Look".to_owned()].as_slice(), "It is blue.")
    );
    assert_eq!(plan.cases[2].test.as_deref(), Some("cargo/calc tests::table::wrong"));
    assert_eq!(parse("x", "## a: b\n## a: c\n"), Err(("a".to_owned(), 2)));

    let done = ticked(PLAN, "adds", true).expect("a box");
    assert_eq!(done, PLAN.replacen("## [ ] adds: S", "## [x] adds: S", 1));
    assert_eq!(ticked(&done, "adds", true), None, "it stands so already");
    assert_eq!(ticked(&done, "adds", false).as_deref(), Some(PLAN));
    assert_eq!(ticked(PLAN, "somebody-looks-again", true), None, "it has no box");
    // Whatever stands there, reading ends and writing changes one byte.
    let mut random = fastrand::Rng::with_seed(7);
    let pieces = [
        "## [ ] a: b\n",
        "## [x] é\n",
        "```\n",
        "# [\n",
        "## [",
        "1. ",
        "Expected:",
        "\u{feff}",
        "\r",
        "é\n",
        "- Test:",
    ];
    for _ in 0..2000 {
        let text: String = (0..random.usize(0..12))
            .map(|_| pieces[random.usize(0..pieces.len())])
            .collect();
        let Ok(plan) = parse("x", &text) else { continue };
        for case in plan.cases {
            if let Some(after) = ticked(&text, &case.id, true) {
                let n_changed = text.bytes().zip(after.bytes()).filter(|(a, b)| a != b).count();
                assert_eq!((after.len(), n_changed), (text.len(), 1), "{text:?}");
            }
        }
    }
}

fn states(answer: &Value) -> Vec<(&str, &str)> {
    let cases = answer["result"]["plans"][0]["cases"]
        .as_array()
        .unwrap_or_else(|| panic!("{answer:#}"));
    let word = |case: &'static str, row: &'_ Value| row[case].as_str().map(str::len).unwrap_or_default();
    assert!(cases.iter().all(|row| word("id", row) > 0));
    cases
        .iter()
        .map(|row| {
            (
                row["id"].as_str().unwrap_or_default(),
                row["state"].as_str().unwrap_or_default(),
            )
        })
        .collect()
}

#[test]
fn cases_of_a_plan_run_their_tests_and_tick_themselves() {
    let home = Home::new();
    let dir = copy(&home, "cargo");
    let file = dir.join(".chantier/tests/release.md");
    put(&dir, &[(".chantier/tests/release.md", PLAN), ("seen.txt", "blue")]);
    put(
        &dir,
        &[
            (".chantier/tests/notes.md", "what I found\n"),
            (".chantier/tests/later.md", ""),
        ],
    );
    let listed = call(&home, &dir, &["test", "plan", "list", "--json"]);
    let plans = listed["result"]["plans"].as_array().map_or(0, Vec::len);
    assert_eq!(plans, 2, "one that is empty is yet to be written: {listed:#}");
    let told = listed["problems"].to_string();
    assert!(told.contains("notes") && !told.contains("later"), "{told}");
    std::fs::remove_file(dir.join(".chantier/tests/notes.md")).expect("there");
    let one = call(&home, &dir, &["test", "plan", "run", "release", "adds", "--trust", "--json"]);
    assert_eq!(
        states(&one),
        [("adds", "done"), ("somebody-looks-again", "unknown"), ("wrong", "unknown")],
        "{one:#}"
    );
    let after = std::fs::read_to_string(&file).expect("there");
    assert_eq!(after, PLAN.replacen("## [ ] adds: S", "## [x] adds: S", 1));
    let all = call(&home, &dir, &["test", "plan", "run", "release", "--json"]);
    assert_eq!(all["problems"][0]["code"], "tests-failed", "{all:#}");
    assert_eq!(states(&all)[2], ("wrong", "failed"), "{all:#}");
    let after = std::fs::read_to_string(&file).expect("there");
    assert!(after.contains("## [ ] wrong:") && after.contains("## [x] adds: S"), "{after}");
    let args = [
        "test",
        "plan",
        "record",
        "release",
        "somebody-looks-again",
        "passed",
        "--note",
        "It was",
        "--evidence",
        "seen.txt",
        "--json",
    ];
    let recorded = call(&home, &dir, &args);
    assert_eq!(states(&recorded)[1], ("somebody-looks-again", "done"), "{recorded:#}");
    let shown = call(
        &home,
        &dir,
        &["test", "show", "manual/release somebody-looks-again", "--json"],
    );
    let result = &shown["result"]["case"]["result"];
    assert_eq!(result["message"], "It was", "{shown:#}");
    let kept = result["output"]
        .as_str()
        .unwrap_or_default()
        .lines()
        .next()
        .unwrap_or_default();
    assert_eq!(std::fs::read_to_string(kept).expect("a copy is kept"), "blue", "{shown:#}");
    let none = call(
        &home,
        &dir,
        &["test", "plan", "run", "release", "somebody-looks-again", "--json"],
    );
    assert_eq!(none["problems"][0]["code"], "no-tests", "{none:#}");
}
