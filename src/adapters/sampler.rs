//! CPU and memory of chosen processes and all they started, read from /proc (proc(5)) with kept descriptors.
//! Never looks at processes that nobody asked for.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::time::Instant;

/// Descendants followed per instance.
const MAX_PROCESSES: usize = 512;

/// One look at a process and its descendants.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ProcSample {
    /// Of one core; None at the first look, because it takes two.
    pub cpu_percent: Option<f64>,
    /// Resident memory in bytes; shared pages count once per process.
    pub memory_bytes: u64,
    pub n_processes: u32,
    pub n_threads: u32,
}

/// Keeps what one look leaves for the next.
#[derive(Default)]
pub struct Sampler {
    known: BTreeMap<u32, Known>,
    totals: BTreeMap<u32, Total>,
    buffer: String,
}

struct Known {
    stat: File,
    start_ticks: u64,
}

struct Total {
    start_ticks: u64,
    at: Instant,
    /// Ticks per descendant: one that has ended takes its ticks along, so the sum alone would jump back.
    ticks: BTreeMap<u32, u64>,
}

struct Stat {
    ticks: u64,
    n_threads: u32,
    start_ticks: u64,
    rss_pages: u64,
    is_zombie: bool,
}

impl Sampler {
    /// Looks at the process that started at these ticks since boot; None when it is gone (or another one has its number).
    pub fn sample(&mut self, pid: u32, start_ticks: u64) -> Option<ProcSample> {
        let own = self
            .stat(pid)
            .filter(|stat| stat.start_ticks == start_ticks && !stat.is_zombie);
        if own.is_none() {
            self.known.remove(&pid);
            self.totals.remove(&pid);
            return None;
        }
        let now = Instant::now();
        let mut sample = ProcSample::default();
        let mut ticks = BTreeMap::new();
        for member in family(pid) {
            let Some(stat) = self.stat(member) else { continue };
            sample.memory_bytes += stat.rss_pages * rustix::param::page_size() as u64;
            sample.n_processes += 1;
            sample.n_threads += stat.n_threads;
            ticks.insert(member, stat.ticks);
        }
        let before = self.totals.remove(&pid).filter(|total| total.start_ticks == start_ticks);
        if let Some(before) = before {
            let secs = now.duration_since(before.at).as_secs_f64();
            let spent: u64 = ticks
                .iter()
                .map(|(member, now)| now.saturating_sub(before.ticks.get(member).copied().unwrap_or(0)))
                .sum();
            if secs > 0.0 {
                sample.cpu_percent = Some(spent as f64 / rustix::param::clock_ticks_per_second() as f64 / secs * 100.0);
            }
        }
        self.totals.insert(
            pid,
            Total {
                start_ticks,
                at: now,
                ticks,
            },
        );
        Some(sample)
    }

    /// Forgets processes that are not asked for any more.
    pub fn keep_only(&mut self, is_kept: impl Fn(u32) -> bool) {
        self.totals.retain(|pid, _| is_kept(*pid));
        let members: Vec<u32> = self.totals.values().flat_map(|total| total.ticks.keys().copied()).collect();
        self.known.retain(|pid, _| members.contains(pid));
    }

    fn stat(&mut self, pid: u32) -> Option<Stat> {
        let is_known = self.known.contains_key(&pid);
        let known = match self.known.entry(pid) {
            std::collections::btree_map::Entry::Occupied(entry) => entry.into_mut(),
            std::collections::btree_map::Entry::Vacant(entry) => entry.insert(Known {
                stat: File::open(format!("/proc/{pid}/stat")).ok()?,
                start_ticks: 0,
            }),
        };
        self.buffer.clear();
        let read = known
            .stat
            .seek(SeekFrom::Start(0))
            .and_then(|_| known.stat.read_to_string(&mut self.buffer));
        let stat = read.ok().and_then(|_| parse(&self.buffer));
        match stat {
            Some(stat) => {
                known.start_ticks = stat.start_ticks;
                Some(stat)
            }
            None => {
                self.known.remove(&pid);
                // The descriptor belonged to a process that has ended; its number may have a new owner.
                if is_known { self.stat(pid) } else { None }
            }
        }
    }
}

/// The fields of proc(5) `stat` behind the name in parentheses.
fn parse(text: &str) -> Option<Stat> {
    let fields: Vec<&str> = text.get(text.rfind(')')? + 2..)?.split_ascii_whitespace().collect();
    let number = |n: usize| fields.get(n)?.parse::<u64>().ok();
    Some(Stat {
        is_zombie: matches!(fields.first(), Some(&"Z" | &"X")),
        ticks: number(11)? + number(12)?,
        n_threads: number(17)? as u32,
        start_ticks: number(19)?,
        rss_pages: number(21)?,
    })
}

/// The process and all below it.
pub fn family(pid: u32) -> Vec<u32> {
    let mut all = vec![pid];
    let mut next = 0;
    while next < all.len() && all.len() < MAX_PROCESSES {
        let member = all[next];
        next += 1;
        let Ok(tasks) = std::fs::read_dir(format!("/proc/{member}/task")) else {
            continue;
        };
        for task in tasks.flatten() {
            let Ok(children) = std::fs::read_to_string(task.path().join("children")) else {
                continue;
            };
            all.extend(
                children
                    .split_ascii_whitespace()
                    .filter_map(|child| child.parse::<u32>().ok()),
            );
        }
    }
    all
}
