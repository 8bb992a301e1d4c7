//! Monitor: checks against a server that goes down and comes back, incidents, one watch per machine, and the numbers of DORA.

mod alerts;
mod answers;
mod certificates;
pub(crate) mod checks;
mod errors;
pub(crate) mod numbers;
mod prometheus;
mod replaced;
mod scraped;
mod servers;
mod watching;

use crate::support::cli::Home;
use chantier::areas::devops::probe::Ready;
use chantier::areas::devops::project::{ProbeKind, Words};
use chantier::areas::monitor::dora::{Delivery, Outage, compute, median};
use chantier::areas::monitor::model::Model;
use chantier::areas::monitor::subjects::{Asked, Probe, Subject};
use chantier::areas::monitor::{CheckRow, Standing, Update, answer};
use chantier::base::{State, Timestamp, Workspace};
use chantier::session::{Options, Session};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, channel};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// Answers 200 until it is dropped; then nobody listens on its port.
struct Server {
    port: u16,
    is_over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    fn on(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let is_over = Arc::new(AtomicBool::new(false));
        let flag = Arc::clone(&is_over);
        let thread = std::thread::spawn(move || {
            for stream in listener.incoming() {
                if flag.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(mut stream) = stream else { continue };
                let mut some = [0_u8; 1024];
                stream.read(&mut some).ok();
                let answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok";
                stream.write_all(answer.as_bytes()).ok();
            }
        });
        Self {
            port,
            is_over,
            thread: Some(thread),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        TcpStream::connect(("127.0.0.1", self.port)).ok();
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

fn subject(workspace: &Workspace, port: u16) -> Subject {
    let kind = ProbeKind::Http {
        url: format!("http://127.0.0.1:{port}/"),
        expect_status: 200,
        expect_text: None,
        expect_version: None,
    };
    let probe = Ready::new(&kind, Duration::from_secs(2), &Words::default()).unwrap();
    let asked = Asked {
        probe: Probe::Gate(probe),
        instance: None,
    };
    Subject {
        retries: 1,
        ..Subject::of_probes(workspace, "front", Some("staging"), vec![asked])
    }
}

/// Of two answers in one millisecond the store keeps one.
pub(crate) fn next_millisecond() {
    let now = || Timestamp::now().as_millisecond();
    let at = now();
    while now() == at {
        std::thread::yield_now();
    }
}

#[test]
fn a_check_that_goes_down_opens_an_incident_and_closes_it_when_it_is_up_again() {
    let home = tempfile::tempdir().unwrap();
    let root = tempfile::tempdir().unwrap();
    let workspace = Workspace::at(&root.path().canonicalize().unwrap());
    let options = Options {
        home: Some(home.path().to_path_buf()),
        ..Options::default()
    };
    let session = Session::open(options).unwrap();
    let world = session.world.clone();
    session.runtime().block_on(async {
        let cancel = CancellationToken::new();
        let server = Server::on(0);
        let port = server.port;
        let subject = subject(&workspace, port);
        let incidents = || async { world.store().incidents().list(&workspace.id, false, 10).await.unwrap() };
        next_millisecond();
        let (row, samples) = answer::ask(&world, &subject, &cancel).await.unwrap();
        assert_eq!(row.state, State::Running, "{row:?}");
        assert!(row.latency_ms.is_some());
        assert_eq!(samples.len(), 2, "up and latency");
        assert!(incidents().await.is_empty());

        drop(server);
        next_millisecond();
        let (row, samples) = answer::ask(&world, &subject, &cancel).await.unwrap();
        assert_eq!(row.state, State::Degraded, "one retry is allowed: {row:?}");
        assert_eq!(samples.len(), 1, "nothing answered, so there is no latency");
        assert!(incidents().await.is_empty());
        next_millisecond();
        let (row, _) = answer::ask(&world, &subject, &cancel).await.unwrap();
        assert_eq!(row.state, State::Failed);
        let open = incidents().await;
        assert_eq!(open.len(), 1);
        assert!(open[0].closed_at.is_none());
        assert_eq!(open[0].environment.as_deref(), Some("staging"));
        assert!(open[0].title.contains("front"), "{}", open[0].title);
        // Still down: the same incident.
        next_millisecond();
        answer::ask(&world, &subject, &cancel).await.unwrap();
        assert_eq!(incidents().await.len(), 1);

        let _server = Server::on(port);
        next_millisecond();
        let (row, _) = answer::ask(&world, &subject, &cancel).await.unwrap();
        assert_eq!(row.state, State::Running);
        let closed = incidents().await;
        assert_eq!(closed.len(), 1);
        assert!(closed[0].closed_at.is_some());
        // What the store kept tells the same: five answers, two of them good; one within its retries is not down yet.
        let stands = answer::stand(&world, &subject).await.unwrap();
        assert_eq!(stands.recent.iter().filter(|answer| answer.is_some()).count(), 2);
        assert_eq!(stands.recent.len(), 5);
        assert_eq!(stands.uptime, Some(0.6));
    });
    session.close();
}

/// A watch of the real program, its events line by line.
struct Watch {
    child: Child,
    lines: Receiver<String>,
}

impl Watch {
    fn start(home: &Home) -> Self {
        let mut command = home.program(&home.path("site"), &["monitor", "watch", "--events"]);
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

    /// The next event with one of these words.
    fn next_of(&self, words: &[&str]) -> String {
        loop {
            let line = self.lines.recv_timeout(Duration::from_mins(1)).expect("an event comes");
            if words.iter().any(|word| line.contains(&format!("\"{word}\""))) {
                return line;
            }
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

#[test]
fn of_two_watches_only_one_samples_and_the_other_takes_over() {
    let home = Home::new();
    let server = Server::on(0);
    let dir = home.path("site");
    std::fs::create_dir(&dir).unwrap();
    let check = format!(
        "[[check]]\nname = \"front\"\nkind = \"http\"\nurl = \"http://127.0.0.1:{}/\"\ninterval = \"1s\"\n",
        server.port
    );
    std::fs::write(dir.join("chantier.toml"), check).unwrap();
    home.call(&["devops", "add", dir.to_str().unwrap(), "--trust"]).ok();
    home.call_in(&dir, &["monitor", "check", "--trust"]).ok();
    let first = Watch::start(&home);
    let words = ["watch_ticked", "watched_elsewhere"];
    assert!(first.next_of(&words).contains("watch_ticked"));
    assert!(first.next_of(&["check_answered"]).contains("\"running\""));
    let second = Watch::start(&home);
    assert!(second.next_of(&words).contains("watched_elsewhere"));
    drop(first);
    // Killed without a word: its lease is taken over.
    loop {
        if second.next_of(&words).contains("watch_ticked") {
            break;
        }
    }
    let listed = home.call_in(&dir, &["monitor", "list", "--json"]).ok().json();
    assert_eq!(listed["result"]["checks"][0]["state"], "running", "{listed}");
    assert_eq!(listed["result"]["checks"][0]["uptime"], 1.0);
}

#[test]
fn a_check_that_is_down_fails_the_command() {
    let home = Home::new();
    let dir = home.path("site");
    std::fs::create_dir(&dir).unwrap();
    let port = Server::on(0).port;
    let check = format!("[[check]]\nname = \"front\"\nkind = \"tcp\"\naddress = \"127.0.0.1:{port}\"\ntimeout = \"1s\"\n");
    std::fs::write(dir.join("chantier.toml"), check).unwrap();
    home.call(&["devops", "add", dir.to_str().unwrap()]).ok();
    assert_eq!(
        home.call_in(&dir, &["monitor", "check", "--json"]).code,
        3,
        "nobody trusted it yet"
    );
    let down = home.call_in(&dir, &["monitor", "check", "--json", "--trust"]);
    assert_eq!(down.code, 1, "{}", down.out);
    assert_eq!(down.json()["problems"][0]["code"], "down", "{}", down.out);
}

fn at(day: i64, hour: i64) -> Timestamp {
    Timestamp::from_second(1_772_000_000 + day * 86_400 + hour * 3600).unwrap()
}

fn delivery(day: i64, is_failed: bool) -> Delivery {
    Delivery {
        started_at: at(day, 10),
        healthy_at: Some(at(day, 11)),
        is_rollback: false,
        is_failed,
        commits_at: vec![at(day, 1), at(day, 7)],
    }
}

#[test]
fn dora_counts_what_was_delivered_in_its_days_and_compares_with_those_before() {
    let now = at(60, 0);
    let mut deliveries: Vec<Delivery> = [10, 20, 29].map(|day| delivery(day, false)).to_vec();
    deliveries.extend([31, 40, 45, 50, 55, 59].map(|day| delivery(day, day == 45)));
    // A return to an older version is no delivery, and what was long ago does not count.
    deliveries.push(Delivery {
        is_rollback: true,
        commits_at: Vec::new(),
        ..delivery(46, false)
    });
    deliveries.push(delivery(-5, true));
    let outages = [
        Outage {
            from: at(45, 11),
            to: Some(at(45, 12)),
        },
        Outage {
            from: at(50, 0),
            to: Some(at(50, 3)),
        },
        Outage {
            from: at(58, 0),
            to: None,
        },
    ];
    let dora = compute(&deliveries, &outages, "production", 30, now);
    assert_eq!((dora.n_deployments, dora.n_failed), (6, 1));
    assert!((dora.deployments_per_week - 1.4).abs() < 1e-9);
    assert_eq!(dora.n_changes, 12);
    assert_eq!(dora.lead_time_secs, Some(7.0 * 3600.0));
    assert!((dora.change_failure_rate.unwrap() - 1.0 / 6.0).abs() < 1e-9);
    assert_eq!(dora.n_restored, 2, "one is not restored yet");
    assert_eq!(dora.time_to_restore_secs, Some(2.0 * 3600.0));
    let before = dora.before.unwrap();
    assert_eq!((before.n_deployments, before.n_failed), (3, 0));
    assert_eq!(before.time_to_restore_secs, None);
    assert_eq!(before.change_failure_rate, Some(0.0));
}

#[test]
fn dora_of_nothing_says_nothing() {
    let dora = compute(&[], &[], "production", 30, at(0, 0));
    assert_eq!(dora.n_deployments, 0);
    assert_eq!(dora.change_failure_rate, None, "none of none is no rate");
    assert_eq!(dora.lead_time_secs, None);
    assert!(dora.before.is_none());
    assert_eq!(median(&mut [3.0, 1.0, 2.0]), Some(2.0));
    assert_eq!(median(&mut [4.0, 1.0, 2.0, 3.0]), Some(2.5));
}

#[test]
fn an_answer_goes_on_with_the_history_of_its_check() {
    let workspace = Workspace::at(std::path::Path::new("/w")).id;
    let row = |second: i64, latency_ms: Option<f64>| CheckRow {
        name: "front".to_owned(),
        interval_secs: 1.0,
        standing: Standing::Up,
        state: State::Running,
        at: Timestamp::from_second(second).ok(),
        latency_ms,
        ..CheckRow::default()
    };
    let mut model = Model::default();
    model.apply(Update::ChecksLoaded {
        workspace: workspace.clone(),
        checks: vec![CheckRow {
            recent: vec![Some(1.0); 30],
            uptime: Some(0.5),
            ..row(0, None)
        }],
    });
    for second in 1..4 {
        model.apply(Update::CheckAnswered {
            workspace: workspace.clone(),
            check: Box::new(row(second, Some(2.0))),
        });
    }
    // The same answer told twice counts once.
    model.apply(Update::CheckAnswered {
        workspace: workspace.clone(),
        check: Box::new(row(3, Some(2.0))),
    });
    let check = &model.checks_of(&workspace)[0];
    assert_eq!(check.recent.len(), 30);
    assert_eq!(check.recent.iter().filter(|answer| **answer == Some(2.0)).count(), 3);
    assert_eq!(check.uptime, Some(0.5));
}
