//! A real Prometheus: it scrapes Chantier, Chantier scrapes it, and the same query gives the same numbers.

use super::servers::{Web, eventually};
use super::watching::{Watching, site};
use crate::support::cli::Home;
use crate::support::engine::missing;
use serde_json::Value;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};

struct Server {
    child: Child,
    port: u16,
}

impl Server {
    /// Scrapes this port of loopback; None where there is no Prometheus.
    fn scraping(folder: &Path, target: u16) -> Option<Self> {
        let program = std::env::var("CHANTIER_TEST_PROMETHEUS").unwrap_or_else(|_| "prometheus".to_owned());
        if Command::new(&program).arg("--version").output().is_err() {
            missing("prometheus", "there is no prometheus");
            return None;
        }
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        let config = folder.join("prometheus.yml");
        let text = format!(
            "global:\n  scrape_interval: 1s\nscrape_configs:\n  - job_name: chantier\n    static_configs:\n      - targets: [\"127.0.0.1:{target}\"]\n"
        );
        std::fs::write(&config, text).unwrap();
        let child = Command::new(program)
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", folder.join("tsdb").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(std::fs::File::create(folder.join("prometheus.log")).unwrap())
            .spawn()
            .unwrap();
        let server = Self { child, port };
        eventually("Prometheus answers", || {
            server.get("/-/ready").is_some_and(|text| text.starts_with("HTTP/1.1 200"))
        });
        Some(server)
    }

