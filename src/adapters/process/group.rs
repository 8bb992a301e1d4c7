//! Keeping hold of a child and everything it starts: control groups (cgroup v2, and v1 for limits), and the list of processes by tag.

use super::cmd::{Cmd, Limits};
use rustix::process::{Pid, Signal};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// The variable that marks a child and all its descendants.
pub const TAG_VAR: &str = "CHANTIER_TAG";
/// Clock ticks per second in `/proc` (fixed on every architecture that a desktop has; proc(5)).
const USER_HZ: u64 = 100;

/// The control groups that this process may make children in. Found once.
#[derive(Clone, Debug, Default)]
pub(super) struct Hierarchies {
    /// This process's own group in the v2 hierarchy.
    v2: Option<PathBuf>,
    v1_pids: Option<PathBuf>,
    v1_memory: Option<PathBuf>,
}

impl Hierarchies {
    pub(super) fn detect() -> Self {
        let own = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
        let found = |controller: Option<&str>| own_group(&own, &mounts, controller).filter(|dir| can_make_groups(dir));
        Self {
            v2: found(None),
            v1_pids: found(Some("pids")),
            v1_memory: found(Some("memory")),
        }
    }

    pub(super) fn has_v2(&self) -> bool {
        self.v2.is_some()
    }

    /// A new group for what shall run; none for a small tool.
    pub(super) fn leaf_of(&self, name: &str, cmd: &Cmd) -> Leaf {
        if cmd.is_small && cmd.limits.is_none() {
            return Leaf::default();
        }
        self.leaf(name, &cmd.limits)
    }

    /// A new group below our own; what can not be had is left out.
    pub(super) fn leaf(&self, name: &str, limits: &Limits) -> Leaf {
        let mut leaf = Leaf::default();
        if let Some(v2) = &self.v2 {
            let dir = v2.join(name);
            if !limits.is_none() {
                // Succeeds where no process stands in the group itself, or at the root; else v1 or no limit.
                std::fs::write(v2.join("cgroup.subtree_control"), "+pids +memory").ok();
            }
            if std::fs::create_dir(&dir).is_ok() {
                leaf.v2 = Some(dir);
            }
        }
        let mut limit = |value: Option<u64>, v2_file: &str, v1: Option<&PathBuf>, v1_file: &str| {
            let Some(value) = value else { return true };
            if leaf
                .v2
                .as_ref()
                .is_some_and(|dir| std::fs::write(dir.join(v2_file), value.to_string()).is_ok())
            {
                return true;
            }
            let Some(dir) = v1.map(|base| base.join(name)).filter(|dir| std::fs::create_dir(dir).is_ok()) else {
                return false;
            };
            let written = std::fs::write(dir.join(v1_file), value.to_string()).is_ok();
            leaf.v1.push(dir);
            written
        };
        let pids = limit(limits.max_pids, "pids.max", self.v1_pids.as_ref(), "pids.max");
        let memory = limit(
            limits.max_memory_bytes,
            "memory.max",
            self.v1_memory.as_ref(),
            "memory.limit_in_bytes",
        );
        leaf.limits_kept = pids && memory;
        leaf
    }

    /// Ends and removes the groups of jobs whose owner is gone.
    pub(super) fn remove_orphans(&self, is_gone: impl Fn(&str) -> bool) {
        for base in [&self.v2, &self.v1_pids, &self.v1_memory].into_iter().flatten() {
            for entry in std::fs::read_dir(base).into_iter().flatten().flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                if name.strip_prefix("chantier-job-").is_some_and(&is_gone) {
                    let leaf = Leaf {
                        v2: Some(entry.path()),
                        ..Leaf::default()
                    };
                    leaf.kill();
                    leaf.remove();
                }
            }
        }
    }
}

/// The groups made for one child. Dropping it removes nothing: `remove` does, once nobody is inside.
#[derive(Clone, Debug, Default)]
pub(super) struct Leaf {
    pub(super) v2: Option<PathBuf>,
    v1: Vec<PathBuf>,
    pub(super) limits_kept: bool,
}

impl Leaf {
    pub(super) fn of_dir(dir: PathBuf) -> Self {
        Self {
            v2: Some(dir),
            ..Self::default()
        }
    }

    fn dirs(&self) -> impl Iterator<Item = &PathBuf> {
        self.v2.iter().chain(&self.v1)
    }

    /// The files that a process enters the groups by.
    pub(super) fn entries(&self) -> Vec<PathBuf> {
        self.dirs().map(|dir| dir.join("cgroup.procs")).collect()
    }

    pub(super) fn is_contained(&self) -> bool {
        self.v2.is_some()
    }

    /// Somebody alive is inside (a zombie does not count).
    pub(super) fn is_populated(&self) -> bool {
        self.v2.as_ref().is_some_and(|dir| {
            std::fs::read_to_string(dir.join("cgroup.events")).is_ok_and(|text| text.lines().any(|line| line == "populated 1"))
        })
    }

