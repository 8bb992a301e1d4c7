//! What a container needs, from the kernel's control groups (cgroups(7), version 1 and 2); nothing where they can not be read.

use std::path::{Path, PathBuf};

const MOUNT: &str = "/sys/fs/cgroup";

/// Processor nanoseconds and bytes of memory without what the kernel could drop. None when the process is not the container's.
pub(super) fn read(pid: u32, container: &str) -> Option<(u64, u64)> {
    let groups = std::fs::read_to_string(format!("/proc/{pid}/cgroup")).ok()?;
    // A number alone proves nothing: the engine may run in another machine.
    let path_of = |controller: &str| {
        groups.lines().find_map(|line| {
            let (_, rest) = line.split_once(':')?;
            let (controllers, path) = rest.split_once(':')?;
            let is_wanted = controllers.split(',').any(|name| name == controller);
            (is_wanted && path.contains(container)).then(|| path.trim_start_matches('/').to_owned())
        })
    };
    let (memory, cpu) = (path_of("memory"), path_of("cpuacct"));
    if let (Some(memory), Some(cpu)) = (memory, cpu) {
        let memory = Path::new(MOUNT).join("memory").join(memory);
        let cpu = first_dir(&["cpuacct", "cpu,cpuacct"], &cpu)?;
        let bytes = number(&memory.join("memory.usage_in_bytes"))?;
        let cache = field(&memory.join("memory.stat"), "total_inactive_file").unwrap_or(0);
        return Some((number(&cpu.join("cpuacct.usage"))?, bytes.saturating_sub(cache)));
    }
    let group = Path::new(MOUNT).join(path_of("")?);
    let bytes = number(&group.join("memory.current"))?;
    let cache = field(&group.join("memory.stat"), "inactive_file").unwrap_or(0);
    let spent_us = field(&group.join("cpu.stat"), "usage_usec")?;
    Some((spent_us * 1000, bytes.saturating_sub(cache)))
}

fn first_dir(mounts: &[&str], path: &str) -> Option<PathBuf> {
    let all = mounts.iter().map(|mount| Path::new(MOUNT).join(mount).join(path));
    all.into_iter().find(|dir| dir.is_dir())
}

fn number(path: &Path) -> Option<u64> {
    std::fs::read_to_string(path).ok()?.trim().parse().ok()
}

fn field(path: &Path, name: &str) -> Option<u64> {
    let text = std::fs::read_to_string(path).ok()?;
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(' ')?;
        (key == name).then(|| value.trim().parse().ok())?
    })
}

/// Kills a process of this container's; false when it is not one, or may not be killed.
pub(super) fn end(pid: i64, container: &str) -> bool {
    let Ok(groups) = std::fs::read_to_string(format!("/proc/{pid}/cgroup")) else {
        return false;
    };
    let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    let Some(pid) = pid.filter(|_| groups.lines().any(|line| line.contains(container))) else {
        return false;
    };
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).is_ok()
}
