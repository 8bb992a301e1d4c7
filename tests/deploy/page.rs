//! The page of Deploy while a canary is watched: how the requests are shared, and the ways on and back.

use crate::support::window::{Collected, now, three_workspaces, window_at, workspace};
use chantier::areas::config::Command as Words;
use chantier::areas::deploy::guide::Asks;
use chantier::areas::deploy::{
    Command, Deployable, Deployment, Environment, Kind, Overview, Rollout, Share, Step, StepName, Update, Waits,
};
use chantier::areas::{AreaId, Command as AnyCommand};
use chantier::base::settings::ThemeChoice;
use chantier::base::{Lang, Msg, Problem, State};
use egui::accesskit::Toggled;
use egui_kittest::kittest::{NodeT as _, Queryable};

fn shares() -> Vec<Share> {
    [("2.0.0", 10, 1), ("1.0.0", 90, 4)]
        .map(|(version, percent, n_connections)| Share {
            version: version.to_owned(),
            percent,
            n_servers: 1,
            n_connections,
        })
        .to_vec()
}

/// An environment into which 2.0.0 comes, and that may ask.
pub(super) fn overview(asks: Option<Asks>) -> Overview {
    Overview {
        environments: vec![Environment {
            name: "staging".to_owned(),
            is_protected: false,
            state: State::InProgress,
            live: None,
            stands: None,
            instances: Vec::new(),
            n_wanted: 1,
            returns: Vec::new(),
            locked_by: None,
            urls: Vec::new(),
            strategy: "canary".to_owned(),
            target: "docker".to_owned(),
            traffic: shares(),
            waits: None,
            asks,
            asks_on_failure: false,
            approvals: None,
            rollback: None,
            continuous: None,
            can_scale: false,
            is_left_out: false,
            why: None,
            rehearsal: None,
        }],
        ..Overview::default()
    }
}

/// Its deployment, which is at this step.
pub(super) fn rollout(kind: Kind, name: StepName) -> Rollout {
    Rollout {
        deployment: 3,
        environment: "staging".to_owned(),
        version: "2.0.0".to_owned(),
        commit: None,
        previous: Some("1.0.0".to_owned()),
        kind,
        who: "ada".to_owned(),
        job: None,
        state: State::InProgress,
        started_at: now(),
        ended_at: None,
        steps: vec![Step {
            name,
            state: State::InProgress,
            note: None,
            started_at: Some(now()),
            ended_at: None,
        }],
        gates: Vec::new(),
        traffic: shares(),
        judged: None,
        aborted_by: None,
        asks: None,
        rollback: None,
        problem: None,
    }
}

#[test]
fn a_canary_that_is_watched_shows_its_part_and_is_promoted_or_aborted() {
    let mut front = Collected::new(ThemeChoice::Dark, Lang::En);
    three_workspaces(&mut front);
    let place = workspace("meteo-api");
    let mut overview = overview(None);
    overview.environments[0].waits = Some(Waits {
        deployment: 3,
        version: "2.0.0".to_owned(),
        percent: 10,
        until: None,
        is_judged: false,
    });
    front.tell(Update::Refreshed {
        workspace: place.id.clone(),
        overview: Box::new(overview),
    });
    front.tell(Update::RolloutChanged {
        workspace: place.id.clone(),
        rollout: Box::new(rollout(Kind::Deploy, StepName::Pause)),
    });
    let mut harness = window_at(front, &place, "deploy", None);
    harness.get_by_label("2.0.0 gets 10 %; waits for you");
    assert_eq!(
        harness.get_all_by_label("10 %, one connection").count(),
        2,
        "in the detail and in the rollout"
    );
    for (button, is_meant) in [
        (
            "Promote",
            (|command| matches!(command, Command::Promote { is_full: false, .. })) as fn(&Command) -> bool,
        ),
        ("To 100 %", |command| {
            matches!(command, Command::Promote { is_full: true, .. })
        }),
        ("Abort", |command| matches!(command, Command::Abort { .. })),
    ] {
        harness.get_by_label(button).click();
        harness.run();
        let asked = &harness.state_mut().front().commands;
        let is_asked = asked
            .iter()
            .any(|command| matches!(command, AnyCommand::Deploy(command) if is_meant(command)));
        assert!(is_asked, "{button}: {asked:?}");
    }
}

