//! What the window says of the chosen workspace as a whole: a folder that is gone, a project file that can not be read, and what was
//! looked for in another one.

use crate::support::cli::Home;
use crate::support::window::{Collected, Real, settle, three_workspaces, window, workspace};
use chantier::areas::page::{Intent, UiIntent};
use chantier::areas::{AreaId, Command, code, devops};
use chantier::base::settings::ThemeChoice;
use chantier::base::{Lang, Target};
use chantier::shell::App;
use chantier::ui::keys::DIGITS;
use egui::Modifiers;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable as _;
use std::time::{Duration, Instant};

/// The window on this page of a workspace. What pages ask for never comes, so they go on waiting.
fn opened(lang: Lang, name: &str, area: AreaId) -> Harness<'static, App<Collected>> {
    let mut front = Collected::new(ThemeChoice::Dark, lang);
    three_workspaces(&mut front);
    let mut harness = window(front);
    harness.run();
    choose(&mut harness, name);
    open(&mut harness, area);
    harness
}

fn choose(harness: &mut Harness<'static, App<Collected>>, name: &str) {
    let id = workspace(name).id;
    harness.state_mut().ask(Intent::Ui(UiIntent::SelectWorkspace(Some(id))));
    steps(harness);
}

fn open(harness: &mut Harness<'static, App<Collected>>, area: AreaId) {
    let at = AreaId::ALL.iter().position(|other| *other == area).unwrap();
    harness.key_press_modifiers(Modifiers::COMMAND, DIGITS[at]);
    steps(harness);
}

fn steps(harness: &mut Harness<'static, App<Collected>>) {
    for _ in 0..4 {
        harness.step();
    }
}

#[test]
fn a_project_file_that_can_not_be_read_is_told_on_every_page_with_its_line() {
    let text = "[[task]]\nname = \"a\"\nrun = [ \"true\"\n";
    let path = workspace("meteo-api").root.join("chantier.toml");
    let (_, problems) = devops::project::parse(text, &path);
    for (lang, words, act) in [
        (
            Lang::En,
            "chantier.toml has an error at line 3: Something begins here and has no end: ] is missing",
            "Open chantier.toml",
        ),
        (
            Lang::Fr,
            "chantier.toml a une erreur à la ligne 3\u{a0}: Ce qui commence ici n’a pas de fin\u{a0}: il manque ]",
            "Ouvrir chantier.toml",
        ),
    ] {
        let mut harness = opened(lang, "meteo-api", AreaId::Deploy);
        assert!(harness.query_by_label(words).is_none());
        let row = devops::BoardRow {
            project_problem: problems.first().cloned(),
            ..devops::BoardRow::default()
        };
        let id = workspace("meteo-api").id;
        let row = Box::new(row);
        harness.state_mut().front().tell(devops::Update::BoardRow { id, row });
        for area in [AreaId::Build, AreaId::Test, AreaId::Deploy, AreaId::Monitor] {
            open(&mut harness, area);
            assert!(harness.query_by_label(words).is_some(), "{area:?}");
        }
        harness.state_mut().front().commands.clear();
        harness.get_by_label(act).click();
        steps(&mut harness);
        let opens = harness.state_mut().front().commands.iter().any(|command| {
            matches!(command, Command::Code(code::Command::OpenInEditor { line: 3, path, .. })
                if path.to_path_buf().ends_with("chantier.toml"))
        });
        assert!(opens, "the act opens the file at its line");
    }
}

#[test]
fn a_folder_that_went_is_said_where_its_files_were_shown() {
    let mut harness = opened(Lang::En, "meteo-api", AreaId::Code);
    let words = "The folder of meteo-api is gone. Bring it back, or add it where it is now; what is known of it stays";
    assert!(harness.query_by_label(words).is_none());
    let mut info = harness
        .state()
        .model()
        .devops
        .info(&workspace("meteo-api").id)
        .unwrap()
        .clone();
    info.is_missing = true;
    let gone = devops::Update::WorkspaceChanged { workspace: info };
    harness.state_mut().front().commands.clear();
    harness.state_mut().front().tell(gone);
    for area in [AreaId::Code, AreaId::Build, AreaId::Test] {
        open(&mut harness, area);
        assert!(harness.query_by_label(words).is_some(), "{area:?}");
    }
    let reads_row = harness
        .state_mut()
        .front()
        .commands
        .iter()
        .any(|command| matches!(command, Command::DevOps(devops::Command::RefreshBoard { workspaces }) if workspaces[0].name == "meteo-api"));
    assert!(reads_row);
    harness.get_by_label("Show the workspaces").click();
    steps(&mut harness);
    assert_eq!(harness.state().view().area, AreaId::DevOps);
}

#[test]
fn a_folder_that_goes_and_a_project_file_that_breaks_are_noticed_without_being_asked_for() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().canonicalize().unwrap().join("p");
    std::fs::create_dir(&dir).unwrap();
    std::fs::write(dir.join("chantier.toml"), "[project]\n").unwrap();
    let front = Real::open(&home.path().join("home"), ThemeChoice::Dark, Lang::En);
    let mut harness = window(front);
    let add = devops::Command::AddWorkspace {
        path: dir.clone(),
        group: String::new(),
    };
    harness.state_mut().front().session.link.start(add.into());
    settle(&mut harness);
    let id = harness.state().model().devops.infos()[0].workspace.id.clone();
    // Whenever it is looked at for the first time, it is another file the next time.
    until(&mut harness, |app| {
        std::fs::write(dir.join("chantier.toml"), "[project\n").unwrap();
        app.model().devops.row(&id).is_some_and(|row| row.project_problem.is_some())
    });
    std::fs::remove_dir_all(&dir).unwrap();
    until(&mut harness, |app| {
        app.model().devops.info(&id).is_some_and(|info| info.is_missing)
    });
    std::fs::create_dir(&dir).unwrap();
    until(&mut harness, |app| {
        app.model().devops.info(&id).is_some_and(|info| !info.is_missing)
    });
}

