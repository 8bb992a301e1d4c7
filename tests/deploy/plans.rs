//! Deployments that stand in files: run step by step, stopped where a person is needed, gone back, killed, and reported.

use super::bench::{Bench, problem_of, version_at};
use super::faults::when;
use crate::support::window::{Collected, three_workspaces, window_at, workspace};
use chantier::areas::Command as AnyCommand;
use chantier::areas::deploy::Command as Deploy;
use chantier::areas::deploy::plans::{Act, Begun, Form, Phase, Plan, Step, StepKind, parse};
use chantier::areas::deploy::{StepName, Update};
use chantier::areas::devops::project;
use chantier::base::settings::ThemeChoice;
use chantier::base::{Lang, Problem, State, WriteTo};
use chantier::engine::Outcome;
use chantier::shell::App;
use egui_kittest::kittest::Queryable;
use std::path::{Path, PathBuf};

const NAME: &str = "ship";

/// Two environments, 1.0.0 in the first one, and this plan.
fn bench(plan: &str) -> Bench {
    let mut bench = Bench::new();
    bench.release("1.0.0", "good");
    bench.release("2.0.0", "good");
    bench.deployed("1.0.0");
    write(&mut bench, plan);
    bench
}

fn write(bench: &mut Bench, plan: &str) {
    let folder = bench.workspace.root.join(".chantier/deploy");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("ship.toml"), plan).unwrap();
    let workspace = bench.workspace.clone();
    bench.session().world.trust().trust(&workspace).unwrap();
}

fn act(bench: &mut Bench, act: Act) -> Outcome {
    let workspace = bench.workspace.clone();
    bench.run(Deploy::Plan { workspace, act })
}

fn run(bench: &mut Bench, confirmed: &[&str]) -> Outcome {
    let go = Act::Run {
        name: NAME.to_owned(),
        confirmed: confirmed.iter().map(|name| (*name).to_owned()).collect(),
        outside: None,
        again: false,
    };
    act(bench, go)
}

fn confirm(bench: &mut Bench, step: &str, evidence: Option<PathBuf>) -> Outcome {
    let word = Act::Confirm {
        name: NAME.to_owned(),
        step: step.to_owned(),
        note: "I looked | at <it>".to_owned(),
        evidence,
    };
    act(bench, word)
}

fn back(bench: &mut Bench) -> Outcome {
    let way = Act::Back {
        name: NAME.to_owned(),
        confirmed: Vec::new(),
    };
    act(bench, way)
}

fn seen(bench: &Bench) -> Plan {
    let known = bench.model.deploy.of(&bench.workspace.id).unwrap();
    known.plan(NAME).unwrap().clone()
}

fn step(bench: &Bench, name: &str) -> Step {
    seen(bench).steps.into_iter().find(|step| step.name == name).unwrap()
}