#[test]
fn while_a_version_comes_the_card_names_both_and_every_step_is_looked_at() {
    let mut front = Collected::new(ThemeChoice::Dark, Lang::En);
    three_workspaces(&mut front);
    let place = workspace("meteo-api");
    let mut overview = overview(None);
    overview.environments[0].live = Some(Deployment {
        state: State::Done,
        version: "1.0.0".to_owned(),
        ..failed()
    });
    front.tell(Update::Refreshed {
        workspace: place.id.clone(),
        overview: Box::new(overview),
    });
    let told = |front: &mut Collected, step: StepName, is_over: bool| {
        let mut rollout = rollout(Kind::Deploy, step);
        rollout.steps[0].ended_at = is_over.then(now);
        front.tell(Update::RolloutChanged {
            workspace: place.id.clone(),
            rollout: Box::new(rollout),
        });
    };
    told(&mut front, StepName::Stop, false);
    let mut harness = window_at(front, &place, "deploy", None);
    harness.get_by_label("staging, 1.0.0 → 2.0.0, changing");
    harness.state_mut().front().commands.clear();
    told(harness.state_mut().front(), StepName::Stop, true);
    harness.run();
    let asked = &harness.state_mut().front().commands;
    let is_asked = asked
        .iter()
        .any(|command| matches!(command, AnyCommand::Deploy(Command::Refresh { .. })));
    assert!(is_asked, "{asked:?}");
}

/// Version 2.0.0, which did not stand in staging.
fn failed() -> Deployment {
    Deployment {
        id: 3,
        environment: "staging".to_owned(),
        version: "2.0.0".to_owned(),
        commit: None,
        kind: Kind::Deploy,
        state: State::Failed,
        who: "ada".to_owned(),
        job: None,
        started_at: now(),
        ended_at: Some(now()),
        healthy_from: None,
        healthy_until: None,
        problem: Some(Problem::environment(Msg::verbatim("/health answered 503"))),
        backup: None,
    }
}

#[test]
fn a_version_that_failed_there_is_not_proposed_and_the_dialog_says_why() {
    let mut front = Collected::new(ThemeChoice::Dark, Lang::En);
    three_workspaces(&mut front);
    let place = workspace("meteo-api");
    let mut overview = overview(None);
    overview.environments[0].state = State::Running;
    overview.releases = vec![Deployable {
        version: "2.0.0".to_owned(),
        commit: "3f9c2ab0123456789abcdef0123456789abcdef0".to_owned(),
        at: now(),
    }];
    overview.history = vec![failed()];
    assert!(overview.failed_in("staging", "2.0.0").is_some());
    assert!(overview.failed_in("production", "2.0.0").is_none(), "there it was not tried");
    let mut later = overview.clone();
    let healthy = Deployment {
        id: 4,
        state: State::Done,
        healthy_from: Some(now()),
        ..overview.history[0].clone()
    };
    later.history.insert(0, healthy);
    assert!(later.failed_in("staging", "2.0.0").is_none(), "it stood there since");
    front.tell(Update::Refreshed {
        workspace: place.id.clone(),
        overview: Box::new(overview),
    });
    let mut harness = window_at(front, &place, "deploy", None);
    assert!(harness.query_by_label("Deploy 2.0.0…").is_none());
    harness.get_by_label("Deploy…").click();
    harness.run();
    harness.get_by_label_contains("/health answered 503");
    harness.get_by_label("Deployment 3").click();
    harness.run();
    assert!(harness.query_by_label("Deployment 3").is_none(), "the dialog is closed");
    assert_eq!(harness.state().view().tab(AreaId::Deploy), "history");
}

