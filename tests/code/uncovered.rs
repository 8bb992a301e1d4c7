//! Changed lines that no test ran: marked on the command line and in the window, and only where the report is of this version.

use super::fixture::Fixture;
use super::page_branching::Front;
use crate::support::cli::Home;
use chantier::areas::test;
use chantier::base::Workspace;
use egui_kittest::kittest::Queryable as _;

const LCOV: &str = "SF:src/lib.rs\nDA:1,4\nDA:2,0\nDA:3,1\nDA:4,0\nend_of_record\n";

/// Two lines are known, two are new; of each two one was never run.
fn changed() -> Fixture {
    let fixture = Fixture::new();
    fixture.write("src/lib.rs", "one\ntwo\n");
    fixture.commit_all("before");
    fixture.write("src/lib.rs", "one\ntwo\nthree\nfour\n");
    std::fs::write(fixture.dir.path().join("lcov.info"), LCOV).unwrap();
    fixture
}

#[test]
fn the_command_line_marks_added_lines_that_no_test_ran() {
    let (fixture, home) = (changed(), Home::new());
    let call = |args: &[&str]| home.call_in(&fixture.root, args).ok();
    let none = home.call_in(&fixture.root, &["code", "diff", "--coverage"]);
    assert_ne!(none.code, 0, "there is no report yet");
    let report = fixture.dir.path().join("lcov.info");
    call(&["test", "coverage", "import", report.to_str().unwrap()]);
    let told = call(&["code", "diff", "--coverage"]).out;
    assert!(told.contains("\n+three\n!+four\n") && told.contains("\n two\n"), "{told}");
    let told = call(&["code", "diff", "--coverage", "--json"]).json();
    assert_eq!(told["result"]["missed"]["src/lib.rs"], serde_json::json!([4]));
    let plain = call(&["code", "diff", "--json"]).json();
    assert_eq!(plain["result"]["missed"], serde_json::Value::Null);
    // It is of what is not committed, and says nothing of the commit below.
    let below = call(&["code", "show", "--patch", "--coverage"]).out;
    assert!(below.contains("+two") && !below.contains('!'), "{below}");
    // A report of the commit marks the commit.
    fixture.commit_all("after");
    call(&["test", "coverage", "import", report.to_str().unwrap()]);
    let told = call(&["code", "show", "--patch", "--coverage"]).out;
    assert!(told.contains("\n+three\n!+four\n"), "{told}");
    let before = call(&["code", "show", "HEAD~1", "--patch", "--coverage"]).out;
    assert!(!before.contains('!'), "{before}");
    // Written after the report: another version, of which it says nothing.
    let file = std::fs::File::options().write(true).open(fixture.path("src/lib.rs")).unwrap();
    file.set_modified(std::time::SystemTime::now() + std::time::Duration::from_mins(1))
        .unwrap();
    fixture.run(&["reset", "-q", "--soft", "HEAD~1"]);
    fixture.run(&["reset", "-q"]);
    let told = call(&["code", "diff", "--coverage"]).out;
    assert!(told.contains("+four") && !told.contains('!'), "{told}");
}

#[test]
fn the_window_marks_them_in_changes_and_in_a_commit() {
    let mut front = Front::open(changed());
    let import = |front: &mut Front| {
        let command = test::Command::ImportCoverage {
            workspace: Workspace::at(&front.fixture.root),
            file: front.fixture.dir.path().join("lcov.info"),
        };
        front
            .harness
            .state_mut()
            .ask(chantier::areas::page::Intent::Do(command.into()));
        crate::support::window::settle(&mut front.harness);
    };
    import(&mut front);
    front.go("changes");
    front.click("src/lib.rs, modified");
    front.wait_for("No test ran this line");
    let marked = |front: &Front| front.harness.query_all_by_label("No test ran this line").count();
    assert_eq!(marked(&front), 1);
    assert!(front.harness.query_by_label_contains("one untested line").is_some());
    front.fixture.commit_all("after");
    import(&mut front);
    front.go("history");
    front.click("after, Ada Lovelace");
    front.click("src/lib.rs");
    front.wait_for("No test ran this line");
    assert_eq!(marked(&front), 1);
}
