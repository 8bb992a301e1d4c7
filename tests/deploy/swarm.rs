//! Deployments as services of a real swarm: Swarm rolls out, watches and takes back; it is followed, killed in between, and left clean.

use super::bench::{Bench, problem_of, version_at};
use super::docker::{CHECKS, SERVE};
use super::faults::kill_at;
use crate::support::cli::Home;
use crate::support::engine::{Removed, docker, docker_at, import_busybox, is_there, missing, unique};
use chantier::areas::deploy::{Command as Deploy, StepName};
use chantier::areas::devops::project;
use chantier::base::State;
use chantier::engine::Outcome;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// The machine's engine manages a swarm; one is made where there is none. packaging/test.sh leaves it afterwards.
pub(super) fn has_swarm() -> bool {
    static SWARM: OnceLock<bool> = OnceLock::new();
    *SWARM.get_or_init(|| {
        if !is_there() {
            return false;
        }
        let is_manager = || docker(None, &["info", "--format", "{{.Swarm.ControlAvailable}}"]) == "true";
        if !is_manager() {
            docker_at(None, &["swarm", "init", "--advertise-addr", "127.0.0.1"]);
        }
        let is_there = is_manager();
        if !is_there {
            missing("swarm", "the engine can not make a swarm");
        }
        is_there
    })
}

/// What was made in the swarm goes with the test.
struct Made {
    home: PathBuf,
    image: String,
}

impl Made {
    fn services(&self) -> Vec<String> {
        let listed = docker(None, &["service", "ls", "-q", "--filter", "label=chantier.environment"]);
        let home = |id: &&str| {
            let format = "{{index .Spec.Labels \"chantier.environment\"}}";
            let output = docker_at(None, &["service", "inspect", "--format", format, id]);
            PathBuf::from(String::from_utf8_lossy(&output.stdout).trim()).starts_with(&self.home)
        };
        listed.lines().filter(home).map(str::to_owned).collect()
    }

    /// Ids of the containers that run.
    fn containers(&self) -> Vec<String> {
        let mut all = Vec::new();
        for service in self.services() {
            let filter = format!("label=com.docker.swarm.service.id={}", full(&service));
            let listed = docker(None, &["ps", "-q", "--no-trunc", "--filter", &filter]);
            all.extend(listed.lines().map(str::to_owned));
        }
        all
    }
}

fn full(service: &str) -> String {
    docker(None, &["service", "inspect", "--format", "{{.ID}}", service])
}

impl Drop for Made {
    fn drop(&mut self) {
        for id in self.services() {
            docker_at(None, &["service", "rm", &id]);
        }
        let until = Instant::now() + Duration::from_secs(20);
        let name = format!("{}:base", self.image);
        while !docker_at(None, &["rmi", "-f", &name]).status.success() && Instant::now() < until {
            std::thread::sleep(Duration::from_millis(200));
        }
    }
}

/// A workspace whose `staging` is a service; versions 3 answer badly, versions 4 end at once.
fn bench(of_staging: &str, of_target: &str) -> Option<(Bench, Made)> {
    if !has_swarm() {
        return None;
    }
    let image = unique("swarm");
    let serve = SERVE.replace(
        "case \"{version}\" in",
        "case \"{version}\" in 4.*) echo no database; exit 3 ;;",
    );
    let target = format!(
        "kind = \"swarm\"\npublish = \"host\"\ninside_port = 80\nstop_grace = \"1s\"\nimage = \"{image}:base\"\n{of_target}\n{serve}\n{CHECKS}"
    );
    let bench = Bench::made("", of_staging, &target, "20s");
    import_busybox(None, &bench.folder.path().join("tree"), &format!("{image}:base"));
    let home = bench.home();
    Some((bench, Made { home, image }))
}

#[test]
fn what_a_service_can_not_have_is_said() {
    let check = |lines: &str, of_target: &str, key: &str| {
        let text = format!(
            "[[environment]]\nname = \"staging\"\n{lines}\n[environment.target]\nkind = \"swarm\"\nimage = \"shop:1\"\n{of_target}\n"
        );
        let (_, problems) = project::parse(&text, Path::new("chantier.toml"));
        let keys: Vec<&str> = problems.iter().map(|problem| &*problem.summary.key).collect();
        assert_eq!(keys, if key.is_empty() { vec![] } else { vec![key] }, "{lines}: {problems:?}");
    };
    check("strategy = \"rolling\"", "port = 8080\nvolumes = [\"data:/data\"]", "");
    check("", "publish = \"host\"", "devops-swarm-port");
    check("", "volumes = [\"/:/data\"]", "devops-swarm-volume");
    check(
        "traffic = { kind = \"haproxy\", listen = 80 }",
        "port = 8080",
        "devops-traffic-swarm",
    );
    let canary = "strategy = \"canary\"\ntraffic = { kind = \"haproxy\", listen = 80 }";
    let text =
        format!("[[environment]]\nname = \"a\"\n{canary}\n[environment.target]\nkind = \"swarm\"\nimage = \"b\"\nport = 1\n");
    let (_, problems) = project::parse(&text, Path::new("chantier.toml"));
    assert!(
        problems.iter().any(|problem| problem.summary.key == "devops-strategy-swarm"),
        "{problems:?}"
    );
}

