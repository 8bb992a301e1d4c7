//! P-DEPLOY-2: requests at a fixed rate through HAProxy, whether the ones before were answered or not, while versions change.

use crate::Project;
use crate::measure::{has_program, line, note, percentile, run, skip};
use std::collections::BTreeMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

const RATE: u64 = 5000;
const SENDERS: u64 = 64;
const SWITCHES: usize = 50;
/// The peer stops the old version before it starts the new one; a few are enough to see what that costs.
const PEER_SWITCHES: usize = 5;

const BLUE_GREEN: &str = "strategy = \"blue_green\"";
const CANARY: &str =
    "strategy = { kind = \"canary\", steps = [{ weight = 10, pause = \"200ms\" }, { weight = 50, pause = \"200ms\" }] }";
const RECREATE: &str = "strategy = \"recreate\"";

pub(crate) fn measure(project: &Project) {
    if !has_program("haproxy") && !std::path::Path::new("/usr/sbin/haproxy").exists() {
        skip("P-DEPLOY-2", "there is no haproxy");
        return;
    }
    let (listen, port) = (free_port(), free_port());
    let set = |strategy: &str| {
        project.set(&format!(
            "{strategy}\ntraffic = {{ kind = \"haproxy\", listen = {listen}, drain = \"2s\" }}\n[environment.target]\n\
             kind = \"process\"\nrun = [\"{{artifact:app}}\"]\nport = {port}\ninstances = 2\nstop_grace = \"2s\""
        ));
    };
    set(BLUE_GREEN);
    let deploy = |version: &str| run(&mut project.ours(&["deploy", "run", "staging", version])).is_some();
    let is_ready = ["1.0.0", "2.0.0"]
        .iter()
        .all(|version| project.release(version).is_some() && deploy(version));
    if !is_ready {
        skip("P-DEPLOY-2", "the service can not be deployed");
        return;
    }
    let load = Load::start(listen);
    let mut versions = ["1.0.0", "2.0.0"].iter().cycle();
    let mut n_broken = 0;
    let mut switch = |n: usize, act: &mut dyn FnMut() -> bool| {
        let since = Instant::now();
        n_broken += (0..n).filter(|_| !act()).count();
        since.elapsed().as_secs_f64() * 1e3 / n as f64
    };
    let blue_green = switch(SWITCHES, &mut || deploy(versions.next().unwrap()));
    set(CANARY);
    let canary = switch(SWITCHES, &mut || deploy(versions.next().unwrap()));
    set(BLUE_GREEN);
    let back = switch(SWITCHES, &mut || {
        run(&mut project.ours(&["deploy", "rollback", "staging"])).is_some()
    });
    let counted = load.end();
    set(RECREATE);
    let load = Load::start(listen);
    let recreate = switch(PEER_SWITCHES, &mut || deploy(versions.next().unwrap()));
    let peer = load.end();
    drop(run(&mut project.ours(&["deploy", "stop", "staging"])));
    note(&format!(
        "a switch: blue/green {blue_green:.0} ms, canary {canary:.0} ms, rollback {back:.0} ms, recreate {recreate:.0} ms; {n_broken} failed"
    ));
    counted.tell(&format!("{} switches", 3 * SWITCHES));
    peer.tell(&format!("{PEER_SWITCHES} recreates"));
    let per_switch = peer.failed() as f64 / PEER_SWITCHES as f64;
    line(
        "P-DEPLOY-2 failed requests of a switch",
        (counted.failed() as f64 / (3 * SWITCHES) as f64, per_switch),
        "",
        "0; peer: the old version is stopped first",
    );
    line(
        "P-DEPLOY-2 longest gap between two answers",
        (counted.longest_gap(), peer.longest_gap()),
        "ms",
        "<= 50 ms",
    );
}

