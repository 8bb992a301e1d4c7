//! The page and the model of Test.

use crate::support::window::{Collected, three_workspaces, window, workspace};
use chantier::areas::Command;
use chantier::areas::page::{Intent, UiIntent};
use chantier::areas::test::frameworks::{CaseId, Finished, Framework};
use chantier::areas::test::{self, CaseRow, What};
use chantier::base::settings::ThemeChoice;
use chantier::base::{JobId, Lang, State};
use chantier::shell::App;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

fn case_row(name: &str, strip: &str) -> CaseRow {
    CaseRow {
        case: CaseId::new(Framework::Cargo, "meteo-http", name),
        strip: strip.to_owned(),
        run: Some(484),
        duration_ms: Some(40),
    }
}

fn page() -> Harness<'static, App<Collected>> {
    page_of(vec![
        case_row("balance::weights_sum", "ppppf"),
        case_row("balance::drain", "ppfff"),
        case_row("balance::pick", "pppfp"),
        case_row("health::probe", "ppyyy"),
        case_row("health::later", "s"),
    ])
}

pub(super) fn page_of(cases: Vec<CaseRow>) -> Harness<'static, App<Collected>> {
    let mut front = Collected::new(ThemeChoice::Dark, Lang::En);
    three_workspaces(&mut front);
    let id = workspace("meteo-api").id;
    front.tell(test::Update::CasesLoaded {
        workspace: id.clone(),
        cases,
        is_first: true,
        is_last: true,
    });
    front.tell(test::Update::RunsLoaded {
        workspace: id,
        runs: Vec::new(),
    });
    let mut harness = window(front);
    harness.run();
    harness
        .state_mut()
        .ask(Intent::Ui(UiIntent::SelectWorkspace(Some(workspace("meteo-api").id))));
    harness.run();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Num5);
    harness.run();
    harness
}

#[test]
fn the_tree_says_new_old_and_mended_failures_in_words() {
    let mut harness = page();
    for words in ["new failure", "failed 3 runs", "fixed", "flaky", "skipped", "2 of 3"] {
        assert!(harness.query_all_by_label(words).next().is_some(), "{words}");
    }
    harness.state_mut().front().commands.clear();
    // Ctrl+Enter is the page's primary act: run what failed.
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    harness.run();
    let asked = std::mem::take(&mut harness.state_mut().front().commands);
    let run = asked.iter().find_map(|command| match command {
        Command::Test(test::Command::Run { what, .. }) => Some(what.clone()),
        _ => None,
    });
    assert_eq!(run, Some(What::Failed), "{asked:?}");
}

#[test]
fn a_red_test_is_looked_into_from_its_row() {
    let mut harness = page();
    let n_offers =
        |harness: &Harness<'static, App<Collected>>| harness.query_all_by_label("Find the commit that broke it").count();
    for (row, is_red) in [("weights_sum, new failure", true), ("pick, fixed", false)] {
        harness.get_by_label(row).click();
        harness.run();
        let in_detail = n_offers(&harness);
        harness.get_by_label(row).click_secondary();
        harness.run();
        assert_eq!(n_offers(&harness), in_detail + usize::from(is_red), "{row}");
        harness.key_press(Key::Escape);
        harness.run();
    }
}

#[test]
fn a_test_with_subtests_is_one_row_with_those_below_it() {
    let go = |name: &str, strip: &str| CaseRow {
        case: CaseId::new(Framework::Go, "example.com/calc", name),
        ..case_row(name, strip)
    };
    let harness = page_of(vec![
        go("TestAdd", "p"),
        go("TestTable", "pf"),
        go("TestTable/deep", "p"),
        go("TestTable/deep/a/b", "p"),
        go("TestTable/wrong", "pf"),
    ]);
    let n_rows = |label: &str| harness.query_all_by_label(label).count();
    for row in ["TestTable, new failure", "wrong, new failure", "deep, passed", "a/b, passed"] {
        assert_eq!(n_rows(row), 1, "{row}");
    }
    let of_table = harness.query_all_by_label_contains("TestTable").count();
    assert_eq!(
        of_table,
        harness.query_all_by_label_contains("TestAdd").count(),
        "no group beside the test"
    );
    assert_eq!(n_rows("example.com/calc, 2 of 5"), 1);
}

