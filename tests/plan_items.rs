//! Plan beside single items: filter, links, timeline, forecast, milestones, exchange, templates, following, twins of an id.

mod exchanged;

use crate::plan::Place;
use chantier::areas::plan::filter::{Context, Filter, Haystack, complete};
use chantier::areas::plan::followed::{criteria, names};
use chantier::areas::plan::history::{History, Scope, Step, Track};
use chantier::areas::plan::links::Links;
use chantier::areas::plan::model::Plan;
use chantier::areas::plan::workflow::Workflow;
use chantier::areas::plan::{Change, Item, Kind, Priority, body, estimate, forecast, templates, timeline, views};
use chantier::base::{Lang, State, Timestamp};
use jiff::civil::{Date, date};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A Monday.
pub(crate) const TODAY: Date = date(2026, 11, 23);

pub(crate) fn item(id: &str, title: &str) -> Item {
    Item {
        id: id.into(),
        title: title.into(),
        state: "ready".into(),
        file: PathBuf::from(format!(".chantier/plan/{id}.md")),
        ..Item::default()
    }
}

pub(crate) fn plan(items: Vec<Item>) -> Plan {
    Plan {
        workflow: Workflow::default(),
        items: items.into_iter().map(|item| (item.file.clone(), item)).collect(),
        ..Plan::default()
    }
}

fn context() -> Context {
    Context {
        today: TODAY,
        me: Some("Ana Roy".into()),
    }
}

fn found(plan: &Plan, filter: &str) -> Vec<String> {
    let wanted = Filter::strict(filter).expect("a filter");
    let items = wanted.items(plan, &Links::of(plan), &context());
    items.into_iter().map(|item| item.id.clone()).collect()
}

#[test]
fn a_filter_leaves_what_all_its_terms_are_true_of() {
    let mut a = item("MA-1AAA", "Greet by name");
    a.kind = Kind::Bug;
    a.labels = vec!["api".into()];
    a.due = Some(date(2026, 11, 20));
    a.assignee = Some("Ana Roy".into());
    a.estimate = Some("2d".into());
    let mut b = item("MA-2BBB", "Montrer l’été");
    b.depends = vec!["MA-1AAA".into()];
    b.priority = Some(Priority::High);
    b.parent = Some("MA-3CCC".into());
    let mut c = item("MA-3CCC", "Everything");
    c.state = "done".into();
    c.milestone = Some("2.6.0".into());
    let plan = plan(vec![a, b, c]);
    let rows = [
        ("", vec!["MA-1AAA", "MA-2BBB", "MA-3CCC"]),
        ("type:bug", vec!["MA-1AAA"]),
        ("-label:api is:open", vec!["MA-2BBB"]),
        ("due<2026-11-23", vec!["MA-1AAA"]),
        ("due<today is:late", vec!["MA-1AAA"]),
        ("due>=today", vec![]),
        ("assignee:me", vec!["MA-1AAA"]),
        ("assignee:\"ana roy\"", vec!["MA-1AAA"]),
        ("is:blocked", vec!["MA-2BBB"]),
        ("priority>low", vec!["MA-2BBB"]),
        ("priority<urgent", vec!["MA-2BBB"]),
        ("parent:3ccc", vec!["MA-2BBB"]),
        ("is:parent", vec!["MA-3CCC"]),
        ("no:estimate -is:done", vec!["MA-2BBB"]),
        ("estimate>1d", vec!["MA-1AAA"]),
        ("milestone:2.6.0", vec!["MA-3CCC"]),
        ("type:bug,feature state:ready", vec!["MA-1AAA"]),
        ("ete", vec!["MA-2BBB"]),
        ("gbn", vec!["MA-1AAA"]),
        ("\"by name\"", vec!["MA-1AAA"]),
        ("nowhere", vec![]),
        ("due:", vec!["MA-1AAA", "MA-2BBB", "MA-3CCC"]),
    ];
    for (filter, expected) in rows {
        assert_eq!(found(&plan, filter), expected, "{filter}");
    }
    for wrong in ["colour:red", "is:blue", "due<soon", "title<x", "priority:much"] {
        assert_eq!(Filter::strict(wrong).expect_err(wrong).code, "filter", "{wrong}");
    }
    let offers = |text: &str| {
        complete::offers(text, &plan, &[])
            .into_iter()
            .map(|offer| offer.text)
            .collect::<Vec<_>>()
    };
    assert_eq!(offers("la"), ["label:"]);
    assert_eq!(offers("is:open label:a"), ["is:open label:api"]);
    assert!(offers("-ty").contains(&"-type:".to_owned()));
    assert!(offers("assignee:").contains(&"assignee:\"Ana Roy\"".to_owned()));
}

