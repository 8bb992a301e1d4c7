//! CPU and memory of chosen processes and all they started, read from /proc (proc(5)) with kept descriptors.
//! Looks at other processes only where that is the shorter way to find who descends from whom.

use rustix::fs::{Mode, OFlags, RawDir};
use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::time::Instant;

/// Descendants followed per instance.
const MAX_PROCESSES: usize = 512;
/// Entries of /proc that are asked for at once.
const LIST_BYTES: usize = 64 << 10;
/// A line of proc(5) `stat` is shorter: the name has at most 64 bytes.
const STAT_BYTES: usize = 1024;

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
    kept: HashMap<u32, File>,
    totals: BTreeMap<u32, Total>,
    /// Files that were read to find families since the look began.
    n_read: usize,
    all: Option<Table>,
}

/// Every process of the machine at one moment.
#[derive(Default)]
struct Table {
    /// By number.
    stats: Vec<(u32, Stat)>,
    /// Parent and child, by parent.
    children: Vec<(u32, u32)>,
}

impl Table {
    fn stat(&self, pid: u32) -> Option<Stat> {
        find(&self.stats, pid).copied()
    }

    fn children(&self, pid: u32) -> impl Iterator<Item = u32> + '_ {
        let first = self.children.partition_point(|(parent, _)| *parent < pid);
        let behind = self.children.iter().skip(first);
        behind.take_while(move |(parent, _)| *parent == pid).map(|(_, child)| *child)
    }
}

/// In a list that is sorted by number.
fn find<T>(all: &[(u32, T)], pid: u32) -> Option<&T> {
    let at = all.binary_search_by_key(&pid, |(known, _)| *known).ok()?;
    all.get(at).map(|(_, value)| value)
}

struct Total {
    start_ticks: u64,
    at: Instant,
    /// Ticks per descendant, by number: one that has ended takes its ticks along, so the sum alone would jump back.
    ticks: Vec<(u32, u64)>,
}

#[derive(Clone, Copy)]
struct Stat {
    parent: u32,
    ticks: u64,
    n_threads: u32,
    start_ticks: u64,
    rss_pages: u64,
    state: u8,
}

impl Stat {
    fn is_zombie(&self) -> bool {
        matches!(self.state, b'Z' | b'X')
    }
}

/// One process of the whole machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Every {
    pub pid: u32,
    pub parent: u32,
    /// Since it started, of processor time.
    pub ticks: u64,
    pub n_threads: u32,
    pub start_ticks: u64,
    pub memory_bytes: u64,
    /// The letter of proc(5).
    pub state: u8,
}

impl Sampler {
    /// Every process of the machine, by number.
    pub fn every(&mut self) -> Vec<Every> {
        let page = rustix::param::page_size() as u64;
        let all = self.read_all().stats.into_iter();
        all.map(|(pid, stat)| Every {
            pid,
            parent: stat.parent,
            ticks: stat.ticks,
            n_threads: stat.n_threads,
            start_ticks: stat.start_ticks,
            memory_bytes: stat.rss_pages * page,
            state: stat.state,
        })
        .collect()
    }

    /// Begins a look. When the families took more files at the last one than there are processes, all processes are read once instead.
    pub fn begin(&mut self) {
        let n_read = std::mem::take(&mut self.n_read);
        let was_dear = n_read > 200 && n_read > processes().len();
        // As long as everything is read nobody counts what families would take.
        let is_still_dear = self.all.as_ref().is_some_and(|all| {
            let n_members: usize = self.totals.values().map(|total| total.ticks.len()).sum();
            2 * n_members > all.stats.len()
        });
        self.all = (was_dear || is_still_dear).then(|| self.read_all());
    }

