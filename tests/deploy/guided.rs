//! A failure that asks: tried again after what was wrong was mended, gone on with in spite of it, left as it is, taken back; decided
//! in another program, and by nobody.

use super::bench::{Bench, problem_of, version_at};
use super::strategies::rollout;
use crate::support::window::{Collected, now, three_workspaces, window_at, workspace};
use chantier::areas::Command as AnyCommand;
use chantier::areas::deploy::guide::{Asks, Decision};
use chantier::areas::deploy::{Command as Deploy, Kind, Rollout, StepName, Update};
use chantier::areas::devops::project;
use chantier::base::settings::ThemeChoice;
use chantier::base::{JobId, Lang, Problem, State};
use chantier::engine::Outcome;
use chantier::msg;
use egui_kittest::kittest::Queryable;
use std::path::Path;

const ASK: &str = "on_failure = \"ask\"";

/// Version 1.0.0 runs; then 2.0.0 is good only while the file `ready` is there.
fn bench(more: &str) -> Bench {
    let mut bench = Bench::made("", more, "", "600ms");
    bench.release("1.0.0", "good");
    bench.deployed("1.0.0");
    bench
}

/// The gate that asks for a file beside those of the service.
fn with_file_gate(bench: &mut Bench) -> std::path::PathBuf {
    let ready = bench.workspace.root.join("ready");
    let path = bench.workspace.root.join("chantier.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    let gate = format!(
        "[[environment.health]]\nkind = \"command\"\nrun = [\"test\", \"-e\", \"{}\"]\ninterval = \"50ms\"\ndeadline = \"600ms\"\n",
        ready.display()
    );
    // The environment `staging` comes first: its gates end where `production` begins.
    let at = text.find("[[environment]]\nname = \"production\"").unwrap();
    std::fs::write(&path, format!("{}{gate}\n{}", &text[..at], &text[at..])).unwrap();
    let workspace = bench.workspace.clone();
    bench.session().world.trust().trust(&workspace).unwrap();
    ready
}

/// Deploys until somebody is asked.
pub(super) fn until_asked(bench: &mut Bench, version: &str) -> (JobId, Asks) {
    let command = bench.deploy_command("staging", version, None);
    let id = bench.start(command);
    (id, asked(bench, id, 1))
}

/// Waits for the n-th question.
fn asked(bench: &mut Bench, id: JobId, n: usize) -> Asks {
    let workspace = bench.workspace.id.clone();
    let asks = |model: &chantier::areas::Model| {
        let shown = rollout(model, &workspace)?;
        let mut asked = shown.steps.iter().filter(|step| step.name == StepName::Ask);
        let is_open = asked.nth(n - 1).is_some_and(|step| step.state == State::InProgress);
        shown.asks.clone().filter(|_| is_open)
    };
    assert_eq!(bench.until(id, |model| asks(model).is_some()), None, "it asks");
    asks(&bench.model).unwrap()
}

fn decide(bench: &Bench, words: &[&str]) -> std::process::Output {
    let words = [&["deploy", "decide", "staging"], words].concat();
    bench.program(&words).output().unwrap()
}

