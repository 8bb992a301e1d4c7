//! Every kind of check against a real service on this machine, and the file that says what is asked.

use super::servers::{Certificate, Web, name_server};
use crate::deploy::postgres::{Cluster, PASSWORD};
use crate::support::cli::Home;
use crate::support::engine::{self, Removed, docker, unique};
use chantier::adapters::World;
use chantier::areas::devops::project;
use chantier::areas::devops::project::checks::path_parts;
use chantier::areas::monitor::subjects::{self, Subject};
use chantier::areas::monitor::{CheckRow, Metric, Standing, answer, ask};
use chantier::base::{Catalog, Lang, Timestamp, Workspace};
use chantier::session::{Options, Session};
use std::path::Path;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// A program that is open, and a workspace with this project file.
pub(crate) struct Bench {
    pub(crate) session: Session,
    pub(crate) workspace: Workspace,
    pub(crate) root: tempfile::TempDir,
    _home: tempfile::TempDir,
}

impl Bench {
    pub(crate) fn new(file: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let root = tempfile::tempdir().unwrap();
        let workspace = Workspace::at(&root.path().canonicalize().unwrap());
        let options = Options {
            home: Some(home.path().to_path_buf()),
            ..Options::default()
        };
        let session = Session::open(options).unwrap();
        let bench = Self {
            session,
            workspace,
            root,
            _home: home,
        };
        bench.write(file);
        bench
    }

    pub(crate) fn write(&self, file: &str) {
        std::fs::write(self.root.path().join("chantier.toml"), file).unwrap();
    }

    pub(crate) fn world(&self) -> World {
        self.session.world.clone()
    }

    fn subjects(&self) -> Vec<Subject> {
        let world = self.world();
        let (subjects, problems) = self
            .session
            .runtime()
            .block_on(subjects::checks(&world, &self.workspace))
            .unwrap();
        assert!(problems.is_empty(), "{problems:#?}");
        subjects
    }

    /// Asks one check once.
    pub(crate) fn ask(&self, name: &str) -> CheckRow {
        self.ask_all(name).0
    }

    fn ask_all(&self, name: &str) -> (CheckRow, Vec<(String, f64)>) {
        let subjects = self.subjects();
        let subject = subjects.iter().find(|subject| subject.name == name).unwrap();
        let world = self.world();
        super::next_millisecond();
        let cancel = CancellationToken::new();
        let (row, samples) = self
            .session
            .runtime()
            .block_on(answer::ask(&world, subject, &cancel))
            .unwrap();
        let values = samples.iter().map(|sample| {
            let metric = sample.series.rsplit('/').next().unwrap().to_owned();
            (metric, sample.value)
        });
        (row, values.collect())
    }

    /// Asks it, and what it says must have these words.
    pub(crate) fn stands(&self, name: &str, standing: Standing, words: &str) {
        let row = self.ask(name);
        assert_eq!(row.standing, standing, "{row:?}");
        assert!(row.message.contains(words), "{row:?} says {words}");
    }
}

/// A check that may take its time: the machine may be slow.
pub(crate) fn check(name: &str, kind: &str, rest: &str) -> String {
    format!("[[check]]\nname = \"{name}\"\nkind = \"{kind}\"\ntimeout = \"20s\"\n{rest}\n\n")
}

