//! The window over days of work, over a real session: what runs is not asked for twice, one commit of the past is changed by two presses,
//! what is in conflict stands apart, and keys are told.

use super::fixture::Fixture;
use super::page_branching::Front;
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers};
use egui_kittest::kittest::{NodeT, Queryable};
use std::os::unix::fs::PermissionsExt as _;

fn four() -> Fixture {
    let fixture = Fixture::new();
    for name in ["base", "one", "two", "three"] {
        fixture.write(name, "x\n");
        fixture.commit_all(name);
    }
    fixture
}

impl Front {
    fn of_commit(&mut self, commit: &str, act: &str) {
        self.go("history");
        let row = format!("{commit}, Ada Lovelace");
        self.click(&row);
        self.harness.get_all_by_label(&row).next().unwrap().click_secondary();
        crate::support::window::settle(&mut self.harness);
        self.click(act);
    }

    fn types(&mut self, text: &str) {
        self.harness.event(Event::Text(text.to_owned()));
        self.harness.run();
    }
}

#[test]
fn one_commit_of_the_past_is_reworded_joined_or_dropped_at_once() {
    let mut front = Front::open(four());
    front.of_commit("two", "Reword…");
    let name = format!("Message of {}", front.git(&["rev-parse", "--short=7", "HEAD~1"]));
    front.wait_for(&name);
    front.harness.get_by_role_and_label(Role::MultilineTextInput, &name).focus();
    front.harness.run();
    front.types(" is better");
    front.press("Rebase 2 commits");
    assert_eq!(front.git(&["log", "--format=%s"]), "three\ntwo is better\none\nbase");
    front.of_commit("three", "Drop…");
    front.press("Rebase one commit");
    assert_eq!(front.git(&["log", "--format=%s"]), "two is better\none\nbase");
    front.of_commit("two is better", "Squash into the one below…");
    front.press("Rebase 2 commits");
    assert_eq!(front.git(&["log", "--format=%s"]), "one\nbase");
    assert_eq!(front.git(&["ls-files"]), "base\none\ntwo");
}

#[test]
fn a_whole_commit_is_one_scroll() {
    let fixture = four();
    fixture.write("a.txt", "first\n");
    fixture.write("b.txt", "second\n");
    fixture.commit_all("both");
    let mut front = Front::open(fixture);
    front.go("history");
    front.click("both, Ada Lovelace");
    front.click("All differences of the commit");
    for name in ["a.txt", "b.txt"] {
        let heads = front.harness.query_all_by_role_and_label(Role::DisclosureTriangle, name);
        assert_eq!(heads.count(), 1, "{name}");
    }
    front.press("Close the difference");
    assert_eq!(
        front
            .harness
            .query_all_by_role_and_label(Role::DisclosureTriangle, "b.txt")
            .count(),
        0
    );
}

#[test]
fn files_in_conflict_stand_apart_and_are_not_staged_with_the_others() {
    let fixture = Fixture::new();
    fixture.write("f.txt", "1\n");
    fixture.write("other.txt", "1\n");
    fixture.commit_all("base");
    fixture.run(&["switch", "-q", "-c", "side"]);
    fixture.write("f.txt", "theirs\n");
    fixture.commit_all("theirs");
    fixture.run(&["switch", "-q", "main"]);
    fixture.write("f.txt", "ours\n");
    fixture.commit_all("ours");
    fixture.try_run(&fixture.root, &["merge", "-q", "side"]);
    fixture.write("other.txt", "2\n");
    let mut front = Front::open(fixture);
    front.go("changes");
    front.wait_for("In conflict 1");
    front.wait_for("Not staged 1");
    front.click("Stage all");
    assert_eq!(front.git(&["status", "--porcelain"]), "UU f.txt\nM  other.txt");
    // The text of a conflict has the keys as soon as it is asked for.
    front.click("f.txt, in conflict");
    front.press("Edit");
    let text = front
        .harness
        .get_by_role_and_label(Role::MultilineTextInput, "Result of conflict 1");
    assert!(text.accesskit_node().is_focused());
}

