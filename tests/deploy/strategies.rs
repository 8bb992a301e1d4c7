//! Rolling, blue/green and canary with real processes behind a real HAProxy: no request is lost, a bad version goes back, a canary
//! waits for whoever promotes it, and what a kill -9 leaves is put in order.

use super::bench::{Bench, ask, free_port, problem_of, version_at};
use super::faults::kill_at;
use super::load::Load;
use crate::support::engine::missing;
use chantier::areas::Model;
use chantier::areas::deploy::traffic::weights;
use chantier::areas::deploy::{Command as Deploy, Rollout, StepName};
use chantier::areas::devops::project;
use chantier::base::{JobId, State};
use chantier::engine::Outcome;
use std::path::Path;

const BLUE_GREEN: &str = "strategy = \"blue_green\"\ntraffic = { kind = \"haproxy\", listen = LISTEN, drain = \"1s\" }";
const CANARY: &str = "strategy = { kind = \"canary\", steps = [{ weight = 10 }, { weight = 50, pause = \"300ms\" }] }
traffic = { kind = \"haproxy\", listen = LISTEN, drain = \"1s\" }";

fn has_haproxy() -> bool {
    let is_there = std::process::Command::new("haproxy").arg("-v").output().is_ok();
    if !is_there {
        missing("haproxy", "there is no haproxy");
    }
    is_there
}

/// The environment's rollout as it is shown now.
pub(super) fn rollout<'a>(model: &'a Model, bench: &chantier::base::WorkspaceId) -> Option<&'a Rollout> {
    model.deploy.of(bench).and_then(|known| known.rollout("staging"))
}

impl Bench {
    /// Behind HAProxy, with these versions made and the first one live; None where there is no HAProxy.
    pub(super) fn behind(strategy: &str, of_target: &str, deadline: &str, versions: &[&str]) -> Option<Self> {
        if !has_haproxy() {
            return None;
        }
        let mut bench = Self::made("", strategy, of_target, deadline);
        for version in versions {
            bench.release(version, "good");
        }
        bench.deployed(versions[0]);
        Some(bench)
    }

    /// Deploys until the canary waits at its n-th pause.
    fn canary_at(&mut self, version: &str, n: usize) -> JobId {
        let command = self.deploy_command("staging", version, None);
        let id = self.start(command);
        self.until_pause(id, n);
        id
    }

    fn until_pause(&mut self, id: JobId, n: usize) {
        let workspace = self.workspace.id.clone();
        let ended = self.until(id, |model| {
            let Some(rollout) = rollout(model, &workspace) else {
                return false;
            };
            let pauses: Vec<_> = rollout.steps.iter().filter(|step| step.name == StepName::Pause).collect();
            pauses.get(n).is_some_and(|step| step.state == State::InProgress)
        });
        assert_eq!(ended, None, "it waits: {:?}", rollout(&self.model, &workspace));
    }

    fn promote(&mut self, is_full: bool) -> Outcome {
        let workspace = self.workspace.clone();
        self.run(Deploy::Promote {
            workspace,
            environment: "staging".to_owned(),
            is_full,
            confirmed: None,
        })
    }

    /// Asks through whoever stands in front.
    fn front(&self) -> Option<String> {
        version_at(self.listen)
    }

    fn states(&self) -> Vec<(StepName, State)> {
        let rollout = rollout(&self.model, &self.workspace.id).unwrap();
        rollout.steps.iter().map(|step| (step.name, step.state)).collect()
    }
}

#[test]
fn weights_give_the_part_that_is_asked_for() {
    for (percent, n_new, n_old) in [
        (10, 1, 1),
        (10, 3, 3),
        (50, 2, 2),
        (1, 1, 1),
        (1, 8, 2),
        (99, 7, 7),
        (33, 2, 5),
    ] {
        let (new, old) = weights(percent, n_new, n_old);
        assert!((1..=256).contains(&new) && (1..=256).contains(&old), "{new} {old}");
        let (all_new, all_old) = (f64::from(new) * n_new as f64, f64::from(old) * n_old as f64);
        let part = all_new / (all_new + all_old) * 100.0;
        assert!((part - f64::from(percent)).abs() < 0.8, "{percent} {n_new} {n_old}: {part}");
    }
}

