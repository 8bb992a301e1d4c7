//! What is lost is started again: killed processes, containers that were removed, a journal that is gone. What is right stays.

use super::bench::{Bench, problem_of, version_at};
use super::faults::when;
use super::{data, docker};
use crate::support::cli::git;
use chantier::adapters::deliver;
use chantier::adapters::store::instances::InstanceEnd;
use chantier::areas::deploy::Command as Deploy;
use chantier::areas::deploy::rebuild::{From, Rebuilt};
use chantier::base::State;
use chantier::engine::Outcome;
use std::net::TcpListener;
use std::process::Command as Program;

impl Bench {
    fn rebuild(&mut self, version: Option<&str>) -> Outcome {
        let workspace = self.workspace.clone();
        self.run(Deploy::Rebuild {
            workspace,
            environment: "staging".to_owned(),
            version: version.map(str::to_owned),
            confirmed: None,
        })
    }

    #[track_caller]
    fn rebuilt(&mut self) -> Rebuilt {
        assert_eq!(self.rebuild(None), Outcome::Done, "{:?}", self.problems);
        let known = self.model.deploy.of(&self.workspace.id).unwrap();
        known.rebuilt["staging"].clone()
    }

    fn pids(&mut self) -> Vec<u32> {
        let instances = self.refreshed().instances;
        let running = instances.iter().filter(|one| one.state == State::Running);
        running.filter_map(|one| one.pid).collect()
    }
}

/// Ends a process as a machine that fails does; back when it is gone.
fn kill(pid: u32) {
    assert!(
        Program::new("kill")
            .args(["-9", &pid.to_string()])
            .status()
            .unwrap()
            .success()
    );
    let is_there = || {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
        stat.rsplit_once(')')
            .is_some_and(|(_, rest)| !rest.trim_start().starts_with('Z'))
    };
    while is_there() {
        std::thread::yield_now();
    }
}

#[test]
fn killed_processes_come_back_with_their_data_and_what_runs_is_left_alone() {
    let mut bench = data::bench("good", "", "", "5s");
    bench.filled();
    let before = bench.facts();
    let first = bench.refreshed();
    let pid = bench.pids()[0];
    let nothing = bench.rebuilt();
    assert_eq!((nothing.started.len(), nothing.kept.len()), (0, 1));
    assert_eq!(bench.pids(), [pid]);

    kill(pid);
    let lost = bench.refreshed();
    assert!(lost.has_lost() && lost.state == State::Failed, "{:?}", lost.state);
    let rebuilt = bench.rebuilt();
    assert_eq!((rebuilt.version.as_str(), rebuilt.from), ("1.0.0", From::Journal));
    assert_eq!((rebuilt.started.len(), rebuilt.kept.len()), (1, 0));
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    let found = bench.refreshed();
    assert_eq!(found.state, State::Running);
    assert_eq!(found.live.unwrap().id, first.live.unwrap().id, "it is the same deployment");
    assert_eq!(bench.facts(), before);
    assert_eq!(bench.processes().len(), 1);

    // Its own copies are gone too: they come from the release.
    let id = bench.refreshed().live.unwrap().id;
    kill(bench.pids()[0]);
    let folder = bench
        .home()
        .join("data/deployments")
        .join(&bench.workspace.id.0)
        .join("staging");
    std::fs::remove_dir_all(folder.join(id.to_string())).unwrap();
    assert_eq!(bench.rebuilt().started.len(), 1);
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));

    // Stopped on purpose is not lost.
    assert_eq!(bench.stop(), Outcome::Done);
    assert_eq!(problem_of(bench.rebuild(None)).summary.key, "deploy-rebuild-nothing");
    assert!(bench.processes().is_empty());
    bench.audit_holds();
}