    fn get(&self, path: &str) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\r\n",
            self.port
        );
        stream.write_all(request.as_bytes()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    }

    /// What its own API says of the query.
    fn says(&self, query: &str, from: &str, to: &str, step: u64) -> Value {
        let encoded: String = form_urlencoded::byte_serialize(query.as_bytes()).collect();
        let answer = self
            .get(&format!(
                "/api/v1/query_range?query={encoded}&start={from}&end={to}&step={step}"
            ))
            .expect("it answers");
        let body = answer.split_once("\r\n\r\n").unwrap().1;
        // Its answers come in one chunk or plainly.
        let json = &body[body.find('{').unwrap()..=body.rfind('}').unwrap()];
        serde_json::from_str(json).unwrap_or_else(|error| panic!("{error}: {answer}"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
fn the_same_query_gives_the_same_numbers() {
    let home = Home::new();
    let web = Web::start(200, "ok");
    let dir = site(&home, "");
    let file = |prometheus: u16, chart: &str| {
        let (web, other) = (web.port(), "http://127.0.0.1:9");
        format!(
            "[[check]]\nname = \"front\"\nkind = \"http\"\nurl = \"http://127.0.0.1:{web}/\"\ninterval = \"1s\"\ntimeout = \"30s\"\n\n\
             [[scrape]]\nname = \"prom\"\nurl = \"http://127.0.0.1:{prometheus}/metrics\"\ninterval = \"1s\"\nkeep = [\"prometheus_build\"]\n\n\
             [[prometheus]]\nname = \"here\"\nurl = \"http://127.0.0.1:{prometheus}\"\n{chart}\n\
             [[prometheus]]\nname = \"away\"\nurl = \"{other}\"\nenvironment = \"mars\"\n\
             chart = [{{ title = \"Away\", query = \"up\" }}]\n"
        )
    };
    std::fs::write(dir.join("chantier.toml"), file(9, "")).unwrap();
    let add = |home: &Home| home.call(&["devops", "add", dir.to_str().unwrap(), "--trust"]).ok();
    add(&home);
    let watching = Watching::start(&mut home.program(&dir, &["watch", "--listen", "127.0.0.1:0", "--events"]));
    let told = watching.next("listening").to_string();
    let port = told.split("127.0.0.1:").nth(1).unwrap();
    let Some(server) = Server::scraping(&home.path("."), port[..port.find('/').unwrap()].parse().unwrap()) else {
        return;
    };
    let chart = "chart = [{ title = \"Up\", query = \"chantier_check_up\", unit = \"of 1\" }]\n";
    std::fs::write(dir.join("chantier.toml"), file(server.port, chart)).unwrap();
    add(&home);
    let query = "sum by (check) (chantier_check_up) * 1.5";
    let ask = |more: &[&str]| {
        let mut words = vec!["monitor", "query", query, "--server", "here", "--since", "2m", "--json"];
        words.extend(more);
        home.call_in(&dir, &words)
    };
    eventually("Prometheus has scraped Chantier", || {
        let called = ask(&[]);
        assert_eq!(called.code, 0, "{}", called.out);
        called.json()["result"]["answered"]["charts"][0]["series"][0]["points"]
            .as_array()
            .is_some_and(|points| points.len() > 3)
    });
    let answered = ask(&["--points", "121"]).json()["result"]["answered"].clone();
    let (from, to) = (answered["from"].as_str().unwrap(), answered["to"].as_str().unwrap());
    let step = answered["step_secs"].as_u64().unwrap();
    assert_eq!(step, 1, "{answered}");
    let theirs = server.says(query, from, to, step)["data"]["result"][0].clone();
    let ours = &answered["charts"][0]["series"][0];
    assert_eq!(
        (ours["name"].as_str(), theirs["metric"]["check"].as_str()),
        (Some("{check=\"front\"}"), Some("front"))
    );
    let numbers = |values: &[Value], of: &dyn Fn(&Value) -> f64| values.iter().map(of).collect::<Vec<f64>>();
    let mine = numbers(ours["points"].as_array().unwrap(), &|point| point["mean"].as_f64().unwrap());
    let said = numbers(theirs["values"].as_array().unwrap(), &|pair| {
        pair[1].as_str().unwrap().parse().unwrap()
    });
    // Meanwhile it may have scraped once more.
    assert!(
        mine.len() > 3 && said.len() >= mine.len() && said[said.len() - mine.len()..] == mine[..],
        "{mine:?} {said:?}"
    );
    assert!(mine.contains(&1.5), "{mine:?}");
    // Every chart of the file, and one whose server is away says so without hiding the other.
    let all = home.call_in(&dir, &["monitor", "query", "--since", "2m", "--json"]).json()["result"]["answered"]["charts"].clone();
    assert_eq!(
        (all[0]["title"].as_str(), all[0]["problem"].is_null()),
        (Some("Up"), true),
        "{all}"
    );
    assert_eq!(
        (all[1]["server"].as_str(), all[1]["problem"].is_null()),
        (Some("away"), false),
        "{all}"
    );
    // And Chantier has scraped Prometheus.
    eventually("what Prometheus says of itself is kept", || {
        home.call_in(&dir, &["monitor", "history", "--metric", "prometheus_build_info"])
            .code
            == 0
    });
    // What is wrong is said in the server's words.
    let wrong = home.call_in(
        &dir,
        &["monitor", "query", "rate(chantier_check_up", "--server", "here", "--json"],
    );
    assert_eq!(
        (wrong.code, wrong.json()["problems"][0]["code"].as_str().unwrap().to_owned()),
        (1, "query".to_owned())
    );
    assert!(wrong.out.contains("parse error"), "{}", wrong.out);
    let several = home.call_in(&dir, &["monitor", "query", "up", "--json"]);
    assert_eq!(several.json()["problems"][0]["code"], "no-server", "{}", several.out);
}

#[test]
fn what_is_no_prometheus_is_told() {
    let home = Home::new();
    let web = Web::start(200, "<html>welcome</html>");
    let dir = site(&home, "");
    let url = format!("http://127.0.0.1:{}", web.port());
    let called = home.call_in(&dir, &["monitor", "query", "up", "--url", &url, "--json"]);
    assert_eq!(
        (called.code, called.json()["problems"][0]["code"].as_str()),
        (1, Some("no-prometheus")),
        "{}",
        called.out
    );
    let none = home.call_in(&dir, &["monitor", "query", "up", "--json"]);
    assert_eq!(none.json()["problems"][0]["code"], "no-server", "{}", none.out);
    let never = home.call_in(
        &dir,
        &["monitor", "query", "up", "--url", &url, "--until", "yesterday", "--json"],
    );
    assert_eq!(never.code, 1, "{}", never.out);
}
