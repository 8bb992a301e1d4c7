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
    assert!(
        called.out.contains("2 done; the history tells for 0 of them"),
        "{}",
        called.out
    );
}

#[test]
fn a_term_of_what_must_not_be_is_no_flag() {
    let project = Project::new();
    project.call(&["new", "bug: One #api"]).ok();
    project.call(&["new", "feature: Two"]).ok();
    for (term, there, away) in [
        ("-label:api", "Two", "One"),
        ("-type:bug", "Two", "One"),
        ("-state:done", "One", "Three"),
    ] {
        for verb in ["list", "tree"] {
            let out = project.call(&[verb, term]).ok().out;
            assert!(out.contains(there) && !out.contains(away), "{verb} {term}: {out}");
        }
    }
    project.call(&["bulk", "-type:bug is:open", "priority=low"]).ok();
    let out = project.call(&["list", "priority:low", "--json"]).ok().out;
    assert!(out.contains("Two") && !out.contains("One"), "{out}");
    // The flags stay what they were.
    assert!(project.call(&["list", "-lapi"]).ok().out.contains("One"));
}

#[test]
fn items_of_one_day_stand_in_the_order_in_which_they_were_made() {
    let project = Project::new();
    for n in 1..=6 {
        project.call(&["new", &format!("Item number {n}")]).ok();
    }
    let out = project.call(&["list"]).ok().out;
    let numbers: Vec<char> = out
        .lines()
        .filter_map(|line| line.chars().next_back())
        .filter(|c| ('1'..='6').contains(c))
        .collect();
    let items: String = numbers.iter().skip(numbers.len() - 6).collect();
    assert_eq!(items, "123456", "{out}");
    let out = project
        .call(&["template", "add", "release", "--set", "version=1.0.0"])
        .ok()
        .out;
    assert!(!out.is_empty());
    project.call(&["new", "Écran"]).ok();
    project.call(&["new", "Zone"]).ok();
    let out = project.call(&["list", "--sort", "title"]).ok().out;
    assert!(
        out.find("Écran") < out.find("Item number 1") && out.find("Écran") < out.find("Zone"),
        "{out}"
    );
    project.call(&["list", "--sort", "estimate"]).ok();
    let lost = project.call(&["list", "--view", "nope"]);
    assert!(lost.code == 1 && !lost.out.contains("number"), "{}", lost.out);
}

#[test]
fn rules_that_are_refused_leave_those_that_stand_and_a_lost_environment_is_told() {
    let project = Project::new();
    project.write(
        "chantier.toml",
        "[[environment]]\nname = \"production\"\n[environment.target]\nkind = \"process\"\nrun = [\"true\"]\nport = 8080\n[[plan.rules]]\non = \"commit\"\nto = \"in-progress\"\n",
    );
    let called = project.call(&["rules", "--set", "commit=nope"]);
    assert_eq!(called.code, 1);
    assert!(called.out.contains("A commit that names an item"), "{}", called.out);
    let called = project.call(&["rules", "--set", "deployed@mars=done"]).ok();
    assert!(
        called.out.contains("mars") && called.out.contains("production"),
        "{}",
        called.out
    );
    assert!(project.call(&["check"]).out.contains("mars"));
    project.call(&["rules", "--set", "deployed@production=done"]).ok();
    assert!(!project.call(&["rules"]).ok().out.contains("not there"));
}

#[test]
fn a_key_that_stands_twice_is_told_without_advice_to_programmers() {
    let project = Project::new();
    project.write(
        ".chantier/plan/A-1AAA.md",
        "---\nid: A-1AAA\ntitle: x\nstate: ready\nstate: done\n---\n",
    );
    let out = project.call(&["check"]).out;
    assert!(out.contains("“state” stands there twice") && !out.contains("Policy"), "{out}");
    project.write(
        ".chantier/plan/A-1AAA.md",
        "---\nid: A-1AAA\n<<<<<<< a\ntitle: x\n=======\ntitle: y\n>>>>>>> b\n---\n",
    );
    let out = project.call(&["check"]).out;
    assert!(out.contains("chantier code conflicts"), "{out}");
}

