//! Burn-down and burn-up of a milestone: each day as it was.

use crate::plan_items::{at, finished, item, plan};
use chantier::areas::plan::history::{History, Scope, Step, Track};
use chantier::areas::plan::links::Links;
use chantier::areas::plan::{Kind, milestones};
use jiff::tz::TimeZone;

#[test]
fn a_burn_down_is_what_the_history_says() {
    let (mut items, mut history) = finished(&[2, 4]);
    for item in &mut items {
        item.milestone = Some("2.6.0".into());
    }
    let mut open = item("NEW-0", "new");
    open.milestone = Some("2.6.0".into());
    items.push(open);
    history.tracks.insert(
        "NEW-0".into(),
        Track {
            id: "NEW-0".into(),
            steps: vec![Step {
                at: at(2),
                state: Some("ready".into()),
                scope: Scope::default(),
            }],
        },
    );
    for step in history.tracks.values_mut().flat_map(|track| &mut track.steps) {
        step.scope.milestone = Some("2.6.0".into());
    }
    let mut milestone = item("M-1", "2.6.0");
    milestone.kind = Kind::Milestone;
    items.push(milestone);
    let whole = plan(items);
    let links = Links::of(&whole);
    let milestone = whole.item("M-1").expect("there");
    let members = milestones::members(&whole, &links, milestone);
    assert_eq!(members.len(), 3);
    let burn = milestones::burn(&whole, &history, milestone, at(10), &TimeZone::UTC);
    let left: Vec<(usize, usize)> = burn
        .points
        .iter()
        .map(|point| (point.n_all, point.n_all - point.n_done))
        .collect();
    assert_eq!(left.first(), Some(&(1, 1)));
    assert_eq!(left.get(3), Some(&(3, 2)));
    assert_eq!(left.last(), Some(&(3, 1)));
}

/// What was moved to another milestone, removed, or estimated anew since then was what it was on the days before.
#[test]
fn a_burn_down_does_not_rewrite_days_that_are_over() {
    let of = |milestone: &str, parent: Option<&str>, hours| Scope {
        milestone: Some(milestone.to_owned()).filter(|name| !name.is_empty()),
        parent: parent.map(str::to_owned),
        hours,
        milestone_name: None,
    };
    let step = |day, state: Option<&str>, scope: Scope| Step {
        at: at(day),
        state: state.map(str::to_owned),
        scope,
    };
    let ready = Some("ready");
    let mut history = History::default();
    let mut track = |id: &str, steps: Vec<Step>| {
        let id = id.to_owned();
        history.tracks.insert(id.clone(), Track { id, steps });
    };
    track(
        "A",
        vec![
            step(2, ready, of("old name", None, 8.0)),
            step(4, ready, of("M-2", None, 8.0)),
        ],
    );
    track(
        "B",
        vec![step(2, ready, of("M-1", None, 8.0)), step(6, None, Scope::default())],
    );
    track(
        "C",
        vec![
            step(1, ready, Scope::default()),
            step(3, ready, of("M-1", None, 4.0)),
            step(5, ready, of("M-1", None, 16.0)),
        ],
    );
    // A part of C: from then on it is the work, and C is what holds it.
    track("D", vec![step(7, ready, of("", Some("c"), 24.0))]);
    let named = |name: &str| Scope {
        milestone_name: Some(name.to_owned()),
        ..Scope::default()
    };
    track("M-1", vec![step(0, ready, named("old name")), step(3, ready, named("2.6.0"))]);
    let placed = |id: &str, milestone: Option<&str>, parent: Option<&str>, estimate: &str| {
        let mut item = item(id, id);
        (item.milestone, item.parent) = (milestone.map(str::to_owned), parent.map(str::to_owned));
        item.estimate = Some(estimate.to_owned());
        item.state = "ready".into();
        item
    };
    let mut milestone = item("M-1", "2.6.0");
    (milestone.kind, milestone.state) = (Kind::Milestone, "ready".into());
    let now = [
        placed("A", Some("M-2"), None, "8h"),
        placed("C", Some("M-1"), None, "16h"),
        placed("D", None, Some("C"), "3d"),
        milestone.clone(),
    ];
    let whole = plan(now.to_vec());
    let days = |history: &History| -> Vec<(usize, f64)> {
        let burn = milestones::burn(&whole, history, &milestone, at(8), &TimeZone::UTC);
        burn.points.iter().map(|point| (point.n_all, point.hours)).collect()
    };
    let expected = [(2, 16.0), (3, 20.0), (2, 12.0), (2, 24.0), (1, 16.0), (1, 24.0), (1, 24.0)];
    assert_eq!(days(&history), expected);
    // Removed a moment ago, and not committed.
    history.tracks.insert(
        "E".into(),
        Track {
            id: "E".into(),
            steps: vec![step(7, ready, of("M-1", None, 1.0))],
        },
    );
    assert_eq!(days(&history)[4..], [(1, 16.0), (2, 25.0), (1, 24.0)]);
}
