//! Deployments with real processes: gates, the way back, the lock, what a kill -9 leaves, the audit log.

pub(crate) mod bench;
mod compose;
mod continuous;
mod data;
mod docker;
mod docker_host;
mod faults;
mod guided;
pub(crate) mod host;
mod judged;
mod left_out;
mod load;
mod page;
mod plan_settings;
mod plans;
pub(crate) mod postgres;
mod rebuild;
mod rehearsal;
mod secrets;
mod ssh;
mod strategies;
mod swarm;

use bench::{Bench, ask, problem_of, version_at};
use chantier::areas::deploy::{Command as Deploy, What};
use chantier::areas::devops::gate::{self, Counter, Verdict};
use chantier::areas::devops::probe::Tried;
use chantier::areas::release::Command as Release;
use chantier::base::{Catalog, Lang, State};
use chantier::engine::Outcome;
use std::io::Write;
use std::net::TcpListener;
use std::time::{Duration, Instant};

#[test]
fn a_gate_holds_after_so_many_good_tries_in_a_row_before_its_deadline() {
    let good = || Tried::Good {
        took_ms: 1.0,
        status: Some(200),
    };
    let bad = || Tried::WrongStatus {
        status: 503,
        expected: 200,
    };
    let at = Duration::from_millis;
    let mut counter = Counter::new(3, at(1000));
    let tries = [
        (good(), 0, Verdict::GoOn),
        (good(), 100, Verdict::GoOn),
        (bad(), 200, Verdict::GoOn),
        (good(), 300, Verdict::GoOn),
        (good(), 400, Verdict::GoOn),
        (good(), 500, Verdict::Holds),
    ];
    for (tried, ms, verdict) in tries {
        assert_eq!(counter.on(tried, at(ms), at(ms)), verdict, "{ms} ms");
    }
    let mut late = Counter::new(2, at(100));
    assert_eq!(late.on(good(), at(40), at(50)), Verdict::GoOn);
    assert_eq!(
        late.clone().on(good(), at(90), at(150)),
        Verdict::Holds,
        "what was asked before the deadline counts"
    );
    assert_eq!(
        late.on(good(), at(110), at(150)),
        Verdict::GivenUp,
        "what is asked after the deadline does not count"
    );
    let why = gate::problem("GET /", "web", &late).summary;
    assert_eq!(why.key, "deploy-gate-late", "it was good, and too late");
}

#[test]
fn a_version_is_deployed_replaced_and_brought_back() {
    let mut bench = Bench::new();
    bench.release("1.0.0", "good");
    bench.deployed("1.0.0");
    let first = bench.environment("staging");
    assert_eq!(first.state, State::Running);
    assert_eq!(first.live.as_ref().map(|live| live.version.as_str()), Some("1.0.0"));
    assert_eq!(first.instances.len(), 1);
    assert!(
        ask(bench.port, "/").unwrap().contains("\"place\":\"staging\""),
        "words in env are filled"
    );
    let rollout = bench
        .model
        .deploy
        .of(&bench.workspace.id)
        .unwrap()
        .rollout("staging")
        .unwrap();
    assert_eq!(rollout.state, State::Done);
    let states: Vec<State> = rollout.steps.iter().map(|step| step.state).collect();
    assert_eq!(states, [State::Done; 7]);
    assert!(
        rollout
            .gates
            .iter()
            .all(|gate| gate.state == State::Done && gate.n_good == gate.n_needed)
    );

    bench.release("1.1.0", "good");
    bench.deployed("1.1.0");
    assert_eq!(bench.processes().len(), 1, "the old one is gone");

    // The instances outlive the program, and are found again.
    bench.close();
    assert_eq!(version_at(bench.port).as_deref(), Some("1.1.0"));
    bench.open();
    let found = bench.refreshed();
    assert_eq!(found.state, State::Running);
    let versions: Vec<&str> = found.returns.iter().map(|one| one.version.as_str()).collect();
    assert_eq!(versions, ["1.1.0", "1.0.0"]);
    assert!(found.returns.iter().all(|one| one.obstacle.is_none()));

    let back = Deploy::RollBack {
        workspace: bench.workspace.clone(),
        environment: "staging".to_owned(),
        to: None,
        data: None,
        confirmed: None,
    };
    assert_eq!(bench.run(back), Outcome::Done);
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    assert_eq!(bench.processes().len(), 1);

    let stop = Deploy::Stop {
        workspace: bench.workspace.clone(),
        environment: "staging".to_owned(),
        confirmed: None,
    };
    assert_eq!(bench.run(stop), Outcome::Done);
    assert_eq!(version_at(bench.port), None);
    let found = bench.environment("staging");
    assert_eq!(found.state, State::None);
    let versions: Vec<&str> = found.returns.iter().map(|one| one.version.as_str()).collect();
    assert_eq!(versions, ["1.0.0", "1.1.0"], "what was stopped can come back");
    assert!(bench.processes().is_empty());
    // The board does not show as deployed what was stopped.
    let refresh = chantier::areas::devops::Command::RefreshBoard {
        workspaces: vec![bench.workspace.clone()],
    };
    assert_eq!(bench.run(refresh), Outcome::Done);
    let row = bench.model.devops.row(&bench.workspace.id).expect("it was read");
    assert_eq!(row.deployed.note, "");
    bench.audit_holds();
}

