//! Files of GitLab CI on real repositories: variables that are known only when a job runs, and what a job leaves after a failure.

use super::ci::{ci, notes, states};
use super::pipelines::repository;
use crate::support::cli::Home;

const PATH: &str = ".gitlab-ci.yml";

#[test]
fn variables_name_the_folder_of_the_project_and_each_other() {
    let home = Home::new();
    let file = r#"
stages: [build, test]
variables:
  CACHE: "$CI_PROJECT_DIR/.cache/pip"
  BRACED: "${CI_PROJECT_DIR}/.cargo"
  LATER: "$EARLY-b"
  EARLY: a
  JOB: "$CI_JOB_NAME in $CI_JOB_STAGE"
  RING: "$GNIR"
  GNIR: "$RING"
make:
  stage: build
  variables: { EARLY: c, OWN: "$LATER" }
  script:
    - test "$CACHE" = "$PWD/.cache/pip"
    - test "$BRACED" = "$PWD/.cargo"
    - test "$LATER $OWN" = "c-b c-b"
    - test "$JOB" = "make in build"
    - mkdir -p public && echo page > public/index.html
  artifacts: { paths: [$CI_PROJECT_DIR/public, ../elsewhere] }
check:
  stage: test
  script: [ 'test "$LATER" = a-b', test -e public/index.html ]
  rules: [{ if: $EARLY == "a" && $CI_JOB_NAME == "check" }]
"#;
    let dir = repository(&home, &[(PATH, file)]);
    let (answer, _) = ci(&home, &dir, &["show"]);
    assert_eq!(notes(&answer, "make"), ["build-ci-artifact-not-kept"]);
    let (answer, code) = ci(&home, &dir, &["run"]);
    assert_eq!(
        (code, states(&answer)),
        (0, vec!["make done".to_owned(), "check done".to_owned()]),
        "{answer:#}"
    );
}

#[test]
fn a_job_tells_variables_and_leaves_files_after_the_end_that_is_said() {
    let home = Home::new();
    let file = r#"
stages: [build, middle, test]
version:
  stage: build
  script: [ 'echo "VERSION=1.2.3" > build.env' ]
  artifacts: { reports: { dotenv: build.env } }
broken:
  stage: build
  allow_failure: true
  script: [ mkdir o, echo failed > o/a.log, exit 1 ]
  artifacts: { when: always, paths: ["o/*.log"] }
well:
  stage: build
  script: [ mkdir w, echo well > w/a.log ]
  artifacts: { when: on_failure, paths: ["w/*.log"] }
between:
  stage: middle
  script: ["true"]
use:
  stage: test
  variables: { VERSION: "0" }
  script: [ 'test "$VERSION" = 1.2.3', test -e o/a.log, test ! -e w ]
"#;
    let dir = repository(&home, &[(PATH, file)]);
    let (answer, code) = ci(&home, &dir, &["run"]);
    let expected = ["version done", "broken failed", "well done", "between done", "use done"];
    assert_eq!(
        (code, states(&answer)),
        (0, expected.map(str::to_owned).to_vec()),
        "{answer:#}"
    );
}

#[test]
fn a_job_may_fail_only_with_the_exit_codes_that_are_named() {
    let home = Home::new();
    let file = r#"
stages: [build, test]
allowed:
  stage: build
  script: [exit 137]
  after_script: [exit 3]
  allow_failure: { exit_codes: [137, 42] }
after:
  stage: test
  script: ["true"]
"#;
    let dir = repository(&home, &[(PATH, file)]);
    let (answer, code) = ci(&home, &dir, &["run"]);
    assert_eq!(
        (code, states(&answer)),
        (0, vec!["allowed failed".to_owned(), "after done".to_owned()]),
        "{answer:#}"
    );
    let other = file.replace("exit 137", "exit 1");
    super::pipelines::commit(&dir, &[(PATH, &other)], "another code");
    let (answer, code) = ci(&home, &dir, &["run"]);
    assert_eq!(
        (code, states(&answer)),
        (1, vec!["allowed failed".to_owned(), "after skipped".to_owned()]),
        "{answer:#}"
    );
    let list = home.call_in(&dir, &["build", "pipeline", "list", "--json"]).ok().json();
    let runs = list["result"]["runs"].as_array().expect("runs");
    let may_fail: Vec<_> = runs.iter().map(|run| run["jobs"][0]["may_fail"].clone()).collect();
    assert_eq!(may_fail, [false, true], "newest first: {list:#}");
}

