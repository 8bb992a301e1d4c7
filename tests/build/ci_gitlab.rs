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