#[test]
fn letters_that_a_keyboard_lacks_and_one_that_was_mistyped_are_forgiven() {
    let a = item("MA-1AAA", "Œuvre élégante de la Straße");
    let b = item("MA-2BBB", "Crash au démarrage numéro 7");
    let plan = plan(vec![a, b]);
    for (filter, expected) in [
        ("oeuvre", vec!["MA-1AAA"]),
        ("œuvre", vec!["MA-1AAA"]),
        ("strasse", vec!["MA-1AAA"]),
        ("crsh", vec!["MA-2BBB"]),
        ("crahs", vec!["MA-2BBB"]),
        ("numro", vec!["MA-2BBB"]),
        ("dmarrage", vec!["MA-2BBB"]),
        ("dmarr", vec!["MA-2BBB"]),
        // Too short to tell, too far away, or what must not be.
        ("csh", vec![]),
        ("cash", vec!["MA-2BBB"]),
        ("crxsh", vec![]),
        ("rash7", vec![]),
        ("-crsh", vec!["MA-1AAA", "MA-2BBB"]),
    ] {
        assert_eq!(found(&plan, filter), expected, "{filter}");
    }
}

#[test]
fn a_search_of_ten_thousand_items_finds_what_the_slow_way_finds() {
    let mut rng = fastrand::Rng::with_seed(3);
    let words = [
        "tide", "canary", "weights", "drain", "balance", "reader", "météo", "stage", "hour", "units",
    ];
    let items = (0..10_000).map(|n| {
        let title: Vec<&str> = (0..6).map(|_| words[rng.usize(..words.len())]).collect();
        item(&format!("MA-{n:05}"), &title.join(" "))
    });
    let plan = plan(items.collect());
    let hays: Vec<(&Item, Haystack)> = plan.items.values().map(|item| (item, Haystack::of(item))).collect();
    let links = Links::default();
    for filter in ["canary", "meteo hour", "type:chore tide", "cwd"] {
        let wanted = Filter::strict(filter).expect("a filter");
        let n = hays
            .iter()
            .filter(|(item, hay)| wanted.score(item, hay, &plan, &links, &context()).is_some())
            .count();
        let slow = found(&plan, filter).len();
        assert_eq!(n, slow, "{filter}");
        assert!(n > 0 && n < 10_000, "{filter} finds {n}");
    }
}

#[test]
fn parts_add_up_and_a_circle_ends() {
    let mut parts: Vec<Item> = (1..=3).map(|n| item(&format!("MA-{n}PPP"), "part")).collect();
    for (part, estimate) in parts.iter_mut().zip(["1d", "2d", "1d"]) {
        part.parent = Some("MA-0EPC".into());
        part.estimate = Some(estimate.into());
    }
    parts[1].state = "done".into();
    let mut items = parts.clone();
    items.push(item("MA-0EPC", "The whole"));
    let whole = plan(items);
    let links = Links::of(&whole);
    let epic = whole.item("MA-0EPC").expect("it is there");
    let sum = links.roll_up(epic).expect("it has parts");
    assert_eq!(
        (sum.n_all, sum.n_done, sum.hours, sum.hours_done, sum.percent()),
        (3, 1, 32.0, 16.0, 50)
    );
    assert_eq!(links.effort(epic).text(), "4d");
    // One without an estimate: then the number counts.
    parts[2].estimate = None;
    let mut items = parts;
    items.push(item("MA-0EPC", "The whole"));
    let whole = plan(items);
    assert_eq!(
        Links::of(&whole)
            .roll_up(whole.item("MA-0EPC").expect("there"))
            .map(|sum| sum.percent()),
        Some(33)
    );
    let (mut a, mut b) = (item("A-1", "a"), item("A-2", "b"));
    a.parent = Some("A-2".into());
    b.parent = Some("A-1".into());
    let circle = plan(vec![a, b]);
    let links = Links::of(&circle);
    let all: Vec<&Item> = circle.items.values().collect();
    assert_eq!(links.tree(&all).len(), 2);
    assert!(links.roll_up(all[0]).is_some());
    assert_eq!(estimate::parse("1.5d").map(|effort| effort.hours), Some(12.0));
    assert_eq!(estimate::parse("2d 4h").map(estimate::Effort::text), Some("2d 4h".into()));
    assert_eq!(estimate::parse("5").map(|effort| effort.points), Some(5.0));
    assert_eq!(estimate::parse("soon"), None);
}