#[test]
fn swarm_rolls_out_takes_back_what_ends_and_brings_back_what_is_bad() {
    let rolling =
        "strategy = { kind = \"rolling\", min_healthy_time = \"1s\", healthy_deadline = \"2m\", progress_deadline = \"3m\" }";
    let Some((mut bench, made)) = bench(rolling, "port = PORT\n") else {
        return;
    };
    for version in ["1.0.0", "2.0.0", "3.0.0", "4.0.0"] {
        bench.release(version, "good");
    }
    bench.deployed("1.0.0");
    assert_eq!(made.services().len(), 1);
    let first = made.containers();
    bench.deployed("2.0.0");
    assert_ne!(made.containers(), first);

    // Swarm sees that its tasks end, and takes the update back by itself.
    let problem = problem_of(bench.deploy("4.0.0"));
    assert_eq!(
        (&*problem.summary.key, problem.code.as_str()),
        ("swarm-rolled-back", "died"),
        "{problem:?}"
    );
    assert!(problem.details.contains("no database"), "{problem:?}");
    assert_eq!(version_at(bench.port).as_deref(), Some("2.0.0"));
    assert_eq!(bench.refreshed().state, State::Running);

    // Swarm is content with what answers badly; the gates are not.
    let problem = problem_of(bench.deploy("3.0.0"));
    assert_eq!(problem.code, "unhealthy", "{problem:?}");
    assert_eq!(version_at(bench.port).as_deref(), Some("2.0.0"));
    let environment = bench.refreshed();
    assert_eq!((environment.state, environment.instances.len()), (State::Running, 1));

    assert_eq!(bench.roll_back(), Outcome::Done);
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    bench.audit_holds();
    assert_eq!(bench.stop(), Outcome::Done);
    assert_eq!((made.services().len(), version_at(bench.port)), (0, None));
    // And from nothing.
    bench.deployed("2.0.0");
}

#[test]
fn each_task_is_an_instance_and_one_that_swarm_starts_again_is_not_lost() {
    let Some((mut bench, made)) = bench("", "instances = 3\n") else {
        return;
    };
    for version in ["1.0.0", "2.0.0", "4.0.0"] {
        bench.release(version, "good");
    }
    // Nothing was there before: nothing is left.
    let problem = problem_of(bench.deploy("4.0.0"));
    // All three may run for a moment: then it is the gate that finds one of them dead.
    assert!(
        ["swarm-failed", "deploy-died-code"].contains(&&*problem.summary.key),
        "{problem:?}"
    );
    assert!(problem.details.contains("no database"), "{problem:?}");
    assert_eq!((problem.code.as_str(), made.services().len()), ("died", 0), "{problem:?}");

    assert_eq!(bench.deploy("1.0.0"), Outcome::Done);
    let environment = bench.refreshed();
    let ports: Vec<u16> = environment.instances.iter().filter_map(|one| one.port).collect();
    assert_eq!((environment.n_wanted, ports.len()), (3, 3));
    assert!(ports.iter().all(|port| version_at(*port).as_deref() == Some("1.0.0")));

    assert_eq!(bench.deploy("2.0.0"), Outcome::Done);
    assert_eq!(made.containers().len(), 3);
    docker(None, &["rm", "-f", &made.containers()[0]]);
    let until = Instant::now() + Duration::from_mins(1);
    loop {
        // Whoever looks meanwhile does not take it for ended.
        assert!(bench.program(&["operate", "list"]).output().unwrap().status.success());
        let environment = bench.refreshed();
        if environment.state == State::Running && made.containers().len() == 3 {
            break;
        }
        assert!(Instant::now() < until, "{environment:?}");
        std::thread::sleep(Duration::from_millis(200));
    }
    let listed = bench.program(&["operate", "list", "--json"]).output().unwrap();
    let listed: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
    let instances = listed["result"]["instances"].as_array().unwrap();
    let mut known: Vec<&str> = instances.iter().filter_map(|one| one["container"].as_str()).collect();
    let mut there = made.containers();
    known.sort_unstable();
    there.sort_unstable();
    assert_eq!(known, there, "the new container, each one once");

    let name = instances[0]["name"].as_str().unwrap();
    let refused = bench.program(&["operate", "stop", name]).output().unwrap();
    assert_eq!(refused.status.code(), Some(1));
    assert_eq!(made.containers().len(), 3);

    // Somebody scaled it by hand: as many as were deployed come back.
    docker(None, &["service", "scale", &format!("{}=1", made.services()[0])]);
    let back = bench.program(&["recover", "staging"]).output().unwrap();
    assert!(back.status.success(), "{}", String::from_utf8_lossy(&back.stderr));
    assert_eq!(made.containers().len(), 3);
}