/// A bad version never stays: the one before answers again, and the problem says why first.
fn check_returns(mode: &str, word: &str, code: &str) {
    // Long enough for a slow machine to have started it, so that the last try meets what it does.
    let mut bench = Bench::with("", "6s");
    bench.release("1.0.0", "good");
    bench.deployed("1.0.0");
    bench.release("2.0.0", mode);
    let problem = problem_of(bench.deploy("2.0.0"));
    assert_eq!(problem.code, code, "{problem:?}");
    let catalog = Catalog::new(Lang::En);
    let why = catalog.msg(&problem.summary);
    assert!(why.contains(word), "{why}");
    assert!(
        problem.details.contains("mini 2.0.0"),
        "its last words are told: {}",
        problem.details
    );
    let hint = catalog.msg(problem.hint.as_ref().unwrap());
    assert!(hint.contains("1.0.0 runs again"), "{hint}");
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    assert_eq!(bench.processes().len(), 1);
    let environment = bench.environment("staging");
    assert_eq!(environment.state, State::Running);
    assert_eq!(environment.live.unwrap().version, "1.0.0");
    let overview = bench.model.deploy.of(&bench.workspace.id).unwrap().overview.value().unwrap();
    let states: Vec<(&str, State)> = overview.history.iter().map(|row| (row.version.as_str(), row.state)).collect();
    assert_eq!(
        states,
        [("1.0.0", State::Done), ("2.0.0", State::Failed), ("1.0.0", State::Done)]
    );
    bench.audit_holds();
}

#[test]
fn a_version_whose_health_is_bad_goes_and_the_one_before_comes_back() {
    check_returns("broken", "503", "unhealthy");
}

#[test]
fn a_version_that_dies_is_noticed_at_once() {
    let began = Instant::now();
    check_returns("dies", "exit code 3", "died");
    assert!(began.elapsed() < Duration::from_mins(1));
}

#[test]
fn a_version_that_never_listens_is_given_up_at_the_deadline() {
    check_returns("silent", "nobody listened", "unhealthy");
}

#[test]
fn a_version_whose_health_flaps_never_holds() {
    check_returns("flaps", "/health", "unhealthy");
}

#[test]
fn a_version_that_hangs_is_given_up_at_the_deadline() {
    check_returns("hangs", "did not answer", "unhealthy");
}