pub(super) fn decided(bench: &Bench, words: &[&str]) {
    let output = decide(bench, words);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn notes(bench: &Bench) -> Vec<String> {
    let shown = rollout(&bench.model, &bench.workspace.id).unwrap();
    let asked = shown.steps.iter().filter(|step| step.name == StepName::Ask);
    asked
        .filter_map(|step| step.note.as_ref())
        .map(|note| note.key.to_string())
        .collect()
}

#[test]
fn a_gate_is_asked_again_after_what_it_needs_has_come() {
    let mut bench = bench(ASK);
    let ready = with_file_gate(&mut bench);
    bench.release("2.0.0", "good");
    let (id, asks) = until_asked(&mut bench, "2.0.0");
    assert!(asks.may_ignore && asks.version == "2.0.0", "{asks:?}");
    let told = bench.problems.iter().any(|problem| {
        problem
            .hint
            .as_ref()
            .is_some_and(|hint| hint.key == "deploy-asks-hint-ignore")
    });
    assert!(told, "what can be typed is told: {:?}", bench.problems);
    assert_eq!(bench.refreshed().asks.map(|asks| asks.version).as_deref(), Some("2.0.0"));
    let before = bench.processes();
    // Nothing has changed: it asks again.
    decided(&bench, &["retry"]);
    asked(&mut bench, id, 2);
    std::fs::write(&ready, "").unwrap();
    decided(&bench, &["retry"]);
    assert_eq!(bench.until(id, |_| false), Some(Outcome::Done));
    assert_eq!(version_at(bench.port).as_deref(), Some("2.0.0"));
    assert_eq!(bench.processes(), before, "what ran was not started again");
    assert_eq!(notes(&bench), ["deploy-note-decided"; 2]);
    bench.audit_holds();
}

#[test]
fn what_has_ended_is_started_again() {
    let mut bench = bench(ASK);
    bench.release("2.0.0", "dies");
    let (id, asks) = until_asked(&mut bench, "2.0.0");
    assert!(!asks.may_ignore, "{asks:?}");
    let refused = decide(&bench, &["ignore", "--reason", "it will come"]);
    assert_eq!(refused.status.code(), Some(1));
    decided(&bench, &["retry"]);
    asked(&mut bench, id, 2);
    let shown = rollout(&bench.model, &bench.workspace.id).unwrap();
    let n_starts = shown.steps.iter().filter(|step| step.name == StepName::Start).count();
    assert_eq!(n_starts, 2, "{:?}", shown.steps);
    decided(&bench, &["rollback"]);
    let problem = problem_of(bench.until(id, |_| false).unwrap());
    assert_eq!(
        (problem.code.as_str(), problem.hint.unwrap().key.as_ref()),
        ("died", "deploy-returned")
    );
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    assert_eq!(bench.processes().len(), 1);
    bench.audit_holds();
}

#[test]
fn a_failure_is_ignored_only_with_a_reason_which_stays() {
    let mut bench = bench(ASK);
    with_file_gate(&mut bench);
    bench.release("2.0.0", "good");
    let (id, _) = until_asked(&mut bench, "2.0.0");
    let refused = decide(&bench, &["ignore", "--json"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&refused.stdout).contains("needs-reason"));
    decided(&bench, &["ignore", "--reason", "the file comes tomorrow"]);
    assert_eq!(bench.until(id, |_| false), Some(Outcome::Done));
    assert_eq!(version_at(bench.port).as_deref(), Some("2.0.0"));
    let deployment = rollout(&bench.model, &bench.workspace.id).unwrap().deployment;
    let shown = bench.program(&["deploy", "show", &deployment.to_string()]).output().unwrap();
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("the file comes tomorrow"), "{shown}");
    // It never was healthy: nobody is offered it as a version that worked, and a return passes over it.
    bench.release("3.0.0", "good");
    let (id, _) = until_asked(&mut bench, "3.0.0");
    decided(&bench, &["ignore", "--reason", "neither does this one"]);
    assert_eq!(bench.until(id, |_| false), Some(Outcome::Done));
    let seen = bench.refreshed();
    let second = seen.returns.iter().find(|back| back.version == "2.0.0").unwrap();
    assert_eq!(second.ignored.as_deref(), Some("the file comes tomorrow"));
    let listed = bench.program(&["deploy", "list"]).output().unwrap();
    let listed = String::from_utf8_lossy(&listed.stdout).into_owned();
    assert!(listed.contains("never healthy, ignored: the file comes tomorrow"), "{listed}");
    let first = listed.lines().find(|line| line.contains(" 1.0.0 ")).unwrap();
    assert!(first.contains("healthy until"), "{listed}");
    let back = bench
        .program(&["deploy", "rollback", "staging", "--preview", "--json"])
        .output()
        .unwrap();
    let back = String::from_utf8_lossy(&back.stdout).into_owned();
    assert!(
        back.contains("\"version\": \"1.0.0\"") || back.contains("\"version\":\"1.0.0\""),
        "{back}"
    );
    bench.audit_holds();
}