#[test]
fn one_of_two_comes_back_and_the_requests_with_it() {
    let strategy = "strategy = \"blue_green\"\ntraffic = { kind = \"haproxy\", listen = LISTEN, drain = \"1s\" }";
    let mut bench = Bench::made("", strategy, "instances = 2\n", "10s");
    bench.release("1.0.0", "good");
    assert_eq!(bench.deploy("1.0.0"), Outcome::Done);
    let pids = bench.pids();
    assert_eq!(pids.len(), 2);
    kill(pids[0]);
    // Whoever watches writes its end down: it is still one that is missing.
    let seen = bench.refreshed().instances;
    let dead = seen
        .iter()
        .find(|one| one.state == State::Failed)
        .expect("it is seen")
        .clone();
    let end = InstanceEnd::crashed(None, Some(9));
    let session = bench.session();
    let instances = session.world.store().instances();
    session.runtime().block_on(instances.ended(dead.id, end)).unwrap();
    let seen = bench.refreshed().instances;
    let lost = seen.iter().find(|one| one.name == dead.name).expect("it has its row");
    assert_eq!((seen.len(), lost.state), (2, State::Failed));
    assert!(lost.ended_at.is_some());
    let rebuilt = bench.rebuilt();
    assert_eq!((rebuilt.started.len(), rebuilt.kept.len(), rebuilt.has_routed), (1, 1, true));
    let now = bench.pids();
    assert!(
        now.len() == 2 && now.contains(&pids[1]),
        "the other one was not touched: {pids:?} {now:?}"
    );
    let shares = bench.refreshed().traffic;
    assert_eq!(shares.iter().map(|share| share.n_servers).sum::<u32>(), 2);

    // HAProxy alone.
    let folder = bench
        .home()
        .join("data/deployments")
        .join(&bench.workspace.id.0)
        .join("staging/proxy");
    let processes = bench.session().world.processes().clone();
    for proxy in processes.detached_with("CHANTIER_PROXY", &folder.to_string_lossy()) {
        kill(proxy.pid);
    }
    assert_eq!(version_at(bench.listen), None);
    let seen = bench.refreshed();
    let why = seen.why.map(|why| why.key.to_string());
    assert_eq!((seen.state, why.as_deref()), (State::Degraded, Some("deploy-why-front")));
    let rebuilt = bench.rebuilt();
    assert_eq!((rebuilt.started.len(), rebuilt.has_routed), (0, true));
    assert_eq!(bench.refreshed().state, State::Running);
    assert_eq!(version_at(bench.listen).as_deref(), Some("1.0.0"));
    assert_eq!(bench.pids(), now);
    assert_eq!(bench.stop(), Outcome::Done);
}

/// Whoever stands in front is asked which version runs, so it has to stand again before.
#[test]
fn after_a_reboot_instances_and_whoever_stands_in_front_come_back() {
    let strategy = "strategy = \"blue_green\"\ntraffic = { kind = \"haproxy\", listen = LISTEN, drain = \"1s\" }";
    let target = format!("instances = 2\n{}", docker::CHECKS.replace("app.version", "version"));
    let mut bench = Bench::made("", strategy, &target, "10s");
    bench.release("1.0.0", "good");
    assert_eq!(bench.deploy("1.0.0"), Outcome::Done);
    for pid in bench.pids() {
        kill(pid);
    }
    let folder = bench
        .home()
        .join("data/deployments")
        .join(&bench.workspace.id.0)
        .join("staging/proxy");
    let processes = bench.session().world.processes().clone();
    for proxy in processes.detached_with("CHANTIER_PROXY", &folder.to_string_lossy()) {
        kill(proxy.pid);
    }
    let rebuilt = bench.rebuilt();
    assert_eq!((rebuilt.started.len(), rebuilt.has_routed), (2, true));
    assert_eq!(version_at(bench.listen).as_deref(), Some("1.0.0"));
    assert_eq!(bench.stop(), Outcome::Done);
}

#[test]
fn a_port_that_somebody_took_meanwhile_is_told_and_nothing_is_begun() {
    let mut bench = Bench::new();
    bench.release("1.0.0", "good");
    bench.deployed("1.0.0");
    kill(bench.pids()[0]);
    let other = TcpListener::bind(("127.0.0.1", bench.port)).unwrap();
    assert_eq!(problem_of(bench.rebuild(None)).code, "port-taken");
    assert!(bench.processes().is_empty());
    assert_eq!(bench.refreshed().live.unwrap().version, "1.0.0", "it should run all the same");
    drop(other);
    assert_eq!(bench.rebuilt().started.len(), 1);
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    assert_eq!(problem_of(bench.rebuild(Some("9.9.9"))).code, "other-version");
}

