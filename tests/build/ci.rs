//! Files of GitHub Actions and GitLab CI: read with places and bounds, run on real repositories, drawn, and never run untrusted.

use super::pipelines::repository;
use crate::support::cli::{Home, git};
use crate::support::window::{Collected, three_workspaces, workspace};
use chantier::areas::build::ci::expr::{self, Scope};
use chantier::areas::build::ci::runner::settings;
use chantier::areas::build::ci::{Choice, Lack, Weight, yaml};
use chantier::areas::build::pipelines::{CiFile, Defined, JobRow, Of};
use chantier::areas::build::{Command, Update};
use chantier::base::settings::ThemeChoice;
use chantier::base::{Lang, State};
use chantier::msg;
use egui_kittest::kittest::Queryable;
use serde_json::{Value, json};

const WORKFLOW: &str = r#"name: Tests
on:
  push: { branches: [main] }
env:
  GREETING: hello
defaults:
  run:
    working-directory: sub
jobs:
  test:
    name: test ${{ matrix.n }}
    runs-on: ${{ matrix.os }}
    strategy:
      matrix:
        os: [ubuntu-latest, windows-latest]
        n: [1, 2]
        exclude: [{ os: windows-latest, n: 1 }]
    outputs:
      word: ${{ steps.say.outputs.word }}
    env:
      BOTH: ${{ format('{0}-{1}', env.GREETING, matrix.n) }}
    steps:
      - uses: actions/checkout@v4
      - uses: somebody/unknown-action@v1
      - id: say
        run: |
          test "$BOTH" = "hello-${{ matrix.n }}"
          test "$(basename "$PWD")" = sub
          echo "word=w${{ matrix.n }}" >> "$GITHUB_OUTPUT"
          echo "LATER=yes" >> "$GITHUB_ENV"
          mkdir -p "$RUNNER_TEMP/tools" && printf '#!/bin/sh\necho mine\n' > "$RUNNER_TEMP/tools/mine"
          chmod +x "$RUNNER_TEMP/tools/mine" && echo "$RUNNER_TEMP/tools" >> "$GITHUB_PATH"
      - run: test "$LATER $(mine)" = "yes mine"
        working-directory: .
      - run: exit 1
        if: matrix.n == 3
      - run: false | true
        shell: sh
      - run: exit 7
        id: bad
        continue-on-error: true
      - run: test "${{ steps.bad.outcome }} ${{ steps.bad.conclusion }}" = "failure success"
        if: ${{ success() && startsWith(github.ref, 'refs/heads/') }}
  fails:
    runs-on: ubuntu-latest
    steps:
      - run: exit 3
      - run: echo skipped > never
      - run: test ! -e never && echo cleaned
        if: always()
  after:
    needs: [test]
    runs-on: ubuntu-latest
    steps:
      - run: test "${{ needs.test.outputs.word }} ${{ needs.test.result }}" = "w2 success"
  told:
    needs: [fails]
    if: failure()
    runs-on: ubuntu-latest
    steps:
      - run: test "${{ needs.fails.result }}" = failure
  waits:
    needs: [fails]
    runs-on: ubuntu-latest
    steps: [{ run: "true" }]
  tagged:
    if: startsWith(github.ref, 'refs/tags/')
    runs-on: ubuntu-latest
    steps: [{ run: "true" }]
  database:
    runs-on: ubuntu-latest
    services: { postgres: { image: "postgres:16" } }
    env: { PASSWORD: "${{ secrets.DB_PASSWORD }}" }
    steps: [{ run: "true" }]
  boxed:
    runs-on: ubuntu-latest
    container: alpine:3
    steps: [{ run: "true" }]
  publish:
    runs-on: ubuntu-latest
    environment: pypi
    steps: [{ run: "true" }]
"#;

pub(super) fn ci(home: &Home, dir: &std::path::Path, args: &[&str]) -> (Value, i32) {
    let args: Vec<&str> = ["build", "ci"].iter().chain(args).chain(&["--json"]).copied().collect();
    let called = home.call_in(dir, &args);
    (called.json(), called.code)
}

pub(super) fn states(answer: &Value) -> Vec<String> {
    let jobs = answer["result"]["run"]["jobs"].as_array().expect("jobs");
    jobs.iter()
        .map(|job| {
            format!(
                "{} {}",
                job["key"].as_str().unwrap_or_default(),
                job["state"].as_str().unwrap_or_default()
            )
        })
        .collect()
}