#[test]
fn a_command_is_a_gate_with_the_settings_of_its_instance() {
    let project = |script: &str| {
        format!(
            "[[artifact]]\nname = \"app\"\npath = \"app\"\n[[environment]]\nname = \"staging\"\nenv = {{ PLACE = \"there\" }}\n\
             [environment.target]\nkind = \"process\"\nrun = [\"{{artifact:app}}\"]\nport = {}\n[[environment.health]]\n\
             kind = \"command\"\nrun = [\"sh\", \"-c\", '{script}', \"{{version}}\"]\ninterval = \"50ms\"\ndeadline = \"10s\"\n",
            bench::free_port()
        )
    };
    let good = project("test \"$PLACE $0\" = \"there 1.0.0\" -a \"$PORT\" -gt 0");
    let mut bench = Bench::of(&good, 0, "");
    bench.release("1.0.0", "good");
    assert_eq!(bench.deploy("1.0.0"), Outcome::Done);
    let bad = project("echo no database; exit 4").replace("10s", "300ms");
    let mut bench = Bench::of(&bad, 0, "");
    bench.release("1.0.0", "good");
    let problem = problem_of(bench.deploy("1.0.0"));
    assert_eq!(
        (problem.code.as_str(), problem.summary.key.as_ref()),
        ("unhealthy", "deploy-gate-exited")
    );
    let why = Catalog::new(Lang::En).msg(&problem.summary);
    assert!(why.contains("code 4") && why.contains("no database"), "{why}");
}

#[test]
fn a_program_that_ends_at_once_does_not_live() {
    let text = "[[artifact]]\nname = \"app\"\npath = \"app\"\n[[environment]]\nname = \"staging\"\n[environment.target]\nkind = \"process\"\n\
                run = [\"sh\", \"-c\", \"sleep 0.2; echo bye; exit 4\"]\n[[environment.health]]\nkind = \"process\"\n";
    let mut bench = Bench::of(text, 0, "");
    bench.release("1.0.0", "good");
    let problem = problem_of(bench.deploy("1.0.0"));
    assert_eq!(problem.code, "died", "{problem:?}");
    assert_eq!(bench.environment("staging").state, State::None);
}

#[test]
fn the_first_version_that_fails_leaves_nothing_behind() {
    let mut bench = Bench::with("", "1s");
    bench.release("1.0.0", "broken");
    let problem = problem_of(bench.deploy("1.0.0"));
    assert_eq!(problem.hint.unwrap().key, "deploy-nothing-before");
    assert!(bench.processes().is_empty());
    assert_eq!(bench.environment("staging").state, State::None);
}

#[test]
fn a_protected_environment_wants_its_name_and_a_release() {
    let mut bench = Bench::new();
    bench.release("1.0.0", "good");
    for confirmed in [None, Some("staging"), Some("")] {
        let command = bench.deploy_command("production", "1.0.0", confirmed);
        assert_eq!(problem_of(bench.run(command)).code, "needs-confirmation");
    }
    assert!(bench.processes().is_empty());
    let built = Deploy::Run {
        workspace: bench.workspace.clone(),
        environment: "production".to_owned(),
        what: What::Built,
        confirmed: Some("production".to_owned()),
    };
    assert_eq!(problem_of(bench.run(built)).code, "needs-release");
    let command = bench.deploy_command("production", "1.0.0", Some("production"));
    assert_eq!(bench.run(command), Outcome::Done);
    let overview = bench.model.deploy.of(&bench.workspace.id).unwrap().overview.value().unwrap();
    let refused = overview.audit.iter().filter(|entry| entry.act == "deploy.refused").count();
    assert_eq!(refused, 3, "a refusal is audited");
    bench.audit_holds();
}

#[test]
fn a_project_file_with_mistakes_is_refused_before_anything_is_changed() {
    let mut bench = Bench::new();
    bench.release("1.0.0", "good");
    bench.release("1.1.0", "good");
    bench.deployed("1.0.0");
    let path = bench.workspace.root.join("chantier.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let twice = text.replacen(
        "name = \"staging\"\n",
        "name = \"staging\"\nenv = { PLACE = \"elsewhere\" }\n",
        1,
    );
    std::fs::write(&path, twice).unwrap();
    let workspace = bench.workspace.clone();
    bench.session().world.trust().trust(&workspace).unwrap();
    let problem = problem_of(bench.deploy("1.1.0"));
    assert_eq!(&*problem.summary.key, "wrong-again");
    assert!(problem.place.is_some() && problem.hint.is_some(), "{problem:?}");
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    // What runs can still be stopped.
    assert_eq!(bench.stop(), Outcome::Done);
    std::fs::write(&path, text).unwrap();
    bench.session().world.trust().trust(&workspace).unwrap();
    bench.deployed("1.1.0");
}