#[test]
fn the_critical_path_is_found_and_what_waits_moves_along() {
    // A (2d) before B (3d) and C (1d); D (1d) needs both.
    let mut items: Vec<Item> = [("A", "2d"), ("B", "3d"), ("C", "1d"), ("D", "1d")]
        .into_iter()
        .map(|(id, estimate)| Item {
            estimate: Some(estimate.into()),
            ..item(&format!("MA-{id}"), id)
        })
        .collect();
    items[1].depends = vec!["MA-A".into()];
    items[2].depends = vec!["MA-A".into()];
    items[3].depends = vec!["MA-B".into(), "MA-C".into()];
    let whole = plan(items.clone());
    let links = Links::of(&whole);
    let all: Vec<&Item> = whole.items.values().collect();
    let schedule = timeline::schedule(&whole, &links, &all, TODAY);
    let bar = |id: &str| schedule.bars.iter().find(|bar| bar.id == id).expect("a bar");
    assert_eq!((bar("MA-A").start, bar("MA-A").end), (TODAY, date(2026, 11, 24)));
    // Three days of work, over no weekend; D is on the Monday after it.
    assert_eq!((bar("MA-B").start, bar("MA-B").end), (date(2026, 11, 25), date(2026, 11, 27)));
    assert_eq!(
        (bar("MA-D").start, schedule.ends),
        (date(2026, 11, 30), Some(date(2026, 11, 30)))
    );
    let critical: Vec<&str> = schedule
        .bars
        .iter()
        .filter(|bar| bar.is_critical)
        .map(|bar| bar.id.as_str())
        .collect();
    assert_eq!(critical, ["MA-A", "MA-B", "MA-D"]);
    assert_eq!((bar("MA-C").slack, bar("MA-C").is_late), (2, false));
    // Days of its own that can not be kept are told.
    items[1].start = Some(date(2026, 11, 24));
    items[1].due = Some(date(2026, 11, 26));
    let dated = plan(items);
    let links = Links::of(&dated);
    let all: Vec<&Item> = dated.items.values().collect();
    let schedule = timeline::schedule(&dated, &links, &all, TODAY);
    let late = schedule.bars.iter().find(|bar| bar.id == "MA-B").expect("a bar");
    assert!(late.is_late && late.is_dated);
    let first = schedule.bars.iter().find(|bar| bar.id == "MA-A").expect("a bar");
    let (start, end) = timeline::shift::moved(first, 7);
    // Nobody said when it must end.
    assert_eq!(timeline::shift::days_of(first, start, end), [Change::Start(Some(start))]);
    let (start_of_late, end_of_late) = timeline::shift::moved(late, 7);
    assert_eq!(timeline::shift::days_of(late, start_of_late, end_of_late).len(), 2);
    let followers = timeline::shift::followers(&dated, &links, &schedule, dated.item("MA-A").expect("there"), end);
    let moved: Vec<(&str, Date, Date)> = followers
        .iter()
        .map(|(item, start, end)| (item.id.as_str(), *start, *end))
        .collect();
    assert_eq!(moved, [("MA-B", date(2026, 12, 2), date(2026, 12, 4))]);
    // What could be done earlier than its day says is planned until then.
    let later = plan(vec![Item {
        due: Some(date(2026, 12, 18)),
        ..item("MA-L", "later")
    }]);
    let all: Vec<&Item> = later.items.values().collect();
    let schedule = timeline::schedule(&later, &Links::of(&later), &all, TODAY);
    assert_eq!(schedule.planned_end(), Some(date(2026, 12, 18)));
    assert!(schedule.ends < schedule.planned_end());
    // A circle is told, and ends.
    let (mut a, mut b) = (item("A-1", "a"), item("A-2", "b"));
    a.depends = vec!["A-2".into()];
    b.depends = vec!["A-1".into()];
    let circle = plan(vec![a, b]);
    let links = Links::of(&circle);
    let all: Vec<&Item> = circle.items.values().collect();
    assert_eq!(timeline::schedule(&circle, &links, &all, TODAY).circle.len(), 3);
}

