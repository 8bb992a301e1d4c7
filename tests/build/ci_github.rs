//! Workflows of GitHub Actions on real repositories: artifacts between jobs, what the job is told of itself, and steps that can not run.

use super::ci::{ci, notes, states};
use super::pipelines::{commit, repository};
use crate::support::cli::Home;
use serde_json::Value;

const PATH: &str = ".github/workflows/w.yml";

/// The run's row of a job.
fn job<'a>(answer: &'a Value, key: &str) -> &'a Value {
    let jobs = answer["result"]["run"]["jobs"].as_array().expect("jobs");
    jobs.iter()
        .find(|job| job["key"] == key)
        .unwrap_or_else(|| panic!("{key}: {answer:#}"))
}

#[test]
fn a_step_whose_shell_is_not_here_leaves_its_job_out() {
    let home = Home::new();
    let file = r#"on: push
jobs:
  each:
    runs-on: ubuntu-latest
    strategy: { matrix: { sh: [bash, nosuchshell] } }
    defaults: { run: { shell: "${{ matrix.sh }}" } }
    steps: [{ run: exit 1 }]
  late:
    runs-on: ubuntu-latest
    steps: [{ id: a, run: "true" }, { run: "true", shell: "${{ steps.a.outputs.sh }}" }]
  windows:
    runs-on: ubuntu-latest
    steps: [{ run: "true" }, { run: exit 1, shell: powershell, if: runner.os == 'Windows' }]
"#;
    let dir = repository(&home, &[(PATH, file)]);
    let (answer, _) = ci(&home, &dir, &["show"]);
    assert_eq!(notes(&answer, "each (nosuchshell)"), ["build-ci-shell", "out:build-ci-shell"]);
    assert_eq!(
        notes(&answer, "late"),
        ["build-ci-shell-unknown", "out:build-ci-shell-unknown"]
    );
    let (answer, code) = ci(&home, &dir, &["run"]);
    let expected = [
        "each (bash) failed",
        "each (nosuchshell) skipped",
        "late skipped",
        "windows done",
    ];
    assert_eq!(
        (code, states(&answer)),
        (1, expected.map(str::to_owned).to_vec()),
        "{answer:#}"
    );
}

#[test]
fn each_cell_knows_its_place_in_the_matrix() {
    let home = Home::new();
    let file = r#"on: push
jobs:
  shard:
    name: shard ${{ strategy.job-index }} of ${{ strategy.job-total }}
    runs-on: ubuntu-latest
    strategy: { max-parallel: 2, matrix: { n: [0, 1, 2.0] } }
    steps:
      - run: test "${{ strategy.job-index }} ${{ strategy.job-total }} ${{ strategy.max-parallel }} ${{ strategy.fail-fast }}" = "${{ matrix.n }} 3 2 true"
  alone:
    runs-on: ubuntu-latest
    steps: [{ run: 'test "${{ strategy.job-index }} ${{ strategy.job-total }}" = "0 1"' }]
"#;
    let dir = repository(&home, &[(PATH, file)]);
    let (answer, code) = ci(&home, &dir, &["run"]);
    assert_eq!(code, 0, "{answer:#}");
    assert_eq!(
        states(&answer),
        ["shard (0) done", "shard (1) done", "shard (2) done", "alone done"]
    );
    assert_eq!(job(&answer, "shard (2)")["title"], "shard 2 of 3");
    // One cell, by the name that the file gives it: it keeps its place.
    let (answer, code) = ci(&home, &dir, &["run", "shard 1 of 3"]);
    assert_eq!((code, states(&answer)), (0, vec!["shard (1) done".to_owned()]), "{answer:#}");
    let shown = home.call_in(&dir, &["build", "ci", "show"]).ok();
    assert!(shown.out.contains("shard 1 of 3"), "{}", shown.out);
}

#[test]
fn a_job_is_told_how_it_stands() {
    let home = Home::new();
    let file = r#"on: push
jobs:
  well:
    runs-on: ubuntu-latest
    steps:
      - run: "true"
      - uses: slack/send@v1
        if: failure()
        with: { status: "${{ job.status }}" }
        env: { S: "${{ job.status }} ${{ nothing.known }}" }
      - run: test "$S" = success
        if: always()
        env: { S: "${{ job.status }}" }
  badly:
    runs-on: ubuntu-latest
    continue-on-error: true
    steps:
      - run: exit 1
      - run: test "${{ job.status }}" = failure && echo told > $RUNNER_TEMP/told
        if: always()
      - run: test -e $RUNNER_TEMP/told || echo not told
        if: always()
  cleanup:
    needs: badly2
    if: ${{ !success() }}
    runs-on: ubuntu-latest
    steps: [{ run: "true" }]
  badly2:
    runs-on: ubuntu-latest
    steps: [{ run: exit 1 }]
  wrong:
    runs-on: ubuntu-latest
    steps: [{ run: "echo ${{ nothing.x }}" }]
"#;
    let dir = repository(&home, &[(PATH, file)]);
    let (answer, code) = ci(&home, &dir, &["run"]);
    let expected = ["well done", "badly failed", "cleanup done", "badly2 failed", "wrong failed"];
    assert_eq!(
        (code, states(&answer)),
        (1, expected.map(str::to_owned).to_vec()),
        "{answer:#}"
    );
    let shown = home.call_in(&dir, &["build", "pipeline", "show"]).ok();
    assert!(shown.out.contains("echo ${{ nothing.x }}"), "{}", shown.out);
    assert!(shown.out.contains("w.yml:33"), "{}", shown.out);
}

