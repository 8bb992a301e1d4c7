//! Files of other CIs as they are asked for: the event and its inputs, what changed, what is wrong, and why a script failed.

use super::ci::{ci, notes, states};
use super::pipelines::{commit, repository};
use crate::support::cli::{Home, git};
use serde_json::Value;

/// What it says, and what can be done.
fn last_problem(answer: &Value) -> String {
    let problem = answer["problems"].as_array().and_then(|all| all.last()).expect("a problem");
    let text = |of: &str| problem[of].as_str().unwrap_or_default().to_owned();
    format!("{} → {}", text("summary"), text("hint"))
}

#[test]
fn a_workflow_runs_on_the_event_and_with_the_inputs_that_are_said() {
    let home = Home::new();
    let file = r#"on:
  push:
  workflow_dispatch:
    inputs:
      dry: { type: boolean, default: true }
      n: { type: number, default: 1 }
      level: { type: choice, options: [low, high], default: low }
      who: { required: true }
jobs:
  real:
    if: ${{ !inputs.dry }}
    runs-on: ubuntu-latest
    steps: [{ run: 'test "${{ github.event_name }}${{ inputs.who }}" = push' }]
  dryrun:
    if: github.event_name == 'workflow_dispatch' && inputs.dry
    runs-on: ubuntu-latest
    steps: [{ run: 'test "${{ inputs.n }} ${{ github.event.inputs.n }} ${{ inputs.who }} ${{ inputs.level }}" = "5 5 me=you low"' }]
"#;
    let dir = repository(&home, &[(".github/workflows/w.yml", file)]);
    let check = |args: &[&str], expected: [&str; 2]| {
        let args: Vec<&str> = ["run"].iter().chain(args).copied().collect();
        let (answer, code) = ci(&home, &dir, &args);
        assert_eq!(
            (code, states(&answer)),
            (0, expected.map(str::to_owned).to_vec()),
            "{answer:#}"
        );
    };
    check(&[], ["real done", "dryrun skipped"]);
    let by_hand = ["real skipped", "dryrun done"];
    check(&["--input", "n=5", "--input", "who=me=you"], by_hand);
    check(
        &["--event", "workflow_dispatch", "--input", "n=5", "--input", "who=me=you"],
        by_hand,
    );
    check(&["--event", "push"], ["real done", "dryrun skipped"]);
    let refused = |args: &[&str], words: &str| {
        let args: Vec<&str> = ["run"].iter().chain(args).copied().collect();
        let (answer, code) = ci(&home, &dir, &args);
        assert_eq!(code, 1, "{answer:#}");
        let said = last_problem(&answer);
        assert!(said.contains(words), "{words}: {said}");
    };
    refused(
        &["--input", "n=five", "--input", "who=me"],
        "machine → The input n can not be “five”",
    );
    refused(
        &["--input", "level=middle", "--input", "who=me"],
        "machine → The input level can not be “middle”",
    );
    refused(
        &["--event", "workflow_dispatch"],
        "machine → Inputs that have to be given are missing: who",
    );
    refused(&["--event", "release"], "No file here starts on release");
    refused(&["--input", "zzz=1"], "has an input zzz");
    refused(&["--input", "n"], "said as NAME=VALUE");
}

#[test]
fn a_workflow_that_is_called_takes_what_it_is_given() {
    let home = Home::new();
    let file = r#"on:
  workflow_call:
    inputs: { who: { type: string, required: true }, level: { type: string, default: low } }
jobs:
  say:
    runs-on: ubuntu-latest
    steps: [{ run: 'test "${{ inputs.who }} ${{ inputs.level }} ${{ github.event_name }}" = "me low push"' }]
"#;
    let other = "on: push\njobs: { other: { runs-on: ubuntu-latest, steps: [{ run: 'true' }] } }\n";
    let files = [(".github/workflows/call.yml", file), (".github/workflows/other.yml", other)];
    let dir = repository(&home, &files);
    for args in [
        ["run", "--input", "who=me", "--event", "workflow_call"].as_slice(),
        &["run", "--input", "who=me"],
    ] {
        let (answer, code) = ci(&home, &dir, args);
        assert_eq!((code, states(&answer)), (0, vec!["say done".to_owned()]), "{answer:#}");
    }
}