#[test]
fn what_does_not_go_together_is_said_where_it_stands() {
    let check = |lines: &str, key: &str| {
        let text = format!(
            "[[environment]]\nname = \"staging\"\n{lines}\n[environment.target]\nkind = \"process\"\nrun = [\"app\"]\nport = 8080\n"
        );
        let (_, problems) = project::parse(&text, Path::new("chantier.toml"));
        let keys: Vec<&str> = problems.iter().map(|problem| &*problem.summary.key).collect();
        assert_eq!(keys, if key.is_empty() { vec![] } else { vec![key] }, "{lines}: {problems:?}");
    };
    let haproxy = "traffic = { kind = \"haproxy\", listen = 80 }";
    check("", "");
    check("strategy = \"rolling\"", "");
    check(
        "strategy = { kind = \"rolling\", max_parallel = 0 }",
        "devops-strategy-parallel",
    );
    check(
        "strategy = { kind = \"rolling\", min_healthy_time = \"1m\", healthy_deadline = \"10s\" }",
        "devops-strategy-deadlines",
    );
    check("strategy = \"blue_green\"", "devops-strategy-traffic");
    check(&format!("strategy = \"blue_green\"\n{haproxy}"), "");
    check(&format!("strategy = \"canary\"\n{haproxy}"), "");
    check("strategy = \"canary\"", "devops-strategy-traffic");
    check(
        &format!("strategy = {{ kind = \"canary\", steps = [{{ weight = 50 }}, {{ weight = 10 }}] }}\n{haproxy}"),
        "devops-strategy-steps",
    );
    check("traffic = { kind = \"haproxy\", socket = \"a\" }", "devops-traffic-where");
    check("strategy = \"bluegreen\"", "wrong-word");
}

#[test]
fn a_port_that_another_environment_asks_for_is_left_to_it() {
    if !has_haproxy() {
        return;
    }
    let mut bench = Bench::made("", BLUE_GREEN, "", "5s");
    let path = bench.workspace.root.join("chantier.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let (staging, production) = text.split_at(text.find("name = \"production\"").unwrap());
    let asked = production.lines().find(|line| line.starts_with("port = ")).unwrap();
    let production = production.replace(asked, &format!("port = {}", bench.port + 1));
    std::fs::write(&path, format!("{staging}{production}")).unwrap();
    let workspace = bench.workspace.clone();
    bench.session().world.trust().trust(&workspace).unwrap();
    for version in ["1.0.0", "2.0.0"] {
        bench.release(version, "good");
        assert_eq!(bench.deploy(version), Outcome::Done);
        assert_eq!(bench.front().as_deref(), Some(version));
    }
    bench.refreshed();
    let ports: Vec<_> = bench.environment("staging").instances.iter().map(|one| one.port).collect();
    assert_eq!(ports.len(), 1);
    assert!(ports.iter().all(|port| *port > Some(bench.port + 1)), "{ports:?}");
    assert_eq!(bench.stop(), Outcome::Done);
}

#[test]
fn rolling_replaces_one_instance_after_the_other_and_goes_back_when_one_is_bad() {
    let strategy = "strategy = { kind = \"rolling\", min_healthy_time = \"100ms\" }";
    let mut bench = Bench::made("", strategy, "instances = 3", "3s");
    bench.release("1.0.0", "good");
    bench.deployed("1.0.0");
    let first: Vec<u32> = bench.processes();
    assert_eq!(first.len(), 3);
    bench.release("2.0.0", "good");
    bench.deployed("2.0.0");
    let n_of = |states: &[(StepName, State)], name: StepName| states.iter().filter(|(step, _)| *step == name).count();
    let states = bench.states();
    assert!(states.iter().all(|(_, state)| *state == State::Done), "{states:?}");
    assert_eq!(
        [StepName::Stop, StepName::Start, StepName::Gate, StepName::Watch].map(|name| n_of(&states, name)),
        [3; 4]
    );
    let kept = bench.processes();
    bench.release("3.0.0", "broken");
    let problem = problem_of(bench.deploy("3.0.0"));
    assert_eq!(problem.code, "unhealthy");
    let now = bench.processes();
    assert_eq!(now.len(), 3);
    assert_eq!(
        now.iter().filter(|pid| kept.contains(pid)).count(),
        2,
        "those that were not reached yet ran on"
    );
    for n in 0..3 {
        assert_eq!(version_at(bench.port + n).as_deref(), Some("2.0.0"));
    }
    let environment = bench.refreshed();
    assert_eq!(
        (environment.state, environment.live.unwrap().version),
        (State::Running, "2.0.0".to_owned())
    );
    bench.audit_holds();
}

