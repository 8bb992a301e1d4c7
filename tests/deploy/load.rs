//! Requests at a fixed rate, whether the ones before were answered or not: what fails while versions change is counted.

use std::collections::BTreeMap;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// What came of the requests.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    pub(crate) n_sent: u64,
    /// Answers by version.
    pub(crate) by_version: BTreeMap<String, u64>,
    /// Why the others were none.
    pub(crate) failed: Vec<String>,
}

/// Requests that are being sent.
pub(crate) struct Load {
    stop: Arc<AtomicBool>,
    counted: Arc<Mutex<Counted>>,
    senders: Vec<JoinHandle<()>>,
}

impl Load {
    /// So many requests a second to the port, by so many senders.
    pub(crate) fn start(port: u16, per_second: u32, n_senders: u32) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let counted = Arc::new(Mutex::new(Counted::default()));
        let next = Arc::new(AtomicU64::new(0));
        let began = Instant::now();
        let senders = (0..n_senders)
            .map(|_| {
                let (stop, counted, next) = (stop.clone(), counted.clone(), next.clone());
                std::thread::spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        let n = next.fetch_add(1, Ordering::Relaxed);
                        let due = began + Duration::from_secs_f64(n as f64 / f64::from(per_second));
                        if let Some(early) = due.checked_duration_since(Instant::now()) {
                            std::thread::sleep(early);
                        }
                        let answer = ask(port);
                        let mut counted = counted.lock().unwrap();
                        counted.n_sent += 1;
                        match answer {
                            Ok(version) => *counted.by_version.entry(version).or_default() += 1,
                            Err(why) => counted.failed.push(why),
                        }
                    }
                })
            })
            .collect();
        Self { stop, counted, senders }
    }

    /// Waits until so many further answers came of this version.
    pub(crate) fn wait_for(&self, version: &str, n: u64) {
        let seen = || self.counted.lock().unwrap().by_version.get(version).copied().unwrap_or(0);
        let before = seen();
        let until = Instant::now() + Duration::from_mins(1);
        while seen() < before + n {
            assert!(
                Instant::now() < until,
                "{n} answers of {version}: {:?}",
                self.counted.lock().unwrap()
            );
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    pub(crate) fn end(self) -> Counted {
        self.stop.store(true, Ordering::Relaxed);
        for sender in self.senders {
            sender.join().unwrap();
        }
        std::mem::take(&mut self.counted.lock().unwrap())
    }
}

fn ask(port: u16) -> Result<String, String> {
    let asked = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect_timeout(&([127, 0, 0, 1], port).into(), Duration::from_secs(10))?;
        stream.set_read_timeout(Some(Duration::from_secs(30)))?;
        stream.write_all(b"GET /version HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        Ok(answer)
    };
    let answer = asked().map_err(|error| error.to_string())?;
    let version = answer
        .split_once("\"version\":\"")
        .and_then(|(_, rest)| rest.split('"').next());
    match version {
        Some(version) if answer.starts_with("HTTP/1.1 200") => Ok(version.to_owned()),
        _ => Err(answer.lines().next().unwrap_or("nothing").to_owned()),
    }
}