#[test]
fn the_model_counts_every_case_once_whatever_is_told_twice() {
    let mut model = test::model::Model::default();
    let id = workspace("meteo-api").id;
    let result = |name: &str, state| Finished::new(CaseId::new(Framework::Cargo, "a", name), state);
    let tell = |model: &mut test::model::Model, run, finished| {
        model.apply(test::Update::Results {
            workspace: id.clone(),
            run,
            started: Vec::new(),
            finished,
            n_total: Some(2),
        });
    };
    model.apply(test::Update::JobStarted {
        workspace: id.clone(),
        job: JobId(1),
    });
    tell(
        &mut model,
        1,
        vec![
            result("x", State::Failed),
            result("x", State::Failed),
            result("y", State::Done),
        ],
    );
    let tests = model.get(&id).expect("told");
    assert_eq!(
        (tests.counts.n_failed, tests.counts.n_passed, tests.counts.n_cases()),
        (1, 1, 2)
    );
    assert_eq!(tests.live.as_ref().map(|live| live.n_done), Some(2));
    tell(&mut model, 2, vec![result("x", State::Done)]);
    let tests = model.get(&id).expect("told");
    let case = &tests.cases.value().expect("cases")[&CaseId::new(Framework::Cargo, "a", "x")];
    assert_eq!(case.strip, [State::Failed, State::Done]);
    assert_eq!(case.verdict(), test::model::Verdict::Fixed);
    assert_eq!(tests.counts.n_failed, 0);
}

fn run_row(id: i64) -> test::RunRow {
    test::RunRow {
        id,
        job: None,
        site: String::new(),
        runner: "nextest".to_owned(),
        title: "all".to_owned(),
        commit: Some("0123456789abcdef".to_owned()),
        is_dirty: false,
        dirty: None,
        started_at: crate::support::window::now(),
        ended_at: None,
        state: State::Failed,
        n_passed: 1,
        n_failed: 1,
        n_skipped: 0,
        n_flaky: 0,
        duration_ms: 900,
    }
}

#[test]
fn a_result_of_other_sources_is_called_stale_whatever_it_was() {
    let mut harness = page();
    let id = workspace("meteo-api").id;
    let sources = |commit: &str| test::Update::SourcesRead {
        workspace: id.clone(),
        commit: Some(commit.to_owned()),
        dirty: None,
    };
    harness.state_mut().front().tell(test::Update::RunsLoaded {
        workspace: id.clone(),
        runs: vec![run_row(484)],
    });
    harness.state_mut().front().tell(sources("0123456789abcdef"));
    harness.run();
    let is_said = |harness: &Harness<'static, App<Collected>>, words: &str| harness.query_all_by_label(words).count() > 0;
    assert_eq!(
        (is_said(&harness, "new failure"), is_said(&harness, "new failure, stale")),
        (true, false)
    );
    harness.state_mut().front().tell(sources("fedcba9876543210"));
    harness.run();
    assert_eq!(
        (is_said(&harness, "new failure"), is_said(&harness, "new failure, stale")),
        (false, true)
    );
}

#[test]
fn two_runs_and_grouped_failures_are_seen_on_their_tabs() {
    let mut harness = page();
    let id = workspace("meteo-api").id;
    let case = |name: &str| CaseId::new(Framework::Cargo, "meteo-http", name);
    let changed = |name: &str, change| test::compare::Changed {
        case: case(name),
        change,
        before: None,
        after: None,
        before_ms: None,
        after_ms: None,
        message: format!("{name} says why"),
    };
    harness.state_mut().front().tell(test::Update::Compared {
        workspace: id.clone(),
        before: Box::new(run_row(7)),
        after: Box::new(run_row(9)),
        changes: vec![
            changed("balance::drain", test::compare::Change::NewFailure),
            changed("balance::pick", test::compare::Change::Fixed),
        ],
        n_same: 40,
    });
    harness.state_mut().front().tell(test::Update::Grouped {
        workspace: id,
        groups: vec![test::compare::Group {
            error: "no route to <n>".to_owned(),
            example: "no route to 17".to_owned(),
            cases: vec![case("balance::drain"), case("balance::weights_sum")],
        }],
    });
    harness.run();
    let mut sees = |tab: &str, words: &[&str]| {
        harness.get_by_role_and_label(egui::Role::Tab, tab).click();
        harness.run();
        for word in words {
            assert!(harness.query_all_by_label(word).next().is_some(), "{tab}: {word}");
        }
    };
    sees(
        "Compare",
        &[
            "1 new failures",
            "1 fixed",
            "Run 7 and run 9",
            "40 as before",
            "balance::drain says why",
        ],
    );
    sees("Failures", &["no route to 17", "2 tests", "cargo/meteo-http balance::drain"]);
}

