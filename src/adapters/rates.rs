//! Bytes from and to disk and network of what runs, counted by the kernel: of a control group where one holds nothing else (containers),
//! else of the processes themselves. Network only where a container has one of its own.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Instant;

/// Processes of one instance whose counters are read.
const MAX_MEMBERS: usize = 64;

/// What was counted since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    pub read: Option<u64>,
    pub written: Option<u64>,
    pub received: Option<u64>,
    pub sent: Option<u64>,
}

/// Bytes per second.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PerSecond {
    pub read: Option<f64>,
    pub written: Option<f64>,
    pub received: Option<f64>,
    pub sent: Option<f64>,
}

/// Keeps what one look leaves for the next.
#[derive(Debug, Default)]
pub struct RateMemory {
    last: BTreeMap<String, (Instant, Counted)>,
    seen: BTreeMap<String, (Instant, Counted)>,
}

impl RateMemory {
    /// Begins a look: what was not seen in the last one is forgotten.
    pub fn begin(&mut self) {
        self.last = std::mem::take(&mut self.seen);
    }

    /// The rates since the last look; nothing at the first one, or when it began anew.
    pub fn take_in(&mut self, id: &str, counted: Counted) -> PerSecond {
        let now = Instant::now();
        self.seen.insert(id.to_owned(), (now, counted));
        let Some((at, before)) = self.last.get(id) else {
            return PerSecond::default();
        };
        let secs = now.duration_since(*at).as_secs_f64();
        let rate = |now: Option<u64>, before: Option<u64>| {
            let more = now?.checked_sub(before?)?;
            (secs > 0.0).then(|| more as f64 / secs)
        };
        PerSecond {
            read: rate(counted.read, before.read),
            written: rate(counted.written, before.written),
            received: rate(counted.received, before.received),
            sent: rate(counted.sent, before.sent),
        }
    }
}

/// Of processes of this user: `/proc/PID/io`, see proc(5).
pub fn of_processes(pids: &[u32]) -> Counted {
    let mut counted = Counted::default();
    for pid in pids.iter().take(MAX_MEMBERS) {
        let Ok(text) = std::fs::read_to_string(format!("/proc/{pid}/io")) else {
            continue;
        };
        let field = |name: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(name))?;
            line.trim().parse::<u64>().ok()
        };
        counted.read = sum(counted.read, field("read_bytes:"));
        counted.written = sum(counted.written, field("write_bytes:"));
    }
    counted
}

/// Of a container, by one of its processes: its control group (version 2) and its network.
pub fn of_container(pid: u32, container: &str) -> Counted {
    let mut counted = Counted::default();
    let groups = std::fs::read_to_string(format!("/proc/{pid}/cgroup")).unwrap_or_default();
    // A number alone proves nothing: the engine may run in another machine.
    if !groups.contains(container) {
        return counted;
    }
    let path = groups.lines().find_map(|line| line.strip_prefix("0::/"));
    if let Some(path) = path {
        let file = Path::new("/sys/fs/cgroup").join(path).join("io.stat");
        // `259:0 rbytes=4096 wbytes=0 rios=1 …`, one device a line.
        for field in std::fs::read_to_string(file).unwrap_or_default().split_ascii_whitespace() {
            if let Some(bytes) = field.strip_prefix("rbytes=") {
                counted.read = sum(counted.read, bytes.parse().ok());
            } else if let Some(bytes) = field.strip_prefix("wbytes=") {
                counted.written = sum(counted.written, bytes.parse().ok());
            }
        }
    }
    let own = std::fs::read_link("/proc/self/ns/net").ok();
    let its = std::fs::read_link(format!("/proc/{pid}/ns/net")).ok();
    if its.is_none() || its == own {
        return counted;
    }
    let devices = std::fs::read_to_string(format!("/proc/{pid}/net/dev")).unwrap_or_default();
    for line in devices.lines().skip(2) {
        let Some((name, numbers)) = line.split_once(':') else {
            continue;
        };
        if name.trim() == "lo" {
            continue;
        }
        let numbers: Vec<&str> = numbers.split_ascii_whitespace().collect();
        let number = |at: usize| numbers.get(at).and_then(|number| number.parse().ok());
        counted.received = sum(counted.received, number(0));
        counted.sent = sum(counted.sent, number(8));
    }
    counted
}

fn sum(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a + b),
        (one, other) => one.or(other),
    }
}
