//! Workflows of GitHub Actions on real repositories: the event that they are read as, what is checked out, and cells that stand together.

use super::ci::{ci, notes, states};
use super::pipelines::{commit, repository};
use crate::support::cli::{Home, git};
use serde_json::Value;
use std::path::Path;

const PATH: &str = ".github/workflows/w.yml";

/// Runs the file, or a job of it, and looks how its jobs ended.
fn check(home: &Home, dir: &Path, args: &[&str], code: i32, expected: &[&str]) -> Value {
    let args: Vec<&str> = ["run"].iter().chain(args).copied().collect();
    let (answer, ended) = ci(home, dir, &args);
    assert_eq!(
        (ended, states(&answer)),
        (code, expected.iter().map(|&word| word.to_owned()).collect()),
        "{answer:#}"
    );
    answer
}

/// Keys of what is said of the file as a whole.
fn of_file(answer: &Value) -> Vec<&str> {
    let lacks = answer["result"]["files"][0]["ci"]["lacks"].as_array().expect("lacks");
    lacks.iter().filter_map(|lack| lack["what"]["key"].as_str()).collect()
}

#[test]
fn only_the_branch_and_its_commit_are_this_checkout() {
    let home = Home::new();
    let file = r#"on: push
jobs:
  other:
    runs-on: ubuntu-latest
    steps: [{ uses: actions/checkout@v4, with: { ref: remain } }, { run: "true" }]
  same:
    runs-on: ubuntu-latest
    steps:
      - { uses: actions/checkout@v4, with: { ref: main } }
      - { uses: actions/checkout@v4, with: { ref: refs/heads/main } }
      - { uses: actions/checkout@v4, with: { ref: "${{ github.sha }}" } }
      - run: case "$GITHUB_WORKSPACE" in */) exit 1;; esac
  beside:
    runs-on: ubuntu-latest
    steps:
      - { uses: actions/checkout@v4, with: { path: src/here } }
      - run: test -e a.txt && test "$(git rev-parse HEAD)" = "${{ github.sha }}" && test "$(git rev-parse --show-toplevel)" = "$(pwd -P)"
        working-directory: src/here
"#;
    let dir = repository(&home, &[(PATH, file), ("a.txt", "a")]);
    git(&dir, &["branch", "remain"]);
    let (answer, _) = ci(&home, &dir, &["show"]);
    assert_eq!(notes(&answer, "other"), ["build-ci-other-checkout"]);
    assert!(
        notes(&answer, "same").is_empty() && notes(&answer, "beside").is_empty(),
        "{answer:#}"
    );
    check(&home, &dir, &[], 0, &["other done", "same done", "beside done"]);
    assert_eq!(git(&dir, &["worktree", "list"]).lines().count(), 1, "no worktree is left");
}

#[test]
fn inputs_are_those_of_the_event() {
    let home = Home::new();
    let file = r#"on:
  push:
  workflow_dispatch:
    inputs: { dry: { type: boolean, default: true }, n: { default: five } }
jobs:
  real:
    if: ${{ !inputs.dry }}
    runs-on: ubuntu-latest
    steps: [{ run: 'test -z "${{ inputs.n }}${{ github.event.inputs.n }}"' }]
  dryrun:
    if: github.event_name == 'workflow_dispatch' && inputs.dry
    runs-on: ubuntu-latest
    steps: [{ run: 'test "${{ inputs.n }} ${{ github.event.inputs.n }} ${{ github.event.inputs.dry }}" = "five five true"' }]
"#;
    let dir = repository(&home, &[(PATH, file)]);
    check(&home, &dir, &[], 0, &["real done", "dryrun skipped"]);
    check(&home, &dir, &["real"], 0, &["real done"]);
    // Asked for by name, it is run on the event that it is for.
    check(&home, &dir, &["dryrun"], 0, &["dryrun done"]);
    let called = r#"on:
  workflow_call:
    inputs: { who: { type: string, default: dflt }, sure: { type: boolean } }
jobs:
  a:
    runs-on: ubuntu-latest
    steps: [{ run: 'test "${{ inputs.who }} ${{ inputs.sure }}" = "dflt false"' }]
"#;
    commit(&dir, &[(PATH, called)], "called");
    check(&home, &dir, &[], 0, &["a done"]);
    commit(
        &dir,
        &[(PATH, &called.replace("default: dflt", "required: true"))],
        "with more",
    );
    let (answer, _) = ci(&home, &dir, &["show"]);
    assert_eq!(notes(&answer, "a"), ["out:build-ci-called-with"]);
    check(&home, &dir, &[], 1, &["a skipped"]);
}