#[test]
fn a_criterion_that_is_bound_to_a_test_is_what_the_test_proves() {
    let project = Project::new();
    project.write(
        ".chantier/plan/A-1AAA.md",
        "---\nid: A-1AAA\ntitle: x\n---\n\n## Acceptance\n\n- [x] first (test: greets)\n",
    );
    let text = || std::fs::read_to_string(project.root.join(".chantier/plan/A-1AAA.md")).unwrap();
    project.call(&["bind", "A-1AAA", "1", "greets"]).ok();
    assert!(text().contains("- [x] first (test: greets)"), "{}", text());
    project.call(&["bind", "A-1AAA", "1", "no such test"]).ok();
    assert!(text().contains("- [ ] first (test: no such test)"), "{}", text());
}

#[test]
fn what_is_open_of_an_item_that_is_done_is_told() {
    let project = Project::new();
    project.write(".chantier/plan/A-1AAA.md", "---\nid: A-1AAA\ntitle: x\nstate: ready\n---\n");
    project.write(
        ".chantier/plan/A-2BBB.md",
        "---\nid: A-2BBB\ntitle: y\nstate: ready\ndepends: [A-1AAA]\n---\n\n## Acceptance\n\n- [ ] first\n",
    );
    let out = project.call(&["done", "A-2BBB"]).ok().out;
    assert!(out.contains("needed items A-1AAA") && out.contains("criteria 1"), "{out}");
    let out = project.call(&["done", "A-1AAA"]).ok().out;
    assert!(!out.contains("needed items"), "{out}");
}

/// A hint belongs to what is wrong, and a list of words that is empty says so.
#[test]
fn a_hint_is_of_what_is_wrong() {
    let project = Project::new();
    project.write(".chantier/plan/AB-1.md", "---\nid: AB-1\ntitle: A\nstate: ready\n---\n");
    project.refuses(
        &["set", "AB-1", "start=2027-01-05", "due=2027-01-01"],
        &[
            "The last day would be before the first",
            "begin on 2027-01-05 and end on 2027-01-01",
        ],
    );
    let told = project.call(&["list", "#api"]);
    let all = format!("{}{}", told.out, told.err);
    assert!(
        all.contains("No item of the plan has one yet") && !all.contains("The words are"),
        "{all}"
    );
    project.refuses(
        &["list", "--view", "nope"],
        &["There is no view “nope”", "No view is saved yet"],
    );
    project.call(&["rules", "--set", "merged=review", "criteria=done"]).ok();
    let rules = project.call(&["rules"]).ok().out;
    assert_eq!(rules.lines().count(), 2, "{rules}");
}

/// A table of a French spreadsheet, and what of a table can not be an item.
#[test]
fn a_table_is_read_in_the_words_that_are_shown() {
    let project = Project::new();
    project.write(
        "fr.csv",
        "\u{feff}sep=;\r\nTitre;État;Priorité;Étiquettes;Échéance;Responsable;Région\r\nMarée;Terminé;haute;a,b;12/01/2027;Célia;Sud\r\n",
    );
    let called = project.call(&["import", "fr.csv"]).ok();
    assert!(called.out.contains("No key is meant by the columns Région"), "{}", called.out);
    let all = project.call(&["list", "--json"]).ok().json();
    let item = &all["result"]["items"][0];
    let values = ["title", "state", "priority", "due", "assignee"].map(|key| item[key].as_str().unwrap_or_default());
    assert_eq!(values, ["Marée", "done", "high", "2027-01-12", "Célia"]);
    assert_eq!(item["labels"], serde_json::json!(["a", "b"]));
    project.write("open.csv", "title,state\nfirst,ready\n\"never closed,ready\nnext,ready\n");
    let called = project.call(&["import", "open.csv"]).ok();
    assert!(
        called.out.contains("Row 2 opens a quote that nothing closes"),
        "{}",
        called.out
    );
    project.write("twice.csv", "title,title\nx,y\n");
    let called = project.call(&["import", "twice.csv"]).ok();
    assert!(called.out.contains("a second one for title"), "{}", called.out);
    assert_eq!(project.n_items(), 3, "the row that was never closed is none");
}