/// Keys of what is said of a job.
pub(super) fn notes(answer: &Value, key: &str) -> Vec<String> {
    let files = answer["result"]["files"].as_array().expect("files");
    let mut jobs = files.iter().flat_map(|file| file["jobs"].as_array().expect("jobs"));
    let job = jobs
        .find(|job| job["key"] == key)
        .unwrap_or_else(|| panic!("{key}: {answer:#}"));
    let mut keys: Vec<String> = job["notes"]
        .as_array()
        .expect("notes")
        .iter()
        .map(|note| note["what"]["key"].as_str().expect("key").to_owned())
        .collect();
    keys.extend(job["left_out"]["key"].as_str().map(|key| format!("out:{key}")));
    keys
}

#[test]
fn a_workflow_of_github_runs_here_and_what_does_not_is_said() {
    let home = Home::new();
    let dir = repository(&home, &[(".github/workflows/tests.yml", WORKFLOW), ("sub/a.txt", "a")]);
    let (answer, code) = ci(&home, &dir, &["show"]);
    assert_eq!(code, 0);
    assert_eq!(notes(&answer, "test (ubuntu-latest, 1)"), ["build-ci-action"]);
    assert!(notes(&answer, "test (windows-latest, 2)").contains(&"out:build-ci-other-system".to_owned()));
    assert_eq!(notes(&answer, "tagged"), ["out:build-ci-if-false"]);
    assert_eq!(
        notes(&answer, "database"),
        ["build-ci-secret", "build-ci-services", "out:build-ci-services"]
    );
    assert_eq!(notes(&answer, "boxed"), ["build-ci-container", "out:build-ci-container"]);
    assert_eq!(notes(&answer, "publish"), ["build-ci-deploys", "out:build-ci-deploys"]);
    let (answer, code) = ci(&home, &dir, &["run"]);
    assert_eq!(code, 1, "a job fails: {answer:#}");
    assert_eq!(
        states(&answer),
        [
            "test (ubuntu-latest, 1) done",
            "test (ubuntu-latest, 2) done",
            "test (windows-latest, 2) skipped",
            "fails failed",
            "after done",
            "told done",
            "waits skipped",
            "tagged skipped",
            "database skipped",
            "boxed skipped",
            "publish skipped",
        ],
        "{answer:#}"
    );
    // One job alone, with what it needs; then what was left out for its sake, because it is named.
    let (answer, code) = ci(&home, &dir, &["run", "after"]);
    assert_eq!((code, states(&answer).len()), (0, 4), "{answer:#}");
    let (answer, code) = ci(&home, &dir, &["run", "publish"]);
    assert_eq!((code, states(&answer)), (0, vec!["publish done".to_owned()]));
    let (answer, code) = ci(&home, &dir, &["run", "boxed"]);
    assert_eq!((code, states(&answer)), (1, vec!["boxed skipped".to_owned()]));
    assert_eq!(answer["problems"][0]["code"], "left-out", "{answer:#}");
    let (answer, code) = ci(&home, &dir, &["run", "boxed", "--on-host"]);
    assert_eq!((code, states(&answer)), (0, vec!["boxed done".to_owned()]));
    let (answer, code) = ci(&home, &dir, &["run", "nope"]);
    assert_eq!((code, answer["problems"][0]["code"].as_str()), (1, Some("not-found")));
    assert_eq!(git(&dir, &["status", "--porcelain"]), "", "the checkout is as it was");
    assert_eq!(git(&dir, &["worktree", "list"]).lines().count(), 1, "no worktree is left");
}

const GITLAB: &str = r#"
include: [{ local: /ci/base.yml }, { project: other/project, file: x.yml }]
stages: [build, test, deploy]
variables: { WHO: world, TEXT: "hello $WHO" }
.shared: &shared
  before_script: ['echo "$TEXT" > before']
make:
  <<: *shared
  stage: build
  script: [ 'test "$(cat before)" = "hello world"', mkdir -p out && echo "$CI_JOB_NAME" > out/a.txt ]
  artifacts: { paths: [out/] }
