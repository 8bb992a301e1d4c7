//! Plan: items are read and written in real folders; criteria, quick lines, ids, order and the model.

use chantier::areas::plan::folder::Folder;
use chantier::areas::plan::model::Model;
use chantier::areas::plan::{
    Act, Between, Change, Command, Draft, Item, Kind, Priority, Seen, Source, Update, body, check, ids, order, quick, stamps,
};
use chantier::base::{Problem, Workspace};
use jiff::civil::{Date, date};
use std::path::{Path, PathBuf};

const TODAY: Date = date(2026, 11, 21);

#[test]
fn criteria_are_ticked_by_one_letter_and_added_below_the_others() {
    let item = "\nWhy.\n\n- [ ] not a criterion\n\n## Acceptance\n\n- [ ] first (test: a::b)\n* [x] second\n```\n- [ ] code\n```\n\n## Notes\n\nSee.\n";
    let criteria = body::criteria(item);
    assert_eq!(criteria.len(), 2);
    assert_eq!(
        (criteria[0].text.as_str(), criteria[0].test.as_deref(), criteria[0].is_done),
        ("first", Some("a::b"), false)
    );
    let ticked = body::with_criterion(item, 0, "first", true).expect("it is there");
    assert_eq!(ticked, item.replace("[ ] first", "[x] first"));
    // Moved meanwhile: the text decides.
    assert_eq!(
        body::with_criterion(item, 5, "second", false).expect("found by its text"),
        item.replace("[x]", "[ ]")
    );
    assert_eq!(body::with_criterion(item, 0, "gone", true), None);
    assert_eq!(
        body::with_new_criterion(item, "third", "\n"),
        item.replace("* [x] second\n", "* [x] second\n- [ ] third\n")
    );
    assert_eq!(
        body::with_new_criterion("\nWhy.\n", "one", "\n"),
        "\nWhy.\n\n## Acceptance\n\n- [ ] one\n"
    );
    assert_eq!(body::with_new_criterion("", "one", "\n"), "## Acceptance\n\n- [ ] one\n");
    assert_eq!(body::with_note(item, "new", "\n"), item.replace("See.\n", "See.\n\n- new\n"));
    let noted = body::with_note("\nWhy.", "a\nb", "\r\n");
    assert_eq!(noted, "\nWhy.\r\n\r\n## Notes\r\n\r\n- a\r\n  b");
    assert_eq!(body::with_note(&noted, "c", "\r\n"), format!("{noted}\r\n- c"));
}

#[test]
fn a_line_becomes_a_draft() {
    let draft = quick::parse("feature: Show the tide #api #ui !high @me ^2.6.0 ~3h due:2026-12-01", TODAY);
    let expected = Draft {
        title: "Show the tide".into(),
        kind: Kind::Feature,
        priority: Some(Priority::High),
        labels: vec!["api".into(), "ui".into()],
        assignee: Some("me".into()),
        milestone: Some("2.6.0".into()),
        estimate: Some("3h".into()),
        due: Some(date(2026, 12, 1)),
        ..Draft::default()
    };
    assert_eq!(draft, expected);
    let draft = quick::parse("Note: fix #12 & \\#tag !soon due:5d @\"Maëlle Roy\" now", TODAY);
    assert_eq!(draft.title, "Note: fix #12 & #tag !soon now");
    assert_eq!((draft.kind, draft.due), (Kind::Chore, Some(date(2026, 11, 26))));
    assert_eq!(draft.assignee.as_deref(), Some("Maëlle Roy"));
    assert_eq!(quick::parse("fix: x due:tomorrow", TODAY).due, Some(date(2026, 11, 22)));
    for (word, day) in [
        ("Friday", 27),
        ("vendredi", 27),
        ("saturday", 28),
        ("demain", 22),
        ("aujourd’hui", 21),
    ] {
        assert_eq!(quick::day(word, TODAY), Some(date(2026, 11, day)), "{word}");
    }
    assert_eq!(quick::parse("  ", TODAY), Draft::default());
}

