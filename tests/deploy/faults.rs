//! What a kill -9 leaves in the middle of a deployment, and what the next start makes of it.

use super::bench::{Bench, problem_of, version_at};
use chantier::areas::deploy::{Command as Deploy, RecoveredBy, StepName};
use chantier::base::State;
use chantier::engine::Outcome;
use std::io::{BufRead, BufReader};
use std::process::{ExitStatus, Stdio};

/// Runs a deployment in a program of its own; when the step has this state, `then` happens to it. Waits for its end.
pub(crate) fn at(
    bench: &mut Bench,
    version: &str,
    step: StepName,
    state: &str,
    then: impl FnOnce(&mut std::process::Child),
) -> ExitStatus {
    let words = ["deploy", "run", "staging", version, "--events"];
    let mark = format!("\"name\":\"{}\",\"state\":\"{state}\"", step.word());
    when(bench, &words, &[], &mark, then)
}

/// What a program wrote, first where it should.
pub(crate) fn text_of(output: &std::process::Output) -> String {
    let both = [output.stdout.clone(), output.stderr.clone()].concat();
    String::from_utf8_lossy(&both).into_owned()
}

/// Runs this in a program of its own, with these variables; when it tells a line with this mark, `then` happens to it. Waits for its end.
pub(crate) fn when(
    bench: &mut Bench,
    words: &[&str],
    env: &[(&str, &str)],
    mark: &str,
    then: impl FnOnce(&mut std::process::Child),
) -> ExitStatus {
    bench.close();
    let mut child = bench
        .program(words)
        .envs(env.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    assert!(lines.any(|line| line.contains(mark)), "{mark} comes");
    then(&mut child);
    lines.for_each(drop);
    let status = child.wait().unwrap();
    bench.open();
    status
}

/// Kills any change of an environment as soon as the step has this state.
pub(crate) fn kill_during(bench: &mut Bench, words: &[&str], env: &[(&str, &str)], step: StepName, state: &str) {
    let mark = format!("\"name\":\"{}\",\"state\":\"{state}\"", step.word());
    when(bench, words, env, &mark, |child| child.kill().unwrap());
}

/// Kills it as soon as the step has this state. One that came to its end before the news of it did was not killed: once more.
pub(crate) fn kill_at(bench: &mut Bench, version: &str, step: StepName, state: &str) {
    let mut tries = 0..20;
    while at(bench, version, step, state, |child| child.kill().unwrap()).success() {
        assert!(tries.next().is_some(), "it is never killed in time");
    }
}

/// Kills a deployment at each of these points; afterwards one version runs, and it is the one that is told. `now`: the version that
/// answers, and how many processes of the service there are.
pub(crate) fn check_killed(
    mut bench: Bench,
    mode: &str,
    points: &[(StepName, &str)],
    now: impl Fn(&Bench) -> (Option<String>, usize),
) {
    let deployed = |bench: &mut Bench| {
        assert_eq!(bench.deploy("1.0.0"), Outcome::Done);
        assert_eq!(now(bench).0.as_deref(), Some("1.0.0"));
    };
    bench.release("1.0.0", "good");
    deployed(&mut bench);
    for (i, (step, state)) in points.iter().enumerate() {
        let version = format!("2.0.{i}");
        bench.release(&version, mode);
        kill_at(&mut bench, &version, *step, state);
        assert_eq!(
            bench.run(Deploy::Recover),
            Outcome::Done,
            "{step:?} {state}: {:?}",
            bench.problems
        );
        let found = bench.model.deploy.recovered.clone();
        assert_eq!(found.len(), 1, "{step:?} {state}: {found:?}");
        let runs = found[0].runs.clone().unwrap();
        assert_eq!(now(&bench), (Some(runs.clone()), 1), "{step:?} {state}: never two versions");
        if mode != "good" {
            assert_eq!(runs, "1.0.0", "{step:?} {state}");
            assert_ne!(found[0].did, RecoveredBy::Finished);
        }
        assert_eq!(
            bench.model.deploy.n_running(),
            0,
            "{step:?} {state}: the page waits for nothing"
        );
        let environment = bench.refreshed();
        assert_eq!(environment.state, State::Running, "{step:?} {state}");
        assert_eq!(environment.live.unwrap().version, runs);
        assert_eq!(environment.locked_by, None);
        assert_eq!(bench.run(Deploy::Recover), Outcome::Done);
        assert!(bench.model.deploy.recovered.is_empty(), "a second recovery finds nothing");
        if runs != "1.0.0" {
            deployed(&mut bench);
        }
    }
    bench.audit_holds();
}

fn here(bench: &Bench) -> (Option<String>, usize) {
    (version_at(bench.port), bench.processes().len())
}

#[test]
fn a_deployment_killed_at_any_step_is_finished_or_taken_back() {
    check_killed(
        Bench::with("", "3s"),
        "good",
        &[
            (StepName::Lock, "in_progress"),
            (StepName::Check, "in_progress"),
            (StepName::Stage, "in_progress"),
            (StepName::Stop, "in_progress"),
            (StepName::Stop, "done"),
            (StepName::Start, "in_progress"),
            (StepName::Start, "done"),
            (StepName::Gate, "in_progress"),
            (StepName::Gate, "done"),
            (StepName::Verify, "in_progress"),
        ],
        here,
    );
}

#[test]
fn a_bad_deployment_killed_while_it_is_taken_back_is_taken_back() {
    check_killed(
        Bench::with("", "3s"),
        "broken",
        &[
            (StepName::Start, "done"),
            (StepName::Gate, "in_progress"),
            (StepName::CleanUp, "in_progress"),
            (StepName::Return, "in_progress"),
        ],
        here,
    );
}

#[test]
fn the_next_deployment_recovers_first() {
    let mut bench = Bench::new();
    bench.release("1.0.0", "good");
    bench.deployed("1.0.0");
    bench.release("2.0.0", "good");
    kill_at(&mut bench, "2.0.0", StepName::Start, "in_progress");
    bench.release("3.0.0", "good");
    bench.deployed("3.0.0");
    assert_eq!(bench.processes().len(), 1);
    assert_eq!(bench.refreshed().state, State::Running);
}

/// What a killed program started is known to whoever ends the environment, also when nothing was live before.
#[test]
fn a_stop_ends_what_a_killed_first_deployment_started() {
    for (version, step, state) in [
        ("1.0.0", StepName::Start, "in_progress"),
        ("1.0.1", StepName::Gate, "in_progress"),
        ("1.0.2", StepName::Verify, "in_progress"),
    ] {
        let mut bench = Bench::new();
        bench.release(version, "good");
        kill_at(&mut bench, version, step, state);
        let workspace = bench.workspace.clone();
        bench.run(Deploy::Stop {
            workspace,
            environment: "staging".to_owned(),
            confirmed: None,
        });
        assert_eq!(bench.processes(), Vec::<u32>::new(), "{step:?} {state}");
        let environment = bench.refreshed();
        assert_eq!((environment.live, environment.locked_by), (None, None), "{step:?} {state}");
        bench.audit_holds();
    }
}

/// The way back is chosen when it is known what became of the deployment that was killed.
#[test]
fn a_rollback_goes_before_a_killed_deployment_that_turns_out_well() {
    let mut bench = Bench::new();
    for version in ["1.0.0", "2.0.0", "3.0.0"] {
        bench.release(version, "good");
    }
    bench.deployed("1.0.0");
    bench.deployed("2.0.0");
    kill_at(&mut bench, "3.0.0", StepName::Verify, "in_progress");
    let workspace = bench.workspace.clone();
    let outcome = bench.run(Deploy::RollBack {
        workspace,
        environment: "staging".to_owned(),
        to: None,
        data: None,
        confirmed: None,
    });
    assert_eq!(outcome, Outcome::Done);
    assert_eq!(version_at(bench.port).as_deref(), Some("2.0.0"));
    assert_eq!(bench.processes().len(), 1);
}

/// The instance is a shell that waits for the server: who kills it leaves the server on the port.
#[test]
fn what_an_instance_that_died_has_left_is_ended_before_the_next_one() {
    let target = "kind = \"process\"\nrun = [\"sh\", \"-c\", \"{artifact:app}; echo over\"]\nport = PORT\nstop_grace = \"2s\"\n";
    let mut bench = Bench::made("", "", target, "10s");
    for version in ["1.0.0", "2.0.0"] {
        bench.release(version, "good");
    }
    let crash = |bench: &mut Bench| {
        let pid = bench.refreshed().instances[0].pid.expect("it runs");
        let killed = std::process::Command::new("kill")
            .args(["-9", &pid.to_string()])
            .status()
            .unwrap();
        assert!(killed.success());
        while bench.refreshed().state == State::Running {}
        assert!(version_at(bench.port).is_some(), "the child still serves");
    };
    bench.deployed("1.0.0");
    crash(&mut bench);
    bench.deployed("2.0.0");
    assert_eq!(version_at(bench.port).as_deref(), Some("2.0.0"));
    assert_eq!(bench.processes().len(), 1);
    crash(&mut bench);
    assert_eq!(bench.stop(), Outcome::Done, "{:?}", bench.problems);
    assert_eq!(version_at(bench.port), None);
    bench.audit_holds();
}

/// Its history goes on in the new place, and so does what can come back.
#[test]
fn a_project_whose_folder_was_moved_returns_to_what_it_was() {
    let mut bench = Bench::new();
    for version in ["1.0.0", "2.0.0"] {
        bench.release(version, "good");
        bench.deployed(version);
    }
    let known = bench.program(&["devops", "add", "."]).output().unwrap();
    assert!(known.status.success(), "{}", String::from_utf8_lossy(&known.stderr));
    let (old, new) = (
        bench.workspace.root.clone(),
        bench.folder.path().canonicalize().unwrap().join("elsewhere"),
    );
    std::fs::rename(&old, &new).unwrap();
    bench.workspace = chantier::base::Workspace::at(&new);
    let added = bench.program(&["devops", "add", new.to_str().unwrap()]).output().unwrap();
    assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
    let workspace = bench.workspace.clone();
    bench.session().world.trust().trust(&workspace).unwrap();
    assert_eq!(bench.refreshed().state, State::Running);
    assert_eq!(bench.roll_back(), Outcome::Done, "{:?}", bench.problems);
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    bench.release("3.0.0", "broken");
    let problem = problem_of(bench.deploy("3.0.0"));
    assert_eq!(problem.hint.unwrap().key, "deploy-returned");
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    assert_eq!(bench.stop(), Outcome::Done);
}

/// A hotfix of an old line may be made after the version that is meant.
#[test]
fn whoever_names_no_version_gets_the_highest_one() {
    let mut bench = Bench::new();
    for version in ["1.9.0", "2.0.0", "1.10.1"] {
        bench.release(version, "good");
    }
    let deployed = bench.program(&["deploy", "run", "staging"]).output().unwrap();
    assert!(deployed.status.success(), "{}", String::from_utf8_lossy(&deployed.stderr));
    assert_eq!(version_at(bench.port).as_deref(), Some("2.0.0"));
    assert_eq!(bench.stop(), Outcome::Done);
}