check:
  extends: [.base]
  script: [ !reference [.pieces, script], 'test "$(cat out/a.txt) $LEVEL" = "make 2"' ]
  rules:
    - if: $CI_COMMIT_BRANCH == $CI_DEFAULT_BRANCH && $CI_COMMIT_BRANCH =~ /^ma/
      variables: { LEVEL: "2" }
many:
  parallel: { matrix: [{ A: [x, y], B: [1] }] }
  needs: []
  script: [ 'test -n "$A$B"' ]
  after_script: [ 'test "$CI_JOB_STATUS" = success || exit 1' ]
tags:
  script: ["exit 1"]
  rules: [{ if: $CI_COMMIT_TAG }]
old:
  script: ["exit 1"]
  only: [tags]
imaged:
  image: alpine
  script: ["true"]
maybe:
  script: ["exit 1"]
  allow_failure: true
cleanup:
  stage: deploy
  script: ["exit 1"]
  when: on_failure
release:
  stage: deploy
  script: ["true"]
  when: manual
"#;

#[test]
fn a_file_of_gitlab_runs_here_with_includes_extends_and_rules() {
    let home = Home::new();
    let base = ".base: { stage: test, variables: { LEVEL: '1' } }\n.pieces: { script: [echo one, echo two] }\n";
    let dir = repository(&home, &[(".gitlab-ci.yml", GITLAB), ("ci/base.yml", base)]);
    let (answer, _) = ci(&home, &dir, &["show", "gitlab"]);
    let lacks = &answer["result"]["files"][0]["ci"]["lacks"];
    assert_eq!(lacks[0]["what"]["key"], "build-ci-include-elsewhere", "{answer:#}");
    let (answer, code) = ci(&home, &dir, &["show", "nowhere.yml"]);
    assert_eq!((code, &answer["problems"][0]["code"]), (1, &"not-found".into()), "{answer:#}");
    let (answer, code) = ci(&home, &dir, &["run"]);
    assert_eq!(
        states(&answer),
        [
            "make done",
            "check done",
            "many: [x, 1] done",
            "many: [y, 1] done",
            "tags skipped",
            "old skipped",
            "imaged skipped",
            "maybe failed",
            "cleanup skipped",
            "release skipped",
        ],
        "{answer:#}"
    );
    assert_eq!(code, 0, "what may fail fails nothing");
}

#[test]
fn an_untrusted_folder_shows_its_files_and_runs_nothing() {
    let home = Home::new();
    let dir = repository(&home, &[("a.txt", "a")]);
    let other = home.path("q");
    git(&dir, &["clone", "-q", ".", other.to_str().expect("text")]);
    std::fs::create_dir_all(other.join(".github/workflows")).expect("made");
    let file = "on: push\njobs: { a: { runs-on: ubuntu-latest, steps: [{ run: touch ../marker }] } }\n";
    std::fs::write(other.join(".github/workflows/a.yaml"), file).expect("written");
    git(&other, &["add", "--all"]);
    git(
        &other,
        &["-c", "user.name=Ana", "-c", "user.email=a@localhost", "commit", "-qm", "ci"],
    );
    let (answer, code) = ci(&home, &other, &["list"]);
    assert_eq!(
        (code, answer["result"]["files"][0]["name"].as_str()),
        (0, Some("github:a.yaml")),
        "{answer:#}"
    );
    let called = home.call_in(&other, &["build", "ci", "run"]);
    assert_eq!(called.code, 3, "{}", called.err);
    assert!(!home.path("marker").exists());
}

#[test]
fn a_job_that_was_stopped_keeps_the_outputs_of_those_before() {
    let home = Home::new();
    let gate = home.path("gate");
    let file = format!(
        "on: push\njobs:\n  one:\n    runs-on: ubuntu-latest\n    outputs: {{ v: '${{{{ steps.s.outputs.v }}}}' }}\n    steps: [{{ id: s, run: 'echo v=kept >> $GITHUB_OUTPUT; echo x >> {0}.count' }}]\n  two:\n    needs: one\n    runs-on: ubuntu-latest\n    steps: [{{ run: 'test -e {0} && test \"${{{{ needs.one.outputs.v }}}}\" = kept' }}]\n",
        gate.display()
    );
    let dir = repository(&home, &[(".github/workflows/w.yml", file.as_str())]);
    let (answer, _) = ci(&home, &dir, &["run"]);
    assert_eq!(states(&answer), ["one done", "two failed"], "{answer:#}");
    std::fs::write(&gate, "").expect("written");
    let id = answer["result"]["run"]["id"].to_string();
    let called = home.call_in(&dir, &["build", "pipeline", "resume", &id, "--json"]);
    assert_eq!(states(&called.json()), ["one done", "two done"]);
    let count = std::fs::read_to_string(home.path("gate.count")).expect("written");
    assert_eq!(count.lines().count(), 1, "what was done is not done again");
}