#[test]
fn http_is_judged_by_status_words_and_json() {
    let web = Web::start(200, r#"{"state":"ok","queue":{"jobs":[{"n":3}]}}"#);
    let url = format!("url = \"http://127.0.0.1:{}/health\"\n", web.port());
    let json = "json = [{ path = \"state\", equals = \"ok\" }, { path = \"queue.jobs[0].n\", below = 5 }]";
    let sent = "method = \"POST\"\nbody = \"hello\"\nheaders = { X-Probe = \"chantier\" }\n";
    let file = [
        check("plain", "http", &url),
        check("class", "http", &format!("{url}expect_status = \"2xx\"")),
        check("list", "http", &format!("{url}expect_status = [204, 503]")),
        check("has", "http", &format!("{url}expect_text = \"queue\"")),
        check("lacks", "http", &format!("{url}absent_text = \"error\"")),
        check("json", "http", &format!("{url}{json}")),
        check("sent", "http", &format!("{url}{sent}")),
    ];
    let bench = Bench::new(&file.concat());
    for name in ["plain", "class", "has", "lacks", "json", "sent"] {
        bench.stands(name, Standing::Up, "200");
    }
    bench.stands("list", Standing::Wrong, "200 instead of 204, 503");
    {
        let seen = web.seen.lock().unwrap();
        let last = seen.iter().find(|one| one.head.starts_with("POST /health")).unwrap();
        assert_eq!(last.body, "hello");
        assert!(last.head.to_lowercase().contains("x-probe: chantier"), "{}", last.head);
    }
    web.say(200, r#"{"state":"error","queue":{"jobs":[{"n":7}]}}"#);
    bench.stands("lacks", Standing::Wrong, "error");
    bench.stands("json", Standing::Wrong, "state is error instead of ok");
    web.say(200, r#"{"state":"ok","queue":{"jobs":[{"n":7}]}}"#);
    bench.stands("json", Standing::Wrong, "7, not below 5");
    web.say(200, "<html>");
    bench.stands("json", Standing::Wrong, "no JSON");
    bench.stands("has", Standing::Wrong, "queue");
    web.say(503, "");
    bench.stands("class", Standing::Wrong, "503 instead of 2xx");
    bench.stands("list", Standing::Up, "503");
    drop(web);
    bench.stands("plain", Standing::Down, "Nobody listens");
}

#[test]
fn a_slow_answer_is_slow_and_counts_as_up() {
    let web = Web::start(200, "ok");
    let url = format!("url = \"http://127.0.0.1:{}/\"\n", web.port());
    let slow = "slow = \"20ms\"\nretries = 0\n";
    let bench = Bench::new(&check("front", "http", &format!("{url}{slow}")));
    web.says.lock().unwrap().wait = Duration::from_millis(80);
    bench.stands("front", Standing::Slow, "more than 20 ms");
    let listed = bench.subjects();
    let world = bench.world();
    let row = bench.session.runtime().block_on(answer::stand(&world, &listed[0])).unwrap();
    assert_eq!(row.standing, Standing::Slow);
    assert_eq!(row.uptime, Some(1.0), "slow is up");
}

#[test]
fn a_certificate_near_its_end_is_told_before_it_ends() {
    let folder = tempfile::tempdir().unwrap();
    let Some(certificate) = Certificate::make(folder.path(), 5) else {
        return;
    };
    let web = Web::with_tls(200, "ok", Some(certificate.config.clone()));
    let (port, ca) = (web.port(), certificate.ca.display());
    let at = format!("address = \"localhost:{port}\"\n");
    let url = format!("url = \"https://localhost:{port}/\"\n");
    let file = [
        check("near", "tls", &format!("{at}ca = \"{ca}\"\ntls_days = 14")),
        check("fine", "tls", &format!("{at}ca = \"{ca}\"\ntls_days = 2")),
        check("stranger", "tls", &at),
        check("wanted", "tls", &format!("{at}expect_tls_problem = \"UnknownIssuer\"")),
        check("named", "tls", &format!("{at}ca = \"{ca}\"\nserver_name = \"shop.example\"")),
        check("web", "http", &format!("{url}ca = \"{ca}\"\ntls_days = 2")),
        check("web-near", "http", &format!("{url}ca = \"{ca}\"\ntls_days = 30")),
        check("web-stranger", "http", &url),
    ];
    let bench = Bench::new(&file.concat());
    bench.stands("near", Standing::Wrong, "before the 14");
    bench.stands("fine", Standing::Up, "The certificate is good for");
    bench.stands("stranger", Standing::Wrong, "signed by nobody whom this machine knows");
    bench.stands("wanted", Standing::Up, "Refused as expected");
    let row = bench.ask("named");
    assert_eq!(row.standing, Standing::Wrong, "{row:?}");
    bench.stands("web", Standing::Up, "200");
    bench.stands("web-near", Standing::Wrong, "before the 30");
    bench.stands("web-stranger", Standing::Wrong, "signed by nobody whom this machine knows");
    let (_, values) = bench.ask_all("fine");
    let days = values.iter().find(|(metric, _)| metric == Metric::Days.word()).unwrap().1;
    assert!((4.0..5.1).contains(&days), "{days}");
}

#[test]
fn dns_is_asked_of_the_server_that_is_named() {
    let port = name_server(&[[192, 0, 2, 7], [192, 0, 2, 8]]);
    let of = |host: &str| format!("host = \"{host}\"\nserver = \"127.0.0.1:{port}\"\n");
    let shop = of("shop.example");
    let file = [
        check("any", "dns", &shop),
        check("all", "dns", &format!("{shop}equals = [\"192.0.2.8\", \"192.0.2.7\"]")),
        check("other", "dns", &format!("{shop}equals = [\"192.0.2.7\"]")),
        check("part", "dns", &format!("{shop}contains = \"2.8\"")),
        check("six", "dns", &format!("{shop}record = \"AAAA\"")),
        check("gone", "dns", &of("nowhere.example")),
    ];
    let bench = Bench::new(&file.concat());
    bench.stands("any", Standing::Up, "192.0.2.7, 192.0.2.8");
    bench.stands("all", Standing::Up, "192.0.2.8");
    bench.stands("other", Standing::Wrong, "instead of 192.0.2.7");
    bench.stands("part", Standing::Up, "192.0.2.8");
    bench.stands("six", Standing::Wrong, "AAAA");
    bench.stands("gone", Standing::Wrong, "NXDOMAIN");
}

#[test]
fn processes_commands_and_disks_are_looked_at_on_this_machine() {
    let mine = std::env::current_exe().unwrap();
    let mine = mine.file_name().unwrap().to_str().unwrap();
    let run = |words: &str, rest: &str| format!("run = [\"sh\", \"-c\", \"{words}\"]\n{rest}");
    let file = [
        check("me", "process", &format!("program = \"{mine}\"")),
        check("many", "process", &format!("program = \"{mine}\"\nat_least = 100000")),
        check("nobody", "process", "program = \"no-such-program-here\""),
        check("fine", "command", &run("echo 12", "")),
        check("code", "command", &run("echo broken >&2; exit 4", "")),
        check("wanted", "command", &run("exit 4", "exit_code = 4")),
        check(
            "prints",
            "command",
            &run("echo version 3.1", "expect_output = 'version \\d+'"),
        ),
        check("silent", "command", &run("true", "expect_output = 'version'")),
        check("absent", "command", "run = [\"no-such-program-here\"]"),
        check("room", "disk", "path = \".\"\nmin_free = \"1 kB\""),
        check("full", "disk", "path = \".\"\nmin_free_percent = 100"),
        check("nowhere", "disk", "path = \"no/such/folder\"\nmin_free = 1"),
    ];
    let bench = Bench::new(&file.concat());
    bench.stands("me", Standing::Up, "run");
    bench.stands("many", Standing::Wrong, "instead of 100");
    bench.stands("nobody", Standing::Down, "no-such-program-here");
    let (row, values) = bench.ask_all("fine");
    assert_eq!(row.standing, Standing::Up, "{row:?}");
    assert!(values.contains(&("value".to_owned(), 12.0)), "{values:?}");
    bench.stands("code", Standing::Wrong, "Exit code 4: broken");
    bench.stands("wanted", Standing::Up, "4");
    bench.stands("prints", Standing::Up, "0");
    bench.stands("silent", Standing::Wrong, "Does not print");
    let row = bench.ask("absent");
    assert_eq!(row.standing, Standing::Down, "{row:?}");
    let (row, values) = bench.ask_all("room");
    assert_eq!(row.standing, Standing::Up, "{row:?}");
    assert!(values.iter().any(|(metric, free)| metric == "free" && *free > 1000.0));
    bench.stands("full", Standing::Wrong, "less than 100 %");
    let row = bench.ask("nowhere");
    assert_eq!(row.standing, Standing::Down, "{row:?}");
}

#[test]
fn a_value_of_sqlite_is_compared_and_the_file_stays_as_it_is() {
    let query = "file = \"shop.sqlite\"\nquery = \"SELECT count(*) FROM orders\"\n";
    let file = [
        check("three", "sqlite", &format!("{query}equals = 3")),
        check("more", "sqlite", &format!("{query}above = 3")),
        check("writes", "sqlite", "file = \"shop.sqlite\"\nquery = \"DELETE FROM orders\""),
        check("none", "sqlite", "file = \"no.sqlite\"\nquery = \"SELECT 1\""),
        check("wrong", "sqlite", "file = \"shop.sqlite\"\nquery = \"SELECT n FROM nowhere\""),
    ];
    let bench = Bench::new(&file.concat());
    let db = rusqlite::Connection::open(bench.root.path().join("shop.sqlite")).unwrap();
    db.execute_batch("CREATE TABLE orders (id INTEGER); INSERT INTO orders VALUES (1), (2), (3)")
        .unwrap();
    bench.stands("three", Standing::Up, "3");
    bench.stands("more", Standing::Wrong, "3, not above 3");
    bench.stands("writes", Standing::Down, "readonly");
    let row = bench.ask("none");
    assert_eq!(row.standing, Standing::Down, "{row:?}");
    assert!(!bench.root.path().join("no.sqlite").exists(), "a question makes no file");
    bench.stands("wrong", Standing::Down, "no such table");
}

#[test]
fn a_value_of_postgres_is_asked_with_a_password_that_is_nowhere() {
    let Some(cluster) = Cluster::start() else { return };
    let home = Home::new();
    let dir = home.path("shop");
    std::fs::create_dir(&dir).unwrap();
    cluster.ask("CREATE TABLE orders AS SELECT generate_series(1, 3) AS id");
    let at = format!(
        "host = \"127.0.0.1\"\nport = {}\ndatabase = \"shop\"\nuser = \"shop\"\npassword = \"env:SHOP_PASSWORD\"\n",
        cluster.port
    );
    let query = "query = \"SELECT count(*) FROM orders\"\n";
    let file = [
        check("three", "postgres", &format!("{at}{query}equals = 3")),
        check("more", "postgres", &format!("{at}{query}above = 10")),
        check("writes", "postgres", &format!("{at}query = \"DELETE FROM orders\"")),
        check(
            "sly",
            "postgres",
            &format!("{at}query = \"BEGIN READ WRITE; DELETE FROM orders; COMMIT\""),
        ),
    ];
    std::fs::write(dir.join("chantier.toml"), file.concat()).unwrap();
    let output = home
        .program(&dir, &["monitor", "check", "run", "--json", "--trust"])
        .env("SHOP_PASSWORD", PASSWORD)
        .output()
        .unwrap();
    let json: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let of = |name: &str| {
        let rows = json["result"]["checks"].as_array().unwrap();
        rows.iter().find(|row| row["name"] == name).unwrap().clone()
    };
    assert_eq!(of("three")["standing"], "up", "{json}");
    assert_eq!(of("more")["standing"], "wrong");
    assert_eq!(of("writes")["standing"], "down");
    assert_eq!(of("sly")["standing"], "down");
    assert_eq!(cluster.ask("SELECT count(*) FROM orders"), "3");
    assert!(of("writes")["message"].as_str().unwrap().contains("read-only"), "{json}");
    assert_eq!(cluster.ask("SELECT count(*) FROM orders"), "3");
    assert!(!String::from_utf8_lossy(&output.stdout).contains(PASSWORD));
}

#[test]
fn a_container_is_asked_whether_it_runs_and_is_healthy() {
    if !engine::is_there() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let image = unique("checked");
    let name = format!("{image}-one");
    let removed = Removed(vec![("container", name.clone()), ("image", image.clone())]);
    engine::import_busybox(None, &folder.path().join("tree"), &image);
    let file = [
        check("runs", "container", &format!("container = \"{name}\"\nhealthy = false")),
        check("healthy", "container", &format!("container = \"{name}\"")),
        check("other", "container", "container = \"chantier-no-such-container\""),
    ];
    let bench = Bench::new(&file.concat());
    bench.stands("other", Standing::Down, "no chantier-no-such-container");
    let health = "echo looking; test -e /well";
    docker(
        None,
        &[
            "run",
            "-d",
            "--name",
            &name,
            "--health-cmd",
            health,
            "--health-interval",
            "1s",
            "--health-retries",
            "1",
            &image,
            "sleep",
            "600",
        ],
    );
    bench.stands("runs", Standing::Up, "Running");
    super::servers::eventually("the container is unhealthy", || {
        bench.ask("healthy").message.contains("Unhealthy: looking")
    });
    docker(None, &["exec", &name, "touch", "/well"]);
    super::servers::eventually("the container is healthy", || bench.ask("healthy").standing == Standing::Up);
    docker(None, &["kill", &name]);
    bench.stands("runs", Standing::Down, "exited, exit code 137");
    drop(removed);
}

#[test]
fn a_check_that_changes_all_the_time_flaps_and_opens_no_second_incident() {
    let web = Web::start(200, "ok");
    let url = format!("url = \"http://127.0.0.1:{}/\"\n", web.port());
    let bench = Bench::new(&check("front", "http", &url));
    let mut flapped_at = None;
    for n in 0..30 {
        web.say(if n % 2 == 0 { 200 } else { 500 }, "");
        let row = bench.ask("front");
        if row.standing == Standing::Flapping {
            flapped_at.get_or_insert(n);
        }
    }
    assert!(flapped_at.is_some_and(|n| n <= 8), "{flapped_at:?}");
    web.say(200, "ok");
    let mut calm = 0;
    while bench.ask("front").standing == Standing::Flapping {
        calm += 1;
        assert!(calm < 40, "it is well again some time");
    }
    assert!(calm > 5, "not after the first good answer: {calm}");
    assert_eq!(bench.ask("front").standing, Standing::Up);
}

#[test]
fn what_needs_a_check_that_is_down_is_unknown_and_says_why() {
    let web = Web::start(500, "");
    let url = format!("url = \"http://127.0.0.1:{}/\"\n", web.port());
    let file = [
        check("db", "http", &url),
        check("shop", "http", &format!("{url}needs = [\"db\"]")),
    ];
    let bench = Bench::new(&file.concat());
    bench.stands("db", Standing::Wrong, "500");
    bench.stands("shop", Standing::Unknown, "because db is down");
    web.say(200, "");
    bench.stands("db", Standing::Up, "200");
    bench.stands("shop", Standing::Up, "200");
}

#[test]
fn in_its_maintenance_window_a_check_is_left_in_peace() {
    let web = Web::start(500, "");
    let url = format!("url = \"http://127.0.0.1:{}/\"\n", web.port());
    let now = jiff::Zoned::now();
    let minute = |offset: i64| {
        let at = now.checked_add(jiff::Span::new().minutes(offset)).unwrap();
        at.strftime("%Y-%m-%dT%H:%M").to_string()
    };
    let window = |from: i64, to: i64| format!("maintenance = [{{ from = \"{}\", to = \"{}\" }}]\n", minute(from), minute(to));
    let file = [
        check("left", "http", &format!("{url}{}", window(-60, 60))),
        check("asked", "http", &format!("{url}{}", window(-120, -60))),
    ];
    let bench = Bench::new(&file.concat());
    bench.stands("left", Standing::Maintenance, "Maintenance until");
    bench.stands("asked", Standing::Wrong, "500");
    let world = bench.world();
    let uptime = bench.session.runtime().block_on(async {
        let checks = world.store().checks();
        checks
            .uptime(&bench.workspace.id, "left", Timestamp::MIN, Timestamp::now())
            .await
            .unwrap()
    });
    assert_eq!(uptime.n, 0, "what was not asked counts neither way");
    assert_eq!(web.seen.lock().unwrap().len(), 1);
}

#[test]
fn a_weekly_window_lasts_over_midnight() {
    let zone = jiff::tz::TimeZone::get("Europe/Paris").unwrap();
    let (file, problems) = project::parse(
        &check(
            "x",
            "tcp",
            "address = \"127.0.0.1:1\"\nmaintenance = [{ days = [\"sat\"], from = \"22:00\", to = \"02:00\" }]",
        ),
        Path::new("chantier.toml"),
    );
    assert!(problems.is_empty(), "{problems:?}");
    let window = &file.checks[0].maintenance[0];
    let at = |text: &str| {
        let civil: jiff::civil::DateTime = text.parse().unwrap();
        civil.to_zoned(zone.clone()).unwrap().timestamp()
    };
    // 2026-11-28 is a Saturday.
    for (moment, is_in) in [
        ("2026-11-28T21:59", false),
        ("2026-11-28T22:00", true),
        ("2026-11-29T01:59", true),
        ("2026-11-29T02:00", false),
        ("2026-11-27T23:00", false),
    ] {
        assert_eq!(window.until(at(moment), &zone).is_some(), is_in, "{moment}");
    }
    assert_eq!(window.until(at("2026-11-28T23:00"), &zone), Some(at("2026-11-29T02:00")));
}

/// Each mistake with line and column, and the words that are told.
#[test]
fn every_mistake_of_a_check_and_an_alert_has_its_line_and_column() {
    let text = r#"[[check]]
name = "a"
kind = "htttp"
url = "http://127.0.0.1/"

[[check]]
name = "b"
kind = "http"
url = 5
expect_status = 42
intervall = "5s"

[[check]]
name = "c"
kind = "disk"
needs = ["nobody"]

[[check]]
name = "d"
kind = "command"
run = ["true"]
expect_output = "("

[[check]]
name = "e"
kind = "tcp"
address = "127.0.0.1:80"
needs = ["f"]

[[check]]
name = "f"
kind = "tcp"
address = "127.0.0.1:80"
needs = ["e"]

[[alert]]
name = "g"
check = "zzz"

[[alert]]
name = "h"
metric = "cpu"
above = 80
clear = 90

[[notify]]
name = "i"
kind = "email"
server = "mail.example"
security = "none"
user = "me"
password = "plain"
from = "nobody"
to = []
"#;
    let (file, problems) = project::parse(text, Path::new("chantier.toml"));
    let texts = Catalog::new(Lang::En);
    let told: Vec<(u32, u32, String)> = problems
        .iter()
        .map(|problem| {
            let place = problem.place.as_ref().unwrap();
            (place.line.unwrap(), place.column.unwrap(), texts.msg(&problem.summary))
        })
        .collect();
    for (line, column, words) in [
        (3, 8, "htttp"),
        (9, 7, "text in quotes"),
        (10, 17, "status from 100"),
        (11, 1, "intervall"),
        (16, 10, "nobody"),
        (14, 8, "min_free"),
        (22, 1, "pattern of d"),
        (38, 9, "zzz"),
        (44, 1, "clear"),
        (52, 1, "secret:NAME"),
        (50, 12, "in the clear"),
        (53, 8, "nobody"),
        (54, 1, "nobody in `to`"),
    ] {
        assert!(
            told.iter()
                .any(|(l, c, text)| *l == line && *c == column && text.contains(words)),
            "{line}:{column} {words}\n{told:#?}"
        );
    }
    assert!(told.iter().any(|(_, _, text)| text.contains("circle")), "{told:#?}");
    assert!(file.checks.is_empty(), "what is wrong is not asked: {:?}", file.checks);
    assert!(file.alerts.is_empty() && file.channels.is_empty());
}

#[test]
fn json_is_looked_into_by_names_and_places() {
    let json = serde_json::json!({"a": {"b": [{"c": 1}, 2]}, "d": null});
    assert_eq!(ask::json_value(&json, "a.b[0].c").unwrap(), 1);
    assert_eq!(ask::json_value(&json, "$.a.b[1]").unwrap(), 2);
    assert!(ask::json_value(&json, "a.b[7]").is_none());
    assert!(ask::json_value(&json, "a.x").is_none());
    assert!(ask::json_value(&json, "a.b[x]").is_none());
    // Names with dots, as labels of Kubernetes have them.
    let json = serde_json::json!({"labels": {"app.kubernetes.io/name": "shop"}, "x[1]": [7]});
    let named = ask::json_value(&json, "labels[\"app.kubernetes.io/name\"]");
    assert_eq!(named.unwrap(), "shop");
    assert_eq!(ask::json_value(&json, "['x[1]'][0]").unwrap(), 7);
    for wrong in ["a[", "a[\"b]", "a[0]b", "a]"] {
        assert!(path_parts(wrong).is_none(), "{wrong}");
    }
}
