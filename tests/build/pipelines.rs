//! Pipelines on real git repositories: run, killed and taken up, on each commit, several at once, and drawn.

use crate::support::cli::{Home, git};
use serde_json::Value;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

/// A trusted repository with one commit of these files.
pub(super) fn repository(home: &Home, files: &[(&str, &str)]) -> PathBuf {
    let dir = home.path("p");
    std::fs::create_dir_all(&dir).expect("made");
    git(&dir, &["init", "-q", "-b", "main"]);
    git(&dir, &["config", "user.name", "Ana"]);
    git(&dir, &["config", "user.email", "ana@localhost"]);
    commit(&dir, files, "first");
    home.call_in(&dir, &["devops", "add", "."]).ok();
    home.call_in(&dir, &["devops", "trust"]).ok();
    dir
}

/// Writes files and commits everything; gives the commit.
pub(super) fn commit(dir: &Path, files: &[(&str, &str)], message: &str) -> String {
    for (name, text) in files {
        let path = dir.join(name);
        std::fs::create_dir_all(path.parent().expect("inside")).expect("made");
        std::fs::write(path, text).expect("written");
    }
    git(dir, &["add", "--all"]);
    git(dir, &["commit", "-q", "--allow-empty", "-m", message]);
    git(dir, &["rev-parse", "HEAD"]).trim().to_owned()
}

pub(super) fn run(home: &Home, dir: &Path, args: &[&str]) -> (Value, i32) {
    let args: Vec<&str> = ["build", "pipeline"].iter().chain(args).chain(&["--json"]).copied().collect();
    let called = home.call_in(dir, &args);
    (called.json(), called.code)
}

pub(super) fn states(answer: &Value) -> Vec<String> {
    let jobs = answer["result"]["run"]["jobs"].as_array().expect("jobs");
    let word = |job: &Value| {
        format!(
            "{} {}",
            job["key"].as_str().expect("key"),
            job["state"].as_str().expect("state")
        )
    };
    jobs.iter().map(word).collect()
}

/// What a call prints on both streams, until both end.
fn lines_of(child: &mut Child) -> std::sync::mpsc::Receiver<String> {
    let (sender, lines) = std::sync::mpsc::channel::<String>();
    let streams: [Box<dyn std::io::Read + Send>; 2] = [
        Box::new(child.stdout.take().expect("piped")),
        Box::new(child.stderr.take().expect("piped")),
    ];
    for stream in streams {
        let sender = sender.clone();
        std::thread::spawn(move || {
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                drop(sender.send(line));
            }
        });
    }
    lines
}

/// Starts a call and gives its lines; the rest is read until `seen` holds.
pub(super) fn start(home: &Home, dir: &Path, args: &[&str], seen: impl Fn(&str) -> bool) -> Child {
    let mut program = home.program(dir, args);
    let mut child = program
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let lines = lines_of(&mut child);
    let mut told = Vec::new();
    for line in &lines {
        let is_it = seen(&line);
        told.push(line);
        if is_it {
            std::thread::spawn(move || lines.iter().for_each(drop));
            return child;
        }
    }
    panic!("it ended before: {told:#?}");
}