#[test]
fn a_plan_is_approved_run_confirmed_and_reported() {
    let mut bench = bench("");
    let port = bench.port;
    write(
        &mut bench,
        &format!(
            r#"
title = "Two, at last"
version = "2.0.0"
environment = "production"
[[stakeholder]]
name = "Ada"
role = "operations"
approves = true
[[preparation]]
name = "words"
run = ["sh", "-c", "echo version {{version}}"]
[[stage]]
deploy = "staging"
[[stage]]
deploy = "production"
[[verification]]
name = "health"
ask = {{ kind = "http", url = "http://127.0.0.1:{port}/version", expect_text = "{{version}}", interval = "50ms" }}
[[verification]]
name = "users"
confirm = "Log in."
evidence = true
"#
        ),
    );
    assert_eq!(act(&mut bench, Act::Check { name: NAME.to_owned() }), Outcome::Done);
    let previews = seen(&bench).previews;
    assert_eq!(previews.len(), 2);
    assert_eq!(previews[0].from.as_deref(), Some("1.0.0"));

    assert_eq!(run(&mut bench, &[]), Outcome::Done);
    assert_eq!(step(&bench, "words").output, "version 2.0.0");
    assert!(step(&bench, "approval Ada").waits);
    assert_eq!(
        version_at(port).as_deref(),
        Some("1.0.0"),
        "nothing is changed before she has said yes"
    );
    let skipped = Act::Skip {
        name: NAME.to_owned(),
        step: "approval Ada".to_owned(),
        reason: "in a hurry".to_owned(),
    };
    assert_eq!(problem_of(act(&mut bench, skipped)).code, "needs-approval");

    assert_eq!(confirm(&mut bench, "approval Ada", None), Outcome::Done);
    assert_eq!(version_at(port).as_deref(), Some("2.0.0"));
    assert_eq!(step(&bench, "deploy staging").state, State::Done);
    assert_eq!(
        step(&bench, "deploy production").state,
        State::Queued,
        "its name was not typed"
    );
    assert_eq!(problem_of(run(&mut bench, &[])).code, "needs-confirmation");
    assert_eq!(run(&mut bench, &["production"]), Outcome::Done);
    assert_eq!(step(&bench, "deploy production").state, State::Done);
    assert!(step(&bench, "users").waits);
    assert_eq!(step(&bench, "health").state, State::Done);

    assert_eq!(problem_of(confirm(&mut bench, "users", None)).code, "no-evidence");
    assert_eq!(problem_of(confirm(&mut bench, "health", None)).code, "not-waiting");
    let shown = bench.folder.path().join("shown.txt");
    std::fs::write(&shown, "a picture").unwrap();
    assert_eq!(confirm(&mut bench, "users", Some(shown.clone())), Outcome::Done);
    assert_eq!(seen(&bench).state, State::Done);
    assert!(!seen(&bench).is_open());
    std::fs::remove_file(&shown).unwrap();
    let kept = step(&bench, "users").confirmed.unwrap().evidence.unwrap();
    assert_eq!(
        std::fs::read(&kept.path).unwrap(),
        b"a picture",
        "a copy of what shows it is kept"
    );

    let told = |bench: &mut Bench, form, to: &str| {
        let to = bench.folder.path().join(to);
        let report = Act::Report {
            name: NAME.to_owned(),
            form,
            lang: Lang::En,
            to: Some(WriteTo::new(to.clone(), false)),
            run: None,
        };
        assert_eq!(act(bench, report), Outcome::Done);
        std::fs::read_to_string(to).unwrap()
    };
    let text = told(&mut bench, Form::Markdown, "report.md");
    for words in [
        "# Two, at last",
        "version 2.0.0",
        &kept.sha256,
        "I looked \\| at \\<it\\>",
        "2.0.0 to production, done",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    let page = told(&mut bench, Form::Html, "report.html");
    assert!(page.contains("I looked | at &lt;it&gt;"), "{page}");
    let again = Act::Report {
        name: NAME.to_owned(),
        form: Form::Html,
        lang: Lang::En,
        to: Some(WriteTo::new(bench.folder.path().join("report.html"), false)),
        run: None,
    };
    let refused = act(&mut bench, again);
    assert!(
        matches!(&refused, Outcome::Failed { problem } if problem.code == "exists"),
        "{refused:?}"
    );
    bench.audit_holds();
}

const FAILS: &str = r#"
version = "2.0.0"
[[preparation]]
name = "gate"
run = ["test", "-e", "open"]
[[stage]]
deploy = "staging"
[[verification]]
name = "bad"
run = ["sh", "-c", "echo why >&2; exit 3"]
"#;

#[test]
fn what_fails_is_done_again_left_out_or_gone_back_from() {
    let mut bench = bench(FAILS);
    assert!(matches!(run(&mut bench, &[]), Outcome::Failed { .. }));
    assert_eq!(step(&bench, "gate").state, State::Failed);
    std::fs::write(bench.workspace.root.join("open"), "").unwrap();
    let failed = problem_of(run(&mut bench, &[]));
    assert_eq!(step(&bench, "gate").state, State::Done, "it was done again");
    assert_eq!(step(&bench, "bad").output.trim(), "why");
    assert!(failed.hint.is_some());
    assert_eq!(version_at(bench.port).as_deref(), Some("2.0.0"));

    let skip = |step: &str, reason: &str| Act::Skip {
        name: NAME.to_owned(),
        step: step.to_owned(),
        reason: reason.to_owned(),
    };
    assert_eq!(problem_of(act(&mut bench, skip("gate", "why not"))).code, "not-next");
    assert!(
        matches!(act(&mut bench, skip("bad", " ")), Outcome::Failed { .. }),
        "a reason is needed"
    );
    assert_eq!(act(&mut bench, skip("bad", "known since 1.9")), Outcome::Done);
    assert_eq!(seen(&bench).state, State::Done);
    assert_eq!(step(&bench, "bad").skipped.unwrap().reason, "known since 1.9");

    assert_eq!(back(&mut bench), Outcome::Done, "also after its end");
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    assert_eq!(step(&bench, "return staging").state, State::Done);
    assert_eq!(seen(&bench).state, State::Degraded);

    // Another run of the same file, ended where it stands.
    assert!(matches!(run(&mut bench, &[]), Outcome::Failed { .. }));
    let end = Act::End {
        name: NAME.to_owned(),
        reason: "tomorrow".to_owned(),
    };
    assert_eq!(act(&mut bench, end), Outcome::Done);
    assert_eq!(seen(&bench).state, State::Cancelled);
    bench.audit_holds();
}

#[test]
fn a_version_that_does_not_hold_leaves_nothing_to_go_back_from() {
    let mut bench = bench(&FAILS.replace("2.0.0", "3.0.0"));
    bench.release("3.0.0", "broken");
    std::fs::write(bench.workspace.root.join("open"), "").unwrap();
    assert_eq!(problem_of(run(&mut bench, &[])).code, "unhealthy");
    assert_eq!(step(&bench, "deploy staging").state, State::Failed);
    assert_eq!(
        version_at(bench.port).as_deref(),
        Some("1.0.0"),
        "the deployment went back by itself"
    );
    assert_eq!(back(&mut bench), Outcome::Done);
    assert_eq!(
        version_at(bench.port).as_deref(),
        Some("1.0.0"),
        "and not to a version before that"
    );
}

#[test]
fn nothing_is_changed_outside_the_window_without_a_reason() {
    let mut bench = bench(
        "version = \"2.0.0\"\n[schedule]\nfrom = 2001-01-01T20:00:00+01:00\nuntil = 2001-01-01\n[[stage]]\ndeploy = \"staging\"\n",
    );
    let problem = problem_of(run(&mut bench, &[]));
    assert_eq!(problem.summary.key, "deploy-plan-window-empty");
    write(
        &mut bench,
        "version = \"2.0.0\"\n[schedule]\nuntil = 2001-01-01\n[[preparation]]\nrun = [\"true\"]\n[[stage]]\ndeploy = \"staging\"\n",
    );
    assert_eq!(problem_of(run(&mut bench, &[])).code, "outside-window");
    assert_eq!(
        step(&bench, "true").state,
        State::Done,
        "what changes nothing may be done before"
    );
    assert_eq!(version_at(bench.port).as_deref(), Some("1.0.0"));
    let go = Act::Run {
        name: NAME.to_owned(),
        confirmed: Vec::new(),
        outside: Some("the shop is closed anyway".to_owned()),
        again: false,
    };
    let again = Act::Run {
        name: NAME.to_owned(),
        confirmed: Vec::new(),
        outside: Some("once more".to_owned()),
        again: true,
    };
    assert_eq!(act(&mut bench, go), Outcome::Done);
    assert_eq!(version_at(bench.port).as_deref(), Some("2.0.0"));
    assert_eq!(
        seen(&bench).begun.unwrap().outside.as_deref(),
        Some("the shop is closed anyway")
    );
    // It was carried out: once more only where that is said, else its way back were lost.
    assert!(seen(&bench).is_carried_out());
    assert_eq!(problem_of(run(&mut bench, &[])).code, "carried-out");
    assert_eq!(
        seen(&bench).begun.unwrap().outside.as_deref(),
        Some("the shop is closed anyway")
    );
    assert_eq!(act(&mut bench, again), Outcome::Done);
    assert_eq!(seen(&bench).begun.unwrap().outside.as_deref(), Some("once more"));
    // Whoever reads of this run is told of the one before.
    let report = Act::Report {
        name: NAME.to_owned(),
        form: Form::Markdown,
        lang: Lang::En,
        to: None,
        run: None,
    };
    assert_eq!(act(&mut bench, report), Outcome::Done);
    let text = std::fs::read_to_string(seen(&bench).report.unwrap()).unwrap();
    assert_eq!(text.matches("Run before").count(), 1, "{text}");
}

#[test]
fn a_plan_that_was_killed_goes_on_where_it_stood() {
    let mut bench = bench(
        r#"
version = "2.0.0"
[[preparation]]
name = "count"
run = ["sh", "-c", "echo x >> count; test -e quick || sleep 600"]
[[stage]]
deploy = "staging"
"#,
    );
    let words = ["deploy", "plan", "run", NAME, "--events"];
    when(
        &mut bench,
        &words,
        &[],
        "\"name\":\"count\",\"kind\":\"run\",\"what\":\"sh -c echo x >> count; test -e quick || sleep 600\",\"needs_file\":false,\"state\":\"in_progress\"",
        |child| child.kill().unwrap(),
    );
    assert_eq!(act(&mut bench, Act::List), Outcome::Done);
    assert_eq!(seen(&bench).state, State::Interrupted);
    assert!(seen(&bench).is_open());
    std::fs::write(bench.workspace.root.join("quick"), "").unwrap();

    let mark = format!("\"name\":\"{}\",\"state\":\"in_progress\"", StepName::Gate.word());
    when(&mut bench, &words, &[], &mark, |child| child.kill().unwrap());
    assert_eq!(act(&mut bench, Act::List), Outcome::Done);
    assert_eq!(step(&bench, "count").state, State::Done);
    assert_eq!(step(&bench, "deploy staging").state, State::Interrupted);
    assert_eq!(run(&mut bench, &[]), Outcome::Done);
    assert_eq!(seen(&bench).state, State::Done);
    assert_eq!(version_at(bench.port).as_deref(), Some("2.0.0"));
    let environment = bench.refreshed();
    assert_eq!((environment.instances.len(), environment.locked_by), (1, None));
    bench.audit_holds();
}

#[test]
fn what_is_wrong_with_a_plan_is_told_with_its_line() {
    let (project, _) = project::parse(
        "[[task]]\nname = \"migrate\"\nrun = [\"true\"]\n[[environment]]\nname = \"staging\"\n[environment.target]\nkind = \"process\"\nrun = [\"true\"]\n",
        Path::new("chantier.toml"),
    );
    let wrong = |text: &str| -> Vec<(String, Option<u32>)> {
        let told = |problem: Problem| (problem.summary.key.to_string(), problem.place.and_then(|place| place.line));
        let problems = parse(text, Path::new("ship.toml"), &project).expect_err("wrong");
        problems.into_iter().map(told).collect()
    };
    let key = |name: &str, line| (format!("deploy-{name}"), Some(line));
    assert_eq!(wrong("version = \n"), [key("plan-broken", 1)]);
    assert_eq!(wrong("version = \"1\"\nwindow = 3\n"), [key("plan-broken", 2)]);
    assert_eq!(wrong("version = \"1\"\n"), [key("plan-no-stage", 1)]);
    let text = r#"version = "1"
environment = "moon"
[[preparation]]
deploy = "staging"
[[migration]]
task = "migrate"
run = ["true"]
[[stage]]
deploy = "mars"
[[stage]]
name = "migrate"
ask = { kind = "process" }
"#;
    assert_eq!(
        wrong(text),
        [
            key("no-environment", 2),
            key("plan-step-place", 3),
            key("plan-step-kinds", 5),
            key("no-environment", 8),
            key("plan-step-ask", 10),
            key("plan-step-twice", 10),
        ]
    );
    let whole = parse(
        "version = \"v1.2.3\"\n[[stage]]\ndeploy = \"staging\"\n",
        Path::new("ship.toml"),
        &project,
    )
    .unwrap();
    assert_eq!(whole.version, "1.2.3");
    let last = whole.steps.last().unwrap();
    assert_eq!(
        (last.0, last.1.id()),
        (Phase::Rollback, "return staging".to_owned()),
        "the way back is known"
    );
}

#[test]
fn a_new_plan_is_written_once_and_can_be_run() {
    let mut bench = bench("");
    std::fs::remove_file(bench.workspace.root.join(".chantier/deploy/ship.toml")).unwrap();
    let workspace = bench.workspace.clone();
    bench.session().world.trust().trust(&workspace).unwrap();
    let new = Act::New {
        name: NAME.to_owned(),
        version: None,
        environment: Some("staging".to_owned()),
        lang: Lang::Fr,
    };
    assert_eq!(act(&mut bench, new.clone()), Outcome::Done);
    let Outcome::Failed { problem } = act(&mut bench, new) else {
        panic!("it is written over")
    };
    assert_eq!(problem.code, "is-there", "{problem:?}");
    let plan = seen(&bench);
    assert_eq!((plan.version.as_str(), plan.problems.len()), ("2.0.0", 0), "{plan:?}");
    assert_eq!(
        run(&mut bench, &[]),
        Outcome::Done,
        "what the program wrote is trusted as before"
    );
    assert_eq!(version_at(bench.port).as_deref(), Some("2.0.0"));
    assert_eq!(confirm(&mut bench, "Les utilisateurs y accèdent", None), Outcome::Done);
    assert_eq!(seen(&bench).state, State::Done);
    std::fs::write(bench.workspace.root.join(".chantier/deploy/bad.toml"), "version = [").unwrap();
    assert_eq!(act(&mut bench, Act::List), Outcome::Done);
    let known = bench.model.deploy.of(&bench.workspace.id).unwrap();
    let bad = known.plan("bad").unwrap();
    assert_eq!((bad.state, bad.problems.len(), bad.begun.is_none()), (State::Failed, 1, true));
    let outside = Act::Check {
        name: "../ship".to_owned(),
    };
    assert_eq!(problem_of(act(&mut bench, outside)).summary.key, "deploy-plan-bad-name");
}

#[test]
fn the_page_takes_the_word_of_a_person_and_asks_for_the_names_of_protected_environments() {
    let mut front = Collected::new(ThemeChoice::Dark, Lang::En);
    three_workspaces(&mut front);
    let place = workspace("meteo-api");
    let waiting = |name: &str, waits| Step {
        phase: Phase::Verification,
        name: name.to_owned(),
        kind: StepKind::Confirm,
        what: "Log in.".to_owned(),
        needs_file: false,
        state: State::Queued,
        waits,
        note: None,
        output: String::new(),
        job: None,
        began_at: None,
        at: None,
        deployment: None,
        confirmed: None,
        skipped: None,
    };
    let begun = Begun {
        by: "ada".to_owned(),
        at: crate::support::window::now(),
        commit: "a".repeat(40),
        ended_at: None,
        reason: None,
        outside: None,
    };
    let open = Plan {
        name: "ship".to_owned(),
        title: "Ship it".to_owned(),
        version: "2.0.0".to_owned(),
        state: State::Degraded,
        begun: Some(begun),
        steps: vec![waiting("users", true)],
        protected: vec!["production".to_owned()],
        ..Plan::default()
    };
    let told = |plan: &Plan| Update::PlansTold {
        workspace: place.id.clone(),
        plans: vec![plan.clone()],
    };
    front.tell(told(&open));
    let mut harness = window_at(front, &place, "deploy", Some("plans"));
    harness.get_by_label("Confirm").click();
    harness.run();
    let asked = |harness: &mut egui_kittest::Harness<'static, App<Collected>>, is_meant: fn(&Act) -> bool| {
        let commands = &harness.state_mut().front().commands;
        commands
            .iter()
            .any(|command| matches!(command, AnyCommand::Deploy(Deploy::Plan { act, .. }) if is_meant(act)))
    };
    assert!(asked(
        &mut harness,
        |act| matches!(act, Act::Confirm { step, .. } if step == "users")
    ));

    let idle = Plan {
        begun: None,
        state: State::None,
        steps: vec![waiting("users", false)],
        ..open
    };
    harness.state_mut().front().tell(told(&idle));
    harness.run();
    harness.get_by_label("Run ship").click();
    harness.run();
    assert!(
        !asked(&mut harness, |act| matches!(act, Act::Run { .. })),
        "its name is asked for first"
    );
}

