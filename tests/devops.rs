//! The board and the thread over a real ledger: what stands for the build and for what is deployed.

use crate::store::{deployment, instance};
use crate::support::cli::{Home, git};
use chantier::adapters::store::deployments::DeploymentRow;
use chantier::adapters::store::holder;
use chantier::adapters::store::incidents::IncidentRow;
use chantier::adapters::store::instances::{InstanceEnd, InstanceRow};
use chantier::areas::devops::board;
use chantier::base::{State, Workspace};
use chantier::session::{Options, Session};
use std::path::Path;

/// A repository with one commit.
fn repository(dir: &Path, files: &[(&str, &str)]) {
    std::fs::create_dir_all(dir).unwrap();
    git(dir, &["init", "-q", "-b", "main"]);
    git(dir, &["config", "user.name", "Ada"]);
    git(dir, &["config", "user.email", "ada@example.org"]);
    for (name, text) in files {
        std::fs::write(dir.join(name), text).unwrap();
    }
    git(dir, &["add", "-A"]);
    git(dir, &["commit", "-q", "-m", "one"]);
}

#[test]
fn a_check_is_not_the_build_and_what_failed_on_other_sources_needs_no_attention() {
    let home = Home::new();
    let dir = home.path("p");
    let tasks = "[[task]]\nname = \"build\"\nrun = [\"test\", \"-e\", \"good\"]\n\n\
                 [[task]]\nname = \"format\"\nkind = \"check\"\nrun = [\"false\"]\n";
    repository(&dir, &[("chantier.toml", tasks), ("good", "")]);
    home.call(&["devops", "add", "p", "--trust"]).ok();
    let board = || home.call(&["devops", "show", "p", "--json"]).ok().json()["result"]["board"].clone();
    // By its id, as the window asks for it: people read its name.
    home.call_in(&dir, &["build", "run", "task:build"]).ok();
    let runs = home.call_in(&dir, &["devops", "runs"]).ok().out;
    assert!(runs.contains("build in p") && !runs.contains("task:"), "{runs}");
    assert_eq!(home.call_in(&dir, &["build", "run", "format"]).code, 1);
    let row = board();
    assert_eq!(
        (row["build"]["state"].as_str(), row["build"]["is_stale"].as_bool()),
        (Some("done"), Some(false))
    );
    assert_eq!(
        row["problems"],
        serde_json::json!([]),
        "a check that failed is no failed build"
    );
    let thread = home.call_in(&dir, &["devops", "thread", "HEAD", "--json"]).ok().json();
    let steps = thread["result"]["thread"]["steps"].as_array().unwrap();
    let build = steps.iter().find(|step| step["kind"] == "build").unwrap();
    assert_eq!(
        (build["note"].as_str(), build["state"].as_str()),
        (Some("task:build"), Some("done"))
    );
    let history = home.call_in(&dir, &["build", "history", "--json"]).ok().json();
    assert_eq!(
        history["result"]["runs"][0]["source"], "chantier",
        "the check is there, with its tool"
    );

    git(&dir, &["commit", "-q", "--allow-empty", "-m", "two"]);
    std::fs::remove_file(dir.join("good")).unwrap();
    assert_eq!(home.call_in(&dir, &["build", "run", "build"]).code, 1);
    assert_eq!(board()["problems"].as_array().map(Vec::len), Some(1));
    let thread = home.call_in(&dir, &["devops", "thread", "HEAD", "--json"]).ok().json();
    let steps = thread["result"]["thread"]["steps"].as_array().unwrap();
    let build = steps.iter().find(|step| step["kind"] == "build").unwrap();
    assert_eq!(
        (build["note"].as_str(), build["state"].as_str()),
        (Some("task:build +"), Some("failed")),
        "a failure with changes is one"
    );
    let runs = home.call_in(&dir, &["devops", "runs"]).ok().out;
    let short = git(&dir, &["rev-parse", "--short=7", "HEAD"]);
    let marked = runs
        .lines()
        .filter(|line| line.contains(&format!("{}+", short.trim())))
        .count();
    assert_eq!(marked, 1, "the one with changes: {runs}");
    git(&dir, &["checkout", "good"]);
    let row = board();
    assert_eq!(
        (row["build"]["state"].as_str(), row["build"]["is_stale"].as_bool()),
        (Some("failed"), Some(true))
    );
    assert_eq!(row["problems"], serde_json::json!([]), "these sources were not built");
}