#[test]
fn a_pipeline_runs_beside_the_checkout_and_its_result_is_on_the_commit() {
    let home = Home::new();
    let file = r#"
[[pipeline]]
name = "ci"
stages = ["check", "test", "package"]
env = { GREETING = "hello" }

[[pipeline.job]]
name = "check"
stage = "check"
run = ["sh", "-c", "test \"$GREETING $CI\" = 'hello true' && test ! -e untracked && test \"$(cat a.txt)\" = committed"]

[[pipeline.job]]
name = "test"
stage = "test"
matrix = { n = [1, 2, 3] }
exclude = [{ n = 2 }]
run = ["sh", "-c", "echo \"{n} $MATRIX_N\" > out{n}.txt"]
artifacts = ["out{n}.txt"]

[[pipeline.job]]
name = "package"
stage = "package"
steps = [
    { run = ["sh", "-c", "cat out1.txt out3.txt > dist/all.txt"] },
    { run = ["sh", "-c", "test -f dist/all.txt"] },
]
artifacts = ["dist/*.txt"]

[[pipeline.job]]
name = "flaky"
needs = []
retry = 2
run = ["sh", "-c", "echo x >> \"$COUNT\"; test $(wc -l < \"$COUNT\") -eq 3"]
env = { COUNT = "COUNT_FILE" }
"#;
    let count = home.path("count");
    let file = file.replace("COUNT_FILE", count.to_str().expect("text"));
    let files = [("chantier.toml", file.as_str()), ("a.txt", "committed"), ("dist/.keep", "")];
    let dir = repository(&home, &files);
    let head = git(&dir, &["rev-parse", "HEAD"]).trim().to_owned();
    // What the user has in his hands is neither seen nor touched.
    std::fs::write(dir.join("a.txt"), "changed").expect("written");
    std::fs::write(dir.join("untracked"), "x").expect("written");
    let before = git(&dir, &["status", "--porcelain"]);
    let (answer, code) = run(&home, &dir, &["run", "ci"]);
    assert_eq!(code, 0, "{answer:#}");
    assert_eq!(
        states(&answer),
        [
            "check done",
            "test (n=1) done",
            "test (n=3) done",
            "package done",
            "flaky done"
        ]
    );
    let jobs = &answer["result"]["run"]["jobs"];
    assert_eq!((jobs[1]["column"].as_u64(), jobs[3]["column"].as_u64()), (Some(1), Some(2)));
    assert_eq!(jobs[3]["needs"], serde_json::json!(["test (n=1)", "test (n=3)"]));
    assert_eq!(jobs[3]["gives"], serde_json::json!(["dist/all.txt"]));
    assert_eq!(jobs[4]["attempt"], 3, "two failures were taken back");
    assert_eq!(git(&dir, &["status", "--porcelain"]), before);
    assert_eq!(git(&dir, &["worktree", "list"]).lines().count(), 1, "no worktree is left");
    let artifacts = home.call_in(&dir, &["build", "artifacts", "--json"]).ok().json();
    let all = &artifacts["result"]["artifacts"][0];
    assert_eq!(
        (all["name"].as_str(), all["commit"].as_str()),
        (Some("all.txt"), Some(head.as_str()))
    );
    let kept = std::fs::read_to_string(all["stored"].as_str().expect("kept")).expect("read");
    assert_eq!(kept, "1 1\n3 3\n", "the jobs gave their files to the one that needs them");
    // One result on the commit, not one per job.
    let history = home.call_in(&dir, &["build", "history", "--json"]).ok().json();
    let runs = history["result"]["runs"].as_array().expect("runs");
    assert_eq!(runs.len(), 1, "{history:#}");
    assert_eq!(
        (
            runs[0]["task"].as_str(),
            runs[0]["commit"].as_str(),
            runs[0]["is_dirty"].as_bool()
        ),
        (Some("pipeline:ci"), Some(head.as_str()), Some(false))
    );
    let thread = home
        .call_in(&dir, &["devops", "thread", &format!("commit:{head}"), "--json"])
        .ok()
        .json();
    let build = thread["result"]["thread"]["steps"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|step| step["kind"] == "build");
    assert_eq!(build.map(|step| step["state"].clone()), Some("done".into()), "{thread:#}");
    let shown = home.call_in(&dir, &["code", "show", "--json"]).ok().json();
    let piped = &shown["result"]["weather"]["pipelines"][0];
    assert_eq!(
        (piped["pipeline"].as_str(), piped["state"].as_str()),
        (Some("ci"), Some("done")),
        "{shown:#}"
    );
    let words = home.call_in(&dir, &["code", "show"]).ok().out;
    let run_of = piped["run"].as_i64().expect("a number");
    assert!(words.contains(&format!("ci done (run {run_of})")), "{words}");
    for verb in ["show", "resume", "stop"] {
        let (told, code) = run(&home, &dir, &[verb, "999"]);
        assert_eq!(
            (code, told["problems"][0]["code"].as_str()),
            (1, Some("not-found")),
            "{verb}: {told:#}"
        );
    }
}