#[test]
fn what_changed_is_told_by_the_commits() {
    let home = Home::new();
    let file = r#"
docs: { script: ["true"], rules: [{ changes: ["docs/**/*"] }] }
code: { script: ["true"], rules: [{ changes: ["src/*.{c,h}"] }, { if: $NEVER }] }
near: { script: ["true"], rules: [{ changes: [docs/*] }] }
since: { script: ["true"], rules: [{ changes: { paths: ["src/*.{c,h}"], compare_to: refs/heads/base } }] }
lost: { script: ["true"], rules: [{ changes: { paths: ["src/*.c"], compare_to: refs/heads/none } }] }
only: { script: ["true"], only: { refs: [branches], changes: ["docs/**/*"] } }
never: { script: ["true"], only: { changes: ["src/*"] } }
except: { script: ["true"], except: { changes: ["src/*"] } }
excepted: { script: ["true"], except: { changes: ["docs/sub/*"] } }
"#;
    let dir = repository(&home, &[(".gitlab-ci.yml", file)]);
    git(&dir, &["branch", "base"]);
    commit(&dir, &[("src/a.c", "a")], "second");
    commit(&dir, &[("docs/sub/b.md", "b")], "third");
    let (answer, code) = ci(&home, &dir, &["show"]);
    assert_eq!(code, 0, "{answer:#}");
    let left_out = ["out:build-ci-rules-never"].as_slice();
    for (job, expected) in [
        ("docs", [].as_slice()),
        ("code", left_out),
        ("near", left_out),
        ("since", &[]),
        ("lost", &["build-ci-changes"]),
        ("only", &[]),
        ("never", left_out),
        ("except", &[]),
        ("excepted", left_out),
    ] {
        assert_eq!(notes(&answer, job), expected, "{job}: {answer:#}");
    }
}

#[test]
fn a_file_with_something_wrong_in_it_is_shown_and_fails() {
    let home = Home::new();
    let good = "on: push\njobs: { a: { runs-on: ubuntu-latest, steps: [{ run: 'true' }] } }\n";
    let bad = "on: push\njobs: { b: { runs-on: ubuntu-latest, stepz: [] } }\n";
    let files = [
        (".github/workflows/good.yml", good),
        (".github/workflows/bad.yml", bad),
        (".github/workflows/broken.yml", "on: [push\n"),
    ];
    let dir = repository(&home, &files);
    for (args, code) in [
        (["list"].as_slice(), 0),
        (&["show"], 1),
        (&["show", "good.yml"], 0),
        (&["show", "bad.yml"], 1),
        (&["show", ".github/workflows/broken.yml"], 1),
    ] {
        let (answer, ended) = ci(&home, &dir, args);
        assert_eq!(ended, code, "{args:?}: {answer:#}");
        assert_eq!(answer["ok"], code == 0, "{args:?}: {answer:#}");
        let words: Vec<&str> = ["build", "ci"].iter().chain(args).copied().collect();
        assert_eq!(home.call_in(&dir, &words).code, code, "{args:?}");
    }
    let (answer, _) = ci(&home, &dir, &["show", "bad.yml"]);
    let said = last_problem(&answer);
    assert!(said.contains("wrong with what these files say"), "{said}");
    assert_eq!(
        answer["result"]["files"][0]["jobs"][0]["key"], "b",
        "it is shown all the same"
    );
}

#[test]
fn a_script_failed_by_its_command_and_an_allowed_failure_is_marked() {
    let home = Home::new();
    let file = r#"
allowed: { script: ["echo begin; exit 7"], allow_failure: true }
looks: { script: [mkdir src, echo src, test ! -e src, echo never] }
block:
  script:
    - |
      echo begin
      sh -c 'echo not; exit 4'
      echo never
"#;
    let workflow = r#"on: push
jobs:
  lines:
    runs-on: ubuntu-latest
    steps:
      - name: Several
        run: |
          echo begin
          sh -c 'echo "access denied"; exit 7'
          echo never
  plain:
    runs-on: ubuntu-latest
    steps:
      - run: test -z "$BASH_ENV"
      - run: test "$PWD" = "$GITHUB_WORKSPACE"
      - run: false | cat
        shell: sh
      - run: echo last; exit 3
"#;
    let dir = repository(&home, &[(".gitlab-ci.yml", file), (".github/workflows/w.yml", workflow)]);
    let (answer, code) = ci(&home, &dir, &["run", "--file", "gitlab"]);
    let why = |answer: &Value, at: usize| {
        let job = &answer["result"]["run"]["jobs"][at];
        assert_eq!(job["problem"]["details"], job["why"]["message"], "{job:#}");
        job["why"]["message"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(code, 1);
    assert_eq!(why(&answer, 0), "echo begin; exit 7: exit 7", "{answer:#}");
    assert_eq!(why(&answer, 1), "test ! -e src: exit 1", "{answer:#}");
    assert_eq!(why(&answer, 2), "sh -c 'echo not; exit 4': exit 4", "{answer:#}");
    let told = home.call_in(&dir, &["build", "pipeline", "show"]);
    let marked: Vec<&str> = told.out.lines().filter(|line| line.contains("failure allowed")).collect();
    assert!(marked.len() == 1 && marked[0].contains("allowed "), "{}", told.out);
    let (answer, _) = ci(&home, &dir, &["run", "--file", "w.yml"]);
    let lines = r#"sh -c 'echo "access denied"; exit 7': exit 7: access denied"#;
    assert_eq!(
        (why(&answer, 0), why(&answer, 1)),
        (lines.to_owned(), "echo last; exit 3: exit 3".to_owned())
    );
}