pub(crate) fn at(day: i64) -> Timestamp {
    Timestamp::from_second(1_760_000_000 + day * 86_400).expect("a time")
}

/// Items that took so many days each, one begun after the other.
pub(crate) fn finished(days: &[i64]) -> (Vec<Item>, History) {
    let mut history = History::default();
    let mut items = Vec::new();
    for (n, days) in days.iter().enumerate() {
        let start = n as i64 * 3;
        let mut done = item(&format!("OLD-{n}"), "old");
        done.state = "done".into();
        items.push(done);
        let step = |at, state: &str| Step {
            at,
            state: Some(state.into()),
            scope: Scope::default(),
        };
        let steps = vec![
            step(at(start), "ready"),
            step(at(start + 1), "in-progress"),
            step(at(start + 1 + days), "done"),
        ];
        let id = format!("OLD-{n}");
        history.tracks.insert(id.clone(), Track { id, steps });
    }
    (items, history)
}

#[test]
fn a_forecast_follows_the_own_cycle_times_and_is_the_same_again() {
    let (mut items, history) = finished(&[2, 2, 2, 2, 2, 2, 2, 2]);
    for n in 0..3 {
        let mut open = item(&format!("NEW-{n}"), "new");
        open.milestone = Some("2.6.0".into());
        if n > 0 {
            open.depends = vec![format!("NEW-{}", n - 1)];
        }
        items.push(open);
    }
    let mut milestone = item("M-1", "2.6.0");
    milestone.kind = Kind::Milestone;
    items.push(milestone);
    let whole = plan(items);
    let links = Links::of(&whole);
    let open: Vec<&Item> = whole.items.values().collect();
    let now = at(60);
    let once = forecast::simulate(&whole, &links, &history, &open, now, TODAY, 7);
    assert_eq!((once.n_open, once.samples.len()), (3, 8));
    // Always two days each, one after the other and a day between them, as in the past: eight days, whatever the luck.
    for (sure, day) in &once.by {
        assert_eq!(*day, date(2026, 12, 1), "{sure}");
    }
    assert_eq!(forecast::simulate(&whole, &links, &history, &open, now, TODAY, 7), once);
    let (_, little) = finished(&[2, 2]);
    assert!(forecast::simulate(&whole, &links, &little, &open, now, TODAY, 7).is_too_little());
    assert_eq!(forecast::days_left(&[1.0, 2.0, 3.0, 4.0, 10.0], 2.5, 85), Some(7.5));
    // The spread of the past is the spread of the forecast.
    let (more, spread) = finished(&[1, 1, 2, 3, 5, 8, 13, 21]);
    let mut items = more;
    items.push(item("NEW-0", "new"));
    let wide = plan(items);
    let links = Links::of(&wide);
    let open: Vec<&Item> = wide.items.values().collect();
    let wide = forecast::simulate(&wide, &links, &spread, &open, now, TODAY, 7);
    assert!(wide.date(50) < wide.date(95), "{:?}", wide.by);
}

