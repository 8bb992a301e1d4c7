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
    let mut front = Collected::new(ThemeChoice::Dark, Lang::En);
    three_workspaces(&mut front);
    let id = workspace("meteo-api").id;
    let cases = vec![
        case_row("balance::weights_sum", "ppppf"),
        case_row("balance::drain", "ppfff"),
        case_row("balance::pick", "pppfp"),
        case_row("health::probe", "ppyyy"),
        case_row("health::later", "s"),
    ];
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