#[test]
fn values_that_no_deployment_can_work_with_are_told_when_the_file_is_read() {
    let keys = |more: &str, health: &str| {
        let text = format!(
            "[[environment]]\nname = \"prod\"\n{more}\n[environment.target]\nkind = \"process\"\nrun = [\"app\", \"{{port}}\"]\nport = 65535\n{health}"
        );
        let (_, problems) = project::parse(&text, Path::new("chantier.toml"));
        problems
            .iter()
            .map(|problem| problem.summary.key.to_string())
            .collect::<Vec<_>>()
    };
    let health = |text: &str| format!("[[environment.health]]\n{text}\n");
    assert!(keys("", &health("kind = \"http\"\nurl = \"http://127.0.0.1:{port}/\"")).is_empty());
    for (more, health) in [
        ("", health("kind = \"http\"\nurl = \"localhost:{port}\"")),
        ("", health("kind = \"tcp\"\naddress = \"nonsense\"")),
        (
            "",
            health("kind = \"http\"\nurl = \"http://127.0.0.1/\"\nexpect_status = 9999"),
        ),
        ("", health("kind = \"process\"\nhealthy_after = 0")),
        ("", health("kind = \"process\"\ninterval = \"0s\"")),
        ("", "instances = 3\n".to_owned()),
        ("", "instances = 0\n".to_owned()),
        ("env = { \"A B\" = \"1\" }", String::new()),
    ] {
        assert_eq!(keys(more, &health), ["devops-environment-value"], "{more} {health}");
    }
    let typo = "[[environment]]\nname = \"prod\"\n[environment.target]\nkind = \"process\"\nrun = [\"app\", \"{verison}\", \"{}\", \"{\\\"a\\\": 1}\"]\n";
    let (_, problems) = project::parse(typo, Path::new("chantier.toml"));
    assert_eq!(problems.len(), 1, "{problems:?}");
}