#[test]
fn what_can_not_be_told_is_not_guessed() {
    let home = Home::new();
    let file = r#"on: push
jobs:
  list:
    runs-on: ubuntu-latest
    steps: [{ run: "true" }]
  each:
    needs: list
    runs-on: ubuntu-latest
    strategy: { matrix: { n: "${{ fromJSON(needs.list.outputs.all) }}" } }
    steps: [{ run: "true" }]
  one: { needs: two, runs-on: ubuntu-latest, steps: [{ run: "true" }] }
  two: { needs: one, runs-on: ubuntu-latest, steps: [{ run: "true" }] }
  after: { needs: each, runs-on: ubuntu-latest, steps: [{ run: "true" }] }
  called: { uses: ./.github/workflows/other.yml }
  mine: { runs-on: [self-hosted, gpu], steps: [{ run: "true" }] }
  broken: { runs-on: ubuntu-latest, steps: [{ run: "echo ${{ nothing.x }}" }] }
"#;
    let broken = "on: push\njobs: [1\n";
    let dir = repository(
        &home,
        &[(".github/workflows/a.yml", file), (".github/workflows/b.yml", broken)],
    );
    let (answer, _) = ci(&home, &dir, &["show"]);
    let out = |key: &str| notes(&answer, key).pop().unwrap_or_default();
    assert_eq!(out("each"), "out:build-ci-matrix-unknown");
    assert_eq!(
        (out("one"), out("two")),
        ("out:build-ci-ring".to_owned(), "out:build-ci-ring".to_owned())
    );
    assert_eq!(out("after"), "out:build-ci-waits-left-out");
    assert_eq!(out("called"), "out:build-ci-called");
    assert_eq!(out("mine"), "out:build-ci-own-runner");
    assert_eq!(out("broken"), "");
    let called = home.call_in(&dir, &["build", "ci", "list"]);
    assert!(
        called.err.contains("b.yml:"),
        "the place of what is wrong is told: {}",
        called.err
    );
    let (answer, code) = ci(&home, &dir, &["run", "broken"]);
    assert_eq!((code, states(&answer)), (1, vec!["broken failed".to_owned()]));
    assert_eq!(answer["problems"][0]["place"]["line"], 16, "{answer:#}");
}

#[test]
fn yaml_has_places_merges_and_bounds() {
    let root = yaml::read("a: &x { n: 1, m: two }\nb:\n  <<: *x\n  m: 'on'\nc: !reference [a, n]\non: push\n").expect("read");
    let b = root.get("b").expect("b");
    assert_eq!(b.json(), json!({ "n": 1, "m": "on" }));
    assert_eq!(
        (b.get("m").expect("m").line, root.get("on").expect("on").json()),
        (4, json!("push"))
    );
    assert_eq!(root.get("c").expect("c").tag.as_deref(), Some("reference"));
    let flaw = yaml::read("a: [1\nb: 2\n").expect_err("broken");
    assert!(flaw.line >= 1, "{flaw:?}");
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..9 {
        let before = format!("*a{}", level - 1);
        bomb.push_str(&format!("a{level}: &a{level} [{}]\n", [before.as_str(); 10].join(", ")));
    }
    assert!(yaml::read(&bomb).expect_err("refused").why.contains("too many"));
    let deep = format!("{}1{}", "[".repeat(500), "]".repeat(500));
    assert!(yaml::read(&deep).is_err());
}

struct Known;

impl Scope for Known {
    fn context(&self, name: &str) -> Option<Value> {
        (name == "github").then(|| json!({ "ref": "refs/heads/main", "labels": [{ "name": "a" }, { "name": "b" }], "n": 2 }))
    }

    fn call(&self, _: &str, _: &[Value]) -> Option<Result<Value, String>> {
        None
    }
}