#[test]
fn the_environment_that_counts_most_is_shown_as_deployed() {
    let home = Home::new();
    let dir = home.path("p");
    let environment = |name: &str| {
        format!("[[environment]]\nname = \"{name}\"\n[environment.target]\nkind = \"process\"\nrun = [\"true\"]\n\n")
    };
    let text = environment("staging") + &environment("production");
    repository(&dir, &[("chantier.toml", &text)]);
    let options = Options {
        home: Some(home.path("home")),
        ..Options::default()
    };
    let session = Session::open(options).unwrap();
    let workspace = Workspace::at(&dir.canonicalize().unwrap());
    let shown = |deployments: &[(&str, &str, State)]| {
        let rows = deployments.to_vec();
        session.runtime().block_on(async {
            let store = session.world.store().deployments();
            for (name, version, state) in rows {
                let row = DeploymentRow {
                    workspace: workspace.id.clone(),
                    ..deployment(version, name)
                };
                let begun = store.begin(row).await.unwrap();
                store.end(begun.id, state, None).await.unwrap();
            }
            board::read(&session.world, &workspace).await.unwrap()
        })
    };
    let row = shown(&[("staging", "0.3.0", State::Done)]);
    assert_eq!(row.deployed.note, "staging 0.3.0");
    let row = shown(&[("production", "0.2.0", State::Done), ("staging", "0.4.0", State::Done)]);
    assert_eq!(row.deployed.note, "production 0.2.0", "not the one that was deployed to last");
    assert!(row.problems.is_empty(), "{:?}", row.problems);
    let row = shown(&[("staging", "0.5.0", State::Failed)]);
    assert_eq!(
        (row.deployed.note.as_str(), row.deployed.state),
        ("production 0.2.0", State::Done)
    );
    assert_eq!(row.problems.len(), 1, "what failed elsewhere is told");
    session.close();
}

#[test]
fn the_thread_of_a_folder_that_is_not_on_the_board_tells_the_item_as_the_plan_has_it() {
    let home = Home::new();
    let dir = home.path("p");
    std::fs::create_dir_all(dir.join(".chantier/plan")).unwrap();
    let item = |state: &str| format!("---\nid: AB-12CD\ntitle: Show the tide\nstate: {state}\n---\n");
    let file = ".chantier/plan/AB-12CD.md";
    repository(&dir, &[(file, &item("ready"))]);
    std::fs::write(dir.join("tide"), "high").unwrap();
    git(&dir, &["add", "-A"]);
    git(&dir, &["commit", "-q", "-m", "feat: tide\n\nPlan: AB-12CD"]);
    git(&dir, &["tag", "v0.1.0"]);
    let step = |of: &str, kind: &str| {
        let told = home.call_in(&dir, &["devops", "thread", of, "--json"]).ok().json();
        let steps = told["result"]["thread"]["steps"].as_array().unwrap().clone();
        let step = steps.into_iter().find(|step| step["kind"] == kind).unwrap();
        ["name", "state", "note"].map(|key| step[key].as_str().unwrap().to_owned())
    };
    // Nobody followed the project, and nobody put it on the board.
    let short = git(&dir, &["rev-parse", "--short=7", "HEAD"]).trim().to_owned();
    let commit = format!("commit:{short}");
    assert_eq!(step(&commit, "item"), ["AB-12CD", "queued", "Show the tide"]);
    assert_eq!(step(&commit, "release")[..2], ["0.1.0", "done"]);
    assert_eq!(step("item:ab-12cd", "commit")[..2], [short.as_str(), "done"]);
    std::fs::write(dir.join(file), item("done")).unwrap();
    assert_eq!(step("item:AB-12CD", "item"), ["AB-12CD", "done", "Show the tide"]);
    assert_eq!(step("item:AB-12CD", "release")[..2], ["0.1.0", "done"]);
    for of in ["item:XY-1", "XY-1"] {
        let answer = home.call_in(&dir, &["devops", "thread", of, "--json"]);
        assert_eq!(
            (answer.code, answer.json()["problems"][0]["code"].as_str()),
            (1, Some("not-found"))
        );
    }
}