#[test]
fn blue_green_loses_no_request_there_and_back() {
    let Some(mut bench) = Bench::behind(BLUE_GREEN, "instances = 2", "10s", &["1.0.0", "2.0.0", "3.0.0"]) else {
        return;
    };
    assert_eq!(bench.front().as_deref(), Some("1.0.0"));
    let load = Load::start(bench.listen, 150, 6);
    load.wait_for("1.0.0", 20);
    for version in ["2.0.0", "3.0.0"] {
        let outcome = bench.deploy(version);
        assert_eq!(outcome, Outcome::Done);
        load.wait_for(version, 20);
        assert_eq!(bench.processes().len(), 2);
    }
    assert_eq!(bench.roll_back(), Outcome::Done);
    load.wait_for("2.0.0", 20);
    let counted = load.end();
    assert_eq!(counted.failed, Vec::<String>::new(), "of {}", counted.n_sent);
    let environment = bench.refreshed();
    let shares: Vec<(&str, u32)> = environment
        .traffic
        .iter()
        .map(|one| (one.version.as_str(), one.percent))
        .collect();
    assert_eq!(shares, [("2.0.0", 100)]);
    assert_eq!(bench.stop(), Outcome::Done);
    assert_eq!(bench.front(), None, "nobody stands in front of nothing");
    bench.audit_holds();
}

#[test]
fn a_bad_version_beside_the_old_one_is_never_asked() {
    let Some(mut bench) = Bench::behind(BLUE_GREEN, "", "1s", &["1.0.0"]) else {
        return;
    };
    let before = bench.processes();
    let load = Load::start(bench.listen, 100, 4);
    bench.release("2.0.0", "broken");
    let problem = problem_of(bench.deploy("2.0.0"));
    assert_eq!(
        (problem.code.as_str(), &*problem.hint.unwrap().key),
        ("unhealthy", "deploy-nothing-changed")
    );
    load.wait_for("1.0.0", 10);
    let counted = load.end();
    assert_eq!(counted.failed, Vec::<String>::new());
    assert_eq!(counted.by_version.keys().collect::<Vec<_>>(), ["1.0.0"]);
    assert_eq!(bench.processes(), before, "the old one was not touched");
}

#[test]
fn a_connection_that_never_ends_is_said_and_holds_nothing_up() {
    let Some(mut bench) = Bench::behind(BLUE_GREEN, "", "10s", &["1.0.0", "2.0.0"]) else {
        return;
    };
    let listen = bench.listen;
    let hanging = std::thread::spawn(move || ask(listen, "/hang"));
    let proxy = bench.proxy();
    let runtime = bench.session().runtime().clone();
    while runtime
        .block_on(proxy.servers())
        .unwrap()
        .iter()
        .all(|server| server.n_connections == 0)
    {
        std::thread::park_timeout(std::time::Duration::from_millis(5));
    }
    assert_eq!(bench.deploy("2.0.0"), Outcome::Done);
    let rollout = rollout(&bench.model, &bench.workspace.id).unwrap();
    let drained = rollout.steps.iter().find(|step| step.name == StepName::Drain).unwrap();
    let note = chantier::base::Catalog::new(chantier::base::Lang::En).msg(drained.note.as_ref().unwrap());
    assert!(note.contains("One connection did not end"), "{note}");
    assert_eq!(bench.front().as_deref(), Some("2.0.0"));
    hanging.join().unwrap();
}

