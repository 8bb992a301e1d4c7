//! A failed run on the page: why, its places in the editor, and once more.

use crate::support::window::{Collected, now, three_workspaces, window, workspace};
use chantier::areas::Command;
use chantier::areas::build::detect::{Kind, Source, Task};
use chantier::areas::build::matchers::{Diagnostic, Severity, hints};
use chantier::areas::build::{self, RunDetail, RunRow};
use chantier::areas::page::{Intent, UiIntent};
use chantier::base::settings::ThemeChoice;
use chantier::base::{JobId, Lang, Place, Problem, State};
use chantier::shell::App;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use std::path::PathBuf;

#[test]
fn a_failed_task_says_why_and_is_run_again_from_its_row() {
    let mut front = Collected::new(ThemeChoice::Dark, Lang::En);
    three_workspaces(&mut front);
    let id = workspace("meteo-api").id;
    let task = |name: &str| Task {
        id: format!("task:{name}"),
        name: name.to_owned(),
        source: Source::Project,
        kind: Kind::Build,
        argv: vec!["make".to_owned(), name.to_owned()],
        dir: PathBuf::new(),
        place: Place {
            path: "chantier.toml".into(),
            line: Some(3),
            column: None,
        },
        env: std::collections::BTreeMap::new(),
        timeout_ms: None,
        has_pty: false,
        note: String::new(),
    };
    let run = RunRow {
        job: JobId(7),
        task: "task:pack".to_owned(),
        source: "chantier".to_owned(),
        state: State::Failed,
        started_at: now(),
        duration_ms: 1200,
        n_errors: 2,
        n_warnings: 1,
        commit: None,
        is_dirty: false,
        bytes: None,
    };
    let why = hints::Why {
        message: "missing separator".to_owned(),
        code: None,
        place: Some(Place {
            path: "Makefile".into(),
            line: Some(2),
            column: None,
        }),
        hint: Some(chantier::msg!("build-hint-tab")),
        lines: vec![(1, "all:".to_owned()), (2, "  true".to_owned())],
    };
    let diagnostic = Diagnostic {
        severity: Severity::Error,
        message: "expected ;".to_owned(),
        code: None,
        place: Some(Place {
            path: "src/pack.c".into(),
            line: Some(9),
            column: Some(4),
        }),
        rendered: String::new(),
        suggestion: None,
        source: "gcc".to_owned(),
    };
    let detail = RunDetail {
        job: JobId(7),
        task: "task:pack".to_owned(),
        why: Some(why),
        diagnostics: vec![diagnostic],
        artifacts: Vec::new(),
    };
    front.tell(build::Update::TasksFound {
        workspace: id.clone(),
        tasks: vec![task("all"), task("pack")],
        problems: Vec::new(),
    });
    front.tell(build::Update::RunsLoaded {
        workspace: id.clone(),
        runs: vec![run.clone()],
    });
    front.tell(build::Update::ArtifactsLoaded {
        workspace: id.clone(),
        artifacts: Vec::new(),
    });
    front.tell(build::Update::RunShown {
        workspace: id.clone(),
        detail: Box::new(detail),
    });
    let mut harness = window(front);
    harness.run();
    harness.state_mut().ask(Intent::Ui(UiIntent::SelectWorkspace(Some(id))));
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Num4);
    harness.run();
    assert!(harness.query_all_by_label("2 errors").next().is_some());
    let row = harness.get_by_label("pack, 2 errors");
    row.click();
    harness.run();
    for words in [
        "missing separator",
        "Makefile:2",
        "  true",
        "Lines of a recipe begin with a tab, not with spaces",
    ] {
        assert!(harness.query_all_by_label(words).next().is_some(), "{words}");
    }
    // The place, the source line around it, and the diagnostic open there.
    for (word, path, line) in [
        ("Makefile:2", "Makefile", 2),
        ("all:", "Makefile", 1),
        ("src/pack.c:9", "src/pack.c", 9),
    ] {
        harness.state_mut().front().commands.clear();
        harness.get_all_by_label(word).next().unwrap().click();
        harness.run();
        let asked = std::mem::take(&mut harness.state_mut().front().commands);
        let wanted = Command::from(chantier::areas::code::Command::OpenInEditor {
            workspace: workspace("meteo-api"),
            path: chantier::base::GitPath::of_path(&workspace("meteo-api").root.join(path)),
            line,
            column: 1,
        });
        assert!(asked.contains(&wanted), "{word}: {asked:?}");
    }
    harness.state_mut().front().commands.clear();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    harness.run();
    let asked = std::mem::take(&mut harness.state_mut().front().commands);
    let wanted = Command::from(build::Command::Run {
        workspace: workspace("meteo-api"),
        task: Some("task:pack".to_owned()),
    });
    assert!(asked.contains(&wanted), "{asked:?}");
}

#[test]
fn where_the_only_task_is_broken_the_page_says_so_and_opens_its_line() {
    let mut front = Collected::new(ThemeChoice::Dark, Lang::En);
    three_workspaces(&mut front);
    let id = workspace("meteo-api").id;
    let file = workspace("meteo-api").root.join("chantier.toml");
    let problem = Problem::config(chantier::msg!("devops-project-not-a-list")).at_place(&file, 5, 3);
    front.tell(build::Update::TasksFound {
        workspace: id.clone(),
        tasks: Vec::new(),
        problems: vec![problem],
    });
    let mut harness = window(front);
    harness.run();
    harness.state_mut().ask(Intent::Ui(UiIntent::SelectWorkspace(Some(id))));
    harness.key_press_modifiers(Modifiers::COMMAND, Key::Num4);
    harness.run();
    let said = |harness: &Harness<'static, App<Collected>>, words: &str| harness.query_all_by_label_contains(words).count();
    assert_eq!(said(&harness, "Add a [[task]] to chantier.toml, or open"), 0);
    assert!(said(&harness, "No task can be read") > 0);
    harness.state_mut().front().commands.clear();
    harness.get_by_label("Open chantier.toml:5").click();
    harness.run();
    let asked = std::mem::take(&mut harness.state_mut().front().commands);
    let wanted = Command::from(chantier::areas::code::Command::OpenInEditor {
        workspace: workspace("meteo-api"),
        path: chantier::base::GitPath::of_path(&file),
        line: 5,
        column: 1,
    });
    assert!(asked.contains(&wanted), "{asked:?}");
}
