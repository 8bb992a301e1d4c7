//! The page of Release: versions by environments, and what is asked before one is withdrawn.

use crate::support::window::{Collected, now, three_workspaces, window_at, workspace};
use chantier::areas::AreaId;
use chantier::areas::devops::project;
use chantier::areas::page::{Intent, UiIntent};
use chantier::areas::release::{Check, Command, Deliverable, Delivered, Place, Update, Word, journal};
use chantier::base::settings::ThemeChoice;
use chantier::base::{Catalog, Lang, State, Target};
use chantier::msg;
use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::Queryable;
use std::path::Path;

fn made(version: &str, withdrawn: Option<&str>, places: Vec<Place>) -> Deliverable {
    Deliverable {
        id: 7,
        version: version.to_owned(),
        commit: "0123456789abcdef0123456789abcdef01234567".to_owned(),
        tag: Some(format!("v{version}")),
        previous: None,
        at: now(),
        notes: String::new(),
        withdrawn: withdrawn.map(str::to_owned),
        words: Vec::new(),
        artifacts: vec![Delivered {
            name: "app".to_owned(),
            path: "/srv/app".into(),
            sha256: "ab".repeat(32),
            bytes: 12,
        }],
        places,
        steps: Vec::new(),
    }
}

#[test]
fn a_version_is_withdrawn_with_a_reason_and_the_matrix_says_where_it_is() {
    let mut front = Collected::new(ThemeChoice::Dark, Lang::En);
    three_workspaces(&mut front);
    let place = workspace("meteo-api");
    let runs = Place {
        environment: "production".to_owned(),
        deployment: 3,
        since: now(),
        until: None,
        has_failed: false,
    };
    let tried = Place {
        environment: "staging".to_owned(),
        until: Some(now()),
        has_failed: true,
        ..runs.clone()
    };
    let elsewhere = Deliverable {
        id: 0,
        ..made("0.9.0", None, Vec::new())
    };
    front.tell(Update::Listed {
        workspace: place.id.clone(),
        deliverables: vec![
            made("2.0.0", None, vec![runs, tried]),
            made("1.0.0", Some("loses letters"), Vec::new()),
            elsewhere,
        ],
        environments: vec!["staging".to_owned(), "production".to_owned()],
    });
    let check = |name, state, found| Check {
        name,
        state,
        found,
        hint: None,
        target: None,
    };
    front.tell(Update::Verified {
        workspace: place.id.clone(),
        version: "2.0.0".to_owned(),
        checks: vec![
            check(
                msg!("release-verify-file", name = "app"),
                State::Done,
                msg!("release-verify-same", sum = "ab"),
            ),
            check(msg!("release-verify-signature"), State::None, msg!("release-verify-unsigned")),
        ],
    });
    let mut harness = window_at(front, &place, "release", Some("matrix"));
    for label in ["staging", "production", "2.0.0", "1.0.0"] {
        assert!(harness.query_all_by_label_contains(label).next().is_some(), "{label}");
    }
    assert!(
        harness.query_all_by_label_contains("failed").next().is_some(),
        "it was tried in staging"
    );
    assert!(
        harness.query_all_by_label_contains("0.9.0").next().is_none(),
        "only tagged elsewhere"
    );
    harness.state_mut().ask(Intent::Go(Target::Release {
        workspace: place.id.clone(),
        version: "2.0.0".to_owned(),
    }));
    harness.run();
    assert!(
        harness
            .query_all_by_label_contains("One file as it was made")
            .next()
            .is_some()
    );

    let ask = UiIntent::PageAction(AreaId::Release, "withdraw:2.0.0".to_owned());
    harness.state_mut().ask(Intent::Ui(ask));
    harness.run();
    harness.state_mut().front().commands.clear();
    // Without a reason Enter withdraws nothing; the field has the keys without a click.
    harness.key_press_modifiers(Modifiers::NONE, Key::Enter);
    harness.run();
    let wanted = |reason: &str| {
        chantier::areas::Command::from(Command::Withdraw {
            workspace: place.clone(),
            version: "2.0.0".to_owned(),
            reason: Some(reason.to_owned()),
        })
    };
    let is_withdrawing =
        |command: &chantier::areas::Command| matches!(command, chantier::areas::Command::Release(Command::Withdraw { .. }));
    assert!(!harness.state_mut().front().commands.iter().any(is_withdrawing));
    harness.event(Event::Text("says good-bye".to_owned()));
    harness.run();
    harness.key_press_modifiers(Modifiers::NONE, Key::Enter);
    harness.run();
    assert!(harness.state_mut().front().commands.contains(&wanted("says good-bye")));
}