fn free_port() -> u16 {
    loop {
        let port = fastrand::u16(20_000..32_000);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// What one sender saw.
#[derive(Default)]
struct Counted {
    /// When the answers came, in milliseconds since the beginning.
    came_ms: Vec<f64>,
    /// From when the request was due.
    waited_ms: Vec<f64>,
    failed: BTreeMap<String, u64>,
    /// Connections that were closed while nothing was asked on them.
    n_renewed: u64,
}

impl Counted {
    fn failed(&self) -> u64 {
        self.failed.values().sum()
    }

    fn longest_gap(&self) -> f64 {
        let gaps = self.came_ms.windows(2).map(|two| two[1] - two[0]);
        gaps.fold(0.0, f64::max)
    }

    fn tell(&self, what: &str) {
        let seconds = self.came_ms.last().copied().unwrap_or(0.0) / 1e3;
        note(&format!(
            "{what}: {} answers in {seconds:.0} s ({:.0} a second), {} failed {:?}, {} connections anew; waited p50 {:.1} p99 {:.1} \
             max {:.1} ms; longest gap {:.1} ms",
            self.came_ms.len(),
            self.came_ms.len() as f64 / seconds,
            self.failed(),
            self.failed,
            self.n_renewed,
            percentile(&self.waited_ms, 0.5),
            percentile(&self.waited_ms, 0.99),
            percentile(&self.waited_ms, 1.0),
            self.longest_gap()
        ));
    }
}

/// Requests that are being sent.
struct Load {
    stop: Arc<AtomicBool>,
    senders: Vec<JoinHandle<Counted>>,
}

impl Load {
    fn start(port: u16) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let next = Arc::new(AtomicU64::new(0));
        let began = Instant::now();
        let sender = |_| {
            let (stop, next) = (stop.clone(), next.clone());
            std::thread::spawn(move || send(port, began, &next, &stop))
        };
        let senders = (0..SENDERS).map(sender).collect();
        Self { stop, senders }
    }

    fn end(self) -> Counted {
        self.stop.store(true, Ordering::Relaxed);
        let mut all = Counted::default();
        for sender in self.senders {
            let one = sender.join().unwrap();
            all.came_ms.extend(one.came_ms);
            all.waited_ms.extend(one.waited_ms);
            all.n_renewed += one.n_renewed;
            for (why, n) in one.failed {
                *all.failed.entry(why).or_default() += n;
            }
        }
        all.came_ms.sort_by(f64::total_cmp);
        all
    }
}

fn send(port: u16, began: Instant, next: &AtomicU64, stop: &AtomicBool) -> Counted {
    let mut counted = Counted::default();
    let mut connection = None;
    while !stop.load(Ordering::Relaxed) {
        let n = next.fetch_add(1, Ordering::Relaxed);
        let due = began + Duration::from_secs_f64(n as f64 / RATE as f64);
        if let Some(early) = due.checked_duration_since(Instant::now()) {
            std::thread::sleep(early);
        }
        let answer = match connection.as_mut().map(ask) {
            // As every client does where the connection was closed before anything was asked on it.
            Some(Err(error)) if is_unasked(&error) => {
                counted.n_renewed += 1;
                connection = None;
                first(port, &mut connection)
            }
            Some(answer) => answer,
            None => first(port, &mut connection),
        };
        match answer {
            Ok(()) => {
                counted.came_ms.push(began.elapsed().as_secs_f64() * 1e3);
                counted.waited_ms.push(due.elapsed().as_secs_f64() * 1e3);
            }
            Err(error) => {
                connection = None;
                *counted.failed.entry(error.to_string()).or_default() += 1;
            }
        }
    }
    counted
}

fn first(port: u16, connection: &mut Option<TcpStream>) -> std::io::Result<()> {
    let stream = TcpStream::connect_timeout(&([127, 0, 0, 1], port).into(), Duration::from_secs(10))?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    ask(connection.insert(stream))
}

fn is_unasked(error: &std::io::Error) -> bool {
    error.kind() == ErrorKind::NotConnected
}

fn ask(stream: &mut TcpStream) -> std::io::Result<()> {
    stream.set_nonblocking(true)?;
    let was_closed = matches!(stream.peek(&mut [0]), Ok(0));
    stream.set_nonblocking(false)?;
    if was_closed {
        return Err(ErrorKind::NotConnected.into());
    }
    stream.write_all(b"GET /version HTTP/1.1\r\nHost: x\r\n\r\n")?;
    let mut answer = Vec::new();
    let mut buffer = [0; 2048];
    loop {
        let n = stream.read(&mut buffer)?;
        if n == 0 {
            return Err(std::io::Error::other("closed before the answer"));
        }
        answer.extend_from_slice(&buffer[..n]);
        if answer.ends_with(b"\"}") {
            break;
        }
        if !answer.starts_with(b"HTTP/1.1 200") && answer.len() > 12 {
            let line = answer.split(|byte| *byte == b'\r').next().unwrap_or_default();
            return Err(std::io::Error::other(String::from_utf8_lossy(line).into_owned()));
        }
    }
    Ok(())
}
