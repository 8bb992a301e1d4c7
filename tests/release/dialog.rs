//! The window's question before a release: what is no next version is said in words, and can not be asked for; a version that nobody has
//! can be taken back.

use crate::support::window::{Collected, three_workspaces, window_at, workspace};
use chantier::areas::AreaId;
use chantier::areas::page::{Intent, UiIntent};
use chantier::areas::release::{Command, Last, Level, Next, Readiness, Unpushed, Update, Wish};
use chantier::base::Lang;
use chantier::base::settings::ThemeChoice;
use chantier::msg;
use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::Queryable;

fn readiness() -> Readiness {
    Readiness {
        package: None,
        head: "0".repeat(40),
        branch: Some("main".to_owned()),
        last: Some(Last {
            version: "0.4.0".to_owned(),
            tag: "v0.4.0".to_owned(),
            commit: "1".repeat(40),
            at: None,
        }),
        newest: Some("0.4.0".to_owned()),
        next: Some(Next {
            version: "0.4.1".to_owned(),
            level: Some(Level::Patch),
            why: msg!("release-why-fix", n = 1),
        }),
        nothing: None,
        tag: Some("v0.4.1".to_owned()),
        changes: Vec::new(),
        n_changes: 1,
        checks: Vec::new(),
        draft: String::new(),
        has_hand_written: false,
        version_files: Vec::new(),
        changelog: "CHANGELOG.md".into(),
        unfinished: None,
        unpushed: Some(Unpushed {
            version: "0.4.0".to_owned(),
            tag: "v0.4.0".to_owned(),
            branch: Some("main".to_owned()),
            remotes: Vec::new(),
        }),
        rehearsed: None,
        bill: None,
        procedure: Vec::new(),
    }
}

#[test]
fn what_is_no_next_version_is_said_and_can_not_be_asked_for() {
    let mut front = Collected::new(ThemeChoice::Dark, Lang::En);
    three_workspaces(&mut front);
    let place = workspace("meteo-api");
    front.tell(Update::Prepared {
        workspace: place.id.clone(),
        readiness: Box::new(readiness()),
    });
    let mut harness = window_at(front, &place, "release", Some("next"));
    assert!(
        harness
            .query_all_by_label_contains("0.4.0 is in this repository only, and can be taken back")
            .next()
            .is_some()
    );
    harness
        .state_mut()
        .ask(Intent::Ui(UiIntent::PageAction(AreaId::Release, "release".to_owned())));
    harness.run();
    harness.get_by_label("Other").click();
    harness.run();
    harness.run();
    let is_run = |command: &chantier::areas::Command| matches!(command, chantier::areas::Command::Release(Command::Run { .. }));
    // The field has the keys without a click.
    for (typed, said) in [
        ("0.3.9", "0.3.9 does not come after 0.4.0"),
        ("0.4.0", "0.4.0 does not come after 0.4.0"),
        ("abc", "Not a version: abc"),
        ("0.5.0", "Release 0.5.0"),
    ] {
        harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
        harness.run();
        harness.event(Event::Text(typed.to_owned()));
        harness.run();
        assert!(harness.query_all_by_label_contains(said).next().is_some(), "{said}");
        harness.state_mut().front().commands.clear();
        harness.key_press_modifiers(Modifiers::NONE, Key::Enter);
        harness.run();
        let is_asked = harness.state_mut().front().commands.iter().any(is_run);
        assert_eq!(is_asked, typed == "0.5.0", "{typed}");
    }
    let wanted = Command::Run {
        workspace: place.clone(),
        wish: Wish::Version {
            version: "0.5.0".to_owned(),
        },
        package: None,
        notes: None,
    };
    assert!(harness.state_mut().front().commands.contains(&wanted.into()));
}