#[test]
fn a_job_that_would_do_nothing_here_is_no_success() {
    let home = Home::new();
    let file = r#"on: push
jobs:
  audit:
    runs-on: ubuntu-latest
    needs: first
    steps: [{ uses: actions/checkout@v4 }, { uses: zizmorcore/zizmor-action@v1 }]
  first:
    runs-on: ubuntu-latest
    steps: [{ run: "true" }]
  test:
    needs: audit
    runs-on: ubuntu-latest
    steps: [{ run: "true" }]
"#;
    let dir = repository(&home, &[(PATH, file)]);
    let (answer, _) = ci(&home, &dir, &["run", "audit"]);
    assert_eq!(states(&answer), ["audit skipped", "first done"]);
    let (answer, _) = ci(&home, &dir, &["show"]);
    assert_eq!(notes(&answer, "audit"), ["build-ci-action", "out:build-ci-action"]);
    assert_eq!(notes(&answer, "test"), ["build-ci-not-waited"]);
    let (answer, code) = ci(&home, &dir, &["run", "test"]);
    assert_eq!(
        (code, states(&answer)),
        (0, vec!["first done".to_owned(), "test done".to_owned()]),
        "{answer:#}"
    );
    let alone = "on: push\njobs: { audit: { runs-on: ubuntu-latest, steps: [{ uses: zizmorcore/zizmor-action@v1 }] } }\n";
    commit(&dir, &[(PATH, alone)], "alone");
    let (answer, code) = ci(&home, &dir, &["run"]);
    assert_eq!((code, states(&answer)), (1, vec!["audit skipped".to_owned()]), "{answer:#}");
    assert_eq!(answer["problems"][0]["code"], "left-out");
}

