//! Items on two branches: changes of different values go together, and what does not stays visible until it is solved.

use crate::support::cli::{Home, git};
use std::path::PathBuf;

struct Project {
    home: Home,
    root: PathBuf,
    id: String,
}

impl Project {
    /// A repository with one item.
    fn new() -> Self {
        let home = Home::new();
        let root = home.path("project");
        std::fs::create_dir_all(root.join(".chantier/plan")).unwrap();
        git(&root, &["init", "-q", "-b", "main"]);
        git(&root, &["config", "user.name", "Ana"]);
        git(&root, &["config", "user.email", "ana@example.org"]);
        let mut project = Self {
            home,
            root,
            id: String::new(),
        };
        project.plan(&["new", "feature: Show the tide"]);
        let listed = project.home.call_in(&project.root, &["plan", "list", "--json"]).json();
        listed["result"]["items"][0]["id"]
            .as_str()
            .unwrap()
            .clone_into(&mut project.id);
        project.commit();
        project
    }

    fn plan(&self, args: &[&str]) -> String {
        let mut all = vec!["plan"];
        all.extend(args);
        self.home.call_in(&self.root, &all).ok().out.clone()
    }

    fn commit(&self) {
        git(&self.root, &["add", "-A"]);
        git(&self.root, &["commit", "-q", "-m", "chore: plan"]);
    }

    fn file(&self) -> String {
        let mut entries = std::fs::read_dir(self.root.join(".chantier/plan")).unwrap();
        std::fs::read_to_string(entries.next().unwrap().unwrap().path()).unwrap()
    }

    /// The two changes on branches of their own, merged into the first; true when git could.
    fn merged(&self, ours: &str, theirs: &str) -> bool {
        git(&self.root, &["checkout", "-q", "-B", "theirs", "main"]);
        self.plan(&["set", &self.id, theirs]);
        self.commit();
        git(&self.root, &["checkout", "-q", "-B", "ours", "main"]);
        self.plan(&["set", &self.id, ours]);
        self.commit();
        let merge = std::process::Command::new("git")
            .args(["merge", "-q", "--no-edit", "theirs"])
            .current_dir(&self.root)
            .status()
            .unwrap();
        merge.success()
    }
}

#[test]
fn different_values_of_one_item_that_two_branches_set_are_merged() {
    let project = Project::new();
    for (ours, theirs) in [
        ("priority=high", "estimate=3h"),
        ("labels+=api", "priority=low"),
        ("labels+=api", "estimate=3h"),
        ("due=2027-01-05", "assignee=ann"),
        ("state=review", "due=2027-01-05"),
        ("state=review", "labels+=api"),
    ] {
        assert!(project.merged(ours, theirs), "{ours} and {theirs}: {}", project.file());
        let text = project.file();
        for set in [ours, theirs] {
            let value = set.split('=').next_back().unwrap();
            assert!(text.contains(value), "{value} in {text}");
        }
    }
}

#[test]
fn an_item_in_conflict_stays_visible_and_says_the_way_out() {
    let project = Project::new();
    assert!(!project.merged("priority=high", "priority=low"));
    let before = project.file();
    assert!(before.contains("<<<<<<<"), "{before}");
    let listed = project.plan(&["list"]);
    assert!(listed.contains("Show the tide (in conflict) !high"), "{listed}");
    let shown = project.plan(&["show", &project.id]);
    assert!(shown.contains("chantier code conflicts"), "{shown}");
    let set = project
        .home
        .call_in(&project.root, &["plan", "set", &project.id, "due=2027-01-05"]);
    assert!(set.code != 0 && set.err.contains("merge conflict"), "{}", set.err);
    assert_eq!(project.file(), before);
    let check = project.home.call_in(&project.root, &["plan", "check"]);
    assert!(check.code != 0 && check.out.contains("merge conflict"), "{}", check.out);
}

