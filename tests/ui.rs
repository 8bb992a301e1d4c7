//! The window, drawn without a screen: every page in every look, the keys, and what comes out of them as plain data.

use crate::support::window::{Collected, Real, failure, job, now, settle, three_workspaces, window, window_with, workspace};
use chantier::areas::page::{Intent, UiIntent};
use chantier::areas::{AreaId, Command, Event, config, devops};
use chantier::base::settings::ThemeChoice;
use chantier::base::{Catalog, JobId, Lang, LogLine, Progress, Settings, Unit};
use chantier::engine::record::Recorded;
use chantier::engine::{JobEvent, Outcome};
use chantier::shell::{App, Front, Outside, Replay};
use chantier::ui::keys::DIGITS;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use std::path::PathBuf;

const LOOKS: [(ThemeChoice, Lang); 4] = [
    (ThemeChoice::Dark, Lang::En),
    (ThemeChoice::Dark, Lang::Fr),
    (ThemeChoice::Light, Lang::En),
    (ThemeChoice::Light, Lang::Fr),
];

fn front() -> Collected {
    Collected::new(ThemeChoice::Dark, Lang::En)
}

/// The window with three workspaces on the board.
fn board() -> Harness<'static, App<Collected>> {
    let mut front = front();
    three_workspaces(&mut front);
    let mut harness = window(front);
    harness.run();
    harness
}

fn press(harness: &mut Harness<'static, App<Collected>>, modifiers: Modifiers, key: Key) {
    harness.key_press_modifiers(modifiers, key);
    harness.run();
}

fn type_text(harness: &mut Harness<'static, App<Collected>>, text: &str) {
    harness.event(egui::Event::Text(text.to_owned()));
    harness.run();
}

/// What was asked since the last call.
fn asked(harness: &mut Harness<'static, App<Collected>>) -> Vec<Command> {
    std::mem::take(&mut harness.state_mut().front().commands)
}

/// Draws every page with these events; the harness fails on a repaint without end and on a control without a name.
fn check_every_page(tell: impl Fn(&mut Collected)) {
    for (theme, lang) in LOOKS {
        let mut front = Collected::new(theme, lang);
        tell(&mut front);
        let mut harness = window(front);
        harness.run();
        for key in DIGITS {
            harness.key_press_modifiers(Modifiers::COMMAND, key);
            harness.run();
        }
        harness.key_press_modifiers(Modifiers::COMMAND, Key::J);
        for key in DIGITS {
            harness.key_press_modifiers(Modifiers::COMMAND, key);
            harness.run();
        }
    }
}

#[test]
fn every_page_is_drawn_when_nothing_is_known() {
    check_every_page(|_| ());
}

#[test]
fn every_page_is_drawn_when_there_is_no_workspace() {
    check_every_page(|front| front.tell(devops::Update::WorkspacesLoaded { workspaces: Vec::new() }));
}

#[test]
fn every_page_is_drawn_while_jobs_run() {
    check_every_page(|front| {
        three_workspaces(front);
        for (i, area) in AreaId::ALL.iter().enumerate() {
            let id = i as u64 + 1;
            job(front, id, "cargo nextest run", area.word());
            let progress = Progress::of(812, 1204, Unit::Tests);
            front.events.push_back(Event::Job(JobId(id), JobEvent::Progress(progress)));
            let lines = vec![LogLine::note(now(), "PASS [   0.212s] meteo-core forecast::blend")];
            front
                .events
                .push_back(Event::Job(JobId(id), JobEvent::Log { lines, skipped: 0 }));
        }
    });
}

#[test]
fn every_page_is_drawn_when_everything_failed() {
    check_every_page(|front| {
        three_workspaces(front);
        for (i, area) in AreaId::ALL.iter().enumerate() {
            let id = i as u64 + 1;
            job(front, id, "cargo nextest run", area.word());
            let outcome = Outcome::Failed { problem: failure() };
            front
                .events
                .push_back(Event::Job(JobId(id), JobEvent::Ended { outcome, at: now() }));
        }
        front.tell(devops::Update::WorkspacesFailed { problem: failure() });
    });
}