#[test]
fn ids_are_short_and_new() {
    let mut taken = std::collections::BTreeSet::new();
    let mut rng = fastrand::Rng::with_seed(7);
    for n in 0..3000 {
        let id = ids::new_id("MA", &taken, |below| rng.u32(..below));
        assert!(id.len() == 7 && n < 64 || id.len() == 8 && n >= 64, "{id} after {n}");
        assert!(taken.insert(id));
    }
    assert_eq!(ids::prefix_of("meteo-api"), "MA");
    assert_eq!(ids::prefix_of("bonjour"), "BO");
    assert_eq!(ids::prefix_of("éé"), "IT");
    assert_eq!(ids::file_name("A-1", "L’été, c'est «ça» ../../x"), "A-1-lete-cest-ca-x.md");
    assert_eq!(ids::file_name("A-1", "日本"), "A-1.md");
    assert_eq!(ids::find("9x4h", ["BJ-9X4H", "BJ-1"].into_iter()), Some("BJ-9X4H"));
    assert_eq!(ids::find("X", ["A-X", "B-X"].into_iter()), None);
}

#[test]
fn there_is_a_number_between_two_ranks() {
    assert_eq!(order::between(Some(1.0), Some(2.0)), Some(1.5));
    assert_eq!(order::between(Some(10.0), Some(20.0)), Some(15.0));
    assert_eq!(order::between(None, Some(20.5)), Some(20.0));
    assert_eq!(order::between(Some(20.5), None), Some(21.0));
    assert_eq!(order::between(Some(1.0), Some(1.0)), None);
    let (mut low, high) = (1.0, 2.0);
    for _ in 0..30 {
        let middle = order::between(Some(low), Some(high)).expect("room for thirty moves");
        assert!(low < middle && middle < high);
        low = middle;
    }
}

/// A workspace whose plan stands in a temporary folder.
pub(crate) struct Place {
    _temp: tempfile::TempDir,
    pub(crate) workspace: Workspace,
}

impl Place {
    pub(crate) fn new() -> Self {
        let temp = tempfile::tempdir().expect("a temporary folder");
        let root = temp.path().canonicalize().expect("it exists").join("meteo-api");
        std::fs::create_dir_all(root.join(".chantier/plan")).expect("it can be made");
        let workspace = Workspace::at(&root);
        Self { _temp: temp, workspace }
    }

    pub(crate) fn write(&self, file: &str, text: &str) {
        let path = self.workspace.root.join(file);
        std::fs::create_dir_all(path.parent().expect("below the root")).expect("it can be made");
        std::fs::write(path, text).expect("it can be written");
    }

    fn text(&self, file: &Path) -> String {
        std::fs::read_to_string(self.workspace.root.join(file)).expect("it is there")
    }

    pub(crate) fn folder(&self) -> Folder {
        Folder::open(&self.workspace).expect("it is a folder")
    }

    fn create(&self, draft: &Draft) -> Item {
        self.folder()
            .create(draft, TODAY, |below| fastrand::u32(..below))
            .expect("it can be made")
    }
}

fn titled(title: &str) -> Draft {
    Draft {
        title: title.into(),
        ..Draft::default()
    }
}

