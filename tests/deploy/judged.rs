//! A canary that is judged: real requests through a real HAProxy, a Prometheus-like answer, a command's number. What holds promotes
//! itself, what does not goes back by itself.

use super::bench::{Bench, problem_of, version_at};
use super::load::Load;
use super::strategies::rollout;
use chantier::areas::deploy::{Command as Deploy, StepName};
use chantier::areas::devops::project;
use chantier::base::State;
use chantier::engine::Outcome;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::Path;

/// A canary at 30 and 60 percent that is judged by these metrics.
fn judged_by(judge: &str) -> String {
    format!(
        "strategy = {{ kind = \"canary\", steps = [{{ weight = 30 }}, {{ weight = 60 }}], min_requests = 20, every = \"100ms\", judge = [{judge}] }}
traffic = {{ kind = \"haproxy\", listen = LISTEN, drain = \"1s\" }}"
    )
}

/// Answers every question with this, as long as the test runs.
fn answers(body: &'static str) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { continue };
            let mut asked = Vec::new();
            let mut buffer = [0; 1024];
            while !asked.ends_with(b"\r\n\r\n") {
                match stream.read(&mut buffer) {
                    Ok(n) if n > 0 => asked.extend_from_slice(&buffer[..n]),
                    _ => break,
                }
            }
            let body = if String::from_utf8_lossy(&asked).starts_with("GET /api/v1/query?query=up%7Bversion%3D%222.0.0%22%7D ") {
                body
            } else {
                "{\"status\":\"error\",\"error\":\"another question\"}"
            };
            let answer = format!(
                "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
                body.len()
            );
            stream.write_all(answer.as_bytes()).ok();
        }
    });
    port
}