#[test]
fn templates_make_trees_in_both_languages() {
    let place = Place::new();
    for lang in Lang::ALL {
        let (found, problems) = templates::all(&place.workspace, lang);
        assert!(problems.is_empty(), "{problems:?}");
        let names: Vec<&str> = found.iter().map(|template| template.name.as_str()).collect();
        assert_eq!(names, ["deployment", "release"]);
        let given = BTreeMap::from([("version".to_owned(), "2.6.0".to_owned())]);
        let drafts = found[0].drafts(&given, Some("2.6.0")).expect("a word that it has");
        assert!(drafts.iter().any(|(_, draft)| draft.title.contains("2.6.0")), "{lang:?}");
        assert!(
            drafts
                .iter()
                .all(|(_, draft)| !draft.title.contains('{') && !draft.body.contains('{')),
            "{lang:?}"
        );
        assert!(
            found[0]
                .drafts(&BTreeMap::from([("colour".to_owned(), String::new())]), None)
                .is_err()
        );
    }
    place.write(
        ".chantier/plan/templates/own.toml",
        "title = \"Own\"\n[[item]]\nkey = \"a\"\ntitle = \"A\"\ndepends = [\"b\"]\n",
    );
    let (_, problems) = templates::all(&place.workspace, Lang::En);
    assert_eq!(problems.len(), 1);
}

#[test]
fn twins_of_an_id_are_told_and_parted_by_hand() {
    let place = Place::new();
    place.write(".chantier/plan/MA-1AAA-one.md", "---\nid: MA-1AAA\ntitle: One\n---\n");
    place.write(".chantier/plan/MA-1AAA-two.md", "---\nid: MA-1AAA\ntitle: Two\n---\n");
    let folder = place.folder();
    assert_eq!(folder.item("MA-1AAA").expect_err("which one?").code, "twice");
    assert_eq!(
        folder
            .edit("MA-1AAA", &[Change::Finished], None, TODAY)
            .expect_err("which one?")
            .code,
        "twice"
    );
    let file = Path::new(".chantier/plan/MA-1AAA-two.md");
    let (old, new) = folder
        .renumber(file, TODAY, |below| fastrand::u32(..below))
        .expect("it gets another id");
    assert_eq!((old.as_path(), new.title.as_str()), (file, "Two"));
    assert_ne!(new.id, "MA-1AAA");
    assert_eq!(folder.item("MA-1AAA").expect("one is left").title, "One");
}

#[test]
fn decisions_checks_and_bound_criteria_change_their_own_lines_only() {
    let text = "\nWhy.\n\n## Acceptance\n\n- [ ] first\n- [x] second (test: old)\n\n## Notes\n\n- n\n";
    let bound = body::with_test(text, 0, Some("a::b")).expect("there");
    assert_eq!(bound, text.replace("first", "first (test: a::b)"));
    assert_eq!(
        body::with_test(text, 1, None).expect("there"),
        text.replace(" (test: old)", "")
    );
    assert_eq!(body::with_test(text, 2, None), None);
    let checked = body::with_new_check(text, "Reviewed", "\n");
    assert_eq!((body::checks(&checked).len(), body::criteria(&checked).len()), (1, 2));
    assert!(checked.find("Definition of done") < checked.find("## Notes"));
    let ticked = body::with_check(&checked, 0, true).expect("there");
    assert_eq!(ticked, checked.replace("- [ ] Reviewed", "- [x] Reviewed"));
    // Without a section of acceptance, the definition of done is no acceptance.
    let alone = "## Definition of done\n\n- [ ] Reviewed\n";
    assert_eq!((body::criteria(alone).len(), body::checks(alone).len()), (0, 1));
    let decision = chantier::areas::plan::Decision {
        title: "SQLite".into(),
        date: Some(TODAY),
        status: "accepted".into(),
        text: "One file.\n# Not a heading".into(),
    };
    let decided = body::with_decision(text, &decision, "\n");
    let read = body::decisions(&decided);
    assert_eq!(
        (read.len(), read[0].title.as_str(), read[0].date, read[0].status.as_str()),
        (1, "SQLite", Some(TODAY), "accepted")
    );
    assert_eq!(read[0].text, "One file.\nNot a heading");
    assert_eq!(body::decisions(&body::with_decision(&decided, &decision, "\n")).len(), 2);
}

