//! Pipelines that are written wrongly, what a job's end is told as, links among artifacts, and pipelines of real checkouts.

use super::pipelines::{commit, repository, run, start, states};
use crate::support::cli::{Home, git};
use chantier::areas::devops::project;
use chantier::base::{Catalog, Lang};
use serde_json::{Value, json};
use std::path::Path;

/// What is told of a file with one pipeline of these jobs.
fn told(jobs: &str) -> Vec<String> {
    let text = format!("[[pipeline]]\nname = \"ci\"\n{jobs}");
    let (file, problems) = project::parse(&text, Path::new("chantier.toml"));
    assert_eq!(
        file.pipelines.is_empty(),
        !problems.is_empty(),
        "what is wrong is not offered: {text}"
    );
    let texts = Catalog::new(Lang::En);
    problems.iter().map(|problem| texts.msg(&problem.summary)).collect()
}

#[test]
fn a_matrix_that_leaves_nothing_to_run_is_wrong_and_nothing_is_green() {
    let job = |more: &str| format!("[[pipeline.job]]\nname = \"a\"\nrun = [\"true\"]\n{more}\n");
    let nothing = "chantier.toml: the matrix of “a” leaves nothing to run";
    assert_eq!(told(&job("matrix = { n = [] }")), [nothing]);
    assert_eq!(told(&job("matrix = { n = [1], m = [] }")), [nothing]);
    assert_eq!(
        told(&job("matrix = { n = [1, 2] }\nexclude = [{ n = 1 }, { n = 2 }]")),
        [nothing]
    );
    assert_eq!(told(&job("matrix = { n = [1, 2] }\nexclude = [{ n = 1 }]")), [] as [&str; 0]);
    // What is left out must be there.
    assert_eq!(
        told(&job("matrix = { n = [1] }\nexclude = [{ m = 1 }]")),
        ["chantier.toml: `exclude` of “a” names “m”, which its matrix has not"]
    );
    assert_eq!(
        told(&job("matrix = { n = [1] }\nexclude = [{ n = 7 }]")),
        ["chantier.toml: `exclude` of “a” names n = “7”, a value that its matrix has not"]
    );
    let home = Home::new();
    let after = "[[pipeline.job]]\nname = \"b\"\nneeds = [\"a\"]\nrun = [\"true\"]\n";
    let file = format!("[[pipeline]]\nname = \"ci\"\n{}{after}", job("matrix = { n = [] }"));
    let dir = repository(&home, &[("chantier.toml", &file)]);
    let (answer, code) = run(&home, &dir, &["run", "ci"]);
    assert_eq!(code, 1, "{answer:#}");
    let problem = &answer["problems"][0];
    assert_eq!(
        (problem["summary"].as_str(), problem["place"]["line"].as_u64()),
        (Some(nothing), Some(4)),
        "{answer:#}"
    );
}

#[test]
fn every_error_of_a_pipeline_is_told_at_once() {
    let job = |name: &str| format!("[[pipeline.job]]\nname = \"{name}\"\nrun = \"sh -c {name}\"\n");
    let five: String = ["a", "b", "c", "d", "e"].map(job).concat();
    let text = format!("[[pipeline]]\nname = \"ci\"\n{five}");
    let (_, problems) = project::parse(&text, Path::new("chantier.toml"));
    let lines: Vec<u32> = problems.iter().filter_map(|problem| problem.place.as_ref()?.line).collect();
    assert_eq!(lines, [5, 8, 11, 14, 17], "{problems:#?}");
    // Nothing is said that is not done.
    let twice = "[[pipeline.job]]\nname = \"a\"\nrun = [\"true\"]\n".repeat(2);
    assert_eq!(
        told(&twice),
        ["chantier.toml: the pipeline “ci” has two jobs of the name “a”"]
    );
}