#[test]
fn artifacts_go_from_job_to_job_by_name() {
    let home = Home::new();
    let file = r#"on: push
jobs:
  gen:
    runs-on: ubuntu-latest
    strategy: { matrix: { n: [1, 2] } }
    steps:
      - run: mkdir -p out/deep && echo ${{ matrix.n }} > out/a.txt && echo deep > out/deep/b.txt && echo no > out/no.log && echo h > out/.hidden
      - uses: actions/upload-artifact@v4
        with:
          name: made-${{ matrix.n }}
          path: |
            out/
            !out/**/*.log
      - run: echo t > "$RUNNER_TEMP/t.txt"
      - uses: actions/upload-artifact@v4
        with: { name: "temp-${{ matrix.n }}", path: "${{ runner.temp }}/t.txt", if-no-files-found: error }
  broken:
    runs-on: ubuntu-latest
    continue-on-error: true
    steps:
      - run: echo log > build.log; exit 1
      - uses: actions/upload-artifact@v4
        if: always()
        with: { path: build.log }
  none:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/upload-artifact@v4
        with: { path: nowhere/*.txt, if-no-files-found: error }
      - run: "true"
  use:
    needs: [gen, broken]
    runs-on: ubuntu-latest
    steps:
      - run: test ! -e out && test ! -e made-1
      - uses: actions/download-artifact@v4
        with: { name: made-1, path: got }
      - run: test "$(cat got/a.txt)" = 1 && test -e got/deep/b.txt && test ! -e got/no.log && test ! -e got/.hidden
      - uses: actions/download-artifact@v4
      - run: test "$(cat made-2/a.txt)" = 2 && test -e temp-1/t.txt && test -e artifact/build.log
      - uses: actions/download-artifact@v4
        with: { pattern: "temp-*", path: temps, merge-multiple: true }
      - run: test "$(ls temps)" = t.txt
  missing:
    needs: gen
    runs-on: ubuntu-latest
    steps:
      - { uses: actions/download-artifact@v4, id: d, continue-on-error: true, with: { name: nosuch } }
      - run: test "${{ steps.d.outcome }}" = failure
      - { uses: actions/download-artifact@v4, with: { name: nosuch } }
"#;
    let dir = repository(&home, &[(PATH, file)]);
    let (answer, code) = ci(&home, &dir, &["run"]);
    let expected = [
        "gen (1) done",
        "gen (2) done",
        "broken failed",
        "none failed",
        "use done",
        "missing failed",
    ];
    assert_eq!(
        (code, states(&answer)),
        (1, expected.map(str::to_owned).to_vec()),
        "{answer:#}"
    );
    let mut gives: Vec<&str> = job(&answer, "gen (1)")["gives"]
        .as_array()
        .expect("gives")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    gives.sort_unstable();
    assert_eq!(gives, ["made-1/a.txt", "made-1/deep/b.txt", "temp-1/t.txt"]);
    assert_eq!(job(&answer, "missing")["problem"]["summary"]["key"], "build-ci-no-artifact");
    assert_eq!(job(&answer, "none")["problem"]["summary"]["key"], "build-artifact-missing");
}

#[test]
fn what_a_script_says_to_its_runner_is_heard() {
    let home = Home::new();
    let file = r#"on: push
jobs:
  say:
    runs-on: ubuntu-latest
    steps:
      - name: words
        run: |
          echo "::add-mask::s3cr3t-word"
          echo "it is s3cr3t-word"
          echo "::warning file=x.c,line=2::careful%2C please"
          echo "::error file=sub/f.c,line=3,col=2::broken here"
          exit 1
"#;
    let dir = repository(&home, &[(PATH, file)]);
    let called = home.call_in(&dir, &["build", "ci", "run", "--json"]);
    assert!(
        !called.out.contains("s3cr3t-word") && !called.err.contains("s3cr3t-word"),
        "{}",
        called.err
    );
    let answer = called.json();
    let say = job(&answer, "say");
    assert_eq!((&say["n_errors"], &say["n_warnings"]), (&1.into(), &1.into()), "{answer:#}");
    assert_eq!(say["why"]["message"], "broken here");
    assert_eq!(say["why"]["place"]["path"], "sub/f.c");
    let log = home.call_in(&dir, &["devops", "run", &say["job"].to_string()]).ok();
    assert!(
        log.out.contains("it is ***") && !log.out.contains("s3cr3t-word"),
        "{}",
        log.out
    );
}

#[test]
fn the_event_tells_the_message_of_the_commit() {
    let home = Home::new();
    let file = r#"on: push
jobs:
  usual:
    if: "!contains(github.event.head_commit.message, 'ci skip')"
    runs-on: ubuntu-latest
    steps: [{ run: 'grep -q "\"message\": *\"first\"" "$GITHUB_EVENT_PATH"' }]
  release:
    if: startsWith(github.event.head_commit.message, 'release:')
    runs-on: ubuntu-latest
    steps: [{ run: 'test "${{ github.event.head_commit.author.name }} ${{ github.event.before != github.sha }}" = "Ana true"' }]
"#;
    let dir = repository(&home, &[(PATH, file)]);
    let (answer, code) = ci(&home, &dir, &["run"]);
    assert_eq!(
        (code, states(&answer)),
        (0, vec!["usual done".to_owned(), "release skipped".to_owned()]),
        "{answer:#}"
    );
    commit(&dir, &[("a", "1")], "release: 1.0\n\nwith much to say [ci skip]");
    let (answer, _) = ci(&home, &dir, &["show"]);
    assert_eq!(notes(&answer, "usual"), ["out:build-ci-if-false"]);
    let (answer, code) = ci(&home, &dir, &["run"]);
    assert_eq!(
        (code, states(&answer)),
        (0, vec!["usual skipped".to_owned(), "release done".to_owned()]),
        "{answer:#}"
    );
}

#[test]
fn cells_of_objects_are_told_apart() {
    let home = Home::new();
    let file = r#"on: push
jobs:
  build:
    name: ${{ matrix.job.target }} (${{ matrix.job.os }})
    runs-on: ${{ matrix.job.os }}
    strategy:
      matrix:
        job:
          - { target: x86_64-unknown-linux-gnu, os: ubuntu-latest }
          - { target: x86_64-unknown-linux-musl, os: ubuntu-latest }
    steps: [{ run: "true" }]
"#;
    let dir = repository(&home, &[(PATH, file)]);
    let (answer, code) = ci(&home, &dir, &["run", "x86_64-unknown-linux-musl (ubuntu-latest)"]);
    let key = "build (x86_64-unknown-linux-musl, ubuntu-latest)";
    assert_eq!((code, states(&answer)), (0, vec![format!("{key} done")]), "{answer:#}");
}

#[test]
fn a_version_that_is_here_is_no_difference() {
    let home = Home::new();
    let Ok(said) = std::process::Command::new("python3").arg("--version").output() else {
        eprintln!("python3 is not here: skipped");
        return;
    };
    let said = String::from_utf8_lossy(&said.stdout).into_owned();
    let number = said.split_whitespace().nth(1).expect("Python 3.11.2");
    let (short, _) = number.rsplit_once('.').expect("three numbers");
    let job = |name: &str, wanted: &str| {
        format!(
            "  {name}:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: actions/setup-python@v5\n        \
             with: {{ python-version: '{wanted}' }}\n      - run: 'true'\n"
        )
    };
    let jobs = [
        job("exact", short),
        job("any", "3.x"),
        job("least", ">=3.1"),
        job("other", "2.7"),
        job("pypy", "pypy-3.11"),
    ];
    let file = format!("on: push\njobs:\n{}", jobs.concat());
    let dir = repository(&home, &[(PATH, &file)]);
    let (answer, _) = ci(&home, &dir, &["show"]);
    for name in ["exact", "any", "least"] {
        assert_eq!(notes(&answer, name), [""; 0], "{name}: {answer:#}");
    }
    for name in ["other", "pypy"] {
        assert_eq!(notes(&answer, name), ["build-ci-version-here"], "{name}");
    }
}