/// Before anything is changed it is said that a protected environment has to be named, and what an empty step lacks.
#[test]
fn a_plan_that_comes_to_a_protected_environment_says_so_before_it_begins() {
    let mut bench = bench("version = \"2.0.0\"\n[[stage]]\ndeploy = \"staging\"\n[[stage]]\ndeploy = \"production\"\n");
    let port = bench.port;
    let problem = problem_of(run(&mut bench, &[]));
    assert!(
        problem.code == "needs-confirmation" || problem.code.contains("confirm"),
        "{problem:?}"
    );
    assert_eq!(version_at(port).as_deref(), Some("1.0.0"), "nothing was changed");
    assert_eq!(run(&mut bench, &["production"]), Outcome::Done);
    assert_eq!(version_at(port).as_deref(), Some("2.0.0"));
    write(&mut bench, "version = \"2.0.0\"\n[[stage]]\n");
    let problem = problem_of(act(&mut bench, Act::Check { name: NAME.to_owned() }));
    assert!(
        chantier::base::Catalog::new(Lang::En)
            .msg(&problem.summary)
            .contains("[[stage]]"),
        "{problem:?}"
    );
}

#[test]
fn a_wrong_value_of_a_target_is_told_in_its_own_line() {
    let text = "[[environment]]\nname = \"prod\"\n[environment.target]\nkind = \"process\"\nrun = [\"app\"]\nport = 80000\n";
    let (_, problems) = project::parse(text, Path::new("chantier.toml"));
    let place = problems.first().and_then(|problem| problem.place.clone()).unwrap();
    assert_eq!((problems.len(), place.line), (1, Some(6)), "{problems:?}");
}