#[test]
fn links_among_artifacts_stay_within_the_worktree() {
    let home = Home::new();
    let outside = home.path("outside.txt");
    std::fs::write(&outside, "private").expect("written");
    let file = format!(
        r#"
[[pipeline]]
name = "ci"
[[pipeline.job]]
name = "a"
run = ["sh", "-c", "mkdir d; echo x > d/libx.so.1; ln -s libx.so.1 d/libx.so; ln -s gone d/dangling; ln -s {outside} d/leak"]
artifacts = ["d/**"]
[[pipeline.job]]
name = "b"
needs = ["a"]
run = ["sh", "-c", "cat d/libx.so && test ! -e d/leak"]
[[pipeline]]
name = "leak"
[[pipeline.job]]
name = "a"
run = ["sh", "-c", "ln -s {outside} leak"]
artifacts = ["leak"]
[[pipeline]]
name = "folder"
[[pipeline.job]]
name = "a"
run = ["sh", "-c", "ln -s {folder} f"]
artifacts = ["f/*.txt"]
"#,
        outside = outside.display(),
        folder = home.path("").display()
    );
    let dir = repository(&home, &[("chantier.toml", &file)]);
    let (answer, code) = run(&home, &dir, &["run", "ci"]);
    assert_eq!(code, 0, "{answer:#}");
    assert_eq!(
        answer["result"]["run"]["jobs"][0]["gives"],
        json!(["d/libx.so", "d/libx.so.1"]),
        "{answer:#}"
    );
    let told = |answer: &Value| {
        let problems = answer["problems"].as_array().expect("problems").iter();
        problems
            .filter(|problem| problem["code"] == "leads-out")
            .map(|problem| problem["summary"].to_string())
            .collect::<Vec<_>>()
    };
    assert!(told(&answer)[0].contains("d/leak"), "what is left out is said: {answer:#}");
    for (pipeline, name) in [("leak", "leak"), ("folder", "f")] {
        let (answer, code) = run(&home, &dir, &["run", pipeline]);
        assert_eq!(code, 1, "{answer:#}");
        let problem = &answer["result"]["run"]["jobs"][0]["problem"];
        assert_eq!(problem["code"], "leads-out", "{pipeline} {name}: {answer:#}");
    }
    let kept = home.call_in(&dir, &["build", "artifacts", "--json"]).ok().json();
    let names: Vec<&str> = kept["result"]["artifacts"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|artifact| artifact["name"].as_str())
        .collect();
    assert!(names.iter().all(|name| name.starts_with("libx.so")), "{names:?}");
}

#[test]
fn how_a_job_ended_is_told_beside_what_it_said_last() {
    let home = Home::new();
    let file = r#"
[[pipeline]]
name = "ci"
[[pipeline.job]]
name = "code"
steps = [{ name = "checks", run = ["sh", "-c", "echo all well so far; exit 7"] }]
[[pipeline.job]]
name = "signal"
steps = [{ name = "crashes", run = ["sh", "-c", "echo something fine; kill -SEGV $$"] }]
[[pipeline.job]]
name = "nowhere"
steps = [{ task = "none" }]
"#;
    let dir = repository(&home, &[("chantier.toml", file)]);
    let called = home.call_in(&dir, &["build", "pipeline", "ci"]);
    assert_eq!(called.code, 1);
    for words in [
        "checks ended with code 7",
        "all well so far",
        "crashes was ended by SIGSEGV",
        "something fine",
    ] {
        assert!(called.out.contains(words), "{words}: {}", called.out);
    }
    let (answer, _) = run(&home, &dir, &["run", "ci"]);
    let problem = &answer["result"]["run"]["jobs"][2]["problem"];
    let hint = problem["hint"].to_string();
    assert!(hint.contains("Add a [[task]]"), "no list of nothing: {answer:#}");
}

/// A run that was killed while a job ran is taken up: the same run, nothing done twice, and its result on the commit.
fn is_taken_up(home: &Home, dir: &Path, name: &str, seen: impl Fn(&str) -> bool, expected: &[&str]) {
    let head = git(dir, &["rev-parse", "HEAD"]).trim().to_owned();
    let mut child = start(home, dir, &["build", "pipeline", "run", name], seen);
    child.kill().expect("killed with SIGKILL");
    child.wait().expect("reaped");
    let listed = home.call_in(dir, &["build", "pipeline", "list", "--json"]).ok().json();
    let left = &listed["result"]["runs"][0];
    assert_eq!(left["state"], "interrupted", "{listed:#}");
    assert_eq!(left["jobs"][0]["state"], "done", "{listed:#}");
    let (answer, code) = run(home, dir, &["resume"]);
    assert_eq!(code, 0, "{answer:#}");
    let result = &answer["result"]["run"];
    assert_eq!(states(&answer), expected);
    assert_eq!(
        (&result["id"], &result["jobs"][0]),
        (&left["id"], &left["jobs"][0]),
        "what was done stays"
    );
    let history = home.call_in(dir, &["build", "history", "--json"]).ok().json();
    let on_commit = &history["result"]["runs"][0];
    assert_eq!(
        (on_commit["commit"].as_str(), on_commit["state"].as_str()),
        (Some(head.as_str()), Some("done")),
        "{history:#}"
    );
    assert_eq!(git(dir, &["worktree", "list"]).lines().count(), 1);
    assert_eq!(git(dir, &["status", "--porcelain"]), "");
}