#[test]
fn what_is_left_as_it_is_stays_until_the_next_deployment() {
    let mut bench = bench(ASK);
    bench.release("2.0.0", "broken");
    let (id, asks) = until_asked(&mut bench, "2.0.0");
    assert!(asks.may_ignore);
    let version = |one: chantier::areas::deploy::Environment| one.shown().map(|shown| shown.version.clone());
    assert_eq!(
        version(bench.refreshed()).as_deref(),
        Some("2.0.0"),
        "what answers while it is asked"
    );
    decided(&bench, &["abort"]);
    let problem = problem_of(bench.until(id, |_| false).unwrap());
    assert_eq!(problem.hint.unwrap().key, "deploy-left");
    assert_eq!(version_at(bench.port).as_deref(), Some("2.0.0"), "it can be looked at");
    assert_eq!(bench.refreshed().state, State::Degraded);
    assert_eq!(
        version(bench.refreshed()).as_deref(),
        Some("2.0.0"),
        "what stands there is told"
    );
    let matrix = bench.program(&["release", "matrix"]).output().unwrap();
    let matrix = String::from_utf8_lossy(&matrix.stdout).into_owned();
    let row = |version: &str| {
        matrix
            .lines()
            .find(|line| line.contains(version))
            .unwrap_or_default()
            .to_owned()
    };
    assert!(row("2.0.0").contains('●') && !row("1.0.0").contains('●'), "{matrix}");
    // Nothing is recovered behind anybody's back, and the next one clears it away.
    assert_eq!(bench.run(Deploy::Recover), Outcome::Done);
    assert_eq!(version_at(bench.port).as_deref(), Some("2.0.0"));
    bench.deployed("1.0.0");
    assert_eq!(bench.processes().len(), 1);
    assert_eq!(bench.refreshed().state, State::Running);
    assert_eq!(version(bench.refreshed()).as_deref(), Some("1.0.0"));
    assert_eq!(decide(&bench, &["retry"]).status.code(), Some(1), "nothing asks any more");
    bench.audit_holds();
}

#[test]
fn without_a_decision_the_version_before_comes_back() {
    let mut bench = bench("on_failure = \"ask\"\ndecide_within = \"1s\"");
    bench.release("2.0.0", "broken");
    let problem = problem_of(bench.deploy("2.0.0"));
    assert_eq!(problem.hint.unwrap().key, "deploy-returned");
    assert_eq!(notes(&bench), ["deploy-note-undecided"]);
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
}

#[test]
fn a_question_that_is_stopped_or_killed_brings_the_version_before_back() {
    let mut bench = bench(ASK);
    bench.release("2.0.0", "broken");
    let (id, _) = until_asked(&mut bench, "2.0.0");
    bench.session().link.cancel(id);
    assert_eq!(bench.until(id, |_| false), Some(Outcome::Cancelled));
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    // Another program asks, and is killed.
    let mut other = bench.program(&["deploy", "run", "staging", "2.0.0"]).spawn().unwrap();
    loop {
        if bench.refreshed().asks.is_some() {
            break;
        }
        assert!(other.try_wait().unwrap().is_none(), "it asks");
    }
    other.kill().unwrap();
    other.wait().unwrap();
    assert_eq!(bench.run(Deploy::Recover), Outcome::Done);
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    assert_eq!(bench.processes().len(), 1);
    bench.audit_holds();
}

/// Somebody's word on 2.0.0, as it is typed.
fn approve(bench: &Bench, words: &[&str]) -> std::process::Output {
    let words = [&["deploy", "approve", "staging", "2.0.0", "--json"], words].concat();
    bench.program(&words).output().unwrap()
}

