//! The whole machine at one moment, from /proc and /sys (proc(5), sysfs(5)): every process with its owner and its share, devices,
//! network interfaces, ports, sensors. What takes two looks is kept from one to the next.

use super::host::Host;
use super::masks::Masks;
use super::ports::Listeners;
use super::sampler::Sampler;
use crate::base::host::{HostDevice, HostDisk, HostInterface, HostLook, HostPort, HostProcess, HostSensor, SensorKind};
use crate::base::{SafeText, Timestamp};
use std::collections::{BTreeMap, HashMap};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

/// Bytes of a command line that are shown.
const MAX_COMMAND: usize = 4096;
/// A sector of /proc/diskstats, whatever the device says.
const SECTOR: u64 = 512;
/// Mounts and sensors change slowly.
const SLOW: Duration = Duration::from_secs(10);

/// Keeps what one look leaves for the next. A look blocks for some milliseconds: call it off the runtime.
#[derive(Default)]
pub struct MachineLooks {
    sampler: Sampler,
    listeners: Listeners,
    at: Option<Instant>,
    ticks: HashMap<u32, (u64, u64)>,
    /// Busy and all ticks of all cores.
    cpu: Option<(u64, u64)>,
    devices: BTreeMap<String, [u64; 3]>,
    interfaces: BTreeMap<String, [u64; 2]>,
    /// What does not change while a process lives: owner, name, command line, start.
    known: HashMap<u32, Known>,
    users: BTreeMap<u32, String>,
    slow: Option<(Instant, Vec<HostDisk>, Vec<HostSensor>)>,
}

struct Known {
    start: u64,
    name: String,
    command: String,
    user: String,
    started_at: Option<Timestamp>,
}

impl MachineLooks {
    /// Everything, now.
    pub fn look(&mut self, host: &Host, masks: &Masks, now: Timestamp) -> HostLook {
        let at = Instant::now();
        let secs = self
            .at
            .map(|before| at.duration_since(before).as_secs_f64())
            .filter(|secs| *secs > 0.05);
        self.at = Some(at);
        let mut look = HostLook {
            at: now,
            name: host.name(),
            n_cpus: std::thread::available_parallelism().map_or(1, |n| n.get() as u32),
            ..HostLook::default()
        };
        self.cpu(&mut look);
        memory(&mut look);
        look.processes = self.processes(host, masks, secs);
        look.devices = self.devices(secs);
        look.interfaces = self.interfaces(secs);
        look.ports = self.ports();
        let is_old = self.slow.as_ref().is_none_or(|(at, ..)| at.elapsed() > SLOW);
        if is_old {
            let facts = host.facts();
            let disks = facts.disks.into_iter().map(|disk| HostDisk {
                mount: SafeText::new(&disk.mount).into_string(),
                file_system: disk.file_system,
                total_bytes: disk.total_bytes,
                free_bytes: disk.free_bytes,
            });
            self.slow = Some((at, disks.collect(), sensors(Path::new("/sys/class/hwmon"))));
        }
        if let Some((_, disks, sensors)) = &self.slow {
            look.disks.clone_from(disks);
            look.sensors.clone_from(sensors);
        }
        look
    }

    fn cpu(&mut self, look: &mut HostLook) {
        let stat = read("/proc/stat");
        let all: Vec<u64> = stat
            .lines()
            .next()
            .unwrap_or_default()
            .split_ascii_whitespace()
            .skip(1)
            .take(8)
            .filter_map(|field| field.parse().ok())
            .collect();
        // user nice system idle iowait irq softirq steal
        if let [_, _, _, idle, waiting, ..] = all[..] {
            let total: u64 = all.iter().sum();
            let busy = total - idle - waiting;
            if let Some((busy_before, total_before)) = self.cpu
                && total > total_before
            {
                look.cpu = Some(busy.saturating_sub(busy_before) as f64 / (total - total_before) as f64);
            }
            self.cpu = Some((busy, total));
        }
        let load = read("/proc/loadavg");
        for (slot, field) in look.load.iter_mut().zip(load.split_ascii_whitespace()) {
            *slot = field.parse().unwrap_or(0.0);
        }
        let uptime = read("/proc/uptime");
        let secs = uptime.split('.').next().and_then(|secs| secs.parse().ok());
        look.uptime_secs = secs.unwrap_or(0);
    }

