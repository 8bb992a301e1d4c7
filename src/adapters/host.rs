//! This machine: what it is and what is free. Reads only what is asked for, never every process.

use crate::base::Timestamp;
use sysinfo::{Disks, System};

/// What the machine is.
#[derive(Clone, Debug, Default)]
pub struct HostFacts {
    pub name: String,
    pub os: String,
    pub kernel: String,
    pub arch: String,
    pub cpu: String,
    pub n_cpus: u32,
    pub memory_bytes: u64,
    pub memory_used_bytes: u64,
    pub load_1min: f64,
    pub uptime_secs: u64,
    pub disks: Vec<DiskFacts>,
}

#[derive(Clone, Debug)]
pub struct DiskFacts {
    pub mount: String,
    pub file_system: String,
    pub total_bytes: u64,
    pub free_bytes: u64,
}

/// What this program itself needs, without its children.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct OwnUsage {
    pub memory_bytes: u64,
    /// Processor time since the start.
    pub cpu_secs: f64,
}

/// A package of the system that is another one now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageChange {
    pub at: Timestamp,
    pub package: String,
    /// None: it was not there.
    pub before: Option<String>,
    /// None: it is not there any more.
    pub after: Option<String>,
}

/// Lines of dpkg's log: `2026-11-26 17:32:20 upgrade libssl3:amd64 3.0.15-1 3.0.16-1`; the last change of each package since then.
pub fn package_changes(text: &str, since: Timestamp, zone: &jiff::tz::TimeZone) -> Vec<PackageChange> {
    let mut changes: Vec<PackageChange> = Vec::new();
    for line in text.lines() {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let [date, time, verb, package, before, after] = words[..] else {
            continue;
        };
        if !matches!(verb, "install" | "upgrade" | "remove" | "purge") {
            continue;
        }
        let moment = format!("{date}T{time}").parse::<jiff::civil::DateTime>();
        let Some(at) = moment
            .ok()
            .and_then(|at| zone.to_timestamp(at).ok())
            .filter(|at| *at >= since)
        else {
            continue;
        };
        let version = |version: &str| (version != "<none>").then(|| version.to_owned());
        let (before, after) = match verb {
            "remove" | "purge" => (version(before), None),
            _ => (version(before), version(after)),
        };
        // What was changed twice is told once, from the first state to the last.
        match changes.iter_mut().find(|known| known.package == package) {
            Some(known) => {
                known.at = at;
                known.after = after;
            }
            None => changes.push(PackageChange {
                at,
                package: package.to_owned(),
                before,
                after,
            }),
        }
    }
    changes.retain(|change| change.before != change.after);
    changes
}

/// The way to the machine's numbers. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Host {}

/// The room of a file system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    pub total_bytes: u64,
    /// For those who are not root.
    pub free_bytes: u64,
}

/// The room of the file system that a path is on.
pub fn room(path: &std::path::Path) -> Result<Room, crate::base::Problem> {
    let found = rustix::fs::statvfs(path).map_err(|error| super::files::read_problem(path, &error.into()))?;
    Ok(Room {
        total_bytes: found.f_blocks.saturating_mul(found.f_frsize),
        free_bytes: found.f_bavail.saturating_mul(found.f_frsize),
    })
}

/// Processes of a program: those that run, and those that a signal stopped, which do nothing until another one lets them go on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    pub n_running: u32,
    pub n_suspended: u32,
}

/// The living processes of this machine that run a program of this name: its file's, or what it calls itself.
#[cfg(target_os = "linux")]
pub fn count(program: &str) -> Counted {
    let Ok(folder) = std::fs::read_dir("/proc") else {
        return Counted::default();
    };
    let pids = folder
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let runs = |pid: &u32| {
        let comm = std::fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
        let file = || std::fs::read_link(format!("/proc/{pid}/exe")).ok();
        let is_file = || file().is_some_and(|file| file.file_name().is_some_and(|name| name == program));
        (comm.trim_end() == program || is_file()) && super::store::holder::start_of(*pid).is_some()
    };
    let mut counted = Counted::default();
    for pid in pids.filter(runs) {
        if super::process::is_suspended(pid) {
            counted.n_suspended += 1;
        } else {
            counted.n_running += 1;
        }
    }
    counted
}

#[cfg(not(target_os = "linux"))]
pub fn count(program: &str) -> Counted {
    let mut system = sysinfo::System::new();
    system.refresh_processes(sysinfo::ProcessesToUpdate::All, true);
    Counted {
        n_running: system.processes_by_exact_name(program.as_ref()).count() as u32,
        n_suspended: 0,
    }
}