#[test]
fn an_artifact_that_was_changed_is_refused_before_anything_is_stopped() {
    let mut bench = Bench::new();
    bench.release("1.0.0", "good");
    bench.deployed("1.0.0");
    let path = bench.release("1.1.0", "good");
    let mut file = std::fs::OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(b"#MINI version=6.6.6 mode=good#").unwrap();
    drop(file);
    assert_eq!(problem_of(bench.deploy("1.1.0")).code, "artifact-changed");
    std::fs::remove_file(&path).unwrap();
    assert_eq!(problem_of(bench.deploy("1.1.0")).code, "artifact-gone");
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    assert_eq!(bench.processes().len(), 1);
}

#[test]
fn failures_in_a_row_take_away_no_version_to_return_to() {
    let mut bench = Bench::new();
    for version in ["1.0.0", "1.1.0"] {
        bench.release(version, "good");
        bench.deployed(version);
    }
    bench.release("2.0.0", "dies");
    for _ in 0..11 {
        assert_eq!(problem_of(bench.deploy("2.0.0")).code, "died");
    }
    assert_eq!(bench.roll_back(), Outcome::Done);
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
}

/// What users complain of may be a setting: the way back goes to the deployment before, and any other one can be named.
#[test]
fn a_return_brings_the_settings_of_the_deployment_before() {
    let mut bench = Bench::new();
    bench.release("1.0.0", "good");
    bench.deployed("1.0.0");
    bench.release("1.1.0", "good");
    let path = bench.workspace.root.join("chantier.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let set = |bench: &mut Bench, place: &str| {
        let changed = text.replacen("PLACE = \"{environment}\"", &format!("PLACE = \"{place}\""), 1);
        std::fs::write(&path, changed).unwrap();
        let workspace = bench.workspace.clone();
        bench.session().world.trust().trust(&workspace).unwrap();
    };
    let is_at = |bench: &Bench, place: &str| ask(bench.port, "/").unwrap().contains(&format!("\"place\":\"{place}\""));
    for place in ["two", "three"] {
        set(&mut bench, place);
        bench.deployed("1.1.0");
        assert!(is_at(&bench, place), "{place}");
    }
    let returns = bench.refreshed().returns;
    let told: Vec<(&str, String)> = returns.iter().map(|one| (one.version.as_str(), one.differs())).collect();
    let wanted = [("1.1.0", ""), ("1.1.0", "PLACE = two"), ("1.0.0", "PLACE = {environment}")];
    assert_eq!(told, wanted.map(|(version, differs)| (version, differs.to_owned())));

    assert_eq!(bench.roll_back(), Outcome::Done);
    assert_eq!(version_at(bench.port).as_deref(), Some("1.1.0"));
    assert!(is_at(&bench, "two"), "the setting that was healthy is back");
    let named = Deploy::RollBack {
        workspace: bench.workspace.clone(),
        environment: "staging".to_owned(),
        to: Some(returns[0].deployment),
        data: None,
        confirmed: None,
    };
    assert_eq!(bench.run(named), Outcome::Done);
    assert!(is_at(&bench, "three"));
    // Once more what runs already is no other deployment to return to.
    bench.deployed("1.1.0");
    assert_eq!(bench.roll_back(), Outcome::Done);
    assert!(is_at(&bench, "two"));
}

/// How many answer today's requests is no matter of the version.
#[test]
fn a_return_keeps_as_many_instances_as_run() {
    let mut bench = Bench::new();
    for version in ["1.0.0", "1.1.0"] {
        bench.release(version, "good");
        bench.deployed(version);
    }
    let more = Deploy::Scale {
        workspace: bench.workspace.clone(),
        environment: "staging".to_owned(),
        n: 3,
        confirmed: None,
    };
    assert_eq!(bench.run(more), Outcome::Done);
    assert_eq!(bench.roll_back(), Outcome::Done);
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    let found = bench.refreshed();
    assert_eq!((found.n_wanted, found.instances.len()), (3, 3));
}