#[test]
fn a_canary_waits_is_promoted_and_loses_no_request() {
    let Some(mut bench) = Bench::behind(CANARY, "", "10s", &["1.0.0", "2.0.0"]) else {
        return;
    };
    assert_eq!(problem_of(bench.promote(false)).code, "nothing-waits");
    let load = Load::start(bench.listen, 150, 6);
    let id = bench.canary_at("2.0.0", 0);
    load.wait_for("2.0.0", 10);
    let shares = rollout(&bench.model, &bench.workspace.id).unwrap().traffic.clone();
    let percent = |version: &str| shares.iter().find(|one| one.version == version).map(|one| one.percent);
    assert_eq!((percent("1.0.0"), percent("2.0.0")), (Some(90), Some(10)));
    let environment = bench.refreshed();
    let waits = environment.waits.unwrap();
    assert_eq!((waits.version.as_str(), waits.percent, waits.until), ("2.0.0", 10, None));
    // Another program promotes.
    let promoted = bench.program(&["deploy", "promote", "staging"]).output().unwrap();
    assert!(promoted.status.success(), "{}", String::from_utf8_lossy(&promoted.stderr));
    assert_eq!(bench.until(id, |_| false), Some(Outcome::Done));
    load.wait_for("2.0.0", 20);
    let counted = load.end();
    assert_eq!(counted.failed, Vec::<String>::new(), "of {}", counted.n_sent);
    assert!(
        bench.states().iter().all(|(_, state)| *state == State::Done),
        "{:?}",
        bench.states()
    );
    assert_eq!(bench.processes().len(), 1);
    bench.audit_holds();
}

/// Also where hardly anybody asks.
#[test]
fn a_canary_gets_its_share_from_the_first_requests_on() {
    let Some(mut bench) = Bench::behind(CANARY, "", "10s", &["1.0.0", "2.0.0"]) else {
        return;
    };
    for _ in 0..15 {
        assert_eq!(bench.front().as_deref(), Some("1.0.0"));
    }
    let id = bench.canary_at("2.0.0", 0);
    let n_new = (0..30).filter(|_| bench.front().as_deref() == Some("2.0.0")).count();
    assert!((2..=5).contains(&n_new), "{n_new} of 30");
    let aborted = bench.program(&["deploy", "abort", "staging"]).output().unwrap();
    assert!(aborted.status.success(), "{}", String::from_utf8_lossy(&aborted.stderr));
    assert_eq!(bench.until(id, |_| false), Some(Outcome::Cancelled));
}

#[test]
fn a_canary_is_given_up_from_another_program_and_the_old_version_was_never_away() {
    let Some(mut bench) = Bench::behind(CANARY, "", "10s", &["1.0.0", "2.0.0"]) else {
        return;
    };
    let before = bench.processes();
    let load = Load::start(bench.listen, 150, 6);
    let id = bench.canary_at("2.0.0", 0);
    load.wait_for("2.0.0", 5);
    let aborted = bench.program(&["deploy", "abort", "staging"]).output().unwrap();
    assert!(aborted.status.success(), "{}", String::from_utf8_lossy(&aborted.stderr));
    assert_eq!(bench.until(id, |_| false), Some(Outcome::Cancelled));
    let told = bench
        .problems
        .iter()
        .any(|problem| problem.summary.key == "deploy-aborted-returned");
    assert!(told, "{:?}", bench.problems);
    load.wait_for("1.0.0", 20);
    assert_eq!(load.end().failed, Vec::<String>::new());
    assert_eq!(bench.processes(), before);
    let environment = bench.refreshed();
    assert_eq!(
        (environment.state, environment.live.unwrap().version),
        (State::Running, "1.0.0".to_owned())
    );
}

#[test]
fn a_canary_whose_version_is_withdrawn_meanwhile_goes_back() {
    let Some(mut bench) = Bench::behind(CANARY, "", "10s", &["1.0.0", "2.0.0"]) else {
        return;
    };
    let before = bench.processes();
    let id = bench.canary_at("2.0.0", 0);
    let withdrawn = bench
        .program(&["release", "withdraw", "2.0.0", "it eats data"])
        .output()
        .unwrap();
    assert!(withdrawn.status.success(), "{}", String::from_utf8_lossy(&withdrawn.stderr));
    let problem = problem_of(bench.until(id, |_| false).expect("it ends"));
    assert_eq!(problem.code, "withdrawn");
    assert_eq!(bench.processes(), before);
    assert_eq!(bench.front().as_deref(), Some("1.0.0"));
}

