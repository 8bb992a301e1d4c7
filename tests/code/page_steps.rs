//! The window follows what is done elsewhere, says what it took back, and shows what was chosen whole.

use super::fixture::{Fixture, path};
use super::page_branching::Front;
use chantier::adapters::git::Git;
use egui::accesskit::Role;
use egui::{Event, Modifiers, MouseWheelSource, MouseWheelUnit, TouchPhase, vec2};
use egui_kittest::kittest::Queryable;

/// Another program stages the file.
fn stage_elsewhere(fixture: &Fixture, name: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let git: &Git = &fixture.git;
    let done = runtime.block_on(git.stage(fixture.repo(), &[path(name)], fixture.at(), &fixture.cancel));
    assert!(done.unwrap().undo.is_some());
}

#[test]
fn steps_of_another_program_are_listed_and_what_is_taken_back_is_said() {
    let fixture = Fixture::new();
    fixture.write("f", "1\n");
    fixture.commit_all("one");
    fixture.write("f", "2\n");
    let mut front = Front::open(fixture);
    front.go("undo");
    stage_elsewhere(&front.fixture, "f");
    front.wait_for("Staged f");
    // With the status as it was, only the timeline itself tells.
    front
        .fixture
        .run(&["update-ref", "refs/chantier/redo/1", "refs/chantier/undo/1"]);
    front.fixture.run(&["update-ref", "-d", "refs/chantier/undo/1"]);
    front.wait_for("Staged f, taken back");
    front
        .fixture
        .run(&["update-ref", "refs/chantier/undo/1", "refs/chantier/redo/1"]);
    front.fixture.run(&["update-ref", "-d", "refs/chantier/redo/1"]);
    while front.harness.query_by_label("Staged f, taken back").is_some() {
        front.harness.step();
        std::thread::park_timeout(std::time::Duration::from_millis(20));
    }
    front.press("Take back the last step");
    front.wait_for("Took back: Staged f");
    assert_eq!(front.git(&["diff", "--cached", "--name-only"]), "");
    // One in the list, and one on the toast.
    let buttons = front.harness.query_all_by_role_and_label(Role::Button, "Redo");
    let toast = buttons.last().unwrap();
    assert_eq!(front.harness.query_all_by_role_and_label(Role::Button, "Redo").count(), 2);
    toast.click();
    front.wait_for("Done again: Staged f");
    assert_eq!(front.git(&["diff", "--cached", "--name-only"]), "f");
}

#[test]
fn a_reword_that_is_chosen_in_the_list_shows_its_message() {
    let fixture = Fixture::new();
    for name in ["base", "one", "two", "three"] {
        fixture.write(name, "x\n");
        fixture.commit_all(name);
    }
    fixture.run(&["branch", "there", "HEAD~3"]);
    let mut front = Front::open(fixture);
    front.go("branches");
    front.click("there");
    front.press_other("Rebase interactively…");
    front.wait_for("Rebase 3 commits");
    // The last row is the selected one: the drop-down is that of the first.
    let first = front
        .harness
        .query_all_by_role_and_label(Role::Button, "Pick")
        .next()
        .unwrap();
    first.click();
    front.harness.run();
    front.click("Reword: another message");
    let name = format!("Message of {}", front.git(&["rev-parse", "--short=7", "HEAD~2"]));
    assert!(
        front
            .harness
            .query_by_role_and_label(Role::MultilineTextInput, &name)
            .is_some()
    );
}

#[test]
fn the_end_of_a_long_line_in_conflict_is_seen() {
    let fixture = Fixture::new();
    let line = |end: &str| {
        format!(
            "pub fn article_21(prix: u32, quantite: u32, remise: u32, tva: u32) -> {}{end}\n",
            "x".repeat(120)
        )
    };
    fixture.write("f.txt", line("base"));
    fixture.commit_all("base");
    fixture.run(&["switch", "-q", "-c", "side"]);
    fixture.write("f.txt", line("theirs"));
    fixture.commit_all("theirs");
    fixture.run(&["switch", "-q", "main"]);
    fixture.write("f.txt", line("ours"));
    fixture.commit_all("ours");
    fixture.try_run(&fixture.root, &["merge", "-q", "side"]);
    let mut front = Front::open(fixture);
    front.go("changes");
    front.click("f.txt, in conflict");
    front.wait_for("Conflict 1");
    let head = front.harness.query_all_by_label("Conflict 1").next().unwrap().rect();
    let on_line = head.center() + vec2(60.0, 28.0);
    front.harness.hover_at(on_line);
    front.harness.run();
    front.wait_for(line("ours").trim_end());
    // The wheel goes sideways: what stands on hover is still the whole line.
    for _ in 0..6 {
        front.harness.event(Event::MouseWheel {
            unit: MouseWheelUnit::Point,
            delta: vec2(-200.0, 0.0),
            phase: TouchPhase::Move,
            source: MouseWheelSource::Wheel,
            modifiers: Modifiers::NONE,
        });
        front.harness.run();
    }
    front.wait_for(line("ours").trim_end());
}

#[test]
fn a_row_that_is_chosen_is_shown_also_when_its_file_came_into_conflict() {
    let fixture = Fixture::new();
    fixture.write("f.txt", "1\n");
    fixture.commit_all("base");
    fixture.run(&["switch", "-q", "-c", "side"]);
    fixture.write("f.txt", "theirs\n");
    fixture.commit_all("theirs");
    fixture.run(&["switch", "-q", "main"]);
    fixture.write("f.txt", "ours\n");
    let mut front = Front::open(fixture);
    front.go("changes");
    front.click("f.txt, modified");
    front.fixture.commit_all("ours");
    front.wait_for("Everything is committed");
    front.fixture.try_run(&front.fixture.root.clone(), &["merge", "-q", "side"]);
    front.wait_for("f.txt, in conflict");
    front.wait_for("Conflict 1");
}

#[test]
fn a_refused_commit_says_the_hooks_own_words() {
    use std::os::unix::fs::PermissionsExt as _;
    let fixture = Fixture::new();
    fixture.write("f", "1\n");
    let hook = fixture.path(".git/hooks/pre-commit");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(
        &hook,
        "#!/bin/sh\necho looking >&2\necho 'no tabs in f, please' >&2\nexit 1\n",
    )
    .unwrap();
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    fixture.run(&["add", "f"]);
    let mut front = Front::open(fixture);
    front.go("changes");
    front.harness.get_by_label("First line of the message").focus();
    front.harness.run();
    front.harness.event(Event::Text("one".to_owned()));
    front.harness.run();
    front.key(Modifiers::COMMAND, egui::Key::Enter);
    front.wait_for("no tabs in f, please");
}
