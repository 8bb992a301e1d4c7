//! Who holds a lock or runs a job: a process told apart from a later one with the same number.

use super::record::json_columns;
use serde::{Deserialize, Serialize};

/// A process: its number, when it started, and in which run of the machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Holder {
    pub pid: u32,
    /// Start time in the clock of the machine (ticks since boot on Linux, seconds since 1970 elsewhere); 0 when unknown.
    pub start: u64,
    /// The run of the machine, empty when unknown.
    pub boot: String,
}

json_columns!(Holder);

impl Holder {
    /// This process.
    pub fn current() -> Self {
        let pid = std::process::id();
        Self {
            pid,
            start: start_of(pid).unwrap_or(0),
            boot: boot_id(),
        }
    }

    /// The process with this number as it runs now; None when there is none.
    pub fn of(pid: u32) -> Option<Self> {
        Some(Self {
            pid,
            start: start_of(pid)?,
            boot: boot_id(),
        })
    }

    /// Whether that very process still runs. A zombie does not.
    pub fn is_alive(&self) -> bool {
        self.is_alive_by(&is_running)
    }

    /// The same with the answer of `alive(pid, start)` instead of the machine's; a process of an earlier boot is gone.
    pub fn is_alive_by(&self, alive: &dyn Fn(u32, u64) -> bool) -> bool {
        (self.boot.is_empty() || self.boot == boot_id()) && alive(self.pid, self.start)
    }
}

/// Whether a process with this number and start time runs.
pub fn is_running(pid: u32, start: u64) -> bool {
    start_of(pid).is_some_and(|found| start == 0 || found == start)
}

/// When a process started, in the clock of `Holder::start`; None when it does not run.
#[cfg(target_os = "linux")]
pub fn start_of(pid: u32) -> Option<u64> {
    let stat = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the name in parentheses, which may hold anything.
    let after = stat.iter().rposition(|byte| *byte == b')')? + 2;
    let fields = String::from_utf8_lossy(stat.get(after..)?).into_owned();
    let mut fields = fields.split_ascii_whitespace();
    if matches!(fields.next()?, "Z" | "X" | "x") {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

#[cfg(not(target_os = "linux"))]
pub fn start_of(pid: u32) -> Option<u64> {
    let pid = sysinfo::Pid::from_u32(pid);
    let mut system = sysinfo::System::new();
    system.refresh_processes(sysinfo::ProcessesToUpdate::Some(&[pid]), true);
    system.process(pid).map(sysinfo::Process::start_time)
}

#[cfg(target_os = "linux")]
fn boot_id() -> String {
    static BOOT: std::sync::OnceLock<String> = std::sync::OnceLock::new();
    let read = || {
        std::fs::read_to_string("/proc/sys/kernel/random/boot_id")
            .unwrap_or_default()
            .trim()
            .to_owned()
    };
    BOOT.get_or_init(read).clone()
}

#[cfg(not(target_os = "linux"))]
fn boot_id() -> String {
    String::new()
}