#[test]
fn a_job_gets_the_files_that_it_asks_for() {
    let home = Home::new();
    let file = r#"
stages: [build, test]
art:
  stage: build
  script: [ mkdir -p out/sub, echo keep > out/keep.txt, echo no > out/sub/no.o, echo u > untracked.txt, echo i > ignored.log, 'echo V=1 > v.env' ]
  artifacts: { paths: [out/], exclude: ["out/**/*.o"], untracked: true, reports: { dotenv: v.env, junit: r.xml } }
other:
  stage: build
  script: [ mkdir o2, echo 2 > o2/f ]
  artifacts: { paths: [o2] }
all:
  stage: test
  script: [ test -e out/keep.txt, test ! -e out/sub/no.o, test -e untracked.txt, test -e ignored.log, test -e o2/f, 'test "$V" = 1' ]
only:
  stage: test
  dependencies: [other]
  script: [ test ! -e out, test -e o2/f, 'test -z "$V"' ]
none:
  stage: test
  dependencies: []
  script: [ test ! -e out, test ! -e o2 ]
without:
  stage: test
  needs: [{ job: art, artifacts: false }, other]
  script: [ test ! -e out, test -e o2/f ]
near:
  stage: test
  needs: [only]
  script: [ test ! -e o2 ]
"#;
    let dir = repository(&home, &[(PATH, file), (".gitignore", "*.log\n")]);
    let (answer, _) = ci(&home, &dir, &["show"]);
    assert_eq!(notes(&answer, "art"), ["build-ci-report"]);
    let (answer, code) = ci(&home, &dir, &["run"]);
    let expected = [
        "art done",
        "other done",
        "all done",
        "only done",
        "none done",
        "without done",
        "near done",
    ];
    assert_eq!(
        (code, states(&answer)),
        (0, expected.map(str::to_owned).to_vec()),
        "{answer:#}"
    );
}

#[test]
fn rules_and_jobs_are_told_of_the_commit_and_the_project() {
    let home = Home::new();
    let file = r#"
told:
  script:
    - test "$CI_COMMIT_TITLE" = "first of all"
    - test "$CI_COMMIT_MESSAGE" = "$CI_COMMIT_TITLE"
    - test "$CI_COMMIT_AUTHOR" = "Ana <ana@localhost>"
    - test -n "$CI_COMMIT_TIMESTAMP" && test -z "$CI_COMMIT_DESCRIPTION"
    - test "$CI_COMMIT_BEFORE_SHA" != "$CI_COMMIT_SHA"
    - test "$CI_JOB_NAME_SLUG $CI_CONFIG_PATH" = "told .gitlab-ci.yml"
    - test -n "$CI_PROJECT_PATH_SLUG" && test -n "$CI_PIPELINE_IID" && test -n "$CI_JOB_STARTED_AT"
    - test "$PWD" = "$CI_PROJECT_DIR"
    - case "$CI_PROJECT_DIR" in */) exit 1;; esac
skip:
  script: ["true"]
  rules: [{ if: '$CI_COMMIT_MESSAGE =~ /\[skip m\]/', when: never }, { when: always }]
bump:
  script: ["true"]
  rules: [{ if: $CI_COMMIT_TITLE =~ /^bump/ }]
asks:
  script: ["true"]
  rules: [{ if: $CI_RUNNER_TAGS =~ /big/ }, { if: $CI_COMMIT_TAG }, { when: always }]
"#;
    let dir = repository(&home, &[(PATH, file)]);
    super::pipelines::commit(&dir, &[], "first of all");
    let (answer, code) = ci(&home, &dir, &["run"]);
    let expected = ["told done", "skip done", "bump skipped", "asks done"];
    assert_eq!(
        (code, states(&answer)),
        (0, expected.map(str::to_owned).to_vec()),
        "{answer:#}"
    );
    super::pipelines::commit(&dir, &[], "bump: it\n\nlong [skip m] words");
    let (answer, _) = ci(&home, &dir, &["show"]);
    assert_eq!(notes(&answer, "skip"), ["out:build-ci-rules-never"]);
    assert!(notes(&answer, "bump").is_empty(), "{answer:#}");
    assert_eq!(notes(&answer, "asks"), ["build-ci-variable-unknown"]);
}