#[test]
fn every_page_shows_the_sample_project_as_it_is() {
    let home = tempfile::tempdir().unwrap();
    let dir = home.path().join("bonjour");
    let front = Real::open(&home.path().join("home"), ThemeChoice::Dark, Lang::En);
    let mut harness = window(front);
    let unpack = devops::Command::UnpackSample { dir };
    harness.state_mut().front().session.link.start(unpack.into());
    settle(&mut harness);
    let info = harness
        .state()
        .model()
        .devops
        .infos()
        .first()
        .expect("the sample is on the board")
        .clone();
    assert_eq!(info.workspace.name, "bonjour");
    harness
        .state_mut()
        .ask(Intent::Ui(UiIntent::SelectWorkspace(Some(info.workspace.id.clone()))));
    for key in DIGITS {
        harness.key_press_modifiers(Modifiers::COMMAND, key);
        settle(&mut harness);
        harness.check_accessibility();
    }
    let failed: Vec<_> = harness
        .state()
        .model()
        .jobs
        .rows()
        .flat_map(|row| row.problems.clone())
        .collect();
    assert!(failed.is_empty(), "{failed:#?}");
}

#[test]
fn each_digit_opens_its_page() {
    let mut harness = board();
    let texts = Catalog::new(Lang::En);
    for (area, key) in AreaId::ALL.into_iter().zip(DIGITS) {
        press(&mut harness, Modifiers::COMMAND, key);
        assert_eq!(harness.state().view().area, area);
        assert!(
            harness.query_all_by_label(&texts.t(area.key())).count() >= 2,
            "{area:?}: sidebar entry and title"
        );
    }
}

#[test]
fn the_palette_finds_a_page_and_enter_opens_it() {
    let mut harness = board();
    press(&mut harness, Modifiers::COMMAND, Key::K);
    type_text(&mut harness, "Configuration");
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert_eq!(harness.state().view().area, AreaId::Config);
}

#[test]
fn the_palette_chooses_a_workspace() {
    let mut harness = board();
    press(&mut harness, Modifiers::COMMAND, Key::K);
    type_text(&mut harness, "boutique-web");
    press(&mut harness, Modifiers::NONE, Key::Enter);
    assert_eq!(harness.state().view().workspace, Some(workspace("boutique-web").id));
}

#[test]
fn the_activity_panel_opens_and_closes() {
    let mut harness = board();
    assert!(!harness.state().view().activity_open);
    press(&mut harness, Modifiers::COMMAND, Key::J);
    assert!(harness.state().view().activity_open);
    harness.get_by_label("Close the activity panel").click();
    harness.run();
    assert!(!harness.state().view().activity_open);
}

#[test]
fn a_question_mark_shows_the_keys() {
    let mut harness = board();
    type_text(&mut harness, "?");
    harness.get_by_label("Keyboard");
    press(&mut harness, Modifiers::NONE, Key::Escape);
    assert!(harness.query_by_label("Keyboard").is_none());
}

#[test]
fn back_and_forward_go_the_way_that_was_gone() {
    let mut harness = board();
    press(&mut harness, Modifiers::COMMAND, Key::Num3);
    press(&mut harness, Modifiers::COMMAND, Key::Num5);
    press(&mut harness, Modifiers::ALT, Key::ArrowLeft);
    assert_eq!(harness.state().view().area, AreaId::Code);
    press(&mut harness, Modifiers::ALT, Key::ArrowLeft);
    assert_eq!(harness.state().view().area, AreaId::DevOps);
    press(&mut harness, Modifiers::ALT, Key::ArrowRight);
    assert_eq!(harness.state().view().area, AreaId::Code);
}

#[test]
fn the_first_frame_asks_for_the_workspaces() {
    let mut harness = window(front());
    harness.run();
    assert!(asked(&mut harness).contains(&devops::Command::LoadWorkspaces.into()));
}

#[test]
fn the_first_start_offers_three_ways_in() {
    let mut front = front();
    front.tell(devops::Update::WorkspacesLoaded { workspaces: Vec::new() });
    let mut harness = window(front);
    harness.run();
    harness.get_by_label("Try the sample project…").click();
    harness.run();
    let picks = std::mem::take(&mut harness.state_mut().front().picks);
    assert_eq!(picks.len(), 1);
    assert!(picks[0].folder);
    asked(&mut harness);
    let picked = Outside::Picked {
        area: AreaId::DevOps,
        purpose: picks[0].purpose.clone(),
        path: PathBuf::from("/home/ana"),
    };
    harness.state_mut().front().outside.push_back(picked);
    harness.run();
    let dir = PathBuf::from("/home/ana/bonjour");
    assert_eq!(asked(&mut harness), vec![devops::Command::UnpackSample { dir }.into()]);
}

