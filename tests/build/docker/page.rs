//! The engine's tabs in the window: what is shown, what is asked, and what stands while the engine is away.

use crate::support::window::{Collected, now, three_workspaces, window, workspace};
use chantier::adapters::docker::ContainerAct;
use chantier::areas::Command;
use chantier::areas::build::docker::{Command as Words, Update};
use chantier::areas::build::{self, bisect};
use chantier::areas::devops::{self, terminal::TerminalPlace};
use chantier::areas::page::{Intent, UiIntent};
use chantier::base::docker::{
    BuildStep, ContainerRow, Holdings, Image, Kind, NetworkRow, PruneItem, PrunePlan, PruneWhat, StepState, VolumeRow,
};
use chantier::base::settings::ThemeChoice;
use chantier::base::{Lang, Problem, Target};
use chantier::msg;
use chantier::shell::App;
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;

fn held() -> Holdings {
    let image = |id: &str, tag: &str, users: &[&str]| Image {
        id: format!("sha256:{id}"),
        tags: Some(tag.to_owned()).filter(|tag| !tag.is_empty()).into_iter().collect(),
        bytes: 12_000_000,
        users: users.iter().map(|user| (*user).to_owned()).collect(),
        created_at: Some(now()),
        ..Image::default()
    };
    Holdings {
        images: vec![image("aaaa", "shop/web:1.2.0", &["shop-web-1"]), image("bbbb", "", &[])],
        containers: vec![ContainerRow {
            id: "cccc".to_owned(),
            name: "shop-web-1".to_owned(),
            image: "shop/web:1.2.0".to_owned(),
            image_id: "sha256:aaaa".to_owned(),
            state: "running".to_owned(),
            status: "Up 2 hours".to_owned(),
            ports: vec!["8080->80/tcp".to_owned()],
            ..ContainerRow::default()
        }],
        volumes: vec![VolumeRow {
            name: "shop_data".to_owned(),
            driver: "local".to_owned(),
            users: vec!["shop-web-1".to_owned()],
            ..VolumeRow::default()
        }],
        networks: vec![NetworkRow {
            id: "dddd".to_owned(),
            name: "shop_default".to_owned(),
            driver: "bridge".to_owned(),
            ..NetworkRow::default()
        }],
        ..Holdings::default()
    }
}

fn tell(front: &mut Collected, update: Update) {
    front.tell(build::Update::Docker(update));
}

fn asked(commands: &[Command]) -> Vec<&Words> {
    commands
        .iter()
        .filter_map(|command| match command {
            Command::Build(build::Command::Docker(words)) => Some(words),
            _ => None,
        })
        .collect()
}

fn go(tab: &str) -> Intent {
    Intent::Go(Target::Page {
        area: "build".to_owned(),
        tab: Some(tab.to_owned()),
    })
}

/// The window while an engine answers that holds something.
fn holding(theme: ThemeChoice, lang: Lang) -> Harness<'static, App<Collected>> {
    let mut front = Collected::new(theme, lang);
    three_workspaces(&mut front);
    tell(
        &mut front,
        Update::Seen {
            at: now(),
            held: Box::new(held()),
        },
    );
    let mut harness = window(front);
    harness.run();
    harness
}

#[test]
fn what_the_engine_holds_is_shown_followed_and_unknown_while_it_is_away() {
    for lang in [Lang::En, Lang::Fr] {
        let mut harness = holding(ThemeChoice::Dark, lang);
        harness.state_mut().ask(go("containers"));
        harness.run();
        harness.get_by_label("shop-web-1, running").click();
        harness.run();
        let commands = std::mem::take(&mut harness.state_mut().front().commands);
        let words = asked(&commands);
        assert!(words.iter().any(|words| matches!(words, Words::Watch { .. })), "{words:?}");
        let follows = |words: &&Words| matches!(words, Words::Logs { container, follow: true, .. } if container == "cccc");
        assert!(words.iter().any(follows), "{words:?}");
        assert!(
            words.iter().any(|words| matches!(words, Words::Stats { once: false, .. })),
            "{words:?}"
        );
        let shows = |words: &&Words| matches!(words, Words::Show { kind: Kind::Container, name } if name == "cccc");
        assert!(words.iter().any(shows), "{words:?}");
        // Stopping asks first.
        let stop = if lang == Lang::En { "Stop" } else { "Arrêter" };
        harness.get_all_by_label(stop).next().unwrap().click();
        harness.run();
        assert!(
            asked(&harness.state_mut().front().commands)
                .iter()
                .all(|words| !matches!(words, Words::Act { .. }))
        );
        harness.get_all_by_label(stop).last().unwrap().click();
        harness.run();
        let commands = std::mem::take(&mut harness.state_mut().front().commands);
        let stops = Words::Act {
            containers: vec!["cccc".to_owned()],
            act: ContainerAct::Stop,
        };
        assert!(asked(&commands).contains(&&stops), "{commands:?}");
        // Away: the row stays, and is unknown.
        let problem = Problem::environment(msg!("docker-away")).code("no-engine");
        tell(harness.state_mut().front(), Update::Lost { problem });
        harness.run();
        let unknown = if lang == Lang::En { "unknown" } else { "inconnu" };
        assert!(harness.query_all_by_label(unknown).next().is_some(), "{lang:?}");
        assert!(harness.query_all_by_label("shop-web-1, running").next().is_some());
    }
}

