//! `chantier watch`: a full disk, its unit, and what it tells Prometheus.

use super::alerts::World;
use super::servers::{Web, eventually};
use crate::faults_store::{Mount, skip};
use crate::support::cli::Home;
use chantier::areas::devops::project::parse;
use chantier::areas::monitor::history::growth;
use chantier::areas::monitor::{Point, Standing, answer, metrics, scrape, subjects};
use chantier::base::{Timestamp, WorkspaceId};
use serde_json::Value;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// A watch of the real program, its events line by line; killed with the test.
pub(super) struct Watching {
    child: Child,
    lines: Receiver<String>,
}

impl Watching {
    pub(super) fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let out = child.stdout.take().unwrap();
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, lines }
    }

    /// The next event of Monitor's with this word.
    pub(super) fn next(&self, word: &str) -> Value {
        let line = self.line(&format!("\"learnt\":\"{word}\""));
        serde_json::from_str(&line).unwrap()
    }

    /// The next event that holds these words.
    fn line(&self, words: &str) -> String {
        loop {
            let line = self.lines.recv_timeout(Duration::from_mins(2)).expect("an event comes");
            if line.contains(words) {
                return line;
            }
        }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

pub(super) fn site(home: &Home, file: &str) -> PathBuf {
    let dir = home.path("site");
    std::fs::create_dir(&dir).unwrap();
    std::fs::write(dir.join("chantier.toml"), file).unwrap();
    home.call(&["devops", "add", dir.to_str().unwrap(), "--trust"]).ok();
    dir
}

/// More questions at once than the ledger has readers, each of which needs it before and after.
#[test]
fn many_checks_are_asked_again_and_again() {
    const N_CHECKS: usize = 40;
    let home = Home::new();
    let web = Web::start(200, "ok");
    let mut file = String::new();
    for n in 0..N_CHECKS {
        file.push_str(&format!(
            "[[check]]\nname = \"c{n}\"\nkind = \"tcp\"\naddress = \"127.0.0.1:{}\"\ninterval = \"1s\"\ntimeout = \"30s\"\n\
             [[alert]]\ncheck = \"c{n}\"\nwhen = \"down\"\n",
            web.port()
        ));
    }
    let dir = site(&home, &file);
    let watching = Watching::start(&mut home.program(&dir, &["watch", "--events"]));
    let mut n_asked = std::collections::BTreeMap::new();
    while n_asked.len() < N_CHECKS || n_asked.values().any(|n| *n < 5) {
        let event = watching.next("check_answered");
        let name = event.pointer("/event/update/update/check/name").and_then(Value::as_str);
        *n_asked.entry(name.expect("each has a name").to_owned()).or_insert(0) += 1;
    }
}

#[test]
fn a_full_disk_stops_the_recording_that_is_said_and_it_goes_on() {
    let home = Home::new();
    let mount = match Mount::new(&home.path("home"), &["-t", "tmpfs", "-o", "size=16m", "tmpfs"]) {
        Ok(mount) => mount,
        Err(why) => return skip(4, &why),
    };
    let web = Web::start(200, "ok");
    let file = format!(
        "[[check]]\nname = \"front\"\nkind = \"http\"\nurl = \"http://127.0.0.1:{}/\"\ninterval = \"1s\"\ntimeout = \"30s\"\n",
        web.port()
    );
    let dir = site(&home, &file);
    let mut watching = Watching::start(&mut home.program(&dir, &["watch", "--events"]));
    watching.next("check_answered");
    let ballast = mount.0.join("ballast");
    let mut full = std::fs::File::create(&ballast).unwrap();
    let block = vec![7_u8; 64 * 1024];
    while full.write_all(&block).is_ok() {}
    while full.write_all(&block[..512]).is_ok() {}
    drop(full);
    let said = watching.next("recording").to_string();
    assert!(said.contains("store-full") || said.contains("full"), "{said}");
    assert_eq!(watching.child.try_wait().unwrap(), None, "it goes on watching");
    std::fs::write(&ballast, "").unwrap();
    std::fs::remove_file(&ballast).unwrap();
    let again = watching.next("recording").to_string();
    assert!(again.contains("\"problem\":null"), "{again}");
    watching.next("check_answered");
    drop(watching);
    let checks = home.call_in(&dir, &["monitor", "checks", "--json"]).ok().json();
    assert_eq!(checks["result"]["checks"][0]["standing"], "up", "{checks}");
    let looked = home.call_in(&dir, &["doctor", "--read-data"]).out;
    for sound in ["Structure of ledger.sqlite", "Structure of samples.sqlite"] {
        let line = looked.lines().find(|line| line.contains(sound)).unwrap();
        assert!(line.starts_with("done"), "{looked}");
    }
}

#[test]
fn the_watch_is_a_unit_of_the_users_own_systemd() {
    let home = Home::new();
    let config = home.path("config");
    let call = |args: &[&str]| {
        let mut command = home.program(&home.path("."), args);
        let output = command
            .env("XDG_CONFIG_HOME", &config)
            .env_remove("DBUS_SESSION_BUS_ADDRESS")
            .env("XDG_RUNTIME_DIR", home.path("run"))
            .output()
            .unwrap();
        let json: Value = serde_json::from_slice(&output.stdout).unwrap();
        (output.status.code().unwrap(), json)
    };
    let unit = config.join("systemd/user/chantier-watch.service");
    let (code, before) = call(&["watch", "status", "--json"]);
    assert_eq!(
        (code, &before["result"]["unit"]["is_written"]),
        (0, &Value::Bool(false)),
        "{before}"
    );
    // No systemd of a user answers here: the file is written, and that nobody started it is said.
    let (code, written) = call(&["watch", "install", "--json"]);
    assert_eq!(code, 1, "{written}");
    assert_eq!(written["problems"][0]["code"], "no-systemd", "{written}");
    let text = std::fs::read_to_string(&unit).unwrap();
    assert!(
        text.contains(&format!("ExecStart=\"{}\"", env!("CARGO_BIN_EXE_chantier"))),
        "{text}"
    );
    assert!(text.contains("--home") && text.contains(" watch\n"), "{text}");
    if let Ok(output) = Command::new("systemd-analyze").args(["--user", "verify"]).arg(&unit).output() {
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(!said.contains("chantier-watch.service"), "{said}");
    }
    let (_, after) = call(&["watch", "status", "--json"]);
    assert_eq!(after["result"]["unit"]["is_current"], true, "{after}");
    let (code, _) = call(&["watch", "remove", "--json"]);
    assert_eq!(code, 0);
    assert!(!unit.exists());
    let (code, _) = call(&["watch", "remove", "--json"]);
    assert_eq!(code, 0, "that it is not there is fine");
}

fn asked(port: u16, request: &str) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok();
    answer
}

