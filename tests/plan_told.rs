//! What the command line says of items rather than being silent: words that nothing has, files that differ, days that no one means.

use crate::support::cli::{Called, Home, git};
use std::path::PathBuf;

struct Project {
    home: Home,
    root: PathBuf,
}

impl Project {
    fn new() -> Self {
        let home = Home::new();
        let root = home.path("project");
        std::fs::create_dir_all(root.join(".chantier/plan")).unwrap();
        Self { home, root }
    }

    fn call(&self, args: &[&str]) -> Called {
        let mut all = vec!["plan"];
        all.extend(args);
        self.home.call_in(&self.root, &all)
    }

    fn item(&self, id: &str, title: &str) {
        let text = format!("---\nid: {id}\ntitle: {title}\nstate: ready\n---\n");
        std::fs::write(self.root.join(format!(".chantier/plan/{id}.md")), text).unwrap();
    }

    fn titles(&self, filter: &str) -> Vec<String> {
        let listed = self.call(&["list", "--json", "--", filter]).ok().json();
        let items = listed["result"]["items"].as_array().unwrap();
        let mut titles: Vec<String> = items.iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect();
        titles.sort();
        titles
    }
}

#[test]
fn a_word_that_nothing_has_is_told_and_the_signs_of_a_new_item_are_terms() {
    let project = Project::new();
    project.call(&["new", "feature: Tide #api !high @ann ^v1"]).ok();
    project.call(&["new", "bug: Rain #web"]).ok();
    for (filter, titles) in [
        ("#api", vec!["Tide"]),
        ("-#api", vec!["Rain"]),
        ("!high", vec!["Tide"]),
        ("@ann", vec!["Tide"]),
        ("^v1", vec!["Tide"]),
        ("type:bug,feature", vec!["Rain", "Tide"]),
    ] {
        assert_eq!(project.titles(filter), titles, "{filter}");
    }
    for (filter, word) in [
        ("type:nope", "bug"),
        ("state:nope", "ready"),
        ("assignee:nobody", "ann"),
        ("#nope", "web"),
    ] {
        let told = project.call(&["list", filter]).ok().out;
        assert!(
            told.contains(word) && told.contains(filter.trim_start_matches(['#']).split(':').next_back().unwrap()),
            "{filter}: {told}"
        );
    }
    // What could be there, and is not, is no mistake.
    assert_eq!(project.call(&["list", "state:review"]).ok().out.lines().count(), 1);
    let or = project.call(&["list", "type:bug OR type:feature", "--json"]);
    assert_eq!(or.json()["problems"][0]["code"], "filter", "{}", or.out);
}