    fn processes(&mut self, host: &Host, masks: &Masks, secs: Option<f64>) -> Vec<HostProcess> {
        let per_sec = rustix::param::clock_ticks_per_second().max(1) as f64;
        let mut ticks = HashMap::new();
        let mut all = Vec::new();
        for one in self.sampler.every() {
            let is_known = self.known.get(&one.pid).is_some_and(|known| known.start == one.start_ticks);
            if !is_known {
                let known = self.meet(host, masks, one.pid, one.start_ticks);
                self.known.insert(one.pid, known);
            }
            let Some(known) = self.known.get(&one.pid) else { continue };
            let before = self.ticks.get(&one.pid).filter(|(start, _)| *start == one.start_ticks);
            let spent = secs.zip(before);
            ticks.insert(one.pid, (one.start_ticks, one.ticks));
            all.push(HostProcess {
                pid: one.pid,
                parent: one.parent,
                start: one.start_ticks,
                name: known.name.clone(),
                command: known.command.clone(),
                user: known.user.clone(),
                state: char::from(one.state),
                cpu_percent: spent.map(|(secs, (_, before))| one.ticks.saturating_sub(*before) as f64 / per_sec / secs * 100.0),
                memory_bytes: one.memory_bytes,
                n_threads: one.n_threads,
                started_at: known.started_at,
            });
        }
        self.known.retain(|pid, _| ticks.contains_key(pid));
        self.ticks = ticks;
        all
    }

    fn meet(&mut self, host: &Host, masks: &Masks, pid: u32, start: u64) -> Known {
        let mut command = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        command.truncate(MAX_COMMAND);
        while command.last() == Some(&0) {
            command.pop();
        }
        for byte in &mut command {
            if *byte == 0 {
                *byte = b' ';
            }
        }
        let uid = std::fs::metadata(format!("/proc/{pid}"))
            .map(|meta| meta.uid())
            .unwrap_or_default();
        if self.users.is_empty() {
            self.users = users(&read("/etc/passwd"));
        }
        Known {
            start,
            name: SafeText::new(read(&format!("/proc/{pid}/comm")).trim_end()).into_string(),
            command: SafeText::from_bytes(&masks.mask_bytes(&command)).into_string(),
            user: self.users.get(&uid).cloned().unwrap_or_else(|| uid.to_string()),
            started_at: host.started_at(start),
        }
    }

    fn devices(&mut self, secs: Option<f64>) -> Vec<HostDevice> {
        let mut seen = BTreeMap::new();
        let mut all = Vec::new();
        for line in read("/proc/diskstats").lines() {
            let fields: Vec<&str> = line.split_ascii_whitespace().collect();
            let Some(name) = fields.get(2) else { continue };
            // Parts of devices and what only stands for other devices would be counted twice.
            let is_whole = Path::new("/sys/block").join(name).exists();
            let is_real = is_whole
                && !["loop", "ram", "zram", "dm-", "md"]
                    .iter()
                    .any(|prefix| name.starts_with(prefix));
            let number = |at: usize| fields.get(at).and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
            let counts = [number(5) * SECTOR, number(9) * SECTOR, number(12)];
            if !is_real || counts == [0; 3] {
                continue;
            }
            let before = self.devices.get(*name).copied();
            let rate = |at: usize| {
                let (secs, before) = secs.zip(before)?;
                Some(counts[at].saturating_sub(before[at]) as f64 / secs)
            };
            all.push(HostDevice {
                name: (*name).to_owned(),
                read: rate(0),
                write: rate(1),
                busy: rate(2).map(|millis| (millis / 1000.0).min(1.0)),
            });
            seen.insert((*name).to_owned(), counts);
        }
        self.devices = seen;
        all
    }

    fn interfaces(&mut self, secs: Option<f64>) -> Vec<HostInterface> {
        let mut seen = BTreeMap::new();
        let mut all = Vec::new();
        for line in read("/proc/net/dev").lines().skip(2) {
            let Some((name, numbers)) = line.split_once(':') else {
                continue;
            };
            let name = name.trim();
            let numbers: Vec<u64> = numbers
                .split_ascii_whitespace()
                .map(|field| field.parse().unwrap_or(0))
                .collect();
            let number = |at: usize| numbers.get(at).copied().unwrap_or(0);
            let counts = [number(0), number(8)];
            let before = self.interfaces.get(name).copied();
            let rate = |at: usize| {
                let (secs, before) = secs.zip(before)?;
                Some(counts[at].saturating_sub(before[at]) as f64 / secs)
            };
            let state = read(&format!("/sys/class/net/{name}/operstate"));
            all.push(HostInterface {
                name: name.to_owned(),
                // Loopback and tunnels do not tell.
                is_up: matches!(state.trim(), "up" | "unknown"),
                receive: rate(0),
                send: rate(1),
                received_bytes: counts[0],
                sent_bytes: counts[1],
                n_errors: number(2) + number(10),
            });
            seen.insert(name.to_owned(), counts);
        }
        self.interfaces = seen;
        all
    }