#[test]
fn a_pull_request_is_one_of_the_branch_into_the_default_branch() {
    let home = Home::new();
    let file = r#"on: pull_request
jobs:
  pull:
    runs-on: ubuntu-latest
    if: github.event.pull_request.draft == false
    steps:
      - run: test "${{ github.ref }} ${{ github.base_ref }} ${{ github.head_ref }} ${{ github.event.number }}" = "refs/pull/0/merge main topic 0"
      - run: test "$(git diff --name-only ${{ github.event.pull_request.base.sha }}...HEAD)" = b.txt
      - run: test -z "${{ github.event.pull_request.labels }}"
      - { uses: actions/checkout@v4, with: { ref: "${{ github.event.pull_request.head.sha }}" } }
"#;
    let dir = repository(&home, &[(PATH, file)]);
    git(&dir, &["checkout", "-q", "-b", "topic"]);
    commit(&dir, &[("b.txt", "b")], "the topic");
    let (answer, _) = ci(&home, &dir, &["show"]);
    assert_eq!(of_file(&answer), ["build-ci-pull-request", "build-ci-event-unknown"]);
    assert!(notes(&answer, "pull").is_empty(), "{answer:#}");
    check(&home, &dir, &[], 0, &["pull done"]);
}

#[test]
fn what_a_step_that_does_not_run_would_tell_is_not_nothing() {
    let home = Home::new();
    let file = r#"on: push
jobs:
  output:
    runs-on: ubuntu-latest
    steps:
      - { uses: some/versioner@v1, id: v }
      - run: echo "version ${{ steps.v.outputs.version }}"
  condition:
    runs-on: ubuntu-latest
    steps:
      - { uses: some/versioner@v1, id: v }
      - { run: "true", if: steps.v.outcome == 'success' }
  cache:
    runs-on: ubuntu-latest
    steps:
      - { uses: actions/cache@v4, id: c, with: { path: x, key: y } }
      - { run: echo > made, if: steps.c.outputs.cache-hit != 'true' }
      - run: test -e made
  passed:
    runs-on: ubuntu-latest
    steps:
      - { uses: some/versioner@v1, id: v, if: false }
      - run: test "${{ steps.v.outcome }}" = skipped
"#;
    let dir = repository(&home, &[(PATH, file)]);
    let expected = ["output failed", "condition failed", "cache done", "passed done"];
    let answer = check(&home, &dir, &[], 1, &expected);
    assert_eq!(answer["problems"][0]["place"]["line"], 7, "{answer:#}");
}

#[test]
fn cells_run_as_many_at_once_as_is_said_and_stop_at_the_first_failure() {
    let home = Home::new();
    let lock = home.path("lock").display().to_string();
    let file = format!(
        r"on: push
jobs:
  fast:
    runs-on: ubuntu-latest
    strategy: {{ max-parallel: 1, matrix: {{ n: [1, 2, 3] }} }}
    steps: [{{ run: 'test ${{{{ matrix.n }}}} != 1' }}]
  whole:
    runs-on: ubuntu-latest
    strategy: {{ fail-fast: false, max-parallel: 1, matrix: {{ n: [1, 2, 3] }} }}
    steps: [{{ run: 'mkdir {lock} && git log > log && rmdir {lock} && test ${{{{ matrix.n }}}} != 1' }}]
  allowed:
    runs-on: ubuntu-latest
    continue-on-error: ${{{{ matrix.n == 1 }}}}
    strategy: {{ max-parallel: 1, matrix: {{ n: [1, 2] }} }}
    steps: [{{ run: 'test ${{{{ matrix.n }}}} != 1' }}]
"
    );
    let dir = repository(&home, &[(PATH, file.as_str())]);
    let expected = [
        "fast (1) failed",
        "fast (2) cancelled",
        "fast (3) cancelled",
        "whole (1) failed",
        "whole (2) done",
        "whole (3) done",
        "allowed (1) failed",
        "allowed (2) done",
    ];
    check(&home, &dir, &[], 1, &expected);
}