#[test]
fn the_samples_own_pipeline_is_killed_half_way_and_taken_up() {
    let home = Home::new();
    let dir = home.sample();
    is_taken_up(
        &home,
        &dir,
        "ci",
        |line| line.contains("cargo test"),
        &["format done", "test (profile=dev) done", "test (profile=release) done"],
    );
}

/// Chantier's own checkout with a pipeline of what is cheap to ask of it.
#[test]
fn a_pipeline_of_this_checkout_is_killed_half_way_and_taken_up() {
    let home = Home::new();
    let dir = home.path("own");
    let own = env!("CARGO_MANIFEST_DIR");
    let cloned = std::process::Command::new("git")
        .args(["clone", "-q", own, dir.to_str().expect("text")])
        .output()
        .expect("git runs");
    if !cloned.status.success() {
        eprintln!("SKIPPED: the sources are no repository here");
        return;
    }
    let go = home.path("go");
    let file = format!(
        r#"
[[pipeline]]
name = "own"
[[pipeline.job]]
name = "files"
run = ["sh", "-c", "git ls-files > files.txt; grep -qx src/lib.rs files.txt"]
artifacts = ["files.txt"]
[[pipeline.job]]
name = "manifest"
needs = ["files"]
run = ["sh", "-c", "cargo metadata --offline --locked --no-deps --format-version 1 > /dev/null; test -f {go} || {{ touch {go}; echo wait''ing; sleep 600; }}"]
[[pipeline.job]]
name = "short"
needs = ["manifest"]
run = ["sh", "-c", "grep '^src/.*[.]rs$' files.txt | xargs wc -l | awk '$2 != \"total\" && $1 > 600 {{ exit 1 }}'"]
"#,
        go = go.display()
    );
    git(&dir, &["config", "user.name", "Ana"]);
    git(&dir, &["config", "user.email", "ana@localhost"]);
    commit(&dir, &[("chantier.toml", &file)], "pipeline");
    home.call_in(&dir, &["devops", "add", "."]).ok();
    home.call_in(&dir, &["devops", "trust"]).ok();
    is_taken_up(
        &home,
        &dir,
        "own",
        |line| line.ends_with("waiting"),
        &["files done", "manifest done", "short done"],
    );
}

/// Tasks, pipelines and tests are given the secrets that their settings name; nobody reads them in what is shown or kept.
#[test]
fn what_is_run_is_given_its_secrets_and_shows_none() {
    const VALUE: &str = "hunter2-closed";
    let home = Home::new();
    let shows = "run = [\"sh\", \"-c\", \"echo len=${#TOK} $TOK $URL {other}\"]\nenv = { TOK = \"secret:tok\", URL = \"http://u:{secret:tok}@x\" }\n";
    let file = format!(
        "[[task]]\nname = \"show\"\n{shows}\n[test]\nenv = {{ TOK = \"secret:tok\" }}\n\
         [[pipeline]]\nname = \"ci\"\n[[pipeline.job]]\nname = \"a\"\n{shows}"
    );
    let test = "import os\ndef test_is_given():\n    print(os.environ['TOK'])\n    assert len(os.environ['TOK']) == 14\n";
    let dir = repository(&home, &[("chantier.toml", &file), ("test_it.py", test)]);
    let calls: [&[&str]; 3] = [
        &["build", "run", "show", "--json"],
        &["build", "pipeline", "run", "ci", "--json"],
        &["test", "run", "--json"],
    ];
    for args in calls {
        let called = home.call_in(&dir, args);
        assert_eq!(called.code, 1, "{args:?}: nobody has set it: {}", called.out);
        assert!(called.out.contains("no-secret"), "{args:?}: {}", called.out);
    }
    home.set_secret("tok", VALUE);
    for args in calls {
        let called = home.call_in(&dir, &[&args[..args.len() - 1], &["--events"]].concat());
        assert_eq!(called.code, 0, "{args:?}: {}", called.out);
        assert!(!called.out.contains(VALUE), "{args:?}: {}", called.out);
        if args[0] == "build" {
            let line = "len=14 *** http://u:***@x {other}";
            assert!(called.out.contains(line), "{args:?}: {}", called.out);
        }
    }
}

