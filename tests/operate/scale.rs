//! Another number of instances of what is live, events of one workspace alone, and the end of what is run in a container; with the real
//! program, real processes and a real container engine.

use crate::support::cli::{Home, git};
use crate::support::engine::{Removed, docker, import_busybox, is_there, unique};
use serde_json::Value;
use std::net::TcpListener;
use std::path::{Path, PathBuf};

/// Four ports in a row that nobody uses now.
fn ports() -> u16 {
    loop {
        let first = fastrand::u16(20_000..60_000);
        let all: Vec<_> = (first..first + 4)
            .map(|port| TcpListener::bind(("127.0.0.1", port)))
            .collect();
        if all.iter().all(Result::is_ok) {
            return first;
        }
    }
}

pub(super) fn project(home: &Home, file: &str) -> PathBuf {
    let dir = home.path("shop");
    std::fs::create_dir(&dir).expect("made");
    std::fs::write(dir.join("chantier.toml"), file).expect("written");
    std::fs::write(dir.join("VERSION"), "1.0.0\n").expect("written");
    git(&dir, &["init", "-q"]);
    git(&dir, &["add", "-A"]);
    git(
        &dir,
        &[
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@example.org",
            "commit",
            "-qm",
            "first",
        ],
    );
    home.call(&["devops", "add", dir.to_str().expect("text"), "--trust"]).ok();
    dir
}

/// Names and process numbers of what runs in staging, by name.
fn running(document: &Value) -> Vec<(String, u64)> {
    let all = document["result"]["instances"].as_array().expect("a list").iter();
    let own = all.filter(|one| one["environment"] == "staging" && one["state"] == "running");
    let mut found: Vec<_> = own
        .map(|one| {
            let name = one["name"].as_str().expect("a name").to_owned();
            (name, one["pid"].as_u64().unwrap_or_default())
        })
        .collect();
    found.sort();
    found
}

pub(super) struct Stopped<'a>(pub(super) &'a Home, pub(super) &'a Path);

impl Drop for Stopped<'_> {
    fn drop(&mut self) {
        self.0.call_in(self.1, &["deploy", "stop", "staging"]);
    }
}

#[test]
fn more_and_fewer_instances_run_and_those_that_stay_are_not_touched() {
    let home = Home::new();
    let port = ports();
    let file = format!(
        "[[environment]]\nname = \"staging\"\ntarget = {{ kind = \"process\", run = [\"python3\", \"-m\", \"http.server\", \"{{port}}\", \"--bind\", \"127.0.0.1\"], port = {port}, instances = 1 }}\nhealth = [{{ kind = \"http\", url = \"http://127.0.0.1:{{port}}/\" }}]\n\n[[environment]]\nname = \"vault\"\nprotected = true\ntarget = {{ kind = \"process\", run = [\"true\"] }}\n\n[[environment]]\nname = \"pair\"\ntarget = {{ kind = \"compose\", files = [\"compose.yaml\"] }}\n\n[[runbook]]\nname = \"say\"\nenvironment = \"staging\"\n\n[[runbook.step]]\nrun = [\"echo\", \"{{version}} in {{environment}}\"]\n"
    );
    let dir = project(&home, &file);
    let call = |args: &[&str]| home.call_in(&dir, args);
    // What stands for what is live stands for nothing before.
    let early = call(&["operate", "runbook", "run", "say", "--json"]);
    assert_eq!(early.code, 1, "{}", early.out);
    assert_eq!(early.json()["problems"][0]["code"], "not-found", "{}", early.out);
    call(&["deploy", "run", "staging", "--built"]).ok();
    let _stopped = Stopped(&home, &dir);
    let scale = |n: &str| call(&["operate", "scale", "staging", n, "--json"]);

    let asked = call(&["operate", "scale", "vault", "3", "--json"]).json();
    assert_eq!(asked["problems"][0]["code"], "needs-confirmation", "{asked:#}");
    let none = call(&["operate", "scale", "vault", "3", "--yes", "vault", "--json"]).json();
    assert_eq!(none["problems"][0]["code"], "not-found", "nothing runs there: {none:#}");
    let one = running(&call(&["operate", "list", "--json"]).json());
    assert_eq!(one.len(), 1, "{one:?}");
    let three = running(&scale("3").ok().json());
    assert_eq!(three.len(), 3, "{three:?}");
    assert_eq!(three[0], one[0], "the first runs on");
    for n in 0..3 {
        let there = std::net::TcpStream::connect(("127.0.0.1", port + n));
        assert!(there.is_ok(), "{n} answers: {there:?}");
    }
    let listed = call(&["deploy", "list", "--json"]).ok().json();
    let staging = |listed: &Value| listed["result"]["environments"][0]["n_wanted"].clone();
    assert_eq!(staging(&listed), 3, "{listed:#}");

    // A port that somebody else has: nothing changes, and nothing is left over.
    let taken = TcpListener::bind(("127.0.0.1", port + 3)).expect("free");
    let failed = scale("4");
    assert_eq!(failed.code, 1);
    assert_eq!(failed.json()["problems"][0]["code"], "port-taken", "{}", failed.out);
    drop(taken);
    let listed = call(&["deploy", "list", "--json"]).ok().json();
    assert_eq!(staging(&listed), 3, "{listed:#}");
    assert_eq!(running(&call(&["operate", "list", "--json"]).json()), three);

    let fewer = scale("1").ok().json();
    assert_eq!(running(&fewer), one, "the last ones end first");
    let rows = fewer["result"]["instances"].as_array().map(Vec::len);
    assert_eq!(
        rows,
        Some(1),
        "those that were taken back are not shown as stopped: {fewer:#}"
    );
    for n in ["0", "101"] {
        assert_eq!(scale(n).json()["problems"][0]["code"], "out-of-range", "{n}");
    }
    let audit = call(&["deploy", "audit", "--json"]).ok().out;
    assert!(audit.contains("scale.done") && audit.contains("scale.failed"), "{audit}");

    // What can not have another number says so.
    let none = call(&["operate", "scale", "pair", "2", "--json"]).json();
    assert_eq!(none["problems"][0]["code"], "not-found", "nothing runs there: {none:#}");

    let said = call(&["operate", "runbook", "run", "say"]).ok();
    assert!(said.out.contains("1.0.0 in staging"), "{}{}", said.out, said.err);
    let told = call(&["operate", "events", "--kind", "runbook", "--json"]).ok().json();
    let states: Vec<&Value> = told["result"]["events"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|event| &event["state"])
        .collect();
    assert_eq!(states, ["in_progress", "failed", "in_progress", "done"], "{told:#}");
}