#[test]
fn an_instance_that_died_is_missed_until_it_is_back() {
    let home = Home::new();
    let dir = home.path("p");
    let text =
        "[[environment]]\nname = \"production\"\n[environment.target]\nkind = \"process\"\nrun = [\"true\"]\ninstances = 2\n";
    repository(&dir, &[("chantier.toml", text)]);
    let options = Options {
        home: Some(home.path("home")),
        ..Options::default()
    };
    let session = Session::open(options).unwrap();
    let workspace = Workspace::at(&dir.canonicalize().unwrap());
    session.runtime().block_on(async {
        let store = session.world.store();
        let row = DeploymentRow {
            workspace: workspace.id.clone(),
            inputs: serde_json::json!({ "target": { "kind": "process", "run": ["true"], "instances": 2 } }),
            ..deployment("1.0.0", "production")
        };
        let live = store.deployments().begin(row).await.unwrap();
        store.deployments().end(live.id, State::Done, None).await.unwrap();
        let me = std::process::id();
        let started = |name: &str| InstanceRow {
            workspace: Some(workspace.id.clone()),
            environment: Some("production".to_owned()),
            pid: Some(me),
            pid_start: holder::start_of(me),
            ..instance(name, Some(live.id))
        };
        store.instances().started(started("p-1")).await.unwrap();
        let second = store.instances().started(started("p-2")).await.unwrap();
        let row = board::read(&session.world, &workspace).await.unwrap();
        assert_eq!((row.n_live, row.n_instances, row.problems.len()), (2, 2, 0));

        // Its end is written down, so that it is not among those that run any more.
        let end = InstanceEnd::crashed(None, Some(9));
        store.instances().ended(second.id, end).await.unwrap();
        let incident = IncidentRow {
            id: 0,
            workspace: workspace.id.clone(),
            environment: Some("production".to_owned()),
            title: "down".to_owned(),
            opened_at: live.started_at,
            opened_by: "ada".to_owned(),
            closed_at: None,
            cause: String::new(),
            deployment: Some(live.id),
            notes: String::new(),
        };
        store.incidents().open(incident).await.unwrap();
        let row = board::read(&session.world, &workspace).await.unwrap();
        let keys: Vec<&str> = row.problems.iter().map(|problem| problem.key.as_ref()).collect();
        assert_eq!((row.n_live, row.n_instances, row.n_incidents), (1, 2, 1));
        assert_eq!(keys, ["devops-problem-instance", "devops-problem-incident"]);

        store.instances().started(started("p-2")).await.unwrap();
        let row = board::read(&session.world, &workspace).await.unwrap();
        assert_eq!((row.n_live, row.n_instances, row.problems.len()), (2, 2, 1));
    });
    session.close();
}

#[test]
fn the_version_of_a_tool_is_its_own() {
    for (said, number) in [
        ("git version 2.39.5", "2.39.5"),
        ("OpenSSH_9.2p1 Debian-2+deb12u7, OpenSSL 3.0.19 27 Jan 2026", "9.2p1"),
        ("go version go1.19.8 linux/amd64", "1.19.8"),
        ("v20.19.2", "20.19.2"),
        ("Docker version 20.10.24+dfsg1, build 297e128", "20.10.24+dfsg1"),
        ("rustc 1.95.0 (59807616e 2026-04-14)", "1.95.0"),
        ("no number", "no number"),
    ] {
        assert_eq!(chantier::areas::devops::machine::number_in(said), number, "{said}");
    }
}

/// What a run started stands below it, and each line says when; of all workspaces also whose it is.
#[test]
fn the_list_of_runs_is_a_tree_with_times() {
    let home = Home::new();
    let dir = home.path("p");
    let step = |name: &str| format!("[[runbook.step]]\nname = \"{name}\"\nrun = [\"true\"]\n");
    let file = format!("[[runbook]]\nname = \"two\"\n{}{}", step("early"), step("late"));
    repository(&dir, &[("chantier.toml", &file)]);
    home.call(&["devops", "add", "p", "--trust"]).ok();
    home.call_in(&dir, &["operate", "runbook", "run", "two"]).ok();
    let runs = home.call_in(&dir, &["devops", "runs"]).ok().out;
    let lines: Vec<&str> = runs.lines().collect();
    let at = |word: &str| {
        lines
            .iter()
            .position(|line| line.contains(word))
            .unwrap_or_else(|| panic!("{word}: {runs}"))
    };
    let (book, early, late) = (at("Runbook two"), at("early"), at("late"));
    assert_eq!((early, late), (book + 1, book + 2), "{runs}");
    let before = lines[book].split("Runbook").next().unwrap().chars().count();
    let indented: String = lines[early].chars().skip(before).take(2).collect();
    assert_eq!(indented, "  ", "{runs}");
    let mut words = lines[book].split_whitespace().skip(1);
    let (day, time) = (words.next().unwrap(), words.next().unwrap());
    assert!(day.len() == 10 && time.len() == 8 && time.matches(':').count() == 2, "{runs}");
    let all = home.call_in(&dir, &["devops", "runs", "--all"]).ok().out;
    assert!(all.contains("p: Runbook two"), "{all}");
}