impl Host {
    pub fn name(&self) -> String {
        System::host_name().unwrap_or_default()
    }

    /// From `/proc/self/stat` (proc(5)); some microseconds.
    pub fn own_usage(&self) -> Option<OwnUsage> {
        let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
        // The name may hold anything, also spaces; fields are counted behind it.
        let fields: Vec<&str> = stat[stat.rfind(')')? + 1..].split_whitespace().collect();
        let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
        let ticks_per_sec = rustix::param::clock_ticks_per_second().max(1);
        Some(OwnUsage {
            memory_bytes: number(21)? * rustix::param::page_size() as u64,
            cpu_secs: (number(11)? + number(12)?) as f64 / ticks_per_sec as f64,
        })
    }

    /// When the machine was started.
    pub fn booted_at(&self) -> Option<Timestamp> {
        self.started_at(0)
    }

    /// Packages of the system that were installed, upgraded or removed since, from the log of dpkg where there is one; oldest first.
    pub fn package_changes(&self, since: Timestamp) -> Vec<PackageChange> {
        let text = std::fs::read_to_string("/var/log/dpkg.log").unwrap_or_default();
        package_changes(&text, since, &jiff::tz::TimeZone::system())
    }

    /// When a process started, from its start time in clock ticks since boot (proc(5)).
    pub fn started_at(&self, start_ticks: u64) -> Option<Timestamp> {
        let boot = std::fs::read_to_string("/proc/stat").ok()?;
        let boot: i64 = boot
            .lines()
            .find_map(|line| line.strip_prefix("btime "))?
            .trim()
            .parse()
            .ok()?;
        let ticks_per_sec = rustix::param::clock_ticks_per_second().max(1);
        Timestamp::from_second(boot + (start_ticks / ticks_per_sec) as i64).ok()
    }

    /// Blocks for some milliseconds: call it off the runtime.
    pub fn facts(&self) -> HostFacts {
        let mut facts = HostFacts {
            name: System::host_name().unwrap_or_default(),
            os: System::long_os_version().unwrap_or_default(),
            kernel: System::kernel_version().unwrap_or_default(),
            arch: System::cpu_arch(),
            load_1min: System::load_average().map_or(0.0, |load| load.one),
            uptime_secs: System::uptime().unwrap_or_default(),
            ..HostFacts::default()
        };
        if let Ok(mut system) = System::new() {
            system.refresh_memory();
            system.refresh_cpu_list(sysinfo::CpuRefreshKind::nothing());
            facts.cpu = system.cpus().first().map(|cpu| cpu.brand().to_owned()).unwrap_or_default();
            facts.n_cpus = system.cpus().len() as u32;
            facts.memory_bytes = system.total_memory();
            facts.memory_used_bytes = system.used_memory();
        }
        let Ok(disks) = Disks::new_with_refreshed_list() else {
            return facts;
        };
        let mut found: Vec<(String, DiskFacts)> = disks
            .iter()
            .filter(|disk| disk.total_space() > 0)
            .map(|disk| {
                let facts = DiskFacts {
                    mount: disk.mount_point().to_string_lossy().into_owned(),
                    file_system: disk.file_system().to_string_lossy().into_owned(),
                    total_bytes: disk.total_space(),
                    free_bytes: disk.available_space(),
                };
                (disk.name().to_string_lossy().into_owned(), facts)
            })
            .collect();
        found.sort_by(|(_, a), (_, b)| a.mount.len().cmp(&b.mount.len()).then_with(|| a.mount.cmp(&b.mount)));
        facts.disks = once_each(found);
        facts.disks.sort_by(|a, b| a.mount.cmp(&b.mount));
        facts
    }
}

/// A disk is told once, where it was mounted first: the same device may be mounted again elsewhere, and what engines lay over a folder
/// for their containers is that folder's disk. `found` holds devices with their mounts.
pub fn once_each(found: Vec<(String, DiskFacts)>) -> Vec<DiskFacts> {
    let is_layer = |disk: &DiskFacts| disk.file_system == "overlay";
    let mut kept: Vec<(String, DiskFacts)> = Vec::new();
    let (layers, own): (Vec<_>, Vec<_>) = found.into_iter().partition(|(_, disk)| is_layer(disk));
    for (device, disk) in own {
        if !kept.iter().any(|(known, _)| *known == device) {
            kept.push((device, disk));
        }
    }
    for (device, disk) in layers {
        let same = |known: &DiskFacts| known.total_bytes == disk.total_bytes;
        if !kept.iter().any(|(_, known)| same(known)) {
            kept.push((device, disk));
        }
    }
    kept.into_iter().map(|(_, disk)| disk).collect()
}
