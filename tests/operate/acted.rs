//! What is done to instances: to a compose project as one, by one program at a time; and what leaves no trace.

use super::workspace;
use crate::support::cli::Home;
use crate::support::engine::{Removed, docker, import_busybox, is_there, unique};
use chantier::adapters::store::checks::CheckResultRow;
use chantier::areas::devops::project::parse;
use chantier::areas::operate::incidents::told_of;
use chantier::base::{State, Timestamp, WorkspaceId};
use std::path::Path;
use std::process::Stdio;

#[test]
fn a_compose_project_is_stopped_and_started_as_one() {
    if !is_there() {
        return;
    }
    let home = Home::new();
    let dir = workspace(&home, "shop");
    let (image, project) = (unique("project-base"), unique("project"));
    let names = ["web", "db"].map(|word| format!("{project}_{word}_1"));
    let mut removed: Vec<(&str, String)> = names.iter().map(|name| ("container", name.clone())).collect();
    removed.push(("image", image.clone()));
    let _removed = Removed(removed);
    import_busybox(None, &home.path("tree"), &image);
    let label = format!("com.docker.compose.project={project}");
    let folder = format!("com.docker.compose.project.working_dir={}", dir.display());
    for name in &names {
        let mut args = vec![
            "run",
            "-d",
            "--network",
            "none",
            "--name",
            name,
            "--label",
            &label,
            "--label",
            &folder,
        ];
        args.extend([image.as_str(), "sleep", "600"]);
        docker(None, &args);
    }
    let states = || {
        let state = |name: &String| docker(None, &["inspect", "-f", "{{.State.Status}}", name]);
        names.iter().map(state).collect::<Vec<_>>()
    };
    let wrong = home.call_in(&dir, &["operate", "stop", "--grace", "1s", &project, "nobody-there"]);
    assert_ne!(wrong.code, 0);
    assert_eq!(states(), ["running", "running"], "nothing is done when one is not known");
    home.call_in(&dir, &["operate", "stop", "--grace", "1s", &project]).ok();
    assert_eq!(states(), ["exited", "exited"]);
    home.call_in(&dir, &["operate", "start", &project]).ok();
    assert_eq!(states(), ["running", "running"]);
}

#[test]
fn two_programs_do_not_restart_the_same_at_once() {
    if !is_there() {
        return;
    }
    let home = Home::new();
    let dir = workspace(&home, "shop");
    let (image, name) = (unique("busy-base"), unique("busy"));
    let _removed = Removed(vec![("container", name.clone()), ("image", image.clone())]);
    import_busybox(None, &home.path("tree"), &image);
    let script = "trap 'echo asked; sleep 4; exit 0' TERM; while :; do sleep 1; done";
    docker(
        None,
        &["run", "-d", "--network", "none", "--name", &name, &image, "sh", "-c", script],
    );
    let args = ["operate", "restart", "--all", &name];
    let mut first = home.program(&dir, &args).stdout(Stdio::null()).spawn().unwrap();
    super::wait_until("it is asked to end", || docker(None, &["logs", &name]).contains("asked"));
    let second = home.call_in(&dir, &["operate", "restart", "--all", &name, "--json"]);
    assert_eq!(second.json()["problems"][0]["code"], "busy", "{}", second.out);
    assert!(first.wait().unwrap().success());
    home.call_in(&dir, &["operate", "restart", "--all", "--grace", "1s", &name])
        .ok();
}

#[test]
fn a_runbook_that_is_not_there_leaves_no_trace_and_a_note_prints_one_line() {
    let home = Home::new();
    let dir = workspace(&home, "shop");
    let file = "[[runbook]]\nname = \"tidy\"\n[[runbook.step]]\nrun = [\"true\"]\n";
    std::fs::write(dir.join("chantier.toml"), file).unwrap();
    let wrong = home.call_in(&dir, &["operate", "runbook", "run", "nope", "--json"]);
    assert_eq!(wrong.json()["problems"][0]["code"], "not-found", "{}", wrong.out);
    let events = home.call_in(&dir, &["operate", "events", "--kind", "runbook"]).ok().out;
    assert!(!events.contains("nope"), "{events}");
    home.call_in(&dir, &["operate", "incident", "open", "slow"]).ok();
    let noted = home
        .call_in(&dir, &["operate", "incident", "note", "1", "looked at it"])
        .ok()
        .out;
    assert_eq!(noted.lines().count(), 1, "{noted}");
    let shown = home.call_in(&dir, &["operate", "incident", "show", "1"]).ok().out;
    assert!(shown.contains("looked at it"), "{shown}");
}