/// Two programs that change one item do it one after the other: what each says stays.
#[test]
fn what_several_programs_write_at_once_is_all_there() {
    let project = Project::new();
    let file = ".chantier/plan/AB-1.md";
    project.write(file, "---\nid: AB-1\ntitle: A\nstate: ready\n---\n");
    let n = 6;
    std::thread::scope(|scope| {
        let project = &project;
        for number in 0..n {
            scope.spawn(move || {
                project.call(&["note", "AB-1", &format!("note-{number}")]).ok();
            });
        }
    });
    let text = std::fs::read_to_string(project.root.join(file)).unwrap();
    assert_eq!(text.matches("note-").count(), n, "{text}");
}

#[test]
fn a_line_says_the_first_day_too() {
    let project = Project::new();
    let made = project
        .call(&["new", "bug: Crash start:2026-12-01 #api due:2026-12-03", "--json"])
        .ok()
        .json();
    let item = &made["result"];
    let values = ["title", "start", "due"].map(|key| item[key].as_str().unwrap_or_default());
    assert_eq!(values, ["Crash", "2026-12-01", "2026-12-03"], "{made}");
    project.refuses(&["new", "x start:soon"], &["start:soon", "start:2026-12-01"]);
    project.refuses(
        &["new", "x start:2026-12-03 due:2026-12-01"],
        &["The last day would be before the first"],
    );
    let made = project.call(&["new", "Say \\start:here", "--json"]).ok().json();
    assert_eq!(made["result"]["title"], "Say start:here");
    assert_eq!(project.n_items(), 2);
}

#[test]
fn several_labels_are_added_and_taken_away_one_by_one() {
    let project = Project::new();
    let file = ".chantier/plan/AB-1.md";
    project.write(file, "---\nid: AB-1\ntitle: A\nstate: ready\nlabels: [api]\n---\n");
    let labels = || {
        let all = project.call(&["list", "--json"]).ok().json();
        all["result"]["items"][0]["labels"].clone()
    };
    project.call(&["set", "AB-1", "label+=a, b"]).ok();
    assert_eq!(labels(), serde_json::json!(["api", "a", "b"]));
    project.call(&["bulk", "is:open", "label+=c,d", "label-=api,b"]).ok();
    assert_eq!(labels(), serde_json::json!(["a", "c", "d"]));
}

#[test]
fn what_must_not_be_is_never_taken_for_a_question_for_help() {
    let project = Project::new();
    project.call(&["new", "bug: Dated due:2026-12-01"]).ok();
    project.call(&["new", "bug: Hidden"]).ok();
    for (filter, there, away) in [
        ("-has:due type:bug", "Hidden", "Dated"),
        ("-has:due", "Hidden", "Dated"),
        ("-hidden", "Dated", "Hidden"),
    ] {
        let out = project.call(&["list", filter]).ok().out;
        assert!(out.contains(there) && !out.contains(away), "{filter}: {out}");
    }
    assert!(project.call(&["list", "-h"]).ok().out.contains("--sort"));
}

#[test]
fn a_move_is_told_by_the_name_of_its_state() {
    use chantier::base::{Catalog, Lang};
    for (lang, state, words) in [
        (Lang::En, "review", "Move A-1 to “Review”"),
        (Lang::Fr, "done", "Déplacer A-1 vers «\u{a0}Terminé\u{a0}»"),
        (Lang::En, "Quality", "Move A-1 to “Quality”"),
    ] {
        let title = chantier::msg!("plan-job-move", id = "A-1", state = state);
        assert_eq!(Catalog::new(lang).msg(&title), words);
    }
}
