//! Days, needs and forecasts over days that have passed and over wholes: what is open is not done, and a part waits with its whole.

use crate::plan_items::{TODAY, item, plan};
use chantier::areas::plan::links::Links;
use chantier::areas::plan::model::Plan;
use chantier::areas::plan::{Item, Kind, milestones, timeline};
use jiff::civil::{Date, date};

fn work(id: &str, estimate: &str) -> Item {
    Item {
        estimate: Some(estimate.into()),
        ..item(id, id)
    }
}

fn schedule(plan: &Plan) -> timeline::Schedule {
    let all: Vec<&Item> = plan.items.values().collect();
    timeline::schedule(plan, &Links::of(plan), &all, TODAY)
}

fn bar<'s>(schedule: &'s timeline::Schedule, id: &str) -> &'s timeline::Bar {
    schedule.bars.iter().find(|bar| bar.id == id).expect("a bar")
}

#[test]
fn what_is_open_after_its_days_is_late_and_holds_up_what_follows() {
    let over = Item {
        start: Some(date(2026, 11, 3)),
        due: Some(date(2026, 11, 5)),
        ..work("MA-A", "3d")
    };
    let next = Item {
        depends: vec!["MA-A".into()],
        ..work("MA-B", "1d")
    };
    let whole = plan(vec![over.clone(), next]);
    let told = schedule(&whole);
    // Its own days are shown as they are; its three days of work end on Wednesday at the earliest.
    assert_eq!(
        (bar(&told, "MA-A").start, bar(&told, "MA-A").end),
        (date(2026, 11, 3), date(2026, 11, 5))
    );
    assert!(bar(&told, "MA-A").is_late && bar(&told, "MA-A").is_critical);
    assert_eq!(
        (bar(&told, "MA-B").start, told.ends),
        (date(2026, 11, 26), Some(date(2026, 11, 26)))
    );
    // One that was begun may end today.
    let begun = Item {
        state: "in-progress".into(),
        ..over.clone()
    };
    assert_eq!(schedule(&plan(vec![begun])).ends, Some(TODAY));
    // The same where only the first day and the effort are known, and what is done is not late.
    let estimated = Item {
        due: None,
        ..over.clone()
    };
    let told = schedule(&plan(vec![estimated]));
    assert!(bar(&told, "MA-A").is_late && told.ends == Some(date(2026, 11, 25)));
    let done = Item {
        state: "done".into(),
        ..over
    };
    let told = schedule(&plan(vec![done]));
    assert!(!bar(&told, "MA-A").is_late && told.ends.is_none());
}

#[test]
fn a_whole_or_a_milestone_that_is_needed_is_waited_for_and_a_part_waits_with_its_whole() {
    let part = |id: &str, estimate: &str, parent: &str, depends: &[&str]| Item {
        parent: (!parent.is_empty()).then(|| parent.into()),
        depends: depends.iter().map(|need| (*need).to_owned()).collect(),
        ..work(id, estimate)
    };
    let starts = |items: Vec<Item>, id: &str| -> (Date, Option<Date>, usize) {
        let told = schedule(&plan(items));
        let n_critical = told.bars.iter().filter(|bar| bar.is_critical).count();
        (bar(&told, id).start, told.ends, n_critical)
    };
    let items = vec![
        item("EP-1", "whole"),
        part("A-11", "5d", "EP-1", &[]),
        part("A-22", "5d", "EP-1", &["A-11"]),
        part("B-11", "1d", "", &["EP-1"]),
    ];
    let after = date(2026, 12, 7);
    assert_eq!(starts(items.clone(), "B-11"), (after, Some(after), 3));
    // What moves moves what waits for the whole.
    let whole = plan(items);
    let links = Links::of(&whole);
    let needs: Vec<&str> = milestones::needs_of_work(&whole, &links, whole.item("B-11").expect("there"))
        .into_iter()
        .map(|need| need.id.as_str())
        .collect();
    assert_eq!(needs, ["A-11", "A-22"]);
    let items = vec![
        part("X-11", "5d", "", &[]),
        Item {
            depends: vec!["X-11".into()],
            ..item("EP-2", "whole")
        },
        part("C-11", "2d", "EP-2", &[]),
    ];
    assert_eq!(starts(items, "C-11"), (date(2026, 11, 30), Some(date(2026, 12, 1)), 2));
    let milestone = Item {
        kind: Kind::Milestone,
        ..item("M-1", "2.6.0")
    };
    let in_it = Item {
        milestone: Some("2.6.0".into()),
        ..work("D-11", "5d")
    };
    let items = vec![milestone, in_it, part("E-11", "1d", "", &["M-1"])];
    assert_eq!(starts(items, "E-11").0, date(2026, 11, 30));
    // A whole that its own part needs holds up its other parts, and the part not itself.
    let items = vec![
        item("EP-3", "whole"),
        part("F-11", "5d", "EP-3", &[]),
        part("F-22", "1d", "EP-3", &["EP-3"]),
    ];
    assert_eq!(starts(items, "F-22").0, date(2026, 11, 30));
}

#[test]
fn days_that_are_taken_back_from_a_monday_go_over_the_weekend() {
    let monday = Item {
        start: Some(date(2026, 12, 7)),
        ..work("MA-A", "2d")
    };
    let told = schedule(&plan(vec![monday]));
    let bar = bar(&told, "MA-A");
    for (days, start, end) in [
        (-1, date(2026, 12, 4), date(2026, 12, 7)),
        (-2, date(2026, 12, 4), date(2026, 12, 7)),
        (-3, date(2026, 12, 4), date(2026, 12, 7)),
        (-7, date(2026, 11, 30), date(2026, 12, 1)),
        (5, date(2026, 12, 14), date(2026, 12, 15)),
    ] {
        assert_eq!(timeline::shift::moved(bar, days), (start, end), "{days}");
    }
}