#[test]
fn prometheus_is_told_and_nobody_else_and_what_it_is_told_can_be_scraped() {
    let home = Home::new();
    let web = Web::start(
        200,
        "# TYPE jobs counter\njobs_total{queue=\"a/b\"} 5\nother 1\nbroken{\n# EOF\n",
    );
    let file = format!(
        "[[check]]\nname = \"front\"\nkind = \"http\"\nurl = \"http://127.0.0.1:{port}/\"\ninterval = \"1s\"\ntimeout = \"30s\"\n\n\
         [[scrape]]\nname = \"shop\"\nurl = \"http://127.0.0.1:{port}/metrics\"\ninterval = \"1s\"\ntimeout = \"30s\"\nkeep = [\"jobs\"]\n",
        port = web.port()
    );
    let dir = site(&home, &file);
    let open = home.call_in(&dir, &["watch", "--listen", "0.0.0.0:0", "--json"]);
    assert_eq!(open.code, 1, "not to everybody: {}", open.out);
    let watching = Watching::start(&mut home.program(&dir, &["watch", "--listen", "127.0.0.1:0", "--events"]));
    let told = watching.next("listening").to_string();
    let port = told.split("127.0.0.1:").nth(1).unwrap();
    let port: u16 = port[..port.find('/').unwrap()].parse().unwrap();
    watching.next("check_answered");
    let get = |path: &str, more: &str| asked(port, &format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n{more}\r\n"));
    eventually("the check is told", || {
        get("/metrics", "").contains("chantier_check_up{workspace=\"site\",check=\"front\"")
    });
    let text = get("/metrics", "");
    assert!(text.starts_with("HTTP/1.1 200"), "{text}");
    assert!(text.ends_with("# EOF\n"));
    let body = text.split("\r\n\r\n").nth(1).unwrap();
    let (read, n_wrong) = metrics::parse(body);
    assert_eq!(n_wrong, 0, "{body}");
    let up = read.iter().find(|one| one.name == "chantier_check_up").unwrap();
    assert_eq!(up.value, 1.0);
    // A web page that was led here, one that posts, another file.
    assert!(asked(port, "GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n").starts_with("HTTP/1.1 403"));
    assert!(get("/metrics", "Origin: http://evil.example\r\n").starts_with("HTTP/1.1 403"));
    let post = format!("POST /metrics HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 0\r\n\r\n");
    assert!(asked(port, &post).starts_with("HTTP/1.1 405"));
    assert!(get("/etc/passwd", "").starts_with("HTTP/1.1 404"));
    // The same values stand in the history.
    let mut history = Value::Null;
    eventually("what was scraped is kept", || {
        let called = home.call_in(&dir, &["monitor", "history", "--metric", "jobs_total", "--json"]);
        if called.code != 0 {
            return false;
        }
        history = called.json()["result"]["history"]["scraped"].clone();
        history[0]["series"][0]["points"]
            .as_array()
            .is_some_and(|points| !points.is_empty())
    });
    assert_eq!(history[0]["series"][0]["name"], "shop{queue=\"a/b\"}", "{history}");
    assert_eq!(history[0]["is_rate"], true);
    assert_eq!(history[0]["series"][0]["points"][0]["mean"], 0.0, "it did not grow");
    let unknown = home.call_in(&dir, &["monitor", "history", "--metric", "nonsense", "--json"]);
    assert_eq!(unknown.code, 1, "{}", unknown.out);
}

#[test]
fn a_watch_of_nothing_says_so() {
    let home = Home::new();
    let dir = home.path("site");
    std::fs::create_dir(&dir).unwrap();
    let watching = Watching::start(&mut home.program(&dir, &["watch", "--events"]));
    loop {
        let line = watching.lines.recv_timeout(Duration::from_mins(1)).expect("it is told");
        if line.contains("\"nothing-added\"") {
            return;
        }
    }
}

#[test]
fn the_text_of_metrics_is_read_line_by_line() {
    let text = "# HELP a Words.\n# TYPE a counter\na_total{z=\"1\",b=\"x,\\\"y\\\"\\n{}\"} 12 1700000000 # {trace=\"9\"} 1\n\
                plain 1e3\ninf +Inf\nnan NaN\nneg -2.5\n9bad 1\nlabels{a=1} 2\nnone\n# EOF\nbeyond 1\n";
    let (read, n_wrong) = metrics::parse(text);
    assert_eq!(n_wrong, 3, "{read:#?}");
    assert_eq!(read.len(), 5);
    assert_eq!(read[0].key(), "a_total{b=\"x,\\\"y\\\"\\n{}\",z=\"1\"}");
    assert_eq!((read[0].value, read[1].value, read[4].value), (12.0, 1000.0, -2.5));
    let (file, problems) = parse(
        "[[scrape]]\nname = \"t\"\nurl = \"http://127.0.0.1/\"\nkeep = [\"pl\", \"i\", \"a\"]\nmax_series = 2\n",
        Path::new("chantier.toml"),
    );
    assert!(problems.is_empty());
    let prefix = scrape::series(&WorkspaceId("w".to_owned()), &file.scrapes[0]);
    let samples = scrape::kept(&prefix, read.clone(), &file.scrapes[0], Timestamp::now());
    let keys: Vec<&str> = samples
        .iter()
        .map(|sample| sample.series.rsplit("/t/").next().unwrap())
        .collect();
    assert_eq!(keys, [read[0].key().as_str(), "plain"], "the rest is left out");
}

#[test]
fn a_counter_that_begins_anew_is_a_gap() {
    let point = |second: i64, value: f64| Point {
        at: Timestamp::from_second(second).unwrap(),
        min: value,
        mean: value,
        max: value,
    };
    let points = [
        point(0, 10.0),
        point(10, 30.0),
        point(20, 30.0),
        point(30, 5.0),
        point(40, 15.0),
    ];
    let at = |second: i64| Timestamp::from_second(second).unwrap();
    let rates = |points: &[Point], n: usize| -> Vec<(i64, f64)> {
        let grown = growth(points, at(0), at(100), n);
        grown.iter().map(|point| (point.at.as_second(), point.mean)).collect()
    };
    assert_eq!(rates(&points, 100), [(10, 2.0), (20, 0.0), (40, 1.0)]);
    // One that grows by one a second does so in every part of the time, however samples fall into the parts; a gap says nothing.
    let steady: Vec<Point> = (0..=60)
        .step_by(2)
        .chain((90..=99).step_by(2))
        .map(|second| point(second, second as f64))
        .collect();
    for n in [7, 20, 33, 100] {
        let grown = rates(&steady, n);
        assert!(grown.iter().all(|(_, rate)| (rate - 1.0).abs() < 1e-9), "{n}: {grown:?}");
        assert!(!grown.iter().any(|(second, _)| *second == 90), "{n}: {grown:?}");
    }
}

#[test]
fn a_target_without_metrics_a_subject_that_never_was_and_charts_that_are_full_are_told() {
    let home = Home::new();
    let web = Web::start(200, "ok");
    let url = format!("http://127.0.0.1:{}/", web.port());
    let mut file = String::from(
        "[[scrape]]\nname = \"gone\"\nurl = \"http://127.0.0.1:9/metrics\"\ninterval = \"1s\"\n\n\
         [[alert]]\nname = \"silent\"\nmetric = \"value\"\nsubject = \"nobody\"\nabsent = \"2s\"\n\n\
         [[environment]]\nname = \"staging\"\ntarget = { kind = \"process\", run = [\"true\"] }\n",
    );
    for n in 0..10 {
        let environment = if n == 0 { "environment = \"staging\"\n" } else { "" };
        file += &format!("\n[[check]]\nname = \"front-{n}\"\nkind = \"http\"\nurl = \"{url}\"\ninterval = \"1s\"\n{environment}");
    }
    let dir = site(&home, &file);
    let call = |args: &[&str]| home.call_in(&dir, args);
    let watching = Watching::start(&mut home.program(&dir, &["watch", "--events"]));
    let line = |word: &str| {
        loop {
            let line = watching.lines.recv_timeout(Duration::from_mins(2)).expect("an event comes");
            if line.contains(word) {
                return line;
            }
        }
    };
    let told = line("\"no-metrics\"");
    assert!(told.contains("gone") && told.contains("127.0.0.1:9"), "{told}");
    eventually("the alert fires", || {
        let alerts = call(&["monitor", "alerts", "--json"]).ok().json();
        let all = alerts["result"]["alerts"].as_array().cloned().unwrap_or_default();
        all.iter()
            .any(|alert| alert["rule"] == "silent" && alert["subject"] == "nobody" && alert["state"] == "firing")
    });
    eventually("ten checks are measured", || {
        let history = call(&["monitor", "history", "--metric", "up", "--json"]).ok().json();
        let chart = &history["result"]["history"]["charts"][0];
        chart["series"].as_array().map(Vec::len) == Some(8) && chart["n_left_out"].as_u64() >= Some(1)
    });
    let words = call(&["monitor", "history", "--metric", "latency"]).ok().out;
    assert!(words.contains("1 more"), "{words}");
    let staging = call(&["monitor", "history", "--environment", "staging", "--metric", "up", "--json"]).ok();
    // Nothing runs there; those of no environment are not of it.
    let charts = &staging.json()["result"]["history"]["charts"];
    assert_eq!(charts.as_array().map(Vec::len), Some(0), "{}", staging.out);
    let none = call(&["monitor", "history", "--subject", "nosuch", "--json"]);
    assert_eq!(
        (none.code, &none.json()["problems"][0]["code"]),
        (1, &Value::from("not-found"))
    );
    let typo = call(&["monitor", "alerts", "silence", "silnt", "--json"]);
    assert_eq!(
        (typo.code, &typo.json()["problems"][0]["code"]),
        (1, &Value::from("not-found"))
    );
    call(&["monitor", "alerts", "silence", "silent"]).ok();
    call(&["monitor", "alerts", "silence", "*"]).ok();
}

/// What runs for days tells what changed, when and where, not every answer.
#[test]
fn the_watch_prints_what_changes_with_its_time_and_its_workspace() {
    let home = Home::new();
    let web = Web::start(200, "ok");
    let file = format!(
        "[[check]]\nname = \"front\"\nkind = \"http\"\nurl = \"http://127.0.0.1:{}/\"\ninterval = \"1s\"\ntimeout = \"30s\"\n",
        web.port()
    );
    let dir = site(&home, &file);
    let asked = |n: usize| {
        let begun = web.seen.lock().unwrap().len();
        eventually("the check is asked", || web.seen.lock().unwrap().len() >= begun + n);
    };
    let watch = |args: &[&str]| {
        let output = home.path("watch.out");
        let mut child = home
            .program(&dir, args)
            .stdout(std::fs::File::create(&output).unwrap())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        asked(4);
        web.say(500, "");
        asked(3);
        web.say(200, "ok");
        child.kill().unwrap();
        child.wait().unwrap();
        std::fs::read_to_string(output).unwrap()
    };
    let told = watch(&["watch"]);
    let lines: Vec<&str> = told.lines().filter(|line| line.contains("front")).collect();
    assert!(lines.len() >= 2 && lines.len() <= 4, "{told}");
    let year = Timestamp::now().to_string();
    assert!(
        lines.iter().all(|line| line.starts_with(&year[..4]) && line.contains("site")),
        "{told}"
    );
    let told = watch(&["watch", "--verbose"]);
    assert!(told.lines().filter(|line| line.contains("front")).count() >= 6, "{told}");
}

/// Who edits a check does not switch off the others: what was trusted is asked on, that is said, and what nobody asks any more is
/// not called up.
#[test]
fn a_change_that_is_not_trusted_leaves_the_watch_as_it_was() {
    let home = Home::new();
    let web = Web::start(200, "ok");
    let file = format!(
        "[[check]]\nname = \"front\"\nkind = \"http\"\nurl = \"http://127.0.0.1:{}/\"\ninterval = \"1s\"\n",
        web.port()
    );
    let dir = site(&home, &file);
    let watching = Watching::start(&mut home.program(&dir, &["watch", "--events"]));
    watching.next("check_answered");
    let more = format!("{file}\n[[check]]\nname = \"late\"\nkind = \"command\"\nrun = [\"touch\", \"ran\"]\ninterval = \"1s\"\n");
    std::fs::write(dir.join("chantier.toml"), more).unwrap();
    let said = watching.line("monitor-trust-changed");
    assert!(said.contains("untrusted"), "{said}");
    // Answers that are asked later still come.
    for _ in 0..3 {
        let answered = watching.next("check_answered").to_string();
        assert!(answered.contains("\"name\":\"front\""), "{answered}");
    }
    assert!(!dir.join("ran").exists(), "what nobody trusts is not run");
    let checks = home.call_in(&dir, &["monitor", "checks", "--json"]).json();
    assert_eq!(checks["problems"][0]["code"], "untrusted", "{checks}");
    assert_eq!(checks["result"]["checks"][0]["standing"], "up", "{checks}");
    home.call(&["devops", "trust", dir.to_str().unwrap()]).ok();
    let late = watching.line("\"name\":\"late\"");
    assert!(late.contains("\"up\""), "{late}");
    assert!(dir.join("ran").exists());
}

#[test]
fn who_was_told_hears_that_nobody_watches_any_more() {
    let world = World::new();
    let _watcher = world.watch();
    world.front.say(500, "");
    eventually("somebody is told", || !world.hook.bodies().is_empty());
    let path = world.dir.join("chantier.toml");
    std::fs::write(&path, std::fs::read_to_string(&path).unwrap().replace("front down", "dead")).unwrap();
    world.home.call(&["devops", "trust", world.dir.to_str().unwrap()]).ok();
    eventually("the other rule fires", || world.whats().len() > 2);
    let over = world
        .hook
        .bodies()
        .into_iter()
        .find(|body| body.contains("\"resolved\""))
        .unwrap();
    assert!(over.contains("front down") && over.contains("no longer watched"), "{over}");
    let incidents = world
        .home
        .call_in(&world.dir, &["operate", "incident", "list", "--json"])
        .ok()
        .out;
    assert!(incidents.contains("no longer watched"), "{incidents}");
}

#[test]
fn what_a_person_wrote_of_an_incident_stays_when_it_is_over() {
    let world = World::new();
    let _watcher = world.watch();
    world.front.say(500, "");
    eventually("somebody is told", || !world.hook.bodies().is_empty());
    let call = |args: &[&str]| world.home.call_in(&world.dir, args).ok().json()["result"].clone();
    let incident = call(&["monitor", "alerts", "--json"])["alerts"][0]["incident"].to_string();
    call(&["operate", "incident", "close", &incident, "--cause", "the disk", "--json"]);
    world.front.say(200, "ok");
    eventually("it is over", || world.whats().len() > 1);
    let shown = call(&["operate", "incident", "show", &incident, "--json"]);
    assert_eq!(shown["incident"]["cause"], "the disk", "{shown}");
}

/// A check that falls together with what it needs alerts nobody, also when it is asked first.
#[test]
fn a_check_asks_what_it_needs_before_it_says_that_it_fails() {
    let web = Web::start(200, "ok");
    let port = web.port();
    let check = |name: &str, needs: &str| {
        format!("[[check]]\nname = \"{name}\"\nkind = \"http\"\nurl = \"http://127.0.0.1:{port}/\"\ninterval = \"1h\"\n{needs}\n")
    };
    let file = [
        check("leaf", "needs = [\"branch\"]"),
        check("branch", "needs = [\"root\"]"),
        check("root", ""),
    ];
    let bench = super::checks::Bench::new(&file.concat());
    let world = bench.world();
    bench.session.runtime().block_on(async {
        let (subjects, problems) = subjects::checks(&world, &bench.workspace).await.unwrap();
        assert!(problems.is_empty(), "{problems:?}");
        let never = tokio_util::sync::CancellationToken::new();
        for subject in &subjects {
            assert_eq!(answer::ask(&world, subject, &never).await.unwrap().0.standing, Standing::Up);
        }
        web.say(500, "");
        let leaf = answer::ask(&world, &subjects[0], &never).await.unwrap().0;
        assert_eq!(
            (leaf.standing, leaf.message.contains("root")),
            (Standing::Unknown, true),
            "{leaf:?}"
        );
        let root = answer::stand(&world, &subjects[2]).await.unwrap();
        assert_eq!(root.standing, Standing::Wrong);
    });
}