#[test]
fn an_item_is_made_changed_and_removed_in_its_file() {
    let place = Place::new();
    place.write(
        "chantier.toml",
        "[plan]\nprefix = \"me\"\nstates = [\"to do\", \"doing\", \"done\"]\nlimits = { doing = 1 }\n",
    );
    let draft = Draft {
        kind: Kind::Bug,
        labels: vec!["api".into(), "no, really".into()],
        assignee: Some("Maëlle Roy".into()),
        due: Some(date(2026, 12, 1)),
        body: "It fails: \"always\".".into(),
        criteria: vec!["It does not".into()],
        ..titled("  Two tests:\nfail  #1 ")
    };
    let item = place.create(&draft);
    assert!(item.id.starts_with("ME-"), "{}", item.id);
    assert_eq!(
        item.file,
        PathBuf::from(format!(".chantier/plan/{}-two-tests-fail-1.md", item.id))
    );
    let expected = format!(
        "---\nid: {}\ntitle: \"Two tests: fail #1\"\nlabels: [api, \"no, really\"]\ntype: bug\nstate: to do\nassignee: Maëlle Roy\n\
         created: 2026-11-21\ndue: 2026-12-01\n---\n\nIt fails: \"always\".\n\n## Acceptance\n\n- [ ] It does not\n",
        item.id
    );
    assert_eq!(place.text(&item.file), expected);

    let folder = place.folder();
    let moved = folder
        .edit(&item.id.to_lowercase(), &[Change::State("Doing".into())], None, TODAY)
        .expect("it can be moved");
    assert_eq!(moved.state, "doing");
    assert_eq!(place.text(&item.file), expected.replace("state: to do", "state: doing"));
    let tick = Change::CriterionNumber {
        number: 1,
        is_done: true,
    };
    let done = folder
        .edit(
            &item.id,
            &[tick, Change::Finished, Change::RemoveLabel("api".into())],
            None,
            TODAY,
        )
        .expect("done");
    assert!(done.is_done(&folder.workflow) && done.n_criteria_done() == 1 && done.labels == ["no, really"]);
    let unknown = folder
        .edit(&item.id, &[Change::State("nowhere".into())], None, TODAY)
        .expect_err("no such state");
    assert_eq!(unknown.summary.key, "plan-no-state");
    assert_eq!(folder.edit("ME-NONE", &[], None, TODAY).expect_err("none").code, "not-found");
    assert_eq!(
        place
            .folder()
            .create(&titled(" "), TODAY, |_| 0)
            .expect_err("no title")
            .summary
            .key,
        "plan-no-title"
    );

    let (kept, text) = folder.text_of(&item.id).expect("it is there");
    folder.remove(&kept).expect("it can be removed");
    assert!(folder.all().expect("readable").is_empty());
    let back = folder.put_back(&kept.file, &text).expect("it can be put back");
    assert_eq!(back, kept);
    assert_eq!(
        folder.put_back(&kept.file, &text).expect_err("twice").summary.key,
        "plan-is-there"
    );
    assert!(folder.put_back(Path::new("../x.md"), "x").is_err());
}

#[test]
fn what_was_changed_outside_is_kept_and_the_same_field_is_not_overwritten() {
    let place = Place::new();
    let item = place.create(&titled("One"));
    let text = place.text(&item.file);
    let command = Command::edit(&place.workspace, &item, vec![Change::Title("Mine".into())]);
    let Command::Edit { changes, seen, .. } = command else {
        unreachable!("it is an edit")
    };
    // Another field was changed by hand: both changes hold.
    place.write(
        &item.file.to_string_lossy(),
        &text.replace("type: chore", "type: bug # really"),
    );
    let merged = place
        .folder()
        .edit(&item.id, &changes, seen.as_ref(), TODAY)
        .expect("nothing in the way");
    assert_eq!((merged.title.as_str(), &merged.kind), ("Mine", &Kind::Bug));
    assert!(place.text(&item.file).contains("type: bug # really\n"));
    // The same field: nothing is written.
    let before = place.text(&item.file).replace("title: Mine", "title: Theirs");
    place.write(&item.file.to_string_lossy(), &before);
    let problem = place
        .folder()
        .edit(&item.id, &changes, seen.as_ref(), TODAY)
        .expect_err("changed meanwhile");
    assert_eq!((problem.code.as_str(), problem.details.as_str()), ("changed", "Theirs"));
    assert_eq!(place.text(&item.file), before);
    // A note does not mind.
    let note = [Change::Note("seen".into())];
    let noted = place
        .folder()
        .edit(&item.id, &note, Some(&Seen::default()), TODAY)
        .expect("a note is only added");
    assert_eq!(noted.body, "\n## Notes\n\n- 2026-11-21: seen\n".trim_start_matches('\n'));
}