#[test]
fn a_gate_holds_back_what_comes_after_it_and_a_job_that_falls_away_does_not() {
    let home = Home::new();
    let file = r#"
stages: [check, deploy, cleanup]
lint: { stage: check, script: ["true"] }
preview: { stage: deploy, when: manual, script: ["true"] }
smoke: { stage: deploy, needs: [preview], script: ["true"] }
tidy: { stage: cleanup, script: ["true"] }
"#;
    let dir = repository(&home, &[(PATH, file)]);
    let (answer, code) = ci(&home, &dir, &["run"]);
    let expected = ["lint done", "preview skipped", "smoke skipped", "tidy done"];
    assert_eq!(
        (code, states(&answer)),
        (0, expected.map(str::to_owned).to_vec()),
        "{answer:#}"
    );
    for gate in ["rules: [{ when: manual }]", "when: manual, allow_failure: false"] {
        let gated = format!(
            "{file}approve: {{ stage: check, script: [\"true\"], {gate} }}\nfree: {{ stage: deploy, needs: [lint], script: [\"true\"] }}\nsoon: {{ stage: check, when: delayed, start_in: 2 hours, script: [\"true\"] }}\n"
        );
        super::pipelines::commit(&dir, &[(PATH, &gated)], "gated");
        let (answer, _) = ci(&home, &dir, &["show"]);
        assert_eq!(notes(&answer, "tidy"), ["out:build-ci-waits-left-out"], "{gate}");
        assert_eq!(notes(&answer, "soon"), ["build-ci-delayed"]);
        let (answer, code) = ci(&home, &dir, &["run"]);
        let expected = [
            "lint done",
            "preview skipped",
            "smoke skipped",
            "tidy skipped",
            "approve skipped",
            "free done",
            "soon done",
        ];
        assert_eq!(
            (code, states(&answer)),
            (0, expected.map(str::to_owned).to_vec()),
            "{answer:#}"
        );
    }
    // Asked for by name, it runs.
    let (answer, code) = ci(&home, &dir, &["run", "tidy"]);
    assert!(code == 0 && states(&answer).contains(&"tidy done".to_owned()), "{answer:#}");
}

#[test]
fn an_include_has_rules_and_inputs() {
    let home = Home::new();
    let file = r#"
include:
  - { local: ci/never.yml, rules: [{ if: $USE_CI == "yes" }] }
  - { local: ci/branch.yml, rules: [{ if: $CI_COMMIT_BRANCH == "main" }] }
  - { local: t.yml, inputs: { name: one, words: [a, b] } }
  - { local: t.yml, inputs: { name: two } }
own: { script: ["true"] }
"#;
    let template = r#"spec:
  inputs:
    name:
    words: { default: [c] }
    long: { default: abcdef }
---
"$[[ inputs.name ]]-job":
  parallel: { matrix: [{ W: "$[[ inputs.words ]]" }] }
  script: [ 'test "$[[ inputs.long | truncate(1,2) ]]" = bc' ]
"#;
    let job = |name: &str| format!("{name}: {{ script: [\"true\"] }}\n");
    let dir = repository(
        &home,
        &[
            (PATH, file),
            ("t.yml", template),
            ("ci/never.yml", &job("never")),
            ("ci/branch.yml", &job("branch")),
        ],
    );
    let (answer, code) = ci(&home, &dir, &["run"]);
    let expected = [
        "branch done",
        "one-job: [a] done",
        "one-job: [b] done",
        "two-job: [c] done",
        "own done",
    ];
    assert_eq!(
        (code, states(&answer)),
        (0, expected.map(str::to_owned).to_vec()),
        "{answer:#}"
    );
    super::pipelines::commit(&dir, &[(PATH, "include: { local: t.yml }\n")], "nothing given");
    let called = home.call_in(&dir, &["build", "ci", "list"]);
    assert!(
        called.err.contains("t.yml:7") && called.err.contains("inputs.name"),
        "{}",
        called.err
    );
}