#[test]
fn a_part_that_waits_for_its_whole_is_refused_and_told() {
    let project = Project::new();
    project.plan(&["new", "chore: A part"]);
    let listed = project.home.call_in(&project.root, &["plan", "list", "--json"]).json();
    let items = listed["result"]["items"].as_array().unwrap();
    let part = items.iter().find(|item| item["title"] == "A part").unwrap()["id"]
        .as_str()
        .unwrap();
    project.plan(&["set", part, &format!("parent={}", project.id)]);
    let set = project.home.call_in(
        &project.root,
        &["plan", "set", part, &format!("depends+={}", project.id), "--json"],
    );
    assert_eq!(set.json()["problems"][0]["code"], "circle", "{}", set.out);
    // The whole may wait for its part.
    project.plan(&["set", &project.id, &format!("depends+={part}")]);
    project.plan(&["set", &project.id, &format!("depends-={part}")]);
    project.plan(&["set", part, "parent="]);
    project.plan(&["set", part, &format!("depends+={}", project.id)]);
    let set = project.home.call_in(
        &project.root,
        &["plan", "set", part, &format!("parent={}", project.id), "--json"],
    );
    assert_eq!(set.json()["problems"][0]["code"], "circle", "{}", set.out);
    // Written by hand, it is told.
    let file = std::fs::read_dir(project.root.join(".chantier/plan"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| std::fs::read_to_string(path).unwrap().contains("A part"))
        .unwrap();
    let text = std::fs::read_to_string(&file)
        .unwrap()
        .replacen("title:", &format!("parent: {}\ntitle:", project.id), 1);
    std::fs::write(&file, text).unwrap();
    let check = project.home.call_in(&project.root, &["plan", "check"]);
    assert!(check.code != 0 && check.out.contains("waits for itself"), "{}", check.out);
}

#[test]
fn a_milestone_counts_the_same_everywhere() {
    let project = Project::new();
    project.plan(&["template", "add", "deployment", "--milestone", "v1"]);
    project.plan(&["new", "milestone: v1"]);
    let listed = project
        .home
        .call_in(&project.root, &["plan", "milestone", "list", "--json"])
        .json();
    let milestone = &listed["result"]["milestones"][0];
    let shown = project
        .home
        .call_in(&project.root, &["plan", "show", milestone["id"].as_str().unwrap(), "--json"])
        .json();
    let progress = &shown["result"]["progress"];
    assert_eq!(progress["all"], milestone["n_all"], "{progress} {milestone}");
    assert!(progress["all"].as_u64() > Some(3), "{progress}");
}

#[test]
fn acts_are_taken_back_one_after_the_other_and_never_over_the_work_of_others() {
    let project = Project::new();
    let files = || {
        let entries = std::fs::read_dir(project.root.join(".chantier/plan")).unwrap();
        let mut all: Vec<(PathBuf, String)> = entries
            .map(|entry| entry.unwrap().path())
            .map(|path| (path.clone(), std::fs::read_to_string(&path).unwrap()))
            .collect();
        all.sort();
        all
    };
    let mut states = vec![files()];
    project.plan(&["set", &project.id, "priority=high", "labels+=a"]);
    states.push(files());
    project.plan(&["move", &project.id, "review"]);
    states.push(files());
    project.plan(&["new", "chore: Another"]);
    states.push(files());
    project.plan(&["bulk", "is:open", "priority=low", "due=2027-01-05"]);
    states.push(files());
    std::fs::write(project.root.join("in.json"), "[{\"title\": \"One\"}, {\"title\": \"Two\"}]").unwrap();
    project.plan(&["import", "in.json"]);
    states.push(files());
    project.plan(&["delete", &project.id]);
    states.push(files());
    while states.len() > 1 {
        let now = states.pop().unwrap();
        assert_eq!(files(), now);
        let told = project.plan(&["undo"]);
        assert!(told.starts_with("Taken back: "), "{told}");
    }
    assert_eq!(Some(files()), states.pop());
    let nothing = project.home.call_in(&project.root, &["plan", "undo", "--json"]);
    // The item itself was made by an act, too.
    assert_eq!((nothing.code, files().len()), (0, 0), "{}", nothing.out);
    let nothing = project.home.call_in(&project.root, &["plan", "undo", "--json"]);
    assert_eq!(nothing.json()["problems"][0]["code"], "not-found");
    // Changed by somebody else since: it is told, and stays.
    project.plan(&["new", "chore: Mine"]);
    let (path, text) = files().pop().unwrap();
    std::fs::write(&path, text + "\nBy hand.\n").unwrap();
    let refused = project.home.call_in(&project.root, &["plan", "undo", "--json"]);
    assert_eq!(refused.json()["problems"][0]["code"], "changed", "{}", refused.out);
    assert!(files()[0].1.ends_with("By hand.\n"));
}

/// An act whose file is not in this checkout holds those before it not up: each has a number, and is told with it.
#[test]
fn an_act_of_another_branch_is_passed_by_its_number() {
    let project = Project::new();
    project.plan(&["set", &project.id, "priority=high"]);
    project.commit();
    git(&project.root, &["checkout", "-q", "-b", "other"]);
    project.plan(&["new", "bug: only here"]);
    project.commit();
    git(&project.root, &["checkout", "-q", "main"]);
    let refused = project.home.call_in(&project.root, &["plan", "undo"]);
    assert_eq!(refused.code, 1, "{}", refused.out);
    let acts = project
        .home
        .call_in(&project.root, &["plan", "undo", "--list", "--json"])
        .ok()
        .json();
    let numbers: Vec<i64> = acts["result"]["acts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|act| act["number"].as_i64().unwrap())
        .collect();
    let before = format!("chantier plan undo {}", numbers[1]);
    assert!(refused.err.contains(&before), "{before} in {}", refused.err);
    let listed = project.plan(&["undo", "--list"]);
    assert!(listed.lines().next().unwrap().contains("only here"), "{listed}");
    project.plan(&["undo", &numbers[1].to_string()]);
    let listed = project.plan(&["undo", "--list"]);
    assert!(listed.lines().nth(1).unwrap().contains("(taken back)"), "{listed}");
}

/// How GitHub merges: all of a branch as one commit, whose message names no item.
#[test]
fn a_branch_that_was_merged_as_one_commit_moves_its_item() {
    let project = Project::new();
    project.plan(&["rules", "--set", "merged=review"]);
    project.commit();
    let branch = format!("feat/{}-tide", project.id);
    git(&project.root, &["checkout", "-q", "-b", &branch]);
    for name in ["one", "two"] {
        std::fs::write(project.root.join(name), name).unwrap();
        git(&project.root, &["add", "-A"]);
        git(&project.root, &["commit", "-q", "-m", name]);
    }
    let state = || {
        let listed = project.home.call_in(&project.root, &["plan", "list", "--json"]).ok().json();
        listed["result"]["items"][0]["state"].as_str().unwrap().to_owned()
    };
    project.plan(&["follow"]);
    assert_eq!(state(), "ready");
    git(&project.root, &["checkout", "-q", "main"]);
    std::fs::write(project.root.join("other"), "beside it").unwrap();
    git(&project.root, &["add", "-A"]);
    git(&project.root, &["commit", "-q", "-m", "feat: other"]);
    project.plan(&["follow"]);
    assert_eq!(state(), "ready");
    git(&project.root, &["merge", "-q", "--squash", &branch]);
    git(&project.root, &["commit", "-q", "-m", "feat: tide (#12)"]);
    project.plan(&["follow"]);
    assert_eq!(state(), "review");
}

/// What was taken back is no work any more, until that is taken back itself.
#[test]
fn a_commit_that_was_reverted_counts_for_nothing() {
    let project = Project::new();
    std::fs::write(project.root.join("tide"), "high").unwrap();
    git(&project.root, &["add", "-A"]);
    git(&project.root, &["commit", "-q", "-m", &format!("feat: {} tide", project.id)]);
    let n_commits = || {
        project.plan(&["follow"]);
        let shown = project
            .home
            .call_in(&project.root, &["plan", "show", &project.id, "--json"])
            .ok()
            .json();
        shown["result"]["coverage"]["n_commits"].as_u64()
    };
    assert_eq!(n_commits(), Some(1));
    git(&project.root, &["revert", "--no-edit", "HEAD"]);
    assert_eq!(n_commits().unwrap_or_default(), 0);
    git(&project.root, &["revert", "--no-edit", "HEAD"]);
    assert_eq!(n_commits(), Some(1));
}