#[test]
fn expressions_are_evaluated_as_github_does() {
    let check = |text: &str, expected: Value| assert_eq!(expr::evaluate(text, &Known), Ok(expected), "{text}");
    check("github.ref == 'REFS/heads/main'", json!(true));
    check("contains(github.labels.*.name, 'b') && !false", json!(true));
    check("github.nothing || 'else'", json!("else"));
    check("github['n'] > 1.5 && 'it''s'", json!("it's"));
    check("format('{0}-{{}}-{1}', 'a', github.n)", json!("a-{}-2"));
    check("join(fromJSON('[1,2]'), '+')", json!("1+2"));
    check("github.labels[1].name", json!("b"));
    check("1 == '1' && null == 0 && '' == false", json!(true));
    check("(true && 'x') || 'y'", json!("x"));
    check("endsWith('Main', 'IN')", json!(true));
    assert!(
        expr::evaluate("needs.a.result", &Known).is_err(),
        "what is not known is not guessed"
    );
    assert!(expr::evaluate("1 +", &Known).is_err());
    assert!(expr::evaluate(&"(".repeat(5000), &Known).is_err());
    assert_eq!(expr::fill("a ${{ '}}' }} b", &Known), Ok("a }} b".to_owned()));
    assert_eq!(
        settings("A=1\nB<<END\nx=1\ny\nEND\nC=\n"),
        Ok([("A", "1"), ("B", "x=1\ny"), ("C", "")]
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .to_vec())
    );
}

#[test]
fn the_tab_shows_what_is_left_out_and_runs_the_file() {
    let mut front = Collected::new(ThemeChoice::Dark, Lang::En);
    three_workspaces(&mut front);
    let place = workspace("meteo-api");
    let lack = |weight, what| Lack {
        weight,
        what,
        line: Some(7),
    };
    let mut job = JobRow::new("test".to_owned(), State::Queued);
    job.notes = vec![lack(Weight::Skipped, msg!("build-ci-action", action = "a/b@v1"))];
    let mut out = JobRow::new("boxed".to_owned(), State::Queued);
    out.left_out = Some(msg!("build-ci-container", image = "alpine"));
    out.notes = vec![lack(Weight::LeftOut, msg!("build-ci-container", image = "alpine"))];
    let defined = Defined {
        name: "github:ci.yml".to_owned(),
        on: Vec::new(),
        branches: Vec::new(),
        jobs: vec![job, out],
        line: None,
        ci: Some(CiFile {
            path: ".github/workflows/ci.yml".into(),
            name: "CI".to_owned(),
            on: ["push", "workflow_dispatch"].map(str::to_owned).to_vec(),
            lacks: Vec::new(),
        }),
    };
    front.tell(Update::PipelinesDefined {
        workspace: place.id.clone(),
        pipelines: vec![defined],
        problems: Vec::new(),
    });
    front.tell(Update::PipelineRunsLoaded {
        workspace: place.id.clone(),
        runs: Vec::new(),
    });
    let mut harness = super::pipeline_page::pipelines_of(front, &place);
    harness.get_by_label("Jobs, 1 of 2 run here");
    harness
        .get_all_by_label("Run github:ci.yml on HEAD")
        .next()
        .expect("offered")
        .click();
    harness.run();
    let start = chantier::areas::Command::from(Command::RunCi {
        workspace: place.clone(),
        workflow: Some("github:ci.yml".to_owned()),
        of: Of::Commit {
            revision: "HEAD".to_owned(),
        },
        choice: Choice::default(),
    });
    assert!(harness.state_mut().front().commands.contains(&start));
    harness
        .get_all_by_label("Run github:ci.yml as on workflow_dispatch")
        .next()
        .expect("offered")
        .click();
    harness.run();
    let start = chantier::areas::Command::from(Command::RunCi {
        workspace: place,
        workflow: Some("github:ci.yml".to_owned()),
        of: Of::Commit {
            revision: "HEAD".to_owned(),
        },
        choice: Choice {
            event: Some("workflow_dispatch".to_owned()),
            ..Choice::default()
        },
    });
    assert!(harness.state_mut().front().commands.contains(&start));
    harness.get_by_label_contains("boxed, left out").click();
    harness.run();
    harness.get_by_label_contains("It wants the container alpine");
}