#[test]
fn a_picked_folder_becomes_a_workspace() {
    let mut harness = board();
    harness.get_by_label("Add a workspace…").click();
    harness.run();
    assert_eq!(harness.state_mut().front().picks.len(), 1);
    asked(&mut harness);
    let path = PathBuf::from("/home/ana/projects/site-docs");
    let picked = Outside::Picked {
        area: AreaId::DevOps,
        purpose: "add".to_owned(),
        path: path.clone(),
    };
    harness.state_mut().front().outside.push_back(picked);
    harness.run();
    let group = String::new();
    assert_eq!(
        asked(&mut harness),
        vec![devops::Command::AddWorkspace { path, group }.into()]
    );
}

#[test]
fn without_a_file_dialog_the_path_is_typed() {
    let mut harness = board();
    harness.get_by_label("Add a workspace…").click();
    harness.run();
    let pick = harness.state_mut().front().picks.remove(0);
    asked(&mut harness);
    harness.state_mut().front().outside.push_back(Outside::NoFileDialog { pick });
    harness.run();
    harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    type_text(&mut harness, "/home/ana/projects/site-docs");
    press(&mut harness, Modifiers::NONE, Key::Enter);
    let path = PathBuf::from("/home/ana/projects/site-docs");
    let group = String::new();
    assert_eq!(
        asked(&mut harness),
        vec![devops::Command::AddWorkspace { path, group }.into()]
    );
}

#[test]
fn trusting_shows_what_it_means_and_asks_once() {
    let mut harness = board();
    let id = workspace("alertes-crue").id;
    harness.state_mut().ask(Intent::Ui(UiIntent::SelectWorkspace(Some(id))));
    harness.run();
    asked(&mut harness);
    harness.get_by_label("Trust…").click();
    harness.run();
    harness.get_by_label("chantier.toml");
    harness.get_by_label("Trust alertes-crue").click();
    harness.run();
    let wanted: Command = devops::Command::TrustWorkspace {
        workspace: workspace("alertes-crue"),
    }
    .into();
    let mut told = asked(&mut harness);
    // The row of a workspace that was just chosen is read.
    told.retain(|command| !matches!(command, Command::DevOps(devops::Command::RefreshBoard { .. })));
    assert_eq!(told, vec![wanted]);
}

#[test]
fn a_row_of_the_board_opens_its_detail() {
    let mut harness = board();
    let label = "boutique-web, failing";
    harness.get_by_label(label).click();
    harness.run();
    harness.get_by_label("Remove…").click();
    harness.run();
    asked(&mut harness);
    harness.get_by_label("Remove").click();
    harness.run();
    let wanted: Command = devops::Command::RemoveWorkspace {
        workspace: workspace("boutique-web"),
    }
    .into();
    assert!(asked(&mut harness).contains(&wanted));
}

#[test]
fn a_failed_job_stands_in_the_problem_log_with_its_hint() {
    let mut harness = board();
    let front = harness.state_mut().front();
    job(front, 1, "cargo build", "build");
    let outcome = Outcome::Failed { problem: failure() };
    front
        .events
        .push_back(Event::Job(JobId(1), JobEvent::Ended { outcome, at: now() }));
    harness.run();
    harness.get_by_label("1 problem").click();
    harness.run();
    // In the toast and in the log.
    assert_eq!(harness.query_all_by_label("Clone the value, or borrow it").count(), 2);
}

#[test]
fn a_running_job_is_stopped_from_the_activity_panel() {
    let mut harness = board();
    job(harness.state_mut().front(), 7, "cargo build", "build");
    press(&mut harness, Modifiers::COMMAND, Key::J);
    harness.get_by_label("Stop “cargo build”").click();
    harness.run();
    assert_eq!(harness.state_mut().front().cancelled, vec![JobId(7)]);
}

