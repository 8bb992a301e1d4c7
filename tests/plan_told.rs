//! What the command line says of items rather than being silent: words that nothing has, files that differ, days that no one means.

use crate::support::cli::{Called, Home};
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
