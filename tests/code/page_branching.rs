//! Branches, the banner, the rebase list and the conflict editor over a real session: by names and by keys alone.

use super::fixture::Fixture;
use crate::support::window::{Real, settle, window};
use chantier::areas::page::{Intent, UiIntent};
use chantier::areas::{AreaId, devops};
use chantier::base::settings::ThemeChoice;
use chantier::base::{Lang, Target, Workspace};
use chantier::shell::App;
use egui::accesskit::Role;
use egui::{Key, Modifiers};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use std::time::{Duration, Instant};

pub(crate) struct Front {
    pub(crate) harness: Harness<'static, App<Real>>,
    pub(crate) fixture: Fixture,
}

impl Front {
    pub(crate) fn open(fixture: Fixture) -> Self {
        let front = Real::open(&fixture.dir.path().join("home"), ThemeChoice::Dark, Lang::En);
        let workspace = Workspace::at(&fixture.root);
        front.session.world.trust().trust(&workspace).unwrap();
        let mut harness = window(front);
        harness.step();
        let add = devops::Command::AddWorkspace {
            path: fixture.root.clone(),
            group: String::new(),
        };
        harness.state_mut().ask(Intent::Do(add.into()));
        settle(&mut harness);
        harness
            .state_mut()
            .ask(Intent::Ui(UiIntent::SelectWorkspace(Some(workspace.id))));
        harness.key_press_modifiers(Modifiers::COMMAND, Key::Num3);
        settle(&mut harness);
        Self { harness, fixture }
    }

    pub(crate) fn go(&mut self, tab: &str) {
        self.harness.state_mut().ask(Intent::Go(Target::Page {
            area: AreaId::Code.word().to_owned(),
            tab: Some(tab.to_owned()),
        }));
        settle(&mut self.harness);
    }

    /// Draws until something with this name stands there: what was asked for may come late on a busy machine.
    pub(crate) fn wait_for(&mut self, label: &str) {
        let until = Instant::now() + Duration::from_mins(1);
        while self.harness.query_all_by_label(label).next().is_none() {
            assert!(Instant::now() < until, "{label}: not within a minute\n{}", self.told());
            self.harness.step();
            std::thread::park_timeout(Duration::from_millis(20));
        }
    }

    /// What stands in the window instead, and which jobs there were.
    fn told(&self) -> String {
        let labels = self.harness.root().children_recursive();
        let labels: Vec<String> = labels.filter_map(|node| node.accesskit_node().label()).collect();
        let jobs = &self.harness.state().model().jobs;
        let jobs: Vec<String> = jobs.rows().map(|job| format!("{} {:?}", job.title.key, job.state)).collect();
        format!("{}\n{}", labels.join(" | "), jobs.join("\n"))
    }

    pub(crate) fn click(&mut self, label: &str) {
        self.wait_for(label);
        self.harness.get_all_by_label(label).next().unwrap().click();
        settle(&mut self.harness);
    }

    /// One of the actions of a detail that stand behind ⋯.
    pub(crate) fn press_other(&mut self, name: &str) {
        self.press("Other actions");
        self.harness.get_by_role_and_label(Role::MenuItem, name).click();
        settle(&mut self.harness);
    }

    pub(crate) fn press(&mut self, name: &str) {
        self.wait_for(name);
        self.harness.get_by_role_and_label(Role::Button, name).click();
        settle(&mut self.harness);
    }

    pub(crate) fn key(&mut self, modifiers: Modifiers, key: Key) {
        self.harness.key_press_modifiers(modifiers, key);
        settle(&mut self.harness);
    }

    pub(crate) fn git(&self, args: &[&str]) -> String {
        self.fixture.text(args)
    }
}

fn two_branches(fixture: &Fixture, name: &str) {
    fixture.write(name, "1\n2\n3\n4\n5\n6\n7\n");
    fixture.commit_all("base");
    fixture.run(&["switch", "-q", "-c", "side"]);
    fixture.write(name, "1\ntheirs\n3\n4\n5\ntheirs too\n7\n");
    fixture.commit_all("theirs");
    fixture.run(&["switch", "-q", "main"]);
    fixture.write(name, "1\nours\n3\n4\n5\nours too\n7\n");
    fixture.commit_all("ours");
}