/// A shell in a running container opens where terminals are, also for one that Chantier knows only as a container.
#[test]
fn a_terminal_opens_in_a_container_of_the_page() {
    let mut harness = holding(ThemeChoice::Dark, Lang::En);
    harness.state_mut().ask(go("containers"));
    harness.run();
    harness.get_by_label("shop-web-1, running").click();
    harness.run();
    harness.state_mut().front().commands.clear();
    harness.get_all_by_label("Shell").next().expect("it is offered").click();
    harness.run();
    let commands = std::mem::take(&mut harness.state_mut().front().commands);
    let place = TerminalPlace::Container {
        id: "cccc".to_owned(),
        name: "shop-web-1".to_owned(),
    };
    let opens = Command::DevOps(devops::Command::OpenTerminal { place });
    assert!(commands.contains(&opens), "{commands:?}");
}

#[test]
fn pruning_lists_what_goes_and_volumes_are_typed_for() {
    let mut harness = holding(ThemeChoice::Light, Lang::En);
    harness
        .state_mut()
        .ask(Intent::Ui(UiIntent::SelectWorkspace(Some(workspace("meteo-api").id))));
    harness.state_mut().ask(go("disk"));
    harness.run();
    harness.get_by_label("Remove what nothing uses…").click();
    harness.run();
    let what = PruneWhat {
        all_images: false,
        volumes: false,
    };
    let commands = std::mem::take(&mut harness.state_mut().front().commands);
    assert!(asked(&commands).contains(&&Words::PlanPrune { what }), "{commands:?}");
    let plan = PrunePlan {
        what,
        items: vec![PruneItem {
            kind: Kind::Image,
            id: "sha256:bbbb".to_owned(),
            name: "bbbb".to_owned(),
            bytes: 12_000_000,
            follows: false,
            tags: Vec::new(),
            made_at: None,
        }],
        bytes: 12_000_000,
    };
    tell(harness.state_mut().front(), Update::PrunePlanned { plan: plan.clone() });
    harness.run();
    assert!(harness.query_all_by_label("bbbb").next().is_some());
    harness.get_by_label("Remove").click();
    harness.run();
    let commands = std::mem::take(&mut harness.state_mut().front().commands);
    assert!(asked(&commands).contains(&&Words::Prune { plan }), "{commands:?}");
}

#[test]
fn a_build_is_shown_step_by_step_and_a_search_narrows() {
    let mut front = Collected::new(ThemeChoice::Dark, Lang::En);
    three_workspaces(&mut front);
    tell(
        &mut front,
        Update::Seen {
            at: now(),
            held: Box::new(held()),
        },
    );
    tell(
        &mut front,
        Update::BuildStarted {
            folder: "/srv/shop".into(),
            tags: vec!["shop/web:1.2.1".to_owned()],
            at: now(),
        },
    );
    for (number, state) in [(1, StepState::Cached), (2, StepState::Running)] {
        let step = BuildStep {
            number,
            total: 3,
            instruction: format!("RUN step {number}"),
            line: Some(number * 2),
            state,
            ..BuildStep::default()
        };
        tell(&mut front, Update::StepChanged { step: Box::new(step) });
    }
    let search = bisect::Search {
        key: "k".to_owned(),
        spec: bisect::Spec::new(
            bisect::Question::Task {
                task: "task:check".to_owned(),
            },
            None,
        ),
        good: "1".repeat(40),
        bad: "2".repeat(40),
        reading: bisect::search::Reading::default(),
        n_range: 1000,
        n_left: 31,
        at_once: 1,
        looks: Vec::new(),
        started_at: now(),
        ended: None,
        is_running: false,
    };
    front.tell(build::Update::Bisect {
        workspace: workspace("meteo-api").id,
        update: bisect::Update::Changed {
            search: Box::new(search),
        },
    });
    let mut harness = window(front);
    harness.run();
    harness
        .state_mut()
        .ask(Intent::Ui(UiIntent::SelectWorkspace(Some(workspace("meteo-api").id))));
    harness.state_mut().ask(go("images"));
    harness.run();
    for words in ["RUN step 1", "cached", "running", "Building shop/web:1.2.1"] {
        assert!(harness.query_all_by_label(words).next().is_some(), "{words}");
    }
    harness.state_mut().ask(go("bisect"));
    harness.run();
    harness.get_all_by_label("task:check").next().unwrap().click();
    harness.run();
    assert!(harness.query_all_by_label("31 / 1000").next().is_some());
    harness.state_mut().front().commands.clear();
    harness.get_all_by_label("Go on").next().unwrap().click();
    harness.run();
    let commands = std::mem::take(&mut harness.state_mut().front().commands);
    let resumes = |command: &Command| matches!(command, Command::Build(build::Command::Bisect(bisect::Command::Run { spec, .. })) if spec.good.is_some());
    assert!(commands.iter().any(resumes), "{commands:?}");
}