#[test]
fn a_broken_file_is_told_and_stays_as_it_is() {
    let place = Place::new();
    let conflict = "---\nid: MA-0AAA\ntitle: x\n<<<<<<< HEAD\nstate: ready\n=======\nstate: done\n>>>>>>> b\n---\n";
    place.write(".chantier/plan/MA-0AAA-x.md", conflict);
    place.write(".chantier/plan/broken.md", "---\ntitle: [\n---\n");
    place.write(
        ".chantier/plan/odd.md",
        "---\nid: MA-ODD1\ntitle: T\nstate: someday\ndue: soon\ndepends: [MA-ODD1, MA-GONE]\npriority: huge\n---\n",
    );
    place.write(".chantier/plan/readme.txt", "no item");
    let folder = place.folder();
    let problem = folder
        .edit("MA-0AAA", &[Change::Finished], None, TODAY)
        .expect_err("a conflict");
    assert_eq!(problem.summary.key, "plan-flaw-conflict");
    assert_eq!(problem.place.as_ref().and_then(|place| place.line), Some(4));
    assert_eq!(place.text(Path::new(".chantier/plan/MA-0AAA-x.md")), conflict);
    let plan = folder.plan().expect("the folder can be read");
    assert_eq!((plan.items.len(), plan.unreadable.len()), (2, 1));
    let both = plan.item("MA-0AAA").expect("it stays visible");
    assert!(both.in_conflict && both.state == "ready", "{both:?}");
    let odd = plan.item("MA-ODD1").expect("it is an item");
    assert_eq!((odd.state.as_str(), plan.column_of(odd)), ("someday", 4));
    let keys: Vec<String> = check::problems(&plan)
        .iter()
        .map(|problem| problem.summary.key.to_string())
        .collect();
    for key in [
        "plan-flaw-conflict",
        "plan-flaw-yaml",
        "plan-remark-state",
        "plan-remark-date",
        "plan-remark-priority",
        "plan-check-link",
        "plan-check-circle",
    ] {
        assert!(keys.iter().any(|known| known == key), "{key} in {keys:?}");
    }
    // A new item never takes the id of a file that can not be read.
    let mut numbers = [0, 10, 10, 10, 1, 10, 10, 10].into_iter();
    let new = folder
        .create(&titled("New"), TODAY, |_| numbers.next().expect("enough"))
        .expect("it can be made");
    assert_eq!(new.id, "MA-1AAA");
}

#[test]
fn links_do_not_run_in_a_circle_and_the_workflow_allows_its_ways_only() {
    let place = Place::new();
    place.write("chantier.toml", "[plan]\ntransitions = { ready = [\"in-progress\"] }\n");
    let (a, b) = (place.create(&titled("A")), place.create(&titled("B")));
    let folder = place.folder();
    folder
        .edit(&a.id, &[Change::Depends(vec![b.id.clone()])], None, TODAY)
        .expect("A needs B");
    let circle = folder
        .edit(&b.id, &[Change::Depends(vec![a.id.clone()])], None, TODAY)
        .expect_err("B needs A");
    assert_eq!(circle.code, "circle");
    let refused = folder
        .edit(&a.id, &[Change::Finished], None, TODAY)
        .expect_err("not from ready");
    assert_eq!(refused.summary.key, "plan-no-way");
    folder
        .edit(&a.id, &[Change::State("in progress".into())], None, TODAY)
        .expect("allowed");
    folder
        .edit(&a.id, &[Change::Finished], None, TODAY)
        .expect("allowed from there");
}