#[test]
fn what_can_not_be_meant_is_said() {
    let check = |judge: &str, of_traffic: &str, key: &str| {
        let text = format!(
            "[[environment]]\nname = \"staging\"\nstrategy = {{ kind = \"canary\", judge = [{judge}] }}
traffic = {{ kind = \"haproxy\", listen = 80{of_traffic} }}
[environment.target]\nkind = \"process\"\nrun = [\"app\"]\nport = 8080\n"
        );
        let (_, problems) = project::parse(&text, Path::new("chantier.toml"));
        let keys: Vec<&str> = problems.iter().map(|problem| &*problem.summary.key).collect();
        assert_eq!(keys, if key.is_empty() { vec![] } else { vec![key] }, "{judge}: {problems:?}");
    };
    check("{ metric = \"errors\", max = 1 }", "", "");
    check("{ metric = \"errors\" }", "", "devops-judge-whole");
    check("{ metric = \"latency\", max_ratio = 1.5 }", "", "");
    check("{ metric = \"latency\", max = 5 }", ", mode = \"tcp\"", "devops-judge-http");
    check("{ metric = \"prometheus\", max = 5 }", "", "devops-judge-whole");
    check(
        "{ metric = \"prometheus\", server = \"http://127.0.0.1:9090\", query = \"up\", min = 1 }",
        "",
        "",
    );
    check(
        "{ metric = \"command\", run = [\"a\"], max_ratio = 2 }",
        "",
        "devops-judge-whole",
    );
    check("{ metric = \"speed\", max = 5 }", "", "wrong-word");
}

#[test]
fn a_value_is_held_against_its_bounds_and_the_old_version() {
    let judge = |text: &str| -> project::Judge { serde_json::from_str(text).unwrap() };
    let both = judge("{\"metric\": \"latency\", \"max\": 250, \"max_ratio\": 3}");
    assert!(both.holds(29.0, Some(10.0)) && !both.holds(31.0, Some(10.0)) && !both.holds(251.0, Some(200.0)));
    // Whole milliseconds: 0 and 1 are the same to a ratio.
    assert!(both.holds(2.0, Some(0.0)) && !both.holds(4.0, Some(0.0)) && both.holds(200.0, None));
    assert_eq!(both.bound(Some(10.0)), "≤ 250 ms, ≤ 3 × 10 ms");
    let least = judge("{\"metric\": \"command\", \"run\": [\"a\"], \"min\": 2}");
    assert!(least.holds(2.0, None) && !least.holds(1.9, None) && !least.holds(f64::NAN, None));
}

#[test]
fn a_canary_that_holds_promotes_itself() {
    let judge = judged_by("{ metric = \"errors\", max = 1 }, { metric = \"latency\", max = 20000, max_ratio = 1000 }");
    let Some(mut bench) = Bench::behind(&judge, "", "10s", &["1.0.0", "2.0.0"]) else {
        return;
    };
    let load = Load::start(bench.listen, 100, 4);
    load.wait_for("1.0.0", 5);
    assert_eq!(bench.deploy("2.0.0"), Outcome::Done);
    load.wait_for("2.0.0", 20);
    assert_eq!(load.end().failed, Vec::<String>::new());
    let shown = rollout(&bench.model, &bench.workspace.id).unwrap().clone();
    let judged = shown.judged.clone().unwrap();
    assert!(judged.n_answers >= 20, "{judged:?}");
    assert!(
        judged
            .measures
            .iter()
            .all(|one| one.state == State::Done && one.value.is_some()),
        "{judged:?}"
    );
    let pauses = shown.steps.iter().filter(|step| step.name == StepName::Pause);
    let notes: Vec<&str> = pauses.filter_map(|step| step.note.as_ref()).map(|note| &*note.key).collect();
    assert_eq!(notes, ["deploy-note-judged"; 2]);
    // What it was judged by stands in the journal.
    let workspace = bench.workspace.clone();
    let id = shown.deployment;
    assert_eq!(bench.run(Deploy::Show { workspace, id }), Outcome::Done);
    let past = bench.model.deploy.of(&bench.workspace.id).unwrap().rollouts[&id].clone();
    assert_eq!(past.judged, Some(judged));
}

#[test]
fn a_canary_whose_answers_are_errors_goes_back_by_itself() {
    let Some(mut bench) = Bench::behind(&judged_by("{ metric = \"errors\", max = 5 }"), "", "10s", &["1.0.0"]) else {
        return;
    };
    bench.release("2.0.0", "errs");
    let before = bench.processes();
    let load = Load::start(bench.listen, 100, 4);
    let problem = problem_of(bench.deploy("2.0.0"));
    assert_eq!(
        (&*problem.summary.key, problem.code.as_str()),
        ("deploy-judge-bad", "judged-bad")
    );
    load.wait_for("1.0.0", 20);
    drop(load.end());
    assert_eq!(bench.processes(), before);
    assert_eq!(version_at(bench.listen).as_deref(), Some("1.0.0"));
}

#[test]
fn numbers_from_elsewhere_judge_too() {
    let port =
        answers("{\"status\":\"success\",\"data\":{\"resultType\":\"vector\",\"result\":[{\"metric\":{},\"value\":[1,\"1\"]}]}}");
    let prometheus = |port: u16| {
        format!(
            "{{ metric = \"prometheus\", server = \"http://127.0.0.1:{port}\", query = 'up{{version=\"{{version}}\"}}', min = 1 }}"
        )
    };
    let command = "{ metric = \"command\", run = [\"cat\", \"number\"], max = 5 }".to_owned();
    let judge = judged_by(&format!("{}, {command}", prometheus(port))).replace("min_requests = 20", "min_requests = 0");
    let Some(mut bench) = Bench::behind(&judge, "", "10s", &["1.0.0", "2.0.0"]) else {
        return;
    };
    let number = bench.workspace.root.join("number");
    std::fs::write(&number, "measuring\n7.5\n").unwrap();
    let problem = problem_of(bench.deploy("2.0.0"));
    assert_eq!(&*problem.summary.key, "deploy-judge-bad");
    std::fs::write(&number, "measuring\nnothing\n").unwrap();
    let problem = problem_of(bench.deploy("2.0.0"));
    assert_eq!(
        (&*problem.summary.key, problem.code.as_str()),
        ("deploy-judge-unknown", "judged-bad")
    );
    assert_eq!(version_at(bench.listen).as_deref(), Some("1.0.0"));
    std::fs::write(&number, "measuring\n4\n").unwrap();
    assert_eq!(bench.deploy("2.0.0"), Outcome::Done);
    assert_eq!(version_at(bench.listen).as_deref(), Some("2.0.0"));
}