#[test]
fn the_place_and_the_source_of_a_failure_open_in_the_editor() {
    let mut harness = page();
    let case = CaseId::new(Framework::Cargo, "meteo-http", "balance::drain");
    let place = chantier::base::Place {
        path: "src/balance.rs".into(),
        line: Some(62),
        column: None,
    };
    let mut result = Finished::new(case.clone(), State::Failed);
    result.message = "left is not right".to_owned();
    result.place = Some(place);
    harness.get_all_by_label("drain, failed 3 runs").next().unwrap().click();
    harness.run();
    harness.state_mut().front().tell(test::Update::CaseShown {
        workspace: workspace("meteo-api").id,
        case: Box::new(test::CaseDetail {
            result,
            run: None,
            lines: vec![(61, "let right = 2;".to_owned()), (62, "assert_eq!(left, right);".to_owned())],
            failing_since: None,
            history: Vec::new(),
            written_at: None,
            output_bytes: 0,
        }),
    });
    harness.run();
    for (word, line) in [("src/balance.rs:62", 62), ("let right = 2;", 61)] {
        harness.state_mut().front().commands.clear();
        harness.get_all_by_label(word).next().unwrap().click();
        harness.run();
        let asked = std::mem::take(&mut harness.state_mut().front().commands);
        let wanted = Command::from(chantier::areas::code::Command::OpenInEditor {
            workspace: workspace("meteo-api"),
            path: chantier::base::GitPath::of_path(&workspace("meteo-api").root.join("src/balance.rs")),
            line,
            column: 1,
        });
        assert!(asked.contains(&wanted), "{word}: {asked:?}");
    }
}

#[test]
fn what_leaks_is_marked_and_the_test_of_a_plan_is_run_from_its_panel() {
    let mut harness = page();
    let id = workspace("meteo-api").id;
    harness.state_mut().front().tell(test::Update::LeaksFound {
        workspace: id.clone(),
        run: None,
        leaks: vec![test::leaks::Leaking {
            run: 484,
            case: Some(CaseId::new(Framework::Cargo, "meteo-http", "health::probe")),
            leak: test::leaks::Leak {
                files: vec!["lost-1".to_owned()],
                n_files: 1,
                ..test::leaks::Leak::default()
            },
        }],
    });
    let text = "# Before a release\n## [ ] login: Log in\n1. Type\nTest: cargo/meteo-http health::probe\n";
    harness.state_mut().front().tell(test::Update::PlansRead {
        workspace: id,
        plans: vec![test::plan_text::parse("release", text).expect("a plan")],
    });
    harness.run();
    let marked = harness.query_all_by_label("leaves one file behind").count();
    assert_eq!(marked, 1);
    harness.get_by_role_and_label(egui::Role::Tab, "Slow and leaking").click();
    harness.run();
    let row = "cargo/meteo-http health::probe, one file";
    assert!(harness.query_all_by_label(row).next().is_some());
    harness.state_mut().ask(Intent::Go(chantier::base::Target::TestCase {
        workspace: workspace("meteo-api").id,
        id: "manual/release login".to_owned(),
    }));
    harness.run();
    harness.state_mut().front().commands.clear();
    harness.get_by_label("Run its test").click();
    harness.run();
    let asked = std::mem::take(&mut harness.state_mut().front().commands);
    let run = asked.iter().find_map(|command| match command {
        Command::Test(test::Command::RunPlan { plan, case, .. }) => Some((plan.clone(), case.clone())),
        _ => None,
    });
    assert_eq!(run, Some(("release".to_owned(), Some("login".to_owned()))), "{asked:?}");
}

#[test]
fn the_filter_takes_names_states_and_durations() {
    let mut harness = page();
    let mut sees = |filter: &str, seen: &[&str], unseen: &[&str]| {
        harness.state_mut().ask(Intent::Ui(UiIntent::Filter(filter.to_owned())));
        harness.run();
        for word in seen {
            assert!(harness.query_all_by_label(word).next().is_some(), "{filter}: {word}");
        }
        for word in unseen {
            assert!(harness.query_all_by_label(word).next().is_none(), "{filter}: {word}");
        }
    };
    sees("failed", &["weights_sum", "drain"], &["pick", "probe"]);
    sees("new", &["weights_sum"], &["drain"]);
    sees("flaky prob", &["probe"], &["drain"]);
    sees(">1s", &[], &["drain", "probe"]);
    sees("<50ms pick", &["pick"], &["drain"]);
}