#[test]
fn the_window_comes_back_as_it_was_left() {
    let mut harness = board();
    press(&mut harness, Modifiers::COMMAND, Key::Num6);
    press(&mut harness, Modifiers::COMMAND, Key::J);
    let id = workspace("meteo-api").id;
    harness
        .state_mut()
        .ask(Intent::Ui(UiIntent::SelectWorkspace(Some(id.clone()))));
    harness.run();
    harness.state_mut().keep_at_exit();
    let saved = harness.state_mut().front().saved.take().expect("the state was kept");
    let mut front = front();
    three_workspaces(&mut front);
    let mut again = window_with(front, saved);
    again.run();
    let view = again.state().view();
    assert_eq!(
        (view.area, view.activity_open, view.workspace.clone()),
        (AreaId::Release, true, Some(id))
    );
}

#[test]
fn the_board_is_read_again_when_a_job_ends() {
    let mut harness = board();
    asked(&mut harness);
    let front = harness.state_mut().front();
    job(front, 1, "cargo build", "build");
    front.events.push_back(Event::Job(
        JobId(1),
        JobEvent::Ended {
            outcome: Outcome::Done,
            at: now(),
        },
    ));
    harness.run();
    let wanted: Command = devops::Command::RefreshBoard {
        workspaces: vec![workspace("meteo-api")],
    }
    .into();
    assert_eq!(asked(&mut harness), vec![wanted]);
}

#[test]
fn the_runs_are_listed_and_shown() {
    let mut harness = board();
    harness.get_by_label("Runs").click();
    harness.run();
    let listed = asked(&mut harness);
    let is_list = |command: &Command| matches!(command, Command::DevOps(devops::Command::ListRuns { .. }));
    assert!(listed.iter().any(is_list), "{listed:?}");
    let run = |id: u64, parent: Option<u64>| devops::RunRow {
        id: JobId(id),
        parent: parent.map(JobId),
        workspace: Some(workspace("meteo-api").id),
        area: "build".to_owned(),
        title: chantier::base::Msg::verbatim(&format!("cargo build {id}")),
        argv: vec!["cargo".to_owned(), "build".to_owned()],
        cwd: Some(PathBuf::from("/home/ana/projects/meteo-api")),
        commit: Some("3f9c2ab0123456789abcdef0123456789abcdef0".to_owned()),
        dirty: None,
        environment: None,
        state: chantier::base::State::Failed,
        queued_at: now(),
        started_at: Some(now()),
        ended_at: Some(now()),
        exit_code: Some(101),
        signal: None,
        problem: Some(failure()),
        log_bytes: 2048,
        asked: None,
    };
    let build = chantier::areas::build::Command::Run {
        workspace: workspace("moved-away"),
        task: Some("cargo:build".to_owned()),
    };
    let mut last = run(1, None);
    last.asked = Some(serde_json::to_string(&Command::from(build)).unwrap());
    let rows = vec![run(3, None), run(2, Some(1)), last];
    let filter = devops::RunFilter::default();
    harness.state_mut().front().tell(devops::Update::RunsListed {
        filter,
        rows,
        n_total: 3,
        n_all: 3,
    });
    harness.run();
    harness.get_by_label("#3 cargo build 3").click();
    harness.run();
    assert!(asked(&mut harness).contains(&devops::Command::ShowRun { job: JobId(3) }.into()));
    harness.get_by_label("Run again").click();
    harness.run();
    let again: Command = devops::Command::RunAgain {
        workspace: workspace("meteo-api"),
        job: JobId(3),
    }
    .into();
    assert!(asked(&mut harness).contains(&again));
    // What was asked for is known: it is asked for once more, of the workspace as it is now.
    harness.get_by_label("#1 cargo build 1").click();
    harness.run();
    harness.get_by_label("Run again").click();
    harness.run();
    let again: Command = chantier::areas::build::Command::Run {
        workspace: workspace("meteo-api"),
        task: Some("cargo:build".to_owned()),
    }
    .into();
    assert!(asked(&mut harness).contains(&again));
}

#[derive(Debug)]
struct Dropped(PathBuf);

impl egui::DroppedFile for Dropped {
    fn path(&self) -> &std::path::Path {
        &self.0
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Err("a folder".to_owned())
    }
}

#[test]
fn a_dropped_folder_becomes_a_workspace_from_any_page() {
    let mut harness = board();
    press(&mut harness, Modifiers::COMMAND, Key::Num4);
    asked(&mut harness);
    let path = PathBuf::from("/home/ana/projects/infra-pont");
    harness
        .input_mut()
        .dropped_files
        .push(std::sync::Arc::new(Dropped(path.clone())));
    harness.run();
    assert_eq!(harness.state().view().area, AreaId::DevOps);
    let group = String::new();
    assert!(asked(&mut harness).contains(&devops::Command::AddWorkspace { path, group }.into()));
}