#[test]
fn workspaces_that_the_command_line_adds_trusts_and_removes_are_seen_at_once() {
    let home = Home::new();
    let dirs: Vec<_> = ["one", "two"].map(|name| home.path(name)).into();
    let call = |args: &[&str]| drop(home.call(args).ok());
    for dir in &dirs {
        std::fs::create_dir(dir).unwrap();
        std::fs::write(dir.join("chantier.toml"), "[project]\n").unwrap();
    }
    call(&["devops", "add", dirs[0].to_str().unwrap()]);
    let mut harness = window(Real::open(&home.path("home"), ThemeChoice::Dark, Lang::En));
    until(&mut harness, |app| app.model().devops.infos().len() == 1);
    call(&["devops", "add", dirs[1].to_str().unwrap()]);
    until(&mut harness, |app| app.model().devops.infos().len() == 2);
    let trust = |app: &App<Real>| {
        app.model()
            .devops
            .infos()
            .iter()
            .find(|info| info.workspace.name == "two")
            .map(|info| info.trust)
    };
    let before = trust(harness.state());
    call(&["devops", "trust", "two"]);
    until(&mut harness, |app| trust(app) != before);
    call(&["devops", "remove", "one"]);
    until(&mut harness, |app| app.model().devops.infos().len() == 1);
    assert!(trust(harness.state()).is_some(), "the other one stays");
}

#[test]
fn how_much_is_kept_stands_beside_each_limit() {
    let home = tempfile::tempdir().unwrap();
    let front = Real::open(&home.path().join("home"), ThemeChoice::Dark, Lang::En);
    let folder = home.path().join("home/data/artifacts");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("one"), vec![0; 3_000_000]).unwrap();
    let mut harness = window(front);
    let target = Target::Setting {
        key: "retention.artifacts_max_mb".to_owned(),
    };
    harness.state_mut().ask(Intent::Go(target));
    until(&mut harness, |app| {
        let config = &app.model().config;
        config.rows.is_ready() && !config.used.is_empty()
    });
    harness.step();
    harness.get_by_label("3.0 MB are kept now");
}

fn until(harness: &mut Harness<'static, App<Real>>, is_so: impl Fn(&App<Real>) -> bool) {
    let deadline = Instant::now() + Duration::from_mins(1);
    while !is_so(harness.state()) {
        assert!(Instant::now() < deadline, "it was not noticed within a minute");
        harness.step();
        std::thread::park_timeout(Duration::from_millis(20));
    }
}

#[test]
fn a_filter_belongs_to_its_workspace_and_can_be_cleared_where_it_hides_everything() {
    let mut harness = opened(Lang::En, "meteo-api", AreaId::DevOps);
    harness.state_mut().ask(Intent::Ui(UiIntent::Filter("zzz".to_owned())));
    steps(&mut harness);
    harness.get_by_label("Clear the filter").click();
    steps(&mut harness);
    assert_eq!(harness.state().view().filter(AreaId::DevOps), "");
    assert!(harness.query_by_label("Clear the filter").is_none());

    open(&mut harness, AreaId::Build);
    harness.state_mut().ask(Intent::Ui(UiIntent::Filter("lint".to_owned())));
    steps(&mut harness);
    assert_eq!(harness.state().view().filter(AreaId::Build), "lint");
    choose(&mut harness, "boutique-web");
    assert_eq!(harness.state().view().filter(AreaId::Build), "", "of another workspace");
    choose(&mut harness, "meteo-api");
    assert_eq!(harness.state().view().filter(AreaId::Build), "lint");
}

#[test]
fn every_tab_of_operate_has_a_filter_of_its_own() {
    let mut harness = opened(Lang::En, "meteo-api", AreaId::Operate);
    let tab = |harness: &mut Harness<'static, App<Collected>>, tab: &str| {
        harness.state_mut().ask(Intent::Go(Target::Page {
            area: AreaId::Operate.word().to_owned(),
            tab: Some(tab.to_owned()),
        }));
        steps(harness);
    };
    for (name, words) in [("incidents", "No incident matches"), ("runbooks", "No runbook matches")] {
        tab(&mut harness, name);
        harness.state_mut().ask(Intent::Ui(UiIntent::Filter("abc".to_owned())));
        steps(&mut harness);
        assert!(harness.query_by_label(words).is_some(), "{name}");
        tab(&mut harness, "instances");
        assert_eq!(harness.state().view().filter(AreaId::Operate), "", "{name}");
        tab(&mut harness, name);
        assert_eq!(harness.state().view().filter(AreaId::Operate), "abc", "{name}");
        harness.get_by_label("Clear the filter").click();
        steps(&mut harness);
        assert_eq!(harness.state().view().filter(AreaId::Operate), "", "{name}");
    }
}
