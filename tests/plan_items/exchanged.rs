//! Items that go to other programs and come back: CSV, JSON, issues of GitHub and GitLab.

use super::TODAY;
use crate::plan::Place;
use chantier::areas::plan::exchange::{self, Format};
use chantier::areas::plan::model::Plan;
use chantier::areas::plan::{Draft, Item, Kind, Priority};
use jiff::civil::date;
use std::path::Path;

impl Place {
    fn make(&self, incoming: Vec<exchange::Incoming>) -> Plan {
        let folder = self.folder();
        let plan = folder.plan().expect("readable");
        let mut taken = folder.taken().expect("readable");
        for (row, incoming) in exchange::sorted(&incoming, &plan).into_iter().zip(incoming) {
            if row.known.is_none() {
                let draft = Draft {
                    id: incoming.id.clone(),
                    state: Some(row.state),
                    ..incoming.draft
                };
                folder
                    .create_beside(&draft, &mut taken, TODAY, |below| fastrand::u32(..below))
                    .expect("it can be made");
            }
        }
        folder.plan().expect("readable")
    }
}

#[test]
fn every_format_brings_back_what_it_wrote() {
    let place = Place::new();
    place.write(
        ".chantier/plan/MA-1AAA-x.md",
        "---\nid: MA-1AAA\ntitle: \"Quotes, \\\"commas\\\" -- and: colons\"\ntype: bug\nstate: review\npriority: high\nlabels: [api, ui]\nestimate: 2d\nassignee: Ana Roy\nstart: 2026-11-23\ndue: 2026-11-27\nmilestone: 2.6.0\ndepends: [MA-2BBB]\n---\n\nWhy.\n\n## Acceptance\n\n- [x] first (test: a::b)\n",
    );
    place.write(
        ".chantier/plan/MA-2BBB-y.md",
        "---\nid: MA-2BBB\ntitle: Second\nstate: done\n---\n",
    );
    let before = place.folder().plan().expect("readable");
    let items: Vec<&Item> = before.items.values().collect();
    for format in [Format::Csv, Format::Json, Format::Github, Format::Gitlab] {
        let text = exchange::write(&items, &before, format).expect("it can be written");
        let name = if format == Format::Csv { "x.csv" } else { "x.json" };
        assert_eq!(Format::guess(Path::new(name), &text), format);
        let (incoming, problems) = exchange::read(&text, format).expect("it can be read");
        assert!(problems.is_empty(), "{format:?}: {problems:?}");
        // Into the same plan: nothing new.
        assert!(
            exchange::sorted(&incoming, &before).iter().all(|row| row.known.is_some()),
            "{format:?}"
        );
        let other = Place::new();
        let after = other.make(incoming.clone());
        for item in &items {
            let back = after.item(&item.id).unwrap_or_else(|| panic!("{format:?} lost {}", item.id));
            let values = |item: &Item| {
                (
                    item.title.clone(),
                    item.kind.clone(),
                    item.state.clone(),
                    item.priority,
                    item.labels.clone(),
                    (item.start, item.due, item.estimate.clone()),
                    (item.assignee.clone(), item.milestone.clone(), item.depends.clone()),
                    item.criteria.clone(),
                )
            };
            assert_eq!(values(back), values(item), "{format:?}");
        }
        assert_eq!(other.make(incoming).items.len(), 2, "{format:?} a second time");
    }
}

#[test]
fn issues_of_github_and_gitlab_are_known_again() {
    let github = r#"[{"number":12,"title":"It rains in","body":"Why\r\n- [ ] dry","state":"closed","labels":[{"name":"bug"},{"name":"priority: high"}],"assignees":[{"login":"ana"}],"milestone":{"title":"2.6.0"},"created_at":"2026-01-02T10:00:00Z","html_url":"https://github.com/o/r/issues/12","user":{"login":"tom"},"locked":true,"active_lock_reason":"resolved"}]"#;
    let place = Place::new();
    assert_eq!(Format::guess(Path::new("a.json"), github), Format::Github);
    let (incoming, _) = exchange::read(github, Format::Github).expect("it can be read");
    let plan = place.make(incoming.clone());
    let item = plan.items.values().next().expect("one item");
    assert_eq!(
        (item.kind.clone(), item.state.as_str(), item.priority),
        (Kind::Bug, "done", Some(Priority::High))
    );
    assert_eq!(
        (item.criteria.len(), item.created, item.assignee.as_deref()),
        (1, Some(date(2026, 1, 2)), Some("ana"))
    );
    let text = std::fs::read_to_string(place.workspace.root.join(&item.file)).expect("there");
    for kept in [
        "author: tom",
        "active_lock_reason: resolved",
        "origin: https://github.com/o/r/issues/12",
    ] {
        assert!(text.contains(kept), "{kept} in {text}");
    }
    assert_eq!(place.make(incoming).items.len(), 1);
    let gitlab = r#"[{"iid":3,"title":"Units","description":"x","state":"opened","labels":["type::feature"],"assignees":[{"name":"Ana Roy","username":"ana"}],"due_date":"2026-12-01","web_url":"https://gitlab.com/o/r/-/issues/3","time_stats":{"time_estimate":14400},"created_at":"2026-01-02T10:00:00Z"}]"#;
    assert_eq!(Format::guess(Path::new("a.json"), gitlab), Format::Gitlab);
    let (incoming, _) = exchange::read(gitlab, Format::Gitlab).expect("it can be read");
    let draft = &incoming[0].draft;
    assert_eq!(
        (draft.kind.clone(), draft.estimate.as_deref(), draft.due),
        (Kind::Feature, Some("4h"), Some(date(2026, 12, 1)))
    );
    assert_eq!(exchange::read("{", Format::Json).expect_err("no JSON").code, "unreadable");
    assert!(exchange::read("a,b\n1,2\n", Format::Csv).is_err());
    let (rows, _) = exchange::read("Title;Sprint\nHello;7\n", Format::Csv).expect("semicolons");
    assert_eq!(rows[0].draft.more, [("sprint".to_owned(), "7".to_owned())]);
}