#[test]
fn a_branch_is_renamed_and_a_conflicting_merge_resolved_by_names_and_keys() {
    let fixture = Fixture::new();
    two_branches(&fixture, "f.txt");
    let mut front = Front::open(fixture);
    front.go("branches");
    front.click("side");
    front.press_other("Rename…");
    let field = front.harness.get_by_role_and_label(Role::TextInput, "New name");
    field.focus();
    front.harness.run();
    front.harness.key_press_modifiers(Modifiers::COMMAND, Key::A);
    front.harness.run();
    front.harness.event(egui::Event::Text("topic".to_owned()));
    front.harness.run();
    front.key(Modifiers::NONE, Key::Enter);
    assert_eq!(front.git(&["branch", "--format=%(refname:short)"]), "main\ntopic");
    front.click("topic");
    front.press("Merge topic into main");
    assert!(front.git(&["status", "--porcelain"]).starts_with("UU f.txt"));
    // The banner stands above every tab, and does not go on while something is in conflict.
    front.press("Resolve 1 file");
    assert!(front.harness.query_by_label("Conflict 1 of 2").is_some());
    front.key(Modifiers::ALT, Key::Num2);
    front.key(Modifiers::ALT, Key::Num1);
    assert!(front.harness.query_by_label("all decided").is_some());
    front.key(Modifiers::COMMAND, Key::Enter);
    assert_eq!(front.fixture.read("f.txt"), b"1\ntheirs\n3\n4\n5\nours too\n7\n");
    front.press("Continue");
    assert_eq!(front.git(&["rev-list", "--merges", "--count", "HEAD"]), "1");
    assert!(front.harness.query_by_role_and_label(Role::Button, "Continue").is_none());
    front.fixture.fsck();
}

#[test]
fn a_file_in_conflict_is_solved_where_it_is_chosen() {
    let fixture = Fixture::new();
    two_branches(&fixture, "f.txt");
    fixture.try_run(&fixture.root, &["merge", "-q", "side"]);
    let mut front = Front::open(fixture);
    front.go("changes");
    front.click("f.txt, in conflict");
    assert!(front.harness.query_by_label("Conflict 1 of 2").is_some());
    front.key(Modifiers::ALT, Key::Num1);
    front.key(Modifiers::ALT, Key::Num2);
    front.press("Mark as resolved");
    assert_eq!(front.fixture.read("f.txt"), b"1\nours\n3\n4\n5\ntheirs too\n7\n");
    assert_eq!(front.git(&["status", "--porcelain"]), "M  f.txt");
}

#[test]
fn commits_are_reordered_reworded_and_dropped_by_keys() {
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
    let oid = |front: &Front, name: &str| front.git(&["rev-parse", "--short=7", name]);
    let two = oid(&front, "HEAD~1");
    let row = format!("Pick {} one", oid(&front, "HEAD~2"));
    front.click(&row);
    // One goes below two, three is left out, and two gets another message.
    front.key(Modifiers::ALT, Key::ArrowDown);
    front.key(Modifiers::NONE, Key::ArrowDown);
    front.key(Modifiers::NONE, Key::D);
    front.key(Modifiers::NONE, Key::ArrowUp);
    front.key(Modifiers::NONE, Key::ArrowUp);
    front.key(Modifiers::NONE, Key::R);
    let name = format!("Message of {two}");
    front.harness.get_by_role_and_label(Role::MultilineTextInput, &name).focus();
    front.harness.run();
    front.harness.event(egui::Event::Text(" is better".to_owned()));
    front.harness.run();
    front.press("Rebase 3 commits");
    assert_eq!(front.git(&["log", "--format=%s"]), "one\ntwo is better\nbase");
}

/// From the history: good here, bad there, and Build's dialog has both ends.
#[test]
fn a_search_begins_at_commits_of_the_history() {
    let fixture = Fixture::new();
    for (name, text) in [("one", "ok"), ("two", "ok"), ("three", "broken"), ("four", "broken")] {
        fixture.write("state", format!("{text}\n"));
        fixture.write(name, "1\n");
        fixture.commit_all(name);
    }
    let mut front = Front::open(fixture);
    let choose = |front: &mut Front, commit: &str, act: &str| {
        front.go("history");
        let row = format!("{commit}, Ada Lovelace");
        front.click(&row);
        front.harness.get_all_by_label(&row).next().unwrap().click_secondary();
        settle(&mut front.harness);
        front.click(act);
    };
    choose(&mut front, "one", "Bisect: it is good here…");
    assert!(
        front
            .harness
            .query_by_label("Search the commit that broke something")
            .is_some()
    );
    front.press("Cancel");
    front.key(Modifiers::COMMAND, Key::Num3);
    choose(&mut front, "four", "Bisect: it is bad here…");
    let ends = ["HEAD~3", "HEAD"].map(|name| front.git(&["rev-parse", name]));
    for end in &ends {
        let field = front
            .harness
            .query_all_by_role(Role::TextInput)
            .find(|field| field.value().as_ref() == Some(end));
        assert!(field.is_some(), "{end}");
    }
}