#[test]
fn a_recovery_that_is_killed_is_done_again() {
    let mut bench = Bench::new();
    bench.release("1.0.0", "good");
    bench.deployed("1.0.0");
    for mark in [
        "\"name\":\"stage\",\"state\":\"done\"",
        "\"name\":\"start\",\"state\":\"in_progress\"",
        "\"name\":\"gate\",\"state\":\"in_progress\"",
    ] {
        kill(bench.pids()[0]);
        let words = ["recover", "staging", "--events"];
        when(&mut bench, &words, &[], mark, |child| child.kill().unwrap());
        bench.rebuilt();
        assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"), "{mark}");
        assert_eq!(bench.processes().len(), 1, "{mark}");
        let found = bench.refreshed();
        assert_eq!((found.state, found.locked_by), (State::Running, None), "{mark}");
    }
    bench.audit_holds();
}

#[test]
fn a_container_that_was_removed_by_hand_comes_back() {
    let target = format!("image = \"IMAGE:base\"\ninstances = 2\n{}\n{}", docker::SERVE, docker::CHECKS);
    let Some((mut bench, made)) = docker::bench("", &target) else {
        return;
    };
    bench.release("1.0.0", "good");
    assert_eq!(bench.deploy("1.0.0"), Outcome::Done);
    let before = made.containers();
    assert_eq!(before.len(), 2);
    crate::support::engine::docker(None, &["rm", "-f", &before[0]]);
    let rebuilt = bench.rebuilt();
    assert_eq!((rebuilt.started.len(), rebuilt.kept.len()), (1, 1));
    let after = made.containers();
    assert!(after.len() == 2 && after.contains(&before[1]), "{before:?} {after:?}");
    assert_eq!(bench.refreshed().state, State::Running);
    assert_eq!(bench.stop(), Outcome::Done);
}

#[test]
fn a_lost_journal_is_made_up_for_by_tags_and_files() {
    let mut bench = Bench::new();
    for version in ["1.0.0", "1.1.0"] {
        bench.release_commit(version);
        git(&bench.workspace.root, &["tag", &format!("v{version}")]);
        let folder = bench.home().join("data/releases").join(&bench.workspace.id.0).join(version);
        let kept = deliver::keep(&bench.folder.path().join(format!("built-{version}")), &folder.join("app")).unwrap();
        std::fs::write(folder.join("SHA256SUMS"), format!("{}  app\n", kept.sha256)).unwrap();
        std::fs::write(bench.workspace.root.join("note"), version).unwrap();
    }
    bench.deployed("1.1.0");
    let old = bench.pids()[0];
    bench.close();
    for entry in std::fs::read_dir(bench.home().join("data")).unwrap().flatten() {
        if entry.file_name().to_string_lossy().starts_with("ledger.sqlite") {
            std::fs::remove_file(entry.path()).unwrap();
        }
    }
    bench.open();
    assert_eq!(bench.refreshed().live, None, "nothing is known");
    let problem = problem_of(bench.rebuild(None));
    assert_eq!(problem.code, "needs-version");
    assert_eq!(version_at(bench.port).as_deref(), Some("1.1.0"), "nothing was touched");
    assert_eq!(bench.rebuild(Some("1.0.0")), Outcome::Done, "{:?}", bench.problems);
    let known = bench.model.deploy.of(&bench.workspace.id).unwrap();
    assert_eq!(known.rebuilt["staging"].from, From::Files);
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    let now = bench.processes();
    assert!(now.len() == 1 && !now.contains(&old), "{now:?}");
    assert_eq!(
        bench.refreshed().live.unwrap().commit.map(|oid| oid.len()),
        Some(40),
        "its tag says which"
    );
    bench.deployed("1.1.0");
}