    pub(super) fn pids(&self) -> Vec<Pid> {
        let mut pids = Vec::new();
        for dir in self.dirs() {
            collect_pids(dir, &mut pids, 0);
        }
        pids.sort_unstable_by_key(|pid| pid.as_raw_nonzero());
        pids.dedup();
        pids
    }

    /// KILL to everybody inside, at once where the kernel can (`cgroup.kill`, Linux 5.14).
    pub(super) fn kill(&self) {
        let at_once = self
            .v2
            .as_ref()
            .is_some_and(|dir| std::fs::write(dir.join("cgroup.kill"), "1").is_ok());
        if !at_once {
            for _ in 0..50 {
                let pids = self.pids();
                if pids.is_empty() {
                    break;
                }
                for pid in pids {
                    rustix::process::kill_process(pid, Signal::KILL).ok();
                }
            }
        }
    }

    /// Processes that the kernel ended because the group had no memory left.
    pub(super) fn n_oom_kills(&self) -> u64 {
        let field = |path: PathBuf| {
            let text = std::fs::read_to_string(path).ok()?;
            text.lines()
                .find_map(|line| line.strip_prefix("oom_kill ")?.trim().parse::<u64>().ok())
        };
        self.dirs()
            .filter_map(|dir| field(dir.join("memory.events")).or_else(|| field(dir.join("memory.oom_control"))))
            .sum()
    }

    /// CPU time in user and kernel mode of everybody who ever was inside (`cpu.stat`, there without any controller).
    pub(super) fn cpu(&self) -> Option<(Duration, Duration)> {
        let text = std::fs::read_to_string(self.v2.as_ref()?.join("cpu.stat")).ok()?;
        let field = |name: &str| {
            text.lines()
                .find_map(|line| line.strip_prefix(name)?.trim().parse::<u64>().ok())
                .map(Duration::from_micros)
        };
        Some((field("user_usec ")?, field("system_usec ")?))
    }

    /// Removes the empty groups. False when somebody is still inside.
    pub(super) fn remove(&self) -> bool {
        self.dirs().all(|dir| remove_group(dir, 0))
    }
}

fn collect_pids(dir: &Path, pids: &mut Vec<Pid>, depth: usize) {
    let text = std::fs::read_to_string(dir.join("cgroup.procs")).unwrap_or_default();
    pids.extend(text.lines().filter_map(|line| Pid::from_raw(line.parse().ok()?)));
    if depth < 8 {
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                collect_pids(&entry.path(), pids, depth + 1);
            }
        }
    }
}

fn remove_group(dir: &Path, depth: usize) -> bool {
    for _ in 0..200 {
        match std::fs::remove_dir(dir) {
            Ok(()) => return true,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return true,
            Err(_) if depth < 8 => {
                for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
                    if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
                        remove_group(&entry.path(), depth + 1);
                    }
                }
            }
            Err(_) => return false,
        }
        if std::fs::remove_dir(dir).is_ok() {
            return true;
        }
        // The kernel lets go of a group a moment after its last process has ended.
        std::thread::sleep(Duration::from_millis(1));
    }
    false
}

/// The folder of this process's own group: in the v2 hierarchy, or in the v1 hierarchy of a controller.
fn own_group(own: &str, mounts: &str, controller: Option<&str>) -> Option<PathBuf> {
    let path = own.lines().find_map(|line| {
        let mut fields = line.splitn(3, ':');
        let (id, controllers, path) = (fields.next()?, fields.next()?, fields.next()?);
        let is_it = match controller {
            None => id == "0" && controllers.is_empty(),
            Some(wanted) => controllers.split(',').any(|name| name == wanted),
        };
        is_it.then_some(path)
    })?;
    mounts.lines().find_map(|line| {
        let (left, right) = line.split_once(" - ")?;
        let left: Vec<&str> = left.split(' ').collect();
        let right: Vec<&str> = right.split(' ').collect();
        let is_it = match controller {
            None => right.first() == Some(&"cgroup2"),
            Some(wanted) => right.first() == Some(&"cgroup") && right.get(2)?.split(',').any(|name| name == wanted),
        };
        if !is_it {
            return None;
        }
        let (root, mount) = (Path::new(*left.get(3)?), Path::new(*left.get(4)?));
        Some(mount.join(Path::new(path).strip_prefix(root).ok()?))
    })
}

/// Both are needed: making a folder, and moving our own children out of our own group.
fn can_make_groups(dir: &Path) -> bool {
    use rustix::fs::{Access, access};
    let probe = dir.join(format!("chantier-probe-{}-{:08x}", std::process::id(), fastrand::u32(..)));
    access(dir.join("cgroup.procs"), Access::WRITE_OK).is_ok()
        && std::fs::create_dir(&probe).is_ok()
        && std::fs::remove_dir(&probe).is_ok()
}

/// The living processes whose environment says one of the tags of a `CHANTIER_TAG` chain that `wanted` accepts.
pub(super) fn tagged(wanted: impl Fn(&str) -> bool) -> Vec<Pid> {
    with_environment(|var| {
        let value = var.strip_prefix(TAG_VAR.as_bytes()).and_then(|rest| rest.strip_prefix(b"="));
        value.is_some_and(|value| String::from_utf8_lossy(value).split(',').any(&wanted))
    })
}