#[test]
fn a_killed_deployment_to_a_swarm_is_finished_or_taken_back() {
    let Some((mut bench, made)) = bench("", "port = PORT\n") else {
        return;
    };
    bench.release("1.0.0", "good");
    bench.deployed("1.0.0");
    let points = [
        (StepName::Stage, "done"),
        (StepName::Start, "in_progress"),
        (StepName::Start, "done"),
        (StepName::Gate, "done"),
        (StepName::Stop, "done"),
    ];
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
        let runs = bench.model.deploy.recovered[0].runs.clone();
        assert_eq!(made.containers().len(), 1, "{step:?} {state}: never two versions");
        assert_eq!(version_at(bench.port), runs, "{step:?} {state}");
        assert_eq!(bench.refreshed().state, State::Running, "{step:?} {state}");
    }
    bench.audit_holds();
}

#[test]
fn a_service_of_somebody_else_is_left_alone() {
    let Some((mut bench, made)) = bench("", "") else { return };
    let name = unique("foreign");
    let path = bench.workspace.root.join("chantier.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let named = text.replacen("inside_port = 80", &format!("inside_port = 80\nservice = \"{name}\""), 1);
    std::fs::write(&path, named).unwrap();
    let workspace = bench.workspace.clone();
    bench.session().world.trust().trust(&workspace).unwrap();
    let image = format!("{}:base", made.image);
    docker(
        None,
        &[
            "service",
            "create",
            "--detach",
            "--quiet",
            "--name",
            &name,
            &image,
            "/bin/busybox",
            "sleep",
            "600",
        ],
    );
    bench.release("1.0.0", "good");
    let problem = problem_of(bench.deploy("1.0.0"));
    let replicas = docker(
        None,
        &[
            "service",
            "inspect",
            "--format",
            "{{index .Spec.Labels \"chantier.environment\"}}",
            &name,
        ],
    );
    docker(None, &["service", "rm", &name]);
    assert_eq!((problem.code.as_str(), replicas.as_str()), ("not-ours", ""));
}

/// What was made elsewhere and has no container at all is seen all the same, with what Swarm says of it.
#[test]
fn a_service_that_no_node_may_run_is_listed_with_why() {
    if !has_swarm() {
        return;
    }
    let home = Home::new();
    let (image, name) = (unique("lone-base"), unique("lone"));
    let _removed = Removed(vec![("image", image.clone()), ("service", name.clone())]);
    import_busybox(None, &home.path("tree"), &image);
    let nowhere = "node.labels.nowhere==true";
    docker(
        None,
        &[
            "service",
            "create",
            "-q",
            "--detach",
            "--name",
            &name,
            "--constraint",
            nowhere,
            &image,
            "sleep",
            "600",
        ],
    );
    let id = format!("service:{name}");
    let until = Instant::now() + Duration::from_mins(1);
    loop {
        let listed = home.call(&["operate", "list", "--all", "--json"]).ok().json();
        let all = listed["result"]["instances"].as_array().unwrap();
        let seen = all.iter().find(|instance| instance["id"] == id.as_str());
        if seen.is_some_and(|seen| seen["why"]["key"] == "operate-why-service-says") {
            assert_eq!(
                (&seen.unwrap()["note"], &seen.unwrap()["state"]),
                (&"0/1".into(), &"failed".into())
            );
            break;
        }
        assert!(Instant::now() < until, "{listed:#}");
        std::thread::sleep(Duration::from_millis(500));
    }
    let refused = home.call(&["operate", "stop", "--all", &name, "--json"]).json();
    assert_eq!(refused["problems"][0]["code"], "of-service", "{refused:#}");
}
