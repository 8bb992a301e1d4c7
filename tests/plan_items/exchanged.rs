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