#[test]
fn nothing_is_deployed_before_those_who_have_to_have_approved_just_that() {
    let mut bench = Bench::made(
        "",
        "approvals = { from = [\"ben\", \"cleo\", \"dan\"], needs = 2 }",
        "",
        "10s",
    );
    bench.release("2.0.0", "good");
    let lacks = |bench: &mut Bench| problem_of(bench.deploy("2.0.0")).code;
    assert_eq!(lacks(&mut bench), "needs-approval");
    let refused = approve(&bench, &["--as", "eve"]);
    assert!(String::from_utf8_lossy(&refused.stdout).contains("not-an-approver"));
    assert!(
        approve(&bench, &["--as", "ben", "--note", "read the changes"])
            .status
            .success()
    );
    // The same one twice is one.
    assert!(approve(&bench, &["--as", "ben"]).status.success());
    assert_eq!(lacks(&mut bench), "needs-approval");
    assert!(approve(&bench, &["--as", "cleo"]).status.success());
    assert!(
        approve(&bench, &["--as", "dan", "--no", "--note", "not on a Friday"])
            .status
            .success()
    );
    let problem = problem_of(bench.deploy("2.0.0"));
    assert_eq!(
        (problem.code.as_str(), problem.details.as_str()),
        ("not-approved", "not on a Friday")
    );
    assert!(bench.processes().is_empty());
    let last = approve(&bench, &["--as", "dan"]);
    let told = String::from_utf8_lossy(&last.stdout).into_owned();
    assert!(
        told.contains("\"obstacles\": []") || told.contains("\"obstacles\":[]"),
        "{told}"
    );
    bench.deployed("2.0.0");
    // Other settings are something else.
    let path = bench.workspace.root.join("chantier.toml");
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replacen("PLACE = \"{environment}\"", "PLACE = \"elsewhere\"", 1)).unwrap();
    let workspace = bench.workspace.clone();
    bench.session().world.trust().trust(&workspace).unwrap();
    assert_eq!(lacks(&mut bench), "needs-approval");
    assert_eq!(version_at(bench.port).as_deref(), Some("2.0.0"));
    // To stop it needs nobody.
    assert_eq!(bench.stop(), Outcome::Done);
    bench.audit_holds();
}

#[test]
fn what_is_written_wrong_is_told_with_its_place() {
    let text = "[[environment]]\nname = \"staging\"\non_failure = \"maybe\"\n[environment.target]\nkind = \"process\"\nrun = [\"app\"]\n";
    let (_, problems) = project::parse(text, Path::new("chantier.toml"));
    let place = problems.first().and_then(|problem| problem.place.clone()).unwrap();
    assert_eq!((problems.len(), place.line), (1, Some(3)), "{problems:?}");
}

#[test]
fn the_window_offers_every_way_on() {
    let mut front = Collected::new(ThemeChoice::Dark, Lang::En);
    three_workspaces(&mut front);
    let place = workspace("meteo-api");
    let asks = Asks {
        deployment: 3,
        version: "2.0.0".to_owned(),
        problem: Problem::environment(msg!("deploy-died", instance = "staging-1")).code("died"),
        may_ignore: true,
        until: now(),
    };
    front.tell(Update::Refreshed {
        workspace: place.id.clone(),
        overview: Box::new(super::page::overview(Some(asks.clone()))),
    });
    front.tell(Update::RolloutChanged {
        workspace: place.id.clone(),
        rollout: Box::new(Rollout {
            asks: Some(asks),
            ..super::page::rollout(Kind::Deploy, StepName::Ask)
        }),
    });
    let mut harness = window_at(front, &place, "deploy", None);
    for (button, decision) in [
        ("Try again", Decision::Retry),
        ("Leave as it is", Decision::Abort),
        ("Roll back", Decision::RollBack),
    ] {
        harness.get_by_label(button).click();
        harness.run();
        let asked = &harness.state_mut().front().commands;
        let is_asked = asked
            .iter()
            .any(|command| matches!(command, AnyCommand::Deploy(Deploy::Decide { decision: of, .. }) if *of == decision));
        assert!(is_asked, "{button}: {asked:?}");
    }
    harness.get_by_label("Go on all the same…").click();
    harness.run();
    assert!(harness.query_all_by_label("Reason").count() > 0, "a reason is wanted");
}