/// The button of an empty page opens the file that fills it.
#[test]
fn where_the_project_file_says_nothing_a_button_opens_it() {
    let place = workspace("meteo-api");
    let nothing = |front: &mut Collected| {
        three_workspaces(front);
        front.tell(Update::Refreshed {
            workspace: place.id.clone(),
            overview: Box::default(),
        });
        front.tell(chantier::areas::monitor::Update::ChecksLoaded {
            workspace: place.id.clone(),
            checks: Vec::new(),
        });
    };
    for (area, tab, button) in [
        ("deploy", None, "Edit chantier.toml"),
        ("monitor", Some("checks"), "Edit the checks"),
    ] {
        let mut front = Collected::new(ThemeChoice::Dark, Lang::En);
        nothing(&mut front);
        let mut harness = window_at(front, &place, area, tab);
        harness.get_by_label(button).click();
        harness.run();
        let asked = &harness.state_mut().front().commands;
        let is_asked = asked.iter().any(
            |command| matches!(command, AnyCommand::Config(Words::EditProject { workspace, .. }) if workspace.id == place.id),
        );
        assert!(is_asked, "{area}: {asked:?}");
    }
}

/// Two environments, the first chosen: F6 goes to its card, the arrows from card to card.
#[test]
fn the_cards_are_gone_through_with_the_keys() {
    let mut front = Collected::new(ThemeChoice::Dark, Lang::En);
    three_workspaces(&mut front);
    let place = workspace("meteo-api");
    let mut overview = overview(None);
    let second = Environment {
        name: "production".to_owned(),
        ..overview.environments[0].clone()
    };
    overview.environments.push(second);
    front.tell(Update::Refreshed {
        workspace: place.id.clone(),
        overview: Box::new(overview),
    });
    let mut harness = window_at(front, &place, "deploy", None);
    let is_focused =
        |harness: &egui_kittest::Harness<'_, _>, name: &str| harness.get_by_label(name).accesskit_node().is_focused();
    let is_chosen = |harness: &egui_kittest::Harness<'_, _>, name: &str| harness.get_by_label(name).accesskit_node().toggled();
    let (first, second) = ("staging, –, changing", "production, –, changing");
    harness.key_press(egui::Key::F6);
    harness.run();
    harness.run();
    assert!(is_focused(&harness, first));
    harness.key_press(egui::Key::ArrowRight);
    harness.run();
    harness.run();
    assert!(is_focused(&harness, second));
    assert_eq!(is_chosen(&harness, second), Some(Toggled::True));
    harness.key_press(egui::Key::ArrowLeft);
    harness.run();
    harness.run();
    assert!(is_focused(&harness, first));
    assert_eq!(is_chosen(&harness, second), Some(Toggled::False));
}

/// Why it failed stands above how it went, and what will never come is not said to wait.
#[test]
fn of_a_deployment_that_failed_the_reason_comes_first() {
    let mut front = Collected::new(ThemeChoice::Dark, Lang::En);
    three_workspaces(&mut front);
    let place = workspace("meteo-api");
    front.tell(Update::Refreshed {
        workspace: place.id.clone(),
        overview: Box::new(overview(None)),
    });
    let mut failed_one = rollout(Kind::Deploy, StepName::Gate);
    failed_one.state = State::Failed;
    failed_one.ended_at = Some(now());
    failed_one.steps[0].state = State::Failed;
    failed_one.steps.push(Step {
        name: StepName::Verify,
        state: State::Queued,
        note: None,
        started_at: None,
        ended_at: None,
    });
    failed_one.problem = failed().problem;
    front.tell(Update::RolloutChanged {
        workspace: place.id.clone(),
        rollout: Box::new(failed_one),
    });
    let harness = window_at(front, &place, "deploy", None);
    let top = |name: &str| harness.get_by_label(name).rect().top();
    assert!(top("/health answered 503") < top("Health gates"));
    harness.get_by_label("Not reached");
}

#[test]
fn every_instance_of_an_environment_can_be_opened() {
    let mut front = Collected::new(ThemeChoice::Dark, Lang::En);
    three_workspaces(&mut front);
    let place = workspace("meteo-api");
    let mut overview = overview(None);
    let urls: Vec<String> = (1..=3).map(|n| format!("http://127.0.0.1:808{n}/")).collect();
    overview.environments[0].urls.clone_from(&urls);
    front.tell(Update::Refreshed {
        workspace: place.id.clone(),
        overview: Box::new(overview),
    });
    let mut harness = window_at(front, &place, "deploy", None);
    harness.key_press_modifiers(egui::Modifiers::COMMAND, egui::Key::K);
    harness.run();
    harness.event(egui::Event::Text("open http".to_owned()));
    harness.run();
    for url in urls {
        assert!(harness.query_all_by_label_contains(&url).next().is_some(), "{url}");
    }
}