    /// Looks at the process that started at these ticks since boot; None when it is gone (or another one has its number).
    pub fn sample(&mut self, pid: u32, start_ticks: u64) -> Option<ProcSample> {
        let own = self
            .stat(pid)
            .filter(|stat| stat.start_ticks == start_ticks && !stat.is_zombie());
        if own.is_none() {
            self.kept.remove(&pid);
            self.totals.remove(&pid);
            return None;
        }
        let now = Instant::now();
        let mut sample = ProcSample::default();
        let mut ticks = Vec::new();
        for member in self.family(pid) {
            let Some(stat) = self.stat(member) else { continue };
            sample.memory_bytes += stat.rss_pages * rustix::param::page_size() as u64;
            sample.n_processes += 1;
            sample.n_threads += stat.n_threads;
            ticks.push((member, stat.ticks));
        }
        ticks.sort_unstable();
        let before = self.totals.remove(&pid).filter(|total| total.start_ticks == start_ticks);
        if let Some(before) = before {
            let secs = now.duration_since(before.at).as_secs_f64();
            let spent: u64 = ticks
                .iter()
                .map(|(member, now)| now.saturating_sub(find(&before.ticks, *member).copied().unwrap_or(0)))
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

    /// The process and all below it, as the last sample found them.
    pub fn members(&self, pid: u32) -> impl Iterator<Item = u32> + '_ {
        let total = self.totals.get(&pid);
        total.into_iter().flat_map(|total| total.ticks.iter().map(|(pid, _)| *pid))
    }

    /// Forgets processes that are not asked for any more.
    pub fn keep_only(&mut self, is_kept: impl Fn(u32) -> bool) {
        self.totals.retain(|pid, _| is_kept(*pid));
        if self.all.is_none() {
            let totals = &self.totals;
            let is_member = |pid: &u32| totals.values().any(|total| find(&total.ticks, *pid).is_some());
            self.kept.retain(|pid, _| is_member(pid));
        }
    }

    fn family(&mut self, pid: u32) -> Vec<u32> {
        let Some(all) = &self.all else {
            let (family, n_read) = look_for_family(pid);
            self.n_read += n_read;
            return family;
        };
        let mut family = vec![pid];
        let mut next = 0;
        while next < family.len() && family.len() < MAX_PROCESSES {
            family.extend(all.children(family[next]));
            next += 1;
        }
        family
    }

    fn read_all(&mut self) -> Table {
        let mut table = Table::default();
        for pid in processes() {
            let Some(stat) = self.read(pid) else { continue };
            table.children.push((stat.parent, pid));
            table.stats.push((pid, stat));
        }
        table.children.sort_unstable();
        table.stats.sort_unstable_by_key(|(pid, _)| *pid);
        if self.kept.len() > table.stats.len() {
            self.kept.retain(|pid, _| table.stat(*pid).is_some());
        }
        table
    }

    fn stat(&mut self, pid: u32) -> Option<Stat> {
        match &self.all {
            Some(all) => all.stat(pid),
            None => self.read(pid),
        }
    }

    fn read(&mut self, pid: u32) -> Option<Stat> {
        let mut buffer = [0; STAT_BYTES];
        let mut read = |file: &File| file.read_at(&mut buffer, 0).ok().and_then(|n| parse(&buffer[..n]));
        if let Some(file) = self.kept.get(&pid) {
            if let Some(stat) = read(file) {
                return Some(stat);
            }
            // The descriptor belonged to a process that has ended; its number may have a new owner.
            self.kept.remove(&pid);
        }
        let file = File::open(format!("/proc/{pid}/stat")).ok()?;
        let stat = read(&file)?;
        if self.kept.len() < max_kept() {
            self.kept.insert(pid, file);
        }
        Some(stat)
    }
}

/// Half of the descriptors that this program may have: what is not kept is opened anew at each look.
fn max_kept() -> usize {
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).current;
    limit.map_or(usize::MAX, |limit| limit as usize / 2)
}

/// The numbers of all processes, from the raw list: thousands of names that nobody else wants are not worth a text each.
fn processes() -> Vec<u32> {
    let mut all = Vec::new();
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let Ok(dir) = rustix::fs::open("/proc", flags, Mode::empty()) else {
        return all;
    };
    let mut buffer = Vec::with_capacity(LIST_BYTES);
    let mut entries = RawDir::new(dir, buffer.spare_capacity_mut());
    while let Some(Ok(entry)) = entries.next() {
        let name = entry.file_name().to_bytes();
        if name.iter().all(u8::is_ascii_digit) {
            all.push(number_of(name) as u32);
        }
    }
    all
}

/// The fields of proc(5) `stat` behind the name in parentheses.
fn parse(text: &[u8]) -> Option<Stat> {
    let fields = text.get(memchr::memrchr(b')', text)? + 2..)?;
    let mut fields = fields.split(|byte| *byte == b' ');
    let state = fields.next().and_then(|state| state.first()).copied().unwrap_or(b'?');
    // Fields are counted from here, after the state.
    let mut at = 0;
    let mut number = |wanted: usize| -> Option<u64> {
        let field = fields.nth(wanted - at)?;
        at = wanted + 1;
        Some(number_of(field))
    };
    Some(Stat {
        state,
        parent: number(0)? as u32,
        ticks: number(10)? + number(11)?,
        n_threads: number(16)? as u32,
        start_ticks: number(18)?,
        rss_pages: number(20)?,
    })
}

/// What its first digits say.
fn number_of(text: &[u8]) -> u64 {
    let digits = text.iter().take_while(|byte| byte.is_ascii_digit());
    digits.fold(0, |sum, digit| sum.wrapping_mul(10).wrapping_add(u64::from(digit - b'0')))
}

/// The letter of proc(5) of a process that started at these ticks; None when it is gone.
pub fn state_of(pid: u32, start_ticks: u64) -> Option<u8> {
    let stat = parse(&std::fs::read(format!("/proc/{pid}/stat")).ok()?)?;
    (stat.start_ticks == start_ticks && !stat.is_zombie()).then_some(stat.state)
}

/// The process and all below it.
pub fn family(pid: u32) -> Vec<u32> {
    look_for_family(pid).0
}

/// With the number of files that were read.
fn look_for_family(pid: u32) -> (Vec<u32>, usize) {
    let mut all = vec![pid];
    let mut next = 0;
    let mut n_read = 0;
    while next < all.len() && all.len() < MAX_PROCESSES {
        let member = all[next];
        next += 1;
        n_read += 1;
        let Ok(tasks) = std::fs::read_dir(format!("/proc/{member}/task")) else {
            continue;
        };
        for task in tasks.flatten() {
            n_read += 1;
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
    (all, n_read)
}