#[test]
fn variables_are_left_as_they_stand_and_left_behind() {
    let home = Home::new();
    let file = r#"
variables:
  A: "$B-a"
  B: bee
  PLAIN: { value: "$B", expand: false }
  USES: "x $PLAIN"
default: { image: alpine, before_script: [ touch before ] }
plain:
  image: null
  script: [ 'test "$PLAIN|$USES" = ''$B|x $B''' ]
some:
  inherit: { default: [before_script], variables: [B] }
  script: [ 'test "[$A][$B]" = "[][bee]"', test -e before ]
none:
  inherit: { default: false, variables: false }
  script: [ 'test "[$A][$B]" = "[][]"', test ! -e before ]
"#;
    let dir = repository(&home, &[(PATH, file)]);
    let (answer, code) = ci(&home, &dir, &["run"]);
    assert_eq!(
        (code, states(&answer)),
        (0, ["plain done", "some done", "none done"].map(str::to_owned).to_vec()),
        "{answer:#}"
    );
}

#[test]
fn one_cell_of_a_matrix_can_be_needed_and_named() {
    let home = Home::new();
    let file = r#"
stages: [build, test]
py:
  stage: build
  parallel: { matrix: [{ V: ["2", "3"] }] }
  script: [ 'test $V = 3 && echo 3 > v.3' ]
  artifacts: { paths: ["v.*"] }
  allow_failure: true
half: { stage: build, parallel: 2, script: ["true"] }
cell: { stage: test, needs: ["py: [3]"], script: [test -e v.3] }
chosen:
  stage: test
  needs: [{ job: py, parallel: { matrix: [{ V: "3" }] } }, half 1/2]
  script: [test -e v.3]
files: { stage: test, dependencies: ["py: [2]"], script: [test ! -e v.3] }
"#;
    let dir = repository(&home, &[(PATH, file)]);
    let (answer, code) = ci(&home, &dir, &["run"]);
    let expected = [
        "py: [2] failed",
        "py: [3] done",
        "half 1/2 done",
        "half 2/2 done",
        "cell done",
        "chosen done",
        "files done",
    ];
    assert_eq!(
        (code, states(&answer)),
        (0, expected.map(str::to_owned).to_vec()),
        "{answer:#}"
    );
    let (answer, code) = ci(&home, &dir, &["run", "chosen"]);
    let expected = ["py: [3] done", "half 1/2 done", "chosen done"];
    assert_eq!(
        (code, states(&answer)),
        (0, expected.map(str::to_owned).to_vec()),
        "{answer:#}"
    );
}

#[test]
fn what_a_file_says_wrongly_is_told_where_it_stands() {
    let home = Home::new();
    let file = "a:\n  scrpt: [x]\n  script: [\"true\"]\nb:\n  script: [\"true\"]\n  needs:\n    - a\n    - zzz\nc: { script: [x], parallel: { matrix: [{ P: [] }] } }\n";
    let github =
        "on: push\njobs:\n  a:\n    steps:\n      - { run: x, uses: y/z@v1 }\n  b: { runs-on: ubuntu-latest, stepz: [] }\n";
    let dir = repository(&home, &[(PATH, file), (".github/workflows/w.yml", github)]);
    let (answer, code) = ci(&home, &dir, &["show"]);
    assert_eq!(code, 1);
    assert_eq!(notes(&answer, "c"), ["out:build-ci-no-cells"]);
    let called = home.call_in(&dir, &["build", "ci", "show"]);
    for place in [".gitlab-ci.yml:2", ".gitlab-ci.yml:8", "w.yml:3", "w.yml:5", "w.yml:6"] {
        assert!(called.err.contains(place), "{place}: {}", called.err);
    }
}

#[test]
fn a_job_is_tried_again_only_for_what_its_file_names() {
    let home = Home::new();
    let count = |name: &str| home.path(name).display().to_string();
    let (runner, script) = (count("runner"), count("script"));
    let file = format!(
        "runner: {{ script: ['echo x >> {runner}', exit 1], retry: {{ max: 2, when: runner_system_failure }} }}\nscript: {{ script: ['echo x >> {script}', exit 1], retry: {{ max: 1, when: [script_failure] }} }}\nchanged: {{ script: [\"true\"], only: {{ refs: [branches], changes: [zzz/*] }} }}\n"
    );
    let dir = repository(&home, &[(PATH, file.as_str())]);
    let (answer, _) = ci(&home, &dir, &["show"]);
    assert_eq!(notes(&answer, "changed"), ["build-ci-changes"]);
    ci(&home, &dir, &["run"]);
    let n_lines = |path: &str| std::fs::read_to_string(path).expect("written").lines().count();
    assert_eq!((n_lines(&runner), n_lines(&script)), (1, 2));
}