#[test]
fn a_file_that_comes_again_says_what_changed_and_is_taken_over_when_asked() {
    let project = Project::new();
    let file = project.root.join("issues.json");
    let write = |title: &str, state: &str, label: &str| {
        let text = format!(
            "[{{\"number\": 7, \"html_url\": \"https://github.com/o/r/issues/7\", \"title\": \"{title}\", \"state\": \"{state}\", \"body\": \"Why\", \
             \"labels\": [{{\"name\": \"{label}\"}}], \"created_at\": \"2026-10-01T10:00:00Z\"}}]"
        );
        std::fs::write(&file, text).unwrap();
    };
    write("Tide", "open", "api");
    project.call(&["import", "issues.json"]).ok();
    assert_eq!(
        project.call(&["import", "issues.json", "--json"]).ok().json()["result"]["rows"][0]["differs"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
    // Work on it here is no difference: the file knows only open and closed.
    let id = project.call(&["list", "--json"]).json()["result"]["items"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    project.call(&["move", &id, "review"]).ok();
    assert_eq!(
        project.call(&["import", "issues.json", "--json"]).ok().json()["result"]["rows"][0]["differs"]
            .as_array()
            .unwrap()
            .len(),
        0
    );
    write("High tide", "closed", "web");
    let told = project.call(&["import", "issues.json"]).ok().out;
    assert!(
        told.contains("title: Tide -> High tide") && told.contains("--update"),
        "{told}"
    );
    assert_eq!(project.titles("is:open"), ["Tide"]);
    let told = project.call(&["import", "issues.json", "--update"]).ok().out;
    assert!(told.contains("One item was changed"), "{told}");
    assert_eq!(project.titles("is:done label:web"), ["High tide"]);
    project.call(&["undo"]).ok();
    assert_eq!(project.titles("state:review label:api"), ["Tide"]);
}

#[test]
fn what_a_killed_program_left_half_written_goes_with_the_next_act() {
    let project = Project::new();
    let left = |pid: u32| {
        project
            .root
            .join(format!(".chantier/plan/.chantier-{pid}-0123456789abcdef.tmp"))
    };
    // No program has the one number, this one has the other.
    let (dead, alive) = (left(4_194_399), left(std::process::id()));
    for path in [&dead, &alive] {
        std::fs::write(path, "half").unwrap();
    }
    project.call(&["new", "bug: Rain"]).ok();
    assert!(!dead.exists() && alive.exists());
}

#[test]
fn items_in_folders_below_are_items() {
    let project = Project::new();
    let folder = project.root.join(".chantier/plan/2027/spring");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(
        folder.join("S-1.md"),
        "---\nid: S-1\ntitle: Below\nstate: ready\ntype: bug\n---\n",
    )
    .unwrap();
    assert_eq!(project.titles("type:bug"), ["Below"]);
    project.call(&["set", "S-1", "priority=high"]).ok();
    assert!(
        std::fs::read_to_string(folder.join("S-1.md"))
            .unwrap()
            .contains("priority: high")
    );
    project.call(&["delete", "S-1"]).ok();
    project.call(&["restore"]).ok();
    assert_eq!(project.titles(""), ["Below"]);
}

#[test]
fn efforts_and_days_that_nobody_means_and_endings_that_nobody_reads_are_refused() {
    let project = Project::new();
    project.call(&["new", "bug: Rain"]).ok();
    let id = project.call(&["list", "--json"]).json()["result"]["items"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    for value in ["estimate=99999999w", "estimate=1e12", "due=0001-01-01", "start=9999-01-01"] {
        let refused = project.call(&["set", &id, value, "--json"]);
        assert_eq!(refused.json()["problems"][0]["code"], "value", "{value}: {}", refused.out);
    }
    project.call(&["set", &id, "estimate=40w", "due=2027-01-01"]).ok();
    let refused = project.call(&["export", "out.xyz", "--json"]);
    assert_eq!(refused.json()["problems"][0]["code"], "value", "{}", refused.out);
    assert!(!project.root.join("out.xyz").exists());
    project.call(&["export", "out.xyz", "--format", "csv"]).ok();
    project.call(&["export", "out.json"]).ok();
    // A broken manifest is told, not that there is none.
    std::fs::create_dir_all(project.root.join("js")).unwrap();
    std::fs::write(project.root.join("js/package.json"), "{bad").unwrap();
    let refused = project.call(&["module", "read", "js", "--json"]);
    assert_eq!(refused.json()["problems"][0]["code"], "unreadable", "{}", refused.out);
    assert_eq!(refused.json()["problems"][0]["place"]["line"], 1);
}

#[test]
fn a_filter_knows_months_years_and_signs_behind_the_colon() {
    let project = Project::new();
    for (title, due) in [
        ("March", "2027-03-31"),
        ("April", "2027-04-10"),
        ("May", "2027-05-01"),
        ("Later", "2028-04-10"),
    ] {
        project.call(&["new", &format!("{title} due:{due}")]).ok();
    }
    for (filter, titles) in [
        ("due:2027-04", vec!["April"]),
        ("due<2027-04", vec!["March"]),
        ("due<=2027-04", vec!["April", "March"]),
        ("due>2027-04", vec!["Later", "May"]),
        ("due>=2027-04", vec!["April", "Later", "May"]),
        ("due:2028", vec!["Later"]),
        ("due:<2027-04-10", vec!["March"]),
        ("due:>=2027-05-01", vec!["Later", "May"]),
    ] {
        assert_eq!(project.titles(filter), titles, "{filter}");
    }
    let told = project.call(&["list", "due:2027-13"]);
    assert!(told.err.contains("2027-13"), "{}", told.err);
}

#[test]
fn what_moves_nothing_shows_nothing_but_why() {
    let project = Project::new();
    project.item("TD-0001", "Tide");
    for (args, word) in [
        (vec!["reschedule", "TD-0001"], "--by 3d"),
        (vec!["reschedule", "TD-0001", "--by", "2x"], "2x"),
    ] {
        let told = project.call(&args);
        assert_eq!((told.code, told.out.trim()), (1, ""), "{args:?}");
        assert!(told.err.contains(word), "{args:?}: {}", told.err);
    }
    let told = project.call(&["set", "TD-0001", "x=y", "--json"]);
    assert_eq!(told.json()["problems"][0]["code"], "value");
    project.call(&["set", "TD-0001", "start=today", "due=5d"]).ok();
    let told = project.call(&["set", "TD-0001", "due=someday"]);
    assert!(told.err.contains("someday") && told.err.contains("friday"), "{}", told.err);
    let told = project.call(&["tick", "TD-0001", "4"]);
    assert!(
        told.err.contains("no criterion of that number") && told.err.contains("It has none"),
        "{}",
        told.err
    );
}

#[test]
fn a_parent_that_is_waited_for_is_refused_also_when_both_are_said_at_once() {
    let project = Project::new();
    project.item("TD-0001", "Whole");
    project.item("TD-0002", "Part");
    let told = project.call(&["set", "TD-0002", "parent=TD-0001", "depends+=TD-0001"]);
    assert_eq!(told.code, 1, "{}", told.out);
    project.call(&["check"]).ok();
    project.call(&["set", "TD-0002", "parent=TD-0001"]).ok();
    let told = project.call(&["set", "TD-0002", "depends+=TD-0001"]);
    assert_eq!(told.code, 1, "{}", told.out);
}

#[test]
fn a_test_that_a_run_of_everything_has_no_more_proves_nothing() {
    use chantier::adapters::store::tests::{CaseHistory, StripPoint, TestHistory, TestRunRow};
    use chantier::areas::plan::followed::criteria::{Known, verdict};
    use chantier::base::State;
    let case = |name: &str, runs: &[i64]| CaseHistory {
        suite: "pytest/test_app.py".to_owned(),
        name: name.to_owned(),
        strip: runs
            .iter()
            .map(|run| StripPoint {
                run: *run,
                state: State::Done,
                flaky: false,
                duration_ms: 1,
            })
            .collect(),
        n_runs: runs.len() as u64,
        n_failed: 0,
        last_failed_at: None,
    };
    let run = |id: i64| {
        let row: TestRunRow = serde_json::from_value(serde_json::json!({
            "id": id, "job": null, "workspace": "w", "framework": "pytest", "title": "all", "commit": null, "dirty": null,
            "environment": null, "started_at": "2026-11-21T10:00:00Z", "ended_at": null, "state": "done", "n_passed": 2,
            "n_failed": 0, "n_skipped": 0, "n_flaky": 0, "duration_ms": 1
        }))
        .unwrap();
        (id, row)
    };
    let mut history = TestHistory {
        cases: vec![case("test_add", &[1]), case("test_sub", &[1, 2]), case("test_add2", &[2])],
        runs: [run(1), run(2)].into(),
        whole: [("pytest".to_owned(), 2)].into(),
        ..TestHistory::default()
    };
    let said = |history: &TestHistory| {
        let known = Known::of(history);
        (verdict("test_add", &known.states), known.gone.len())
    };
    assert_eq!(said(&history), (None, 1));
    // Without a run of everything, or by one of another place, nothing is known to be gone.
    let whole = std::mem::take(&mut history.whole);
    assert_eq!(said(&history), (Some(true), 0));
    history.whole = whole;
    history.cases[1].strip.remove(0);
    assert_eq!(said(&history), (Some(true), 0));
}

#[test]
fn a_readme_beside_the_items_is_none_of_them() {
    let project = Project::new();
    project.item("TD-0001", "Tide");
    std::fs::write(project.root.join(".chantier/plan/README.md"), "# Our items\n\nHow we plan.\n").unwrap();
    project.call(&["check"]).ok();
    assert_eq!(project.titles(""), ["Tide"]);
}

#[test]
fn items_of_one_day_stand_as_they_are_numbered() {
    let project = Project::new();
    for id in ["FC-19", "FC-2", "FC-10"] {
        let text = format!("---\nid: {id}\ntitle: {id}\nstate: ready\ncreated: 2026-11-01\n---\n");
        std::fs::write(project.root.join(format!(".chantier/plan/{id}.md")), text).unwrap();
    }
    let listed = project.call(&["list", "--json"]).ok().json();
    let items = listed["result"]["items"].as_array().unwrap();
    let ids: Vec<&str> = items.iter().map(|item| item["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["FC-2", "FC-10", "FC-19"]);
}

#[test]
fn an_item_that_may_not_be_changed_as_a_file_says_holds_no_other_up_and_all_is_taken_back_at_once() {
    let project = Project::new();
    let transitions = "[plan]\ntransitions = { ready = [\"in-progress\"] }\n";
    std::fs::write(project.root.join("chantier.toml"), transitions).unwrap();
    let write = |issues: [(&str, &str); 3]| {
        let issue = |(number, (title, state)): (usize, &(&str, &str))| {
            serde_json::json!({
                "number": number + 1, "html_url": format!("https://github.com/o/r/issues/{}", number + 1), "title": title, "state": state,
                "labels": [], "created_at": "2026-10-01T10:00:00Z",
            })
        };
        let issues: Vec<serde_json::Value> = issues.iter().enumerate().map(issue).collect();
        std::fs::write(project.root.join("issues.json"), serde_json::Value::from(issues).to_string()).unwrap();
    };
    write([("A", "open"), ("B", "open"), ("C", "open")]);
    project.call(&["import", "issues.json"]).ok();
    write([("A changed", "open"), ("B", "closed"), ("C changed", "open")]);
    let told = project.call(&["import", "issues.json", "--update"]);
    assert_eq!(
        (told.code, project.titles("")),
        (1, vec!["A changed".into(), "B".into(), "C changed".into()])
    );
    // How many, and each in words.
    assert!(told.err.contains("1 of 3"), "{}", told.err);
    assert!(told.out.contains("can not go from ready to done"), "{}", told.out);
    project.call(&["undo"]).ok();
    assert_eq!(project.titles(""), ["A", "B", "C"]);
    // The same of several that are changed at once.
    let told = project.call(&["bulk", "is:open", "state=done"]);
    let all = format!("{}{}", told.out, told.err);
    assert!(told.code == 1 && told.err.contains("3 of 3"), "{all}");
    assert!(!all.contains("plan-no-way"), "{all}");
    assert_eq!(told.out.matches("can not go from ready to done").count(), 3, "{all}");
}

#[test]
fn many_items_get_a_need_at_once_and_none_that_closes_a_circle() {
    let project = Project::new();
    for id in ["TD-0001", "TD-0002", "TD-0003"] {
        project.item(id, id);
    }
    project.call(&["bulk", "is:open", "depends+=TD-0001"]);
    let told = project.call(&["list", "--json"]).ok().json();
    let needs = |told: &serde_json::Value| -> Vec<usize> {
        let items = told["result"]["items"].as_array().unwrap();
        items.iter().map(|item| item["depends"].as_array().unwrap().len()).collect()
    };
    assert_eq!(needs(&told), [0, 1, 1]);
    // What an act before wrote counts.
    let told = project.call(&["bulk", "is:open", "depends=TD-0002,TD-0003"]);
    let all = format!("{}{}", told.out, told.err);
    assert!(told.code == 1 && told.err.contains("3 of 3"), "{all}");
    project.call(&["set", "TD-0002", "depends=TD-0003"]).ok();
    assert_eq!(project.call(&["set", "TD-0003", "depends+=TD-0002"]).code, 1);
}

#[test]
fn rules_that_are_set_here_leave_the_project_trusted() {
    let project = Project::new();
    git(&project.root, &["init", "-q"]);
    std::fs::write(
        project.root.join("chantier.toml"),
        "[[task]]\nname = \"t\"\nrun = [\"true\"]\n",
    )
    .unwrap();
    let run = |args: &[&str]| project.home.call_in(&project.root, &[&["build", "run", "t"], args].concat());
    assert_eq!(run(&[]).code, 3);
    // What was not trusted is not trusted by it.
    project.call(&["rules", "--set", "commit=in-progress"]).ok();
    assert_eq!(run(&[]).code, 3);
    run(&["--trust"]).ok();
    project.call(&["rules", "--usual"]).ok();
    run(&[]).ok();
    let text = std::fs::read_to_string(project.root.join("chantier.toml")).unwrap();
    std::fs::write(project.root.join("chantier.toml"), text.replace("\"true\"", "\"false\"")).unwrap();
    project.call(&["rules", "--clear"]).ok();
    assert_eq!(run(&[]).code, 3);
}

#[test]
fn a_folder_of_items_that_leads_out_of_the_project_is_told() {
    let project = Project::new();
    let elsewhere = project.home.path("elsewhere");
    std::fs::create_dir(&elsewhere).unwrap();
    std::fs::remove_dir(project.root.join(".chantier/plan")).unwrap();
    std::os::unix::fs::symlink(&elsewhere, project.root.join(".chantier/plan")).unwrap();
    for text in [None, Some("---\nid: TD-1\ntitle: Tide\nstate: ready\n---\n")] {
        if let Some(text) = text {
            std::fs::write(elsewhere.join("TD-1.md"), text).unwrap();
        }
        let told = project.call(&["list"]);
        assert!(
            told.code == 1 && told.err.contains("leads out of"),
            "{}{}",
            told.out,
            told.err
        );
    }
    // A link inside of the project is a folder as any other.
    std::fs::remove_file(project.root.join(".chantier/plan")).unwrap();
    std::fs::create_dir(project.root.join("plan")).unwrap();
    std::os::unix::fs::symlink("../plan", project.root.join(".chantier/plan")).unwrap();
    project.item("TD-2", "High");
    assert_eq!(project.titles(""), ["High"]);
}