#[test]
fn commits_and_branches_name_items_and_tests_prove_criteria() {
    let ids = BTreeMap::from([("MA-1AAA".to_owned(), "MA-1AAA"), ("TASK-7".to_owned(), "task-7")]);
    assert_eq!(
        names::in_message("fix: rain\n\nPlan: ma-1aaa, task-7\n", &ids),
        ["MA-1AAA", "task-7"]
    );
    assert_eq!(names::in_message("MA-1AAA: rain; ma-1aaa", &ids), ["MA-1AAA"]);
    assert!(names::in_message("MA-1AAAB and XMA-1AAA", &ids).is_empty());
    assert_eq!(names::in_branch("feature/ma-1aaa-rain", &ids), ["MA-1AAA"]);
    assert!(names::in_branch("feature/task-77", &ids).is_empty());
    let states = |rows: &[(&str, &str, State)]| -> criteria::LastStates {
        rows.iter()
            .map(|(suite, name, state)| (((*suite).to_owned(), (*name).to_owned()), *state))
            .collect()
    };
    let ran = states(&[
        ("bonjour", "tests::greets", State::Done),
        ("bonjour", "tests::parts", State::Failed),
        ("x", "skipped", State::Skipped),
    ]);
    for (test, expected) in [
        ("greets", Some(true)),
        ("tests::greets", Some(true)),
        ("bonjour::tests::greets", Some(true)),
        ("parts", Some(false)),
        ("eets", None),
        ("skipped", None),
    ] {
        assert_eq!(criteria::verdict(test, &ran), expected, "{test}");
    }
    assert_eq!(
        criteria::verdict("a", &states(&[("x", "a", State::Done), ("y", "a", State::Failed)])),
        Some(false)
    );
    // pytest's own ids, as its reports are kept: with the framework before the file, and one result per set of parameters.
    let pytest = states(&[
        ("pytest/tests/test_tide.py", "test_low", State::Done),
        ("pytest/tests/test_tide.py", "test_many[1]", State::Done),
        ("pytest/tests/test_tide.py", "test_many[2]", State::Failed),
        ("pytest/tests/test_tide.py", "TestSea::test_salt[a]", State::Done),
    ]);
    for (test, expected) in [
        ("tests/test_tide.py::test_low", Some(true)),
        ("pytest/tests/test_tide.py::test_low", Some(true)),
        ("tests/test_tide.py::test_many", Some(false)),
        ("tests/test_tide.py::test_many[1]", Some(true)),
        ("test_salt", Some(true)),
        ("tests/test_tide.py::TestSea::test_salt", Some(true)),
        ("tests/test_tide.py::test_man", None),
        ("tide.py::test_low", None),
    ] {
        assert_eq!(criteria::verdict(test, &pytest), expected, "{test}");
    }
}

#[test]
fn views_are_kept_in_a_file_that_a_hand_may_write() {
    let place = Place::new();
    place.write(
        views::FILE,
        "# mine\n[[view]]\nname = \"Bugs\" # all\nfilter = \"type:bug\"\n",
    );
    let view = views::View {
        name: "Late".into(),
        filter: "is:late".into(),
        group: "assignee".into(),
        ..views::View::default()
    };
    views::save(&place.workspace, &view).expect("it can be written");
    let (read, problems) = views::read(&place.workspace);
    assert_eq!((read.len(), read[1].clone(), problems.len()), (2, view.clone(), 0));
    let text = std::fs::read_to_string(place.workspace.root.join(views::FILE)).expect("there");
    assert!(text.starts_with("# mine\n[[view]]\nname = \"Bugs\" # all\n"), "{text}");
    assert!(
        views::save(
            &place.workspace,
            &views::View {
                filter: "colour:red".into(),
                ..view
            }
        )
        .is_err()
    );
    views::remove(&place.workspace, "Late").expect("it is there");
    assert_eq!(views::remove(&place.workspace, "Late").expect_err("gone").code, "not-found");
    place.write(views::FILE, "[[view]\nname = 1\n");
    assert_eq!(
        views::read(&place.workspace).1[0].place.as_ref().and_then(|place| place.line),
        Some(1)
    );
    assert!(views::remove(&place.workspace, "Bugs").is_err());
}