#[test]
fn a_step_that_waits_is_confirmed_with_a_note_and_says_where_the_way_back_ends() {
    let mut front = Collected::new(ThemeChoice::Dark, Lang::En);
    three_workspaces(&mut front);
    let place = workspace("meteo-api");
    let text = "[[release.step]]\nkind = \"confirm\"\nname = \"smoke\"\ntext = \"Look at staging\"\n\
                [[release.step]]\nkind = \"tag\"\n[[release.step]]\nkind = \"publish\"\n";
    let (project, problems) = project::parse(text, Path::new("chantier.toml"));
    assert!(problems.is_empty(), "{problems:?}");
    let mut steps = journal::proposed("2.0.0", &project.release.steps);
    steps[0].state = State::Done;
    steps[1].waits = true;
    front.tell(Update::StepsTold {
        workspace: place.id.clone(),
        steps,
    });
    let mut harness = window_at(front, &place, "release", Some("procedure"));
    for label in [
        "Waits for somebody to confirm: smoke",
        "Look at staging",
        "From here on nothing can be taken back: others have the version",
    ] {
        assert!(harness.query_all_by_label_contains(label).next().is_some(), "{label}");
    }
    harness.get_by_label("What was looked at, and what was seen").focus();
    harness.run();
    harness.event(Event::Text("greets Ana".to_owned()));
    harness.run();
    harness.state_mut().front().commands.clear();
    harness.get_by_label("Confirm").click();
    harness.run();
    let wanted = chantier::areas::Command::from(Command::Confirm {
        workspace: place.clone(),
        step: "smoke".to_owned(),
        note: "greets Ana".to_owned(),
        evidence: None,
    });
    assert!(harness.state_mut().front().commands.contains(&wanted));
}

/// A version that was tagged elsewhere is told and blocked like those that were made here.
#[test]
fn who_withdrew_a_version_and_why_stands_beside_it_and_it_can_be_made_good_again() {
    let mut front = Collected::new(ThemeChoice::Dark, Lang::En);
    three_workspaces(&mut front);
    let place = workspace("meteo-api");
    let word = Word {
        by: "Ana <ana@example.org>".to_owned(),
        at: now(),
        reason: Some("loses letters".to_owned()),
    };
    let said = Catalog::new(Lang::En).msg(&word.line());
    let elsewhere = Deliverable {
        id: 0,
        artifacts: Vec::new(),
        words: vec![word],
        ..made("0.9.0", Some("loses letters"), Vec::new())
    };
    front.tell(Update::Listed {
        workspace: place.id.clone(),
        deliverables: vec![elsewhere],
        environments: Vec::new(),
    });
    let mut harness = window_at(front, &place, "release", Some("deliverables"));
    harness.state_mut().ask(Intent::Go(Target::Release {
        workspace: place.id.clone(),
        version: "0.9.0".to_owned(),
    }));
    harness.run();
    assert!(harness.query_all_by_label_contains(&said).next().is_some(), "{said}");
    harness.state_mut().front().commands.clear();
    harness.get_by_label("Make good again").click();
    harness.run();
    let wanted = chantier::areas::Command::from(Command::Withdraw {
        workspace: place.clone(),
        version: "0.9.0".to_owned(),
        reason: None,
    });
    assert!(harness.state_mut().front().commands.contains(&wanted));
}