#[test]
fn a_version_to_return_to_that_is_gone_is_known_before() {
    let mut bench = Bench::new();
    bench.release("1.0.0", "good");
    bench.deployed("1.0.0");
    bench.release("1.1.0", "good");
    bench.deployed("1.1.0");
    let first = bench.refreshed().returns[1].deployment;
    let folder = bench
        .home()
        .join("data/deployments")
        .join(&bench.workspace.id.0)
        .join("staging")
        .join(first.to_string());
    assert!(folder.is_dir());
    std::fs::remove_dir_all(folder).unwrap();
    let obstacle = bench.refreshed().returns[1].obstacle.clone().unwrap();
    assert_eq!(obstacle.key, "deploy-obstacle-gone");
    let back = Deploy::RollBack {
        workspace: bench.workspace.clone(),
        environment: "staging".to_owned(),
        to: Some(first),
        data: None,
        confirmed: None,
    };
    assert_eq!(problem_of(bench.run(back)).code, "artifact-gone");
    assert_eq!(version_at(bench.port).as_deref(), Some("1.1.0"), "nothing was touched");
}

#[test]
fn a_port_that_somebody_else_has_is_found_before_anything_is_stopped() {
    let mut bench = Bench::new();
    bench.release("1.0.0", "good");
    let other = TcpListener::bind(("127.0.0.1", bench.port)).unwrap();
    assert_eq!(problem_of(bench.deploy("1.0.0")).code, "port-taken");
    drop(other);
    bench.deployed("1.0.0");
}

#[test]
fn an_untrusted_workspace_deploys_nothing() {
    let mut bench = Bench::new();
    bench.release("1.0.0", "good");
    let workspace = bench.workspace.clone();
    bench.session().world.trust().revoke(&workspace).unwrap();
    assert!(problem_of(bench.deploy("1.0.0")).is_untrusted());
    assert!(bench.processes().is_empty());
}

#[test]
fn a_deployment_that_is_stopped_half_way_brings_the_version_before_back() {
    let mut bench = Bench::with("", "30s");
    bench.release("1.0.0", "good");
    bench.deployed("1.0.0");
    bench.release("2.0.0", "broken");
    let command = bench.deploy_command("staging", "2.0.0", None);
    let id = bench.start(command);
    let workspace = bench.workspace.id.clone();
    let ended = bench.until(id, |model| {
        let rollout = model.deploy.of(&workspace).and_then(|known| known.rollout("staging"));
        rollout.is_some_and(|rollout| rollout.version == "2.0.0" && rollout.gates.iter().any(|gate| gate.n_tries > 1))
    });
    assert_eq!(ended, None, "it waits at its gates");
    bench.session().link.cancel(id);
    assert_eq!(bench.until(id, |_| false), Some(Outcome::Cancelled));
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    assert_eq!(bench.processes().len(), 1);
    let told = bench
        .problems
        .iter()
        .any(|problem| problem.summary.key == "deploy-cancelled-returned");
    assert!(told, "it is said which version runs: {:?}", bench.problems);
    bench.deployed("1.0.0");
}

#[test]
fn two_deployments_at_once_are_kept_apart_within_and_between_programs() {
    let mut bench = Bench::with("", "30s");
    bench.release("1.0.0", "broken");
    let command = bench.deploy_command("staging", "1.0.0", None);
    let id = bench.start(command.clone());
    let workspace = bench.workspace.id.clone();
    bench.until(id, |model| {
        let rollout = model.deploy.of(&workspace).and_then(|known| known.rollout("staging"));
        rollout.is_some_and(|rollout| rollout.gates.iter().any(|gate| gate.n_tries > 0))
    });
    // The same program: the engine refuses.
    let second = bench.start(command);
    assert_eq!(problem_of(bench.until(second, |_| false).unwrap()).code, "refused");
    // Another program: the lock does, and names who has it.
    let other = bench
        .program(&["deploy", "run", "staging", "1.0.0", "--json"])
        .output()
        .unwrap();
    assert_eq!(other.status.code(), Some(1));
    let text = String::from_utf8_lossy(&other.stdout).into_owned();
    assert!(
        text.contains("locked") && text.contains(&std::process::id().to_string()),
        "{text}"
    );
    bench.session().link.cancel(id);
    assert_eq!(bench.until(id, |_| false), Some(Outcome::Cancelled));
    assert!(bench.processes().is_empty());
}