    fn ports(&mut self) -> Vec<HostPort> {
        let mut ports: Vec<HostPort> = self
            .listeners
            .look()
            .unwrap_or_default()
            .into_iter()
            .flat_map(|process| {
                let (pid, name) = (process.pid, SafeText::new(&process.name).into_string());
                process.sockets.into_iter().map(move |(port, addresses)| HostPort {
                    port,
                    pid,
                    name: name.clone(),
                    addresses: addresses.into_iter().collect(),
                })
            })
            .collect();
        ports.sort_by_key(|port| (port.port, port.pid));
        ports
    }
}

/// The environment that a process was started with, if it is still the same one and this user may see it.
pub fn environment_of(pid: u32, start: u64) -> Option<BTreeMap<String, String>> {
    let bytes = std::fs::read(format!("/proc/{pid}/environ")).ok()?;
    super::store::holder::is_running(pid, start).then(|| {
        let pair = |line: &[u8]| {
            let text = String::from_utf8_lossy(line).into_owned();
            let (key, value) = text.split_once('=')?;
            Some((key.to_owned(), value.to_owned()))
        };
        bytes.split(|byte| *byte == 0).filter_map(pair).collect()
    })
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path).unwrap_or_default()
}

fn memory(look: &mut HostLook) {
    let text = read("/proc/meminfo");
    let field = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        let kib = line.and_then(|line| line.split_ascii_whitespace().next()?.parse::<u64>().ok());
        kib.unwrap_or(0) * 1024
    };
    look.memory_bytes = field("MemTotal");
    look.memory_used_bytes = look.memory_bytes.saturating_sub(field("MemAvailable"));
    look.swap_bytes = field("SwapTotal");
    look.swap_used_bytes = look.swap_bytes.saturating_sub(field("SwapFree"));
}

/// Names by number, from passwd(5).
fn users(text: &str) -> BTreeMap<u32, String> {
    let line = |line: &str| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        let uid = fields.nth(1)?.parse().ok()?;
        Some((uid, SafeText::new(name).into_string()))
    };
    text.lines().rev().filter_map(line).collect()
}

/// Temperatures and fans of hwmon (Documentation/hwmon/sysfs-interface.rst): millidegrees, turns per minute.
pub fn sensors(folder: &Path) -> Vec<HostSensor> {
    let mut all = Vec::new();
    let chips = std::fs::read_dir(folder).into_iter().flatten().flatten();
    for chip in chips.map(|entry| entry.path()) {
        let text = |name: &str| {
            let text = std::fs::read_to_string(chip.join(name)).ok()?;
            Some(SafeText::new(text.trim()).into_string())
        };
        let of = text("name").unwrap_or_default();
        let files = std::fs::read_dir(&chip).into_iter().flatten().flatten();
        for file in files {
            let name = file.file_name().to_string_lossy().into_owned();
            let Some(input) = name.strip_suffix("_input") else { continue };
            let kind = if input.starts_with("temp") {
                SensorKind::Temperature
            } else if input.starts_with("fan") {
                SensorKind::Fan
            } else {
                continue;
            };
            let scale = if kind == SensorKind::Temperature { 1000.0 } else { 1.0 };
            let number = |name: &str| text(name)?.parse::<f64>().ok().map(|value| value / scale);
            let Some(value) = number(&name) else { continue };
            let label = text(&format!("{input}_label")).unwrap_or_else(|| input.to_owned());
            let limits = [format!("{input}_crit"), format!("{input}_max")];
            all.push(HostSensor {
                name: format!("{of} {label}").trim().to_owned(),
                kind,
                value,
                limit: limits.iter().find_map(|name| number(name)).filter(|limit| *limit > 0.0),
            });
        }
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}