#[test]
fn a_canary_that_turns_bad_while_it_is_watched_goes_by_itself() {
    let Some(mut bench) = Bench::behind(CANARY, "", "10s", &["1.0.0"]) else {
        return;
    };
    let before = bench.processes();
    bench.release("2.0.0", "tires");
    let problem = problem_of(bench.deploy("2.0.0"));
    assert_eq!(
        (&*problem.summary.key, problem.code.as_str()),
        ("deploy-watch-bad", "unhealthy")
    );
    assert_eq!(bench.processes(), before);
    assert_eq!(bench.front().as_deref(), Some("1.0.0"));
}

/// Killed at these steps, and put in order by the next start: one version, every request to it, no lock.
fn check_killed(of_staging: &str, points: &[(StepName, &str)]) {
    let Some(mut bench) = Bench::behind(of_staging, "", "5s", &["1.0.0"]) else {
        return;
    };
    for (i, (step, state)) in points.iter().enumerate() {
        let version = format!("2.0.{i}");
        bench.release(&version, "good");
        kill_at(&mut bench, &version, *step, state);
        assert_eq!(
            bench.run(Deploy::Recover),
            Outcome::Done,
            "{step:?} {state}: {:?}",
            bench.problems
        );
        let found = bench.model.deploy.recovered.clone();
        let runs = found[0].runs.clone().unwrap();
        assert_eq!(bench.processes().len(), 1, "{step:?} {state}: never two versions");
        assert_eq!(bench.front(), Some(runs.clone()), "{step:?} {state}");
        let environment = bench.refreshed();
        assert_eq!(
            (environment.state, environment.locked_by),
            (State::Running, None),
            "{step:?} {state}"
        );
        assert_eq!(environment.live.unwrap().version, runs);
        let shares: Vec<(String, u32)> = environment
            .traffic
            .into_iter()
            .map(|one| (one.version, one.percent))
            .collect();
        assert_eq!(shares, [(runs, 100)], "{step:?} {state}");
    }
    bench.audit_holds();
}

#[test]
fn a_killed_blue_green_is_finished_or_taken_back() {
    let states = ["in_progress", "done"];
    let steps = [
        StepName::Start,
        StepName::Gate,
        StepName::Switch,
        StepName::Drain,
        StepName::Stop,
    ];
    let points: Vec<_> = steps.into_iter().flat_map(|step| states.map(|state| (step, state))).collect();
    check_killed(BLUE_GREEN, &points);
}

#[test]
fn a_killed_canary_is_taken_back_or_finished() {
    check_killed(
        CANARY,
        &[
            (StepName::Start, "done"),
            (StepName::Gate, "done"),
            (StepName::Weight, "in_progress"),
            (StepName::Weight, "done"),
            (StepName::Pause, "in_progress"),
        ],
    );
}