#[test]
fn what_failed_is_told_and_what_waits_for_it_is_skipped() {
    let home = Home::new();
    let file = r#"
[[pipeline]]
name = "ci"
[[pipeline.job]]
name = "compile"
run = ["sh", "-c", "echo 'main.c:3:5: error: nope'; exit 1"]
[[pipeline.job]]
name = "after"
needs = ["compile"]
run = ["true"]
[[pipeline.job]]
name = "slow"
timeout = "200ms"
run = ["sleep", "600"]
allow_failure = true
[[pipeline.job]]
name = "beside"
needs = ["slow"]
run = ["true"]
"#;
    let dir = repository(&home, &[("chantier.toml", file), ("main.c", "a\nb\nc d\ne\n")]);
    let (answer, code) = run(&home, &dir, &["run", "ci"]);
    assert_eq!(code, 1);
    assert_eq!(
        states(&answer),
        ["compile failed", "after skipped", "slow failed", "beside done"],
        "{answer:#}"
    );
    let jobs = &answer["result"]["run"]["jobs"];
    assert_eq!(jobs[2]["problem"]["code"], "timed-out", "{:#}", jobs[2]);
    assert_eq!(jobs[0]["why"]["message"], "nope");
    assert_eq!(
        jobs[0]["why"]["lines"][2],
        serde_json::json!([3, "c d"]),
        "{:#}",
        jobs[0]["why"]
    );
    let ended = answer["problems"].as_array().and_then(|all| all.last()).expect("a problem");
    assert_eq!(
        (ended["code"].as_str(), ended["place"]["line"].as_u64()),
        (Some("pipeline-failed"), Some(3))
    );
    // The job's own run is found by its number, with the source as it was at the commit.
    std::fs::write(dir.join("main.c"), "other\n").expect("written");
    let job = jobs[0]["job"].to_string();
    let shown = home.call_in(&dir, &["build", "show", &job, "--json"]).ok().json();
    assert_eq!(shown["result"]["why"], jobs[0]["why"]);
    assert_eq!(shown["result"]["diagnostics"][0]["place"]["path"], "main.c");
}

#[test]
fn a_run_that_was_killed_is_taken_up_where_it_stopped() {
    let home = Home::new();
    let (count, go) = (home.path("count"), home.path("go"));
    let file = format!(
        r#"
[[pipeline]]
name = "ci"
[[pipeline.job]]
name = "first"
run = ["sh", "-c", "echo first >> {count}; echo made > made.txt"]
artifacts = ["made.txt"]
[[pipeline.job]]
name = "second"
needs = ["first"]
run = ["sh", "-c", "echo second >> {count}; cat made.txt; echo wait''ing; test -f {go} || sleep 600"]
[[pipeline.job]]
name = "third"
needs = ["second"]
run = ["sh", "-c", "test $(cat made.txt) = made"]
"#,
        count = count.display(),
        go = go.display()
    );
    let dir = repository(&home, &[("chantier.toml", &file)]);
    let head = git(&dir, &["rev-parse", "HEAD"]).trim().to_owned();
    let mut child = start(&home, &dir, &["build", "pipeline", "run", "ci"], |line| {
        line.ends_with("waiting")
    });
    child.kill().expect("killed with SIGKILL");
    child.wait().expect("reaped");
    assert_eq!(git(&dir, &["worktree", "list"]).lines().count(), 2, "it was left behind");
    // The next start tells it and tidies up.
    let list = home.call_in(&dir, &["build", "pipeline", "list", "--json"]).ok().json();
    let left = &list["result"]["runs"][0];
    assert_eq!(left["state"], "interrupted", "{list:#}");
    assert_eq!(
        (
            left["jobs"][0]["state"].as_str(),
            left["jobs"][1]["state"].as_str(),
            left["jobs"][2]["state"].as_str()
        ),
        (Some("done"), Some("interrupted"), Some("queued"))
    );
    assert_eq!(git(&dir, &["worktree", "list"]).lines().count(), 1);
    std::fs::write(&go, "").expect("written");
    let (answer, code) = run(&home, &dir, &["resume"]);
    assert_eq!(code, 0, "{answer:#}");
    assert_eq!(states(&answer), ["first done", "second done", "third done"]);
    assert_eq!(answer["result"]["run"]["id"], left["id"], "the same run");
    let lines = std::fs::read_to_string(&count).expect("counted");
    assert_eq!(lines, "first\nsecond\nsecond\n", "what was done is not repeated");
    let history = home.call_in(&dir, &["build", "history", "--json"]).ok().json();
    let on_commit = &history["result"]["runs"][0];
    assert_eq!(
        (on_commit["commit"].as_str(), on_commit["state"].as_str()),
        (Some(head.as_str()), Some("done"))
    );
    let (again, code) = run(&home, &dir, &["resume", &left["id"].to_string()]);
    assert_eq!((code, again["problems"][0]["code"].as_str()), (1, Some("refused")));
}