/// The living processes that have such a `NAME=value` in their environment.
pub(super) fn with_environment(wanted: impl Fn(&[u8]) -> bool) -> Vec<Pid> {
    let own = std::process::id();
    let all = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let mut unread: Vec<u32> = all
        .filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok())
        .filter(|pid| *pid != own)
        .collect();
    let mut pids = Vec::new();
    // A process that is about to execute another program shows no environment for a moment: ask those again.
    for round in 0..5 {
        if round > 0 && !unread.is_empty() {
            std::thread::sleep(Duration::from_millis(1));
        }
        unread.retain(|pid| match std::fs::read(format!("/proc/{pid}/environ")) {
            Ok(environ) if environ.is_empty() => is_user_process(*pid),
            Ok(environ) => {
                if environ.split(|b| *b == 0).any(&wanted) {
                    pids.extend(Pid::from_raw(*pid as i32));
                }
                false
            }
            Err(_) => false,
        });
    }
    pids
}

/// Alive, and no thread of the kernel (`PF_KTHREAD`).
fn is_user_process(pid: u32) -> bool {
    stat_fields(pid).is_some_and(|fields| {
        let flags = fields.get(6).and_then(|flags| flags.parse::<u64>().ok()).unwrap_or(0);
        !matches!(fields.first().map(String::as_str), Some("Z" | "X")) && flags & 0x0020_0000 == 0
    })
}

/// KILL to all that are tagged, until a search finds none; stopped first, so that none can fork away. Bounded. False when some are left.
pub(super) fn kill_tagged(wanted: impl Fn(&str) -> bool) -> bool {
    for round in 0..50 {
        let mut pids = tagged(&wanted);
        if pids.is_empty() {
            return true;
        }
        add_descendants(&mut pids);
        for signal in [Signal::STOP, Signal::KILL] {
            for pid in &pids {
                rustix::process::kill_process(*pid, signal).ok();
            }
        }
        if round > 0 {
            std::thread::sleep(Duration::from_millis(2));
        }
    }
    false
}

/// Adds the living descendants, which may have emptied their environment.
pub(super) fn add_descendants(pids: &mut Vec<Pid>) {
    let parents: Vec<(Pid, Pid)> = std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let pid = entry.file_name().to_str()?.parse::<u32>().ok()?;
            Some((Pid::from_raw(pid as i32)?, Pid::from_raw(parent_of(pid)? as i32)?))
        })
        .collect();
    let mut at = 0;
    while let Some(parent) = pids.get(at).copied() {
        at += 1;
        for (pid, _) in parents.iter().filter(|(_, of)| *of == parent) {
            if !pids.contains(pid) {
                pids.push(*pid);
            }
        }
    }
}

/// The fields of `/proc/PID/stat` that come after the name, from `state` on (proc(5) counts it as field 3).
pub(super) fn stat_fields(pid: u32) -> Option<Vec<String>> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    Some(text.rsplit_once(") ")?.1.split(' ').map(str::to_owned).collect())
}

/// The process that started it, or the one that took it over.
pub fn parent_of(pid: u32) -> Option<u32> {
    stat_fields(pid)?.get(1)?.parse().ok()
}

/// When the process began, in clock ticks since boot: with the pid, its identity until the next boot. None when there is no such process,
/// or it is a zombie.
pub(super) fn start_ticks(pid: u32) -> Option<u64> {
    let fields = stat_fields(pid)?;
    (!matches!(fields.first()?.as_str(), "Z" | "X")).then_some(())?;
    fields.get(19)?.parse().ok()
}

/// The same, of a zombie too.
pub(super) fn start_ticks_of_any(pid: u32) -> Option<u64> {
    stat_fields(pid)?.get(19)?.parse().ok()
}

/// The number of this process's pid namespace; 0 when it can not be told.
pub(super) fn pid_namespace() -> u64 {
    let link = std::fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    let digits: String = link.to_string_lossy().chars().filter(char::is_ascii_digit).collect();
    digits.parse().unwrap_or(0)
}

/// Stopped by a signal or a debugger.
pub(super) fn is_stopped(pid: u32) -> bool {
    stat_fields(pid).is_some_and(|fields| matches!(fields.first().map(String::as_str), Some("T" | "t")))
}

/// CPU time in user and kernel mode of a process (a zombie too) and the children that it waited for.
pub(super) fn cpu_of(pid: u32) -> Option<(Duration, Duration)> {
    let fields = stat_fields(pid)?;
    let ticks = |at: usize| fields.get(at)?.parse::<u64>().ok();
    let duration = |ticks: u64| Duration::from_millis(ticks * 1000 / USER_HZ);
    Some((duration(ticks(11)? + ticks(13)?), duration(ticks(12)? + ticks(14)?)))
}

/// This process has a terminal that its children could read or be stopped by.
pub(super) fn has_terminal() -> bool {
    stat_fields(std::process::id())
        .and_then(|fields| fields.get(4)?.parse::<i64>().ok())
        .is_some_and(|tty| tty != 0)
}