#[test]
fn artifacts_of_one_path_from_several_jobs_are_told() {
    let home = Home::new();
    let file = "[[pipeline]]\nname = \"ci\"\n[[pipeline.job]]\nname = \"gen\"\nmatrix = { n = [1, 2] }\nrun = [\"sh\", \"-c\", \"echo {n} > same.txt\"]\nartifacts = [\"same.txt\"]\n[[pipeline.job]]\nname = \"use\"\nneeds = [\"gen\"]\nrun = [\"cat\", \"same.txt\"]\n";
    let dir = repository(&home, &[("chantier.toml", file)]);
    let (answer, code) = run(&home, &dir, &["run", "ci"]);
    assert_eq!(code, 0, "{answer:#}");
    let told: Vec<&str> = answer["problems"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["code"].as_str())
        .collect();
    assert_eq!(told, ["artifact-clash"], "{answer:#}");
}

/// A job that reads the pointer in place of the file is not left to find out why.
#[test]
fn files_of_git_lfs_that_a_worktree_can_not_have_are_told() {
    let has_lfs = std::process::Command::new("git-lfs").arg("version").output().is_ok();
    if has_lfs {
        eprintln!("SKIPPED: git-lfs is installed, the files come with it");
        return;
    }
    let home = Home::new();
    let pipeline = "[[pipeline]]\nname = \"ci\"\n[[pipeline.job]]\nname = \"one\"\nrun = [\"true\"]\n";
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";
    let files = [
        ("chantier.toml", pipeline),
        ("media/.gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n"),
        ("media/a.bin", pointer),
    ];
    let dir = repository(&home, &files);
    let (told, code) = run(&home, &dir, &["run", "ci"]);
    assert_eq!(code, 0, "{told:#}");
    let codes: Vec<&str> = told["problems"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|one| one["code"].as_str())
        .collect();
    assert_eq!(codes, ["lfs"], "{told:#}");
}

#[test]
fn a_result_is_not_taken_over_when_the_task_means_another_command() {
    let home = Home::new();
    let file = |word: &str| {
        format!(
            "[[task]]\nname = \"stamp\"\nrun = [\"sh\", \"-c\", \"echo {word} > stamp.txt\"]\n\n[[pipeline]]\nname = \"ci\"\n\
             [[pipeline.job]]\nname = \"make\"\nsteps = [{{ task = \"stamp\" }}, {{ task = \"npm:two\" }}]\n\
             artifacts = [\"stamp.txt\", \"two.txt\"]\ninputs = [\"src/**\"]\n"
        )
    };
    let package = |word: &str| format!("{{ \"scripts\": {{ \"two\": \"echo {word} > two.txt\" }} }}\n");
    let (first, second) = (file("v1"), package("v1"));
    let dir = repository(&home, &[("chantier.toml", &first), ("package.json", &second), ("src/a", "a")]);
    let reused = |answer: &Value| answer["result"]["run"]["jobs"][0]["reused_from"].clone();
    if std::process::Command::new("npm").arg("--version").output().is_err() {
        eprintln!("npm is not here: skipped");
        return;
    }
    let (answer, code) = run(&home, &dir, &["run", "ci"]);
    assert_eq!((code, reused(&answer)), (0, Value::Null), "{answer:#}");
    commit(&dir, &[("README", "1")], "what is no input");
    let (answer, _) = run(&home, &dir, &["run", "ci"]);
    assert_ne!(reused(&answer), Value::Null, "the same task: {answer:#}");
    commit(&dir, &[("chantier.toml", &file("v2"))], "another command");
    let (answer, _) = run(&home, &dir, &["run", "ci"]);
    assert_eq!(reused(&answer), Value::Null, "{answer:#}");
    commit(&dir, &[("package.json", &package("v2"))], "another script");
    let (answer, _) = run(&home, &dir, &["run", "ci"]);
    assert_eq!(reused(&answer), Value::Null, "{answer:#}");
}
