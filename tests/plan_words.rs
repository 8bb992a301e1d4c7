//! Words that are no values: refused where they are typed, told where they stand in a file or come from another program.

use crate::support::cli::{Called, Home};
use std::path::PathBuf;

struct Project {
    home: Home,
    root: PathBuf,
}

impl Project {
    fn new() -> Self {
        let home = Home::new();
        let root = home.path("project");
        std::fs::create_dir_all(root.join(".chantier/plan")).unwrap();
        Self { home, root }
    }

    fn write(&self, path: &str, text: &str) {
        std::fs::write(self.root.join(path), text).unwrap();
    }

    fn call(&self, args: &[&str]) -> Called {
        let mut all = vec!["plan"];
        all.extend(args);
        self.home.call_in(&self.root, &all)
    }

    fn refuses(&self, args: &[&str], words: &[&str]) {
        let called = self.call(args);
        assert_eq!(called.code, 1, "{args:?}: {}", called.out);
        for word in words {
            assert!(called.err.contains(word), "{args:?}: {word} in {}", called.err);
        }
    }

    fn n_items(&self) -> usize {
        std::fs::read_dir(self.root.join(".chantier/plan")).unwrap().count()
    }
}

#[test]
fn a_line_with_a_word_that_is_no_value_makes_nothing() {
    let project = Project::new();
    project.refuses(&["new", "x !nosuch"], &["!nosuch", "!urgent, !high, !medium, !low"]);
    project.refuses(&["new", "x due:2026-13-40"], &["due:2026-13-40", "due:2026-12-01"]);
    project.refuses(&["new", "x ~3x"], &["~3x", "~3h"]);
    assert_eq!(project.n_items(), 0);
    let made = project
        .call(&["new", "Say \\!hello where a != b, see \\due:later, #12 and ~/bin", "--json"])
        .ok()
        .json();
    assert_eq!(
        made["result"]["title"], "Say !hello where a != b, see due:later, #12 and ~/bin",
        "{made}"
    );
}

#[test]
fn an_estimate_that_is_none_is_refused_and_told_where_it_stands() {
    let project = Project::new();
    project.write(
        ".chantier/plan/PL-1AAA-x.md",
        "---\nid: PL-1AAA\ntitle: X\nestimate: abc\n---\n",
    );
    project.refuses(&["set", "PL-1AAA", "estimate=soon"], &["soon", "3h"]);
    project.refuses(&["set", "PL-1AAA", "nosuch=1"], &["start", "due", "estimate"]);
    let called = project.call(&["check"]);
    assert_eq!(called.code, 1);
    assert!(
        called.out.contains("PL-1AAA-x.md:4:11: “estimate” is no effort: abc"),
        "{}",
        called.out
    );
    project.call(&["set", "PL-1AAA", "estimate=2d"]).ok();
    project.call(&["check"]).ok();
    project.call(&["set", "PL-1AAA", "estimate="]).ok();
}

#[test]
fn an_import_tells_the_row_and_the_word_that_it_takes_for_another() {
    let project = Project::new();
    project.write(
        "in.csv",
        "title,type,state,priority,due,estimate\nOne,bug,done,high,2026-12-01,2d\nTwo,nosuch,zzz,soon,someday,abc\nThree,chore,To Do,,,\n",
    );
    let called = project.call(&["import", "in.csv"]).ok();
    for line in [
        "Row 2: there is no type “nosuch” here; it becomes chore",
        "Row 2: there is no state “zzz” here; it becomes",
        "Row 2: priority can not be “soon”",
        "Row 2: due can not be “someday”",
        "Row 2: estimate can not be “abc”",
    ] {
        assert!(called.out.contains(line), "{line} in {}", called.out);
    }
    assert!(
        !called.out.contains("Row 1:") && !called.out.contains("Row 3:"),
        "{}",
        called.out
    );
    project.call(&["check"]).ok();
    // The words stay with the item.
    let two = project.call(&["list", "Two", "--json"]).ok().json().to_string();
    let file = project.root.join(".chantier/plan");
    let text = std::fs::read_dir(file)
        .unwrap()
        .map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap())
        .find(|text| text.contains("title: Two"))
        .unwrap();
    for word in [
        "type_word: nosuch",
        "state_word: zzz",
        "due_word: someday",
        "estimate_word: abc",
    ] {
        assert!(text.contains(word), "{word} in {text}{two}");
    }
    project.write("in.json", "[{\"title\": \"Four\", \"type\": \"epic\", \"state\": \"done\"}]");
    let called = project.call(&["import", "in.json", "--preview"]).ok();
    assert!(called.out.contains("Row 1: there is no type “epic” here"), "{}", called.out);
    let called = project.call(&["import", "nosuch.csv"]);
    assert!(
        called.code == 1 && called.err.contains("Name a file of items"),
        "{}",
        called.err
    );
}

#[test]
fn a_broken_item_is_told_with_its_one_place_by_every_verb() {
    let project = Project::new();
    project.write(
        ".chantier/plan/broken.md",
        "---\nid: PL-BRKN\ntitle: [open\nstate: ready\n---\n\nText.\n",
    );
    let called = project.call(&["check"]);
    let line = called.out.lines().find(|line| line.contains("broken.md")).unwrap();
    assert!(!line.contains("at line"), "{line}");
    assert!(!called.err.contains("at line"), "{}", called.err);
    for args in [
        vec!["set", "PL-BRKN", "title=x"],
        vec!["move", "PL-BRKN", "done"],
        vec!["set", "brkn", "title=x"],
        vec!["delete", "PL-BRKN"],
    ] {
        let called = project.call(&args);
        assert_eq!(called.code, 1, "{args:?}");
        assert!(
            called.err.contains("broken.md:") && !called.err.contains("There is no item"),
            "{args:?}: {}",
            called.err
        );
    }
    project.refuses(&["set", "PL-NONE", "title=x"], &["There is no item"]);
}

#[test]
fn a_milestone_that_is_not_there_is_told_with_what_makes_it() {
    let project = Project::new();
    let called = project.call(&["new", "Show the tide ^2.6.0"]).ok();
    let command = "chantier plan new \"milestone: 2.6.0\"";
    assert!(called.out.contains("2.6.0") && called.out.contains(command), "{}", called.out);
    let called = project.call(&["check"]);
    assert!(called.code == 1 && called.out.contains(command), "{}", called.out);
    let called = project.call(&["new", "milestone: 2.6.0"]).ok();
    assert!(!called.out.contains(command), "{}", called.out);
    project.call(&["check"]).ok();
    let called = project.call(&["new", "Another ^2.6.0"]).ok();
    assert!(!called.out.contains(command), "{}", called.out);
}

#[test]
fn a_forecast_counts_what_is_done_and_says_what_it_lacks() {
    let project = Project::new();
    for n in 1..=3 {
        let state = if n == 3 { "ready" } else { "done" };
        project.write(
            &format!(".chantier/plan/PL-{n}AAA-x.md"),
            &format!("---\nid: PL-{n}AAA\ntitle: X\nstate: {state}\n---\n"),
        );
    }
    let called = project.call(&["forecast"]).ok();
    assert!(called.out.contains("2 done, of 0 the history tells"), "{}", called.out);
}