#[test]
fn a_move_changes_one_file_and_its_place() {
    let place = Place::new();
    let ids: Vec<String> = ["a", "b", "c", "d"]
        .iter()
        .map(|title| place.create(&titled(title)).id)
        .collect();
    let order = || -> Vec<String> {
        let plan = place.folder().plan().expect("readable");
        plan.column(0).into_iter().map(|item| item.id.clone()).collect()
    };
    let before = order();
    assert_eq!(before.len(), ids.len());
    let mut wanted = before.clone();
    let last = wanted.pop().expect("four of them");
    wanted.insert(1, last.clone());
    let between = Between {
        above: Some(before[0].clone()),
        below: Some(before[1].clone()),
    };
    let changed = place
        .folder()
        .move_to(&last, "ready", &between, TODAY)
        .expect("it can be moved");
    assert_eq!((changed.len(), order()), (1, wanted));
    // No number between them: the column is numbered anew, and the order holds.
    for id in &before {
        place
            .folder()
            .edit(id, &[Change::Rank(Some(1.0))], None, TODAY)
            .expect("ranked");
    }
    let equal = order();
    let between = Between {
        above: Some(equal[1].clone()),
        below: Some(equal[2].clone()),
    };
    place
        .folder()
        .move_to(&equal[0], "ready", &between, TODAY)
        .expect("it can be moved");
    assert_eq!(order(), [&equal[1], &equal[0], &equal[2], &equal[3]].map(Clone::clone));
}

#[test]
fn the_sample_and_a_backlog_are_read() {
    let place = Place::new();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("resources/sample/.chantier/plan");
    let mut n = 0;
    for entry in std::fs::read_dir(&sample).expect("the sample has a plan") {
        let path = entry.expect("readable").path();
        // The dates are filled in when the sample is unpacked.
        let text = std::fs::read_to_string(&path).expect("UTF-8");
        let text = regex::Regex::new(r"\{date[+-]\d+\}")
            .expect("a pattern")
            .replace_all(&text, "2026-11-01")
            .into_owned();
        place.write(
            &format!(".chantier/plan/{}", path.file_name().expect("a file").to_string_lossy()),
            &text,
        );
        n += 1;
    }
    let task = "---\nid: task-7\ntitle: Old task\nstatus: To Do\nassignee: ['@sara']\ncreated_date: '2025-06-01 10:00'\nlabels: []\ndependencies: []\n---\n\n## Acceptance Criteria\n<!-- AC:BEGIN -->\n- [ ] #1 It works\n<!-- AC:END -->\n";
    place.write("backlog/tasks/task-7 - Old-task.md", task);
    let plan = place.folder().plan().expect("readable");
    assert_eq!((plan.items.len(), check::problems(&plan)), (n + 1, Vec::<Problem>::new()));
    let old = plan.item("TASK-7").expect("read from backlog");
    assert_eq!(
        (old.source, old.state.as_str(), old.assignee.as_deref()),
        (Source::Backlog, "ready", Some("sara"))
    );
    assert_eq!((old.criteria.len(), old.created), (1, Some(date(2025, 6, 1))));
    let changes = [
        Change::Finished,
        Change::Assignee(Some("ana".into())),
        Change::AddCriterion("It is quick".into()),
    ];
    let done = place
        .folder()
        .edit("task-7", &changes, None, TODAY)
        .expect("written in its own words");
    assert_eq!(done.state, "done");
    let expected = task
        .replace("status: To Do", "status: Done")
        .replace("['@sara']", "['@ana']")
        .replace("- [ ] #1 It works\n", "- [ ] #1 It works\n- [ ] #2 It is quick\n");
    let written = place.text(&done.file);
    assert_eq!(written.replace("\"@ana\"", "'@ana'"), expected);
    let milestone = plan.item("BJ-7N2B").expect("the sample has a milestone");
    let share = plan.share_of(milestone);
    assert_eq!((share.n_done, share.n_all), (0, 2));
}