#[test]
fn two_commits_run_at_once_and_one_can_be_stopped_from_elsewhere() {
    let home = Home::new();
    let meet = home.path("meet");
    std::fs::create_dir(&meet).expect("made");
    let file = format!(
        r#"
[[pipeline]]
name = "meet"
[[pipeline.job]]
name = "meet"
timeout = "2m"
run = ["sh", "-c", "touch {meet}/$CHANTIER_COMMIT; while [ $(ls {meet} | wc -l) -lt 2 ]; do sleep 0.05; done; cat which.txt"]
[[pipeline]]
name = "wait"
[[pipeline.job]]
name = "wait"
run = ["sh", "-c", "echo read''y; sleep 600"]
"#,
        meet = meet.display()
    );
    let dir = repository(&home, &[("chantier.toml", &file), ("which.txt", "one")]);
    let second = commit(&dir, &[("which.txt", "two")], "second");
    let call = |revision: &str| {
        let mut program = home.program(&dir, &["build", "pipeline", "meet", "--commit", revision, "--json"]);
        program
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it starts")
    };
    let children = [call("HEAD"), call("HEAD~1")];
    for child in children {
        let output = child.wait_with_output().expect("it ends");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
    let list = home.call_in(&dir, &["build", "pipeline", "list", "--json"]).ok().json();
    let commits: Vec<&str> = list["result"]["runs"]
        .as_array()
        .expect("runs")
        .iter()
        .filter_map(|run| run["commit"].as_str())
        .collect();
    assert_eq!(commits.len(), 2);
    assert!(commits.contains(&second.as_str()));

    let mut child = start(&home, &dir, &["build", "pipeline", "run", "wait"], |line| line == "ready");
    let (stopped, code) = run(&home, &dir, &["stop", "3"]);
    assert_eq!(
        (code, stopped["result"]["run"]["state"].as_str()),
        (0, Some("cancelled")),
        "{stopped:#}"
    );
    assert!(!child.wait().expect("it ends").success());
    assert_eq!(git(&dir, &["worktree", "list"]).lines().count(), 1);
}

#[test]
fn results_and_folders_are_taken_over_by_content() {
    let home = Home::new();
    let count = home.path("count");
    let file = format!(
        r#"
[[pipeline]]
name = "ci"
[[pipeline.job]]
name = "lib"
inputs = ["src/", "/chantier.toml"]
run = ["sh", "-c", "echo lib >> {count}; cp src/lib.txt lib.out"]
artifacts = ["lib.out"]
[[pipeline.job]]
name = "app"
needs = ["lib"]
cache = [{{ paths = ["deps"], key = ["lock.txt"] }}]
run = ["sh", "-c", "cat deps/made 2>/dev/null || echo fre''sh; mkdir -p deps; cat lock.txt >> deps/made; cat lib.out"]
"#,
        count = count.display()
    );
    let dir = repository(
        &home,
        &[("chantier.toml", &file), ("src/lib.txt", "1\n"), ("lock.txt", "a\n")],
    );
    let log = |answer: &Value, at: usize| {
        let job = answer["result"]["run"]["jobs"][at]["job"].to_string();
        let shown = home.call_in(&dir, &["devops", "run", &job, "--json"]).ok().json();
        shown["result"]["output"].to_string()
    };
    let (first, _) = run(&home, &dir, &["run", "ci"]);
    assert!(log(&first, 1).contains("cache deps: miss"), "{}", log(&first, 1));
    assert!(log(&first, 1).contains("fresh"));
    // Another commit with the same content of what the job depends on.
    commit(&dir, &[("readme.txt", "x")], "docs");
    let (second, code) = run(&home, &dir, &["run", "ci"]);
    assert_eq!(code, 0, "{second:#}");
    assert_eq!(
        second["result"]["run"]["jobs"][0]["reused_from"],
        first["result"]["run"]["id"]
    );
    assert!(log(&second, 1).contains("cache deps: hit"), "{}", log(&second, 1));
    assert!(!log(&second, 1).contains("fresh"));
    assert_eq!(std::fs::read_to_string(&count).expect("counted"), "lib\n", "it ran once");
    // What it depends on has changed; the folder of another lock file is where one begins.
    commit(&dir, &[("src/lib.txt", "2\n"), ("lock.txt", "b\n")], "change");
    let (third, _) = run(&home, &dir, &["run", "ci"]);
    assert_eq!(third["result"]["run"]["jobs"][0]["reused_from"], Value::Null);
    assert!(log(&third, 1).contains("cache deps: older"), "{}", log(&third, 1));
    let (fourth, _) = run(&home, &dir, &["run", "ci", "--anew"]);
    assert_eq!(fourth["result"]["run"]["jobs"][0]["reused_from"], Value::Null);
    assert_eq!(std::fs::read_to_string(&count).expect("counted"), "lib\nlib\nlib\n");
}

#[test]
fn a_commit_starts_its_pipelines_and_a_checkout_does_not() {
    let home = Home::new();
    let (done, saved) = (home.path("noted"), home.path("saved"));
    let file = format!(
        "[[pipeline]]\nname = \"ci\"\non = [\"commit\"]\nbranches = [\"main\"]\n[[pipeline.job]]\nname = \"note\"\n\
         run = [\"sh\", \"-c\", \"echo $CHANTIER_COMMIT >> {}\"]\n\
         [[pipeline]]\nname = \"live\"\non = [\"change\"]\n[[pipeline.job]]\nname = \"look\"\n\
         run = [\"sh\", \"-c\", \"cat c > {}\"]\n",
        done.display(),
        saved.display()
    );
    let dir = repository(&home, &[("chantier.toml", &file)]);
    let first = git(&dir, &["rev-parse", "HEAD"]).trim().to_owned();
    let mut program = home.program(&dir, &["build", "watch"]);
    let mut child = program
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    let lines = lines_of(&mut child);
    let wait_for = |name: &str, word: &str| {
        for line in &lines {
            if line.starts_with(name) && line.contains(word) {
                return;
            }
        }
        panic!("it ended before `{name} {word}`");
    };
    wait_for("Waiting", "commits");
    git(&dir, &["checkout", "-q", "-b", "other"]);
    let elsewhere = commit(&dir, &[("b", "1")], "on another branch");
    git(&dir, &["checkout", "-q", "main"]);
    let second = commit(&dir, &[("c", "1")], "second");
    // Left at once: it is seen all the same.
    git(&dir, &["checkout", "-q", "other"]);
    git(&dir, &["checkout", "-q", "main"]);
    let third = commit(&dir, &[("c", "2")], "third");
    wait_for("note ", " done");
    wait_for("note ", " done");
    // What is saved and not committed.
    std::fs::write(dir.join("c"), "saved").expect("written");
    wait_for("look ", " done");
    assert_eq!(std::fs::read_to_string(&saved).expect("looked at"), "saved");
    let pid = rustix::process::Pid::from_raw(child.id() as i32).expect("a pid");
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("told");
    child.wait().expect("it ends");
    let noted = std::fs::read_to_string(&done).expect("noted");
    let mut noted: Vec<&str> = noted.lines().collect();
    noted.sort_unstable();
    let mut wanted = [second.as_str(), third.as_str()];
    wanted.sort_unstable();
    assert_eq!(noted, wanted, "neither {first} nor {elsewhere}");
    let list = home.call_in(&dir, &["build", "pipeline", "list", "--json"]).ok().json();
    assert!(
        list["result"]["runs"]
            .as_array()
            .expect("runs")
            .iter()
            .all(|run| run["started_by"] == if run["pipeline"] == "ci" { "commit" } else { "change" })
    );
}

#[test]
fn what_is_not_committed_runs_as_it_is_saved() {
    let home = Home::new();
    let file = "[[pipeline]]\nname = \"ci\"\n[[pipeline.job]]\nname = \"see\"\nrun = [\"sh\", \"-c\", \"cat new.txt && test ! -e ignored.txt\"]\n";
    let dir = repository(&home, &[("chantier.toml", file), (".gitignore", "ignored.txt\n")]);
    std::fs::write(dir.join("new.txt"), "n").expect("written");
    std::fs::write(dir.join("ignored.txt"), "i").expect("written");
    let before = (git(&dir, &["status", "--porcelain"]), git(&dir, &["log", "--oneline"]));
    let (_, code) = run(&home, &dir, &["run", "ci"]);
    assert_eq!(code, 1, "the commit has no such file");
    let (answer, code) = run(&home, &dir, &["run", "ci", "--changes"]);
    assert_eq!(
        (code, answer["result"]["run"]["is_dirty"].as_bool()),
        (0, Some(true)),
        "{answer:#}"
    );
    assert_eq!(
        (git(&dir, &["status", "--porcelain"]), git(&dir, &["log", "--oneline"])),
        before
    );
    // Any task on any commit, and the checkout stays as it is.
    std::fs::write(dir.join("Makefile"), "all:\n\tcat which\n").expect("written");
    std::fs::write(dir.join("which"), "old").expect("written");
    let old = commit(&dir, &[], "old");
    commit(&dir, &[("which", "new")], "new");
    std::fs::write(dir.join("which"), "unsaved").expect("written");
    let answer = home
        .call_in(&dir, &["build", "run", "make:all", "--commit", "HEAD~1", "--json"])
        .ok()
        .json();
    assert_eq!(
        (
            answer["result"]["run"]["commit"].as_str(),
            answer["result"]["run"]["is_dirty"].as_bool()
        ),
        (Some(old.as_str()), Some(false))
    );
    let job = answer["result"]["run"]["job"].to_string();
    let shown = home.call_in(&dir, &["devops", "run", &job, "--json"]).ok().json();
    assert!(shown["result"]["output"].to_string().contains("old"), "{shown:#}");
    assert_eq!(std::fs::read_to_string(dir.join("which")).expect("there"), "unsaved");
    assert_eq!(git(&dir, &["worktree", "list"]).lines().count(), 1);
}

#[test]
fn commands_that_were_only_fetched_are_not_run() {
    let home = Home::new();
    let file = "[[pipeline]]\nname = \"ci\"\n[[pipeline.job]]\nname = \"a\"\nrun = [\"true\"]\n";
    let dir = repository(&home, &[("chantier.toml", file)]);
    let theirs = home.path("theirs");
    git(
        &home.path(""),
        &["clone", "-q", dir.to_str().expect("text"), theirs.to_str().expect("text")],
    );
    git(&theirs, &["config", "user.name", "Eve"]);
    git(&theirs, &["config", "user.email", "eve@localhost"]);
    let marker = home.path("marker");
    let evil = file.replace("\"true\"", &format!("\"touch\", \"{}\"", marker.display()));
    commit(&theirs, &[("chantier.toml", &evil)], "evil");
    git(
        &dir,
        &["fetch", "-q", theirs.to_str().expect("text"), "main:refs/remotes/eve/main"],
    );
    let (answer, code) = run(&home, &dir, &["run", "ci", "--commit", "eve/main"]);
    assert_ne!(code, 0);
    assert_eq!(answer["problems"][0]["code"], "untrusted", "{answer:#}");
    assert!(!marker.exists());
    assert_eq!(
        home.call_in(&theirs, &["build", "watch"]).code,
        3,
        "it would wait for what it may not do"
    );
    let never = home.call_in(&theirs, &["build", "pipeline", "run", "ci", "--json"]);
    assert_eq!(never.json()["problems"][0]["code"], "untrusted");
}