#[test]
fn a_word_of_no_environment_is_told_and_a_shells_own_is_not() {
    let problems = |word: &str| {
        let text = format!("[[runbook]]\nname = \"say\"\n[[runbook.step]]\nrun = [\"sh\", \"-c\", \"echo v={word}\"]\n");
        let (file, problems) = parse(&text, Path::new("chantier.toml"));
        let keys: Vec<String> = problems.iter().map(|problem| problem.summary.key.to_string()).collect();
        let shown = file.runbooks.first().map(|book| book.steps[0].shown());
        (keys, shown)
    };
    assert_eq!(problems("{version}").0, ["devops-runbook-word"]);
    let (none, shown) = problems("${version}");
    assert!(none.is_empty(), "{none:?}");
    assert_eq!(shown.as_deref(), Some("sh -c 'echo v=${version}'"));
}

#[test]
fn a_check_that_goes_up_and_down_is_one_line_of_an_incident() {
    let result = |secs: i64, state: State| CheckResultRow {
        workspace: WorkspaceId("w".to_owned()),
        name: "flap".to_owned(),
        at: Timestamp::from_second(1_800_000_000 + secs).unwrap(),
        state,
        latency_ms: None,
        message: "503".to_owned(),
    };
    let by_turns = |n: i64| if n % 2 == 0 { State::Failed } else { State::Done };
    let flaps: Vec<CheckResultRow> = (0..40).map(|n| result(n * 2, by_turns(n))).collect();
    let told: Vec<String> = told_of(&flaps).iter().map(|(_, what)| what.key.to_string()).collect();
    assert_eq!(told, ["incident-check-down", "incident-check-flaps", "incident-check-up"]);
    // A few changes, or changes that are far from each other, are each told.
    let few: Vec<CheckResultRow> = (0..4).map(|n| result(n * 2, by_turns(n))).collect();
    assert_eq!(told_of(&few).len(), 4);
    let far: Vec<CheckResultRow> = (0..10).map(|n| result(n * 3600, by_turns(n))).collect();
    assert_eq!(told_of(&far).len(), 10);
    // Of many answers that say the same only the changes are read.
    let bench = crate::monitor::checks::Bench::new("");
    let world = bench.world();
    let seen = bench.session.runtime().block_on(async {
        for n in 0..30 {
            let state = if n < 20 { State::Done } else { State::Failed };
            world.store().checks().record(result(n, state)).await.unwrap();
        }
        let (from, to) = (flaps[0].at, far[9].at);
        let id = WorkspaceId("w".to_owned());
        world.store().checks().swings(&id, "flap", from, to, 100).await.unwrap()
    });
    let changes: Vec<(i64, State)> = seen
        .iter()
        .map(|row| (row.at.as_second() - 1_800_000_000, row.state))
        .collect();
    assert_eq!(changes, [(0, State::Done), (20, State::Failed)]);
}

#[test]
fn checks_that_can_never_be_good_are_told_when_the_file_is_read() {
    let keys = |text: &str| {
        let (_, problems) = parse(text, Path::new("chantier.toml"));
        problems
            .iter()
            .map(|problem| problem.summary.key.to_string())
            .collect::<Vec<_>>()
    };
    let http = |more: &str| format!("[[check]]\nname = \"a\"\nkind = \"http\"\n{more}\n");
    let good = "url = \"http://127.0.0.1:1/a?b=c\"";
    assert!(keys(&http(good)).is_empty());
    assert_eq!(keys(&http(&format!("{good}\ntimeout = \"0s\""))), ["devops-check-timeout"]);
    assert_eq!(keys(&http("url = \"http://127.0.0.1:1/a b\"")), ["http-bad-address"]);
    assert_eq!(keys(&http("url = \"http://bücher.invalid/\"")), ["http-bad-address"]);
    for (path, is_good) in [
        ("list[", false),
        ("list[x]", false),
        ("a[0].b[1][2]", true),
        ("$.a.b", true),
        ("a]", false),
    ] {
        let found = keys(&http(&format!("{good}\njson = [{{ path = \"{path}\", equals = 1 }}]")));
        assert_eq!(found.is_empty(), is_good, "{path}: {found:?}");
    }
    let server = "[[prometheus]]\nname = \"p\"\nurl = \"http://127.0.0.1:9090/api/v1\"\n";
    assert_eq!(keys(server), ["devops-prometheus-api"]);
}