#[test]
fn a_build_goes_where_no_confirmation_is_needed() {
    let mut bench = Bench::new();
    let outcome = bench.run(Deploy::Run {
        workspace: bench.workspace.clone(),
        environment: "staging".to_owned(),
        what: What::Built,
        confirmed: None,
    });
    assert_eq!(problem_of(outcome).summary.key, "deploy-not-built");
    let outcome = bench.run(Deploy::Run {
        workspace: bench.workspace.clone(),
        environment: "nowhere".to_owned(),
        what: What::Latest,
        confirmed: None,
    });
    assert_eq!(problem_of(outcome).summary.key, "deploy-no-environment");
    assert_eq!(problem_of(bench.deploy("9.9.9")).summary.key, "deploy-no-such-version");
}

/// What was withdrawn is deployed by nobody, is no version to go back to, and is not the latest one.
#[test]
fn a_withdrawn_version_goes_nowhere_until_it_is_good_again() {
    let mut bench = Bench::new();
    for version in ["1.0.0", "2.0.0", "3.0.0"] {
        bench.release(version, "good");
        bench.deployed(version);
    }
    let withdraw = |bench: &Bench, reason: Option<&str>| Release::Withdraw {
        workspace: bench.workspace.clone(),
        version: "2.0.0".to_owned(),
        reason: reason.map(str::to_owned),
    };
    let command = withdraw(&bench, Some("  "));
    assert_eq!(problem_of(bench.run(command)).summary.key, "release-withdraw-why");
    let command = withdraw(&bench, Some("loses letters"));
    assert_eq!(bench.run(command), Outcome::Done);
    let problem = problem_of(bench.deploy("2.0.0"));
    assert_eq!(problem.code, "withdrawn");
    let told = Catalog::new(Lang::En).msg(&problem.summary);
    assert!(told.contains("loses letters"), "{told}");
    let back = |bench: &Bench| Deploy::RollBack {
        workspace: bench.workspace.clone(),
        environment: "staging".to_owned(),
        to: None,
        data: None,
        confirmed: None,
    };
    let command = back(&bench);
    assert_eq!(bench.run(command), Outcome::Done);
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"), "2.0.0 is passed over");
    let command = withdraw(&bench, None);
    assert_eq!(bench.run(command), Outcome::Done);
    bench.deployed("2.0.0");
    // Nobody who names no version means one from before what runs.
    bench.deployed("3.0.0");
    let newest = Release::Withdraw {
        workspace: bench.workspace.clone(),
        version: "3.0.0".to_owned(),
        reason: Some("loses letters".to_owned()),
    };
    assert_eq!(bench.run(newest), Outcome::Done);
    let latest = Deploy::Run {
        workspace: bench.workspace.clone(),
        environment: "staging".to_owned(),
        what: What::Latest,
        confirmed: None,
    };
    assert_eq!(problem_of(bench.run(latest)).code, "older");
    assert_eq!(version_at(bench.port).as_deref(), Some("3.0.0"));
    bench.deployed("2.0.0");
}

#[test]
fn where_signatures_are_wanted_nothing_else_is_deployed() {
    let mut bench = Bench::new();
    bench.release("1.0.0", "good");
    bench.deployed("1.0.0");
    let path = bench.workspace.root.join("chantier.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let key = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
    std::fs::write(&path, format!("{text}\n[release]\npublic_key = \"{key}\"\n")).unwrap();
    let workspace = bench.workspace.clone();
    bench.session().world.trust().trust(&workspace).unwrap();
    bench.release("2.0.0", "good");
    assert_eq!(problem_of(bench.deploy("2.0.0")).code, "not-signed");
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"), "nothing was stopped");
}