#[test]
fn a_list_of_json_keeps_its_words_whole_and_a_text_does_not_grow() {
    let place = Place::new();
    let text = "---\nid: MA-1AAA\ntitle: One\nstate: ready\nlabels: [\"a, b\", c]\n---\n\nBody\n";
    place.write(".chantier/plan/MA-1AAA-one.md", text);
    let before = place.folder().plan().expect("readable");
    let items: Vec<&Item> = before.items.values().collect();
    for format in [Format::Json, Format::Github, Format::Gitlab] {
        let text = exchange::write(&items, &before, format).expect("it can be written");
        let (incoming, _) = exchange::read(&text, format).expect("it can be read");
        let after = Place::new().make(incoming);
        let back = after.item("MA-1AAA").expect("it came");
        assert_eq!(back.labels, ["a, b", "c"], "{format:?}");
        assert_eq!(back.body, "\nBody\n", "{format:?}");
    }
}

#[test]
fn scoped_labels_say_state_and_priority() {
    let gitlab = r#"[{"iid":1,"title":"One","state":"opened","labels":["workflow::in progress","priority::1"]},
        {"iid":2,"title":"Two","state":"closed","labels":["workflow::in progress","priority::4"]}]"#;
    let (incoming, _) = exchange::read(gitlab, Format::Gitlab).expect("it can be read");
    let plan = Place::new().make(incoming);
    let of = |title: &str| {
        let item = plan.items.values().find(|item| item.title == title).expect("it is made");
        (item.state.as_str(), item.priority)
    };
    assert_eq!(of("One"), ("in-progress", Some(Priority::Urgent)));
    assert_eq!(of("Two"), ("done", Some(Priority::Low)));
}

#[test]
fn pull_requests_are_no_issues_and_the_milestone_of_an_issue_comes_with_its_day() {
    let github = r#"[{"number":1,"title":"One","state":"open","labels":[],"milestone":{"title":"v2","number":3,"state":"open","due_on":"2027-01-02T08:00:00Z"}},
        {"number":2,"title":"Two","state":"open","labels":[],"milestone":{"title":"v2","number":3,"state":"open","due_on":"2027-01-02T08:00:00Z"}},
        {"number":3,"title":"Pull","state":"open","labels":[],"pull_request":{"url":"x"}}]"#;
    let place = Place::new();
    let (incoming, problems) = exchange::read(github, Format::Github).expect("it can be read");
    let codes: Vec<&str> = problems.iter().map(|problem| problem.code.as_str()).collect();
    assert_eq!((incoming.len(), codes), (3, vec!["pull-request"]));
    let plan = place.make(incoming.clone());
    let milestone = plan
        .items
        .values()
        .find(|item| item.kind == Kind::Milestone)
        .expect("it is made");
    assert_eq!((milestone.title.as_str(), milestone.due), ("v2", Some(date(2027, 1, 2))));
    assert!(chantier::areas::plan::check::problems(&plan).is_empty());
    assert_eq!(place.make(incoming).items.len(), 3, "known again");
}

#[test]
fn a_file_that_holds_no_items_is_told_as_what_it_is() {
    assert_eq!(Format::guess(Path::new("b.json"), "not json"), Format::Json);
    let broken = exchange::read("[{\"title\": }]", Format::Json).expect_err("no JSON");
    assert_eq!(broken.place.and_then(|place| place.line), Some(1));
    assert_eq!(
        exchange::read("{\"a\":1}", Format::Json).expect_err("no list").code,
        "unreadable"
    );
    assert!(
        exchange::read("{\"items\":[]}", Format::Json)
            .expect("an empty one")
            .0
            .is_empty()
    );
}

/// What a project wants of every item stands in what comes back already, ticked or not.
#[test]
fn what_comes_back_has_its_definition_of_done_once() {
    let config = "[plan]\ndone = [\"Tested\", \"Told\"]\n";
    let place = Place::new();
    place.write("chantier.toml", config);
    let titled = |title: &str, body: &str| Draft {
        title: title.into(),
        body: body.into(),
        ..Draft::default()
    };
    let create = |draft: &Draft| {
        place
            .folder()
            .create(draft, TODAY, |below| fastrand::u32(..below))
            .expect("it is made")
    };
    let bare = create(&titled("Bare", ""));
    assert_eq!(bare.body, "\n## Definition of done\n\n- [ ] Tested\n- [ ] Told\n");
    let told = create(&titled("Told", "Why.\n\n## Definition of done\n\n- [x] Tested\n"));
    assert_eq!(told.body, "\nWhy.\n\n## Definition of done\n\n- [x] Tested\n- [ ] Told\n");
    let before = place.folder().plan().expect("readable");
    let items: Vec<&Item> = before.items.values().collect();
    for format in [Format::Csv, Format::Json, Format::Github, Format::Gitlab] {
        let text = exchange::write(&items, &before, format).expect("it can be written");
        let (incoming, _) = exchange::read(&text, format).expect("it can be read");
        let other = Place::new();
        other.write("chantier.toml", config);
        let after = other.make(incoming);
        for item in &items {
            let back = after.item(&item.id).expect("it came");
            assert_eq!(back.body, item.body, "{format:?}");
        }
    }
}