#[test]
fn what_a_scan_found_is_ticked_and_added() {
    let mut harness = board();
    let picked = Outside::Picked {
        area: AreaId::DevOps,
        purpose: "scan".to_owned(),
        path: PathBuf::from("/home/ana"),
    };
    harness.state_mut().front().outside.push_back(picked);
    harness.run();
    let roots = vec![PathBuf::from("/home/ana")];
    assert!(asked(&mut harness).contains(&devops::Command::ScanRoots { roots }.into()));
    let found = |name: &str| devops::FoundProject {
        path: PathBuf::from("/home/ana/projects").join(name),
        kinds: vec![chantier::base::ProjectKind::Git],
    };
    let front = harness.state_mut().front();
    front.tell(devops::Update::ScanStarted);
    let projects = vec![found("meteo-api"), found("site-docs"), found("old")];
    front.tell(devops::Update::ProjectsFound { projects });
    front.tell(devops::Update::ScanEnded { n_folders: 1204 });
    harness.run();
    harness
        .get_by_role_and_label(egui::accesskit::Role::CheckBox, "/home/ana/projects/old")
        .click();
    harness.run();
    harness.get_by_label("Add 1 workspace").click();
    harness.run();
    let path = PathBuf::from("/home/ana/projects/site-docs");
    let group = String::new();
    assert_eq!(
        asked(&mut harness),
        vec![devops::Command::AddWorkspace { path, group }.into()]
    );
}

#[test]
fn a_recording_is_stepped_back_and_forth_and_nothing_of_it_runs() {
    let mut told = front();
    three_workspaces(&mut told);
    let events = told.events.into_iter().map(|event| Recorded { at: now(), event });
    let mut settings = Settings::default();
    settings.general.language = Some(Lang::En);
    settings.appearance.theme = ThemeChoice::Dark;
    let mut harness = window(Replay::new(events.collect(), settings));
    harness.run();
    let n_rows = |harness: &Harness<'static, App<Replay>>| harness.state().model().devops.board.len();
    assert_eq!(n_rows(&harness), 3, "at first the end is shown");
    harness.state_mut().front().timeline().unwrap().seek(2);
    harness.run();
    assert_eq!(n_rows(&harness), 1);
    harness.key_press(Key::Period);
    harness.run();
    assert_eq!(n_rows(&harness), 2);
    harness.state_mut().ask(Intent::Do(devops::Command::InspectMachine.into()));
    harness.run();
    harness.get_by_label("Play");
}

#[test]
fn the_end_of_the_login_closes_the_window() {
    let mut harness = board();
    harness.state_mut().front().outside.push_back(Outside::Terminated);
    harness.step();
    let commands = &harness.output().viewport_output[&egui::ViewportId::ROOT].commands;
    assert!(commands.contains(&egui::ViewportCommand::Close), "{commands:?}");
}

#[test]
fn every_part_of_the_configuration_is_drawn() {
    for (theme, lang) in LOOKS {
        let texts = Catalog::new(lang);
        let mut front = Collected::new(theme, lang);
        three_workspaces(&mut front);
        front.tell(config::Update::Loaded {
            file: PathBuf::from("/home/ana/settings.toml"),
            settings: Box::default(),
            rows: vec![config::Row {
                key: "general.notify".to_owned(),
                value: "true".to_owned(),
                default: "true".to_owned(),
                is_set: false,
            }],
            problems: Vec::new(),
        });
        let mut harness = window(front);
        harness.run();
        press(&mut harness, Modifiers::COMMAND, Key::Num0);
        for (part, shows) in [
            ("config-section-git", "config-git-here"),
            ("config-section-docker", "config-docker-contexts"),
            ("config-section-machines", "config-machines-ssh"),
            ("config-section-keys", "shell-shortcut-list"),
            ("config-section-security", "config-trust-title"),
            ("config-section-about", "config-about-fonts"),
        ] {
            let name = texts.t(part);
            let entry = harness.get_all_by_label(&name).next().expect("it is listed");
            entry.click();
            harness.run();
            assert!(harness.query_by_label(&texts.t(shows)).is_some(), "{part} in {lang:?}");
        }
    }
}