#[test]
fn a_commit_that_is_being_made_is_not_asked_for_twice_and_can_be_stopped() {
    let fixture = Fixture::new();
    fixture.write("f", "1\n");
    fixture.commit_all("base");
    fixture.write("f", "2\n");
    fixture.run(&["add", "f"]);
    let hook = fixture.path(".git/hooks/pre-commit");
    std::fs::create_dir_all(hook.parent().unwrap()).unwrap();
    std::fs::write(&hook, "#!/bin/sh\nwhile [ ! -e .git/go ]; do sleep 0.1; done\n").unwrap();
    std::fs::set_permissions(&hook, std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut front = Front::open(fixture);
    front.go("changes");
    front.harness.get_by_label("First line of the message").focus();
    front.harness.run();
    front.types("Change f");
    let commits = |front: &Front| {
        let jobs = front.harness.state().model().jobs.clone();
        jobs.rows().filter(|job| job.title.key == "code-job-commit").count()
    };
    front.harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    front.wait_for("Stop the commit");
    front.harness.key_press_modifiers(Modifiers::COMMAND, Key::Enter);
    front.harness.step();
    front.wait_for("Committing…");
    assert_eq!(commits(&front), 1);
    front.press("Stop the commit");
    assert_eq!(front.git(&["rev-list", "--count", "HEAD"]), "1");
    front.fixture.write(".git/go", "");
    front.key(Modifiers::COMMAND, Key::Enter);
    assert_eq!(front.git(&["log", "-1", "--format=%s"]), "Change f");
    // There is nothing to commit: that is no success.
    let done = front.harness.query_all_by_role_and_label(Role::Image, "done").count();
    front.key(Modifiers::COMMAND, Key::Enter);
    front.wait_for("Nothing is staged");
    // The words of the one before may be gone by now.
    assert!(front.harness.query_all_by_role_and_label(Role::Image, "done").count() <= done);
}

#[test]
fn the_list_of_shortcuts_has_the_keys_of_the_tab() {
    let fixture = Fixture::new();
    fixture.write("f", "1\n");
    fixture.commit_all("base");
    let mut front = Front::open(fixture);
    for (tab, words) in [
        ("changes", "Stage or unstage the row"),
        ("history", "All differences of the commit"),
        ("undo", "Take the step back, or do it again"),
    ] {
        front.go(tab);
        front.types("?");
        front.wait_for(words);
        front.key(Modifiers::NONE, Key::Escape);
    }
}

/// Of branches that other programs make, move and remove nothing old is shown, and each stands under its own heading.
#[test]
fn branches_follow_what_others_do() {
    let mut front = Front::open(four());
    front.go("branches");
    front.wait_for("main");
    front.fixture.run(&["branch", "outside"]);
    front.wait_for("outside");
    // The newest first: what was first comes to stand behind it.
    front.fixture.run(&["update-ref", "refs/remotes/far/away", "HEAD~1"]);
    front.wait_for("far/away");
    front.fixture.run(&["commit", "-q", "--allow-empty", "-m", "four"]);
    front.fixture.run(&["update-ref", "refs/remotes/far/away", "HEAD"]);
    front.fixture.run(&["branch", "-D", "outside"]);
    let until = std::time::Instant::now() + std::time::Duration::from_mins(1);
    while front.harness.query_all_by_label("outside").next().is_some() {
        assert!(std::time::Instant::now() < until, "it is gone");
        front.harness.step();
        std::thread::park_timeout(std::time::Duration::from_millis(20));
    }
    let top = |label: &str| front.harness.get_all_by_label(label).next().unwrap().rect().top();
    let (local, remote) = (top("Local branches"), top("Remote branches"));
    assert!(local < top("main") && top("main") < remote, "main is a branch of here");
    assert!(remote < top("far/away"), "far/away is one of another place");
}

/// A message that was written before comes back as it was.
#[test]
fn an_earlier_message_has_its_lines() {
    let fixture = four();
    fixture.run(&[
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        "the subject",
        "-m",
        "a body\nof two lines",
    ]);
    let front = Front::open(fixture);
    let model = front.harness.state().model();
    let workspace = model.devops.infos()[0].workspace.id.clone();
    let help = &model.code.repo(&workspace).unwrap().commit_help;
    assert_eq!(help.messages[0], "the subject\n\na body\nof two lines");
    assert_eq!(help.summaries[0], "the subject");
}

/// The box for the message grows with what stands in it, and its button stays in the window in every frame.
#[test]
fn the_button_of_a_commit_is_whole_while_the_box_grows() {
    let fixture = four();
    let body: String = (0..12).map(|n| format!("line {n}\n")).collect();
    fixture.run(&["commit", "-q", "--allow-empty", "-m", "the subject", "-m", &body]);
    let mut front = Front::open(fixture);
    front.go("changes");
    front.wait_for("Amend");
    front.harness.get_by_label("Amend").click();
    let mut is_seen = false;
    for _ in 0..200 {
        front.harness.step();
        let bottom = front.harness.ctx.content_rect().bottom();
        if let Some(button) = front.harness.query_by_role_and_label(Role::Button, "Amend the last commit") {
            let mut nodes = front.harness.root().children_recursive();
            is_seen |= nodes.any(|node| node.accesskit_node().value().as_deref() == Some("the subject"));
            assert!(button.rect().bottom() <= bottom, "{:?} below {bottom}", button.rect());
        }
        std::thread::park_timeout(std::time::Duration::from_millis(5));
    }
    assert!(is_seen, "the message to amend stands there");
}

/// Where a terminal commits while the box is open, the message of one commit is not put onto the other.
#[test]
fn amending_is_of_the_commit_that_is_the_last_one() {
    let mut front = Front::open(four());
    let stands = |front: &mut Front, message: &str| {
        let until = std::time::Instant::now() + std::time::Duration::from_mins(1);
        let is_there = |front: &Front| {
            let mut nodes = front.harness.root().children_recursive();
            nodes.any(|node| node.accesskit_node().value().as_deref() == Some(message))
        };
        while !is_there(front) {
            assert!(std::time::Instant::now() < until, "{message}: not within a minute");
            front.harness.step();
            std::thread::park_timeout(std::time::Duration::from_millis(20));
        }
    };
    front.go("changes");
    front.wait_for("Amend");
    front.harness.get_by_label("Amend").click();
    stands(&mut front, "three");
    front.fixture.run(&["commit", "-q", "--allow-empty", "-m", "by a terminal"]);
    stands(&mut front, "by a terminal");
    front.press("Amend the last commit");
    assert_eq!(front.git(&["log", "-2", "--format=%s"]), "by a terminal\nthree");
    // One that was meant by its id, and is not the last one any more, is left alone.
    let workspace = front.harness.state().model().devops.infos()[0].workspace.clone();
    let amend = chantier::areas::code::act::Act::Commit(chantier::base::repo::CommitAct {
        message: "onto another".to_owned(),
        is_amend: true,
        amends: Some(front.git(&["rev-parse", "HEAD~1"])),
        ..Default::default()
    });
    let command = chantier::areas::Command::from(amend.on(&workspace));
    front.harness.state_mut().ask(chantier::areas::page::Intent::Do(command));
    crate::support::window::settle(&mut front.harness);
    assert_eq!(front.git(&["log", "-1", "--format=%s"]), "by a terminal");
}