#[test]
fn a_haproxy_that_is_there_already_is_adopted() {
    if !has_haproxy() {
        return;
    }
    let adopted = "strategy = \"blue_green\"
traffic = { kind = \"haproxy\", socket = \"lb/admin.sock\", backend = \"shop\", listen = LISTEN, drain = \"1s\" }";
    let mut bench = Bench::made("", adopted, "", "10s");
    for version in ["1.0.0", "2.0.0"] {
        bench.release(version, "good");
    }
    assert_eq!(
        problem_of(bench.deploy("1.0.0")).code,
        "no-proxy",
        "before anything is started"
    );
    let folder = bench.workspace.root.join("lb");
    std::fs::create_dir(&folder).unwrap();
    let config = format!(
        "global\n stats socket unix@admin.sock mode 600 level admin\ndefaults\n mode http\n timeout connect 5s\n timeout client 30s\n \
         timeout server 30s\nfrontend f\n bind 127.0.0.1:{}\n default_backend shop\nbackend shop\n \
         server-template s 1-2 127.0.0.1:1 disabled\n",
        bench.listen
    );
    let start = |config: &str| {
        std::fs::write(folder.join("haproxy.cfg"), config).unwrap();
        let mut haproxy = std::process::Command::new("haproxy");
        haproxy
            .args(["-db", "-f", "haproxy.cfg"])
            .current_dir(&folder)
            .spawn()
            .unwrap()
    };
    let proxy = chantier::adapters::proxy::Proxy {
        socket: folder.join("admin.sock"),
        backend: "shop".to_owned(),
    };
    let runtime = bench.session().runtime().clone();
    let until = |is_up: bool| {
        while runtime.block_on(proxy.is_up()) != is_up {
            std::thread::park_timeout(std::time::Duration::from_millis(5));
        }
    };
    // One that only tells is known before anything is started.
    let mut theirs = start(&config.replace("level admin", "level operator"));
    until(true);
    assert_eq!(problem_of(bench.deploy("1.0.0")).code, "proxy-not-admin");
    assert_eq!(bench.processes().len(), 0);
    theirs.kill().unwrap();
    theirs.wait().unwrap();
    until(false);
    let mut theirs = start(&config);
    until(true);
    for version in ["1.0.0", "2.0.0"] {
        assert_eq!(bench.deploy(version), Outcome::Done);
        assert_eq!(bench.front().as_deref(), Some(version));
    }
    assert_eq!(bench.stop(), Outcome::Done);
    assert!(theirs.try_wait().unwrap().is_none(), "it is not ours to end");
    theirs.kill().unwrap();
    theirs.wait().unwrap();
}

/// Without `traffic` nobody is sent anywhere: who stood in front ends with what it served, and not before the new version holds.
#[test]
fn a_way_in_that_is_asked_for_no_longer_is_ended() {
    let Some(mut bench) = Bench::behind(BLUE_GREEN, "", "10s", &["1.0.0", "1.1.0"]) else {
        return;
    };
    assert_eq!(bench.front().as_deref(), Some("1.0.0"));
    let path = bench.workspace.root.join("chantier.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let without = text.replacen(&BLUE_GREEN.replace("LISTEN", &bench.listen.to_string()), "", 1);
    assert_ne!(text, without);
    std::fs::write(&path, without).unwrap();
    let workspace = bench.workspace.clone();
    bench.session().world.trust().trust(&workspace).unwrap();

    bench.release("2.0.0", "dies");
    problem_of(bench.deploy("2.0.0"));
    assert_eq!(
        bench.front().as_deref(),
        Some("1.0.0"),
        "the version before came back with its way in"
    );

    bench.deployed("1.1.0");
    assert_eq!(bench.states().last(), Some(&(StepName::Close, State::Done)));
    assert!(
        std::net::TcpListener::bind(("127.0.0.1", bench.listen)).is_ok(),
        "nobody is there"
    );
    assert_eq!(bench.stop(), Outcome::Done);
}

/// Where it listens is changed by a deployment: refused while another program has the port, taken back with a version that is bad.
#[test]
fn a_way_in_that_moves_is_back_where_it_was_when_the_deployment_fails() {
    let Some(mut bench) = Bench::behind(BLUE_GREEN, "", "1s", &["1.0.0"]) else {
        return;
    };
    let path = bench.workspace.root.join("chantier.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let moved = |bench: &mut Bench, to: u16| {
        let (was, now) = (format!("listen = {}", bench.listen), format!("listen = {to}"));
        std::fs::write(&path, text.replacen(&was, &now, 1)).unwrap();
        let workspace = bench.workspace.clone();
        bench.session().world.trust().trust(&workspace).unwrap();
    };
    bench.release("2.0.0", "good");
    let theirs = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    moved(&mut bench, theirs.local_addr().unwrap().port());
    let problem = problem_of(bench.deploy("2.0.0"));
    assert_eq!(problem.code, "port-taken", "{problem:?}");
    assert_eq!(bench.front().as_deref(), Some("1.0.0"), "nothing was ended for it");

    let to = free_port();
    moved(&mut bench, to);
    bench.release("3.0.0", "broken");
    problem_of(bench.deploy("3.0.0"));
    assert_eq!(bench.front().as_deref(), Some("1.0.0"), "its users find it again");
    assert_eq!(version_at(to), None);

    kill_at(&mut bench, "2.0.0", StepName::Start, "done");
    assert_eq!(bench.run(Deploy::Recover), Outcome::Done, "{:?}", bench.problems);
    let recovered = bench.model.deploy.recovered[0].runs.clone();
    let at = if recovered.as_deref() == Some("2.0.0") {
        to
    } else {
        bench.listen
    };
    assert_eq!(version_at(at), recovered);
    assert!(recovered.is_some());
    bench.listen = to;
    bench.deployed("2.0.0");
    assert_eq!(bench.front().as_deref(), Some("2.0.0"));
    bench.audit_holds();
}