#[test]
fn what_steps_leave_for_others_is_taken_as_it_is_there() {
    let home = Home::new();
    let file = r#"on: push
jobs:
  setting:
    runs-on: ubuntu-latest
    steps: [{ run: echo novalue >> $GITHUB_ENV }]
  output:
    runs-on: ubuntu-latest
    steps: [{ run: 'printf "a<<END\nb\n" >> $GITHUB_OUTPUT', continue-on-error: true }, { run: "true" }]
  first:
    runs-on: ubuntu-latest
    steps: [{ run: echo > a }, { uses: actions/upload-artifact@v4, with: { name: same, path: a } }]
  second:
    needs: first
    runs-on: ubuntu-latest
    steps: [{ run: echo > b }, { uses: actions/upload-artifact@v4, with: { name: same, path: b } }]
  over:
    needs: first
    runs-on: ubuntu-latest
    steps: [{ run: echo > b }, { uses: actions/upload-artifact@v4, with: { name: same, path: b, overwrite: true } }]
  joined:
    runs-on: ubuntu-latest
    steps:
      - run: echo > a; echo > b
      - { uses: actions/upload-artifact@v3, with: { name: joined, path: a } }
      - { uses: actions/upload-artifact@v3.1.2, with: { name: joined, path: b } }
  hash:
    runs-on: ubuntu-latest
    steps: [{ run: "test ${{ hashFiles('lock') }} = $(printf \"$(sha256sum lock | cut -c1-64 | sed 's/../\\\\x&/g')\" | sha256sum | cut -c1-64)", shell: bash }]
"#;
    let dir = repository(&home, &[(PATH, file), ("lock", "one"), ("sub/lock", "two")]);
    let expected = [
        "setting failed",
        "output done",
        "first done",
        "second failed",
        "over done",
        "joined done",
        "hash done",
    ];
    let answer = check(&home, &dir, &[], 1, &expected);
    let key = |at: usize| answer["result"]["run"]["jobs"][at]["problem"]["summary"]["key"].clone();
    assert_eq!(
        (key(0), key(3)),
        ("build-ci-no-setting".into(), "build-ci-artifact-taken".into())
    );
}

#[test]
fn an_action_of_the_repository_runs_its_steps() {
    let home = Home::new();
    let mine = r#"name: mine
inputs: { who: { required: true }, greeting: { default: hi } }
outputs: { greet: { value: "${{ steps.g.outputs.x }}" } }
runs:
  using: composite
  steps:
    - id: g
      shell: bash
      run: |
        echo "x=${{ inputs.greeting }} ${{ inputs.who }} $OUTER" >> $GITHUB_OUTPUT
        test -e "${{ github.action_path }}/action.yml" && test -e "$GITHUB_ACTION_PATH/action.yml"
    - { shell: bash, run: echo LATER=yes >> $GITHUB_ENV, if: inputs.who == 'you' }
    - { shell: bash, run: exit 1, if: inputs.who == 'me' }
    - uses: ./actions/deep
"#;
    let deep = "runs: { using: composite, steps: [{ shell: sh, run: 'test -z \"${{ inputs.who }}\" && echo DEEP=well >> $GITHUB_ENV' }] }\n";
    let file = r#"on: push
jobs:
  use:
    runs-on: ubuntu-latest
    steps:
      - { uses: ./actions/mine, id: m, with: { who: you }, env: { OUTER: "of ${{ github.ref_name }}" } }
      - run: test "${{ steps.m.outputs.greet }} $LATER $DEEP${{ steps.g.outputs.x }}" = "hi you of main yes well"
  allowed:
    runs-on: ubuntu-latest
    steps:
      - { uses: ./actions/mine, id: m, continue-on-error: true, with: { who: me } }
      - run: test "${{ steps.m.outcome }} ${{ steps.m.conclusion }} $DEEP" = "failure success "
  fails:
    runs-on: ubuntu-latest
    steps: [{ uses: ./actions/mine, with: { who: me } }, { run: "true" }]
  other:
    runs-on: ubuntu-latest
    steps: [{ uses: ./actions/none }, { run: "true" }]
"#;
    let dir = repository(
        &home,
        &[
            (PATH, file),
            ("actions/mine/action.yml", mine),
            ("actions/deep/action.yaml", deep),
        ],
    );
    let (answer, _) = ci(&home, &dir, &["show"]);
    assert!(notes(&answer, "use").is_empty(), "{answer:#}");
    assert_eq!(notes(&answer, "other"), ["build-ci-action"]);
    check(
        &home,
        &dir,
        &[],
        1,
        &["use done", "allowed done", "fails failed", "other done"],
    );
}