#[test]
fn events_are_of_the_workspace_and_a_command_ends_as_its_program_did() {
    if !is_there() {
        return;
    }
    let home = Home::new();
    let dir = project(&home, "");
    let (image, own, foreign) = (unique("scale-base"), unique("scale-own"), unique("scale-foreign"));
    let names = [
        ("container", own.clone()),
        ("container", foreign.clone()),
        ("image", image.clone()),
    ];
    let _removed = Removed(names.to_vec());
    import_busybox(None, &home.path("tree"), &image);
    let listed = home.call(&["devops", "list", "--json"]).ok().json();
    let id = listed["result"]["workspaces"][0]["workspace"]["id"]
        .as_str()
        .or_else(|| listed["result"]["workspaces"][0]["id"].as_str())
        .unwrap_or_else(|| panic!("{listed:#}"));
    let label = format!("org.chantier.workspace={id}");
    docker(
        None,
        &["run", "-d", "--name", &own, "--label", &label, &image, "sleep", "600"],
    );
    docker(None, &["run", "-d", "--name", &foreign, &image, "sleep", "600"]);
    let call = |args: &[&str]| home.call_in(&dir, args);
    let names = |document: &Value| -> Vec<String> {
        let events = document["result"]["events"].as_array().expect("a list").iter();
        let names = events.filter_map(|event| event["name"].as_str());
        names
            .filter(|name| **name == own || **name == foreign)
            .map(str::to_owned)
            .collect()
    };
    let of_here = call(&["operate", "events", "--since", "5m", "--json"]).ok().json();
    let told = names(&of_here);
    assert!(told.contains(&own) && !told.contains(&foreign), "{told:?}");
    let of_all = names(&call(&["operate", "events", "--since", "5m", "--all", "--json"]).ok().json());
    assert!(of_all.contains(&own) && of_all.contains(&foreign), "{of_all:?}");

    let exec = |argv: &[&str]| {
        let head = ["operate", "exec", own.as_str(), "--"];
        call(&[&head[..], argv].concat())
    };
    assert_eq!(exec(&["true"]).code, 0);
    assert_eq!(exec(&["sh", "-c", "exit 3"]).code, 3);
    let none = exec(&["nosuch"]);
    assert!(matches!(none.code, 126 | 127), "{} {}{}", none.code, none.out, none.err);
    assert!(none.err.contains("nosuch") && none.err.contains('→'), "{}", none.err);
}