#[test]
fn the_model_follows_loads_changes_and_ends() {
    let place = Place::new();
    let id = place.workspace.id.clone();
    let item = place.create(&titled("One"));
    let mut model = Model::default();
    model.apply(Update::LoadStarted { workspace: id.clone() });
    model.apply(Update::Items {
        workspace: id.clone(),
        items: vec![item.clone()],
    });
    assert!(model.plans[&id].is_loading() && model.plan(&id).is_none());
    let (workflow, problems) = stamps::workflow(&place.workspace);
    model.apply(Update::Loaded {
        workspace: id.clone(),
        workflow,
        unreadable: Vec::new(),
        problems,
    });
    let first = model.plan(&id).expect("loaded").generation;
    assert_eq!(model.plan(&id).expect("loaded").column(0).len(), 1);
    let moved = Item {
        state: "done".into(),
        ..item.clone()
    };
    model.apply(Update::Changed {
        workspace: id.clone(),
        items: vec![moved],
        unreadable: Vec::new(),
        removed: Vec::new(),
    });
    let plan = model.plan(&id).expect("loaded");
    assert!(plan.generation > first && plan.column(3).len() == 1);
    model.apply(Update::Changed {
        workspace: id.clone(),
        items: Vec::new(),
        unreadable: Vec::new(),
        removed: vec![item.file.clone()],
    });
    model.apply(Update::Done {
        workspace: id.clone(),
        id: item.id,
        what: Act::Deleted,
        undo: Some(3),
    });
    assert!(model.plan(&id).expect("loaded").items.is_empty());
    assert_eq!(model.last[&id].undo, Some(3));
    // A load that was stopped leaves what was known.
    model.apply(Update::LoadStarted { workspace: id.clone() });
    model.apply(Update::LoadFailed {
        workspace: id.clone(),
        problem: Problem::cancelled(),
    });
    assert!(model.plans[&id].is_ready());
}

#[test]
fn changes_of_one_edit_stand_on_each_other() {
    let place = Place::new();
    let ids: Vec<String> = ["a", "b", "c"].iter().map(|title| place.create(&titled(title)).id).collect();
    let folder = place.folder();
    let add = |id: &String| Change::AddDepends(id.clone());
    let item = folder
        .edit(&ids[0], &[add(&ids[1]), add(&ids[2])], None, TODAY)
        .expect("both are there");
    assert_eq!(item.depends, [ids[1].clone(), ids[2].clone()]);
    let item = folder
        .edit(&ids[0], &[add(&ids[1]), Change::RemoveDepends(ids[2].clone())], None, TODAY)
        .expect("one goes");
    assert_eq!(item.depends, [ids[1].clone()]);
    // The last day is never before the first.
    let days = |start: i8, due: i8| {
        [
            Change::Start(Some(date(2026, 12, start))),
            Change::Due(Some(date(2026, 12, due))),
        ]
    };
    assert_eq!(
        folder.edit(&ids[0], &days(5, 1), None, TODAY).expect_err("backwards").code,
        "value"
    );
    folder.edit(&ids[0], &days(1, 5), None, TODAY).expect("forwards");
    folder.edit(&ids[0], &days(8, 9), None, TODAY).expect("both move on");
    place.write(
        ".chantier/plan/MA-BACK.md",
        "---\nid: MA-BACK\ntitle: x\nstart: 2026-12-05\ndue: 2026-12-01\n---\n",
    );
    let keys: Vec<String> = check::problems(&folder.plan().expect("readable"))
        .iter()
        .map(|problem| problem.summary.key.to_string())
        .collect();
    assert_eq!(keys, ["plan-remark-days"]);
}

#[test]
fn a_file_that_ends_with_its_closing_line_gets_a_body() {
    let place = Place::new();
    let text = "---\nid: MA-6AAA\ntitle: no final newline\n---";
    place.write(".chantier/plan/MA-6AAA.md", text);
    let changes = [Change::Note("hello".into()), Change::AddCriterion("It works".into())];
    let item = place
        .folder()
        .edit("MA-6AAA", &changes, None, TODAY)
        .expect("a line break comes first");
    assert_eq!(item.criteria.len(), 1);
    assert!(
        place.text(&item.file).starts_with(&format!("{text}\n")),
        "{}",
        place.text(&item.file)
    );
}
