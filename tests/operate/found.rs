//! Incidents, runbooks, what changed since it worked, and the code behind a line: on real repositories, through the real program.

use super::workspace;
use crate::support::cli::{Home, git};
use chantier::adapters::git::CommitFile;
use chantier::adapters::host::package_changes;
use chantier::adapters::store::deployments::DeploymentRow;
use chantier::areas::operate::changed::{ChangeKind, keys_of};
use chantier::areas::operate::model::Model;
use chantier::areas::operate::places::{fragments, frame_in, meant};
use chantier::areas::operate::{Command as Operate, Instance, lockfiles};
use chantier::base::{State, Timestamp, Workspace};
use chantier::engine::{Event, JobEvent};
use chantier::session::{Options, Session};
use jiff::tz::TimeZone;
use std::io::Read as _;
use std::path::Path;

fn packages(name: &str, text: &str) -> Vec<(String, String)> {
    assert!(lockfiles::is_lock(Path::new(name)), "{name}");
    lockfiles::packages(Path::new(name), text).into_iter().collect()
}

#[test]
fn lock_files_tell_packages_and_versions() {
    let pair = |name: &str, version: &str| (name.to_owned(), version.to_owned());
    let cargo = "[[package]]\nname = \"serde\"\nversion = \"1.0.2\"\n\n[[package]]\nname = \"syn\"\nversion = \"2.0.0\"\n\n[[package]]\nname = \"syn\"\nversion = \"1.0.9\"\n";
    assert_eq!(
        packages("Cargo.lock", cargo),
        [pair("serde", "1.0.2"), pair("syn", "1.0.9, 2.0.0")]
    );
    let npm = r#"{"lockfileVersion":3,"packages":{"":{"name":"x"},"node_modules/@a/b":{"version":"1.2.3"},"node_modules/c/node_modules/d":{"version":"4.0.0"}}}"#;
    assert_eq!(
        packages("web/package-lock.json", npm),
        [pair("@a/b", "1.2.3"), pair("d", "4.0.0")]
    );
    assert_eq!(
        packages("package-lock.json", r#"{"dependencies":{"c":{"version":"1.0.0"}}}"#),
        [pair("c", "1.0.0")]
    );
    let yarn = "# yarn lockfile v1\n\n\"@a/b@^1.0\", \"@a/b@^1.1\":\n  version \"1.2.3\"\n\nc@1:\n  version \"1.0.0\"\n";
    assert_eq!(packages("yarn.lock", yarn), [pair("@a/b", "1.2.3"), pair("c", "1.0.0")]);
    let go = "module x\n\ngo 1.22\n\nrequire github.com/a/b v1.2.3\n\nrequire (\n\tgithub.com/c/d v0.1.0 // indirect\n)\n";
    assert_eq!(
        packages("go.mod", go),
        [pair("github.com/a/b", "v1.2.3"), pair("github.com/c/d", "v0.1.0")]
    );
    let pip = "Flask[async]==3.0.1 ; python_version > '3.8'  # why\nrequests>=2\n";
    assert_eq!(packages("requirements-prod.txt", pip), [pair("flask", "3.0.1")]);
    assert!(!lockfiles::is_lock(Path::new("node_modules/a/package-lock.json")));
    for name in ["Cargo.lock", "package-lock.json", "go.mod", "yarn.lock", "requirements.txt"] {
        assert!(lockfiles::packages(Path::new(name), "\u{0}{[garbage").is_empty(), "{name}");
    }
}

#[test]
fn settings_are_compared_key_by_key_and_packages_of_the_machine_by_their_log() {
    let keys =
        keys_of("[project]\nname = \"x\"\n[[environment]]\nname = \"prod\"\n[environment.env]\nA = \"1\"\n[[check]]\nport = 1\n");
    let named: Vec<&str> = keys.keys().map(String::as_str).collect();
    assert_eq!(
        named,
        [
            "check[0].port",
            "environment[prod].env.A",
            "environment[prod].name",
            "project.name"
        ]
    );
    assert!(keys_of("not [toml").is_empty());
    let log = "2026-11-25 10:00:00 upgrade old:amd64 1 2\n2026-11-26 10:00:00 startup archives unpack\n\
               2026-11-26 10:00:01 upgrade libssl3:amd64 3.0.1 3.0.2\n2026-11-26 10:00:02 status installed libssl3:amd64 3.0.2\n\
               2026-11-26 11:00:01 upgrade libssl3:amd64 3.0.2 3.0.3\n2026-11-26 11:00:02 install htop:amd64 <none> 3.2\n\
               2026-11-26 11:00:03 remove tig:amd64 2.5 <none>\n2026-11-26 11:00:04 install gone:amd64 <none> 1\n2026-11-26 11:00:05 remove gone:amd64 1 <none>\n";
    let since: Timestamp = "2026-11-26T00:00:00Z".parse().unwrap();
    let seen = package_changes(log, since, &TimeZone::UTC);
    let told: Vec<(&str, Option<&str>, Option<&str>)> = seen
        .iter()
        .map(|change| (change.package.as_str(), change.before.as_deref(), change.after.as_deref()))
        .collect();
    assert_eq!(
        told,
        [
            ("libssl3:amd64", Some("3.0.1"), Some("3.0.3")),
            ("htop:amd64", None, Some("3.2")),
            ("tig:amd64", Some("2.5"), None)
        ]
    );
}

/// By its folders, by its content when it was given another name, and by its name alone only when one has it.
#[test]
fn a_path_of_another_machine_means_a_file_of_the_commit() {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("server.py");
    std::fs::write(&copy, "print(1)\n").unwrap();
    let paths = [
        ("src/main.rs", ""),
        ("web/src/main.rs", ""),
        ("app.py", ""),
        ("java/src/org/acme/Shop.java", ""),
        ("shop/main.py", "same"),
        ("a/util.py", ""),
        ("b/util.py", ""),
    ];
    let blob = chantier::adapters::git::blob_of(&copy).unwrap();
    let files = paths.map(|(path, content)| CommitFile {
        path: path.into(),
        content: format!("100644:{}", if content.is_empty() { path } else { blob.as_str() }),
    });
    let means = |named: &str| meant(&files, named).map(|path| path.to_str().unwrap());
    assert_eq!(means("/build/web/src/main.rs"), Some("web/src/main.rs"));
    assert_eq!(means("./src/main.rs"), Some("src/main.rs"));
    assert_eq!(means("org/acme/Shop.java"), Some("java/src/org/acme/Shop.java"));
    assert_eq!(means("/srv/deployed/app.py"), Some("app.py"));
    assert_eq!(means("/usr/lib/python3/json.py"), None);
    assert_eq!(means("/srv/util.py"), None, "two have this name");
    assert_eq!(
        means(copy.to_str().unwrap()),
        Some("shop/main.py"),
        "the same bytes under another name"
    );
}

#[test]
fn frames_of_every_language_name_a_file_and_a_line() {
    for (line, path, number) in [
        ("             at ./src/main.rs:42:10", "./src/main.rs", 42),
        ("thread 'main' panicked at src/stock.rs:7:5:", "src/stock.rs", 7),
        ("  File \"/srv/shop/app.py\", line 42, in order", "/srv/shop/app.py", 42),
        ("    at order (/srv/shop/app.js:42:17)", "/srv/shop/app.js", 42),
        ("\tat org.acme.Shop$Inner.order(Shop.java:42)", "org/acme/Shop.java", 42),
        ("\t/srv/shop/main.go:42 +0x1d", "/srv/shop/main.go", 42),
        ("#3  0x000 in order (n=1) at src/shop.c:42", "src/shop.c", 42),
    ] {
        let frame = frame_in(line).unwrap_or_else(|| panic!("{line}"));
        assert_eq!((frame.path.as_str(), frame.line), (path, number), "{line}");
    }
    for line in ["GET http://10.0.0.1:8080/ 200", "12:30:11 INFO up", "nothing", ""] {
        assert_eq!(frame_in(line), None, "{line}");
    }
    let found = fragments(r#"{"level":"warn","msg":"stock of candles is low: 3 left","n":3}"#);
    assert_eq!(found[0], "stock of candles is low");
}

#[test]
fn an_incident_is_opened_noted_and_closed_with_its_cause() {
    let home = Home::new();
    let dir = workspace(&home, "shop");
    let call = |args: &[&str]| {
        let mut all = vec!["operate", "incident"];
        all.extend(args);
        home.call_in(&dir, &all)
    };
    let opened = call(&[
        "open",
        "orders fail",
        "--environment",
        "production",
        "--note",
        "since lunch",
        "--json",
    ])
    .ok()
    .json();
    let id = opened["result"]["incident"]["id"].as_i64().unwrap().to_string();
    assert_eq!(opened["result"]["incident"]["notes"][0]["text"], "since lunch");
    call(&["note", &id, "the disk\nis full"]).ok();
    let shown = call(&["show", &id]).ok().out;
    assert!(
        shown.contains("orders fail") && shown.contains("the disk") && shown.contains("Opened by"),
        "{shown}"
    );
    let listed = call(&["list", "--open"]).ok().out;
    assert!(listed.contains("orders fail") && listed.contains("open"), "{listed}");
    let closed = call(&["close", &id, "--cause", "disk full", "--json"]).ok().json();
    let incident = &closed["result"]["incident"];
    assert_eq!(
        (incident["cause"].as_str(), incident["closed_at"].is_string()),
        (Some("disk full"), true)
    );
    let moments = incident["moments"].as_array().unwrap();
    assert_eq!(moments.len(), 4, "{moments:#?}");
    assert!(call(&["list", "--open"]).ok().out.is_empty());
    assert!(call(&["list"]).ok().out.contains("closed"));
    // What can not be is said.
    for (args, words) in [
        (&["show", "99"][..], "no incident 99"),
        (&["note", &id, " "][..], "needs words"),
        (&["close", &id, "--cause", ""][..], "closed with its cause"),
        (&["close", &id, "--cause", "again"][..], "is closed, with this cause"),
        (&["open", "  "][..], "needs a title"),
        (&["open", "x", "--on", "nobody"][..], "no instance"),
    ] {
        let failed = call(args);
        assert!(failed.code != 0 && failed.err.contains(words), "{args:?}: {}", failed.err);
    }
}

#[test]
fn a_runbook_runs_step_by_step_asks_and_stands_in_the_ledger() {
    let home = Home::new();
    let dir = workspace(&home, "shop");
    let project = r#"
[[task]]
name = "sweep"
run = ["sh", "-c", "echo swept >> swept.txt"]

[[environment]]
name = "production"
[environment.target]
kind = "process"
run = ["true"]

[[runbook]]
name = "clean"
description = "Sweeps"
[[runbook.step]]
task = "sweep"
[[runbook.step]]
run = ["false"]
may_fail = true
[[runbook.step]]
name = "again"
run = ["sh", "-c", "echo twice >> swept.txt"]

[[runbook]]
name = "restart"
environment = "production"
[[runbook.step]]
run = ["sh", "-c", "echo restarted >> swept.txt"]

[[runbook]]
name = "asks"
confirm = true
[[runbook.step]]
run = ["sh", "-c", "exit 3"]
[[runbook.step]]
run = ["sh", "-c", "echo never >> swept.txt"]

[[runbook]]
name = "broken"
[[runbook.step]]
task = "nothing"

[[runbook]]
name = "empty"
"#;
    std::fs::write(dir.join("chantier.toml"), project).unwrap();
    let call = |args: &[&str]| {
        let mut all = vec!["operate", "runbook"];
        all.extend(args);
        home.call_in(&dir, &all)
    };
    let swept = || std::fs::read_to_string(dir.join("swept.txt")).unwrap_or_default();
    // Nothing of a workspace runs before it is trusted.
    assert_eq!(call(&["run", "clean"]).code, 3);
    assert_eq!(swept(), "");
    call(&["run", "clean", "--trust"]).ok();
    assert_eq!(swept(), "swept\ntwice\n");
    let refused = call(&["run", "restart", "--yes"]);
    assert!(refused.code != 0 && refused.err.contains("production"), "{}", refused.err);
    call(&["run", "restart", "--yes", "production"]).ok();
    assert_eq!(swept(), "swept\ntwice\nrestarted\n");
    assert!(call(&["run", "asks"]).err.contains("--yes"));
    let failed = call(&["run", "asks", "--yes"]);
    assert_ne!(failed.code, 0);
    assert_eq!(swept(), "swept\ntwice\nrestarted\n", "what follows a failure does not run");
    // A wrong entry loses that entry only, and is told.
    let listed = call(&["list", "--json"]).json();
    let books = listed["result"]["runbooks"].as_array().unwrap();
    let of = |name: &str| books.iter().find(|book| book["name"] == name);
    assert_eq!(of("clean").unwrap()["last"]["state"], "done");
    assert_eq!(of("asks").unwrap()["last"]["state"], "failed");
    assert_eq!(of("restart").unwrap()["is_protected"], true);
    assert!(of("broken").is_none() && of("empty").is_none());
    assert!(call(&["run", "nobody"]).err.contains("There are clean"));
}

/// A repository with two versions, the second one worse.
fn two_versions(dir: &Path) -> (String, String) {
    let write = |name: &str, text: &str| {
        std::fs::create_dir_all(dir.join(name).parent().unwrap()).unwrap();
        std::fs::write(dir.join(name), text).unwrap();
    };
    let commit = |subject: &str| {
        git(dir, &["add", "-A"]);
        git(dir, &["commit", "-q", "-m", subject]);
        git(dir, &["rev-parse", "HEAD"]).trim().to_owned()
    };
    git(dir, &["init", "-q", "-b", "main"]);
    git(dir, &["config", "user.email", "ana@example.org"]);
    git(dir, &["config", "user.name", "Ana"]);
    write("chantier.toml", "[project]\nname = \"shop\"\ndescription = \"old\"\n");
    write("requirements.txt", "flask==3.0.0\n");
    write(
        "shop/app.py",
        "def order(item):\n    stock = stocks[item]\n    log.warning(\"stock of candles is low: %d left\", stock)\n    return stock\n",
    );
    let first = commit("the shop sells");
    write("chantier.toml", "[project]\nname = \"shop\"\ndescription = \"new\"\n");
    write("requirements.txt", "flask==3.1.0\n");
    write(
        "shop/app.py",
        "def order(item):\n    # no stock, no order\n    stock = stocks[item]\n    log.warning(\"stock of candles is low: %d left\", stock)\n    return stock\n",
    );
    let second = commit("orders look at the stock");
    (first, second)
}

#[test]
fn a_line_of_a_log_leads_to_the_code_of_the_commit() {
    let home = Home::new();
    let dir = workspace(&home, "shop");
    two_versions(&dir);
    let place = |line: &str| {
        let found = home.call_in(&dir, &["operate", "where", line, "--json"]).ok().json();
        let place = &found["result"]["places"][0];
        (place["path"].as_str().unwrap().to_owned(), place["line"].as_u64().unwrap())
    };
    assert_eq!(
        place("  File \"/srv/app/shop/app.py\", line 3, in order"),
        ("shop/app.py".to_owned(), 3)
    );
    assert_eq!(
        place("2026-11-26 17:32:20 WARNING stock of candles is low: 3 left"),
        ("shop/app.py".to_owned(), 4)
    );
    let shown = home.call_in(&dir, &["operate", "where", "app.py:2"]).ok().out;
    assert!(shown.contains(">     2      # no stock, no order"), "{shown}");
    let none = home.call_in(&dir, &["operate", "where", "all is well"]);
    assert!(none.code != 0 && none.err.contains("No place in the code"), "{}", none.err);
}

#[test]
fn what_changed_since_it_worked_is_one_list() {
    let home = Home::new();
    let dir = workspace(&home, "shop");
    let (first, second) = two_versions(&dir);
    let dir = dir.canonicalize().unwrap();
    let options = Options {
        home: Some(home.path("home")),
        ..Options::default()
    };
    let mut session = Session::open(options).unwrap();
    let workspace = Workspace::at(&dir);
    let store = session.world.store().clone();
    let deployed = |version: &str, commit: &str| DeploymentRow {
        workspace: workspace.id.clone(),
        commit: Some(commit.to_owned()),
        ..crate::store::deployment(version, "production")
    };
    let (old, new) = (deployed("1.0.0", &first), deployed("1.1.0", &second));
    let id = session.runtime().block_on(async {
        let old = store.deployments().begin(old).await.unwrap();
        store.deployments().end(old.id, State::Done, None).await.unwrap();
        let new = store.deployments().begin(new).await.unwrap();
        store.deployments().end(new.id, State::Done, None).await.unwrap();
        new.id
    });
    let instance = Instance {
        id: "1".to_owned(),
        name: "shop-1".to_owned(),
        environment: Some("production".to_owned()),
        deployment: Some(id),
        ..Instance::default()
    };
    let job = session.link.start(Operate::FindChanges { workspace, instance }.into());
    let mut model = Model::default();
    let runtime = session.runtime().clone();
    runtime.block_on(async {
        while let Some(event) = session.link.next().await {
            match event {
                Event::Update(chantier::areas::Update::Operate(update)) => model.apply(update),
                Event::Job(id, JobEvent::Ended { .. }) if id == job => break,
                _ => {}
            }
        }
    });
    let changes = model.changes.expect("it was compared");
    assert_eq!(changes.from.as_ref().unwrap().version, "1.0.0");
    let of = |kind: ChangeKind| -> Vec<(String, Option<String>, Option<String>)> {
        let items = changes.items.iter().filter(|item| item.kind == kind);
        items
            .map(|item| (item.what.clone(), item.before.clone(), item.after.clone()))
            .collect()
    };
    assert_eq!(of(ChangeKind::Commit)[0].0, "orders look at the stock");
    let setting = (
        "project.description".to_owned(),
        Some("\"old\"".to_owned()),
        Some("\"new\"".to_owned()),
    );
    assert_eq!(of(ChangeKind::Setting), [setting]);
    let package = ("flask".to_owned(), Some("3.0.0".to_owned()), Some("3.1.0".to_owned()));
    assert_eq!(of(ChangeKind::Dependency), [package]);
    session.close();
}

/// Of a server that forks its workers the server is the instance, and ends when it is told to.
#[test]
fn a_server_with_workers_is_one_instance() {
    let home = Home::new();
    let dir = workspace(&home, "forks");
    let program = r#"
import os, socket, time
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen()
server = os.getpid()
for _ in range(3):
    if os.fork() == 0:
        while os.getppid() == server:
            time.sleep(0.05)
        os._exit(0)
print("ready", flush=True)
time.sleep(600)
"#;
    std::fs::write(dir.join("serve.py"), program).unwrap();
    let mut server = std::process::Command::new("python3")
        .arg("serve.py")
        .current_dir(&dir)
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = [0; 5];
    server.stdout.as_mut().unwrap().read_exact(&mut ready).unwrap();
    let listed = home.call_in(&dir, &["operate", "list", "--json"]).ok().json();
    let all = listed["result"]["instances"].as_array().unwrap();
    assert_eq!(all.len(), 1, "{listed}");
    assert_eq!(
        (&all[0]["pid"], &all[0]["n_processes"]),
        (&server.id().into(), &4.into()),
        "{listed}"
    );
    let name = all[0]["name"].as_str().unwrap();
    home.call_in(&dir, &["operate", "stop", name]).ok();
    assert!(!server.wait().unwrap().success());
}
